//! Changes of older versions, read as this version writes them. One pure function for each step of the schema.
//!
//! A device may come back after months with changes of an older schema. They are stored as they were pushed and read through
//! here, each time. Names are permanent and types never change, so a step only ever adds: a field that was not asked for then
//! gets the value it meant. A change of a newer schema passes untouched: what this version does not understand, it keeps.

use crate::record::{Change, SCHEMA};

/// From one schema to the next.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The schema it reads.
    pub from: u32,
    /// Adds what the next schema wants to be there.
    pub up: fn(&mut Change),
}

/// The steps to [`SCHEMA`]. Schema 1 is the first there is; `domain/tests/evolution.rs` keeps changes of every schema.
pub const STEPS: &[Step] = &[];

/// A change as this version would have written it. Its own schema number stays: the change is frozen.
///
/// ```
/// # use domain::{Change, upcast::upcast};
/// # fn read(old: Change) {
/// let as_of_today = upcast(old);
/// # }
/// ```
pub fn upcast(change: Change) -> Change {
    upcast_by(STEPS, SCHEMA, change)
}

/// The same with other steps, in any order: each that begins at or after the change's schema and before `to` is taken once.
pub fn upcast_by(steps: &[Step], to: u32, mut change: Change) -> Change {
    for schema in change.schema..to {
        for step in steps.iter().filter(|step| step.from == schema) {
            (step.up)(&mut change);
        }
    }
    change
}
