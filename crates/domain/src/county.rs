//! What the server says to everybody: the off-days of a year, the chosen policy pack, the notice to residents.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::form::parse_date;

/// The group `days` of a `holidays` record: one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayYear {
    /// The year.
    pub year: i32,
    /// Off-days, `YYYY-MM-DD`.
    pub off: Vec<String>,
    /// Weekend days on which people work.
    pub work: Vec<String>,
}

impl HolidayYear {
    /// Reads the notice of a year as a table of lines `date,name,off`, `off` being 1 for a day off and 0 for a weekend day that is
    /// worked; the first line names the columns. Days of the December before may stand in it.
    ///
    /// # Errors
    /// The number of the first line that cannot be so, counted from 1; 0 for a table without days.
    pub fn read(year: i32, table: &str) -> Result<HolidayYear, usize> {
        let mut read = HolidayYear { year, off: Vec::new(), work: Vec::new() };
        for (at, line) in table.trim_start_matches('\u{feff}').lines().enumerate().skip(1) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [day, _, off @ ("0" | "1")] = cells[..] else { return Err(at + 1) };
            let Some(date) = parse_date(day) else { return Err(at + 1) };
            let belongs = date.year() == year || (date.year() == year - 1 && date.month() == 12);
            let said = read.off.iter().chain(&read.work).any(|known| known == day);
            if !belongs || said {
                return Err(at + 1);
            }
            if off == "1" { &mut read.off } else { &mut read.work }.push(day.to_owned());
        }
        if read.off.is_empty() { Err(0) } else { Ok(read) }
    }
}

/// The group `choice` of a `policy` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChoice {
    /// `zj-2016` or `zj-2009`.
    pub pack: String,
    /// First day on which it applies, `YYYY-MM-DD`.
    pub from: String,
}

/// The group `text` of a `notice` record: what a resident is told before anything is asked (PIPL 17 and 35).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Kept with every registration.
    pub version: String,
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}
