//! Telling the scopes: every touched scope gets a new version, and its digest follows.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::record_hash;
use domain::place::{Scope, ScopeKind, scopes_of};
use domain::{Fields, Origin, Record, RecordId, kind};
use store::StoreError;
use store::server::Member;

use super::{Ledger, listing, save};
use crate::clock::random_hex;

/// Records in one version: a page is never cut inside one.
const VERSION_RECORDS_MAX: usize = 500;
/// Bytes of its records as JSON, unless one alone is more.
const VERSION_BYTES_MAX: usize = 256 * 1024;

/// What happened to a record in one scope.
enum News {
    Changed,
    Left,
}

impl Ledger<'_> {
    /// Gives what changed to every scope it concerns, in the order of their ids.
    ///
    /// # Errors
    /// As the store says.
    pub fn publish(&mut self) -> Result<(), StoreError> {
        let mut news: BTreeMap<String, (Scope, Vec<(RecordId, News)>)> = BTreeMap::new();
        for id in self.touched() {
            let (was, Some(now)) = (self.was(id)?, self.get(id)?) else { continue };
            let before: BTreeSet<Scope> = was.as_ref().map(scopes_of).unwrap_or_default().into_iter().collect();
            let after: BTreeSet<Scope> = scopes_of(&now).into_iter().collect();
            for scope in before.union(&after) {
                let what = match (&was, after.contains(scope)) {
                    (_, false) => News::Left,
                    (Some(was), true)
                        if before.contains(scope) && !self.is_told_again(id) && looks_same(was, &now, scope.kind()) =>
                    {
                        continue;
                    }
                    (_, true) => News::Changed,
                };
                news.entry(scope.to_string()).or_insert_with(|| (scope.clone(), Vec::new())).1.push((id, what));
            }
            if now.kind == kind::PERSON {
                self.name_residencies(id)?;
            }
        }
        for (scope, records) in news.into_values() {
            let mut rest = &records[..];
            while !rest.is_empty() {
                let (version, later) = rest.split_at(self.version_length(rest)?);
                self.publish_version(&scope, version)?;
                rest = later;
            }
        }
        Ok(())
    }

    /// How many of these records make one version.
    fn version_length(&self, records: &[(RecordId, News)]) -> Result<usize, StoreError> {
        let mut bytes = 0;
        for (index, (id, news)) in records.iter().enumerate().take(VERSION_RECORDS_MAX) {
            if let News::Changed = news {
                bytes += self.get(*id)?.as_ref().map_or(Ok(0), save::bytes_of)?;
            }
            if bytes > VERSION_BYTES_MAX {
                return Ok(index.max(1));
            }
        }
        Ok(records.len().min(VERSION_RECORDS_MAX))
    }

    fn publish_version(&self, scope: &Scope, records: &[(RecordId, News)]) -> Result<(), StoreError> {
        // First of all, and in the order of ids: version order is commit order.
        let version = self.write.advance(scope, &random_hex(self.dice, 4))?;
        let mut digest = self.write.scope(scope)?.digest;
        for (id, news) in records {
            if let Some(hash) = self.write.member_of(scope, *id)?.and_then(|member| member.hash) {
                digest.remove(hash);
            }
            let living = match news {
                News::Changed => self.get(*id)?.filter(|record| record.dead.is_none()),
                News::Left => None,
            };
            let hash = living.map(|record| record_hash(&record, scope.kind()));
            if let Some(hash) = hash {
                digest.add(hash);
            }
            let gone = matches!(news, News::Left);
            let left_unix_ms = if gone { self.now_unix_ms } else { 0 };
            self.write.put_member(scope, *id, Member { version, hash, gone, left_unix_ms })?;
        }
        self.write.set_digest(scope, digest)
    }

    /// Registrations are listed under their person's name.
    fn name_residencies(&self, person: RecordId) -> Result<(), StoreError> {
        for residency in self.write.referrers(person, kind::RESIDENCY)? {
            self.write.put_listing(residency.id, &listing::of(&residency, self.write)?)?;
        }
        Ok(())
    }
}

/// Whether a scope would receive the same. Other names of a value and its rank stay on the server.
fn looks_same(was: &Record, now: &Record, scope: ScopeKind) -> bool {
    fn received(record: &Record, scope: ScopeKind) -> BTreeMap<&str, (&Fields, Origin)> {
        let travelling = record.groups.iter().filter(|(group, _)| kind::travels(&record.kind, group, scope));
        travelling.map(|(group, value)| (group.as_str(), (&value.fields, value.origin))).collect()
    }
    was.dead.is_some() == now.dead.is_some() && received(was, scope) == received(now, scope)
}
