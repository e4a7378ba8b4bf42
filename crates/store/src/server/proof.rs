//! The whole file looked through row by row: what `verify` needs, and nothing that serves people does.

use domain::place::Scope;
use domain::{Change, Record, RecordId};
use rusqlite::{Row, params};

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
    pub id: String,
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
    /// Its id as stored.
    pub id: String,
    /// The save it belongs to, as stored.
    pub txn: String,
    /// It did nothing.
    pub refused: bool,
    /// The verdict, as JSON.
    pub verdict: String,
    /// What was pushed; `None` when what is stored cannot be read.
    pub change: Option<Change>,
}

/// What names something that is not there: `(table.column, how many rows)`.
const FOREIGN: &[(&str, &str)] = &[
    ("record_scope.record", "SELECT COUNT(*) FROM record_scope WHERE record NOT IN (SELECT id FROM record)"),
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
    ("change.author", "SELECT COUNT(*) FROM change WHERE author NOT IN (SELECT id FROM account)"),
];

impl View<'_> {
    /// What SQLite itself finds wrong with the file, a few lines at the most; none when it is whole.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(20)")?;
        let said = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    /// How many records and changes there are to look through.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn to_look_through(&self) -> Result<(u64, u64), StoreError> {
        let count = |sql| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok((unsigned(count("SELECT COUNT(*) FROM record")?), unsigned(count("SELECT COUNT(*) FROM change")?)))
    }

    /// Every record, dead or alive.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_record<E: From<StoreError>>(&self, mut look: impl FnMut(RecordLine) -> Result<(), E>) -> Result<(), E> {
        let mut statement = self
            .connection
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
        let mut statement = self.connection.prepare("SELECT id FROM scope ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut lines = Vec::new();
        for id in ids {
            let (tags, first, last, tags_empty) = self.connection.query_row(
                "SELECT COUNT(*), COALESCE(MIN(version), 0), COALESCE(MAX(version), 0), COALESCE(SUM(tag = ''), 0)
                 FROM scope_version WHERE scope = ?1",
                [&id],
                |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?), unsigned(row.get(2)?), unsigned(row.get(3)?))),
            )?;
            let kept = id.parse::<Scope>().map_or_else(|_| Ok(ScopeRow::default()), |scope| self.scope(&scope))?;
            let beyond = self.connection.query_row(
                "SELECT COUNT(*) FROM record_scope WHERE scope = ?1 AND (version < 1 OR version > ?2)",
                params![id, signed(kept.head)],
                |row| row.get::<_, i64>(0),
            )?;
            let beyond = unsigned(beyond);
            lines.push(ScopeLine { id, kept, tags, tags_from_to: (first, last), tags_empty, beyond });
        }
        Ok(lines)
    }

    /// Every change in the order of the outboxes.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_change<E: From<StoreError>>(&self, mut look: impl FnMut(ChangeLine) -> Result<(), E>) -> Result<(), E> {
        let mut statement = self
            .connection
            .prepare("SELECT device, seq, id, txn, refused, verdict, json FROM change ORDER BY device, seq")
            .map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            look(change_line(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    /// The records a record names, as the table of references says.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn references_of(&self, record: RecordId) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT target FROM record_ref WHERE record = ?1 ORDER BY target")?;
        Ok(statement.query_map([record.to_string()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Records that are named and are not there, a few at the most.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn named_and_missing(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT DISTINCT target FROM record_ref WHERE target NOT IN (SELECT id FROM record) LIMIT ?1")?;
        Ok(statement.query_map([limit], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Columns that name something which is not there, with how many rows do.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn foreign_ids(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut found = Vec::new();
        for (column, sql) in FOREIGN {
            let count = unsigned(self.connection.query_row(sql, [], |row| row.get::<_, i64>(0))?);
            if count > 0 {
                found.push((*column, count));
            }
        }
        Ok(found)
    }
}

impl Write<'_> {
    /// Writes anew what was derived from a record: what lists show, and whom it names. The record stays as it is.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn derive_again(&self, record: &Record, listing: &Listing) -> Result<(), StoreError> {
        let received_unix_ms = self.record_received(record.id)?.unwrap_or_default();
        self.put_record(record, listing, received_unix_ms)
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
    // An id or a value that is not what was written is what this looks for: no reason to stop.
    let record = raw(row).ok().and_then(|raw| whole(raw).ok());
    Ok(RecordLine { id: text("id")?, record, listing })
}

fn change_line(row: &Row<'_>) -> rusqlite::Result<ChangeLine> {
    let json: String = row.get("json")?;
    Ok(ChangeLine {
        device: row.get("device")?,
        seq: unsigned(row.get("seq")?),
        id: row.get("id")?,
        txn: row.get("txn")?,
        refused: row.get("refused")?,
        verdict: row.get("verdict")?,
        change: rows::json(&json).ok(),
    })
}
