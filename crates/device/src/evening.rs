//! The day's log, from the outbox: what was saved on this device, what it was about, and how far it has come. Nothing of it is
//! stored: the outbox is what happened.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::form::parse_date;
use domain::residency::CANCELLED;
use domain::{RecordId, TxnId, Verb, day, kind};
use store::device::{OutboxChange, OutboxState, View};
use ui_protocol::evening::{DayCounts, DayEvent, DayLine, DayLog, DayLogView, HandIn};
use ui_protocol::units::ChangeState;

use crate::Device;
use crate::error::Failure;
use crate::history::on_page_of;

/// Days offered to look back at: as long as devices keep what they were answered.
const DAYS_MAX: u32 = 31;
/// Changes of one day that are looked at: many times a coordinator's longest.
const CHANGES_MAX: u32 = 5_000;

/// One save with its changes, in order.
struct Saved {
    txn: TxnId,
    changes: Vec<OutboxChange>,
}

impl Device {
    pub(crate) fn day_log(&self, ask: &DayLog) -> Result<DayLogView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let today = self.today(view)?;
            let on = ask.on.as_deref().and_then(parse_date).unwrap_or(today);
            let saves = saves(view, on)?;
            let mut lines = Vec::new();
            for saved in saves.iter().rev() {
                lines.extend(self.day_line(view, saved)?);
            }
            let mut days: Vec<(String, u64)> = view
                .days_with_saves(day::OFFSET_MS, day::DAY_MS, DAYS_MAX)?
                .into_iter()
                .map(|(number, count)| (day::day_of(number * day::DAY_MS - day::OFFSET_MS).to_string(), count))
                .collect();
            if days.first().is_none_or(|(newest, _)| *newest != today.to_string()) {
                days.insert(0, (today.to_string(), 0));
            }
            Ok(DayLogView { on: on.to_string(), days, hand_in: hand_in(&saves), counts: counts(&saves, &lines), lines })
        })
    }

    fn day_line(&self, view: &View<'_>, saved: &Saved) -> Result<Option<DayLine>, Failure> {
        let Some((event, about)) = about(&saved.changes) else { return Ok(None) };
        let held = view.held(about.record)?.map(|held| held.shown);
        let mut title = self.title_of(view, about.record)?;
        if title.is_empty() {
            // Refused, and gone from here: the save itself still says who it was about.
            title = saved.changes.iter().find_map(|row| name_in(row, "identity", "name")).unwrap_or_default();
        }
        let groups: BTreeSet<String> = match event {
            DayEvent::Changed | DayEvent::HomeChanged => saved
                .changes
                .iter()
                .flat_map(|row| row.change.groups.keys().cloned())
                .filter(|group| group != kind::PLACE)
                .collect(),
            _ => BTreeSet::new(),
        };
        Ok(Some(DayLine {
            at_unix_ms: saved.changes.first().map_or(0, |row| row.saved_unix_ms),
            event,
            record: about.record,
            kind: held.as_ref().map_or(about.kind, |record| record.kind.clone()),
            on_page_of: held.as_ref().and_then(on_page_of),
            title,
            groups: groups.into_iter().collect(),
            state: state(&saved.changes),
            no: saved.txn.number(),
        }))
    }
}

fn saves(view: &View<'_>, on: NaiveDate) -> Result<Vec<Saved>, Failure> {
    let start = day::start_of_day_unix_ms(on);
    let mut saves: Vec<Saved> = Vec::new();
    for row in view.changes_between(start, start + day::DAY_MS, CHANGES_MAX)? {
        match saves.last_mut().filter(|saved| saved.txn == row.change.txn) {
            Some(saved) => saved.changes.push(row),
            None => saves.push(Saved { txn: row.change.txn, changes: vec![row] }),
        }
    }
    Ok(saves)
}

/// The record a save is about.
struct About {
    record: RecordId,
    kind: String,
}

fn reference(row: &OutboxChange, group: &str, field: &str) -> Option<RecordId> {
    name_in(row, group, field)?.parse().ok()
}

