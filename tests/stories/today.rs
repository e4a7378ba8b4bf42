//! What is due: computed from facts, the pack and the day; and the same whether it was kept up to date or made from nothing.

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{CancelReason, NextSlot, Relation, UnitStatus, VisitResult};
use domain::county::PolicyChoice;
use domain::grade::Grade;
use domain::permit::{ApplyForm, Ground, Material, PermitKind};
use domain::report::ReportForm;
use domain::residency::{CancelForm, MoveForm};
use domain::sweep::{SweepForm, SweepKind};
use domain::{RecordId, day};
use store::drill::{self, DeviceDamage};
use sync_server::clock::SeededDice;
use ui_protocol::desk::PermitStep;
use ui_protocol::people::{CancelResidency, HandOver, ListPeople, MoveResident, SaveResident, UndoMistake};
use ui_protocol::permits::{ApplyPermit, PermitsOf};
use ui_protocol::reports::{ListReports, ReturnReport, SaveReport, WithdrawReport};
use ui_protocol::safety::{CheckForm, RecheckHazard, Safety, SaveCheck};
use ui_protocol::session::{Status, SyncNow};
use ui_protocol::sweeps::{CloseSweep, SetSweep, Sweeps, SweepsReply};
use ui_protocol::today::{HomeRound, Today, TodayFilter, TodayItem, TodayKind, TodayReply};
use ui_protocol::units::{ListUnits, SaveUnit, SetUnitState, Unit, UnitRow};
use ui_protocol::visits::{FinishVisit, PastVisit};
use ui_protocol::{Call, DeskCommand, ErrorCode};
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

const LANDLORD: &str = "13905700099";
const WALKS: u64 = 3;
const STEPS: usize = 70;

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
fn check(actor: &Actor, unit: RecordId, failed: Option<Item>) {
    let mut form = actor.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    form.answers.extend(failed.map(|item| (item.code().into(), Answer::Fail)));
    actor.ask(SaveCheck { unit, form, draft: None });
}

