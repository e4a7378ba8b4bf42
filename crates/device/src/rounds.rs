//! When each home is next visited. The file keeps days and facts; what is due follows from them, the pack and the day somebody asks.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::access::Role;
use domain::address::Address;
use domain::codes::UnitStatus;
use domain::form::parse_date;
use domain::grade::{Grade, GradeFacts};
use domain::patrol::{self, Appointment, Calls, Round};
use domain::unit::{self, Landlord, Registration};
use domain::{Record, RecordId, kind, withdrawal};
use store::device::{RoundLine, View, Writing};
use ui_protocol::today::{DueView, HomeRound};

use crate::error::Failure;
use crate::homes;
use crate::law::Law;

/// What a home's own record says to whoever makes rounds.
pub(crate) struct RoundFacts<'a> {
    pub(crate) id: RecordId,
    pub(crate) address: &'a Address,
    pub(crate) registration: Option<&'a Registration>,
    pub(crate) on_site: bool,
    pub(crate) calls: Calls,
    pub(crate) grade: GradeFacts,
}

impl RoundFacts<'_> {
    pub(crate) fn line(&self, role: Role) -> RoundLine {
        let [road, building, door] = self.address.steps();
        // A home that is paused or closed lets to nobody, and one that is not registered yet has its own row to do.
        let visited = self.registration.filter(|registration| registration.state == UnitStatus::Registered);
        let nothing = self.grade == GradeFacts::default();
        // Nobody is expected at a door where nobody lets any more.
        let state = self.registration.map_or(UnitStatus::Pending, |registration| registration.state);
        let expected = role == Role::Coordinator && matches!(state, UnitStatus::Pending | UnitStatus::Registered);
        let calls = if expected { self.calls.to_string() } else { self.calls.clone().without_appointments().to_string() };
        RoundLine {
            id: self.id,
            road,
            building,
            door,
            area: self.address.area.clone(),
            since: visited.filter(|_| role == Role::Coordinator).map(|registration| registration.on.clone()).unwrap_or_default(),
            calls,
            grade: if nothing { String::new() } else { serde_json::to_string(&self.grade).unwrap_or_default() },
            on_site: self.on_site,
        }
    }
}

/// Makes a home's line anew; nothing for a home that is not here.
pub(crate) fn refresh(writing: &Writing<'_>, id: RecordId, role: Role) -> Result<(), Failure> {
    let unit = writing.shown(id)?.filter(|unit| unit.kind == kind::UNIT && unit.fields("address").is_some());
    let Some(unit) = unit else { return Ok(()) };
    // Visited as part of the home it was merged into.
    if homes::root(writing, id)? != id {
        return Ok(());
    }
    let standing = |kind: &str| Ok::<_, Failure>(withdrawal::standing(homes::naming(writing, id, kind)?, &**writing)?);
    let (visits, checks) = (standing(kind::VISIT)?, standing(kind::INSPECTION)?);
    let (address, registration) = (unit.typed("address").unwrap_or_default(), unit::standing(&unit, &**writing)?);
    let facts = RoundFacts {
        id,
        address: &address,
        registration: registration.as_ref(),
        on_site: unit.typed::<Landlord>("landlord").is_some_and(|landlord| landlord.on_site),
        calls: Calls::of(visits.iter().chain(&checks)),
        grade: GradeFacts::of(&unit, &standing(kind::HAZARD)?, &homes::naming(writing, id, kind::REPORT)?),
    };
    writing.put_round(&facts.line(role))?;
    Ok(())
}

/// The homes whose rounds a record may change.
pub(crate) fn homes_of(record: &Record) -> Option<RecordId> {
    match record.kind.as_str() {
        kind::UNIT => Some(record.id),
        kind::VISIT | kind::INSPECTION => record.reference("fact", "unit"),
        kind::HAZARD => record.reference("what", "unit"),
        kind::REPORT => record.reference("said", "unit"),
        _ => None,
    }
}

