//! Who set what, when, from which device, and what it replaced: what a phone knows alone, and all of it from the server.

use domain::{RecordId, Verb, kind};
use ui_protocol::ErrorCode;
use ui_protocol::attention::{Attention, Choice, SettleConflict};
use ui_protocol::history::{By, History, HistoryLine, HistoryView, Was, WholeHistory};
use ui_protocol::people::ChangeResident;
use ui_protocol::units::ChangeState;
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

fn call(actor: &Actor, person: RecordId, phone: &str) {
    let mut form = actor.person(person).form;
    form.phone = phone.to_owned();
    actor.ask(ChangeResident { person, form, draft: None });
}

/// The lines that set a phone: by whom, to what, from what.
fn phones(view: &HistoryView) -> Vec<(By, String, Option<String>, ChangeState)> {
    let text = |fields: &domain::Fields| fields.get("phone").and_then(|phone| phone.as_str()).unwrap_or_default().to_owned();
    let contact = |line: &HistoryLine| {
        let group = line.groups.iter().find(|group| group.group == "contact")?;
        let was = match &group.was {
            Was::Value(fields) => Some(text(fields)),
            Was::Nothing => Some(String::new()),
            Was::Unknown => None,
        };
        Some((line.by.clone(), text(&group.fields), was, line.state))
    };
    view.lines.iter().filter_map(contact).collect()
}

#[test]
fn a_phone_tells_what_it_knows_without_a_network_and_says_where_it_does_not() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let document = world.document();
    let person = wang.register(home, "张伟", &document).person.expect("a person");
    wang.online(false);
    world.time.pass_ms(60_000);
    call(&wang, person, "13905700011");
    let view = wang.ask(History { id: person });
    assert_eq!(
        phones(&view),
        [
            (By::Me, "13905700011".to_owned(), Some("13905700001".to_owned()), ChangeState::Waiting),
            (By::Me, "13905700001".to_owned(), Some(String::new()), ChangeState::Waiting),
        ],
        "the newest first, each with what it was laid over"
    );
    assert!(!view.sent && view.lines.iter().all(|line| line.device.is_some() && line.no.len() == 9));
    for kind in [kind::PERSON, kind::RESIDENCY, kind::STAY] {
        assert!(view.lines.iter().any(|line| line.kind == kind), "{kind} belongs to a person's past");
    }
    let stay = view.lines.iter().find(|line| line.kind == kind::STAY).expect("a stay");
    assert_eq!(stay.about, "文峰路12号", "which stay");
    let text = serde_json::to_string(&view).expect("JSON");
    assert!(!text.contains(&document) && text.contains(&domain::id_document::mask(&document)));
    assert!(text.contains("江西省") && !text.contains("\"360121\""), "a region is said by its name");

    // Another phone holds what stands, and nothing of what stood there before.
    wang.online(true);
    wang.sync();
    li.sync();
    li.online(false);
    let view = li.ask(History { id: person });
    let [(by, phone, was, state)] = &phones(&view)[..] else { panic!("what stands: {view:?}") };
    assert!(matches!(by, By::Device(_)), "no name is known: {by:?}");
    assert_eq!((phone.as_str(), was, *state), ("13905700011", &None, ChangeState::Answered));
    assert_eq!(li.try_ask(WholeHistory { id: person, skip: 0 }).expect_err("no network").code, ErrorCode::Unreachable);
    li.online(true);
    let view = li.ask(WholeHistory { id: person, skip: 0 });
    assert_eq!(
        phones(&view),
        [
            (By::Named("wang".to_owned()), "13905700011".to_owned(), Some("13905700001".to_owned()), ChangeState::Answered),
            (By::Named("wang".to_owned()), "13905700001".to_owned(), Some(String::new()), ChangeState::Answered),
        ]
    );
    // What it said of people is kept: without a network the next history says names.
    li.online(false);
    let known = phones(&li.ask(History { id: person }));
    assert_eq!(known, [(By::Named("wang".to_owned()), "13905700011".to_owned(), None, ChangeState::Answered)]);
    // And each line leads to what it is about.
    let stay = li.ask(History { id: person }).lines.into_iter().find(|line| line.kind == kind::STAY).expect("a stay");
    assert_eq!(stay.page.and_then(|page| page.on_page_of), Some(person));
    let numbered = view.lines.iter().find(|line| line.by == By::Server).expect("the server numbered the registration");
    assert_eq!(numbered.groups[0].group, "number");
    assert!(!serde_json::to_string(&view).expect("JSON").contains(&document));
}

