//! Taps at the door: each is kept before it is answered, so that a call, a crash or a dead battery loses none.

use domain::RecordId;
use domain::codes::VisitPersonResult;
use domain::visit_draft::{Tap, VisitDraft};
use store::device::{Durability, View};
use ui_protocol::ErrorCode;
use ui_protocol::visits::{DropVisit, HomeNow, NoteVisit, Noted, OpenVisits, OpenVisitsReply, Step};

use super::{VERSION_MAX, draft_key, home_now, kept, noted, registered_at, registration_at};
use crate::error::Failure;
use crate::same::root_of_person;
use crate::{Device, plates};

impl Device {
    pub(crate) fn note_visit(&self, ask: &NoteVisit) -> Result<Noted, Failure> {
        let now = self.now();
        self.store.write(Durability::Full, |writing| {
            self.require(writing)?;
            let mut draft = kept(writing, ask.unit)?;
            if home_now(writing, ask.unit)?.0 == HomeNow::Gone {
                return Err(ErrorCode::NotFound.into());
            }
            if draft.is_empty() {
                draft.begun_unix_ms = now;
                draft.scanned = plates::was_scanned(writing, ask.unit, now)?;
            }
            match &ask.step {
                Step::Answer { person, result } => {
                    draft.touch([tap(writing, ask.unit, &draft, *person, *result, now)?]);
                }
                Step::AllHere => {
                    let taps = self.all_here(writing, ask.unit, &draft, now)?;
                    if taps.is_empty() {
                        return Ok(noted(&draft));
                    }
                    draft.touch(taps);
                }
                Step::Undo => {
                    draft.undo();
                }
                Step::Adding => draft.under_way = true,
                Step::NoticeShown { version } if version.chars().count() > VERSION_MAX => {
                    return Err(ErrorCode::Malformed.into());
                }
                Step::NoticeShown { version } => draft.notice = version.clone(),
            }
            keep(writing, ask.unit, &draft, now)?;
            Ok::<_, Failure>(noted(&draft))
        })
    }

    /// Everybody here whom nobody answered about.
    fn all_here(&self, view: &View<'_>, unit: RecordId, draft: &VisitDraft, now: i64) -> Result<Vec<Tap>, Failure> {
        let answers = draft.answers();
        let mut taps = Vec::new();
        for who in self.rooms(view, unit)?.into_iter().flat_map(|room| room.people) {
            let just = !draft.is_empty() && registered_at(view, who.residency)?.is_some_and(|at| at >= draft.begun_unix_ms);
            if !just && !answers.contains_key(&who.person) {
                taps.push(answer(view, who.person, who.residency, Some(VisitPersonResult::Here), now)?);
            }
        }
        Ok(taps)
    }

    pub(crate) fn drop_visit(&self, ask: &DropVisit) -> Result<OpenVisitsReply, Failure> {
        self.store.write(Durability::Full, |writing| {
            self.require(writing)?;
            writing.drop_draft(&draft_key(ask.unit))?;
            // What was typed for its end belongs to no other visit.
            writing.drop_draft(&format!("visit-end:{}", ask.unit))?;
            Ok::<_, Failure>(())
        })?;
        self.open_visits(&OpenVisits {})
    }
}

/// Keeps the draft, or none when everything in it was taken back.
pub(super) fn keep(writing: &store::device::Writing<'_>, unit: RecordId, draft: &VisitDraft, now: i64) -> Result<(), Failure> {
    if draft.is_empty() {
        writing.drop_draft(&draft_key(unit))?;
    } else {
        writing.keep_draft(&draft_key(unit), &serde_json::to_value(draft)?, now)?;
    }
    Ok(())
}

/// One answer about somebody who is in the roster, or was when they were answered about.
fn tap(
    view: &View<'_>,
    unit: RecordId,
    draft: &VisitDraft,
    person: RecordId,
    result: Option<VisitPersonResult>,
    now: i64,
) -> Result<Tap, Failure> {
    let person = root_of_person(view, person)?;
    let known = draft.taps.iter().rev().find(|tap| tap.person == person).map(|tap| tap.residency);
    let residency = match registration_at(view, unit, person)? {
        Some(residency) => residency,
        None => known.ok_or(ErrorCode::Stale)?,
    };
    answer(view, person, residency, result, now)
}

pub(super) fn answer(
    view: &View<'_>,
    person: RecordId,
    residency: RecordId,
    result: Option<VisitPersonResult>,
    now: i64,
) -> Result<Tap, Failure> {
    let status_seen = view.shown(residency)?.and_then(|residency| Some(residency.groups.get("status")?.origin));
    Ok(Tap { touch: 0, person, residency, result, at_unix_ms: now, status_seen })
}
