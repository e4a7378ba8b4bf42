//! One save: its changes, whole or not at all, in the outbox and on the screen in one transaction.

use std::collections::BTreeMap;

use domain::ids::{uuid_v7, uuid_v7_after};
use domain::record::SCHEMA;
use domain::{Change, ChangeId, DeviceNumber, Fields, GroupChange, Origin, Record, RecordId, Stamp, TxnId, Verb, kind, merge};
use store::device::{Durability, Held, Writing};
use sync_protocol::TXN_CHANGES_MAX;
use ui_protocol::ErrorCode;
use uuid::Uuid;

use crate::derive;
use crate::error::Failure;
use crate::identity::Identity;
use crate::{Device, lock};

/// The changes of one save while they are being written.
pub(crate) struct Save<'a, 'c> {
    pub(crate) writing: &'a Writing<'c>,
    pub(crate) identity: Identity,
    pub(crate) today: chrono::NaiveDate,
    pub(crate) now: i64,
    device: &'a Device,
    txn: TxnId,
    /// The last id of this run of the app: the next one counts up from it.
    id_last: Uuid,
    stamp: Option<Stamp>,
    touched: Vec<RecordId>,
    /// What it says so far.
    made: Vec<Change>,
}

impl Device {
    /// Runs one save. Its reply is sent after its commit; when anything fails, nothing of it was written.
    pub(crate) fn save<T>(&self, work: impl FnOnce(&mut Save<'_, '_>) -> Result<T, Failure>) -> Result<T, Failure> {
        self.store.read(|view| self.require(view).map(|_| ()))?;
        let (answer, made) = self.store.write(Durability::Full, |writing| {
            let identity = self.require(writing)?;
            let now = self.now();
            let txn = self.id_after(*lock(&self.id_last), now);
            let mut save = Save {
                writing,
                identity,
                today: self.today(writing)?,
                now,
                device: self,
                txn: TxnId(txn),
                id_last: txn,
                stamp: *lock(&self.stamp_last),
                touched: Vec::new(),
                made: Vec::new(),
            };
            let answer = work(&mut save)?;
            save.finish()?;
            // While the next save still waits for this one: no id and no stamp is given twice, whether it is committed or not.
            *lock(&self.id_last) = Some(save.id_last);
            *lock(&self.stamp_last) = save.stamp;
            Ok::<_, Failure>((answer, save.made))
        })?;
        self.seal_save(made);
        Ok(answer)
    }

    /// The id after `last`; the first one of a run is random.
    fn id_after(&self, last: Option<Uuid>, now: i64) -> Uuid {
        last.and_then(|last| uuid_v7_after(last, now.unsigned_abs()))
            .unwrap_or_else(|| uuid_v7(now.unsigned_abs(), self.around.random()))
    }
}

impl Save<'_, '_> {
    fn next_id(&mut self) -> Uuid {
        self.id_last = self.device.id_after(Some(self.id_last), self.now);
        self.id_last
    }

    /// A new record.
    pub(crate) fn create(&mut self, kind: &str, groups: BTreeMap<String, Fields>) -> Result<RecordId, Failure> {
        let id = RecordId(self.next_id());
        let groups = groups.into_iter().map(|(name, fields)| (name, GroupChange { fields, base: None })).collect();
        self.write(kind, id, Verb::Create, groups)?;
        Ok(id)
    }

    /// A refused creation once more, under the id other saves already name.
    pub(crate) fn create_again(&mut self, id: RecordId, kind: &str, groups: BTreeMap<String, Fields>) -> Result<(), Failure> {
        let groups = groups.into_iter().map(|(name, fields)| (name, GroupChange { fields, base: None })).collect();
        self.write(kind, id, Verb::Create, groups)
    }

    /// New values for a record: only the groups that differ, each with the value it replaces as its base.
    pub(crate) fn set(&mut self, id: RecordId, groups: BTreeMap<String, Fields>) -> Result<bool, Failure> {
        let record = self.record(id)?;
        let groups: BTreeMap<String, GroupChange> = groups
            .into_iter()
            .filter(|(name, fields)| record.groups.get(name).is_none_or(|held| held.fields != *fields))
            .map(|(name, fields)| {
                let base = record.groups.get(&name).map(|held| held.origin);
                (name, GroupChange { fields, base })
            })
            .collect();
        if groups.is_empty() {
            return Ok(false);
        }
        self.write(&record.kind, id, Verb::Set, groups)?;
        Ok(true)
    }

