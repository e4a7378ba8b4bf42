//! A device behind a lock. Shut, it answers nothing but how it stands, the PIN, and the handing in of what is sealed; its file's key is
//! not in memory then. Open, it passes everything on.
//!
//! Without a PIN the safe stands open, and a build that encrypts keeps the key under the key store alone.

mod keys;
mod pin;
mod sealed;
mod tries;
mod wrap;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use store::StoreError;
use store::cipher::{self, FileKey};
use store::device::Tuning;
use ui_protocol::lock::LockStatus;
use ui_protocol::session::{DeviceStatus, Stage, SyncStatus};
use ui_protocol::{DeviceCommand, ErrorCode, Handled, Topic, UiError};

use crate::error::{Failure, store_code};
use crate::handle::answer;
use crate::surroundings::{KeyError, Surroundings, random_32};
use crate::{BUILT_ON_UNIX_MS, Device, FILE, OpenError, Options, lease, lock};
use keys::Behind;
pub(crate) use sealed::requests;
use tries::Tries;
use wrap::LockFile;
pub(crate) use wrap::to_hex;

/// The wrapped key, beside the file.
const LOCK: &str = "doorstep.lock";
/// The key store's part of what opens it.
const SECRET: &str = "doorstep-file-secret";
/// Beyond the minutes the screens count themselves: a page that was closed, or a computer that slept, counts nothing.
const IDLE_GRACE_MS: i64 = 60 * 1000;

/// A device, and the lock before it.
pub struct Safe {
    dir: PathBuf,
    around: Arc<dyn Surroundings>,
    behind: Arc<Behind>,
    tuning: Tuning,
    inner: Mutex<Inner>,
}

struct Inner {
    /// What lies beside the file; `None` while nothing is locked or encrypted.
    lock: Option<LockFile>,
    open: Option<Open>,
    /// A device that was shut while it was still busy: two must not write one file.
    ending: Weak<Device>,
    /// When somebody last asked for anything, by this phone's clock, Unix milliseconds.
    asked_unix_ms: i64,
}

struct Open {
    device: Arc<Device>,
    key: Option<FileKey>,
}

impl Safe {
    /// Opens a device, as far as it opens without a PIN. A plain file is encrypted first in a build that encrypts.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing was deleted in any case.
    pub fn open(options: Options) -> Result<Safe, OpenError> {
        std::fs::create_dir_all(&options.dir).map_err(|error| OpenError::Store(StoreError::File(error)))?;
        let behind = Arc::new(Behind::new(Arc::clone(&options.surroundings)));
        let asked_unix_ms = options.surroundings.unix_ms();
        let safe = Safe {
            inner: Mutex::new(Inner { lock: read(&options.dir)?, open: None, ending: Weak::new(), asked_unix_ms }),
            dir: options.dir,
            around: options.surroundings,
            behind,
            tuning: options.tuning,
        };
        {
            let mut inner = lock(&safe.inner);
            let file = safe.dir.join(FILE);
            if inner.lock.as_ref().is_some_and(|lock| lock.encrypted) && !cipher::encrypts() && is_encrypted(&file)? {
                return Err(OpenError::Encrypted);
            }
            let key = match &inner.lock {
                // Waits for the PIN, or for somebody to hand in and begin anew.
                Some(lock) if lock.pin.is_some() || lock.wrapped.is_none() => None,
                // A key store that lost its part: it stays shut, and what is sealed can still be handed in.
                Some(lock) => safe.secret()?.and_then(|secret| lock.unwrap(&secret, None).ok()).map(Some),
                // An encrypted file whose lock file is gone is nobody's new phone: it stays shut, and what is sealed can be handed in.
                None if cipher::encrypts() && is_encrypted(&file)? => {
                    inner.lock = Some(LockFile { encrypted: true, ..LockFile::default() });
                    None
                }
                None => Some(safe.key_of_a_new_file(&mut inner)?),
            };
            if let Some(key) = key {
                safe.open_device(&mut inner, key)?;
            }
        }
        Ok(safe)
    }

    /// The device, unless it is locked.
    pub fn device(&self) -> Option<Arc<Device>> {
        lock(&self.inner).open.as_ref().map(|open| Arc::clone(&open.device))
    }

