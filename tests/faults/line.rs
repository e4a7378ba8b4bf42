//! A line that is slow and breaks: everything arrives, once.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use workspace_tests::proxy::{Link, Proxy};

use crate::Draws;
use crate::stage::{Stage, quiet};

/// Rounds of work while the line breaks every few moments.
///
/// # Errors
/// A law that does not hold, with the seed that shows it.
pub fn run(folder: &Path, rounds: u64, seed: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut stage = Stage::set(&folder.join("county"), &folder.join("line"))?;
    stage.server(quiet())?;
    let mut draws = Draws::new(seed);
    let (mut cuts, began) = (0, Instant::now());
    for round in 0..rounds {
        let link = Link {
            bits_per_second: Some(200_000 + draws.below(2_000_000)),
            round_trip: Duration::from_millis(draws.below(60)),
            lost_per_mille: draws.below(40) as u32,
        };
        let proxy = Proxy::start(stage.address, link)?;
        stage.kill_writer();
        stage.writer_goes_to = proxy.address;
        stage.writer(&[], &[])?;
        let done = AtomicBool::new(false);
        let pauses: Vec<u64> = (0..1_000).map(|_| 20 + draws.below(200)).collect();
        let work = format!("work 60 {}", draws.below(1_000_000));
        let (ended, cut) = std::thread::scope(|scope| {
            let cutting = scope.spawn(|| {
                let mut cut = 0;
                for pause in pauses.iter().cycle() {
                    if done.load(Ordering::Acquire) {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(*pause));
                    proxy.cut();
                    cut += 1;
                }
                cut
            });
            let ended = stage.write(&work);
            done.store(true, Ordering::Release);
            (ended, cutting.join().unwrap_or(0))
        });
        ended?;
        cuts += cut;
        stage.settle().with_context(|| format!("round {round}: scripts/faults line {rounds} {seed}"))?;
    }
    println!(
        "{cuts} cuts in {rounds} rounds, {:.0} s, {} confirmed saves, none lost",
        began.elapsed().as_secs_f64(),
        stage.ledger.saved
    );
    Ok(())
}
