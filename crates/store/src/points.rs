//! Named places at which a test ends the process without a word, as a dead battery does. In an ordinary build they are nothing.
//!
//! With the feature `failpoints`, `DOORSTEP_KILL_AT=device.write.before_commit:3` ends the process by `kill -9` when it comes to this
//! place for the third time. `scripts/faults` goes through all of them.

/// Every place, so that a run can show that it came to each.
pub const PLACES: [&str; 13] = [
    "server.group.begun",
    "server.member.done",
    "server.group.before_commit",
    "server.group.committed",
    "server.pull",
    "server.backup.before_naming",
    "server.restore.before_placing",
    "device.write.begun",
    "device.write.before_commit",
    "device.write.committed",
    "device.exchange.asking",
    "device.exchange.answered",
    "device.exchange.taken",
];

/// The process has come to this place.
#[inline(always)]
pub fn reach(place: &'static str) {
    #[cfg(feature = "failpoints")]
    armed::reach(place);
    #[cfg(not(feature = "failpoints"))]
    let _ = place;
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::process::Command;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Where, and how many times from now.
    static ARMED: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();

    pub fn reach(place: &'static str) {
        debug_assert!(super::PLACES.contains(&place), "{place} is on the list");
        if let Some((at, left)) = ARMED.get_or_init(read)
            && at == place
            && left.fetch_sub(1, Ordering::AcqRel) == 1
        {
            // From outside, so that nothing of ours has a last word.
            let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
            loop {
                std::thread::park();
            }
        }
    }

    fn read() -> Option<(String, AtomicU64)> {
        let text = std::env::var("DOORSTEP_KILL_AT").ok()?;
        let (place, nth) = text.split_once(':')?;
        Some((place.to_owned(), AtomicU64::new(nth.parse().ok()?)))
    }
}
