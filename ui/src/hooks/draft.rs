//! A form that survives: leaving, a call, a crash or a dead battery loses at most the last third of a second.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ui_protocol::lookups::{Draft as AskDraft, DropDraft, KeepDraft};
use wasm_bindgen_futures::spawn_local;
use yew::functional::UseForceUpdateHandle;
use yew::prelude::*;

use super::use_asker;
use crate::backend::Asker;

/// How long typing has to rest before it is kept.
const KEEP_AFTER_MS: u32 = 300;

/// A form being typed, kept on the device.
pub struct Draft<F: 'static> {
    inner: Rc<Inner<F>>,
    redraw: UseForceUpdateHandle,
}

struct Inner<F> {
    key: String,
    asker: Asker,
    fresh: F,
    form: RefCell<F>,
    loaded: Cell<bool>,
    restored: Cell<bool>,
    unkept: Cell<bool>,
    over: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
}

impl<F> Clone for Draft<F> {
    fn clone(&self) -> Draft<F> {
        Draft { inner: self.inner.clone(), redraw: self.redraw.clone() }
    }
}

impl<F: Clone + PartialEq + Serialize + DeserializeOwned + 'static> Draft<F> {
    /// The form was looked for on the device; before that, nothing should be typed.
    pub fn is_loaded(&self) -> bool {
        self.inner.loaded.get()
    }

    /// The form was found half typed.
    pub fn is_restored(&self) -> bool {
        self.inner.restored.get()
    }

    /// Names the form on the device; goes along with the save, which forgets it.
    pub fn key(&self) -> String {
        self.inner.key.clone()
    }

    /// The form as it stands.
    pub fn form(&self) -> Ref<'_, F> {
        self.inner.form.borrow()
    }

    /// Changes the form, shows it and keeps it.
    pub fn change(&self, change: impl FnOnce(&mut F)) {
        if self.inner.over.get() {
            return;
        }
        change(&mut self.inner.form.borrow_mut());
        self.inner.unkept.set(true);
        let inner = self.inner.clone();
        *self.inner.timer.borrow_mut() = Some(Timeout::new(KEEP_AFTER_MS, move || inner.keep()));
        self.redraw.force_update();
    }

    /// A callback that puts what was typed into one field.
    pub fn set(&self, put: impl Fn(&mut F, String) + 'static) -> Callback<String> {
        let draft = self.clone();
        Callback::from(move |typed: String| draft.change(|form| put(form, typed)))
    }

    /// A callback that puts a yes or no into one field.
    pub fn set_flag(&self, put: impl Fn(&mut F, bool) + 'static) -> Callback<bool> {
        let draft = self.clone();
        Callback::from(move |flag: bool| draft.change(|form| put(form, flag)))
    }

    /// Forgets what was restored and begins again.
    pub fn discard(&self) {
        *self.inner.form.borrow_mut() = self.inner.fresh.clone();
        self.inner.restored.set(false);
        self.inner.forget();
        self.redraw.force_update();
    }

    /// The form was saved: nothing is kept any more. The save itself forgot the draft, where it was told its key.
    pub fn finish(&self) {
        self.inner.over.set(true);
        self.inner.unkept.set(false);
        self.inner.timer.borrow_mut().take();
    }

    /// As [`Draft::finish`], for saves that do not take the key along.
    pub fn finish_and_forget(&self) {
        self.finish();
        self.inner.forget();
    }

    /// Begins anew with `form` after a save: the next person of the same home.
    pub fn start_again(&self, form: F) {
        self.inner.over.set(false);
        self.inner.restored.set(false);
        *self.inner.form.borrow_mut() = form;
        self.redraw.force_update();
    }
}

impl<F: Clone + PartialEq + Serialize + 'static> Inner<F> {
    fn keep(&self) {
        self.timer.borrow_mut().take();
        if !self.unkept.replace(false) {
            return;
        }
        let Ok(form) = serde_json::to_value(&*self.form.borrow()) else {
            return;
        };
        let (asker, key) = (self.asker.clone(), self.key.clone());
        // A draft that could not be kept is still on the screen, and the next keystroke tries again.
        spawn_local(async move {
            let _kept = asker.ask(KeepDraft { key, form }).await;
        });
    }

    fn forget(&self) {
        self.timer.borrow_mut().take();
        self.unkept.set(false);
        let (asker, key) = (self.asker.clone(), self.key.clone());
        spawn_local(async move {
            let _forgotten = asker.ask(DropDraft { key }).await;
        });
    }
}

/// A form called `key` on the device, beginning as `fresh` unless it was left half typed. The component must be keyed by the
/// same name: a form does not turn into another one.
#[hook]
pub fn use_draft<F>(key: String, fresh: F) -> Draft<F>
where
    F: Clone + PartialEq + Serialize + DeserializeOwned + 'static,
{
    let asker = use_asker();
    let redraw = use_force_update();
    let inner = use_memo((), |()| Inner {
        key,
        asker,
        form: RefCell::new(fresh.clone()),
        fresh,
        loaded: Cell::new(false),
        restored: Cell::new(false),
        unkept: Cell::new(false),
        over: Cell::new(false),
        timer: RefCell::new(None),
    });
    use_effect_with((), {
        let (inner, redraw) = (inner.clone(), redraw.clone());
        move |()| {
            let loading = inner.clone();
            spawn_local(async move {
                let kept = loading.asker.ask(AskDraft { key: loading.key.clone() }).await.ok().and_then(|reply| reply.form);
                // A draft of another version that does not fit any more is left alone: the form begins empty.
                if let Some(form) = kept.and_then(|form| serde_json::from_value::<F>(form).ok())
                    && form != loading.fresh
                {
                    *loading.form.borrow_mut() = form;
                    loading.restored.set(true);
                }
                loading.loaded.set(true);
                redraw.force_update();
            });
            // Leaving the page keeps at once what the timer still waited for.
            move || inner.keep()
        }
    });
    Draft { inner, redraw }
}
