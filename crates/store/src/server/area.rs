//! Areas, and which villages lie under them.

use domain::area::Area;
use rusqlite::{OptionalExtension, Row, params};

use super::{View, Write};
use crate::StoreError;

fn read(row: &Row<'_>) -> rusqlite::Result<Area> {
    Ok(Area { code: row.get("code")?, name: row.get("name")?, level: row.get("level")?, parent: row.get("parent")? })
}

impl View<'_> {
    /// Every area by code.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn areas(&self) -> Result<Vec<Area>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT code, name, level, parent FROM area ORDER BY code")?;
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// One area.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn area(&self, code: &str) -> Result<Option<Area>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT code, name, level, parent FROM area WHERE code = ?1")?;
        Ok(statement.query_row([code], read).optional()?)
    }

    /// The villages an account is responsible for, directly or by their township or county, by code.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn villages_of(&self, account: domain::AccountId) -> Result<Vec<String>, StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("villages_of.sql"))?;
        Ok(statement.query_map([account.to_string()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Sets an area.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_area(&self, area: &Area) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("put_area.sql"))?;
        statement.execute(params![area.code, area.name, area.level, area.parent])?;
        Ok(())
    }
}
