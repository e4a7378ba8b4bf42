//! A damaged device file: what nobody has answered is read out of it, whatever the damage, and what cannot be read is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, RecordId, Stamp, TxnId, Verb, kind};
use store::device::{DeviceStore, Durability, OutboxState, Salvaged, Tuning, salvage};

const ANSWERED: u64 = 60;
const ALL: u64 = 200;
const PAGE: usize = 4096;
const IDENTITY: &str = r#"{"server":"https://doorstep.example","device":3,"account":{"id":"x"}}"#;

fn change(number: u64) -> Change {
    let id = uuid::Uuid::from_u128(u128::from(number) << 16);
    // Every fortieth is longer than a page.
    let note = "记".repeat(if number % 40 == 39 { 3_000 } else { 60 });
    let fields = serde_json::json!({ "name": format!("张{number}"), "note": note });
    let group = GroupChange { fields: fields.as_object().expect("an object").clone(), base: None };
    Change {
        id: ChangeId(id),
        txn: TxnId(id),
        record: RecordId(id),
        kind: kind::PERSON.to_owned(),
        verb: Verb::Create,
        schema: 1,
        origin: Origin { stamp: Stamp::at(1_795_395_600_000 + number.cast_signed()), device: DeviceNumber(3) },
        groups: BTreeMap::from([("identity".to_owned(), group)]),
    }
}

/// A file with an outbox and much else, closed in order. The last change of the answered ones was refused.
fn filled(dir: &Path) -> PathBuf {
    let path = dir.join("doorstep.db.damaged-1");
    let store = DeviceStore::open(&path, Tuning::default()).expect("a new file");
    let fill = |writing: &store::device::Writing<'_>| {
        writing.set_meta("identity", IDENTITY)?;
        for number in 1..=ALL {
            writing.push_change(&change(number), 1_795_395_600_000)?;
            writing.keep_draft(&format!("draft {number}"), &serde_json::json!({ "note": "x".repeat(400) }), 1)?;
        }
        for number in 1..ANSWERED {
            writing.answer_change(number, OutboxState::Ok, r#"{"is":"ok"}"#, 2)?;
        }
        writing.answer_change(ANSWERED, OutboxState::Refused, r#"{"is":"refused"}"#, 2)?;
        writing.set_acked(ANSWERED, change(ANSWERED).id)
    };
    store.write(Durability::Full, fill).expect("filled");
    store.close();
    path
}

/// Overwrites the pages of which `which` says so, with what flash memory leaves behind.
fn damage(path: &Path, which: impl Fn(usize, &[u8]) -> bool) -> usize {
    let mut bytes = std::fs::read(path).expect("the file");
    let mut damaged = 0;
    for (number, page) in bytes.chunks_mut(PAGE).enumerate() {
        if which(number + 1, page) {
            page.fill(0xa5);
            damaged += 1;
        }
    }
    std::fs::write(path, bytes).expect("written back");
    damaged
}

fn holds(page: &[u8], text: &str) -> bool {
    page.windows(text.len()).any(|window| window == text.as_bytes())
}

fn is_of_the_outbox(page: &[u8]) -> bool {
    page.first() == Some(&0x0d) && holds(page, r#""origin":"#)
}

fn read(path: &Path) -> Salvaged {
    let before = std::fs::read(path).expect("the file");
    let found = salvage(path, None).expect("looked through");
    assert_eq!(std::fs::read(path).expect("the file"), before, "what was set aside stays as it is");
    let beside = std::fs::read_dir(path.parent().expect("a folder")).expect("lists").count();
    assert_eq!(beside, 1, "and nothing is left beside it");
    for found in &found.changes {
        let number = u64::try_from(found.id.0.as_u128() >> 16).expect("ours");
        assert_eq!(*found, change(number), "whole, or not at all");
        assert!(number >= ANSWERED, "what stands is not among them: {number}");
    }
    let stamps: Vec<_> = found.changes.iter().map(|change| change.origin.stamp).collect();
    assert!(stamps.is_sorted(), "in the order they were made");
    found
}

#[test]
fn a_file_that_can_be_read_gives_what_waits_and_what_was_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let found = read(&filled(dir.path()));
    assert_eq!((found.changes.len() as u64, found.unread), (ALL - ANSWERED + 1, Some(0)));
    assert_eq!(found.identity.as_deref(), Some(IDENTITY));
}

#[test]
fn damage_elsewhere_costs_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = filled(dir.path());
    assert!(damage(&path, |_, page| page.first() == Some(&0x0d) && holds(page, "xxxxxxxx")) > 10, "the drafts");
    let found = read(&path);
    assert_eq!((found.changes.len() as u64, found.unread), (ALL - ANSWERED + 1, Some(0)));
}

