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

pub(super) struct Raw {
    id: [u8; 16],
    txn: [u8; 16],
    record: [u8; 16],
    kind: String,
    verb: String,
    schema: u32,
    origin: String,
    groups: String,
    device: u32,
    seq: u64,
    author: [u8; 16],
    refused: bool,
    verdict: String,
    received_unix_ms: i64,
}

impl Raw {
    /// What is long of it.
    fn bytes(&self) -> usize {
        self.groups.len() + self.verdict.len()
    }
}

/// How the verdict of nearly every change is kept.
const OK: &str = r#"{"is":"ok"}"#;

pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: rows::bytes16(row, "id")?,
        txn: rows::bytes16(row, "txn")?,
        record: rows::bytes16(row, "record")?,
        kind: row.get("kind")?,
        verb: row.get("verb")?,
        schema: row.get("schema")?,
        origin: row.get("origin")?,
        groups: row.get("groups")?,
        device: row.get("device")?,
        seq: unsigned(row.get("seq")?),
        author: rows::bytes16(row, "author")?,
        refused: row.get("refused")?,
        verdict: row.get("verdict")?,
        received_unix_ms: row.get("received_unix_ms")?,
    })
}

pub(super) fn whole(raw: Raw) -> Result<StoredChange, StoreError> {
    let text = |text: String| serde_json::Value::String(text);
    Ok(StoredChange {
        change: Change {
            id: ChangeId::from_bytes(raw.id),
            txn: TxnId::from_bytes(raw.txn),
            record: RecordId::from_bytes(raw.record),
            kind: raw.kind,
            verb: serde_json::from_value(text(raw.verb))?,
            schema: raw.schema,
            origin: serde_json::from_value(text(raw.origin))?,
            groups: rows::json(&raw.groups)?,
        },
        device: DeviceNumber(raw.device),
        seq: raw.seq,
        author: AccountId::from_bytes(raw.author),
        refused: raw.refused,
        verdict: if raw.verdict.is_empty() { OK.to_owned() } else { raw.verdict },
        received_unix_ms: raw.received_unix_ms,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, txn, record, kind, verb, schema, origin, groups, device, seq, author, refused, verdict, ",
            "received_unix_ms FROM change ",
            $rest
        )
    };
}

impl View<'_> {
    /// A change by its permanent name.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn change(&self, id: ChangeId) -> Result<Option<StoredChange>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE id = ?1"))?;
        statement.query_row([id.as_bytes()], raw).optional()?.map(whole).transpose()
    }

    /// Whether a change is in the book.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn knows_change(&self, id: ChangeId) -> Result<bool, StoreError> {
        Ok(self.beside().prepare_cached("SELECT 1 FROM change WHERE id = ?1")?.exists([id.as_bytes()])?)
    }

    /// Which change stands at a place of a device's outbox.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn change_at(&self, device: DeviceNumber, seq: u64) -> Result<Option<ChangeId>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT id FROM change WHERE device = ?1 AND seq = ?2")?;
        let found = statement.query_row(params![device.0, signed(seq)], |row| rows::bytes16(row, "id")).optional()?;
        Ok(found.map(ChangeId::from_bytes))
    }

    /// The changes of a record, oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_of(&self, record: RecordId) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE record = ?1 ORDER BY number"))?;
        let raws = statement.query_map([record.as_bytes()], raw)?.collect::<Result<Vec<_>, _>>()?;
        raws.into_iter().map(whole).collect()
    }

    /// The newest changes of a record, oldest first: as many as together have no more than so many bytes, and the newest in any
    /// case.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn newest_changes_of(&self, record: RecordId, bytes_max: usize) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE record = ?1 ORDER BY number DESC"))?;
        let mut rows = statement.query([record.as_bytes()])?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        while bytes <= bytes_max
            && let Some(row) = rows.next()?
        {
            let read = raw(row)?;
            bytes += read.bytes();
            found.push(whole(read)?);
        }
        found.reverse();
        Ok(found)
    }

    /// Whether a save was begun by an earlier push.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn knows_txn(&self, txn: TxnId) -> Result<bool, StoreError> {
        Ok(self.beside().prepare_cached("SELECT 1 FROM change WHERE txn = ?1 AND place = 0")?.exists([txn.as_bytes()])?)
    }

    /// Whether a value of a record was refused.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn is_refused(&self, record: RecordId, origin: Origin) -> Result<bool, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT 1 FROM change WHERE record = ?1 AND origin = ?2 AND refused = 1")?;
        Ok(statement.exists(params![record.as_bytes(), origin.to_string()])?)
    }

    /// Whether a record was to be created by a change that was refused.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn create_was_refused(&self, record: RecordId) -> Result<bool, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT 1 FROM change WHERE record = ?1 AND verb = 'create' AND refused = 1")?;
        Ok(statement.exists([record.as_bytes()])?)
    }

    /// Which device brought a value of a record: not always the one whose number it carries, where a file was copied.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn value_sender(&self, record: RecordId, origin: Origin) -> Result<Option<DeviceNumber>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT device FROM change WHERE record = ?1 AND origin = ?2 AND refused = 0 ORDER BY received_unix_ms LIMIT 1",
        )?;
        let found = statement.query_row(params![record.as_bytes(), origin.to_string()], |row| row.get(0)).optional()?;
        Ok(found.map(DeviceNumber))
    }

    /// When a value of a record reached the server, Unix milliseconds, UTC.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn value_received(&self, record: RecordId, origin: Origin) -> Result<Option<i64>, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT MIN(received_unix_ms) FROM change WHERE record = ?1 AND origin = ?2 AND refused = 0")?;
        Ok(statement.query_row(params![record.as_bytes(), origin.to_string()], |row| row.get(0))?)
    }
}

/// Where a change came from and what was answered, to be kept with it.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Who sent it.
    pub device: DeviceNumber,
    /// Its place in that device's outbox.
    pub seq: u64,
    /// Its place in its save, from 0.
    pub place: usize,
    /// Whose device it was.
    pub author: AccountId,
    /// It did nothing.
    pub refused: bool,
    /// The verdict, as JSON.
    pub verdict: &'a str,
    /// Unix milliseconds, UTC.
    pub received_unix_ms: i64,
}

impl Write<'_> {
    /// Keeps a change with its verdict.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_change(&self, stored: &StoredChange) -> Result<(), StoreError> {
        let place = usize::from(self.knows_txn(stored.change.txn)?);
        self.keep_change(
            &stored.change,
            Answered {
                device: stored.device,
                seq: stored.seq,
                place,
                author: stored.author,
                refused: stored.refused,
                verdict: &stored.verdict,
                received_unix_ms: stored.received_unix_ms,
            },
        )
    }

    /// Keeps a change with its verdict, in a save of which everything is kept in order.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn keep_change(&self, change: &Change, answered: Answered<'_>) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("add_change.sql"))?;
        statement.execute(params![
            change.id.as_bytes(),
            answered.device.0,
            signed(answered.seq),
            answered.author.as_bytes(),
            change.txn.as_bytes(),
            i64::try_from(answered.place).unwrap_or(i64::MAX),
            change.record.as_bytes(),
            change.kind,
            serde_json::to_value(change.verb)?.as_str().unwrap_or_default(),
            change.schema,
            change.origin.to_string(),
            serde_json::to_string(&change.groups)?,
            answered.refused,
            if answered.verdict == OK { "" } else { answered.verdict },
            answered.received_unix_ms
        ])?;
        Ok(())
    }
}
