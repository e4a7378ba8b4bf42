//! Whose hand is behind a device: what this phone knows of it. The server names people in conflicts, and nowhere else.

use std::collections::BTreeMap;

use domain::conflict::What;
use domain::{AccountId, DeviceNumber, Record, kind};
use store::device::View;

use crate::error::Failure;
use crate::identity::Identity;

/// Names by device.
pub(crate) struct Hands {
    own: DeviceNumber,
    account: AccountId,
    named: BTreeMap<DeviceNumber, (Option<AccountId>, String)>,
}

impl Hands {
    /// Everybody whose name this phone was told.
    pub(crate) fn known(view: &View<'_>, identity: &Identity) -> Result<Hands, Failure> {
        let mut named = BTreeMap::new();
        for what in view.all(kind::CONFLICT)?.iter().filter_map(|conflict| conflict.typed::<What>("what")) {
            for side in [Some(what.lost), what.stands].into_iter().flatten().filter(|side| !side.by.is_empty()) {
                named.insert(side.origin.device, (side.account, side.by));
            }
        }
        Ok(Hands { own: identity.device, account: identity.account.id, named })
    }

    /// Who wrote a group, as people say it: nothing for this device's own person, a name where one is known, else the device.
    pub(crate) fn of(&self, record: &Record, group: &str) -> String {
        let Some(device) = record.groups.get(group).map(|value| value.origin.device) else { return String::new() };
        match self.named.get(&device) {
            _ if device == self.own => String::new(),
            Some((account, _)) if *account == Some(self.account) => String::new(),
            Some((_, name)) => name.clone(),
            None => device.to_string(),
        }
    }
}
