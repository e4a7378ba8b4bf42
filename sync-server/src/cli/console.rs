//! What an administrator types. Standard output is the answer: a person's, or a script's with `--json`.

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use chrono::NaiveDate;
use domain::day;
use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;
use serde_json::{Value, json};
use ui_protocol::desk::DeviceProblem;
use ui_protocol::proof::StationProofRow;

use super::prove::moment;
use super::{AccountCommand, AreaCommand, DeviceCommand, PhotosCommand, open};
use crate::accounts::NewAccount;
use crate::clock::{Clock, SystemClock, SystemDice};
use crate::core::{Core, FILE_NAME};
use crate::county::{CHANGSHAN_CSV, read_areas};
use crate::demo::ACCOUNTS;
use crate::health::DeviceHealth;
use crate::photos::Cleaned;
use crate::rehearsal::rehearse;
use crate::restored::Came;
use crate::{backup as copies, demo as stories, passwords};

/// Prints a line. Whoever listened may have gone, as `head` does after ten lines: then nothing more is to be said.
macro_rules! say {
    ($($what:tt)+) => {
        say_line(format_args!($($what)+))?
    };
}

/// Writes a line. What others wrote may hold signs that move a terminal's cursor: they are shown, not obeyed.
pub fn say_line(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    let line: String = line.to_string().chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect();
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("writing the answer"),
    }
}

pub fn init(data: &Path, areas: Option<&Path>) -> anyhow::Result<()> {
    let csv = match areas {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?,
        None => CHANGSHAN_CSV.to_owned(),
    };
    let areas = read_areas(&csv)?;
    std::fs::create_dir_all(data).with_context(|| format!("making {}", data.display()))?;
    let core = Core::create(&data.join(FILE_NAME), Arc::new(SystemClock), Arc::new(SystemDice))?;
    let count = areas.len();
    core.import_areas(areas)?;
    core.init_county()?;
    core.stop();
    say!("{} holds a server with {count} areas. Next:", data.display());
    say!("  sync-server --data {0} account add --login wang --name 王敏 --role coordinator --area 330822001001", data.display());
    say!("  sync-server --data {0} device code --account wang", data.display());
    say!("  sync-server --data {0} serve", data.display());
    Ok(())
}

pub fn account(data: &Path, command: AccountCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    match command {
        AccountCommand::Add { login, name, role, areas, phone, password_stdin } => {
            let password = if password_stdin {
                std::io::stdin().lock().lines().next().context("a password on standard input")??
            } else {
                // Three codes' worth of letters: to be changed by the person, and safe if it is not.
                format!("{}-{}", passwords::fresh_code(&SystemDice), passwords::fresh_code(&SystemDice)).to_lowercase()
            };
            let shown = if password_stdin { String::new() } else { format!(", password {password}") };
            core.add_account(NewAccount { login: login.clone(), name, role: role.into(), phone, areas, password })?;
            say!("account {login}{shown}");
        }
        AccountCommand::List { json } => {
            let accounts = core.list_accounts()?;
            if json {
                let rows: Vec<Value> = accounts
                    .iter()
                    .map(|listed| {
                        let account = &listed.account;
                        json!({"login": account.login, "name": account.name, "role": account.role, "areas": listed.areas,
                               "devices": listed.devices, "disabled": account.disabled})
                    })
                    .collect();
                say!("{}", Value::Array(rows));
            } else {
                for listed in accounts {
                    let account = listed.account;
                    let state = if account.disabled { "  disabled" } else { "" };
                    say!(
                        "{:<16} {:<12} {:<10} {} devices  {}{state}",
                        account.login,
                        account.role.as_str(),
                        account.name,
                        listed.devices,
                        listed.areas.join(" ")
                    );
                }
            }
        }
        AccountCommand::Areas { login, areas } => {
            let codes: Vec<&str> = areas.iter().map(String::as_str).collect();
            core.set_areas(&login, &codes)?;
            say!("{login} now works in {}", codes.join(" "));
        }
        AccountCommand::Reset { login } => {
            let code = core.password_code(&login)?;
            say!("{code}");
            say!("{login} sets a new password with this code in the app, once, within 24 hours.");
        }
        AccountCommand::Disable { login, undo } => {
            core.disable_account(&login, !undo)?;
            say!("{login} is {}", if undo { "let in again" } else { "shut out, on every device" });
        }
    }
    Ok(())
}

