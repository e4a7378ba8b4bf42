//! How a transaction ends otherwise than well: for simulations, which need it at a moment of their choosing. SQLite itself is
//! interrupted and really takes its work back.

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::StoreError;

/// What happens to the next transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// SQLite is interrupted after so many of its own steps, in the middle of a statement.
    Interrupted(u32),
    /// Everything is written, and then the machine stops before the COMMIT.
    NotCommitted,
}

/// Lets the connection be interrupted once.
pub(crate) fn arm(connection: &mut Connection, ending: Ending) -> Result<(), StoreError> {
    let Ending::Interrupted(steps) = ending else { return Ok(()) };
    let over = AtomicBool::new(false);
    let interrupt = move || !over.swap(true, Ordering::Relaxed);
    Ok(connection.progress_handler(i32::try_from(steps.max(1)).unwrap_or(i32::MAX), Some(interrupt))?)
}

/// Nothing interrupts it any more.
pub(crate) fn disarm(connection: &mut Connection) {
    // Only fails on a connection that is closed.
    let _ = connection.progress_handler(0, None::<fn() -> bool>);
}

/// What a transaction answers that was not committed.
pub(crate) fn not_committed() -> StoreError {
    StoreError::File(std::io::Error::other("the machine stopped before the commit"))
}
