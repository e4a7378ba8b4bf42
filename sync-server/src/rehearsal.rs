//! Looks at a backup as if the server had to come back from it: in a folder of its own, and never at the file itself.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use domain::place::Scope;
use store::server::blobs_in_file;

use crate::backup::{photos_of, restore};
use crate::clock::{Clock, Dice};
use crate::core::{Core, FILE_NAME};

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Records, living and dead.
    pub records: u64,
    /// Changes with their verdicts.
    pub changes: u64,
    /// Accounts.
    pub accounts: u64,
    /// Devices.
    pub devices: u64,
    /// Scopes whose kept sums were counted again.
    pub scopes: u64,
    /// When the newest change in it reached the server, Unix milliseconds, UTC.
    pub newest_unix_ms: Option<i64>,
    /// Photos whose bytes lie beside it and are what their name says.
    pub photos: u64,
    /// Photos it knows whose bytes do not: after a restore the phones that have them are asked again.
    pub photos_lacking: u64,
}

/// Restores a backup into a fresh folder, opens it as a server would, and counts every scope again.
///
/// # Errors
/// Everything that would stand in the way of a restore, in a sentence.
pub fn rehearse(backup: &Path, room: &Path, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> anyhow::Result<Rehearsed> {
    let (mut photos, mut photos_lacking) = (0, 0);
    for hash in blobs_in_file(backup).with_context(|| format!("{} is not a whole backup of a server", backup.display()))? {
        let holds = photos_of(backup).holds(hash).with_context(|| format!("reading the photo {hash} beside the copy"))?;
        *if holds { &mut photos } else { &mut photos_lacking } += 1;
    }
    ensure!(!room.join(FILE_NAME).exists(), "{} is in use", room.display());
    restore(room, backup, false, clock.clone(), dice.clone())?;
    let core = Core::open(&room.join(FILE_NAME), clock, dice).context("opening what was restored")?;
    let seen = core.look(|view| {
        let scopes: Vec<Scope> = view.scopes()?;
        let mut wrong = Vec::new();
        for scope in &scopes {
            if view.scope(scope)?.digest != view.digest_counted(scope)? {
                wrong.push(scope.to_string());
            }
        }
        let counts = view.counts()?;
        Ok((scopes.len(), wrong, counts))
    });
    core.stop();
    let (scopes, wrong, counts) = seen?;
    if !wrong.is_empty() {
        bail!("the sums kept for {} are not what their records add up to", wrong.join(", "));
    }
    Ok(Rehearsed {
        records: counts.records,
        changes: counts.changes,
        accounts: counts.accounts,
        devices: counts.devices,
        scopes: scopes as u64,
        newest_unix_ms: counts.newest_unix_ms,
        photos,
        photos_lacking,
    })
}
