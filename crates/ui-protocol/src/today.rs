//! What is due, most urgent first.

use domain::RecordId;
use domain::grade::Grade;
use domain::visit::NextVisit;
use serde::{Deserialize, Serialize};

/// Asks for what is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Today {
    /// Which rows; all of them by default.
    #[serde(default)]
    pub filter: TodayFilter,
    /// Only rows of this kind.
    #[serde(default)]
    pub kind: Option<TodayKind>,
}

/// Which rows are shown: each switch leaves fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TodayFilter {
    /// At homes where the next call is better made in the evening.
    pub evening: bool,
    /// At homes whose landlord lives in the house.
    pub landlord: bool,
    /// What should have been done.
    pub overdue: bool,
    /// What has two working days or fewer, and what is overdue.
    pub soon: bool,
}

/// How many rows each switch would leave by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterCounts {
    /// [`TodayFilter::evening`].
    pub evening: u64,
    /// [`TodayFilter::landlord`].
    pub landlord: u64,
    /// [`TodayFilter::overdue`].
    pub overdue: u64,
    /// [`TodayFilter::soon`].
    pub soon: u64,
}

/// How a home stands with whoever makes rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HomeRound {
    /// Its grade today.
    pub grade: Grade,
    /// When somebody last looked at it, `YYYY-MM-DD`; empty when nobody did since its registration.
    pub seen_on: String,
    /// From this day on it is due, `YYYY-MM-DD`.
    pub due_on: String,
    /// Its last day, with the grace.
    pub due: DueView,
}

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
    /// A visit found what the register does not say yet: write it down (domain §8.1, CHANGE_PENDING).
    ChangePending,
    /// On one day one visitor saw somebody and another was told that they are gone: somebody decides.
    Contradicted,
    /// A home that is not registered yet.
    UnitPending,
    /// A visit said that nobody rents a home: somebody is registered there all the same, or its address was not found.
    EmptyHome,
    /// Somebody was registered in a home after it was merged into another.
    MergedStay,
    /// Somebody said they would come again to this home on this day.
    Appointment,
    /// A home to visit: its grade's cycle has run.
    HomeDue,
    /// A home of a village the station wants swept.
    Sweep,
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
    /// What stands on a card changed and was not reported for it.
    PermitChange,
    /// A card whose holder became a local or died.
    PermitEnd,
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
    /// The record to open: for `to_place`, `intended_ends`, `suspected_left`, `change_pending` and `contradicted` the person, for a refused
    /// save none.
    pub record: Option<RecordId>,
    /// A name or an address.
    pub title: String,
    /// What else tells it apart: room, year, field.
    pub detail: String,
    /// The door in the building; empty where the building has one, or none is meant.
    #[serde(default)]
    pub door: String,
    /// For a home to visit: how it stands.
    #[serde(default)]
    pub home: Option<HomeRound>,
    /// When somebody said they would come again to it.
    #[serde(default)]
    pub next: Option<NextVisit>,
    /// By when.
    pub due: Option<DueView>,
}

/// Rows of one building.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayGroup {
    /// The road. Buildings of a road stand together.
    #[serde(default)]
    pub road: String,
    /// The building in it; both are empty for what belongs to no door.
    pub place: String,
    /// Its rows, door by door.
    pub items: Vec<TodayItem>,
}

/// What is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TodayReply {
    /// How many of each kind there are under the filter.
    pub counts: Vec<(TodayKind, u64)>,
    /// How many each switch of the filter would leave of everything.
    #[serde(default)]
    pub filters: FilterCounts,
    /// How many rows there are under the filter and of the kind asked for; the groups hold the most urgent of them.
    #[serde(default)]
    pub total: u64,
    /// By building, the most urgent road and building first.
    pub groups: Vec<TodayGroup>,
    /// The first sync is not complete: more may come.
    pub loading: bool,
}
