//! Over HTTP, through the real router: every refusal has its status and its reason, and the server is unharmed.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sync_protocol::codec::{decode, encode};
use sync_protocol::{
    BODY_BYTES_MAX, ENROL_PATH, EXCHANGE_PATH, EnrolReply, ExchangeReply, ExchangeRequest, INFLATED_BYTES_MAX, MEDIA_TYPE,
    PASSWORD_PATH, SIGN_IN_PATH, SyncError, Verdict,
};
use sync_server::caller::Credentials;
use sync_server::http::{Settings, router};
use tower::ServiceExt;

use crate::town::{PASSWORD, Town, WANGS};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    fn refusal(&self) -> (u16, SyncError) {
        (self.status.as_u16(), self.json())
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("a router always answers");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    Answer { status: parts.status, headers: parts.headers, body }
}

fn authorisation(credentials: &Credentials) -> String {
    format!("Device {}.{}", credentials.device, credentials.secret)
}

fn exchange(authorisation: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(EXCHANGE_PATH)
        .header("authorization", authorisation)
        .header("content-type", MEDIA_TYPE)
        .body(body.into())
        .expect("a request")
}

fn small(path: &str, authorisation: &str, body: Value) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = if authorisation.is_empty() { request } else { request.header("authorization", authorisation) };
    request.body(body.to_string().into()).expect("a request")
}

#[tokio::test]
async fn an_exchange_goes_both_ways() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let router = router(town.core.clone(), Settings::default());
    let own = authorisation(wang.credentials());
    let packed = encode(&wang.request(500)).expect("packs");
    let answer = send(&router, exchange(&own, packed.clone())).await;
    assert_eq!((answer.status, answer.headers["content-type"].to_str().ok()), (StatusCode::OK, Some(MEDIA_TYPE)));
    let reply: ExchangeReply = decode(&answer.body).expect("unpacks");
    assert_eq!(reply.verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Ok).count(), 5);
    assert_eq!(answer.headers["cache-control"], "no-store");
    for unread in ["content-security-policy", "x-frame-options", "x-request-id"] {
        assert!(!answer.headers.contains_key(unread), "a village's line carries no header that no device reads: {unread}");
    }
    // Replayed by somebody, or by the device itself: the same verdicts, nothing new.
    let again: ExchangeReply = decode(&send(&router, exchange(&own, packed)).await.body).expect("unpacks");
    assert_eq!(again.verdicts, reply.verdicts);
    assert!(town.knows(made.person));
}

