//! Over HTTP to the server of this page: a device on the same machine, or the county's server for the officer's page.
//! The same-origin cookie says who asks.

use std::cell::Cell;

use gloo_net::http::{Request, Response};
use gloo_timers::callback::Timeout;
use ui_protocol::{ErrorCode, Topic, UiError};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AbortController, EventSource, MessageEvent};

use super::{ALL_TOPICS, Backend, Heard, LocalFuture};

/// A first sync over a village's network may take this long before its answer.
const DEVICE_LIMIT_MS: u32 = 15 * 60 * 1000;
/// The officer's page asks small questions.
const DESK_LIMIT_MS: u32 = 30 * 1000;

/// One address that takes commands.
pub struct Http {
    path: &'static str,
    topics: Option<&'static str>,
    lost: ErrorCode,
    limit_ms: u32,
}

impl Http {
    /// The device behind this page.
    pub fn device() -> Http {
        Http { path: "/call", topics: Some("/topics"), lost: ErrorCode::NoAnswer, limit_ms: DEVICE_LIMIT_MS }
    }

    /// The county's server, for the officer.
    pub fn desk() -> Http {
        Http { path: "/desk/v1/call", topics: None, lost: ErrorCode::Unreachable, limit_ms: DESK_LIMIT_MS }
    }
}

impl Backend for Http {
    fn send(&self, request: String) -> LocalFuture<Result<String, UiError>> {
        let (path, lost, limit_ms) = (self.path, self.lost, self.limit_ms);
        Box::pin(async move {
            let response = post(path, request, lost, limit_ms).await?;
            let status = response.status();
            let body = response.text().await.map_err(|_| UiError::of(lost))?;
            if response.ok() { Ok(body) } else { Err(refusal(status, &body, lost)) }
        })
    }

    fn hear(&self, heard: Heard) {
        let Some(source) = self.topics.and_then(|path| EventSource::new(path).ok()) else {
            return;
        };
        let on_topics: Closure<dyn Fn(MessageEvent)> = {
            let heard = heard.clone();
            Closure::new(move |event: MessageEvent| {
                let topics = event.data().as_string().and_then(|json| serde_json::from_str::<Vec<Topic>>(&json).ok());
                heard(&topics.unwrap_or_else(|| ALL_TOPICS.to_vec()));
            })
        };
        // The browser opens a closed stream again by itself; what was said in between is unknown, so everything is asked again.
        let opened_before = Cell::new(false);
        let on_open: Closure<dyn Fn()> = Closure::new(move || {
            if opened_before.replace(true) {
                heard(&ALL_TOPICS);
            }
        });
        let function = on_topics.as_ref().unchecked_ref();
        // Both the named event and a plain message are topics.
        let _listens = source.add_event_listener_with_callback("topics", function);
        source.set_onmessage(Some(function));
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        // They live as long as the page does.
        on_topics.forget();
        on_open.forget();
    }
}

/// Signs the officer in: the server answers with a cookie.
///
/// # Errors
/// What the server says.
pub async fn sign_in(login: &str, password: &str) -> Result<(), UiError> {
    let body = serde_json::json!({ "login": login, "password": password }).to_string();
    answer_of(post("/desk/v1/sign-in", body, ErrorCode::Unreachable, DESK_LIMIT_MS).await?).await
}

/// Signs the officer out.
///
/// # Errors
/// What the server says.
pub async fn sign_out() -> Result<(), UiError> {
    answer_of(post("/desk/v1/sign-out", "{}".to_owned(), ErrorCode::Unreachable, DESK_LIMIT_MS).await?).await
}

async fn answer_of(response: Response) -> Result<(), UiError> {
    if response.ok() {
        return Ok(());
    }
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let error = refusal(status, &body, ErrorCode::Unreachable);
    // Without a body that says more, 401 at the door means the password.
    Err(if error.code == ErrorCode::SignedOut { UiError { code: ErrorCode::WrongPassword, ..error } } else { error })
}

async fn post(path: &str, body: String, lost: ErrorCode, limit_ms: u32) -> Result<Response, UiError> {
    let failed = |_| UiError::of(lost);
    let abort = AbortController::new().map_err(|_| UiError::of(ErrorCode::Internal))?;
    let limit = Timeout::new(limit_ms, {
        let abort = abort.clone();
        move || abort.abort()
    });
    let request = Request::post(path)
        .header("content-type", "application/json")
        .abort_signal(Some(&abort.signal()))
        .body(body)
        .map_err(failed)?;
    let response = request.send().await.map_err(failed)?;
    drop(limit);
    Ok(response)
}

/// What a status without an answer means. A refusal that says its own code is taken at its word.
fn refusal(status: u16, body: &str, lost: ErrorCode) -> UiError {
    if let Ok(Err(error)) = serde_json::from_str::<Result<serde_json::Value, UiError>>(body) {
        return error;
    }
    if let Ok(error) = serde_json::from_str::<UiError>(body) {
        return error;
    }
    UiError::of(match status {
        401 => ErrorCode::SignedOut,
        403 => ErrorCode::NotAllowed,
        413 | 400 | 422 => ErrorCode::Malformed,
        429 => ErrorCode::TooManyTries,
        503 => ErrorCode::Busy,
        502 | 504 => lost,
        _ => ErrorCode::Server,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_taken_at_its_word_or_read_from_its_status() {
        let rows = [
            (401, "", ErrorCode::SignedOut),
            (401, r#"{"code":"wrong_password"}"#, ErrorCode::WrongPassword),
            (403, r#"{"Err":{"code":"stale"}}"#, ErrorCode::Stale),
            (403, "open the address that was printed", ErrorCode::NotAllowed),
            (429, "", ErrorCode::TooManyTries),
            (500, "<html>", ErrorCode::Server),
            (502, "", ErrorCode::Unreachable),
        ];
        for (status, body, code) in rows {
            assert_eq!(refusal(status, body, ErrorCode::Unreachable).code, code, "{status} {body}");
        }
    }
}
