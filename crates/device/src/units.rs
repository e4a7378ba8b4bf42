//! Homes: lists, search, one home, saving, registering and closing.

use std::collections::BTreeMap;

use domain::address::{self, Address};
use domain::codes::UnitStatus;
use domain::form::{FieldProblem, Problem, may_save, parse_date};
use domain::person::age_years;
use domain::record::to_fields;
use domain::unit::{self, Landlord, Letter, Letting, Registration, RoomLabel, RoomWhere, UnitForm};
use domain::{Fields, Record, RecordId, form, kind, residency, same, text, visit, withdrawal};
use store::device::{UnitLine, View};
use ui_protocol::tenancies::Tenants;
use ui_protocol::units::{ListUnits, Occupant, RoomView, SaveUnit, SavedUnit, SetUnitState, Unit, UnitPage, UnitRow, UnitView};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::rounds::Rounds;
use crate::same::root_of_person;
use crate::save::Save;
use crate::{Device, homes, presence, safety, tenancies, visits};

/// Rows of one page.
const PAGE: u32 = 40;

impl Device {
    /// A letter on paper is taken to have the wording of its day; one that is noted down already keeps its own.
    fn word_paper_letter(
        &self,
        save: &Save<'_, '_>,
        unit: Option<RecordId>,
        groups: &mut BTreeMap<String, Fields>,
    ) -> Result<(), Failure> {
        let Some(letter) = groups.get_mut("letter") else { return Ok(()) };
        let known = unit.map_or(Ok(None), |unit| save.writing.shown(unit))?.and_then(|unit| unit.typed::<Letter>("letter"));
        let signed_on = letter.get("signed_on").and_then(|on| on.as_str()).unwrap_or_default().to_owned();
        let version = match known.filter(|known| known.signed_on == signed_on) {
            Some(known) => known.template,
            None => self.law(save.writing)?.wordings.on(parse_date(&signed_on).unwrap_or(save.today)).version.clone(),
        };
        letter.insert("template".to_owned(), version.into());
        Ok(())
    }

