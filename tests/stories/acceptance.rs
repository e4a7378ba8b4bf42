//! The acceptance checks of the design (`domain.md` §11) by their numbers, on real devices and the real server. Checks that
//! speak of other stories' people borrow them; 11 to 15 belong to samples, plates, landlords and the audit.

use crate::referrals::{TOWN, with_town};
use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{CancelReason, Relation, Sex, VisitPersonResult, VisitResult};
use domain::county::PolicyChoice;
use domain::form::Problem;
use domain::hazard::HazardState;
use domain::id_document::{DocType, DocumentProblem};
use domain::permit::{Ground, Material, PermitEventKind};
use domain::permit_standing;
use domain::person::ResidentForm;
use domain::report::{Receipt, ReportForm};
use domain::residency::{CancelForm, MoveForm};
use domain::{RecordId, day};
use sync_server::desk::DeskCaller;
use sync_server::register::Rules;
use ui_protocol::attention::{Attention, SettleDuplicate, WeighWords};
use ui_protocol::desk::{
    ListRecords, Overview, OverviewReply, RecordPage, RecordView, Staffing, StaffingReply, ViewRecord, WeighForStation,
};
use ui_protocol::people::{CancelResidency, CheckDocument, HandOver, MoveResident, SaveResident, SavedResident, Standing};
use ui_protocol::permits::{ApplyPermit, PermitsOf};
use ui_protocol::reports::{ReferralHanded, Report, ReportState, ReportView, SaveReport, VerifyReport};
use ui_protocol::safety::{CheckForm, Hazard, Safety, SaveCheck};
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::Unit;
use ui_protocol::visits::{FinishVisit, NoteVisit, Step};
use ui_protocol::{DeskCommand, ErrorCode};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

use crate::permits;

const PHONE: &str = "13905700099";

/// The clock of the county stands there.
fn at(world: &World, on: &str, hour: i64, minute: i64) {
    world.time.set(moment(on, hour, minute));
}

fn moment(on: &str, hour: i64, minute: i64) -> i64 {
    day::start_of_day_unix_ms(on.parse().expect("a date")) + (hour * 60 + minute) * 60_000
}

fn today(world: &World) -> String {
    day::day_of(world.time.now()).to_string()
}

fn person(saved: &SavedResident) -> RecordId {
    saved.person.expect("a person")
}

fn residency(saved: &SavedResident) -> RecordId {
    saved.residency.expect("a registration")
}

/// 东村 on a morning, with 王敏 and the home of a landlord who has the app.
fn village(on: &str) -> (World, Actor, Actor, RecordId) {
    let world = World::new();
    at(&world, on, 8, 0);
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", PHONE, "101,102");
    wang.sync();
    let chen = world.landlord("chen", PHONE);
    (world, wang, chen, home)
}

fn move_in(chen: &Actor, home: RecordId, doc_no: &str, event_on: &str) -> RecordId {
    let form = ReportForm {
        unit: Some(home),
        name: "刘洋".to_owned(),
        doc_no: doc_no.to_owned(),
        phone: "13905700055".to_owned(),
        event_on: event_on.to_owned(),
        ..ReportForm::default()
    };
    chen.ask(SaveReport { form, draft: None }).id
}

fn receipt(chen: &Actor, report: RecordId) -> Receipt {
    chen.ask(Report { id: report }).receipt.expect("a receipt")
}

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    let groups = actor.ask(Today::default()).groups;
    groups.into_iter().flat_map(|group| group.items).filter(|item| item.kind == kind).collect()
}

fn officer(world: &World) -> DeskCaller {
    world.account("zhou", Role::Officer, &[DONG, XI], "");
    let found = world.core.look(|view| DeskCaller::of(view, view.account_by_login("zhou")?.expect("just made")));
    found.expect("a desk")
}

fn desk<T: serde::de::DeserializeOwned>(world: &World, officer: &DeskCaller, command: DeskCommand) -> T {
    serde_json::from_value(world.core.desk(officer, command).expect("an answer").reply).expect("the call's own reply")
}

