//! Where somebody lives and for how long: corrected, extended, moved; and what a registration says of its home.

use domain::codes::{IntendedStay, NextSlot, Relation, UnitStatus, VisitPersonResult, VisitResult};
use domain::form::parse_date;
use domain::residency::MoveForm;
use domain::{RecordId, day};
use ui_protocol::evening::DayLog;
use ui_protocol::people::{ChangeResident, ExtendStay, MoveResident, SaveResident};
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::{SetUnitState, Unit};
use ui_protocol::visits::{FinishVisit, NoteVisit, PastVisits, Step};
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    let groups = actor.ask(Today { kind: Some(kind), ..Today::default() }).groups;
    groups.into_iter().flat_map(|group| group.items).collect()
}

fn finish(actor: &Actor, unit: RecordId, result: VisitResult) {
    actor.ask(FinishVisit { unit, result, next: NextSlot::None, note: String::new() });
}

#[test]
fn a_day_of_arrival_typed_wrong_is_corrected_and_everybody_sees_it() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let saved = wang.register(unit, "张伟", &world.document());
    let person = saved.person.expect("a person");
    let registered_on = wang.person(person).residencies[0].registered_on.clone();
    let mut form = wang.person(person).form;
    let earlier = day::day_of(world.time.now() - 9 * day::DAY_MS).to_string();
    form.arrival_on = earlier.clone();
    form.declared_on = earlier.clone();
    wang.ask(ChangeResident { person, form, draft: None });
    wang.sync();
    li.sync();
    for actor in [&wang, &li] {
        let residency = actor.person(person).residencies[0].clone();
        assert_eq!(residency.stays[0].from, earlier);
        assert_eq!(residency.registered_on, registered_on, "the day that counts for a permit is not changed at a door");
    }
    wang.expect_same();
}

#[test]
fn a_stay_that_ends_is_extended_from_today_as_often_as_they_stay() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let mut form = wang.resident_form(unit, "张伟", &world.document());
    form.intended = Some(IntendedStay::ThreeYears);
    let saved = wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    for _ in 0..2 {
        let until = wang.person(person).residencies[0].intended_until.clone();
        let until = parse_date(&until).expect("a day");
        world.time.pass_days((until - day::day_of(world.time.now())).num_days() + 2);
        wang.ask(NoteVisit { unit, step: Step::Answer { person, result: Some(VisitPersonResult::Here) } });
        finish(&wang, unit, VisitResult::Done);
        assert_eq!(rows(&wang, TodayKind::IntendedEnds).len(), 1, "seen, and still nobody said how long they stay");
        wang.ask(ExtendStay { residency, intended: IntendedStay::ThreeYears });
        assert_eq!(rows(&wang, TodayKind::IntendedEnds), []);
        let again = parse_date(&wang.person(person).residencies[0].intended_until).expect("a day");
        assert!(again > day::day_of(world.time.now() + 3 * 364 * day::DAY_MS), "{again}");
    }
    wang.sync();
    wang.expect_same();
}

#[test]
fn a_registration_is_no_visit_of_its_home() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = wang.home(DONG, "12号", "13905700099", "");
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Registered, reason: None });
    world.time.pass_days(121);
    wang.register(unit, "张伟", &world.document());
    assert_eq!(rows(&wang, TodayKind::HomeDue).len(), 1, "nobody went through the home");
    assert_eq!(wang.ask(Unit { id: unit }).last_visit_unix_ms, None);
    assert_eq!(wang.ask(PastVisits { unit }).rows, []);
    let counts = wang.ask(DayLog::default()).counts;
    assert_eq!((counts.homes_visited, counts.registered), (0, 1));
    finish(&wang, unit, VisitResult::Done);
    assert_eq!(rows(&wang, TodayKind::HomeDue), []);
    assert_eq!(wang.ask(DayLog::default()).counts.homes_visited, 1);
}

#[test]
fn a_notice_is_on_record_where_it_was_shown() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    wang.sync();
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let notice = |form| {
        let saved = wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
        wang.person(saved.person.expect("a person")).residencies[0].notice.clone()
    };
    let form = || wang.resident_form(unit, "张伟", &world.document());
    assert_eq!(notice(form()), "", "nobody showed one");
    let mut shown = form();
    shown.notice = "notice-1".to_owned();
    assert_eq!(notice(shown), "notice-1");
    wang.ask(NoteVisit { unit, step: Step::NoticeShown { version: "notice-2".into() } });
    assert_eq!(notice(form()), "notice-2", "shown at this door, for everybody there");
}

#[test]
fn who_moved_within_the_county_is_moved_and_no_longer_in_doubt() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (old, new) = (wang.home(DONG, "12号", "13905700099", ""), wang.home(DONG, "14号", "13905700099", ""));
    let saved = wang.register(old, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    world.time.pass_days(3);
    wang.ask(NoteVisit { unit: old, step: Step::Answer { person, result: Some(VisitPersonResult::MovedInCounty) } });
    finish(&wang, old, VisitResult::Done);
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft).len(), 1);
    world.time.pass_ms(60_000);
    let on = day::day_of(world.time.now()).to_string();
    wang.ask(MoveResident {
        residency,
        form: MoveForm { unit: Some(new), on, relation: Some(Relation::Lessee), ..MoveForm::default() },
    });
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft), []);
    let now = wang.person(person).residencies[0].clone();
    assert!(now.presence.doubts.is_empty());
    let seen = now.presence.seen_unix_ms.expect("seen when they were registered");
    assert!(seen < world.time.now() - 2 * day::DAY_MS, "a move says where somebody lives, not that anybody saw them");
    // Said gone from the new home it counts again.
    world.time.pass_days(1);
    wang.ask(NoteVisit { unit: new, step: Step::Answer { person, result: Some(VisitPersonResult::Left) } });
    finish(&wang, new, VisitResult::Done);
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft).len(), 1);
}
