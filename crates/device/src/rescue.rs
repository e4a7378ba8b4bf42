//! The server came back from a backup: telling it what it lacks, before anything it says is believed (protocol §9).
//!
//! ```text
//!   another epoch ─► a new number ─► missing ─► tell ─► differ ─► wait ─► last ─► as before
//!                    kept changes    records     kept    values    for an  the     (pull, compare,
//!                    count from 1    it lacks    again   it lacks  admin   rest     repair)
//! ```
//!
//! From the first step to the last this device names no scope to the server: it is told of no exit and no dropped village, and
//! deletes nothing. Every step may be cut off and is begun again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::digest::{bucket, bucket_sums, hash_from_hex};
use domain::{GroupValue, Origin, Record, RecordId, Verb, kind};
use store::device::{Durability, OutboxState, View, Writing};
use sync_protocol::{Ask, OFFERS_MAX, Offer, SyncError, SyncServer, Told};
use ui_protocol::session::Rescue as Shown;

use crate::Device;
use crate::error::Failure;
use crate::identity::Identity;
use crate::repair::{Counted, RESCUE};
use crate::sync;

/// Buckets whose hashes are asked for at once.
const BUCKETS_AT_ONCE: usize = 8;
/// Changes of one record that are looked at.
const CHANGES_LOOKED_AT: u32 = 1_000;
/// Bytes of records in one offer, as JSON.
const OFFER_BYTES_MAX: usize = 400 * 1024;

/// How far a rescue has come; its name stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Records the server lacks altogether are offered.
    Missing,
    /// What is kept of the outbox is told again.
    Tell,
    /// Values the server lacks are offered.
    Differ,
    /// An administrator has to confirm the grants.
    Wait,
    /// Offered once more, in the villages that were not granted before.
    Last,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Step::Missing => "missing",
            Step::Tell => "tell",
            Step::Differ => "differ",
            Step::Wait => "wait",
            Step::Last => "last",
        }
    }
}

/// Where a rescue stands; `None` when there is none.
pub(crate) fn step(view: &View<'_>) -> Result<Option<Step>, Failure> {
    let Some(name) = view.meta(RESCUE)?.filter(|name| !name.is_empty()) else { return Ok(None) };
    // A name of another version: at worst an administrator is waited for once more.
    Ok(Some(
        [Step::Missing, Step::Tell, Step::Differ, Step::Last].into_iter().find(|step| step.name() == name).unwrap_or(Step::Wait),
    ))
}

/// Begins one, in the transaction that takes the new number: what is kept and what waits counts from one again.
pub(crate) fn begin(writing: &Writing<'_>) -> Result<u64, Failure> {
    writing.set_meta(RESCUE, Step::Missing.name())?;
    // Photos that arrived after the backup have to be sent once more.
    writing.ask_for_blobs_again()?;
    Ok(writing.number_kept_anew()?)
}

impl Device {
    /// As a screen shows it.
    pub(crate) fn rescue_shown(&self, view: &View<'_>) -> Result<Option<Shown>, Failure> {
        Ok(step(view)?.map(|step| if step == Step::Wait { Shown::Waiting } else { Shown::Telling }))
    }

    fn set_step(&self, step: Option<Step>) -> Result<(), SyncError> {
        let name = step.map_or("", Step::name);
        let write = self.store.write(Durability::Full, |writing| writing.set_meta(RESCUE, name).map_err(Failure::from));
        write.map_err(|_| SyncError::Server)
    }

    /// Goes on with a rescue as far as it goes now. What is told again counts as rounds of the run.
    ///
    /// # Errors
    /// The first failure; it is begun again at the step that failed.
    pub(crate) fn rescue(&self, server: &dyn SyncServer) -> Result<(), SyncError> {
        match self.rescue_on(server) {
            // Said only once the grants are confirmed: nobody asks this device what it holds. What it has to deliver it delivers.
            Err(SyncError::Revoked) => self.set_step(None),
            answer => answer,
        }
    }

