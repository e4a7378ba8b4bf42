//! Safety of a home: checks, hazards, grade, the letter of responsibility.

use domain::RecordId;
use domain::checklist::{Answer, Item};
use domain::form::FieldProblem;
use domain::grade::{Grade, Graded, Wanted};
use domain::hazard::{HandedTo, HazardState, Responsible};
use domain::inspection::{InspectionForm, RoomFound};
use domain::letter::LetterForm;
use domain::letter_text::Wording;
use domain::occupancy::Limits;
use serde::{Deserialize, Serialize};

use crate::today::DueView;

/// Asks how a home stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Safety {
    /// The home.
    pub unit: RecordId,
}

/// How a home stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SafetyView {
    /// Its grade with the reasons.
    pub graded: Graded,
    /// The last day by which it is looked at again; none before anybody was there.
    pub next_due: Option<DueView>,
    /// What is open, the gravest and most urgent first; then what is done, the newest first.
    pub hazards: Vec<HazardRow>,
    /// The checks, the newest first.
    pub checks: Vec<CheckRow>,
    /// How the letter of responsibility stands.
    pub letter: LetterStanding,
    /// The grade somebody proposed last, and what the station said about it.
    pub wanted: Option<Wanted>,
}

/// Proposes another grade for a home; the station decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProposeGrade {
    /// The home.
    pub unit: RecordId,
    /// The grade.
    pub grade: Grade,
    /// Why.
    pub reason: String,
}

/// A check in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    /// The check.
    pub id: RecordId,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Made on this device.
    pub mine: bool,
    /// How many items of each answer; what was not checked is not counted.
    pub counts: Vec<(Answer, u64)>,
    /// It found hazards that a notice can list.
    pub has_slip: bool,
    /// It was a mistake and counts nowhere.
    pub withdrawn: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// A hazard in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HazardRow {
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
    /// Since which day, `YYYY-MM-DD`.
    pub state_on: String,
    /// To whom it was handed.
    pub handed_to: Option<HandedTo>,
    /// Who mends it.
    pub responsible: Option<Responsible>,
    /// By when, while it is open.
    pub due: Option<DueView>,
    /// The day it was seen, `YYYY-MM-DD`.
    pub seen_on: String,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// How the letter of responsibility stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterStanding {
    /// Nobody signed.
    Missing,
    /// Signed, and its time is over.
    Expired,
    /// Signed on paper.
    OnPaper,
    /// Signed on the screen.
    Drawn,
}

/// Asks for a fresh check of a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckForm {
    /// The home.
    pub unit: RecordId,
}

/// A check to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckFormView {
    /// Its address.
    pub title: String,
    /// The rooms with who sleeps there and what was measured before.
    pub form: InspectionForm,
    /// The numbers that hold today.
    pub limits: Option<Limits>,
    /// Beds, where the home says so.
    pub beds: Option<i64>,
    /// What is not mended, in the list's order: whoever passes its item closes it, whoever finds it again looks at it again.
    pub open: Vec<HazardRow>,
    /// By when something found today is mended, for severity 1, 2, 3.
    pub dues: Vec<Option<DueView>>,
}

/// Saves a check with the hazards it opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveCheck {
    /// The home.
    pub unit: RecordId,
    /// As tapped.
    pub form: InspectionForm,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// A saved check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedCheck {
    /// The check.
    pub inspection: RecordId,
    /// What it opened.
    pub opened: Vec<RecordId>,
    /// What was open before and is still there.
    pub still_open: Vec<RecordId>,
    /// What was open before and is mended.
    pub closed: Vec<RecordId>,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}

/// Asks for one hazard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hazard {
    /// Which.
    pub id: RecordId,
}

/// Somebody looked again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecheckLine {
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Whether it was mended.
    pub fixed: bool,
    /// In free words.
    pub note: String,
    /// Made on this device.
    pub mine: bool,
    /// Who, as people say it; this device's own person is empty.
    #[serde(default)]
    pub by: String,
}

/// One hazard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HazardView {
    /// As in the list.
    pub row: HazardRow,
    /// The home.
    pub unit: RecordId,
    /// Its address.
    pub home: String,
    /// The check that found it.
    pub inspection: Option<RecordId>,
    /// Who looked again, the newest first.
    pub rechecks: Vec<RecheckLine>,
    /// The check that found it, or closed it, was a mistake: this record counts nowhere.
    pub withdrawn: bool,
    /// Where it may go from here.
    pub may: Vec<HazardState>,
}

