//! One thing that happens to a permit: what to check first, since when, why; then it is noted down.

use domain::RecordId;
use domain::access::Role;
use domain::form::may_save;
use domain::permit::{EndReason, EventForm, PermitEventKind};
use ui_protocol::permits::NotePermit;
use yew::prelude::*;

use crate::hooks::{use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{Choices, DateField, Dialog, NoteField, SelectField, Trouble, focus_first_problem};
use crate::words::{Label, Words, use_words};

/// Properties of [`NoteDialog`].
#[derive(Properties, PartialEq)]
pub struct NoteDialogProps {
    /// The permit.
    pub permit: RecordId,
    /// What happened.
    pub what: PermitEventKind,
    /// Its endorsement was missed.
    pub late: bool,
    /// Why it ends, where that is known.
    #[prop_or_default]
    pub reason: Option<EndReason>,
    /// The verb.
    pub label: &'static str,
    /// Done, or left.
    pub on_close: Callback<()>,
}

/// The question before something is noted down about a permit.
#[component(NoteDialog)]
pub fn note_dialog(props: &NoteDialogProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let (permit, what) = (props.permit, props.what);
    let reason = props.reason.filter(|_| what == PermitEventKind::Cancel);
    let chosen = use_state(|| EventForm { what, since: frame.today().to_owned(), reason, ..EventForm::default() });
    // What was typed outlives the lock; days and reasons are a tap.
    let note = use_draft(format!("permit-note:{permit}:{}", what.code()), String::new());
    let form = EventForm { note: note.form().clone(), ..(*chosen).clone() };
    let checks = use_checks::<EventForm>();
    let submit = use_submit::<NotePermit>({
        let (on_close, note) = (props.on_close.clone(), note.clone());
        Callback::from(move |_| {
            note.finish_and_forget();
            notices.say(words.permit_noted());
            on_close.emit(());
        })
    });
    let own = form.check(frame.today_date());
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let set = |change: fn(&mut EventForm, String)| {
        let chosen = chosen.clone();
        Callback::from(move |text: String| {
            let mut changed = (*chosen).clone();
            change(&mut changed, text);
            chosen.set(changed);
        })
    };
    let on_confirm = {
        let (form, checks, send) = (form.clone(), checks.clone(), submit.send.clone());
        Callback::from(move |()| {
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            checks.sent(&form);
            let since = if what.is_change() { form.since.clone() } else { String::new() };
            send.emit(NotePermit { permit, form: EventForm { since, ..form.clone() } });
        })
    };
    html! {
        <Dialog title={props.label} text={about(words, what, props.late)} confirm={props.label} warn={what == PermitEventKind::Cancel}
            busy={submit.state.is_busy()} {on_confirm} on_cancel={props.on_close.clone()}>
            if what.is_change() {
                <DateField id="since" label={words.permit_since()} value={form.since.clone()} today={frame.today().to_owned()} required=true said={said("since")}
                    on_change={set(|form, text| form.since = text)} on_leave={checks.left()} />
            }
            if what == PermitEventKind::Cancel {
                <SelectField id="reason" label={words.permit_end_reason()} value={form.reason.map(Label::stored).unwrap_or_default()}
                    choices={reasons(words, frame.role())} none={words.choose()} required=true said={said("reason")}
                    on_change={set(|form, code| form.reason = EndReason::read(&code))} on_leave={checks.left()} />
            }
            if !matches!(what, PermitEventKind::HandOut | PermitEventKind::Endorse) {
                <NoteField id="note" label={words.permit_note()} value={form.note.clone()} said={said("note")}
                    on_change={note.set(|note, text| *note = text)} on_leave={checks.left()} />
            }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
        </Dialog>
    }
}

/// What only the station decides is offered to the station alone.
fn reasons(words: Words, role: Option<Role>) -> Choices {
    let offered = EndReason::ALL.iter().filter(|reason| role == Some(Role::Officer) || !reason.is_stations());
    offered.map(|reason| (AttrValue::Static(reason.stored()), AttrValue::Static(words.label(*reason)))).collect()
}

fn about(words: Words, what: PermitEventKind, late: bool) -> &'static str {
    match what {
        PermitEventKind::HandOut => words.permit_ask_hand_out(),
        PermitEventKind::Endorse if late => words.permit_ask_endorse_late(),
        PermitEventKind::Endorse => words.permit_ask_endorse(),
        PermitEventKind::ReplaceDamaged => words.permit_ask_damaged(),
        PermitEventKind::ReplaceLost => words.permit_ask_lost(),
        PermitEventKind::Cancel => words.permit_ask_end(),
        _ => words.permit_ask_change(),
    }
}
