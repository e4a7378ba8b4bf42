//! The key store as a device behind a lock sees it: what it keeps there is boxed under the file's key while there is a PIN. Who takes
//! the phone apart finds no secret with which to ask the server for the village.

use std::sync::{Arc, Mutex};

use store::cipher::FileKey;

use super::wrap;
use crate::identity::KEPT;
use crate::lock;
use crate::surroundings::{Connector, KeyError, KeyStore, Surroundings, random_32};

/// How a boxed value begins.
const BOXED: &str = "boxed:";

/// Surroundings with a key store of its own kind, and everything else as it is.
pub(super) struct Behind {
    around: Arc<dyn Surroundings>,
    keys: BoxedKeys,
}

impl Behind {
    pub(super) fn new(around: Arc<dyn Surroundings>) -> Behind {
        Behind { keys: BoxedKeys { around: Arc::clone(&around), under: Mutex::new(Under::default()) }, around }
    }

    /// From now on values are opened with this key, and boxed under it where there is a PIN.
    pub(super) fn keep_under(&self, key: Option<FileKey>, pin: bool) {
        *lock(&self.keys.under) = Under { key, boxing: pin };
    }

    /// Writes a value as it is to be kept now: after a PIN came or went.
    pub(super) fn keep_again(&self, name: &str) -> Result<(), KeyError> {
        match self.keys.get(name)? {
            Some(value) => self.keys.set(name, &value),
            None => Ok(()),
        }
    }
}

impl Surroundings for Behind {
    fn unix_ms(&self) -> i64 {
        self.around.unix_ms()
    }
    fn random(&self) -> [u8; 10] {
        self.around.random()
    }
    fn keys(&self) -> &dyn KeyStore {
        &self.keys
    }
    fn connector(&self) -> &dyn Connector {
        self.around.connector()
    }
    fn model(&self) -> String {
        self.around.model()
    }
    fn asks_ahead(&self) -> bool {
        self.around.asks_ahead()
    }
}

#[derive(Default)]
struct Under {
    key: Option<FileKey>,
    boxing: bool,
}

struct BoxedKeys {
    around: Arc<dyn Surroundings>,
    under: Mutex<Under>,
}

impl KeyStore for BoxedKeys {
    fn get(&self, name: &str) -> Result<Option<String>, KeyError> {
        let Some(value) = self.around.keys().get(name)? else { return Ok(None) };
        let Some(boxed) = value.strip_prefix(BOXED) else { return Ok(Some(value)) };
        let refused = || KeyError("a value is boxed under another key".to_owned());
        let under = lock(&self.under);
        let key = under.key.as_ref().ok_or_else(refused)?;
        let plain = wrap::open(key.bytes(), boxed).map_err(|_| refused())?;
        Ok(Some(String::from_utf8(plain.to_vec()).map_err(|_| refused())?))
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError> {
        let under = lock(&self.under);
        if under.boxing && under.key.is_none() && name == KEPT {
            // Locked meanwhile: asked for again after the next unlocking, and never written down for anybody to read.
            return Err(KeyError("nothing is kept while it is locked".to_owned()));
        }
        // The word with which a locked phone hands in stays outside; it is good for nothing else.
        match under.key.as_ref().filter(|_| under.boxing && name == KEPT) {
            None => self.around.keys().set(name, secret),
            Some(key) => {
                let boxed = wrap::seal(key.bytes(), &random_32(&*self.around), secret.as_bytes())
                    .map_err(|_| KeyError("nothing could be boxed".to_owned()))?;
                self.around.keys().set(name, &format!("{BOXED}{boxed}"))
            }
        }
    }

    fn remove(&self, name: &str) -> Result<(), KeyError> {
        self.around.keys().remove(name)
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;
    use crate::native::Machine;
    use crate::sealing::HAND_IN;
    use crate::surroundings::FileKeys;

    #[test]
    fn the_devices_secret_is_never_written_down_while_it_is_locked() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = || FileKeys::new(folder.path().to_owned());
        let behind = Behind::new(Arc::new(Machine::new(Box::new(below()), "test".to_owned())));
        let stands = || below().get(KEPT).expect("the key store");

        behind.keys().set(KEPT, "first").expect("no PIN yet");
        assert_eq!(stands().as_deref(), Some("first"));
        let key = FileKey::new([7; 32]);
        behind.keep_under(Some(key.clone()), true);
        behind.keep_again(KEPT).expect("boxed");
        let boxed = stands().expect("kept");
        assert!(boxed.starts_with(BOXED) && !boxed.contains("first"));

        // An exchange that was asking for another number when somebody locked the phone.
        behind.keep_under(None, true);
        behind.keys().set(KEPT, "second").expect_err("nobody could box it");
        assert_eq!(stands().as_deref(), Some(boxed.as_str()), "what stood there stands");
        behind.keys().get(KEPT).expect_err("nor is it read");
        behind.keys().set(HAND_IN, "word").expect("the word to hand in with lies outside");
        assert_eq!(below().get(HAND_IN).expect("the key store").as_deref(), Some("word"));

        behind.keep_under(Some(key), true);
        assert_eq!(behind.keys().get(KEPT).expect("opened").as_deref(), Some("first"), "it asks for that number again");
    }
}
