//! When to exchange: one pure decision, made by every shell on its own timer.

/// What a shell knows when it wonders.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Milliseconds since this shell started, from a clock that never goes back.
    pub now_ms: u64,
    /// When the last exchange ended, on the same clock; `None` before the first.
    pub last_ms: Option<u64>,
    /// How many exchanges in a row failed.
    pub failed: u32,
    /// Changes are waiting.
    pub waiting: bool,
    /// Somebody just saved, or the window came to the front.
    pub nudged: bool,
    /// What the server asked for, milliseconds after its last answer.
    pub asked_ms: u64,
    /// The server was full and said when to come back: nothing is sooner than that.
    pub busy: bool,
}

/// The longest wait between two tries without a network.
const BACKOFF_MAX_MS: u64 = 10 * 60 * 1000;
const BACKOFF_FIRST_MS: u64 = 5_000;

/// Whether to exchange now. `jitter` is 0 to 1000, so that a county's phones do not all come back in the same second.
pub fn is_due(moment: Moment, jitter: u16) -> bool {
    let Some(last_ms) = moment.last_ms else { return true };
    let since = moment.now_ms.saturating_sub(last_ms);
    if moment.failed > 0 {
        let backoff = BACKOFF_FIRST_MS.saturating_mul(1 << moment.failed.min(12)).min(BACKOFF_MAX_MS);
        let spread = backoff / 2 + backoff / 2 * u64::from(jitter.min(1000)) / 1000;
        // A person who comes back to the window has perhaps come back to the network too.
        return since >= if moment.nudged { BACKOFF_FIRST_MS } else { spread };
    }
    if moment.busy && since < moment.asked_ms {
        return false;
    }
    if moment.nudged && moment.waiting {
        return true;
    }
    since >= moment.asked_ms.max(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_goes_out_at_once_when_online_and_a_dead_line_is_not_hammered() {
        let calm = Moment {
            now_ms: 100_000,
            last_ms: Some(99_000),
            failed: 0,
            waiting: false,
            nudged: false,
            asked_ms: 60_000,
            busy: false,
        };
        for (moment, due, why) in [
            (Moment { last_ms: None, ..calm }, true, "at start"),
            (calm, false, "nothing happened"),
            (Moment { waiting: true, nudged: true, ..calm }, true, "a save while online"),
            (Moment { now_ms: 160_000, ..calm }, true, "the server asked to come back"),
            (Moment { waiting: true, nudged: true, busy: true, ..calm }, false, "a save while the server is full"),
            (Moment { failed: 3, waiting: true, ..calm }, false, "one second after a failure"),
            (Moment { failed: 3, now_ms: 150_000, ..calm }, true, "forty seconds after the third failure"),
            (Moment { failed: 30, now_ms: 99_000 + BACKOFF_MAX_MS, ..calm }, true, "the wait has an end"),
            (Moment { failed: 9, nudged: true, now_ms: 105_000, ..calm }, true, "the window came to the front"),
        ] {
            assert_eq!(is_due(moment, 1000), due, "{why}");
        }
    }
}
