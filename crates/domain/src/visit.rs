//! A coordinator was at a door: facts, never changed afterwards. Presence is computed from them.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::codes::{NextSlot, VisitPersonResult, VisitProof, VisitResult};
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
    /// When somebody comes again, where nobody was met or they were sent away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextVisit>,
    /// Somebody was registered, and nobody went through the home: it is no visit to those who count visits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub registering: bool,
    /// The phone's clock went back during the visit: the times are as they were read, and not to be relied on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_suspect: bool,
    /// What there is to say that somebody stood at this door.
    #[serde(default = "no_proof", skip_serializing_if = "is_no_proof")]
    pub proof: VisitProof,
}

fn no_proof() -> VisitProof {
    VisitProof::None
}

fn is_no_proof(proof: &VisitProof) -> bool {
    *proof == VisitProof::None
}

/// When somebody comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextVisit {
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
    /// After work.
    #[serde(default)]
    pub evening: bool,
}

impl NextVisit {
    /// What a tap at the door means as a day. `None` for [`NextSlot::None`].
    pub fn of(slot: NextSlot, today: NaiveDate) -> Option<NextVisit> {
        let after = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(today);
        let (on, evening) = match slot {
            NextSlot::None => return None,
            NextSlot::TodayEvening => (today, true),
            NextSlot::TomorrowEvening => (after(1), true),
            // On a Saturday the other day of the weekend; on a Sunday the next Saturday.
            NextSlot::Weekend => match today.weekday() {
                Weekday::Sat => (after(1), false),
                day => (after(u64::from(6 - day.num_days_from_sunday())), false),
            },
        };
        Some(NextVisit { on: on.to_string(), evening })
    }
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
    /// The answer this one is given instead of: a fact is never changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<RecordId>,
    /// As [`VisitFact::clock_suspect`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_suspect: bool,
}

/// The answers that hold: those nobody corrected. A correction of a correction counts, the ones before it do not.
pub fn holding(facts: &[Record]) -> Vec<&Record> {
    let corrected: BTreeSet<RecordId> = facts.iter().filter_map(|fact| fact.reference("fact", "corrects")).collect();
    facts.iter().filter(|fact| fact.dead.is_none() && !corrected.contains(&fact.id)).collect()
}

/// Whether a visit went through its home, and did not only register somebody.
pub fn is_whole(visit: &Record) -> bool {
    visit.field("fact", "registering").and_then(|only| only.as_bool()) != Some(true)
}

/// The visit of a home that counts: the one observed last.
pub fn latest(visits: &[Record]) -> Option<&Record> {
    visits.iter().filter(|visit| visit.dead.is_none() && is_whole(visit)).max_by_key(|visit| (observed(visit), visit.id))
}

/// When somebody said they would come again, where the last visit met nobody.
pub fn next_of(visits: &[Record]) -> Option<NextVisit> {
    latest(visits)?.typed::<VisitFact>("fact")?.next
}

/// When a fact was observed, Unix milliseconds, UTC; as its phone read it.
pub fn observed(fact: &Record) -> i64 {
    fact.field("fact", "observed_unix_ms").and_then(|ms| ms.as_i64()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_a_day() {
        let on = |text: &str| text.parse::<NaiveDate>().expect("a date of the test");
        let rows = [
            (NextSlot::None, "2026-11-23", None),
            (NextSlot::TodayEvening, "2026-11-23", Some(("2026-11-23", true))),
            (NextSlot::TomorrowEvening, "2026-12-31", Some(("2027-01-01", true))),
            (NextSlot::Weekend, "2026-11-23", Some(("2026-11-28", false))),
            (NextSlot::Weekend, "2026-11-27", Some(("2026-11-28", false))),
            (NextSlot::Weekend, "2026-11-28", Some(("2026-11-29", false))),
            (NextSlot::Weekend, "2026-11-29", Some(("2026-12-05", false))),
        ];
        for (slot, today, expected) in rows {
            let expected = expected.map(|(on, evening)| NextVisit { on: on.to_owned(), evening });
            assert_eq!(NextVisit::of(slot, on(today)), expected, "{slot:?} on {today}");
        }
    }
}
