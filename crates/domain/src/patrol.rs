//! When a home is next visited (巡查): counted from the last time somebody looked at it, by its grade, with the pack of that day.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::Calendar;
use crate::codes::VisitResult;
use crate::form::parse_date;
use crate::grade::{self, Grade};
use crate::policy::{self, PolicyBook, key};
use crate::record::Record;
use crate::visit::{self, NextVisit};
use crate::{day, kind};

/// Calls a home's book keeps of each mark: the newest. More than one, because a phone whose clock is wrong by years still was at
/// the door, and that day must not stand for today's.
const CALLS_KEPT: usize = 8;

/// What a call at a door came to, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The home was looked at.
    Seen,
    /// Nobody opened; the next call is better made in the evening.
    Nobody,
    /// They asked to be called on in the evening.
    Evening,
    /// Not looked at for another reason.
    NotSeen,
}

impl Mark {
    const ALL: [(Mark, char); 4] = [(Mark::Seen, 's'), (Mark::Nobody, 'n'), (Mark::Evening, 'e'), (Mark::NotSeen, 'o')];

    /// Of a visit or a safety check; `None` for what is neither, or cannot be read.
    fn of(fact: &Record) -> Option<Mark> {
        if fact.kind == kind::INSPECTION {
            return Some(Mark::Seen);
        }
        if !visit::is_whole(fact) {
            return None;
        }
        Mark::read(fact.text("fact", "result"), fact.field("fact", "next"))
    }

    /// Of the fields `result` and `next` of a visit, as they stand in its record.
    pub fn read(result: Option<&str>, next: Option<&Value>) -> Option<Mark> {
        let result = result.and_then(VisitResult::from_code)?;
        let next = next.filter(|next| next.is_object());
        let evening = next.map(|next| next.get("evening").and_then(Value::as_bool).unwrap_or(false));
        Some(Mark::of_visit(result, evening))
    }

    /// Of a visit's result, and of what was noted down about the next one: whether it is in the evening.
    pub fn of_visit(result: VisitResult, next_in_evening: Option<bool>) -> Mark {
        match (result, next_in_evening) {
            (VisitResult::Done | VisitResult::Vacant | VisitResult::OwnerLives | VisitResult::Renovating, _) => Mark::Seen,
            (_, Some(true)) => Mark::Evening,
            (VisitResult::NoAnswer, None) => Mark::Nobody,
            (VisitResult::NoAnswer | VisitResult::Refused | VisitResult::NoAddress, _) => Mark::NotSeen,
        }
    }
}

/// When somebody said they would come again: as [`NextVisit`] has it, as a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Appointment {
    /// On this day.
    pub on: NaiveDate,
    /// After work.
    pub evening: bool,
}

impl Appointment {
    /// What stands before an appointment in [`Calls`] as text: a line without it has none.
    pub const SIGN: char = '>';

    /// Of the field `next` of a visit, as it stands in its record.
    pub fn read(next: Option<&Value>) -> Option<Appointment> {
        let next: NextVisit = serde_json::from_value(next?.clone()).ok()?;
        Some(Appointment { on: parse_date(&next.on)?, evening: next.evening })
    }

    /// As screens are told.
    pub fn to_next(self) -> NextVisit {
        NextVisit { on: self.on.to_string(), evening: self.evening }
    }
}

/// One call at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    on: NaiveDate,
    mark: Mark,
    next: Option<Appointment>,
}

/// The calls at one home that matter for the next, the newest first. Days and marks only, no verdict: that depends on the day it is
/// read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(Vec<Call>);

