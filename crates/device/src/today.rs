//! What is due, most urgent first, grouped by door.

use std::collections::BTreeMap;

use chrono::Datelike;
use domain::codes::ReportKind;
use domain::duplicate::Pair;
use domain::{RecordId, kind, same};
use store::device::{Todo, View};
use ui_protocol::today::{DueView, Today, TodayGroup, TodayItem, TodayKind, TodayReply};

use crate::Device;
use crate::derive::{self, todo};
use crate::error::Failure;
use crate::law::Law;
use crate::{permits, presence};

/// Rows one answer shows; more than a day's work.
const ROWS_MAX: u32 = 500;
/// The months in which next year's holidays should be known.
const HOLIDAYS_EXPECTED_FROM_MONTH: u32 = 12;

impl Device {
    pub(crate) fn today_list(&self, _: &Today) -> Result<TodayReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let today = self.today(view)?;
            let law = self.law(view)?;
            let mut groups: Vec<(Option<RecordId>, TodayGroup)> = Vec::new();
            let mut at: BTreeMap<Option<RecordId>, usize> = BTreeMap::new();
            let mut put = |unit: Option<RecordId>, place: String, item: TodayItem| {
                let index = *at.entry(unit).or_insert_with(|| {
                    groups.push((unit, TodayGroup { place, items: Vec::new() }));
                    groups.len() - 1
                });
                groups[index].1.items.push(item);
            };
            for item in self.loose_items(view, &law, today)? {
                put(None, String::new(), item);
            }
            let said_until = derive::said_until(today);
            for row in view.todos(&derive::horizon(today), ROWS_MAX)? {
                let Some(kind) = kind_of(&row.kind) else { continue };
                // Permits are looked for further ahead, and know themselves from when on they are shown.
                let of_permit = matches!(kind, TodayKind::PermitEndorse | TodayKind::PermitExpires);
                if (!of_permit && row.due_on > said_until) || !permits::is_shown(view, &row, &law, today)? {
                    continue;
                }
                let due = law.left_until(&row.due_on, today);
                let due = if kind == TodayKind::Referral { self.referral_due(view, row.record)?.or(due) } else { due };
                let Some(kind) = still_doubted(view, &row, kind, &law, today)? else { continue };
                let (title, detail) = self.describe(view, row.record, kind)?;
                let place = match row.unit {
                    Some(unit) => view.unit_line(unit)?.map(|line| line.title).unwrap_or_default(),
                    None => String::new(),
                };
                // The page to open is the person's; a registration has none of its own.
                let record = match kind {
                    TodayKind::ToPlace | TodayKind::IntendedEnds | TodayKind::SuspectedLeft => view
                        .shown(row.record)?
                        .and_then(|residency| residency.reference("who", "person"))
                        .map(|person| same::root(person, view))
                        .transpose()?,
                    TodayKind::PermitMaterials
                    | TodayKind::PermitHandOut
                    | TodayKind::PermitEndorse
                    | TodayKind::PermitExpires => view
                        .shown(row.record)?
                        .and_then(|papers| papers.reference("who", "person"))
                        .map(|person| same::root(person, view))
                        .transpose()?,
                    _ => Some(row.record),
                };
                put(row.unit, place, TodayItem { kind, record, title, detail, due });
            }
            groups.sort_by_key(|(_, group)| group.items.iter().map(urgency).min());
            let mut counts: Vec<(TodayKind, u64)> = Vec::new();
            for item in groups.iter().flat_map(|(_, group)| &group.items) {
                match counts.iter_mut().find(|(kind, _)| *kind == item.kind) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((item.kind, 1)),
                }
            }
            let loading = view.lists_are_behind()? || view.scopes()?.iter().any(|scope| !scope.complete);
            Ok(TodayReply { counts, groups: groups.into_iter().map(|(_, group)| group).collect(), loading })
        })
    }

    /// What belongs to no door: conflicts, refused saves, a missing holiday table.
    fn loose_items(&self, view: &View<'_>, law: &crate::law::Law, today: chrono::NaiveDate) -> Result<Vec<TodayItem>, Failure> {
        let mut items = Vec::new();
        for conflict in self.open_conflicts(view)? {
            let about = conflict.reference("what", "record");
            let title = match about {
                Some(about) => self.title_of(view, about)?,
                None => String::new(),
            };
            let detail = conflict.text("what", "group").unwrap_or_default().to_owned();
            items.push(TodayItem { kind: TodayKind::Conflict, record: Some(conflict.id), title, detail, due: None });
        }
        for review in self.open_duplicates(view)? {
            let Some(pair) = review.typed::<Pair>("what") else { continue };
            let named = [pair.first_is.name, pair.second_is.name].into_iter().find(|name| !name.is_empty());
            let (title, detail) = (named.unwrap_or_default(), pair.second_is.by);
            items.push(TodayItem { kind: TodayKind::Duplicate, record: Some(review.id), title, detail, due: None });
        }
        let refused = view.refused_count()?;
        if refused > 0 {
            items.push(TodayItem {
                kind: TodayKind::Refused,
                record: None,
                title: String::new(),
                detail: refused.to_string(),
                due: None,
            });
        }
        let next_year_expected = today.month() >= HOLIDAYS_EXPECTED_FROM_MONTH;
        let missing = [Some(today.year()), next_year_expected.then_some(today.year() + 1)];
        for year in missing.into_iter().flatten().filter(|year| !law.calendar.has_year(*year)) {
            items.push(TodayItem {
                kind: TodayKind::HolidaysMissing,
                record: None,
                title: year.to_string(),
                detail: String::new(),
                due: None,
            });
        }
        Ok(items)
    }

    pub(crate) fn referral_due(&self, view: &View<'_>, id: RecordId) -> Result<Option<DueView>, Failure> {
        let today = self.today(view)?;
        let law = self.law(view)?;
        Ok(view.shown(id)?.and_then(|record| record.typed("due")).map(|due| law.left(&due, today)))
    }

    fn describe(&self, view: &View<'_>, id: RecordId, what: TodayKind) -> Result<(String, String), Failure> {
        let Some(record) = view.shown(id)? else { return Ok(Default::default()) };
        Ok(match what {
            TodayKind::VerifyReport | TodayKind::ReportReturned => {
                let kind = record.text("said", "kind").and_then(ReportKind::from_code).unwrap_or(ReportKind::MoveIn);
                (record.text("said", "name").unwrap_or_default().to_owned(), kind.code().to_owned())
            }
            // What is the matter, and the item of the list: its words are the screen's.
            TodayKind::HazardRecheck => (
                record.text("what", "description").unwrap_or_default().to_owned(),
                record.text("what", "item").unwrap_or_default().to_owned(),
            ),
            // Why, as a code: its words are the screen's.
            TodayKind::SuspectedLeft => {
                let doubts = presence::of(view, id, &*self.law(view)?, self.today(view)?)?.doubts;
                let why = doubts.first().and_then(|doubt| Some(serde_json::to_value(doubt).ok()?["why"].as_str()?.to_owned()));
                (self.title_of(view, id)?, why.unwrap_or_default())
            }
            TodayKind::UnitPending => (derive::unit_title(&record), String::new()),
            TodayKind::Referral => (record.text("who", "name").unwrap_or_default().to_owned(), String::new()),
            _ => (self.title_of(view, id)?, record.text("handed", "note").unwrap_or_default().to_owned()),
        })
    }

    /// A record's name or address.
    pub(crate) fn title_of(&self, view: &View<'_>, id: RecordId) -> Result<String, Failure> {
        // Dead ones have names too: a conflict may be about a deletion.
        let Some(record) = view.held(id)?.map(|held| held.shown) else { return Ok(String::new()) };
        let named = |group: &str, field: &str| record.reference(group, field);
        Ok(match record.kind.as_str() {
            kind::UNIT => derive::unit_title(&record),
            kind::ROOM => record.text("label", "label").unwrap_or_default().to_owned(),
            kind::PERSON => record.text("identity", "name").unwrap_or_default().to_owned(),
            kind::REPORT => record.text("said", "name").unwrap_or_default().to_owned(),
            kind::REFERRAL => record.text("who", "name").unwrap_or_default().to_owned(),
            kind::RESIDENCY | kind::PERMIT_APPLICATION | kind::PERMIT => match named("who", "person") {
                Some(person) => self.title_of(view, same::root(person, view)?)?,
                None => String::new(),
            },
            kind::STAY => match named("where", "person") {
                Some(person) => self.title_of(view, same::root(person, view)?)?,
                None => String::new(),
            },
            kind::HAZARD => match named("what", "unit") {
                Some(unit) => self.title_of(view, unit)?,
                None => String::new(),
            },
            kind::VISIT | kind::INSPECTION | kind::LETTER => match named("fact", "unit") {
                Some(unit) => self.title_of(view, unit)?,
                None => String::new(),
            },
            _ => String::new(),
        })
    }
}

