//! What an officer decides at the desk is a change like any other, under the officer's name.

use std::collections::{BTreeMap, BTreeSet};

use domain::conflict::{Settled, What};
use domain::duplicate::{self, DIFFERENT, SAME};
use domain::grade::Override;
use domain::place::Scope;
use domain::record::{SCHEMA, to_fields};
use domain::residency::{ACTIVE, Period, Restored, Status, Weighed};
use domain::same::{self, Apart};
use domain::{Change, ChangeId, Fields, GroupChange, Origin, Record, RecordId, Stamp, TxnId, Verb, kind, text};
use store::server::{AuditLine, Write};
use sync_protocol::Verdict;
use ui_protocol::ErrorCode;
use ui_protocol::attention::Choice;
use ui_protocol::desk::{AnswerForStation, RestoreResidency, SetGrade, SettleForStation, SplitForStation, WeighForStation};

use super::{DeskCaller, view};
use crate::caller::{Caller, grants};
use crate::clock::{Clock, Dice, fresh_uuid};
use crate::core::Core;
use crate::enrol::desk_device;
use crate::failure::Failure;
use crate::push::take_own;
use crate::register::{Work, contradiction_of, stay_ended_with};

const NOTE_MAX: usize = 200;

/// One change of a decision: the record, what is done to it, and the groups written.
pub(super) struct Part {
    record: Record,
    verb: Verb,
    groups: Vec<(String, Fields)>,
}

impl Part {
    /// A record that is made with this decision.
    pub(super) fn new_record(kind: &str, id: RecordId, groups: Vec<(&str, Fields)>) -> Part {
        let groups = groups.into_iter().map(|(group, fields)| (group.to_owned(), fields)).collect();
        Part { record: Record::empty(kind, id), verb: Verb::Create, groups }
    }

    pub(super) fn set(record: &Record, group: &str, fields: Fields) -> Part {
        Part { record: record.clone(), verb: Verb::Set, groups: vec![(group.to_owned(), fields)] }
    }

    /// Several groups of one record; none where there is nothing to write.
    pub(super) fn set_all(record: &Record, groups: BTreeMap<String, Fields>) -> Option<Part> {
        let groups: Vec<(String, Fields)> = groups.into_iter().collect();
        (!groups.is_empty()).then(|| Part { record: record.clone(), verb: Verb::Set, groups })
    }

    fn whole(record: &Record, verb: Verb) -> Part {
        let groups = record.groups.keys().map(|group| (group.clone(), Fields::new())).collect();
        Part { record: record.clone(), verb, groups }
    }
}

