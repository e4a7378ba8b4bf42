//! Lists, search terms and things to do, computed from records. Everything here can be computed again.

use std::collections::BTreeSet;

use chrono::Days;
use domain::access::Role;
use domain::address::Address;
use domain::codes::UnitStatus;
use domain::form::parse_date;
use domain::id_document;
use domain::person::{Contact, Identity};
use domain::policy::key;
use domain::report::Receipt;
use domain::residency::{self, Intent};
use domain::unit::{self, Landlord, Registration};
use domain::{GroupValue, Record, RecordId, Stamp, day, kind, pinyin, place, same, text};
use store::device::{Held, PersonLine, ReportLine, Todo, UnitLine, View, Writing, in_order};

use crate::error::Failure;
use crate::homes;
use crate::law::Law;
use crate::permits;
use crate::photos;
use crate::presence;
use crate::rounds;
use crate::safety;
use crate::same::root_of_person;
use crate::save::PLACE;
use crate::visits;
use crate::withdrawals;

/// How long before its end an intended stay shows up.
const INTENDED_SAID_DAYS: u64 = 14;
/// How far ahead anything is looked for: a permit is endorsed in the month before its year is full.
const HORIZON_DAYS: u64 = 31;

/// Names of what is to do, as stored.
pub(crate) mod todo {
    pub(crate) const VERIFY: &str = "verify_report";
    pub(crate) const RETURNED: &str = "report_returned";
    pub(crate) const TO_PLACE: &str = "to_place";
    pub(crate) const REFERRAL: &str = "referral";
    pub(crate) const INTENDED: &str = "intended_ends";
    pub(crate) const SUSPECTED: &str = "suspected_left";
    pub(crate) const CHANGE: &str = "change_pending";
    pub(crate) const CONTRADICTED: &str = "contradicted";
    pub(crate) const PENDING: &str = "unit_pending";
    /// A visit said that nobody rents a home, and something is to be settled there.
    pub(crate) const EMPTY: &str = "home_empty";
    /// Nothing to do: which home this one's lines were counted in, so that they leave it when the two are taken apart.
    pub(crate) const MERGED: &str = "home_merged";
    /// Somebody was registered in a home after it was merged into another.
    pub(crate) const MERGED_STAY: &str = "merged_stay";
    pub(crate) const HAZARD: &str = "hazard_recheck";
    pub(crate) const PERMIT_MATERIALS: &str = "permit_materials";
    pub(crate) const PERMIT_HAND_OUT: &str = "permit_hand_out";
    pub(crate) const PERMIT_ENDORSE: &str = "permit_endorse";
    pub(crate) const PERMIT_EXPIRES: &str = "permit_expires";
    pub(crate) const PERMIT_CHANGE: &str = "permit_change";
    pub(crate) const PERMIT_END: &str = "permit_end";
}

/// Lays this device's guess of the place over records that wait, so that they stand in the right village's list.
/// The server computes the same and its word replaces the guess.
pub(crate) fn places(writing: &Writing<'_>, touched: &[RecordId]) -> Result<(), Failure> {
    let mut queue: Vec<RecordId> = touched.to_vec();
    // Units before what names them: twice through the list settles a save of homes, stays and people.
    for _ in 0..2 {
        for id in std::mem::take(&mut queue) {
            let Some(held) = writing.held(id)? else { continue };
            if held.waiting == 0 || held.shown.dead.is_some() {
                continue;
            }
            let Some(mut guess) = place::place_of(&held.shown, &**writing)? else { continue };
            let was = place::stored(&held.shown);
            guess.owner = guess.owner.or(was.owner);
            if guess != was {
                let origin = held.shown.groups.values().map(|value| value.origin).max();
                let Some(origin) = origin else { continue };
                let mut shown = held.shown.clone();
                shown.groups.insert(PLACE.to_owned(), GroupValue::new(guess.to_fields(), origin));
                let held = Held { shown, ..held };
                queue.extend(place::dependents(&held.shown, &**writing)?);
                writing.put(&held)?;
            }
            queue.push(id);
        }
    }
    Ok(())
}

