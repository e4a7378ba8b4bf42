//! Why: why somebody is not here, what the next sync sends, what became of an edit. Every answer stands in stored facts.

use domain::merge::Refusal;
use domain::{Fields, RecordId, TxnId, Verb};
use serde::{Deserialize, Serialize};

use crate::attention::SideView;

/// Asks why somebody is not to be seen: by name, document number, phone, or id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyPerson {
    /// What is looked for.
    pub query: String,
}

/// Asks what the next sync will send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhySend {}

/// Asks what became of a save, by its number; without one, of the last ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyEdit {
    /// As it was shown: `K7Q2-M9XD`. Empty for the last saves.
    pub no: String,
}

/// Something that explains where somebody is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PersonFact {
    /// Here.
    Here {
        /// Who.
        id: RecordId,
        /// The name.
        name: String,
        /// Changes of it wait to be sent.
        waiting: bool,
    },
    /// The server refused the save; its values are in the tray.
    InTray {
        /// The name.
        name: String,
        /// The save's number.
        no: String,
        /// Why.
        why: Refusal,
    },
    /// Taken back as entered by mistake.
    TakenBack {
        /// The name.
        name: String,
        /// When, Unix milliseconds, UTC.
        at_unix_ms: i64,
        /// The device that did it; 0 for the server.
        device: u32,
        /// It was this device.
        mine: bool,
    },
    /// Left an area of this device. Names are not kept.
    Left {
        /// The area's name.
        area: String,
        /// The village it was handed to; empty where that is not known.
        toward: String,
        /// When, Unix milliseconds, UTC.
        at_unix_ms: i64,
    },
    /// Others left in the last 30 days; their names are not kept.
    OthersLeft {
        /// How many.
        count: u64,
        /// The last of them, Unix milliseconds, UTC.
        last_unix_ms: i64,
        /// Where to, as far as it is known.
        toward: Vec<String>,
    },
    /// An area was taken back.
    AreaTakenBack {
        /// The area's name.
        area: String,
        /// When, Unix milliseconds, UTC.
        at_unix_ms: i64,
    },
    /// An area is still arriving.
    Loading {
        /// The area's name.
        area: String,
        /// Records that are here.
        here: u64,
        /// Records there will be.
        there: u64,
    },
    /// This device does not hold the same as the server; it is being put right.
    Different {
        /// The area's name.
        area: String,
    },
    /// Nobody like that was ever here.
    Never,
    /// Somebody registered in another village is not on this device: the whole county is asked by document number.
    AskCounty {
        /// What was typed is such a number already.
        by_this: bool,
    },
}

/// Why somebody is not to be seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhyPersonReply {
    /// The most telling first.
    pub facts: Vec<PersonFact>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Fate {
    /// Not answered yet.
    Waiting,
    /// On the server.
    Ok,
    /// On the server, and some value of it met another.
    Merged {
        /// What stands instead, where this device knows it.
        stands: Option<SideView>,
        /// A person has settled it.
        settled: bool,
    },
    /// Refused, in the tray.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// Refused, and sent again as another save.
    SentAgain,
    /// Refused, and given up by a person.
    GivenUp,
    /// Held at the station, which decides.
    Held,
}

/// One change of a save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// A name or an address.
    pub title: String,
    /// What it does.
    pub verb: Verb,
    /// The values; document numbers are masked.
    pub groups: Vec<(String, Fields)>,
    /// What became of it.
    pub fate: Fate,
}

/// One save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveView {
    /// The save.
    pub txn: TxnId,
    /// Its number, as people read it.
    pub no: String,
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// When the server answered, Unix milliseconds, UTC.
    pub answered_unix_ms: Option<i64>,
    /// How large it is on the way, before packing.
    pub bytes: u64,
    /// Its changes.
    pub changes: Vec<ChangeView>,
}

/// Some saves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavesReply {
    /// The next to be sent first; of those asked by number, the newest first.
    pub saves: Vec<SaveView>,
    /// How many changes in all, also of those not shown.
    pub changes: u64,
    /// How many bytes those shown have, before packing.
    pub bytes: u64,
}

/// Asks, at the desk, what became of a save by the number somebody reads out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationWhySave {
    /// As it was shown on the phone: `K7Q2-M9XD`.
    pub no: String,
}

/// Asks, at the desk, why somebody is not to be seen: by name, document number, or id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationWhyPerson {
    /// What is looked for.
    pub query: String,
}

/// What became of a change, as the server knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum StationFate {
    /// It stands in the register, or stood until somebody changed it.
    Ok,
    /// It met another value: a conflict was opened.
    Merged,
    /// It did nothing.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// It came late and is held.
    Held {
        /// The held save.
        number: i64,
        /// `open`, `taken`, `rejected`.
        state: String,
    },
}

/// One change of a save, as the server knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationChange {
    /// The record, where it may be opened here.
    pub record: Option<RecordId>,
    /// Its kind.
    pub kind: String,
    /// A name or an address; empty where it may not be seen here.
    pub title: String,
    /// What it does.
    pub verb: Verb,
    /// The groups it wrote.
    pub groups: Vec<String>,
    /// What became of it.
    pub fate: StationFate,
}

/// One save, as the server knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSave {
    /// Its number, as people read it.
    pub no: String,
    /// Who saved it.
    pub by: String,
    /// On which device.
    pub device: u32,
    /// When it was saved by the device's clock, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// When it arrived, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
    /// Its changes.
    pub changes: Vec<StationChange>,
}

/// Saves with a number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationSavesReply {
    /// More than one only when two numbers happen to be alike.
    pub saves: Vec<StationSave>,
    /// Devices of the station's villages that have work which did not arrive: it may be among it.
    pub unsent: Vec<Unsent>,
}

/// A device with work that did not arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unsent {
    /// Its number.
    pub device: u32,
    /// Whose.
    pub name: String,
    /// Changes it numbered and has not been answered.
    pub waiting: u64,
    /// Last contact, Unix milliseconds, UTC.
    pub seen_unix_ms: Option<i64>,
}

/// Something that explains where somebody is, as the server knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum StationFact {
    /// In the register, in a village of this desk.
    Here {
        /// Who.
        id: RecordId,
        /// The name, and what else tells them apart.
        title: String,
        /// The village.
        area_name: String,
    },
    /// Taken back as entered by mistake.
    TakenBack {
        /// The name.
        title: String,
        /// When, Unix milliseconds, UTC.
        at_unix_ms: i64,
        /// Who did it.
        by: String,
    },
    /// A late save that names them waits for a decision.
    Held {
        /// The held save.
        number: i64,
        /// The village.
        area_name: String,
    },
    /// Left a village of this desk.
    Left {
        /// The village.
        area_name: String,
        /// When, Unix milliseconds, UTC.
        at_unix_ms: i64,
    },
    /// Registered in a village of another desk, by their document.
    Elsewhere {
        /// The village.
        village: String,
        /// Its township.
        township: String,
        /// Whom to call.
        coordinators: Vec<(String, String)>,
    },
    /// A save that was to register them was refused.
    Refused {
        /// The save's number.
        no: String,
        /// Why.
        why: Refusal,
    },
    /// Nobody like that is in the register.
    Never,
}

/// Why somebody is not to be seen, as the server knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationFactsReply {
    /// The most telling first.
    pub facts: Vec<StationFact>,
    /// The document was looked up in the whole county.
    pub county: bool,
    /// Devices with work that did not arrive: they may have registered them.
    pub unsent: Vec<Unsent>,
}
