//! The positional forms. A new field goes to the end, with a default, and old readers pass over it.

use std::collections::BTreeMap;
use std::fmt;

use domain::place::Scope;
use domain::{Change, ChangeId, DeviceNumber, Fields, GroupChange, GroupValue, Origin, Record, RecordId, TxnId, Verb};
use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::exchange::{ExchangeReply, ExchangeRequest, OwnRecord, Position, PushedChange, ScopeReply, ScopeState, Verdict};

/// A list of places. Those after the semicolon came later and may be missing; what lies behind the last one known here was
/// written by a newer side and is passed over. (Serde's own tuples refuse a list that is longer than they are.)
macro_rules! positional {
    ($(#[$doc:meta])* $name:ident($($at:literal $place:ty),+; $($later:ty),*)) => {
        $(#[$doc])*
        #[derive(Clone, Serialize)]
        pub struct $name($($place,)+ $($later),*);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                struct Places;
                impl<'de> Visitor<'de> for Places {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("the places of ", stringify!($name)))
                    }
                    fn visit_seq<A: SeqAccess<'de>>(self, mut places: A) -> Result<$name, A::Error> {
                        let read = $name(
                            $(places.next_element::<$place>()?.ok_or_else(|| A::Error::invalid_length($at, &self))?,)+
                            $(places.next_element::<$later>()?.unwrap_or_default()),*
                        );
                        while places.next_element::<IgnoredAny>()?.is_some() {}
                        Ok(read)
                    }
                }
                deserializer.deserialize_seq(Places)
            }
        }
    };
}

positional! {
    /// `[name, base, fields]`
    GroupChangeWire(0 String, 1 Option<Origin>, 2 Fields;)
}
positional! {
    /// `[name, origin, fields]`
    GroupValueWire(0 String, 1 Origin, 2 Fields;)
}

positional! {
    /// `[seq, id, txn, record, kind, verb, schema, origin, groups]`
    PushedWire(0 u64, 1 ChangeId, 2 TxnId, 3 RecordId, 4 String, 5 Verb, 6 u32, 7 Origin, 8 Vec<GroupChangeWire>;)
}

impl From<PushedChange> for PushedWire {
    fn from(pushed: PushedChange) -> PushedWire {
        let c = pushed.change;
        let groups = c.groups.into_iter().map(|(name, group)| GroupChangeWire(name, group.base, group.fields)).collect();
        PushedWire(pushed.seq, c.id, c.txn, c.record, c.kind, c.verb, c.schema, c.origin, groups)
    }
}
impl From<PushedWire> for PushedChange {
    fn from(w: PushedWire) -> PushedChange {
        let groups = w.8.into_iter().map(|GroupChangeWire(name, base, fields)| (name, GroupChange { fields, base })).collect();
        PushedChange {
            seq: w.0,
            change: Change { id: w.1, txn: w.2, record: w.3, kind: w.4, verb: w.5, schema: w.6, origin: w.7, groups },
        }
    }
}

positional! {
    /// `[scope, cursor, digest, count]`
    ScopeStateWire(0 Scope, 1 Option<String>, 2 String, 3 u64;)
}

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

positional! {
    /// `[protocol, schema, device, epoch, acked, newest, device time, records max, scopes, push, install]`
    RequestWire(
        0 u32, 1 u32, 2 DeviceNumber, 3 String, 4 Option<Position>, 5 Option<Position>, 6 i64, 7 u32, 8 Vec<ScopeState>,
        9 Vec<PushedChange>; String
    )
}

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
            loading: false,
        }
    }
}

positional! {
    /// `[kind, id, groups, dead]`
    RecordWire(0 String, 1 RecordId, 2 Vec<GroupValueWire>; Option<Origin>)
}

impl From<Record> for RecordWire {
    fn from(r: Record) -> RecordWire {
        let groups = r.groups.into_iter().map(|(name, value)| GroupValueWire(name, value.origin, value.fields)).collect();
        RecordWire(r.kind, r.id, groups, r.dead)
    }
}
impl From<RecordWire> for Record {
    fn from(w: RecordWire) -> Record {
        let groups: BTreeMap<_, _> =
            w.2.into_iter().map(|GroupValueWire(name, origin, fields)| (name, GroupValue::new(fields, origin))).collect();
        Record { kind: w.0, id: w.1, groups, dead: w.3 }
    }
}

positional! {
    /// `[scope, exits, records, cursor, digest, count, more]`
    ScopeReplyWire(0 Scope, 1 Vec<RecordId>, 2 Vec<RecordWire>, 3 String, 4 String, 5 u64, 6 bool;)
}

positional! {
    /// `[scope, exits, records, cursor, digest, count, more, own]`
    ScopeReplyWire2(0 Scope, 1 Vec<RecordId>, 2 Vec<RecordWire>, 3 String, 4 String, 5 u64, 6 bool; Vec<OwnRecord>)
}

/// The last place is written only when there is something in it: release 0.1 is told what it always was.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum ScopeReplyOut {
    /// Nothing of the device's own.
    Whole(ScopeReplyWire),
    /// Something.
    Own(ScopeReplyWire2),
}

