//! Sealed saves: made on a phone that nobody can open any more, and handed in by it all the same. The county's key opens them here;
//! each goes the way of late work, so that the station decides, and one that came before is not there twice.
//!
//! The secret half lies in a file of its own beside the database, readable by its owner only: a backup that is carried around opens no
//! phone's boxes. Losing it loses only what lies sealed on locked phones.

use std::path::{Path, PathBuf};

use sync_protocol::sealed::{self, HAND_IN_SAVES_MAX, HandIn, HandInReply, SealedSave};
use sync_protocol::{SyncError, Told};

use crate::caller::{Credentials, authenticate, prove_hand_in};
use crate::clock::{Dice, random_hex};
use crate::core::Core;
use crate::failure::Failure;
use crate::push;

/// Beside the database.
const KEY: &str = "seal-key";

/// The file of the secret key.
pub fn key_file(database: &Path) -> PathBuf {
    store::open::beside(database, KEY)
}

impl Core {
    /// The county's secret key; made when there is none.
    fn seal_key(&self) -> Result<String, Failure> {
        // One at a time: two keys made at once would be one too many.
        let mut known = self.seal_key.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = known.as_ref() {
            return Ok(key.clone());
        }
        let key = read_or_make(&key_file(self.path()), &*self.dice).map_err(store::StoreError::from)?;
        *known = Some(key.clone());
        Ok(key)
    }

    /// Tells a device the county's key, and notes with what it may hand in.
    pub(crate) fn begin_sealing(&self, credentials: &Credentials, hand_in: String) -> Result<Told, Failure> {
        if blake3::Hash::from_hex(&hand_in).is_err() {
            return Err(SyncError::Malformed("not the hash of a word".to_owned()).into());
        }
        let key = sealed::public_key(&self.seal_key()?).map_err(|_| SyncError::Server)?;
        let credentials = credentials.clone();
        self.write(move |write| {
            let caller = authenticate(write, &credentials)?;
            write.set_hand_in(caller.device.number, &hand_in)?;
            Ok(())
        })?;
        Ok(Told::Sealing { key })
    }

    /// Takes sealed saves. Safe to repeat.
    ///
    /// # Errors
    /// [`SyncError::UnknownDevice`], [`SyncError::Unauthorised`], [`SyncError::Revoked`] for who was shut out more than a month ago;
    /// [`SyncError::TooLarge`] for more boxes than one request may hold.
    pub fn hand_in(&self, credentials: &Credentials, sealed: &HandIn) -> Result<HandInReply, SyncError> {
        self.take_boxes(credentials, sealed).map_err(Failure::into_sync)
    }

    fn take_boxes(&self, credentials: &Credentials, sealed: &HandIn) -> Result<HandInReply, Failure> {
        if sealed.saves.len() > HAND_IN_SAVES_MAX {
            return Err(SyncError::TooLarge.into());
        }
        let now_unix_ms = self.now_unix_ms();
        let caller = self.look(|view| prove_hand_in(view, credentials, now_unix_ms))?;
        let key = self.seal_key()?;
        // Outside the writer: opening boxes takes a while.
        let opened: Vec<Option<SealedSave>> = sealed.saves.iter().map(|boxed| sealed::open(&key, boxed).ok()).collect();
        let shut = opened.iter().filter(|save| save.is_none()).count();
        let account = caller.account.id;
        let (mut saves, mut foreign) = (Vec::new(), 0);
        for save in opened.into_iter().flatten() {
            match save.account == account && !save.changes.is_empty() {
                true => saves.push(save.changes),
                false => foreign += 1,
            }
        }
        // Two saves at one moment may have been boxed the other way round; a device's stamps only grow.
        saves.sort_by_key(|save| save.first().map(|change| change.origin.stamp));
        let (dice, credentials) = (std::sync::Arc::clone(&self.dice), credentials.clone());
        let mut reply = self.write(move |write| {
            let caller = prove_hand_in(write, &credentials, now_unix_ms)?;
            push::take_sealed(write, &caller, saves, now_unix_ms, &*dice)
        })?;
        reply.refused += (shut + foreign) as u64;
        if reply.refused > 0 {
            tracing::warn!(device = caller.device.number.0, refused = reply.refused, "sealed saves that are none were handed in");
        }
        tracing::info!(device = caller.device.number.0, held = reply.held, known = reply.known, "sealed saves were handed in");
        Ok(reply)
    }
}

fn read_or_make(path: &Path, dice: &dyn Dice) -> std::io::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) if sealed::public_key(text.trim()).is_ok() => return Ok(text.trim().to_owned()),
        Ok(_) => return Err(std::io::Error::other("the county's key for sealed saves cannot be read")),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let key = random_hex(dice, 32);
    // Under another name until it is whole: half a key opens nothing, and would be the county's for ever.
    let making = path.with_extension("seal-key-making");
    write_for_owner(&making, &key)?;
    std::fs::rename(&making, path)?;
    Ok(key)
}

#[cfg(unix)]
fn write_for_owner(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_for_owner(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}
