//! Finished visits: of a home, one by one, and the home next door.

use chrono::NaiveDate;
use domain::address::Address;
use domain::codes::{UnitStatus, VisitPersonResult, VisitProof};
use domain::form::parse_date;
use domain::patrol::Calls;
use domain::presence::{Doubt, Presence};
use domain::visit::{self, VisitFact, VisitPersonFact};
use domain::{Record, grade, kind, residency, same, sweep, withdrawal};
use store::device::View;
use ui_protocol::ErrorCode;
use ui_protocol::visits::{FollowUp, Found, NextDoor, PastVisit, PastVisitView, PastVisits, PastVisitsReply, VisitRow};

use crate::error::Failure;
use crate::hands::Hands;
use crate::law::Law;
use crate::same::root_of_person;
use crate::{Device, derive, homes, presence, safety};

/// Visits of one home that its page lists.
const VISITS_MAX: usize = 50;
/// Homes of one street that are looked through for the next door.
const NEIGHBOURS_MAX: u32 = 60;

impl Device {
    pub(crate) fn past_visits(&self, ask: &PastVisits) -> Result<PastVisitsReply, Failure> {
        self.store.read(|view| {
            let hands = Hands::known(view, &self.require(view)?)?;
            let visits = homes::naming(view, ask.unit, kind::VISIT)?;
            let mut rows = Vec::new();
            for record in visits.iter().filter(|visit| visit::is_whole(visit)) {
                rows.extend(self.row(view, record, &hands)?);
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.observed_unix_ms, row.id)));
            rows.truncate(VISITS_MAX);
            Ok(PastVisitsReply { rows, next: visit::next_of(&withdrawal::standing(visits, view)?) })
        })
    }

    pub(crate) fn past_visit(&self, ask: &PastVisit) -> Result<PastVisitView, Failure> {
        self.store.read(|view| {
            let hands = Hands::known(view, &self.require(view)?)?;
            let record = view.shown(ask.visit)?.filter(|record| record.kind == kind::VISIT).ok_or(ErrorCode::NotFound)?;
            let fact: VisitFact = record.typed("fact").ok_or(ErrorCode::NotFound)?;
            let row = self.row(view, &record, &hands)?.ok_or(ErrorCode::NotFound)?;
            let facts = view.naming(record.id, kind::VISIT_PERSON)?;
            let (law, today) = (self.law(view)?, self.today(view)?);
            let mut people = Vec::new();
            for fact in visit::holding(&facts) {
                people.extend(found(view, fact, &law, today)?);
            }
            people.sort_by_key(|found| (found.observed_unix_ms, found.fact));
            if row.withdrawn {
                people.iter_mut().for_each(|found| found.next = None);
            }
            let unit = view.shown(homes::root(view, fact.unit)?)?;
            let emptied = unit.as_ref().map_or(Ok(None), |unit| super::empty::of(view, unit))?;
            Ok(PastVisitView {
                unit: unit.as_ref().map_or(fact.unit, |unit| unit.id),
                empty: emptied.filter(|emptied| emptied.said.visit == record.id).map(|emptied| emptied.view),
                title: unit.as_ref().map(derive::unit_title).unwrap_or_default(),
                row,
                notice: fact.notice,
                note: fact.note,
                people,
                next_door: match &unit {
                    Some(unit) => self.next_door(view, unit)?,
                    None => None,
                },
            })
        })
    }

    /// The next home of the building, else of the street, that is due for a visit or was never visited.
    fn next_door(&self, view: &View<'_>, unit: &Record) -> Result<Option<NextDoor>, Failure> {
        let (today, law) = (self.today(view)?, self.law(view)?);
        let Some(here) = unit.typed::<Address>("address") else { return Ok(None) };
        let building = |address: &Address| (address.plate_no.clone(), address.building.clone());
        let street = homes::street(&here);
        let Some(line) = view.unit_line(unit.id)? else { return Ok(None) };
        let swept_from = swept_from(view, &line.area, today)?;
        let mut best: Option<((bool, bool, String), NextDoor)> = None;
        for neighbour in view.units_at("\u{1}", &street.norm_key(), NEIGHBOURS_MAX)? {
            let same_area = neighbour.area == line.area && neighbour.id != unit.id;
            if !same_area {
                continue;
            }
            let Some(record) = view.shown(neighbour.id)? else { continue };
            let (visits, checks) = (
                withdrawal::standing(homes::naming(view, neighbour.id, kind::VISIT)?, view)?,
                withdrawal::standing(homes::naming(view, neighbour.id, kind::INSPECTION)?, view)?,
            );
            let last = visits.iter().filter(|visit| visit::is_whole(visit)).map(visit::observed).max();
            // As on Today: who did not open was not seen, and a safety check saw.
            let calls = Calls::of(visits.iter().chain(&checks));
            let seen_on = calls.seen_on(today);
            // Whoever said when they come again is waited for then.
            if calls.appointment(today).is_some_and(|appointment| appointment.on > today) {
                continue;
            }
            let wanted = match UnitStatus::from_code(&neighbour.state) {
                Some(UnitStatus::Registered) => {
                    swept_from.is_some_and(|from| seen_on.is_none_or(|on| on < from))
                        || is_due(view, &record, seen_on, &law, today)?
                }
                // Not registered yet, and nobody called there: it is on Today as that.
                Some(UnitStatus::Pending) => last.is_none(),
                _ => false,
            };
            if !wanted {
                continue;
            }
            let address: Address = record.typed("address").unwrap_or_default();
            // The same building first, then onwards down the street, then back to its beginning.
            let rank = (building(&address) != building(&here), neighbour.sort < line.sort, neighbour.sort.clone());
            if best.as_ref().is_none_or(|(known, _)| rank < *known) {
                let (unit, title, people) = (neighbour.id, neighbour.title, neighbour.people);
                best = Some((rank, NextDoor { unit, title, last_visit_unix_ms: last, people }));
            }
        }
        Ok(best.map(|(_, next)| next))
    }

    fn row(&self, view: &View<'_>, record: &Record, hands: &Hands) -> Result<Option<VisitRow>, Failure> {
        let (may_take_back, may_let_stand) = (self.may_take_back(view, record)?, self.may_let_stand(view, record)?);
        Ok(row(view, record, hands)?.map(|row| VisitRow { may_take_back, may_let_stand, ..row }))
    }
}

