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
    fn a_derived_id_depends_on_every_part_and_its_border() {
        assert_eq!(derived_id(&["a", "b"]), derived_id(&["a", "b"]));
        assert_ne!(derived_id(&["ab", ""]), derived_id(&["a", "b"]));
    }
}
