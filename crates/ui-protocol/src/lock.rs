//! The lock: a PIN, what it opens, and what can still be handed in when nobody knows it any more.

use serde::{Deserialize, Serialize};

/// Opens the lock.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Unlock {
    /// Digits.
    pub pin: String,
}

/// Locks now; nothing is deleted, and a form that is being typed stays kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock {}

/// Sets the PIN, or changes it. The file is not written anew: only its key is wrapped another way.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SetPin {
    /// The one in force; empty for the first.
    pub old: String,
    /// [`PIN_DIGITS_MIN`] to [`PIN_DIGITS_MAX`] digits.
    pub new: String,
}

/// Takes the PIN away; whoever holds the phone needs the account's password again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DropPin {
    /// The one in force.
    pub pin: String,
}

/// Hands in what is sealed for the county. The one thing a locked device may say to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandInSealed {}

/// What the server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedIn {
    /// Saves the server now holds for the station.
    pub held: u64,
    /// Saves it had already.
    pub known: u64,
    /// Boxes that nobody can open: they stay on the device.
    #[serde(default)]
    pub refused: u64,
}

/// Gives the locked file up and begins anew, as a phone that belongs to nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeginAnew {}

/// Digits of a PIN, at least.
pub const PIN_DIGITS_MIN: usize = 6;
/// At most.
pub const PIN_DIGITS_MAX: usize = 12;

// A PIN is no more printed than a password is.
impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unlock")
    }
}
impl std::fmt::Debug for SetPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetPin")
    }
}
impl std::fmt::Debug for DropPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DropPin")
    }
}

/// How a device is locked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LockStatus {
    /// This shell can lock.
    pub lockable: bool,
    /// There is a PIN.
    pub pin: bool,
    /// The file on this device is encrypted.
    pub encrypted: bool,
    /// Wrong tries left before the key is destroyed; `None` while it is not destroyed, because something that was not sent yet could
    /// not be handed in without it.
    pub tries_left: Option<u32>,
    /// Seconds until the next try.
    pub retry_after_s: u64,
    /// The key is gone: nothing here can be read any more.
    pub key_gone: bool,
    /// Saves that are sealed for the county and wait to be handed in.
    pub sealed: u64,
    /// Everything that was not sent is among them.
    pub sealed_whole: bool,
    /// What is sealed was handed in since, and nothing came after it.
    pub handed_in: bool,
}
