//! What goes wrong: clocks, crashes, full disks, backups, copies, and what administrators do meanwhile.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::place::Scope;
use domain::{DeviceNumber, Record, kind};
use store::device::{Durability, Tuning};
use store::ending::Ending;
use store::{DeviceStore, ServerStore, StoreError};
use sync_protocol::SyncError;
use sync_server::backup;
use sync_server::clock::SeededDice;
use sync_server::desk::DeskCaller;
use ui_protocol::attention::Choice;
use ui_protocol::desk::{RestoreResidency, SettleForStation};
use ui_protocol::session::{Enrol, Status};
use ui_protocol::{Call, ErrorCode};

use crate::county::{self, DONG, PASSWORD, XI};
use crate::hands;
use crate::law::{Law, broken, must};
use crate::laws::families;
use crate::phone::{Phone, copy_folder};
use crate::plan::Action;
use crate::reach;
use crate::sim::Sim;
use crate::{tomorrow, wire};

/// Phones of one run.
const PHONES_MAX: usize = 9;
/// Copies that are kept, of either side.
const COPIES_MAX: usize = 3;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
const YEAR_MS: i64 = 365 * DAY_MS;

/// How the server's next transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In the middle of a statement.
    Interrupted(u32),
    /// The machine stops before the COMMIT.
    BeforeCommit,
    /// The machine stops after it, before anybody is answered.
    AfterCommit,
}

/// How wrong a clock is.
pub fn wrong_ms(chance: &crate::chance::Chance) -> i64 {
    [0, 10 * YEAR_MS, -10 * YEAR_MS, 10 * 60_000, -3 * DAY_MS, 400 * DAY_MS][chance.below(6)]
}

/// One of the things that are not people's work.
pub fn happens(sim: &Sim, action: Action, phone: &Rc<Phone>) {
    let by_administrators = matches!(action, Action::Grants | Action::Revoke | Action::Desk | Action::Newer);
    let what = match action {
        // In a group that may be lost by now they would only have to try again.
        _ if by_administrators && sim.shaky.get() => None,
        Action::Edit | Action::Sync => return,
        Action::Upgrade => upgrade(sim),
        Action::LateRequest => late(sim),
        Action::Clock => {
            let wrong = wrong_ms(&sim.chance);
            phone.around.wrong_ms.store(wrong, Ordering::Relaxed);
            Some(format!("the clock of phone {} is wrong by {wrong} ms", phone.index))
        }
        Action::Wait => {
            let ms = if sim.chance.once_in(4) { DAY_MS } else { HOUR_MS } * (1 + sim.chance.below(6) as i64);
            sim.hour.pass_ms(ms);
            Some(format!("{ms} ms pass"))
        }
        Action::PhoneRestart => {
            phone.restart();
            Some(format!("phone {} is switched off and on", phone.index))
        }
        Action::PhoneCrash => Some(crash_while_saving(sim, phone)),
        Action::PhoneFull => {
            phone.full.set(!phone.full.get());
            phone.restart();
            Some(format!("the card of phone {} is full: {}", phone.index, phone.full.get()))
        }
        Action::ServerRestart => sim.is_at_the_bottom().then(|| {
            sim.stop_server();
            sim.start_server();
            "the server is stopped and started".to_owned()
        }),
        Action::ServerCrash => {
            let end = match sim.chance.below(5) {
                0 => End::AfterCommit,
                1 | 2 => End::BeforeCommit,
                _ => End::Interrupted(1 + sim.chance.below(4_000) as u32),
            };
            sim.next_end.set(Some(end));
            Some(format!("the server's next group ends {end:?}"))
        }
        Action::ServerFull => {
            sim.server_full.set(!sim.server_full.get());
            Some(format!("the server's disk is full: {}", sim.server_full.get()))
        }
        Action::Grants => grants(sim),
        Action::Revoke => revoke(sim, phone),
        Action::Enrol => enrol(sim, phone),
        Action::Desk => desk(sim),
        Action::Backup => back_up(sim),
        Action::ServerRestore => restore(sim),
        Action::PhoneBackup => copy_phone(sim, phone),
        Action::PhoneRestore => put_phone_back(sim),
        Action::Clone => clone(sim),
        Action::Lose => lose(sim, phone),
        Action::Newer => tomorrow::on_the_server(sim),
        Action::NewerPhone => tomorrow::on_a_phone(sim, phone),
    };
    if let Some(what) = what {
        sim.say(|| what);
    }
}

