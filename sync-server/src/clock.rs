//! Time and chance, so that a test decides them.

use std::time::{SystemTime, UNIX_EPOCH};

/// What time it is.
pub trait Clock: Send + Sync {
    /// Unix milliseconds, UTC.
    fn now_unix_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_unix_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Random bytes: secrets, one-time codes, version tags.
pub trait Dice: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system's generator does not fail once it has started");
    }
}

/// Bytes that follow from a seed: the same demo twice, a simulation that can be repeated. Never for a real secret.
#[derive(Debug)]
pub struct SeededDice {
    seed: u64,
    drawn: std::sync::atomic::AtomicU64,
}

impl SeededDice {
    /// Bytes that follow from this seed.
    pub fn new(seed: u64) -> SeededDice {
        SeededDice { seed, drawn: std::sync::atomic::AtomicU64::new(0) }
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&self, end: usize) -> usize {
        let mut bytes = [0u8; 8];
        self.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) >> 16).unwrap_or(0).checked_rem(end).unwrap_or(0)
    }
}

impl Dice for SeededDice {
    fn fill(&self, bytes: &mut [u8]) {
        let draw = self.drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&draw.to_le_bytes());
        hasher.finalize_xof().fill(bytes);
    }
}

/// A fresh id.
pub fn fresh_uuid(clock: &dyn Clock, dice: &dyn Dice) -> uuid::Uuid {
    let mut random = [0u8; 10];
    dice.fill(&mut random);
    domain::ids::uuid_v7(u64::try_from(clock.now_unix_ms()).unwrap_or(0), random)
}

/// `count` random bytes as hexadecimal.
pub fn random_hex(dice: &dyn Dice, count: usize) -> String {
    let mut bytes = vec![0u8; count];
    dice.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
