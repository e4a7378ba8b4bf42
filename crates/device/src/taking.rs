//! An answer being taken: verdicts, exits, records, dropped villages; then what is shown is laid anew and what is derived is
//! computed. All of it in the transaction that moves the cursors.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;
use domain::digest::record_hash;
use domain::place::{self, Scope};
use domain::stored::Stored;
use domain::{Fields, Record, RecordId, TxnId, kind};
use store::StoreError;
use store::device::{DepartureRow, Held, OutboxChange, OutboxState, ScopeRow, Writing};
use sync_protocol::{ScopeReply, Verdict, own};

use crate::error::Failure;
use crate::identity::Identity;
use crate::law::Law;
use crate::{derive, save};

/// Records that were written and answered, and have not come back with the answer's pages so far.
const ELSEWHERE: &str = "elsewhere";

/// A record of which something was told. Verdict, place and overlay come one after the other, and it is written once.
struct Told {
    held: Held,
    /// It was not here before this answer: no list has it.
    is_new: bool,
    /// Where it is held from now on under the hash of what is said.
    enters: Vec<Scope>,
}

/// An answer being taken, in one transaction.
pub(crate) struct Taking<'a, 'c> {
    writing: &'a Writing<'c>,
    told: BTreeMap<RecordId, Told>,
    /// Records whose changes were accepted, in the order of the outbox.
    accepted: Vec<RecordId>,
    now: i64,
    touched: BTreeSet<RecordId>,
    left: BTreeSet<RecordId>,
    /// Saves the station holds since this answer.
    pub(crate) held: BTreeSet<TxnId>,
}

impl<'a, 'c> Taking<'a, 'c> {
    /// Nothing taken yet.
    pub(crate) fn new(writing: &'a Writing<'c>, now: i64) -> Taking<'a, 'c> {
        let (told, accepted) = Default::default();
        Taking { writing, told, accepted, now, touched: BTreeSet::new(), left: BTreeSet::new(), held: BTreeSet::new() }
    }

    /// What the server said of a record, with what it says in this answer.
    pub(crate) fn said(&self, id: RecordId) -> Result<Option<Record>, Failure> {
        Ok(self.held(id)?.and_then(|held| held.said))
    }

    /// A record as it is held, with what is told in this answer.
    fn held(&self, id: RecordId) -> Result<Option<Held>, Failure> {
        match self.told.get(&id) {
            Some(told) => Ok(Some(told.held.clone())),
            None => self.readable(id),
        }
    }

    fn tell(&mut self, held: Held, is_new: bool) {
        match self.told.entry(held.shown.id) {
            Entry::Occupied(mut told) => told.get_mut().held = held,
            Entry::Vacant(place) => drop(place.insert(Told { held, is_new, enters: Vec::new() })),
        }
    }

    /// A record as it is stored. What cannot be read any more is taken out first: it would stop every exchange for ever, and the
    /// comparison fetches it anew.
    fn readable(&self, id: RecordId) -> Result<Option<Held>, Failure> {
        match self.writing.held(id) {
            Err(StoreError::Unreadable(_)) => {
                self.writing.clear_unreadable(id)?;
                Ok(self.writing.held(id)?)
            }
            held => Ok(held?),
        }
    }

    /// What became of a change. Its values are what the server says until the record itself arrives.
    pub(crate) fn verdict(&mut self, seq: u64, verdict: &Verdict, identity: &Identity, now: i64) -> Result<(), Failure> {
        let Some(row) = self.writing.change_at(seq)? else { return Ok(()) };
        let record = row.change.record;
        let state = match verdict {
            Verdict::Ok => OutboxState::Ok,
            Verdict::Merged => OutboxState::Merged,
            Verdict::Refused(_) => OutboxState::Refused,
            Verdict::Held => OutboxState::Held,
        };
        self.touched.insert(record);
        let stands = if row.state == OutboxState::Waiting { state } else { row.state };
        let refused_now = stands != state && state == OutboxState::Refused;
        if matches!(stands, OutboxState::Ok | OutboxState::Merged) && !refused_now {
            self.accepted.push(record);
        }
        if matches!(row.state, OutboxState::Ok | OutboxState::Merged) && state == OutboxState::Refused {
            // Taken once and refused by a restored server: its values must not be nowhere.
            self.writing.answer_change(seq, state, &serde_json::to_string(verdict)?, now)?;
            return Ok(());
        }
        if row.state != OutboxState::Waiting {
            // Said again after a lost answer or a restored server: the first word stands here.
            return Ok(());
        }
        self.writing.answer_change(seq, state, &serde_json::to_string(verdict)?, now)?;
        if state == OutboxState::Held {
            self.held.insert(row.change.txn);
            // Nothing else keeps it here: its values go as soon as the station has them.
            self.left.insert(record);
        }
        if state == OutboxState::Ok
            && let Some(held) = self.held(record)?
        {
            let said = own::lay(held.said, &row.change, identity.account.role);
            self.tell(Held { said: Some(said), ..held }, false);
        }
        if identity.account.role == Role::Landlord && state != OutboxState::Refused {
            self.mask(seq, &row)?;
        }
        Ok(())
    }

