//! A safety check: thirty items by group, one tap each; a failure opens a hazard on the spot.

use std::rc::Rc;

use domain::RecordId;
use domain::checklist::{Answer, Group, Item};
use domain::form::{FieldProblem, may_save};
use domain::inspection::InspectionForm;
use ui_protocol::safety::{CheckForm, CheckFormView, SaveCheck, SavedCheck};
use yew::prelude::*;
use yew_router::prelude::*;

use super::restored::restored;
use super::route::Route;
use super::safety_failure::Failure;
use super::safety_rooms::rooms;
use crate::hooks::{Draft, use_call, use_checks, use_draft, use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, Look, NoteField, Screen, Skeleton, Tag, Tone, Trouble, answered, focus_first_problem};
use crate::words::{Words, use_words};

/// Properties of [`SafetyCheck`].
#[derive(Properties, PartialEq)]
pub struct SafetyCheckProps {
    /// The home.
    pub id: RecordId,
}

/// The page of a check.
#[component(SafetyCheck)]
pub fn safety_check(props: &SafetyCheckProps) -> Html {
    let words = use_words();
    let id = props.id;
    // Asked once: a sync in the middle of a check changes nothing under the finger.
    let asked = use_call(CheckForm { unit: id }, &[]);
    html! {
        <Screen title={words.check_title()} back={Route::Home { id }.href()}>
            { answered(&asked, |begun| html! { <Editor unit={id} begun={begun.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
struct EditorProps {
    unit: RecordId,
    begun: Rc<CheckFormView>,
}

#[component(Editor)]
fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let navigator = use_navigator();
    let (unit, begun) = (props.unit, props.begun.clone());
    let draft: Draft<InspectionForm> = use_draft(format!("check:{unit}"), begun.form.clone());
    let checks = use_checks::<InspectionForm>();
    let submit = use_submit::<SaveCheck>({
        let draft = draft.clone();
        Callback::from(move |saved: SavedCheck| {
            draft.finish();
            notices.say(words.check_saved());
            if let Some(navigator) = &navigator {
                // What was found is shown with its days; where nothing was, the home is.
                let found = !saved.opened.is_empty() || !saved.still_open.is_empty();
                navigator.replace(&if found { Route::Notice { id: saved.inspection } } else { Route::Home { id: unit } });
            }
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let form = draft.form().clone();
    let limits = begun.limits.as_ref();
    let own = form.check(limits);
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let onsubmit = {
        let (draft, checks, send) = (draft.clone(), checks.clone(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let form = draft.form().clone();
            checks.sent(&form);
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            send.emit(SaveCheck { unit, form, draft: Some(draft.key()) });
        })
    };
    let answers = form.answers(limits);
    let failed = form.failed(limits);
    html! {
        <form {onsubmit} class="form" novalidate=true>
            { restored(words, &draft) }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="card">
                <p class="card-title">{ &begun.title }</p>
                <p class="card-detail">{ words.check_about() }</p>
                if let Some(beds) = begun.beds.filter(|beds| limits.is_some_and(|limits| limits.is_large(*beds))) {
                    <p class="card-detail">{ words.check_large(beds) }</p>
                }
            </div>
            { for Group::ALL.iter().map(|group| {
                let look = Sight { words, draft: &draft, form: &form, begun: &begun, problems: &problems, today: frame.today() };
                group_fold(&look, *group, &answers, &said)
            }) }
            <Cells>
                <NoteField id="note" label={words.check_note()} value={form.note.clone()} said={said("note")}
                    on_change={draft.set(|form, text| form.note = text)} on_leave={checks.left()} />
            </Cells>
            if let Some(nothing) = said("answers") {
                <Banner tone={Tone::Bad} text={if stops { words.check_nothing().into() } else { nothing.text }} />
            }
            <div class="thumb">
                <p class="thumb-note" role="status">{ words.check_progress(answers.len(), failed.len()) }</p>
                <Button look={Look::Primary} submits=true label={words.check_save()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}

/// What every part of the list is drawn from.
pub(super) struct Sight<'a> {
    pub(super) words: Words,
    pub(super) draft: &'a Draft<InspectionForm>,
    pub(super) form: &'a InspectionForm,
    pub(super) begun: &'a CheckFormView,
    pub(super) problems: &'a [FieldProblem],
    pub(super) today: &'a str,
}

type Answers = std::collections::BTreeMap<String, Answer>;
type Saying<'a> = &'a dyn Fn(&str) -> Option<crate::parts::Said>;

fn group_fold(look: &Sight<'_>, group: Group, answers: &Answers, said: Saying<'_>) -> Html {
    let given = |item: Item| answers.get(item.code()).copied();
    let answered = group.items().filter(|item| given(*item).is_some()).count();
    let failed = group.items().filter(|item| given(*item) == Some(Answer::Fail)).count();
    // What has to be mended before a save is not hidden.
    let prefix = |item: Item| format!("hazards.{}.", item.code());
    let inside = |field: &str| {
        (group == Group::Occupancy && field.starts_with("rooms")) || group.items().any(|item| field.starts_with(&prefix(item)))
    };
    let open = look.problems.iter().any(|problem| !problem.warning && inside(&problem.field) && said(&problem.field).is_some());
    let body = if group == Group::Occupancy {
        rooms(look, answers, said)
    } else {
        html! {
            <>
                { all_pass(look, group) }
                { for group.items().map(|item| item_row(look, item, given(item), said)) }
            </>
        }
    };
    html! {
        <GroupFold key={group.code()} title={look.words.group_progress(group, answered, failed)} {open}>{ body }</GroupFold>
    }
}

/// Properties of [`GroupFold`].
#[derive(Properties, PartialEq)]
struct GroupFoldProps {
    title: String,
    open: bool,
    children: Html,
}

/// A group, folded until somebody opens it. What has to be mended opens it; that it was mended does not fold it under the finger.
#[component(GroupFold)]
fn group_fold_part(props: &GroupFoldProps) -> Html {
    let node = use_node_ref();
    use_effect_with(props.open, {
        let node = node.clone();
        move |open: &bool| {
            if let Some(fold) = node.cast::<web_sys::Element>().filter(|_| *open) {
                // An attribute without a value is never refused.
                let _opened = fold.set_attribute("open", "");
            }
        }
    });
    html! {
        <details class="fold check-group" ref={node}>
            <summary>{ &props.title }</summary>
            <div class="check-items">{ props.children.clone() }</div>
        </details>
    }
}

/// Everything of the group that has no answer yet is in order. What was found before is looked at by itself: nobody closes a hazard
/// with a tap that was meant for something else.
fn all_pass(look: &Sight<'_>, group: Group) -> Html {
    let begun = look.begun.clone();
    let draft = look.draft.clone();
    let on_click = Callback::from(move |()| {
        draft.change(|form| {
            for item in group.items().filter(|item| begun.known(*item).is_none()) {
                form.answers.entry(item.code().to_owned()).or_insert(Answer::Pass);
            }
        });
    });
    html! { <Button look={Look::Small} label={look.words.check_all_pass()} {on_click} /> }
}

/// What a tap may say.
const TAPS: [Answer; 3] = [Answer::Pass, Answer::Fail, Answer::NotApplicable];

fn item_row(look: &Sight<'_>, item: Item, given: Option<Answer>, said: Saying<'_>) -> Html {
    let words = look.words;
    let name = words.label(item);
    let tap = |answer: Answer| {
        let (draft, here) = (look.draft.clone(), given == Some(answer));
        let onclick = Callback::from(move |_: MouseEvent| {
            draft.change(|form| {
                // A second tap on the same word takes it back: not checked.
                if here {
                    form.answers.remove(item.code());
                } else {
                    form.answers.insert(item.code().to_owned(), answer);
                }
            });
        });
        html! {
            <button type="button" class={classes!("tap", format!("tap-{}", answer.code()))} aria-pressed={here.to_string()} {onclick}>
                { words.label(answer) }
            </button>
        }
    };
    html! {
        <div class="check-item" key={item.code()} role="group" aria-label={name}>
            <p class="check-name">
                <span>{ name }</span>
                if look.begun.known(item).is_some() {
                    <Tag text={words.check_was_open()} tone={Tone::Wait} />
                }
            </p>
            <div class="taps">{ for TAPS.iter().map(|answer| tap(*answer)) }</div>
            if given == Some(Answer::Fail) {
                <Failure {item} draft={look.draft.clone()} hazard={look.form.hazard(item)} due={due_of(look, item)} today={look.today.to_owned()}
                    known={look.begun.known(item).cloned()}
                    description_said={said(&format!("hazards.{}.description", item.code()))}
                    handed_said={said(&format!("hazards.{}.handed_to", item.code()))} />
            }
        </div>
    }
}

/// By when something of this item is mended.
pub(super) fn due_of(look: &Sight<'_>, item: Item) -> Option<String> {
    let due = look.begun.dues.get(usize::from(item.severity()).checked_sub(1)?)?;
    due.as_ref().map(|due| due.on.clone())
}
