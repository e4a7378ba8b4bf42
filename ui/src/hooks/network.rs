//! What the browser knows of the network's cost: phones often do, computers mostly not.

use gloo_timers::callback::Interval;
use js_sys::Reflect;
use ui_protocol::photos::TellNetwork;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::EventTarget;
use yew::prelude::*;

use crate::backend::Asker;

/// Well within the time for which the device believes what it was told.
const TELL_EVERY_MS: u32 = 2 * 60 * 1000;

/// Tells the device whether bytes cost: now, whenever the network changes or the page is seen again, and every other minute.
/// Whole photos wait by it; that it could not be told changes nothing.
#[hook]
pub fn use_network(asker: &Asker) {
    let asker = asker.clone();
    use_effect_with((), move |()| {
        let tell = move || {
            let asker = asker.clone();
            spawn_local(async move { drop(asker.ask(TellNetwork { metered: metered() }).await) });
        };
        tell();
        let every = Interval::new(TELL_EVERY_MS, tell.clone());
        let changed: Closure<dyn Fn()> = Closure::new(tell);
        let listened: Vec<(EventTarget, &'static str)> = [
            (connection().and_then(|connection| connection.dyn_into().ok()), "change"),
            (web_sys::window().map(EventTarget::from), "online"),
            (web_sys::window().and_then(|window| window.document()).map(EventTarget::from), "visibilitychange"),
        ]
        .into_iter()
        .filter_map(|(target, event)| Some((target?, event)))
        .collect();
        for (target, event) in &listened {
            // A browser that does not take it is asked every other minute.
            drop(target.add_event_listener_with_callback(event, changed.as_ref().unchecked_ref()));
        }
        move || {
            drop(every);
            for (target, event) in &listened {
                drop(target.remove_event_listener_with_callback(event, changed.as_ref().unchecked_ref()));
            }
        }
    });
}

fn connection() -> Option<JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    Reflect::get(&navigator, &"connection".into()).ok().filter(JsValue::is_object)
}

/// Whether bytes cost; `None` when the browser does not say.
fn metered() -> Option<bool> {
    let connection = connection()?;
    if Reflect::get(&connection, &"saveData".into()).ok().and_then(|save| save.as_bool()) == Some(true) {
        return Some(true);
    }
    match Reflect::get(&connection, &"type".into()).ok()?.as_string()?.as_str() {
        "wifi" | "ethernet" => Some(false),
        "cellular" | "bluetooth" | "wimax" => Some(true),
        _ => None,
    }
}
