//! Small questions: what they tell, and to whom they tell nothing.

use domain::RecordId;
use domain::digest::{Digest, bucket, hash_from_hex, hash_hex, text_hash_hex};
use domain::ids::uuid_v7;
use domain::place::Scope;
use sync_protocol::ask::Found;
use sync_protocol::{Ask, RECORDS_MAX, SyncError, Told, codec};

use crate::town::{LIS, Town, WANGS};

#[test]
fn buckets_hashes_and_records_tell_of_the_same_things() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    for _ in 0..3 {
        let unit = town.home(&mut wang, WANGS, "");
        town.resident(&mut wang, unit);
    }
    wang.sync().expect("everything arrives");
    let scope = Scope::Area(WANGS.to_owned());
    let ask = |ask| town.core.ask(wang.credentials(), ask).expect("an answer");
    let Told::Buckets { sums, cursor } = ask(Ask::Buckets { scope: scope.clone() }) else { panic!("buckets") };
    assert_eq!(sums.len(), 256);
    let whole = sums.iter().map(|sum| hash_from_hex(sum).expect("a sum")).fold(0u128, u128::wrapping_add);
    let kept: Digest = town.core.look(|view| Ok(view.scope(&scope)?.digest)).expect("a scope");
    assert_eq!(whole, kept.sum, "the buckets are the digest, cut into pieces");

    let all: Vec<u8> = (0..=255).collect();
    let Told::Hashes { hashes, cursor: same } = ask(Ask::Hashes { scope: scope.clone(), buckets: all }) else { panic!("hashes") };
    assert_eq!((hashes.len() as u64, same), (kept.count, cursor));
    let ids = hashes.iter().map(|(id, _)| *id).collect();
    let Told::Records { records, rest, .. } = ask(Ask::Records { scope: scope.clone(), ids, found: None }) else {
        panic!("records")
    };
    assert!(rest.is_empty());
    for record in records {
        let hash = domain::digest::hash_hex(domain::digest::record_hash(&record, scope.kind()));
        assert!(hashes.contains(&(record.id, hash)), "the record is the one the hash is of");
    }
}

#[test]
fn a_scope_that_was_not_granted_is_not_answered() {
    let town = Town::new();
    let wang = town.pen("wang");
    let scope = Scope::Area(LIS.to_owned());
    let questions = [
        Ask::Buckets { scope: scope.clone() },
        Ask::Hashes { scope: scope.clone(), buckets: vec![0] },
        Ask::Records { scope, ids: Vec::new(), found: None },
    ];
    for question in questions {
        assert_eq!(town.core.ask(wang.credentials(), question.clone()), Err(SyncError::Unauthorised), "{question:?}");
    }
}

#[test]
fn more_than_an_answer_holds_is_not_asked_for() {
    let town = Town::new();
    let wang = town.pen("wang");
    let scope = Scope::Area(WANGS.to_owned());
    let ids = vec![RecordId(uuid_v7(1, [7; 10])); RECORDS_MAX + 1];
    assert_eq!(town.core.ask(wang.credentials(), Ask::Records { scope, ids, found: None }), Err(SyncError::TooLarge));
}

#[test]
fn a_record_of_another_scope_is_not_told() {
    let town = Town::new();
    let mut li = town.pen("li");
    let unit = town.home(&mut li, LIS, "");
    let wang = town.pen("wang");
    let scope = Scope::Area(WANGS.to_owned());
    let told = town.core.ask(wang.credentials(), Ask::Records { scope, ids: vec![unit], found: None });
    assert!(matches!(told, Ok(Told::Records { records, .. }) if records.is_empty()), "it lives elsewhere");
}

#[test]
fn a_difference_is_counted_and_not_named() {
    let town = Town::new();
    let wang = town.pen("wang");
    let found = Some(Found { missing: 1, different: 2, superfluous: 3 });
    let scope = Scope::Area(WANGS.to_owned());
    town.core.ask(wang.credentials(), Ask::Records { scope, ids: Vec::new(), found }).expect("noted");
    let text = town.core.metrics.text();
    assert!(text.contains("doorstep_repairs_total 1") && text.contains("doorstep_records_repaired_total 6"), "{text}");
}

/// What putting one row of 30,000 right costs on the wire: the sums, one bucket's hashes, one record.
#[test]
fn one_wrong_row_of_thirty_thousand_costs_less_than_ten_thousand_bytes() {
    let hash = |number: u64| hash_from_hex(&text_hash_hex(&number.to_string())[..32]).expect("half a hash");
    // Registered over years, in no order that a compressor could use.
    let id = |number: u64| {
        let mut random = [0; 10];
        random.copy_from_slice(&hash(number ^ 0x5555_5555).to_le_bytes()[..10]);
        RecordId(uuid_v7(1_700_000_000_000 + number * 977_131 % 63_072_000_000, random))
    };
    let rows: Vec<(RecordId, u128)> = (0..30_000).map(|number| (id(number), hash(number))).collect();
    let scope = Scope::Area(WANGS.to_owned());
    let cursor = "30123.0a1b2c3d".to_owned();
    let sums = domain::digest::bucket_sums(rows.iter().copied()).into_iter().map(hash_hex).collect();
    let hashes: Vec<_> = rows.iter().filter(|(id, _)| bucket(*id) == 7).map(|(id, hash)| (*id, hash_hex(*hash))).collect();
    assert!((80..160).contains(&hashes.len()), "about 117 of 30,000: {}", hashes.len());
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let records = vec![town.core.look(|view| Ok(view.record(unit)?)).expect("looks").expect("a home")];
    let found = Some(Found { missing: 0, different: 1, superfluous: 0 });
    let up = [
        Ask::Buckets { scope: scope.clone() },
        Ask::Hashes { scope: scope.clone(), buckets: vec![7] },
        Ask::Records { scope, ids: vec![unit], found },
    ];
    let down = [
        Told::Buckets { cursor: cursor.clone(), sums },
        Told::Hashes { cursor: cursor.clone(), hashes },
        Told::Records { cursor, records, rest: Vec::new() },
    ];
    let up: usize = up.iter().map(|ask| codec::encode(ask).expect("packed").len()).sum();
    let down: Vec<usize> = down.iter().map(|told| codec::encode(told).expect("packed").len()).collect();
    assert!(up + down.iter().sum::<usize>() <= 10_000, "up {up}, down {down:?}");
}
