//! Backups that make themselves: one an hour while the server serves, the old ones thinned out. A backup nobody ever looked at is
//! a hope, so each is looked at when it is made.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::backup::{backup, thin_photos};
use crate::core::Core;

/// Every backup of the last day is kept.
const KEEP_ALL_MS: i64 = 24 * HOUR_MS;
/// The last one of each day is kept this long: as long as devices keep what they were answered.
const KEEP_DAILY_MS: i64 = 30 * 24 * HOUR_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;
const NAME: &str = "doorstep-%Y%m%dT%H%M%SZ.db";

/// Where backups go and how often.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Best on another disk.
    pub folder: PathBuf,
    /// Between two of them.
    pub every: Duration,
}

/// The thread that makes backups; dropping it stops it.
#[derive(Debug)]
pub struct Keeper {
    stop: Mutex<Option<Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Begins. The first backup is due when the newest one in the folder is older than the interval.
    ///
    /// # Errors
    /// When the folder cannot be made: better now than in an hour.
    pub fn start(core: Arc<Core>, keeping: Keeping) -> anyhow::Result<Keeper> {
        std::fs::create_dir_all(&keeping.folder)
            .with_context(|| format!("making the folder of backups {}", keeping.folder.display()))?;
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("backups".to_owned()).spawn(move || {
            let mut wait = due_in(&keeping, core.now_unix_ms());
            while matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
                wait = match keep_one(&core, &keeping.folder) {
                    Ok(_) => keeping.every,
                    // A full disk may have room again: sooner than in an hour, and not every second.
                    Err(_) => keeping.every.min(Duration::from_secs(300)),
                };
            }
        })?;
        Ok(Keeper { stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    /// Stops after the backup that is being made.
    pub fn stop(&self) {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread of backups ended with a panic");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

fn due_in(keeping: &Keeping, now_unix_ms: i64) -> Duration {
    let newest = kept(&keeping.folder).into_iter().map(|(at, _)| at).max();
    let age = newest.map_or(i64::MAX, |at| now_unix_ms.saturating_sub(at).max(0));
    keeping.every.saturating_sub(Duration::from_millis(age.unsigned_abs()))
}

/// Makes one backup, looks whether it is whole, and thins out the old ones. The server goes on meanwhile.
///
/// # Errors
/// When it could not be made; the old ones are all there then.
pub fn keep_one(core: &Core, folder: &Path) -> anyhow::Result<PathBuf> {
    let metrics = &core.metrics;
    let made = make(core, folder);
    match &made {
        Ok(file) => {
            metrics.add(&metrics.backups_total, 1);
            let at = u64::try_from(core.now_unix_ms() / 1000).unwrap_or(0);
            metrics.backup_last_seconds_total.store(at, Ordering::Relaxed);
            tracing::info!(file = %file.display(), "a backup was made and looked at");
            thin_out(folder, core.now_unix_ms());
            if let Some(Err(error)) = core.path().parent().map(|data| thin_photos(folder, data)) {
                tracing::warn!(error = format!("{error:#}"), "photos of old backups could not be removed");
            }
        }
        Err(error) => {
            metrics.add(&metrics.backups_failed_total, 1);
            tracing::error!(error = format!("{error:#}"), "a backup could not be made; the server goes on");
        }
    }
    made
}

fn make(core: &Core, folder: &Path) -> anyhow::Result<PathBuf> {
    let at = DateTime::<Utc>::from_timestamp_millis(core.now_unix_ms()).context("a clock beyond all years")?;
    let file = folder.join(at.format(NAME).to_string());
    // Under another name until it has been looked at: what is called a backup is one.
    let making = file.with_extension("making");
    let _ = std::fs::remove_file(&making);
    let data = core.path().parent().context("the server's file lies in a folder")?;
    backup(data, &making)?;
    std::fs::File::open(&making).and_then(|made| made.sync_all()).context("writing the backup to the disk")?;
    store::points::reach("server.backup.before_naming");
    std::fs::rename(&making, &file).context("naming the backup")?;
    Ok(file)
}

/// The backups in a folder with their times, Unix milliseconds, UTC; nothing else that lies there.
fn kept(folder: &Path) -> Vec<(i64, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let at = NaiveDateTime::parse_from_str(path.file_name()?.to_str()?, NAME).ok()?;
        Some((at.and_utc().timestamp_millis(), path))
    });
    named.collect()
}

fn thin_out(folder: &Path, now_unix_ms: i64) {
    let kept = kept(folder);
    let times: Vec<i64> = kept.iter().map(|(at, _)| *at).collect();
    let expired = expired(&times, now_unix_ms);
    for (at, path) in kept {
        if expired.contains(&at)
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "an old backup could not be removed");
        }
    }
}

/// Which backups are not needed any more: beyond a day all but the last of each day (UTC), beyond a month all. The newest is
/// always needed, and one from the future is nobody's to remove.
///
/// ```text
///   now      −1 h −2 h … −24 h   | −25 h … : one a day                        | −30 days: none
/// ```
pub fn expired(times_unix_ms: &[i64], now_unix_ms: i64) -> Vec<i64> {
    let day = |at: i64| at.div_euclid(24 * HOUR_MS);
    let newest = times_unix_ms.iter().copied().max();
    let mut expired = Vec::new();
    for &at in times_unix_ms {
        let age = now_unix_ms - at;
        let last_of_its_day = !times_unix_ms.iter().any(|&other| other > at && day(other) == day(at));
        let needed = Some(at) == newest || age <= KEEP_ALL_MS || (last_of_its_day && age <= KEEP_DAILY_MS);
        if !needed {
            expired.push(at);
        }
    }
    expired
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_hours_and_a_month_of_days_are_kept() {
        let now = 1_795_395_600_000;
        let hourly: Vec<i64> = (0..24 * 60).map(|hours| now - hours * HOUR_MS).collect();
        let gone = expired(&hourly, now);
        let kept: Vec<i64> = hourly.iter().copied().filter(|at| !gone.contains(at)).collect();
        assert!((0..=24).all(|hours| kept.contains(&(now - hours * HOUR_MS))), "the last day is whole");
        let older = kept.iter().filter(|at| now - **at > KEEP_ALL_MS).count();
        assert!((28..=30).contains(&older), "one a day for a month: {older}");
        assert!(kept.iter().all(|at| now - at <= KEEP_DAILY_MS), "nothing beyond");
    }

    #[test]
    fn the_newest_stays_however_old_it_is() {
        let now = 1_795_395_600_000;
        let old = now - 90 * 24 * HOUR_MS;
        assert_eq!(expired(&[old, old - HOUR_MS], now), [old - HOUR_MS]);
        assert_eq!(expired(&[], now), Vec::<i64>::new());
        assert_eq!(expired(&[now + HOUR_MS, now], now), Vec::<i64>::new(), "a clock that was set back removes nothing");
    }
}