#[test]
fn a_broken_page_of_the_outbox_costs_its_own_rows_and_they_are_counted() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = filled(dir.path());
    let count = std::cell::Cell::new(0);
    let damaged = damage(&path, |_, page| {
        count.set(count.get() + usize::from(is_of_the_outbox(page)));
        is_of_the_outbox(page) && count.get().is_multiple_of(5)
    });
    assert!(damaged >= 3, "{damaged} pages");
    let found = read(&path);
    let seen = found.changes.len() as u64;
    let waiting = found.changes.iter().filter(|found| found.origin.stamp > change(ANSWERED).origin.stamp).count() as u64;
    let unread = found.unread.expect("they are counted");
    assert_eq!(waiting + unread, ALL - ANSWERED, "read or counted, each of them");
    assert!(unread > 0 && unread < 60 && seen > 80, "{unread} not read, {seen} read");
}

#[test]
fn without_a_beginning_the_bytes_tell() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = filled(dir.path());
    damage(&path, |number, _| number == 1);
    let found = read(&path);
    let long = (ANSWERED..=ALL).filter(|number| number % 40 == 39).count() as u64;
    assert_eq!(found.changes.len() as u64, ALL - ANSWERED + 1 - long, "all but those that are longer than a page");
    assert_eq!(found.unread, None, "how many there were cannot be told");
    let identity: serde_json::Value = serde_json::from_str(&found.identity.expect("whose it is")).expect("JSON");
    assert_eq!(identity["server"], "https://doorstep.example");
}

#[test]
fn every_single_broken_page_leaves_the_rest() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = filled(dir.path());
    let whole = std::fs::read(&path).expect("the file");
    let all: BTreeSet<ChangeId> = (ANSWERED..=ALL).map(|number| change(number).id).collect();
    for broken in 1..=whole.len() / PAGE {
        std::fs::write(&path, &whole).expect("as it was");
        damage(&path, |number, _| number == broken);
        let found = read(&path);
        let ids: BTreeSet<ChangeId> = found.changes.iter().map(|change| change.id).collect();
        assert!(ids.is_subset(&all), "page {broken}: nothing that was answered");
        let lost = all.len() - ids.len();
        assert!(lost <= 12, "page {broken} costs {lost}");
        let counted = found.unread.is_none_or(|unread| unread as usize <= 12 && (lost <= 1 || unread as usize + 1 >= lost));
        assert!(counted, "page {broken}: {lost} lost, {:?} counted", found.unread);
    }
}

#[test]
fn a_file_that_was_cut_and_one_that_never_was_a_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = filled(dir.path());
    let bytes = std::fs::read(&path).expect("the file");
    std::fs::write(&path, &bytes[..bytes.len() * 3 / 4]).expect("cut");
    let found = read(&path);
    assert!(found.changes.len() > 20, "what is in the part that is there: {}", found.changes.len());
    std::fs::write(&path, b"this was never a database").expect("written");
    let found = read(&path);
    assert!(found.changes.is_empty() && found.unread.is_none() && found.identity.is_none());
}
