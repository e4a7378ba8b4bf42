//! One hazard: shown, looked at again, handed over; and the notice of a check.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::address::Address;
use domain::form::{FieldProblem, Problem};
use domain::hazard::{self, HazardState, RecheckFact, State, TEXT_MAX};
use domain::record::to_fields;
use domain::{RecordId, day, kind, policy, text};
use store::device::{Todo, Writing};
use ui_protocol::safety::{HandOverHazard, Hazard, HazardView, NoticeSlip, RecheckHazard, RecheckLine, SlipView};
use ui_protocol::{ErrorCode, UiError};

use super::hazard_row;
use crate::error::Failure;
use crate::{Device, derive};

impl Device {
    pub(crate) fn hazard(&self, ask: &Hazard) -> Result<HazardView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let record = view.shown(ask.id)?.filter(|record| record.kind == kind::HAZARD).ok_or(ErrorCode::NotFound)?;
            let unit = record.reference("what", "unit").ok_or(ErrorCode::NotFound)?;
            let mut rechecks = Vec::new();
            for fact in view.naming(record.id, kind::RECHECK)? {
                let mine = fact.groups.get("fact").is_some_and(|value| value.origin.device == identity.device);
                let Some(said) = fact.typed::<RecheckFact>("fact") else { continue };
                rechecks.push(RecheckLine { observed_unix_ms: said.observed_unix_ms, fixed: said.fixed, note: said.note, mine });
            }
            rechecks.sort_by_key(|line| Reverse(line.observed_unix_ms));
            let row = hazard_row(view, &record, &law, today)?;
            let may = |to: &HazardState| *to != row.state && HazardState::may_become(Some(row.state), *to);
            Ok(HazardView {
                unit,
                home: view.shown(unit)?.as_ref().map(derive::unit_title).unwrap_or_default(),
                inspection: record.reference("what", "inspection"),
                rechecks,
                may: HazardState::ALL.iter().copied().filter(may).collect(),
                row,
            })
        })
    }

    pub(crate) fn recheck_hazard(&self, ask: &RecheckHazard) -> Result<HazardView, Failure> {
        let note = note(&ask.note)?;
        self.save(|save| {
            let record = save.record_of(ask.id, kind::HAZARD)?;
            let was = hazard::state_of(&record);
            if !was.is_open() {
                return Err(ErrorCode::Stale.into());
            }
            let fact = RecheckFact { hazard: record.id, observed_unix_ms: save.now, fixed: ask.fixed, note: note.clone() };
            let recheck = save.create(kind::RECHECK, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            let to = if ask.fixed { HazardState::Closed } else { HazardState::Recheck };
            // With whoever took it over it stays until it is mended; that somebody looked is kept.
            if HazardState::may_become(Some(was), to) {
                let on = save.today.to_string();
                let state = State { state: to, on, to: None, recheck: Some(recheck), note: String::new() };
                let mut groups = BTreeMap::from([("state".to_owned(), to_fields(&state))]);
                if !ask.fixed {
                    groups.extend(self.due_again(save.writing, &record, save.today)?);
                }
                save.set(record.id, groups)?;
            }
            Ok(())
        })?;
        self.hazard(&Hazard { id: ask.id })
    }

    /// Who finds it not mended sets another day: the clock of its severity runs from then.
    fn due_again(
        &self,
        writing: &Writing<'_>,
        hazard: &domain::Record,
        today: chrono::NaiveDate,
    ) -> Result<Option<(String, domain::Fields)>, Failure> {
        let law = self.law(writing)?;
        let severity = hazard.typed::<hazard::What>("what").map_or(2, |what| what.severity);
        let due = policy::due(&law.book, &law.calendar, hazard::due_key(severity), today);
        Ok(due.map(|due| ("due".to_owned(), to_fields(&due))))
    }

    pub(crate) fn hand_over_hazard(&self, ask: &HandOverHazard) -> Result<HazardView, Failure> {
        let note = note(&ask.note)?;
        self.save(|save| {
            let record = save.record_of(ask.id, kind::HAZARD)?;
            if !HazardState::may_become(Some(hazard::state_of(&record)), HazardState::HandedOver) {
                return Err(ErrorCode::Stale.into());
            }
            let on = save.today.to_string();
            let state = State { state: HazardState::HandedOver, on, to: Some(ask.to), recheck: None, note: note.clone() };
            save.set(record.id, BTreeMap::from([("state".to_owned(), to_fields(&state))]))?;
            Ok(())
        })?;
        self.hazard(&Hazard { id: ask.id })
    }

    pub(crate) fn notice_slip(&self, ask: &NoticeSlip) -> Result<SlipView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let check = view.shown(ask.inspection)?.filter(|check| check.kind == kind::INSPECTION).ok_or(ErrorCode::NotFound)?;
            let unit = check.reference("fact", "unit").ok_or(ErrorCode::NotFound)?;
            let home = view.shown(unit)?.ok_or(ErrorCode::NotFound)?;
            let address: Address = home.typed("address").unwrap_or_default();
            let observed = check.field("fact", "observed_unix_ms").and_then(|at| at.as_i64()).unwrap_or_default();
            let checked_on = day::day_of(observed);
            let mut items = Vec::new();
            for found in view.naming(unit, kind::HAZARD)? {
                if found.reference("what", "inspection") == Some(check.id) {
                    items.push(hazard_row(view, &found, &law, today)?);
                }
            }
            items.sort_by_key(|row| (Reverse(row.severity), row.item));
            Ok(SlipView {
                number: slip_number(check.id, checked_on),
                unit,
                home: address.display(),
                area_name: self.area_name(view, &address.area)?.name,
                plate: home.text("number", "no").unwrap_or_default().to_owned(),
                checked_on: checked_on.to_string(),
                items,
            })
        })
    }
}

/// A number that follows from the check: every phone that shows the notice shows the same, offline too.
fn slip_number(check: RecordId, on: chrono::NaiveDate) -> String {
    let id = check.to_string();
    let tail: String = id.chars().rev().filter(char::is_ascii_hexdigit).take(6).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}-{}", on.format("%Y%m%d"), tail.to_uppercase())
}

fn note(typed: &str) -> Result<String, UiError> {
    text::check_text(typed, TEXT_MAX).map_err(|problem| UiError::form(vec![FieldProblem::stop("note", Problem::Text(problem))]))
}

/// What is to do about a hazard: while it is open, somebody looks again by its day.
pub(crate) fn refresh(writing: &Writing<'_>, hazard: &domain::Record) -> Result<(), Failure> {
    let todo = Todo {
        record: hazard.id,
        kind: derive::todo::HAZARD.to_owned(),
        unit: hazard.reference("what", "unit"),
        due_on: hazard.text("due", "on").unwrap_or_default().to_owned(),
    };
    writing.put_todos(hazard.id, if hazard::is_open(hazard) { std::slice::from_ref(&todo) } else { &[] })?;
    Ok(())
}
