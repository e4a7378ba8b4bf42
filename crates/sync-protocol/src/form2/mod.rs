//! Form 2 of an exchange: the same words, and nothing said twice.
//!
//! A save names itself, its stamp and its schema once; ids that follow from each other are counted; the names of groups and
//! fields stand once in a message; a scope with nothing new is not mentioned in the answer. What cannot be left out is written
//! as in form 1, so every message has a form 2. `docs/sync-protocol.md` has the places.

mod ids;
mod records;
mod saves;
mod shapes;
mod stored;
mod values;

use domain::place::Scope;
use domain::{AccountId, ChangeId, DeviceNumber, RecordId};
use serde_json::{Value, json};

use self::ids::{from_letters, letters, long, short};
use self::records::Rows;
use self::shapes::Shapes;
use self::values::{Places, text, trimmed};
use crate::PROTOCOL_OWN_MIN;
use crate::exchange::{ExchangeReply, ExchangeRequest, OwnRecord, Position, ScopeReply, ScopeState, Verdict};

/// Times are told from here on, Unix milliseconds, UTC.
const SINCE_UNIX_MS: i64 = 1_700_000_000_000;
/// Digits of a scope's digest that a device says: a difference is in these or nowhere, for all practical purposes.
const DIGEST_DIGITS: usize = 16;

/// Not a message of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of form 2")]
pub struct Bad;

/// A device's secret as it stands in a header: hexadecimal digits in two thirds of the letters.
pub fn short_secret(secret: &str) -> String {
    short(secret)
}

/// The secret behind [`short_secret`], or the text itself as release 0.1 sends it.
pub fn long_secret(text: &str) -> String {
    if text.starts_with('.') { long(text).unwrap_or_default() } else { text.to_owned() }
}

/// What was asked, as far as an answer refers to it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whether it came in form 2.
    pub in_form_2: bool,
    epoch: String,
    scopes: Vec<Scope>,
    pushed: Vec<(u64, RecordId)>,
}

impl Question {
    /// Of a request in the form its protocol speaks.
    pub fn of(request: &ExchangeRequest) -> Question {
        Question {
            in_form_2: request.protocol >= PROTOCOL_OWN_MIN,
            epoch: request.epoch.clone(),
            scopes: request.scopes.iter().map(|state| state.scope.clone()).collect(),
            pushed: request.push.iter().map(|pushed| (pushed.seq, pushed.change.record)).collect(),
        }
    }
}

/// `[protocol, schema, device, epoch, time, acked, newest, scopes, push, records max, install, loading]`; what says nothing at the end is left out.
pub fn write_request(request: &ExchangeRequest) -> Value {
    let same = request.newest.is_some() && request.newest == request.acked;
    trimmed(vec![
        json!(request.protocol),
        json!(request.schema),
        json!(request.device.0),
        json!(short(&request.epoch)),
        json!(request.device_unix_ms.saturating_sub(SINCE_UNIX_MS)),
        write_position(request.acked),
        if same { json!(1) } else { write_position(request.newest) },
        Value::Array(request.scopes.iter().map(write_state).collect()),
        saves::write(request.device, &request.push),
        json!(request.records_max),
        json!(short(&request.install)),
        json!(u8::from(request.loading)),
    ])
}

/// The request behind [`write_request`].
///
/// # Errors
/// [`Bad`].
pub fn read_request(value: Value) -> Result<ExchangeRequest, Bad> {
    let mut places = Places::of(value)?;
    let protocol = small(places.number()?)?;
    let schema = small(places.number()?)?;
    let device = DeviceNumber(small(places.number()?)?);
    let epoch = long(&places.text()?).ok_or(Bad)?;
    let device_unix_ms = places.number()?.checked_add(SINCE_UNIX_MS).ok_or(Bad)?;
    let acked = read_position(places.later())?;
    let newest = match places.later() {
        Value::Number(_) => acked,
        told => read_position(told)?,
    };
    let mut states = Vec::new();
    let mut list = list_or_none(places.later())?;
    while !list.is_empty() {
        states.push(read_state(list.list()?)?);
    }
    let push = saves::read(device, places.later())?;
    let records_max = match places.later() {
        Value::Null => 0,
        told => small(told.as_i64().ok_or(Bad)?)?,
    };
    let install = long(&text_or_none(places.later())?).ok_or(Bad)?;
    let loading = places.later().as_i64() == Some(1);
    Ok(ExchangeRequest {
        protocol,
        schema,
        device,
        epoch,
        acked,
        newest,
        device_unix_ms,
        records_max,
        scopes: states,
        push,
        install,
        loading,
    })
}