/// Lease starts 12 February 2026; the Spring Festival lies between; the 24th is the last day, until its midnight.
#[test]
fn check_01_on_time_until_the_midnight_of_the_third_working_day() {
    for (on, hour, minute, in_time) in [("2026-02-24", 23, 50, true), ("2026-02-25", 0, 10, false)] {
        let (world, _, chen, home) = village("2026-02-12");
        at(&world, on, hour, minute);
        let report = move_in(&chen, home, &world.document(), "2026-02-12");
        assert_eq!(chen.ask(Report { id: report }).row.due.expect("a countdown").on, "2026-02-24");
        chen.sync();
        let receipt = receipt(&chen, report);
        assert_eq!(receipt.on_time, in_time, "received on {on} at {hour}:{minute}");
        let due = receipt.due.expect("a due date");
        assert_eq!((due.on.to_string().as_str(), due.no_holiday_data), ("2026-02-24", false));
    }
}

#[test]
fn check_02_stored_in_time_and_delivered_two_days_later_is_late_with_both_times() {
    let (world, wang, chen, home) = village("2026-02-12");
    chen.online(false);
    at(&world, "2026-02-24", 20, 0);
    let report = move_in(&chen, home, &world.document(), "2026-02-12");
    assert_eq!(chen.ask(Report { id: report }).row.state, ReportState::Local);
    at(&world, "2026-02-26", 8, 0);
    chen.online(true);
    chen.sync();
    wang.sync();
    let receipt = receipt(&chen, report);
    assert_eq!(wang.ask(Report { id: report }).receipt.as_ref(), Some(&receipt), "whoever verifies it sees both times too");
    let days = [receipt.submitted_unix_ms, receipt.received_unix_ms].map(|unix_ms| day::day_of(unix_ms).to_string());
    assert_eq!((days, receipt.on_time), (["2026-02-24".to_owned(), "2026-02-26".to_owned()], false));
}

/// The resident's own day counts, however he declared; what a landlord says counts from the day the resident confirms it.
#[test]
fn check_03_half_a_year_runs_from_the_residents_own_declaration() {
    let (world, wang, chen, home) = village("2026-01-10");
    let report = move_in(&chen, home, &world.document(), "2026-01-10");
    chen.sync();
    at(&world, "2026-01-14", 10, 0);
    wang.sync();

    let mut form = wang.resident_form(home, "张伟", &world.document());
    (form.arrival_on, form.declared_on) = ("2026-01-10".to_owned(), "2026-01-10".to_owned());
    let own = person(&wang.ask(SaveResident { form, although_known: false, returning: None, draft: None }));

    let told: ReportView = wang.ask(Report { id: report });
    let mut form = told.resident.expect("a form filled from the report");
    form.hukou_region = "360121".to_owned();
    form.reason = domain::codes::Reason::from_code("204");
    form.intended = domain::codes::IntendedStay::from_code("4");
    form.relation = Some(Relation::Lessee);
    let verify =
        VerifyReport { id: report, resident: Some(form), leaving: None, cancel: None, although_known: false, returning: None };
    let reported = person(&wang.ask(verify).resident.expect("registered"));
    wang.sync();

    let rows = [(own, "2026-01-10", "", "2026-07-10"), (reported, "2026-01-14", "2026-01-10", "2026-07-14")];
    for phone in [&wang, &world.phone_of("wang")] {
        phone.sync();
        for (id, registered_on, reported_on, eligible_on) in rows {
            let view = &phone.person(id).residencies[0];
            assert_eq!(
                (view.registered_on.as_str(), view.reported_on.as_str()),
                (registered_on, reported_on),
                "both days are shown"
            );
            assert_eq!(phone.ask(PermitsOf { person: id }).eligibility.expect("rules").on, eligible_on);
        }
    }
    // Not a day earlier, and on that day it can be asked for.
    for (id, _, _, eligible_on) in rows {
        let ask = || {
            let form = permits::form(Some(Ground::Job), &[Material::Identity, Material::Photo, Material::Work]);
            wang.try_ask(ApplyPermit { person: id, form, draft: None }).map(|_| ()).map_err(|error| error.code)
        };
        at(&world, eligible_on, 9, 0);
        world.time.pass_days(-1);
        assert_eq!(ask(), Err(ErrorCode::NotAllowed), "the day before {eligible_on}");
        at(&world, eligible_on, 9, 0);
        assert_eq!(ask(), Ok(()), "on {eligible_on}");
    }
    assert_eq!(wang.sync().refused_open, 0);
}

