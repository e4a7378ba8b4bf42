//! A change is a fact, a record is what its changes add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{ChangeId, RecordId, TxnId};
use crate::stamp::Origin;

/// The fields of one group. Sorted by name, so that equal values have equal texts.
pub type Fields = serde_json::Map<String, Value>;

/// The schema this build writes into its changes.
pub const SCHEMA: u32 = 1;

/// The current value of one group, and the names it goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupValue {
    /// What was entered.
    #[serde(rename = "f")]
    pub fields: Fields,
    /// Who wrote it, and when by their clock.
    #[serde(rename = "o")]
    pub origin: Origin,
    /// Other origins of the same value: two people who typed the same thing both count as having seen it.
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Origin>,
    /// Where the value stands among concurrent ones; known to the server only.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<Rank>,
}

impl GroupValue {
    /// A value as a device states it.
    pub fn new(fields: Fields, origin: Origin) -> GroupValue {
        GroupValue { fields, origin, names: Vec::new(), rank: None }
    }

    /// Whether `origin` is one of the names of this value.
    pub fn is_named(&self, origin: Origin) -> bool {
        self.origin == origin || self.names.contains(&origin)
    }
}

/// The order of truly concurrent values: `min(stamp, receipt time)`, then device, then seq. A clock set to 2035 wins nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    /// `min(stamp, the server's receipt time)`, as a stamp.
    pub time: i64,
    /// The writing device.
    pub device: u32,
    /// The change's place in that device's outbox.
    pub seq: u64,
}

/// What the register holds about one thing. Unknown kinds, groups and fields are kept as they came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The noun, see [`crate::kind`].
    pub kind: String,
    /// Its permanent name.
    pub id: RecordId,
    /// The groups by name.
    pub groups: BTreeMap<String, GroupValue>,
    /// Set when it was entered by mistake and taken back; the origin of the deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<Origin>,
}

impl Record {
    /// A record nobody has written to yet.
    pub fn empty(kind: &str, id: RecordId) -> Record {
        Record { kind: kind.to_owned(), id, groups: BTreeMap::new(), dead: None }
    }

    /// The fields of a group, if there is a non-empty one.
    pub fn fields(&self, group: &str) -> Option<&Fields> {
        self.groups.get(group).map(|value| &value.fields).filter(|fields| !fields.is_empty())
    }

    /// One field of a group.
    pub fn field(&self, group: &str, field: &str) -> Option<&Value> {
        self.groups.get(group)?.fields.get(field)
    }

    /// One text field of a group; `None` also for the empty text.
    pub fn text(&self, group: &str, field: &str) -> Option<&str> {
        self.field(group, field)?.as_str().filter(|text| !text.is_empty())
    }

    /// One field that names another record.
    pub fn reference(&self, group: &str, field: &str) -> Option<RecordId> {
        self.text(group, field)?.parse().ok()
    }

    /// A group as its typed shape; `None` when the group is absent or written by a version that means something else.
    pub fn typed<T: serde::de::DeserializeOwned>(&self, group: &str) -> Option<T> {
        serde_json::from_value(Value::Object(self.fields(group)?.clone())).ok()
    }
}

/// Turns a typed group into fields. Shapes of this crate are structs, which are objects in JSON.
pub fn to_fields<T: Serialize>(typed: &T) -> Fields {
    match serde_json::to_value(typed) {
        Ok(Value::Object(fields)) => fields,
        _ => Fields::new(),
    }
}

/// What a change does to its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The record is new; of a known id it is a `Set`.
    Create,
    /// Groups get values.
    Set,
    /// The record was entered by mistake.
    Delete,
    /// The deletion is taken back.
    Restore,
}

/// New fields for one group, and which value the writer saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupChange {
    /// The whole group; empty in a delete or restore, which only names what it saw.
    pub fields: Fields,
    /// The origin of the value this one replaces, or none.
    pub base: Option<Origin>,
}

/// Some groups of one record were given these values, by one device, at one stamp, by someone who had seen these values before.
/// Frozen when the person saves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its permanent name.
    pub id: ChangeId,
    /// The save it belongs to.
    pub txn: TxnId,
    /// The record it is about.
    pub record: RecordId,
    /// The record's noun.
    pub kind: String,
    /// What it does.
    pub verb: Verb,
    /// The schema of the writer.
    pub schema: u32,
    /// The permanent name of the values in it.
    pub origin: Origin,
    /// The groups it writes, or for a delete or restore those it saw.
    pub groups: BTreeMap<String, GroupChange>,
}