    pub(crate) fn list_units(&self, ask: &ListUnits) -> Result<UnitPage, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let query = text::clean(&ask.query).to_lowercase();
            if query.is_empty() && (ask.by_round || ask.grade.is_some()) {
                return self.units_by_round(view, ask, Rounds::all(view, &law, today)?);
            }
            let (lines, next, total) = if query.is_empty() {
                let after = ask.after.as_deref().and_then(|after| after.split_once('\u{2}'));
                let lines = view.units(ask.area.as_deref(), after, PAGE + 1)?;
                let more = lines.len() as u32 > PAGE;
                let lines: Vec<UnitLine> = lines.into_iter().take(PAGE as usize).collect();
                let next = lines.last().filter(|_| more).map(|line| format!("{}\u{2}{}", line.sort, line.id));
                (lines, next, ask.area.is_none().then_some(view.list_totals()?.0))
            } else {
                (self.search_units(view, &query, ask.area.as_deref())?, None, None)
            };
            let ids: Vec<RecordId> = lines.iter().map(|line| line.id).collect();
            let rows = self.unit_rows(view, lines, Rounds::of(view, &ids, &law, today)?)?;
            Ok(UnitPage { rows, next, total })
        })
    }

    /// Homes that are visited, by the last day of their round. The order changes with the day, so no list keeps it.
    fn units_by_round(&self, view: &View<'_>, ask: &ListUnits, mut rounds: Rounds<'_>) -> Result<UnitPage, Failure> {
        let mut order: Vec<(String, RecordId)> = Vec::new();
        for id in rounds.ids() {
            let here = ask.area.as_deref().is_none_or(|area| rounds.line(id).is_some_and(|line| line.area == area));
            let round = rounds.round(id).filter(|round| here && ask.grade.is_none_or(|grade| round.grade == grade));
            order.extend(round.map(|round| (round.due.on, id)));
        }
        order.sort();
        let total = Some(order.len() as u64);
        let after = ask.after.as_deref().and_then(|after| after.split_once('\u{2}'));
        let from =
            after.map_or(0, |(on, id)| order.partition_point(|(due, at)| (due.as_str(), at.to_string().as_str()) <= (on, id)));
        let page = &order[from..order.len().min(from + PAGE as usize)];
        let next = page.last().filter(|_| from + page.len() < order.len()).map(|(on, id)| format!("{on}\u{2}{id}"));
        let mut lines = Vec::with_capacity(page.len());
        for (_, id) in page {
            lines.extend(view.unit_line(*id)?);
        }
        let rows = self.unit_rows(view, lines, rounds)?;
        Ok(UnitPage { rows, next, total })
    }

    pub(crate) fn unit_rows(
        &self,
        view: &View<'_>,
        lines: Vec<UnitLine>,
        mut rounds: Rounds<'_>,
    ) -> Result<Vec<UnitRow>, Failure> {
        let mut areas: BTreeMap<String, String> = BTreeMap::new();
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            if !areas.contains_key(&line.area) {
                areas.insert(line.area.clone(), self.area_name(view, &line.area)?.name);
            }
            rows.push(UnitRow {
                id: line.id,
                title: line.title,
                area_name: areas[&line.area].clone(),
                landlord: line.landlord,
                state: UnitStatus::from_code(&line.state).unwrap_or(UnitStatus::Pending),
                people: line.people,
                round: rounds.round(line.id),
                waiting: view.is_waiting(line.id)?,
            });
        }
        Ok(rows)
    }

    pub(crate) fn search_units(&self, view: &View<'_>, query: &str, area: Option<&str>) -> Result<Vec<UnitLine>, Failure> {
        let mut lines = view.units_at(query, &address::norm_key(query), PAGE)?;
        for id in view.by_term(kind::UNIT, query, PAGE)? {
            if lines.len() < PAGE as usize && lines.iter().all(|line| line.id != id) {
                lines.extend(view.unit_line(id)?);
            }
        }
        lines.retain(|line| area.is_none_or(|area| line.area == area));
        Ok(lines)
    }

    pub(crate) fn unit(&self, ask: &Unit) -> Result<UnitView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let unit = view.shown(ask.id)?.filter(|unit| unit.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?;
            let address: Address = unit.typed("address").unwrap_or_default();
            let registration = unit::standing(&unit, view)?;
            let merged_into = homes::merged_into(view, &unit)?;
            let waiting = view.is_waiting(unit.id)?;
            Ok(UnitView {
                id: unit.id,
                title: address.display(),
                area_name: self.area_name(view, &address.area)?.name,
                form: form_of(&unit),
                landlord: unit.typed("landlord").unwrap_or_default(),
                letting: unit.typed("letting"),
                letter: safety::letter_of(view, &unit)?,
                state: registration.as_ref().map_or(UnitStatus::Pending, |registration| registration.state),
                state_on: registration.map(|registration| registration.on).unwrap_or_default(),
                number: unit.text("number", "no").unwrap_or_default().to_owned(),
                // Who lives in a merged home is shown where it was merged into.
                rooms: if merged_into.is_some() { Vec::new() } else { self.rooms(view, unit.id)? },
                last_visit_unix_ms: withdrawal::standing(homes::naming(view, unit.id, kind::VISIT)?, view)?
                    .iter()
                    .filter(|visit| visit::is_whole(visit))
                    .filter_map(|visit| visit.field("fact", "observed_unix_ms")?.as_i64())
                    .max(),
                empty: if merged_into.is_some() { None } else { visits::empty::of(view, &unit)?.map(|emptied| emptied.view) },
                tenants: if merged_into.is_some() { Tenants::default() } else { tenancies::of(view, unit.id)? },
                merged: if merged_into.is_some() { Vec::new() } else { homes::merged_here(view, unit.id)? },
                merged_into,
                can_undo: self.may_undo(view, &unit)?,
                waiting,
            })
        })
    }

    pub(crate) fn rooms(&self, view: &View<'_>, unit: RecordId) -> Result<Vec<RoomView>, Failure> {
        let (today, law) = (self.today(view)?, self.law(view)?);
        let known = homes::rooms(view, unit)?;
        let mut rooms: Vec<RoomView> = known
            .iter()
            .map(|room| RoomView { id: Some(room.record.id), label: room.label().to_owned(), people: Vec::new() })
            .collect();
        let mut elsewhere = RoomView { id: None, label: String::new(), people: Vec::new() };
        for stay in homes::naming(view, unit, kind::STAY)?.into_iter().filter(residency::is_open) {
            let (Some(person), Some(residency)) = (stay.reference("where", "person"), stay.reference("where", "residency"))
            else {
                continue;
            };
            let (person, residency) = (root_of_person(view, person)?, same::root(residency, view)?);
            // Registered twice at one door, somebody lives there once.
            if rooms.iter().chain([&elsewhere]).any(|room| room.people.iter().any(|known| known.person == person)) {
                continue;
            }
            let Some(record) = view.shown(person)? else { continue };
            let birth = record.text("identity", "birth").and_then(form::parse_date);
            let occupant = Occupant {
                person,
                residency,
                name: record.text("identity", "name").unwrap_or_default().to_owned(),
                age: birth.map(|birth| age_years(birth, today)),
                from: stay.text("period", "from").unwrap_or_default().to_owned(),
                presence: presence::of(view, residency, &law, today)?,
                lessee: stay.field("relation", "lessee").and_then(|lessee| lessee.as_bool()).unwrap_or(false),
                waiting: view.is_waiting(person)? || view.is_waiting(stay.id)?,
            };
            let room = stay.reference("where", "room");
            match known.iter().position(|known| known.is(room)) {
                Some(at) => rooms[at].people.push(occupant),
                None => elsewhere.people.push(occupant),
            }
        }
        if !elsewhere.people.is_empty() || rooms.is_empty() {
            rooms.push(elsewhere);
        }
        Ok(rooms)
    }

    pub(crate) fn save_unit(&self, ask: &SaveUnit) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            let mut problems = ask.form.check(save.today);
            let own = self.own_areas(save.writing)?;
            if !problems.iter().any(|problem| problem.field == "area")
                && own.iter().all(|area| area.code != ask.form.address.area)
            {
                problems.push(FieldProblem::stop("area", Problem::NotYourArea));
            }
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            let mut groups = ask.form.groups();
            self.word_paper_letter(save, ask.id, &mut groups)?;
            let id = match ask.id {
                Some(id) => {
                    let unit = save.record_of(id, kind::UNIT)?;
                    keep_unknown_fields(&unit, &mut groups);
                    save.set(id, groups)?;
                    id
                }
                None => {
                    let registration = Registration::since(UnitStatus::Pending, save.today.to_string());
                    groups.insert("registration".to_owned(), to_fields(&registration));
                    save.create(kind::UNIT, groups)?
                }
            };
            let known: Vec<String> = homes::rooms(save.writing, id)?.iter().map(|room| room.label().to_owned()).collect();
            for label in ask.form.room_labels().into_iter().filter(|label| !known.contains(label)) {
                let place = to_fields(&RoomWhere { unit: id });
                save.create(
                    kind::ROOM,
                    BTreeMap::from([("where".to_owned(), place), ("label".to_owned(), to_fields(&RoomLabel { label }))]),
                )?;
            }
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(SavedUnit { id, warnings: problems, waiting_to_sync: true })
        })
    }

    pub(crate) fn set_unit_state(&self, ask: &SetUnitState) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            let unit = save.record_of(ask.id, kind::UNIT)?;
            let now = unit::standing(&unit, &**save.writing)?.map_or(UnitStatus::Pending, |registration| registration.state);
            if !now.may_become(ask.state) {
                return Err(ErrorCode::Stale.into());
            }
            if ask.state == UnitStatus::Closed && ask.reason.is_none() {
                return Err(UiError::form(vec![FieldProblem::stop("reason", Problem::Required)]).into());
            }
            let lived_in = homes::naming(save.writing, ask.id, kind::STAY)?.iter().any(residency::is_open);
            if ask.state == UnitStatus::Closed && lived_in {
                return Err(ErrorCode::InUse.into());
            }
            let reason = ask.reason.map(|reason| reason.code().to_owned()).unwrap_or_default();
            let registration = Registration { reason, ..Registration::since(ask.state, save.today.to_string()) };
            if ask.state == UnitStatus::Closed {
                tenancies::end_of_home(save, ask.id, &registration.on)?;
            }
            save.set(ask.id, BTreeMap::from([("registration".to_owned(), to_fields(&registration))]))?;
            Ok(SavedUnit { id: ask.id, warnings: Vec::new(), waiting_to_sync: true })
        })
    }
}

