//! Registering, changing, moving, handing over, ending, and taking back.

use std::collections::BTreeMap;

use domain::codes::{CancelReason, Channel, UnitStatus, VisitPersonResult, VisitProof, VisitResult};
use domain::form::{FieldProblem, Problem, check_past_date, may_save};
use domain::id_document::{self, DocType};
use domain::person::{Identity, ResidentForm};
use domain::policy::{self, key};
use domain::record::to_fields;
use domain::referral::{ReferralState, ReferralWhere, ReferralWho};
use domain::residency::{
    self, ACTIVE, CANCELLED, CancelForm, Declared, Handed, Intent, Period, Status, StayRelation, StayWhere, Who, Why, Work,
};
use domain::tenancy::TenancyEnd;
use domain::visit::{VisitFact, VisitPersonFact};
use domain::{Fields, Record, RecordId, area, form, kind, place, region, same, text, withdrawal};
use ui_protocol::people::{
    CancelResidency, ChangeResident, ExtendStay, HandOver, MoveResident, SaveResident, SavedResident, UndoMistake, Undone,
};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::save::Save;
use crate::units::keep_unknown_fields;
use crate::{Device, homes, tenancies, visits};

/// What the person decided about somebody who has the same document.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// It is somebody else.
    pub(crate) although: bool,
    /// It is the same person, who is back.
    pub(crate) returning: Option<RecordId>,
}

/// Where a registration came from, when a landlord's report stands behind it.
pub(crate) struct FromReport {
    pub(crate) reported_on: String,
}

fn group<T: serde::Serialize>(name: &str, typed: &T) -> (String, Fields) {
    (name.to_owned(), to_fields(typed))
}

impl Device {
    pub(crate) fn save_resident(&self, ask: &SaveResident) -> Result<SavedResident, Failure> {
        self.save(|save| {
            let known = Known { although: ask.although_known, returning: ask.returning };
            let saved = self.register(save, &ask.form, known, None)?;
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(saved)
        })
    }

    /// Person + residency + stay + visit in one save, or a referral.
    pub(crate) fn register(
        &self,
        save: &mut Save<'_, '_>,
        form: &ResidentForm,
        known: Known,
        report: Option<FromReport>,
    ) -> Result<SavedResident, Failure> {
        let mut problems = form.check(save.today, region::is_known);
        self.check_home(save, form.unit, form.room, &mut problems)?;
        let unit = match form.unit {
            Some(unit) if may_save(&problems) => unit,
            _ => return Err(UiError::form(problems).into()),
        };
        let doc_no = id_document::check(form.doc_type, &form.doc_no, save.today).map(|facts| facts.doc_no).unwrap_or_default();
        if form.doc_type.referral().is_some() {
            return self.refer(save, form, unit, doc_no, problems);
        }
        if let Some(person) = known.returning {
            self.check_returning(save, person, form.doc_type, &doc_no)?;
        } else if !known.although && !self.known(save.writing, form.doc_type, &doc_no)?.is_empty() {
            // The screen offers to move the known person in; a second registration is a decision, not a slip.
            return Err(ErrorCode::InUse.into());
        }
        // What was shown here, or at this door in the visit that goes on; the version in force proves nothing.
        let shown = if form.notice.is_empty() { visits::kept(save.writing, unit)?.notice } else { form.notice.clone() };
        let notice: String = shown.chars().take(visits::VERSION_MAX).collect();
        let visit = self.visit(save, unit, &notice)?;
        let person = match known.returning {
            Some(person) => {
                let mut groups = form.person_groups(save.today);
                keep_unknown_fields(&save.record(person)?, &mut groups);
                save.set(person, groups)?;
                person
            }
            None => save.create(kind::PERSON, form.person_groups(save.today))?,
        };
        let law = self.law(save.writing)?;
        let registered_on = match &report {
            // The resident's own declaration counts, unless the county has switched otherwise (domain §8.1).
            Some(report) => {
                let confirmed = form::parse_date(&form.declared_on).unwrap_or(save.today);
                let reported = form::parse_date(&report.reported_on).unwrap_or(confirmed);
                policy::registered_on(&law.book, Channel::Landlord, reported, confirmed).to_string()
            }
            None => form.declared_on.clone(),
        };
        let declared = Declared {
            registered_on,
            first_arrival_on: form.arrival_on.clone(),
            reported_on: report.as_ref().map(|report| report.reported_on.clone()).unwrap_or_default(),
            channel: if report.is_some() { Channel::Landlord } else { Channel::FieldApp },
            notice,
            visit: Some(visit),
        };
        let mut groups = BTreeMap::from([
            group("who", &Who { person }),
            group("declared", &declared),
            group(
                "status",
                &Status {
                    state: ACTIVE.to_owned(),
                    on: declared.registered_on.clone(),
                    reason: None,
                    note: String::new(),
                    observed_unix_ms: 0,
                    seen_fact: None,
                },
            ),
            group("work", &Work { employer: text::clean(&form.employer) }),
        ]);
        groups.extend(reason_groups(form));
        if let Some(due) = law.due(key::PERSON_REGISTER, &form.arrival_on) {
            groups.insert("due".to_owned(), to_fields(&due));
        }
        let residency = save.create(kind::RESIDENCY, groups)?;
        let (home, room) = homes::placed(save, unit, form.room)?;
        open_stay(
            save,
            residency,
            person,
            home,
            room,
            &form.arrival_on,
            form.relation.map(|relation| StayRelation { relation, lessee: form.lessee }),
        )?;
        if form.lessee {
            tenancies::begin(save, person, home, room, &form.arrival_on)?;
        }
        seen(save, visit, unit, person, residency, VisitPersonResult::Here)?;
        Ok(SavedResident {
            person: Some(person),
            residency: Some(residency),
            referral: None,
            warnings: problems,
            waiting_to_sync: true,
        })
    }

