//! Keys anywhere on the page, for people who do not take their hands off the keyboard.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

/// Calls `on_key` with the name of a key pressed outside of any field, and of any button where it is Enter, without Ctrl, Alt or the like.
#[hook]
pub fn use_keys(on_key: Callback<String>) {
    let latest = use_mut_ref(|| on_key.clone());
    *latest.borrow_mut() = on_key;
    use_effect_with((), move |()| {
        let pressed: Closure<dyn Fn(KeyboardEvent)> = Closure::new(move |event: KeyboardEvent| {
            let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let typing =
                at.as_ref().is_some_and(|at| matches!(at.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA" | "DIALOG"));
            // What is pressed there is meant for it; rows of a list belong to these keys.
            let pressing = event.key() == "Enter"
                && at.is_some_and(|at| match at.tag_name().as_str() {
                    "BUTTON" | "SUMMARY" => true,
                    "A" => !at.class_list().contains("row"),
                    _ => false,
                });
            if typing || pressing || event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            let on_key = latest.borrow().clone();
            on_key.emit(event.key());
        });
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(document) = &document {
            // A valid event name on a page: this does not fail.
            let _listens = document.add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
        }
        move || {
            if let Some(document) = document {
                let _silent = document.remove_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
            }
            drop(pressed);
        }
    });
}
