//! The questions beside the exchange, and refusals of photos, as they were first said. Each file under `tests/wire/0.2` is one
//! message; today's code writes the same text and reads it back. `BLESS=1` writes files that are not there yet, and changes none.
#![cfg(feature = "codec")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use domain::access::Role;
use domain::id_document::DocType;
use domain::place::Scope;
use domain::record::GroupValue;
use domain::{AccountId, ChangeId, DeviceNumber, Record, RecordId, Verb, kind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sync_protocol::ask::Found;
use sync_protocol::blob::BlobError;
use sync_protocol::history::{AskHistory, Entry, EntryGroup, Outcome, Was};
use sync_protocol::lookup::{Contact, Elsewhere, Lookup};
use sync_protocol::renew::{Offer, Renew, Renewal, Renewed, Secret};
use sync_protocol::{AccountInfo, Ask, SyncError, Told, codec};

fn uuid(number: u8) -> uuid::Uuid {
    let mut bytes = *b"\x01\x93\x5a\x00\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x00";
    bytes[15] = number;
    uuid::Uuid::from_bytes(bytes)
}

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, message: &T) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire/0.2").join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(message).expect("our own shapes serialise") + "\n";
    if !file.exists() && std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &text).expect("writes");
    }
    let said = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(text, said, "{name}: devices in the field speak this, so it never changes");
    let read: T = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name} is not understood any more: {error}"));
    assert_eq!(&read, message, "{name}: read back whole");
}

fn village() -> Scope {
    Scope::Area("330822001001".to_owned())
}

fn record() -> Record {
    let mut record = Record::empty(kind::PERSON, RecordId(uuid(1)));
    let contact = json!({"phone": "19900000001"}).as_object().cloned().expect("an object");
    record.groups.insert("contact".to_owned(), GroupValue::new(contact, "019cac3a8000a001-17".parse().expect("an origin")));
    record
}

fn fields(value: serde_json::Value) -> domain::Fields {
    value.as_object().cloned().expect("an object")
}

fn entry() -> Entry {
    Entry {
        record: RecordId(uuid(1)),
        kind: kind::PERSON.to_owned(),
        verb: Verb::Set,
        at_unix_ms: 1_772_413_200_123,
        received_unix_ms: 1_772_413_300_000,
        device: Some(17),
        by: "王敏".to_owned(),
        role: Some(Role::Coordinator),
        mine: true,
        no: "K7Q2-9D3F".to_owned(),
        outcome: Outcome::Merged,
        groups: vec![
            EntryGroup {
                group: "contact".to_owned(),
                fields: fields(json!({"phone": "19900000002"})),
                was: Was::Value(fields(json!({"phone": "19900000001"}))),
            },
            EntryGroup { group: "hukou".to_owned(), fields: fields(json!({"region": "360121"})), was: Was::Nothing },
        ],
    }
}

fn of_the_server() -> Entry {
    Entry {
        device: Some(0),
        by: String::new(),
        role: None,
        mine: false,
        no: String::new(),
        outcome: Outcome::Ok,
        groups: vec![EntryGroup { group: "alias".to_owned(), fields: fields(json!({})), was: Was::Unknown }],
        ..entry()
    }
}

fn of_somebody() -> Entry {
    Entry {
        device: None,
        role: Some(Role::Officer),
        verb: Verb::Delete,
        outcome: Outcome::Held,
        groups: Vec::new(),
        ..of_the_server()
    }
}

