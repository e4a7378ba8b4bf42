//! A phone comes back from a backup, a phone is copied, a file is carried elsewhere: nobody is asked anything, and what was
//! typed on every copy is there afterwards, once.

use domain::RecordId;
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::people::ChangeResident;
use ui_protocol::session::{Enrol, RenewedWhy, Status};
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, Lie, World};

fn number(actor: &Actor) -> u32 {
    actor.ask(Status {}).device.expect("a number")
}

fn phones(actor: &Actor, person: RecordId, phone: &str) {
    let mut form = actor.person(person).form;
    form.phone = phone.to_owned();
    actor.ask(ChangeResident { person, form, draft: None });
}

/// Everybody of a list, on this phone and on one that was never there before.
fn everybody_is_there(world: &World, actor: &Actor, names: &[&str]) {
    for name in names {
        assert_eq!(actor.find(name), [*name], "{name} is on the phone, once");
    }
    let fresh = world.phone_of("wang");
    fresh.sync();
    for name in names {
        assert_eq!(fresh.find(name), [*name], "{name} is on the server, once");
    }
    fresh.expect_same();
}

#[test]
fn a_restored_device_loses_nothing() {
    for answer_lost in [false, true] {
        let world = World::new();
        let mut wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        wang.register(home, "张伟", &world.document());
        wang.sync();
        // Typed before the backup, sent after it: the restored file believes that it still waits.
        wang.register(home, "李晓梅", &world.document());
        let backup = wang.copy();
        if answer_lost {
            wang.lie(&[Lie::LoseReply]);
            wang.sync_fails();
        } else {
            wang.sync();
            wang.register(home, "周敏", &world.document());
            wang.sync();
        }
        let before = number(&wang);
        wang.come_back_from(&backup);
        wang.register(home, "占小平", &world.document());
        let status = wang.sync();
        assert_eq!(status.waiting, 0, "nothing waits");
        let mut names = vec!["张伟", "李晓梅", "占小平"];
        if answer_lost {
            assert_eq!(number(&wang), before, "a lost answer is a lost answer: its verdicts are repeated");
        } else {
            assert_ne!(number(&wang), before, "under a number of its own");
            // With something new typed on top, a restored file looks like a cloned one.
            let why = status.renewed.map(|renewed| renewed.why);
            assert!(matches!(why, Some(RenewedWhy::Restored | RenewedWhy::Cloned)), "and quietly said: {why:?}");
            names.push("周敏");
        }
        wang.expect_same();
        everybody_is_there(&world, &wang, &names);
    }
}

#[test]
fn a_restored_device_is_noticed_without_a_push() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let backup = wang.copy();
    wang.register(home, "张伟", &world.document());
    wang.sync();
    let before = number(&wang);
    wang.come_back_from(&backup);
    wang.sync();
    assert_ne!(number(&wang), before);
    assert_eq!(wang.status().renewed.map(|renewed| renewed.why), Some(RenewedWhy::Restored));
    assert_eq!(wang.find("张伟"), ["张伟"]);
    wang.expect_same();
}

#[test]
fn a_cloned_phone_keeps_the_edits_of_both_copies_and_doubles_nothing() {
    for original_first in [true, false] {
        let world = World::new();
        let mut wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
        wang.sync();
        // Both copies hold this one, unanswered.
        wang.register(home, "李晓梅", &world.document());
        let copy = wang.copy();
        let clone = world.phone_from(&copy);
        phones(&wang, person, "13905700011");
        phones(&clone, person, "13905700022");
        wang.register(home, "周敏", &world.document());
        clone.register(home, "占小平", &world.document());
        let order = if original_first { [&wang, &clone] } else { [&clone, &wang] };
        for _ in 0..2 {
            for phone in order {
                assert_eq!(phone.sync().waiting, 0, "nobody is stuck and nobody is asked");
            }
        }
        assert_ne!(number(&wang), number(&clone), "each under a number of its own");
        for phone in order {
            phone.expect_same();
            let conflicts = phone.ask(Attention {}).conflicts;
            assert_eq!(conflicts.len(), 1, "two phone numbers that had not seen each other: {conflicts:?}");
        }
        everybody_is_there(&world, &wang, &["张伟", "李晓梅", "周敏", "占小平"]);
    }
}

#[test]
fn a_cloned_phone_is_noticed_before_anything_is_sent() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let clone = world.phone_from(&wang.copy());
    wang.register(home, "张伟", &world.document());
    clone.register(home, "李晓梅", &world.document());
    wang.sync();
    clone.sync();
    wang.sync();
    assert_ne!(number(&wang), number(&clone));
    everybody_is_there(&world, &wang, &["张伟", "李晓梅"]);
}

#[test]
fn a_copied_file_gets_its_own_number_before_its_first_push() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let old_file = wang.copy();
    // The phone goes on under another number, and its key store with it; then the old file is put back beside the new keys.
    let clone = world.phone_from(&old_file);
    clone.register(home, "张伟", &world.document());
    clone.sync();
    wang.register(home, "李晓梅", &world.document());
    wang.sync();
    let before = number(&wang);
    wang.file_comes_back_from(&old_file);
    wang.register(home, "周敏", &world.document());
    let status = wang.sync();
    assert_eq!(status.renewed.map(|renewed| renewed.why), Some(RenewedWhy::Copied));
    assert!(number(&wang) > before, "a number nobody had");
    everybody_is_there(&world, &wang, &["张伟", "李晓梅", "周敏"]);
}

#[test]
fn a_file_without_its_keys_is_enrolled_again_and_keeps_what_it_holds() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.register(home, "张伟", &world.document());
    let found = world.phone_with_file(&wang.copy());
    assert_eq!(found.sync_fails().code, ErrorCode::Unauthorised, "no keys, no sync");
    assert_eq!(found.status().waiting, 1.max(found.status().waiting), "and nothing is lost");
    let code = world.core.enrol_code("wang").expect("a code");
    found.ask(Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() });
    assert_eq!(found.sync().waiting, 0);
    wang.sync();
    everybody_is_there(&world, &wang, &["张伟"]);
}

#[test]
fn a_file_on_somebody_elses_phone_is_not_theirs() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    wang.home(DONG, "1号", "13905700099", "");
    let mut li = world.coordinator("li", XI);
    li.file_comes_back_from(&wang.copy());
    assert_eq!(li.sync_fails().code, ErrorCode::Unauthorised, "Li's keys open nothing of Wang's");
    assert!(li.status().waiting > 0, "and what waits is kept");
}

#[test]
fn a_lost_answer_to_the_question_for_a_new_number_is_harmless() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    let backup = wang.copy();
    wang.register(home, "张伟", &world.document());
    wang.sync();
    wang.come_back_from(&backup);
    wang.register(home, "李晓梅", &world.document());
    // The exchange that is told `forked` arrives; the new number does not.
    wang.lie(&[Lie::Double, Lie::LoseReply]);
    wang.sync_fails();
    assert_eq!(wang.sync().waiting, 0);
    everybody_is_there(&world, &wang, &["张伟", "李晓梅"]);
    let unused = world.core.list_devices().expect("devices");
    let open = unused.iter().filter(|(device, login)| login == "wang" && device.closed_unix_ms.is_none()).count();
    assert_eq!(open, 2, "the number that got lost is closed, the phone's and the fresh one's are open");
}
