//! Sweeps at the station's desk.

use domain::RecordId;
use domain::sweep::{SweepForm, SweepKind};
use serde::{Deserialize, Serialize};

/// Asks for the sweeps of the station's villages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweeps {}

/// Sets a sweep, one for each village of the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetSweep {
    /// The form.
    pub form: SweepForm,
}

/// Closes a sweep: what was not visited is not asked for any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloseSweep {
    /// Which.
    pub id: RecordId,
}

/// A sweep of one village.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepRow {
    /// The sweep.
    pub id: RecordId,
    /// What people call it.
    pub name: String,
    /// Why it is made.
    pub how: SweepKind,
    /// The village.
    pub area_name: String,
    /// Its first day, `YYYY-MM-DD`.
    pub from: String,
    /// Its last day, `YYYY-MM-DD`.
    pub until: String,
    /// When it was closed, `YYYY-MM-DD`; empty while it is open.
    pub closed_on: String,
    /// Homes somebody looked at since its first day; of a closed one, until it was closed.
    pub done: u64,
    /// Registered homes of the village.
    pub homes: u64,
    /// Homes nobody looked at yet, while it is under way; the first of them.
    pub left: Vec<SweepHome>,
}

/// A home of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepHome {
    /// The home.
    pub id: RecordId,
    /// Its address as people say it.
    pub title: String,
}

/// Sweeps, the open ones first, by their last day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepsReply {
    /// The rows.
    pub rows: Vec<SweepRow>,
}
