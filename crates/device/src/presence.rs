//! Who may have left: computed from what this device holds whenever somebody asks.

use chrono::NaiveDate;
use domain::codes::ReportKind;
use domain::form::parse_date;
use domain::policy::PolicyBook;
use domain::presence::{self, Known, Presence};
use domain::report::{Matched, Said};
use domain::residency::{self, Intent, Restored, Weighed};
use domain::visit::{self, VisitPersonFact};
use domain::{Record, RecordId, kind, same, withdrawal};
use store::device::View;
use ui_protocol::visits::Seen;

use crate::error::Failure;
use crate::hands::Hands;
use crate::homes;
use crate::law::Law;
use crate::same::root_of_person;

/// What visits saw of one person, as their page shows it.
const SEEN_MAX: usize = 10;

/// Whether somebody still lives where they are registered. Who is registered nowhere in particular is not looked for.
pub(crate) fn of(view: &View<'_>, residency: RecordId, law: &Law, today: NaiveDate) -> Result<Presence, Failure> {
    let Some(gathered) = gather(view, residency)? else { return Ok(Presence::default()) };
    Ok(presence::presence(gathered.known(), &law.book, today))
}

/// What is to do about somebody by what was seen and said alone: rows of the list that the calendar does not take away.
pub(crate) struct ByFacts {
    /// Where they live.
    pub(crate) unit: RecordId,
    /// They may have left.
    pub(crate) doubted: bool,
    /// Something was found that the register does not say.
    pub(crate) pending: bool,
    /// Two visitors contradict each other.
    pub(crate) contradicted: bool,
}

/// The same for whoever lives somewhere.
pub(crate) fn by_facts(view: &View<'_>, residency: RecordId) -> Result<Option<ByFacts>, Failure> {
    let Some(gathered) = gather(view, residency)? else { return Ok(None) };
    let Some(unit) = gathered.unit else { return Ok(None) };
    let presence = presence::presence(gathered.known(), &PolicyBook::default(), NaiveDate::MAX);
    Ok(Some(ByFacts {
        unit,
        doubted: presence.is_doubted_by_facts(),
        pending: !presence.pending.is_empty(),
        contradicted: presence.contradiction.is_some(),
    }))
}

/// What visits saw of somebody, the newest first; what was corrected is left out.
pub(crate) fn seen(view: &View<'_>, residency: RecordId, hands: &Hands) -> Result<Vec<Seen>, Failure> {
    let facts = withdrawal::standing(same::naming(residency, kind::RESIDENCY, kind::VISIT_PERSON, view)?, view)?;
    let mut seen: Vec<Seen> = visit::holding(&facts).into_iter().filter_map(|record| seen_line(record, hands)).collect();
    seen.sort_by_key(|line| std::cmp::Reverse(line.observed_unix_ms));
    seen.truncate(SEEN_MAX);
    Ok(seen)
}

fn seen_line(record: &Record, hands: &Hands) -> Option<Seen> {
    let fact: VisitPersonFact = record.typed("fact")?;
    let (visit, observed_unix_ms, result) = (fact.visit, fact.observed_unix_ms, fact.result);
    Some(Seen { visit, observed_unix_ms, result, by: hands.of(record, "fact") })
}

/// The registrations whose people a report may be about.
pub(crate) fn touched_by_report(view: &View<'_>, report: &Record) -> Result<Vec<RecordId>, Failure> {
    let mut touched = Vec::new();
    if report.text("said", "kind") != Some(ReportKind::MoveOut.code()) {
        return Ok(touched);
    }
    let Some(unit) = report.reference("said", "unit") else { return Ok(touched) };
    for stay in homes::naming(view, unit, kind::STAY)?.iter().filter(|stay| residency::is_open(stay)) {
        if let Some(residency) = stay.reference("where", "residency") {
            touched.push(same::root(residency, view)?);
        }
    }
    Ok(touched)
}

