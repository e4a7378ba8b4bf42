//! A device's file: what the server last said, an ordered outbox on top, and lists derived from both.

mod departures;
mod drafts;
mod ground;
mod lists;
mod load;
mod measure;
mod numbers;
mod outbox;
mod packed;
mod photos;
mod proof;
mod rounds;
mod salvage;
mod scopes;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};

use crate::cipher::FileKey;
use crate::ending::{self, Ending};
use crate::open::{self, Migration, StoreError};
use crate::points;

pub use departures::DepartureRow;
pub use ground::Held;
pub use lists::{PersonLine, ReportLine, Todo, UnitLine, in_order};
pub use load::{Loaded, PersonRow, RowNo, Shown, Terms, UnitRow};
pub use measure::{Parts, Raw};
pub use outbox::{OutboxChange, OutboxState, TodayCounts};
pub(crate) use packed::teach;
pub use photos::{BlobRow, PhotosWaiting};
pub use proof::{HeldLine, MemberLine, RepairRow};
pub use rounds::RoundLine;
pub use salvage::{Salvaged, salvage};
pub use scopes::ScopeRow;

/// The steps of a device's schema, append-only.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_start", sql: include_str!("../../../../migrations/device/0001_start.sql") },
    Migration { name: "0002_compact", sql: include_str!("../../../../migrations/device/0002_compact.sql") },
    Migration { name: "0003_proof", sql: include_str!("../../../../migrations/device/0003_proof.sql") },
    Migration { name: "0004_photos", sql: include_str!("../../../../migrations/device/0004_photos.sql") },
    Migration { name: "0005_same", sql: include_str!("../../../../migrations/device/0005_same.sql") },
    Migration { name: "0006_safety", sql: include_str!("../../../../migrations/device/0006_safety.sql") },
    Migration { name: "0007_waiting", sql: include_str!("../../../../migrations/device/0007_waiting.sql") },
    Migration { name: "0008_rounds", sql: include_str!("../../../../migrations/device/0008_rounds.sql") },
];

/// Read connections kept open: screens ask a few things at once.
const READERS_MAX: usize = 4;
/// Below this a file is not worth writing anew: pages of 4 KiB.
const ROOM_PAGES_MIN: i64 = 2_048;
/// How long a page steps back at a time while somebody saves, and how often.
const TURN_GIVEN: Duration = Duration::from_micros(200);
const TURNS_GIVEN_MAX: u32 = 500;

/// A device's file, open. Reads have their own connections: a search never waits for a save or a sync.
pub struct DeviceStore {
    path: PathBuf,
    key: Option<FileKey>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Saves that wait for their turn.
    saves_waiting: AtomicUsize,
    tuning: Tuning,
    /// What a simulation has in store for the next transaction.
    ending: Mutex<Option<Ending>>,
}

/// How a file is used besides the ordinary way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Does not wait for the disk: for measuring what a save costs beyond it, never for people's work.
    pub without_disk: bool,
    /// The file may not grow beyond so many pages of 4 KiB: for devices that share a small card.
    pub pages_max: Option<u32>,
    /// Only to be looked at; every save is answered with [`StoreError::ReadOnly`].
    pub read_only: bool,
    /// Nothing happens beside anything else, so that a simulation can be repeated.
    pub one_thread: bool,
}

/// How hard a transaction is pressed to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A person's save: on the disk before the reply (`synchronous=FULL`).
    Full,
    /// A pulled page: the server still has it (`synchronous=NORMAL`).
    Pulled,
}

