//! Photos' bytes on a device: which record names which, what lies in the folder, what has to go and what has to come.

use domain::RecordId;
use domain::photo::BlobHash;
use rusqlite::{OptionalExtension, Row, named_params};

use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// Bytes as the device knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRow {
    /// Their name.
    pub hash: BlobHash,
    /// How many.
    pub bytes: u64,
    /// A small version.
    pub small: bool,
    /// They lie in the folder.
    pub here: bool,
    /// The server has them, verified.
    pub there: bool,
    /// Somebody asked to see them.
    pub wanted: bool,
    /// So many of them are on the server.
    pub sent: u64,
    /// How often in a row it did not work.
    pub tries: u32,
}

/// What is still to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhotosWaiting {
    /// Whole photos.
    pub photos: u64,
    /// Bytes of photos and small versions that are not on the server.
    pub bytes: u64,
}

fn blob(row: &Row<'_>) -> rusqlite::Result<BlobRow> {
    let unsigned = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.unsigned_abs());
    Ok(BlobRow {
        hash: rows::id(row, "hash")?,
        bytes: unsigned("bytes")?,
        small: row.get("small")?,
        here: row.get("here")?,
        there: row.get("there")?,
        wanted: row.get("wanted")?,
        sent: unsigned("sent")?,
        tries: row.get("tries")?,
    })
}

macro_rules! blobs {
    ($rest:literal) => {
        concat!("SELECT hash, bytes, small, here, there, wanted, sent, tries FROM blob ", $rest)
    };
}

