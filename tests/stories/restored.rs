//! The server comes back from a backup: nothing a phone still keeps is lost, and no phone is stuck.

use std::sync::Arc;

use sync_server::Core;
use sync_server::backup::{backup, restore};
use sync_server::clock::SeededDice;
use ui_protocol::people::{ChangeResident, HandOver};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

fn restored(world: &mut World, phones: &[&Actor]) {
    let dir = world.dir.path().to_owned();
    let copy = dir.join("copy.db");
    world.core.stop();
    let dice = || Arc::new(SeededDice::new(99));
    restore(&dir, &copy, true, world.time.clone(), dice()).expect("restored");
    let core = Core::open(&dir.join(sync_server::core::FILE_NAME), world.time.clone(), dice()).expect("opens");
    world.replace_server(core, phones);
}

#[test]
fn what_was_answered_after_the_backup_is_said_again_even_when_nothing_new_waits() {
    for saves_more in [false, true] {
        let mut world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
        wang.sync();
        backup(world.dir.path(), &world.dir.path().join("copy.db")).expect("a copy");
        let mut form = wang.person(person).form;
        form.phone = "13905700077".to_owned();
        wang.ask(ChangeResident { person, form, draft: None });
        wang.sync();
        restored(&mut world, &[&wang]);
        if saves_more {
            wang.register(home, "李晓梅", &world.document());
        }
        wang.sync();
        assert_eq!(wang.person(person).phone, "13905700077", "said again");
        let fresh = world.phone_of("wang");
        fresh.sync();
        assert_eq!(fresh.person(person).phone, "13905700077", "and on the server");
        wang.sync();
        wang.expect_same();
    }
}

#[test]
fn a_phone_that_forgot_what_it_handed_over_is_not_stuck() {
    let mut world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let stays = wang.register(home, "张伟", &world.document()).person.expect("a person");
    let goes = wang.register(home, "李晓梅", &world.document());
    wang.sync();
    backup(world.dir.path(), &world.dir.path().join("copy.db")).expect("a copy");
    let mut form = wang.person(stays).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ChangeResident { person: stays, form, draft: None });
    let on = wang.ask(ui_protocol::session::Status {}).today;
    let residency = goes.residency.expect("a registration");
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    assert!(wang.find("李晓梅").is_empty(), "it left, and its answered changes with it");
    restored(&mut world, &[&wang]);
    wang.register(home, "周敏", &world.document());
    let status = wang.sync();
    assert_eq!(status.waiting, 0);
    assert_eq!(wang.person(stays).phone, "13905700077");
    assert!(wang.counted().2 < 20, "without hammering the server");
    wang.sync();
    wang.expect_same();
}
