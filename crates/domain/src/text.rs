//! What a person may type as a name, a line, a note or a telephone number, and how names and numbers are shown masked.

use serde::{Deserialize, Serialize};

use crate::unicode;

/// The longest name, in characters.
pub const NAME_MAX: usize = 50;

/// Surnames of two characters; the table serves masking and pinyin.
pub const SURNAMES_OF_TWO: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "万俟", "夏侯", "东方", "赫连", "澹台", "公冶", "宗政", "濮阳", "淳于",
    "单于", "太叔", "申屠", "公孙", "仲孙", "轩辕", "令狐", "钟离", "宇文", "长孙", "慕容", "鲜于", "闾丘", "司徒", "司空",
    "端木", "独孤", "南宫", "西门", "呼延", "百里", "东郭", "拓跋", "完颜", "纳兰", "第五",
];

/// What is wrong with a typed text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TextProblem {
    /// Nothing was typed.
    #[error("the text is empty")]
    Empty,
    /// More characters than the field holds.
    #[error("the text is longer than {max} characters")]
    TooLong {
        /// The most the field holds, in characters.
        max: usize,
    },
    /// A control or invisible character, pasted from somewhere.
    #[error("the text holds a control character")]
    ControlCharacter,
    /// An emoji or another picture.
    #[error("the text holds an emoji")]
    Emoji,
    /// Characters that no name has.
    #[error("the text is not a name")]
    NotAName,
}

/// What is wrong with a typed telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PhoneProblem {
    /// Nothing was typed.
    #[error("the number is empty")]
    Empty,
    /// Something besides digits, spaces, dashes and a leading +86.
    #[error("the number holds other characters than digits")]
    BadCharacters,
    /// It begins as a mobile number and has not eleven digits.
    #[error("a mobile number has 11 digits, not {got}")]
    MobileLength {
        /// How many digits were typed.
        got: usize,
    },
    /// Neither a mobile number nor a landline.
    #[error("this is not a telephone number")]
    NotAPhone,
}

