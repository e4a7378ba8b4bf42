//! One exchange is one round trip, safe to repeat.

use std::collections::BTreeMap;

use domain::merge::Refusal;
use domain::place::Scope;
use domain::stored::Stored;
use domain::{Change, ChangeId, DeviceNumber, GroupValue, Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::ask::{Ask, Told};
use crate::wire;

/// A place in a device's outbox, with the change that stands there: a number alone does not tell a restored device from a
/// cloned one.
pub type Position = (u64, ChangeId);

/// What a device holds of one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::ScopeStateWire", into = "wire::ScopeStateWire")]
pub struct ScopeState {
    /// Which.
    pub scope: Scope,
    /// `version.tag` of the last answer; `None` from the beginning.
    pub cursor: Option<String>,
    /// Hexadecimal sum of its record hashes.
    pub digest: String,
    /// How many living records.
    pub count: u64,
}

/// A change in its envelope. The number takes no part in merging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::PushedWire", into = "wire::PushedWire")]
pub struct PushedChange {
    /// Its place in the outbox.
    pub seq: u64,
    /// The change, frozen when it was saved.
    pub change: Change,
}

/// What a device says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::RequestWire", into = "wire::RequestWire")]
pub struct ExchangeRequest {
    /// [`crate::PROTOCOL`] of the device.
    pub protocol: u32,
    /// [`domain::record::SCHEMA`] of the device.
    pub schema: u32,
    /// Its number.
    pub device: DeviceNumber,
    /// Which history of the server it knows.
    pub epoch: String,
    /// The last change whose verdict it holds.
    pub acked: Option<Position>,
    /// The last change it ever numbered, sent or not.
    pub newest: Option<Position>,
    /// The device's clock, uncorrected, Unix milliseconds, UTC.
    pub device_unix_ms: i64,
    /// The largest answer wanted, in records.
    pub records_max: u32,
    /// What it holds.
    pub scopes: Vec<ScopeState>,
    /// What it wants to tell, in order of `seq`, whole saves only.
    pub push: Vec<PushedChange>,
    /// Name of the installation.
    #[serde(default)]
    pub install: String,
    /// It loads for the first time: living records may come as they are kept ([`ScopeReply::stored`]). Said in form 2 only.
    pub loading: bool,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "of", remote = "Self")]
pub enum Verdict {
    /// Applied; its values stand.
    Ok,
    /// Applied; at least one value met another and is in a conflict that people can see.
    Merged,
    /// Not applied; the values belong in the tray.
    Refused(Refusal),
    /// Not applied: late work, which waits at the station for a person to decide. Final for the device. Release 0.1 reads it
    /// as a refusal and keeps the values in its tray.
    Held,
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Verdict::serialize(self, serializer)
    }
}

/// A verdict or a reason that only a newer server knows is a refusal like any other: the values go to the tray, and the queue
/// goes on. One unknown word must not make the whole answer unreadable.
impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Verdict, D::Error> {
        let said = serde_json::Value::deserialize(deserializer)?;
        Ok(Verdict::deserialize(said)
            .unwrap_or_else(|_| Verdict::Refused(Refusal::Invalid("a reason of a newer server".to_owned()))))
    }
}

/// News of one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::ScopeReplyWire2", into = "wire::ScopeReplyOut")]
pub struct ScopeReply {
    /// Which.
    pub scope: Scope,
    /// Records that left it; applied before `records`.
    pub exits: Vec<RecordId>,
    /// Whole records as the scope receives them.
    pub records: Vec<Record>,
    /// Where to go on.
    pub cursor: String,
    /// The server's digest at its head.
    pub digest: String,
    /// How many living records at its head.
    pub count: u64,
    /// There is more after `cursor`.
    pub more: bool,
    /// Records in which nothing but this push changed since the device last saw them; only to devices of protocol 2.
    pub own: Vec<OwnRecord>,
    /// Living records as they are kept, instead of in `records`; only to who is loading.
    pub stored: Vec<Stored>,
}

impl ScopeReply {
    /// How many records are told whole.
    pub fn whole(&self) -> usize {
        self.records.len() + self.stored.len()
    }

    /// How many records are told, whole or by what is different.
    pub fn told(&self) -> usize {
        self.whole() + self.own.len()
    }
}

