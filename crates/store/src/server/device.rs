//! Devices: whose they are, and how far their outboxes were read.

use domain::{AccountId, ChangeId, DeviceNumber};
use rusqlite::{OptionalExtension, Row, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// One device.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Its number.
    pub number: DeviceNumber,
    /// Whose.
    pub account: AccountId,
    /// Hash of its secret; empty for a desk.
    pub secret_hash: String,
    /// Name of the installation.
    pub install: String,
    /// What it calls itself.
    pub model: String,
    /// The app's version at enrolment.
    pub version: String,
    /// The last place of its outbox that was read.
    pub last_seq: u64,
    /// The change that stands there.
    pub last_change: Option<ChangeId>,
    /// The last place it ever numbered, as it said itself.
    pub newest_seq: u64,
    /// Shut out.
    pub revoked: bool,
    /// Unix milliseconds, UTC.
    pub enrolled_unix_ms: i64,
    /// Last exchange, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
    /// How much its clock is ahead, milliseconds.
    pub clock_ahead_ms: i64,
    /// Its number before it was given this one.
    pub was: Option<DeviceNumber>,
    /// Why it was given this one; empty for a device that was enrolled.
    pub renewed_for: String,
    /// When its installation went on under another number, Unix milliseconds, UTC. A closed number pushes no more.
    pub closed_unix_ms: Option<i64>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    let last_change: String = row.get("last_change")?;
    Ok(DeviceRow {
        number: DeviceNumber(row.get("number")?),
        account: rows::id(row, "account")?,
        secret_hash: row.get("secret_hash")?,
        install: row.get("install")?,
        model: row.get("model")?,
        version: row.get("version")?,
        last_seq: unsigned(row.get("last_seq")?),
        last_change: last_change.parse().ok(),
        newest_seq: unsigned(row.get("newest_seq")?),
        revoked: row.get("revoked")?,
        enrolled_unix_ms: row.get("enrolled_unix_ms")?,
        seen_unix_ms: row.get("seen_unix_ms")?,
        clock_ahead_ms: row.get("clock_ahead_ms")?,
        was: row.get::<_, Option<u32>>("was")?.map(DeviceNumber),
        renewed_for: row.get("renewed_for")?,
        closed_unix_ms: row.get("closed_unix_ms")?,
    })
}

/// SQLite's integers are signed; what we store in these columns is not.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A number from the wire as SQLite holds it; beyond that, the largest.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, account, secret_hash, install, model, version, last_seq, last_change, newest_seq, revoked, ",
            "enrolled_unix_ms, seen_unix_ms, clock_ahead_ms, was, renewed_for, closed_unix_ms FROM device ",
            $rest
        )
    };
}

impl View<'_> {
    /// A device by number.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn device(&self, number: DeviceNumber) -> Result<Option<DeviceRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE number = ?1"))?;
        Ok(statement.query_row([number.0], read).optional()?)
    }

    /// Whose values a device number writes; `None` for the server and for numbers of a lost history.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn device_account(&self, number: DeviceNumber) -> Result<Option<AccountId>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT account FROM device WHERE number = ?1")?;
        Ok(statement.query_row([number.0], |row| rows::id(row, "account")).optional()?)
    }

    /// The hash of the word with which a device hands in what is sealed; empty when it has none.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hand_in_hash(&self, number: DeviceNumber) -> Result<String, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT hand_in_hash FROM device WHERE number = ?1")?;
        Ok(statement.query_row([number.0], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    /// Every device by number.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("ORDER BY number"))?;
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Every number the installation of this one was known under, before and since, the first it was enrolled with at the
    /// beginning: renewed numbers, and those of every copy of its file. Empty for a number nobody has.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn device_family(&self, number: DeviceNumber) -> Result<Vec<DeviceNumber>, StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("device_family.sql"))?;
        let read = |row: &Row<'_>| Ok(DeviceNumber(row.get("number")?));
        Ok(statement.query_map([number.0], read)?.collect::<Result<_, _>>()?)
    }

    /// The devices of an account by number.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn devices_of(&self, account: AccountId) -> Result<Vec<DeviceRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE account = ?1 ORDER BY number"))?;
        Ok(statement.query_map([account.to_string()], read)?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// A new device.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_device(&self, device: &DeviceRow) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("add_device.sql"))?;
        statement.execute(params![
            device.number.0,
            device.account.to_string(),
            device.secret_hash,
            device.install,
            device.model,
            device.version,
            device.enrolled_unix_ms,
            device.was.map(|was| was.0),
            device.renewed_for
        ])?;
        Ok(())
    }

    /// How far its outbox was read.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_device_position(&self, number: DeviceNumber, seq: u64, change: ChangeId) -> Result<(), StoreError> {
        let mut statement =
            self.beside().prepare_cached("UPDATE device SET last_seq = ?2, last_change = ?3 WHERE number = ?1")?;
        statement.execute(params![number.0, signed(seq), change.to_string()])?;
        Ok(())
    }

    /// With what it hands in what is sealed.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_hand_in(&self, number: DeviceNumber, word_hash: &str) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached("UPDATE device SET hand_in_hash = ?2 WHERE number = ?1")?;
        statement.execute(params![number.0, word_hash])?;
        Ok(())
    }

    /// It was here.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_device_seen(
        &self,
        number: DeviceNumber,
        at_unix_ms: i64,
        clock_ahead_ms: i64,
        newest_seq: u64,
    ) -> Result<(), StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("UPDATE device SET seen_unix_ms = ?2, clock_ahead_ms = ?3, newest_seq = ?4 WHERE number = ?1")?;
        statement.execute(params![number.0, at_unix_ms, clock_ahead_ms, signed(newest_seq)])?;
        Ok(())
    }

    /// Its installation goes on under another number. So does a number that was given to the same installation before and never
    /// used: its answer was lost.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn close_device(&self, number: DeviceNumber, install: &str, at_unix_ms: i64) -> Result<(), StoreError> {
        self.beside()
            .prepare_cached("UPDATE device SET closed_unix_ms = ?2 WHERE number = ?1 AND closed_unix_ms IS NULL")?
            .execute(params![number.0, at_unix_ms])?;
        self.beside()
            .prepare_cached(
                "UPDATE device SET closed_unix_ms = ?3
                 WHERE was = ?1 AND install = ?2 AND seen_unix_ms IS NULL AND closed_unix_ms IS NULL",
            )?
            .execute(params![number.0, install, at_unix_ms])?;
        Ok(())
    }

    /// Shuts a device out; it deletes its scopes at its next call. A second time changes nothing: its month has begun.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn revoke_device(&self, number: DeviceNumber, at_unix_ms: i64) -> Result<(), StoreError> {
        self.beside().execute(
            "UPDATE device SET revoked = 1, revoked_unix_ms = ?2 WHERE number = ?1 AND revoked = 0",
            params![number.0, at_unix_ms],
        )?;
        Ok(())
    }
}
