//! Records: what the server last said, and what a person sees.

use std::collections::BTreeSet;

use domain::digest::record_hash;
use domain::place::Register;
use domain::stored::{Stored, unpack};
use domain::{AccountId, Origin, Record, RecordId, kind};
use rusqlite::{OptionalExtension, Row, named_params};

use super::numbers::{Bytes, NOT_HERE, No};
use super::packed;
use super::{View, Writing};
use crate::open::StoreError;

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

/// A row before its text is read.
struct Raw {
    no: No,
    id: RecordId,
    /// `None`: only named by another record.
    kind: Option<String>,
    scope: Option<i64>,
    hash_is_that_of_said: bool,
    said: Option<String>,
    said_origins: Vec<u8>,
    said_dead: Option<String>,
    shown: Option<String>,
    shown_origins: Vec<u8>,
    shown_dead: Option<String>,
    waiting: i64,
    has_left: bool,
}

/// By place, as `select_record` names them: looked for by name, thirteen columns cost as much as reading them.
fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        no: row.get(0)?,
        id: RecordId::from_bytes(row.get(1)?),
        kind: row.get(2)?,
        scope: row.get(3)?,
        hash_is_that_of_said: row.get(4)?,
        said: row.get(5)?,
        said_origins: row.get(6)?,
        said_dead: row.get(7)?,
        shown: row.get(8)?,
        shown_origins: row.get(9)?,
        shown_dead: row.get(10)?,
        waiting: row.get(11)?,
        has_left: row.get(12)?,
    })
}

impl Raw {
    fn record(&self, text: &str, origins: &[u8], dead: Option<&str>) -> Result<Record, StoreError> {
        let groups = unpack(self.id, text, origins)?;
        let kind = self.kind.clone().unwrap_or_default();
        Ok(Record { kind, id: self.id, groups, dead: dead.and_then(|dead| dead.parse().ok()) })
    }

    fn said(&self) -> Result<Option<Record>, StoreError> {
        let said = self.said.as_deref();
        said.map(|said| self.record(said, &self.said_origins, self.said_dead.as_deref())).transpose()
    }

    fn held(self) -> Result<Held, StoreError> {
        let said = self.said()?;
        let shown = match self.shown.as_deref() {
            Some(shown) => self.record(shown, &self.shown_origins, self.shown_dead.as_deref())?,
            None => said.clone().unwrap_or_else(|| self.empty()),
        };
        Ok(Held { said, shown, waiting: self.waiting.unsigned_abs(), has_left: self.has_left })
    }

    /// Only what a person sees; half the work of [`Raw::held`].
    fn shown(&self) -> Result<Record, StoreError> {
        match self.shown.as_deref() {
            Some(shown) => self.record(shown, &self.shown_origins, self.shown_dead.as_deref()),
            None => Ok(self.said()?.unwrap_or_else(|| self.empty())),
        }
    }

    fn empty(&self) -> Record {
        Record::empty(self.kind.as_deref().unwrap_or_default(), self.id)
    }

    /// The records that a living one names.
    fn names(&self) -> Result<BTreeSet<RecordId>, StoreError> {
        Ok(if self.kind.is_some() { names(&self.shown()?) } else { BTreeSet::new() })
    }
}

/// The records that a living one names.
fn names(record: &Record) -> BTreeSet<RecordId> {
    if record.dead.is_none() { kind::references(record).into_iter().collect() } else { BTreeSet::new() }
}

/// `SELECT ` + the record's columns + the rest, at compile time.
macro_rules! select_record {
    ($after:literal) => {
        concat!(
            "SELECT record.no, record.id, (SELECT text FROM word WHERE word.no = record.kind) AS kind, scope, hash IS NULL AS as_said,
                 said, said_origins, said_dead, shown, shown_origins, shown_dead, waiting, has_left FROM record ",
            $after
        )
    };
}

