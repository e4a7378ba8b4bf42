//! The offline lease: how long a device may be without its server before it shows nothing until the next exchange.
//!
//! Counted from the server's last word by the latest time this device has ever seen, so that a clock set back extends nothing; an
//! exchange puts a clock that was once too far ahead right again. What was typed is saved all the same, and goes with that exchange:
//! a save is never refused because of a clock.

use std::sync::atomic::Ordering;

use domain::day;
use domain::policy::{self, key};
use store::device::{Durability, View};
use ui_protocol::DeviceCommand;

use crate::Device;
use crate::error::Failure;

/// The latest time seen, in the file.
pub(crate) const CLOCK_SEEN: &str = "clock_seen_unix_ms";
/// It is written down when it has moved so far.
const SEEN_EVERY_MS: i64 = 10 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Where the county's pack says nothing.
const LEASE_DAYS: i64 = 7;

/// What is answered when the lease has run out: how it stands, the exchange, and the saving of what was typed or tapped. None of these
/// answers shows anything of the register. (A story asks every command there is.)
pub(crate) fn passes(command: &DeviceCommand) -> bool {
    use DeviceCommand as Ask;
    matches!(
        command,
        Ask::Status(_)
            | Ask::Enrol(_)
            | Ask::SignIn(_)
            | Ask::SignOut(_)
            | Ask::ResetPassword(_)
            | Ask::SaveSettings(_)
            | Ask::SyncNow(_)
            | Ask::SyncStop(_)
            | Ask::TellNetwork(_)
            | Ask::KeepDraft(_)
            | Ask::SaveUnit(_)
            | Ask::AddFirm(_)
            | Ask::EndTenancy(_)
            | Ask::NoteVisit(_)
            | Ask::FinishVisit(_)
            | Ask::SaveResident(_)
            | Ask::ChangeResident(_)
            | Ask::MoveResident(_)
            | Ask::HandOver(_)
            | Ask::ExtendStay(_)
            | Ask::CancelResidency(_)
            | Ask::SaveCheck(_)
            | Ask::SignLetter(_)
            | Ask::AddPhoto(_)
            | Ask::ApplyPermit(_)
            | Ask::BringMaterials(_)
            | Ask::NotePermit(_)
            | Ask::SaveReport(_)
            | Ask::VerifyReport(_)
            | Ask::ReturnReport(_)
    )
}

impl Device {
    /// Whether it has run out, as of now. Screens are told by [`Device::status`].
    pub(crate) fn look_at_the_lease(&self) -> bool {
        let over = self.is_signed_in() && self.store.read(|view| self.lease_is_over(view)).unwrap_or(false);
        self.lease_over.store(over, Ordering::Relaxed);
        over
    }

    fn lease_is_over(&self, view: &View<'_>) -> Result<bool, Failure> {
        let number = |text: Option<String>| text.and_then(|text| text.parse::<i64>().ok());
        let Some(server) = number(view.meta("server_unix_ms")?) else { return Ok(false) };
        let seen = number(view.meta(CLOCK_SEEN)?).unwrap_or(server);
        let now = self.now();
        if now - seen > SEEN_EVERY_MS {
            // A full disk does not keep anybody from working: the next look writes it.
            let _ = self.store.write(Durability::Pulled, |writing| writing.set_meta(CLOCK_SEEN, &now.to_string()));
        }
        let now = now.max(seen);
        let days = policy::number(&self.law(view)?.book, key::DEVICE_OFFLINE_LEASE, day::day_of(now)).unwrap_or(LEASE_DAYS);
        Ok(now - server > days.saturating_mul(DAY_MS))
    }
}
