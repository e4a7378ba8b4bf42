//! A person: only what the regulation needs. No labels, no photo before a permit, no ethnicity.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::{IntendedStay, PhoneNoneReason, PlaceKind, Reason, Relation, Sex};
use crate::form::{FieldProblem, Problem, check_optional_text, check_past_date, parse_date};
use crate::id_document::{self, DocType};
use crate::ids::RecordId;
use crate::record::{Fields, to_fields};
use crate::{region, text};

/// The group `identity`: fields that only make sense together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Which document.
    pub doc_type: DocType,
    /// Normalised; empty without a document.
    #[serde(default)]
    pub doc_no: String,
    /// As on the document.
    pub name: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// GB/T 2261.1.
    pub sex: Sex,
    /// How the person was identified without a document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The group `hukou`: the *current* household registration, never taken from the document number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hukou {
    /// GB/T 2260, six digits.
    pub region: String,
    /// The rest, up to 100 characters.
    #[serde(default)]
    pub address: String,
}

/// The group `contact`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// May be empty with a reason.
    #[serde(default)]
    pub phone: String,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none_reason: Option<PhoneNoneReason>,
}

/// The group `guardian`, for a child under 16 (Article 7).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Guardian {
    /// Who registers the child.
    pub name: String,
    /// How to reach them.
    #[serde(default)]
    pub phone: String,
}

/// A child under this age is registered by a guardian.
pub const GUARDIAN_UNDER_YEARS: i32 = 16;

/// Full years between two days.
pub fn age_years(birth: NaiveDate, today: NaiveDate) -> i32 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i32::from(!had_birthday)
}

/// The form of a person who is registered in a home, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResidentForm {
    /// The home; `None` only while the form is empty.
    pub unit: Option<RecordId>,
    /// The version of the notice that was shown to them; empty while none was.
    pub notice: String,
    /// The room, when the home has rooms.
    pub room: Option<RecordId>,
    /// Which document.
    pub doc_type: DocType,
    /// Its number, as typed.
    pub doc_no: String,
    /// Without a document: how the person was identified.
    pub identity_note: String,
    /// Name.
    pub name: String,
    /// Birth date, filled from the number where it holds one.
    pub birth: String,
    /// Sex, filled from the number where it holds it.
    pub sex: Option<Sex>,
    /// Current hukou region.
    pub hukou_region: String,
    /// Current hukou address.
    pub hukou_address: String,
    /// Phone.
    pub phone: String,
    /// Or why there is none.
    pub phone_none: Option<PhoneNoneReason>,
    /// Guardian of a child.
    pub guardian_name: String,
    /// Guardian's phone.
    pub guardian_phone: String,
    /// First day in this home.
    pub arrival_on: String,
    /// The day the person declared (Article 16 counts from it); the day of the visit by default.
    pub declared_on: String,
    /// Why here.
    pub reason: Option<Reason>,
    /// Kind of place.
    pub place_kind: PlaceKind,
    /// How long.
    pub intended: Option<IntendedStay>,
    /// Where employed, when employed.
    pub employer: String,
    /// To the tenant of the home.
    pub relation: Option<Relation>,
    /// 是承租人: writes the tenancy at once.
    pub lessee: bool,
}

impl Default for ResidentForm {
    fn default() -> ResidentForm {
        ResidentForm {
            unit: None,
            notice: String::new(),
            room: None,
            doc_type: DocType::Id,
            doc_no: String::new(),
            identity_note: String::new(),
            name: String::new(),
            birth: String::new(),
            sex: None,
            hukou_region: String::new(),
            hukou_address: String::new(),
            phone: String::new(),
            phone_none: None,
            guardian_name: String::new(),
            guardian_phone: String::new(),
            arrival_on: String::new(),
            declared_on: String::new(),
            reason: None,
            place_kind: PlaceKind::Rented,
            intended: None,
            employer: String::new(),
            relation: None,
            lessee: false,
        }
    }
}

