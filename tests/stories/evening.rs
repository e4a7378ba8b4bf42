//! The end of the day: the log of what was saved, and how far it has come, from the outbox alone.

use domain::codes::{CancelReason, NextSlot, VisitResult};
use domain::residency::CancelForm;
use ui_protocol::evening::{DayEvent, DayLog, DayLogView};
use ui_protocol::people::{CancelResidency, ChangeResident, UndoMistake};
use ui_protocol::units::ChangeState;
use ui_protocol::visits::{FinishVisit, NoteVisit, Step};
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

fn log(actor: &Actor) -> DayLogView {
    actor.ask(DayLog { on: None })
}

fn events(view: &DayLogView) -> Vec<(DayEvent, &str, ChangeState)> {
    view.lines.iter().map(|line| (line.event, line.title.as_str(), line.state)).collect()
}

#[test]
fn a_day_is_told_by_its_saves_and_handed_in_with_a_receipt() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let empty = log(&wang);
    assert_eq!((empty.hand_in.saved, empty.lines.len(), empty.days.len()), (0, 0, 1), "nothing yet, and today is a day");
    wang.online(false);
    let home = wang.home(DONG, "12号", "13905700099", "");
    world.time.pass_ms(60_000);
    let zhang = wang.register(home, "张伟", &world.document());
    world.time.pass_ms(60_000);
    let li = wang.register(home, "李四", &world.document());
    world.time.pass_ms(60_000);
    let mut form = wang.person(zhang.person.expect("a person")).form;
    form.phone = "13905700011".to_owned();
    wang.ask(ChangeResident { person: zhang.person.expect("a person"), form, draft: None });
    world.time.pass_ms(60_000);
    let today = empty.on.clone();
    let leaving =
        CancelForm { reason: Some(CancelReason::Left), left_on: today.clone(), note: "房东说昨天搬走".to_owned() };
    wang.ask(CancelResidency { residency: li.residency.expect("a registration"), form: leaving });
    world.time.pass_ms(60_000);
    let wrong = wang.home(DONG, "99号", "13905700098", "");
    wang.ask(UndoMistake { record: wrong });

    let view = log(&wang);
    let waiting = ChangeState::Waiting;
    assert_eq!(
        events(&view),
        [
            (DayEvent::TakenBack, "文峰路99号", waiting),
            (DayEvent::HomeAdded, "文峰路99号", waiting),
            (DayEvent::Departed, "李四", waiting),
            (DayEvent::Changed, "张伟", waiting),
            (DayEvent::Registered, "李四", waiting),
            (DayEvent::Registered, "张伟", waiting),
            (DayEvent::HomeAdded, "文峰路12号", waiting),
        ],
        "the newest first"
    );
    assert_eq!(view.lines[3].groups, ["contact"], "what was changed is said");
    assert_eq!(view.lines[5].record, zhang.person.expect("a person"), "each leads to its record");
    let counts = view.counts;
    assert_eq!((counts.homes_visited, counts.registered, counts.changed, counts.departed), (0, 2, 1, 1));
    assert_eq!((view.hand_in.saved, view.hand_in.waiting, view.hand_in.receipt_unix_ms), (7, 7, None));
    assert_eq!(view.hand_in.saved, wang.status().saved_today, "the log and the badge count alike");

    // No network: nothing is lost, nothing is said to be handed in; a dead battery changes nothing.
    wang.sync_fails();
    wang.restart();
    assert_eq!(log(&wang).hand_in.waiting, 7);
    wang.online(true);
    wang.sync();
    let view = log(&wang);
    assert_eq!((view.hand_in.on_server, view.hand_in.waiting), (7, 0));
    assert!(view.hand_in.receipt_unix_ms.is_some());
    assert!(view.lines.iter().all(|line| line.state == ChangeState::Answered));

    // Tomorrow the receipt of today is still to be read.
    world.time.pass_days(1);
    let tomorrow = log(&wang);
    assert_eq!((tomorrow.lines.len(), tomorrow.days.len()), (0, 2));
    assert_eq!((tomorrow.days[1].0.as_str(), tomorrow.days[1].1), (today.as_str(), 7));
    let yesterday = wang.ask(DayLog { on: Some(today) });
    assert_eq!((yesterday.hand_in, yesterday.lines.len()), (view.hand_in, 7));
    let nonsense = wang.ask(DayLog { on: Some("2026-02-30".to_owned()) });
    assert_eq!(nonsense.on, tomorrow.on, "a day that is none is today");
}

#[test]
fn a_save_that_did_not_go_through_is_told_apart() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    li.sync();
    for (actor, phone) in [(&wang, "13905700011"), (&li, "13905700022")] {
        let mut form = actor.person(person).form;
        form.phone = phone.to_owned();
        actor.ask(ChangeResident { person, form, draft: None });
        world.time.pass_ms(60_000);
    }
    li.sync();
    wang.sync();
    let view = log(&wang);
    assert_eq!((view.hand_in.conflicts, view.lines[0].state), (1, ChangeState::Conflict));
    assert_eq!(view.hand_in.on_server + view.hand_in.conflicts, view.hand_in.saved);
}

#[test]
fn a_door_counts_once_however_many_were_registered_behind_it() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let homes = [wang.home(DONG, "12号", "13905700099", ""), wang.home(DONG, "14号", "13905700098", "")];
    wang.ask(NoteVisit { unit: homes[0], step: Step::Adding });
    wang.register(homes[0], "张伟", &world.document());
    wang.register(homes[0], "李四", &world.document());
    let done = |unit| FinishVisit { unit, result: VisitResult::Done, next: NextSlot::None, note: String::new() };
    wang.ask(done(homes[0]));
    wang.ask(done(homes[1]));
    let view = log(&wang);
    assert_eq!((view.counts.homes_visited, view.counts.registered), (2, 2), "each registration was a visit too");
    assert_eq!(
        view.lines.iter().filter(|line| line.event == DayEvent::Visited).count(),
        2,
        "a line for each visit that was finished"
    );
}
