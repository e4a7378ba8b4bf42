//! The binary itself, as an administrator and an init system use it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

fn binary(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sync-server"));
    command.env_remove("RUST_BACKTRACE").arg("--data").arg(data);
    command
}

fn run(data: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut child =
        binary(data).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("writes");
    child.wait_with_output().expect("ends")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A running server that is ended with the test.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(data: &Path, arguments: &[&str]) -> Running {
        let mut child = binary(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("says where it listens");
        let address = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("an address, got {line:?}")).to_owned();
        Running { child, address }
    }

    /// Asks in plain HTTP/1.1; answers status and body.
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// As an init system stops it; answers how it ended and what it logged.
    fn stop(mut self) -> (bool, String) {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().expect("kill is there");
        assert!(told.success());
        let ended = self.child.wait().expect("ends");
        let mut log = String::new();
        self.child.stderr.take().expect("piped").read_to_string(&mut log).expect("a log");
        (ended.success(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn from_an_empty_folder_to_an_enrolled_device_and_a_clean_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    assert!(complaint(&run(&data, &["account", "list"], "")).contains("init"), "it says what to do first");
    assert!(said(&run(&data, &["init"], "")).contains("213 areas"));
    said(&run(&data, &["init"], ""));
    let add = [
        "account",
        "add",
        "--login",
        "wang",
        "--name",
        "王敏",
        "--role",
        "coordinator",
        "--area",
        "330822001001",
        "--password-stdin",
    ];
    said(&run(&data, &add, "a long password\n"));
    assert!(complaint(&run(&data, &add, "a long password\n")).contains("already"));
    let accounts: Value = serde_json::from_str(&said(&run(&data, &["account", "list", "--json"], ""))).expect("json");
    assert_eq!((accounts[0]["login"].as_str(), accounts[0]["areas"][0].as_str()), (Some("wang"), Some("330822001001")));

    let server = Running::start(&data, &[]);
    assert_eq!(server.ask("GET", "/healthz", &Value::Null), (200, "ok\n".to_owned()));
    // The console and the server share the file while both run.
    let svg = folder.path().join("code.svg");
    let code = said(&run(&data, &["device", "code", "--account", "wang", "--json", "--svg", &svg.to_string_lossy()], ""));
    let code: Value = serde_json::from_str(&code).expect("json");
    assert!(std::fs::read_to_string(&svg).is_ok_and(|svg| svg.contains("<svg")), "the same code as a picture");
    let enrol =
        json!({"code": code["code"], "password": "a long password", "install": "i", "model": "phone", "version": "0.1.0"});
    let (status, reply) = server.ask("POST", "/sync/v1/enrol", &enrol);
    assert_eq!(status, 200, "{reply}");
    assert_eq!(server.ask("POST", "/sync/v1/enrol", &enrol).0, 403, "once");
    let copy = folder.path().join("copy.db");
    assert!(said(&run(&data, &["backup", &copy.to_string_lossy()], "")).contains("whole copy"));
    assert!(said(&run(&data, &["device", "list"], "")).contains("phone"));
    said(&run(&data, &["device", "revoke", "1"], ""));
    // A server that went on into the file that was set aside would promise what nobody keeps.
    for args in [&["restore", &copy.to_string_lossy(), "--replace"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        assert!(complaint(&run(&data, args, "")).contains("is running"), "{args:?}");
    }
    assert_eq!(server.ask("GET", "/healthz", &Value::Null).0, 200);

    let (clean, log) = server.stop();
    assert!(clean, "{log}");
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("a line of JSON: {line}"))).collect();
    let answered = lines.iter().find(|line| line["fields"]["path"] == "/sync/v1/enrol").expect("the request is logged");
    assert!(answered["span"]["id"].as_str().is_some_and(|id| id.len() == 16), "with an id");
    for secret in ["a long password", "wang", "王敏", code["code"].as_str().expect("a code")] {
        assert!(!log.contains(secret), "nothing personal in the log: {secret}");
    }
    assert!(complaint(&run(&data, &["restore", &copy.to_string_lossy()], "")).contains("--replace"));
    said(&run(&data, &["restore", &copy.to_string_lossy(), "--replace"], ""));
    assert!(!said(&run(&data, &["device", "list"], "")).contains("revoked"), "as it was when it was copied");
}

#[test]
fn what_would_be_unsafe_or_useless_is_not_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    said(&run(&data, &["init"], ""));
    let rows: [(&[&str], &str); 4] = [
        (&["serve", "--listen", "0.0.0.0:0"], "--behind-proxy"),
        (&["serve", "--listen", "127.0.0.1:0", "--screens", "/nowhere"], "scripts/build-screens"),
        (&["serve", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem"], "--tls-key"),
        (&["serve", "--listen", "127.0.0.1:0", "--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "certificate"),
    ];
    for (arguments, hint) in rows {
        let complaint = complaint(&run(&data, arguments, ""));
        assert!(complaint.contains(hint), "{arguments:?}: {complaint}");
    }
}

#[test]
fn the_demo_says_who_plays_and_can_be_asked_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    assert!(said(&run(&data, &["demo", "--today", "2026-11-23"], "")).contains("wang-doorstep"));
    for _ in 0..2 {
        let told: Value = serde_json::from_str(&said(&run(&data, &["demo", "--codes"], ""))).expect("json and nothing else");
        let accounts = told["accounts"].as_array().expect("accounts");
        assert_eq!(accounts.len(), 5);
        assert!(accounts.iter().all(|account| account["code"].as_str().is_some_and(|code| code.len() == 8)));
    }
}

#[test]
fn an_account_gets_other_areas_and_a_list_may_be_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    said(&run(data, &["init"], ""));
    let add = [
        "account",
        "add",
        "--login",
        "wang",
        "--name",
        "王敏",
        "--role",
        "coordinator",
        "--area",
        "330822001001",
        "--password-stdin",
    ];
    said(&run(data, &add, "a long password\n"));
    said(&run(data, &["account", "areas", "--login", "wang", "--area", "330822001002", "330822001003"], ""));
    let accounts: Value = serde_json::from_str(&said(&run(data, &["account", "list", "--json"], ""))).expect("json");
    assert_eq!(accounts[0]["areas"], json!(["330822001002", "330822001003"]));
    assert!(
        complaint(&run(data, &["account", "areas", "--login", "wang", "--area", "330822999999"], "")).contains("330822999999")
    );
    assert!(!run(data, &["account", "areas", "--login", "wang"], "").status.success(), "an account without areas is a mistake");

    // Like `| head`: whoever reads goes away after a line.
    for _ in 0..5 {
        let mut child =
            binary(data).args(["area", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ends");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && complaint.is_empty(), "{complaint}");
    }
}

/// Whoever connects and asks nothing takes a file from those who do.
#[test]
fn who_says_nothing_is_hung_up_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    said(&run(&data, &["init"], ""));
    let server = Running::start(&data, &[]);
    let silent: Vec<TcpStream> =
        [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"]
            .into_iter()
            .map(|said| {
                let mut stream = TcpStream::connect(&server.address).expect("connects");
                stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a limit");
                stream.write_all(said).expect("sends");
                stream
            })
            .collect();
    for mut stream in silent {
        let mut answer = Vec::new();
        // An end, or a refusal and an end; a limit that passes is an error.
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "still open: {error}"),
        }
    }
    assert_eq!(server.ask("GET", "/healthz", &Value::Null).0, 200);
}

/// Document numbers and the key of their comparison lie in these files.
#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    said(&run(&data, &["demo", "--today", "2026-11-23"], ""));
    let server = Running::start(&data, &[]);
    assert_eq!(server.ask("GET", "/healthz", &Value::Null).0, 200);
    said(&run(&data, &["backup", &data.join("copies.db").to_string_lossy()], ""));
    let (mut waiting, mut seen) = (vec![data], 0);
    while let Some(path) = waiting.pop() {
        let found = std::fs::metadata(&path).expect("is there");
        assert_eq!(found.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if found.is_dir() {
            waiting.extend(std::fs::read_dir(&path).expect("lists").map(|entry| entry.expect("an entry").path()));
        }
    }
    assert!(seen >= 4, "the folder, the file, its log, the copy");
}

#[test]
fn a_head_that_never_ends_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    said(&run(&data, &["init"], ""));
    let server = Running::start(&data, &[]);
    let mut slow = TcpStream::connect(&server.address).expect("connects");
    slow.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a limit");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ").expect("sends");
    let began = std::time::Instant::now();
    let mut answer = Vec::new();
    // Closed, or told so first: either way the connection is free again.
    let _ = slow.read_to_end(&mut answer);
    assert!(began.elapsed() < std::time::Duration::from_secs(25), "still open after {:?}", began.elapsed());
    assert_eq!(server.ask("GET", "/healthz", &Value::Null).0, 200);
}

#[test]
fn the_bureau_brings_the_holidays_of_a_year_and_chooses_the_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    said(&run(&data, &["init"], ""));
    let table = folder.path().join("2027.csv");
    let bring = |text: &str| {
        std::fs::write(&table, text).expect("writes");
        run(&data, &["holidays", "2027", table.to_str().expect("text")], "")
    };
    let good = "date,name,off\n2026-12-31,元旦,1\n2027-01-01,元旦,1\n2027-01-03,元旦,0\n";
    assert_eq!(said(&bring(good)).trim(), "2027: 2 days off, 1 weekend days worked");
    assert!(said(&bring(good)).contains("known already"));
    // A changed announcement takes its place.
    assert_eq!(said(&bring(&good.replace("2027-01-03", "2027-01-10"))).trim(), "2027: 2 days off, 1 weekend days worked");
    for (wrong, line) in [
        ("date,name,off\n", "no day off"),
        ("date,name,off\n2027-01-01,元旦,1\n2028-01-01,元旦,1\n", "line 3"),
        ("date,name,off\n2027-02-30,春节,1\n", "line 2"),
        ("date,name,off\n2027-01-01,元旦,2\n", "line 2"),
        ("date,name,off\n2027-01-01,元旦,1\n2027-01-01,元旦,0\n", "line 3"),
    ] {
        let complaint = complaint(&bring(wrong));
        assert!(complaint.contains(line), "{complaint}");
    }
    assert_eq!(
        said(&run(&data, &["policy", "zj-2009", "--from", "2027-01-01"], "")).trim(),
        "zj-2009 applies from 2027-01-01 on"
    );
    complaint(&run(&data, &["policy", "zj-1999", "--from", "2027-01-01"], ""));
    complaint(&run(&data, &["policy", "zj-2009", "--from", "tomorrow"], ""));
}
