//! What a door leaves to be done: a change to write down, a day on which somebody comes again, two visitors who contradict each other,
//! and a form that was left half done. All of it computed, and gone when it is done.

use domain::codes::{IntendedStay, NextSlot, Relation, UnitStatus, VisitPersonResult, VisitResult};
use domain::permit::{ApplyForm, Ground, Material, PermitKind};
use domain::residency::MoveForm;
use domain::{RecordId, day};
use serde_json::json;
use ui_protocol::ErrorCode;
use ui_protocol::attention::{Attention, WeighWords};
use ui_protocol::lookups::{KeepDraft, OpenFormKind, OpenForms};
use ui_protocol::people::{ChangeResident, ExtendStay, MoveResident};
use ui_protocol::permits::ApplyPermit;
use ui_protocol::safety::{CheckForm, SaveCheck};
use ui_protocol::today::{Today, TodayFilter, TodayItem, TodayKind};
use ui_protocol::units::{SetUnitState, Unit};
use ui_protocol::visits::{CorrectAnswer, FinishVisit, FollowUp, NoteVisit, PastVisit, PastVisits, Step, Visit};
use ui_protocol::withdrawals::TakeBack;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

use VisitPersonResult::{Here, HereChanged, Left, MovedInBuilding};

use crate::permits;

const PHONE: &str = "13905700099";
const HOUR_MS: i64 = 3_600_000;

fn rows_under(actor: &Actor, kind: TodayKind, filter: TodayFilter) -> Vec<TodayItem> {
    let groups = actor.ask(Today { filter, kind: Some(kind) }).groups;
    groups.into_iter().flat_map(|group| group.items).collect()
}

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    rows_under(actor, kind, TodayFilter::default())
}

fn on(world: &World, days: i64) -> String {
    day::day_of(world.time.now() + days * day::DAY_MS).to_string()
}

/// A visit at which one person is answered about.
fn visited(actor: &Actor, unit: RecordId, person: RecordId, result: VisitPersonResult) -> RecordId {
    actor.ask(NoteVisit { unit, step: Step::Answer { person, result: Some(result) } });
    actor.ask(FinishVisit { unit, result: VisitResult::Done, next: NextSlot::None, note: String::new() }).visit
}

fn asks(actor: &Actor, visit: RecordId) -> Option<FollowUp> {
    actor.ask(PastVisit { visit }).people[0].next
}

/// 王敏's home with one tenant, seen and sent.
struct Door {
    world: World,
    wang: Actor,
    li: Actor,
    unit: RecordId,
    person: RecordId,
    residency: RecordId,
}

fn door() -> Door {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", PHONE, "101,102");
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Registered, reason: None });
    let saved = wang.register(unit, "张伟", &world.document());
    wang.sync();
    li.sync();
    world.time.pass_days(1);
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    Door { world, wang, li, unit, person, residency }
}

/// §8.1 ACTIVE ⇄ CHANGE_PENDING: with its ten days, for both coordinators and a phone that loads everything afresh, until it is written.
#[test]
fn what_changed_is_on_today_until_it_is_written_down() {
    let Door { world, wang, li, unit, person, .. } = door();
    wang.online(false);
    let visit = visited(&wang, unit, person, HereChanged);
    let found = rows(&wang, TodayKind::ChangePending);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].record, found[0].title.as_str(), found[0].detail.as_str()), (Some(person), "张伟", "HERE_CHANGED"));
    assert_eq!(found[0].due.as_ref().map(|due| due.on.clone()), Some(on(&world, 10)), "ten days from the day it was found");
    assert_eq!(asks(&wang, visit), Some(FollowUp::Change));
    let pending = |actor: &Actor| actor.person(person).residencies[0].presence.pending.len();
    assert_eq!(pending(&wang), 1, "and their page says so");
    assert_eq!(
        wang.ask(Visit { unit }).rooms.iter().flat_map(|room| &room.people).next().map(|who| who.presence.pending.len()),
        Some(1)
    );
    wang.online(true);
    wang.sync();
    li.sync();
    let second = world.phone_of("li");
    second.sync();
    for phone in [&li, &second] {
        assert_eq!(rows(phone, TodayKind::ChangePending).len(), 1);
    }
    // Seen again tells nothing of what changed; and the days run.
    world.time.pass_days(20);
    visited(&li, unit, person, Here);
    let late = rows_under(&li, TodayKind::ChangePending, TodayFilter { overdue: true, ..TodayFilter::default() });
    assert_eq!(late.len(), 1, "late");

    let mut form = li.person(person).form;
    form.phone = "13905700222".to_owned();
    li.ask(ChangeResident { person, form, draft: None });
    assert_eq!((rows(&li, TodayKind::ChangePending), asks(&li, visit), pending(&li)), (vec![], None, 0));
    li.sync();
    wang.sync();
    second.sync();
    for phone in [&wang, &second] {
        assert_eq!((rows(phone, TodayKind::ChangePending), asks(phone, visit)), (vec![], None));
        assert_eq!(phone.ask(Attention {}).refused, []);
        phone.expect_same();
    }
    // A second time it asks again.
    world.time.pass_days(1);
    visited(&wang, unit, person, HereChanged);
    assert_eq!(rows(&wang, TodayKind::ChangePending).len(), 1);
}

