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
    /// Who looked at a home on this day or later has done it, `YYYY-MM-DD`.
    pub from: String,
    /// Its last day, `YYYY-MM-DD`.
    pub until: String,
}

/// The group `closed` of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepClosed {
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
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
        match (parse_date(&self.from), parse_date(&self.until)) {
            (None, _) => problems.push(FieldProblem::stop("from", Problem::NotADate)),
            (_, None) => problems.push(FieldProblem::stop("until", Problem::NotADate)),
            (Some(from), Some(until)) if until < from || until < today => {
                problems.push(FieldProblem::stop("until", Problem::EndBeforeStart));
            }
            _ => {}
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
        let rows: [(Change, &str); 6] = [
            (|form| form.name = " ".to_owned(), "name"),
            (|form| form.how = None, "how"),
            (|form| form.areas.clear(), "areas"),
            (|form| form.areas.push("3308".to_owned()), "areas"),
            (|form| form.from = "昨天".to_owned(), "from"),
            (|form| form.until = "2026-11-22".to_owned(), "until"),
        ];
        for (change, field) in rows {
            let mut wrong = form();
            change(&mut wrong);
            assert_eq!(wrong.check(today).iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), [field]);
        }
    }

    #[test]
    fn a_sweep_is_open_from_its_first_day_until_somebody_closes_it() {
        let whats = form().whats();
        assert_eq!(whats.iter().map(|what| what.area.as_str()).collect::<Vec<_>>(), ["330822001001", "330822001002"]);
        let origin = Origin { stamp: Stamp::at(0), device: DeviceNumber(1) };
        let mut sweep = Record::empty(kind::SWEEP, derived_id(&["a sweep"]));
        sweep.groups.insert("what".to_owned(), GroupValue::new(to_fields(&whats[0]), origin));
        for (today, open) in [("2026-11-19", false), ("2026-11-20", true), ("2026-12-10", true), ("2026-12-11", true)] {
            assert_eq!(open_on(&sweep, on(today)).is_some(), open, "{today}: what is overdue is still to be done");
        }
        let closed = SweepClosed { on: "2026-12-11".to_owned() };
        sweep.groups.insert("closed".to_owned(), GroupValue::new(to_fields(&closed), origin));
        assert_eq!(open_on(&sweep, on("2026-12-11")), None);
    }
}
