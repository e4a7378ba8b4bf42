//! The server comes back from a backup: nothing a phone still keeps or holds is lost, no phone is stuck, and none deletes
//! anything before an administrator has confirmed the grants.

use std::sync::Arc;

use domain::RecordId;
use domain::report::ReportForm;
use store::drill::{self, DeviceDamage};
use sync_server::Core;
use sync_server::backup::{backup, restore};
use sync_server::clock::SeededDice;
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::people::{ChangeResident, HandOver};
use ui_protocol::reports::{ListReports, Report, ReportState, SaveReport};
use ui_protocol::session::{Enrol, Rescue};
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

fn back_up(world: &World) {
    backup(world.dir.path(), &world.dir.path().join("copy.db")).expect("a copy");
}

fn restored(world: &mut World, phones: &[&Actor]) {
    restored_from(world, "copy.db", phones);
}

fn restored_from(world: &mut World, copy: &str, phones: &[&Actor]) {
    let dir = world.dir.path().to_owned();
    let copy = dir.join(copy);
    world.core.stop();
    let dice = |seed| Arc::new(SeededDice::new(seed));
    restore(&dir, &copy, true, world.time.clone(), dice(99)).expect("restored");
    let core = Core::open(&dir.join(sync_server::core::FILE_NAME), world.time.clone(), dice(98)).expect("opens");
    world.replace_server(core, phones);
}

/// Everybody says what they have, an administrator confirms, everybody hears the rest.
fn everybody_syncs(world: &World, phones: &[&Actor]) {
    for phone in phones {
        let status = phone.sync();
        assert_eq!(status.waiting, 0, "what waits is sent before anybody confirms");
        assert_eq!(status.rescue, Some(Rescue::Waiting), "and it is said why nothing comes");
    }
    assert!(world.core.confirm_restore(None).expect("confirmed"));
    assert!(!world.core.confirm_restore(None).expect("asked again"), "once");
    for _ in 0..2 {
        for phone in phones {
            assert_eq!(phone.sync().rescue, None);
        }
    }
    for phone in phones {
        phone.expect_same();
    }
}

fn phones(actor: &Actor, person: RecordId, phone: &str) {
    let mut form = actor.person(person).form;
    form.phone = phone.to_owned();
    actor.ask(ChangeResident { person, form, draft: None });
}

