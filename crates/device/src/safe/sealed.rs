//! What a locked device can still do: hand in what is sealed beside its file, and begin anew when nothing is lost with it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Weak;

use sync_protocol::SyncError;
use sync_protocol::sealed::{HAND_IN_SAVES_MAX, HandIn};
use ui_protocol::lock::{HandedIn, LockStatus};
use ui_protocol::session::DeviceStatus;
use ui_protocol::{ErrorCode, UiError};

use super::tries::Tries;
use super::{LOCK, SECRET, Safe, keys_failed};
use crate::error::{Failure, sync_failure};
use crate::identity::{KEPT, SECRET_0_1};
use crate::sealing::{HAND_IN, HandInWord, SealedFile, SealedLine, WHOLE_KEPT};
use crate::surroundings::Credentials;
use crate::{FILE, lock};
use store::StoreError;

/// Bytes of boxes in one request: a village's line carries it in a few seconds.
const REQUEST_BYTES: usize = 512 * 1024;

/// As many boxes as fit into one request, one at least.
pub(crate) fn requests(lines: &[SealedLine]) -> impl Iterator<Item = HandIn> {
    let (mut bytes, mut count) = (0, 0);
    let mut cuts = vec![0];
    for (at, line) in lines.iter().enumerate() {
        if count > 0 && (bytes + line.boxed.len() > REQUEST_BYTES || count == HAND_IN_SAVES_MAX) {
            cuts.push(at);
            (bytes, count) = (0, 0);
        }
        bytes += line.boxed.len();
        count += 1;
    }
    cuts.push(lines.len());
    let cuts: Vec<(usize, usize)> = cuts.windows(2).map(|pair| (pair[0], pair[1])).filter(|(from, to)| from < to).collect();
    cuts.into_iter().map(|(from, to)| HandIn { saves: lines[from..to].iter().map(|line| line.boxed.clone()).collect() })
}

impl Safe {
    fn boxes(&self) -> SealedFile {
        SealedFile::beside(&self.dir.join(FILE))
    }

    /// Whether nothing is lost with the key. By the key store's word: the sign beside the file can be taken away by whoever can write
    /// there, and would give tries without end.
    pub(super) fn is_sealed_whole(&self) -> Result<bool, Failure> {
        Ok(self.around.keys().get(WHOLE_KEPT).map_err(keys_failed)?.is_some())
    }

    /// What is told of the sealed saves beside a locked file.
    pub(super) fn with_sealed(&self, shown: LockStatus, tries: Tries, handed_in: bool) -> Result<LockStatus, Failure> {
        let sealed_whole = self.boxes().is_whole();
        let sealed = self.boxes().read().map_or(0, |lines| lines.len() as u64);
        let tries_left = (self.is_sealed_whole()? && !shown.key_gone).then(|| tries.left());
        Ok(LockStatus { tries_left, sealed, sealed_whole, handed_in: handed_in || (sealed_whole && sealed == 0), ..shown })
    }

    fn hand_in_word(&self) -> Result<Option<HandInWord>, Failure> {
        let text = self.around.keys().get(HAND_IN).map_err(keys_failed)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Sends every box. Sending one twice is safe: the server knows a save by its name.
    pub(super) fn hand_in_sealed(&self) -> Result<HandedIn, Failure> {
        if self.device().is_some() {
            // Who can open it synchronises.
            return Err(ErrorCode::NotAllowed.into());
        }
        let lines = self.boxes().read().map_err(StoreError::File)?;
        let mut handed = HandedIn { held: 0, known: 0, refused: 0 };
        if !lines.is_empty() {
            let word = self.hand_in_word()?.ok_or(ErrorCode::KeyGone)?;
            let proof = Credentials { device: word.device, secret: word.word.clone() };
            for request in requests(&lines) {
                let reply = self.around.connector().hand_in(&word.server, proof.clone(), request);
                let reply = reply.map_err(|error| sync_failure(&error))?;
                handed.held += reply.held;
                handed.known += reply.known;
                if reply.left > 0 {
                    return Err(sync_failure(&SyncError::Revoked).into());
                }
                handed.refused += reply.refused;
            }
        }
        let mut inner = lock(&self.inner);
        // Unlocked meanwhile, or still ending a save: what was sent may not be all there is.
        let sent: BTreeSet<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        let now = self.boxes().read().map_err(StoreError::File)?;
        if inner.open.is_some()
            || inner.ending.upgrade().is_some()
            || now.iter().map(|line| line.name.as_str()).collect::<BTreeSet<_>>() != sent
        {
            return Ok(handed);
        }
        if handed.refused > 0 {
            // Sealed to a key the county has no more, or to nobody's use: they stay on this phone, and keep nobody from using it.
            self.boxes().leave_boxes(self.around.unix_ms()).map_err(StoreError::File)?;
        }
        if let Some(file) = inner.lock.as_mut() {
            file.handed_in = true;
            self.write(file).map_err(|error| UiError::of(error.code()))?;
        }
        Ok(handed)
    }

    /// Removes a file that nobody opens any more, once everything unsent in it was handed in, or waits in boxes that the next owner of
    /// this phone hands in. Then it is a phone that belongs to nobody.
    pub(super) fn begin_anew(&self) -> Result<DeviceStatus, Failure> {
        let failed = |error: crate::OpenError| Failure::from(UiError::of(error.code()));
        let mut inner = lock(&self.inner);
        if inner.open.is_some() {
            return Err(ErrorCode::NotAllowed.into());
        }
        if inner.ending.upgrade().is_some() {
            return Err(ErrorCode::Busy.into());
        }
        let boxes = self.boxes();
        let empty = boxes.read().map_err(StoreError::File)?.is_empty();
        let handed_in = empty || inner.lock.as_ref().is_some_and(|file| file.handed_in);
        if !boxes.is_whole() || (!handed_in && self.hand_in_word()?.is_some()) {
            return Err(ErrorCode::HandInFirst.into());
        }
        if !handed_in {
            boxes.leave(self.around.unix_ms()).map_err(StoreError::File)?;
        }
        let file = self.dir.join(FILE);
        let ending = |ending: &str| -> PathBuf {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            name.into()
        };
        // The lock first: a crash in between leaves a file without a key, and never a key for another file.
        let keys = self.around.keys();
        for name in [SECRET, KEPT, SECRET_0_1, HAND_IN, WHOLE_KEPT] {
            keys.remove(name).map_err(keys_failed)?;
        }
        for gone in [file.clone(), ending("-wal"), ending("-shm"), self.dir.join(LOCK)] {
            match std::fs::remove_file(gone) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::File(error).into()),
                _ => {}
            }
        }
        boxes.remove().map_err(StoreError::File)?;
        Tries::default().write(keys).map_err(keys_failed)?;
        inner.lock = None;
        inner.ending = Weak::new();
        let key = self.key_of_a_new_file(&mut inner).map_err(failed)?;
        self.open_device(&mut inner, key).map_err(failed)?;
        drop(inner);
        self.open_status()
    }
}
