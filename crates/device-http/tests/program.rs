//! The program itself: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends the program when a test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn program(room: &Path) -> Command {
    let screens = room.join("screens");
    std::fs::create_dir_all(&screens).expect("makes a folder");
    std::fs::write(screens.join("index.html"), "<!doctype html><title>登门</title>").expect("writes");
    let mut program = Command::new(env!("CARGO_BIN_EXE_device-http"));
    program.arg("--no-sync").arg("--dir").arg(room.join("data")).arg("--screens").arg(screens);
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
fn it_prints_an_address_that_opens_once() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let mut running = Running(program(room.path()).spawn().expect("the program starts"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("piped")).lines();
    let line = lines.next().expect("it says something").expect("text");
    let (address, path) = line.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    assert!(address.starts_with("127.0.0.1:") && path.starts_with("?key="), "{line}");
    assert!(get(address, path).starts_with("HTTP/1.1 303"), "the key opens");
    assert!(get(address, path).starts_with("HTTP/1.1 401"), "and works once");
    let next = lines.next().expect("the next address is printed").expect("text");
    assert!(next.contains(&format!("http://{address}/?key=")) && !next.contains(path), "{next}");
}

#[test]
fn what_cannot_work_is_said_and_ends_it() {
    for (arguments, sentence) in [
        (&["--enrol", "http://127.0.0.1:1", "ABCD2345", "a-password"][..], "does not answer"),
        (&["--screens", "no-such-folder"], "scripts/build-screens"),
    ] {
        let room = tempfile::tempdir().expect("a temporary folder");
        let mut program = program(room.path());
        if arguments[0] == "--screens" {
            program = Command::new(env!("CARGO_BIN_EXE_device-http"));
            program.arg("--dir").arg(room.path());
        }
        let ended = program.args(arguments).output().expect("it ends by itself");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.contains(sentence), "{said}");
        assert!(ended.stdout.is_empty(), "no address is printed");
    }
}
