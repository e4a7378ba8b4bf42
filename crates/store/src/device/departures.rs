//! What left this device and when: ids, places and times, no names. It answers "why is somebody no longer here".

use domain::RecordId;
use domain::place::Scope;
use rusqlite::{Row, named_params};

use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// Something that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartureRow {
    /// The record; `None` when a whole scope was taken back.
    pub record: Option<RecordId>,
    /// Its kind; empty for a scope.
    pub kind: String,
    /// The scope it was in.
    pub scope: Scope,
    /// `exit`, `grant` or `repair`.
    pub why: String,
    /// The village it was handed to; empty where that was not known here.
    pub toward: String,
    /// When, Unix milliseconds, UTC.
    pub left_unix_ms: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<DepartureRow> {
    let record: String = row.get("record")?;
    Ok(DepartureRow {
        record: record.parse().ok(),
        kind: row.get("kind")?,
        scope: rows::id(row, "scope")?,
        why: row.get("why")?,
        toward: row.get("toward")?,
        left_unix_ms: row.get("left_unix_ms")?,
    })
}

impl View<'_> {
    /// How a record left, from every scope it left, the latest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn departures_of(&self, record: RecordId) -> Result<Vec<DepartureRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record, kind, scope, why, toward, left_unix_ms FROM departure WHERE record = :record
             ORDER BY left_unix_ms DESC",
        )?;
        Ok(statement.query_map(named_params! { ":record": record.to_string() }, read)?.collect::<Result<_, _>>()?)
    }

    /// What left last: records of a kind, or with the empty kind whole scopes.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn departures(&self, kind: &str, limit: u32) -> Result<Vec<DepartureRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record, kind, scope, why, toward, left_unix_ms FROM departure WHERE kind = :kind
             ORDER BY left_unix_ms DESC LIMIT :limit",
        )?;
        Ok(statement.query_map(named_params! { ":kind": kind, ":limit": limit }, read)?.collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// Writes down that something left; the last time counts.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_departure(&self, row: &DepartureRow) -> Result<(), StoreError> {
        let record = row.record.map(|record| record.to_string()).unwrap_or_default();
        self.connection
            .prepare_cached(
                "INSERT INTO departure (record, kind, scope, why, toward, left_unix_ms)
                 VALUES (:record, :kind, :scope, :why, :toward, :left)
                 ON CONFLICT (record, scope) DO UPDATE SET kind = excluded.kind, why = excluded.why,
                     toward = excluded.toward, left_unix_ms = excluded.left_unix_ms",
            )?
            .execute(named_params! {
                ":record": record, ":kind": row.kind, ":scope": row.scope.to_string(), ":why": row.why,
                ":toward": row.toward, ":left": row.left_unix_ms,
            })?;
        Ok(())
    }

    /// Forgets what left before a moment.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_departures(&self, before_unix_ms: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM departure WHERE left_unix_ms < :before")?
            .execute(named_params! { ":before": before_unix_ms })?;
        Ok(())
    }
}
