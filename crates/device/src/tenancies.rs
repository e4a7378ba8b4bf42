//! Who rents a home: written when somebody is registered as the tenant, ended when they go, and by hand for firms.

use std::collections::{BTreeMap, BTreeSet};

use domain::form::{FieldProblem, Problem, check_past_date, may_save};
use domain::record::to_fields;
use domain::tenancy::{self, Firm, Lease, TenancyEnd, TenancyWhere};
use domain::{Record, RecordId, kind, residency, same, text};
use store::device::View;
use ui_protocol::tenancies::{AddFirm, EndTenancy, Tenant, Tenants};
use ui_protocol::units::SavedUnit;
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::same::root_of_person;
use crate::save::Save;
use crate::{Device, homes};

/// Ended tenancies of one home that its page folds away.
const EARLIER_MAX: usize = 50;

/// Somebody rents a home from a day on, unless they do already.
pub(crate) fn begin(
    save: &mut Save<'_, '_>,
    person: RecordId,
    unit: RecordId,
    room: Option<RecordId>,
    from: &str,
) -> Result<(), Failure> {
    for tenancy in homes::naming(save.writing, unit, kind::TENANCY)?.iter().filter(|tenancy| tenancy::is_open(tenancy)) {
        let Some(known) = tenancy.reference("where", "person") else { continue };
        if root_of_person(save.writing, known)? == root_of_person(save.writing, person)? {
            return Ok(());
        }
    }
    let place = to_fields(&TenancyWhere { unit, room, person: Some(person) });
    let period = to_fields(&Lease::from(from.to_owned()));
    save.create(kind::TENANCY, BTreeMap::from([("where".to_owned(), place), ("period".to_owned(), period)]))?;
    Ok(())
}

/// Whatever somebody rents ends on a day, save what they rent in `kept`.
pub(crate) fn end_of_person(
    save: &mut Save<'_, '_>,
    person: RecordId,
    kept: Option<RecordId>,
    on: &str,
    why: TenancyEnd,
) -> Result<(), Failure> {
    let kept = kept.map(|kept| homes::root(save.writing, kept)).transpose()?;
    for tenancy in same::naming(person, kind::PERSON, kind::TENANCY, &**save.writing)? {
        let home = tenancy.reference("where", "unit").map(|unit| homes::root(save.writing, unit)).transpose()?;
        if kept.is_none() || home != kept {
            end(save, &tenancy, on, why)?;
        }
    }
    Ok(())
}

/// Nobody rents a closed home.
pub(crate) fn end_of_home(save: &mut Save<'_, '_>, unit: RecordId, on: &str) -> Result<(), Failure> {
    for tenancy in homes::naming(save.writing, unit, kind::TENANCY)? {
        end(save, &tenancy, on, TenancyEnd::Closed)?;
    }
    Ok(())
}

fn end(save: &mut Save<'_, '_>, tenancy: &Record, on: &str, why: TenancyEnd) -> Result<(), Failure> {
    if let Some(lease) = tenancy.typed::<Lease>("period").filter(|_| tenancy::is_open(tenancy)) {
        save.set(tenancy.id, BTreeMap::from([("period".to_owned(), to_fields(&lease.ended(on, why)))]))?;
    }
    Ok(())
}

