//! The device's file under a key of its own. A build without SQLCipher encrypts nothing, and [`encrypts`] says so.
//!
//! The key is 256 random bits, given raw: nothing is derived from it with thousands of rounds at every connection. Pages stay at
//! 4 KiB with an HMAC each, SQLCipher's own form, so that any tool that knows the key opens the file. Its HMAC is the one over
//! SHA-256: processors of phones and computers alike compute that one themselves, and a save writes dozens of pages.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::open::{StoreError, beside, damaged, is_whole};

/// How a plain file begins.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";
/// Beside the file while its encrypted form is made.
const MAKING: &str = "encrypting";

/// How a page's bytes are vouched for.
#[cfg(feature = "sqlcipher")]
const HMAC: &str = "HMAC_SHA256";

/// The key of one file. Never printed; gone from memory when it is dropped.
#[derive(Clone)]
pub struct FileKey(Zeroizing<[u8; 32]>);

impl FileKey {
    /// A key of these random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> FileKey {
        FileKey(Zeroizing::new(bytes))
    }

    /// Its bytes, to be wrapped.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As SQLCipher wants it: a blob literal.
    #[cfg_attr(not(feature = "sqlcipher"), allow(dead_code, reason = "nobody asks where nothing is encrypted"))]
    fn literal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('\'');
        text
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey")
    }
}

/// Whether this build encrypts.
#[must_use]
pub const fn encrypts() -> bool {
    cfg!(feature = "sqlcipher")
}

/// Whether a file is there and not encrypted.
///
/// # Errors
/// When it cannot be read.
pub fn is_plain(path: &Path) -> Result<bool, StoreError> {
    let mut begins = Vec::with_capacity(PLAIN.len());
    match File::open(path) {
        Ok(file) => file.take(PLAIN.len() as u64).read_to_end(&mut begins)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(begins == PLAIN)
}

/// Shows a connection the key of its file, before anything else is asked of it. Without SQLCipher it does nothing.
///
/// # Errors
/// As SQLite says.
pub fn unlock(connection: &Connection, key: &FileKey) -> Result<(), StoreError> {
    #[cfg(feature = "sqlcipher")]
    {
        connection.pragma_update(None, "key", key.literal().as_str())?;
        connection.pragma_update(None, "cipher_hmac_algorithm", HMAC)?;
        // What is wrong with a file is said by the error, once; not by the library on the console too.
        connection.pragma_update(None, "cipher_log", "off")?;
    }
    #[cfg(not(feature = "sqlcipher"))]
    let _ = (connection, key);
    Ok(())
}

/// How far the encrypting of a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What an earlier, interrupted attempt left is gone.
    Began,
    /// Everything stands in a second file, encrypted.
    Copied,
    /// The second file was found whole, and on the disk.
    Checked,
    /// The log of the first is folded into it and gone.
    Folded,
    /// The second is in the place of the first.
    Placed,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 5] = [Step::Began, Step::Copied, Step::Checked, Step::Folded, Step::Placed];
}

/// Encrypts a plain file under a key, with everything in it. Until the last step the plain file is what counts, and after it the
/// encrypted one: a stop in between costs nothing but doing it again. `reached` may stop it: for tests.
///
/// # Errors
/// As SQLite and the disk say; the plain file is as it was. In a build that does not encrypt, always.
pub fn encrypt(path: &Path, key: &FileKey, mut reached: impl FnMut(Step) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let making = beside(path, MAKING);
    for file in [making.clone(), with_ending(&making, "-journal"), with_ending(&making, "-wal"), with_ending(&making, "-shm")] {
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    reached(Step::Began)?;
    let plain = Connection::open(path)?;
    plain.busy_timeout(std::time::Duration::from_secs(10))?;
    crate::device::teach(&plain)?;
    copy(&plain, &making, key)?;
    reached(Step::Copied)?;
    check(&making, key)?;
    File::open(&making)?.sync_all()?;
    reached(Step::Checked)?;
    // A log of the plain file must not meet the encrypted one.
    let mode: String = plain.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(StoreError::Locked(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        )));
    }
    drop(plain);
    reached(Step::Folded)?;
    std::fs::rename(&making, path)?;
    sync_folder(path)?;
    reached(Step::Placed)
}

#[cfg(feature = "sqlcipher")]
fn copy(plain: &Connection, making: &Path, key: &FileKey) -> Result<(), StoreError> {
    let version: i64 = plain.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    // An attached file has no pragma of its own for it.
    plain.pragma_update(None, "cipher_default_hmac_algorithm", HMAC)?;
    plain
        .execute("ATTACH DATABASE ?1 AS encrypted KEY ?2", rusqlite::params![making.to_string_lossy(), key.literal().as_str()])?;
    plain.query_row("SELECT sqlcipher_export('encrypted')", [], |_| Ok(()))?;
    plain.pragma_update(Some("encrypted"), "user_version", version)?;
    plain.execute("DETACH DATABASE encrypted", [])?;
    Ok(())
}

#[cfg(not(feature = "sqlcipher"))]
fn copy(_: &Connection, _: &Path, _: &FileKey) -> Result<(), StoreError> {
    Err(StoreError::Unencrypted)
}

fn check(making: &Path, key: &FileKey) -> Result<(), StoreError> {
    let connection = Connection::open(making)?;
    unlock(&connection, key)?;
    crate::device::teach(&connection)?;
    if is_whole(&connection)? { Ok(()) } else { Err(StoreError::Corrupt(damaged())) }
}

/// A rename is on the disk when its folder is.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
