//! Reading one save into the register: who may, who wins, where it belongs, who is told.

mod conflicts;
mod contradiction;
mod dead;
mod document_key;
mod ledger;
mod listing;
mod numbers;
mod pairs;
mod permits;
mod places;
mod plates;
mod presence;
mod publish;
mod reach;
mod same;
mod save;
mod shape;
mod tries;
mod word;

use std::collections::BTreeMap;

use domain::merge::Refusal;
use domain::place::Scope;
use store::StoreError;
use store::server::Write;

use crate::caller::Caller;
use crate::clock::Dice;
use crate::failure::Failure;

pub use conflicts::STATION;
pub(crate) use contradiction::{CONTRADICTED, of as contradiction_of};
pub use document_key::{ask_about_pairs, key_of, prepare as prepare_keys};
pub use ledger::Ledger;
pub(crate) use listing::{GRADE_WANTED, LISTED, document_token, of as listing_of};
pub use numbers::Rules;
pub use plates::give_all as give_plates;
pub(crate) use presence::stay_ended_with;
pub use publish::{Given, Telling};
pub use save::{RECORD_BYTES_MAX, RECORD_GROUPS_MAX, Save};
pub use tries::{CORRECTED_MAX, REGISTERED_MAX};

/// What reading a save needs.
#[derive(Clone, Copy)]
pub struct Work<'w> {
    /// The writer's transaction.
    pub write: &'w Write<'w>,
    /// Who says it.
    pub caller: &'w Caller,
    /// What they had seen of each scope, by version.
    pub cursors: &'w BTreeMap<Scope, u64>,
    /// The server's clock, Unix milliseconds, UTC.
    pub now_unix_ms: i64,
    /// Chance, for version tags.
    pub dice: &'w dyn Dice,
    /// When the server came back from a backup, Unix milliseconds, UTC, while what it lost may still arrive.
    pub restored_unix_ms: Option<i64>,
}

/// Why a save ended early.
#[derive(Debug)]
pub enum Stop {
    /// The change at this place in the save is refused, and the whole save with it.
    Refused(usize, Refusal),
    /// The server failed.
    Failed(Failure),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error.into())
    }
}
