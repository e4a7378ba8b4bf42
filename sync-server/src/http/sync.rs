//! The addresses devices speak to.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::DeviceNumber;
use serde::de::DeserializeOwned;
use sync_protocol::codec::{self, DecodeError};
use sync_protocol::form2::long_secret;
use sync_protocol::sealed::{HAND_IN_BYTES_MAX, HandIn};
use sync_protocol::{Ask, BODY_BYTES_MAX, EnrolRequest, MEDIA_TYPE, MEDIA_TYPE_2, PasswordRequest, SignInRequest, SyncError};

use super::Shared;
use super::answer::{Refused, bytes_of, json, read_body};
use crate::caller::{Caller, Credentials, authenticate_to_push, prove, prove_hand_in, prove_to_deliver};
use crate::core::Core;
use crate::failure::Failure;
use crate::passwords::Buckets;

/// Bytes of a small question.
const SMALL_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a question of an enrolled device: records it offers to a restored server.
const ASK_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a version: `12.345.678`.
const VERSION_BYTES_MAX: usize = 16;

/// `POST /sync/v1/exchange`
pub async fn exchange(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    let credentials = credentials(&headers)?;
    // Who cannot prove himself is not listened to: his body stays unread.
    proven_to_push(&shared, credentials.clone(), app_version(&headers)).await?;
    let Some(spoken) = [MEDIA_TYPE_2, MEDIA_TYPE].into_iter().find(|known| media_type(&headers) == Some(*known)) else {
        return Err(SyncError::Malformed(format!("expected {MEDIA_TYPE} or {MEDIA_TYPE_2}")).into());
    };
    let bytes = read_body(&headers, body, BODY_BYTES_MAX).await?;
    let packed = blocking(shared.core.clone(), move |core| {
        let (request, question) = codec::decode_request(&bytes).map_err(|error| match error {
            DecodeError::TooLarge => SyncError::TooLarge,
            // Without the cause: it may quote what it could not read.
            DecodeError::Malformed(_) => SyncError::Malformed("not an exchange".to_owned()),
        })?;
        core.exchange_as(&credentials, request, |reply| codec::encode_reply(reply, &question).map_err(|_| SyncError::Server))
    })
    .await?;
    Ok(bytes_of(StatusCode::OK, spoken, packed))
}

/// `POST /sync/v1/ask`
pub async fn ask(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    let credentials = credentials(&headers)?;
    proven_to_deliver(&shared, credentials.clone()).await?;
    if media_type(&headers) != Some(MEDIA_TYPE) {
        let ask: Ask = plain(&headers, body, ASK_BYTES_MAX).await?;
        let told = blocking(shared.core, move |core| core.ask(&credentials, ask)).await?;
        return Ok(json(StatusCode::OK, &told));
    }
    let bytes = read_body(&headers, body, BODY_BYTES_MAX).await?;
    let packed = blocking(shared.core, move |core| {
        let ask: Ask = codec::decode(&bytes).map_err(|error| match error {
            DecodeError::TooLarge => SyncError::TooLarge,
            DecodeError::Malformed(_) => SyncError::Malformed("not a question".to_owned()),
        })?;
        codec::encode(&core.ask(&credentials, ask)?).map_err(|_| SyncError::Server)
    })
    .await?;
    Ok(bytes_of(StatusCode::OK, MEDIA_TYPE, packed))
}

/// `POST /sync/v1/sealed`
pub async fn hand_in(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    let credentials = credentials(&headers)?;
    let proof = credentials.clone();
    let caller: Caller = blocking(shared.core.clone(), move |core| {
        let now_unix_ms = core.now_unix_ms();
        core.look(|view| prove_hand_in(view, &proof, now_unix_ms)).map_err(Failure::into_sync)
    })
    .await?;
    // By device: who holds one locked phone keeps no other of its owner's from handing in.
    let taken = shared.limits.late.take(&format!("sealed {}", caller.device.number), shared.core.now_unix_ms());
    taken.map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })?;
    let sealed: HandIn = plain(&headers, body, HAND_IN_BYTES_MAX).await?;
    let reply = blocking(shared.core, move |core| core.hand_in(&credentials, &sealed)).await?;
    Ok(json(StatusCode::OK, &reply))
}

/// `POST /sync/v1/enrol`
pub async fn enrol(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    strangers(&shared.limits.enrolling, &shared)?;
    let request: EnrolRequest = small(&headers, body).await?;
    let reply = blocking(shared.core, move |core| core.enrol(request)).await?;
    Ok(json(StatusCode::OK, &reply))
}

/// `POST /sync/v1/sign-in`
pub async fn sign_in(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    proven(&shared, credentials(&headers)?).await?;
    let request: SignInRequest = small(&headers, body).await?;
    let reply = blocking(shared.core, move |core| core.sign_in(&request)).await?;
    Ok(json(StatusCode::OK, &reply))
}

/// `POST /sync/v1/password`
pub async fn password(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Refused> {
    proven(&shared, credentials(&headers)?).await?;
    let request: PasswordRequest = small(&headers, body).await?;
    let reply = blocking(shared.core, move |core| core.set_password(&request)).await?;
    Ok(json(StatusCode::OK, &reply))
}

/// Work that waits for the file or for argon2, off the threads that serve the network. A panic in it is that request's.
pub async fn blocking<T: Send + 'static>(
    core: Arc<Core>,
    work: impl FnOnce(&Core) -> Result<T, SyncError> + Send + 'static,
) -> Result<T, SyncError> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| work(&core))).await.unwrap_or(Err(SyncError::Server))
}

