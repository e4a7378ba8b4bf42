//! The server's file: the register, who may see it, and what every device is to be told.
//!
//! One connection writes, in groups; others look. [`View`] reads, [`Write`] also writes, and both stand inside a transaction
//! that somebody else opened.

mod account;
mod area;
mod audit;
mod change;
mod counts;
mod device;
mod enrol;
mod file;
mod group;
mod health;
mod listing;
mod meta;
mod pending;
mod person_key;
mod photo;
mod plate;
mod proof;
mod quarantine;
mod record;
mod register;
mod said;
mod scope;
mod session;
mod tell;
mod why;

use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::ending::{self, Ending};
use crate::open::{Migration, open_reader, open_writer, plainly};

pub use account::AccountRow;
pub use audit::AuditLine;
pub use change::{Answered, StoredChange};
pub use counts::Counts;
pub use device::DeviceRow;
pub use enrol::CodeRow;
pub use file::{back_up, blobs_in_file, is_whole_file};
pub use group::MemberError;
pub use health::DeviceCounts;
pub use listing::{AreaCountRow, ListQuery, Listing, ListingRow};
pub use photo::{BlobRow, BlobUse};
pub use proof::{ChangeLine, RecordLine, ScopeLine};
pub use quarantine::{HeldCount, HeldQuery, HeldSave, HeldState, HeldWhy, NewHeld};
pub use said::SaidRow;
pub use scope::{Member, PageRow, ScopeRow};
pub use session::SessionRow;
pub use why::LeftRow;

/// Every step of the server's schema, oldest first. Append only.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_ground", sql: include_str!("../../../../migrations/server/0001_ground.sql") },
    Migration { name: "0002_quarantine", sql: include_str!("../../../../migrations/server/0002_quarantine.sql") },
    Migration { name: "0003_bytes", sql: include_str!("../../../../migrations/server/0003_bytes.sql") },
    Migration { name: "0004_photos", sql: include_str!("../../../../migrations/server/0004_photos.sql") },
    Migration { name: "0005_identity", sql: include_str!("../../../../migrations/server/0005_identity.sql") },
    Migration { name: "0006_same", sql: include_str!("../../../../migrations/server/0006_same.sql") },
    Migration { name: "0007_health", sql: include_str!("../../../../migrations/server/0007_health.sql") },
    Migration { name: "0008_said", sql: include_str!("../../../../migrations/server/0008_said.sql") },
    Migration { name: "0009_sealed", sql: include_str!("../../../../migrations/server/0009_sealed.sql") },
    Migration { name: "0010_plates", sql: include_str!("../../../../migrations/server/0010_plates.sql") },
];

/// The connection that writes. There is one.
#[derive(Debug)]
pub struct ServerStore {
    connection: Connection,
}

impl ServerStore {
    /// Opens the file, creates it when it is not there, brings it up to date when it is old.
    ///
    /// # Errors
    /// As [`open_writer`].
    pub fn open(path: &Path) -> Result<ServerStore, StoreError> {
        Ok(ServerStore { connection: open_writer(path, MIGRATIONS, None)? })
    }

    /// Caps the file at this many pages; what goes beyond is [`StoreError::DiskFull`].
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_pages_max(&self, pages: u32) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "max_page_count", pages)?)
    }

    /// Does not wait for the disk: for a demo and for simulations, never for people's work.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn without_disk(&self) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "synchronous", "OFF")?)
    }

    /// Lets the present group be interrupted, as when the disk fails in the middle of a statement.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn end_badly(&mut self, ending: Ending) -> Result<(), StoreError> {
        ending::arm(&mut self.connection, ending)
    }

    /// Takes back what [`ServerStore::end_badly`] had in store.
    pub fn end_well(&mut self) {
        ending::disarm(&mut self.connection);
    }

    /// Moves what stands in the log into the file itself, so that the file alone is the whole server.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn fold_log(&self) -> Result<(), StoreError> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// How many pages the file has.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn pages(&self) -> Result<u32, StoreError> {
        Ok(self.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?)
    }
}

/// A connection that only looks.
#[derive(Debug)]
pub struct ServerReader {
    connection: Connection,
}

impl ServerReader {
    /// Opens the file for looking.
    ///
    /// # Errors
    /// As [`open_reader`].
    pub fn open(path: &Path) -> Result<ServerReader, StoreError> {
        Ok(ServerReader { connection: open_reader(path, None)? })
    }

    /// Looks at one snapshot: everything asked in `look` is answered from the same moment.
    ///
    /// # Errors
    /// Whatever `look` answers, and SQLite.
    pub fn look<T, E: From<StoreError>>(&self, look: impl FnOnce(&View<'_>) -> Result<T, E>) -> Result<T, E> {
        plainly(&self.connection, "BEGIN")?;
        let seen = look(&View { file: &self.connection, pending: None });
        // Nothing was written, and the snapshot ends either way.
        if !self.connection.is_autocommit() {
            plainly(&self.connection, "ROLLBACK")?;
        }
        seen
    }
}

/// Questions to the server's file, inside one transaction.
#[derive(Debug)]
pub struct View<'c> {
    file: &'c Connection,
    /// What this transaction has written and the file has not been told yet; only where somebody writes.
    pending: Option<pending::Shared>,
}

/// Writing to the server's file, inside one transaction.
#[derive(Debug)]
pub struct Write<'c> {
    view: View<'c>,
}

impl<'c> Write<'c> {
    fn new(file: &'c Connection) -> Write<'c> {
        Write { view: View { file, pending: Some(pending::Shared::default()) } }
    }
}

impl View<'_> {
    /// The file, told of everything this transaction did: for questions to `record`, `record_ref` and `counter`.
    ///
    /// # Errors
    /// As SQLite says.
    pub(crate) fn connection(&self) -> Result<&Connection, StoreError> {
        self.tell_file()?;
        Ok(self.file)
    }

    /// The file, for tables of which nothing is held back.
    pub(crate) fn beside(&self) -> &Connection {
        self.file
    }
}

impl<'c> std::ops::Deref for Write<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.view
    }
}
