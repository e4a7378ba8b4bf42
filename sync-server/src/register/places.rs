//! Where records belong, after something they depend on changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::merge::Refusal;
use domain::{Record, RecordId, kind, place};
use sync_protocol::SyncError;

use super::Ledger;
use super::save::Why;
use crate::failure::Failure;

/// Records one save may move: a large home with years of visits, and a margin.
const PLACES_MAX: usize = 20_000;

/// Homes first, then what stands in them, then who follows those: each is looked at about once.
fn rank(kind: &str) -> u8 {
    match kind {
        kind::UNIT => 0,
        kind::ROOM => 1,
        kind::STAY => 2,
        kind::PERSON | kind::RESIDENCY => 4,
        kind::PHOTO | kind::RECHECK | kind::PERMIT_APPLICATION | kind::PERMIT => 5,
        kind::PHOTO_WITHDRAWAL | kind::WITHDRAWAL | kind::PERMIT_EVENT => 6,
        kind::ACCESS => 7,
        _ => 3,
    }
}

impl Ledger<'_> {
    /// Computes the place of everything touched, and of what depends on it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when it would move more records than any home has.
    pub(super) fn settle_places(&mut self) -> Result<(), Why> {
        let mut waiting = BTreeSet::new();
        for id in self.touched() {
            if let Some(record) = self.look_at(id)? {
                waiting.insert((rank(&record.kind), id));
                if record.kind == kind::STAY {
                    self.queue_dependents(&record, &mut waiting)?;
                }
            }
        }
        let mut looked_at = 0;
        while let Some((_, id)) = waiting.pop_first() {
            looked_at += 1;
            if looked_at > PLACES_MAX {
                return Err(Refusal::Invalid("too many records would move".to_owned()).into());
            }
            let Some(record) = self.look_at(id)? else { continue };
            let Some(at) = place::place_of(&record, self.write)? else { continue };
            if record.groups.contains_key(kind::PLACE) && place::stored(&record) == at {
                continue;
            }
            let mut record = Arc::unwrap_or_clone(record);
            if self.put_place(&mut record, &at)? {
                self.queue_dependents(&record, &mut waiting)?;
            }
        }
        Ok(())
    }

    /// Computes the place of everything touched and tells the scopes: when what records depend on changed beside a save.
    ///
    /// # Errors
    /// As the store says.
    pub fn replace(&mut self) -> Result<(), Failure> {
        match self.settle_places() {
            Ok(()) => Ok(self.publish()?),
            Err(Why::Failed(error)) => Err(error.into()),
            Err(Why::Refused(_)) => Err(SyncError::TooLarge.into()),
        }
    }

    fn queue_dependents(&self, record: &Record, waiting: &mut BTreeSet<(u8, RecordId)>) -> Result<(), Why> {
        for id in place::dependents(record, self.write)? {
            if let Some(dependent) = self.look_at(id)? {
                waiting.insert((rank(&dependent.kind), id));
            }
        }
        Ok(())
    }
}
