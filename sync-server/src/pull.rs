//! A pull: what changed in the granted scopes since the device's cursors, whole versions, whole records.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::Digest;
use domain::place::Scope;
use domain::{GroupValue, Record, kind};
use store::server::{PageRow, View};
use sync_protocol::{ExchangeRequest, PROTOCOL_OWN_MIN, RECORDS_MAX, ScopeReply, ScopeState};

use crate::failure::Failure;
use crate::own::Own;

/// One answer's worth of news.
#[derive(Clone, Debug)]
pub struct Page {
    /// By scope, in the order the device named them.
    pub scopes: Vec<ScopeReply>,
    /// Scopes in which the device stands at the head and holds something else.
    pub mismatched: usize,
}

/// The version a cursor names; 0 from the beginning.
fn cursor_version(cursor: Option<&str>) -> u64 {
    cursor.and_then(|cursor| cursor.split_once('.')).and_then(|(version, _)| version.parse().ok()).unwrap_or(0)
}

/// What is new for this device.
///
/// # Errors
/// As the store says.
pub fn page(
    view: &View<'_>,
    grants: &BTreeSet<Scope>,
    request: &ExchangeRequest,
    records_max: usize,
    own: &Own,
) -> Result<Page, Failure> {
    let nothing = Own::default();
    // Release 0.1 replaces what it holds by what it is told: everything whole, and every scope.
    let short = request.protocol >= PROTOCOL_OWN_MIN;
    let stored = short && request.loading;
    // Who loads works nothing out: what it pushed comes with the rest.
    let telling = Telling { own: if short && !stored { own } else { &nothing }, stored };
    let mut room = records_max.clamp(1, RECORDS_MAX);
    let mut page = Page { scopes: Vec::new(), mismatched: 0 };
    let mut seen = BTreeSet::new();
    for state in &request.scopes {
        if !grants.contains(&state.scope) || !seen.insert(&state.scope) {
            continue;
        }
        let nothing_yet = page.scopes.iter().all(|scope| scope.whole() == 0 && scope.exits.is_empty());
        let (reply, matched) = scope(view, state, room, nothing_yet, telling)?;
        room = room.saturating_sub(reply.whole() + reply.exits.len());
        page.mismatched += usize::from(!matched);
        // A scope that stands where the device stands, with the same in it, is not mentioned.
        let says_nothing = reply.told() == 0 && reply.exits.is_empty() && !reply.more;
        if !(short && says_nothing && matched && state.cursor.as_ref() == Some(&reply.cursor)) {
            page.scopes.push(reply);
        }
    }
    Ok(page)
}

/// How an answer is told.
#[derive(Clone, Copy)]
struct Telling<'o> {
    /// Of this push itself.
    own: &'o Own,
    /// The living as they are kept.
    stored: bool,
}

fn scope(
    view: &View<'_>,
    state: &ScopeState,
    room: usize,
    nothing_yet: bool,
    telling: Telling<'_>,
) -> Result<(ScopeReply, bool), Failure> {
    let scope = &state.scope;
    let row = view.scope(scope)?;
    let (start, fresh) = start(view, state, row.head)?;
    let matched =
        start != row.head || fresh || says_no_sum(state) || (holds(state, &row.digest) && state.count == row.digest.count);
    let (rows, more) = whole_versions(view, scope, start, fresh, room, nothing_yet, telling.own)?;
    let reached = match rows.last() {
        Some(last) if more => last.version,
        None if more => start,
        _ => row.head,
    };
    let mut reply = ScopeReply {
        scope: scope.clone(),
        exits: Vec::new(),
        records: Vec::new(),
        cursor: cursor_at(view, scope, reached)?,
        digest: row.digest.hex(),
        count: row.digest.count,
        more,
        own: Vec::new(),
        stored: Vec::new(),
    };
    for row in rows {
        if telling.stored
            && let Some(stored) = row.stored(scope.kind())?
        {
            reply.stored.push(stored);
            continue;
        }
        let (id, version) = (row.id, row.version);
        let Some(record) = row.record()? else {
            reply.exits.push(id);
            continue;
        };
        let record = as_received(record, scope);
        match telling.own.about(scope, &record, version) {
            Some(own) => reply.own.push(own),
            None => reply.records.push(record),
        }
    }
    reply.own.sort_by_key(|own| own.seq);
    Ok((reply, matched))
}