    /// Takes a record back as entered by mistake; names every value that was seen.
    pub(crate) fn delete(&mut self, id: RecordId) -> Result<(), Failure> {
        let record = self.record(id)?;
        let groups = record
            .groups
            .iter()
            .map(|(name, held)| (name.clone(), GroupChange { fields: Fields::new(), base: Some(held.origin) }))
            .collect();
        self.write(&record.kind, id, Verb::Delete, groups)
    }

    /// Takes a deletion back, where there is one.
    pub(crate) fn revive(&mut self, id: RecordId) -> Result<(), Failure> {
        let held = self.writing.held(id)?.ok_or(ErrorCode::NotFound)?;
        if held.shown.dead.is_none() {
            return Ok(());
        }
        let seen = |origin| GroupChange { fields: Fields::new(), base: Some(origin) };
        let groups = held.shown.groups.iter().map(|(name, value)| (name.clone(), seen(value.origin))).collect();
        self.write(&held.shown.kind, id, Verb::Restore, groups)
    }

    /// What a person sees of a living record.
    pub(crate) fn record(&self, id: RecordId) -> Result<Record, Failure> {
        Ok(self.writing.shown(id)?.ok_or(ErrorCode::NotFound)?)
    }

    /// The same, of one kind.
    pub(crate) fn record_of(&self, id: RecordId, kind: &str) -> Result<Record, Failure> {
        let record = self.record(id)?;
        if record.kind == kind { Ok(record) } else { Err(ErrorCode::NotFound.into()) }
    }

    fn write(&mut self, kind: &str, id: RecordId, verb: Verb, groups: BTreeMap<String, GroupChange>) -> Result<(), Failure> {
        if self.made.len() >= TXN_CHANGES_MAX {
            // The forms stop below it; only a mistake of ours gets here.
            return Err(ErrorCode::Internal.into());
        }
        let stamp = Stamp::next(self.stamp, self.now);
        self.stamp = Some(stamp);
        let origin = Origin { stamp, device: self.identity.device };
        let change = Change {
            id: ChangeId(self.next_id()),
            txn: self.txn,
            record: id,
            kind: kind.to_owned(),
            verb,
            schema: SCHEMA,
            origin,
            groups,
        };
        // The server will ask the same; a mistake of ours is found here, while the form is still open.
        domain::access::may_write(self.identity.account.role, &change, self.writing.held(id)?.map(|held| held.shown).as_ref())
            .map_err(|_| ErrorCode::NotAllowed)?;
        self.writing.push_change(&change, self.now)?;
        let held = self.writing.held(id)?;
        // Who edits somebody who has just left does not keep them: they go when this is answered.
        let (said, waiting, has_left) = held.map_or((None, 0, false), |held| (held.said, held.waiting, held.has_left));
        // A dead overlay of a refused creation is nothing to lie on.
        let before = self.writing.held(id)?.filter(|held| held.said.is_some() || held.waiting > 0).map(|held| held.shown);
        let shown = merge::lay_over(before, &change);
        self.writing.put(&Held { said, shown, waiting: waiting + 1, has_left })?;
        self.touched.push(id);
        self.made.push(change);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        if let Some(stamp) = self.stamp {
            self.writing.set_meta("stamp_last", &stamp.to_string())?;
        }
        derive::places(self.writing, &self.touched)?;
        let law = self.device.law(self.writing)?;
        let mut refreshed = derive::refresh(self.writing, &self.touched, &law, self.identity.account.role)?;
        refreshed.extend(&self.touched);
        self.device.remember_refreshed(refreshed);
        Ok(())
    }
}

/// The overlay of a record anew: what the server said, with every unanswered change on top. A record without either is empty.
/// That it has left is for the caller to say.
pub(crate) fn lay_waiting_over(writing: &Writing<'_>, id: RecordId, kind: &str, said: Option<Record>) -> Result<Held, Failure> {
    let waiting = writing.waiting_of(id)?;
    let mut shown = said.clone();
    for change in &waiting {
        shown = Some(merge::lay_over(shown, &change.change));
    }
    let shown = shown.unwrap_or_else(|| {
        // Everything of it was refused: nothing is shown, the values are in the tray.
        let mut nothing = Record::empty(kind, id);
        nothing.dead = Some(Origin { stamp: Stamp::at(0), device: DeviceNumber::SERVER });
        nothing
    });
    Ok(Held { said, shown, waiting: waiting.len() as u64, has_left: false })
}

/// The name of the group that the server writes; a device only lays its guess over what it shows.
pub(crate) const PLACE: &str = kind::PLACE;
