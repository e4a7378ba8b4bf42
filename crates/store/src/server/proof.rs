//! The whole file looked through row by row: what `verify` needs, and nothing that serves people does.

use std::collections::BTreeSet;

use domain::place::Scope;
use domain::{Record, RecordId, kind};
use rusqlite::{Row, params};

use super::change::{self, StoredChange};
use super::device::{signed, unsigned};
use super::listing::Listing;
use super::record::{raw, whole};
use super::scope::ScopeRow;
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// A record with what was derived from it, as it stands in the file.
#[derive(Debug)]
pub struct RecordLine {
    /// Its id, also when nothing else of it can be read.
    pub id: RecordId,
    /// The record; `None` when what is stored cannot be read.
    pub record: Option<Record>,
    /// What lists show of it.
    pub listing: Listing,
}

/// A scope and the versions it has given out.
#[derive(Debug)]
pub struct ScopeLine {
    /// Its id as stored.
    pub id: String,
    /// What is kept of it.
    pub kept: ScopeRow,
    /// How many versions have a tag.
    pub tags: u64,
    /// The first and the last of them; 0 when there are none.
    pub tags_from_to: (u64, u64),
    /// Tags that are empty.
    pub tags_empty: u64,
    /// Records placed at a version the scope never had.
    pub beyond: u64,
}

/// A change at its place in a device's outbox.
#[derive(Debug)]
pub struct ChangeLine {
    /// The device's number.
    pub device: u32,
    /// Its place.
    pub seq: u64,
    /// The change with its verdict; `None` when what is stored cannot be read.
    pub stored: Option<StoredChange>,
}

/// What names something that is not there: `(table.column, how many rows)`.
const FOREIGN: &[(&str, &str)] = &[
    ("record_scope.record", "SELECT COUNT(*) FROM record_scope WHERE record NOT IN (SELECT id FROM record)"),
    ("record_ref.target", "SELECT COUNT(*) FROM record_ref WHERE target NOT IN (SELECT id FROM record)"),
    ("record_scope.scope", "SELECT COUNT(*) FROM record_scope WHERE scope NOT IN (SELECT id FROM scope)"),
    ("record_ref.record", "SELECT COUNT(*) FROM record_ref WHERE record NOT IN (SELECT id FROM record)"),
    ("scope_version.scope", "SELECT COUNT(*) FROM scope_version WHERE scope NOT IN (SELECT id FROM scope)"),
    ("device.account", "SELECT COUNT(*) FROM device WHERE account NOT IN (SELECT id FROM account)"),
    ("account_area.account", "SELECT COUNT(*) FROM account_area WHERE account NOT IN (SELECT id FROM account)"),
    ("account_area.area", "SELECT COUNT(*) FROM account_area WHERE area NOT IN (SELECT code FROM area)"),
    ("area.parent", "SELECT COUNT(*) FROM area WHERE parent <> '' AND parent NOT IN (SELECT code FROM area)"),
    ("enrol_code.account", "SELECT COUNT(*) FROM enrol_code WHERE account NOT IN (SELECT id FROM account)"),
    ("session.account", "SELECT COUNT(*) FROM session WHERE account NOT IN (SELECT id FROM account)"),
    ("change.device", "SELECT COUNT(*) FROM change WHERE device NOT IN (SELECT number FROM device)"),
    ("change.author", "SELECT COUNT(*) FROM change WHERE author NOT IN (SELECT unhex(replace(id, '-', '')) FROM account)"),
];

