//! A push: what the device says it did, in the order it did it. Each save is applied whole or refused whole, and a refused one
//! never blocks the queue.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use domain::merge::Refusal;
use domain::place::Scope;
use domain::record::SCHEMA;
use domain::upcast::upcast;
use domain::{Change, DeviceNumber, RecordId, kind};
use store::server::{Answered, HeldWhy, StoredChange, Write};
use sync_protocol::sealed::HandInReply;
use sync_protocol::{CHANGE_BYTES_MAX, Position, PushedChange, SyncError, TXN_CHANGES_MAX, Verdict};

use crate::caller::Caller;
use crate::clock::Dice;
use crate::failure::Failure;
use crate::own::Own;
use crate::quarantine;
use crate::register::{Save, Stop, Telling, Work};
use crate::renew::recognise;
use crate::rescue::Origins;
use crate::restored;
use crate::sizes::json_bytes;

/// Group names kept of a refused change, and the bytes of each.
const GROUPS_NAMED_MAX: usize = 64;
const NAME_BYTES_NAMED_MAX: usize = 64;
/// Bytes of a history's name that are written down: ours have sixteen.
const EPOCH_BYTES_MAX: usize = 64;
/// Characters of the name of a kind or a group.
const NAME_MAX: usize = 32;

/// What a device says about itself beside the push.
#[derive(Clone, Debug)]
pub struct Hello {
    /// Which history it knows.
    pub epoch: String,
    /// The last change whose verdict it holds.
    pub acked: Option<Position>,
    /// The last it ever numbered.
    pub newest: Option<Position>,
    /// Its clock, Unix milliseconds, UTC.
    pub device_unix_ms: i64,
    /// What it has seen of each scope, by version.
    pub cursors: BTreeMap<Scope, u64>,
}

/// What came of a push.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// One for each change, by seq.
    pub verdicts: Vec<(u64, Verdict)>,
    /// What the caller may see now.
    pub grants: BTreeSet<Scope>,
    /// Which history this is.
    pub epoch: String,
    /// How many were answered from the book.
    pub repeated: usize,
    /// The device holds answers this server never gave.
    pub rolled_back: bool,
    /// Nobody has confirmed the grants since a restore: nothing is told.
    pub unconfirmed: bool,
    /// What may be answered by what the server added.
    pub own: Own,
}

