//! Who uses the app and how it stands, asked once for all pages.

use std::rc::Rc;

use domain::access::Role;
use ui_protocol::session::DeviceStatus;
use yew::prelude::*;

/// The device's status, for every page below the app.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// The status.
    pub status: Rc<DeviceStatus>,
}

impl Frame {
    /// The device's today, `YYYY-MM-DD`.
    pub fn today(&self) -> &str {
        &self.status.today
    }

    /// The device's today as a date; the first day of the calendar when the device said nonsense, so that no form panics.
    pub fn today_date(&self) -> chrono::NaiveDate {
        domain::form::parse_date(&self.status.today).unwrap_or(chrono::NaiveDate::MIN)
    }

    /// What the person may do.
    pub fn role(&self) -> Option<Role> {
        self.status.account.as_ref().map(|account| account.role)
    }

    /// The landlord's version of the app.
    pub fn is_landlord(&self) -> bool {
        self.role() == Some(Role::Landlord)
    }

    /// Conflicts and refused saves to look at.
    pub fn attention(&self) -> u64 {
        self.status.sync.conflicts_open + self.status.sync.refused_open
    }
}

/// The device's status.
#[hook]
pub fn use_frame() -> Frame {
    use_context::<Frame>().expect("every page stands below the app, which provides it")
}
