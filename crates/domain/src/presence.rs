//! Whether somebody still lives where they are registered: present, or suspected left. Computed from facts and never written.
//! A registration ends by a person's decision alone, whatever this says.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::VisitPersonResult;
use crate::day;
use crate::ids::RecordId;
use crate::policy::{self, PolicyBook, key};
use crate::record::Record;
use crate::visit::{self, VisitPersonFact, says_here};

/// Visits in a row at which somebody is not met until they are suspected to have left (domain §8.1).
pub const NOT_MET_IN_A_ROW: usize = 2;

/// Why somebody is suspected to have left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Doubt {
    /// At the door it was said that they are gone.
    SaidGone {
        /// What was said.
        result: VisitPersonResult,
        /// When, Unix milliseconds, UTC.
        observed_unix_ms: i64,
    },
    /// Nobody met them, visit after visit.
    NotMet {
        /// How many visits in a row.
        times: u64,
        /// The last one, Unix milliseconds, UTC.
        observed_unix_ms: i64,
    },
    /// The landlord reported that they moved out, and nobody has verified it yet.
    ReportedOut {
        /// The report.
        report: RecordId,
        /// The day they moved out, `YYYY-MM-DD`.
        on: String,
    },
    /// The stay they intended is over, and so are the days of grace.
    StayOver {
        /// Its last day, `YYYY-MM-DD`.
        until: String,
    },
}

/// What there is to compute from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What visits found out about this person, under all their names.
    pub facts: &'a [Record],
    /// Open reports that they moved out, each with its day.
    pub moved_out: &'a [(RecordId, NaiveDate)],
    /// The last day they intended to stay.
    pub until: Option<NaiveDate>,
    /// The station brought the registration back on this day: what was said before is settled.
    pub restored_on: Option<NaiveDate>,
    /// When somebody wrote down where they live now, Unix milliseconds, UTC: what was said before of where they lived is settled.
    pub placed_unix_ms: Option<i64>,
}

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Why they may have left; empty while they are taken to live there.
    pub doubts: Vec<Doubt>,
    /// When somebody last saw them here, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
    /// On one day one visitor saw them and another was told that they are gone: the later one counts, both are shown.
    pub contradicted: bool,
}

impl Presence {
    /// Whether they may have left.
    pub fn is_suspected_left(&self) -> bool {
        !self.doubts.is_empty()
    }

    /// Whether the facts alone raise a doubt: it does not come and go with the calendar.
    pub fn is_doubted_by_facts(&self) -> bool {
        self.doubts.iter().any(|doubt| !matches!(doubt, Doubt::StayOver { .. }))
    }
}

struct Sighting {
    at: i64,
    fact: RecordId,
    visit: RecordId,
    result: VisitPersonResult,
}

/// What holds today. The order in which facts arrived plays no part: they count in the order in which they were observed.
pub fn presence(known: Known<'_>, book: &PolicyBook, today: NaiveDate) -> Presence {
    let mut sightings: Vec<Sighting> = visit::holding(known.facts).into_iter().filter_map(sighting).collect();
    let stands = |seen: &Sighting| {
        known.restored_on.is_none_or(|on| day::day_of(seen.at) > on) && known.placed_unix_ms.is_none_or(|at| seen.at > at)
    };
    sightings.retain(|seen| says_here(seen.result) || stands(seen));
    sightings.sort_by_key(|seen| (seen.at, seen.fact));

    let mut seen_unix_ms = None;
    let mut gone: Option<&Sighting> = None;
    let mut not_met: Vec<&Sighting> = Vec::new();
    for sighting in &sightings {
        match sighting.result {
            VisitPersonResult::NotMet => not_met.push(sighting),
            // Who sends the visitor away was met, and said nothing about leaving.
            VisitPersonResult::Refused => not_met.clear(),
            result if says_here(result) => {
                seen_unix_ms = Some(sighting.at);
                gone = None;
                not_met.clear();
            }
            _ => {
                gone = Some(sighting);
                not_met.clear();
            }
        }
    }
    let seen_on = seen_unix_ms.map(day::day_of);

    let mut doubts = Vec::new();
    doubts.extend(gone.map(|gone| Doubt::SaidGone { result: gone.result, observed_unix_ms: gone.at }));
    // Registered twice and found to be one, somebody was missed once at a visit.
    let times = not_met.iter().map(|seen| seen.visit).collect::<BTreeSet<_>>().len();
    if let Some(last) = not_met.last().filter(|_| times >= NOT_MET_IN_A_ROW) {
        doubts.push(Doubt::NotMet { times: times as u64, observed_unix_ms: last.at });
    }
    // Seen on the very day: the landlord says one thing and the visitor another, and somebody has to look.
    let mut reported: Vec<_> =
        known.moved_out.iter().filter(|(_, on)| *on <= today && seen_on.is_none_or(|seen| seen <= *on)).collect();
    reported.sort_by_key(|(report, on)| (*on, *report));
    doubts.extend(reported.last().map(|(report, on)| Doubt::ReportedOut { report: *report, on: on.to_string() }));
    doubts.extend(known.until.and_then(|until| stay_over(until, seen_on, book, today)));
    Presence { doubts, seen_unix_ms, contradicted: contradicted(&sightings) }
}

