//! Taking back a visit, a check, an application that was recorded by mistake; and letting it stand again, when that was one.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::form::{FieldProblem, Problem};
use domain::permit::Asked;
use domain::record::to_fields;
use domain::withdrawal::{self, Follows, Withdrawal};
use domain::{DeviceNumber, Record, RecordId, kind, text};
use store::device::View;
use ui_protocol::withdrawals::{LetStand, TakeBack, TakenBack};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::hands::Hands;
use crate::identity::Identity;
use crate::save::Save;
use crate::{Device, permits};

fn note(typed: &str) -> Result<String, UiError> {
    text::check_text(typed, withdrawal::NOTE_MAX)
        .map_err(|problem| UiError::form(vec![FieldProblem::stop("note", Problem::Text(problem))]))
}

/// Whether what a record says was written on this device, or is the station's to correct.
fn is_theirs(record: &Record, identity: &Identity) -> bool {
    let wrote = record.groups.get(withdrawal::authors_group(&record.kind)).map(|value| value.origin.device);
    wrote == Some(identity.device) || identity.account.role == Role::Officer
}

/// Whether the state of a hazard is the station's, as far as a phone can tell: somebody else set it. Devices are not told whose a
/// number is, so that a colleague's word counts as well: then the station takes the check back.
fn is_stations(hazard: &Record, hands: &Hands) -> bool {
    let set_by = hazard.groups.get("state").map(|value| value.origin.device);
    set_by.is_some_and(|device| device != DeviceNumber::SERVER && hands.behind(device).is_none_or(|name| !name.is_empty()))
}

impl Device {
    pub(crate) fn take_back(&self, ask: &TakeBack) -> Result<TakenBack, Failure> {
        let note = note(&ask.note)?;
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
            withdraw(save, record.id, &note)?;
            self.put_right(save, &record, false)?;
            Ok(TakenBack { id: record.id })
        })
    }

    /// What was taken back by mistake counts again: a fact that names the withdrawal.
    pub(crate) fn let_stand(&self, ask: &LetStand) -> Result<TakenBack, Failure> {
        let note = note(&ask.note)?;
        self.save(|save| {
            let record = save.record(ask.id)?;
            if !withdrawal::may_be_taken_back(&record.kind) {
                return Err(ErrorCode::NotFound.into());
            }
            let withdrawals = withdrawal::holding(record.id, &**save.writing)?;
            if withdrawals.is_empty() {
                return Err(ErrorCode::Stale.into());
            }
            if !withdrawals.iter().all(|withdrawal| is_theirs(withdrawal, &save.identity)) {
                return Err(ErrorCode::NotAllowed.into());
            }
            // Another was asked for meanwhile: two would stand in each other's way.
            if let Some(asked) = record.typed::<Asked>("asked")
                && let Some(person) = record.reference("who", "person")
                && permits::has_another(self, save.writing, person, asked.kind)?
            {
                return Err(ErrorCode::InUse.into());
            }
            for withdrawal in withdrawals {
                withdraw(save, withdrawal.id, &note)?;
            }
            self.put_right(save, &record, true)?;
            Ok(TakenBack { id: record.id })
        })
    }

    /// Whether this device offers it: recorded here, or the station's to correct, and not taken back, answered or gone on with by
    /// the station yet.
    pub(crate) fn may_take_back(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        Ok(self.could_take_back(view, record)? && !self.is_stations_now(view, record)?)
    }

    /// Whether the page says that only the station takes this back any more, instead of offering it.
    pub(crate) fn is_stations_to_take_back(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        Ok(self.could_take_back(view, record)? && self.is_stations_now(view, record)?)
    }

    fn could_take_back(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let Some(identity) = self.identity(view)? else { return Ok(false) };
        let still = withdrawal::may_be_taken_back(&record.kind) && !withdrawal::is_decided(record);
        Ok(is_theirs(record, &identity) && still && !withdrawal::is_taken_back(record.id, view)?)
    }

    fn is_stations_now(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let Some(identity) = self.identity(view)? else { return Ok(false) };
        if identity.account.role == Role::Officer {
            return Ok(false);
        }
        let hands = Hands::known(view, &identity)?;
        Ok(withdrawal::is_stations_now(record, view, |hazard| Ok(is_stations(hazard, &hands)))?)
    }

    /// Whether this device offers to let a record stand again: it was taken back here, or it is the station's to correct.
    pub(crate) fn may_let_stand(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let Some(identity) = self.identity(view)? else { return Ok(false) };
        let withdrawals = withdrawal::holding(record.id, view)?;
        Ok(!withdrawals.is_empty() && withdrawals.iter().all(|withdrawal| is_theirs(withdrawal, &identity)))
    }

    /// What a check had said of hazards that were known follows it.
    fn put_right(&self, save: &mut Save<'_, '_>, record: &Record, stands_again: bool) -> Result<(), Failure> {
        if record.kind != kind::INSPECTION {
            return Ok(());
        }
        let law = self.law(save.writing)?;
        let follows = withdrawal::follows(record, stands_again, &**save.writing, &law.book, &law.calendar, save.today)?;
        for follows in follows {
            match follows {
                Follows::Set(hazard, groups) => {
                    save.set(hazard.id, groups)?;
                }
                Follows::Create(groups) => {
                    save.create(kind::HAZARD, groups)?;
                }
            }
        }
        Ok(())
    }
}

fn withdraw(save: &mut Save<'_, '_>, of: RecordId, note: &str) -> Result<(), Failure> {
    let fact = Withdrawal { of, note: note.to_owned() };
    save.create(kind::WITHDRAWAL, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
    Ok(())
}

/// What a withdrawal takes back, or lets stand again; of a refused one, as its change has it.
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
    Ok(named.map_or(Ok(None), |named| withdrawal::about(named, view))?)
}
