//! A visit says that nobody rents a home: who is registered there all the same stays a question until somebody answers it, an address
//! that was not found until it is mended, and the home may be paused or closed when nobody is registered there any more.

use domain::RecordId;
use domain::codes::{CancelReason, NextSlot, UnitCloseReason, UnitStatus, VisitPersonResult, VisitResult};
use domain::residency::CancelForm;
use ui_protocol::people::CancelResidency;
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::{SaveUnit, SetUnitState, Unit, UnitView};
use ui_protocol::visits::{CorrectAnswer, FinishVisit, NoteVisit, PastVisit, PastVisitView, Step};
use ui_protocol::withdrawals::TakeBack;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    let groups = actor.ask(Today::default()).groups;
    groups.into_iter().flat_map(|group| group.items).filter(|item| item.kind == kind).collect()
}

fn empty_rows(actor: &Actor) -> usize {
    rows(actor, TodayKind::EmptyHome).len()
}

fn home(actor: &Actor, id: RecordId) -> UnitView {
    actor.ask(Unit { id })
}

fn finish(actor: &Actor, unit: RecordId, result: VisitResult) -> PastVisitView {
    let done = actor.ask(FinishVisit { unit, result, next: NextSlot::None, note: String::new() });
    actor.ask(PastVisit { visit: done.visit })
}

fn registered(world: &World, actor: &Actor, plate: &str, names: &[&str]) -> (RecordId, Vec<RecordId>) {
    let unit = actor.home(DONG, plate, "13905700099", "");
    actor.ask(SetUnitState { id: unit, state: UnitStatus::Registered, reason: None });
    let people = names.iter().map(|name| actor.register(unit, name, &world.document()).person.expect("a person")).collect();
    world.time.pass_days(1);
    (unit, people)
}

fn leave(actor: &Actor, person: RecordId) {
    let residency = actor.person(person).residencies[0].id;
    let today = actor.ask(ui_protocol::session::Status {}).today;
    let form = CancelForm { reason: Some(CancelReason::Left), left_on: today, note: "房东说上周就走了".into() };
    actor.ask(CancelResidency { residency, form });
}

/// Four months of silence were the answer before; now the question stands on Today, on every phone, until each of them is answered.
#[test]
fn who_is_registered_in_an_empty_home_is_asked_about_until_somebody_answers() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let (unit, people) = registered(&world, &wang, "12号", &["张伟", "刘洋"]);
    let seen = finish(&wang, unit, VisitResult::Vacant);
    let empty = seen.empty.expect("what follows");
    assert_eq!(empty.people.iter().map(|one| one.person).collect::<Vec<_>>(), people);
    assert_eq!(empty.may, [], "a home is not closed over anybody's head");
    assert_eq!(home(&wang, unit).empty.map(|empty| empty.visit), Some(seen.row.id));
    let row = &rows(&wang, TodayKind::EmptyHome)[0];
    assert_eq!((row.record, row.detail.as_str()), (Some(unit), VisitResult::Vacant.code()));
    wang.sync();
    li.sync();
    assert_eq!(empty_rows(&li), 1, "the colleague is asked the same");
    world.time.pass_days(60);
    assert_eq!(empty_rows(&wang), 1, "it does not go away by itself");

    // The tap of that visit was a slip: the neighbour had said that he left. That is an answer, and its own question.
    let fact = empty.people[0].fact.expect("not met there");
    wang.ask(CorrectAnswer { fact, result: VisitPersonResult::Left });
    assert_eq!(home(&wang, unit).empty.map(|empty| empty.people.len()), Some(1));
    assert_eq!(rows(&wang, TodayKind::SuspectedLeft).len(), 1);
    // A door that stays shut answers nothing.
    finish(&wang, unit, VisitResult::NoAnswer);
    assert_eq!(empty_rows(&wang), 1);
    leave(&wang, people[1]);
    assert_eq!(empty_rows(&wang), 0, "both are answered about");
    leave(&wang, people[0]);

    // Nobody is registered there any more: paused or closed, the home itself is settled too.
    let empty = home(&wang, unit).empty.expect("the word stands");
    assert_eq!((empty.people.len(), empty.may.clone()), (0, vec![UnitStatus::Paused, UnitStatus::Closed]));
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Paused, reason: Some(UnitCloseReason::Stopped) });
    assert_eq!(home(&wang, unit).empty, None);
    wang.sync();
    li.sync();
    assert_eq!(empty_rows(&li), 0);
    let fresh = world.phone_of("li");
    fresh.sync();
    assert_eq!((empty_rows(&fresh), home(&fresh, unit).empty), (0, None), "a phone that loads everything anew says the same");
    wang.expect_same();
    li.expect_same();
}

#[test]
fn seen_again_registered_since_or_taken_back_nobody_is_asked_about() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (unit, people) = registered(&world, &wang, "12号", &["张伟"]);
    finish(&wang, unit, VisitResult::Renovating);
    wang.register(unit, "李娜", &world.document());
    assert_eq!(home(&wang, unit).empty.map(|empty| empty.people.len()), Some(1), "who was registered since is not asked about");
    wang.sync();
    let fresh = world.phone_of("wang");
    fresh.sync();
    assert_eq!(empty_rows(&fresh), 1, "lists made at once ask the same");
    world.time.pass_ms(3_600_000);
    wang.ask(NoteVisit { unit, step: Step::Answer { person: people[0], result: Some(VisitPersonResult::Here) } });
    finish(&wang, unit, VisitResult::Done);
    assert_eq!((empty_rows(&wang), home(&wang, unit).empty), (0, None));

    let (wrong, _) = registered(&world, &wang, "14号", &["王强"]);
    let mistake = finish(&wang, wrong, VisitResult::OwnerLives);
    assert_eq!(empty_rows(&wang), 1);
    wang.ask(TakeBack { id: mistake.row.id, note: "走错门了".into() });
    assert_eq!((empty_rows(&wang), home(&wang, wrong).empty), (0, None));
}

#[test]
fn an_address_that_was_not_found_stands_until_it_is_mended() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (unit, _) = registered(&world, &wang, "99号", &[]);
    let seen = finish(&wang, unit, VisitResult::NoAddress);
    let empty = seen.empty.expect("what follows");
    assert!(empty.wrong_address && empty.people.is_empty());
    assert_eq!(empty_rows(&wang), 1);
    wang.sync();
    let fresh = world.phone_of("wang");
    fresh.sync();
    assert_eq!(empty_rows(&fresh), 1);
    let mut form = home(&wang, unit).form;
    form.address.plate_no = "9号".into();
    wang.ask(SaveUnit { id: Some(unit), form, draft: None });
    assert_eq!(empty_rows(&wang), 0);
    wang.sync();
    fresh.sync();
    assert_eq!(empty_rows(&fresh), 0);

    // Or the home is closed: then nobody looks for it any more.
    let (gone, _) = registered(&world, &wang, "98号", &[]);
    finish(&wang, gone, VisitResult::NoAddress);
    wang.ask(SetUnitState { id: gone, state: UnitStatus::Closed, reason: Some(UnitCloseReason::Demolished) });
    assert_eq!((empty_rows(&wang), home(&wang, gone).empty), (0, None));
}
