//! Small questions: what they tell, and to whom they tell nothing.

use domain::digest::{Digest, hash_from_hex};
use domain::place::Scope;
use sync_protocol::{Ask, SyncError, Told};

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
    let Told::Records { records, rest, .. } = ask(Ask::Records { scope: scope.clone(), ids }) else { panic!("records") };
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
        Ask::Records { scope, ids: Vec::new() },
    ];
    for question in questions {
        assert_eq!(town.core.ask(wang.credentials(), question.clone()), Err(SyncError::Unauthorised), "{question:?}");
    }
}