#[tokio::test]
async fn every_bad_exchange_is_refused_with_a_reason() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let drafts = town.newcomer(&wang, unit).0;
    wang.save(drafts);
    let li = town.pen("li");
    let revoked = town.pen("wang");
    town.core.revoke_device(revoked.credentials().device).expect("revoked");
    let router = router(town.core.clone(), Settings::default());
    let own = authorisation(wang.credentials());
    let good = encode(&wang.request(500)).expect("packs");
    let malformed = |text: &str| SyncError::Malformed(text.to_owned());
    let edited = |edit: fn(&mut ExchangeRequest)| {
        let mut request = wang.request(500);
        edit(&mut request);
        encode(&request).expect("packs")
    };
    let bomb = zstd::bulk::compress(&vec![b' '; INFLATED_BYTES_MAX * 4], 3).expect("packs");
    let too_many = {
        let mut request = wang.request(500);
        let change = request.push[0].clone();
        request.push = vec![change; 501];
        encode(&request).expect("packs")
    };
    let last = wang.request(500).push[0].seq;
    let rows: Vec<(&str, String, Vec<u8>, u16, SyncError)> = vec![
        ("no JSON", own.clone(), zstd::bulk::compress(b"{]", 3).expect("packs"), 400, malformed("not an exchange")),
        ("JSON of something else", own.clone(), encode(&json!({"a": 1})).expect("packs"), 400, malformed("not an exchange")),
        ("nothing", own.clone(), Vec::new(), 400, malformed("not an exchange")),
        ("not packed", own.clone(), b"[1,1]".to_vec(), 400, malformed("not an exchange")),
        ("cut in the middle", own.clone(), good[..good.len() / 2].to_vec(), 400, malformed("not an exchange")),
        ("a bomb", own.clone(), bomb, 413, SyncError::TooLarge),
        ("too many bytes", own.clone(), vec![0; BODY_BYTES_MAX + 1], 413, SyncError::TooLarge),
        ("501 changes", own.clone(), too_many, 413, SyncError::TooLarge),
        (
            "a gap",
            own.clone(),
            edited(|request| drop(request.push.remove(0))),
            409,
            SyncError::Gap { expected: last, epoch: wang.request(1).epoch },
        ),
        ("no secret", String::new(), good.clone(), 401, SyncError::Unauthorised),
        ("no device header", "Bearer x".to_owned(), good.clone(), 401, SyncError::Unauthorised),
        ("no number", "Device x.y".to_owned(), good.clone(), 401, SyncError::Unauthorised),
        ("a wrong secret", format!("Device {}.00", wang.credentials().device), good.clone(), 401, SyncError::Unauthorised),
        ("an unknown device", "Device 4711.00".to_owned(), good.clone(), 404, SyncError::UnknownDevice),
        (
            "a revoked device that has nothing to deliver",
            authorisation(revoked.credentials()),
            encode(&revoked.request(500)).expect("packs"),
            403,
            SyncError::Revoked,
        ),
        (
            "another device's message",
            authorisation(li.credentials()),
            good.clone(),
            400,
            malformed("the device in the message is not the one that was proven"),
        ),
        (
            "an old app",
            own.clone(),
            edited(|request| {
                request.protocol = 0;
                request.push.clear();
            }),
            426,
            SyncError::TooOld { verdicts: vec![] },
        ),
    ];
    for (what, authorisation, body, status, error) in rows {
        let answer = send(&router, exchange(&authorisation, body)).await;
        assert_eq!(answer.refusal(), (status, error), "{what}");
        assert_eq!(answer.headers["content-type"], "application/json", "{what}: plain, for whoever reads it");
    }
    let other_type = Request::post(EXCHANGE_PATH).header("authorization", &own).header("content-type", "application/json");
    let answer = send(&router, other_type.body(good.clone().into()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        send(&router, Request::get(EXCHANGE_PATH).body(Body::empty()).expect("a request")).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );

    // After all that the outbox goes through.
    let reply: ExchangeReply = decode(&send(&router, exchange(&own, good)).await.body).expect("unpacks");
    assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Ok));
}

/// Says something over a real connection, byte by byte as given, and hears what comes back until it is closed.
async fn over_tcp(router: Router, said: Vec<u8>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let heard = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).expect("connects");
        // The server may close before it has heard everything: that is an answer too.
        let _ = stream.write_all(&said);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    });
    let heard = heard.await.expect("no panic");
    serving.abort();
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_ends_or_breaks_off_harms_nobody() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let router = router(town.core.clone(), Settings::default());
    let own = authorisation(wang.credentials());
    let head = |more: &str| {
        format!(
            "POST {EXCHANGE_PATH} HTTP/1.1\r\nhost: x\r\nauthorization: {own}\r\ncontent-type: {MEDIA_TYPE}\r\n{more}\r\n\r\n"
        )
    };

    let mut endless = head("transfer-encoding: chunked").into_bytes();
    for _ in 0..20 {
        endless.extend(b"10000\r\n");
        endless.extend([0u8; 0x10000]);
        endless.extend(b"\r\n");
    }
    let heard = over_tcp(router.clone(), endless).await;
    // The refusal may be overtaken by the closing of a connection that still has bytes on the way.
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 413"), "{heard}");

    let whole = encode(&wang.request(500)).expect("packs");
    let mut cut = head(&format!("content-length: {}", whole.len())).into_bytes();
    cut.extend(&whole[..whole.len() / 2]);
    let heard = over_tcp(router.clone(), cut).await;
    assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 400"), "{heard}");
    assert!(!town.knows(made.person), "half a message is no message");
    assert_eq!(
        send(&router, exchange(&own, whole)).await.status,
        StatusCode::OK,
        "the server is unharmed, and the outbox goes through"
    );
}

