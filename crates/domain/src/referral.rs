//! A foreign, Hong Kong, Macao or Taiwan document: 转派出所办理临时住宿登记, with its clock. No residency, no permit flow.

use serde::{Deserialize, Serialize};

use crate::id_document::DocType;
use crate::ids::RecordId;

/// The group `who`: enough for the station to call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralWho {
    /// Which document.
    pub doc_type: DocType,
    /// Its number.
    pub doc_no: String,
    /// Name.
    pub name: String,
    /// Phone; may be empty.
    #[serde(default)]
    pub phone: String,
}

/// The group `where`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralWhere {
    /// The home.
    pub unit: RecordId,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RecordId>,
    /// First day there, `YYYY-MM-DD`.
    pub arrival_on: String,
}

/// The group `state`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferralState {
    /// `open` until the station has it, then `handed`.
    pub state: String,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
}
