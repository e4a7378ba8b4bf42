//! A check: its form as it is begun, and its save with the hazards it opens, finds again or closes.

use std::collections::{BTreeMap, BTreeSet};

use domain::checklist::{Answer, Item};
use domain::codes::Relation;
use domain::form::may_save;
use domain::hazard::{self, Looked, Responsible};
use domain::inspection::{HazardForm, InspectionFact, InspectionForm, Outcome, RoomForm, RoomSize, Seen};
use domain::occupancy::Limits;
use domain::record::to_fields;
use domain::unit::Letting;
use domain::{Record, RecordId, kind, policy, residency, text, withdrawal};
use store::device::View;
use ui_protocol::UiError;
use ui_protocol::safety::{CheckForm, CheckFormView, HazardRow, SaveCheck, SavedCheck};

use super::{hazard_row, home};
use crate::error::Failure;
use crate::same::root_of_person;
use crate::save::Save;
use crate::units::hundredths;
use crate::{Device, derive, homes};

/// Rooms whose size is noted down on their record in one save; the check itself holds all of them.
const SIZES_MAX: usize = 100;

impl Device {
    pub(crate) fn check_form(&self, ask: &CheckForm) -> Result<CheckFormView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let unit = home(view, ask.unit)?;
            let mut open = Vec::new();
            for hazard in open_hazards(view, unit.id)? {
                open.push(hazard_row(view, &hazard, &law, today)?);
            }
            open.sort_by_key(|row| (row.item, row.id));
            let due = |severity| policy::due(&law.book, &law.calendar, hazard::due_key(severity), today);
            Ok(CheckFormView {
                title: derive::unit_title(&unit),
                form: InspectionForm { rooms: rooms(view, unit.id)?, hazards: begun(&open), ..InspectionForm::default() },
                limits: Limits::on(&law.book, today),
                beds: unit.typed::<Letting>("letting").and_then(|letting| letting.beds),
                open,
                dues: [1, 2, 3].into_iter().map(|severity| due(severity).map(|due| law.left(&due, today))).collect(),
            })
        })
    }

    pub(crate) fn save_check(&self, ask: &SaveCheck) -> Result<SavedCheck, Failure> {
        self.save(|save| {
            let unit = home(save.writing, ask.unit)?.id;
            let law = self.law(save.writing)?;
            let limits = Limits::on(&law.book, save.today);
            let problems = ask.form.check(limits.as_ref());
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            let answers = ask.form.answers(limits.as_ref());
            let fact = InspectionFact {
                unit,
                observed_unix_ms: save.now,
                answers: answers.clone(),
                rooms: ask.form.rooms_found(),
                limits: limits.clone(),
                note: text::clean(&ask.form.note),
            };
            let inspection = save.create(kind::INSPECTION, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            let mut saved =
                SavedCheck { inspection, opened: Vec::new(), still_open: Vec::new(), closed: Vec::new(), waiting_to_sync: true };
            let known = open_hazards(save.writing, unit)?;
            for hazard in &known {
                let Some(item) = item_of(hazard) else { continue };
                let said = ask.form.hazards.get(item.code());
                // Whoever looks at everything looks at this again.
                let looked = match answers.get(item.code()) {
                    Some(Answer::Pass) => Looked { fixed: true, inspection: Some(inspection), ..Looked::default() },
                    Some(Answer::Fail) => found_again(inspection, said),
                    _ => continue,
                };
                self.look_again(save, hazard, &looked)?;
                let list = if looked.fixed { &mut saved.closed } else { &mut saved.still_open };
                list.push(hazard.id);
            }
            let seen = Seen { unit, inspection, observed_unix_ms: save.now };
            for item in ask.form.failed(limits.as_ref()) {
                if known.iter().any(|hazard| item_of(hazard) == Some(item)) {
                    continue;
                }
                let groups = ask.form.hazard(item).groups(item, &seen, &law.book, &law.calendar);
                saved.opened.push(save.create(kind::HAZARD, groups)?);
            }
            note_sizes(save, unit, &ask.form.rooms)?;
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(saved)
        })
    }
}

/// What is not mended in a home.
pub(super) fn open_hazards(view: &View<'_>, unit: RecordId) -> Result<Vec<Record>, Failure> {
    let open = homes::naming(view, unit, kind::HAZARD)?.into_iter().filter(hazard::is_open).collect();
    Ok(withdrawal::standing(open, view)?)
}

