//! Identity documents: which kinds there are, what their numbers look like, and what a number tells.
//!
//! Citizen numbers are GB 11643-1999: six digits of region, eight of birth, three of sequence (the last odd for men) and a
//! check digit, ISO 7064 MOD 11-2. The residence cards of Hong Kong, Macao and Taiwan people and the 2023 card of permanent
//! residents are built the same way.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::{Sex, codes};
use crate::{day, unicode};

/// The oldest anybody registered can be, in years.
pub const AGE_MAX: u32 = 120;
/// The longest number of a document of another kind.
pub const OTHER_MAX: usize = 30;

/// The first two digits a citizen number can have.
const PROVINCES: [&str; 32] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
    "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
];

codes! {
    /// The kind of an identity document.
    DocType {
        Id = "ID", "居民身份证", "Citizen ID card";
        Tid = "TID", "临时身份证", "Temporary ID card";
        Hkb = "HKB", "户口簿", "Household register (children)";
        Bc = "BC", "出生医学证明", "Birth certificate";
        Hmrp = "HMRP", "港澳居民居住证", "Residence card, Hong Kong and Macao";
        Twrp = "TWRP", "台湾居民居住证", "Residence card, Taiwan";
        Hmtp = "HMTP", "港澳居民来往内地通行证", "Travel permit, Hong Kong and Macao";
        Twtp = "TWTP", "台湾居民来往大陆通行证", "Travel permit, Taiwan";
        Pp = "PP", "护照", "Passport";
        Fpr = "FPR", "外国人永久居留身份证", "Permanent residence card, foreigner";
        Oth = "OTH", "其他证件", "Other document";
        None = "NONE", "无证件", "No document";
    }
    offered [Id Hkb Tid Bc Hmrp Twrp Hmtp Twtp Pp Fpr Oth None]
}

/// Who is registered by the police station instead of by this register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralKind {
    /// A foreigner: lodging is registered within 24 hours (Exit and Entry Administration Law 39).
    Foreigner,
    /// A resident of Hong Kong, Macao or Taiwan.
    HongKongMacaoTaiwan,
}

impl DocType {
    /// Whether a holder is referred to the police station instead of being registered here.
    pub fn referral(self) -> Option<ReferralKind> {
        match self {
            Self::Pp | Self::Fpr => Some(ReferralKind::Foreigner),
            Self::Hmrp | Self::Twrp | Self::Hmtp | Self::Twtp => Some(ReferralKind::HongKongMacaoTaiwan),
            Self::Id | Self::Tid | Self::Hkb | Self::Bc | Self::Oth | Self::None => None,
        }
    }

    /// Whether every valid number of this kind carries a check digit, so that a typing mistake cannot make two people one.
    /// The card of permanent residents has one only since 2023 and is not counted.
    pub fn has_check_digit(self) -> bool {
        matches!(self, Self::Id | Self::Tid | Self::Hkb | Self::Hmrp | Self::Twrp)
    }
}

/// What a valid number tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// The number as it is stored and compared: half-width, upper case, no spaces or dashes.
    pub doc_no: String,
    /// The day of birth in the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<NaiveDate>,
    /// The sex in the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// The six digits of the place of *first* numbering. It is not the hukou: people move, their numbers do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What a careful person would look at twice; never a reason to refuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<DocumentWarning>,
}

/// What is unusual about a number that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentWarning {
    /// The region is in no list, past ones included. Said only where the list is carried (feature `regions`).
    UnknownRegion,
    /// The number has not the usual form of its kind.
    UnusualFormat,
    /// The passport looks like a Chinese one: its holder should be asked for the ID card.
    ChinesePassport,
}

/// Why a number is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DocumentProblem {
    /// Nothing was typed.
    #[error("the number is empty")]
    Empty,
    /// Not 18 characters.
    #[error("the number has {got} characters, not 18")]
    Length {
        /// How many were typed.
        got: usize,
    },
    /// Something besides digits and a last X.
    #[error("the number holds characters it cannot have")]
    BadCharacters,
    /// The first two digits are no province.
    #[error("the first two digits are no province")]
    Province,
    /// The day of birth does not exist.
    #[error("the day of birth does not exist")]
    Date,
    /// The day of birth is to come.
    #[error("the day of birth is in the future")]
    Future,
    /// Born before 1900, or more than 120 years ago.
    #[error("nobody of this age is alive")]
    TooOld,
    /// The last character does not fit the others: a typing mistake.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// A number of 15 digits, out of use since 2013.
    #[error("this is a first-generation number of 15 digits")]
    FirstGeneration,
    /// Not the form of this kind of document.
    #[error("this is not a number of this kind of document")]
    Format,
    /// A residence card of Hong Kong or Macao, entered as an ID card.
    #[error("this is a residence card of Hong Kong or Macao")]
    UseHmrp,
    /// A residence card of Taiwan, entered as an ID card.
    #[error("this is a residence card of Taiwan")]
    UseTwrp,
    /// A foreigner's permanent residence card, entered as an ID card.
    #[error("this is a foreigner's permanent residence card")]
    UseFpr,
    /// A person without a document needs a note on who he or she is.
    #[error("without a document a note is needed")]
    NoteNeeded,
    /// More characters than the field holds.
    #[error("the number is too long")]
    TooLong,
}

