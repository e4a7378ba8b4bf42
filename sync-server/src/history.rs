//! What was done to a record, from every change that was ever pushed. A device is told what it may see now and nothing that was
//! refused to others; document numbers are masked for everybody.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;
use domain::kind::{self, GroupPolicy};
use domain::place::{self, Scope};
use domain::{AccountId, Fields, Origin, Record, RecordId, Verb, id_document};
use serde_json::Value;
use store::StoreError;
use store::server::{AccountRow, StoredChange, View};
use sync_protocol::history::{AskHistory, ENTRIES_MAX, Entry, EntryGroup, HISTORY_RECORDS_MAX, Outcome, Was};
use sync_protocol::{SyncError, Told, Verdict};

use crate::caller::Caller;
use crate::failure::Failure;
use crate::restored::check_confirmed;

/// Bytes of one answer's entries as JSON.
const ENTRIES_BYTES_MAX: usize = 512 * 1024;

/// Bytes of changes that are read for one question: those of a record edited a thousand times. What is older is not told.
pub(crate) const READ_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What of a record somebody is told.
pub(crate) struct Reader<'r> {
    /// Who asks.
    pub account: AccountId,
    /// The station hears of everything; others neither of what was refused to somebody else nor of what is held.
    pub hears_all: bool,
    /// Whether others are called by name, with their device.
    pub names: bool,
    /// Which groups of which kind.
    pub sees: &'r dyn Fn(&str) -> bool,
    /// A landlord, by the phone he is known by: who had the home before him is not his to know.
    pub landlord: Option<&'r str>,
}

impl Reader<'_> {
    /// Whether this value is theirs to know: of a home's landlords a landlord is told of himself alone.
    fn may_know(&self, record: &Record, group: &str, fields: &Fields) -> bool {
        let named = || fields.get("phone").and_then(Value::as_str);
        record.kind != kind::UNIT || group != "landlord" || self.landlord.is_none_or(|phone| named() == Some(phone))
    }
}

/// A device's question.
///
/// # Errors
/// [`SyncError::Unauthorised`] when none of the records is the caller's to see; [`SyncError::TooLarge`] for too many.
pub(crate) fn told(view: &View<'_>, caller: &Caller, ask: &AskHistory) -> Result<Told, Failure> {
    if ask.records.len() > HISTORY_RECORDS_MAX {
        return Err(SyncError::TooLarge.into());
    }
    check_confirmed(view)?;
    let mut names = Names::default();
    let mut entries = Vec::new();
    let mut may_see_one = false;
    let ids: BTreeSet<RecordId> = ask.records.iter().copied().collect();
    let mut bytes_left = READ_BYTES_MAX;
    for id in &ids {
        let Some(record) = view.record(*id)? else { continue };
        let scopes: Vec<Scope> = place::scopes_of(&record).into_iter().filter(|scope| caller.grants.contains(scope)).collect();
        if scopes.is_empty() {
            continue;
        }
        may_see_one = true;
        let reader = Reader {
            account: caller.account.id,
            hears_all: false,
            names: caller.account.role != Role::Landlord,
            sees: &|group| scopes.iter().any(|scope| kind::travels(&record.kind, group, scope.kind())),
            landlord: (caller.account.role == Role::Landlord).then_some(caller.account.phone.as_str()),
        };
        let changes = view.newest_changes_of(record.id, bytes_left)?;
        for stored in &changes {
            bytes_left = bytes_left.saturating_sub(crate::sizes::json_bytes(&stored.change).map_err(StoreError::from)?);
        }
        entries.extend(of(view, &record, &changes, &reader, &mut names)?);
    }
    if !may_see_one {
        return Err(SyncError::Unauthorised.into());
    }
    sort(&mut entries);
    let skip = usize::try_from(ask.skip).unwrap_or(usize::MAX);
    let (mut page, mut bytes) = (Vec::new(), 0);
    let mut rest = entries.into_iter().skip(skip).peekable();
    while let Some(entry) = rest.next_if(|_| page.len() < ENTRIES_MAX && bytes < ENTRIES_BYTES_MAX) {
        bytes += crate::sizes::json_bytes(&entry).map_err(StoreError::from)?;
        page.push(entry);
    }
    Ok(Told::History { more: rest.peek().is_some(), entries: page })
}

/// The newest first; what one save did stays together.
pub(crate) fn sort(entries: &mut [Entry]) {
    entries.sort_by(|one, other| (other.at_unix_ms, &other.no, other.record).cmp(&(one.at_unix_ms, &one.no, one.record)));
}