/// Reads a push into the register.
///
/// # Errors
/// [`SyncError::Gap`] and [`SyncError::Forked`]; [`SyncError::Revoked`] for who was shut out and has nothing to deliver, or no
/// room left to deliver it. Then nothing of it happened.
pub fn push(
    write: &Write<'_>,
    caller: &Caller,
    hello: &Hello,
    changes: &[PushedChange],
    now_unix_ms: i64,
    dice: &dyn Dice,
) -> Result<Pushed, Failure> {
    let device = caller.device.number;
    let epoch = write.meta("epoch")?.unwrap_or_default();
    let acked = hello.acked.map_or(0, |(seq, _)| seq);
    let late = caller.late.is_some();
    if !late && epoch == hello.epoch && recognise(write, &caller.device, hello.acked, hello.newest)?.is_some() {
        return Err(SyncError::Forked.into());
    }
    let forgot = acked > caller.device.last_seq;
    let rolled_back = forgot && epoch == hello.epoch;
    if rolled_back {
        tracing::error!(device = device.0, "a device holds answers this server never gave: was the file put back by hand?");
    }
    write.set_device_seen(
        device,
        now_unix_ms,
        hello.device_unix_ms.saturating_sub(now_unix_ms),
        hello.newest.map_or(0, |(seq, _)| seq),
    )?;
    if hello.epoch.len() <= EPOCH_BYTES_MAX {
        write.set_device_epoch(device, &hello.epoch)?;
    }

    // A restored server asks for what it forgot, of a device that has nothing new to say too. What the device no longer keeps
    // leaves holes in the answer; when it has said all it has, it comes back in the new epoch and its word on the rest stands.
    let telling_again = epoch != hello.epoch;
    if forgot && telling_again && changes.first().is_none_or(|first| first.seq > acked) {
        return Err(SyncError::Gap { expected: caller.device.last_seq + 1, epoch }.into());
    }
    let last = if rolled_back { acked } else { caller.device.last_seq };
    check_positions(write, last, changes, &epoch, telling_again)?;
    let restored_unix_ms = restored::since(write, now_unix_ms)?;
    let work = Work { write, caller, cursors: &hello.cursors, now_unix_ms, dice, restored_unix_ms };
    let (mut verdicts, mut repeated) = (Vec::with_capacity(changes.len()), 0);
    let mut newest = None;
    let mut told = Told::default();
    for save in saves(changes) {
        match known(&work, save)? {
            Known::All(known) => {
                repeated += known.len();
                verdicts.extend(known);
            }
            // It stays where it is, unanswered: on the device.
            Known::Part | Known::Nothing if !quarantine::has_room(&work, save)? => break,
            Known::Part => verdicts.extend(take_save(&work, save, true, &mut told)?),
            Known::Nothing => verdicts.extend(take_save(&work, save, false, &mut told)?),
        }
        newest = save.last();
    }
    told.publish(&work)?;
    if caller.late.is_some() && verdicts.is_empty() {
        return Err(SyncError::Revoked.into());
    }
    if let Some(newest) = newest.filter(|newest| newest.seq > last) {
        write.set_device_position(device, newest.seq, newest.change.id)?;
    } else if let Some((seq, id)) = hello.acked.filter(|_| rolled_back) {
        write.set_device_position(device, seq, id)?;
    }
    // A device that tells again, or repeats, may hold what it pushed already: it is told whole.
    let own = if repeated > 0 || telling_again || rolled_back { Own::default() } else { told.own };
    Ok(Pushed {
        verdicts,
        grants: caller.grants.clone(),
        epoch,
        repeated,
        rolled_back,
        own,
        unconfirmed: restored::is_unconfirmed(write)?,
    })
}

/// Saves out of boxes, in the order they were made. What the book knows is left as it is; the rest is held for the station, under the
/// places the device's own push would have had, so that it, if it ever comes, is answered from the book.
///
/// # Errors
/// As the store says.
pub fn take_sealed(
    write: &Write<'_>,
    caller: &Caller,
    saves: Vec<Vec<Change>>,
    now_unix_ms: i64,
    dice: &dyn Dice,
) -> Result<HandInReply, Failure> {
    let cursors = BTreeMap::new();
    let work = Work { write, caller, cursors: &cursors, now_unix_ms, dice, restored_unix_ms: None };
    let (mut reply, mut told) = (HandInReply::default(), Told::default());
    let mut last = caller.device.last_seq;
    for changes in saves {
        let save: Vec<PushedChange> =
            changes.into_iter().zip(last + 1..).map(|(change, seq)| PushedChange { seq, change }).collect();
        let Some(end) = save.last().map(|end| (end.seq, end.change.id)) else { continue };
        match known(&work, &save)? {
            // Refused, the server keeps no value of it, and the tray it lay in is behind the lock.
            Known::All(verdicts)
                if verdicts.iter().all(|(_, verdict)| matches!(verdict, Verdict::Refused(_)))
                    && !write.was_held(save[0].change.txn)?
                    && quarantine::has_room_for(&work, &save)? =>
            {
                if !is_as_told(&work, &save)? || misfit(&work, &save)?.is_some() {
                    reply.refused += 1;
                    continue;
                }
                quarantine::hold(&work, &save, HeldWhy::Sealed, None)?;
                quarantine::count(&work, &save)?;
                reply.held += 1;
                continue;
            }
            Known::All(_) => {
                reply.known += 1;
                continue;
            }
            Known::Part => {
                reply.refused += 1;
                continue;
            }
            Known::Nothing => {}
        }
        if save.iter().any(|pushed| pushed.change.txn != save[0].change.txn) || unfit(&work, &save)?.is_some() {
            reply.refused += 1;
            continue;
        }
        if reply.left > 0 || !quarantine::has_room_for(&work, &save)? {
            reply.left += 1;
            continue;
        }
        take_save(&work, &save, false, &mut told)?;
        write.set_device_position(caller.device.number, end.0, end.1)?;
        last = end.0;
        reply.held += 1;
    }
    Ok(reply)
}

