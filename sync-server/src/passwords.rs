//! Passwords (argon2id), one-time codes, and how often somebody may try.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::clock::Dice;
use crate::failure::AdminError;

/// The shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// The longest; argon2 would take more, and a megabyte of it would be an attack.
const PASSWORD_BYTES_MAX: usize = 256;

/// A hash with its salt, as argon2 writes it.
///
/// # Errors
/// [`AdminError::WeakPassword`].
pub fn hash(password: &str, dice: &dyn Dice) -> Result<String, AdminError> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(AdminError::WeakPassword(PASSWORD_CHARS_MIN));
    }
    let mut salt = [0u8; 16];
    dice.fill(&mut salt);
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.expect("argon2 takes any password of this length with a salt of 16 bytes").to_string())
}

/// Whether a password is the one that was hashed. Takes as long for a hash that cannot be read, which is what an unknown
/// login gets: the time tells nobody which logins exist.
pub fn is_right(password: &str, hash: &str) -> bool {
    /// Of no password.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let (parsed, known) = match PasswordHash::new(hash) {
        Ok(parsed) => (parsed, true),
        Err(_) => (PasswordHash::new(NOBODY).expect("a hash of this file"), false),
    };
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
}

/// How many passwords are weighed at once. Each takes 19 MiB: more at once are no faster, and would be a way to fill the memory.
const WEIGHED_MAX: usize = 4;

/// Places at the scales; who finds none waits.
#[derive(Debug, Default)]
pub struct Scales {
    taken: Mutex<usize>,
    left: Condvar,
}

/// A place, given back when it is dropped.
struct Taken<'s>(&'s Scales);

impl Scales {
    /// Does what needs argon2, when there is a place.
    pub fn weigh<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken >= WEIGHED_MAX {
            taken = self.left.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += 1;
        drop(taken);
        let _place = Taken(self);
        work()
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.left.notify_one();
    }
}

/// Letters of a one-time code: none that is taken for another when it is read out or copied by hand.
const CODE_LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Letters of a one-time code.
pub const CODE_LENGTH: usize = 8;

/// A fresh one-time code.
pub fn fresh_code(dice: &dyn Dice) -> String {
    let mut code = String::with_capacity(CODE_LENGTH);
    while code.len() < CODE_LENGTH {
        let mut byte = [0u8];
        dice.fill(&mut byte);
        // 248 is eight times 31: what is above would make the first letters likelier.
        if byte[0] < 248 {
            code.push(char::from(CODE_LETTERS[usize::from(byte[0]) % CODE_LETTERS.len()]));
        }
    }
    code
}

/// A code as it was typed, as it is compared: capitals, without dashes and spaces.
pub fn clean_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).take(CODE_LENGTH + 1).collect()
}

/// A login as it was typed, as it is stored.
pub fn clean_login(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Keys remembered at once. Beyond that, whoever has waited longest is forgotten, which only makes us more patient.
const KEYS_MAX: usize = 10_000;

/// A bucket for each key: so many at once, then one every so often.
#[derive(Debug)]
pub struct Buckets {
    capacity: i64,
    refill_ms: i64,
    /// By key: how many are left, and since when.
    left: Mutex<HashMap<String, (i64, i64)>>,
}

impl Buckets {
    /// `capacity` at once, one more every `refill_ms` milliseconds.
    pub fn new(capacity: i64, refill_ms: i64) -> Buckets {
        Buckets { capacity, refill_ms, left: Mutex::new(HashMap::new()) }
    }

    /// Takes one. When there is none, says how many milliseconds to wait.
    ///
    /// # Errors
    /// The milliseconds.
    pub fn take(&self, key: &str, now_unix_ms: i64) -> Result<(), u64> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= KEYS_MAX && !left.contains_key(key) {
            let oldest = left.iter().min_by_key(|(_, (_, since))| *since).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| left.remove(&oldest));
        }
        let (count, since) = left.entry(key.to_owned()).or_insert((self.capacity, now_unix_ms));
        let refilled = (now_unix_ms - *since).max(0) / self.refill_ms;
        if refilled > 0 {
            *count = (*count + refilled).min(self.capacity);
            *since = now_unix_ms;
        }
        if *count == 0 {
            let wait = self.refill_ms - (now_unix_ms - *since).max(0);
            return Err(u64::try_from(wait.max(1)).unwrap_or(1));
        }
        *count -= 1;
        Ok(())
    }

    /// Fills a bucket again: it was the right person after all.
    pub fn forgive(&self, key: &str) {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededDice;

    #[test]
    fn a_password_is_recognised_and_no_other() {
        let stored = hash("correct horse", &SeededDice::new(1)).expect("long enough");
        assert!(stored.starts_with("$argon2id$"), "argon2id, as the issue asks: {stored}");
        assert!(is_right("correct horse", &stored));
        for (password, hash) in
            [("correct hors", stored.as_str()), ("", &stored), ("", ""), ("x", "no hash"), (&"a".repeat(9999), &stored)]
        {
            assert!(!is_right(password, hash), "{} characters", password.len());
        }
        assert_eq!(hash("short", &SeededDice::new(1)), Err(AdminError::WeakPassword(PASSWORD_CHARS_MIN)));
    }

    #[test]
    fn a_code_survives_being_read_out_and_typed() {
        let code = fresh_code(&SeededDice::new(7));
        assert_eq!(code.len(), CODE_LENGTH);
        assert!(!code.contains(['0', 'O', '1', 'I', 'L']), "letters that look alike: {code}");
        let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
        assert_eq!(clean_code(&typed), code);
        assert_ne!(clean_code(&format!("{code}X")), code, "a longer one is another one");
    }

    #[test]
    fn only_so_many_are_weighed_at_once_and_a_panic_gives_its_place_back() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        let (scales, now, most) = (Scales::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for index in 0..24 {
                let (scales, now, most) = (&scales, &now, &most);
                scope.spawn(move || {
                    let weighed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        scales.weigh(|| {
                            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                            std::thread::sleep(std::time::Duration::from_millis(2));
                            now.fetch_sub(1, SeqCst);
                            assert_ne!(index, 3, "one of them fails");
                        });
                    }));
                    assert_eq!(weighed.is_err(), index == 3);
                });
            }
        });
        assert!(most.load(SeqCst) <= WEIGHED_MAX, "{} at once", most.load(SeqCst));
        assert_eq!(*scales.taken.lock().expect("no panic"), 0);
    }

    #[test]
    fn tries_run_out_and_come_back() {
        let buckets = Buckets::new(2, 1000);
        assert_eq!([buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 300)], [Ok(()), Ok(()), Err(700)]);
        assert_eq!(buckets.take("b", 300), Ok(()), "another key has its own");
        assert_eq!([buckets.take("a", 1000), buckets.take("a", 1001)], [Ok(()), Err(999)]);
        buckets.forgive("a");
        assert_eq!(buckets.take("a", 1001), Ok(()));
        for key in 0..(KEYS_MAX * 2) {
            assert_eq!(buckets.take(&key.to_string(), 2000), Ok(()), "strangers cannot fill the memory");
        }
        assert!(buckets.left.lock().expect("no panic").len() <= KEYS_MAX);
    }
}
