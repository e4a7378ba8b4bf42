//! Which of the unhappy days it is, told from two positions; and a device that goes on under another number (protocol §9).
//!
//! ```text
//!   the server's last        it means                          the device
//!   acked ≤ last ≤ newest    an answer was lost, or nothing    goes on; verdicts are repeated
//!   above newest             it came back from a backup        asks for a new number
//!   another id at a place    two files with one number         asks for a new number, and so does the other
//!   below acked              this server came back             `push` sees to it
//! ```

use domain::DeviceNumber;
use domain::digest::text_hash_hex;
use store::StoreError;
use store::server::{DeviceRow, View};
use sync_protocol::{Position, Renew, Renewal, Renewed, Secret, SyncError};

use crate::caller::{Credentials, prove_to_deliver, shut_out};
use crate::clock::random_hex;
use crate::core::Core;
use crate::enrol::{NewDevice, add_device, audit_by, info, short};
use crate::failure::Failure;

/// What a device's positions say beside what the server knows of it; `None` when they fit. Only within one history: a server
/// that came back from a backup knows less than it told.
///
/// # Errors
/// As the store says.
pub fn recognise(
    view: &View<'_>,
    device: &DeviceRow,
    acked: Option<Position>,
    newest: Option<Position>,
) -> Result<Option<Renewal>, Failure> {
    if device.last_seq > newest.map_or(0, |(seq, _)| seq) {
        return Ok(Some(Renewal::Restored));
    }
    for (seq, id) in [acked, newest].into_iter().flatten() {
        // At the head it is written beside the device; below it, one look. What is above nobody but the device knows.
        let there = match device.last_change {
            Some(last) if seq == device.last_seq => Some(last),
            _ if seq < device.last_seq => view.change_at(device.number, seq)?,
            _ => None,
        };
        if there.is_some_and(|there| there != id) {
            return Ok(Some(Renewal::Cloned));
        }
    }
    Ok(None)
}

/// The number an installation was enrolled with: what is counted for a device is counted there, whatever numbers it was given
/// since.
///
/// # Errors
/// As the store says.
pub fn first_number(view: &View<'_>, number: DeviceNumber) -> Result<DeviceNumber, StoreError> {
    Ok(view.device_family(number)?.first().copied().unwrap_or(number))
}

impl Core {
    /// Gives an installation another number. The old number takes no more pushes: whoever else has its file is told the same and
    /// asks in turn. A lost answer costs a number that nobody uses. Who was shut out gets one that is shut out since the same moment.
    pub(crate) fn renew(&self, credentials: &Credentials, renew: Renew) -> Result<Renewed, Failure> {
        let secret = random_hex(&*self.dice, 32);
        let (secret_hash, now_unix_ms) = (text_hash_hex(&secret), self.now_unix_ms());
        // Counted for the installation: every new number would bring a bucket of its own.
        let first = self.look(|view| {
            prove_to_deliver(view, credentials, now_unix_ms)?;
            Ok(first_number(view, credentials.device)?)
        })?;
        self.renewals.take(&first.to_string(), now_unix_ms).map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })?;
        let credentials = credentials.clone();
        self.write(move |write| {
            let caller = prove_to_deliver(write, &credentials, now_unix_ms)?;
            let (was, account) = (caller.device, caller.account);
            if account.id != renew.account {
                return Err(SyncError::Unauthorised.into());
            }
            // Shut out under one number, it is shut out under all: also where an older version revoked only another one. Who is late
            // gets a number to deliver under, and that one is shut out too.
            for number in write.device_family(was.number)? {
                if caller.late.is_none() && write.device(number)?.is_some_and(|device| device.revoked) {
                    return Err(shut_out(write)?.into());
                }
            }
            let why = match renew.why {
                Some(why) => why,
                None => recognise(write, &was, renew.acked, renew.newest)?.unwrap_or(Renewal::Cloned),
            };
            let new = NewDevice {
                secret_hash,
                install: short(&renew.install),
                model: short(&renew.model),
                version: short(&renew.version),
                was: Some((was.number, why)),
            };
            write.close_device(was.number, &new.install, now_unix_ms)?;
            let device = add_device(write, &account, new, now_unix_ms)?;
            // Another number is no way back in, and begins no second month.
            write.pass_on_shut_out(was.number, device)?;
            audit_by(write, now_unix_ms, &account, "device.renew", &format!("{device} was {} {}", was.number, why.as_str()))?;
            let epoch = write.meta("epoch")?.unwrap_or_default();
            Ok(Renewed { device, secret: Secret(secret), epoch, account: info(&account), why, server_unix_ms: now_unix_ms })
        })
    }
}
