//! Visits: the roster at the door, its taps, what came of it, and what was found before.

use domain::RecordId;
use domain::codes::{NextSlot, UnitStatus, VisitPersonResult, VisitResult};
use domain::presence::Presence;
use domain::visit::NextVisit;
use serde::{Deserialize, Serialize};

/// Asks for a home as it is visited. Looking begins nothing: a visit goes on from its first tap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The home.
    pub unit: RecordId,
}

/// Somebody to ask about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RosterPerson {
    /// The person.
    pub person: RecordId,
    /// Their registration.
    pub residency: RecordId,
    /// Name.
    pub name: String,
    /// Age in years.
    pub age: Option<i32>,
    /// Is the tenant.
    pub lessee: bool,
    /// What is known from before.
    pub presence: Presence,
    /// Registered at this door while the visit goes on: nobody is asked twice.
    pub just_registered: bool,
    /// They were answered about, and meanwhile their registration here ended elsewhere.
    pub no_longer_here: bool,
}

/// A room with whom to ask about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RosterRoom {
    /// The room; `None` for people in no particular room.
    pub id: Option<RecordId>,
    /// As on the door.
    pub label: String,
    /// Who is registered there.
    pub people: Vec<RosterPerson>,
}

/// What was noted down so far; kept on the device with every tap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// When the visit began, Unix milliseconds, UTC; none before the first tap.
    pub begun_unix_ms: Option<i64>,
    /// The answer that stands about each person.
    pub answers: Vec<(RecordId, VisitPersonResult)>,
    /// There is a tap to take back.
    pub can_undo: bool,
    /// The version of the notice that was shown.
    pub notice: String,
}

/// A home as it is visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitView {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it; empty when the home is not on this device any more.
    pub title: String,
    /// The village.
    pub area_name: String,
    /// How the home stands.
    pub home: HomeNow,
    /// The address of the home it was merged into meanwhile; empty otherwise.
    #[serde(default)]
    pub into: String,
    /// Rooms with who is registered in each.
    pub rooms: Vec<RosterRoom>,
    /// What was noted so far.
    pub noted: Noted,
}

/// How a home stands while it is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "state")]
pub enum HomeNow {
    /// On the books.
    Known(UnitStatus),
    /// Taken back as a mistake meanwhile: finishing the visit still tells what was seen, and asks people.
    TakenBack,
    /// It was entered twice, and merged into this one meanwhile: what is noted here counts there.
    Merged(RecordId),
    /// It left this device: another village has it.
    Gone,
}

/// One touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// One answer; none takes it away.
    Answer {
        /// About whom.
        person: RecordId,
        /// What was found.
        result: Option<VisitPersonResult>,
    },
    /// Everybody without an answer lives here.
    AllHere,
    /// The last touch was a mistake.
    Undo,
    /// Somebody is being registered in the middle of the visit.
    Adding,
    /// The notice is on the screen.
    NoticeShown {
        /// Its version.
        version: String,
    },
}

/// Notes one touch down; kept before it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoteVisit {
    /// The home.
    pub unit: RecordId,
    /// What was touched.
    pub step: Step,
}

/// Finishes a visit: one save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishVisit {
    /// The home.
    pub unit: RecordId,
    /// How it ended.
    pub result: VisitResult,
    /// When somebody comes again.
    pub next: NextSlot,
    /// About the door, not about people.
    pub note: String,
}

/// A finished visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishedVisit {
    /// The visit.
    pub visit: RecordId,
    /// On this device only, until the next exchange.
    pub waiting_to_sync: bool,
}

/// Gives a visit up that was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DropVisit {
    /// The home.
    pub unit: RecordId,
}

/// Asks for the visits that were begun and not finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenVisits {}

/// A visit that was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenVisit {
    /// The home.
    pub unit: RecordId,
    /// Its address; empty when it is not on this device any more.
    pub title: String,
    /// When, Unix milliseconds, UTC.
    pub begun_unix_ms: i64,
    /// People answered about.
    pub answered: u64,
    /// People registered there now.
    pub people: u64,
}

