//! Moving somebody to another home of one's own villages, or handing them over to another village.

use std::rc::Rc;

use domain::RecordId;
use domain::codes::Relation;
use domain::form::{FieldProblem, Problem, check_optional_text, check_past_date, may_save};
use domain::residency::MoveForm;
use serde::{Deserialize, Serialize};
use ui_protocol::Topic;
use ui_protocol::people::{HandOver as AskHandOver, MoveResident, Person as AskPerson, PersonView, Standing};
use ui_protocol::units::Unit;
use yew::prelude::*;
use yew_router::prelude::*;

use super::picks::{AreaPick, HomePick};
use super::resident_sections::room_choices;
use super::route::Route;
use crate::hooks::{use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{
    Button, Cells, DateField, Empty, Look, NoteField, Screen, SelectField, Skeleton, Trouble, answered, focus_first_problem,
    options,
};
use crate::words::{Label, use_words};

/// Properties of [`Move`].
#[derive(Properties, PartialEq)]
pub struct MoveProps {
    /// Who.
    pub id: RecordId,
    /// Where to, once it is chosen.
    #[prop_or_default]
    pub unit: Option<RecordId>,
}

/// Moving: the home first, then when and how.
#[component(Move)]
pub fn move_person(props: &MoveProps) -> Html {
    let words = use_words();
    let navigator = use_navigator();
    let id = props.id;
    let asked = use_call(AskPerson { id }, &[Topic::People]);
    let placing = asked.answer.ready().is_some_and(|person| super::person::standing_of(person) == Standing::ToPlace);
    let on_pick = Callback::from(move |unit| {
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::MoveTo { id, unit });
        }
    });
    html! {
        <Screen title={if placing { words.person_place() } else { words.move_title() }} back={Route::Person { id }.href()}>
            { answered(&asked, |person| match (residency_of(person), props.unit) {
                (None, _) => html! { <Empty title={words.person_no_registration()} /> },
                (Some(_), None) => html! {
                    <>
                        <p class="form-about">{ format!("{} · {}", person.name, words.move_to()) }</p>
                        <HomePick {on_pick} />
                    </>
                },
                (Some((residency, since)), Some(unit)) => html! { <MoveEditor person={person.clone()} {residency} {since} {unit} /> },
            }) }
        </Screen>
    }
}

/// The registration that stands, and the first day of its open stay.
fn residency_of(person: &PersonView) -> Option<(RecordId, Option<String>)> {
    let residency = person.residencies.first().filter(|residency| residency.standing != Standing::Cancelled)?;
    let since = residency.stays.first().filter(|stay| stay.to.is_none()).map(|stay| stay.from.clone());
    Some((residency.id, since))
}

/// Properties of [`MoveEditor`].
#[derive(Properties, PartialEq)]
struct MoveEditorProps {
    person: Rc<PersonView>,
    residency: RecordId,
    since: Option<String>,
    unit: RecordId,
}