/// The text as it is stored: NFC, full-width spaces as spaces, no space at the ends.
pub fn clean(text: &str) -> String {
    let text: String = unicode::nfc(text).chars().map(|c| if c == '\u{3000}' || c == '\u{a0}' { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// The name as it is stored: Han letters with `·`, Latin letters for foreigners.
///
/// The dots people type between the parts of a name become `·`, full-width Latin becomes half-width, and the space some put
/// between the two characters of a short name goes, so that the same name compares equal.
///
/// # Errors
/// The first thing wrong, in the order a person would mend it.
pub fn check_name(text: &str) -> Result<String, TextProblem> {
    let typed = clean(text);
    refuse_strange(&typed, false, true)?;
    let folded: Vec<char> = typed.chars().map(name_letter).collect();
    let mut name = String::with_capacity(typed.len());
    for (at, &c) in folded.iter().enumerate() {
        let before = name.chars().last();
        let after = folded[at + 1..].iter().copied().find(|&c| c != ' ');
        let between_han = before.is_some_and(is_han) && after.is_some_and(is_han);
        match c {
            ' ' if between_han || before == Some(' ') => {}
            '.' if between_han => name.push('·'),
            _ => name.push(c),
        }
    }
    if name.is_empty() {
        return Err(TextProblem::Empty);
    }
    if name.chars().count() > NAME_MAX {
        return Err(TextProblem::TooLong { max: NAME_MAX });
    }
    let belongs = |c: char| is_han(c) || is_latin(c) || matches!(c, '·' | ' ' | '-' | '\'');
    let letter_ends = |c: Option<char>| c.is_some_and(|c| is_han(c) || is_latin(c));
    if !name.chars().all(belongs) || !letter_ends(name.chars().next()) || !letter_ends(name.chars().last()) {
        return Err(TextProblem::NotAName);
    }
    Ok(name)
}

/// One line of text of at most `max` characters. Nothing typed is allowed and gives the empty text: whether the field is
/// required is the form's business (see [`require_text`]).
///
/// # Errors
/// Too long, a control character (a line break too), an emoji.
pub fn check_text(text: &str, max: usize) -> Result<String, TextProblem> {
    let text = clean(text);
    refuse_strange(&text, false, true)?;
    at_most(text, max)
}

/// As [`check_text`], and something must have been typed.
///
/// # Errors
/// As [`check_text`], and `Empty`.
pub fn require_text(text: &str, max: usize) -> Result<String, TextProblem> {
    let text = check_text(text, max)?;
    if text.is_empty() { Err(TextProblem::Empty) } else { Ok(text) }
}

/// A note of at most `max` characters: it may stay empty, and line breaks and emoji may stay in it, a note is nobody's key.
///
/// # Errors
/// Too long, a control character.
pub fn check_note(text: &str, max: usize) -> Result<String, TextProblem> {
    let text = clean(&text.replace("\r\n", "\n"));
    refuse_strange(&text, true, false)?;
    at_most(text, max)
}

/// The telephone number as it is stored: digits only, without +86.
///
/// # Errors
/// What is wrong with it.
pub fn check_phone(text: &str) -> Result<String, PhoneProblem> {
    let typed = clean(text);
    let mut number: String =
        unicode::nfkc(&typed).chars().filter(|c| !c.is_whitespace() && !is_dash(*c) && !matches!(c, '(' | ')')).collect();
    if number.is_empty() {
        return Err(PhoneProblem::Empty);
    }
    // The country code is taken off only with its sign, or when a whole mobile number is left: a landline may begin with 86.
    if let Some(rest) = number.strip_prefix("+86").or_else(|| number.strip_prefix("0086")) {
        number = rest.to_owned();
    } else if let Some(rest) = number.strip_prefix("86")
        && is_mobile(rest)
    {
        number = rest.to_owned();
    }
    if !number.chars().all(|c| c.is_ascii_digit()) {
        return Err(PhoneProblem::BadCharacters);
    }
    let length = number.len();
    let local = matches!(length, 7 | 8) && matches!(number.as_bytes()[0], b'2'..=b'8');
    let with_area_code = matches!(length, 10..=12) && number.starts_with('0') && !number.starts_with("00");
    if is_mobile(&number) || local || with_area_code {
        Ok(number)
    } else if number.starts_with('1') && length != 11 {
        Err(PhoneProblem::MobileLength { got: length })
    } else {
        Err(PhoneProblem::NotAPhone)
    }
}

/// Whether these are the eleven digits of a mobile number.
pub fn is_mobile(number: &str) -> bool {
    let bytes = number.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && matches!(bytes[1], b'3'..=b'9') && bytes.iter().all(u8::is_ascii_digit)
}

/// The surname and a star: what lists, print-outs and exports show of a name.
pub fn mask_name(name: &str) -> String {
    let surname = surname(name);
    if surname.is_empty() { String::new() } else { format!("{surname}*") }
}

/// The surname of a Han name: two characters for the known compound surnames, else the first one.
/// Of any other name, its first character: which word is the family name cannot be known.
pub fn surname(name: &str) -> &str {
    let second_char_ends = |ends: usize| name.char_indices().nth(ends).map_or(name.len(), |(at, _)| at);
    let compound = SURNAMES_OF_TWO.iter().any(|surname| name.starts_with(surname) && name.len() > surname.len());
    &name[..second_char_ends(if compound { 2 } else { 1 })]
}

/// `138****1234`: enough to recognise a number one knows, too little to call it.
pub fn mask_phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let (shown_before, shown_after) = if digits.len() >= 10 { (3, 4) } else { (0, digits.len().min(6) / 2) };
    let hidden = digits.len().saturating_sub(shown_before + shown_after);
    let before = digits.iter().take(shown_before);
    before.copied().chain(std::iter::repeat_n('*', hidden)).chain(digits[shown_before + hidden..].iter().copied()).collect()
}

/// Whether this is a Han character, the extensions and compatibility forms included: rare surnames live there.
pub fn is_han(c: char) -> bool {
    matches!(u32::from(c),
        0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2A6DF | 0x2A700..=0x2EE5D
        | 0x2F800..=0x2FA1F | 0x30000..=0x33479)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(u32::from(c), 0xC0..=0x24F | 0x1E00..=0x1EFF) && c.is_alphabetic())
        || matches!(u32::from(c), 0x300..=0x36F)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

/// One typed character as a name is written.
fn name_letter(c: char) -> char {
    match c {
        '•' | '．' | '・' | '･' | '‧' | '⋅' | '∙' | '●' => '·',
        '’' | '‘' | 'ʼ' | '＇' | '`' => '\'',
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c if is_dash(c) => '-',
        c => c,
    }
}

fn at_most(text: String, max: usize) -> Result<String, TextProblem> {
    if text.chars().count() > max { Err(TextProblem::TooLong { max }) } else { Ok(text) }
}

fn refuse_strange(text: &str, line_breaks: bool, no_emoji: bool) -> Result<(), TextProblem> {
    // Emoji first: a family emoji is held together by invisible joiners, and “emoji” is the word its writer understands.
    if no_emoji && text.chars().any(is_emoji) {
        return Err(TextProblem::Emoji);
    }
    let strange = |c: char| (c.is_control() && !(line_breaks && c == '\n')) || (is_invisible(c) && (no_emoji || !joins_emoji(c)));
    if text.chars().any(strange) { Err(TextProblem::ControlCharacter) } else { Ok(()) }
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B05..=0x2B55 | 0x231A..=0x23FF | 0xFE0F | 0x20E3 | 0xE0020..=0xE007F)
}

/// Characters that take no room and change what one sees: zero-width spaces, direction marks, a byte-order mark.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
}

