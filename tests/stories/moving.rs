//! Moving inside the county: one registration, two stays, and nothing stays behind on the old phone.

use domain::residency::MoveForm;
use ui_protocol::people::{HandOver, MoveResident, RevealDocument, Standing};
use ui_protocol::today::{Today, TodayKind};
use workspace_tests::World;
use workspace_tests::world::{DONG, Lie, XI};

use crate::referrals::{TOWN, with_town};

#[test]
fn a_handed_over_resident_leaves_the_first_phone_and_is_placed_on_the_second() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let old = wang.home(DONG, "12号", "13905700099", "");
    let new = li.home(XI, "3号", "13905700098", "");
    let saved = wang.register(old, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    let registered_on = wang.person(person).residencies[0].registered_on.clone();
    wang.sync();
    li.sync();
    assert!(li.find("张伟").is_empty(), "another village's people are not on this phone");

    world.time.pass_days(3);
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on: on.clone(), note: "搬到西村朋友家".to_owned() });
    assert_eq!(wang.person(person).residencies[0].standing, Standing::ToPlace);
    wang.sync();
    assert!(wang.find("张伟").is_empty(), "what leaves the scope leaves the device");
    wang.expect_same();

    li.sync();
    let today = li.ask(Today::default());
    let row = today.groups.iter().flat_map(|group| &group.items).find(|item| item.kind == TodayKind::ToPlace);
    assert_eq!(row.expect("a to-be-placed item").title, "张伟");
    let form = MoveForm { unit: Some(new), on, relation: domain::codes::Relation::from_code("FRIEND"), ..MoveForm::default() };
    li.ask(MoveResident { residency, form });
    li.sync();
    let view = li.person(person);
    assert_eq!(view.residencies.len(), 1, "one registration");
    assert_eq!(view.residencies[0].stays.len(), 1, "the old stay belongs to the old village");
    world.account("station", domain::access::Role::Coordinator, &[DONG, XI], "");
    let station = world.phone_of("station");
    station.sync();
    assert_eq!(station.person(person).residencies[0].stays.len(), 2, "whoever may see both villages sees both stays");
    station.expect_same();
    assert_eq!(view.residencies[0].registered_on, registered_on, "continuity intact (check 7)");
    assert_eq!(view.residencies[0].standing, Standing::Active);
    li.expect_same();
    wang.sync();
    wang.expect_same();
}

#[test]
fn a_move_between_own_homes_keeps_the_registration() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (old, new) = (wang.home(DONG, "12号", "13905700099", ""), wang.home(DONG, "14号", "13905700099", "201"));
    let saved = wang.register(old, "张伟", &world.document());
    let residency = saved.residency.expect("a registration");
    world.time.pass_days(1);
    let on = wang.ask(ui_protocol::session::Status {}).today;
    let form = MoveForm {
        unit: Some(new),
        on,
        relation: domain::codes::Relation::from_code("LESSEE"),
        lessee: true,
        ..MoveForm::default()
    };
    wang.ask(MoveResident { residency, form });
    wang.sync();
    let view = wang.person(saved.person.expect("a person"));
    assert_eq!((view.residencies.len(), view.residencies[0].stays.len()), (1, 2));
    assert!(view.residencies[0].stays[0].home.contains("14"), "the open stay comes first");
    wang.expect_same();
}

#[test]
fn an_edit_made_while_the_person_was_handed_over_still_arrives() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let second = world.phone_of("wang");
    let li = world.coordinator("li", XI);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let saved = wang.register(home, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    wang.sync();
    second.sync();

    second.online(false);
    let mut form = second.person(person).form;
    form.phone = "13905700077".to_owned();
    second.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    second.online(true);
    let status = second.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0), "its base was in scope before the exit: merged, write-only");
    assert!(second.find("张伟").is_empty());
    li.sync();
    assert_eq!(li.person(person).phone, "13905700077", "the edit is not lost");
    li.expect_same();
}

