//! `kill -9` of the server and of the phone, at every named place and at any moment between.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use store::points::PLACES;
use workspace_tests::county::{Start, program};

use crate::Draws;
use crate::stage::{Ended, Stage, quiet};

/// Saves and syncs between two kills at the most.
const STEPS: u64 = 40;
/// Kills between two looks at the laws.
const ROUND: u64 = 8;

/// Kills so many times, each place in turn.
///
/// # Errors
/// A law that does not hold, with the seed that shows it.
pub fn run(folder: &Path, count: u64, seed: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut stage = Stage::set(&folder.join("county"), &folder.join("kills"))?;
    let mut draws = Draws::new(seed);
    let mut killed: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut kills, mut turn) = (0, 0);
    let began = Instant::now();
    while kills < count {
        let place = PLACES[turn % PLACES.len()];
        turn += 1;
        let died = match place.split('.').take(2).collect::<Vec<_>>().as_slice() {
            ["server", "backup"] => kill_in_a_backup(&mut stage, place)?,
            ["server", "restore"] => kill_in_a_restore(&mut stage, place)?,
            ["server", _] => kill_server(&mut stage, place, &mut draws)?,
            _ => kill_writer(&mut stage, place, &mut draws)?,
        };
        if died {
            kills += 1;
            *killed.entry(place).or_default() += 1;
            if kills % ROUND == 0 {
                stage.settle().with_context(|| format!("after a kill at {place}: scripts/faults kills {count} {seed}"))?;
            }
        }
        ensure!(turn as u64 <= count * 20 + 100, "the places are not come to: {killed:?}");
    }
    stage.settle().with_context(|| format!("at the end: scripts/faults kills {count} {seed}"))?;
    println!("{kills} kills in {:.0} s, {} confirmed saves, none lost", began.elapsed().as_secs_f64(), stage.ledger.saved);
    for place in PLACES {
        let times = killed.get(place).copied().unwrap_or(0);
        println!("  {place:<32} {times}");
        ensure!(times > 0 || count < PLACES.len() as u64, "nobody was killed at {place}");
    }
    Ok(())
}

fn armed(place: &str, nth: u64) -> Vec<(String, String)> {
    vec![("DOORSTEP_KILL_AT".to_owned(), format!("{place}:{nth}"))]
}

fn kill_server(stage: &mut Stage, place: &str, draws: &mut Draws) -> Result<bool> {
    stage.kill_server();
    stage.doomed_server(Start { environment: armed(place, 1 + draws.below(6)), ..quiet() });
    stage.writer(&[], &[])?;
    stage.write(&format!("work {} {}", STEPS, draws.below(1_000_000)))?;
    // One that did not come to the place is ended all the same, at whatever moment this is; it does not count.
    let died = !stage.server_lives();
    stage.kill_server();
    stage.server(quiet())?;
    Ok(died)
}

fn kill_writer(stage: &mut Stage, place: &str, draws: &mut Draws) -> Result<bool> {
    stage.server(quiet())?;
    stage.kill_writer();
    // Signing in writes, too: the first writes are the start's own.
    stage.writer(&armed(place, 1 + draws.below(8)), &[])?;
    Ok(stage.write(&format!("work {} {}", STEPS, draws.below(1_000_000)))? == Ended::Died)
}

/// What is called a backup is a whole one, whatever died while it was made.
fn kill_in_a_backup(stage: &mut Stage, place: &str) -> Result<bool> {
    stage.kill_server();
    let backups = stage.folder.join("server/backups");
    let _ = std::fs::remove_dir_all(&backups);
    let environment = armed(place, 1);
    stage.doomed_server(Start { environment, arguments: vec!["--backup-minutes".into(), "60".into()], ..Start::default() });
    let began = Instant::now();
    while stage.server_lives() && began.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let died = !stage.server_lives();
    stage.kill_server();
    let named =
        std::fs::read_dir(&backups)?.flatten().filter(|entry| entry.path().extension().is_some_and(|ending| ending == "db"));
    ensure!(named.count() == 0, "nothing is called a backup that was not finished");
    stage.server(quiet())?;
    Ok(died)
}

/// A restore that dies leaves the server's own file where it was, or aside; another one goes through.
fn kill_in_a_restore(stage: &mut Stage, place: &str) -> Result<bool> {
    stage.settle()?;
    stage.kill_server();
    let data = stage.folder.join("server");
    let copy = stage.folder.join("restored-from.db");
    let _ = std::fs::remove_file(&copy);
    sync_server::backup::backup(&data, &copy)?;
    let restore = |environment: Vec<(String, String)>| {
        Command::new(program("sync-server")?)
            .arg("--data")
            .arg(&data)
            .args(["restore", "--replace"])
            .arg(&copy)
            .envs(environment)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("restoring")
    };
    let died = !restore(armed(place, 1))?.success();
    ensure!(restore(Vec::new())?.success(), "a second try goes through");
    // Until an administrator has confirmed the grants, a restored server tells nobody anything.
    let mut confirming = Command::new(program("sync-server")?);
    let confirmed = confirming.arg("--data").arg(&data).arg("confirm-restore").stdout(Stdio::null()).status();
    ensure!(confirmed.context("confirming")?.success(), "the restore is confirmed");
    stage.server(quiet())?;
    Ok(died)
}