#[test]
fn a_conflict_names_the_other_hand_and_keeps_what_it_wrote() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    li.sync();
    call(&wang, person, "13905700011");
    world.time.pass_ms(60_000);
    call(&li, person, "13905700022");
    for actor in [&li, &wang, &li] {
        actor.sync();
    }
    let view = wang.ask(History { id: person });
    let found = phones(&view);
    assert!(found.iter().any(|(by, phone, _, _)| *by == By::Named("li".to_owned()) && phone == "13905700022"), "{found:?}");
    assert!(found.contains(&(By::Me, "13905700011".to_owned(), Some("13905700001".to_owned()), ChangeState::Conflict)));
    let found = phones(&li.ask(History { id: person }));
    assert!(found.iter().any(|(by, phone, _, state)| {
        *by == By::Named("wang".to_owned()) && phone == "13905700011" && *state == ChangeState::Conflict
    }));

    // Put back: what it replaced is the other's value, on the phone and on the server.
    let conflict = wang.ask(Attention {}).conflicts[0].id;
    wang.ask(SettleConflict { id: conflict, choice: Choice::Restore });
    let newest = |view: &HistoryView| phones(view).into_iter().next().expect("a line");
    let expected = (By::Me, "13905700011".to_owned(), Some("13905700022".to_owned()));
    let (by, phone, was, _) = newest(&wang.ask(History { id: person }));
    assert_eq!((by, phone, was), expected);
    wang.sync();
    let (by, phone, was, _) = newest(&wang.ask(WholeHistory { id: person, skip: 0 }));
    assert_eq!((by, phone, was), expected);
}

#[test]
fn a_home_a_report_and_what_was_taken_back_have_a_past_too() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let chen = world.landlord("chen", "13905700099");
    let home = wang.home(DONG, "12号", "13905700099", "101-102");
    wang.sync();
    chen.sync();
    let view = wang.ask(History { id: home });
    let rooms: Vec<_> = view.lines.iter().filter(|line| line.kind == kind::ROOM).map(|line| line.about.as_str()).collect();
    assert_eq!(rooms.len(), 2, "{rooms:?}");
    assert!(view.lines.iter().any(|line| line.kind == kind::UNIT && line.verb == Verb::Create));

    // The landlord sees when his home was entered, and neither by whom nor from which device.
    let whole = chen.ask(WholeHistory { id: home, skip: 0 });
    let entered = whole.lines.iter().find(|line| line.verb == Verb::Create && line.kind == kind::UNIT).expect("entered");
    assert_eq!((&entered.by, entered.device), (&By::Role(domain::access::Role::Coordinator), None));

    // Nothing of a record that never reached the server, and nothing of another village's.
    let unsent = wang.home(DONG, "13号", "13905700098", "");
    assert_eq!(wang.try_ask(WholeHistory { id: unsent, skip: 0 }).expect_err("not there").code, ErrorCode::NotAllowed);
    let li = world.coordinator("li", XI);
    li.sync();
    for id in [home, unsent] {
        assert_eq!(li.try_ask(History { id }).expect_err("not on this phone").code, ErrorCode::NotFound);
        assert_eq!(li.try_ask(WholeHistory { id, skip: 0 }).expect_err("nor for asking").code, ErrorCode::NotFound);
    }
    wang.ask(ui_protocol::people::UndoMistake { record: unsent });
    let view = wang.ask(History { id: unsent });
    assert_eq!(view.lines.first().map(|line| line.verb), Some(Verb::Delete), "what was taken back keeps its past");
}
