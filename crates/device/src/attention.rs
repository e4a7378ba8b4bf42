//! Conflicts and refused saves: shown with their values, settled with one tap.

use std::collections::BTreeMap;

use domain::conflict::{Settled, Side, What};
use domain::merge::{ClashWhy, Refusal};
use domain::record::to_fields;
use domain::{Fields, GroupChange, Record, TxnId, Verb, id_document, kind};
use store::device::{OutboxChange, OutboxState, View};
use sync_protocol::Verdict;
use ui_protocol::ErrorCode;
use ui_protocol::attention::{
    Attention, AttentionReply, Choice, ConflictView, Discard, RefusedPart, RefusedView, Resend, SettleConflict, SideView,
};

use crate::Device;
use crate::error::Failure;
use crate::identity::Identity;
use crate::photos::Keep;

/// Refused changes one answer shows.
const REFUSED_MAX: u32 = 400;

impl Device {
    pub(crate) fn attention(&self, _: &Attention) -> Result<AttentionReply, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let mut conflicts = Vec::new();
            for conflict in self.open_conflicts(view)? {
                conflicts.extend(self.conflict_view(view, &conflict, &identity)?);
            }
            conflicts.sort_by_key(|conflict| std::cmp::Reverse(conflict.lost.at_unix_ms));
            Ok(AttentionReply {
                conflicts,
                refused: self.refused(view)?,
                duplicates: self.duplicate_views(view)?,
                contradictions: self.contradictions(view)?,
            })
        })
    }

    fn conflict_view(&self, view: &View<'_>, conflict: &Record, identity: &Identity) -> Result<Option<ConflictView>, Failure> {
        let Some(what) = conflict.typed::<What>("what") else { return Ok(None) };
        let side = |side: &Side| SideView {
            fields: masked(&side.fields),
            by: side.by.clone(),
            mine: side.account == Some(identity.account.id),
            at_unix_ms: side.at_unix_ms,
        };
        let held = view.held(what.record)?;
        let is_here = held.as_ref().is_some_and(|held| match what.why {
            // The value goes back together with the record it belongs to.
            ClashWhy::EditMetDelete => true,
            _ => held.shown.dead.is_none(),
        });
        // A fact or a deletion is not put back with one tap; the sentence says what to do instead.
        let can_restore = is_here
            && !what.group.is_empty()
            && !what.lost.fields.is_empty()
            && matches!(what.why, ClashWhy::SameGroup | ClashWhy::EditMetDelete | ClashWhy::TakenApart);
        Ok(Some(ConflictView {
            id: conflict.id,
            record: what.record,
            kind: what.kind.clone(),
            title: self.title_of(view, what.record)?,
            group: what.group.clone(),
            why: what.why,
            stands: what.stands.as_ref().map(side),
            lost: side(&what.lost),
            can_restore,
        }))
    }

    fn refused(&self, view: &View<'_>) -> Result<Vec<RefusedView>, Failure> {
        let mut saves: Vec<(TxnId, Vec<OutboxChange>)> = Vec::new();
        for change in view.refused_changes(REFUSED_MAX)? {
            match saves.iter_mut().find(|(txn, _)| *txn == change.change.txn) {
                Some((_, changes)) => changes.push(change),
                None => saves.push((change.change.txn, vec![change])),
            }
        }
        saves
            .into_iter()
            .map(|(txn, mut changes)| {
                changes.sort_by_key(|change| change.seq);
                let why = reason(&changes);
                let parts = changes
                    .iter()
                    .map(|change| {
                        let groups: Vec<(String, Fields)> =
                            change.change.groups.iter().map(|(name, group)| (name.clone(), masked(&group.fields))).collect();
                        let title = self.title_of(view, change.change.record)?;
                        Ok(RefusedPart { record: change.change.record, kind: change.change.kind.clone(), title, groups })
                    })
                    .collect::<Result<Vec<_>, Failure>>()?;
                let can_resend = !matches!(why, Refusal::Role(_) | Refusal::FactIsFinal | Refusal::SetOnce(_));
                Ok(RefusedView {
                    txn,
                    at_unix_ms: changes.first().map_or(0, |change| change.saved_unix_ms),
                    why,
                    parts,
                    can_resend,
                })
            })
            .collect()
    }

    pub(crate) fn settle_conflict(&self, ask: &SettleConflict) -> Result<AttentionReply, Failure> {
        self.save(|save| {
            let conflict = save.record_of(ask.id, kind::CONFLICT)?;
            if conflict.fields("settled").is_some() {
                return Err(ErrorCode::Stale.into());
            }
            let what: What = conflict.typed("what").ok_or(ErrorCode::NotFound)?;
            if ask.choice == Choice::Restore {
                // Putting a value back is an ordinary change that has seen what stands.
                if what.group.is_empty() || what.lost.fields.is_empty() {
                    return Err(ErrorCode::NotAllowed.into());
                }
                save.revive(what.record)?;
                save.set(what.record, BTreeMap::from([(what.group.clone(), what.lost.fields.clone())]))?;
            }
            let state = match ask.choice {
                Choice::Restore => "restored",
                Choice::Keep => "kept",
            };
            let settled = Settled { state: state.to_owned(), at_unix_ms: save.now };
            save.set(ask.id, BTreeMap::from([("settled".to_owned(), to_fields(&settled))]))?;
            Ok(())
        })?;
        self.attention(&Attention {})
    }

    pub(crate) fn resend(&self, ask: &Resend) -> Result<AttentionReply, Failure> {
        self.save(|save| {
            let changes: Vec<OutboxChange> =
                save.writing.changes_of_txn(ask.txn)?.into_iter().filter(|change| change.state == OutboxState::Refused).collect();
            if changes.is_empty() {
                return Err(ErrorCode::Stale.into());
            }
            for OutboxChange { change, .. } in &changes {
                let groups = |changed: &BTreeMap<String, GroupChange>| -> BTreeMap<String, Fields> {
                    changed.iter().map(|(name, group)| (name.clone(), group.fields.clone())).collect()
                };
                let here = save.writing.shown(change.record)?.is_some();
                match change.verb {
                    // The record keeps its id: later saves may name it.
                    Verb::Create if !here => save.create_again(change.record, &change.kind, groups(&change.groups))?,
                    Verb::Create | Verb::Set if here => {
                        save.set(change.record, groups(&change.groups))?;
                    }
                    Verb::Delete if here => save.delete(change.record)?,
                    _ => return Err(ErrorCode::NotFound.into()),
                }
            }
            save.writing.settle_refused(ask.txn, OutboxState::Resent)?;
            Ok(())
        })?;
        self.attention(&Attention {})
    }

    pub(crate) fn discard(&self, ask: &Discard) -> Result<AttentionReply, Failure> {
        let photos = self.save(|save| {
            let mut given_up = save.writing.changes_of_txn(ask.txn)?;
            save.writing.settle_refused(ask.txn, OutboxState::Discarded)?;
            given_up.retain(|given| given.change.kind == kind::PHOTO);
            for OutboxChange { change, .. } in &given_up {
                crate::photos::refresh(save.writing, change.record)?;
            }
            Ok(given_up.len())
        })?;
        if photos > 0 {
            self.sweep_photos(Keep::All)?;
        }
        self.attention(&Attention {})
    }
}

/// The reason of a refused save: the one that is not just "with its save".
fn reason(changes: &[OutboxChange]) -> Refusal {
    let reasons = changes.iter().filter_map(|change| match serde_json::from_str(&change.verdict) {
        Ok(Verdict::Refused(why)) => Some(why),
        _ => None,
    });
    let mut last = Refusal::WithItsSave;
    for why in reasons {
        if why != Refusal::WithItsSave {
            return why;
        }
        last = why;
    }
    last
}

/// Document numbers are masked wherever values are shown side by side.
pub(crate) fn masked(fields: &Fields) -> Fields {
    fields
        .iter()
        .map(|(name, value)| match (name.as_str(), value.as_str()) {
            ("doc_no", Some(number)) => (name.clone(), id_document::mask(number).into()),
            _ => (name.clone(), value.clone()),
        })
        .collect()
}
