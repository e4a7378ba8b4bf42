//! Who is asking, and what they were granted. Default deny.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::digest::text_hash_hex;
use domain::place::{self, Scope};
use domain::{DeviceNumber, Record};
use store::StoreError;
use store::server::{AccountRow, DeviceRow, HeldWhy, View};
use sync_protocol::SyncError;

use crate::failure::Failure;
use crate::quarantine::LATE_MS;
use crate::restored::is_unconfirmed;

/// What a device proves itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Its number.
    pub device: DeviceNumber,
    /// Its secret as hexadecimal.
    pub secret: String,
}

/// Somebody whose identity was proven.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The device.
    pub device: DeviceRow,
    /// Whose it is.
    pub account: AccountRow,
    /// What they may see and write.
    pub grants: BTreeSet<Scope>,
    /// They were shut out and may only deliver what they had not: it is held for the station.
    pub late: Option<HeldWhy>,
}

impl Caller {
    /// Whether a record is in one of the caller's scopes now.
    pub fn reads(&self, record: &Record) -> bool {
        reads(&self.grants, record)
    }
}

/// Whether a record is in one of these scopes now.
pub fn reads(grants: &BTreeSet<Scope>, record: &Record) -> bool {
    place::scopes_of(record).iter().any(|scope| grants.contains(scope))
}

/// What an account may see and write: the county, what is addressed to it, and its villages or its homes.
///
/// # Errors
/// As the store says.
pub fn grants(view: &View<'_>, account: &AccountRow) -> Result<BTreeSet<Scope>, StoreError> {
    if account.disabled {
        return Ok(BTreeSet::new());
    }
    let mut grants = BTreeSet::from([Scope::County, Scope::Account(account.id)]);
    match account.role {
        Role::Coordinator | Role::Officer => grants.extend(view.villages_of(account.id)?.into_iter().map(Scope::Area)),
        Role::Landlord => {
            grants.insert(Scope::Owner(account.id));
        }
        // The register is not the administrator's business.
        Role::Admin => {}
    }
    Ok(grants)
}

/// Whether two hashes are the same, in a time that tells nothing about where they differ.
pub fn same_hash(one: &str, other: &str) -> bool {
    match (blake3::Hash::from_hex(one), blake3::Hash::from_hex(other)) {
        // BLAKE3's own equality is constant-time.
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Finds out who is asking. Who was shut out asks for nothing.
///
/// # Errors
/// As [`prove`]; [`SyncError::Forked`] for a number whose installation goes on under another one.
pub fn authenticate(view: &View<'_>, credentials: &Credentials) -> Result<Caller, Failure> {
    let caller = prove(view, credentials)?;
    if caller.device.closed_unix_ms.is_some() {
        return Err(SyncError::Forked.into());
    }
    Ok(caller)
}

/// Finds out who is asking, a closed number too. Who was shut out asks for nothing.
///
/// # Errors
/// [`SyncError::UnknownDevice`], [`SyncError::Unauthorised`], [`SyncError::Revoked`].
pub fn prove(view: &View<'_>, credentials: &Credentials) -> Result<Caller, Failure> {
    let (device, account) = proven(view, credentials)?;
    if device.revoked || account.disabled {
        return Err(shut_out(view)?.into());
    }
    let grants = grants(view, &account)?;
    Ok(Caller { device, account, grants, late: None })
}

/// The same for a push and for photos' bytes, and for nothing else: who was shut out less than a month ago may still deliver what
/// they had not, and is granted nothing.
///
/// # Errors
/// As [`authenticate`].
pub fn authenticate_to_push(view: &View<'_>, credentials: &Credentials, now_unix_ms: i64) -> Result<Caller, Failure> {
    let caller = prove_to_deliver(view, credentials, now_unix_ms)?;
    // A closed number that was shut out delivers as any other: it is held, whatever it is.
    if caller.late.is_none() && caller.device.closed_unix_ms.is_some() {
        return Err(SyncError::Forked.into());
    }
    Ok(caller)
}

/// Finds out who is asking, a closed number and, for a month, somebody who was shut out too: they may ask for a new number, under
/// which they deliver what they had not.
///
/// # Errors
/// As [`prove`].
pub fn prove_to_deliver(view: &View<'_>, credentials: &Credentials, now_unix_ms: i64) -> Result<Caller, Failure> {
    let (device, account) = proven(view, credentials)?;
    match late(view, &device, &account, now_unix_ms)? {
        Some(why) => Ok(Caller { device, account, grants: BTreeSet::new(), late: Some(why) }),
        None => {
            let grants = grants(view, &account)?;
            Ok(Caller { device, account, grants, late: None })
        }
    }
}

/// Why somebody may only deliver late work; `None` for who was not shut out.
fn late(view: &View<'_>, device: &DeviceRow, account: &AccountRow, now_unix_ms: i64) -> Result<Option<HeldWhy>, Failure> {
    if !device.revoked && !account.disabled {
        return Ok(None);
    }
    if is_unconfirmed(view)? {
        return Err(SyncError::UnknownDevice.into());
    }
    let (revoked_unix_ms, disabled_unix_ms) = view.shut_out_since(device.number)?;
    let why = if device.revoked { HeldWhy::Revoked } else { HeldWhy::Disabled };
    let times = [(device.revoked, revoked_unix_ms), (account.disabled, disabled_unix_ms)];
    let since = times.into_iter().filter_map(|(out, at)| out.then_some(at)).min().unwrap_or(0);
    if now_unix_ms.saturating_sub(since) > LATE_MS {
        return Err(SyncError::Revoked.into());
    }
    Ok(Some(why))
}

/// Finds out who hands in sealed saves: with a word that is good for nothing else. All of it is late work, and who was shut out has a
/// month for it.
///
/// # Errors
/// As [`prove_to_deliver`].
pub fn prove_hand_in(view: &View<'_>, credentials: &Credentials, now_unix_ms: i64) -> Result<Caller, Failure> {
    let device = view.device(credentials.device)?.ok_or(SyncError::UnknownDevice)?;
    let known = view.hand_in_hash(credentials.device)?;
    if known.is_empty() || !same_hash(&known, &text_hash_hex(&credentials.secret)) {
        return Err(SyncError::Unauthorised.into());
    }
    let account = view.account(device.account)?.ok_or(SyncError::UnknownDevice)?;
    let late = late(view, &device, &account, now_unix_ms)?.unwrap_or(HeldWhy::Sealed);
    Ok(Caller { device, account, grants: BTreeSet::new(), late: Some(late) })
}

/// What somebody who was shut out is told. After a restore nobody knows whether he was let in again in what was lost: until an
/// administrator has confirmed the grants he is unknown, keeps his file, and gets nothing.
pub(crate) fn shut_out(view: &View<'_>) -> Result<SyncError, StoreError> {
    Ok(if is_unconfirmed(view)? { SyncError::UnknownDevice } else { SyncError::Revoked })
}

fn proven(view: &View<'_>, credentials: &Credentials) -> Result<(DeviceRow, AccountRow), Failure> {
    let device = view.device(credentials.device)?.ok_or(SyncError::UnknownDevice)?;
    if !same_hash(&device.secret_hash, &text_hash_hex(&credentials.secret)) {
        return Err(SyncError::Unauthorised.into());
    }
    let account = view.account(device.account)?.ok_or(SyncError::UnknownDevice)?;
    Ok((device, account))
}
