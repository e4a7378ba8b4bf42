//! Who was taken back as a mistake is gone, or it is known why not: a conflict says so, or somebody brought the record back
//! afterwards. And nobody is gone whom no one took back.

use std::collections::{BTreeMap, BTreeSet};

use domain::conflict::What;
use domain::merge::ClashWhy;
use domain::{Change, Origin, Record, RecordId, Verb, kind};
use store::server::StoredChange;

use super::{all_records, look};
use crate::book::{Saved, told};
use crate::law::{Law, must};
use crate::sim::Sim;

/// When the server took a change: by the clock, and within one push by its place.
type When = (i64, u64);

fn when(stored: &StoredChange) -> When {
    (stored.received_unix_ms, stored.seq)
}

/// Deletions and restorations the server has accepted, by record, in the order in which it took them.
struct Taken {
    by_record: BTreeMap<RecordId, Vec<(When, Change)>>,
    /// What conflicts say was not deleted, or was brought back.
    told: BTreeMap<Fate, BTreeSet<Origin>>,
}

/// Of the reasons only the two that are about life and death.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Held,
    Revived,
}

fn is_about_life(change: &Change) -> bool {
    matches!(change.verb, Verb::Delete | Verb::Restore)
}

impl Taken {
    fn of(sim: &Sim, saved: &[Saved], records: &BTreeMap<RecordId, Record>) -> Taken {
        let mut taken = Taken { by_record: BTreeMap::new(), told: BTreeMap::new() };
        look(&sim.core(), |view| {
            // The station takes things back too.
            let dead = records.values().filter(|record| record.dead.is_some()).map(|record| record.id);
            let in_the_book = saved.iter().filter(|saved| is_about_life(&saved.change)).map(|saved| saved.change.record);
            for id in dead.chain(in_the_book).collect::<BTreeSet<_>>() {
                let all = view.changes_of(id)?.into_iter().filter(|stored| !stored.refused && is_about_life(&stored.change));
                taken.by_record.insert(id, all.map(|stored| (when(&stored), stored.change)).collect());
            }
            for conflict in view.records_of_kind(kind::CONFLICT)? {
                let Some(what) = conflict.typed::<What>("what") else { continue };
                let key = match what.why {
                    ClashWhy::DeleteMetEdit => Fate::Held,
                    ClashWhy::NamedWhileDead => Fate::Revived,
                    _ => continue,
                };
                taken.told.entry(key).or_default().insert(what.lost.origin);
            }
            Ok(())
        });
        taken.by_record.values_mut().for_each(|all| all.sort_by_key(|(when, _)| *when));
        taken
    }

    fn says(&self, key: Fate, origin: Origin) -> bool {
        self.told.get(&key).is_some_and(|origins| origins.contains(&origin))
    }

    /// Why a record lives that somebody took back.
    fn why_alive(&self, change: &Change, at: When, all: &[(When, Change)], save: &[&Saved]) -> Option<&'static str> {
        // One deletion of a save that met something holds the whole save.
        let deletes = save.iter().filter(|part| part.change.verb == Verb::Delete);
        if deletes.clone().any(|part| self.says(Fate::Held, part.change.origin)) {
            return Some("held");
        }
        // Whoever took back what was dead already said the same as the one before.
        let same = all.iter().filter(|(when, other)| *when <= at && other.verb == Verb::Delete).map(|(_, other)| other.origin);
        if same.chain([change.origin]).any(|origin| self.says(Fate::Revived, origin)) {
            return Some("revived");
        }
        all.iter().any(|(when, later)| *when > at && later.verb == Verb::Restore).then_some("restored")
    }
}

/// Every deletion and every restoration of the book.
pub fn check(sim: &Sim, law: Law, saved: &[Saved]) {
    let records: BTreeMap<RecordId, Record> = all_records(&sim.core()).into_iter().map(|record| (record.id, record)).collect();
    let taken = Taken::of(sim, saved, &records);
    for (id, all) in &taken.by_record {
        let record = records.get(id);
        for (at, change) in all {
            let save: Vec<&Saved> = saved.iter().filter(|saved| saved.change.txn == change.txn).collect();
            let is_dead = record.is_none_or(|record| record.dead.is_some());
            if change.verb == Verb::Delete {
                must(law, is_dead || taken.why_alive(change, *at, all, &save).is_some(), || {
                    format!("{} was accepted, and the record lives as if nobody had said it: {record:?}", told(change))
                });
            } else {
                let later = all.iter().any(|(when, later)| when > at && later.verb == Verb::Delete);
                must(law, !is_dead || later, || {
                    format!("{} was accepted, and the record is dead as if nobody had said it: {record:?}", told(change))
                });
            }
        }
    }
    for (id, record) in &records {
        let Some(origin) = record.dead else { continue };
        let deleted =
            |all: &Vec<(When, Change)>| all.iter().any(|(_, change)| change.verb == Verb::Delete && change.origin == origin);
        must(law, taken.by_record.get(id).is_some_and(deleted), || {
            format!("nobody took back {} {id}, and it is dead by {origin:?}", record.kind)
        });
    }
}
