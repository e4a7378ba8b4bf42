//! With honest clocks it does not matter who pushes first: the same edits, made offline, are said in two orders in two copies of
//! the world, and both end the same.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use domain::conflict::What;
use domain::kind::{self, GroupPolicy};
use domain::{Fields, RecordId};

use super::all_records;
use crate::law::{Law, must};
use crate::sim::{Sim, enter};
use crate::{hands, quiet};

/// Edits on each phone.
const EDITS: usize = 3;

/// What a world ends as: the values of every record, and every value that lost.
#[derive(Debug, PartialEq)]
struct End {
    records: BTreeMap<RecordId, (String, bool, BTreeMap<String, Fields>)>,
    lost: BTreeSet<(RecordId, String, String)>,
}

/// Everything is quiet, and the clocks are set right for it.
pub fn check(sim: &Sim) {
    if sim.copied.get() || sim.rolled_back.get() {
        return;
    }
    // A phone that once was in the year 2036 goes on from there: what it says now is no honest clock's word.
    let now = sim.hour.now();
    if sim.book.borrow().saved.iter().any(|saved| saved.change.origin.stamp.unix_ms() > now) {
        return;
    }
    for phone in sim.phones() {
        phone.around.wrong_ms.store(0, Ordering::Relaxed);
    }
    quiet::say_everything(sim);
    let (first, second) = (sim.dir.join("first"), sim.dir.join("second"));
    sim.copy_to(&first);
    let one = sim.fork(&first);
    {
        let _inside = enter(&one);
        for phone in one.phones().into_iter().filter(|phone| phone.is_used()) {
            let mut changed = BTreeSet::new();
            for _ in 0..EDITS {
                one.hour.pass_ms(60_000);
                hands::plain_edit(&one, &phone, &mut changed);
            }
        }
    }
    one.copy_to(&second);
    let two = one.fork(&second);
    let forward = end(&one, false);
    let backward = end(&two, true);
    must(Law::PushOrder, forward == backward, || {
        let different: Vec<_> = forward.records.iter().filter(|(id, record)| backward.records.get(id) != Some(record)).collect();
        let others: Vec<_> = different.iter().map(|(id, _)| backward.records.get(id)).collect();
        format!(
            "the order of pushing decides: {different:#?}\nagainst {others:#?}\nlost {:#?}\nagainst {:#?}",
            forward.lost.difference(&backward.lost).collect::<Vec<_>>(),
            backward.lost.difference(&forward.lost).collect::<Vec<_>>()
        )
    });
    for folder in [first, second] {
        // What is left over lies in the run's own folder, which goes at its end.
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn end(world: &Rc<Sim>, backward: bool) -> End {
    let _inside = enter(world);
    world.quiet.set(true);
    let mut phones = world.phones();
    if backward {
        phones.reverse();
    }
    for phone in phones.into_iter().filter(|phone| phone.is_used()) {
        world.hour.pass_ms(60_000);
        let _answer = phone.device().exchange_all();
    }
    quiet::say_everything(world);
    let mut end = End { records: BTreeMap::new(), lost: BTreeSet::new() };
    for record in all_records(&world.core()) {
        if record.kind == kind::CONFLICT {
            if let Some(what) = record.typed::<What>("what")
                && domain::place::stored(&record).account.is_none()
            {
                end.lost.insert((what.record, what.group, serde_json::Value::Object(what.lost.fields).to_string()));
            }
            continue;
        }
        let said = |group: &str| kind::policy(&record.kind, group) != GroupPolicy::Server || group == kind::PLACE;
        let groups =
            record.groups.iter().filter(|(name, _)| said(name)).map(|(name, value)| (name.clone(), value.fields.clone()));
        end.records.insert(record.id, (record.kind.clone(), record.dead.is_some(), groups.collect()));
    }
    end
}
