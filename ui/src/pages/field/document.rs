//! What a document number says while it is typed: birth and sex fill themselves, and somebody known is offered the move.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::NaiveDate;
use domain::RecordId;
use domain::codes::Sex;
use domain::id_document::{self, DocType};
use domain::person::ResidentForm;
use gloo_timers::future::TimeoutFuture;
use ui_protocol::people::{CheckDocument, DocumentCheck, Known, Standing};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{Draft, use_asker};
use crate::parts::{Button, Dialog, Look};
use crate::words::{Words, use_words};

/// Numbers without a fixed length are looked up when the typing rests.
const REST_MS: u32 = 250;
/// A device that could not answer just now is asked again so often, so long after.
const ASKS_MAX: u32 = 3;
const AGAIN_MS: u32 = 1_000;

/// Looks a number up as soon as it is complete, and fills in what it says where nothing else was typed.
#[hook]
pub fn use_document_check(draft: &Draft<ResidentForm>, today: NaiveDate) -> Option<Rc<DocumentCheck>> {
    let asker = use_asker();
    let found = use_state(|| None::<Rc<DocumentCheck>>);
    let filled = use_memo((), |()| RefCell::new((String::new(), None::<Sex>)));
    let facts = {
        let form = draft.form();
        id_document::check(form.doc_type, &form.doc_no, today)
            .ok()
            .filter(|facts| !facts.doc_no.is_empty())
            .map(|facts| (form.doc_type, facts))
    };
    use_effect_with(facts, {
        let (draft, setter) = (draft.clone(), found.setter());
        move |facts: &Option<(DocType, id_document::DocumentFacts)>| {
            let wanted = Rc::new(Cell::new(true));
            setter.set(None);
            if let Some((doc_type, facts)) = facts.clone() {
                fill(&draft, &filled, &facts);
                let wanted = wanted.clone();
                spawn_local(async move {
                    if !doc_type.has_check_digit() {
                        TimeoutFuture::new(REST_MS).await;
                    }
                    if !wanted.get() {
                        return;
                    }
                    // Without an answer the save itself still looks: here it is only sooner.
                    for _ in 0..ASKS_MAX {
                        let answer = asker.ask(CheckDocument { doc_type, doc_no: facts.doc_no.clone() }).await;
                        if !wanted.get() {
                            return;
                        }
                        if let Ok(check) = answer {
                            setter.set(Some(Rc::new(check)));
                            return;
                        }
                        TimeoutFuture::new(AGAIN_MS).await;
                    }
                });
            }
            move || wanted.set(false)
        }
    });
    (*found).clone()
}

/// Fills birth and sex unless somebody typed something else there.
fn fill(draft: &Draft<ResidentForm>, filled: &RefCell<(String, Option<Sex>)>, facts: &id_document::DocumentFacts) {
    let birth = facts.birth.map(|birth| birth.to_string()).unwrap_or_default();
    let sex = facts.sex;
    let (last_birth, last_sex) = filled.replace((birth.clone(), sex));
    let (take_birth, take_sex) = {
        let form = draft.form();
        (
            !birth.is_empty() && form.birth != birth && (form.birth.is_empty() || form.birth == last_birth),
            sex.is_some() && form.sex != sex && (form.sex.is_none() || form.sex == last_sex),
        )
    };
    if take_birth || take_sex {
        draft.change(|form| {
            if take_birth {
                form.birth = birth;
            }
            if take_sex {
                form.sex = sex;
            }
        });
    }
}

/// Properties of [`KnownPeople`].
#[derive(Properties, PartialEq)]
pub struct KnownPeopleProps {
    /// Who has this document already.
    pub known: Vec<Known>,
    /// The home somebody is being registered in.
    pub unit: RecordId,
    /// The person said that it is somebody else.
    pub although: bool,
    /// It is somebody else: go on.
    pub on_other: Callback<()>,
    /// It is this person, who is back: go on in their name.
    pub on_same: Callback<RecordId>,
    /// The form is left for the known person's page.
    pub on_leave: Callback<()>,
}

/// “已登记在 …，迁入？”: one document is one person, so the move comes first.
#[component(KnownPeople)]
pub fn known_people(props: &KnownPeopleProps) -> Html {
    let words = use_words();
    let asking = use_state(|| false);
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    if props.known.is_empty() || props.although {
        return Html::default();
    }
    html! {
        <div class="known" role="alert" tabindex="-1">
            <p class="known-title">{ words.known_title() }</p>
            { for props.known.iter().map(|known| one(words, known, props.unit, &props.on_leave, &props.on_same)) }
            <Button look={Look::Small} label={words.known_other()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.known_other()} text={words.known_other_ask()} confirm={words.confirm()} warn=true on_cancel={show(false)}
                    on_confirm={props.on_other.clone()} />
            }
        </div>
    }
}

fn one(words: Words, known: &Known, unit: RecordId, on_leave: &Callback<()>, on_same: &Callback<RecordId>) -> Html {
    let movable = known.residency.is_some() && matches!(known.standing, Standing::Active | Standing::ToPlace);
    let onclick = {
        let on_leave = on_leave.clone();
        Callback::from(move |_: MouseEvent| on_leave.emit(()))
    };
    html! {
        <div class="known-one">
            <p>{ words.known_at(&known.name, if movable { &known.home } else { "" }, words.standing(known.standing)) }</p>
            <div class="buttons-inline">
                if !movable {
                    <Button look={Look::Primary} label={words.known_same()} on_click={
                        let (on_same, person) = (on_same.clone(), known.person);
                        move |()| on_same.emit(person)
                    } />
                }
                if movable {
                    <a class="weui-btn button button-primary" href={Route::MoveTo { id: known.person, unit }.href()} onclick={onclick.clone()}>{ words.known_move_here() }</a>
                }
                <a class="weui-btn button button-plain" href={Route::Person { id: known.person }.href()} {onclick}>{ words.known_open() }</a>
            </div>
        </div>
    }
}