impl From<ScopeReply> for ScopeReplyOut {
    fn from(s: ScopeReply) -> ScopeReplyOut {
        let records = s.records.into_iter().map(RecordWire::from).collect();
        if s.own.is_empty() {
            return ScopeReplyOut::Whole(ScopeReplyWire(s.scope, s.exits, records, s.cursor, s.digest, s.count, s.more));
        }
        ScopeReplyOut::Own(ScopeReplyWire2(s.scope, s.exits, records, s.cursor, s.digest, s.count, s.more, s.own))
    }
}
impl From<ScopeReplyWire2> for ScopeReply {
    fn from(w: ScopeReplyWire2) -> ScopeReply {
        let records = w.2.into_iter().map(Record::from).collect();
        ScopeReply {
            scope: w.0,
            exits: w.1,
            records,
            cursor: w.3,
            digest: w.4,
            count: w.5,
            more: w.6,
            own: w.7,
            stored: Vec::new(),
        }
    }
}

positional! {
    /// `[seq, record, groups, gone]`
    OwnWire(0 u64, 1 RecordId, 2 Vec<GroupValueWire>, 3 Vec<String>;)
}

impl From<OwnRecord> for OwnWire {
    fn from(o: OwnRecord) -> OwnWire {
        let groups = o.groups.into_iter().map(|(name, value)| GroupValueWire(name, value.origin, value.fields)).collect();
        OwnWire(o.seq, o.record, groups, o.gone)
    }
}
impl From<OwnWire> for OwnRecord {
    fn from(w: OwnWire) -> OwnRecord {
        let groups =
            w.2.into_iter().map(|GroupValueWire(name, origin, fields)| (name, GroupValue::new(fields, origin))).collect();
        OwnRecord { seq: w.0, record: w.1, groups, gone: w.3 }
    }
}

positional! {
    /// `[server time, epoch, verdicts, scopes, grants added, grants dropped, upload token, next, batch]`
    ReplyWire(
        0 i64, 1 String, 2 Vec<(u64, Verdict)>, 3 Vec<ScopeReply>, 4 Vec<Scope>, 5 Vec<Scope>, 6 Option<String>, 7 u64, 8 u32;
    )
}

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
            // Form 1 does not say it; it mentions every scope that was looked at.
            partial: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn record() -> Value {
        json!(["person", ID, [["contact", "019f0000000a0000-2", {"phone": "13867000001"}]], null])
    }

    #[test]
    fn what_a_later_version_adds_at_the_end_is_passed_over() {
        let group = json!(["contact", null, {"phone": "13867000001"}]);
        let pushed = json!([7, ID, ID, ID, "person", "set", 1, "019f0000000a0000-2", [group]]);
        let request = json!([1, 1, 2, "epoch", [6, ID], [7, ID], 0, 250, [["c", null, "00", 0]], [pushed], "install"]);
        let reply =
            json!([0, "epoch", [[7, {"is": "ok"}]], [["c", [], [record()], "1.a", "00", 0, false, []]], [], [], null, 0, 500]);
        // The outermost list only: lists of things are as long as they are.
        let longer = |value: &Value| {
            let mut places = value.as_array().cloned().unwrap_or_default();
            places.extend([json!({"later": [1, null]}), json!("much later")]);
            Value::Array(places)
        };
        let read = |value: &Value| serde_json::from_str::<ExchangeRequest>(&value.to_string());
        let answer = |value: &Value| serde_json::from_str::<ExchangeReply>(&value.to_string());
        assert_eq!(read(&longer(&request)).expect("is read"), read(&request).expect("is read"));
        assert_eq!(answer(&longer(&reply)).expect("is read"), answer(&reply).expect("is read"));

        let mut inner = request.clone();
        inner[9][0][8][0] = longer(&inner[9][0][8][0]);
        inner[9][0] = longer(&inner[9][0]);
        inner[8][0] = longer(&inner[8][0]);
        assert_eq!(read(&inner).expect("is read"), read(&request).expect("is read"));
        let mut inner = reply.clone();
        inner[3][0][2][0][2][0] = longer(&inner[3][0][2][0][2][0]);
        inner[3][0][2][0] = longer(&inner[3][0][2][0]);
        inner[3][0] = longer(&inner[3][0]);
        assert_eq!(answer(&inner).expect("is read"), answer(&reply).expect("is read"));
    }

    #[test]
    fn what_came_later_may_be_missing_and_nothing_else() {
        let mut places = record().as_array().cloned().unwrap_or_default();
        let whole = serde_json::from_value::<RecordWire>(Value::Array(places.clone())).map(Record::from).expect("is read");
        places.pop();
        let short = serde_json::from_value::<RecordWire>(Value::Array(places.clone())).map(Record::from).expect("is read");
        assert_eq!(short, whole, "a record without its last place is alive");
        places.pop();
        assert!(serde_json::from_value::<RecordWire>(Value::Array(places)).is_err(), "a record has groups");
    }
}
