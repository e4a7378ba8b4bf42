//! Both sides hold the same, and where they do not it is found and put right: only what differs, and never what waits.

use domain::RecordId;
use domain::place::Scope;
use store::drill::{self, DeviceDamage};
use ui_protocol::people::ChangeResident;
use workspace_tests::world::{DONG, Lie};
use workspace_tests::{Actor, World};

fn dong() -> Scope {
    Scope::Area(DONG.to_owned())
}

fn damage(actor: &Actor, damages: &[DeviceDamage]) {
    for damage in damages {
        drill::device(&actor.dir.join(device::FILE), damage).expect("damaged");
    }
}

/// A village with some people in it, one phone that holds it, and one of them.
fn village(people: usize) -> (World, Actor, RecordId) {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    for _ in 1..people {
        wang.register(home, "李晓梅", &world.document());
    }
    wang.sync();
    wang.expect_same();
    (world, wang, person)
}

#[test]
fn one_different_row_is_found_and_fetched_with_three_questions() {
    let (_world, wang, person) = village(12);
    damage(&wang, &[DeviceDamage::Said(person, "13905700001", "13905799999"), DeviceDamage::Sum(dong())]);
    assert_eq!(wang.person(person).phone, "13905799999", "the damage is seen");
    wang.counted();
    wang.sync();
    assert_eq!(wang.person(person).phone, "13905700001", "as the server says");
    wang.expect_same();
    let (up, down, requests) = wang.counted();
    assert!(requests <= 4, "an exchange and three questions, got {requests}");
    assert!(up + down <= 10_000, "{up} bytes up, {down} bytes down");
    wang.counted();
    wang.sync();
    assert_eq!(wang.counted().2, 1, "and nothing more the next time");
}

#[test]
fn a_missing_and_an_unreadable_and_a_superfluous_record_are_put_right() {
    let (_world, wang, person) = village(3);
    let account = wang.ask(ui_protocol::session::Status {}).account.expect("an account").id;
    let rows: [(&str, Vec<DeviceDamage>); 3] = [
        ("missing", vec![DeviceDamage::Lost(person), DeviceDamage::Sum(dong())]),
        ("unreadable", vec![DeviceDamage::Unreadable(person), DeviceDamage::Sum(dong())]),
        ("superfluous", vec![DeviceDamage::Extra(Scope::Account(account), person), DeviceDamage::Sum(Scope::Account(account))]),
    ];
    for (what, damages) in rows {
        damage(&wang, &damages);
        wang.counted();
        wang.sync();
        assert_eq!(wang.person(person).name, "张伟", "{what}");
        assert_eq!(wang.find("张伟").len(), 1, "{what}: in the list too");
        wang.expect_same();
        assert!(wang.counted().2 <= 4, "{what}");
    }
}

#[test]
fn a_sum_that_was_added_up_wrong_is_counted_again_without_a_question() {
    let (_world, wang, person) = village(3);
    damage(&wang, &[DeviceDamage::Hash(person), DeviceDamage::Sum(dong())]);
    wang.counted();
    wang.sync();
    wang.expect_same();
    assert_eq!(wang.counted().2, 1, "the stored rows were right: nothing to ask");
}

#[test]
fn what_waits_is_laid_over_what_was_put_right() {
    let (world, wang, person) = village(3);
    let li = world.phone_of("wang");
    li.sync();
    // A refused save stays in the tray, a waiting one in the outbox: neither is the server's word.
    let mut form = wang.person(person).form;
    form.phone = "13905700077".to_owned();
    wang.online(false);
    wang.ask(ChangeResident { person, form, draft: None });
    damage(&wang, &[DeviceDamage::Unreadable(person), DeviceDamage::Sum(dong())]);
    wang.online(true);
    wang.sync();
    assert_eq!(wang.person(person).phone, "13905700077");
    li.sync();
    assert_eq!(li.person(person).phone, "13905700077", "the waiting change arrived");
    wang.expect_same();
    li.expect_same();
}

#[test]
fn a_repair_that_is_cut_off_goes_on_at_the_next_exchange() {
    for cut in 1..=3 {
        let (_world, wang, person) = village(3);
        damage(&wang, &[DeviceDamage::Lost(person), DeviceDamage::Sum(dong())]);
        let mut lies = vec![Lie::Truth; cut];
        lies.push(Lie::LoseReply);
        wang.lie(&lies);
        wang.sync();
        assert!(wang.try_ask(ui_protocol::people::Person { id: person }).is_err(), "not yet: question {cut} was lost");
        wang.sync();
        assert_eq!(wang.person(person).name, "张伟", "cut at question {cut}");
        wang.expect_same();
    }
}
