//! Numbers tried out. Whoever gives a person a number is told when somebody elsewhere in the county has it, as by looking it up,
//! and ten of eighteen digits are known of anybody whose birthday is: so an account is told of so many numbers a day. Beyond
//! that the stations are asked and the other village's people, and not the writer.

use domain::access::Role;
use domain::day;
use store::StoreError;
use store::server::AuditLine;

use super::save::Save;

/// People an account registers in a day and is still told where else they are: no hall was ever fuller.
pub const REGISTERED_MAX: u32 = 300;
/// Numbers it corrects. A correction costs nothing and can be taken back, so these are few.
pub const CORRECTED_MAX: u32 = 30;
/// The value that holds the day and how many of each there were, by account.
const TRIED: &str = "numbers_tried.";

impl Save<'_> {
    /// Counts a number that was given to a person. Answers whether its writer is still told of others who have it.
    pub(super) fn count_try(&self, created: bool) -> Result<bool, StoreError> {
        let account = &self.work.caller.account;
        if !matches!(account.role, Role::Coordinator | Role::Officer) {
            return Ok(false);
        }
        let name = format!("{TRIED}{}", account.id);
        let today = day::day_of(self.work.now_unix_ms).to_string();
        let told = self.work.write.meta(&name)?.unwrap_or_default();
        let mut parts = told.split(' ');
        let of_today = parts.next() == Some(today.as_str());
        let mut counts = [0u32; 2];
        for (count, part) in counts.iter_mut().zip(parts).filter(|_| of_today) {
            *count = part.parse().unwrap_or(u32::MAX);
        }
        let (count, max) = if created { (&mut counts[0], REGISTERED_MAX) } else { (&mut counts[1], CORRECTED_MAX) };
        if *count >= max {
            return Ok(false);
        }
        *count += 1;
        self.work.write.set_meta(&name, &format!("{today} {} {}", counts[0], counts[1]))?;
        Ok(true)
    }

    /// Somebody was found elsewhere by a number: it is written down by whom, as for looking a number up.
    pub(super) fn note_found(&self) -> Result<(), StoreError> {
        let (actor, device) = (self.work.caller.account.id.to_string(), self.work.caller.device.number.to_string());
        let at_unix_ms = self.work.now_unix_ms;
        self.work.write.add_audit(AuditLine {
            at_unix_ms,
            actor: &actor,
            action: "duplicate.found",
            subject: "",
            detail: &device,
        })
    }
}
