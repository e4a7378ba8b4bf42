//! Every answer: nothing outside the grants, nothing passed over, nothing without bound.

use std::collections::BTreeSet;

use domain::place::{Scope, stored};
use domain::{Record, RecordId, kind};
use sync_protocol::{ExchangeReply, ExchangeRequest, RECORDS_MAX, ScopeReply};
use sync_server::Core;

use super::look;
use crate::law::{Law, broken, must};
use crate::sim::Sim;

/// Judges an answer before it goes back. `granted` is what was granted while it was made.
pub fn check(sim: &Sim, core: &Core, request: &ExchangeRequest, reply: &ExchangeReply, granted: &BTreeSet<Scope>) {
    let records: usize = reply.scopes.iter().map(|scope| scope.told() + scope.exits.len()).sum();
    must(Law::Bounded, records <= 2 * RECORDS_MAX, || format!("{records} records in one answer"));
    let named = |scope: &Scope| request.scopes.iter().find(|state| state.scope == *scope);
    for scope in &reply.scopes {
        must(Law::Confinement, granted.contains(&scope.scope), || {
            format!("device {} hears of {}, which was not granted", request.device, scope.scope)
        });
        let Some(state) = named(&scope.scope) else {
            broken(Law::Soundness, format!("news of {} nobody asked for", scope.scope))
        };
        let stored = scope.stored.iter().map(|stored| stored.read().expect("a record"));
        for record in &scope.records.iter().cloned().chain(stored).collect::<Vec<_>>() {
            must(Law::Confinement, belongs(record, &scope.scope), || {
                format!(
                    "device {} receives {} {} through {}: {:?}",
                    request.device, record.kind, record.id, scope.scope, record.groups
                )
            });
        }
        nothing_skipped(core, request, scope, state.cursor.as_deref());
    }
    for scope in &reply.grants_added {
        must(Law::Confinement, granted.contains(scope), || format!("device {} is told it has {scope}", request.device));
    }
    each_verdict_once(sim, request, reply);
}

/// Whether a scope may carry this record, groups and all. Written down here once more, so that a mistake in the table of the
/// server is seen.
fn belongs(record: &Record, scope: &Scope) -> bool {
    let place = stored(record);
    match scope {
        Scope::County => kind::is_county(&record.kind),
        Scope::Account(account) => place.account == Some(*account),
        Scope::Area(area) => {
            !kind::is_county(&record.kind) && record.kind != kind::CONFLICT && place.area.as_deref() == Some(area.as_str())
        }
        Scope::Owner(owner) => {
            place.owner == Some(*owner)
                && matches!(record.kind.as_str(), kind::UNIT | kind::ROOM | kind::REPORT)
                && !record.groups.contains_key("document")
        }
    }
}

fn version(cursor: Option<&str>) -> u64 {
    cursor.and_then(|cursor| cursor.split_once('.')).and_then(|(version, _)| version.parse().ok()).unwrap_or(0)
}

/// What the server's table has between two cursors has to be in the answer.
fn nothing_skipped(core: &Core, request: &ExchangeRequest, reply: &ScopeReply, cursor: Option<&str>) {
    let (from, to) = (version(cursor), version(Some(&reply.cursor)));
    let there: BTreeSet<RecordId> = reply
        .records
        .iter()
        .map(|record| record.id)
        .chain(reply.stored.iter().map(|stored| stored.id))
        .chain(reply.exits.iter().copied())
        .chain(echoed(request))
        .collect();
    let rows = look(core, |view| {
        // A cursor of another history begins anew, and then the dead are left out.
        let living_only = from == 0 || to < from;
        Ok(view.changed_after(&reply.scope, if to < from { 0 } else { from }, living_only, usize::MAX >> 1)?)
    });
    for row in rows.iter().filter(|row| row.version <= to) {
        must(Law::NoVersionSkipped, there.contains(&row.id), || {
            format!(
                "device {} goes from {from} to {to} of {} and is not told of {} at {}",
                request.device, reply.scope, row.id, row.version
            )
        });
    }
}

/// A device's own change may be answered by version alone.
fn echoed(request: &ExchangeRequest) -> impl Iterator<Item = RecordId> {
    request.push.iter().map(|pushed| pushed.change.record)
}

/// One verdict for each change, and a save is accepted whole or refused whole.
fn each_verdict_once(_sim: &Sim, request: &ExchangeRequest, reply: &ExchangeReply) {
    let asked: Vec<u64> = request.push.iter().map(|pushed| pushed.seq).collect();
    let told: Vec<u64> = reply.verdicts.iter().map(|(seq, _)| *seq).collect();
    must(Law::Conservation, asked == told, || format!("verdicts on {told:?} for {asked:?}, device {}", request.device));
    let refused = |at: usize| matches!(reply.verdicts[at].1, sync_protocol::Verdict::Refused(_));
    for at in 1..asked.len() {
        let same_save = request.push[at].change.txn == request.push[at - 1].change.txn;
        must(Law::Atomicity, !same_save || refused(at) == refused(at - 1), || {
            format!("half of save {} was refused, device {}", request.push[at].change.txn, request.device)
        });
    }
}
