//! One exchange: a short look gives the request, the network holds no lock, one transaction takes the answer.

use std::sync::atomic::Ordering;

use domain::access::Role;
use domain::kind;
use domain::place::Scope;
use store::device::{Durability, OutboxChange, OutboxState, View};
use store::points;
use sync_protocol::{
    CHANGES_MAX, ExchangeReply, ExchangeRequest, PROTOCOL, PushedChange, RECORDS_MAX, Renewal, ScopeState, SyncError, SyncServer,
    TXN_CHANGES_MAX, Verdict,
};
use ui_protocol::ErrorCode;
use ui_protocol::session::SyncStatus;

use crate::ahead::{Asked, while_asking};
use crate::error::{Failure, sync_code, sync_failure};
use crate::identity::{Identity, on_the_wire};
use crate::lease::CLOCK_SEEN;
use crate::photos::Keep;
use crate::taking::Taking;
use crate::{Device, lock, rescue};

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
            if answer.is_ok() {
                self.learn_county_key(server.as_ref(), &identity);
            }
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
        let looked_at = looked_at(pace.batch);
        let changes = match pace.from {
            Some(from) => view.changes_from(from, looked_at)?.into_iter().map(without_masked).collect(),
            None => view.waiting_changes(looked_at)?,
        };
        // A restored server is told first, and believed afterwards.
        let mut scopes = if rescue::is_over(view)? { view.scopes()? } else { Vec::new() };
        let loading = scopes.iter().any(|row| !row.complete);
        let page = if loading { LOAD_RECORDS } else { PAGE_RECORDS };
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
            loading,
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
        let county_changed = reply.scopes.iter().any(|scope| scope.scope == Scope::County && scope.told() > 0);
        let round = self.store.write(Durability::Pulled, |writing| {
            let mut taking = Taking::new(writing, reply.server_unix_ms);
            let whole = !reply.partial && !request.scopes.is_empty() && reply.scopes.iter().all(|scope| !scope.more);
            for (seq, verdict) in &reply.verdicts {
                taking.verdict(*seq + identity.seq_base, verdict, identity, reply.server_unix_ms)?;
            }
            taking.may_be_elsewhere(whole)?;
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
            // A clock that was once too far ahead is right again.
            writing.set_meta(CLOCK_SEEN, &reply.server_unix_ms.to_string())?;
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
            self.sweep_photos(Keep::All)?;
        }
        if !reply.verdicts.is_empty() {
            self.empty_what_was_sealed();
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

/// An eighth more.
fn grown(batch: usize) -> usize {
    batch + (batch / 8).max(1)
}

fn until_all_is_said(device: &Device, server: &dyn SyncServer) -> Result<Ran, SyncError> {
    let mut ran = Ran::default();
    let mut gaps = 0;
    let batch = (device.batch.load(Ordering::Relaxed) as usize).clamp(1, CHANGES_MAX);
    let records = device.page.load(Ordering::Relaxed).clamp(PAGE_RECORDS_MIN, LOAD_RECORDS);
    let mut pace = Pace { batch, records, from: None };
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
                if error == SyncError::Unreachable {
                    // Perhaps the line carries less: the next run tries with half, and grows again when it works.
                    if request.push.is_empty() {
                        device.page.store((pace.records / 2).max(PAGE_RECORDS_MIN), Ordering::Relaxed);
                    } else {
                        device.batch.store((pace.batch / 2).max(1) as u32, Ordering::Relaxed);
                    }
                }
                return Err(error);
            }
        };
        // The server came back from a backup. Nothing it says is taken before it was told what this device holds.
        if rescue::is_another(&identity, &reply.epoch) {
            return Err(SyncError::Gap { expected: 1, epoch: reply.epoch });
        }
        // Only a push that was answered says that the line, or the server, takes more; and slowly, or every other one is too large.
        let batch = if request.push.is_empty() { pace.batch } else { grown(pace.batch).min(CHANGES_MAX) };
        device.batch.store(batch as u32, Ordering::Relaxed);
        device.page.store(pace.records, Ordering::Relaxed);
        // Server time minus the middle of the request: half the way there, half the way back.
        let offset_ms = reply.server_unix_ms - (sent_at + (answered_at - sent_at) / 2);
        ran.answered += reply.verdicts.len() as u64;
        ran.received += reply.scopes.iter().map(|scope| scope.told() as u64).sum::<u64>();
        ran.next_ms = reply.next_ms;
        let room = batch.min(reply.batch_max.max(1) as usize);
        let next = match pace.from {
            None => device.question_after(&identity, &request, &reply, room).map_err(ours)?,
            Some(_) => None,
        };
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
            batch: room,
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

/// Changes to read for a batch: enough to see the end of the first save, however small the batch has become.
pub(crate) fn looked_at(batch: usize) -> u32 {
    batch.max(TXN_CHANGES_MAX) as u32 + 1
}

/// As many whole saves as fit; the first one in any case, since a save is never split.
pub(crate) fn whole_saves(changes: Vec<OutboxChange>, batch: usize, seq_base: u64) -> Vec<PushedChange> {
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
        partial: true,
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
            taking.forget_elsewhere()?;
            taking.settle(&law, role)
        })?;
        self.store.remove_older_copies()?;
        self.store.scrub()?;
        self.sweep_photos(Keep::Unsent)
    }
}
