//! A coordinator's Tuesday: from the morning's sync to the evening's hand-in, without a network in between, and the same Tuesday
//! seen by the colleague and from the station.

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::{CancelReason, NextSlot, Relation, UnitStatus, VisitPersonResult, VisitResult};
use domain::grade::Grade;
use domain::hazard::HazardState;
use domain::inspection::HazardForm;
use domain::permit::{ApplicationState, ApplyForm, Ground, Material, PermitKind};
use domain::residency::{CancelForm, MoveForm};
use domain::{RecordId, day, kind};
use ui_protocol::DeskCommand;
use ui_protocol::attention::Attention;
use ui_protocol::desk::{ListRecords, RecordPage, RecordView, ViewRecord};
use ui_protocol::people::{CancelResidency, ChangeResident, MoveResident, SaveResident, Standing};
use ui_protocol::permits::{ApplyPermit, PermitsOf};
use ui_protocol::safety::{CheckForm, Hazard, RecheckHazard, Safety, SaveCheck, SavedCheck};
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::units::{SetUnitState, Unit};
use ui_protocol::visits::{FinishVisit, FollowUp, NoteVisit, OpenVisits, PastVisit, PastVisits, Step, Visit};
use workspace_tests::world::{DONG, Lie, PASSWORD};
use workspace_tests::{Actor, World};

use VisitPersonResult::{Here, HereChanged, Left, MovedInCounty};

/// A home with the people registered in it.
struct Home {
    unit: RecordId,
    people: Vec<RecordId>,
}

impl Home {
    /// Registers it and them, in the order in which they are named.
    fn register(wang: &Actor, world: &World, plate: &str, rooms: &str, names: &[&str]) -> Home {
        let unit = wang.home(DONG, plate, "13905700099", rooms);
        wang.ask(SetUnitState { id: unit, state: UnitStatus::Registered, reason: None });
        let one = |name: &&str| wang.register(unit, name, &world.document()).person.expect("a person");
        Home { unit, people: names.iter().map(one).collect() }
    }

    fn tap(&self, wang: &Actor, person: usize, result: VisitPersonResult) {
        wang.ask(NoteVisit { unit: self.unit, step: Step::Answer { person: self.people[person], result: Some(result) } });
    }

    fn finish(&self, wang: &Actor, result: VisitResult, next: NextSlot) -> RecordId {
        wang.ask(FinishVisit { unit: self.unit, result, next, note: String::new() }).visit
    }
}

/// At this hour of Tuesday, 25 May 2027.
fn at(world: &World, hour: i64, minute: i64) {
    let tuesday = "2027-05-25".parse().expect("a date");
    world.time.set(day::start_of_day_unix_ms(tuesday) + (hour * 60 + minute) * 60_000);
}

fn count(actor: &Actor, kind: TodayKind) -> u64 {
    let today = actor.ask(Today::default());
    let rows = today.groups.iter().flat_map(|group| &group.items).filter(|item| item.kind == kind).count() as u64;
    let counted = today.counts.iter().find(|(counted, _)| *counted == kind).map_or(0, |(_, count)| *count);
    assert_eq!(counted, rows, "the counter says what the rows say");
    rows
}

fn residency(actor: &Actor, person: RecordId) -> RecordId {
    actor.person(person).residencies[0].id
}

/// A check in which a gas bottle stands in a bedroom and no extinguisher hangs in the corridor.
fn check_finds_two(wang: &Actor, unit: RecordId) -> SavedCheck {
    let mut form = wang.ask(CheckForm { unit }).form;
    // One large family: not too many for one floor.
    form.rooms.iter_mut().for_each(|room| room.family = true);
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    for (item, description) in [(Item::Rq02, "卧室里用着煤气瓶"), (Item::Xf03, "走道没有灭火器")] {
        form.answers.insert(item.code().into(), Answer::Fail);
        form.hazards.insert(item.code().into(), HazardForm { description: description.into(), ..HazardForm::default() });
    }
    wang.ask(SaveCheck { unit, form, draft: None })
}

/// What 周建军 asks at his desk.
fn desk<T: serde::de::DeserializeOwned>(world: &World, command: DeskCommand) -> T {
    let (token, _) = world.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    serde_json::from_value(world.core.desk(&caller, command).expect("an answer").reply).expect("its shape")
}

fn listed(world: &World, kind: &str) -> RecordPage {
    desk(world, DeskCommand::ListRecords(ListRecords { kind: kind.into(), ..ListRecords::default() }))
}

fn viewed(world: &World, id: RecordId) -> RecordView {
    desk(world, DeskCommand::ViewRecord(ViewRecord { id }))
}

