//! A home at the station: its hazards looked at again, handed over and closed from the desk, the grade a coordinator proposes, and
//! what was recorded there by mistake. Each is a change like any other, judged by the rules that hold on every phone.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::VisitResult;
use domain::grade::{self, Override, Wanted};
use domain::hazard::{self, HandedTo, HazardState, Looked, Responsible, State, TEXT_MAX};
use domain::inspection::InspectionFact;
use domain::permit::{ApplicationState, Asked};
use domain::record::to_fields;
use domain::visit::VisitFact;
use domain::withdrawal::{self, Follows, Withdrawal};
use domain::{Record, RecordId, kind, same, text};
use store::StoreError;
use store::server::{ListQuery, View};
use ui_protocol::ErrorCode;
use ui_protocol::station_home::{
    AnswerGrade, HazardAct, HazardForStation, SafetyListReply, SafetyRow, StationCall, StationHazard, StationHome,
    TakeBackForStation,
};

use super::decide::{Decision, Part};
use super::{DeskCaller, lists, view};
use crate::clock::fresh_uuid;
use crate::core::Core;
use crate::failure::Failure;
use crate::register::{GRADE_WANTED, Rules};

/// Visits and checks shown on a home's page.
const CALLS_MAX: usize = 30;
/// Homes of one answer.
const HOMES_MAX: usize = 500;
/// Hazards and homes one answer looks at.
const LOOKED_AT_MAX: u32 = 5_000;
/// Characters of a reason.
const REASON_MAX: usize = 200;

/// What a home's page shows beside its values; `None` for anything else.
pub fn of(view: &View<'_>, caller: &DeskCaller, record: &Record) -> Result<Option<StationHome>, Failure> {
    if record.kind != kind::UNIT || record.dead.is_some() {
        return Ok(None);
    }
    let decides = caller.account.role == Role::Officer;
    let mut hazards: Vec<StationHazard> =
        open_hazards(view, record.id)?.iter().map(|hazard| hazard_row(hazard, decides)).collect();
    hazards.sort_by_key(|row| (Reverse(row.severity), row.due_on.clone(), row.item));
    let mut calls = Vec::new();
    let of_home = |of: &str| same::naming(record.id, kind::UNIT, of, view);
    for found in of_home(kind::VISIT)?.into_iter().chain(of_home(kind::INSPECTION)?) {
        calls.extend(call(view, &found)?);
    }
    calls.sort_by_key(|call| Reverse(call.observed_unix_ms));
    calls.truncate(CALLS_MAX);
    let wanted = match Wanted::of(record) {
        Some(wanted) => Some((wanted, proposer(view, record)?)),
        None => None,
    };
    Ok(Some(StationHome { hazards, calls, wanted }))
}

/// Who proposed a grade, as people say it; nothing of a device that is not known any more.
fn proposer(view: &View<'_>, unit: &Record) -> Result<String, StoreError> {
    let Some(origin) = unit.groups.get(grade::WANTED).map(|value| value.origin) else { return Ok(String::new()) };
    let device = view.device(origin.device)?;
    let account = device.map_or(Ok(None), |device| view.account(device.account))?;
    Ok(account.map(|account| account.name).unwrap_or_default())
}

fn open_hazards(view: &View<'_>, unit: RecordId) -> Result<Vec<Record>, StoreError> {
    let open = same::naming(unit, kind::UNIT, kind::HAZARD, view)?.into_iter().filter(hazard::is_open).collect();
    withdrawal::standing(open, view)
}

fn hazard_row(record: &Record, decides: bool) -> StationHazard {
    let state = hazard::state_of(record);
    let text = |group: &str, field: &str| record.text(group, field).unwrap_or_default().to_owned();
    let severity = record.typed::<hazard::What>("what").map_or(0, |what| what.severity);
    let may = |to: &&HazardState| decides && **to != state && HazardState::may_become(Some(state), **to);
    StationHazard {
        id: record.id,
        item: record.text("what", "item").and_then(Item::from_code),
        severity,
        description: text("what", "description"),
        state,
        handed_to: record.text("state", "to").and_then(HandedTo::from_code),
        responsible: record.text("charge", "responsible").and_then(Responsible::from_code),
        due_on: text("due", "on"),
        may: HazardState::ALL.iter().filter(may).copied().collect(),
    }
}

