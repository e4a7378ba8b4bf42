//! Whose hand is behind a device: what this phone knows of it. The server names people in conflicts, and where it was asked for a whole
//! history; what it said then is kept.

use std::collections::BTreeMap;

use domain::conflict::What;
use domain::{AccountId, DeviceNumber, Record, kind};
use store::device::{View, Writing};

use crate::error::Failure;
use crate::identity::Identity;

/// Names the server told, by device, in the file.
const TOLD: &str = "hands_told";
/// So many are kept: more than any phone's villages have.
const NAMES_MAX: usize = 500;

type Named = BTreeMap<DeviceNumber, (Option<AccountId>, String)>;

fn told(view: &View<'_>) -> Result<Named, Failure> {
    let kept: BTreeMap<u32, String> = view.meta(TOLD)?.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default();
    Ok(kept.into_iter().map(|(device, name)| (DeviceNumber(device), (None, name))).collect())
}

/// Names by device.
pub(crate) struct Hands {
    own: DeviceNumber,
    account: AccountId,
    named: Named,
}

impl Hands {
    /// Everybody whose name this phone was told.
    pub(crate) fn known(view: &View<'_>, identity: &Identity) -> Result<Hands, Failure> {
        let mut named = told(view)?;
        for what in view.all(kind::CONFLICT)?.iter().filter_map(|conflict| conflict.typed::<What>("what")) {
            for side in [Some(what.lost), what.stands].into_iter().flatten().filter(|side| !side.by.is_empty()) {
                named.insert(side.origin.device, (side.account, side.by));
            }
        }
        Ok(Hands { own: identity.device, account: identity.account.id, named })
    }

    /// Whoever is known to stand behind a device: `None` for nobody who is known here, nothing for this device's own person.
    pub(crate) fn behind(&self, device: DeviceNumber) -> Option<String> {
        match self.named.get(&device) {
            _ if device == self.own => Some(String::new()),
            Some((account, _)) if *account == Some(self.account) => Some(String::new()),
            Some((_, name)) => Some(name.clone()),
            None => None,
        }
    }

    /// Keeps what the server said: names by device. The newest are kept, and a name that changed is the new one.
    pub(crate) fn remember(writing: &Writing<'_>, said: &BTreeMap<DeviceNumber, String>) -> Result<(), Failure> {
        let mut known: BTreeMap<u32, String> = told(writing)?.into_iter().map(|(device, (_, name))| (device.0, name)).collect();
        let before = known.clone();
        known.extend(said.iter().map(|(device, name)| (device.0, name.clone())));
        while known.len() > NAMES_MAX {
            // Numbers are given in order: the lowest is the oldest phone.
            known.pop_first();
        }
        if known != before {
            writing.set_meta(TOLD, &serde_json::to_string(&known)?)?;
        }
        Ok(())
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
