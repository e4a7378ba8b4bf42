//! Fields that are chosen and not typed: a day, one of several, yes or no; and what is folded away.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::fields::{Choices, Field, Said, described_by, invalid, leave};
use crate::words::use_words;

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

/// Properties of [`QuickChoices`].
#[derive(Properties, PartialEq)]
pub struct QuickChoicesProps {
    /// The label of the field above.
    pub label: AttrValue,
    /// The code chosen; empty when none is.
    pub value: AttrValue,
    /// What is offered.
    pub choices: Choices,
    /// One of them was tapped.
    pub on_change: Callback<String>,
    /// What stands above them.
    #[prop_or_default]
    pub hint: AttrValue,
}

/// What most people answer, one tap each; the field above shows what was chosen.
#[component(QuickChoices)]
pub fn quick_choices(props: &QuickChoicesProps) -> Html {
    html! {
        <div class="weui-cell suggestion" role="group" aria-label={props.label.clone()}>
            if !props.hint.is_empty() {
                <span class="quiet suggestion-hint">{ &props.hint }</span>
            }
            { for props.choices.iter().map(|(code, label)| {
                let onclick = {
                    let (on_change, code) = (props.on_change.clone(), code.to_string());
                    Callback::from(move |_: MouseEvent| on_change.emit(code.clone()))
                };
                let here = *code == props.value;
                html! {
                    <button type="button" class={classes!("suggestion-button", here.then_some("suggestion-here"))} aria-pressed={here.to_string()} {onclick}>
                        { label }
                    </button>
                }
            }) }
        </div>
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
