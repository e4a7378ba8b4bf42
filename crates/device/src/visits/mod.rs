//! Visits: the roster at the door, tap by tap, and what came of it.

pub(crate) mod empty;
mod finish;
mod past;
mod taps;

use domain::codes::UnitStatus;
use domain::visit_draft::VisitDraft;
use domain::{Record, RecordId, kind, residency, same};
use store::device::{View, Writing};
use ui_protocol::units::Occupant;
use ui_protocol::visits::{HomeNow, Noted, OpenVisit, OpenVisits, OpenVisitsReply, RosterPerson, RosterRoom, Visit, VisitView};

use crate::error::Failure;
use crate::{Device, derive, homes};

/// Characters of a notice's version.
pub(crate) const VERSION_MAX: usize = 40;
/// What a visit's draft is kept under.
const DRAFT: &str = "visit:";

fn draft_key(unit: RecordId) -> String {
    format!("{DRAFT}{unit}")
}

/// The visit of a home that goes on; an empty one where none does. A draft that cannot be read is none.
pub(crate) fn kept(view: &View<'_>, unit: RecordId) -> Result<VisitDraft, Failure> {
    let kept = view.draft(&draft_key(unit))?;
    Ok(kept.and_then(|(form, _)| serde_json::from_value(form).ok()).unwrap_or_default())
}

/// The plate of a home was scanned: a visit that goes on there says so.
pub(crate) fn note_scan(writing: &Writing<'_>, unit: RecordId, now: i64) -> Result<(), Failure> {
    let draft = kept(writing, unit)?;
    taps::keep(writing, unit, &VisitDraft { scanned: true, ..draft }, now)
}

fn noted(draft: &VisitDraft) -> Noted {
    Noted {
        begun_unix_ms: (!draft.is_empty()).then_some(draft.begun_unix_ms),
        answers: draft.answers().into_iter().filter_map(|(person, tap)| Some((person, tap.result?))).collect(),
        can_undo: !draft.taps.is_empty(),
        notice: draft.notice.clone(),
    }
}

impl Device {
    pub(crate) fn visit_view(&self, ask: &Visit) -> Result<VisitView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let draft = kept(view, ask.unit)?;
            let (home, record) = home_now(view, ask.unit)?;
            // Nothing is known of a home nobody ever visited here and that is not here.
            if home == HomeNow::Gone && draft.is_empty() {
                return Err(ui_protocol::ErrorCode::NotFound.into());
            }
            let area = record.as_ref().and_then(|unit| unit.text("address", "area")).unwrap_or_default().to_owned();
            Ok(VisitView {
                unit: ask.unit,
                into: match home {
                    HomeNow::Merged(into) => view.shown(into)?.as_ref().map(derive::unit_title).unwrap_or_default(),
                    _ => String::new(),
                },
                title: record.as_ref().map(derive::unit_title).unwrap_or_default(),
                area_name: if area.is_empty() { area } else { self.area_name(view, &area)?.name },
                home,
                rooms: self.roster(view, ask.unit, &draft)?,
                noted: noted(&draft),
            })
        })
    }

    pub(crate) fn open_visits(&self, _: &OpenVisits) -> Result<OpenVisitsReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let mut rows = Vec::new();
            for (key, form) in view.drafts_named(DRAFT)? {
                let unit = key.strip_prefix(DRAFT).and_then(|unit| unit.parse::<RecordId>().ok());
                let (Some(unit), Ok(draft)) = (unit, serde_json::from_value::<VisitDraft>(form)) else { continue };
                let line = view.unit_line(homes::root(view, unit)?)?;
                rows.push(OpenVisit {
                    unit,
                    title: line.as_ref().map(|line| line.title.clone()).unwrap_or_default(),
                    begun_unix_ms: draft.begun_unix_ms,
                    answered: draft.answers().len() as u64,
                    people: line.map_or(0, |line| line.people),
                });
            }
            rows.sort_by_key(|row| std::cmp::Reverse(row.begun_unix_ms));
            Ok(OpenVisitsReply { rows })
        })
    }

    /// Who is registered in the home now, and who was answered about and is not any more.
    fn roster(&self, view: &View<'_>, unit: RecordId, draft: &VisitDraft) -> Result<Vec<RosterRoom>, Failure> {
        let answers = draft.answers();
        let mut rooms = Vec::new();
        for room in self.rooms(view, unit)? {
            let mut people = Vec::with_capacity(room.people.len());
            for who in room.people {
                let registered_unix_ms = registered_at(view, who.residency)?;
                let just = !draft.is_empty() && registered_unix_ms.is_some_and(|at| at >= draft.begun_unix_ms);
                people.push(roster_person(who, just));
            }
            rooms.push(RosterRoom { id: room.id, label: room.label, people });
        }
        let listed = |person: RecordId| rooms.iter().flat_map(|room| &room.people).any(|who| who.person == person);
        let mut gone = Vec::new();
        for (person, tap) in answers.into_iter().filter(|(person, _)| !listed(*person)) {
            let name = view.person_line(same::root(person, view)?)?.map(|line| line.name).unwrap_or_default();
            gone.push(RosterPerson {
                person,
                residency: tap.residency,
                name,
                age: None,
                lessee: false,
                presence: Default::default(),
                just_registered: false,
                no_longer_here: true,
            });
        }
        if !gone.is_empty() {
            rooms.push(RosterRoom { id: None, label: String::new(), people: gone });
        }
        Ok(rooms)
    }
}

fn roster_person(who: Occupant, just_registered: bool) -> RosterPerson {
    RosterPerson {
        person: who.person,
        residency: who.residency,
        name: who.name,
        age: who.age,
        lessee: who.lessee,
        presence: who.presence,
        just_registered,
        no_longer_here: false,
    }
}

/// When a registration was written down, Unix milliseconds, UTC.
fn registered_at(view: &View<'_>, residency: RecordId) -> Result<Option<i64>, Failure> {
    let record = view.shown(residency)?;
    Ok(record.and_then(|record| record.groups.get("who").map(|who| who.origin.stamp.unix_ms())))
}

/// How a home stands, and what is known of it.
fn home_now(view: &View<'_>, unit: RecordId) -> Result<(HomeNow, Option<Record>), Failure> {
    let Some(held) = view.held(unit)?.filter(|held| held.shown.kind == kind::UNIT) else { return Ok((HomeNow::Gone, None)) };
    let record = held.shown;
    if record.dead.is_some() {
        return Ok((HomeNow::TakenBack, Some(record)));
    }
    let meant = homes::root(view, unit)?;
    if meant != unit {
        return Ok((HomeNow::Merged(meant), Some(record)));
    }
    let state = domain::unit::standing(&record, view)?.map_or(UnitStatus::Pending, |registration| registration.state);
    Ok((HomeNow::Known(state), Some(record)))
}

/// The registration of somebody who stands in the roster: the one their open stay in this home names, else any that stands.
fn registration_at(view: &View<'_>, unit: RecordId, person: RecordId) -> Result<Option<RecordId>, Failure> {
    let stays = same::naming(person, kind::PERSON, kind::STAY, view)?;
    let names = homes::names(view, unit)?;
    let at_home = |stay: &Record| stay.reference("where", "unit").is_some_and(|unit| names.contains(&unit));
    let here = stays.iter().find(|stay| residency::is_open(stay) && at_home(stay));
    match here.and_then(|stay| stay.reference("where", "residency")) {
        Some(residency) => Ok(Some(same::root(residency, view)?)),
        None => Ok(None),
    }
}