/// Whether an exchange may end like this.
pub fn judge(sim: &Sim, error: &SyncError, excused: bool) {
    let allowed = match error {
        SyncError::Unreachable | SyncError::Busy { .. } => true,
        SyncError::Server => excused,
        SyncError::Revoked => true,
        SyncError::Forked | SyncError::UnknownDevice | SyncError::Unauthorised | SyncError::Gap { .. } => {
            sim.copied.get() || sim.rolled_back.get()
        }
        _ => false,
    };
    must(Law::Soundness, allowed, || format!("an exchange ends with {error:?}"));
}

// ---- the server's transactions ----------------------------------------------------------------------------------------

/// The server begins a piece of work. What goes wrong goes wrong with an exchange: administrators try again until it works, and
/// an interruption that an earlier exchange was spared is over.
pub fn before_work(sim: &Sim, store: &mut ServerStore) {
    let failed = |error: StoreError| -> ! { broken(Law::Soundness, format!("{error:?}")) };
    let pages = if sim.server_full.get() && sim.exchanging.get() { 1 } else { u32::MAX - 1 };
    store.set_pages_max(pages).unwrap_or_else(|error| failed(error));
    store.end_well();
    if sim.exchanging.get()
        && let Some(End::Interrupted(steps)) = sim.next_end.get()
    {
        sim.next_end.set(None);
        sim.faults.set(sim.faults.get() + 1);
        sim.armed.set(true);
        store.end_badly(Ending::Interrupted(steps)).unwrap_or_else(|error| failed(error));
    }
}

/// Work is done and not committed. Others join the group; or the machine stops.
pub fn before_commit(sim: &Sim) -> bool {
    let armed = sim.armed.replace(false);
    if !sim.exchanging.get() || sim.quiet.get() {
        return true;
    }
    sim.in_group.set(sim.in_group.get() + 1);
    if sim.has_steps() && sim.chance.once_in(8) {
        let exchanging = sim.exchanging.replace(false);
        let shaky = sim.shaky.replace(sim.shaky.get() || armed || sim.server_full.get());
        sim.meanwhile();
        sim.shaky.set(shaky);
        sim.exchanging.set(exchanging);
    }
    sim.in_group.set(sim.in_group.get() - 1);
    if sim.next_end.get() == Some(End::BeforeCommit) {
        sim.next_end.set(None);
        sim.must_restart.set(true);
        sim.faults.set(sim.faults.get() + 1);
        sim.say(|| "the server stops before a commit".to_owned());
        return false;
    }
    true
}

/// An exchange was committed. Answers whether nobody will hear of it.
pub fn after_commit(sim: &Sim) -> bool {
    if sim.next_end.get() == Some(End::AfterCommit) {
        sim.next_end.set(None);
        sim.must_restart.set(true);
    }
    if !sim.must_restart.get() || sim.delivering.get() > 0 {
        return sim.must_restart.get();
    }
    sim.say(|| "the server was killed and is started".to_owned());
    sim.crash_server();
    true
}

// ---- phones -----------------------------------------------------------------------------------------------------------

fn bad_end(sim: &Sim) -> Ending {
    if sim.chance.once_in(3) { Ending::NotCommitted } else { Ending::Interrupted(1 + sim.chance.below(3_000) as u32) }
}

/// A phone gets the app of this release: its file is one of the release before, with what was never sent.
fn upgrade(sim: &Sim) -> Option<String> {
    let asleep: Vec<_> = sim.phones().into_iter().filter(|phone| !phone.is_used()).collect();
    let phone = sim.chance.one_of(&asleep)?;
    phone.start();
    sim.note_unsent(phone);
    Some(format!("phone {} is upgraded", phone.index))
}

fn crash_while_saving(sim: &Sim, phone: &Phone) -> String {
    sim.faulty.set(true);
    phone.device().end_next_badly(bad_end(sim));
    let done = hands::edit(sim, phone);
    phone.restart();
    sim.faulty.set(false);
    format!("phone {} stops while its owner {done}", phone.index)
}

/// The phone is about to take an answer.
pub fn before_taking(sim: &Sim, phone: &Phone) {
    if !sim.quiet.get() && sim.plan.lying_network && sim.chance.once_in(25) {
        phone.device().end_next_badly(bad_end(sim));
        sim.faults.set(sim.faults.get() + 1);
    }
}

