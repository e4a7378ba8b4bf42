//! Small questions of a device beside the exchange. Each is answered from a snapshot, and only of scopes it was granted.

use domain::RecordId;
use domain::digest::hash_hex;
use domain::place::Scope;
use store::server::View;
use sync_protocol::ask::{BUCKETS, HASHES_MAX};
use sync_protocol::{Ask, RECORDS_MAX, SyncError, Told};

use crate::caller::{Caller, Credentials, authenticate};
use crate::core::Core;
use crate::failure::Failure;
use crate::pull;

/// Bytes of records in one answer, as JSON: what is beyond is asked for again.
const RECORDS_BYTES_MAX: usize = 512 * 1024;

impl Core {
    /// Answers a small question. Safe to repeat.
    ///
    /// # Errors
    /// See [`SyncError`]; [`SyncError::Unauthorised`] also for a scope that was not granted.
    pub fn ask(&self, credentials: &Credentials, ask: Ask) -> Result<Told, SyncError> {
        self.look(|view| {
            let caller = authenticate(view, credentials)?;
            match ask {
                Ask::Buckets { scope } => buckets(view, &caller, &scope),
                Ask::Hashes { scope, buckets } => hashes(view, &caller, &scope, &buckets),
                Ask::Records { scope, ids } => records(view, &caller, &scope, ids),
            }
        })
        .map_err(Failure::into_sync)
    }
}

fn check_granted(caller: &Caller, scope: &Scope) -> Result<(), Failure> {
    if caller.grants.contains(scope) { Ok(()) } else { Err(SyncError::Unauthorised.into()) }
}

/// Which bucket a record is in.
fn bucket(record: RecordId) -> u8 {
    record.0.as_bytes()[15]
}

fn buckets(view: &View<'_>, caller: &Caller, scope: &Scope) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    let mut sums = vec![0u128; BUCKETS];
    for (record, hash) in view.hashes(scope)? {
        let sum = &mut sums[usize::from(bucket(record))];
        *sum = sum.wrapping_add(hash);
    }
    Ok(Told::Buckets { cursor: pull::head_cursor(view, scope)?, sums: sums.into_iter().map(hash_hex).collect() })
}

fn hashes(view: &View<'_>, caller: &Caller, scope: &Scope, buckets: &[u8]) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    let asked = view.hashes(scope)?.into_iter().filter(|(record, _)| buckets.contains(&bucket(*record)));
    let hashes: Vec<_> = asked.map(|(record, hash)| (record, hash_hex(hash))).collect();
    if hashes.len() > HASHES_MAX {
        return Err(SyncError::TooLarge.into());
    }
    Ok(Told::Hashes { cursor: pull::head_cursor(view, scope)?, hashes })
}

fn records(view: &View<'_>, caller: &Caller, scope: &Scope, ids: Vec<RecordId>) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    if ids.len() > RECORDS_MAX {
        return Err(SyncError::TooLarge.into());
    }
    let (mut records, mut rest, mut bytes) = (Vec::new(), Vec::new(), 0);
    for id in ids {
        if bytes >= RECORDS_BYTES_MAX {
            rest.push(id);
            continue;
        }
        let lives = view.member_of(scope, id)?.is_some_and(|member| !member.gone && member.hash.is_some());
        if let Some(record) = view.record(id)?.filter(|_| lives) {
            let record = pull::as_received(record, scope);
            bytes += serde_json::to_vec(&record).map_err(store::StoreError::from)?.len();
            records.push(record);
        }
    }
    Ok(Told::Records { cursor: pull::head_cursor(view, scope)?, records, rest })
}
