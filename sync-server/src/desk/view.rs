//! One record at the desk: its groups with document numbers masked, what hangs on it, and who set what.

use domain::grade::{self, Graded};
use domain::policy::{self, key};
use domain::presence::Word;
use domain::residency::CANCELLED;
use domain::same::{self, Alias};
use domain::{Fields, Record, RecordId, access::Role, day, kind, place, region, withdrawal};
use store::StoreError;
use store::server::{AuditLine, ListingRow, View};
use sync_protocol::history::{Entry, Outcome, Was as ToldWas};
use ui_protocol::ErrorCode;
use ui_protocol::attention::VisitorWord;
use ui_protocol::desk::{Contradicting, Linked, RecordView};
use ui_protocol::history::{By, HistoryGroup, HistoryLine, HistoryPage, Was};
use ui_protocol::people::OtherName;
use ui_protocol::units::ChangeState;

use super::{DeskCaller, home, lists, permits, photos};
use crate::core::Core;
use crate::failure::Failure;
pub(super) use crate::history::masked;
use crate::history::{self, Names, Reader};
use crate::register::{Rules, contradiction_of};

/// Records shown beside one; a home with more is looked up by list.
const LINKED_MAX: usize = 100;
/// Lines of history, newest first.
const HISTORY_MAX: usize = 500;

/// A record the caller may see, with its row. What is elsewhere is not there.
pub fn seen(view: &View<'_>, caller: &DeskCaller, id: RecordId) -> Result<(Record, ListingRow), Failure> {
    let not_found = || Failure::Desk(ErrorCode::NotFound);
    let listed = view.listing(id)?.filter(|listed| caller.sees(&listed.area)).ok_or_else(not_found)?;
    Ok((view.record(id)?.ok_or_else(not_found)?, listed))
}

/// Whether the station may bring a registration back: it was cancelled, and not too long ago.
pub fn can_restore(view: &View<'_>, record: &Record, today: chrono::NaiveDate) -> Result<bool, StoreError> {
    let cancelled = record.kind == kind::RESIDENCY && record.dead.is_none() && record.text("status", "state") == Some(CANCELLED);
    // Counted from the decision: the day of leaving may lie far back when it is learnt.
    let decided = record.groups.get("status").map(|status| day::day_of(status.origin.stamp.unix_ms()));
    let Some(on) = decided.filter(|_| cancelled) else { return Ok(false) };
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
                row: lists::stands_today(view, lists::row(listed, &names), self.today())?,
                groups: groups.map(|(group, value)| (group.clone(), region_named(masked(&value.fields)))).collect(),
                linked: linked(view, caller, &record)?,
                history: history(view, caller, &record)?,
                photos: photos::of(view, &record)?,
                can_restore: decides && can_restore(view, &record, self.today())?,
                can_settle: decides && record.kind == kind::CONFLICT && record.fields("settled").is_none(),
                permit: permits::steps(view, &record, self.today(), decides)?,
                can_split: decides && record.kind == kind::PERSON && record.dead.is_none(),
                contradiction: contradiction(view, &record)?,
                can_weigh: decides,
                can_answer: decides && record.kind == kind::DUPLICATE && record.fields("settled").is_none(),
                graded: graded(view, &record, self.today())?,
                home: home::of(view, caller, &record)?,
                withdrawn: withdrawal::is_taken_back(record.id, view)?,
                can_take_back: decides && (home::may_take_back(view, &record)? || withdrawal::is_taken_back(record.id, view)?),
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
    let of_home = |of: &str| same::naming(record.id, kind::UNIT, of, view);
    let (hazards, reports) = (of_home(kind::HAZARD)?, of_home(kind::REPORT)?);
    let hazards = withdrawal::standing(hazards, view)?;
    Ok(Some(grade::grade(record, &hazards, &reports, &Rules::load(view)?.book, today)))
}

