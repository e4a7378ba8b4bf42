//! Two registrations under one document number, addressed to one account: who made them, where, and what people said about it.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RecordId, derived_id};

/// Why people are told of two registrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairWhy {
    /// They were taken for one person and became one: nothing needs to be decided, it can be undone.
    Merged,
    /// They stand in two villages.
    Village,
    /// Their names differ.
    Name,
    /// One of the numbers became the other's by a correction.
    Number,
}

/// One of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    /// As on the document; empty where the addressee may not read the person.
    #[serde(default)]
    pub name: String,
    /// The village.
    #[serde(default)]
    pub area: String,
    /// Who registered them, as people call them.
    #[serde(default)]
    pub by: String,
    /// When, Unix milliseconds, UTC.
    #[serde(default)]
    pub at_unix_ms: i64,
}

/// The group `what`, written by the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Why.
    pub why: PairWhy,
    /// The one accepted first.
    pub first: RecordId,
    /// The other.
    pub second: RecordId,
    /// About the first.
    pub first_is: Registered,
    /// About the second.
    pub second_is: Registered,
    /// The village this copy is listed under, for the station.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

impl Pair {
    /// The other of the two.
    pub fn other(&self, person: RecordId) -> RecordId {
        if self.first == person { self.second } else { self.first }
    }

    /// Whether it is about these two, in either order.
    pub fn is_of(&self, one: RecordId, other: RecordId) -> bool {
        (self.first, self.second) == (one, other) || (self.first, self.second) == (other, one)
    }
}

/// 是同一人.
pub const SAME: &str = "same";
/// 不是同一人.
pub const DIFFERENT: &str = "different";

/// The group `settled`, written by the addressee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// [`SAME`] or [`DIFFERENT`].
    pub state: String,
    /// Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// One review per pair and addressee, whoever of the two came first and however often it is repeated.
pub fn pair_id(one: RecordId, other: RecordId, addressee: AccountId) -> RecordId {
    let (low, high) = (one.min(other), one.max(other));
    derived_id(&["duplicate", &low.to_string(), &high.to_string(), &addressee.to_string()])
}

/// The station's further copy, for the village of the second where it is another one.
pub fn second_station(area: &str) -> AccountId {
    AccountId(derived_id(&["station", area]).0)
}
