//! Asking for a permit, and bringing what was missing.

use std::rc::Rc;

use domain::RecordId;
use domain::form::may_save;
use domain::permit::{ApplyForm, Ground, Material, PermitKind, materials_for};
use domain::permit_rules::PermitRules;
use ui_protocol::permits::{
    ApplicationView, ApplyPermit as AskApply, BringMaterials as AskBring, PermitSaved, PermitsOf, PermitsReply,
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::restored::restored;
use super::route::Route;
use crate::hooks::{use_call, use_checks, use_draft, use_notices, use_submit};
use crate::parts::{
    Banner, Button, Cells, Choices, Empty, Look, Screen, SelectField, Skeleton, SwitchField, Tone, Trouble, answered,
    focus_first_problem,
};
use crate::words::{Label, Words, use_words};

/// Properties of [`ApplyPermit`].
#[derive(Properties, PartialEq)]
pub struct ApplyProps {
    /// Who.
    pub id: RecordId,
}

/// The page of an application.
#[component(ApplyPermit)]
pub fn apply_permit(props: &ApplyProps) -> Html {
    let words = use_words();
    let id = props.id;
    let asked = use_call(PermitsOf { person: id }, &[]);
    html! {
        <Screen title={words.permit_apply_title()} back={Route::Permits { id }.href()}>
            { answered(&asked, |reply| match (&reply.rules, &reply.eligibility) {
                (Some(rules), Some(next)) if reply.can_apply => html! {
                    <Editor {id} reply={reply.clone()} rules={Rc::new(rules.clone())} kind={next.kind} early={!next.may_apply} />
                },
                _ => html! { <Empty title={words.permit_cannot_yet()} /> },
            }) }
        </Screen>
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
struct EditorProps {
    id: RecordId,
    reply: Rc<PermitsReply>,
    rules: Rc<PermitRules>,
    kind: PermitKind,
    early: bool,
}

#[component(Editor)]
fn editor(props: &EditorProps) -> Html {
    let words = use_words();
    let leave = use_leave(props.id);
    let (id, kind, rules) = (props.id, props.kind, &props.rules);
    // What the register shows is chosen already; the resident's papers decide.
    let ground = props
        .reply
        .offered
        .iter()
        .find(|ground| props.reply.eligibility.as_ref().is_some_and(|next| next.grounds.contains(ground)));
    let months = rules.temporary_months.filter(|_| kind == PermitKind::Temporary).map(|(_, most)| most);
    let fresh = ApplyForm { kind, ground: ground.copied(), months, given: Vec::new() };
    let key = format!("permit:{id}");
    let draft = use_draft::<ApplyForm>(key.clone(), fresh);
    let checks = use_checks::<ApplyForm>();
    let submit = use_submit::<AskApply>({
        let draft = draft.clone();
        Callback::from(move |saved: PermitSaved| {
            draft.finish_and_forget();
            leave.emit(saved);
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    // A form kept from before another law: it asks for what can be asked now.
    let form = ApplyForm { kind, ..draft.form().clone() };
    let own = form.check(rules);
    let stops = !may_save(&own);
    let problems = checks.with_answer(own, &form, submit.state.error());
    let said = |field: &str| checks.said(words, &problems, field);
    let onsubmit = {
        let (form, checks, send, key) = (form.clone(), checks.clone(), submit.send.clone(), key);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if stops {
                checks.tell_all();
                focus_first_problem();
                return;
            }
            checks.sent(&form);
            send.emit(AskApply { person: id, form: form.clone(), draft: Some(key.clone()) });
        })
    };
    let needed = materials_for(rules, kind, form.ground);
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            { restored(words, &draft) }
            <div class="card">
                <p class="card-title">{ &props.reply.name }</p>
                <p class="card-detail">{ words.label(kind) }</p>
            </div>
            if props.early {
                <Banner tone={Tone::Wait} text={words.permit_apply_early()} />
            }
            if !props.reply.offered.is_empty() || kind == PermitKind::Temporary {
                <Cells>
                    if !props.reply.offered.is_empty() {
                        <SelectField id="ground" label={words.permit_ground()} value={form.ground.map(Label::stored).unwrap_or_default()}
                            choices={grounds(words, &props.reply.offered)} none={words.choose()} required=true said={said("ground")}
                            on_change={draft.set(|form, code| form.ground = Ground::read(&code))} on_leave={checks.left()} />
                    }
                    if kind == PermitKind::Temporary {
                        <SelectField id="months" label={words.permit_months()} value={form.months.map(|months| months.to_string()).unwrap_or_default()}
                            choices={months_offered(rules)} none={words.choose()} required=true said={said("months")}
                            on_change={draft.set(|form, text| form.months = text.parse().ok())} on_leave={checks.left()} />
                    }
                </Cells>
            }
            <p class="form-about">{ words.permit_materials_help() }</p>
            <MaterialSwitches {needed} given={form.given.clone()} on_change={draft.set(|form, codes| form.given = read(&codes))} />
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.permit_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}

/// Every half year within what the rules allow.
fn months_offered(rules: &PermitRules) -> Choices {
    let (least, most) = rules.temporary_months.unwrap_or((0, 0));
    (least..=most).filter(|months| months % 6 == 0).map(|months| (months.to_string().into(), months.to_string().into())).collect()
}

fn grounds(words: Words, offered: &[Ground]) -> Choices {
    offered.iter().map(|ground| (AttrValue::Static(ground.stored()), AttrValue::Static(words.label(*ground)))).collect()
}

/// Properties of [`MaterialSwitches`].
#[derive(Properties, PartialEq)]
struct SwitchesProps {
    needed: Vec<Material>,
    given: Vec<Material>,
    /// The codes of what is given now, one after the other.
    on_change: Callback<String>,
}

/// One switch for each paper that is needed.
#[component(MaterialSwitches)]
fn material_switches(props: &SwitchesProps) -> Html {
    let words = use_words();
    html! {
        <Cells title={words.permit_materials()}>
            { for props.needed.iter().copied().map(|material| {
                let (given, on_change) = (props.given.clone(), props.on_change.clone());
                let on_change = Callback::from(move |on: bool| {
                    let kept = given.iter().copied().filter(|other| *other != material).chain(on.then_some(material));
                    on_change.emit(kept.map(|material| material.code()).collect::<Vec<_>>().join(" "));
                });
                html! {
                    <SwitchField id={format!("material-{}", material.code())} label={words.label(material)} value={props.given.contains(&material)} {on_change} />
                }
            }) }
        </Cells>
    }
}

/// Papers from their codes.
fn read(codes: &str) -> Vec<Material> {
    codes.split(' ').filter_map(Material::from_code).collect()
}

/// After saving: to the slip when everything is there, else back with the sentence that says what is missing.
#[hook]
fn use_leave(id: RecordId) -> Callback<PermitSaved> {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    Callback::from(move |saved: PermitSaved| {
        let Some(navigator) = &navigator else { return };
        if saved.missing.is_empty() {
            notices.say(words.permit_submitted());
            navigator.replace(&Route::PermitSlip { id, application: saved.id });
        } else {
            let missing: Vec<&str> = saved.missing.iter().map(|material| words.label(*material)).collect();
            notices.say(words.still_missing(&missing.join(words.pick("、", ", "))));
            navigator.replace(&Route::Permits { id });
        }
    })
}

/// Properties of [`BringMaterials`].
#[derive(Properties, PartialEq)]
pub struct BringProps {
    /// Who.
    pub id: RecordId,
    /// The application.
    pub application: RecordId,
}

/// The page on which missing papers are ticked off.
#[component(BringMaterials)]
pub fn bring_materials(props: &BringProps) -> Html {
    let words = use_words();
    let (id, application) = (props.id, props.application);
    let asked = use_call(PermitsOf { person: id }, &[]);
    html! {
        <Screen title={words.permit_bring_title()} back={Route::Permits { id }.href()}>
            { answered(&asked, |reply| match reply.applications.iter().find(|view| view.id == application && !view.missing.is_empty()) {
                Some(view) => html! { <Bring {id} view={Rc::new(view.clone())} /> },
                None => html! { <Empty title={words.permit_submitted()} /> },
            }) }
        </Screen>
    }
}

/// Properties of [`Bring`].
#[derive(Properties, PartialEq)]
struct BringEditorProps {
    id: RecordId,
    view: Rc<ApplicationView>,
}

#[component(Bring)]
fn bring(props: &BringEditorProps) -> Html {
    let words = use_words();
    let leave = use_leave(props.id);
    let view = &props.view;
    let draft = use_draft::<ApplyForm>(
        format!("permit_materials:{}", view.id),
        ApplyForm { kind: view.kind, ground: view.ground, months: view.months, given: view.given.clone() },
    );
    let submit = use_submit::<AskBring>({
        let draft = draft.clone();
        Callback::from(move |saved: PermitSaved| {
            draft.finish_and_forget();
            leave.emit(saved);
        })
    });
    if !draft.is_loaded() {
        return html! { <Skeleton /> };
    }
    let given = draft.form().given.clone();
    let mut needed = view.given.clone();
    needed.extend(&view.missing);
    let onsubmit = {
        let (send, application, given) = (submit.send.clone(), view.id, given.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            send.emit(AskBring { application, given: given.clone() });
        })
    };
    html! {
        <form {onsubmit} class="form" novalidate=true>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <MaterialSwitches {needed} {given} on_change={draft.set(|form, codes| form.given = read(&codes))} />
            <div class="thumb">
                <Button look={Look::Primary} submits=true label={words.permit_bring_submit()} busy={submit.state.is_busy()} busy_label={words.saving()} />
            </div>
        </form>
    }
}