#[test]
fn what_was_answered_after_the_backup_is_said_again_even_when_nothing_new_waits() {
    for saves_more in [false, true] {
        let mut world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
        wang.sync();
        back_up(&world);
        // Twice: the later value replaced the earlier one knowingly, and does so again.
        phones(&wang, person, "13905700066");
        wang.sync();
        phones(&wang, person, "13905700077");
        wang.sync();
        restored(&mut world, &[&wang]);
        if saves_more {
            wang.register(home, "李晓梅", &world.document());
        }
        everybody_syncs(&world, &[&wang]);
        assert_eq!(wang.person(person).phone, "13905700077", "said again");
        assert!(wang.ask(Attention {}).conflicts.is_empty(), "and nobody is asked about it");
        let fresh = world.phone_of("wang");
        fresh.sync();
        assert_eq!(fresh.person(person).phone, "13905700077", "and on the server");
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
    back_up(&world);
    phones(&wang, stays, "13905700077");
    let on = wang.ask(ui_protocol::session::Status {}).today;
    let residency = goes.residency.expect("a registration");
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    assert!(wang.find("李晓梅").is_empty(), "it left, and its answered changes with it");
    restored(&mut world, &[&wang]);
    wang.counted();
    wang.register(home, "周敏", &world.document());
    everybody_syncs(&world, &[&wang]);
    assert_eq!(wang.person(stays).phone, "13905700077");
    assert!(wang.counted().2 < 120, "without hammering the server");
}

#[test]
fn a_server_restored_to_each_earlier_backup_loses_nothing_that_a_phone_kept_or_holds() {
    for copy in 0..4 {
        for others_first in [false, true] {
            let mut world = World::new();
            let wang = world.coordinator("wang", DONG);
            let second = world.phone_of("wang");
            second.sync();
            let dir = world.dir.path().to_owned();
            let take = |number: usize| backup(&dir, &dir.join(format!("{number}.db"))).expect("a copy");
            take(0);
            let home = wang.home(DONG, "1号", "13905700099", "1-2");
            let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
            wang.sync();
            take(1);
            // This phone is lost afterwards: what it sent is only held, by the other.
            second.sync();
            second.register(home, "李晓梅", &world.document());
            phones(&second, person, "13905700022");
            second.sync();
            wang.sync();
            take(2);
            phones(&wang, person, "13905700033");
            wang.sync();
            second.sync();
            phones(&second, person, "13905700044");
            second.sync();
            wang.sync();
            take(3);
            wang.register(home, "周敏", &world.document());
            wang.sync();
            drop(second);
            restored_from(&mut world, &format!("{copy}.db"), &[&wang]);
            let newer = world.coordinator("li", XI);
            if others_first {
                wang.register(home, "占小平", &world.document());
            }
            drop(newer);
            everybody_syncs(&world, &[&wang]);
            let fresh = world.phone_of("wang");
            fresh.sync();
            for phone in [&wang, &fresh] {
                assert_eq!(phone.person(person).phone, "13905700044", "copy {copy}: the last of four");
                for name in ["张伟", "李晓梅", "周敏"] {
                    assert_eq!(phone.find(name), [name], "copy {copy}: {name}, once");
                }
                assert!(phone.ask(Attention {}).conflicts.is_empty(), "copy {copy}: nobody is asked about the past");
                phone.expect_same();
            }
        }
    }
}

#[test]
fn nothing_is_deleted_before_an_administrator_confirmed() {
    let mut world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let home = li.home(XI, "1号", "13905700099", "");
    li.register(home, "张伟", &world.document());
    li.sync();
    back_up(&world);
    // After the backup: Wang is given the other village too.
    world.core.set_areas("wang", &[DONG, XI]).expect("granted");
    wang.sync();
    wang.sync();
    assert_eq!(wang.find("张伟"), ["张伟"]);
    wang.register(home, "李晓梅", &world.document());
    wang.sync();
    let held_before = wang.status().scopes;
    restored(&mut world, &[&wang, &li]);
    wang.register(home, "周敏", &world.document());
    // However often he asks, with the app stopped in between: nothing goes before somebody has confirmed.
    for _ in 0..3 {
        wang.sync();
        for name in ["张伟", "李晓梅"] {
            assert_eq!(wang.find(name), [name], "the grant is lost on the server, not the data on the phone");
        }
        assert_eq!(wang.status().rescue, Some(Rescue::Waiting));
        assert_eq!(wang.status().scopes.len(), held_before.len(), "no village is dropped");
        wang.restart();
    }
    world.core.set_areas("wang", &[DONG, XI]).expect("granted again");
    assert!(world.core.confirm_restore(None).expect("confirmed"));
    for _ in 0..2 {
        wang.sync();
        li.sync();
    }
    for phone in [&wang, &li] {
        assert_eq!(phone.find("张伟"), ["张伟"]);
        phone.expect_same();
    }
    // Tried once more when the grants were right again.
    for phone in [&wang, &li] {
        for name in ["李晓梅", "周敏"] {
            assert_eq!(phone.find(name), [name], "taken, once");
        }
        assert_eq!(phone.status().rescue, None);
    }
    // Left for the station: the number the registration had been given in what was lost. A phone is not believed about it.
    let waiting = world.core.look(|view| Ok(view.held_saves(store::server::HeldQuery::OPEN)?)).expect("looks");
    assert!(waiting.iter().all(|held| held.why == store::server::HeldWhy::Rescue && held.changes == 1), "{waiting:?}");
}

#[test]
fn who_was_shut_out_in_the_backup_is_unknown_and_keeps_the_file() {
    let mut world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    wang.sync();
    world.core.disable_account("wang", true).expect("shut out");
    back_up(&world);
    world.core.disable_account("wang", false).expect("let in again");
    wang.register(home, "李晓梅", &world.document());
    wang.sync();
    restored(&mut world, &[&wang]);
    assert_eq!(wang.sync_fails().code, ErrorCode::UnknownDevice);
    assert_eq!(wang.find("张伟"), ["张伟"], "nothing is deleted");
    world.core.disable_account("wang", false).expect("let in again");
    everybody_syncs(&world, &[&wang]);
    assert_eq!(wang.find("李晓梅"), ["李晓梅"]);
}

#[test]
fn a_phone_the_restored_server_does_not_know_is_enrolled_again_and_tells_everything() {
    let mut world = World::new();
    world.account("wang", domain::access::Role::Coordinator, &[DONG], "");
    back_up(&world);
    let wang = world.phone_of("wang");
    wang.sync();
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    wang.sync();
    restored(&mut world, &[&wang]);
    wang.register(home, "李晓梅", &world.document());
    assert_eq!(wang.sync_fails().code, ErrorCode::UnknownDevice);
    assert_eq!(wang.find("张伟"), ["张伟"]);
    let code = world.core.enrol_code("wang").expect("a code");
    wang.ask(Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() });
    everybody_syncs(&world, &[&wang]);
    let fresh = world.phone_of("wang");
    fresh.sync();
    for name in ["张伟", "李晓梅"] {
        assert_eq!(fresh.find(name), [name]);
    }
}

