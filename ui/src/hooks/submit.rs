//! Submitting: once at a time, and what came of it.

use std::any::Any;
use std::rc::Rc;

use ui_protocol::{Call, UiError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::call::tell_when_signed_out;
use super::use_asker;
use crate::backend::{Question, owned};

/// Where a submission stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// Nothing was submitted, or it went well.
    Idle,
    /// It is under way; the button does nothing meanwhile.
    Busy,
    /// It did not go through; the form stays open.
    Failed(UiError),
}

impl Submission {
    /// Whether it is under way.
    pub fn is_busy(&self) -> bool {
        *self == Submission::Busy
    }

    /// Why it failed.
    pub fn error(&self) -> Option<&UiError> {
        match self {
            Submission::Failed(error) => Some(error),
            Submission::Idle | Submission::Busy => None,
        }
    }
}

/// A submission and how to begin it.
pub struct Submit<C> {
    /// Where it stands.
    pub state: Submission,
    /// Begins it. A second tap while the first is under way does nothing.
    pub send: Callback<C>,
}

/// Sends a command on demand and calls `done` with its reply.
#[hook]
pub fn use_submit<C>(done: Callback<C::Reply>) -> Submit<C>
where
    C: Call + 'static,
{
    let (state, sending) = use_sending();
    let send = Callback::from(move |call: C| {
        let done = done.clone();
        let done = Callback::from(move |reply| {
            if let Some(reply) = owned(reply) {
                done.emit(reply);
            }
        });
        sending.emit((Question::of(call), done));
    });
    Submit { state, send }
}

/// What is sent, and who hears the reply.
type Sent = (Question, Callback<Rc<dyn Any>>);

#[hook]
fn use_sending() -> (Submission, Callback<Sent>) {
    let asker = use_asker();
    let held = use_mut_ref(|| Submission::Idle);
    let redraw = use_force_update();
    let send = {
        let held = held.clone();
        Callback::from(move |(question, done): Sent| {
            if held.borrow().is_busy() {
                return;
            }
            *held.borrow_mut() = Submission::Busy;
            redraw.force_update();
            let (asker, held, redraw) = (asker.clone(), held.clone(), redraw.clone());
            spawn_local(async move {
                match asker.put(&question).await {
                    Ok(reply) => {
                        *held.borrow_mut() = Submission::Idle;
                        redraw.force_update();
                        done.emit(reply);
                    }
                    Err(error) => {
                        tell_when_signed_out(&asker, &error, &[]);
                        *held.borrow_mut() = Submission::Failed(error);
                        redraw.force_update();
                    }
                }
            });
        })
    };
    let state = held.borrow().clone();
    (state, send)
}
