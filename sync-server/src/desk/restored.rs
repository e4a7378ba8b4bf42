//! The server came back from a backup: what came again from devices, who has not spoken since, and an administrator's word that
//! the grants are right.

use domain::access::Role;
use store::server::View;
use ui_protocol::ErrorCode;
use ui_protocol::restored::{RestoredReply, SilentDevice};

use super::{DeskCaller, lists};
use crate::core::Core;
use crate::failure::Failure;
use crate::restored;

/// Devices named; a county has some hundred.
const NAMED_MAX: usize = 200;

/// When the server came back, while nobody has confirmed it.
///
/// # Errors
/// As the store says.
pub fn waits_since(view: &View<'_>) -> Result<Option<i64>, Failure> {
    Ok(if restored::is_unconfirmed(view)? { Some(restored::at(view)?.unwrap_or_default()) } else { None })
}

/// How the server stands since.
///
/// # Errors
/// As the store says.
pub fn look(view: &View<'_>, caller: &DeskCaller, now_unix_ms: i64) -> Result<RestoredReply, Failure> {
    let waits = restored::is_unconfirmed(view)?;
    let at = if waits { restored::at(view)? } else { restored::since(view, now_unix_ms)? };
    let Some(at_unix_ms) = at else { return Ok(RestoredReply { waits, ..RestoredReply::default() }) };
    let (came_back, held) = view.came_back_since(at_unix_ms)?;
    let names = lists::station_accounts(view, caller)?;
    let (mut devices, mut silent) = (0, Vec::new());
    for device in view.devices()? {
        let works = !device.secret_hash.is_empty() && !device.revoked && device.closed_unix_ms.is_none();
        let Some(name) = names.get(&device.account).filter(|_| works) else { continue };
        devices += 1;
        if device.seen_unix_ms.is_none_or(|seen| seen < at_unix_ms) && silent.len() < NAMED_MAX {
            silent.push(SilentDevice { device: device.number.0, name: name.clone(), seen_unix_ms: device.seen_unix_ms });
        }
    }
    let may_confirm = waits && caller.account.role == Role::Admin;
    Ok(RestoredReply { at_unix_ms: Some(at_unix_ms), waits, may_confirm, came_back, held, devices, silent })
}

impl Core {
    /// An administrator says that accounts, villages and devices are right again.
    pub(super) fn confirm_restore_at_desk(&self, caller: &DeskCaller) -> Result<RestoredReply, Failure> {
        if caller.account.role != Role::Admin {
            return Err(Failure::Desk(ErrorCode::NotAllowed));
        }
        // Somebody else confirmed it meanwhile: what was wanted is so.
        self.confirm_restore(Some(caller.account.clone()))?;
        let now_unix_ms = self.now_unix_ms();
        self.look(|view| look(view, caller, now_unix_ms))
    }
}
