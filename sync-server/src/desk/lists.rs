//! Lists of the desk, within the caller's villages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use domain::access::Role;
use domain::{AccountId, RecordId, kind, staffing};
use store::server::{ListQuery, ListingRow, View};
use ui_protocol::ErrorCode;
use ui_protocol::desk::{AreaCounts, DeviceRow, DevicesReply, ListRecords, OverviewReply, RecordPage, RecordRow, StaffingReply};

use super::DeskCaller;
use super::permits::Card;
use crate::failure::Failure;
use crate::health::{self, DeviceHealth};
use crate::register::{CONTRADICTED, LISTED, Rules, document_token};

/// Rows of one page.
const PAGE: usize = 50;
/// Cards of one answer.
const CARDS_MAX: usize = 500;
/// Characters of a search.
const QUERY_CHARS_MAX: usize = 50;

/// Village names by code.
pub fn area_names(view: &View<'_>) -> Result<BTreeMap<String, String>, Failure> {
    Ok(view.areas()?.into_iter().map(|area| (area.code, area.name)).collect())
}

/// A row as the page shows it.
pub fn row(listed: ListingRow, names: &BTreeMap<String, String>) -> RecordRow {
    RecordRow {
        id: listed.id,
        kind: listed.kind,
        title: listed.title,
        detail: listed.detail,
        area_name: names.get(&listed.area).cloned().unwrap_or_default(),
        state: listed.state,
        received_unix_ms: listed.received_unix_ms,
    }
}

/// Villages with counts, those that hold anything first.
pub fn overview(view: &View<'_>, caller: &DeskCaller) -> Result<OverviewReply, Failure> {
    let names = area_names(view)?;
    let mut areas: BTreeMap<&str, AreaCounts> = BTreeMap::new();
    for code in &caller.villages {
        let township = view.area(code)?.and_then(|area| names.get(&area.parent).cloned()).unwrap_or_default();
        let name = names.get(code).cloned().unwrap_or_default();
        let counts = AreaCounts {
            code: code.clone(),
            name,
            township,
            units: 0,
            residents: 0,
            reports_open: 0,
            conflicts_open: 0,
            duplicates_open: 0,
        };
        areas.insert(code, counts);
    }
    for counted in view.area_counts()? {
        let Some(area) = areas.get_mut(counted.area.as_str()) else { continue };
        match (counted.kind.as_str(), counted.state.as_str()) {
            (kind::UNIT, _) => area.units += counted.count,
            (kind::RESIDENCY, "active") => area.residents += counted.count,
            // Registered all the same, and the station is asked.
            (kind::RESIDENCY, CONTRADICTED) => {
                area.residents += counted.count;
                area.conflicts_open += counted.count;
            }
            (kind::REPORT, "open") => area.reports_open += counted.count,
            (kind::CONFLICT, "open") => area.conflicts_open += counted.count,
            (kind::DUPLICATE, "open") => area.duplicates_open += counted.count,
            _ => {}
        }
    }
    let mut areas: Vec<AreaCounts> = areas.into_values().collect();
    areas.sort_by_key(|area| area.units + area.residents + area.reports_open + area.conflicts_open + area.duplicates_open == 0);
    Ok(OverviewReply { areas })
}

/// Coordinators needed for last year's registrations, and at work, in the caller's villages.
pub fn staffing(view: &View<'_>, caller: &DeskCaller, today: NaiveDate) -> Result<StaffingReply, Failure> {
    let year = today.year() - 1;
    let registered = view.registered_between(&caller.villages, &format!("{year}-01-01"), &format!("{year}-12-31"))?;
    let needed = staffing::coordinators_needed(&Rules::load(view)?.book, registered, today);
    let villages: BTreeSet<&String> = caller.villages.iter().collect();
    let mut at_work = 0;
    for account in view.accounts()?.iter().filter(|account| account.role == Role::Coordinator && !account.disabled) {
        if view.villages_of(account.id)?.iter().any(|village| villages.contains(village)) {
            at_work += 1;
        }
    }
    Ok(StaffingReply { year, registered, needed, at_work })
}

