//! A rental home: where it is, who lets it, how, and its letter of responsibility.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::codes::{LettingMode, TenureKind, UnitCloseReason, UnitStatus, UnitUse};
use crate::form::{FieldProblem, Problem, check_optional_text, check_past_date, parse_date};
use crate::ids::RecordId;
use crate::place::Register;
use crate::record::{Fields, Record, to_fields};
use crate::{place, rooms, same, text};

/// The group `landlord`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Landlord {
    /// A person's or a company's name.
    pub name: String,
    /// How the coordinator reaches them, and how the server finds the landlord's account.
    pub phone: String,
    /// Lives in the house: a visit can meet them too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_site: bool,
}

/// The group `letting`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letting {
    /// What for.
    #[serde(rename = "use")]
    pub usage: UnitUse,
    /// Whole, by room, by bed, by day.
    pub mode: LettingMode,
    /// Whose.
    pub tenure: TenureKind,
    /// Square metres times 100; no floats in synced data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_m2x100: Option<i64>,
    /// Beds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beds: Option<i64>,
}

/// The group `letter`: the letter of responsibility (治安责任书).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// Which wording was signed.
    pub template: String,
    /// Who signed.
    pub signer: String,
    /// `YYYY-MM-DD`.
    pub signed_on: String,
    /// `YYYY-MM-DD`, or empty.
    #[serde(default)]
    pub valid_to: String,
}

/// The wording of a letter signed on paper, and the first one that was signed on a screen; see [`crate::letter_text`].
pub const LETTER_TEMPLATE: &str = "letter-2026-1";

/// The group `registration` (备案).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Where it stands.
    pub state: UnitStatus,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// Why it was closed; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The home it is the same as: it was entered twice, and is read as part of that one (see [`crate::same`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<RecordId>,
    /// How it stood before it was merged: so it stands again when the two are taken apart, or the other one is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Before>,
}

/// How a home stood before it was merged into another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// Where it stood.
    pub state: UnitStatus,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
}

impl Registration {
    /// A state since a day, for no reason.
    pub fn since(state: UnitStatus, on: String) -> Registration {
        Registration { state, on, reason: String::new(), into: None, was: None }
    }

    /// Part of another home from a day on.
    pub fn merged(self, into: RecordId, on: String) -> Registration {
        let was = Some(Before { state: self.state, on: self.on });
        Registration {
            state: UnitStatus::Closed,
            on,
            reason: UnitCloseReason::Duplicate.code().to_owned(),
            into: Some(into),
            was,
        }
    }

    /// A home of its own again.
    pub fn parted(self) -> Registration {
        let was = self.was.unwrap_or(Before { state: UnitStatus::Registered, on: self.on });
        Registration::since(was.state, was.on)
    }
}

/// Where the registration of a home stands. Merged into a home that is not there, or round in a circle of which it is the oldest, it
/// is merged into nothing and stands as before: nobody disappears from the lists because of it.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn standing<R: Register>(unit: &Record, register: &R) -> Result<Option<Registration>, R::Error> {
    let registration: Option<Registration> = unit.typed("registration");
    match registration {
        Some(merged) if merged.into.is_some() && same::root_of(unit, register)? == unit.id => Ok(Some(merged.parted())),
        registration => Ok(registration),
    }
}

impl UnitStatus {
    /// Whether somebody who sees a home in this state may put it into that one (domain §8.3). The forms obey it; the server takes
    /// what it is told, because a settled conflict may put any of two states back.
    pub fn may_become(self, to: UnitStatus) -> bool {
        use UnitStatus::{Closed, Paused, Pending, Registered};
        matches!((self, to), (Pending | Paused, Registered) | (Registered, Paused) | (Pending | Registered | Paused, Closed))
    }
}

/// The group `label` of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomLabel {
    /// As on the door.
    pub label: String,
}

/// The group `where` of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomWhere {
    /// The home.
    pub unit: RecordId,
}

/// The form of a home, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitForm {
    /// Village and the parts of the address.
    pub address: Address,
    /// Landlord's name.
    pub landlord_name: String,
    /// Landlord's phone.
    pub landlord_phone: String,
    /// The landlord lives in the house.
    pub landlord_on_site: bool,
    /// What for.
    pub usage: UnitUse,
    /// How it is let.
    pub mode: LettingMode,
    /// Whose.
    pub tenure: TenureKind,
    /// Square metres, as typed; may be empty.
    pub area_m2: String,
    /// Beds, as typed; may be empty.
    pub beds: String,
    /// Rooms, as typed: `1-12,15-16,18`. Rooms that exist stay.
    pub rooms: String,
    /// The letter was signed.
    pub letter_signed: bool,
    /// On which day.
    pub letter_signed_on: String,
    /// Valid to, may be empty.
    pub letter_valid_to: String,
}