/// Two visitors' words about whoever is registered, with the names of both.
fn contradiction(view: &View<'_>, record: &Record) -> Result<Option<Contradicting>, Failure> {
    if record.kind != kind::RESIDENCY {
        return Ok(None);
    }
    let Some(between) = contradiction_of(record, view)? else { return Ok(None) };
    let said = |word: Word| -> Result<VisitorWord, Failure> {
        let origin = view.record(word.fact)?.and_then(|fact| Some(fact.groups.get("fact")?.origin));
        let by = match origin.map_or(Ok(None), |origin| view.device(origin.device))? {
            Some(device) => view.account(device.account)?.map(|account| account.name).unwrap_or_default(),
            None => String::new(),
        };
        let Word { fact, visit, result, observed_unix_ms } = word;
        Ok(VisitorWord { fact, visit, result, observed_unix_ms, by })
    };
    Ok(Some(Contradicting { earlier: said(between.earlier)?, later: said(between.later)? }))
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

/// Who set what of the record and of what belongs to it, as far as the caller's villages go.
fn history(view: &View<'_>, caller: &DeskCaller, record: &Record) -> Result<Vec<HistoryLine>, Failure> {
    let reader = Reader { account: caller.account.id, hears_all: true, names: true, sees: &|_| true, landlord: None };
    let mut names = Names::default();
    let mut entries = Vec::new();
    let may = |found: &Record| place::stored(found).area.is_some_and(|area| caller.sees(&area));
    for found in history::belonging(view, record, may)? {
        let changes = view.newest_changes_of(found.id, history::READ_BYTES_MAX)?;
        entries.extend(history::of(view, &found, &changes, &reader, &mut names)?);
    }
    history::sort(&mut entries);
    entries.truncate(HISTORY_MAX);
    entries.into_iter().map(|entry| line(view, entry)).collect()
}

fn line(view: &View<'_>, entry: Entry) -> Result<HistoryLine, Failure> {
    let record = view.record(entry.record)?;
    let home = match record.as_ref().filter(|record| record.kind == kind::STAY) {
        Some(stay) => stay.reference("where", "unit").map_or(Ok(None), |unit| view.listing(unit))?,
        None => None,
    };
    let page = record.map_or(Ok(None), |record| page_of(view, &record))?;
    let groups = entry.groups.into_iter().map(|told| HistoryGroup {
        group: told.group,
        fields: region_named(told.fields),
        was: match told.was {
            ToldWas::Nothing => Was::Nothing,
            ToldWas::Value(fields) => Was::Value(region_named(fields)),
            ToldWas::Unknown => Was::Unknown,
        },
    });
    Ok(HistoryLine {
        record: entry.record,
        kind: entry.kind,
        about: home.map(|home| home.title).unwrap_or_default(),
        page,
        verb: entry.verb,
        at_unix_ms: entry.at_unix_ms,
        by: match entry.device {
            _ if !entry.by.is_empty() => By::Named(entry.by),
            None | Some(0) => By::Server,
            Some(device) => By::Device(device),
        },
        device: entry.device,
        groups: groups.collect(),
        state: match entry.outcome {
            Outcome::Ok => ChangeState::Answered,
            Outcome::Merged => ChangeState::Conflict,
            Outcome::Refused => ChangeState::Refused,
            Outcome::Held => ChangeState::Held,
        },
        no: entry.no,
    })
}

/// The page of the station a line is about: a record's own, or that of the home, the registration or the card it is shown with.
fn page_of(view: &View<'_>, record: &Record) -> Result<Option<HistoryPage>, StoreError> {
    let shown_with = match record.kind.as_str() {
        kind::UNIT
        | kind::PERSON
        | kind::RESIDENCY
        | kind::REPORT
        | kind::REFERRAL
        | kind::PERMIT
        | kind::PERMIT_APPLICATION
        | kind::CONFLICT
        | kind::DUPLICATE => Some(record.id),
        kind::STAY => record.reference("where", "residency"),
        kind::VISIT_PERSON => record.reference("fact", "residency"),
        kind::PERMIT_EVENT => record.reference("fact", "permit"),
        kind::HAZARD => record.reference("what", "unit"),
        kind::VISIT | kind::INSPECTION | kind::LETTER => record.reference("fact", "unit"),
        kind::ROOM | kind::TENANCY => record.reference("where", "unit"),
        _ => None,
    };
    let page = shown_with.map_or(Ok(None), |id| view.record(id))?.filter(|page| page.dead.is_none());
    Ok(page.map(|page| HistoryPage { kind: page.kind, id: page.id, on_page_of: None }))
}

/// A household region by its name: the screen holds no table of them.
fn region_named(mut fields: Fields) -> Fields {
    if let Some(found) = fields.get("region").and_then(|code| region::find(code.as_str()?)) {
        fields.insert("region".to_owned(), found.display().into());
    }
    fields
}