    fn rescue_on(&self, server: &dyn SyncServer) -> Result<(), SyncError> {
        let ours = |_: Failure| SyncError::Server;
        while let Some(now) = self.store.read(step).map_err(ours)? {
            let next = match now {
                Step::Missing => {
                    self.offer(server, true)?;
                    Some(Step::Tell)
                }
                Step::Tell => {
                    sync::tell_again(self, server)?;
                    Some(Step::Differ)
                }
                Step::Differ => {
                    self.offer(server, false)?;
                    Some(Step::Wait)
                }
                Step::Wait => {
                    let Told::Standing { confirmed, epoch } = server.ask(Ask::Standing)? else { return Err(SyncError::Server) };
                    let known = self.store.read(|view| self.identity(view)).map_err(ours)?.is_some_and(|own| own.epoch == epoch);
                    if !confirmed || !known {
                        return Ok(());
                    }
                    Some(Step::Last)
                }
                Step::Last => {
                    self.offer(server, false)?;
                    None
                }
            };
            self.set_step(next)?;
        }
        Ok(())
    }

    /// Offers what differs, scope by scope. A scope that is not granted now is passed over: it may be, when the grants are confirmed.
    fn offer(&self, server: &dyn SyncServer, only_missing: bool) -> Result<(), SyncError> {
        let ours = |_: Failure| SyncError::Server;
        let mut differing = BTreeSet::new();
        for row in self.store.read(|view| view.scopes().map_err(Failure::from)).map_err(ours)? {
            let counted = self.store.read(|view| Counted::of(view, &row.scope, || ()).map_err(Failure::from)).map_err(ours)?;
            let sums = match server.ask(Ask::Buckets { scope: row.scope.clone() }) {
                Ok(Told::Buckets { sums, .. }) => sums,
                Ok(_) => return Err(SyncError::Server),
                Err(SyncError::Unauthorised) => continue,
                Err(error) => return Err(error),
            };
            let own = bucket_sums(counted.hashes.iter().map(|(id, hash)| (*id, *hash)));
            let buckets: Vec<u8> = (0..=u8::MAX)
                .filter(|&at| sums.get(usize::from(at)).and_then(|sum| hash_from_hex(sum)) != Some(own[usize::from(at)]))
                .collect();
            for buckets in buckets.chunks(BUCKETS_AT_ONCE) {
                let told = server.ask(Ask::Hashes { scope: row.scope.clone(), buckets: buckets.to_vec() })?;
                let Told::Hashes { hashes, .. } = told else { return Err(SyncError::Server) };
                let theirs: BTreeMap<RecordId, Option<u128>> =
                    hashes.into_iter().map(|(id, hash)| (id, hash_from_hex(&hash))).collect();
                let in_them = counted.hashes.iter().filter(|(id, _)| buckets.contains(&bucket(**id)));
                differing.extend(
                    in_them
                        .filter(|(id, hash)| match theirs.get(*id) {
                            Some(their) => !only_missing && *their != Some(**hash),
                            None => true,
                        })
                        .map(|(id, _)| *id),
                );
            }
        }
        let offers = self
            .store
            .read(|view| {
                differing.iter().filter_map(|id| offer_of(view, *id, only_missing).transpose()).collect::<Result<Vec<_>, _>>()
            })
            .map_err(ours)?;
        let mut batches: VecDeque<Vec<Offer>> = batches(offers).into();
        while let Some(mut batch) = batches.pop_front() {
            match server.ask(Ask::Rescue { offers: batch.clone(), hold: !only_missing }) {
                Ok(Told::Rescued { .. }) => {}
                Ok(_) => return Err(SyncError::Server),
                // What the server takes at once is its own affair: half of it, in the same order.
                Err(SyncError::TooLarge) if batch.len() > 1 => {
                    let rest = batch.split_off(batch.len() / 2);
                    batches.push_front(rest);
                    batches.push_front(batch);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What is offered of a record: what the server said of it, without what this device wrote itself and still keeps. That is told
/// again, with what it replaced.
fn offer_of(view: &View<'_>, id: RecordId, only_missing: bool) -> Result<Option<Offer>, Failure> {
    let Some(mut record) = view.held(id)?.and_then(|held| held.said).filter(|said| said.dead.is_none()) else { return Ok(None) };
    let mut own: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    for kept in view.changes_of(id, CHANGES_LOOKED_AT)? {
        if !matches!(kept.state, OutboxState::Waiting | OutboxState::Ok | OutboxState::Merged) {
            continue;
        }
        if only_missing && kept.change.verb == Verb::Create {
            // As it was made: what others made names it, and its later values are told with what they replaced.
            let made = kept.change.groups.into_iter().filter(|(name, _)| name != "document");
            record.groups = made.map(|(name, group)| (name, GroupValue::new(group.fields, kept.change.origin))).collect();
            return Ok(Some(Offer { record, over: BTreeMap::new() }));
        }
        for name in kept.change.groups.keys() {
            own.entry(name.clone()).or_default().push(kept.change.origin);
        }
    }
    record.groups.retain(|name, value| own.get(name).is_none_or(|own| !own.contains(&value.origin)));
    let over = own
        .into_iter()
        .filter(|(name, _)| record.groups.contains_key(name))
        .filter_map(|(name, origins)| Some((name, origins.into_iter().max()?)))
        .collect();
    Ok((!record.groups.is_empty()).then_some(Offer { record, over }))
}

/// Homes first, then who and what stands in them.
fn rank(record: &Record) -> u8 {
    match record.kind.as_str() {
        kind::UNIT => 0,
        kind::ROOM => 1,
        kind::PERSON => 3,
        kind::RESIDENCY => 4,
        kind::STAY => 5,
        kind::VISIT => 6,
        kind::ACCESS => 9,
        _ => 7,
    }
}

/// Offers in messages: a person comes with the registration and the stays that say where they belong, or the server could not
/// tell whose they are.
fn batches(offers: Vec<Offer>) -> Vec<Vec<Offer>> {
    let kinds: BTreeMap<RecordId, u8> = offers.iter().map(|offer| (offer.record.id, rank(&offer.record))).collect();
    let mut leader: BTreeMap<RecordId, RecordId> = kinds.keys().map(|id| (*id, *id)).collect();
    let find = |leader: &BTreeMap<RecordId, RecordId>, mut id: RecordId| {
        while leader[&id] != id {
            id = leader[&id];
        }
        id
    };
    for offer in &offers {
        // Everything names its home: through that a whole village would hang together.
        for named in kind::references(&offer.record).into_iter().filter(|named| kinds.get(named).is_some_and(|rank| *rank > 1)) {
            let (one, other) = (find(&leader, offer.record.id), find(&leader, named));
            leader.insert(one, other);
        }
    }
    let mut together: BTreeMap<(bool, RecordId), Vec<Offer>> = BTreeMap::new();
    for offer in offers {
        let key = (rank(&offer.record) > 1, find(&leader, offer.record.id));
        together.entry(key).or_default().push(offer);
    }
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for mut cluster in together.into_values() {
        cluster.sort_by_key(|offer| (rank(&offer.record), offer.record.id));
        let size: usize = cluster.iter().map(|offer| serde_json::to_vec(offer).map_or(0, |json| json.len())).sum();
        if !batch.is_empty() && (batch.len() + cluster.len() > OFFERS_MAX || bytes + size > OFFER_BYTES_MAX) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += size;
        batch.extend(cluster);
        while batch.len() > OFFERS_MAX {
            let rest = batch.split_off(OFFERS_MAX);
            batches.push(std::mem::replace(&mut batch, rest));
        }
    }
    batches.push(batch);
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// Whether a scope may be named to this server now: not while it has not been told what this device holds.
pub(crate) fn is_over(view: &View<'_>) -> Result<bool, Failure> {
    Ok(step(view)?.is_none())
}

/// Whether the identity's history is the one the server tells of.
pub(crate) fn is_another(identity: &Identity, epoch: &str) -> bool {
    !epoch.is_empty() && !identity.epoch.is_empty() && identity.epoch != epoch
}
