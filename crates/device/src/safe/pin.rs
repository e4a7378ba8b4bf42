//! Setting, changing, trying a PIN; and what is left when nobody knows it.

use std::sync::Arc;

use ui_protocol::lock::{PIN_DIGITS_MAX, PIN_DIGITS_MIN, SetPin};
use ui_protocol::session::{DeviceStatus, Status};
use ui_protocol::{ErrorCode, UiError};

use super::tries::{TRIES_MAX, Tries};
use super::{Inner, SECRET, Safe, keys_failed, open_failed};
use crate::error::Failure;
use crate::identity::{KEPT, SECRET_0_1};
use crate::lock;
use store::cipher::FileKey;

/// PINs that a thief tries first: all digits the same, or counted up or down.
fn is_simple(pin: &str) -> bool {
    let steps: Vec<i16> = pin.as_bytes().windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
    [0, 1, -1].iter().any(|step| steps.iter().all(|other| other == step))
}

fn is_pin(pin: &str) -> bool {
    (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit())
}

impl Safe {
    pub(super) fn unlock(&self, pin: &str) -> Result<DeviceStatus, Failure> {
        let mut inner = lock(&self.inner);
        if inner.open.is_none() {
            let key = self.try_pin(&mut inner, pin)?;
            self.open_device(&mut inner, Some(key)).map_err(|error| UiError::of(open_failed(&error)))?;
            if let Some(open) = &inner.open {
                open.device.let_in();
                if let Some(file) = inner.lock.as_mut().filter(|file| file.handed_in) {
                    file.handed_in = false;
                    self.write(file).map_err(|error| UiError::of(open_failed(&error)))?;
                }
                // A crash may have come between the PIN and this.
                self.behind.keep_again(KEPT).map_err(keys_failed)?;
            }
        }
        drop(inner);
        self.open_status()
    }

    /// Counts a try, then tries it. The tenth wrong one in a row destroys the key, where everything unsent is sealed beside it.
    fn try_pin(&self, inner: &mut Inner, pin: &str) -> Result<FileKey, Failure> {
        let file = inner.lock.as_mut().ok_or(ErrorCode::NotAllowed)?;
        if file.wrapped.is_none() {
            return Err(ErrorCode::KeyGone.into());
        }
        let keys = self.around.keys();
        let now = self.around.unix_ms();
        let before = Tries::read(keys).map_err(keys_failed)?;
        let tries = before.seen_at(now);
        let wait_s = tries.wait_s(now);
        if wait_s > 0 {
            if tries != before {
                tries.write(keys).map_err(keys_failed)?;
            }
            return Err(UiError { retry_after_s: wait_s, ..UiError::of(ErrorCode::TooManyTries) }.into());
        }
        let secret = self.secret().map_err(|error| UiError::of(open_failed(&error)))?.ok_or(ErrorCode::KeyGone)?;
        // Before it is tried: who switches the phone off in time has tried all the same.
        let counted = tries.and_one(now);
        counted.write(keys).map_err(keys_failed)?;
        if let Ok(key) = file.unwrap(&secret, Some(pin)) {
            Tries::default().write(keys).map_err(keys_failed)?;
            return Ok(key);
        }
        // Where something unsent is in no box, the waits alone have to do.
        if counted.failed >= TRIES_MAX && self.is_sealed_whole()? {
            keys.remove(SECRET).map_err(keys_failed)?;
            file.wrapped = None;
            self.write(file).map_err(|error| UiError::of(open_failed(&error)))?;
            return Err(ErrorCode::KeyGone.into());
        }
        Err(UiError { retry_after_s: counted.wait_s(now), ..UiError::of(ErrorCode::WrongPin) }.into())
    }

