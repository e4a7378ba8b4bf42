//! A device's file: what is kept, what is derived, and that every released schema reaches today with its data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::digest::record_hash;
use domain::place::Scope;
use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, RecordId, Stamp, TxnId, Verb, kind, merge};
use store::StoreError;
use store::device::{DeviceStore, Durability, Held, MIGRATIONS, OutboxState, PersonLine, Tuning};
use store::ending::Ending;
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
    assert!(open_writer(&path, &steps, None).is_err(), "the broken step says so");
    assert!(dir.path().join("doorstep.db.before-1").exists(), "the old file was copied first");
    steps.pop();
    drop(open_writer(&path, &steps, None).expect("the good step ran; nothing of the broken one is in the way"));
    assert!(matches!(DeviceStore::open(&path, Tuning::default()), Err(StoreError::Newer { .. })), "an older app opens nothing");
}

/// A file of release 0.1 in which a village was synced, one record stands in two scopes, and one change waits.
fn synced_by_release_0_1(path: &Path) {
    let connection = open_writer(path, &MIGRATIONS[..1], None).expect("a file of release 0.1");
    let group = r#"{"identity":{"f":{"name":"张伟","later":7},"o":"019cac3a8000a001-17"},"place":{"f":{"area":"330822001201"},"o":"019cac3a80990000-0"}}"#;
    let on_top = group.replace("张伟", "张玮").replace("019cac3a8000a001-17", "019cac3a90000000-3");
    let stay = r#"{"where":{"f":{"person":"00000000-0000-0000-0000-000000000002","unit":"00000000-0000-0000-0000-0000000000ff"},"o":"019cac3a8000a001-17"}}"#;
    let hash = format!("{:032x}", 9);
    let text = |number: u128| id(number).to_string();
    connection
        .execute_batch(&format!(
            "INSERT INTO scope (scope, cursor, sum, count, server_sum, server_count, complete)
             VALUES ('c', '1.t', '0', 0, '0', 0, 1), ('a:330822001201', '7.t', '{hash}', 2, '{hash}', 2, 1);
             INSERT INTO record (id, kind, said, shown, waiting) VALUES ('{person}', 'person', '{group}', '{on_top}', 1);
             INSERT INTO record (id, kind, said, said_dead) VALUES ('{stay_id}', 'stay', '{stay}', NULL);
             INSERT INTO record_ref (record, kind, target)
             VALUES ('{stay_id}', 'stay', '{person}'), ('{stay_id}', 'stay', '00000000-0000-0000-0000-0000000000ff');
             INSERT INTO record_scope (scope, record, hash)
             VALUES ('a:330822001201', '{person}', '{hash}'), ('c', '{person}', '{hash}'), ('a:330822001201', '{stay_id}', '{hash}');
             INSERT INTO person_row (id, sort, name, document, home, standing, waiting)
             VALUES ('{person}', 'zhangwei', '张玮', '', '东村', 'active', 1);
             INSERT INTO term (kind, term, id) VALUES ('person', 'zw', '{person}'), ('person', '张玮', '{person}');
             INSERT INTO document_row (doc_type, doc_no, person) VALUES ('id', '36012119600101001X', '{person}');
             INSERT INTO todo (record, kind, unit, due_on) VALUES ('{stay_id}', 'to_place', NULL, '2026-12-01');",
            person = text(2),
            stay_id = text(3),
        ))
        .expect("filled as release 0.1 did");
}

#[test]
fn a_synced_file_of_release_0_1_keeps_records_sums_and_lists() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    synced_by_release_0_1(&path);
    let store = DeviceStore::open(&path, Tuning::default()).expect("opened");
    let (person, stay) = (RecordId(id(2)), RecordId(id(3)));
    let village = Scope::Area("330822001201".to_owned());
    store
        .write(Durability::Full, |writing| {
            let held = writing.held(person)?.expect("the person");
            let said = held.said.as_ref().expect("what the server said");
            assert_eq!((said.text("identity", "name"), held.shown.text("identity", "name")), (Some("张伟"), Some("张玮")));
            assert_eq!(said.groups["identity"].origin.to_string(), "019cac3a8000a001-17");
            assert_eq!(said.groups["place"].origin.to_string(), "019cac3a80990000-0");
            assert_eq!(held.shown.groups["identity"].origin.to_string(), "019cac3a90000000-3");
            assert_eq!(said.field("identity", "later"), Some(&7.into()), "what this version does not know is kept");
            assert_eq!(held.waiting, 1);

            let scopes = writing.scopes()?;
            let row = scopes.iter().find(|row| row.scope == village).expect("the village");
            assert_eq!((row.cursor.as_deref(), row.digest.count, row.digest.sum, row.complete), (Some("7.t"), 2, 9, true));
            for (scope, record) in [(&village, person), (&Scope::County, person), (&village, stay)] {
                assert_eq!(writing.hash_in(scope, record)?, Some(9), "the hash that was counted: {scope} {record}");
            }
            assert_eq!(writing.hash_in(&Scope::County, stay)?, None);
            assert_eq!(writing.records_in(&Scope::County)?, [person]);

            assert_eq!(writing.naming(person, kind::STAY)?.iter().map(|stay| stay.id).collect::<Vec<_>>(), [stay]);
            assert_eq!(writing.held(RecordId(id(0xff)))?.map(|held| held.waiting), None, "a home that is named, and not here");
            assert_eq!(writing.by_term(kind::PERSON, "z", 10)?, [person]);
            assert_eq!(writing.people(None, 10)?[0].home, "东村");
            assert_eq!(writing.people_with_document("id", "36012119600101001X")?, [person]);
            assert_eq!(writing.todos("2026-12-31", 10)?[0].record, stay);

            // And they go as they came: nothing of the old form is in the way.
            writing.put_terms(person, kind::PERSON, &["zw".to_owned()])?;
            assert!(writing.by_term(kind::PERSON, "张", 10)?.is_empty());
            writing.leave(&Scope::County, person)?;
            assert!(writing.is_in_a_scope(person)?);
            writing.leave(&village, person)?;
            assert!(!writing.is_in_a_scope(person)?);
            Ok::<_, StoreError>(())
        })
        .expect("written");
}