impl View<'_> {
    /// A record, dead or alive.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held(&self, id: RecordId) -> Result<Option<Held>, StoreError> {
        self.raw_here(id)?.map(Raw::held).transpose()
    }

    /// What a person sees of a record; `None` when it is not here or dead.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn shown(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        let shown = self.raw_here(id)?.map(|raw| raw.shown()).transpose()?;
        Ok(shown.filter(|record| record.dead.is_none()))
    }

    fn raw(&self, id: RecordId) -> Result<Option<Raw>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(select_record!("WHERE id = :id"))?
            .query_row(named_params! { ":id": Bytes(id) }, raw)
            .optional()?)
    }

    fn raw_here(&self, id: RecordId) -> Result<Option<Raw>, StoreError> {
        Ok(self.raw(id)?.filter(|raw| raw.kind.is_some()))
    }

    /// What the server last said of a record: what its hash is taken over.
    pub(crate) fn said(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        self.raw_here(id)?.map_or(Ok(None), |raw| raw.said())
    }

    /// The living records of a kind that name another, in order of their ids.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn naming(&self, target: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(select_record!(
            "JOIN record_ref ON record_ref.record = record.no
             WHERE record_ref.target = (SELECT named.no FROM record AS named WHERE named.id = :target)
               AND record_ref.kind = (SELECT word.no FROM word WHERE word.text = :kind)
             ORDER BY record.id"
        ))?;
        let found = statement
            .query_map(named_params! { ":target": Bytes(target), ":kind": kind }, raw)?
            .collect::<Result<Vec<_>, _>>()?;
        living(&found)
    }

    /// Whether what a person sees of a record may hold a group of this name: a look at the text, without reading it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn may_hold(&self, id: RecordId, group: &str) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT 1 FROM record WHERE id = :id AND instr(coalesce(shown, said, ''), :group) > 0")?;
        Ok(statement.exists(named_params! { ":id": Bytes(id), ":group": format!("\"{group}\"") })?)
    }

    /// The living records of a kind, in order of their ids. For small kinds: areas, holidays, conflicts.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn all(&self, kind: &str) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(select_record!(
            "WHERE record.kind = (SELECT word.no FROM word WHERE word.text = :kind) ORDER BY record.id"
        ))?;
        let found = statement.query_map(named_params! { ":kind": kind }, raw)?.collect::<Result<Vec<_>, _>>()?;
        living(&found)
    }

    /// How many records are here.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn record_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM record WHERE kind <> 0", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

fn living(found: &[Raw]) -> Result<Vec<Record>, StoreError> {
    let shown: Vec<Record> = found.iter().map(Raw::shown).collect::<Result<_, _>>()?;
    Ok(shown.into_iter().filter(|record| record.dead.is_none()).collect())
}

