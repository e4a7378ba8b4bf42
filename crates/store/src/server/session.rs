//! Who is signed in at the desk. Only the token's hash is kept.

use domain::AccountId;
use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// One sign-in.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Whose.
    pub account: AccountId,
    /// Since when, Unix milliseconds, UTC.
    pub created_unix_ms: i64,
    /// Last used, Unix milliseconds, UTC.
    pub seen_unix_ms: i64,
}

impl View<'_> {
    /// A sign-in by its token's hash.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn session(&self, hash: &str) -> Result<Option<SessionRow>, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT account, created_unix_ms, seen_unix_ms FROM session WHERE hash = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(SessionRow {
                account: rows::id(row, "account")?,
                created_unix_ms: row.get("created_unix_ms")?,
                seen_unix_ms: row.get("seen_unix_ms")?,
            })
        };
        Ok(statement.query_row([hash], read).optional()?)
    }
}

impl Write<'_> {
    /// A new sign-in; those idle since before `idle_since_unix_ms` are swept up on the way.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_session(
        &self,
        hash: &str,
        account: AccountId,
        now_unix_ms: i64,
        idle_since_unix_ms: i64,
    ) -> Result<(), StoreError> {
        self.beside().execute("DELETE FROM session WHERE seen_unix_ms < ?1", [idle_since_unix_ms])?;
        self.beside().execute(
            "INSERT INTO session (hash, account, created_unix_ms, seen_unix_ms) VALUES (?1, ?2, ?3, ?3)",
            params![hash, account.to_string(), now_unix_ms],
        )?;
        Ok(())
    }

    /// It was used.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn touch_session(&self, hash: &str, now_unix_ms: i64) -> Result<(), StoreError> {
        self.beside().execute("UPDATE session SET seen_unix_ms = ?2 WHERE hash = ?1", params![hash, now_unix_ms])?;
        Ok(())
    }

    /// Signs out.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_session(&self, hash: &str) -> Result<(), StoreError> {
        self.beside().execute("DELETE FROM session WHERE hash = ?1", [hash])?;
        Ok(())
    }

    /// Signs an account out everywhere.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_sessions_of(&self, account: AccountId) -> Result<(), StoreError> {
        self.beside().execute("DELETE FROM session WHERE account = ?1", [account.to_string()])?;
        Ok(())
    }
}
