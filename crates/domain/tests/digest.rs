//! Proof that both sides hold the same: what goes into a record's hash, and that sums do not know an order.

use domain::digest::{Digest, groups_hash, hash_from_hex, hash_hex, record_hash};
use domain::ids::{DeviceNumber, RecordId, derived_id};
use domain::place::ScopeKind;
use domain::record::Rank;
use domain::{Fields, GroupValue, Origin, Record, Stamp};
use proptest::prelude::*;
use serde_json::json;

fn id(name: &str) -> RecordId {
    derived_id(&[name])
}

fn value(fields: serde_json::Value) -> GroupValue {
    let origin = Origin { stamp: Stamp::at(1_795_392_000_000), device: DeviceNumber(3) };
    GroupValue::new(fields.as_object().cloned().expect("an object"), origin)
}

fn record(kind: &str, groups: &[(&str, serde_json::Value)]) -> Record {
    let mut record = Record::empty(kind, id("record"));
    for (name, fields) in groups {
        record.groups.insert((*name).to_owned(), value(fields.clone()));
    }
    record
}

fn report() -> Record {
    record(
        "report",
        &[
            ("said", json!({ "name": "王芳", "doc_tail": "002X" })),
            ("document", json!({ "doc_no": "11010519491231002X" })),
            ("check", json!({ "state": "accepted" })),
        ],
    )
}

proptest! {
    #[test]
    fn the_sum_does_not_know_an_order(hashes in prop::collection::vec(any::<u128>(), 0..20), seed in any::<prop::sample::Index>()) {
        let sum = |hashes: &[u128]| {
            let mut digest = Digest::default();
            hashes.iter().for_each(|hash| digest.add(*hash));
            digest
        };
        let mut other = hashes.clone();
        other.reverse();
        if !other.is_empty() {
            let middle = seed.index(other.len());
            other.rotate_left(middle);
        }
        prop_assert_eq!(sum(&hashes), sum(&other));
        prop_assert_eq!(sum(&hashes).count, hashes.len() as u64);
    }

    #[test]
    fn taking_away_is_the_opposite_of_adding(held in prop::collection::vec(any::<u128>(), 0..20), more in any::<u128>()) {
        let mut digest = Digest::default();
        held.iter().for_each(|hash| digest.add(*hash));
        let before = digest;
        digest.add(more);
        digest.remove(more);
        prop_assert_eq!(digest, before);
        held.iter().for_each(|hash| digest.remove(*hash));
        prop_assert_eq!(digest, Digest::default());
    }

    #[test]
    fn the_text_form_comes_back(hash in any::<u128>()) {
        prop_assert_eq!(hash_from_hex(&hash_hex(hash)), Some(hash));
        prop_assert_eq!(hash_hex(hash).len(), 32, "leading zeros are kept");
    }
}

#[test]
fn a_text_that_is_no_hash_is_none() {
    for text in ["", "0", "zz000000000000000000000000000000", "000000000000000000000000000000000"] {
        assert_eq!(hash_from_hex(text), None, "{text:?}");
    }
}

#[test]
fn a_landlords_sum_leaves_the_document_out() {
    let with = report();
    let mut without = report();
    without.groups.remove("document");
    assert_eq!(record_hash(&with, ScopeKind::Owner), record_hash(&without, ScopeKind::Owner), "he never receives it");
    assert_ne!(record_hash(&with, ScopeKind::Area), record_hash(&without, ScopeKind::Area), "the coordinator does");
}

#[test]
fn the_hash_is_over_what_people_entered_and_nothing_else() {
    let plain = report();
    let hash = record_hash(&plain, ScopeKind::Area);

    let mut renamed = plain.clone();
    for value in renamed.groups.values_mut() {
        value.names.push(Origin { stamp: Stamp::at(0), device: DeviceNumber(9) });
        value.rank = Some(Rank { time: 1, device: 2, seq: 3 });
        value.origin.device = DeviceNumber(8);
    }
    assert_eq!(record_hash(&renamed, ScopeKind::Area), hash, "a device does not know names and ranks");

    let mut emptied = plain.clone();
    emptied.groups.insert("later".to_owned(), GroupValue::new(Fields::new(), plain.groups["said"].origin));
    assert_eq!(record_hash(&emptied, ScopeKind::Area), hash, "an empty group is no group");

    let mut different = [plain.clone(), plain.clone(), plain.clone(), plain.clone()];
    different[0].kind = "referral".to_owned();
    different[1].id = id("another");
    different[2].groups.insert("unknown".to_owned(), value(json!({ "of": "a newer version" })));
    different[3].groups.insert("check".to_owned(), value(json!({ "state": "returned" })));
    for other in different {
        assert_ne!(record_hash(&other, ScopeKind::Area), hash, "{other:?}");
    }
}

#[test]
fn fields_are_hashed_in_the_order_of_their_names() {
    let one = serde_json::from_str::<Fields>(r#"{"b":1,"a":"甲"}"#).expect("JSON");
    let other = serde_json::from_str::<Fields>(r#"{"a":"甲","b":1}"#).expect("JSON");
    let of = |fields: Fields| record_hash(&record("person", &[("contact", serde_json::Value::Object(fields))]), ScopeKind::Area);
    assert_eq!(of(one), of(other), "canonical JSON (RFC 8785): what was parsed in another order is the same value");
}

#[test]
fn the_hash_is_of_this_text_and_no_other() {
    let record = record("person", &[("contact", json!({ "phone": "1\"3", "甲": 1 })), ("a", json!({ "b": [1, null] }))]);
    let groups = r#"{"a":{"b":[1,null]},"contact":{"phone":"1\"3","甲":1}}"#;
    let text = format!(r#"["person","{}",{groups}]"#, record.id);
    let hash = u128::from_le_bytes(blake3::hash(text.as_bytes()).as_bytes()[..16].try_into().expect("sixteen bytes"));
    assert_eq!(record_hash(&record, ScopeKind::Area), hash, "what 0.1 hashed");
    assert_eq!(groups_hash("person", record.id, groups), hash, "the same from the text as it is stored");
}
