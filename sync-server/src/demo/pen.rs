//! A device reduced to its outbox and what it pulled: the demo's hands, and the tests'. It keeps no file and has no screen;
//! what it says and understands is what every device does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::digest::{Digest, record_hash};
use domain::merge::lay_over;
use domain::place::Scope;
use domain::record::{SCHEMA, to_fields};
use domain::{Change, ChangeId, Fields, GroupChange, Origin, Record, RecordId, Stamp, TxnId, Verb, ids};
use serde::Serialize;
use sync_protocol::{
    ExchangeReply, ExchangeRequest, PROTOCOL_OWN_MIN, Position, PushedChange, RECORDS_MAX, ScopeState, SyncError, SyncServer,
    Verdict,
};

use crate::caller::Credentials;
use crate::clock::{Dice, SeededDice};
use crate::core::Core;
use crate::failure::Failure;
use crate::in_process::InProcess;

/// Answers fetched in one go; a county in a loop would be a mistake of ours.
const ROUNDS_MAX: usize = 10_000;

/// One change of a save, before it has a name.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// What is done to it.
    pub verb: Verb,
    /// The groups written.
    pub groups: BTreeMap<String, Fields>,
}

impl Draft {
    /// With one more group.
    pub fn with<T: Serialize>(mut self, group: &str, typed: &T) -> Draft {
        self.groups.insert(group.to_owned(), to_fields(typed));
        self
    }
}

/// What is held of one scope.
#[derive(Clone, Debug, Default)]
struct HeldScope {
    cursor: Option<String>,
    records: BTreeMap<RecordId, Record>,
    /// As the server last stated them.
    digest: String,
    count: u64,
}

/// A small device.
pub struct Pen {
    /// The way to the server.
    pub server: InProcess,
    /// How far its clock is wrong, milliseconds.
    pub clock_ahead_ms: i64,
    /// The largest answer it asks for.
    pub records_max: u32,
    /// Every verdict it was given, by seq.
    pub verdicts: BTreeMap<u64, Verdict>,
    /// What was not answered yet.
    pub outbox: Vec<PushedChange>,
    epoch: String,
    acked: Option<Position>,
    stamp: Option<Stamp>,
    /// Of somebody whose story is told out of order: the stamps given so far.
    told: Option<BTreeSet<Stamp>>,
    seq: u64,
    scopes: BTreeMap<Scope, HeldScope>,
    dice: SeededDice,
}

impl Pen {
    /// A device of this account, enrolled past the code.
    ///
    /// # Errors
    /// As the server says.
    pub fn new(core: &Arc<Core>, login: &str) -> Result<Pen, Failure> {
        let credentials = core.add_device(login, "演示数据 demo")?;
        let seed = 1000 + u64::from(credentials.device.0);
        Ok(Pen::with(InProcess { core: Arc::clone(core), credentials }, seed))
    }

    /// On credentials that were got otherwise.
    pub fn with(server: InProcess, seed: u64) -> Pen {
        Pen {
            server,
            clock_ahead_ms: 0,
            records_max: RECORDS_MAX as u32,
            verdicts: BTreeMap::new(),
            outbox: Vec::new(),
            epoch: String::new(),
            acked: None,
            stamp: None,
            told: None,
            seq: 0,
            scopes: BTreeMap::new(),
            dice: SeededDice::new(seed),
        }
    }

    /// For the demo county, whose chapters go back in time: a save has the day it tells of, even when a later day was told before.
    /// It comes after what it replaces all the same, and no two saves have one stamp.
    pub(super) fn telling(mut self) -> Pen {
        self.told = Some(BTreeSet::new());
        self
    }

