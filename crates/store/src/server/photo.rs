//! Photos: which records name which bytes, and which bytes have arrived. The bytes themselves lie in a folder.

use domain::photo::{BlobHash, PhotoFact};
use domain::{DeviceNumber, Record, RecordId, kind};
use rusqlite::{OptionalExtension, Row, params};

use super::device::unsigned;
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// A record that names some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobUse {
    /// The photo's record.
    pub record: RecordId,
    /// The device that wrote it.
    pub device: DeviceNumber,
    /// How many bytes it says there are.
    pub bytes: u64,
    /// Nobody withdrew it, and what it shows was not taken back.
    pub living: bool,
}

/// Bytes that arrived and were verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRow {
    /// Their name.
    pub hash: BlobHash,
    /// How many.
    pub bytes: u64,
    /// Since when no living record names them, Unix milliseconds, UTC.
    pub unused_unix_ms: Option<i64>,
}

fn blob(row: &Row<'_>) -> rusqlite::Result<BlobRow> {
    Ok(BlobRow { hash: rows::id(row, "hash")?, bytes: unsigned(row.get("bytes")?), unused_unix_ms: row.get("unused_unix_ms")? })
}

/// Whether the row of `photo` at hand counts: one place says it, three statements ask it.
macro_rules! with_living {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "(NOT EXISTS (SELECT 1 FROM record_ref WHERE target = photo.record AND kind = 'photo_withdrawal')
              AND EXISTS (SELECT 1 FROM record WHERE id = photo.shows AND dead IS NULL))",
            $after
        )
    };
}

impl View<'_> {
    /// The records that name these bytes, as a photo or as its small version.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blob_uses(&self, hash: BlobHash) -> Result<Vec<BlobUse>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(with_living!(
            "SELECT record, device, max(CASE WHEN hash = ?1 THEN bytes ELSE 0 END, CASE WHEN thumb = ?1 THEN thumb_bytes ELSE 0 END)
                 AS bytes, ",
            " AS living FROM photo WHERE hash = ?1 OR thumb = ?1 ORDER BY record"
        ))?;
        let read = |row: &Row<'_>| {
            Ok(BlobUse {
                record: RecordId::from_bytes(rows::bytes16(row, "record")?),
                device: DeviceNumber(row.get("device")?),
                bytes: unsigned(row.get("bytes")?),
                living: row.get("living")?,
            })
        };
        Ok(statement.query_map([hash.to_string()], read)?.collect::<Result<_, _>>()?)
    }

    /// Bytes that arrived.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blob(&self, hash: BlobHash) -> Result<Option<BlobRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached("SELECT hash, bytes, unused_unix_ms FROM blob WHERE hash = ?1")?;
        Ok(statement.query_row([hash.to_string()], blob).optional()?)
    }

    /// Everything that arrived, by name; for a backup, and to find files that belong to nothing.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blobs(&self) -> Result<Vec<BlobRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached("SELECT hash, bytes, unused_unix_ms FROM blob ORDER BY hash")?;
        Ok(statement.query_map([], blob)?.collect::<Result<_, _>>()?)
    }

    /// Bytes that nobody has named since a moment.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blobs_unused_since(&self, unix_ms: i64, limit: u32) -> Result<Vec<BlobHash>, StoreError> {
        let mut statement = self
            .connection()?
            .prepare_cached("SELECT hash FROM blob WHERE unused_unix_ms <= ?1 ORDER BY unused_unix_ms LIMIT ?2")?;
        Ok(statement.query_map(params![unix_ms, limit], |row| rows::id(row, "hash"))?.collect::<Result<_, _>>()?)
    }

    /// Living photos whose bytes have not come, counted by the device that wrote them: what the list of devices shows.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn photos_missing(&self) -> Result<Vec<(DeviceNumber, u64)>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(with_living!(
            "SELECT device, count(*) AS missing FROM photo
             WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = photo.hash) AND ",
            " GROUP BY device ORDER BY device"
        ))?;
        let read = |row: &Row<'_>| Ok((DeviceNumber(row.get("device")?), unsigned(row.get("missing")?)));
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Whether a photo counts: nobody withdrew it, and what it shows was not taken back.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn photo_is_living(&self, record: RecordId) -> Result<bool, StoreError> {
        let mut statement = self.connection()?.prepare_cached(with_living!("SELECT 1 FROM photo WHERE record = ?1 AND ", ""))?;
        Ok(statement.exists([record.as_bytes()])?)
    }

    /// Writes down which bytes a record names. Nothing for other kinds.
    ///
    /// # Errors
    /// As SQLite says.
    pub(super) fn tell_photo(&self, record: &Record) -> Result<(), StoreError> {
        if record.kind != kind::PHOTO {
            return Ok(());
        }
        let Some((fact, value)) = record.typed::<PhotoFact>("fact").zip(record.groups.get("fact")) else { return Ok(()) };
        let mut statement = self.file.prepare_cached(
            "INSERT INTO photo (record, shows, device, hash, bytes, thumb, thumb_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET shows = excluded.shows, device = excluded.device, hash = excluded.hash,
                 bytes = excluded.bytes, thumb = excluded.thumb, thumb_bytes = excluded.thumb_bytes",
        )?;
        statement.execute(params![
            record.id.as_bytes(),
            fact.of.as_bytes(),
            value.origin.device.0,
            fact.hash.to_string(),
            fact.bytes,
            fact.thumb.to_string(),
            fact.thumb_bytes
        ])?;
        Ok(())
    }
}

impl Write<'_> {
    /// Bytes arrived, and are what their name says.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_blob(&self, hash: BlobHash, bytes: u64, arrived_unix_ms: i64) -> Result<(), StoreError> {
        let mut statement = self
            .connection()?
            .prepare_cached("INSERT INTO blob (hash, bytes, arrived_unix_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
        statement.execute(params![hash.to_string(), super::device::signed(bytes), arrived_unix_ms])?;
        Ok(())
    }

    /// Bytes are not there any more.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_blob(&self, hash: BlobHash) -> Result<(), StoreError> {
        self.connection()?.prepare_cached("DELETE FROM blob WHERE hash = ?1")?.execute([hash.to_string()])?;
        Ok(())
    }

    /// Counts the references anew: bytes that no living record names are unused from now on, and those that one names again
    /// are not any more.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn count_blob_uses(&self, now_unix_ms: i64) -> Result<(), StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("count_blob_uses.sql"))?;
        statement.execute([now_unix_ms])?;
        Ok(())
    }
}
