//! A backend whose answers were written beforehand, for the tests of this crate only.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;
use ui_protocol::{ErrorCode, UiError};

use super::{Backend, Heard, LocalFuture};

/// Answers in the order they were said; afterwards nobody answers.
#[derive(Clone, Default)]
pub struct Canned {
    said: Rc<RefCell<VecDeque<Value>>>,
    asked: Rc<RefCell<Vec<Value>>>,
}

impl Canned {
    /// Says the next answer.
    pub fn say(&self, answer: Value) {
        self.said.borrow_mut().push_back(answer);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.borrow().clone()
    }
}

impl Backend for Canned {
    fn send(&self, request: String) -> LocalFuture<Result<String, UiError>> {
        self.asked.borrow_mut().push(serde_json::from_str(&request).unwrap_or_default());
        let answer = self.said.borrow_mut().pop_front();
        Box::pin(async move { answer.map(|answer| answer.to_string()).ok_or(UiError::of(ErrorCode::NoAnswer)) })
    }

    fn hear(&self, _heard: Heard) {}
}