/// Three homes, twelve people, two hazards, a permit, an app that is killed at a door, an answer that is lost.
#[test]
fn a_coordinators_tuesday() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let (mut wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    // Half a year before: eleven people in three homes.
    let first = Home::register(&wang, &world, "8号", "101,102", &["张伟", "刘洋", "王强", "李娜", "陈静"]);
    let second = Home::register(&wang, &world, "12号", "", &["赵磊", "周敏", "吴军"]);
    let third = Home::register(&wang, &world, "20号", "", &["徐艳", "孙涛", "胡芳"]);
    wang.sync();

    // Morning. Nobody was at these doors for half a year.
    at(&world, 8, 10);
    wang.sync();
    li.sync();
    assert_eq!(count(&wang, TodayKind::HomeDue), 3);
    for phone in [&wang, &li] {
        phone.online(false);
    }

    // First door: the notice, a roster with one tap each, somebody new in the middle, and a number that changed.
    at(&world, 9, 5);
    let notice = wang.ask(Visit { unit: first.unit });
    assert_eq!(notice.rooms.iter().map(|room| room.people.len()).sum::<usize>(), 5);
    wang.ask(NoteVisit { unit: first.unit, step: Step::NoticeShown { version: "notice-1".into() } });
    first.tap(&wang, 0, Here);
    first.tap(&wang, 1, HereChanged);
    wang.ask(NoteVisit { unit: first.unit, step: Step::Adding });
    let newcomer = wang.resident_form(first.unit, "马超", &world.document());
    let newcomer = wang.ask(SaveResident { form: newcomer, although_known: false, returning: None, draft: None });
    let newcomer = newcomer.person.expect("the twelfth");
    // The battery dies at the door. What was tapped is there.
    wang.restart();
    wang.online(false);
    let open = wang.ask(OpenVisits {}).rows;
    assert_eq!(open.iter().map(|visit| (visit.unit, visit.people)).collect::<Vec<_>>(), [(first.unit, 6)]);
    let noted = wang.ask(NoteVisit { unit: first.unit, step: Step::AllHere });
    assert_eq!(noted.answers.iter().filter(|(_, answer)| *answer == HereChanged).count(), 1, "all here changes no answer");
    let met = wang.ask(FinishVisit { unit: first.unit, result: VisitResult::Done, next: NextSlot::None, note: String::new() });
    let seen = wang.ask(PastVisit { visit: met.visit });
    assert_eq!(seen.notice, "notice-1");
    let changed = seen.people.iter().find(|found| found.person == first.people[1]).expect("an answer");
    assert_eq!(changed.next, Some(FollowUp::Change));
    let mut form = wang.person(first.people[1]).form;
    form.phone = "13905700222".into();
    wang.ask(ChangeResident { person: first.people[1], form, draft: None });

    // The check there: a gas bottle, and no extinguisher. The bottle is gone before lunch.
    at(&world, 9, 40);
    let checked = check_finds_two(&wang, first.unit);
    assert_eq!(checked.opened.len(), 2);
    assert_eq!(wang.ask(Safety { unit: first.unit }).graded.grade, Grade::Red);
    at(&world, 11, 30);
    let bottle = *checked.opened.iter().find(|id| wang.ask(Hazard { id: **id }).row.item == Some(Item::Rq02)).expect("both");
    let gone = wang.ask(RecheckHazard { id: bottle, fixed: true, note: "煤气瓶已搬走".into() });
    assert_eq!(gone.row.state, HazardState::Closed);
    assert_eq!(wang.ask(Safety { unit: first.unit }).graded.grade, Grade::Yellow);

    // Second door: nobody. In the evening two are there, one of them says the third has gone home for good.
    at(&world, 14, 0);
    second.finish(&wang, VisitResult::NoAnswer, NextSlot::TodayEvening);
    assert!(wang.ask(PastVisits { unit: second.unit }).next.is_some_and(|next| next.evening));

    // Third door: one wants a permit, one moved to the first home.
    at(&world, 15, 20);
    third.tap(&wang, 0, Here);
    third.tap(&wang, 1, MovedInCounty);
    third.tap(&wang, 2, Here);
    let visit = third.finish(&wang, VisitResult::Done, NextSlot::None);
    let ask = wang.ask(PastVisit { visit });
    let moved = ask.people.iter().find(|found| found.person == third.people[1]).expect("an answer");
    assert!(moved.next.is_some(), "where to is asked");
    let to =
        MoveForm { unit: Some(first.unit), on: "2027-05-24".into(), relation: Some(Relation::Friend), ..MoveForm::default() };
    wang.ask(MoveResident { residency: residency(&wang, third.people[1]), form: to });
    let papers = ApplyForm {
        kind: PermitKind::Residence,
        ground: Some(Ground::Job),
        months: None,
        given: vec![Material::Identity, Material::Photo, Material::Work],
    };
    let application = wang.ask(ApplyPermit { person: third.people[0], form: papers, draft: None });
    assert_eq!(application.missing, []);

    at(&world, 18, 30);
    second.tap(&wang, 0, Here);
    second.tap(&wang, 1, Here);
    second.tap(&wang, 2, Left);
    second.finish(&wang, VisitResult::Done, NextSlot::None);
    let gone = residency(&wang, second.people[2]);
    assert_eq!(wang.person(second.people[2]).residencies[0].standing, Standing::Active, "a tap ends no registration");
    let form =
        CancelForm { reason: Some(CancelReason::Left), left_on: "2027-05-20".into(), note: "合租人说已回老家".into() };
    wang.ask(CancelResidency { residency: gone, form });
    assert_eq!(count(&wang, TodayKind::HomeDue), 0, "every door was opened today");
    assert_eq!(wang.ask(OpenVisits {}).rows, []);

    // Evening. The first answer is lost on the way; everything arrives, and once.
    at(&world, 19, 10);
    let waiting = wang.status().waiting;
    assert!(waiting > 0);
    wang.online(true);
    wang.lie(&[Lie::LoseReply]);
    wang.sync_fails();
    assert_eq!(wang.status().waiting, waiting, "without an answer nothing counts as delivered");
    wang.sync();
    let status = wang.status();
    assert_eq!((status.waiting, status.refused_today, status.conflicts_today), (0, 0, 0));
    assert_eq!(status.saved_today, status.on_server_today);
    assert!(status.receipt_unix_ms.is_some());
    let attention = wang.ask(Attention {});
    assert_eq!((attention.refused.len(), attention.conflicts.len()), (0, 0));
    wang.expect_same();

    // The colleague sees the same village.
    li.online(true);
    li.sync();
    li.expect_same();
    assert_eq!(count(&li, TodayKind::HomeDue), 0);
    let people_at = |phone: &Actor, unit| -> Vec<String> {
        let view = phone.ask(Unit { id: unit });
        let mut names: Vec<String> = view.rooms.into_iter().flat_map(|room| room.people).map(|person| person.name).collect();
        names.sort();
        names
    };
    for (home, count) in [(&first, 7), (&second, 2), (&third, 2)] {
        assert_eq!(people_at(&li, home.unit), people_at(&wang, home.unit));
        assert_eq!(people_at(&li, home.unit).len(), count);
    }
    let results: Vec<_> = li.ask(PastVisits { unit: second.unit }).rows.iter().map(|row| row.result).collect();
    assert_eq!(results[..2], [VisitResult::Done, VisitResult::NoAnswer], "the evening's above the afternoon's");
    assert_eq!(li.person(first.people[1]).form.phone, "13905700222");
    let slip = li.ask(PermitsOf { person: third.people[0] }).applications;
    assert_eq!(
        slip.iter().map(|row| (row.state, row.slip_no.as_str())).collect::<Vec<_>>(),
        [(ApplicationState::Accepted, "CS-S-2027-000001")]
    );

    // And the station: who left, what is still dangerous, who waits for a card. Everything there once.
    let states = |kind: &str| {
        let mut states: Vec<String> = listed(&world, kind).rows.into_iter().map(|row| row.state).collect();
        states.sort();
        states
    };
    assert_eq!(listed(&world, kind::PERSON).total, Some(12));
    assert_eq!(states(kind::RESIDENCY).iter().filter(|state| *state == "cancelled").count(), 1);
    assert_eq!(states(kind::PERMIT_APPLICATION), ["taken"]);
    let home = viewed(&world, first.unit);
    assert_eq!(home.graded.map(|graded| graded.grade), Some(Grade::Yellow));
    let linked = |of: &str| home.linked.iter().filter(|linked| linked.kind == of).count();
    assert_eq!((linked(kind::INSPECTION), linked(kind::HAZARD)), (1, 2));
    assert_eq!(linked(kind::VISIT), 7, "six registrations at the door, and the roster");
    assert_eq!(viewed(&world, newcomer).row.title, "马超");
    let ended = viewed(&world, gone);
    let ended_by = |line: &ui_protocol::history::HistoryLine| line.groups.iter().any(|set| set.group == "status");
    assert!(ended.history.iter().any(ended_by), "who ended it, and when");
}
