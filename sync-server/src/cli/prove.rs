//! Whether the file is as it should be, and why something is as it is, at the console.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use domain::{RecordId, TxnId, Verb};
use store::StoreError;
use store::server::{AccountRow, ServerReader, StoredChange, View};
use sync_protocol::Verdict;

use super::console::say_line;
use super::open;
use crate::accounts::audit;
use crate::caller::grants;
use crate::core::FILE_NAME;
use crate::photos::Folder;
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
    let photos = Folder::beside(file);
    let report = reader
        .look(|view| {
            let mut report = verify::look(view, |_, _| ())?;
            verify::look_at_photos(view, &photos, &mut report)?;
            Ok::<_, StoreError>(report)
        })
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

/// What somebody wants to know.
#[derive(clap::Subcommand)]
pub enum WhyCommand {
    /// Where a record is, was, and what was done to it. Ids and times, no values.
    Record {
        /// Its id.
        id: RecordId,
    },
    /// What became of a save, by the number a person reads out.
    Edit {
        /// As on the phone: `K7Q2-M9XD`.
        number: String,
    },
    /// What an account may see, and how its devices stand.
    Account {
        /// What is typed to sign in.
        login: String,
    },
}

/// Answers from the stored rows; that it was asked stands in the audit: what about, never what was typed.
pub fn why(data: &Path, what: WhyCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    let answer = core.look(|view| {
        Ok(match &what {
            WhyCommand::Record { id } => Ok((id.to_string(), record_lines(view, *id)?)),
            WhyCommand::Edit { number } => match TxnId::tail_of_number(number) {
                Some(tail) => Ok(("a save".to_owned(), edit_lines(view, tail)?)),
                None => Err("this is no number of a save: eight letters and digits, like K7Q2-M9XD"),
            },
            WhyCommand::Account { login } => match view.account_by_login(login)? {
                Some(account) => Ok((account.id.to_string(), account_lines(view, &account)?)),
                None => Err("there is no account with this login"),
            },
        })
    })?;
    let (subject, lines) = match answer {
        Ok(answer) => answer,
        Err(why) => bail!(why),
    };
    let now_unix_ms = core.now_unix_ms();
    core.write(move |write| audit(write, now_unix_ms, "console.why", &subject, ""))?;
    core.stop();
    for line in lines {
        say_line(format_args!("{line}"))?;
    }
    Ok(())
}

fn record_lines(view: &View<'_>, id: RecordId) -> Result<Vec<String>, StoreError> {
    let Some(record) = view.record(id)? else {
        let mut lines = vec!["the register has no such record".to_owned()];
        if view.create_was_refused(id)? {
            lines.push("it was to be created, and that was refused".to_owned());
        }
        lines.extend(change_lines(view, view.changes_of(id)?)?);
        return Ok(lines);
    };
    let state = record.dead.map_or("lives".to_owned(), |dead| {
        format!("was taken back by device {} on {}", dead.device, moment(dead.stamp.unix_ms()))
    });
    let mut lines = vec![format!("{} {id} {state}", record.kind)];
    for (scope, member) in view.memberships(id)? {
        lines.push(if member.gone {
            format!("  left {scope} on {}", moment(member.left_unix_ms))
        } else {
            format!("  is in {scope} since version {}", member.version)
        });
    }
    lines.extend(change_lines(view, view.changes_of(id)?)?);
    Ok(lines)
}

fn edit_lines(view: &View<'_>, tail: [u8; 5]) -> Result<Vec<String>, StoreError> {
    let found = view.changes_with_tail(tail)?;
    if found.is_empty() {
        return Ok(vec!["no such save arrived here: it waits on its phone, or it was never sent".to_owned()]);
    }
    change_lines(view, found)
}

fn change_lines(view: &View<'_>, changes: Vec<StoredChange>) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    for stored in changes {
        let by = view.account(stored.author)?.map_or_else(|| stored.author.to_string(), |account| account.login);
        let groups: Vec<&str> = stored.change.groups.keys().map(String::as_str).collect();
        let fate = match serde_json::from_str(&stored.verdict) {
            Ok(Verdict::Ok) => "stands".to_owned(),
            Ok(Verdict::Merged) => "met another value: a conflict was opened".to_owned(),
            Ok(Verdict::Refused(why)) => format!("was refused: {why}"),
            Ok(Verdict::Held) => "is held for the station".to_owned(),
            Err(_) => "with a verdict that cannot be read".to_owned(),
        };
        lines.push(format!(
            "  {} save {} by {by} on device {} (place {}): {} {} {} [{}] {fate}",
            moment(stored.received_unix_ms),
            stored.change.txn.number(),
            stored.device,
            stored.seq,
            verb(stored.change.verb),
            stored.change.kind,
            stored.change.record,
            groups.join(" ")
        ));
    }
    Ok(lines)
}

fn account_lines(view: &View<'_>, account: &AccountRow) -> Result<Vec<String>, StoreError> {
    let state = if account.disabled { ", shut out" } else { "" };
    let mut lines = vec![format!("{}: {}{state}", account.login, account.role.as_str())];
    for scope in grants(view, account)? {
        let row = view.scope(&scope)?;
        lines.push(format!("  may see {scope}: {} records, version {}", row.digest.count, row.head));
    }
    for device in view.devices_of(account.id)? {
        let seen = device.seen_unix_ms.map_or("never".to_owned(), moment);
        let state = if device.revoked { ", shut out" } else { "" };
        lines.push(format!(
            "  device {}{state}: last here {seen}, read up to {}, {} changes not sent when it was last here",
            device.number,
            device.last_seq,
            device.newest_seq.saturating_sub(device.last_seq)
        ));
    }
    Ok(lines)
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "make",
        Verb::Set => "change",
        Verb::Delete => "take back",
        Verb::Restore => "bring back",
    }
}

/// Day and time in the county.
pub(super) fn moment(unix_ms: i64) -> String {
    let day = domain::day::day_of(unix_ms);
    let minutes = (unix_ms - domain::day::start_of_day_unix_ms(day)) / 60_000;
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}
