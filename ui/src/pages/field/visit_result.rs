//! How a visit ends: one tap when people were met, and what it was when nobody was.

use domain::RecordId;
use domain::codes::{NextSlot, VisitResult};
use serde::{Deserialize, Serialize};
use ui_protocol::UiError;
use ui_protocol::visits::{FinishVisit, FinishedVisit};
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{use_draft, use_notices, use_submit};
use crate::parts::{Banner, Button, Dialog, Look, NoteField, Tone, Trouble};
use crate::words::{Label, Words, use_words};

/// Properties of [`Finish`].
#[derive(Properties, PartialEq)]
pub struct FinishProps {
    /// The home.
    pub unit: RecordId,
    /// The home is on this device; another village's is finished without its page.
    pub works: bool,
    /// People nobody answered about.
    pub unanswered: usize,
    /// All of them live here.
    pub on_all_here: Callback<()>,
}

/// What is chosen and typed for a door behind which nobody was met; it outlives the lock.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct NotMet {
    result: VisitResult,
    next: NextSlot,
    note: String,
}

/// What is being decided.
#[derive(Clone, Copy, PartialEq)]
enum Asking {
    /// Some were not asked about.
    Unanswered,
    /// Another result than "done".
    Other,
}

/// The thumb of a visit.
#[component(Finish)]
pub fn finish(props: &FinishProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let asking = use_state(|| None::<Asking>);
    let fresh = NotMet { result: VisitResult::NoAnswer, next: NextSlot::TomorrowEvening, note: String::new() };
    let not_met = use_draft(format!("visit-end:{}", props.unit), fresh);
    let works = props.works;
    let submit = use_submit::<FinishVisit>({
        let not_met = not_met.clone();
        Callback::from(move |done: FinishedVisit| {
            not_met.finish_and_forget();
            notices.say(if works { words.visit_saved() } else { words.visit_saved_for_others() });
            if let Some(navigator) = &navigator {
                navigator.replace(&if works { Route::PastVisit { id: done.visit } } else { Route::First });
            }
        })
    });
    let unit = props.unit;
    let ask = |what: Option<Asking>| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(what))
    };
    let finish_as = |end: NotMet| {
        let send = submit.send.clone();
        Callback::from(move |()| {
            let NotMet { result, next, note } = end.clone();
            send.emit(FinishVisit { unit, result, next, note });
        })
    };
    let met_all = finish_as(NotMet { result: VisitResult::Done, next: NextSlot::None, note: String::new() });
    let chosen = not_met.form().clone();
    let comes_again = chosen.result.may_come_again();
    let nobody_met = finish_as(NotMet { next: if comes_again { chosen.next } else { NextSlot::None }, ..chosen.clone() });
    let trouble = submit.state.error().map(|error| said(words, error)).unwrap_or_default();
    html! {
        <div class="thumb">
            if asking.is_none() { { trouble.clone() } }
            <Button look={Look::Primary} label={words.visit_done()} busy={submit.state.is_busy()} busy_label={words.saving()}
                on_click={if props.unanswered > 0 { ask(Some(Asking::Unanswered)) } else { met_all.clone() }} />
            <div class="thumb-row">
                if props.unanswered > 0 {
                    <Button label={words.visit_all_here()} on_click={props.on_all_here.clone()} />
                }
                <Button label={words.visit_not_done()} on_click={ask(Some(Asking::Other))} />
            </div>
            if *asking == Some(Asking::Unanswered) {
                <Dialog title={words.visit_unanswered_ask()} text={words.visit_unanswered_help()} confirm={words.visit_done()} busy={submit.state.is_busy()}
                    on_confirm={met_all} on_cancel={ask(None)}>{ trouble.clone() }</Dialog>
            }
            if *asking == Some(Asking::Other) {
                <Dialog title={words.visit_result()} confirm={words.visit_done()} busy={submit.state.is_busy()}
                    on_confirm={nobody_met} on_cancel={ask(None)}>
                    { choices(words.visit_result(), &OTHERS, chosen.result, words, |result| {
                        let not_met = not_met.clone();
                        Callback::from(move |_| not_met.change(|end| end.result = result))
                    }) }
                    if comes_again {
                        <p class="field-label">{ words.visit_next() }</p>
                        { choices(words.visit_next(), NextSlot::ALL, chosen.next, words, |next| {
                            let not_met = not_met.clone();
                            Callback::from(move |_| not_met.change(|end| end.next = next))
                        }) }
                    }
                    <NoteField id="visit_note" label={words.visit_note()} hint={words.visit_note_hint()} value={chosen.note.clone()}
                        on_change={not_met.set(|end, text| end.note = text)} />
                    { trouble }
                </Dialog>
            }
        </div>
    }
}

/// What a visit may be besides done.
const OTHERS: [VisitResult; 6] = [
    VisitResult::NoAnswer,
    VisitResult::Refused,
    VisitResult::Vacant,
    VisitResult::OwnerLives,
    VisitResult::Renovating,
    VisitResult::NoAddress,
];

fn said(words: Words, error: &UiError) -> Html {
    if error.problems.iter().any(|problem| problem.field == "result") {
        return html! { <Banner tone={Tone::Bad} text={words.visit_against()} /> };
    }
    html! { <Trouble error={error.clone()} /> }
}

fn choices<T: Label>(name: &'static str, all: &[T], chosen: T, words: Words, choose: impl Fn(T) -> Callback<MouseEvent>) -> Html {
    html! {
        <div class="taps" role="group" aria-label={name}>
            { for all.iter().map(|choice| html! {
                <button type="button" class="tap" aria-pressed={(chosen == *choice).to_string()} onclick={choose(*choice)}>{ words.label(*choice) }</button>
            }) }
        </div>
    }
}
