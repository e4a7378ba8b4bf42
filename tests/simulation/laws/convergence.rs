//! Both sides hold the same, everywhere, and only what was granted.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::{Digest, record_hash};
use domain::place::{self, Scope};
use domain::{DeviceNumber, Record, RecordId, kind};
use store::device::View;
use ui_protocol::session::Status;

use super::{granted, look};
use crate::law::{Law, must};
use crate::phone::Phone;
use crate::sim::Sim;

/// What the server holds of each scope: looked up once for all phones.
type There = BTreeMap<Scope, Vec<Record>>;

/// Every phone against the server, from the rows of both.
pub fn check(sim: &Sim) {
    let core = sim.core();
    let mut there = There::new();
    for phone in sim.phones().iter().filter(|phone| phone.is_used()) {
        let status = phone.ask(Status {}).unwrap_or_else(|error| crate::law::broken(Law::Soundness, format!("{error:?}")));
        must(Law::Convergence, status.sync.waiting == 0, || {
            format!("{} changes of phone {} are never answered", status.sync.waiting, phone.index)
        });
        let number = DeviceNumber(status.device.unwrap_or_default());
        let should = granted(sim, number);
        phone.look(|view| {
            let rows = view.scopes().unwrap_or_default();
            let has: BTreeSet<Scope> = rows.iter().map(|row| row.scope.clone()).collect();
            must(Law::Confinement, has == should, || format!("phone {} has {has:?} and was granted {should:?}", phone.index));
            let mut granted = BTreeSet::new();
            for row in &rows {
                let all = || {
                    look(&core, |view| {
                        let rows = view.changed_after(&row.scope, 0, true, usize::MAX >> 1)?;
                        Ok(rows.into_iter().filter_map(|row| row.record().transpose()).collect::<Result<Vec<_>, _>>()?)
                    })
                };
                let there = there.entry(row.scope.clone()).or_insert_with(all);
                granted.extend(same_scope(phone, view, &row.scope, &row.digest, there));
            }
            nothing_else(phone, view, &has, &granted);
        });
        must(Law::Convergence, status.sync.scopes.iter().all(|scope| scope.same == Some(true)), || {
            format!("phone {} says that it holds something else: {:?}", phone.index, status.sync.scopes)
        });
    }
}

/// Record by record and group by group; and what the server last said, as it stands in the phone's file, adds up to the phone's
/// sum. Answers what the scope holds.
fn same_scope(phone: &Phone, view: &View<'_>, scope: &Scope, told: &Digest, there: &[Record]) -> BTreeSet<RecordId> {
    let here: BTreeSet<RecordId> = view.records_in(scope).unwrap_or_default().into_iter().collect();
    let living: BTreeMap<RecordId, &Record> =
        there.iter().filter(|record| record.dead.is_none()).map(|record| (record.id, record)).collect();
    must(Law::Convergence, here.iter().eq(living.keys()), || {
        let missing: Vec<_> =
            living.values().filter(|record| !here.contains(&record.id)).map(|one| (&one.kind, one.id)).collect();
        let more: Vec<_> = here.iter().filter(|id| !living.contains_key(id)).collect();
        format!("phone {} lacks {missing:?} of {scope}, and has {more:?} that the server has not", phone.index)
    });
    let mut counted = Digest::default();
    for (id, record) in living {
        let held = view.held(id).unwrap_or_default();
        let said = held.as_ref().and_then(|held| held.said.as_ref());
        must(Law::Convergence, said.is_some_and(|said| same(said, record, scope)), || {
            format!("phone {} holds {} {id} of {scope} as {said:?} and the server as {record:?}", phone.index, record.kind)
        });
        let shown = held.as_ref().map(|held| &held.shown);
        must(Law::Convergence, shown.is_some_and(|shown| same(shown, record, scope)), || {
            format!("phone {} shows {} {id} of {scope} as {shown:?} where the server says {record:?}", phone.index, record.kind)
        });
        if let Some(said) = said {
            counted.add(record_hash(said, scope.kind()));
        }
    }
    must(Law::Convergence, counted.hex() == told.hex() && counted.count == told.count, || {
        format!(
            "phone {} says that {scope} adds up to {} over {}, and its rows add up to {} over {}",
            phone.index,
            told.hex(),
            told.count,
            counted.hex(),
            counted.count
        )
    });
    here
}

/// Whether a phone holds the groups that a scope receives of a record, and nothing else of it. Whoever typed the same value as
/// somebody else keeps it under their own name, which the server knows too.
fn same(here: &Record, there: &Record, scope: &Scope) -> bool {
    let travels = |group: &&String| kind::travels(&there.kind, group, scope.kind());
    let groups = |record: &Record| record.groups.keys().filter(travels).count();
    groups(here) == groups(there)
        && here.groups.iter().filter(|(group, _)| travels(group)).all(|(group, value)| {
            there.groups.get(group).is_some_and(|there| there.fields == value.fields && there.is_named(value.origin))
        })
}

/// The sum a phone tells is the sum of what its file keeps for each record, at any moment: computed here, never taken over.
pub fn adds_up(phone: &Phone, scope: &Scope, told: &str) {
    let sum = phone.look(|view| {
        let hashes = view.hashes(scope).unwrap_or_default();
        hashes.into_iter().map(|(_, hash)| hash).fold(0_u128, u128::wrapping_add)
    });
    must(Law::Convergence, format!("{sum:032x}") == told, || {
        format!("phone {} tells {told} of {scope}, and its rows add up to {sum:032x}", phone.index)
    });
}

/// A record that is in none of its scopes is not in the file either. Who was taken back as a mistake is in no scope's sum, and
/// stays with those who have the village: for them alone.
fn nothing_else(phone: &Phone, view: &View<'_>, scopes: &BTreeSet<Scope>, granted: &BTreeSet<RecordId>) {
    for id in view.ids().unwrap_or_default().into_iter().filter(|id| !granted.contains(id)) {
        let held = view.held(id).ok().flatten();
        let shown = held.map(|held| held.said.unwrap_or(held.shown));
        let is_rightly_here = |record: &Record| {
            let place = place::stored(record);
            let area = place.area.map(Scope::Area);
            let owner = place.owner.map(Scope::Owner);
            // Of a creation that was refused nothing is left but its id.
            record.groups.is_empty()
                || record.dead.is_some() && [area, owner].into_iter().flatten().any(|scope| scopes.contains(&scope))
        };
        must(Law::Confinement, shown.as_ref().is_none_or(is_rightly_here), || {
            format!("the file of phone {} holds {shown:?}, which is in none of its scopes", phone.index)
        });
    }
}
