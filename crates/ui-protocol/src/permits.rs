//! Permits of a person: eligibility, applications, cards, and what happened to them.

use domain::RecordId;
use domain::id_document::DocType;
use domain::permit::{ApplicationState, ApplyForm, EndReason, EventForm, Ground, Material, PermitEventKind, PermitKind};
use domain::permit_rules::{Missing, PermitRules};
use domain::permit_standing::{NoEndorsement, Standing};
use serde::{Deserialize, Serialize};

use crate::today::DueView;

/// Asks for a page of the people who may ask for a permit now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhoMayApply {
    /// The last page's `next`.
    pub after: Option<String>,
}

/// Asks for somebody's permits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitsOf {
    /// Who.
    pub person: RecordId,
}

/// Whether somebody may ask for a permit, with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EligibilityView {
    /// Which permit is the next one.
    pub kind: PermitKind,
    /// Whether it can be asked for now.
    pub may_apply: bool,
    /// The day residence counts from, `YYYY-MM-DD`; empty without a registration.
    pub counted_from: String,
    /// The first day it can be asked for; empty without a registration.
    pub on: String,
    /// The day that does not count (the landlord's report, or the declaration), and the day it would have given.
    pub other: Option<(String, String)>,
    /// Days until then.
    pub days_left: i64,
    /// What the register shows for it.
    pub grounds: Vec<Ground>,
    /// What is missing.
    pub missing: Vec<Missing>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationView {
    /// The record.
    pub id: RecordId,
    /// Which permit.
    pub kind: PermitKind,
    /// On what ground.
    pub ground: Option<Ground>,
    /// For how many months.
    pub months: Option<u32>,
    /// The day it was asked for.
    pub on: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// What was given.
    pub given: Vec<Material>,
    /// What is still missing.
    pub missing: Vec<Material>,
    /// The day the resident was told what is missing.
    pub told_on: String,
    /// The day everything was there.
    pub accepted_on: String,
    /// The server's number; empty until it has answered.
    pub slip_no: String,
    /// By when the permit is issued: the slip's word, or before it comes what the server will say.
    pub due: Option<DueView>,
    /// The rule and pack of the due date.
    pub due_rule: String,
    /// Why it was refused.
    pub reason: String,
    /// It was a mistake and counts nowhere.
    pub withdrawn: bool,
    /// This device may take it back.
    pub may_take_back: bool,
    /// It was taken back, and this device may let it stand again.
    pub may_let_stand: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// When a permit is endorsed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndorseView {
    /// The window's first day, `YYYY-MM-DD`.
    pub from: String,
    /// Its last day.
    pub by: DueView,
    /// Why it cannot be done now; none when it can.
    pub not_now: Option<NoEndorsement>,
}

/// Something that happened to a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitEventView {
    /// The record.
    pub id: RecordId,
    /// What.
    pub what: PermitEventKind,
    /// When, `YYYY-MM-DD`.
    pub on: String,
    /// For a change: since when.
    pub since: String,
    /// For a change: reported after its last day.
    pub late: bool,
    /// Why it ended.
    pub reason: Option<EndReason>,
    /// For a renewal: the new last day.
    pub valid_until: String,
    /// Free words.
    pub note: String,
    /// This person may take the entry back.
    pub may_take_back: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// A permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitView {
    /// The record.
    pub id: RecordId,
    /// Which permit.
    pub kind: PermitKind,
    /// Its number; on an old card the one printed on it.
    pub no: String,
    /// Where it stands today.
    pub standing: Standing,
    /// The day of issue.
    pub issued_on: String,
    /// The last day; empty where it is endorsed instead.
    pub valid_until: String,
    /// The day continuous residence counts from.
    pub continuity_start: String,
    /// Its function was restored on this day.
    pub restored_on: String,
    /// The day the card was handed out; empty while it lies here.
    pub handed_on: String,
    /// The next endorsement.
    pub endorse: Option<EndorseView>,
    /// A replacement was asked for, on this day.
    pub replace: Option<(PermitEventKind, String)>,
    /// Why and when it ended.
    pub ended: Option<(EndReason, String)>,
    /// What changed since and was not reported for the card: the address, the employer, and by when.
    pub changes_due: Vec<(PermitEventKind, DueView)>,
    /// The registration ended for a reason that ends the card too, and nobody has ended it.
    pub to_end: Option<EndReason>,
    /// What this person may note down now.
    pub may: Vec<PermitEventKind>,
    /// What happened, the newest first.
    pub events: Vec<PermitEventView>,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// Somebody's permits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitsReply {
    /// Who, under the id that is meant.
    pub person: RecordId,
    /// Their name.
    pub name: String,
    /// The rules in force today; none when they know no permit.
    pub rules: Option<PermitRules>,
    /// Eligibility for the next permit; none while one works or is being asked for.
    pub eligibility: Option<EligibilityView>,
    /// What can be asked for, and on which grounds; empty when nothing can.
    pub offered: Vec<Ground>,
    /// An application can be taken now.
    pub can_apply: bool,
    /// Applications, the newest first.
    pub applications: Vec<ApplicationView>,
    /// Permits, the newest first.
    pub permits: Vec<PermitView>,
}

/// Asks for a permit in somebody's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplyPermit {
    /// Who.
    pub person: RecordId,
    /// The form.
    pub form: ApplyForm,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// Missing materials were brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BringMaterials {
    /// The application.
    pub application: RecordId,
    /// Everything that is there now.
    pub given: Vec<Material>,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitSaved {
    /// The record: an application, or an event.
    pub id: RecordId,
    /// What is still missing, to be told once.
    pub missing: Vec<Material>,
}

/// Asks for a slip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermitSlip {
    /// The application.
    pub application: RecordId,
}

/// The slip of an accepted application, as it is shown and printed: no whole document number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlipView {
    /// The holder.
    pub person: RecordId,
    /// Their name.
    pub name: String,
    /// Which document.
    pub doc_type: DocType,
    /// Its masked number.
    pub document: String,
    /// The village that took it.
    pub village: String,
    /// The application.
    pub application: ApplicationView,
}

/// Something happened to a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotePermit {
    /// The permit.
    pub permit: RecordId,
    /// What, and when.
    pub form: EventForm,
}

/// An entry about a permit was a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeBackNote {
    /// The entry.
    pub event: RecordId,
}
