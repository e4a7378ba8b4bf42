//! Sealed saves: made on a phone that nobody can open any more, and handed in by it all the same. The county's key opens them here;
//! each goes the way of late work, so that the station decides, and one that came before is not there twice.
//!
//! The secret half lies in a file of its own beside the database, readable by its owner only: a backup that is carried around opens no
//! phone's boxes. Losing it loses only what lies sealed on locked phones.

use std::path::{Path, PathBuf};

use domain::Change;
use sync_protocol::sealed::{self, HAND_IN_SAVES_MAX, HandIn, HandInReply, SealedSave};
use sync_protocol::{SyncError, TXN_CHANGES_MAX, Told};

use crate::caller::{Credentials, authenticate, prove_hand_in};
use crate::clock::{Dice, random_hex};
use crate::core::Core;
use crate::exchange::PUSH_BYTES_MAX;
use crate::failure::Failure;
use crate::push;
use crate::sizes::json_bytes;

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
        // One request of a device at a time, as for a push.
        let _turn = self.pushing.begin(caller.device.number)?;
        let key = self.seal_key()?;
        // Outside the writer: opening boxes takes a while.
        let opened: Vec<Option<SealedSave>> = sealed.saves.iter().map(|boxed| sealed::open(&key, boxed).ok()).collect();
        let shut = opened.iter().filter(|save| save.is_none()).count();
        let account = caller.account.id;
        let (mut saves, mut foreign) = (Vec::new(), 0);
        for save in opened.into_iter().flatten() {
            // Longer than any save of ours: no place in the book is looked up for it.
            match save.account == account && (1..=TXN_CHANGES_MAX).contains(&save.changes.len()) {
                true => saves.push(save.changes),
                false => foreign += 1,
            }
        }
        // Two saves at one moment may have been boxed the other way round; a device's stamps only grow.
        saves.sort_by_key(|save| save.first().map(|change| change.origin.stamp));
        let mut reply = HandInReply::default();
        for saves in turns_at_the_writer(saves) {
            if reply.left > 0 {
                reply.left += saves.len() as u64;
                continue;
            }
            let (dice, credentials) = (std::sync::Arc::clone(&self.dice), credentials.clone());
            let taken = self.write(move |write| {
                let caller = prove_hand_in(write, &credentials, now_unix_ms)?;
                push::take_sealed(write, &caller, saves, now_unix_ms, &*dice)
            })?;
            reply.held += taken.held;
            reply.known += taken.known;
            reply.refused += taken.refused;
            reply.left += taken.left;
        }
        reply.refused += (shut + foreign) as u64;
        if reply.refused > 0 {
            tracing::warn!(device = caller.device.number.0, refused = reply.refused, "sealed saves that are none were handed in");
        }
        tracing::info!(device = caller.device.number.0, held = reply.held, known = reply.known, "sealed saves were handed in");
        Ok(reply)
    }
}

/// The saves in runs no larger than a push, one save at least: a request may be four times as large, and others wait for the writer.
fn turns_at_the_writer(saves: Vec<Vec<Change>>) -> Vec<Vec<Vec<Change>>> {
    let mut turns: Vec<Vec<Vec<Change>>> = Vec::new();
    let mut bytes = PUSH_BYTES_MAX + 1;
    for save in saves {
        let own = json_bytes(&save).unwrap_or(PUSH_BYTES_MAX + 1);
        bytes = bytes.saturating_add(own);
        match turns.last_mut().filter(|_| bytes <= PUSH_BYTES_MAX) {
            Some(turn) => turn.push(save),
            None => {
                bytes = own;
                turns.push(vec![save]);
            }
        }
    }
    turns
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
    // On the disk before any phone is told of it: boxes for a key that a power cut took away open with nothing.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::fs::File::open(folder)?.sync_all()?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededDice;

    fn save(bytes: usize) -> Vec<Change> {
        let id = domain::ids::derived_id(&["a save"]);
        let text = serde_json::json!({ "text": "x".repeat(bytes) });
        let fields = text.as_object().cloned().expect("an object");
        let origin = domain::Origin { stamp: domain::Stamp::at(1), device: domain::DeviceNumber(1) };
        vec![Change {
            id: domain::ChangeId(id.0),
            txn: domain::TxnId(id.0),
            record: id,
            kind: domain::kind::VISIT.to_owned(),
            verb: domain::Verb::Create,
            schema: 1,
            origin,
            groups: [("fact".to_owned(), domain::GroupChange { fields, base: None })].into(),
        }]
    }

    #[test]
    fn nobody_waits_for_the_writer_longer_than_for_a_push() {
        assert!(turns_at_the_writer(Vec::new()).is_empty());
        let half = PUSH_BYTES_MAX / 2 - 10_000;
        for (sizes, expected) in [
            (vec![10], vec![1]),
            (vec![half, half, 10], vec![3]),
            (vec![half, half, half, half, half], vec![2, 2, 1]),
            (vec![10, 2 * PUSH_BYTES_MAX, 10], vec![1, 1, 1]),
        ] {
            let turns = turns_at_the_writer(sizes.iter().map(|bytes| save(*bytes)).collect());
            assert_eq!(turns.iter().map(Vec::len).collect::<Vec<_>>(), expected, "{sizes:?}");
        }
    }

    #[test]
    fn the_countys_key_is_made_once_and_a_spoilt_one_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seal-key");
        let key = read_or_make(&path, &SeededDice::new(1)).expect("made");
        assert_eq!(read_or_make(&path, &SeededDice::new(2)).expect("read"), key);
        std::fs::write(&path, "half a k").expect("spoilt");
        assert!(read_or_make(&path, &SeededDice::new(3)).is_err(), "what lies sealed on phones would open with no other");
    }
}
