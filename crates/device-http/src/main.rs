//! `device-http`: one device of one account, for the browsers of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Parser;
use device::FileKeys;
use device::native::{Host, Machine};
use device_http::gate::{Gate, draw_secret};
use device_http::{App, Topics, router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use ui_protocol::session::{Enrol, Stage, Status};
use ui_protocol::{DeviceCommand, Handled, UiError};

/// The field app in a browser on this machine: serves the screens and the device behind them on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(name = "device-http", version)]
struct Arguments {
    /// Where the devices' files lie; each device has a folder of its own in it.
    #[arg(long)]
    dir: PathBuf,
    /// Which of several devices.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99))]
    device: u32,
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The built screens.
    #[arg(long, default_value = "target/screens/field")]
    screens: PathBuf,
    /// Becomes a device of an account first, unless it is one already. The password is visible in the system's list of
    /// processes meanwhile: for demonstrations and tests.
    #[arg(long, num_args = 3, value_names = ["SERVER", "CODE", "PASSWORD"])]
    enrol: Option<Vec<String>>,
}

/// Says a line to whoever started the program; it is their only way to learn the address.
#[expect(clippy::print_stdout, reason = "the address is this program's output")]
fn say(line: &str) {
    println!("{line}");
}

fn ask(host: &Host, command: &DeviceCommand) -> Result<Handled> {
    let answer = host.answer(&serde_json::to_string(command)?);
    let answer: Result<Handled, UiError> = serde_json::from_str(&answer)?;
    answer.map_err(|error| anyhow::anyhow!("the device answered {:?}", error.code))
}

/// Enrols, unless this device belongs to somebody already: repeating a command line must not use up a second code.
fn enrol(host: &Host, with: &[String]) -> Result<()> {
    let [server, code, password] = with else { bail!("--enrol takes a server, a code and a password") };
    let status = ask(host, &DeviceCommand::Status(Status {}))?;
    let status: ui_protocol::session::DeviceStatus = serde_json::from_value(status.reply)?;
    if status.stage == Stage::NotEnrolled {
        let enrol = Enrol { server: server.clone(), code: code.clone(), password: password.clone() };
        ask(host, &DeviceCommand::Enrol(enrol)).context("enrolling this device")?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if !arguments.screens.join("index.html").exists() {
        bail!("no screens in {}: run scripts/build-screens, or name their folder with --screens", arguments.screens.display());
    }
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port)))
        .await
        .with_context(|| format!("listening on port {}", arguments.port))?;
    let address = listener.local_addr().context("asking for the port")?;

    let dir = arguments.dir.join(format!("device-{}", arguments.device));
    let topics = Topics::default();
    let host = tokio::task::spawn_blocking({
        let (topics, enrolment) = (topics.clone(), arguments.enrol.clone());
        move || {
            let keys = FileKeys::new(dir.join("keys"));
            let machine = Machine::new(Box::new(keys), format!("{} browser", std::env::consts::OS));
            let host = Host::start(dir, Arc::new(machine), move |changed| topics.say(changed));
            if let Some(with) = enrolment {
                enrol(&host, &with)?;
            }
            Ok::<_, anyhow::Error>(host)
        }
    })
    .await
    .context("opening the device")??;

    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App {
        host,
        gate: Gate::new(address, draw_secret().context("drawing a key")?),
        topics,
        stopping,
        used: Box::new(|next| say(&format!("next browser: {next}"))),
    });
    say(&app.gate.url());
    axum::serve(listener, router(Arc::clone(&app), &arguments.screens))
        .with_graceful_shutdown(async move {
            told_to_stop().await;
            // Open pages listen for ever: without this, their streams would keep the program alive.
            stop.send_replace(true);
        })
        .await
        .context("serving")?;
    // On a worker, because a running exchange may still be writing.
    tokio::task::spawn_blocking(move || app.host.stop()).await.context("closing the device")
}

/// Ctrl-C, or the signal a script sends.
async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _told = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _told = interrupt.await;
}