/// Computes what is derived from these records, and from those whose lines show them; answers the homes and people whose lines
/// were written.
pub(crate) fn refresh(writing: &Writing<'_>, touched: &[RecordId], law: &Law, role: Role) -> Result<Vec<RecordId>, Failure> {
    let mut units: BTreeSet<RecordId> = BTreeSet::new();
    let mut people: BTreeSet<RecordId> = BTreeSet::new();
    let mut holders: BTreeSet<RecordId> = BTreeSet::new();
    let mut doubts: BTreeSet<RecordId> = BTreeSet::new();
    let mut visited: BTreeSet<RecordId> = BTreeSet::new();
    let mut homes_said_of: BTreeSet<RecordId> = BTreeSet::new();
    let mut fresh: Option<Law> = None;
    for &id in touched {
        let Some(held) = writing.held(id)? else {
            writing.forget_rows(id)?;
            continue;
        };
        // A dead record still names what it belonged to: those lines change too.
        let record = &held.shown;
        visited.extend(rounds::homes_of(record));
        match record.kind.as_str() {
            // Another pack, another day off: what runs by the law is computed anew, by the law as it stands from now on.
            kind::POLICY | kind::HOLIDAYS => fresh = Some(Law::read(writing)?),
            kind::UNIT => {
                let meant = if record.dead.is_none() { homes::root(writing, id)? } else { id };
                let was = writing.todo_unit(id, todo::MERGED)?;
                // Those that were merged into this one, and the one it was counted in before.
                let names = same::names_of(id, kind::UNIT, &**writing)?;
                units.extend(names.iter().copied().chain(was));
                visited.extend(names.iter().copied().chain(was));
                let turned = meant != id || was.is_some();
                // Whoever lives in a part of it is listed under its address, and goes where it goes.
                for part in &names {
                    for stay in writing.naming(*part, kind::STAY)? {
                        people.extend(stay.reference("where", "person"));
                        if let Some(residency) = stay.reference("where", "residency").filter(|_| turned) {
                            doubts.insert(same::root(residency, &**writing)?);
                        }
                    }
                    for report in if turned { writing.naming(*part, kind::REPORT)? } else { Vec::new() } {
                        report_lines(writing, &report, law, role)?;
                    }
                }
            }
            kind::PERSON => {
                people.insert(id);
                // What was found to have changed may be written now.
                for registration in same::naming(id, kind::PERSON, kind::RESIDENCY, &**writing)? {
                    doubts.insert(registration.id);
                }
                // Joined or taken apart, a home counts differently.
                if record.groups.contains_key(same::ALIAS) || record.groups.contains_key(same::APART) {
                    for stay in writing.naming(id, kind::STAY)? {
                        units.extend(stay.reference("where", "unit"));
                    }
                }
            }
            kind::RESIDENCY => {
                people.extend(record.reference("who", "person"));
                for part in same::family(id, kind::RESIDENCY, &**writing)? {
                    for stay in writing.naming(part, kind::STAY)? {
                        units.extend(stay.reference("where", "unit"));
                    }
                    doubts.insert(part);
                }
                if record.dead.is_some() {
                    writing.put_todos(id, &[])?;
                }
            }
            kind::STAY => {
                units.extend(record.reference("where", "unit"));
                people.extend(record.reference("where", "person"));
                if let Some(residency) = record.reference("where", "residency") {
                    doubts.insert(same::root(residency, &**writing)?);
                }
            }
            kind::PHOTO => photos::refresh(writing, id)?,
            kind::PHOTO_WITHDRAWAL => {
                if let Some(photo) = photos::withdrawn_by(writing, record)? {
                    photos::refresh(writing, photo)?;
                }
            }
            kind::HAZARD => safety::hazards::refresh(writing, record)?,
            kind::WITHDRAWAL => {
                let Some(of) = withdrawals::taken_back_by(writing, record)? else { continue };
                visited.extend(rounds::homes_of(&of));
                match of.kind.as_str() {
                    kind::VISIT => {
                        for seen in writing.naming(of.id, kind::VISIT_PERSON)? {
                            if let Some(residency) = seen.reference("fact", "residency") {
                                doubts.insert(same::root(residency, &**writing)?);
                            }
                        }
                    }
                    kind::INSPECTION => safety::hazards::refresh_of_check(writing, of.id)?,
                    _ => holders.extend(of.reference("who", "person")),
                }
            }
            kind::PERMIT_APPLICATION | kind::PERMIT => holders.extend(record.reference("who", "person")),
            kind::PERMIT_EVENT => {
                let permit = record.reference("fact", "permit").map_or(Ok(None), |permit| writing.shown(permit))?;
                holders.extend(permit.and_then(|permit| permit.reference("who", "person")));
            }
            kind::VISIT_PERSON => {
                homes_said_of.extend(record.reference("fact", "unit"));
                if let Some(residency) = record.reference("fact", "residency") {
                    doubts.insert(same::root(residency, &**writing)?);
                }
            }
            kind::REPORT => {
                report_lines(writing, record, law, role)?;
                doubts.extend(presence::touched_by_report(writing, record)?);
            }
            kind::REFERRAL => {
                let open = record.dead.is_none() && record.text("state", "state") == Some("open");
                let due_on = record.text("due", "on").unwrap_or_default().to_owned();
                let unit = record.reference("where", "unit");
                let todo = Todo { record: id, kind: todo::REFERRAL.to_owned(), unit, due_on };
                writing.put_todos(id, if open { std::slice::from_ref(&todo) } else { &[] })?;
            }
            _ => {}
        }
    }
    // What is to do about a registration, once for all that was touched: where they live, and by what was seen and reported whether they
    // may have left and what the register does not say yet.
    for &id in &doubts {
        if let Some(residency) = writing.shown(id)?.filter(|record| record.kind == kind::RESIDENCY) {
            writing.put_todos(id, &residency_todos(writing, &residency)?)?;
        }
    }
    if let Some(law) = &fresh {
        for report in writing.all(kind::REPORT)? {
            report_lines(writing, &report, law, role)?;
        }
        for papers in writing.all(kind::PERMIT)?.into_iter().chain(writing.all(kind::PERMIT_APPLICATION)?) {
            holders.extend(papers.reference("who", "person"));
        }
    }
    let law = fresh.as_ref().unwrap_or(law);
    // What is said of a merged home is shown where it was merged into.
    for homes in [&mut units, &mut visited, &mut homes_said_of] {
        for id in homes.clone() {
            homes.insert(homes::root(writing, id)?);
        }
    }
    for &id in &units {
        unit_line(writing, id, role)?;
    }
    for &id in &visited {
        rounds::refresh(writing, id, role)?;
    }
    for &id in visited.union(&homes_said_of).filter(|id| !units.contains(id)) {
        if let Some(home) = writing.shown(id)?.filter(|home| home.kind == kind::UNIT && home.fields("address").is_some()) {
            writing.put_todos(id, &home_todos(writing, &home, role)?)?;
        }
    }
    // A registration that ends or moves takes what is to do about a permit along.
    for &id in people.iter().chain(&holders) {
        permits::refresh(writing, id, law)?;
    }
    // Another name of somebody is in no list, and who is meant is there with all that is known under any name.
    let mut meant = BTreeSet::new();
    for &id in &people {
        let root = root_of_person(writing, id)?;
        if root != id {
            writing.forget_rows(id)?;
        }
        meant.insert(root);
    }
    people.extend(meant.iter().copied());
    for id in meant {
        person_line(writing, id)?;
    }
    units.extend(people);
    Ok(units.into_iter().collect())
}

