//! Enrolling a device and signing in: small, rare, plain JSON.

use domain::access::Role;
use domain::{AccountId, DeviceNumber};
use serde::{Deserialize, Serialize};

/// Who an account is, as its own device shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountInfo {
    /// Its id.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// What people say.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

/// Turns a one-time code into a device.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// Typed or scanned; valid once and for 15 minutes.
    pub code: String,
    /// The password of the account the code belongs to.
    pub password: String,
    /// Names the installation; kept outside the database file, so that a copied file is noticed.
    pub install: String,
    /// What the device calls itself, for the administrator's list.
    pub model: String,
    /// The app's version.
    pub version: String,
}

/// A device's identity.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolReply {
    /// Its number.
    pub device: DeviceNumber,
    /// 256 random bits as hexadecimal; kept in the platform's key store, only its hash on the server.
    pub secret: String,
    /// Which history of the server it talks to.
    pub epoch: String,
    /// Whose device it is.
    pub account: AccountInfo,
    /// The server's clock, Unix milliseconds, UTC.
    pub server_unix_ms: i64,
}

/// Asks whether a password is right; the device then remembers a hash of its own and signs in offline.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignInRequest {
    /// The account.
    pub login: String,
    /// Its password.
    pub password: String,
}

/// Sets a new password with a one-time code from an administrator.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordRequest {
    /// The account.
    pub login: String,
    /// From the administrator.
    pub code: String,
    /// The new password.
    pub password: String,
}

/// Answer to a sign-in or a new password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordReply {
    /// Whose it is.
    pub account: AccountInfo,
}