/// A home's values as its form.
fn form_of(unit: &Record) -> UnitForm {
    let landlord: Landlord = unit.typed("landlord").unwrap_or_default();
    let mut form = UnitForm {
        address: unit.typed("address").unwrap_or_default(),
        landlord_name: landlord.name,
        landlord_phone: landlord.phone,
        landlord_on_site: landlord.on_site,
        ..UnitForm::default()
    };
    if let Some(letting) = unit.typed::<Letting>("letting") {
        form.usage = letting.usage;
        form.mode = letting.mode;
        form.tenure = letting.tenure;
        form.area_m2 = letting.area_m2x100.map(hundredths).unwrap_or_default();
        form.beds = letting.beds.map(|beds| beds.to_string()).unwrap_or_default();
    }
    if let Some(letter) = unit.typed::<Letter>("letter") {
        form.letter_signed = true;
        form.letter_signed_on = letter.signed_on;
        form.letter_valid_to = letter.valid_to;
    }
    form
}

pub(crate) fn hundredths(value: i64) -> String {
    if value % 100 == 0 { (value / 100).to_string() } else { format!("{}.{:02}", value / 100, value % 100) }
}

/// Fields that a newer version wrote into a group stay in it when this version writes the group.
pub(crate) fn keep_unknown_fields(record: &Record, groups: &mut BTreeMap<String, Fields>) {
    for (name, fields) in groups {
        let known = known_fields(&record.kind, name);
        for (field, value) in record.fields(name).into_iter().flatten() {
            if !known.contains(&field.as_str()) && !fields.contains_key(field) {
                fields.insert(field.clone(), value.clone());
            }
        }
    }
}