pub fn device(data: &Path, command: DeviceCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    match command {
        DeviceCommand::Code { account, json, svg } => {
            let code = core.enrol_code(&account)?;
            let qr = QRBuilder::new(code.clone()).build().map_err(|error| anyhow::anyhow!("drawing the code: {error}"))?;
            if let Some(file) = &svg {
                std::fs::write(file, SvgBuilder::default().to_str(&qr)).with_context(|| format!("writing {}", file.display()))?;
            }
            if json {
                say!("{}", json!({ "code": code }));
            } else {
                say!("{}", qr.to_str());
                say!("{}-{}   for {account}, once, within 15 minutes", &code[..4], &code[4..]);
            }
        }
        DeviceCommand::List { json } => {
            let logins: std::collections::BTreeMap<_, _> =
                core.list_devices()?.into_iter().map(|(device, login)| (device.number, login)).collect();
            let devices = core.device_health()?;
            let login = |health: &DeviceHealth| logins.get(&health.device.number).cloned().unwrap_or_default();
            if json {
                say!("{}", Value::Array(devices.iter().map(|health| device_json(health, &login(health))).collect()));
            } else {
                for health in &devices {
                    say!("{}", device_line(health, &login(health)));
                }
            }
        }
        DeviceCommand::Proof { number, json } => {
            let rows = core.compared(number.map(domain::DeviceNumber))?;
            if json {
                say!("{}", serde_json::to_string(&rows)?);
            } else {
                for row in &rows {
                    say!("{}", proof_line(row));
                }
            }
        }
        DeviceCommand::Revoke { number } => {
            let family = core.revoke_device(domain::DeviceNumber(number))?;
            say!("device {number} is shut out");
            let others: Vec<String> = family.iter().filter(|other| other.0 != number).map(ToString::to_string).collect();
            if !others.is_empty() {
                say!("and so are the other numbers of its installation: {}", others.join(" "));
            }
        }
    }
    Ok(())
}

/// One device and one scope, with what came of comparing them.
fn proof_line(row: &StationProofRow) -> String {
    let found = match (row.same, row.compared_unix_ms) {
        (Some(true), Some(at)) => format!("the same on {}", moment(at)),
        (Some(false), Some(at)) => format!("DIFFERENT on {}", moment(at)),
        _ => "not compared yet".to_owned(),
    };
    let behind = if row.behind { ", has not fetched everything since" } else { "" };
    let digest = if row.digest.is_empty() { "-" } else { &row.digest };
    format!(
        "{:>8}  {:<16} {:<40} {:>6} there, {:>6} here  {digest}  {found}{behind}",
        row.device, row.name, row.area, row.on_device, row.on_server
    )
}

fn device_json(health: &DeviceHealth, login: &str) -> Value {
    let device = &health.device;
    json!({"device": device.number, "login": login, "model": device.model, "version": device.version,
           "seen_unix_ms": device.seen_unix_ms, "clock_ahead_ms": device.clock_ahead_ms, "revoked": device.revoked,
           "was": device.was, "renewed_for": device.renewed_for, "closed_unix_ms": device.closed_unix_ms,
           "waiting": health.waiting, "refused": health.refused, "held": health.held,
           "photos_missing": health.photos_missing, "problems": health.problems})
}

/// One line, with what is wrong at its end.
fn device_line(health: &DeviceHealth, login: &str) -> String {
    let device = &health.device;
    let seen = device.seen_unix_ms.map_or_else(|| "never".to_owned(), |at| day::day_of(at).to_string());
    let state = match (device.revoked, device.closed_unix_ms) {
        (true, _) => "  revoked",
        (false, Some(_)) => "  closed: goes on under another number",
        (false, None) => "",
    };
    let problems: String = health.problems.iter().map(|problem| format!("  {}", problem_said(*problem, health))).collect();
    format!("{:>8}  {login:<16} {:<20} {:<8} last seen {seen}{state}{problems}", device.number, device.model, device.version)
}

