//! One exchange: a short look gives the request, the network holds no lock, one transaction takes the answer.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use domain::access::Role;
use domain::digest::record_hash;
use domain::place::Scope;
use domain::{GroupValue, Record, RecordId, TxnId, Verb, kind};
use store::StoreError;
use store::device::{DepartureRow, Durability, Held, OutboxChange, OutboxState, ScopeRow, View, Writing};
use store::points;
use sync_protocol::{
    CHANGES_MAX, ExchangeReply, ExchangeRequest, PROTOCOL, PushedChange, RECORDS_MAX, Renewal, ScopeReply, ScopeState, SyncError,
    SyncServer, TXN_CHANGES_MAX, Verdict,
};
use ui_protocol::ErrorCode;
use ui_protocol::session::SyncStatus;

use crate::ahead::{Asked, while_asking};
use crate::error::{Failure, sync_code, sync_failure};
use crate::identity::{Identity, on_the_wire};
use crate::law::Law;
use crate::{Device, derive, lock, rescue, save};

/// Exchanges of one run: enough for a first sync of a large village, and an end in any case.
const ROUNDS_MAX: u32 = 2_000;
/// Records wanted per answer: a page is applied under the lock a save waits for.
const PAGE_RECORDS: u32 = 250;
/// A page of a first load takes less for each record.
const LOAD_RECORDS: u32 = RECORDS_MAX as u32;
/// A page that held the lock longer is followed by a smaller one, milliseconds.
const LOCK_HELD_MS: i64 = 50;
/// The smallest page a slow phone asks for.
const PAGE_RECORDS_MIN: u32 = 50;
/// On a slow line what has arrived is shown before all of it has, milliseconds after the last time.
const LISTS_MADE_EVERY_MS: i64 = 5_000;
/// Records that were written and answered, and have not come back with the answer's pages so far.
const ELSEWHERE: &str = "elsewhere";
/// Answered changes are kept this long, so that a restored server can be told again (protocol §9).
const KEEP_ANSWERED_MS: i64 = 30 * 24 * 60 * 60 * 1000;
const KEEP_ANSWERED_MAX: u32 = 20_000;

/// New numbers asked for in one run: a file that was copied and cloned needs two.
const RENEWALS_MAX: u32 = 2;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Exchanges.
    pub rounds: u32,
    /// Changes answered.
    pub answered: u64,
    /// Records received.
    pub received: u64,
    /// What the server asked for, milliseconds.
    pub next_ms: u64,
    /// Somebody stopped it.
    pub stopped: bool,
}

/// How much is sent at once, and whether an older part of the outbox is asked for again.
#[derive(Clone, Copy, Debug)]
struct Pace {
    batch: usize,
    records: u32,
    from: Option<u64>,
}

/// What goes on when an exchange has ended.
enum Round {
    More,
    Done,
}

impl Device {
    /// Exchanges with the server this device belongs to, until both sides have said everything.
    pub(crate) fn sync_now(&self) -> Result<SyncStatus, Failure> {
        self.store.read(|view| self.require(view).map(|_| ()))?;
        match self.exchange_all() {
            // One is running already and does the same: whoever pressed the button watches it.
            Err(SyncError::Busy { .. }) if self.syncing.load(Ordering::Acquire) => {}
            Err(error) => return Err(Failure::Ui(sync_failure(&error))),
            Ok(_) => {}
        }
        self.store.read(|view| self.sync_status(view))
    }

