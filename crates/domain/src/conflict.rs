//! Two values that had not seen each other, addressed to one account: both values, both authors, and what became of it.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, DeviceNumber, RecordId, derived_id};
use crate::merge::ClashWhy;
use crate::record::Fields;
use crate::stamp::Origin;

/// One of the two values. Absent where the addressee may not read the record now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The group's fields; empty for a deletion.
    pub fields: Fields,
    /// The value's permanent name.
    pub origin: Origin,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// As the other side should call them.
    #[serde(default)]
    pub by: String,
    /// When it was written, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// The group `what`, written by the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct What {
    /// The record.
    pub record: RecordId,
    /// Its noun.
    pub kind: String,
    /// The group; empty for the whole record.
    pub group: String,
    /// Why.
    pub why: ClashWhy,
    /// What stands.
    pub stands: Option<Side>,
    /// What does not.
    pub lost: Side,
    /// The village it happened in, for the station.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

/// The group `settled`, written by the addressee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// `restored` (the lost value was put back) or `kept`.
    pub state: String,
    /// Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// One conflict per record, group, losing device, standing value and addressee: several losers of one device extend one
/// open conflict, and a repeated request makes no second one.
pub fn conflict_id(record: RecordId, group: &str, loser: DeviceNumber, stands: Option<Origin>, addressee: AccountId) -> RecordId {
    let stands = stands.map(|origin| origin.to_string()).unwrap_or_default();
    derived_id(&["conflict", &record.to_string(), group, &loser.to_string(), &stands, &addressee.to_string()])
}
