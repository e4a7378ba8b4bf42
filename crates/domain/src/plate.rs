//! The plate at a home's door: a number for people, and a token for a camera. The token means nothing by itself, and opens nothing
//! to whoever does not hold the home already.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::LETTERS;
use crate::record::Record;

/// The group of a home that holds its plate; the server writes it.
pub const PLATE: &str = "plate";
/// The group of a home by which somebody asks for another plate.
pub const WANTED: &str = "plate_wanted";
/// The part of an address after which a token stands.
pub const PATH: &str = "p";
/// Former tokens a home remembers: who scans one is told that it was replaced.
pub const REPLACED_MAX: usize = 16;
/// Characters of a code that is looked at at all; what is longer is none of ours.
const SCANNED_MAX: usize = 300;
/// Characters of a token: 128 bits, five at a time.
const TOKEN_LETTERS: usize = 26;

/// What a camera reads from a plate: 128 bits that mean nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlateToken(u128);

impl PlateToken {
    /// From sixteen bytes that tell nothing about the home.
    pub fn from_bytes(bytes: [u8; 16]) -> PlateToken {
        PlateToken(u128::from_be_bytes(bytes))
    }

    /// What stands in the code on the plate: an address, so that a stranger's phone shows the county's page and no riddle. A device
    /// reads nothing of it but the token.
    pub fn address(self, server: &str) -> String {
        format!("{}/{PATH}/{self}", server.trim().trim_end_matches('/'))
    }
}

impl fmt::Display for PlateToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |at: usize| char::from(LETTERS[(self.0 >> (5 * (TOKEN_LETTERS - 1 - at)) & 31) as usize]);
        (0..TOKEN_LETTERS).try_for_each(|at| fmt::Write::write_char(f, letter(at)))
    }
}

impl fmt::Debug for PlateToken {
    /// Not the token: it stands on a door, and has no business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlateToken(…)")
    }
}

/// A text that is no token.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a plate's token")]
pub struct TokenError;

impl FromStr for PlateToken {
    type Err = TokenError;

    /// Small letters, hyphens and letters that look like digits are read as they were meant. No check letter: a token is scanned,
    /// and one that was read wrong is no home's.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut bits = 0u128;
        let mut count = 0;
        for letter in text.chars().filter(|letter| !matches!(letter, '-' | ' ')) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let value = LETTERS.iter().position(|known| char::from(*known) == letter).ok_or(TokenError)?;
            count += 1;
            // Two of the 130 bits are none of the token's.
            if count > TOKEN_LETTERS || (count == 1 && value > 7) {
                return Err(TokenError);
            }
            bits = bits << 5 | value as u128;
        }
        if count == TOKEN_LETTERS { Ok(PlateToken(bits)) } else { Err(TokenError) }
    }
}

impl Serialize for PlateToken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for PlateToken {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The group `plate` of a home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plate {
    /// What a camera reads.
    pub token: PlateToken,
    /// Which plate of this home it is, from one on.
    pub no: i64,
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// What stood on its former plates, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<PlateToken>,
}

impl Plate {
    /// The plate of a home; `None` for a home the server has not answered yet.
    pub fn of(home: &Record) -> Option<Plate> {
        home.typed(PLATE)
    }

    /// Which plate a home is to be given now, by number: its first, or the one after a plate somebody wants replaced.
    pub fn due(home: &Record) -> Option<i64> {
        if home.dead.is_some() {
            return None;
        }
        match Plate::of(home) {
            Some(plate) => (Wanted::of(home)?.replaces == plate.token).then_some(plate.no + 1),
            // What this version cannot read, a newer one gave.
            None => (!home.groups.contains_key(PLATE)).then_some(1),
        }
    }

    /// The plate after this one.
    pub fn after(former: Option<Plate>, token: PlateToken, on: String) -> Plate {
        let Some(former) = former else { return Plate { token, no: 1, on, replaced: Vec::new() } };
        let mut replaced = vec![former.token];
        replaced.extend(former.replaced);
        replaced.truncate(REPLACED_MAX);
        Plate { token, no: former.no + 1, on, replaced }
    }
}

/// The group `plate_wanted` of a home: its plate is lost or cannot be read. It names the plate it is about, so that two people who
/// ask for the same one ask for one, and a request that arrives late replaces nothing that was just put up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What stands on the plate that is to be replaced.
    pub replaces: PlateToken,
}