#[test]
fn before_a_newcomer_is_registered_the_whole_county_can_be_asked() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let home = li.home(XI, "3号", "13905700098", "");
    let number = world.document();
    li.register(home, "张伟", &number);
    li.sync();
    let ask = |doc_no: &str| {
        let doc_no = doc_no.to_owned();
        wang.try_ask(ui_protocol::people::LookUpCounty { doc_type: domain::id_document::DocType::Id, doc_no })
    };
    let found = ask(&number).expect("an answer").found;
    assert_eq!(found.len(), 1);
    assert!(found[0].village.ends_with(&name_of(&world, XI)), "{found:?}");
    assert_eq!(found[0].coordinators.len(), 1, "whom to call");
    assert!(wang.find("张伟").is_empty(), "and nothing of the person came along");
    assert!(ask(&world.document()).expect("an answer").found.is_empty());
    wang.online(false);
    assert_eq!(ask(&number).expect_err("offline").code, ui_protocol::ErrorCode::Unreachable);
}

fn name_of(world: &World, code: &str) -> String {
    let code = code.to_owned();
    world.core.look(move |view| Ok(view.area(&code)?)).expect("looks").expect("a village").name
}

/// Handed over, and handed over again before the phone had heard that the first one went through: the second village is meant.
#[test]
fn handed_over_twice_before_an_exchange_is_handed_to_the_second_village() {
    let to_place = |actor: &workspace_tests::Actor| {
        let reply = actor.ask(Today { kind: Some(TodayKind::ToPlace), ..Today::default() });
        reply.groups.iter().flat_map(|group| &group.items).filter_map(|item| item.record).collect::<Vec<_>>()
    };
    // What becomes of the first one: it waits with the second; it arrives and its answer is lost; and then the first village takes
    // him in before the second word arrives.
    for (answer_lost, taken_in) in [(false, false), (true, false), (true, true)] {
        let world = with_town();
        let (wang, li, xu) = (world.coordinator("wang", DONG), world.coordinator("li", XI), world.coordinator("xu", TOWN));
        let new = li.home(XI, "3号", "13905700098", "");
        li.sync();
        let saved = wang.register(wang.home(DONG, "12号", "13905700099", ""), "张伟", &world.document());
        let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
        wang.sync();
        let on = wang.ask(ui_protocol::session::Status {}).today;
        let hand = |area: &str| wang.ask(HandOver { residency, area: area.to_owned(), on: on.clone(), note: String::new() });
        hand(XI);
        if answer_lost {
            wang.lie(&[Lie::LoseReply]);
            wang.sync_fails();
            li.sync();
            assert_eq!(to_place(&li), [person]);
        }
        if taken_in {
            let relation = domain::codes::Relation::from_code("FRIEND");
            li.ask(MoveResident {
                residency,
                form: MoveForm { unit: Some(new), on: on.clone(), relation, ..MoveForm::default() },
            });
            li.sync();
        }
        hand(TOWN);
        let status = wang.sync();
        let name = format!("answer lost: {answer_lost}, taken in: {taken_in}");
        assert_eq!((status.waiting, status.refused_open), (0, u64::from(taken_in)), "{name}");
        li.sync();
        xu.sync();
        assert!(wang.find("张伟").is_empty(), "{name}");
        if taken_in {
            // He lives there: the second word is kept for whoever said it, and moves nobody.
            assert_eq!((li.person(person).residencies[0].standing, to_place(&xu)), (Standing::Active, vec![]), "{name}");
        } else {
            assert_eq!((to_place(&xu), to_place(&li), li.find("张伟").len()), (vec![person], vec![], 0), "{name}");
            let lives = xu.home(TOWN, "5号", "13905700097", "");
            let relation = domain::codes::Relation::from_code("FRIEND");
            let form = MoveForm { unit: Some(lives), on: on.clone(), relation, ..MoveForm::default() };
            xu.ask(MoveResident { residency, form });
            assert_eq!(xu.sync().refused_open, 0, "{name}");
        }
        for phone in [&wang, &li, &xu] {
            phone.sync();
            phone.expect_same();
        }
    }
}