fn late(sim: &Sim) -> Option<String> {
    if sim.in_group.get() > 0 {
        return None;
    }
    let flown = {
        let all = sim.flown.borrow();
        all.get(sim.chance.below(all.len()))?.clone()
    };
    let answer = wire::deliver(sim, &flown);
    Some(format!("an old request of device {} arrived: {}", flown.credentials.device, answer.is_ok()))
}

fn copy_phone(sim: &Sim, phone: &Phone) -> Option<String> {
    let mut copies = sim.phone_copies.borrow_mut();
    if copies.len() >= COPIES_MAX {
        copies.remove(0);
    }
    let to = sim.dir.join(format!("copy-{}", sim.token()));
    copy_folder(&phone.dir, &to);
    copies.push((phone.index, to, phone.around.keys.all()));
    Some(format!("the folder of phone {} is copied", phone.index))
}

fn put_phone_back(sim: &Sim) -> Option<String> {
    let (index, from, keys) = {
        let copies = sim.phone_copies.borrow();
        copies.get(sim.chance.below(copies.len()))?.clone()
    };
    let phone = sim.phone(index);
    if !phone.is_used() || phone.in_flight.get() > 0 {
        return None;
    }
    sim.copied.set(true);
    phone.die();
    copy_folder(&from, &phone.dir);
    phone.life.set(phone.life.get() + 1);
    // The key store is outside the folder, and may have been put back with it or not.
    if sim.chance.once_in(2) {
        phone.around.keys.replace(keys);
    }
    phone.start();
    reach::phone_put_back(sim, index, "the file it was saved in was replaced by an older one");
    Some(format!("an older copy of the folder of phone {index} comes back"))
}

fn clone(sim: &Sim) -> Option<String> {
    let (index, from, keys) = {
        let copies = sim.phone_copies.borrow();
        copies.get(sim.chance.below(copies.len()))?.clone()
    };
    let phones = sim.phones();
    if phones.len() >= PHONES_MAX {
        return None;
    }
    sim.copied.set(true);
    let with_keys = sim.chance.once_in(2);
    let secrets = if with_keys { keys } else { Default::default() };
    let owner = phones[index].owner.clone();
    let copy = county::phone(&sim.dir, &sim.hour, phones.len(), owner, sim.seed, secrets);
    copy_folder(&from, &copy.dir);
    copy.start();
    let copy = sim.add_phone(copy);
    Some(format!("phone {} is a copy of phone {index}, with its keys: {with_keys}", copy.index))
}

/// A record goes missing without a trace, as a mistake of ours would lose it; only the comparison of both sides can tell.
fn lose(sim: &Sim, phone: &Phone) -> Option<String> {
    if phone.in_flight.get() > 0 || phone.full.get() {
        return None;
    }
    let store = DeviceStore::open(&phone.file(), Tuning { without_disk: true, ..Tuning::default() }).ok()?;
    let lost = store.write(Durability::Pulled, |writing| {
        let scopes: Vec<_> =
            writing.scopes()?.into_iter().filter(|row| matches!(row.scope, Scope::Area(_)) && row.complete).collect();
        let Some(row) = sim.chance.one_of(&scopes) else { return Ok(None) };
        let ids = writing.records_in(&row.scope)?;
        let Some(id) = sim.chance.one_of(&ids).copied() else { return Ok(None) };
        let held = writing.held(id)?;
        let (Some(hash), Some(0)) = (writing.hash_in(&row.scope, id)?, held.map(|held| held.waiting)) else { return Ok(None) };
        let mut row = row.clone();
        row.digest.remove(hash);
        writing.leave(&row.scope, id)?;
        writing.put_scope(&row)?;
        if !writing.is_in_a_scope(id)? {
            writing.purge(id)?;
        }
        Ok::<_, StoreError>(Some(id))
    });
    let lost = lost.unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")))?;
    Some(format!("phone {} loses {lost} without a trace", phone.index))
}

// ---- administrators ---------------------------------------------------------------------------------------------------

fn grants(sim: &Sim) -> Option<String> {
    let logins = ["wang", "li", "both"];
    let login = logins[sim.chance.below(logins.len())];
    let areas: BTreeSet<&'static str> = [DONG, XI].into_iter().filter(|_| sim.chance.below(3) > 0).collect();
    let list: Vec<&str> = areas.iter().copied().collect();
    sim.core().set_areas(login, &list).unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
    sim.granted.borrow_mut().insert(login, areas.clone());
    Some(format!("{login} is granted {areas:?}"))
}

fn number(phone: &Phone) -> Option<DeviceNumber> {
    phone.ask(Status {}).ok()?.device.map(DeviceNumber)
}

