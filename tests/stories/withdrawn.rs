//! What was recorded by mistake is taken back by a fact that names it: it stays to be read, and counts nowhere.

use domain::checklist::{Answer, Item};
use domain::codes::{NextSlot, VisitPersonResult, VisitResult};
use domain::grade::Grade;
use domain::hazard::HazardState;
use domain::inspection::HazardForm;
use domain::merge::Refusal;
use domain::permit::{ApplicationState, Ground, Material};
use domain::{RecordId, day, kind};
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::desk::PermitStep;
use ui_protocol::evening::{DayEvent, DayLog};
use ui_protocol::history::History;
use ui_protocol::permits::{ApplyPermit, BringMaterials, PermitSlip};
use ui_protocol::safety::{CheckForm, Hazard, NoticeSlip, RecheckHazard, Safety, SafetyView, SaveCheck, SavedCheck};
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::{SetUnitState, Unit};
use ui_protocol::visits::{CorrectAnswer, FinishVisit, NoteVisit, PastVisit, PastVisits, Step};
use ui_protocol::withdrawals::TakeBack;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

use crate::permits::{form as application_form, go_to, permits, someone, station};

fn safety(actor: &Actor, unit: RecordId) -> SafetyView {
    actor.ask(Safety { unit })
}

/// A check with everything in order but these.
fn check(actor: &Actor, unit: RecordId, failed: &[Item]) -> SavedCheck {
    let mut form = actor.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    for item in failed {
        form.answers.insert(item.code().into(), Answer::Fail);
        form.hazards.insert(item.code().into(), HazardForm::default());
    }
    actor.ask(SaveCheck { unit, form, draft: None })
}

fn take_back(actor: &Actor, id: RecordId) -> Result<RecordId, ErrorCode> {
    actor.try_ask(TakeBack { id, note: "登错门了".into() }).map(|taken| taken.id).map_err(|error| error.code)
}

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    let groups = actor.ask(Today::default()).groups;
    groups.into_iter().flat_map(|group| group.items).filter(|item| item.kind == kind).collect()
}

fn later(world: &World, days: i64) -> String {
    day::day_of(world.time.now() + days * day::DAY_MS).to_string()
}

