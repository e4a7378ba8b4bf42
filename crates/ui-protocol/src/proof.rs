//! Whether both sides hold the same, area by area; a deep check on demand.

use serde::{Deserialize, Serialize};

/// Asks how both sides compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {}

/// Looks through everything on this device, puts right what can be, and compares with the server where there is a network.
/// Answers when it has ended; progress comes by [`Proof`] meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeepCheck {}

/// How both sides compare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProofReply {
    /// Area by area.
    pub areas: Vec<ProofLine>,
    /// When they were compared last, Unix milliseconds, UTC.
    pub compared_unix_ms: Option<i64>,
    /// Differences that were found in the last weeks, the newest first.
    pub repairs: Vec<RepairLine>,
    /// A deep check is running.
    pub checking: Option<Checking>,
    /// The last deep check since the app was started.
    pub checked: Option<Checked>,
}

/// How far a deep check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checking {
    /// Rows looked at.
    pub done: u64,
    /// Rows there are, about.
    pub total: u64,
}

/// One area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProofLine {
    /// The area's name, or what the scope is for.
    pub name: String,
    /// Living records here.
    pub here: u64,
    /// Living records on the server, as it last said.
    pub there: u64,
    /// Both sides agree; `None` before the first comparison.
    pub same: Option<bool>,
}

/// A difference that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepairLine {
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// The area's name, or what the scope is for.
    pub name: String,
    /// Sums that had been added up wrong.
    pub miscounted: u64,
    /// Records fetched or let go.
    pub records: u64,
    /// Both sides hold the same again.
    pub mended: bool,
}

/// What can be wrong with a device's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// SQLite finds the file damaged.
    File,
    /// A record cannot be read.
    Record,
    /// A record is kept under a hash that is not its own.
    Hash,
    /// The sum of an area is not that of its records.
    Sum,
    /// The outbox is out of order, or a change says something else than its envelope.
    Outbox,
    /// What a person sees is not what the server said with the waiting changes on top.
    Overlay,
    /// The table of references says something else than the records.
    References,
    /// Lists show what is not here.
    Lists,
}

/// A deep check that has ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// Records looked through.
    pub records: u64,
    /// Milliseconds it took.
    pub took_ms: u64,
    /// What was wrong, and how often; empty when nothing was.
    pub wrong: Vec<(Wrong, u64)>,
    /// It was compared with the server afterwards, and both sides hold the same; `None` without a network.
    pub same: Option<bool>,
}

/// Asks, at the desk, what devices last said they hold beside what the server held then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationProof {
    /// One device, or all of the station's villages.
    #[serde(default)]
    pub device: Option<u32>,
}

/// What devices last said they hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationProofReply {
    /// Device by device, area by area; those that differ first.
    pub rows: Vec<StationProofRow>,
}

/// What one device last said of one area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationProofRow {
    /// Its number.
    pub device: u32,
    /// Whose.
    pub name: String,
    /// The area's name, or what the scope is for: `county`, `account`, `owner`.
    pub area: String,
    /// Living records on the device, as it last said.
    pub on_device: u64,
    /// Living records on the server now.
    pub on_server: u64,
    /// What it said they add up to; empty before it said anything.
    pub digest: String,
    /// When it said so, Unix milliseconds, UTC.
    pub said_unix_ms: Option<i64>,
    /// What the last comparison found: `None` before the first.
    pub same: Option<bool>,
    /// When that was, Unix milliseconds, UTC.
    pub compared_unix_ms: Option<i64>,
    /// The server holds newer records than the device had fetched when it last spoke.
    pub behind: bool,
}
