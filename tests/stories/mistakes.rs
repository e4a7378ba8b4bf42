//! Undo, deleting what somebody else edited, refused saves in the tray.

use ui_protocol::ErrorCode;
use ui_protocol::attention::{Attention, Choice, Discard, Resend, SettleConflict};
use ui_protocol::people::{ChangeResident, UndoMistake};
use ui_protocol::units::{SaveUnit, Unit};
use workspace_tests::World;
use workspace_tests::world::{DONG, XI};

#[test]
fn a_person_entered_by_mistake_is_taken_back_before_and_after_the_exchange() {
    for synced in [false, true] {
        let world = World::new();
        let wang = world.coordinator("wang", DONG);
        let other = world.phone_of("wang");
        let home = wang.home(DONG, "1号", "13905700099", "");
        let doc_no = world.document();
        let person = wang.register(home, "张伟", &doc_no).person.expect("a person");
        if synced {
            wang.sync();
            other.sync();
        }
        assert!(wang.person(person).can_undo);
        assert_eq!(
            wang.ask(UndoMistake { record: person }).records,
            4,
            "person, registration, stay, tenancy; the visit happened"
        );
        assert!(wang.find("张伟").is_empty());
        wang.sync();
        other.sync();
        assert!(other.find("张伟").is_empty());
        assert_eq!(wang.ask(Unit { id: home }).rooms[0].people.len(), 0);
        wang.expect_same();
        other.expect_same();
        // The same document can be registered again.
        wang.register(home, "张伟", &doc_no);
    }
}

#[test]
fn a_home_with_people_in_it_is_not_taken_back() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "1-3");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    assert_eq!(wang.try_ask(UndoMistake { record: home }).expect_err("lived in").code, ErrorCode::InUse);
    wang.ask(UndoMistake { record: person });
    assert_eq!(wang.ask(UndoMistake { record: home }).records, 4, "the home and its rooms");
    wang.sync();
    assert_eq!(wang.status().refused_open, 0);
    wang.expect_same();
}

#[test]
fn a_deletion_that_had_not_seen_an_edit_leaves_the_record_and_asks() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    li.sync();
    let mut form = li.person(person).form;
    form.phone = "13905700077".to_owned();
    li.ask(ChangeResident { person, form, draft: None });
    li.sync();
    wang.ask(UndoMistake { record: person });
    wang.sync();
    li.sync();
    assert_eq!(li.person(person).phone, "13905700077", "the record stays");
    assert!(wang.status().conflicts_open >= 1, "and its deleter is asked");
    assert_eq!(wang.find("张伟").len(), 1);
    wang.expect_same();
    li.expect_same();
}

#[test]
fn an_edit_of_a_record_that_was_taken_back_is_put_back_with_its_record() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    li.sync();
    wang.ask(UndoMistake { record: home });
    wang.sync();
    let mut form = li.ask(Unit { id: home }).form;
    form.landlord_name = "陈国强".to_owned();
    li.ask(SaveUnit { id: Some(home), form, draft: None });
    li.sync();
    assert!(li.try_ask(Unit { id: home }).is_err(), "it stays taken back");
    let conflicts = li.ask(Attention {}).conflicts;
    assert_eq!(conflicts.len(), 1);
    assert!(conflicts[0].can_restore, "{conflicts:?}");
    li.ask(SettleConflict { id: conflicts[0].id, choice: Choice::Restore });
    li.sync();
    wang.sync();
    assert_eq!(wang.ask(Unit { id: home }).landlord.name, "陈国强", "one tap brings both back");
    assert_eq!((li.status().conflicts_open, li.status().refused_open), (0, 0));
    wang.expect_same();
    li.expect_same();
}

#[test]
fn a_refused_save_goes_to_the_tray_with_its_reason_and_can_be_sent_again_or_given_up() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    // The village is taken away while Wang is offline, and for longer than late work is held: the save is outside the grants.
    wang.online(false);
    let mut form = wang.ask(Unit { id: home }).form;
    form.landlord_name = "陈国强".to_owned();
    wang.ask(SaveUnit { id: None, form, draft: None });
    world.core.set_areas("wang", &[XI]).expect("another village");
    world.time.pass_days(31);
    wang.online(true);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 1), "one bad save never blocks the queue");
    let attention = wang.ask(Attention {});
    let refused = &attention.refused[0];
    assert_eq!(refused.why, domain::merge::Refusal::Scope);
    assert!(
        refused
            .parts
            .iter()
            .any(|part| part.groups.iter().any(|(name, fields)| name == "landlord" && fields["name"] == "陈国强"))
    );
    assert!(refused.can_resend);

    world.core.set_areas("wang", &[XI, DONG]).expect("both villages");
    wang.sync();
    wang.ask(Resend { txn: refused.txn });
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0), "sent again, and accepted");
    wang.expect_same();
    assert_eq!(wang.try_ask(Resend { txn: refused.txn }).expect_err("only once").code, ErrorCode::Stale);
    let _ = Discard { txn: refused.txn };
}

/// Found by the simulation: the dead are in no list of their village, and stayed in the file when the village was taken away.
#[test]
fn whoever_was_taken_back_goes_with_the_village_too() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    wang.ask(UndoMistake { record: person });
    wang.sync();
    world.core.set_areas("wang", &[XI]).expect("another village");
    wang.sync();
    let file = store::DeviceStore::open(wang.device().path(), Default::default()).expect("the phone's file");
    let held = file.read(|view| view.held(person)).expect("what the file holds");
    assert!(held.is_none(), "their name and number are not this phone's any more");
}
