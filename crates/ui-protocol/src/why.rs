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
