//! A server and two phones as processes, each of which may be started again and again, and a ledger beside them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use store::server::ServerReader;
use sync_server::verify;
use workspace_tests::county::{Server, Start, copy, end, prepare};

use crate::ledger::Ledger;
use crate::worker::PEOPLE;

/// How long one thing may take before somebody is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// The processes and where their files lie.
pub struct Stage {
    /// `server`, `writer` and `reader-0` are in here.
    pub folder: PathBuf,
    /// Where the server listens, whenever it runs.
    pub address: SocketAddr,
    /// What was confirmed.
    pub ledger: Ledger,
    /// Where the writer connects: the server, or a line in front of it.
    pub writer_goes_to: SocketAddr,
    server: Option<Server>,
    writer: Option<Worker>,
}

/// How somebody's work ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was done.
    Done,
    /// The process is gone.
    Died,
}

impl Stage {
    /// Fresh copies of a small county.
    ///
    /// # Errors
    /// Where files or programs fail.
    pub fn set(template: &Path, folder: &Path) -> Result<Stage> {
        let prepared = prepare(template, PEOPLE, 1)?;
        let _ = std::fs::remove_dir_all(folder);
        for name in ["server", "writer", "reader-0"] {
            copy(&prepared.folder.join(name), &folder.join(name))?;
        }
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let ledger = Ledger::default();
        Ok(Stage { folder: folder.to_owned(), address, ledger, writer_goes_to: address, server: None, writer: None })
    }

    /// Starts the server, unless it runs.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn server(&mut self, start: Start) -> Result<()> {
        if self.server_lives() {
            return Ok(());
        }
        self.server = None;
        let start = Start { port: self.address.port(), ..start };
        self.server = Some(Server::start_so(&self.folder.join("server"), &start)?);
        Ok(())
    }

    /// The same of one that may die while it starts.
    pub fn doomed_server(&mut self, start: Start) {
        // Not up is one of the ways it can end.
        let _ = self.server(start);
    }

    /// Ends the server without a word. Whether it lived.
    pub fn kill_server(&mut self) -> bool {
        let lived = self.server.as_mut().is_some_and(Server::lives);
        // Dropping kills it.
        self.server = None;
        lived
    }

    /// Whether the server runs.
    pub fn server_lives(&mut self) -> bool {
        self.server.as_mut().is_some_and(Server::lives)
    }

    /// Starts the writer, unless it runs.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn writer(&mut self, environment: &[(String, String)], under: &[String]) -> Result<()> {
        if self.writer.is_none() {
            self.writer = Some(Worker::start(&self.folder.join("writer"), self.writer_goes_to, environment, under)?);
        }
        Ok(())
    }

    /// Lets the writer do something, hearing every word of it.
    ///
    /// # Errors
    /// When it is stuck.
    pub fn write(&mut self, command: &str) -> Result<Ended> {
        let Some(writer) = &mut self.writer else { return Ok(Ended::Died) };
        let ledger = &mut self.ledger;
        let ended = writer.ask(command, |line| ledger.hear(line))?;
        if ended == Ended::Died {
            self.writer = None;
        }
        Ok(ended)
    }

    /// Ends the writer without a word.
    pub fn kill_writer(&mut self) {
        self.writer = None;
    }

    /// Everybody alive, everything said, and every confirmed save on both phones and the server: the laws after a fault.
    ///
    /// # Errors
    /// A law that does not hold.
    pub fn settle(&mut self) -> Result<()> {
        self.writer_goes_to = self.address;
        self.kill_writer();
        if !self.server_lives() {
            self.server(quiet())?;
        }
        let mut seen = Vec::new();
        for name in ["writer", "reader-0"] {
            let mut worker = Worker::start(&self.folder.join(name), self.address, &[], &[])?;
            let (mut now, mut here, mut wrong) = (BTreeMap::new(), Vec::new(), Vec::new());
            let ended = worker.ask("settle", |line| match line.split_once(' ') {
                Some(("is", rest)) => {
                    let (person, number) = rest.split_once(' ').unwrap_or((rest, ""));
                    now.insert(person.to_owned(), number.to_owned());
                }
                Some(("here", name)) => here.push(name.to_owned()),
                Some(("wrong", what)) => wrong.push(what.to_owned()),
                _ => {}
            })?;
            anyhow::ensure!(ended == Ended::Done, "{name} settles when nothing is wrong any more");
            anyhow::ensure!(wrong.is_empty(), "{name}: its file is not as it should be: {wrong:?}");
            self.ledger.check(name, &now)?;
            self.ledger.check_registered(name, &here)?;
            here.sort();
            seen.push((now, here));
        }
        anyhow::ensure!(seen[0] == seen[1], "both phones show the same");
        self.ledger.settle(&seen[0].0, &seen[0].1);
        // The files themselves, as an administrator would look at them.
        let copy = self.folder.join("looked-at.db");
        let _ = std::fs::remove_file(&copy);
        sync_server::backup::backup(&self.folder.join("server"), &copy).context("the server's file is whole")?;
        let reader = ServerReader::open(&copy).context("opening the copy")?;
        let report = reader.look(|view| verify::look(view, |_, _| ())).context("looking through the copy")?;
        anyhow::ensure!(report.is_good(), "the server's file is not as it should be: {report:?}");
        Ok(())
    }
}

/// A server nobody wants to die.
pub fn quiet() -> Start {
    Start { arguments: vec!["--backup-minutes".into(), "0".into()], ..Start::default() }
}

struct Worker {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Worker {
    fn start(folder: &Path, server: SocketAddr, environment: &[(String, String)], under: &[String]) -> Result<Worker> {
        let me = std::env::current_exe()?;
        let mut command = match under.split_first() {
            Some((first, others)) => {
                let mut command = Command::new(first);
                command.args(others).arg(&me);
                command
            }
            None => Command::new(&me),
        };
        command.arg("worker").arg(folder).arg(server.to_string()).envs(environment.iter().cloned());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting a worker")?;
        let input = child.stdin.take().context("its input")?;
        let output = BufReader::new(child.stdout.take().context("its output")?);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Worker { child, input, lines })
    }

    fn ask(&mut self, command: &str, mut hear: impl FnMut(&str)) -> Result<Ended> {
        // A worker that died while it started hears nothing.
        if writeln!(self.input, "{command}").and_then(|()| self.input.flush()).is_err() {
            return Ok(Ended::Died);
        }
        let began = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
                Ok(line) if line == "done" => return Ok(Ended::Done),
                Ok(line) => hear(&line),
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Died),
                Err(RecvTimeoutError::Timeout) => bail!("a worker does not get on with: {command}"),
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
