//! What a landlord tells the police (报送). Not a registration: the resident's own declaration is (domain §1.6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::codes::ReportKind;
use crate::form::{FieldProblem, Problem, check_past_date};
use crate::id_document::{self, DocType};
use crate::ids::RecordId;
use crate::policy::Due;
use crate::text;

/// The group `said`, written once. It carries the document number's tail only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// In, out, change, no change.
    pub kind: ReportKind,
    /// The home.
    pub unit: RecordId,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RecordId>,
    /// The tenant's name; empty for "no change".
    #[serde(default)]
    pub name: String,
    /// Which document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc_type: Option<DocType>,
    /// Last four characters of its number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc_tail: String,
    /// The tenant's phone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// When the lease began or ended, `YYYY-MM-DD`.
    pub event_on: String,
    /// When the landlord pressed the button, Unix milliseconds, UTC.
    pub submitted_unix_ms: i64,
    /// The earlier report this one ends or changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RecordId>,
}

/// The group `document`: sent by the reporter, never received by him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportDocument {
    /// The whole number.
    pub doc_no: String,
}

/// The group `receipt`, written by the server: the landlord's proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Given by the server.
    pub no: String,
    /// When the landlord pressed the button, by his phone, Unix milliseconds, UTC.
    pub submitted_unix_ms: i64,
    /// When the server had it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// The last day, with the pack and the inputs it was computed from.
    pub due: Option<Due>,
    /// Judged by the server's receipt, or by the submission where the policy switch says so.
    pub on_time: bool,
}

/// The group `match`, written by the server and never sent to the reporter: who has the reported number already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    /// Who, when the report's own village has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<RecordId>,
    /// The village they are registered in.
    pub area: String,
}

/// The group `check`: what the coordinator decided at the door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// `accepted`, `returned` or `withdrawn`.
    pub state: String,
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Why it was returned; the landlord reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The registration that came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<RecordId>,
}

/// The policy key whose clock a report answers.
pub fn due_key(kind: ReportKind) -> Option<&'static str> {
    match kind {
        ReportKind::MoveIn => Some("landlord.movein.due"),
        ReportKind::MoveOut => Some("landlord.moveout.due"),
        ReportKind::Hire => Some("employer.hire.due"),
        ReportKind::Leave => Some("employer.leave.due"),
        ReportKind::Change | ReportKind::NoChange => None,
    }
}

/// The landlord's form, as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportForm {
    /// In, out, change, no change.
    pub kind: ReportKind,
    /// The home.
    pub unit: Option<RecordId>,
    /// The room.
    pub room: Option<RecordId>,
    /// The tenant's name.
    pub name: String,
    /// Which document.
    pub doc_type: DocType,
    /// Its number.
    pub doc_no: String,
    /// The tenant's phone; may be empty.
    pub phone: String,
    /// First or last day.
    pub event_on: String,
    /// The report this one ends, when the tenant was picked from earlier ones: then no document is asked for again.
    pub about: Option<RecordId>,
}

impl Default for ReportForm {
    fn default() -> ReportForm {
        ReportForm {
            kind: ReportKind::MoveIn,
            unit: None,
            room: None,
            name: String::new(),
            doc_type: DocType::Id,
            doc_no: String::new(),
            phone: String::new(),
            event_on: String::new(),
            about: None,
        }
    }
}

impl ReportForm {
    /// What is wrong with it.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.unit.is_none() {
            problems.push(FieldProblem::stop("unit", Problem::Required));
        }
        check_past_date("event_on", &self.event_on, today, &mut problems);
        if self.kind == ReportKind::NoChange {
            return problems;
        }
        if let Err(problem) = text::check_name(&self.name) {
            problems.push(FieldProblem::stop("name", Problem::Text(problem)));
        }
        // A tenant picked from an earlier report is known by it; nobody types the number a second time.
        if self.about.is_none() {
            match self.doc_type {
                // A landlord cannot take the station's decision that somebody has no papers.
                DocType::None => problems.push(FieldProblem::stop("doc_type", Problem::Required)),
                doc_type => {
                    if let Err(problem) = id_document::check(doc_type, &self.doc_no, today) {
                        problems.push(FieldProblem::stop("doc_no", Problem::Document(problem)));
                    }
                }
            }
        }
        if !self.phone.trim().is_empty()
            && let Err(problem) = text::check_phone(&self.phone)
        {
            problems.push(FieldProblem::stop("phone", Problem::Phone(problem)));
        }
        problems
    }
}
