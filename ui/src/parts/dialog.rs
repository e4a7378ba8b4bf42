//! A question that has to be answered before anything else.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::{Button, Look};
use crate::words::use_words;

/// Properties of [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// The question.
    pub title: AttrValue,
    /// More about it.
    #[prop_or_default]
    pub text: AttrValue,
    /// The verb that does it.
    pub confirm: AttrValue,
    /// It ends or takes back something.
    #[prop_or_default]
    pub warn: bool,
    /// It is being done.
    #[prop_or_default]
    pub busy: bool,
    /// Fields to fill in, and what went wrong.
    #[prop_or_default]
    pub children: Html,
    /// Do it.
    pub on_confirm: Callback<()>,
    /// Leave it.
    pub on_cancel: Callback<()>,
}

/// A question over the page. The browser keeps the focus inside and closes it with Escape.
#[component(Dialog)]
pub fn dialog(props: &DialogProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Shown already is the only way this fails.
                let _shown = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        }
    });
    let oncancel = {
        let on_cancel = props.on_cancel.clone();
        Callback::from(move |event: Event| {
            // The page decides whether it is gone, so that the browser and the page agree.
            event.prevent_default();
            on_cancel.emit(());
        })
    };
    html! {
        <dialog class="ask" ref={node} {oncancel} aria-labelledby="ask-title" aria-describedby={(!props.text.is_empty()).then_some("ask-text")}>
            <h2 id="ask-title" class="ask-title">{ &props.title }</h2>
            if !props.text.is_empty() {
                <p id="ask-text" class="ask-text">{ &props.text }</p>
            }
            { props.children.clone() }
            <div class="ask-buttons">
                <Button label={words.cancel()} on_click={props.on_cancel.clone()} />
                <Button label={props.confirm.clone()} look={if props.warn { Look::Warn } else { Look::Primary }} busy={props.busy}
                    on_click={props.on_confirm.clone()} />
            </div>
        </dialog>
    }
}

/// Properties of [`Sheet`].
#[derive(Properties, PartialEq)]
pub struct SheetProps {
    /// What it is.
    pub title: AttrValue,
    /// What stands on it.
    pub children: Html,
    /// It was read.
    pub on_close: Callback<()>,
}

/// Something to read, over the whole page: it can be turned to somebody else.
#[component(Sheet)]
pub fn sheet(props: &SheetProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Shown already is the only way this fails.
                let _shown = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        }
    });
    let oncancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    html! {
        <dialog class="ask sheet" ref={node} {oncancel} aria-labelledby="sheet-title">
            <h2 id="sheet-title" class="ask-title">{ &props.title }</h2>
            <div class="sheet-text" tabindex="0">{ props.children.clone() }</div>
            <div class="ask-buttons">
                <Button label={words.close()} look={Look::Primary} on_click={props.on_close.clone()} />
            </div>
        </dialog>
    }
}
