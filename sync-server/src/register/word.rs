//! Whose word makes one person of two in two villages: that of each. What one of them says asks nothing of its own people any
//! more, and is no answer for the others: nobody takes a person out of a village by saying it alone.
//!
//! ```text
//!   wang: "the same"  ─► remembered for her village; li is still asked
//!   wang hands over   ─► both in li's village: one person if li said so too, otherwise li is asked
//! ```

use std::collections::BTreeSet;

use domain::duplicate::{DIFFERENT, Pair, PairWhy, SAME, Settled, pair_id};
use domain::place::{self, Scope};
use domain::{Record, RecordId, kind, record, same};
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::conflicts::STATION;
use super::save::Save;
use super::{Stop, pairs};
use crate::caller;

/// The group of the station's copy that says whose word there is. The server's own; it travels nowhere.
const SAME_IN: &str = "same_in";

/// Villages whose people said that two are the same person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct SameIn {
    areas: BTreeSet<String>,
}

impl Save<'_> {
    /// Somebody says that two are one: they are, when they are in one village and it is that village's word.
    pub(super) fn say_same(&mut self, index: usize, one: RecordId, other: RecordId, settled: &Settled) -> Result<bool, Stop> {
        let mut said = self.speaks_for([one, other])?;
        said.extend(self.said_same(one, other)?.areas);
        if same::root(one, self.work.write)? == same::root(other, self.work.write)? {
            self.remember(one, other, settled)?;
            return Ok(false);
        }
        if let Some((roots, here)) = self.together(one, other)?
            && said.contains(&here)
        {
            return self.join_as_one(index, one, other, roots, settled);
        }
        self.keep_a_memory(one, other)?;
        for mut copy in self.copies_of(one, other)? {
            if copy.text("settled", "state") != Some(SAME) && self.is_asked_in(&copy, &said)? {
                self.ledger.put_group(&mut copy, "settled", record::to_fields(settled))?;
            }
        }
        if let Some(mut memory) = self.ledger.get(pair_id(one, other, STATION))?.filter(|memory| memory.kind == kind::DUPLICATE) {
            self.ledger.put_group(&mut memory, SAME_IN, record::to_fields(&SameIn { areas: said }))?;
        }
        Ok(false)
    }

    /// Somebody came into a village: whom that village's people said to be one is one now, and whom only others said to be one
    /// they are asked about.
    pub(super) fn join_as_said(&mut self, index: usize, person: &Record) -> Result<bool, Stop> {
        let mut moved = false;
        for review in self.work.write.referrers(person.id, kind::DUPLICATE)? {
            let Some(Pair { first, second, .. }) = review.typed::<Pair>("what") else { continue };
            if review.id != pair_id(first, second, STATION) || review.text("settled", "state") == Some(DIFFERENT) {
                continue;
            }
            let said = self.said_same(first, second)?.areas;
            if said.is_empty() && review.text("settled", "state") != Some(SAME) {
                continue;
            }
            let Some((roots, here)) = self.together(first, second)? else { continue };
            if said.contains(&here) {
                let settled = Settled { state: SAME.to_owned(), at_unix_ms: self.work.now_unix_ms };
                moved |= self.join_as_one(index, first, second, roots, &settled)?;
            } else {
                self.ask_again(first, second, &said)?;
            }
        }
        Ok(moved)
    }

    fn join_as_one(
        &mut self,
        index: usize,
        one: RecordId,
        other: RecordId,
        mut roots: [RecordId; 2],
        settled: &Settled,
    ) -> Result<bool, Stop> {
        self.in_order(&mut roots)?;
        self.join(index, roots[0], roots[1])?;
        self.remember(one, other, settled)?;
        Ok(true)
    }

    /// Who is meant by two ids, and the village they are in, when both live in one and are not one yet.
    fn together(&self, one: RecordId, other: RecordId) -> Result<Option<([RecordId; 2], String)>, StoreError> {
        let roots = [same::root(one, self.work.write)?, same::root(other, self.work.write)?];
        let (Some(first), Some(second)) = (self.ledger.get(roots[0])?, self.ledger.get(roots[1])?) else { return Ok(None) };
        let (here, there) = (place::stored(&first).area, place::stored(&second).area);
        let apart = roots[0] != roots[1] && first.dead.is_none() && second.dead.is_none();
        Ok(here.filter(|here| apart && there.as_ref() == Some(here)).map(|here| (roots, here)))
    }

    /// The villages of two people for which whoever says it speaks. Who hands somebody over in the same save still speaks for
    /// the village he leaves, and not for the one he comes to.
    fn speaks_for(&self, people: [RecordId; 2]) -> Result<BTreeSet<String>, StoreError> {
        let mut areas = BTreeSet::new();
        for id in people {
            for record in [self.ledger.was(id)?, self.ledger.look_at(id)?].into_iter().flatten() {
                areas.extend(place::stored(&record).area);
            }
        }
        areas.retain(|area| self.work.caller.grants.contains(&Scope::Area(area.clone())));
        Ok(areas)
    }

    fn said_same(&self, one: RecordId, other: RecordId) -> Result<SameIn, StoreError> {
        let memory = self.ledger.look_at(pair_id(one, other, STATION))?;
        Ok(memory.and_then(|memory| memory.typed(SAME_IN)).unwrap_or_default())
    }

    /// Whether a copy of the question is one of these villages': its station's, or of somebody who works there.
    fn is_asked_in(&self, copy: &Record, areas: &BTreeSet<String>) -> Result<bool, StoreError> {
        let Some(addressee) = place::stored(copy).account else {
            return Ok(copy.typed::<Pair>("what").and_then(|pair| pair.area).is_some_and(|area| areas.contains(&area)));
        };
        let Some(addressee) = self.work.write.account(addressee)? else { return Ok(false) };
        let grants = caller::grants(self.work.write, &addressee)?;
        Ok(areas.iter().any(|area| grants.contains(&Scope::Area(area.clone()))))
    }

    /// The village two people are in now has not said that they are one: it is asked, though others have answered.
    fn ask_again(&mut self, one: RecordId, other: RecordId, said: &BTreeSet<String>) -> Result<(), StoreError> {
        pairs::tell(&mut self.ledger, PairWhy::Village, one, other, None)?;
        let copies = self.copies_of(one, other)?;
        // The village's station may have a copy of its own from when they were in two, and be asked by that.
        let stations = |copy: &&Record| place::stored(copy).account.is_none();
        let station_is_asked = copies.iter().filter(stations).any(|copy| copy.fields("settled").is_none());
        for mut copy in copies {
            let answered = copy.text("settled", "state") == Some(SAME) && !(station_is_asked && stations(&&copy));
            if answered && !self.is_asked_in(&copy, said)? {
                copy.groups.remove("settled");
                self.ledger.put(&copy)?;
            }
        }
        Ok(())
    }
}
