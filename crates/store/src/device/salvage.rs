//! What can still be read of a damaged file that was set aside: changes nobody has answered stand nowhere else. Everything else
//! the server has.
//!
//! SQLite is asked first, on a copy, row by row: a broken page costs the rows in it and no others. For rows it cannot reach, the
//! bytes of the file and of its log are looked through: a change stands in its row as one text, and most rows fit into a page,
//! whatever became of the tree that held them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use domain::{Change, ChangeId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, named_params};
use serde_json::Value;

use crate::cipher::{self, FileKey};
use crate::open::{StoreError, beside};

/// How a change begins as it is stored.
const CHANGE_BEGINS: &[u8] = br#"{"id":""#;
/// How what the file says of itself begins.
const IDENTITY_BEGINS: &[u8] = br#"{"server":""#;
/// Bytes of the time that stands between a change and its state.
const TIME_BYTES: usize = 6;
/// States in which nobody waits for a change any more.
const ANSWERED: [&str; 4] = ["ok", "merged", "resent", "discarded"];
/// Bytes looked through at a time, and how far a text may reach into the next ones: more than a change may have.
const PIECE: usize = 1024 * 1024;
const REACH: usize = 128 * 1024;

/// What was read of a file that was set aside.
#[derive(Debug, Default)]
pub struct Salvaged {
    /// Changes that may not have been answered, in the order they were made. Saying an answered one again is safe. What was refused
    /// is among them: it is refused again, and so comes back into the tray.
    pub changes: Vec<Change>,
    /// Changes that waited and cannot be read; `None` when not even their number can.
    pub unread: Option<u64>,
    /// What the file said of whom it belongs to, as JSON.
    pub identity: Option<String>,
}

/// Reads what can be read of a file that was set aside, and of the log beside it. Changes neither.
///
/// # Errors
/// When the file is not there or the disk does not give it.
pub fn salvage(aside: &Path, key: Option<&FileKey>) -> Result<Salvaged, StoreError> {
    let mut rows = Rows::default();
    let copy = Copy::of(aside);
    if let Ok(copy) = &copy {
        // Whatever SQLite says of a damaged file, the bytes are still to be looked through.
        let _ = rows.ask_sqlite(&copy.path, key);
    }
    drop(copy);
    let mut found = Found::default();
    if !rows.whole || rows.identity.is_none() {
        found.look_through(aside)?;
        let log = with_ending(aside, "-wal");
        if log.exists() {
            found.look_through(&log)?;
        }
    }
    let identity = rows.identity.take().or(found.identity);
    let mut changes = std::mem::take(&mut rows.changes);
    if !rows.whole {
        for (id, (change, answered)) in found.changes {
            if !answered && !rows.answered.contains(&id) && rows.may_wait(id) {
                changes.entry(id).or_insert(change);
            }
        }
    }
    let unread = rows.unread(&changes);
    let mut changes: Vec<Change> = changes.into_values().collect();
    // The stamps of one device only grow, and a save's are made one after the other.
    changes.sort_by_key(|change| (change.origin.stamp, change.id));
    Ok(Salvaged { changes, unread, identity })
}