/// Whether a device says no sum this time: the answer that gave it this cursor is still being stored.
pub(crate) fn says_no_sum(state: &ScopeState) -> bool {
    state.digest.is_empty()
}

/// Whether a device says the same sum; form 2 says only the first half of its digits.
pub(crate) fn holds(state: &ScopeState, digest: &Digest) -> bool {
    let hex = digest.hex();
    state.digest.len() >= hex.len() / 2 && hex.starts_with(&state.digest)
}

/// The cursor of a scope's head.
///
/// # Errors
/// As the store says.
pub(crate) fn head_cursor(view: &View<'_>, scope: &Scope) -> Result<String, Failure> {
    cursor_at(view, scope, view.scope(scope)?.head)
}

fn cursor_at(view: &View<'_>, scope: &Scope, version: u64) -> Result<String, Failure> {
    Ok(format!("{version}.{}", view.version_tag(scope, version)?.unwrap_or_default()))
}

/// Where to go on from, and whether the device begins: then exits and the dead are left out. A cursor of a history this is
/// not (its tag is unknown, or it lies ahead) begins anew. One that saw the scope while it was still empty does not begin:
/// what its own push brought in and out again has to leave it.
fn start(view: &View<'_>, state: &ScopeState, head: u64) -> Result<(u64, bool), Failure> {
    Ok(believed(view, state, head)?.map_or((0, true), |version| (version, false)))
}

/// The version a cursor names, when this server gave it out.
fn believed(view: &View<'_>, state: &ScopeState, head: u64) -> Result<Option<u64>, Failure> {
    let Some((_, tag)) = state.cursor.as_deref().and_then(|cursor| cursor.split_once('.')) else { return Ok(None) };
    let version = cursor_version(state.cursor.as_deref());
    if version == 0 && tag.is_empty() {
        return Ok(Some(0));
    }
    let given = version <= head && view.version_tag(&state.scope, version)?.as_deref() == Some(tag);
    Ok(given.then_some(version))
}

/// What a device has seen of the scopes it was granted. What it says of other scopes, or under another tag, is not believed.
///
/// # Errors
/// As the store says.
pub fn seen(view: &View<'_>, grants: &BTreeSet<Scope>, states: &[ScopeState]) -> Result<BTreeMap<Scope, u64>, Failure> {
    let mut seen = BTreeMap::new();
    for state in states.iter().filter(|state| grants.contains(&state.scope)) {
        if let Some(version) = believed(view, state, view.scope(&state.scope)?.head)? {
            seen.insert(state.scope.clone(), version);
        }
    }
    Ok(seen)
}

/// As many whole versions as there is room for, and whether there are more. A version that is larger than all the room goes
/// alone: otherwise nobody who asks for little would ever get past it.
fn whole_versions(
    view: &View<'_>,
    scope: &Scope,
    start: u64,
    fresh: bool,
    room: usize,
    nothing_yet: bool,
    own: &Own,
) -> Result<(Vec<PageRow>, bool), Failure> {
    // What the device pushed itself costs it next to nothing, and has to come with this answer or whole with the next.
    let limit = room + own.len() + 1;
    let mut rows = view.changed_after(scope, start, fresh, limit)?;
    let heavy = |row: &&PageRow| row.is_gone() || !own.may_tell(scope, row.id, row.version);
    let cut = match rows.iter().filter(heavy).nth(room) {
        Some(over) => over.version,
        None if rows.len() < limit => return Ok((rows, false)),
        None => rows[limit - 1].version,
    };
    rows.retain(|row| row.version < cut);
    if rows.is_empty() && nothing_yet {
        rows = view.next_version(scope, start, fresh)?;
        let more = match rows.last() {
            Some(last) => !view.changed_after(scope, last.version, fresh, 1)?.is_empty(),
            None => false,
        };
        return Ok((rows, more));
    }
    Ok((rows, true))
}

/// A record with the groups this scope receives, whole or not at all. Other names of a value and its rank are the server's.
pub(crate) fn as_received(record: Record, scope: &Scope) -> Record {
    let Record { kind, id, groups, dead } = record;
    let travelling = groups.into_iter().filter(|(group, _)| kind::travels(&kind, group, scope.kind()));
    let groups = travelling.map(|(group, value)| (group, GroupValue::new(value.fields, value.origin))).collect();
    Record { kind, id, groups, dead }
}
