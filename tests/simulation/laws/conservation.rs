//! Every value ever saved is current, superseded by one who had seen it, in a conflict, in the tray, or in quarantine.

use std::collections::{BTreeMap, BTreeSet};

use domain::conflict::What;
use domain::merge::ClashWhy;
use domain::{AccountId, Change, ChangeId, DeviceNumber, Fields, Origin, Record, RecordId, TxnId, Verb, kind, same};
use store::device::OutboxState;
use store::server::{HeldQuery, StoredChange};

use super::families::Families;
use super::{deletions, look};
use crate::book::{Saved, told};
use crate::law::{Law, broken, must};
use crate::sim::Sim;

/// What the server has of one thing, under all the names it goes or went by.
struct About {
    records: Vec<Record>,
    accepted: Vec<StoredChange>,
    conflicts: Vec<What>,
}

impl About {
    fn of(sim: &Sim, names: &BTreeSet<RecordId>) -> About {
        look(&sim.core(), |view| {
            let mut about = About { records: Vec::new(), accepted: Vec::new(), conflicts: Vec::new() };
            for id in names {
                about.records.extend(view.record(*id)?);
                about.accepted.extend(view.changes_of(*id)?.into_iter().filter(|stored| !stored.refused));
                let conflicts = view.referrers(*id, kind::CONFLICT)?;
                about.conflicts.extend(conflicts.iter().filter_map(|conflict| conflict.typed::<What>("what")));
            }
            Ok(about)
        })
    }

    /// The record that is meant by a name.
    fn meant(&self, id: RecordId) -> Option<&Record> {
        let named = self.records.iter().find(|record| record.id == id)?;
        let living = |other: &&Record| other.dead.is_none() && Some(other.id) == same::points_to(named);
        Some(self.records.iter().find(living).unwrap_or(named))
    }
}

/// Every save in the book.
pub fn check(sim: &Sim) {
    let law = if sim.rolled_back.get() {
        Law::ServerRollback
    } else if sim.copied.get() {
        Law::DeviceCopies
    } else {
        Law::Conservation
    };
    let mut trays: BTreeMap<ChangeId, OutboxState> = BTreeMap::new();
    for phone in sim.phones().iter().filter(|phone| phone.is_used()) {
        for row in phone.outbox() {
            // A tray on any phone is a tray.
            let state = trays.entry(row.change.id).or_insert(row.state);
            if row.state == OutboxState::Refused {
                *state = row.state;
            }
        }
    }
    let held = look(&sim.core(), |view| {
        let saves = view.held_saves(HeldQuery { decided: true, ..HeldQuery::OPEN })?;
        Ok(saves.into_iter().map(|held| held.save).collect::<Vec<String>>())
    });
    let in_quarantine = |id: ChangeId| held.iter().any(|save| save.contains(&id.to_string()));
    both_are_told(sim);
    let book = sim.book.borrow();
    saves_are_whole(sim, &book.saved);
    deletions::check(sim, law, &book.saved);
    let families = Families::of(sim);
    let mut by_family: BTreeMap<RecordId, Vec<&Saved>> = BTreeMap::new();
    for saved in &book.saved {
        by_family.entry(families.first(saved.change.record)).or_default().push(saved);
    }
    for (first, saves) in by_family {
        let about = About::of(sim, &families.all(first));
        for saved in &saves {
            // Settling a conflict is an answer to a question, not a value of the register: the later answer stands.
            if saved.given_up || saved.out_of_reach.is_some() || saved.change.kind == kind::CONFLICT {
                continue;
            }
            let stored = look(&sim.core(), |view| Ok(view.change(saved.change.id)?));
            match stored {
                None => {
                    broken(law, format!("nobody knows of {} (step {}, phone {})", told(&saved.change), saved.step, saved.phone))
                }
                Some(stored) if stored.refused => {
                    if in_quarantine(saved.change.id) {
                        continue;
                    }
                    let tray = trays.get(&saved.change.id).copied();
                    let there = matches!(tray, Some(OutboxState::Refused | OutboxState::Resent | OutboxState::Discarded));
                    must(law, there, || {
                        format!("{} was refused ({}) and its writer has it as {tray:?}", told(&saved.change), stored.verdict)
                    });
                }
                Some(_) => accepted(sim, law, saved, &saves, &about),
            }
        }
    }
}

