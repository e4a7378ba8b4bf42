//! People and their registrations.

use domain::RecordId;
use domain::codes::{CancelReason, IntendedStay, Reason, Sex};
use domain::form::{FieldProblem, Problem};
use domain::id_document::{DocType, DocumentWarning};
use domain::person::ResidentForm;
use domain::presence::Presence;
use domain::residency::{CancelForm, MoveForm};
use serde::{Deserialize, Serialize};

use crate::today::DueView;
use crate::visits::Seen;

/// Asks for a page of people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListPeople {
    /// Name, pinyin, initials, document tail, phone tail; empty for all.
    pub query: String,
    /// The last page's `next`.
    pub after: Option<String>,
}

/// How somebody's registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Registered and living somewhere here.
    Active,
    /// Registered, with no open stay: to be placed.
    ToPlace,
    /// Ended.
    Cancelled,
    /// A person without a registration.
    None,
}

/// One person in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// The person.
    pub id: RecordId,
    /// Name.
    pub name: String,
    /// Masked document number.
    pub document: String,
    /// Where, as people say it.
    pub home: String,
    /// How the registration stands.
    pub standing: Standing,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// A page of people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonPage {
    /// The rows.
    pub rows: Vec<PersonRow>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many in all, where no search narrows it.
    pub total: Option<u64>,
}

/// Asks for one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Which.
    pub id: RecordId,
}

/// One stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StayView {
    /// The stay.
    pub id: RecordId,
    /// The home.
    pub unit: RecordId,
    /// Where, as people say it.
    pub home: String,
    /// The room.
    pub room: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: Option<String>,
    /// Is the tenant.
    pub lessee: bool,
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResidencyView {
    /// The registration.
    pub id: RecordId,
    /// The server's number.
    pub number: String,
    /// How it stands.
    pub standing: Standing,
    /// The day the resident declared.
    pub registered_on: String,
    /// The day a landlord reported, kept apart.
    pub reported_on: String,
    /// The version of the notice shown.
    pub notice: String,
    /// Whether they still live there, by what was seen.
    #[serde(default)]
    pub presence: Presence,
    /// What visits saw, the newest first.
    #[serde(default)]
    pub seen: Vec<Seen>,
    /// When it had to be made.
    pub due: Option<DueView>,
    /// The rule and pack the due date was computed with.
    pub due_rule: String,
    /// Until when the stay is meant to last.
    pub intended_until: String,
    /// Why it was ended.
    pub cancel_reason: Option<CancelReason>,
    /// The day of leaving.
    pub left_on: String,
    /// What was observed.
    pub cancel_note: String,
    /// Where it was handed to.
    pub handed_to: String,
    /// Its stays, the newest first.
    pub stays: Vec<StayView>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    /// The person.
    pub id: RecordId,
    /// Name.
    pub name: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Birth date.
    pub birth: String,
    /// Age in years.
    pub age: Option<i32>,
    /// Which document.
    pub doc_type: DocType,
    /// Masked number.
    pub document: String,
    /// Hukou as people say it.
    pub hukou: String,
    /// Phone.
    pub phone: String,
    /// Guardian of a child, with phone.
    pub guardian: String,
    /// Values as a form, to change them; the document number in it is masked.
    pub form: ResidentForm,
    /// The registrations, the newest first.
    pub residencies: Vec<ResidencyView>,
    /// It may still be taken back as entered by mistake.
    pub can_undo: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
    /// The other registrations this person was joined from.
    #[serde(default)]
    pub other_names: Vec<OtherName>,
}

/// Another registration that was joined with a person's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherName {
    /// Its id.
    pub person: RecordId,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub by: String,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// They are two people after all. Named is the other registration, not the one that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitPerson {
    /// The registration that is somebody else's.
    pub person: RecordId,
}

/// Asks what a number says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckDocument {
    /// Which document.
    pub doc_type: DocType,
    /// Its number, as typed.
    pub doc_no: String,
}

/// Somebody with the same document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The person.
    pub person: RecordId,
    /// The standing registration, if there is one.
    pub residency: Option<RecordId>,
    /// Name.
    pub name: String,
    /// Where, as people say it.
    pub home: String,
    /// How the registration stands.
    pub standing: Standing,
}

