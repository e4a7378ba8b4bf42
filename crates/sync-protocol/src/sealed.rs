//! Saves sealed to the county's key: what a locked phone may hand in although nobody can read it there any more (protocol §12).
//!
//! A sealed box of NaCl: X25519 with a key made for this save alone, XSalsa20 and Poly1305. Whoever holds the county's public key can
//! make one, so a box proves nothing about who made it: what comes out of it is late work, and the station decides.

use crypto_box::aead::rand_core::{CryptoRng, RngCore};
use crypto_box::{PublicKey, SecretKey};
use domain::{AccountId, Change};
use serde::{Deserialize, Serialize};

/// Where sealed saves are handed in. Proven by a word that is good for nothing else.
pub const SEALED_PATH: &str = "/sync/v1/sealed";
/// Bytes of one request: a save may be large, and is not split.
pub const HAND_IN_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Saves in one request.
pub const HAND_IN_SAVES_MAX: usize = 500;
/// Random bytes a box is made with.
pub const SEAL_RANDOM_BYTES: usize = 32;

/// What is in a box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SealedSave {
    /// Whose save it is.
    pub account: AccountId,
    /// The save, whole and in its order.
    pub changes: Vec<Change>,
}

/// Sealed saves, in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HandIn {
    /// Boxes as hexadecimal.
    pub saves: Vec<String>,
}

/// What became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandInReply {
    /// Held for the station now.
    pub held: u64,
    /// The server had them already.
    pub known: u64,
    /// Boxes that do not open, or hold no save of this account: nothing can be done with them.
    pub refused: u64,
    /// Saves at the end for which there was no room any more: they were not taken.
    pub left: u64,
}

/// Why a box does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is no key.
    #[error("not a key")]
    Key,
    /// It was made for another key, was changed, or is no box.
    #[error("the box does not open")]
    Shut,
    /// What was in it is no save.
    #[error("no save is in the box")]
    NotASave,
}

/// Random bytes that were drawn before: nothing below the shells draws its own.
struct Drawn<'b>(&'b [u8]);

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }
    fn fill_bytes(&mut self, into: &mut [u8]) {
        let (now, rest) = self.0.split_at(into.len().min(self.0.len()));
        assert_eq!(now.len(), into.len(), "a box is made with one key of its own: thirty-two bytes");
        into.copy_from_slice(now);
        self.0 = rest;
    }
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), crypto_box::aead::rand_core::Error> {
        self.fill_bytes(into);
        Ok(())
    }
}

impl CryptoRng for Drawn<'_> {}

/// The public key that belongs to a secret one, both as hexadecimal.
///
/// # Errors
/// [`SealError::Key`].
pub fn public_key(secret: &str) -> Result<String, SealError> {
    let secret = SecretKey::from(key(secret)?);
    Ok(to_hex(secret.public_key().as_bytes()))
}

/// Seals a save with random bytes that are used for nothing else.
///
/// # Errors
/// [`SealError::Key`].
pub fn seal(county: &str, random: [u8; SEAL_RANDOM_BYTES], save: &SealedSave) -> Result<String, SealError> {
    let county = PublicKey::from(key(county)?);
    let plain = serde_json::to_vec(save).map_err(|_| SealError::NotASave)?;
    let boxed = county.seal(&mut Drawn(&random), &plain).map_err(|_| SealError::Key)?;
    Ok(to_hex(&boxed))
}

/// Opens a box with the county's secret key.
///
/// # Errors
/// See [`SealError`].
pub fn open(secret: &str, boxed: &str) -> Result<SealedSave, SealError> {
    let secret = SecretKey::from(key(secret)?);
    let boxed = from_hex(boxed).ok_or(SealError::Shut)?;
    let plain = secret.unseal(&boxed).map_err(|_| SealError::Shut)?;
    serde_json::from_slice(&plain).map_err(|_| SealError::NotASave)
}

fn key(text: &str) -> Result<[u8; 32], SealError> {
    from_hex(text).and_then(|bytes| bytes.try_into().ok()).ok_or(SealError::Key)
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

    fn save() -> SealedSave {
        SealedSave { account: AccountId(uuid::Uuid::from_u128(7)), changes: Vec::new() }
    }

    #[test]
    fn a_box_opens_with_its_key_and_no_other_and_not_when_it_was_changed() {
        let county = public_key(SECRET).expect("a key");
        let boxed = seal(&county, [9; 32], &save()).expect("sealed");
        assert_eq!(open(SECRET, &boxed), Ok(save()));
        assert_ne!(seal(&county, [8; 32], &save()).expect("sealed"), boxed, "another key of its own, another box");
        assert_eq!(open(&SECRET.replace("01", "02"), &boxed), Err(SealError::Shut), "another county's");
        for (text, why) in [("", "empty"), ("zz", "no hexadecimal"), ("0", "half a byte"), (&boxed[..boxed.len() - 2], "cut")] {
            assert_eq!(open(SECRET, text), Err(SealError::Shut), "{why}");
        }
        for at in [0, 70, boxed.len() - 1] {
            let mut bytes = boxed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("still text");
            assert_eq!(open(SECRET, &changed), Err(SealError::Shut), "changed at {at}");
        }
        assert_eq!(seal("00", [9; 32], &save()), Err(SealError::Key));
    }

    #[test]
    fn what_is_no_save_is_none() {
        let county = PublicKey::from(key(&public_key(SECRET).expect("a key")).expect("a key"));
        let boxed = county.seal(&mut Drawn(&[9; 32]), b"{half").expect("sealed");
        assert_eq!(open(SECRET, &to_hex(&boxed)), Err(SealError::NotASave));
    }
}
