//! Half a year of work in two villages.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Days, NaiveDate};
use domain::codes::{CancelReason, IntendedStay, Reason, Relation, ReportKind, VisitPersonResult, VisitResult};
use domain::id_document::{self, DocType};
use domain::person::Contact;
use domain::referral::{ReferralState, ReferralWhere, ReferralWho};
use domain::report::{Check, ReportDocument, Said};
use domain::residency::{CANCELLED, Handed, Period, StayRelation, StayWhere, Status};
use domain::visit::{VisitFact, VisitPersonFact};
use domain::{Record, RecordId, day, kind};

use super::cast::{ACCOUNTS, CHEN_PHONE, LI_VILLAGE, Someone, WANG_VILLAGE, someone};
use super::homes::{home, rooms_of};
use super::pen::Pen;
use super::people::{Registered, Resident, registration};
use crate::accounts::NewAccount;
use crate::clock::{Clock, SeededDice, SystemDice};
use crate::core::Core;
use crate::county::{CHANGSHAN_CSV, NOTICE_VERSION, read_areas};
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

struct Home {
    unit: RecordId,
    rooms: Vec<RecordId>,
    wangs: bool,
}

struct Story {
    core: Arc<Core>,
    clock: Arc<StoryClock>,
    dice: SeededDice,
    rules: Rules,
    today: NaiveDate,
    wang: Pen,
    li: Pen,
    homes: Vec<Home>,
    people: Vec<(Registered, usize)>,
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
    let (mut wang, mut li) = (Pen::new(&core, "wang")?, Pen::new(&core, "li")?);
    wang.sync()?;
    li.sync()?;
    let mut story =
        Story { core, clock, dice: SeededDice::new(seed), rules, today, wang, li, homes: Vec::new(), people: Vec::new(), number: 0 };
    story.register_homes()?;
    story.register_people()?;
    story.leave_and_move()?;
    story.referrals()?;
    story.landlord_reports()?;
    story.conflict()?;
    story.visit_round()?;
    let refused = story.core.metrics.changes_refused_total.load(Ordering::Relaxed);
    anyhow::ensure!(refused == 0, "the demo does what its own rules refuse ({refused} changes)");
    // The story's own hands are done; what people enrol now are real devices.
    for (device, _) in story.core.list_devices()? {
        story.core.revoke_device(device.number)?;
    }
    story.core.stop();
    Ok(())
}

impl Story {
    fn ago(&self, days: u64) -> NaiveDate {
        self.today.checked_sub_days(Days::new(days)).unwrap_or(self.today)
    }

    /// Moves the clock to an hour of the day that many days ago.
    fn go_to(&self, days_ago: u64, hour: i64) -> i64 {
        let at = day::start_of_day_unix_ms(self.ago(days_ago)) + hour * 3_600_000 + i64::try_from(self.dice.below(50)).unwrap_or(0) * 60_000;
        self.clock.0.store(at, Ordering::Relaxed);
        at
    }

    fn next_person(&mut self, years: std::ops::Range<i32>) -> Someone {
        self.number += 1;
        someone(&self.dice, self.number, years, self.today)
    }

    fn pen(&mut self, wangs: bool) -> &mut Pen {
        if wangs { &mut self.wang } else { &mut self.li }
    }

