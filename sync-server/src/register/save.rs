//! One save, applied whole.

use std::borrow::Cow;
use std::sync::Arc;

use domain::access::Role;
use domain::merge::{Arrival, Clash, Merged, Refusal, merge};
use domain::{AccountId, Change, Record, RecordId, Verb, access, day, kind, same};
use sync_protocol::{PushedChange, Verdict};

use crate::failure::Failure;
use crate::rescue::{Names, Origins};
use crate::restored;

use super::{Ledger, Stop, Telling, Work, conflicts, reach, shape};
use crate::sizes::json_bytes;

/// Groups of one record: three times what any kind has.
pub const RECORD_GROUPS_MAX: usize = 64;
/// Bytes of one record as JSON: a page holds at least one, whatever else it holds.
pub const RECORD_BYTES_MAX: usize = 128 * 1024;

/// A value that did not stand, with what is needed to tell people.
#[derive(Clone, Debug)]
pub struct Found {
    /// The record.
    pub record: RecordId,
    /// Both values.
    pub clash: Clash,
    /// Whose the standing value is, where the server wrote it for them.
    pub stands_by: Option<AccountId>,
}

/// Verdicts and what is to be told, or the places of changes that do not go.
pub type WhatGoes = Result<(Vec<Verdict>, Telling), Vec<usize>>;

/// One save being applied.
pub struct Save<'w> {
    pub(super) work: &'w Work<'w>,
    pub(super) ledger: Ledger<'w>,
    /// Changes whose values met others.
    pub(super) found: Vec<Found>,
    /// Places in the save whose verdict is `merged`.
    pub(super) merged: Vec<usize>,
    /// The true names of values that are rescued.
    origins: Option<&'w Origins>,
}

