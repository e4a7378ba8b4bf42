//! The law's clocks as this device knows them: the county's records on top of what the app was built with.

use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::county::{HolidayYear, PolicyChoice};
use domain::form::parse_date;
use domain::kind;
use domain::letter_text::{Wording, Wordings};
use domain::policy::{Due, PolicyBook};
use store::StoreError;
use store::device::View;
use ui_protocol::today::DueView;

/// Which days are worked, and which pack applies when.
pub(crate) struct Law {
    pub(crate) calendar: Calendar,
    pub(crate) book: PolicyBook,
    /// What a landlord signs.
    pub(crate) wordings: Wordings,
}

impl Law {
    pub(crate) fn read(view: &View<'_>) -> Result<Law, StoreError> {
        let mut calendar = Calendar::embedded();
        for record in view.all(kind::HOLIDAYS)? {
            if let Some(year) = record.typed::<HolidayYear>("days") {
                let days = |texts: &[String], off: bool| -> Vec<(NaiveDate, bool)> {
                    texts.iter().filter_map(|text| parse_date(text)).map(|day| (day, off)).collect()
                };
                let all = days(&year.off, true).into_iter().chain(days(&year.work, false));
                calendar = calendar.with_year(year.year, all);
            }
        }
        let policy = view.all(kind::POLICY)?;
        let wordings = Wordings::with(policy.iter().filter_map(|record| record.typed::<Wording>("letter")));
        let mut choices: Vec<(NaiveDate, String)> = policy
            .iter()
            .filter_map(|record| record.typed::<PolicyChoice>("choice"))
            .filter_map(|choice| Some((parse_date(&choice.from)?, choice.pack)))
            .collect();
        choices.sort();
        let book = choices.into_iter().fold(PolicyBook::default(), |book, (from, pack)| book.with_choice(from, &pack));
        Ok(Law { calendar, book, wordings })
    }

    pub(crate) fn due(&self, key: &str, event_on: &str) -> Option<Due> {
        domain::policy::due(&self.book, &self.calendar, key, parse_date(event_on)?)
    }

    /// How long is left, in working days.
    pub(crate) fn left(&self, due: &Due, today: NaiveDate) -> DueView {
        DueView {
            on: due.on.to_string(),
            working_days_left: self.calendar.working_days_between(today, due.on),
            at_unix_ms: due.at_unix_ms,
            no_holiday_data: due.no_holiday_data,
        }
    }

    /// The same for a bare last day.
    pub(crate) fn left_until(&self, on: &str, today: NaiveDate) -> Option<DueView> {
        let on = parse_date(on)?;
        Some(DueView {
            on: on.to_string(),
            working_days_left: self.calendar.working_days_between(today, on),
            at_unix_ms: None,
            no_holiday_data: !self.calendar.has_years(today.min(on), today.max(on)),
        })
    }
}
