//! The same person registered twice: when two records are one person, which registration stands, and who is meant by an id. The same
//! home entered twice follows the same rule, by a person's decision: `registration{into}`.
//!
//! No reference is rewritten. The record that came second says which one it is another name of, and readers follow it:
//!
//! ```text
//!   P1 ◄── alias{of} ── P2          R1 ◄── merged{into} ── R2
//!   ▲                    ▲          everything that names P2 or R2 is read as if it named P1 or R1
//!   R1, S1              R2, S2      P2 and R2 keep their own values: taken apart, each has its own again
//! ```

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::codes::UnitStatus;
use crate::duplicate::PairWhy;
use crate::id_document::{self, DocType};
use crate::ids::RecordId;
use crate::kind::{self, GroupPolicy};
use crate::merge::{Arrival, Clash, ClashWhy, merge, rank_of};
use crate::place::Register;
use crate::record::{Change, GroupValue, Record, Verb};
use crate::residency;
use crate::stamp::Origin;
use crate::unicode;

/// The group of a person that is another name of somebody.
pub const ALIAS: &str = "alias";
/// The group of a registration that became part of another.
pub const MERGED: &str = "merged";
/// The group of a person by which people say that they are not who they were taken for.
pub const APART: &str = "apart";

/// Names followed one after the other. The server writes chains of one; a device may hold half of what it will be told.
const HOPS_MAX: usize = 8;
/// Other names kept for one value, as in the merge.
const NAMES_MAX: usize = 16;

/// The group [`ALIAS`], written by the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// Who is meant.
    pub of: RecordId,
    /// Who registered the person this second time, as people call them.
    #[serde(default)]
    pub by: String,
    /// When they did, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// The group [`MERGED`], written by the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergedInto {
    /// The registration that stands.
    pub into: RecordId,
}

/// The group [`APART`], written by people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Apart {
    /// Whom they are not.
    pub than: RecordId,
}

/// What two registrations are compared by: a number that cannot be mistyped into somebody else's, as it is stored. One ID
/// number stands on an ID card, a temporary one and in a household register; it is the same person on all three.
///
/// `None` for kinds without a check digit, and where it does not fit.
pub fn comparable_document(doc_type: DocType, doc_no: &str, today: NaiveDate) -> Option<String> {
    if !doc_type.has_check_digit() {
        return None;
    }
    let number = id_document::check(doc_type, doc_no, today).ok()?.doc_no;
    let class = papers_with_one_number(doc_type).first().copied().unwrap_or(doc_type).code();
    Some(format!("{class}|{number}"))
}

/// The kinds of paper that carry the same number of the same person.
pub fn papers_with_one_number(doc_type: DocType) -> Vec<DocType> {
    match doc_type {
        DocType::Id | DocType::Tid | DocType::Hkb => vec![DocType::Id, DocType::Tid, DocType::Hkb],
        other => vec![other],
    }
}

/// A name as two hands may have written it: without spaces, dots and the difference of half and full width or of case.
pub fn name_key(name: &str) -> String {
    let strange = |c: &char| !c.is_whitespace() && !matches!(c, '·' | '•' | '・' | '.' | '．' | '‧' | '∙' | '⋅' | '\u{200b}');
    unicode::nfkc(name).chars().filter(strange).flat_map(char::to_lowercase).collect()
}

/// What is compared of a person whose number is somebody else's too.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// As on the document.
    pub name: String,
    /// The village.
    pub area: Option<String>,
}

/// What follows when a number is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It is the same person: the newer record becomes another name of the older.
    Alias,
    /// People are asked.
    Ask(PairWhy),
}

/// Whether somebody whose number is held by `other` is taken for the same person. Only who was just registered is: an edit
/// that makes two numbers equal may mend the one or spoil the other.
pub fn meet(created: bool, newcomer: &Seen, other: &Seen) -> Meeting {
    if newcomer.area.is_none() || newcomer.area != other.area {
        Meeting::Ask(PairWhy::Village)
    } else if name_key(&newcomer.name) != name_key(&other.name) {
        Meeting::Ask(PairWhy::Name)
    } else if !created {
        Meeting::Ask(PairWhy::Number)
    } else {
        Meeting::Alias
    }
}

/// The registration that stands of several open ones of one person: the one declared first. Independent of who synced first.
pub fn standing<'r>(open: impl IntoIterator<Item = &'r Record>) -> Option<RecordId> {
    let declared = |record: &Record| record.text("declared", "registered_on").map_or("9999".to_owned(), str::to_owned);
    open.into_iter().map(|record| (declared(record), record.id)).min().map(|(_, id)| id)
}

