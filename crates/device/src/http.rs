//! The blocking HTTP way to the server, for native shells. Built and dropped on worker threads, never inside an async runtime.

use std::io::Read;
use std::sync::OnceLock;
use std::time::Duration;

use domain::photo::BlobHash;
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_protocol::blob::{BLOB_PATH, BlobError, BlobServer, BlobState, UPLOAD_LENGTH, UPLOAD_OFFSET};
use sync_protocol::codec::{self, DecodeError};
use sync_protocol::form2::{Question, short_secret};
use sync_protocol::sealed::{HandIn, HandInReply, SEALED_PATH};
use sync_protocol::{
    ASK_PATH, Ask, BODY_BYTES_MAX, ENROL_PATH, EXCHANGE_PATH, EnrolReply, EnrolRequest, ExchangeReply, ExchangeRequest,
    MEDIA_TYPE, MEDIA_TYPE_2, PASSWORD_PATH, PROTOCOL_OWN_MIN, PasswordReply, PasswordRequest, SIGN_IN_PATH, SignInRequest,
    SyncError, SyncServer, Told,
};

use crate::surroundings::{Connector, Credentials};

/// Which app asks: the server shows its version beside the device.
const USER_AGENT: &str = concat!("doorstep/", env!("CARGO_PKG_VERSION"));
/// A village's line is slow; beyond this it is gone.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Reaches servers over HTTP(S).
#[derive(Default)]
pub struct HttpConnector;

/// A server at an address, for one device.
pub struct HttpSyncServer {
    address: String,
    credentials: Credentials,
    /// Made at the first question and kept: the exchanges of one run share a connection.
    client: OnceLock<Client>,
}

impl HttpSyncServer {
    fn client(&self) -> Result<&Client, SyncError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = client()?;
        Ok(self.client.get_or_init(|| made))
    }
}

fn client() -> Result<Client, SyncError> {
    // Chosen once per process: ring builds everywhere the app does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(USER_AGENT)
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .no_proxy()
        .build()
        .map_err(|_| SyncError::Unreachable)
}

fn authorisation(credentials: &Credentials) -> String {
    format!("Device {}.{}", credentials.device, credentials.secret)
}

/// The whole body, never more than the limit.
fn body(response: Response) -> Result<Vec<u8>, SyncError> {
    let mut bytes = Vec::new();
    response.take(BODY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|_| SyncError::Unreachable)?;
    if bytes.len() > BODY_BYTES_MAX { Err(SyncError::Malformed("the answer is too large".to_owned())) } else { Ok(bytes) }
}

/// What the server said instead of an answer.
fn refusal(response: Response) -> SyncError {
    let status = response.status().as_u16();
    let said = body(response).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    said.unwrap_or(match status {
        401 => SyncError::Unauthorised,
        413 => SyncError::TooLarge,
        429 => SyncError::Busy { retry_after_ms: 30_000 },
        // A proxy in between, or a page that is no server of ours.
        _ => SyncError::Unreachable,
    })
}

impl SyncServer for HttpSyncServer {
    fn exchange(&self, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        match self.exchange_once(&request) {
            // A server of release 0.1 knows neither form 2 nor the short secret.
            Err(SyncError::Malformed(_) | SyncError::Unauthorised) => {
                self.exchange_once(&ExchangeRequest { protocol: PROTOCOL_OWN_MIN - 1, ..request })
            }
            answer => answer,
        }
    }

    fn ask(&self, ask: Ask) -> Result<Told, SyncError> {
        let packed = codec::encode(&ask).map_err(|_| SyncError::Server)?;
        let answer = self.packed(ASK_PATH, packed, MEDIA_TYPE, &authorisation(&self.credentials))?;
        codec::decode(&answer).map_err(unpacked)
    }
}

fn unpacked(error: DecodeError) -> SyncError {
    match error {
        DecodeError::TooLarge => SyncError::TooLarge,
        // Cut on the way: what was said is safe to repeat.
        DecodeError::Malformed(_) => SyncError::Unreachable,
    }
}

impl HttpSyncServer {
    fn exchange_once(&self, request: &ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        let packed = codec::encode_request(request).map_err(|_| SyncError::Server)?.ok_or(SyncError::TooLarge)?;
        let Credentials { device, secret } = &self.credentials;
        let (media_type, proof) = if request.protocol < PROTOCOL_OWN_MIN {
            (MEDIA_TYPE, authorisation(&self.credentials))
        } else {
            (MEDIA_TYPE_2, format!("Device {device}.{}", short_secret(secret)))
        };
        let answer = self.packed(EXCHANGE_PATH, packed, media_type, &proof)?;
        codec::decode_reply(&answer, &Question::of(request)).map_err(unpacked)
    }

