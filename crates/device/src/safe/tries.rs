//! Wrong PINs: each costs more time, and the last one the key. The count lies in the key store, written before a PIN is tried: neither
//! a restart nor an older copy of the folder gives tries back.

use serde::{Deserialize, Serialize};

use crate::surroundings::{KeyError, KeyStore};

/// Under this name they are kept.
const TRIES: &str = "doorstep-tries";
/// Wrong tries after which the key is destroyed.
pub(crate) const TRIES_MAX: u32 = 10;
/// Seconds to wait after so many wrong tries in a row: a slip of the thumb costs nothing, and all ten take more than three hours.
const WAITS_S: [u64; TRIES_MAX as usize + 1] = [0, 0, 0, 15, 60, 300, 900, 1_800, 3_600, 3_600, 3_600];

/// How often somebody was wrong in a row, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    pub(crate) failed: u32,
    /// Unix milliseconds, UTC, by this phone's own clock.
    pub(crate) last_unix_ms: i64,
}

impl Tries {
    pub(crate) fn read(keys: &dyn KeyStore) -> Result<Tries, KeyError> {
        let text = keys.get(TRIES)?;
        // What cannot be read was written by nobody of ours: it counts as many, never as none.
        Ok(text.map_or(Tries::default(), |text| {
            serde_json::from_str(&text).unwrap_or(Tries { failed: TRIES_MAX - 1, last_unix_ms: i64::MAX })
        }))
    }

    pub(crate) fn write(self, keys: &dyn KeyStore) -> Result<(), KeyError> {
        let text = serde_json::to_string(&self).map_err(|error| KeyError(error.to_string()))?;
        keys.set(TRIES, &text)
    }

    /// The same, seen from now: a clock that was set back begins the wait anew, and never ends it.
    pub(crate) fn seen_at(self, now_unix_ms: i64) -> Tries {
        Tries { last_unix_ms: self.last_unix_ms.min(now_unix_ms), ..self }
    }

    /// Seconds until the next try.
    pub(crate) fn wait_s(self, now_unix_ms: i64) -> u64 {
        let wait = WAITS_S[(self.failed as usize).min(WAITS_S.len() - 1)];
        let passed = u64::try_from(now_unix_ms.saturating_sub(self.last_unix_ms)).unwrap_or(0) / 1000;
        wait.saturating_sub(passed)
    }

    /// One more.
    pub(crate) fn and_one(self, now_unix_ms: i64) -> Tries {
        Tries { failed: self.failed.saturating_add(1), last_unix_ms: now_unix_ms }
    }

    pub(crate) fn left(self) -> u32 {
        TRIES_MAX.saturating_sub(self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_395_600_000;

    #[test]
    fn waits_grow_and_no_clock_shortens_them() {
        for (failed, passed_s, wait_s, why) in [
            (0, 0, 0, "nobody was wrong"),
            (2, 0, 0, "a slip of the thumb"),
            (3, 0, 15, "the third"),
            (3, 14, 1, "a second too early"),
            (3, 15, 0, "in time"),
            (5, 0, 300, "the fifth"),
            (9, 3_600, 0, "an hour later"),
            (99, 0, 3_600, "where the key is not destroyed"),
        ] {
            let tries = Tries { failed, last_unix_ms: NOW };
            assert_eq!(tries.wait_s(NOW + passed_s * 1000), wait_s, "{why}");
        }
        let tries = Tries { failed: 5, last_unix_ms: NOW };
        let set_back = NOW - 40 * 365 * 24 * 3_600_000;
        assert_eq!(tries.wait_s(set_back), 300, "a clock set back ends no wait");
        let seen = tries.seen_at(set_back);
        assert_eq!(seen.wait_s(set_back + 299_000), 1, "and begins it anew");
        assert_eq!(seen.wait_s(set_back + 300_000), 0, "so that nobody waits for forty years");
    }
}