fn questions() -> Vec<(&'static str, Ask)> {
    let found = Some(Found { missing: 1, different: 2, superfluous: 0 });
    vec![
        ("ask-buckets", Ask::Buckets { scope: village() }),
        ("ask-hashes", Ask::Hashes { scope: Scope::County, buckets: vec![0, 7, 255] }),
        ("ask-records", Ask::Records { scope: village(), ids: vec![RecordId(uuid(1))], found }),
        ("ask-records-quietly", Ask::Records { scope: Scope::Owner(AccountId(uuid(9))), ids: Vec::new(), found: None }),
        (
            "ask-renew",
            Ask::Renew(Renew {
                account: AccountId(uuid(2)),
                install: "0123abcd".to_owned(),
                model: "a phone".to_owned(),
                version: "0.2.0".to_owned(),
                why: Some(Renewal::Cloned),
                acked: Some((41, ChangeId(uuid(3)))),
                newest: None,
            }),
        ),
        ("ask-lookup", Ask::Lookup(Lookup { doc_type: DocType::Id, doc_no: "330822199003070012".to_owned() })),
        ("ask-standing", Ask::Standing),
        ("ask-history", Ask::History(AskHistory { records: vec![RecordId(uuid(1)), RecordId(uuid(4))], skip: 100 })),
        (
            "ask-rescue",
            Ask::Rescue {
                offers: vec![Offer {
                    record: record(),
                    over: BTreeMap::from([("contact".to_owned(), "019cac3a80000001-17".parse().expect("an origin"))]),
                }],
                hold: true,
            },
        ),
    ]
}

fn answers() -> Vec<(&'static str, Told)> {
    let cursor = || "12.0a1b2c3d".to_owned();
    let contact = Contact { name: "李强".to_owned(), phone: "13900000002".to_owned() };
    vec![
        ("told-buckets", Told::Buckets { cursor: cursor(), sums: vec!["00".repeat(16), "ff".repeat(16)] }),
        ("told-hashes", Told::Hashes { cursor: cursor(), hashes: vec![(RecordId(uuid(1)), "0f".repeat(16))] }),
        ("told-records", Told::Records { cursor: cursor(), records: vec![record()], rest: vec![RecordId(uuid(4))] }),
        (
            "told-renewed",
            Told::Renewed(Renewed {
                device: DeviceNumber(18),
                secret: Secret("ab".repeat(32)),
                epoch: "5f0c2a9be1d34786".to_owned(),
                account: AccountInfo {
                    id: AccountId(uuid(2)),
                    login: "wang".to_owned(),
                    name: "王敏".to_owned(),
                    role: Role::Coordinator,
                },
                why: Renewal::Server,
                server_unix_ms: 1_772_413_200_123,
            }),
        ),
        (
            "told-elsewhere",
            Told::Elsewhere {
                found: vec![Elsewhere {
                    village: "东村".to_owned(),
                    township: "天马街道".to_owned(),
                    coordinators: vec![contact],
                }],
            },
        ),
        ("told-standing", Told::Standing { epoch: "5f0c2a9be1d34786".to_owned(), confirmed: false }),
        ("told-rescued", Told::Rescued { taken: 3, held: 1 }),
        ("told-history", Told::History { entries: vec![entry(), of_the_server(), of_somebody()], more: true }),
    ]
}

#[test]
fn every_question_is_said_as_it_was_and_understood() {
    for (name, ask) in questions() {
        check(name, &ask);
        let packed = codec::encode(&ask).expect("packs");
        assert_eq!(codec::decode::<Ask>(&packed).expect("unpacks"), ask, "{name}: packed, too");
    }
}

#[test]
fn every_answer_is_said_as_it_was_and_understood() {
    for (name, told) in answers() {
        check(name, &told);
        let packed = codec::encode(&told).expect("packs");
        assert_eq!(codec::decode::<Told>(&packed).expect("unpacks"), told, "{name}: packed, too");
    }
}

#[test]
fn every_refusal_of_a_photo_is_said_as_it_was() {
    let refusals = [
        ("blob-not-there", BlobError::NotThere),
        ("blob-not-arrived", BlobError::NotArrived),
        ("blob-offset", BlobError::Offset { expected: 65_536 }),
        ("blob-wrong-hash", BlobError::WrongHash),
        ("blob-busy", BlobError::Sync(SyncError::Busy { retry_after_ms: 1_000 })),
    ];
    for (name, refusal) in refusals {
        check(name, &refusal);
    }
}

/// What a later version adds to a question is passed over, not refused.
#[test]
fn a_question_with_more_in_it_is_still_understood() {
    let ask: Ask = serde_json::from_value(json!({"ask": "buckets", "scope": "c", "colour": "blue"})).expect("understood");
    assert_eq!(ask, Ask::Buckets { scope: Scope::County });
    assert!(serde_json::from_value::<Ask>(json!({"ask": "everything"})).is_err(), "what nobody knows is no question");
}
