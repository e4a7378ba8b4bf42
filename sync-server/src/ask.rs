//! Small questions of a device beside the exchange. Each is answered from a snapshot, and only of scopes it was granted.

use domain::digest::{BUCKETS, Digest, bucket, bucket_sums, hash_hex};
use domain::place::Scope;
use domain::{DeviceNumber, RecordId};
use store::server::View;
use sync_protocol::ask::{Found, HASHES_MAX};
use sync_protocol::{Ask, RECORDS_MAX, SyncError, Told};

use crate::caller::{Caller, Credentials, authenticate};
use crate::core::Core;
use crate::failure::Failure;
use crate::history;
use crate::pull;
use crate::restored::{check_confirmed, is_unconfirmed};

/// Bytes of records in one answer, as JSON: what is beyond is asked for again.
const RECORDS_BYTES_MAX: usize = 512 * 1024;

impl Core {
    /// Answers a small question. Safe to repeat.
    ///
    /// # Errors
    /// See [`SyncError`]; [`SyncError::Unauthorised`] also for a scope that was not granted.
    pub fn ask(&self, credentials: &Credentials, ask: Ask) -> Result<Told, SyncError> {
        let ask = match ask {
            Ask::Renew(renew) => return self.renew(credentials, renew).map(Told::Renewed).map_err(Failure::into_sync),
            Ask::Rescue { offers, hold } => return self.rescue(credentials, offers, hold).map_err(Failure::into_sync),
            Ask::Sealing { hand_in } => return self.begin_sealing(credentials, hand_in).map_err(Failure::into_sync),
            Ask::Lookup(lookup) => return self.look_up(credentials, &lookup).map_err(Failure::into_sync),
            ask => ask,
        };
        let _turn = match &ask {
            Ask::History(_) => Some(self.remembering.begin(credentials.device)?),
            _ => None,
        };
        self.look(|view| {
            let caller = authenticate(view, credentials)?;
            match ask {
                Ask::Buckets { scope } => buckets(view, &caller, &scope),
                Ask::Hashes { scope, buckets } => hashes(view, &caller, &scope, &buckets),
                Ask::Records { scope, ids, found } => {
                    let told = records(view, &caller, &scope, ids)?;
                    if let Some(found) = found {
                        self.note_difference(credentials.device, found);
                    }
                    Ok(told)
                }
                Ask::History(ask) => history::told(view, &caller, &ask),
                Ask::Standing => {
                    let epoch = view.meta("epoch")?.unwrap_or_default();
                    Ok(Told::Standing { epoch, confirmed: !is_unconfirmed(view)? })
                }
                // They write, and were answered above.
                Ask::Renew(_) | Ask::Rescue { .. } | Ask::Lookup(_) | Ask::Sealing { .. } => Err(SyncError::Server.into()),
            }
        })
        .map_err(Failure::into_sync)
    }

    /// A device held something else and puts it right: a mistake of ours, in one line and without values.
    fn note_difference(&self, device: DeviceNumber, found: Found) {
        if self.repairs.take(&device.to_string(), self.now_unix_ms()).is_err() {
            return;
        }
        // Nobody holds more than an answer may name: a number beyond it is made up.
        let [missing, different, superfluous] =
            [found.missing, found.different, found.superfluous].map(|count| count.min(HASHES_MAX as u64));
        let records = usize::try_from(missing + different + superfluous).unwrap_or(HASHES_MAX);
        self.metrics.add(&self.metrics.repairs_total, 1);
        self.metrics.add(&self.metrics.records_repaired_total, records);
        tracing::error!(device = device.0, missing, different, superfluous, "a device held something else and is put right");
    }
}

fn check_granted(caller: &Caller, scope: &Scope) -> Result<(), Failure> {
    if caller.grants.contains(scope) { Ok(()) } else { Err(SyncError::Unauthorised.into()) }
}

fn buckets(view: &View<'_>, caller: &Caller, scope: &Scope) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    let sums = bucket_sums(view.hashes(scope)?);
    let counted = sums.iter().copied().fold(0, u128::wrapping_add);
    let Digest { sum, .. } = view.scope(scope)?.digest;
    if counted != sum {
        // Devices are asked for nothing that would change this: it is the server's own book that is wrong.
        tracing::error!(%scope, "the kept sum of a scope is not the sum of its records: run `sync-server verify --repair`");
    }
    Ok(Told::Buckets { cursor: pull::head_cursor(view, scope)?, sums: sums.into_iter().map(hash_hex).collect() })
}

fn hashes(view: &View<'_>, caller: &Caller, scope: &Scope, buckets: &[u8]) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    if buckets.len() > BUCKETS {
        return Err(SyncError::TooLarge.into());
    }
    let asked = view.hashes(scope)?.into_iter().filter(|(record, _)| buckets.contains(&bucket(*record)));
    let hashes: Vec<_> = asked.map(|(record, hash)| (record, hash_hex(hash))).collect();
    // One bucket is answered however full it is: nobody could ask for less.
    if hashes.len() > HASHES_MAX && buckets.len() > 1 {
        return Err(SyncError::TooLarge.into());
    }
    Ok(Told::Hashes { cursor: pull::head_cursor(view, scope)?, hashes })
}

fn records(view: &View<'_>, caller: &Caller, scope: &Scope, ids: Vec<RecordId>) -> Result<Told, Failure> {
    check_granted(caller, scope)?;
    check_confirmed(view)?;
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
