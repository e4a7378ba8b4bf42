//! Safety checks, hazards and letters: as a coordinator's phone saves them.

use std::collections::BTreeMap;

use chrono::Months;
use domain::checklist::{Answer, Item};
use domain::grade::{Grade, Override};
use domain::hazard::{HandedTo, HazardState, RecheckFact, State, What, due_key};
use domain::inspection::{HazardForm, InspectionFact, InspectionForm, Outcome, RoomForm, Seen};
use domain::letter::LetterForm;
use domain::occupancy::Limits;
use domain::policy::due;
use domain::{Record, RecordId, day, kind, signature};

use super::county::Story;
use super::pen::{Draft, Pen};
use crate::register::Rules;

/// A check as it is saved, and what it opens.
pub struct Check {
    /// The save.
    pub drafts: Vec<Draft>,
    /// The check.
    pub inspection: RecordId,
    /// The hazards, in the list's order.
    pub hazards: Vec<RecordId>,
}

/// The save of a check in which everything was looked at: what is not listed as failed was in order.
pub fn check(
    pen: &Pen,
    rules: &Rules,
    unit: RecordId,
    observed_unix_ms: i64,
    rooms: Vec<RoomForm>,
    failed: &[(Item, HazardForm)],
) -> Check {
    let limits = Limits::on(&rules.book, day::day_of(observed_unix_ms));
    let mut form = InspectionForm { rooms, ..InspectionForm::default() };
    form.answers = Item::ALL.iter().map(|item| (item.code().to_owned(), Answer::Pass)).collect();
    for (item, hazard) in failed {
        form.answers.insert(item.code().to_owned(), Answer::Fail);
        form.hazards.insert(item.code().to_owned(), hazard.clone());
    }
    let fact = InspectionFact {
        unit,
        observed_unix_ms,
        answers: form.answers(limits.as_ref()),
        rooms: form.rooms_found(),
        limits: limits.clone(),
        note: String::new(),
    };
    let draft = pen.create(kind::INSPECTION).with("fact", &fact);
    let inspection = draft.record;
    let seen = Seen { unit, inspection, observed_unix_ms };
    let mut drafts = vec![draft];
    for item in form.failed(limits.as_ref()) {
        let groups = form.hazard(item).groups(item, &seen, &rules.book, &rules.calendar);
        drafts.push(Draft { groups, ..pen.create(kind::HAZARD) });
    }
    let hazards = drafts[1..].iter().map(|draft| draft.record).collect();
    Check { drafts, inspection, hazards }
}

/// The save of a re-check: what was seen, and what follows for the hazard.
pub fn recheck(pen: &Pen, rules: &Rules, hazard: &Record, observed_unix_ms: i64, fixed: bool) -> Vec<Draft> {
    let fact = RecheckFact { hazard: hazard.id, observed_unix_ms, fixed, inspection: None, note: String::new() };
    let looked = pen.create(kind::RECHECK).with("fact", &fact);
    let state = State {
        state: if fixed { HazardState::Closed } else { HazardState::Recheck },
        on: day::day_of(observed_unix_ms).to_string(),
        to: None,
        recheck: Some(looked.record),
        note: String::new(),
    };
    let mut set = pen.set(hazard).with("state", &state);
    let severity = hazard.typed::<What>("what").map_or(2, |what| what.severity);
    let due = due(&rules.book, &rules.calendar, due_key(severity), day::day_of(observed_unix_ms));
    // Not mended: the clock of its severity runs again.
    if let Some(due) = due.filter(|_| !fixed) {
        set = set.with("due", &due);
    }
    vec![looked, set]
}

/// The save of a letter signed on the screen.
pub fn signed_letter(pen: &Pen, unit: &Record, signer: &str, on: chrono::NaiveDate) -> Vec<Draft> {
    let to = on.checked_add_months(Months::new(12)).and_then(|day| day.pred_opt()).unwrap_or(on);
    let form =
        LetterForm { signer: signer.to_owned(), signed_on: on.to_string(), valid_to: to.to_string(), strokes: handwriting() };
    let fact = form.fact(unit.id, domain::unit::LETTER_TEMPLATE);
    vec![pen.create(kind::LETTER).with("fact", &fact), pen.set(unit).with("letter", &fact.summary())]
}

/// Strokes that look like somebody wrote a name.
fn handwriting() -> Vec<String> {
    const STROKES: [&[signature::Point]; 9] = [
        &[(90, 260), (190, 245), (205, 270), (150, 330), (210, 395), (120, 470)],
        &[(100, 250), (95, 420), (88, 640)],
        &[(230, 340), (330, 320)],
        &[(285, 250), (280, 430), (275, 600), (250, 570)],
        &[(240, 460), (330, 440)],
        &[(430, 270), (420, 560), (435, 610)],
        &[(430, 275), (600, 255), (610, 590), (590, 620)],
        &[(470, 360), (560, 350), (515, 355), (512, 470), (560, 465), (465, 475)],
        &[(690, 300), (810, 290), (750, 295), (745, 440), (830, 430), (670, 450), (750, 445), (748, 600)],
    ];
    STROKES.iter().flat_map(|line| signature::simplify(line)).collect()
}

