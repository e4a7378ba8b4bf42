//! A first load in the file: what it writes, what it leaves to the ordinary way, and that a stop in the middle of making lists leaves
//! nothing wrong behind.

use domain::digest::{Digest, record_hash};
use domain::place::Scope;
use domain::stored::Stored;
use domain::{DeviceNumber, GroupValue, Origin, Record, RecordId, Stamp, kind};
use store::StoreError;
use store::device::{DeviceStore, Durability, Held, PersonLine, PersonRow, RowNo, Terms, Tuning, in_order};

fn id(number: u128) -> RecordId {
    RecordId(uuid::Uuid::from_u128(number))
}

fn record(kind: &str, number: u128, groups: serde_json::Value) -> Record {
    let origin = Origin { stamp: Stamp::at(1_795_395_600_000), device: DeviceNumber(3) };
    let groups = groups.as_object().cloned().expect("groups");
    let value = |fields: serde_json::Value| GroupValue::new(fields.as_object().cloned().expect("fields"), origin);
    let groups = groups.into_iter().map(|(name, fields)| (name, value(fields))).collect();
    Record { kind: kind.to_owned(), id: id(number), groups, dead: None }
}

fn village() -> Scope {
    Scope::Area("330822001201".to_owned())
}

fn page() -> Vec<Record> {
    vec![
        // The stay names a person of the next page, and a home nobody will ever send.
        record(kind::STAY, 3, serde_json::json!({ "where": { "person": id(2), "unit": id(0xff) } })),
        record(kind::PERSON, 1, serde_json::json!({ "identity": { "name": "张伟" }, "emptied": {} })),
        record("a kind of tomorrow", 4, serde_json::json!({ "said": { "x": [1, null] } })),
    ]
}

fn stored(records: &[Record]) -> Vec<Stored> {
    records.iter().map(|record| Stored::of(record).expect("packed")).collect()
}

fn line(number: u128, name: &str) -> PersonLine {
    PersonLine {
        id: id(number),
        sort: name.to_owned(),
        name: name.to_owned(),
        document: String::new(),
        home: String::new(),
        standing: "none".to_owned(),
    }
}

#[test]
fn a_load_adds_up_to_what_the_ordinary_way_adds_up_to() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = DeviceStore::open(&dir.path().join("doorstep.db"), Tuning::default()).expect("opened");
    let mut expected = Digest::default();
    page().iter().for_each(|record| expected.add(record_hash(record, village().kind())));
    store
        .write(Durability::Pulled, |writing| {
            writing.add_scope(&village())?;
            let loaded = writing.load(&village(), &stored(&page()))?;
            assert_eq!((loaded.digest, loaded.known.as_slice()), (expected, &[][..]));
            assert!(writing.lists_are_behind()?);
            for record in page() {
                assert_eq!(writing.held(record.id)?.and_then(|held| held.said), Some(record.clone()), "kept as it came");
                assert_eq!(writing.hash_in(&village(), record.id)?, Some(record_hash(&record, village().kind())));
            }
            assert!(writing.held(id(2))?.is_none(), "a person who is only named is not here");

            // The next page brings the person, and says the stay again.
            let next = [record(kind::PERSON, 2, serde_json::json!({ "identity": { "name": "李" } })), page()[0].clone()];
            let loaded = writing.load(&village(), &stored(&next))?;
            assert_eq!(loaded.known, [1], "what was here takes the ordinary way");
            assert_eq!(loaded.digest.count, 1);
            assert_eq!(writing.naming(id(2), kind::STAY)?.len(), 1, "named before it came, and found after");
            assert_eq!(writing.records_in(&village())?.len(), 4);
            Ok::<_, StoreError>(())
        })
        .expect("written");
}

