//! Group commit: nobody is told that something happened which did not.

use std::sync::Arc;

use store::ServerStore;
use sync_protocol::{SyncError, SyncServer};
use sync_server::clock::SeededDice;
use sync_server::{Core, Failure, SystemClock};

use crate::town::{Town, WANGS, ok};

#[test]
fn a_full_disk_fails_every_exchange_of_the_group_and_leaves_the_server_whole() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let mut pens: Vec<_> = (0..4).map(|_| town.pen("wang")).collect();
    for pen in &mut pens {
        for _ in 0..60 {
            let drafts = town.newcomer(pen, unit).0;
            pen.save(drafts);
        }
    }
    let path = town.file();
    town.core.stop();
    // The same file with hardly any room left.
    let store = ServerStore::open(&path).expect("opens");
    store.set_pages_max(store.pages().expect("counts") + 20).expect("caps");
    let full = Core::with_store(store, &path, Arc::new(SystemClock), Arc::new(SeededDice::new(9)));
    std::thread::scope(|threads| {
        let full = &full;
        for pen in &pens {
            threads.spawn(move || {
                let mut server = pen.server.clone();
                server.core = full.clone();
                let answer = server.exchange(pen.request(sync_protocol::CHANGES_MAX)).map(|_| ());
                assert_eq!(answer, Err(SyncError::Server), "told that it failed");
            });
        }
    });
    full.stop();
    drop(full);

    let core = Core::open(&path, Arc::new(SystemClock), Arc::new(SeededDice::new(10))).expect("the file is whole");
    for pen in &mut pens {
        pen.server.core = core.clone();
        pen.sync().expect("with room again, the same outbox goes through");
        assert!(pen.verdicts.values().all(|verdict| *verdict == sync_protocol::Verdict::Ok));
    }
    for pen in &mut pens {
        pen.sync().expect("fetches the rest");
        assert_eq!(pen.records(domain::kind::PERSON).len(), 240, "nothing twice, nothing missing");
        assert!(pen.agrees());
    }
}

#[test]
fn one_members_failure_or_panic_is_its_own() {
    let town = Town::new();
    let core = &town.core;
    let work = |number: i64| {
        move |write: &store::server::Write<'_>| -> Result<(), Failure> {
            write.set_meta(&format!("member-{number}"), "was here")?;
            match number % 3 {
                0 => Ok(()),
                1 => Err(Failure::Sync(SyncError::Forked)),
                _ => panic!("a mistake of ours, in a test"),
            }
        }
    };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|threads| {
        for number in 0..30 {
            threads.spawn(move || {
                let done = core.write(work(number));
                match number % 3 {
                    0 => assert!(done.is_ok()),
                    1 => assert!(matches!(done, Err(Failure::Sync(SyncError::Forked)))),
                    _ => assert!(matches!(done, Err(Failure::Panicked))),
                }
            });
        }
    });
    std::panic::set_hook(hook);
    for number in 0..30 {
        let kept = core.look(|view| Ok(view.meta(&format!("member-{number}"))?)).expect("looks").is_some();
        assert_eq!(kept, number % 3 == 0, "member {number}: what failed was taken back, and nothing else");
    }
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let drafts = town.newcomer(&wang, unit).0;
    ok(wang.send(drafts));
}

#[test]
fn a_stopped_server_answers_that_it_is_stopping() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let drafts = town.newcomer(&wang, unit).0;
    wang.save(drafts);
    town.core.stop();
    assert_eq!(wang.sync(), Err(SyncError::Server));
    assert_eq!(wang.outbox.len(), 5, "the outbox is intact");
}
