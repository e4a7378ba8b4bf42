//! Drafts, regions, villages, the notice.

use domain::RecordId;
use serde::{Deserialize, Serialize};

use crate::session::AreaName;

/// Keeps a form as it is being typed: a call, a crash or a dead battery loses nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeepDraft {
    /// Names the form, for example `resident:<unit>`.
    pub key: String,
    /// The form, as JSON.
    pub form: serde_json::Value,
}

/// Kept, or forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftKept {}

/// Asks for a kept form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Names the form.
    pub key: String,
}

/// A kept form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftReply {
    /// The form, as JSON.
    pub form: Option<serde_json::Value>,
    /// When it was kept, Unix milliseconds, UTC.
    pub kept_unix_ms: Option<i64>,
}

/// Forgets a kept form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DropDraft {
    /// Names the form.
    pub key: String,
}

/// Asks for hukou regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regions {
    /// Name or code, or a part of it.
    pub query: String,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionName {
    /// GB/T 2260.
    pub code: String,
    /// Province, city, county.
    pub name: String,
}

/// Some regions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionsReply {
    /// The best matches first.
    pub rows: Vec<RegionName>,
}

/// Asks for villages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Areas {
    /// Name or code, or a part of it; empty for all.
    pub query: String,
}

/// Some villages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AreasReply {
    /// The villages.
    pub rows: Vec<AreaName>,
}

/// Asks for the notice to residents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeText {}

/// The notice in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoticeReply {
    /// Kept with every registration.
    pub version: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Asks for the work that was left half done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenForms {}

/// What was left half done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenFormKind {
    /// A safety check of a home.
    Check,
    /// A letter of responsibility of a home.
    Letter,
    /// A permit asked for in somebody's name.
    Permit,
}

/// One form that was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenForm {
    /// Which form.
    pub kind: OpenFormKind,
    /// Of which home, or for which person.
    pub of: RecordId,
    /// An address or a name.
    pub title: String,
    /// When something was last typed, Unix milliseconds, UTC.
    pub kept_unix_ms: i64,
}

/// Forms that were left, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenFormsReply {
    /// The forms.
    pub rows: Vec<OpenForm>,
}
