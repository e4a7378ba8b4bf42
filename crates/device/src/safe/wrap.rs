//! The key of the file, wrapped: by a secret in the key store, and by the PIN where there is one.
//!
//! ```text
//!   PIN ─────────┐
//!   key store ───┴─ argon2id ─► opens ─► the file's key ─┬─► doorstep.db
//!   (32 bytes)                  (doorstep.lock)          └─► the device's secret for the server
//! ```
//!
//! Three things in three places: the PIN in a head, the secret in the key store, the wrapped key beside the file. A changed PIN wraps
//! the same key anew: the file is not written again.

use argon2::{Algorithm, Argon2, Params, Version};
use crypto_secretbox::aead::{Aead, KeyInit};
use crypto_secretbox::{Key, Nonce, XSalsa20Poly1305};
use serde::{Deserialize, Serialize};
use store::cipher::FileKey;
use ui_protocol::session::Settings;
use zeroize::Zeroizing;

use crate::surroundings::{Surroundings, random_32 as random};

/// Argon2id after RFC 9106's second choice (64 MiB, three passes), on one lane since a phone's other core draws the screen: an eighth
/// of a second here, half a second on a slow phone. A PIN of six digits is a million guesses; what keeps them from being tried
/// elsewhere is the secret in the key store, and here the count of tries.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What a file may ask for: it lies where others may write.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 10;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// How a PIN becomes a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stretch {
    salt: String,
    memory_kib: u32,
    passes: u32,
}

/// What lies beside the file: nothing of it tells anything without the other two.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LockFile {
    /// Of this form: 1.
    pub(crate) version: u32,
    /// The PIN is needed too.
    pub(crate) pin: Option<Stretch>,
    /// The file's key, wrapped; `None` once it was destroyed.
    pub(crate) wrapped: Option<String>,
    /// The file beside it is encrypted under this key.
    pub(crate) encrypted: bool,
    /// What is sealed was handed in since it was locked.
    pub(crate) handed_in: bool,
    /// What the lock screen wears.
    pub(crate) settings: Settings,
}

/// Why a wrapped key did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// Another PIN, or another secret in the key store.
    Wrong,
    /// There is nothing to open.
    Gone,
}

impl LockFile {
    /// Wraps a key: by the secret, and by a PIN where there is one.
    pub(crate) fn wrap(
        &mut self,
        around: &dyn Surroundings,
        secret: &[u8; 32],
        pin: Option<&str>,
        key: &FileKey,
    ) -> Result<(), Shut> {
        let salt = random(around);
        let stretch = pin.map(|_| Stretch { salt: to_hex(&salt[..SALT_BYTES]), memory_kib: MEMORY_KIB, passes: PASSES });
        let opener = opener(secret, pin, stretch.as_ref())?;
        let nonce = random(around);
        self.wrapped = Some(seal(&opener, &nonce, key.bytes())?);
        self.pin = stretch;
        self.version = 1;
        Ok(())
    }

    /// Opens it again.
    pub(crate) fn unwrap(&self, secret: &[u8; 32], pin: Option<&str>) -> Result<FileKey, Shut> {
        let wrapped = self.wrapped.as_deref().ok_or(Shut::Gone)?;
        let opened = open(&*opener(secret, pin, self.pin.as_ref())?, wrapped)?;
        let bytes: [u8; 32] = opened.as_slice().try_into().map_err(|_| Shut::Wrong)?;
        Ok(FileKey::new(bytes))
    }
}

/// What opens a wrapped key.
fn opener(secret: &[u8; 32], pin: Option<&str>, stretch: Option<&Stretch>) -> Result<Zeroizing<[u8; 32]>, Shut> {
    let mut opener = Zeroizing::new(*secret);
    match (pin, stretch) {
        (None, None) => Ok(opener),
        (Some(pin), Some(stretch)) => {
            let salt = from_hex(&stretch.salt).ok_or(Shut::Wrong)?;
            let params = Params::new(stretch.memory_kib.min(MEMORY_KIB_MAX), stretch.passes.min(PASSES_MAX), 1, Some(32))
                .map_err(|_| Shut::Wrong)?;
            Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params)
                .and_then(|argon2| argon2.hash_password_into(pin.as_bytes(), &salt, &mut *opener))
                .map_err(|_| Shut::Wrong)?;
            Ok(opener)
        }
        _ => Err(Shut::Wrong),
    }
}

/// Seals bytes: the nonce, then the box, as hexadecimal.
pub(crate) fn seal(key: &[u8; 32], random: &[u8; 32], plain: &[u8]) -> Result<String, Shut> {
    let nonce = &random[..NONCE_BYTES];
    let boxed = XSalsa20Poly1305::new(Key::from_slice(key)).encrypt(Nonce::from_slice(nonce), plain).map_err(|_| Shut::Wrong)?;
    Ok(to_hex(nonce) + &to_hex(&boxed))
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(key: &[u8; 32], sealed: &str) -> Result<Zeroizing<Vec<u8>>, Shut> {
    let bytes = from_hex(sealed).filter(|bytes| bytes.len() > NONCE_BYTES).ok_or(Shut::Wrong)?;
    let (nonce, boxed) = bytes.split_at(NONCE_BYTES);
    let plain = XSalsa20Poly1305::new(Key::from_slice(key)).decrypt(Nonce::from_slice(nonce), boxed).map_err(|_| Shut::Wrong)?;
    Ok(Zeroizing::new(plain))
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