#[test]
fn check_04_an_endorsement_forty_days_late_restores_and_the_years_begin_again() {
    let (world, wang, person, permit) = permits::holder();
    permits::go_to(&world, "2028-07-04");
    assert_eq!(permits::only(&wang, person).standing, permit_standing::Standing::Suspended);
    permits::note(&wang, permit, PermitEventKind::Endorse).expect("forty days after the 25th of May");
    wang.sync();
    let second = world.phone_of("wang");
    second.sync();
    for phone in [&wang, &second] {
        let card = permits::only(phone, person);
        assert_eq!((card.standing, card.continuity_start.as_str()), (permit_standing::Standing::Valid, "2028-07-04"));
    }
}

/// Somebody without a network is at the door and answers about one person.
fn visited_offline(actor: &Actor, unit: RecordId, saved: &SavedResident, result: VisitPersonResult) {
    actor.online(false);
    actor.ask(NoteVisit { unit, step: Step::Answer { person: person(saved), result: Some(result) } });
    actor.ask(FinishVisit { unit, result: VisitResult::Done, next: domain::codes::NextSlot::None, note: String::new() });
}

/// A says LEFT at 09:00 and ends the registration; B sees the person at 18:00; either may sync last.
#[test]
fn check_05_left_in_the_morning_and_seen_in_the_evening_is_not_cancelled() {
    for left_is_last in [true, false] {
        let world = World::new();
        let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
        let unit = wang.home(DONG, "12号", PHONE, "");
        let saved = wang.register(unit, "张伟", &world.document());
        wang.sync();
        li.sync();
        at(&world, "2026-11-24", 9, 0);
        visited_offline(&wang, unit, &saved, VisitPersonResult::Left);
        let form = CancelForm { reason: Some(CancelReason::Left), left_on: today(&world), note: "房东说搬走了".into() };
        wang.ask(CancelResidency { residency: residency(&saved), form });
        at(&world, "2026-11-24", 18, 0);
        visited_offline(&li, unit, &saved, VisitPersonResult::Here);
        let order = if left_is_last { [&li, &wang, &li, &wang] } else { [&wang, &li, &wang, &li] };
        for phone in order {
            phone.online(true);
            phone.sync();
        }
        for phone in [&wang, &li] {
            let view = &phone.person(person(&saved)).residencies[0];
            assert_eq!((view.standing, view.presence.doubts.len()), (Standing::Active, 0), "left is last: {left_is_last}");
            let seen: Vec<_> = view.seen.iter().map(|line| line.result).collect();
            assert_eq!(seen[..2], [VisitPersonResult::Here, VisitPersonResult::Left], "both are shown, the later first");
            assert_eq!(phone.ask(Attention {}).conflicts.len(), 1, "and both are asked");
            phone.expect_same();
        }
    }
}

