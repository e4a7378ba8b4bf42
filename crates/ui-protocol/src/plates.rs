//! Plates: a home by the code at its door, what stands on a home's plate, and another one for one that is lost.

use domain::RecordId;
use domain::code::Drawing;
use domain::plate::PlateToken;
use serde::{Deserialize, Serialize};

/// Asks which home a code's text, or a number typed in its place, stands for. Answered from this device alone: nothing is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenPlate {
    /// What the code says, or what was typed.
    pub text: String,
}

/// Asks which home the code in a picture stands for; no answer where there is none in it. The picture is looked through on this device and
/// not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanPicture {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// In black and white, as [`domain::code::dark_pixels`] makes it, in base64.
    pub dark: String,
    /// The camera sees it now, at the door: a visit that follows says so.
    #[serde(default)]
    pub live: bool,
}

/// What a code is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PlateAnswer {
    /// A home of this device.
    Home {
        /// The home.
        unit: RecordId,
        /// Its address as people say it.
        title: String,
    },
    /// A former plate of a home of this device: another one was given out for it.
    Replaced {
        /// The home.
        unit: RecordId,
        /// Its address as people say it.
        title: String,
        /// Since when it has the other one, `YYYY-MM-DD`.
        on: String,
    },
    /// A plate, and of no home on this device: another village's or county's, or newer than the last sync.
    NotHere,
    /// A number, and of no home on this device.
    NoSuchNumber,
    /// A code of something else. Nothing of it was kept.
    Foreign,
    /// Nothing was typed.
    Nothing,
}

/// Asks for a home's plate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlateOf {
    /// The home.
    pub unit: RecordId,
}

/// Asks for another plate, because the present one is lost or cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WantPlate {
    /// The home.
    pub unit: RecordId,
}

/// A home's plate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateView {
    /// The home.
    pub unit: RecordId,
    /// Its address as people say it: for whoever puts the plate up, never on it.
    pub title: String,
    /// The number that is printed on it; empty until the server has answered.
    pub number: String,
    /// What the code on it says; empty until the server has answered.
    pub text: String,
    /// That, drawn.
    pub drawing: Option<Drawing>,
    /// Which plate of this home it is, from one on.
    pub no: i64,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// Another one was asked for, and has not come yet.
    pub wanted: bool,
}

/// Asks for the plates of a village, to print them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plates {
    /// The village.
    pub area: String,
}

/// A plate in the station's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateRow {
    /// The home.
    pub unit: RecordId,
    /// The number that is printed on it.
    pub number: String,
    /// The home's address: for whoever puts it up.
    pub title: String,
    /// What a camera reads.
    pub token: PlateToken,
    /// Which plate of this home it is, from one on.
    pub no: i64,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
}

/// The plates of a village.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatesReply {
    /// By address.
    pub rows: Vec<PlateRow>,
    /// There are more homes than one answer holds.
    pub cut: bool,
}

/// Gives a home another plate, because the present one is lost or cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplacePlate {
    /// The home.
    pub unit: RecordId,
}