impl View<'_> {
    /// What SQLite itself finds wrong with the file, a few lines at the most; none when it is whole.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection()?.prepare("PRAGMA integrity_check(20)")?;
        let said = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    /// How many records and changes there are to look through.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn to_look_through(&self) -> Result<(u64, u64), StoreError> {
        let connection = self.connection()?;
        let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok((unsigned(count("SELECT COUNT(*) FROM record")?), unsigned(count("SELECT COUNT(*) FROM change")?)))
    }

    /// Every record, dead or alive.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_record<E: From<StoreError>>(&self, mut look: impl FnMut(RecordLine) -> Result<(), E>) -> Result<(), E> {
        let connection = self.connection().map_err(E::from)?;
        let mut statement = connection
            .prepare("SELECT id, kind, groups, dead, area, title, detail, state, search FROM record")
            .map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            look(record_line(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    /// Every scope.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn each_scope(&self) -> Result<Vec<ScopeLine>, StoreError> {
        let mut statement = self.connection()?.prepare("SELECT id FROM scope ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut lines = Vec::new();
        for id in ids {
            let (tags, first, last, tags_empty) = self.connection()?.query_row(
                "SELECT COUNT(*), COALESCE(MIN(version), 0), COALESCE(MAX(version), 0), COALESCE(SUM(tag = ''), 0)
                 FROM scope_version WHERE scope = ?1",
                [&id],
                |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?), unsigned(row.get(2)?), unsigned(row.get(3)?))),
            )?;
            let kept = id.parse::<Scope>().map_or_else(|_| Ok(ScopeRow::default()), |scope| self.scope(&scope))?;
            let beyond = self.connection()?.query_row(
                "SELECT COUNT(*) FROM record_scope WHERE scope = ?1 AND (version < 1 OR version > ?2)",
                params![id, signed(kept.head)],
                |row| row.get::<_, i64>(0),
            )?;
            let beyond = unsigned(beyond);
            lines.push(ScopeLine { id, kept, tags, tags_from_to: (first, last), tags_empty, beyond });
        }
        Ok(lines)
    }

    /// The changes of saves whose id ends with these bytes: what a number that people read stands for.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_with_tail(&self, tail: [u8; 5]) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.connection()?.prepare(
            "SELECT id, txn, record, kind, verb, schema, origin, groups, device, seq, author, refused, verdict,
                 received_unix_ms FROM change WHERE substr(txn, 12) = ?1 ORDER BY number",
        )?;
        let raws = statement.query_map([tail], change::raw)?.collect::<Result<Vec<_>, _>>()?;
        raws.into_iter().map(change::whole).collect()
    }

    /// Every change in the order of the outboxes.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_change<E: From<StoreError>>(&self, mut look: impl FnMut(ChangeLine) -> Result<(), E>) -> Result<(), E> {
        let connection = self.connection().map_err(E::from)?;
        let mut statement = connection
            .prepare(
                "SELECT id, txn, record, kind, verb, schema, origin, groups, device, seq, author, refused, verdict,
                     received_unix_ms FROM change ORDER BY device, seq",
            )
            .map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            look(change_line(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    /// Which record names which, as the table of references says: `(who, whom)`.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn references(&self) -> Result<BTreeSet<(RecordId, RecordId)>, StoreError> {
        let mut statement = self.connection()?.prepare("SELECT record, target FROM record_ref")?;
        let id = |row: &Row<'_>, column| Ok::<_, rusqlite::Error>(RecordId::from_bytes(rows::bytes16(row, column)?));
        Ok(statement.query_map([], |row| Ok((id(row, "record")?, id(row, "target")?)))?.collect::<Result<_, _>>()?)
    }

    /// Columns that name something which is not there, with how many rows do.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn foreign_ids(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut found = Vec::new();
        for (column, sql) in FOREIGN {
            let count = unsigned(self.connection()?.query_row(sql, [], |row| row.get::<_, i64>(0))?);
            if count > 0 {
                found.push((*column, count));
            }
        }
        Ok(found)
    }
}

impl Write<'_> {
    /// Writes anew which records a record names. The record stays as it is.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn refer_again(&self, record: &Record) -> Result<(), StoreError> {
        let connection = self.connection()?;
        connection.execute("DELETE FROM record_ref WHERE record = ?1", [record.id.as_bytes()])?;
        for target in kind::references(record) {
            connection.execute(
                "INSERT OR IGNORE INTO record_ref (target, record, kind) VALUES (?1, ?2, ?3)",
                params![target.as_bytes(), record.id.as_bytes(), record.kind],
            )?;
        }
        Ok(())
    }
}

fn record_line(row: &Row<'_>) -> rusqlite::Result<RecordLine> {
    let text = |column: &str| row.get::<_, String>(column);
    let listing = Listing {
        area: text("area")?,
        title: text("title")?,
        detail: text("detail")?,
        state: text("state")?,
        search: text("search")?,
    };
    // A value that is not what was written is what this looks for: no reason to stop.
    let record = raw(row).ok().and_then(|raw| whole(raw).ok());
    Ok(RecordLine { id: RecordId::from_bytes(rows::bytes16(row, "id")?), record, listing })
}

fn change_line(row: &Row<'_>) -> rusqlite::Result<ChangeLine> {
    let stored = change::raw(row).ok().and_then(|raw| change::whole(raw).ok());
    Ok(ChangeLine { device: row.get("device")?, seq: unsigned(row.get("seq")?), stored })
}
