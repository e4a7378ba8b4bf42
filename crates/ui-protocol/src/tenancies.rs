//! Who rents a home.

use domain::RecordId;
use domain::tenancy::{FirmForm, TenancyEnd};
use serde::{Deserialize, Serialize};

/// One tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    /// The tenancy; none where only a stay says so, of an older phone.
    pub tenancy: Option<RecordId>,
    /// Who; none for a firm.
    pub person: Option<RecordId>,
    /// The person's or the firm's name; empty when they are not on this device any more.
    pub name: String,
    /// The room; empty where the whole home is rented.
    pub room: String,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day; empty while it goes on.
    pub to: String,
    /// Why it ended.
    pub reason: Option<TenancyEnd>,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// The tenants of a home.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tenants {
    /// Who rents it now.
    pub now: Vec<Tenant>,
    /// Who did, the last one first.
    pub earlier: Vec<Tenant>,
}

/// A firm rents a home for its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddFirm {
    /// The home.
    pub unit: RecordId,
    /// The form.
    pub form: FirmForm,
}

/// A tenancy is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndTenancy {
    /// Which.
    pub tenancy: RecordId,
    /// Its last day, `YYYY-MM-DD`.
    pub to: String,
    /// Why.
    pub reason: TenancyEnd,
}
