//! What is due: computed from facts, the pack and the day; and the same whether it was kept up to date or made from nothing.

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{NextSlot, UnitStatus, VisitResult};
use domain::county::PolicyChoice;
use domain::grade::Grade;
use domain::report::ReportForm;
use domain::sweep::{SweepForm, SweepKind};
use domain::{RecordId, day};
use ui_protocol::reports::SaveReport;
use ui_protocol::safety::{CheckForm, RecheckHazard, Safety, SaveCheck};
use ui_protocol::sweeps::{CloseSweep, SetSweep, Sweeps};
use ui_protocol::today::{HomeRound, Today, TodayFilter, TodayItem, TodayKind, TodayReply};
use ui_protocol::units::{ListUnits, SaveUnit, SetUnitState, Unit};
use ui_protocol::visits::{FinishVisit, PastVisit};
use ui_protocol::{Call, DeskCommand, ErrorCode};
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

use crate::due_walk;

pub(crate) const LANDLORD: &str = "13905700099";

fn registered(actor: &Actor, plate: &str) -> RecordId {
    let id = actor.home(DONG, plate, LANDLORD, "101,102");
    actor.ask(SetUnitState { id, state: UnitStatus::Registered, reason: None });
    id
}

fn due(actor: &Actor, filter: TodayFilter) -> Vec<RecordId> {
    let ask = Today { filter, kind: Some(TodayKind::HomeDue) };
    items(&actor.ask(ask)).filter_map(|item| item.record).collect()
}

fn items(reply: &TodayReply) -> impl Iterator<Item = &TodayItem> {
    reply.groups.iter().flat_map(|group| &group.items)
}

fn round(actor: &Actor, unit: RecordId) -> HomeRound {
    let rows = actor.ask(ListUnits { by_round: true, ..ListUnits::default() }).rows;
    rows.into_iter().find(|row| row.id == unit).and_then(|row| row.round).expect("a home that is visited")
}

/// A check with one thing not in order, or none.
pub(crate) fn check(actor: &Actor, unit: RecordId, failed: Option<Item>) {
    let mut form = actor.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    form.answers.extend(failed.map(|item| (item.code().into(), Answer::Fail)));
    actor.ask(SaveCheck { unit, form, draft: None });
}

pub(crate) fn on(world: &World, days: i64) -> String {
    day::day_of(world.time.now() + days * day::DAY_MS).to_string()
}

#[test]
fn a_home_is_due_by_its_grade_from_the_last_time_somebody_was_inside() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = registered(&wang, "12号");
    assert_eq!(due(&wang, TodayFilter::default()), [], "registered today");
    let first = round(&wang, unit);
    assert_eq!((first.grade, first.seen_on.as_str(), first.due_on), (Grade::Green, "", on(&world, 120)));
    assert_eq!(first.due.on, on(&world, 130), "and ten days to do it in");

    world.time.pass_days(119);
    assert_eq!(due(&wang, TodayFilter::default()), []);
    world.time.pass_days(1);
    assert_eq!(due(&wang, TodayFilter::default()), [unit], "nothing was written: the day came");
    assert_eq!(due(&wang, TodayFilter { overdue: true, ..TodayFilter::default() }), []);
    world.time.pass_days(11);
    assert_eq!(due(&wang, TodayFilter { overdue: true, ..TodayFilter::default() }), [unit]);

    // Whoever registers somebody did not go through the home; whoever finishes a visit did.
    wang.register(unit, "张伟", &world.document());
    assert_eq!(due(&wang, TodayFilter::default()), [unit]);
    wang.ask(FinishVisit { unit, result: VisitResult::Done, next: NextSlot::None, note: String::new() });
    assert_eq!(due(&wang, TodayFilter::default()), []);
    assert_eq!(round(&wang, unit).seen_on, on(&world, 0));
    // A gas bottle: thirty days.
    check(&wang, unit, Some(Item::Rq02));
    let red = round(&wang, unit);
    assert_eq!((red.grade, red.due_on), (Grade::Red, on(&world, 30)));
    let of_red = ListUnits { grade: Some(Grade::Red), ..ListUnits::default() };
    assert_eq!(wang.ask(of_red).rows.iter().map(|row| row.id).collect::<Vec<_>>(), [unit]);
    world.time.pass_days(30);
    assert_eq!(due(&wang, TodayFilter::default()), [unit]);
    let hazard = wang.ask(Safety { unit }).hazards[0].id;
    wang.ask(RecheckHazard { id: hazard, fixed: true, note: String::new() });
    assert_eq!(due(&wang, TodayFilter::default()), [], "mended, it is green again");

    // Paused, it lets to nobody.
    world.time.pass_days(130);
    wang.ask(FinishVisit { unit, result: VisitResult::NoAnswer, next: NextSlot::TomorrowEvening, note: String::new() });
    assert_eq!(due(&wang, TodayFilter { evening: true, ..TodayFilter::default() }), [unit], "nobody opened: still to be visited");
    assert_eq!(due(&wang, TodayFilter::default()), [unit]);
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Paused, reason: None });
    assert_eq!(due(&wang, TodayFilter::default()), []);
}