/// A home's address as people say it.
pub(crate) fn unit_title(unit: &Record) -> String {
    unit.typed::<Address>("address").map(|address| address.display()).unwrap_or_default()
}

fn unit_line(writing: &Writing<'_>, id: RecordId, role: Role) -> Result<(), Failure> {
    let held = writing.held(id)?.filter(|held| held.shown.dead.is_none() && held.shown.fields("address").is_some());
    let Some(Held { shown: unit, .. }) = held else {
        writing.forget_rows(id)?;
        return Ok(());
    };
    let names = homes::names(writing, id)?;
    if names.first() != Some(&id) {
        writing.forget_rows(id)?;
        writing.put_todos(id, &home_todos(writing, &unit, role)?)?;
        return Ok(());
    }
    let state = unit::standing(&unit, &**writing)?.map_or(UnitStatus::Pending, |registration| registration.state);
    let facts = UnitFacts { people: living_at(writing, &names)?, state, ..UnitFacts::of(&unit) };
    let (line, mut terms, _) = facts.derive(role);
    for name in &names[1..] {
        // Found by what either entry said of it.
        if let Some(other) = writing.shown(*name)? {
            terms.extend(UnitFacts::of(&other).derive(role).1);
        }
    }
    writing.put_unit_line(&line)?;
    writing.put_terms(id, kind::UNIT, &in_order(terms))?;
    writing.put_todos(id, &home_todos(writing, &unit, role)?)?;
    Ok(())
}

