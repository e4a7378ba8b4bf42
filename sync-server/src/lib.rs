//! The meeting place of all devices: it reconciles what they send, keeps every losing value, and tells each of them what it
//! may know. One binary, one file.

// Time, chance, and the one file.
pub mod clock;
pub mod core;
pub mod failure;
pub mod metrics;
pub mod readers;
pub mod sizes;
pub mod writer;

// Who may come in.
pub mod accounts;
pub mod caller;
pub mod enrol;
pub mod passwords;
pub mod renew;
mod rescue;

// One exchange, and the questions beside it.
pub mod ask;
pub mod exchange;
mod history;
pub mod in_process;
pub mod lookup;
pub mod own;
pub mod photos;
pub mod pull;
pub mod push;
pub mod quarantine;
pub mod register;
pub mod restored;
mod said;
pub mod sealed;

// What the server says to everybody.
pub mod county;

// The officer's page.
pub mod desk;
pub mod health;

// Whether everything is as it should be.
pub mod verify;

// The shell.
pub mod backup;
pub mod cli;
pub mod demo;
mod hold;
pub mod http;
pub mod keeping;
pub mod rehearsal;

pub use crate::core::Core;
pub use clock::{Clock, Dice, SystemClock, SystemDice};
pub use failure::Failure;
pub use in_process::InProcess;
