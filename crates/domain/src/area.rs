//! Administrative areas: county → township → village.

use serde::{Deserialize, Serialize};

use crate::ids::{RecordId, derived_id};

/// The record of the area with this code, the same on the server and on every device, so that nobody has to search for it.
pub fn record_id(code: &str) -> RecordId {
    derived_id(&["area", code])
}

/// Whether a village code is one of the country: a villagers' committee (村委会, 200 to 399 in its last three digits), not a
/// residents' one in a town (居委会、社区, 001 to 199), by the national rules for codes of statistical areas. Of an unknown code nobody
/// says so.
pub fn is_rural(code: &str) -> bool {
    let number = code.get(9..12).filter(|_| code.len() == 12).and_then(|number| number.parse::<u16>().ok());
    number.is_some_and(|number| (200..400).contains(&number))
}

/// The group `area` of a county record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// 12 digits.
    pub code: String,
    /// As people say it.
    pub name: String,
    /// `county`, `township` or `village`.
    pub level: String,
    /// The area above; empty for the county.
    #[serde(default)]
    pub parent: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_village_says_whether_it_is_in_the_country() {
        for (code, rural) in [
            ("330822001001", false),
            ("330822001200", true),
            ("330822110399", true),
            ("330822001400", false),
            ("330822001", false),
            ("", false),
        ] {
            assert_eq!(is_rural(code), rural, "{code}");
        }
    }
}
