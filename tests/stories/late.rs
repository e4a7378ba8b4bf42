//! Late work: a phone that was shut out, a village that was taken away, and the station that decides.

use ui_protocol::ErrorCode;
use ui_protocol::session::Status;
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

fn held(world: &World) -> usize {
    world.core.look(|view| Ok(view.held_saves(store::server::HeldQuery::OPEN)?.len())).expect("looks")
}

#[test]
fn a_revoked_phone_hands_its_unsent_work_to_the_station_and_keeps_nothing() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    wang.sync();
    let number = world.document();
    wang.register(home, "李晓梅", &number);
    wang.ask(ui_protocol::lookups::KeepDraft { key: "resident:new".to_owned(), form: serde_json::json!({ "name": "李" }) });
    let device = wang.ask(Status {}).device.expect("a number");
    world.core.revoke_device(domain::DeviceNumber(device)).expect("revoked");

    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    let status = wang.status();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 1), "the station has it, and the phone says so");
    assert!(wang.find("张伟").is_empty() && wang.find("李晓梅").is_empty(), "nothing of it is shown any more");
    let draft = wang.ask(ui_protocol::lookups::Draft { key: "resident:new".to_owned() });
    assert_eq!(draft.form, None, "half-typed forms went too");
    assert_eq!(held(&world), 1);
    let bytes: Vec<u8> = std::fs::read_dir(&wang.dir)
        .expect("the phone's folder")
        .filter_map(|entry| std::fs::read(entry.expect("an entry").path()).ok())
        .flatten()
        .collect();
    let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!stands(&number) && !stands("李晓梅") && !stands("张伟"), "not even between the lines of its file");
}

#[test]
fn a_lost_answer_of_late_work_is_harmless() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.register(home, "李晓梅", &world.document());
    let device = wang.ask(Status {}).device.expect("a number");
    world.core.revoke_device(domain::DeviceNumber(device)).expect("revoked");
    wang.lie(&[workspace_tests::world::Lie::LoseReply]);
    assert_eq!(wang.sync_fails().code, ErrorCode::Unreachable);
    assert!(wang.status().waiting > 0, "unanswered work stays");
    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    assert_eq!((wang.status().waiting, wang.status().held, held(&world)), (0, 1, 1));
}

#[test]
fn a_village_taken_away_with_work_pending_and_given_back_afterwards() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    wang.online(false);
    let mut form = wang.person(person).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    world.core.set_areas("wang", &[XI]).expect("another village");
    wang.online(true);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 1));
    assert!(wang.find("张伟").is_empty(), "the village left the phone");
    wang.expect_same();

    world.core.set_areas("wang", &[XI, DONG]).expect("both villages");
    wang.sync();
    assert_eq!(wang.person(person).phone, "13905700001", "it is back as the register has it; the station decides about the rest");
    assert_eq!(held(&world), 1);
    wang.expect_same();
}

#[test]
fn a_village_given_back_before_the_work_was_sent_is_work_like_any_other() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    wang.online(false);
    let mut form = wang.person(person).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    world.core.set_areas("wang", &[XI]).expect("another village");
    world.core.set_areas("wang", &[DONG]).expect("a mistake, mended");
    wang.online(true);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 0));
    assert_eq!(wang.person(person).phone, "13905700077");
    assert_eq!(held(&world), 0);
    wang.expect_same();
}

fn number(actor: &Actor) -> u32 {
    actor.ask(Status {}).device.expect("a number")
}

#[test]
fn a_phone_that_was_revoked_and_came_back_from_its_backup_delivers_all_the_same() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let backup = wang.copy();
    wang.register(home, "张伟", &world.document());
    wang.sync();
    let before = number(&wang);
    wang.come_back_from(&backup);
    // Typed on the restored file: the server has other changes at these places.
    wang.register(home, "李晓梅", &world.document());
    world.core.revoke_device(domain::DeviceNumber(before)).expect("revoked");
    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    assert_eq!((wang.status().waiting, wang.status().held, held(&world)), (0, 1, 1), "the station has it");
    assert!(wang.find("李晓梅").is_empty() && wang.find("张伟").is_empty());
    let devices = world.core.list_devices().expect("devices");
    let own = devices.iter().filter(|(_, login)| login == "wang");
    assert!(own.clone().count() == 2 && own.clone().all(|(device, _)| device.revoked), "another number is no way back in");
}

#[test]
fn a_phone_that_was_revoked_restored_and_set_up_again_works_on() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let backup = wang.copy();
    wang.register(home, "张伟", &world.document());
    wang.sync();
    wang.come_back_from(&backup);
    wang.online(false);
    wang.register(home, "李晓梅", &world.document());
    world.core.revoke_device(domain::DeviceNumber(number(&wang))).expect("revoked");
    wang.online(true);
    // Before it has said anything, somebody gives its person a new code.
    let code = world.core.enrol_code("wang").expect("a code");
    wang.ask(ui_protocol::session::Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() });
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held, held(&world)), (0, 0, 0, 0), "work like any other");
    assert_eq!(wang.find("李晓梅"), ["李晓梅"]);
    wang.sync();
    assert_eq!(wang.find("张伟"), ["张伟"], "and what the backup did not know comes back");
    wang.expect_same();
}