/// The wrong home was ticked off: red and barred for a bottle that stands elsewhere, and its own hazard closed.
#[test]
fn a_check_of_the_wrong_home_is_taken_back_with_everything_it_said() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let right = check(&wang, unit, &[Item::Xf03, Item::Dq01]);
    let due = later(&world, 15);
    wang.sync();
    li.sync();
    world.time.pass_days(5);
    let before = safety(&wang, unit);
    wang.online(false);
    // The bottle is another home's; the extinguisher was never mended, and the wires were looked at nowhere.
    let wrong = check(&wang, unit, &[Item::Rq02, Item::Dq01]);
    assert_eq!((wrong.opened.len(), wrong.closed.len(), wrong.still_open.len()), (1, 1, 1));
    assert!(safety(&wang, unit).graded.barred);
    assert_eq!(wang.ask(DayLog { on: None }).counts.checked, 1);
    assert!(wang.ask(NoticeSlip { inspection: wrong.inspection }).may_take_back);
    take_back(&wang, wrong.inspection).expect("it was hers");

    let seen = safety(&wang, unit);
    assert_eq!((seen.graded.grade, seen.graded.barred), (Grade::Yellow, false));
    assert_eq!((&seen.graded, &seen.next_due), (&before.graded, &before.next_due), "as it was before");
    let open: Vec<(Option<Item>, bool, String)> =
        seen.hazards.iter().map(|row| (row.item, row.state.is_open(), row.due.clone().expect("a day").on)).collect();
    assert_eq!(open.len(), 2, "{open:?}");
    assert!(open.iter().all(|(item, open, on)| *open && *item != Some(Item::Rq02) && *on == due), "{open:?}");
    assert_eq!(rows(&wang, TodayKind::HazardRecheck).len(), 2, "nothing to do about the bottle");
    assert_eq!(seen.checks.iter().map(|check| check.withdrawn).collect::<Vec<_>>(), [true, false], "and it is still there");
    let slip = wang.ask(NoticeSlip { inspection: wrong.inspection });
    assert_eq!((slip.withdrawn, slip.may_take_back, slip.items.len()), (true, false, 0));
    assert_eq!(wang.ask(NoticeSlip { inspection: right.inspection }).items.len(), 2);
    let bottle = wang.ask(Hazard { id: wrong.opened[0] });
    assert_eq!((bottle.withdrawn, bottle.may.len()), (true, 0));
    let looked = wang.try_ask(RecheckHazard { id: bottle.row.id, fixed: true, note: String::new() });
    assert_eq!(looked.map(|_| ()).map_err(|error| error.code), Err(ErrorCode::Stale));
    assert_eq!(take_back(&wang, wrong.inspection), Err(ErrorCode::Stale), "once");
    assert_eq!(take_back(&wang, bottle.row.id), Err(ErrorCode::NotFound), "a hazard is mended, not taken back");
    let log = wang.ask(DayLog { on: None });
    assert_eq!((log.counts.checked, log.counts.hazards), (0, 0), "a mistake was no work");
    assert_eq!(log.lines[0].event, DayEvent::TakenBack);
    let told = wang.ask(History { id: wrong.inspection }).lines;
    assert!(told.iter().any(|line| line.kind == kind::WITHDRAWAL), "{told:?}");
    // What goes on under another record is found again, mended and closed like any other.
    assert_eq!(wang.ask(CheckForm { unit }).open.len(), 2);

    wang.online(true);
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    li.sync();
    assert_eq!(safety(&li, unit).graded, before.graded);
    assert_eq!(rows(&li, TodayKind::HazardRecheck).len(), 2);
    assert_eq!(take_back(&li, right.inspection), Err(ErrorCode::NotAllowed), "the station or its author");
    let gone = check(&li, unit, &[]);
    assert_eq!(gone.closed.len(), 2);
    assert!(gone.closed.iter().all(|id| li.ask(Hazard { id: *id }).row.state == HazardState::Closed));
    li.sync();
    wang.sync();
    // A phone that loads everything afresh says the same.
    let second = world.phone_of("wang");
    second.sync();
    assert_eq!(safety(&second, unit).graded, safety(&wang, unit).graded);
    assert_eq!(rows(&second, TodayKind::HazardRecheck).len(), 0);
    for actor in [&wang, &li, &second] {
        actor.expect_same();
    }
}

/// A slip of the thumb said that nobody lives there: the home is due as before, and who may have left has not.
#[test]
fn a_visit_taken_back_silences_no_home_and_says_nothing_about_anybody() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    wang.ask(SetUnitState { id: unit, state: domain::codes::UnitStatus::Registered, reason: None });
    let person = wang.register(unit, "张伟", &world.document()).person.expect("a person");
    let finish = |result: VisitResult| {
        world.time.pass_ms(60_000);
        wang.ask(FinishVisit { unit, result, next: NextSlot::None, note: String::new() }).visit
    };
    let first = finish(VisitResult::Done);
    let known = wang.ask(PastVisits { unit }).rows.len();
    wang.sync();
    world.time.pass_days(200);
    assert_eq!(rows(&wang, TodayKind::HomeDue).len(), 1, "due for long");
    let slip = finish(VisitResult::Vacant);
    assert_eq!(rows(&wang, TodayKind::HomeDue).len(), 0);
    take_back(&wang, slip).expect("hers");
    assert_eq!(rows(&wang, TodayKind::HomeDue).len(), 1, "as before");
    let visits = wang.ask(PastVisits { unit });
    assert_eq!(visits.rows.len(), known + 1, "and it is still there");
    assert_eq!(visits.rows.iter().filter(|row| row.withdrawn).map(|row| row.id).collect::<Vec<_>>(), [slip]);
    assert_eq!(visits.rows[1].id, first);
    assert_eq!(wang.ask(Unit { id: unit }).last_visit_unix_ms, Some(visits.rows[1].observed_unix_ms));

    // What it said of each goes with it.
    wang.ask(NoteVisit { unit, step: Step::Answer { person, result: Some(VisitPersonResult::Left) } });
    let wrong = finish(VisitResult::Done);
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft).len(), 1);
    wang.sync();
    li.sync();
    assert_eq!(rows(&li, TodayKind::SuspectedLeft).len(), 1);
    let answer = wang.ask(PastVisit { visit: wrong }).people[0].fact;
    take_back(&wang, wrong).expect("hers, and sent");
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft), []);
    let view = wang.ask(PastVisit { visit: wrong });
    assert_eq!((view.row.withdrawn, view.row.may_take_back, view.people[0].next), (true, false, None));
    let corrected = wang.try_ask(CorrectAnswer { fact: answer, result: VisitPersonResult::Here });
    assert_eq!(corrected.map(|_| ()).map_err(|error| error.code), Err(ErrorCode::Stale));
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    li.sync();
    assert_eq!((rows(&li, TodayKind::SuspectedLeft).len(), rows(&li, TodayKind::HomeDue).len()), (0, 1));
    let second = world.phone_of("li");
    second.sync();
    assert_eq!((rows(&second, TodayKind::SuspectedLeft).len(), rows(&second, TodayKind::HomeDue).len()), (0, 1));
    for actor in [&wang, &li, &second] {
        actor.expect_same();
    }
}