#[test]
fn a_clock_of_ten_years_on_keeps_no_home_from_being_visited() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = registered(&wang, "12号");
    wang.clock_wrong_by_ms(3650 * day::DAY_MS);
    wang.register(unit, "张伟", &world.document());
    wang.clock_wrong_by_ms(0);
    world.time.pass_days(125);
    assert_eq!(due(&wang, TodayFilter::default()), [unit], "that day has not come");
}

#[test]
fn a_pack_the_county_chooses_is_followed_by_lists_that_were_there() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let chen = world.landlord("chen", LANDLORD);
    let unit = registered(&wang, "12号");
    wang.sync();
    chen.sync();
    let form = ReportForm {
        unit: Some(unit),
        name: "刘洋".to_owned(),
        doc_no: world.document(),
        event_on: on(&world, 0),
        ..ReportForm::default()
    };
    chen.ask(SaveReport { form, draft: None });
    chen.sync();
    wang.sync();
    let before = wang.ask(Today::default());
    world.core.choose_policy(PolicyChoice { pack: "zj-2009".to_owned(), from: on(&world, -10) }).expect("chosen");
    wang.sync();
    let after = wang.ask(Today::default());
    assert_eq!(items(&before).count(), items(&after).count());
    let kept = due_walk::lists(&wang);
    assert_eq!(kept, due_walk::made_anew(&mut wang));
}

#[test]
fn filters_leave_what_they_say_and_counts_agree_with_the_rows() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let homes: Vec<RecordId> = (1..=4).map(|plate| registered(&wang, &format!("{plate}号"))).collect();
    let mut form = wang.ask(Unit { id: homes[0] }).form;
    form.landlord_on_site = true;
    wang.ask(SaveUnit { id: Some(homes[0]), form: form.clone(), draft: None });
    assert_eq!(wang.ask(Unit { id: homes[0] }).form, form, "it is kept");
    check(&wang, homes[1], Some(Item::Xf03));
    world.time.pass_days(121);
    let all = TodayFilter::default();
    for filter in [
        all,
        TodayFilter { evening: true, ..all },
        TodayFilter { landlord: true, ..all },
        TodayFilter { overdue: true, ..all },
        TodayFilter { soon: true, ..all },
        TodayFilter { soon: true, landlord: true, ..all },
    ] {
        let reply = wang.ask(Today { filter, kind: None });
        let counted: u64 = reply.counts.iter().map(|(_, count)| count).sum();
        assert_eq!((counted, items(&reply).count() as u64), (reply.total, reply.total), "{filter:?}");
        for (kind, count) in &reply.counts {
            let of_kind = wang.ask(Today { filter, kind: Some(*kind) });
            assert_eq!((items(&of_kind).count() as u64, of_kind.total), (*count, *count), "{filter:?} {kind:?}");
            assert!(items(&of_kind).all(|item| item.kind == *kind));
        }
        let by_itself = [
            (TodayFilter { evening: true, ..all }, reply.filters.evening),
            (TodayFilter { landlord: true, ..all }, reply.filters.landlord),
            (TodayFilter { overdue: true, ..all }, reply.filters.overdue),
            (TodayFilter { soon: true, ..all }, reply.filters.soon),
        ];
        for (one, count) in by_itself {
            assert_eq!(wang.ask(Today { filter: one, kind: None }).total, count, "the switch says what it leaves: {one:?}");
        }
    }
    assert_eq!(due(&wang, TodayFilter { landlord: true, ..all }), [homes[0]]);
    let mut visits = due(&wang, all);
    visits.sort();
    assert_eq!(visits, homes, "four homes: three by four months, one by two");
    let reply = wang.ask(Today::default());
    let at_doors: Vec<_> = reply.groups.iter().filter(|group| !group.place.is_empty()).collect();
    assert!(at_doors.iter().all(|group| group.road == "文峰路"));
    assert_eq!(at_doors[0].place, "2号", "the yellow one should have been visited long ago");
}