impl Calls {
    /// From a home's visits and checks, in any order.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Record>) -> Calls {
        let seen = |fact: &Record| {
            let at = fact.field("fact", "observed_unix_ms")?.as_i64()?;
            Some((at, Mark::of(fact)?, Appointment::read(fact.field("fact", "next"))))
        };
        Calls::at(facts.into_iter().filter_map(seen))
    }

    /// From moments, Unix milliseconds UTC, in any order, each with what was said about the next.
    pub fn at(moments: impl IntoIterator<Item = (i64, Mark, Option<Appointment>)>) -> Calls {
        // Of two calls at one moment the better one counts, on every phone alike.
        let all: BTreeSet<(i64, std::cmp::Reverse<Mark>, Option<Appointment>)> =
            moments.into_iter().map(|(at, mark, next)| (at, std::cmp::Reverse(mark), next)).collect();
        let mut kept: Vec<Call> = Vec::new();
        for (at, std::cmp::Reverse(mark), next) in all.into_iter().rev() {
            // Whoever was inside needs to come again only when the home is due.
            let call = Call { on: day::day_of(at), mark, next: next.filter(|_| mark != Mark::Seen) };
            let same_mark = kept.iter().filter(|known| known.mark == mark).count();
            if same_mark < CALLS_KEPT && !kept.contains(&call) {
                kept.push(call);
            }
        }
        Calls(kept)
    }

    /// The day the home was last looked at, up to today.
    pub fn seen_on(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.until(today).find(|call| call.mark == Mark::Seen).map(|call| call.on)
    }

    /// Whether the last call says that the next is better made in the evening.
    pub fn wants_evening(&self, today: NaiveDate) -> bool {
        self.until(today).next().is_some_and(|call| matches!(call.mark, Mark::Nobody | Mark::Evening))
    }

    /// When somebody said they would come again, at the last call: whoever came since has kept it.
    pub fn appointment(&self, today: NaiveDate) -> Option<Appointment> {
        self.until(today).next()?.next
    }

    /// The same calls at a home where nobody is expected again.
    pub fn without_appointments(mut self) -> Calls {
        self.0.iter_mut().for_each(|call| call.next = None);
        self
    }

    fn until(&self, today: NaiveDate) -> impl Iterator<Item = &Call> {
        self.0.iter().filter(move |call| call.on <= today)
    }
}

/// As lists store it: `2026-11-23s 2026-11-20n`, and `2026-11-20e>2026-11-21e` where somebody said when they come again.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Call { on, mark, next }) in self.0.iter().enumerate() {
            let letter = Mark::ALL.iter().find(|(known, _)| known == mark).map_or('o', |(_, letter)| *letter);
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{on}{letter}")?;
            if let Some(Appointment { on, evening }) = next {
                write!(f, "{}{on}{}", Appointment::SIGN, if *evening { 'e' } else { 'd' })?;
            }
        }
        Ok(())
    }
}

impl FromStr for Calls {
    type Err = std::convert::Infallible;

    /// What cannot be read is left out: a list is made again, a fact is not lost.
    fn from_str(text: &str) -> Result<Calls, Self::Err> {
        let lettered = |word: &str| -> Option<(NaiveDate, char)> {
            let (on, letter) = word.split_at_checked(word.len().checked_sub(1)?)?;
            Some((on.parse().ok()?, letter.chars().next()?))
        };
        let call = |word: &str| {
            let (word, next) = word.split_once(Appointment::SIGN).map_or((word, None), |(word, next)| (word, Some(next)));
            let (on, letter) = lettered(word)?;
            let (mark, _) = Mark::ALL.into_iter().find(|(_, known)| letter == *known)?;
            let next = next.and_then(lettered).map(|(on, letter)| Appointment { on, evening: letter == 'e' });
            Some(Call { on, mark, next })
        };
        Ok(Calls(text.split_whitespace().filter_map(call).collect()))
    }
}

/// When a home is next visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// From this day on it is due.
    pub due_on: NaiveDate,
    /// Its last day: what is due may be done within the grace of the pack.
    pub until: NaiveDate,
}

