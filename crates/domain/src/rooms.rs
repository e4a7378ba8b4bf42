//! Rooms of a home typed as one line: `1-12,15-16,18`.

use serde::{Deserialize, Serialize};

use crate::unicode;

/// The most rooms one home gets at once: above it somebody has mistyped, and a home with its rooms is one save of at most 200
/// changes.
pub const ROOMS_MAX: usize = 199;
/// The longest label of a room, in characters.
pub const LABEL_MAX: usize = 20;

/// What is wrong with a line of rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RoomsProblem {
    /// No room was typed.
    #[error("no room was typed")]
    Empty,
    /// More rooms than [`ROOMS_MAX`].
    #[error("more than {max} rooms")]
    TooMany {
        /// The most rooms allowed.
        max: usize,
    },
    /// A range that has no beginning or no end, runs backwards, or changes its letters.
    #[error("this is not a range of rooms")]
    BadRange {
        /// The range as typed.
        text: String,
    },
    /// A room that cannot be one: too long, or of other characters than letters, digits and Han.
    #[error("this is not a room")]
    BadRoom {
        /// The room as typed.
        text: String,
    },
}

/// The rooms of the line, in the order typed, each once.
///
/// Rooms stand apart by commas, 、, semicolons or spaces; a range joins its ends by a dash, `~`, 至 or 到 and may carry
/// letters (`A1-A3`, `A1-3`) and leading zeros (`01-12`). 室, 房 and 间 after a number are dropped: 101室 is room 101.
///
/// # Errors
/// The first thing wrong, with the piece as typed.
pub fn expand(text: &str) -> Result<Vec<String>, RoomsProblem> {
    let text: String = unicode::nfkc(text).chars().map(one_mark).collect();
    let text = close_ranges(&text);
    let mut rooms: Vec<String> = Vec::new();
    for piece in text.split([',', ' ']).filter(|piece| !piece.is_empty()) {
        let labels = match piece.split_once('-') {
            Some((first, last)) => range(piece, first, last)?,
            None => vec![room(piece)?],
        };
        for label in labels {
            if !rooms.contains(&label) {
                rooms.push(label);
            }
        }
        if rooms.len() > ROOMS_MAX {
            return Err(RoomsProblem::TooMany { max: ROOMS_MAX });
        }
    }
    if rooms.is_empty() { Err(RoomsProblem::Empty) } else { Ok(rooms) }
}

/// The many marks people type, as one comma and one dash. Letters become capitals: a1 and A1 are one door.
fn one_mark(c: char) -> char {
    match c {
        '、' | '，' | ';' | '；' | '。' | '\n' | '\t' | '/' => ',',
        '~' | '～' | '〜' | '∼' | '至' | '到' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => '-',
        c if c.is_whitespace() => ' ',
        c => c.to_ascii_uppercase(),
    }
}

/// Takes the spaces around a dash away, so that “1 - 12” is a range and not three pieces.
fn close_ranges(text: &str) -> String {
    let pieces: Vec<&str> = text.split('-').collect();
    let last = pieces.len() - 1;
    let close = |(at, piece): (usize, &&str)| {
        let piece = if at > 0 { piece.trim_start_matches(' ') } else { piece };
        (if at < last { piece.trim_end_matches(' ') } else { piece }).to_owned()
    };
    pieces.iter().enumerate().map(close).collect::<Vec<_>>().join("-")
}

fn room(typed: &str) -> Result<String, RoomsProblem> {
    let label = without_suffix(typed);
    let belongs = |c: char| c.is_ascii_alphanumeric() || crate::text::is_han(c) || matches!(c, '#' | '.' | '(' | ')');
    let fits = !label.is_empty() && label.chars().count() <= LABEL_MAX && label.chars().all(belongs);
    if fits { Ok(label.to_owned()) } else { Err(RoomsProblem::BadRoom { text: typed.to_owned() }) }
}

