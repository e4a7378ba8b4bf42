//! The file under a key: nothing of it is to be read, everything in it is there, and a stop in the middle of encrypting costs nothing.
//! A build that does not encrypt is asked the same and says that it does not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, RecordId, Stamp, TxnId, Verb, kind, merge};
use store::StoreError;
use store::cipher::{FileKey, Step, encrypt, encrypts, is_plain};
use store::device::{DeviceStore, Durability, Held, MIGRATIONS, Tuning, salvage};
use store::open::open_writer;

/// A name that is looked for among the bytes.
const NAME: &str = "张不可读";

fn key() -> FileKey {
    FileKey::new(*b"a key of thirty-two random bytes")
}

fn change(number: u128) -> Change {
    let fields = serde_json::json!({ "name": NAME }).as_object().expect("an object").clone();
    Change {
        id: ChangeId(uuid::Uuid::from_u128(number)),
        txn: TxnId(uuid::Uuid::from_u128(number + 1000)),
        record: RecordId(uuid::Uuid::from_u128(number + 2000)),
        kind: kind::PERSON.to_owned(),
        verb: Verb::Create,
        schema: 1,
        origin: Origin { stamp: Stamp::at(1_795_395_600_000), device: DeviceNumber(3) },
        groups: BTreeMap::from([("identity".to_owned(), GroupChange { fields, base: None })]),
    }
}

fn save(store: &DeviceStore, number: u128) {
    let change = change(number);
    let written = store.write(Durability::Full, |writing| {
        writing.push_change(&change, 1)?;
        let shown = merge::lay_over(None, &change);
        writing.put(&Held { said: None, shown, waiting: 1, has_left: false })?;
        writing.keep_draft("resident:new", &serde_json::json!({ "name": NAME }), 1)
    });
    written.expect("saved");
}

fn waiting(store: &DeviceStore) -> u64 {
    store.read(|view| view.waiting_count()).expect("counted")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).expect("lists").flatten().map(|entry| entry.path()).collect()
}

fn readable(folder: &Path) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("reads");
        bytes.windows(NAME.len()).any(|window| window == NAME.as_bytes())
    };
    files(folder).into_iter().filter(holds).collect()
}

#[test]
fn nothing_of_an_encrypted_file_is_to_be_read_without_its_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let store = DeviceStore::open_with(&path, Tuning::default(), Some(key())).expect("a new file");
    save(&store, 1);
    if !encrypts() {
        assert!(!readable(dir.path()).is_empty(), "this build encrypts nothing, and says so");
        return;
    }
    assert!(readable(dir.path()).is_empty(), "not in the file and not in its log: {:?}", readable(dir.path()));
    let found = store.read(|view| view.waiting_of(RecordId(uuid::Uuid::from_u128(2001)))).expect("a reader has the key too");
    assert_eq!(found.len(), 1);
    store.scrub().expect("written anew");
    store.close();
    assert!(readable(dir.path()).is_empty() && !is_plain(&path).expect("looks"), "after closing too");
    let other = FileKey::new([7; 32]);
    for key in [None, Some(other)] {
        let answer = DeviceStore::open_with(&path, Tuning::default(), key);
        assert!(matches!(answer, Err(StoreError::Corrupt(_))), "without its key it is no database");
    }
    assert_eq!(waiting(&DeviceStore::open_with(&path, Tuning::default(), Some(key())).expect("with it")), 1);
}

#[test]
fn a_plain_file_is_encrypted_with_what_waits_wherever_it_was_stopped() {
    for stop in Step::ALL.into_iter().map(Some).chain([None]) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("doorstep.db");
        let plain = DeviceStore::open(&path, Tuning::default()).expect("a plain file");
        save(&plain, 1);
        save(&plain, 2);
        drop(plain);
        let answer = encrypt(&path, &key(), |step| match stop == Some(step) {
            true => Err(StoreError::File(std::io::Error::other("the battery is empty"))),
            false => Ok(()),
        });
        if !encrypts() {
            assert!(answer.is_err(), "this build cannot");
            assert_eq!(waiting(&DeviceStore::open(&path, Tuning::default()).expect("as it was")), 2, "{stop:?}");
            continue;
        }
        assert_eq!(answer.is_ok(), stop.is_none(), "{stop:?}");
        let placed = stop.is_none_or(|step| step == Step::Placed);
        assert_eq!(is_plain(&path).expect("looks"), !placed, "{stop:?}: the one or the other");
        if !placed {
            // It is opened and worked with before somebody tries again.
            let plain = DeviceStore::open(&path, Tuning::default()).expect("still the plain file");
            assert_eq!(waiting(&plain), 2, "{stop:?}");
            save(&plain, 3);
            plain.close();
            encrypt(&path, &key(), |_| Ok(())).expect("the second time");
        }
        let store = DeviceStore::open_with(&path, Tuning::default(), Some(key())).expect("opened with the key");
        assert_eq!(waiting(&store), if placed { 2 } else { 3 }, "{stop:?}: nothing that waits is lost, nothing is there twice");
        assert!(store.is_whole().expect("looks"), "{stop:?}");
        assert_eq!(store.read(|view| view.draft("resident:new")).expect("read").expect("a draft").0["name"], NAME, "{stop:?}");
        assert!(readable(dir.path()).is_empty(), "{stop:?}: {:?}", readable(dir.path()));
    }
}

#[test]
fn an_encrypted_file_of_an_older_version_is_brought_to_today_and_its_copy_is_encrypted_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let old = open_writer(&path, &MIGRATIONS[..4], Some(&key())).expect("an older version's file");
    old.execute("INSERT INTO meta (key, value) VALUES ('settings', ?1)", [NAME]).expect("filled");
    drop(old);
    let store = DeviceStore::open_with(&path, Tuning::default(), Some(key())).expect("brought to today");
    assert_eq!(store.read(|view| view.meta("settings")).expect("read").as_deref(), Some(NAME));
    let copy = dir.path().join("doorstep.db.before-4");
    assert!(copy.exists(), "the older form was kept");
    if encrypts() {
        assert!(!is_plain(&copy).expect("looks"));
        assert!(readable(dir.path()).is_empty());
    }
}

#[test]
fn unsent_work_is_lifted_out_of_a_damaged_encrypted_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let store = DeviceStore::open_with(&path, Tuning::default(), Some(key())).expect("a new file");
    for number in 1..=300 {
        save(&store, number);
    }
    store.close();
    let mut bytes = std::fs::read(&path).expect("reads");
    // One page in the middle says something else: of an encrypted file no part of it can be read then.
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page + 100..page + 200].fill(0xa5);
    let aside = dir.path().join("doorstep.db.damaged-1");
    std::fs::write(&aside, bytes).expect("writes");
    let found = salvage(&aside, Some(&key())).expect("looked through");
    assert!(found.changes.len() > 200, "a broken page costs what is on it: {} of 300", found.changes.len());
    let lost = 300 - found.changes.len() as u64;
    assert!(
        found.unread.is_none_or(|unread| unread >= lost || !encrypts()),
        "what is lost is said: {:?} of {lost}",
        found.unread
    );
}
