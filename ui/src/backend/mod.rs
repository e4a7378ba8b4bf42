//! How a question reaches the program behind the screens. Only the files in this folder know a transport.
//!
//! Every transport carries the same JSON as one string: JavaScript loses integers above 2^53.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;
use ui_protocol::{Call, ErrorCode, Topic, UiError};

#[cfg(test)]
pub mod canned;
pub mod http;
pub mod tauri;

/// A future of one page: nothing here crosses threads.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// What is called when topics changed.
pub type Heard = Rc<dyn Fn(&[Topic])>;

/// Every topic: after a silence nobody knows what was missed.
pub const ALL_TOPICS: [Topic; 8] =
    [Topic::Session, Topic::Units, Topic::People, Topic::Reports, Topic::Photos, Topic::Attention, Topic::Sync, Topic::Forms];

/// Carries a command to whoever answers it.
pub trait Backend {
    /// Sends a command as JSON; the answer is `{"Ok": Handled}` or `{"Err": UiError}` as JSON.
    fn send(&self, request: String) -> LocalFuture<Result<String, UiError>>;
    /// Calls `heard` whenever the other side says that topics changed, for as long as the page lives.
    fn hear(&self, heard: Heard);
}

/// The transport of this page: inside the window's shell there is a Tauri, in a plain browser there is not.
pub fn choose() -> Box<dyn Backend> {
    if tauri::is_present() { Box::new(tauri::Tauri) } else { Box::new(http::Http::device()) }
}

/// A call on its way: as it is sent, and how its answer is read. What all pages do with a question is compiled once and not once for
/// each call, which a phone would download.
#[derive(Clone)]
pub struct Question {
    request: Rc<str>,
    read: fn(&str) -> Option<Rc<dyn Any>>,
}

/// As [`ui_protocol::Handled`], with the reply as it came: it is read once, as what it is.
#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    reply: &'a RawValue,
    topics: Vec<Topic>,
}

impl Question {
    /// Of this call.
    pub fn of<C: Call>(call: C) -> Question {
        // Commands are plain shapes with text keys: they always have a JSON form, and an empty one would be refused as malformed.
        let request = serde_json::to_string(&call.command()).unwrap_or_default().into();
        Question {
            request,
            read: |reply| serde_json::from_str::<C::Reply>(reply).ok().map(|reply| Rc::new(reply) as Rc<dyn Any>),
        }
    }
}

/// The same command has the same kind of answer.
impl PartialEq for Question {
    fn eq(&self, other: &Question) -> bool {
        self.request == other.request
    }
}

/// Asks, and tells every listener what an answer made stale.
#[derive(Clone)]
pub struct Asker {
    shared: Rc<Shared>,
}

struct Shared {
    backend: Box<dyn Backend>,
    listeners: RefCell<Vec<(u64, Heard)>>,
    next_listener: Cell<u64>,
}

impl PartialEq for Asker {
    fn eq(&self, other: &Asker) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

/// An answer nobody else holds, as what its call says it is.
pub fn owned<T: 'static>(reply: Rc<dyn Any>) -> Option<T> {
    reply.downcast::<T>().ok().and_then(Rc::into_inner)
}

/// Listens until it is dropped.
pub struct Listening {
    shared: Rc<Shared>,
    number: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.shared.listeners.borrow_mut().retain(|(number, _)| *number != self.number);
    }
}

impl Asker {
    /// Asks through `backend`.
    pub fn new(backend: Box<dyn Backend>) -> Asker {
        let asker = Asker { shared: Rc::new(Shared { backend, listeners: RefCell::default(), next_listener: Cell::new(0) }) };
        let announcing = asker.clone();
        asker.shared.backend.hear(Rc::new(move |topics| announcing.announce(topics)));
        asker
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the other side says; `NoAnswer` or `Unreachable` when nobody says anything.
    pub async fn ask<C: Call>(&self, call: C) -> Result<C::Reply, UiError> {
        let reply = self.put(&Question::of(call)).await?;
        owned(reply).ok_or(UiError::of(ErrorCode::Internal))
    }

    /// Asks a question; the answer is of its call's own kind.
    ///
    /// # Errors
    /// As [`Asker::ask`].
    pub async fn put(&self, question: &Question) -> Result<Rc<dyn Any>, UiError> {
        let malformed = || UiError::of(ErrorCode::Malformed);
        let answer = self.shared.backend.send(question.request.to_string()).await?;
        let handled = serde_json::from_str::<Result<Answered<'_>, UiError>>(&answer).map_err(|_| malformed())??;
        let reply = (question.read)(handled.reply.get()).ok_or_else(malformed)?;
        if !handled.topics.is_empty() {
            self.announce(&handled.topics);
        }
        Ok(reply)
    }

    /// Calls `heard` when topics change, until the answer is dropped.
    pub fn listen(&self, heard: impl Fn(&[Topic]) + 'static) -> Listening {
        let number = self.shared.next_listener.get();
        self.shared.next_listener.set(number + 1);
        self.shared.listeners.borrow_mut().push((number, Rc::new(heard)));
        Listening { shared: self.shared.clone(), number }
    }

    /// Tells every listener that topics changed.
    pub fn announce(&self, topics: &[Topic]) {
        // A listener may stop listening, or begin, while it is told.
        let listeners: Vec<Heard> = self.shared.listeners.borrow().iter().map(|(_, heard)| heard.clone()).collect();
        for heard in listeners {
            heard(topics);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use serde_json::json;
    use ui_protocol::people::RevealDocument;
    use ui_protocol::session::SyncStop;

    use super::canned::Canned;
    use super::*;

    /// Canned answers are there at once, so one look is enough.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        let mut future = Box::pin(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("a canned answer keeps nobody waiting"),
        }
    }

    #[test]
    fn a_call_gets_its_own_reply_and_the_listeners_hear_the_topics() {
        let canned = Canned::default();
        canned.say(json!({ "Ok": { "reply": { "doc_no": "330822199001010012" }, "topics": ["people", "sync"] } }));
        let asker = Asker::new(Box::new(canned.clone()));
        let heard = Rc::new(RefCell::new(Vec::new()));
        let listening = asker.listen({
            let heard = heard.clone();
            move |topics: &[Topic]| heard.borrow_mut().extend_from_slice(topics)
        });
        let person = domain::RecordId(uuid_of(7));
        let reply = at_once(asker.ask(RevealDocument { person })).expect("the canned answer is good");
        assert_eq!(reply.doc_no, "330822199001010012");
        assert_eq!(*heard.borrow(), [Topic::People, Topic::Sync]);
        assert_eq!(canned.asked(), [json!({ "ask": "reveal_document", "with": { "person": person } })]);
        drop(listening);
        asker.announce(&[Topic::Units]);
        assert_eq!(heard.borrow().len(), 2, "who stopped listening hears nothing");
    }

    #[test]
    fn a_refusal_arrives_as_it_was_said_and_nonsense_is_malformed() {
        let canned = Canned::default();
        canned.say(json!({ "Err": { "code": "signed_out" } }));
        canned.say(json!({ "Ok": { "reply": { "no": "such shape" }, "topics": [] } }));
        canned.say(json!("half an ans"));
        let asker = Asker::new(Box::new(canned));
        for code in [ErrorCode::SignedOut, ErrorCode::Malformed, ErrorCode::Malformed, ErrorCode::NoAnswer] {
            let error = at_once(asker.ask(SyncStop {})).expect_err("none of these is an answer");
            assert_eq!(error.code, code);
        }
    }

    fn uuid_of(last: u8) -> uuid::Uuid {
        uuid::Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last])
    }
}
