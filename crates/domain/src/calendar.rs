//! Working days: weekends, public holidays and the weekends worked in their place.
//!
//! The days are the State Council's yearly notice, kept in `data/holidays-cn.csv` (2025 and 2026) and replaced or extended by
//! the county each year. A year without data counts Monday to Friday, and every answer says so.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, Weekday};

/// The most working days one may add: ten years of days, far above any deadline of the law.
pub const WORKING_DAYS_MAX: u32 = 3660;

const EMBEDDED: &str = include_str!("../data/holidays-cn.csv");

/// The days of each year that are not what their weekday says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// For each year its notice: the day, and whether it is off. A notice may also move days of the December before it.
    years: BTreeMap<i32, BTreeMap<NaiveDate, bool>>,
}

impl Calendar {
    /// The calendar shipped with this version.
    pub fn embedded() -> Self {
        static CALENDAR: OnceLock<Calendar> = OnceLock::new();
        CALENDAR.get_or_init(|| Self::from_days(EMBEDDED.lines().skip(1).filter_map(read_line))).clone()
    }

    /// The days of the calendar shipped with this version, for a county that puts them into its own records.
    pub fn embedded_days() -> impl Iterator<Item = (NaiveDate, bool)> {
        EMBEDDED.lines().skip(1).filter_map(read_line)
    }

    /// A calendar of these days: `true` for a day off, `false` for a weekend day that is worked.
    pub fn from_days(days: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        let mut calendar = Self::default();
        for (day, off) in days {
            calendar.years.entry(day.year()).or_default().insert(day, off);
        }
        calendar
    }

    /// This calendar with the notice of `year` put in, in place of the one it had. Days of the December before belong to the
    /// notice too and win over that year's own; days of other years are left out.
    pub fn with_year(mut self, year: i32, days: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        let belongs = |day: &NaiveDate| day.year() == year || (day.year() == year - 1 && day.month() == 12);
        self.years.insert(year, days.into_iter().filter(|(day, _)| belongs(day)).collect());
        self
    }

    /// Whether the notice of this year is known.
    pub fn has_year(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether the notice of every year from the first day's to the second's is known.
    pub fn has_years(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.years.range(from.year()..=to.year().max(from.year())).count() as i64
            == i64::from(to.year()) - i64::from(from.year()) + 1
    }

    /// Whether offices work on this day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let said = |year: i32| self.years.get(&year).and_then(|days| days.get(&day));
        match said(day.year() + 1).or_else(|| said(day.year())) {
            Some(off) => !off,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The day `count` working days after `from`, and whether the data of every year passed is known.
    ///
    /// The first day is not counted and the last is always a working day (Civil Code 201, 203); with `count` 0 that is `from`
    /// itself or the next working day. At most [`WORKING_DAYS_MAX`] are counted.
    pub fn add_working_days(&self, from: NaiveDate, count: u32) -> (NaiveDate, bool) {
        let mut due = from;
        for _ in 0..count.min(WORKING_DAYS_MAX) {
            let Some(next) = due.succ_opt() else { break };
            due = self.working_day_from(next);
        }
        if count == 0 {
            due = self.working_day_from(due);
        }
        (due, self.has_years(from, due))
    }

    /// This day, or the first working day after it.
    pub fn working_day_from(&self, day: NaiveDate) -> NaiveDate {
        // The longest holiday so far had nine days; a bad data file must not turn this into an endless walk.
        const HOLIDAY_MAX: usize = 366;
        day.iter_days().take(HOLIDAY_MAX).find(|&day| self.is_working_day(day)).unwrap_or(day)
    }

    /// The working days left from `today` until `due`: 0 on the due day, negative when it is past.
    ///
    /// The countdown of a due date: on the event day of a three-day duty it says 3.
    pub fn working_days_between(&self, today: NaiveDate, due: NaiveDate) -> i64 {
        let (first, last) = if due < today { (due, today) } else { (today, due) };
        // A far-off date counts by its weeks: nobody reads the exact number, and the walk stays short.
        const DAYS_WALKED_MAX: i64 = 3660;
        let days = (last - first).num_days();
        let count = if days > DAYS_WALKED_MAX {
            days * 5 / 7
        } else {
            let counted =
                first.iter_days().skip(1).take_while(|&day| day <= last).filter(|&day| self.is_working_day(day)).count();
            i64::try_from(counted).expect("a walk of ten years fits")
        };
        if due < today { -count } else { count }
    }
}

fn read_line(line: &str) -> Option<(NaiveDate, bool)> {
    let mut cells = line.split(',');
    let day = cells.next()?.parse().ok()?;
    let off = cells.nth(1)? == "1";
    Some((day, off))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    #[test]
    fn the_embedded_file_is_read_whole() {
        let lines = EMBEDDED.lines().count() - 1;
        let days: usize = Calendar::embedded().years.values().map(BTreeMap::len).sum();
        assert_eq!(days, lines, "a line that cannot be read would silently be a working day");
        assert!(Calendar::embedded().has_year(2025) && Calendar::embedded().has_year(2026));
    }

    #[test]
    fn next_years_notice_may_change_this_december() {
        let calendar = Calendar::embedded()
            .with_year(2027, [(day("2026-12-31"), true), (day("2027-01-01"), true), (day("2029-05-05"), true)]);
        assert!(!calendar.is_working_day(day("2026-12-31")), "the later notice wins");
        assert!(calendar.has_year(2027));
        assert!(!calendar.has_year(2029), "a stray day does not make a year known");
        let again = calendar.with_year(2027, [(day("2027-01-01"), true)]);
        assert!(again.is_working_day(day("2026-12-31")), "a corrected notice takes back what the first had moved");
    }

    #[test]
    fn the_countdown_says_what_is_left() {
        let calendar = Calendar::embedded();
        let due = day("2026-02-24");
        for (today, left) in [
            ("2026-02-12", 3),
            ("2026-02-13", 2),
            ("2026-02-14", 1),
            ("2026-02-20", 1),
            ("2026-02-24", 0),
            ("2026-02-25", -1),
            ("2026-03-01", -4),
        ] {
            assert_eq!(calendar.working_days_between(day(today), due), left, "on {today}");
        }
    }

    #[test]
    fn the_end_of_time_is_reached_without_panic() {
        let calendar = Calendar::embedded();
        let _ = calendar.add_working_days(NaiveDate::MAX, 3);
        let _ = calendar.add_working_days(day("2026-01-01"), u32::MAX);
        let _ = calendar.working_days_between(NaiveDate::MIN, NaiveDate::MAX);
        let all_off = Calendar::from_days(
            (0..800).filter_map(|n| day("2026-01-01").checked_add_days(chrono::Days::new(n)).map(|day| (day, true))),
        );
        let _ = all_off.add_working_days(day("2026-01-01"), 3);
    }
}
