//! Another grade for a home, proposed by whoever was there: the station decides.

use domain::RecordId;
use domain::form::Problem;
use domain::grade::{Grade, Wanted};
use domain::text;
use ui_protocol::safety::ProposeGrade;
use yew::prelude::*;

use crate::hooks::{use_draft, use_frame, use_notices, use_submit};
use crate::parts::{Button, Dialog, NoteField, Said, SelectField, Trouble};
use crate::words::{Label, use_words};

/// The longest reason.
const REASON_MAX: usize = 200;

/// Properties of [`Propose`].
#[derive(Properties, PartialEq)]
pub struct ProposeProps {
    /// The home.
    pub unit: RecordId,
    /// Its grade.
    pub grade: Grade,
    /// What was proposed last.
    pub wanted: Option<Wanted>,
}

/// What was proposed and answered, and the way to propose another.
#[component(Propose)]
pub fn propose(props: &ProposeProps) -> Html {
    let words = use_words();
    let (frame, notices) = (use_frame(), use_notices());
    let asking = use_state(|| false);
    let grade = use_state(|| props.grade);
    let reason = use_draft(format!("grade:{}", props.unit), String::new());
    let tried = use_state(|| false);
    let submit = use_submit::<ProposeGrade>({
        let (asking, reason, tried) = (asking.setter(), reason.clone(), tried.setter());
        Callback::from(move |_| {
            asking.set(false);
            tried.set(false);
            reason.discard();
            notices.say(words.grade_proposed());
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let problem = text::require_text(&reason.form(), REASON_MAX).err();
    let said = problem
        .as_ref()
        .filter(|_| *tried)
        .map(|problem| Said { text: words.problem(&Problem::Text(problem.clone())).into(), warning: false });
    let on_confirm = {
        let (send, unit, grade, reason) = (submit.send.clone(), props.unit, *grade, reason.form().clone());
        let (tried, good) = (tried.setter(), problem.is_none());
        Callback::from(move |()| {
            tried.set(true);
            if good {
                send.emit(ProposeGrade { unit, grade, reason: reason.trim().to_owned() });
            }
        })
    };
    let choices = Grade::ALL.iter().map(|grade| (grade.stored().into(), words.grade_name(*grade).into())).collect::<Vec<_>>();
    html! {
        <div class="card">
            if let Some(wanted) = &props.wanted {
                <p>{ words.grade_wanted_line(wanted, frame.today()) }</p>
                if let Some(answer) = &wanted.answer {
                    <p class="quiet">{ words.grade_answered(answer, frame.today()) }</p>
                } else {
                    <p class="quiet">{ words.grade_waits() }</p>
                }
            }
            <Button label={words.grade_propose()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.grade_propose()} text={words.grade_propose_ask()} confirm={words.grade_propose_send()}
                    busy={submit.state.is_busy()} {on_confirm} on_cancel={show(false)}>
                    <SelectField id="grade" label={words.grade_wanted()} value={grade.stored()} {choices} on_change={
                        let grade = grade.setter();
                        move |code: String| if let Some(chosen) = Grade::read(&code) { grade.set(chosen) }
                    } />
                    <NoteField id="grade_reason" label={words.grade_propose_why()} value={reason.form().clone()} {said} required=true
                        on_change={reason.set(|reason, text| *reason = text)} />
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}
