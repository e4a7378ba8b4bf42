//! The residence registration (居住登记, one per person in the county) and the stays under it.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::{CancelReason, Channel, IntendedStay, PlaceKind, Reason, Relation};
use crate::form::{FieldProblem, Problem, check_optional_text, check_past_date, parse_date};
use crate::ids::RecordId;
use crate::record::Record;

/// The group `who` of a residency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Who {
    /// The person.
    pub person: RecordId,
}

/// The group `declared`: when the clock of Article 16 began, and by what means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// The day the *resident* declared, `YYYY-MM-DD`; the legal start.
    pub registered_on: String,
    /// First day in the county.
    pub first_arrival_on: String,
    /// The day a landlord or employer reported, kept apart; empty without a report.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reported_on: String,
    /// How it came in.
    pub channel: Channel,
    /// The version of the notice the resident was shown.
    #[serde(default)]
    pub notice: String,
    /// The visit it was made at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<RecordId>,
}

/// The group `why`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Why here.
    pub reason: Reason,
    /// In what kind of place.
    pub place_kind: PlaceKind,
}

/// The group `intent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// How long.
    pub code: IntendedStay,
    /// Until when that is, `YYYY-MM-DD`.
    pub until: String,
}

impl Intent {
    /// The intended end of a stay that began on `from`.
    pub fn since(code: IntendedStay, from: NaiveDate) -> Intent {
        let until = from.checked_add_months(Months::new(code.months())).unwrap_or(from);
        Intent { code, until: until.to_string() }
    }
}

/// The group `work`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Where employed.
    #[serde(default)]
    pub employer: String,
}

/// The group `status`: only ever a person's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// `active` or `cancelled`.
    pub state: String,
    /// Since when, `YYYY-MM-DD`; for a cancelled one the day of leaving.
    pub on: String,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CancelReason>,
    /// What was seen or heard, and from whom.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When the observation was made, Unix milliseconds, UTC; 0 when not an observation.
    #[serde(default)]
    pub observed_unix_ms: i64,
    /// The last presence fact the decider had seen, so that one they had not seen can be told from one they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_fact: Option<RecordId>,
}

/// The state of a registration that stands.
pub const ACTIVE: &str = "active";
/// The state of one that was ended by a person.
pub const CANCELLED: &str = "cancelled";

/// Whether a residency stands.
pub fn is_active(residency: &Record) -> bool {
    residency.dead.is_none() && residency.text("status", "state") == Some(ACTIVE)
}

/// The group `restored`, written by the station when it brings a registration back: how long it was away decides whether the
/// years go on (`continuity_gap_days`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    /// The day it was brought back, `YYYY-MM-DD`.
    pub on: String,
    /// The day of leaving that had ended it, `YYYY-MM-DD`.
    pub left_on: String,
}

/// The group `weighed`: somebody looked at two answers of one day that contradict each other, and lets the later one count. It names
/// both: another answer is another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// What was said first.
    pub earlier: RecordId,
    /// What was said after.
    pub later: RecordId,
}

/// The group `handed` of a person and a residency: another village has it now and will open the stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// The receiving village.
    pub area: String,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// What the receiving coordinator should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The group `where` of a stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StayWhere {
    /// The registration it belongs to.
    pub residency: RecordId,
    /// The person.
    pub person: RecordId,
    /// The home.
    pub unit: RecordId,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RecordId>,
}

/// The group `period` of a stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day; absent while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The group `relation` of a stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StayRelation {
    /// To the tenant.
    pub relation: Relation,
    /// Is the tenant.
    #[serde(default)]
    pub lessee: bool,
}

/// Whether a stay goes on.
pub fn is_open(stay: &Record) -> bool {
    stay.dead.is_none() && stay.text("period", "to").is_none()
}

/// The form that ends a registration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelForm {
    /// Why.
    pub reason: Option<CancelReason>,
    /// The day of leaving.
    pub left_on: String,
    /// What was seen or heard, and from whom: a cancellation needs an observation.
    pub note: String,
}

impl CancelForm {
    /// What is wrong with it.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.reason.is_none() {
            problems.push(FieldProblem::stop("reason", Problem::Required));
        }
        check_past_date("left_on", &self.left_on, today, &mut problems);
        if self.note.trim().is_empty() {
            problems.push(FieldProblem::stop("note", Problem::Required));
        }
        check_optional_text("note", &self.note, 200, &mut problems);
        problems
    }
}

/// The form that moves somebody to another home of one's own villages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MoveForm {
    /// The new home.
    pub unit: Option<RecordId>,
    /// The new room.
    pub room: Option<RecordId>,
    /// First day there.
    pub on: String,
    /// To the tenant there.
    pub relation: Option<Relation>,
    /// Is the tenant there.
    pub lessee: bool,
}

impl MoveForm {
    /// What is wrong with it. `since` is the first day of the present stay.
    pub fn check(&self, today: NaiveDate, since: Option<&str>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.unit.is_none() {
            problems.push(FieldProblem::stop("unit", Problem::Required));
        }
        if self.relation.is_none() {
            problems.push(FieldProblem::stop("relation", Problem::Required));
        }
        let on = check_past_date("on", &self.on, today, &mut problems);
        if let (Some(on), Some(since)) = (on, since.and_then(parse_date))
            && on < since
        {
            problems.push(FieldProblem::stop("on", Problem::EndBeforeStart));
        }
        problems
    }
}
