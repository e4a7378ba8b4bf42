//! What the rules of `domain` need to look up.

use domain::place::Register;
use domain::{AccountId, Record, RecordId};

use super::{View, Write};
use crate::StoreError;

impl Register for View<'_> {
    type Error = StoreError;

    fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        View::record(self, id)
    }

    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        View::referrers(self, id, kind)
    }

    fn landlord_account(&self, unit: &Record) -> Result<Option<AccountId>, StoreError> {
        let phone = unit.text("landlord", "phone").unwrap_or_default();
        Ok(self.landlord_by_phone(phone)?.map(|account| account.id))
    }
}

impl Register for Write<'_> {
    type Error = StoreError;

    fn record(&self, id: RecordId) -> Result<Option<Record>, StoreError> {
        View::record(self, id)
    }

    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, StoreError> {
        View::referrers(self, id, kind)
    }

    fn landlord_account(&self, unit: &Record) -> Result<Option<AccountId>, StoreError> {
        let view: &View<'_> = self;
        view.landlord_account(unit)
    }
}
