//! Late work that waits for a person: saves of devices and accounts that were shut out, of villages that were taken away,
//! and what a restored server cannot place.

use domain::photo::BlobHash;
use domain::{AccountId, ChangeId, DeviceNumber, RecordId, TxnId};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::device::{signed, unsigned};
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// Why a save is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeldWhy {
    /// Its device was revoked.
    Revoked,
    /// Its account was shut out.
    Disabled,
    /// It belongs to a village the account lost.
    Dropped,
    /// It changes or names a record whose making has not arrived: after a restore, or lifted out of a damaged file.
    UnknownRecord,
    /// It was sealed on a phone that nobody could open any more.
    Sealed,
    /// After a restore: a value the server lacks, from a device that may not write it.
    Rescue,
}

impl HeldWhy {
    /// As stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            HeldWhy::Revoked => "revoked",
            HeldWhy::Disabled => "disabled",
            HeldWhy::Dropped => "dropped",
            HeldWhy::UnknownRecord => "unknown_record",
            HeldWhy::Sealed => "sealed",
            HeldWhy::Rescue => "rescue",
        }
    }

    fn from_text(text: &str) -> HeldWhy {
        use HeldWhy::*;
        [Revoked, Disabled, Dropped, UnknownRecord, Sealed, Rescue].into_iter().find(|why| why.as_str() == text).unwrap_or(Rescue)
    }
}

/// What was decided about a held save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldState {
    /// Nothing yet.
    Open,
    /// Its values went through the merge.
    Taken,
    /// It stays out, with a reason.
    Rejected,
}

impl HeldState {
    /// As stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            HeldState::Open => "open",
            HeldState::Taken => "taken",
            HeldState::Rejected => "rejected",
        }
    }

    pub(super) fn from_text(text: &str) -> HeldState {
        match text {
            "taken" => HeldState::Taken,
            "rejected" => HeldState::Rejected,
            _ => HeldState::Open,
        }
    }
}

/// A save to be held.
#[derive(Clone, Debug)]
pub struct NewHeld<'t> {
    /// The save.
    pub txn: TxnId,
    /// Who sent it.
    pub device: DeviceNumber,
    /// Whose device it was.
    pub account: AccountId,
    /// The village whose station is asked; empty when it cannot be told.
    pub area: &'t str,
    /// Why.
    pub why: HeldWhy,
    /// The save as it was pushed, JSON.
    pub save: &'t str,
    /// How many changes it has.
    pub changes: u64,
    /// What it is about, and what it names.
    pub records: &'t [RecordId],
    /// Unix milliseconds, UTC.
    pub received_unix_ms: i64,
}

/// A save that is held.
#[derive(Clone, Debug)]
pub struct HeldSave {
    /// Its number.
    pub number: i64,
    /// The save.
    pub txn: TxnId,
    /// Who sent it.
    pub device: DeviceNumber,
    /// Whose device it was.
    pub account: AccountId,
    /// The village whose station is asked.
    pub area: String,
    /// Why.
    pub why: HeldWhy,
    /// The save as it was pushed, JSON; `[]` once it was taken.
    pub save: String,
    /// How many changes it has.
    pub changes: u64,
    /// Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// What was decided.
    pub state: HeldState,
    /// By whom: an account's id; empty while open.
    pub decided_by: String,
    /// When, Unix milliseconds, UTC.
    pub decided_unix_ms: Option<i64>,
    /// Why it stays out.
    pub note: String,
}

/// What a list of held saves shows.
#[derive(Clone, Copy, Debug)]
pub struct HeldQuery<'q> {
    /// Villages; `None` for all, and for those that cannot be told.
    pub areas: Option<&'q [String]>,
    /// Of one device.
    pub device: Option<DeviceNumber>,
    /// Of one account.
    pub account: Option<AccountId>,
    /// Those decided too.
    pub decided: bool,
    /// Received from then on, Unix milliseconds, UTC.
    pub from_unix_ms: i64,
    /// Received before then, Unix milliseconds, UTC.
    pub until_unix_ms: i64,
    /// After this number: the oldest come first, since later saves build on earlier ones.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

impl HeldQuery<'_> {
    /// Everything that is open.
    pub const OPEN: HeldQuery<'static> = HeldQuery {
        areas: None,
        device: None,
        account: None,
        decided: false,
        from_unix_ms: 0,
        until_unix_ms: i64::MAX,
        after: 0,
        limit: 10_000,
    };
}

