//! A rental home as a coordinator registers one: the home, its rooms, the signed letter.

use chrono::NaiveDate;
use domain::address::Address;
use domain::codes::{LettingMode, UnitStatus};
use domain::unit::{Registration, RoomLabel, RoomWhere, UnitForm};
use domain::{RecordId, kind};

use super::pen::{Draft, Pen};
use crate::clock::SeededDice;

/// Streets and groups that may be anywhere.
const ROADS: [&str; 6] = ["文峰路", "定阳路", "东明路", "人民路", "滨江路", "紫港路"];

/// The save that registers a home with its rooms. Answers the home's id with it.
pub fn home(
    pen: &Pen,
    village: &str,
    plate: usize,
    landlord: (&str, &str),
    rooms: &str,
    on: NaiveDate,
    dice: &SeededDice,
) -> (Vec<Draft>, RecordId) {
    let form = UnitForm {
        address: Address {
            area: village.to_owned(),
            road: ROADS[dice.below(ROADS.len())].to_owned(),
            plate_no: plate.to_string(),
            ..Address::default()
        },
        landlord_name: landlord.0.to_owned(),
        landlord_phone: landlord.1.to_owned(),
        mode: if rooms.is_empty() { LettingMode::Whole } else { LettingMode::Room },
        area_m2: (60 + dice.below(200)).to_string(),
        rooms: rooms.to_owned(),
        letter_signed: dice.below(5) > 0,
        letter_signed_on: on.to_string(),
        ..UnitForm::default()
    };
    let mut unit = pen.create(kind::UNIT);
    unit.groups = form.groups();
    let unit = unit.with("registration", &Registration::since(UnitStatus::Registered, on.to_string()));
    let id = unit.record;
    let room = |label: String| pen.create(kind::ROOM).with("where", &RoomWhere { unit: id }).with("label", &RoomLabel { label });
    let drafts = std::iter::once(unit).chain(form.room_labels().into_iter().map(room)).collect();
    (drafts, id)
}

/// The rooms of a save that [`home`] made, by id.
pub fn rooms_of(drafts: &[Draft]) -> Vec<RecordId> {
    drafts.iter().filter(|draft| draft.kind == kind::ROOM).map(|draft| draft.record).collect()
}
