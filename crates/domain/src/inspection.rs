//! A safety check of a home: what was found about each item of the list, as a fact. Whoever checks again adds another one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::checklist::{Answer, Item};
use crate::form::{FieldProblem, Problem, check_optional_text};
use crate::hazard::{self, HandedTo, HazardState, Responsible};
use crate::ids::RecordId;
use crate::occupancy::{self, Finding, Limits, Room};
use crate::policy::{self, PolicyBook};
use crate::record::{Fields, to_fields};
use crate::{day, rooms, text};

/// Usable square metres of a room, times 100: a hall, and a margin.
pub const ROOM_AREA_MAX_M2X100: i64 = 100_000;
/// People of one room: a dormitory, and a margin.
pub const ROOM_PEOPLE_MAX: i64 = 99;
/// Rooms of one check.
pub const ROOMS_MAX: usize = rooms::ROOMS_MAX;

/// The group `fact` of an inspection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectionFact {
    /// The home.
    pub unit: RecordId,
    /// When it was seen, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// What was found, by the item's code. What is not listed was not checked.
    pub answers: BTreeMap<String, Answer>,
    /// The rooms that were measured or counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomFound>,
    /// The numbers the rooms were judged by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// In free words about the house.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A room as it was found: how many, and never who.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomFound {
    /// As on the door; empty for people in no particular room.
    pub label: String,
    /// Usable square metres times 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usable_m2x100: Option<i64>,
    /// Who sleeps there.
    pub people: i64,
    /// Whether they are one family.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub family: bool,
}

/// The group `size` of a room: measured once, offered at the next check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomSize {
    /// Usable square metres times 100.
    pub usable_m2x100: i64,
}

impl RoomFound {
    /// As the rules see it.
    pub fn room(&self) -> Room {
        Room { usable_m2x100: self.usable_m2x100, people: self.people, family: self.family }
    }

    fn problem(&self) -> Option<&'static str> {
        if self.usable_m2x100.is_some_and(|area| !(1..=ROOM_AREA_MAX_M2X100).contains(&area)) {
            return Some("usable_m2");
        }
        if !(0..=ROOM_PEOPLE_MAX).contains(&self.people) {
            return Some("people");
        }
        text::check_text(&self.label, rooms::LABEL_MAX).is_err().then_some("label")
    }
}

impl InspectionFact {
    /// The first field that cannot be so.
    pub fn problem(&self) -> Option<&'static str> {
        if self.answers.is_empty() || self.answers.keys().any(|code| Item::from_code(code).is_none()) {
            return Some("answers");
        }
        if self.rooms.len() > ROOMS_MAX {
            return Some("rooms");
        }
        if let Some(problem) = self.rooms.iter().find_map(RoomFound::problem) {
            return Some(problem);
        }
        let says = |item: Item| self.answers.get(item.code()).copied().unwrap_or(Answer::NotChecked);
        // Who computes is the rule: a phone that says otherwise is wrong.
        let computed = self.limits.as_ref().map(|limits| computed(&self.rooms, limits));
        if computed.is_some_and(|computed| computed.iter().any(|(item, answer)| says(*item) != *answer)) {
            return Some("answers");
        }
        text::check_text(&self.note, hazard::TEXT_MAX).is_err().then_some("note")
    }
}

/// RS01 and RS02 from the rooms.
pub fn computed(rooms: &[RoomFound], limits: &Limits) -> [(Item, Answer); 2] {
    let each = |rule: fn(Room, &Limits) -> Finding| occupancy::answer(rooms.iter().map(|found| rule(found.room(), limits)));
    [(Item::Rs01, each(occupancy::area)), (Item::Rs02, each(occupancy::heads))]
}

/// A check as it is being tapped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InspectionForm {
    /// Tapped answers, by the item's code.
    pub answers: BTreeMap<String, Answer>,
    /// The rooms.
    pub rooms: Vec<RoomForm>,
    /// What is said about each failure, by the item's code.
    pub hazards: BTreeMap<String, HazardForm>,
    /// In free words about the house.
    pub note: String,
}