impl ResidentForm {
    /// What is wrong with it, field by field. `known_region` answers whether a hukou region exists; the screens pass
    /// `|_| true` and leave that question to the device, which holds the table.
    pub fn check(&self, today: NaiveDate, known_region: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        self.check_identity(today, &mut problems);
        if self.unit.is_none() {
            problems.push(FieldProblem::stop("unit", Problem::Required));
        }
        let arrival = check_past_date("arrival_on", &self.arrival_on, today, &mut problems);
        if let (Some(arrival), Some(birth)) = (arrival, parse_date(&self.birth))
            && arrival < birth
        {
            problems.push(FieldProblem::stop("arrival_on", Problem::BeforeBirth));
        }
        if self.doc_type.referral().is_some() {
            // Handed to the station: nothing more is asked at the door.
            return problems;
        }
        let declared = check_past_date("declared_on", &self.declared_on, today, &mut problems);
        if let (Some(arrival), Some(declared)) = (arrival, declared)
            && declared < arrival
        {
            problems.push(FieldProblem::warn("declared_on", Problem::EndBeforeStart));
        }
        match region::check_hukou(&self.hukou_region) {
            Err(problem) => problems.push(FieldProblem::stop("hukou_region", Problem::Hukou(problem))),
            Ok(()) if !known_region(&self.hukou_region) => {
                problems.push(FieldProblem::stop("hukou_region", Problem::Hukou(region::HukouProblem::Unknown)));
            }
            Ok(()) => {}
        }
        check_optional_text("hukou_address", &self.hukou_address, 100, &mut problems);
        check_optional_text("employer", &self.employer, 60, &mut problems);
        self.check_contact(today, &mut problems);
        for (field, empty) in
            [("reason", self.reason.is_none()), ("intended", self.intended.is_none()), ("relation", self.relation.is_none())]
        {
            if empty {
                problems.push(FieldProblem::stop(field, Problem::Required));
            }
        }
        problems
    }

    /// The form of the next member of the same family: where they live, since when, why and for how long are the same. Nothing
    /// personal goes along, and whoever is family of the tenant's family is the tenant's own.
    pub fn next_of_family(&self, today: NaiveDate) -> ResidentForm {
        ResidentForm {
            reason: self.reason,
            place_kind: self.place_kind,
            intended: self.intended,
            relation: self
                .relation
                .filter(|relation| matches!(relation, Relation::Lessee | Relation::Family))
                .map(|_| Relation::Family),
            ..self.next_in_home(today)
        }
    }

    /// The form of somebody else in the same home: the door and the day, and nothing else.
    pub fn next_in_home(&self, today: NaiveDate) -> ResidentForm {
        ResidentForm {
            unit: self.unit,
            notice: self.notice.clone(),
            room: self.room,
            arrival_on: self.arrival_on.clone(),
            declared_on: today.to_string(),
            ..ResidentForm::default()
        }
    }

    /// Whether somebody else registers this person.
    pub fn is_child(&self, today: NaiveDate) -> bool {
        parse_date(&self.birth).is_some_and(|birth| birth <= today && age_years(birth, today) < GUARDIAN_UNDER_YEARS)
    }

    fn check_identity(&self, today: NaiveDate, problems: &mut Vec<FieldProblem>) {
        if let Err(problem) = text::check_name(&self.name) {
            problems.push(FieldProblem::stop("name", Problem::Text(problem)));
        }
        // Whoever the station registers is named to it, and no more: it reads the rest in the document.
        let birth = if self.doc_type.referral().is_some() { None } else { self.check_birth_and_sex(today, problems) };
        if self.doc_type == DocType::None {
            if let Err(problem) = text::require_text(&self.identity_note, 200) {
                let problem = match problem {
                    text::TextProblem::Empty => Problem::IdentityNoteNeeded,
                    other => Problem::Text(other),
                };
                problems.push(FieldProblem::stop("identity_note", problem));
            }
            return;
        }
        match id_document::check(self.doc_type, &self.doc_no, today) {
            Err(problem) => problems.push(FieldProblem::stop("doc_no", Problem::Document(problem))),
            Ok(facts) => {
                if let Some(warning) = facts.warning {
                    problems.push(FieldProblem::warn("doc_no", Problem::DocumentWarning(warning)));
                }
                if facts.birth.is_some() && birth.is_some() && facts.birth != birth {
                    problems.push(FieldProblem::stop("birth", Problem::BirthDiffersFromDocument));
                }
                if facts.sex.is_some() && self.sex.is_some() && facts.sex != self.sex {
                    problems.push(FieldProblem::warn("sex", Problem::SexDiffersFromDocument));
                }
            }
        }
    }

    fn check_birth_and_sex(&self, today: NaiveDate, problems: &mut Vec<FieldProblem>) -> Option<NaiveDate> {
        let birth = check_past_date("birth", &self.birth, today, problems);
        // Nobody is born tomorrow: here the future stops, because age decides who registers.
        if birth.is_some_and(|birth| birth > today || age_years(birth, today) > 120) {
            problems.retain(|problem| problem.field != "birth");
            problems.push(FieldProblem::stop("birth", Problem::OutOfRange));
        }
        if self.sex.is_none() {
            problems.push(FieldProblem::stop("sex", Problem::Required));
        }
        birth
    }

    fn check_contact(&self, today: NaiveDate, problems: &mut Vec<FieldProblem>) {
        if self.phone.trim().is_empty() {
            if self.phone_none.is_none() {
                problems.push(FieldProblem::stop("phone", Problem::PhoneOrReason));
            }
        } else if let Err(problem) = text::check_phone(&self.phone) {
            problems.push(FieldProblem::stop("phone", Problem::Phone(problem)));
        }
        if self.is_child(today) {
            if self.guardian_name.trim().is_empty() {
                problems.push(FieldProblem::stop("guardian_name", Problem::GuardianNeeded));
            } else if let Err(problem) = text::check_name(&self.guardian_name) {
                problems.push(FieldProblem::stop("guardian_name", Problem::Text(problem)));
            }
            if !self.guardian_phone.trim().is_empty()
                && let Err(problem) = text::check_phone(&self.guardian_phone)
            {
                problems.push(FieldProblem::stop("guardian_phone", Problem::Phone(problem)));
            }
        }
    }

