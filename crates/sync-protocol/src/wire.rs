//! The positional forms. A new field goes to the end, with a default, and old readers ignore it.

use std::collections::BTreeMap;

use domain::place::Scope;
use domain::{Change, ChangeId, DeviceNumber, Fields, GroupChange, GroupValue, Origin, Record, RecordId, TxnId, Verb};
use serde::{Deserialize, Serialize};

use crate::exchange::{ExchangeReply, ExchangeRequest, Position, PushedChange, ScopeReply, ScopeState, Verdict};

/// `[name, base, fields]`
type GroupChangeWire = (String, Option<Origin>, Fields);
/// `[name, origin, fields]`
type GroupValueWire = (String, Origin, Fields);

/// `[seq, id, txn, record, kind, verb, schema, origin, groups]`
#[derive(Clone, Serialize, Deserialize)]
pub struct PushedWire(u64, ChangeId, TxnId, RecordId, String, Verb, u32, Origin, Vec<GroupChangeWire>);

impl From<PushedChange> for PushedWire {
    fn from(pushed: PushedChange) -> PushedWire {
        let c = pushed.change;
        let groups = c.groups.into_iter().map(|(name, group)| (name, group.base, group.fields)).collect();
        PushedWire(pushed.seq, c.id, c.txn, c.record, c.kind, c.verb, c.schema, c.origin, groups)
    }
}
impl From<PushedWire> for PushedChange {
    fn from(w: PushedWire) -> PushedChange {
        let groups = w.8.into_iter().map(|(name, base, fields)| (name, GroupChange { fields, base })).collect();
        PushedChange {
            seq: w.0,
            change: Change { id: w.1, txn: w.2, record: w.3, kind: w.4, verb: w.5, schema: w.6, origin: w.7, groups },
        }
    }
}

/// `[scope, cursor, digest, count]`
#[derive(Clone, Serialize, Deserialize)]
pub struct ScopeStateWire(Scope, Option<String>, String, u64);

impl From<ScopeState> for ScopeStateWire {
    fn from(s: ScopeState) -> ScopeStateWire {
        ScopeStateWire(s.scope, s.cursor, s.digest, s.count)
    }
}
impl From<ScopeStateWire> for ScopeState {
    fn from(w: ScopeStateWire) -> ScopeState {
        ScopeState { scope: w.0, cursor: w.1, digest: w.2, count: w.3 }
    }
}

/// `[protocol, schema, device, epoch, acked, newest, device time, records max, scopes, push, install]`
#[derive(Clone, Serialize, Deserialize)]
pub struct RequestWire(
    u32,
    u32,
    DeviceNumber,
    String,
    Option<Position>,
    Option<Position>,
    i64,
    u32,
    Vec<ScopeState>,
    Vec<PushedChange>,
    #[serde(default)] String,
);

impl From<ExchangeRequest> for RequestWire {
    fn from(r: ExchangeRequest) -> RequestWire {
        RequestWire(
            r.protocol,
            r.schema,
            r.device,
            r.epoch,
            r.acked,
            r.newest,
            r.device_unix_ms,
            r.records_max,
            r.scopes,
            r.push,
            r.install,
        )
    }
}
impl From<RequestWire> for ExchangeRequest {
    fn from(w: RequestWire) -> ExchangeRequest {
        ExchangeRequest {
            protocol: w.0,
            schema: w.1,
            device: w.2,
            epoch: w.3,
            acked: w.4,
            newest: w.5,
            device_unix_ms: w.6,
            records_max: w.7,
            scopes: w.8,
            push: w.9,
            install: w.10,
        }
    }
}

/// `[kind, id, groups, dead]`
#[derive(Clone, Serialize, Deserialize)]
pub struct RecordWire(String, RecordId, Vec<GroupValueWire>, #[serde(default)] Option<Origin>);

impl From<Record> for RecordWire {
    fn from(r: Record) -> RecordWire {
        let groups = r.groups.into_iter().map(|(name, value)| (name, value.origin, value.fields)).collect();
        RecordWire(r.kind, r.id, groups, r.dead)
    }
}
impl From<RecordWire> for Record {
    fn from(w: RecordWire) -> Record {
        let groups: BTreeMap<_, _> =
            w.2.into_iter().map(|(name, origin, fields)| (name, GroupValue::new(fields, origin))).collect();
        Record { kind: w.0, id: w.1, groups, dead: w.3 }
    }
}

/// `[scope, exits, records, cursor, digest, count, more]`
#[derive(Clone, Serialize, Deserialize)]
pub struct ScopeReplyWire(Scope, Vec<RecordId>, Vec<RecordWire>, String, String, u64, bool);

impl From<ScopeReply> for ScopeReplyWire {
    fn from(s: ScopeReply) -> ScopeReplyWire {
        let records = s.records.into_iter().map(RecordWire::from).collect();
        ScopeReplyWire(s.scope, s.exits, records, s.cursor, s.digest, s.count, s.more)
    }
}
impl From<ScopeReplyWire> for ScopeReply {
    fn from(w: ScopeReplyWire) -> ScopeReply {
        let records = w.2.into_iter().map(Record::from).collect();
        ScopeReply { scope: w.0, exits: w.1, records, cursor: w.3, digest: w.4, count: w.5, more: w.6 }
    }
}

/// `[server time, epoch, verdicts, scopes, grants added, grants dropped, upload token, next, batch]`
#[derive(Clone, Serialize, Deserialize)]
pub struct ReplyWire(
    i64,
    String,
    Vec<(u64, Verdict)>,
    Vec<ScopeReply>,
    Vec<Scope>,
    Vec<Scope>,
    Option<String>,
    u64,
    u32,
);

impl From<ExchangeReply> for ReplyWire {
    fn from(r: ExchangeReply) -> ReplyWire {
        ReplyWire(
            r.server_unix_ms,
            r.epoch,
            r.verdicts,
            r.scopes,
            r.grants_added,
            r.grants_dropped,
            r.upload_token,
            r.next_ms,
            r.batch_max,
        )
    }
}
impl From<ReplyWire> for ExchangeReply {
    fn from(w: ReplyWire) -> ExchangeReply {
        ExchangeReply {
            server_unix_ms: w.0,
            epoch: w.1,
            verdicts: w.2,
            scopes: w.3,
            grants_added: w.4,
            grants_dropped: w.5,
            upload_token: w.6,
            next_ms: w.7,
            batch_max: w.8,
        }
    }
}
