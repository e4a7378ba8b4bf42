//! Putting right what differs from the server: sums of 256 buckets, the hashes of those that differ, then only those records.
//!
//! A difference at the same cursor is a mistake of ours, never a matter of course: it is written down on both sides, in counts.
//! Nothing here touches the outbox; what a person sees is laid anew over what the server says.

use std::collections::{BTreeMap, BTreeSet};

use domain::RecordId;
use domain::digest::{Digest, bucket, bucket_sums, hash_from_hex, record_hash};
use domain::place::Scope;
use store::StoreError;
use store::device::{Durability, RepairRow, ScopeRow, View};
use sync_protocol::ask::{Found, HASHES_MAX};
use sync_protocol::{Ask, SyncServer, Told};
use ui_protocol::ErrorCode;

use crate::error::{Failure, sync_failure};
use crate::taking::Taking;
use crate::{Device, lock};

/// Records asked for and applied at once: a save waits for a page of them.
const PAGE_RECORDS: usize = 250;
/// Questions one repair asks at the most: a village of 250,000 records could be fetched anew within it.
const QUESTIONS_MAX: u32 = 1_100;
/// How long differences are remembered.
const KEEP_REPAIRS_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// Set while a restored server has not yet been told what this device holds: until then nothing is put right by it (§9).
pub(crate) const RESCUE: &str = "rescue";

/// The hashes of a scope, each computed from what is stored.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// By record.
    pub(crate) hashes: BTreeMap<RecordId, u128>,
    /// What they add up to.
    pub(crate) digest: Digest,
    /// Records kept under another hash; `None` where what is stored cannot be hashed at all.
    pub(crate) miscounted: Vec<(RecordId, Option<u128>)>,
}

impl Counted {
    /// Counts a scope again.
    ///
    /// # Errors
    /// As the store says.
    pub(crate) fn of(view: &View<'_>, scope: &Scope, mut seen: impl FnMut()) -> Result<Counted, StoreError> {
        let mut counted = Counted::default();
        view.each_member(scope, |line| {
            let hash = line.said.filter(|said| said.dead.is_none()).map(|said| record_hash(&said, scope.kind()));
            if let Some(hash) = hash {
                counted.digest.add(hash);
                counted.hashes.insert(line.id, hash);
            }
            if hash != line.kept || hash.is_none() {
                counted.miscounted.push((line.id, hash));
            }
            seen();
            Ok::<_, StoreError>(())
        })?;
        Ok(counted)
    }
}

impl Device {
    /// Puts right every scope that differs at the head. What does not work is tried again after the next exchange: the exchange
    /// itself has ended well.
    pub(crate) fn repair_what_differs(&self, server: &dyn SyncServer) {
        let differing = self.store.read(|view| {
            if !crate::rescue::is_over(view)? {
                return Ok::<_, Failure>(Vec::new());
            }
            Ok(view.scopes()?.into_iter().filter(|row| row.complete && !is_same(row)).collect())
        });
        for row in differing.unwrap_or_default() {
            let unmended = lock(&self.unmended).get(&row.scope).cloned();
            if unmended.is_some() && unmended == row.cursor {
                continue;
            }
            // A repair that pauses has left whole pages behind, and nothing half done.
            let _ = self.repair(server, row);
        }
    }

    fn repair(&self, server: &dyn SyncServer, row: ScopeRow) -> Result<(), Failure> {
        let scope = row.scope.clone();
        let cursor = row.cursor.clone();
        let counted = self.count_again(&row)?;
        let miscounted = counted.miscounted.len() as u64 + u64::from(counted.digest != row.digest);
        let mut asking = Asking { server, scope: &scope, cursor: cursor.as_deref().unwrap_or_default(), left: QUESTIONS_MAX };
        let mut found = Found::default();
        if !is_same(&ScopeRow { digest: counted.digest, ..row }) {
            let differences = asking.compare(&counted)?;
            found = differences.found;
            self.apply(&mut asking, differences)?;
        }
        let mended = self.store.read(|view| {
            Ok::<_, Failure>(view.scopes()?.into_iter().find(|row| row.scope == scope).is_some_and(|row| is_same(&row)))
        })?;
        let at_unix_ms = self.now();
        let Found { missing, different, superfluous } = found;
        let line = RepairRow { at_unix_ms, scope: scope.clone(), miscounted, missing, different, superfluous, mended };
        self.store.write(Durability::Pulled, |writing| {
            writing.add_repair(&line, at_unix_ms - KEEP_REPAIRS_MS).map_err(Failure::from)
        })?;
        let mut unmended = lock(&self.unmended);
        match cursor.filter(|_| !mended) {
            // Not before it has moved on: the same comparison would end the same way at every exchange.
            Some(cursor) => unmended.insert(scope, cursor),
            None => unmended.remove(&scope),
        };
        Ok(())
    }

    /// Counts a scope again from its stored rows and keeps what that gives. Answers it.
    pub(crate) fn count_again(&self, row: &ScopeRow) -> Result<Counted, Failure> {
        // On a snapshot: only an exchange writes what the server says, and this is inside one.
        let counted = self.store.read(|view| Counted::of(view, &row.scope, || ()).map_err(Failure::from))?;
        if counted.miscounted.is_empty() && counted.digest == row.digest {
            return Ok(counted);
        }
        self.store.write(Durability::Pulled, |writing| {
            for (id, hash) in &counted.miscounted {
                match hash {
                    Some(hash) => writing.enter(&row.scope, *id, *hash)?,
                    None => writing.leave(&row.scope, *id)?,
                }
            }
            Ok::<_, Failure>(writing.put_scope(&ScopeRow { digest: counted.digest, ..row.clone() })?)
        })?;
        Ok(counted)
    }