/// A room as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomForm {
    /// The room's record; none for people in no particular room.
    pub room: Option<RecordId>,
    /// As on the door.
    pub label: String,
    /// Usable square metres, as typed; may be empty.
    pub usable_m2: String,
    /// How many sleep there, as typed.
    pub people: String,
    /// Whether they are one family.
    pub family: bool,
}

/// What becomes of a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// To be mended by a day.
    #[default]
    Noticed,
    /// Mended while the coordinator was there.
    FixedOnSpot,
    /// Handed to whoever may act.
    HandedOver,
}

/// One failure as typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HazardForm {
    /// What is the matter with the object; may be empty.
    pub description: String,
    /// Who has to mend it.
    pub responsible: Responsible,
    /// What becomes of it.
    pub outcome: Outcome,
    /// To whom it is handed.
    pub handed_to: Option<HandedTo>,
}

impl Default for HazardForm {
    fn default() -> HazardForm {
        let (description, outcome) = (String::new(), Outcome::Noticed);
        HazardForm { description, responsible: Responsible::Landlord, outcome, handed_to: None }
    }
}

impl RoomForm {
    /// The room as it is stored; none while a number cannot be read.
    pub fn found(&self) -> Option<RoomFound> {
        let people = if self.people.trim().is_empty() { Some(0) } else { self.people.trim().parse().ok() };
        let people: i64 = people.filter(|people| (0..=ROOM_PEOPLE_MAX).contains(people))?;
        let usable_m2x100 = match self.usable_m2.trim() {
            "" => None,
            typed => Some(hundredths(typed).filter(|area| (1..=ROOM_AREA_MAX_M2X100).contains(area))?),
        };
        Some(RoomFound { label: text::clean(&self.label), usable_m2x100, people, family: self.family })
    }

    fn check(&self, at: usize, problems: &mut Vec<FieldProblem>) {
        let mut field = |name: &str| problems.push(FieldProblem::stop(&format!("rooms.{at}.{name}"), Problem::OutOfRange));
        let with = |usable_m2: &str, people: &str| {
            RoomForm { usable_m2: usable_m2.to_owned(), people: people.to_owned(), ..RoomForm::default() }.found()
        };
        if with(&self.usable_m2, "").is_none() {
            field("usable_m2");
        }
        if with("", &self.people).is_none() {
            field("people");
        }
    }
}

/// `7`, `7.5` or `7.25` as hundredths; no floats come near an area.
pub fn hundredths(typed: &str) -> Option<i64> {
    let (whole, part) = typed.split_once('.').unwrap_or((typed, ""));
    let digits = |text: &str| !text.is_empty() && text.len() <= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || (typed.contains('.') && !digits(part)) || part.len() > 2 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?)
}

impl HazardForm {
    /// Whether the sheet asks for a hand-over: the item is grave, and what is said leaves it with the landlord alone.
    pub fn wants_hand_over(&self, item: Item) -> bool {
        self.outcome == Outcome::Noticed && hazard::wants_hand_over(item.severity(), HazardState::Noticed)
    }

    /// The groups of the hazard a failure opens. How long there is to mend it is the pack's of the day it was seen.
    pub fn groups(&self, item: Item, seen: &Seen, book: &PolicyBook, calendar: &Calendar) -> BTreeMap<String, Fields> {
        let (on, severity) = (day::day_of(seen.observed_unix_ms), item.severity());
        let what = hazard::What {
            unit: seen.unit,
            inspection: seen.inspection,
            item: item.code().to_owned(),
            severity,
            description: text::clean(&self.description),
            observed_unix_ms: seen.observed_unix_ms,
            instead: None,
        };
        let (state, to) = match self.outcome {
            Outcome::Noticed => (HazardState::Noticed, None),
            Outcome::FixedOnSpot => (HazardState::FixedOnSpot, None),
            Outcome::HandedOver => (HazardState::HandedOver, self.handed_to),
        };
        let state = hazard::State { state, on: on.to_string(), to, recheck: None, note: String::new() };
        let mut groups = BTreeMap::from([
            ("what".to_owned(), to_fields(&what)),
            ("charge".to_owned(), to_fields(&hazard::Charge { responsible: self.responsible })),
            ("state".to_owned(), to_fields(&state)),
        ]);
        if let Some(due) = policy::due(book, calendar, hazard::due_key(severity), on) {
            groups.insert("due".to_owned(), to_fields(&due));
        }
        groups
    }
}