/// Another room of the same home: the move is one inside it, and the visit's page asks no more.
#[test]
fn another_room_of_the_house_asks_for_a_move_until_it_is_made() {
    let Door { world, wang, li, unit, person, residency } = door();
    let visit = visited(&wang, unit, person, MovedInBuilding);
    let found = rows(&wang, TodayKind::ChangePending);
    assert_eq!(found.iter().map(|row| row.detail.as_str()).collect::<Vec<_>>(), ["MOVED_IN_BUILDING"]);
    assert_eq!(asks(&wang, visit), Some(FollowUp::Move));
    // A stay that goes on longer is no other room.
    world.time.pass_ms(HOUR_MS);
    wang.ask(ExtendStay { residency, intended: IntendedStay::TwoYears });
    assert_eq!(rows(&wang, TodayKind::ChangePending).len(), 1);
    let rooms: Vec<RecordId> = wang.ask(Unit { id: unit }).rooms.iter().filter_map(|room| room.id).collect();
    let form = MoveForm {
        unit: Some(unit),
        room: Some(rooms[1]),
        on: on(&world, 0),
        relation: Some(Relation::Lessee),
        ..MoveForm::default()
    };
    wang.ask(MoveResident { residency, form });
    assert_eq!((rows(&wang, TodayKind::ChangePending), asks(&wang, visit)), (vec![], None), "moved inside the home");
    wang.sync();
    li.sync();
    assert_eq!((rows(&li, TodayKind::ChangePending), asks(&li, visit)), (vec![], None));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn a_slip_a_wrong_door_and_somebody_who_left_have_nothing_to_change() {
    let Door { world, wang, unit, person, .. } = door();
    let slip = visited(&wang, unit, person, HereChanged);
    let fact = wang.ask(PastVisit { visit: slip }).people[0].fact;
    wang.ask(CorrectAnswer { fact, result: Here });
    assert_eq!((rows(&wang, TodayKind::ChangePending), asks(&wang, slip)), (vec![], None), "a slip");
    world.time.pass_ms(HOUR_MS);
    let wrong = visited(&wang, unit, person, HereChanged);
    assert_eq!(rows(&wang, TodayKind::ChangePending).len(), 1);
    wang.ask(TakeBack { id: wrong, note: String::new() });
    assert_eq!(rows(&wang, TodayKind::ChangePending), [], "the wrong door");
    world.time.pass_days(1);
    visited(&wang, unit, person, HereChanged);
    world.time.pass_days(1);
    let left = visited(&wang, unit, person, Left);
    assert_eq!((rows(&wang, TodayKind::ChangePending), rows(&wang, TodayKind::SuspectedLeft).len()), (vec![], 1));
    assert_eq!(asks(&wang, left), Some(FollowUp::End));
    world.time.pass_days(1);
    visited(&wang, unit, person, Here);
    assert_eq!(asks(&wang, left), None, "seen again, that answer asks for nothing");
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    wang.expect_same();
}

fn finish(actor: &Actor, unit: RecordId, result: VisitResult, next: NextSlot) -> RecordId {
    actor.ask(FinishVisit { unit, result, next, note: String::new() }).visit
}

/// Said on Monday evening: on Tuesday it stands there, whether the home is due or not, until somebody was there.
#[test]
fn a_day_that_was_agreed_stands_on_today_until_somebody_was_there() {
    let Door { world, wang, li, unit, .. } = door();
    // A Tuesday: 24 November 2026.
    assert_eq!(on(&world, 0), "2026-11-24");
    let soon = TodayFilter { soon: true, ..TodayFilter::default() };
    let evening = TodayFilter { evening: true, ..TodayFilter::default() };
    finish(&wang, unit, VisitResult::Refused, NextSlot::TomorrowEvening);
    let next = wang.ask(PastVisits { unit }).next.expect("who refuses may be asked when to come again");
    assert_eq!((next.on.as_str(), next.evening), ("2026-11-25", true));
    assert_eq!(rows(&wang, TodayKind::Appointment), [], "not before its day");
    assert_eq!(rows_under(&wang, TodayKind::Appointment, soon).len(), 1, "but it is soon");
    wang.sync();
    li.sync();
    world.time.pass_days(1);
    for phone in [&wang, &li] {
        let agreed = rows(phone, TodayKind::Appointment);
        assert_eq!(
            agreed.iter().map(|row| (row.record, row.next.clone())).collect::<Vec<_>>(),
            [(Some(unit), Some(next.clone()))]
        );
        assert_eq!(rows_under(phone, TodayKind::Appointment, evening).len(), 1);
        assert_eq!(rows(phone, TodayKind::HomeDue), [], "it is not due for four months");
    }
    // Not kept, it is late; kept by whoever goes, it is gone.
    world.time.pass_days(2);
    let overdue = TodayFilter { overdue: true, ..TodayFilter::default() };
    assert_eq!(rows_under(&wang, TodayKind::Appointment, overdue).len(), 1);
    finish(&li, unit, VisitResult::Done, NextSlot::TomorrowEvening);
    li.sync();
    wang.sync();
    for phone in [&wang, &li, &world.phone_of("wang")] {
        phone.sync();
        assert_eq!(rows(phone, TodayKind::Appointment), [], "somebody was there, and needs no other day");
        assert_eq!(rows_under(phone, TodayKind::Appointment, soon), []);
        phone.expect_same();
    }
}

#[test]
fn the_weekend_is_no_row_of_the_week_and_a_due_home_waits_for_its_day() {
    let Door { world, wang, unit, .. } = door();
    world.time.pass_days(119);
    assert_eq!(on(&world, 0), "2027-03-23", "a Tuesday");
    assert_eq!(rows(&wang, TodayKind::HomeDue).len(), 1, "due today");
    finish(&wang, unit, VisitResult::NoAnswer, NextSlot::Weekend);
    let seen = |days: i64| {
        world.time.pass_days(days);
        (rows(&wang, TodayKind::HomeDue).len(), rows(&wang, TodayKind::Appointment).len())
    };
    assert_eq!(seen(0), (0, 0), "it waits for Saturday");
    assert_eq!(rows_under(&wang, TodayKind::Appointment, TodayFilter { soon: true, ..TodayFilter::default() }), []);
    assert_eq!(seen(3), (0, 0));
    let soon = rows_under(&wang, TodayKind::Appointment, TodayFilter { soon: true, ..TodayFilter::default() });
    assert_eq!(soon.len(), 1, "on Friday it is soon");
    assert_eq!(seen(1), (0, 1), "on Saturday it stands there, once");
    assert!(rows(&wang, TodayKind::Appointment)[0].home.is_some(), "and says that its cycle has run too");
    // Nobody opens again, and nothing is agreed: it is due as before.
    finish(&wang, unit, VisitResult::NoAnswer, NextSlot::None);
    assert_eq!(seen(0), (1, 0));
    // Agreed and not kept.
    finish(&wang, unit, VisitResult::NoAnswer, NextSlot::Weekend);
    assert_eq!(seen(5), (0, 1), "late since Sunday");
    // The second of April is its last day: it does not wait for the third.
    finish(&wang, unit, VisitResult::NoAnswer, NextSlot::Weekend);
    assert_eq!(seen(0), (1, 0));
    assert!(rows(&wang, TodayKind::HomeDue)[0].next.is_some(), "though it says what was agreed");
    // A paused home expects nobody.
    assert_eq!(seen(2), (0, 1));
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Paused, reason: None });
    assert_eq!(seen(0), (0, 0));
}