/// From which day on the village's sweeps want every home looked at: that of the one that began last.
fn swept_from(view: &View<'_>, area: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Failure> {
    let open = view.all(kind::SWEEP)?.into_iter().filter_map(|sweep| sweep::open_on(&sweep, today));
    Ok(open.filter(|what| what.area == area).filter_map(|what| parse_date(&what.from)).max())
}

/// Whether a home is to be visited by its grade's cycle; one that never was is.
fn is_due(view: &View<'_>, unit: &Record, seen_on: Option<NaiveDate>, law: &Law, today: NaiveDate) -> Result<bool, Failure> {
    let Some(seen_on) = seen_on else { return Ok(true) };
    let hazards = withdrawal::standing(homes::naming(view, unit.id, kind::HAZARD)?, view)?;
    let graded = safety::graded(view, unit, &hazards, law, today)?;
    let due = grade::next_due(&law.book, &law.calendar, graded.grade, seen_on);
    Ok(due.is_some_and(|due| due.on <= today))
}

fn row(view: &View<'_>, record: &Record, hands: &Hands) -> Result<Option<VisitRow>, Failure> {
    let Some(fact) = record.typed::<VisitFact>("fact") else { return Ok(None) };
    let facts = view.naming(record.id, kind::VISIT_PERSON)?;
    let mut waiting = view.is_waiting(record.id)?;
    let mut results = Vec::new();
    for fact in visit::holding(&facts) {
        waiting |= view.is_waiting(fact.id)?;
        results.extend(fact.typed::<VisitPersonFact>("fact").map(|fact| fact.result));
    }
    let count = |result: VisitPersonResult| results.iter().filter(|found| **found == result).count() as u64;
    let counts = VisitPersonResult::ALL.iter().map(|result| (*result, count(*result))).filter(|(_, count)| *count > 0);
    Ok(Some(VisitRow {
        id: record.id,
        observed_unix_ms: fact.observed_unix_ms,
        result: fact.result,
        by: hands.of(record, "fact"),
        counts: counts.collect(),
        next: fact.next,
        clock_suspect: fact.clock_suspect,
        scanned: fact.proof == VisitProof::PlateScan,
        withdrawn: withdrawal::is_taken_back(record.id, view)?,
        may_take_back: false,
        may_let_stand: false,
        waiting,
    }))
}

fn found(view: &View<'_>, record: &Record, law: &Law, today: NaiveDate) -> Result<Option<Found>, Failure> {
    let Some(fact) = record.typed::<VisitPersonFact>("fact") else { return Ok(None) };
    let person = root_of_person(view, fact.person)?;
    let residency = same::root(fact.residency, view)?;
    let stands = view.shown(residency)?.is_some_and(|residency| residency::is_active(&residency));
    // What was done about it is done: an answer asks for nothing any more once the registration ended or moved on, once what was found is
    // written down, and once somebody was seen again.
    let here = stands && super::registration_at(view, fact.unit, person)?.is_some();
    let presence = if here { presence::of(view, residency, law, today)? } else { Presence::default() };
    let said_gone = presence.doubts.iter().any(|doubt| matches!(doubt, Doubt::SaidGone { .. }));
    let next = match fact.result {
        _ if !here => None,
        VisitPersonResult::HereChanged | VisitPersonResult::MovedInBuilding
            if !presence.is_pending(fact.result, fact.observed_unix_ms) =>
        {
            None
        }
        VisitPersonResult::HereChanged => Some(FollowUp::Change),
        VisitPersonResult::MovedInBuilding => Some(FollowUp::Move),
        _ if !said_gone => None,
        VisitPersonResult::MovedInCounty => Some(FollowUp::Move),
        VisitPersonResult::Left | VisitPersonResult::NotExist => Some(FollowUp::End),
        _ => None,
    };
    Ok(Some(Found {
        fact: record.id,
        person,
        name: view.person_line(person)?.map(|line| line.name).unwrap_or_default(),
        result: fact.result,
        observed_unix_ms: fact.observed_unix_ms,
        corrected: fact.corrects.is_some(),
        next,
    }))
}
