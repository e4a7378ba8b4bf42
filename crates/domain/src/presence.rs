//! Whether somebody still lives where they are registered: present, or suspected left; and whether the register still says of them
//! what was found at the door. Computed from facts and never written. A registration ends by a person's decision alone, whatever this
//! says.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::VisitPersonResult;
use crate::ids::{DeviceNumber, RecordId};
use crate::policy::{self, PolicyBook, key};
use crate::record::Record;
use crate::residency::Weighed;
use crate::visit::{self, VisitPersonFact, says_here};
use crate::{day, kind};

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

/// Something a visit found that the register does not say yet (domain §8.1, CHANGE_PENDING).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What was found: details that changed, or another room of the house.
    pub result: VisitPersonResult,
    /// The visit that found it first.
    pub visit: RecordId,
    /// When, Unix milliseconds, UTC: its clock runs from that day.
    pub observed_unix_ms: i64,
}

/// One of two answers that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The answer.
    pub fact: RecordId,
    /// The visit it was given at.
    pub visit: RecordId,
    /// What was said.
    pub result: VisitPersonResult,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
}

/// On one day one visitor saw somebody and another was told that they are gone (domain §10.8): the later one counts, both are shown,
/// and somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// What was said first.
    pub earlier: Word,
    /// What was said after.
    pub later: Word,
}

impl Contradiction {
    /// What somebody writes down who lets the later one count.
    pub fn weighed(&self) -> Weighed {
        Weighed { earlier: self.earlier.fact, later: self.later.fact }
    }
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
    /// When somebody last wrote down details of them, Unix milliseconds, UTC: see [`changed_unix_ms`].
    pub changed_unix_ms: Option<i64>,
    /// Two answers somebody has looked at.
    pub weighed: Option<Weighed>,
}

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Why they may have left; empty while they are taken to live there.
    pub doubts: Vec<Doubt>,
    /// When somebody last saw them here, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
    /// Two answers of one day that contradict each other, which nobody has looked at.
    #[serde(default)]
    pub contradiction: Option<Contradiction>,
    /// What was found and is not in the register yet, one of a kind.
    #[serde(default)]
    pub pending: Vec<Pending>,
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

    /// Whether an answer still asks for a change of the register: of the kind that is pending, and not older than it.
    pub fn is_pending(&self, result: VisitPersonResult, observed_unix_ms: i64) -> bool {
        self.pending.iter().any(|pending| pending.result == result && pending.observed_unix_ms <= observed_unix_ms)
    }
}

/// The answers that ask for a change of the register while the person lives there.
const ASK_FOR_CHANGE: [VisitPersonResult; 2] = [VisitPersonResult::HereChanged, VisitPersonResult::MovedInBuilding];

/// When details of these records were last written, Unix milliseconds, UTC: of a person, of their registration, of where they live. What the
/// server adds, a hand-over or a decision about the registration is none.
pub fn changed_unix_ms<'a>(records: impl IntoIterator<Item = &'a Record>) -> Option<i64> {
    let details = |record: &'a Record| {
        let groups: &[&str] = match record.kind.as_str() {
            kind::PERSON => &["identity", "hukou", "contact", "guardian"],
            kind::RESIDENCY => &["declared", "why", "intent", "work"],
            kind::STAY => &["where", "period", "relation"],
            _ => &[],
        };
        groups.iter().filter_map(|group| Some(record.groups.get(*group)?.origin.stamp.unix_ms())).max()
    };
    records.into_iter().filter_map(details).max()
}

struct Sighting {
    at: i64,
    by: DeviceNumber,
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
    let contradiction = contradiction(&sightings).filter(|found| known.weighed != Some(found.weighed()));
    Presence { doubts, seen_unix_ms, contradiction, pending: pending(&sightings, known) }
}

/// Answers nobody has acted upon, the first of each kind. Who has left since has nothing to change.
fn pending(sightings: &[Sighting], known: Known<'_>) -> Vec<Pending> {
    let gone_at = sightings.iter().rev().find(|seen| seen.result.is_gone()).map(|seen| seen.at);
    // A move is written where they live now, and all details with it.
    let settled_at = |result: VisitPersonResult| match result {
        VisitPersonResult::HereChanged => known.changed_unix_ms.max(known.placed_unix_ms),
        _ => known.placed_unix_ms,
    };
    let open = |seen: &&Sighting| {
        let is_new = |since: Option<i64>| since.is_none_or(|at| seen.at > at);
        is_new(settled_at(seen.result)) && is_new(gone_at) && known.restored_on.is_none_or(|on| day::day_of(seen.at) > on)
    };
    let first = |result: &VisitPersonResult| sightings.iter().filter(open).find(|seen| seen.result == *result);
    let found = ASK_FOR_CHANGE.iter().filter_map(first);
    found.map(|seen| Pending { result: seen.result, visit: seen.visit, observed_unix_ms: seen.at }).collect()
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
    Some(Sighting { at, by: value.origin.device, fact: record.id, visit: fact.visit, result: fact.result })
}

