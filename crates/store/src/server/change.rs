//! Every change that was ever pushed, with its verdict.

use domain::{AccountId, Change, ChangeId, DeviceNumber, Origin, RecordId, TxnId};
use rusqlite::{OptionalExtension, Row, params};

use super::device::{signed, unsigned};
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// A change with what became of it.
#[derive(Clone, Debug)]
pub struct StoredChange {
    /// The change as it was pushed.
    pub change: Change,
    /// Who sent it.
    pub device: DeviceNumber,
    /// Its place in that device's outbox.
    pub seq: u64,
    /// Whose device it was.
    pub author: AccountId,
    /// It did nothing.
    pub refused: bool,
    /// The verdict, as JSON.
    pub verdict: String,
    /// Unix milliseconds, UTC.
    pub received_unix_ms: i64,
}

struct Raw {
    json: String,
    device: u32,
    seq: u64,
    author: AccountId,
    refused: bool,
    verdict: String,
    received_unix_ms: i64,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        json: row.get("json")?,
        device: row.get("device")?,
        seq: unsigned(row.get("seq")?),
        author: rows::id(row, "author")?,
        refused: row.get("refused")?,
        verdict: row.get("verdict")?,
        received_unix_ms: row.get("received_unix_ms")?,
    })
}

fn whole(raw: Raw) -> Result<StoredChange, StoreError> {
    Ok(StoredChange {
        change: rows::json(&raw.json)?,
        device: DeviceNumber(raw.device),
        seq: raw.seq,
        author: raw.author,
        refused: raw.refused,
        verdict: raw.verdict,
        received_unix_ms: raw.received_unix_ms,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT json, device, seq, author, refused, verdict, received_unix_ms FROM change ", $rest)
    };
}

impl View<'_> {
    /// A change by its permanent name.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn change(&self, id: ChangeId) -> Result<Option<StoredChange>, StoreError> {
        let mut statement = self.connection.prepare_cached(select!("WHERE id = ?1"))?;
        statement.query_row([id.to_string()], raw).optional()?.map(whole).transpose()
    }

    /// The changes of a record, oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_of(&self, record: RecordId) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.connection.prepare_cached(select!("WHERE record = ?1 ORDER BY received_unix_ms, rowid"))?;
        let raws = statement.query_map([record.to_string()], raw)?.collect::<Result<Vec<_>, _>>()?;
        raws.into_iter().map(whole).collect()
    }

    /// Whether a save was begun by an earlier push.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn knows_txn(&self, txn: TxnId) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached("SELECT 1 FROM change WHERE txn = ?1")?.exists([txn.to_string()])?)
    }

    /// Whether a value of a record was refused.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn is_refused(&self, record: RecordId, origin: Origin) -> Result<bool, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM change WHERE record = ?1 AND origin = ?2 AND refused = 1")?;
        Ok(statement.exists([record.to_string(), origin.to_string()])?)
    }

    /// Whether a record was to be created by a change that was refused.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn create_was_refused(&self, record: RecordId) -> Result<bool, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM change WHERE record = ?1 AND verb = 'create' AND refused = 1")?;
        Ok(statement.exists([record.to_string()])?)
    }

    /// When a value of a record reached the server, Unix milliseconds, UTC.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn value_received(&self, record: RecordId, origin: Origin) -> Result<Option<i64>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT MIN(received_unix_ms) FROM change WHERE record = ?1 AND origin = ?2 AND refused = 0")?;
        Ok(statement.query_row([record.to_string(), origin.to_string()], |row| row.get(0))?)
    }
}

impl Write<'_> {
    /// Keeps a change with its verdict.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_change(&self, stored: &StoredChange) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(include_str!("add_change.sql"))?;
        statement.execute(params![
            stored.change.id.to_string(),
            stored.device.0,
            signed(stored.seq),
            stored.author.to_string(),
            stored.change.txn.to_string(),
            stored.change.record.to_string(),
            serde_json::to_value(stored.change.verb)?.as_str().unwrap_or_default(),
            stored.change.origin.to_string(),
            stored.refused,
            serde_json::to_string(&stored.change)?,
            stored.verdict,
            stored.received_unix_ms
        ])?;
        Ok(())
    }
}
