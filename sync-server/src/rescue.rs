//! Rescue: values devices hold and a restored server lacks (protocol §9). Taken where the device may write them, held for the
//! station otherwise; of a record the device does not read nothing is told, not even whether it guessed right.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::ids::derived_id;
use domain::kind::{self, GroupPolicy};
use domain::record::SCHEMA;
use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, Record, RecordId, TxnId, Verb};
use store::StoreError;
use store::server::{DeviceRow, StoredChange, View};
use sync_protocol::{OFFERS_MAX, Offer, SyncError, Told, Verdict};

use crate::caller::{Caller, Credentials, authenticate};
use crate::core::Core;
use crate::enrol::{audit_by, desk_device};
use crate::exchange::PUSH_BYTES_MAX;
use crate::failure::Failure;
use crate::push::{Rescued, is_own_origin, take_rescued};
use crate::register::{RECORD_BYTES_MAX, RECORD_GROUPS_MAX, Telling, Work};
use crate::renew::first_number;
use crate::restored::{is_older, since};
use crate::sizes::json_bytes;

/// Groups in one rescue: twice what as many records as an offer holds ever have.
const GROUPS_MAX: usize = OFFERS_MAX * 16;
/// How far after the restore a value may have been written and still be from before it: clocks are wrong by so much.
const SLACK_MS: i64 = 24 * 60 * 60 * 1000;

/// What rescued values are called, by record and group.
#[derive(Debug, Default)]
pub struct Origins {
    /// Their own names, where the values of a record come as one change.
    pub own: Names,
    /// What a value was called whose name is not believed: whoever names it has seen it.
    pub also: Names,
}

/// Names of values, by record and group.
pub type Names = BTreeMap<RecordId, BTreeMap<String, Origin>>;

impl Core {
    /// Takes in what a device holds and this file lacks: merged where the device may write it, held for the station otherwise.
    pub(crate) fn rescue(&self, credentials: &Credentials, offers: Vec<Offer>, hold: bool) -> Result<Told, Failure> {
        check_size(&offers)?;
        let now_unix_ms = self.now_unix_ms();
        let (account, restored) =
            self.look(|view| Ok((authenticate(view, credentials)?.account.id, since(view, now_unix_ms)?.is_some())))?;
        if !restored {
            return Ok(Told::Rescued { taken: 0, held: 0 });
        }
        // It is much work for the writer: one of an account at a time.
        let _turn = self.rescuing.begin(account)?;
        let (credentials, dice) = (credentials.clone(), self.dice.clone());
        self.write(move |write| {
            let caller = authenticate(write, &credentials)?;
            let Some(restored_unix_ms) = since(write, now_unix_ms)? else { return Ok(Told::Rescued { taken: 0, held: 0 }) };
            let is_new = is_new_here(write, &caller.device, restored_unix_ms)?;
            let account = caller.account.clone();
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
            let mut lacked = Lacked { work: &work, restored_unix_ms, is_new, found: Found::default() };
            for offer in offers {
                lacked.look_at(offer)?;
            }
            let Found { changes, origins, never, elsewhere, passed_over, held_before } = lacked.found;
            let mut telling = Telling::default();
            let Rescued { verdicts, mut dropped } = take_rescued(&work, changes, Some(&origins), hold, &mut telling)?;
            let (mut taken, mut held) = (0, dropped);
            for verdict in verdicts {
                if verdict == Verdict::Held { held += 1 } else { taken += 1 }
            }
            if hold {
                let of_the_servers = take_rescued(&work, never, None, hold, &mut telling)?;
                let others = take_rescued(&work, elsewhere, None, hold, &mut telling)?;
                dropped += of_the_servers.dropped + others.dropped;
                // The same number whatever stands elsewhere, whether there was room, and however often it is offered.
                held += of_the_servers.verdicts.len() as u64 + of_the_servers.dropped + passed_over + held_before;
            }
            telling.publish(write, now_unix_ms, &*dice)?;
            if taken + held > 0 {
                let detail = format!("{} taken {taken} held {held} dropped {dropped}", credentials.device);
                audit_by(write, now_unix_ms, &account, "device.rescue", &detail)?;
            }
            if dropped > 0 {
                tracing::error!(
                    device = credentials.device.0,
                    dropped,
                    "values a restored server may lack were dropped: no room"
                );
            }
            Ok(Told::Rescued { taken, held })
        })
    }
}