    pub(crate) fn sync_stop(&self) -> Result<SyncStatus, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        self.store.read(|view| {
            self.require(view)?;
            self.sync_status(view)
        })
    }

    /// What a shell calls on its timer, signed in or not: unsent work goes out while the screen is locked.
    ///
    /// # Errors
    /// Why the last exchange did not happen; the outbox is intact.
    pub fn exchange_all(&self) -> Result<Ran, SyncError> {
        // The run that goes on says how it ended: a second one is no problem to show.
        let _turn = Turn::begin(self)?;
        let answer = self.exchange_as_itself();
        *lock(&self.problem) = answer.as_ref().err().map(sync_code);
        answer
    }

    /// Exchanges; where the file or the server tells of another history, under a number of its own first.
    fn exchange_as_itself(&self) -> Result<Ran, SyncError> {
        for _ in 0..=RENEWALS_MAX {
            let identity = self.store.read(|view| self.identity(view)).map_err(|_| SyncError::Server)?;
            let Some(identity) = identity else { return Ok(Ran::default()) };
            let credentials = self.credentials(&identity).map_err(|_| SyncError::Unauthorised)?;
            let server = self.around.connector().server(&identity.server, credentials);
            if self.is_elsewhere(&identity) {
                self.renew(server.as_ref(), &identity, Some(Renewal::Copied))?;
                continue;
            }
            let answer = self.rescue(server.as_ref()).and_then(|()| rounds(self, server.as_ref()));
            let why = match &answer {
                Err(SyncError::Gap { epoch, .. }) if rescue::is_another(&identity, epoch) => Some(Renewal::Server),
                _ => None,
            };
            match answer {
                Err(SyncError::Forked | SyncError::Gap { .. }) => match self.renew(server.as_ref(), &identity, why) {
                    Err(SyncError::Revoked) => {
                        self.forget_scopes().map_err(|_| SyncError::Server)?;
                        return Err(SyncError::Revoked);
                    }
                    renewed => renewed?,
                },
                answer => return answer,
            }
        }
        Err(SyncError::Forked)
    }

    /// Whether anything waits, for a shell's timer.
    pub fn is_waiting(&self) -> bool {
        self.store.read(|view| view.waiting_count()).is_ok_and(|count| count > 0)
    }

    fn next_request(&self, view: &View<'_>, identity: &Identity, pace: Pace) -> Result<ExchangeRequest, Failure> {
        // Enough to see the end of the first save, however small the batch has become.
        let looked_at = pace.batch.max(TXN_CHANGES_MAX) as u32 + 1;
        let changes = match pace.from {
            Some(from) => view.changes_from(from, looked_at)?.into_iter().map(without_masked).collect(),
            None => view.waiting_changes(looked_at)?,
        };
        // A restored server is told first, and believed afterwards.
        let mut scopes = if rescue::is_over(view)? { view.scopes()? } else { Vec::new() };
        let page = if scopes.iter().all(|row| row.complete) { PAGE_RECORDS } else { LOAD_RECORDS };
        // The county first: it is small, and it tells the names of the villages.
        scopes.sort_by_key(|row| row.scope != Scope::County);
        Ok(ExchangeRequest {
            protocol: PROTOCOL,
            schema: domain::record::SCHEMA,
            device: identity.device,
            epoch: identity.epoch.clone(),
            acked: on_the_wire(view.acked()?, identity.seq_base),
            newest: on_the_wire(view.newest()?, identity.seq_base),
            device_unix_ms: self.around.unix_ms(),
            records_max: pace.records.min(page),
            scopes: scopes
                .into_iter()
                .map(|row| ScopeState { scope: row.scope, cursor: row.cursor, digest: row.digest.hex(), count: row.digest.count })
                .collect(),
            push: whole_saves(changes, pace.batch, identity.seq_base),
            install: identity.install.clone(),
        })
    }

    fn take_reply(
        &self,
        identity: &Identity,
        request: &ExchangeRequest,
        reply: &ExchangeReply,
        offset_ms: i64,
    ) -> Result<Round, Failure> {
        let law = self.store.read(|view| self.law(view))?;
        let county_changed = reply.scopes.iter().any(|scope| scope.scope == Scope::County && !scope.records.is_empty());
        let round = self.store.write(Durability::Pulled, |writing| {
            let mut taking = Taking::new(writing, reply.server_unix_ms);
            let whole = !reply.scopes.is_empty() && reply.scopes.iter().all(|scope| !scope.more);
            for (seq, verdict) in &reply.verdicts {
                taking.verdict(*seq + identity.seq_base, verdict, identity, reply.server_unix_ms)?;
            }
            taking.may_be_elsewhere(reply.verdicts.iter().map(|(seq, _)| *seq + identity.seq_base), whole)?;
            for scope in &reply.grants_dropped {
                taking.drop_scope(scope)?;
            }
            for scope in &reply.scopes {
                taking.scope(scope)?;
            }
            let rescuing = !rescue::is_over(writing)?;
            let added: &[Scope] = if rescuing { &[] } else { &reply.grants_added };
            for scope in added {
                writing.add_scope(scope)?;
            }
            taking.settle(&law, identity.account.role)?;
            if !taking.held.is_empty() {
                let (before, _) = held_saves(writing)?;
                writing.set_meta(HELD, &format!("{}:{}", before + taking.held.len() as u64, reply.server_unix_ms))?;
            }
            if let Some(acked) = last_answered(request, reply) {
                writing.set_acked(acked.0 + identity.seq_base, acked.1)?;
            }
            writing.set_meta("server_unix_ms", &reply.server_unix_ms.to_string())?;
            writing.set_meta("receipt_unix_ms", &reply.server_unix_ms.to_string())?;
            writing.set_meta("offset_ms", &offset_ms.to_string())?;
            writing.set_meta("next_ms", &reply.next_ms.to_string())?;
            let more =
                reply.scopes.iter().any(|scope| scope.more) || !added.is_empty() || !writing.waiting_changes(1)?.is_empty();
            if !more {
                writing.forget_answered(reply.server_unix_ms - KEEP_ANSWERED_MS, KEEP_ANSWERED_MAX)?;
                writing.forget_departures(reply.server_unix_ms - KEEP_ANSWERED_MS)?;
            }
            Ok::<_, Failure>(if more { Round::More } else { Round::Done })
        })?;
        if !reply.grants_dropped.is_empty() {
            self.store.remove_older_copies()?;
            self.store.scrub()?;
            self.sweep_photos(false)?;
        }
        if county_changed {
            *lock(&self.law) = None;
        }
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
        Ok(round)
    }
}

