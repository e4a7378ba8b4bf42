//! Late work at the console: the same decisions as at the desk, in the name of an officer who is named.

use std::path::Path;

use anyhow::Context;
use clap::Subcommand;
use domain::access::Role;
use domain::day;
use ui_protocol::held::{HeldRow, HeldView, ListHeld};

use super::console::say_line;
use super::open;
use crate::accounts::CONSOLE;
use crate::core::Core;
use crate::desk::Decider;
use crate::desk::held::{query, row};
use crate::desk::lists::area_names;
use crate::failure::AdminError;
use crate::passwords::clean_login;

#[derive(Subcommand)]
pub enum QuarantineCommand {
    /// Saves that wait for a decision, the oldest first.
    List {
        /// Of one device.
        #[arg(long)]
        device: Option<u32>,
        /// Of one account.
        #[arg(long)]
        account: Option<String>,
        /// Received from this day on, YYYY-MM-DD.
        #[arg(long, default_value = "")]
        from: String,
        /// Received until this day, YYYY-MM-DD.
        #[arg(long, default_value = "")]
        until: String,
        /// Those decided too.
        #[arg(long)]
        decided: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// One save with its values, document numbers masked. It is noted down who looked.
    Show {
        /// Its number.
        number: i64,
        /// In the name of this officer.
        #[arg(long)]
        officer: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sends a save through the merge, in its author's name and by an officer's decision.
    Take {
        /// Its number.
        number: i64,
        /// Who decides.
        #[arg(long)]
        officer: String,
    },
    /// Leaves a save out of the register.
    Reject {
        /// Its number.
        number: i64,
        /// Who decides.
        #[arg(long)]
        officer: String,
        /// Why.
        #[arg(long)]
        note: String,
    },
}

pub fn quarantine(data: &Path, command: QuarantineCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    match command {
        QuarantineCommand::List { device, account, from, until, decided, json } => {
            let account = account.map(|login| find(&core, &login)).transpose()?.map(|account| account.id);
            list(&core, &ListHeld { device, account, from, until, decided, after: None }, json)
        }
        QuarantineCommand::Show { number, officer, json } => {
            let view = core.look_at_held(&decider(&core, &officer)?, number).context("looking at a held save")?;
            if json { say_line(format_args!("{}", serde_json::to_string(&view)?)) } else { show(&view) }
        }
        QuarantineCommand::Take { number, officer } => {
            let view = core.take_held(&decider(&core, &officer)?, number).context("taking a held save in")?;
            match view.refused {
                None => say_line(format_args!("{number} is in the register")),
                Some(why) => anyhow::bail!("the register does not take {number}: {why}; it stays open"),
            }
        }
        QuarantineCommand::Reject { number, officer, note } => {
            core.reject_held(&decider(&core, &officer)?, number, &note).context("leaving a held save out")?;
            say_line(format_args!("{number} stays out"))
        }
    }
}

fn find(core: &Core, login: &str) -> anyhow::Result<store::server::AccountRow> {
    let login = clean_login(login);
    let account = core.look(|view| Ok(view.account_by_login(&login)?))?;
    Ok(account.ok_or(AdminError::NoAccount)?)
}

fn decider(core: &Core, login: &str) -> anyhow::Result<Decider> {
    let officer = find(core, login)?;
    if officer.role != Role::Officer || officer.disabled {
        anyhow::bail!("{login} is no officer of a station: late work is decided in an officer's name");
    }
    Ok(Decider { officer, actor: CONSOLE.to_owned(), at_console: true })
}

fn list(core: &Core, ask: &ListHeld, json: bool) -> anyhow::Result<()> {
    let mut after = None;
    let mut all: Vec<HeldRow> = Vec::new();
    loop {
        let ask = ListHeld { after, ..ask.clone() };
        let page: Vec<HeldRow> = core.look(|view| {
            let names = area_names(view)?;
            view.held_saves(query(&ask, None)?)?.iter().map(|held| row(view, held, &names)).collect()
        })?;
        let Some(last) = page.last() else { break };
        after = Some(last.number);
        all.extend(page);
    }
    if json {
        return say_line(format_args!("{}", serde_json::to_string(&all)?));
    }
    for row in all {
        let HeldRow { number, device, name, area_name, why, changes, received_unix_ms, state, .. } = row;
        let on = day::day_of(received_unix_ms);
        say_line(format_args!(
            "{number:>6}  {on}  device {device:<6} {name:<8} {area_name:<10} {why:<14} {changes} changes  {state}"
        ))?;
    }
    Ok(())
}

fn show(view: &HeldView) -> anyhow::Result<()> {
    let row = &view.row;
    say_line(format_args!("{} from device {} of {}, {}: {}", row.number, row.device, row.name, row.why, row.state))?;
    for part in &view.parts {
        say_line(format_args!("{:?} {} {} {}", part.verb, part.kind, part.record, part.title))?;
        for group in &part.groups {
            say_line(format_args!("  {}: {}", group.group, serde_json::to_string(&group.fields)?))?;
            if let Some(stands) = &group.stands {
                say_line(format_args!("  {} stands: {}", group.group, serde_json::to_string(stands)?))?;
            }
        }
    }
    Ok(())
}