impl Wanted {
    /// What was asked for last.
    pub fn of(home: &Record) -> Option<Wanted> {
        home.typed(WANTED)
    }
}

/// What a code, or what somebody typed in its place, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A plate of this kind of register; of which county is not said.
    Plate(PlateToken),
    /// The number that is printed on a plate.
    Number(String),
    /// Nothing.
    Nothing,
    /// Something else: a payment code, a parcel, somebody's card. Nothing of it is kept.
    Foreign,
}

impl Scanned {
    /// Reads it.
    pub fn read(text: &str) -> Scanned {
        let text = text.trim();
        if text.is_empty() {
            return Scanned::Nothing;
        }
        if text.chars().nth(SCANNED_MAX).is_some() {
            return Scanned::Foreign;
        }
        if let Some(token) = token_in(text).or_else(|| text.parse().ok()) {
            return Scanned::Plate(token);
        }
        home_number(text).map_or(Scanned::Foreign, Scanned::Number)
    }
}

/// The token of an address that ends as ours do, whatever stands before: a county's server may get another name, its plates stay.
fn token_in(text: &str) -> Option<PlateToken> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let path = rest.split(['?', '#']).next()?.trim_end_matches('/');
    let (before, token) = path.rsplit_once('/')?;
    let (host, part) = before.rsplit_once('/')?;
    if host.is_empty() || !part.eq_ignore_ascii_case(PATH) {
        return None;
    }
    token.parse().ok()
}

