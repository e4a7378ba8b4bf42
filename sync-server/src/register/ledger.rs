//! What one piece of work touched: each record as it was before and as it is now.

use std::sync::Arc;

use domain::place::{self, Place};
use domain::record::Rank;
use domain::{AccountId, DeviceNumber, Fields, GroupValue, Origin, Record, RecordId, Stamp, kind};
use store::StoreError;
use store::server::{AccountRow, Write};

use super::Telling;
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
    telling: Telling,
}

impl<'w> Ledger<'w> {
    /// Nothing touched yet.
    pub fn new(write: &'w Write<'w>, now_unix_ms: i64, dice: &'w dyn Dice) -> Ledger<'w> {
        Ledger { write, now_unix_ms, dice, telling: Telling::default() }
    }

    /// A record as it is now.
    ///
    /// # Errors
    /// As the store says.
    pub fn get(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        self.write.record(id)
    }

    /// A record as it is now, not to be changed.
    ///
    /// # Errors
    /// As the store says.
    pub fn look_at(&self, id: RecordId) -> Result<Option<Arc<Record>>, StoreError> {
        self.write.look_at(id)
    }

    /// A record as it was before this work.
    ///
    /// # Errors
    /// As the store says.
    pub fn was(&self, id: RecordId) -> Result<Option<Arc<Record>>, StoreError> {
        match self.telling.before(id) {
            Some(before) => Ok(before.clone()),
            None => self.write.look_at(id),
        }
    }

    /// Whether this work made the record.
    pub fn made(&self, id: RecordId) -> bool {
        matches!(self.telling.before(id), Some(None))
    }

    /// Its scopes are told of a record although nothing of it changed: whoever lost against it may hold his own value, and a
    /// cursor that has passed it.
    pub fn tell_again(&mut self, id: RecordId) {
        self.telling.tell_again(id);
    }

    /// What was touched, by id.
    pub fn touched(&self) -> Vec<RecordId> {
        self.telling.touched()
    }

    /// Writes a record as it is now.
    ///
    /// # Errors
    /// As the store says.
    pub fn put(&mut self, record: &Record) -> Result<(), StoreError> {
        self.put_shared(Arc::new(record.clone()))
    }

    /// Writes a record as it is now, without a copy.
    ///
    /// # Errors
    /// As the store says.
    pub fn put_shared(&mut self, record: Arc<Record>) -> Result<(), StoreError> {
        if self.telling.before(record.id).is_none() {
            self.telling.touch(record.id, self.write.look_at(record.id)?);
        }
        self.write.hold_record(record, self.now_unix_ms)
    }

    /// Tells every scope what was touched.
    ///
    /// # Errors
    /// As the store says.
    pub fn publish(&mut self) -> Result<(), StoreError> {
        std::mem::take(&mut self.telling).publish(self.write, self.now_unix_ms, self.dice).map(|_| ())
    }

    /// What is to be told, for somebody who tells it together with more.
    pub fn into_telling(self) -> Telling {
        self.telling
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
