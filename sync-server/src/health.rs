//! Devices that fail, seen from the server: what is wrong with each, worst first, in words a person can act on.

use std::collections::{BTreeMap, BTreeSet};

use domain::DeviceNumber;
use serde::Serialize;
use store::server::{DeviceRow, View};
use ui_protocol::desk::DeviceProblem;

use crate::core::Core;
use crate::failure::Failure;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A device that was not heard of for so long is asked about.
const SILENT_DAYS: i64 = 3;
/// A clock that far off is a problem.
const CLOCK_MS: u64 = 5 * 60 * 1000;
/// Refused changes are counted for so long.
const REFUSED_DAYS: i64 = 30;
/// The version of the app that is shipped with this server.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One device and how it does.
#[derive(Clone, Debug)]
pub struct DeviceHealth {
    /// The device.
    pub device: DeviceRow,
    /// Changes it numbered and has not been answered.
    pub waiting: u64,
    /// Its changes that were refused within the month.
    pub refused: u64,
    /// Its saves that wait for a decision of the station.
    pub held: u64,
    /// Photos it announced whose bytes have not come.
    pub photos_missing: u64,
    /// What is wrong, worst first.
    pub problems: Vec<DeviceProblem>,
}

/// One device for monitoring: numbers and codes only, nothing that names a person.
#[derive(Debug, Serialize)]
pub struct Monitored {
    device: DeviceNumber,
    version: String,
    seen_unix_ms: Option<i64>,
    clock_ahead_ms: i64,
    waiting: u64,
    refused: u64,
    held: u64,
    photos_missing: u64,
    was: Option<DeviceNumber>,
    renewed_for: String,
    revoked: bool,
    closed: bool,
    problems: Vec<DeviceProblem>,
    scopes: Vec<MonitoredScope>,
}

/// What a device last said of one scope, and what came of comparing it.
#[derive(Debug, Serialize)]
struct MonitoredScope {
    scope: String,
    on_device: u64,
    on_server: u64,
    digest: String,
    said_unix_ms: Option<i64>,
    same: Option<bool>,
    compared_unix_ms: Option<i64>,
    behind: bool,
}

/// Every device somebody can work with, those with problems first.
///
/// # Errors
/// As the store says.
pub fn devices(view: &View<'_>, now_unix_ms: i64) -> Result<Vec<DeviceHealth>, Failure> {
    let epoch = view.meta("epoch")?.unwrap_or_default();
    let epochs = view.device_epochs()?;
    let refused = view.refused_since(now_unix_ms - REFUSED_DAYS * DAY_MS)?;
    let held = view.held_by_device()?;
    let photos = view.photos_missing()?;
    let said = view.said()?;
    let different: BTreeSet<DeviceNumber> =
        said.iter().filter(|(_, said)| said.same == Some(false)).map(|((device, _), _)| *device).collect();
    let mut rows = Vec::new();
    for device in view.devices()?.into_iter().filter(|device| !device.secret_hash.is_empty()) {
        let number = device.number;
        let of = |counts: &store::server::DeviceCounts| counts.get(&number).copied().unwrap_or(0);
        // What a closed number had waiting was said, or will be, under the one after it.
        let waiting = if device.closed_unix_ms.is_some() { 0 } else { device.newest_seq.saturating_sub(device.last_seq) };
        let mut health = DeviceHealth {
            waiting,
            refused: of(&refused),
            held: of(&held),
            photos_missing: photos.iter().find(|(photos_of, _)| *photos_of == number).map_or(0, |(_, missing)| *missing),
            device,
            problems: Vec::new(),
        };
        let behind = epochs.get(&number).is_some_and(|known| !known.is_empty() && *known != epoch);
        health.problems = problems(&health, behind, different.contains(&number), now_unix_ms);
        rows.push(health);
    }
    // Stable: within one kind of problem they stay in the order of their numbers.
    rows.sort_by_key(|health| health.problems.first().map_or(u8::MAX, |problem| severity(*problem)));
    Ok(rows)
}

fn severity(problem: DeviceProblem) -> u8 {
    match problem {
        DeviceProblem::Held => 0,
        DeviceProblem::Silent { .. } => 1,
        DeviceProblem::OtherHistory => 2,
        DeviceProblem::Different => 3,
        DeviceProblem::Waiting => 4,
        DeviceProblem::Refused => 5,
        DeviceProblem::Clock => 6,
        DeviceProblem::Photos => 7,
        DeviceProblem::OldVersion => 8,
    }
}

