//! What a piece of work has read and written: records stand here while it goes on, and go into the file together.
//!
//! One push writes the same record again and again (its groups, its place, its number). Here that costs a change of a map;
//! the file is written once, in the order of ids, when the work is done or somebody asks the tables themselves.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::{Record, RecordId, kind};

use super::listing::Listing;

/// One record of the work.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// As the file has it.
    pub stored: Option<Arc<Record>>,
    /// As it is now.
    pub now: Option<Arc<Record>>,
    /// What lists are to show of it, when that is new.
    pub listing: Option<Arc<Listing>>,
    /// When the server had news of it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// The file has to be told.
    pub dirty: bool,
}

/// A number the server gives out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub value: i64,
    pub dirty: bool,
}

/// How things stood before an attempt, for those it touched.
#[derive(Debug, Default)]
struct Undo {
    records: HashMap<RecordId, Option<Entry>>,
    counts: HashMap<String, Option<Count>>,
}

/// Everything one piece of work holds.
#[derive(Debug, Default)]
pub(super) struct Pending {
    records: HashMap<RecordId, Entry>,
    counts: HashMap<String, Count>,
    /// Which records of the work name which: more than is true, never less.
    naming: HashMap<RecordId, BTreeSet<RecordId>>,
    undo: Option<Undo>,
    dirty: bool,
}

/// Shared by the view and the writing half of one piece of work.
pub(super) type Shared = RefCell<Pending>;

impl Pending {
    pub fn entry(&self, id: RecordId) -> Option<&Entry> {
        self.records.get(&id)
    }

    /// Something the file says; nothing to write.
    pub fn remember(&mut self, id: RecordId, stored: Option<Arc<Record>>) {
        let entry = Entry { now: stored.clone(), stored, listing: None, received_unix_ms: 0, dirty: false };
        self.keep_for_undo(id);
        self.records.insert(id, entry);
    }

    /// A record as it is now. Its entry must have been read before.
    pub fn hold(&mut self, record: Arc<Record>, received_unix_ms: i64) {
        let id = record.id;
        self.keep_for_undo(id);
        for target in kind::references(&record) {
            self.naming.entry(target).or_default().insert(id);
        }
        let entry =
            self.records.entry(id).or_insert(Entry { stored: None, now: None, listing: None, received_unix_ms, dirty: true });
        entry.now = Some(record);
        entry.received_unix_ms = received_unix_ms;
        entry.dirty = true;
        self.dirty = true;
    }

    pub fn list(&mut self, id: RecordId, listing: Listing) {
        self.keep_for_undo(id);
        if let Some(entry) = self.records.get_mut(&id) {
            entry.listing = Some(Arc::new(listing));
            self.dirty = true;
        }
    }

    /// Records of the work that may name this one.
    pub fn naming(&self, target: RecordId) -> Vec<RecordId> {
        self.naming.get(&target).into_iter().flatten().copied().collect()
    }

    /// Whether this work made the record: nothing in the file can name it.
    pub fn is_new(&self, id: RecordId) -> bool {
        self.records.get(&id).is_some_and(|entry| entry.stored.is_none())
    }

    pub fn count(&self, name: &str) -> Option<i64> {
        self.counts.get(name).map(|count| count.value)
    }

    pub fn set_count(&mut self, name: &str, value: i64, dirty: bool) {
        if let Some(undo) = &mut self.undo
            && !undo.counts.contains_key(name)
        {
            undo.counts.insert(name.to_owned(), self.counts.get(name).copied());
        }
        self.counts.insert(name.to_owned(), Count { value, dirty });
        self.dirty |= dirty;
    }

    pub fn begin_attempt(&mut self) {
        self.undo = Some(Undo::default());
    }

    /// Ends an attempt; when it does not stay, everything stands as before it.
    pub fn end_attempt(&mut self, stays: bool) {
        let Some(undo) = self.undo.take() else { return };
        if stays {
            return;
        }
        for (id, before) in undo.records {
            match before {
                Some(entry) => self.records.insert(id, entry),
                None => self.records.remove(&id),
            };
        }
        for (name, before) in undo.counts {
            match before {
                Some(count) => self.counts.insert(name, count),
                None => self.counts.remove(&name),
            };
        }
        self.dirty = true;
    }

    fn keep_for_undo(&mut self, id: RecordId) {
        if let Some(undo) = &mut self.undo
            && !undo.records.contains_key(&id)
        {
            undo.records.insert(id, self.records.get(&id).cloned());
        }
    }

    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// What the file has to be told, by id and by name; from now on it counts as told. An attempt that is taken back later
    /// takes the file back too, and what was dirty before it is dirty again.
    pub fn take_dirty(&mut self) -> (BTreeMap<RecordId, Entry>, BTreeMap<String, i64>) {
        let ids: Vec<RecordId> =
            self.records.iter().filter(|(_, entry)| entry.dirty || entry.listing.is_some()).map(|(id, _)| *id).collect();
        let mut records = BTreeMap::new();
        for id in ids {
            self.keep_for_undo(id);
            if let Some(entry) = self.records.get_mut(&id) {
                records.insert(id, entry.clone());
                entry.stored = entry.now.clone();
                entry.listing = None;
                entry.dirty = false;
            }
        }
        let names: Vec<(String, i64)> =
            self.counts.iter().filter(|(_, count)| count.dirty).map(|(name, count)| (name.clone(), count.value)).collect();
        let mut counts = BTreeMap::new();
        for (name, value) in names {
            self.set_count(&name, value, false);
            counts.insert(name, value);
        }
        self.dirty = false;
        (records, counts)
    }

    /// Forgets numbers that were changed in the file itself.
    pub fn forget_counts(&mut self) {
        self.counts.clear();
    }
}
