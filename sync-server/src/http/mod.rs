//! The server over HTTP: the same [`Core`] behind addresses, limits and headers.

mod answer;
mod desk;
mod guard;
mod health;
mod photos;
mod plate;
mod screens;
mod sync;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, head, post};
use sync_protocol::blob::BLOB_PATH;
use sync_protocol::sealed::SEALED_PATH;
use sync_protocol::{ASK_PATH, ENROL_PATH, EXCHANGE_PATH, PASSWORD_PATH, SIGN_IN_PATH};
use tower_http::timeout::TimeoutLayer;

use crate::core::Core;
use crate::passwords::Buckets;

/// A request that takes longer is given up: a village's line needs seconds, an attacker would like hours.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// What `serve` was told.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Folder with `desk` and `field`, built by `scripts/build-screens`.
    pub screens: Option<PathBuf>,
    /// Browsers reach us by HTTPS, here or at the proxy: cookies say so.
    pub https: bool,
    /// A proxy stands in front: everybody seems to be on this machine.
    pub behind_proxy: bool,
    /// Lets `/metrics` be read from elsewhere.
    pub metrics_token: Option<String>,
}

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct Shared {
    core: Arc<Core>,
    settings: Arc<Settings>,
    limits: Arc<Limits>,
}

/// How much one may ask for. County offices share one address, so nothing is counted by address.
struct Limits {
    /// Exchanges of one device.
    device: Buckets,
    /// Exchanges of one account, whatever its devices.
    account: Buckets,
    /// Exchanges of an account whose devices were shut out: a backlog is a few pushes.
    late: Buckets,
    /// Pieces of photos of one account.
    photos: Buckets,
    /// Questions of one signed-in desk account.
    desk: Buckets,
    /// Enrolments: everybody together, for nobody has proven who asks.
    enrolling: Buckets,
    /// The desk's sign-ins, likewise: who wears out the one does not shut the other.
    signing_in: Buckets,
    /// Pages of plates, likewise: a street of people may scan, and a token is not to be guessed however often one tries.
    plates: Buckets,
}

impl Limits {
    fn new() -> Limits {
        Limits {
            // A first sync of 30,000 residents, or a push of as many, is some hundred exchanges in a row.
            device: Buckets::new(1_000, 20),
            account: Buckets::new(2_000, 10),
            late: Buckets::new(30, 20_000),
            // A photo is five to ten pieces; a village's small versions come in one go.
            photos: Buckets::new(600, 20),
            desk: Buckets::new(120, 100),
            enrolling: Buckets::new(60, 500),
            signing_in: Buckets::new(60, 500),
            plates: Buckets::new(120, 200),
        }
    }
}

/// Every address of the server.
pub fn router(core: Arc<Core>, settings: Settings) -> Router {
    let screens = settings.screens.clone();
    let shared = Shared { core, settings: Arc::new(settings), limits: Arc::new(Limits::new()) };
    let router = Router::new()
        .route(EXCHANGE_PATH, post(sync::exchange))
        .route(ASK_PATH, post(sync::ask))
        .route(SEALED_PATH, post(sync::hand_in))
        .route(ENROL_PATH, post(sync::enrol))
        .route(SIGN_IN_PATH, post(sync::sign_in))
        .route(PASSWORD_PATH, post(sync::password))
        .route(&format!("{BLOB_PATH}{{hash}}"), head(photos::state).get(photos::get).put(photos::put))
        .route("/desk/v1/sign-in", post(desk::sign_in))
        .route("/desk/v1/sign-out", post(desk::sign_out))
        .route("/desk/v1/call", post(desk::call))
        .route("/p/{token}", get(plate::page))
        .route("/plate.css", get(plate::style))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .route("/metrics/devices", get(health::devices))
        .route("/openapi.json", get(health::openapi));
    screens::mount(router, screens.as_deref())
        // Each handler reads its body against its own limit, and answers in its own words.
        .layer(DefaultBodyLimit::disable())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}
