//! The queue of photos' bytes: small versions first, then whole photos, a piece at a time, and never in the way of an exchange.
//!
//! What the server has is asked before anything is sent, so that a cut, a stopped app or a photo that another phone has sent
//! costs nothing twice. Where it stands is in the device's file.

use std::sync::atomic::Ordering;

use domain::photo::BlobHash;
use store::StoreError;
use store::device::{BlobRow, Durability};
use sync_protocol::SyncError;
use sync_protocol::blob::{BlobError, BlobServer, PIECE_BYTES_MAX};

use crate::error::{Failure, sync_code, sync_failure};
use crate::{Device, lock};

use super::Keep;
use ui_protocol::ErrorCode;

/// The smallest piece: it crosses the weakest line before a request times out.
const PIECE_BYTES_MIN: usize = 2 * 1024;
/// Pieces of one run: an exchange that became due waits no longer.
const PIECES_MAX: u32 = 64;
/// Answers about one photo that say "go on elsewhere": more is a server that does not know what it says.
const JUMPS_MAX: u32 = 8;
/// After a failure that is this photo's own: first wait, longest wait.
const WAIT_FIRST_MS: i64 = 30_000;
const WAIT_MAX_MS: i64 = 6 * 60 * 60 * 1000;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Whole photos and small versions the server has now.
    pub sent: u64,
    /// Those that came.
    pub fetched: u64,
    /// Pieces, both ways.
    pub pieces: u32,
    /// There is more to do at once.
    pub more: bool,
}

/// How one photo's turn ended.
enum Turn {
    Done,
    /// Out of pieces, or an exchange wants the line.
    Paused,
}

impl Device {
    /// Carries photos' bytes for a while: what a shell calls beside its exchanges, again while there is more. Does nothing
    /// while an exchange runs.
    ///
    /// # Errors
    /// Why the line was given up; everything that was carried is kept.
    pub fn carry_photos(&self) -> Result<Carried, SyncError> {
        let ours = |_: Failure| SyncError::Server;
        self.notice_photos().map_err(ours)?;
        if self.carrying.swap(true, Ordering::AcqRel) {
            return Err(SyncError::Busy { retry_after_ms: 1_000 });
        }
        let answer = self.carry();
        self.carrying.store(false, Ordering::Release);
        if matches!(answer, Err(SyncError::Revoked)) {
            // Its month is over: from now on these are pictures nobody granted.
            self.sweep_photos(Keep::Nothing).map_err(ours)?;
        }
        self.arrived.fetch_add(u64::from(!matches!(answer, Ok(Carried { pieces: 0, .. }))), Ordering::Relaxed);
        *lock(&self.photo_problem) = match &answer {
            Err(SyncError::Busy { .. }) | Ok(_) => None,
            Err(error) => Some(sync_code(error)),
        };
        if matches!(answer, Ok(Carried { more: false, .. })) {
            self.photos_anyway.store(false, Ordering::Relaxed);
            // Only after something happened: an idle device writes nothing.
            let arrived = self.arrived.load(Ordering::Relaxed);
            if self.photos_swept.swap(arrived, Ordering::Relaxed) != arrived {
                self.sweep_photos(Keep::All).map_err(ours)?;
            }
        }
        answer
    }

