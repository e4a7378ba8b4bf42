//! The built screens: the desk at `/`, the field app's files at `/field`.

use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use tower_http::services::ServeDir;

use super::Shared;

const NONE: &str =
    "Doorstep's server is running. Its screens were not built, or not named: `sync-server serve --screens FOLDER`.\n";

/// Adds the screens, or a sentence that says where they are.
pub fn mount(router: Router<Shared>, folder: Option<&Path>) -> Router<Shared> {
    match folder {
        Some(folder) => router
            // Beside the files, so that the page finds what lies beside it.
            .route("/field", get(|| async { Redirect::permanent("/field/") }))
            .nest_service("/field/", ServeDir::new(folder.join("field")).precompressed_br())
            .fallback_service(ServeDir::new(folder.join("desk")).precompressed_br()),
        None => router.fallback(|| async { (StatusCode::NOT_FOUND, NONE).into_response() }),
    }
}
