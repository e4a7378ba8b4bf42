//! Whether a record may still be taken back as entered by mistake, and what would go with it.

use domain::{Record, RecordId, kind, same};
use store::device::View;

use crate::Device;
use crate::error::Failure;

impl Device {
    /// Whether this device may take the record back: every value in it is its own, and nobody else's record names it.
    pub(crate) fn may_undo(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let Some(identity) = self.identity(view)? else { return Ok(false) };
        if self.is_lived_in(view, record)? {
            return Ok(false);
        }
        // Somebody registered this person too: taken back here, half of them would stay. They are taken apart first.
        if record.kind == kind::PERSON && same::family(record.id, kind::PERSON, view)?.len() > 1 {
            return Ok(false);
        }
        // Who asked for a permit was registered by no mistake.
        if record.kind == kind::PERSON && !view.naming(record.id, kind::PERMIT_APPLICATION)?.is_empty() {
            return Ok(false);
        }
        for id in self.belongings(view, record)? {
            let Some(record) = view.shown(id)? else { continue };
            let foreign = record.groups.iter().any(|(name, value)| {
                name != kind::PLACE && value.origin.device != identity.device && !value.origin.device.is_server()
            });
            if foreign {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether people or referrals belong to a home: then it is no mistake, or they have to be taken back first.
    pub(crate) fn is_lived_in(&self, view: &View<'_>, record: &Record) -> Result<bool, Failure> {
        let is_named = |by: &str| Ok::<_, Failure>(!view.naming(record.id, by)?.is_empty());
        // Another entry of the home is part of it: the two are taken apart first.
        Ok(record.kind == kind::UNIT && (is_named(kind::STAY)? || is_named(kind::REFERRAL)? || is_named(kind::UNIT)?))
    }

    /// A record with everything that hangs on it and would hang in the air without it. Facts stay: they happened.
    pub(crate) fn belongings(&self, view: &View<'_>, record: &Record) -> Result<Vec<RecordId>, Failure> {
        let mut all = Vec::new();
        match record.kind.as_str() {
            kind::UNIT => {
                for dependent in [kind::ROOM, kind::TENANCY] {
                    all.extend(view.naming(record.id, dependent)?.into_iter().map(|record| record.id));
                }
            }
            kind::PERSON => {
                for dependent in [kind::TENANCY, kind::STAY, kind::RESIDENCY] {
                    all.extend(view.naming(record.id, dependent)?.into_iter().map(|record| record.id));
                }
            }
            _ => {}
        }
        all.push(record.id);
        Ok(all)
    }
}
