//! Records: what the server last said, and what a person sees.

use std::collections::BTreeMap;

use domain::place::Register;
use domain::{AccountId, GroupValue, Origin, Record, RecordId, kind};
use rusqlite::{OptionalExtension, Row, named_params};

use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// A record as the device holds it.
#[derive(Clone, Debug)]
pub struct Held {
    /// What the server last said; `None` until it has spoken.
    pub said: Option<Record>,
    /// What a person sees.
    pub shown: Record,
    /// Own changes that are not answered.
    pub waiting: u64,
    /// It left every scope of this device, and stays only until its changes are answered.
    pub has_left: bool,
}

type Groups = BTreeMap<String, GroupValue>;

/// A row before its JSON is read.
struct Raw {
    id: RecordId,
    kind: String,
    said: Option<String>,
    said_dead: Option<String>,
    shown: Option<String>,
    shown_dead: Option<String>,
    waiting: i64,
    has_left: bool,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: rows::id(row, "id")?,
        kind: row.get("kind")?,
        said: row.get("said")?,
        said_dead: row.get("said_dead")?,
        shown: row.get("shown")?,
        shown_dead: row.get("shown_dead")?,
        waiting: row.get("waiting")?,
        has_left: row.get("has_left")?,
    })
}

impl Raw {
    fn record(&self, groups: &str, dead: Option<&str>) -> Result<Record, StoreError> {
        let groups: Groups = rows::json(groups)?;
        Ok(Record { kind: self.kind.clone(), id: self.id, groups, dead: dead.and_then(|dead| dead.parse().ok()) })
    }

    fn held(self) -> Result<Held, StoreError> {
        let said = self.said.as_deref().map(|said| self.record(said, self.said_dead.as_deref())).transpose()?;
        let shown = match self.shown.as_deref() {
            Some(shown) => self.record(shown, self.shown_dead.as_deref())?,
            None => said.clone().unwrap_or_else(|| Record::empty(&self.kind, self.id)),
        };
        Ok(Held { said, shown, waiting: self.waiting.unsigned_abs(), has_left: self.has_left })
    }

    /// Only what a person sees; half the work of [`Raw::held`].
    fn shown(self) -> Result<Record, StoreError> {
        match (self.shown.as_deref(), self.said.as_deref()) {
            (Some(shown), _) => self.record(shown, self.shown_dead.as_deref()),
            (None, Some(said)) => self.record(said, self.said_dead.as_deref()),
            (None, None) => Ok(Record::empty(&self.kind, self.id)),
        }
    }
}

/// `SELECT ` + the record's columns + the rest, at compile time.
macro_rules! concat_columns {
    ($before:literal, $after:literal) => {
        concat!($before, "id, kind, said, said_dead, shown, shown_dead, waiting, has_left", $after)
    };
}

impl View<'_> {
    /// A record, dead or alive.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held(&self, id: RecordId) -> Result<Option<Held>, StoreError> {
        self.raw(id)?.map(Raw::held).transpose()
    }

    /// What a person sees of a record; `None` when it is not here or dead.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn shown(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        let shown = self.raw(id)?.map(Raw::shown).transpose()?;
        Ok(shown.filter(|record| record.dead.is_none()))
    }

    fn raw(&self, id: RecordId) -> Result<Option<Raw>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(concat_columns!("SELECT ", " FROM record WHERE id = :id"))?
            .query_row(named_params! { ":id": id.to_string() }, raw)
            .optional()?)
    }

    /// The living records of a kind that name another, in order of their ids.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn naming(&self, target: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(concat_columns!(
            "SELECT ",
            " FROM record WHERE id IN (SELECT record FROM record_ref WHERE target = :target AND kind = :kind) ORDER BY id"
        ))?;
        let found = statement
            .query_map(named_params! { ":target": target.to_string(), ":kind": kind }, raw)?
            .collect::<Result<Vec<_>, _>>()?;
        let shown: Vec<Record> = found.into_iter().map(Raw::shown).collect::<Result<_, _>>()?;
        Ok(shown.into_iter().filter(|record| record.dead.is_none()).collect())
    }

    /// The living records of a kind, in order of their ids. For small kinds: areas, holidays, conflicts.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn all(&self, kind: &str) -> Result<Vec<Record>, StoreError> {
        let mut statement =
            self.connection.prepare_cached(concat_columns!("SELECT ", " FROM record WHERE kind = :kind ORDER BY id"))?;
        let found = statement.query_map(named_params! { ":kind": kind }, raw)?.collect::<Result<Vec<_>, _>>()?;
        let shown: Vec<Record> = found.into_iter().map(Raw::shown).collect::<Result<_, _>>()?;
        Ok(shown.into_iter().filter(|record| record.dead.is_none()).collect())
    }

    /// How many records are here.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn record_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM record_scope", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