fn joins_emoji(c: char) -> bool {
    c == '\u{200d}' || matches!(u32::from(c), 0xE0020..=0xE007F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_stored_as_it_would_be_printed() {
        let rows: &[(&str, Result<&str, TextProblem>)] = &[
            ("王小明", Ok("王小明")),
            ("　王　明 ", Ok("王明")),
            ("买买提•艾力", Ok("买买提·艾力")),
            ("阿不都．热合曼・买买提", Ok("阿不都·热合曼·买买提")),
            ("阿不都.热合曼", Ok("阿不都·热合曼")),
            ("𠮷田", Ok("𠮷田")),
            ("㛃", Ok("㛃")),
            ("John  O’Neil-Smith", Ok("John O'Neil-Smith")),
            ("Ｊｏｓé", Ok("José")),
            ("Jose\u{301}", Ok("José")),
            ("", Err(TextProblem::Empty)),
            ("　 ", Err(TextProblem::Empty)),
            ("王小明😀", Err(TextProblem::Emoji)),
            ("👨‍👩‍👧", Err(TextProblem::Emoji)),
            ("王\u{7}明", Err(TextProblem::ControlCharacter)),
            ("王\n明", Err(TextProblem::ControlCharacter)),
            ("王\u{200b}明", Err(TextProblem::ControlCharacter)),
            ("王\u{202e}明", Err(TextProblem::ControlCharacter)),
            ("王小明2", Err(TextProblem::NotAName)),
            ("王小明。", Err(TextProblem::NotAName)),
            ("·", Err(TextProblem::NotAName)),
            ("-", Err(TextProblem::NotAName)),
            ("王小明；DROP", Err(TextProblem::NotAName)),
        ];
        for (typed, expected) in rows {
            assert_eq!(check_name(typed).as_deref(), expected.as_ref().map(|name| *name), "{typed:?}");
        }
        let long = "王".repeat(NAME_MAX);
        assert_eq!(check_name(&long), Ok(long.clone()), "length counts characters, not bytes");
        assert_eq!(check_name(&format!("{long}王")), Err(TextProblem::TooLong { max: NAME_MAX }));
    }

    #[test]
    fn lines_refuse_what_notes_may_hold() {
        assert_eq!(check_text(" 二楼\u{3000}东 ", 10), Ok("二楼 东".to_owned()));
        assert_eq!(check_text(" ", 10), Ok(String::new()));
        assert_eq!(require_text(" ", 10), Err(TextProblem::Empty));
        assert_eq!(check_note(" ", 10), Ok(String::new()), "a note may stay empty");
        assert_eq!(check_text("一\n二", 10), Err(TextProblem::ControlCharacter));
        assert_eq!(check_text("好😀", 10), Err(TextProblem::Emoji));
        assert_eq!(check_text("一二三四", 3), Err(TextProblem::TooLong { max: 3 }));
        assert_eq!(check_note("一\r\n二😀", 10), Ok("一\n二😀".to_owned()));
        assert_eq!(check_note("一\u{0}二", 10), Err(TextProblem::ControlCharacter));
    }

    #[test]
    fn a_phone_number_loses_what_people_put_around_it() {
        let rows: &[(&str, Result<&str, PhoneProblem>)] = &[
            ("13812345678", Ok("13812345678")),
            ("+86 138-1234-5678", Ok("13812345678")),
            ("86 13812345678", Ok("13812345678")),
            ("008613812345678", Ok("13812345678")),
            ("１３８１２３４５６７８", Ok("13812345678")),
            ("0570-5012345", Ok("05705012345")),
            ("(0570) 5012345", Ok("05705012345")),
            ("5012345", Ok("5012345")),
            ("86012345", Ok("86012345")),
            ("", Err(PhoneProblem::Empty)),
            ("1381234567", Err(PhoneProblem::MobileLength { got: 10 })),
            ("12812345678", Err(PhoneProblem::NotAPhone)),
            ("12345678901", Err(PhoneProblem::NotAPhone)),
            ("999", Err(PhoneProblem::NotAPhone)),
            ("13812345678x", Err(PhoneProblem::BadCharacters)),
            ("电话没有", Err(PhoneProblem::BadCharacters)),
        ];
        for (typed, expected) in rows {
            assert_eq!(check_phone(typed).as_deref(), expected.as_ref().map(|number| *number), "{typed:?}");
        }
    }

    #[test]
    fn masks_show_a_surname_and_the_ends_of_a_number() {
        assert_eq!(mask_name("王小明"), "王*");
        assert_eq!(mask_name("欧阳修"), "欧阳*");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_phone("13812341234"), "138****1234");
        assert_eq!(mask_phone("5012345"), "****345");
        assert_eq!(mask_phone(""), "");
    }
}
