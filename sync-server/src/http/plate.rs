//! The page a stranger's phone shows after scanning a plate: the number that is printed beside the code, how to report, and nothing
//! else. Who lives there, whose home it is and where it is are told to nobody here.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::plate::PlateToken;

use super::Shared;
use super::sync::{blocking, strangers};
use crate::core::Core;
use crate::failure::Failure;

/// The same frame around every answer: only the words in the middle differ.
const PAGE: &str = include_str!("../../data/plate.html");
/// Its style, beside it: the content policy allows none inside the page.
const STYLE: &str = include_str!("../../data/plate.css");

/// What a plate is to a stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// The number printed on it.
    Number(String),
    /// The home got another one since.
    Replaced,
    /// Nobody was given this token, or the home is no more.
    No,
}

/// `GET /p/{token}`
pub async fn page(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    // What can be no token costs nothing to answer, and so takes nobody's turn.
    let Ok(token) = token.parse::<PlateToken>() else { return said(Known::No) };
    if strangers(&shared.limits.plates, &shared).is_err() {
        return answered(StatusCode::TOO_MANY_REQUESTS, "请稍等一分钟，再扫一次。", "Please wait a minute and scan again.");
    }
    match blocking(Arc::clone(&shared.core), move |core| known(core, token).map_err(Failure::into_sync)).await {
        Ok(known) => said(known),
        Err(_) => answered(StatusCode::SERVICE_UNAVAILABLE, "现在打不开，请过一会儿再扫。", "Not now: please scan again later."),
    }
}

/// `GET /plate.css`
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], STYLE).into_response()
}

fn known(core: &Core, token: PlateToken) -> Result<Known, Failure> {
    core.look(|view| {
        let Some((unit, no)) = view.plate(&token.to_string())? else { return Ok(Known::No) };
        let Some(home) = view.look_at(unit)?.filter(|home| home.dead.is_none()) else { return Ok(Known::No) };
        let stands = domain::plate::Plate::of(&home).is_some_and(|plate| plate.token == token && plate.no == no);
        // Of a home that was merged into another the number of that one.
        let meant = view.look_at(domain::same::root_of(&home, view)?)?;
        Ok(match meant.as_deref().unwrap_or(&home).text("number", "no") {
            Some(number) if stands => Known::Number(number.to_owned()),
            _ if stands => Known::No,
            _ => Known::Replaced,
        })
    })
}

fn said(known: Known) -> Response {
    match known {
        // Digits, letters and hyphens of the server's own: nothing to escape.
        Known::Number(number) => {
            answered(StatusCode::OK, &format!("房屋编号 <b>{number}</b>"), &format!("Home number <b>{number}</b>"))
        }
        Known::Replaced => answered(
            StatusCode::OK,
            "这块门牌已经换过，请扫门上的新牌。",
            "This plate was replaced. Please scan the new one at the door.",
        ),
        Known::No => answered(StatusCode::OK, "没有这块门牌。", "There is no such plate."),
    }
}

fn answered(status: StatusCode, chinese: &str, english: &str) -> Response {
    let page = PAGE.replace("{chinese}", chinese).replace("{english}", english);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Whoever finds a plate's address somewhere finds it in no search engine.
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (status, headers, page).into_response()
}
