//! Two phones enter one home: merged by a person, read as one everywhere, visited meanwhile, merged both ways at once, taken apart.

use domain::RecordId;
use domain::checklist::{Answer, Item};
use domain::codes::{NextSlot, Relation, UnitCloseReason, UnitStatus, VisitPersonResult, VisitResult};
use domain::inspection::InspectionForm;
use domain::residency::MoveForm;
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::people::{MoveResident, NewResident, Standing};
use ui_protocol::plates::{OpenPlate, PlateAnswer, PlateOf};
use ui_protocol::safety::{CheckForm, Safety, SaveCheck};
use ui_protocol::today::{Today, TodayItem, TodayKind};
use ui_protocol::units::{ListUnits, MergeHomes, PartHomes, SameHome, SameHomes, SetUnitState, Unit, UnitView};
use ui_protocol::visits::{FinishVisit, HomeNow, NoteVisit, PastVisits, Step, Visit};
use ui_protocol::withdrawals::{LetStand, TakeBack};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

fn home(actor: &Actor, id: RecordId) -> UnitView {
    actor.ask(Unit { id })
}

fn people(actor: &Actor, id: RecordId) -> Vec<String> {
    let mut names: Vec<String> = home(actor, id).rooms.into_iter().flat_map(|room| room.people).map(|who| who.name).collect();
    names.sort();
    names
}

fn homes(actor: &Actor, query: &str) -> Vec<RecordId> {
    actor.ask(ListUnits { query: query.to_owned(), ..ListUnits::default() }).rows.into_iter().map(|row| row.id).collect()
}

fn rows(actor: &Actor, kind: TodayKind) -> Vec<TodayItem> {
    let groups = actor.ask(Today::default()).groups;
    groups.into_iter().flat_map(|group| group.items).filter(|item| item.kind == kind).collect()
}

fn nothing_refused(actor: &Actor) {
    assert_eq!(actor.ask(Attention {}).refused, []);
}

fn merge(actor: &Actor, unit: RecordId, into: RecordId) {
    assert_eq!(actor.ask(MergeHomes { unit, into }).id, into);
}

/// Wang and Li each entered the same house, and each registered somebody there.
struct Twice {
    world: World,
    wang: Actor,
    li: Actor,
    /// Wang's entry, with 张伟 in 101.
    a: RecordId,
    /// Li's, with 李娜 in 102.
    b: RecordId,
}

impl Twice {
    fn entered() -> Twice {
        let world = World::new();
        let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
        let a = wang.home(DONG, "12号", "13905700099", "101,102");
        let b = li.home(DONG, "12-1号", "13905700088", "102,103");
        for (actor, unit, name, room) in [(&wang, a, "张伟", 0), (&li, b, "李娜", 0)] {
            actor.ask(SetUnitState { id: unit, state: UnitStatus::Registered, reason: None });
            let mut form = actor.resident_form(unit, name, &world.document());
            form.room = home(actor, unit).rooms[room].id;
            actor.ask(ui_protocol::people::SaveResident { form, although_known: false, returning: None, draft: None });
        }
        let twice = Twice { world, wang, li, a, b };
        twice.sync();
        twice.world.time.pass_days(1);
        twice
    }

    fn sync(&self) {
        for actor in [&self.wang, &self.li, &self.wang] {
            actor.sync();
            nothing_refused(actor);
        }
    }

    /// Both phones, and one that loads everything anew.
    fn phones(&self) -> [&Actor; 2] {
        [&self.wang, &self.li]
    }
}

