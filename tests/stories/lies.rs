//! The network lies: lost, doubled, cut. Nothing is lost and nothing is there twice.

use workspace_tests::world::DONG;
use workspace_tests::{Lie, World};

#[test]
fn every_lie_of_the_network_is_harmless() {
    let lies: &[&[Lie]] = &[
        &[Lie::LoseRequest],
        &[Lie::LoseReply],
        &[Lie::LoseReply, Lie::LoseReply, Lie::LoseRequest],
        &[Lie::CutRequest],
        &[Lie::CutReply],
        &[Lie::Double],
        &[Lie::Double, Lie::LoseReply, Lie::Double, Lie::CutReply],
    ];
    for lies in lies {
        let world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "12号", "13905700099", "1-4");
        wang.register(home, "李晓梅", &world.document());
        wang.lie(lies);
        for _ in 0..lies.len() {
            let _ = wang.try_ask(ui_protocol::session::SyncNow {});
        }
        let status = wang.sync();
        assert_eq!((status.waiting, status.on_server_today, status.refused_open), (0, 2, 0), "after {lies:?}");
        assert_eq!(status.conflicts_open, 0, "nobody is in conflict with themselves after {lies:?}");
        wang.expect_same();

        let other = world.phone_of("wang");
        other.sync();
        assert_eq!(other.find("李晓梅").len(), 1, "one person, not two, after {lies:?}");
        other.expect_same();
    }
}

#[test]
fn a_save_between_a_lost_answer_and_the_next_try_is_kept_apart() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    wang.lie(&[Lie::LoseReply]);
    wang.sync_fails();
    let saved = wang.register(home, "张伟", &world.document());
    wang.sync();
    assert_eq!(wang.status().waiting, 0);
    assert!(!wang.person(saved.person.expect("a person")).waiting);
    wang.expect_same();
}

#[test]
fn a_line_that_breaks_off_gets_smaller_pushes_and_all_of_it_arrives() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "1-60");
    for _ in 0..10 {
        wang.register(home, "李晓梅", &world.document());
    }
    // Nine times nothing comes back: the batch is down to one save, and no save is ever cut.
    wang.lie(&[Lie::LoseRequest; 9]);
    for _ in 0..9 {
        wang.sync_fails();
    }
    wang.counted();
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0));
    assert!(wang.counted().2 > 2, "in more than one push");
    wang.expect_same();
}
