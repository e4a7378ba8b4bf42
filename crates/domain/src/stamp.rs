//! When a value was written, as far as a device can tell, and its permanent name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::DeviceNumber;

const COUNTER_BITS: u32 = 16;
/// 2000-01-01 and 2100-01-01 in Unix milliseconds, UTC: what a decoder accepts. Outside lies a broken clock or an attacker.
const EARLIEST_MS: i64 = 946_684_800_000;
const LATEST_MS: i64 = 4_102_444_800_000;

/// 48 bits of Unix milliseconds and a 16 bit counter: 16 hexadecimal digits on the wire, because JavaScript loses large integers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

impl Stamp {
    /// The next stamp after `last`: always greater, whatever the wall clock (Unix milliseconds, UTC) says.
    /// Phones in the field lose their clocks; a save must never fail or sort before what it replaces.
    pub fn next(last: Option<Stamp>, wall_unix_ms: i64) -> Stamp {
        let wall = Stamp::at(wall_unix_ms);
        match last {
            Some(last) if last >= wall => Stamp(last.0 + 1),
            _ => wall,
        }
    }

    /// The first stamp of a millisecond, moved into the years 2000 to 2100.
    pub fn at(unix_ms: i64) -> Stamp {
        Stamp(unix_ms.clamp(EARLIEST_MS, LATEST_MS) << COUNTER_BITS)
    }

    /// Unix milliseconds, UTC.
    pub fn unix_ms(self) -> i64 {
        self.0 >> COUNTER_BITS
    }

    /// As SQLite and the ordering see it.
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// A stored stamp, moved into the accepted years.
    pub fn from_i64(bits: i64) -> Stamp {
        Stamp(bits.clamp(EARLIEST_MS << COUNTER_BITS, LATEST_MS << COUNTER_BITS | 0xffff))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a stamp or an origin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a stamp: expected 16 hexadecimal digits, and for an origin a dash and a device number")]
pub struct StampError;

impl FromStr for Stamp {
    type Err = StampError;
    fn from_str(text: &str) -> Result<Self, StampError> {
        if text.len() != 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StampError);
        }
        let bits = u64::from_str_radix(text, 16).map_err(|_| StampError)?;
        Ok(Stamp::from_i64(i64::try_from(bits).unwrap_or(i64::MAX)))
    }
}

/// The permanent name of a value: the stamp under which a device wrote it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// When, by the device's corrected clock.
    pub stamp: Stamp,
    /// Who.
    pub device: DeviceNumber,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stamp, self.device)
    }
}
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for Origin {
    type Err = StampError;
    fn from_str(text: &str) -> Result<Self, StampError> {
        let (stamp, device) = text.split_once('-').ok_or(StampError)?;
        Ok(Origin { stamp: stamp.parse()?, device: DeviceNumber(device.parse().map_err(|_| StampError)?) })
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
as_text!(Stamp);
as_text!(Origin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_never_goes_back_with_the_clock() {
        let first = Stamp::next(None, 1_800_000_000_000);
        let second = Stamp::next(Some(first), 1_500_000_000_000);
        assert!(second > first, "a clock set back must not let an older value win");
        assert_eq!(second.unix_ms(), 1_800_000_000_000);
    }

    #[test]
    fn a_text_form_round_trips_and_a_wild_one_is_clamped() {
        let origin = Origin { stamp: Stamp::at(1_763_859_600_000), device: DeviceNumber(17) };
        assert_eq!(origin.to_string().parse(), Ok(origin));
        let far: Stamp = "ffffffffffffffff".parse().expect("sixteen digits");
        assert_eq!(far.unix_ms(), LATEST_MS, "a stamp from year 9999 is moved into the century");
        for bad in ["", "12", "000000000000000g", "0193aa-1", "-", "0000000000000000-", "0000000000000000--1"] {
            assert_eq!(bad.parse::<Origin>(), Err(StampError), "{bad:?}");
        }
    }
}
