//! Late work that waits at the station: what came from devices and accounts that were shut out, or for villages that were
//! taken away.

use domain::merge::Refusal;
use domain::{AccountId, Fields, RecordId, Verb};
use serde::{Deserialize, Serialize};

/// Asks for held saves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListHeld {
    /// Of one device.
    pub device: Option<u32>,
    /// Of one account.
    pub account: Option<AccountId>,
    /// Received from this day on, `YYYY-MM-DD`; empty for any.
    pub from: String,
    /// Received until this day, `YYYY-MM-DD`; empty for any.
    pub until: String,
    /// Those decided too.
    pub decided: bool,
    /// The last page's `next`.
    pub after: Option<i64>,
}

/// One held save in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldRow {
    /// Its number.
    pub number: i64,
    /// The device it came from.
    pub device: u32,
    /// Whose device it was.
    pub account: AccountId,
    /// As people say it.
    pub name: String,
    /// The village's name; empty when it cannot be told.
    pub area_name: String,
    /// `revoked`, `disabled`, `dropped`, `unknown_record`, `sealed`, `rescue`.
    pub why: String,
    /// How many changes it has.
    pub changes: u64,
    /// When it reached the server, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// `open`, `taken`, `rejected`.
    pub state: String,
    /// Who decided, as people say it; empty while open.
    pub decided_by: String,
    /// When, Unix milliseconds, UTC.
    pub decided_unix_ms: Option<i64>,
    /// Why it stays out.
    pub note: String,
}

/// Open saves of one village: all an administrator is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldCount {
    /// The village's name; empty for those that cannot be told.
    pub area_name: String,
    /// Open saves.
    pub saves: u64,
    /// When the oldest came, Unix milliseconds, UTC.
    pub oldest_unix_ms: i64,
}

/// A page of held saves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeldPage {
    /// The rows, the oldest first: later saves build on earlier ones. None for who does not decide.
    pub rows: Vec<HeldRow>,
    /// Where to go on.
    pub next: Option<i64>,
    /// Open saves by village.
    pub counts: Vec<HeldCount>,
}

/// Asks for one held save; that it was looked at is noted down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewHeld {
    /// Which.
    pub number: i64,
}

/// One group of a held change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldGroup {
    /// The group.
    pub group: String,
    /// What it would say; document numbers are masked.
    pub fields: Fields,
    /// What the register says, where the caller may see it.
    pub stands: Option<Fields>,
}

/// One change of a held save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldPart {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// What is done to it.
    pub verb: Verb,
    /// A name or an address, where the register knows it.
    pub title: String,
    /// When the person saved it, by their clock, Unix milliseconds, UTC.
    pub saved_unix_ms: i64,
    /// Its values.
    pub groups: Vec<HeldGroup>,
}

/// One held save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldView {
    /// The row.
    pub row: HeldRow,
    /// Its changes in order; none once it was taken.
    pub parts: Vec<HeldPart>,
    /// The caller may decide about it.
    pub can_decide: bool,
    /// Why the register did not take it just now; then it stays open.
    pub refused: Option<Refusal>,
}

/// 采纳: sends the save through the merge, in its author's name and by the caller's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeHeld {
    /// Which.
    pub number: i64,
}

/// 不采纳: it stays out of the register and on the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectHeld {
    /// Which.
    pub number: i64,
    /// Why.
    pub note: String,
}
