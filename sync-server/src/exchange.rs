//! One exchange: prove who you are and push, in the writer's transaction; after its commit, pull from a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use domain::DeviceNumber;
use domain::place::Scope;
use sync_protocol::{
    CHANGES_MAX, ExchangeReply, ExchangeRequest, PROTOCOL_PULL_MIN, PushedChange, RECORDS_MAX, SCOPES_MAX, ScopeReply, SyncError,
    Verdict,
};

use crate::caller::{Credentials, authenticate_to_push};
use crate::core::Core;
use crate::failure::Failure;
use crate::own::Own;
use crate::pull;
use crate::push::{self, Pushed};
use crate::restored;
use crate::said;
use crate::sizes::json_bytes;

/// Bytes of a push's changes as JSON: more would hold up everybody behind it. A day at the door is some hundred KiB.
pub const PUSH_BYTES_MAX: usize = 2 * 1024 * 1024;
/// When a device should come back whose push is being read already.
const AGAIN_MS: u64 = 1000;

/// When a device should come back by itself, when there is nothing more to fetch.
const NEXT_MS: u64 = 60_000;

/// How often it is written down that a device was here when it had nothing to say.
const SEEN_EVERY_MS: i64 = 5 * 60_000;
/// A clock that moved this far is written down at once.
const CLOCK_MOVED_MS: u64 = 30_000;

/// Who waits for the writer with much work, or has it done: one piece each.
#[derive(Debug)]
pub(crate) struct Turns<K: Ord + Copy>(Mutex<BTreeSet<K>>);

/// Somebody's turn; it ends when this is dropped.
pub(crate) struct Turn<'t, K: Ord + Copy>(&'t Turns<K>, K);

impl<K: Ord + Copy> Default for Turns<K> {
    fn default() -> Turns<K> {
        Turns(Mutex::default())
    }
}

impl<K: Ord + Copy> Turns<K> {
    pub(crate) fn begin(&self, whose: K) -> Result<Turn<'_, K>, SyncError> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(whose);
        if free { Ok(Turn(self, whose)) } else { Err(SyncError::Busy { retry_after_ms: AGAIN_MS }) }
    }
}

impl<K: Ord + Copy> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Core {
    /// One round trip. Safe to repeat.
    ///
    /// # Errors
    /// See [`SyncError`].
    pub fn exchange(&self, credentials: &Credentials, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        self.exchange_as(credentials, request, |reply| Ok(Some(reply.clone())))
    }

    /// One round trip whose answer is packed by `pack`. `None` says that it was too large: it is packed again with fewer records, and
    /// at last with the verdicts alone. Whatever somebody put into the register, a push is answered.
    ///
    /// # Errors
    /// See [`SyncError`].
    pub fn exchange_as<T>(
        &self,
        credentials: &Credentials,
        request: ExchangeRequest,
        pack: impl Fn(&ExchangeReply) -> Result<Option<T>, SyncError>,
    ) -> Result<T, SyncError> {
        let started_unix_ms = self.now_unix_ms();
        let answer = self.exchange_inner(credentials, request, pack).map_err(Failure::into_sync);
        let metrics = &self.metrics;
        metrics.add(&metrics.exchange_ms_total, usize::try_from(self.now_unix_ms() - started_unix_ms).unwrap_or(0));
        match &answer {
            Ok((reply, _)) => {
                metrics.add(&metrics.exchanges_total, 1);
                metrics.add(&metrics.records_sent_total, reply.scopes.iter().map(ScopeReply::told).sum());
                metrics.add(&metrics.exits_sent_total, reply.scopes.iter().map(|scope| scope.exits.len()).sum());
            }
            Err(_) => metrics.add(&metrics.exchanges_refused_total, 1),
        }
        answer.map(|(_, packed)| packed)
    }

    fn exchange_inner<T>(
        &self,
        credentials: &Credentials,
        mut request: ExchangeRequest,
        pack: impl Fn(&ExchangeReply) -> Result<Option<T>, SyncError>,
    ) -> Result<(ExchangeReply, T), Failure> {
        if request.push.len() > CHANGES_MAX || request.scopes.len() > SCOPES_MAX {
            return Err(SyncError::TooLarge.into());
        }
        if request.device != credentials.device {
            return Err(SyncError::Malformed("the device in the message is not the one that was proven".to_owned()).into());
        }
        let push = std::mem::take(&mut request.push);
        check_bytes(&push)?;
        let pushed = self.push(credentials.clone(), &request, push)?;
        self.count(&pushed);
        if request.protocol < PROTOCOL_PULL_MIN {
            // What it did is kept; what it would be told it could not understand.
            return Err(SyncError::TooOld { verdicts: pushed.verdicts }.into());
        }
        let Pushed { verdicts, grants, epoch, unconfirmed, own, .. } = pushed;
        if unconfirmed {
            // Whatever is wrong with the grants, no device hears of an exit or a dropped village, and none deletes anything.
            request.scopes.clear();
        }
        let mut records_max = usize::try_from(request.records_max).unwrap_or(usize::MAX).clamp(1, RECORDS_MAX);
        store::points::reach("server.pull");
        let mut page = self.look(|view| pull::page(view, &grants, &request, records_max, &own))?;
        if page.mismatched > 0 && epoch == request.epoch {
            self.note_mismatch(request.device, page.mismatched);
        }
        let named: Vec<&Scope> = request.scopes.iter().map(|state| &state.scope).collect();
        let whole = |scopes: Vec<ScopeReply>, verdicts_alone: bool| ExchangeReply {
            server_unix_ms: self.now_unix_ms(),
            epoch: epoch.clone(),
            verdicts: verdicts.clone(),
            grants_added: grants.iter().filter(|scope| !unconfirmed && !named.contains(scope)).cloned().collect(),
            grants_dropped: named.iter().copied().filter(|scope| !grants.contains(*scope)).cloned().collect(),
            next_ms: if scopes.iter().any(|scope| scope.more) { 0 } else { NEXT_MS },
            scopes,
            upload_token: None,
            batch_max: u32::try_from(CHANGES_MAX).unwrap_or(u32::MAX),
            partial: unconfirmed || verdicts_alone,
        };
        loop {
            let reply = whole(std::mem::take(&mut page.scopes), records_max == 0);
            if let Some(packed) = pack(&reply)? {
                return Ok((reply, packed));
            }
            if reply.scopes.is_empty() || records_max == 0 {
                return Err(SyncError::TooLarge.into());
            }
            records_max /= 2;
            if records_max == 0 {
                tracing::error!(device = request.device.0, "one version does not fit into an answer");
                continue;
            }
            page = self.look(|view| pull::page(view, &grants, &request, records_max, &own))?;
        }
    }

