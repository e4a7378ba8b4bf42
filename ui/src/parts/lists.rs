//! Searching and going on in long lists.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlInputElement, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

use super::{Button, Icon, Shape};
use crate::words::use_words;

/// Properties of [`SearchBar`].
#[derive(Properties, PartialEq)]
pub struct SearchBarProps {
    /// Names the field.
    pub id: AttrValue,
    /// What can be typed.
    pub label: AttrValue,
    /// What is typed.
    pub value: AttrValue,
    /// Somebody types.
    pub on_change: Callback<String>,
}

/// A search field; the list below follows while one types.
#[component(SearchBar)]
pub fn search_bar(props: &SearchBarProps) -> Html {
    let words = use_words();
    let oninput = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: InputEvent| on_change.emit(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="search" role="search" {onsubmit}>
            <Icon shape={Shape::Search} />
            <label class="unseen" for={props.id.clone()}>{ words.search() }{ " " }{ &props.label }</label>
            <input id={props.id.clone()} type="search" autocomplete="off" enterkeyhint="search" placeholder={props.label.clone()}
                value={props.value.clone()} {oninput} />
            if !props.value.is_empty() {
                <button type="button" class="search-clear" onclick={
                    let on_change = props.on_change.clone();
                    move |_| on_change.emit(String::new())
                }>{ words.clear() }</button>
            }
        </form>
    }
}

/// Properties of [`More`].
#[derive(Properties, PartialEq)]
pub struct MoreProps {
    /// Fetches the next page.
    pub on_more: Callback<()>,
}

/// The end of what was fetched: going on happens when it comes into sight, or is pressed.
#[component(More)]
pub fn more(props: &MoreProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let latest = use_mut_ref(|| props.on_more.clone());
    *latest.borrow_mut() = props.on_more.clone();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let seen: Closure<dyn Fn(js_sys::Array)> = Closure::new(move |entries: js_sys::Array| {
                let visible = entries.iter().any(|entry| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting());
                if visible {
                    let on_more = latest.borrow().clone();
                    on_more.emit(());
                }
            });
            let observer = IntersectionObserver::new(seen.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, node.cast::<Element>()) {
                observer.observe(&element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(seen);
            }
        }
    });
    html! {
        <div class="more" ref={node}>
            <Button label={words.more()} on_click={props.on_more.clone()} />
        </div>
    }
}
