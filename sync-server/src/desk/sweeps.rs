//! Sweeps at the desk: set for villages, watched, closed. Only the station sets one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::codes::UnitStatus;
use domain::form::{may_save, parse_date};
use domain::patrol::Calls;
use domain::record::to_fields;
use domain::sweep::{SweepClosed, SweepWhat};
use domain::{Record, RecordId, kind, same, withdrawal};
use store::server::{ListQuery, View};
use ui_protocol::ErrorCode;
use ui_protocol::sweeps::{CloseSweep, SetSweep, SweepHome, SweepRow, SweepsReply};

use super::decide::{Decision, Part};
use super::{DeskCaller, lists};
use crate::clock::fresh_uuid;
use crate::core::Core;
use crate::failure::Failure;

/// Homes of a village that are counted; the largest of the county has a tenth of it.
const HOMES_MAX: u32 = 20_000;
/// Closed sweeps that are still shown.
const CLOSED_SHOWN: usize = 30;
/// Homes nobody looked at yet that are listed; the rest is counted.
const LEFT_SHOWN: usize = 200;

/// The sweeps of the caller's villages, the open ones first.
pub fn list(view: &View<'_>, caller: &DeskCaller, today: NaiveDate) -> Result<SweepsReply, Failure> {
    let names = lists::area_names(view)?;
    let mut found: Vec<(Record, SweepWhat)> = Vec::new();
    for sweep in view.records_of_kind(kind::SWEEP)? {
        let what = sweep.typed::<SweepWhat>("what").filter(|what| caller.sees(&what.area));
        found.extend(what.map(|what| (sweep, what)));
    }
    let (mut shown, mut closed): (Vec<_>, Vec<_>) = found.into_iter().partition(|(sweep, _)| sweep.fields("closed").is_none());
    shown.sort_by(|(a, one), (b, other)| (&one.until, &one.area, a.id).cmp(&(&other.until, &other.area, b.id)));
    closed.sort_by_key(|(sweep, _)| std::cmp::Reverse((sweep.text("closed", "on").unwrap_or_default().to_owned(), sweep.id)));
    shown.extend(closed.into_iter().take(CLOSED_SHOWN));
    let mut villages: BTreeMap<String, Vec<Home>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(shown.len());
    for (sweep, what) in shown {
        let (progress, closed_on) = match sweep.typed::<SweepClosed>("closed") {
            // What was seen when it was closed: whoever came later came for something else.
            Some(closed) => (Progress { done: closed.done, homes: closed.homes, left: Vec::new() }, closed.on),
            None => {
                if !villages.contains_key(&what.area) {
                    villages.insert(what.area.clone(), homes(view, &what.area, today)?);
                }
                (Progress::of(&what, villages.get(&what.area).map(Vec::as_slice).unwrap_or_default(), today), String::new())
            }
        };
        rows.push(SweepRow {
            id: sweep.id,
            area_name: names.get(&what.area).cloned().unwrap_or_default(),
            closed_on,
            name: what.name,
            how: what.how,
            from: what.from,
            until: what.until,
            done: progress.done,
            homes: progress.homes,
            left: progress.left,
        });
    }
    Ok(SweepsReply { rows })
}

/// A registered home, and when somebody last looked at it.
struct Home {
    id: RecordId,
    title: String,
    seen_on: Option<NaiveDate>,
}

fn homes(view: &View<'_>, area: &str, today: NaiveDate) -> Result<Vec<Home>, Failure> {
    let (areas, states) = ([area.to_owned()], [UnitStatus::Registered.code()]);
    let query = ListQuery { kind: kind::UNIT, areas: &areas, states: &states, search: "", after: None, limit: HOMES_MAX };
    let mut homes = Vec::new();
    for listed in view.list(query)? {
        let of_home = |of: &str| same::naming(listed.id, kind::UNIT, of, view);
        let (visits, checks) = (of_home(kind::VISIT)?, of_home(kind::INSPECTION)?);
        let (visits, checks) = (withdrawal::standing(visits, view)?, withdrawal::standing(checks, view)?);
        let seen_on = Calls::of(visits.iter().chain(&checks)).seen_on(today);
        homes.push(Home { id: listed.id, title: listed.title, seen_on });
    }
    homes.sort_by(|one, other| one.title.cmp(&other.title));
    Ok(homes)
}

/// How far a sweep has come.
struct Progress {
    done: u64,
    homes: u64,
    left: Vec<SweepHome>,
}

impl Progress {
    fn of(what: &SweepWhat, homes: &[Home], today: NaiveDate) -> Progress {
        let Some(from) = parse_date(&what.from).filter(|from| *from <= today) else {
            return Progress { done: 0, homes: homes.len() as u64, left: Vec::new() };
        };
        let (done, left): (Vec<&Home>, Vec<&Home>) = homes.iter().partition(|home| home.seen_on.is_some_and(|on| on >= from));
        let left = left.into_iter().take(LEFT_SHOWN).map(|home| SweepHome { id: home.id, title: home.title.clone() });
        Progress { done: done.len() as u64, homes: homes.len() as u64, left: left.collect() }
    }
}

impl Core {
    pub(super) fn set_sweep(&self, caller: &DeskCaller, ask: &SetSweep) -> Result<(), Failure> {
        let today = self.today();
        if !may_save(&ask.form.check(today)) {
            return Err(Failure::Desk(ErrorCode::Form));
        }
        let whats = ask.form.whats();
        if !whats.iter().all(|what| caller.sees(&what.area)) {
            return Err(Failure::Desk(ErrorCode::NotAllowed));
        }
        let ids: Vec<RecordId> = whats.iter().map(|_| RecordId(fresh_uuid(&*self.clock, &*self.dice))).collect();
        let first = *ids.first().ok_or(Failure::Desk(ErrorCode::Form))?;
        let decision: Decision = Box::new(move |_, _| {
            let made = ids.into_iter().zip(&whats);
            Ok(made.map(|(id, what)| Part::new_record(kind::SWEEP, id, vec![("what", to_fields(what))])).collect())
        });
        self.decide(caller, "desk.sweep", first, decision)?;
        Ok(())
    }

    pub(super) fn close_sweep(&self, caller: &DeskCaller, ask: &CloseSweep) -> Result<(), Failure> {
        let (id, today) = (ask.id, self.today());
        let decision: Decision = Box::new(move |write, caller| {
            let sweep = write.record(id)?.filter(|sweep| sweep.kind == kind::SWEEP);
            let what = sweep.as_ref().and_then(|sweep| sweep.typed::<SweepWhat>("what")).filter(|what| caller.sees(&what.area));
            let (Some(sweep), Some(what)) = (sweep, what) else { return Err(Failure::Desk(ErrorCode::NotFound)) };
            if sweep.fields("closed").is_some() {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let Progress { done, homes, .. } = Progress::of(&what, &homes(write, &what.area, today)?, today);
            Ok(vec![Part::set(&sweep, "closed", to_fields(&SweepClosed { on: today.to_string(), done, homes }))])
        });
        self.decide(caller, "desk.sweep_close", id, decision)?;
        Ok(())
    }
}