fn problem_said(problem: DeviceProblem, health: &DeviceHealth) -> String {
    match problem {
        DeviceProblem::Different => format!("DIFFERENT from the register: see `device proof {}`;", health.device.number),
        DeviceProblem::Held => format!("{} saves held: see `quarantine list --device {}`;", health.held, health.device.number),
        DeviceProblem::Silent { days } => format!("silent for {days} days: ask its person;"),
        DeviceProblem::OtherHistory => "not yet on the restored server: it has to sync;".to_owned(),
        DeviceProblem::Waiting => format!("{} changes not arrived: it has to sync on a good line;", health.waiting),
        DeviceProblem::Refused => format!("{} changes refused: its person looks under Needs attention;", health.refused),
        DeviceProblem::Clock => format!("clock wrong by {} minutes;", health.device.clock_ahead_ms / 60_000),
        DeviceProblem::Photos => format!("{} photos not arrived: keep it on Wi-Fi for a while;", health.photos_missing),
        DeviceProblem::OldVersion => "the app is older than the server: update it;".to_owned(),
    }
}

pub fn area(data: &Path, command: AreaCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    match command {
        AreaCommand::Import { file } => {
            let csv = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            say!("{} areas are new or changed", core.import_areas(read_areas(&csv)?)?);
        }
        AreaCommand::List { json } => {
            let areas = core.look(|view| Ok(view.areas()?))?;
            if json {
                say!("{}", serde_json::to_string(&areas)?);
            } else {
                for area in areas {
                    say!("{}  {:<9} {}", area.code, area.level, area.name);
                }
            }
        }
    }
    Ok(())
}

pub fn policy(data: &Path, pack: String, from: NaiveDate) -> anyhow::Result<()> {
    let said = format!("{pack} applies from {from} on");
    open(data)?.choose_policy(domain::county::PolicyChoice { pack, from: from.to_string() })?;
    say!("{said}");
    Ok(())
}

pub fn holidays(data: &Path, year: i32, file: &Path) -> anyhow::Result<()> {
    let table = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let days = domain::county::HolidayYear::read(year, &table).map_err(|line| match line {
        0 => anyhow::anyhow!("{} has no day off", file.display()),
        line => anyhow::anyhow!(
            "line {line} of {} is not `date,name,0 or 1` of {year} or the December before, or says a day twice",
            file.display()
        ),
    })?;
    let said = format!("{year}: {} days off, {} weekend days worked", days.off.len(), days.work.len());
    if open(data)?.set_holidays(days)? {
        say!("{said}");
    } else {
        say!("{said}; known already");
    }
    Ok(())
}

pub fn letter(data: &Path, file: &Path) -> anyhow::Result<()> {
    let json = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let wording: domain::letter_text::Wording =
        serde_json::from_str(&json).with_context(|| format!("{} is no wording", file.display()))?;
    let (version, from) = (wording.version.clone(), wording.from.clone());
    if open(data)?.add_letter_wording(wording)? {
        say!("{version} is signed from {from} on");
    } else {
        say!("{version} is known already");
    }
    Ok(())
}

pub fn photos(data: &Path, command: PhotosCommand) -> anyhow::Result<()> {
    let core = open(data)?;
    match command {
        PhotosCommand::Clean { grace_days } => {
            let Cleaned { removed, orphans, lost, unfinished } = core.clean_photos(grace_days)?;
            say!("removed: {removed} unused, {orphans} that belonged to nothing, {unfinished} never finished");
            if lost > 0 {
                say!("{lost} files were gone from the folder; the phones that have them are asked again");
            }
        }
        PhotosCommand::Missing { json } => {
            let missing = core.look(|view| Ok(view.photos_missing()?))?;
            if json {
                let rows: Vec<Value> =
                    missing.iter().map(|(device, count)| json!({ "device": device.0, "missing": count })).collect();
                say!("{}", Value::Array(rows));
            } else {
                for (device, count) in missing {
                    say!("device {device}: {count} photos have not come");
                }
            }
        }
    }
    Ok(())
}

pub fn backup(data: &Path, file: &Path) -> anyhow::Result<()> {
    let bytes = copies::backup(data, file)?;
    say!("{} holds a whole copy, {bytes} bytes", file.display());
    Ok(())
}