/// `Authorization: Device <number>.<secret>`, the secret as hexadecimal or short.
pub(super) fn credentials(headers: &HeaderMap) -> Result<Credentials, SyncError> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let parts = text.and_then(|text| text.strip_prefix("Device ")).and_then(|text| text.split_once('.'));
    let (number, secret) = parts.ok_or(SyncError::Unauthorised)?;
    let device = DeviceNumber(number.parse().map_err(|_| SyncError::Unauthorised)?);
    Ok(Credentials { device, secret: long_secret(secret) })
}

/// Finds out who asks, and whether they ask too often.
async fn proven(shared: &Shared, credentials: Credentials) -> Result<(), SyncError> {
    let caller: Caller =
        blocking(shared.core.clone(), move |core| core.look(|view| prove(view, &credentials)).map_err(Failure::into_sync))
            .await?;
    not_too_often(shared, &caller)
}

/// The same for pieces of photos, counted for themselves: what can wait must not use up what the exchanges may ask for.
pub(super) async fn proven_for_photos(shared: &Shared, credentials: Credentials) -> Result<(), SyncError> {
    let caller: Caller = blocking(shared.core.clone(), move |core| {
        let now_unix_ms = core.now_unix_ms();
        core.look(|view| authenticate_to_push(view, &credentials, now_unix_ms)).map_err(Failure::into_sync)
    })
    .await?;
    // By account: a device that got itself a new number gets no new measure with it.
    let taken = shared.limits.photos.take(&caller.account.id.to_string(), shared.core.now_unix_ms());
    taken.map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })
}

/// The same for an exchange, where whoever was shut out may still deliver late work, now and then.
async fn proven_to_push(shared: &Shared, credentials: Credentials, version: Option<String>) -> Result<(), SyncError> {
    let caller: Caller = blocking(shared.core.clone(), move |core| {
        let now_unix_ms = core.now_unix_ms();
        core.look(|view| authenticate_to_push(view, &credentials, now_unix_ms)).map_err(Failure::into_sync)
    })
    .await?;
    not_too_often_late(shared, &caller)?;
    // Only now: it writes, and who asks too often makes nobody write.
    let Some(version) = version.filter(|version| *version != caller.device.version) else { return Ok(()) };
    let number = caller.device.number;
    blocking(shared.core.clone(), move |core| core.note_version(number, version).map_err(Failure::into_sync)).await
}

/// The same for a small question: whoever was shut out may ask for the number under which they deliver.
async fn proven_to_deliver(shared: &Shared, credentials: Credentials) -> Result<(), SyncError> {
    let caller: Caller = blocking(shared.core.clone(), move |core| {
        let now_unix_ms = core.now_unix_ms();
        core.look(|view| prove_to_deliver(view, &credentials, now_unix_ms)).map_err(Failure::into_sync)
    })
    .await?;
    not_too_often_late(shared, &caller)
}

fn not_too_often_late(shared: &Shared, caller: &Caller) -> Result<(), SyncError> {
    if caller.late.is_none() {
        return not_too_often(shared, caller);
    }
    let taken = shared.limits.late.take(&caller.account.id.to_string(), shared.core.now_unix_ms());
    taken.map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })
}

/// `User-Agent: doorstep/<version>`; what looks like no version of ours says nothing.
fn app_version(headers: &HeaderMap) -> Option<String> {
    let version = headers.get(header::USER_AGENT)?.to_str().ok()?.strip_prefix("doorstep/")?;
    let fits = version.len() <= VERSION_BYTES_MAX && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    fits.then(|| version.to_owned())
}

fn not_too_often(shared: &Shared, caller: &Caller) -> Result<(), SyncError> {
    let now_unix_ms = shared.core.now_unix_ms();
    let busy = |retry_after_ms| SyncError::Busy { retry_after_ms };
    shared.limits.device.take(&caller.device.number.to_string(), now_unix_ms).map_err(busy)?;
    shared.limits.account.take(&caller.account.id.to_string(), now_unix_ms).map_err(busy)
}

/// Whoever has not proven anything shares one bucket for each question: guessing gets no faster with more guessers.
pub fn strangers(bucket: &Buckets, shared: &Shared) -> Result<(), SyncError> {
    bucket.take("", shared.core.now_unix_ms()).map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })
}

/// The media type without its parameters.
pub fn media_type(headers: &HeaderMap) -> Option<&str> {
    Some(headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim())
}

/// A small question in plain JSON.
pub async fn small<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, SyncError> {
    plain(headers, body, SMALL_BYTES_MAX).await
}

/// A question in plain JSON, of at most so many bytes.
async fn plain<T: DeserializeOwned>(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<T, SyncError> {
    if media_type(headers) != Some("application/json") {
        return Err(SyncError::Malformed("expected application/json".to_owned()));
    }
    let bytes = read_body(headers, body, bytes_max).await?;
    serde_json::from_slice(&bytes).map_err(|_| SyncError::Malformed("not the question of this address".to_owned()))
}
