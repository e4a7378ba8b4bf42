//! Where this device's secret lies: in the platform's key store, or in a folder only its owner may read where there is none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use device::{FileKeys, KeyError, KeyStore};
use keyring_core::{CredentialStore, Entry, Error};

/// Under this name the secrets appear in the system's list of passwords.
const SERVICE: &str = "cn.changshan.doorstep";
/// Names a folder for the secrets instead of the platform's store: tests, and systems without one.
const KEYS_DIR: &str = "DOORSTEP_KEYS_DIR";

/// The key store for the device `name` whose file lies in `dir`.
pub fn choose(dir: &Path, name: &str) -> Box<dyn KeyStore> {
    if let Some(keys) = std::env::var_os(KEYS_DIR) {
        return Box::new(FileKeys::new(PathBuf::from(keys).join(name)));
    }
    let files = dir.join("keys");
    // A device that began with files goes on with them: a key store that appears later does not know its secret.
    if files.exists() {
        return Box::new(FileKeys::new(files));
    }
    match platform() {
        Ok(store) => {
            // The whole path: `--dir` makes a second "device-1" on this computer, and one must not take the other's secret.
            let device = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()).display().to_string();
            Box::new(PlatformKeys { store, device })
        }
        Err(_) => Box::new(FileKeys::new(files)),
    }
}

#[cfg(target_os = "linux")]
fn platform() -> Result<Arc<CredentialStore>, Error> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn platform() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn platform() -> Result<Arc<CredentialStore>, Error> {
    // On phones the app's own folder is closed to every other app.
    Err(Error::NotSupportedByStore("no store for this system yet".to_owned()))
}

/// The platform's store; several devices of one computer do not see each other's secrets.
struct PlatformKeys {
    store: Arc<CredentialStore>,
    device: String,
}

impl PlatformKeys {
    fn entry(&self, name: &str) -> Result<Entry, Error> {
        self.store.build(SERVICE, &format!("{}/{name}", self.device), None)
    }
}

impl KeyStore for PlatformKeys {
    fn get(&self, name: &str) -> Result<Option<String>, KeyError> {
        match self.entry(name).and_then(|entry| entry.get_password()) {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(KeyError(error.to_string())),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError> {
        self.entry(name).and_then(|entry| entry.set_password(secret)).map_err(|error| KeyError(error.to_string()))
    }

    fn remove(&self, name: &str) -> Result<(), KeyError> {
        match self.entry(name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(KeyError(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_began_with_files_goes_on_with_them() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        FileKeys::new(dir.path().join("keys")).set("a-name", "a-secret").expect("writes");
        let keys = choose(dir.path(), "device-1");
        assert_eq!(keys.get("a-name").expect("reads").as_deref(), Some("a-secret"));
        assert_eq!(keys.get("another").expect("reads"), None);
    }
}
