//! The county under everything that can go wrong, repeatable by its seed. `docs/simulation.md` tells how to run it and what it
//! checks.

mod around;
mod book;
mod chance;
mod county;
mod hands;
mod law;
mod laws;
mod memory;
mod old;
mod phone;
mod plan;
mod quiet;
mod reach;
mod run;
mod sim;
mod tomorrow;
mod trouble;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    match run::Ask::read(std::env::args().skip(1)) {
        Ok(ask) => run::all(&ask),
        Err(what) => {
            say(&format!("{what}\n{}", run::USAGE));
            ExitCode::from(2)
        }
    }
}

/// A line for whoever started it.
#[expect(clippy::print_stdout, reason = "this program is a tool: it tells on the terminal")]
fn say(line: &str) {
    println!("{line}");
}