#[test]
fn a_phone_that_was_revoked_before_the_restore_delivers_to_the_station_afterwards() {
    for revoked_in_the_backup in [true, false] {
        let mut world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        wang.sync();
        let number = domain::DeviceNumber(wang.ask(ui_protocol::session::Status {}).device.expect("a number"));
        wang.online(false);
        wang.register(home, "李晓梅", &world.document());
        if revoked_in_the_backup {
            world.core.revoke_device(number).expect("revoked");
        }
        back_up(&world);
        restored(&mut world, &[&wang]);
        wang.online(true);
        if revoked_in_the_backup {
            assert_eq!(wang.sync_fails().code, ErrorCode::UnknownDevice, "nobody knows yet what was decided since");
        } else {
            // It has told everything and waits for the administrator; then somebody shuts it out.
            assert_eq!(wang.sync().rescue, Some(Rescue::Waiting));
            wang.register(home, "周敏", &world.document());
            let now = wang.ask(ui_protocol::session::Status {}).device.expect("a number");
            world.core.revoke_device(domain::DeviceNumber(now)).expect("revoked");
        }
        assert!(world.core.confirm_restore(None).expect("confirmed"));
        assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
        let status = wang.status();
        assert_eq!((status.waiting, status.rescue), (0, None), "delivered: {status:?}");
        assert_eq!(status.held, 1, "the station has it");
        assert!(wang.find("李晓梅").is_empty() && wang.find("周敏").is_empty());
        let waits = world.core.look(|view| Ok(view.held_counts()?)).expect("looks");
        assert_eq!(waits.iter().map(|count| count.saves).sum::<u64>(), 1, "{waits:?}");
    }
}

#[test]
fn a_finished_rescue_is_over_and_what_differs_is_put_right_again() {
    let mut world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    back_up(&world);
    restored(&mut world, &[&wang]);
    let scope = domain::place::Scope::Area(DONG.to_owned());
    everybody_syncs(&world, &[&wang]);
    for damage in [DeviceDamage::Said(person, "13905700001", "13905799999"), DeviceDamage::Sum(scope)] {
        drill::device(&wang.dir.join(device::FILE), &damage).expect("damaged");
    }
    assert_eq!(wang.person(person).phone, "13905799999", "the damage is seen");
    assert_eq!(wang.sync().rescue, None);
    assert_eq!(wang.person(person).phone, "13905700001", "as the server says");
    wang.expect_same();
}

fn report(chen: &Actor, home: RecordId, name: &str, doc_no: &str) -> RecordId {
    let form = ReportForm {
        unit: Some(home),
        name: name.to_owned(),
        doc_no: doc_no.to_owned(),
        phone: "13905700055".to_owned(),
        event_on: "2026-11-22".to_owned(),
        ..ReportForm::default()
    };
    chen.ask(SaveReport { form, draft: None }).id
}

#[test]
fn a_landlord_s_reports_survive_a_restore_and_are_enough_for_a_visit() {
    let mut world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let chen = world.landlord("chen", "13905700099");
    let before = report(&chen, home, "刘洋", &world.document());
    chen.sync();
    back_up(&world);
    let number = world.document();
    let lost = report(&chen, home, "何静", &number);
    chen.sync();
    let old_receipt = chen.ask(Report { id: lost }).receipt.expect("a receipt");
    restored(&mut world, &[&wang, &chen]);
    let unsent = report(&chen, home, "马超", &world.document());
    everybody_syncs(&world, &[&wang, &chen]);
    for (id, name) in [(before, "刘洋"), (lost, "何静"), (unsent, "马超")] {
        let theirs = chen.ask(Report { id });
        assert_eq!((theirs.row.name.as_str(), theirs.row.state), (name, ReportState::Received), "{name}: on the server again");
        let receipt = theirs.receipt.expect("with a receipt");
        assert!(id != lost || receipt.no != old_receipt.no, "a number that was lost is not given out a second time");
        let ours = wang.ask(Report { id });
        assert_eq!(ours.row.name, name, "and to be verified");
    }
    let tail = domain::id_document::tail(&number);
    let visit = wang.ask(Report { id: lost });
    assert!(visit.document.ends_with(&tail) && !visit.document.contains(&number[..10]), "{}", visit.document);
    assert_eq!(wang.ask(ListReports::default()).rows.len(), 3, "each once");
    assert!(wang.ask(Attention {}).conflicts.is_empty() && chen.ask(Attention {}).conflicts.is_empty());
    let held = world.core.look(|view| Ok(view.held_saves(store::server::HeldQuery::OPEN)?)).expect("looks");
    assert!(held.is_empty(), "what only the server may say, a landlord's phone says to nobody: {held:?}");
}
