//! Names that a device can give without asking anybody.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// From its sixteen bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(Uuid::from_bytes(bytes))
            }
            /// Its sixteen bytes: how the server's file holds it.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map($name)
            }
        }
    };
}

id!(
    /// The permanent name of a record: a UUIDv7 made where the record was made, so that bulk loads stay in key order.
    RecordId
);
id!(
    /// The permanent name of a change; the server recognises a repeated one by it.
    ChangeId
);
id!(
    /// The name of one save: its changes are applied whole or refused whole.
    TxnId
);
id!(
    /// The permanent name of an account.
    AccountId
);

/// Letters and digits that are not taken for one another when somebody reads them out (Crockford's base 32).
pub(crate) const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl TxnId {
    /// The save's number, as a person reads it: forty of its random bits, `K7Q2-M9XD`.
    pub fn number(&self) -> String {
        let bits = self.0.as_bytes()[11..].iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let letter = |at: u32| char::from(LETTERS[(bits >> (5 * (7 - at)) & 31) as usize]);
        let (head, tail): (String, String) = ((0..4).map(letter).collect(), (4..8).map(letter).collect());
        format!("{head}-{tail}")
    }

    /// The last five bytes that a number stands for; `None` for what is no number. Typed by people: small letters, blanks, and
    /// letters that look like digits are read as they were meant.
    pub fn tail_of_number(typed: &str) -> Option<[u8; 5]> {
        let mut bits = 0u64;
        let mut count = 0;
        for letter in typed.chars().filter(|letter| !matches!(letter, '-' | ' ' | '－' | '—')) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let value = LETTERS.iter().position(|known| char::from(*known) == letter)?;
            bits = bits << 5 | value as u64;
            count += 1;
        }
        let bytes = bits.to_be_bytes();
        (count == 8).then(|| [bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
    }
}

/// The number the server gave to a device at enrolment; `0` is the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceNumber(pub u32);

impl DeviceNumber {
    /// The server, when it writes a group of its own (a place, a receipt, a conflict).
    pub const SERVER: DeviceNumber = DeviceNumber(0);

    /// Whether the server itself wrote it.
    pub fn is_server(self) -> bool {
        self == DeviceNumber::SERVER
    }
}

impl fmt::Display for DeviceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A UUIDv7 from a time (Unix milliseconds, UTC) and ten random bytes, both given: nothing here reads a clock or draws a number.
pub fn uuid_v7(unix_ms: u64, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid()
}

/// The UUIDv7 after this one: another time (Unix milliseconds, UTC), and the other 74 bits counted up by one (RFC 9562 §6.2, method 2).
/// Ids of one run differ whatever the clock does, and follow from each other on the wire. `None` when the count is full, or for an id
/// of another kind: then a new run begins with random bits.
pub fn uuid_v7_after(last: Uuid, unix_ms: u64) -> Option<Uuid> {
    const LOW: u128 = (1 << 62) - 1;
    let bits = last.as_u128();
    if last.get_version_num() != 7 || bits >> 62 & 3 != 2 {
        return None;
    }
    let count = ((bits >> 64 & 0xfff) << 62 | bits & LOW) + 1;
    if count >> 74 != 0 {
        return None;
    }
    let time = u128::from(unix_ms & ((1 << 48) - 1));
    Some(Uuid::from_u128(time << 80 | 7 << 76 | (count >> 62) << 64 | 2 << 62 | count & LOW))
}

/// An id that follows from others, so that repeating the work gives the same record twice and not two records.
pub fn derived_id(parts: &[&str]) -> RecordId {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    RecordId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let early = uuid_v7(1_700_000_000_000, [9; 10]);
        let late = uuid_v7(1_700_000_000_001, [0; 10]);
        assert!(early < late, "time order keeps the server's pages dense");
    }

    #[test]
    fn a_save_has_a_number_that_can_be_read_out() {
        let txn = TxnId(uuid_v7(1_700_000_000_000, [1, 2, 3, 4, 5, 0xff, 0, 0xaa, 0x55, 0x1e]));
        assert_eq!(txn.number(), "ZW0A-MN8Y");
        let tail = [0xff, 0, 0xaa, 0x55, 0x1e];
        for typed in ["ZW0A-MN8Y", "zw0a mn8y", "ZWOAMN8Y", " zwoa－mn8y"] {
            assert_eq!(TxnId::tail_of_number(typed), Some(tail), "{typed}");
        }
        for typed in ["", "ZW0A", "ZW0A-MN8Y-1", "ZW0A-MN8U", "张三"] {
            assert_eq!(TxnId::tail_of_number(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_run_of_ids_is_counted_up_whatever_the_clock_does() {
        let first = uuid_v7(1_700_000_000_000, [0x0f; 10]);
        let mut ids = vec![first];
        for ms in [1_700_000_000_000, 1_700_000_000_000, 1_600_000_000_000, 1_700_000_000_000] {
            ids.push(uuid_v7_after(ids[ids.len() - 1], ms).expect("far from full"));
        }
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        assert!(ids[0] < ids[1] && ids[1] < ids[2], "the same millisecond: in order");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "a clock set back repeats none");
        assert_eq!(uuid_v7_after(uuid_v7(0, [0xff; 10]), 0), None, "full");
        assert_eq!(uuid_v7_after(Uuid::nil(), 0), None);
    }

    #[test]
    fn a_derived_id_depends_on_every_part_and_its_border() {
        assert_eq!(derived_id(&["a", "b"]), derived_id(&["a", "b"]));
        assert_ne!(derived_id(&["ab", ""]), derived_id(&["a", "b"]));
    }
}