/// What is to do about a home itself.
fn home_todos(view: &View<'_>, home: &Record, role: Role) -> Result<Vec<Todo>, Failure> {
    let todo = |kind: &str, unit| Todo { record: home.id, kind: kind.to_owned(), unit: Some(unit), due_on: String::new() };
    let meant = homes::root(view, home.id)?;
    if meant != home.id {
        return Ok(vec![todo(todo::MERGED, meant)]);
    }
    let state = unit::standing(home, view)?.map_or(UnitStatus::Pending, |registration| registration.state);
    let mut todos = Vec::new();
    if role == Role::Coordinator {
        todos.extend((state == UnitStatus::Pending).then(|| todo(todo::PENDING, home.id)));
        todos.extend(visits::empty::of(view, home)?.filter(|emptied| emptied.is_open).map(|_| todo(todo::EMPTY, home.id)));
    }
    Ok(todos)
}

/// Open stays of a home. Registered twice at one door, somebody lives there once.
fn living_at(view: &View<'_>, names: &[RecordId]) -> Result<u64, Failure> {
    let (mut people, mut by_other_names, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
    for stay in same::naming_any(names, kind::STAY, view)?.iter().filter(|stay| residency::is_open(stay)) {
        let person = stay.reference("where", "person").unwrap_or(stay.id);
        let root = root_of_person(view, person)?;
        if root == person {
            people.insert(person);
            count += 1;
        } else {
            by_other_names.insert(root);
        }
    }
    Ok(count + by_other_names.difference(&people).count() as u64)
}

/// What the lists say of a home.
pub(crate) struct UnitFacts {
    pub(crate) id: RecordId,
    pub(crate) address: Address,
    pub(crate) landlord: Landlord,
    pub(crate) state: UnitStatus,
    pub(crate) number: String,
    pub(crate) people: u64,
}

impl UnitFacts {
    /// From the home itself; who lives there is counted by the caller.
    pub(crate) fn of(unit: &Record) -> UnitFacts {
        UnitFacts {
            id: unit.id,
            address: unit.typed("address").unwrap_or_default(),
            landlord: unit.typed("landlord").unwrap_or_default(),
            state: unit.typed::<Registration>("registration").map_or(UnitStatus::Pending, |registration| registration.state),
            number: unit.text("number", "no").unwrap_or_default().to_owned(),
            people: 0,
        }
    }

    /// Its line, what it is found by, what is to do about it.
    pub(crate) fn derive(&self, role: Role) -> (UnitLine, Vec<String>, Vec<Todo>) {
        let norm_key = self.address.norm_key();
        let line = UnitLine {
            id: self.id,
            area: self.address.area.clone(),
            sort: format!("{}{}", self.address.area, sortable(&norm_key)),
            title: self.address.display(),
            norm_key: norm_key.clone(),
            landlord: self.landlord.name.clone(),
            state: self.state.code().to_owned(),
            people: self.people,
        };
        let mut terms = name_terms(&self.landlord.name);
        terms.extend(phone_terms(&self.landlord.phone));
        terms.extend([self.address.plate_no.to_lowercase(), norm_key, self.number.to_lowercase()]);
        let pending = self.state == UnitStatus::Pending && role == Role::Coordinator;
        let todo = Todo { record: self.id, kind: todo::PENDING.to_owned(), unit: Some(self.id), due_on: String::new() };
        (line, in_order(terms), if pending { vec![todo] } else { Vec::new() })
    }
}

/// Numbers in a key padded, so that 9 stands before 12.
pub(crate) fn sortable(norm_key: &str) -> String {
    let mut sorted = String::with_capacity(norm_key.len() + 8);
    let mut digits = String::new();
    for c in norm_key.chars().chain(std::iter::once('\u{0}')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            sorted.push_str(&format!("{digits:0>6}"));
            digits.clear();
        }
        if c != '\u{0}' {
            sorted.push(c);
        }
    }
    sorted
}

