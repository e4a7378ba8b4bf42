//! After a restore: grants an administrator has to confirm, values devices hold and this file lacks, and work from before the
//! restore, which is never refused (protocol §9).

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::ids::derived_id;
use domain::kind::{self, GroupPolicy};
use domain::record::SCHEMA;
use domain::{Change, ChangeId, GroupChange, Origin, Record, RecordId, TxnId, Verb};
use store::StoreError;
use store::server::{HeldWhy, View, Write};
use sync_protocol::{OFFERS_MAX, Offer, PushedChange, SyncError, Told, Verdict};

use crate::accounts::audit;
use crate::caller::{Caller, Credentials, authenticate};
use crate::core::Core;
use crate::enrol::{audit_by, desk_device};
use crate::failure::Failure;
use crate::push::take_rescued;
use crate::quarantine;
use crate::register::{Telling, Work};

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

/// When the last restore was, Unix milliseconds, UTC, while what it lost may still arrive.
///
/// # Errors
/// As the store says.
pub fn since(view: &View<'_>, now_unix_ms: i64) -> Result<Option<i64>, StoreError> {
    let at = view.meta(RESTORED)?.and_then(|at| at.parse::<i64>().ok());
    Ok(at.filter(|at| now_unix_ms.saturating_sub(*at) <= ARRIVES_MS))
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
fn is_older(view: &View<'_>, record: RecordId, origin: Origin, restored_unix_ms: i64) -> Result<bool, StoreError> {
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

impl Core {
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
        self.write(move |write| {
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
        })
    }

    /// Takes in what a device holds and this file lacks: merged where the device may write it, held for the station otherwise.
    pub(crate) fn rescue(&self, credentials: &Credentials, offers: Vec<Offer>, hold: bool) -> Result<Told, Failure> {
        if offers.len() > OFFERS_MAX {
            return Err(SyncError::TooLarge.into());
        }
        let (credentials, now_unix_ms, dice) = (credentials.clone(), self.now_unix_ms(), self.dice.clone());
        self.write(move |write| {
            let caller = authenticate(write, &credentials)?;
            let Some(restored_unix_ms) = since(write, now_unix_ms)? else { return Ok(Told::Rescued { taken: 0, held: 0 }) };
            // In the book it stands under the account's desk: a number of the server's own, beside every outbox.
            let desk = Caller { device: desk_device(write, &caller.account, now_unix_ms)?, ..caller };
            let cursors = BTreeMap::new();
            let work = Work {
                write,
                caller: &desk,
                cursors: &cursors,
                now_unix_ms,
                dice: &*dice,
                restored_unix_ms: Some(restored_unix_ms),
            };
            let (mut changes, mut origins, mut never) = (Vec::new(), BTreeMap::new(), Vec::new());
            for offer in offers {
                lacked(&work, restored_unix_ms, offer, &mut changes, &mut origins, &mut never)?;
            }
            let mut telling = Telling::default();
            if !hold {
                never.clear();
            }
            let (mut taken, mut held) = (0, never.len() as u64);
            for verdict in take_rescued(&work, changes, Some(&origins), hold, &mut telling)? {
                if verdict == Verdict::Held { held += 1 } else { taken += 1 }
            }
            take_rescued(&work, never, None, hold, &mut telling)?;
            telling.publish(write, now_unix_ms, &*dice)?;
            Ok(Told::Rescued { taken, held })
        })
    }
}

/// The true names of rescued values, by record and group.
pub type Origins = BTreeMap<RecordId, BTreeMap<String, Origin>>;

/// What of an offer this file lacks, as changes: one for each origin, or one for a record that is not here at all, whose values
/// then get their true names back. What only the server writes (a number, a receipt, a conflict) cannot be believed from a
/// device: `never` is held for the station.
fn lacked(
    work: &Work<'_>,
    restored_unix_ms: i64,
    offer: Offer,
    changes: &mut Vec<Change>,
    origins: &mut Origins,
    never: &mut Vec<Change>,
) -> Result<(), Failure> {
    let Offer { record, over } = offer;
    if record.dead.is_some() || !kind::is_known(&record.kind) || kind::is_county(&record.kind) {
        return Ok(());
    }
    let held = work.write.record(record.id)?;
    if held.as_ref().is_some_and(|held| held.kind != record.kind) {
        return Ok(());
    }
    let mut by_origin: BTreeMap<Origin, BTreeMap<String, GroupChange>> = BTreeMap::new();
    let mut servers: BTreeMap<String, GroupChange> = BTreeMap::new();
    for (name, value) in &record.groups {
        let stands = held.as_ref().and_then(|held| held.groups.get(name));
        if name == kind::PLACE || stands.is_some_and(|stands| stands.fields == value.fields || stands.is_named(value.origin)) {
            continue;
        }
        if kind::policy(&record.kind, name) == GroupPolicy::Server {
            // A number that was given out in what was lost; the record gets another one here.
            servers.insert(name.clone(), GroupChange { fields: value.fields.clone(), base: None });
            continue;
        }
        if work.write.value_received(record.id, value.origin)?.is_some()
            || was_replaced(work.write, record.id, name, value.origin)?
        {
            continue;
        }
        let base = match (over.get(name), stands) {
            (Some(over), _) => Some(*over),
            (None, Some(stands)) if is_older(work.write, record.id, stands.origin, restored_unix_ms)? => Some(stands.origin),
            _ => None,
        };
        let group = GroupChange { fields: value.fields.clone(), base };
        by_origin.entry(value.origin).or_default().insert(name.clone(), group);
    }
    if held.is_none() && !by_origin.is_empty() {
        let names = by_origin.iter().flat_map(|(origin, groups)| groups.keys().map(|name| (name.clone(), *origin))).collect();
        origins.insert(record.id, names);
        let newest =
            by_origin.keys().copied().max().unwrap_or(record.groups.values().map(|value| value.origin).max().expect("groups"));
        let all = by_origin.into_values().flatten().collect();
        by_origin = BTreeMap::from([(newest, all)]);
    }
    for (origin, groups) in by_origin {
        let verb = if held.is_none() { Verb::Create } else { Verb::Set };
        push_new(work, &record, verb, origin, groups, changes)?;
    }
    if let Some(origin) = record.groups.values().map(|value| value.origin).max().filter(|_| !servers.is_empty()) {
        push_new(work, &record, Verb::Set, origin, servers, never)?;
    }
    Ok(())
}

/// A change whose id follows from what it says: offered twice, it is there once.
fn push_new(
    work: &Work<'_>,
    record: &Record,
    verb: Verb,
    origin: Origin,
    groups: BTreeMap<String, GroupChange>,
    into: &mut Vec<Change>,
) -> Result<(), Failure> {
    let said = serde_json::to_string(&groups.iter().map(|(name, group)| (name, &group.fields)).collect::<BTreeMap<_, _>>());
    let said = said.map_err(StoreError::from)?;
    let name = derived_id(&["rescue", &work.caller.account.id.to_string(), &record.id.to_string(), &origin.to_string(), &said]).0;
    if work.write.knows_change(ChangeId(name))? {
        return Ok(());
    }
    into.push(Change {
        id: ChangeId(name),
        txn: TxnId(name),
        record: record.id,
        kind: record.kind.clone(),
        verb,
        schema: SCHEMA,
        origin,
        groups,
    });
    Ok(())
}
