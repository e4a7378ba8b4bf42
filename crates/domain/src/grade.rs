//! The grade of a home (分级), computed from what is open there and what was reported late. Never from who lives in it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::checklist::Item;
use crate::codes::codes;
use crate::policy::{self, Due, PolicyBook, key};
use crate::record::Record;
use crate::report::Receipt;
use crate::{day, hazard};

codes! {
    /// How often a home is looked at.
    Grade {
        Green = "green", "绿", "Green";
        Yellow = "yellow", "黄", "Yellow";
        Red = "red", "红", "Red";
    }
}

impl Grade {
    /// The key of the pack's row with the days between two visits.
    pub fn cycle_key(self) -> &'static str {
        match self {
            Grade::Green => key::PATROL_GREEN,
            Grade::Yellow => key::PATROL_YELLOW,
            Grade::Red => key::PATROL_RED,
        }
    }
}

/// Why a home is not green.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Reason {
    /// A hazard is not mended.
    Hazard {
        /// The item of the list.
        item: String,
        /// 1 to 3.
        severity: u8,
        /// Since when, `YYYY-MM-DD`.
        since: String,
    },
    /// A report of the last months came late.
    LateReport {
        /// The day it was due, `YYYY-MM-DD`.
        due_on: String,
    },
}

impl Reason {
    fn grade(&self) -> Grade {
        match self {
            Reason::Hazard { severity: 3.., .. } => Grade::Red,
            Reason::Hazard { severity: 2, .. } | Reason::LateReport { .. } => Grade::Yellow,
            Reason::Hazard { .. } => Grade::Green,
        }
    }

    fn since(&self) -> &str {
        match self {
            Reason::Hazard { since, .. } => since,
            Reason::LateReport { due_on } => due_on,
        }
    }

    fn item(&self) -> &str {
        match self {
            Reason::Hazard { item, .. } => item,
            Reason::LateReport { .. } => "",
        }
    }
}

/// The group `grade` of a home: what the station set instead, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// The grade.
    pub grade: Grade,
    /// Why.
    pub reason: String,
    /// Who decided, as people say it.
    pub reviewer: String,
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
}

/// The group of a home that says which grade somebody who was there proposes.
pub const WANTED: &str = "grade_wanted";

/// The group `grade_wanted`: a coordinator proposes, the station decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The grade.
    pub grade: Grade,
    /// Why.
    pub reason: String,
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
    /// What the station said; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// What the station said about a proposed grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// It was set as proposed.
    pub taken: bool,
    /// Why not; empty where it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Who decided, as people say it.
    pub reviewer: String,
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
}

impl Wanted {
    /// What is proposed for a home, answered or not.
    pub fn of(unit: &Record) -> Option<Wanted> {
        unit.typed(WANTED)
    }

    /// What waits for the station.
    pub fn open(unit: &Record) -> Option<Wanted> {
        Wanted::of(unit).filter(|wanted| wanted.answer.is_none())
    }
}

/// A home's grade with everything it follows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// What holds.
    pub grade: Grade,
    /// What the rules say by themselves.
    pub computed: Grade,
    /// Why it is not green, the gravest first.
    pub reasons: Vec<Reason>,
    /// What the station set, if that holds.
    pub set: Option<Override>,
    /// It must not be let: something grave is open. No decision changes that.
    pub barred: bool,
}

/// Everything of a home its grade follows from, whatever the day: a list may keep it and ask for the grade of each day anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradeFacts {
    /// What is open, and every report that came late, however long ago.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What the station set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Override>,
}

impl GradeFacts {
    /// From the home, its hazards and the reports about it.
    pub fn of(unit: &Record, hazards: &[Record], reports: &[Record]) -> GradeFacts {
        let mut reasons: Vec<Reason> =
            hazards.iter().filter(|hazard| hazard::is_open(hazard)).filter_map(hazard_reason).collect();
        reasons.extend(reports.iter().filter(|report| report.dead.is_none()).filter_map(late_reason));
        reasons.sort_by_cached_key(|reason| {
            (std::cmp::Reverse(reason.grade()), reason.since().to_owned(), reason.item().to_owned())
        });
        GradeFacts { reasons, set: unit.typed::<Override>("grade") }
    }