/// The same without a cancellation: the later counts, nothing is ended, and both are asked until one of them decides.
#[test]
fn check_05_left_in_the_morning_and_seen_in_the_evening_is_asked_about() {
    for left_is_last in [true, false] {
        let world = World::new();
        let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
        let unit = wang.home(DONG, "12号", PHONE, "");
        let saved = wang.register(unit, "张伟", &world.document());
        wang.sync();
        li.sync();
        for (actor, hour, result) in [(&wang, 9, VisitPersonResult::Left), (&li, 18, VisitPersonResult::Here)] {
            at(&world, "2026-11-24", hour, 0);
            visited_offline(actor, unit, &saved, result);
        }
        let order = if left_is_last { [&li, &wang, &li, &wang] } else { [&wang, &li, &wang, &li] };
        for phone in order {
            phone.online(true);
            phone.sync();
        }
        for phone in [&wang, &li] {
            let view = &phone.person(person(&saved)).residencies[0];
            assert_eq!((view.standing, view.presence.doubts.len()), (Standing::Active, 0), "left is last: {left_is_last}");
            assert_eq!(phone.ask(Attention {}).contradictions.len(), 1, "both are asked");
            let counts = phone.ask(Today::default()).counts;
            assert!(counts.contains(&(TodayKind::Contradicted, 1)), "{counts:?}");
        }
        // And so is the station, where it looks at conflicts.
        let officer = officer(&world);
        let open = || -> (u64, Vec<RecordId>, u64) {
            let areas = desk::<OverviewReply>(&world, &officer, DeskCommand::Overview(Overview {})).areas;
            let listed = ListRecords { kind: "conflict".to_owned(), ..ListRecords::default() };
            let rows = desk::<RecordPage>(&world, &officer, DeskCommand::ListRecords(listed)).rows;
            let residents = areas.iter().map(|area| area.residents).sum();
            (areas.iter().map(|area| area.conflicts_open).sum(), rows.iter().map(|row| row.id).collect(), residents)
        };
        assert_eq!(open(), (1, vec![residency(&saved)], 1), "counted, listed, and registered all the same");
        let view: RecordView = desk(&world, &officer, DeskCommand::ViewRecord(ViewRecord { id: residency(&saved) }));
        let between = view.contradiction.expect("both words");
        assert_eq!((between.earlier.result, between.later.result), (VisitPersonResult::Left, VisitPersonResult::Here));
        assert!(!between.earlier.by.is_empty() && between.earlier.by != between.later.by, "by name");
        let id = residency(&saved);
        if left_is_last {
            li.ask(WeighWords { residency: id, earlier: between.earlier.fact, later: between.later.fact });
        } else {
            let ask = WeighForStation { id, earlier: between.earlier.fact, later: between.later.fact };
            let view: RecordView = desk(&world, &officer, DeskCommand::WeighForStation(ask.clone()));
            assert_eq!(view.contradiction, None);
            let again = world.core.desk(&officer, DeskCommand::WeighForStation(ask)).map_err(|error| error.code);
            assert_eq!(again.err(), Some(ErrorCode::Stale));
        }
        li.sync();
        wang.sync();
        assert_eq!(open(), (0, vec![], 1));
        assert_eq!(li.ask(Attention {}).contradictions, []);
        assert_eq!(wang.ask(Attention {}).contradictions, [], "one decides for both");
        wang.expect_same();
        li.expect_same();
    }
}

/// Within a village at once, across two after somebody has said that they are one.
#[test]
fn check_06_one_number_entered_twice_offline_is_one_person_with_the_older_day() {
    for same_village in [true, false] {
        let world = World::new();
        let there = if same_village { DONG } else { XI };
        let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", there));
        let homes = [wang.home(DONG, "12号", PHONE, ""), li.home(there, "14号", "13905700011", "")];
        for phone in [&wang, &li] {
            phone.sync();
            phone.online(false);
        }
        let number = world.document();
        let first = person(&wang.register(homes[0], "张伟", &number));
        world.time.pass_days(2);
        let second = person(&li.register(homes[1], "张伟", &number));
        // The later declaration arrives first.
        for phone in [&li, &wang, &li] {
            phone.online(true);
            phone.sync();
        }
        let officer = officer(&world);
        let overview = || -> OverviewReply { desk(&world, &officer, DeskCommand::Overview(Overview {})) };
        if !same_village {
            let open: u64 = overview().areas.iter().map(|area| area.duplicates_open).sum();
            assert_eq!(open, 2, "in each village's list, and counted");
            // Each village speaks for itself: Li says that they are one, and Wang hands hers over.
            let asked = li.ask(Attention {}).duplicates.into_iter().next().expect("a question");
            li.ask(SettleDuplicate { id: asked.id, same: true });
            li.sync();
            let residency = wang.person(first).residencies[0].id;
            wang.ask(HandOver { residency, area: XI.to_owned(), on: today(&world), note: String::new() });
        }
        for phone in [&wang, &li, &wang, &li] {
            phone.sync();
        }
        assert_eq!(overview().areas.iter().map(|area| area.residents).sum::<u64>(), 1, "same village: {same_village}");
        for (phone, id) in [(&wang, first), (&li, second)] {
            if !same_village && id == first {
                assert!(phone.find("张伟").is_empty(), "the one person stands in one village");
                continue;
            }
            let view = phone.person(id);
            let open: Vec<_> = view.residencies.iter().filter(|one| one.standing == Standing::Active).collect();
            assert_eq!((phone.find("张伟").len(), open.len()), (1, 1), "same village: {same_village}");
            assert_eq!(open[0].registered_on, "2026-11-23", "the older day; same village: {same_village}");
            phone.expect_same();
        }
    }
}