/// What the number tells, or the first thing wrong with it.
///
/// `today` is the caller's latest trustworthy day: it only decides what is “in the future”. A kind of `NONE` takes no number;
/// its note is judged by [`check_note`].
///
/// # Errors
/// In the order a person mends them: length, characters, province, date, check digit.
pub fn check(doc_type: DocType, doc_no: &str, today: NaiveDate) -> Result<DocumentFacts, DocumentProblem> {
    let doc_no = normalise(doc_no);
    if doc_type == DocType::None {
        // A number typed beside “no document” is a kind not chosen yet; dropping it would lose it.
        return if doc_no.is_empty() { Ok(plain(doc_no)) } else { Err(DocumentProblem::Format) };
    }
    if doc_no.is_empty() {
        return Err(DocumentProblem::Empty);
    }
    match doc_type {
        DocType::Id | DocType::Tid | DocType::Hkb => check_citizen(doc_no, today),
        DocType::Hmrp => check_card(doc_no, &["810000", "820000"], today),
        DocType::Twrp => check_card(doc_no, &["830000"], today),
        DocType::Fpr => check_permanent_resident(doc_no, today),
        DocType::Bc => shaped(doc_no, |no| matches!(no, [b'A'..=b'Z', digits @ ..] if digits.len() == 9 && all_digits(digits))),
        DocType::Hmtp => {
            shaped(doc_no, |no| matches!(no, [b'H' | b'M', digits @ ..] if matches!(digits.len(), 8 | 10) && all_digits(digits)))
        }
        DocType::Pp => check_passport(doc_no),
        DocType::Twtp => {
            let usual = doc_no.len() == 8 && all_digits(doc_no.as_bytes());
            let facts = shaped(doc_no, |no| (5..=20).contains(&no.len()) && no.iter().all(u8::is_ascii_alphanumeric))?;
            Ok(DocumentFacts { warning: (!usual).then_some(DocumentWarning::UnusualFormat), ..facts })
        }
        DocType::Oth => match doc_no.chars().count() {
            length if length > OTHER_MAX => Err(DocumentProblem::TooLong),
            _ if doc_no.chars().any(char::is_control) => Err(DocumentProblem::BadCharacters),
            _ => Ok(plain(doc_no)),
        },
        DocType::None => Ok(plain(doc_no)),
    }
}

/// Whether a person of this kind of document needs a note and has none (2016 Art. 7: who has no document still cooperates).
///
/// # Errors
/// `NoteNeeded` for the kind `NONE` with an empty note.
pub fn check_note(doc_type: DocType, identity_note: &str) -> Result<(), DocumentProblem> {
    if doc_type == DocType::None && identity_note.trim().is_empty() { Err(DocumentProblem::NoteNeeded) } else { Ok(()) }
}

/// The number as it is stored and compared: half-width, upper case, without spaces and dashes.
pub fn normalise(doc_no: &str) -> String {
    let kept =
        |c: &char| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}');
    unicode::nfkc(doc_no).chars().filter(kept).flat_map(char::to_uppercase).collect()
}

/// The check digit of the first 17 digits: `0`–`9` or `X`. `None` unless there are exactly 17 digits.
pub fn check_digit(first17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const DIGITS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if first17.len() != WEIGHTS.len() || !all_digits(first17.as_bytes()) {
        return None;
    }
    let sum: u32 = first17.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    DIGITS.get((sum % 11) as usize).copied()
}

/// `330822********0012`: what lists, print-outs and exports show of a number.
pub fn mask(doc_no: &str) -> String {
    let letters: Vec<char> = doc_no.chars().collect();
    let (before, after) = match letters.len() {
        15.. => (6, 4),
        8.. => (1, 4),
        3.. => (0, 2),
        _ => (0, 0),
    };
    let hidden = before..letters.len() - after;
    letters.iter().enumerate().map(|(at, &letter)| if hidden.contains(&at) { '*' } else { letter }).collect()
}

/// The last four characters, by which a number one knows is found again.
pub fn tail(doc_no: &str) -> String {
    let letters: Vec<char> = doc_no.chars().collect();
    letters[letters.len().saturating_sub(4)..].iter().collect()
}

fn check_citizen(doc_no: String, today: NaiveDate) -> Result<DocumentFacts, DocumentProblem> {
    if doc_no.len() == 15 && all_digits(doc_no.as_bytes()) {
        return Err(DocumentProblem::FirstGeneration);
    }
    check_shape_18(&doc_no)?;
    match &doc_no[..2] {
        "81" | "82" => return Err(DocumentProblem::UseHmrp),
        "83" => return Err(DocumentProblem::UseTwrp),
        other if other.starts_with('9') => return Err(DocumentProblem::UseFpr),
        other if !PROVINCES.contains(&other) => return Err(DocumentProblem::Province),
        _ => {}
    }
    let mut facts = read_18(doc_no, today)?;
    facts.warning = region_warning(&facts);
    Ok(facts)
}