/// A home's number as the server writes it, from what somebody typed: `CS-H-2026-000123`, `h 2026 123`, `2026-123`.
fn home_number(typed: &str) -> Option<String> {
    let typed: String = typed.chars().filter(|c| !matches!(c, '-' | ' ' | '－' | '—')).collect::<String>().to_uppercase();
    let digits = typed.strip_prefix("CSH").or_else(|| typed.strip_prefix('H')).unwrap_or(&typed);
    if !(5..=10).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, number) = (&digits[..4], digits[4..].parse::<u32>().ok()?);
    ("2000".."2100").contains(&year).then(|| format!("CS-H-{year}-{number:06}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeviceNumber, derived_id};
    use crate::kind;
    use crate::record::{GroupValue, to_fields};
    use crate::stamp::{Origin, Stamp};

    fn token(seed: u8) -> PlateToken {
        PlateToken::from_bytes([seed; 16])
    }

    #[test]
    fn a_token_is_twenty_six_letters_and_comes_back() {
        for bytes in [[0; 16], [0xff; 16], [0x5a; 16], *b"sixteen letters."] {
            let token = PlateToken::from_bytes(bytes);
            let text = token.to_string();
            assert_eq!((text.len(), text.parse()), (26, Ok(token)), "{text}");
        }
        assert_eq!(token(0xff).to_string(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(token(0).to_string(), "00000000000000000000000000");
        assert!(!format!("{:?}", token(7)).contains("3G"), "a log does not say what stands on a door");
    }

    #[test]
    fn what_stands_on_a_plate_is_read_however_it_was_written() {
        let token: PlateToken = "4F3S2M1K0J9H8G7F6E5D4C3B2A".parse().expect("a token");
        for text in [
            "https://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A",
            "HTTPS://DOORSTEP.EXAMPLE/P/4F3S2M1K0J9H8G7F6E5D4C3B2A",
            "http://127.0.0.1:7000/p/4f3s2m1k0j9h8g7f6e5d4c3b2a",
            "https://elsewhere.example/county/p/4F3S2M1K0J9H8G7F6E5D4C3B2A/?from=scan#x",
            "  4F3S2M1K0J9H8G7F6E5D4C3B2A\n",
            "4f3s-2m1k-0j9h-8g7f-6e5d-4c3b-2a",
            "4F3S2MIKOJ9H8G7F6E5D4C3B2A",
            "4F3S2MlKoJ9H8G7F6E5D4C3B2A",
        ] {
            assert_eq!(Scanned::read(text), Scanned::Plate(token), "{text}");
        }
        assert_eq!(Scanned::read(&token.address("https://doorstep.example/")), Scanned::Plate(token));
        assert_eq!(token.address(" https://doorstep.example/ "), "https://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A");
    }

    #[test]
    fn a_code_from_somewhere_else_is_foreign() {
        for text in [
            "https://u.wechat.example/EL4F3S2M1K0J9H8G7F6E5D4",
            "https://qr.alipay.example/fkx12345",
            "https://doorstep.example/p/",
            "https://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2",
            "https://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2AA",
            "https://doorstep.example/p/8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "https://doorstep.example/q/4F3S2M1K0J9H8G7F6E5D4C3B2A",
            "https:///p/4F3S2M1K0J9H8G7F6E5D4C3B2A",
            "ftp://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A",
            "4F3S2M1K0J9H8G7F6E5D4C3B2U",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "WIFI:T:WPA;S:guest;P:secret;;",
            "BEGIN:VCARD\nFN:张三\nEND:VCARD",
            "330822199001010019",
            "13905700099",
            "6901234567892",
            "张三",
            "1999-12",
            "2026",
            "2026-1234567",
        ] {
            assert_eq!(Scanned::read(text), Scanned::Foreign, "{text}");
        }
        assert_eq!(Scanned::read(&"https://doorstep.example/p/".repeat(40)), Scanned::Foreign);
        assert_eq!(Scanned::read(" \n "), Scanned::Nothing);
    }

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for text in ["CS-H-2026-000123", "cs-h-2026-000123", "H2026-123", "2026-123", "2026 000123", "CSH2026000123"] {
            assert_eq!(Scanned::read(text), Scanned::Number("CS-H-2026-000123".to_owned()), "{text}");
        }
    }

    fn home(groups: &[(&str, crate::Fields)]) -> Record {
        let origin = Origin { stamp: Stamp::at(0), device: DeviceNumber::SERVER };
        let mut home = Record::empty(kind::UNIT, derived_id(&["home"]));
        for (name, fields) in groups {
            home.groups.insert((*name).to_owned(), GroupValue::new(fields.clone(), origin));
        }
        home
    }

    #[test]
    fn a_plate_is_replaced_once_for_each_time_it_was_seen_to_be_lost() {
        assert_eq!(Plate::due(&home(&[])), Some(1), "every home has a plate");
        let first = Plate::after(None, token(1), "2026-11-23".to_owned());
        let wanted = |of: u8| to_fields(&Wanted { replaces: token(of) });
        assert_eq!(Plate::due(&home(&[(PLATE, to_fields(&first))])), None);
        assert_eq!(Plate::due(&home(&[(PLATE, to_fields(&first)), (WANTED, wanted(1))])), Some(2));
        let second = Plate::after(Some(first.clone()), token(2), "2026-12-01".to_owned());
        assert_eq!((second.no, second.replaced.as_slice()), (2, [token(1)].as_slice()));
        assert_eq!(Plate::due(&home(&[(PLATE, to_fields(&second)), (WANTED, wanted(1))])), None, "it was done");
        assert_eq!(Plate::due(&home(&[(PLATE, to_fields(&second)), (WANTED, wanted(9))])), None, "of another plate");
        let strange = crate::Fields::from_iter([("token".to_owned(), 7.into())]);
        assert_eq!(Plate::due(&home(&[(PLATE, strange)])), None, "a newer version's plate stays");
        let mut dead = home(&[]);
        dead.dead = Some(Origin { stamp: Stamp::at(0), device: DeviceNumber::SERVER });
        assert_eq!(Plate::due(&dead), None);
    }

    #[test]
    fn former_plates_are_bounded() {
        let mut plate = Plate::after(None, token(0), String::new());
        for seed in 1..=40 {
            plate = Plate::after(Some(plate), token(seed), String::new());
        }
        assert_eq!((plate.no, plate.replaced.len()), (41, REPLACED_MAX));
        assert_eq!(plate.replaced[0], token(39), "the latest first");
    }
}
