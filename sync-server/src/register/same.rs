//! The same person registered twice: found when a save comes in, joined, told to those whom it concerns, and taken apart.
//!
//! What is decided is decided in `domain::same`. Here records are found, written and published with the save that brought
//! the matter up.

use std::sync::Arc;

use domain::duplicate::PairWhy;
use domain::merge::{Arrival, Clash, Refusal, merge};
use domain::place;
use domain::report::Said;
use domain::same::{self, Alias, Apart, Meeting, MergedInto, Seen, Told};
use domain::{Change, Record, RecordId, access, kind, record};
use store::StoreError;
use sync_protocol::PushedChange;

use super::Stop;
use super::document_key::{key_of, key_of_person};
use super::pairs;
use super::reach;
use super::save::{Found, Save, Why, check_size};

/// What the server found about a reported tenant; it does not travel to the reporter.
const MATCH: &str = "match";

impl Save<'_> {
    /// A change to another name of somebody holds for the one who is meant. It stays stored under the id it was pushed with.
    /// Answers whether it was passed on.
    pub(super) fn pass_on(&mut self, index: usize, pushed: &PushedChange, held: Option<&Record>) -> Result<bool, Why> {
        let Some(held) = held.filter(|held| same::points_to(held).is_some()) else { return Ok(false) };
        let root = same::root_of(held, self.work.write)?;
        let Some(survivor) = self.ledger.get(root)?.filter(|survivor| survivor.id != held.id) else { return Ok(false) };
        let Some(change) = same::redirected(&pushed.change, root) else { return Ok(false) };
        // Another name may have been the writer's until lately; who is meant by it may never have been.
        reach::check_before(self, &change, &survivor)?;
        access::may_write(self.work.caller.account.role, &change, Some(&survivor))?;
        let sender = self.work.caller.device.number;
        let arrival = Arrival { seq: pushed.seq, received_unix_ms: self.work.now_unix_ms, sender };
        let merged = merge(Some(&survivor), &change, arrival)?;
        check_size(Some(&survivor), &merged.record)?;
        self.ledger.put(&merged.record)?;
        self.find(index, root, merged.clashes);
        Ok(true)
    }

    /// Looks at every person and registration the save touched. Places are settled before, because a village decides, and
    /// again after, because all names of a person belong to one place.
    pub(super) fn meet_same(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        let index_of = |id: RecordId| save.iter().position(|pushed| pushed.change.record == id).unwrap_or(0);
        let mut moved = false;
        for id in self.ledger.touched() {
            let (was, Some(now)) = (self.ledger.was(id)?, self.ledger.look_at(id)?) else { continue };
            moved |= match now.kind.as_str() {
                kind::PERSON => self.meet_person(index_of(id), was.as_deref(), &now)?,
                kind::RESIDENCY => self.meet_residency(index_of(id), was.as_deref(), &now)?,
                kind::REPORT if was.is_none() => self.match_report(&now)?,
                _ => false,
            };
        }
        moved |= self.obey(save)?;
        if moved {
            self.settle_places()?;
        }
        Ok(())
    }

    fn meet_person(&mut self, index: usize, was: Option<&Record>, now: &Record) -> Result<bool, Stop> {
        let was_alive = was.is_some_and(|was| was.dead.is_none());
        if now.dead.is_some() {
            return if was_alive { self.let_go(index, now) } else { Ok(false) };
        }
        let renamed = was.is_none_or(|was| was.fields("identity") != now.fields("identity"));
        let told = if renamed {
            self.renew_key(now)?;
            self.is_told(was, now)?
        } else {
            true
        };
        if same::points_to(now).is_some() {
            // Brought back after who was meant had gone: it stands for itself.
            let alone = same::root_of(now, self.work.write)? == now.id;
            if alone {
                let mut now = now.clone();
                now.groups.remove(same::ALIAS);
                self.ledger.put(&now)?;
            }
            return Ok(alone);
        }
        if renamed || !was_alive {
            return self.meet_others(index, now, was.is_none(), told);
        }
        let moved = was.is_some_and(|was| place::stored(was).area != place::stored(now).area);
        if moved { self.join_as_said(index, now) } else { Ok(false) }
    }

    fn renew_key(&self, person: &Record) -> Result<(), StoreError> {
        if person.kind != kind::PERSON {
            return Ok(());
        }
        let key = key_of_person(self.work.write, person, self.work.now_unix_ms)?;
        self.work.write.put_person_key(person.id, key.as_deref())
    }

    /// Whether the writer is told of others elsewhere who have this number: of so many a day.
    fn is_told(&self, was: Option<&Record>, now: &Record) -> Result<bool, StoreError> {
        let key = |person: &Record| key_of_person(self.work.write, person, self.work.now_unix_ms);
        let key_now = key(now)?;
        let is_new = key_now.is_some() && was.map_or(Ok(None), key)? != key_now;
        if is_new { self.count_try(was.is_none()) } else { Ok(true) }
    }

    /// Everybody with the same number, the one accepted first before the others.
    fn meet_others(&mut self, index: usize, now: &Record, created: bool, told: bool) -> Result<bool, Stop> {
        let Some(key) = key_of_person(self.work.write, now, self.work.now_unix_ms)? else { return Ok(false) };
        let mut joined = false;
        for other in self.work.write.people_with_key(&key)? {
            let alive = |other: &Arc<Record>| other.id != now.id && other.dead.is_none();
            let Some(other) = self.ledger.look_at(other)?.filter(alive) else { continue };
            // Another name of somebody who has this number is met under that one.
            if same::points_to(&other).is_some() {
                continue;
            }
            let here = self.read_before(&other)?;
            match same::meet(created, &seen(now), &seen(&other)) {
                // It is that one now; whoever else has the number was compared with that one.
                _ if joined => {}
                Meeting::Alias if here => {
                    joined = true;
                    self.join(index, other.id, now.id)?;
                    pairs::tell(&mut self.ledger, PairWhy::Merged, other.id, now.id, None)?;
                }
                Meeting::Ask(why) if here => pairs::tell(&mut self.ledger, why, other.id, now.id, None)?,
                // Elsewhere; or handed over as it was made, into a village whose people were not asked.
                Meeting::Ask(_) | Meeting::Alias => {
                    self.note_found()?;
                    let untold = (!told).then_some(self.work.caller.account.id);
                    pairs::tell(&mut self.ledger, PairWhy::Village, other.id, now.id, untold)?;
                }
            }
        }
        Ok(joined)
    }

    /// Whether a record was in one of the writer's scopes before this save, or is of this save.
    fn read_before(&self, record: &Record) -> Result<bool, StoreError> {
        Ok(self.ledger.was(record.id)?.is_none_or(|before| self.work.caller.reads(&before)))
    }

    /// Makes the second another name of the first.
    pub(super) fn join(&mut self, index: usize, first: RecordId, second: RecordId) -> Result<(), Stop> {
        let (Some(mut into), Some(mut from)) = (self.ledger.get(first)?, self.ledger.get(second)?) else { return Ok(()) };
        let clashes = same::absorb(&mut into, &from);
        self.ledger.put(&into)?;
        self.renew_key(&into)?;
        self.ledger.tell_again(first);
        self.find(index, first, clashes);
        // One name after another is no chain: all of them mean the first.
        for mut named in self.work.write.referrers(second, kind::PERSON)? {
            if let Some(alias) = named.typed::<Alias>(same::ALIAS).filter(|alias| alias.of == second) {
                self.ledger.put_group(&mut named, same::ALIAS, record::to_fields(&Alias { of: first, ..alias }))?;
            }
        }
        let identity = from.groups.get("identity").map(|identity| identity.origin);
        let author = identity.map_or(Ok(None), |origin| self.ledger.author(origin))?;
        let alias = Alias {
            of: first,
            by: author.map(|author| author.name).unwrap_or_default(),
            at_unix_ms: identity.map_or(0, |origin| origin.stamp.unix_ms()),
        };
        self.ledger.put_group(&mut from, same::ALIAS, record::to_fields(&alias))?;
        self.join_residencies(index, first)?;
        Ok(())
    }

    /// Of several open registrations of one person the one declared first stands, and the others become part of it.
    fn join_residencies(&mut self, index: usize, person: RecordId) -> Result<bool, Stop> {
        let all = same::naming(person, kind::PERSON, kind::RESIDENCY, self.work.write)?;
        let open: Vec<&Record> = all.iter().filter(|residency| same::is_open(residency)).collect();
        let Some(standing) = same::standing(open.iter().copied()).filter(|_| open.len() > 1) else { return Ok(false) };
        for loser in open.iter().filter(|residency| residency.id != standing) {
            let Some(mut into) = self.ledger.get(standing)? else { continue };
            let clashes = same::absorb(&mut into, loser);
            self.ledger.put(&into)?;
            self.ledger.tell_again(standing);
            self.find(index, standing, clashes);
            let parts = all.iter().filter(|part| same::points_to(part) == Some(loser.id) || part.id == loser.id);
            for part in parts {
                let mut part = part.clone();
                self.ledger.put_group(&mut part, same::MERGED, record::to_fields(&MergedInto { into: standing }))?;
            }
        }
        Ok(true)
    }

    fn meet_residency(&mut self, index: usize, was: Option<&Record>, now: &Record) -> Result<bool, Stop> {
        if now.dead.is_some() {
            if was.is_none_or(|was| was.dead.is_some()) {
                return Ok(false);
            }
            // What was part of it stands again.
            let mut freed = false;
            for part in self.work.write.referrers(now.id, kind::RESIDENCY)? {
                freed |= self.free(part, same::MERGED, now.id)?;
            }
            let person = now.reference("who", "person").filter(|_| freed);
            return match person {
                Some(person) => self.join_residencies(index, same::root(person, self.work.write)?).map(|_| true),
                None => Ok(freed),
            };
        }
        if same::points_to(now).is_some() && same::root_of(now, self.work.write)? == now.id {
            let target = same::points_to(now).unwrap_or(now.id);
            return Ok(self.free(now.clone(), same::MERGED, target)?);
        }
        let opened = same::is_open(now) && !was.is_some_and(|was| was.dead.is_none() && same::is_open(was));
        match now.reference("who", "person").filter(|_| opened) {
            Some(person) => self.join_residencies(index, same::root(person, self.work.write)?),
            None => Ok(false),
        }
    }

    /// Somebody who is meant by other names was taken back: the name accepted first stands for the others.
    fn let_go(&mut self, index: usize, dead: &Record) -> Result<bool, Stop> {
        let mut freed = Vec::new();
        for named in self.work.write.referrers(dead.id, kind::PERSON)? {
            let id = named.id;
            if self.free(named, same::ALIAS, dead.id)? {
                freed.push(id);
            }
        }
        self.in_order(&mut freed)?;
        for other in freed.iter().skip(1) {
            self.join(index, freed[0], *other)?;
        }
        for id in &freed {
            for residency in self.work.write.referrers(*id, kind::RESIDENCY)? {
                self.free_if_elsewhere(index, residency)?;
            }
        }
        if let Some(first) = freed.first() {
            self.join_residencies(index, *first)?;
        }
        Ok(!freed.is_empty())
    }

    /// Takes the pointer to `target` off a record.
    fn free(&mut self, mut record: Record, group: &str, target: RecordId) -> Result<bool, StoreError> {
        if same::points_to(&record) != Some(target) {
            return Ok(false);
        }
        record.groups.remove(group);
        self.ledger.put(&record)?;
        Ok(true)
    }

    /// A registration that is part of somebody else's stands for itself, and that one loses what came in with it.
    fn free_if_elsewhere(&mut self, index: usize, residency: Record) -> Result<bool, Stop> {
        let Some(target) = same::points_to(&residency) else { return Ok(false) };
        let Some(into) = self.ledger.get(target)? else { return Ok(false) };
        let whose = |record: &Record| -> Result<Option<RecordId>, StoreError> {
            record.reference("who", "person").map(|person| same::root(person, self.work.write)).transpose()
        };
        if whose(&residency)? == whose(&into)? {
            return Ok(false);
        }
        self.free(residency, same::MERGED, target)?;
        self.give_back(index, target)?;
        Ok(true)
    }

    /// Takes another name off who it was taken for: each has its own again.
    pub(super) fn split(&mut self, index: usize, named: RecordId) -> Result<bool, Stop> {
        let Some(record) = self.ledger.get(named)? else { return Ok(false) };
        let Some(first) = same::points_to(&record) else { return Ok(false) };
        let residencies = same::naming(first, kind::PERSON, kind::RESIDENCY, self.work.write)?;
        self.free(record, same::ALIAS, first)?;
        self.give_back(index, first)?;
        for residency in residencies {
            if let Some(residency) = self.ledger.get(residency.id)? {
                self.free_if_elsewhere(index, residency)?;
            }
        }
        for person in [first, named] {
            self.join_residencies(index, person)?;
        }
        Ok(true)
    }

    /// The survivor with its own values and those of the names it still has; what goes is shown.
    fn give_back(&mut self, index: usize, id: RecordId) -> Result<(), Stop> {
        let Some(survivor) = self.ledger.get(id)? else { return Ok(()) };
        let mut own: Vec<(i64, Told)> = Vec::new();
        for name in same::family(id, &survivor.kind, self.work.write)? {
            for stored in self.work.write.changes_of(name)?.into_iter().filter(|stored| !stored.refused) {
                let arrival = Arrival { seq: stored.seq, received_unix_ms: stored.received_unix_ms, sender: stored.device };
                let change: Option<Change> = if name == id { Some(stored.change) } else { same::redirected(&stored.change, id) };
                own.extend(change.map(|change| (stored.received_unix_ms, (change, arrival))));
            }
        }
        own.sort_by_key(|(received, _)| *received);
        let own: Vec<Told> = own.into_iter().map(|(_, told)| told).collect();
        let (apart, clashes) = same::take_apart(&survivor, &own);
        self.ledger.put(&apart)?;
        self.renew_key(&apart)?;
        self.ledger.tell_again(id);
        self.find(index, id, clashes);
        Ok(())
    }

    /// The order in which people were accepted; who has no number to compare comes last, by the time they were made.
    pub(super) fn in_order(&self, people: &mut [RecordId]) -> Result<(), StoreError> {
        let mut numbered = Vec::with_capacity(people.len());
        for &id in people.iter() {
            numbered.push((self.work.write.key_number(id)?.unwrap_or(i64::MAX), id));
        }
        numbered.sort_unstable();
        for (at, (_, id)) in people.iter_mut().zip(numbered) {
            *at = id;
        }
        Ok(())
    }

    /// Whom a landlord's report may be about. The reporter never receives it.
    fn match_report(&mut self, report: &Record) -> Result<bool, Stop> {
        let Some(said) = report.typed::<Said>("said") else { return Ok(false) };
        let number = report.text("document", "doc_no").unwrap_or_default();
        let Some(doc_type) = said.doc_type else { return Ok(false) };
        let Some(key) = key_of(self.work.write, doc_type, number, domain::day::day_of(self.work.now_unix_ms))? else {
            return Ok(false);
        };
        let area = place::stored(report).area;
        let mut found: Option<domain::report::Matched> = None;
        for person in self.work.write.people_with_key(&key)? {
            let person = self.ledger.look_at(same::root(person, self.work.write)?)?;
            let Some(person) = person.filter(|person| person.dead.is_none()) else { continue };
            let at = place::stored(&person).area.unwrap_or_default();
            let here = area.as_deref() == Some(at.as_str());
            if here || found.is_none() {
                found = Some(domain::report::Matched { person: here.then_some(person.id), area: at });
            }
            if here {
                break;
            }
        }
        let Some(found) = found else { return Ok(false) };
        let mut report = report.clone();
        self.ledger.put_group(&mut report, MATCH, record::to_fields(&found))?;
        Ok(false)
    }

    /// Both values of what was joined or taken apart, and the verdict of the change that brought it up.
    fn find(&mut self, index: usize, record: RecordId, clashes: Vec<Clash>) {
        if !clashes.is_empty() {
            self.merged.push(index);
        }
        self.found.extend(clashes.into_iter().map(|clash| Found { record, clash, stands_by: None }));
    }

    /// Whom somebody says they are not has to be a person who is there.
    pub(super) fn check_apart(&self, change: &Change) -> Result<(), Why> {
        let Some(apart) = change.groups.get(same::APART).filter(|_| change.kind == kind::PERSON) else { return Ok(()) };
        let invalid = || Refusal::Invalid("apart.than".to_owned());
        let apart: Apart = serde_json::from_value(serde_json::Value::Object(apart.fields.clone())).map_err(|_| invalid())?;
        let there = self.ledger.get(apart.than)?.is_some_and(|than| than.kind == kind::PERSON && than.id != change.record);
        if there { Ok(()) } else { Err(invalid().into()) }
    }
}

/// What is compared of a person.
pub(super) fn seen(person: &Record) -> Seen {
    Seen {
        name: person.text("identity", "name").unwrap_or_default().to_owned(),
        area: place::stored(person).area.filter(|area| !area.is_empty()),
    }
}