fn small(number: i64) -> Result<u32, Bad> {
    u32::try_from(number).map_err(|_| Bad)
}

fn list_or_none(value: Value) -> Result<Places, Bad> {
    Places::of(if value.is_null() { json!([]) } else { value })
}

fn text_or_none(value: Value) -> Result<String, Bad> {
    if value.is_null() { Ok(String::new()) } else { text(value) }
}

fn write_position(position: Option<Position>) -> Value {
    position.map_or(Value::Null, |(seq, id)| json!([seq, letters(id.0)]))
}

fn read_position(value: Value) -> Result<Option<Position>, Bad> {
    if value.is_null() || value.as_i64() == Some(0) {
        return Ok(None);
    }
    let mut places = Places::of(value)?;
    let seq = places.next()?.as_u64().ok_or(Bad)?;
    Ok(Some((seq, ChangeId(from_letters(&places.text()?).ok_or(Bad)?))))
}

fn write_scope(scope: &Scope) -> String {
    match scope {
        Scope::Account(account) => format!("u{}", letters(account.0)),
        Scope::Owner(account) => format!("o{}", letters(account.0)),
        Scope::Area(_) | Scope::County => scope.to_string(),
    }
}

fn read_scope(text: &str) -> Result<Scope, Bad> {
    if text.len() == 23 {
        let account = from_letters(text.get(1..).ok_or(Bad)?).map(AccountId).ok_or(Bad)?;
        match text.as_bytes()[0] {
            b'u' => return Ok(Scope::Account(account)),
            b'o' => return Ok(Scope::Owner(account)),
            _ => {}
        }
    }
    text.parse().map_err(|_| Bad)
}

/// `version.tag`, with a short tag.
fn write_cursor(cursor: &str) -> String {
    cursor.split_once('.').map_or_else(|| format!("?{cursor}"), |(version, tag)| format!("{version}{}{}", CURSOR, short(tag)))
}

const CURSOR: char = '/';

fn read_cursor(text: &str) -> Result<String, Bad> {
    if let Some(other) = text.strip_prefix('?') {
        return Ok(other.to_owned());
    }
    let (version, tag) = text.split_once(CURSOR).ok_or(Bad)?;
    Ok(format!("{version}.{}", long(tag).ok_or(Bad)?))
}

/// `[scope, cursor, digest, count]`
fn write_state(state: &ScopeState) -> Value {
    let digest = state.digest.get(..DIGEST_DIGITS).unwrap_or(&state.digest);
    let cursor = state.cursor.as_deref().map_or(Value::Null, |cursor| json!(write_cursor(cursor)));
    trimmed(vec![json!(write_scope(&state.scope)), cursor, json!(short(digest)), json!(state.count)])
}

fn read_state(mut places: Places) -> Result<ScopeState, Bad> {
    let scope = read_scope(&places.text()?)?;
    let cursor = match places.later() {
        Value::Null => None,
        told => Some(read_cursor(&text(told)?)?),
    };
    let digest = long(&text_or_none(places.later())?).ok_or(Bad)?;
    let count = places.later().as_u64().unwrap_or(0);
    Ok(ScopeState { scope, cursor, digest, count })
}

/// `[server time, next, batch, verdicts, shapes, scopes, epoch, grants added, grants dropped, upload token, partial]`; what says nothing at the
/// end is left out. An epoch that is the one named in the question is not said again.
pub fn write_reply(reply: &ExchangeReply, question: &Question) -> Value {
    let mut shapes = Shapes::default();
    let mut rows = Rows::default();
    let scopes: Vec<Value> = reply.scopes.iter().map(|scope| write_news(scope, question, &mut rows, &mut shapes)).collect();
    let list = |scopes: &[Scope]| Value::Array(scopes.iter().map(|scope| json!(write_scope(scope))).collect());
    trimmed(vec![
        json!(reply.server_unix_ms.saturating_sub(SINCE_UNIX_MS)),
        json!(reply.next_ms),
        json!(reply.batch_max),
        write_verdicts(&reply.verdicts, question),
        shapes.write(),
        Value::Array(scopes),
        if reply.epoch == question.epoch { json!("") } else { json!(format!("={}", reply.epoch)) },
        list(&reply.grants_added),
        list(&reply.grants_dropped),
        json!(reply.upload_token),
        json!(u8::from(reply.partial)),
    ])
}