#[tokio::test]
async fn who_asks_too_often_waits_and_others_do_not() {
    let town = Town::new();
    let (wang, li) = (town.pen("wang"), town.pen("li"));
    let router = router(town.core.clone(), Settings::default());
    let mut refused = None;
    for _ in 0..1_200 {
        let answer = send(&router, exchange(&authorisation(wang.credentials()), Body::empty())).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("a thousand at once are enough");
    assert!(matches!(refused.refusal(), (429, SyncError::Busy { .. })));
    assert_eq!(refused.headers["retry-after"], "1");
    let other = encode(&li.request(1)).expect("packs");
    assert_eq!(
        send(&router, exchange(&authorisation(li.credentials()), other)).await.status,
        StatusCode::OK,
        "one office, one address"
    );
    town.pass(60_000);
    let later = encode(&wang.request(1)).expect("packs");
    assert_eq!(send(&router, exchange(&authorisation(wang.credentials()), later)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn enrolling_and_passwords_over_http() {
    let town = Town::new();
    let router = router(town.core.clone(), Settings::default());
    let code = town.core.enrol_code("wang").expect("a code");
    let enrol = |code: &str, password: &str| {
        small(ENROL_PATH, "", json!({"code": code, "password": password, "install": "i", "model": "m", "version": "0.1.0"}))
    };
    assert_eq!(send(&router, enrol("AAAAAAAA", PASSWORD)).await.refusal(), (403, SyncError::WrongCode));
    assert_eq!(send(&router, enrol(&code, "guess")).await.refusal(), (401, SyncError::WrongPassword));
    let reply: EnrolReply = send(&router, enrol(&code, PASSWORD)).await.json();
    let own = format!("Device {}.{}", reply.device, reply.secret);
    let sign_in = |own: &str, password: &str| small(SIGN_IN_PATH, own, json!({"login": "wang", "password": password}));
    assert_eq!(send(&router, sign_in(&own, PASSWORD)).await.status, StatusCode::OK);
    assert_eq!(send(&router, sign_in(&own, "guess")).await.refusal(), (401, SyncError::WrongPassword));
    assert_eq!(
        send(&router, sign_in("", PASSWORD)).await.refusal(),
        (401, SyncError::Unauthorised),
        "not from a stranger's device"
    );
    let code = town.core.password_code("wang").expect("a code");
    let reset = |own: &str| small(PASSWORD_PATH, own, json!({"login": "wang", "code": code, "password": "another password"}));
    assert_eq!(send(&router, reset("")).await.refusal(), (401, SyncError::Unauthorised));
    assert_eq!(send(&router, reset(&own)).await.status, StatusCode::OK);
    assert_eq!(send(&router, sign_in(&own, "another password")).await.status, StatusCode::OK);
    for (body, kind) in [("{", "application/json"), ("{}", "application/json"), ("{}", "text/plain")] {
        let request = Request::post(ENROL_PATH).header("content-type", kind).body(body.into()).expect("a request");
        assert_eq!(send(&router, request).await.status, StatusCode::BAD_REQUEST, "{body} as {kind}");
    }
    let large = Request::post(ENROL_PATH)
        .header("content-type", "application/json")
        .body(Body::from(vec![b' '; 20_000]))
        .expect("a request");
    assert_eq!(send(&router, large).await.refusal(), (413, SyncError::TooLarge));
    let mut guesses = 0;
    while send(&router, enrol("BBBBBBBB", PASSWORD)).await.status != StatusCode::TOO_MANY_REQUESTS {
        guesses += 1;
        assert!(guesses < 100, "guessing codes is slow");
    }
}

const ORIGIN: &str = "https://desk.example";

fn desk(path: &str, cookie: &str, origin: &str, body: Value) -> Request<Body> {
    let request = Request::post(path).header("host", "desk.example").header("content-type", "application/json");
    let request = if origin.is_empty() { request } else { request.header("origin", origin) };
    request.header("cookie", cookie).body(body.to_string().into()).expect("a request")
}

#[tokio::test]
async fn the_desk_needs_a_cookie_and_its_own_page() {
    let town = Town::new();
    let router = router(town.core.clone(), Settings { https: true, ..Settings::default() });
    let sign_in = |origin: &str, login: &str, password: &str| {
        desk("/desk/v1/sign-in", "", origin, json!({"login": login, "password": password}))
    };
    let refused = |answer: &Answer| (answer.status.as_u16(), answer.json::<Value>()["Err"]["code"].as_str().map(str::to_owned));
    let code = |status: u16, code: &str| (status, Some(code.to_owned()));
    assert_eq!(refused(&send(&router, sign_in("", "zhou", PASSWORD)).await), code(403, "not_allowed"), "no origin");
    assert_eq!(refused(&send(&router, sign_in("https://evil.example", "zhou", PASSWORD)).await), code(403, "not_allowed"));
    assert_eq!(refused(&send(&router, sign_in(ORIGIN, "zhou", "guess")).await), code(401, "wrong_password"));
    assert_eq!(refused(&send(&router, sign_in(ORIGIN, "nobody", "guess")).await), code(401, "wrong_password"));
    assert_eq!(refused(&send(&router, sign_in(ORIGIN, "wang", PASSWORD)).await), code(403, "not_allowed"));
    let mut over_http2 = sign_in(ORIGIN, "zhou", PASSWORD);
    over_http2.headers_mut().remove("host");
    *over_http2.uri_mut() = format!("{ORIGIN}/desk/v1/sign-in").parse().expect("an address");
    assert_eq!(send(&router, over_http2).await.status, StatusCode::OK, "HTTP/2 names the host in the address");
    let answer = send(&router, sign_in(ORIGIN, "zhou", PASSWORD)).await;
    assert_eq!(answer.json::<Value>()["Ok"]["reply"]["account"]["login"], "zhou");
    let cookie = answer.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in ["__Host-desk=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(answer.headers.contains_key("strict-transport-security"));
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let call = |cookie: &str, origin: &str, body: Value| desk("/desk/v1/call", cookie, origin, body);
    let me = json!({"ask": "me", "with": {}});
    assert_eq!(
        send(&router, call(&cookie, ORIGIN, me.clone())).await.json::<Value>()["Ok"]["reply"]["account"]["name"],
        "周建军"
    );
    assert_eq!(refused(&send(&router, call("", ORIGIN, me.clone())).await), code(401, "signed_out"));
    assert_eq!(refused(&send(&router, call("__Host-desk=00", ORIGIN, me.clone())).await), code(401, "signed_out"));
    assert_eq!(refused(&send(&router, call(&cookie, "https://evil.example", me.clone())).await), code(403, "not_allowed"));
    assert_eq!(refused(&send(&router, call(&cookie, "", me.clone())).await), code(403, "not_allowed"));
    assert_eq!(refused(&send(&router, call(&cookie, ORIGIN, json!({"ask": "everything"}))).await), code(400, "malformed"));
    assert_eq!(send(&router, desk("/desk/v1/sign-out", &cookie, ORIGIN, json!({}))).await.status, StatusCode::OK);
    assert_eq!(refused(&send(&router, call(&cookie, ORIGIN, me)).await), code(401, "signed_out"));
    for _ in 0..5 {
        send(&router, sign_in(ORIGIN, "zhou", "guess")).await;
    }
    let worn = send(&router, sign_in(ORIGIN, "zhou", PASSWORD)).await;
    assert_eq!(refused(&worn), code(429, "too_many_tries"));
    assert!(worn.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn health_metrics_screens_and_headers() {
    let town = Town::new();
    let screens = town.folder.path().join("screens");
    for bundle in ["desk", "field"] {
        std::fs::create_dir_all(screens.join(bundle)).expect("a folder");
        std::fs::write(screens.join(bundle).join("index.html"), bundle).expect("a page");
        std::fs::write(screens.join(bundle).join("app.js"), "plain").expect("a script");
        std::fs::write(screens.join(bundle).join("app.js.br"), "packed").expect("a script");
    }
    let settings = Settings { screens: Some(screens), metrics_token: Some("let me".to_owned()), ..Settings::default() };
    let open = router(town.core.clone(), settings.clone());
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    let health = send(&open, get("/healthz")).await;
    assert_eq!((health.status, &health.body[..]), (StatusCode::OK, &b"ok\n"[..]));
    for (path, body) in [("/", "desk"), ("/field/", "field"), ("/app.js", "plain"), ("/field/app.js", "plain")] {
        let answer = send(&open, get(path)).await;
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, body.as_bytes()), "{path}");
        assert!(
            answer.headers["content-security-policy"].to_str().is_ok_and(|policy| policy.contains("frame-ancestors 'none'")),
            "{path}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    let beside = send(&open, get("/field")).await;
    assert!(beside.status.is_redirection() && beside.headers["location"] == "/field/", "{}", beside.status);
    let mut packed = get("/app.js");
    packed.headers_mut().insert("accept-encoding", "br".parse().expect("a value"));
    let packed = send(&open, packed).await;
    assert_eq!((packed.headers["content-encoding"].to_str().ok(), &packed.body[..]), (Some("br"), &b"packed"[..]));
    for path in ["/../Cargo.toml", "/desk/v1/nothing", "/%2e%2e/%2e%2e/etc/passwd", "/doorstep-server.db"] {
        assert_eq!(send(&open, get(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }

    let from = |ip: [u8; 4], bearer: &str| {
        let mut request = get("/metrics");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((ip, 1234))));
        if !bearer.is_empty() {
            request.headers_mut().insert("authorization", format!("Bearer {bearer}").parse().expect("a value"));
        }
        request
    };
    assert_eq!(send(&open, from([127, 0, 0, 1], "")).await.status, StatusCode::OK);
    assert_eq!(send(&open, from([10, 0, 0, 9], "")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&open, from([10, 0, 0, 9], "guess")).await.status, StatusCode::UNAUTHORIZED);
    let text = send(&open, from([10, 0, 0, 9], "let me")).await;
    assert!(std::str::from_utf8(&text.body).is_ok_and(|text| text.contains("# TYPE doorstep_exchanges_total counter")));
    let proxied = router(town.core.clone(), Settings { behind_proxy: true, ..settings });
    assert_eq!(
        send(&proxied, from([127, 0, 0, 1], "")).await.status,
        StatusCode::UNAUTHORIZED,
        "behind a proxy everybody is local"
    );

    let without = router(town.core.clone(), Settings::default());
    assert_eq!(send(&without, get("/")).await.status, StatusCode::NOT_FOUND);
    town.core.stop();
    assert_eq!(send(&open, get("/healthz")).await.status, StatusCode::OK, "looking still works while writing has stopped");
}

#[tokio::test]
async fn a_server_that_is_stopping_says_so_and_keeps_nothing_half() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let router = router(town.core.clone(), Settings::default());
    town.core.stop();
    let packed = encode(&wang.request(500)).expect("packs");
    let answer = send(&router, exchange(&authorisation(wang.credentials()), packed)).await;
    assert_eq!(answer.refusal(), (500, SyncError::Server));
    assert!(!town.knows(made.person));
}
