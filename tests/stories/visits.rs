//! At the door: a roster tapped through offline, what it says about who still lives there, and what two visitors say on one day.

use domain::access::Role;
use domain::codes::{CancelReason, NextSlot, ReportKind, UnitStatus, VisitPersonResult, VisitResult};
use domain::form::{FieldProblem, Problem};
use domain::presence::Doubt;
use domain::report::ReportForm;
use domain::residency::CancelForm;
use domain::{RecordId, day};
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::people::{CancelResidency, SavedResident, Standing, UndoMistake};
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::{SaveUnit, SetUnitState, Unit};
use ui_protocol::visits::{
    CorrectAnswer, DropVisit, FinishVisit, FinishedVisit, FollowUp, HomeNow, NoteVisit, Noted, OpenVisits, PastVisit,
    PastVisitView, PastVisits, RosterPerson, Step, Visit,
};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

use VisitPersonResult::{Here, HereChanged, Left, NotExist, NotMet};

const HOUR_MS: i64 = 3_600_000;

fn id(saved: &SavedResident) -> RecordId {
    saved.person.expect("a person")
}

fn tap(actor: &Actor, unit: RecordId, person: RecordId, result: VisitPersonResult) -> Noted {
    actor.ask(NoteVisit { unit, step: Step::Answer { person, result: Some(result) } })
}

fn step(actor: &Actor, unit: RecordId, step: Step) -> Noted {
    actor.ask(NoteVisit { unit, step })
}

fn finishing(unit: RecordId, result: VisitResult) -> FinishVisit {
    FinishVisit { unit, result, next: NextSlot::None, note: String::new() }
}

fn finish(actor: &Actor, unit: RecordId, result: VisitResult) -> FinishedVisit {
    actor.ask(finishing(unit, result))
}

fn past(actor: &Actor, visit: RecordId) -> PastVisitView {
    actor.ask(PastVisit { visit })
}

fn doubts(actor: &Actor, person: RecordId) -> Vec<Doubt> {
    actor.person(person).residencies[0].presence.doubts.clone()
}

fn suspected(actor: &Actor) -> Vec<TodayItem> {
    let groups = actor.ask(Today::default()).groups;
    groups.into_iter().flat_map(|group| group.items).filter(|item| item.kind == TodayKind::SuspectedLeft).collect()
}

fn roster(actor: &Actor, unit: RecordId) -> Vec<RosterPerson> {
    actor.ask(Visit { unit }).rooms.into_iter().flat_map(|room| room.people).collect()
}

fn nothing_refused(actor: &Actor) {
    assert_eq!(actor.ask(Attention {}).refused, []);
}

/// Four people, one thumb, no network; the evening's sync, and the colleague sees the same.
#[test]
fn a_roster_is_tapped_through_offline_and_told_in_the_evening() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "101,102");
    let people: Vec<RecordId> =
        ["张伟", "刘洋", "王强", "李娜"].iter().map(|name| id(&wang.register(unit, name, &world.document()))).collect();
    wang.sync();
    li.sync();
    world.time.pass_days(3);
    wang.online(false);
    assert_eq!(wang.ask(Visit { unit }).noted, Noted::default(), "looking begins nothing");
    assert_eq!(wang.ask(OpenVisits {}).rows, []);

    tap(&wang, unit, people[0], Here);
    tap(&wang, unit, people[1], HereChanged);
    let noted = tap(&wang, unit, people[2], Left);
    assert_eq!((noted.answers.len(), noted.can_undo), (3, true));
    // 王强 was meant to be here: two touches back, and everybody else is.
    assert_eq!(step(&wang, unit, Step::Undo).answers.len(), 2);
    assert_eq!(step(&wang, unit, Step::Undo).answers.len(), 1);
    tap(&wang, unit, people[1], HereChanged);
    assert_eq!(step(&wang, unit, Step::AllHere).answers.len(), 4);
    assert_eq!(step(&wang, unit, Step::Undo).answers.len(), 2, "all here is one touch");
    step(&wang, unit, Step::AllHere);
    tap(&wang, unit, people[3], NotExist);
    step(&wang, unit, Step::NoticeShown { version: "notice-1".into() });

    let against = wang.try_ask(finishing(unit, VisitResult::Vacant)).expect_err("they were seen");
    assert_eq!(against.problems, [FieldProblem::stop("result", Problem::AgainstAnswers)]);
    let before = wang.status().waiting;
    let done = finish(&wang, unit, VisitResult::Done);
    assert_eq!(wang.status().waiting - before, 5, "one save: a visit and four answers");
    assert_eq!(wang.ask(OpenVisits {}).rows, [], "its draft is gone");
    let seen = past(&wang, done.visit);
    assert_eq!((seen.row.result, seen.notice.as_str(), seen.row.by.as_str()), (VisitResult::Done, "notice-1", ""));
    let asks: Vec<_> = people.iter().map(|person| next_of(&seen, *person)).collect();
    assert_eq!(asks, [None, Some(FollowUp::Change), None, Some(FollowUp::End)]);
    assert_eq!(doubts(&wang, people[3]).len(), 1);
    assert_eq!(wang.person(people[3]).residencies[0].standing, Standing::Active, "a visit ends no registration");
    assert_eq!(suspected(&wang).iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["李娜"]);

    wang.online(true);
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    let theirs = past(&li, done.visit);
    assert_eq!((theirs.row.counts.clone(), theirs.people.len()), (seen.row.counts.clone(), 4));
    assert!(!theirs.row.by.is_empty(), "somebody else's visit says whose it is");
    assert_eq!(doubts(&li, people[3]), doubts(&wang, people[3]));
    assert_eq!(suspected(&li).len(), 1);
    wang.expect_same();
    li.expect_same();
}