    /// The grade on a day, by the pack of that day.
    ///
    /// What the station set holds until something graver than it is found: nobody's decision of last month hides today's gas
    /// bottle.
    pub fn on(&self, book: &PolicyBook, today: NaiveDate) -> Graded {
        let window =
            policy::number(book, key::GRADE_LATE_REPORT_WINDOW, today).and_then(|days| u64::try_from(days).ok()).unwrap_or(0);
        let from = today.checked_sub_days(Days::new(window)).unwrap_or(today).to_string();
        let counts = |reason: &&Reason| !matches!(reason, Reason::LateReport { due_on } if *due_on < from);
        let reasons: Vec<Reason> = self.reasons.iter().filter(counts).cloned().collect();
        let computed = reasons.iter().map(Reason::grade).max().unwrap_or(Grade::Green);
        let set = self
            .set
            .clone()
            .filter(|set| reasons.iter().all(|reason| reason.grade() <= set.grade || reason.since() <= set.on.as_str()));
        let barred = reasons.iter().any(|reason| matches!(reason, Reason::Hazard { severity: 3.., .. }));
        Graded { grade: set.as_ref().map_or(computed, |set| set.grade), computed, reasons, set, barred }
    }
}

/// The grade of a home from its hazards and reports, and what the station set.
pub fn grade(unit: &Record, hazards: &[Record], reports: &[Record], book: &PolicyBook, today: NaiveDate) -> Graded {
    GradeFacts::of(unit, hazards, reports).on(book, today)
}

fn hazard_reason(hazard: &Record) -> Option<Reason> {
    let what = hazard.typed::<hazard::What>("what")?;
    // Advice is followed or not: it makes no home worse.
    if what.severity < 2 {
        return None;
    }
    let since = day::day_of(what.observed_unix_ms).to_string();
    Some(Reason::Hazard { item: what.item, severity: what.severity, since })
}

fn late_reason(report: &Record) -> Option<Reason> {
    let receipt = report.typed::<Receipt>("receipt").filter(|receipt| !receipt.on_time)?;
    Some(Reason::LateReport { due_on: receipt.due?.on.to_string() })
}

/// The item of a reason, for its words.
pub fn item_of(reason: &Reason) -> Option<Item> {
    match reason {
        Reason::Hazard { item, .. } => Item::from_code(item),
        Reason::LateReport { .. } => None,
    }
}