#[test]
fn two_phones_enter_one_home_and_a_person_makes_them_one() {
    let Twice { world, wang, li, a, b } = &Twice::entered();
    let (a, b) = (*a, *b);
    assert_eq!(wang.ask(SameHomes { unit: b, query: String::new() }).rows.iter().map(|row| row.id).collect::<Vec<_>>(), [a]);
    let both = wang.ask(SameHome { unit: b, into: a });
    assert_eq!((both.goes.people, both.stays.people), (vec!["李娜".to_owned()], vec!["张伟".to_owned()]));
    merge(wang, b, a);
    wang.sync();
    nothing_refused(wang);
    li.sync();
    let fresh = world.phone_of("li");
    fresh.sync();
    for actor in [wang, li, &fresh] {
        assert_eq!(people(actor, a), ["张伟", "李娜"]);
        let shown = home(actor, a);
        assert_eq!(
            shown.rooms.iter().map(|room| (room.label.as_str(), room.people.len())).collect::<Vec<_>>(),
            [("101", 1), ("102", 1), ("103", 0)]
        );
        assert_eq!((shown.merged.len(), shown.tenants.now.len()), (1, 2));
        let gone = home(actor, b);
        assert_eq!((gone.state, gone.merged_into.map(|into| into.unit)), (UnitStatus::Closed, Some(a)));
        assert_eq!(homes(actor, ""), [a], "one home in the list");
        assert_eq!(homes(actor, "12-1号"), [a], "found by what either entry said");
        assert_eq!(actor.ask(ListUnits::default()).rows[0].people, 2);
        let found = actor.find("李娜");
        assert_eq!(found, ["李娜"]);
        let view = actor.person(actor.ask(ui_protocol::people::ListPeople { query: "李娜".into(), after: None }).rows[0].id);
        assert_eq!((view.residencies[0].standing, view.residencies[0].stays[0].unit), (Standing::Active, a));
        assert_eq!(view.residencies[0].stays[0].from, "2026-11-23", "nobody's registration was interrupted");
        let plate = actor.ask(PlateOf { unit: b }).text;
        assert!(
            matches!(actor.ask(OpenPlate { text: plate }), PlateAnswer::Home { unit, .. } if unit == a),
            "its plate opens it"
        );
        actor.expect_same();
    }
    // Whoever is registered from now on is registered in the one, in a room of its own.
    let form = li.ask(NewResident { unit: b }).form;
    assert_eq!(form.unit, Some(a));
    let mut form = li.resident_form(b, "王强", &world.document());
    form.room = home(li, a).rooms[2].id;
    li.ask(ui_protocol::people::SaveResident { form, although_known: false, returning: None, draft: None });
    assert_eq!(home(li, a).rooms[2].people.len(), 1);
    li.sync();
    nothing_refused(li);

    // They were two homes: each has its own again.
    li.ask(PartHomes { unit: b });
    li.sync();
    wang.sync();
    fresh.sync();
    for actor in [wang, li, &fresh] {
        assert_eq!((people(actor, a), people(actor, b)), (vec!["张伟".to_owned(), "王强".to_owned()], vec!["李娜".to_owned()]));
        assert_eq!(home(actor, b).state, UnitStatus::Registered);
        assert_eq!(homes(actor, "").len(), 2);
        assert_eq!(actor.ask(ListUnits { query: "12号".into(), ..ListUnits::default() }).rows[0].people, 2);
        actor.expect_same();
    }
    let stale = li.try_ask(PartHomes { unit: b }).expect_err("they are two");
    assert_eq!(stale.code, ErrorCode::Stale);
}

#[test]
fn a_home_merged_in_the_middle_of_a_visit_loses_nothing() {
    let Twice { wang, li, a, b, .. } = &Twice::entered();
    let (a, b) = (*a, *b);
    let person = li.ask(ui_protocol::people::ListPeople { query: "李娜".into(), after: None }).rows[0].id;
    li.ask(NoteVisit { unit: b, step: Step::Answer { person, result: Some(VisitPersonResult::Left) } });
    merge(wang, b, a);
    wang.sync();
    li.sync();
    let visit = li.ask(Visit { unit: b });
    assert_eq!((visit.home, visit.into.is_empty()), (HomeNow::Merged(a), false), "the page says so, and where it went");
    assert_eq!(visit.noted.answers, [(person, VisitPersonResult::Left)], "what was tapped is kept");
    let other = li.ask(ui_protocol::people::ListPeople { query: "张伟".into(), after: None }).rows[0].id;
    li.ask(NoteVisit { unit: b, step: Step::Answer { person: other, result: Some(VisitPersonResult::Here) } });
    li.ask(FinishVisit { unit: b, result: VisitResult::Done, next: NextSlot::None, note: String::new() });
    li.sync();
    nothing_refused(li);
    wang.sync();
    assert_eq!(wang.ask(PastVisits { unit: a }).rows.len(), 1, "it counts for the home it is part of");
    assert_eq!(rows(wang, TodayKind::SuspectedLeft).len(), 1);
    let due = wang.ask(ListUnits { by_round: true, ..ListUnits::default() }).rows;
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].round.as_ref().map(|round| round.seen_on.as_str()), Some("2026-11-24"));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn who_was_registered_there_by_a_phone_that_had_not_heard_is_shown_and_settled() {
    let Twice { world, wang, li, a, b } = &Twice::entered();
    let (a, b) = (*a, *b);
    merge(wang, b, a);
    wang.sync();
    world.time.pass_ms(60_000);
    let late = li.register(b, "赵敏", &world.document()).person.expect("a person");
    li.sync();
    nothing_refused(li);
    wang.sync();
    for actor in [wang, li] {
        assert_eq!(people(actor, a), ["张伟", "李娜", "赵敏"]);
        let open = rows(actor, TodayKind::MergedStay);
        assert_eq!(open.iter().map(|row| row.record).collect::<Vec<_>>(), [Some(late)]);
    }
    let fresh = world.phone_of("wang");
    fresh.sync();
    assert_eq!(rows(&fresh, TodayKind::MergedStay).len(), 1, "lists made at once say the same");
    let residency = wang.person(late).residencies[0].id;
    let room = home(wang, a).rooms[0].id;
    let form = MoveForm { unit: Some(a), room, on: "2026-11-24".into(), relation: Some(Relation::Friend), lessee: false };
    wang.ask(MoveResident { residency, form });
    assert_eq!(rows(wang, TodayKind::MergedStay).len(), 0);
    wang.sync();
    nothing_refused(wang);
    wang.expect_same();
}

