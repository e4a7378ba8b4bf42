//! Taps of a visit: shown at once, kept one after the other, and never lost between two quick ones.

use std::collections::VecDeque;

use domain::RecordId;
use domain::codes::VisitPersonResult;
use ui_protocol::UiError;
use ui_protocol::visits::{NoteVisit, Noted, Step};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::hooks::use_asker;

/// What was noted, and how to note more.
#[derive(Clone)]
pub struct Taps {
    /// As it stands, with taps that are still being kept.
    pub noted: Noted,
    /// Why the last tap could not be kept.
    pub error: Option<UiError>,
    /// Notes one touch down.
    pub send: Callback<Step>,
}

impl Taps {
    /// The answer that stands about somebody.
    pub fn answer(&self, person: RecordId) -> Option<VisitPersonResult> {
        self.noted.answers.iter().find(|(known, _)| *known == person).map(|(_, result)| *result)
    }
}

/// A quick thumb taps the next person before the last tap is kept: they wait in a row.
#[hook]
pub fn use_taps(unit: RecordId, begun: Noted) -> Taps {
    let asker = use_asker();
    let noted = use_mut_ref(|| begun);
    let error = use_mut_ref(|| None::<UiError>);
    let row = use_mut_ref(VecDeque::<Step>::new);
    let redraw = use_force_update();
    let send = {
        let (noted, error) = (noted.clone(), error.clone());
        Callback::from(move |step: Step| {
            if let Step::Answer { person, result } = &step {
                let mut noted = noted.borrow_mut();
                noted.answers.retain(|(known, _)| known != person);
                noted.answers.extend(result.map(|result| (*person, result)));
                noted.can_undo = true;
            }
            row.borrow_mut().push_back(step);
            redraw.force_update();
            if row.borrow().len() > 1 {
                return;
            }
            let (asker, noted, error, row, redraw) = (asker.clone(), noted.clone(), error.clone(), row.clone(), redraw.clone());
            spawn_local(async move {
                loop {
                    let Some(step) = row.borrow().front().cloned() else { return };
                    let answer = asker.ask(NoteVisit { unit, step }).await;
                    row.borrow_mut().pop_front();
                    match answer {
                        // What is still in the row is on the screen already.
                        Ok(kept) if row.borrow().is_empty() => *noted.borrow_mut() = kept,
                        Ok(_) => {}
                        Err(failed) => {
                            // Nothing may look kept that is not: the screen says so, and the last word kept comes back.
                            row.borrow_mut().clear();
                            if let Ok(view) = asker.ask(ui_protocol::visits::Visit { unit }).await {
                                *noted.borrow_mut() = view.noted;
                            }
                            *error.borrow_mut() = Some(failed);
                            redraw.force_update();
                            return;
                        }
                    }
                    *error.borrow_mut() = None;
                    redraw.force_update();
                }
            });
        })
    };
    let (noted, error) = (noted.borrow().clone(), error.borrow().clone());
    Taps { noted, error, send }
}
