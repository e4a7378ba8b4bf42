//! A home of which a visit said that nobody rents it: who is registered there all the same, and what may be done about the home.

use std::collections::BTreeSet;

use domain::codes::UnitStatus;
use domain::empty_home::{self, Said};
use domain::residency::{self, Restored};
use domain::visit::VisitPersonFact;
use domain::{Record, RecordId, kind, same, unit, visit, withdrawal};
use store::device::View;
use ui_protocol::visits::{EmptyHome, StillRegistered};

use crate::error::Failure;
use crate::homes;
use crate::same::root_of_person;

/// How it stands with the word of a visit about the whole home.
pub(crate) struct Emptied {
    pub(crate) said: Said,
    /// Somebody is registered there whom nobody has said anything about since, or the address is as it was.
    pub(crate) is_open: bool,
    pub(crate) view: EmptyHome,
}

/// What follows from the word that stands about a home; nothing where none stands, or it was settled.
pub(crate) fn of(view: &View<'_>, home: &Record) -> Result<Option<Emptied>, Failure> {
    let Some(said) = empty_home::said(&withdrawal::standing(homes::naming(view, home.id, kind::VISIT)?, view)?) else {
        return Ok(None);
    };
    let state = unit::standing(home, view)?.map_or(UnitStatus::Pending, |registration| registration.state);
    if state == UnitStatus::Closed {
        return Ok(None);
    }
    let (people, lived_in) = asked_about(view, home.id, &said)?;
    let wrong_address = empty_home::is_address_unmended(&said, home);
    let is_open = !people.is_empty() || wrong_address;
    if !is_open && (empty_home::is_decided_since(&said, home) || state == UnitStatus::Paused) {
        return Ok(None);
    }
    // Whoever is registered there comes first: a home is not closed over anybody's head.
    let may = [UnitStatus::Paused, UnitStatus::Closed].into_iter().filter(|to| !lived_in && state.may_become(*to));
    let view = EmptyHome {
        visit: said.visit,
        result: said.result,
        observed_unix_ms: said.at_unix_ms,
        people,
        wrong_address,
        may: may.collect(),
    };
    Ok(Some(Emptied { said, is_open, view }))
}

/// Whom the home asks about, and whether anybody is registered there at all.
fn asked_about(view: &View<'_>, home: RecordId, said: &Said) -> Result<(Vec<StillRegistered>, bool), Failure> {
    let (mut people, mut known, mut lived_in): (Vec<StillRegistered>, BTreeSet<RecordId>, bool) = Default::default();
    for stay in homes::naming(view, home, kind::STAY)?.into_iter().filter(residency::is_open) {
        let named = |field: &str| stay.reference("where", field);
        let (Some(person), Some(residency)) = (named("person"), named("residency")) else { continue };
        let (person, residency) = (root_of_person(view, person)?, same::root(residency, view)?);
        // Registered twice at one door, somebody is asked about once.
        if !known.insert(person) {
            continue;
        }
        lived_in = true;
        let Some(registration) = view.shown(residency)?.filter(residency::is_active) else { continue };
        let facts = same::naming(residency, kind::RESIDENCY, kind::VISIT_PERSON, view)?;
        let facts = withdrawal::standing(facts, view)?;
        let placed = stay.groups.get("where").map(|place| place.origin.stamp.unix_ms());
        let restored: Option<Restored> = registration.typed("restored");
        if !empty_home::is_asked_about(said, placed, restored.as_ref(), &facts) {
            continue;
        }
        let of_this_visit = |fact: &&&Record| fact.typed::<VisitPersonFact>("fact").is_some_and(|fact| fact.visit == said.visit);
        people.push(StillRegistered {
            person,
            residency,
            name: view.person_line(person)?.map(|line| line.name).unwrap_or_default(),
            fact: visit::holding(&facts).iter().find(of_this_visit).map(|fact| fact.id),
        });
    }
    people.sort_by_key(|one| one.residency);
    Ok((people, lived_in))
}