/// Exchanges until both sides have said everything, somebody stops it, or it fails. A second run at the same time answers
/// [`SyncError::Busy`].
///
/// # Errors
/// The first failure; what was answered before it is kept, and the outbox is intact.
pub fn run(device: &Device, server: &dyn SyncServer) -> Result<Ran, SyncError> {
    let _turn = Turn::begin(device)?;
    rounds(device, server)
}

/// The one run of a device; it ends when this is dropped.
struct Turn<'d>(&'d Device);

impl Turn<'_> {
    fn begin(device: &Device) -> Result<Turn<'_>, SyncError> {
        if device.syncing.swap(true, Ordering::AcqRel) {
            return Err(SyncError::Busy { retry_after_ms: 1_000 });
        }
        device.stop.store(false, Ordering::Relaxed);
        Ok(Turn(device))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.syncing.store(false, Ordering::Release);
        self.0.arrived.fetch_add(1, Ordering::Relaxed);
    }
}

fn rounds(device: &Device, server: &dyn SyncServer) -> Result<Ran, SyncError> {
    let answer = until_all_is_said(device, server);
    // Also after a stop or a dead line: what has arrived is shown.
    let made = device.make_lists().map_err(|_| SyncError::Server);
    answer.and_then(|ran| made.map(|()| ran))
}

