//! Somebody who works on a phone until it dies: saves, tells of each save before and after, and syncs now and then.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use domain::RecordId;
use store::device::Tuning;
use ui_protocol::people::{ChangeResident, Person};
use workspace_tests::county::{Phone, people};

/// People who are written about.
pub const PEOPLE: usize = 24;

/// Works in `folder` as each line of standard input says, until there are no more:
///
/// `work STEPS SEED` saves and syncs; `settle` syncs until nothing waits, and tells what every person's phone number is.
/// Answers: `saving PERSON NUMBER`, `saved PERSON NUMBER`, `refused …`, `synced`, `not synced`, `is PERSON NUMBER`, `done`.
///
/// # Errors
/// When the file does not open: then nothing was lost yet, and whoever started this looks.
pub fn run(folder: &Path, server: SocketAddr) -> Result<()> {
    let phone = Phone::open(folder, server, Tuning::default())?;
    phone.sign_in()?;
    let people = match people(&phone, PEOPLE) {
        Ok(people) => people,
        // A phone that was never filled begins with that.
        Err(_) => {
            phone.sync()?;
            people(&phone, PEOPLE)?
        }
    };
    say("ready")?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["work", steps, seed] => work(&phone, &people, steps.parse()?, seed.parse()?)?,
            ["settle"] => settle(&phone, &people)?,
            _ => anyhow::bail!("nobody knows {line}"),
        }
        say("done")?;
    }
    Ok(())
}

fn work(phone: &Phone, people: &[RecordId], steps: u64, seed: u64) -> Result<()> {
    let mut state = seed | 1;
    for step in 0..steps {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = state >> 33;
        if draw.is_multiple_of(3) {
            say(if phone.sync().is_ok() { "synced" } else { "not synced" })?;
            continue;
        }
        let person = people[draw as usize / 3 % people.len()];
        let number = format!("13{:09}", (seed % 1_000_000) * 1_000 + step);
        say(&format!("saving {person} {number}"))?;
        let saved = phone.ask(Person { id: person }).and_then(|shown| {
            let mut form = shown.form;
            form.phone.clone_from(&number);
            phone.ask(ChangeResident { person, form, draft: None })
        });
        match saved {
            Ok(_) => say(&format!("saved {person} {number}"))?,
            // A full or failing disk: the person was told, and nothing was written.
            Err(_) => say(&format!("refused {person} {number}"))?,
        }
    }
    Ok(())
}

fn settle(phone: &Phone, people: &[RecordId]) -> Result<()> {
    phone.sync().context("the network is whole now")?;
    phone.expect_same()?;
    for person in people {
        let shown = phone.ask(Person { id: *person })?;
        anyhow::ensure!(!shown.waiting, "everything was answered");
        say(&format!("is {person} {}", shown.form.phone))?;
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