/// Visits that were begun, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenVisitsReply {
    /// The visits.
    pub rows: Vec<OpenVisit>,
}

/// Asks for the finished visits of a home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVisits {
    /// The home.
    pub unit: RecordId,
}

/// A finished visit in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitRow {
    /// The visit.
    pub id: RecordId,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// How it ended.
    pub result: VisitResult,
    /// Who, as people say it; this device's own person is empty.
    pub by: String,
    /// Answers by what was found, in the order of the code table.
    pub counts: Vec<(VisitPersonResult, u64)>,
    /// When somebody said they would come again.
    pub next: Option<NextVisit>,
    /// Its clock went back: the time is not to be relied on.
    pub clock_suspect: bool,
    /// The plate at the door was scanned.
    pub scanned: bool,
    /// It was a mistake and counts nowhere.
    pub withdrawn: bool,
    /// This device may take it back.
    pub may_take_back: bool,
    /// It was taken back, and this device may let it stand again.
    pub may_let_stand: bool,
    /// Not answered by the server yet.
    pub waiting: bool,
}

/// The finished visits of a home.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PastVisitsReply {
    /// The newest first.
    pub rows: Vec<VisitRow>,
    /// When somebody comes again, where the last visit met nobody.
    pub next: Option<NextVisit>,
}

/// Asks for one finished visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVisit {
    /// The visit.
    pub visit: RecordId,
}

/// What a finished visit found out about one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The fact: what a correction names.
    pub fact: RecordId,
    /// The person.
    pub person: RecordId,
    /// Name; empty when they are not on this device any more.
    pub name: String,
    /// What was found.
    pub result: VisitPersonResult,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// It stands in place of an earlier answer.
    pub corrected: bool,
    /// What there is to do about it now.
    pub next: Option<FollowUp>,
}

/// What an answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Details changed: the form.
    Change,
    /// Another room or home: the move.
    Move,
    /// Gone: the form that ends a registration, or hands it over.
    End,
}

/// A home next door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextDoor {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// When it was last visited, Unix milliseconds, UTC.
    pub last_visit_unix_ms: Option<i64>,
    /// People registered there.
    pub people: u64,
}

/// One finished visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastVisitView {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it.
    pub title: String,
    /// As in the list.
    pub row: VisitRow,
    /// The version of the notice that was shown.
    pub notice: String,
    /// About the door.
    pub note: String,
    /// What was found about each person, corrections in place of what they correct.
    pub people: Vec<Found>,
    /// It said that nobody rents the home, and that stands: what follows.
    #[serde(default)]
    pub empty: Option<EmptyHome>,
    /// The next home of the building that was longest not visited.
    pub next_door: Option<NextDoor>,
}

/// Gives another answer instead of one that was wrong: a new fact that names the old one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorrectAnswer {
    /// The answer that was wrong.
    pub fact: RecordId,
    /// What was found.
    pub result: VisitPersonResult,
}

/// What somebody saw, on a person's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The visit.
    pub visit: RecordId,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// What was found.
    pub result: VisitPersonResult,
    /// Who, as people say it; this device's own person is empty.
    pub by: String,
}

/// A home of which a visit said that nobody rents it: empty, lived in by its owner, being renovated, not to be found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmptyHome {
    /// The visit.
    pub visit: RecordId,
    /// What it said.
    pub result: VisitResult,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Who is registered there, and nobody has said anything about since.
    pub people: Vec<StillRegistered>,
    /// The address was not found, and is as it was.
    pub wrong_address: bool,
    /// What the home's registration may become, once nobody is registered there.
    pub may: Vec<UnitStatus>,
}

/// Somebody registered in a home that was said to be empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillRegistered {
    /// The person.
    pub person: RecordId,
    /// Their registration.
    pub residency: RecordId,
    /// Name.
    pub name: String,
    /// What that visit said of them, to be corrected where it was a slip.
    pub fact: Option<RecordId>,
}