fn person_line(writing: &Writing<'_>, id: RecordId) -> Result<(), Failure> {
    let names = same::names_of(id, kind::PERSON, &**writing)?;
    for name in &names[1..] {
        writing.forget_rows(*name)?;
    }
    let held = writing.held(id)?.filter(|held| held.shown.dead.is_none());
    let identity = held.as_ref().and_then(|held| held.shown.typed::<Identity>("identity"));
    let (Some(held), Some(identity)) = (held, identity) else {
        writing.forget_rows(id)?;
        return Ok(());
    };
    let (standing, stay) = standing_of(writing, &names)?;
    let home = match &stay {
        Some(stay) => home_of(writing, stay)?,
        None => String::new(),
    };
    let phone = held.shown.typed::<Contact>("contact").unwrap_or_default().phone;
    let facts = PersonFacts { id, identity, phone, standing, home };
    let (line, terms, document) = facts.derive();
    writing.put_person_line(&line)?;
    writing.put_terms(id, kind::PERSON, &terms)?;
    writing.put_document(id, document.as_ref().map(|(doc_type, doc_no)| (doc_type.as_str(), doc_no.as_str())))?;
    Ok(())
}

/// What the lists say of a person.
pub(crate) struct PersonFacts {
    pub(crate) id: RecordId,
    pub(crate) identity: Identity,
    pub(crate) phone: String,
    pub(crate) standing: &'static str,
    pub(crate) home: String,
}

impl PersonFacts {
    /// Their line, what they are found by, type and number of their document.
    pub(crate) fn derive(self) -> (PersonLine, Vec<String>, Option<(String, String)>) {
        let PersonFacts { id, identity, phone, standing, home } = self;
        let keys = pinyin::keys(&identity.name);
        let mut terms = name_terms(&identity.name);
        terms.extend(phone_terms(&phone));
        if !identity.doc_no.is_empty() {
            let number = identity.doc_no.to_lowercase();
            let characters: Vec<char> = number.chars().collect();
            for tail in [4, 6] {
                terms.push(characters[characters.len().saturating_sub(tail)..].iter().collect());
            }
            terms.push(number);
        }
        let code = serde_json::to_value(identity.doc_type).ok().and_then(|code| code.as_str().map(str::to_owned));
        let document = (!identity.doc_no.is_empty()).then(|| (code.unwrap_or_default(), identity.doc_no.clone()));
        let line = PersonLine {
            id,
            sort: format!("{}\u{1}{}", keys.full, identity.name),
            document: id_document::mask(&identity.doc_no),
            name: identity.name,
            home,
            standing: standing.to_owned(),
        };
        (line, in_order(terms), document)
    }
}

