//! One request ahead: while an answer is being stored, the next question is already on its way.
//!
//! Only where the next question is known before the answer is stored: in the middle of a long pull with nothing to push, and in
//! the middle of a long push whose changes were all taken. Nothing depends on it; without threads (in a browser) the two take
//! turns.
//!
//! ```text
//!   asked:  push 1..500, acked 0        answered: verdicts 1..500, cursor 7
//!   ahead:  push 501..1000, acked 0, cursor 7, no digest        while 1..500 are stored
//! ```
//!
//! `acked` says what is stored, never what is being stored: a device that stops in between comes back as one that lost two
//! answers, and not as one that was put back. What it holds at the new cursor is not computed yet, so it says no digest.

use store::points;
use sync_protocol::{ExchangeReply, ExchangeRequest, ScopeState, SyncError, SyncServer, Verdict};

use crate::Device;
use crate::error::Failure;
use crate::identity::{Identity, on_the_wire};
use crate::sync::{looked_at, whole_saves};

/// A question with its answer, and when it was asked and answered, Unix milliseconds, UTC, by this device's clock.
pub(crate) struct Asked {
    pub(crate) identity: Identity,
    pub(crate) request: ExchangeRequest,
    pub(crate) answer: Result<ExchangeReply, SyncError>,
    pub(crate) sent_at: i64,
    pub(crate) answered_at: i64,
}

impl Device {
    /// Asks; no lock is held.
    pub(crate) fn ask_server(&self, server: &dyn SyncServer, identity: Identity, request: ExchangeRequest) -> Asked {
        let sent_at = self.around.unix_ms();
        points::reach("device.exchange.asking");
        let answer = server.exchange(request.clone());
        points::reach("device.exchange.answered");
        let answered_at = self.around.unix_ms();
        Asked { identity, request, answer, sent_at, answered_at }
    }

    /// The question after this answer, when it is certain before the answer is stored.
    pub(crate) fn question_after(
        &self,
        identity: &Identity,
        request: &ExchangeRequest,
        reply: &ExchangeReply,
        batch: usize,
    ) -> Result<Option<ExchangeRequest>, Failure> {
        let as_before = reply.grants_added.is_empty() && reply.grants_dropped.is_empty() && reply.epoch == request.epoch;
        if cfg!(target_family = "wasm") || !self.around.asks_ahead() || self.store.tuning().one_thread || !as_before {
            return Ok(None);
        }
        if request.push.is_empty() { self.next_page(request, reply) } else { self.next_push(identity, request, reply, batch) }
    }

    fn next_page(&self, request: &ExchangeRequest, reply: &ExchangeReply) -> Result<Option<ExchangeRequest>, Failure> {
        // What ended with this page is compared by its digest next time, and that is only known when the page is stored.
        let undecided = reply.scopes.iter().all(|scope| scope.more || (scope.told() == 0 && scope.exits.is_empty()));
        let goes_on = reply.scopes.iter().any(|scope| scope.more);
        if !(reply.verdicts.is_empty() && undecided && goes_on) || self.store.read(|view| view.waiting_count())? > 0 {
            return Ok(None);
        }
        let scopes = request.scopes.iter().map(|state| moved_on(state, reply)).collect();
        Ok(Some(ExchangeRequest { device_unix_ms: self.around.unix_ms(), scopes, ..request.clone() }))
    }

    fn next_push(
        &self,
        identity: &Identity,
        request: &ExchangeRequest,
        reply: &ExchangeReply,
        batch: usize,
    ) -> Result<Option<ExchangeRequest>, Failure> {
        let taken = |verdict: &Verdict| matches!(verdict, Verdict::Ok | Verdict::Merged);
        let all_taken = reply.verdicts.len() == request.push.len() && reply.verdicts.iter().all(|(_, verdict)| taken(verdict));
        let Some(last) = request.push.last().filter(|_| all_taken && !reply.partial && !request.loading) else {
            return Ok(None);
        };
        let (push, newest) = self.store.read(|view| {
            let waiting = view.waiting_changes_after(last.seq + identity.seq_base, looked_at(batch))?;
            Ok::<_, Failure>((whole_saves(waiting, batch, identity.seq_base), on_the_wire(view.newest()?, identity.seq_base)))
        })?;
        if push.is_empty() {
            return Ok(None);
        }
        // What is held there is known when this answer is stored.
        let unsaid = |state: ScopeState| ScopeState { digest: String::new(), ..state };
        let scopes = request.scopes.iter().map(|state| unsaid(moved_on(state, reply))).collect();
        Ok(Some(ExchangeRequest { device_unix_ms: self.around.unix_ms(), scopes, push, newest, ..request.clone() }))
    }
}

/// Where a scope stands when this answer is stored.
fn moved_on(state: &ScopeState, reply: &ExchangeReply) -> ScopeState {
    let news = reply.scopes.iter().find(|news| news.scope == state.scope);
    ScopeState { cursor: news.map(|news| news.cursor.clone()).or_else(|| state.cursor.clone()), ..state.clone() }
}

/// Applies on another thread while this one asks: a way to the server need not be shared between threads.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn while_asking<T: Send, A>(apply: impl FnOnce() -> T + Send, ask: impl FnOnce() -> A) -> (T, A) {
    std::thread::scope(|scope| {
        let applying = scope.spawn(apply);
        let asked = ask();
        (applying.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), asked)
    })
}

/// One after the other.
#[cfg(target_family = "wasm")]
pub(crate) fn while_asking<T, A>(apply: impl FnOnce() -> T, ask: impl FnOnce() -> A) -> (T, A) {
    (apply(), ask())
}
