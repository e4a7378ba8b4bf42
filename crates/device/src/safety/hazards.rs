//! One hazard: shown, looked at again, handed over; and the notice of a check.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::address::Address;
use domain::form::{FieldProblem, Problem};
use domain::hazard::{self, HazardState, Looked, RecheckFact, State, TEXT_MAX};
use domain::record::to_fields;
use domain::{Record, RecordId, day, kind, text, withdrawal};
use store::device::{Todo, View, Writing};
use ui_protocol::safety::{HandOverHazard, Hazard, HazardView, NoticeSlip, RecheckHazard, RecheckLine, SlipItem, SlipView};
use ui_protocol::{ErrorCode, UiError};

use super::hazard_row;
use crate::error::Failure;
use crate::hands::Hands;
use crate::law::Law;
use crate::save::Save;
use crate::{Device, derive, homes};

impl Device {
    pub(crate) fn hazard(&self, ask: &Hazard) -> Result<HazardView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let record = view.shown(ask.id)?.filter(|record| record.kind == kind::HAZARD).ok_or(ErrorCode::NotFound)?;
            let unit = homes::root(view, record.reference("what", "unit").ok_or(ErrorCode::NotFound)?)?;
            let hands = Hands::known(view, &identity)?;
            let mut rechecks = Vec::new();
            for fact in withdrawal::standing(view.naming(record.id, kind::RECHECK)?, view)? {
                let mine = fact.groups.get("fact").is_some_and(|value| value.origin.device == identity.device);
                let Some(said) = fact.typed::<RecheckFact>("fact") else { continue };
                let RecheckFact { observed_unix_ms, fixed, note, .. } = said;
                rechecks.push(RecheckLine { observed_unix_ms, fixed, note, mine, by: hands.of(&fact, "fact") });
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
        let fact = looked.fact(hazard.id, save.now);
        let recheck = save.create(kind::RECHECK, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
        // That somebody looked is kept, wherever it stays.
        let law = self.law(save.writing)?;
        let groups = looked.groups(hazard, recheck, &law.book, &law.calendar, save.today);
        if !groups.is_empty() {
            save.set(hazard.id, groups)?;
        }
        Ok(())
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
            let unit = homes::root(view, check.reference("fact", "unit").ok_or(ErrorCode::NotFound)?)?;
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
                stations: self.is_stations_to_take_back(view, &check)?,
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
    let hazards = withdrawal::standing(homes::naming(view, unit, kind::HAZARD)?, view)?;
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

/// A check was taken back, or stands again: what it found, what it looked at again, and what was opened in the stead of one of these
/// may be to do or not. By what names the check and not by its home: a home entered twice may have been taken apart since.
pub(crate) fn refresh_of_check(writing: &Writing<'_>, check: RecordId) -> Result<(), Failure> {
    let mut touched = writing.naming(check, kind::HAZARD)?;
    for recheck in writing.naming(check, kind::RECHECK)? {
        let hazard = recheck.reference("fact", "hazard").map_or(Ok(None), |hazard| writing.shown(hazard))?;
        touched.extend(hazard);
    }
    let mut seen = BTreeSet::new();
    while let Some(hazard) = touched.pop() {
        if !seen.insert(hazard.id) {
            continue;
        }
        refresh(writing, &hazard)?;
        touched.extend(writing.naming(hazard.id, kind::HAZARD)?);
    }
    Ok(())
}
