//! The folder of photos' bytes beside the device's file: whole ones under their names, and what is still coming.

use std::fs::{self, DirEntry, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use domain::photo::BlobHash;
use store::folder::{list, read, remove, sync_folder};

/// The folder's name, beside the file.
const FOLDER: &str = "photos";

/// Where a device's photos lie.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder of the device whose file this is. It is made with the first photo.
    pub(crate) fn beside(file: &Path) -> Folder {
        Folder { root: file.with_file_name(FOLDER) }
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        self.root.join(hash.to_string())
    }

    fn coming(&self, hash: BlobHash) -> PathBuf {
        self.root.join(format!("{hash}.coming"))
    }

    /// Bytes by name; `None` when they are not here or are not what their name says any more.
    pub(crate) fn read(&self, hash: BlobHash) -> io::Result<Option<Vec<u8>>> {
        Ok(read(&self.path(hash))?.filter(|bytes| BlobHash::of(bytes) == hash))
    }

    /// Keeps bytes under their name: on the disk before their record is. They are dated by the clock their age is asked by.
    pub(crate) fn keep(&self, bytes: &[u8], now_unix_ms: i64) -> io::Result<BlobHash> {
        let hash = BlobHash::of(bytes);
        if self.read(hash)?.is_some() {
            return Ok(hash);
        }
        fs::create_dir_all(&self.root)?;
        let coming = self.coming(hash);
        let mut file = File::create(&coming)?;
        file.write_all(bytes)?;
        date(&file, now_unix_ms);
        file.sync_all()?;
        fs::rename(&coming, self.path(hash))?;
        sync_folder(&self.root)?;
        Ok(hash)
    }

    /// How much has come of bytes that are being fetched.
    pub(crate) fn has_come(&self, hash: BlobHash) -> io::Result<Vec<u8>> {
        Ok(read(&self.coming(hash))?.unwrap_or_default())
    }

    /// Keeps a piece that came, so that a cut begins where it ended.
    pub(crate) fn add(&self, hash: BlobHash, piece: &[u8], now_unix_ms: i64) -> io::Result<()> {
        fs::create_dir_all(&self.root)?;
        let mut file = File::options().create(true).append(true).open(self.coming(hash))?;
        file.write_all(piece)?;
        date(&file, now_unix_ms);
        Ok(())
    }

    /// Everything came: whether it is what its name says. What is not is thrown away.
    pub(crate) fn finish(&self, hash: BlobHash) -> io::Result<bool> {
        let coming = self.coming(hash);
        if read(&coming)?.is_none_or(|bytes| BlobHash::of(&bytes) != hash) {
            remove(&coming)?;
            return Ok(false);
        }
        fs::rename(&coming, self.path(hash))?;
        Ok(true)
    }

    /// Removes bytes, whole or still coming.
    pub(crate) fn remove(&self, hash: BlobHash) -> io::Result<()> {
        remove(&self.path(hash))?;
        remove(&self.coming(hash))
    }

    /// Every name in the folder, with whether it was last written before a moment, Unix milliseconds, UTC.
    pub(crate) fn names(&self, before_unix_ms: i64) -> io::Result<Vec<(BlobHash, bool)>> {
        let mut names = Vec::new();
        for entry in list(&self.root)? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Ok(hash) = name.trim_end_matches(".coming").parse() {
                names.push((hash, written_unix_ms(&entry).is_some_and(|written| written < before_unix_ms)));
            }
        }
        Ok(names)
    }
}

/// Dates a file; a disk that keeps no dates leaves it with its own.
fn date(file: &File, unix_ms: i64) {
    let since = Duration::from_millis(u64::try_from(unix_ms).unwrap_or(0));
    if let Some(written) = UNIX_EPOCH.checked_add(since) {
        let _ = file.set_modified(written);
    }
}

/// When a file was last written, Unix milliseconds, UTC; `None` when the disk does not say.
fn written_unix_ms(entry: &DirEntry) -> Option<i64> {
    let written = entry.metadata().ok()?.modified().ok()?;
    // Before 1970 is a disk without a clock: older than everything.
    Some(written.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