    /// The groups of the person. Call it on a form that passed [`ResidentForm::check`].
    pub fn person_groups(&self, today: NaiveDate) -> BTreeMap<String, Fields> {
        let doc_no = id_document::check(self.doc_type, &self.doc_no, today).map(|facts| facts.doc_no).unwrap_or_default();
        let mut groups = BTreeMap::from([
            (
                "identity".to_owned(),
                to_fields(&Identity {
                    doc_type: self.doc_type,
                    doc_no,
                    name: text::check_name(&self.name).unwrap_or_default(),
                    birth: self.birth.clone(),
                    sex: self.sex.unwrap_or(Sex::Unknown),
                    note: if self.doc_type == DocType::None { text::clean(&self.identity_note) } else { String::new() },
                }),
            ),
            (
                "hukou".to_owned(),
                to_fields(&Hukou { region: self.hukou_region.clone(), address: text::clean(&self.hukou_address) }),
            ),
            (
                "contact".to_owned(),
                to_fields(&Contact {
                    phone: text::check_phone(&self.phone).unwrap_or_default(),
                    none_reason: if self.phone.trim().is_empty() { self.phone_none } else { None },
                }),
            ),
        ]);
        if self.is_child(today) {
            let phone = text::check_phone(&self.guardian_phone).unwrap_or_default();
            groups.insert("guardian".to_owned(), to_fields(&Guardian { name: text::clean(&self.guardian_name), phone }));
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_of_a_family_lives_where_the_last_one_does_and_is_somebody_else() {
        let today = parse_date("2026-11-23").expect("a date of the test");
        let (unit, room) = (Some(RecordId(uuid::Uuid::from_u128(1))), Some(RecordId(uuid::Uuid::from_u128(2))));
        let first = ResidentForm {
            unit,
            room,
            doc_no: "360121199203114025".to_owned(),
            identity_note: "房东认识".to_owned(),
            name: "饶小燕".to_owned(),
            birth: "1992-03-11".to_owned(),
            sex: Some(Sex::Female),
            hukou_region: "360121".to_owned(),
            hukou_address: "莲塘镇".to_owned(),
            phone: "13767000001".to_owned(),
            phone_none: Some(PhoneNoneReason::Other),
            guardian_name: "饶大".to_owned(),
            guardian_phone: "13767000009".to_owned(),
            arrival_on: "2026-11-20".to_owned(),
            declared_on: "2026-11-22".to_owned(),
            reason: Some(Reason::Working),
            place_kind: PlaceKind::Rented,
            intended: Some(IntendedStay::OneYear),
            employer: "某厂".to_owned(),
            relation: Some(Relation::Lessee),
            lessee: true,
            ..ResidentForm::default()
        };
        let door = ResidentForm {
            unit,
            room,
            arrival_on: "2026-11-20".to_owned(),
            declared_on: "2026-11-23".to_owned(),
            ..ResidentForm::default()
        };
        assert_eq!(first.next_in_home(today), door, "the door and the day");
        let family = ResidentForm {
            reason: Some(Reason::Working),
            intended: Some(IntendedStay::OneYear),
            relation: Some(Relation::Family),
            ..door
        };
        assert_eq!(first.next_of_family(today), family, "nothing personal goes along, nobody is the tenant twice");
        assert_eq!(family.next_of_family(today), family, "and so on");
        let guest = ResidentForm { relation: Some(Relation::Coworker), lessee: false, ..first };
        assert_eq!(guest.next_of_family(today).relation, None, "a colleague's wife is not the tenant's family");
    }

    #[test]
    fn whoever_the_station_registers_is_named_and_nothing_more_is_asked() {
        let today = parse_date("2026-11-23").expect("a date of the test");
        let form = ResidentForm {
            doc_type: DocType::Pp,
            doc_no: "K12345678".to_owned(),
            name: "Maria Rossi".to_owned(),
            unit: Some(RecordId(uuid::Uuid::from_u128(1))),
            arrival_on: "2026-11-22".to_owned(),
            ..ResidentForm::default()
        };
        assert_eq!(form.check(today, |_| false), [], "neither sex nor birth, which are not kept");
        let tenant = ResidentForm { doc_type: DocType::Id, ..form };
        let asked: Vec<String> = tenant.check(today, |_| false).into_iter().map(|problem| problem.field.to_string()).collect();
        assert!(["birth", "sex"].iter().all(|field| asked.iter().any(|asked| asked == field)), "{asked:?}");
    }
}
