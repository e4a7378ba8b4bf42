//! One hazard: shown, looked at again, handed over; and the notice of a check.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::address::Address;
use domain::form::{FieldProblem, Problem};
use domain::hazard::{self, Charge, HandedTo, HazardState, RecheckFact, Responsible, State, TEXT_MAX};
use domain::record::to_fields;
use domain::{Record, RecordId, day, kind, policy, text, withdrawal};
use store::device::{Todo, View, Writing};
use ui_protocol::safety::{HandOverHazard, Hazard, HazardView, NoticeSlip, RecheckHazard, RecheckLine, SlipItem, SlipView};
use ui_protocol::{ErrorCode, UiError};

use super::hazard_row;
use crate::error::Failure;
use crate::law::Law;
use crate::save::Save;
use crate::{Device, derive};

impl Device {
    pub(crate) fn hazard(&self, ask: &Hazard) -> Result<HazardView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let record = view.shown(ask.id)?.filter(|record| record.kind == kind::HAZARD).ok_or(ErrorCode::NotFound)?;
            let unit = record.reference("what", "unit").ok_or(ErrorCode::NotFound)?;
            let mut rechecks = Vec::new();
            for fact in withdrawal::standing(view.naming(record.id, kind::RECHECK)?, view)? {
                let mine = fact.groups.get("fact").is_some_and(|value| value.origin.device == identity.device);
                let Some(said) = fact.typed::<RecheckFact>("fact") else { continue };
                rechecks.push(RecheckLine { observed_unix_ms: said.observed_unix_ms, fixed: said.fixed, note: said.note, mine });
            }
            rechecks.sort_by_key(|line| Reverse(line.observed_unix_ms));
            let row = hazard_row(view, &record, &law, today)?;
            let withdrawn = !withdrawal::stands(&record, view)?;
            let may = |to: &HazardState| !withdrawn && *to != row.state && HazardState::may_become(Some(row.state), *to);
            Ok(HazardView {
                unit,
                home: view.shown(unit)?.as_ref().map(derive::unit_title).unwrap_or_default(),
                inspection: record.reference("what", "inspection"),
                rechecks,
                withdrawn,
                may: HazardState::ALL.iter().copied().filter(may).collect(),
                row,
            })
        })
    }

    pub(crate) fn recheck_hazard(&self, ask: &RecheckHazard) -> Result<HazardView, Failure> {
        let note = note(&ask.note)?;
        self.save(|save| {
            let record = save.record_of(ask.id, kind::HAZARD)?;
            if !hazard::state_of(&record).is_open() || !withdrawal::stands(&record, &**save.writing)? {
                return Err(ErrorCode::Stale.into());
            }
            self.look_again(save, &record, &Looked { fixed: ask.fixed, note: note.clone(), ..Looked::default() })
        })?;
        self.hazard(&Hazard { id: ask.id })
    }

    /// Somebody looked at an open hazard again: by itself, or in the course of a check.
    pub(super) fn look_again(&self, save: &mut Save<'_, '_>, hazard: &Record, looked: &Looked) -> Result<(), Failure> {
        let fact = RecheckFact {
            hazard: hazard.id,
            observed_unix_ms: save.now,
            fixed: looked.fixed,
            inspection: looked.inspection,
            note: looked.note.clone(),
        };
        let recheck = save.create(kind::RECHECK, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
        let next = hazard::after_recheck(hazard::state_of(hazard), looked.fixed);
        let to = looked.to.filter(|_| !looked.fixed);
        let mut groups = BTreeMap::new();
        // That somebody looked is kept, wherever it stays.
        if let Some(state) = to.map(|_| HazardState::HandedOver).or(next) {
            let recheck = state.needs_recheck().then_some(recheck);
            let state = State { state, on: save.today.to_string(), to, recheck, note: String::new() };
            groups.insert("state".to_owned(), to_fields(&state));
        }
        if !looked.fixed && next.is_some() {
            groups.extend(self.due_again(save.writing, hazard, save.today)?);
        }
        if let Some(responsible) = looked.responsible.filter(|_| !looked.fixed) {
            groups.insert("charge".to_owned(), to_fields(&Charge { responsible }));
        }
        if !groups.is_empty() {
            save.set(hazard.id, groups)?;
        }
        Ok(())
    }

    /// Who finds it not mended sets another day: the clock of its severity runs from then.
    fn due_again(
        &self,
        writing: &Writing<'_>,
        hazard: &Record,
        today: NaiveDate,
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
            let may = HazardState::may_become(Some(hazard::state_of(&record)), HazardState::HandedOver);
            if !may || !withdrawal::stands(&record, &**save.writing)? {
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
            Ok(SlipView {
                number: slip_number(check.id, checked_on),
                unit,
                home: address.display(),
                area_name: self.area_name(view, &address.area)?.name,
                plate: home.text("number", "no").unwrap_or_default().to_owned(),
                checked_on: checked_on.to_string(),
                withdrawn: withdrawal::is_taken_back(check.id, view)?,
                may_take_back: self.may_take_back(view, &check)?,
                items: slip_items(view, check.id, unit, &law, today)?,
            })
        })
    }
}

