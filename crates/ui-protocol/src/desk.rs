//! The officer's page on the server.

use domain::grade::{Grade, Graded};
use domain::permit::{EndReason, PermitEventKind};
use domain::permit_standing::Standing;
use domain::{AccountId, Fields, RecordId};
use serde::{Deserialize, Serialize};

use crate::attention::{Choice, VisitorWord};
use crate::history::HistoryLine;
use crate::people::OtherName;
use crate::photos::StationPhoto;
use crate::session::Account;
use crate::station_home::StationHome;

/// Asks who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeReply {
    /// The account.
    pub account: Account,
    /// Its areas: codes of townships or villages.
    pub areas: Vec<String>,
    /// The server's today, `YYYY-MM-DD`.
    pub today: String,
    /// The server came back from a backup then and nobody has confirmed it, Unix milliseconds, UTC.
    #[serde(default)]
    pub restored_unix_ms: Option<i64>,
}

/// Asks for areas with counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {}

/// One village with counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AreaCounts {
    /// 12 digits.
    pub code: String,
    /// The village.
    pub name: String,
    /// Its township.
    pub township: String,
    /// Homes.
    pub units: u64,
    /// Standing registrations.
    pub residents: u64,
    /// Reports nobody has decided about.
    pub reports_open: u64,
    /// Conflicts nobody has settled.
    pub conflicts_open: u64,
    /// Questions about two people nobody has answered.
    #[serde(default)]
    pub duplicates_open: u64,
}

/// Areas with counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverviewReply {
    /// The account's villages that hold anything, and the rest.
    pub areas: Vec<AreaCounts>,
}

/// Asks how many coordinators the ratio of the law calls for, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staffing {}

/// Coordinators needed and at work, in the account's villages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffingReply {
    /// The year that counts: last year.
    pub year: i32,
    /// Registrations that began in it.
    pub registered: u64,
    /// Coordinators these ask for; none where the rules name no ratio.
    pub needed: Option<u64>,
    /// Coordinators who work in these villages and may sign in.
    pub at_work: u64,
}

/// Asks for records of an area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListRecords {
    /// `unit`, `person`, `residency`, `report`, `referral`, `conflict`.
    pub kind: String,
    /// One village, or all of the account's.
    pub area: Option<String>,
    /// Name, address, number; empty for all.
    pub query: String,
    /// Only in these states; empty for all.
    #[serde(default)]
    pub states: Vec<String>,
    /// The last page's `next`.
    pub after: Option<String>,
}

/// One record in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordRow {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// A name or an address.
    pub title: String,
    /// What else tells it apart; document numbers are masked.
    pub detail: String,
    /// The village's name.
    pub area_name: String,
    /// Where it stands, as a code of its kind.
    pub state: String,
    /// When the server last had news of it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
}

/// A page of records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordPage {
    /// The rows.
    pub rows: Vec<RecordRow>,
    /// Where to go on.
    pub next: Option<String>,
    /// How many in all, where no search narrows it.
    pub total: Option<u64>,
}

/// Asks for one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewRecord {
    /// Which.
    pub id: RecordId,
}

/// A record that hangs on the one shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linked {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// A name or an address.
    pub title: String,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    /// The row.
    pub row: RecordRow,
    /// Its groups; document numbers are masked.
    pub groups: Vec<(String, Fields)>,
    /// What it names and what names it.
    pub linked: Vec<Linked>,
    /// Who set what, when, from which device, and what it replaced: of the record and of what belongs to it.
    pub history: Vec<HistoryLine>,
    /// Photos of it, of its rooms and of visits there, the newest first.
    #[serde(default)]
    pub photos: Vec<StationPhoto>,
    /// A cancelled registration the station may bring back.
    pub can_restore: bool,
    /// An open conflict the station may settle.
    pub can_settle: bool,
    /// Of a registration: two visitors who contradict each other.
    #[serde(default)]
    pub contradiction: Option<Contradicting>,
    /// The station may let the later one count.
    #[serde(default)]
    pub can_weigh: bool,
    /// An open question about two people the station may answer.
    #[serde(default)]
    pub can_answer: bool,
    /// Of a permit's papers: how it stands, and what the station may do next.
    #[serde(default)]
    pub permit: Option<PermitDesk>,
    /// The other registrations this person was joined from.
    #[serde(default)]
    pub other_names: Vec<OtherName>,
    /// The station may take them off.
    #[serde(default)]
    pub can_split: bool,
    /// How a home stands, with the reasons.
    #[serde(default)]
    pub graded: Option<Graded>,
    /// The station may set another grade.
    #[serde(default)]
    pub can_grade: bool,
    /// Of a home: what is open there, who called, what is proposed.
    #[serde(default)]
    pub home: Option<StationHome>,
    /// It was a mistake and counts nowhere.
    #[serde(default)]
    pub withdrawn: bool,
    /// The station may take it back, or let it stand again.
    #[serde(default)]
    pub can_take_back: bool,
}

/// What two visitors said of somebody on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contradicting {
    /// What was said first.
    pub earlier: VisitorWord,
    /// What was said after: it counts.
    pub later: VisitorWord,
}

