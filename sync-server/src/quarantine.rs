//! Late work: never refused and never simply believed. Saves that come after their writer was shut out, or after a village was
//! taken away, are held as they are until a person of the station decides ([`crate::desk`]). What is held only because something it
//! builds on was missing is taken in by itself when that arrives.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::merge::Refusal;
use domain::place::{self, Scope};
use domain::{Change, DeviceNumber, RecordId, Verb, kind};
use store::StoreError;
use store::server::{HeldQuery, HeldSave, HeldState, HeldWhy, NewHeld, View, Write};
use sync_protocol::PushedChange;

use crate::accounts::audit;
use crate::caller::{Caller, grants};
use crate::clock::Dice;
use crate::failure::Failure;
use crate::push::as_of_today;
use crate::register::{Save, Stop, Work};
use crate::renew::first_number;
use crate::restored;

/// How long after being shut out, or after losing a village, late work is still taken.
pub const LATE_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Late changes of one installation, ever, under all its numbers: more than a month of full days at the door.
pub const LATE_CHANGES_MAX: u64 = 10_000;
/// The same in bytes as JSON: a stolen phone must not fill the disk.
pub const LATE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Held saves tried at once when a record arrives: what is beyond waits for the station.
const RELEASED_MAX: u32 = 200;

/// Whether a device may deliver so much more late work. Who is not late needs no room.
///
/// # Errors
/// As the store says.
pub fn has_room(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    Ok(work.caller.late.is_none() || is_room_for(work, save.len() as u64, bytes_of(save)?)?)
}

/// Whether a device that is not late may have so much held.
///
/// # Errors
/// As the store says.
pub fn has_room_for(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    is_room_for(work, save.len() as u64, bytes_of(save)?)
}

/// Whether a device that was shut out may deliver so many bytes of a photo beside its changes.
///
/// # Errors
/// As the store says.
pub fn has_room_for_bytes(view: &View<'_>, device: DeviceNumber, bytes: u64) -> Result<bool, StoreError> {
    Ok(view.late_tally(first_number(view, device)?)?.1 + bytes <= LATE_BYTES_MAX)
}

/// Counts what somebody who was shut out delivered, whatever became of it.
///
/// # Errors
/// As the store says.
pub fn count(work: &Work<'_>, save: &[PushedChange]) -> Result<(), Failure> {
    let first = first_number(work.write, work.caller.device.number)?;
    Ok(work.write.count_late(first, save.len() as u64, bytes_of(save)?)?)
}

/// Holds a save as it is, for the station to decide. `area` is the village whose station is asked, where the caller of this knows;
/// otherwise it is looked for. Does not write the verdict: [`crate::push`] does, as for any other.
///
/// # Errors
/// As the store says.
pub fn hold(work: &Work<'_>, save: &[PushedChange], why: HeldWhy, area: Option<&str>) -> Result<i64, Failure> {
    let Some(first) = save.first() else { return Err(Failure::Store(StoreError::from(std::io::Error::other("an empty save")))) };
    let found = match area {
        Some(area) => area.to_owned(),
        None => area_of(work, save)?.unwrap_or_default(),
    };
    let records: Vec<RecordId> = save.iter().flat_map(|pushed| records_of(&pushed.change)).collect();
    Ok(work.write.hold(&NewHeld {
        txn: first.change.txn,
        device: work.caller.device.number,
        account: work.caller.account.id,
        area: &found,
        why,
        save: &serde_json::to_string(save).map_err(StoreError::from)?,
        changes: save.len() as u64,
        records: &records,
        received_unix_ms: work.now_unix_ms,
    })?)
}

/// Holds a refused save when it is late work: it builds on what is held already, or it would have been inside the villages the
/// writer had until a month ago. Everything else stays refused.
///
/// # Errors
/// As the store says.
pub fn hold_if_late(work: &Work<'_>, save: &[PushedChange], why: &Refusal) -> Result<bool, Failure> {
    if !matches!(why, Refusal::Scope | Refusal::UnknownRecord | Refusal::BuildsOnRefused) {
        return Ok(false);
    }
    let held_because = match builds_on_held(work, save)? {
        Some(because) => because,
        None if *why == Refusal::Scope && was_granted(work, save)? => HeldWhy::Dropped,
        None => return Ok(false),
    };
    if !is_room_for(work, save.len() as u64, bytes_of(save)?)? {
        return Ok(false);
    }
    hold(work, save, held_because, None)?;
    count(work, save)?;
    Ok(true)
}