    /// Whoever is back has this very document, and no registration that stands: that one would be moved.
    fn check_returning(&self, save: &Save<'_, '_>, id: RecordId, doc_type: DocType, doc_no: &str) -> Result<(), Failure> {
        let person = save.record_of(id, kind::PERSON)?;
        let papers = same::papers_with_one_number(doc_type);
        let same =
            person.typed::<Identity>("identity").is_some_and(|known| papers.contains(&known.doc_type) && known.doc_no == doc_no);
        let stands = same::registrations(id, &**save.writing)?.iter().any(residency::is_active);
        if doc_no.is_empty() || !same || stands { Err(ErrorCode::Stale.into()) } else { Ok(()) }
    }

    fn refer(
        &self,
        save: &mut Save<'_, '_>,
        form: &ResidentForm,
        unit: RecordId,
        doc_no: String,
        warnings: Vec<FieldProblem>,
    ) -> Result<SavedResident, Failure> {
        let law = self.law(save.writing)?;
        let rule = match form.doc_type.referral() {
            Some(id_document::ReferralKind::HongKongMacaoTaiwan) => {
                let village = save.record(unit)?.text("address", "area").map(area::is_rural);
                if village == Some(true) { key::HMT_REFERRAL_RURAL } else { key::HMT_REFERRAL }
            }
            _ => key::FOREIGNER_REFERRAL,
        };
        // Only the day of arrival is known: the clock starts where that day did, or now when it is today.
        let arrival = form::parse_date(&form.arrival_on).unwrap_or(save.today);
        let started = if arrival == save.today { save.now } else { domain::day::start_of_day_unix_ms(arrival) };
        let due = policy::due_hours(&law.book, rule, started);
        let phone = text::check_phone(&form.phone).unwrap_or_default();
        let who = ReferralWho { doc_type: form.doc_type, doc_no, name: text::clean(&form.name), phone };
        let mut groups = BTreeMap::from([
            group("who", &who),
            group("where", &ReferralWhere { unit, room: form.room, arrival_on: form.arrival_on.clone() }),
            group("state", &ReferralState { state: "open".to_owned(), on: save.today.to_string() }),
        ]);
        let left = due.as_ref().map(|due| law.left(due, save.today));
        if let Some(due) = &due {
            groups.insert("due".to_owned(), to_fields(due));
        }
        let referral = save.create(kind::REFERRAL, groups)?;
        let referral = left.map(|left| (referral, left));
        Ok(SavedResident { person: None, residency: None, referral, warnings, waiting_to_sync: true })
    }

