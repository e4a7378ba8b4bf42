//! One record at the desk: its groups with document numbers masked, what hangs on it, and who set what.

use std::collections::BTreeMap;

use domain::form::parse_date;
use domain::grade::{self, Graded};
use domain::policy::{self, key};
use domain::residency::CANCELLED;
use domain::same::{self, Alias};
use domain::{AccountId, Fields, Record, RecordId, Verb, access::Role, id_document, kind};
use serde_json::Value;
use store::StoreError;
use store::server::{AuditLine, ListingRow, View};
use sync_protocol::Verdict;
use ui_protocol::ErrorCode;
use ui_protocol::desk::{Linked, RecordView};
use ui_protocol::people::OtherName;
use ui_protocol::units::{ChangeState, HistoryLine};

use super::{DeskCaller, lists, permits, photos};
use crate::core::Core;
use crate::failure::Failure;
use crate::register::Rules;

/// Records shown beside one; a home with more is looked up by list.
const LINKED_MAX: usize = 100;
/// Lines of history, newest first.
const HISTORY_MAX: usize = 200;

/// A record the caller may see, with its row. What is elsewhere is not there.
pub fn seen(view: &View<'_>, caller: &DeskCaller, id: RecordId) -> Result<(Record, ListingRow), Failure> {
    let not_found = || Failure::Desk(ErrorCode::NotFound);
    let listed = view.listing(id)?.filter(|listed| caller.sees(&listed.area)).ok_or_else(not_found)?;
    Ok((view.record(id)?.ok_or_else(not_found)?, listed))
}

/// Whether the station may bring a registration back: it was cancelled, and not too long ago.
pub fn can_restore(view: &View<'_>, record: &Record, today: chrono::NaiveDate) -> Result<bool, StoreError> {
    let cancelled = record.kind == kind::RESIDENCY && record.dead.is_none() && record.text("status", "state") == Some(CANCELLED);
    let Some(on) = record.text("status", "on").and_then(parse_date).filter(|_| cancelled) else { return Ok(false) };
    let window = policy::number(&Rules::load(view)?.book, key::RESTORE_WINDOW, on);
    Ok(window.is_none_or(|days| (today - on).num_days() <= days))
}

impl Core {
    /// One record; that it was looked at is noted down.
    pub(super) fn view_record(&self, caller: &DeskCaller, id: RecordId) -> Result<RecordView, Failure> {
        let shown = self.look(|view| {
            let (record, listed) = seen(view, caller, id)?;
            let names = lists::area_names(view)?;
            let decides = caller.account.role == Role::Officer;
            let groups = record.groups.iter().filter(|(_, value)| !value.fields.is_empty());
            Ok(RecordView {
                row: lists::row(listed, &names),
                groups: groups.map(|(group, value)| (group.clone(), masked(&value.fields))).collect(),
                linked: linked(view, caller, &record)?,
                history: history(view, &record)?,
                photos: photos::of(view, &record)?,
                can_restore: decides && can_restore(view, &record, self.today())?,
                can_settle: decides && record.kind == kind::CONFLICT && record.fields("settled").is_none(),
                permit: permits::steps(view, &record, self.today(), decides)?,
                can_split: decides && record.kind == kind::PERSON && record.dead.is_none(),
                can_answer: decides && record.kind == kind::DUPLICATE && record.fields("settled").is_none(),
                graded: graded(view, &record, self.today())?,
                can_grade: decides && record.kind == kind::UNIT && record.dead.is_none(),
                other_names: if record.kind == kind::PERSON { other_names(view, &record)? } else { Vec::new() },
            })
        })?;
        let (actor, subject, at_unix_ms) = (caller.account.id.to_string(), id.to_string(), self.now_unix_ms());
        let kind = shown.row.kind.clone();
        self.write(move |write| {
            Ok(write.add_audit(AuditLine { at_unix_ms, actor: &actor, action: "desk.view", subject: &subject, detail: &kind })?)
        })?;
        Ok(shown)
    }
}

/// How a home stands, by the same rule as on every phone.
fn graded(view: &View<'_>, record: &Record, today: chrono::NaiveDate) -> Result<Option<Graded>, StoreError> {
    if record.kind != kind::UNIT {
        return Ok(None);
    }
    let (hazards, reports) = (view.referrers(record.id, kind::HAZARD)?, view.referrers(record.id, kind::REPORT)?);
    Ok(Some(grade::grade(record, &hazards, &reports, &Rules::load(view)?.book, today)))
}

/// Document numbers, wherever they stand: in a group, or in a value a conflict keeps.
pub fn masked(fields: &Fields) -> Fields {
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

/// The other registrations a person was joined from.
fn other_names(view: &View<'_>, person: &Record) -> Result<Vec<OtherName>, Failure> {
    let mut names = Vec::new();
    for named in view.referrers(person.id, kind::PERSON)? {
        let Some(alias) = named.typed::<Alias>(same::ALIAS).filter(|alias| alias.of == person.id) else { continue };
        let name = named.text("identity", "name").unwrap_or_default().to_owned();
        names.push(OtherName { person: named.id, name, by: alias.by, at_unix_ms: alias.at_unix_ms });
    }
    Ok(names)
}

fn linked(view: &View<'_>, caller: &DeskCaller, record: &Record) -> Result<Vec<Linked>, Failure> {
    let named = kind::references(record).into_iter();
    // Whatever hangs on another name of a person hangs on the person.
    let names = same::names_of(record.id, &record.kind, view)?;
    let mut naming = Vec::new();
    for name in &names {
        naming.extend(view.all_referrers(*name)?.into_iter().map(|referrer| referrer.id));
    }
    let mut linked = Vec::new();
    for id in named.chain(naming).take(LINKED_MAX) {
        if let Some(row) = view.listing(id)?.filter(|row| caller.sees(&row.area)) {
            linked.push(Linked { id, kind: row.kind, title: row.title });
        }
    }
    Ok(linked)
}

fn history(view: &View<'_>, record: &Record) -> Result<Vec<HistoryLine>, Failure> {
    let mut names: BTreeMap<AccountId, String> = BTreeMap::new();
    let mut lines = Vec::new();
    for stored in view.changes_of(record.id)?.into_iter().rev() {
        let by = match names.get(&stored.author) {
            Some(name) => name.clone(),
            None => {
                let name = view.account(stored.author)?.map(|account| account.name).unwrap_or_default();
                names.insert(stored.author, name.clone());
                name
            }
        };
        let state = match serde_json::from_str(&stored.verdict) {
            Ok(Verdict::Merged) => ChangeState::Conflict,
            Ok(Verdict::Refused(_)) => ChangeState::Refused,
            Ok(Verdict::Held) => ChangeState::Held,
            _ => ChangeState::Answered,
        };
        let line = |group: &str| HistoryLine {
            at_unix_ms: stored.change.origin.stamp.unix_ms(),
            by: by.clone(),
            group: group.to_owned(),
            state,
            no: stored.change.txn.number(),
        };
        match stored.change.verb {
            Verb::Delete => lines.push(line("delete")),
            Verb::Restore => lines.push(line("restore")),
            Verb::Create | Verb::Set => lines.extend(stored.change.groups.keys().map(|group| line(group))),
        }
    }
    lines.truncate(HISTORY_MAX);
    Ok(lines)
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