/// Somebody looked at a hazard again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecheckHazard {
    /// Which.
    pub id: RecordId,
    /// Whether it is mended.
    pub fixed: bool,
    /// In free words about the object.
    pub note: String,
}

/// A hazard is handed to whoever may act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOverHazard {
    /// Which.
    pub id: RecordId,
    /// To whom.
    pub to: HandedTo,
    /// In free words.
    pub note: String,
}

/// Asks for the notice of a check (整改通知): what has to be mended by when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeSlip {
    /// The check.
    pub inspection: RecordId,
}

/// A notice as it is shown and printed. It names no occupant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlipView {
    /// The notice's number.
    pub number: String,
    /// The home.
    pub unit: RecordId,
    /// Its address.
    pub home: String,
    /// Its village.
    pub area_name: String,
    /// Its plate's number, where the server gave one.
    pub plate: String,
    /// The day of the check, `YYYY-MM-DD`.
    pub checked_on: String,
    /// The check was a mistake: there is no notice.
    pub withdrawn: bool,
    /// This device may take the check back.
    pub may_take_back: bool,
    /// What it found is in the station's hands: only the station takes it back.
    #[serde(default)]
    pub stations: bool,
    /// What has to be mended.
    pub items: Vec<SlipItem>,
}

/// Asks for a check as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastCheck {
    /// Which.
    pub id: RecordId,
}

/// A check as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastCheckView {
    /// As in the list.
    pub row: CheckRow,
    /// The home.
    pub unit: RecordId,
    /// Its address.
    pub home: String,
    /// Who, as people say it; this device's own person is empty.
    pub by: String,
    /// Every item of the list, in its order.
    pub answers: Vec<(Item, Answer)>,
    /// The rooms that were measured or counted.
    pub rooms: Vec<RoomFound>,
    /// The numbers they were judged by.
    pub limits: Option<Limits>,
    /// In free words about the house.
    pub note: String,
    /// What it opened or found again, as it stands today.
    pub found: Vec<SlipItem>,
    /// What it found mended.
    pub closed: Vec<HazardRow>,
    /// This device may take it back.
    pub may_take_back: bool,
    /// What it found is in the station's hands: only the station takes it back.
    #[serde(default)]
    pub stations: bool,
    /// It was taken back, and this device may let it stand again.
    pub may_let_stand: bool,
}

/// A hazard on a notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlipItem {
    /// As in the list, with what this check said about it.
    pub row: HazardRow,
    /// An earlier check had found it.
    pub again: bool,
}

impl CheckFormView {
    /// What is known to be wrong with an item.
    pub fn known(&self, item: Item) -> Option<&HazardRow> {
        self.open.iter().find(|row| row.item == Some(item))
    }
}

/// Asks for the letters of a home, and for one to sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letters {
    /// The home.
    pub unit: RecordId,
}

/// A signed letter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LetterView {
    /// Its record.
    pub id: RecordId,
    /// Which wording.
    pub template: String,
    /// Who signed.
    pub signer: String,
    /// On which day.
    pub signed_on: String,
    /// Until when it holds.
    pub valid_to: String,
    /// Its time is over.
    pub expired: bool,
    /// The signature.
    pub strokes: Vec<String>,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// The letters of a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LettersView {
    /// Its address.
    pub home: String,
    /// Its village.
    pub area_name: String,
    /// How it stands.
    pub standing: LetterStanding,
    /// The wording that is signed today.
    pub template: String,
    /// The wordings of these letters and of the next one.
    pub wordings: Vec<Wording>,
    /// A letter to be signed: the landlord, today, as long as the pack says.
    pub form: LetterForm,
    /// What was signed on the screen, the newest first.
    pub letters: Vec<LetterView>,
}

/// The landlord has signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignLetter {
    /// The home.
    pub unit: RecordId,
    /// As typed and drawn.
    pub form: LetterForm,
    /// The version that was read out.
    #[serde(default)]
    pub template: String,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// A saved letter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedLetter {
    /// Its record.
    pub id: RecordId,
    /// What was said and did not stop it.
    pub warnings: Vec<FieldProblem>,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}
