//! A note for a door nobody opened: to show and to print. Nobody's name stands on it.

use std::rc::Rc;

use domain::{RecordId, day};
use ui_protocol::visits::{PastVisit as AskVisit, PastVisitView};
use yew::prelude::*;

use super::notice_slip::print;
use super::route::Route;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Button, Fact, Look, Screen, answered};
use crate::words::{Words, use_words};

/// Properties of [`LeaveNote`].
#[derive(Properties, PartialEq)]
pub struct LeaveNoteProps {
    /// The visit.
    pub id: RecordId,
}

/// The page of a note for the door.
#[component(LeaveNote)]
pub fn leave_note(props: &LeaveNoteProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskVisit { visit: props.id }, &[]);
    let thumb = html! { <Button look={Look::Primary} label={words.notice_print()} on_click={print()} /> };
    html! {
        <Screen title={words.leave_note_title()} back={Route::PastVisit { id: props.id }.href()} {thumb}>
            { answered(&asked, |view| paper(words, view, frame.today())) }
        </Screen>
    }
}

fn paper(words: Words, view: &Rc<PastVisitView>, today: &str) -> Html {
    let came = day::day_of(view.row.observed_unix_ms).to_string();
    html! {
        <>
            <article class="paper">
                <h2 class="paper-title">{ words.leave_note_heading() }</h2>
                <p>{ words.leave_note_intro() }</p>
                <div class="paper-facts">
                    <Fact name={words.notice_home()} value={view.title.clone()} />
                    <Fact name={words.leave_note_on()} value={format!("{} {}", words.day(&came, today), words.clock(view.row.observed_unix_ms))} />
                    if let Some(next) = &view.row.next {
                        <Fact name={words.leave_note_next()} value={words.next_visit(next, today)} />
                    }
                </div>
                <p>{ words.leave_note_please() }</p>
                <div class="paper-signs"><p>{ words.leave_note_station() }<span class="paper-line"></span></p></div>
            </article>
            <p class="quiet not-printed form-about">{ words.leave_note_no_names() }</p>
        </>
    }
}