    /// What was written may belong to another village by now: somebody was handed over meanwhile, and a note about them goes
    /// with them. When the `whole` answer, page by page, did not bring a record, it is no business of this phone any more.
    pub(crate) fn may_be_elsewhere(&mut self, whole: bool) -> Result<(), Failure> {
        let before = self.writing.meta(ELSEWHERE)?.unwrap_or_default();
        let mut records: Vec<RecordId> = before.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        records.append(&mut self.accepted);
        let mut after = String::new();
        if whole {
            self.touched.extend(&records);
            self.left.extend(records);
        } else {
            after = records.iter().map(|id| format!("{id} ")).collect();
        }
        if after != before {
            self.writing.set_meta(ELSEWHERE, &after)?;
        }
        Ok(())
    }

    /// What was answered and came back with no page stands in no scope: it goes with the scopes.
    pub(crate) fn forget_elsewhere(&mut self) -> Result<(), Failure> {
        let elsewhere = self.writing.meta(ELSEWHERE)?.unwrap_or_default();
        let records: Vec<RecordId> = elsewhere.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        self.touched.extend(&records);
        self.left.extend(records);
        Ok(self.writing.set_meta(ELSEWHERE, "")?)
    }

    /// A landlord's answered report keeps no document number on his phone.
    fn mask(&self, seq: u64, row: &OutboxChange) -> Result<(), Failure> {
        let mut change = row.change.clone();
        if let Some(document) = change.groups.get_mut("document") {
            for value in document.fields.values_mut() {
                *value = domain::id_document::mask(value.as_str().unwrap_or_default()).into();
            }
            self.writing.rewrite_change(seq, &change)?;
        }
        Ok(())
    }

    /// News of a scope: exits first, then records.
    pub(crate) fn scope(&mut self, reply: &ScopeReply) -> Result<(), Failure> {
        let Some(mut row) = self.writing.scopes()?.into_iter().find(|row| row.scope == reply.scope) else { return Ok(()) };
        for id in &reply.exits {
            self.exit(&mut row, *id, "exit")?;
        }
        if row.complete {
            reply.stored.iter().try_for_each(|stored| self.record(&mut row, &stored.read()?))?;
            reply.records.iter().try_for_each(|record| self.record(&mut row, record))?;
        } else {
            self.load(&mut row, &reply.stored)?;
            let (dead, living): (Vec<&Record>, Vec<&Record>) = reply.records.iter().partition(|record| record.dead.is_some());
            self.load(&mut row, &living.into_iter().map(Stored::of).collect::<Result<Vec<_>, _>>()?)?;
            dead.into_iter().try_for_each(|record| self.record(&mut row, record))?;
        }
        self.own(&mut row, &reply.own)?;
        row.cursor = Some(reply.cursor.clone());
        row.server_sum = reply.digest.clone();
        row.server_count = reply.count;
        row.complete |= !reply.more;
        self.writing.put_scope(&row)?;
        Ok(())
    }

    /// A first load: what is new here needs no look at what was here, and its lists are made later, all at once.
    fn load(&mut self, row: &mut ScopeRow, records: &[Stored]) -> Result<(), Failure> {
        let loaded = self.writing.load(&row.scope, records)?;
        row.digest.add_all(loaded.digest);
        loaded.known.iter().try_for_each(|at| self.record(row, &records[*at].read()?))
    }

    pub(crate) fn exit(&mut self, row: &mut ScopeRow, id: RecordId, why: &str) -> Result<(), Failure> {
        if let Some(hash) = self.writing.hash_in(&row.scope, id)? {
            row.digest.remove(hash);
            if let Some(said) = self.said(id)? {
                self.note_departure(&row.scope, said, why)?;
            }
            self.writing.leave(&row.scope, id)?;
        }
        self.touched.insert(id);
        self.left.insert(id);
        Ok(())
    }

    /// Writes down that somebody, or a home, is no longer here: an id, a place, a time.
    fn note_departure(&self, scope: &Scope, said: Record, why: &str) -> Result<(), Failure> {
        let toward = match said.kind.as_str() {
            kind::UNIT => None,
            kind::RESIDENCY => said.text("handed", "area").map(str::to_owned),
            kind::PERSON => {
                let residencies = self.writing.naming(said.id, kind::RESIDENCY)?;
                residencies.iter().find_map(|residency| residency.text("handed", "area").map(str::to_owned))
            }
            _ => return Ok(()),
        };
        Ok(self.writing.add_departure(&DepartureRow {
            record: Some(said.id),
            kind: said.kind,
            scope: scope.clone(),
            why: why.to_owned(),
            toward: toward.unwrap_or_default(),
            left_unix_ms: self.now,
        })?)
    }