impl<'w> Save<'w> {
    /// Nothing applied yet.
    pub fn new(work: &'w Work<'w>) -> Save<'w> {
        Save {
            work,
            ledger: Ledger::new(work.write, work.now_unix_ms, work.dice),
            found: Vec::new(),
            merged: Vec::new(),
            origins: None,
        }
    }

    /// The same for values a restored server lacks, under the names they had.
    pub fn rescuing(work: &'w Work<'w>, origins: Option<&'w Origins>) -> Save<'w> {
        Save { origins, ..Save::new(work) }
    }

    /// Applies every change of the save, or none: the caller takes the transaction back on [`Stop`], and tells the scopes what
    /// was touched.
    ///
    /// # Errors
    /// [`Stop::Refused`] with the change and the reason.
    pub fn apply(mut self, save: &[PushedChange]) -> Result<(Vec<Verdict>, Telling), Stop> {
        for (index, pushed) in save.iter().enumerate() {
            self.apply_one(index, pushed)?;
        }
        for (index, pushed) in save.iter().enumerate() {
            self.check_named(index, save, pushed)?;
        }
        self.meet_others_work(save)?;
        for (index, pushed) in save.iter().enumerate() {
            reach::check_after(&self, &pushed.change).map_err(|why| at(index, why))?;
        }
        self.conclude(save)
    }

    /// The same for changes that are no one save, and of which some may not go: answers as many of those as can be told at once,
    /// by their places. Then the caller takes the transaction back, and tries without them.
    ///
    /// # Errors
    /// As the store says.
    pub fn apply_what_goes(mut self, all: &[PushedChange]) -> Result<WhatGoes, Failure> {
        let mut bad = Vec::new();
        let mut note = |done: Result<(), Stop>| match done {
            Ok(()) => Ok(()),
            Err(Stop::Refused(index, _)) => {
                bad.push(index);
                Ok(())
            }
            Err(Stop::Failed(failure)) => Err(failure),
        };
        for (index, pushed) in all.iter().enumerate() {
            note(self.apply_one(index, pushed))?;
        }
        for (index, pushed) in all.iter().enumerate() {
            note(self.check_named(index, all, pushed))?;
        }
        if !bad.is_empty() {
            return Ok(Err(bad));
        }
        if let Err(stop) = self.meet_others_work(all) {
            return one_bad(stop);
        }
        for (index, pushed) in all.iter().enumerate() {
            match reach::check_after(&self, &pushed.change).map_err(|why| at(index, why)) {
                Ok(()) => {}
                Err(Stop::Refused(index, _)) => bad.push(index),
                Err(Stop::Failed(failure)) => return Err(failure),
            }
        }
        if !bad.is_empty() {
            return Ok(Err(bad));
        }
        self.conclude(all).map(Ok).or_else(one_bad)
    }

    fn check_named(&self, index: usize, save: &[PushedChange], pushed: &PushedChange) -> Result<(), Stop> {
        reach::check_names(self, save, &pushed.change).map_err(|why| at(index, why))?;
        reach::check_takes_along(self, &pushed.change).map_err(|why| at(index, why))
    }

    /// What follows from a save, and meets what others did.
    fn meet_others_work(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        self.hold_deletes(save)?;
        self.revive_named(save)?;
        self.meet_presence(save)?;
        self.give_numbers(save)?;
        self.give_plates(save)?;
        self.give_slips(save)?;
        self.settle_places()?;
        self.meet_same(save)
    }

    fn conclude(mut self, save: &[PushedChange]) -> Result<(Vec<Verdict>, Telling), Stop> {
        if let Some(moved) = reach::moved_wrongly(&self)? {
            return Err(Stop::Refused(reach::mover(&self, save, moved)?, Refusal::Scope));
        }
        for found in &self.found {
            self.ledger.tell_again(found.record);
        }
        conflicts::tell(&mut self.ledger, &self.found, save, self.work.caller.device.number)?;
        conflicts::hide_what_left(&mut self.ledger)?;
        conflicts::settle_copies(&mut self.ledger, save)?;
        let verdict = |index| if self.merged.contains(&index) { Verdict::Merged } else { Verdict::Ok };
        Ok(((0..save.len()).map(verdict).collect(), self.ledger.into_telling()))
    }

    pub(super) fn settle_places(&mut self) -> Result<(), Stop> {
        self.ledger.settle_places().map_err(|why| at(0, why))
    }

    fn apply_one(&mut self, index: usize, pushed: &PushedChange) -> Result<(), Stop> {
        let change = &pushed.change;
        let held = self.ledger.look_at(change.record)?;
        let check = || -> Result<(), Why> {
            // First of all: no other reason may tell of a record that is not the writer's.
            if let Some(held) = &held {
                reach::check_before(self, change, held)?;
            }
            access::may_write(self.work.caller.account.role, change, held.as_deref())?;
            self.check_withdrawal(change, held.as_deref())?;
            self.check_builds_on(change, held.as_deref())?;
            self.check_settles(change, held.as_deref())?;
            self.check_apart(change)?;
            self.check_permit(change, held.as_deref())?;
            shape::check(change, held.as_deref(), day::day_of(self.work.now_unix_ms), |code| {
                Ok(self.work.write.area(code)?.is_some_and(|area| area.level == "village"))
            })
        };
        check().map_err(|why| at(index, why))?;
        let lost_history = match self.work.restored_unix_ms {
            Some(restored_unix_ms) => {
                restored::as_from_the_lost_history(self.work.write, change, held.as_deref(), restored_unix_ms)
                    .map_err(|error| at(index, error.into()))?
            }
            None => Some(Cow::Borrowed(change)),
        };
        let Some(merging) = lost_history else { return Ok(()) };
        let sender = self.work.caller.device.number;
        let arrival = Arrival { seq: pushed.seq, received_unix_ms: self.work.now_unix_ms, sender };
        let Merged { mut record, mut clashes, .. } =
            merge(held.as_deref(), &merging, arrival).map_err(|why| Stop::Refused(index, why))?;
        check_size(held.as_deref(), &record).map_err(|why| at(index, why))?;
        if let Some(origins) = self.origins {
            for (group, value) in record.groups.iter_mut().filter(|(_, value)| value.origin == change.origin) {
                let called = |names: &Names| names.get(&change.record).and_then(|names| names.get(group)).copied();
                if let Some(also) = called(&origins.also).filter(|also| !value.is_named(*also)) {
                    value.names.push(also);
                }
                value.origin = called(&origins.own).unwrap_or(value.origin);
            }
        }
        self.ledger.put_shared(Arc::new(record))?;
        // What it met under this name it meets, or has met, under the one that is meant: people are told once.
        if self.pass_on(index, pushed, held.as_deref()).map_err(|why| at(index, why))? && !clashes.is_empty() {
            self.merged.push(index);
            clashes.retain(|clash| !same::joins(&change.kind, &clash.group));
        }
        self.note(index, change, clashes);
        Ok(())
    }

    /// Keeps what has to be shown to people. Two ways of settling one conflict need no third conflict.
    fn note(&mut self, index: usize, change: &Change, clashes: Vec<Clash>) {
        if clashes.is_empty() {
            return;
        }
        if matches!(change.kind.as_str(), kind::CONFLICT | kind::DUPLICATE) {
            // Its writer is told what stands: otherwise their own answer would stand on that phone.
            self.ledger.tell_again(change.record);
            return;
        }
        self.merged.push(index);
        self.found.extend(clashes.into_iter().map(|clash| Found { record: change.record, clash, stands_by: None }));
    }

    /// A reporter who has seen that his report was accepted takes it back no more. Two who had not seen each other merge.
    fn check_withdrawal(&self, change: &Change, held: Option<&Record>) -> Result<(), Why> {
        if self.work.caller.account.role != Role::Landlord || change.kind != kind::REPORT {
            return Ok(());
        }
        let (Some(incoming), Some(stands)) = (change.groups.get("check"), held.and_then(|held| held.groups.get("check"))) else {
            return Ok(());
        };
        let accepted = stands.fields.get("state").is_some_and(|state| state == "accepted");
        if accepted && incoming.base.is_some_and(|base| stands.is_named(base)) {
            return Err(Refusal::Role("check".to_owned()).into());
        }
        Ok(())
    }

    /// A change that builds on a refused one goes where that one went.
    fn check_builds_on(&self, change: &Change, held: Option<&Record>) -> Result<(), Why> {
        let write = self.work.write;
        if held.is_none() && change.verb != Verb::Create {
            let refused = write.create_was_refused(change.record)?;
            return Err(if refused { Refusal::BuildsOnRefused } else { Refusal::UnknownRecord }.into());
        }
        for group in change.groups.values() {
            if let Some(base) = group.base
                && write.is_refused(change.record, base)?
            {
                return Err(Refusal::BuildsOnRefused.into());
            }
        }
        Ok(())
    }
}

