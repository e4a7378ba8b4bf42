//! What a station asks: who was taken back, who left, what a restored server got back.

use domain::{RecordId, Stamp, TxnId, kind};
use rusqlite::{OptionalExtension, Row, params};

use super::device::unsigned;
use super::listing::pattern;
use super::{HeldState, View};
use crate::StoreError;
use crate::rows;

/// Somebody who left a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftRow {
    /// Who.
    pub id: RecordId,
    /// The village's code.
    pub area: String,
    /// When, Unix milliseconds, UTC.
    pub left_unix_ms: i64,
}

impl View<'_> {
    /// People of these villages that were taken back, found as lists find them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn dead_people(&self, areas: &[String], search: &str, limit: u32) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("dead_people.sql"))?;
        let read = |row: &Row<'_>| Ok(RecordId::from_bytes(rows::bytes16(row, "id")?));
        let found = statement.query_map(params![kind::PERSON, serde_json::to_string(areas)?, pattern(search), limit], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Living people who left one of these villages, found as lists find them, the latest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_who_left(&self, areas: &[String], search: &str, limit: u32) -> Result<Vec<LeftRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("people_who_left.sql"))?;
        let read = |row: &Row<'_>| {
            Ok(LeftRow {
                id: RecordId::from_bytes(rows::bytes16(row, "id")?),
                area: row.get("area")?,
                left_unix_ms: row.get("left_unix_ms")?,
            })
        };
        let found = statement.query_map(params![kind::PERSON, serde_json::to_string(areas)?, pattern(search), limit], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The held save that was made of a save, and what was decided about it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_of_save(&self, txn: TxnId) -> Result<Option<(i64, String, HeldState)>, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT number, area, state FROM quarantine WHERE txn = ?1 ORDER BY number LIMIT 1")?;
        let read = |row: &Row<'_>| {
            let state: String = row.get("state")?;
            Ok((row.get("number")?, row.get("area")?, HeldState::from_text(&state)))
        };
        Ok(statement.query_row([txn.to_string()], read).optional()?)
    }

    /// After a restore: changes made before it that arrived since and were taken, and saves from before it that wait for a
    /// decision. Looks through the book; asked while an administrator has to decide.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn came_back_since(&self, restored_unix_ms: i64) -> Result<(u64, u64), StoreError> {
        let before = Stamp::at(restored_unix_ms.saturating_add(1)).to_string();
        // A stamp's sixteen digits are in the order of time.
        let taken: i64 = self
            .beside()
            .prepare_cached("SELECT count(*) FROM change WHERE received_unix_ms >= ?1 AND refused = 0 AND origin < ?2")?
            .query_row(params![restored_unix_ms, before], |row| row.get(0))?;
        let held: i64 = self
            .beside()
            .prepare_cached(
                "SELECT count(*) FROM quarantine
                 WHERE state = 'open' AND received_unix_ms >= ?1 AND why IN ('unknown_record', 'rescue')",
            )?
            .query_row([restored_unix_ms], |row| row.get(0))?;
        Ok((unsigned(taken), unsigned(held)))
    }
}