/// A save was accepted whole or refused whole.
fn saves_are_whole(sim: &Sim, saved: &[Saved]) {
    let mut fates: BTreeMap<TxnId, bool> = BTreeMap::new();
    let core = sim.core();
    for saved in saved {
        let stored = look(&core, |view| Ok(view.change(saved.change.id)?));
        let Some(stored) = stored else { continue };
        let fate = *fates.entry(saved.change.txn).or_insert(stored.refused);
        must(Law::Atomicity, fate == stored.refused, || {
            format!(
                "half of a save was refused ({}): {} (step {}, phone {})",
                stored.verdict,
                told(&saved.change),
                saved.step,
                saved.phone
            )
        });
    }
}

/// A conflict reaches both authors, wherever they are.
fn both_are_told(sim: &Sim) {
    let conflicts = look(&sim.core(), |view| Ok(view.records_of_kind(kind::CONFLICT)?));
    type Accounts = BTreeSet<AccountId>;
    let mut told: BTreeMap<(RecordId, String, Origin), (Accounts, Accounts)> = BTreeMap::new();
    for conflict in &conflicts {
        let Some(what) = conflict.typed::<What>("what") else { continue };
        let authors = [what.lost.account, what.stands.as_ref().and_then(|side| side.account)];
        let (should, are) = told.entry((what.record, what.group, what.lost.origin)).or_default();
        should.extend(authors.into_iter().flatten());
        are.extend(domain::place::stored(conflict).account);
    }
    for ((record, group, lost), (should, are)) in told {
        must(Law::Conservation, should.is_subset(&are), || {
            format!("a conflict about {group} of {record}, in which {lost:?} lost, concerns {should:?} and only {are:?} are told")
        });
    }
}

fn accepted(sim: &Sim, law: Law, saved: &Saved, saves: &[&Saved], about: &About) {
    let change = &saved.change;
    let Some(record) = about.meant(change.record) else {
        broken(law, format!("{} was accepted, and the record is not there", told(change)));
    };
    match change.verb {
        Verb::Create | Verb::Set => {
            for (group, value) in &change.groups {
                let names = names(saves, group, &value.fields);
                let place = where_is(sim, saved, saves, group, &value.fields, &names, about);
                must(law, place.is_some(), || {
                    format!(
                        "{group} of {} is nowhere (step {}, phone {})\n  now {:?}\n  accepted {:#?}\n  conflicts {:#?}",
                        told(change),
                        saved.step,
                        saved.phone,
                        record.groups.get(group),
                        about.accepted.iter().map(|stored| told(&stored.change)).collect::<Vec<_>>(),
                        about.conflicts.iter().filter(|what| what.group == *group).collect::<Vec<_>>()
                    )
                });
                never_loses(change, group, record, saves, about);
            }
        }
        // Life and death are looked at by themselves.
        Verb::Delete | Verb::Restore => {}
    }
}

/// Who typed the same has seen the same: a value goes by the names of all who wrote it.
fn names(saves: &[&Saved], group: &str, fields: &Fields) -> BTreeSet<Origin> {
    let same = |saved: &&&Saved| saved.change.groups.get(group).is_some_and(|other| other.fields == *fields);
    saves.iter().filter(same).map(|saved| saved.change.origin).collect()
}