/// The record this one says it is another name of.
pub fn points_to(record: &Record) -> Option<RecordId> {
    match record.kind.as_str() {
        kind::PERSON => record.reference(ALIAS, "of"),
        kind::RESIDENCY => record.reference(MERGED, "into"),
        // Entered twice, one home is closed as part of the other.
        kind::UNIT if record.text("registration", "state") == Some(UnitStatus::Closed.code()) => {
            record.reference("registration", "into")
        }
        _ => None,
    }
}

/// Who is meant by an id: the survivor, or the id itself. A name that leads to nobody, to the dead or round in a circle is not
/// followed: nobody disappears from the lists because of it.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn root<R: Register>(id: RecordId, register: &R) -> Result<RecordId, R::Error> {
    let Some(record) = register.record(id)? else { return Ok(id) };
    root_of(&record, register)
}

/// The same for a record at hand.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn root_of<R: Register>(record: &Record, register: &R) -> Result<RecordId, R::Error> {
    let mut passed = vec![record.id];
    let mut next = points_to(record);
    while let Some(target) = next {
        if let Some(at) = passed.iter().position(|id| *id == target) {
            // Two phones merged two homes at once, each into the other: the older one stands, on every phone alike.
            let oldest = passed[at..].iter().min().copied().filter(|_| record.kind == kind::UNIT);
            return Ok(oldest.unwrap_or(record.id));
        }
        if passed.len() > HOPS_MAX {
            return Ok(record.id);
        }
        let Some(named) = register.record(target)?.filter(|named| named.dead.is_none() && named.kind == record.kind) else {
            break;
        };
        passed.push(named.id);
        next = points_to(&named);
    }
    Ok(*passed.last().unwrap_or(&record.id))
}

/// Everything that means the same person or registration as this id, who is meant first.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn family<R: Register>(id: RecordId, kind: &str, register: &R) -> Result<Vec<RecordId>, R::Error> {
    let root = root(id, register)?;
    let mut all = names_of(root, kind, register)?;
    if !all.contains(&id) {
        // Dead under this name: it goes where the others go.
        all.push(id);
    }
    Ok(all)
}

/// Who is meant, and every other name of them: [`family`] of an id that is known to be the survivor's.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn names_of<R: Register>(root: RecordId, kind: &str, register: &R) -> Result<Vec<RecordId>, R::Error> {
    let mut all = vec![root];
    let mut seen = BTreeSet::from([root]);
    let mut at = 0;
    while let Some(&member) = all.get(at) {
        for named in register.referrers(member, kind)? {
            if points_to(&named) == Some(member) && seen.insert(named.id) {
                all.push(named.id);
            }
        }
        at += 1;
    }
    Ok(all)
}

/// The living records of `of` that name a person or registration under any of its ids.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn naming<R: Register>(id: RecordId, kind: &str, of: &str, register: &R) -> Result<Vec<Record>, R::Error> {
    naming_any(&family(id, kind, register)?, of, register)
}

/// The living records of `of` that name one of these ids, each once.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn naming_any<R: Register>(names: &[RecordId], of: &str, register: &R) -> Result<Vec<Record>, R::Error> {
    let mut found: Vec<Record> = Vec::new();
    let mut known = BTreeSet::new();
    for &member in names {
        found.extend(register.referrers(member, of)?.into_iter().filter(|record| known.insert(record.id)));
    }
    Ok(found)
}

/// The registrations of a person under any of their ids; what became part of another one is not counted twice.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn registrations<R: Register>(person: RecordId, register: &R) -> Result<Vec<Record>, R::Error> {
    standing_alone(naming(person, kind::PERSON, kind::RESIDENCY, register)?, register)
}

/// Of these registrations those that are no part of another.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn standing_alone<R: Register>(all: Vec<Record>, register: &R) -> Result<Vec<Record>, R::Error> {
    let mut found = Vec::new();
    for residency in all {
        if root_of(&residency, register)? == residency.id {
            found.push(residency);
        }
    }
    found.sort_by_key(|residency| residency.id);
    Ok(found)
}

/// Whether a group said of one name holds for the survivor too. What says which record it is, who it belongs to or since when
/// is each record's own.
pub fn joins(kind: &str, group: &str) -> bool {
    if kind::policy(kind, group) == GroupPolicy::Server {
        return false;
    }
    match kind {
        kind::PERSON => group != APART,
        kind::RESIDENCY => !matches!(group, "who" | "declared" | "due"),
        _ => false,
    }
}