/// When a home of this grade is next visited, from the day it was last looked at, or was registered when nobody did since.
pub fn next_round(book: &PolicyBook, calendar: &Calendar, grade: Grade, from: NaiveDate) -> Option<Round> {
    let due_on = grade::next_due(book, calendar, grade, from)?.on;
    let until = policy::due(book, calendar, key::PATROL_GRACE, due_on).map_or(due_on, |grace| grace.on);
    Some(Round { due_on, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn at(text: &str, hour: i64) -> i64 {
        day::start_of_day_unix_ms(on(text)) + hour * 60 * 60 * 1000
    }

    #[test]
    fn only_who_was_inside_has_seen_a_home() {
        use Mark::*;
        use VisitResult as R;
        let rows = [
            (R::Done, None, Seen),
            (R::Done, Some(true), Seen),
            (R::Vacant, None, Seen),
            (R::OwnerLives, None, Seen),
            (R::Renovating, None, Seen),
            (R::NoAnswer, None, Nobody),
            (R::NoAnswer, Some(true), Evening),
            (R::NoAnswer, Some(false), NotSeen),
            (R::Refused, None, NotSeen),
            (R::Refused, Some(true), Evening),
            (R::NoAddress, None, NotSeen),
        ];
        for (result, next, mark) in rows {
            assert_eq!(Mark::of_visit(result, next), mark, "{result:?} {next:?}");
        }
    }

    #[test]
    fn the_last_call_up_to_today_decides() {
        use Mark::*;
        type Row<'a> = (&'a str, Vec<(i64, Mark)>, Option<&'a str>, bool);
        let rows: Vec<Row> = vec![
            ("nobody ever came", vec![], None, false),
            ("seen", vec![(at("2026-11-01", 9), Seen)], Some("2026-11-01"), false),
            ("then nobody was there", vec![(at("2026-11-01", 9), Seen), (at("2026-11-20", 9), Nobody)], Some("2026-11-01"), true),
            (
                "in the morning nobody, in the evening seen",
                vec![(at("2026-11-20", 19), Seen), (at("2026-11-20", 9), Nobody)],
                Some("2026-11-20"),
                false,
            ),
            (
                "a clock of ten years on",
                vec![(at("2026-11-01", 9), Seen), (at("2036-11-01", 9), Seen)],
                Some("2026-11-01"),
                false,
            ),
            ("both at once", vec![(at("2026-11-01", 9), Nobody), (at("2026-11-01", 9), Seen)], Some("2026-11-01"), false),
        ];
        for (why, moments, seen_on, evening) in rows {
            let calls = Calls::at(moments.into_iter().map(|(at, mark)| (at, mark, None)));
            let today = on("2026-11-23");
            assert_eq!((calls.seen_on(today), calls.wants_evening(today)), (seen_on.map(on), evening), "{why}");
            assert_eq!(calls.to_string().parse(), Ok(calls), "{why}: kept as it is");
        }
    }

    #[test]
    fn an_appointment_stands_until_the_next_call() {
        let slot = |day: &str, evening| Some(Appointment { on: on(day), evening });
        let asked = (at("2026-11-23", 9), Mark::Evening, slot("2026-11-24", true));
        type Row<'a> = (&'a str, Vec<(i64, Mark, Option<Appointment>)>, &'a str, Option<Appointment>);
        let rows: Vec<Row> = vec![
            ("said in the morning", vec![asked], "2026-11-23", slot("2026-11-24", true)),
            ("not kept, it still stands", vec![asked], "2026-12-24", slot("2026-11-24", true)),
            ("somebody was inside since", vec![asked, (at("2026-11-23", 19), Mark::Seen, None)], "2026-11-24", None),
            (
                "nobody opened again, and nothing was said",
                vec![asked, (at("2026-11-24", 19), Mark::Nobody, None)],
                "2026-11-24",
                None,
            ),
            (
                "another day was said",
                vec![asked, (at("2026-11-24", 19), Mark::NotSeen, slot("2026-11-28", false))],
                "2026-11-24",
                slot("2026-11-28", false),
            ),
            (
                "a clock of ten years on",
                vec![asked, (at("2036-11-01", 9), Mark::Seen, None)],
                "2026-11-23",
                slot("2026-11-24", true),
            ),
            ("who was inside needs none", vec![(at("2026-11-23", 9), Mark::Seen, slot("2026-11-24", true))], "2026-11-23", None),
        ];
        for (why, moments, today, expected) in rows {
            let calls = Calls::at(moments);
            assert_eq!(calls.appointment(on(today)), expected, "{why}");
            assert_eq!(calls.to_string().parse(), Ok(calls.clone()), "{why}: kept as it is");
            assert_eq!(calls.without_appointments().appointment(on(today)), None, "{why}");
        }
    }

    #[test]
    fn a_home_that_many_came_to_is_kept_short() {
        let calls = Calls::at(
            (0..400)
                .map(|back| (at("2026-11-23", 9) - back * day::DAY_MS, if back % 2 == 0 { Mark::Seen } else { Mark::Nobody }))
                .map(|(at, mark)| (at, mark, None)),
        );
        assert_eq!(calls.0.len(), 2 * CALLS_KEPT);
        assert_eq!(calls.seen_on(on("2026-11-23")), Some(on("2026-11-23")));
    }

    #[test]
    fn what_is_due_may_be_done_within_the_grace() {
        let (book, calendar) = (PolicyBook::default(), Calendar::embedded());
        let rows = [
            (Grade::Green, "2026-05-01", "2026-05-11"),
            (Grade::Yellow, "2026-03-02", "2026-03-12"),
            (Grade::Red, "2026-01-31", "2026-02-10"),
        ];
        for (grade, due_on, until) in rows {
            let next = next_round(&book, &calendar, grade, on("2026-01-01"));
            assert_eq!(next, Some(Round { due_on: on(due_on), until: on(until) }), "{grade:?}");
        }
    }
}
