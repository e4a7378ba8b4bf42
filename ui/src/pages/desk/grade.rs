//! How a home stands, and what the station sets instead: with a reason, under its own name.

use domain::RecordId;
use domain::form::Problem;
use domain::grade::{Grade, Graded};
use domain::text;
use ui_protocol::Topic;
use ui_protocol::desk::SetGrade;
use yew::prelude::*;

use crate::hooks::{use_asker, use_notices, use_submit};
use crate::parts::{Banner, Button, Look, NoteField, Said, SelectField, Tag, Tone, Trouble};
use crate::words::{Label, use_words};

/// The longest reason.
const REASON_MAX: usize = 200;

/// Properties of [`GradeOfHome`].
#[derive(Properties, PartialEq)]
pub struct GradeOfHomeProps {
    /// The home.
    pub id: RecordId,
    /// As it stands.
    pub graded: Graded,
    /// The station may set another.
    pub can_set: bool,
    /// The server's today.
    pub today: AttrValue,
}

/// The grade with its reasons.
#[component(GradeOfHome)]
pub fn grade_of_home(props: &GradeOfHomeProps) -> Html {
    let words = use_words();
    let graded = &props.graded;
    html! {
        <section class="group" aria-labelledby="grade-title">
            <div class="group-head"><h3 id="grade-title" class="weui-cells__title">{ words.safety_title() }</h3></div>
            if graded.barred {
                <Banner tone={Tone::Bad} text={words.safety_barred()} />
            }
            <div class="card">
                <p class="card-tags"><Tag text={words.grade_name(graded.grade)} tone={tone(graded.grade)} /></p>
                if let Some(set) = &graded.set {
                    <p>{ words.grade_set_by(&set.reviewer, &set.on, &set.reason, &props.today) }</p>
                    <p class="quiet">{ words.desk_grade_computed() }{ " " }{ words.grade_name(graded.computed) }</p>
                }
                if graded.reasons.is_empty() {
                    <p class="quiet">{ words.safety_no_reason() }</p>
                } else {
                    <ul class="reasons">{ for graded.reasons.iter().map(|reason| html! { <li>{ words.grade_reason(reason, &props.today) }</li> }) }</ul>
                }
            </div>
            if props.can_set {
                <Setting id={props.id} is_set={graded.set.is_some()} grade={graded.grade} />
            }
        </section>
    }
}

/// The colour beside the word.
pub fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Green => Tone::Good,
        Grade::Yellow => Tone::Wait,
        Grade::Red => Tone::Bad,
    }
}

/// Properties of [`Setting`].
#[derive(Properties, PartialEq)]
struct SettingProps {
    id: RecordId,
    is_set: bool,
    grade: Grade,
}

#[component(Setting)]
fn setting(props: &SettingProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let chosen = use_state(|| props.grade);
    let reason = use_state(String::new);
    let tried = use_state(|| false);
    let submit = use_submit::<SetGrade>({
        let (reason, tried) = (reason.setter(), tried.setter());
        Callback::from(move |_| {
            reason.set(String::new());
            tried.set(false);
            notices.say(words.desk_grade_saved());
            asker.announce(&[Topic::Units]);
        })
    });
    let problem = text::require_text(&reason, REASON_MAX).err();
    let said = problem
        .as_ref()
        .filter(|_| *tried)
        .map(|problem| Said { text: words.problem(&Problem::Text(problem.clone())).into(), warning: false });
    let onsubmit = {
        let (send, tried, id, good) = (submit.send.clone(), tried.setter(), props.id, problem.is_none());
        let (grade, reason) = (*chosen, reason.trim().to_owned());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if good {
                send.emit(SetGrade { id, grade: Some(grade), reason: reason.clone() });
            }
        })
    };
    let on_back = {
        let (send, id) = (submit.send.clone(), props.id);
        Callback::from(move |()| send.emit(SetGrade { id, grade: None, reason: String::new() }))
    };
    let choices = Grade::ALL.iter().map(|grade| (grade.stored().into(), words.grade_name(*grade).into())).collect::<Vec<_>>();
    html! {
        <form class="desk-decide" {onsubmit} novalidate=true>
            <p class="quiet">{ words.desk_grade_help() }</p>
            <SelectField id="grade" label={words.desk_grade_set()} value={chosen.stored()} {choices} on_change={
                let chosen = chosen.setter();
                move |code: String| if let Some(grade) = Grade::read(&code) { chosen.set(grade) }
            } />
            <NoteField id="grade_reason" label={words.desk_grade_reason()} value={(*reason).clone()} required=true {said} on_change={
                let reason = reason.setter();
                move |text| reason.set(text)
            } />
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} submits=true label={words.desk_grade_set()} busy={submit.state.is_busy()} busy_label={words.saving()} />
                if props.is_set {
                    <Button label={words.desk_grade_back()} busy={submit.state.is_busy()} on_click={on_back} />
                }
            </div>
        </form>
    }
}
