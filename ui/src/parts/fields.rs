//! Fields of forms: a label that belongs to its input, and what is wrong beside it.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
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
    /// An address of a server.
    Address,
    /// Something nobody else should read.
    Password,
    /// A password being chosen.
    NewPassword,
    /// A name at a sign-in.
    Login,
}

impl InputKind {
    fn kind(self) -> &'static str {
        match self {
            InputKind::Phone => "tel",
            InputKind::Address => "url",
            InputKind::Password | InputKind::NewPassword => "password",
            InputKind::Text | InputKind::Digits | InputKind::Decimal | InputKind::Document | InputKind::Login => "text",
        }
    }

    fn keys(self) -> Option<&'static str> {
        match self {
            InputKind::Digits => Some("numeric"),
            InputKind::Decimal => Some("decimal"),
            _ => None,
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            InputKind::Password => "current-password",
            InputKind::NewPassword => "new-password",
            InputKind::Login => "username",
            _ => "off",
        }
    }
}

/// Properties of the frame around an input.
#[derive(Properties, PartialEq)]
struct FieldProps {
    id: AttrValue,
    label: AttrValue,
    required: bool,
    said: Option<Said>,
    hint: AttrValue,
    #[prop_or_default]
    wide: bool,
    children: Html,
}

fn problem_id(id: &str) -> String {
    format!("{id}-said")
}

fn described_by(id: &str, said: Option<&Said>, hint: &str) -> Option<String> {
    let mut ids = Vec::new();
    if said.is_some() {
        ids.push(problem_id(id));
    }
    if !hint.is_empty() {
        ids.push(format!("{id}-hint"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn invalid(said: Option<&Said>) -> Option<&'static str> {
    said.is_some_and(|said| !said.warning).then_some("true")
}

#[component(Field)]
fn field(props: &FieldProps) -> Html {
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
                class={classes!((props.kind == InputKind::Document).then_some("number"))}
                value={props.value.clone()} aria-required={props.required.then_some("true")} aria-invalid={invalid(props.said.as_ref())}
                aria-describedby={described_by(&props.id, props.said.as_ref(), &props.hint)} {oninput} onblur={leave(&props.id, &props.on_leave)} />
        </Field>
    }
}

fn leave(id: &AttrValue, on_leave: &Callback<String>) -> Callback<FocusEvent> {
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

/// Properties of [`DateField`].
#[derive(Properties, PartialEq)]
pub struct DateFieldProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// `YYYY-MM-DD`.
    pub value: AttrValue,
    /// The device's today; the day is said in words beside the field.
    pub today: AttrValue,
    /// Another day was chosen.
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
    /// What it is for.
    #[prop_or_default]
    pub hint: AttrValue,
    /// Said without its weekday: a birth.
    #[prop_or_default]
    pub plain: bool,
}

/// A day, chosen with the phone's own calendar, and said the way people say it.
#[component(DateField)]
pub fn date_field(props: &DateFieldProps) -> Html {
    let words = use_words();
    let oninput = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: InputEvent| on_change.emit(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let in_words = match (props.value.is_empty(), props.plain) {
        (true, _) => String::new(),
        (false, true) => words.plain_day(&props.value, &props.today),
        (false, false) => words.day_near(&props.value, &props.today),
    };
    let hint = match (in_words.is_empty(), props.hint.is_empty()) {
        (false, false) => format!("{in_words} · {}", props.hint),
        (false, true) => in_words,
        (true, _) => props.hint.to_string(),
    };
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} required={props.required} said={props.said.clone()} hint={hint.clone()}>
            <input id={props.id.clone()} name={props.id.clone()} type="date" min="1900-01-01" max="2100-12-31" value={props.value.clone()}
                aria-required={props.required.then_some("true")} aria-invalid={invalid(props.said.as_ref())}
                aria-describedby={described_by(&props.id, props.said.as_ref(), &hint)} {oninput} onblur={leave(&props.id, &props.on_leave)} />
        </Field>
    }
}

/// Properties of [`SelectField`].
#[derive(Properties, PartialEq)]
pub struct SelectFieldProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The code chosen; empty when none is.
    pub value: AttrValue,
    /// What can be chosen.
    pub choices: Choices,
    /// What stands for no choice; without it one has to be made.
    #[prop_or_default]
    pub none: Option<AttrValue>,
    /// Something else was chosen.
    pub on_change: Callback<String>,
    /// The field was left.
    #[prop_or_default]
    pub on_leave: Callback<String>,
    /// It has to be chosen.
    #[prop_or_default]
    pub required: bool,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
    /// More about it.
    #[prop_or_default]
    pub hint: AttrValue,
}

/// One of several, with the phone's own list.
#[component(SelectField)]
pub fn select_field(props: &SelectFieldProps) -> Html {
    let node = use_node_ref();
    // A list takes its value only when its options are there, and forgets it when they change.
    use_effect_with((props.value.clone(), props.choices.clone()), {
        let node = node.clone();
        move |(value, _): &(AttrValue, Choices)| {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(value);
            }
        }
    });
    let onchange = {
        let (on_change, on_leave, id) = (props.on_change.clone(), props.on_leave.clone(), props.id.to_string());
        Callback::from(move |event: Event| {
            on_change.emit(event.target_unchecked_into::<HtmlSelectElement>().value());
            on_leave.emit(id.clone());
        })
    };
    html! {
        <Field id={props.id.clone()} label={props.label.clone()} required={props.required} said={props.said.clone()} hint={props.hint.clone()}>
            <select id={props.id.clone()} name={props.id.clone()} ref={node} aria-required={props.required.then_some("true")}
                aria-invalid={invalid(props.said.as_ref())} aria-describedby={described_by(&props.id, props.said.as_ref(), &props.hint)} {onchange}>
                if let Some(none) = &props.none {
                    <option value="">{ none }</option>
                }
                { for props.choices.iter().map(|(code, label)| html! {
                    <option value={code.clone()} selected={*code == props.value}>{ label }</option>
                }) }
            </select>
        </Field>
    }
}

/// Properties of [`SwitchField`].
#[derive(Properties, PartialEq)]
pub struct SwitchFieldProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// On.
    pub value: bool,
    /// It was switched.
    pub on_change: Callback<bool>,
}

/// Yes or no.
#[component(SwitchField)]
pub fn switch_field(props: &SwitchFieldProps) -> Html {
    let onchange = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: Event| on_change.emit(event.target_unchecked_into::<HtmlInputElement>().checked()))
    };
    html! {
        <label class="weui-cell field switch-field" for={props.id.clone()}>
            <span class="switch-label">{ &props.label }</span>
            <input id={props.id.clone()} name={props.id.clone()} type="checkbox" role="switch" class="switch" checked={props.value} {onchange} />
        </label>
    }
}

/// Properties of [`Fold`].
#[derive(Properties, PartialEq)]
pub struct FoldProps {
    /// What is inside.
    pub title: AttrValue,
    /// It opens by itself, because something inside needs a look.
    #[prop_or_default]
    pub open: bool,
    /// What is folded away.
    pub children: Html,
}

/// What most people never need, folded away.
#[component(Fold)]
pub fn fold(props: &FoldProps) -> Html {
    html! {
        <details class="fold" open={props.open}>
            <summary>{ &props.title }</summary>
            <div class="weui-cells">{ props.children.clone() }</div>
        </details>
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