/// Whether the last word about somebody and the one before are of one day and opposite. Whoever said both knew both, and whoever says the
/// same again settles it.
fn contradiction(sightings: &[Sighting]) -> Option<Contradiction> {
    let mut said = sightings.iter().rev().filter(|seen| says_here(seen.result) || seen.result.is_gone());
    let later = said.next()?;
    let earlier = said.find(|seen| seen.visit != later.visit)?;
    let opposite = says_here(earlier.result) != says_here(later.result);
    let one_day = day::day_of(earlier.at) == day::day_of(later.at);
    let word = |seen: &Sighting| Word { fact: seen.fact, visit: seen.visit, result: seen.result, observed_unix_ms: seen.at };
    (opposite && one_day && earlier.by != later.by).then(|| Contradiction { earlier: word(earlier), later: word(later) })
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

    /// The same from another visitor's phone.
    fn by_another(mut fact: Record) -> Record {
        fact.groups.get_mut("fact").expect("a fact").origin.device = DeviceNumber(2);
        fact
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
        let here = by_another(fact("b", VisitPersonResult::Here, at("2026-11-22", 18)));
        let both = [here.clone(), left.clone()];
        let found = standing(&both);
        assert_eq!(found.doubts, []);
        assert_eq!(found.seen_unix_ms, Some(at("2026-11-22", 18)));
        let asked = found.contradiction.expect("somebody is asked");
        assert_eq!((asked.earlier.fact, asked.later.fact), (left.id, here.id));
        // Somebody has looked at these two, and at no others.
        let weighed = |facts: &[Record]| {
            let known = Known { facts, weighed: Some(asked.weighed()), ..Known::default() };
            presence(known, &PolicyBook::default(), on("2026-11-23")).contradiction.is_some()
        };
        assert!(!weighed(&both));
        let third = fact("c", VisitPersonResult::Left, at("2026-11-22", 20));
        assert!(weighed(&[here.clone(), left.clone(), third]), "another word is another question");
        // What is asked about no more: the same again, a later day, a visitor who knew both.
        let again = fact("c", VisitPersonResult::Here, at("2026-11-22", 20));
        let next_day = fact("c", VisitPersonResult::Left, at("2026-11-23", 9));
        let knew_both = fact("b", VisitPersonResult::Here, at("2026-11-22", 18));
        for (why, facts) in [
            ("seen once more", vec![left.clone(), here.clone(), again]),
            ("the next day is another matter", vec![left.clone(), here, next_day]),
            ("one visitor knew both", vec![left, knew_both]),
        ] {
            assert_eq!(standing(&facts).contradiction, None, "{why}");
        }
    }

    #[test]
    fn what_was_found_is_pending_until_it_is_written_down() {
        use VisitPersonResult::*;
        let visited = |found: &[(VisitPersonResult, i64)]| -> Vec<Record> {
            found.iter().map(|(result, day)| fact(&day.to_string(), *result, at(&format!("2026-11-{day:02}"), 9))).collect()
        };
        let day = |day: i64| Some(at(&format!("2026-11-{day:02}"), 12));
        // what was found on the days of November, when details were written, when the home was; what is pending, since which day
        type Row<'a> = (&'a str, &'a [(VisitPersonResult, i64)], Option<i64>, Option<i64>, &'a [(VisitPersonResult, i64)]);
        let rows: [Row<'_>; 11] = [
            ("nothing was found", &[(Here, 5)], None, None, &[]),
            ("details changed", &[(HereChanged, 5)], day(1), day(1), &[(HereChanged, 5)]),
            ("and were written", &[(HereChanged, 5)], day(5), day(1), &[]),
            ("a second time", &[(HereChanged, 5), (HereChanged, 7)], day(6), day(1), &[(HereChanged, 7)]),
            ("the first one's clock runs", &[(HereChanged, 5), (HereChanged, 7)], day(1), day(1), &[(HereChanged, 5)]),
            ("seen again tells nothing of it", &[(HereChanged, 5), (Here, 7)], day(1), day(1), &[(HereChanged, 5)]),
            ("another room", &[(MovedInBuilding, 5)], day(6), day(1), &[(MovedInBuilding, 5)]),
            ("and was written", &[(MovedInBuilding, 5)], day(1), day(6), &[]),
            ("both", &[(MovedInBuilding, 5), (HereChanged, 6)], day(1), day(1), &[(HereChanged, 6), (MovedInBuilding, 5)]),
            ("a move writes both", &[(HereChanged, 5), (MovedInBuilding, 5)], day(1), day(6), &[]),
            ("who left has nothing to change", &[(HereChanged, 5), (Left, 7)], day(1), day(1), &[]),
        ];
        for (why, found, changed_unix_ms, placed_unix_ms, expected) in rows {
            let facts = visited(found);
            let known = Known { facts: &facts, changed_unix_ms, placed_unix_ms, ..Known::default() };
            let presence = presence(known, &PolicyBook::default(), on("2026-11-23"));
            let pending: Vec<_> = presence.pending.iter().map(|open| (open.result, open.observed_unix_ms)).collect();
            let expected: Vec<_> = expected.iter().map(|(result, day)| (*result, at(&format!("2026-11-{day:02}"), 9))).collect();
            assert_eq!(pending, expected, "{why}");
        }
        let wrong = fact("a", HereChanged, at("2026-11-05", 9));
        let right = correcting(fact("a again", Here, at("2026-11-05", 9)), &wrong);
        assert_eq!(standing(&[wrong, right]).pending, [], "a slip was corrected");
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
