//! A form that survives: leaving, a call, a crash or a dead battery loses at most the last third of a second.
//!
//! A form that changes a record is kept with the values it began from. When the record moves on meanwhile (a sync brought
//! somebody else's change), fields nobody touched follow it: saving the form must not put old values back unseen.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ui_protocol::lookups::{Draft as AskDraft, DropDraft, KeepDraft};
use wasm_bindgen_futures::spawn_local;
use yew::functional::UseForceUpdateHandle;
use yew::prelude::*;

use super::use_asker;
use crate::backend::{Asker, Question};

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
    fresh: RefCell<F>,
    follows: bool,
    moved_on: Cell<bool>,
    form: RefCell<F>,
    loaded: Cell<bool>,
    restored: Cell<bool>,
    unkept: Cell<bool>,
    over: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
}

/// As kept on the device: what was typed, and what it began from.
#[derive(Serialize, Deserialize)]
struct Kept {
    form: Value,
    base: Value,
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

    /// The record changed while the form was open or lay aside; what nobody touched here shows its new values.
    pub fn has_moved_on(&self) -> bool {
        self.inner.moved_on.get()
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
        *self.inner.form.borrow_mut() = self.inner.fresh.borrow().clone();
        self.inner.restored.set(false);
        self.inner.moved_on.set(false);
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
        let kept = serde_json::to_value(&*self.form.borrow())
            .and_then(|form| Ok(Kept { form, base: serde_json::to_value(&*self.fresh.borrow())? }))
            .and_then(serde_json::to_value);
        let Ok(form) = kept else {
            return;
        };
        // A draft that could not be kept is still on the screen, and the next keystroke tries again.
        tell(&self.asker, Question::of(KeepDraft { key: self.key.clone(), form }));
    }

    fn forget(&self) {
        self.timer.borrow_mut().take();
        self.unkept.set(false);
        tell(&self.asker, Question::of(DropDraft { key: self.key.clone() }));
    }
}

impl<F: Clone + PartialEq + Serialize + DeserializeOwned + 'static> Inner<F> {
    /// Takes up a form that was left half typed.
    fn take_up(&self, kept: Kept) {
        let fresh = self.fresh.borrow().clone();
        let form = if self.follows { follow(&kept.base, &kept.form, &fresh) } else { read(&kept.form) };
        // A draft of another version that does not fit any more is left alone: the form begins as it is.
        if let Some(form) = form
            && form != fresh
        {
            let began_from = read::<F>(&kept.base);
            self.moved_on.set(self.follows && began_from.is_some_and(|base| base != fresh));
            *self.form.borrow_mut() = form;
            self.restored.set(true);
        }
    }

    /// The record has new values: fields nobody touched show them. Whether anything changed on the screen.
    fn move_on(&self, fresh: &F) -> bool {
        if !self.follows || self.over.get() || *self.fresh.borrow() == *fresh {
            return false;
        }
        let mine = serde_json::to_value(&*self.form.borrow());
        let base = serde_json::to_value(&*self.fresh.borrow());
        if let (Ok(mine), Ok(base)) = (mine, base)
            && let Some(form) = follow(&base, &mine, fresh)
        {
            *self.form.borrow_mut() = form;
            self.moved_on.set(true);
        }
        *self.fresh.borrow_mut() = fresh.clone();
        true
    }
}

/// Says something whose answer changes nothing here.
fn tell(asker: &Asker, question: Question) {
    let asker = asker.clone();
    spawn_local(async move {
        let _answer = asker.put(&question).await;
    });
}

/// A form out of its fields. Through its text, as answers are read: the code that reads a form out of a tree of values would be a second one for each.
fn read<F: DeserializeOwned>(fields: &Value) -> Option<F> {
    serde_json::from_str(&fields.to_string()).ok()
}

/// What was typed, laid over the record's present values: a field that is still as it began follows the record.
fn follow<F: Serialize + DeserializeOwned>(base: &Value, mine: &Value, theirs: &F) -> Option<F> {
    let theirs = serde_json::to_value(theirs).ok()?;
    read(&laid_over(base, mine, &theirs))
}

