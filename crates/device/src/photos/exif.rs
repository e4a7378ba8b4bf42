//! The one thing that is read from a photo's metadata before it is thrown away: the day it was taken.

use domain::form::parse_date;

/// The part of the metadata that belongs to the camera.
const CAMERA_PART: u16 = 0x8769;
/// When it was taken, inside that part.
const TAKEN: u16 = 0x9003;
/// When the file was written, in the first part.
const WRITTEN: u16 = 0x0132;
/// Entries looked at in one part: real ones have some dozens.
const ENTRIES_MAX: u16 = 512;

/// The day, `YYYY-MM-DD`. A camera whose clock was never set says 1970 or nothing; the form can leave it out.
pub fn taken_on(chunk: &[u8]) -> Option<String> {
    let exif = Exif::of(chunk)?;
    let first = exif.number(4)?;
    let camera = exif.entry(first, CAMERA_PART).and_then(|at| exif.number(at + 8));
    let text = camera
        .and_then(|camera| exif.entry(camera, TAKEN))
        .or_else(|| exif.entry(first, WRITTEN))
        .and_then(|at| exif.number(at + 8))
        .and_then(|at| exif.bytes.get(at..at.checked_add(10)?))?;
    // `2026:11:23 09:41:07`
    let day = std::str::from_utf8(text).ok()?.replace(':', "-");
    parse_date(&day).filter(|date| *date >= chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default()).map(|_| day)
}

struct Exif<'c> {
    bytes: &'c [u8],
    little: bool,
}

impl Exif<'_> {
    fn of(chunk: &[u8]) -> Option<Exif<'_>> {
        // Some carry the name of the segment, some begin at once.
        let bytes = chunk.strip_prefix(b"Exif\0\0").unwrap_or(chunk);
        let little = match bytes.get(..4)? {
            [b'I', b'I', 42, 0] => true,
            [b'M', b'M', 0, 42] => false,
            _ => return None,
        };
        Some(Exif { bytes, little })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let pair: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    }

    fn number(&self, at: usize) -> Option<usize> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }).ok()
    }

    /// Where an entry of a part stands: two bytes of tag, two of type, four of count, four of value or place.
    fn entry(&self, part: usize, tag: u16) -> Option<usize> {
        let count = usize::from(self.short(part)?.min(ENTRIES_MAX));
        let first = part.checked_add(2)?;
        (0..count).map(|index| first + index * 12).find(|at| self.short(*at) == Some(tag))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Metadata as a camera writes it: a first part with orientation and a pointer, and the camera's own part.
    pub fn written(orientation: u16, taken: &str) -> Vec<u8> {
        let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
        };
        let [high, low] = orientation.to_be_bytes();
        // Two entries here, one there, then the text.
        let camera_part = 8 + 2 + 2 * 12 + 4;
        let text_at = camera_part + 2 + 12 + 4;
        tiff.extend(2u16.to_be_bytes());
        tiff.extend(entry(0x0112, 3, 1, [high, low, 0, 0]));
        tiff.extend(entry(CAMERA_PART, 4, 1, (camera_part as u32).to_be_bytes()));
        tiff.extend([0; 4]);
        tiff.extend(1u16.to_be_bytes());
        tiff.extend(entry(TAKEN, 2, taken.len() as u32 + 1, (text_at as u32).to_be_bytes()));
        tiff.extend([0; 4]);
        tiff.extend(taken.as_bytes());
        tiff.push(0);
        tiff
    }

    #[test]
    fn the_day_is_read_and_nonsense_is_no_day() {
        for (text, day) in [
            ("2026:11:23 09:41:07", Some("2026-11-23")),
            ("1970:01:01 00:00:00", None),
            ("0000:00:00 00:00:00", None),
            ("2026:13:45 09:41:07", None),
            ("    :  :     :  :  ", None),
        ] {
            assert_eq!(taken_on(&written(1, text)).as_deref(), day, "{text}");
            assert_eq!(taken_on(&[b"Exif\0\0", &written(1, text)[..]].concat()).as_deref(), day, "{text}, with its name");
        }
    }

    #[test]
    fn metadata_cut_anywhere_or_pointing_nowhere_is_no_day_and_no_panic() {
        let whole = written(6, "2026:11:23 09:41:07");
        for end in 0..whole.len() {
            let _ = taken_on(&whole[..end]);
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = whole.clone();
                broken[at] = value;
                let _ = taken_on(&broken);
            }
        }
        assert_eq!(taken_on(b""), None);
    }
}
