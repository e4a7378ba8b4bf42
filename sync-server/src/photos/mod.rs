//! Photos' bytes: who may send them, who may have them, where they lie, and when they go.
//!
//! Bytes have no rights of their own: whoever may read a living record that names them may have them, and nobody else learns
//! whether they exist.

mod clean;
mod folder;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::access::Role;
use domain::photo::{BLOB_BYTES_MAX, BlobHash};
use store::server::View;
use sync_protocol::SyncError;
use sync_protocol::blob::{BlobError, BlobState, PIECE_BYTES_MAX, UNFINISHED_MAX};

use crate::caller::{Caller, Credentials, authenticate, authenticate_to_push};
use crate::core::Core;
use crate::failure::Failure;
use crate::quarantine;
use crate::renew::first_number;
use crate::restored::check_confirmed;

pub use clean::{Cleaned, GRACE_DAYS};
pub use folder::{FOLDER, Folder};

/// When a device should come back that sends two pieces at once.
const AGAIN_MS: u64 = 1_000;

/// When a device should come back while the disk is nearly full.
const FULL_AGAIN_MS: u64 = 10 * 60 * 1000;

/// Devices of which a piece is being written: one at a time each.
#[derive(Debug, Default)]
pub(crate) struct Arriving(Mutex<BTreeSet<u32>>);

struct Turn<'a>(&'a Arriving, u32);

impl Arriving {
    fn begin(&self, device: u32) -> Result<Turn<'_>, SyncError> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(device);
        if free { Ok(Turn(self, device)) } else { Err(SyncError::Busy { retry_after_ms: AGAIN_MS }) }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// What somebody wants with bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Have,
    Send,
}

/// Bytes somebody may have or send.
struct Granted {
    caller: Caller,
    /// All there are: as verified, or as the record says.
    length: u64,
    arrived: bool,
}

/// Whether a record of the caller's names these bytes. Default deny, and the same answer for what does not exist.
fn granted(
    view: &View<'_>,
    credentials: &Credentials,
    hash: BlobHash,
    wish: Wish,
    now_unix_ms: i64,
) -> Result<Granted, BlobFailure> {
    let caller = match wish {
        Wish::Have => authenticate(view, credentials)?,
        // Who was shut out delivers the photos of what they delivered: the bytes are nowhere else.
        Wish::Send => authenticate_to_push(view, credentials, now_unix_ms)?,
    };
    let mut length = 0;
    for named in view.blob_uses(hash)?.into_iter().filter(|named| named.living) {
        let reads = match view.record(named.record)? {
            Some(record) => caller.reads(&record),
            None => false,
        };
        // Who wrote the record still brings its bytes after it moved to another village: they are on no other phone.
        let brings = wish == Wish::Send && view.device_account(named.device)? == Some(caller.account.id);
        if reads || brings {
            length = length.max(named.bytes.min(u64::from(BLOB_BYTES_MAX)));
        }
    }
    if wish == Wish::Send
        && let Some(held) = view.held_blob(hash, caller.account.id)?
    {
        length = length.max(held.min(u64::from(BLOB_BYTES_MAX)));
    }
    let writes = matches!(caller.account.role, Role::Coordinator | Role::Officer);
    if length == 0 || (wish == Wish::Send && !writes) {
        return Err(BlobError::NotThere.into());
    }
    let arrived = view.blob(hash)?;
    if caller.late.is_some() && arrived.is_none() && !quarantine::has_room_for_bytes(view, caller.device.number, length)? {
        return Err(BlobError::NotThere.into());
    }
    Ok(Granted { caller, length: arrived.map_or(length, |row| row.bytes), arrived: arrived.is_some() })
}

