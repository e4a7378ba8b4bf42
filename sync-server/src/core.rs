//! The server without a network: its file, its clock, its chance.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{AccountId, DeviceNumber};
use store::ServerStore;
use store::server::{View, Write};

use crate::clock::{Clock, Dice, random_hex};
use crate::exchange::Turns;
use crate::failure::{AdminError, Failure};
use crate::lookup::{LOOKUP_AGAIN_MS, LOOKUPS_MAX};
use crate::metrics::Metrics;
use crate::passwords::{Buckets, Scales};
use crate::photos::{Arriving, Folder};
use crate::readers::Readers;
use crate::register;
use crate::said::Heard;
use crate::writer::Writer;

/// The file's name inside the data folder.
pub const FILE_NAME: &str = "doorstep-server.db";

/// Passwords one may try in a row, and how long until one more.
const TRIES_MAX: i64 = 5;
const TRY_AGAIN_MS: i64 = 3 * 60 * 1000;
/// New numbers one installation may be given in a row, and how long until one more: every copy of its file needs one.
pub const RENEWALS_MAX: i64 = 20;
const RENEW_AGAIN_MS: i64 = 3 * 60 * 1000;
/// How often one device's difference is written into the log.
const MISMATCH_AGAIN_MS: i64 = 60 * 60 * 1000;
/// A device that puts itself right asks a few times for each village, and says so each time.
const REPAIRS_TOLD_MAX: i64 = 100;
const REPAIR_AGAIN_MS: i64 = 60 * 1000;

/// The server. Everything it does goes through here, over HTTP or not.
pub struct Core {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dice: Arc<dyn Dice>,
    /// Wrong passwords by login.
    pub(crate) tries: Buckets,
    /// Where passwords are weighed.
    pub(crate) scales: Scales,
    /// New numbers by the number their installation was enrolled with.
    pub(crate) renewals: Buckets,
    /// Devices whose difference was written into the log already.
    pub(crate) mismatches: Buckets,
    /// Devices whose repairs are counted and written into the log.
    pub(crate) repairs: Buckets,
    /// What devices said they hold, where it was written down already.
    pub(crate) heard: Heard,
    /// Look-ups in the whole county, by account.
    pub(crate) lookups: Buckets,
    /// Devices whose push is being read.
    pub(crate) pushing: Turns<DeviceNumber>,
    /// Devices that are being told a history: much is read for one.
    pub(crate) remembering: Turns<DeviceNumber>,
    /// Accounts of which a device tells a restored server what it lacks.
    pub(crate) rescuing: Turns<AccountId>,
    /// Where photos' bytes lie.
    pub(crate) photos: Folder,
    /// Devices of which a piece of a photo is being written.
    pub(crate) arriving: Arriving,
    /// The county's secret key for sealed saves, once it was read.
    pub(crate) seal_key: std::sync::Mutex<Option<String>>,
    /// What happened since the start.
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Core {
    /// Opens an initialised file.
    ///
    /// # Errors
    /// [`AdminError::NotInitialised`] when there is none; as the store says.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Result<Arc<Core>, Failure> {
        if !path.exists() {
            return Err(AdminError::NotInitialised.into());
        }
        let core = Core::start(path, clock, dice)?;
        if core.look(|view| Ok(view.meta("epoch")?))?.is_none() {
            return Err(AdminError::NotInitialised.into());
        }
        core.prepare_keys()?;
        Ok(core)
    }

    /// The keys by which the same person is found, also in a file of a version that had none; then people are asked about those
    /// whom such a file holds twice. Its homes get their plates.
    fn prepare_keys(&self) -> Result<(), Failure> {
        let (now_unix_ms, dice) = (self.now_unix_ms(), Arc::clone(&self.dice));
        self.write(move |write| {
            register::prepare_keys(write, now_unix_ms, &*dice)?;
            register::ask_about_pairs(write, now_unix_ms, &*dice)?;
            Ok(register::give_plates(write, now_unix_ms, &*dice)?)
        })
    }

    /// Opens a file, making it when it is not there. Safe to repeat.
    ///
    /// # Errors
    /// As the store says.
    pub fn create(path: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Result<Arc<Core>, Failure> {
        let core = Core::start(path, clock, dice)?;
        let epoch = random_hex(&*core.dice, 8);
        core.write(move |write| {
            if write.meta("epoch")?.is_none() {
                write.set_meta("epoch", &epoch)?;
            }
            Ok(())
        })?;
        core.prepare_keys()?;
        Ok(core)
    }

    fn start(path: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Result<Arc<Core>, Failure> {
        let store = ServerStore::open(path)?;
        Ok(Core::with_store(store, path, clock, dice))
    }

    /// On a store that was opened otherwise.
    pub fn with_store(store: ServerStore, path: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Arc<Core> {
        Core::with_writer(path, clock, dice, |metrics| Writer::start(store, metrics))
    }

    /// On a store that was opened otherwise, and with a writer that a test chose.
    pub fn with_writer(
        path: &Path,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
        writer: impl FnOnce(Arc<Metrics>) -> Writer,
    ) -> Arc<Core> {
        let metrics = Arc::new(Metrics::default());
        Arc::new(Core {
            path: path.to_owned(),
            writer: writer(Arc::clone(&metrics)),
            readers: Readers::new(path.to_owned()),
            clock,
            dice,
            tries: Buckets::new(TRIES_MAX, TRY_AGAIN_MS),
            scales: Scales::default(),
            renewals: Buckets::new(RENEWALS_MAX, RENEW_AGAIN_MS),
            mismatches: Buckets::new(1, MISMATCH_AGAIN_MS),
            repairs: Buckets::new(REPAIRS_TOLD_MAX, REPAIR_AGAIN_MS),
            heard: Heard::default(),
            lookups: Buckets::new(LOOKUPS_MAX, LOOKUP_AGAIN_MS),
            pushing: Turns::default(),
            remembering: Turns::default(),
            rescuing: Turns::default(),
            photos: Folder::beside(path),
            arriving: Arriving::default(),
            seal_key: std::sync::Mutex::default(),
            metrics,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The server's clock, Unix milliseconds, UTC.
    pub fn now_unix_ms(&self) -> i64 {
        self.clock.now_unix_ms()
    }

    /// The day in the county.
    pub fn today(&self) -> chrono::NaiveDate {
        domain::day::day_of(self.now_unix_ms())
    }

    /// Looks at a snapshot.
    ///
    /// # Errors
    /// Whatever `look` answers.
    pub fn look<T>(&self, look: impl FnOnce(&View<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        self.readers.look(look)
    }

    /// Writes in a transaction; answers after its COMMIT.
    ///
    /// # Errors
    /// Whatever `work` answers.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.writer.run(work)
    }

    /// Takes no more work, and does what is queued.
    pub fn stop(&self) {
        self.writer.stop();
    }
}
