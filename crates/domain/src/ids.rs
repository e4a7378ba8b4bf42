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
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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
    fn a_derived_id_depends_on_every_part_and_its_border() {
        assert_eq!(derived_id(&["a", "b"]), derived_id(&["a", "b"]));
        assert_ne!(derived_id(&["ab", ""]), derived_id(&["a", "b"]));
    }
}