/// Before anything waits for the writer: no rescue is longer than a push, and no record larger than a record.
fn check_size(offers: &[Offer]) -> Result<(), SyncError> {
    let (mut groups, mut bytes) = (0, 0);
    for Offer { record, over } in offers {
        let own = json_bytes(record).unwrap_or(PUSH_BYTES_MAX + 1);
        // A conflict holds two values side by side.
        if record.groups.len().max(over.len()) > RECORD_GROUPS_MAX || own > 2 * RECORD_BYTES_MAX {
            return Err(SyncError::TooLarge);
        }
        (groups, bytes) = (groups + record.groups.len(), bytes + own);
    }
    let fits = offers.len() <= OFFERS_MAX && groups <= GROUPS_MAX && bytes <= PUSH_BYTES_MAX;
    if fits { Ok(()) } else { Err(SyncError::TooLarge) }
}

/// Whether a device was enrolled after the restore, and did not just get another number: what it says others wrote in the lost
/// history it can only have heard.
fn is_new_here(view: &View<'_>, device: &DeviceRow, restored_unix_ms: i64) -> Result<bool, StoreError> {
    let first = view.device(first_number(view, device.number)?)?;
    Ok(first.is_none_or(|first| first.enrolled_unix_ms > restored_unix_ms))
}

/// What is lacked of what was offered.
#[derive(Default)]
struct Found {
    /// To be taken.
    changes: Vec<Change>,
    /// What they are called, where several are one change.
    origins: Origins,
    /// What only the server writes (a number, a receipt, a conflict) and cannot believe a device.
    never: Vec<Change>,
    /// About records the device does not read now.
    elsewhere: Vec<Change>,
    /// Offers about such records.
    passed_over: u64,
    /// Changes that were offered before and are held since.
    held_before: u64,
}

struct Lacked<'w> {
    work: &'w Work<'w>,
    restored_unix_ms: i64,
    is_new: bool,
    found: Found,
}

