//! A home at the station's desk: hazards looked at again and handed over, a grade a coordinator proposes, and what was taken back and
//! let stand again, on phones and at the desk.

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{NextSlot, VisitResult};
use domain::grade::Grade;
use domain::hazard::{HandedTo, HazardState};
use domain::inspection::HazardForm;
use domain::permit::{Ground, Material};
use domain::{RecordId, day, kind};
use ui_protocol::attention::Attention;
use ui_protocol::desk::{RecordView, ViewRecord};
use ui_protocol::history::History;
use ui_protocol::permits::ApplyPermit;
use ui_protocol::safety::{
    CheckForm, Hazard, NoticeSlip, PastCheck, ProposeGrade, RecheckHazard, Safety, SafetyView, SaveCheck, SavedCheck,
};
use ui_protocol::station_home::{
    AnswerGrade, HazardAct, HazardForStation, SafetyList, SafetyListReply, StationHome, TakeBackForStation,
};
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::units::SetUnitState;
use ui_protocol::visits::{FinishVisit, PastVisits};
use ui_protocol::withdrawals::{LetStand, TakeBack};
use ui_protocol::{Call, DeskCommand, ErrorCode};
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

use crate::permits::{form as application_form, go_to, permits, someone};

fn desk_as<C: Call<Command = DeskCommand>>(world: &World, login: &str, call: C) -> Result<C::Reply, ErrorCode> {
    world.time.pass_ms(1000);
    let (token, _) = world.core.desk_sign_in(login, PASSWORD).map_err(|error| error.code)?;
    let caller = world.core.desk_caller(&token).map_err(|error| error.code)?;
    let handled = world.core.desk(&caller, call.command()).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn desk<C: Call<Command = DeskCommand>>(world: &World, call: C) -> Result<C::Reply, ErrorCode> {
    desk_as(world, "zhou", call)
}

fn home_at_desk(world: &World, unit: RecordId) -> StationHome {
    let view: RecordView = desk(world, ViewRecord { id: unit }).expect("a home");
    view.home.expect("a home")
}

fn county() -> (World, Actor, RecordId) {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let wang = world.coordinator("wang", DONG);
    let unit = wang.home(DONG, "12号", "13905700099", "");
    (world, wang, unit)
}

fn check(actor: &Actor, unit: RecordId, failed: &[Item]) -> SavedCheck {
    let mut form = actor.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    for item in failed {
        form.answers.insert(item.code().into(), Answer::Fail);
        form.hazards.insert(item.code().into(), HazardForm::default());
    }
    actor.ask(SaveCheck { unit, form, draft: None })
}

fn safety(actor: &Actor, unit: RecordId) -> SafetyView {
    actor.ask(Safety { unit })
}

fn rows(actor: &Actor, kind: TodayKind) -> usize {
    actor.ask(Today { kind: Some(kind), ..Today::default() }).groups.iter().map(|group| group.items.len()).sum()
}

fn error<T>(done: Result<T, ui_protocol::UiError>) -> Option<ErrorCode> {
    done.err().map(|error| error.code)
}

#[test]
fn the_station_looks_again_hands_over_and_closes_at_its_desk() {
    let (world, wang, unit) = county();
    let found = check(&wang, unit, &[Item::Rq02, Item::Xf03]);
    wang.sync();
    let list: SafetyListReply = desk(&world, SafetyList {}).expect("a list");
    assert_eq!(list.rows.iter().map(|row| (row.unit, row.open, row.severity)).collect::<Vec<_>>(), [(unit, 2, 3)]);
    let home = home_at_desk(&world, unit);
    assert_eq!(home.hazards.iter().map(|hazard| hazard.item).collect::<Vec<_>>(), [Some(Item::Rq02), Some(Item::Xf03)]);
    assert_eq!((home.calls.len(), home.calls[0].failed, home.calls[0].withdrawn), (1, 2, false));
    let (bottle, other) = (home.hazards[0].id, home.hazards[1].id);
    let act = |id: RecordId, act: HazardAct| desk(&world, HazardForStation { id, act, note: "派出所复查".into() });
    act(bottle, HazardAct::HandOver(HandedTo::Fire)).expect("handed over");
    assert_eq!(act(bottle, HazardAct::HandOver(HandedTo::Fire)).map(|_| ()), Ok(()), "to somebody else, or once more");
    world.time.pass_days(3);
    act(other, HazardAct::NotFixed).expect("looked at");
    let again = home_at_desk(&world, unit);
    assert_eq!((again.hazards[0].state, again.hazards[1].state), (HazardState::HandedOver, HazardState::Recheck));
    assert!(again.hazards[1].due_on > home.hazards[1].due_on, "another day");
    act(other, HazardAct::Fixed).expect("mended");
    assert_eq!(act(other, HazardAct::Fixed).map(|_| ()), Err(ErrorCode::Stale), "closed is closed");
    act(bottle, HazardAct::Fixed).expect("mended");
    assert_eq!(home_at_desk(&world, unit).hazards, []);
    assert_eq!(desk(&world, SafetyList {}).expect("a list").rows, []);
    wang.sync();
    assert!(found.opened.iter().all(|id| wang.ask(Hazard { id: *id }).row.state == HazardState::Closed));
    assert_eq!(wang.ask(Hazard { id: other }).rechecks.iter().map(|line| line.fixed).collect::<Vec<_>>(), [true, false]);
    assert_eq!((safety(&wang, unit).graded.grade, rows(&wang, TodayKind::HazardRecheck)), (Grade::Green, 0));
    // Who only looks, and who is of another station, does nothing here.
    let wrong = HazardForStation { id: bottle, act: HazardAct::Fixed, note: String::new() };
    assert!(desk_as(&world, "wang", wrong).is_err());
    wang.expect_same();
}

#[test]
fn a_coordinator_proposes_a_grade_and_the_station_decides() {
    let (world, wang, unit) = county();
    let li = world.coordinator("li", DONG);
    let propose = |grade, reason: &str| wang.try_ask(ProposeGrade { unit, grade, reason: reason.into() });
    assert_eq!(error(propose(Grade::Yellow, " ")), Some(ErrorCode::Form), "why?");
    wang.online(false);
    let seen = propose(Grade::Yellow, "楼道堆了杂物，房东不肯清").expect("proposed, without a network");
    assert_eq!((seen.graded.grade, seen.wanted.as_ref().map(|wanted| wanted.grade)), (Grade::Green, Some(Grade::Yellow)));
    wang.online(true);
    wang.sync();
    assert_eq!(desk(&world, SafetyList {}).expect("a list").rows[0].wanted, Some(Grade::Yellow));
    let (wanted, by) = home_at_desk(&world, unit).wanted.expect("a proposal");
    assert_eq!((wanted.grade, by.is_empty()), (Grade::Yellow, false), "and who");
    let answer = |take: bool, reason: &str| desk(&world, AnswerGrade { id: unit, take, reason: reason.into() });
    assert_eq!(answer(false, "").map(|_| ()), Err(ErrorCode::Form), "a refusal says why");
    answer(false, "已清理，照片已传").expect("refused");
    assert_eq!(answer(true, "").map(|_| ()), Err(ErrorCode::Stale), "answered once");
    assert_eq!(desk(&world, SafetyList {}).expect("a list").rows, []);
    for actor in [&wang, &li] {
        actor.sync();
        let view = safety(actor, unit);
        let said = view.wanted.and_then(|wanted| wanted.answer).expect("the station's word");
        assert_eq!((view.graded.grade, said.taken, said.reason.as_str()), (Grade::Green, false, "已清理，照片已传"));
    }
    propose(Grade::Red, "房东又堆回来了").expect("once more");
    wang.sync();
    let view = answer(true, "").expect("set");
    let set = view.graded.expect("a grade");
    assert_eq!((set.grade, set.set.map(|set| set.reason)), (Grade::Red, Some("房东又堆回来了".to_owned())));
    wang.sync();
    let view = safety(&wang, unit);
    assert_eq!(view.graded.grade, Grade::Red);
    assert!(view.wanted.and_then(|wanted| wanted.answer).is_some_and(|answer| answer.taken));
    wang.expect_same();
}

/// The withdrawal was the mistake: what the check had closed is closed again, and what had gone on in its stead is not there.
#[test]
fn a_check_taken_back_by_mistake_stands_again_and_may_be_taken_back_once_more() {
    let (world, wang, unit) = county();
    let li = world.coordinator("li", DONG);
    check(&wang, unit, &[Item::Xf03, Item::Dq01]);
    world.time.pass_days(5);
    let second = check(&wang, unit, &[Item::Rq02, Item::Dq01]);
    wang.sync();
    li.sync();
    let before = safety(&wang, unit);
    let open = |actor: &Actor| {
        let rows = safety(actor, unit).hazards.into_iter().filter(|row| row.state.is_open());
        let mut open: Vec<_> = rows.map(|row| (row.item, row.due.expect("a day").on)).collect();
        open.sort();
        open
    };
    let as_checked = open(&wang);
    let id = second.inspection;
    for _ in 0..2 {
        world.time.pass_ms(60_000);
        wang.ask(TakeBack { id, note: "以为登错了门".into() });
        let back = open(&wang);
        assert_eq!(back.iter().map(|(item, _)| *item).collect::<Vec<_>>(), [Some(Item::Xf03), Some(Item::Dq01)]);
        assert_ne!(back, as_checked);
        assert_eq!(error(wang.try_ask(TakeBack { id, note: String::new() })), Some(ErrorCode::Stale));
        wang.sync();
        li.sync();
        assert_eq!(
            error(li.try_ask(LetStand { id, note: String::new() })),
            Some(ErrorCode::NotAllowed),
            "hers, or the station's"
        );
        world.time.pass_ms(60_000);
        wang.ask(LetStand { id, note: "门没登错".into() });
        assert_eq!(
            (open(&wang), safety(&wang, unit).graded),
            (as_checked.clone(), before.graded.clone()),
            "as if never taken back"
        );
        assert_eq!(error(wang.try_ask(LetStand { id, note: String::new() })), Some(ErrorCode::Stale));
    }
    wang.sync();
    li.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    assert_eq!(rows(&li, TodayKind::HazardRecheck), 1, "the wires have more than a fortnight");
    let told = wang.ask(History { id }).lines;
    assert_eq!(told.iter().filter(|line| line.kind == kind::WITHDRAWAL).count(), 4, "each step is told");

    // The same at the desk: taken back, and let stand.
    let take = |stands: bool| desk(&world, TakeBackForStation { id, stands, note: "核对门牌".into() });
    assert_eq!(take(true).map(|_| ()), Err(ErrorCode::Stale), "it stands");
    take(false).expect("the station may");
    assert_eq!(take(false).map(|_| ()), Err(ErrorCode::Stale));
    assert!(home_at_desk(&world, unit).calls[0].withdrawn);
    li.sync();
    assert_eq!(open(&li).iter().map(|(item, _)| *item).collect::<Vec<_>>(), [Some(Item::Xf03), Some(Item::Dq01)]);
    take(true).expect("and let it stand");
    for actor in [&wang, &li] {
        actor.sync();
        assert_eq!((open(actor), safety(actor, unit).graded), (as_checked.clone(), before.graded.clone()));
    }
    let fresh = world.phone_of("li");
    fresh.sync();
    assert_eq!((open(&fresh), rows(&fresh, TodayKind::HazardRecheck)), (as_checked, 1));
    for actor in [&wang, &li, &fresh] {
        actor.expect_same();
    }
}

#[test]
fn a_visit_and_an_application_taken_back_by_mistake_count_again() {
    let (world, wang, unit) = county();
    wang.ask(SetUnitState { id: unit, state: domain::codes::UnitStatus::Registered, reason: None });
    world.time.pass_days(200);
    let finish = FinishVisit { unit, result: VisitResult::Vacant, next: NextSlot::None, note: String::new() };
    let visit = wang.ask(finish).visit;
    wang.ask(TakeBack { id: visit, note: String::new() });
    assert_eq!(rows(&wang, TodayKind::HomeDue), 1);
    assert!(wang.ask(PastVisits { unit }).rows[0].may_let_stand);
    wang.ask(LetStand { id: visit, note: String::new() });
    assert_eq!(rows(&wang, TodayKind::HomeDue), 0, "seen that day after all");
    let row = wang.ask(PastVisits { unit }).rows.remove(0);
    assert_eq!((row.withdrawn, row.may_take_back, row.may_let_stand), (false, true, false));
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    assert_eq!(home_at_desk(&world, unit).calls.len(), 1);
    let elsewhere = world.coordinator("sun", XI);
    elsewhere.sync();
    assert_eq!(error(elsewhere.try_ask(LetStand { id: visit, note: String::new() })), Some(ErrorCode::NotFound));

    let (world, wang, person) = someone();
    go_to(&world, "2027-05-24");
    let apply = || {
        let form = application_form(Some(Ground::Job), &[Material::Identity]);
        wang.ask(ApplyPermit { person, form, draft: None }).id
    };
    let first = apply();
    wang.ask(TakeBack { id: first, note: String::new() });
    world.time.pass_ms(1000);
    let second = apply();
    assert_eq!(error(wang.try_ask(LetStand { id: first, note: String::new() })), Some(ErrorCode::InUse), "one at a time");
    wang.ask(TakeBack { id: second, note: String::new() });
    wang.ask(LetStand { id: first, note: String::new() });
    assert_eq!(rows(&wang, TodayKind::PermitMaterials), 1);
    wang.sync();
    let view: RecordView = desk(&world, ViewRecord { id: first }).expect("an application");
    assert_eq!((view.withdrawn, view.can_take_back, view.row.state.as_str()), (false, true, "missing"));
    let taken = desk(&world, TakeBackForStation { id: first, stands: false, note: "理由选错".into() }).expect("at the desk");
    assert_eq!((taken.withdrawn, taken.row.state.as_str()), (true, "withdrawn"));
    wang.sync();
    let reply = permits(&wang, person);
    assert!(reply.can_apply && reply.applications.iter().all(|application| application.withdrawn));
    let one = reply.applications.iter().find(|application| application.id == first).expect("the first");
    assert!(!one.may_let_stand, "the station took it back, and lets it stand");
    desk(&world, TakeBackForStation { id: first, stands: true, note: String::new() }).expect("let stand");
    wang.sync();
    assert_eq!(rows(&wang, TodayKind::PermitMaterials), 1);
    assert_eq!(wang.ask(Attention {}).refused, []);
    assert_eq!(day::day_of(world.time.now()).to_string(), "2027-05-24");
}

/// What the station has in its hands does not go with the check that found it: the phone does not offer what the server would refuse.
#[test]
fn a_check_whose_hazard_the_station_handed_over_is_the_stations_to_take_back() {
    let (world, wang, unit) = county();
    let found = check(&wang, unit, &[Item::Rq02]);
    wang.sync();
    let offers = |actor: &Actor| {
        let (past, slip) =
            (actor.ask(PastCheck { id: found.inspection }), actor.ask(NoticeSlip { inspection: found.inspection }));
        assert_eq!((past.may_take_back, past.stations), (slip.may_take_back, slip.stations), "both pages say the same");
        (past.may_take_back, past.stations)
    };
    assert_eq!(offers(&wang), (true, false));
    let hand_over = HazardAct::HandOver(HandedTo::Fire);
    desk(&world, HazardForStation { id: found.opened[0], act: hand_over, note: String::new() }).expect("handed over");
    // Before the phone has heard of it, it offers, and the server refuses: nothing is lost, and it is said.
    assert_eq!(offers(&wang), (true, false));
    wang.sync();
    assert_eq!(offers(&wang), (false, true));
    let taken = wang.try_ask(TakeBack { id: found.inspection, note: String::new() });
    assert_eq!(error(taken), Some(ErrorCode::NotAllowed));
    // What she looked at herself afterwards is hers again, and so is the check.
    wang.ask(RecheckHazard { id: found.opened[0], fixed: true, note: "瓶子搬走了".into() });
    wang.sync();
    let seen = wang.ask(Hazard { id: found.opened[0] });
    assert_eq!(seen.rechecks.iter().map(|line| (line.fixed, line.by.as_str())).collect::<Vec<_>>(), [(true, "")], "by herself");
    let second = world.phone_of("wang");
    second.sync();
    assert!(
        !second.ask(Hazard { id: found.opened[0] }).rechecks[0].by.is_empty(),
        "on another phone there is a name or a device"
    );
    assert_eq!(wang.ask(Attention {}).refused, []);
}
