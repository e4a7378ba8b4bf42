//! The window (Tauri): opens the device, carries commands to it in one line, says which topics changed, keeps its keys.
//!
//! No rule lives here: what a command means is decided in `device`, when to exchange in `device::schedule`.

mod keys;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use device::native::{Host, Machine};
use tauri::{AppHandle, Emitter, Manager, RunEvent, State, WindowEvent};
use ui_protocol::session::Enrol;

/// The event on which screens hear what changed.
const TOPICS: &str = "topics";

/// Registers residents and rental homes, with or without a network.
#[derive(Debug, Parser)]
#[command(name = "doorstep", version)]
struct Arguments {
    /// Which of several devices on this computer: each has its own file and its own keys.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99))]
    device: u32,
    /// Where the devices' files lie; by default the system's folder for this app's data.
    #[arg(long, env = "DOORSTEP_DIR")]
    dir: Option<PathBuf>,
    /// Makes a new device the device of an account while the window opens. Nothing happens when it is one already. The password
    /// is visible in the system's list of processes meanwhile: for demonstrations and tests.
    #[arg(long, num_args = 3, value_names = ["SERVER", "CODE", "PASSWORD"])]
    enrol: Option<Vec<String>>,
}

/// Carries one command to the device and its answer back, both as JSON in a string: JavaScript loses integers above 2^53.
#[tauri::command]
async fn call(host: State<'_, Arc<Host>>, request: String) -> Result<String, String> {
    let host = Arc::clone(&host);
    tauri::async_runtime::spawn_blocking(move || host.answer(&request)).await.map_err(|error| error.to_string())
}

fn open(app: &AppHandle, arguments: &Arguments) -> Result<Host> {
    let root = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => app.path().app_data_dir().context("asking where this app's data lies")?,
    };
    let name = format!("device-{}", arguments.device);
    let dir = root.join(&name);
    let machine = Machine::new(keys::choose(&dir, &name), format!("{} window", std::env::consts::OS));
    let screens = app.clone();
    Ok(Host::start(dir, Arc::new(machine), move |topics| {
        // Nobody to tell: the window is being closed.
        let _closed = screens.emit(TOPICS, topics.to_vec());
    }))
}

/// Opens the window and returns when it is closed.
///
/// # Panics
/// When the system has no web view to show the screens in: there is no way to say it in a window then.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() {
    let arguments = Arguments::parse();
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![call])
        .setup(move |app| {
            let host = Arc::new(open(app.handle(), &arguments)?);
            app.manage(Arc::clone(&host));
            if let Some([server, code, password]) = arguments.enrol.as_deref() {
                let enrol = Enrol { server: server.clone(), code: code.clone(), password: password.clone() };
                // The window does not wait for the network: it shows the first screen until this is done.
                tauri::async_runtime::spawn_blocking(move || {
                    if let Err(error) = host.enrol_once(enrol) {
                        eprintln!("enrolling: {:?}", error.code);
                    }
                });
            }
            if arguments.device > 1
                && let Some(window) = app.get_webview_window("main")
            {
                window.set_title(&format!("登门 {}", arguments.device))?;
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("the system shows web pages (WebKitGTK, WebView2 or WKWebView is installed)");
    app.run(|app, event| {
        let Some(host) = app.try_state::<Arc<Host>>() else { return };
        match event {
            // The person is back: perhaps the network is too.
            RunEvent::Resumed | RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. } => host.came_back(),
            RunEvent::Exit => host.stop(),
            _ => {}
        }
    });
}
