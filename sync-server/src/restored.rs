//! After a restore: grants an administrator has to confirm, and work from before the restore, which is never refused (protocol
//! §9). What devices hold and this file lacks: [`crate::rescue`].

use std::borrow::Cow;

use domain::{Change, GroupChange, Origin, Record, RecordId, Verb};
use store::StoreError;
use store::server::{DeviceRow, HeldWhy, View, Write};
use sync_protocol::{PushedChange, SyncError};

use crate::accounts::audit;
use crate::core::Core;
use crate::enrol::audit_by;
use crate::failure::Failure;
use crate::quarantine;
use crate::register::Work;

/// Set by `restore`, emptied by an administrator: the epoch whose grants nobody has looked at yet.
const UNCONFIRMED: &str = "unconfirmed";
/// When this history began, Unix milliseconds, UTC.
const RESTORED: &str = "restored_unix_ms";
/// How long what was lost may still arrive: as long as devices keep what was answered, and as long again for who is away.
const ARRIVES_MS: i64 = 60 * 24 * 60 * 60 * 1000;

/// When a device asks again whether the grants were confirmed.
const CONFIRM_AGAIN_MS: u64 = 60_000;

/// Begins another history.
///
/// # Errors
/// As the store says.
pub fn begin(write: &Write<'_>, epoch: &str, now_unix_ms: i64) -> Result<(), Failure> {
    write.set_meta("epoch", epoch)?;
    write.set_meta(UNCONFIRMED, epoch)?;
    Ok(write.set_meta(RESTORED, &now_unix_ms.to_string())?)
}

/// Whether nobody has confirmed the grants since the last restore. Until then nothing is told that lets a device delete.
///
/// # Errors
/// As the store says.
pub fn is_unconfirmed(view: &View<'_>) -> Result<bool, StoreError> {
    Ok(view.meta(UNCONFIRMED)?.is_some_and(|epoch| !epoch.is_empty()))
}

/// Refuses to read anything out while nobody has confirmed the grants since the last restore: they are the backup's, and whoever
/// was shut out or lost a village since has them again. What a device says is taken meanwhile.
///
/// # Errors
/// [`SyncError::Busy`] until then.
pub fn check_confirmed(view: &View<'_>) -> Result<(), Failure> {
    if is_unconfirmed(view)? { Err(SyncError::Busy { retry_after_ms: CONFIRM_AGAIN_MS }.into()) } else { Ok(()) }
}

/// When the last restore was, Unix milliseconds, UTC.
///
/// # Errors
/// As the store says.
pub fn at(view: &View<'_>) -> Result<Option<i64>, StoreError> {
    Ok(view.meta(RESTORED)?.and_then(|at| at.parse::<i64>().ok()))
}

/// When the last restore was, Unix milliseconds, UTC, while what it lost may still arrive.
///
/// # Errors
/// As the store says.
pub fn since(view: &View<'_>, now_unix_ms: i64) -> Result<Option<i64>, StoreError> {
    Ok(at(view)?.filter(|at| now_unix_ms.saturating_sub(*at) <= ARRIVES_MS))
}

/// A change from the lost history, as it is to be merged here. What it replaces may not have arrived yet: then it came after
/// whatever stood here when the backup was taken. What somebody replaced already, it no longer is. `None` when nothing is left.
///
/// # Errors
/// As the store says.
pub fn as_from_the_lost_history<'c>(
    view: &View<'_>,
    change: &'c Change,
    held: Option<&Record>,
    restored_unix_ms: i64,
) -> Result<Option<Cow<'c, Change>>, StoreError> {
    let Some(held) = held.filter(|_| matches!(change.verb, Verb::Create | Verb::Set)) else {
        return Ok(Some(Cow::Borrowed(change)));
    };
    let mut changed = Cow::Borrowed(change);
    for (name, incoming) in &change.groups {
        let Some(stands) = held.groups.get(name) else { continue };
        if stands.fields == incoming.fields {
            continue;
        }
        if was_replaced(view, change.record, name, change.origin)? {
            changed.to_mut().groups.remove(name);
            continue;
        }
        let unknown = match incoming.base {
            Some(base) => !stands.is_named(base) && view.value_received(change.record, base)?.is_none(),
            None => false,
        };
        let own_earlier = stands.origin.device == change.origin.device && stands.origin.stamp < change.origin.stamp;
        if unknown && (own_earlier || is_older(view, change.record, stands.origin, restored_unix_ms)?) {
            changed.to_mut().groups.insert(name.clone(), GroupChange { base: Some(stands.origin), ..incoming.clone() });
        }
    }
    Ok((!changed.groups.is_empty() || change.groups.is_empty()).then_some(changed))
}