    /// A device that tells of a difference tells it with every exchange, and need not be right: one line in the log an hour.
    fn note_mismatch(&self, device: DeviceNumber, scopes: usize) {
        self.metrics.add(&self.metrics.digest_mismatches_total, scopes);
        if self.mismatches.take(&device.to_string(), self.now_unix_ms()).is_ok() {
            tracing::error!(device = device.0, scopes, "a device and the server hold different records");
        }
    }

    /// A device that has nothing to tell and of which nothing is new: answered without the writer. `None` when anything is not
    /// as it was, and once in a while, so that it is written down when the device was here.
    fn idle(&self, credentials: &Credentials, request: &ExchangeRequest) -> Result<Option<Pushed>, Failure> {
        self.look(|view| {
            let now_unix_ms = self.now_unix_ms();
            let caller = authenticate_to_push(view, credentials, now_unix_ms)?;
            let epoch = view.meta("epoch")?.unwrap_or_default();
            let stands = match request.acked {
                Some((seq, id)) => caller.device.last_seq == seq && caller.device.last_change == Some(id),
                None => caller.device.last_seq == 0,
            };
            let seen = caller.device.seen_unix_ms.unwrap_or(0);
            let ahead_ms = request.device_unix_ms.saturating_sub(now_unix_ms);
            let as_before = view.device_epoch(credentials.device)? == epoch
                && caller.device.newest_seq == caller.device.last_seq
                && ahead_ms.abs_diff(caller.device.clock_ahead_ms) < CLOCK_MOVED_MS;
            let lately = (0..SEEN_EVERY_MS).contains(&now_unix_ms.saturating_sub(seen));
            if !stands
                || !lately
                || !as_before
                || epoch != request.epoch
                || request.newest != request.acked
                || caller.late.is_some()
            {
                return Ok(None);
            }
            let grants = caller.grants;
            let unconfirmed = restored::is_unconfirmed(view)?;
            let (verdicts, own) = (Vec::new(), Own::default());
            Ok(Some(Pushed { verdicts, grants, epoch, repeated: 0, rolled_back: false, unconfirmed, own }))
        })
    }

    fn push(&self, credentials: Credentials, request: &ExchangeRequest, changes: Vec<PushedChange>) -> Result<Pushed, Failure> {
        let (device, now_unix_ms) = (credentials.device, self.now_unix_ms());
        // What it holds is written down when it is another thing than before; who says it again needs no writer.
        let news = self.heard.is_news(device, &request.scopes, now_unix_ms);
        if changes.is_empty()
            && news.is_none()
            && let Some(pushed) = self.idle(&credentials, request)?
        {
            return Ok(pushed);
        }
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        let _turn = self.pushing.begin(credentials.device)?;
        let mut hello = push::Hello {
            epoch: request.epoch.clone(),
            acked: request.acked,
            newest: request.newest,
            device_unix_ms: request.device_unix_ms,
            cursors: BTreeMap::new(),
        };
        let states = request.scopes.clone();
        let pushed = self.write(move |write| {
            let caller = authenticate_to_push(write, &credentials, clock.now_unix_ms())?;
            hello.cursors = pull::seen(write, &caller.grants, &states)?;
            if news.is_some() {
                said::note(write, device, &caller.grants, &hello.cursors, &states, now_unix_ms)?;
            }
            push::push(write, &caller, &hello, &changes, clock.now_unix_ms(), &*dice)
        })?;
        if let Some(word) = news {
            self.heard.remember(device, word, now_unix_ms);
        }
        Ok(pushed)
    }

    fn count(&self, pushed: &Pushed) {
        let metrics = &self.metrics;
        for (_, verdict) in &pushed.verdicts {
            match verdict {
                Verdict::Ok => metrics.add(&metrics.changes_ok_total, 1),
                Verdict::Merged => metrics.add(&metrics.changes_merged_total, 1),
                Verdict::Refused(_) => metrics.add(&metrics.changes_refused_total, 1),
                Verdict::Held => metrics.add(&metrics.changes_held_total, 1),
            }
        }
        metrics.add(&metrics.changes_repeated_total, pushed.repeated);
        if pushed.rolled_back {
            metrics.add(&metrics.rolled_back_alarms_total, 1);
        }
    }
}

/// Counted before the push waits for the writer.
fn check_bytes(changes: &[PushedChange]) -> Result<(), SyncError> {
    let mut bytes = 0;
    for pushed in changes {
        bytes += json_bytes(pushed).unwrap_or(PUSH_BYTES_MAX + 1);
        if bytes > PUSH_BYTES_MAX {
            return Err(SyncError::TooLarge);
        }
    }
    Ok(())
}