impl Default for UnitForm {
    fn default() -> UnitForm {
        UnitForm {
            address: Address::default(),
            landlord_name: String::new(),
            landlord_phone: String::new(),
            landlord_on_site: false,
            usage: UnitUse::Living,
            mode: LettingMode::Room,
            tenure: TenureKind::Private,
            area_m2: String::new(),
            beds: String::new(),
            rooms: String::new(),
            letter_signed: false,
            letter_signed_on: String::new(),
            letter_valid_to: String::new(),
        }
    }
}

const AREA_M2_MAX: f64 = 100_000.0;
const BEDS_MAX: i64 = 2_000;

impl UnitForm {
    /// What is wrong with it, field by field.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !place::is_village_code(&self.address.area) {
            problems.push(FieldProblem::stop("area", Problem::Required));
        }
        for (field, problem) in self.address.check() {
            problems.push(FieldProblem::stop(field, Problem::Text(problem)));
        }
        let leads_to_a_door = [&self.address.plate_no, &self.address.road, &self.address.natural_group, &self.address.compound];
        if leads_to_a_door.iter().all(|part| part.trim().is_empty()) {
            problems.push(FieldProblem::stop("plate_no", Problem::Required));
        }
        if let Err(problem) = text::require_text(&self.landlord_name, 50) {
            problems.push(FieldProblem::stop("landlord_name", Problem::Text(problem)));
        }
        if let Err(problem) = text::check_phone(&self.landlord_phone) {
            problems.push(FieldProblem::stop("landlord_phone", Problem::Phone(problem)));
        }
        if !self.area_m2.trim().is_empty() && self.area_m2x100().is_none() {
            problems.push(FieldProblem::stop("area_m2", Problem::OutOfRange));
        }
        if !self.beds.trim().is_empty() && self.beds_number().is_none() {
            problems.push(FieldProblem::stop("beds", Problem::OutOfRange));
        }
        if !self.rooms.trim().is_empty()
            && let Err(problem) = rooms::expand(&self.rooms)
        {
            problems.push(FieldProblem::stop("rooms", Problem::Rooms(problem)));
        }
        if self.letter_signed {
            let signed = check_past_date("letter_signed_on", &self.letter_signed_on, today, &mut problems);
            if !self.letter_valid_to.is_empty() {
                match (signed, parse_date(&self.letter_valid_to)) {
                    (_, None) => problems.push(FieldProblem::stop("letter_valid_to", Problem::NotADate)),
                    (Some(signed), Some(to)) if to < signed => {
                        problems.push(FieldProblem::stop("letter_valid_to", Problem::EndBeforeStart));
                    }
                    _ => {}
                }
            }
        }
        check_optional_text("note", &self.address.note, 200, &mut problems);
        problems
    }

    /// The groups of the home itself. Call it on a form that passed [`UnitForm::check`].
    pub fn groups(&self) -> BTreeMap<String, Fields> {
        let mut groups = BTreeMap::new();
        groups.insert("address".to_owned(), to_fields(&self.address.cleaned()));
        groups.insert(
            "landlord".to_owned(),
            to_fields(&Landlord {
                name: text::clean(&self.landlord_name),
                phone: text::check_phone(&self.landlord_phone).unwrap_or_default(),
                on_site: self.landlord_on_site,
            }),
        );
        groups.insert(
            "letting".to_owned(),
            to_fields(&Letting {
                usage: self.usage,
                mode: self.mode,
                tenure: self.tenure,
                area_m2x100: self.area_m2x100(),
                beds: self.beds_number(),
            }),
        );
        if self.letter_signed {
            groups.insert(
                "letter".to_owned(),
                to_fields(&Letter {
                    template: LETTER_TEMPLATE.to_owned(),
                    signer: text::clean(&self.landlord_name),
                    signed_on: self.letter_signed_on.clone(),
                    valid_to: self.letter_valid_to.clone(),
                }),
            );
        }
        groups
    }

    /// The room labels asked for.
    pub fn room_labels(&self) -> Vec<String> {
        if self.rooms.trim().is_empty() { Vec::new() } else { rooms::expand(&self.rooms).unwrap_or_default() }
    }

    fn area_m2x100(&self) -> Option<i64> {
        let metres: f64 = self.area_m2.trim().parse().ok()?;
        (metres > 0.0 && metres <= AREA_M2_MAX).then(|| (metres * 100.0).round() as i64)
    }

    fn beds_number(&self) -> Option<i64> {
        self.beds.trim().parse().ok().filter(|beds| (1..=BEDS_MAX).contains(beds))
    }
}
