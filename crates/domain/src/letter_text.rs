//! The wordings of the letter of responsibility (责任书), by version: those shipped with this build, and the county's own, which the
//! server tells everybody. A letter is read in the wording it was signed in, whatever is signed today.

use std::sync::OnceLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::form::parse_date;
use crate::text;

/// Clauses of one wording.
const CLAUSES_MAX: usize = 50;
/// Characters of a clause.
const CLAUSE_MAX: usize = 500;

/// A clause in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// As it is read out.
    pub zh: String,
    /// The same in English; where it is empty the Chinese text is shown.
    #[serde(default)]
    pub en: String,
}

/// One wording: the group `letter` of a `policy` record, or a row of the table shipped with this build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Kept with every letter; a wording is never changed, another one gets another version.
    pub version: String,
    /// The first day on which it is signed, `YYYY-MM-DD`.
    pub from: String,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source_note: String,
    /// What the landlord promises, in the order it is read out.
    pub clauses: Vec<Clause>,
}

impl Wording {
    /// The first field that cannot be so.
    pub fn problem(&self) -> Option<&'static str> {
        if self.version.trim().is_empty() || text::check_text(&self.version, text::NAME_MAX).is_err() {
            return Some("version");
        }
        if parse_date(&self.from).is_none() {
            return Some("from");
        }
        let is_bad = |clause: &Clause| {
            text::require_text(&clause.zh, CLAUSE_MAX).is_err() || text::check_text(&clause.en, CLAUSE_MAX).is_err()
        };
        if self.clauses.is_empty() || self.clauses.len() > CLAUSES_MAX || self.clauses.iter().any(is_bad) {
            return Some("clauses");
        }
        None
    }
}

/// Every wording somebody may have signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Wordings {
    all: Vec<Wording>,
}

impl Wordings {
    /// Those shipped with this build, and the county's own; a version of the county's wins over a shipped one of the same name.
    pub fn with(county: impl IntoIterator<Item = Wording>) -> Wordings {
        let mut all: Vec<Wording> = county.into_iter().filter(|wording| wording.problem().is_none()).collect();
        all.extend(
            shipped()
                .iter()
                .filter(|wording| all.iter().all(|known| known.version != wording.version))
                .cloned()
                .collect::<Vec<_>>(),
        );
        all.sort_by(|one, other| (&one.from, &one.version).cmp(&(&other.from, &other.version)));
        Wordings { all }
    }

    /// The one that is signed on a day: the latest that has begun, else the first there is.
    pub fn on(&self, today: NaiveDate) -> &Wording {
        let today = today.to_string();
        let begun = self.all.iter().rev().find(|wording| wording.from <= today);
        begun.or(self.all.first()).unwrap_or(&shipped()[0])
    }

    /// The wording of a letter; none of a version nobody here has heard of.
    pub fn of(&self, version: &str) -> Option<&Wording> {
        self.all.iter().find(|wording| wording.version == version)
    }
}

/// The wordings of this build, the oldest first.
pub fn shipped() -> &'static [Wording] {
    static SHIPPED: OnceLock<Vec<Wording>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        serde_json::from_str(include_str!("../data/letters.json")).expect("the shipped wordings are read by a test")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::LETTER_TEMPLATE;

    fn wording(version: &str, from: &str) -> Wording {
        let clauses = vec![Clause { zh: "只租给有有效身份证件的人。".into(), en: String::new() }];
        Wording { version: version.into(), from: from.into(), source_note: String::new(), clauses }
    }

    #[test]
    fn the_shipped_wordings_are_whole_and_what_was_signed_first_stays() {
        assert!(shipped().iter().all(|wording| wording.problem().is_none() && !wording.source_note.is_empty()));
        assert!(shipped().iter().flat_map(|wording| &wording.clauses).all(|clause| !clause.en.is_empty()));
        let first = &shipped()[0];
        assert_eq!((first.version.as_str(), first.clauses.len()), (LETTER_TEMPLATE, 8));
    }

    #[test]
    fn a_new_wording_is_signed_from_its_day_and_older_letters_are_read_in_theirs() {
        let wordings = Wordings::with([wording("county-2027-1", "2027-03-01"), wording("", "2020-01-01")]);
        for (on, version) in [("2025-01-01", LETTER_TEMPLATE), ("2027-02-28", LETTER_TEMPLATE), ("2027-03-01", "county-2027-1")] {
            assert_eq!(wordings.on(on.parse().expect("a date")).version, version, "{on}");
        }
        assert_eq!(wordings.of(LETTER_TEMPLATE).map(|wording| wording.clauses.len()), Some(8));
        assert_eq!(wordings.of("county-2027-1").map(|wording| wording.clauses.len()), Some(1));
        assert_eq!(wordings.of("letter-2031-9"), None, "nobody puts a letter into other words");
    }

    #[test]
    fn a_wording_without_words_is_none() {
        let good = wording("county-2027-1", "2027-03-01");
        let rows = [
            (good.clone(), None),
            (Wording { version: " ".into(), ..good.clone() }, Some("version")),
            (Wording { from: "soon".into(), ..good.clone() }, Some("from")),
            (Wording { clauses: vec![], ..good.clone() }, Some("clauses")),
            (Wording { clauses: vec![Clause { zh: " ".into(), en: "x".into() }], ..good }, Some("clauses")),
        ];
        for (wording, problem) in rows {
            assert_eq!(wording.problem(), problem, "{wording:?}");
        }
    }
}