/// From every character of a name on, in pinyin, and by initials.
fn name_terms(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let mut terms: Vec<String> = name.char_indices().map(|(at, _)| name[at..].to_owned()).collect();
    let keys = pinyin::keys(&name);
    terms.push(keys.full);
    // The given name by itself, in pinyin and by initials: people often remember only that.
    let surname = text::surname(&name);
    let given = pinyin::keys(&name[surname.len()..]);
    terms.push(given.full);
    terms.push(keys.initials.clone());
    terms.extend((1..keys.initials.len()).map(|at| keys.initials[at..].to_owned()));
    terms
}

fn phone_terms(phone: &str) -> Vec<String> {
    if phone.len() < 4 || !phone.is_ascii() {
        return Vec::new();
    }
    vec![phone.to_owned(), phone[phone.len() - 4..].to_owned()]
}

/// How a person's registration stands, and the stay that says where.
fn standing_of(view: &View<'_>, names: &[RecordId]) -> Result<(&'static str, Option<Record>), Failure> {
    let stays = same::naming_any(names, kind::STAY, view)?;
    let residencies = same::standing_alone(same::naming_any(names, kind::RESIDENCY, view)?, view)?;
    let active = residencies.iter().find(|residency| residency::is_active(residency));
    let latest = stays.iter().max_by_key(|stay| (residency::is_open(stay), stay.text("period", "from").map(str::to_owned)));
    Ok(match active {
        Some(active) => {
            let parts = same::names_of(active.id, kind::RESIDENCY, view)?;
            let of_it = |stay: &&Record| stay.reference("where", "residency").is_some_and(|id| parts.contains(&id));
            let open = stays.iter().filter(of_it).find(|stay| residency::is_open(stay));
            match open {
                Some(open) => ("active", Some(open.clone())),
                None => ("to_place", latest.cloned()),
            }
        }
        None if residencies.is_empty() => ("none", latest.cloned()),
        None => ("cancelled", latest.cloned()),
    })
}

/// A stay's home and room, as people say it; what is not on this device is left out.
pub(crate) fn home_of(view: &View<'_>, stay: &Record) -> Result<String, Failure> {
    let label = |id: Option<RecordId>| -> Result<Option<Record>, Failure> {
        Ok(match id {
            Some(id) => view.shown(id)?,
            None => None,
        })
    };
    let unit = label(stay.reference("where", "unit").map(|unit| homes::root(view, unit)).transpose()?)?;
    let room = label(stay.reference("where", "room"))?;
    let mut home = unit.as_ref().map(unit_title).unwrap_or_default();
    if let Some(room) = room.as_ref().and_then(|room| room.text("label", "label")) {
        home.push_str(" · ");
        home.push_str(room);
    }
    Ok(home)
}

fn residency_todos(view: &View<'_>, residency: &Record) -> Result<Vec<Todo>, Failure> {
    if !residency::is_active(residency) || same::root_of(residency, view)? != residency.id {
        return Ok(Vec::new());
    }
    let names = same::names_of(residency.id, kind::RESIDENCY, view)?;
    let stays = same::naming_any(&names, kind::STAY, view)?;
    let open = stays.iter().find(|stay| residency::is_open(stay));
    let handed_on = residency.text("handed", "on").unwrap_or_default();
    let until = residency.typed::<Intent>("intent").map(|intent| intent.until).unwrap_or_default();
    let mut todos = active_todos(residency.id, open.map(|open| open.reference("where", "unit")), handed_on, &until);
    if let Some(open) = open
        && placed_after_merging(view, open)?
    {
        let (record, kind) = (residency.id, todo::MERGED_STAY.to_owned());
        todos.push(Todo { record, kind, unit: open.reference("where", "unit"), due_on: String::new() });
    }
    if let Some(found) = presence::by_facts(view, residency.id)? {
        let kinds = [(found.doubted, todo::SUSPECTED), (found.pending, todo::CHANGE), (found.contradicted, todo::CONTRADICTED)];
        let row =
            |kind: &str| Todo { record: residency.id, kind: kind.to_owned(), unit: Some(found.unit), due_on: String::new() };
        todos.extend(kinds.into_iter().filter(|(there, _)| *there).map(|(_, kind)| row(kind)));
    }
    Ok(todos)
}

