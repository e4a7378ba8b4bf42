//! A push: what a save says of itself once, and what follows from it left out.
//!
//! ```text
//!   [first seq, shapes, [ txn, stamp, shape, record, …values…, shape, record, …values…, … ], …]
//! ```
//! `txn` is how many milliseconds after the last save, when its count follows from the last id of that one; otherwise 22 letters.
//! `stamp` is how far the first stamp lies from the first of that millisecond. A record that was made in the save is `0`; ids of
//! changes follow each other. What does not follow is said: then the shape's number is negative, and id and origin come first.

use std::collections::HashMap;

use domain::{Change, ChangeId, DeviceNumber, GroupChange, Origin, RecordId, Stamp, TxnId, Verb};
use serde_json::{Value, json};

use super::Bad;
use super::ids::{Counted, from_letters, letters};
use super::shapes::{GroupShape, Shape, Shapes, read_fields, write_fields};
use super::values::{Places, Said, text};
use crate::exchange::PushedChange;

/// What follows from what, while a push is written or read.
struct Run {
    device: DeviceNumber,
    said: Said,
    /// The last id of the save before.
    last: Option<Counted>,
    /// The last id of this save.
    at: Option<Counted>,
    /// The last stamp of this save, or the one before its first.
    stamp: i64,
    /// The newest value this push gave a group.
    newest: HashMap<(RecordId, String), Origin>,
}

impl Run {
    fn new(device: DeviceNumber) -> Run {
        Run { device, said: Said::default(), last: None, at: None, stamp: 0, newest: HashMap::new() }
    }

    /// The next id of the save, when it has a count.
    fn next_id(&mut self) -> Option<uuid::Uuid> {
        self.at = self.at.map(|at| at.step(1));
        self.at.and_then(Counted::id)
    }

    fn begin(&mut self, txn: TxnId) {
        self.at = Counted::of(txn.0);
        self.said.here = self.at;
    }

    fn end(&mut self) {
        self.last = self.at;
    }

    fn next_origin(&mut self) -> Origin {
        self.stamp = self.stamp.saturating_add(1);
        Origin { stamp: Stamp::from_i64(self.stamp), device: self.device }
    }

    fn note(&mut self, change: &Change) {
        if matches!(change.verb, Verb::Create | Verb::Set) {
            for group in change.groups.keys() {
                self.newest.insert((change.record, group.clone()), change.origin);
            }
        }
    }
}

/// The first stamp of the millisecond an id was made in.
fn first_stamp(id: Option<Counted>) -> i64 {
    id.map_or(0, |id| Stamp::at(id.ms).as_i64())
}

/// A push as it stands in a message.
pub fn write(device: DeviceNumber, push: &[PushedChange]) -> Value {
    let Some(first) = push.first() else { return Value::Null };
    let mut run = Run::new(device);
    let mut shapes = Shapes::default();
    let mut saves = Vec::new();
    for save in push.chunk_by(|one, next| one.change.txn == next.change.txn && one.seq + 1 == next.seq) {
        let txn = save[0].change.txn;
        let follows = run.last.zip(Counted::of(txn.0)).filter(|(last, now)| last.count + 1 == now.count);
        let mut places = vec![match follows {
            Some((last, now)) => json!(now.ms - last.ms),
            None => json!(letters(txn.0)),
        }];
        run.begin(txn);
        let stamp = save[0].change.origin.stamp.as_i64();
        run.stamp = stamp - 1;
        places.push(json!(stamp - first_stamp(run.at)));
        for pushed in save {
            write_change(&mut run, &mut shapes, &pushed.change, &mut places);
        }
        run.end();
        saves.push(Value::Array(places));
    }
    let mut whole = vec![json!(first.seq), shapes.write(), Value::Array(saves)];
    let gaps = gaps(push);
    if !gaps.is_empty() {
        whole.push(json!(gaps));
    }
    Value::Array(whole)
}

/// Where numbers are missing: before which change, by its place, and how many.
fn gaps(push: &[PushedChange]) -> Vec<(usize, u64)> {
    let missing = |(place, pair): (usize, &[PushedChange])| {
        let missing = pair[1].seq.saturating_sub(pair[0].seq).saturating_sub(1);
        (missing > 0).then_some((place + 1, missing))
    };
    push.windows(2).enumerate().filter_map(missing).collect()
}

fn write_change(run: &mut Run, shapes: &mut Shapes, change: &Change, places: &mut Vec<Value>) {
    let shape = Shape {
        head: vec![change.kind.clone(), verb_text(change.verb).to_owned()],
        schema: change.schema,
        groups: change.groups.iter().map(|(name, group)| GroupShape::of(name, group.base.is_some(), &group.fields)).collect(),
    };
    let number = i64::try_from(shapes.number(shape)).unwrap_or(i64::MAX);
    let before = run.at;
    let made = change.verb == Verb::Create && run.next_id() == Some(change.record.0);
    if !made {
        run.at = before;
    }
    let (made_at, stamp) = (run.at, run.stamp);
    let (id, origin) = (run.next_id(), run.next_origin());
    if id == Some(change.id.0) && origin == change.origin {
        places.push(json!(number));
    } else {
        (run.at, run.stamp) = (made_at, stamp);
        places.extend([json!(-1 - number), json!(letters(change.id.0)), json!(change.origin.to_string())]);
        run.at = Counted::of(change.id.0).or(run.at);
        run.stamp = change.origin.stamp.as_i64();
    }
    places.push(if made { json!(0) } else { json!(run.said.write_id(change.record.0)) });
    let born = first_stamp(Counted::of(change.record.0));
    for (name, group) in &change.groups {
        if let Some(base) = group.base {
            places.push(match run.newest.get(&(change.record, name.clone())) {
                Some(newest) if *newest == base => json!("="),
                _ if base.device == run.device => json!(base.stamp.as_i64() - born),
                _ => json!(format!("{}-{}", base.stamp.as_i64() - born, base.device)),
            });
        }
        write_fields(&mut run.said, &group.fields, places);
    }
    run.note(change);
}

