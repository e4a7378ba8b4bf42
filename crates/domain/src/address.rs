//! Addresses: structured, shown as people write them, and compared by a key that forgives how they were typed.
//!
//! Raw strings are never compared: one homophone or one extra 号 made false mismatches in the systems before this one.

use serde::{Deserialize, Serialize};

use crate::text::{self, TextProblem};
use crate::unicode;

/// The longest name of a road, a compound or a natural group, in characters.
pub const PART_MAX: usize = 50;
/// The longest number of a plate, building, entrance or floor, in characters.
pub const NUMBER_MAX: usize = 20;

/// What people write above the village and leave out as often. All homes are in one county, so it tells nothing.
const PREFIXES: [&str; 3] = ["浙江省", "衢州市", "常山县"];
/// Words that only separate numbers: 12幢3单元501室 is 12-3-501.
const FILLERS: [&str; 8] = ["单元", "号", "幢", "栋", "室", "层", "楼", "房"];

/// Where a home is, below its village. The room is not part of it: rooms are records of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The village or community: twelve digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// The natural village or group (自然村、组).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub natural_group: String,
    /// The road, street or lane.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub road: String,
    /// The compound or estate (小区).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compound: String,
    /// The number on the door plate.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub plate_no: String,
    /// The building (幢).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub building: String,
    /// The entrance (单元).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit_no: String,
    /// The floor (层).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub floor: String,
    /// What helps to find the door; it takes no part in comparing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Address {
    /// The address as people write it, without the village: 文峰路18号3幢2单元（河边）.
    pub fn display(&self) -> String {
        let mut shown = format!("{}{}{}", self.natural_group, self.road, self.compound);
        for (number, word) in [(&self.plate_no, "号"), (&self.building, "幢"), (&self.unit_no, "单元"), (&self.floor, "层")]
        {
            shown.push_str(number);
            if number.chars().last().is_some_and(is_number) {
                shown.push_str(word);
            }
        }
        if !self.note.is_empty() {
            shown.push_str(&format!("（{}）", self.note));
        }
        shown
    }

    /// The address in three steps, as somebody walks: the road, the building in it, the door in the building. Together they say what
    /// [`Address::display`] says.
    pub fn steps(&self) -> [String; 3] {
        let numbered = |number: &String, word: &str| {
            let word = if number.chars().last().is_some_and(is_number) { word } else { "" };
            format!("{number}{word}")
        };
        let mut road = format!("{}{}", self.natural_group, self.road);
        let mut building = self.compound.clone();
        if road.is_empty() {
            road = std::mem::take(&mut building);
        }
        building.push_str(&numbered(&self.plate_no, "号"));
        building.push_str(&numbered(&self.building, "幢"));
        let mut door = format!("{}{}", numbered(&self.unit_no, "单元"), numbered(&self.floor, "层"));
        if !self.note.is_empty() {
            door.push_str(&format!("（{}）", self.note));
        }
        [road, building, door]
    }

    /// The key two addresses are compared by: equal however they were typed, and whichever field a part was typed in.
    pub fn norm_key(&self) -> String {
        let parts = [
            &self.area,
            &self.natural_group,
            &self.road,
            &self.compound,
            &self.plate_no,
            &self.building,
            &self.unit_no,
            &self.floor,
        ];
        let keys = parts.into_iter().map(|part| norm_key(part)).filter(|key| !key.is_empty());
        keys.collect::<Vec<_>>().join("-")
    }

    /// The address as it is stored: every part cleaned. Whether it is right is [`Address::check`].
    pub fn cleaned(&self) -> Self {
        let clean = |part: &String| text::clean(part);
        Self {
            area: clean(&self.area),
            natural_group: clean(&self.natural_group),
            road: clean(&self.road),
            compound: clean(&self.compound),
            plate_no: clean(&self.plate_no),
            building: clean(&self.building),
            unit_no: clean(&self.unit_no),
            floor: clean(&self.floor),
            note: clean(&self.note),
        }
    }

    /// What is wrong with the typed parts, by the field it belongs to. Only what was typed is judged: that a village is
    /// chosen, that something leads to the door, and the note are the form's business.
    pub fn check(&self) -> Vec<(&'static str, TextProblem)> {
        let parts: [(&'static str, &String, usize); 7] = [
            ("natural_group", &self.natural_group, PART_MAX),
            ("road", &self.road, PART_MAX),
            ("compound", &self.compound, PART_MAX),
            ("plate_no", &self.plate_no, NUMBER_MAX),
            ("building", &self.building, NUMBER_MAX),
            ("unit_no", &self.unit_no, NUMBER_MAX),
            ("floor", &self.floor, NUMBER_MAX),
        ];
        let problem = |(field, part, max): (&'static str, &String, usize)| {
            text::check_text(part, max).err().map(|problem| (field, problem))
        };
        parts.into_iter().filter_map(problem).collect()
    }
}

