//! One exchange: prove who you are and push, in the writer's transaction; after its commit, pull from a snapshot.

use std::collections::BTreeMap;

use domain::place::Scope;
use sync_protocol::{
    CHANGES_MAX, ExchangeReply, ExchangeRequest, PROTOCOL_PULL_MIN, SCOPES_MAX, SyncError, Verdict,
};

use crate::caller::{Credentials, authenticate};
use crate::core::Core;
use crate::failure::Failure;
use crate::push::{self, Pushed};
use crate::pull;

/// When a device should come back by itself, when there is nothing more to fetch.
const NEXT_MS: u64 = 60_000;

impl Core {
    /// One round trip. Safe to repeat.
    ///
    /// # Errors
    /// See [`SyncError`].
    pub fn exchange(&self, credentials: &Credentials, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        let started_unix_ms = self.now_unix_ms();
        let answer = self.exchange_inner(credentials, request).map_err(Failure::into_sync);
        let metrics = &self.metrics;
        metrics.add(&metrics.exchange_ms_total, usize::try_from(self.now_unix_ms() - started_unix_ms).unwrap_or(0));
        match &answer {
            Ok(reply) => {
                metrics.add(&metrics.exchanges_total, 1);
                metrics.add(&metrics.records_sent_total, reply.scopes.iter().map(|scope| scope.records.len()).sum());
                metrics.add(&metrics.exits_sent_total, reply.scopes.iter().map(|scope| scope.exits.len()).sum());
            }
            Err(_) => metrics.add(&metrics.exchanges_refused_total, 1),
        }
        answer
    }

    fn exchange_inner(&self, credentials: &Credentials, mut request: ExchangeRequest) -> Result<ExchangeReply, Failure> {
        if request.push.len() > CHANGES_MAX || request.scopes.len() > SCOPES_MAX {
            return Err(SyncError::TooLarge.into());
        }
        if request.device != credentials.device {
            return Err(SyncError::Malformed("the device in the message is not the one that was proven".to_owned()).into());
        }
        let push = std::mem::take(&mut request.push);
        let pushed = self.push(credentials.clone(), &request, push)?;
        self.count(&pushed);
        if request.protocol < PROTOCOL_PULL_MIN {
            // What it did is kept; what it would be told it could not understand.
            return Err(SyncError::TooOld { verdicts: pushed.verdicts }.into());
        }
        let Pushed { verdicts, grants, epoch, .. } = pushed;
        let page = self.look(|view| pull::page(view, &grants, &request))?;
        if page.mismatched > 0 && epoch == request.epoch {
            self.metrics.add(&self.metrics.digest_mismatches_total, page.mismatched);
            tracing::error!(device = request.device.0, scopes = page.mismatched, "a device and the server hold different records");
        }
        let named: Vec<&Scope> = request.scopes.iter().map(|state| &state.scope).collect();
        let more = page.scopes.iter().any(|scope| scope.more);
        Ok(ExchangeReply {
            server_unix_ms: self.now_unix_ms(),
            epoch,
            verdicts,
            grants_added: grants.iter().filter(|scope| !named.contains(scope)).cloned().collect(),
            grants_dropped: named.into_iter().filter(|scope| !grants.contains(scope)).cloned().collect(),
            scopes: page.scopes,
            upload_token: None,
            next_ms: if more { 0 } else { NEXT_MS },
            batch_max: u32::try_from(CHANGES_MAX).unwrap_or(u32::MAX),
        })
    }

    fn push(
        &self,
        credentials: Credentials,
        request: &ExchangeRequest,
        changes: Vec<sync_protocol::PushedChange>,
    ) -> Result<Pushed, Failure> {
        let (clock, dice) = (self.clock.clone(), self.dice.clone());
        let hello = push::Hello {
            epoch: request.epoch.clone(),
            acked: request.acked,
            newest: request.newest,
            device_unix_ms: request.device_unix_ms,
            cursors: request.scopes.iter().map(|state| (state.scope.clone(), pull::cursor_version(state.cursor.as_deref()))).collect::<BTreeMap<_, _>>(),
        };
        self.write(move |write| {
            let caller = authenticate(write, &credentials)?;
            push::push(write, &caller, &hello, &changes, clock.now_unix_ms(), &*dice)
        })
    }

    fn count(&self, pushed: &Pushed) {
        let metrics = &self.metrics;
        for (_, verdict) in &pushed.verdicts {
            match verdict {
                Verdict::Ok => metrics.add(&metrics.changes_ok_total, 1),
                Verdict::Merged => metrics.add(&metrics.changes_merged_total, 1),
                Verdict::Refused(_) => metrics.add(&metrics.changes_refused_total, 1),
            }
        }
        metrics.add(&metrics.changes_repeated_total, pushed.repeated);
        if pushed.rolled_back {
            metrics.add(&metrics.rolled_back_alarms_total, 1);
        }
    }
}
