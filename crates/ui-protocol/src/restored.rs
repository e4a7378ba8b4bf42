//! A server that came back from a backup, until an administrator has said that its grants are right.

use serde::{Deserialize, Serialize};

/// Asks how the server stands since it came back from a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {}

/// Says that accounts, villages and devices are right again: from now on devices are told what left them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfirmRestore {}

/// How the server stands since it came back from a backup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RestoredReply {
    /// When it came back, Unix milliseconds, UTC; `None` where it never did, or too long ago to matter.
    pub at_unix_ms: Option<i64>,
    /// Nobody has confirmed it yet.
    pub waits: bool,
    /// The one who asks may confirm it.
    pub may_confirm: bool,
    /// Changes from before that came again from devices: what the backup lacked.
    pub came_back: u64,
    /// Saves from before that wait for a decision of their station.
    pub held: u64,
    /// Devices that work.
    pub devices: u64,
    /// Devices that have not spoken since: what they hold may still come.
    pub silent: Vec<SilentDevice>,
}

/// A device that has not spoken since the server came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SilentDevice {
    /// Its number.
    pub device: u32,
    /// Whose.
    pub name: String,
    /// Last contact as the backup knows it, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
}
