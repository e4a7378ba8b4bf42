//! The one file is copied, lost, and put back: what was done since is said again by those who did it.

use std::sync::Arc;

use domain::digest::Digest;
use domain::kind;
use domain::place::Scope;
use sync_protocol::{SyncError, SyncServer};
use sync_server::backup::{SKIP, backup, restore};
use sync_server::clock::SeededDice;
use sync_server::keeping::keep_one;
use sync_server::rehearsal::rehearse;
use sync_server::{Core, SystemClock};

use crate::town::{Town, WANGS, ok};

#[test]
fn nothing_is_lost_after_the_server_was_put_back_to_an_earlier_day() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let early = town.resident(&mut wang, unit);
    let copy = town.folder.path().join("backup.db");
    backup(town.folder.path(), &copy).expect("a copy, while the server runs");
    assert!(backup(town.folder.path(), &copy).is_err(), "a backup overwrites nothing");

    let (drafts, late) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let answered = wang.outbox.clone();
    wang.sync().expect("done after the backup");
    let (epoch, number) = town.core.look(|view| Ok((view.meta("epoch")?, view.counter("R-2026")?))).expect("looks");

    // The disk dies.
    town.core.stop();
    let clock = town.clock.clone();
    assert!(
        restore(town.folder.path(), &copy, false, clock.clone(), Arc::new(SeededDice::new(3))).is_err(),
        "there is a server here"
    );
    let aside =
        restore(town.folder.path(), &copy, true, clock, Arc::new(SeededDice::new(3))).expect("restored").expect("set aside");
    assert!(aside.exists(), "the old file is still to be looked at");
    let core = Core::open(&town.file(), town.clock.clone(), Arc::new(SeededDice::new(4))).expect("opens");
    let now = core.look(|view| Ok((view.meta("epoch")?, view.counter("R-2026")?, view.record(late.person)?))).expect("looks");
    assert_ne!(now.0, epoch, "another history");
    assert_eq!(now.1, number - 1 + SKIP, "no number is given out twice");
    assert!(now.2.is_none(), "what came after the backup is not there");

    assert!(core.confirm_restore(None).expect("confirmed"), "until then no device is told anything");

    // The device goes on from where it was, is told of the gap, and says its kept changes again.
    wang.server.core = core.clone();
    let (drafts, third) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let gap = match wang.server.exchange(wang.request(sync_protocol::CHANGES_MAX)) {
        Err(SyncError::Gap { expected, .. }) => expected,
        other => panic!("expected a gap, got {other:?}"),
    };
    assert_eq!(gap, answered[0].seq);
    wang.outbox.splice(0..0, answered);
    wang.sync().expect("said again");
    for id in [early.person, late.person, third.person] {
        assert!(core.look(|view| Ok(view.record(id)?)).expect("looks").is_some());
    }
    assert_eq!(wang.records(kind::PERSON).len(), 3);
    assert!(wang.agrees());
    let numbers: std::collections::BTreeSet<_> =
        wang.records(kind::RESIDENCY).iter().filter_map(|record| record.text("number", "no").map(str::to_owned)).collect();
    assert_eq!(numbers.len(), 3, "three registrations, three numbers: {numbers:?}");
    assert!(i64::from(core.add_device("wang", "x").expect("a device").device.0) > SKIP, "device numbers too");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let town = Town::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("thing.db");
    let try_it = || restore(&folder.path().join("data"), &file, true, Arc::new(SystemClock), Arc::new(SeededDice::new(1)));
    assert!(try_it().is_err(), "not there");
    std::fs::write(&file, b"not a database at all, just some text that is long enough").expect("writes");
    assert!(try_it().is_err(), "not a database");
    let copy = town.folder.path().join("copy.db");
    backup(town.folder.path(), &copy).expect("a copy");
    let bytes = std::fs::read(&copy).expect("reads");
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("writes");
    assert!(try_it().is_err(), "cut in half");
    assert!(!folder.path().join("data").join(sync_server::core::FILE_NAME).exists(), "nothing was put in place");
    std::fs::write(&file, &bytes).expect("writes");
    assert!(try_it().expect("a whole copy").is_none(), "nothing had to be set aside");
}

