//! A short message at the thumb, said aloud too.

use yew::prelude::*;

use super::{Icon, Shape};
use crate::hooks::Notice;
use crate::words::use_words;

/// Properties of [`Toast`].
#[derive(Properties, PartialEq)]
pub struct ToastProps {
    /// What to say now.
    pub notice: Option<Notice>,
    /// Take it away.
    pub close: Callback<()>,
}

/// The place for messages. It is always there, because a region that appears with its words is not read aloud.
#[component(Toast)]
pub fn toast(props: &ToastProps) -> Html {
    let words = use_words();
    html! {
        <div class="toast-place" role="status" aria-live="polite" aria-atomic="true">
            if let Some(notice) = &props.notice {
                <div class="toast">
                    <Icon shape={Shape::Good} />
                    <span class="toast-text">{ &notice.text }</span>
                    if let Some((label, undo)) = &notice.action {
                        <button type="button" class="toast-action" onclick={
                            let (undo, close) = (undo.clone(), props.close.clone());
                            move |_| {
                                close.emit(());
                                undo.emit(());
                            }
                        }>{ label }</button>
                    } else {
                        <button type="button" class="toast-action" onclick={
                            let close = props.close.clone();
                            move |_| close.emit(())
                        }>{ words.close() }</button>
                    }
                </div>
            }
        </div>
    }
}