fn call(view: &View<'_>, record: &Record) -> Result<Option<StationCall>, StoreError> {
    let withdrawn = withdrawal::is_taken_back(record.id, view)?;
    let call = |observed_unix_ms: i64, result: Option<VisitResult>, failed: u64| StationCall {
        id: record.id,
        kind: record.kind.clone(),
        observed_unix_ms,
        result,
        failed,
        withdrawn,
    };
    Ok(match record.kind.as_str() {
        kind::VISIT => record
            .typed::<VisitFact>("fact")
            .filter(|fact| !fact.registering)
            .map(|fact| call(fact.observed_unix_ms, Some(fact.result), 0)),
        _ => record.typed::<InspectionFact>("fact").map(|fact| {
            let failed = fact.answers.values().filter(|answer| **answer == Answer::Fail).count() as u64;
            call(fact.observed_unix_ms, None, failed)
        }),
    })
}

/// The homes the station has something to do about.
pub fn list(view: &View<'_>, caller: &DeskCaller) -> Result<SafetyListReply, Failure> {
    let names = lists::area_names(view)?;
    let areas = &caller.villages;
    let open: Vec<&str> = HazardState::ALL.iter().filter(|state| state.is_open()).map(|state| state.code()).collect();
    let query = ListQuery { kind: kind::HAZARD, areas, states: &open, search: "", after: None, limit: LOOKED_AT_MAX };
    let mut homes: BTreeMap<RecordId, SafetyRow> = BTreeMap::new();
    let row = |unit: RecordId| -> Result<Option<SafetyRow>, StoreError> {
        Ok(view.listing(unit)?.map(|listed| SafetyRow {
            unit,
            title: listed.title,
            area_name: names.get(&listed.area).cloned().unwrap_or_default(),
            open: 0,
            severity: 0,
            due_on: String::new(),
            wanted: None,
        }))
    };
    for listed in view.list(query)? {
        let Some(record) = view.record(listed.id)?.filter(hazard::is_open) else { continue };
        let Some(unit) = record.reference("what", "unit").filter(|_| record.dead.is_none()) else { continue };
        if !withdrawal::stands(&record, view)? {
            continue;
        }
        if !homes.contains_key(&unit) {
            homes.extend(row(unit)?.map(|row| (unit, row)));
        }
        let (Some(home), found) = (homes.get_mut(&unit), hazard_row(&record, false)) else { continue };
        home.open += 1;
        home.severity = home.severity.max(found.severity);
        if !found.due_on.is_empty() && (home.due_on.is_empty() || found.due_on < home.due_on) {
            home.due_on = found.due_on;
        }
    }
    let query = ListQuery { kind: kind::UNIT, areas, states: &[], search: GRADE_WANTED, after: None, limit: LOOKED_AT_MAX };
    for listed in view.list(query)? {
        let wanted = view.record(listed.id)?.and_then(|unit| Wanted::open(&unit));
        if !homes.contains_key(&listed.id) {
            homes.extend(row(listed.id)?.map(|row| (listed.id, row)));
        }
        if let Some(home) = homes.get_mut(&listed.id) {
            home.wanted = wanted.map(|wanted| wanted.grade);
        }
    }
    let mut rows: Vec<SafetyRow> = homes.into_values().collect();
    rows.sort_by(|one, other| {
        let key = |row: &SafetyRow| (row.wanted.is_none(), Reverse(row.severity), row.due_on.clone(), row.title.clone());
        key(one).cmp(&key(other))
    });
    let cut = rows.len() > HOMES_MAX;
    rows.truncate(HOMES_MAX);
    Ok(SafetyListReply { rows, cut })
}

