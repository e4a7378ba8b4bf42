//! Two people change one record.

use domain::RecordId;
use ui_protocol::attention::{Attention, Choice, SettleConflict};
use ui_protocol::people::ChangeResident;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

/// Wang and Li share a village; both hold one registered person.
fn two_with_one_person() -> (World, Actor, Actor, RecordId) {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    li.sync();
    (world, wang, li, person)
}

fn change(actor: &Actor, person: RecordId, phone: Option<&str>, hukou_address: Option<&str>) {
    let mut form = actor.person(person).form;
    if let Some(phone) = phone {
        form.phone = phone.to_owned();
    }
    if let Some(address) = hukou_address {
        form.hukou_address = address.to_owned();
    }
    actor.ask(ChangeResident { person, form, draft: None });
}

#[test]
fn different_groups_meet_without_a_conflict() {
    let (_world, wang, li, person) = two_with_one_person();
    change(&wang, person, Some("13905700011"), None);
    change(&li, person, None, Some("新建路 5 号"));
    for actor in [&wang, &li, &wang] {
        actor.sync();
    }
    for actor in [&wang, &li] {
        let form = actor.person(person).form;
        assert_eq!((form.phone.as_str(), form.hukou_address.as_str()), ("13905700011", "新建路 5 号"));
        assert_eq!(actor.status().conflicts_open, 0);
        actor.expect_same();
    }
}

#[test]
fn the_loser_is_told_and_puts_the_value_back_with_one_tap() {
    let (world, wang, li, person) = two_with_one_person();
    change(&wang, person, Some("13905700011"), None);
    world.time.pass_ms(60_000);
    change(&li, person, Some("13905700022"), None);
    li.sync();
    wang.sync();
    li.sync();
    assert_eq!(wang.person(person).form.phone, "13905700022", "the later of two that had not seen each other stands");

    for (actor, mine_lost) in [(&wang, true), (&li, false)] {
        let attention = actor.ask(Attention {});
        assert_eq!(attention.conflicts.len(), 1, "both authors are told");
        let conflict = &attention.conflicts[0];
        assert_eq!((conflict.record, conflict.group.as_str()), (person, "contact"));
        assert_eq!(conflict.lost.mine, mine_lost);
        assert_eq!(conflict.lost.fields["phone"], "13905700011");
        assert_eq!(conflict.stands.as_ref().expect("a standing value").fields["phone"], "13905700022");
    }
    assert_eq!(wang.status().conflicts_today, 1, "the save in conflict is shown apart");

    let conflict = wang.ask(Attention {}).conflicts[0].id;
    let left = wang.ask(SettleConflict { id: conflict, choice: Choice::Restore });
    assert!(left.conflicts.is_empty());
    wang.sync();
    li.sync();
    for actor in [&wang, &li] {
        assert_eq!(actor.person(person).form.phone, "13905700011", "put back, for both");
        actor.expect_same();
    }
}

#[test]
fn keeping_what_stands_settles_it_too() {
    let (world, wang, li, person) = two_with_one_person();
    change(&wang, person, Some("13905700011"), None);
    world.time.pass_ms(60_000);
    change(&li, person, Some("13905700022"), None);
    for actor in [&li, &wang] {
        actor.sync();
    }
    let conflict = wang.ask(Attention {}).conflicts[0].id;
    wang.ask(SettleConflict { id: conflict, choice: Choice::Keep });
    wang.sync();
    assert_eq!(wang.status().conflicts_open, 0);
    assert_eq!(wang.person(person).form.phone, "13905700022");
    wang.expect_same();
}

#[test]
fn a_phone_set_to_2035_wins_nothing() {
    let (world, wang, li, person) = two_with_one_person();
    const NINE_YEARS_MS: i64 = 9 * 365 * 24 * 60 * 60 * 1000;
    wang.clock_wrong_by_ms(NINE_YEARS_MS);
    change(&wang, person, Some("13905700011"), None);
    wang.sync();
    wang.clock_wrong_by_ms(0);
    world.time.pass_ms(60_000);
    change(&li, person, Some("13905700022"), None);
    li.sync();
    wang.sync();
    assert_eq!(wang.person(person).form.phone, "13905700022", "Li wrote later, whatever Wang's clock said");
}

#[test]
fn someone_who_saw_the_value_replaces_it_even_with_a_clock_in_the_past() {
    let (_world, wang, li, person) = two_with_one_person();
    change(&wang, person, Some("13905700011"), None);
    wang.sync();
    li.sync();
    li.clock_wrong_by_ms(-5 * 365 * 24 * 60 * 60 * 1000);
    change(&li, person, Some("13905700022"), None);
    li.sync();
    wang.sync();
    assert_eq!(wang.person(person).form.phone, "13905700022");
    assert_eq!(li.status().conflicts_open, 0, "seen is seen, whatever the clocks");
}

#[test]
fn two_phones_that_settle_one_conflict_apart_end_with_one_answer() {
    let (world, wang, li, person) = two_with_one_person();
    let second = world.phone_of("wang");
    second.sync();
    change(&wang, person, Some("13905700011"), None);
    world.time.pass_ms(60_000);
    change(&li, person, Some("13905700022"), None);
    for actor in [&li, &wang, &second] {
        actor.sync();
    }
    let conflict = wang.ask(Attention {}).conflicts[0].id;
    // The earlier answer arrives later, and does not stand.
    second.ask(SettleConflict { id: conflict, choice: Choice::Keep });
    world.time.pass_ms(60_000);
    wang.ask(SettleConflict { id: conflict, choice: Choice::Keep });
    for actor in [&wang, &second, &wang, &li] {
        actor.sync();
    }
    for actor in [&wang, &second, &li] {
        actor.expect_same();
    }
}