fn until_all_is_said(device: &Device, server: &dyn SyncServer) -> Result<Ran, SyncError> {
    let mut ran = Ran::default();
    let mut gaps = 0;
    let batch = (device.batch.load(Ordering::Relaxed) as usize).clamp(1, CHANGES_MAX);
    let mut pace = Pace { batch, records: LOAD_RECORDS, from: None };
    let ours = |_: Failure| SyncError::Server;
    let mut ahead: Option<Asked> = None;
    let mut listed = (device.around.unix_ms(), 0);
    while ran.rounds < ROUNDS_MAX {
        if device.stop.load(Ordering::Relaxed) {
            ran.stopped = true;
            return Ok(ran);
        }
        let asked = match ahead.take() {
            Some(asked) => asked,
            None => {
                let ready = |view: &View<'_>| {
                    let identity = device.identity(view)?.ok_or(ErrorCode::NotEnrolled)?;
                    let request = device.next_request(view, &identity, pace)?;
                    Ok::<_, Failure>((identity, request))
                };
                let (identity, request) = device.store.read(ready).map_err(ours)?;
                device.ask_server(server, identity, request)
            }
        };
        let Asked { identity, request, answer, sent_at, answered_at } = asked;
        ran.rounds += 1;
        let reply = match answer {
            Ok(reply) => reply,
            Err(SyncError::TooLarge) if pace.batch > 1 || pace.records > 1 => {
                // A large save may need a large message: the batch shrinks to one whole save at the least.
                pace = Pace { batch: (pace.batch / 2).max(1), records: (pace.records / 2).max(1), ..pace };
                continue;
            }
            // It waits for an earlier place, and has it from there; a second time is no accident.
            Err(SyncError::Gap { expected, epoch }) if gaps == 0 && !rescue::is_another(&identity, &epoch) => {
                gaps = 1;
                pace.from = Some(expected + identity.seq_base);
                continue;
            }
            Err(error @ SyncError::Gap { .. }) => return Err(error),
            Err(SyncError::TooOld { verdicts }) => {
                let reply = only_verdicts(&identity, verdicts, answered_at);
                device.take_reply(&identity, &request, &reply, device.offset_ms.load(Ordering::Relaxed)).map_err(ours)?;
                return Err(SyncError::TooOld { verdicts: Vec::new() });
            }
            Err(error @ SyncError::Revoked) => {
                device.forget_scopes().map_err(ours)?;
                return Err(error);
            }
            Err(error) => {
                if error == SyncError::Unreachable && !request.push.is_empty() {
                    // Perhaps the line carries less: the next run tries with half, and grows again when it works.
                    device.batch.store((pace.batch / 2).max(1) as u32, Ordering::Relaxed);
                }
                return Err(error);
            }
        };
        // The server came back from a backup. Nothing it says is taken before it was told what this device holds.
        if rescue::is_another(&identity, &reply.epoch) {
            return Err(SyncError::Gap { expected: 1, epoch: reply.epoch });
        }
        device.batch.store((pace.batch * 2).min(CHANGES_MAX) as u32, Ordering::Relaxed);
        // Server time minus the middle of the request: half the way there, half the way back.
        let offset_ms = reply.server_unix_ms - (sent_at + (answered_at - sent_at) / 2);
        ran.answered += reply.verdicts.len() as u64;
        ran.received += reply.scopes.iter().map(|scope| scope.records.len() as u64).sum::<u64>();
        ran.next_ms = reply.next_ms;
        let next = if pace.from.is_none() { device.question_after(&request, &reply).map_err(ours)? } else { None };
        let began = device.around.unix_ms();
        let take = || {
            let round = device.take_reply(&identity, &request, &reply, offset_ms)?;
            Ok((round, device.around.unix_ms() - began))
        };
        let (taken, asked) = match next {
            Some(next) => {
                let (taken, asked) = while_asking(take, || device.ask_server(server, identity.clone(), next));
                (taken, Some(asked))
            }
            None => (take(), None),
        };
        let (mut round, took_ms) = taken.map_err(ours)?;
        ahead = asked;
        points::reach("device.exchange.taken");
        if shuts_out(&reply) {
            device.forget_scopes().map_err(ours)?;
            // The next answer says so: then the screen does too.
            round = Round::More;
        }
        device.arrived.fetch_add(1, Ordering::Relaxed);
        let now = device.around.unix_ms();
        if now - listed.0 > LISTS_MADE_EVERY_MS && ran.received >= 2 * listed.1 {
            device.make_lists().map_err(ours)?;
            listed = (device.around.unix_ms(), ran.received);
        }
        let resending = pace.from.is_some();
        pace = Pace {
            batch: (pace.batch * 2).min(CHANGES_MAX).min(reply.batch_max.max(1) as usize),
            records: match took_ms > LOCK_HELD_MS {
                true => (pace.records / 2).max(PAGE_RECORDS_MIN),
                false => (pace.records + pace.records / 4 + 1).min(LOAD_RECORDS),
            },
            from: pace.from.and_then(|_| request.push.last()).map(|last| last.seq + identity.seq_base + 1),
        };
        if resending && request.push.is_empty() {
            pace.from = None;
        }
        if matches!(round, Round::Done) && pace.from.is_none() {
            device.repair_what_differs(server);
            return Ok(ran);
        }
    }
    Ok(ran)
}

