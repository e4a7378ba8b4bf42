//! Through the window's shell: one command, and one event that says which topics changed.

use js_sys::{Function, Object, Promise, Reflect};
use ui_protocol::{ErrorCode, Topic, UiError};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{ALL_TOPICS, Backend, Heard, LocalFuture};

/// The shell of the window.
pub struct Tauri;

/// Whether this page is shown by the window's shell.
pub fn is_present() -> bool {
    internals().is_some()
}

impl Backend for Tauri {
    fn send(&self, request: String) -> LocalFuture<Result<String, UiError>> {
        Box::pin(async move {
            let silent = || UiError::of(ErrorCode::NoAnswer);
            let answer = invoke("call", &[("request", JsValue::from_str(&request))]).ok_or_else(silent)?;
            let answer = JsFuture::from(answer).await.map_err(|_| silent())?;
            answer.as_string().ok_or_else(|| UiError::of(ErrorCode::Malformed))
        })
    }

    fn hear(&self, heard: Heard) {
        let on_event: Closure<dyn Fn(JsValue)> = Closure::new(move |event: JsValue| {
            let payload = Reflect::get(&event, &"payload".into()).unwrap_or_default();
            let json = payload.as_string().or_else(|| js_sys::JSON::stringify(&payload).ok().and_then(|text| text.as_string()));
            let topics = json.and_then(|json| serde_json::from_str::<Vec<Topic>>(&json).ok());
            heard(&topics.unwrap_or_else(|| ALL_TOPICS.to_vec()));
        });
        let Some(handler) = transform_callback(on_event.as_ref()) else {
            return;
        };
        // It lives as long as the window does.
        on_event.forget();
        let target = object(&[("kind", "Any".into())]);
        let _listens = invoke("plugin:event|listen", &[("event", "topics".into()), ("target", target), ("handler", handler)]);
    }
}

fn internals() -> Option<JsValue> {
    let window = web_sys::window()?;
    let internals = Reflect::get(&window, &"__TAURI_INTERNALS__".into()).ok()?;
    internals.is_object().then_some(internals)
}

fn invoke(command: &str, arguments: &[(&str, JsValue)]) -> Option<Promise> {
    let internals = internals()?;
    let invoke: Function = Reflect::get(&internals, &"invoke".into()).ok()?.dyn_into().ok()?;
    invoke.call2(&internals, &command.into(), &object(arguments)).ok()?.dyn_into().ok()
}

/// Registers a function with the shell; the shell calls it by the number it gives.
fn transform_callback(function: &JsValue) -> Option<JsValue> {
    let internals = internals()?;
    let transform: Function = Reflect::get(&internals, &"transformCallback".into()).ok()?.dyn_into().ok()?;
    transform.call1(&internals, function).ok()
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a plain property of a new object does not fail.
        let _was_set = Reflect::set(&object, &(*key).into(), value);
    }
    object.into()
}