/// 101室 as 101; 东厢房 stays, it is a name.
fn without_suffix(typed: &str) -> &str {
    let bare = typed.trim_end_matches(['室', '房', '间', '号', '#']);
    if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) { bare } else { typed }
}

fn range(piece: &str, first: &str, last: &str) -> Result<Vec<String>, RoomsProblem> {
    let bad = || RoomsProblem::BadRange { text: piece.to_owned() };
    let (letters, from) = numbered(without_suffix(first)).ok_or_else(bad)?;
    let (letters_last, to) = numbered(without_suffix(last)).ok_or_else(bad)?;
    if letters.chars().count() + from.len() > LABEL_MAX || !(letters_last.is_empty() || letters_last == letters) {
        return Err(bad());
    }
    let (start, end): (u32, u32) = (from.parse().map_err(|_| bad())?, to.parse().map_err(|_| bad())?);
    if start > end {
        return Err(bad());
    }
    // Judged before anything is made: “1-999999999” must not fill the memory of a telephone.
    if (end - start) as usize >= ROOMS_MAX {
        return Err(RoomsProblem::TooMany { max: ROOMS_MAX });
    }
    let width = if from.starts_with('0') { from.len() } else { 1 };
    Ok((start..=end).map(|number| format!("{letters}{number:0width$}")).collect())
}

/// The letters before the digits at the end, and those digits; nothing when there are none or too many.
fn numbered(label: &str) -> Option<(&str, &str)> {
    const DIGITS_MAX: usize = 9;
    let letters = label.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &label[letters.len()..];
    let plain = letters.chars().all(|c| c.is_ascii_alphabetic() || crate::text::is_han(c));
    (plain && !digits.is_empty() && digits.len() <= DIGITS_MAX).then_some((letters, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists_become_rooms() {
        let twelve = "1 2 3 4 5 6 7 8 9 10 11 12 15 16 18";
        let rows = [
            ("1-12,15-16,18", twelve),
            ("１－１２，１５～１６、18", twelve),
            (" 1 - 12 ；15至16\n18 ", twelve),
            ("A1-A3", "A1 A2 A3"),
            ("a1-3", "A1 A2 A3"),
            ("101-105", "101 102 103 104 105"),
            ("101室-103室", "101 102 103"),
            ("01-03", "01 02 03"),
            ("09-11", "09 10 11"),
            ("东厢房,阁楼", "东厢房 阁楼"),
            ("101室,102室", "101 102"),
            ("1,1,1-2", "1 2"),
            ("5-5", "5"),
            ("东1-东3", "东1 东2 东3"),
        ];
        for (typed, rooms) in rows {
            assert_eq!(expand(typed), Ok(rooms.split(' ').map(str::to_owned).collect()), "{typed:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_rooms_says_which_piece() {
        let range = |text: &str| RoomsProblem::BadRange { text: text.to_owned() };
        let room = |text: &str| RoomsProblem::BadRoom { text: text.to_owned() };
        let rows = [
            ("", RoomsProblem::Empty),
            (" ，、", RoomsProblem::Empty),
            ("1-999999999", RoomsProblem::TooMany { max: ROOMS_MAX }),
            ("1-200", RoomsProblem::TooMany { max: ROOMS_MAX }),
            ("1-100,201-301", RoomsProblem::TooMany { max: ROOMS_MAX }),
            ("12-1", range("12-1")),
            ("1-", range("1-")),
            ("-3", range("-3")),
            ("A1-B3", range("A1-B3")),
            ("1-2-3", range("1-2-3")),
            ("1-99999999999", range("1-99999999999")),
            ("1,😀", room("😀")),
            ("一二三四五六七八九十一二三四五六七八九十一", room("一二三四五六七八九十一二三四五六七八九十一")),
        ];
        for (typed, problem) in rows {
            assert_eq!(expand(typed), Err(problem), "{typed:?}");
        }
        assert_eq!(expand("1-199").map(|rooms| rooms.len()), Ok(ROOMS_MAX));
    }
}
