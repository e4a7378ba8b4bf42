//! A device's own accepted changes on their way back: only what the server added to them.
//!
//! A record is answered like this when the device had it as it was before the push, and nobody else changed it since
//! ([`sync_protocol::own`]). Everything else comes whole; so does whatever belongs to a repeated request.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::access::Role;
use domain::place::Scope;
use domain::{Change, Record, RecordId};
use sync_protocol::{OwnRecord, PushedChange, Verdict, own};

use crate::pull::as_received;
use crate::register::{Given, Telling};

/// What one push did, record by record.
#[derive(Clone, Debug, Default)]
pub struct Own {
    records: HashMap<RecordId, Mine>,
}

#[derive(Clone, Debug)]
struct Mine {
    before: Option<Arc<Record>>,
    /// Accepted ones, in order.
    changes: Vec<Change>,
    /// The last pushed change; 0 when the push changed the record without naming it.
    seq: u64,
    role: Role,
    /// By scope: whether the device had the record as it was before, and the version this push gave it.
    given: BTreeMap<Scope, (bool, u64)>,
}

impl Own {
    /// A save was applied.
    pub fn note_save(&mut self, touched: &Telling, save: &[PushedChange], verdicts: &[Verdict], role: Role) {
        for (id, before) in touched.all_before() {
            let mine = || Mine { before: before.clone(), changes: Vec::new(), seq: 0, role, given: BTreeMap::new() };
            self.records.entry(*id).or_insert_with(mine);
        }
        for (pushed, verdict) in save.iter().zip(verdicts) {
            if let Some(mine) = self.records.get_mut(&pushed.change.record) {
                mine.seq = pushed.seq;
                if *verdict == Verdict::Ok {
                    mine.changes.push(pushed.change.clone());
                }
            }
        }
    }

    /// The scopes were told. `cursors` is what the device had seen of them before its push.
    pub fn note_given(&mut self, all: Vec<Given>, cursors: &BTreeMap<Scope, u64>) {
        for given in all {
            let Some(mine) = self.records.get_mut(&given.record) else { continue };
            let had = match given.before {
                Some(before) => !before.gone && cursors.get(&given.scope).is_some_and(|cursor| before.version <= *cursor),
                // It enters the scope: only what this push made was nowhere before.
                None => mine.before.is_none(),
            };
            // The first word stands: what came after it in the same push is this push's own.
            mine.given.entry(given.scope).or_insert((had, 0)).1 = given.version;
        }
    }

    /// How many records may be told like this.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether a record at this version in a scope is this push's own.
    pub fn may_tell(&self, scope: &Scope, id: RecordId, version: u64) -> bool {
        self.records.get(&id).is_some_and(|mine| mine.seq > 0 && mine.given.get(scope) == Some(&(true, version)))
    }

    /// What to say of a record that stands at this version in a scope; `None` when it has to be said whole.
    pub fn about(&self, scope: &Scope, record: &Record, version: u64) -> Option<OwnRecord> {
        let mine = self.records.get(&record.id).filter(|_| self.may_tell(scope, record.id, version))?;
        let before = mine.before.as_deref().map(|before| as_received(before.clone(), scope));
        let expected = mine.changes.iter().fold(before, |said, change| Some(own::lay(said, change, mine.role)))?;
        own::difference(mine.seq, &expected, record)
    }
}
