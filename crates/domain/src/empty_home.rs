//! A home of which a visit said that nobody rents it: empty, lived in by its owner, being renovated, or not to be found. What follows
//! from that is computed from what is held, and never written.

use crate::codes::{VisitPersonResult, VisitResult};
use crate::day;
use crate::ids::RecordId;
use crate::record::Record;
use crate::residency::Restored;
use crate::visit::{self, VisitPersonFact};

/// Results that say that nobody is registered here rightly.
pub const RESULTS: [VisitResult; 4] =
    [VisitResult::Vacant, VisitResult::OwnerLives, VisitResult::Renovating, VisitResult::NoAddress];

/// What a visit said of the whole home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The visit.
    pub visit: RecordId,
    /// One of [`RESULTS`].
    pub result: VisitResult,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// Whether a result leads on to what is computed here.
pub fn leads_on(result: VisitResult) -> bool {
    RESULTS.contains(&result)
}

/// The word that stands about a home: that of the last visit, where it is one of [`RESULTS`]. A door that nobody opened since says
/// nothing against it. Call it with the visits that were not taken back.
pub fn said(visits: &[Record]) -> Option<Said> {
    let word = |visit: &Record| {
        let result = visit.text("fact", "result").and_then(VisitResult::from_code)?;
        (visit.dead.is_none() && visit::is_whole(visit) && result != VisitResult::NoAnswer).then_some(Said {
            visit: visit.id,
            result,
            at_unix_ms: seen_at(visit),
        })
    };
    visits.iter().filter_map(word).max_by_key(|said| (said.at_unix_ms, said.visit)).filter(|said| leads_on(said.result))
}

/// Nobody saw something after they wrote it down: a clock set ahead for a while wins nothing for ever.
fn seen_at(fact: &Record) -> i64 {
    let written = fact.groups.get("fact").map_or(i64::MAX, |value| value.origin.stamp.unix_ms());
    visit::observed(fact).min(written)
}

/// Whether somebody who is registered in such a home is still asked about: they were written down as living there before the visit,
/// and since it nobody has said anything about them. That they were not met is no answer, least of all in an empty home.
///
/// `placed_unix_ms` is when their stay was written down; `facts` what visits saw of them, under all their names.
pub fn is_asked_about(said: &Said, placed_unix_ms: Option<i64>, restored: Option<&Restored>, facts: &[Record]) -> bool {
    if placed_unix_ms.is_some_and(|at| at > said.at_unix_ms) {
        return false;
    }
    // The station decided since.
    if restored.is_some_and(|restored| restored.on >= day::day_of(said.at_unix_ms).to_string()) {
        return false;
    }
    let answers = |record: &&Record| {
        record.typed::<VisitPersonFact>("fact").is_some_and(|fact| {
            let answer = !matches!(fact.result, VisitPersonResult::NotMet | VisitPersonResult::Refused);
            answer && (fact.visit == said.visit || seen_at(record) >= said.at_unix_ms)
        })
    };
    !visit::holding(facts).iter().any(answers)
}

/// Whether an address that was not found is as it was then.
pub fn is_address_unmended(said: &Said, unit: &Record) -> bool {
    let written = unit.groups.get("address").map_or(0, |value| value.origin.stamp.unix_ms());
    said.result == VisitResult::NoAddress && written <= said.at_unix_ms
}

/// Whether somebody has decided about the home's registration since.
pub fn is_decided_since(said: &Said, unit: &Record) -> bool {
    unit.groups.get("registration").is_some_and(|value| value.origin.stamp.unix_ms() > said.at_unix_ms)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::{DeviceNumber, derived_id};
    use crate::kind;
    use crate::record::GroupValue;
    use crate::stamp::{Origin, Stamp};

    const MORNING: i64 = 1_795_395_600_000;

    fn fact(kind: &str, name: &str, fields: serde_json::Value, written: i64) -> Record {
        let mut record = Record::empty(kind, derived_id(&[name]));
        let origin = Origin { stamp: Stamp::at(written), device: DeviceNumber(1) };
        record.groups.insert("fact".to_owned(), GroupValue::new(fields.as_object().cloned().expect("an object"), origin));
        record
    }

    fn visit(name: &str, result: VisitResult, at: i64) -> Record {
        let fields = json!({"unit": derived_id(&["home"]), "result": result.code(), "observed_unix_ms": at});
        fact(kind::VISIT, name, fields, at)
    }

    fn answer(visit: &str, result: VisitPersonResult, at: i64) -> Record {
        let fields = json!({
            "visit": derived_id(&[visit]), "unit": derived_id(&["home"]), "person": derived_id(&["who"]),
            "residency": derived_id(&["registration"]), "result": result.code(), "observed_unix_ms": at,
        });
        fact(kind::VISIT_PERSON, &format!("{visit} {}", result.code()), fields, at)
    }

    #[test]
    fn the_last_word_about_a_home_stands_until_somebody_is_met_there() {
        use VisitResult::*;
        type Row<'a> = (&'a str, Vec<Record>, Option<VisitResult>);
        let ahead = {
            let mut ahead = visit("ahead", Done, MORNING - 10);
            ahead.groups.get_mut("fact").expect("a fact").fields.insert("observed_unix_ms".into(), json!(MORNING * 2));
            ahead
        };
        let rows: [Row<'_>; 7] = [
            ("nobody was there", vec![], None),
            ("visited", vec![visit("a", Done, MORNING)], None),
            ("empty", vec![visit("a", Done, 1), visit("b", Vacant, 2)], Some(Vacant)),
            ("nobody opened since", vec![visit("a", OwnerLives, 1), visit("b", NoAnswer, 2)], Some(OwnerLives)),
            ("somebody was met since", vec![visit("a", Renovating, 1), visit("b", Refused, 2)], None),
            ("not to be found", vec![visit("a", NoAddress, 3), visit("b", Done, 2)], Some(NoAddress)),
            ("a clock set ahead", vec![ahead, visit("b", Vacant, MORNING)], Some(Vacant)),
        ];
        for (why, visits, expected) in rows {
            assert_eq!(said(&visits).map(|said| said.result), expected, "{why}");
        }
    }

    #[test]
    fn whoever_is_registered_there_is_asked_about_until_somebody_answers() {
        use VisitPersonResult::*;
        let said = said(&[visit("empty", VisitResult::Vacant, MORNING)]).expect("a word");
        let restored = |on: &str| Restored { on: on.to_owned(), left_on: on.to_owned() };
        let after = MORNING + 60_000;
        type Row<'a> = (&'a str, Option<i64>, Option<Restored>, Vec<Record>, bool);
        let rows: [Row<'_>; 9] = [
            ("registered before", Some(1), None, vec![], true),
            ("registered since", Some(after), None, vec![], false),
            ("not met there, of course", Some(1), None, vec![answer("empty", NotMet, MORNING)], true),
            ("said to have left at this very visit", Some(1), None, vec![answer("empty", Left, MORNING - 5)], false),
            ("seen before", Some(1), None, vec![answer("before", Here, MORNING - 5)], true),
            ("seen since", Some(1), None, vec![answer("later", Here, after)], false),
            ("not met again", Some(1), None, vec![answer("later", NotMet, after)], true),
            ("brought back by the station since", Some(1), Some(restored("2026-11-24")), vec![], false),
            ("brought back long ago", Some(1), Some(restored("2026-01-01")), vec![], true),
        ];
        for (why, placed, restored, facts, expected) in rows {
            assert_eq!(is_asked_about(&said, placed, restored.as_ref(), &facts), expected, "{why}");
        }
    }
}
