//! A registration was cancelled, and the person was seen the same day or later: it stands again, and people are asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::merge::{Clash, ClashWhy};
use domain::residency::{ACTIVE, CANCELLED, Period, Status};
use domain::visit::{self, VisitPersonFact, says_here};
use domain::{AccountId, DeviceNumber, Fields, Origin, Record, RecordId, Verb, kind, record, same, withdrawal};
use store::StoreError;
use store::server::View;
use sync_protocol::PushedChange;

use super::Stop;
use super::save::{Found, Save};

impl Save<'_> {
    /// Whichever of the two arrives second finds the other. What was seen when decides, not what was written when.
    pub(super) fn meet_presence(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        // By registration: the place in the save that brought the matter up, whether the cancellation itself is new, and what was seen.
        let mut asked: BTreeMap<RecordId, (usize, bool, Vec<RecordId>)> = BTreeMap::new();
        for (index, pushed) in save.iter().enumerate() {
            let change = &pushed.change;
            match change.kind.as_str() {
                kind::RESIDENCY if change.verb != Verb::Delete => {
                    let Some(status) = change.groups.get("status") else { continue };
                    // Who replaces what the server put back has seen why it did.
                    let decided_again = status.base.is_some_and(|base| base.device == DeviceNumber::SERVER);
                    if !decided_again && status.fields.get("state").is_some_and(|state| state == CANCELLED) {
                        asked.insert(same::root(change.record, self.work.write)?, (index, true, Vec::new()));
                    }
                }
                kind::VISIT_PERSON if self.ledger.made(change.record) => {
                    let fact = self.ledger.look_at(change.record)?;
                    // Nothing else brings a registration back, however many there are.
                    let here = fact.and_then(|fact| fact.typed::<VisitPersonFact>("fact")).filter(|fact| says_here(fact.result));
                    if let Some(VisitPersonFact { residency, .. }) = here {
                        let residency = same::root(residency, self.work.write)?;
                        asked.entry(residency).or_insert((index, false, Vec::new())).2.push(change.record);
                    }
                }
                _ => {}
            }
        }
        for (residency, (index, cancel_is_new, seen)) in asked {
            self.meet(residency, index, (!cancel_is_new).then_some(&seen))?;
        }
        Ok(())
    }

    /// `seen` are facts that meet a cancellation which stood before; none where the cancellation itself is new and meets them all.
    fn meet(&mut self, id: RecordId, index: usize, seen: Option<&Vec<RecordId>>) -> Result<(), Stop> {
        let Some(residency) = self.ledger.look_at(id)? else { return Ok(()) };
        if residency.text("status", "state") != Some(CANCELLED) {
            return Ok(());
        }
        let mut residency = Arc::unwrap_or_clone(residency);
        let facts = match seen {
            None => {
                let facts = same::naming(id, kind::RESIDENCY, kind::VISIT_PERSON, self.work.write)?;
                // What was seen at the wrong door brings nobody back.
                withdrawal::standing(facts, self.work.write)?
            }
            // Older facts were weighed against this cancellation when it came; the one its decider had seen is still asked about.
            Some(seen) => {
                let known = residency.typed::<Status>("status").and_then(|status| status.seen_fact);
                let mut facts = Vec::with_capacity(seen.len() + 1);
                for id in seen.iter().chain(known.iter().filter(|known| !seen.contains(known))) {
                    facts.extend(self.ledger.look_at(*id)?.map(Arc::unwrap_or_clone));
                }
                facts
            }
        };
        let Some(cancelled) = residency.groups.get("status").cloned() else { return Ok(()) };
        let mut met: Option<(i64, &Record)> = None;
        for fact in &facts {
            let asked = seen.is_none_or(|seen| seen.contains(&fact.id));
            if !asked || !visit::contradicts(&residency, &facts, fact) || self.one_person_knew_both(fact, cancelled.origin)? {
                continue;
            }
            let observed = fact.typed::<VisitPersonFact>("fact").map_or(0, |fact| fact.observed_unix_ms);
            if met.is_none_or(|(latest, _)| latest < observed) {
                met = Some((observed, fact));
            }
        }
        let Some((_, met)) = met else { return Ok(()) };
        let stands_by = self.visitor(met)?.map(|(_, account)| account);
        self.reopen_stay(&residency)?;
        let active = self.last_active(&residency)?;
        self.ledger.put_group(&mut residency, "status", active)?;
        let stands = residency.groups.get("status").cloned();
        let clash = Clash { group: "status".to_owned(), why: ClashWhy::CancelMetPresence, stands, lost: cancelled, base: None };
        self.found.push(Found { record: id, clash, stands_by });
        self.merged.push(index);
        Ok(())
    }

    /// Who saw what a fact says, and under which name.
    fn visitor(&self, fact: &Record) -> Result<Option<(Origin, AccountId)>, StoreError> {
        let Some(origin) = fact.groups.get("fact").map(|fact| fact.origin) else { return Ok(None) };
        Ok(self.ledger.author(origin)?.map(|account| (origin, account.id)))
    }

    /// Who saw somebody in the morning and saw them leave in the evening knew both.
    fn one_person_knew_both(&self, fact: &Record, cancelled: Origin) -> Result<bool, StoreError> {
        let Some((seen, visitor)) = self.visitor(fact)? else { return Ok(false) };
        let canceller = self.ledger.author(cancelled)?.map(|account| account.id);
        Ok(canceller == Some(visitor) && seen.stamp < cancelled.stamp)
    }

    /// The stay that ended with the registration goes on with it.
    fn reopen_stay(&mut self, residency: &Record) -> Result<(), StoreError> {
        if let Some(mut stay) = stay_ended_with(residency, self.work.write)? {
            let from = stay.text("period", "from").unwrap_or_default().to_owned();
            self.ledger.put_group(&mut stay, "period", record::to_fields(&Period { from, to: None }))?;
        }
        Ok(())
    }

    /// The value of `status` before it was cancelled.
    fn last_active(&self, residency: &Record) -> Result<Fields, StoreError> {
        let changes = self.work.write.changes_of(residency.id)?;
        let active = changes.into_iter().rev().filter(|stored| !stored.refused).find_map(|stored| {
            let status = stored.change.groups.get("status")?;
            status.fields.get("state").is_some_and(|state| state == ACTIVE).then(|| status.fields.clone())
        });
        let since = residency.text("declared", "registered_on").unwrap_or_default().to_owned();
        let status = Status {
            state: ACTIVE.to_owned(),
            on: since,
            reason: None,
            note: String::new(),
            observed_unix_ms: 0,
            seen_fact: None,
        };
        Ok(active.unwrap_or_else(|| record::to_fields(&status)))
    }
}

/// The last stay of a cancelled registration, when the same save or the same day ended both.
pub(crate) fn stay_ended_with(residency: &Record, view: &View<'_>) -> Result<Option<Record>, StoreError> {
    let Some(status) = residency.groups.get("status") else { return Ok(None) };
    let on = residency.text("status", "on");
    let mut stays = same::naming(residency.id, kind::RESIDENCY, kind::STAY, view)?;
    stays.sort_by_key(|stay| (stay.text("period", "from").unwrap_or_default().to_owned(), stay.id));
    Ok(stays.pop().filter(|stay| {
        let ended = stay.text("period", "to");
        let together = stay.groups.get("period").is_some_and(|period| period.origin == status.origin);
        ended.is_some() && (together || ended == on)
    }))
}