/// How much of one village waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCount {
    /// The village; empty for those that cannot be told.
    pub area: String,
    /// Open saves.
    pub saves: u64,
    /// When the oldest came, Unix milliseconds, UTC.
    pub oldest_unix_ms: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<HeldSave> {
    let (why, state): (String, String) = (row.get("why")?, row.get("state")?);
    Ok(HeldSave {
        number: row.get("number")?,
        txn: rows::id(row, "txn")?,
        device: DeviceNumber(row.get("device")?),
        account: rows::id(row, "account")?,
        area: row.get("area")?,
        why: HeldWhy::from_text(&why),
        save: row.get("save")?,
        changes: unsigned(row.get("changes")?),
        received_unix_ms: row.get("received_unix_ms")?,
        state: HeldState::from_text(&state),
        decided_by: row.get("decided_by")?,
        decided_unix_ms: row.get("decided_unix_ms")?,
        note: row.get("note")?,
    })
}

impl View<'_> {
    /// Held saves, the oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_saves(&self, query: HeldQuery<'_>) -> Result<Vec<HeldSave>, StoreError> {
        let areas = query.areas.map(serde_json::to_string).transpose()?;
        let mut statement = self.beside().prepare_cached(include_str!("held_saves.sql"))?;
        let found = statement.query_map(
            named_params! {
                ":areas": areas, ":device": query.device.map(|device| device.0),
                ":account": query.account.map(|account| account.to_string()), ":decided": query.decided,
                ":from": query.from_unix_ms, ":until": query.until_unix_ms, ":after": query.after, ":limit": query.limit,
            },
            read,
        )?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// One held save.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_save(&self, number: i64) -> Result<Option<HeldSave>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT number, txn, device, account, area, why, save, changes, received_unix_ms, state, decided_by,
                    decided_unix_ms, note FROM quarantine WHERE number = ?1",
        )?;
        Ok(statement.query_row([number], read).optional()?)
    }

    /// The open saves of an account that are about a record or name it, the oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_about(&self, record: RecordId, account: AccountId) -> Result<Vec<HeldSave>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT number, txn, device, account, area, why, save, changes, received_unix_ms, state, decided_by,
                    decided_unix_ms, note FROM quarantine
             WHERE number IN (SELECT number FROM quarantine_record WHERE record = ?1) AND account = ?2 AND state = 'open'
             ORDER BY number",
        )?;
        Ok(statement.query_map(params![record.to_string(), account.to_string()], read)?.collect::<Result<_, _>>()?)
    }

    /// The open saves that are held because a record they are about or name was not there, the oldest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_for_want_of(&self, record: RecordId) -> Result<Vec<HeldSave>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT number, txn, device, account, area, why, save, changes, received_unix_ms, state, decided_by,
                    decided_unix_ms, note FROM quarantine
             WHERE number IN (SELECT number FROM quarantine_record WHERE record = ?1) AND why = 'unknown_record' AND state = 'open'
             ORDER BY number",
        )?;
        Ok(statement.query_map(params![record.to_string()], read)?.collect::<Result<_, _>>()?)
    }

    /// How many bytes a photo, or its small version, has that is only named by a held save of this account; `None` when none does.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_blob(&self, hash: BlobHash, account: AccountId) -> Result<Option<u64>, StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("held_blob.sql"))?;
        let bytes = statement
            .query_row(params![hash.to_string(), account.to_string()], |row| row.get::<_, Option<i64>>("bytes"))
            .optional()?;
        Ok(bytes.flatten().map(unsigned))
    }

    /// How much waits, by village.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn held_counts(&self) -> Result<Vec<HeldCount>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT area, count(*) AS saves, min(received_unix_ms) AS oldest FROM quarantine WHERE state = 'open'
             GROUP BY area ORDER BY area",
        )?;
        let read = |row: &Row<'_>| {
            Ok(HeldCount { area: row.get("area")?, saves: unsigned(row.get("saves")?), oldest_unix_ms: row.get("oldest")? })
        };
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// How many changes and bytes a device delivered late, ever.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn late_tally(&self, device: DeviceNumber) -> Result<(u64, u64), StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT changes, bytes FROM quarantine_tally WHERE device = ?1")?;
        let read = |row: &Row<'_>| Ok((unsigned(row.get("changes")?), unsigned(row.get("bytes")?)));
        Ok(statement.query_row([device.0], read).optional()?.unwrap_or_default())
    }

    /// When a device was revoked and its account shut out, Unix milliseconds, UTC; 0 for one that was not.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn shut_out_since(&self, device: DeviceNumber) -> Result<(i64, i64), StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT CASE WHEN revoked THEN revoked_unix_ms ELSE 0 END AS revoked_at,
                    CASE WHEN disabled THEN disabled_unix_ms ELSE 0 END AS disabled_at
             FROM device JOIN account ON account.id = device.account WHERE number = ?1",
        )?;
        let read = |row: &Row<'_>| Ok((row.get("revoked_at")?, row.get("disabled_at")?));
        Ok(statement.query_row([device.0], read).optional()?.unwrap_or_default())
    }

    /// Villages an account lost since a moment, Unix milliseconds, UTC.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn areas_lost_since(&self, account: AccountId, unix_ms: i64) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT area FROM grant_dropped WHERE account = ?1 AND dropped_unix_ms >= ?2 ORDER BY area")?;
        Ok(statement.query_map(params![account.to_string(), unix_ms], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Whether a save lies here, or lay here and was decided about.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn was_held(&self, txn: TxnId) -> Result<bool, StoreError> {
        Ok(self.beside().prepare_cached("SELECT 1 FROM quarantine WHERE txn = ?1")?.exists([txn.to_string()])?)
    }

    /// Holds a save; answers its number.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hold(&self, held: &NewHeld<'_>) -> Result<i64, StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("hold.sql"))?;
        statement.execute(named_params! {
            ":txn": held.txn.to_string(), ":device": held.device.0, ":account": held.account.to_string(), ":area": held.area,
            ":why": held.why.as_str(), ":save": held.save, ":changes": signed(held.changes),
            ":bytes": signed(held.save.len() as u64), ":received": held.received_unix_ms,
        })?;
        let number = self.beside().last_insert_rowid();
        let mut about =
            self.beside().prepare_cached("INSERT OR IGNORE INTO quarantine_record (record, number) VALUES (?1, ?2)")?;
        for record in held.records {
            about.execute(params![record.to_string(), number])?;
        }
        Ok(number)
    }

    /// Counts what a device delivered late.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn count_late(&self, device: DeviceNumber, changes: u64, bytes: u64) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(
            "INSERT INTO quarantine_tally (device, changes, bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET changes = changes + excluded.changes, bytes = bytes + excluded.bytes",
        )?;
        statement.execute(params![device.0, signed(changes), signed(bytes)])?;
        Ok(())
    }

    /// A number given for another one is shut out as that one was, since the same moment.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn pass_on_shut_out(&self, was: DeviceNumber, is: DeviceNumber) -> Result<(), StoreError> {
        self.beside()
            .prepare_cached(
                "UPDATE device SET (revoked, revoked_unix_ms) = (SELECT revoked, revoked_unix_ms FROM device WHERE number = ?1)
                 WHERE number = ?2",
            )?
            .execute(params![was.0, is.0])?;
        Ok(())
    }

    /// Writes down what was decided about a held save. What was taken stands in the register: its values are not kept twice.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn decide_held(&self, number: i64, state: HeldState, by: &str, at_unix_ms: i64, note: &str) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(
            "UPDATE quarantine SET state = ?2, decided_by = ?3, decided_unix_ms = ?4, note = ?5,
                    save = CASE ?2 WHEN 'taken' THEN '[]' ELSE save END
             WHERE number = ?1",
        )?;
        statement.execute(params![number, state.as_str(), by, at_unix_ms, note])?;
        Ok(())
    }

    /// A change that was held is applied: the book names it whole, with its new verdict.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn change_was_taken(&self, id: ChangeId, json: &str, verdict: &str) -> Result<(), StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("UPDATE change SET refused = 0, groups = json_extract(?2, '$.groups'), verdict = ?3 WHERE id = ?1")?;
        statement.execute(params![id.as_bytes(), json, verdict])?;
        Ok(())
    }

    /// Remembers which villages an account lost, and forgets those it has again.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn note_areas_lost(
        &self,
        account: AccountId,
        before: &[String],
        after: &[String],
        at_unix_ms: i64,
    ) -> Result<(), StoreError> {
        for area in after {
            self.beside()
                .prepare_cached("DELETE FROM grant_dropped WHERE account = ?1 AND area = ?2")?
                .execute(params![account.to_string(), area])?;
        }
        for area in before.iter().filter(|area| !after.contains(area)) {
            self.beside()
                .prepare_cached(
                    "INSERT INTO grant_dropped (account, area, dropped_unix_ms) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET dropped_unix_ms = excluded.dropped_unix_ms",
                )?
                .execute(params![account.to_string(), area, at_unix_ms])?;
        }
        Ok(())
    }
}
