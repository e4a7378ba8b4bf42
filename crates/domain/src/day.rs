//! Days and minutes in the county's own time, counted from Unix milliseconds.
//!
//! The county lives at UTC+8 and has had no summer time since 1991, so a fixed offset is the whole of Asia/Shanghai; no zone
//! table travels to the phones. The clock itself is the caller's.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// The county's offset from UTC, in milliseconds.
pub const OFFSET_MS: i64 = 8 * 60 * 60 * 1000;
/// The length of a day, in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Days from 0001-01-01 to 1970-01-01, the first being day 1.
const EPOCH_DAYS: i64 = 719_163;

/// The day in Asia/Shanghai of a moment in Unix milliseconds. Moments no calendar holds give its first or last day.
pub fn day_of(unix_ms: i64) -> NaiveDate {
    let days = unix_ms.saturating_add(OFFSET_MS).div_euclid(DAY_MS) + EPOCH_DAYS;
    let end = if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(end)
}

/// The minute of the day in Asia/Shanghai, 0 to 1439.
pub fn minute_of_day(unix_ms: i64) -> u32 {
    let minutes = unix_ms.saturating_add(OFFSET_MS).rem_euclid(DAY_MS) / 60_000;
    u32::try_from(minutes).expect("a day has 1440 minutes")
}

/// The moment the day begins in Asia/Shanghai, in Unix milliseconds UTC.
pub fn start_of_day_unix_ms(day: NaiveDate) -> i64 {
    (i64::from(day.num_days_from_ce()) - EPOCH_DAYS) * DAY_MS - OFFSET_MS
}

/// A day as a person says it; the words themselves belong to the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayWords {
    /// The day.
    pub date: NaiveDate,
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// Where the day lies, seen from today.
    pub relative: Relative,
}

/// Where a day lies, seen from today, in calendar days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relative {
    /// The day is today.
    Today,
    /// The day was yesterday.
    Yesterday,
    /// The day is tomorrow.
    Tomorrow,
    /// The day was this many days ago, two or more; of a due date: overdue.
    Overdue(i64),
    /// The day comes in this many days, two or more.
    In(i64),
}

/// How a screen says `date` on the day `today`.
pub fn say_day(date: NaiveDate, today: NaiveDate) -> DayWords {
    let relative = match (date - today).num_days() {
        0 => Relative::Today,
        -1 => Relative::Yesterday,
        1 => Relative::Tomorrow,
        days if days < 0 => Relative::Overdue(-days),
        days => Relative::In(days),
    };
    let weekday = u8::try_from(date.weekday().number_from_monday()).expect("a week has seven days");
    DayWords { date, weekday, relative }
}

/// The whole years from `birth` to `today`; 0 for a birth in the future. Born on 29 February, one is older on 1 March.
pub fn years_between(birth: NaiveDate, today: NaiveDate) -> u32 {
    today.years_since(birth).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    #[test]
    fn midnight_is_shanghais() {
        let noon_utc_1970 = 12 * 60 * 60 * 1000;
        assert_eq!(day_of(0), day("1970-01-01"));
        assert_eq!(minute_of_day(0), 8 * 60);
        assert_eq!(day_of(noon_utc_1970 + 4 * 60 * 60 * 1000 - 1), day("1970-01-01"));
        assert_eq!(day_of(noon_utc_1970 + 4 * 60 * 60 * 1000), day("1970-01-02"), "16:00 in London is midnight here");
        let start = start_of_day_unix_ms(day("2026-02-24"));
        assert_eq!(start, 1_771_862_400_000);
        assert_eq!((day_of(start), minute_of_day(start)), (day("2026-02-24"), 0));
        assert_eq!((day_of(start - 1), minute_of_day(start - 1)), (day("2026-02-23"), 1439));
    }

    #[test]
    fn a_broken_clock_gives_a_day_all_the_same() {
        for broken in [i64::MIN, i64::MAX, -1] {
            let _ = (day_of(broken), minute_of_day(broken));
        }
        assert_eq!(day_of(i64::MAX), NaiveDate::MAX);
        assert_eq!(day_of(i64::MIN), NaiveDate::MIN);
    }

    #[test]
    fn days_near_today_have_names() {
        let today = day("2026-02-24");
        let rows = [
            ("2026-02-24", Relative::Today),
            ("2026-02-23", Relative::Yesterday),
            ("2026-02-25", Relative::Tomorrow),
            ("2026-02-20", Relative::Overdue(4)),
            ("2026-03-03", Relative::In(7)),
        ];
        for (date, relative) in rows {
            assert_eq!(say_day(day(date), today).relative, relative, "{date}");
        }
        assert_eq!(say_day(today, today).weekday, 2, "24 February 2026 is a Tuesday");
        assert_eq!(years_between(day("2010-02-25"), today), 15);
        assert_eq!(years_between(day("2010-02-24"), today), 16);
        assert_eq!(years_between(day("2030-01-01"), today), 0);
    }
}
