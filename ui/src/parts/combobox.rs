//! Typing a part of a name and choosing from what fits.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::fields::Choices;
use super::{Icon, Said, Shape};
use crate::words::use_words;

/// Properties of [`Combobox`].
#[derive(Properties, PartialEq)]
pub struct ComboboxProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What is typed, or the name of what was chosen.
    pub text: AttrValue,
    /// What fits.
    pub choices: Choices,
    /// Somebody types.
    pub on_type: Callback<String>,
    /// One was chosen, by its code.
    pub on_pick: Callback<String>,
    /// The field was left.
    #[prop_or_default]
    pub on_leave: Callback<String>,
    /// What to type.
    #[prop_or_default]
    pub hint: AttrValue,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
    /// It has to be filled in.
    #[prop_or_default]
    pub required: bool,
    /// The list is shown.
    pub open: bool,
}

/// A field with a list of what fits below it. Arrows move, Enter chooses, Escape leaves it.
#[component(Combobox)]
pub fn combobox(props: &ComboboxProps) -> Html {
    let words = use_words();
    let at = use_state(|| None::<usize>);
    let closed = use_state(|| false);
    let open = props.open && !*closed && !props.choices.is_empty();
    let oninput = {
        let (on_type, at, closed) = (props.on_type.clone(), at.setter(), closed.setter());
        Callback::from(move |event: InputEvent| {
            at.set(None);
            closed.set(false);
            on_type.emit(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let onkeydown = {
        let (choices, on_pick, at, closed) = (props.choices.clone(), props.on_pick.clone(), at.clone(), closed.setter());
        Callback::from(move |event: KeyboardEvent| {
            if !open {
                return;
            }
            let last = choices.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => at.set(Some(at.map_or(0, |at| (at + 1).min(last)))),
                "ArrowUp" => at.set(Some(at.map_or(last, |at| at.saturating_sub(1)))),
                "Enter" => {
                    if let Some((code, _)) = choices.get(at.unwrap_or(0)) {
                        on_pick.emit(code.to_string());
                        at.set(None);
                    }
                }
                "Escape" => closed.set(true),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let list_id = format!("{}-list", props.id);
    let option_id = |index: usize| format!("{}-option-{index}", props.id);
    let said_id = format!("{}-said", props.id);
    let hint_id = format!("{}-hint", props.id);
    let onblur = {
        let (on_leave, id) = (props.on_leave.clone(), props.id.to_string());
        Callback::from(move |_: FocusEvent| on_leave.emit(id.clone()))
    };
    let wrong = props.said.as_ref().is_some_and(|said| !said.warning);
    html! {
        <div class={classes!("weui-cell", "field", wrong.then_some("field-wrong"))}>
            <label class="field-label" for={props.id.clone()}>
                { &props.label }
                if props.required {
                    <span class="must" aria-hidden="true">{ "*" }</span>
                }
            </label>
            <div class="field-input">
                <input id={props.id.clone()} name={props.id.clone()} type="text" role="combobox" autocomplete="off" spellcheck="false"
                    aria-expanded={if open { "true" } else { "false" }} aria-controls={open.then(|| list_id.clone())} aria-autocomplete="list"
                    aria-activedescendant={at.filter(|_| open).map(option_id)} aria-required={props.required.then_some("true")}
                    aria-invalid={wrong.then_some("true")} aria-describedby={format!("{said_id} {hint_id}")}
                    value={props.text.clone()} {oninput} {onkeydown} {onblur} />
            </div>
            <p class="field-hint" id={hint_id}>{ &props.hint }</p>
            if open {
                <div class="choices" role="listbox" id={list_id} aria-label={props.label.clone()}>
                    { for props.choices.iter().enumerate().map(|(index, (code, label))| {
                        let here = *at == Some(index);
                        // Pressing must not take the focus out of the field first: leaving it would close the list.
                        let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
                        let onclick = {
                            let (on_pick, code) = (props.on_pick.clone(), code.to_string());
                            Callback::from(move |_: MouseEvent| on_pick.emit(code.clone()))
                        };
                        html! {
                            <div id={option_id(index)} class={classes!("choice", here.then_some("choice-here"))} role="option"
                                aria-selected={if here { "true" } else { "false" }} {onmousedown} {onclick}>{ label }</div>
                        }
                    }) }
                </div>
            }
            <div class="field-said" aria-live="polite" id={said_id}>
                if let Some(said) = &props.said {
                    <Icon shape={Shape::Warn} />
                    <span><span class="unseen">{ if said.warning { words.field_warning() } else { words.field_problem() } }{ " " }</span>{ &said.text }</span>
                }
            </div>
        </div>
    }
}
