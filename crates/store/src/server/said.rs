//! What devices last said they hold, scope by scope, and what came of comparing it.

use std::collections::BTreeMap;

use domain::DeviceNumber;
use domain::place::Scope;
use rusqlite::{Row, params};

use super::device::{signed, unsigned};
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// What a device said of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidRow {
    /// What its records add up to, hexadecimal, or the first half of it.
    pub digest: String,
    /// How many living records it holds.
    pub count: u64,
    /// The version it stood at; 0 from the beginning.
    pub version: u64,
    /// When it said so, Unix milliseconds, UTC.
    pub said_unix_ms: i64,
    /// What the last comparison found; `None` before the first.
    pub same: Option<bool>,
    /// When that was, Unix milliseconds, UTC.
    pub compared_unix_ms: Option<i64>,
}

impl View<'_> {
    /// What every device last said.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn said(&self) -> Result<BTreeMap<(DeviceNumber, Scope), SaidRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT device, scope, digest, count, version, said_unix_ms, same, compared_unix_ms FROM device_scope",
        )?;
        let read = |row: &Row<'_>| {
            let said = SaidRow {
                digest: row.get("digest")?,
                count: unsigned(row.get("count")?),
                version: unsigned(row.get("version")?),
                said_unix_ms: row.get("said_unix_ms")?,
                same: row.get("same")?,
                compared_unix_ms: row.get("compared_unix_ms")?,
            };
            Ok(((DeviceNumber(row.get("device")?), rows::id(row, "scope")?), said))
        };
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// What a device said of any scope but these is not asked about any more: it was taken away.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_said(&self, device: DeviceNumber, but: &[&Scope]) -> Result<(), StoreError> {
        let but: Vec<String> = but.iter().map(|scope| scope.to_string()).collect();
        let mut statement = self
            .beside()
            .prepare_cached("DELETE FROM device_scope WHERE device = ?1 AND scope NOT IN (SELECT value FROM json_each(?2))")?;
        statement.execute(params![device.0, serde_json::to_string(&but)?])?;
        Ok(())
    }

    /// A device said what it holds. What was not compared leaves the last comparison as it is.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_said(&self, device: DeviceNumber, scope: &Scope, said: &SaidRow) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("set_said.sql"))?;
        statement.execute(params![
            device.0,
            scope.to_string(),
            said.digest,
            signed(said.count),
            signed(said.version),
            said.said_unix_ms,
            said.same,
            said.compared_unix_ms
        ])?;
        Ok(())
    }
}
