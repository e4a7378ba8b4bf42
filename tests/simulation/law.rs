//! The laws of `protocol.md` §14, by name, and how a broken one is told.

use std::fmt;

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// After quiescence every device holds what the server says, in each of its scopes, and the digests are computed from it.
    Convergence,
    /// Every value ever saved is current, superseded by one who had seen it, in a conflict, in the tray, or in quarantine.
    Conservation,
    /// A request that arrives again, late or out of order changes nothing.
    Idempotence,
    /// With honest clocks it does not matter who pushes first.
    PushOrder,
    /// An edit made after seeing a value never loses to it, whatever the clocks say; a stamp never goes back.
    Causality,
    /// A save is there whole or not at all, on both sides, however a transaction ended; nobody is answered before the commit.
    Atomicity,
    /// No version between two cursors of a device is passed over.
    NoVersionSkipped,
    /// No answer and no file holds what its owner was not granted.
    Confinement,
    /// What any device still keeps comes back after the server was put back to a backup.
    ServerRollback,
    /// The edits of both copies survive when a device is cloned or put back.
    DeviceCopies,
    /// What this version does not understand is kept and passed on.
    UnknownFields,
    /// A sync ends after few round trips, and no message grows without bound.
    Bounded,
    /// Nothing panics, and nothing fails for no reason.
    Soundness,
}

impl Law {
    /// All of them, in the order of the page.
    pub const ALL: [Law; 13] = [
        Law::Convergence,
        Law::Conservation,
        Law::Idempotence,
        Law::PushOrder,
        Law::Causality,
        Law::Atomicity,
        Law::NoVersionSkipped,
        Law::Confinement,
        Law::ServerRollback,
        Law::DeviceCopies,
        Law::UnknownFields,
        Law::Bounded,
        Law::Soundness,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Law::Convergence => "convergence",
            Law::Conservation => "conservation of edits",
            Law::Idempotence => "idempotence",
            Law::PushOrder => "independence of push order",
            Law::Causality => "causality",
            Law::Atomicity => "atomic transactions",
            Law::NoVersionSkipped => "no version skipped",
            Law::Confinement => "confinement to the grants",
            Law::ServerRollback => "no loss after server rollback",
            Law::DeviceCopies => "no loss after device clone or restore",
            Law::UnknownFields => "no unknown field lost",
            Law::Bounded => "bounded round trips and memory",
            Law::Soundness => "nothing fails for no reason",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a panic carries when a law was broken.
#[derive(Debug)]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// By what.
    pub what: String,
}

/// Ends the run of this seed.
pub fn broken(law: Law, what: impl Into<String>) -> ! {
    std::panic::panic_any(Broken { law, what: what.into() })
}

/// Ends the run of this seed unless it holds.
pub fn must(law: Law, holds: bool, what: impl FnOnce() -> String) {
    if !holds {
        broken(law, what());
    }
}