/// Whether a stay was written down in a home that had been merged into another before: by a phone that had not heard of it.
fn placed_after_merging(view: &View<'_>, stay: &Record) -> Result<bool, Failure> {
    let Some(unit) = stay.reference("where", "unit") else { return Ok(false) };
    if homes::root(view, unit)? == unit {
        return Ok(false);
    }
    let written = |record: &Record, group: &str| record.groups.get(group).map(|value| value.origin.stamp);
    let merged = view.shown(unit)?.and_then(|home| written(&home, "registration"));
    Ok(written(stay, "where") > merged)
}

/// What is to do about a registration that stands, from its open stay's home, if it has such a stay.
pub(crate) fn active_todos(residency: RecordId, open: Option<Option<RecordId>>, handed_on: &str, until: &str) -> Vec<Todo> {
    let todo =
        |kind: &str, unit, due_on: &str| Todo { record: residency, kind: kind.to_owned(), unit, due_on: due_on.to_owned() };
    match open {
        None => vec![todo(todo::TO_PLACE, None, handed_on)],
        Some(unit) if parse_date(until).is_some() => vec![todo(todo::INTENDED, unit, until)],
        Some(_) => Vec::new(),
    }
}

fn report_lines(writing: &Writing<'_>, report: &Record, law: &Law, role: Role) -> Result<(), Failure> {
    if report.dead.is_some() || report.fields("said").is_none() {
        writing.forget_rows(report.id)?;
        return Ok(());
    }
    let unit = report.reference("said", "unit").map(|unit| homes::root(writing, unit)).transpose()?;
    let state = report.text("check", "state");
    let submitted = report.field("said", "submitted_unix_ms").and_then(|ms| ms.as_i64()).unwrap_or_default();
    let line = ReportLine { id: report.id, sort: Stamp::at(submitted).to_string() };
    writing.put_report_line(&line, unit, state.is_none())?;
    let receipt: Option<Receipt> = report.typed("receipt");
    let todo = match (role, state) {
        (Role::Coordinator, None) => {
            let received = receipt.map_or(submitted, |receipt| receipt.received_unix_ms);
            let due_on =
                law.due(key::VERIFY_REPORT, &day::day_of(received).to_string()).map(|due| due.on.to_string()).unwrap_or_default();
            Some(Todo { record: report.id, kind: todo::VERIFY.to_owned(), unit, due_on })
        }
        (Role::Landlord, Some("returned")) => {
            Some(Todo { record: report.id, kind: todo::RETURNED.to_owned(), unit, due_on: String::new() })
        }
        _ => None,
    };
    writing.put_todos(report.id, todo.as_slice())?;
    Ok(())
}

/// The last day up to which things to do are shown today.
pub(crate) fn horizon(today: chrono::NaiveDate) -> String {
    today.checked_add_days(Days::new(HORIZON_DAYS)).unwrap_or(today).to_string()
}

/// The last day of what is shown today, save permits.
pub(crate) fn said_until(today: chrono::NaiveDate) -> String {
    today.checked_add_days(Days::new(INTENDED_SAID_DAYS)).unwrap_or(today).to_string()
}
