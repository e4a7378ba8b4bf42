//! Typing: what rests, what is remembered, and which fields have been left.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::form::FieldProblem;
use gloo_timers::callback::Timeout;
use ui_protocol::UiError;
use yew::functional::UseForceUpdateHandle;
use yew::prelude::*;

use crate::parts::Said;
use crate::words::Words;

/// How long a search waits for the next letter.
const REST_MS: u32 = 120;

/// What was typed once the typing rests; at once when it is cleared.
#[hook]
pub fn use_rested(typed: &str) -> String {
    let rested = use_state(|| typed.to_owned());
    use_effect_with(typed.to_owned(), {
        let setter = rested.setter();
        move |typed: &String| {
            let typed = typed.clone();
            let wait_ms = if typed.is_empty() { 0 } else { REST_MS };
            let timer = Timeout::new(wait_ms, move || setter.set(typed));
            move || drop(timer)
        }
    });
    (*rested).clone()
}

/// What was typed on pages that are closed now, so that going back finds the list as it was. Nothing of it outlives the page.
#[derive(Clone, Default)]
pub struct Remembered {
    texts: Rc<RefCell<BTreeMap<&'static str, String>>>,
}

impl PartialEq for Remembered {
    fn eq(&self, other: &Remembered) -> bool {
        Rc::ptr_eq(&self.texts, &other.texts)
    }
}

/// A text under this name, and how to change it.
#[hook]
pub fn use_remembered(name: &'static str) -> (String, Callback<String>) {
    let remembered = use_context::<Remembered>().unwrap_or_default();
    let redraw = use_force_update();
    let text = remembered.texts.borrow().get(name).cloned().unwrap_or_default();
    let set = Callback::from(move |text: String| {
        remembered.texts.borrow_mut().insert(name, text);
        redraw.force_update();
    });
    (text, set)
}

/// Which fields may be told what is wrong with them: those that were left, and all of them after the first try to save.
pub struct Checks<F: 'static> {
    inner: Rc<Inner<F>>,
    redraw: UseForceUpdateHandle,
}

struct Inner<F> {
    left: RefCell<BTreeSet<String>>,
    all: Cell<bool>,
    sent: RefCell<Option<F>>,
}

impl<F> Clone for Checks<F> {
    fn clone(&self) -> Checks<F> {
        Checks { inner: self.inner.clone(), redraw: self.redraw.clone() }
    }
}

impl<F: PartialEq + Clone + 'static> Checks<F> {
    /// For a field's `on_leave`.
    pub fn left(&self) -> Callback<String> {
        let (inner, redraw) = (self.inner.clone(), self.redraw.clone());
        Callback::from(move |field: String| {
            if inner.left.borrow_mut().insert(field) {
                redraw.force_update();
            }
        })
    }

    /// From now on every field is told.
    pub fn tell_all(&self) {
        self.inner.all.set(true);
        self.redraw.force_update();
    }

    /// Remembers what was sent, so that the answer is told as long as the form is what it is about.
    pub fn sent(&self, form: &F) {
        self.inner.all.set(true);
        *self.inner.sent.borrow_mut() = Some(form.clone());
    }

    /// Begins again with a form nobody has touched.
    pub fn begin_again(&self) {
        self.inner.all.set(false);
        self.inner.left.borrow_mut().clear();
        *self.inner.sent.borrow_mut() = None;
        self.redraw.force_update();
    }

    /// Adds to what the form says about itself what the device said about it, while it is still the same form.
    pub fn with_answer(&self, mut own: Vec<FieldProblem>, form: &F, error: Option<&UiError>) -> Vec<FieldProblem> {
        let same = self.inner.sent.borrow().as_ref() == Some(form);
        if let Some(error) = error.filter(|_| same) {
            for problem in &error.problems {
                if !own.iter().any(|known| known.field == problem.field) {
                    own.push(problem.clone());
                }
            }
        }
        own
    }

    /// What to say beside `field` now.
    pub fn said(&self, words: Words, problems: &[FieldProblem], field: &str) -> Option<Said> {
        if !self.inner.all.get() && !self.inner.left.borrow().contains(field) {
            return None;
        }
        // What stops the save comes before what only warns.
        let of_field = || problems.iter().filter(|problem| problem.field == field);
        let problem = of_field().find(|problem| !problem.warning).or_else(|| of_field().next())?;
        Some(Said { text: words.problem(&problem.problem).into(), warning: problem.warning })
    }
}

/// What may be said about a form now.
#[hook]
pub fn use_checks<F: PartialEq + Clone + 'static>() -> Checks<F> {
    let redraw = use_force_update();
    let inner = use_memo((), |()| Inner { left: RefCell::default(), all: Cell::new(false), sent: RefCell::new(None) });
    Checks { inner, redraw }
}