/// As many whole saves as fit; the first one in any case, since a save is never split.
fn whole_saves(changes: Vec<OutboxChange>, batch: usize, seq_base: u64) -> Vec<PushedChange> {
    let mut end = 0;
    for (index, change) in changes.iter().enumerate() {
        let closes = changes.get(index + 1).is_none_or(|next| next.change.txn != change.change.txn);
        // The last row fetched may be cut in the middle of a save: only its successor tells.
        let known = index + 1 < changes.len() || changes.len() <= batch.max(TXN_CHANGES_MAX);
        if closes && known && (index < batch || end == 0) {
            end = index + 1;
        }
    }
    let numbered = |change: OutboxChange| PushedChange { seq: change.seq.saturating_sub(seq_base), change: change.change };
    changes.into_iter().take(end).map(numbered).collect()
}

/// An answered report as it may be told again: a number that was masked here since is not one.
fn without_masked(mut row: OutboxChange) -> OutboxChange {
    if row.state != OutboxState::Waiting && row.change.kind == kind::REPORT {
        row.change.groups.remove("document");
    }
    row
}

/// Tells a restored server what is kept of the outbox, answered or not, from the first it has not answered since.
///
/// # Errors
/// The first failure; what was answered before it is not told a third time.
pub(crate) fn tell_again(device: &Device, server: &dyn SyncServer) -> Result<(), SyncError> {
    let ours = |_: Failure| SyncError::Server;
    let mut batch = CHANGES_MAX;
    for _ in 0..ROUNDS_MAX {
        if device.stop.load(Ordering::Relaxed) {
            return Err(SyncError::Unreachable);
        }
        let (identity, request) = device
            .store
            .read(|view| {
                let identity = device.identity(view)?.ok_or(ErrorCode::NotEnrolled)?;
                let from = view.acked()?.map_or(0, |(seq, _)| seq).max(identity.seq_base) + 1;
                let request = device.next_request(view, &identity, Pace { batch, records: 1, from: Some(from) })?;
                Ok::<_, Failure>((identity, request))
            })
            .map_err(ours)?;
        if request.push.is_empty() {
            return Ok(());
        }
        let reply = match server.exchange(request.clone()) {
            Ok(reply) => reply,
            Err(SyncError::TooLarge) if batch > 1 => {
                batch /= 2;
                continue;
            }
            Err(error) => return Err(error),
        };
        if rescue::is_another(&identity, &reply.epoch) {
            return Err(SyncError::Gap { expected: 1, epoch: reply.epoch });
        }
        device.take_reply(&identity, &request, &reply, device.offset_ms.load(Ordering::Relaxed)).map_err(ours)?;
    }
    Ok(())
}

fn last_answered(request: &ExchangeRequest, reply: &ExchangeReply) -> Option<(u64, domain::ChangeId)> {
    let last = reply.verdicts.iter().map(|(seq, _)| *seq).max()?;
    let pushed = request.push.iter().find(|pushed| pushed.seq == last)?;
    let before = request.acked.map_or(0, |(seq, _)| seq);
    (last > before).then_some((last, pushed.change.id))
}

fn only_verdicts(identity: &Identity, verdicts: Vec<(u64, Verdict)>, now: i64) -> ExchangeReply {
    ExchangeReply {
        server_unix_ms: now,
        epoch: identity.epoch.clone(),
        verdicts,
        scopes: Vec::new(),
        grants_added: Vec::new(),
        grants_dropped: Vec::new(),
        upload_token: None,
        next_ms: 0,
        batch_max: CHANGES_MAX as u32,
    }
}

