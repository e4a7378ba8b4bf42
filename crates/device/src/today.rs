//! What is due, most urgent first, by road, building and door. Nothing that depends on the day is kept: the day decides when it is
//! asked.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::codes::{ReportKind, VisitPersonResult};
use domain::duplicate::Pair;
use domain::patrol::Appointment;
use domain::policy::key;
use domain::{RecordId, day, kind, same, sweep};
use store::device::{Todo, View};
use ui_protocol::today::{DueView, FilterCounts, HomeRound, Today, TodayFilter, TodayGroup, TodayItem, TodayKind, TodayReply};

use crate::Device;
use crate::derive::{self, todo};
use crate::error::Failure;
use crate::law::Law;
use crate::rounds::Rounds;
use crate::{permits, presence, visits};

/// Rows one answer shows; more than a day's work.
const ROWS_MAX: usize = 300;
/// Things to do one answer looks at: more than any phone's villages have within the horizon.
const TODOS_MAX: u32 = 20_000;
/// Working days within which something is said to be soon.
const SOON_DAYS: i64 = 2;
/// The months in which next year's holidays should be known.
const HOLIDAYS_EXPECTED_FROM_MONTH: u32 = 12;

/// A row before anybody has looked up what it is called.
struct Row {
    kind: TodayKind,
    unit: Option<RecordId>,
    due: Option<DueView>,
    what: What,
    /// Its day is still to come: it stands only under what is soon.
    ahead: bool,
}

enum What {
    /// Ready as it is.
    Loose(TodayItem),
    /// Something to do about this record.
    Todo(RecordId),
    /// What a visit found about this registration.
    Found(RecordId, VisitPersonResult),
    /// A home to visit, by its grade or because somebody said so.
    Home(Option<HomeRound>, Option<Appointment>),
    /// A home of a sweep of this name.
    Sweep(String),
}

impl Row {
    /// Smaller is more urgent. What has no clock comes after what runs out this week.
    fn urgency(&self) -> i64 {
        const NO_CLOCK: i64 = 5;
        match self.kind {
            TodayKind::Conflict | TodayKind::Contradicted | TodayKind::Refused => -1000,
            _ => self.due.as_ref().map_or(NO_CLOCK, |due| due.working_days_left),
        }
    }

    /// Its last day is over; on a Saturday that is so for what had to be done by Friday, though no working day has passed.
    fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due.as_ref().is_some_and(|due| due.on < today.to_string())
    }

    fn is_soon(&self) -> bool {
        self.due.as_ref().is_some_and(|due| due.working_days_left <= SOON_DAYS)
    }

    fn passes(&self, filter: TodayFilter, rounds: &Rounds<'_>, today: NaiveDate) -> bool {
        let home = self.unit.and_then(|unit| rounds.line(unit));
        (!self.ahead || filter.soon)
            && (!filter.overdue || self.is_overdue(today))
            && (!filter.soon || self.is_soon())
            && (!filter.landlord || home.is_some_and(|home| home.on_site))
            && (!filter.evening || self.unit.is_some_and(|unit| rounds.calls(unit).wants_evening(today)))
    }
}

impl Device {
    pub(crate) fn today_list(&self, ask: &Today) -> Result<TodayReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let today = self.today(view)?;
            let law = self.law(view)?;
            let mut rounds = Rounds::all(view, &law, today)?;
            let rows = self.rows(view, &mut rounds, &law, today)?;