impl Lacked<'_> {
    /// What of an offer this file lacks, as changes: one for each origin, or one for a record that is not here at all, whose
    /// values then get their true names back.
    fn look_at(&mut self, offer: Offer) -> Result<(), Failure> {
        let Offer { record, over } = offer;
        let role = self.work.caller.account.role;
        if record.dead.is_some() || !is_ever_held_by(role, &record.kind) {
            return Ok(());
        }
        let held = self.work.write.record(record.id)?;
        // First of all: nothing below may tell of a record that is not the device's.
        let reads = held.as_ref().is_none_or(|held| self.work.caller.reads(held));
        if !reads {
            self.found.passed_over += 1;
            if role == Role::Landlord {
                return Ok(());
            }
        }
        if held.as_ref().is_some_and(|held| held.kind != record.kind) {
            return Ok(());
        }
        let known = held.as_ref().map_or(Ok(Vec::new()), |held| self.work.write.changes_of(held.id))?;
        let known = Known(&known);
        let mut by_origin: BTreeMap<Origin, BTreeMap<String, GroupChange>> = BTreeMap::new();
        let mut servers: BTreeMap<String, GroupChange> = BTreeMap::new();
        for (name, value) in &record.groups {
            let stands = held.as_ref().and_then(|held| held.groups.get(name));
            if name == kind::PLACE || stands.is_some_and(|stands| stands.fields == value.fields || stands.is_named(value.origin))
            {
                continue;
            }
            if kind::policy(&record.kind, name) == GroupPolicy::Server {
                // A number that was given out in what was lost; the record gets another one here.
                servers.insert(name.clone(), GroupChange { fields: value.fields.clone(), base: None });
                continue;
            }
            if known.has(value.origin) || known.replaced(name, value.origin) {
                continue;
            }
            let own_before = match over.get(name) {
                Some(over) if is_own_origin(self.work, over.device)? => Some(*over),
                _ => None,
            };
            let base = match (own_before, stands) {
                (Some(over), _) => Some(over),
                (None, Some(stands)) if is_older(self.work.write, record.id, stands.origin, self.restored_unix_ms)? => {
                    Some(stands.origin)
                }
                _ => None,
            };
            let group = GroupChange { fields: value.fields.clone(), base };
            let believed = self.believed(value.origin)?;
            if believed != value.origin {
                self.found.origins.also.entry(record.id).or_default().insert(name.clone(), value.origin);
            }
            by_origin.entry(believed).or_default().insert(name.clone(), group);
        }
        if held.is_none() && !by_origin.is_empty() {
            let names = by_origin.iter().flat_map(|(origin, groups)| groups.keys().map(|name| (name.clone(), *origin))).collect();
            self.found.origins.own.insert(record.id, names);
            let Some(newest) = by_origin.keys().copied().max() else { return Ok(()) };
            let all = by_origin.into_values().flatten().collect();
            by_origin = BTreeMap::from([(newest, all)]);
        }
        let verb = if held.is_none() { Verb::Create } else { Verb::Set };
        for (origin, groups) in by_origin {
            let before = self.found.held_before;
            let change = self.change(&record, verb, origin, groups)?;
            if !reads {
                // Counted as an offer already.
                self.found.held_before = before;
            }
            let into = if reads { &mut self.found.changes } else { &mut self.found.elsewhere };
            into.extend(change);
        }
        let newest = record.groups.values().map(|value| value.origin).max();
        if let Some(origin) = newest.filter(|_| reads && !servers.is_empty() && role != Role::Landlord) {
            let change = self.change(&record, Verb::Set, origin, servers)?;
            self.found.never.extend(change);
        }
        Ok(())
    }

    /// In whose name a value is taken. As it says where that can be: written before the restore, by a device of this history or
    /// of the lost one. Otherwise in the name of the account that offers it, as if it had pushed it: nobody writes as somebody else.
    fn believed(&self, origin: Origin) -> Result<Origin, Failure> {
        let own = Origin { device: self.work.caller.device.number, ..origin };
        let too_late = origin.stamp.unix_ms() > self.restored_unix_ms.saturating_add(SLACK_MS);
        if origin.device == DeviceNumber::SERVER || too_late || i64::from(origin.device.0) > self.work.write.counter("device")? {
            return Ok(own);
        }
        if self.is_new && !is_own_origin(self.work, origin.device)? {
            return Ok(own);
        }
        let enrolled = self.work.write.device(origin.device)?.map(|device| device.enrolled_unix_ms);
        Ok(if enrolled.is_some_and(|at| at > self.restored_unix_ms) { own } else { origin })
    }

    /// A change whose id follows from what it says: offered twice, it is there once.
    fn change(
        &mut self,
        record: &Record,
        verb: Verb,
        origin: Origin,
        groups: BTreeMap<String, GroupChange>,
    ) -> Result<Option<Change>, Failure> {
        let said = serde_json::to_string(&groups.iter().map(|(name, group)| (name, &group.fields)).collect::<BTreeMap<_, _>>());
        let said = said.map_err(StoreError::from)?;
        let account = self.work.caller.account.id.to_string();
        let name = derived_id(&["rescue", &account, &record.id.to_string(), &origin.to_string(), &said]).0;
        if let Some(known) = self.work.write.change(ChangeId(name))? {
            self.found.held_before += u64::from(known.refused);
            return Ok(None);
        }
        Ok(Some(Change {
            id: ChangeId(name),
            txn: TxnId(name),
            record: record.id,
            kind: record.kind.clone(),
            verb,
            schema: SCHEMA,
            origin,
            groups,
        }))
    }
}

/// Whether a role ever receives such records beside what the server says to everybody.
fn is_ever_held_by(role: Role, kind: &str) -> bool {
    match role {
        Role::Coordinator | Role::Officer => kind::is_known(kind) && !kind::is_county(kind),
        Role::Landlord => matches!(kind, kind::UNIT | kind::ROOM | kind::REPORT),
        Role::Admin => false,
    }
}

/// What the book has of a record, read once.
struct Known<'k>(&'k [StoredChange]);

impl Known<'_> {
    fn has(&self, origin: Origin) -> bool {
        self.0.iter().any(|stored| !stored.refused && stored.change.origin == origin)
    }

    /// Whether a change that arrived already replaced this value, knowing it.
    fn replaced(&self, group: &str, origin: Origin) -> bool {
        let replaces = |change: &Change| change.groups.get(group).is_some_and(|group| group.base == Some(origin));
        self.0.iter().any(|stored| !stored.refused && replaces(&stored.change))
    }
}