/// Where the number of saves the station holds is remembered: their rows go with their records.
const HELD: &str = "held";

/// How many saves of this device the station holds or held, and the server's time of the last, Unix milliseconds, UTC.
pub(crate) fn held_saves(view: &View<'_>) -> Result<(u64, i64), Failure> {
    let text = view.meta(HELD)?;
    let parts = text.as_deref().and_then(|text| text.split_once(':'));
    Ok(parts.and_then(|(count, at)| Some((count.parse().ok()?, at.parse().ok()?))).unwrap_or_default())
}

/// Only who was shut out loses the county itself: then nothing but unanswered changes stays.
fn shuts_out(reply: &ExchangeReply) -> bool {
    reply.grants_dropped.contains(&Scope::County)
}

impl Device {
    /// A revoked device keeps its unanswered changes and nothing else.
    fn forget_scopes(&self) -> Result<(), Failure> {
        let law = self.store.read(|view| self.law(view))?;
        self.store.write(Durability::Full, |writing| {
            // Half-typed forms hold names and numbers too, and no server waits for them.
            writing.drop_all_drafts()?;
            writing.forget_all_answered()?;
            let role = self.identity(writing)?.map_or(Role::Landlord, |identity| identity.account.role);
            let mut taking = Taking::new(writing, self.now());
            for row in writing.scopes()? {
                taking.drop_scope(&row.scope)?;
            }
            taking.settle(&law, role)
        })?;
        self.store.remove_older_copies()?;
        self.store.scrub()?;
        self.sweep_photos(true)
    }
}

/// An answer being taken, in one transaction.
pub(crate) struct Taking<'a, 'c> {
    writing: &'a Writing<'c>,
    now: i64,
    touched: BTreeSet<RecordId>,
    left: BTreeSet<RecordId>,
    /// Saves the station holds since this answer.
    held: BTreeSet<TxnId>,
}

impl<'a, 'c> Taking<'a, 'c> {
    /// Nothing taken yet.
    pub(crate) fn new(writing: &'a Writing<'c>, now: i64) -> Taking<'a, 'c> {
        Taking { writing, now, touched: BTreeSet::new(), left: BTreeSet::new(), held: BTreeSet::new() }
    }

    /// A record as it is held. What cannot be read any more is taken out first: it would stop every exchange for ever, and the
    /// comparison fetches it anew.
    fn readable(&self, id: RecordId) -> Result<Option<Held>, Failure> {
        match self.writing.held(id) {
            Err(StoreError::Unreadable(_)) => {
                self.writing.clear_unreadable(id)?;
                Ok(self.writing.held(id)?)
            }
            held => Ok(held?),
        }
    }

    /// What became of a change. Its values are what the server says until the record itself arrives.
    fn verdict(&mut self, seq: u64, verdict: &Verdict, identity: &Identity, now: i64) -> Result<(), Failure> {
        let Some(row) = self.writing.change_at(seq)? else { return Ok(()) };
        let record = row.change.record;
        let state = match verdict {
            Verdict::Ok => OutboxState::Ok,
            Verdict::Merged => OutboxState::Merged,
            Verdict::Refused(_) => OutboxState::Refused,
            Verdict::Held => OutboxState::Held,
        };
        self.touched.insert(record);
        if matches!(row.state, OutboxState::Ok | OutboxState::Merged) && state == OutboxState::Refused {
            // Taken once and refused by a restored server: its values must not be nowhere.
            self.writing.answer_change(seq, state, &serde_json::to_string(verdict)?, now)?;
            return Ok(());
        }
        if row.state != OutboxState::Waiting {
            // Said again after a lost answer or a restored server: the first word stands here.
            return Ok(());
        }
        self.writing.answer_change(seq, state, &serde_json::to_string(verdict)?, now)?;
        if state == OutboxState::Held {
            self.held.insert(row.change.txn);
            // Nothing else keeps it here: its values go as soon as the station has them.
            self.left.insert(record);
        }
        if state == OutboxState::Ok {
            let held = self.readable(record)?;
            let said = held.as_ref().and_then(|held| held.said.clone());
            let mut said = said.unwrap_or_else(|| Record::empty(&row.change.kind, record));
            match row.change.verb {
                Verb::Create | Verb::Set => {
                    for (name, group) in &row.change.groups {
                        if travels_home(&row.change.kind, name, identity.account.role) {
                            said.groups.insert(name.clone(), GroupValue::new(group.fields.clone(), row.change.origin));
                        }
                    }
                }
                Verb::Delete => said.dead = Some(row.change.origin),
                Verb::Restore => said.dead = None,
            }
            if let Some(held) = held {
                self.writing.put(&Held { said: Some(said), ..held })?;
            }
        }
        if identity.account.role == Role::Landlord && state != OutboxState::Refused {
            self.mask(seq, &row)?;
        }
        Ok(())
    }

