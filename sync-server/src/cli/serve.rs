//! Listening, and stopping without losing anything.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum_server::accept::DefaultAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use tracing_subscriber::EnvFilter;

use super::guests::{GUESTS_MAX, Guests};
use super::{ServeArgs, open};
use crate::core::Core;
use crate::hold::Hold;
use crate::http::{Settings, router};
use crate::keeping::{Keeper, Keeping};
use crate::photos::GRACE_DAYS;

/// Requests that are being answered when the server is told to stop get this long.
const GRACE: Duration = Duration::from_secs(10);

/// How often unused photos are looked for.
const CLEAN_PHOTOS_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How often a restore without its confirmation is told of.
const WARN_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long the head of a request may take: a few hundred bytes, also on a bad line. Who sends one byte a minute would
/// otherwise keep a connection for ever.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Listens until SIGTERM or Ctrl-C.
pub fn serve(data: &Path, args: ServeArgs) -> anyhow::Result<()> {
    log();
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    if !args.listen.ip().is_loopback() && tls.is_none() && !args.behind_proxy {
        bail!(
            "{} can be reached from outside, and without TLS passwords would travel in the clear: \
             give --tls-cert and --tls-key, or --behind-proxy when a proxy speaks TLS",
            args.listen
        );
    }
    if let Some(folder) = &args.screens
        && !folder.join("desk").join("index.html").exists()
    {
        bail!("{} holds no built screens: run scripts/build-screens", folder.display());
    }
    let _hold = Hold::take(data)?;
    let core = open(data)?;
    let keeper = match args.backup_minutes {
        0 => None,
        minutes => {
            let folder = args.backups.clone().unwrap_or_else(|| data.join("backups"));
            Some(Keeper::start(Arc::clone(&core), Keeping { folder, every: Duration::from_secs(minutes * 60) })?)
        }
    };
    let settings = Settings {
        screens: args.screens,
        https: tls.is_some() || args.behind_proxy,
        behind_proxy: args.behind_proxy,
        metrics_token: args.metrics_token,
    };
    let app = router(core.clone(), settings).into_make_service_with_connect_info::<SocketAddr>();
    let cleaning = core.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let served = runtime.block_on(async move {
        let handle: Handle<SocketAddr> = Handle::new();
        tokio::spawn(stop_when_told(handle.clone()));
        tokio::spawn(clean_photos_daily(cleaning.clone()));
        tokio::spawn(warn_while_unconfirmed(cleaning));
        tokio::spawn(say_when_listening(handle.clone(), tls.is_some()));
        match tls {
            Some((cert, key)) => {
                // Chosen once per process, before anything speaks TLS.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let config = RustlsConfig::from_pem_file(cert, key).await.context("reading the certificate and its key")?;
                let mut only_http1 = rustls::ServerConfig::clone(&config.get_inner());
                only_http1.alpn_protocols = vec![b"http/1.1".to_vec()];
                let config = RustlsConfig::from_config(Arc::new(only_http1));
                let acceptor = Guests::new(RustlsAcceptor::new(config), GUESTS_MAX);
                let mut server = careful(axum_server::bind(args.listen).acceptor(acceptor).handle(handle));
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
                server.serve(app).await.context("listening")
            }
            None => {
                let acceptor = Guests::new(DefaultAcceptor::new(), GUESTS_MAX);
                let mut server = careful(axum_server::bind(args.listen).acceptor(acceptor).handle(handle));
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
                server.serve(app).await.context("listening")
            }
        }
    });
    drop(keeper);
    // Whatever was queued is written before the process ends.
    core.stop();
    tracing::info!("stopped");
    served
}

/// HTTP/1.1 and nothing else, and nobody keeps a connection open without asking something: its clocks cover every way of
/// saying nothing, while a connection that might become HTTP/2 has none.
fn careful<A>(server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    server.http1_only().first_request_timeout(HEAD_TIMEOUT)
}

/// JSON lines with request ids; a person at a terminal gets plain ones.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, in a test, changes nothing.
    let _ = if std::io::stderr().is_terminal() { lines.try_init() } else { lines.json().try_init() };
}

/// Bytes of photos that nobody names any more go by themselves.
async fn clean_photos_daily(core: Arc<Core>) {
    loop {
        tokio::time::sleep(CLEAN_PHOTOS_EVERY).await;
        let core = core.clone();
        match tokio::task::spawn_blocking(move || core.clean_photos(GRACE_DAYS)).await {
            Ok(Ok(cleaned)) => {
                tracing::info!(cleaned.removed, cleaned.orphans, cleaned.lost, cleaned.unfinished, "photos cleaned")
            }
            Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "photos could not be cleaned"),
            Err(_) => tracing::error!("cleaning photos ended with a panic"),
        }
    }
}

/// A county whose devices are told nothing should not find out by a telephone call.
async fn warn_while_unconfirmed(core: Arc<Core>) {
    loop {
        let looking = core.clone();
        match tokio::task::spawn_blocking(move || looking.is_unconfirmed()).await {
            Ok(Ok(true)) => tracing::warn!("this server was restored and nobody has confirmed it: devices are told nothing"),
            Ok(Ok(false)) => return,
            Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "the restore could not be looked at"),
            Err(_) => return,
        }
        tokio::time::sleep(WARN_EVERY).await;
    }
}

async fn say_when_listening(handle: Handle<SocketAddr>, tls: bool) {
    if let Some(at) = handle.listening().await {
        let scheme = if tls { "https" } else { "http" };
        tracing::info!(%at, "listening");
        // For the script that started us, also when it asked for any free port.
        #[allow(clippy::print_stdout)]
        {
            println!("{scheme}://{at}");
        }
    }
}

async fn stop_when_told(handle: Handle<SocketAddr>) {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
    tracing::info!("stopping: no new requests, open ones are answered");
    handle.graceful_shutdown(Some(GRACE));
}
