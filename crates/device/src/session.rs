//! Who this device belongs to, signing in with and without a network, settings, and how the work stands.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use chrono::NaiveDate;
use domain::area::{self, Area};
use domain::place::Scope;
use domain::{Record, day, kind};
use store::device::{Durability, View};
use sync_protocol::{EnrolRequest, PasswordRequest, Secret, SignInRequest};
use ui_protocol::session::{
    Account, AreaName, DeviceStatus, Enrol, Progress, ResetPassword, SameScope, SaveSettings, Settings, SignIn, SignOut, Stage,
    Status, SyncStatus,
};
use ui_protocol::{ErrorCode, UiError};

use crate::error::{Failure, sync_failure};
use crate::identity::{Identity, Kept};
use crate::law::Law;
use crate::sync::held_saves;
use crate::{BUILT_ON_UNIX_MS, Device, contradictions, lock, rescue};

/// Shortest password a person may choose.
const PASSWORD_CHARACTERS_MIN: usize = 8;
/// Wrong tries before the device makes its person wait.
const FREE_TRIES: u32 = 4;
/// Longest wait between two tries, seconds.
const WAIT_MAX_S: u64 = 15 * 60;
/// From five in the afternoon on the day's end is offered.
const EVENING_MINUTE: u32 = 17 * 60;
/// A clock this far off is said on the screen.
const CLOCK_SAID_MS: i64 = 5 * 60 * 1000;
/// Minutes after which a phone locks itself: at once annoys, and an hour on a stranger's table is no lock.
const LOCK_AFTER_MIN_LEAST: u32 = 1;
const LOCK_AFTER_MIN_MOST: u32 = 30;
/// How long it is said that the station holds late work, milliseconds.
const HELD_SAID_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Device {
    /// Who is signed in; every use case but these here asks first.
    pub(crate) fn require(&self, view: &View<'_>) -> Result<Identity, Failure> {
        let identity = self.identity(view)?.ok_or(ErrorCode::NotEnrolled)?;
        if !self.signed_in.load(Ordering::Relaxed) {
            return Err(ErrorCode::SignedOut.into());
        }
        Ok(identity)
    }

    /// The clock, corrected by what the last exchange measured. Unix milliseconds, UTC.
    pub(crate) fn now(&self) -> i64 {
        self.around.unix_ms().saturating_add(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Today for checks: the latest of the corrected clock, the server's last word and the day this version was made.
    pub(crate) fn today(&self, view: &View<'_>) -> Result<NaiveDate, Failure> {
        let server = view.meta("server_unix_ms")?.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(day::day_of(self.now().max(server).max(BUILT_ON_UNIX_MS)))
    }

    pub(crate) fn law(&self, view: &View<'_>) -> Result<Arc<Law>, Failure> {
        if let Some(law) = lock(&self.law).as_ref() {
            return Ok(Arc::clone(law));
        }
        let law = Arc::new(Law::read(view)?);
        *lock(&self.law) = Some(Arc::clone(&law));
        Ok(law)
    }

    pub(crate) fn enrol(&self, ask: &Enrol) -> Result<DeviceStatus, Failure> {
        let (earlier, seq_base) =
            self.store.read(|view| Ok::<_, Failure>((self.identity(view)?, view.acked()?.map_or(0, |(seq, _)| seq))))?;
        let server = ask.server.trim().trim_end_matches('/').to_owned();
        if server.is_empty() || ask.code.trim().is_empty() {
            return Err(ErrorCode::WrongCode.into());
        }
        let install = self.new_install();
        let request = EnrolRequest {
            code: ask.code.trim().to_uppercase().replace([' ', '-'], ""),
            password: ask.password.clone(),
            install: install.clone(),
            model: self.around.model(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let reply = self.around.connector().enrol(&server, request).map_err(|error| sync_failure(&error))?;
        let restored = earlier.as_ref().is_some_and(|earlier| rescue::is_another(earlier, &reply.epoch));
        // An account that a restore lost was made again, and has another id.
        let same = |earlier: &Identity| {
            earlier.account.id == reply.account.id || (restored && earlier.account.login == reply.account.login)
        };
        if earlier.as_ref().is_some_and(|earlier| !same(earlier)) {
            // One file belongs to one account: another person's unsent work is not handed to them.
            return Err(ErrorCode::NotAllowed.into());
        }
        let before = self.kept_account();
        let account = Some(reply.account.id);
        self.keep(&Kept { device: reply.device, secret: Secret(reply.secret), install: install.clone(), account })?;
        let identity = Identity { server, device: reply.device, epoch: reply.epoch, account: reply.account, install, seq_base };
        let password = self.hash(&ask.password)?;
        let offset = reply.server_unix_ms - self.around.unix_ms();
        self.store.write(Durability::Full, |writing| {
            let seq_base = if restored { rescue::begin(writing)? } else { identity.seq_base };
            let identity = Identity { seq_base, ..identity };
            writing.set_meta("identity", &serde_json::to_string(&identity)?)?;
            writing.set_meta("password", &password)?;
            writing.set_meta("offset_ms", &offset.to_string())?;
            writing.set_meta("server_unix_ms", &reply.server_unix_ms.to_string())?;
            writing.set_meta("tries", "0:0")?;
            Ok::<_, Failure>(())
        })?;
        self.offset_ms.store(offset, Ordering::Relaxed);
        // Whoever has no file any more goes on with what was not sent from the damaged one.
        self.lift(before);
        *lock(&self.problem) = None;
        self.signed_in.store(true, Ordering::Relaxed);
        self.status(&Status {})
    }

    pub(crate) fn sign_in(&self, ask: &SignIn) -> Result<DeviceStatus, Failure> {
        let (identity, stored, tries) = self.store.read(|view| {
            Ok::<_, Failure>((self.identity(view)?.ok_or(ErrorCode::NotEnrolled)?, view.meta("password")?, view.meta("tries")?))
        })?;
        let (failed, last): (u32, i64) = tries
            .as_deref()
            .and_then(|tries| tries.split_once(':'))
            .and_then(|(failed, last)| Some((failed.parse().ok()?, last.parse().ok()?)))
            .unwrap_or((0, 0));
        let wait_s = wait_after(failed);
        // A clock set back must not lock anybody out for years: more than the longest wait is no wait.
        let passed_s = (self.around.unix_ms() - last).unsigned_abs() / 1000;
        if passed_s < wait_s {
            return Err(UiError { retry_after_s: wait_s - passed_s, ..UiError::of(ErrorCode::TooManyTries) }.into());
        }
        let known = stored.as_deref().is_some_and(|hash| verify(hash, &ask.password));
        if !known && !self.is_new_password(&identity, &ask.password)? {
            let failed = failed.saturating_add(1);
            let now = self.around.unix_ms();
            self.store.write(Durability::Full, |writing| {
                writing.set_meta("tries", &format!("{failed}:{now}")).map_err(Failure::from)
            })?;
            let retry_after_s = wait_after(failed);
            return Err(UiError { retry_after_s, ..UiError::of(ErrorCode::WrongPassword) }.into());
        }
        if failed > 0 {
            // Only then: a file on a full or read-only disk can still be looked at.
            self.store.write(Durability::Full, |writing| writing.set_meta("tries", "0:0").map_err(Failure::from))?;
        }
        self.signed_in.store(true, Ordering::Relaxed);
        self.status(&Status {})
    }

    /// Whether the password was changed elsewhere: asks the server, when it is there, and remembers a hash of its own.
    fn is_new_password(&self, identity: &Identity, password: &str) -> Result<bool, Failure> {
        let Ok(credentials) = self.credentials(identity) else { return Ok(false) };
        let request = SignInRequest { login: identity.account.login.clone(), password: password.to_owned() };
        if self.around.connector().sign_in(&identity.server, credentials, request).is_err() {
            return Ok(false);
        }
        let hash = self.hash(password)?;
        self.store.write(Durability::Full, |writing| writing.set_meta("password", &hash).map_err(Failure::from))?;
        Ok(true)
    }

    pub(crate) fn reset_password(&self, ask: &ResetPassword) -> Result<DeviceStatus, Failure> {
        let identity = self.store.read(|view| Ok::<_, Failure>(self.identity(view)?.ok_or(ErrorCode::NotEnrolled)?))?;
        if ask.password.chars().count() < PASSWORD_CHARACTERS_MIN {
            return Err(
                UiError::form(vec![domain::form::FieldProblem::stop("password", domain::form::Problem::OutOfRange)]).into()
            );
        }
        let credentials = self.credentials(&identity)?;
        let request = PasswordRequest {
            login: identity.account.login.clone(),
            code: ask.code.trim().to_uppercase().replace([' ', '-'], ""),
            password: ask.password.clone(),
        };
        self.around.connector().password(&identity.server, credentials, request).map_err(|error| sync_failure(&error))?;
        let hash = self.hash(&ask.password)?;
        self.store.write(Durability::Full, |writing| {
            writing.set_meta("password", &hash)?;
            writing.set_meta("tries", "0:0")?;
            Ok::<_, Failure>(())
        })?;
        self.signed_in.store(true, Ordering::Relaxed);
        self.status(&Status {})
    }

    pub(crate) fn sign_out(&self, _: &SignOut) -> Result<DeviceStatus, Failure> {
        self.signed_in.store(false, Ordering::Relaxed);
        self.status(&Status {})
    }

    pub(crate) fn save_settings(&self, ask: &SaveSettings) -> Result<DeviceStatus, Failure> {
        let settings = Settings {
            language: if ask.settings.language == "en" { "en".to_owned() } else { "zh-CN".to_owned() },
            care: ask.settings.care,
            theme: match ask.settings.theme.as_str() {
                theme @ ("light" | "dark") => theme.to_owned(),
                _ => "auto".to_owned(),
            },
            photos_wifi_only: ask.settings.photos_wifi_only,
            lock_after_min: ask.settings.lock_after_min.clamp(LOCK_AFTER_MIN_LEAST, LOCK_AFTER_MIN_MOST),
        };
        let text = serde_json::to_string(&settings)?;
        self.store.write(Durability::Full, |writing| writing.set_meta("settings", &text).map_err(Failure::from))?;
        self.status(&Status {})
    }

    /// Who and what this device is. Answered before signing in too, then without areas and counts.
    pub(crate) fn status(&self, _: &Status) -> Result<DeviceStatus, Failure> {
        self.store.read(|view| {
            let identity = self.identity(view)?;
            let signed_in = self.signed_in.load(Ordering::Relaxed);
            let stage = match (&identity, signed_in) {
                (None, _) => Stage::NotEnrolled,
                (Some(_), false) => Stage::SignedOut,
                (Some(_), true) if self.lease_over.load(Ordering::Relaxed) => Stage::LeaseOver,
                (Some(_), true) => Stage::Ready,
            };
            let settings = view.meta("settings")?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            Ok(DeviceStatus {
                stage,
                account: identity.as_ref().map(|identity| Account {
                    id: identity.account.id,
                    login: identity.account.login.clone(),
                    name: identity.account.name.clone(),
                    role: identity.account.role,
                }),
                device: identity.as_ref().map(|identity| identity.device.0),
                server: identity.as_ref().map(|identity| identity.server.clone()).unwrap_or_default(),
                areas: if stage == Stage::Ready { self.own_areas(view)? } else { Vec::new() },
                sync: if matches!(stage, Stage::Ready | Stage::LeaseOver) {
                    self.sync_status(view)?
                } else {
                    SyncStatus::default()
                },
                settings,
                today: self.today(view)?.to_string(),
                evening: day::minute_of_day(self.now()) >= EVENING_MINUTE,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                lock: lock(&self.lock_shown).clone(),
            })
        })
    }

    /// How the app looks, as it was last saved.
    pub(crate) fn settings(&self) -> Option<Settings> {
        let text = self.store.read(|view| view.meta("settings")).ok()??;
        serde_json::from_str(&text).ok()
    }

    /// Lets a running exchange end after its page.
    pub(crate) fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// What the screens are told of the lock.
    pub(crate) fn show_lock(&self, shown: ui_protocol::lock::LockStatus) {
        *lock(&self.lock_shown) = shown;
    }

    /// The PIN was right, which its owner chose while signed in.
    pub(crate) fn let_in(&self) {
        self.signed_in.store(true, Ordering::Relaxed);
    }

    /// Whether somebody is signed in.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.signed_in.load(Ordering::Relaxed) && self.store.read(|view| self.identity(view)).is_ok_and(|who| who.is_some())
    }

    /// The villages this device holds.
    pub(crate) fn own_areas(&self, view: &View<'_>) -> Result<Vec<AreaName>, Failure> {
        let codes: Vec<String> = view
            .scopes()?
            .into_iter()
            .filter_map(|row| match row.scope {
                Scope::Area(code) => Some(code),
                _ => None,
            })
            .collect();
        codes.iter().map(|code| self.area_name(view, code)).collect()
    }

    /// A village as people name it; its code when the county's list has not arrived.
    pub(crate) fn area_name(&self, view: &View<'_>, code: &str) -> Result<AreaName, Failure> {
        let area = |code: &str| -> Result<Option<Area>, Failure> {
            Ok(view.shown(area::record_id(code))?.as_ref().and_then(|record| record.typed("area")))
        };
        let village = area(code)?;
        let township = match &village {
            Some(village) if !village.parent.is_empty() => area(&village.parent)?,
            _ => None,
        };
        Ok(AreaName {
            code: code.to_owned(),
            name: village.map_or_else(|| code.to_owned(), |village| village.name),
            township: township.map(|township| township.name).unwrap_or_default(),
        })
    }

    pub(crate) fn sync_status(&self, view: &View<'_>) -> Result<SyncStatus, Failure> {
        let midnight = day::start_of_day_unix_ms(self.today(view)?);
        let counts = view.counts_since(midnight)?;
        let mut scopes = Vec::new();
        let mut progress = None;
        for row in view.scopes()? {
            let name = match &row.scope {
                Scope::Area(code) => self.area_name(view, code)?.name,
                Scope::Owner(_) => "owner".to_owned(),
                Scope::Account(_) => "account".to_owned(),
                Scope::County => "county".to_owned(),
            };
            // The first one that is not there yet, a village before anything else.
            if !row.complete && progress.as_ref().is_none_or(|progress: &Progress| progress.name.is_empty()) {
                let village = matches!(row.scope, Scope::Area(_));
                progress = Some(Progress {
                    name: if village { name.clone() } else { String::new() },
                    done: row.digest.count,
                    total: if row.server_count == 0 { 0 } else { row.server_count.max(row.digest.count) },
                    making_lists: false,
                });
            }
            let same = row.complete.then(|| row.digest.hex() == row.server_sum && row.digest.count == row.server_count);
            scopes.push(SameScope { name, count: row.digest.count, same });
        }
        if progress.is_none() && view.lists_are_behind()? {
            progress = Some(Progress { name: String::new(), done: 0, total: 0, making_lists: true });
        }
        let waiting = view.waiting_count()?;
        let (held, held_unix_ms) = held_saves(view)?;
        let clock_ahead_ms = -self.offset_ms.load(Ordering::Relaxed);
        Ok(SyncStatus {
            saved_today: counts.saved,
            on_server_today: counts.ok,
            refused_today: counts.refused,
            conflicts_today: counts.merged,
            waiting,
            conflicts_open: (self.open_conflicts(view)?.len() + self.open_duplicates(view)?.len() + contradictions::count(view)?)
                as u64,
            refused_open: view.refused_count()?,
            held: if self.now() - held_unix_ms < HELD_SAID_MS { held } else { 0 },
            receipt_unix_ms: view.meta("receipt_unix_ms")?.and_then(|text| text.parse().ok()),
            syncing: self.syncing.load(Ordering::Relaxed),
            progress,
            problem: *lock(&self.problem),
            renewed: self.mentioned(view)?,
            rescue: self.rescue_shown(view)?,
            lifted: self.lifted_shown(view)?,
            clock_ahead_ms: (clock_ahead_ms.abs() >= CLOCK_SAID_MS).then_some(clock_ahead_ms),
            scopes,
            photos: self.photos_status(view)?,
        })
    }

    /// Conflicts addressed to this account that nobody has settled.
    pub(crate) fn open_conflicts(&self, view: &View<'_>) -> Result<Vec<Record>, Failure> {
        Ok(view.all(kind::CONFLICT)?.into_iter().filter(|conflict| conflict.fields("settled").is_none()).collect())
    }

    fn hash(&self, password: &str) -> Result<String, Failure> {
        let mut salt = Vec::with_capacity(20);
        salt.extend(self.around.random());
        salt.extend(self.around.random());
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|_| ErrorCode::Internal.into())
    }
}

fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Seconds to wait after this many wrong tries in a row: none, then 2, 4, 8 … up to a quarter of an hour.
fn wait_after(failed: u32) -> u64 {
    if failed < FREE_TRIES { 0 } else { (1u64 << (failed - FREE_TRIES + 1).min(20)).min(WAIT_MAX_S) }
}
