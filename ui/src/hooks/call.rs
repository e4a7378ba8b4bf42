//! Asking: waiting, ready or failed, and asked again when a topic changes.

use std::any::Any;
use std::rc::Rc;

use ui_protocol::{Call, ErrorCode, Topic, UiError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::use_asker;
use crate::backend::{Asker, Question};

/// Where a question stands.
#[derive(Debug)]
pub enum Answer<T: ?Sized> {
    /// Nobody answered yet.
    Waiting,
    /// The answer.
    Ready(Rc<T>),
    /// Why there is none.
    Failed(UiError),
}

impl<T: ?Sized> Clone for Answer<T> {
    fn clone(&self) -> Answer<T> {
        match self {
            Answer::Waiting => Answer::Waiting,
            Answer::Ready(value) => Answer::Ready(value.clone()),
            Answer::Failed(error) => Answer::Failed(error.clone()),
        }
    }
}

impl<T: ?Sized> Answer<T> {
    /// The answer, when it is there.
    pub fn ready(&self) -> Option<&Rc<T>> {
        match self {
            Answer::Ready(value) => Some(value),
            Answer::Waiting | Answer::Failed(_) => None,
        }
    }
}

/// A question and how to ask it again.
pub struct Asked<T: ?Sized> {
    /// Where it stands.
    pub answer: Answer<T>,
    /// The answer is to the question as it is now, not to the one before.
    pub is_current: bool,
    /// Asks again.
    pub again: Callback<()>,
}

/// Asks `call` now, when it becomes another question, and when one of `topics` changes. The last answer stays on the screen
/// until the next one is there, and an older answer never replaces a newer one.
#[hook]
pub fn use_call<C: Call>(call: C, topics: &'static [Topic]) -> Asked<C::Reply> {
    let Asked { answer, is_current, again } = use_question(Question::of(call), topics);
    let answer = match answer {
        Answer::Waiting => Answer::Waiting,
        Answer::Failed(error) => Answer::Failed(error),
        // Only where a page asks two kinds of call in turn in one place is the last answer of another kind.
        Answer::Ready(reply) => reply.downcast().map_or(Answer::Waiting, Answer::Ready),
    };
    Asked { answer, is_current, again }
}

#[hook]
fn use_question(question: Question, topics: &'static [Topic]) -> Asked<dyn Any> {
    let asker = use_asker();
    let held = use_mut_ref(|| Answer::<dyn Any>::Waiting);
    let answered = use_mut_ref(|| None::<Question>);
    let turn = use_mut_ref(|| 0_u64);
    let redraw = use_force_update();

    let ask = {
        let (asker, held, answered, turn) = (asker.clone(), held.clone(), answered.clone(), turn.clone());
        move |question: Question| {
            *turn.borrow_mut() += 1;
            let mine = *turn.borrow();
            let (asker, held, turn, redraw) = (asker.clone(), held.clone(), turn.clone(), redraw.clone());
            let answered = answered.clone();
            spawn_local(async move {
                let result = asker.put(&question).await;
                if *turn.borrow() != mine {
                    return;
                }
                if let Err(error) = &result {
                    tell_when_signed_out(&asker, error, topics);
                }
                let answer = match result {
                    Ok(reply) => Answer::Ready(reply),
                    // A look that failed on the way does not take away what is on the screen, a form being typed least of all.
                    Err(error) if held.borrow().ready().is_some() && !says_it_is_gone(error.code) => return,
                    Err(error) => Answer::Failed(error),
                };
                *held.borrow_mut() = answer;
                *answered.borrow_mut() = Some(question);
                redraw.force_update();
            });
        }
    };

    use_effect_with((question.clone(), asker), {
        let (ask, turn) = (ask.clone(), turn);
        move |(question, asker)| {
            ask(question.clone());
            let question = question.clone();
            let listening = asker.listen(move |changed| {
                if changed.iter().any(|topic| topics.contains(topic)) {
                    ask(question.clone());
                }
            });
            move || {
                drop(listening);
                // An answer that comes after the question changed, or the page went, belongs to nobody.
                *turn.borrow_mut() += 1;
            }
        }
    });

    let is_current = answered.borrow().as_ref() == Some(&question);
    let again = Callback::from(move |()| ask(question.clone()));
    let answer = held.borrow().clone();
    Asked { answer, is_current, again }
}

/// Whoever was signed out meanwhile is asked to sign in, and a wrong PIN leaves fewer tries: the page that asks who is here hears it. That page listens to the
/// session itself and is not told what it just found out.
pub(super) fn tell_when_signed_out(asker: &Asker, error: &UiError, topics: &[Topic]) {
    use ErrorCode::{KeyGone, LeaseOver, Locked, NotEnrolled, SignedOut, TooManyTries, WrongPin};
    if matches!(error.code, SignedOut | NotEnrolled | Locked | LeaseOver | WrongPin | TooManyTries | KeyGone)
        && !topics.contains(&Topic::Session)
    {
        asker.announce(&[Topic::Session]);
    }
}

fn says_it_is_gone(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotFound
            | ErrorCode::SignedOut
            | ErrorCode::NotEnrolled
            | ErrorCode::NotAllowed
            | ErrorCode::Locked
            | ErrorCode::LeaseOver
    )
}
