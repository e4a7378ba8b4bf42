//! A device asked at the console, without a browser: is everything as it should be, and why is something as it is.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use device::native::Machine;
use device::{Device, FileKeys, OpenError, Options, Safe, moment};
use ui_protocol::proof::{ProofReply, Wrong};
use ui_protocol::session::SignIn;
use ui_protocol::why::{Fate, PersonFact, SavesReply, WhyEdit, WhyPerson, WhyPersonReply, WhySend};
use ui_protocol::{Call, DeviceCommand, ErrorCode, UiError};

/// What can be asked.
pub enum Why {
    /// Why somebody is not to be seen.
    Person(String),
    /// What the next sync sends.
    Send,
    /// What became of a save, by its number; empty for the last ones.
    Edit(String),
}

/// Looks through a device's file; with `repair`, puts right what it can and compares with the server.
///
/// # Errors
/// When anything is wrong, or the device does not open.
pub fn verify(dir: &Path, repair: bool) -> Result<()> {
    let device = open(dir)?;
    let started = Instant::now();
    let found = device.verify().map_err(said)?;
    let took = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a speed for people")]
    let speed = found.records as f64 / took.max(0.001);
    say(&format!("looked through {} records in {took:.1} s ({speed:.0} a second)", found.records))?;
    print_wrong(&found.wrong)?;
    if !repair {
        device.close();
        if found.wrong.is_empty() { Ok(()) } else { bail!("something is wrong with {}", device.path().display()) }
    } else {
        let checked = device.verify_and_mend().map_err(said)?;
        let again = device.verify().map_err(said)?;
        print_wrong(&again.wrong)?;
        match checked.same {
            Some(true) => say("both sides hold the same")?,
            Some(false) => say("this device and the server do not hold the same")?,
            None => say("the server was not reached: not compared")?,
        }
        device.close();
        if again.wrong.is_empty() && checked.same != Some(false) { Ok(()) } else { bail!("something is still wrong") }
    }
}

fn print_wrong(wrong: &BTreeMap<Wrong, u64>) -> Result<()> {
    for (wrong, count) in wrong {
        let what = match wrong {
            Wrong::File => "SQLite finds the file damaged",
            Wrong::Record => "records cannot be read",
            Wrong::Hash => "records are kept under a hash that is not their own",
            Wrong::Sum => "sums are not those of their records",
            Wrong::Outbox => "changes of the outbox are out of order",
            Wrong::Overlay => "records show something else than the server's word with the waiting changes on top",
            Wrong::References => "references are not those of their records",
            Wrong::Lists => "lines of lists have no record",
        };
        say(&format!("{count} × {what}"))?;
    }
    if wrong.is_empty() {
        say("nothing is wrong on this device")?;
    }
    Ok(())
}

/// Prints the table of both sides.
///
/// # Errors
/// When the device does not open.
pub fn proof(dir: &Path) -> Result<()> {
    let device = open(dir)?;
    let ProofReply { areas, repairs, .. } = device.proof_table().map_err(said)?;
    for line in areas {
        let same = match line.same {
            Some(true) => "the same",
            Some(false) => "DIFFERENT",
            None => "not compared yet",
        };
        say(&format!("{:<24} {:>8} here {:>8} there  {same}", line.name, line.here, line.there))?;
    }
    for line in repairs {
        let state = if line.mended { "put right" } else { "NOT put right" };
        say(&format!(
            "{} on {}: {} records, {} sums, {state}",
            line.name,
            moment(line.at_unix_ms),
            line.records,
            line.miscounted
        ))?;
    }
    device.close();
    Ok(())
}

/// Answers why something is as it is.
///
/// # Errors
/// When the device does not open, or the password is wrong.
pub fn why(dir: &Path, what: Why) -> Result<()> {
    let device = open(dir)?;
    let password = match std::env::var("DOORSTEP_PASSWORD") {
        Ok(password) => password,
        Err(_) => {
            eprint!("password: ");
            std::io::stdin().lock().lines().next().context("a password on standard input")??
        }
    };
    ask(&device, SignIn { password })?;
    match what {
        Why::Person(query) => {
            if query.trim().is_empty() {
                bail!("name somebody: a name, a document number, a phone, or an id");
            }
            let WhyPersonReply { facts } = ask(&device, WhyPerson { query })?;
            for fact in &facts {
                say(&fact_said(fact))?;
            }
        }
        Why::Send => {
            let reply = ask(&device, WhySend {})?;
            say(&format!("{} changes, {} bytes before packing", reply.changes, reply.bytes))?;
            print_saves(&reply)?;
        }
        Why::Edit(no) => {
            let reply = ask(&device, WhyEdit { no })?;
            if reply.saves.is_empty() {
                say("no such save on this device: it keeps thirty days; the server keeps every one")?;
            }
            print_saves(&reply)?;
        }
    }
    device.close();
    Ok(())
}

