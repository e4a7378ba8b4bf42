//! The field app without a screen: `handle(command)` answers every use case, `sync::run` exchanges with the server.
//!
//! No clock, no randomness and no network of its own: shells pass them in as [`Surroundings`]. Its one thread applies a page while
//! the next is fetched. What the native
//! shells have in common, `http` and `native`, is behind the feature `http`.

mod ahead;
mod derive;
mod error;
mod handle;
mod hands;
mod identity;
mod law;
mod lease;
mod lists;
mod own;
mod save;
mod session;
pub mod surroundings;
mod taking;

mod attention;
mod contradictions;
mod county;
mod evening;
mod half_done;
mod history;
mod homes;
mod lookups;
mod mistakes;
mod newcomer;
mod people;
mod permits;
pub mod photos;
mod plates;
mod presence;
mod repair;
mod reports;
mod rescue;
mod residents;
mod rounds;
mod safe;
mod safety;
mod salvage;
mod same;
mod sealing;
mod tenancies;
mod today;
mod units;
mod verify;
mod visits;
mod why;
mod withdrawals;

#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub mod native;
pub mod schedule;
pub mod sync;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use domain::Stamp;
use domain::place::Scope;
use store::{DeviceStore, StoreError};

pub use verify::Found;

pub use safe::Safe;
pub use surroundings::{Connector, Credentials, FileKeys, KeyError, KeyStore, MemoryKeys, Surroundings};

/// The day this version was made: no phone's clock is right about an earlier one.
const BUILT_ON_UNIX_MS: i64 = 1_763_856_000_000;

/// The first piece of a photo: what a village's line carries in a second or two.
const PIECE_BYTES_FIRST: usize = 16 * 1024;

/// Where a device lives and what is around it.
pub struct Options {
    /// Folder of the file; made when it is not there.
    pub dir: PathBuf,
    /// Clock, randomness, keys, network.
    pub surroundings: Arc<dyn Surroundings>,
    /// How its file is used besides the ordinary way.
    pub tuning: store::device::Tuning,
    /// The key of its file, where it is encrypted.
    pub key: Option<store::cipher::FileKey>,
    /// Each save is also sealed to the county's key, because this file can be locked.
    pub seals: bool,
}

impl Options {
    /// A device for people's work.
    pub fn new(dir: PathBuf, surroundings: Arc<dyn Surroundings>) -> Options {
        Options { dir, surroundings, tuning: store::device::Tuning::default(), key: None, seals: false }
    }
}