    fn register_homes(&mut self) -> anyhow::Result<()> {
        for number in 0..HOMES {
            let days_ago = DAYS_BACK - (number as u64) * 3 / 2;
            self.go_to(days_ago, 9);
            let wangs = number % 9 < 5;
            let owner = self.next_person(35..70);
            // 陈国平 lets two homes in the one village and one in the other.
            let landlord = if matches!(number, 1 | 5 | 10) { ("陈国平", CHEN_PHONE) } else { (owner.name.as_str(), owner.phone.as_str()) };
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
                reason: if child { Reason::JoinRelatives } else { [Reason::Working, Reason::Working, Reason::Trading, Reason::ServiceTrade][pick % 4] },
                relation: if child { Relation::Family } else { [Relation::Lessee, Relation::Lessee, Relation::Coworker, Relation::Family][pick % 4] },
                intended: [IntendedStay::SixMonths, IntendedStay::OneYear, IntendedStay::ThreeMonths, IntendedStay::TwoYears][number % 4],
                employer: if child { String::new() } else { EMPLOYERS[self.dice.below(EMPLOYERS.len())].to_owned() },
                guardian,
            };
            let pen = if wangs { &self.wang } else { &self.li };
            let (drafts, made) = registration(pen, &self.rules, &resident);
            let pen = self.pen(wangs);
            pen.save(drafts);
            pen.sync()?;
            self.people.push((made, at));
        }
        Ok(())
    }

    fn record(&self, id: RecordId) -> anyhow::Result<Record> {
        let found = self.wang.record(id).or_else(|| self.li.record(id));
        found.ok_or_else(|| anyhow::anyhow!("the story names a record nobody holds"))
    }

    /// Some left the county, somebody moved next door, somebody to the other village.
    fn leave_and_move(&mut self) -> anyhow::Result<()> {
        for at in [4, 23, 40, 61, 77] {
            let (made, home) = self.people[at];
            let wangs = self.homes[home].wangs;
            let now_unix_ms = self.go_to(9, 15);
            let on = self.ago(10).to_string();
            let (residency, stay) = (self.record(made.residency)?, self.record(made.stay)?);
            let from = stay.text("period", "from").unwrap_or_default().to_owned();
            let status = Status {
                state: CANCELLED.to_owned(),
                on: on.clone(),
                reason: Some(CancelReason::Left),
                note: "房东告知，房间已空".to_owned(),
                observed_unix_ms: now_unix_ms,
                seen_fact: None,
            };
            let pen = self.pen(wangs);
            let drafts = vec![
                pen.set(&residency).with("status", &status),
                pen.set(&stay).with("period", &Period { from, to: Some(on) }),
            ];
            pen.save(drafts);
            pen.sync()?;
        }
        // Inside 王敏's village: one registration, two stays.
        let (made, home) = self.people[50];
        let (wangs, next) = (self.homes[home].wangs, self.homes.iter().position(|other| other.wangs == self.homes[home].wangs && other.unit != self.homes[home].unit));
        let next = next.ok_or_else(|| anyhow::anyhow!("each village has more than one home"))?;
        let (unit, room) = (self.homes[next].unit, self.homes[next].rooms.first().copied());
        self.go_to(6, 11);
        let stay = self.record(made.stay)?;
        let (from, on) = (stay.text("period", "from").unwrap_or_default().to_owned(), self.ago(6).to_string());
        let pen = self.pen(wangs);
        let moved = pen
            .create(kind::STAY)
            .with("where", &StayWhere { residency: made.residency, person: made.person, unit, room })
            .with("period", &Period { from: on.clone(), to: None })
            .with("relation", &StayRelation { relation: Relation::Friend, lessee: false });
        let drafts = vec![pen.set(&stay).with("period", &Period { from, to: Some(on) }), moved];
        pen.save(drafts);
        pen.sync()?;
        // From 王敏 to 李强, who has not placed them yet.
        let handed = self.people.iter().rev().find(|(_, home)| self.homes[*home].wangs).copied();
        let (made, _) = handed.ok_or_else(|| anyhow::anyhow!("somebody lives in the first village"))?;
        self.go_to(1, 16);
        let (person, residency, stay) = (self.record(made.person)?, self.record(made.residency)?, self.record(made.stay)?);
        let (from, on) = (stay.text("period", "from").unwrap_or_default().to_owned(), self.ago(1).to_string());
        let to = Handed { area: LI_VILLAGE.to_owned(), on: on.clone(), note: "搬到金川社区菜场旁边".to_owned() };
        let drafts = vec![
            self.wang.set(&stay).with("period", &Period { from, to: Some(on) }),
            self.wang.set(&person).with("handed", &to),
            self.wang.set(&residency).with("handed", &to),
        ];
        self.wang.save(drafts);
        self.wang.sync()?;
        self.people.retain(|(other, _)| other.person != made.person);
        Ok(())
    }

    fn referrals(&mut self) -> anyhow::Result<()> {
        for (doc_type, doc_no, name, days_ago) in
            [(DocType::Pp, "E98765432".to_owned(), "Anna Novak", 3u64), (DocType::Hmrp, hong_kong_card(), "黄志豪", 0)]
        {
            self.go_to(days_ago, 10);
            let unit = self.homes[2].unit;
            let (arrival_on, phone) = (self.ago(days_ago).to_string(), String::new());
            let state = if days_ago > 0 { "handed" } else { "open" };
            let draft = self
                .wang
                .create(kind::REFERRAL)
                .with("who", &ReferralWho { doc_type, doc_no, name: name.to_owned(), phone })
                .with("where", &ReferralWhere { unit, room: None, arrival_on: arrival_on.clone() })
                .with("state", &ReferralState { state: state.to_owned(), on: arrival_on });
            self.wang.save(vec![draft]);
            self.wang.sync()?;
        }
        Ok(())
    }

    /// One report was sent back, one is open and came late, one is open and in time.
    fn landlord_reports(&mut self) -> anyhow::Result<()> {
        let mut chen = Pen::new(&self.core, "chen")?;
        self.go_to(20, 20);
        chen.sync()?;
        for (unit, event_ago, sent_ago, returned) in [(1usize, 21u64, 20u64, true), (10, 12, 4, false), (5, 1, 0, false)] {
            let submitted_unix_ms = self.go_to(sent_ago, if sent_ago == 0 { 7 } else { 20 });
            let who = self.next_person(22..45);
            let home = &self.homes[unit];
            let said = Said {
                kind: ReportKind::MoveIn,
                unit: home.unit,
                room: home.rooms.first().copied(),
                name: who.name.clone(),
                doc_type: Some(DocType::Id),
                doc_tail: id_document::tail(&who.doc_no),
                phone: who.phone.clone(),
                event_on: self.ago(event_ago).to_string(),
                submitted_unix_ms,
                about: None,
            };
            let report = chen.create(kind::REPORT).with("said", &said).with("document", &ReportDocument { doc_no: who.doc_no.clone() });
            let id = report.record;
            chen.save(vec![report]);
            chen.sync()?;
            if returned {
                self.go_to(19, 18);
                self.wang.sync()?;
                let report = self.record(id)?;
                let check =
                    Check { state: "returned".to_owned(), on: self.ago(19).to_string(), reason: "上门核实，此人未入住".to_owned(), residency: None };
                let drafts = vec![self.wang.set(&report).with("check", &check)];
                self.wang.save(drafts);
                self.wang.sync()?;
            }
        }
        Ok(())
    }

    /// The officer and the coordinator changed one phone number without having seen each other.
    fn conflict(&mut self) -> anyhow::Result<()> {
        let mut zhou = Pen::new(&self.core, "zhou")?;
        self.go_to(2, 14);
        zhou.sync()?;
        let (made, _) = *self.people.iter().find(|(_, home)| self.homes[*home].wangs).ok_or_else(|| anyhow::anyhow!("nobody"))?;
        let person = self.record(made.person)?;
        let phone = |phone: &str| Contact { phone: phone.to_owned(), none_reason: None };
        self.wang.sync()?;
        let drafts = vec![self.wang.set(&person).with("contact", &phone("19900008801"))];
        self.wang.save(drafts);
        let drafts = vec![zhou.set(&person).with("contact", &phone("19900008802"))];
        zhou.save(drafts);
        zhou.sync()?;
        self.wang.sync()?;
        Ok(())
    }

    /// Yesterday evening's round: most are there, some were not met.
    fn visit_round(&mut self) -> anyhow::Result<()> {
        for at in [0usize, 3, 6, 11, 20] {
            let (unit, wangs) = (self.homes[at].unit, self.homes[at].wangs);
            let observed_unix_ms = self.go_to(1, 19);
            let here: Vec<Registered> = self.people.iter().filter(|(_, home)| *home == at).map(|(made, _)| *made).collect();
            let pen = if wangs { &self.wang } else { &self.li };
            let visit = pen.create(kind::VISIT).with(
                "fact",
                &VisitFact {
                    unit,
                    observed_unix_ms,
                    result: if here.is_empty() { VisitResult::NoAnswer } else { VisitResult::Done },
                    notice: NOTICE_VERSION.to_owned(),
                    note: String::new(),
                },
            );
            let mut drafts = Vec::new();
            for (index, made) in here.iter().enumerate() {
                let Some(status) = pen.record(made.residency).filter(domain::residency::is_active) else { continue };
                let fact = VisitPersonFact {
                    visit: visit.record,
                    unit,
                    person: made.person,
                    residency: made.residency,
                    result: if index % 4 == 3 { VisitPersonResult::NotMet } else { VisitPersonResult::Here },
                    observed_unix_ms,
                    status_seen: status.groups.get("status").map(|value| value.origin),
                };
                drafts.push(pen.create(kind::VISIT_PERSON).with("fact", &fact));
            }
            drafts.insert(0, visit);
            let pen = self.pen(wangs);
            pen.save(drafts);
            pen.sync()?;
        }
        Ok(())
    }
}

/// A residence card of Hong Kong with a valid check digit.
fn hong_kong_card() -> String {
    let first17 = "81000019880214013";
    format!("{first17}{}", id_document::check_digit(first17).expect("seventeen digits"))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(counts, [HOMES as u64, PEOPLE as u64, PEOPLE as u64, 3, 2, 1]);
        let mut wang = Pen::new(&core, "wang").expect("a device");
        wang.sync().expect("first sync");
        assert!(wang.agrees(), "what she holds adds up to what the server says");
        assert!(wang.records(kind::PERSON).len() > 70);
        let mut chen = Pen::new(&core, "chen").expect("a device");
        chen.sync().expect("first sync");
        assert_eq!((chen.records(kind::UNIT).len(), chen.records(kind::REPORT).len(), chen.records(kind::PERSON).len()), (3, 3, 0));
    }
}
