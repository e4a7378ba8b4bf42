//! Around every request: an id, the security headers, one line in the log without personal data.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::Shared;
use crate::clock::random_hex;

/// Names a request in both logs, ours and the proxy's.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where devices speak.
const SYNC_PATHS: &str = "/sync/";
/// Where a plate's address leads.
const PLATES: &str = "/p/";
/// Characters of an id somebody else gave.
const REQUEST_ID_MAX: usize = 64;

/// The pages load what lies beside them and nothing else; nobody puts them into a frame.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Wraps a request.
pub async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let id = request_id(&shared, &request);
    let (method, path) = (request.method().clone(), known_path(request.uri().path()));
    let span = tracing::info_span!("request", id = %id);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let metrics = &shared.core.metrics;
    if status.is_client_error() {
        metrics.http_4xx_total.fetch_add(1, Relaxed);
    } else if status.is_server_error() {
        metrics.http_5xx_total.fetch_add(1, Relaxed);
    }
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(%method, path, status = status.as_u16(), ms, "answered"));
    let headers = response.headers_mut();
    if path.starts_with(SYNC_PATHS) && status.is_success() {
        // Read by devices, never by a browser, and counted in bytes on a village's line: what is for pages stays away.
        return response;
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if shared.settings.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// The proxy's id where there is one, so that both logs tell of the same request; otherwise a new one.
fn request_id(shared: &Shared, request: &Request) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
    let fits = |id: &&str| {
        !id.is_empty() && id.len() <= REQUEST_ID_MAX && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match given.filter(fits).filter(|_| shared.settings.behind_proxy) {
        Some(id) => id.to_owned(),
        None => random_hex(&*shared.core.dice, 8),
    }
}

/// A path as the log may hold it. Somebody may type a name into the address bar: what is not ours is not written down.
fn known_path(path: &str) -> &'static str {
    const KNOWN: [&str; 14] = [
        sync_protocol::EXCHANGE_PATH,
        sync_protocol::ENROL_PATH,
        sync_protocol::SIGN_IN_PATH,
        sync_protocol::PASSWORD_PATH,
        sync_protocol::ASK_PATH,
        sync_protocol::sealed::SEALED_PATH,
        "/desk/v1/sign-in",
        "/desk/v1/sign-out",
        "/desk/v1/call",
        "/plate.css",
        "/healthz",
        "/metrics",
        "/metrics/devices",
        "/openapi.json",
    ];
    // Which plate somebody stood before is nobody's business.
    if path.starts_with(PLATES) {
        return PLATES;
    }
    // The name of a photo's bytes tells nobody anything, and makes a thousand lines of one address.
    if path.starts_with(sync_protocol::blob::BLOB_PATH) {
        return sync_protocol::blob::BLOB_PATH;
    }
    KNOWN.into_iter().find(|known| *known == path).unwrap_or("screens")
}
