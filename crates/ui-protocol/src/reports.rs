//! Landlords' reports, from both sides of the door.

use domain::RecordId;
use domain::codes::ReportKind;
use domain::form::FieldProblem;
use domain::id_document::DocType;
use domain::person::ResidentForm;
use domain::report::{Receipt, ReportForm};
use domain::residency::CancelForm;
use serde::{Deserialize, Serialize};

use crate::people::{Known, SavedResident};
use crate::today::DueView;

/// Asks for reports: a landlord's own, or those to verify.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListReports {
    /// Of one home.
    pub unit: Option<RecordId>,
    /// Only those nobody has decided about.
    pub open_only: bool,
    /// The last page's `next`.
    pub after: Option<String>,
}

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// 未送达: on the landlord's phone only.
    Local,
    /// The server has it; nobody has looked yet.
    Received,
    /// The resident was registered, or the departure confirmed.
    Accepted,
    /// Sent back with a reason.
    Returned,
    /// Taken back by the landlord.
    Withdrawn,
    /// The server refused it; see the tray.
    Refused,
}

/// One report in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The report.
    pub id: RecordId,
    /// In, out, change, no change.
    pub kind: ReportKind,
    /// The tenant's name.
    pub name: String,
    /// Where, as people say it.
    pub home: String,
    /// First or last day.
    pub event_on: String,
    /// Where it stands.
    pub state: ReportState,
    /// How long is left to report, or to verify.
    pub due: Option<DueView>,
    /// The receipt's number.
    pub receipt_no: String,
}

/// A page of reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportPage {
    /// The rows.
    pub rows: Vec<ReportRow>,
    /// Where to go on.
    pub next: Option<String>,
}

/// Asks for one report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which.
    pub id: RecordId,
}

/// One report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportView {
    /// The row.
    pub row: ReportRow,
    /// The home.
    pub unit: RecordId,
    /// The room.
    pub room: String,
    /// Which document.
    pub doc_type: Option<DocType>,
    /// Masked number: the tail for its reporter, more for the coordinator.
    pub document: String,
    /// The tenant's phone.
    pub phone: String,
    /// When the button was pressed, Unix milliseconds, UTC.
    pub submitted_unix_ms: i64,
    /// The server's receipt.
    pub receipt: Option<Receipt>,
    /// Why it was sent back.
    pub reason: String,
    /// The day of the decision.
    pub decided_on: String,
    /// For the coordinator: the registration form, filled from the report.
    pub resident: Option<ResidentForm>,
    /// For the coordinator, on a move-out: the registrations in that home that it may end.
    pub leaving: Vec<Leaving>,
    /// It may be taken back.
    pub can_withdraw: bool,
    /// For the coordinator: who has the reported number already.
    #[serde(default)]
    pub known: Vec<Known>,
    /// For the coordinator: the other village they are registered in, when it is not here.
    #[serde(default)]
    pub known_elsewhere: String,
}

/// Somebody a move-out report may be about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    /// The registration.
    pub residency: RecordId,
    /// The person.
    pub person: RecordId,
    /// Name.
    pub name: String,
    /// The same name and document tail as in the report.
    pub likely: bool,
}

/// A landlord reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveReport {
    /// The form.
    pub form: ReportForm,
    /// The draft to forget when it is saved.
    pub draft: Option<String>,
}

/// A saved report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedReport {
    /// The report.
    pub id: RecordId,
    /// The last day.
    pub due: Option<DueView>,
    /// What was said and did not stop it.
    pub warnings: Vec<FieldProblem>,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}

/// A landlord takes a report back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawReport {
    /// Which.
    pub id: RecordId,
}

/// A coordinator verified a report at the door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// Which.
    pub id: RecordId,
    /// For a move-in: the registration, from the resident's own declaration.
    pub resident: Option<ResidentForm>,
    /// For a move-out: who left.
    pub leaving: Option<RecordId>,
    /// For a move-out: what was observed.
    pub cancel: Option<CancelForm>,
    /// Register although the same document is on this device already.
    pub although_known: bool,
    /// Somebody known who is back.
    #[serde(default)]
    pub returning: Option<RecordId>,
}

/// A verified report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// The report.
    pub id: RecordId,
    /// What came of it.
    pub resident: Option<SavedResident>,
}

/// A coordinator sends a report back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnReport {
    /// Which.
    pub id: RecordId,
    /// Why; the landlord reads it.
    pub reason: String,
}

/// Asks for the last day of a report's event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DueFor {
    /// In, out.
    pub kind: ReportKind,
    /// `YYYY-MM-DD`.
    pub event_on: String,
}

/// The last day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DueReply {
    /// `None` where no clock runs.
    pub due: Option<DueView>,
}

/// Asks for one referral.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// Which.
    pub id: RecordId,
}

/// A referral: enough for the station to call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralView {
    /// Which.
    pub id: RecordId,
    /// Who.
    pub name: String,
    /// Which document.
    pub doc_type: DocType,
    /// Its masked number.
    pub document: String,
    /// Phone; may be empty.
    pub phone: String,
    /// The home, where it is here.
    pub unit: Option<RecordId>,
    /// Its address.
    pub home: String,
    /// The room.
    pub room: String,
    /// First day there, `YYYY-MM-DD`.
    pub arrival_on: String,
    /// The station does not know yet.
    pub open: bool,
    /// By when it is told.
    pub due: Option<DueView>,
    /// It can be taken back as a mistake.
    pub can_undo: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// The station has been told of a referral.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralHanded {
    /// The referral.
    pub id: RecordId,
}

/// Noted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralDone {}
