//! What one piece of work touched: each record as it was before and as it is now.

use std::collections::{BTreeMap, BTreeSet};

use domain::place::{self, Place};
use domain::record::Rank;
use domain::{AccountId, DeviceNumber, Fields, GroupValue, Origin, Record, RecordId, Stamp, kind};
use store::StoreError;
use store::server::{AccountRow, Write};

use super::listing;
use crate::clock::Dice;

/// The counter that holds the server's last stamp.
const STAMP: &str = "stamp";

/// Records as they were before this work; what they are now stands in the transaction.
pub struct Ledger<'w> {
    /// The writer's transaction.
    pub write: &'w Write<'w>,
    /// The server's clock, Unix milliseconds, UTC.
    pub now_unix_ms: i64,
    /// Chance, for version tags.
    pub dice: &'w dyn Dice,
    before: BTreeMap<RecordId, Option<Record>>,
    told_again: BTreeSet<RecordId>,
}

impl<'w> Ledger<'w> {
    /// Nothing touched yet.
    pub fn new(write: &'w Write<'w>, now_unix_ms: i64, dice: &'w dyn Dice) -> Ledger<'w> {
        Ledger { write, now_unix_ms, dice, before: BTreeMap::new(), told_again: BTreeSet::new() }
    }

    /// A record as it is now.
    ///
    /// # Errors
    /// As the store says.
    pub fn get(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        self.write.record(id)
    }

    /// A record as it was before this work.
    ///
    /// # Errors
    /// As the store says.
    pub fn was(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        match self.before.get(&id) {
            Some(before) => Ok(before.clone()),
            None => self.write.record(id),
        }
    }

    /// Whether this work made the record.
    pub fn made(&self, id: RecordId) -> bool {
        matches!(self.before.get(&id), Some(None))
    }

    /// Its scopes are told of a record although nothing of it changed: whoever lost against it may hold his own value, and a
    /// cursor that has passed it.
    pub fn tell_again(&mut self, id: RecordId) {
        self.told_again.insert(id);
    }

    /// Whether its scopes are told in any case.
    pub fn is_told_again(&self, id: RecordId) -> bool {
        self.told_again.contains(&id)
    }

    /// What was touched, by id.
    pub fn touched(&self) -> Vec<RecordId> {
        self.before.keys().copied().collect()
    }

    /// Writes a record as it is now.
    ///
    /// # Errors
    /// As the store says.
    pub fn put(&mut self, record: &Record) -> Result<(), StoreError> {
        if !self.before.contains_key(&record.id) {
            let before = self.write.record(record.id)?;
            self.before.insert(record.id, before);
        }
        let listing = listing::of(record, self.write)?;
        self.write.put_record(record, &listing, self.now_unix_ms)
    }

    /// Writes one group in the server's own name.
    ///
    /// # Errors
    /// As the store says.
    pub fn put_group(&mut self, record: &mut Record, group: &str, fields: Fields) -> Result<Origin, StoreError> {
        let origin = self.server_origin()?;
        let rank = Rank { time: origin.stamp.as_i64(), device: origin.device.0, seq: 0 };
        record.groups.insert(group.to_owned(), GroupValue { fields, origin, names: Vec::new(), rank: Some(rank) });
        self.put(record)?;
        Ok(origin)
    }

    /// Writes where a record belongs; nothing when it is there already.
    ///
    /// # Errors
    /// As the store says.
    pub fn put_place(&mut self, record: &mut Record, at: &Place) -> Result<bool, StoreError> {
        if record.groups.contains_key(kind::PLACE) && place::stored(record) == *at {
            return Ok(false);
        }
        self.put_group(record, kind::PLACE, at.to_fields())?;
        Ok(true)
    }

    /// A name for a value the server writes.
    fn server_origin(&self) -> Result<Origin, StoreError> {
        let last = self.write.counter(STAMP)?;
        let stamp = Stamp::next((last != 0).then(|| Stamp::from_i64(last)), self.now_unix_ms);
        self.write.set_counter(STAMP, stamp.as_i64())?;
        Ok(Origin { stamp, device: DeviceNumber::SERVER })
    }

    /// Whose value this is; `None` for the server's own.
    ///
    /// # Errors
    /// As the store says.
    pub fn author(&self, origin: Origin) -> Result<Option<AccountRow>, StoreError> {
        let account: Option<AccountId> = self.write.device_account(origin.device)?;
        account.map_or(Ok(None), |account| self.write.account(account))
    }
}
