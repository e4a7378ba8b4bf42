//! A device goes on under another number, without bothering a person: its file was restored, cloned or copied, or the server
//! was. It proves itself with what it has; the old number takes no more pushes, from whichever copy they come.

use std::collections::BTreeMap;

use domain::{AccountId, DeviceNumber, Origin, Record};
use serde::{Deserialize, Serialize};

use crate::account::AccountInfo;
use crate::exchange::Position;

/// What happened, as far as it can be told from both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// The server knows more of this device than the device does: it came back from a backup.
    Restored,
    /// Two files say different things under one number.
    Cloned,
    /// The file is not where it was enrolled.
    Copied,
    /// The server came back from a backup.
    Server,
}

impl Renewal {
    /// As stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Renewal::Restored => "restored",
            Renewal::Cloned => "cloned",
            Renewal::Copied => "copied",
            Renewal::Server => "server",
        }
    }
}

/// Asks for a new number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Renew {
    /// Whose the file is: a file that was carried to somebody else's phone is not theirs.
    pub account: AccountId,
    /// The new name of the installation.
    pub install: String,
    /// What the device calls itself.
    pub model: String,
    /// The app's version.
    pub version: String,
    /// Why, where the device knows; otherwise the server says it.
    #[serde(default)]
    pub why: Option<Renewal>,
    /// The last change whose verdict it holds.
    #[serde(default)]
    pub acked: Option<Position>,
    /// The last it ever numbered.
    #[serde(default)]
    pub newest: Option<Position>,
}

/// A secret that does not print itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Who the device is from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Renewed {
    /// Its number.
    pub device: DeviceNumber,
    /// 256 random bits as hexadecimal.
    pub secret: Secret,
    /// Which history of the server it talks to.
    pub epoch: String,
    /// Whose device it is.
    pub account: AccountInfo,
    /// What happened.
    pub why: Renewal,
    /// The server's clock, Unix milliseconds, UTC.
    pub server_unix_ms: i64,
}

/// Records in one offer: what belongs together goes together, and a save is never larger.
pub const OFFERS_MAX: usize = 150;

/// A record as a device holds it, offered to a server that came back from a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// As the server said it before it was lost. Only the groups this device did not write itself: those it tells again.
    pub record: Record,
    /// What of this device's own stood there before, by group: the value offered came after it.
    #[serde(default)]
    pub over: BTreeMap<String, Origin>,
}
