//! One-time codes: for a device that enrols, and for a forgotten password. Only hashes are kept.

use domain::AccountId;
use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// A one-time code.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// Whose.
    pub account: AccountId,
    /// Until when, Unix milliseconds, UTC.
    pub expires_unix_ms: i64,
    /// It did its work.
    pub used: bool,
    /// How often somebody had it right and the password wrong.
    pub tries: u32,
}

impl View<'_> {
    /// An enrolment code by its hash.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn enrol_code(&self, hash: &str) -> Result<Option<CodeRow>, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT account, expires_unix_ms, used, tries FROM enrol_code WHERE hash = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(CodeRow {
                account: rows::id(row, "account")?,
                expires_unix_ms: row.get("expires_unix_ms")?,
                used: row.get("used")?,
                tries: row.get("tries")?,
            })
        };
        Ok(statement.query_row([hash], read).optional()?)
    }

    /// Whether this code sets the account's password anew at this moment.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn password_code_holds(&self, account: AccountId, hash: &str, now_unix_ms: i64) -> Result<bool, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT 1 FROM account_code WHERE account = ?1 AND hash = ?2 AND expires_unix_ms > ?3")?;
        Ok(statement.exists(params![account.to_string(), hash, now_unix_ms])?)
    }
}

impl Write<'_> {
    /// A new enrolment code. Codes that ran out are swept up on the way.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_enrol_code(
        &self,
        hash: &str,
        account: AccountId,
        now_unix_ms: i64,
        expires_unix_ms: i64,
    ) -> Result<(), StoreError> {
        self.beside().execute("DELETE FROM enrol_code WHERE expires_unix_ms <= ?1", [now_unix_ms])?;
        self.beside().execute(
            "INSERT INTO enrol_code (hash, account, expires_unix_ms) VALUES (?1, ?2, ?3)",
            params![hash, account.to_string(), expires_unix_ms],
        )?;
        Ok(())
    }

    /// The code did its work.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn use_enrol_code(&self, hash: &str) -> Result<(), StoreError> {
        self.beside().execute("UPDATE enrol_code SET used = 1 WHERE hash = ?1", [hash])?;
        Ok(())
    }

    /// Somebody had the code right and the password wrong.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn count_enrol_try(&self, hash: &str) -> Result<(), StoreError> {
        self.beside().execute("UPDATE enrol_code SET tries = tries + 1 WHERE hash = ?1", [hash])?;
        Ok(())
    }

    /// A code that sets an account's password anew; it replaces an earlier one.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_password_code(&self, account: AccountId, hash: &str, expires_unix_ms: i64) -> Result<(), StoreError> {
        self.beside().execute(
            "INSERT OR REPLACE INTO account_code (account, hash, expires_unix_ms) VALUES (?1, ?2, ?3)",
            params![account.to_string(), hash, expires_unix_ms],
        )?;
        Ok(())
    }
}
