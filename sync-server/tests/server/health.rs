//! Devices that fail: what the server sees of them, and what it tells whom.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use sync_server::health::DeviceHealth;
use sync_server::http::{Settings, router};
use tower::ServiceExt;
use ui_protocol::desk::DeviceProblem;

use crate::town::{CHENS_PHONE, Town, WANGS, contact, held, once};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn health(town: &Town, device: domain::DeviceNumber) -> DeviceHealth {
    let all = town.core.device_health().expect("looks");
    all.into_iter().find(|health| health.device.number == device).expect("the device")
}

#[test]
fn a_device_in_order_has_no_problem_and_each_trouble_is_one() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let made = town.resident(&mut wang, unit);
    let number = wang.credentials().device;
    assert_eq!(health(&town, number).problems, []);

    // A refused change, a clock that is off.
    let bad = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("no phone"))];
    wang.send(bad).expect("refused");
    wang.clock_ahead_ms = 6 * 60 * 1000;
    wang.sync().expect("says what time it thinks it is");
    let seen = health(&town, number);
    assert_eq!((seen.problems, seen.refused), (vec![DeviceProblem::Refused, DeviceProblem::Clock], 1));

    // Days without a word.
    wang.clock_ahead_ms = 0;
    wang.sync().expect("in order again");
    town.pass(4 * DAY_MS);
    assert_eq!(health(&town, number).problems, [DeviceProblem::Silent { days: 4 }, DeviceProblem::Refused]);
    town.pass(40 * DAY_MS);
    wang.sync().expect("is back");
    assert_eq!(health(&town, number).problems, [], "what was refused long ago is no news");

    // Shut out with work of its own: what it left behind is the problem, not its silence.
    wang.save(town.newcomer(&wang, unit).0);
    town.core.revoke_device(number).expect("revoked");
    once(&mut wang).expect("held");
    town.pass(10 * DAY_MS);
    let seen = health(&town, number);
    assert_eq!((seen.problems, seen.held, seen.refused), (vec![DeviceProblem::Held], 1, 0), "held is not refused");
    let li = town.pen("li");
    let order: Vec<_> = town.core.device_health().expect("looks").into_iter().map(|health| health.device.number).collect();
    assert_eq!(order, [number, li.credentials().device], "problems first");
}

#[test]
fn a_device_on_another_history_is_named() {
    let town = Town::new();
    let wang = town.pen("wang");
    let number = wang.credentials().device;
    town.core.write(|write| Ok(write.set_meta("epoch", "restored")?)).expect("another history");
    assert_eq!(health(&town, number).problems, [DeviceProblem::OtherHistory]);
}

#[tokio::test]
async fn monitoring_is_told_numbers_and_codes_and_nobody_else_is_told_anything() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    town.home(&mut wang, WANGS, "");
    let settings = Settings { metrics_token: Some("token".to_owned()), ..Settings::default() };
    let router = router(town.core.clone(), settings);
    let ask = |authorisation: Option<&str>, from: &str| {
        let mut request = Request::get("/metrics/devices");
        if let Some(authorisation) = authorisation {
            request = request.header(header::AUTHORIZATION, authorisation);
        }
        let peer: std::net::SocketAddr = from.parse().expect("an address");
        let request = request.extension(ConnectInfo(peer)).body(Body::empty()).expect("a request");
        let router = router.clone();
        async move {
            let answer = router.oneshot(request).await.expect("answers");
            let status = answer.status();
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
            (status, String::from_utf8(body.to_vec()).expect("text"))
        }
    };
    assert_eq!(ask(None, "192.0.2.1:1").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(Some("Bearer guess"), "192.0.2.1:1").await.0, StatusCode::UNAUTHORIZED);
    let secret = format!("Device {}.{}", wang.credentials().device, wang.credentials().secret);
    assert_eq!(ask(Some(&secret), "192.0.2.1:1").await.0, StatusCode::UNAUTHORIZED, "a device is no monitor");
    for (authorisation, from) in [(Some("Bearer token"), "192.0.2.1:1"), (None, "127.0.0.1:1")] {
        let (status, body) = ask(authorisation, from).await;
        assert_eq!(status, StatusCode::OK);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&body).expect("JSON");
        assert_eq!(rows[0]["device"], wang.credentials().device.0);
        assert_eq!((&rows[0]["waiting"], &rows[0]["held"], &rows[0]["problems"]), (&0.into(), &0.into(), &serde_json::json!([])));
        for personal in ["王敏", "wang", "model", "name", "phone"] {
            assert!(!body.contains(personal), "{personal} stands in {body}");
        }
    }
}