    pub(crate) fn change_resident(&self, ask: &ChangeResident) -> Result<SavedResident, Failure> {
        self.save(|save| {
            // Whatever is said of another name is said of the person.
            let meant = same::root(ask.person, &**save.writing)?;
            let person = save.record_of(meant, kind::PERSON)?;
            let mut form = ask.form.clone();
            if let Some(identity) = person.typed::<Identity>("identity")
                && form.doc_no == id_document::mask(&identity.doc_no)
            {
                form.doc_no = identity.doc_no;
            }
            if form.doc_type.referral().is_some() {
                return Err(UiError::form(vec![FieldProblem::stop("doc_type", Problem::UnknownCode)]).into());
            }
            let residency = same::registrations(meant, &**save.writing)?.into_iter().find(residency::is_active);
            let stays = same::naming(meant, kind::PERSON, kind::STAY, &**save.writing)?;
            let stay = stays.into_iter().find(residency::is_open);
            // What is not there cannot be wrong: a cancelled person has no home, reason or intent to change.
            let mut problems = form.check(save.today, region::is_known);
            if residency.is_none() {
                problems.retain(|problem| !matches!(problem.field.as_str(), "reason" | "intended" | "declared_on"));
            }
            if stay.is_none() {
                problems.retain(|problem| !matches!(problem.field.as_str(), "unit" | "arrival_on" | "relation"));
            }
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            let mut groups = form.person_groups(save.today);
            keep_unknown_fields(&person, &mut groups);
            save.set(meant, groups)?;
            if let Some(residency) = &residency {
                let mut groups = reason_groups(&form);
                groups.extend([group("work", &Work { employer: text::clean(&form.employer) })]);
                // An intent is counted from the day it was declared: an unchanged one keeps its end.
                if residency.typed::<Intent>("intent").map(|intent| intent.code) == form.intended {
                    groups.remove("intent");
                }
                keep_unknown_fields(residency, &mut groups);
                save.set(residency.id, groups)?;
            }
            if let (Some(stay), Some(relation)) = (&stay, form.relation) {
                let mut groups = BTreeMap::from([group("relation", &StayRelation { relation, lessee: form.lessee })]);
                if stay.text("period", "from") != Some(form.arrival_on.as_str()) {
                    groups.extend([group("period", &Period { from: form.arrival_on.clone(), to: None })]);
                }
                keep_unknown_fields(stay, &mut groups);
                save.set(stay.id, groups)?;
                match (form.lessee, stay.reference("where", "unit")) {
                    (true, Some(unit)) => {
                        tenancies::begin(save, meant, unit, stay.reference("where", "room"), &form.arrival_on)?;
                    }
                    _ => tenancies::end_of_person(save, meant, None, &save.today.to_string(), TenancyEnd::NotLessee)?,
                }
            }
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(SavedResident {
                person: Some(meant),
                residency: residency.map(|residency| residency.id),
                referral: None,
                warnings: problems,
                waiting_to_sync: true,
            })
        })
    }

    pub(crate) fn move_resident(&self, ask: &MoveResident) -> Result<SavedResident, Failure> {
        self.save(|save| {
            let (residency, person) = standing(save, ask.residency)?;
            let open = open_stays_of(save, residency.id)?;
            let since = open.iter().filter_map(|stay| stay.text("period", "from").map(str::to_owned)).max();
            let mut problems = ask.form.check(save.today, since.as_deref());
            self.check_home(save, ask.form.unit, ask.form.room, &mut problems)?;
            let unit = match ask.form.unit {
                Some(unit) if may_save(&problems) => unit,
                _ => return Err(UiError::form(problems).into()),
            };
            // Registered twice, somebody has two open stays: whoever moves leaves them all.
            for open in &open {
                let same_room = open.reference("where", "room") == ask.form.room;
                if open.reference("where", "unit") == Some(unit) && same_room {
                    return Err(UiError::form(vec![FieldProblem::stop("unit", Problem::Required)]).into());
                }
                close_stay(save, open, &ask.form.on)?;
            }
            let relation = ask.form.relation.map(|relation| StayRelation { relation, lessee: ask.form.lessee });
            let (unit, room) = homes::placed(save, unit, ask.form.room)?;
            open_stay(save, residency.id, person, unit, room, &ask.form.on, relation)?;
            // Whoever changes rooms in one home goes on renting there.
            let kept = Some(unit).filter(|_| ask.form.lessee);
            tenancies::end_of_person(save, person, kept, &ask.form.on, TenancyEnd::Moved)?;
            if ask.form.lessee {
                tenancies::begin(save, person, unit, room, &ask.form.on)?;
            }
            // Nobody need have been seen: what was said of the old home before is settled by this (domain::presence).
            Ok(saved(person, residency.id, problems))
        })
    }

    /// Somebody stays longer: counted from today, whatever was intended before.
    pub(crate) fn extend_stay(&self, ask: &ExtendStay) -> Result<SavedResident, Failure> {
        self.save(|save| {
            let (residency, person) = standing(save, ask.residency)?;
            let mut groups = BTreeMap::from([group("intent", &Intent::since(ask.intended, save.today))]);
            keep_unknown_fields(&residency, &mut groups);
            save.set(residency.id, groups)?;
            Ok(saved(person, residency.id, Vec::new()))
        })
    }