/// §10.8: LEFT in the morning and HERE in the evening, nobody cancelled. Both coordinators are asked, and one decides for both.
#[test]
fn two_words_of_one_day_reach_somebody_and_are_decided() {
    for later in [Here, Left] {
        let Door { world, wang, li, unit, person, residency } = door();
        let earlier = if later == Here { Left } else { Here };
        visited(&wang, unit, person, earlier);
        world.time.pass_ms(9 * HOUR_MS);
        visited(&li, unit, person, later);
        for phone in [&li, &wang, &li] {
            phone.sync();
        }
        for phone in [&wang, &li] {
            let asked = phone.ask(Attention {}).contradictions;
            assert_eq!(asked.iter().map(|one| (one.earlier.result, one.later.result)).collect::<Vec<_>>(), [(earlier, later)]);
            assert_eq!((asked[0].person, asked[0].name.as_str(), asked[0].unit), (person, "张伟", Some(unit)));
            assert_eq!([asked[0].earlier.by.is_empty(), asked[0].later.by.is_empty()].iter().filter(|own| **own).count(), 1);
            assert_eq!(rows(phone, TodayKind::Contradicted).iter().map(|row| row.record).collect::<Vec<_>>(), [Some(person)]);
            assert_eq!(rows(phone, TodayKind::SuspectedLeft), [], "one row for one question");
            assert_eq!(phone.status().conflicts_open, 1);
        }
        let second = world.phone_of("wang");
        second.sync();
        assert_eq!(rows(&second, TodayKind::Contradicted).len(), 1, "made from nothing, too");

        let asked = wang.ask(Attention {}).contradictions.remove(0);
        let weigh = WeighWords { residency, earlier: asked.earlier.fact, later: asked.later.fact };
        let turned = WeighWords { residency, earlier: asked.later.fact, later: asked.earlier.fact };
        assert_eq!(wang.try_ask(turned).map(|_| ()).map_err(|error| error.code), Err(ErrorCode::Stale), "not what was asked");
        assert_eq!(wang.ask(weigh.clone()).contradictions, []);
        assert_eq!(wang.try_ask(weigh).map(|_| ()).map_err(|error| error.code), Err(ErrorCode::Stale), "decided");
        wang.sync();
        li.sync();
        for phone in [&wang, &li] {
            assert_eq!((rows(phone, TodayKind::Contradicted), phone.status().conflicts_open), (vec![], 0));
            // The later counts: seen, or said to be gone, which goes its own way.
            assert_eq!(rows(phone, TodayKind::SuspectedLeft).len(), usize::from(later == Left));
            assert_eq!(phone.ask(Attention {}).refused, []);
            phone.expect_same();
        }
        // Another word of that day is another question.
        world.time.pass_ms(HOUR_MS);
        visited(&wang, unit, person, earlier);
        assert_eq!(rows(&wang, TodayKind::Contradicted).len(), 1);
        world.time.pass_days(1);
        visited(&li, unit, person, Here);
        li.sync();
        wang.sync();
        assert_eq!(rows(&wang, TodayKind::Contradicted), [], "seen the next day, it is settled");
    }
}

