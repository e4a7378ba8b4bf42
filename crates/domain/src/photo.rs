//! Photos of objects: a home, a room, what a visit saw at the door, a hazard. Never of people: nothing here looks for a face, and a
//! photo hangs on no person.
//!
//! The record is a fact and travels like every record. Its bytes are named by what they are (BLAKE3) and travel by themselves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::form::parse_date;
use crate::ids::RecordId;
use crate::{kind, text};

/// The longer side of a stored photo, in pixels: a meter's number and a crack in a wall can be read.
pub const SIDE_MAX: u32 = 1600;
/// Bytes of a stored photo.
pub const BYTES_MAX: u32 = 300_000;
/// The longer side of its small version.
pub const THUMB_SIDE_MAX: u32 = 320;
/// Bytes of its small version: a village's thousand come over a weak line too.
pub const THUMB_BYTES_MAX: u32 = 20_000;
/// Bytes a server takes under one name; above [`BYTES_MAX`], so that a newer app may draw a little finer.
pub const BLOB_BYTES_MAX: u32 = 400 * 1024;
/// Characters of a note.
pub const NOTE_MAX: usize = 200;

/// The name of some bytes: their BLAKE3, 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobHash([u8; 32]);

impl BlobHash {
    /// The name these bytes have.
    pub fn of(bytes: &[u8]) -> BlobHash {
        BlobHash(*blake3::hash(bytes).as_bytes())
    }
}

/// A text that names no bytes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a name of bytes")]
pub struct BlobHashError;

impl FromStr for BlobHash {
    type Err = BlobHashError;
    fn from_str(text: &str) -> Result<BlobHash, BlobHashError> {
        // One name has one spelling: it is a file's name too.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(BlobHashError);
        }
        blake3::Hash::from_hex(text).map(|hash| BlobHash(*hash.as_bytes())).map_err(|_| BlobHashError)
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}
impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for BlobHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for BlobHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The group `fact` of a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoFact {
    /// The home, room, visit or hazard it shows.
    pub of: RecordId,
    /// The bytes, a JPEG without metadata.
    pub hash: BlobHash,
    /// How many.
    pub bytes: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The bytes of its small version.
    pub thumb: BlobHash,
    /// How many.
    pub thumb_bytes: u32,
    /// The day it was taken, `YYYY-MM-DD`, when the file said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_on: Option<String>,
    /// What it shows, in free words about the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl PhotoFact {
    /// The first field that cannot be so.
    pub fn problem(&self) -> Option<&'static str> {
        let size = |pixels: u32| (1..=SIDE_MAX).contains(&pixels);
        if !(1..=BLOB_BYTES_MAX).contains(&self.bytes) {
            return Some("bytes");
        }
        if !(1..=THUMB_BYTES_MAX).contains(&self.thumb_bytes) {
            return Some("thumb_bytes");
        }
        if !size(self.width) {
            return Some("width");
        }
        if !size(self.height) {
            return Some("height");
        }
        if self.taken_on.as_deref().is_some_and(|day| parse_date(day).is_none()) {
            return Some("taken_on");
        }
        text::check_text(&self.note, NOTE_MAX).is_err().then_some("note")
    }
}

/// The group `fact` of a withdrawal. Who wants the photo back adds it again: the bytes are still there for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawalFact {
    /// The photo that is not shown any more.
    pub photo: RecordId,
}

/// Whether a photo may hang on a record of this kind. Default deny: a person, a registration, a report has no photo.
pub fn may_show(kind: &str) -> bool {
    matches!(kind, kind::UNIT | kind::ROOM | kind::VISIT | kind::HAZARD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;

    fn fact() -> PhotoFact {
        PhotoFact {
            of: derived_id(&["home"]),
            hash: BlobHash::of(b"whole"),
            bytes: 200_000,
            width: 1600,
            height: 1200,
            thumb: BlobHash::of(b"small"),
            thumb_bytes: 15_000,
            taken_on: Some("2026-11-23".to_owned()),
            note: "配电箱".to_owned(),
        }
    }

    #[test]
    fn bytes_have_one_name_with_one_spelling() {
        let name = BlobHash::of(b"").to_string();
        assert_eq!(name, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", "BLAKE3 of nothing");
        assert_eq!(name.parse(), Ok(BlobHash::of(b"")));
        for text in ["", "af", &name.to_uppercase(), &name[1..], &format!("{name}0"), &name.replace('a', "/"), "../../etc/passwd"]
        {
            assert_eq!(text.parse::<BlobHash>(), Err(BlobHashError), "{text:?}");
        }
    }

    #[test]
    fn a_fact_that_cannot_be_names_its_field() {
        let rows: [(PhotoFact, Option<&str>); 9] = [
            (fact(), None),
            (PhotoFact { taken_on: None, note: String::new(), ..fact() }, None),
            (PhotoFact { bytes: 0, ..fact() }, Some("bytes")),
            (PhotoFact { bytes: BLOB_BYTES_MAX + 1, ..fact() }, Some("bytes")),
            (PhotoFact { thumb_bytes: THUMB_BYTES_MAX + 1, ..fact() }, Some("thumb_bytes")),
            (PhotoFact { width: SIDE_MAX + 1, ..fact() }, Some("width")),
            (PhotoFact { height: 0, ..fact() }, Some("height")),
            (PhotoFact { taken_on: Some("23.11.2026".to_owned()), ..fact() }, Some("taken_on")),
            (PhotoFact { note: "字".repeat(NOTE_MAX + 1), ..fact() }, Some("note")),
        ];
        for (fact, problem) in rows {
            assert_eq!(fact.problem(), problem, "{fact:?}");
        }
    }

    #[test]
    fn photos_hang_on_objects_and_on_nothing_else() {
        let allowed: Vec<&str> = kind::ALL.iter().copied().filter(|kind| may_show(kind)).collect();
        assert_eq!(allowed, [kind::UNIT, kind::ROOM, kind::VISIT, kind::HAZARD]);
    }
}