    pub(crate) fn hand_over(&self, ask: &HandOver) -> Result<SavedResident, Failure> {
        self.save(|save| {
            let (residency, person) = standing(save, ask.residency)?;
            let mut problems = Vec::new();
            check_past_date("on", &ask.on, save.today, &mut problems);
            form::check_optional_text("note", &ask.note, 200, &mut problems);
            let known = save.writing.shown(area::record_id(&ask.area))?.is_some();
            if !place::is_village_code(&ask.area) || !known {
                problems.push(FieldProblem::stop("area", Problem::Required));
            }
            let own = self.own_areas(save.writing)?;
            if own.len() == 1 && own[0].code == ask.area {
                problems.push(FieldProblem::stop("area", Problem::NotYourArea));
            }
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            for open in open_stays_of(save, residency.id)? {
                close_stay(save, &open, &ask.on)?;
            }
            tenancies::end_of_person(save, person, None, &ask.on, TenancyEnd::Moved)?;
            let handed = Handed { area: ask.area.clone(), on: ask.on.clone(), note: text::clean(&ask.note) };
            save.set(residency.id, BTreeMap::from([group("handed", &handed)]))?;
            save.set(person, BTreeMap::from([group("handed", &handed)]))?;
            Ok(saved(person, residency.id, problems))
        })
    }

    pub(crate) fn cancel_residency(&self, ask: &CancelResidency) -> Result<SavedResident, Failure> {
        self.save(|save| {
            let (residency, person) = standing(save, ask.residency)?;
            let problems = ask.form.check(save.today);
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            self.cancel(save, &residency, &ask.form)?;
            Ok(saved(person, residency.id, problems))
        })
    }

    /// Ends a registration: a person's decision with reason, day and observation. Its open stay ends with it.
    pub(crate) fn cancel(&self, save: &mut Save<'_, '_>, residency: &Record, form: &CancelForm) -> Result<(), Failure> {
        let reason = form.reason.unwrap_or(CancelReason::Other);
        let seen_fact = withdrawal::standing(
            same::naming(residency.id, kind::RESIDENCY, kind::VISIT_PERSON, &**save.writing)?,
            &**save.writing,
        )?
        .into_iter()
        .filter_map(|record| Some((record.typed::<VisitPersonFact>("fact")?.observed_unix_ms, record.id)))
        .max()
        .map(|(_, id)| id);
        let status = Status {
            state: CANCELLED.to_owned(),
            on: form.left_on.clone(),
            reason: Some(reason),
            note: text::clean(&form.note),
            observed_unix_ms: save.now,
            seen_fact,
        };
        save.set(residency.id, BTreeMap::from([group("status", &status)]))?;
        for open in open_stays_of(save, residency.id)? {
            close_stay(save, &open, &form.left_on)?;
        }
        if let Some(person) = residency.reference("who", "person") {
            tenancies::end_of_person(save, person, None, &form.left_on, TenancyEnd::Left)?;
        }
        Ok(())
    }

    pub(crate) fn undo_mistake(&self, ask: &UndoMistake) -> Result<Undone, Failure> {
        self.save(|save| {
            let record = save.record(ask.record)?;
            if !matches!(record.kind.as_str(), kind::UNIT | kind::PERSON | kind::REFERRAL) {
                return Err(ErrorCode::NotAllowed.into());
            }
            if self.is_lived_in(save.writing, &record)? {
                return Err(ErrorCode::InUse.into());
            }
            if !self.may_undo(save.writing, &record)? {
                return Err(ErrorCode::NotAllowed.into());
            }
            let belongings = self.belongings(save.writing, &record)?;
            for id in &belongings {
                save.delete(*id)?;
            }
            Ok(Undone { records: belongings.len() as u64 })
        })
    }