fn next_of(view: &PastVisitView, person: RecordId) -> Option<FollowUp> {
    view.people.iter().find(|found| found.person == person).expect("an answer").next
}

#[test]
fn not_met_twice_is_suspected_and_seen_again_is_present() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let person = id(&wang.register(unit, "张伟", &world.document()));
    for (days, expected) in [(1, 0), (1, 1)] {
        world.time.pass_days(days);
        wang.ask(FinishVisit { next: NextSlot::TomorrowEvening, ..finishing(unit, VisitResult::NoAnswer) });
        assert_eq!(doubts(&wang, person).len(), expected);
    }
    assert!(matches!(doubts(&wang, person)[..], [Doubt::NotMet { times: 2, .. }]), "{:?}", doubts(&wang, person));
    assert_eq!(suspected(&wang).len(), 1);
    assert!(roster(&wang, unit)[0].presence.is_suspected_left(), "the roster says so at the door");
    let visits = wang.ask(PastVisits { unit });
    let tomorrow = day::day_of(world.time.now() + day::DAY_MS).to_string();
    assert_eq!(visits.next.map(|next| (next.on, next.evening)), Some((tomorrow, true)));
    assert_eq!(visits.rows[0].counts, [(NotMet, 1)]);

    world.time.pass_days(1);
    tap(&wang, unit, person, Here);
    finish(&wang, unit, VisitResult::Done);
    assert_eq!((doubts(&wang, person).len(), suspected(&wang).len()), (0, 0));
    assert_eq!(wang.ask(PastVisits { unit }).next, None, "who was met needs no appointment");
    wang.sync();
    nothing_refused(&wang);
    // A phone that loads everything afresh says the same.
    let second = world.phone_of("wang");
    second.sync();
    assert_eq!(suspected(&second).len(), 0);
    world.time.pass_days(1);
    tap(&second, unit, person, Left);
    finish(&second, unit, VisitResult::Done);
    second.sync();
    let third = world.phone_of("wang");
    third.sync();
    assert_eq!(suspected(&third).len(), 1, "lists made at once hold whoever may have left");
}

/// A wrong answer is not changed: another fact stands in its place.
#[test]
fn a_wrong_answer_is_corrected_by_another_fact() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let person = id(&wang.register(unit, "张伟", &world.document()));
    world.time.pass_days(1);
    tap(&wang, unit, person, Left);
    let done = finish(&wang, unit, VisitResult::Done);
    wang.sync();
    li.sync();
    assert_eq!(suspected(&li).len(), 1);
    let wrong = past(&wang, done.visit).people[0].fact;
    let right = wang.ask(CorrectAnswer { fact: wrong, result: Here });
    assert_eq!(right.people.iter().map(|found| (found.result, found.corrected)).collect::<Vec<_>>(), [(Here, true)]);
    assert_eq!(right.row.counts, [(Here, 1)]);
    let stale = wang.try_ask(CorrectAnswer { fact: wrong, result: NotMet }).expect_err("it was corrected");
    assert_eq!(stale.code, ErrorCode::Stale);
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    assert_eq!((suspected(&li).len(), doubts(&li, person).len()), (0, 0));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn an_interrupted_visit_goes_on_after_the_battery_died() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let people: Vec<RecordId> = ["张伟", "刘洋"].iter().map(|name| id(&wang.register(unit, name, &world.document()))).collect();
    world.time.pass_days(1);
    tap(&wang, unit, people[0], Here);
    wang.restart();
    let rows = wang.ask(OpenVisits {}).rows;
    assert_eq!((rows.len(), rows[0].unit, rows[0].answered, rows[0].people), (1, unit, 1, 2));
    assert_eq!(wang.ask(Visit { unit }).noted.answers, [(people[0], Here)]);
    // The next morning the phone's clock stands in the year before: times stay as read, and say that they are in doubt.
    wang.clock_wrong_by_ms(-400 * day::DAY_MS);
    tap(&wang, unit, people[1], Here);
    let done = finish(&wang, unit, VisitResult::Done);
    assert!(past(&wang, done.visit).row.clock_suspect);
    wang.clock_wrong_by_ms(0);
    wang.sync();
    nothing_refused(&wang);
    wang.expect_same();
    tap(&wang, unit, people[0], Here);
    assert_eq!(wang.ask(DropVisit { unit }).rows, [], "given up, nothing is told");
    assert_eq!(wang.status().waiting, 0);
}

