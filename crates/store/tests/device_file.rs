//! A device's file: what is kept, what is derived, and that every released schema reaches today with its data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::place::Scope;
use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, RecordId, Stamp, TxnId, Verb, kind, merge};
use store::StoreError;
use store::device::{DeviceStore, Durability, Held, MIGRATIONS, OutboxState, PersonLine, Tuning};
use store::open::{Migration, open_writer};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/device-0.1.0.db")
}

fn id(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}

fn change(number: u128, record: u128, name: &str) -> Change {
    let fields = serde_json::json!({ "name": name, "a field of tomorrow": 7 });
    let fields = fields.as_object().expect("an object").clone();
    Change {
        id: ChangeId(id(number)),
        txn: TxnId(id(number + 1000)),
        record: RecordId(id(record)),
        kind: kind::PERSON.to_owned(),
        verb: Verb::Create,
        schema: 1,
        origin: Origin { stamp: Stamp::at(1_795_395_600_000), device: DeviceNumber(3) },
        groups: BTreeMap::from([("identity".to_owned(), GroupChange { fields, base: None })]),
    }
}

/// What a file of release 0.1.0 holds in these tests.
fn fill(store: &DeviceStore) {
    store
        .write(Durability::Full, |writing| {
            let change = change(1, 2, "张伟");
            writing.push_change(&change, 1_795_395_600_000)?;
            let shown = merge::lay_over(None, &change);
            writing.put(&Held { said: None, shown, waiting: 1, has_left: false })?;
            writing.add_scope(&Scope::Area("330822001201".to_owned()))?;
            writing.keep_draft("resident:new", &serde_json::json!({ "name": "李" }), 1)?;
            writing.set_meta("settings", "{}")?;
            writing.put_person_line(&PersonLine {
                id: RecordId(id(2)),
                sort: "zhangwei".to_owned(),
                name: "张伟".to_owned(),
                document: String::new(),
                home: String::new(),
                standing: "none".to_owned(),
                waiting: true,
            })?;
            writing.put_terms(RecordId(id(2)), kind::PERSON, &["张伟".to_owned(), "zw".to_owned()])
        })
        .expect("filled");
}

fn expect_filled(store: &DeviceStore) {
    store
        .read(|view| {
            let held = view.held(RecordId(id(2)))?.expect("the person");
            assert_eq!(held.shown.text("identity", "name"), Some("张伟"));
            assert_eq!(held.shown.field("identity", "a field of tomorrow"), Some(&7.into()), "unknown fields are kept");
            assert_eq!((view.waiting_count()?, held.waiting), (1, 1), "an upgrade loses no unsent change");
            assert_eq!(view.draft("resident:new")?.expect("a draft").0["name"], "李");
            assert_eq!(view.scopes()?.len(), 1);
            assert_eq!(view.by_term(kind::PERSON, "z", 10)?, [RecordId(id(2))]);
            assert_eq!(view.newest()?, Some((1, ChangeId(id(1)))));
            Ok::<_, StoreError>(())
        })
        .expect("read");
}

#[test]
fn every_released_schema_reaches_today_with_its_data() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    std::fs::copy(fixture(), &path).expect("the file of release 0.1.0");
    expect_filled(&DeviceStore::open(&path, Tuning::default()).expect("opened"));
}

#[test]
fn an_upgrade_is_whole_or_nothing_and_keeps_a_copy_of_what_was() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    std::fs::copy(fixture(), &path).expect("the file of release 0.1.0");
    let mut steps = MIGRATIONS.to_vec();
    steps.push(Migration { name: "good", sql: "ALTER TABLE draft ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0" });
    steps.push(Migration { name: "broken", sql: "CREATE TABLE half (id TEXT) STRICT; THIS IS NO STATEMENT" });
    assert!(open_writer(&path, &steps).is_err(), "the broken step says so");
    assert!(dir.path().join(format!("doorstep.db.before-{}", MIGRATIONS.len())).exists(), "the old file was copied first");
    steps.pop();
    drop(open_writer(&path, &steps).expect("the good step ran; nothing of the broken one is in the way"));
    assert!(matches!(DeviceStore::open(&path, Tuning::default()), Err(StoreError::Newer { .. })), "an older app opens nothing");
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("opened");
    let answer: Result<(), StoreError> = store.write(Durability::Full, |writing| {
        writing.push_change(&change(1, 2, "张伟"), 0)?;
        Err(StoreError::Unreadable(serde_json::from_str::<i32>("x").expect_err("no number")))
    });
    assert!(answer.is_err());
    store
        .read(|view| {
            assert_eq!((view.waiting_count()?, view.newest()?), (0, None));
            Ok::<_, StoreError>(())
        })
        .expect("read");
}

#[test]
fn a_number_is_never_given_twice_even_when_its_row_is_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("opened");
    store
        .write(Durability::Full, |writing| {
            assert_eq!(writing.push_change(&change(1, 2, "张伟"), 0)?, 1);
            writing.answer_change(1, OutboxState::Ok, "", 5)?;
            writing.forget_answered(100, 0)?;
            assert_eq!(writing.push_change(&change(2, 2, "张伟"), 0)?, 2);
            let counts = writing.counts_since(0)?;
            assert_eq!((counts.saved, counts.ok), (1, 0));
            Ok::<_, StoreError>(())
        })
        .expect("written");
}

#[test]
fn what_people_type_is_never_a_pattern() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("opened");
    fill(&store);
    store
        .read(|view| {
            for typed in ["%", "_", "\\", "'", "\"", "张%"] {
                assert!(view.people_at(typed, 10)?.is_empty(), "{typed}");
                assert!(view.by_term(kind::PERSON, typed, 10)?.is_empty(), "{typed}");
            }
            Ok::<_, StoreError>(())
        })
        .expect("read");
}

/// Writes the fixture of the present release; run it once before a release, never afterwards:
/// `DOORSTEP_WRITE_FIXTURE=1 cargo test -p store a_fixture_of_this_release_can_be_written`.
#[test]
fn a_fixture_of_this_release_can_be_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let store = DeviceStore::open(&path, Tuning::default()).expect("opened");
    fill(&store);
    expect_filled(&store);
    store.close();
    if std::env::var_os("DOORSTEP_WRITE_FIXTURE").is_some() {
        std::fs::copy(&path, fixture()).expect("the fixture");
    }
}
