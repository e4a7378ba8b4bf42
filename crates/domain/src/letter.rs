//! The landlord's letter of responsibility (责任书), signed on the screen: a fact. The home's group `letter` says which one holds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::form::{FieldProblem, Problem, check_past_date, parse_date};
use crate::ids::RecordId;
use crate::signature::{self, SignatureProblem};
use crate::text;
use crate::unit::Letter;

/// The group `fact` of a letter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LetterFact {
    /// The home.
    pub unit: RecordId,
    /// Which wording was signed.
    pub template: String,
    /// Who signed.
    pub signer: String,
    /// `YYYY-MM-DD`.
    pub signed_on: String,
    /// `YYYY-MM-DD`.
    pub valid_to: String,
    /// The signature, see [`crate::signature`].
    pub strokes: Vec<String>,
}

impl LetterFact {
    /// The first field that cannot be so.
    pub fn problem(&self) -> Option<&'static str> {
        if self.template.is_empty() || text::check_text(&self.template, text::NAME_MAX).is_err() {
            return Some("template");
        }
        if text::check_name(&self.signer).is_err() {
            return Some("signer");
        }
        let Some(signed_on) = parse_date(&self.signed_on) else { return Some("signed_on") };
        if parse_date(&self.valid_to).is_none_or(|valid_to| valid_to < signed_on) {
            return Some("valid_to");
        }
        signature::check(&self.strokes).is_err().then_some("strokes")
    }

    /// What the home says about it.
    pub fn summary(&self) -> Letter {
        Letter {
            template: self.template.clone(),
            signer: self.signer.clone(),
            signed_on: self.signed_on.clone(),
            valid_to: self.valid_to.clone(),
        }
    }
}

/// A letter as it is being signed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterForm {
    /// Who signs.
    pub signer: String,
    /// On which day.
    pub signed_on: String,
    /// Until when it holds.
    pub valid_to: String,
    /// What was drawn.
    pub strokes: Vec<String>,
}

impl LetterForm {
    /// What is wrong with it, field by field.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if let Err(problem) = text::check_name(&self.signer) {
            problems.push(FieldProblem::stop("signer", Problem::Text(problem)));
        }
        let signed = check_past_date("signed_on", &self.signed_on, today, &mut problems);
        match (signed, parse_date(&self.valid_to)) {
            (_, None) => {
                let problem = if self.valid_to.is_empty() { Problem::Required } else { Problem::NotADate };
                problems.push(FieldProblem::stop("valid_to", problem));
            }
            (Some(signed), Some(to)) if to < signed => problems.push(FieldProblem::stop("valid_to", Problem::EndBeforeStart)),
            _ => {}
        }
        if let Err(problem) = signature::check(&self.strokes) {
            let problem = if problem == SignatureProblem::Empty { Problem::Required } else { Problem::Signature(problem) };
            problems.push(FieldProblem::stop("strokes", problem));
        }
        problems
    }

    /// The fact, in this wording. Call it on a form that passed [`LetterForm::check`].
    pub fn fact(&self, unit: RecordId, template: &str) -> LetterFact {
        LetterFact {
            unit,
            template: template.to_owned(),
            signer: text::check_name(&self.signer).unwrap_or_default(),
            signed_on: self.signed_on.clone(),
            valid_to: self.valid_to.clone(),
            strokes: self.strokes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;

    fn form() -> LetterForm {
        LetterForm {
            signer: "陈国平".into(),
            signed_on: "2026-11-23".into(),
            valid_to: "2027-11-22".into(),
            strokes: signature::simplify(&[(100, 200), (600, 200), (300, 700)]),
        }
    }

    #[test]
    fn a_letter_needs_a_name_its_days_and_a_signature() {
        let today = "2026-11-23".parse().expect("a date");
        let rows: [(LetterForm, Option<(&str, Problem)>); 6] = [
            (form(), None),
            (LetterForm { signer: " ".into(), ..form() }, Some(("signer", Problem::Text(text::TextProblem::Empty)))),
            (LetterForm { valid_to: String::new(), ..form() }, Some(("valid_to", Problem::Required))),
            (LetterForm { valid_to: "2026-11-22".into(), ..form() }, Some(("valid_to", Problem::EndBeforeStart))),
            (LetterForm { strokes: vec![], ..form() }, Some(("strokes", Problem::Required))),
            (
                LetterForm { strokes: vec!["500500".into()], ..form() },
                Some(("strokes", Problem::Signature(SignatureProblem::TooLittle))),
            ),
        ];
        for (form, expected) in rows {
            let expected: Vec<FieldProblem> =
                expected.into_iter().map(|(field, problem)| FieldProblem::stop(field, problem)).collect();
            assert_eq!(form.check(today), expected, "{form:?}");
            let fact = form.fact(derived_id(&["home"]), "letter-2026-1");
            assert_eq!(fact.problem(), expected.first().map(|problem| problem.field.as_str()), "the server says the same");
        }
    }
}