/// Reads what is there, and answers what is to be done about it.
pub(super) type Decision = Box<dyn FnOnce(&Write<'_>, &DeskCaller) -> Result<Vec<Part>, Failure> + Send>;

impl Core {
    pub(super) fn restore_residency(&self, caller: &DeskCaller, ask: &RestoreResidency) -> Result<RecordId, Failure> {
        let note = text::require_text(&ask.note, NOTE_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        let (id, today) = (ask.id, self.today());
        let decision: Decision = Box::new(move |write, caller| {
            let (residency, _) = view::seen(write, caller, id)?;
            if !view::can_restore(write, &residency, today)? {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let status = Status {
                state: ACTIVE.to_owned(),
                on: today.to_string(),
                reason: None,
                note,
                observed_unix_ms: 0,
                seen_fact: None,
            };
            let left_on = residency.text("status", "on").unwrap_or_default().to_owned();
            let restored = Restored { on: today.to_string(), left_on };
            let mut restoring = Part::set(&residency, "status", to_fields(&status));
            restoring.groups.push(("restored".to_owned(), to_fields(&restored)));
            let mut parts = vec![restoring];
            // The stay that ended with the registration goes on with it.
            if let Some(stay) = stay_ended_with(&residency, write)? {
                let from = stay.text("period", "from").unwrap_or_default().to_owned();
                parts.push(Part::set(&stay, "period", to_fields(&Period { from, to: None })));
            }
            Ok(parts)
        });
        self.decide(caller, "desk.restore", id, decision)
    }

    pub(super) fn set_grade(&self, caller: &DeskCaller, ask: &SetGrade) -> Result<RecordId, Failure> {
        let (id, grade, today) = (ask.id, ask.grade, self.today());
        let reason = match grade {
            Some(_) => text::require_text(&ask.reason, NOTE_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?,
            None => String::new(),
        };
        let decision: Decision = Box::new(move |write, caller| {
            let (unit, _) = view::seen(write, caller, id)?;
            if unit.kind != kind::UNIT || unit.dead.is_some() {
                return Err(Failure::Desk(ErrorCode::NotFound));
            }
            let set = match grade {
                Some(grade) => {
                    let reviewer = caller.account.name.clone();
                    to_fields(&Override { grade, reason, reviewer, on: today.to_string() })
                }
                None => Fields::new(),
            };
            Ok(vec![Part::set(&unit, "grade", set)])
        });
        self.decide(caller, "desk.grade", id, decision)
    }

    pub(super) fn settle_for_station(&self, caller: &DeskCaller, ask: &SettleForStation) -> Result<RecordId, Failure> {
        let (id, choice, now_unix_ms) = (ask.id, ask.choice, self.now_unix_ms());
        let decision: Decision = Box::new(move |write, caller| {
            let (conflict, _) = view::seen(write, caller, id)?;
            let what: What = conflict.typed("what").ok_or(Failure::Desk(ErrorCode::NotFound))?;
            if conflict.fields("settled").is_some() {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let mut parts = Vec::new();
            if choice == Choice::Restore {
                let (about, _) = view::seen(write, caller, what.record)?;
                parts.extend(put_back(&about, &what));
            }
            let state = if choice == Choice::Restore { "restored" } else { "kept" };
            let settled = Settled { state: state.to_owned(), at_unix_ms: now_unix_ms };
            parts.push(Part::set(&conflict, "settled", to_fields(&settled)));
            Ok(parts)
        });
        self.decide(caller, "desk.settle", id, decision)
    }

    /// Of two visitors who contradict each other the later one counts, says the station.
    pub(super) fn weigh_for_station(&self, caller: &DeskCaller, ask: &WeighForStation) -> Result<RecordId, Failure> {
        let (id, weighed) = (ask.id, Weighed { earlier: ask.earlier, later: ask.later });
        let decision: Decision = Box::new(move |write, caller| {
            let (residency, _) = view::seen(write, caller, id)?;
            if contradiction_of(&residency, write)?.is_none_or(|between| between.weighed() != weighed) {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            Ok(vec![Part::set(&residency, "weighed", to_fields(&weighed))])
        });
        self.decide(caller, "desk.weigh", id, decision)
    }

    pub(super) fn answer_for_station(&self, caller: &DeskCaller, ask: &AnswerForStation) -> Result<RecordId, Failure> {
        let (id, state, at_unix_ms) = (ask.id, if ask.same { SAME } else { DIFFERENT }, self.now_unix_ms());
        let decision: Decision = Box::new(move |write, caller| {
            let (review, _) = view::seen(write, caller, id)?;
            if review.kind != kind::DUPLICATE {
                return Err(Failure::Desk(ErrorCode::NotFound));
            }
            if review.fields("settled").is_some() {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let settled = duplicate::Settled { state: state.to_owned(), at_unix_ms };
            Ok(vec![Part::set(&review, "settled", to_fields(&settled))])
        });
        self.decide(caller, "desk.same_person", id, decision)
    }

    pub(super) fn split_for_station(&self, caller: &DeskCaller, ask: &SplitForStation) -> Result<RecordId, Failure> {
        let id = ask.person;
        let decision: Decision = Box::new(move |write, caller| {
            let (person, _) = view::seen(write, caller, id)?;
            let than = same::root_of(&person, write)?;
            if person.kind != kind::PERSON || than == id {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            Ok(vec![Part::set(&person, same::APART, to_fields(&Apart { than }))])
        });
        self.decide(caller, "desk.split", id, decision)
    }

    pub(super) fn decide(
        &self,
        caller: &DeskCaller,
        action: &'static str,
        id: RecordId,
        decision: Decision,
    ) -> Result<RecordId, Failure> {
        caller.may_decide()?;
        let (caller, clock, dice) = (caller.clone(), self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let now_unix_ms = clock.now_unix_ms();
            let parts = decision(write, &caller)?;
            let device = desk_device(write, &caller.account, now_unix_ms)?;
            let grants: BTreeSet<Scope> = grants(write, &caller.account)?;
            // The desk sees the register itself: nothing in its villages is unseen.
            let cursors: BTreeMap<Scope, u64> = grants.iter().map(|scope| (scope.clone(), u64::MAX)).collect();
            let changes = changes(parts, &device, now_unix_ms, &*clock, &*dice);
            let station = Caller { device, account: caller.account.clone(), grants, late: None };
            let work = Work { write, caller: &station, cursors: &cursors, now_unix_ms, dice: &*dice, restored_unix_ms: None };
            if take_own(&work, changes)?.iter().any(|verdict| matches!(verdict, Verdict::Refused(_))) {
                return Err(Failure::Desk(ErrorCode::NotAllowed));
            }
            let (actor, subject) = (station.account.id.to_string(), id.to_string());
            write.add_audit(AuditLine { at_unix_ms: now_unix_ms, actor: &actor, action, subject: &subject, detail: "" })?;
            Ok(id)
        })
    }
}

/// The losing value as changes that have seen what stands.
fn put_back(about: &Record, what: &What) -> Vec<Part> {
    let mut parts = Vec::new();
    if what.lost.fields.is_empty() {
        // What lost was a deletion.
        if about.dead.is_none() {
            parts.push(Part::whole(about, Verb::Delete));
        }
        return parts;
    }
    if about.dead.is_some() {
        parts.push(Part::whole(about, Verb::Restore));
    }
    parts.push(Part::set(about, &what.group, what.lost.fields.clone()));
    parts
}

fn changes(
    parts: Vec<Part>,
    device: &store::server::DeviceRow,
    now_unix_ms: i64,
    clock: &dyn Clock,
    dice: &dyn Dice,
) -> Vec<Change> {
    // The counter of the stamp carries the place in the desk's outbox: two decisions of one millisecond have two names.
    let counter = i64::try_from((device.last_seq + 1) & 0xffff).unwrap_or(0);
    let origin = Origin { stamp: Stamp::from_i64(Stamp::at(now_unix_ms).as_i64() + counter), device: device.number };
    let txn = TxnId(fresh_uuid(clock, dice));
    let change = |part: Part| {
        let base = |group: &str| part.record.groups.get(group).map(|value| value.origin);
        let groups =
            part.groups.iter().map(|(group, fields)| (group.clone(), GroupChange { fields: fields.clone(), base: base(group) }));
        Change {
            id: ChangeId(fresh_uuid(clock, dice)),
            txn,
            record: part.record.id,
            kind: part.record.kind.clone(),
            verb: part.verb,
            schema: SCHEMA,
            origin,
            groups: groups.collect(),
        }
    };
    parts.into_iter().map(change).collect()
}
