//! What the server answers about a device's own changes: the difference to what was pushed.

use store::device::ScopeRow;
use sync_protocol::{OwnRecord, own};

use crate::error::Failure;
use crate::taking::Taking;

impl Taking<'_, '_> {
    /// Makes each record from what is held of it and the difference. The verdicts were taken before, so what is held is what the
    /// server said with the accepted changes on top.
    pub(crate) fn own(&mut self, row: &mut ScopeRow, records: &[OwnRecord]) -> Result<(), Failure> {
        for own in records {
            // A record that is not here was not pushed by this device; the digests will tell.
            let Some(said) = self.said(own.record)? else { continue };
            self.record(row, &own::with_difference(said, own))?;
        }
        Ok(())
    }
}