/// A save somebody made on the server itself, at the desk. Judged like any other.
///
/// # Errors
/// As the store says.
pub fn take_own(work: &Work<'_>, changes: Vec<Change>) -> Result<Vec<Verdict>, Failure> {
    let last = work.caller.device.last_seq;
    let save: Vec<PushedChange> = changes.into_iter().zip(last + 1..).map(|(change, seq)| PushedChange { seq, change }).collect();
    let Some(end) = save.last() else { return Ok(Vec::new()) };
    let mut told = Told::default();
    let verdicts = take_save(work, &save, false, &mut told)?;
    told.publish(work)?;
    work.write.set_device_position(work.caller.device.number, end.seq, end.change.id)?;
    Ok(verdicts.into_iter().map(|(_, verdict)| verdict).collect())
}

/// Whether a push continues the outbox the server knows.
///
/// ```text
///   server has 1..5   push 4 5 6 7   →   4 5: as before   6 7: new
///                     push 7 8       →   gap, 6 is expected
///                     push 5' 6      →   forked: another change stands at 5
/// ```
///
/// A device that tells a restored server again what it kept may leave holes: those changes were answered and forgotten.
fn check_positions(
    write: &Write<'_>,
    last: u64,
    changes: &[PushedChange],
    epoch: &str,
    telling_again: bool,
) -> Result<(), Failure> {
    if changes.iter().any(|pushed| i64::try_from(pushed.seq).is_err()) {
        return Err(SyncError::Malformed("a position beyond all".to_owned()).into());
    }
    let mut expected = changes.first().map_or(1, |first| first.seq.clamp(1, last + 1));
    for pushed in changes {
        if telling_again && pushed.seq > expected {
            expected = pushed.seq;
        }
        if pushed.seq != expected {
            return Err(SyncError::Gap { expected, epoch: epoch.to_owned() }.into());
        }
        if pushed.seq <= last && !write.knows_change(pushed.change.id)? {
            // A cloned file: the device asks for a number of its own and says it again under that.
            return Err(SyncError::Forked.into());
        }
        expected += 1;
    }
    Ok(())
}

/// What the book has of a save, under this number or, from a renumbered clone, under another.
enum Known {
    Nothing,
    /// It was cut in two by a broken device.
    Part,
    All(Vec<(u64, Verdict)>),
}

fn known(work: &Work<'_>, save: &[PushedChange]) -> Result<Known, Failure> {
    let mut known = 0;
    for pushed in save {
        known += usize::from(work.write.knows_change(pushed.change.id)?);
    }
    if known < save.len() {
        return Ok(if known == 0 { Known::Nothing } else { Known::Part });
    }
    let mut verdicts = Vec::with_capacity(save.len());
    for pushed in save {
        let Some(stored) = work.write.change(pushed.change.id)? else { return Ok(Known::Part) };
        verdicts.push((pushed.seq, verdict_again(work.caller, &stored)?));
    }
    Ok(Known::All(verdicts))
}

fn verdict_again(caller: &Caller, stored: &StoredChange) -> Result<Verdict, Failure> {
    if stored.author != caller.account.id {
        // Somebody else's change under this name: it is not repeated, and says nothing about theirs.
        return Ok(Verdict::Refused(Refusal::Invalid("id".to_owned())));
    }
    Ok(serde_json::from_str(&stored.verdict).map_err(store::StoreError::from)?)
}

