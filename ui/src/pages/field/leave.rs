//! Ending a registration: a person's decision, with an observation.

use domain::RecordId;
use domain::codes::CancelReason;
use domain::form::may_save;
use domain::residency::CancelForm;
use ui_protocol::Topic;
use ui_protocol::people::{CancelResidency, Person as AskPerson, Standing};
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{Checks, Draft, use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Button, Cells, DateField, Dialog, Empty, Look, NoteField, Screen, SelectField, Skeleton, Trouble, answered,
    focus_first_problem, options,
};
use crate::words::{Label, Words, use_words};

/// Properties of [`Leave`].
#[derive(Properties, PartialEq)]
pub struct LeaveProps {
    /// Who.
    pub id: RecordId,
}

/// The page that ends a registration.
#[component(Leave)]
pub fn leave(props: &LeaveProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskPerson { id }, &[Topic::People]);
    html! {
        <Screen title={words.leave_title()} back={Route::Person { id }.href()}>
            { answered(&asked, |person| {
                match person.residencies.first().filter(|residency| residency.standing != Standing::Cancelled) {
                    None => html! { <Empty title={words.person_no_registration()} /> },
                    Some(residency) => html! { <Editor person={id} name={person.name.clone()} residency={residency.id} /> },
                }
            }) }
        </Screen>
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
struct EditorProps {
    person: RecordId,
    name: String,
    residency: RecordId,
}

#[component(Editor)]
fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let (person, residency) = (props.person, props.residency);
    let fresh = CancelForm { left_on: frame.today().to_owned(), ..CancelForm::default() };
    let draft = use_draft::<CancelForm>(format!("leave:{residency}"), fresh);
    let checks = use_checks::<CancelForm>();
    let asking = use_state(|| false);
    let submit = use_submit::<CancelResidency>({
        let draft = draft.clone();
        Callback::from(move |_| {
            draft.finish_and_forget();
            notices.say(words.leave_done());
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Person { id: person });
            }
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let own = form.check(frame.today_date());
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let onsubmit = {
        let (checks, asking) = (checks.clone(), asking.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
            } else {
                asking.set(true);
            }
        })
    };
    let on_confirm = {
        let (draft, checks, send, asking) = (draft.clone(), checks.clone(), submit.send.clone(), asking.setter());
        Callback::from(move |()| {
            let form = draft.form().clone();
            checks.sent(&form);
            asking.set(false);
            send.emit(CancelResidency { residency, form });
        })
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="card"><p class="card-title">{ &props.name }</p></div>
            <p class="form-about">{ words.leave_help() }</p>
            { cancel_fields(words, &draft, &checks, &problems, frame.today()) }
            <div class="thumb">
                <Button look={Look::Warn} submits=true label={words.leave_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
            if *asking {
                <Dialog title={words.leave_ask()} text={words.leave_help()} confirm={words.leave_submit()} warn=true {on_confirm} on_cancel={
                    let asking = asking.setter();
                    move |()| asking.set(false)
                } />
            }
        </form>
    }
}

/// Reason, day and observation; a report that is verified asks the same.
pub fn cancel_fields(
    words: Words,
    draft: &Draft<CancelForm>,
    checks: &Checks<CancelForm>,
    problems: &[domain::form::FieldProblem],
    today: &str,
) -> Html {
    let form = draft.form();
    let said = |field: &str| checks.said(words, problems, field);
    let left = checks.left();
    html! {
        <Cells>
            <SelectField id="reason" label={words.leave_reason()} value={form.reason.map(Label::stored).unwrap_or_default()}
                choices={options::<CancelReason>(words)} none={words.choose()} required=true said={said("reason")}
                on_change={draft.set(|form, code| form.reason = CancelReason::read(&code))} on_leave={left.clone()} />
            <DateField id="left_on" label={words.leave_left_on()} value={form.left_on.clone()} today={today.to_owned()} required=true said={said("left_on")}
                on_change={draft.set(|form, text| form.left_on = text)} on_leave={left.clone()} />
            <NoteField id="note" label={words.leave_note()} value={form.note.clone()} required=true said={said("note")} hint={words.leave_note_hint()}
                on_change={draft.set(|form, text| form.note = text)} on_leave={left} />
        </Cells>
    }
}