fn check_card(doc_no: String, regions: &[&str], today: NaiveDate) -> Result<DocumentFacts, DocumentProblem> {
    check_shape_18(&doc_no)?;
    if !regions.contains(&&doc_no[..6]) {
        return Err(DocumentProblem::Format);
    }
    read_18(doc_no, today)
}

fn check_permanent_resident(doc_no: String, today: NaiveDate) -> Result<DocumentFacts, DocumentProblem> {
    // The card of 2017: a nation's three letters and twelve digits, without a check digit we know.
    if matches!(doc_no.as_bytes(), [letters @ .., _, _, _, _, _, _, _, _, _, _, _, _]
        if letters.len() == 3 && letters.iter().all(u8::is_ascii_uppercase) && all_digits(&doc_no.as_bytes()[3..]))
    {
        return Ok(plain(doc_no));
    }
    if !doc_no.starts_with('9') {
        return Err(DocumentProblem::Format);
    }
    check_shape_18(&doc_no)?;
    // Its first six digits are a province and a nation, so no region is told.
    Ok(DocumentFacts { region: None, ..read_18(doc_no, today)? })
}

fn check_passport(doc_no: String) -> Result<DocumentFacts, DocumentProblem> {
    let chinese = matches!(doc_no.as_bytes(), [b'E' | b'G', second, digits @ ..]
        if second.is_ascii_alphanumeric() && digits.len() == 7 && all_digits(digits));
    let facts = shaped(doc_no, |no| (5..=20).contains(&no.len()) && no.iter().all(u8::is_ascii_alphanumeric))?;
    Ok(DocumentFacts { warning: chinese.then_some(DocumentWarning::ChinesePassport), ..facts })
}

/// Eighteen characters, digits with a digit or X at the end.
fn check_shape_18(doc_no: &str) -> Result<(), DocumentProblem> {
    let got = doc_no.chars().count();
    if got != 18 {
        return Err(DocumentProblem::Length { got });
    }
    match doc_no.as_bytes() {
        [first @ .., last] if first.len() == 17 && all_digits(first) && (last.is_ascii_digit() || *last == b'X') => Ok(()),
        _ => Err(DocumentProblem::BadCharacters),
    }
}

/// Reads the date, the check digit and the sex of a number whose shape was checked.
fn read_18(doc_no: String, today: NaiveDate) -> Result<DocumentFacts, DocumentProblem> {
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| DocumentProblem::BadCharacters);
    let year = i32::try_from(number(&doc_no[6..10])?).map_err(|_| DocumentProblem::Date)?;
    let birth = NaiveDate::from_ymd_opt(year, number(&doc_no[10..12])?, number(&doc_no[12..14])?).ok_or(DocumentProblem::Date)?;
    check_birth(birth, today)?;
    if check_digit(&doc_no[..17]) != doc_no.chars().last() {
        return Err(DocumentProblem::CheckDigit);
    }
    let sex = if number(&doc_no[16..17])? % 2 == 1 { Sex::Male } else { Sex::Female };
    let region = Some(doc_no[..6].to_owned());
    Ok(DocumentFacts { doc_no, birth: Some(birth), sex: Some(sex), region, warning: None })
}

/// Whether somebody alive can be born on this day.
///
/// # Errors
/// `TooOld` before 1900 or more than [`AGE_MAX`] years ago, `Future` after `today`.
pub fn check_birth(birth: NaiveDate, today: NaiveDate) -> Result<(), DocumentProblem> {
    if birth > today {
        Err(DocumentProblem::Future)
    } else if birth.year() < 1900 || day::years_between(birth, today) > AGE_MAX {
        Err(DocumentProblem::TooOld)
    } else {
        Ok(())
    }
}

#[cfg(feature = "regions")]
fn region_warning(facts: &DocumentFacts) -> Option<DocumentWarning> {
    let known = facts.region.as_deref().is_none_or(crate::region::is_known);
    (!known).then_some(DocumentWarning::UnknownRegion)
}

#[cfg(not(feature = "regions"))]
fn region_warning(_facts: &DocumentFacts) -> Option<DocumentWarning> {
    None
}

fn shaped(doc_no: String, fits: impl Fn(&[u8]) -> bool) -> Result<DocumentFacts, DocumentProblem> {
    if fits(doc_no.as_bytes()) { Ok(plain(doc_no)) } else { Err(DocumentProblem::Format) }
}

fn plain(doc_no: String) -> DocumentFacts {
    DocumentFacts { doc_no, birth: None, sex: None, region: None, warning: None }
}

fn all_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_the_birthday() {
        for (number, masked) in
            [("330822199003070012", "330822********0012"), ("H12345678", "H****5678"), ("12345", "***45"), ("12", "**"), ("", "")]
        {
            assert_eq!(mask(number), masked);
        }
        assert_eq!(tail("330822199003070012"), "0012");
        assert_eq!(tail("12"), "12");
    }

    #[test]
    fn a_check_digit_needs_seventeen_digits() {
        assert_eq!(check_digit("11010519491231002"), Some('X'));
        assert_eq!(check_digit("1101051949123100"), None);
        assert_eq!(check_digit("1101051949123100Ａ"), None);
    }
}