/// The part of a change to one name that the survivor takes; `None` when there is none. Deletions are not passed on: they
/// take back what was entered under this name.
pub fn redirected(change: &Change, survivor: RecordId) -> Option<Change> {
    if !matches!(change.verb, Verb::Create | Verb::Set) {
        return None;
    }
    let mut redirected = change.clone();
    redirected.record = survivor;
    redirected.verb = Verb::Set;
    redirected.groups.retain(|group, _| joins(&change.kind, group));
    (!redirected.groups.is_empty()).then_some(redirected)
}

/// Lays what is said of one name over the survivor: missing groups are filled, the same value gets another name, and of two
/// different ones the larger rank stands and the other is answered. Whoever is first, the same values stand.
pub fn absorb(into: &mut Record, from: &Record) -> Vec<Clash> {
    let mut clashes = Vec::new();
    for (group, incoming) in &from.groups {
        if !joins(&from.kind, group) || incoming.fields.is_empty() {
            continue;
        }
        let Some(current) = into.groups.get_mut(group) else {
            into.groups.insert(group.clone(), incoming.clone());
            continue;
        };
        let decision = kind::policy(&from.kind, group) == GroupPolicy::Decision;
        let state = |value: &GroupValue| value.fields.get("state").and_then(|state| state.as_str()).map(str::to_owned);
        // Two who decided the same need no third to choose between their notes.
        if current.fields == incoming.fields || (decision && state(current) == state(incoming)) {
            also_named(current, incoming);
            continue;
        }
        let weight = |value: &GroupValue| {
            if decision { kind::decision_weight(&from.kind, state(value).as_deref()) } else { 0 }
        };
        let incoming_stands = (weight(incoming), rank_of(incoming)) > (weight(current), rank_of(current));
        let lost = if incoming_stands { std::mem::replace(current, incoming.clone()) } else { incoming.clone() };
        clashes.push(Clash { group: group.clone(), why: ClashWhy::SameGroup, stands: Some(current.clone()), lost, base: None });
    }
    clashes
}

/// Whoever had seen one of two equal values had seen the other.
fn also_named(current: &mut GroupValue, other: &GroupValue) {
    for origin in std::iter::once(other.origin).chain(other.names.iter().copied()) {
        if !current.is_named(origin) && current.names.len() < NAMES_MAX {
            current.names.push(origin);
        }
    }
    current.rank = Some(rank_of(current).max(rank_of(other)));
}

/// A change as it was pushed under one id, and when it arrived.
pub type Told = (Change, Arrival);

/// What a record would hold if only these changes had been made to it, in the order they came.
pub fn replay(id: RecordId, kind: &str, changes: &[Told]) -> Record {
    let mut record: Option<Record> = None;
    for (change, arrival) in changes {
        if !matches!(change.verb, Verb::Create | Verb::Set) || change.record != id {
            continue;
        }
        let change = if record.is_none() { Change { verb: Verb::Create, ..change.clone() } } else { change.clone() };
        if let Ok(merged) = merge(record.as_ref(), &change, *arrival) {
            record = Some(merged.record);
        }
    }
    record.unwrap_or_else(|| Record::empty(kind, id))
}

/// The survivor after another name was taken off it: what came in under other ids goes, what it would hold by its own changes
/// comes back, and what went is answered so that people see it.
pub fn take_apart(survivor: &Record, own: &[Told]) -> (Record, Vec<Clash>) {
    let replayed = replay(survivor.id, &survivor.kind, own);
    let its_own = |origin: Origin| origin.device.is_server() || own.iter().any(|(change, _)| change.origin == origin);
    let (mut apart, mut clashes) = (survivor.clone(), Vec::new());
    for (group, value) in &survivor.groups {
        if !joins(&survivor.kind, group) || its_own(value.origin) {
            continue;
        }
        match replayed.groups.get(group) {
            Some(own) => apart.groups.insert(group.clone(), own.clone()),
            None => apart.groups.remove(group),
        };
        let stands = replayed.groups.get(group).cloned();
        if stands.as_ref().is_some_and(|stands| stands.fields == value.fields) {
            continue;
        }
        clashes.push(Clash { group: group.clone(), why: ClashWhy::TakenApart, stands, lost: value.clone(), base: None });
    }
    (apart, clashes)
}

/// Whether a registration counts as open among those of one person.
pub fn is_open(residency: &Record) -> bool {
    residency::is_active(residency) && points_to(residency).is_none()
}