/// Which check found something, where and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The home.
    pub unit: RecordId,
    /// The check.
    pub inspection: RecordId,
    /// Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
}

impl InspectionForm {
    /// The rooms whose numbers can be read.
    pub fn rooms_found(&self) -> Vec<RoomFound> {
        self.rooms.iter().filter_map(RoomForm::found).collect()
    }

    /// What is stored: what was tapped and what is computed. What was not checked is left out.
    pub fn answers(&self, limits: Option<&Limits>) -> BTreeMap<String, Answer> {
        let tapped = self.answers.iter().filter(|(code, _)| Item::from_code(code).is_some_and(|item| !item.is_computed()));
        let mut answers: BTreeMap<String, Answer> = tapped.map(|(code, answer)| (code.clone(), *answer)).collect();
        if let Some(limits) = limits {
            answers.extend(computed(&self.rooms_found(), limits).map(|(item, answer)| (item.code().to_owned(), answer)));
        }
        answers.retain(|_, answer| *answer != Answer::NotChecked);
        answers
    }

    /// The items that failed, in the list's order.
    pub fn failed(&self, limits: Option<&Limits>) -> Vec<Item> {
        let failed: BTreeSet<Item> = self
            .answers(limits)
            .iter()
            .filter(|(_, answer)| **answer == Answer::Fail)
            .filter_map(|(code, _)| Item::from_code(code))
            .collect();
        failed.into_iter().collect()
    }

    /// What is said about a failure; an item nobody said anything about is the landlord's to mend.
    pub fn hazard(&self, item: Item) -> HazardForm {
        self.hazards.get(item.code()).cloned().unwrap_or_default()
    }