/// What a change leaves behind has to fit into an answer, or everybody who receives it stands still. A record that is too
/// large already may shrink.
pub(super) fn check_size(held: Option<&Record>, record: &Record) -> Result<(), Why> {
    if record.groups.len() > RECORD_GROUPS_MAX && held.is_none_or(|held| held.groups.len() < record.groups.len()) {
        return Err(Refusal::Invalid("a record of too many groups".to_owned()).into());
    }
    let bytes = bytes_of(record)?;
    // A conflict holds two values the server put side by side; it can always be settled.
    if bytes <= RECORD_BYTES_MAX || record.kind == kind::CONFLICT {
        return Ok(());
    }
    let before = held.map_or(Ok(0), bytes_of)?;
    if bytes > before { Err(Refusal::Invalid("a record of too many bytes".to_owned()).into()) } else { Ok(()) }
}

/// A record as JSON, in bytes.
pub(super) fn bytes_of(record: &Record) -> Result<usize, store::StoreError> {
    Ok(json_bytes(record)?)
}

/// A refusal that has not been told its place in the save yet, or a failure.
#[derive(Debug)]
pub enum Why {
    /// The change is refused.
    Refused(Refusal),
    /// The server failed.
    Failed(store::StoreError),
}

impl From<Refusal> for Why {
    fn from(why: Refusal) -> Why {
        Why::Refused(why)
    }
}
impl From<store::StoreError> for Why {
    fn from(error: store::StoreError) -> Why {
        Why::Failed(error)
    }
}

/// What is refused alone, where as many as can be told are asked for.
fn one_bad(stop: Stop) -> Result<WhatGoes, Failure> {
    match stop {
        Stop::Refused(index, _) => Ok(Err(vec![index])),
        Stop::Failed(failure) => Err(failure),
    }
}

fn at(index: usize, why: Why) -> Stop {
    match why {
        Why::Refused(why) => Stop::Refused(index, why),
        Why::Failed(error) => error.into(),
    }
}
