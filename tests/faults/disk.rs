//! A disk that fails, takes nothing more, or is full: what was confirmed is there, and when the disk is well again everybody goes on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use workspace_tests::county::{Start, copy};

use crate::Draws;
use crate::stage::{Stage, quiet};

/// What `strace` makes the system say. A write of no bytes is what SQLite takes for a full disk.
const INJECTED: [(&str, &str); 5] = [
    ("an fsync that fails", "fsync,fdatasync:error=EIO"),
    ("a write that fails", "pwrite64:error=EIO"),
    ("no room", "pwrite64:error=ENOSPC"),
    ("a write of nothing", "pwrite64:retval=0"),
    ("a file that does not grow", "ftruncate,fallocate:error=ENOSPC"),
];

/// Rounds: each fault on each side, at another moment every time; then disks that are really too small.
///
/// # Errors
/// A law that does not hold, with the seed that shows it.
pub fn run(folder: &Path, rounds: u64, seed: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut stage = Stage::set(&folder.join("county"), &folder.join("disk"))?;
    let mut draws = Draws::new(seed);
    let (mut faults, began) = (0, Instant::now());
    for round in 0..rounds {
        for (name, what) in INJECTED {
            for side in ["server", "writer"] {
                let inject = format!("inject={what}:when={}+{}", 1 + draws.below(30), 2 + draws.below(9));
                let under: Vec<String> =
                    ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject].iter().map(|word| (*word).to_owned()).collect();
                stage.kill_server();
                stage.kill_writer();
                let (to_server, to_writer) = if side == "server" { (under, Vec::new()) } else { (Vec::new(), under) };
                stage.doomed_server(Start { under: to_server, ..quiet() });
                stage.writer(&[], &to_writer)?;
                stage.write(&format!("work 30 {}", draws.below(1_000_000)))?;
                stage.kill_server();
                stage
                    .settle()
                    .with_context(|| format!("{name} under the {side}, round {round}: scripts/faults disk {rounds} {seed}"))?;
                faults += 1;
            }
        }
    }
    println!(
        "{faults} failing disks in {:.0} s, {} confirmed saves, none lost",
        began.elapsed().as_secs_f64(),
        stage.ledger.saved
    );
    small_disks(&mut stage, &mut draws, folder).with_context(|| format!("scripts/faults disk {rounds} {seed}"))
}

/// A file system of a few megabytes, which fills up while people work, and grows again.
fn small_disks(stage: &mut Stage, draws: &mut Draws, folder: &Path) -> Result<()> {
    for side in ["server", "writer"] {
        stage.kill_server();
        stage.kill_writer();
        let place = stage.folder.join(side);
        let kept = folder.join("kept");
        let _ = std::fs::remove_dir_all(&kept);
        copy(&place, &kept)?;
        let bytes = size_of(&place)?;
        // Room for a little more than there is: the log alone fills it.
        if !mount(&place, &format!("size={}k", bytes / 1024 + 400))? {
            println!("this machine does not let us mount a small disk (it needs root): left out under the {side}");
            continue;
        }
        let disk = Mounted(place.clone());
        copy(&kept, &place)?;
        stage.doomed_server(quiet());
        let mut refused = false;
        for _ in 0..12 {
            stage.writer(&[], &[])?;
            let before = stage.ledger.saved;
            stage.write(&format!("work 60 {}", draws.below(1_000_000)))?;
            refused |= stage.ledger.saved - before < 20;
            stage.kill_writer();
            stage.kill_server();
            stage.doomed_server(quiet());
        }
        ensure!(mount(&place, "remount,size=200m")?, "the disk grows again");
        stage.kill_server();
        stage.settle().with_context(|| format!("a full disk under the {side}"))?;
        println!("a full disk under the {side}: {}", if refused { "saves were refused, and none lost" } else { "none lost" });
        stage.kill_server();
        stage.kill_writer();
        let _ = std::fs::remove_dir_all(&kept);
        copy(&place, &kept)?;
        drop(disk);
        copy(&kept, &place)?;
    }
    Ok(())
}

/// Unmounts when the round ends, however it ends.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(place: &Path, options: &str) -> Result<bool> {
    let mut command = Command::new("mount");
    command.args(["-o", options]);
    if !options.starts_with("remount") {
        command.args(["-t", "tmpfs", "none"]);
    }
    Ok(command.arg(place).stdout(Stdio::null()).stderr(Stdio::null()).status().context("mounting")?.success())
}

fn size_of(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
