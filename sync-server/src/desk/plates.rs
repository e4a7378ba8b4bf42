//! Plates at the station: those of a village to be printed, and another one for a home whose plate is lost.

use domain::address::Address;
use domain::codes::UnitStatus;
use domain::plate::{Plate, WANTED, Wanted};
use domain::record::to_fields;
use domain::{RecordId, kind};
use store::server::{ListQuery, View};
use ui_protocol::ErrorCode;
use ui_protocol::plates::{PlateRow, Plates, PlatesReply, ReplacePlate};

use super::decide::{Decision, Part};
use super::{DeskCaller, view};
use crate::core::Core;
use crate::failure::Failure;

/// Homes of one answer: several times the largest village.
const PLATES_MAX: u32 = 3_000;

/// The plates of a village, by address. Homes that are let no more have none to be printed.
pub fn plates(view: &View<'_>, caller: &DeskCaller, ask: &Plates) -> Result<PlatesReply, Failure> {
    if !caller.sees(&ask.area) {
        return Err(Failure::Desk(ErrorCode::NotAllowed));
    }
    let areas = [ask.area.clone()];
    let open: Vec<&str> =
        UnitStatus::ALL.iter().filter(|state| **state != UnitStatus::Closed).map(|state| state.code()).collect();
    let query = ListQuery { kind: kind::UNIT, areas: &areas, states: &open, search: "", after: None, limit: PLATES_MAX };
    let listed = view.list(query)?;
    let cut = listed.len() >= PLATES_MAX as usize;
    let mut rows: Vec<(String, PlateRow)> = Vec::with_capacity(listed.len());
    for home in listed {
        let Some(record) = view.look_at(home.id)? else { continue };
        let Some(Plate { token, no, on, .. }) = Plate::of(&record) else { continue };
        let key = record.typed::<Address>("address").unwrap_or_default().norm_key();
        let number = record.text("number", "no").unwrap_or_default().to_owned();
        rows.push((key, PlateRow { unit: home.id, number, title: home.title, token, no, on }));
    }
    rows.sort_by(|(one, row), (other, next)| (one, &row.number).cmp(&(other, &next.number)));
    Ok(PlatesReply { rows: rows.into_iter().map(|(_, row)| row).collect(), cut })
}

impl Core {
    pub(super) fn replace_plate(&self, caller: &DeskCaller, ask: &ReplacePlate) -> Result<RecordId, Failure> {
        let id = ask.unit;
        let decision: Decision = Box::new(move |write, caller| {
            let (home, _) = view::seen(write, caller, id)?;
            if home.kind != kind::UNIT || home.dead.is_some() {
                return Err(Failure::Desk(ErrorCode::NotFound));
            }
            let replaces = Plate::of(&home).ok_or(Failure::Desk(ErrorCode::Stale))?.token;
            Ok(vec![Part::set(&home, WANTED, to_fields(&Wanted { replaces }))])
        });
        self.decide(caller, "desk.plate", id, decision)
    }
}
