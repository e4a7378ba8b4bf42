//! The real programs under the worst there is: killed at every named place, on a line that breaks, on a disk that fails or is full.
//! Afterwards nothing that was confirmed is missing, and both sides hold the same. `scripts/faults` builds and runs it.

#![expect(clippy::print_stdout, reason = "a program whose output is its point")]

mod disk;
mod kills;
mod ledger;
mod line;
mod stage;
mod worker;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let folder = PathBuf::from("target/faults");
    match words.as_slice() {
        ["worker", folder, server] => worker::run(Path::new(folder), server.parse().context("an address")?),
        ["kills", count, seed] => kills::run(&folder, count.parse()?, seed.parse()?),
        ["line", rounds, seed] => line::run(&folder, rounds.parse()?, seed.parse()?),
        ["disk", rounds, seed] => disk::run(&folder, rounds.parse()?, seed.parse()?),
        _ => bail!("one of: kills COUNT SEED, line ROUNDS SEED, disk ROUNDS SEED"),
    }
}

/// Numbers that follow from a seed: a run can be repeated.
pub struct Draws(u64);

impl Draws {
    /// From this seed.
    pub fn new(seed: u64) -> Draws {
        Draws(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