/// A page of records. How a card stands is asked for each day anew: what lists keep of it knows no day.
pub fn records(view: &View<'_>, caller: &DeskCaller, ask: &ListRecords, today: NaiveDate) -> Result<RecordPage, Failure> {
    if !LISTED.contains(&ask.kind.as_str()) {
        return Err(Failure::Desk(ErrorCode::NotFound));
    }
    let areas = match &ask.area {
        Some(area) if !caller.sees(area) => return Err(Failure::Desk(ErrorCode::NotAllowed)),
        Some(area) => vec![area.clone()],
        None => caller.villages.clone(),
    };
    let search: String = ask.query.chars().take(QUERY_CHARS_MAX).collect();
    let after = ask.after.as_deref().map(read_after).transpose()?;
    let limit = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let states: Vec<&str> = ask.states.iter().map(String::as_str).collect();
    if ask.kind == kind::PERMIT && !states.is_empty() {
        return cards(view, &areas, &states, today);
    }
    let of_kind =
        |kind: &str, states: &[&str], search: &str| view.list(ListQuery { kind, areas: &areas, states, search, after, limit });
    let by = |search: &str| -> Result<Vec<ListingRow>, Failure> {
        let mut found = of_kind(&ask.kind, &states, search)?;
        if ask.kind == kind::CONFLICT && (states.is_empty() || states.contains(&"open")) {
            // Visitors who contradict each other are asked about beside values that do: it is the registration itself.
            found.extend(of_kind(kind::RESIDENCY, &[CONTRADICTED], search)?);
            found.sort_by_key(|row| std::cmp::Reverse((row.received_unix_ms, row.id)));
        }
        Ok(found)
    };
    let mut found = by(&search)?;
    if found.is_empty() && !search.trim().is_empty() {
        found = by(&document_token(&search))?;
    }
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| format!("{}.{}", last.received_unix_ms, last.id));
    let names = area_names(view)?;
    let total = if search.trim().is_empty() && states.is_empty() {
        Some(view.list_total(&ask.kind, &areas)? + if ask.kind == kind::CONFLICT { contradicted(view, &areas)? } else { 0 })
    } else {
        None
    };
    let mut rows = Vec::with_capacity(found.len());
    for listed in found {
        rows.push(stands_today(view, row(listed, &names), today)?);
    }
    Ok(RecordPage { rows, next, total })
}

/// A card's row with where it stands today.
pub(super) fn stands_today(view: &View<'_>, row: RecordRow, today: NaiveDate) -> Result<RecordRow, Failure> {
    if row.kind != kind::PERMIT {
        return Ok(row);
    }
    let permit = view.record(row.id)?;
    let card = permit.map_or(Ok(None), |permit| Card::read(view, &permit, today))?;
    Ok(RecordRow { state: card.map_or(row.state, |card| card.state().to_owned()), ..row })
}

/// The cards that stand in one of these states today, those with the oldest news first; one page, as much as anybody works through.
fn cards(view: &View<'_>, areas: &[String], states: &[&str], today: NaiveDate) -> Result<RecordPage, Failure> {
    let names = area_names(view)?;
    let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        // What ended is over on every day.
        let listed = ["to_hand_out", "handed_out", "replace"];
        let page = view.list(ListQuery { kind: kind::PERMIT, areas, states: &listed, search: "", after, limit })?;
        after = page.last().map(|last| (last.received_unix_ms, last.id));
        let is_last = page.len() < PAGE;
        for listed in page {
            let row = stands_today(view, row(listed, &names), today)?;
            if states.contains(&row.state.as_str()) {
                rows.push(row);
            }
        }
        if is_last || after.is_none() {
            break;
        }
    }
    rows.reverse();
    let total = Some(rows.len() as u64);
    rows.truncate(CARDS_MAX);
    Ok(RecordPage { rows, next: None, total })
}

/// Registrations of these villages about which visitors contradict each other.
fn contradicted(view: &View<'_>, areas: &[String]) -> Result<u64, Failure> {
    let counts = view.area_counts()?;
    let here = counts.iter().filter(|counted| counted.kind == kind::RESIDENCY && counted.state == CONTRADICTED);
    Ok(here.filter(|counted| areas.contains(&counted.area)).map(|counted| counted.count).sum())
}

fn read_after(text: &str) -> Result<(i64, RecordId), Failure> {
    let bad = || Failure::Desk(ErrorCode::Malformed);
    let (at, id) = text.split_once('.').ok_or_else(bad)?;
    Ok((at.parse().map_err(|_| bad())?, id.parse().map_err(|_| bad())?))
}

/// Whoever is responsible for one of the villages, by name.
pub fn station_accounts(view: &View<'_>, caller: &DeskCaller) -> Result<BTreeMap<AccountId, String>, Failure> {
    let villages: BTreeSet<&String> = caller.villages.iter().collect();
    let mut names: BTreeMap<AccountId, String> = BTreeMap::new();
    for account in view.accounts()? {
        if view.villages_of(account.id)?.iter().any(|village| villages.contains(village)) {
            names.insert(account.id, account.name);
        }
    }
    Ok(names)
}

/// The devices of whoever is responsible for one of the villages, those with problems first.
pub fn devices(view: &View<'_>, caller: &DeskCaller, now_unix_ms: i64) -> Result<DevicesReply, Failure> {
    let names = station_accounts(view, caller)?;
    let rows = health::devices(view, now_unix_ms)?.into_iter().filter_map(|health| {
        let name = names.get(&health.device.account)?.clone();
        Some(device_row(health, name))
    });
    Ok(DevicesReply { rows: rows.collect() })
}

fn device_row(health: DeviceHealth, name: String) -> DeviceRow {
    let DeviceHealth { device, waiting, refused, held, photos_missing, problems } = health;
    DeviceRow {
        device: device.number.0,
        account: device.account,
        name,
        model: device.model,
        version: device.version,
        seen_unix_ms: device.seen_unix_ms,
        clock_ahead_ms: device.clock_ahead_ms,
        waiting,
        revoked: device.revoked,
        was: device.was.map(|was| was.0),
        renewed_for: device.renewed_for,
        closed: device.closed_unix_ms.is_some(),
        refused,
        held,
        photos_missing,
        problems,
    }
}