struct Gathered {
    facts: Vec<Record>,
    moved_out: Vec<(RecordId, NaiveDate)>,
    until: Option<NaiveDate>,
    restored_on: Option<NaiveDate>,
    placed_unix_ms: Option<i64>,
    changed_unix_ms: Option<i64>,
    weighed: Option<Weighed>,
    unit: Option<RecordId>,
}

impl Gathered {
    fn known(&self) -> Known<'_> {
        Known {
            facts: &self.facts,
            moved_out: &self.moved_out,
            until: self.until,
            restored_on: self.restored_on,
            placed_unix_ms: self.placed_unix_ms,
            changed_unix_ms: self.changed_unix_ms,
            weighed: self.weighed,
        }
    }
}

fn gather(view: &View<'_>, residency: RecordId) -> Result<Option<Gathered>, Failure> {
    let root = same::root(residency, view)?;
    let Some(record) = view.shown(root)?.filter(residency::is_active) else { return Ok(None) };
    let names = same::names_of(root, kind::RESIDENCY, view)?;
    let stays = same::naming_any(&names, kind::STAY, view)?;
    let Some(open) = stays.iter().find(|stay| residency::is_open(stay)) else { return Ok(None) };
    let unit = open.reference("where", "unit");
    let person = record.reference("who", "person");
    let placed_unix_ms = open.groups.get("where").map(|place| place.origin.stamp.unix_ms());
    let who = person.map_or(Ok(None), |person| view.shown(root_of_person(view, person)?).map_err(Failure::from))?;
    Ok(Some(Gathered {
        placed_unix_ms,
        changed_unix_ms: presence::changed_unix_ms(who.iter().chain([&record, open])),
        weighed: record.typed("weighed"),
        facts: withdrawal::standing(same::naming_any(&names, kind::VISIT_PERSON, view)?, view)?,
        moved_out: match (unit, person) {
            (Some(unit), Some(person)) => moved_out(view, unit, root_of_person(view, person)?)?,
            _ => Vec::new(),
        },
        until: record.typed::<Intent>("intent").and_then(|intent| parse_date(&intent.until)),
        restored_on: record.typed::<Restored>("restored").and_then(|restored| parse_date(&restored.on)),
        unit,
    }))
}

/// Open reports of a home that this person moved out.
fn moved_out(view: &View<'_>, unit: RecordId, person: RecordId) -> Result<Vec<(RecordId, NaiveDate)>, Failure> {
    let mut found = Vec::new();
    for report in homes::naming(view, unit, kind::REPORT)? {
        let Some(said) = report.typed::<Said>("said") else { continue };
        let open = said.kind == ReportKind::MoveOut && report.text("check", "state").is_none();
        let Some(on) = parse_date(&said.event_on).filter(|_| open) else { continue };
        if is_about(view, &report, &said, person)? {
            found.push((report.id, on));
        }
    }
    Ok(found)
}

/// Whether a report is about somebody: the server says so, or the report it ends became their registration, or it has their name.
fn is_about(view: &View<'_>, report: &Record, said: &Said, person: RecordId) -> Result<bool, Failure> {
    if let Some(matched) = report.typed::<Matched>("match").and_then(|matched| matched.person) {
        return Ok(root_of_person(view, matched)? == person);
    }
    let earlier = said.about.map_or(Ok(None), |about| view.shown(about))?;
    if let Some(residency) = earlier.and_then(|earlier| earlier.reference("check", "residency"))
        && let Some(residency) = view.shown(same::root(residency, view)?)?
        && let Some(registered) = residency.reference("who", "person")
    {
        return Ok(root_of_person(view, registered)? == person);
    }
    let Some(who) = view.shown(person)? else { return Ok(false) };
    let text = |field: &str| who.text("identity", field).unwrap_or_default();
    let named = !said.name.is_empty() && same::name_key(&said.name) == same::name_key(text("name"));
    Ok(named && text("doc_no").to_lowercase().ends_with(&said.doc_tail.to_lowercase()))
}
