//! Administrative areas: county → township → village.

use serde::{Deserialize, Serialize};

use crate::ids::{RecordId, derived_id};

/// The record of the area with this code, the same on the server and on every device, so that nobody has to search for it.
pub fn record_id(code: &str) -> RecordId {
    derived_id(&["area", code])
}

/// The group `area` of a county record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// 12 digits.
    pub code: String,
    /// As people say it.
    pub name: String,
    /// `county`, `township` or `village`.
    pub level: String,
    /// The area above; empty for the county.
    #[serde(default)]
    pub parent: String,
}