fn on(world: &World, days: i64) -> String {
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
    let kept = lists(&wang);
    assert_eq!(kept, made_anew(&mut wang));
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
fn desk<C>(world: &World, login: &str, call: C) -> Result<SweepsReply, ErrorCode>
where
    C: Call<Command = DeskCommand, Reply = SweepsReply>,
{
    let (token, _) = world.core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let handled = world.core.desk(&caller, call.command()).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("sweeps"))
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

/// Everything a phone's lists say, without what only says how they were asked for.
#[derive(Debug, PartialEq)]
struct Lists {
    today: Vec<String>,
    homes: Vec<UnitRow>,
    rounds: Vec<UnitRow>,
    people: Vec<String>,
    reports: Vec<RecordId>,
}

fn lists(actor: &Actor) -> Lists {
    let today = actor.ask(Today::default());
    assert!(!today.loading, "everything is here");
    let homes = |by_round| {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = actor.ask(ListUnits { after, by_round, ..ListUnits::default() });
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    };
    Lists {
        today: today.groups.iter().map(|group| format!("{group:?}")).chain([format!("{:?}", today.filters)]).collect(),
        homes: homes(false),
        rounds: homes(true),
        people: actor.ask(ListPeople::default()).rows.iter().map(|row| format!("{row:?}")).collect(),
        reports: actor.ask(ListReports::default()).rows.iter().map(|row| row.id).collect(),
    }
}

/// The same after the lists were thrown away and made from the records.
fn made_anew(actor: &mut Actor) -> Lists {
    drill::device(&actor.dir.join(device::FILE), &DeviceDamage::Lists).expect("the lists are gone");
    actor.restart();
    lists(actor)
}

/// Lists kept up to date change by change say what lists made from nothing say, whatever happened, on whatever day.
#[test]
fn a_due_list_kept_up_to_date_equals_one_made_from_nothing() {
    let walks = std::env::var("DOORSTEP_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(WALKS);
    for seed in 0..walks {
        walk(seed);
    }
}

fn walk(seed: u64) {
    let dice = SeededDice::new(seed ^ 0x7061_7472_6f6c);
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let mut phones = [(world.coordinator("wang", DONG), DONG), (world.phone_of("wang"), DONG), (world.coordinator("li", XI), XI)];
    let chen = world.landlord("chen", LANDLORD);
    phones.iter().for_each(|(phone, _)| {
        phone.sync();
    });
    let mut log = Vec::new();
    for step in 0..STEPS {
        let phone = &phones[dice.below(phones.len())];
        world.time.pass_ms(1_000 + dice.below(3_600_000) as i64);
        log.push(format!("{step}: {}", act(&world, &dice, &phone.0, phone.1, &chen, step)));
        if step % 10 == 9 {
            for (phone, _) in &mut phones {
                let kept = lists(phone);
                assert_eq!(kept, made_anew(phone), "seed {seed}\n{}", log.join("\n"));
            }
        }
    }
}

fn pick<T: Copy>(dice: &SeededDice, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| from[dice.below(from.len())])
}

/// One thing somebody does. Refusals are answers too.
fn act(world: &World, dice: &SeededDice, actor: &Actor, area: &str, chen: &Actor, step: usize) -> String {
    let units: Vec<RecordId> = actor.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect();
    let people: Vec<RecordId> = actor.ask(ListPeople::default()).rows.iter().map(|row| row.id).collect();
    let today = actor.ask(Status {}).today;
    let residency = |person: RecordId| actor.person(person).residencies.first().map(|residency| residency.id);
    let (unit, person) = (pick(dice, &units), pick(dice, &people));
    let done = match dice.below(21) {
        0 | 1 => {
            let id = actor.home(area, &format!("{}号", step + 1), LANDLORD, "1-2");
            let state = if dice.below(4) > 0 { UnitStatus::Registered } else { UnitStatus::Pending };
            actor.try_ask(SetUnitState { id, state, reason: None }).is_ok()
        }
        4 => unit.is_some_and(|unit| {
            let result = [VisitResult::NoAnswer, VisitResult::Refused, VisitResult::Vacant][dice.below(3)];
            let next = [NextSlot::None, NextSlot::TomorrowEvening, NextSlot::Weekend][dice.below(3)];
            actor.try_ask(FinishVisit { unit, result, next, note: String::new() }).is_ok()
        }),
        2 | 3 => unit.is_some_and(|unit| {
            let form = actor.resident_form(unit, ["张伟", "李晓梅", "欧阳娜娜"][dice.below(3)], &world.document());
            actor.try_ask(SaveResident { form, although_known: true, returning: None, draft: None }).is_ok()
        }),
        5 | 6 => unit.is_some_and(|unit| {
            check(actor, unit, [Some(Item::Rq02), Some(Item::Xf03), None][dice.below(3)]);
            true
        }),
        7 => unit.is_some_and(|unit| match actor.ask(Safety { unit }).hazards.first() {
            Some(hazard) => {
                actor.try_ask(RecheckHazard { id: hazard.id, fixed: dice.below(2) == 0, note: String::new() }).is_ok()
            }
            None => false,
        }),
        8 => unit.is_some_and(|id| {
            let state = [UnitStatus::Paused, UnitStatus::Registered][dice.below(2)];
            actor.try_ask(SetUnitState { id, state, reason: None }).is_ok()
        }),
        9 => match (person.and_then(residency), unit) {
            (Some(residency), Some(unit)) => {
                let form =
                    MoveForm { unit: Some(unit), on: today, relation: Relation::from_code("FRIEND"), ..MoveForm::default() };
                actor.try_ask(MoveResident { residency, form }).is_ok()
            }
            _ => false,
        },
        10 => person.and_then(residency).is_some_and(|residency| {
            let form = CancelForm { reason: CancelReason::from_code("LEFT"), left_on: today, note: "房间已空".to_owned() };
            actor.try_ask(CancelResidency { residency, form }).is_ok()
        }),
        11 => person.and_then(residency).is_some_and(|residency| {
            let area = if dice.below(2) == 0 { DONG } else { XI }.to_owned();
            actor.try_ask(HandOver { residency, area, on: today, note: String::new() }).is_ok()
        }),
        12 => unit.or(person).is_some_and(|record| dice.below(3) == 0 && actor.try_ask(UndoMistake { record }).is_ok()),
        13 => unit.is_some_and(|id| {
            let mut form = actor.ask(Unit { id }).form;
            form.landlord_on_site = dice.below(2) == 0;
            form.landlord_phone = if dice.below(3) > 0 { LANDLORD } else { "13905700022" }.to_owned();
            form.address.building = ["", "2", "3"][dice.below(3)].to_owned();
            actor.try_ask(SaveUnit { id: Some(id), form, draft: None }).is_ok()
        }),
        14 => person.is_some_and(|person| {
            let form = ApplyForm {
                kind: PermitKind::Residence,
                ground: Some(Ground::InvestTalent),
                months: None,
                given: vec![Material::Identity, Material::Photo][..1 + dice.below(2)].to_vec(),
            };
            let asked = actor.try_ask(ApplyPermit { person, form, draft: None });
            let _ = actor.try_ask(SyncNow {});
            if asked.is_ok() {
                for step in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
                    // Whoever was handed over is not here any more.
                    let Ok(permits) = actor.try_ask(PermitsOf { person }) else { break };
                    for application in permits.applications {
                        station(world, application.id, step);
                    }
                }
            }
            asked.is_ok()
        }),
        15 => {
            let _ = chen.try_ask(SyncNow {});
            let homes: Vec<RecordId> = chen.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect();
            let open = chen.ask(ListReports { open_only: true, ..ListReports::default() }).rows;
            let _ = open.first().filter(|_| dice.below(3) == 0).map(|row| chen.try_ask(WithdrawReport { id: row.id }));
            let said = pick(dice, &homes).is_some_and(|unit| {
                let event_on = on(world, -(dice.below(20) as i64));
                let form = ReportForm {
                    unit: Some(unit),
                    name: "刘洋".to_owned(),
                    doc_no: world.document(),
                    event_on,
                    ..ReportForm::default()
                };
                chen.try_ask(SaveReport { form, draft: None }).is_ok()
            });
            let _ = chen.try_ask(SyncNow {});
            said
        }
        16 => match actor.ask(ListReports { open_only: true, ..ListReports::default() }).rows.first() {
            Some(row) => actor.try_ask(ReturnReport { id: row.id, reason: "房间号不对".to_owned() }).is_ok(),
            None => false,
        },
        17 => {
            let pack = ["zj-2009", "zj-2016"][dice.below(2)].to_owned();
            let from = on(world, dice.below(60) as i64 - 30);
            world.core.choose_policy(PolicyChoice { pack, from }).is_ok()
        }
        18 => {
            world.time.pass_days(1 + dice.below(45) as i64);
            true
        }
        19 => sweep(world, dice),
        _ => actor.try_ask(SyncNow {}).is_ok(),
    };
    format!("{done}")
}