/// The home is closed, then taken back by its own maker, while somebody stands at its door.
#[test]
fn a_home_that_is_closed_or_taken_back_meanwhile_loses_nothing() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let closed = wang.home(DONG, "12号", "13905700099", "");
    let mistake = wang.home(DONG, "14号", "13905700098", "");
    wang.sync();
    li.sync();
    for unit in [closed, mistake] {
        step(&li, unit, Step::NoticeShown { version: "notice-1".into() });
    }
    let state = domain::codes::UnitStatus::Closed;
    wang.ask(SetUnitState { id: closed, state, reason: Some(domain::codes::UnitCloseReason::Other) });
    wang.ask(UndoMistake { record: mistake });
    wang.sync();
    li.sync();
    assert_eq!(li.ask(Visit { unit: closed }).home, HomeNow::Known(state));
    assert_eq!(li.ask(Visit { unit: mistake }).home, HomeNow::TakenBack);
    finish(&li, closed, VisitResult::Vacant);
    finish(&li, mistake, VisitResult::Vacant);
    li.sync();
    nothing_refused(&li);
    wang.sync();
    assert_eq!(wang.ask(PastVisits { unit: closed }).rows.len(), 1);
    assert_eq!(wang.ask(PastVisits { unit: mistake }).rows.len(), 1, "what was seen brings the home back");
    assert!(wang.ask(Attention {}).conflicts.len() + li.ask(Attention {}).conflicts.len() > 0, "and people are asked");
    wang.expect_same();
    li.expect_same();
}

/// The station puts the home into the next village while somebody stands at its door: what was seen arrives there.
#[test]
fn a_home_another_village_took_over_in_the_middle_is_finished_all_the_same() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let (wang, li, zhou) = (world.coordinator("wang", DONG), world.coordinator("li", XI), world.phone_of("zhou"));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let person = id(&wang.register(unit, "张伟", &world.document()));
    wang.sync();
    zhou.sync();
    world.time.pass_ms(3_600_000);
    tap(&wang, unit, person, VisitPersonResult::Here);
    let mut form = zhou.ask(Unit { id: unit }).form;
    form.address.area = XI.to_owned();
    zhou.ask(SaveUnit { id: Some(unit), form, draft: None });
    zhou.sync();
    wang.sync();
    assert_eq!(wang.ask(Visit { unit }).home, HomeNow::Gone);
    let more = NoteVisit { unit, step: Step::Undo };
    assert_eq!(wang.try_ask(more).expect_err("nothing more is tapped").code, ErrorCode::NotFound);
    let visit = finish(&wang, unit, VisitResult::Done).visit;
    assert_eq!(wang.ask(OpenVisits {}).rows, []);
    wang.sync();
    nothing_refused(&wang);
    assert_eq!(wang.try_ask(PastVisit { visit }).expect_err("it is not hers to read").code, ErrorCode::NotFound);
    li.sync();
    let seen = past(&li, visit);
    assert_eq!((seen.row.result, seen.people.len(), seen.people[0].name.as_str()), (VisitResult::Done, 1, "张伟"));
    wang.expect_same();
    li.expect_same();
    // Not begun while it was hers, it is not hers to visit.
    assert_eq!(wang.try_ask(finishing(unit, VisitResult::Done)).expect_err("no draft").code, ErrorCode::NotFound);
}