fn where_is(
    sim: &Sim,
    saved: &Saved,
    saves: &[&Saved],
    group: &str,
    fields: &Fields,
    names: &BTreeSet<Origin>,
    about: &About,
) -> Option<&'static str> {
    let by_server = |origin: Origin| origin.device == DeviceNumber::SERVER;
    let mut current = about.records.iter().filter_map(|record| record.groups.get(group));
    if current.clone().any(|current| current.fields == *fields || names.iter().any(|name| current.is_named(*name))) {
        return Some("current");
    }
    let supersedes = |later: &Change| {
        let Some(next) = later.groups.get(group) else { return false };
        let sees = next.base.is_some_and(|base| names.contains(&base) && later.origin != base);
        // Whoever writes a second time has seen what they wrote first, in the same file.
        let own = later.origin.stamp > saved.change.origin.stamp
            && saves.iter().any(|other| other.change.id == later.id && (other.phone, other.life) == (saved.phone, saved.life));
        // Who takes a record back as a mistake has seen what it names, and replaces it with nothing.
        sees || (own && later.verb != Verb::Delete)
    };
    if about.accepted.iter().any(|stored| supersedes(&stored.change)) {
        return Some("superseded");
    }
    let told_of = |side: &domain::conflict::Side| side.fields == *fields || names.contains(&side.origin);
    if about
        .conflicts
        .iter()
        .any(|what| what.group == group && (told_of(&what.lost) || what.stands.as_ref().is_some_and(told_of)))
    {
        return Some("conflict");
    }
    // A newer server's value that kept this one beside its own field, and lost to a third.
    let kept = |side: &domain::conflict::Side| fields.iter().all(|(name, value)| side.fields.get(name) == Some(value));
    let with_more = |side: &domain::conflict::Side| by_server(side.origin) && kept(side);
    if about
        .conflicts
        .iter()
        .any(|what| what.group == group && (with_more(&what.lost) || what.stands.as_ref().is_some_and(with_more)))
    {
        return Some("conflict of the server's");
    }
    // A newer server had seen what it added a field to.
    let mut added_to = sim.written_over.borrow().iter().any(|over| over.group == group && names.contains(&over.replaced));
    // A cancelled registration goes on, its stay with it: the server writes that, and tells of the decision it met.
    let goes_on = matches!((saved.change.kind.as_str(), group), (kind::RESIDENCY, "status") | (kind::STAY, "period"));
    // A restored server may have forgotten which value it wrote over.
    if goes_on || sim.rolled_back.get() {
        added_to |= current.any(|current| by_server(current.origin))
            || about
                .accepted
                .iter()
                .any(|later| later.change.groups.get(group).and_then(|next| next.base).is_some_and(by_server));
    }
    if added_to {
        return Some("written over by the server");
    }
    // A landlord's kept report is masked: after a rollback it comes back without its number.
    (sim.rolled_back.get() && group == "document").then_some("masked")
}

/// What stands is no value that its writer had seen and replaced.
fn never_loses(change: &Change, group: &str, record: &Record, saves: &[&Saved], about: &About) {
    let Some(current) = record.groups.get(group) else { return };
    // A value that came to somebody who is dead, or a decision that met its opposite, waits in a conflict.
    let waits =
        |what: &What| what.lost.origin.device == change.origin.device && what.group == group && what.why != ClashWhy::SameGroup;
    if record.dead.is_some() || about.conflicts.iter().any(waits) {
        return;
    }
    if current.fields == change.groups[group].fields {
        return;
    }
    let seen = ancestors(change, group, saves);
    // The same value may have been written once more by somebody else, later.
    let again = about.accepted.iter().filter(|stored| stored.change.origin == current.origin).count() != 1;
    must(Law::Causality, again || !seen.contains(&current.origin), || {
        format!("{group} of {} lost to {:?}, which its writer had seen", told(change), current)
    });
}

/// The values a change was built on, all the way down.
fn ancestors(change: &Change, group: &str, saves: &[&Saved]) -> BTreeSet<Origin> {
    let mut seen = BTreeSet::new();
    let mut next = change.groups[group].base;
    while let Some(base) = next {
        if !seen.insert(base) {
            break;
        }
        next = saves
            .iter()
            .find(|saved| saved.change.origin == base)
            .and_then(|saved| saved.change.groups.get(group))
            .and_then(|group| group.base);
    }
    seen
}