impl Register for View<'_> {
    type Error = StoreError;
    fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        self.raw_here(id)?.map(|raw| raw.shown()).transpose()
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
        let id = held.shown.id;
        let pack = |record: &Record| packed::pack(record);
        let dead = |record: &Record| record.dead.map(|origin: Origin| origin.to_string());
        let said = held.said.as_ref().map(pack).transpose()?;
        let on_top = held.waiting > 0 || held.said.is_none();
        let shown = if on_top { Some(pack(&held.shown)?) } else { None };
        let before = self.raw(id)?;
        if let Some(before) = &before {
            self.keep_hash(before, said.as_ref())?;
        }
        let kind = self.word_or_new(&held.shown.kind)?;
        self.connection
            .prepare_cached(
                "INSERT INTO record (id, kind, waiting, has_left, said_origins, shown_origins, said_dead, shown_dead, said,
                     shown)
                 VALUES (:id, :kind, :waiting, :has_left, :said_origins, :shown_origins, :said_dead, :shown_dead, :said,
                     :shown)
                 ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, waiting = excluded.waiting, has_left = excluded.has_left,
                     said_origins = excluded.said_origins, shown_origins = excluded.shown_origins,
                     said_dead = excluded.said_dead, shown_dead = excluded.shown_dead, said = excluded.said,
                     shown = excluded.shown",
            )?
            .execute(named_params! {
                ":id": Bytes(id), ":kind": kind, ":waiting": i64::try_from(held.waiting).unwrap_or(i64::MAX),
                ":has_left": held.has_left, ":said_origins": origins(said.as_ref()),
                ":shown_origins": origins(shown.as_ref()), ":said_dead": held.said.as_ref().and_then(dead),
                ":shown_dead": if on_top { dead(&held.shown) } else { None }, ":said": text(said.as_ref()),
                ":shown": text(shown.as_ref()),
            })?;
        let no = before.as_ref().map_or_else(|| self.connection.last_insert_rowid(), |before| before.no);
        let named = before.as_ref().map(Raw::names).transpose()?.unwrap_or_default();
        // What a person sees from now on, as the row says it: with nothing on top that is what the server said.
        let seen = if on_top { &held.shown } else { held.said.as_ref().unwrap_or(&held.shown) };
        self.put_references(no, kind, &named, &names(seen))
    }

    /// A hash that is not stored is that of `said` as it stands: before `said` changes it is written down, so that the scope's
    /// sum gives back exactly what it took.
    fn keep_hash(&self, before: &Raw, said: Option<&Stored>) -> Result<(), StoreError> {
        let (Some(scope), true) = (before.scope, before.hash_is_that_of_said) else { return Ok(()) };
        if before.said.as_deref() == said.map(|said| said.text.as_str()) {
            return Ok(());
        }
        let (Some(scope), Some(record)) = (self.scope_named(scope)?, before.said()?) else { return Ok(()) };
        let hash = record_hash(&record, scope.kind());
        self.connection
            .prepare_cached("UPDATE record SET hash = :hash WHERE no = :no")?
            .execute(named_params! { ":no": before.no, ":hash": hash.to_be_bytes() })?;
        Ok(())
    }

    fn put_references(&self, no: No, kind: i64, were: &BTreeSet<RecordId>, are: &BTreeSet<RecordId>) -> Result<(), StoreError> {
        for target in were.difference(are) {
            let Some(target) = self.no(*target)? else { continue };
            self.connection
                .prepare_cached("DELETE FROM record_ref WHERE target = :target AND kind = :kind AND record = :record")?
                .execute(named_params! { ":target": target, ":kind": kind, ":record": no })?;
        }
        for target in are.difference(were) {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO record_ref (target, kind, record) VALUES (:target, :kind, :record)")?
                .execute(named_params! { ":target": self.no_or_new(*target)?, ":kind": kind, ":record": no })?;
        }
        Ok(())
    }

    /// Deletes a record that left every scope and has no unanswered change, with what was derived from it and its answered
    /// changes. What lies in the tray stays: its values stand nowhere else. While others name the record, its id stays.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn purge(&self, id: RecordId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM change WHERE record = :record AND state NOT IN ('waiting', 'refused')")?
            .execute(named_params! { ":record": id.to_string() })?;
        // A photo's bytes that are nowhere else stay until they are sent.
        self.connection
            .prepare_cached("UPDATE blob_use SET left_unix_ms = 0 WHERE record = :record")?
            .execute(named_params! { ":record": id.to_string() })?;
        self.forget_rows(id)?;
        let Some(raw) = self.raw(id)? else { return Ok(()) };
        let named = raw.names()?;
        if let Some(kind) = &raw.kind {
            self.put_references(raw.no, self.word_or_new(kind)?, &named, &BTreeSet::new())?;
        }
        for statement in [
            "DELETE FROM record_also WHERE record = :no",
            "UPDATE record SET kind = 0, scope = NULL, hash = NULL, waiting = 0, has_left = 0, said_origins = x'',
                 shown_origins = x'', said_dead = NULL, shown_dead = NULL, said = NULL, shown = NULL WHERE no = :no",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":no": raw.no })?;
        }
        for id in named.into_iter().chain([id]) {
            self.connection
                .prepare_cached(
                    "DELETE FROM record WHERE id = :id AND kind = 0
                     AND NOT EXISTS (SELECT 1 FROM record_ref WHERE record_ref.target = record.no)",
                )?
                .execute(named_params! { ":id": Bytes(id) })?;
        }
        Ok(())
    }
}

const _: () = assert!(NOT_HERE == 0, "the statements above say 0");

fn text(packed: Option<&Stored>) -> Option<&str> {
    packed.map(|packed| packed.text.as_str())
}

fn origins(packed: Option<&Stored>) -> &[u8] {
    packed.map(|packed| packed.origins.as_slice()).unwrap_or_default()
}