/// What was done to one record by these changes of it.
///
/// # Errors
/// As the store says.
pub(crate) fn of(
    view: &View<'_>,
    record: &Record,
    changes: &[StoredChange],
    reader: &Reader<'_>,
    names: &mut Names,
) -> Result<Vec<Entry>, StoreError> {
    let values = values(record, changes);
    let mut entries = Vec::new();
    for stored in changes {
        let outcome = outcome(stored);
        let mine = stored.author == reader.account;
        if !reader.hears_all && !mine && matches!(outcome, Outcome::Refused | Outcome::Held) {
            continue;
        }
        let groups: Vec<EntryGroup> = stored
            .change
            .groups
            .iter()
            .filter(|(group, change)| {
                (reader.sees)(group) && *group != kind::PLACE && reader.may_know(record, group, &change.fields)
            })
            .map(|(group, change)| EntryGroup {
                group: group.clone(),
                fields: masked(&change.fields),
                was: match change.base {
                    None => Was::Nothing,
                    Some(base) => {
                        let was = values.get(&(group.as_str(), base)).filter(|was| reader.may_know(record, group, was));
                        was.map_or(Was::Unknown, |was| Was::Value(masked(was)))
                    }
                },
            })
            .collect();
        if groups.is_empty() && matches!(stored.change.verb, Verb::Create | Verb::Set) {
            continue;
        }
        let author = names.account(view, stored.author)?;
        let tells = reader.names || mine;
        let written = stored.change.origin;
        entries.push(Entry {
            record: record.id,
            kind: record.kind.clone(),
            verb: stored.change.verb,
            at_unix_ms: written.stamp.unix_ms().min(stored.received_unix_ms),
            received_unix_ms: stored.received_unix_ms,
            device: tells.then_some(written.device.0),
            by: author.as_ref().filter(|_| tells).map(|author| author.name.clone()).unwrap_or_default(),
            role: author.map(|author| author.role),
            mine,
            no: if tells { stored.change.txn.number() } else { String::new() },
            outcome,
            groups,
        });
    }
    entries.extend(beside(record, changes, reader));
    Ok(entries)
}

/// Values nobody pushed: numbers, receipts, what the server joined; and what came back from a device after a restore.
fn beside(record: &Record, changes: &[StoredChange], reader: &Reader<'_>) -> Vec<Entry> {
    if kind::is_county(&record.kind) || matches!(record.kind.as_str(), kind::CONFLICT | kind::DUPLICATE) {
        return Vec::new();
    }
    let pushed = |origin: Origin| changes.iter().any(|stored| stored.change.origin == origin);
    let values = record.groups.iter().filter(|(group, value)| {
        *group != kind::PLACE && (reader.sees)(group) && !pushed(value.origin) && !value.names.iter().any(|name| pushed(*name))
    });
    values
        .map(|(group, value)| {
            let device = value.origin.device;
            let first = matches!(kind::policy(&record.kind, group), GroupPolicy::First)
                || matches!(group.as_str(), "number" | "receipt" | "slip");
            Entry {
                record: record.id,
                kind: record.kind.clone(),
                verb: Verb::Set,
                at_unix_ms: value.origin.stamp.unix_ms(),
                received_unix_ms: value.origin.stamp.unix_ms(),
                device: (reader.names || device.is_server()).then_some(device.0),
                by: String::new(),
                role: None,
                mine: false,
                no: String::new(),
                outcome: Outcome::Ok,
                groups: vec![EntryGroup {
                    group: group.clone(),
                    fields: masked(&value.fields),
                    was: if first { Was::Nothing } else { Was::Unknown },
                }],
            }
        })
        .collect()
}

/// Every value a group ever had here, by its permanent names.
fn values<'v>(record: &'v Record, changes: &'v [StoredChange]) -> BTreeMap<(&'v str, Origin), &'v Fields> {
    let mut values = BTreeMap::new();
    for stored in changes {
        for (group, change) in &stored.change.groups {
            values.insert((group.as_str(), stored.change.origin), &change.fields);
        }
    }
    for (group, value) in &record.groups {
        for origin in value.names.iter().chain([&value.origin]) {
            values.entry((group.as_str(), *origin)).or_insert(&value.fields);
        }
    }
    values
}

fn outcome(stored: &StoredChange) -> Outcome {
    match serde_json::from_str(&stored.verdict) {
        Ok(Verdict::Merged) => Outcome::Merged,
        Ok(Verdict::Refused(_)) => Outcome::Refused,
        Ok(Verdict::Held) => Outcome::Held,
        Ok(Verdict::Ok) => Outcome::Ok,
        Err(_) if stored.refused => Outcome::Refused,
        Err(_) => Outcome::Ok,
    }
}

/// Accounts looked up once.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<AccountId, Option<AccountRow>>);

impl Names {
    fn account(&mut self, view: &View<'_>, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let found = view.account(id)?;
        self.0.insert(id, found.clone());
        Ok(found)
    }
}

/// The records whose history belongs to one, that may be shown by `may`.
///
/// # Errors
/// As the store says.
pub(crate) fn belonging(view: &View<'_>, record: &Record, may: impl Fn(&Record) -> bool) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<RecordId> = domain::belonging::of(record, view)?;
    let mut records = Vec::new();
    for id in ids.into_iter().take(HISTORY_RECORDS_MAX) {
        records.extend(view.record(id)?.filter(|found| found.id == record.id || may(found)));
    }
    Ok(records)
}

/// Document numbers, wherever they stand: in a group, or in a value a conflict keeps.
pub(crate) fn masked(fields: &Fields) -> Fields {
    fields.iter().map(|(name, value)| (name.clone(), masked_value(name, value))).collect()
}

fn masked_value(name: &str, value: &Value) -> Value {
    match value {
        Value::String(number) if name == "doc_no" => Value::String(id_document::mask(number)),
        Value::Object(inner) => Value::Object(masked(inner)),
        Value::Array(items) => Value::Array(items.iter().map(|item| masked_value(name, item)).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_number_is_masked_wherever_it_stands() {
        let number = "330822199002301234";
        let deep = serde_json::json!({
            "doc_no": number, "stands": {"doc_no": number}, "later": [{"doc_no": number}, [{"doc_no": [number]}]], "name": "张三"
        });
        let fields = deep.as_object().expect("an object");
        let shown = Value::Object(masked(fields)).to_string();
        assert!(!shown.contains(number) && shown.contains("张三"), "{shown}");
    }
}