impl Core {
    /// How much of some bytes this device has brought.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub fn blob_state(&self, credentials: &Credentials, hash: BlobHash) -> Result<BlobState, BlobError> {
        self.state(credentials, hash).map_err(BlobFailure::into_blob)
    }

    fn state(&self, credentials: &Credentials, hash: BlobHash) -> Result<BlobState, BlobFailure> {
        let granted = self.granted(credentials, hash, Wish::Send)?;
        let length = granted.length;
        let offset = if granted.arrived {
            length
        } else {
            // What a power cut left may be as long as it should be and not be it: the last piece is asked for again.
            self.photos.unfinished(granted.caller.device.number, hash)?.min(length.saturating_sub(1))
        };
        Ok(BlobState { offset, length })
    }

    /// Takes a piece. The last one makes the server look whether the bytes are what their name says.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub fn put_blob(&self, credentials: &Credentials, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError> {
        self.put(credentials, hash, offset, piece).map_err(BlobFailure::into_blob)
    }

    fn put(&self, credentials: &Credentials, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobFailure> {
        let Granted { caller, length, arrived } = self.granted(credentials, hash, Wish::Send)?;
        if arrived {
            // Somebody else brought the same photo, or an answer was lost.
            return Ok(BlobState { offset: length, length });
        }
        if piece.len() > PIECE_BYTES_MAX {
            return Err(SyncError::TooLarge.into());
        }
        let device = caller.device.number;
        let _turn = self.arriving.begin(device.0)?;
        let here = self.photos.unfinished(device, hash)?;
        // A piece may overlap what is here: only what is new of it is kept.
        let again = here.checked_sub(offset).and_then(|again| usize::try_from(again).ok());
        let Some(new) = again.and_then(|again| piece.get(again..)) else {
            return Err(BlobError::Offset { expected: here }.into());
        };
        let now = here + new.len() as u64;
        if now > length {
            self.photos.discard(device, hash)?;
            return Err(BlobError::WrongHash.into());
        }
        // The register needs the disk more than a picture does: photos wait on their phones.
        if !self.photos.has_room()? {
            return Err(SyncError::Busy { retry_after_ms: FULL_AGAIN_MS }.into());
        }
        if here == 0 {
            // What nobody has verified may not fill the disk, and what was given up may not keep anybody from going on.
            self.photos.make_room(device, UNFINISHED_MAX)?;
        }
        self.photos.append(device, hash, new)?;
        if self.photos.finish(device, hash)? {
            let (folder, now_unix_ms, late) = (self.photos.clone(), self.now_unix_ms(), caller.late.is_some());
            self.write(move |write| {
                // A clean-up in another process may have taken the file away again: then it is sent once more.
                if !folder.has(hash) {
                    return Err(SyncError::Busy { retry_after_ms: AGAIN_MS }.into());
                }
                if late {
                    write.count_late(first_number(write, device)?, 0, now)?;
                }
                Ok(write.add_blob(hash, now, now_unix_ms)?)
            })?;
            self.metrics.add(&self.metrics.photos_arrived_total, 1);
            return Ok(BlobState { offset: now, length: now });
        }
        if now == length {
            self.photos.discard(device, hash)?;
            self.metrics.add(&self.metrics.photos_wrong_total, 1);
            return Err(BlobError::WrongHash.into());
        }
        Ok(BlobState { offset: now, length })
    }

    /// Gives a piece.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub fn blob(&self, credentials: &Credentials, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError> {
        let found = || -> Result<Vec<u8>, BlobFailure> {
            let granted = self.granted(credentials, hash, Wish::Have)?;
            self.look(check_confirmed)?;
            if !granted.arrived {
                return Err(BlobError::NotArrived.into());
            }
            if offset > granted.length {
                return Err(BlobError::Offset { expected: granted.length }.into());
            }
            self.stored(hash, offset, length)
        };
        found().map_err(BlobFailure::into_blob)
    }

    /// Verified bytes from the folder, for whoever was granted them.
    pub(crate) fn stored(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobFailure> {
        if let Some(piece) = self.photos.read(hash, offset, length)? {
            return Ok(piece);
        }
        // Somebody took the file away. It counts as missing again, and whoever has the bytes is asked for them.
        tracing::error!(%hash, "the bytes of a photo are gone from the folder");
        self.write(move |write| Ok(write.forget_blob(hash)?))?;
        Err(BlobError::NotArrived.into())
    }

    fn granted(&self, credentials: &Credentials, hash: BlobHash, wish: Wish) -> Result<Granted, BlobFailure> {
        let mut refused = None;
        let now_unix_ms = self.now_unix_ms();
        let looked = self.look(|view| match granted(view, credentials, hash, wish, now_unix_ms) {
            Ok(granted) => Ok(Some(granted)),
            Err(BlobFailure::Said(error)) => {
                refused = Some(error);
                Ok(None)
            }
            Err(BlobFailure::Failed(failure)) => Err(failure),
        })?;
        looked.ok_or_else(|| BlobFailure::Said(refused.unwrap_or(BlobError::NotThere)))
    }
}

/// A refusal for the device, or a failure of ours.
#[derive(Debug)]
pub(crate) enum BlobFailure {
    Said(BlobError),
    Failed(Failure),
}

impl BlobFailure {
    pub(crate) fn into_blob(self) -> BlobError {
        match self {
            BlobFailure::Said(error) => error,
            BlobFailure::Failed(failure) => BlobError::Sync(failure.into_sync()),
        }
    }
}

impl From<BlobError> for BlobFailure {
    fn from(error: BlobError) -> BlobFailure {
        BlobFailure::Said(error)
    }
}
impl From<SyncError> for BlobFailure {
    fn from(error: SyncError) -> BlobFailure {
        BlobFailure::Said(error.into())
    }
}
impl From<Failure> for BlobFailure {
    fn from(failure: Failure) -> BlobFailure {
        match failure {
            Failure::Sync(error) => BlobFailure::Said(error.into()),
            failure => BlobFailure::Failed(failure),
        }
    }
}
impl From<store::StoreError> for BlobFailure {
    fn from(error: store::StoreError) -> BlobFailure {
        BlobFailure::Failed(error.into())
    }
}
impl From<std::io::Error> for BlobFailure {
    fn from(error: std::io::Error) -> BlobFailure {
        BlobFailure::Failed(store::StoreError::File(error).into())
    }
}