            let all = TodayFilter::default();
            let leaves = |filter| rows.iter().filter(|row| row.passes(filter, &rounds, today)).count() as u64;
            let filters = FilterCounts {
                evening: leaves(TodayFilter { evening: true, ..all }),
                landlord: leaves(TodayFilter { landlord: true, ..all }),
                overdue: leaves(TodayFilter { overdue: true, ..all }),
                soon: leaves(TodayFilter { soon: true, ..all }),
            };
            let mut rows = rows;
            rows.retain(|row| row.passes(ask.filter, &rounds, today));
            let mut counts: Vec<(TodayKind, u64)> = Vec::new();
            rows.sort_by_key(Row::urgency);
            for row in &rows {
                match counts.iter_mut().find(|(kind, _)| *kind == row.kind) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((row.kind, 1)),
                }
            }
            rows.retain(|row| ask.kind.is_none_or(|kind| row.kind == kind));
            let total = rows.len() as u64;
            rows.truncate(ROWS_MAX);
            let groups = self.by_building(view, rows, &rounds)?;
            let loading = view.lists_are_behind()? || view.scopes()?.iter().any(|scope| !scope.complete);
            Ok(TodayReply { counts, filters, total, groups, loading })
        })
    }

    /// Everything that is due today, in no order.
    fn rows(&self, view: &View<'_>, rounds: &mut Rounds<'_>, law: &Law, today: NaiveDate) -> Result<Vec<Row>, Failure> {
        let loose = self.loose_items(view, law, today)?;
        let mut rows: Vec<Row> = loose
            .into_iter()
            .map(|item| Row { kind: item.kind, unit: None, due: None, what: What::Loose(item), ahead: false })
            .collect();
        let said_until = derive::said_until(today);
        let todos = view.todos(&derive::horizon(today), TODOS_MAX)?;
        let merged: BTreeMap<RecordId, RecordId> =
            todos.iter().filter(|todo| todo.kind == todo::MERGED).filter_map(|todo| Some((todo.record, todo.unit?))).collect();
        for mut todo in todos {
            // What is to do in a merged home is to do where it was merged into.
            todo.unit = todo.unit.map(|unit| merged.get(&unit).copied().unwrap_or(unit));
            let Some(kind) = kind_of(&todo.kind) else { continue };
            // Permits are looked for further ahead, and know themselves from when on they are shown.
            let of_permit = matches!(kind, TodayKind::PermitEndorse | TodayKind::PermitExpires | TodayKind::PermitChange);
            if (!of_permit && todo.due_on > said_until) || !permits::is_shown(view, &todo, law, today)? {
                continue;
            }
            let due = rounds.left(&todo.due_on);
            let due = if kind == TodayKind::Referral { self.referral_due(view, todo.record)?.or(due) } else { due };
            if kind == TodayKind::ChangePending {
                rows.extend(found_rows(view, &todo, law, rounds, today)?);
                continue;
            }
            let Some(kind) = still_doubted(view, &todo, kind, law, today)? else { continue };
            rows.push(Row { kind, unit: todo.unit, due, what: What::Todo(todo.record), ahead: false });
        }
        for id in rounds.ids() {
            rows.extend(home_row(rounds, id, today));
        }
        for sweep in view.all(kind::SWEEP)? {
            // What the station wants looked at, less what somebody looked at since: nothing of it is stored.
            let Some(what) = sweep::open_on(&sweep, today) else { continue };
            let due = rounds.left(&what.until);
            for id in rounds.not_seen_since(&what.area, &what.from) {
                let what = What::Sweep(what.name.clone());
                rows.push(Row { kind: TodayKind::Sweep, unit: Some(id), due: due.clone(), what, ahead: false });
            }
        }
        Ok(rows)
    }

    /// Rows as they are walked: by road, building and door; the road and the building with the most urgent row first.
    fn by_building(&self, view: &View<'_>, rows: Vec<Row>, rounds: &Rounds<'_>) -> Result<Vec<TodayGroup>, Failure> {
        type Walked = (String, i64, TodayItem);
        let mut roads: BTreeMap<(String, String), Vec<Walked>> = BTreeMap::new();
        for row in rows {
            let urgency = row.urgency();
            let home = row.unit.and_then(|unit| rounds.line(unit));
            let place = home.map(|home| (home.road.clone(), home.building.clone())).unwrap_or_default();
            let door = home.map(|home| home.door.clone()).unwrap_or_default();
            let item = self.item(view, row, door)?;
            roads.entry(place).or_default().push((derive::sortable(&item.door), urgency, item));
        }
        let most_urgent = |rows: &[Walked]| rows.iter().map(|(_, urgency, _)| *urgency).min().unwrap_or(i64::MAX);
        let mut of_road: BTreeMap<String, i64> = BTreeMap::new();
        for ((road, _), rows) in &roads {
            let urgency = of_road.entry(road.clone()).or_insert(i64::MAX);
            *urgency = most_urgent(rows).min(*urgency);
        }
        let mut groups: Vec<((i64, i64, String), TodayGroup)> = Vec::new();
        for ((road, place), mut rows) in roads {
            let order = (of_road[&road], most_urgent(&rows), derive::sortable(&place));
            rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            groups.push((order, TodayGroup { road, place, items: rows.into_iter().map(|(_, _, item)| item).collect() }));
        }
        groups.sort_by(|(a, one), (b, other)| (a.0, &one.road, a.1, &a.2).cmp(&(b.0, &other.road, b.1, &b.2)));
        Ok(groups.into_iter().map(|(_, group)| group).collect())
    }

    fn item(&self, view: &View<'_>, row: Row, door: String) -> Result<TodayItem, Failure> {
        let Row { kind, unit, due, what, ahead: _ } = row;
        let item =
            TodayItem { kind, record: unit, title: String::new(), detail: String::new(), door, home: None, next: None, due };
        let record = match what {
            What::Loose(item) => return Ok(item),
            What::Home(home, next) => {
                return Ok(TodayItem { title: home_title(view, unit)?, home, next: next.map(Appointment::to_next), ..item });
            }
            What::Sweep(name) => return Ok(TodayItem { title: home_title(view, unit)?, detail: name, ..item }),
            // What was found, as a code: its words are the screen's.
            What::Found(residency, result) => {
                let (record, title) = (holder(view, residency)?, self.title_of(view, residency)?);
                return Ok(TodayItem { record, title, detail: result.code().to_owned(), ..item });
            }
            What::Todo(record) => record,
        };
        let (title, detail) = self.describe(view, record, kind)?;
        // The page to open is the person's; a registration has none of its own, nor have papers.
        let record = match kind {
            TodayKind::ToPlace
            | TodayKind::IntendedEnds
            | TodayKind::SuspectedLeft
            | TodayKind::MergedStay
            | TodayKind::Contradicted
            | TodayKind::PermitMaterials
            | TodayKind::PermitHandOut
            | TodayKind::PermitEndorse
            | TodayKind::PermitExpires
            | TodayKind::PermitChange
            | TodayKind::PermitEnd => holder(view, record)?,
            _ => Some(record),
        };
        Ok(TodayItem { record, title, detail, ..item })
    }

    /// What belongs to no door: conflicts, refused saves, a missing holiday table.
    fn loose_items(&self, view: &View<'_>, law: &Law, today: NaiveDate) -> Result<Vec<TodayItem>, Failure> {
        let mut items = Vec::new();
        for conflict in self.open_conflicts(view)? {
            let about = conflict.reference("what", "record");
            let title = match about {
                Some(about) => self.title_of(view, about)?,
                None => String::new(),
            };
            let detail = conflict.text("what", "group").unwrap_or_default().to_owned();
            items.push(TodayItem {
                kind: TodayKind::Conflict,
                record: Some(conflict.id),
                title,
                detail,
                door: String::new(),
                home: None,
                next: None,
                due: None,
            });
        }
        for review in self.open_duplicates(view)? {
            let Some(pair) = review.typed::<Pair>("what") else { continue };
            let named = [pair.first_is.name, pair.second_is.name].into_iter().find(|name| !name.is_empty());
            let (title, detail) = (named.unwrap_or_default(), pair.second_is.by);
            items.push(TodayItem {
                kind: TodayKind::Duplicate,
                record: Some(review.id),
                title,
                detail,
                door: String::new(),
                home: None,
                next: None,
                due: None,
            });
        }
        let refused = view.refused_count()?;
        if refused > 0 {
            items.push(TodayItem {
                kind: TodayKind::Refused,
                record: None,
                title: String::new(),
                detail: refused.to_string(),
                door: String::new(),
                home: None,
                next: None,
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
                door: String::new(),
                home: None,
                next: None,
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
            // What the visit said, as a code: its words are the screen's.
            TodayKind::EmptyHome => {
                let emptied = visits::empty::of(view, &record)?;
                let said = emptied.map(|emptied| emptied.said.result.code().to_owned()).unwrap_or_default();
                (derive::unit_title(&record), said)
            }
            TodayKind::Contradicted => (self.title_of(view, id)?, String::new()),
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
            kind::TENANCY => match named("where", "unit") {
                Some(unit) => self.title_of(view, unit)?,
                None => String::new(),
            },
            kind::HAZARD => match named("what", "unit") {
                Some(unit) => self.title_of(view, unit)?,
                None => String::new(),
            },
            kind::WITHDRAWAL => match named("fact", "of") {
                Some(of) => self.title_of(view, of)?,
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

/// Whose registration or papers these are.
fn holder(view: &View<'_>, papers: RecordId) -> Result<Option<RecordId>, Failure> {
    let person = view.shown(papers)?.and_then(|papers| papers.reference("who", "person"));
    Ok(person.map(|person| same::root(person, view)).transpose()?)
}

/// A home to visit. One whose people said when is visited then, and stands there no day before; unless its own last day comes first.
fn home_row(rounds: &mut Rounds<'_>, id: RecordId, today: NaiveDate) -> Option<Row> {
    let next = rounds.appointment(id);
    let day = today.to_string();
    let round = rounds.round(id).filter(|round| round.due_on <= day);
    let must = round.as_ref().is_some_and(|round| next.is_none_or(|next| next.on > today && round.due.on < next.on.to_string()));
    let row = |kind, due, ahead| Row { kind, unit: Some(id), due, what: What::Home(round.clone(), next), ahead };
    match next {
        _ if must => Some(row(TodayKind::HomeDue, round.as_ref().map(|round| round.due.clone()), false)),
        Some(next) => Some(row(TodayKind::Appointment, rounds.left(&next.on.to_string()), next.on > today)),
        None => None,
    }
}

/// A row for each thing a visit found: by when it is written down counts from the day it was found.
fn found_rows(view: &View<'_>, todo: &Todo, law: &Law, rounds: &mut Rounds<'_>, today: NaiveDate) -> Result<Vec<Row>, Failure> {
    let presence = presence::of(view, todo.record, law, today)?;
    let row = |pending: &domain::presence::Pending| {
        let due = law.due(key::PERSON_CHANGE, &day::day_of(pending.observed_unix_ms).to_string());
        let due = due.and_then(|due| rounds.left(&due.on.to_string()));
        let (kind, what) = (TodayKind::ChangePending, What::Found(todo.record, pending.result));
        Row { kind, unit: todo.unit, due, what, ahead: false }
    };
    Ok(presence.pending.iter().map(row).collect())
}

fn home_title(view: &View<'_>, unit: Option<RecordId>) -> Result<String, Failure> {
    let line = unit.map_or(Ok(None), |unit| view.unit_line(unit))?;
    Ok(line.map(|line| line.title).unwrap_or_default())
}

fn kind_of(stored: &str) -> Option<TodayKind> {
    Some(match stored {
        todo::VERIFY => TodayKind::VerifyReport,
        todo::RETURNED => TodayKind::ReportReturned,
        todo::TO_PLACE => TodayKind::ToPlace,
        todo::REFERRAL => TodayKind::Referral,
        todo::INTENDED => TodayKind::IntendedEnds,
        todo::SUSPECTED => TodayKind::SuspectedLeft,
        todo::CHANGE => TodayKind::ChangePending,
        todo::CONTRADICTED => TodayKind::Contradicted,
        todo::PENDING => TodayKind::UnitPending,
        todo::EMPTY => TodayKind::EmptyHome,
        todo::MERGED_STAY => TodayKind::MergedStay,
        todo::HAZARD => TodayKind::HazardRecheck,
        todo::PERMIT_MATERIALS => TodayKind::PermitMaterials,
        todo::PERMIT_HAND_OUT => TodayKind::PermitHandOut,
        todo::PERMIT_ENDORSE => TodayKind::PermitEndorse,
        todo::PERMIT_EXPIRES => TodayKind::PermitExpires,
        todo::PERMIT_CHANGE => TodayKind::PermitChange,
        todo::PERMIT_END => TodayKind::PermitEnd,
        _ => return None,
    })
}

/// Whoever may have left is one row, whatever the reason; asked when it is shown, so that the calendar makes nothing stale.
fn still_doubted(
    view: &View<'_>,
    row: &Todo,
    kind: TodayKind,
    law: &Law,
    today: NaiveDate,
) -> Result<Option<TodayKind>, Failure> {
    let over = kind == TodayKind::IntendedEnds && row.due_on < today.to_string();
    if kind != TodayKind::SuspectedLeft && !over {
        return Ok(Some(kind));
    }
    let presence = presence::of(view, row.record, law, today)?;
    Ok(match kind {
        // Where visitors contradict each other that is decided first, in a row of its own.
        _ if presence.contradiction.is_some() => None,
        TodayKind::SuspectedLeft => presence.is_suspected_left().then_some(kind),
        // The facts have put their own row.
        _ if presence.is_doubted_by_facts() => None,
        _ if presence.is_suspected_left() => Some(TodayKind::SuspectedLeft),
        _ => Some(kind),
    })
}
