//! Forms as they are being typed.

use rusqlite::{OptionalExtension, named_params};

use super::{View, Writing};
use crate::open::StoreError;

impl View<'_> {
    /// A kept form, with the moment it was kept.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn draft(&self, key: &str) -> Result<Option<(serde_json::Value, i64)>, StoreError> {
        let found: Option<(String, i64)> = self
            .connection
            .prepare_cached("SELECT body, kept_unix_ms FROM draft WHERE key = :key")?
            .query_row(named_params! { ":key": key }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map(|(body, kept)| Ok((crate::rows::json(&body)?, kept))).transpose()
    }

    /// The kept forms whose names begin with `prefix`, by name.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drafts_named(&self, prefix: &str) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT key, body FROM draft WHERE substr(key, 1, length(:prefix)) = :prefix ORDER BY key")?;
        let found = statement
            .query_map(named_params! { ":prefix": prefix }, |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
            .collect::<Result<Vec<(String, String)>, _>>()?;
        found.into_iter().map(|(key, body)| Ok((key, crate::rows::json(&body)?))).collect()
    }
}

impl Writing<'_> {
    /// Keeps a form.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn keep_draft(&self, key: &str, form: &serde_json::Value, kept_unix_ms: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO draft (key, body, kept_unix_ms) VALUES (:key, :body, :kept)
                 ON CONFLICT (key) DO UPDATE SET body = excluded.body, kept_unix_ms = excluded.kept_unix_ms",
            )?
            .execute(named_params! { ":key": key, ":body": form.to_string(), ":kept": kept_unix_ms })?;
        Ok(())
    }

    /// Forgets every form.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_all_drafts(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM draft", [])?;
        Ok(())
    }

    /// Forgets a form.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_draft(&self, key: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM draft WHERE key = :key")?.execute(named_params! { ":key": key })?;
        Ok(())
    }
}
