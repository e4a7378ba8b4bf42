//! A sweep (排查): the station wants every home of a village looked at between two days.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{FieldProblem, Problem, parse_date};
use crate::kind;
use crate::place;
use crate::record::Record;
use crate::text;

/// Characters of a sweep's name.
pub const NAME_MAX: usize = 30;
/// Villages one sweep is set for at once.
pub const AREAS_MAX: usize = 60;
/// Days a sweep may last: a longer one is a year typed wrong.
pub const DAYS_MAX: i64 = 366;

codes! {
    /// Why a sweep is made.
    SweepKind {
        Regular = "REGULAR", "定期排查", "Regular";
        Irregular = "IRREGULAR", "不定期排查", "On occasion";
    }
}

/// The group `what` of a sweep. One record for each village, so that it travels where the work is; who sets a sweep for five
/// villages sets five, under one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepWhat {
    /// What people call it.
    pub name: String,
    /// Why it is made.
    pub how: SweepKind,
    /// The village, twelve digits.
    pub area: String,
    /// Its first day, `YYYY-MM-DD`: a home somebody looked at then or later is done.
    pub from: String,
    /// Its last day, `YYYY-MM-DD`. Who was not there by then is late, and still wanted until the station closes it.
    pub until: String,
}

/// The group `closed` of a sweep: that nothing more is asked for, and what the station saw of it on that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepClosed {
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
    /// Homes somebody had looked at.
    pub done: u64,
    /// Of so many.
    pub homes: u64,
}

/// The station's form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepForm {
    /// [`SweepWhat::name`].
    pub name: String,
    /// [`SweepWhat::how`].
    pub how: Option<SweepKind>,
    /// The villages.
    pub areas: Vec<String>,
    /// [`SweepWhat::from`].
    pub from: String,
    /// [`SweepWhat::until`].
    pub until: String,
}

impl SweepForm {
    /// What is wrong with it, field by field.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if let Err(problem) = text::require_text(&self.name, NAME_MAX) {
            problems.push(FieldProblem::stop("name", Problem::Text(problem)));
        }
        if self.how.is_none() {
            problems.push(FieldProblem::stop("how", Problem::Required));
        }
        if self.areas.is_empty() || self.areas.len() > AREAS_MAX || !self.areas.iter().all(|area| place::is_village_code(area)) {
            problems.push(FieldProblem::stop("areas", Problem::Required));
        }
        match dates(&self.from, &self.until) {
            Err((field, problem)) => problems.push(FieldProblem::stop(field, problem)),
            Ok((_, until)) if until < today => problems.push(FieldProblem::stop("until", Problem::IsOver)),
            Ok(_) => {}
        }
        problems
    }

    /// What is set for each village. Call it on a form that passed [`SweepForm::check`].
    pub fn whats(&self) -> Vec<SweepWhat> {
        let mut areas = self.areas.clone();
        areas.sort();
        areas.dedup();
        let what = |area| SweepWhat {
            name: text::clean(&self.name),
            how: self.how.unwrap_or(SweepKind::Irregular),
            area,
            from: self.from.clone(),
            until: self.until.clone(),
        };
        areas.into_iter().map(what).collect()
    }
}

/// A sweep's first and last day.
///
/// # Errors
/// Which of the fields `from` and `until` is wrong, and why.
pub fn dates(from: &str, until: &str) -> Result<(NaiveDate, NaiveDate), (&'static str, Problem)> {
    let day = |field, text: &str| match parse_date(text) {
        Some(day) => Ok(day),
        None if text.is_empty() => Err((field, Problem::Required)),
        None => Err((field, Problem::NotADate)),
    };
    let (from, until) = (day("from", from)?, day("until", until)?);
    if until < from {
        return Err(("until", Problem::EndBeforeStart));
    }
    if (until - from).num_days() > DAYS_MAX {
        return Err(("until", Problem::TooLongASpan));
    }
    Ok((from, until))
}

/// What a sweep asks for, while it is neither closed nor still to come.
pub fn open_on(sweep: &Record, today: NaiveDate) -> Option<SweepWhat> {
    let what: SweepWhat = sweep.typed("what").filter(|_| sweep.kind == kind::SWEEP && sweep.dead.is_none())?;
    (sweep.fields("closed").is_none() && parse_date(&what.from)? <= today).then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeviceNumber, derived_id};
    use crate::record::{GroupValue, to_fields};
    use crate::stamp::{Origin, Stamp};
    use crate::text::TextProblem;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn form() -> SweepForm {
        SweepForm {
            name: " 年前排查 ".to_owned(),
            how: Some(SweepKind::Regular),
            areas: vec!["330822001002".to_owned(), "330822001001".to_owned(), "330822001002".to_owned()],
            from: "2026-11-20".to_owned(),
            until: "2026-12-10".to_owned(),
        }
    }

    #[test]
    fn a_form_says_which_field_is_wrong() {
        let today = on("2026-11-23");
        assert_eq!(form().check(today), []);
        type Change = fn(&mut SweepForm);
        let rows: [(Change, &str, Problem); 10] = [
            (|form| form.name = " ".to_owned(), "name", Problem::Text(TextProblem::Empty)),
            (|form| form.name = "查".repeat(31), "name", Problem::Text(TextProblem::TooLong { max: NAME_MAX })),
            (|form| form.how = None, "how", Problem::Required),
            (|form| form.areas.clear(), "areas", Problem::Required),
            (|form| form.areas.push("3308".to_owned()), "areas", Problem::Required),
            (|form| form.from.clear(), "from", Problem::Required),
            (|form| form.until = "2026-02-30".to_owned(), "until", Problem::NotADate),
            (|form| form.until = "2026-11-19".to_owned(), "until", Problem::EndBeforeStart),
            (|form| form.until = "2026-11-22".to_owned(), "until", Problem::IsOver),
            (|form| form.until = "2062-12-10".to_owned(), "until", Problem::TooLongASpan),
        ];
        for (change, field, problem) in rows {
            let mut wrong = form();
            change(&mut wrong);
            assert_eq!(wrong.check(today), [FieldProblem::stop(field, problem)]);
        }
        let one_day = SweepForm { from: "2026-11-23".to_owned(), until: "2026-11-23".to_owned(), ..form() };
        assert_eq!(one_day.check(today), []);
    }

    #[test]
    fn a_sweep_is_open_from_its_first_day_until_somebody_closes_it() {
        let whats = form().whats();
        let set: Vec<_> = whats.iter().map(|what| (what.area.as_str(), what.name.as_str())).collect();
        assert_eq!(set, [("330822001001", "年前排查"), ("330822001002", "年前排查")], "each village once");
        let origin = Origin { stamp: Stamp::at(0), device: DeviceNumber(1) };
        let mut sweep = Record::empty(kind::SWEEP, derived_id(&["a sweep"]));
        sweep.groups.insert("what".to_owned(), GroupValue::new(to_fields(&whats[0]), origin));
        for (today, open) in [("2026-11-19", false), ("2026-11-20", true), ("2026-12-10", true), ("2026-12-11", true)] {
            assert_eq!(open_on(&sweep, on(today)).is_some(), open, "{today}: what is overdue is still to be done");
        }
        let closed = SweepClosed { on: "2026-12-11".to_owned(), done: 3, homes: 4 };
        sweep.groups.insert("closed".to_owned(), GroupValue::new(to_fields(&closed), origin));
        assert_eq!(open_on(&sweep, on("2026-12-11")), None);
        sweep.groups.remove("closed");
        sweep.dead = Some(origin);
        assert_eq!(open_on(&sweep, on("2026-12-01")), None);
    }
}
