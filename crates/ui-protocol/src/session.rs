//! Who and what this device is, and how its work stands with the server.

use domain::AccountId;
use domain::access::Role;
use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;
use crate::lock::LockStatus;

/// Asks for [`DeviceStatus`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {}

/// Makes this installation a device of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrol {
    /// Address of the server.
    pub server: String,
    /// One-time code.
    pub code: String,
    /// The account's password.
    pub password: String,
}

/// Signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// The account's password.
    pub password: String,
}

/// Locks the screen; nothing is deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignOut {}

/// Sets a forgotten password anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResetPassword {
    /// One-time code from an administrator.
    pub code: String,
    /// The new password.
    pub password: String,
}

/// How the app looks and speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `zh-CN` or `en`.
    pub language: String,
    /// Larger letters and targets.
    pub care: bool,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// Whole photos are sent over Wi-Fi only.
    pub photos_wifi_only: bool,
    /// Minutes without a touch after which it locks, where there is a PIN.
    pub lock_after_min: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            language: "zh-CN".to_owned(),
            care: false,
            theme: "auto".to_owned(),
            photos_wifi_only: false,
            lock_after_min: 5,
        }
    }
}

/// Keeps the settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveSettings {
    /// The new ones.
    pub settings: Settings,
}

/// Exchanges now. Answers when the run has ended or could not begin; progress comes by [`Status`] meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncNow {}

/// Stops a running exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncStop {}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Type the server's address and a code.
    NotEnrolled,
    /// Type the password.
    SignedOut,
    /// Type the PIN.
    Locked,
    /// Too long without the server: nothing is shown before the next exchange.
    LeaseOver,
    /// Work.
    Ready,
}

/// The account of this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What is typed.
    pub login: String,
    /// What people say.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

/// A village as people name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaName {
    /// 12 digits.
    pub code: String,
    /// The village.
    pub name: String,
    /// Its township.
    pub township: String,
}

/// A running first sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The village that is being loaded; empty for what belongs to no village.
    pub name: String,
    /// Records of it received.
    pub done: u64,
    /// Records of it the server has; 0 until it said so.
    pub total: u64,
    /// Everything has arrived, and lists and search are being made of it.
    pub making_lists: bool,
}

/// One area compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameScope {
    /// The area's name, or what the scope is for.
    pub name: String,
    /// Records here.
    pub count: u64,
    /// Both digests and counts agree; `None` before the first comparison.
    pub same: Option<bool>,
}

/// Why this device was given another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewedWhy {
    /// The phone came back from a backup.
    Restored,
    /// Its file was on two phones.
    Cloned,
    /// Its file was carried here.
    Copied,
    /// The server came back from a backup.
    Server,
}

/// Another number, taken without asking anybody: nothing was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// Why.
    pub why: RenewedWhy,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// How far a restored server was told what it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rescue {
    /// It is being told.
    Telling,
    /// It was told; an administrator has to confirm the grants before others' news come again.
    Waiting,
}

/// What was not sent yet when this device's file was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// Changes lifted out of the damaged file: they are sent like any others.
    pub changes: u64,
    /// Changes that waited there and could not be read; `None` when not even their number could.
    pub unread: Option<u64>,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// How the work stands with the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncStatus {
    /// Saves by this person since local midnight.
    pub saved_today: u64,
    /// Of those, answered and standing.
    pub on_server_today: u64,
    /// Of those, refused.
    pub refused_today: u64,
    /// Of those, in conflict.
    pub conflicts_today: u64,
    /// Changes not answered yet.
    pub waiting: u64,
    /// Conflicts to look at.
    pub conflicts_open: u64,
    /// Refused saves to look at.
    pub refused_open: u64,
    /// Saves that came too late and wait at the station, of the last month.
    pub held: u64,
    /// The server's time of its last answer, Unix milliseconds, UTC.
    pub receipt_unix_ms: Option<i64>,
    /// An exchange is running.
    pub syncing: bool,
    /// A first sync's progress.
    pub progress: Option<Progress>,
    /// Why the last exchange failed.
    pub problem: Option<ErrorCode>,
    /// This device was given another number lately.
    #[serde(default)]
    pub renewed: Option<Renewed>,
    /// The server came back from a backup, and this device is telling it what it lacks.
    #[serde(default)]
    pub rescue: Option<Rescue>,
    /// This device's file was damaged lately, and what was not sent was lifted out of it.
    #[serde(default)]
    pub lifted: Option<Lifted>,
    /// How much this phone's clock is ahead of the server's, milliseconds; only when it matters.
    pub clock_ahead_ms: Option<i64>,
    /// Whether both sides hold the same, by area.
    pub scopes: Vec<SameScope>,
    /// How the photos stand.
    #[serde(default)]
    pub photos: crate::photos::PhotosStatus,
}

/// Who and what this device is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// How far.
    pub stage: Stage,
    /// Whose.
    pub account: Option<Account>,
    /// Its number.
    pub device: Option<u32>,
    /// The server's address.
    pub server: String,
    /// Its villages.
    pub areas: Vec<AreaName>,
    /// How its work stands.
    pub sync: SyncStatus,
    /// How it looks.
    pub settings: Settings,
    /// The device's today, `YYYY-MM-DD`, Asia/Shanghai.
    pub today: String,
    /// The working day is over by this device's clock.
    #[serde(default)]
    pub evening: bool,
    /// The app's version.
    pub version: String,
    /// How it is locked.
    #[serde(default)]
    pub lock: LockStatus,
}
