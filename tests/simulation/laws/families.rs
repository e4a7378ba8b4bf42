//! Who goes by several names: the same person registered twice (two phones may verify one report), and the registrations of one. Whatever was said under one name
//! is looked for under all of them, also after they were taken apart again.

use std::collections::{BTreeMap, BTreeSet};

use domain::RecordId;
use domain::duplicate::Pair;
use domain::{kind, same};

use super::{all_records, look};
use crate::law::{Law, must};
use crate::sim::Sim;

/// Writes down which of these records, and of those that name them, are other names of somebody now: such a pointer may be gone
/// before anybody asks.
pub fn note(sim: &Sim, touched: impl Iterator<Item = RecordId>) {
    let touched: BTreeSet<RecordId> = touched.collect();
    let pairs = look(&sim.core(), |view| {
        let mut pairs = Vec::new();
        for id in touched {
            let Some(record) = view.record(id)?.filter(|record| matches!(record.kind.as_str(), kind::PERSON | kind::RESIDENCY))
            else {
                continue;
            };
            for named in view.referrers(id, &record.kind)?.into_iter().chain([record]) {
                pairs.extend(same::points_to(&named).map(|other| (named.id, other)));
            }
        }
        Ok(pairs)
    });
    sim.same.borrow_mut().extend(pairs);
}

/// Names that mean the same, as the server said at any time.
pub struct Families {
    first_of: BTreeMap<RecordId, RecordId>,
}

impl Families {
    /// From the pointers that stand, the questions that were asked, and whose registration each is.
    pub fn of(sim: &Sim) -> Families {
        let mut families = Families { first_of: BTreeMap::new() };
        let all = all_records(&sim.core());
        let is_meant = |id: RecordId| {
            let found = all.binary_search_by_key(&id, |record| record.id).ok().map(|at| &all[at]);
            found.is_some_and(|meant| meant.dead.is_none() && same::points_to(meant).is_none())
        };
        // Homes are not joined by the server but by people, and read through `same::root`: in a chain, and alone where the other is gone.
        for record in all.iter().filter(|record| record.kind != kind::UNIT) {
            if let Some(other) = same::points_to(record) {
                must(Law::Conservation, record.dead.is_some() || is_meant(other), || {
                    format!("{} {} is another name of {other}, under which nobody is found", record.kind, record.id)
                });
                families.join(record.id, other);
            }
            if let Some(pair) = record.typed::<Pair>("what").filter(|_| record.kind == kind::DUPLICATE) {
                families.join(pair.first, pair.second);
            }
        }
        sim.same.borrow().iter().for_each(|(one, other)| families.join(*one, *other));
        let mut of_person: BTreeMap<RecordId, RecordId> = BTreeMap::new();
        for residency in all.iter().filter(|record| record.kind == kind::RESIDENCY) {
            if let Some(person) = residency.reference("who", "person").map(|person| families.first(person)) {
                let first = *of_person.entry(person).or_insert(residency.id);
                if families.has(person) {
                    families.join(first, residency.id);
                }
            }
        }
        families
    }

    /// The one name that stands for all of them.
    pub fn first(&self, id: RecordId) -> RecordId {
        self.first_of.get(&id).copied().unwrap_or(id)
    }

    /// All names of it.
    pub fn all(&self, first: RecordId) -> BTreeSet<RecordId> {
        let others = self.first_of.iter().filter(|(_, of)| **of == first).map(|(id, _)| *id);
        others.chain([first]).collect()
    }

    fn has(&self, first: RecordId) -> bool {
        self.first_of.values().any(|of| *of == first)
    }

    fn join(&mut self, one: RecordId, other: RecordId) {
        let (one, other) = (self.first(one), self.first(other));
        self.first_of.values_mut().filter(|of| **of == other).for_each(|of| *of = one);
        self.first_of.insert(one, one);
        self.first_of.insert(other, one);
    }
}
