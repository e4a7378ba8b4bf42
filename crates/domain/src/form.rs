//! What is wrong with a form, field by field. The screen and the device call the same `check`.

use serde::{Deserialize, Serialize};

use crate::id_document::{DocumentProblem, DocumentWarning};
use crate::region::HukouProblem;
use crate::rooms::RoomsProblem;
use crate::signature::SignatureProblem;
use crate::text::{PhoneProblem, TextProblem};

/// One thing to say beside one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name in the form.
    pub field: String,
    /// What is the matter.
    pub problem: Problem,
    /// A warning lets the person save; the law allows what it warns about.
    #[serde(default)]
    pub warning: bool,
}

impl FieldProblem {
    /// Saving has to wait until it is mended.
    pub fn stop(field: &str, problem: Problem) -> FieldProblem {
        FieldProblem { field: field.to_owned(), problem, warning: false }
    }

    /// Said, and saving goes on.
    pub fn warn(field: &str, problem: Problem) -> FieldProblem {
        FieldProblem { field: field.to_owned(), problem, warning: true }
    }
}

/// Whether nothing in the list stops a save.
pub fn may_save(problems: &[FieldProblem]) -> bool {
    problems.iter().all(|problem| problem.warning)
}

/// Everything a field can be told. The screens hold a sentence for each, in both languages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Problem {
    /// It has to be filled in.
    Required,
    /// A text is not acceptable.
    Text(TextProblem),
    /// A document number is not acceptable.
    Document(DocumentProblem),
    /// A document number is acceptable and unusual.
    DocumentWarning(DocumentWarning),
    /// A hukou region is not acceptable.
    Hukou(HukouProblem),
    /// A phone number is not acceptable.
    Phone(PhoneProblem),
    /// The room list cannot be read.
    Rooms(RoomsProblem),
    /// Not a date (YYYY-MM-DD).
    NotADate,
    /// The date lies after today.
    FutureDate,
    /// The date lies before the person's birth.
    BeforeBirth,
    /// The end lies before the beginning.
    EndBeforeStart,
    /// Its last day is over already.
    IsOver,
    /// It would last longer than anybody means.
    TooLongASpan,
    /// The birth date is not the one in the document number.
    BirthDiffersFromDocument,
    /// The sex is not the one in the document number.
    SexDiffersFromDocument,
    /// Under 16: a guardian has to register the child (Article 7).
    GuardianNeeded,
    /// No document: say how the person was identified (Article 7).
    IdentityNoteNeeded,
    /// A phone, or the reason why there is none.
    PhoneOrReason,
    /// A code that this version does not offer.
    UnknownCode,
    /// A drawing is no signature.
    Signature(SignatureProblem),
    /// A number outside what is possible.
    OutOfRange,
    /// The result of a visit cannot be true beside what was answered about people.
    AgainstAnswers,
    /// The village is not one of yours.
    NotYourArea,
}

/// Reads `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<chrono::NaiveDate> {
    // chrono would also read `-2026-11-2` and `+026-11-20`: years nobody means.
    let written = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(written))
        .then(|| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

/// Checks a date that should not lie in the future. A future date warns and never blocks: the phone's clock may be the wrong one.
pub fn check_past_date(
    field: &str,
    text: &str,
    today: chrono::NaiveDate,
    problems: &mut Vec<FieldProblem>,
) -> Option<chrono::NaiveDate> {
    if text.is_empty() {
        problems.push(FieldProblem::stop(field, Problem::Required));
        return None;
    }
    let Some(date) = parse_date(text) else {
        problems.push(FieldProblem::stop(field, Problem::NotADate));
        return None;
    };
    if date > today {
        problems.push(FieldProblem::warn(field, Problem::FutureDate));
    }
    Some(date)
}

/// Checks an optional free text.
pub fn check_optional_text(field: &str, text: &str, max: usize, problems: &mut Vec<FieldProblem>) {
    if !text.trim().is_empty()
        && let Err(problem) = crate::text::check_text(text, max)
    {
        problems.push(FieldProblem::stop(field, Problem::Text(problem)));
    }
}
