//! Taking back what was recorded by mistake.

use domain::RecordId;
use serde::{Deserialize, Serialize};

/// A visit, a check or an application was recorded by mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeBack {
    /// Which.
    pub id: RecordId,
    /// Why, in free words; may be empty.
    pub note: String,
}

/// What was taken back was no mistake: it counts again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LetStand {
    /// Which.
    pub id: RecordId,
    /// Why, in free words; may be empty.
    pub note: String,
}

/// What was taken back, or stands again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakenBack {
    /// Which.
    pub id: RecordId,
}