    /// Once after a start, all photos are looked for: the file may be from before there were any.
    fn notice_photos(&self) -> Result<(), Failure> {
        if !self.photos_noticed.load(Ordering::Relaxed) {
            self.store.write(Durability::Pulled, super::refresh_all)?;
            self.photos_noticed.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The next bytes, and whether they are to be sent.
    fn next_photo(&self) -> Result<Option<(BlobRow, bool)>, Failure> {
        let now = self.around.unix_ms();
        self.store.read(|view| {
            if let Some(row) = view.next_to_fetch(now, WAIT_MAX_MS)? {
                return Ok(Some((row, false)));
            }
            let small_only = self.holds_photos(view)?;
            Ok(view.next_to_send(now, WAIT_MAX_MS, small_only)?.map(|row| (row, true)))
        })
    }

    fn photo_server(&self) -> Result<Option<Box<dyn BlobServer + Send>>, Failure> {
        let Some(identity) = self.store.read(|view| self.identity(view))? else { return Ok(None) };
        let credentials = self.credentials(&identity)?;
        Ok(Some(self.around.connector().blobs(&identity.server, credentials)))
    }

    fn carry(&self) -> Result<Carried, SyncError> {
        let ours = |_: Failure| SyncError::Server;
        let mut carried = Carried::default();
        let mut server = None;
        while let Some((row, up)) = self.next_photo().map_err(ours)? {
            if carried.pieces >= PIECES_MAX || self.syncing.load(Ordering::Acquire) || self.stop.load(Ordering::Relaxed) {
                carried.more = true;
                break;
            }
            if server.is_none() {
                server = self.photo_server().map_err(|_| SyncError::Unauthorised)?;
            }
            let Some(server) = server.as_deref() else { break };
            let turn = if up { self.send(server, row, &mut carried) } else { self.fetch(server, row, &mut carried) };
            match turn {
                Ok(Turn::Done) => {}
                Ok(Turn::Paused) => {
                    carried.more = true;
                    break;
                }
                Err(Trouble::Line(error)) => return Err(error),
                // This photo's own trouble: the others go on.
                Err(Trouble::Photo) => self.put_off(row).map_err(ours)?,
                Err(Trouble::Ours(failure)) => return Err(ours(failure)),
            }
        }
        Ok(carried)
    }

    /// Fetches what a person wants to see, now.
    pub(super) fn fetch_now(&self, hash: BlobHash) -> Result<(), Failure> {
        let Some(row) = self.store.read(|view| view.blob(hash))? else { return Err(ErrorCode::PhotoNotHere.into()) };
        let Some(server) = self.photo_server()? else { return Err(ErrorCode::NotEnrolled.into()) };
        let mut carried = Carried::default();
        loop {
            return match self.fetch(server.as_ref(), row, &mut carried) {
                Ok(Turn::Done) => Ok(()),
                // Only counted pieces pause it, and a photo has fewer.
                Ok(Turn::Paused) if carried.pieces < PIECES_MAX => continue,
                Ok(Turn::Paused) | Err(Trouble::Photo) => Err(ErrorCode::PhotoNotHere.into()),
                Err(Trouble::Line(error)) => Err(Failure::Ui(sync_failure(&error))),
                Err(Trouble::Ours(failure)) => Err(failure),
            };
        }
    }

    fn send(&self, server: &dyn BlobServer, row: BlobRow, carried: &mut Carried) -> Result<Turn, Trouble> {
        let Some(bytes) = self.folder.read(row.hash).map_err(StoreError::File)? else {
            // Somebody tidied the folder: it has to come from the server, if it is there.
            self.pulled(|writing| writing.set_blob_here(row.hash, false))?;
            return Ok(Turn::Done);
        };
        let mut state = self.heard(server.blob_state(row.hash))?;
        let mut jumps = 0;
        loop {
            self.pulled(|writing| writing.set_blob_sent(row.hash, state.offset, state.is_complete()))?;
            if state.is_complete() {
                carried.sent += 1;
                return Ok(Turn::Done);
            }
            if carried.pieces >= PIECES_MAX || self.syncing.load(Ordering::Acquire) || self.stop.load(Ordering::Relaxed) {
                return Ok(Turn::Paused);
            }
            let from = usize::try_from(state.offset).unwrap_or(usize::MAX).min(bytes.len());
            let piece = &bytes[from..bytes.len().min(from + self.piece())];
            carried.pieces += 1;
            state = match server.put_blob(row.hash, from as u64, piece) {
                Err(BlobError::Offset { expected }) if jumps < JUMPS_MAX => {
                    jumps += 1;
                    sync_protocol::blob::BlobState { offset: expected, ..state }
                }
                answer => self.heard(answer)?,
            };
            self.line_carries();
        }
    }

    fn fetch(&self, server: &dyn BlobServer, row: BlobRow, carried: &mut Carried) -> Result<Turn, Trouble> {
        let mut come = self.folder.has_come(row.hash).map_err(StoreError::File)?.len() as u64;
        while come < row.bytes {
            if carried.pieces >= PIECES_MAX {
                return Ok(Turn::Paused);
            }
            carried.pieces += 1;
            let length = (row.bytes - come).min(self.piece() as u64);
            let piece = self.heard(server.blob(row.hash, come, u32::try_from(length).unwrap_or(u32::MAX)))?;
            if piece.is_empty() {
                break;
            }
            self.folder.add(row.hash, &piece, self.around.unix_ms()).map_err(StoreError::File)?;
            come += piece.len() as u64;
            self.line_carries();
        }
        if !self.folder.finish(row.hash).map_err(StoreError::File)? {
            return Err(Trouble::Photo);
        }
        carried.fetched += 1;
        self.pulled(|writing| {
            writing.set_blob_here(row.hash, true)?;
            writing.set_blob_sent(row.hash, row.bytes, true)
        })?;
        Ok(Turn::Done)
    }

    /// What a refusal means: the line's trouble ends the run, the photo's own puts the photo off.
    fn heard<T>(&self, answer: Result<T, BlobError>) -> Result<T, Trouble> {
        answer.map_err(|error| match error {
            BlobError::Sync(error) => {
                if matches!(error, SyncError::Unreachable | SyncError::TooLarge) {
                    let piece = self.piece_bytes.load(Ordering::Relaxed);
                    self.piece_bytes.store((piece / 2).max(PIECE_BYTES_MIN), Ordering::Relaxed);
                }
                Trouble::Line(error)
            }
            BlobError::NotThere | BlobError::NotArrived | BlobError::Offset { .. } | BlobError::WrongHash => Trouble::Photo,
        })
    }

    fn piece(&self) -> usize {
        self.piece_bytes.load(Ordering::Relaxed).clamp(PIECE_BYTES_MIN, PIECE_BYTES_MAX)
    }

    fn line_carries(&self) {
        let piece = self.piece_bytes.load(Ordering::Relaxed);
        self.piece_bytes.store((piece * 2).min(PIECE_BYTES_MAX), Ordering::Relaxed);
    }

    fn put_off(&self, row: BlobRow) -> Result<(), Failure> {
        let wait_ms = (WAIT_FIRST_MS << row.tries.min(20)).min(WAIT_MAX_MS);
        let next = self.around.unix_ms() + wait_ms;
        self.store.write(Durability::Pulled, |writing| {
            writing.put_blob_off(row.hash, row.tries.saturating_add(1), next).map_err(Failure::from)
        })
    }

    fn pulled(&self, work: impl FnOnce(&store::device::Writing<'_>) -> Result<(), StoreError>) -> Result<(), Trouble> {
        self.store.write(Durability::Pulled, work).map_err(Trouble::from)
    }
}

/// Why a turn ended without its end.
enum Trouble {
    /// Nothing travels now.
    Line(SyncError),
    /// This one does not travel now.
    Photo,
    /// The file or the folder.
    Ours(Failure),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Ours(error.into())
    }
}
