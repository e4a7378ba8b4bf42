//! Conflicts with both values, and saves the server refused: nothing is lost, everything is shown.

use domain::codes::VisitPersonResult;
use domain::duplicate::PairWhy;
use domain::merge::{ClashWhy, Refusal};
use domain::{Fields, RecordId, TxnId};
use serde::{Deserialize, Serialize};

/// Asks for both lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attention {}

/// One of the two values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideView {
    /// The group's fields; empty for a deletion or what may not be shown. Document numbers are masked.
    pub fields: Fields,
    /// Whose; empty for this device's own person.
    pub by: String,
    /// This device's own person wrote it.
    pub mine: bool,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// A conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConflictView {
    /// The conflict.
    pub id: RecordId,
    /// The record it is about.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// A name or an address.
    pub title: String,
    /// The group.
    pub group: String,
    /// Why.
    pub why: ClashWhy,
    /// What stands.
    pub stands: Option<SideView>,
    /// What does not.
    pub lost: SideView,
    /// The lost value can be put back from here.
    pub can_restore: bool,
}

/// A refused save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedView {
    /// The save.
    pub txn: TxnId,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// Why.
    pub why: Refusal,
    /// What it said, record by record: kind, title, groups.
    pub parts: Vec<RefusedPart>,
    /// It can be sent again as it is.
    pub can_resend: bool,
}

/// One record of a refused save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedPart {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// A name or an address.
    pub title: String,
    /// The values; document numbers are masked.
    pub groups: Vec<(String, Fields)>,
}

/// One of two registrations under one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonSide {
    /// The person, when this device holds them.
    pub person: Option<RecordId>,
    /// Name; empty where it may not be read.
    pub name: String,
    /// Masked number, when this device holds them.
    pub document: String,
    /// Where, as people say it.
    pub home: String,
    /// The village.
    pub area_name: String,
    /// Who registered them.
    pub by: String,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
}

/// Two registrations under one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateView {
    /// The question.
    pub id: RecordId,
    /// Why it is asked.
    pub why: PairWhy,
    /// The one accepted first.
    pub first: PersonSide,
    /// The other.
    pub second: PersonSide,
    /// Both stand in one village: said to be one, they are joined at once.
    pub same_village: bool,
}

/// One of two visitors who contradict each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitorWord {
    /// The answer.
    pub fact: RecordId,
    /// The visit it was given at.
    pub visit: RecordId,
    /// What was said.
    pub result: VisitPersonResult,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Who, as people say it; this device's own person is empty.
    pub by: String,
}

/// On one day one visitor saw somebody and another was told that they are gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContradictionView {
    /// The registration.
    pub residency: RecordId,
    /// The person.
    pub person: RecordId,
    /// Name.
    pub name: String,
    /// The home, when it is on this device.
    pub unit: Option<RecordId>,
    /// Where, as people say it.
    pub home: String,
    /// What was said first.
    pub earlier: VisitorWord,
    /// What was said after: it counts.
    pub later: VisitorWord,
}

/// Lets the later of two visitors' words count. It names both: where another word came meanwhile, that is another question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeighWords {
    /// The registration.
    pub residency: RecordId,
    /// What was said first.
    pub earlier: RecordId,
    /// What was said after.
    pub later: RecordId,
}

/// The lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttentionReply {
    /// Open conflicts.
    pub conflicts: Vec<ConflictView>,
    /// Refused saves.
    pub refused: Vec<RefusedView>,
    /// Open questions about two people.
    #[serde(default)]
    pub duplicates: Vec<DuplicateView>,
    /// Visitors who contradict each other.
    #[serde(default)]
    pub contradictions: Vec<ContradictionView>,
}

/// Says whether two registrations are one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettleDuplicate {
    /// The question.
    pub id: RecordId,
    /// 是同一人.
    pub same: bool,
}

/// What to do with a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// 用我的: the lost value is put back.
    Restore,
    /// 保留: what stands stays.
    Keep,
}

/// Settles a conflict with one tap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettleConflict {
    /// Which.
    pub id: RecordId,
    /// How.
    pub choice: Choice,
}

/// Sends a refused save again, with new ids and fresh bases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resend {
    /// The save.
    pub txn: TxnId,
}

/// Gives a refused save up; its values stay in the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discard {
    /// The save.
    pub txn: TxnId,
}
