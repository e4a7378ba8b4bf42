//! Ids and other random texts, short.
//!
//! A UUIDv7 is a time and 74 bits. Devices count the bits up (RFC 9562 §6.2, method 2), so that an id usually follows from the
//! one before: by how many milliseconds, and by how many steps.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

const RANDOM_BITS: u32 = 74;
const LOW_BITS: u32 = 62;

/// A UUIDv7 as a time and a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Unix milliseconds, UTC.
    pub ms: i64,
    /// The 74 bits that are not the time.
    pub count: u128,
}

impl Counted {
    /// `None` for any other kind of UUID.
    pub fn of(id: Uuid) -> Option<Counted> {
        let bits = id.as_u128();
        if id.get_version_num() != 7 || (bits >> 62) & 3 != 2 {
            return None;
        }
        let high = (bits >> 64) & 0xfff;
        let low = bits & ((1 << LOW_BITS) - 1);
        Some(Counted { ms: i64::try_from(bits >> 80).ok()?, count: high << LOW_BITS | low })
    }

    /// `None` when time or count lie outside.
    pub fn id(self) -> Option<Uuid> {
        if !(0..1 << 48).contains(&self.ms) || self.count >> RANDOM_BITS != 0 {
            return None;
        }
        let ms = u128::try_from(self.ms).ok()?;
        let (high, low) = (self.count >> LOW_BITS, self.count & ((1 << LOW_BITS) - 1));
        Some(Uuid::from_u128(ms << 80 | 7 << 76 | high << 64 | 2 << 62 | low))
    }

    /// So many steps further at the same time.
    pub fn step(self, steps: u64) -> Counted {
        Counted { count: self.count.saturating_add(u128::from(steps)), ..self }
    }

    /// How many steps further `other` is at the same time, or back; few enough to be worth it.
    pub fn steps_to(self, other: Counted) -> Option<i64> {
        let steps = i128::try_from(other.count).ok()? - i128::try_from(self.count).ok()?;
        (self.ms == other.ms && (-999..=9_999).contains(&steps)).then(|| i64::try_from(steps).ok()).flatten()
    }

    /// So many steps further, or back.
    pub fn moved(self, steps: i64) -> Option<Counted> {
        let count = i128::try_from(self.count).ok()?.checked_add(i128::from(steps))?;
        Some(Counted { count: u128::try_from(count).ok()?, ..self })
    }
}

/// Sixteen bytes as 22 letters.
pub fn letters(id: Uuid) -> String {
    BASE64.encode(id.as_bytes())
}

/// The id of 22 letters.
pub fn from_letters(letters: &str) -> Option<Uuid> {
    Uuid::from_slice(&BASE64.decode(letters).ok()?).ok()
}

/// A UUID as its canonical text, and nothing else.
pub fn canonical(text: &str) -> Option<Uuid> {
    if text.len() != 36 {
        return None;
    }
    let id: Uuid = text.parse().ok()?;
    (id.to_string() == text).then_some(id)
}

/// A text that may be hexadecimal or a UUID, short: `.` and `~` say which, `\` that it only looks so.
pub fn short(text: &str) -> String {
    if let Some(id) = canonical(text) {
        return format!("~{}", letters(id));
    }
    if text.len() >= 8
        && let Some(bytes) = from_hex(text)
    {
        return format!(".{}", BASE64.encode(bytes));
    }
    if text.starts_with(['.', '~', '\\']) { format!("\\{text}") } else { text.to_owned() }
}

/// The text behind [`short`].
pub fn long(short: &str) -> Option<String> {
    match short.chars().next() {
        Some('~') => from_letters(&short[1..]).map(|id| id.to_string()),
        Some('.') => Some(BASE64.decode(&short[1..]).ok()?.iter().map(|byte| format!("{byte:02x}")).collect()),
        Some('\\') => Some(short[1..].to_owned()),
        _ => Some(short.to_owned()),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_time_and_a_count_and_nothing_else() {
        for text in ["01890a5d-ac96-774b-bcce-b302099a8057", "ffffffff-ffff-7fff-bfff-ffffffffffff"] {
            let id: Uuid = text.parse().expect("an id");
            assert_eq!(Counted::of(id).and_then(Counted::id), Some(id), "{text}");
        }
        let id: Uuid = "01890a5d-ac96-7000-bfff-ffffffffffff".parse().expect("an id");
        let next = Counted::of(id).expect("version 7").step(1);
        assert_eq!(next.id().expect("in range").to_string(), "01890a5d-ac96-7001-8000-000000000000", "the count carries");
        assert_eq!(Counted::of(id).and_then(|id| id.steps_to(next)), Some(1));
        assert_eq!(Counted::of("01890a5d-ac96-474b-bcce-b302099a8057".parse().expect("an id")), None, "version 4");
    }

    #[test]
    fn a_text_round_trips_whatever_it_looks_like() {
        for text in [
            "",
            "pixel-1",
            "5f0c2a9be1d34786",
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "01890A5D-AC96-774B-BCCE-B302099A8057",
            ".x",
            "~",
            "\\",
            "0a1b2c3d",
            "abc",
            "ABCDEF0123",
        ] {
            assert_eq!(long(&short(text)).as_deref(), Some(text), "{text}");
        }
        assert!(short("5f0c2a9be1d34786").len() < 13);
        assert_eq!(long("~no"), None);
        assert_eq!(long(".~"), None);
    }
}
