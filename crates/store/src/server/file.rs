//! Copies of the file.

use std::path::Path;

use domain::photo::BlobHash;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::open::is_whole;
use crate::rows;

/// Copies a file that may be in use, compactly, into a new one. What is being written meanwhile is in it whole or not at all.
///
/// # Errors
/// As SQLite says; a target that exists too.
pub fn back_up(from: &Path, to: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    Ok(())
}

/// The photos' bytes a file knows of, without changing it; none in a file of a version that knew no photos.
///
/// # Errors
/// As SQLite says.
pub fn blobs_in_file(path: &Path) -> Result<Vec<BlobHash>, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if !connection.table_exists(None, "blob")? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare("SELECT hash FROM blob ORDER BY hash")?;
    Ok(statement.query_map([], |row| rows::id(row, "hash"))?.collect::<Result<_, _>>()?)
}

/// Whether SQLite finds a file whole and it is a server's.
///
/// # Errors
/// As SQLite says.
pub fn is_whole_file(path: &Path) -> Result<bool, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if !is_whole(&connection)? {
        return Ok(false);
    }
    Ok(connection
        .prepare("SELECT 1 FROM meta WHERE name = 'epoch'")
        .and_then(|mut statement| statement.exists([]))
        .unwrap_or(false))
}