/// A copy to read: SQLite writes the log into a file it opens, and what was set aside stays as it is.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(aside: &Path) -> std::io::Result<Copy> {
        let copy = Copy { path: beside(aside, "reading") };
        std::fs::copy(aside, &copy.path)?;
        let log = with_ending(aside, "-wal");
        if log.exists() {
            std::fs::copy(&log, with_ending(&copy.path, "-wal"))?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            // What is left of it is written over the next time.
            let _ = std::fs::remove_file(with_ending(&self.path, ending));
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What SQLite still gives.
#[derive(Default)]
struct Rows {
    /// Every row of the outbox was read.
    whole: bool,
    changes: BTreeMap<ChangeId, Change>,
    answered: BTreeSet<ChangeId>,
    /// Places that wait, as an index beside the rows says; `None` where it cannot be read to its end.
    waiting: Option<BTreeSet<i64>>,
    /// Places in the tray, likewise.
    refused: Option<BTreeSet<i64>>,
    /// Which change stands at which place, likewise.
    places: BTreeMap<ChangeId, i64>,
    /// Changes numbered and not answered, as the file remembers apart from its rows.
    open: Option<u64>,
    identity: Option<String>,
}

impl Rows {
    fn ask_sqlite(&mut self, path: &Path, key: Option<&FileKey>) -> Result<(), StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // It may have been set aside before there was a key.
        if let Some(key) = key.filter(|_| !cipher::is_plain(path).unwrap_or(false)) {
            cipher::unlock(&connection, key)?;
        }
        connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA query_only = ON;")?;
        self.identity = meta(&connection, "identity");
        let place = |key| meta(&connection, key)?.split_once(':')?.0.parse::<u64>().ok();
        let newest = place("newest");
        self.open = newest.map(|newest| newest.saturating_sub(place("acked").unwrap_or(0)));
        // Each of these reads an index and not one row of the table.
        self.waiting = seqs(&connection, "SELECT seq FROM change INDEXED BY change_waiting WHERE state = 'waiting' ORDER BY seq");
        self.refused = seqs(&connection, "SELECT seq FROM change INDEXED BY change_refused WHERE state = 'refused' ORDER BY seq");
        self.read_places(&connection);
        let known = [&self.waiting, &self.refused].into_iter().flatten().flatten().copied();
        let last = known.chain(self.places.values().copied()).max().unwrap_or(0);
        let last = last.max(newest.map_or(0, |newest| i64::try_from(newest).unwrap_or(0)));
        self.read_rows(&connection, last);
        Ok(())
    }

    /// Which change stands where, as far as the index of ids goes.
    fn read_places(&mut self, connection: &Connection) {
        let Ok(mut statement) = connection.prepare("SELECT id, seq FROM change INDEXED BY sqlite_autoindex_change_1 ORDER BY id")
        else {
            return;
        };
        let Ok(mut rows) = statement.query([]) else { return };
        while let Ok(Some(row)) = rows.next() {
            let (Ok(id), Ok(seq)) = (row.get::<_, String>(0), row.get::<_, i64>(1)) else { continue };
            self.places.extend(id.parse().ok().map(|id| (id, seq)));
        }
    }

    /// Every row that can be read, wherever the others are.
    fn read_rows(&mut self, connection: &Connection, last: i64) {
        let (mut unreadable, mut seen) = (false, BTreeSet::new());
        let Ok(mut next) = connection.prepare("SELECT seq, body, state FROM change WHERE seq >= :seq ORDER BY seq LIMIT 1")
        else {
            return;
        };
        let mut seq = 0;
        loop {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1), row.get::<_, String>(2)));
            match next.query_row(named_params! { ":seq": seq }, read).optional() {
                Ok(Some((at, Ok(body), Ok(state)))) => {
                    unreadable |= !self.take(&body, &state);
                    seen.insert(at);
                    seq = at + 1;
                }
                Ok(Some((at, ..))) => {
                    unreadable = true;
                    seq = at + 1;
                }
                Ok(None) => break,
                // A broken page: the rows behind it are reached from above.
                Err(_) if seq < last => {
                    unreadable = true;
                    seq += 1;
                }
                Err(_) => {
                    unreadable = true;
                    break;
                }
            }
        }
        // A page in the place of another is no error: the indexes beside the rows know of some that did not come.
        let missing = |known: &Option<BTreeSet<i64>>| known.as_ref().is_none_or(|known| !known.is_subset(&seen));
        self.whole = !unreadable && !missing(&self.waiting) && !missing(&self.refused);
    }

    /// Answers whether the row says what a row says.
    fn take(&mut self, body: &str, state: &str) -> bool {
        let Ok(change) = serde_json::from_str::<Change>(body) else { return false };
        if ANSWERED.contains(&state) {
            self.answered.insert(change.id);
        } else {
            self.changes.insert(change.id, change);
        }
        true
    }

    /// Whether a change that was found among the bytes may wait: an old copy of one that was answered since is none.
    fn may_wait(&self, id: ChangeId) -> bool {
        match (self.places.get(&id), &self.waiting, &self.refused) {
            (Some(place), Some(waiting), Some(refused)) => waiting.contains(place) || refused.contains(place),
            _ => true,
        }
    }

    /// How many that waited were not read, by the index of those that wait, or else by what the file remembers of its numbers.
    fn unread(&self, read: &BTreeMap<ChangeId, Change>) -> Option<u64> {
        if self.whole {
            return Some(0);
        }
        let placed: BTreeSet<i64> = read.keys().filter_map(|id| self.places.get(id).copied()).collect();
        let unplaced = read.keys().filter(|id| !self.places.contains_key(*id)).count() as u64;
        match (&self.waiting, self.open) {
            (Some(waiting), _) => Some((waiting.difference(&placed).count() as u64).saturating_sub(unplaced)),
            (None, Some(open)) => Some(open.saturating_sub(read.len() as u64)),
            (None, None) => None,
        }
    }
}

