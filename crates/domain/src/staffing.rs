//! How many coordinators the county employs, by the document of 2010: “按照不低于上年度登记流动人口500:1的比例”.

use chrono::NaiveDate;

use crate::policy::{PolicyBook, key, number};

/// The coordinators needed on this day for so many residents registered the year before; never fewer than the ratio asks for.
///
/// `None` when the rules of that day name no ratio, or one that is no number of people.
pub fn coordinators_needed(book: &PolicyBook, registered_last_year: u64, on: NaiveDate) -> Option<u64> {
    let each = number(book, key::COORDINATOR_RATIO, on).and_then(|each| u64::try_from(each).ok()).filter(|each| *each > 0)?;
    Some(registered_last_year.div_ceil(each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Row, Unit};

    #[test]
    fn one_more_than_the_ratio_is_one_coordinator_more() {
        let on: NaiveDate = "2026-11-23".parse().expect("a date");
        let book = PolicyBook::default();
        for (registered, needed) in [(0, 0), (1, 1), (500, 1), (501, 2), (1_000, 2), (1_001, 3)] {
            assert_eq!(coordinators_needed(&book, registered, on), Some(needed), "{registered}");
        }
        assert_eq!(coordinators_needed(&book, 10, "2005-01-01".parse().expect("a date")), None, "before both laws");
        let nobody = Row {
            key: key::COORDINATOR_RATIO.into(),
            amount: 0,
            unit: Unit::Count,
            effective_from: on,
            effective_to: None,
            moves_on: false,
            source_note: String::new(),
        };
        assert_eq!(coordinators_needed(&book.with_row(nobody), 10, on), None, "nothing is divided by nothing");
    }
}