/// Whether these are the very changes the book has from this caller: a box that only borrows their names would be held as often as
/// it comes, under any hand.
fn is_as_told(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    for PushedChange { change, .. } in save {
        let Some(stored) = work.write.change(change.id)? else { return Ok(false) };
        let told = &stored.change;
        let same = (told.txn, told.record, &told.kind, told.verb, told.origin)
            == (change.txn, change.record, &change.kind, change.verb, change.origin);
        if stored.author != work.caller.account.id || !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the scopes are still to be told of a push, and what the device is told of it.
#[derive(Debug, Default)]
struct Told {
    telling: Telling,
    own: Own,
}

impl Told {
    fn publish(&mut self, work: &Work<'_>) -> Result<(), Failure> {
        let given = std::mem::take(&mut self.telling).publish(work.write, work.now_unix_ms, work.dice)?;
        self.own.note_given(given, work.cursors);
        Ok(())
    }
}

/// Cuts a push into its saves: neighbours with the same txn.
fn saves(changes: &[PushedChange]) -> impl Iterator<Item = &[PushedChange]> {
    changes.chunk_by(|one, next| one.change.txn == next.change.txn)
}

fn take_save(
    work: &Work<'_>,
    save: &[PushedChange],
    partly_known: bool,
    told: &mut Told,
) -> Result<Vec<(u64, Verdict)>, Failure> {
    let verdicts = match (unfit(work, save)?, work.caller.late) {
        (Some((index, why)), _) => refused(save.len(), index, &why),
        (None, Some(why)) => {
            quarantine::hold(work, save, why, None)?;
            vec![Verdict::Held; save.len()]
        }
        (None, None) => judge(work, save, told)?,
    };
    if work.caller.late.is_some() {
        quarantine::count(work, save)?;
    }
    let mut answered = Vec::with_capacity(save.len());
    for (place, (pushed, verdict)) in save.iter().zip(verdicts).enumerate() {
        // Its known part keeps its first verdict. A save may name one change twice, and is refused for it.
        let known = partly_known || save[..place].iter().any(|earlier| earlier.change.id == pushed.change.id);
        if known && let Some(stored) = work.write.change(pushed.change.id)? {
            answered.push((pushed.seq, verdict_again(work.caller, &stored)?));
            continue;
        }
        keep(work, pushed, place, &verdict)?;
        answered.push((pushed.seq, verdict));
    }
    Ok(answered)
}

/// Applies a save, or finds out why not. Late work of a village that was taken away is held instead of refused.
fn judge(work: &Work<'_>, save: &[PushedChange], told: &mut Told) -> Result<Vec<Verdict>, Failure> {
    let applied = work.write.attempt(|| match Save::new(work).apply(&as_of_today(save)) {
        Ok(applied) => Ok((Ok(applied), true)),
        Err(Stop::Refused(index, why)) => Ok((Err((index, why)), false)),
        Err(Stop::Failed(failure)) => Err(failure),
    })?;
    match applied {
        Ok((verdicts, touched)) => {
            told.own.note_save(&touched, save, &verdicts, work.caller.account.role);
            if told.telling.add(touched, work.write)? {
                told.publish(work)?;
            }
            let waited_for = waited_for(work, save)?;
            if !waited_for.is_empty() {
                // The scopes are told of it first.
                told.publish(work)?;
                quarantine::release(work, waited_for)?;
            }
            Ok(verdicts)
        }
        Err((_, why)) if quarantine::hold_if_late(work, save, &why)? => Ok(vec![Verdict::Held; save.len()]),
        Err(_) if restored::hold_if_from_before(work, save)? => Ok(vec![Verdict::Held; save.len()]),
        Err((_, why)) if quarantine::hold_if_incomplete(work, save, &why)? => Ok(vec![Verdict::Held; save.len()]),
        Err((index, why)) => Ok(refused(save.len(), index, &why)),
    }
}

/// The records this save makes for want of which something is held.
fn waited_for(work: &Work<'_>, save: &[PushedChange]) -> Result<Vec<RecordId>, Failure> {
    let mut waited_for = Vec::new();
    for record in quarantine::created(save) {
        if !work.write.held_for_want_of(record)?.is_empty() {
            waited_for.push(record);
        }
    }
    Ok(waited_for)
}

/// What became of values a restored server lacked.
#[derive(Debug, Default)]
pub struct Rescued {
    /// Of those that were taken or held.
    pub verdicts: Vec<Verdict>,
    /// So many found no room.
    pub dropped: u64,
}

/// How many changes of a rescue are applied, those that are applied again without what did not go counted again: what is refused
/// may be named by others, and those by others again.
const RESCUE_WORK_MAX: usize = 20_000;

/// Values a restored server lacks, as far as they can be taken together; those that cannot are held for the station, one by one and
/// as far as there is room, and the rest goes on without them; or they are passed over, when they will be offered again. `origins`
/// are their true names; without, nothing of it is taken.
///
/// # Errors
/// As the store says.
pub fn take_rescued(
    work: &Work<'_>,
    changes: Vec<Change>,
    origins: Option<&Origins>,
    hold: bool,
    telling: &mut Telling,
) -> Result<Rescued, Failure> {
    let desk = work.caller.device.number;
    let last = work.write.device(desk)?.map_or(0, |desk| desk.last_seq);
    let mut rest: Vec<PushedChange> =
        changes.into_iter().zip(last + 1..).map(|(change, seq)| PushedChange { seq, change }).collect();
    let Some(newest) = rest.last().map(|last| (last.seq, last.change.id)) else { return Ok(Rescued::default()) };
    let mut rescued = Rescued::default();
    let mut refused = Vec::new();
    if origins.is_none() {
        refused.append(&mut rest);
    }
    let mut worked = 0;
    while !rest.is_empty() && worked + rest.len() <= RESCUE_WORK_MAX {
        worked += rest.len();
        let applied = work.write.attempt(|| match Save::rescuing(work, origins).apply_what_goes(&rest) {
            Ok(Ok(applied)) => Ok((Ok(applied), true)),
            Ok(Err(bad)) => Ok((Err(bad), false)),
            Err(failure) => Err(failure),
        })?;
        match applied {
            Ok((verdicts, touched)) => {
                if telling.add(touched, work.write)? {
                    std::mem::take(telling).publish(work.write, work.now_unix_ms, work.dice)?;
                }
                let waited_for = waited_for(work, &rest)?;
                if !waited_for.is_empty() {
                    std::mem::take(telling).publish(work.write, work.now_unix_ms, work.dice)?;
                    quarantine::release(work, waited_for)?;
                }
                for (pushed, verdict) in std::mem::take(&mut rest).into_iter().zip(verdicts) {
                    keep(work, &pushed, 0, &verdict)?;
                    rescued.verdicts.push(verdict);
                }
            }
            Err(bad) => {
                let mut at = 0;
                let (out, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut rest).into_iter().partition(|_| {
                    at += 1;
                    bad.contains(&(at - 1))
                });
                refused.extend(out);
                rest = stay;
            }
        }
    }
    refused.append(&mut rest);
    for alone in refused.iter().filter(|_| hold) {
        let alone = std::slice::from_ref(alone);
        if !quarantine::has_room_for(work, alone)? {
            rescued.dropped += 1;
            continue;
        }
        quarantine::hold(work, alone, HeldWhy::Rescue, None)?;
        quarantine::count(work, alone)?;
        keep(work, &alone[0], 0, &Verdict::Held)?;
        rescued.verdicts.push(Verdict::Held);
    }
    work.write.set_device_position(desk, newest.0, newest.1)?;
    Ok(rescued)
}

/// A save as this version reads it; kept is what was pushed.
pub(crate) fn as_of_today(save: &[PushedChange]) -> Cow<'_, [PushedChange]> {
    if save.iter().all(|pushed| pushed.change.schema >= SCHEMA) {
        return Cow::Borrowed(save);
    }
    save.iter().map(|pushed| PushedChange { seq: pushed.seq, change: upcast(pushed.change.clone()) }).collect()
}

/// Into the book.
fn keep(work: &Work<'_>, pushed: &PushedChange, place: usize, verdict: &Verdict) -> Result<(), Failure> {
    // What is held did nothing so far; its values stand in the quarantine.
    let refused = matches!(verdict, Verdict::Refused(_) | Verdict::Held);
    let text = match verdict {
        Verdict::Ok => Cow::Borrowed(r#"{"is":"ok"}"#),
        verdict => serde_json::to_string(verdict).map_err(store::StoreError::from)?.into(),
    };
    let answered = Answered {
        device: work.caller.device.number,
        seq: pushed.seq,
        place,
        author: work.caller.account.id,
        refused,
        verdict: &text,
        received_unix_ms: work.now_unix_ms,
    };
    if refused {
        Ok(work.write.keep_change(&envelope(&pushed.change), answered)?)
    } else {
        Ok(work.write.keep_change(&pushed.change, answered)?)
    }
}

/// A change without its values. What was refused stands in the tray of its device; kept here too, it would be a way to fill
/// the disk.
fn envelope(change: &Change) -> Change {
    let mut envelope = change.clone();
    let mut room = GROUPS_NAMED_MAX;
    envelope.groups.retain(|name, _| {
        room = room.saturating_sub(1);
        room > 0 && name.len() <= NAME_BYTES_NAMED_MAX
    });
    envelope.groups.values_mut().for_each(|group| group.fields.clear());
    envelope.kind.truncate(envelope.kind.floor_char_boundary(NAME_BYTES_NAMED_MAX));
    envelope
}

/// One change is refused for its own reason, the others because a save is whole.
fn refused(count: usize, index: usize, why: &Refusal) -> Vec<Verdict> {
    (0..count).map(|at| Verdict::Refused(if at == index { why.clone() } else { Refusal::WithItsSave })).collect()
}

/// What is wrong with a save before anything is looked up: it is refused, and the queue goes on behind it.
fn unfit(work: &Work<'_>, save: &[PushedChange]) -> Result<Option<(usize, Refusal)>, Failure> {
    if save.len() > TXN_CHANGES_MAX {
        return Ok(Some((0, Refusal::Invalid("a save of too many changes".to_owned()))));
    }
    // Its first part was applied, or refused, before: this part can no longer be whole.
    if work.write.knows_txn(save[0].change.txn)? {
        return Ok(Some((0, Refusal::Invalid("a save in two parts".to_owned()))));
    }
    misfit(work, save)
}

/// What is wrong with its changes, whether or not they were told before.
fn misfit(work: &Work<'_>, save: &[PushedChange]) -> Result<Option<(usize, Refusal)>, Failure> {
    for (index, pushed) in save.iter().enumerate() {
        let change = &pushed.change;
        // What could never be taken is not held for anybody to look at either.
        if !kind::is_known(&change.kind) {
            let why =
                if is_name(&change.kind) { Refusal::Role(change.kind.clone()) } else { Refusal::Invalid("kind".to_owned()) };
            return Ok(Some((index, why)));
        }
        if !change.groups.keys().all(|group| is_name(group)) {
            return Ok(Some((index, Refusal::Invalid("groups".to_owned()))));
        }
        let bytes = json_bytes(change).map_err(store::StoreError::from)?;
        if bytes > CHANGE_BYTES_MAX {
            return Ok(Some((index, Refusal::Invalid("a change of too many bytes".to_owned()))));
        }
        if !is_own_origin(work, change.origin.device)? {
            return Ok(Some((index, Refusal::Invalid("origin".to_owned()))));
        }
        if save[..index].iter().any(|earlier| earlier.change.id == change.id) {
            return Ok(Some((index, Refusal::Invalid("id".to_owned()))));
        }
    }
    Ok(None)
}

/// Names of kinds and groups are ours, of any version; they stand in lists and on consoles.
fn is_name(name: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(sign)
}

/// Whether values under this device number may come from this caller: its own, an earlier device of the same account
/// (restored and cloned files keep their origins), or a number this history does not know. Nobody writes as somebody else:
/// a value counts as seen by the device that wrote it.
pub(crate) fn is_own_origin(work: &Work<'_>, device: DeviceNumber) -> Result<bool, Failure> {
    if device == work.caller.device.number {
        return Ok(true);
    }
    if device == DeviceNumber::SERVER || i64::from(device.0) > work.write.counter("device")? {
        return Ok(false);
    }
    Ok(work.write.device_account(device)?.is_none_or(|account| account == work.caller.account.id))
}
