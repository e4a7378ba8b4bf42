//! What devices say they hold, written down: so that somebody else than the device can see that both sides hold the same.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use domain::DeviceNumber;
use domain::place::Scope;
use store::server::{SaidRow, Write};
use sync_protocol::ScopeState;

use crate::failure::Failure;
use crate::pull;

/// How long the same word is not written down again: a device that has nothing new asks once a minute.
const AGAIN_MS: i64 = 10 * 60 * 1000;

/// Letters of a digest; a device may say its first half.
const DIGEST_CHARS_MAX: usize = 32;

/// What was written down since the start, as a number for each device.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<BTreeMap<DeviceNumber, (u64, i64)>>);

impl Heard {
    /// Whether a device says something else than was written down a short while ago, if it says anything. Nothing of it is
    /// remembered yet: a transaction may still fail.
    pub(crate) fn is_news(&self, device: DeviceNumber, states: &[ScopeState], now_unix_ms: i64) -> Option<u64> {
        if states.iter().all(pull::says_no_sum) {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        for ScopeState { scope, cursor, digest, count } in states {
            (scope.to_string(), cursor, digest, count).hash(&mut hasher);
        }
        let word = hasher.finish();
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.get(&device).is_some_and(|(known, at)| *known == word && (now_unix_ms - at).abs() < AGAIN_MS);
        (!known).then_some(word)
    }

    /// It stands in the file.
    pub(crate) fn remember(&self, device: DeviceNumber, word: u64, now_unix_ms: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(device, (word, now_unix_ms));
    }
}

/// Writes down what a device holds of the scopes it was granted, and compares it where it has fetched everything: before its push,
/// which it does not hold yet.
///
/// # Errors
/// As the store says.
pub(crate) fn note(
    write: &Write<'_>,
    device: DeviceNumber,
    grants: &BTreeSet<Scope>,
    seen: &BTreeMap<Scope, u64>,
    states: &[ScopeState],
    now_unix_ms: i64,
) -> Result<(), Failure> {
    write.forget_said(device, &grants.iter().collect::<Vec<_>>())?;
    for state in states.iter().filter(|state| grants.contains(&state.scope) && !pull::says_no_sum(state)) {
        let row = write.scope(&state.scope)?;
        let version = seen.get(&state.scope).copied().unwrap_or(0);
        // What is no digest is kept as none: a device writes nothing else into this file.
        let is_digest = state.digest.len() <= DIGEST_CHARS_MAX && state.digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let same = (version == row.head).then(|| pull::holds(state, &row.digest) && state.count == row.digest.count);
        write.set_said(
            device,
            &state.scope,
            &SaidRow {
                digest: if is_digest { state.digest.clone() } else { String::new() },
                count: state.count,
                version,
                said_unix_ms: now_unix_ms,
                same,
                compared_unix_ms: same.map(|_| now_unix_ms),
            },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_is_written_down_once_in_a_while() {
        let heard = Heard::default();
        let device = DeviceNumber(7);
        let state = ScopeState { scope: Scope::County, cursor: Some("3.a".to_owned()), digest: "0".repeat(32), count: 2 };
        let word = heard.is_news(device, std::slice::from_ref(&state), 1_000).expect("nothing was heard yet");
        assert!(heard.is_news(device, std::slice::from_ref(&state), 1_000).is_some(), "the transaction may have failed");
        heard.remember(device, word, 1_000);
        assert_eq!(heard.is_news(device, std::slice::from_ref(&state), 2_000), None);
        assert!(heard.is_news(device, std::slice::from_ref(&state), 1_000 + AGAIN_MS).is_some(), "so that the time moves on");
        assert!(heard.is_news(DeviceNumber(8), std::slice::from_ref(&state), 2_000).is_some(), "another device");
        assert!(heard.is_news(device, &[ScopeState { count: 3, ..state }], 2_000).is_some(), "another word");
    }
}
