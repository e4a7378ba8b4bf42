//! The whole router over a real device: who gets in, and what everybody else is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use device::MemoryKeys;
use device::native::{Host, Machine};
use device_http::gate::Gate;
use device_http::{App, Topics, router};
use tokio::sync::watch;
use tower::ServiceExt;

const STATUS: &str = r#"{"ask":"status","with":{}}"#;
const HOST: &str = "127.0.0.1:7001";

struct Door {
    router: Router,
    said: Arc<Mutex<Vec<String>>>,
    _dir: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

fn door() -> Door {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let screens = dir.path().join("screens");
    std::fs::create_dir(&screens).expect("makes a folder");
    std::fs::write(screens.join("index.html"), "<!doctype html><title>登门</title>").expect("writes");
    std::fs::write(screens.join("field_bg.wasm"), "plain").expect("writes");
    std::fs::write(screens.join("field_bg.wasm.br"), "packed").expect("writes");
    let machine = Machine::new(Box::new(MemoryKeys::default()), "test".to_owned());
    let topics = Topics::default();
    let host = Host::start(dir.path().join("device-1"), Arc::new(machine), |_| {});
    let (stop, stopping) = watch::channel(false);
    let said = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&said);
    let app = App {
        host,
        gate: Gate::new(SocketAddr::from(([127, 0, 0, 1], 7001)), "the-key".to_owned()),
        topics,
        stopping,
        used: Box::new(move |next| hearing.lock().expect("not poisoned").push(next.to_owned())),
    };
    Door { router: router(Arc::new(app), &screens), said, _dir: dir, _stop: stop }
}

struct Said {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

async fn send(door: &Door, method: &str, path: &str, headers: &[(&str, &str)], body: &'static str) -> Said {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = door.router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body");
    Said { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn cookie(door: &Door) -> String {
    let said = send(door, "GET", "/?key=the-key", &[("host", HOST)], "").await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    assert_eq!(said.headers["location"], "/", "the key leaves the address bar");
    let cookie = said.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "doorstep-7001="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().expect("a cookie").to_owned()
}

#[tokio::test]
async fn the_printed_address_lets_one_browser_in() {
    let door = door();
    let cookie = cookie(&door).await;
    let origin = format!("http://{HOST}");
    let ours = [("host", HOST), ("origin", &origin), ("cookie", &cookie), ("content-type", "application/json")];
    let said = send(&door, "POST", "/call", &ours, STATUS).await;
    assert_eq!(said.status, StatusCode::OK);
    assert!(said.body.contains(r#""stage":"not_enrolled""#), "{}", said.body);
    assert_eq!(said.headers["cache-control"], "no-store", "answers hold personal data");

    let again = send(&door, "GET", "/?key=the-key", &[("host", HOST)], "").await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "the key was used");
    assert!(again.headers.get("set-cookie").is_none());
    let known = send(&door, "GET", "/?key=the-key", &[("host", HOST), ("cookie", &cookie)], "").await;
    assert_eq!(known.status, StatusCode::SEE_OTHER, "who is in may open the old address again");
    let next = door.said.lock().expect("not poisoned").clone();
    assert_eq!(next.len(), 1, "the next address is said once: {next:?}");
    let path = next[0].strip_prefix("http://127.0.0.1:7001").expect("our address").to_owned();
    assert_eq!(send(&door, "GET", &path, &[("host", HOST)], "").await.status, StatusCode::SEE_OTHER, "for another browser");
}

#[tokio::test]
async fn everybody_else_is_refused() {
    let door = door();
    let cookie = cookie(&door).await;
    let (cookie, json) = (("cookie", cookie.as_str()), ("content-type", "application/json"));
    let (host, origin) = (("host", HOST), ("origin", "http://127.0.0.1:7001"));
    for (rows, status, why) in [
        (vec![host, origin, json], StatusCode::UNAUTHORIZED, "no cookie"),
        (vec![host, origin, json, ("cookie", "doorstep-7001=0")], StatusCode::UNAUTHORIZED, "a made-up cookie"),
        (vec![("host", "evil.example:7001"), origin, json, cookie], StatusCode::FORBIDDEN, "a foreign name for this machine"),
        (vec![origin, json, cookie], StatusCode::FORBIDDEN, "no name at all"),
        (vec![host, ("origin", "http://evil.example"), json, cookie], StatusCode::FORBIDDEN, "a foreign page"),
        (vec![host, json, cookie], StatusCode::FORBIDDEN, "a page that hides where it is from"),
        (vec![host, origin, cookie], StatusCode::UNSUPPORTED_MEDIA_TYPE, "a form of another page sends no JSON"),
    ] {
        let said = send(&door, "POST", "/call", &rows, STATUS).await;
        assert_eq!(said.status, status, "{why}");
        assert!(!said.body.contains("stage"), "{why}: a refusal tells nothing about the device");
    }
    for path in ["/", "/topics", "/field_bg.wasm", "/?key=", "/?key=wrong"] {
        assert_eq!(send(&door, "GET", path, &[host], "").await.status, StatusCode::UNAUTHORIZED, "{path} without a session");
    }
    assert_eq!(
        send(&door, "GET", "/../Cargo.toml", &[host, cookie], "").await.status,
        StatusCode::NOT_FOUND,
        "outside the screens"
    );
}

#[tokio::test]
async fn too_large_a_command_is_refused() {
    let door = door();
    let cookie = cookie(&door).await;
    let large: &'static str = Box::leak(" ".repeat(device_http::COMMAND_BYTES_MAX + 1).into_boxed_str());
    let ours = [("host", HOST), ("origin", "http://127.0.0.1:7001"), ("cookie", &cookie), ("content-type", "application/json")];
    assert_eq!(send(&door, "POST", "/call", &ours, large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn screens_are_served_packed_and_under_a_strict_policy() {
    let door = door();
    let cookie = cookie(&door).await;
    let said = send(&door, "GET", "/", &[("host", HOST), ("cookie", &cookie)], "").await;
    assert_eq!((said.status, said.headers["content-type"].to_str().expect("text")), (StatusCode::OK, "text/html"));
    let policy = said.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");

    let allowed = said.headers["permissions-policy"].to_str().expect("text");
    assert_eq!(allowed, "camera=(self), microphone=(), geolocation=()", "plates are scanned in the page");

    let asked = [("host", HOST), ("cookie", cookie.as_str()), ("accept-encoding", "gzip, br")];
    let packed = send(&door, "GET", "/field_bg.wasm", &asked, "").await;
    assert_eq!((packed.body.as_str(), packed.headers["content-encoding"].to_str().expect("text")), ("packed", "br"));
    assert_eq!(packed.headers["content-type"], "application/wasm");
    let plain = send(&door, "GET", "/field_bg.wasm", &[("host", HOST), ("cookie", &cookie)], "").await;
    assert_eq!(plain.body, "plain", "for a browser that does not say it can unpack");
}