/// What an officer or an administrator asks at the desk.
pub(crate) fn desk<C: Call<Command = DeskCommand>>(world: &World, login: &str, call: C) -> Result<C::Reply, ErrorCode> {
    let (token, _) = world.core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let handled = world.core.desk(&caller, call.command()).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

#[test]
fn a_sweep_is_set_at_the_station_walked_by_the_coordinator_and_closed() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    world.account("bureau", Role::Admin, &[], "");
    let (wang, chen) = (world.coordinator("wang", DONG), world.landlord("chen", LANDLORD));
    let homes: Vec<RecordId> = (1..=3).map(|plate| registered(&wang, &format!("{plate}号"))).collect();
    wang.register(homes[0], "张伟", &world.document());
    wang.sync();
    world.time.pass_days(1);
    let form = SweepForm {
        name: "年前排查".to_owned(),
        how: Some(SweepKind::Irregular),
        areas: vec![DONG.to_owned()],
        from: on(&world, 0),
        until: on(&world, 10),
    };
    for wrong in [
        SweepForm { name: String::new(), ..form.clone() },
        SweepForm { until: on(&world, -1), ..form.clone() },
        SweepForm { from: on(&world, -9), until: on(&world, -1), ..form.clone() },
    ] {
        assert_eq!(desk(&world, "zhou", SetSweep { form: wrong }).err(), Some(ErrorCode::Form));
    }
    let elsewhere = SweepForm { areas: vec!["330822101001".to_owned()], ..form.clone() };
    assert_eq!(desk(&world, "zhou", SetSweep { form: elsewhere }).err(), Some(ErrorCode::NotAllowed), "another station's");
    assert_eq!(desk(&world, "bureau", SetSweep { form: form.clone() }).err(), Some(ErrorCode::NotAllowed), "only the station");
    let set = desk(&world, "zhou", SetSweep { form }).expect("set").rows;
    assert_eq!((set.len(), set[0].done, set[0].homes, set[0].closed_on.as_str()), (1, 0, 3, ""), "yesterday does not count");

    let to_sweep = |actor: &Actor| {
        let reply = actor.ask(Today { kind: Some(TodayKind::Sweep), ..Today::default() });
        items(&reply).map(|item| (item.record, item.detail.clone(), item.due.clone().expect("a day").on)).collect::<Vec<_>>()
    };
    assert_eq!(to_sweep(&wang), [], "she has not heard of it");
    wang.sync();
    chen.sync();
    let until = on(&world, 10);
    let row = |unit: RecordId| (Some(unit), "年前排查".to_owned(), until.clone());
    assert_eq!(to_sweep(&wang), homes.iter().map(|unit| row(*unit)).collect::<Vec<_>>());
    assert_eq!(to_sweep(&chen), [], "it is not the landlord's to walk");
    wang.ask(FinishVisit { unit: homes[1], result: VisitResult::NoAnswer, next: NextSlot::None, note: String::new() });
    check(&wang, homes[2], None);
    assert_eq!(to_sweep(&wang), [row(homes[0]), row(homes[1])], "who found nobody has not looked at it");
    assert_eq!(wang.ask(Today::default()).counts, [(TodayKind::Sweep, 2)], "nothing else is due");
    // A wrong clock has been there on a day that has not come: it has not been there.
    wang.clock_wrong_by_ms(20 * day::DAY_MS);
    wang.ask(FinishVisit { unit: homes[1], result: VisitResult::Vacant, next: NextSlot::None, note: String::new() });
    wang.clock_wrong_by_ms(0);
    assert_eq!(to_sweep(&wang), [row(homes[0]), row(homes[1])]);
    wang.sync();
    let swept = desk(&world, "zhou", Sweeps {}).expect("looks").rows;
    assert_eq!((swept[0].done, swept[0].homes), (1, 3));
    assert_eq!(desk(&world, "bureau", Sweeps {}).expect("looks").rows, swept, "the bureau looks on");
    assert_eq!(desk(&world, "bureau", CloseSweep { id: swept[0].id }).err(), Some(ErrorCode::NotAllowed));
    // Late is late, and still to be done until the station says otherwise.
    world.time.pass_days(11);
    let overdue = Today { filter: TodayFilter { overdue: true, ..TodayFilter::default() }, kind: Some(TodayKind::Sweep) };
    assert_eq!(items(&wang.ask(overdue)).filter_map(|item| item.record).collect::<Vec<_>>(), [homes[0], homes[1]]);
    desk(&world, "zhou", CloseSweep { id: swept[0].id }).expect("closed");
    assert_eq!(desk(&world, "zhou", CloseSweep { id: swept[0].id }).err(), Some(ErrorCode::Stale));
    wang.sync();
    assert_eq!(to_sweep(&wang), []);
    wang.expect_same();
}

