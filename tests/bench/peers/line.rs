//! A first sync over a village's line, beside a plain download of the same bytes over the same line.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::measured::Table;
use crate::show;
use workspace_tests::county::{Phone, Server, copy, prepare};
use workspace_tests::proxy::{Link, Proxy};

/// Times the line breaks during the last run.
const CUTS: u32 = 5;

/// Residents.
///
/// # Errors
/// Where files or programs fail.
pub fn measure(folder: &Path, residents: usize) -> Result<()> {
    let prepared = prepare(&folder.join(format!("prepared-{residents}")), residents, 1)?;
    let place = folder.join("round");
    let line = Link { bits_per_second: Some(1_000_000), round_trip: Duration::from_millis(200), lost_per_mille: 0 };
    let lossy = Link { lost_per_mille: 20, ..line };
    let mut table = Table::new(&["1 Mbit/s, 200 ms", "first sync", "plain download of the same bytes", "ratio"]);
    for (name, link, cuts) in [("no loss", line, 0), ("2 % loss", lossy, 0), ("cut five times", line, CUTS)] {
        let _ = std::fs::remove_dir_all(&place);
        for each in ["server", "writer", "reader-0"] {
            copy(&prepared.folder.join(each), &place.join(each))?;
        }
        let server = Server::start(&place.join("server"))?;
        let writer = Phone::open(&place.join("writer"), server.address, Default::default())?;
        writer.sync()?;
        let proxy = Proxy::start(server.address, link)?;
        let reader = Phone::open(&place.join("reader-0"), proxy.address, Default::default())?;
        reader.sign_in()?;
        let began = Instant::now();
        std::thread::scope(|scope| -> Result<()> {
            let every = Duration::from_secs_f64(residents as f64 * 147.0 * 8.0 / 1e6 / f64::from(CUTS + 1));
            let proxy = &proxy;
            let cutting = scope.spawn(move || {
                for _ in 0..cuts {
                    std::thread::sleep(every);
                    proxy.cut();
                }
            });
            let mut failed = 0;
            while let Err(error) = reader.sync() {
                failed += 1;
                anyhow::ensure!(failed <= cuts, "a line that is whole carries a sync: {error}");
            }
            let _ = cutting.join();
            Ok(())
        })?;
        let seconds = began.elapsed().as_secs_f64();
        reader.expect_same()?;
        let bytes = proxy.passed().down;
        let plain = download(bytes, link)?;
        table.row(&[
            name.to_owned(),
            format!("{seconds:.1} s, {:.0} B a resident", bytes as f64 / residents as f64),
            format!("{plain:.1} s"),
            format!("{:.2}", seconds / plain),
        ]);
    }
    show(folder, "line", &table)
}

/// So many bytes, asked for once and sent at once.
fn download(bytes: u64, link: Link) -> Result<f64> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address: SocketAddr = listener.local_addr()?;
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut client, _) = listener.accept()?;
        client.read_exact(&mut [0; 1])?;
        let chunk = vec![7; 64 * 1024];
        let mut left = bytes;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
            client.write_all(&chunk[..now])?;
            left -= now as u64;
        }
        Ok(())
    });
    let proxy = Proxy::start(address, link)?;
    let began = Instant::now();
    let mut stream = TcpStream::connect(proxy.address)?;
    stream.write_all(&[1])?;
    let mut taken = vec![0; 64 * 1024];
    let mut read = 0;
    while read < bytes {
        let now = stream.read(&mut taken)?;
        anyhow::ensure!(now > 0, "the download ended early");
        read += now as u64;
    }
    Ok(began.elapsed().as_secs_f64())
}
