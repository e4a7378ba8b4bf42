//! Lists of many records at once: after a first load, from one pass over the file.
//!
//! What a line says is computed by [`derive`], here as after a save; only the reading and the order of writing differ. Reading holds
//! no lock; writing holds it for a chunk at a time. Whoever saves meanwhile refreshes their own lines, and those are made once
//! more at the end, when everything else is in its place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::access::Role;
use domain::address::Address;
use domain::codes::{UnitStatus, VisitPersonResult, VisitResult};
use domain::grade::{GradeFacts, Override};
use domain::patrol::{Appointment, Calls, Mark};
use domain::person::{Contact, Identity};
use domain::residency::{ACTIVE, Intent};
use domain::unit::{Landlord, Registration};
use domain::{Fields, GroupValue, Origin, Record, RecordId, Stamp, empty_home, kind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::device::{Durability, PersonRow, RowNo, Shown, Terms, Todo, UnitRow, View};

use crate::derive::{PersonFacts, UnitFacts, active_todos};
use crate::error::Failure;
use crate::rounds::RoundFacts;
use crate::{Device, derive, lock};

/// Lines written while holding the lock once: a save waits for one chunk at the most.
const LINES_AT_ONCE: usize = 1_000;
/// The same for search terms, which are in order and go in faster.
const TERMS_AT_ONCE: usize = 10_000;

/// Lines of the whole file.
struct Built {
    units: Vec<UnitRow>,
    people: Vec<PersonRow>,
    todos: Vec<(RowNo, Vec<Todo>)>,
    /// Kinds with few records: the ordinary way is good enough.
    others: Vec<RecordId>,
}

impl Device {
    /// Makes the lists of records that were loaded without; does nothing when none are behind.
    pub(crate) fn make_lists(&self) -> Result<(), Failure> {
        let role = self.store.read(|view| {
            let behind = view.lists_are_behind()?;
            Ok::<_, Failure>(self.identity(view)?.filter(|_| behind).map(|identity| identity.account.role))
        })?;
        let Some(role) = role else { return Ok(()) };
        // From before the look on: a save that the look sees too is only refreshed once more.
        *lock(&self.refreshed) = Some(BTreeSet::new());
        let made = self.make_all(role);
        *lock(&self.refreshed) = None;
        made
    }

    fn make_all(&self, role: Role) -> Result<(), Failure> {
        let built = self.store.read(|view| build(view, role))?;
        let mut terms = Terms::default();
        terms.add_units(&built.units);
        terms.add_people(&built.people);
        terms.sort();
        for units in built.units.chunks(LINES_AT_ONCE) {
            self.store.write(Durability::Pulled, |writing| writing.put_unit_rows(units).map_err(Failure::from))?;
        }
        for people in built.people.chunks(LINES_AT_ONCE) {
            self.store.write(Durability::Pulled, |writing| writing.put_person_rows(people).map_err(Failure::from))?;
        }
        for todos in built.todos.chunks(LINES_AT_ONCE) {
            self.store.write(Durability::Pulled, |writing| writing.put_todo_rows(todos).map_err(Failure::from))?;
        }
        for from in (0..terms.len()).step_by(TERMS_AT_ONCE) {
            self.store.write(Durability::Pulled, |writing| {
                let refreshed: Vec<RecordId> = self.refreshed_meanwhile();
                Ok::<_, Failure>(writing.put_sorted_terms(&terms, from, from + TERMS_AT_ONCE, &refreshed)?)
            })?;
        }
        for others in built.others.chunks(LINES_AT_ONCE / 10) {
            self.store.write(Durability::Pulled, |writing| {
                let law = self.law(writing)?;
                derive::refresh(writing, others, &law, role)
            })?;
        }
        self.store.write(Durability::Pulled, |writing| {
            let law = self.law(writing)?;
            derive::refresh(writing, &self.refreshed_meanwhile(), &law, role)?;
            Ok::<_, Failure>(writing.lists_are_made()?)
        })
    }

    fn refreshed_meanwhile(&self) -> Vec<RecordId> {
        lock(&self.refreshed).iter().flatten().copied().collect()
    }

    /// A save refreshed these lines: lists that are being made from an earlier look leave them alone.
    pub(crate) fn remember_refreshed(&self, ids: Vec<RecordId>) {
        if let Some(refreshed) = lock(&self.refreshed).as_mut() {
            refreshed.extend(ids);
        }
    }
}

/// Groups as a pass over the file wants them; what does not read that way is read the long way, and means the same.
trait Brief: DeserializeOwned {
    fn of(record: &Record) -> Self;
}

/// `None` for what cannot be read at all: it is in no list, and the next comparison with the server finds it.
fn brief<T: Brief>(kind: &str, shown: &Shown<'_>) -> Option<T> {
    serde_json::from_str(shown.groups).ok().or_else(|| brief_the_long_way(kind, shown))
}

fn brief_the_long_way<T: Brief>(kind: &str, shown: &Shown<'_>) -> Option<T> {
    let groups: BTreeMap<String, Fields> = serde_json::from_str(shown.groups).ok()?;
    let nobody = Origin { stamp: Stamp::at(0), device: domain::DeviceNumber::SERVER };
    let groups = groups.into_iter().map(|(name, fields)| (name, GroupValue::new(fields, nobody))).collect();
    Some(T::of(&Record { kind: kind.to_owned(), id: shown.id, groups, dead: None }))
}

#[derive(Deserialize)]
struct Number {
    no: String,
}

#[derive(Deserialize)]
struct UnitBrief {
    address: Option<Address>,
    landlord: Option<Landlord>,
    registration: Option<Registration>,
    number: Option<Number>,
    grade: Option<Override>,
}

impl Brief for UnitBrief {
    fn of(unit: &Record) -> UnitBrief {
        UnitBrief {
            // A home whose address cannot be read still has a line; one without an address has none.
            address: unit.fields("address").map(|_| unit.typed("address").unwrap_or_default()),
            landlord: unit.typed("landlord"),
            registration: unit.typed("registration"),
            number: unit.text("number", "no").map(|no| Number { no: no.to_owned() }),
            grade: unit.typed("grade"),
        }
    }
}

#[derive(Deserialize)]
struct VisitBrief {
    fact: Option<VisitSeen>,
}

#[derive(Deserialize)]
struct VisitSeen {
    unit: RecordId,
    observed_unix_ms: i64,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    next: Option<serde_json::Value>,
    #[serde(default)]
    registering: bool,
}

impl Brief for VisitBrief {
    fn of(visit: &Record) -> VisitBrief {
        let seen = |unit| {
            Some(VisitSeen {
                unit,
                observed_unix_ms: visit.field("fact", "observed_unix_ms")?.as_i64()?,
                result: visit.text("fact", "result").map(str::to_owned),
                next: visit.field("fact", "next").cloned(),
                registering: !domain::visit::is_whole(visit),
            })
        };
        VisitBrief { fact: visit.reference("fact", "unit").and_then(seen) }
    }
}

#[derive(Deserialize)]
struct LabelBrief {
    label: Option<Label>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    label: String,
}

impl Brief for LabelBrief {
    fn of(room: &Record) -> LabelBrief {
        LabelBrief { label: room.text("label", "label").map(|label| Label { label: label.to_owned() }) }
    }
}

#[derive(Deserialize)]
struct PersonBrief {
    identity: Option<Identity>,
    contact: Option<Contact>,
    alias: Option<Fields>,
}

impl Brief for PersonBrief {
    fn of(person: &Record) -> PersonBrief {
        PersonBrief {
            identity: person.typed("identity"),
            contact: person.typed("contact"),
            alias: person.fields("alias").cloned(),
        }
    }
}

#[derive(Deserialize)]
struct Who {
    person: RecordId,
}

#[derive(Deserialize)]
struct State {
    state: String,
}

#[derive(Deserialize)]
struct On {
    on: String,
}

#[derive(Deserialize)]
struct ResidencyBrief {
    who: Option<Who>,
    status: Option<State>,
    handed: Option<On>,
    intent: Option<Intent>,
    merged: Option<Fields>,
}

impl Brief for ResidencyBrief {
    fn of(residency: &Record) -> ResidencyBrief {
        ResidencyBrief {
            who: residency.reference("who", "person").map(|person| Who { person }),
            status: residency.text("status", "state").map(|state| State { state: state.to_owned() }),
            handed: residency.text("handed", "on").map(|on| On { on: on.to_owned() }),
            intent: residency.typed("intent"),
            merged: residency.fields("merged").cloned(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Where {
    residency: Option<RecordId>,
    person: Option<RecordId>,
    unit: Option<RecordId>,
    room: Option<RecordId>,
}

#[derive(Deserialize)]
struct Period {
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
struct StayBrief {
    #[serde(rename = "where", default)]
    place: Where,
    period: Option<Period>,
}

impl Brief for StayBrief {
    fn of(stay: &Record) -> StayBrief {
        let names = |field| stay.reference("where", field);
        let text = |field| stay.text("period", field).map(str::to_owned);
        StayBrief {
            place: Where { residency: names("residency"), person: names("person"), unit: names("unit"), room: names("room") },
            period: Some(Period { from: text("from"), to: text("to") }),
        }
    }
}

#[derive(Deserialize)]
struct SeenBrief {
    fact: Option<SeenFact>,
}

#[derive(Deserialize)]
struct SeenFact {
    residency: Option<RecordId>,
    result: Option<String>,
}

impl Brief for SeenBrief {
    fn of(seen: &Record) -> SeenBrief {
        let (residency, result) = (seen.reference("fact", "residency"), seen.text("fact", "result").map(str::to_owned));
        SeenBrief { fact: seen.fields("fact").map(|_| SeenFact { residency, result }) }
    }
}

/// A stay as its person, its home and its registration need it.
struct Stay {
    id: RecordId,
    place: Where,
    from: Option<String>,
    is_open: bool,
}

struct Residency {
    row: RowNo,
    id: RecordId,
    is_active: bool,
    handed_on: String,
    until: String,
}

fn build(view: &View<'_>, role: Role) -> Result<Built, Failure> {
    let mut stays: Vec<Stay> = Vec::new();
    view.each_shown(kind::STAY, |shown| {
        let Some(StayBrief { place, period }) = brief(kind::STAY, &shown) else { return Ok(()) };
        let Period { from, to } = period.unwrap_or(Period { from: None, to: None });
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        stays.push(Stay { id: shown.id, place, from: text(from), is_open: text(to).is_none() });
        Ok::<_, Failure>(())
    })?;
    // In the order of ids, as `naming` answers.
    stays.sort_unstable_by_key(|stay| stay.id);

    let (units, titles, mut others) = units(view, &stays, role)?;
    let mut labels: HashMap<RecordId, String> = HashMap::new();
    view.each_shown(kind::ROOM, |shown| {
        let label = brief::<LabelBrief>(kind::ROOM, &shown).and_then(|room| room.label).map(|label| label.label);
        labels.extend(label.filter(|label| !label.is_empty()).map(|label| (shown.id, label)));
        Ok::<_, Failure>(())
    })?;

    // Few people are another name of somebody: what they mean for others' lines is found the ordinary way.
    let mut residencies: HashMap<RecordId, Vec<Residency>> = HashMap::new();
    let mut unowned: Vec<Residency> = Vec::new();
    view.each_shown(kind::RESIDENCY, |shown| {
        let Some(ResidencyBrief { who, status, handed, intent, merged }) = brief(kind::RESIDENCY, &shown) else { return Ok(()) };
        others.extend(merged.map(|_| shown.id));
        let residency = Residency {
            row: shown.row,
            id: shown.id,
            is_active: status.is_some_and(|status| status.state == ACTIVE),
            handed_on: handed.map(|handed| handed.on).unwrap_or_default(),
            until: intent.map(|intent| intent.until).unwrap_or_default(),
        };
        match who {
            Some(who) => residencies.entry(who.person).or_default().push(residency),
            None => unowned.push(residency),
        }
        Ok::<_, Failure>(())
    })?;
    residencies.values_mut().for_each(|own| own.sort_unstable_by_key(|residency| residency.id));

    let mut open_homes: HashMap<RecordId, Option<RecordId>> = HashMap::new();
    let mut stays_of: HashMap<RecordId, Vec<&Stay>> = HashMap::new();
    for stay in &stays {
        if let Some(residency) = stay.place.residency.filter(|_| stay.is_open) {
            open_homes.entry(residency).or_insert(stay.place.unit);
        }
        if let Some(person) = stay.place.person {
            stays_of.entry(person).or_default().push(stay);
        }
    }
    let todos = residencies.values().flatten().chain(&unowned).filter(|residency| residency.is_active);
    let mut todos: Vec<(RowNo, Vec<Todo>)> =
        todos.map(|own| (own.row, active_todos(own.id, open_homes.get(&own.id).copied(), &own.handed_on, &own.until))).collect();
    todos.sort_unstable_by_key(|(row, _)| *row);

    let mut people = Vec::new();
    view.each_shown(kind::PERSON, |shown| {
        let Some(PersonBrief { identity: Some(identity), contact, alias }) = brief(kind::PERSON, &shown) else { return Ok(()) };
        if alias.is_some() {
            others.push(shown.id);
            return Ok(());
        }
        let own = residencies.get(&shown.id).map(Vec::as_slice).unwrap_or_default();
        let (standing, stay) = standing(own, stays_of.get(&shown.id).map(Vec::as_slice).unwrap_or_default());
        let facts = PersonFacts {
            id: shown.id,
            identity,
            phone: contact.unwrap_or_default().phone,
            standing,
            home: stay.map(|stay| home(stay, &titles, &labels)).unwrap_or_default(),
        };
        let (line, terms, document) = facts.derive();
        people.push(PersonRow { row: shown.row, line, terms, document });
        Ok::<_, Failure>(())
    })?;

    const FEW: [&str; 9] = [
        kind::REPORT,
        kind::REFERRAL,
        kind::PHOTO,
        kind::PHOTO_WITHDRAWAL,
        kind::INSPECTION,
        kind::WITHDRAWAL,
        kind::HAZARD,
        kind::PERMIT_APPLICATION,
        kind::PERMIT,
    ];
    for kind in FEW {
        view.each_shown(kind, |shown| {
            others.push(shown.id);
            Ok::<_, Failure>(())
        })?;
    }
    // Most people were seen; whose registration may be doubted is found the ordinary way.
    view.each_shown(kind::VISIT_PERSON, |shown| {
        let Some(SeenBrief { fact: Some(fact) }) = brief(kind::VISIT_PERSON, &shown) else { return Ok(()) };
        others.extend(fact.residency.filter(|_| fact.result.as_deref() != Some(VisitPersonResult::Here.code())));
        Ok::<_, Failure>(())
    })?;
    others.sort_unstable();
    others.dedup();
    Ok(Built { units, people, todos, others })
}

/// The homes' lines, and every home's address as people say it.
type Homes = (Vec<UnitRow>, HashMap<RecordId, String>, Vec<RecordId>);

/// The same, and the homes whose lines are made the ordinary way: those entered twice, and those said to be empty.
fn units(view: &View<'_>, stays: &[Stay], role: Role) -> Result<Homes, Failure> {
    let mut others = Vec::new();
    let mut living: HashMap<RecordId, u64> = HashMap::new();
    for unit in stays.iter().filter(|stay| stay.is_open).filter_map(|stay| stay.place.unit) {
        *living.entry(unit).or_default() += 1;
    }
    let mut calls: HashMap<RecordId, Vec<(i64, Mark, Option<Appointment>)>> = HashMap::new();
    view.each_shown(kind::VISIT, |shown| {
        let Some(VisitBrief { fact: Some(fact) }) = brief(kind::VISIT, &shown) else { return Ok(()) };
        let mark = Mark::read(fact.result.as_deref(), fact.next.as_ref()).filter(|_| !fact.registering);
        let said = fact.result.as_deref().and_then(VisitResult::from_code);
        others.extend(said.filter(|said| empty_home::leads_on(*said)).map(|_| fact.unit));
        let next = Appointment::read(fact.next.as_ref());
        calls.entry(fact.unit).or_default().extend(mark.map(|mark| (fact.observed_unix_ms, mark, next)));
        Ok::<_, Failure>(())
    })?;
    let mut units = Vec::new();
    let mut titles = HashMap::new();
    view.each_shown(kind::UNIT, |shown| {
        let mut unit: Option<UnitBrief> = brief(kind::UNIT, &shown);
        if unit.as_ref().is_some_and(|unit| unit.address.as_ref() == Some(&Address::default())) {
            // No address at all, or one this version cannot read: only the fields themselves tell.
            unit = brief_the_long_way(kind::UNIT, &shown);
        }
        let Some(UnitBrief { address: Some(address), landlord, registration, number, grade }) = unit else { return Ok(()) };
        if registration.as_ref().is_some_and(|registration| registration.into.is_some()) {
            others.push(shown.id);
        }
        // Checks, hazards and late reports are few: their homes' lines are made once more, the ordinary way.
        let round = RoundFacts {
            id: shown.id,
            address: &address,
            registration: registration.as_ref(),
            on_site: landlord.as_ref().is_some_and(|landlord| landlord.on_site),
            calls: Calls::at(calls.remove(&shown.id).unwrap_or_default()),
            grade: GradeFacts { reasons: Vec::new(), set: grade },
        };
        let round = round.line(role);
        let facts = UnitFacts {
            id: shown.id,
            address,
            landlord: landlord.unwrap_or_default(),
            state: registration.map_or(UnitStatus::Pending, |registration| registration.state),
            number: number.map(|number| number.no).unwrap_or_default(),
            people: living.get(&shown.id).copied().unwrap_or_default(),
        };
        let (line, terms, todos) = facts.derive(role);
        titles.insert(shown.id, line.title.clone());
        units.push(UnitRow { row: shown.row, line, round, terms, todos });
        Ok::<_, Failure>(())
    })?;
    Ok((units, titles, others))
}

/// The same as [`derive::standing_of`], from what is at hand.
fn standing<'a>(residencies: &[Residency], stays: &[&'a Stay]) -> (&'static str, Option<&'a Stay>) {
    let latest = stays.iter().max_by_key(|stay| (stay.is_open, stay.from.as_deref())).copied();
    match residencies.iter().find(|residency| residency.is_active) {
        Some(active) => match stays.iter().find(|stay| stay.is_open && stay.place.residency == Some(active.id)) {
            Some(open) => ("active", Some(*open)),
            None => ("to_place", latest),
        },
        None if residencies.is_empty() => ("none", latest),
        None => ("cancelled", latest),
    }
}

fn home(stay: &Stay, titles: &HashMap<RecordId, String>, labels: &HashMap<RecordId, String>) -> String {
    let mut home = stay.place.unit.and_then(|unit| titles.get(&unit)).cloned().unwrap_or_default();
    if let Some(label) = stay.place.room.and_then(|room| labels.get(&room)) {
        home.push_str(" · ");
        home.push_str(label);
    }
    home
}