fn revoke(sim: &Sim, phone: &Phone) -> Option<String> {
    let number = number(phone)?;
    // A number this history of the server does not know cannot be revoked.
    let done = sim.core().revoke_device(number).is_ok();
    Some(format!("device {number} of phone {} is revoked: {done}", phone.index))
}

fn enrol(sim: &Sim, phone: &Phone) -> Option<String> {
    if phone.in_flight.get() > 0 || sim.delivering.get() > 0 {
        return None;
    }
    let done = enrol_again(sim, phone);
    Some(format!("phone {} is enrolled again: {done:?}", phone.index))
}

/// The phone becomes a device of its account once more. The file stays.
pub fn enrol_again(sim: &Sim, phone: &Phone) -> Result<(), ErrorCode> {
    let code = sim.core().enrol_code(phone.owner.login).unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
    let ask = Enrol { server: "http://county".to_owned(), code, password: PASSWORD.to_owned() };
    match phone.ask(ask) {
        Ok(_) => {
            phone.die();
            county::cheapen(&phone.file());
            phone.start();
            Ok(())
        }
        Err(error) => {
            must(Law::Soundness, phone.full.get(), || format!("phone {} cannot be enrolled again: {error:?}", phone.index));
            Err(error.code)
        }
    }
}

fn desk(sim: &Sim) -> Option<String> {
    let core = sim.core();
    let zhou = core
        .look(|view| DeskCaller::of(view, view.account_by_login("zhou")?.ok_or(sync_server::Failure::Stopped)?))
        .unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
    let records = |wanted: &str, fits: fn(&Record) -> bool| -> Vec<Record> {
        let all = core.look(|view| Ok(view.records_of_kind(wanted)?)).unwrap_or_default();
        all.into_iter().filter(|record| record.dead.is_none() && fits(record)).collect()
    };
    let told = if sim.chance.once_in(2) {
        let all = records(kind::RESIDENCY, |record| record.text("status", "state") == Some("cancelled"));
        let id = sim.chance.one_of(&all)?.id;
        let ask = RestoreResidency { id, note: format!("核实 {}", sim.token()) };
        let done = core.desk(&zhou, ask.command()).map(|_| "restores a registration");
        families::note(sim, [id].into_iter());
        done
    } else {
        let all = records(kind::CONFLICT, |record| {
            record.fields("settled").is_none() && domain::place::stored(record).account.is_none()
        });
        let id = sim.chance.one_of(&all)?.id;
        let choice = if sim.chance.once_in(2) { Choice::Restore } else { Choice::Keep };
        core.desk(&zhou, SettleForStation { id, choice }.command()).map(|_| "settles a conflict")
    };
    if let Err(error) = &told
        && error.code == ErrorCode::Server
    {
        broken(Law::Soundness, "the desk failed, and nobody made it");
    }
    Some(format!("the station {:?}", told.map_err(|error| error.code)))
}

fn back_up(sim: &Sim) -> Option<String> {
    let to = sim.dir.join(format!("backup-{}.db", sim.token()));
    backup::backup(&sim.dir, &to).unwrap_or_else(|error| broken(Law::Soundness, format!("a backup failed: {error:?}")));
    let mut backups = sim.backups.borrow_mut();
    if backups.len() >= COPIES_MAX {
        backups.remove(0);
    }
    backups.push(to);
    Some("the server's file is copied".to_owned())
}

fn restore(sim: &Sim) -> Option<String> {
    if !sim.is_at_the_bottom() {
        return None;
    }
    let from = {
        let backups = sim.backups.borrow();
        backups.get(sim.chance.below(backups.len()))?.clone()
    };
    let before = reach::accepted(sim);
    sim.stop_server();
    let dice = Arc::new(SeededDice::new(sim.seed ^ sim.token()));
    let restored = backup::restore(&sim.dir, &from, true, sim.hour.clone(), dice);
    restored.unwrap_or_else(|error| broken(Law::Soundness, format!("a restore failed: {error:?}")));
    sim.start_server();
    sim.rolled_back.set(true);
    sim.flown.borrow().iter().for_each(|flown| flown.answered.set(false));
    // The administrator looks through the grants, as a restore asks for.
    let granted = sim.granted.borrow().clone();
    for (login, areas) in granted {
        let list: Vec<&str> = areas.iter().copied().collect();
        sim.core().set_areas(login, &list).unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
    }
    reach::server_put_back(sim, &before);
    Some("the server is put back to a backup".to_owned())
}
