//! What each granted scope holds here, with a digest kept up to date.

use domain::RecordId;
use domain::digest::{Digest, hash_from_hex, record_hash};
use domain::place::Scope;
use rusqlite::{OptionalExtension, named_params};

use super::numbers::{self, Bytes};
use super::{View, Writing};
use crate::open::StoreError;

/// A granted scope.
#[derive(Clone, Debug)]
pub struct ScopeRow {
    /// Which.
    pub scope: Scope,
    /// Where the last answer ended.
    pub cursor: Option<String>,
    /// What is stored here.
    pub digest: Digest,
    /// What the server said it holds, at its head.
    pub server_sum: String,
    /// The same, as a count.
    pub server_count: u64,
    /// The first sync has reached its end.
    pub complete: bool,
}

impl View<'_> {
    /// The granted scopes.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn scopes(&self) -> Result<Vec<ScopeRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT scope, cursor, sum, count, server_sum, server_count, complete FROM scope ORDER BY scope")?;
        let rows = statement
            .query_map([], |row| {
                let sum: String = row.get("sum")?;
                Ok(ScopeRow {
                    scope: crate::rows::id(row, "scope")?,
                    cursor: row.get("cursor")?,
                    digest: Digest {
                        sum: hash_from_hex(&sum).unwrap_or_default(),
                        count: row.get::<_, i64>("count")?.unsigned_abs(),
                    },
                    server_sum: row.get("server_sum")?,
                    server_count: row.get::<_, i64>("server_count")?.unsigned_abs(),
                    complete: row.get("complete")?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }

    /// Whether any scope still holds a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn is_in_a_scope(&self, record: RecordId) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT 1 FROM record WHERE id = :id
                 AND (scope IS NOT NULL OR EXISTS (SELECT 1 FROM record_also WHERE record_also.record = record.no))",
            )?
            .exists(named_params! { ":id": Bytes(record) })?)
    }

    /// The records of a scope.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records_in(&self, scope: &Scope) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM record WHERE scope = :scope
             UNION ALL SELECT id FROM record_also JOIN record ON record.no = record_also.record WHERE record_also.scope = :scope",
        )?;
        let found = statement
            .query_map(named_params! { ":scope": self.scope_no(scope)? }, |row| numbers::id(row, "id"))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// The dead that are kept for their villages: no scope's list names them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn dead_in_no_scope(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM record WHERE kind <> 0 AND scope IS NULL AND said_dead IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM record_also WHERE record_also.record = record.no)",
        )?;
        Ok(statement.query_map([], |row| numbers::id(row, "id"))?.collect::<Result<_, _>>()?)
    }

    /// The hash under which a scope holds a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hash_in(&self, scope: &Scope, record: RecordId) -> Result<Option<u128>, StoreError> {
        let Some(scope_no) = self.scope_no(scope)? else { return Ok(None) };
        let found: Option<Option<[u8; 16]>> = self
            .connection
            .prepare_cached(
                "SELECT hash FROM record WHERE id = :id AND scope = :scope
                 UNION ALL SELECT record_also.hash FROM record_also JOIN record ON record.no = record_also.record
                 WHERE record.id = :id AND record_also.scope = :scope",
            )?
            .query_row(named_params! { ":scope": scope_no, ":id": Bytes(record) }, |row| row.get(0))
            .optional()?;
        Ok(match found {
            None => None,
            Some(Some(hash)) => Some(u128::from_be_bytes(hash)),
            Some(None) => self.said(record)?.map(|said| record_hash(&said, scope.kind())),
        })
    }
}

impl Writing<'_> {
    /// Adds a scope, empty, unless it is there.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_scope(&self, scope: &Scope) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO scope (scope) VALUES (:scope) ON CONFLICT (scope) DO NOTHING")?
            .execute(named_params! { ":scope": scope.to_string() })?;
        Ok(())
    }

    /// Stores where a scope stands.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_scope(&self, row: &ScopeRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE scope SET cursor = :cursor, sum = :sum, count = :count, server_sum = :server_sum,
                     server_count = :server_count, complete = :complete WHERE scope = :scope",
            )?
            .execute(named_params! {
                ":scope": row.scope.to_string(), ":cursor": row.cursor, ":sum": row.digest.hex(),
                ":count": i64::try_from(row.digest.count).unwrap_or(i64::MAX), ":server_sum": row.server_sum,
                ":server_count": i64::try_from(row.server_count).unwrap_or(i64::MAX), ":complete": row.complete,
            })?;
        Ok(())
    }

    /// Forgets a scope and its cursor; its records are the caller's to purge.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_scope(&self, scope: &Scope) -> Result<(), StoreError> {
        let Some(no) = self.scope_no(scope)? else { return Ok(()) };
        for statement in [
            "UPDATE record SET scope = NULL, hash = NULL WHERE scope = :scope",
            "DELETE FROM record_also WHERE scope = :scope",
            "DELETE FROM scope WHERE no = :scope",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":scope": no })?;
        }
        Ok(())
    }

    /// A scope holds a record under this hash.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn enter(&self, scope: &Scope, record: RecordId, hash: u128) -> Result<(), StoreError> {
        self.enter_under(scope, record, Some(hash))
    }

    /// A scope holds a record under the hash of what the server said, as it is stored here now.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn enter_as_said(&self, scope: &Scope, record: RecordId) -> Result<(), StoreError> {
        self.enter_under(scope, record, None)
    }

    fn enter_under(&self, scope: &Scope, record: RecordId, hash: Option<u128>) -> Result<(), StoreError> {
        let Some(scope_no) = self.scope_no(scope)? else { return Ok(()) };
        let no = self.no_or_new(record)?;
        let first = self
            .connection
            .prepare_cached(
                "UPDATE record SET scope = :scope, hash = :hash WHERE no = :no AND (scope IS NULL OR scope = :scope)
                 AND NOT EXISTS (SELECT 1 FROM record_also WHERE record_also.record = :no AND record_also.scope = :scope)",
            )?
            .execute(named_params! { ":no": no, ":scope": scope_no, ":hash": hash.map(u128::to_be_bytes) })?;
        if first == 0 {
            let said = || Ok::<_, StoreError>(self.said(record)?.map(|said| record_hash(&said, scope.kind())));
            let hash = hash.map_or_else(said, |hash| Ok(Some(hash)))?.unwrap_or_default();
            self.connection
                .prepare_cached(
                    "INSERT INTO record_also (record, scope, hash) VALUES (:no, :scope, :hash)
                     ON CONFLICT (record, scope) DO UPDATE SET hash = excluded.hash",
                )?
                .execute(named_params! { ":no": no, ":scope": scope_no, ":hash": hash.to_be_bytes() })?;
        }
        Ok(())
    }

    /// A scope holds a record no more.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn leave(&self, scope: &Scope, record: RecordId) -> Result<(), StoreError> {
        let (Some(scope), Some(no)) = (self.scope_no(scope)?, self.no(record)?) else { return Ok(()) };
        for statement in [
            "UPDATE record SET scope = NULL, hash = NULL WHERE no = :no AND scope = :scope",
            "DELETE FROM record_also WHERE record = :no AND scope = :scope",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":no": no, ":scope": scope })?;
        }
        Ok(())
    }
}
