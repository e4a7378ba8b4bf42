//! The letter of responsibility: shown, signed on the screen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::address::Address;
use domain::form::{may_save, parse_date};
use domain::letter::{LetterFact, LetterForm};
use domain::policy::key;
use domain::record::to_fields;
use domain::unit::{Landlord, Letter};
use domain::{Record, kind, policy};
use store::device::View;
use ui_protocol::UiError;
use ui_protocol::safety::{LetterStanding, LetterView, Letters, LettersView, SignLetter, SignedLetter};

use super::home;
use crate::error::Failure;
use crate::law::Law;
use crate::{Device, derive, homes};

impl Device {
    pub(crate) fn letters(&self, ask: &Letters) -> Result<LettersView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let unit = home(view, ask.unit)?;
            let address: Address = unit.typed("address").unwrap_or_default();
            let mut letters = Vec::new();
            for record in homes::naming(view, unit.id, kind::LETTER)? {
                let Some(fact) = record.typed::<LetterFact>("fact") else { continue };
                letters.push(LetterView {
                    id: record.id,
                    expired: is_over(&fact.valid_to, today),
                    template: fact.template,
                    signer: fact.signer,
                    signed_on: fact.signed_on,
                    valid_to: fact.valid_to,
                    strokes: fact.strokes,
                    waiting: view.is_waiting(record.id)?,
                });
            }
            letters.sort_by_key(|letter| Reverse((letter.signed_on.clone(), letter.id)));
            let template = law.wordings.on(today).version.clone();
            let versions: BTreeSet<&str> =
                letters.iter().map(|letter| letter.template.as_str()).chain([template.as_str()]).collect();
            let wordings = versions.into_iter().filter_map(|version| law.wordings.of(version)).cloned().collect();
            Ok(LettersView {
                home: derive::unit_title(&unit),
                area_name: self.area_name(view, &address.area)?.name,
                standing: standing(view, &unit, today)?,
                wordings,
                template,
                form: fresh(&unit, &law, today),
                letters,
            })
        })
    }

    pub(crate) fn sign_letter(&self, ask: &SignLetter) -> Result<SignedLetter, Failure> {
        self.save(|save| {
            let unit = home(save.writing, ask.unit)?;
            let problems = ask.form.check(save.today);
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            // What was read out is what the form was opened with; a wording that began since is signed the next time.
            let law = self.law(save.writing)?;
            let template = law.wordings.of(&ask.template).unwrap_or(law.wordings.on(save.today)).version.clone();
            let fact = ask.form.fact(unit.id, &template);
            let id = save.create(kind::LETTER, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            let mut groups = BTreeMap::from([("letter".to_owned(), to_fields(&fact.summary()))]);
            crate::units::keep_unknown_fields(&unit, &mut groups);
            save.set(unit.id, groups)?;
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(SignedLetter { id, warnings: problems, waiting_to_sync: true })
        })
    }
}

/// How a home's letter stands today.
pub(super) fn standing(view: &View<'_>, unit: &Record, today: NaiveDate) -> Result<LetterStanding, Failure> {
    let Some(letter) = letter_of(view, unit)? else { return Ok(LetterStanding::Missing) };
    if is_over(&letter.valid_to, today) {
        return Ok(LetterStanding::Expired);
    }
    let facts = homes::naming(view, unit.id, kind::LETTER)?;
    let drawn = facts.iter().filter_map(|fact| fact.typed::<LetterFact>("fact")).any(|fact| fact.summary() == letter);
    Ok(if drawn { LetterStanding::Drawn } else { LetterStanding::OnPaper })
}

/// The letter that holds: of a home that was entered twice the one signed last.
pub(crate) fn letter_of(view: &View<'_>, unit: &Record) -> Result<Option<Letter>, Failure> {
    let mut signed: Option<Letter> = unit.typed("letter");
    for name in homes::names(view, unit.id)?.into_iter().filter(|name| *name != unit.id) {
        let other = view.shown(name)?.and_then(|other| other.typed::<Letter>("letter"));
        if let Some(other) = other.filter(|other| signed.as_ref().is_none_or(|known| known.signed_on < other.signed_on)) {
            signed = Some(other);
        }
    }
    Ok(signed)
}

/// A letter without an end holds until somebody signs another.
fn is_over(valid_to: &str, today: NaiveDate) -> bool {
    parse_date(valid_to).is_some_and(|valid_to| valid_to < today)
}

/// The landlord, today, and as long as the pack says: the day before the same day comes again.
fn fresh(unit: &Record, law: &Law, today: NaiveDate) -> LetterForm {
    let due = policy::due(&law.book, &law.calendar, key::LETTER_VALIDITY, today);
    let valid_to = due.and_then(|due| due.on.pred_opt()).map(|on| on.to_string()).unwrap_or_default();
    let signer = unit.typed::<Landlord>("landlord").unwrap_or_default().name;
    LetterForm { signer, signed_on: today.to_string(), valid_to, strokes: Vec::new() }
}