/// Both villages go on working while somebody is on the way between them.
#[test]
fn a_hand_over_with_changes_pending_on_both_sides_loses_nothing() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let second = world.phone_of("wang");
    let li = world.coordinator("li", XI);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let new = li.home(XI, "3号", "13905700098", "");
    let saved = wang.register(home, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    wang.sync();
    second.sync();
    li.sync();

    // The old village's second phone edits offline; the first hands over; the new village places and edits, offline too.
    second.online(false);
    let mut form = second.person(person).form;
    form.phone = "13905700077".to_owned();
    second.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on: on.clone(), note: String::new() });
    wang.sync();
    li.sync();
    li.online(false);
    let form = MoveForm { unit: Some(new), on, relation: domain::codes::Relation::from_code("FRIEND"), ..MoveForm::default() };
    li.ask(MoveResident { residency, form });
    let mut form = li.person(person).form;
    form.phone = "13905700066".to_owned();
    li.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    second.online(true);
    let status = second.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 0), "merged, write-only: {status:?}");
    assert!(second.find("张伟").is_empty(), "and the values stay out of the old village");
    li.online(true);
    li.sync();
    li.sync();
    let view = li.person(person);
    assert_eq!((view.residencies.len(), view.residencies[0].standing), (1, Standing::Active), "placed");
    let attention = li.ask(ui_protocol::attention::Attention {});
    let phones = |fields: &domain::Fields| fields.get("phone").and_then(|phone| phone.as_str()).map(str::to_owned);
    let [conflict] = &attention.conflicts[..] else { panic!("one conflict: {attention:?}") };
    let stands = conflict.stands.as_ref().and_then(|side| phones(&side.fields));
    let mut both = [stands, phones(&conflict.lost.fields)].map(Option::unwrap_or_default);
    both.sort();
    assert_eq!(both, ["13905700066", "13905700077"], "the new village sees both numbers");
    assert!(both.contains(&view.phone), "and one of them stands");
    second.sync();
    wang.sync();
    for actor in [&wang, &second, &li] {
        actor.expect_same();
    }
}

/// A coordinator gets another village while both phones still hold work for the old one.
#[test]
fn an_area_that_changes_hands_with_changes_pending_on_both_sides() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    li.sync();
    wang.online(false);
    let mut form = wang.person(person).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    let late = wang.register(home, "李晓梅", &world.document()).person.expect("a person");

    // The village is Li's now, who goes on with it at once.
    world.core.set_areas("wang", &[XI]).expect("another village");
    world.core.set_areas("li", &[DONG, XI]).expect("both villages");
    li.sync();
    let mut form = li.person(person).form;
    form.phone = "13905700066".to_owned();
    li.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    li.sync();
    wang.online(true);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 2), "{status:?}");
    assert!(wang.find("张伟").is_empty() && wang.find("李晓梅").is_empty());
    assert_eq!(li.person(person).phone, "13905700066", "the register does not move by itself");

    // The station takes both in, and then nothing is lost and nothing is decided behind anybody's back.
    world.account("zhou", domain::access::Role::Officer, &[DONG], "");
    let officer = world.core.look(|view| Ok(view.account_by_login("zhou")?)).expect("looks").expect("an officer");
    let by = sync_server::desk::Decider { actor: officer.id.to_string(), officer, at_console: false };
    for number in [1, 2] {
        assert_eq!(world.core.take_held(&by, number).expect("taken").refused, None);
    }
    li.sync();
    assert_eq!(li.person(late).name, "李晓梅");
    assert_eq!(li.person(person).phone, "13905700066", "the newer value stands");
    let conflicts = li.ask(ui_protocol::attention::Attention {}).conflicts;
    assert_eq!(conflicts.len(), 1, "and the late one is beside it");
    assert_eq!(conflicts[0].lost.fields["phone"], "13905700077");
    wang.sync();
    li.expect_same();
    wang.expect_same();

    // The village is given back: everything as the register has it.
    world.core.set_areas("wang", &[DONG]).expect("the old village");
    wang.sync();
    assert_eq!(wang.person(late).name, "李晓梅");
    wang.expect_same();
}

#[test]
fn a_note_about_somebody_who_was_handed_over_meanwhile_does_not_stay_on_the_phone() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let second = world.phone_of("wang");
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    second.sync();
    let residency = wang.person(person).residencies[0].id;
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    second.ask(RevealDocument { person });
    second.sync();
    second.expect_same();
    let file = store::DeviceStore::open(second.device().path(), Default::default()).expect("the phone's file");
    let notes = file.read(|view| view.all(domain::kind::ACCESS)).expect("its notes");
    assert!(notes.is_empty(), "who looked at whom is the other village's business now: {notes:?}");
}
