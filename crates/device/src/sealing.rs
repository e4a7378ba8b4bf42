//! Saves sealed to the county's key, beside the file: what can still be handed in when nobody can open the file any more.
//!
//! Every save is written twice: into the file, and after its commit into a box only the county opens. The boxes go when the server has
//! answered everything: then they hold nothing it does not have. What a crash left out is sealed at the next opening, so the file
//! beside says of itself whether everything that waits is in it.
//!
//! ```text
//!   commit ─► box appended, on the disk ─► reply        answered, nothing waits ─► emptied
//!      └── crash: sealed at the next opening, or given to the exchange
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::digest::text_hash_hex;
use domain::{AccountId, Change, DeviceNumber, TxnId};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::device::Durability;
use store::open::beside;
use sync_protocol::sealed::{self, SealedSave};
use sync_protocol::{Ask, SyncServer, Told};

use crate::error::Failure;
use crate::identity::Identity;
use crate::safe::requests;
use crate::surroundings::Credentials;
use crate::{Device, lock};

/// Beside the file: the boxes, and the sign that nothing that waits is missing among them.
const SEALED: &str = "sealed";
const WHOLE: &str = "sealed-whole";
/// Boxes of an earlier file of this phone, and when they were set aside.
const LEFT: &str = "left-";
/// In the file: the county's key, and when it was asked for last.
const COUNTY_KEY: &str = "county_key";
/// The county's key may have changed: after a day it is asked for again.
const ASKED_AGAIN_MS: i64 = 24 * 60 * 60 * 1000;
/// In the key store, while the sign beside the file stands. The tenth wrong PIN destroys the key by this one: whoever can write the
/// folder and not the key store takes no sign away, and gets no tries for it.
pub(crate) const WHOLE_KEPT: &str = "doorstep-sealed-whole";
/// In the key store, outside the PIN: with what the sealed saves are handed in.
pub(crate) const HAND_IN: &str = "doorstep-hand-in";
/// Changes looked through for what is not sealed.
const WAITING_MAX: u32 = 100_000;

/// What hands in, while everything else is locked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HandInWord {
    pub(crate) server: String,
    pub(crate) device: DeviceNumber,
    pub(crate) word: String,
}

#[derive(Serialize, Deserialize)]
struct CountyKey {
    key: String,
    /// A new number needs a word of its own.
    device: DeviceNumber,
    asked_unix_ms: i64,
}

/// The boxes beside a file.
pub(crate) struct SealedFile {
    path: PathBuf,
    whole: PathBuf,
}

/// One box, and what its save is called outside it.
pub(crate) struct SealedLine {
    pub(crate) name: String,
    pub(crate) boxed: String,
}

/// What a save is called beside its box. The save's own number stands nowhere but in the box: who knew it could hand in something else
/// under it first, and the true one would be taken for said already.
fn name_of(txn: TxnId) -> String {
    text_hash_hex(&txn.to_string())
}

impl SealedFile {
    pub(crate) fn beside(file: &Path) -> SealedFile {
        SealedFile { path: beside(file, SEALED), whole: beside(file, WHOLE) }
    }