/// The station sets a sweep, of a time before, around or after today, or closes one.
fn sweep(world: &World, dice: &SeededDice) -> bool {
    let open = desk(world, "zhou", Sweeps {}).expect("looks").rows.into_iter().find(|row| row.closed_on.is_empty());
    if let Some(row) = open.filter(|_| dice.below(3) == 0) {
        return desk(world, "zhou", CloseSweep { id: row.id }).is_ok();
    }
    let areas = [vec![DONG.to_owned()], vec![XI.to_owned()], vec![DONG.to_owned(), XI.to_owned()]];
    let from = dice.below(60) as i64 - 40;
    let form = SweepForm {
        name: "排查".to_owned(),
        how: Some(SweepKind::Irregular),
        areas: areas[dice.below(3)].clone(),
        from: on(world, from),
        until: on(world, from.max(0) + dice.below(20) as i64),
    };
    desk(world, "zhou", SetSweep { form }).is_ok()
}

/// A step of the station's, where it is the next one.
fn station(world: &World, id: RecordId, step: PermitStep) {
    let (token, _) = world.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let ask = ui_protocol::desk::DecidePermit { id, step, note: String::new(), months: None, reason: None };
    let _ = world.core.desk(&caller, ui_protocol::DeskCommand::DecidePermit(ask));
}