#[component(MoveEditor)]
fn move_editor(props: &MoveEditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let (person, residency, unit) = (props.person.id, props.residency, props.unit);
    let home = use_call(Unit { id: unit }, &[Topic::Units]);
    let fresh = MoveForm { unit: Some(unit), on: frame.today().to_owned(), ..MoveForm::default() };
    let draft = use_draft::<MoveForm>(format!("move:{residency}:{unit}"), fresh);
    let checks = use_checks::<MoveForm>();
    let submit = use_submit::<MoveResident>({
        let draft = draft.clone();
        Callback::from(move |_| {
            draft.finish_and_forget();
            notices.say(words.move_done());
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Person { id: person });
            }
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let own = form.check(frame.today_date(), props.since.as_deref());
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let left = checks.left();
    let onsubmit = {
        let (draft, checks, send) = (draft.clone(), checks.clone(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            send.emit(MoveResident { residency, form });
        })
    };
    let rooms = home.answer.ready().map(|home| room_choices(home)).unwrap_or_default();
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="card">
                <p class="card-title">{ &props.person.name }</p>
                <p class="card-detail">{ home.answer.ready().map(|home| home.title.clone()).unwrap_or_default() }</p>
                <p><a class="inline-link" href={Route::Move { id: person }.href()}>{ words.move_change_home() }</a></p>
            </div>
            <p class="form-about">{ words.move_help() }</p>
            <Cells>
                if !rooms.is_empty() {
                    <SelectField id="room" label={words.field_room()} value={form.room.map(|room| room.to_string()).unwrap_or_default()} choices={rooms}
                        none={words.field_room_none()} on_change={draft.set(|form, id| form.room = id.parse().ok())} />
                }
                <DateField id="on" label={words.move_on()} value={form.on.clone()} today={frame.today().to_owned()} required=true said={said("on")}
                    on_change={draft.set(|form, text| form.on = text)} on_leave={left.clone()} />
                <SelectField id="relation" label={words.field_relation()} value={form.relation.map(Label::stored).unwrap_or_default()}
                    choices={options::<Relation>(words)} none={words.choose()} required=true said={said("relation")}
                    on_change={draft.set(|form, code| {
                        form.relation = Relation::read(&code);
                        form.lessee = form.relation == Some(Relation::Lessee);
                    })} on_leave={left} />
            </Cells>
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.move_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}

/// Properties of [`HandOver`].
#[derive(Properties, PartialEq)]
pub struct HandOverProps {
    /// Who.
    pub id: RecordId,
}

/// To another village: its coordinator opens the stay.
#[component(HandOver)]
pub fn hand_over(props: &HandOverProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(AskPerson { id }, &[Topic::People]);
    html! {
        <Screen title={words.hand_over_title()} back={Route::Person { id }.href()}>
            { answered(&asked, |person| match residency_of(person) {
                None => html! { <Empty title={words.person_no_registration()} /> },
                Some((residency, _)) => html! { <HandOverEditor person={person.clone()} {residency} /> },
            }) }
        </Screen>
    }
}

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct HandOverForm {
    area: String,
    on: String,
    note: String,
}

impl HandOverForm {
    fn check(&self, today: chrono::NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.area.is_empty() {
            problems.push(FieldProblem::stop("area", Problem::Required));
        }
        check_past_date("on", &self.on, today, &mut problems);
        check_optional_text("note", &self.note, 200, &mut problems);
        problems
    }
}

/// Properties of [`HandOverEditor`].
#[derive(Properties, PartialEq)]
struct HandOverEditorProps {
    person: Rc<PersonView>,
    residency: RecordId,
}

#[component(HandOverEditor)]
fn hand_over_editor(props: &HandOverEditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let residency = props.residency;
    let fresh = HandOverForm { on: frame.today().to_owned(), ..HandOverForm::default() };
    let draft = use_draft::<HandOverForm>(format!("hand_over:{residency}"), fresh);
    let checks = use_checks::<HandOverForm>();
    let submit = use_submit::<AskHandOver>({
        let draft = draft.clone();
        Callback::from(move |_| {
            draft.finish_and_forget();
            notices.say(words.hand_over_done());
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::People);
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
    let said = |field: &str| checks.said(words, &problems, field);
    let left = checks.left();
    let onsubmit = {
        let (draft, checks, send) = (draft.clone(), checks.clone(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            let form = draft.form().clone();
            checks.sent(&form);
            send.emit(AskHandOver { residency, area: form.area, on: form.on, note: form.note.trim().to_owned() });
        })
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <p class="form-about">{ format!("{} · {}", props.person.name, words.hand_over_help()) }</p>
            <Cells>
                <AreaPick id="area" label={words.hand_over_area()} code={form.area.clone()} said={said("area")} hint={words.hand_over_area_hint()}
                    on_change={draft.set(|form, code| form.area = code)} on_leave={left.clone()} />
                <DateField id="on" label={words.hand_over_on()} value={form.on.clone()} today={frame.today().to_owned()} required=true said={said("on")}
                    on_change={draft.set(|form, text| form.on = text)} on_leave={left.clone()} />
                <NoteField id="note" label={words.hand_over_note()} value={form.note.clone()} said={said("note")}
                    on_change={draft.set(|form, text| form.note = text)} on_leave={left} />
            </Cells>
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.hand_over_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}