    /// What was written may belong to another village by now: somebody was handed over meanwhile, and a note about them goes
    /// with them. When the `whole` answer, page by page, did not bring a record, it is no business of this phone any more.
    fn may_be_elsewhere(&mut self, seqs: impl Iterator<Item = u64>, whole: bool) -> Result<(), Failure> {
        let before = self.writing.meta(ELSEWHERE)?.unwrap_or_default();
        let mut records: Vec<RecordId> = before.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        for seq in seqs {
            let row = self.writing.change_at(seq)?;
            records.extend(
                row.filter(|row| matches!(row.state, OutboxState::Ok | OutboxState::Merged)).map(|row| row.change.record),
            );
        }
        let mut after = String::new();
        if whole {
            self.touched.extend(&records);
            self.left.extend(records);
        } else {
            after = records.iter().map(|id| format!("{id} ")).collect();
        }
        if after != before {
            self.writing.set_meta(ELSEWHERE, &after)?;
        }
        Ok(())
    }

    /// A landlord's answered report keeps no document number on his phone.
    fn mask(&self, seq: u64, row: &OutboxChange) -> Result<(), Failure> {
        let mut change = row.change.clone();
        if let Some(document) = change.groups.get_mut("document") {
            for value in document.fields.values_mut() {
                *value = domain::id_document::mask(value.as_str().unwrap_or_default()).into();
            }
            self.writing.rewrite_change(seq, &change)?;
        }
        Ok(())
    }

    /// News of a scope: exits first, then records.
    fn scope(&mut self, reply: &ScopeReply) -> Result<(), Failure> {
        let Some(mut row) = self.writing.scopes()?.into_iter().find(|row| row.scope == reply.scope) else { return Ok(()) };
        for id in &reply.exits {
            self.exit(&mut row, *id, "exit")?;
        }
        if row.complete {
            reply.records.iter().try_for_each(|record| self.record(&mut row, record))?;
        } else {
            // A first load: what is new here needs no look at what was here, and its lists are made later, all at once.
            let loaded = self.writing.load(&row.scope, &reply.records)?;
            row.digest.add_all(loaded.digest);
            loaded.known.iter().try_for_each(|at| self.record(&mut row, &reply.records[*at]))?;
        }
        row.cursor = Some(reply.cursor.clone());
        row.server_sum = reply.digest.clone();
        row.server_count = reply.count;
        row.complete |= !reply.more;
        self.writing.put_scope(&row)?;
        Ok(())
    }

    pub(crate) fn exit(&mut self, row: &mut ScopeRow, id: RecordId, why: &str) -> Result<(), Failure> {
        let held = self.readable(id)?;
        if let Some(hash) = self.writing.hash_in(&row.scope, id)? {
            row.digest.remove(hash);
            if let Some(said) = held.and_then(|held| held.said) {
                self.note_departure(&row.scope, said, why)?;
            }
            self.writing.leave(&row.scope, id)?;
        }
        self.touched.insert(id);
        self.left.insert(id);
        Ok(())
    }

