//! Taking back a visit, a check, an application that was recorded by mistake.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::form::{FieldProblem, Problem};
use domain::hazard::{self, HazardState, RecheckFact, State, What};
use domain::record::to_fields;
use domain::withdrawal::{self, Withdrawal};
use domain::{Record, RecordId, day, kind, policy, text};
use store::device::View;
use ui_protocol::withdrawals::{TakeBack, TakenBack};
use ui_protocol::{ErrorCode, UiError};

use crate::Device;
use crate::error::Failure;
use crate::save::Save;

impl Device {
    pub(crate) fn take_back(&self, ask: &TakeBack) -> Result<TakenBack, Failure> {
        let note = text::check_text(&ask.note, withdrawal::NOTE_MAX)
            .map_err(|problem| UiError::form(vec![FieldProblem::stop("note", Problem::Text(problem))]))?;
        self.save(|save| {
            let record = save.record(ask.id)?;
            if !withdrawal::may_be_taken_back(&record.kind) {
                return Err(ErrorCode::NotFound.into());
            }
            if withdrawal::is_decided(&record) || withdrawal::is_taken_back(record.id, &**save.writing)? {
                return Err(ErrorCode::Stale.into());
            }
            if !self.may_take_back(save.writing, &record)? {
                return Err(ErrorCode::NotAllowed.into());
            }
            let fact = Withdrawal { of: record.id, note: note.clone() };
            save.create(kind::WITHDRAWAL, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            if record.kind == kind::INSPECTION {
                self.put_back(save, &record)?;
            }
            Ok(TakenBack { id: record.id })
        })
    }

    /// Whether this device offers it: recorded here, or the station's to correct, and not taken back or answered yet.
    pub(crate) fn may_take_back(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let Some(identity) = self.identity(view)? else { return Ok(false) };
        let wrote = record.groups.get(withdrawal::authors_group(&record.kind)).map(|value| value.origin.device);
        let theirs = wrote == Some(identity.device) || identity.account.role == Role::Officer;
        let still = withdrawal::may_be_taken_back(&record.kind) && !withdrawal::is_decided(record);
        Ok(theirs && still && !withdrawal::is_taken_back(record.id, view)?)
    }

    /// What a check had said of hazards that were known is not so either: those it closed are opened again, and a day it had set
    /// anew is the one before.
    fn put_back(&self, save: &mut Save<'_, '_>, check: &Record) -> Result<(), Failure> {
        let law = self.law(save.writing)?;
        let checked_ms = check.field("fact", "observed_unix_ms").and_then(|at| at.as_i64()).unwrap_or_default();
        for recheck in save.writing.naming(check.id, kind::RECHECK)? {
            let hazard = recheck.reference("fact", "hazard").map_or(Ok(None), |hazard| save.writing.shown(hazard))?;
            let Some(hazard) = hazard else { continue };
            let Some(what) = hazard.typed::<What>("what") else { continue };
            let due_from = |at: i64| policy::due(&law.book, &law.calendar, hazard::due_key(what.severity), day::day_of(at));
            let mut seen_ms = what.observed_unix_ms;
            for other in save.writing.naming(hazard.id, kind::RECHECK)? {
                let said = other.typed::<RecheckFact>("fact").filter(|said| !said.fixed && said.inspection != Some(check.id));
                seen_ms = seen_ms.max(said.map_or(seen_ms, |said| said.observed_unix_ms));
            }
            let due = due_from(seen_ms).map(|due| ("due".to_owned(), to_fields(&due)));
            if hazard::is_open(&hazard) {
                let set_anew = due_from(checked_ms).is_some_and(|due| hazard.text("due", "on") == Some(&due.on.to_string()));
                if let Some(due) = due.filter(|_| set_anew) {
                    save.set(hazard.id, BTreeMap::from([due]))?;
                }
            } else if hazard.reference("state", "recheck") == Some(recheck.id) {
                // What is closed stays closed: it goes on under another record, with everything that was known of it.
                let on = save.today.to_string();
                let state = State { state: HazardState::Noticed, on, to: None, recheck: None, note: String::new() };
                let mut groups = BTreeMap::from([("what".to_owned(), to_fields(&what)), ("state".to_owned(), to_fields(&state))]);
                groups.extend(hazard.fields("charge").map(|charge| ("charge".to_owned(), charge.clone())));
                groups.extend(due);
                save.create(kind::HAZARD, groups)?;
            }
        }
        Ok(())
    }
}

/// What a withdrawal takes back; of a refused one, as its change has it.
pub(crate) fn taken_back_by(view: &View<'_>, withdrawal: &Record) -> Result<Option<Record>, Failure> {
    let named = match withdrawal.reference("fact", "of") {
        Some(named) => Some(named),
        None => {
            let changes = view.changes_of(withdrawal.id, 1)?;
            changes
                .first()
                .and_then(|change| change.change.groups.get("fact")?.fields.get("of")?.as_str()?.parse::<RecordId>().ok())
        }
    };
    Ok(named.map_or(Ok(None), |named| view.shown(named))?)
}