/// The fields this version writes: one it leaves out was emptied by a person, any other came from a newer version.
fn known_fields(record_kind: &str, group: &str) -> &'static [&'static str] {
    match (record_kind, group) {
        (kind::UNIT, "address") => {
            &["area", "natural_group", "road", "compound", "plate_no", "building", "unit_no", "floor", "note"]
        }
        (kind::UNIT, "landlord") => &["name", "phone", "on_site"],
        (kind::UNIT, "letting") => &["use", "mode", "tenure", "area_m2x100", "beds"],
        (kind::UNIT, "letter") => &["template", "signer", "signed_on", "valid_to"],
        (kind::PERSON, "identity") => &["doc_type", "doc_no", "name", "birth", "sex", "note"],
        (kind::PERSON, "hukou") => &["region", "address"],
        (kind::PERSON, "contact") => &["phone", "none_reason"],
        (kind::PERSON, "guardian") => &["name", "phone"],
        (kind::RESIDENCY, "why") => &["reason", "place_kind"],
        (kind::RESIDENCY, "intent") => &["code", "until"],
        (kind::RESIDENCY, "work") => &["employer"],
        (kind::STAY, "relation") => &["relation", "lessee"],
        _ => &[],
    }
}

/// Rooms in the order people count them: 2 before 10.
pub(crate) fn natural(label: &str) -> (u64, String) {
    let digits: String = label.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(0), label.to_owned())
}