impl Core {
    pub(super) fn hazard_for_station(&self, caller: &DeskCaller, ask: &HazardForStation) -> Result<RecordId, Failure> {
        let note = text::check_text(&ask.note, TEXT_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        let (id, act, today, now_unix_ms) = (ask.id, ask.act, self.today(), self.now_unix_ms());
        let recheck = RecordId(fresh_uuid(&*self.clock, &*self.dice));
        let decision: Decision = Box::new(move |write, caller| {
            let (record, _) = view::seen(write, caller, id)?;
            let stands = record.kind == kind::HAZARD && hazard::is_open(&record) && withdrawal::stands(&record, write)?;
            if !stands {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            if let HazardAct::HandOver(to) = act {
                if !HazardState::may_become(Some(hazard::state_of(&record)), HazardState::HandedOver) {
                    return Err(Failure::Desk(ErrorCode::Stale));
                }
                let state = State { state: HazardState::HandedOver, on: today.to_string(), to: Some(to), recheck: None, note };
                return Ok(vec![Part::set(&record, "state", to_fields(&state))]);
            }
            let looked = Looked { fixed: act == HazardAct::Fixed, note, ..Looked::default() };
            let rules = Rules::load(write)?;
            let fact = looked.fact(record.id, now_unix_ms);
            let mut parts = vec![Part::new_record(kind::RECHECK, recheck, vec![("fact", to_fields(&fact))])];
            parts.extend(Part::set_all(&record, looked.groups(&record, recheck, &rules.book, &rules.calendar, today)));
            Ok(parts)
        });
        self.decide(caller, "desk.hazard", id, decision)
    }

    pub(super) fn answer_grade(&self, caller: &DeskCaller, ask: &AnswerGrade) -> Result<RecordId, Failure> {
        let reason = text::check_text(&ask.reason, REASON_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        if !ask.take && reason.is_empty() {
            return Err(Failure::Desk(ErrorCode::Form));
        }
        let (id, taken, today) = (ask.id, ask.take, self.today());
        let decision: Decision = Box::new(move |write, caller| {
            let (unit, _) = view::seen(write, caller, id)?;
            let wanted = Wanted::open(&unit).filter(|_| unit.kind == kind::UNIT && unit.dead.is_none());
            let wanted = wanted.ok_or(Failure::Desk(ErrorCode::Stale))?;
            let (reviewer, on) = (caller.account.name.clone(), today.to_string());
            let mut groups = BTreeMap::new();
            if taken {
                let (reason, reviewer, on) = (wanted.reason.clone(), reviewer.clone(), on.clone());
                groups.insert("grade".to_owned(), to_fields(&Override { grade: wanted.grade, reason, reviewer, on }));
            }
            let answer = Some(grade::Answer { taken, reason, reviewer, on });
            groups.insert(grade::WANTED.to_owned(), to_fields(&Wanted { answer, ..wanted }));
            Ok(Part::set_all(&unit, groups).into_iter().collect())
        });
        self.decide(caller, "desk.grade_answer", id, decision)
    }

    pub(super) fn take_back_for_station(&self, caller: &DeskCaller, ask: &TakeBackForStation) -> Result<RecordId, Failure> {
        let note = text::check_text(&ask.note, withdrawal::NOTE_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        let (id, stands, today) = (ask.id, ask.stands, self.today());
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        let decision: Decision = Box::new(move |write, caller| {
            let (record, _) = view::seen(write, caller, id)?;
            if !may_take_back(write, &record)? && !stands {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let withdrawals = withdrawal::holding(record.id, write)?;
            if stands && (withdrawals.is_empty() || another_is_open(write, &record)?) {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            let named = if stands { withdrawals.iter().map(|withdrawal| withdrawal.id).collect() } else { vec![record.id] };
            let mut parts = Vec::new();
            for of in named {
                let fact = Withdrawal { of, note: note.clone() };
                let new = RecordId(fresh_uuid(&*clock, &*dice));
                parts.push(Part::new_record(kind::WITHDRAWAL, new, vec![("fact", to_fields(&fact))]));
            }
            if record.kind == kind::INSPECTION {
                let rules = Rules::load(write)?;
                for follows in withdrawal::follows(&record, stands, write, &rules.book, &rules.calendar, today)? {
                    match follows {
                        Follows::Set(hazard, groups) => parts.extend(Part::set_all(&hazard, groups)),
                        Follows::Create(groups) => {
                            let groups = groups.iter().map(|(name, fields)| (name.as_str(), fields.clone())).collect();
                            parts.push(Part::new_record(kind::HAZARD, RecordId(fresh_uuid(&*clock, &*dice)), groups));
                        }
                    }
                }
            }
            Ok(parts)
        });
        self.decide(caller, "desk.take_back", id, decision)
    }
}

/// Whether the station may take a record back: it is no longer possible once it has answered an application.
pub fn may_take_back(view: &View<'_>, record: &Record) -> Result<bool, StoreError> {
    let may = withdrawal::may_be_taken_back(&record.kind) && record.dead.is_none() && !withdrawal::is_decided(record);
    Ok(may && !withdrawal::is_taken_back(record.id, view)?)
}

/// Whether its holder asked for the same permit once more: two applications would stand in each other's way.
fn another_is_open(view: &View<'_>, application: &Record) -> Result<bool, StoreError> {
    let (Some(asked), Some(person)) = (application.typed::<Asked>("asked"), application.reference("who", "person")) else {
        return Ok(false);
    };
    for other in same::naming(person, kind::PERSON, kind::PERMIT_APPLICATION, view)? {
        let same = other.id != application.id && other.typed::<Asked>("asked").is_some_and(|other| other.kind == asked.kind);
        if same && ApplicationState::of(&other).is_open() && withdrawal::stands(&other, view)? {
            return Ok(true);
        }
    }
    Ok(false)
}