#[test]
fn lists_that_were_half_made_are_made_whole_and_nothing_old_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let store = DeviceStore::open(&path, Tuning::default()).expect("opened");
    let people = |store: &DeviceStore| -> Vec<(RowNo, RecordId, String)> {
        store
            .read(|view| {
                let mut people = Vec::new();
                view.each_shown(kind::PERSON, |shown| {
                    people.push((shown.row, shown.id, shown.groups.to_owned()));
                    Ok::<_, StoreError>(())
                })?;
                Ok::<_, StoreError>(people)
            })
            .expect("read")
    };
    let rows = |store: &DeviceStore, name: &str| -> Vec<PersonRow> {
        let terms = in_order(vec![name.to_owned(), "zw".to_owned(), String::new(), "zw".to_owned(), "a\nb".to_owned()]);
        let row =
            |(row, _, _): (RowNo, RecordId, String)| PersonRow { row, line: line(1, name), terms: terms.clone(), document: None };
        people(store).into_iter().map(row).collect()
    };
    let sorted = |rows: &[PersonRow]| {
        let mut terms = Terms::default();
        terms.add_people(rows);
        terms.sort();
        terms
    };
    store
        .write(Durability::Pulled, |writing| {
            writing.add_scope(&village())?;
            writing.load(&village(), &stored(&page()))?;
            Ok::<_, StoreError>(())
        })
        .expect("loaded");
    assert_eq!(people(&store).len(), 1);
    let first = rows(&store, "张伟");
    assert_eq!(first[0].terms, ["zw", "张伟"], "sorted, each once, none that could not be taken out again");
    store
        .write(Durability::Pulled, |writing| {
            writing.put_person_rows(&first)?;
            // Half of the terms, then the phone dies.
            writing.put_sorted_terms(&sorted(&first), 0, 1, &[])
        })
        .expect("half made");
    drop(store);

    let store = DeviceStore::open(&path, Tuning::default()).expect("opened again");
    assert!(store.read(|view| view.lists_are_behind()).expect("read"), "it is remembered");
    store
        .write(Durability::Full, |writing| {
            // A save in between renames him, the ordinary way.
            let renamed = record(kind::PERSON, 1, serde_json::json!({ "identity": { "name": "张玮" } }));
            writing.put(&Held { said: Some(renamed.clone()), shown: renamed, waiting: 0, has_left: false })?;
            writing.put_person_line(&line(1, "张玮"))?;
            writing.put_terms(id(1), kind::PERSON, &["张玮".to_owned(), "zw".to_owned()])
        })
        .expect("saved");
    let again = rows(&store, "张玮");
    let refreshed = [id(1)];
    store
        .write(Durability::Pulled, |writing| {
            writing.put_person_rows(&again)?;
            // From a look before the save: its terms are left out for whoever was refreshed meanwhile.
            writing.put_sorted_terms(&sorted(&first), 0, 10, &refreshed)?;
            writing.put_terms(id(1), kind::PERSON, &["张玮".to_owned(), "zw".to_owned()])?;
            writing.lists_are_made()
        })
        .expect("made");
    store
        .read(|view| {
            assert!(!view.lists_are_behind()?);
            assert_eq!(view.by_term(kind::PERSON, "张玮", 10)?, [id(1)]);
            assert_eq!(view.by_term(kind::PERSON, "z", 10)?, [id(1)]);
            assert!(view.by_term(kind::PERSON, "张伟", 10)?.is_empty(), "the old name finds nobody");
            assert_eq!(view.people(None, 10)?.len(), 1);
            Ok::<_, StoreError>(())
        })
        .expect("read");
    let parts = store.parts().expect("measured");
    assert!(parts.sync_own > 0 && parts.sync_own < parts.file, "{parts:?}");
    let raw = dir.path().join("raw.db");
    store::device::Raw::of(&path).expect("read").write(&raw).expect("written");
    assert!(std::fs::metadata(&raw).is_ok_and(|file| file.len() > 0));
}

#[test]
fn a_file_that_is_mostly_empty_gives_its_room_back_when_it_is_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("doorstep.db");
    let store = DeviceStore::open(&path, Tuning::default()).expect("opened");
    let long = "甲".repeat(1_000_000);
    for number in 0..4 {
        store
            .write(Durability::Pulled, |writing| writing.keep_draft(&format!("form {number}"), &serde_json::json!(long), 1))
            .expect("kept");
    }
    store.write(Durability::Pulled, |writing| writing.drop_all_drafts()).expect("dropped");
    store.close();
    let before = std::fs::metadata(&path).expect("a file").len();
    DeviceStore::open(&path, Tuning::default()).expect("opened again").close();
    let after = std::fs::metadata(&path).expect("a file").len();
    assert!(before > 8_000_000 && after < 1_000_000, "{before} became {after}");
}
