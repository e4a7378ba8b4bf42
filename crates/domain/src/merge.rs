//! Who wins. The only place that decides it; the server calls it when it reconciles, a device when it saves.
//!
//! Causality comes from `base`, never from clocks: a value replaces what its writer had seen. Only values that had not
//! seen each other are ordered, by [`Rank`], and then the loser is kept.
//!
//! ```text
//!   v0 ──► v1 (Li, base v0)            accepted: Li had seen v0
//!    └───► v2 (Wang, base v0)          concurrent with v1: the larger rank stands, the other becomes a conflict
//! ```

use serde::{Deserialize, Serialize};

use crate::ids::DeviceNumber;
use crate::kind::{self, GroupPolicy};
use crate::record::{Change, Fields, GroupChange, GroupValue, Rank, Record, Verb};
use crate::stamp::{Origin, Stamp};

/// Other names kept for one value; more would only matter to writers who are long answered.
const NAMES_MAX: usize = 16;

/// Where and when a change reached the server.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its place in the sending device's outbox.
    pub seq: u64,
    /// The server's clock, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// The device that sends it. A file that was copied, cloned or restored sends values under a number it no longer has: only
    /// what the sender wrote under its own number counts as its earlier word.
    pub sender: DeviceNumber,
}

/// Why a change was not applied. It goes to the tray with this reason; the queue goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "why", content = "of")]
pub enum Refusal {
    /// This account's role may not write that.
    #[error("the role may not write {0}")]
    Role(String),
    /// The record is, or would be, outside the writer's areas.
    #[error("outside the writer's scopes")]
    Scope,
    /// The group is written once and already says something else.
    #[error("{0} is written once")]
    SetOnce(String),
    /// A `set` of a record the server does not know.
    #[error("unknown record")]
    UnknownRecord,
    /// It builds on a change that was refused.
    #[error("builds on a refused change")]
    BuildsOnRefused,
    /// Another change of the same save was refused; a save is applied whole or not at all.
    #[error("another part of the same save was refused")]
    WithItsSave,
    /// The id belongs to a record of another kind.
    #[error("the id belongs to another kind")]
    OtherKind,
    /// The shape breaks a rule that the form enforces too; the text names group and field.
    #[error("not a valid value: {0}")]
    Invalid(String),
    /// A fact cannot be changed or deleted; a correction is a new fact.
    #[error("a fact is not changed afterwards")]
    FactIsFinal,
}

/// Why two values are shown side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClashWhy {
    /// Two people changed the same group without seeing each other.
    SameGroup,
    /// It was deleted by someone who had not seen this value.
    DeleteMetEdit,
    /// It was changed by someone who had not seen that it was deleted.
    EditMetDelete,
    /// Something was added to a record that somebody else had deleted; the record was brought back.
    NamedWhileDead,
    /// A registration was cancelled, and the person was seen the same day or later.
    CancelMetPresence,
    /// It came from another registration that was taken for the same person, and is not any more.
    TakenApart,
}

/// A value that does not stand, kept with the one that does.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// The group they are about; empty for a whole record.
    pub group: String,
    /// Why it happened.
    pub why: ClashWhy,
    /// What stands now.
    pub stands: Option<GroupValue>,
    /// What does not.
    pub lost: GroupValue,
    /// What the writer of the change that met the other value had seen.
    pub base: Option<Origin>,
}

/// What a change did.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The record afterwards.
    pub record: Record,
    /// The groups whose current value changed, and `dead` when life or death did.
    pub written: Vec<String>,
    /// What has to be shown to people.
    pub clashes: Vec<Clash>,
}

impl Merged {
    /// Whether anything readers can see changed. Equal values write nothing, so no echo travels.
    pub fn is_news(&self) -> bool {
        !self.written.is_empty()
    }
}

/// Applies one change to what is held.
///
/// # Errors
/// A [`Refusal`] by the rules of the groups alone; who may write is decided in [`crate::access`].
pub fn merge(held: Option<&Record>, change: &Change, arrival: Arrival) -> Result<Merged, Refusal> {
    if let Some(held) = held {
        if held.kind != change.kind {
            return Err(Refusal::OtherKind);
        }
    } else if change.verb != Verb::Create {
        return Err(Refusal::UnknownRecord);
    }
    let record = held.cloned().unwrap_or_else(|| Record::empty(&change.kind, change.record));
    let rank = rank(change.origin, arrival);
    match change.verb {
        Verb::Create | Verb::Set => write(record, change, rank, arrival.sender),
        Verb::Delete => delete(record, change, rank, arrival.sender),
        Verb::Restore => Ok(revive(record)),
    }
}

fn rank(origin: Origin, arrival: Arrival) -> Rank {
    let time = origin.stamp.min(Stamp::at(arrival.received_unix_ms));
    Rank { time: time.as_i64(), device: origin.device.0, seq: arrival.seq }
}

/// The rank of a stored value; one that came without (from a device's own copy) ranks by its stamp.
pub(crate) fn rank_of(value: &GroupValue) -> Rank {
    value.rank.unwrap_or(Rank { time: value.origin.stamp.as_i64(), device: value.origin.device.0, seq: 0 })
}

