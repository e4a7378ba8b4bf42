//! This project by itself, with what each side used of the processors: to see where time goes, and to compare two builds on a machine
//! with other work.

use std::path::Path;

use anyhow::Result;
use workspace_tests::county::{self, cpu_ms_of};

use crate::measured::{Table, median};
use crate::side::{OPERATIONS, Ours, Side};

/// Rounds of every operation.
///
/// # Errors
/// When one does not work.
pub fn measure(folder: &Path, residents: usize, rounds: usize) -> Result<()> {
    let prepared = county::prepare(&folder.join(format!("prepared-{residents}")), residents, 1)?;
    let mut figures = vec![[const { Vec::new() }; 3]; OPERATIONS.len()];
    for _ in 0..rounds {
        let mut ours = Ours::start(&prepared, &folder.join("round"))?;
        for (operation, figures) in OPERATIONS.iter().zip(&mut figures) {
            ours.prepare(operation)?;
            let (phone, server) = (cpu_ms_of(std::process::id())?, cpu_ms_of(ours.server.process())?);
            let cost = ours.run(operation)?;
            figures[0].push(cost.seconds * 1_000.0);
            figures[1].push(cpu_ms_of(std::process::id())? - phone);
            figures[2].push(cpu_ms_of(ours.server.process())? - server);
        }
    }
    let mut table = Table::new(&["what", "wall", "processor time, phone", "processor time, server"]);
    for (operation, figures) in OPERATIONS.iter().zip(&figures) {
        let mut row = vec![operation.replace('_', " ")];
        row.extend(figures.iter().map(|of| format!("{:.0} ms", median(of))));
        table.row(&row);
    }
    crate::show(folder, "alone", &table)
}
