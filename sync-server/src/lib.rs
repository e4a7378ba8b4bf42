//! The meeting place of all devices: it reconciles what they send, keeps every losing value, and tells each of them what it
//! may know. One binary, one file.

// Time, chance, and the one file.
pub mod clock;
pub mod failure;
pub mod writer;
pub mod readers;
pub mod core;
pub mod metrics;

// Who may come in.
pub mod passwords;
pub mod caller;
pub mod accounts;
pub mod enrol;

// One exchange.
pub mod exchange;
pub mod push;
pub mod pull;
pub mod register;
pub mod in_process;

// What the server says to everybody.
pub mod county;

// The officer's page.
pub mod desk;

// The shell.
pub mod http;
pub mod backup;
pub mod demo;
pub mod cli;

pub use crate::core::Core;
pub use clock::{Clock, Dice, SystemClock, SystemDice};
pub use failure::Failure;
pub use in_process::InProcess;
