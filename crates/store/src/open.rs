//! Opening a file: pragmas, integrity after an unclean stop, migrations, and what can be wrong with it.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::cipher::{self, FileKey};

/// One step of a schema. Frozen once released.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its file under `migrations/`.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// Why a store did not do what it was asked. A variant exists because someone acts on it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space left on the disk.
    #[error("no space left on the disk")]
    DiskFull(#[source] rusqlite::Error),
    /// The file or its folder cannot be written.
    #[error("the file cannot be written")]
    ReadOnly(#[source] rusqlite::Error),
    /// The file was written by a newer version of the app; nothing was opened.
    #[error("the file has schema {found}, this version knows {known}")]
    Newer {
        /// In the file.
        found: usize,
        /// In this build.
        known: usize,
    },
    /// The file is damaged.
    #[error("the file is damaged")]
    Corrupt(#[source] rusqlite::Error),
    /// This build does not encrypt, and was asked to.
    #[error("this build does not encrypt")]
    Unencrypted,
    /// Another process holds the file.
    #[error("the file is in use")]
    Locked(#[source] rusqlite::Error),
    /// What is stored is not what was written: a mistake of ours.
    #[error("a stored value cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// A file beside the database could not be written or read.
    #[error("a file could not be written or read")]
    File(#[from] std::io::Error),
    /// Anything else SQLite says.
    #[error("SQLite refused")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::DiskFull(error),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreError::ReadOnly(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked(error),
            // An I/O error while the disk is full is reported as such by some file systems.
            Some(ErrorCode::SystemIoFailure) if error.to_string().contains("disk full") => StoreError::DiskFull(error),
            _ => StoreError::Sqlite(error),
        }
    }
}

/// Milliseconds a connection waits for another one's write.
const BUSY_MS: u32 = 10_000;

/// A connection that writes. Creates the file when it is not there, migrates it when it is old.
///
/// # Errors
/// [`StoreError::Newer`] for a file from a newer version; [`StoreError::Corrupt`] when SQLite cannot read it.
pub fn open_writer(path: &Path, migrations: &[Migration], key: Option<&FileKey>) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    if let Some(key) = key {
        cipher::unlock(&connection, key)?;
    }
    pragmas(&connection)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    migrate(&mut connection, path, migrations)?;
    Ok(connection)
}

/// A connection that only looks: a search never waits for a save or a sync.
///
/// # Errors
/// As SQLite says.
pub fn open_reader(path: &Path, key: Option<&FileKey>) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if let Some(key) = key {
        cipher::unlock(&connection, key)?;
    }
    pragmas(&connection)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    Ok(connection)
}

fn pragmas(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_millis(u64::from(BUSY_MS)))?;
    connection.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456;",
    )?;
    // Without this SQLite looks at the values a statement is given and plans it anew for others: a tenth of all our time, for the
    // plan it had before. No index is chosen by a value here.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// A statement without values and without an answer, which is read only the first time.
///
/// # Errors
/// As SQLite says.
pub fn plainly(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Runs what is missing, each step in its own transaction. `user_version` counts the steps that ran.
fn migrate(connection: &mut Connection, path: &Path, migrations: &[Migration]) -> Result<(), StoreError> {
    let ran: usize =
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?.try_into().unwrap_or(usize::MAX);
    if ran > migrations.len() {
        return Err(StoreError::Newer { found: ran, known: migrations.len() });
    }
    if ran == migrations.len() {
        return Ok(());
    }
    if ran > 0 {
        // An old file is copied before it is changed: a failed upgrade can be looked at, nothing is lost.
        let copy = beside(path, &format!("before-{ran}"));
        if !copy.exists() {
            // Under another name until it is whole: half a copy is no copy.
            let making = beside(path, &format!("before-{ran}.making"));
            if making.exists() {
                std::fs::remove_file(&making)?;
            }
            connection.execute("VACUUM INTO ?1", [making.to_string_lossy()])?;
            std::fs::rename(&making, &copy)?;
        }
    }
    crate::device::teach(connection)?;
    for (index, migration) in migrations.iter().enumerate().skip(ran) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(migration.sql)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).expect("few migrations"))?;
        transaction.commit()?;
    }
    Ok(())
}

/// Whether SQLite finds the file whole. Seconds on a large file: asked after an unclean stop, not at every start.
///
/// # Errors
/// As SQLite says.
pub fn is_whole(connection: &Connection) -> Result<bool, StoreError> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(answer == "ok")
}

/// A file name beside another: `doorstep.db` and `set-aside` give `doorstep.db.set-aside`.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}

/// What SQLite says of a damaged file, for a check that found the damage without an error.
pub fn damaged() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None)
}