    /// Writes down that somebody, or a home, is no longer here: an id, a place, a time.
    fn note_departure(&self, scope: &Scope, said: Record, why: &str) -> Result<(), Failure> {
        let toward = match said.kind.as_str() {
            kind::UNIT => None,
            kind::RESIDENCY => said.text("handed", "area").map(str::to_owned),
            kind::PERSON => {
                let residencies = self.writing.naming(said.id, kind::RESIDENCY)?;
                residencies.iter().find_map(|residency| residency.text("handed", "area").map(str::to_owned))
            }
            _ => return Ok(()),
        };
        Ok(self.writing.add_departure(&DepartureRow {
            record: Some(said.id),
            kind: said.kind,
            scope: scope.clone(),
            why: why.to_owned(),
            toward: toward.unwrap_or_default(),
            left_unix_ms: self.now,
        })?)
    }

    pub(crate) fn record(&mut self, row: &mut ScopeRow, record: &Record) -> Result<(), Failure> {
        let held = self.readable(record.id)?;
        if let Some(hash) = self.writing.hash_in(&row.scope, record.id)? {
            row.digest.remove(hash);
        }
        if record.dead.is_some() {
            self.writing.leave(&row.scope, record.id)?;
        } else {
            // Computed from what is stored here, never copied from the other side.
            row.digest.add(record_hash(record, row.scope.kind()));
        }
        let shown = held.as_ref().map_or_else(|| record.clone(), |held| held.shown.clone());
        let waiting = held.map_or(0, |held| held.waiting);
        self.writing.put(&Held { said: Some(record.clone()), shown, waiting, has_left: false })?;
        if record.dead.is_none() {
            self.writing.enter_as_said(&row.scope, record.id)?;
        }
        self.touched.insert(record.id);
        self.left.remove(&record.id);
        Ok(())
    }

    fn drop_scope(&mut self, scope: &Scope) -> Result<(), Failure> {
        let gone = self.writing.records_in(scope)?;
        if self.writing.scopes()?.iter().any(|row| row.scope == *scope) {
            let (scope, why) = (scope.clone(), "grant".to_owned());
            let (kind, toward) = Default::default();
            self.writing.add_departure(&DepartureRow { record: None, kind, scope, why, toward, left_unix_ms: self.now })?;
        }
        self.writing.drop_scope(scope)?;
        self.touched.extend(gone.iter().copied());
        self.left.extend(gone);
        Ok(())
    }

    /// Overlays anew, purges what left, computes what is derived.
    pub(crate) fn settle(&mut self, law: &Law, role: Role) -> Result<(), Failure> {
        let touched: Vec<RecordId> = self.touched.iter().copied().collect();
        let mut waiting = Vec::new();
        let mut neighbours: Vec<RecordId> = Vec::new();
        for &id in &touched {
            let Some(held) = self.readable(id)? else { continue };
            let kind = held.shown.kind.clone();
            let has_left = held.has_left || (self.left.contains(&id) && !self.writing.is_in_a_scope(id)?);
            let overlay = save::lay_waiting_over(self.writing, id, &kind, held.said)?;
            if has_left && overlay.waiting == 0 {
                // Whoever showed it has to show it no more.
                neighbours.extend(kind::references(&overlay.shown));
                self.writing.purge(id)?;
                continue;
            }
            if overlay.waiting > 0 {
                waiting.push(id);
            }
            self.writing.put(&Held { has_left, ..overlay })?;
        }
        derive::places(self.writing, &waiting)?;
        neighbours.extend(touched);
        derive::refresh(self.writing, &neighbours, law, role)?;
        Ok(())
    }
}

/// Whether a pushed group comes back to the device that pushed it.
fn travels_home(record_kind: &str, group: &str, role: Role) -> bool {
    let scope = if role == Role::Landlord { domain::place::ScopeKind::Owner } else { domain::place::ScopeKind::Area };
    kind::travels(record_kind, group, scope)
}