    /// Its credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.server.credentials
    }

    fn now_unix_ms(&self) -> i64 {
        self.server.core.now_unix_ms() + self.clock_ahead_ms
    }

    fn uuid(&self) -> uuid::Uuid {
        let mut random = [0u8; 10];
        self.dice.fill(&mut random);
        ids::uuid_v7(u64::try_from(self.now_unix_ms()).unwrap_or(0), random)
    }

    /// What it shows: what the server last said, with its own unanswered changes on top.
    pub fn record(&self, id: RecordId) -> Option<Record> {
        let held = self.scopes.values().find_map(|scope| scope.records.get(&id).cloned());
        let own = self.outbox.iter().filter(|pushed| pushed.change.record == id);
        own.fold(held, |record, pushed| Some(lay_over(record, &pushed.change)))
    }

    /// The living records of a kind, by id.
    pub fn records(&self, kind: &str) -> Vec<Record> {
        let held = self.scopes.values().flat_map(|scope| scope.records.keys().copied());
        let ids: BTreeSet<RecordId> = held.chain(self.outbox.iter().map(|pushed| pushed.change.record)).collect();
        ids.into_iter().filter_map(|id| self.record(id)).filter(|record| record.kind == kind && record.dead.is_none()).collect()
    }

    /// The scopes it holds.
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.keys().cloned().collect()
    }

    /// A new record.
    pub fn create(&self, kind: &str) -> Draft {
        Draft { record: RecordId(self.uuid()), kind: kind.to_owned(), verb: Verb::Create, groups: BTreeMap::new() }
    }

    /// New values for a record.
    pub fn set(&self, record: &Record) -> Draft {
        Draft { record: record.id, kind: record.kind.clone(), verb: Verb::Set, groups: BTreeMap::new() }
    }

    /// Takes a record back as a mistake.
    pub fn delete(&self, record: &Record) -> Draft {
        Draft { verb: Verb::Delete, ..self.set(record) }
    }

    /// Brings a record back that was taken back as a mistake. The pen forgets dead records: the caller still has it.
    pub fn restore(&self, record: &Record) -> Draft {
        Draft { verb: Verb::Restore, ..self.set(record) }
    }

    /// The name the values of the next save will have.
    pub fn next_origin(&self) -> Origin {
        Origin { stamp: Stamp::next(self.stamp, self.now_unix_ms()), device: self.credentials().device }
    }

    /// The first stamp from the story's moment on that no other save has, after all that is replaced.
    fn stamp_told(&mut self, drafts: &[Draft]) -> Stamp {
        let replaced = drafts.iter().filter_map(|draft| self.record(draft.record));
        let newest = replaced.flat_map(|held| held.groups.into_values().map(|value| value.origin.stamp)).max();
        let now_unix_ms = self.now_unix_ms();
        let told = self.told.get_or_insert_default();
        let mut stamp = Stamp::next(newest, now_unix_ms);
        while !told.insert(stamp) {
            stamp = Stamp::next(Some(stamp), now_unix_ms);
        }
        stamp
    }

    /// Freezes a save into the outbox. One origin names all its values.
    pub fn save(&mut self, drafts: Vec<Draft>) -> TxnId {
        let origin = match self.told.is_some() {
            true => Origin { stamp: self.stamp_told(&drafts), device: self.credentials().device },
            false => self.next_origin(),
        };
        self.stamp = Some(origin.stamp);
        let txn = TxnId(self.uuid());
        for draft in drafts {
            let held = self.record(draft.record);
            let base = |group: &str| held.as_ref().and_then(|held| held.groups.get(group)).map(|value| value.origin);
            let groups = match (&held, draft.verb) {
                (Some(held), Verb::Delete | Verb::Restore) => held
                    .groups
                    .iter()
                    .map(|(group, value)| (group.clone(), GroupChange { fields: Fields::new(), base: Some(value.origin) }))
                    .collect(),
                _ => draft
                    .groups
                    .iter()
                    .map(|(group, fields)| (group.clone(), GroupChange { fields: fields.clone(), base: base(group) }))
                    .collect(),
            };
            self.seq += 1;
            let change = Change {
                id: ChangeId(self.uuid()),
                txn,
                record: draft.record,
                kind: draft.kind,
                verb: draft.verb,
                schema: SCHEMA,
                origin,
                groups,
            };
            self.outbox.push(PushedChange { seq: self.seq, change });
        }
        txn
    }

    /// What it would say now, pushing at most `changes_max` changes, never part of a save.
    pub fn request(&self, changes_max: usize) -> ExchangeRequest {
        let mut push = Vec::new();
        for save in self.outbox.chunk_by(|one, next| one.change.txn == next.change.txn) {
            if push.len() + save.len() > changes_max {
                break;
            }
            push.extend_from_slice(save);
        }
        let scopes = self.scopes.iter().map(|(scope, held)| {
            let (digest, count) = held.adds_up_to(scope);
            ScopeState { scope: scope.clone(), cursor: held.cursor.clone(), digest, count }
        });
        ExchangeRequest {
            // It replaces what it holds by what it is told, as release 0.1 does.
            protocol: PROTOCOL_OWN_MIN - 1,
            schema: SCHEMA,
            device: self.credentials().device,
            epoch: self.epoch.clone(),
            acked: self.acked,
            newest: self.outbox.last().map(|last| (last.seq, last.change.id)).or(self.acked),
            device_unix_ms: self.now_unix_ms(),
            records_max: self.records_max,
            scopes: scopes.collect(),
            push,
            install: String::new(),
            loading: false,
        }
    }

    /// Takes an answer in: verdicts, exits first, then records.
    pub fn take(&mut self, reply: ExchangeReply) {
        self.epoch = reply.epoch;
        for (seq, verdict) in reply.verdicts {
            let answered = self.outbox.iter().find(|pushed| pushed.seq == seq).map(|pushed| (seq, pushed.change.id));
            self.acked = self.acked.max(answered);
            self.outbox.retain(|pushed| pushed.seq != seq);
            self.verdicts.insert(seq, verdict);
        }
        for scope in reply.grants_dropped {
            self.scopes.remove(&scope);
        }
        for news in reply.scopes {
            let held = self.scopes.entry(news.scope).or_default();
            for id in news.exits {
                held.records.remove(&id);
            }
            for record in news.records {
                if record.dead.is_some() {
                    held.records.remove(&record.id);
                } else {
                    held.records.insert(record.id, record);
                }
            }
            (held.cursor, held.digest, held.count) = (Some(news.cursor), news.digest, news.count);
        }
        for scope in reply.grants_added {
            self.scopes.entry(scope).or_default();
        }
    }

    /// Exchanges until there is nothing to push and nothing more to fetch.
    ///
    /// # Errors
    /// As the server says.
    pub fn sync(&mut self) -> Result<(), SyncError> {
        for _ in 0..ROUNDS_MAX {
            let reply = self.server.exchange(self.request(sync_protocol::CHANGES_MAX))?;
            let more = !reply.grants_added.is_empty() || reply.scopes.iter().any(|scope| scope.more);
            self.take(reply);
            if !more && self.outbox.is_empty() {
                return Ok(());
            }
        }
        Err(SyncError::Server)
    }

    /// Saves and syncs; the verdicts of this save, in its order.
    ///
    /// # Errors
    /// As the server says.
    pub fn send(&mut self, drafts: Vec<Draft>) -> Result<Vec<Verdict>, SyncError> {
        self.save(drafts);
        let seqs: Vec<u64> = self.outbox.iter().map(|pushed| pushed.seq).collect();
        self.sync()?;
        Ok(seqs.iter().filter_map(|seq| self.verdicts.get(seq).cloned()).collect())
    }

    /// Whether what it holds of every scope adds up to what the server stated.
    pub fn agrees(&self) -> bool {
        self.scopes.iter().all(|(scope, held)| held.adds_up_to(scope) == (held.digest.clone(), held.count))
    }
}

impl HeldScope {
    fn adds_up_to(&self, scope: &Scope) -> (String, u64) {
        let mut digest = Digest::default();
        self.records.values().for_each(|record| digest.add(record_hash(record, scope.kind())));
        (digest.hex(), digest.count)
    }
}