/// What a check found, as rows: the gravest first.
pub(super) fn slip_items(
    view: &View<'_>,
    check: RecordId,
    unit: RecordId,
    law: &Law,
    today: NaiveDate,
) -> Result<Vec<SlipItem>, Failure> {
    let hazards = withdrawal::standing(view.naming(unit, kind::HAZARD)?, view)?;
    let mut items = Vec::new();
    for (found, again) in found_by(view, check, &hazards)? {
        let mut row = hazard_row(view, &found, law, today)?;
        // What this check saw of it, where it said so.
        row.description = again.clone().filter(|note| !note.is_empty()).unwrap_or(row.description);
        items.push(SlipItem { row, again: again.is_some() });
    }
    items.sort_by_key(|item| (Reverse(item.row.severity), item.row.item));
    Ok(items)
}

/// What a check opened, and what it found again and not mended, with what it said about that.
pub(super) fn found_by(view: &View<'_>, check: RecordId, hazards: &[Record]) -> Result<Vec<(Record, Option<String>)>, Failure> {
    let mut found: Vec<(Record, Option<String>)> = hazards
        .iter()
        .filter(|hazard| hazard.reference("what", "inspection") == Some(check))
        .map(|hazard| (hazard.clone(), None))
        .collect();
    for fact in withdrawal::standing(view.naming(check, kind::RECHECK)?, view)? {
        let Some(said) = fact.typed::<RecheckFact>("fact").filter(|said| !said.fixed) else { continue };
        found.extend(
            hazards.iter().filter(|hazard| hazard.id == said.hazard).map(|hazard| (hazard.clone(), Some(said.note.clone()))),
        );
    }
    Ok(found)
}

/// What whoever looked at a hazard again says.
#[derive(Default)]
pub(super) struct Looked {
    /// It is mended.
    pub(super) fixed: bool,
    /// In free words about the object.
    pub(super) note: String,
    /// The check in the course of which it was looked at.
    pub(super) inspection: Option<RecordId>,
    /// To whom it is handed from here.
    pub(super) to: Option<HandedTo>,
    /// Who mends it from now on.
    pub(super) responsible: Option<Responsible>,
}

/// A number that follows from the check: every phone that shows the notice shows the same, offline too.
fn slip_number(check: RecordId, on: NaiveDate) -> String {
    let id = check.to_string();
    let tail: String = id.chars().rev().filter(char::is_ascii_hexdigit).take(6).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}-{}", on.format("%Y%m%d"), tail.to_uppercase())
}

fn note(typed: &str) -> Result<String, UiError> {
    text::check_text(typed, TEXT_MAX).map_err(|problem| UiError::form(vec![FieldProblem::stop("note", Problem::Text(problem))]))
}

/// What is to do about a hazard: while it is open, somebody looks again by its day.
pub(crate) fn refresh(writing: &Writing<'_>, hazard: &Record) -> Result<(), Failure> {
    let todo = Todo {
        record: hazard.id,
        kind: derive::todo::HAZARD.to_owned(),
        unit: hazard.reference("what", "unit"),
        due_on: hazard.text("due", "on").unwrap_or_default().to_owned(),
    };
    let open = hazard::is_open(hazard) && withdrawal::stands(hazard, &**writing)?;
    writing.put_todos(hazard.id, if open { std::slice::from_ref(&todo) } else { &[] })?;
    Ok(())
}