/// The key of one typed part: full-width as half-width, Chinese numerals as digits, fillers and marks as `-`, the county's own
/// prefixes dropped. A key is its own key.
pub fn norm_key(typed: &str) -> String {
    let folded = fold(typed);
    let digits = digits_for_numerals(&folded);
    let mut key = separate(&digits);
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)) {
        key = rest.trim_start_matches('-').to_owned();
    }
    key
}

/// One width, one case, every mark a dash; spaces vanish, except between numbers, which they keep apart.
fn fold(typed: &str) -> Vec<char> {
    let letters: Vec<char> = unicode::nfkc(typed).chars().collect();
    let mut folded: Vec<char> = Vec::with_capacity(letters.len());
    for (at, &c) in letters.iter().enumerate() {
        if c.is_ascii_alphanumeric() {
            folded.push(c.to_ascii_uppercase());
        } else if c.is_alphanumeric() {
            folded.push(c);
        } else if c.is_whitespace() {
            let next = letters[at + 1..].iter().find(|c| !c.is_whitespace());
            if folded.last().copied().is_some_and(is_number) && next.copied().is_some_and(is_number) {
                folded.push('-');
            }
        } else {
            folded.push('-');
        }
    }
    // Letters that stood apart may compose now that nothing is between them; a key must be its own key.
    unicode::nfkc(&folded.into_iter().collect::<String>()).chars().collect()
}

/// Every run of Chinese numerals that is a number, as digits: 十二 as 12, 三〇五 as 305. A run that is none stays: 百货 is a name.
fn digits_for_numerals(letters: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(letters.len());
    for run in letters.chunk_by(|a, b| is_numeral(*a) == is_numeral(*b)) {
        match number_of(run) {
            Some(number) => out.extend(number.chars()),
            None => out.extend_from_slice(run),
        }
    }
    out
}

/// Fillers after a number become dashes, a dash stands between numbers and names, and no dash stands twice or at an end.
fn separate(letters: &[char]) -> String {
    let mut key = String::with_capacity(letters.len() * 3);
    let mut at = 0;
    while at < letters.len() {
        let c = letters[at];
        let after_number = key.is_empty() || key.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let filler = FILLERS.iter().find(|filler| starts_with(&letters[at..], filler));
        let ordinal = c == '第' && letters.get(at + 1).is_some_and(char::is_ascii_digit);
        if let Some(filler) = filler.filter(|_| after_number && !key.is_empty()) {
            dash(&mut key);
            at += filler.chars().count();
            continue;
        }
        at += 1;
        if c == '-' || ordinal {
            dash(&mut key);
            continue;
        }
        let changes =
            key.chars().last().is_some_and(|last| last != '-' && last.is_ascii_alphanumeric() != c.is_ascii_alphanumeric());
        if changes {
            dash(&mut key);
        }
        key.push(c);
    }
    key.trim_matches('-').to_owned()
}

fn dash(key: &mut String) {
    if !key.is_empty() && !key.ends_with('-') {
        key.push('-');
    }
}

fn starts_with(letters: &[char], word: &str) -> bool {
    let mut letters = letters.iter();
    word.chars().all(|wanted| letters.next() == Some(&wanted))
}

fn is_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_numeral(c) || matches!(c, '０'..='９')
}

fn is_numeral(c: char) -> bool {
    numeral_digit(c).is_some() || numeral_unit(c).is_some()
}

fn numeral_digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

fn numeral_unit(c: char) -> Option<u32> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// The number of a run of numerals: read by units (二百零三) or digit by digit (二〇三).
fn number_of(run: &[char]) -> Option<String> {
    if run.is_empty() || !run.iter().copied().all(is_numeral) {
        return None;
    }
    if run.iter().all(|&c| numeral_digit(c).is_some()) {
        return run.iter().map(|&c| numeral_digit(c).and_then(|digit| char::from_digit(digit, 10))).collect();
    }
    let (mut total, mut digit, mut unit_last) = (0, None, u32::MAX);
    for (at, &c) in run.iter().enumerate() {
        if let Some(unit) = numeral_unit(c) {
            // Units must fall, and only a leading 十 may stand without a digit.
            if unit >= unit_last || (digit.is_none() && !(at == 0 && unit == 10)) {
                return None;
            }
            total += digit.take().unwrap_or(1) * unit;
            unit_last = unit;
        } else {
            match (numeral_digit(c), digit) {
                (Some(0), None) => {}
                (Some(value), None) => digit = Some(value),
                _ => return None,
            }
        }
    }
    Some((total + digit.unwrap_or(0)).to_string())
}

