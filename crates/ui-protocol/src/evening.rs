//! The end of the day: what was done on this device, and how far it has come.

use domain::RecordId;
use serde::{Deserialize, Serialize};

use crate::units::ChangeState;

/// Asks what was done on a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DayLog {
    /// `YYYY-MM-DD`; today without.
    pub on: Option<String>,
}

/// What a save was about, first of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayEvent {
    /// Somebody was at a door.
    Visited,
    /// Somebody was registered.
    Registered,
    /// A person's values changed.
    Changed,
    /// Somebody moved inside the county.
    Moved,
    /// Somebody was handed over to another village.
    HandedOver,
    /// A registration ended.
    Departed,
    /// A foreign document was noted for the station.
    Referred,
    /// A safety check.
    Checked,
    /// A hazard was found by itself.
    HazardFound,
    /// A hazard was looked at again or handed over.
    HazardLooked,
    /// A letter was signed.
    LetterSigned,
    /// A report was verified or sent back.
    ReportDecided,
    /// Something about a permit.
    PermitStep,
    /// A home was entered.
    HomeAdded,
    /// A home's values changed.
    HomeChanged,
    /// Something was taken back as a mistake.
    TakenBack,
    /// A photo.
    Photographed,
    /// A conflict or a question about two people was settled.
    Settled,
    /// A document number was looked at.
    Looked,
    /// Something this version has no word for.
    Other,
}

/// One save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayLine {
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// What it was.
    pub event: DayEvent,
    /// The record it is about.
    pub record: RecordId,
    /// Its noun.
    pub kind: String,
    /// Whose page it stands on, when it has none of its own.
    pub on_page_of: Option<RecordId>,
    /// A name or an address.
    pub title: String,
    /// The groups that were changed, for a change.
    pub groups: Vec<String>,
    /// How far it has come.
    pub state: ChangeState,
    /// The number of the save, as people read it.
    pub no: String,
}

/// How often what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCounts {
    /// Homes at whose door somebody was.
    pub homes_visited: u64,
    /// People registered.
    pub registered: u64,
    /// Changes, moves included.
    pub changed: u64,
    /// Departures, hand-overs included.
    pub departed: u64,
    /// Safety checks.
    pub checked: u64,
    /// Hazards found.
    pub hazards: u64,
}

/// How far the saves of a day have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandIn {
    /// Saves of the day.
    pub saved: u64,
    /// Of those, on the server and standing.
    pub on_server: u64,
    /// Of those, not answered.
    pub waiting: u64,
    /// Of those, with a value in a conflict.
    pub conflicts: u64,
    /// Of those, refused.
    pub refused: u64,
    /// Of those, held by the station.
    pub held: u64,
    /// The server's last answer to one of them, Unix milliseconds, UTC.
    pub receipt_unix_ms: Option<i64>,
}

/// What was done on a day, on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayLogView {
    /// Which day, `YYYY-MM-DD`.
    pub on: String,
    /// Days this device still knows something of, the newest first, with the number of saves.
    pub days: Vec<(String, u64)>,
    /// How far it has come.
    pub hand_in: HandIn,
    /// How often what.
    pub counts: DayCounts,
    /// The saves, the newest first.
    pub lines: Vec<DayLine>,
}
