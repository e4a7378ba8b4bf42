//! Which home a plate's token stands for.

use domain::RecordId;
use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

impl View<'_> {
    /// The home a token was given to, and the number of that plate; `None` for a token nobody was given.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn plate(&self, token: &str) -> Result<Option<(RecordId, i64)>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT unit, no FROM plate WHERE token = ?1")?;
        let found = statement.query_row([token], |row| Ok((rows::bytes16(row, "unit")?, row.get("no")?))).optional()?;
        Ok(found.map(|(unit, no)| (RecordId::from_bytes(unit), no)))
    }
}

impl Write<'_> {
    /// Notes which home a token was given to.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_plate(&self, token: &str, unit: RecordId, no: i64) -> Result<(), StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("INSERT INTO plate (token, unit, no) VALUES (?1, ?2, ?3) ON CONFLICT (token) DO NOTHING")?;
        statement.execute(params![token, unit.as_bytes(), no])?;
        Ok(())
    }
}