/// The last day by which a home of this grade is looked at again, from the day it was last looked at.
pub fn next_due(book: &PolicyBook, calendar: &Calendar, grade: Grade, last_on: NaiveDate) -> Option<Due> {
    policy::due(book, calendar, grade.cycle_key(), last_on)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::hazard::HazardState;
    use crate::ids::{DeviceNumber, derived_id};
    use crate::kind;
    use crate::record::{Fields, GroupValue};
    use crate::stamp::{Origin, Stamp};

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn record(kind: &str, name: &str, groups: &[(&str, serde_json::Value)]) -> Record {
        let mut record = Record::empty(kind, derived_id(&[name]));
        let origin = Origin { stamp: Stamp::at(0), device: DeviceNumber(1) };
        for (group, fields) in groups {
            let fields: Fields = fields.as_object().cloned().expect("an object");
            record.groups.insert((*group).to_owned(), GroupValue::new(fields, origin));
        }
        record
    }

    fn hazard(item: &str, severity: u8, seen_on: &str, state: HazardState) -> Record {
        let what = json!({
            "unit": derived_id(&["home"]), "inspection": derived_id(&["check"]), "item": item, "severity": severity,
            "observed_unix_ms": day::start_of_day_unix_ms(on(seen_on)) + 1,
        });
        record(kind::HAZARD, item, &[("what", what), ("state", json!({ "state": state.code(), "on": seen_on }))])
    }

    fn report(name: &str, due_on: &str, on_time: bool) -> Record {
        let due = json!({ "on": due_on, "pack": "zj-2016", "rule": "landlord.movein.due", "inputs": {} });
        let receipt = json!({ "no": "1", "submitted_unix_ms": 0, "received_unix_ms": 0, "due": due, "on_time": on_time });
        record(kind::REPORT, name, &[("receipt", receipt)])
    }

    fn home(set: Option<(&str, &str)>) -> Record {
        let group = |(grade, on): (&str, &str)| json!({ "grade": grade, "reason": "抽查", "reviewer": "周建军", "on": on });
        let groups: Vec<(&str, serde_json::Value)> = set.map(|set| ("grade", group(set))).into_iter().collect();
        record(kind::UNIT, "home", &groups)
    }

    #[test]
    fn a_home_is_as_good_as_what_is_open_there() {
        use Grade::*;
        use HazardState::*;
        let today = on("2026-11-23");
        // hazards, reports, the grade, whether it is barred
        type Row<'a> = (&'a str, Vec<Record>, Vec<Record>, Grade, bool);
        let rows: Vec<Row> = vec![
            ("nothing", vec![], vec![], Green, false),
            ("advice is no grade", vec![hazard("XF05", 1, "2026-11-01", Noticed)], vec![], Green, false),
            ("one to mend", vec![hazard("XF03", 2, "2026-11-01", Noticed)], vec![], Yellow, false),
            (
                "one grave",
                vec![hazard("XF03", 2, "2026-11-01", Noticed), hazard("RQ02", 3, "2026-11-02", Open)],
                vec![],
                Red,
                true,
            ),
            ("handed over is still there", vec![hazard("RQ02", 3, "2026-11-02", HandedOver)], vec![], Red, true),
            ("checked again and still there", vec![hazard("RQ02", 3, "2026-11-02", Recheck)], vec![], Red, true),
            ("mended on the spot", vec![hazard("RQ02", 3, "2026-11-02", FixedOnSpot)], vec![], Green, false),
            ("mended", vec![hazard("RQ02", 3, "2026-11-02", Closed)], vec![], Green, false),
            ("late ninety days ago", vec![], vec![report("late", "2026-08-25", false)], Yellow, false),
            ("late before that", vec![], vec![report("late", "2026-08-24", false)], Green, false),
            ("in time", vec![], vec![report("good", "2026-11-20", true)], Green, false),
        ];
        for (why, hazards, reports, grade, barred) in rows {
            let graded = super::grade(&home(None), &hazards, &reports, &PolicyBook::default(), today);
            assert_eq!((graded.grade, graded.computed, graded.barred), (grade, grade, barred), "{why}");
            assert_eq!(graded.reasons.is_empty(), grade == Green, "{why}: a grade says why");
        }
    }

    #[test]
    fn what_the_station_set_holds_until_something_graver_is_found() {
        use Grade::*;
        let today = on("2026-11-23");
        let grave = |since| vec![hazard("RQ02", 3, since, HazardState::Noticed)];
        let rows = [
            ("worse than computed", ("red", "2026-11-01"), vec![], Red, true),
            ("better than what was known", ("yellow", "2026-11-10"), grave("2026-11-01"), Yellow, true),
            ("something graver came later", ("yellow", "2026-11-10"), grave("2026-11-12"), Red, false),
            ("nothing graver came later", ("red", "2026-11-10"), grave("2026-11-12"), Red, true),
        ];
        for (why, set, hazards, grade, holds) in rows {
            let graded = super::grade(&home(Some(set)), &hazards, &[], &PolicyBook::default(), today);
            assert_eq!((graded.grade, graded.set.is_some()), (grade, holds), "{why}");
            assert_eq!(graded.barred, !hazards.is_empty(), "{why}: no decision lets a grave hazard be let");
        }
    }

    #[test]
    fn who_lives_there_is_not_asked() {
        // Everything the rules read is passed in: the home's own group, its hazards, its reports. No person, no stay.
        let graded = super::grade(&home(None), &[], &[], &PolicyBook::default(), on("2026-11-23"));
        let known = Graded { grade: Grade::Green, computed: Grade::Green, reasons: vec![], set: None, barred: false };
        assert_eq!(graded, known);
    }

    #[test]
    fn each_grade_has_its_cycle() {
        let (book, calendar) = (PolicyBook::default(), Calendar::embedded());
        for (grade, due) in [(Grade::Green, "2026-05-01"), (Grade::Yellow, "2026-03-02"), (Grade::Red, "2026-01-31")] {
            assert_eq!(next_due(&book, &calendar, grade, on("2026-01-01")).map(|due| due.on), Some(on(due)), "{grade:?}");
        }
    }
}