pub fn restore(data: &Path, file: &Path, replace: bool) -> anyhow::Result<()> {
    let aside = copies::restore(data, file, replace, Arc::new(SystemClock), Arc::new(SystemDice))?;
    if let Some(aside) = aside {
        say!("the file that was there is now {}", aside.display());
    }
    say!(
        "{} holds the restored server. Devices will notice, keep what they have, and send again what is missing here.",
        data.display()
    );
    say!("Look at the accounts, their villages and the devices, then: sync-server --data {} confirm-restore", data.display());
    say!(
        "Until then devices send what they have, with the rights of the backup, and are told nothing. Who came: confirm-restore --look"
    );
    Ok(())
}

pub fn confirm_restore(data: &Path, look: bool) -> anyhow::Result<()> {
    let core = open(data)?;
    let came = core.came_since_restore()?;
    if !came.is_empty() {
        say!("Since the restore, with the rights of the backup:");
    }
    for Came { device, login, is_new, changes } in &came {
        let number = match (is_new, device.was) {
            (true, Some(was)) => format!("  new number, was {was}"),
            (true, None) if device.secret_hash.is_empty() => "  the account's desk".to_owned(),
            (true, None) => "  newly enrolled".to_owned(),
            (false, _) => String::new(),
        };
        let revoked = if device.revoked { "  revoked" } else { "" };
        say!("{:>8}  {login:<16} {:<20} {changes} changes{number}{revoked}", device.number, device.model);
    }
    if look {
        return Ok(());
    }
    if core.confirm_restore(None)? {
        say!("confirmed: devices are told again what is theirs, and what is not");
    } else {
        say!("there is nothing to confirm");
    }
    Ok(())
}

pub fn verify_backup(file: &Path, without_photos: bool) -> anyhow::Result<()> {
    // Beside the copy, which lies where there is room for one.
    let room = tempfile::Builder::new()
        .prefix(".looking-at-")
        .tempdir_in(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
        .context("making a folder beside the copy")?;
    let held = rehearse(file, room.path(), Arc::new(SystemClock), Arc::new(SystemDice))?;
    let newest = held.newest_unix_ms.map_or("nothing yet".to_owned(), |at| day::day_of(at).to_string());
    say!("{} can be restored.", file.display());
    say!(
        "{} records, {} changes (the newest of {newest}), {} accounts, {} devices; {} sums counted again.",
        held.records,
        held.changes,
        held.accounts,
        held.devices,
        held.scopes
    );
    say!("{} photos lie beside it.", held.photos);
    if held.photos_lacking > 0 {
        say!("{} photos do not: the folder `photos` belongs to the copy.", held.photos_lacking);
        ensure!(without_photos, "the copy would come back without them; --without-photos if that is as it should be");
    }
    Ok(())
}

pub fn demo(data: &Path, today: Option<NaiveDate>, seed: u64, codes: bool) -> anyhow::Result<()> {
    let file = data.join(FILE_NAME);
    let is_new = !file.exists();
    if is_new {
        std::fs::create_dir_all(data).with_context(|| format!("making {}", data.display()))?;
        let today = today.unwrap_or_else(|| day::day_of(SystemClock.now_unix_ms()));
        // Under another name first: a demo that was cut off is no demo.
        let arriving = data.join(format!("{FILE_NAME}.arriving"));
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(data.join(format!("{FILE_NAME}.arriving{suffix}")));
        }
        stories::fill(&arriving, today, seed)?;
        std::fs::rename(&arriving, &file)?;
    }
    let core = open(data)?;
    let known = core.list_accounts()?;
    if ACCOUNTS.iter().any(|account| !known.iter().any(|listed| listed.account.login == account.login)) {
        bail!("{} holds a server that is no demo", data.display());
    }
    if codes {
        let mut accounts = Vec::new();
        for account in ACCOUNTS {
            let code = core.enrol_code(account.login)?;
            accounts.push(json!({"login": account.login, "name": account.name, "role": account.role, "password": account.password, "code": code}));
        }
        say!("{}", json!({ "accounts": accounts }));
        return Ok(());
    }
    say!("{} {}", if is_new { "The demo county is made:" } else { "The demo county is there already:" }, data.display());
    for account in ACCOUNTS {
        say!("  {:<6} {:<16} {:<12} {}", account.login, account.password, account.role.as_str(), account.name);
    }
    say!("A device is enrolled with: sync-server --data {} device code --account wang", data.display());
    Ok(())
}