fn name_in(row: &OutboxChange, group: &str, field: &str) -> Option<String> {
    row.change.groups.get(group)?.fields.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a save was, by the weightiest of its changes, and whose page tells more.
fn about(changes: &[OutboxChange]) -> Option<(DayEvent, About)> {
    let mut ranked: Vec<(usize, DayEvent, &OutboxChange)> = changes
        .iter()
        .map(|row| {
            let event = event(row);
            (WEIGHT.iter().position(|known| *known == event).unwrap_or(WEIGHT.len()), event, row)
        })
        .collect();
    // What was taken back with others is named last: it is what they hung on.
    ranked.reverse();
    let found = ranked.into_iter().min_by_key(|(weight, ..)| *weight);
    let (_, event, row) = found?;
    let named = match row.change.kind.as_str() {
        kind::RESIDENCY if row.change.verb == Verb::Create => reference(row, "who", "person").map(|id| (id, kind::PERSON)),
        kind::STAY => reference(row, "where", "person").map(|id| (id, kind::PERSON)),
        kind::VISIT => reference(row, "fact", "unit").map(|id| (id, kind::UNIT)),
        kind::VISIT_PERSON => reference(row, "fact", "person").map(|id| (id, kind::PERSON)),
        kind::RECHECK => reference(row, "fact", "hazard").map(|id| (id, kind::HAZARD)),
        kind::WITHDRAWAL => reference(row, "fact", "of").map(|id| (id, kind::VISIT)),
        kind::PHOTO => reference(row, "fact", "of").map(|id| (id, kind::UNIT)),
        kind::TENANCY => reference(row, "where", "unit").map(|id| (id, kind::UNIT)),
        kind::PERMIT_EVENT => reference(row, "fact", "permit").map(|id| (id, kind::PERMIT)),
        kind::ACCESS => reference(row, "fact", "record").map(|id| (id, kind::PERSON)),
        _ => None,
    };
    let (record, kind) = named.unwrap_or((row.change.record, row.change.kind.as_str()));
    Some((event, About { record, kind: kind.to_owned() }))
}

/// Which of the things one save did names it.
const WEIGHT: [DayEvent; 20] = [
    DayEvent::TakenBack,
    DayEvent::Departed,
    DayEvent::HandedOver,
    DayEvent::Registered,
    DayEvent::Referred,
    DayEvent::Moved,
    DayEvent::Checked,
    DayEvent::HazardLooked,
    DayEvent::HazardFound,
    DayEvent::LetterSigned,
    DayEvent::ReportDecided,
    DayEvent::PermitStep,
    DayEvent::HomeAdded,
    DayEvent::HomeChanged,
    DayEvent::Changed,
    DayEvent::Visited,
    DayEvent::Photographed,
    DayEvent::Settled,
    DayEvent::Looked,
    DayEvent::Other,
];

fn event(row: &OutboxChange) -> DayEvent {
    let change = &row.change;
    let created = change.verb == Verb::Create;
    if change.verb == Verb::Delete {
        return DayEvent::TakenBack;
    }
    match change.kind.as_str() {
        kind::RESIDENCY if created => DayEvent::Registered,
        kind::RESIDENCY if name_in(row, "status", "state").as_deref() == Some(CANCELLED) => DayEvent::Departed,
        kind::RESIDENCY | kind::PERSON if change.groups.contains_key("handed") => DayEvent::HandedOver,
        kind::RESIDENCY if change.groups.contains_key("weighed") => DayEvent::Settled,
        kind::STAY if created => DayEvent::Moved,
        kind::PERSON | kind::RESIDENCY | kind::STAY => DayEvent::Changed,
        kind::REFERRAL => DayEvent::Referred,
        kind::WITHDRAWAL => DayEvent::TakenBack,
        kind::INSPECTION => DayEvent::Checked,
        kind::HAZARD if created => DayEvent::HazardFound,
        kind::HAZARD | kind::RECHECK => DayEvent::HazardLooked,
        kind::LETTER => DayEvent::LetterSigned,
        kind::REPORT => DayEvent::ReportDecided,
        kind::PERMIT | kind::PERMIT_APPLICATION | kind::PERMIT_EVENT => DayEvent::PermitStep,
        kind::UNIT if created => DayEvent::HomeAdded,
        kind::UNIT | kind::ROOM | kind::TENANCY => DayEvent::HomeChanged,
        kind::VISIT | kind::VISIT_PERSON => DayEvent::Visited,
        kind::PHOTO | kind::PHOTO_WITHDRAWAL => DayEvent::Photographed,
        kind::CONFLICT | kind::DUPLICATE => DayEvent::Settled,
        kind::ACCESS => DayEvent::Looked,
        _ => DayEvent::Other,
    }
}

/// The worst fate of a change is the fate of its save; what was sent again goes on under its new number.
fn state(changes: &[OutboxChange]) -> ChangeState {
    let is = |state: OutboxState| changes.iter().any(|row| row.state == state);
    if is(OutboxState::Refused) || is(OutboxState::Resent) || is(OutboxState::Discarded) {
        ChangeState::Refused
    } else if is(OutboxState::Held) {
        ChangeState::Held
    } else if is(OutboxState::Merged) {
        ChangeState::Conflict
    } else if is(OutboxState::Waiting) {
        ChangeState::Waiting
    } else {
        ChangeState::Answered
    }
}

fn hand_in(saves: &[Saved]) -> HandIn {
    let mut hand_in = HandIn { saved: saves.len() as u64, ..HandIn::default() };
    for saved in saves {
        match state(&saved.changes) {
            ChangeState::Waiting => hand_in.waiting += 1,
            ChangeState::Answered => hand_in.on_server += 1,
            ChangeState::Conflict => hand_in.conflicts += 1,
            ChangeState::Refused => hand_in.refused += 1,
            ChangeState::Held => hand_in.held += 1,
        }
        let answered = saved.changes.iter().filter_map(|row| row.answered_unix_ms).max();
        hand_in.receipt_unix_ms = hand_in.receipt_unix_ms.max(answered);
    }
    hand_in
}

fn counts(saves: &[Saved], lines: &[DayLine]) -> DayCounts {
    let count = |events: &[DayEvent]| lines.iter().filter(|line| events.contains(&line.event)).count() as u64;
    // A mistake that was taken back was no work, nor is the save that put things back as they were.
    let of_withdrawal = |row: &OutboxChange| {
        if row.change.kind == kind::WITHDRAWAL { reference(row, "fact", "of") } else { None }
    };
    let mistakes: BTreeSet<RecordId> = saves.iter().flat_map(|saved| &saved.changes).filter_map(of_withdrawal).collect();
    let counts = |saved: &&Saved| saved.changes.iter().all(|row| row.change.kind != kind::WITHDRAWAL);
    let was_mistake = |row: &OutboxChange| {
        let check = reference(row, "what", "inspection");
        mistakes.contains(&row.change.record) || check.is_some_and(|check| mistakes.contains(&check))
    };
    let created = |kind: &'static str| {
        let rows = saves.iter().filter(counts).flat_map(|saved| &saved.changes);
        rows.filter(move |row| row.change.kind == kind && row.change.verb == Verb::Create).filter(|row| !was_mistake(row))
    };
    // Where somebody was registered and nobody went through the home, nobody visited.
    let only_registers = |row: &&OutboxChange| {
        let fact = row.change.groups.get("fact");
        fact.and_then(|fact| fact.fields.get("registering")?.as_bool()).unwrap_or(false)
    };
    let doors: BTreeSet<RecordId> =
        created(kind::VISIT).filter(|row| !only_registers(row)).filter_map(|row| reference(row, "fact", "unit")).collect();
    DayCounts {
        homes_visited: doors.len() as u64,
        registered: created(kind::RESIDENCY).count() as u64,
        changed: count(&[DayEvent::Changed, DayEvent::Moved, DayEvent::HomeChanged]),
        departed: count(&[DayEvent::Departed, DayEvent::HandedOver]),
        checked: created(kind::INSPECTION).count() as u64,
        hazards: created(kind::HAZARD).count() as u64,
    }
}