/// Inside a village as a move, into the next one as a hand-over: one registration, two stays, one day it counts from.
#[test]
fn check_07_a_move_inside_the_county_is_one_registration_with_two_stays() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", XI));
    let old = wang.home(DONG, "12号", PHONE, "");
    let new = [wang.home(DONG, "14号", PHONE, ""), li.home(XI, "3号", "13905700098", "")];
    let people = [wang.register(old, "张伟", &world.document()), wang.register(old, "刘洋", &world.document())];
    wang.sync();
    li.sync();
    world.time.pass_days(3);
    let on = today(&world);
    let form = |unit| MoveForm { unit: Some(unit), on: on.clone(), relation: Some(Relation::Friend), ..MoveForm::default() };
    wang.ask(MoveResident { residency: residency(&people[0]), form: form(new[0]) });
    let hand = HandOver { residency: residency(&people[1]), area: XI.to_owned(), on: on.clone(), note: String::new() };
    wang.ask(hand);
    wang.sync();
    li.sync();
    li.ask(MoveResident { residency: residency(&people[1]), form: form(new[1]) });
    li.sync();
    world.account("bao", Role::Coordinator, &[DONG, XI], "");
    let both = world.phone_of("bao");
    both.sync();
    for saved in &people {
        let view = both.person(person(saved));
        assert_eq!((view.residencies.len(), view.residencies[0].stays.len()), (1, 2));
        assert_eq!((view.residencies[0].standing, view.residencies[0].registered_on.as_str()), (Standing::Active, "2026-11-23"));
        let next = both.ask(PermitsOf { person: person(saved) }).eligibility.expect("rules");
        assert_eq!((next.counted_from.as_str(), next.on.as_str()), ("2026-11-23", "2027-05-23"), "the half year goes on");
    }
    both.expect_same();
}

#[test]
fn check_08_a_right_check_digit_on_a_day_that_never_was_is_refused() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", PHONE, "");
    let number = "330822199002300015";
    assert_eq!(domain::id_document::check_digit(&number[..17]), number.chars().last(), "the digit is right");
    let said = wang.ask(CheckDocument { doc_type: DocType::Id, doc_no: number.to_owned() });
    assert_eq!(said.problem, Some(Problem::Document(DocumentProblem::Date)), "30 February");
    let mut form = wang.resident_form(home, "张伟", &world.document());
    form.doc_no = number.to_owned();
    let waiting = wang.status().waiting;
    let error = wang.try_ask(SaveResident { form, although_known: false, returning: None, draft: None }).expect_err("refused");
    assert_eq!((error.code, error.problems[0].field.as_str()), (ErrorCode::Form, "doc_no"));
    assert_eq!(wang.status().waiting, waiting, "nothing was saved");
}

