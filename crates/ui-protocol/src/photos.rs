//! Photos of homes, rooms and visits: of objects, never of people.

use domain::RecordId;
use serde::{Deserialize, Serialize};

use crate::error::ErrorCode;

/// Asks for the photos of a home, a room or a visit, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photos {
    /// What they show.
    pub of: RecordId,
    /// Withdrawn ones too.
    #[serde(default)]
    pub withdrawn: bool,
}

/// Where a photo's bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoState {
    /// On this device only.
    NotSent,
    /// A part is on the server.
    Sending {
        /// How much, 0 to 99.
        percent: u8,
    },
    /// On the server, verified.
    Sent,
    /// Somebody else's; fetched when it is looked at.
    Elsewhere,
}

/// One photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoView {
    /// Its record.
    pub id: RecordId,
    /// What it shows.
    pub of: RecordId,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes of the whole photo.
    pub bytes: u32,
    /// The day it was taken, `YYYY-MM-DD`, when the file said so.
    pub taken_on: Option<String>,
    /// When it was added, Unix milliseconds, UTC.
    pub added_unix_ms: i64,
    /// Added on this device.
    pub mine: bool,
    /// In free words.
    pub note: String,
    /// Not shown any more.
    pub withdrawn: bool,
    /// Its small version is here.
    pub thumb_here: bool,
    /// The whole photo is here.
    pub whole_here: bool,
    /// Where its bytes stand.
    pub state: PhotoState,
}

/// Photos.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhotosReply {
    /// The newest first.
    pub photos: Vec<PhotoView>,
}

/// Adds a photo from a file or the camera.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AddPhoto {
    /// What it shows.
    pub of: RecordId,
    /// The file as it is, in base64; at most 40 MB.
    pub image: String,
    /// In free words.
    #[serde(default)]
    pub note: String,
}

impl std::fmt::Debug for AddPhoto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Megabytes of somebody's home do not belong into a log.
        f.debug_struct("AddPhoto").field("of", &self.of).field("image", &self.image.len()).finish_non_exhaustive()
    }
}

/// A photo is not shown any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawPhoto {
    /// Which.
    pub photo: RecordId,
}

/// A withdrawn photo is shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutPhotoBack {
    /// Which.
    pub photo: RecordId,
}

/// Which version of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoSize {
    /// For a list.
    Small,
    /// To look at.
    Whole,
}

/// Asks for a photo itself. What is not on the device is fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoBytes {
    /// Which.
    pub photo: RecordId,
    /// How large.
    pub size: PhotoSize,
}

/// A photo itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoImage {
    /// A JPEG in base64.
    pub jpeg: String,
}

impl std::fmt::Debug for PhotoImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhotoImage").field("jpeg", &self.jpeg.len()).finish()
    }
}

/// Sends what waits now, also over a network that costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendPhotos {}

/// What the page knows of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TellNetwork {
    /// It costs; it does not; nobody knows.
    pub metered: Option<bool>,
}

/// How the photos stand with the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhotosStatus {
    /// Whole photos not on the server yet.
    pub waiting: u64,
    /// Bytes not on the server yet.
    pub bytes: u64,
    /// Bytes travel just now.
    pub sending: bool,
    /// They wait for Wi-Fi, because the settings say so.
    pub held_for_wifi: bool,
    /// Why they do not travel.
    pub problem: Option<ErrorCode>,
}

/// One photo at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationPhoto {
    /// Its record.
    pub id: RecordId,
    /// In free words.
    pub note: String,
    /// The day it was taken, `YYYY-MM-DD`, when the file said so.
    pub taken_on: Option<String>,
    /// When it was added, Unix milliseconds, UTC.
    pub added_unix_ms: i64,
    /// The device that added it: the bytes come from there.
    pub device: u32,
    /// Whose device it is.
    pub by: String,
    /// Its small version arrived.
    pub small_here: bool,
    /// The whole photo arrived.
    pub whole_here: bool,
}

/// Asks the server for a photo itself. Only what the server lists is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationPhotoBytes {
    /// Which.
    pub photo: RecordId,
    /// How large.
    pub size: PhotoSize,
}
