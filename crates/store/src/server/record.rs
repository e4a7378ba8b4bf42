//! Records as they are, and which of them name which.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{GroupValue, Record, RecordId, kind};
use rusqlite::{OptionalExtension, Row, params};

use super::listing::Listing;
use super::{View, Write};
use crate::StoreError;
use crate::rows;

#[derive(Clone, Debug)]
pub(super) struct RawRecord {
    pub(super) id: RecordId,
    pub(super) kind: String,
    pub(super) groups: String,
    pub(super) dead: Option<String>,
}

/// A record from columns `id`, `kind`, `groups`, `dead`; its JSON is read outside the row's life.
pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<RawRecord> {
    Ok(RawRecord {
        id: RecordId::from_bytes(rows::bytes16(row, "id")?),
        kind: row.get("kind")?,
        groups: row.get("groups")?,
        dead: row.get("dead")?,
    })
}

pub(super) fn whole(raw: RawRecord) -> Result<Record, StoreError> {
    let groups: BTreeMap<String, GroupValue> = rows::json(&raw.groups)?;
    Ok(Record { kind: raw.kind, id: raw.id, groups, dead: raw.dead.and_then(|text| text.parse().ok()) })
}

impl View<'_> {
    /// A record, dead or alive.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        Ok(self.look_at(id)?.map(Arc::unwrap_or_clone))
    }

    /// A record, dead or alive, not to be changed: what a piece of work has read once is not read again.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn look_at(&self, id: RecordId) -> Result<Option<Arc<Record>>, StoreError> {
        if let Some(held) = self.held(id) {
            return Ok(held);
        }
        let mut statement = self.beside().prepare_cached("SELECT id, kind, groups, dead FROM record WHERE id = ?1")?;
        let stored = statement.query_row([id.as_bytes()], raw).optional()?.map(whole).transpose()?.map(Arc::new);
        self.remember(id, stored.clone());
        Ok(stored)
    }

    /// When the server last had news of a record, Unix milliseconds, UTC.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn record_received(&self, id: RecordId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection()?.prepare_cached("SELECT received_unix_ms FROM record WHERE id = ?1")?;
        Ok(statement.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The living records of a kind that name this one, by id.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        Ok(self.look_at_referrers(id, Some(kind))?.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    /// The living records of any kind that name this one, by id.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn all_referrers(&self, id: RecordId) -> Result<Vec<Record>, StoreError> {
        Ok(self.look_at_referrers(id, None)?.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    /// The living records that name this one, by id, not to be changed.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn look_at_referrers(&self, id: RecordId, kind: Option<&str>) -> Result<Vec<Arc<Record>>, StoreError> {
        let mut ids = self.held_naming(id);
        if !self.is_held_new(id) {
            let mut statement = self.beside().prepare_cached(
                "SELECT record FROM record_ref WHERE target = ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY record",
            )?;
            for record in statement.query_map(params![id.as_bytes(), kind], |row| rows::bytes16(row, "record"))? {
                ids.push(RecordId::from_bytes(record?));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::with_capacity(ids.len());
        for referrer in ids {
            let Some(record) = self.look_at(referrer)? else { continue };
            let names = || kind::references(&record).contains(&id);
            if record.dead.is_none() && kind.is_none_or(|kind| record.kind == kind) && names() {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// The living records of a kind that lists show: for the few of the county, not for residents.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records_of_kind(&self, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.records(include_str!("records_of_kind.sql"), params![kind])
    }

    /// The homes whose landlord has this phone.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units_of_phone(&self, phone: &str) -> Result<Vec<Record>, StoreError> {
        self.records(include_str!("units_of_phone.sql"), params![phone])
    }

    pub(super) fn records(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(sql)?;
        let raws = statement.query_map(params, raw)?.collect::<Result<Vec<_>, _>>()?;
        raws.into_iter().map(whole).collect()
    }
}

impl Write<'_> {
    /// Writes a record as it is now; lists go on showing what they showed of it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hold_record(&self, record: Arc<Record>, received_unix_ms: i64) -> Result<(), StoreError> {
        self.look_at(record.id)?;
        self.hold_now(record, received_unix_ms);
        Ok(())
    }

    /// Writes a record as it is now, with what lists show of it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_record(&self, record: &Record, listing: &Listing, received_unix_ms: i64) -> Result<(), StoreError> {
        self.hold_record(Arc::new(record.clone()), received_unix_ms)?;
        self.put_listing(record.id, listing)
    }

    /// Writes anew what lists show of a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_listing(&self, id: RecordId, listing: &Listing) -> Result<(), StoreError> {
        self.look_at(id)?;
        self.hold_listing(id, listing.clone());
        Ok(())
    }
}