    /// A home in which somebody can be registered, and a room of it.
    fn check_home(
        &self,
        save: &Save<'_, '_>,
        unit: Option<RecordId>,
        room: Option<RecordId>,
        problems: &mut Vec<FieldProblem>,
    ) -> Result<(), Failure> {
        let Some(unit) = unit else { return Ok(()) };
        let found = save.writing.shown(unit)?.filter(|record| record.kind == kind::UNIT);
        let Some(found) = found else {
            problems.push(FieldProblem::stop("unit", Problem::Required));
            return Ok(());
        };
        // Closed as part of another, it is registered in that one.
        let meant = homes::root(save.writing, unit)?;
        let closed = domain::unit::standing(&found, &**save.writing)?.is_some_and(|stands| stands.state == UnitStatus::Closed);
        if meant == unit && closed {
            problems.push(FieldProblem::stop("unit", Problem::UnknownCode));
        }
        if let Some(room) = room {
            let names = homes::names(save.writing, unit)?;
            let of = save.writing.shown(room)?.and_then(|room| room.reference("where", "unit"));
            let fits = of.is_some_and(|of| names.contains(&of));
            if !fits {
                problems.push(FieldProblem::stop("room", Problem::UnknownCode));
            }
        }
        Ok(())
    }

    fn visit(&self, save: &mut Save<'_, '_>, unit: RecordId, notice: &str) -> Result<RecordId, Failure> {
        let fact = VisitFact {
            unit,
            observed_unix_ms: save.now,
            result: VisitResult::Done,
            notice: notice.to_owned(),
            note: String::new(),
            next: None,
            registering: true,
            clock_suspect: false,
            proof: VisitProof::None,
        };
        save.create(kind::VISIT, BTreeMap::from([group("fact", &fact)]))
    }
}

fn saved(person: RecordId, residency: RecordId, warnings: Vec<FieldProblem>) -> SavedResident {
    SavedResident { person: Some(person), residency: Some(residency), referral: None, warnings, waiting_to_sync: true }
}

/// The groups `why` and `intent` of a checked form.
fn reason_groups(form: &ResidentForm) -> BTreeMap<String, Fields> {
    let mut groups = BTreeMap::new();
    if let Some(reason) = form.reason {
        groups.extend([group("why", &Why { reason, place_kind: form.place_kind })]);
    }
    if let (Some(code), Some(from)) = (form.intended, form::parse_date(&form.arrival_on)) {
        groups.extend([group("intent", &Intent::since(code, from))]);
    }
    groups
}

/// A registration that stands, with its person.
fn standing(save: &Save<'_, '_>, id: RecordId) -> Result<(Record, RecordId), Failure> {
    let residency = save.record_of(same::root(id, &**save.writing)?, kind::RESIDENCY)?;
    if !residency::is_active(&residency) {
        return Err(ErrorCode::Stale.into());
    }
    let person = residency.reference("who", "person").ok_or(ErrorCode::NotFound)?;
    Ok((residency, same::root(person, &**save.writing)?))
}

fn open_stays_of(save: &Save<'_, '_>, residency: RecordId) -> Result<Vec<Record>, Failure> {
    let stays = same::naming(residency, kind::RESIDENCY, kind::STAY, &**save.writing)?;
    Ok(stays.into_iter().filter(residency::is_open).collect())
}

fn open_stay(
    save: &mut Save<'_, '_>,
    residency: RecordId,
    person: RecordId,
    unit: RecordId,
    room: Option<RecordId>,
    from: &str,
    relation: Option<StayRelation>,
) -> Result<RecordId, Failure> {
    let mut groups = BTreeMap::from([
        group("where", &StayWhere { residency, person, unit, room }),
        group("period", &Period { from: from.to_owned(), to: None }),
    ]);
    groups.extend(relation.map(|relation| group("relation", &relation)));
    save.create(kind::STAY, groups)
}

fn close_stay(save: &mut Save<'_, '_>, stay: &Record, to: &str) -> Result<(), Failure> {
    let from = stay.text("period", "from").unwrap_or_default();
    // A departure typed earlier than the arrival ends the stay on its first day.
    let to = if to < from { from } else { to };
    let period = Period { from: from.to_owned(), to: Some(to.to_owned()) };
    save.set(stay.id, BTreeMap::from([group("period", &period)]))?;
    Ok(())
}

fn seen(
    save: &mut Save<'_, '_>,
    visit: RecordId,
    unit: RecordId,
    person: RecordId,
    residency: RecordId,
    result: VisitPersonResult,
) -> Result<(), Failure> {
    let status_seen = save.record(residency)?.groups.get("status").map(|status| status.origin);
    let fact = VisitPersonFact {
        visit,
        unit,
        person,
        residency,
        result,
        observed_unix_ms: save.now,
        status_seen,
        corrects: None,
        clock_suspect: false,
    };
    save.create(kind::VISIT_PERSON, BTreeMap::from([group("fact", &fact)]))?;
    Ok(())
}
