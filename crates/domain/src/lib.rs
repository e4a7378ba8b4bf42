//! Nouns and rules of the register: what a record is, who wins, who may write, what a form must hold, when something is due.
//!
//! No I/O, no clock, no randomness, no async: those come in as arguments.

// What a record is, and who wins.
pub mod digest;
pub mod ids;
pub mod kind;
pub mod merge;
pub mod record;
pub mod scan;
pub mod stamp;
pub mod stored;
pub mod upcast;

// Who may see and write.
pub mod access;
pub mod place;

// The nouns: the groups of each kind, typed.
pub mod area;
pub mod belonging;
pub mod conflict;
pub mod county;
pub mod duplicate;
pub mod empty_home;
pub mod grade;
pub mod hazard;
pub mod inspection;
pub mod letter;
pub mod letter_text;
pub mod patrol;
pub mod permit;
pub mod person;
pub mod photo;
pub mod plate;
pub mod presence;
pub mod referral;
pub mod report;
pub mod residency;
pub mod same;
pub mod sweep;
pub mod tenancy;
pub mod unicode;
pub mod unit;
pub mod visit;
pub mod visit_draft;
pub mod withdrawal;

// What a person may type, tap and draw.
pub mod address;
pub mod checklist;
pub mod code;
pub mod codes;
pub mod form;
pub mod id_document;
pub mod occupancy;
pub mod region;
pub mod rooms;
pub mod signature;
pub mod text;

// The law's clocks.
pub mod calendar;
pub mod day;
pub mod permit_rules;
pub mod permit_standing;
pub mod policy;
pub mod staffing;

#[cfg(feature = "pinyin")]
pub mod pinyin;

pub use ids::{AccountId, ChangeId, DeviceNumber, RecordId, TxnId};
pub use record::{Change, Fields, GroupChange, GroupValue, Record, Verb};
pub use stamp::{Origin, Stamp};