/// What follows the line of [`write_reply`]: records as they are kept.
///
/// # Errors
/// None that can happen: it is JSON in memory.
pub fn write_behind(reply: &ExchangeReply, into: &mut Vec<u8>) -> serde_json::Result<()> {
    stored::write(reply, into)
}

/// The answer behind [`write_reply`] and [`write_behind`].
///
/// # Errors
/// [`Bad`].
pub fn read_reply(value: Value, behind: &[u8], question: &Question) -> Result<ExchangeReply, Bad> {
    let mut places = Places::of(value)?;
    // An answer of the very moment times are counted from, with nothing in it, is written as an empty list.
    let since_ms = match places.later() {
        Value::Null => 0,
        told => told.as_i64().ok_or(Bad)?,
    };
    let server_unix_ms = since_ms.checked_add(SINCE_UNIX_MS).ok_or(Bad)?;
    let next_ms = places.later().as_u64().unwrap_or(0);
    let batch_max = places.later().as_u64().and_then(|batch| u32::try_from(batch).ok()).unwrap_or(0);
    let verdicts = read_verdicts(places.later(), question)?;
    let shapes = match places.later() {
        Value::Null => Shapes::default(),
        told => Shapes::read(told)?,
    };
    let mut rows = Rows::default();
    let mut scopes = Vec::new();
    let mut counts = Vec::new();
    let mut news = list_or_none(places.later())?;
    while !news.is_empty() {
        let (scope, count) = read_news(news.list()?, question, &mut rows, &shapes)?;
        scopes.push(scope);
        counts.push(count);
    }
    let epoch = text_or_none(places.later())?.strip_prefix('=').map_or_else(|| question.epoch.clone(), str::to_owned);
    let list = |value: Value| -> Result<Vec<Scope>, Bad> {
        let mut list = list_or_none(value)?;
        let mut scopes = Vec::new();
        while !list.is_empty() {
            scopes.push(read_scope(&list.text()?)?);
        }
        Ok(scopes)
    };
    let grants_added = list(places.later())?;
    let grants_dropped = list(places.later())?;
    let upload_token = match places.later() {
        Value::Null => None,
        told => Some(text(told)?),
    };
    let partial = places.later().as_i64() == Some(1);
    let mut reply = ExchangeReply {
        server_unix_ms,
        epoch,
        verdicts,
        scopes,
        grants_added,
        grants_dropped,
        upload_token,
        next_ms,
        batch_max,
        partial,
    };
    stored::read(behind, &counts, &mut reply)?;
    Ok(reply)
}

/// A number is a run of `ok`; anything else is one verdict. Those that do not answer the pushed changes in their order carry their
/// own numbers.
fn write_verdicts(verdicts: &[(u64, Verdict)], question: &Question) -> Value {
    let in_order = verdicts.len() <= question.pushed.len()
        && verdicts.iter().zip(&question.pushed).all(|((answered, _), (pushed, _))| answered == pushed);
    if !in_order {
        return json!({ "all": verdicts });
    }
    let runs = verdicts.chunk_by(|(_, one), (_, next)| *one == Verdict::Ok && *next == Verdict::Ok);
    Value::Array(runs.map(|run| if run[0].1 == Verdict::Ok { json!(run.len()) } else { json!(run[0].1) }).collect())
}

