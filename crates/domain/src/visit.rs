//! A coordinator was at a door: facts, never changed afterwards. Presence is computed from them.

use serde::{Deserialize, Serialize};

use crate::codes::{VisitPersonResult, VisitResult};
use crate::day;
use crate::ids::RecordId;
use crate::record::Record;
use crate::residency::{CANCELLED, Status};
use crate::stamp::Origin;

/// The group `fact` of a visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitFact {
    /// The home.
    pub unit: RecordId,
    /// When it was seen, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// How it ended.
    pub result: VisitResult,
    /// The version of the notice that was shown.
    #[serde(default)]
    pub notice: String,
    /// Where the resident and the coordinator did not meet: free words about the door, not about people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The group `fact` of a visit_person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitPersonFact {
    /// The visit.
    pub visit: RecordId,
    /// The home.
    pub unit: RecordId,
    /// The person.
    pub person: RecordId,
    /// Their registration.
    pub residency: RecordId,
    /// What was found.
    pub result: VisitPersonResult,
    /// When it was seen, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// The value of the registration's `status` the visitor had seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_seen: Option<Origin>,
}

/// Whether a fact says that the person lives there.
pub fn says_here(result: VisitPersonResult) -> bool {
    matches!(result, VisitPersonResult::Here | VisitPersonResult::HereChanged | VisitPersonResult::MovedInBuilding)
}

/// Whether a cancellation and a presence fact contradict each other without having seen each other: the person was seen
/// on the day of leaving or later (protocol §5.5). Compares what was seen when, not when it was written or arrived.
pub fn contradicts(residency: &Record, facts: &[Record], fact: &Record) -> bool {
    let (Some(status), Some(status_value), Some(here)) =
        (residency.typed::<Status>("status"), residency.groups.get("status"), fact.typed::<VisitPersonFact>("fact"))
    else {
        return false;
    };
    if status.state != CANCELLED || !says_here(here.result) {
        return false;
    }
    let observed_on = day::day_of(here.observed_unix_ms).to_string();
    if observed_on.as_str() < status.on.as_str() {
        return false;
    }
    let visitor_had_seen_the_cancel = here.status_seen.is_some_and(|seen| status_value.is_named(seen));
    let canceller_had_seen_the_fact = status.seen_fact == Some(fact.id)
        || status.seen_fact.is_some_and(|seen| {
            facts
                .iter()
                .find(|known| known.id == seen)
                .and_then(|known| known.typed::<VisitPersonFact>("fact"))
                .is_some_and(|known| known.observed_unix_ms >= here.observed_unix_ms)
        });
    !visitor_had_seen_the_cancel && !canceller_had_seen_the_fact
}