fn item_of(hazard: &Record) -> Option<Item> {
    hazard.text("what", "item").and_then(Item::from_code)
}

/// A check that finds a hazard again is a re-check of it, with all that is said about it.
fn found_again(inspection: RecordId, said: Option<&HazardForm>) -> Looked {
    let outcome = said.map_or(Outcome::Noticed, |said| said.outcome);
    Looked {
        fixed: outcome == Outcome::FixedOnSpot,
        note: said.map(|said| text::clean(&said.description)).unwrap_or_default(),
        inspection: Some(inspection),
        to: said.filter(|_| outcome == Outcome::HandedOver).and_then(|said| said.handed_to),
        responsible: said.map(|said| said.responsible),
    }
}

/// What is begun with about the hazards that are known: who mends them.
fn begun(open: &[HazardRow]) -> BTreeMap<String, HazardForm> {
    let form =
        |row: &HazardRow| HazardForm { responsible: row.responsible.unwrap_or(Responsible::Landlord), ..HazardForm::default() };
    open.iter().filter_map(|row| Some((row.item?.code().to_owned(), form(row)))).collect()
}

/// What was measured is offered at the next check.
fn note_sizes(save: &mut Save<'_, '_>, unit: RecordId, rooms: &[RoomForm]) -> Result<(), Failure> {
    let own: BTreeSet<RecordId> = homes::rooms(save.writing, unit)?.iter().map(|room| room.record.id).collect();
    let mut noted = 0;
    for form in rooms {
        let (Some(room), Some(usable_m2x100)) = (form.room, form.found().and_then(|found| found.usable_m2x100)) else { continue };
        if own.contains(&room) && noted < SIZES_MAX {
            let size = to_fields(&RoomSize { usable_m2x100 });
            noted += usize::from(save.set(room, BTreeMap::from([("size".to_owned(), size)]))?);
        }
    }
    Ok(())
}

/// The rooms with how many sleep there now; who shares no room is counted in one of its own.
fn rooms(view: &View<'_>, unit: RecordId) -> Result<Vec<RoomForm>, Failure> {
    struct Sleeps {
        people: BTreeSet<RecordId>,
        family: usize,
    }
    let known = homes::rooms(view, unit)?;
    let mut sleeping: BTreeMap<Option<RecordId>, Sleeps> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for stay in homes::naming(view, unit, kind::STAY)?.iter().filter(|stay| residency::is_open(stay)) {
        let Some(person) = stay.reference("where", "person") else { continue };
        let person = root_of_person(view, person)?;
        // Registered twice at one door, somebody lives there once.
        if !counted.insert(person) {
            continue;
        }
        let room = stay.reference("where", "room");
        let room = known.iter().find(|known| known.is(room)).map_or(room, |known| Some(known.record.id));
        let sleeps = sleeping.entry(room).or_insert_with(|| Sleeps { people: BTreeSet::new(), family: 0 });
        sleeps.people.insert(person);
        sleeps.family += usize::from(stay.text("relation", "relation") == Some(Relation::Family.code()));
    }
    let form = |room: Option<RecordId>, label: String, usable_m2: String, sleeps: Option<&Sleeps>| {
        let people = sleeps.map_or(0, |sleeps| sleeps.people.len());
        // One tenant, and everybody else is the tenant's family.
        let family = people > 1 && sleeps.is_some_and(|sleeps| sleeps.family + 1 >= people);
        RoomForm { room, label, usable_m2, people: people.to_string(), family }
    };
    let mut rooms: Vec<RoomForm> = known
        .iter()
        .map(|room| {
            let usable = room.record.typed::<RoomSize>("size").map(|size| hundredths(size.usable_m2x100)).unwrap_or_default();
            let id = Some(room.record.id);
            form(id, room.label().to_owned(), usable, sleeping.get(&id))
        })
        .collect();
    // A room that is not of this home any more is no room here.
    let nowhere: Vec<&Sleeps> = sleeping
        .iter()
        .filter(|(room, _)| room.is_none_or(|room| known.iter().all(|known| known.record.id != room)))
        .map(|(_, sleeps)| sleeps)
        .collect();
    if rooms.is_empty() || !nowhere.is_empty() {
        let together = Sleeps {
            people: nowhere.iter().flat_map(|sleeps| sleeps.people.iter().copied()).collect(),
            family: nowhere.iter().map(|sleeps| sleeps.family).sum(),
        };
        rooms.push(form(None, String::new(), String::new(), Some(&together)));
    }
    Ok(rooms)
}
