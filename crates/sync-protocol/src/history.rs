//! What was done to a record, by whom, when and from which device, and what it replaced: whole only on the server.

use domain::access::Role;
use domain::{Fields, RecordId, Verb};
use serde::{Deserialize, Serialize};

/// Records in one question: one thing with what belongs to it.
pub const HISTORY_RECORDS_MAX: usize = 64;
/// Entries in one answer.
pub const ENTRIES_MAX: usize = 100;

/// Asks for the changes of some records, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskHistory {
    /// Which records, at most [`HISTORY_RECORDS_MAX`].
    pub records: Vec<RecordId>,
    /// So many were told already.
    #[serde(default)]
    pub skip: u32,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its values went in.
    Ok,
    /// Some value met another.
    Merged,
    /// It did nothing.
    Refused,
    /// The station decides.
    Held,
}

/// What a value replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Was {
    /// Nothing: it is the first.
    Nothing,
    /// This.
    Value(Fields),
    /// Nobody knows any more, or it is not for whoever asks.
    Unknown,
}

/// A group that was given a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryGroup {
    /// Which.
    pub group: String,
    /// Its value, document numbers masked; empty where only the group was named.
    pub fields: Fields,
    /// What its writer replaced.
    pub was: Was,
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The record.
    pub record: RecordId,
    /// Its noun.
    pub kind: String,
    /// What was done.
    pub verb: Verb,
    /// When, by the writer's clock and never later than it was received. Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// When the server had it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// From which device; 0 is the server, `None` where that is not for whoever asks.
    pub device: Option<u32>,
    /// Who, as people call them; empty for the server and where it is not for whoever asks.
    #[serde(default)]
    pub by: String,
    /// What they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// It was whoever asks.
    #[serde(default)]
    pub mine: bool,
    /// The number of the save, as people read it; empty for the server.
    #[serde(default)]
    pub no: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What it set.
    pub groups: Vec<EntryGroup>,
}