impl View<'_> {
    /// Bytes by name.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blob(&self, hash: BlobHash) -> Result<Option<BlobRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(blobs!("WHERE hash = :hash"))?;
        Ok(statement.query_row(named_params! { ":hash": hash.to_string() }, blob).optional()?)
    }

    /// The next bytes to send: small versions first, then in the order in which they were added. Only those of a record the
    /// server has taken, or holds, and nobody has withdrawn, and none that is to be tried later; a try further away than
    /// `wait_max_ms` was planned by a wrong clock.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn next_to_send(&self, now_unix_ms: i64, wait_max_ms: i64, small_only: bool) -> Result<Option<BlobRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(blobs!(
            "WHERE here = 1 AND there = 0 AND (small = 1 OR NOT :small_only)
               AND (next_unix_ms <= :now OR next_unix_ms > :now + :wait_max)
               AND EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash AND living = 1
                           AND (answered = 1 OR left_unix_ms IS NOT NULL))
             ORDER BY small DESC, rowid LIMIT 1"
        ))?;
        let parameters = named_params! { ":now": now_unix_ms, ":wait_max": wait_max_ms, ":small_only": small_only };
        Ok(statement.query_row(parameters, blob).optional()?)
    }

    /// The next bytes to fetch: every small version, and what somebody asked to see.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn next_to_fetch(&self, now_unix_ms: i64, wait_max_ms: i64) -> Result<Option<BlobRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(blobs!(
            "WHERE here = 0 AND (small = 1 OR wanted = 1) AND (next_unix_ms <= :now OR next_unix_ms > :now + :wait_max)
               AND EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash
                           AND answered = 1 AND living = 1 AND left_unix_ms IS NULL)
             ORDER BY wanted DESC, rowid LIMIT 1"
        ))?;
        Ok(statement.query_row(named_params! { ":now": now_unix_ms, ":wait_max": wait_max_ms }, blob).optional()?)
    }

    /// What is still to be sent, records not answered yet included.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn photos_waiting(&self) -> Result<PhotosWaiting, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(small = 0), 0) AS photos, coalesce(sum(bytes - sent), 0) AS bytes FROM blob
             WHERE here = 1 AND there = 0
               AND EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash AND living = 1)",
        )?;
        let read = |row: &Row<'_>| {
            let unsigned = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.unsigned_abs());
            Ok(PhotosWaiting { photos: unsigned("photos")?, bytes: unsigned("bytes")? })
        };
        Ok(statement.query_row([], read)?)
    }

    /// Bytes whose file may go: no record on this device names them any more, or the last one was withdrawn before
    /// `before_unix_ms`. Known after [`Writing::count_blob_uses`].
    ///
    /// # Errors
    /// As SQLite says.
    pub fn blobs_to_remove(&self, before_unix_ms: i64) -> Result<Vec<BlobHash>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT hash FROM blob WHERE unused_unix_ms IS NOT NULL
               AND (unused_unix_ms <= :before OR NOT EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash))",
        )?;
        let found = statement.query_map(named_params! { ":before": before_unix_ms }, |row| rows::id(row, "hash"))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// A record names bytes. `answered`: the server has the record. `living`: nobody withdrew it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn use_blob(
        &self,
        record: RecordId,
        hash: BlobHash,
        bytes: u32,
        small: bool,
        answered: bool,
        living: bool,
    ) -> Result<(), StoreError> {
        let hash = hash.to_string();
        self.connection
            .prepare_cached("INSERT INTO blob (hash, bytes, small) VALUES (:hash, :bytes, :small) ON CONFLICT DO NOTHING")?
            .execute(named_params! { ":hash": hash, ":bytes": bytes, ":small": small })?;
        self.connection
            .prepare_cached(
                "INSERT INTO blob_use (hash, record, answered, living) VALUES (:hash, :record, :answered, :living)
                 ON CONFLICT DO UPDATE SET answered = excluded.answered, living = excluded.living, left_unix_ms = NULL",
            )?
            .execute(named_params! { ":hash": hash, ":record": record.to_string(), ":answered": answered, ":living": living })?;
        Ok(())
    }

    /// A record names no bytes any more.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn drop_blob_uses(&self, record: RecordId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM blob_use WHERE record = :record")?
            .execute(named_params! { ":record": record.to_string() })?;
        Ok(())
    }

    /// Bytes lie in the folder, or do not.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_blob_here(&self, hash: BlobHash, here: bool) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob SET here = :here, wanted = wanted AND NOT :here WHERE hash = :hash")?
            .execute(named_params! { ":hash": hash.to_string(), ":here": here })?;
        Ok(())
    }

    /// The server has so many of the bytes; `there` when it has verified them all. Whatever went wrong before is over.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_blob_sent(&self, hash: BlobHash, sent: u64, there: bool) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob SET sent = :sent, there = :there, tries = 0, next_unix_ms = 0 WHERE hash = :hash")?
            .execute(named_params! {
                ":hash": hash.to_string(), ":sent": i64::try_from(sent).unwrap_or(i64::MAX), ":there": there,
            })?;
        Ok(())
    }

    /// It did not work; it is tried again at a moment.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_blob_off(&self, hash: BlobHash, tries: u32, next_unix_ms: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob SET tries = :tries, next_unix_ms = :next WHERE hash = :hash")?
            .execute(named_params! { ":hash": hash.to_string(), ":tries": tries, ":next": next_unix_ms })?;
        Ok(())
    }

    /// Somebody wants to see bytes that are not here.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn want_blob(&self, hash: BlobHash) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob SET wanted = 1, tries = 0, next_unix_ms = 0 WHERE hash = :hash AND here = 0")?
            .execute(named_params! { ":hash": hash.to_string() })?;
        Ok(())
    }

    /// Tries everything at once that was put off.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn try_blobs_now(&self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE blob SET tries = 0, next_unix_ms = 0 WHERE next_unix_ms > 0", [])?;
        Ok(())
    }

    /// Another history of the server: it may have lost what this device holds, and is asked about each.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn ask_for_blobs_again(&self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE blob SET there = 0, sent = 0, tries = 0, next_unix_ms = 0 WHERE here = 1", [])?;
        Ok(())
    }

    /// Counts the references anew. A record that left the device keeps its bytes only until they are sent, or until
    /// `left_before_unix_ms`; bytes that no living record names are unused from now on.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn count_blob_uses(&self, now_unix_ms: i64, left_before_unix_ms: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob_use SET left_unix_ms = :now WHERE left_unix_ms = 0")?
            .execute(named_params! { ":now": now_unix_ms })?;
        self.connection
            .prepare_cached(
                "DELETE FROM blob_use WHERE left_unix_ms IS NOT NULL
                   AND (left_unix_ms <= :before OR living = 0
                        OR NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = blob_use.hash AND here = 1 AND there = 0))",
            )?
            .execute(named_params! { ":before": left_before_unix_ms })?;
        // Only what changes: an idle device writes nothing.
        self.connection
            .prepare_cached(
                "UPDATE blob SET unused_unix_ms = NULL WHERE unused_unix_ms IS NOT NULL
                   AND EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash AND living = 1)",
            )?
            .execute([])?;
        self.connection
            .prepare_cached(
                "UPDATE blob SET unused_unix_ms = :now WHERE unused_unix_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash AND living = 1)",
            )?
            .execute(named_params! { ":now": now_unix_ms })?;
        Ok(())
    }

    /// Forgets bytes whose file is removed.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_blob(&self, hash: BlobHash) -> Result<(), StoreError> {
        let hash = hash.to_string();
        for statement in ["DELETE FROM blob WHERE hash = :hash", "DELETE FROM blob_use WHERE hash = :hash"] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":hash": hash })?;
        }
        Ok(())
    }
}