#[test]
fn a_sweep_begins_on_its_first_day_and_asks_only_for_homes_that_are_let() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let wang = world.coordinator("wang", DONG);
    let homes: Vec<RecordId> = (1..=2).map(|plate| registered(&wang, &format!("{plate}号"))).collect();
    let pending = wang.home(DONG, "3号", LANDLORD, "101");
    wang.ask(FinishVisit { unit: pending, result: VisitResult::NoAnswer, next: NextSlot::None, note: String::new() });
    wang.sync();
    let both = vec![DONG.to_owned(), XI.to_owned()];
    let form = SweepForm {
        name: "年前排查".to_owned(),
        how: Some(SweepKind::Regular),
        areas: both,
        from: on(&world, 2),
        until: on(&world, 4),
    };
    desk(&world, "zhou", SetSweep { form }).expect("set");
    wang.sync();
    let wanted = |actor: &Actor| {
        let reply = actor.ask(Today { kind: Some(TodayKind::Sweep), ..Today::default() });
        items(&reply).filter_map(|item| item.record).collect::<Vec<_>>()
    };
    assert_eq!(wanted(&wang), [], "not yet");
    wang.ask(FinishVisit { unit: homes[0], result: VisitResult::Vacant, next: NextSlot::None, note: String::new() });
    world.time.pass_days(2);
    assert_eq!(wanted(&wang), homes, "nothing was written: the day came, and the visit was before it");
    wang.ask(SetUnitState { id: homes[1], state: UnitStatus::Paused, reason: None });
    wang.ask(FinishVisit { unit: homes[0], result: VisitResult::OwnerLives, next: NextSlot::None, note: String::new() });
    assert_eq!(wanted(&wang), []);
    wang.ask(SetUnitState { id: homes[1], state: UnitStatus::Registered, reason: None });
    assert_eq!(wanted(&wang), [homes[1]], "let again");
    // Visited this week, and all the same the next door while the sweep wants it.
    let next_door = |unit: RecordId| {
        let done = FinishVisit { unit, result: VisitResult::Vacant, next: NextSlot::None, note: String::new() };
        let visit = wang.ask(done).visit;
        wang.ask(PastVisit { visit }).next_door.map(|next| next.unit)
    };
    assert_eq!(next_door(homes[1]), None, "the other was looked at today, and what is not registered is not swept");
    let third = registered(&wang, "5号");
    wang.ask(FinishVisit { unit: third, result: VisitResult::NoAnswer, next: NextSlot::None, note: String::new() });
    assert_eq!(next_door(homes[0]), Some(third), "nobody opened there");
    wang.expect_same();
}
