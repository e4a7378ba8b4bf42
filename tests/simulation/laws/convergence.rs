//! Both sides hold the same, everywhere, and only what was granted.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::{Digest, record_hash};
use domain::place::Scope;
use domain::{DeviceNumber, Fields, Origin, Record, RecordId, kind};
use store::server::PageRow;
use ui_protocol::session::Status;

use super::{granted, look};
use crate::law::{Law, must};
use crate::phone::Phone;
use crate::sim::Sim;

type Values = BTreeMap<String, (Fields, Origin)>;

/// What a scope receives of a record: all of its groups, or those a landlord is given.
fn values(record: &Record, scope: &Scope) -> Values {
    let travels = |group: &str| kind::travels(&record.kind, group, scope.kind());
    let groups = record.groups.iter().filter(|(name, _)| travels(name));
    groups.map(|(name, value)| (name.clone(), (value.fields.clone(), value.origin))).collect()
}

/// Every phone against the server, from the rows of both.
pub fn check(sim: &Sim) {
    let core = sim.core();
    for phone in sim.phones().iter().filter(|phone| phone.is_used()) {
        let status = phone.ask(Status {}).unwrap_or_else(|error| crate::law::broken(Law::Soundness, format!("{error:?}")));
        must(Law::Convergence, status.sync.waiting == 0, || {
            format!("{} changes of phone {} are never answered", status.sync.waiting, phone.index)
        });
        let rows = phone.look(|view| view.scopes()).unwrap_or_default();
        let number = DeviceNumber(status.device.unwrap_or_default());
        let has: BTreeSet<Scope> = rows.iter().map(|row| row.scope.clone()).collect();
        let should = granted(sim, number);
        must(Law::Confinement, has == should, || format!("phone {} has {has:?} and was granted {should:?}", phone.index));
        for row in &rows {
            let there = look(&core, |view| {
                let rows = view.changed_after(&row.scope, 0, true, usize::MAX >> 1)?;
                Ok(rows.into_iter().map(PageRow::record).collect::<Result<Vec<_>, _>>()?)
            });
            let there: Vec<Record> = there.into_iter().flatten().collect();
            same_scope(phone, &row.scope, &there);
            counted_anew(phone, &row.scope, &row.digest);
        }
        must(Law::Convergence, status.sync.scopes.iter().all(|scope| scope.same == Some(true)), || {
            format!("phone {} says that it holds something else: {:?}", phone.index, status.sync.scopes)
        });
        nothing_else(phone, &has);
    }
}

fn same_scope(phone: &Phone, scope: &Scope, there: &[Record]) {
    let here: BTreeSet<RecordId> = phone.look(|view| view.records_in(scope)).unwrap_or_default().into_iter().collect();
    let living: BTreeMap<RecordId, &Record> =
        there.iter().filter(|record| record.dead.is_none()).map(|record| (record.id, record)).collect();
    let wanted: BTreeSet<RecordId> = living.keys().copied().collect();
    must(Law::Convergence, here == wanted, || {
        let missing: Vec<_> = wanted.difference(&here).map(|id| (living[id].kind.as_str(), id)).collect();
        let more: Vec<_> = here.difference(&wanted).collect();
        format!("phone {} lacks {missing:?} of {scope}, and has {more:?} that the server has not", phone.index)
    });
    for (id, record) in living {
        let held = phone.look(|view| view.held(id)).unwrap_or_default();
        let said = held.as_ref().and_then(|held| held.said.as_ref()).map(|said| values(said, scope));
        let wanted = values(record, scope);
        // Whoever typed the same value as somebody else keeps it under their own name, which the server knows too.
        let same = |here: &Option<Values>| {
            here.as_ref().is_some_and(|here| {
                here.len() == wanted.len()
                    && here.iter().all(|(name, (fields, origin))| {
                        record.groups.get(name).is_some_and(|there| there.fields == *fields && there.is_named(*origin))
                    })
            })
        };
        must(Law::Convergence, same(&said), || {
            format!("phone {} holds {} {id} of {scope} as {said:?} and the server as {wanted:?}", phone.index, record.kind)
        });
        let shown = held.map(|held| values(&held.shown, scope));
        must(Law::Convergence, same(&shown), || {
            format!("phone {} shows {} {id} of {scope} as {shown:?} where the server says {wanted:?}", phone.index, record.kind)
        });
    }
}

/// What the server last said, as it stands in the phone's file, adds up to the phone's sum.
fn counted_anew(phone: &Phone, scope: &Scope, told: &Digest) {
    let mut counted = Digest::default();
    let ids = phone.look(|view| view.records_in(scope)).unwrap_or_default();
    for id in ids {
        if let Some(said) = phone.look(|view| view.held(id)).unwrap_or_default().and_then(|held| held.said) {
            counted.add(record_hash(&said, scope.kind()));
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
}

/// The sum a phone tells is the sum of what its file keeps for each record, at any moment: computed here, never taken over.
pub fn adds_up(phone: &Phone, scope: &Scope, told: &str) {
    let sum = phone.look(|view| {
        let ids = view.records_in(scope).unwrap_or_default();
        ids.into_iter().filter_map(|id| view.hash_in(scope, id).ok().flatten()).fold(0_u128, u128::wrapping_add)
    });
    must(Law::Convergence, format!("{sum:032x}") == told, || {
        format!("phone {} tells {told} of {scope}, and its rows add up to {sum:032x}", phone.index)
    });
}

/// A record that is in none of its scopes is not in the file either, unless its owner's change waits.
fn nothing_else(phone: &Phone, scopes: &BTreeSet<Scope>) {
    let granted: BTreeSet<RecordId> =
        scopes.iter().flat_map(|scope| phone.look(|view| view.records_in(scope)).unwrap_or_default()).collect();
    for kind in kind::ALL {
        for record in phone.look(|view| view.all(kind)).unwrap_or_default() {
            must(Law::Confinement, granted.contains(&record.id), || {
                format!("the file of phone {} holds {kind} {}, which is in none of its scopes", phone.index, record.id)
            });
        }
    }
}