    /// Fetches what is wanted and lets go of what is not the server's, page by page.
    fn apply(&self, asking: &mut Asking<'_>, differences: Differences) -> Result<(), Failure> {
        let Differences { mut wanted, superfluous, found } = differences;
        let mut superfluous = superfluous.chunks(PAGE_RECORDS);
        let mut said = Some(found);
        loop {
            let page: Vec<RecordId> = wanted.drain(..wanted.len().min(PAGE_RECORDS)).collect();
            let gone = superfluous.next().unwrap_or_default();
            if page.is_empty() && gone.is_empty() && said.is_none() {
                return Ok(());
            }
            let mut records = Vec::new();
            if !page.is_empty() || said.is_some() {
                let Told::Records { records: told, rest, .. } =
                    asking.ask(Ask::Records { scope: asking.scope.clone(), ids: page.clone(), found: said.take() })?
                else {
                    return Err(ErrorCode::Server.into());
                };
                if rest.len() < page.len() {
                    wanted.extend(rest);
                }
                records = told;
                records.retain(|record| page.contains(&record.id));
            }
            self.apply_page(asking, &records, gone)?;
        }
    }

    fn apply_page(&self, asking: &Asking<'_>, records: &[domain::Record], gone: &[RecordId]) -> Result<(), Failure> {
        let law = self.store.read(|view| self.law(view))?;
        let scope = asking.scope;
        let there = self.store.write(Durability::Pulled, |writing| {
            let identity = self.identity(writing)?;
            let row = writing.scopes()?.into_iter().find(|row| row.scope == *scope);
            let (Some(identity), Some(mut row)) = (identity, row) else { return Ok(false) };
            if row.cursor.as_deref() != Some(asking.cursor) {
                return Ok(false);
            }
            let mut taking = Taking::new(writing, self.now());
            for id in gone {
                taking.exit(&mut row, *id, "repair")?;
            }
            for record in records {
                writing.clear_unreadable(record.id)?;
                taking.record(&mut row, record)?;
            }
            taking.settle(&law, identity.account.role)?;
            writing.put_scope(&row)?;
            Ok::<_, Failure>(true)
        })?;
        if *scope == Scope::County {
            *lock(&self.law) = None;
        }
        if there { Ok(()) } else { Err(moved_on()) }
    }
}

/// Whether both sides hold the same, as last said.
pub(crate) fn is_same(row: &ScopeRow) -> bool {
    row.digest.hex() == row.server_sum && row.digest.count == row.server_count
}

/// The scope moved on while it was compared: at another place nothing can be said. The next exchange begins anew.
fn moved_on() -> Failure {
    ErrorCode::Stale.into()
}

/// What a comparison found.
struct Differences {
    /// To fetch: missing here, or different.
    wanted: Vec<RecordId>,
    /// To let go.
    superfluous: Vec<RecordId>,
    found: Found,
}

/// Questions about one scope at one place.
struct Asking<'a> {
    server: &'a dyn SyncServer,
    scope: &'a Scope,
    cursor: &'a str,
    left: u32,
}

impl Asking<'_> {
    fn ask(&mut self, ask: Ask) -> Result<Told, Failure> {
        self.left = self.left.checked_sub(1).ok_or(ErrorCode::Server)?;
        let told = self.server.ask(ask).map_err(|error| sync_failure(&error))?;
        let (Told::Buckets { cursor, .. } | Told::Hashes { cursor, .. } | Told::Records { cursor, .. }) = &told else {
            return Err(ErrorCode::Server.into());
        };
        if cursor == self.cursor { Ok(told) } else { Err(moved_on()) }
    }

    /// Two questions where few buckets differ.
    fn compare(&mut self, ours: &Counted) -> Result<Differences, Failure> {
        let Told::Buckets { sums, .. } = self.ask(Ask::Buckets { scope: self.scope.clone() })? else {
            return Err(ErrorCode::Server.into());
        };
        let own = bucket_sums(ours.hashes.iter().map(|(id, hash)| (*id, *hash)));
        let differing: Vec<u8> = (0..=u8::MAX)
            .filter(|&at| sums.get(usize::from(at)).and_then(|sum| hash_from_hex(sum)) != Some(own[usize::from(at)]))
            .collect();
        let mut differences = Differences { wanted: Vec::new(), superfluous: Vec::new(), found: Found::default() };
        // As many buckets as fit into an answer, with room for the server's having a few records more.
        let at_once = (HASHES_MAX / 2 * 256 / ours.hashes.len().max(256)).max(1);
        for buckets in differing.chunks(at_once) {
            let Told::Hashes { hashes, .. } = self.ask(Ask::Hashes { scope: self.scope.clone(), buckets: buckets.to_vec() })?
            else {
                return Err(ErrorCode::Server.into());
            };
            differences.look(ours, buckets, &hashes);
        }
        Ok(differences)
    }
}

impl Differences {
    fn look(&mut self, ours: &Counted, buckets: &[u8], theirs: &[(RecordId, String)]) {
        for (id, hash) in theirs {
            match ours.hashes.get(id) {
                Some(own) if hash_from_hex(hash) == Some(*own) => continue,
                Some(_) => self.found.different += 1,
                None => self.found.missing += 1,
            }
            self.wanted.push(*id);
        }
        let theirs: BTreeSet<RecordId> = theirs.iter().map(|(id, _)| *id).collect();
        let gone = ours.hashes.keys().filter(|id| buckets.contains(&bucket(**id)) && !theirs.contains(id));
        self.superfluous.extend(gone);
        self.found.superfluous = self.superfluous.len() as u64;
    }
}
