//! Who is answered over HTTP, and what with: the real router on a real device that belongs to nobody yet.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use device::MemoryKeys;
use device::native::{Host, Machine};
use device_http::{COMMAND_BYTES_MAX, Gate, Service, Topics, router};
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:7001";
const ORIGIN: &str = "http://127.0.0.1:7001";
const STATUS: &str = r#"{"ask":"status","with":{}}"#;

/// The router, and what it stands on.
struct Door {
    router: Router,
    _stop: watch::Sender<bool>,
    _room: TempDir,
}

fn screens(room: &TempDir) -> PathBuf {
    let screens = room.path().join("screens");
    std::fs::create_dir(&screens).expect("the folder can be written");
    std::fs::write(screens.join("index.html"), "<!doctype html><title>登门</title>").expect("the folder can be written");
    std::fs::write(screens.join("field_bg.wasm"), "plain").expect("the folder can be written");
    std::fs::write(screens.join("field_bg.wasm.br"), "packed").expect("the folder can be written");
    screens
}

fn door() -> Door {
    let room = tempfile::tempdir().expect("a folder for this test");
    let machine = Arc::new(Machine::new(Box::new(MemoryKeys::default()), "test".to_owned()));
    let host = Arc::new(Host::start_without_timer(room.path().join("data"), machine, |_| {}));
    let (stop, stopping) = watch::channel(false);
    let gate = Gate::new(SocketAddr::from(([127, 0, 0, 1], 7001)), "key-1".to_owned());
    let service = Service { host, gate, topics: Topics::default(), stopping, on_new_key: |_| {} };
    let screens = screens(&room);
    Door { router: router(Arc::new(service), &screens), _stop: stop, _room: room }
}

impl Door {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("the test's request has a form");
        self.router.clone().oneshot(request).await.expect("the router always answers")
    }

    /// Opens the printed address; the cookie.
    async fn open(&self) -> String {
        let opened = self.ask("GET", "/?key=key-1", &[("host", HOST)], "").await;
        assert_eq!(opened.status(), StatusCode::SEE_OTHER);
        assert_eq!(opened.headers()[header::LOCATION], "/");
        let cookie = opened.headers()[header::SET_COOKIE].to_str().expect("plain text").to_owned();
        for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        cookie.split(';').next().expect("the first part").to_owned()
    }
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a small body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[tokio::test]
async fn strangers_are_refused() {
    let door = door();
    let cookie = door.open().await;
    let cookie = cookie.as_str();
    let (host, origin, held) = (("host", HOST), ("origin", ORIGIN), ("cookie", cookie));
    for (method, path, headers, why) in [
        ("POST", "/call", vec![("host", "evil.example:7001"), origin, held], "a foreign name for this machine"),
        ("POST", "/call", vec![origin, held], "no name at all"),
        ("POST", "/call", vec![host, ("origin", "http://evil.example"), held], "a foreign page"),
        ("POST", "/call", vec![host, held], "no page named"),
        ("POST", "/call", vec![host, origin], "no cookie"),
        ("POST", "/call", vec![host, origin, ("cookie", "doorstep-7001=0")], "a wrong cookie"),
        ("GET", "/topics", vec![host], "topics without a cookie"),
        ("GET", "/", vec![host], "screens without a cookie"),
        ("GET", "/?key=key-2", vec![host], "a wrong key"),
        ("GET", "/?key=key-1", vec![host], "a key that was used"),
        ("GET", "/?key=", vec![host], "an empty key"),
        ("GET", "/topics?key=key-1", vec![host], "a key at another place"),
    ] {
        let answer = door.ask(method, path, &headers, STATUS).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{why}");
        assert!(answer.headers().contains_key(header::CONTENT_SECURITY_POLICY), "refusals carry the headers too: {why}");
        assert!(!text(answer).await.contains("not_enrolled"), "nothing of the device is told: {why}");
    }
}

#[tokio::test]
async fn a_command_is_answered_and_nonsense_is_said_to_be_nonsense() {
    let door = door();
    let cookie = door.open().await;
    let ours = [("host", HOST), ("origin", ORIGIN), ("cookie", cookie.as_str()), ("content-type", "application/json")];
    for (command, part) in [
        (STATUS, r#""stage":"not_enrolled""#),
        (r#"{"ask":"today","with":{}}"#, r#"{"Err":{"code":"#),
        (r#"{"ask":"no_such_thing","with":{}}"#, r#""code":"malformed""#),
        (r#"{"ask":"sta"#, r#""code":"malformed""#),
        ("", r#""code":"malformed""#),
    ] {
        let answer = door.ask("POST", "/call", &ours, command).await;
        assert_eq!(answer.status(), StatusCode::OK, "{command}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        let reply = text(answer).await;
        assert!(reply.contains(part), "{command} → {reply}");
    }
    let binary = door.ask("POST", "/call", &ours, vec![0xff_u8, 0xfe]).await;
    assert_eq!(binary.status(), StatusCode::BAD_REQUEST, "not even text");
    let large = door.ask("POST", "/call", &ours, " ".repeat(COMMAND_BYTES_MAX + 1)).await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let looked = door.ask("GET", "/call", &ours, "").await;
    assert_eq!(looked.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_screens_come_packed_and_guarded() {
    let door = door();
    let cookie = door.open().await;
    let (host, held) = (("host", "localhost:7001"), ("cookie", cookie.as_str()));
    let page = door.ask("GET", "/", &[host, held], "").await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html");
    assert_eq!(page.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("plain text");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let packed = door.ask("GET", "/field_bg.wasm", &[host, held, ("accept-encoding", "gzip, br")], "").await;
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(packed.headers()[header::CONTENT_TYPE], "application/wasm", "or a browser would not compile it while it arrives");
    assert_eq!(text(packed).await, "packed");
    let plain = door.ask("GET", "/field_bg.wasm", &[host, held], "").await;
    assert_eq!(text(plain).await, "plain");
    for path in ["/../data/doorstep.db", "/%2e%2e/data/doorstep.db", "/no-such-file"] {
        assert_eq!(door.ask("GET", path, &[host, held], "").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// Ends the program when a test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[test]
fn the_program_prints_an_address_that_opens_once() {
    let room = tempfile::tempdir().expect("a folder for this test");
    let program = Command::new(env!("CARGO_BIN_EXE_device-http"))
        .args(["--no-sync", "--dir"])
        .arg(room.path().join("data"))
        .arg("--screens")
        .arg(screens(&room))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut running = Running(program);
    let mut lines = BufReader::new(running.0.stdout.take().expect("piped")).lines();
    let line = lines.next().expect("it says something").expect("text");
    let (address, path) = line.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    assert!(address.starts_with("127.0.0.1:") && path.starts_with("?key="), "{line}");
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).expect("it listens");
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        answer
    };
    assert!(get(path).starts_with("HTTP/1.1 303"), "the key opens");
    assert!(get(path).starts_with("HTTP/1.1 403"), "and works once");
    let next = lines.next().expect("the next address is printed").expect("text");
    assert!(next.starts_with(&format!("http://{address}/?key=")) && next != line, "{next}");
}
