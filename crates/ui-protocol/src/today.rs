//! What is due, most urgent first.

use domain::RecordId;
use serde::{Deserialize, Serialize};

/// Asks for what is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Today {}

/// How long is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DueView {
    /// Last day, `YYYY-MM-DD`.
    pub on: String,
    /// Working days left; 0 is the last day, negative is overdue.
    pub working_days_left: i64,
    /// For a clock in hours: the last moment, Unix milliseconds, UTC.
    pub at_unix_ms: Option<i64>,
    /// No holiday table for that year: Monday to Friday were counted.
    pub no_holiday_data: bool,
}

/// Why a row is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TodayKind {
    /// A landlord's report to verify at the door.
    VerifyReport,
    /// A report that came back to its landlord.
    ReportReturned,
    /// Somebody another village handed over: open a stay.
    ToPlace,
    /// A foreign or HMT document: tell the station.
    Referral,
    /// The intended stay runs out.
    IntendedEnds,
    /// Somebody may have left: visit again, or end the registration.
    SuspectedLeft,
    /// A home that is not registered yet.
    UnitPending,
    /// A hazard to look at again.
    HazardRecheck,
    /// A permit was asked for and something is missing.
    PermitMaterials,
    /// A card lies here.
    PermitHandOut,
    /// A permit can be endorsed, or should have been.
    PermitEndorse,
    /// A permit's last day comes.
    PermitExpires,
    /// Two values side by side.
    Conflict,
    /// Two registrations under one number.
    Duplicate,
    /// A refused save.
    Refused,
    /// A year without a holiday table.
    HolidaysMissing,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayItem {
    /// Why it is here.
    pub kind: TodayKind,
    /// The record to open: for `to_place`, `intended_ends` and `suspected_left` the person, for a refused save none.
    pub record: Option<RecordId>,
    /// A name or an address.
    pub title: String,
    /// What else tells it apart: room, year, field.
    pub detail: String,
    /// By when.
    pub due: Option<DueView>,
}

/// Rows of one building.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayGroup {
    /// Road and plate, or empty for what belongs to no door.
    pub place: String,
    /// Its rows.
    pub items: Vec<TodayItem>,
}

/// What is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TodayReply {
    /// How many of each kind; agrees with the rows.
    pub counts: Vec<(TodayKind, u64)>,
    /// By building, the most urgent building first.
    pub groups: Vec<TodayGroup>,
    /// The first sync is not complete: more may come.
    pub loading: bool,
}
