//! The device behind `POST /call`: the same app in a plain browser on this machine, where no window can be opened.

pub mod console;
pub mod gate;
mod router;
mod screens;
mod topics;

pub use router::{App, COMMAND_BYTES_MAX, router};
pub use topics::Topics;
