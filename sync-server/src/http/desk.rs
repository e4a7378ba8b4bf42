//! The officer's page over HTTP: a cookie, and an Origin that has to be ours.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use serde::Deserialize;
use sync_protocol::SyncError;
use ui_protocol::{DeskCommand, ErrorCode, Topic, UiError};

use super::Shared;
use super::answer::desk as answered;
use super::sync::{small, strangers};
use crate::core::Core;
use crate::desk::{SESSION_MS_MAX, answer};
use crate::failure::Failure;

/// The cookie's name. Over HTTPS it carries the prefix that ties it to this host.
const COOKIE: &str = "desk";
const COOKIE_HTTPS: &str = "__Host-desk";

#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: String,
}

/// `POST /desk/v1/sign-in`
pub async fn sign_in(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let signed_in = async {
        same_origin(&shared, &uri, &headers)?;
        strangers(&shared.limits.signing_in, &shared).map_err(as_desk)?;
        let ask: SignIn = small(&headers, body).await.map_err(as_desk)?;
        blocking(&shared, move |core| core.desk_sign_in(&ask.login, &ask.password)).await
    };
    match signed_in.await {
        Ok((token, me)) => {
            let mut response = answered(answer(&me, &[Topic::Session]).map_err(Failure::into_desk));
            set_cookie(&mut response, &shared, &token, SESSION_MS_MAX / 1000);
            response
        }
        Err(error) => answered::<()>(Err(error)),
    }
}

/// `POST /desk/v1/sign-out`
pub async fn sign_out(State(shared): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    let signed_out = async {
        same_origin(&shared, &uri, &headers)?;
        match token(&shared, &headers) {
            Some(token) => blocking(&shared, move |core| core.desk_sign_out(&token)).await,
            None => Ok(()),
        }
    };
    let mut response = answered(signed_out.await);
    set_cookie(&mut response, &shared, "", 0);
    response
}

/// `POST /desk/v1/call`
pub async fn call(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let handled = async {
        same_origin(&shared, &uri, &headers)?;
        let token = token(&shared, &headers).ok_or(UiError::of(ErrorCode::SignedOut))?;
        let caller = blocking(&shared, move |core| core.desk_caller(&token)).await?;
        let busy = |ms: u64| UiError { retry_after_s: ms.div_ceil(1000), ..UiError::of(ErrorCode::Busy) };
        shared.limits.desk.take(&caller.account.id.to_string(), shared.core.now_unix_ms()).map_err(busy)?;
        let command: DeskCommand = small(&headers, body).await.map_err(as_desk)?;
        blocking(&shared, move |core| core.desk(&caller, command)).await
    };
    answered(handled.await)
}

async fn blocking<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Core) -> Result<T, UiError> + Send + 'static,
) -> Result<T, UiError> {
    let (core, span) = (shared.core.clone(), tracing::Span::current());
    let done = tokio::task::spawn_blocking(move || span.in_scope(|| work(&core)));
    done.await.unwrap_or_else(|_| Err(UiError::of(ErrorCode::Server)))
}

fn as_desk(error: SyncError) -> UiError {
    match error {
        SyncError::Busy { retry_after_ms } => {
            UiError { retry_after_s: retry_after_ms.div_ceil(1000), ..UiError::of(ErrorCode::TooManyTries) }
        }
        SyncError::Malformed(_) | SyncError::TooLarge => UiError::of(ErrorCode::Malformed),
        _ => UiError::of(ErrorCode::Server),
    }
}

/// A browser names the page a request comes from; what comes from another page is refused, and so is what names none.
fn same_origin(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Result<(), UiError> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // HTTP/2 has no Host header: the name stands in the address.
    let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
    // The same name over plain HTTP is another page: somebody on the line may have written it.
    let scheme = if shared.settings.https { "https://" } else { "http://" };
    let from = text(header::ORIGIN).and_then(|origin| origin.strip_prefix(scheme));
    if host.is_some() && from == host { Ok(()) } else { Err(UiError::of(ErrorCode::NotAllowed)) }
}

fn cookie_name(shared: &Shared) -> &'static str {
    if shared.settings.https { COOKIE_HTTPS } else { COOKIE }
}

fn token(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(shared)).map(|(_, token)| token.to_owned())
}

fn set_cookie(response: &mut Response, shared: &Shared, token: &str, max_age_s: i64) {
    let secure = if shared.settings.https { "; Secure" } else { "" };
    let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}", cookie_name(shared));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
