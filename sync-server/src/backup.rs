//! Copies of the one file, and coming back from one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use store::server::{back_up, blobs_in_file, is_whole_file};

use crate::accounts::audit;
use crate::clock::{Clock, Dice, random_hex};
use crate::core::{Core, FILE_NAME};
use crate::hold::Hold;
use crate::photos::Folder;
use crate::restored;

/// How far `restore` skips every number ahead: what was given out after the backup is not given twice.
pub const SKIP: i64 = 1_000_000;
/// The counter that is a time and not a number.
const STAMP: &str = "stamp";

/// Copies the server's file, in use or not, looks whether the copy is whole, and copies the photos it knows of into a folder
/// beside it.
///
/// # Errors
/// A target that is there already; a copy that is not whole.
pub fn backup(data: &Path, to: &Path) -> anyhow::Result<u64> {
    let from = data.join(FILE_NAME);
    if !from.exists() {
        bail!("there is no server in {}", data.display());
    }
    if to.exists() {
        bail!("{} is there already: a backup overwrites nothing", to.display());
    }
    back_up(&from, to).context("copying the server's file")?;
    if !is_whole_file(to).context("looking at the copy")? {
        bail!("the copy is not whole: do not rely on it, and look at the disk");
    }
    back_up_photos(data, to).context("copying the photos")?;
    Ok(std::fs::metadata(to)?.len())
}

/// Where the photos of the backups of a folder lie: one folder beside them all. Bytes are named by what they are, so that each
/// is there once, however many backups know it.
pub fn photos_of(backup: &Path) -> Folder {
    Folder::beside(backup)
}

/// Removes photos that no backup of a folder knows any more; those of the last day stay, for a backup that is being made.
///
/// # Errors
/// When one cannot be read or removed.
pub fn thin_photos(folder: &Path, data: &Path) -> anyhow::Result<u64> {
    let photos = Folder::beside(&folder.join(FILE_NAME));
    if folder.canonicalize().ok() == data.canonicalize().ok() {
        // The server's own: its clean-up looks after them.
        return Ok(0);
    }
    let mut known = BTreeSet::new();
    for entry in std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()? {
        match blobs_in_file(&entry.path()) {
            Ok(blobs) => known.extend(blobs),
            // A backup that cannot be read for a moment still needs its photos.
            Err(error) if may_be_database(&entry.path()) => return Err(error).context("reading which photos a backup knows"),
            // Whatever else lies there knows no photos.
            Err(_) => {}
        }
    }
    let day_ago = SystemTime::now().checked_sub(Duration::from_secs(24 * 60 * 60)).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut removed = 0;
    for hash in photos.written_before(day_ago)?.into_iter().filter(|hash| !known.contains(hash)) {
        photos.remove(hash)?;
        removed += 1;
    }
    Ok(removed)
}

/// Whether a file is one of SQLite's, as far as can be seen: one that cannot be opened may be.
fn may_be_database(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
    path.is_file()
        && (read.is_err_and(|error| error.kind() != std::io::ErrorKind::UnexpectedEof) || head == *b"SQLite format 3\0")
}

/// The photos the copy knows of. One that is removed meanwhile was named by nobody; it counts as not arrived after a restore.
fn back_up_photos(data: &Path, to: &Path) -> anyhow::Result<()> {
    let (from, into) = (Folder::beside(&data.join(FILE_NAME)), photos_of(to));
    for hash in blobs_in_file(to)? {
        match into.take_from(&from, hash) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => copied.with_context(|| format!("copying {hash}"))?,
        }
    }
    Ok(())
}

/// Puts a backup in the place of the server's file. The new file tells another history: every device notices, keeps what it
/// has, and says again what this file does not know.
///
/// # Errors
/// A file that is no backup; a server that is running; a server that is there, unless `replace` is asked for, which sets the old file aside.
pub fn restore(
    data: &Path,
    from: &Path,
    replace: bool,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
) -> anyhow::Result<Option<PathBuf>> {
    if !from.exists() || !is_whole_file(from).unwrap_or(false) {
        bail!("{} is not a whole backup of a server", from.display());
    }
    std::fs::create_dir_all(data).context("making the data folder")?;
    // A server that goes on running would answer `ok` for work it writes into the file that was set aside.
    let _hold = Hold::take(data)?;
    let file = data.join(FILE_NAME);
    let aside = if file.exists() {
        if !replace {
            bail!("there is a server in {}; stop it, and say --replace to set its file aside", data.display());
        }
        Some(set_aside(&file, clock.now_unix_ms())?)
    } else {
        None
    };
    // Under another name first: a restore that is cut off leaves no half a server.
    let arriving = data.join(format!("{FILE_NAME}.arriving"));
    std::fs::copy(from, &arriving).context("copying the backup")?;
    let (photos, into) = (photos_of(from), Folder::beside(&file));
    for hash in blobs_in_file(&arriving)? {
        // What is there already is the same: bytes are named by what they are. What is nowhere is asked for again.
        if photos.has(hash) {
            into.take_from(&photos, hash).with_context(|| format!("copying {hash}"))?;
        }
    }
    begin_new_history(&arriving, clock, dice)?;
    store::points::reach("server.restore.before_placing");
    std::fs::rename(&arriving, &file).context("putting the backup in place")?;
    Ok(aside)
}

/// Moves the old file out of the way, with its log: what was committed may still stand there.
fn set_aside(file: &Path, now_unix_ms: i64) -> anyhow::Result<PathBuf> {
    let name = |suffix: &str| file.with_file_name(format!("{FILE_NAME}{suffix}"));
    let aside = name(&format!(".set-aside-{now_unix_ms}"));
    for suffix in ["-wal", "-shm"] {
        let beside = name(suffix);
        if beside.exists() {
            std::fs::rename(&beside, name(&format!(".set-aside-{now_unix_ms}{suffix}"))).context("setting the old log aside")?;
        }
    }
    std::fs::rename(file, &aside).context("setting the old file aside")?;
    Ok(aside)
}

fn begin_new_history(file: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> anyhow::Result<()> {
    let core = Core::open(file, clock, dice)?;
    let (epoch, now_unix_ms) = (random_hex(&*core.dice, 8), core.now_unix_ms());
    core.write(move |write| {
        restored::begin(write, &epoch, now_unix_ms)?;
        write.skip_numbers(SKIP, STAMP)?;
        audit(write, now_unix_ms, "server.restore", "", &epoch)
    })?;
    core.forget_lost_photos()?;
    core.stop();
    drop(core);
    Ok(())
}
