//! What was entered by mistake, and what still needs it.

use domain::merge::{Clash, ClashWhy};
use domain::record::{Fields, GroupValue};
use domain::{Origin, Record, RecordId, Verb, kind};
use store::StoreError;
use sync_protocol::PushedChange;

use super::Stop;
use super::save::{Found, Save};

/// Kinds that may name a dead record: a note that somebody looked, a conflict or a question about it.
fn leaves_in_peace(kind: &str) -> bool {
    matches!(kind, kind::ACCESS | kind::CONFLICT | kind::DUPLICATE)
}

/// The newest value of a record that a person wrote.
fn newest(record: &Record) -> Option<Origin> {
    let written = record.groups.iter().filter(|(group, _)| kind::policy(&record.kind, group) != kind::GroupPolicy::Server);
    written.map(|(_, value)| value.origin).max()
}

impl Save<'_> {
    /// A delete that meets something its writer had not seen does nothing, and neither do the other deletes of the save: a
    /// person without the registration that was taken back with it would be half a mistake.
    pub(super) fn hold_deletes(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        let deletes: Vec<(usize, RecordId, Origin)> = save
            .iter()
            .enumerate()
            .filter(|(_, pushed)| pushed.change.verb == Verb::Delete)
            .map(|(index, pushed)| (index, pushed.change.record, pushed.change.origin))
            .collect();
        if deletes.is_empty() {
            return Ok(());
        }
        for (index, id, origin) in &deletes {
            let Some(unseen) = self.unseen_referrer(*id, &deletes)? else { continue };
            let stands = newest(&unseen).map(|origin| GroupValue::new(Fields::new(), origin));
            let lost = GroupValue::new(Fields::new(), *origin);
            let clash = Clash { group: String::new(), why: ClashWhy::DeleteMetEdit, stands, lost, base: None };
            self.found.push(Found { record: *id, clash, stands_by: None });
            self.merged.push(*index);
        }
        let held = deletes.iter().any(|(index, ..)| self.merged.contains(index));
        if !held {
            return Ok(());
        }
        for (index, id, origin) in deletes {
            if let Some(mut record) = self.ledger.get(id)?
                && record.dead == Some(origin)
            {
                record.dead = None;
                self.ledger.put(&record)?;
                self.merged.push(index);
            }
        }
        Ok(())
    }

    /// A living record that names this one, that is not deleted with it, and that the deleter had not seen.
    fn unseen_referrer(&self, id: RecordId, deletes: &[(usize, RecordId, Origin)]) -> Result<Option<Record>, StoreError> {
        for referrer in self.work.write.all_referrers(id)? {
            let goes_too = deletes.iter().any(|(_, deleted, _)| *deleted == referrer.id);
            if goes_too || leaves_in_peace(&referrer.kind) || self.had_seen(&referrer)? {
                continue;
            }
            return Ok(Some(referrer));
        }
        Ok(None)
    }

    /// Whether this device wrote a record itself, or had pulled it as it is. Another phone of the same person is somebody else:
    /// what was typed there has not been seen here.
    fn had_seen(&self, record: &Record) -> Result<bool, StoreError> {
        for (scope, member) in self.work.write.memberships(record.id)? {
            if !member.gone && self.work.cursors.get(&scope).is_some_and(|version| member.version <= *version) {
                return Ok(true);
            }
        }
        for (group, value) in &record.groups {
            if kind::policy(&record.kind, group) == kind::GroupPolicy::Server {
                continue;
            }
            if value.origin.device != self.work.caller.device.number {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A new record that names a dead one brings it back, and what that one names too; people are told.
    pub(super) fn revive_named(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        for (index, pushed) in save.iter().enumerate() {
            let change = &pushed.change;
            if !matches!(change.verb, Verb::Create | Verb::Set) || leaves_in_peace(&change.kind) {
                continue;
            }
            let Some(record) = self.ledger.look_at(change.record)? else { continue };
            if record.dead.is_some() {
                continue;
            }
            // Only what this change names: an older reference was judged when it came.
            let named_now = kind::reference_fields(&change.kind)
                .iter()
                .filter(|(group, _)| change.groups.contains_key(*group))
                .filter_map(|(group, field)| record.reference(group, field));
            let mut waiting: Vec<RecordId> = named_now.collect();
            while let Some(id) = waiting.pop() {
                let Some(named) = self.ledger.look_at(id)?.filter(|named| named.dead.is_some()) else { continue };
                let mut named = std::sync::Arc::unwrap_or_clone(named);
                let Some(deleted) = named.dead.take() else { continue };
                self.ledger.put(&named)?;
                let stands = Some(GroupValue::new(Fields::new(), change.origin));
                let lost = GroupValue::new(Fields::new(), deleted);
                let clash = Clash { group: String::new(), why: ClashWhy::NamedWhileDead, stands, lost, base: None };
                self.found.push(Found { record: id, clash, stands_by: None });
                self.merged.push(index);
                waiting.extend(kind::references(&named));
            }
        }
        Ok(())
    }
}
