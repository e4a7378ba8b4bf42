//! Records as they are, and which of them name which.

use std::collections::BTreeMap;

use domain::{GroupValue, Record, RecordId, kind};
use rusqlite::{OptionalExtension, Row, params};

use super::listing::Listing;
use super::{View, Write};
use crate::StoreError;
use crate::rows;

pub(super) struct RawRecord {
    id: RecordId,
    kind: String,
    groups: String,
    dead: Option<String>,
}

/// A record from columns `id`, `kind`, `groups`, `dead`; its JSON is read outside the row's life.
pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<RawRecord> {
    Ok(RawRecord { id: rows::id(row, "id")?, kind: row.get("kind")?, groups: row.get("groups")?, dead: row.get("dead")? })
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
        let mut statement = self.connection.prepare_cached("SELECT id, kind, groups, dead FROM record WHERE id = ?1")?;
        statement.query_row([id.to_string()], raw).optional()?.map(whole).transpose()
    }

    /// When the server last had news of a record, Unix milliseconds, UTC.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn record_received(&self, id: RecordId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT received_unix_ms FROM record WHERE id = ?1")?;
        Ok(statement.query_row([id.to_string()], |row| row.get(0)).optional()?)
    }

    /// The living records of a kind that name this one.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.records(include_str!("referrers.sql"), params![id.to_string(), kind])
    }

    /// The living records of any kind that name this one.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn all_referrers(&self, id: RecordId) -> Result<Vec<Record>, StoreError> {
        self.records(include_str!("all_referrers.sql"), params![id.to_string()])
    }

    /// The living records of a kind: for the few of the county, not for residents.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records_of_kind(&self, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.records("SELECT id, kind, groups, dead FROM record WHERE kind = ?1 AND dead IS NULL ORDER BY id", params![kind])
    }

    /// The homes whose landlord has this phone.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units_of_phone(&self, phone: &str) -> Result<Vec<Record>, StoreError> {
        self.records(include_str!("units_of_phone.sql"), params![phone])
    }

    fn records(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let raws = statement.query_map(params, raw)?.collect::<Result<Vec<_>, _>>()?;
        raws.into_iter().map(whole).collect()
    }
}

impl Write<'_> {
    /// Writes a record as it is now, with what lists show of it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_record(&self, record: &Record, listing: &Listing, received_unix_ms: i64) -> Result<(), StoreError> {
        let id = record.id.to_string();
        let mut statement = self.connection.prepare_cached(include_str!("put_record.sql"))?;
        statement.execute(params![
            id,
            record.kind,
            serde_json::to_string(&record.groups)?,
            record.dead.map(|origin| origin.to_string()),
            received_unix_ms,
            listing.area,
            listing.title,
            listing.detail,
            listing.state,
            listing.search
        ])?;
        self.connection.prepare_cached("DELETE FROM record_ref WHERE record = ?1")?.execute([&id])?;
        let mut statement =
            self.connection.prepare_cached("INSERT OR IGNORE INTO record_ref (record, kind, target) VALUES (?1, ?2, ?3)")?;
        for target in kind::references(record) {
            statement.execute(params![id, record.kind, target.to_string()])?;
        }
        Ok(())
    }

    /// Writes anew what lists show of a record that itself did not change.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_listing(&self, id: RecordId, listing: &Listing) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE record SET area = ?2, title = ?3, detail = ?4, state = ?5, search = ?6 WHERE id = ?1")?;
        statement.execute(params![id.to_string(), listing.area, listing.title, listing.detail, listing.state, listing.search])?;
        Ok(())
    }
}
