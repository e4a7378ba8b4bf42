//! Visitors who contradict each other about somebody, for the station's list: computed from facts, as on every phone.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::codes::VisitPersonResult;
use domain::form::parse_date;
use domain::policy::PolicyBook;
use domain::presence::{Contradiction, Known, presence};
use domain::residency::{self, Restored};
use domain::{Record, RecordId, kind, same, withdrawal};
use store::StoreError;
use store::server::{View, Write};

/// What of a registration a listing says while nobody has decided.
pub(crate) const CONTRADICTED: &str = "contradicted";

/// The two words about whoever is registered, if somebody has to decide between them.
pub(crate) fn of(residency: &Record, view: &View<'_>) -> Result<Option<Contradiction>, StoreError> {
    if !residency::is_active(residency) || same::points_to(residency).is_some() {
        return Ok(None);
    }
    let names = same::names_of(residency.id, kind::RESIDENCY, view)?;
    let facts = same::naming_any(&names, kind::VISIT_PERSON, view)?;
    // Of nearly everybody nobody ever said that they are gone.
    let said = |fact: &Record| fact.text("fact", "result").and_then(VisitPersonResult::from_code);
    if !facts.iter().filter_map(said).any(VisitPersonResult::is_gone) {
        return Ok(None);
    }
    let facts = withdrawal::standing(facts, view)?;
    let stays = same::naming_any(&names, kind::STAY, view)?;
    let Some(open) = stays.iter().find(|stay| residency::is_open(stay)) else { return Ok(None) };
    let known = Known {
        facts: &facts,
        restored_on: residency.typed::<Restored>("restored").and_then(|restored| parse_date(&restored.on)),
        placed_unix_ms: open.groups.get("where").map(|place| place.origin.stamp.unix_ms()),
        weighed: residency.typed("weighed"),
        ..Known::default()
    };
    Ok(presence(known, &PolicyBook::default(), NaiveDate::MAX).contradiction)
}

/// The registrations whose listing a record may change: where somebody lives, what was seen of them, what was taken back, and what two
/// registrations are one.
pub(super) fn touched(was: Option<&Record>, now: &Record, write: &Write<'_>) -> Result<BTreeSet<RecordId>, StoreError> {
    let mut named: Vec<RecordId> = Vec::new();
    match now.kind.as_str() {
        kind::VISIT_PERSON => named.extend(now.reference("fact", "residency")),
        kind::STAY => named.extend(now.reference("where", "residency")),
        kind::RESIDENCY => named.extend(was.into_iter().chain([now]).filter_map(same::points_to)),
        kind::WITHDRAWAL => {
            // Or what let it stand again.
            let of = now.reference("fact", "of").map_or(Ok(None), |of| withdrawal::about(of, write))?;
            for seen in of.map_or(Ok(Vec::new()), |visit| write.referrers(visit.id, kind::VISIT_PERSON))? {
                named.extend(seen.reference("fact", "residency"));
            }
        }
        _ => {}
    }
    named.into_iter().map(|id| same::root(id, write)).collect()
}
