//! A line between a client and a server on this machine: counts what passes, and can be as slow as a village's.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes in one packet of the model, as on Ethernet.
const PACKET: usize = 1460;

/// How a line is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link {
    /// Bits a second each way; none: as fast as the machine.
    pub bits_per_second: Option<u64>,
    /// There and back.
    pub round_trip: Duration,
    /// Packets lost of a thousand; each costs its retransmission, and what follows waits for it.
    pub lost_per_mille: u32,
}

/// What passed since the last look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// Bytes from the client.
    pub up: u64,
    /// Bytes from the server.
    pub down: u64,
    /// Connections.
    pub connections: u64,
}

#[derive(Default)]
struct Counts {
    up: AtomicU64,
    down: AtomicU64,
    connections: AtomicU64,
    cut: AtomicBool,
}

/// A line that listens until the program ends.
pub struct Proxy {
    /// Where to connect.
    pub address: SocketAddr,
    counts: Arc<Counts>,
}

impl Proxy {
    /// Listens, and passes everything on to `server`.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(server: SocketAddr, link: Link) -> std::io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(server) else { continue };
                shared.connections.fetch_add(1, Ordering::Relaxed);
                // Both ends at once: Nagle's wait would be the proxy's, not the line's.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
                let (up, down) = (Arc::clone(&shared), Arc::clone(&shared));
                std::thread::spawn(move || pass(client, server_too, link, &up, |counts| &counts.up));
                std::thread::spawn(move || pass(server, client_too, link, &down, |counts| &counts.down));
            }
        });
        Ok(Proxy { address, counts })
    }

    /// What passed since the last look.
    pub fn passed(&self) -> Passed {
        Passed {
            up: self.counts.up.swap(0, Ordering::Relaxed),
            down: self.counts.down.swap(0, Ordering::Relaxed),
            connections: self.counts.connections.swap(0, Ordering::Relaxed),
        }
    }

    /// Every connection breaks now.
    pub fn cut(&self) {
        self.counts.cut.store(true, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(50));
        self.counts.cut.store(false, Ordering::Relaxed);
    }
}

/// Passes bytes on, one way. A slow line is modelled by when each packet has arrived: the first after half a round trip, the
/// next when the one before has gone through.
fn pass(mut from: TcpStream, mut to: TcpStream, link: Link, counts: &Counts, which: impl Fn(&Counts) -> &AtomicU64) {
    let _ = from.set_read_timeout(Some(Duration::from_millis(20)));
    let mut buffer = vec![0; if link.bits_per_second.is_some() { PACKET } else { 64 * 1024 }];
    let (sender, packets) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    let slow = link.bits_per_second.is_some() || !link.round_trip.is_zero();
    let arriving = slow.then(|| {
        let Ok(mut to) = to.try_clone() else { return None };
        Some(std::thread::spawn(move || {
            for (at, packet) in packets {
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                if to.write_all(&packet).is_err() {
                    break;
                }
            }
        }))
    });
    let (mut free, mut seed) = (Instant::now(), 0x9e37_79b9_7f4a_7c15_u64);
    loop {
        if counts.cut.load(Ordering::Relaxed) {
            break;
        }
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                which(counts).fetch_add(read as u64, Ordering::Relaxed);
                if !slow {
                    if to.write_all(&buffer[..read]).is_err() {
                        break;
                    }
                    continue;
                }
                let bits = link.bits_per_second.unwrap_or(u64::MAX);
                free = free.max(Instant::now()) + Duration::from_secs_f64(read as f64 * 8.0 / bits as f64);
                // The same losses in every run: a line is compared with itself.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if (seed >> 33) % 1000 < u64::from(link.lost_per_mille) {
                    free += link.round_trip;
                }
                if sender.send((free + link.round_trip / 2, buffer[..read].to_vec())).is_err() {
                    break;
                }
                // A sender that is far ahead of the line waits, as TCP's window makes it.
                let ahead = free.saturating_duration_since(Instant::now());
                std::thread::sleep(ahead.saturating_sub(link.round_trip));
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    drop(sender);
    if let Some(arriving) = arriving.flatten() {
        let _ = arriving.join();
    }
    let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
}