    /// Answers a command as [`Device::handle_json`] does, and none but a few while it is locked.
    pub fn handle_json(&self, command: &str) -> (String, Vec<Topic>) {
        let answer = match serde_json::from_str::<DeviceCommand>(command) {
            Ok(command) => self.handle(command),
            Err(_) => Err(UiError::of(ErrorCode::Malformed)),
        };
        let topics = answer.as_ref().map(|handled| handled.topics.clone()).unwrap_or_default();
        // Replies are plain shapes with text keys: they always have a JSON form.
        (serde_json::to_string(&answer).unwrap_or_else(|_| r#"{"Err":{"code":"internal"}}"#.to_owned()), topics)
    }

    /// Answers a command.
    ///
    /// # Errors
    /// What the person is told; [`ErrorCode::Locked`] for everything that has to wait for the PIN.
    pub fn handle(&self, command: DeviceCommand) -> Result<Handled, UiError> {
        use DeviceCommand as Ask;
        let now = self.around.unix_ms();
        let left_alone = {
            let mut inner = lock(&self.inner);
            let idle_ms = inner
                .lock
                .as_ref()
                .filter(|lock| lock.pin.is_some())
                .map(|lock| i64::from(lock.settings.lock_after_min) * 60_000);
            // A clock that was set back says nothing about how long nobody was here.
            let unsure = now + IDLE_GRACE_MS < inner.asked_unix_ms;
            let left_alone = idle_ms.is_some_and(|idle_ms| unsure || now - inner.asked_unix_ms > idle_ms + IDLE_GRACE_MS);
            // Screens ask how it stands without anybody touching them. Left alone, it stays so for whoever asks until it is shut.
            if !left_alone && !matches!(command, Ask::Status(_) | Ask::TellNetwork(_)) {
                inner.asked_unix_ms = now;
            }
            left_alone
        };
        if left_alone {
            self.shut();
        }
        let session = [Topic::Session, Topic::Sync];
        let answered = match command {
            Ask::Unlock(ask) => self.unlock(&ask.pin).and_then(|status| answer(status, &ALL)),
            Ask::Lock(_) => self.lock_now().and_then(|status| answer(status, &session)),
            Ask::SetPin(ask) => self.set_pin(&ask).and_then(|status| answer(status, &session)),
            Ask::DropPin(ask) => self.drop_pin(&ask.pin).and_then(|status| answer(status, &session)),
            Ask::HandInSealed(_) => self.hand_in_sealed().and_then(|handed| answer(handed, &session)),
            Ask::BeginAnew(_) => self.begin_anew().and_then(|status| answer(status, &session)),
            command => {
                let Some(device) = self.device() else {
                    return match command {
                        Ask::Status(_) => self.locked_status().and_then(|status| answer(status, &[])).map_err(Failure::into_ui),
                        _ => Err(UiError::of(ErrorCode::Locked)),
                    };
                };
                device.show_lock(self.shown(&lock(&self.inner)));
                if device.look_at_the_lease() && !lease::passes(&command) {
                    return Err(UiError::of(ErrorCode::LeaseOver));
                }
                let settings = match &command {
                    Ask::SaveSettings(_) => Some(()),
                    _ => None,
                };
                let handled = device.handle(command)?;
                if settings.is_some() {
                    self.wear(&device);
                }
                return Ok(handled);
            }
        };
        answered.map_err(Failure::into_ui)
    }

    /// Ends what goes on and closes the file in order.
    pub fn close(&self) {
        if let Some(device) = self.device() {
            device.end();
            device.close();
        }
    }

    fn secret(&self) -> Result<Option<[u8; 32]>, OpenError> {
        let text = self.around.keys().get(SECRET)?;
        Ok(text.and_then(|text| wrap::from_hex(&text)).and_then(|bytes| bytes.try_into().ok()))
    }

    fn key_of_a_new_file(&self, inner: &mut Inner) -> Result<Option<FileKey>, OpenError> {
        if cipher::encrypts() { self.first_key(inner, None).map(Some) } else { Ok(None) }
    }

    /// A key for a file that has none, wrapped, and the lock file on the disk before anything is encrypted under it.
    fn first_key(&self, inner: &mut Inner, pin: Option<&str>) -> Result<FileKey, OpenError> {
        let secret = match self.secret()? {
            Some(secret) => secret,
            None => {
                let secret = random_32(&*self.around);
                self.around.keys().set(SECRET, &wrap::to_hex(&secret))?;
                secret
            }
        };
        let key = FileKey::new(random_32(&*self.around));
        let mut made = inner.lock.clone().unwrap_or_default();
        made.wrap(&*self.around, &secret, pin, &key).map_err(|_| OpenError::KeyGone)?;
        self.write(&made)?;
        inner.lock = Some(made);
        Ok(key)
    }

    fn open_device(&self, inner: &mut Inner, key: Option<FileKey>) -> Result<(), OpenError> {
        let pin = inner.lock.as_ref().is_some_and(|lock| lock.pin.is_some());
        self.behind.keep_under(key.clone(), pin);
        if let Some(device) = inner.ending.upgrade() {
            inner.open = Some(Open { device, key });
            return Ok(());
        }
        let file = self.dir.join(FILE);
        let mut file_key = None;
        if let Some(key) = key.as_ref().filter(|_| cipher::encrypts()) {
            // Said before it is so: a build that cannot read it must not think it damaged.
            if let Some(lock) = inner.lock.as_mut().filter(|lock| !lock.encrypted) {
                lock.encrypted = true;
                self.write(lock)?;
            }
            if cipher::is_plain(&file).map_err(OpenError::Store)? {
                cipher::encrypt(&file, key, |_| Ok(())).map_err(OpenError::Store)?;
            }
            // Each time: a stop may have come between the two.
            remove_plain_copies(&file).map_err(OpenError::Store)?;
            file_key = Some(key.clone());
        }
        let options = Options {
            tuning: self.tuning,
            seals: key.is_some(),
            key: file_key,
            ..Options::new(self.dir.clone(), Arc::clone(&self.behind) as Arc<dyn Surroundings>)
        };
        let device = Arc::new(Device::open(options)?);
        inner.open = Some(Open { device, key });
        Ok(())
    }

    fn write(&self, made: &LockFile) -> Result<(), OpenError> {
        let text = serde_json::to_string(made).map_err(|error| OpenError::Store(error.into()))?;
        write_whole(&self.dir.join(LOCK), &text).map_err(|error| OpenError::Store(StoreError::File(error)))
    }

    /// What the lock screen wears from now on.
    fn wear(&self, device: &Device) {
        let mut inner = lock(&self.inner);
        let Some(made) = inner.lock.as_mut() else { return };
        if let Some(settings) = device.settings()
            && settings != made.settings
        {
            made.settings = settings;
            // It is dressed as before, then.
            let _ = self.write(made);
        }
    }

    fn shown(&self, inner: &Inner) -> LockStatus {
        let file = inner.lock.as_ref();
        LockStatus {
            lockable: true,
            pin: file.is_some_and(|file| file.pin.is_some()),
            encrypted: cipher::encrypts() && file.is_some_and(|file| file.encrypted),
            ..LockStatus::default()
        }
    }

    fn locked_status(&self) -> Result<DeviceStatus, Failure> {
        let inner = lock(&self.inner);
        let now = self.around.unix_ms();
        let tries = Tries::read(self.around.keys()).map_err(keys_failed)?.seen_at(now);
        let half = self.secret().map_err(|error| UiError::of(error.code()))?;
        // Without a PIN it stands open, unless what opens it is gone.
        let key_gone = half.is_none() || inner.lock.as_ref().is_none_or(|file| file.wrapped.is_none() || file.pin.is_none());
        let shown = LockStatus { key_gone, retry_after_s: tries.wait_s(now), ..self.shown(&inner) };
        let shown = self.with_sealed(shown, tries, inner.lock.as_ref().is_some_and(|file| file.handed_in))?;
        Ok(DeviceStatus {
            stage: Stage::Locked,
            account: None,
            device: None,
            server: String::new(),
            areas: Vec::new(),
            sync: SyncStatus::default(),
            settings: inner.lock.as_ref().map(|file| file.settings.clone()).unwrap_or_default(),
            today: domain::day::day_of(now.max(BUILT_ON_UNIX_MS)).to_string(),
            // Nothing is handed in behind a locked screen but the sealed file.
            evening: false,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            lock: shown,
        })
    }
}

/// Everything may look different behind another stage.
const ALL: [Topic; 8] =
    [Topic::Session, Topic::Units, Topic::People, Topic::Reports, Topic::Photos, Topic::Attention, Topic::Sync, Topic::Forms];

fn keys_failed(_: KeyError) -> Failure {
    ErrorCode::Keys.into()
}

fn open_failed(error: &OpenError) -> ErrorCode {
    match error {
        OpenError::Newer => ErrorCode::FileNewer,
        // The next try begins with an empty file, which the server fills again.
        OpenError::SetAside(_) => ErrorCode::FileCorrupt,
        OpenError::Store(error) => store_code(error),
        OpenError::Keys(_) => ErrorCode::Keys,
        OpenError::Encrypted => ErrorCode::Encrypted,
        OpenError::KeyGone => ErrorCode::KeyGone,
    }
}

impl OpenError {
    /// The sentence for a screen.
    pub fn code(&self) -> ErrorCode {
        open_failed(self)
    }
}

fn read(dir: &Path) -> Result<Option<LockFile>, OpenError> {
    match std::fs::read_to_string(dir.join(LOCK)) {
        // One that cannot be read opens nothing: it is not taken for none.
        Ok(text) => Ok(Some(serde_json::from_str(&text).unwrap_or_default())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::Store(StoreError::File(error))),
    }
}

/// Written beside and renamed: a crash leaves the old one or the new one.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("lock-new");
    crate::surroundings::write_for_owner(&beside, text)?;
    std::fs::rename(&beside, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn is_encrypted(file: &Path) -> Result<bool, OpenError> {
    Ok(file.exists() && !cipher::is_plain(file).map_err(OpenError::Store)?)
}

/// Copies that upgrades left while the file was plain: it is whole, and encrypted. Those of later upgrades are encrypted as it is.
fn remove_plain_copies(file: &Path) -> Result<(), StoreError> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else { return Ok(()) };
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_copy = entry.file_name().to_string_lossy().starts_with(&format!("{name}.before-"));
        if is_copy && cipher::is_plain(&entry.path())? {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
