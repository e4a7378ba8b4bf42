//! The address photos' bytes travel by: `HEAD` asks how much is there, `PUT` brings a piece, `GET` gives one.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::photo::{BLOB_BYTES_MAX, BlobHash};
use sync_protocol::SyncError;
use sync_protocol::blob::{BlobError, BlobState, PIECE_BYTES_MAX, UPLOAD_LENGTH, UPLOAD_OFFSET};

use super::Shared;
use super::answer::{Refused, json, read_body};
use super::sync::{blocking, credentials, proven_for_photos};
use crate::caller::Credentials;
use crate::core::Core;

/// A refusal of this address.
pub struct BlobRefused(BlobError);

impl From<SyncError> for BlobRefused {
    fn from(error: SyncError) -> BlobRefused {
        BlobRefused(error.into())
    }
}

impl IntoResponse for BlobRefused {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            BlobError::Sync(error) => return Refused(error.clone()).into_response(),
            BlobError::NotThere | BlobError::NotArrived => StatusCode::NOT_FOUND,
            BlobError::Offset { .. } => StatusCode::CONFLICT,
            BlobError::WrongHash => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut response = json(status, &self.0);
        if let BlobError::Offset { expected } = self.0 {
            response.headers_mut().insert(HeaderName::from_static(UPLOAD_OFFSET), HeaderValue::from(expected));
        }
        response
    }
}

/// `HEAD /sync/v1/blob/{hash}`
pub async fn state(State(shared): State<Shared>, hash: Path<String>, headers: HeaderMap) -> Result<Response, BlobRefused> {
    let credentials = allowed(&shared, &headers).await?;
    let hash = named(&hash)?;
    let state = at_work(&shared, move |core| core.blob_state(&credentials, hash)).await?;
    Ok(with_state(StatusCode::OK, state))
}

/// `PUT /sync/v1/blob/{hash}`
pub async fn put(
    State(shared): State<Shared>,
    hash: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, BlobRefused> {
    let credentials = allowed(&shared, &headers).await?;
    let hash = named(&hash)?;
    let offset = number(&headers, UPLOAD_OFFSET).ok_or_else(|| SyncError::Malformed(format!("expected {UPLOAD_OFFSET}")))?;
    // Whoever may not send these bytes is told before he has sent them.
    let asking = credentials.clone();
    at_work(&shared, move |core| core.blob_state(&asking, hash)).await?;
    let piece = read_body(&headers, body, PIECE_BYTES_MAX).await?;
    let state = at_work(&shared, move |core| core.put_blob(&credentials, hash, offset, &piece)).await?;
    Ok(with_state(StatusCode::NO_CONTENT, state))
}

/// `GET /sync/v1/blob/{hash}`, whole or a `Range`.
pub async fn get(State(shared): State<Shared>, hash: Path<String>, headers: HeaderMap) -> Result<Response, BlobRefused> {
    let credentials = allowed(&shared, &headers).await?;
    let hash = named(&hash)?;
    let range = headers.get(header::RANGE).map(|range| range.to_str().ok().and_then(read_range));
    let Some((from, to)) = range.unwrap_or(Some((0, u64::from(BLOB_BYTES_MAX)))) else {
        return Err(SyncError::Malformed("this range cannot be read".to_owned()).into());
    };
    let length = u32::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(u32::MAX).min(BLOB_BYTES_MAX);
    let piece = at_work(&shared, move |core| core.blob(&credentials, hash, from, length)).await?;
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    // RFC 9110 §14.4: a part says which part it is; the whole's length stands in the record.
    let part = (range.is_some() && !piece.is_empty()).then(|| format!("bytes {from}-{}/*", from + piece.len() as u64 - 1));
    let mut response = (status, piece).into_response();
    if let Some(part) = part.and_then(|part| HeaderValue::from_str(&part).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, part);
    }
    // The bytes are named by what they are and never change; they show a home, so no cache on the way keeps them.
    for (name, value) in [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Who asks, and whether they ask too often: photos wait so that exchanges need not.
async fn allowed(shared: &Shared, headers: &HeaderMap) -> Result<Credentials, BlobRefused> {
    let credentials = credentials(headers)?;
    proven_for_photos(shared, credentials.clone()).await?;
    Ok(credentials)
}

/// A name that is none belongs to nothing.
fn named(hash: &Path<String>) -> Result<BlobHash, BlobRefused> {
    hash.parse().map_err(|_| BlobRefused(BlobError::NotThere))
}

fn number(headers: &HeaderMap, name: &'static str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// `bytes=100-199` or `bytes=100-`; several ranges are nobody's question here.
fn read_range(range: &str) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.trim().parse().ok()?;
    let to = if to.trim().is_empty() { u64::from(BLOB_BYTES_MAX).saturating_add(from) } else { to.trim().parse().ok()? };
    (from <= to).then_some((from, to))
}

fn with_state(status: StatusCode, state: BlobState) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static(UPLOAD_OFFSET), HeaderValue::from(state.offset));
    headers.insert(HeaderName::from_static(UPLOAD_LENGTH), HeaderValue::from(state.length));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn at_work<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Core) -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobRefused> {
    blocking(shared.core.clone(), move |core| Ok(work(core))).await?.map_err(BlobRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_stretch_or_nothing() {
        let end = u64::from(BLOB_BYTES_MAX);
        for (text, expected) in [
            ("bytes=0-99", Some((0, 99))),
            ("bytes=100-", Some((100, end + 100))),
            ("bytes=5-5", Some((5, 5))),
            ("bytes=18446744073709551615-", Some((u64::MAX, u64::MAX))),
            ("bytes=9-5", None),
            ("bytes=-5", None),
            ("bytes=0-1,5-9", None),
            ("lines=0-1", None),
            ("", None),
        ] {
            assert_eq!(read_range(text), expected, "{text}");
        }
    }
}
