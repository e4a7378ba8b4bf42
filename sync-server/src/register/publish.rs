//! Telling the scopes: every touched scope gets a new version, and its digest follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::digest::record_hash;
use domain::place::{Scope, ScopeKind, scopes_of};
use domain::{Fields, Origin, Record, RecordId, kind, same, withdrawal};
use store::StoreError;
use store::server::{Member, Write};

use super::{contradiction, listing, save};
use crate::clock::{Dice, random_hex};

/// Records in one version: a page is never cut inside one, and a device takes a page under the lock a save waits for.
const VERSION_RECORDS_MAX: usize = 100;
/// Bytes of its records as JSON, unless one alone is more.
const VERSION_BYTES_MAX: usize = 256 * 1024;

/// What happened to a record in one scope.
enum News {
    Changed,
    Left,
}

/// What was touched, as it was before, until the scopes are told. Saves of one push are told together.
#[derive(Debug, Default)]
pub struct Telling {
    before: BTreeMap<RecordId, Option<Arc<Record>>>,
    told_again: BTreeSet<RecordId>,
    /// Scopes a record was in for a while: it leaves them, although it was not there before.
    passed: BTreeMap<RecordId, BTreeSet<Scope>>,
}

/// A record got a version in a scope.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where.
    pub scope: Scope,
    /// Which.
    pub record: RecordId,
    /// Which version.
    pub version: u64,
    /// Its place in the scope until then, if it had one.
    pub before: Option<Member>,
}

/// A record that is told: as it was, and as it is.
struct Told {
    id: RecordId,
    now: Arc<Record>,
    /// The scopes hold nothing of it yet.
    new: bool,
    news: News,
}

type NewsOfScope = (Scope, Vec<Told>);

impl Telling {
    /// How a record was before it was touched; `None` when it was not.
    pub fn before(&self, id: RecordId) -> Option<&Option<Arc<Record>>> {
        self.before.get(&id)
    }

    /// Everything that was touched, as it was before.
    pub fn all_before(&self) -> impl Iterator<Item = (&RecordId, &Option<Arc<Record>>)> {
        self.before.iter()
    }

    /// A record is about to change.
    pub fn touch(&mut self, id: RecordId, before: Option<Arc<Record>>) {
        self.before.entry(id).or_insert(before);
    }

    /// Its scopes are told of a record although nothing of it changed.
    pub fn tell_again(&mut self, id: RecordId) {
        self.told_again.insert(id);
    }

    /// What was touched, by id.
    pub fn touched(&self) -> Vec<RecordId> {
        self.before.keys().copied().collect()
    }

    /// Takes in what a later save touched. Answers whether the scopes have to be told before anything else is judged: when a
    /// record moved, was deleted or came back, or when somebody lost against it.
    ///
    /// # Errors
    /// As the store says.
    pub fn add(&mut self, later: Telling, write: &Write<'_>) -> Result<bool, StoreError> {
        let mut urgent = !later.told_again.is_empty();
        for (id, before) in later.before {
            if let (Some(was), Some(now)) = (&before, write.look_at(id)?) {
                urgent |= was.dead != now.dead;
                if was.groups.get(kind::PLACE) != now.groups.get(kind::PLACE) {
                    urgent = true;
                    self.passed.entry(id).or_default().extend(scopes_of(was));
                }
            }
            self.touch(id, before);
        }
        self.told_again.extend(later.told_again);
        Ok(urgent)
    }

