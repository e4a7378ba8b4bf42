//! Whether the file is as it should be, at the console.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use store::server::ServerReader;

use super::console::say_line;
use super::open;
use crate::core::FILE_NAME;
use crate::verify::{self, Report};

pub fn verify(data: &Path, repair: bool, json: bool) -> anyhow::Result<()> {
    let file = data.join(FILE_NAME);
    if !file.exists() {
        bail!("there is no server in {}", data.display());
    }
    let mut report = look(&file, json)?;
    if repair && !report.is_good() {
        let core = open(data)?;
        let mended = core.mend()?;
        core.stop();
        say_line(format_args!("{mended} rows were written anew"))?;
        report = look(&file, json)?;
    }
    if !report.is_good() {
        bail!("something is wrong with {}", file.display());
    }
    Ok(())
}

/// On one snapshot of a file that may be in use.
fn look(file: &Path, json: bool) -> anyhow::Result<Report> {
    let started = Instant::now();
    let reader = ServerReader::open(file).with_context(|| format!("opening {}", file.display()))?;
    let report = reader
        .look(|view| verify::look(view, |_, _| ()))
        .context("looking through the file; was it made by this version of the server?")?;
    if json {
        say_line(format_args!("{}", serde_json::to_string(&report)?))?;
    } else {
        for line in report.sentences(started.elapsed()) {
            say_line(format_args!("{line}"))?;
        }
    }
    Ok(report)
}