/// Every home of the device on one day.
pub(crate) struct Rounds<'a> {
    law: &'a Law,
    today: NaiveDate,
    lines: Vec<RoundLine>,
    at: HashMap<RecordId, usize>,
    /// Homes share days and grades: each sum is done once.
    rounds: HashMap<(Grade, NaiveDate), Option<Round>>,
    left: HashMap<String, Option<DueView>>,
}

impl<'a> Rounds<'a> {
    pub(crate) fn all(view: &View<'_>, law: &'a Law, today: NaiveDate) -> Result<Rounds<'a>, Failure> {
        Ok(Rounds::over(view.rounds()?, law, today))
    }

    pub(crate) fn of(view: &View<'_>, ids: &[RecordId], law: &'a Law, today: NaiveDate) -> Result<Rounds<'a>, Failure> {
        Ok(Rounds::over(view.rounds_of(ids)?, law, today))
    }

    fn over(lines: Vec<RoundLine>, law: &'a Law, today: NaiveDate) -> Rounds<'a> {
        let at = lines.iter().enumerate().map(|(at, line)| (line.id, at)).collect();
        Rounds { law, today, lines, at, rounds: HashMap::new(), left: HashMap::new() }
    }

    pub(crate) fn line(&self, unit: RecordId) -> Option<&RoundLine> {
        self.at.get(&unit).map(|at| &self.lines[*at])
    }

    pub(crate) fn ids(&self) -> Vec<RecordId> {
        self.lines.iter().map(|line| line.id).collect()
    }

    pub(crate) fn calls(&self, unit: RecordId) -> Calls {
        self.line(unit).and_then(|line| line.calls.parse().ok()).unwrap_or_default()
    }

    /// When somebody said they would come again to a home. Few have such a word.
    pub(crate) fn appointment(&self, unit: RecordId) -> Option<Appointment> {
        let line = self.line(unit).filter(|line| line.calls.contains(Appointment::SIGN))?;
        line.calls.parse::<Calls>().ok()?.appointment(self.today)
    }

    /// Homes of a village that are visited, and were not since a day, `YYYY-MM-DD`.
    pub(crate) fn not_seen_since(&self, area: &str, from: &str) -> Vec<RecordId> {
        let seen = |line: &RoundLine| {
            let calls: Calls = line.calls.parse().unwrap_or_default();
            calls.seen_on(self.today).is_some_and(|on| on.to_string().as_str() >= from)
        };
        let here = |line: &&RoundLine| line.area == area && !line.since.is_empty() && !seen(line);
        self.lines.iter().filter(here).map(|line| line.id).collect()
    }

    /// How long is left until a day; each day is counted once.
    pub(crate) fn left(&mut self, on: &str) -> Option<DueView> {
        if let Some(known) = self.left.get(on) {
            return known.clone();
        }
        let left = self.law.left_until(on, self.today);
        self.left.insert(on.to_owned(), left.clone());
        left
    }

    /// How a home stands on this day; none for one that is not here or not to be visited.
    pub(crate) fn round(&mut self, unit: RecordId) -> Option<HomeRound> {
        let line = self.line(unit)?;
        let since = parse_date(&line.since)?;
        let facts: GradeFacts = serde_json::from_str(&line.grade).unwrap_or_default();
        let grade = facts.on(&self.law.book, self.today).grade;
        let seen_on = self.calls(unit).seen_on(self.today);
        let from = seen_on.unwrap_or(since);
        let (law, key) = (self.law, (grade, from));
        let round = *self.rounds.entry(key).or_insert_with(|| patrol::next_round(&law.book, &law.calendar, grade, from));
        let round = round?;
        Some(HomeRound {
            grade,
            seen_on: seen_on.map(|on| on.to_string()).unwrap_or_default(),
            due_on: round.due_on.to_string(),
            due: self.left(&round.until.to_string())?,
        })
    }
}