fn meta(connection: &Connection, key: &str) -> Option<String> {
    let sql = "SELECT value FROM meta WHERE key = :key";
    connection.query_row(sql, named_params! { ":key": key }, |row| row.get(0)).ok()
}

fn seqs(connection: &Connection, sql: &str) -> Option<BTreeSet<i64>> {
    let mut statement = connection.prepare(sql).ok()?;
    let rows = statement.query_map([], |row| row.get(0)).ok()?;
    rows.collect::<Result<_, _>>().ok()
}

/// What stands among the bytes.
#[derive(Default)]
struct Found {
    changes: BTreeMap<ChangeId, (Change, bool)>,
    identity: Option<String>,
}

impl Found {
    fn look_through(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut file = File::open(path)?;
        let mut bytes: Vec<u8> = Vec::with_capacity(PIECE + REACH);
        loop {
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut bytes)?;
            let ends = read == 0;
            // What begins near the end is looked at together with what follows.
            let until = if ends { bytes.len() } else { bytes.len().saturating_sub(REACH) };
            self.look_at(&bytes, until);
            if ends {
                return Ok(());
            }
            bytes.drain(..until);
        }
    }

    fn look_at(&mut self, bytes: &[u8], until: usize) {
        let mut at = 0;
        while let Some(open) = bytes.get(at..until).and_then(|rest| rest.iter().position(|byte| *byte == b'{')) {
            at += open;
            if bytes[at..].starts_with(CHANGE_BEGINS) {
                self.change(&bytes[at..]);
            } else if self.identity.is_none() && bytes[at..].starts_with(IDENTITY_BEGINS) {
                self.identity = first::<Value>(&bytes[at..]).map(|(identity, _)| identity.to_string());
            }
            at += 1;
        }
    }

    /// Whether this is a change, and whether the state behind it says that nobody waits for it. A row that was answered may still
    /// stand somewhere as it was before.
    fn change(&mut self, bytes: &[u8]) {
        let Some((change, ends)) = first::<Change>(bytes) else { return };
        let state = bytes.get(ends + TIME_BYTES..).unwrap_or_default();
        let answered = ANSWERED.iter().any(|answered| state.starts_with(answered.as_bytes()));
        self.changes.entry(change.id).or_insert((change, answered)).1 |= answered;
    }
}

/// The value at the beginning of these bytes, and where it ends.
fn first<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<(T, usize)> {
    let mut read = serde_json::Deserializer::from_slice(&bytes[..bytes.len().min(REACH)]).into_iter::<T>();
    let value = read.next()?.ok()?;
    Some((value, read.byte_offset()))
}
