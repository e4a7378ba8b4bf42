//! Half a year of work in two villages.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Days, NaiveDate};
use domain::codes::{IntendedStay, Reason, Relation};
use domain::tenancy::{Lease, TenancyWhere};
use domain::{Record, RecordId, day, kind};

use super::cast::{ACCOUNTS, CHEN_PHONE, LI_VILLAGE, Someone, WANG_VILLAGE, someone};
use super::homes::{home, rooms_of};
use super::pen::Pen;
use super::people::{Registered, Resident, registration};
use crate::accounts::NewAccount;
use crate::clock::{Clock, SeededDice, SystemDice};
use crate::core::Core;
use crate::county::{CHANGSHAN_CSV, read_areas};
use crate::register::Rules;

const HOMES: usize = 40;
const PEOPLE: usize = 150;
/// The story begins this many days ago.
const DAYS_BACK: u64 = 180;

/// A clock that the story moves.
struct StoryClock(AtomicI64);

impl Clock for StoryClock {
    fn now_unix_ms(&self) -> i64 {
        // A millisecond for each look: two saves of one moment stay in order.
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// A home of the story.
pub(super) struct Home {
    pub(super) unit: RecordId,
    pub(super) rooms: Vec<RecordId>,
    pub(super) wangs: bool,
}

/// Half a year in the making.
pub(super) struct Story {
    pub(super) core: Arc<Core>,
    clock: Arc<StoryClock>,
    pub(super) dice: SeededDice,
    pub(super) rules: Rules,
    today: NaiveDate,
    pub(super) wang: Pen,
    pub(super) li: Pen,
    pub(super) homes: Vec<Home>,
    /// Who was registered, in which home.
    pub(super) people: Vec<(Registered, usize)>,
    number: usize,
}

/// Makes the demo county in a new file. The same day and seed give the same people.
///
/// # Errors
/// As the server says.
pub fn fill(path: &Path, today: NaiveDate, seed: u64) -> anyhow::Result<()> {
    let clock = Arc::new(StoryClock(AtomicI64::new(0)));
    let first = today.checked_sub_days(Days::new(DAYS_BACK)).unwrap_or(today);
    clock.0.store(day::start_of_day_unix_ms(first) + 8 * 3_600_000, Ordering::Relaxed);
    let core = Core::create(path, clock.clone(), Arc::new(SystemDice))?;
    core.import_areas(read_areas(CHANGSHAN_CSV)?)?;
    core.init_county()?;
    for account in ACCOUNTS {
        core.add_account(NewAccount {
            login: account.login.to_owned(),
            name: account.name.to_owned(),
            role: account.role,
            phone: account.phone.to_owned(),
            areas: account.areas.iter().map(|&area| area.to_owned()).collect(),
            password: account.password.to_owned(),
        })?;
    }
    let rules = core.look(|view| Ok(Rules::load(view)?))?;
    let (mut wang, mut li) = (Pen::new(&core, "wang")?.telling(), Pen::new(&core, "li")?.telling());
    wang.sync()?;
    li.sync()?;
    let mut story = Story {
        core,
        clock,
        dice: SeededDice::new(seed),
        rules,
        today,
        wang,
        li,
        homes: Vec::new(),
        people: Vec::new(),
        number: 0,
    };
    story.register_homes()?;
    story.register_people()?;
    story.leave_and_move()?;
    story.referrals()?;
    story.landlord_reports()?;
    story.conflict()?;
    story.visits()?;
    story.safety()?;
    story.permits()?;
    story.rounds()?;
    story.endings()?;
    story.pictures()?;
    story.sweeps()?;
    let refused = story.core.metrics.changes_refused_total.load(Ordering::Relaxed);
    anyhow::ensure!(refused == 0, "the demo does what its own rules refuse ({refused} changes)");
    story.late_work()?;
    // The story's own hands are done; what people enrol now are real devices.
    for (device, _) in story.core.list_devices()? {
        story.core.revoke_device(device.number)?;
    }
    story.core.stop();
    Ok(())
}

impl Story {
    pub(super) fn ago(&self, days: u64) -> NaiveDate {
        self.today.checked_sub_days(Days::new(days)).unwrap_or(self.today)
    }

    /// Moves the clock to an hour of the day that many days ago.
    pub(super) fn go_to(&self, days_ago: u64, hour: i64) -> i64 {
        let at = day::start_of_day_unix_ms(self.ago(days_ago))
            + hour * 3_600_000
            + i64::try_from(self.dice.below(50)).unwrap_or(0) * 60_000;
        self.clock.0.store(at, Ordering::Relaxed);
        at
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn next_person(&mut self, years: std::ops::Range<i32>) -> Someone {
        self.number += 1;
        someone(&self.dice, self.number, years, self.today)
    }

    pub(super) fn pen(&mut self, wangs: bool) -> &mut Pen {
        if wangs { &mut self.wang } else { &mut self.li }
    }

    fn register_homes(&mut self) -> anyhow::Result<()> {
        for number in 0..HOMES {
            let days_ago = DAYS_BACK - (number as u64) * 3 / 2;
            self.go_to(days_ago, 9);
            let wangs = number % 9 < 5;
            let owner = self.next_person(35..70);
            // 陈国平 lets two homes in the one village and one in the other.
            let landlord = if matches!(number, 1 | 5 | 10) {
                ("陈国平", CHEN_PHONE)
            } else {
                (owner.name.as_str(), owner.phone.as_str())
            };
            let rooms = ["", "101-103,201-203", "1-4", "101,102,201,202,301", "1-6"][number % 5];
            let village = if wangs { WANG_VILLAGE } else { LI_VILLAGE };
            let on = self.ago(days_ago);
            let pen = if wangs { &self.wang } else { &self.li };
            let (drafts, unit) = home(pen, village, 3 + number * 2, landlord, rooms, on, &self.dice);
            let rooms = rooms_of(&drafts);
            let pen = self.pen(wangs);
            pen.save(drafts);
            pen.sync()?;
            self.homes.push(Home { unit, rooms, wangs });
        }
        Ok(())
    }

    fn register_people(&mut self) -> anyhow::Result<()> {
        const EMPLOYERS: [&str; 6] = ["", "常山轴承厂", "辉埠矿业", "胡柚食品厂", "天马纺织", "个体经营"];
        for number in 0..PEOPLE {
            // Evenly from long ago until the day before yesterday, so that some registrations are about to need attention.
            let days_ago = 115 - (number as u64) * 113 / (PEOPLE as u64);
            let visited_unix_ms = self.go_to(days_ago, 18);
            let at = (number * 7 + number / 5) % self.homes.len();
            let (unit, wangs, rooms) = (self.homes[at].unit, self.homes[at].wangs, self.homes[at].rooms.clone());
            let child = number % 17 == 16;
            let who = self.next_person(if child { 2..14 } else { 18..58 });
            let guardian = if child { Some(self.next_person(28..45)) } else { None };
            let pick = self.dice.below(10);
            let resident = Resident {
                who,
                unit,
                room: if rooms.is_empty() { None } else { Some(rooms[number % rooms.len()]) },
                arrival_on: self.ago(days_ago + self.dice.below(4) as u64),
                visited_unix_ms,
                reason: if child {
                    Reason::JoinRelatives
                } else {
                    [Reason::Working, Reason::Working, Reason::Trading, Reason::ServiceTrade][pick % 4]
                },
                relation: if child {
                    Relation::Family
                } else {
                    [Relation::Lessee, Relation::Lessee, Relation::Coworker, Relation::Family][pick % 4]
                },
                intended: [IntendedStay::SixMonths, IntendedStay::OneYear, IntendedStay::ThreeMonths, IntendedStay::TwoYears]
                    [number % 4],
                employer: if child { String::new() } else { EMPLOYERS[self.dice.below(EMPLOYERS.len())].to_owned() },
                guardian,
            };
            let pen = if wangs { &self.wang } else { &self.li };
            let (mut drafts, made) = registration(pen, &self.rules, &resident);
            if resident.relation == Relation::Lessee {
                let place = TenancyWhere { unit, room: resident.room, person: Some(made.person) };
                let period = Lease::from(resident.arrival_on.to_string());
                drafts.push(pen.create(kind::TENANCY).with("where", &place).with("period", &period));
            }
            let pen = self.pen(wangs);
            pen.save(drafts);
            pen.sync()?;
            self.people.push((made, at));
        }
        Ok(())
    }

    pub(super) fn record(&self, id: RecordId) -> anyhow::Result<Record> {
        let found = self.wang.record(id).or_else(|| self.li.record(id));
        found.ok_or_else(|| anyhow::anyhow!("the story names a record nobody holds"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::codes::{CancelReason, UnitStatus, VisitPersonResult, VisitResult};
    use domain::hazard::{self, HazardState};
    use domain::residency::{ACTIVE, CANCELLED};
    use domain::sweep;
    use store::server::HeldQuery;

    use super::*;

    #[test]
    fn the_demo_county_is_whole_and_nothing_in_it_was_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo.db");
        let today: NaiveDate = "2026-11-23".parse().expect("a date");
        fill(&path, today, 7).expect("fills");
        let clock = Arc::new(StoryClock(AtomicI64::new(day::start_of_day_unix_ms(today) + 12 * 3_600_000)));
        let core = Core::open(&path, clock, Arc::new(SystemDice)).expect("opens");
        let counts = core
            .look(|view| {
                let villages = [WANG_VILLAGE.to_owned(), LI_VILLAGE.to_owned()];
                let mut counts = Vec::new();
                for kind in [kind::UNIT, kind::RESIDENCY, kind::PERSON, kind::REPORT, kind::REFERRAL, kind::CONFLICT] {
                    counts.push(view.list_total(kind, &villages)?);
                }
                Ok(counts)
            })
            .expect("counts");
        use super::super::{endings, permits, rounds};
        // One was registered from a landlord's report.
        let people = (PEOPLE + permits::HOLDERS + endings::PEOPLE + 1) as u64;
        let homes = (HOMES + rounds::HOMES + endings::HOMES) as u64;
        assert_eq!(counts, [homes, people, people, 8, 2, 2]);
        let mut wang = Pen::new(&core, "wang").expect("a device");
        wang.sync().expect("first sync");
        assert!(wang.agrees(), "what she holds adds up to what the server says");
        assert!(wang.records(kind::PERSON).len() > 70);
        let open = |pen: &Pen| pen.records(kind::SWEEP).iter().filter_map(|sweep| sweep::open_on(sweep, today)).count();
        assert_eq!((wang.records(kind::SWEEP).len(), open(&wang)), (3, 1), "one closed, one under way, one to come");
        let mut chen = Pen::new(&core, "chen").expect("a device");
        chen.sync().expect("first sync");
        assert_eq!(
            (chen.records(kind::UNIT).len(), chen.records(kind::REPORT).len(), chen.records(kind::PERSON).len()),
            (3, 8, 0)
        );
        assert_eq!(chen.records(kind::SWEEP), [], "a landlord walks no sweep");
    }

    /// What stands in a field of a group, over all records of a kind that the station has.
    fn said<'l>(records: &'l [Record], group: &str, field: &str) -> BTreeSet<&'l str> {
        records.iter().filter_map(|record| record.text(group, field)).collect()
    }

    #[test]
    fn every_list_has_something_in_it_in_every_state() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo.db");
        let today: NaiveDate = "2026-11-23".parse().expect("a date");
        fill(&path, today, 7).expect("fills");
        let clock = Arc::new(StoryClock(AtomicI64::new(day::start_of_day_unix_ms(today) + 12 * 3_600_000)));
        let core = Core::open(&path, clock, Arc::new(SystemDice)).expect("opens");
        let mut zhou = Pen::new(&core, "zhou").expect("a device");
        zhou.sync().expect("first sync");
        let mut all: BTreeMap<&str, Vec<Record>> = kind::ALL.iter().map(|kind| (*kind, zhou.records(kind))).collect();
        // What is addressed to her alone.
        let mut wang = Pen::new(&core, "wang").expect("a device");
        wang.sync().expect("first sync");
        for kind in [kind::CONFLICT, kind::DUPLICATE] {
            all.insert(kind, wang.records(kind));
        }
        let codes = |codes: &[&'static str]| codes.iter().copied().collect::<BTreeSet<&str>>();
        let rows = [
            (kind::UNIT, "registration", "state", codes(&UnitStatus::ALL.iter().map(UnitStatus::code).collect::<Vec<_>>())),
            (kind::RESIDENCY, "status", "state", codes(&[ACTIVE, CANCELLED])),
            (
                kind::RESIDENCY,
                "status",
                "reason",
                codes(&CancelReason::OFFERED.iter().map(CancelReason::code).collect::<Vec<_>>()),
            ),
            (kind::RESIDENCY, "declared", "channel", codes(&["FIELD_APP", "LANDLORD"])),
            (kind::REPORT, "said", "kind", codes(&["MOVE_IN", "MOVE_OUT", "CHANGE", "NO_CHANGE"])),
            (kind::REPORT, "check", "state", codes(&["accepted", "returned", "withdrawn"])),
            (kind::REFERRAL, "state", "state", codes(&["open", "handed"])),
            (kind::VISIT, "fact", "result", codes(&VisitResult::ALL.iter().map(VisitResult::code).collect::<Vec<_>>())),
            (
                kind::VISIT_PERSON,
                "fact",
                "result",
                codes(&VisitPersonResult::ALL.iter().map(VisitPersonResult::code).collect::<Vec<_>>()),
            ),
            (kind::PERMIT_APPLICATION, "decided", "state", codes(&["review", "approved", "refused", "issued"])),
            (kind::PERMIT, "issued", "kind", codes(&["RP", "TRP"])),
            (kind::DUPLICATE, "what", "why", codes(&["merged", "village", "name"])),
            (kind::DUPLICATE, "settled", "state", codes(&["different"])),
            (kind::CONFLICT, "settled", "state", codes(&["kept"])),
        ];
        for (kind, group, field, wanted) in rows {
            assert_eq!(said(&all[kind], group, field), wanted, "{kind} {group}.{field}");
        }
        let hazards: BTreeSet<HazardState> = all[kind::HAZARD].iter().map(hazard::state_of).collect();
        // Whoever finds one decides at once what becomes of it: none stays merely open.
        let wanted = HazardState::ALL.iter().copied().filter(|state| *state != HazardState::Open).collect();
        assert_eq!(hazards, wanted);
        let events = said(&all[kind::PERMIT_EVENT], "fact", "what");
        for what in ["HANDOUT", "ENDORSE", "REPLACE_DAMAGED", "REPLACE_LOST", "REISSUE", "RENEW", "CANCEL"] {
            assert!(events.contains(what), "{what} of {events:?}");
        }
        // Those that are settled and those that are not, those that were brought back, and those that are part of another.
        for kind in [kind::CONFLICT, kind::DUPLICATE] {
            assert!(all[kind].iter().any(|told| told.fields("settled").is_none()), "an open {kind}");
        }
        for group in ["restored", "merged", "handed"] {
            assert!(all[kind::RESIDENCY].iter().any(|residency| residency.fields(group).is_some()), "{group}");
        }
        let units = &all[kind::UNIT];
        assert!(units.iter().any(|unit| unit.text("registration", "into").is_some()), "a home entered twice");
        assert!(units.iter().any(|unit| unit.fields("grade_wanted").is_some()), "a grade somebody proposes");
        let tenancies = &all[kind::TENANCY];
        assert!(tenancies.iter().any(|tenancy| tenancy.fields("firm").is_some()), "a firm that rents");
        assert_eq!(said(tenancies, "period", "reason"), codes(&["EXPIRED"]));
        for kind in [kind::PHOTO, kind::PHOTO_WITHDRAWAL, kind::LETTER, kind::RECHECK, kind::SWEEP] {
            assert!(!all[kind].is_empty(), "{kind}");
        }
        assert_eq!(all[kind::WITHDRAWAL].len(), 4, "two stand, one was a mistake itself");
        let runs_out: Vec<NaiveDate> =
            all[kind::UNIT].iter().filter_map(|unit| unit.text("letter", "valid_to")?.parse().ok()).collect();
        assert!(runs_out.iter().any(|until| *until < today) && runs_out.iter().any(|until| *until >= today), "{runs_out:?}");
        assert!(all[kind::REFERRAL].iter().all(|referral| referral.text("due", "on").is_some()), "each with its clock");
        let missing = core.look(|view| Ok(view.photos_missing()?)).expect("looks");
        assert_eq!(missing, [], "all photos lie beside the register");
        let late = core.look(|view| Ok(view.held_saves(HeldQuery { decided: true, ..HeldQuery::OPEN })?)).expect("looks");
        assert_eq!(late.len(), 2, "one to decide, one left out");
    }
}