/// Somebody is cancelled at the station and somebody registered next door while the visit goes on.
#[test]
fn people_who_come_and_go_during_a_visit_are_not_lost() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let saved = wang.register(unit, "张伟", &world.document());
    let (person, residency) = (id(&saved), saved.residency.expect("a registration"));
    let other = id(&wang.register(unit, "刘洋", &world.document()));
    wang.sync();
    li.sync();
    world.time.pass_days(1);
    tap(&wang, unit, person, Here);
    let today = day::day_of(world.time.now()).to_string();
    let form = CancelForm { reason: Some(CancelReason::Left), left_on: today, note: "电话里说走了".into() };
    li.ask(CancelResidency { residency, form });
    li.sync();
    wang.sync();
    let listed = roster(&wang, unit);
    let gone = listed.iter().find(|who| who.person == person).expect("who was answered about stays in sight");
    assert!(gone.no_longer_here);
    // Somebody new at this very door: registered in the middle of the visit, and not asked about twice.
    let new = id(&wang.register(unit, "王强", &world.document()));
    assert!(roster(&wang, unit).iter().any(|who| who.person == new && who.just_registered));
    assert_eq!(step(&wang, unit, Step::AllHere).answers.len(), 2, "{person} and {other}, not {new}");
    finish(&wang, unit, VisitResult::Done);
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    wang.sync();
    // He was seen before anybody here heard of the cancellation: it does not stand, and both are asked.
    assert_eq!(wang.person(person).residencies[0].standing, Standing::Active);
    assert_eq!((wang.ask(Attention {}).conflicts.len(), li.ask(Attention {}).conflicts.len()), (1, 1));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn two_visitors_one_afternoon_are_both_kept() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let person = id(&wang.register(unit, "张伟", &world.document()));
    wang.sync();
    li.sync();
    world.time.pass_days(1);
    tap(&wang, unit, person, Here);
    finish(&wang, unit, VisitResult::Done);
    world.time.pass_ms(2 * HOUR_MS);
    finish(&li, unit, VisitResult::NoAnswer);
    li.sync();
    wang.sync();
    li.sync();
    // 王 registered somebody there, and that was no visit.
    for (phone, own) in [(&wang, 1), (&li, 1)] {
        let rows = phone.ask(PastVisits { unit }).rows;
        assert_eq!(rows.iter().map(|row| row.result).collect::<Vec<_>>()[..2], [VisitResult::NoAnswer, VisitResult::Done]);
        assert_eq!(rows.iter().filter(|row| row.by.is_empty()).count(), own);
        assert_eq!(doubts(phone, person), [], "once not met is nothing");
        assert_eq!(phone.ask(Unit { id: unit }).last_visit_unix_ms, Some(rows[0].observed_unix_ms));
        nothing_refused(phone);
        phone.expect_same();
    }
}

#[test]
fn a_landlord_says_that_somebody_moved_out() {
    let world = World::new();
    let (wang, chen) = (world.coordinator("wang", DONG), world.landlord("chen", "13905700099"));
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let number = world.document();
    let person = id(&wang.register(unit, "张伟", &number));
    wang.sync();
    chen.sync();
    world.time.pass_days(2);
    let form = ReportForm {
        kind: ReportKind::MoveOut,
        unit: Some(unit),
        name: "张伟".into(),
        doc_no: number,
        event_on: day::day_of(world.time.now()).to_string(),
        ..ReportForm::default()
    };
    let report = chen.ask(ui_protocol::reports::SaveReport { form, draft: None });
    chen.sync();
    wang.sync();
    assert!(matches!(&doubts(&wang, person)[..], [Doubt::ReportedOut { .. }]), "{:?}", doubts(&wang, person));
    assert_eq!(suspected(&wang).len(), 1);
    wang.ask(ui_protocol::reports::ReturnReport { id: report.id, reason: "人还住在这里".into() });
    assert_eq!((doubts(&wang, person).len(), suspected(&wang).len()), (0, 0));
}

/// The next home of the street that is due; one that was visited today is not.
#[test]
fn next_door_is_where_nobody_was_for_long() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let homes: Vec<RecordId> = ["2号", "4号", "6号"].iter().map(|plate| wang.home(DONG, plate, "13905700099", "")).collect();
    for id in homes.iter().copied() {
        wang.ask(SetUnitState { id, state: UnitStatus::Registered, reason: None });
    }
    let first = finish(&wang, homes[0], VisitResult::Vacant);
    assert_eq!(past(&wang, first.visit).next_door.map(|next| next.unit), Some(homes[1]));
    let second = finish(&wang, homes[1], VisitResult::Vacant);
    assert_eq!(past(&wang, second.visit).next_door.map(|next| next.unit), Some(homes[2]));
    let third = finish(&wang, homes[2], VisitResult::Vacant);
    assert_eq!(past(&wang, third.visit).next_door, None);
    world.time.pass_days(121);
    assert_eq!(past(&wang, third.visit).next_door.map(|next| next.unit), Some(homes[0]), "four months later all are due");
}
