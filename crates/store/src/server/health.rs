//! What goes wrong on devices, counted.

use std::collections::BTreeMap;

use domain::DeviceNumber;
use rusqlite::params;

use super::device::unsigned;
use super::{View, Write};
use crate::StoreError;

/// DeviceCounts by device.
pub type DeviceCounts = BTreeMap<DeviceNumber, u64>;

impl View<'_> {
    /// Changes of each device that were refused since a moment, Unix milliseconds, UTC. What is held is not refused.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn refused_since(&self, unix_ms: i64) -> Result<DeviceCounts, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT device, count(*) AS count FROM change
             WHERE refused = 1 AND received_unix_ms >= ?1 AND verdict <> '{\"is\":\"held\"}' GROUP BY device",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok((DeviceNumber(row.get("device")?), unsigned(row.get("count")?)));
        Ok(statement.query_map([unix_ms], read)?.collect::<Result<_, _>>()?)
    }

    /// Changes of each device that came after a moment, Unix milliseconds, UTC, whatever became of them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_since(&self, unix_ms: i64) -> Result<DeviceCounts, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT device, count(*) AS count FROM change WHERE received_unix_ms > ?1 GROUP BY device")?;
        let read = |row: &rusqlite::Row<'_>| Ok((DeviceNumber(row.get("device")?), unsigned(row.get("count")?)));
        Ok(statement.query_map([unix_ms], read)?.collect::<Result<_, _>>()?)
    }

    /// Saves of each device that wait for a decision.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_by_device(&self) -> Result<DeviceCounts, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT device, count(*) AS count FROM quarantine WHERE state = 'open' GROUP BY device")?;
        let read = |row: &rusqlite::Row<'_>| Ok((DeviceNumber(row.get("device")?), unsigned(row.get("count")?)));
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Which history one device said it knows.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn device_epoch(&self, number: DeviceNumber) -> Result<String, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT epoch FROM device WHERE number = ?1")?;
        Ok(statement.query_row([number.0], |row| row.get(0))?)
    }

    /// Which history each device said it knows; empty for one that has not said so yet.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn device_epochs(&self) -> Result<BTreeMap<DeviceNumber, String>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT number, epoch FROM device")?;
        let read = |row: &rusqlite::Row<'_>| Ok((DeviceNumber(row.get("number")?), row.get("epoch")?));
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Which history a device said it knows.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_device_epoch(&self, number: DeviceNumber, epoch: &str) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached("UPDATE device SET epoch = ?2 WHERE number = ?1 AND epoch <> ?2")?;
        statement.execute(params![number.0, epoch])?;
        Ok(())
    }

    /// The app was brought up to date, or set back.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_device_version(&self, number: DeviceNumber, version: &str) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached("UPDATE device SET version = ?2 WHERE number = ?1")?;
        statement.execute(params![number.0, version])?;
        Ok(())
    }
}