impl Register for View<'_> {
    type Error = StoreError;
    fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        self.raw(id)?.map(Raw::shown).transpose()
    }
    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.naming(id, kind)
    }
    fn landlord_account(&self, unit: &Record) -> Result<Option<AccountId>, StoreError> {
        // A device knows no accounts: what the server said stands.
        Ok(domain::place::stored(unit).owner)
    }
}

impl Writing<'_> {
    /// Stores a record as it now is. `shown` is kept only while own changes lie on top.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put(&self, held: &Held) -> Result<(), StoreError> {
        let text = |record: &Record| serde_json::to_string(&record.groups);
        let dead = |record: &Record| record.dead.map(|origin: Origin| origin.to_string());
        let said = held.said.as_ref().map(text).transpose()?;
        let on_top = held.waiting > 0 || held.said.is_none();
        let shown = if on_top { Some(text(&held.shown)?) } else { None };
        let id = held.shown.id.to_string();
        self.connection
            .prepare_cached(
                "INSERT INTO record (id, kind, said, said_dead, shown, shown_dead, waiting, has_left)
                 VALUES (:id, :kind, :said, :said_dead, :shown, :shown_dead, :waiting, :has_left)
                 ON CONFLICT (id) DO UPDATE SET said = excluded.said, said_dead = excluded.said_dead,
                     shown = excluded.shown, shown_dead = excluded.shown_dead, waiting = excluded.waiting,
                     has_left = excluded.has_left",
            )?
            .execute(named_params! {
                ":id": id, ":kind": held.shown.kind, ":said": said, ":said_dead": held.said.as_ref().and_then(dead),
                ":shown": shown, ":shown_dead": if on_top { dead(&held.shown) } else { None },
                ":waiting": i64::try_from(held.waiting).unwrap_or(i64::MAX), ":has_left": held.has_left,
            })?;
        self.put_references(&held.shown)
    }

    fn put_references(&self, record: &Record) -> Result<(), StoreError> {
        let id = record.id.to_string();
        let wanted = if record.dead.is_none() { kind::references(record) } else { Vec::new() };
        self.connection
            .prepare_cached("DELETE FROM record_ref WHERE record = :record")?
            .execute(named_params! { ":record": id })?;
        let mut insert =
            self.connection.prepare_cached("INSERT INTO record_ref (record, kind, target) VALUES (:record, :kind, :target)")?;
        for target in wanted {
            insert.execute(named_params! { ":record": id, ":kind": record.kind, ":target": target.to_string() })?;
        }
        Ok(())
    }

    /// Deletes a record that left every scope and has no unanswered change, with what was derived from it and its answered
    /// changes. What lies in the tray stays: its values stand nowhere else.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn purge(&self, id: RecordId) -> Result<(), StoreError> {
        let id_text = id.to_string();
        for statement in [
            "DELETE FROM record WHERE id = :id",
            "DELETE FROM record_ref WHERE record = :id",
            "DELETE FROM change WHERE record = :id AND state NOT IN ('waiting', 'refused')",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":id": id_text })?;
        }
        self.forget_rows(id)
    }
}
