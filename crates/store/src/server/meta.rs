//! Single values, and the numbers the server gives out.

use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;

/// Where numbers of a new name begin; grows with every restore.
const NUMBERS_FROM: &str = "numbers_from";

impl View<'_> {
    /// A single value by name.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// The last number given out under a name; 0 before the first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn counter(&self, name: &str) -> Result<i64, StoreError> {
        if let Some(held) = self.held_count(name) {
            return Ok(held);
        }
        let mut statement = self.beside().prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
        let value = statement.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0);
        self.hold_count(name, value, false);
        Ok(value)
    }
}

impl Write<'_> {
    /// Sets a single value.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_meta(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")?;
        statement.execute([name, value])?;
        Ok(())
    }

    /// The next number under a name, beginning with 1.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn next_number(&self, name: &str) -> Result<i64, StoreError> {
        // A name first used after a restore may have been used before it, in what was lost.
        let so_far = match self.counter(name)? {
            0 => self.meta(NUMBERS_FROM)?.and_then(|from| from.parse().ok()).unwrap_or(0),
            so_far => so_far,
        };
        let next = so_far + 1;
        self.hold_count(name, next, true);
        Ok(next)
    }

    /// Sets a number that is not counted in ones, such as the server's last stamp.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_counter(&self, name: &str, value: i64) -> Result<(), StoreError> {
        self.hold_count(name, value, true);
        Ok(())
    }

    /// Skips every number ahead, save the named ones. Numbers given out after the backup was taken are not given twice.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn skip_numbers(&self, by: i64, except: &str) -> Result<(), StoreError> {
        let from: i64 = self.meta(NUMBERS_FROM)?.and_then(|from| from.parse().ok()).unwrap_or(0);
        self.set_meta(NUMBERS_FROM, &(from + by).to_string())?;
        self.connection()?.execute("UPDATE counter SET value = value + ?1 WHERE name <> ?2", params![by, except])?;
        self.forget_counts();
        Ok(())
    }
}
