//! The letter of responsibility: read out, signed on the screen, shown again.

use std::rc::Rc;

use domain::RecordId;
use domain::form::may_save;
use domain::letter::LetterForm;
use ui_protocol::Topic;
use ui_protocol::safety::{LetterStanding, LetterView, Letters, LettersView, SignLetter};
use yew::prelude::*;

use super::history::HistoryLink;
use super::notice_slip::print;
use super::restored::restored;
use super::route::Route;
use crate::hooks::{use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Button, Cells, DateField, Look, Screen, SignPad, Signature, Skeleton, Tag, TextField, Tone, Trouble, answered,
    focus_first_problem,
};
use crate::words::{Words, use_words};

/// Properties of [`Letter`].
#[derive(Properties, PartialEq)]
pub struct LetterProps {
    /// The home.
    pub id: RecordId,
}

/// The page of a home's letters.
#[component(Letter)]
pub fn letter(props: &LetterProps) -> Html {
    let words = use_words();
    let id = props.id;
    let again = use_state(|| false);
    let asked = use_call(Letters { unit: id }, &[Topic::Units]);
    let standing = asked.answer.ready().map(|letters| letters.standing);
    let signing = *again || matches!(standing, Some(LetterStanding::Missing | LetterStanding::Expired));
    let drawn = asked.answer.ready().and_then(|letters| letters.letters.first().cloned()).filter(|_| !signing);
    let thumb = match (&drawn, signing) {
        (Some(_), false) => html! { <Button label={words.notice_print()} on_click={print()} /> },
        _ => Html::default(),
    };
    let set_again = |on: bool| {
        let again = again.setter();
        Callback::from(move |()| again.set(on))
    };
    html! {
        <Screen title={words.letter_title()} back={Route::Home { id }.href()} {thumb}>
            { answered(&asked, |letters| html! {
                <>
                    if signing {
                        <Signing unit={id} letters={letters.clone()} on_signed={set_again(false)} />
                    } else {
                        if let Some(letter) = &drawn {
                            { paper(words, letters, letter) }
                        } else {
                            <div class="card"><p class="card-title">{ &letters.home }</p>
                                <p class="card-tags"><Tag text={words.letter_standing(letters.standing)} tone={Tone::Good} /></p></div>
                        }
                        <div class="buttons not-printed"><Button label={words.letter_again()} on_click={set_again(true)} /></div>
                    }
                    { past(words, letters, drawn.as_ref()) }
                    if let Some(letter) = &drawn {
                        <div class="not-printed"><HistoryLink id={letter.id} /></div>
                    }
                </>
            }) }
        </Screen>
    }
}

/// A letter as it was signed.
fn paper(words: Words, letters: &LettersView, letter: &LetterView) -> Html {
    html! {
        <article class="paper">
            <h2 class="paper-title">{ words.letter_title() }</h2>
            <p class="paper-number">{ words.letter_version() }{ " " }{ &letter.template }</p>
            { wording(words, letters, &letter.template, &letter.signer, &format!("{}{}", letters.area_name, letters.home)) }
            <div class="paper-signs">
                <p>{ words.letter_signature() }</p>
                <Signature strokes={letter.strokes.clone()} said={format!("{} {}", words.letter_signature(), letter.signer)} />
                <p>{ words.letter_signed_on() }{ " " }{ words.paper_day(&letter.signed_on) }</p>
                <p>{ words.letter_valid_to() }{ " " }{ words.paper_day(&letter.valid_to) }</p>
            </div>
            if letter.expired || letter.waiting {
                <p class="card-tags not-printed">
                    if letter.expired {
                        <Tag text={words.letter_expired_mark()} tone={Tone::Bad} />
                    }
                    if letter.waiting {
                        <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                    }
                </p>
            }
        </article>
    }
}

fn wording(words: Words, letters: &LettersView, template: &str, signer: &str, home: &str) -> Html {
    match letters.wordings.iter().find(|wording| wording.version == template) {
        None => html! { <p>{ words.letter_unknown() }</p> },
        Some(wording) => html! {
            <>
                <p>{ words.letter_opening(signer, home) }</p>
                <ol class="paper-items">{ for wording.clauses.iter().map(|clause| html! { <li>{ words.letter_clause(clause) }</li> }) }</ol>
            </>
        },
    }
}

/// Letters that were signed on the screen before the one that is shown.
fn past(words: Words, letters: &LettersView, shown: Option<&LetterView>) -> Html {
    let past: Vec<&LetterView> =
        letters.letters.iter().filter(|letter| shown.is_none_or(|shown| shown.id != letter.id)).collect();
    if past.is_empty() {
        return Html::default();
    }
    html! {
        <details class="fold not-printed">
            <summary>{ words.letter_past() }{ format!(" {}", past.len()) }</summary>
            { for past.iter().map(|letter| paper(words, letters, letter)) }
        </details>
    }
}

/// Properties of [`Signing`].
#[derive(Properties, PartialEq)]
struct SigningProps {
    unit: RecordId,
    letters: Rc<LettersView>,
    on_signed: Callback<()>,
}

#[component(Signing)]
fn signing(props: &SigningProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let (unit, letters) = (props.unit, props.letters.clone());
    let draft = use_draft::<LetterForm>(format!("letter:{unit}"), letters.form.clone());
    let checks = use_checks::<LetterForm>();
    let submit = use_submit::<SignLetter>({
        let (draft, on_signed) = (draft.clone(), props.on_signed.clone());
        Callback::from(move |_| {
            draft.finish();
            notices.say(words.letter_saved());
            on_signed.emit(());
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let own = form.check(frame.today_date());
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let left = checks.left();
    let onsubmit = {
        let (draft, checks, send) = (draft.clone(), checks.clone(), submit.send.clone());
        let template = letters.template.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            send.emit(SignLetter { unit, form, template: template.clone(), draft: Some(draft.key()) });
        })
    };
    let on_drawn = {
        let draft = draft.clone();
        Callback::from(move |strokes: Vec<String>| draft.change(|form| form.strokes = strokes))
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            { restored(words, &draft) }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <article class="paper">
                <h2 class="paper-title">{ words.letter_sign_title() }</h2>
                { wording(words, &letters, &letters.template, &form.signer, &format!("{}{}", letters.area_name, letters.home)) }
            </article>
            <Cells>
                <TextField id="signer" label={words.letter_signer()} value={form.signer.clone()} required=true said={said("signer")}
                    on_change={draft.set(|form, text| form.signer = text)} on_leave={left.clone()} />
                <DateField id="signed_on" label={words.letter_signed_on()} value={form.signed_on.clone()} today={frame.today().to_owned()} required=true
                    said={said("signed_on")} on_change={draft.set(|form, text| form.signed_on = text)} on_leave={left.clone()} />
                <DateField id="valid_to" label={words.letter_valid_to()} value={form.valid_to.clone()} today={frame.today().to_owned()} required=true
                    said={said("valid_to")} on_change={draft.set(|form, text| form.valid_to = text)} on_leave={left.clone()} plain=true />
                <SignPad id="strokes" label={words.letter_sign_here()} strokes={form.strokes.clone()} said={said("strokes")} on_change={on_drawn} />
            </Cells>
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.letter_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}