fn laid_over(base: &Value, mine: &Value, theirs: &Value) -> Value {
    if mine == base {
        return theirs.clone();
    }
    let (Value::Object(mine_fields), Value::Object(their_fields)) = (mine, theirs) else {
        return mine.clone();
    };
    let nothing = Value::Null;
    let mut laid = serde_json::Map::new();
    for name in mine_fields.keys().chain(their_fields.keys()) {
        let of = |value: &'_ Value| value.get(name).cloned().unwrap_or(Value::Null);
        let value = laid_over(base.get(name).unwrap_or(&nothing), &of(mine), &of(theirs));
        if !value.is_null() {
            laid.insert(name.clone(), value);
        }
    }
    Value::Object(laid)
}

/// A form called `key` on the device, beginning as `fresh` unless it was left half typed. The component must be keyed by the
/// same name: a form does not turn into another one.
#[hook]
pub fn use_draft<F>(key: String, fresh: F) -> Draft<F>
where
    F: Clone + PartialEq + Serialize + DeserializeOwned + 'static,
{
    use_draft_of_record(key, fresh, false)
}

/// As [`use_draft`]; with `follows` the form changes a record whose present values are `fresh`.
#[hook]
pub fn use_draft_of_record<F>(key: String, fresh: F, follows: bool) -> Draft<F>
where
    F: Clone + PartialEq + Serialize + DeserializeOwned + 'static,
{
    let asker = use_asker();
    let redraw = use_force_update();
    let present = fresh.clone();
    let inner = use_memo((), |()| Inner {
        key,
        asker,
        form: RefCell::new(fresh.clone()),
        fresh: RefCell::new(fresh),
        follows,
        moved_on: Cell::new(false),
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
                if let Some(kept) = kept.and_then(|kept| serde_json::from_value::<Kept>(kept).ok()) {
                    loading.take_up(kept);
                }
                loading.loaded.set(true);
                redraw.force_update();
            });
            // Leaving the page keeps at once what the timer still waited for.
            move || inner.keep()
        }
    });
    use_effect_with(present, {
        let (inner, redraw) = (inner.clone(), redraw.clone());
        move |present: &F| {
            if inner.move_on(present) {
                redraw.force_update();
            }
        }
    });
    Draft { inner, redraw }
}

#[cfg(test)]
mod tests {
    use domain::address::Address;
    use domain::unit::UnitForm;

    use super::*;

    fn form(phone: &str, rooms: &str, plate: &str) -> UnitForm {
        let address = Address { plate_no: plate.to_owned(), ..Address::default() };
        UnitForm { landlord_phone: phone.to_owned(), rooms: rooms.to_owned(), address, ..UnitForm::default() }
    }

    fn json(form: &UnitForm) -> Value {
        serde_json::to_value(form).expect("a form is plain data")
    }

    #[test]
    fn untouched_fields_follow_the_record_and_typed_ones_stay() {
        let base = form("111", "1-3", "18");
        let rows = [
            (form("111", "1-3", "18"), form("222", "1-3", "18"), form("222", "1-3", "18"), "nothing was typed"),
            (form("111", "1-5", "18"), form("222", "1-3", "18"), form("222", "1-5", "18"), "different fields"),
            (
                form("333", "1-3", "18"),
                form("222", "1-3", "18"),
                form("333", "1-3", "18"),
                "the same field: what was typed stays on the screen",
            ),
            (form("111", "1-3", "19"), form("111", "1-3", "18"), form("111", "1-3", "19"), "the record stood still"),
            (form("111", "1-3", ""), form("222", "1-3", "18"), form("222", "1-3", ""), "what was emptied stays empty"),
        ];
        for (mine, theirs, laid, why) in rows {
            assert_eq!(follow(&json(&base), &json(&mine), &theirs), Some(laid), "{why}");
        }
    }
}