#[test]
fn check_09_a_hong_kong_card_is_a_referral_of_twenty_four_hours_and_no_registration() {
    let world = with_town();
    // A community in the county town; in the country there are three days (tests/stories/referrals.rs).
    let wang = world.coordinator("wang", TOWN);
    let home = wang.home(TOWN, "1号", PHONE, "");
    let card = "810000199001010019";
    let as_citizen = wang.ask(CheckDocument { doc_type: DocType::Id, doc_no: card.to_owned() });
    assert!(as_citizen.problem.is_some(), "no citizen's number");
    let as_card = wang.ask(CheckDocument { doc_type: DocType::Hmrp, doc_no: card.to_owned() });
    assert_eq!((as_card.problem, as_card.referral), (None, true));
    let form = ResidentForm {
        unit: Some(home),
        doc_type: DocType::Hmrp,
        doc_no: card.to_owned(),
        name: "陈大文".to_owned(),
        birth: "1990-01-01".to_owned(),
        sex: Sex::from_code("1"),
        // Of the county itself: nobody asks for a hukou elsewhere.
        hukou_region: "330822".to_owned(),
        arrival_on: today(&world),
        ..ResidentForm::default()
    };
    let before = world.time.now();
    let saved = wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
    assert_eq!((saved.person, saved.residency), (None, None), "no registration");
    let (referral, due) = saved.referral.expect("a referral");
    let minutes = (due.at_unix_ms.expect("a clock in hours") - before) / 60_000;
    assert_eq!(minutes, 24 * 60, "from the moment, because the day of arrival is today");
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    assert_eq!(rows(&wang, TodayKind::Referral).iter().map(|row| row.record).collect::<Vec<_>>(), [Some(referral)]);
    wang.ask(ReferralHanded { id: referral });
    assert_eq!(rows(&wang, TodayKind::Referral), []);
}

/// 7 m²: two who are not related are too many for its size, and two for a room; parents with a child are exempt by number only.
#[test]
fn check_10_seven_square_metres_by_area_and_by_heads() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let families: [&[Relation]; 2] =
        [&[Relation::Lessee, Relation::Coworker], &[Relation::Lessee, Relation::Family, Relation::Family]];
    for (people, by_heads) in families.into_iter().zip([Answer::Pass, Answer::NotApplicable]) {
        let home = wang.home(DONG, &format!("{}号", people.len()), PHONE, "101");
        let room = wang.ask(Unit { id: home }).rooms[0].id;
        for (at, relation) in people.iter().enumerate() {
            let mut form = wang.resident_form(home, ["张伟", "王芳", "张小宝"][at], &world.document());
            (form.room, form.relation) = (room, Some(*relation));
            wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
        }
        let mut form = wang.ask(CheckForm { unit: home }).form;
        form.answers =
            Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
        form.rooms[0].usable_m2 = "7".into();
        let answers = form.answers(wang.ask(CheckForm { unit: home }).limits.as_ref());
        let saved = wang.ask(SaveCheck { unit: home, form, draft: None });
        assert_eq!(answers.get("RS01"), Some(&Answer::Fail), "{} in 7 m²", people.len());
        assert_eq!(answers.get("RS02"), Some(&by_heads), "{} in one room", people.len());
        wang.sync();
        let second = world.phone_of("wang");
        second.sync();
        let opened: Vec<_> = saved.opened.iter().map(|id| second.ask(Hazard { id: *id }).row).collect();
        assert_eq!(
            opened.iter().map(|row| (row.item, row.state)).collect::<Vec<_>>(),
            [(Some(Item::Rs01), HazardState::Noticed)]
        );
        let check = &second.ask(Safety { unit: home }).checks[0];
        assert!(check.counts.contains(&(Answer::Fail, 1)), "kept as it was judged: {:?}", check.counts);
    }
}

#[test]
fn check_16_a_year_without_a_holiday_table_counts_monday_to_friday_and_says_so() {
    let (world, wang, chen, home) = village("2027-09-30");
    let report = move_in(&chen, home, &world.document(), "2027-09-30");
    let shown = chen.ask(Report { id: report }).row.due.expect("a countdown");
    assert_eq!((shown.on.as_str(), shown.no_holiday_data), ("2027-10-05", true), "Thursday to Tuesday over National Day");
    chen.sync();
    let due = receipt(&chen, report).due.expect("a due date");
    assert_eq!((due.on.to_string().as_str(), due.no_holiday_data), ("2027-10-05", true), "and on the receipt");
    wang.sync();
    assert_eq!(rows(&wang, TodayKind::HolidaysMissing).len(), 1, "the coordinator is told which year is missing");
}