/// Each phone merges the one into the other, neither having heard of the other: the older stands on both, and nobody disappears.
#[test]
fn merged_both_ways_at_once_the_older_one_stands() {
    for wang_first in [true, false] {
        let twice = Twice::entered();
        let (a, b) = (twice.a, twice.b);
        merge(&twice.wang, b, a);
        merge(&twice.li, a, b);
        let order = if wang_first { [&twice.wang, &twice.li] } else { [&twice.li, &twice.wang] };
        for actor in order {
            actor.sync();
        }
        twice.sync();
        let winner = a.min(b);
        let other = a.max(b);
        let fresh = twice.world.phone_of("wang");
        fresh.sync();
        for actor in [&twice.wang, &twice.li, &fresh] {
            assert_eq!(homes(actor, ""), [winner]);
            assert_eq!(
                (home(actor, winner).state, people(actor, winner)),
                (UnitStatus::Registered, vec!["张伟".to_owned(), "李娜".to_owned()])
            );
            assert_eq!(home(actor, other).merged_into.map(|into| into.unit), Some(winner));
            actor.expect_same();
        }
        // Taken apart, neither is part of the other: the circle is gone.
        twice.wang.ask(PartHomes { unit: other });
        twice.sync();
        fresh.sync();
        for actor in twice.phones().into_iter().chain([&fresh]) {
            assert_eq!(homes(actor, "").len(), 2);
            for unit in [a, b] {
                assert_eq!((home(actor, unit).state, people(actor, unit).len()), (UnitStatus::Registered, 1));
            }
        }
    }
}