/// Holds a refused save that was made under another number of its account and misses what it builds on: the file it was lifted out
/// of, or came back from, has lost the rest. Nobody can say it again better; the station, or the rest when it arrives, decides.
///
/// # Errors
/// As the store says.
pub fn hold_if_incomplete(work: &Work<'_>, save: &[PushedChange], why: &Refusal) -> Result<bool, Failure> {
    let own = work.caller.device.number;
    if save.iter().any(|pushed| pushed.change.origin.device == own) {
        return Ok(false);
    }
    let misses = match why {
        Refusal::UnknownRecord => true,
        // A person without the stay that says where: nothing of it is anybody's yet.
        Refusal::Scope => is_new(work, save)?,
        _ => false,
    };
    if !misses || !has_room_for(work, save)? {
        return Ok(false);
    }
    hold(work, save, HeldWhy::UnknownRecord, None)?;
    count(work, save)?;
    Ok(true)
}

/// Whether nothing the save is about, or names, is here.
fn is_new(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    for pushed in save {
        if work.write.record(pushed.change.record)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes in what was held because these records were not there, now that they are: in the name of its author, who is still granted
/// what it is about. What the register does not take goes on waiting for the station, and so does everything of who was shut out.
///
/// # Errors
/// As the store says.
pub fn release(work: &Work<'_>, made: impl IntoIterator<Item = RecordId>) -> Result<(), Failure> {
    let mut made: VecDeque<RecordId> = made.into_iter().collect();
    let mut left = RELEASED_MAX;
    while let Some(record) = made.pop_front() {
        for held in work.write.held_for_want_of(record)? {
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            made.extend(release_one(work.write, &held, work.restored_unix_ms, work.now_unix_ms, work.dice)?);
        }
    }
    Ok(())
}

/// Tries a page of what is held for want of something once more, after the save of this number: the grants are right again. Answers
/// where the next page begins.
///
/// # Errors
/// As the store says.
pub fn release_page(write: &Write<'_>, after: i64, now_unix_ms: i64, dice: &dyn Dice) -> Result<Option<i64>, Failure> {
    let page = write.held_saves(HeldQuery { after, limit: RELEASED_MAX, ..HeldQuery::OPEN })?;
    let restored_unix_ms = restored::since(write, now_unix_ms)?;
    for held in page.iter().filter(|held| held.why == HeldWhy::UnknownRecord) {
        release_one(write, held, restored_unix_ms, now_unix_ms, dice)?;
    }
    Ok(page.last().map(|last| last.number))
}

/// Answers what it makes; nothing when it goes on waiting.
fn release_one(
    write: &Write<'_>,
    held: &HeldSave,
    restored_unix_ms: Option<i64>,
    now_unix_ms: i64,
    dice: &dyn Dice,
) -> Result<Vec<RecordId>, Failure> {
    let Some(author) = living_author(write, held)? else { return Ok(Vec::new()) };
    let save: Vec<PushedChange> = serde_json::from_str(&held.save).map_err(StoreError::from)?;
    let cursors = BTreeMap::new();
    let work = Work { write, caller: &author, cursors: &cursors, now_unix_ms, dice, restored_unix_ms };
    if apply_as(&work, &save)?.is_some() {
        return Ok(Vec::new());
    }
    write.decide_held(held.number, HeldState::Taken, "", now_unix_ms, "")?;
    audit(write, now_unix_ms, "quarantine.release", &format!("{} of device {}", held.number, held.device), "")?;
    Ok(created(&save))
}

/// The records a save makes.
pub fn created(save: &[PushedChange]) -> Vec<RecordId> {
    save.iter().filter(|pushed| pushed.change.verb == Verb::Create).map(|pushed| pushed.change.record).collect()
}

/// The author as they would push now; `None` for who was shut out.
fn living_author(write: &Write<'_>, held: &HeldSave) -> Result<Option<Caller>, Failure> {
    let (Some(account), Some(device)) = (write.account(held.account)?, write.device(held.device)?) else { return Ok(None) };
    if account.disabled || device.revoked {
        return Ok(None);
    }
    let grants = grants(write, &account)?;
    Ok(Some(Caller { device, account, grants, late: None }))
}

/// Applies a held save as `author`, whole or not at all, and writes down in the book of changes what became of it. It had seen
/// what its bases name and nothing else: what its device knew of the scopes then is not kept.
///
/// # Errors
/// As the store says. `Some` reason when the register does not take it; then nothing happened.
pub fn apply(
    write: &Write<'_>,
    author: &Caller,
    save: &[PushedChange],
    now_unix_ms: i64,
    dice: &dyn Dice,
) -> Result<Option<Refusal>, Failure> {
    let cursors = BTreeMap::new();
    apply_as(&Work { write, caller: author, cursors: &cursors, now_unix_ms, dice, restored_unix_ms: None }, save)
}

fn apply_as(work: &Work<'_>, save: &[PushedChange]) -> Result<Option<Refusal>, Failure> {
    let write = work.write;
    let applied = write.attempt(|| match Save::new(work).apply(&as_of_today(save)) {
        Ok(applied) => Ok((Ok(applied), true)),
        Err(Stop::Refused(_, why)) => Ok((Err(why), false)),
        Err(Stop::Failed(failure)) => Err(failure),
    })?;
    let (verdicts, telling) = match applied {
        Ok(applied) => applied,
        Err(why) => return Ok(Some(why)),
    };
    telling.publish(write, work.now_unix_ms, work.dice)?;
    for (pushed, verdict) in save.iter().zip(&verdicts) {
        let change = serde_json::to_string(&pushed.change).map_err(StoreError::from)?;
        let verdict = serde_json::to_string(verdict).map_err(StoreError::from)?;
        write.change_was_taken(pushed.change.id, &change, &verdict)?;
    }
    Ok(None)
}

fn is_room_for(work: &Work<'_>, changes: u64, bytes: u64) -> Result<bool, Failure> {
    let (late_changes, late_bytes) = work.write.late_tally(first_number(work.write, work.caller.device.number)?)?;
    Ok(late_changes + changes <= LATE_CHANGES_MAX && late_bytes + bytes <= LATE_BYTES_MAX)
}

fn bytes_of(save: &[PushedChange]) -> Result<u64, Failure> {
    Ok(serde_json::to_vec(save).map_err(StoreError::from)?.len() as u64)
}

/// Why the earlier save is held that this one changes or names, when there is one of the same account.
fn builds_on_held(work: &Work<'_>, save: &[PushedChange]) -> Result<Option<HeldWhy>, Failure> {
    for id in save.iter().flat_map(|pushed| records_of(&pushed.change)).collect::<BTreeSet<_>>() {
        if let Some(earlier) = work.write.held_about(id, work.caller.account.id)?.first() {
            return Ok(Some(earlier.why));
        }
    }
    Ok(None)
}

/// Whether a save would be taken with the villages its writer lost within the month. It is tried and taken back: nothing of it
/// stays, and nothing of it is told.
fn was_granted(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    let lost = work.write.areas_lost_since(work.caller.account.id, work.now_unix_ms - LATE_MS)?;
    if lost.is_empty() {
        return Ok(false);
    }
    let mut caller: Caller = work.caller.clone();
    caller.grants.extend(lost.into_iter().map(Scope::Area));
    let wider = Work { caller: &caller, ..*work };
    work.write.attempt(|| match Save::new(&wider).apply(&as_of_today(save)) {
        Ok(_) => Ok((true, false)),
        Err(Stop::Refused(..)) => Ok((false, false)),
        Err(Stop::Failed(failure)) => Err(failure),
    })
}

/// The record a change is about, and those it names.
fn records_of(change: &Change) -> Vec<RecordId> {
    let named = kind::reference_fields(&change.kind).iter().filter_map(|(group, field)| {
        change.groups.get(*group).and_then(|group| group.fields.get(*field)?.as_str()?.parse().ok())
    });
    std::iter::once(change.record).chain(named).collect()
}

/// The village a save is about: where its records are, where it puts them, where what it builds on is held; at last the first
/// village its writer has or had.
fn area_of(work: &Work<'_>, save: &[PushedChange]) -> Result<Option<String>, Failure> {
    let write: &Write<'_> = work.write;
    for id in save.iter().flat_map(|pushed| records_of(&pushed.change)) {
        if let Some(area) = write.record(id)?.and_then(|record| place::stored(&record).area) {
            return Ok(Some(area));
        }
    }
    // Nobody chooses whose station is asked: where a save puts something counts where its writer works or worked.
    let account = work.caller.account.id;
    let mut worked = write.villages_of(account)?;
    worked.extend(write.areas_lost_since(account, work.now_unix_ms - LATE_MS)?);
    let areas =
        save.iter().flat_map(|pushed| pushed.change.groups.values()).filter_map(|group| group.fields.get("area")?.as_str());
    if let Some(area) = areas.into_iter().find(|area| worked.iter().any(|worked| worked == area)) {
        return Ok(Some(area.to_owned()));
    }
    for id in save.iter().flat_map(|pushed| records_of(&pushed.change)) {
        if let Some(earlier) = write.held_about(id, account)?.into_iter().find(|earlier| !earlier.area.is_empty()) {
            return Ok(Some(earlier.area));
        }
    }
    Ok(worked.into_iter().next())
}