/// Lets the later of two visitors' words count, for the station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeighForStation {
    /// The registration.
    pub id: RecordId,
    /// What was said first.
    pub earlier: RecordId,
    /// What was said after.
    pub later: RecordId,
}

/// Sets a home's grade for the station, or lets the rules say it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetGrade {
    /// The home.
    pub id: RecordId,
    /// The grade; none takes the station's own back.
    pub grade: Option<Grade>,
    /// Why; kept with it.
    pub reason: String,
}

/// A step the station takes about an application or a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermitStep {
    /// Somebody looks at an accepted application.
    Review,
    /// The card may be made.
    Approve,
    /// Not, with a reason.
    Refuse,
    /// The card is made.
    Issue,
    /// The card is handed out at the counter.
    HandOut,
    /// The yearly endorsement.
    Endorse,
    /// Another card instead of a lost or damaged one.
    Reissue,
    /// A temporary permit runs on.
    Renew,
    /// It ends.
    End,
    /// The holder came with a damaged card.
    Damaged,
    /// The holder lost it.
    Lost,
    /// The address on it changed.
    ChangeAddress,
    /// The employer changed.
    ChangeEmployer,
    /// Under the rules of 2009: a temporary permit for whoever has just registered.
    IssueTemporary,
}

/// How a permit's papers stand at the desk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PermitDesk {
    /// What the station may do next.
    pub steps: Vec<PermitStep>,
    /// Of a card: where it stands today.
    pub standing: Option<Standing>,
    /// Of a card: the last day of the next endorsement.
    pub endorse_by: String,
    /// Of a card: its last day, as renewed.
    pub valid_until: String,
    /// Of a card: continuous residence since.
    pub continuity_start: String,
    /// Of a card: what changed and was not reported for it, with the last day; empty where the law names none.
    #[serde(default)]
    pub changes_due: Vec<(PermitEventKind, String)>,
    /// Of a card: the registration ended for a reason that ends it too.
    #[serde(default)]
    pub to_end: Option<EndReason>,
}

/// Takes a step about a permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecidePermit {
    /// The application or the card.
    pub id: RecordId,
    /// Which step.
    pub step: PermitStep,
    /// Why it is refused; free words otherwise.
    #[serde(default)]
    pub note: String,
    /// For a renewal: for how many months.
    #[serde(default)]
    pub months: Option<u32>,
    /// For an end: why.
    #[serde(default)]
    pub reason: Option<EndReason>,
    /// For a change: since when, `YYYY-MM-DD`.
    #[serde(default)]
    pub since: String,
}

/// Says for the station whether two registrations are one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerForStation {
    /// The question.
    pub id: RecordId,
    /// 是同一人.
    pub same: bool,
}

/// Takes a registration off the person it was joined with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitForStation {
    /// The registration that is somebody else's.
    pub person: RecordId,
}

/// Brings a cancelled registration back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreResidency {
    /// The registration.
    pub id: RecordId,
    /// Why; kept in the history.
    pub note: String,
}

/// Settles a conflict for the station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettleForStation {
    /// The conflict.
    pub id: RecordId,
    /// How.
    pub choice: Choice,
}

/// Asks for the devices of the account's villages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Devices {}

/// One device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its number.
    pub device: u32,
    /// Whose.
    pub account: AccountId,
    /// As people say it.
    pub name: String,
    /// What it calls itself.
    pub model: String,
    /// The app's version.
    pub version: String,
    /// Last contact, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
    /// How much its clock is ahead, milliseconds.
    pub clock_ahead_ms: i64,
    /// Changes it numbered and has not been answered.
    pub waiting: u64,
    /// Revoked.
    pub revoked: bool,
    /// Its number before.
    #[serde(default)]
    pub was: Option<u32>,
    /// Why it was given this one: `restored`, `cloned`, `copied`, `server`; empty where it was enrolled.
    #[serde(default)]
    pub renewed_for: String,
    /// Its installation goes on under another number.
    #[serde(default)]
    pub closed: bool,
    /// Its changes that were refused within the month.
    #[serde(default)]
    pub refused: u64,
    /// Its saves that wait for a decision of the station.
    #[serde(default)]
    pub held: u64,
    /// Photos it announced whose bytes have not come.
    #[serde(default)]
    pub photos_missing: u64,
    /// What is wrong, worst first.
    #[serde(default)]
    pub problems: Vec<DeviceProblem>,
}

/// Something about a device that somebody can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum DeviceProblem {
    /// Late work of it waits at the station.
    Held,
    /// It was not heard of for days.
    Silent {
        /// How many.
        days: u64,
    },
    /// It has not taken over the history of the restored server.
    OtherHistory,
    /// What it holds differs from the register.
    Different,
    /// It has work that did not arrive.
    Waiting,
    /// Work of it was refused.
    Refused,
    /// Its clock is wrong.
    Clock,
    /// Photos did not arrive.
    Photos,
    /// Its app is older than the server's.
    OldVersion,
}

/// The devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DevicesReply {
    /// The rows, those with problems first.
    pub rows: Vec<DeviceRow>,
}