/// Why a device did not open. Nothing was deleted in any case.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is from a newer version: please update.
    #[error("the file is from a newer version of the app")]
    Newer,
    /// The file was damaged; it was set aside under this name, and a new one can be filled from the server.
    #[error("the file is damaged and was set aside as {0}")]
    SetAside(PathBuf),
    /// Folder or file cannot be written, or another app holds it.
    #[error("the file cannot be opened")]
    Store(#[source] StoreError),
    /// The key store does not answer.
    #[error("the key store does not answer")]
    Keys(#[from] KeyError),
    /// The file is encrypted, and this build cannot read it.
    #[error("the file is encrypted, and this build does not encrypt")]
    Encrypted,
    /// The key of the file is not where it was kept, or was destroyed.
    #[error("the key of the file is gone")]
    KeyGone,
}

/// An open device. Shared between the threads of a shell; reads run beside a save and a sync.
pub struct Device {
    store: DeviceStore,
    around: Arc<dyn Surroundings>,
    law: Mutex<Option<Arc<law::Law>>>,
    stamp_last: Mutex<Option<Stamp>>,
    /// The last id given out since the start; saves count up from it.
    id_last: Mutex<Option<uuid::Uuid>>,
    signed_in: AtomicBool,
    /// Server time minus this clock, milliseconds.
    offset_ms: AtomicI64,
    syncing: AtomicBool,
    stop: AtomicBool,
    /// How many changes the line carried last time; a slow village's batch stays small.
    batch: AtomicU32,
    /// How many records it carried in one answer.
    page: AtomicU32,
    /// Set by sync for screens that poll: bumps whenever something arrived.
    arrived: AtomicU64,
    problem: Mutex<Option<ui_protocol::ErrorCode>>,
    /// Where photos' bytes lie, and who writes or removes files in it just now.
    folder: photos::Folder,
    photo_files: Mutex<()>,
    /// Somebody carries photos.
    carrying: AtomicBool,
    /// A person asked to send them whatever the network costs.
    photos_anyway: AtomicBool,
    /// What a shell or the page knows of the network: whether bytes cost, and when that was told, Unix milliseconds.
    metered: Mutex<Option<(bool, i64)>>,
    photo_problem: Mutex<Option<ui_protocol::ErrorCode>>,
    /// How much of a photo the line carried last time.
    piece_bytes: AtomicUsize,
    /// All photos were looked for since the start.
    photos_noticed: AtomicBool,
    /// What had arrived when the folder was put in order.
    photos_swept: AtomicU64,
    /// Scopes whose difference stayed after a repair, and where they stood.
    unmended: Mutex<BTreeMap<Scope, String>>,
    /// Records whose lines a save wrote while lists are being made of everything.
    refreshed: Mutex<Option<BTreeSet<domain::RecordId>>>,
    /// How far a deep check has come, and the last one that ended.
    checking: Mutex<Option<ui_protocol::proof::Checking>>,
    checked: Mutex<Option<ui_protocol::proof::Checked>>,
    /// How the lock it is behind stands, for the screens.
    lock_shown: Mutex<ui_protocol::lock::LockStatus>,
    sealing: sealing::Sealing,
    /// Too long without the server, where a shell looks at it.
    lease_over: AtomicBool,
}

/// Day and time in the county, as a console says it.
#[must_use]
pub fn moment(unix_ms: i64) -> String {
    let day = domain::day::day_of(unix_ms);
    let minutes = (unix_ms - domain::day::start_of_day_unix_ms(day)) / 60_000;
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// The file in a device's folder.
pub const FILE: &str = "doorstep.db";

impl Device {
    /// Opens or creates a device.
    ///
    /// # Errors
    /// See [`OpenError`]; a damaged file is set aside, never deleted.
    pub fn open(options: Options) -> Result<Device, OpenError> {
        std::fs::create_dir_all(&options.dir).map_err(|error| OpenError::Store(StoreError::File(error)))?;
        let path = options.dir.join(FILE);
        let encrypted = options.key.is_some();
        let store = match DeviceStore::open_with(&path, options.tuning, options.key) {
            Ok(store) => store,
            Err(StoreError::Newer { .. }) => return Err(OpenError::Newer),
            Err(StoreError::Corrupt(_)) => {
                return Err(OpenError::SetAside(set_aside(&path, encrypted, &*options.surroundings)?));
            }
            Err(error) => return Err(OpenError::Store(error)),
        };
        let device = Device {
            store,
            around: options.surroundings,
            law: Mutex::new(None),
            stamp_last: Mutex::new(None),
            id_last: Mutex::new(None),
            signed_in: AtomicBool::new(false),
            offset_ms: AtomicI64::new(0),
            syncing: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            batch: AtomicU32::new(sync_protocol::CHANGES_MAX as u32),
            page: AtomicU32::new(sync_protocol::RECORDS_MAX as u32),
            arrived: AtomicU64::new(0),
            problem: Mutex::new(None),
            folder: photos::Folder::beside(&path),
            photo_files: Mutex::new(()),
            carrying: AtomicBool::new(false),
            photos_anyway: AtomicBool::new(false),
            metered: Mutex::new(None),
            photo_problem: Mutex::new(None),
            piece_bytes: AtomicUsize::new(PIECE_BYTES_FIRST),
            photos_noticed: AtomicBool::new(false),
            photos_swept: AtomicU64::new(u64::MAX),
            unmended: Mutex::new(BTreeMap::new()),
            refreshed: Mutex::new(None),
            checking: Mutex::new(None),
            checked: Mutex::new(None),
            lock_shown: Mutex::default(),
            sealing: sealing::Sealing::beside(&path, options.seals),
            lease_over: AtomicBool::new(false),
        };
        match device.look_after_an_unclean_stop() {
            Ok(()) => {
                device.lift(None);
                device.seal_what_waits();
                Ok(device)
            }
            Err(StoreError::Corrupt(_)) => {
                let around = Arc::clone(&device.around);
                drop(device);
                Err(OpenError::SetAside(set_aside(&path, encrypted, &*around)?))
            }
            Err(error) => Err(OpenError::Store(error)),
        }
    }

    fn look_after_an_unclean_stop(&self) -> Result<(), StoreError> {
        let (clean, stamp, offset) = self
            .store
            .read(|view| Ok::<_, StoreError>((view.meta("closed")?, view.meta("stamp_last")?, view.meta("offset_ms")?)))?;
        if clean.as_deref() == Some("no") && !self.store.is_whole()? {
            return Err(StoreError::Corrupt(store::open::damaged()));
        }
        *lock(&self.stamp_last) = stamp.and_then(|stamp| stamp.parse().ok());
        if let Some(offset) = offset.and_then(|offset| offset.parse().ok()) {
            self.offset_ms.store(offset, std::sync::atomic::Ordering::Relaxed);
        }
        // A file on a full or read-only disk still opens: people can look, and saving says what is the matter.
        match self.store.write(store::device::Durability::Pulled, |writing| writing.set_meta("closed", "no")) {
            Ok(()) | Err(StoreError::DiskFull(_) | StoreError::ReadOnly(_)) => {}
            Err(error) => return Err(error),
        }
        // It stopped in the middle of a first load: what had arrived is shown.
        match self.make_lists() {
            Err(error::Failure::Store(error @ StoreError::Corrupt(_))) => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes down that the file was closed in order.
    pub fn close(&self) {
        // Only saves a check at the next start.
        let _ = self.store.write(store::device::Durability::Full, |writing| writing.set_meta("closed", "yes"));
    }

    /// Counts up whenever a sync brought something; shells compare it to know when to tell the screens.
    pub fn arrived(&self) -> u64 {
        self.arrived.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// What its file is made of, for measuring.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn parts(&self) -> Result<store::device::Parts, StoreError> {
        self.store.parts()
    }

    /// Lets the next transaction on the file end badly, as it would when the phone stops in the middle of it: for simulations.
    pub fn end_next_badly(&self, ending: store::ending::Ending) {
        self.store.end_next_badly(ending);
    }

    /// The device's file, for a shell that checks the space left beside it.
    pub fn path(&self) -> &Path {
        self.store.path()
    }
}

/// Moves a damaged file and its log out of the way, under a name that says when.
fn set_aside(path: &Path, encrypted: bool, around: &dyn Surroundings) -> Result<PathBuf, OpenError> {
    let now_unix_ms = around.unix_ms();
    // What has not even SQLite's first words may be an encrypted file in the hands of a build that cannot read it.
    if encrypted || !store::cipher::is_plain(path).unwrap_or(true) {
        // Nothing can be lifted out of cipher text: the boxes are what is left of it, and whoever enrols next hands them in.
        around.keys().remove(sealing::WHOLE_KEPT)?;
        sealing::SealedFile::beside(path).leave(now_unix_ms).map_err(|error| OpenError::Store(StoreError::File(error)))?;
    }
    let aside = store::open::beside(path, &format!("damaged-{now_unix_ms}"));
    std::fs::rename(path, &aside).map_err(|error| OpenError::Store(StoreError::File(error)))?;
    for log in ["-wal", "-shm"] {
        let mut from = path.as_os_str().to_owned();
        from.push(log);
        let mut to = aside.as_os_str().to_owned();
        to.push(log);
        if Path::new(&from).exists() {
            std::fs::rename(&from, &to).map_err(|error| OpenError::Store(StoreError::File(error)))?;
        }
    }
    Ok(aside)
}

/// A poisoned lock means another use case panicked; what it guarded is a cache or a counter that is still whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