/// A push from a message.
pub fn read(device: DeviceNumber, value: Value) -> Result<Vec<PushedChange>, Bad> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let mut whole = Places::of(value)?;
    let first = u64::try_from(whole.number()?).map_err(|_| Bad)?;
    let shapes = Shapes::read(whole.next()?)?;
    let mut saves = whole.list()?;
    let gaps: Vec<(usize, u64)> = match whole.later() {
        Value::Null => Vec::new(),
        gaps => serde_json::from_value(gaps).map_err(|_| Bad)?,
    };
    let mut run = Run::new(device);
    let mut push: Vec<PushedChange> = Vec::new();
    while !saves.is_empty() {
        let mut places = saves.list()?;
        let txn = match places.next()? {
            Value::String(text) => from_letters(&text).ok_or(Bad)?,
            later => {
                let last = run.last.ok_or(Bad)?.step(1);
                let ms = last.ms.checked_add(later.as_i64().ok_or(Bad)?).ok_or(Bad)?;
                Counted { ms, ..last }.id().ok_or(Bad)?
            }
        };
        run.begin(TxnId(txn));
        run.stamp = first_stamp(run.at).checked_add(places.number()?).and_then(|stamp| stamp.checked_sub(1)).ok_or(Bad)?;
        while !places.is_empty() {
            let change = read_change(&mut run, &shapes, TxnId(txn), &mut places)?;
            let missing = gaps.iter().find(|(place, _)| *place == push.len()).map_or(0, |(_, missing)| *missing);
            let seq = match push.last() {
                Some(last) => last.seq.checked_add(1).and_then(|seq| seq.checked_add(missing)).ok_or(Bad)?,
                None => first,
            };
            push.push(PushedChange { seq, change });
        }
        run.end();
    }
    Ok(push)
}

fn read_change(run: &mut Run, shapes: &Shapes, txn: TxnId, places: &mut Places) -> Result<Change, Bad> {
    let number = places.number()?;
    let told = if number < 0 {
        let id = from_letters(&places.text()?).ok_or(Bad)?;
        let origin: Origin = places.text()?.parse().map_err(|_| Bad)?;
        Some((id, origin))
    } else {
        None
    };
    let number = if number < 0 { -1 - number } else { number };
    let shape = shapes.at(usize::try_from(number).map_err(|_| Bad)?)?;
    let [kind, verb] = &shape.head[..] else { return Err(Bad) };
    let verb = verb_of(verb)?;
    let record = match places.next()? {
        Value::Number(_) => run.next_id().ok_or(Bad)?,
        told => run.said.read_id(&text(told)?)?,
    };
    let (id, origin) = match told {
        Some((id, origin)) => {
            run.at = Counted::of(id).or(run.at);
            run.stamp = origin.stamp.as_i64();
            (id, origin)
        }
        None => (run.next_id().ok_or(Bad)?, run.next_origin()),
    };
    let record = RecordId(record);
    let born = first_stamp(Counted::of(record.0));
    let mut change = Change {
        id: ChangeId(id),
        txn,
        record,
        kind: kind.clone(),
        verb,
        schema: shape.schema,
        origin,
        groups: Default::default(),
    };
    for group in &shape.groups {
        let base = if group.based { Some(read_base(run, record, born, &group.name, places.next()?)?) } else { None };
        let fields = read_fields(&mut run.said, group, places)?;
        change.groups.insert(group.name.clone(), GroupChange { fields, base });
    }
    run.note(&change);
    Ok(change)
}

fn read_base(run: &Run, record: RecordId, born: i64, group: &str, value: Value) -> Result<Origin, Bad> {
    let at = |steps: i64| born.checked_add(steps).map(Stamp::from_i64).ok_or(Bad);
    match value {
        Value::String(text) if text == "=" => run.newest.get(&(record, group.to_owned())).copied().ok_or(Bad),
        Value::String(text) => {
            let (steps, device) = text.rsplit_once('-').ok_or(Bad)?;
            let device = DeviceNumber(device.parse().map_err(|_| Bad)?);
            Ok(Origin { stamp: at(steps.parse().map_err(|_| Bad)?)?, device })
        }
        steps => Ok(Origin { stamp: at(steps.as_i64().ok_or(Bad)?)?, device: run.device }),
    }
}

fn verb_text(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Set => "set",
        Verb::Delete => "delete",
        Verb::Restore => "restore",
    }
}

fn verb_of(text: &str) -> Result<Verb, Bad> {
    [Verb::Create, Verb::Set, Verb::Delete, Verb::Restore].into_iter().find(|verb| verb_text(*verb) == text).ok_or(Bad)
}