/// Whether a value was here when the backup was taken.
pub(crate) fn is_older(view: &View<'_>, record: RecordId, origin: Origin, restored_unix_ms: i64) -> Result<bool, StoreError> {
    Ok(view.value_received(record, origin)?.is_some_and(|at| at <= restored_unix_ms))
}

/// Whether a change that arrived already replaced this value, knowing it.
fn was_replaced(view: &View<'_>, record: RecordId, group: &str, origin: Origin) -> Result<bool, StoreError> {
    let replaces = |change: &Change| change.groups.get(group).is_some_and(|group| group.base == Some(origin));
    Ok(view.changes_of(record)?.iter().any(|stored| !stored.refused && replaces(&stored.change)))
}

/// Holds a refused save that was made before the restore, or changes what has not arrived yet: its writer was told `ok` once, or
/// could not know.
///
/// # Errors
/// As the store says.
pub fn hold_if_from_before(work: &Work<'_>, save: &[PushedChange]) -> Result<bool, Failure> {
    let Some(restored_unix_ms) = work.restored_unix_ms else { return Ok(false) };
    let from_before = save.iter().any(|pushed| pushed.change.origin.stamp.unix_ms() <= restored_unix_ms);
    if !from_before || !quarantine::has_room_for(work, save)? {
        return Ok(false);
    }
    quarantine::hold(work, save, HeldWhy::UnknownRecord, None)?;
    quarantine::count(work, save)?;
    Ok(true)
}

/// Somebody who came to the restored server.
#[derive(Clone, Debug)]
pub struct Came {
    /// The device.
    pub device: DeviceRow,
    /// Whose.
    pub login: String,
    /// Since the restore: enrolled, or given another number.
    pub is_new: bool,
    /// How many changes it told. Those of a desk are the officer's decisions, and what the account's phones rescued.
    pub changes: u64,
}

impl Core {
    /// Which devices were enrolled, got another number, or wrote since the restore: all of it with the rights of the backup.
    ///
    /// # Errors
    /// As the store says.
    pub fn came_since_restore(&self) -> Result<Vec<Came>, Failure> {
        self.look(|view| {
            let Some(restored_unix_ms) = view.meta(RESTORED)?.and_then(|at| at.parse::<i64>().ok()) else {
                return Ok(Vec::new());
            };
            let wrote = view.changes_since(restored_unix_ms)?;
            let mut came = Vec::new();
            for device in view.devices()? {
                let changes = wrote.get(&device.number).copied().unwrap_or(0);
                let is_new = device.enrolled_unix_ms > restored_unix_ms;
                if is_new || changes > 0 {
                    let login = view.account(device.account)?.map(|account| account.login).unwrap_or_default();
                    came.push(Came { device, login, is_new, changes });
                }
            }
            Ok(came)
        })
    }

    /// Whether a restore waits for its confirmation: devices deliver, and are told nothing.
    ///
    /// # Errors
    /// As the store says.
    pub fn is_unconfirmed(&self) -> Result<bool, Failure> {
        self.look(|view| Ok(is_unconfirmed(view)?))
    }

    /// The grants are right again: from now on devices are told what left them. `by` is an administrator at the desk, or nobody for
    /// the console. Answers whether there was anything to confirm.
    ///
    /// # Errors
    /// As the store says.
    pub fn confirm_restore(&self, by: Option<store::server::AccountRow>) -> Result<bool, Failure> {
        let now_unix_ms = self.now_unix_ms();
        let confirmed = self.write(move |write| {
            if !is_unconfirmed(write)? {
                return Ok(false);
            }
            let epoch = write.meta(UNCONFIRMED)?.unwrap_or_default();
            write.set_meta(UNCONFIRMED, "")?;
            match &by {
                Some(account) => audit_by(write, now_unix_ms, account, "server.confirm_restore", &epoch)?,
                None => audit(write, now_unix_ms, "server.confirm_restore", "", &epoch)?,
            }
            Ok(true)
        })?;
        // What came meanwhile from a village that was not granted in the backup is tried once more, a page in each transaction.
        let mut next = confirmed.then_some(0);
        while let Some(after) = next {
            let dice = self.dice.clone();
            next = self.write(move |write| quarantine::release_page(write, after, now_unix_ms, &*dice))?;
        }
        Ok(confirmed)
    }
}