#[test]
fn a_file_put_back_by_hand_is_noticed_and_nobody_is_stuck() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let copy = town.folder.path().join("backup.db");
    backup(town.folder.path(), &copy).expect("a copy");
    town.resident(&mut wang, unit);
    town.core.stop();
    // Without the restore command: the same epoch, and a history that lacks what this device was answered.
    let by_hand = town.folder.path().join("by-hand.db");
    std::fs::copy(&copy, &by_hand).expect("copies");
    let core = Core::open(&by_hand, town.clock.clone(), Arc::new(SeededDice::new(4))).expect("opens");
    wang.server.core = core.clone();
    let drafts = town.newcomer(&wang, unit).0;
    ok(wang.send(drafts));
    let text = core.metrics.text();
    assert!(text.contains("doorstep_rolled_back_alarms_total 1"), "{text}");
}

#[test]
fn a_backup_is_made_looked_at_and_the_old_ones_go() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    town.resident(&mut wang, unit);
    let folder = town.folder.path().join("backups");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("notes.txt"), "not ours").expect("writes");
    let mut made = Vec::new();
    for _ in 0..60 {
        made.push(keep_one(&town.core, &folder).expect("a backup while the server serves"));
        town.pass(60 * 60 * 1000);
    }
    let there: Vec<&std::path::PathBuf> = made.iter().filter(|file| file.exists()).collect();
    assert!(there.len() < made.len() && there.len() >= 24, "the last day and one a day: {}", there.len());
    assert!(made.last().is_some_and(|file| file.exists()));
    assert!(folder.join("notes.txt").exists(), "only backups are thinned out");
    assert!(town.core.metrics.text().contains("doorstep_backups_total 60"));

    let room = tempfile::tempdir().expect("a folder");
    let newest = made.last().expect("sixty of them");
    let before = std::fs::read(newest).expect("reads");
    let held = rehearse(newest, room.path(), town.clock.clone(), Arc::new(SeededDice::new(5))).expect("can be restored");
    let counts = town.core.look(|view| Ok(view.counts()?)).expect("looks");
    assert_eq!((held.records, held.changes, held.devices), (counts.records, counts.changes, counts.devices));
    assert!(held.scopes > 0 && held.newest_unix_ms.is_some());
    assert_eq!(std::fs::read(newest).expect("reads"), before, "the copy itself was only read");
}

#[test]
fn a_backup_that_would_not_do_is_found_out() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    town.resident(&mut wang, unit);
    let copy = town.folder.path().join("copy.db");
    backup(town.folder.path(), &copy).expect("a copy");
    let bytes = std::fs::read(&copy).expect("reads");
    let look = |name: &str, bytes: &[u8]| {
        let file = town.folder.path().join(name);
        std::fs::write(&file, bytes).expect("writes");
        let room = tempfile::tempdir().expect("a folder");
        rehearse(&file, room.path(), town.clock.clone(), Arc::new(SeededDice::new(6))).map(|_| ())
    };
    look("whole.db", &bytes).expect("a whole one");
    assert!(look("half.db", &bytes[..bytes.len() / 2]).is_err(), "cut in half");
    let mut bent = bytes.clone();
    let middle = bent.len() / 2;
    bent[middle..middle + 4096].fill(0xa5);
    assert!(look("bent.db", &bent).is_err(), "a page of it was overwritten");
    // Whole for SQLite, wrong for us: a sum that its records do not add up to.
    let wrong = town.folder.path().join("wrong.db");
    std::fs::write(&wrong, &bytes).expect("writes");
    let core = Core::open(&wrong, town.clock.clone(), Arc::new(SeededDice::new(7))).expect("opens");
    let scope = Scope::Area(WANGS.to_owned());
    core.write(move |write| Ok(write.set_digest(&scope, Digest { sum: 7, count: 7 })?)).expect("a wrong sum");
    core.stop();
    drop(core);
    let bytes = std::fs::read(&wrong).expect("reads");
    let said = look("wrong-too.db", &bytes).expect_err("a wrong sum is found");
    assert!(format!("{said:#}").contains(WANGS), "and named: {said:#}");
}