fn kind_of(stored: &str) -> Option<TodayKind> {
    Some(match stored {
        todo::VERIFY => TodayKind::VerifyReport,
        todo::RETURNED => TodayKind::ReportReturned,
        todo::TO_PLACE => TodayKind::ToPlace,
        todo::REFERRAL => TodayKind::Referral,
        todo::INTENDED => TodayKind::IntendedEnds,
        todo::SUSPECTED => TodayKind::SuspectedLeft,
        todo::PENDING => TodayKind::UnitPending,
        todo::HAZARD => TodayKind::HazardRecheck,
        todo::PERMIT_MATERIALS => TodayKind::PermitMaterials,
        todo::PERMIT_HAND_OUT => TodayKind::PermitHandOut,
        todo::PERMIT_ENDORSE => TodayKind::PermitEndorse,
        todo::PERMIT_EXPIRES => TodayKind::PermitExpires,
        _ => return None,
    })
}

/// Whoever may have left is one row, whatever the reason; asked when it is shown, so that the calendar makes nothing stale.
fn still_doubted(
    view: &View<'_>,
    row: &Todo,
    kind: TodayKind,
    law: &Law,
    today: chrono::NaiveDate,
) -> Result<Option<TodayKind>, Failure> {
    let over = kind == TodayKind::IntendedEnds && row.due_on < today.to_string();
    if kind != TodayKind::SuspectedLeft && !over {
        return Ok(Some(kind));
    }
    let presence = presence::of(view, row.record, law, today)?;
    Ok(match kind {
        TodayKind::SuspectedLeft => presence.is_suspected_left().then_some(kind),
        // The facts have put their own row.
        _ if presence.is_doubted_by_facts() => None,
        _ if presence.is_suspected_left() => Some(TodayKind::SuspectedLeft),
        _ => Some(kind),
    })
}

/// Smaller is more urgent. What has no clock comes after what runs out this week.
fn urgency(item: &TodayItem) -> i64 {
    const NO_CLOCK: i64 = 5;
    match item.kind {
        TodayKind::Conflict | TodayKind::Refused => -1000,
        _ => item.due.as_ref().map_or(NO_CLOCK, |due| due.working_days_left),
    }
}