    pub(super) fn set_pin(&self, ask: &SetPin) -> Result<DeviceStatus, Failure> {
        // A PIN that is forgotten must cost nobody's work: first the county's key, to which everything unsent is sealed. Asked for before
        // anything is held: the network takes its time.
        if let Some(device) = self.device().filter(|device| device.is_signed_in()) {
            device.begin_sealing();
            if !device.is_sealed_whole() {
                device.ask_for_county_key();
            }
        }
        let mut inner = lock(&self.inner);
        let device = inner.open.as_ref().map(|open| Arc::clone(&open.device)).ok_or(ErrorCode::Locked)?;
        if !device.is_signed_in() {
            return Err(ErrorCode::SignedOut.into());
        }
        let changes = inner.lock.as_ref().is_some_and(|file| file.pin.is_some());
        if changes {
            self.try_pin(&mut inner, &ask.old)?;
        }
        if !device.is_sealed_whole() {
            return Err(ErrorCode::SyncFirst.into());
        }
        if !is_pin(&ask.new) || is_simple(&ask.new) {
            return Err(UiError::form(vec![domain::form::FieldProblem::stop("pin", domain::form::Problem::OutOfRange)]).into());
        }
        let failed = |error: crate::OpenError| Failure::from(UiError::of(open_failed(&error)));
        let settings = device.settings().unwrap_or_default();
        let held = inner.open.as_ref().and_then(|open| open.key.clone());
        let key = match held {
            Some(key) => {
                let secret = self.secret().map_err(failed)?.ok_or(ErrorCode::KeyGone)?;
                let mut made = inner.lock.clone().unwrap_or_default();
                made.wrap(&*self.around, &secret, Some(&ask.new), &key).map_err(|_| ErrorCode::Internal)?;
                made.settings = settings;
                self.write(&made).map_err(failed)?;
                inner.lock = Some(made);
                key
            }
            None => {
                let key = self.first_key(&mut inner, Some(&ask.new)).map_err(failed)?;
                if let Some(file) = inner.lock.as_mut() {
                    file.settings = settings;
                    self.write(file).map_err(failed)?;
                }
                key
            }
        };
        if let Some(open) = inner.open.as_mut() {
            open.key = Some(key.clone());
        }
        // From now on the right to speak to the server lies behind the PIN too; what release 0.1 kept elsewhere is kept there no more.
        self.behind.keep_under(Some(key), true);
        device.keep_what_0_1_kept()?;
        self.behind.keep_again(KEPT).map_err(keys_failed)?;
        self.around.keys().remove(SECRET_0_1).map_err(keys_failed)?;
        drop(inner);
        self.open_status()
    }

    pub(super) fn drop_pin(&self, pin: &str) -> Result<DeviceStatus, Failure> {
        let mut inner = lock(&self.inner);
        let device = inner.open.as_ref().map(|open| Arc::clone(&open.device)).ok_or(ErrorCode::Locked)?;
        if !device.is_signed_in() {
            return Err(ErrorCode::SignedOut.into());
        }
        if inner.lock.as_ref().is_none_or(|file| file.pin.is_none()) {
            return Err(ErrorCode::NotAllowed.into());
        }
        let key = self.try_pin(&mut inner, pin)?;
        let failed = |error: crate::OpenError| Failure::from(UiError::of(open_failed(&error)));
        let secret = self.secret().map_err(failed)?.ok_or(ErrorCode::KeyGone)?;
        self.behind.keep_under(Some(key.clone()), false);
        self.behind.keep_again(KEPT).map_err(keys_failed)?;
        let mut made = inner.lock.clone().unwrap_or_default();
        made.wrap(&*self.around, &secret, None, &key).map_err(|_| ErrorCode::Internal)?;
        self.write(&made).map_err(failed)?;
        inner.lock = Some(made);
        drop(inner);
        self.open_status()
    }

    pub(super) fn lock_now(&self) -> Result<DeviceStatus, Failure> {
        if lock(&self.inner).lock.as_ref().is_none_or(|file| file.pin.is_none()) {
            return Err(ErrorCode::NotAllowed.into());
        }
        self.shut();
        self.locked_status()
    }

    /// Forgets the key. What was being typed is kept, behind it.
    pub(super) fn shut(&self) {
        let mut inner = lock(&self.inner);
        if inner.lock.as_ref().is_none_or(|file| file.pin.is_none()) {
            return;
        }
        if let Some(open) = inner.open.take() {
            // A running exchange stops after its page.
            open.device.end();
            open.device.close();
            inner.ending = Arc::downgrade(&open.device);
        }
        self.behind.keep_under(None, true);
        inner.asked_unix_ms = self.around.unix_ms();
    }

    pub(super) fn open_status(&self) -> Result<DeviceStatus, Failure> {
        let Some(device) = self.device() else { return self.locked_status() };
        device.show_lock(self.shown(&lock(&self.inner)));
        device.look_at_the_lease();
        device.status(&Status {})
    }
}
