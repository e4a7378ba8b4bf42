//! Nobody touches the page, or it went out of sight: the device is asked to lock itself.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use ui_protocol::lock::Lock;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::EventTarget;
use yew::prelude::*;

use super::use_asker;

/// How often it is looked whether anybody is still there.
const LOOK_EVERY_MS: u32 = 5_000;
/// Out of sight this long: a call or a look at the map is shorter, a phone in a pocket is longer.
const AWAY_MS: f64 = 60_000.0;
/// What a person does to a page.
const TOUCHES: [&str; 4] = ["pointerdown", "keydown", "wheel", "touchstart"];

/// Locks after so many minutes without a touch, and when the page was away for a while. `None` while there is nothing to lock with.
#[hook]
pub fn use_idle_lock(minutes: Option<u32>) {
    let asker = use_asker();
    use_effect_with(minutes, move |minutes| {
        let watch = minutes.map(|minutes| {
            Watch::begin(f64::from(minutes) * 60_000.0, move || {
                let asker = asker.clone();
                // Locked already, or nobody answers: the device looks after itself too.
                spawn_local(async move { drop(asker.ask(Lock {}).await) });
            })
        });
        move || drop(watch)
    });
}

/// Who is listened to, for what, and who hears it.
type Listened = (EventTarget, &'static str, Closure<dyn Fn()>);

struct Watch {
    _looks: Interval,
    listened: Vec<Listened>,
}

impl Watch {
    fn begin(idle_ms: f64, lock: impl Fn() + 'static) -> Watch {
        let touched = Rc::new(Cell::new(js_sys::Date::now()));
        let away_since = Rc::new(Cell::new(None::<f64>));
        let window = web_sys::window();
        let document = window.as_ref().and_then(web_sys::Window::document);
        let mut listened = Vec::new();
        let mut listen = |target: Option<EventTarget>, event: &'static str, heard: Closure<dyn Fn()>| {
            let Some(target) = target else { return };
            // Without it the interval still counts from the last touch that was heard.
            drop(target.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref()));
            listened.push((target, event, heard));
        };
        for event in TOUCHES {
            let touched = Rc::clone(&touched);
            listen(document.clone().map(EventTarget::from), event, Closure::new(move || touched.set(js_sys::Date::now())));
        }
        let lock = Rc::new(lock);
        let check = {
            let (touched, away_since, lock) = (Rc::clone(&touched), Rc::clone(&away_since), Rc::clone(&lock));
            move || {
                let now = js_sys::Date::now();
                let away = away_since.get().is_some_and(|since| now - since >= AWAY_MS);
                if away || now - touched.get() >= idle_ms {
                    // Once: the next touch begins anew.
                    touched.set(now);
                    away_since.set(away_since.get().map(|_| now));
                    lock();
                }
            }
        };
        let seen = {
            let (away_since, check, document) = (Rc::clone(&away_since), check.clone(), document.clone());
            move || {
                let hidden = document.as_ref().is_some_and(web_sys::Document::hidden);
                let focused = document.as_ref().is_some_and(|document| document.has_focus().unwrap_or(true));
                // Timers stand still in a page nobody sees: it is looked at again the moment it is seen.
                check();
                away_since.set((hidden || !focused).then(|| away_since.get().unwrap_or_else(js_sys::Date::now)));
            }
        };
        listen(document.map(EventTarget::from), "visibilitychange", Closure::new(seen.clone()));
        listen(window.clone().map(EventTarget::from), "blur", Closure::new(seen.clone()));
        listen(window.map(EventTarget::from), "focus", Closure::new(seen));
        Watch { _looks: Interval::new(LOOK_EVERY_MS, check), listened }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (target, event, heard) in &self.listened {
            drop(target.remove_event_listener_with_callback(event, heard.as_ref().unchecked_ref()));
        }
    }
}