/// Whether two typed parts name the same place.
pub fn same_place(one: &str, other: &str) -> bool {
    norm_key(one) == norm_key(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_key_however_it_is_typed() {
        let rows = [
            ("12幢3单元501室", "12-3-501"),
            ("１２幢３单元５０１室", "12-3-501"),
            ("十二幢三单元五〇一室", "12-3-501"),
            ("第十二栋 三单元 501", "12-3-501"),
            ("12-3-501", "12-3-501"),
            ("12#3#501", "12-3-501"),
            ("12 3 501", "12-3-501"),
            ("12号楼3单元", "12-3"),
            ("浙江省衢州市常山县文峰路18号", "文峰路-18"),
            ("文峰路 18 号", "文峰路-18"),
            ("文峰路（18）号", "文峰路-18"),
            ("二百零三", "203"),
            ("一千零五", "1005"),
            ("二十", "20"),
            ("十", "10"),
            ("百货大楼", "百货大楼"),
            ("五百", "500"),
            ("三衢路a1", "3-衢路-A1"),
            ("教室", "教室"),
            ("", ""),
            ("---", ""),
        ];
        for (typed, key) in rows {
            assert_eq!(norm_key(typed), key, "{typed:?}");
        }
        assert!(same_place("12幢3单元501室", "十二栋3单元501"));
    }

    #[test]
    fn the_field_a_part_was_typed_in_does_not_matter() {
        let area = "330822001004".to_owned();
        let split = Address {
            area: area.clone(),
            road: "文峰路".into(),
            plate_no: "18号".into(),
            building: "3".into(),
            unit_no: "二单元".into(),
            note: "河边".into(),
            ..Address::default()
        };
        let together = Address { area, road: "文峰路18号3幢2单元".into(), ..Address::default() };
        assert_eq!(split.norm_key(), "330822001004-文峰路-18-3-2");
        assert_eq!(split.norm_key(), together.norm_key());
        assert_eq!(split.display(), "文峰路18号3幢二单元（河边）");
    }

    #[test]
    fn the_steps_to_a_door_say_what_the_address_says() {
        let rows = [
            (Address { road: "文峰路".into(), plate_no: "18".into(), ..Address::default() }, ["文峰路", "18号", ""]),
            (
                Address {
                    compound: "定阳花苑".into(),
                    building: "3".into(),
                    unit_no: "2".into(),
                    floor: "5".into(),
                    ..Address::default()
                },
                ["定阳花苑", "3幢", "2单元5层"],
            ),
            (
                Address {
                    natural_group: "上村".into(),
                    compound: "旧厂".into(),
                    plate_no: "7号".into(),
                    note: "河边".into(),
                    ..Address::default()
                },
                ["上村", "旧厂7号", "（河边）"],
            ),
            (Address { plate_no: "9".into(), ..Address::default() }, ["", "9号", ""]),
        ];
        for (address, steps) in rows {
            assert_eq!(address.steps(), steps);
            assert_eq!(address.steps().concat(), address.display());
        }
    }

    #[test]
    fn an_address_says_which_field_is_wrong() {
        let good = Address { area: "330822001004".into(), road: "文峰路".into(), plate_no: "18".into(), ..Address::default() };
        assert_eq!(good.check(), vec![]);
        let bad = Address { plate_no: "1".repeat(21), road: "文峰\n路".into(), building: "🏠".into(), ..Address::default() };
        let problems = vec![
            ("road", TextProblem::ControlCharacter),
            ("plate_no", TextProblem::TooLong { max: NUMBER_MAX }),
            ("building", TextProblem::Emoji),
        ];
        assert_eq!(bad.check(), problems);
        let json = serde_json::to_string(&good).expect("serialises");
        assert_eq!(json, r#"{"area":"330822001004","road":"文峰路","plate_no":"18"}"#, "empty parts take no room on the wire");
        assert_eq!(serde_json::from_str::<Address>(&json).expect("reads"), good);
    }

    #[test]
    fn han_outside_the_numerals_is_left_alone() {
        for name in ["两江路", "百货大楼", "千百"] {
            assert_eq!(norm_key(name), name);
        }
    }
}
