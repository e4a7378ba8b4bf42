//! Administrative areas: county → township → village.

use serde::{Deserialize, Serialize};

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