/// Who rents a home, and who did.
pub(crate) fn of(view: &View<'_>, unit: RecordId) -> Result<Tenants, Failure> {
    let (mut now, mut earlier): (Vec<Tenant>, Vec<Tenant>) = Default::default();
    let mut people: BTreeSet<RecordId> = BTreeSet::new();
    for record in homes::naming(view, unit, kind::TENANCY)? {
        let Some(lease) = record.typed::<Lease>("period") else { continue };
        let person = record.reference("where", "person").map(|person| root_of_person(view, person)).transpose()?;
        let name = match person {
            Some(person) => view.person_line(person)?.map(|line| line.name).unwrap_or_default(),
            None => record.typed::<Firm>("firm").unwrap_or_default().name,
        };
        let open = tenancy::is_open(&record);
        // Two phones that wrote it down at once wrote of one tenant.
        if open && person.is_some_and(|person| !people.insert(person)) {
            continue;
        }
        let room = record.reference("where", "room").map_or(Ok(None), |room| view.shown(room))?;
        let list = if open { &mut now } else { &mut earlier };
        list.push(Tenant {
            tenancy: Some(record.id),
            person,
            name,
            room: room.and_then(|room| room.text("label", "label").map(str::to_owned)).unwrap_or_default(),
            from: lease.from,
            to: lease.to.unwrap_or_default(),
            reason: lease.reason,
            waiting: view.is_waiting(record.id)?,
        });
    }
    // Whom an older phone registered as the tenant, or somebody brought back: their stay says it.
    for stay in homes::naming(view, unit, kind::STAY)?.into_iter().filter(residency::is_open) {
        let lessee = stay.field("relation", "lessee").and_then(|lessee| lessee.as_bool()).unwrap_or(false);
        let Some(person) = stay.reference("where", "person").filter(|_| lessee) else { continue };
        let person = root_of_person(view, person)?;
        if people.insert(person) {
            now.push(Tenant {
                tenancy: None,
                person: Some(person),
                name: view.person_line(person)?.map(|line| line.name).unwrap_or_default(),
                room: String::new(),
                from: stay.text("period", "from").unwrap_or_default().to_owned(),
                to: String::new(),
                reason: None,
                waiting: view.is_waiting(stay.id)?,
            });
        }
    }
    now.sort_by(|one, other| (&one.from, one.person).cmp(&(&other.from, other.person)));
    earlier.sort_by(|one, other| other.to.cmp(&one.to));
    earlier.truncate(EARLIER_MAX);
    Ok(Tenants { now, earlier })
}

impl Device {
    pub(crate) fn add_firm(&self, ask: &AddFirm) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            save.record_of(ask.unit, kind::UNIT)?;
            let problems = ask.form.check(save.today);
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            let unit = homes::root(save.writing, ask.unit)?;
            let groups = [
                ("where", to_fields(&TenancyWhere { unit, room: None, person: None })),
                ("firm", to_fields(&Firm { name: text::clean(&ask.form.name) })),
                ("period", to_fields(&Lease::from(ask.form.from.clone()))),
            ];
            save.create(kind::TENANCY, groups.into_iter().map(|(name, fields)| (name.to_owned(), fields)).collect())?;
            Ok(SavedUnit { id: unit, warnings: problems, waiting_to_sync: true })
        })
    }

    pub(crate) fn end_tenancy(&self, ask: &EndTenancy) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            let record = save.record_of(ask.tenancy, kind::TENANCY)?;
            let (Some(unit), true) = (record.reference("where", "unit"), tenancy::is_open(&record)) else {
                return Err(ErrorCode::Stale.into());
            };
            let mut problems = Vec::new();
            let to = check_past_date("to", &ask.to, save.today, &mut problems);
            let from = record.text("period", "from").and_then(domain::form::parse_date);
            if to.is_some() && to < from {
                problems.push(FieldProblem::stop("to", Problem::EndBeforeStart));
            }
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            end(save, &record, &ask.to, ask.reason)?;
            // Their stay said the same, and would go on saying it.
            if let Some(person) = record.reference("where", "person") {
                self.no_lessee(save, person, unit)?;
            }
            Ok(SavedUnit { id: unit, warnings: problems, waiting_to_sync: true })
        })
    }

    /// The open stays of somebody in a home do not call them the tenant any more.
    fn no_lessee(&self, save: &mut Save<'_, '_>, person: RecordId, unit: RecordId) -> Result<(), Failure> {
        let names = homes::names(save.writing, unit)?;
        for stay in same::naming(person, kind::PERSON, kind::STAY, &**save.writing)? {
            let here = stay.reference("where", "unit").is_some_and(|unit| names.contains(&unit));
            let Some(mut relation) = stay.fields("relation").cloned().filter(|_| here && residency::is_open(&stay)) else {
                continue;
            };
            relation.insert("lessee".to_owned(), false.into());
            save.set(stay.id, BTreeMap::from([("relation".to_owned(), relation)]))?;
        }
        Ok(())
    }
}