    /// Everything that waits is in it.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.exists()
    }

    /// The boxes in order, each save once and as it was sealed last: what a crash cut off was sealed again at the next opening. Half a
    /// line at the end is none.
    pub(crate) fn read(&self) -> std::io::Result<Vec<SealedLine>> {
        let text = match std::fs::read(&self.path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let whole_lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.split_once(' '));
        let lines: Vec<(&str, &str)> = whole_lines.filter(|(name, boxed)| !name.is_empty() && !boxed.is_empty()).collect();
        let last: BTreeMap<&str, usize> = lines.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
        let read = lines.iter().enumerate().filter(|(at, (name, _))| last.get(name) == Some(at));
        Ok(read.map(|(_, (name, boxed))| SealedLine { name: (*name).to_owned(), boxed: (*boxed).to_owned() }).collect())
    }

    fn append(&self, lines: &str, sync: bool) -> std::io::Result<()> {
        let mut file = open_for_owner(&self.path)?;
        // A crash may have left half a line: this one begins on its own.
        let lines = if ends_whole(&self.path)? { lines.to_owned() } else { format!("\n{lines}") };
        file.write_all(lines.as_bytes())?;
        if sync { file.sync_data() } else { Ok(()) }
    }

    fn empty(&self) -> std::io::Result<()> {
        match OpenOptions::new().write(true).truncate(true).open(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn say_whole(&self, whole: bool) -> std::io::Result<()> {
        if whole {
            return if self.whole.exists() { Ok(()) } else { File::create(&self.whole)?.sync_all() };
        }
        match std::fs::remove_file(&self.whole) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Sets the boxes aside for whoever enrols next on this phone.
    pub(crate) fn leave(&self, now_unix_ms: i64) -> std::io::Result<()> {
        self.leave_boxes(now_unix_ms)?;
        // Of the next file's boxes nothing is known yet.
        self.say_whole(false)
    }

    /// The same with boxes that cannot be taken. What the sign says of the others goes on being true.
    pub(crate) fn leave_boxes(&self, now_unix_ms: i64) -> std::io::Result<()> {
        let mut left = self.path.as_os_str().to_owned();
        left.push(format!("-{LEFT}{now_unix_ms}"));
        match std::fs::rename(&self.path, left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Boxes that were set aside.
    fn left(&self) -> std::io::Result<Vec<SealedFile>> {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(Vec::new()) };
        let begins = format!("{}-{LEFT}", name.to_string_lossy());
        let mut left = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&begins) {
                left.push(SealedFile { path: entry.path(), whole: self.whole.clone() });
            }
        }
        Ok(left)
    }

    /// Both away: the file they belong to is given up.
    pub(crate) fn remove(&self) -> std::io::Result<()> {
        self.say_whole(false)?;
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn ends_whole(path: &Path) -> std::io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn open_for_owner(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// How a device seals.
pub(crate) struct Sealing {
    /// Only behind a lock: where anybody can read the file nothing is lost with a key.
    on: AtomicBool,
    /// The county's key and whose saves they are, once known.
    to: Mutex<Option<(String, AccountId)>>,
    file: Mutex<SealedFile>,
}

impl Sealing {
    pub(crate) fn beside(file: &Path, on: bool) -> Sealing {
        Sealing { on: AtomicBool::new(on), to: Mutex::new(None), file: Mutex::new(SealedFile::beside(file)) }
    }
}

impl Device {
    /// From now on every save is sealed too; what waits is sealed now, if the county's key is known.
    pub(crate) fn begin_sealing(&self) {
        self.sealing.on.store(true, Ordering::Relaxed);
        self.seal_what_waits();
    }

    /// Whether everything that waits here could be handed in without the key.
    pub(crate) fn is_sealed_whole(&self) -> bool {
        let kept = self.around.keys().get(WHOLE_KEPT).is_ok_and(|kept| kept.is_some());
        kept && lock(&self.sealing.file).is_whole()
    }

    /// Whether nothing that waits is missing among the boxes, said beside the file and in the key store. Taking it back comes first in the
    /// key store: in between it says too little rather than too much.
    fn say_whole(&self, file: &SealedFile, whole: bool) -> std::io::Result<()> {
        let failed = |error: crate::surroundings::KeyError| std::io::Error::other(error.to_string());
        let keys = self.around.keys();
        if !whole {
            let taken_back = keys.remove(WHOLE_KEPT).map_err(failed);
            return file.say_whole(false).and(taken_back);
        }
        file.say_whole(true)?;
        match keys.get(WHOLE_KEPT).map_err(failed)? {
            Some(_) => Ok(()),
            None => keys.set(WHOLE_KEPT, "whole").map_err(failed),
        }
    }

    fn seals_to(&self) -> Option<(String, AccountId)> {
        if !self.sealing.on.load(Ordering::Relaxed) {
            return None;
        }
        let mut to = lock(&self.sealing.to);
        if to.is_none() {
            *to = self
                .store
                .read(|view| {
                    let Some(identity) = self.identity(view)? else { return Ok::<_, Failure>(None) };
                    let known = view.meta(COUNTY_KEY)?.and_then(|text| serde_json::from_str::<CountyKey>(&text).ok());
                    Ok(known.map(|known| (known.key, identity.account.id)))
                })
                .ok()
                .flatten();
        }
        to.clone()
    }

    /// After a commit: its changes into a box. A box that cannot be written leaves the save as good as it was, and the file beside
    /// says that something is missing in it.
    pub(crate) fn seal_save(&self, changes: Vec<Change>) {
        let Some((county, account)) = self.seals_to() else {
            if self.sealing.on.load(Ordering::Relaxed) {
                // Nothing to seal to yet: what the file beside says of an earlier one is not true of this.
                let _ = self.say_whole(&lock(&self.sealing.file), false);
            }
            return;
        };
        let Some(txn) = changes.first().map(|change| change.txn) else { return };
        let file = lock(&self.sealing.file);
        let written = self.line(&county, account, txn, changes).map(|line| file.append(&line, !self.store.tuning().without_disk));
        if !matches!(written, Some(Ok(()))) {
            let _ = self.say_whole(&file, false);
        }
    }

    fn line(&self, county: &str, account: AccountId, txn: TxnId, changes: Vec<Change>) -> Option<String> {
        let random = crate::surroundings::random_32(&*self.around);
        let boxed = sealed::seal(county, random, &SealedSave { account, changes }).ok()?;
        Some(format!("{} {boxed}\n", name_of(txn)))
    }

    /// Everything that waits and is in no box yet, into one: after an opening, and when the county's key has come or changed.
    pub(crate) fn seal_what_waits(&self) {
        let Some((county, account)) = self.seals_to() else { return };
        // Held from the look to the writing: no save slips between.
        let file = lock(&self.sealing.file);
        let sealed = || -> Result<(), StoreError> {
            let known: BTreeSet<String> = file.read()?.into_iter().map(|line| line.name).collect();
            let waiting = self.store.read(|view| view.waiting_changes(WAITING_MAX))?;
            let waits: Vec<Change> =
                waiting.into_iter().map(|row| row.change).filter(|change| !known.contains(&name_of(change.txn))).collect();
            let lines: Option<String> = waits
                .chunk_by(|one, next| one.txn == next.txn)
                .map(|save| self.line(&county, account, save[0].txn, save.to_vec()))
                .collect();
            let lines = lines.ok_or_else(|| std::io::Error::other("nothing can be sealed to this key"))?;
            if !lines.is_empty() {
                file.append(&lines, true)?;
            }
            Ok(self.say_whole(&file, true)?)
        };
        if sealed().is_err() {
            let _ = self.say_whole(&file, false);
        }
    }

    /// Nothing waits any more, here or in the tray: the boxes hold nothing the server has not answered and no person has settled.
    pub(crate) fn empty_what_was_sealed(&self) {
        if !self.sealing.on.load(Ordering::Relaxed) {
            return;
        }
        let file = lock(&self.sealing.file);
        let open = self.store.read(|view| Ok::<_, StoreError>(view.waiting_count()? + view.refused_count()?));
        if open.is_ok_and(|open| open == 0) {
            // A box too many is known to the server when it comes.
            let _ = file.empty();
        }
    }

    /// Asks for the county's key, at the beginning of an exchange. A server that knows nothing of it is asked again tomorrow.
    pub(crate) fn learn_county_key(&self, server: &dyn SyncServer, identity: &Identity) {
        if !self.sealing.on.load(Ordering::Relaxed) {
            return;
        }
        let now = self.now();
        let known = self.store.read(|view| view.meta(COUNTY_KEY)).ok().flatten();
        let known = known.and_then(|text| serde_json::from_str::<CountyKey>(&text).ok());
        let fresh = known
            .as_ref()
            .is_some_and(|known| known.device == identity.device && (now - known.asked_unix_ms).abs() < ASKED_AGAIN_MS);
        if fresh {
            return;
        }
        let word = crate::safe::to_hex(&crate::surroundings::random_32(&*self.around));
        let Ok(Told::Sealing { key }) = server.ask(Ask::Sealing { hand_in: text_hash_hex(&word) }) else { return };
        let hand_in = HandInWord { server: identity.server.clone(), device: identity.device, word };
        let Ok(text) = serde_json::to_string(&hand_in) else { return };
        if self.around.keys().set(HAND_IN, &text).is_err() {
            return;
        }
        let changed = known.is_some_and(|known| known.key != key);
        let told = CountyKey { key, device: identity.device, asked_unix_ms: now };
        let Ok(text) = serde_json::to_string(&told) else { return };
        if self.store.write(Durability::Full, |writing| writing.set_meta(COUNTY_KEY, &text)).is_err() {
            return;
        }
        *lock(&self.sealing.to) = None;
        if changed {
            // Boxes for a key the county has no more: what waits is sealed anew.
            let file = lock(&self.sealing.file);
            let _ = self.say_whole(&file, false).and_then(|()| file.empty());
        }
        self.seal_what_waits();
        self.hand_in_what_was_left(identity);
    }

    /// The same beside an exchange: somebody wants to lock this phone now. Without a network nothing changes.
    pub(crate) fn ask_for_county_key(&self) {
        let Ok(Some(identity)) = self.store.read(|view| self.identity(view)) else { return };
        let Ok(credentials) = self.credentials(&identity) else { return };
        let server = self.around.connector().server(&identity.server, credentials);
        self.learn_county_key(server.as_ref(), &identity);
    }

    /// Hands in what an earlier file of this phone left, whose key and word were both lost. Boxes of somebody else stay where they are.
    pub(crate) fn hand_in_what_was_left(&self, identity: &Identity) {
        let Ok(left) = lock(&self.sealing.file).left() else { return };
        if left.is_empty() {
            return;
        }
        let Some(word) = self.around.keys().get(HAND_IN).ok().flatten() else { return };
        let Ok(word) = serde_json::from_str::<HandInWord>(&word) else { return };
        let proof = Credentials { device: word.device, secret: word.word };
        for boxes in left {
            let Ok(lines) = boxes.read() else { continue };
            let taken = requests(&lines).all(|request| {
                let reply = self.around.connector().hand_in(&identity.server, proof.clone(), request);
                reply.is_ok_and(|reply| reply.refused == 0 && reply.left == 0)
            });
            if taken {
                let _ = std::fs::remove_file(&boxes.path);
            }
        }
    }
}