fn read_verdicts(value: Value, question: &Question) -> Result<Vec<(u64, Verdict)>, Bad> {
    if let Value::Object(mut fields) = value {
        return serde_json::from_value(fields.remove("all").ok_or(Bad)?).map_err(|_| Bad);
    }
    let mut list = list_or_none(value)?;
    let mut pushed = question.pushed.iter();
    let mut verdicts = Vec::new();
    while !list.is_empty() {
        match list.next()? {
            Value::Number(run) => {
                for _ in 0..run.as_u64().ok_or(Bad)? {
                    verdicts.push((pushed.next().ok_or(Bad)?.0, Verdict::Ok));
                }
            }
            one => verdicts.push((pushed.next().ok_or(Bad)?.0, serde_json::from_value(one).map_err(|_| Bad)?)),
        }
    }
    Ok(verdicts)
}

/// `[scope, cursor, digest, count, more, exits, records, own, stored]`; the scope by its place in the question. Of what is stored only how
/// much there is: it follows the message ([`stored`]).
fn write_news(news: &ScopeReply, question: &Question, rows: &mut Rows, shapes: &mut Shapes) -> Value {
    let scope = match question.scopes.iter().position(|scope| *scope == news.scope) {
        Some(place) => json!(place),
        None => json!(write_scope(&news.scope)),
    };
    let exits: Vec<Value> = news.exits.iter().map(|id| rows.write_id(*id)).collect();
    let mut records = Vec::new();
    for record in &news.records {
        rows.write_record(record, shapes, &mut records);
    }
    let mut own = Vec::new();
    let mut next = 0;
    for record in &news.own {
        let Some(place) = question.pushed.binary_search_by_key(&record.seq, |(seq, _)| *seq).ok() else { continue };
        own.push(json!(i64::try_from(place).unwrap_or(0) - next));
        next = i64::try_from(place + 1).unwrap_or(0);
        if record.groups.is_empty() && record.gone.is_empty() {
            own.push(json!(-1));
        } else {
            rows.write_groups(record.record, record.gone.clone(), record.groups.iter(), shapes, &mut own);
        }
    }
    trimmed(vec![
        scope,
        json!(write_cursor(&news.cursor)),
        json!(short(&news.digest)),
        json!(news.count),
        json!(i32::from(news.more)),
        Value::Array(exits),
        Value::Array(records),
        Value::Array(own),
        json!(news.stored.len()),
    ])
}

fn read_news(mut places: Places, question: &Question, rows: &mut Rows, shapes: &Shapes) -> Result<(ScopeReply, usize), Bad> {
    let scope = match places.next()? {
        Value::String(text) => read_scope(&text)?,
        place => {
            let place = place.as_u64().and_then(|place| usize::try_from(place).ok()).ok_or(Bad)?;
            question.scopes.get(place).cloned().ok_or(Bad)?
        }
    };
    let cursor = read_cursor(&places.text()?)?;
    let digest = long(&text_or_none(places.later())?).ok_or(Bad)?;
    let count = places.later().as_u64().unwrap_or(0);
    let more = places.later().as_i64() == Some(1);
    let (exits, records, own, stored) = Default::default();
    let mut news = ScopeReply { scope, exits, records, cursor, digest, count, more, own, stored };
    let mut exits = list_or_none(places.later())?;
    while !exits.is_empty() {
        news.exits.push(rows.read_id(exits.next()?)?);
    }
    let mut records = list_or_none(places.later())?;
    while !records.is_empty() {
        news.records.push(rows.read_record(shapes, &mut records)?);
    }
    let mut own = list_or_none(places.later())?;
    let mut next: i64 = 0;
    while !own.is_empty() {
        let place = next.checked_add(own.number()?).ok_or(Bad)?;
        next = place.checked_add(1).ok_or(Bad)?;
        let (seq, record) = usize::try_from(place).ok().and_then(|place| question.pushed.get(place)).copied().ok_or(Bad)?;
        let number = own.number()?;
        if number < 0 {
            news.own.push(OwnRecord { seq, record, groups: Default::default(), gone: Vec::new() });
            continue;
        }
        let shape = shapes.at(usize::try_from(number).map_err(|_| Bad)?)?;
        let groups = rows.read_groups(record, &shape, &mut own)?;
        news.own.push(OwnRecord { seq, record, groups, gone: shape.head });
    }
    let stored = match places.later() {
        Value::Null => 0,
        told => told.as_u64().and_then(|count| usize::try_from(count).ok()).ok_or(Bad)?,
    };
    Ok((news, stored))
}
