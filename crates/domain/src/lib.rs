//! Nouns and rules of the register: what a record is, who wins, who may write, what a form must hold, when something is due.
//!
//! No I/O, no clock, no randomness, no async: those come in as arguments.

// What a record is, and who wins.
pub mod ids;
pub mod stamp;
pub mod record;
pub mod kind;
pub mod merge;
pub mod digest;

// Who may see and write.
pub mod place;
pub mod access;

// The nouns: the groups of each kind, typed.
pub mod area;
pub mod unit;
pub mod person;
pub mod residency;
pub mod visit;
pub mod report;
pub mod referral;
pub mod conflict;
pub mod county;

// What a person may type.
pub mod form;
pub mod text;
pub mod id_document;
pub mod codes;
pub mod region;
pub mod address;
pub mod rooms;

// The law's clocks.
pub mod day;
pub mod calendar;
pub mod policy;

#[cfg(feature = "pinyin")]
pub mod pinyin;

pub use ids::{AccountId, ChangeId, DeviceNumber, RecordId, TxnId};
pub use record::{Change, Fields, GroupChange, GroupValue, Record, Verb};
pub use stamp::{Origin, Stamp};
