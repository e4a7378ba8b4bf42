//! What a shell gives a device: clock, randomness, keys, and a way to the server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use domain::DeviceNumber;
use sync_protocol::blob::BlobServer;
use sync_protocol::sealed::{HandIn, HandInReply};
use sync_protocol::{EnrolReply, EnrolRequest, PasswordReply, PasswordRequest, SignInRequest, SyncError, SyncServer};

/// Clock, randomness, keys, network. Everything a test wants to decide.
pub trait Surroundings: Send + Sync {
    /// The wall clock as it is, Unix milliseconds, UTC.
    fn unix_ms(&self) -> i64;
    /// Ten random bytes.
    fn random(&self) -> [u8; 10];
    /// Where secrets are kept.
    fn keys(&self) -> &dyn KeyStore;
    /// The way to the server.
    fn connector(&self) -> &dyn Connector;
    /// What this device calls itself.
    fn model(&self) -> String;
    /// Whether the next page may be fetched on one thread while another stores the last one. Not where every step has to come in an
    /// order that can be repeated.
    fn asks_ahead(&self) -> bool;
}

/// Thirty-two random bytes.
pub(crate) fn random_32(around: &dyn Surroundings) -> [u8; 32] {
    let mut bytes = [0; 32];
    for piece in bytes.chunks_mut(10) {
        piece.copy_from_slice(&around.random()[..piece.len()]);
    }
    bytes
}

/// Why a secret could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("the key store refused: {0}")]
pub struct KeyError(pub String);

/// The platform's key store.
pub trait KeyStore: Send + Sync {
    /// A secret by name.
    ///
    /// # Errors
    /// When the store does not answer.
    fn get(&self, name: &str) -> Result<Option<String>, KeyError>;
    /// Keeps a secret.
    ///
    /// # Errors
    /// When the store does not answer.
    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError>;
    /// Forgets a secret, and is content when there is none.
    ///
    /// # Errors
    /// When the store does not answer.
    fn remove(&self, name: &str) -> Result<(), KeyError>;
}

/// How a device proves itself.
#[derive(Clone)]
pub struct Credentials {
    /// Its number.
    pub device: DeviceNumber,
    /// Its secret, hexadecimal.
    pub secret: String,
}

/// The way to a server at an address.
pub trait Connector: Send + Sync {
    /// Someone who answers exchanges.
    fn server(&self, address: &str, credentials: Credentials) -> Box<dyn SyncServer + Send>;
    /// Someone who takes and gives photos' bytes.
    fn blobs(&self, address: &str, credentials: Credentials) -> Box<dyn BlobServer + Send>;
    /// Becomes a device.
    ///
    /// # Errors
    /// See [`SyncError`].
    fn enrol(&self, address: &str, request: EnrolRequest) -> Result<EnrolReply, SyncError>;
    /// Checks a password.
    ///
    /// # Errors
    /// See [`SyncError`].
    fn sign_in(&self, address: &str, credentials: Credentials, request: SignInRequest) -> Result<PasswordReply, SyncError>;
    /// Sets a password anew.
    ///
    /// # Errors
    /// See [`SyncError`].
    fn password(&self, address: &str, credentials: Credentials, request: PasswordRequest) -> Result<PasswordReply, SyncError>;
    /// Hands in sealed saves, proven by a word that is good for nothing else.
    ///
    /// # Errors
    /// See [`SyncError`].
    fn hand_in(&self, address: &str, word: Credentials, sealed: HandIn) -> Result<HandInReply, SyncError>;
}

/// Secrets in memory, for tests and for a run that should leave nothing.
#[derive(Default)]
pub struct MemoryKeys(Mutex<BTreeMap<String, String>>);

impl MemoryKeys {
    /// Holds what another store holds, as when a whole phone is copied or comes back from a backup.
    pub fn hold_what(&self, other: &MemoryKeys) {
        let theirs = crate::lock(&other.0).clone();
        *crate::lock(&self.0) = theirs;
    }
}

impl KeyStore for MemoryKeys {
    fn get(&self, name: &str) -> Result<Option<String>, KeyError> {
        Ok(crate::lock(&self.0).get(name).cloned())
    }
    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError> {
        crate::lock(&self.0).insert(name.to_owned(), secret.to_owned());
        Ok(())
    }
    fn remove(&self, name: &str) -> Result<(), KeyError> {
        crate::lock(&self.0).remove(name);
        Ok(())
    }
}

/// Secrets in a folder that only its owner may read: for systems without a key store, and for tests.
pub struct FileKeys {
    dir: PathBuf,
}

impl FileKeys {
    /// Keys in this folder; made when it is not there.
    pub fn new(dir: PathBuf) -> FileKeys {
        FileKeys { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        self.dir.join(format!("{safe}.key"))
    }
}

impl KeyStore for FileKeys {
    fn get(&self, name: &str) -> Result<Option<String>, KeyError> {
        match std::fs::read_to_string(self.path(name)) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError(error.kind().to_string())),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError> {
        let refused = |error: std::io::Error| KeyError(error.kind().to_string());
        std::fs::create_dir_all(&self.dir).map_err(refused)?;
        // Written beside and renamed, so that a crash leaves the old or the new secret and never half of one.
        let path = self.path(name);
        let beside = path.with_extension("new");
        write_for_owner(&beside, secret).map_err(refused)?;
        std::fs::rename(&beside, &path).map_err(refused)
    }

    fn remove(&self, name: &str) -> Result<(), KeyError> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeyError(error.kind().to_string())),
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
pub(crate) fn write_for_owner(path: &std::path::Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn write_for_owner(path: &std::path::Path, secret: &str) -> std::io::Result<()> {
    std::fs::write(path, secret)
}
