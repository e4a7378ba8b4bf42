//! Who set what, when, from which device, and what it replaced.

use domain::access::Role;
use domain::{Fields, RecordId, Verb};
use serde::{Deserialize, Serialize};

use crate::units::ChangeState;

/// Asks for what this device knows of a record's past, and of what belongs to it. Needs no network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The record.
    pub id: RecordId,
}

/// Asks the server for all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WholeHistory {
    /// The record.
    pub id: RecordId,
    /// So many lines were told already.
    #[serde(default)]
    pub skip: u32,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Whoever looks.
    Me,
    /// The server, by its rules.
    Server,
    /// Somebody, as people call them.
    Named(String),
    /// Somebody whose name is not known here: the device says whom to ask for.
    Device(u32),
    /// Somebody whose name is not for whoever looks.
    Role(Role),
}

/// What a value replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Was {
    /// Nothing: it is the first.
    Nothing,
    /// This.
    Value(Fields),
    /// Nobody here knows; the server may.
    Unknown,
}

/// A group of fields that was set together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryGroup {
    /// Which.
    pub group: String,
    /// What it was set to; document numbers are masked.
    pub fields: Fields,
    /// What it replaced.
    pub was: Was,
}

/// The page a line leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The record's noun.
    pub kind: String,
    /// The record.
    pub id: RecordId,
    /// Whose page it stands on, when it has none of its own.
    pub on_page_of: Option<RecordId>,
}

/// Something that happened to a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The record.
    pub record: RecordId,
    /// Its noun.
    pub kind: String,
    /// Which of several of its kind: a home, a room.
    pub about: String,
    /// Where the record is to be seen; none of what is not here, or shown nowhere by itself.
    #[serde(default)]
    pub page: Option<HistoryPage>,
    /// What was done.
    pub verb: Verb,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// Who.
    pub by: By,
    /// From which device; `None` where it is not for whoever looks.
    pub device: Option<u32>,
    /// What it set.
    pub groups: Vec<HistoryGroup>,
    /// Waiting, answered, in conflict, refused.
    pub state: ChangeState,
    /// The number of the save, as people read it; empty where nobody here knows it.
    pub no: String,
}

/// A record's past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryView {
    /// The record.
    pub id: RecordId,
    /// Its noun.
    pub kind: String,
    /// A name or an address.
    pub title: String,
    /// What happened, the newest first.
    pub lines: Vec<HistoryLine>,
    /// There is more than was told.
    pub more: bool,
    /// The server has it: it can be asked for all of it.
    pub sent: bool,
    /// Where it is to be seen.
    pub page: Option<HistoryPage>,
}
