//! The folder beside the database: verified bytes under their names, and what is not finished yet.
//!
//! ```text
//! photos/ab/ab12…        verified, never changed afterwards
//! photos/unfinished/17-ab12…   what device 17 has brought of it
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use domain::DeviceNumber;
use domain::photo::BlobHash;
use store::folder::{list, read, remove, sync_folder};

/// The folder's name, beside the database.
pub const FOLDER: &str = "photos";
/// Where begun bytes lie, inside it.
const UNFINISHED: &str = "unfinished";

/// What photos leave free on the disk.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// Where photos' bytes lie.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder beside a server's database, or beside a backup of one. It is made with the first photo.
    pub fn beside(database: &Path) -> Folder {
        Folder { root: database.with_file_name(FOLDER) }
    }

    /// Where verified bytes lie, or would.
    pub fn path(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        // A county's hundred thousand photos in one folder would make every look slow.
        self.root.join(&name[..2]).join(name)
    }

    /// Whether verified bytes are there.
    pub fn has(&self, hash: BlobHash) -> bool {
        self.path(hash).is_file()
    }

    /// Whether the bytes under a name are what it says; `false` where there are none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn holds(&self, hash: BlobHash) -> io::Result<bool> {
        Ok(read(&self.path(hash))?.is_some_and(|bytes| BlobHash::of(&bytes) == hash))
    }

    fn begun(&self, device: DeviceNumber, hash: BlobHash) -> PathBuf {
        self.root.join(UNFINISHED).join(format!("{device}-{hash}"))
    }

    /// How many bytes a device has brought of something unfinished.
    pub(super) fn unfinished(&self, device: DeviceNumber, hash: BlobHash) -> io::Result<u64> {
        match fs::metadata(self.begun(device, hash)) {
            Ok(begun) => Ok(begun.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Whether the disk has room for more than what the register needs for itself.
    pub(super) fn has_room(&self) -> io::Result<bool> {
        Ok(free_bytes(self.root.parent().unwrap_or(&self.root))? >= FREE_BYTES_MIN)
    }

    /// Throws away what a device began longest ago, until it may begin one more.
    pub(super) fn make_room(&self, device: DeviceNumber, begun_max: usize) -> io::Result<()> {
        let prefix = format!("{device}-");
        let entries = list(&self.root.join(UNFINISHED))?;
        let own = entries.iter().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        let mut begun: Vec<_> = own.map(|entry| (entry.metadata().and_then(|file| file.modified()).ok(), entry.path())).collect();
        begun.sort();
        for (_, path) in begun.iter().take((begun.len() + 1).saturating_sub(begun_max)) {
            remove(path)?;
        }
        Ok(())
    }

    /// Adds to what is unfinished.
    pub(super) fn append(&self, device: DeviceNumber, hash: BlobHash, piece: &[u8]) -> io::Result<()> {
        let path = self.begun(device, hash);
        fs::create_dir_all(self.root.join(UNFINISHED))?;
        OpenOptions::new().create(true).append(true).open(path)?.write_all(piece)
    }

    /// Throws away what is unfinished.
    pub(super) fn discard(&self, device: DeviceNumber, hash: BlobHash) -> io::Result<()> {
        remove(&self.begun(device, hash))
    }

    /// Looks whether the bytes are what their name says, and if so puts them where verified bytes lie: on the disk, then
    /// under their name, then the name on the disk.
    pub(super) fn finish(&self, device: DeviceNumber, hash: BlobHash) -> io::Result<bool> {
        let begun = self.begun(device, hash);
        let mut file = File::open(&begun)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if BlobHash::of(&bytes) != hash {
            return Ok(false);
        }
        file.sync_all()?;
        let path = self.path(hash);
        let folder = path.parent().expect("a file in a folder of the folder");
        fs::create_dir_all(folder)?;
        fs::rename(&begun, &path)?;
        sync_folder(folder)?;
        sync_folder(&self.root)?;
        Ok(true)
    }

    /// A piece of verified bytes; `None` when the file is not there.
    pub(super) fn read(&self, hash: BlobHash, offset: u64, length: u32) -> io::Result<Option<Vec<u8>>> {
        let mut file = match File::open(self.path(hash)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(offset))?;
        let mut piece = Vec::new();
        file.take(u64::from(length)).read_to_end(&mut piece)?;
        Ok(Some(piece))
    }

    /// Takes verified bytes away.
    pub(crate) fn remove(&self, hash: BlobHash) -> io::Result<()> {
        remove(&self.path(hash))
    }

    /// Copies verified bytes from another folder, unless they are here. Where the disk can, both names share the bytes: they
    /// never change.
    ///
    /// # Errors
    /// When they are not there, or cannot be written.
    pub fn take_from(&self, other: &Folder, hash: BlobHash) -> io::Result<()> {
        let (from, to) = (other.path(hash), self.path(hash));
        if to.is_file() {
            return Ok(());
        }
        fs::create_dir_all(to.parent().expect("a file in a folder of the folder"))?;
        if fs::hard_link(&from, &to).is_ok() {
            return Ok(());
        }
        // Under another name first: half a copy must not look like a whole one.
        let arriving = to.with_extension("arriving");
        fs::copy(&from, &arriving)?;
        File::open(&arriving)?.sync_all()?;
        fs::rename(&arriving, &to)
    }

    /// Verified bytes that were written before a moment, by their names.
    pub(crate) fn written_before(&self, before: std::time::SystemTime) -> io::Result<Vec<BlobHash>> {
        let mut found = Vec::new();
        for folder in list(&self.root)?.into_iter().filter(|entry| entry.file_name() != UNFINISHED) {
            if !folder.path().is_dir() {
                continue;
            }
            for entry in list(&folder.path())? {
                let name = entry.file_name().to_string_lossy().parse();
                if let Ok(hash) = name
                    && is_older(&entry, before)
                {
                    found.push(hash);
                }
            }
        }
        Ok(found)
    }

    /// Throws away what was begun before a moment and never finished. Answers how many.
    pub(super) fn discard_older(&self, before: std::time::SystemTime) -> io::Result<u64> {
        let mut discarded = 0;
        for entry in list(&self.root.join(UNFINISHED))? {
            if is_older(&entry, before) {
                remove(&entry.path())?;
                discarded += 1;
            }
        }
        Ok(discarded)
    }
}

fn is_older(entry: &fs::DirEntry, before: std::time::SystemTime) -> bool {
    entry.metadata().and_then(|file| file.modified()).is_ok_and(|written| written < before)
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> io::Result<u64> {
    // A server of this kind runs on Linux; elsewhere the disk's own refusal is told.
    Ok(u64::MAX)
}
