//! What the browser knows of the network's cost: phones often do, computers mostly not.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Whether bytes cost; `None` when the browser does not say.
pub fn metered() -> Option<bool> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let connection = Reflect::get(&navigator, &"connection".into()).ok().filter(JsValue::is_object)?;
    if Reflect::get(&connection, &"saveData".into()).ok().and_then(|save| save.as_bool()) == Some(true) {
        return Some(true);
    }
    match Reflect::get(&connection, &"type".into()).ok()?.as_string()?.as_str() {
        "wifi" | "ethernet" => Some(false),
        "cellular" | "bluetooth" | "wimax" => Some(true),
        _ => None,
    }
}
