//! The four addresses of a device: the printed one with its key, `POST /call`, `GET /topics`, and the screens.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use device::native::Host;
use serde::Deserialize;
use tokio::sync::watch;

use crate::gate::{Gate, Refusal, draw_secret};
use crate::screens;
use crate::topics::Topics;

/// A command is a form, or a photo of 40 MB as base64 with a little around it.
pub const COMMAND_BYTES_MAX: usize = 54 << 20;

/// What the addresses share.
pub struct App {
    /// The device.
    pub host: Host,
    /// Who may speak to it.
    pub gate: Gate,
    /// Where open pages hear what changed.
    pub topics: Topics,
    /// Becomes true when the program ends.
    pub stopping: watch::Receiver<bool>,
    /// Called with the next address when the printed one was used, so that another browser can be let in.
    pub used: Box<dyn Fn(&str) + Send + Sync>,
}

/// The addresses, with the screens of `folder`.
pub fn router(app: Arc<App>, folder: &Path) -> Router {
    Router::new()
        .route("/call", post(call).layer(DefaultBodyLimit::max(COMMAND_BYTES_MAX)))
        .route("/topics", get(topics))
        .fallback_service(screens::serve(folder))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), check))
        .layer(middleware::from_fn(screens::guard))
        .with_state(app)
}

#[derive(Deserialize)]
struct WithKey {
    key: Option<String>,
}

/// Everything passes here first, in the order of what costs least to know.
async fn check(State(app): State<Arc<App>>, query: Query<WithKey>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let checked = app.gate.check_host(headers).and_then(|()| app.gate.check_origin(request.method(), headers)).and_then(|()| {
        match (request.uri().path(), &query.key) {
            ("/", Some(key)) => enter(&app, headers, key).map(Some),
            _ => app.gate.check_session(headers).map(|()| None),
        }
    });
    match checked {
        Ok(Some(entered)) => entered,
        Ok(None) => next.run(request).await,
        Err(refusal) => refuse(refusal),
    }
}

/// Exchanges the printed key for a cookie, and takes it out of the address bar.
fn enter(app: &App, headers: &HeaderMap, key: &str) -> Result<Response, Refusal> {
    // Opened again by the one who is already in: nothing to exchange.
    if app.gate.check_session(headers).is_err() {
        let (Ok(next_key), Ok(session)) = (draw_secret(), draw_secret()) else { return Err(Refusal::Key) };
        app.gate.open(key, next_key, session.clone())?;
        (app.used)(&app.gate.url());
        let cookie = format!("{}={session}; HttpOnly; SameSite=Strict; Path=/", app.gate.cookie_name());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            return Ok((
                StatusCode::SEE_OTHER,
                [(header::LOCATION, HeaderValue::from_static("/")), (header::SET_COOKIE, cookie)],
            )
                .into_response());
        }
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response())
}

/// One command in, one answer out, both JSON.
async fn call(State(app): State<Arc<App>>, headers: HeaderMap, body: String) -> Response {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.split(';').next().map(str::trim) != Some("application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    match tokio::task::spawn_blocking(move || app.host.answer(&body)).await {
        Ok(answer) => {
            // It holds personal data: no copy stays in the browser's cache.
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], answer).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn topics(State(app): State<Arc<App>>) -> Response {
    app.topics.stream(app.stopping.clone()).into_response()
}

fn refuse(refusal: Refusal) -> Response {
    let (status, chinese) = match refusal {
        Refusal::Host | Refusal::Origin => (StatusCode::FORBIDDEN, "这个请求不是从登门自己的页面发来的。"),
        Refusal::Session => (StatusCode::UNAUTHORIZED, "请用程序启动时显示的地址打开登门。"),
        Refusal::Key => (StatusCode::UNAUTHORIZED, "这个地址已经用过，或不完整。请用程序最后显示的地址打开。"),
    };
    let text = format!("登门 Doorstep\n\n{chinese}\n{refusal}\n");
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from(text)).into_response()
}