    fn packed(&self, path: &str, packed: Vec<u8>, media_type: &str, proof: &str) -> Result<Vec<u8>, SyncError> {
        if packed.len() > BODY_BYTES_MAX {
            return Err(SyncError::TooLarge);
        }
        let response = self
            .client()?
            .post(format!("{}{path}", self.address))
            .header("authorization", proof)
            .header("content-type", media_type)
            .body(packed)
            .send()
            .map_err(|_| SyncError::Unreachable)?;
        if response.status().is_success() { body(response) } else { Err(refusal(response)) }
    }
}

impl HttpSyncServer {
    fn at(&self, method: Method, hash: BlobHash) -> Result<RequestBuilder, SyncError> {
        let address = format!("{}{BLOB_PATH}{hash}", self.address);
        Ok(self.client()?.request(method, address).header("authorization", authorisation(&self.credentials)))
    }
}

impl BlobServer for HttpSyncServer {
    fn blob_state(&self, hash: BlobHash) -> Result<BlobState, BlobError> {
        state_of(self.at(Method::HEAD, hash)?)
    }

    fn put_blob(&self, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError> {
        state_of(self.at(Method::PUT, hash)?.header(UPLOAD_OFFSET, offset).body(piece.to_vec()))
    }

    fn blob(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError> {
        let last = offset + u64::from(length.max(1)) - 1;
        let request = self.at(Method::GET, hash)?.header("range", format!("bytes={offset}-{last}"));
        let response = request.send().map_err(|_| SyncError::Unreachable)?;
        if !response.status().is_success() {
            return Err(blob_refusal(response));
        }
        Ok(body(response)?)
    }
}

fn state_of(request: RequestBuilder) -> Result<BlobState, BlobError> {
    let response = request.send().map_err(|_| SyncError::Unreachable)?;
    if !response.status().is_success() {
        return Err(blob_refusal(response));
    }
    let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse().ok();
    // An answer without the numbers is not our server's.
    let (offset, length) = number(UPLOAD_OFFSET).zip(number(UPLOAD_LENGTH)).ok_or(SyncError::Unreachable)?;
    Ok(BlobState { offset, length })
}

/// What was said instead; an answer to HEAD has no body, and its status has to do.
fn blob_refusal(response: Response) -> BlobError {
    let status = response.status().as_u16();
    let said: Option<BlobError> = body(response).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    said.unwrap_or(match status {
        401 => SyncError::Unauthorised.into(),
        403 => SyncError::Revoked.into(),
        404 => BlobError::NotThere,
        413 => SyncError::TooLarge.into(),
        422 => BlobError::WrongHash,
        429 => SyncError::Busy { retry_after_ms: 30_000 }.into(),
        _ => SyncError::Unreachable.into(),
    })
}

fn post<T: Serialize, R: DeserializeOwned>(
    client: &Client,
    address: &str,
    path: &str,
    credentials: Option<&Credentials>,
    request: &T,
) -> Result<R, SyncError> {
    let mut ask = client.post(format!("{address}{path}")).json(request);
    if let Some(credentials) = credentials {
        ask = ask.header("authorization", authorisation(credentials));
    }
    let response = ask.send().map_err(|_| SyncError::Unreachable)?;
    if !response.status().is_success() {
        return Err(refusal(response));
    }
    serde_json::from_slice(&body(response)?).map_err(|_| SyncError::Unreachable)
}

impl Connector for HttpConnector {
    fn server(&self, address: &str, credentials: Credentials) -> Box<dyn SyncServer + Send> {
        Box::new(HttpSyncServer { address: address.to_owned(), credentials, client: OnceLock::new() })
    }
    fn blobs(&self, address: &str, credentials: Credentials) -> Box<dyn BlobServer + Send> {
        Box::new(HttpSyncServer { address: address.to_owned(), credentials, client: OnceLock::new() })
    }
    fn enrol(&self, address: &str, request: EnrolRequest) -> Result<EnrolReply, SyncError> {
        post(&client()?, address, ENROL_PATH, None, &request)
    }
    fn sign_in(&self, address: &str, credentials: Credentials, request: SignInRequest) -> Result<PasswordReply, SyncError> {
        post(&client()?, address, SIGN_IN_PATH, Some(&credentials), &request)
    }
    fn password(&self, address: &str, credentials: Credentials, request: PasswordRequest) -> Result<PasswordReply, SyncError> {
        post(&client()?, address, PASSWORD_PATH, Some(&credentials), &request)
    }
    fn hand_in(&self, address: &str, word: Credentials, sealed: HandIn) -> Result<HandInReply, SyncError> {
        post(&client()?, address, SEALED_PATH, Some(&word), &sealed)
    }
}