fn room(label: &str, usable_m2: &str, people: &str, family: bool) -> RoomForm {
    RoomForm { room: None, label: label.into(), usable_m2: usable_m2.into(), people: people.into(), family }
}

fn found(description: &str, outcome: Outcome) -> HazardForm {
    HazardForm { description: description.into(), outcome, ..HazardForm::default() }
}

impl Story {
    /// Homes in all three grades, hazards in every state, letters signed and missing.
    pub(super) fn safety(&mut self) -> anyhow::Result<()> {
        use Item::*;
        let fine = |label| vec![room(label, "12", "2", false)];
        let handed = |to, text| HazardForm { handed_to: Some(to), ..found(text, Outcome::HandedOver) };
        // Each row: the home, days ago, its rooms, what was found.
        type Row = (usize, u64, Vec<RoomForm>, Vec<(Item, HazardForm)>);
        let rows: Vec<Row> = vec![
            (0, 40, fine("101"), vec![]),
            (2, 20, fine("1"), vec![(Xf03, found("灭火器压力指针在红区", Outcome::Noticed))]),
            (1, 6, fine("101"), vec![(Rq02, found("居室里用着煤气瓶", Outcome::Noticed)), (Xf05, found("", Outcome::Noticed))]),
            (3, 5, vec![room("101", "7", "2", false)], vec![(Dc01, found("楼梯间停了两辆电动车", Outcome::FixedOnSpot))]),
            (4, 30, fine("1"), vec![(Dq01, found("走廊插线板串联", Outcome::Noticed))]),
            (11, 25, fine("101"), vec![(Rq01, found("热水器装在浴室里", Outcome::Noticed))]),
            (6, 12, fine("101"), vec![(Jz03, handed(HandedTo::Housing, "一间隔成三间"))]),
            (9, 3, fine("101"), vec![(Xf02, handed(HandedTo::Fire, "防盗窗焊死"))]),
            (12, 2, vec![room("1", "11.5", "3", true)], vec![]),
        ];
        let mut opened: BTreeMap<usize, Vec<RecordId>> = BTreeMap::new();
        for (at, days_ago, rooms, failed) in rows {
            let observed_unix_ms = self.go_to(days_ago, 16);
            let (unit, wangs) = (self.homes[at].unit, self.homes[at].wangs);
            let pen = if wangs { &self.wang } else { &self.li };
            let made = check(pen, &self.rules, unit, observed_unix_ms, rooms, &failed);
            opened.insert(at, made.hazards.clone());
            let pen = self.pen(wangs);
            pen.save(made.drafts);
            pen.sync()?;
        }
        // The extension leads were put away; the heater still hangs there.
        for (at, days_ago, fixed) in [(4usize, 10u64, true), (11, 4, false)] {
            let observed_unix_ms = self.go_to(days_ago, 17);
            for id in opened.get(&at).into_iter().flatten() {
                let hazard = self.record(*id)?;
                let pen = if self.homes[at].wangs { &self.wang } else { &self.li };
                let drafts = recheck(pen, &self.rules, &hazard, observed_unix_ms, fixed);
                let pen = self.pen(self.homes[at].wangs);
                pen.save(drafts);
                pen.sync()?;
            }
        }
        for (at, days_ago) in [(3usize, 380u64), (0, 40), (12, 2), (1, 6)] {
            // One is from the year before and ran out; it was entered with the home.
            self.go_to(days_ago.min(100), 16);
            let unit = self.record(self.homes[at].unit)?;
            let signer = unit.text("landlord", "name").unwrap_or_default().to_owned();
            let on = self.ago(days_ago);
            let drafts = signed_letter(self.pen(self.homes[at].wangs), &unit, &signer, on);
            let pen = self.pen(self.homes[at].wangs);
            pen.save(drafts);
            pen.sync()?;
        }
        self.station_sets_a_grade()
    }

    /// The station looked at one home itself and wants it visited more often.
    fn station_sets_a_grade(&mut self) -> anyhow::Result<()> {
        self.go_to(1, 15);
        let mut zhou = Pen::new(&self.core, "zhou")?.telling();
        zhou.sync()?;
        let unit = self.record(self.homes[12].unit)?;
        let set = Override {
            grade: Grade::Yellow,
            reason: "抽查时楼道杂物刚清，先按黄色看一个月".into(),
            reviewer: "周建军".into(),
            on: self.ago(1).to_string(),
        };
        let drafts = vec![zhou.set(&unit).with("grade", &set)];
        zhou.save(drafts);
        zhou.sync()?;
        Ok(())
    }
}
