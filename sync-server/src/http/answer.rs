//! Answers and refusals in their forms, and bodies read against a limit.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sync_protocol::SyncError;
use ui_protocol::{ErrorCode, UiError};

/// A refusal of the sync addresses: a status and, as plain JSON, why. Nothing is packed: an old device, or a proxy's log, can
/// still read it.
pub struct Refused(pub SyncError);

impl From<SyncError> for Refused {
    fn from(error: SyncError) -> Refused {
        Refused(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            SyncError::Malformed(_) => StatusCode::BAD_REQUEST,
            SyncError::Unauthorised | SyncError::WrongPassword => StatusCode::UNAUTHORIZED,
            SyncError::Revoked | SyncError::WrongCode => StatusCode::FORBIDDEN,
            SyncError::UnknownDevice => StatusCode::NOT_FOUND,
            SyncError::Gap { .. } | SyncError::Forked => StatusCode::CONFLICT,
            SyncError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            SyncError::TooOld { .. } => StatusCode::UPGRADE_REQUIRED,
            SyncError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            SyncError::Unreachable | SyncError::Server => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = json(status, &self.0);
        if let SyncError::Busy { retry_after_ms } = self.0 {
            retry_after(response.headers_mut(), retry_after_ms.div_ceil(1000));
        }
        response
    }
}

/// An answer of the desk: `{"Ok": …}` or `{"Err": …}`, with the status a proxy would understand.
pub fn desk<T: Serialize>(answer: Result<T, UiError>) -> Response {
    let status = match &answer {
        Ok(_) => StatusCode::OK,
        Err(error) => match error.code {
            ErrorCode::SignedOut | ErrorCode::WrongPassword => StatusCode::UNAUTHORIZED,
            ErrorCode::NotAllowed => StatusCode::FORBIDDEN,
            ErrorCode::NotFound | ErrorCode::PhotoNotHere => StatusCode::NOT_FOUND,
            ErrorCode::Stale => StatusCode::CONFLICT,
            ErrorCode::Form | ErrorCode::Malformed => StatusCode::BAD_REQUEST,
            ErrorCode::TooManyTries | ErrorCode::Busy => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
    };
    let mut response = json(status, &answer);
    if let Err(error) = &answer
        && status == StatusCode::TOO_MANY_REQUESTS
    {
        retry_after(response.headers_mut(), error.retry_after_s);
    }
    response
}

fn retry_after(headers: &mut HeaderMap, seconds: u64) {
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}

/// Plain JSON.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => bytes_of(status, "application/json", bytes),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Bytes of a kind. Nothing of it may be kept on the way: it holds personal data.
pub fn bytes_of(status: StatusCode, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let headers: [(HeaderName, &'static str); 2] = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    (status, headers, bytes).into_response()
}

/// The whole body, never more than `bytes_max`.
pub async fn read_body(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, SyncError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bytes_max as u64) {
        return Err(SyncError::TooLarge);
    }
    axum::body::to_bytes(body, bytes_max).await.map_err(|error| {
        // What was announced and does not come is a line that broke; more than the limit without an announcement is too much.
        if announced.is_none() { SyncError::TooLarge } else { SyncError::Malformed(format!("the body broke off: {error}")) }
    })
}