/// What the server's record has beside what the device pushed: the groups that differ, whole, and those that are not there. The
/// device makes the record from what the server said before, its accepted changes and this ([`crate::own`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::OwnWire", into = "wire::OwnWire")]
pub struct OwnRecord {
    /// The last pushed change of the record.
    pub seq: u64,
    /// The record.
    pub record: RecordId,
    /// Groups that are not as pushed: the server's own, and those in which another value stands.
    pub groups: BTreeMap<String, GroupValue>,
    /// Groups the scope does not receive.
    pub gone: Vec<String>,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "wire::ReplyWire", into = "wire::ReplyWire")]
pub struct ExchangeReply {
    /// The server's clock, Unix milliseconds, UTC.
    pub server_unix_ms: i64,
    /// Which history this is.
    pub epoch: String,
    /// One for each pushed change, by `seq`.
    pub verdicts: Vec<(u64, Verdict)>,
    /// News of the granted scopes the device named.
    pub scopes: Vec<ScopeReply>,
    /// Granted, and not named by the device: it names them next time.
    pub grants_added: Vec<Scope>,
    /// Named by the device, and not granted: everything of theirs but unanswered changes goes.
    pub grants_dropped: Vec<Scope>,
    /// Lets the device send photo bytes; absent until photos are asked for.
    pub upload_token: Option<String>,
    /// When to come back, milliseconds from now.
    pub next_ms: u64,
    /// How many changes to push at once.
    pub batch_max: u32,
    /// Not every scope the device named was looked at: one that is not mentioned may have news.
    pub partial: bool,
}

/// Why there is no answer. Each variant is something the device does differently; in every case its outbox is intact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "error", content = "of")]
pub enum SyncError {
    /// No connection, or it broke off. Try again later.
    #[error("the server was not reached")]
    Unreachable,
    /// The secret is wrong.
    #[error("the device secret is not accepted")]
    Unauthorised,
    /// Login or password is not right.
    #[error("login or password is not right")]
    WrongPassword,
    /// The one-time code is wrong, used or too old.
    #[error("the one-time code is not accepted")]
    WrongCode,
    /// The administrator revoked this device: its scopes go, its unanswered changes stay.
    #[error("the device was revoked")]
    Revoked,
    /// The server does not know this device: enrol again, keep the file.
    #[error("the server does not know this device")]
    UnknownDevice,
    /// A gap in the outbox: send again from here.
    #[error("changes are missing before this push, expected seq {expected}")]
    Gap {
        /// The next number the server waits for.
        expected: u64,
        /// Which history the server has: a device that holds nothing more to send again goes on in it.
        #[serde(default)]
        epoch: String,
    },
    /// The outbox tells another history than the server has (restored or cloned device): enrol again, keep the file.
    #[error("another history under the same device number")]
    Forked,
    /// Send less at once.
    #[error("the message is too large")]
    TooLarge,
    /// Wait.
    #[error("too many requests, try again in {retry_after_ms} ms")]
    Busy {
        /// Milliseconds.
        retry_after_ms: u64,
    },
    /// This app is too old to pull. Its push was accepted.
    #[error("the app is too old, please update")]
    TooOld {
        /// Verdicts on what was pushed.
        verdicts: Vec<(u64, Verdict)>,
    },
    /// The message cannot be read.
    #[error("the message cannot be read: {0}")]
    Malformed(String),
    /// The server failed; nothing was half done.
    #[error("the server failed")]
    Server,
}

/// Whoever answers an exchange: the real server, its HTTP client, the tests' faulty wire. Not async.
pub trait SyncServer {
    /// One round trip.
    ///
    /// # Errors
    /// See [`SyncError`]; repeating the request is always safe.
    fn exchange(&self, request: ExchangeRequest) -> Result<ExchangeReply, SyncError>;

    /// A small question.
    ///
    /// # Errors
    /// See [`SyncError`]; repeating the question is always safe.
    fn ask(&self, ask: Ask) -> Result<Told, SyncError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_of_tomorrow_is_a_refusal_and_the_others_are_read() {
        let text = r#"[{"is":"ok"},{"is":"merged"},{"is":"refused","of":{"why":"scope"}},{"is":"refused","of":{"why":"on_tuesdays","of":3}},{"is":"tomorrow"}]"#;
        let read: Vec<Verdict> = serde_json::from_str(text).expect("every word of it");
        let newer = Verdict::Refused(Refusal::Invalid("a reason of a newer server".to_owned()));
        assert_eq!(read, [Verdict::Ok, Verdict::Merged, Verdict::Refused(Refusal::Scope), newer.clone(), newer]);
        let text = serde_json::to_string(&read[..3]).expect("written");
        assert_eq!(serde_json::from_str::<Vec<Verdict>>(&text).expect("read"), read[..3]);
    }
}
