//! Homes.

use domain::RecordId;
use domain::codes::{UnitCloseReason, UnitStatus};
use domain::form::FieldProblem;
use domain::grade::Grade;
use domain::presence::Presence;
use domain::unit::{Landlord, Letter, Letting, UnitForm};
use serde::{Deserialize, Serialize};

use crate::today::HomeRound;

/// Asks for a page of homes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListUnits {
    /// Address, plate, landlord, phone tail; empty for all.
    pub query: String,
    /// One village, or all of the device's.
    pub area: Option<String>,
    /// The last page's `next`.
    pub after: Option<String>,
    /// Only homes that are visited, the one whose turn comes first at the top.
    #[serde(default)]
    pub by_round: bool,
    /// Only homes of this grade.
    #[serde(default)]
    pub grade: Option<Grade>,
}

/// One home in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitRow {
    /// The home.
    pub id: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// The village.
    pub area_name: String,
    /// Landlord's name.
    pub landlord: String,
    /// Where its registration stands.
    pub state: UnitStatus,
    /// Registered people living there now.
    pub people: u64,
    /// How it stands with whoever makes rounds; none for a home that is not visited.
    #[serde(default)]
    pub round: Option<HomeRound>,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// A page of homes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitPage {
    /// The rows.
    pub rows: Vec<UnitRow>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many there are in all, where no search narrows it.
    pub total: Option<u64>,
}

/// Asks for one home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Which.
    pub id: RecordId,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occupant {
    /// The person.
    pub person: RecordId,
    /// The registration.
    pub residency: RecordId,
    /// Name.
    pub name: String,
    /// Age in years.
    pub age: Option<i32>,
    /// Since when, `YYYY-MM-DD`.
    pub from: String,
    /// Is the tenant.
    pub lessee: bool,
    /// Whether they still live there, by what was seen.
    #[serde(default)]
    pub presence: Presence,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// A room with who lives in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomView {
    /// The room; `None` for people in no particular room.
    pub id: Option<RecordId>,
    /// As on the door.
    pub label: String,
    /// Who lives there.
    pub people: Vec<Occupant>,
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// On this device only.
    Waiting,
    /// On the server.
    Answered,
    /// In a conflict.
    Conflict,
    /// In the tray.
    Refused,
    /// Came too late: the station decides.
    Held,
}

/// One home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitView {
    /// The home.
    pub id: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// The village.
    pub area_name: String,
    /// Its values as a form, to change them.
    pub form: UnitForm,
    /// Who lets it.
    pub landlord: Landlord,
    /// How.
    pub letting: Option<Letting>,
    /// The letter of responsibility.
    pub letter: Option<Letter>,
    /// Where its registration stands.
    pub state: UnitStatus,
    /// Since when.
    pub state_on: String,
    /// The server's number.
    pub number: String,
    /// Rooms with who lives in each.
    pub rooms: Vec<RoomView>,
    /// The last visit, Unix milliseconds, UTC.
    pub last_visit_unix_ms: Option<i64>,
    /// It may still be taken back as entered by mistake.
    pub can_undo: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// Saves a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveUnit {
    /// The home to change; a new one without.
    pub id: Option<RecordId>,
    /// The form.
    pub form: UnitForm,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// A saved home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedUnit {
    /// The home.
    pub id: RecordId,
    /// What was said and did not stop it.
    pub warnings: Vec<FieldProblem>,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}

/// Registers, pauses, closes a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetUnitState {
    /// The home.
    pub id: RecordId,
    /// The new state.
    pub state: UnitStatus,
    /// Why it is closed.
    pub reason: Option<UnitCloseReason>,
}