/// What a number says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentCheck {
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// What to say and go on.
    pub warning: Option<DocumentWarning>,
    /// Birth date in it.
    pub birth: Option<String>,
    /// Sex in it.
    pub sex: Option<Sex>,
    /// Region of first numbering: a suggestion for the hukou, never the answer.
    pub region: Option<String>,
    /// That region's name.
    pub region_name: String,
    /// Who on this device already has it.
    pub known: Vec<Known>,
    /// A referral, not a registration.
    pub referral: bool,
}

/// Asks the server where in the county a document is registered. Needs a network; noted down there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookUpCounty {
    /// Which document.
    pub doc_type: DocType,
    /// Its number.
    pub doc_no: String,
}

/// A coordinator to call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoordinatorContact {
    /// As people say it.
    pub name: String,
    /// May be empty.
    pub phone: String,
}

/// A village where the document stands in a registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegisteredAt {
    /// The village, with its township.
    pub village: String,
    /// Its coordinators.
    pub coordinators: Vec<CoordinatorContact>,
}

/// Where a document is registered; nowhere when it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CountyReply {
    /// The villages.
    pub found: Vec<RegisteredAt>,
}

/// Asks for the whole number; noted down as an access.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevealDocument {
    /// The person.
    pub person: RecordId,
}

/// The whole number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevealedDocument {
    /// The number.
    pub doc_no: String,
}

/// Asks what is known of a home before somebody is registered in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewResident {
    /// The home.
    pub unit: RecordId,
}

/// An adult who may register a child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adult {
    /// Name.
    pub name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// The room they live in; strangers under one roof are no family.
    pub room: Option<RecordId>,
}

/// What a home says of the next person in it: offered, and filled in only where nothing else can be true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewResidentView {
    /// The form as it begins.
    pub form: ResidentForm,
    /// Reasons, the commonest of this home first.
    pub reasons: Vec<Reason>,
    /// How long people stay, the commonest of this home first.
    pub stays: Vec<IntendedStay>,
    /// Somebody here is the tenant already.
    pub has_lessee: bool,
    /// Who lives here and is no child, the last one registered first.
    pub adults: Vec<Adult>,
}

/// Registers somebody in a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveResident {
    /// The form.
    pub form: ResidentForm,
    /// Register although the same document is on this device already.
    pub although_known: bool,
    /// Somebody known who is back: the registration is made in their name, nobody becomes two people.
    #[serde(default)]
    pub returning: Option<RecordId>,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// A saved person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedResident {
    /// The person; `None` for a referral.
    pub person: Option<RecordId>,
    /// The registration; `None` for a referral.
    pub residency: Option<RecordId>,
    /// The referral and its clock.
    pub referral: Option<(RecordId, DueView)>,
    /// What was said and did not stop it.
    pub warnings: Vec<FieldProblem>,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}

/// Changes a person, their registration or their open stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeResident {
    /// The person.
    pub person: RecordId,
    /// The whole form. A `doc_no` that is still masked is left as it was.
    pub form: ResidentForm,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// Moves somebody to another home, or places somebody who was handed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveResident {
    /// The registration.
    pub residency: RecordId,
    /// Where to and when.
    pub form: MoveForm,
}

/// Hands somebody over to another village of the county.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The registration.
    pub residency: RecordId,
    /// The village.
    pub area: String,
    /// Last day here.
    pub on: String,
    /// What the receiving coordinator should know.
    pub note: String,
}

/// Somebody stays longer than they said: how long, from today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtendStay {
    /// The registration.
    pub residency: RecordId,
    /// How long.
    pub intended: IntendedStay,
}

/// Ends a registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CancelResidency {
    /// The registration.
    pub residency: RecordId,
    /// Why, when, seen how.
    pub form: CancelForm,
}

/// Takes back a home or a person entered by mistake, with everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoMistake {
    /// The home or the person.
    pub record: RecordId,
}

/// Taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undone {
    /// How many records went.
    pub records: u64,
}
