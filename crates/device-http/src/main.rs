//! `device-http`: one device of one account, for the browsers of this machine, until Ctrl-C.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use device::FileKeys;
use device::native::{Host, Machine};
use device_http::console::{self, Why};
use device_http::gate::{Gate, draw_secret};
use device_http::{App, Topics, router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use ui_protocol::session::{Enrol, Status, SyncNow};
use ui_protocol::{ErrorCode, Topic, UiError};

/// Answers that are under way get this long when the program ends.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// The exit code when the file is from a newer version: trying again does not help, updating does.
const NEWER: u8 = 2;

/// The field app in a browser on this machine: serves the screens and the device behind them on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(name = "device-http", version, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The folder of this device's file and keys. One folder, one account.
    #[arg(long, required = true)]
    dir: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The built screens.
    #[arg(long, default_value = "target/screens/field")]
    screens: PathBuf,
    /// Becomes a device of an account first and syncs, unless it is one already. The password is visible in the system's list
    /// of processes meanwhile: for demonstrations and tests.
    #[arg(long, num_args = 3, value_names = ["SERVER", "CODE", "PASSWORD"])]
    enrol: Option<Vec<String>>,
    /// Exchanges only when somebody asks for it: tests decide when there is a network.
    #[arg(long)]
    no_sync: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Looks through everything in the device's file: hashes, sums, the outbox, references, lists. Ends with an error when anything is
    /// wrong.
    Verify {
        /// The folder of the device.
        #[arg(long)]
        dir: PathBuf,
        /// Puts right what the stored rows tell, exchanges with the server and compares.
        #[arg(long)]
        repair: bool,
    },
    /// Both sides compared, area by area, as the app shows it.
    Proof {
        /// The folder of the device.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Why something is as it is. Shows people's data: asks for the account's password on standard input.
    Why {
        /// The folder of the device.
        #[arg(long)]
        dir: PathBuf,
        #[command(subcommand)]
        what: WhyCommand,
    },
}

#[derive(Debug, Subcommand)]
enum WhyCommand {
    /// Why somebody is not to be seen.
    Person {
        /// A name, a document number, a phone, or an id.
        query: String,
    },
    /// What the next sync sends.
    Send,
    /// What became of a save.
    Edit {
        /// Its number; without it, the last saves.
        number: Option<String>,
    },
}

/// The device said no.
#[derive(Debug, thiserror::Error)]
#[error("{}", console::sentence(.0.code))]
struct Refused(UiError);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Verify { dir, repair }) => console::verify(&dir, repair),
        Some(Command::Proof { dir }) => console::proof(&dir),
        Some(Command::Why { dir, what }) => console::why(
            &dir,
            match what {
                WhyCommand::Person { query } => Why::Person(query),
                WhyCommand::Send => Why::Send,
                WhyCommand::Edit { number } => Why::Edit(number.unwrap_or_default()),
            },
        ),
        None => run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            let newer = error.downcast_ref::<Refused>().is_some_and(|refused| refused.0.code == ErrorCode::FileNewer);
            if newer { ExitCode::from(NEWER) } else { ExitCode::FAILURE }
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if !arguments.screens.join("index.html").exists() {
        bail!("no screens in {}: run scripts/build-screens, or name their folder with --screens", arguments.screens.display());
    }
    let topics = Topics::default();
    // Outside the runtime, with its own threads: the blocking HTTP client must not be dropped inside one.
    let host = open(arguments, topics.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let app = runtime.block_on(serve(arguments, host, topics))?;
    // A command that still waits for the network is not waited for: it is safe to repeat.
    runtime.shutdown_timeout(LAST_ANSWERS);
    app.host.stop();
    Ok(())
}

fn open(arguments: &Arguments, topics: Topics) -> Result<Host> {
    let dir = arguments.dir.as_deref().context("--dir names the folder of this device")?;
    let keys = FileKeys::new(dir.join("keys"));
    let machine = Machine::new(Box::new(keys), format!("{} browser", std::env::consts::OS));
    let start = if arguments.no_sync { Host::start_without_timer } else { Host::start };
    let host = start(dir.to_owned(), Arc::new(machine), move |changed: &[Topic]| topics.say(changed));
    match host.ask(Status {}) {
        // The host begins a new file a little later; until then the screens say what happened.
        Err(error) if error.code == ErrorCode::FileCorrupt => {
            eprintln!("The file was damaged. It was set aside in {}; a new one is filled from the server.", dir.display());
        }
        status => drop(status.map_err(Refused).context("opening this device")?),
    }
    if let Some([server, code, password]) = arguments.enrol.as_deref() {
        let enrol = Enrol { server: server.clone(), code: code.clone(), password: password.clone() };
        if host.enrol_once(enrol).map_err(Refused).context("enrolling this device")?
            && let Err(error) = host.ask(SyncNow {})
        {
            // The timer may have been quicker, or the line broke: what is here can be worked with, and it is tried again.
            eprintln!("The first sync goes on in the background ({:?}).", error.code);
        }
    }
    Ok(host)
}

async fn serve(arguments: &Arguments, host: Host, topics: Topics) -> Result<Arc<App>> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = TcpListener::bind(wanted).await.with_context(|| format!("listening on {wanted}"))?;
    let address = listener.local_addr().context("asking for the port")?;
    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App {
        host,
        gate: Gate::new(address, draw_secret().context("drawing a key")?),
        topics,
        stopping: stopping.clone(),
        used: Box::new(|next| say(&format!("next browser: {next}"))),
    });
    say(&app.gate.url());
    let mut stopped = stopping;
    let serving = axum::serve(listener, router(Arc::clone(&app), &arguments.screens)).with_graceful_shutdown(async move {
        let _ended = stopped.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(serving.into_future());
    told_to_stop().await?;
    // Open pages listen for ever: without this, their streams would keep the program alive.
    stop.send_replace(true);
    // A browser may keep a connection open for minutes.
    let _cut_off = tokio::time::timeout(LAST_ANSWERS, serving).await;
    Ok(app)
}

/// The only lines on standard output: what a person clicks, and a test reads.
fn say(line: &str) {
    let mut out = std::io::stdout();
    // Nobody reading any more is no reason to stop serving.
    let _closed = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Ctrl-C, or the signal a script sends.
async fn told_to_stop() -> Result<()> {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut terminate = tokio::signal::unix::signal(kind).context("listening for the signal to stop")?;
        tokio::select! {
            told = interrupt => told.context("listening for Ctrl-C"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    interrupt.await.context("listening for Ctrl-C")
}