/// The first day on which an intended stay's end raises a doubt, if nobody sees them meanwhile.
pub fn doubted_from(until: NaiveDate, book: &PolicyBook) -> NaiveDate {
    let grace = policy::number(book, key::EXPIRY_HANDLE, until).and_then(|days| u64::try_from(days).ok()).unwrap_or(0);
    until.checked_add_days(Days::new(grace + 1)).unwrap_or(until)
}

fn stay_over(until: NaiveDate, seen_on: Option<NaiveDate>, book: &PolicyBook, today: NaiveDate) -> Option<Doubt> {
    let seen_since = seen_on.is_some_and(|seen| seen >= until);
    (!seen_since && today >= doubted_from(until, book)).then(|| Doubt::StayOver { until: until.to_string() })
}

fn sighting(record: &Record) -> Option<Sighting> {
    let value = record.groups.get("fact")?;
    let fact: VisitPersonFact = record.typed("fact")?;
    // Nobody saw something after they wrote it down: a clock set ahead for a while wins nothing for ever.
    let at = fact.observed_unix_ms.min(value.origin.stamp.unix_ms());
    Some(Sighting { at, fact: record.id, visit: fact.visit, result: fact.result })
}

/// Whether the last word about somebody has its opposite on the same day.
fn contradicted(sightings: &[Sighting]) -> bool {
    let said = |seen: &&Sighting| says_here(seen.result) || seen.result.is_gone();
    let Some(last) = sightings.iter().rev().find(said) else { return false };
    let on = day::day_of(last.at);
    sightings
        .iter()
        .filter(said)
        .any(|seen| day::day_of(seen.at) == on && seen.visit != last.visit && says_here(seen.result) != says_here(last.result))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ids::{DeviceNumber, derived_id};
    use crate::kind;
    use crate::record::GroupValue;
    use crate::stamp::{Origin, Stamp};

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn at(day: &str, hour: i64) -> i64 {
        day::start_of_day_unix_ms(on(day)) + hour * 3_600_000
    }

    fn fact(name: &str, result: VisitPersonResult, at: i64) -> Record {
        written(name, result, at, at)
    }

    fn written(name: &str, result: VisitPersonResult, observed: i64, written: i64) -> Record {
        let mut record = Record::empty(kind::VISIT_PERSON, derived_id(&["fact", name]));
        let fields = json!({
            "visit": derived_id(&["visit", name]), "unit": derived_id(&["home"]), "person": derived_id(&["who"]),
            "residency": derived_id(&["registration"]), "result": result.code(), "observed_unix_ms": observed,
        });
        let origin = Origin { stamp: Stamp::at(written), device: DeviceNumber(1) };
        record.groups.insert("fact".to_owned(), GroupValue::new(fields.as_object().cloned().expect("an object"), origin));
        record
    }

    fn correcting(mut fact: Record, of: &Record) -> Record {
        let value = fact.groups.get_mut("fact").expect("a fact");
        value.fields.insert("corrects".to_owned(), json!(of.id));
        fact
    }

    fn standing(facts: &[Record]) -> Presence {
        presence(Known { facts, ..Known::default() }, &PolicyBook::default(), on("2026-11-23"))
    }

    #[test]
    fn what_visits_say_in_the_order_it_was_seen() {
        use VisitPersonResult::*;
        // what was found on the days of November, and whether they may have left
        type Row<'a> = (&'a str, &'a [(VisitPersonResult, i64)], bool);
        let rows: [Row<'_>; 12] = [
            ("nobody was there yet", &[], false),
            ("lives here", &[(Here, 1)], false),
            ("left", &[(Here, 1), (Left, 2)], true),
            ("no such person", &[(NotExist, 2)], true),
            ("moved inside the county, not yet written down", &[(MovedInCounty, 2)], true),
            ("seen again", &[(Left, 1), (Here, 2)], false),
            ("changed details are seen too", &[(Left, 1), (HereChanged, 2)], false),
            ("not met once", &[(Here, 1), (NotMet, 2)], false),
            ("not met twice", &[(Here, 1), (NotMet, 2), (NotMet, 3)], true),
            ("not in a row", &[(NotMet, 1), (Here, 2), (NotMet, 3)], false),
            ("who refused was met", &[(NotMet, 1), (Refused, 2), (NotMet, 3)], false),
            ("a refusal brings nobody back", &[(Left, 1), (Refused, 2)], true),
        ];
        for (why, seen, suspected) in rows {
            let facts: Vec<Record> =
                seen.iter().map(|(result, day)| fact(&day.to_string(), *result, at(&format!("2026-11-{day:02}"), 9))).collect();
            assert_eq!(standing(&facts).is_suspected_left(), suspected, "{why}");
            let backwards: Vec<Record> = facts.into_iter().rev().collect();
            assert_eq!(standing(&backwards).is_suspected_left(), suspected, "{why}, told the other way round");
        }
    }

    #[test]
    fn check_5_what_was_seen_later_counts_and_both_are_shown() {
        let left = fact("a", VisitPersonResult::Left, at("2026-11-22", 9));
        let here = fact("b", VisitPersonResult::Here, at("2026-11-22", 18));
        let standing = standing(&[here, left]);
        assert_eq!((standing.doubts.len(), standing.contradicted), (0, true));
        assert_eq!(standing.seen_unix_ms, Some(at("2026-11-22", 18)));
    }

    #[test]
    fn a_correction_counts_and_what_it_corrects_does_not() {
        let wrong = fact("a", VisitPersonResult::Left, at("2026-11-22", 9));
        let right = correcting(fact("a again", VisitPersonResult::Here, at("2026-11-22", 9)), &wrong);
        let again = correcting(fact("a third", VisitPersonResult::Left, at("2026-11-22", 9)), &right);
        assert!(!standing(&[wrong.clone(), right.clone()]).is_suspected_left());
        assert!(standing(&[again, wrong, right]).is_suspected_left(), "a correction may be corrected");
    }

    #[test]
    fn a_clock_set_ahead_wins_nothing_for_ever() {
        let ahead = written("a", VisitPersonResult::Left, at("2035-01-01", 9), at("2026-11-20", 9));
        let here = fact("b", VisitPersonResult::Here, at("2026-11-21", 9));
        assert!(!standing(&[ahead, here]).is_suspected_left());
    }

    #[test]
    fn reports_and_intended_stays_raise_doubts_until_somebody_is_seen() {
        let report = derived_id(&["report"]);
        let reported_out = |on: &str| Doubt::ReportedOut { report, on: on.to_owned() };
        let over = |until: &str| Doubt::StayOver { until: until.to_owned() };
        let day = "2026-11-10";
        // moved out, intended until, restored, last seen; what is doubted on the 23rd
        type Row<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, Vec<Doubt>);
        let rows: [Row<'_>; 7] = [
            ("the landlord says so", Some(day), None, None, vec![reported_out(day)]),
            ("seen on the very day: somebody has to look", Some(day), None, Some(day), vec![reported_out(day)]),
            ("seen a day later", Some(day), None, Some("2026-11-11"), vec![]),
            ("over for eleven days", None, Some("2026-11-12"), None, vec![over("2026-11-12")]),
            ("the days of grace run", None, Some("2026-11-13"), None, vec![]),
            ("seen since", None, Some("2026-11-12"), Some("2026-11-13"), vec![]),
            ("seen before", None, Some("2026-11-12"), Some("2026-11-11"), vec![over("2026-11-12")]),
        ];
        for (why, out, until, seen, expected) in rows {
            let moved_out: Vec<_> = out.map(|day| (report, on(day))).into_iter().collect();
            let facts: Vec<_> = seen.map(|day| fact("seen", VisitPersonResult::Here, at(day, 9))).into_iter().collect();
            let known = Known { facts: &facts, moved_out: &moved_out, until: until.map(on), ..Known::default() };
            assert_eq!(presence(known, &PolicyBook::default(), on("2026-11-23")).doubts, expected, "{why}");
        }
        let gone = [fact("a", VisitPersonResult::Left, at("2026-11-01", 9))];
        let restored = Known { facts: &gone, restored_on: Some(on("2026-11-05")), ..Known::default() };
        assert!(!presence(restored, &PolicyBook::default(), on("2026-11-23")).is_suspected_left(), "the station decided since");
    }

    proptest! {
        /// Whoever syncs first, both phones say the same.
        #[test]
        fn it_is_the_same_in_whatever_order_facts_arrive(
            seen in prop::collection::vec((0..8_usize, 0..20_i64), 0..12),
            order in prop::collection::vec(any::<prop::sample::Index>(), 12),
        ) {
            let facts: Vec<Record> = seen
                .iter()
                .enumerate()
                .map(|(at, (result, hour))| fact(&at.to_string(), VisitPersonResult::ALL[*result], hour * 5_400_000))
                .collect();
            let mut shuffled = facts.clone();
            for (at, to) in order.iter().enumerate().take(facts.len()) {
                let to = to.index(facts.len());
                shuffled.swap(at, to);
            }
            prop_assert_eq!(standing(&facts), standing(&shuffled));
        }
    }
}
