//! What a device said itself is not said back to it, and what nobody changed is not mentioned.

use ui_protocol::people::ChangeResident;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, Lie, World};

fn change_phones(world: &World, phone: &Actor, people: &[domain::RecordId], from: usize) {
    for (number, person) in people.iter().enumerate() {
        let mut form = phone.person(*person).form;
        form.phone = format!("138{:08}", from + number);
        phone.ask(ChangeResident { person: *person, form, draft: None });
        world.time.pass_ms(10);
    }
}

#[test]
fn a_changed_field_costs_its_writer_next_to_nothing_on_the_way_back() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let people: Vec<_> = (0..40).map(|_| wang.register(home, "张伟", &world.document()).person.expect("registered")).collect();
    wang.sync();
    wang.expect_same();
    let colleague = world.phone_of("wang");
    colleague.sync();

    // Four times: what was built on the last answer is what the server has, or the next change would meet it.
    for round in 0..4 {
        change_phones(&world, &wang, &people, 1_000 * round);
        wang.counted();
        wang.sync();
        let (up, down, exchanges) = wang.counted();
        assert_eq!(exchanges, 1, "one question, one answer");
        assert!(up <= 45 * 40, "{up} B up for 40 changed fields");
        assert!(down <= 25 * 40, "{down} B down to who changed them");
        wang.expect_same();
        assert_eq!(wang.status().conflicts_today, 0, "no change met a value it had not seen");
    }
    colleague.sync();
    colleague.expect_same();
    for person in people {
        assert_eq!(colleague.person(person).form, wang.person(person).form, "told whole or told the difference: the same");
    }
    wang.counted();
    wang.sync();
    let (up, down, exchanges) = wang.counted();
    assert_eq!(exchanges, 1);
    assert!(up + down <= 300, "{up} B up and {down} B down when there is nothing to say, in three scopes");
}

#[test]
fn after_a_lost_answer_and_in_company_records_come_whole() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let other = world.phone_of("wang");
    other.sync();
    let home = wang.home(DONG, "12号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("registered");
    wang.lie(&[Lie::LoseReply]);
    wang.sync_fails();
    wang.sync();
    wang.expect_same();
    other.sync();
    // Both change the same record, in different groups, without having seen each other.
    change_phones(&world, &wang, &[person], 7);
    let mut form = other.person(person).form;
    form.hukou_region = "360123".to_owned();
    other.ask(ChangeResident { person, form, draft: None });
    wang.sync();
    other.sync();
    wang.sync();
    for phone in [&wang, &other] {
        phone.expect_same();
        let form = phone.person(person).form;
        assert_eq!((form.phone.as_str(), form.hukou_region.as_str()), ("13800000007", "360123"), "both values stand");
    }
}