    /// Gives what changed to every scope it concerns, in the order of their ids. Answers which versions that made.
    ///
    /// # Errors
    /// As the store says.
    pub fn publish(self, write: &Write<'_>, now_unix_ms: i64, dice: &dyn Dice) -> Result<Vec<Given>, StoreError> {
        let mut news: BTreeMap<String, NewsOfScope> = BTreeMap::new();
        let mut registrations: BTreeSet<RecordId> = BTreeSet::new();
        for (id, was) in &self.before {
            let Some(now) = write.look_at(*id)? else { continue };
            registrations.extend(contradiction::touched(was.as_deref(), &now, write)?);
            let mut before: BTreeSet<Scope> = was.as_deref().map(scopes_of).unwrap_or_default().into_iter().collect();
            before.extend(self.passed.get(id).into_iter().flatten().cloned());
            let after: BTreeSet<Scope> = scopes_of(&now).into_iter().collect();
            for scope in before.union(&after) {
                let what = match (was, after.contains(scope)) {
                    (_, false) => News::Left,
                    (Some(was), true)
                        if before.contains(scope) && !self.told_again.contains(id) && looks_same(was, &now, scope.kind()) =>
                    {
                        continue;
                    }
                    (_, true) => News::Changed,
                };
                let told = Told { id: *id, now: Arc::clone(&now), new: was.is_none(), news: what };
                news.entry(scope.to_string()).or_insert_with(|| (scope.clone(), Vec::new())).1.push(told);
            }
            write.put_listing(*id, &listing::of(&now, write)?)?;
            if was.is_some() {
                list_what_shows_it(write, &now)?;
            }
            if now.kind == kind::PERMIT_EVENT
                && let Some(permit) = now.reference("fact", "permit")
                && let Some(permit) = write.look_at(permit)?
            {
                list_again(write, &permit)?;
            }
            if now.kind == kind::WITHDRAWAL
                && let Some(of) = now.reference("fact", "of")
                && let Some(of) = withdrawal::about(of, write)?
            {
                list_again(write, &of)?;
            }
        }
        for id in registrations.into_iter().filter(|id| !self.before.contains_key(id)) {
            if let Some(registration) = write.look_at(id)?.filter(|found| found.kind == kind::RESIDENCY) {
                list_again(write, &registration)?;
            }
        }
        let mut given = Vec::new();
        for (scope, records) in news.into_values() {
            let mut rest = &records[..];
            while !rest.is_empty() {
                let (version, later) = rest.split_at(version_length(rest)?);
                publish_version(write, &scope, version, now_unix_ms, dice, &mut given)?;
                rest = later;
            }
        }
        Ok(given)
    }
}

/// Registrations and permits are listed under their person's name, a report with its home's address, a conflict as what it is about.
fn list_what_shows_it(write: &Write<'_>, changed: &Record) -> Result<(), StoreError> {
    match changed.kind.as_str() {
        kind::PERSON => {
            for named in [kind::RESIDENCY, kind::PERMIT_APPLICATION, kind::PERMIT] {
                for record in same::naming(changed.id, kind::PERSON, named, write)? {
                    list_again(write, &record)?;
                }
            }
        }
        kind::UNIT => {
            for report in write.referrers(changed.id, kind::REPORT)? {
                list_again(write, &report)?;
            }
        }
        _ => {}
    }
    list_conflicts_about(write, changed.id)
}

fn list_again(write: &Write<'_>, record: &Record) -> Result<(), StoreError> {
    write.put_listing(record.id, &listing::of(record, write)?)?;
    list_conflicts_about(write, record.id)
}

fn list_conflicts_about(write: &Write<'_>, id: RecordId) -> Result<(), StoreError> {
    for conflict in write.referrers(id, kind::CONFLICT)? {
        write.put_listing(conflict.id, &listing::of(&conflict, write)?)?;
    }
    Ok(())
}

/// How many of these records make one version.
fn version_length(records: &[Told]) -> Result<usize, StoreError> {
    let mut bytes = 0;
    for (index, told) in records.iter().enumerate().take(VERSION_RECORDS_MAX) {
        if let News::Changed = told.news {
            bytes += save::bytes_of(&told.now)?;
        }
        if bytes > VERSION_BYTES_MAX {
            return Ok(index.max(1));
        }
    }
    Ok(records.len().min(VERSION_RECORDS_MAX))
}

fn publish_version(
    write: &Write<'_>,
    scope: &Scope,
    records: &[Told],
    now_unix_ms: i64,
    dice: &dyn Dice,
    given: &mut Vec<Given>,
) -> Result<(), StoreError> {
    // First of all, and in the order of ids: version order is commit order.
    let version = write.advance(scope, &random_hex(dice, 4))?;
    let mut digest = write.scope(scope)?.digest;
    for told in records {
        let held = if told.new { None } else { write.member_of(scope, told.id)? };
        given.push(Given { scope: scope.clone(), record: told.id, version, before: held });
        if let Some(hash) = held.and_then(|member| member.hash) {
            digest.remove(hash);
        }
        let gone = matches!(told.news, News::Left);
        let hash = (!gone && told.now.dead.is_none()).then(|| record_hash(&told.now, scope.kind()));
        if let Some(hash) = hash {
            digest.add(hash);
        }
        let left_unix_ms = if gone { now_unix_ms } else { 0 };
        write.put_member(scope, told.id, Member { version, hash, gone, left_unix_ms })?;
    }
    write.set_digest(scope, digest)
}

/// Whether a scope would receive the same. Other names of a value and its rank stay on the server.
fn looks_same(was: &Record, now: &Record, scope: ScopeKind) -> bool {
    fn received(record: &Record, scope: ScopeKind) -> BTreeMap<&str, (&Fields, Origin)> {
        let travelling = record.groups.iter().filter(|(group, _)| kind::travels(&record.kind, group, scope));
        travelling.map(|(group, value)| (group.as_str(), (&value.fields, value.origin))).collect()
    }
    was.dead.is_some() == now.dead.is_some() && received(was, scope) == received(now, scope)
}
