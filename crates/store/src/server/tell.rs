//! Telling the file what a piece of work did.

use std::sync::Arc;

use domain::{Record, RecordId, kind};
use rusqlite::params;

use super::listing::Listing;
use super::pending::{Entry, Pending};
use super::{View, Write};
use crate::StoreError;

impl View<'_> {
    fn with_pending<T>(&self, of: impl FnOnce(&mut Pending) -> T) -> Option<T> {
        self.pending.as_ref().map(|pending| of(&mut pending.borrow_mut()))
    }

    /// A record this work has read or written.
    pub(super) fn held(&self, id: RecordId) -> Option<Option<Arc<Record>>> {
        self.with_pending(|pending| pending.entry(id).map(|entry| entry.now.clone())).flatten()
    }

    pub(super) fn remember(&self, id: RecordId, stored: Option<Arc<Record>>) {
        self.with_pending(|pending| pending.remember(id, stored));
    }

    pub(super) fn held_naming(&self, target: RecordId) -> Vec<RecordId> {
        self.with_pending(|pending| pending.naming(target)).unwrap_or_default()
    }

    pub(super) fn is_held_new(&self, id: RecordId) -> bool {
        self.with_pending(|pending| pending.is_new(id)).unwrap_or(false)
    }

    pub(super) fn held_count(&self, name: &str) -> Option<i64> {
        self.with_pending(|pending| pending.count(name)).flatten()
    }

    pub(super) fn hold_count(&self, name: &str, value: i64, dirty: bool) {
        self.with_pending(|pending| pending.set_count(name, value, dirty));
    }

    /// Writes everything that is held back.
    pub(super) fn tell_file(&self) -> Result<(), StoreError> {
        let Some((records, counts)) = self.with_pending(|pending| pending.is_dirty().then(|| pending.take_dirty())).flatten()
        else {
            return Ok(());
        };
        for (id, entry) in records {
            self.tell_record(id, &entry)?;
        }
        for (name, value) in counts {
            let mut statement = self.file.prepare_cached(
                "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
            )?;
            statement.execute(params![name, value])?;
        }
        Ok(())
    }

    fn tell_record(&self, id: RecordId, entry: &Entry) -> Result<(), StoreError> {
        let Some(record) = entry.now.as_ref() else { return Ok(()) };
        if !entry.dirty {
            return entry.listing.as_ref().map_or(Ok(()), |listing| self.tell_listing(id, listing));
        }
        let groups = serde_json::to_string(&record.groups)?;
        let dead = record.dead.map(|origin| origin.to_string());
        if let Some(listing) = &entry.listing {
            self.file.prepare_cached(include_str!("put_record.sql"))?.execute(params![
                id.as_bytes(),
                record.kind,
                groups,
                dead,
                entry.received_unix_ms,
                listing.area,
                listing.title,
                listing.detail,
                listing.state,
                listing.search
            ])?;
        } else {
            self.file.prepare_cached(include_str!("put_groups.sql"))?.execute(params![
                id.as_bytes(),
                record.kind,
                groups,
                dead,
                entry.received_unix_ms
            ])?;
        }
        self.tell_references(record, entry.stored.as_deref())?;
        self.tell_photo(record)
    }

    fn tell_listing(&self, id: RecordId, listing: &Listing) -> Result<(), StoreError> {
        let mut statement = self
            .file
            .prepare_cached("UPDATE record SET area = ?2, title = ?3, detail = ?4, state = ?5, search = ?6 WHERE id = ?1")?;
        statement.execute(params![id.as_bytes(), listing.area, listing.title, listing.detail, listing.state, listing.search])?;
        Ok(())
    }

    /// Who names whom, where that changed.
    fn tell_references(&self, record: &Record, stored: Option<&Record>) -> Result<(), StoreError> {
        let (before, now) = (stored.map(kind::references).unwrap_or_default(), kind::references(record));
        for target in before.iter().filter(|target| !now.contains(target)) {
            let mut statement = self.file.prepare_cached("DELETE FROM record_ref WHERE target = ?1 AND record = ?2")?;
            statement.execute(params![target.as_bytes(), record.id.as_bytes()])?;
        }
        for target in now.iter().filter(|target| !before.contains(target)) {
            let mut statement =
                self.file.prepare_cached("INSERT OR IGNORE INTO record_ref (target, record, kind) VALUES (?1, ?2, ?3)")?;
            statement.execute(params![target.as_bytes(), record.id.as_bytes(), record.kind])?;
        }
        Ok(())
    }
}

impl Write<'_> {
    pub(super) fn hold_now(&self, record: Arc<Record>, received_unix_ms: i64) {
        self.with_pending(|pending| pending.hold(record, received_unix_ms));
    }

    pub(super) fn hold_listing(&self, id: RecordId, listing: Listing) {
        self.with_pending(|pending| pending.list(id, listing));
    }

    pub(super) fn begin_attempt(&self) {
        self.with_pending(Pending::begin_attempt);
    }

    pub(super) fn end_attempt(&self, stays: bool) {
        self.with_pending(|pending| pending.end_attempt(stays));
    }

    pub(super) fn forget_counts(&self) {
        self.with_pending(Pending::forget_counts);
    }
}
