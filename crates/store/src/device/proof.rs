//! What proves that both sides hold the same: everything looked through, and what was put right.

use std::collections::BTreeSet;

use domain::digest::record_hash;
use domain::place::Scope;
use domain::{Record, RecordId, TxnId, kind};
use rusqlite::named_params;

use super::ground::Held;
use super::numbers::{self, Bytes};
use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// A record of a scope: the hash it is kept under, and what the server last said of it.
#[derive(Debug)]
pub struct MemberLine {
    /// The record.
    pub id: RecordId,
    /// What it adds to the kept sum.
    pub kept: Option<u128>,
    /// The server's word; `None` when there is none or it cannot be read.
    pub said: Option<Record>,
}

/// A record as it stands in the file.
#[derive(Debug)]
pub struct HeldLine {
    /// Its id.
    pub id: RecordId,
    /// The record; `None` when what is stored cannot be read.
    pub held: Option<Held>,
}

/// A difference that was found, in counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairRow {
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// Where.
    pub scope: Scope,
    /// Hashes or sums that were not those of the stored rows.
    pub miscounted: u64,
    /// Records the server has and this device had not.
    pub missing: u64,
    /// Records that said something else.
    pub different: u64,
    /// Records this device had and the server has not.
    pub superfluous: u64,
    /// Both sides hold the same again.
    pub mended: bool,
}

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

    /// Every record of a scope, with what the server said of it.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_member<E: From<StoreError>>(
        &self,
        scope: &Scope,
        mut look: impl FnMut(MemberLine) -> Result<(), E>,
    ) -> Result<(), E> {
        for (id, kept) in self.members(scope)? {
            let said = match self.said(id) {
                Err(StoreError::Unreadable(_)) => None,
                said => said?,
            };
            // What is kept without a hash of its own is kept under the hash of what was said.
            let kept = kept.or_else(|| said.as_ref().map(|said| record_hash(said, scope.kind())));
            look(MemberLine { id, kept, said })?;
        }
        Ok(())
    }

    /// What is kept for each record of a scope, as its sum is made of it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hashes(&self, scope: &Scope) -> Result<Vec<(RecordId, u128)>, StoreError> {
        let mut found = Vec::new();
        for (id, kept) in self.members(scope)? {
            let kept = match kept {
                Some(kept) => Some(kept),
                None => self.said(id)?.map(|said| record_hash(&said, scope.kind())),
            };
            found.extend(kept.map(|kept| (id, kept)));
        }
        Ok(found)
    }

    fn members(&self, scope: &Scope) -> Result<Vec<(RecordId, Option<u128>)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, hash FROM record WHERE scope = :scope
             UNION ALL SELECT id, record_also.hash FROM record_also JOIN record ON record.no = record_also.record
                       WHERE record_also.scope = :scope",
        )?;
        let rows = statement.query_map(named_params! { ":scope": self.scope_no(scope)? }, |row| {
            let hash: Option<[u8; 16]> = row.get("hash")?;
            Ok((numbers::id(row, "id")?, hash.map(u128::from_be_bytes)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every record.
    ///
    /// # Errors
    /// As SQLite says, and as `look` answers.
    pub fn each_record<E: From<StoreError>>(&self, mut look: impl FnMut(HeldLine) -> Result<(), E>) -> Result<(), E> {
        for id in self.ids().map_err(E::from)? {
            let held = match self.held(id) {
                Err(StoreError::Unreadable(_)) => None,
                held => held?,
            };
            look(HeldLine { id, held })?;
        }
        Ok(())
    }

    /// Every record's id, dead or alive.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn ids(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM record WHERE kind <> 0 ORDER BY no")?;
        Ok(statement.query_map([], |row| numbers::id(row, "id"))?.collect::<Result<_, _>>()?)
    }

    /// Which record names which, as the table of references says: `(who, whom)`.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn references(&self) -> Result<BTreeSet<(RecordId, RecordId)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT naming.id AS who, named.id AS whom FROM record_ref
             JOIN record AS naming ON naming.no = record_ref.record JOIN record AS named ON named.no = record_ref.target",
        )?;
        let rows = statement.query_map([], |row| Ok((numbers::id(row, "who")?, numbers::id(row, "whom")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lines of lists, and places in scopes, of records that are not here: `(list, how many)`.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn lines_of_nothing(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut found = Vec::new();
        for (list, sql) in [
            ("unit_row", "SELECT count(*) FROM unit_row WHERE record NOT IN (SELECT no FROM record WHERE kind <> 0)"),
            ("round_row", "SELECT count(*) FROM round_row WHERE record NOT IN (SELECT no FROM record WHERE kind <> 0)"),
            ("person_row", "SELECT count(*) FROM person_row WHERE record NOT IN (SELECT no FROM record WHERE kind <> 0)"),
            ("report_row", "SELECT count(*) FROM report_row WHERE record NOT IN (SELECT no FROM record WHERE kind <> 0)"),
            ("todo", "SELECT count(*) FROM todo WHERE record NOT IN (SELECT no FROM record WHERE kind <> 0)"),
            ("record", "SELECT count(*) FROM record WHERE scope IS NOT NULL AND scope NOT IN (SELECT no FROM scope)"),
            ("record_also", "SELECT count(*) FROM record_also WHERE scope NOT IN (SELECT no FROM scope)"),
        ] {
            let count: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
            if count > 0 {
                found.push((list, count.unsigned_abs()));
            }
        }
        Ok(found)
    }

    /// The dead records of a kind, the newest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn dead(&self, kind: &str, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM record WHERE kind = (SELECT no FROM word WHERE text = :kind)
             AND (said_dead IS NOT NULL OR shown_dead IS NOT NULL) ORDER BY no DESC LIMIT :limit",
        )?;
        let ids = statement
            .query_map(named_params! { ":kind": kind, ":limit": limit }, |row| numbers::id(row, "id"))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.held(id)?.map(|held| held.shown).filter(|shown| shown.dead.is_some()));
        }
        Ok(found)
    }

    /// The last saves, the newest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn last_saves(&self, limit: u32) -> Result<Vec<TxnId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT txn FROM change GROUP BY txn ORDER BY max(seq) DESC LIMIT :limit")?;
        Ok(statement.query_map(named_params! { ":limit": limit }, |row| rows::id(row, "txn"))?.collect::<Result<_, _>>()?)
    }

    /// Saves whose id ends with these bytes: what a number that people read stands for.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn saves_with_tail(&self, tail: [u8; 5]) -> Result<Vec<TxnId>, StoreError> {
        let tail: String = tail.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut statement = self.connection.prepare_cached("SELECT DISTINCT txn FROM change WHERE substr(txn, -10) = :tail")?;
        Ok(statement.query_map(named_params! { ":tail": tail }, |row| rows::id(row, "txn"))?.collect::<Result<_, _>>()?)
    }

    /// Changes that say something else than the envelope around them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn envelopes_wrong(&self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row(
            "SELECT count(*) FROM change WHERE json_valid(body) = 0 OR json_extract(body, '$.id') <> id
             OR json_extract(body, '$.txn') <> txn OR json_extract(body, '$.record') <> record",
            [],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    /// The last differences that were found, the newest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn repairs(&self, limit: u32) -> Result<Vec<RepairRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT at_unix_ms, scope, miscounted, missing, different, superfluous, mended FROM repair
             ORDER BY at_unix_ms DESC LIMIT :limit",
        )?;
        let rows = statement.query_map(named_params! { ":limit": limit }, |row| {
            let count = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(RepairRow {
                at_unix_ms: row.get("at_unix_ms")?,
                scope: rows::id(row, "scope")?,
                miscounted: count("miscounted")?,
                missing: count("missing")?,
                different: count("different")?,
                superfluous: count("superfluous")?,
                mended: row.get("mended")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// Takes out what cannot be read of a record, so that it can be said anew; own changes stand in the outbox and are laid
    /// over it again. Answers whether there was anything.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn clear_unreadable(&self, id: RecordId) -> Result<bool, StoreError> {
        match self.held(id) {
            Err(StoreError::Unreadable(_)) => {}
            Err(error) => return Err(error),
            Ok(_) => return Ok(false),
        }
        for statement in [
            "DELETE FROM record_ref WHERE record = (SELECT no FROM record WHERE id = :id)",
            "UPDATE record SET said_origins = x'', shown_origins = x'', said_dead = NULL, shown_dead = NULL, said = NULL,
                 shown = NULL WHERE id = :id",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":id": Bytes(id) })?;
        }
        Ok(true)
    }

    /// Writes anew which records a record names.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn refer_again(&self, id: RecordId) -> Result<(), StoreError> {
        let (Some(no), Some(held)) = (self.no(id)?, self.held(id)?) else { return Ok(()) };
        self.connection
            .prepare_cached("DELETE FROM record_ref WHERE record = :record")?
            .execute(named_params! { ":record": no })?;
        if held.shown.dead.is_some() {
            return Ok(());
        }
        let kind = self.word_or_new(&held.shown.kind)?;
        for target in kind::references(&held.shown) {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO record_ref (target, kind, record) VALUES (:target, :kind, :record)")?
                .execute(named_params! { ":target": self.no_or_new(target)?, ":kind": kind, ":record": no })?;
        }
        Ok(())
    }

    /// Writes a difference down; those before `before_unix_ms` are forgotten.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_repair(&self, row: &RepairRow, before_unix_ms: i64) -> Result<(), StoreError> {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached("DELETE FROM repair WHERE at_unix_ms < :before")?
            .execute(named_params! { ":before": before_unix_ms })?;
        self.connection
            .prepare_cached(
                "INSERT INTO repair (at_unix_ms, scope, miscounted, missing, different, superfluous, mended)
                 VALUES (:at, :scope, :miscounted, :missing, :different, :superfluous, :mended)",
            )?
            .execute(named_params! {
                ":at": row.at_unix_ms, ":scope": row.scope.to_string(), ":miscounted": count(row.miscounted),
                ":missing": count(row.missing), ":different": count(row.different),
                ":superfluous": count(row.superfluous), ":mended": row.mended,
            })?;
        Ok(())
    }
}
