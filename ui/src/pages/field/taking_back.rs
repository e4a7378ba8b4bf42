//! Taking back a visit, a check or an application that was recorded by mistake: asked once, with room for the reason.

use domain::RecordId;
use ui_protocol::withdrawals::{LetStand as AskLetStand, TakeBack as AskTakeBack, TakenBack};
use yew::prelude::*;

use crate::hooks::{use_draft, use_notices, use_submit};
use crate::parts::{Banner, Button, Dialog, Look, NoteField, Tone, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`TakeBack`].
#[derive(Properties, PartialEq)]
pub struct TakeBackProps {
    /// What was a mistake.
    pub id: RecordId,
    /// Its kind.
    pub kind: AttrValue,
}

/// Properties of [`LetStand`].
#[derive(Properties, PartialEq)]
pub struct LetStandProps {
    /// What was none.
    pub id: RecordId,
}

/// What was taken back counts again, after a question.
#[component(LetStand)]
pub fn let_stand(props: &LetStandProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<AskLetStand>({
        let asking = asking.setter();
        Callback::from(move |_: TakenBack| {
            asking.set(false);
            notices.say(words.stands_again());
        })
    });
    let ask = |open: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(open))
    };
    let on_confirm = {
        let (send, id) = (submit.send.clone(), props.id);
        Callback::from(move |()| send.emit(AskLetStand { id, note: String::new() }))
    };
    html! {
        <>
            <div class="buttons"><Button label={words.let_stand()} on_click={ask(true)} /></div>
            if *asking {
                <Dialog title={words.let_stand()} text={words.let_stand_ask()} confirm={words.let_stand()} busy={submit.state.is_busy()}
                    {on_confirm} on_cancel={ask(false)}>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}

/// The button, and the question behind it.
#[component(TakeBack)]
pub fn take_back(props: &TakeBackProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let note = use_draft(format!("take-back:{}", props.id), String::new());
    let submit = use_submit::<AskTakeBack>({
        let (asking, note) = (asking.setter(), note.clone());
        Callback::from(move |_: TakenBack| {
            note.finish_and_forget();
            asking.set(false);
            notices.say(words.taken_back());
        })
    });
    let ask = |open: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(open))
    };
    let on_confirm = {
        let (send, note, id) = (submit.send.clone(), note.clone(), props.id);
        Callback::from(move |()| send.emit(AskTakeBack { id, note: note.form().clone() }))
    };
    html! {
        <>
            <div class="buttons">
                <Button look={Look::Warn} label={words.take_back()} on_click={ask(true)} />
            </div>
            if *asking {
                <Dialog title={words.take_back()} text={words.take_back_ask(&props.kind)} confirm={words.take_back_confirm()} warn=true
                    busy={submit.state.is_busy()} {on_confirm} on_cancel={ask(false)}>
                    <NoteField id="take_back_note" label={words.take_back_note()} value={note.form().clone()}
                        on_change={note.set(|note, text| *note = text)} />
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}

/// Instead of the button, where only the station may any more.
pub fn stations_now(words: Words) -> Html {
    html! { <Banner tone={Tone::Calm} text={words.take_back_stations()} /> }
}

/// What stands at the top of what was taken back.
pub fn taken_back(words: Words) -> Html {
    html! { <Banner tone={Tone::Wait} text={words.taken_back_about()} /> }
}