#[test]
fn hazards_of_either_entry_are_the_homes_and_a_check_of_the_one_closes_them() {
    let Twice { wang, li, a, b, .. } = &Twice::entered();
    let (a, b) = (*a, *b);
    let mut form: InspectionForm = li.ask(CheckForm { unit: b }).form;
    let item = domain::checklist::Item::ALL[0];
    form.answers.insert(item.code().to_owned(), domain::checklist::Answer::Fail);
    li.ask(SaveCheck { unit: b, form, draft: None });
    li.sync();
    nothing_refused(li);
    wang.sync();
    merge(wang, b, a);
    let safety = wang.ask(Safety { unit: a });
    assert_eq!((safety.hazards.len(), safety.checks.len()), (1, 1));
    let mut form = wang.ask(CheckForm { unit: a }).form;
    form.answers.insert(item.code().to_owned(), domain::checklist::Answer::Pass);
    let saved = wang.ask(SaveCheck { unit: a, form, draft: None });
    assert_eq!(saved.closed.len(), 1);
    wang.sync();
    nothing_refused(wang);
    li.sync();
    assert!(li.ask(Safety { unit: a }).hazards.iter().all(|hazard| !hazard.state.is_open()));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn homes_of_two_villages_or_closed_ones_are_not_merged_and_another_decision_meanwhile_is_asked_about() {
    let Twice { world, wang, li, a, b } = &Twice::entered();
    let (a, b) = (*a, *b);
    world.account("both", domain::access::Role::Coordinator, &[DONG, XI], "");
    let sun = world.phone_of("both");
    sun.sync();
    let far = sun.home(XI, "12号", "13905700077", "");
    let error = sun.try_ask(MergeHomes { unit: far, into: a }).expect_err("another village");
    assert_eq!(error.code, ErrorCode::Form);
    assert_eq!(sun.try_ask(MergeHomes { unit: a, into: a }).expect_err("itself").code, ErrorCode::Stale);
    let closed = sun.home(DONG, "16号", "13905700066", "");
    sun.ask(SetUnitState { id: closed, state: UnitStatus::Closed, reason: Some(UnitCloseReason::Other) });
    assert_eq!(sun.try_ask(MergeHomes { unit: b, into: closed }).expect_err("closed").code, ErrorCode::Stale);

    // Li pauses his entry while Wang merges it: both values are kept, and people choose.
    li.ask(SetUnitState { id: b, state: UnitStatus::Paused, reason: Some(UnitCloseReason::Stopped) });
    world.time.pass_ms(60_000);
    merge(wang, b, a);
    li.sync();
    wang.sync();
    li.sync();
    wang.sync();
    assert!(wang.ask(Attention {}).conflicts.iter().any(|conflict| conflict.group == "registration"));
    nothing_refused(wang);
    nothing_refused(li);
    assert_eq!(home(li, b).merged_into.map(|into| into.unit), Some(a), "the later decision stands until then");
    wang.expect_same();
    li.expect_same();
}

/// What is listed of a part is right when the home that is meant changes, or a check of both is taken back after they were taken apart.
#[test]
fn what_is_listed_of_a_part_follows_the_home_that_is_meant() {
    let Twice { world, wang, li, a, b } = &Twice::entered();
    let (a, b) = (*a, *b);
    world.account("zhou", domain::access::Role::Officer, &[DONG], "");
    let chen = world.landlord("chen", "13905700099");
    let form = domain::report::ReportForm {
        unit: Some(a),
        name: "刘洋".to_owned(),
        doc_no: world.document(),
        event_on: "2026-11-24".to_owned(),
        ..Default::default()
    };
    let report = chen.ask(ui_protocol::reports::SaveReport { form, draft: None }).id;
    chen.sync();
    // In the part there is an empty extinguisher.
    let check = |failed: bool, unit| {
        let mut form = wang.ask(CheckForm { unit }).form;
        let answers = Item::ALL.iter().filter(|item| !item.is_computed());
        form.answers = answers.map(|item| (item.code().into(), Answer::Pass)).collect();
        form.answers.extend(failed.then(|| (Item::Xf03.code().into(), Answer::Fail)));
        wang.ask(SaveCheck { unit, form, draft: None })
    };
    check(true, b);
    world.time.pass_days(14);
    assert_eq!(rows(wang, TodayKind::HazardRecheck).len(), 1, "due soon");
    merge(wang, b, a);
    let gone = check(false, a);
    assert_eq!((gone.closed.len(), rows(wang, TodayKind::HazardRecheck).len()), (1, 0), "mended, in the one home");
    let mut form = home(wang, a).form;
    form.address.building = "2".to_owned();
    wang.ask(ui_protocol::units::SaveUnit { id: Some(a), form, draft: None });
    let lives =
        |actor: &Actor| actor.ask(ui_protocol::people::ListPeople { query: "李娜".into(), after: None }).rows[0].home.clone();
    assert!(lives(wang).contains("2幢"), "{}", lives(wang));
    wang.ask(PartHomes { unit: b });
    // The check was of the wrong door: what it had closed in the part is open again, and closed when it stands.
    wang.ask(TakeBack { id: gone.inspection, note: String::new() });
    assert_eq!(rows(wang, TodayKind::HazardRecheck).len(), 1);
    wang.ask(LetStand { id: gone.inspection, note: String::new() });
    assert_eq!(rows(wang, TodayKind::HazardRecheck).len(), 0);
    wang.sync();
    nothing_refused(wang);
    li.sync();
    assert_eq!(rows(li, TodayKind::HazardRecheck).len(), 0);
    // The station lists a report under the address its home has now.
    let list = ui_protocol::desk::ListRecords { kind: domain::kind::REPORT.to_owned(), ..Default::default() };
    let page = crate::today::desk(world, "zhou", list).expect("a page");
    let listed: Vec<_> = page.rows.iter().map(|row| (row.id, row.detail.contains("2幢"))).collect();
    assert_eq!(listed, [(report, true)]);
}
