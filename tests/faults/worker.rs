//! Somebody who works on a phone until it dies: saves, tells of each save before and after, and syncs now and then.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use domain::RecordId;
use store::device::Tuning;
use ui_protocol::people::{ChangeResident, ListPeople, Person, SaveResident, Standing};
use ui_protocol::proof::DeepCheck;
use ui_protocol::session::Status;
use workspace_tests::county::{Phone, people, resident};

/// Of those who are registered while it works; nobody of the county is called so, and they stand behind everybody in the lists.
const SURNAME: char = '左';
const HAN: [char; 10] = ['龄', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// People who are written about.
pub const PEOPLE: usize = 24;

/// Works in `folder` as each line of standard input says, until there are no more:
///
/// `work STEPS SEED` saves and syncs; `settle` syncs until nothing waits, and tells what every person's phone number is.
/// Answers: `saving PERSON NUMBER`, `saved PERSON NUMBER`, `refused …`; the same of somebody new, a save of five changes, with `registering NAME`,
/// `registered NAME`, `not-registered NAME`; `synced`, `not synced`; `is PERSON NUMBER`, `here NAME`, `wrong WHAT`; `done`.
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
        if draw.is_multiple_of(5) {
            register(phone, people[0], seed, step)?;
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

/// A person, a registration, a stay, a visit and what it found: all of it, or nothing.
fn register(phone: &Phone, neighbour: RecordId, seed: u64, step: u64) -> Result<()> {
    let tag = (seed % 1_000_000) * 1_000 + step;
    let name: String = std::iter::once(SURNAME)
        .chain(tag.to_string().chars().map(|digit| HAN[digit.to_digit(10).unwrap_or(0) as usize]))
        .collect();
    say(&format!("registering {name}"))?;
    let number =
        format!("360121{}{:02}{:02}{:03}", 1960 + tag % 45, 1 + tag / 45 % 12, 1 + tag / 540 % 28, 1 + tag / 15_120 % 999);
    let saved = phone.ask(Person { id: neighbour }).and_then(|shown| {
        let home = shown.residencies.first().and_then(|residency| residency.stays.first()).map(|stay| stay.unit);
        let today = phone.ask(Status {})?.today;
        let form = resident(&name, &number, "13905700001", home.context("a neighbour lives somewhere")?, &today)?;
        phone.ask(SaveResident { form, although_known: true, returning: None, draft: None })
    });
    say(&format!("{} {name}", if saved.is_ok() { "registered" } else { "not-registered" }))
}

fn settle(phone: &Phone, people: &[RecordId]) -> Result<()> {
    phone.sync().context("the network is whole now")?;
    phone.expect_same()?;
    for person in people {
        let shown = phone.ask(Person { id: *person })?;
        anyhow::ensure!(!shown.waiting, "everything was answered");
        say(&format!("is {person} {}", shown.form.phone))?;
    }
    let mut after = None;
    loop {
        let page = phone.ask(ListPeople { query: String::new(), after })?;
        for row in page.rows.iter().filter(|row| row.name.starts_with(SURNAME)) {
            say(&format!("here {}", row.name))?;
            // Half a save would be a person without a registration, or one who lives nowhere.
            if row.standing != Standing::Active || row.home.is_empty() {
                say(&format!("wrong half-a-save:{}", row.name))?;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    // Every hash, sum, overlay and list of this file, and then both sides.
    let checked = phone.ask(DeepCheck {})?.checked.context("a deep check that was asked for has an end")?;
    for (what, count) in &checked.wrong {
        say(&format!("wrong {what:?}:{count}"))?;
    }
    if checked.same != Some(true) {
        say("wrong both-sides")?;
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
