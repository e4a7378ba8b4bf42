//! Measures sync over real HTTP: beside its peers, in a crowd, over a slow line, and as the county grows.
//!
//! `scripts/bench --peers` builds and runs it. Rounds are interleaved; figures are medians, and the ratios are what counts: two
//! runs on one machine differ more than the programs do.

#![expect(clippy::print_stdout, reason = "a program whose output is its point")]

mod alone;
mod crowd;
mod growth;
mod line;
mod measured;
mod side;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use workspace_tests::county;

use measured::{Cost, Table, median};
use side::{EDITS, OPERATIONS, Ours, Program, Side};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise: usize| arguments.get(at).map_or(Ok(otherwise), |text| text.parse()).context("a number");
    let folder: PathBuf = std::path::absolute("target/peers")?;
    match arguments.first().map(String::as_str) {
        Some("beside") => beside(&folder, number(1, 30_000)?, number(2, 5)?),
        Some("alone") => alone::measure(&folder, number(1, 3_000)?, number(2, 5)?),
        Some("crowd") => crowd::measure(&folder, number(1, 60)?, number(2, 20)?),
        Some("line") => line::measure(&folder, number(1, 30_000)?),
        Some("growth") => growth::measure(&folder, &[number(1, 3_000)?, number(2, 30_000)?, number(3, 300_000)?]),
        _ => bail!(
            "one of: beside RESIDENTS ROUNDS, alone RESIDENTS ROUNDS, crowd DEVICES ROUNDS, line RESIDENTS, growth SMALL MIDDLE LARGE"
        ),
    }
}

/// Prints a table and keeps it beside the others.
fn show(folder: &Path, name: &str, table: &Table) -> Result<()> {
    println!("\n{}", table.text());
    let path = folder.join(format!("{name}.md"));
    std::fs::write(&path, table.text())?;
    println!("written to {}", path.display());
    Ok(())
}

fn beside(folder: &Path, residents: usize, rounds: usize) -> Result<()> {
    println!("preparing {residents} residents");
    let prepared = county::prepare(&folder.join(format!("prepared-{residents}")), residents, 1)?;
    let sides = ["Doorstep", "PouchDB", "PouchDB, batch 1000", "Anki"];
    let mut costs: BTreeMap<(usize, &str), Vec<Cost>> = BTreeMap::new();
    for round in 0..rounds {
        // Another one begins each round: whoever comes first has the cooler machine.
        for turn in 0..sides.len() {
            let which = (round + turn) % sides.len();
            let place = folder.join("round");
            let mut side: Box<dyn Side> = match which {
                0 => Box::new(Ours::start(&prepared, &place)?),
                1 => Box::new(Program::pouch(folder, &prepared, &place, None)?),
                2 => Box::new(Program::pouch(folder, &prepared, &place, Some(1000))?),
                _ => Box::new(Program::anki(folder, &prepared, &place)?),
            };
            for operation in OPERATIONS {
                side.prepare(operation)?;
                let cost = side.run(operation).with_context(|| format!("{}: {operation}", sides[which]))?;
                println!(
                    "round {}, {}: {operation} {:.3} s, {} B up, {} B down",
                    round + 1,
                    sides[which],
                    cost.seconds,
                    cost.up,
                    cost.down
                );
                costs.entry((which, operation)).or_default().push(cost);
            }
        }
    }
    let mut table = Table::new(&["what", sides[0], sides[1], sides[2], sides[3], "×PouchDB", "×PouchDB 1000", "×Anki"]);
    for operation in OPERATIONS {
        let middle = |which: usize, of: fn(&Cost) -> f64| {
            median(&costs.get(&(which, operation)).into_iter().flatten().map(of).collect::<Vec<_>>())
        };
        let seconds: Vec<f64> = (0..sides.len()).map(|which| middle(which, |cost| cost.seconds)).collect();
        let each = match operation {
            "push" | "first_sync" => residents,
            "push_edits" | "pull_edits" => EDITS,
            _ => 1,
        } as f64;
        let mut row = vec![operation.replace('_', " ")];
        for (which, seconds) in seconds.iter().enumerate() {
            let (up, down) = (middle(which, |cost| cost.up as f64) / each, middle(which, |cost| cost.down as f64) / each);
            let connections = middle(which, |cost| cost.connections as f64);
            row.push(format!("{seconds:.3} s, {up:.0} B up, {down:.0} B down, {connections:.0} conn."));
        }
        row.extend((1..sides.len()).map(|which| format!("{:.1}", seconds[which] / seconds[0])));
        table.row(&row);
    }
    show(folder, "beside", &table)
}