    pub(crate) fn record(&mut self, row: &mut ScopeRow, record: &Record) -> Result<(), Failure> {
        let held = self.held(record.id)?;
        if let Some(hash) = self.writing.hash_in(&row.scope, record.id)? {
            row.digest.remove(hash);
        }
        if record.dead.is_some() {
            self.writing.leave(&row.scope, record.id)?;
        } else {
            // Computed from what is stored here, never copied from the other side.
            row.digest.add(record_hash(record, row.scope.kind()));
        }
        let is_new = held.is_none();
        let (shown, waiting) = held.map_or_else(|| (record.clone(), 0), |held| (held.shown, held.waiting));
        self.tell(Held { said: Some(record.clone()), shown, waiting, has_left: false }, is_new);
        if let Some(told) = self.told.get_mut(&record.id).filter(|_| record.dead.is_none()) {
            told.enters.push(row.scope.clone());
        }
        self.touched.insert(record.id);
        self.left.remove(&record.id);
        Ok(())
    }

    pub(crate) fn drop_scope(&mut self, scope: &Scope) -> Result<(), Failure> {
        let mut gone = self.writing.records_in(scope)?;
        // Whoever was taken back as a mistake is in no scope's list any more, and goes with the village all the same.
        for id in self.writing.dead_in_no_scope()? {
            let said = self.writing.held(id)?.and_then(|held| held.said);
            if said.is_some_and(|said| place::scopes_of(&said).contains(scope)) {
                gone.push(id);
            }
        }
        if self.writing.scopes()?.iter().any(|row| row.scope == *scope) {
            let (scope, why) = (scope.clone(), "grant".to_owned());
            let (kind, toward) = Default::default();
            self.writing.add_departure(&DepartureRow { record: None, kind, scope, why, toward, left_unix_ms: self.now })?;
        }
        self.writing.drop_scope(scope)?;
        self.touched.extend(gone.iter().copied());
        self.left.extend(gone);
        Ok(())
    }

    /// Overlays anew, purges what left, computes what is derived.
    pub(crate) fn settle(&mut self, law: &Law, role: Role) -> Result<(), Failure> {
        let touched: Vec<RecordId> = self.touched.iter().copied().collect();
        let mut waiting = Vec::new();
        let mut neighbours: Vec<RecordId> = Vec::new();
        let mut looks_different = Vec::new();
        for &id in &touched {
            let told = match self.told.remove(&id) {
                Some(told) => Some(told),
                None => self.readable(id)?.map(|held| Told { held, is_new: false, enters: Vec::new() }),
            };
            let Some(Told { held, is_new, enters }) = told else {
                looks_different.push(id);
                continue;
            };
            let overlay = save::lay_waiting_over(self.writing, id, &held.shown.kind, held.said)?;
            let mut overlay = Held { has_left: held.has_left, ..overlay };
            if is_new || !looks_the_same(&held.shown, &overlay.shown) {
                looks_different.push(id);
            }
            if !enters.is_empty() {
                self.writing.put(&overlay)?;
            }
            for scope in &enters {
                self.writing.enter_as_said(scope, id)?;
            }
            let has_left = held.has_left || (self.left.contains(&id) && !self.writing.is_in_a_scope(id)?);
            if has_left && overlay.waiting == 0 {
                // Whoever showed it has to show it no more.
                neighbours.extend(kind::references(&overlay.shown));
                neighbours.push(id);
                self.writing.purge(id)?;
                continue;
            }
            if overlay.waiting > 0 {
                waiting.push(id);
            }
            if enters.is_empty() || has_left != overlay.has_left {
                overlay.has_left = has_left;
                self.writing.put(&overlay)?;
            }
        }
        derive::places(self.writing, &waiting)?;
        neighbours.extend(looks_different);
        derive::refresh(self.writing, &neighbours, law, role)?;
        Ok(())
    }
}

/// Whether lists and what is to do say the same of a record as before. An answered push changes who wrote its values, and adds its
/// village and its number: of the kinds a registration is made of, no line shows any of these. Of the others one may.
fn looks_the_same(before: &Record, after: &Record) -> bool {
    let unseen: &[&str] = match after.kind.as_str() {
        kind::RESIDENCY => &[kind::PLACE, "number"],
        kind::UNIT | kind::ROOM | kind::PERSON | kind::STAY | kind::VISIT | kind::VISIT_PERSON => &[kind::PLACE],
        _ => return false,
    };
    // When details were written decides whether what a visit found is written down.
    let written = |record: &'_ Record| domain::presence::changed_unix_ms([record]);
    before.dead.is_some() == after.dead.is_some()
        && written(before) == written(after)
        && seen(before, unseen).eq(seen(after, unseen))
}

/// The values of a record without some groups.
fn seen<'r>(record: &'r Record, unseen: &'r [&str]) -> impl Iterator<Item = (&'r str, &'r Fields)> {
    let groups = record.groups.iter().map(|(group, value)| (group.as_str(), &value.fields));
    groups.filter(move |(group, _)| !unseen.contains(group))
}