fn write(mut record: Record, change: &Change, rank: Rank, sender: DeviceNumber) -> Result<Merged, Refusal> {
    let (mut written, mut clashes) = (Vec::new(), Vec::new());
    if record.dead.is_some() {
        // The value is not lost and the record does not come back by itself: people are asked.
        for (group, incoming) in &change.groups {
            clashes.push(Clash {
                group: group.clone(),
                why: ClashWhy::EditMetDelete,
                stands: record.groups.get(group).cloned(),
                lost: value(incoming, change.origin, rank),
                base: incoming.base,
            });
        }
        return Ok(Merged { record, written, clashes });
    }
    if record.groups.is_empty() && change.groups.is_empty() {
        return Err(Refusal::Invalid("a record without groups".to_owned()));
    }
    // A fact is said in one change; a group that turns up later would be an update.
    let held_fact = kind::is_fact(&record.kind) && !record.groups.is_empty();
    for (group, incoming) in &change.groups {
        let Some(current) = record.groups.get_mut(group) else {
            if held_fact && kind::policy(&change.kind, group) != GroupPolicy::Server {
                return Err(Refusal::FactIsFinal);
            }
            record.groups.insert(group.clone(), value(incoming, change.origin, rank));
            written.push(group.clone());
            continue;
        };
        if current.fields == incoming.fields {
            if !current.is_named(change.origin) {
                if current.names.len() < NAMES_MAX {
                    current.names.push(change.origin);
                }
                // Two people who said the same count as the later of them; else a third value would meet
                // whichever of the two came first, and the order of arrival would decide.
                current.rank = Some(rank.max(rank_of(current)));
            }
            continue;
        }
        let policy = kind::policy(&change.kind, group);
        if policy == GroupPolicy::First {
            return Err(Refusal::SetOnce(group.clone()));
        }
        let incoming_value = value(incoming, change.origin, rank);
        if seen(current, incoming.base, change.origin, sender) {
            *current = incoming_value;
            written.push(group.clone());
            continue;
        }
        let incoming_stands = match policy {
            GroupPolicy::Decision => {
                let weight = |fields: &Fields| kind::decision_weight(&change.kind, fields.get("state").and_then(|s| s.as_str()));
                (weight(&incoming.fields), rank) > (weight(&current.fields), rank_of(current))
            }
            _ => rank > rank_of(current),
        };
        let lost = if incoming_stands {
            written.push(group.clone());
            std::mem::replace(current, incoming_value)
        } else {
            incoming_value
        };
        clashes.push(Clash {
            group: group.clone(),
            why: ClashWhy::SameGroup,
            stands: Some(current.clone()),
            lost,
            base: incoming.base,
        });
    }
    Ok(Merged { record, written, clashes })
}

/// Whether the writer of a change had seen the current value: it is what they replaced, or their own earlier one.
fn seen(current: &GroupValue, base: Option<Origin>, writer: Origin, sender: DeviceNumber) -> bool {
    let own_earlier = writer.device == sender && current.origin.device == sender && current.origin.stamp < writer.stamp;
    base.is_some_and(|base| current.is_named(base)) || own_earlier
}

fn value(incoming: &GroupChange, origin: Origin, rank: Rank) -> GroupValue {
    GroupValue { fields: incoming.fields.clone(), origin, names: Vec::new(), rank: Some(rank) }
}

fn delete(mut record: Record, change: &Change, rank: Rank, sender: DeviceNumber) -> Result<Merged, Refusal> {
    if kind::is_fact(&record.kind) {
        return Err(Refusal::FactIsFinal);
    }
    if record.dead.is_some() {
        return Ok(Merged { record, written: Vec::new(), clashes: Vec::new() });
    }
    let clashes: Vec<Clash> = record
        .groups
        .iter()
        // What the server writes by itself (a place, a number) nobody has to have seen.
        .filter(|(group, current)| {
            kind::policy(&record.kind, group) != GroupPolicy::Server
                && !seen(current, change.groups.get(*group).and_then(|seen| seen.base), change.origin, sender)
        })
        .map(|(group, current)| Clash {
            group: group.clone(),
            why: ClashWhy::DeleteMetEdit,
            stands: Some(current.clone()),
            lost: GroupValue { fields: Fields::new(), origin: change.origin, names: Vec::new(), rank: Some(rank) },
            base: change.groups.get(group).and_then(|seen| seen.base),
        })
        .collect();
    if clashes.is_empty() {
        record.dead = Some(change.origin);
        return Ok(Merged { record, written: vec!["dead".to_owned()], clashes });
    }
    Ok(Merged { record, written: Vec::new(), clashes })
}

fn revive(mut record: Record) -> Merged {
    let written = if record.dead.take().is_some() { vec!["dead".to_owned()] } else { Vec::new() };
    Merged { record, written, clashes: Vec::new() }
}

/// What a person sees on the device: their own unanswered change on top of what the server last said.
/// Decides nothing; the server will.
pub fn lay_over(record: Option<Record>, change: &Change) -> Record {
    let mut record = record.unwrap_or_else(|| Record::empty(&change.kind, change.record));
    match change.verb {
        Verb::Create | Verb::Set => {
            for (group, incoming) in &change.groups {
                record.groups.insert(group.clone(), GroupValue::new(incoming.fields.clone(), change.origin));
            }
        }
        Verb::Delete => record.dead = Some(change.origin),
        Verb::Restore => record.dead = None,
    }
    record
}
