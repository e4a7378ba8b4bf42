//! What each granted scope holds here, with a digest kept up to date.

use domain::RecordId;
use domain::digest::{Digest, hash_from_hex, hash_hex};
use domain::place::Scope;
use rusqlite::{OptionalExtension, named_params};

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
            .prepare_cached("SELECT 1 FROM record_scope WHERE record = :record LIMIT 1")?
            .exists(named_params! { ":record": record.to_string() })?)
    }

    /// The records of a scope.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records_in(&self, scope: &Scope) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM record_scope WHERE scope = :scope")?;
        let found = statement
            .query_map(named_params! { ":scope": scope.to_string() }, |row| crate::rows::id(row, "record"))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// The hash under which a scope holds a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hash_in(&self, scope: &Scope, record: RecordId) -> Result<Option<u128>, StoreError> {
        let hash: Option<String> = self
            .connection
            .prepare_cached("SELECT hash FROM record_scope WHERE scope = :scope AND record = :record")?
            .query_row(named_params! { ":scope": scope.to_string(), ":record": record.to_string() }, |row| row.get(0))
            .optional()?;
        Ok(hash.as_deref().and_then(hash_from_hex))
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
        for statement in ["DELETE FROM record_scope WHERE scope = :scope", "DELETE FROM scope WHERE scope = :scope"] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":scope": scope.to_string() })?;
        }
        Ok(())
    }

    /// A scope holds a record under this hash.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn enter(&self, scope: &Scope, record: RecordId, hash: u128) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO record_scope (scope, record, hash) VALUES (:scope, :record, :hash)
                 ON CONFLICT (scope, record) DO UPDATE SET hash = excluded.hash",
            )?
            .execute(named_params! {
                ":scope": scope.to_string(), ":record": record.to_string(), ":hash": hash_hex(hash),
            })?;
        Ok(())
    }

    /// A scope holds a record no more.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn leave(&self, scope: &Scope, record: RecordId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM record_scope WHERE scope = :scope AND record = :record")?
            .execute(named_params! { ":scope": scope.to_string(), ":record": record.to_string() })?;
        Ok(())
    }
}