/// A thousand and one of last year, registered through the server as a device would: three coordinators.
#[test]
fn check_17_a_thousand_and_one_registered_last_year_ask_for_three_coordinators() {
    const LAST_YEAR: usize = 1_001;
    let world = World::new();
    at(&world, "2025-12-20", 9, 0);
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", PHONE, "");
    wang.sync();
    let rules: Rules = world.core.look(|view| Ok(Rules::load(view)?)).expect("rules");
    let dice = sync_server::clock::SeededDice::new(17);
    let mut pen = sync_server::demo::Pen::new(&world.core, "wang").expect("a device");
    pen.sync().expect("pulls");
    let mut register = |count: usize, from: usize| {
        for at in from..from + count {
            let today = world.core.today();
            let resident = sync_server::demo::Resident {
                who: sync_server::demo::someone(&dice, at, 20..50, today),
                unit: home,
                room: None,
                arrival_on: today,
                visited_unix_ms: world.core.now_unix_ms(),
                reason: domain::codes::Reason::Working,
                relation: Relation::Lessee,
                intended: domain::codes::IntendedStay::SixMonths,
                employer: String::new(),
                guardian: None,
            };
            pen.save(sync_server::demo::registration(&pen, &rules, &resident).0);
            if pen.outbox.len() > 400 {
                pen.sync().expect("an answer");
            }
        }
        pen.sync().expect("an answer");
    };
    register(LAST_YEAR, 0);
    at(&world, "2026-01-05", 9, 0);
    register(3, LAST_YEAR);
    let officer = officer(&world);
    let asked: StaffingReply = desk(&world, &officer, DeskCommand::Staffing(Staffing {}));
    assert_eq!(asked, StaffingReply { year: 2025, registered: LAST_YEAR as u64, needed: Some(3), at_work: 1 });
}

#[test]
fn check_18_another_pack_changes_no_due_date_that_is_stored() {
    let (world, wang, chen, home) = village("2026-11-23");
    let saved = wang.register(home, "张伟", &world.document());
    let report = move_in(&chen, home, &world.document(), "2026-11-23");
    wang.sync();
    chen.sync();
    let mut form = wang.ask(CheckForm { unit: home }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    form.answers.insert(Item::Xf03.code().into(), Answer::Fail);
    let hazard = wang.ask(SaveCheck { unit: home, form, draft: None }).opened[0];
    // Whoever need not wait: accepted today, to be made within fifteen days.
    let given = [Material::Identity, Material::Photo, Material::Policy];
    let form = permits::form(Some(Ground::InvestTalent), &given);
    wang.ask(ApplyPermit { person: person(&saved), form, draft: None });
    wang.sync();
    let slip =
        |phone: &Actor| phone.ask(PermitsOf { person: person(&saved) }).applications[0].due.clone().expect("fifteen days").on;
    let others = |phone: &Actor| (phone.ask(Hazard { id: hazard }).row.due.expect("fifteen days").on, slip(phone));
    let others_before = others(&wang);
    assert_eq!(others_before, ("2026-12-08".to_owned(), "2026-12-08".to_owned()));
    let stored = || (wang.person(person(&saved)).residencies[0].clone(), receipt(&chen, report).due.expect("a due date"));
    let before = stored();
    assert!(before.0.due_rule.starts_with("zj-2016") && before.1.pack == "zj-2016");
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-11-23".to_owned() };
    world.core.choose_policy(choice).expect("even for that very day");
    world.time.pass_days(1);
    wang.sync();
    chen.sync();
    let after = stored();
    assert_eq!((&after.0.due_rule, after.0.due.map(|due| due.on)), (&before.0.due_rule, before.0.due.map(|due| due.on)));
    assert_eq!(after.1, before.1, "the receipt says what it said");
    assert_eq!(others(&wang), others_before, "and so do the hazard and the slip, which the other law does not know");
    let later = wang.register(home, "刘洋", &world.document());
    assert!(
        wang.person(person(&later)).residencies[0].due_rule.starts_with("zj-2009"),
        "events from then on follow the other pack"
    );
    let fresh = world.phone_of("wang");
    fresh.sync();
    assert_eq!(fresh.person(person(&saved)).residencies[0].due_rule, before.0.due_rule, "on a phone that loads it afresh too");
    assert_eq!(others(&fresh), others_before);
}
