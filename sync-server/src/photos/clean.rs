//! Bytes that no living record names go after a while; what was begun and never finished too.

use std::time::{Duration, SystemTime};

use domain::photo::BlobHash;

use super::Folder;
use crate::core::Core;
use crate::failure::Failure;

/// So long after the last record was withdrawn its bytes stay: who withdrew the wrong photo adds it again.
pub const GRACE_DAYS: u32 = 30;
/// Begun and not finished for so long: the phone is gone, or the photo was withdrawn.
const UNFINISHED_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// A file without a row is younger than this while it is being finished.
const ORPHAN_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Bytes removed in one transaction.
const BATCH: u32 = 100;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a clean-up did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Photos and small versions whose last record is gone.
    pub removed: u64,
    /// Files that belonged to nothing: a stop between the file and its row.
    pub orphans: u64,
    /// Files that are gone without a clean-up: they are asked for again.
    pub lost: u64,
    /// Begun and never finished.
    pub unfinished: u64,
}

impl Core {
    /// Bytes whose file is gone count as missing again, and whoever has them is asked. Answers how many.
    ///
    /// # Errors
    /// As the store says.
    pub fn forget_lost_photos(&self) -> Result<u64, Failure> {
        self.forget_photos_unless(Folder::has)
    }

    /// The same for bytes that are not what their name says; one hash of every photo. What cannot be read stays.
    ///
    /// # Errors
    /// As the store says.
    pub fn forget_wrong_photos(&self) -> Result<u64, Failure> {
        self.forget_photos_unless(|folder, hash| folder.holds(hash).unwrap_or(true))
    }

    fn forget_photos_unless(&self, is_right: fn(&Folder, BlobHash) -> bool) -> Result<u64, Failure> {
        let rows = self.look(|view| Ok(view.blobs()?))?;
        let mut lost = 0;
        for hash in rows.into_iter().map(|row| row.hash).filter(|hash| !is_right(&self.photos, *hash)) {
            let folder = self.photos.clone();
            lost += self.write(move |write| {
                // Perhaps it came in between.
                if is_right(&folder, hash) {
                    return Ok(0);
                }
                folder.remove(hash).map_err(store::StoreError::File)?;
                write.forget_blob(hash)?;
                Ok(1)
            })?;
        }
        Ok(lost)
    }

    /// Counts the references anew and removes what has been unused for `grace_days`. Safe beside a running server, and to
    /// repeat.
    ///
    /// # Errors
    /// As the store and the folder say.
    pub fn clean_photos(&self, grace_days: u32) -> Result<Cleaned, Failure> {
        let now_unix_ms = self.now_unix_ms();
        let before_unix_ms = now_unix_ms - i64::from(grace_days) * DAY_MS;
        let mut cleaned = Cleaned::default();
        loop {
            let folder = self.photos.clone();
            let removed = self.write(move |write| {
                // In the transaction that removes: a record that names the bytes again comes before it or after it.
                write.count_blob_uses(now_unix_ms)?;
                let unused = write.blobs_unused_since(before_unix_ms, BATCH)?;
                for hash in &unused {
                    write.forget_blob(*hash)?;
                    folder.remove(*hash).map_err(store::StoreError::File)?;
                }
                Ok(unused.len())
            })?;
            cleaned.removed += removed as u64;
            if removed < BATCH as usize {
                break;
            }
        }
        cleaned.lost = self.forget_lost_photos()?;
        let ago = |kept| SystemTime::now().checked_sub(kept).unwrap_or(SystemTime::UNIX_EPOCH);
        for hash in self.photos.written_before(ago(ORPHAN_KEPT)).map_err(store::StoreError::File)? {
            let folder = self.photos.clone();
            let removed = self.write(move |write| {
                if write.blob(hash)?.is_some() {
                    return Ok(false);
                }
                folder.remove(hash).map_err(store::StoreError::File)?;
                Ok(true)
            })?;
            cleaned.orphans += u64::from(removed);
        }
        cleaned.unfinished = self.photos.discard_older(ago(UNFINISHED_KEPT)).map_err(store::StoreError::File)?;
        Ok(cleaned)
    }
}
