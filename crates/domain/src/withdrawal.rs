//! Taking back what was recorded by mistake (撤回): a fact that names it. What was taken back can still be looked up, with what it said,
//! and counts nowhere: no hazard, no grade, no round, no presence, nothing to do.

use serde::{Deserialize, Serialize};

use crate::hazard;
use crate::ids::RecordId;
use crate::kind;
use crate::place::Register;
use crate::record::Record;

/// Characters of the note.
pub const NOTE_MAX: usize = 200;

/// The group `fact` of a withdrawal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// What was a mistake.
    pub of: RecordId,
    /// Why, in free words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Whether records of a kind are taken back by a withdrawal. Default deny: a photo, an answer, an entry about a permit have ways
/// of their own, and a withdrawal stands.
pub fn may_be_taken_back(kind: &str) -> bool {
    matches!(kind, kind::VISIT | kind::INSPECTION | kind::PERMIT_APPLICATION)
}

/// The group whose author recorded it.
pub fn authors_group(kind: &str) -> &'static str {
    if kind == kind::PERMIT_APPLICATION { "asked" } else { "fact" }
}

/// Whether the station has already answered: then it was no mistake any more, and its own steps lead on.
pub fn is_decided(record: &Record) -> bool {
    record.kind == kind::PERMIT_APPLICATION && record.text("decided", "state").is_some()
}

/// Whether somebody took this record back.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn is_taken_back<R: Register>(id: RecordId, register: &R) -> Result<bool, R::Error> {
    Ok(!register.referrers(id, kind::WITHDRAWAL)?.is_empty())
}

/// Whether a record counts: neither it nor the visit or check it came from was taken back.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn stands<R: Register>(record: &Record, register: &R) -> Result<bool, R::Error> {
    let from = |group: &str, field: &str| match record.reference(group, field) {
        Some(named) => is_taken_back(named, register),
        None => Ok(false),
    };
    Ok(match record.kind.as_str() {
        kind::VISIT_PERSON => !from("fact", "visit")?,
        kind::RECHECK => !from("fact", "inspection")?,
        kind::HAZARD => !from("what", "inspection")? && !closed_by_mistake(record, register)?,
        kind if may_be_taken_back(kind) => !is_taken_back(record.id, register)?,
        _ => true,
    })
}

/// Those that count.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn standing<R: Register>(records: Vec<Record>, register: &R) -> Result<Vec<Record>, R::Error> {
    let mut kept = Vec::with_capacity(records.len());
    for record in records {
        if stands(&record, register)? {
            kept.push(record);
        }
    }
    Ok(kept)
}

/// A hazard that a check closed which was taken back: it goes on as the record that was opened in its stead.
fn closed_by_mistake<R: Register>(record: &Record, register: &R) -> Result<bool, R::Error> {
    let recheck = record.reference("state", "recheck").filter(|_| !hazard::state_of(record).is_open());
    let recheck = recheck.map_or(Ok(None), |recheck| register.record(recheck))?;
    match recheck.and_then(|recheck| recheck.reference("fact", "inspection")) {
        Some(check) => is_taken_back(check, register),
        None => Ok(false),
    }
}
