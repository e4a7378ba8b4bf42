//! What is around one phone: the county's clock, wrong by its own measure, chance, keys outside the file, and the line.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use device::{Connector, Credentials, KeyError, KeyStore, Surroundings};
use sync_protocol::blob::BlobServer;
use sync_protocol::sealed::{HandIn, HandInReply};
use sync_protocol::{EnrolReply, EnrolRequest, PasswordReply, PasswordRequest, SignInRequest, SyncError, SyncServer};
use sync_server::clock::{Clock, Dice, SeededDice};

use crate::sim::sim;
use crate::wire::Line;

/// The time of the county. A millisecond passes with every look.
#[derive(Debug)]
pub struct Hour(AtomicI64);

impl Hour {
    /// A clock that shows this.
    pub fn at(unix_ms: i64) -> Arc<Hour> {
        Arc::new(Hour(AtomicI64::new(unix_ms)))
    }

    /// Milliseconds pass.
    pub fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// Unix milliseconds, UTC.
    pub fn now(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Clock for Hour {
    fn now_unix_ms(&self) -> i64 {
        self.now()
    }
}

/// The platform's key store of one phone: outside its file, so that a copied file comes without it.
#[derive(Debug, Default)]
pub struct Keys(Mutex<BTreeMap<String, String>>);

impl Keys {
    /// With these secrets.
    pub fn with(secrets: BTreeMap<String, String>) -> Keys {
        Keys(Mutex::new(secrets))
    }

    /// Puts others in their place.
    pub fn replace(&self, secrets: BTreeMap<String, String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    /// All of them, for a copy of the whole phone.
    pub fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl KeyStore for Keys {
    fn get(&self, name: &str) -> Result<Option<String>, KeyError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }
    fn set(&self, name: &str, secret: &str) -> Result<(), KeyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.to_owned());
        Ok(())
    }
    fn remove(&self, name: &str) -> Result<(), KeyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

/// The surroundings of one phone.
#[derive(Debug)]
pub struct Around {
    /// Its place in the list of phones.
    pub phone: usize,
    hour: Arc<Hour>,
    /// How wrong its clock is, milliseconds.
    pub wrong_ms: AtomicI64,
    dice: SeededDice,
    /// Its key store.
    pub keys: Keys,
}

impl Around {
    /// A phone with a right clock.
    pub fn new(phone: usize, hour: &Arc<Hour>, seed: u64, secrets: BTreeMap<String, String>) -> Arc<Around> {
        Arc::new(Around {
            phone,
            hour: Arc::clone(hour),
            wrong_ms: AtomicI64::new(0),
            dice: SeededDice::new(seed),
            keys: Keys::with(secrets),
        })
    }
}

impl Surroundings for Around {
    fn unix_ms(&self) -> i64 {
        self.hour.now() + self.wrong_ms.load(Ordering::Relaxed)
    }
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.dice.fill(&mut bytes);
        bytes
    }
    fn keys(&self) -> &dyn KeyStore {
        &self.keys
    }
    fn connector(&self) -> &dyn Connector {
        self
    }
    fn model(&self) -> String {
        "simulated phone".to_owned()
    }
    fn asks_ahead(&self) -> bool {
        false
    }
}

impl Connector for Around {
    fn server(&self, _address: &str, credentials: Credentials) -> Box<dyn SyncServer + Send> {
        let generation = sim().phone(self.phone).generation.get();
        Box::new(Line { phone: self.phone, generation, credentials, said: Cell::new(0) })
    }
    fn blobs(&self, _address: &str, credentials: Credentials) -> Box<dyn BlobServer + Send> {
        let generation = sim().phone(self.phone).generation.get();
        Box::new(Line { phone: self.phone, generation, credentials, said: Cell::new(0) })
    }
    fn enrol(&self, _address: &str, request: EnrolRequest) -> Result<EnrolReply, SyncError> {
        sim().core().enrol(request)
    }
    fn sign_in(&self, _address: &str, _: Credentials, request: SignInRequest) -> Result<PasswordReply, SyncError> {
        sim().core().sign_in(&request)
    }
    fn password(&self, _address: &str, _: Credentials, request: PasswordRequest) -> Result<PasswordReply, SyncError> {
        sim().core().set_password(&request)
    }
    fn hand_in(&self, _address: &str, word: Credentials, sealed: HandIn) -> Result<HandInReply, SyncError> {
        let word = sync_server::caller::Credentials { device: word.device, secret: word.secret };
        sim().core().hand_in(&word, &sealed)
    }
}
