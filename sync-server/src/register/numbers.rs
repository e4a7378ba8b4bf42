//! What the server adds to a new record: its number, and a landlord's receipt.

use std::sync::Arc;

use chrono::Datelike;
use domain::calendar::Calendar;
use domain::county::{HolidayYear, PolicyChoice};
use domain::form::parse_date;
use domain::place::{self, Place};
use domain::policy::{self, PolicyBook, key};
use domain::report::{Receipt, Said, due_key};
use domain::{Record, day, kind, record};
use store::StoreError;
use store::server::View;
use sync_protocol::PushedChange;

use super::Stop;
use super::save::Save;

/// The law's clocks as the county set them.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which pack applies from when.
    pub book: PolicyBook,
    /// Which days are off.
    pub calendar: Calendar,
}

impl Rules {
    /// As they stand in the county's records.
    ///
    /// # Errors
    /// As the store says.
    pub fn load(view: &View<'_>) -> Result<Rules, StoreError> {
        let mut book = PolicyBook::default();
        for record in view.records_of_kind(kind::POLICY)? {
            if let Some(choice) = record.typed::<PolicyChoice>("choice")
                && let Some(from) = parse_date(&choice.from)
            {
                book = book.with_choice(from, &choice.pack);
            }
        }
        let mut calendar = Calendar::embedded();
        for record in view.records_of_kind(kind::HOLIDAYS)? {
            if let Some(year) = record.typed::<HolidayYear>("days") {
                let days =
                    |dates: &[String], off: bool| dates.iter().filter_map(|on| Some((parse_date(on)?, off))).collect::<Vec<_>>();
                let mut all = days(&year.off, true);
                all.extend(days(&year.work, false));
                calendar = calendar.with_year(year.year, all);
            }
        }
        Ok(Rules { book, calendar })
    }
}

impl Save<'_> {
    /// Numbers for new homes and registrations; owner and receipt for new reports.
    pub(super) fn give_numbers(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        for pushed in save {
            let id = pushed.change.record;
            if !self.ledger.made(id) {
                continue;
            }
            let Some(record) = self.ledger.look_at(id)? else { continue };
            if !matches!(record.kind.as_str(), kind::UNIT | kind::RESIDENCY | kind::REPORT) {
                continue;
            }
            let mut record = Arc::unwrap_or_clone(record);
            match record.kind.as_str() {
                kind::UNIT if !record.groups.contains_key("number") => self.give_number(&mut record, 'H')?,
                kind::RESIDENCY if !record.groups.contains_key("number") => self.give_number(&mut record, 'R')?,
                kind::REPORT if !record.groups.contains_key("receipt") => self.give_receipt(&mut record)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// `CS-R-2026-000123`: the county, the book, the year, the number in it.
    pub(super) fn next_number(&self, book: char) -> Result<String, StoreError> {
        let year = day::day_of(self.work.now_unix_ms).year();
        let number = self.work.write.next_number(&format!("{book}-{year}"))?;
        Ok(format!("CS-{book}-{year}-{number:06}"))
    }

    pub(super) fn give_number(&mut self, record: &mut Record, book: char) -> Result<(), StoreError> {
        let fields = record::Fields::from_iter([("no".to_owned(), self.next_number(book)?.into())]);
        self.ledger.put_group(record, "number", fields)?;
        Ok(())
    }

    fn give_receipt(&mut self, record: &mut Record) -> Result<(), Stop> {
        // Its reporter stays its owner for ever, whoever lets the home later.
        let owned = Place { owner: Some(self.work.caller.account.id), ..place::stored(record) };
        self.ledger.put_place(record, &owned)?;
        let Some(said) = record.typed::<Said>("said") else { return Ok(()) };
        let received_unix_ms = self.work.now_unix_ms;
        let rules = Rules::load(self.work.write)?;
        let event_on = parse_date(&said.event_on);
        let due = match (due_key(said.kind), event_on) {
            (Some(key), Some(event_on)) => policy::due(&rules.book, &rules.calendar, key, event_on),
            _ => None,
        };
        let offline_counts = event_on.and_then(|on| policy::switch(&rules.book, key::OFFLINE_SUBMIT_COUNTS, on)).unwrap_or(false);
        let on_time = due.as_ref().is_none_or(|due| due.judge(said.submitted_unix_ms, received_unix_ms, offline_counts).on_time);
        let receipt =
            Receipt { no: self.next_number('B')?, submitted_unix_ms: said.submitted_unix_ms, received_unix_ms, due, on_time };
        self.ledger.put_group(record, "receipt", record::to_fields(&receipt))?;
        Ok(())
    }
}
