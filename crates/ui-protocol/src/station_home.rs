//! A home at the station: what is open there, who called, what somebody proposes; and what the station does about it.

use domain::RecordId;
use domain::checklist::Item;
use domain::codes::VisitResult;
use domain::grade::{Grade, Wanted};
use domain::hazard::{HandedTo, HazardState, Responsible};
use serde::{Deserialize, Serialize};

/// A hazard on a home's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationHazard {
    /// The hazard.
    pub id: RecordId,
    /// The item of the list; none of a newer version's.
    pub item: Option<Item>,
    /// 1 to 3.
    pub severity: u8,
    /// What is the matter.
    pub description: String,
    /// Where it stands.
    pub state: HazardState,
    /// To whom it was handed.
    pub handed_to: Option<HandedTo>,
    /// Who mends it.
    pub responsible: Option<Responsible>,
    /// By when, `YYYY-MM-DD`.
    pub due_on: String,
    /// Where the station may put it from here; empty for whoever only looks.
    pub may: Vec<HazardState>,
}

/// A visit or a check on a home's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationCall {
    /// The visit or the check.
    pub id: RecordId,
    /// Which of the two.
    pub kind: String,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Of a visit: what came of it.
    pub result: Option<VisitResult>,
    /// Of a check: how many items were not in order.
    pub failed: u64,
    /// It was a mistake and counts nowhere.
    pub withdrawn: bool,
}

/// A home at the station.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationHome {
    /// What is not mended, the gravest first.
    pub hazards: Vec<StationHazard>,
    /// Who was there, the newest first.
    pub calls: Vec<StationCall>,
    /// The grade somebody proposed last, and who.
    pub wanted: Option<(Wanted, String)>,
}

/// Takes back for the station what was recorded by mistake, or lets it stand again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeBackForStation {
    /// A visit, a check, an application.
    pub id: RecordId,
    /// It was no mistake after all.
    pub stands: bool,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// What somebody of the station found, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act", content = "to")]
pub enum HazardAct {
    /// It is mended.
    Fixed,
    /// It is not: another day.
    NotFixed,
    /// It is handed over.
    HandOver(HandedTo),
}

/// Somebody of the station looked at a hazard, or handed it over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HazardForStation {
    /// Which.
    pub id: RecordId,
    /// What.
    pub act: HazardAct,
    /// In free words about the object.
    #[serde(default)]
    pub note: String,
}

/// Answers a proposed grade: set as proposed, or not, with a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerGrade {
    /// The home.
    pub id: RecordId,
    /// As proposed.
    pub take: bool,
    /// Why not.
    #[serde(default)]
    pub reason: String,
}

/// Asks for the homes the station has something to do about: open hazards, a proposed grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SafetyList {}

/// A home in that list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SafetyRow {
    /// The home.
    pub unit: RecordId,
    /// Its address.
    pub title: String,
    /// The village's name.
    pub area_name: String,
    /// Hazards that are not mended.
    pub open: u64,
    /// The gravest of them.
    pub severity: u8,
    /// The first day by which one is mended, `YYYY-MM-DD`; empty where none has one.
    pub due_on: String,
    /// The grade somebody proposes.
    pub wanted: Option<Grade>,
}

/// The homes, those with a proposal first, then the gravest and the most urgent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SafetyListReply {
    /// The rows.
    pub rows: Vec<SafetyRow>,
    /// There are more than are shown.
    pub cut: bool,
}
