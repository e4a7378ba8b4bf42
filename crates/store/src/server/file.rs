//! Copies of the file.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::open::is_whole;

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
