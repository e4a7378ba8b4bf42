//! Taking back what was recorded by mistake (撤回): a fact that names it. What was taken back can still be looked up, with what it said,
//! and counts nowhere: no hazard, no grade, no round, no presence, nothing to do.
//!
//! ```text
//!   visit, check, application ◄── withdrawal ◄── withdrawal       taken back, and let stand again
//! ```

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::hazard::{self, HazardState, RecheckFact, State, What};
use crate::ids::RecordId;
use crate::place::Register;
use crate::policy::{self, PolicyBook};
use crate::record::{Fields, Record, to_fields};
use crate::{day, kind};

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
/// of their own.
pub fn may_be_taken_back(kind: &str) -> bool {
    matches!(kind, kind::VISIT | kind::INSPECTION | kind::PERMIT_APPLICATION)
}

/// Whether a withdrawal may name this record: what was a mistake, or a withdrawal that was one. A third in the row would say what
/// the first said already.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn may_name<R: Register>(record: &Record, register: &R) -> Result<bool, R::Error> {
    if record.kind != kind::WITHDRAWAL {
        return Ok(may_be_taken_back(&record.kind));
    }
    let named = record.reference("fact", "of").map_or(Ok(None), |of| register.record(of))?;
    Ok(named.is_some_and(|named| may_be_taken_back(&named.kind)))
}

/// The group whose author recorded it.
pub fn authors_group(kind: &str) -> &'static str {
    if kind == kind::PERMIT_APPLICATION { "asked" } else { "fact" }
}

/// Whether the station has already answered: then it was no mistake any more, and its own steps lead on.
pub fn is_decided(record: &Record) -> bool {
    record.kind == kind::PERMIT_APPLICATION && record.text("decided", "state").is_some()
}

/// Whether a check may not be taken back by whoever made it: what the station has handed over or closed does not go with the check
/// that found it. `by_station` says so of one hazard; to the station itself nothing is the station's alone.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn is_stations_now<R: Register>(
    check: &Record,
    register: &R,
    mut by_station: impl FnMut(&Record) -> Result<bool, R::Error>,
) -> Result<bool, R::Error> {
    if check.kind != kind::INSPECTION {
        return Ok(false);
    }
    for hazard in register.referrers(check.id, kind::HAZARD)? {
        if by_station(&hazard)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody took this record back, and nobody let it stand again.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn is_taken_back<R: Register>(id: RecordId, register: &R) -> Result<bool, R::Error> {
    Ok(!holding(id, register)?.is_empty())
}

/// The withdrawals of a record that hold: nobody took them back.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn holding<R: Register>(id: RecordId, register: &R) -> Result<Vec<Record>, R::Error> {
    let mut held = Vec::new();
    for withdrawal in register.referrers(id, kind::WITHDRAWAL)? {
        if register.referrers(withdrawal.id, kind::WITHDRAWAL)?.is_empty() {
            held.push(withdrawal);
        }
    }
    Ok(held)
}

/// What a withdrawal is about in the end: the record it names, or the one that the withdrawal it names does.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn about<R: Register>(named: RecordId, register: &R) -> Result<Option<Record>, R::Error> {
    let Some(record) = register.record(named)? else { return Ok(None) };
    match record.reference("fact", "of").filter(|_| record.kind == kind::WITHDRAWAL) {
        Some(of) => register.record(of),
        None => Ok(Some(record)),
    }
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
        kind::HAZARD => {
            !from("what", "inspection")? && !closed_by_mistake(record, register)? && !stands_for_another(record, register)?
        }
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

/// A hazard that was opened in the stead of one which counts again: the withdrawal that had closed it away was a mistake itself.
fn stands_for_another<R: Register>(record: &Record, register: &R) -> Result<bool, R::Error> {
    // Only of an older one: records that name each other would stand for each other for ever.
    let instead = record.reference("what", "instead").filter(|instead| *instead < record.id);
    match instead.map_or(Ok(None), |instead| register.record(instead))? {
        Some(instead) => stands(&instead, register),
        None => Ok(false),
    }
}

/// What has to be written beside a withdrawal of a check, or beside one that lets it stand again.
#[derive(Clone, Debug, PartialEq)]
pub enum Follows {
    /// New values for a hazard.
    Set(Record, BTreeMap<String, Fields>),
    /// Another hazard.
    Create(BTreeMap<String, Fields>),
}

/// What a check had said of hazards that were known before is not so when it is taken back: those it closed go on under another
/// record, and a day it had set anew is the one before. When it stands again, that day is set once more.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn follows<R: Register>(
    check: &Record,
    stands_again: bool,
    register: &R,
    book: &PolicyBook,
    calendar: &Calendar,
    today: NaiveDate,
) -> Result<Vec<Follows>, R::Error> {
    let checked_ms = check.field("fact", "observed_unix_ms").and_then(|at| at.as_i64()).unwrap_or_default();
    let mut follows = Vec::new();
    for recheck in register.referrers(check.id, kind::RECHECK)? {
        let hazard = recheck.reference("fact", "hazard").map_or(Ok(None), |hazard| register.record(hazard))?;
        let Some(hazard) = hazard.filter(|hazard| hazard.dead.is_none()) else { continue };
        let Some(what) = hazard.typed::<What>("what") else { continue };
        let due_from = |at: i64| policy::due(book, calendar, hazard::due_key(what.severity), day::day_of(at));
        let mut without_ms = what.observed_unix_ms;
        for other in register.referrers(hazard.id, kind::RECHECK)? {
            let said = other.typed::<RecheckFact>("fact").filter(|said| !said.fixed && said.inspection != Some(check.id));
            if let Some(said) = said
                && stands(&other, register)?
            {
                without_ms = without_ms.max(said.observed_unix_ms);
            }
        }
        let fixed = recheck.typed::<RecheckFact>("fact").is_some_and(|said| said.fixed);
        if hazard::is_open(&hazard) {
            let (was_ms, is_ms) = if stands_again { (without_ms, checked_ms) } else { (checked_ms, without_ms) };
            // Another day that somebody set meanwhile stands.
            let as_was = due_from(was_ms).is_some_and(|due| hazard.text("due", "on") == Some(&due.on.to_string()));
            if let Some(due) = due_from(is_ms).filter(|_| as_was && !fixed) {
                follows.push(Follows::Set(hazard, BTreeMap::from([("due".to_owned(), to_fields(&due))])));
            }
        } else if !stands_again && hazard.reference("state", "recheck") == Some(recheck.id) {
            // Taken back before and let stand again: what went on then goes on.
            let goes_on = register.referrers(hazard.id, kind::HAZARD)?;
            if goes_on.iter().any(|other| other.reference("what", "instead") == Some(hazard.id)) {
                continue;
            }
            // What is closed stays closed: it goes on under another record, with everything that was known of it.
            let state =
                State { state: HazardState::Noticed, on: today.to_string(), to: None, recheck: None, note: String::new() };
            let what = What { instead: Some(hazard.id), ..what };
            let mut groups = BTreeMap::from([("what".to_owned(), to_fields(&what)), ("state".to_owned(), to_fields(&state))]);
            groups.extend(hazard.fields("charge").map(|charge| ("charge".to_owned(), charge.clone())));
            groups.extend(due_from(without_ms).map(|due| ("due".to_owned(), to_fields(&due))));
            follows.push(Follows::Create(groups));
        }
    }
    Ok(follows)
}
