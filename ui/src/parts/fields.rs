//! Fields of forms: a label that belongs to its input, and what is wrong beside it.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::words::{Label, Words, use_words};

/// What is said beside a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The sentence.
    pub text: AttrValue,
    /// It does not stop a save.
    pub warning: bool,
}

/// Code and label of each choice.
pub type Choices = Vec<(AttrValue, AttrValue)>;

/// What a code table offers, as choices.
pub fn options<L: Label>(words: Words) -> Choices {
    L::offered().iter().map(|code| (AttrValue::Static(code.stored()), AttrValue::Static(words.label(*code)))).collect()
}

/// What is typed into a field, so that the phone shows the right keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InputKind {
    /// Words.
    #[default]
    Text,
    /// A telephone number.
    Phone,
    /// Digits.
    Digits,
    /// Digits with a point.
    Decimal,
    /// A number that may end in X: no keypad with digits alone.
    Document,
    /// A one-time code.
    Code,
    /// An address of a server.
    Address,
    /// Something nobody else should read.
    Password,
    /// A password being chosen.
    NewPassword,
    /// Digits nobody else should read.
    Pin,
    /// A name at a sign-in.
    Login,
}

impl InputKind {
    fn kind(self) -> &'static str {
        match self {
            InputKind::Phone => "tel",
            InputKind::Address => "url",
            InputKind::Password | InputKind::NewPassword | InputKind::Pin => "password",
            InputKind::Text
            | InputKind::Digits
            | InputKind::Decimal
            | InputKind::Document
            | InputKind::Code
            | InputKind::Login => "text",
        }
    }

    fn keys(self) -> Option<&'static str> {
        match self {
            InputKind::Digits | InputKind::Pin => Some("numeric"),
            InputKind::Decimal => Some("decimal"),
            _ => None,
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            InputKind::Password => "current-password",
            InputKind::NewPassword => "new-password",
            InputKind::Login => "username",
            InputKind::Code => "one-time-code",
            _ => "off",
        }
    }
}

/// Properties of the frame around an input.
#[derive(Properties, PartialEq)]
pub(super) struct FieldProps {
    pub id: AttrValue,
    pub label: AttrValue,
    pub required: bool,
    pub said: Option<Said>,
    pub hint: AttrValue,
    /// The label stands above, the input takes the whole width.
    #[prop_or_default]
    pub wide: bool,
    pub children: Html,
}

fn problem_id(id: &str) -> String {
    format!("{id}-said")
}

pub(super) fn described_by(id: &str, said: Option<&Said>, hint: &str) -> Option<String> {
    let mut ids = Vec::new();
    if said.is_some() {
        ids.push(problem_id(id));
    }
    if !hint.is_empty() {
        ids.push(format!("{id}-hint"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

pub(super) fn invalid(said: Option<&Said>) -> Option<&'static str> {
    said.is_some_and(|said| !said.warning).then_some("true")
}

#[component(Field)]
pub(super) fn field(props: &FieldProps) -> Html {
    let words = use_words();
    html! {
        <div class={classes!("weui-cell", "field", props.wide.then_some("field-wide"), props.said.as_ref().map(|said| if said.warning { "field-warns" } else { "field-wrong" }))}>
            <label class="field-label" for={props.id.clone()}>
                { &props.label }
                if props.required {
                    <span class="must" aria-hidden="true">{ "*" }</span>
                }
            </label>
            <div class="field-input">{ props.children.clone() }</div>
            if !props.hint.is_empty() {
                <p class="field-hint" id={format!("{}-hint", props.id)}>{ &props.hint }</p>
            }
            <div class="field-said" aria-live="polite" id={problem_id(&props.id)}>
                if let Some(said) = &props.said {
                    <Icon shape={Shape::Warn} />
                    <span><span class="unseen">{ if said.warning { words.field_warning() } else { words.field_problem() } }{ " " }</span>{ &said.text }</span>
                }
            </div>
        </div>
    }
}

/// Properties of [`TextField`].
#[derive(Properties, PartialEq)]
pub struct TextFieldProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What is typed.
    pub value: AttrValue,
    /// Somebody types.
    pub on_change: Callback<String>,
    /// The field was left.
    #[prop_or_default]
    pub on_leave: Callback<String>,
    /// Which keys the phone shows.
    #[prop_or_default]
    pub kind: InputKind,
    /// It has to be filled in.
    #[prop_or_default]
    pub required: bool,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
    /// What to type.
    #[prop_or_default]
    pub hint: AttrValue,
    /// The most characters it takes; a little more than the rule, so that the rule can say so.
    #[prop_or(300)]
    pub max: u32,
}

/// One line of text.
#[component(TextField)]
pub fn text_field(props: &TextFieldProps) -> Html {
    let oninput = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: InputEvent| on_change.emit(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} required={props.required} said={props.said.clone()} hint={props.hint.clone()}
            wide={props.kind == InputKind::Document}>
            <input id={props.id.clone()} name={props.id.clone()} type={props.kind.kind()} inputmode={props.kind.keys()}
                autocomplete={props.kind.autocomplete()} autocapitalize="off" spellcheck="false" maxlength={props.max.to_string()}
                class={classes!(matches!(props.kind, InputKind::Document | InputKind::Code).then_some("number"))}
                value={props.value.clone()} aria-required={props.required.then_some("true")} aria-invalid={invalid(props.said.as_ref())}
                aria-describedby={described_by(&props.id, props.said.as_ref(), &props.hint)} {oninput} onblur={leave(&props.id, &props.on_leave)} />
        </Field>
    }
}

pub(super) fn leave(id: &AttrValue, on_leave: &Callback<String>) -> Callback<FocusEvent> {
    let (id, on_leave) = (id.to_string(), on_leave.clone());
    Callback::from(move |_: FocusEvent| on_leave.emit(id.clone()))
}

/// Properties of [`NoteField`].
#[derive(Properties, PartialEq)]
pub struct NoteFieldProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What is typed.
    pub value: AttrValue,
    /// Somebody types.
    pub on_change: Callback<String>,
    /// The field was left.
    #[prop_or_default]
    pub on_leave: Callback<String>,
    /// It has to be filled in.
    #[prop_or_default]
    pub required: bool,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
    /// What to type.
    #[prop_or_default]
    pub hint: AttrValue,
}

/// A few lines of text.
#[component(NoteField)]
pub fn note_field(props: &NoteFieldProps) -> Html {
    let oninput = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: InputEvent| on_change.emit(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} required={props.required} said={props.said.clone()} hint={props.hint.clone()}>
            <textarea id={props.id.clone()} name={props.id.clone()} rows="3" value={props.value.clone()}
                aria-required={props.required.then_some("true")} aria-invalid={invalid(props.said.as_ref())}
                aria-describedby={described_by(&props.id, props.said.as_ref(), &props.hint)} {oninput}
                onblur={leave(&props.id, &props.on_leave)} />
        </Field>
    }
}

/// Moves to the first field that stops a save, once it is drawn.
pub fn focus_first_problem() {
    focus("[aria-invalid=true]");
}

/// Moves to the first thing on the page that fits, once it is drawn.
pub fn focus(selector: &'static str) {
    Timeout::new(50, move || {
        let found = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.query_selector(selector).ok().flatten())
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(found) = found {
            // An element on the page takes the focus, and the browser brings it into sight.
            let _focused = found.focus();
        }
    })
    .forget();
}
