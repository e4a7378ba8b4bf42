//! Whoever is measured: this project, PouchDB, Anki. Each has one server, one client that writes and one that reads.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use store::device::Tuning;
use ui_protocol::people::{ChangeResident, ListPeople, Person};

use crate::measured::Cost;
use workspace_tests::county::{Phone, Prepared, Server, copy, people};
use workspace_tests::proxy::{Link, Proxy};

/// The operations, in the order in which a round does them.
pub const OPERATIONS: [&str; 5] = ["push", "first_sync", "push_edits", "pull_edits", "nothing"];
/// Edits of one field.
pub const EDITS: usize = 1_000;

/// One that is measured, at the beginning of a round.
pub trait Side {
    /// What comes before an operation and is not measured.
    ///
    /// # Errors
    /// When it did not work.
    fn prepare(&mut self, _operation: &str) -> Result<()> {
        Ok(())
    }

    /// Does an operation.
    ///
    /// # Errors
    /// When it did not work.
    fn run(&mut self, operation: &str) -> Result<Cost>;
}

/// This project.
pub struct Ours {
    writer: Phone,
    reader: Phone,
    proxy: Proxy,
    /// Its server.
    pub server: Server,
}

impl Ours {
    /// Copies of the prepared folders, and a server on them.
    ///
    /// # Errors
    /// When they do not start.
    pub fn start(prepared: &Prepared, folder: &Path) -> Result<Ours> {
        let _ = std::fs::remove_dir_all(folder);
        for name in ["server", "writer", "reader-0"] {
            copy(&prepared.folder.join(name), &folder.join(name))?;
        }
        let server = Server::start(&folder.join("server"))?;
        let proxy = Proxy::start(server.address, Link::default())?;
        let open = |name: &str| -> Result<Phone> {
            let phone = Phone::open(&folder.join(name), proxy.address, Tuning::default())?;
            phone.sign_in()?;
            Ok(phone)
        };
        let (writer, reader) = (open("writer")?, open("reader-0")?);
        Ok(Ours { writer, reader, proxy, server })
    }
}

impl Side for Ours {
    fn prepare(&mut self, operation: &str) -> Result<()> {
        if operation != "push_edits" {
            return Ok(());
        }
        for (number, person) in people(&self.writer, EDITS)?.into_iter().enumerate() {
            let mut form = self.writer.ask(Person { id: person })?.form;
            form.phone = format!("138{number:08}");
            self.writer.ask(ChangeResident { person, form, draft: None })?;
        }
        Ok(())
    }

    fn run(&mut self, operation: &str) -> Result<Cost> {
        self.proxy.passed();
        let began = Instant::now();
        match operation {
            "push" | "push_edits" | "nothing" => self.writer.sync()?,
            "first_sync" => {
                self.reader.sync()?;
                // Usable: lists answer, searches find, and both sides hold the same.
                let found = self.reader.ask(ListPeople { query: "王".to_owned(), after: None })?;
                anyhow::ensure!(!found.rows.is_empty(), "somebody is found");
                self.reader.expect_same()?;
            }
            "pull_edits" => self.reader.sync()?,
            other => bail!("nobody knows {other}"),
        }
        let seconds = began.elapsed().as_secs_f64();
        let passed = self.proxy.passed();
        Ok(Cost { seconds, up: passed.up, down: passed.down, connections: passed.connections })
    }
}

/// A program that serves and one that takes commands, one a line.
pub struct Program {
    server: Child,
    client: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    proxy: Proxy,
}

impl Program {
    /// PouchDB, with this batch size or its own.
    ///
    /// # Errors
    /// When it does not start.
    pub fn pouch(installed: &Path, prepared: &Prepared, folder: &Path, batch: Option<u32>) -> Result<Program> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peers/pouch.mjs");
        let port = free_port()?;
        let mut server = Command::new("node");
        server.arg(&script).arg("server").arg(folder.join("server")).arg(port.to_string()).env("PEERS", installed);
        let client = |address: String| {
            let mut client = Command::new("node");
            client.arg(&script).arg("client").arg(folder.join("client")).arg(address).arg(&prepared.residents);
            client.args(batch.map(|batch| batch.to_string())).env("PEERS", installed);
            client
        };
        Program::start(folder, port, server, client)
    }

    /// Anki's own server and library.
    ///
    /// # Errors
    /// When it does not start.
    pub fn anki(installed: &Path, prepared: &Prepared, folder: &Path) -> Result<Program> {
        let python = installed.join("venv/bin/python");
        let port = free_port()?;
        let mut server = Command::new(&python);
        server.args(["-m", "anki.syncserver"]).env("SYNC_USER1", "bench:bench").env("SYNC_BASE", folder.join("server"));
        server.env("SYNC_HOST", "127.0.0.1").env("SYNC_PORT", port.to_string()).env("RUST_LOG", "error");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/peers/anki_peer.py");
        let client = |address: String| {
            let mut client = Command::new(&python);
            client.arg(&script).arg(folder.join("client")).arg(format!("{address}/")).arg(&prepared.residents);
            client
        };
        Program::start(folder, port, server, client)
    }

    fn start(folder: &Path, port: u16, mut server: Command, client: impl Fn(String) -> Command) -> Result<Program> {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder.join("server"))?;
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("starting a peer's server")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        wait_for(address)?;
        let proxy = Proxy::start(address, Link::default())?;
        let mut client = client(format!("http://{}", proxy.address))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a peer's client")?;
        let input = client.stdin.take().context("its input")?;
        let output = BufReader::new(client.stdout.take().context("its output")?);
        let mut program = Program { server, client, input, output, proxy };
        program.answer()?;
        program.ask("fill")?;
        Ok(program)
    }

    fn ask(&mut self, command: &str) -> Result<f64> {
        writeln!(self.input, "{command}")?;
        self.input.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> Result<f64> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line).with_context(|| format!("a peer says {line:?}"))?;
        if let Some(error) = answer.get("error") {
            bail!("a peer fails: {error}");
        }
        Ok(answer.get("seconds").and_then(serde_json::Value::as_f64).unwrap_or(0.0))
    }
}

impl Side for Program {
    fn run(&mut self, operation: &str) -> Result<Cost> {
        match operation {
            "push_edits" => drop(self.ask(&format!("edit {EDITS}"))?),
            // Their first look at nothing sets up a checkpoint: the second is what every later one costs.
            "nothing" => drop(self.ask("nothing")?),
            _ => {}
        }
        self.proxy.passed();
        let seconds = self.ask(operation)?;
        let passed = self.proxy.passed();
        Ok(Cost { seconds, up: passed.up, down: passed.down, connections: passed.connections })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        for child in [&mut self.client, &mut self.server] {
            let _ = (child.kill(), child.wait());
        }
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn wait_for(address: SocketAddr) -> Result<()> {
    for _ in 0..300 {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("nobody listens on {address}")
}
