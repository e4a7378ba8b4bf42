//! What is due: computed from facts, the pack and the day; and the same whether it was kept up to date or made from nothing.

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{CancelReason, NextSlot, Relation, UnitStatus, VisitResult};
use domain::county::PolicyChoice;
use domain::grade::Grade;
use domain::permit::{ApplyForm, Ground, Material, PermitKind};
use domain::report::ReportForm;
use domain::residency::{CancelForm, MoveForm};
use domain::{RecordId, day};
use store::drill::{self, DeviceDamage};
use sync_server::clock::SeededDice;
use ui_protocol::desk::PermitStep;
use ui_protocol::people::{CancelResidency, HandOver, ListPeople, MoveResident, SaveResident, UndoMistake};
use ui_protocol::permits::{ApplyPermit, PermitsOf};
use ui_protocol::reports::{ListReports, ReturnReport, SaveReport, WithdrawReport};
use ui_protocol::safety::{CheckForm, RecheckHazard, Safety, SaveCheck};
use ui_protocol::session::{Status, SyncNow};
use ui_protocol::today::{HomeRound, Today, TodayFilter, TodayItem, TodayKind, TodayReply};
use ui_protocol::units::{ListUnits, SaveUnit, SetUnitState, Unit, UnitRow};
use ui_protocol::visits::FinishVisit;
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

    // Whoever registers somebody was inside.
    wang.register(unit, "张伟", &world.document());
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
    let done = match dice.below(20) {
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
                    for application in actor.ask(PermitsOf { person }).applications {
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
        _ => actor.try_ask(SyncNow {}).is_ok(),
    };
    format!("{done}")
}

/// A step of the station's, where it is the next one.
fn station(world: &World, id: RecordId, step: PermitStep) {
    let (token, _) = world.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let ask = ui_protocol::desk::DecidePermit { id, step, note: String::new(), months: None, reason: None };
    let _ = world.core.desk(&caller, ui_protocol::DeskCommand::DecidePermit(ask));
}