/// What somebody can do something about. Of a device that works no more, only what it left behind.
fn problems(health: &DeviceHealth, other_history: bool, different: bool, now_unix_ms: i64) -> Vec<DeviceProblem> {
    let device = &health.device;
    let works = !device.revoked && device.closed_unix_ms.is_none();
    let silent_days = (now_unix_ms - device.seen_unix_ms.unwrap_or(device.enrolled_unix_ms)) / DAY_MS;
    let candidates = [
        (health.held > 0, DeviceProblem::Held),
        (works && silent_days >= SILENT_DAYS, DeviceProblem::Silent { days: silent_days.unsigned_abs() }),
        (works && other_history, DeviceProblem::OtherHistory),
        (works && different, DeviceProblem::Different),
        (works && health.waiting > 0, DeviceProblem::Waiting),
        (works && health.refused > 0, DeviceProblem::Refused),
        (works && device.clock_ahead_ms.unsigned_abs() >= CLOCK_MS, DeviceProblem::Clock),
        (works && health.photos_missing > 0, DeviceProblem::Photos),
        (works && is_older(&device.version, VERSION), DeviceProblem::OldVersion),
    ];
    candidates.into_iter().filter_map(|(is, problem)| is.then_some(problem)).collect()
}

/// Whether a version is older than another. What cannot be read is not called old.
fn is_older(version: &str, than: &str) -> bool {
    let read = |text: &str| -> Option<Vec<u64>> { text.split('.').map(|part| part.parse().ok()).collect() };
    match (read(version), read(than)) {
        (Some(version), Some(than)) => version < than,
        _ => false,
    }
}

impl Core {
    /// A device speaks with another version of the app than before.
    ///
    /// # Errors
    /// As the store says.
    pub(crate) fn note_version(&self, device: DeviceNumber, version: String) -> Result<(), Failure> {
        self.write(move |write| Ok(write.set_device_version(device, &version)?))
    }

    /// Every device with its problems, for the console and for monitoring.
    ///
    /// # Errors
    /// As the store says.
    pub fn device_health(&self) -> Result<Vec<DeviceHealth>, Failure> {
        let now_unix_ms = self.now_unix_ms();
        self.look(|view| devices(view, now_unix_ms))
    }

    /// The same without anything that names a person or their phone.
    ///
    /// # Errors
    /// As the store says.
    pub fn monitored(&self) -> Result<Vec<Monitored>, Failure> {
        let mut scopes: BTreeMap<u32, Vec<MonitoredScope>> = BTreeMap::new();
        for row in self.compared(None)? {
            scopes.entry(row.device).or_default().push(MonitoredScope {
                scope: row.area,
                on_device: row.on_device,
                on_server: row.on_server,
                digest: row.digest,
                said_unix_ms: row.said_unix_ms,
                same: row.same,
                compared_unix_ms: row.compared_unix_ms,
                behind: row.behind,
            });
        }
        let healths = self.device_health()?.into_iter();
        Ok(healths.map(|health| monitored(scopes.remove(&health.device.number.0).unwrap_or_default(), health)).collect())
    }
}

fn monitored(scopes: Vec<MonitoredScope>, health: DeviceHealth) -> Monitored {
    let DeviceHealth { device, waiting, refused, held, photos_missing, problems } = health;
    Monitored {
        device: device.number,
        version: device.version,
        seen_unix_ms: device.seen_unix_ms,
        clock_ahead_ms: device.clock_ahead_ms,
        waiting,
        refused,
        held,
        photos_missing,
        was: device.was,
        renewed_for: device.renewed_for,
        revoked: device.revoked,
        closed: device.closed_unix_ms.is_some(),
        problems,
        scopes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, than, older) in [
            ("0.1.0", "0.2.0", true),
            ("0.10.0", "0.9.0", false),
            ("0.2.0", "0.2.0", false),
            ("", "0.2.0", false),
            ("x", "1", false),
        ] {
            assert_eq!(is_older(version, than), older, "{version} and {than}");
        }
    }
}