fn fact_said(fact: &PersonFact) -> String {
    match fact {
        PersonFact::Here { id, name, waiting } => {
            format!("{name} is here ({id}){}", if *waiting { "; a change waits to be sent" } else { "" })
        }
        PersonFact::InTray { name, no, why } => format!("saving {name} was refused (save {no}): {why}"),
        PersonFact::TakenBack { name, at_unix_ms, device, .. } => {
            format!("{name} was taken back by device {device} on {}", moment(*at_unix_ms))
        }
        PersonFact::Left { area, toward, at_unix_ms } if toward.is_empty() => format!("left {area} on {}", moment(*at_unix_ms)),
        PersonFact::Left { area, toward, at_unix_ms } => {
            format!("handed over from {area} to {toward} on {}", moment(*at_unix_ms))
        }
        PersonFact::OthersLeft { count, last_unix_ms, toward } => format!(
            "{count} people left this device in thirty days, the last on {}, to {}; their names are not kept",
            moment(*last_unix_ms),
            if toward.is_empty() { "places not known here".to_owned() } else { toward.join(", ") }
        ),
        PersonFact::AreaTakenBack { area, at_unix_ms } => format!("{area} was taken back on {}", moment(*at_unix_ms)),
        PersonFact::Loading { area, here, there } => format!("{area} is still arriving: {here} of {there}"),
        PersonFact::Different { area } => format!("{area} differs from the server and is being put right"),
        PersonFact::Never => "nobody like that was ever on this device".to_owned(),
        PersonFact::AskCounty { .. } => {
            "who is registered in another village is not on this device: look the document number up in the whole county, in the app"
                .to_owned()
        }
    }
}

fn print_saves(reply: &SavesReply) -> Result<()> {
    for save in &reply.saves {
        say(&format!("{}  saved on {}, {} bytes", save.no, moment(save.at_unix_ms), save.bytes))?;
        for change in &save.changes {
            let fate = match &change.fate {
                Fate::Waiting => "waits".to_owned(),
                Fate::Ok => "on the server".to_owned(),
                Fate::Merged { settled, .. } => {
                    format!("met another value{}", if *settled { ", settled" } else { ": compare it in the app" })
                }
                Fate::Refused { why } => format!("refused: {why}"),
                Fate::SentAgain => "refused, sent again".to_owned(),
                Fate::GivenUp => "refused, given up".to_owned(),
                Fate::Held => "held at the station".to_owned(),
            };
            say(&format!("    {} {}: {fate}", change.kind, change.title))?;
            for (group, fields) in &change.groups {
                let values: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                say(&format!("        {group}: {}", values.join(" ")))?;
            }
        }
    }
    Ok(())
}

fn open(dir: &Path) -> Result<Arc<Device>> {
    if !dir.join(device::FILE).exists() {
        bail!("there is no device in {}", dir.display());
    }
    let keys = FileKeys::new(dir.join("keys"));
    let machine = Machine::new(Box::new(keys), format!("{} console", std::env::consts::OS));
    let safe = Safe::open(Options::new(dir.to_owned(), Arc::new(machine))).map_err(|error| match error {
        OpenError::Newer => anyhow::anyhow!(sentence(ErrorCode::FileNewer)),
        OpenError::SetAside(aside) => anyhow::anyhow!(
            "the file is damaged: it was set aside as {}, nothing was deleted; open the app to begin a new one",
            aside.display()
        ),
        error => anyhow::Error::new(error).context(format!("opening {}", dir.display())),
    })?;
    safe.device().context("this device is locked by a PIN: only the app opens it")
}

fn ask<C: Call<Command = DeviceCommand>>(device: &Device, call: C) -> Result<C::Reply> {
    let handled = device.handle(call.command()).map_err(said)?;
    serde_json::from_value(handled.reply).context("reading the device's answer")
}

fn said(error: UiError) -> anyhow::Error {
    anyhow::anyhow!(sentence(error.code))
}

/// What the person at the terminal reads.
#[must_use]
pub fn sentence(code: ErrorCode) -> String {
    match code {
        ErrorCode::FileNewer => {
            "This folder was used by a newer version. Please update; nothing was opened or changed.".to_owned()
        }
        ErrorCode::WrongCode => "The code is wrong, used or too old; nothing was changed.".to_owned(),
        ErrorCode::WrongPassword => "The password is wrong; nothing was changed.".to_owned(),
        ErrorCode::TooManyTries => "Too many wrong passwords: wait a while, and try again.".to_owned(),
        ErrorCode::Unreachable => "The server does not answer; nothing was changed.".to_owned(),
        ErrorCode::NotAllowed => "This folder belongs to another account; nothing was changed.".to_owned(),
        ErrorCode::NotEnrolled => "This device belongs to nobody yet: set it up in the app first.".to_owned(),
        ErrorCode::NotFound => "This is no number of a save: eight letters and digits, as the app shows it.".to_owned(),
        other => format!("The device answered {other:?}."),
    }
}

fn say(line: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("writing the answer"),
    }
}
