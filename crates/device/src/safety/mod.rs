//! Safety of a home: how it stands, computed from facts and the pack whenever somebody asks.

mod check;
pub(crate) mod hazards;
mod letters;
mod past;

pub(crate) use letters::letter_of;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::checklist::{Answer, Item};
use domain::form::{FieldProblem, Problem};
use domain::grade::{self, Graded, Wanted};
use domain::hazard::{self, HandedTo, Responsible, What};
use domain::inspection::InspectionFact;
use domain::patrol::Calls;
use domain::record::to_fields;
use domain::{DeviceNumber, Record, RecordId, day, kind, text, withdrawal};
use store::device::View;
use ui_protocol::safety::{CheckRow, HazardRow, ProposeGrade, Safety, SafetyView};
use ui_protocol::{ErrorCode, UiError};

use crate::Device;
use crate::error::Failure;
use crate::homes;
use crate::law::Law;

/// Characters of the reason for another grade.
const REASON_MAX: usize = 200;

impl Device {
    pub(crate) fn safety(&self, ask: &Safety) -> Result<SafetyView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let unit = home(view, ask.unit)?;
            let found = withdrawal::standing(homes::naming(view, unit.id, kind::HAZARD)?, view)?;
            let checks = homes::naming(view, unit.id, kind::INSPECTION)?;
            let graded = graded(view, &unit, &found, &law, today)?;
            let next_due = last_seen(view, unit.id, &checks, today)?
                .and_then(|last| grade::next_due(&law.book, &law.calendar, graded.grade, last))
                .map(|due| law.left(&due, today));
            let mut hazards = Vec::with_capacity(found.len());
            for record in &found {
                hazards.push(hazard_row(view, record, &law, today)?);
            }
            // What is open by gravity and day; what is done by the day it was done.
            hazards.sort_by_key(|row| {
                let due_on = row.due.as_ref().map(|due| due.on.clone());
                (
                    !row.state.is_open(),
                    Reverse(if row.state.is_open() { row.severity } else { 0 }),
                    due_on,
                    Reverse(row.state_on.clone()),
                )
            });
            let mut rows = Vec::with_capacity(checks.len());
            for check in &checks {
                rows.extend(check_row(view, check, &found, identity.device)?);
            }
            rows.sort_by_key(|row| Reverse(row.observed_unix_ms));
            let letter = letters::standing(view, &unit, today)?;
            // What was answered is told for as long as it is the last word.
            let wanted = Wanted::of(&unit);
            Ok(SafetyView { graded, next_due, hazards, checks: rows, letter, wanted })
        })
    }

    /// A grade is computed; whoever was there and sees it otherwise tells the station why.
    pub(crate) fn propose_grade(&self, ask: &ProposeGrade) -> Result<SafetyView, Failure> {
        let reason = text::require_text(&ask.reason, REASON_MAX)
            .map_err(|problem| UiError::form(vec![FieldProblem::stop("reason", Problem::Text(problem))]))?;
        self.save(|save| {
            let unit = save.record_of(ask.unit, kind::UNIT)?;
            let wanted = Wanted { grade: ask.grade, reason, on: save.today.to_string(), answer: None };
            save.set(unit.id, BTreeMap::from([(grade::WANTED.to_owned(), to_fields(&wanted))]))
        })?;
        self.safety(&Safety { unit: ask.unit })
    }
}

/// The home that is meant by an id.
fn home(view: &View<'_>, id: RecordId) -> Result<Record, Failure> {
    Ok(view.shown(homes::root(view, id)?)?.filter(|unit| unit.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?)
}

/// The grade of a home from what this device holds of it.
pub(crate) fn graded(view: &View<'_>, unit: &Record, hazards: &[Record], law: &Law, today: NaiveDate) -> Result<Graded, Failure> {
    Ok(grade::grade(unit, hazards, &homes::naming(view, unit.id, kind::REPORT)?, &law.book, today))
}

/// The day somebody of the station last looked at the home: a visit or a check.
fn last_seen(view: &View<'_>, unit: RecordId, checks: &[Record], today: NaiveDate) -> Result<Option<NaiveDate>, Failure> {
    let visits = withdrawal::standing(homes::naming(view, unit, kind::VISIT)?, view)?;
    let checks = withdrawal::standing(checks.to_vec(), view)?;
    Ok(Calls::of(visits.iter().chain(&checks)).seen_on(today))
}

fn hazard_row(view: &View<'_>, record: &Record, law: &Law, today: NaiveDate) -> Result<HazardRow, Failure> {
    let what: Option<What> = record.typed("what");
    let state = hazard::state_of(record);
    let text = |group: &str, field: &str| record.text(group, field).unwrap_or_default().to_owned();
    let due = record.typed("due").filter(|_| state.is_open()).map(|due| law.left(&due, today));
    Ok(HazardRow {
        id: record.id,
        item: record.text("what", "item").and_then(Item::from_code),
        severity: what.as_ref().map_or(0, |what| what.severity),
        description: text("what", "description"),
        state,
        state_on: text("state", "on"),
        handed_to: record.text("state", "to").and_then(HandedTo::from_code),
        responsible: record.text("charge", "responsible").and_then(Responsible::from_code),
        due,
        seen_on: what.map(|what| day::day_of(what.observed_unix_ms).to_string()).unwrap_or_default(),
        waiting: view.is_waiting(record.id)?,
    })
}

fn check_row(view: &View<'_>, check: &Record, found: &[Record], own: DeviceNumber) -> Result<Option<CheckRow>, Failure> {
    let Some(fact) = check.typed::<InspectionFact>("fact") else { return Ok(None) };
    let count = |answer: Answer| fact.answers.values().filter(|given| **given == answer).count() as u64;
    let counts = [Answer::Pass, Answer::Fail, Answer::NotApplicable].into_iter().map(|answer| (answer, count(answer)));
    let mine = check.groups.get("fact").is_some_and(|value| value.origin.device == own);
    Ok(Some(CheckRow {
        id: check.id,
        observed_unix_ms: fact.observed_unix_ms,
        mine,
        counts: counts.collect(),
        has_slip: !hazards::found_by(view, check.id, found)?.is_empty(),
        withdrawn: withdrawal::is_taken_back(check.id, view)?,
        waiting: view.is_waiting(check.id)?,
    }))
}