/// The wrong ground: taken back, it is on no list and in nobody's way; what the station has answered goes its own way.
#[test]
fn an_application_taken_back_leaves_today_and_blocks_no_other() {
    let (world, wang, person) = someone();
    go_to(&world, "2027-05-24");
    let apply =
        |given: &[Material]| wang.ask(ApplyPermit { person, form: application_form(Some(Ground::Job), given), draft: None });
    let wrong = apply(&[Material::Identity]).id;
    assert_eq!(rows(&wang, TodayKind::PermitMaterials).len(), 1);
    take_back(&wang, wrong).expect("hers");
    assert_eq!(rows(&wang, TodayKind::PermitMaterials), []);
    let reply = permits(&wang, person);
    assert!(reply.can_apply && reply.applications[0].withdrawn && !reply.applications[0].may_take_back);
    let brought =
        wang.try_ask(BringMaterials { application: wrong, given: vec![Material::Identity, Material::Photo, Material::Work] });
    assert_eq!(brought.map(|_| ()).map_err(|error| error.code), Err(ErrorCode::Stale));
    world.time.pass_ms(1000);
    let all = [Material::Identity, Material::Photo, Material::Work];
    let right = apply(&all).id;
    let again = apply_error(&wang, person);
    assert_eq!(again, Some(ErrorCode::InUse), "one at a time, as ever");
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    wang.ask(PermitSlip { application: right });
    let second = world.phone_of("wang");
    second.sync();
    assert_eq!(rows(&second, TodayKind::PermitMaterials), []);
    assert_eq!(take_back(&second, right), Err(ErrorCode::NotAllowed), "from the phone that took it, or at the station");

    // While she takes it back without a network, the station begins with it: its word stands, and she is told.
    wang.online(false);
    take_back(&wang, right).expect("not answered yet, as far as she knows");
    station(&world, right, PermitStep::Review);
    wang.online(true);
    wang.sync();
    let refused: Vec<Refusal> = wang.ask(Attention {}).refused.into_iter().map(|save| save.why).collect();
    assert_eq!(refused, [Refusal::Invalid("fact.of".into())]);
    let now = permits(&wang, person).applications.into_iter().find(|application| application.id == right).expect("it stands");
    assert_eq!((now.state, now.withdrawn, now.may_take_back), (ApplicationState::Review, false, false));
    assert_eq!(take_back(&wang, right), Err(ErrorCode::Stale));
    second.sync();
    second.expect_same();
}

fn apply_error(actor: &Actor, person: RecordId) -> Option<ErrorCode> {
    let form = application_form(Some(Ground::Job), &[Material::Identity]);
    actor.try_ask(ApplyPermit { person, form, draft: None }).err().map(|error| error.code)
}
