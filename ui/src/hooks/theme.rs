//! Language, letters and colours of the whole page, as attributes that the style sheets read.

use ui_protocol::session::Settings;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use crate::words::Language;

/// Whether the system asks for dark colours, now and later.
#[hook]
pub fn use_dark_system() -> bool {
    let query =
        use_memo((), |()| web_sys::window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten()));
    let dark = use_state(|| (*query).as_ref().is_some_and(web_sys::MediaQueryList::matches));
    use_effect_with((), {
        let (query, setter) = (query, dark.setter());
        move |()| {
            let listening = (*query).clone().map(|query| {
                let changed: Closure<dyn Fn()> = {
                    let query = query.clone();
                    Closure::new(move || setter.set(query.matches()))
                };
                query.set_onchange(Some(changed.as_ref().unchecked_ref()));
                (query, changed)
            });
            move || {
                if let Some((query, changed)) = listening {
                    query.set_onchange(None);
                    drop(changed);
                }
            }
        }
    });
    *dark
}

/// Writes the settings on the page. Both `html` and `body` carry the theme: our style sheet reads it on the first, WeUI's on the second.
pub fn apply_settings(settings: &Settings, dark_system: bool, title: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let dark = match settings.theme.as_str() {
        "dark" => true,
        "light" => false,
        _ => dark_system,
    };
    let theme = if dark { "dark" } else { "light" };
    document.set_title(title);
    let elements = [document.document_element(), document.body().map(Into::into)];
    for element in elements.into_iter().flatten() {
        // These names are valid, so setting them does not fail.
        let _themed = element.set_attribute("data-weui-theme", theme);
        let _sized = if settings.care { element.set_attribute("data-care", "on") } else { element.remove_attribute("data-care") };
    }
    if let Some(root) = document.document_element() {
        let _spoken = root.set_attribute("lang", Language::from_setting(&settings.language).tag());
    }
}