impl DeviceStore {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::Corrupt`], [`StoreError::ReadOnly`], [`StoreError::DiskFull`].
    pub fn open(path: &Path, tuning: Tuning) -> Result<DeviceStore, StoreError> {
        DeviceStore::open_with(path, tuning, None)
    }

    /// Opens or creates the file under a key. A build that does not encrypt takes no notice of it.
    ///
    /// # Errors
    /// As [`DeviceStore::open`]; with another key than the file's, [`StoreError::Corrupt`].
    pub fn open_with(path: &Path, tuning: Tuning, key: Option<FileKey>) -> Result<DeviceStore, StoreError> {
        let writer = open::open_writer(path, MIGRATIONS, key.as_ref())?;
        if !tuning.read_only {
            give_back_room(&writer)?;
        }
        if let Some(pages) = tuning.pages_max {
            writer.pragma_update(None, "max_page_count", pages)?;
        }
        if tuning.read_only {
            writer.pragma_update(None, "query_only", true)?;
        }
        Ok(DeviceStore {
            path: path.to_owned(),
            key,
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            saves_waiting: AtomicUsize::new(0),
            tuning,
            ending: Mutex::new(None),
        })
    }

    /// Reads what can be read of a file that was set aside beside this one, under the same key.
    ///
    /// # Errors
    /// As [`salvage()`].
    pub fn salvage(&self, aside: &Path) -> Result<Salvaged, StoreError> {
        salvage::salvage(aside, self.key.as_ref())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks, on a snapshot of its own.
    ///
    /// # Errors
    /// Whatever `look` answers, or what SQLite says.
    pub fn read<T, E: From<StoreError>>(&self, look: impl FnOnce(&View<'_>) -> Result<T, E>) -> Result<T, E> {
        let pooled = lock(&self.readers).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => open::open_reader(&self.path, self.key.as_ref())?,
        };
        open::plainly(&connection, "BEGIN")?;
        let answer = look(&View { connection: &connection });
        open::plainly(&connection, "COMMIT")?;
        let mut readers = lock(&self.readers);
        if readers.len() < READERS_MAX {
            readers.push(connection);
        }
        answer
    }

    /// Changes, in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// Whatever `change` answers (then nothing was written), or what SQLite says.
    pub fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        change: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.turn(durability);
        let synchronous = match durability {
            _ if self.tuning.without_disk => "OFF",
            Durability::Full => "FULL",
            Durability::Pulled => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous).map_err(StoreError::from)?;
        let Some(ending) = lock(&self.ending).take() else { return transact(&mut connection, change, true) };
        ending::arm(&mut connection, ending)?;
        let answer = transact(&mut connection, change, ending != Ending::NotCommitted);
        ending::disarm(&mut connection);
        answer
    }

    /// Lets the next transaction end badly, as it would when the phone stops in the middle of it.
    pub fn end_next_badly(&self, ending: Ending) {
        *lock(&self.ending) = Some(ending);
    }

    /// How the file is used.
    pub fn tuning(&self) -> Tuning {
        self.tuning
    }

    /// The writing connection, when it is this writer's turn: a page that has just let it go does not take it again before a person who
    /// waits for it, however quickly it comes back.
    fn turn(&self, durability: Durability) -> MutexGuard<'_, Connection> {
        if durability == Durability::Full {
            self.saves_waiting.fetch_add(1, Ordering::AcqRel);
            let connection = lock(&self.writer);
            self.saves_waiting.fetch_sub(1, Ordering::AcqRel);
            return connection;
        }
        for _ in 0..TURNS_GIVEN_MAX {
            if self.saves_waiting.load(Ordering::Acquire) == 0 {
                break;
            }
            std::thread::sleep(TURN_GIVEN);
        }
        lock(&self.writer)
    }

    /// Writes the file anew without the room that deleted rows left: what was taken back is not even found between the lines.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn scrub(&self) -> Result<(), StoreError> {
        let writer = lock(&self.writer);
        writer.execute_batch("VACUUM")?;
        // A reader that looks at an older moment keeps the log for now; the next exchange or closing folds it.
        Ok(writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Files that were set aside beside this one because they were damaged, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn set_aside(&self) -> Result<Vec<PathBuf>, StoreError> {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name().and_then(|name| name.to_str())) else {
            return Ok(Vec::new());
        };
        let begins = format!("{name}.damaged-");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let when = entry.file_name().to_string_lossy().strip_prefix(&begins).map(str::to_owned);
            // Its log lies beside it under a longer name.
            if when.is_some_and(|when| when.bytes().all(|byte| byte.is_ascii_digit())) {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes the copies that upgrades and damage left beside the file. They hold what was granted then: when a grant is taken
    /// back, they go too (protocol §7).
    ///
    /// # Errors
    /// When a copy cannot be removed.
    pub fn remove_older_copies(&self) -> Result<(), StoreError> {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name().and_then(|name| name.to_str())) else {
            return Ok(());
        };
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let beside = entry.file_name();
            let beside = beside.to_string_lossy();
            if ["before-", "damaged-"].iter().any(|why| beside.starts_with(&format!("{name}.{why}"))) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether SQLite finds the file whole.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn is_whole(&self) -> Result<bool, StoreError> {
        open::is_whole(&lock(&self.writer))
    }

    /// Writes everything from the log into the file and closes it.
    pub fn close(self) {
        lock(&self.readers).clear();
        let writer = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A failed checkpoint loses nothing: the next opening reads the log.
        let _ = writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
    }
}

/// An upgrade leaves the old form's pages behind: where most of a large file is empty, it is written anew.
fn give_back_room(writer: &Connection) -> Result<(), StoreError> {
    let pages: i64 = writer.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let empty: i64 = writer.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    if pages > ROOM_PAGES_MIN && empty > pages / 2 {
        // On a full disk the file stays as large as it was; nothing else depends on it.
        let _ = writer.execute_batch("VACUUM");
    }
    Ok(())
}

fn transact<T, E: From<StoreError>>(
    connection: &mut Connection,
    change: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    commits: bool,
) -> Result<T, E> {
    let connection: &Connection = connection;
    let transaction = match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            // It may be open all the same: left so, every later save would be refused until a restart.
            if !connection.is_autocommit() {
                // When even this fails the connection is broken, and the next BEGIN says so.
                let _ = connection.execute_batch("ROLLBACK");
            }
            return Err(StoreError::from(error).into());
        }
    };
    points::reach("device.write.begun");
    let answer = change(&Writing { view: View { connection: &transaction } })?;
    points::reach("device.write.before_commit");
    if !commits {
        return Err(ending::not_committed().into());
    }
    transaction.commit().map_err(StoreError::from)?;
    points::reach("device.write.committed");
    Ok(answer)
}

/// A poisoned lock means another thread panicked between transactions; SQLite has rolled its work back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What can be asked inside a transaction.
pub struct View<'c> {
    connection: &'c Connection,
}

/// What can be asked and changed inside a transaction.
pub struct Writing<'c> {
    view: View<'c>,
}

impl<'c> std::ops::Deref for Writing<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

impl View<'_> {
    /// A remembered value.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = :key")?
            .query_row(named_params! { ":key": key }, |row| row.get(0))
            .optional()?)
    }
}

impl Writing<'_> {
    /// Remembers a value.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES (:key, :value)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute(named_params! { ":key": key, ":value": value })?;
        Ok(())
    }
}
