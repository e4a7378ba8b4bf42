//! Homes.

use domain::RecordId;
use domain::codes::{UnitCloseReason, UnitStatus};
use domain::form::FieldProblem;
use domain::grade::Grade;
use domain::presence::Presence;
use domain::unit::{Landlord, Letter, Letting, UnitForm};
use serde::{Deserialize, Serialize};

use crate::tenancies::Tenants;
use crate::today::HomeRound;
use crate::visits::EmptyHome;

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
    /// A visit said that nobody rents it: who is registered there all the same, and what may be done.
    #[serde(default)]
    pub empty: Option<EmptyHome>,
    /// Who rents it.
    #[serde(default)]
    pub tenants: Tenants,
    /// It was entered twice: the home that is meant. Its people and rooms are shown there.
    #[serde(default)]
    pub merged_into: Option<MergedHome>,
    /// The homes that were merged into this one.
    #[serde(default)]
    pub merged: Vec<MergedHome>,
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

/// The other one of two that are one home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedHome {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// Since when they are one, `YYYY-MM-DD`.
    pub on: String,
}

/// Asks for homes that may be the same as this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameHomes {
    /// The home.
    pub unit: RecordId,
    /// Address, plate, landlord; empty for those nearby.
    pub query: String,
}

/// Homes that may be the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameHomesReply {
    /// The home asked about.
    pub title: String,
    /// The likeliest first.
    pub rows: Vec<UnitRow>,
}

/// Asks what merging one home into another brings together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameHome {
    /// The one that goes.
    pub unit: RecordId,
    /// The one that stays.
    pub into: RecordId,
}

/// Two homes side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameHomeView {
    /// The one that goes.
    pub goes: MergingHome,
    /// The one that stays.
    pub stays: MergingHome,
}

/// What one of them brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergingHome {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// The server's number.
    pub number: String,
    /// Who lets it.
    pub landlord: String,
    /// Their phone.
    pub phone: String,
    /// Where its registration stands.
    pub state: UnitStatus,
    /// Who is registered there.
    pub people: Vec<String>,
    /// Its rooms.
    pub rooms: Vec<String>,
    /// Hazards that are not mended.
    pub hazards: u64,
    /// Visits.
    pub visits: u64,
    /// Photos.
    pub photos: u64,
}

/// This home was entered twice: it is closed as part of the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeHomes {
    /// The one that goes.
    pub unit: RecordId,
    /// The one that stays.
    pub into: RecordId,
}

/// They are two homes after all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartHomes {
    /// The one that was merged.
    pub unit: RecordId,
}