/// One visitor who comes twice knows both, and a slip that is corrected was never said.
#[test]
fn nobody_is_asked_about_ones_own_two_words_or_a_slip() {
    let Door { world, wang, li, unit, person, .. } = door();
    visited(&wang, unit, person, Left);
    world.time.pass_ms(9 * HOUR_MS);
    visited(&wang, unit, person, Here);
    assert_eq!(rows(&wang, TodayKind::Contradicted), []);
    world.time.pass_days(1);
    let slip = visited(&wang, unit, person, Left);
    wang.sync();
    li.sync();
    world.time.pass_ms(HOUR_MS);
    visited(&li, unit, person, Here);
    assert_eq!(rows(&li, TodayKind::Contradicted).len(), 1);
    let fact = wang.ask(PastVisit { visit: slip }).people[0].fact;
    wang.ask(CorrectAnswer { fact, result: Here });
    wang.sync();
    li.sync();
    assert_eq!(rows(&li, TodayKind::Contradicted), []);
    li.expect_same();
}

/// A check, a letter and an application that were left; typed and taken back, saved, or not possible any more, they are not.
#[test]
fn a_form_left_half_done_is_gone_on_with() {
    let (world, wang, person) = permits::someone();
    permits::go_to(&world, "2027-05-24");
    let unit = wang.person(person).residencies[0].stays[0].unit;
    let keep = |key: String, form: serde_json::Value, base: serde_json::Value| {
        world.time.pass_ms(1_000);
        wang.ask(KeepDraft { key, form: json!({ "form": form, "base": base }) });
    };
    let open = || wang.ask(OpenForms {}).rows.iter().map(|row| (row.kind, row.of)).collect::<Vec<_>>();
    assert_eq!(open(), []);
    keep(format!("check:{unit}"), json!({"note": "走道堵了"}), json!({"note": ""}));
    keep(format!("letter:{unit}"), json!({"signer": "陈"}), json!({"signer": ""}));
    keep(format!("permit:{person}"), json!({"given": ["PHOTO"]}), json!({"given": []}));
    assert_eq!(
        open(),
        [(OpenFormKind::Permit, person), (OpenFormKind::Letter, unit), (OpenFormKind::Check, unit)],
        "the last one first"
    );
    let titles: Vec<String> = wang.ask(OpenForms {}).rows.into_iter().map(|row| row.title).collect();
    assert!(titles.iter().all(|title| !title.is_empty()), "{titles:?}");
    keep(format!("letter:{unit}"), json!({"signer": ""}), json!({"signer": ""}));
    assert_eq!(open(), [(OpenFormKind::Permit, person), (OpenFormKind::Check, unit)], "nothing is typed in it any more");
    let mut form = wang.ask(CheckForm { unit }).form;
    form.answers.insert("XF01".to_owned(), domain::checklist::Answer::Pass);
    wang.ask(SaveCheck { unit, form, draft: Some(format!("check:{unit}")) });
    assert_eq!(open(), [(OpenFormKind::Permit, person)], "saved");
    // Asked for from another form meanwhile: there is nothing to ask for.
    let form =
        ApplyForm { kind: PermitKind::Residence, ground: Some(Ground::Job), months: None, given: vec![Material::Identity] };
    wang.ask(ApplyPermit { person, form, draft: None });
    assert_eq!(open(), []);
}
