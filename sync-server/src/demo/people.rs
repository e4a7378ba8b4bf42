//! A resident as a coordinator registers one at the door: person, registration, stay and visit in one save.

use chrono::NaiveDate;
use domain::codes::{
    Channel, IntendedStay, PhoneNoneReason, PlaceKind, Reason, Relation, VisitPersonResult, VisitProof, VisitResult,
};
use domain::id_document::{self, DocType};
use domain::person::{GUARDIAN_UNDER_YEARS, ResidentForm, age_years};
use domain::policy::{self, key};
use domain::record::to_fields;
use domain::residency::{ACTIVE, Declared, Intent, Period, Status, StayRelation, StayWhere, Who, Why, Work};
use domain::visit::{VisitFact, VisitPersonFact};
use domain::{RecordId, day, kind};

use super::cast::Someone;
use super::pen::{Draft, Pen};
use crate::county::NOTICE_VERSION;
use crate::register::Rules;

/// A citizen number with a valid check digit. The sequence counts from 800 down, even for women.
pub fn citizen_id(region: &str, birth: NaiveDate, number: usize, woman: bool) -> String {
    let sequence = 800 - 2 * (number % 390) + usize::from(!woman);
    let first17 = format!("{region}{}{sequence:03}", birth.format("%Y%m%d"));
    let check = id_document::check_digit(&first17).expect("seventeen digits");
    format!("{first17}{check}")
}

/// A registration to be made.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Who.
    pub who: Someone,
    /// The home.
    pub unit: RecordId,
    /// The room.
    pub room: Option<RecordId>,
    /// First day there.
    pub arrival_on: NaiveDate,
    /// The day of the visit, on which the resident declares.
    pub visited_unix_ms: i64,
    /// Why here.
    pub reason: Reason,
    /// To the tenant.
    pub relation: Relation,
    /// How long.
    pub intended: IntendedStay,
    /// Where employed.
    pub employer: String,
    /// Who answers for a child.
    pub guardian: Option<Someone>,
}

/// What the save made.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    /// The person.
    pub person: RecordId,
    /// The registration.
    pub residency: RecordId,
    /// The stay.
    pub stay: RecordId,
}

fn form(resident: &Resident, declared_on: NaiveDate) -> ResidentForm {
    let who = &resident.who;
    let child = age_years(who.birth, declared_on) < GUARDIAN_UNDER_YEARS;
    ResidentForm {
        unit: Some(resident.unit),
        room: resident.room,
        doc_type: if child { DocType::Hkb } else { DocType::Id },
        doc_no: who.doc_no.clone(),
        name: who.name.clone(),
        birth: who.birth.to_string(),
        sex: Some(who.sex),
        hukou_region: who.region.to_owned(),
        hukou_address: who.address.clone(),
        phone: if child { String::new() } else { who.phone.clone() },
        phone_none: child.then_some(PhoneNoneReason::Child),
        guardian_name: resident.guardian.as_ref().map(|guardian| guardian.name.clone()).unwrap_or_default(),
        guardian_phone: resident.guardian.as_ref().map(|guardian| guardian.phone.clone()).unwrap_or_default(),
        arrival_on: resident.arrival_on.to_string(),
        declared_on: declared_on.to_string(),
        reason: Some(resident.reason),
        place_kind: PlaceKind::Rented,
        intended: Some(resident.intended),
        employer: resident.employer.clone(),
        relation: Some(resident.relation),
        lessee: resident.relation == Relation::Lessee,
        ..ResidentForm::default()
    }
}

/// The save that registers somebody at the door.
pub fn registration(pen: &Pen, rules: &Rules, resident: &Resident) -> (Vec<Draft>, Registered) {
    let declared_on = day::day_of(resident.visited_unix_ms);
    let form = form(resident, declared_on);
    let mut person = pen.create(kind::PERSON);
    person.groups = form.person_groups(declared_on);
    let visit = pen.create(kind::VISIT).with(
        "fact",
        &VisitFact {
            unit: resident.unit,
            observed_unix_ms: resident.visited_unix_ms,
            result: VisitResult::Done,
            notice: NOTICE_VERSION.to_owned(),
            note: String::new(),
            next: None,
            registering: false,
            clock_suspect: false,
            proof: VisitProof::None,
        },
    );
    let status = Status {
        state: ACTIVE.to_owned(),
        on: form.declared_on.clone(),
        reason: None,
        note: String::new(),
        observed_unix_ms: 0,
        seen_fact: None,
    };
    let mut residency = pen
        .create(kind::RESIDENCY)
        .with("who", &Who { person: person.record })
        .with(
            "declared",
            &Declared {
                registered_on: form.declared_on.clone(),
                first_arrival_on: form.arrival_on.clone(),
                reported_on: String::new(),
                channel: Channel::FieldApp,
                notice: NOTICE_VERSION.to_owned(),
                visit: Some(visit.record),
            },
        )
        .with("why", &Why { reason: resident.reason, place_kind: PlaceKind::Rented })
        .with("intent", &Intent::since(resident.intended, resident.arrival_on))
        .with("work", &Work { employer: resident.employer.clone() })
        .with("status", &status);
    if let Some(due) = policy::due(&rules.book, &rules.calendar, key::PERSON_REGISTER, resident.arrival_on) {
        residency.groups.insert("due".to_owned(), to_fields(&due));
    }
    let stay = pen
        .create(kind::STAY)
        .with(
            "where",
            &StayWhere { residency: residency.record, person: person.record, unit: resident.unit, room: resident.room },
        )
        .with("period", &Period { from: form.arrival_on.clone(), to: None })
        .with("relation", &StayRelation { relation: resident.relation, lessee: form.lessee });
    let seen = pen.create(kind::VISIT_PERSON).with(
        "fact",
        &VisitPersonFact {
            visit: visit.record,
            unit: resident.unit,
            person: person.record,
            residency: residency.record,
            result: VisitPersonResult::Here,
            observed_unix_ms: resident.visited_unix_ms,
            status_seen: Some(pen.next_origin()),
            corrects: None,
            clock_suspect: false,
        },
    );
    let made = Registered { person: person.record, residency: residency.record, stay: stay.record };
    (vec![person, residency, stay, visit, seen], made)
}
