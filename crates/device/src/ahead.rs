//! One request ahead: while a page is being applied, the next one is already on its way.
//!
//! Only where the next question is known before the page is stored: in the middle of a long pull, with nothing to push. Nothing
//! depends on it; without threads (in a browser) the two take turns.

use domain::place::Scope;
use store::points;
use sync_protocol::{ExchangeReply, ExchangeRequest, ScopeState, SyncError, SyncServer};

use crate::Device;
use crate::error::Failure;
use crate::identity::Identity;

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
        request: &ExchangeRequest,
        reply: &ExchangeReply,
    ) -> Result<Option<ExchangeRequest>, Failure> {
        if cfg!(target_family = "wasm") || !self.around.asks_ahead() {
            return Ok(None);
        }
        let quiet = request.push.is_empty()
            && reply.verdicts.is_empty()
            && reply.grants_added.is_empty()
            && reply.grants_dropped.is_empty()
            && reply.epoch == request.epoch;
        // What ended with this page is compared by its digest next time, and that is only known when the page is stored.
        let undecided = reply.scopes.iter().all(|scope| scope.more || (scope.told() == 0 && scope.exits.is_empty()));
        let goes_on = reply.scopes.iter().any(|scope| scope.more);
        if !(quiet && undecided && goes_on) || self.store.tuning().one_thread {
            return Ok(None);
        }
        if self.store.read(|view| view.waiting_count())? > 0 {
            return Ok(None);
        }
        let cursor_of = |scope: &Scope| reply.scopes.iter().find(|news| news.scope == *scope).map(|news| news.cursor.clone());
        let next = |state: ScopeState| ScopeState { cursor: cursor_of(&state.scope).or(state.cursor), ..state };
        let scopes = request.scopes.iter().cloned().map(next).collect();
        Ok(Some(ExchangeRequest { device_unix_ms: self.around.unix_ms(), scopes, ..request.clone() }))
    }
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