/// Release 0.1 kept what it did not know. This version knows whom a hazard names, and its lists are made anew.
#[test]
fn a_hazard_an_older_version_kept_is_found_by_its_home() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    synced_by_release_0_1(&path);
    let (home, hazard, recheck) = (RecordId(id(0xff)), RecordId(id(4)), RecordId(id(5)));
    let origin = "019cac3a8000a001-17";
    let what = format!(r#"{{"what":{{"f":{{"unit":"{home}","item":"RQ02"}},"o":"{origin}"}}}}"#);
    let fact = format!(r#"{{"fact":{{"f":{{"hazard":"{hazard}","fixed":true}},"o":"{origin}"}}}}"#);
    open_writer(&path, &MIGRATIONS[..1], None)
        .expect("the file of release 0.1")
        .execute_batch(&format!(
            "INSERT INTO record (id, kind, said) VALUES ('{hazard}', 'hazard', '{what}'), ('{recheck}', 'recheck', '{fact}')"
        ))
        .expect("kept");
    let store = DeviceStore::open(&path, Tuning::default()).expect("opened");
    let named = |of: RecordId, by: &str| -> Vec<RecordId> {
        store.read(|view| view.naming(of, by)).expect("read").into_iter().map(|record| record.id).collect()
    };
    assert_eq!(named(home, kind::HAZARD), [hazard]);
    assert_eq!(named(hazard, kind::RECHECK), [recheck]);
    assert!(store.read(|view| view.lists_are_behind()).expect("read"), "what is to do about it was in no list");
}

#[test]
fn a_sum_gives_back_what_it_took_whatever_was_said_in_between() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("opened");
    let (village, account) = (Scope::Area("330822001201".to_owned()), Scope::Account(domain::AccountId(id(77))));
    let named = |name: &str| merge::lay_over(None, &change(1, 2, name));
    let held = |name: &str| Held { said: Some(named(name)), shown: named(name), waiting: 0, has_left: false };
    let hash = |name: &str, scope: &Scope| Some(record_hash(&named(name), scope.kind()));
    let person = RecordId(id(2));
    store
        .write(Durability::Full, |writing| {
            writing.add_scope(&village)?;
            writing.add_scope(&account)?;
            writing.put(&held("张伟"))?;
            writing.enter_as_said(&village, person)?;
            assert_eq!(writing.hash_in(&village, person)?, hash("张伟", &village));
            writing.put(&held("张玮"))?;
            assert_eq!(writing.hash_in(&village, person)?, hash("张伟", &village), "the village has not spoken again");
            writing.enter_as_said(&account, person)?;
            assert_eq!(writing.hash_in(&account, person)?, hash("张玮", &account));
            writing.enter_as_said(&village, person)?;
            assert_eq!(writing.hash_in(&village, person)?, hash("张玮", &village));
            writing.leave(&village, person)?;
            assert_eq!((writing.hash_in(&village, person)?, writing.is_in_a_scope(person)?), (None, true));
            writing.enter_as_said(&account, person)?;
            writing.leave(&account, person)?;
            assert!(!writing.is_in_a_scope(person)?, "a record is in a scope once, whichever way it came");
            writing.purge(person)?;
            assert!(writing.held(person)?.is_none());
            Ok::<_, StoreError>(())
        })
        .expect("written");
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

/// SQLite can answer a BEGIN with an error although the transaction is open by then. Found by the simulation.
#[test]
fn whatever_step_a_save_stops_at_the_next_one_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("a new file");
    let keep = |body: u32| store.write(Durability::Full, |writing| writing.keep_draft("resident:new", &body.into(), 0));
    let mut stopped = 0;
    for steps in 1..=60 {
        store.end_next_badly(Ending::Interrupted(steps));
        stopped += u32::from(keep(steps).is_err());
        keep(1_000 + steps).unwrap_or_else(|error| panic!("the save after one that stopped at step {steps}: {error}"));
        let kept = store.read(|view| view.draft("resident:new")).expect("read").expect("kept");
        assert_eq!(kept.0, 1_000 + steps);
    }
    assert!(stopped > 3, "some of them stopped: {stopped}");
}
