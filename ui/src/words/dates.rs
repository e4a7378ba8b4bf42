//! Days, moments and deadlines as people say them here.

use chrono::{Datelike, NaiveDate};
use domain::day;
use domain::form::parse_date;
use ui_protocol::today::DueView;

use super::{Words, sentences};

sentences! {
    due_today = "今天到期", "Due today";
    no_holiday_data = "当年节假日安排还没有，按周一到周五算", "No holiday table for that year: counted Monday to Friday";
    near_today = "今天", "today";
    near_yesterday = "昨天", "yesterday";
    near_tomorrow = "明天", "tomorrow";
    still_there = "至今", "until now";
}

/// How near the last day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Past.
    Overdue,
    /// Today.
    Today,
    /// A working day or two.
    Soon,
    /// Later.
    Calm,
}

/// A deadline in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What to say.
    pub text: String,
    /// How near.
    pub urgency: Urgency,
}

const WEEKDAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Words {
    fn date(self, date: NaiveDate, today: Option<NaiveDate>) -> String {
        let other_year = today.is_some_and(|today| today.year() != date.year());
        let weekday = date.weekday().num_days_from_monday() as usize;
        let month = MONTHS_EN[date.month0() as usize];
        match (self.pick(true, false), other_year) {
            (true, true) => format!("{}年{}月{}日 {}", date.year(), date.month(), date.day(), WEEKDAYS_ZH[weekday]),
            (true, false) => format!("{}月{}日 {}", date.month(), date.day(), WEEKDAYS_ZH[weekday]),
            (false, true) => format!("{} {} {month} {}", WEEKDAYS_EN[weekday], date.day(), date.year()),
            (false, false) => format!("{} {} {month}", WEEKDAYS_EN[weekday], date.day()),
        }
    }

    /// A day as people say it: 11月23日 周一. A text that is no day is shown as it came.
    pub fn day(self, text: &str, today: &str) -> String {
        match parse_date(text) {
            Some(date) => self.date(date, parse_date(today)),
            None => text.to_owned(),
        }
    }

    /// A day without its weekday, with its year when that is another: a birth, the end of a letter.
    pub fn plain_day(self, text: &str, today: &str) -> String {
        let said = self.day(text, today);
        match self.language() {
            super::Language::Chinese => said.split(' ').next().map_or_else(String::new, str::to_owned),
            super::Language::English if parse_date(text).is_some() => {
                said.split_once(' ').map_or_else(String::new, |(_, day)| day.to_owned())
            }
            super::Language::English => said,
        }
    }

    /// A day, and where it lies when that is near: 11月23日 周一 · 今天.
    pub fn day_near(self, text: &str, today: &str) -> String {
        let (Some(date), Some(from)) = (parse_date(text), parse_date(today)) else {
            return text.to_owned();
        };
        let said = self.date(date, Some(from));
        match (date - from).num_days() {
            0 => format!("{said} · {}", self.near_today()),
            -1 => format!("{said} · {}", self.near_yesterday()),
            1 => format!("{said} · {}", self.near_tomorrow()),
            _ => said,
        }
    }

    /// From one day to another, or to now.
    pub fn days(self, from: &str, to: Option<&str>, today: &str) -> String {
        let to = to.map_or_else(|| self.still_there().to_owned(), |to| self.day(to, today));
        format!("{} – {to}", self.day(from, today))
    }

    /// The hour of a moment: 18:04.
    pub fn clock(self, unix_ms: i64) -> String {
        let minute = day::minute_of_day(unix_ms);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// A moment: the hour alone when it is today, else with its day.
    pub fn moment(self, unix_ms: i64, today: &str) -> String {
        let date = day::day_of(unix_ms);
        if date.to_string() == today {
            self.clock(unix_ms)
        } else {
            let (day, clock) = (self.day(&date.to_string(), today), self.clock(unix_ms));
            format!("{day} {clock}")
        }
    }

    /// A deadline in words. Overdue is counted in calendar days, as people do; what is left in working days, as the law does.
    pub fn due(self, due: &DueView, today: &str) -> Due {
        let (Some(on), Some(now)) = (parse_date(&due.on), parse_date(today)) else {
            return Due { text: due.on.clone(), urgency: Urgency::Calm };
        };
        let days = (on - now).num_days();
        let left = due.working_days_left;
        let (text, urgency) = match days {
            ..0 => (self.pick(format!("逾期 {} 天", -days), format!("{} days overdue", -days)), Urgency::Overdue),
            0 => match due.at_unix_ms {
                Some(at) => {
                    let clock = self.clock(at);
                    (self.pick(format!("今天 {clock} 前"), format!("Today by {clock}")), Urgency::Today)
                }
                None => (self.due_today().to_owned(), Urgency::Today),
            },
            _ => match due.at_unix_ms {
                Some(at) => {
                    let moment = self.moment(at, today);
                    (self.pick(format!("{moment} 前"), format!("By {moment}")), Urgency::Soon)
                }
                None if left > 0 => {
                    let urgency = if left <= 2 { Urgency::Soon } else { Urgency::Calm };
                    (self.pick(format!("还剩 {left} 个工作日"), format!("{left} working days left")), urgency)
                }
                None => (self.pick(format!("还剩 {days} 天"), format!("{days} days left")), Urgency::Soon),
            },
        };
        Due { text, urgency }
    }

    /// The last day of a deadline.
    pub fn due_by(self, due: &DueView, today: &str) -> String {
        let day = self.day(&due.on, today);
        self.pick(format!("{day}前"), format!("by {day}"))
    }

    /// An age.
    pub fn years_old(self, years: i32) -> String {
        self.pick(format!("{years} 岁"), format!("{years} years"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    fn due(on: &str, left: i64, at: Option<i64>) -> DueView {
        DueView { on: on.to_owned(), working_days_left: left, at_unix_ms: at, no_holiday_data: false }
    }

    #[test]
    fn deadlines_are_said_as_people_say_them() {
        let chinese = BOTH[0];
        let today = "2026-11-23";
        let rows = [
            (due("2026-11-25", 2, None), "还剩 2 个工作日", Urgency::Soon),
            (due("2026-11-30", 5, None), "还剩 5 个工作日", Urgency::Calm),
            (due("2026-11-23", 0, None), "今天到期", Urgency::Today),
            (due("2026-11-21", -1, None), "逾期 2 天", Urgency::Overdue),
            (due("2026-11-28", 0, None), "还剩 5 天", Urgency::Soon),
            (due("2026-11-23", 0, Some(1_795_428_240_000)), "今天 18:04 前", Urgency::Today),
        ];
        for (due, text, urgency) in rows {
            assert_eq!(chinese.due(&due, today), Due { text: text.to_owned(), urgency }, "{due:?}");
            for words in BOTH {
                assert_spoken(words, &words.due(&due, today).text, "a deadline");
                assert_spoken(words, &words.due_by(&due, today), "a last day");
            }
        }
    }

    #[test]
    fn days_are_said_with_their_weekday_and_a_year_only_when_it_is_another() {
        let chinese = BOTH[0];
        assert_eq!(chinese.day("2026-11-23", "2026-11-23"), "11月23日 周一");
        assert_eq!(chinese.day_near("2026-11-23", "2026-11-23"), "11月23日 周一 · 今天");
        assert_eq!(chinese.day("2025-11-23", "2026-11-23"), "2025年11月23日 周日");
        assert_eq!(chinese.day("?", "2026-11-23"), "?", "what is no day is shown as it came");
        assert_eq!(chinese.plain_day("1988-03-04", "2026-11-23"), "1988年3月4日");
        assert_eq!(BOTH[1].plain_day("1988-03-04", "2026-11-23"), "4 Mar 1988");
        assert_eq!(chinese.days("2026-11-01", None, "2026-11-23"), "11月1日 周日 – 至今");
        assert_eq!(BOTH[1].day("2026-11-23", "2026-11-23"), "Mon 23 Nov");
        assert_eq!(chinese.moment(1_795_428_240_000, "2026-11-23"), "18:04");
        assert_eq!(chinese.moment(1_795_428_240_000, "2026-11-24"), "11月23日 周一 18:04");
        for words in BOTH {
            assert_spoken(words, &words.years_old(40), "an age");
        }
    }
}
