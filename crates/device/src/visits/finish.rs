//! A visit is finished: its draft becomes facts, in one save. Another answer instead of a wrong one is a fact too.

use std::collections::BTreeMap;

use domain::codes::{VisitPersonResult, VisitProof};
use domain::form::{FieldProblem, Problem};
use domain::record::to_fields;
use domain::visit::{NextVisit, VisitFact, VisitPersonFact};
use domain::visit_draft::{Tap, VisitDraft};
use domain::{RecordId, kind, text, withdrawal};
use sync_protocol::TXN_CHANGES_MAX;
use ui_protocol::visits::{CorrectAnswer, FinishVisit, FinishedVisit, HomeNow, PastVisit, PastVisitView};
use ui_protocol::{ErrorCode, UiError};

use super::taps::{answer, keep};
use super::{draft_key, home_now, kept};
use crate::error::Failure;
use crate::save::Save;
use crate::{Device, plates};

/// Answers of one save, beside the visit itself.
const ANSWERS_AT_ONCE: usize = TXN_CHANGES_MAX - 1;
/// Characters of the note about the door.
const NOTE_MAX: usize = 200;

impl Device {
    pub(crate) fn finish_visit(&self, ask: &FinishVisit) -> Result<FinishedVisit, Failure> {
        // Only a hostel of more than 199 people takes a second save; what is left stays in the draft until it is written.
        loop {
            let (visit, more) = self.save(|save| self.finish_some(save, ask))?;
            if !more {
                return Ok(FinishedVisit { visit, waiting_to_sync: true });
            }
        }
    }

    fn finish_some(&self, save: &mut Save<'_, '_>, ask: &FinishVisit) -> Result<(RecordId, bool), Failure> {
        let draft = kept(save.writing, ask.unit)?;
        // A home that became another village's in the middle of it: what was seen goes where the home went.
        if home_now(save.writing, ask.unit)?.0 == HomeNow::Gone && draft.is_empty() {
            return Err(ErrorCode::NotFound.into());
        }
        let mut problems = Vec::new();
        if !draft.fits(ask.result) {
            problems.push(FieldProblem::stop("result", Problem::AgainstAnswers));
        }
        domain::form::check_optional_text("note", &ask.note, NOTE_MAX, &mut problems);
        if !domain::form::may_save(&problems) {
            return Err(UiError::form(problems).into());
        }
        let clock_suspect = draft.clock_went_back(save.now);
        let mut taps: Vec<Tap> = draft.answers().into_values().cloned().collect();
        if !ask.result.met_somebody() && draft.visit.is_none() {
            taps.extend(self.missed(save, ask.unit, &draft)?);
        }
        let visit = match draft.visit {
            Some(visit) => visit,
            None => {
                // When somebody was last asked about; a visit that met nobody is over when it is finished.
                let observed_unix_ms = draft.taps.iter().map(|tap| tap.at_unix_ms).next_back().unwrap_or(save.now);
                let fact = VisitFact {
                    unit: ask.unit,
                    observed_unix_ms,
                    result: ask.result,
                    notice: draft.notice.clone(),
                    note: text::clean(&ask.note),
                    next: NextVisit::of(ask.next, save.today).filter(|_| ask.result.may_come_again()),
                    registering: false,
                    clock_suspect,
                    proof: match draft.scanned || plates::was_scanned(save.writing, ask.unit, save.now)? {
                        true => VisitProof::PlateScan,
                        false => VisitProof::None,
                    },
                };
                save.create(kind::VISIT, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?
            }
        };
        let rest = taps.split_off(taps.len().min(ANSWERS_AT_ONCE));
        for tap in taps {
            let Some(result) = tap.result else { continue };
            let fact = VisitPersonFact {
                visit,
                unit: ask.unit,
                person: tap.person,
                residency: tap.residency,
                result,
                observed_unix_ms: tap.at_unix_ms,
                status_seen: tap.status_seen,
                corrects: None,
                clock_suspect,
            };
            save.create(kind::VISIT_PERSON, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
        }
        if rest.is_empty() {
            save.writing.drop_draft(&draft_key(ask.unit))?;
        } else {
            let draft = VisitDraft { taps: rest.clone(), visit: Some(visit), ..draft };
            keep(save.writing, ask.unit, &draft, save.now)?;
        }
        Ok((visit, !rest.is_empty()))
    }

    /// Nobody was met: neither was anybody who is registered there and was not answered about.
    fn missed(&self, save: &Save<'_, '_>, unit: RecordId, draft: &VisitDraft) -> Result<Vec<Tap>, Failure> {
        let answers = draft.answers();
        let mut missed = Vec::new();
        for who in self.rooms(save.writing, unit)?.into_iter().flat_map(|room| room.people) {
            let just = !draft.is_empty()
                && super::registered_at(save.writing, who.residency)?.is_some_and(|at| at >= draft.begun_unix_ms);
            if !just && !answers.contains_key(&who.person) {
                missed.push(answer(save.writing, who.person, who.residency, Some(VisitPersonResult::NotMet), save.now)?);
            }
        }
        Ok(missed)
    }

    pub(crate) fn correct_answer(&self, ask: &CorrectAnswer) -> Result<PastVisitView, Failure> {
        let visit = self.save(|save| {
            let wrong = save.record_of(ask.fact, kind::VISIT_PERSON)?;
            let fact: VisitPersonFact = wrong.typed("fact").ok_or(ErrorCode::NotFound)?;
            let all = save.writing.naming(fact.visit, kind::VISIT_PERSON)?;
            let corrected = all.iter().any(|other| other.reference("fact", "corrects") == Some(wrong.id));
            if corrected || withdrawal::is_taken_back(fact.visit, &**save.writing)? {
                return Err(ErrorCode::Stale.into());
            }
            let visit = fact.visit;
            if fact.result == ask.result {
                return Ok(visit);
            }
            let status = save.writing.shown(fact.residency)?;
            let fact = VisitPersonFact {
                result: ask.result,
                status_seen: status.and_then(|residency| Some(residency.groups.get("status")?.origin)),
                corrects: Some(wrong.id),
                ..fact
            };
            save.create(kind::VISIT_PERSON, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            Ok(visit)
        })?;
        self.past_visit(&PastVisit { visit })
    }
}
