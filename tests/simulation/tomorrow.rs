//! Another version: a newer server, and phones with a newer app, write groups and fields this version does not know. Whatever
//! older phones do meanwhile, they are kept and passed on.

use std::collections::{BTreeMap, BTreeSet};

use device::Surroundings;
use domain::access::Role;
use domain::ids::uuid_v7;
use domain::record::SCHEMA;
use domain::{Change, ChangeId, DeviceNumber, Fields, GroupChange, Origin, Record, RecordId, Stamp, TxnId, Verb, kind, merge};
use serde_json::Value;
use store::device::{Durability, Held, Tuning, Writing};
use store::{DeviceStore, StoreError};
use sync_server::clock::{Dice, SeededDice};
use sync_server::register::Ledger;
use ui_protocol::session::Status;

use crate::law::{Law, broken, must};
use crate::laws::{all_records, look};
use crate::phone::Phone;
use crate::sim::Sim;

/// How every text begins that only a newer version writes.
const BEGINS: &str = "来自新版 ";
/// A group this version does not know.
const GROUP: &str = "tomorrow";

/// Something a newer version wrote.
#[derive(Debug)]
pub struct Written {
    record: RecordId,
    text: String,
    /// The change that says it, where a phone wrote it: until it is accepted, its writer has it.
    change: Option<ChangeId>,
}

/// A value that a newer server replaced, having seen it.
#[derive(Debug)]
pub struct WrittenOver {
    /// The group.
    pub group: &'static str,
    /// The value that stood there.
    pub replaced: Origin,
}

/// The kinds that are written to, each with a group this version knows.
fn kind_and_group(sim: &Sim) -> (&'static str, &'static str) {
    let kinds = [(kind::PERSON, "contact"), (kind::UNIT, "landlord"), (kind::RESIDENCY, "work")];
    let (kind, known) = kinds[sim.chance.below(kinds.len())];
    (kind, if sim.chance.once_in(2) { known } else { GROUP })
}

/// A field of its own each time: a newer version keeps what it finds too.
fn add(sim: &Sim, fields: &mut Fields) -> String {
    let token = sim.token();
    let text = format!("{BEGINS}{token}");
    fields.insert(format!("a field of tomorrow {token}"), text.clone().into());
    text
}

/// A newer server writes what this version does not know: a whole group, or a field in a known one.
pub fn on_the_server(sim: &Sim) -> Option<String> {
    let core = sim.core();
    let (wanted, group) = kind_and_group(sim);
    let all = core.look(|view| Ok(view.records_of_kind(wanted)?)).unwrap_or_default();
    let record = sim.chance.one_of(&all).filter(|record| record.dead.is_none())?.clone();
    let mut fields = record.groups.get(group).map(|held| held.fields.clone()).unwrap_or_default();
    let text = add(sim, &mut fields);
    let (id, now) = (record.id, sim.hour.now());
    let mut seed = [0; 8];
    SeededDice::new(sim.seed ^ sim.token()).fill(&mut seed);
    let replaced = core.write(move |write| {
        let dice = SeededDice::new(u64::from_le_bytes(seed));
        let mut ledger = Ledger::new(write, now, &dice);
        let mut replaced = None;
        if let Some(mut record) = ledger.get(id)? {
            replaced = record.groups.get(group).map(|held| held.origin);
            ledger.put_group(&mut record, group, fields)?;
        }
        ledger.publish()?;
        Ok(replaced)
    });
    let replaced = replaced.unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
    sim.written_over.borrow_mut().extend(replaced.map(|replaced| WrittenOver { group, replaced }));
    sim.newer.borrow_mut().push(Written { record: id, text: text.clone(), change: None });
    Some(format!("a newer server writes {text} into {group} of {wanted} {id}"))
}

/// The same on a phone, whose app was newer for one save and is this version again.
pub fn on_a_phone(sim: &Sim, phone: &Phone) -> Option<String> {
    if phone.owner.role != Role::Coordinator || phone.full.get() {
        return None;
    }
    let number = DeviceNumber(phone.ask(Status {}).ok()?.device?);
    let (wanted, group) = kind_and_group(sim);
    let all = phone.look(|view| view.all(wanted)).unwrap_or_default();
    let record = sim.chance.one_of(&all)?.clone();
    let mut fields = record.groups.get(group).map(|held| held.fields.clone()).unwrap_or_default();
    let text = add(sim, &mut fields);
    let now = phone.around.unix_ms();
    let id = || uuid_v7(now.unsigned_abs(), phone.around.random());
    let base = record.groups.get(group).map(|held| held.origin);
    let groups = BTreeMap::from([(group.to_owned(), GroupChange { fields, base })]);
    phone.die();
    let change = {
        let tuning = Tuning { without_disk: true, ..Tuning::default() };
        let store = DeviceStore::open(&phone.file(), tuning);
        let store = store.unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
        let saved = store.write(Durability::Full, |writing| {
            let last = writing.meta("stamp_last")?.and_then(|text| text.parse().ok());
            let origin = Origin { stamp: Stamp::next(last, now), device: number };
            let change = Change {
                id: ChangeId(id()),
                txn: TxnId(id()),
                record: record.id,
                kind: wanted.to_owned(),
                verb: Verb::Set,
                schema: SCHEMA + 1,
                origin,
                groups,
            };
            lay_over(writing, &change, now)?;
            Ok::<_, StoreError>(change)
        });
        saved.unwrap_or_else(|error| broken(Law::Soundness, format!("a newer app cannot save: {error:?}")))
    };
    phone.start();
    sim.book.borrow_mut().note_one(phone.file_name(), sim.steps.get(), change.clone());
    sim.newer.borrow_mut().push(Written { record: record.id, text: text.clone(), change: Some(change.id) });
    Some(format!("a newer app on phone {} writes {text} into {group} of {wanted} {}", phone.index, record.id))
}

fn lay_over(writing: &Writing<'_>, change: &Change, now: i64) -> Result<(), StoreError> {
    writing.push_change(change, now)?;
    writing.set_meta("stamp_last", &change.origin.stamp.to_string())?;
    let Some(held) = writing.held(change.record)? else { return Ok(()) };
    let shown = merge::lay_over(Some(held.shown), change);
    writing.put(&Held { shown, waiting: held.waiting + 1, ..held })
}

/// What a newer version wrote is in a record or a conflict. A record that was taken back as a mistake keeps it too.
pub fn check(sim: &Sim) {
    if sim.rolled_back.get() {
        // A backup may be older than what was written; nobody but the server had it.
        sim.newer.borrow_mut().retain(|written| written.change.is_some());
    }
    let newer = sim.newer.borrow();
    if newer.is_empty() {
        return;
    }
    let mut there = BTreeSet::new();
    for record in all_records(&sim.core()) {
        texts_of(&record, &mut there);
    }
    let core = sim.core();
    for written in newer.iter().filter(|written| !there.contains(&written.text)) {
        // What was refused, or is held for the station, is looked for as every other save is.
        let accepted = match written.change {
            None => true,
            Some(id) => look(&core, |view| Ok(view.change(id)?)).is_some_and(|stored| !stored.refused),
        };
        must(Law::UnknownFields, !accepted, || format!("{} of {} is nowhere any more", written.text, written.record));
    }
}

fn texts_of(record: &Record, found: &mut BTreeSet<String>) {
    record.groups.values().for_each(|group| group.fields.values().for_each(|value| texts(value, found)));
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with(BEGINS) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}
