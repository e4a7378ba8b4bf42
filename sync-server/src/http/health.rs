//! Whether it lives, and its counters.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::digest::text_hash_hex;
use sync_protocol::SyncError;

use super::Shared;
use super::answer::{bytes_of, json};
use super::sync::blocking;
use crate::caller::same_hash;
use crate::failure::Failure;

/// `GET /healthz`: the file answers.
pub async fn healthz(State(shared): State<Shared>) -> Response {
    let whole = blocking(shared.core, |core| core.look(|view| Ok(view.meta("epoch")?.is_some())).map_err(Failure::into_sync));
    match whole.await {
        Ok(true) => (StatusCode::OK, "ok\n").into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the file does not answer\n").into_response(),
    }
}

/// `GET /openapi.json`: what there is to ask, for whoever writes against it. It says nothing about anybody.
pub async fn openapi() -> Response {
    bytes_of(StatusCode::OK, "application/json", include_bytes!("../../data/openapi.json").to_vec())
}

/// `GET /metrics`: for this machine, or with the token.
pub async fn metrics(State(shared): State<Shared>, request: Request) -> Response {
    if !may_monitor(&shared, &request) {
        return super::answer::Refused(SyncError::Unauthorised).into_response();
    }
    let unconfirmed = blocking(shared.core.clone(), |core| core.is_unconfirmed().map_err(Failure::into_sync)).await;
    let mut text = shared.core.metrics.text();
    if let Ok(unconfirmed) = unconfirmed {
        let name = "doorstep_restore_unconfirmed";
        let help = "1 while a restored server waits for confirm-restore and tells devices nothing.";
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {}\n", u8::from(unconfirmed)));
    }
    bytes_of(StatusCode::OK, "text/plain; version=0.0.4", text.into_bytes())
}

/// `GET /metrics/devices`: each device with its problems, as JSON; for whom `/metrics` is. Numbers and codes, no names.
pub async fn devices(State(shared): State<Shared>, request: Request) -> Response {
    if !may_monitor(&shared, &request) {
        return super::answer::Refused(SyncError::Unauthorised).into_response();
    }
    match blocking(shared.core, |core| core.monitored().map_err(Failure::into_sync)).await {
        Ok(devices) => json(StatusCode::OK, &devices),
        Err(error) => super::answer::Refused(error).into_response(),
    }
}

fn may_monitor(shared: &Shared, request: &Request) -> bool {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let by_token = match (&shared.settings.metrics_token, bearer) {
        (Some(token), Some(bearer)) => same_hash(&text_hash_hex(token), &text_hash_hex(bearer)),
        _ => false,
    };
    // Behind a proxy everybody comes from this machine.
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let by_machine = !shared.settings.behind_proxy && peer.is_some_and(|ip| ip.is_loopback());
    by_token || by_machine
}