    /// What is wrong with it, field by field.
    pub fn check(&self, limits: Option<&Limits>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.rooms.len() > ROOMS_MAX {
            problems.push(FieldProblem::stop("rooms", Problem::OutOfRange));
        }
        for (at, room) in self.rooms.iter().enumerate() {
            room.check(at, &mut problems);
        }
        let tapped = self.answers.iter().any(|(code, answer)| Item::from_code(code).is_some() && *answer != Answer::NotChecked);
        if !tapped {
            problems.push(FieldProblem::stop("answers", Problem::Required));
        }
        for item in self.failed(limits) {
            let hazard = self.hazard(item);
            let field = |name: &str| format!("hazards.{}.{name}", item.code());
            check_optional_text(&field("description"), &hazard.description, hazard::TEXT_MAX, &mut problems);
            if hazard.outcome == Outcome::HandedOver && hazard.handed_to.is_none() {
                problems.push(FieldProblem::stop(&field("handed_to"), Problem::Required));
            }
        }
        check_optional_text("note", &self.note, hazard::TEXT_MAX, &mut problems);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;
    use crate::policy::PolicyBook;

    fn limits() -> Limits {
        Limits::on(&PolicyBook::default(), "2026-11-23".parse().expect("a date")).expect("numbers")
    }

    fn room(usable_m2: &str, people: &str, family: bool) -> RoomForm {
        RoomForm { label: "101".into(), usable_m2: usable_m2.into(), people: people.into(), family, room: None }
    }

    fn form(rooms: Vec<RoomForm>) -> InspectionForm {
        InspectionForm { answers: BTreeMap::from([("XF01".into(), Answer::Pass)]), rooms, ..InspectionForm::default() }
    }

    #[test]
    fn an_area_is_read_without_floats() {
        let rows = [
            ("7", Some(700)),
            ("7.5", Some(750)),
            ("7.05", Some(705)),
            ("0", Some(0)),
            ("", None),
            (".5", None),
            ("7.", None),
            ("7.505", None),
            ("-7", None),
            ("七", None),
            ("1e3", None),
            ("12345678", None),
        ];
        for (typed, expected) in rows {
            assert_eq!(hundredths(typed), expected, "{typed}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_are_named() {
        let rows = [
            (room("0", "2", false), vec!["rooms.0.usable_m2"]),
            (room("7", "9999", false), vec!["rooms.0.people"]),
            (room("x", "-1", false), vec!["rooms.0.usable_m2", "rooms.0.people"]),
            (room("1000.01", "1", false), vec!["rooms.0.usable_m2"]),
            (room("", "", false), vec![]),
            (room("7", "99", false), vec![]),
        ];
        for (room, expected) in rows {
            let problems = form(vec![room.clone()]).check(Some(&limits()));
            let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(fields, expected, "{room:?}");
        }
        let nothing = InspectionForm { rooms: vec![room("7", "1", false)], ..InspectionForm::default() };
        assert_eq!(nothing.check(Some(&limits()))[0].field, "answers", "rooms alone are no check");
    }

    #[test]
    fn who_hands_over_says_to_whom() {
        let mut form = form(vec![]);
        form.answers.insert("RQ02".into(), Answer::Fail);
        assert_eq!(form.check(None), [], "by default the landlord mends it");
        assert!(form.hazard(Item::Rq02).wants_hand_over(Item::Rq02), "and the sheet asks for more");
        assert!(!form.hazard(Item::Xf03).wants_hand_over(Item::Xf03), "not for an extinguisher");
        form.hazards.insert("RQ02".into(), HazardForm { outcome: Outcome::HandedOver, ..HazardForm::default() });
        assert!(!form.hazard(Item::Rq02).wants_hand_over(Item::Rq02));
        assert_eq!(form.check(None), [FieldProblem::stop("hazards.RQ02.handed_to", Problem::Required)]);
        form.answers.insert("RQ02".into(), Answer::Pass);
        assert_eq!(form.check(None), [], "what is in order after all is handed to nobody");
    }

    #[test]
    fn occupancy_is_computed_and_never_tapped() {
        let mut form = form(vec![room("7", "2", false), room("7", "3", true)]);
        form.answers.insert("RS01".into(), Answer::Pass);
        form.answers.insert("DQ01".into(), Answer::NotChecked);
        let answers = form.answers(Some(&limits()));
        let expected = [("RS01", Answer::Fail), ("RS02", Answer::Pass), ("XF01", Answer::Pass)];
        assert_eq!(answers, expected.map(|(code, answer)| (code.to_owned(), answer)).into());
        assert_eq!(form.failed(Some(&limits())), [Item::Rs01]);
        assert_eq!(form.answers(None).keys().collect::<Vec<_>>(), ["XF01"], "without numbers nothing is computed");
    }

    #[test]
    fn a_fact_that_cannot_be_names_its_field() {
        let good = InspectionFact {
            unit: derived_id(&["home"]),
            observed_unix_ms: 1,
            answers: form(vec![room("7", "2", false)]).answers(Some(&limits())),
            rooms: form(vec![room("7", "2", false)]).rooms_found(),
            limits: Some(limits()),
            note: String::new(),
        };
        let with = |bend: fn(&mut InspectionFact)| {
            let mut fact = good.clone();
            bend(&mut fact);
            fact.problem()
        };
        assert_eq!(good.problem(), None);
        fn says(fact: &mut InspectionFact, code: &str, answer: Answer) {
            fact.answers.insert(code.to_owned(), answer);
        }
        assert_eq!(with(|fact| fact.answers.clear()), Some("answers"));
        assert_eq!(with(|fact| says(fact, "XX01", Answer::Pass)), Some("answers"));
        assert_eq!(with(|fact| says(fact, "RS01", Answer::Pass)), Some("answers"), "3.5 is less than 4");
        assert_eq!(with(|fact| says(fact, "RS01", Answer::NotChecked)), Some("answers"));
        assert_eq!(with(|fact| fact.rooms[0].usable_m2x100 = Some(0)), Some("usable_m2"));
        assert_eq!(with(|fact| fact.rooms[0].people = 9999), Some("people"));
        assert_eq!(with(|fact| fact.rooms[0].label = "房".repeat(21)), Some("label"));
        assert_eq!(with(|fact| fact.note = "字".repeat(201)), Some("note"));
    }
}
