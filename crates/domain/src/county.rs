//! What the server says to everybody: the off-days of a year, the chosen policy pack, the notice to residents.

use serde::{Deserialize, Serialize};

/// The group `days` of a `holidays` record: one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayYear {
    /// The year.
    pub year: i32,
    /// Off-days, `YYYY-MM-DD`.
    pub off: Vec<String>,
    /// Weekend days on which people work.
    pub work: Vec<String>,
}

/// The group `choice` of a `policy` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChoice {
    /// `zj-2016` or `zj-2009`.
    pub pack: String,
    /// First day on which it applies, `YYYY-MM-DD`.
    pub from: String,
}

/// The group `text` of a `notice` record: what a resident is told before anything is asked (PIPL 17 and 35).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Kept with every registration.
    pub version: String,
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}
