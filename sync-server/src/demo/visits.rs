//! Visits: a round of every result, and somebody who may have left for every reason there is.

use anyhow::Context;
use domain::codes::{NextSlot, ReportKind, VisitPersonResult, VisitProof, VisitResult};
use domain::id_document;
use domain::person::Identity;
use domain::plate::{Plate, WANTED, Wanted};
use domain::report::{ReportDocument, Said};
use domain::visit::{NextVisit, VisitFact, VisitPersonFact};
use domain::{RecordId, kind, residency};

use super::county::Story;
use super::pen::Pen;
use super::people::Registered;
use crate::county::NOTICE_VERSION;

use VisitPersonResult::{Here, HereChanged, Left, MovedInBuilding, MovedInCounty, NotExist, NotMet, Refused};

/// One visit: the home, how many days ago, how it ended, what was found about each of its people in turn.
type Round = (usize, u64, VisitResult, &'static [VisitPersonResult]);

/// The last answer of a row goes on for whoever else lives there.
const ROUNDS: [Round; 19] = [
    // Rounds of last month, for the homes' histories.
    (0, 40, VisitResult::Done, &[Here]),
    (9, 33, VisitResult::Refused, &[Refused]),
    (12, 30, VisitResult::NoAnswer, &[NotMet]),
    // Not met twice in a row; the second time somebody will come again in the evening.
    (13, 17, VisitResult::NoAnswer, &[NotMet]),
    (13, 1, VisitResult::NoAnswer, &[NotMet]),
    // Said to be gone; nobody of that name; and somebody who was seen again after.
    (20, 8, VisitResult::Done, &[Left, Here]),
    (21, 6, VisitResult::Done, &[NotExist, Here]),
    (22, 12, VisitResult::Done, &[Left, Here]),
    (22, 3, VisitResult::Done, &[Here]),
    // Homes in which nobody may live.
    (24, 5, VisitResult::Vacant, &[NotMet]),
    (25, 5, VisitResult::OwnerLives, &[NotMet]),
    (26, 4, VisitResult::Renovating, &[NotMet]),
    (27, 4, VisitResult::NoAddress, &[NotMet]),
    // Said to live elsewhere in the county now.
    (29, 2, VisitResult::Done, &[MovedInCounty, Here]),
    // Yesterday evening: most are there, some have news.
    (0, 1, VisitResult::Done, &[Here, Here, HereChanged, Here]),
    (3, 1, VisitResult::Done, &[Here, MovedInBuilding, Here]),
    (6, 1, VisitResult::Done, &[Here, Here, Here, NotMet]),
    (11, 1, VisitResult::Done, &[Here]),
    (12, 1, VisitResult::Done, &[Here]),
];

impl Story {
    /// Half a year of doors, and a landlord who says that somebody moved out.
    pub(super) fn visits(&mut self) -> anyhow::Result<()> {
        for (at, days_ago, result, found) in ROUNDS {
            self.visit(at, days_ago, result, found)?;
        }
        self.lost_plate()?;
        self.reported_out()
    }

    /// The plate of one home was painted over, and it got another.
    fn lost_plate(&mut self) -> anyhow::Result<()> {
        self.go_to(12, 11);
        self.wang.sync()?;
        let home = self.homes.iter().find(|home| home.wangs).map(|home| home.unit);
        let home = home.and_then(|home| self.wang.record(home)).context("王敏 has a home")?;
        let replaces = Plate::of(&home).context("every home has a plate")?.token;
        self.wang.save(vec![self.wang.set(&home).with(WANTED, &Wanted { replaces })]);
        self.wang.sync()?;
        Ok(())
    }

    fn visit(&mut self, at: usize, days_ago: u64, result: VisitResult, found: &[VisitPersonResult]) -> anyhow::Result<()> {
        let (unit, wangs) = (self.homes[at].unit, self.homes[at].wangs);
        let observed_unix_ms = self.go_to(days_ago, 19);
        let day = self.ago(days_ago).to_string();
        // Nobody is asked about who had not come yet.
        let lived = |made: &Registered| {
            self.record(made.stay).is_ok_and(|stay| stay.text("period", "from").is_some_and(|from| from <= day.as_str()))
        };
        let there = self.people.iter().filter(|(made, home)| *home == at && lived(made));
        let living: Vec<Registered> = there.map(|(made, _)| *made).collect();
        let pen = if wangs { &self.wang } else { &self.li };
        let fact = VisitFact {
            unit,
            observed_unix_ms,
            result,
            notice: if result.met_somebody() { NOTICE_VERSION.to_owned() } else { String::new() },
            note: if result == VisitResult::NoAddress { "门牌重编，原号已拆".to_owned() } else { String::new() },
            next: NextVisit::of(NextSlot::TomorrowEvening, self.ago(days_ago)).filter(|_| result == VisitResult::NoAnswer),
            registering: false,
            clock_suspect: false,
            // Whoever stood before the door scanned its plate, most days.
            proof: if days_ago.is_multiple_of(3) { VisitProof::None } else { VisitProof::PlateScan },
        };
        let visit = pen.create(kind::VISIT).with("fact", &fact);
        let id = visit.record;
        let mut drafts = vec![visit];
        for (index, made) in living.iter().enumerate() {
            let result = found.get(index).or(found.last()).copied().unwrap_or(Here);
            let Some(fact) = seen(pen, id, unit, *made, result, observed_unix_ms) else { continue };
            drafts.push(pen.create(kind::VISIT_PERSON).with("fact", &fact));
        }
        let pen = self.pen(wangs);
        pen.save(drafts);
        pen.sync()?;
        Ok(())
    }

    /// 陈国平 reports that one of his tenants moved out; nobody has looked yet.
    fn reported_out(&mut self) -> anyhow::Result<()> {
        let mut chen = Pen::new(&self.core, "chen")?.telling();
        let submitted_unix_ms = self.go_to(1, 20);
        chen.sync()?;
        let tenant = self.people.iter().find(|(made, home)| {
            matches!(home, 1 | 5 | 10)
                && self.record(made.residency).is_ok_and(|residency| residency::is_active(&residency))
                && self.record(made.person).is_ok_and(|person| person.text("identity", "doc_type") == Some("ID"))
        });
        let (made, home) = *tenant.ok_or_else(|| anyhow::anyhow!("nobody lives in his homes"))?;
        let person = self.record(made.person)?;
        let identity: Identity = person.typed("identity").ok_or_else(|| anyhow::anyhow!("a person without a name"))?;
        let said = Said {
            kind: ReportKind::MoveOut,
            unit: self.homes[home].unit,
            room: None,
            name: identity.name,
            doc_type: Some(identity.doc_type),
            doc_tail: id_document::tail(&identity.doc_no),
            phone: String::new(),
            event_on: self.ago(1).to_string(),
            submitted_unix_ms,
            about: None,
        };
        let document = ReportDocument { doc_no: identity.doc_no };
        chen.save(vec![chen.create(kind::REPORT).with("said", &said).with("document", &document)]);
        chen.sync()?;
        self.wang.sync()?;
        self.li.sync()?;
        Ok(())
    }
}

/// What was found about somebody whose registration stands.
fn seen(
    pen: &Pen,
    visit: RecordId,
    unit: RecordId,
    made: Registered,
    result: VisitPersonResult,
    observed_unix_ms: i64,
) -> Option<VisitPersonFact> {
    let status = pen.record(made.residency).filter(residency::is_active)?;
    Some(VisitPersonFact {
        visit,
        unit,
        person: made.person,
        residency: made.residency,
        result,
        observed_unix_ms,
        status_seen: status.groups.get("status").map(|value| value.origin),
        corrects: None,
        clock_suspect: false,
    })
}
