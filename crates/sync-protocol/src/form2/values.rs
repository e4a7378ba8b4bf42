//! Values of fields: ids and times inside them are told by what the message has said already.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Bad;
use super::ids::{Counted, canonical, from_letters, letters};

/// Times this far from the save are told by their distance.
const NEAR_MS: i64 = 100_000_000;

/// What a message has said so far. Both sides keep it in the same way.
#[derive(Debug, Default)]
pub struct Said {
    /// The name of the save, or of the record, that is being told.
    pub here: Option<Counted>,
    others: Vec<Uuid>,
    places: HashMap<Uuid, usize>,
    last: Option<Counted>,
}

impl Said {
    fn note(&mut self, id: Uuid) {
        self.places.insert(id, self.others.len());
        self.others.push(id);
        self.last = Counted::of(id).or(self.last);
    }

    /// An id that is not new here: `3` steps from here, or back, `@2` the second of the others, `^40.6` that much after the one before,
    /// or its 22 letters.
    pub fn write_id(&mut self, id: Uuid) -> String {
        let counted = Counted::of(id);
        if let (Some(here), Some(there)) = (self.here, counted)
            && let Some(steps) = here.steps_to(there)
        {
            return steps.to_string();
        }
        if let Some(place) = self.places.get(&id) {
            return format!("@{place}");
        }
        let near = self.last.zip(counted).and_then(|(last, now)| {
            let count = i128::try_from(now.count).ok()? - i128::try_from(last.count).ok()?;
            (count.abs() < 1_000_000_000).then(|| format!("^{}.{count}", now.ms - last.ms))
        });
        self.note(id);
        near.unwrap_or_else(|| letters(id))
    }

    /// The id behind [`Said::write_id`].
    pub fn read_id(&mut self, text: &str) -> Result<Uuid, Bad> {
        let id = match text.as_bytes().first() {
            Some(b'@') => {
                let place: usize = text[1..].parse().map_err(|_| Bad)?;
                return self.others.get(place).copied().ok_or(Bad);
            }
            Some(b'^') => {
                let (ms, count) = text[1..].split_once('.').ok_or(Bad)?;
                let last = self.last.ok_or(Bad)?;
                let ms = last.ms.checked_add(ms.parse().map_err(|_| Bad)?).ok_or(Bad)?;
                let steps: i128 = count.parse().map_err(|_| Bad)?;
                let count = i128::try_from(last.count).ok().and_then(|last| last.checked_add(steps)).ok_or(Bad)?;
                Counted { ms, count: u128::try_from(count).map_err(|_| Bad)? }.id().ok_or(Bad)?
            }
            _ if text.len() <= 5 => {
                let steps: i64 = text.parse().map_err(|_| Bad)?;
                return self.here.and_then(|here| here.moved(steps)).and_then(Counted::id).ok_or(Bad);
            }
            _ => from_letters(text).ok_or(Bad)?,
        };
        self.note(id);
        Ok(id)
    }

    /// A value of a field.
    pub fn write_value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => match canonical(text) {
                Some(id) => Value::String(format!("~{}", self.write_id(id))),
                None if text.starts_with('~') => Value::String(format!("~~{text}")),
                None => value.clone(),
            },
            Value::Number(number) => {
                let near = number.as_i64().zip(self.here).map(|(number, here)| number.saturating_sub(here.ms));
                match near.filter(|near| near.saturating_abs() < NEAR_MS) {
                    Some(near) => Value::String(format!("~t{near}")),
                    None => value.clone(),
                }
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.write_value(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.write_value(value))).collect())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// The value behind [`Said::write_value`].
    pub fn read_value(&mut self, value: Value) -> Result<Value, Bad> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('~') {
                None => Value::String(text),
                Some(rest) => match rest.as_bytes().first() {
                    Some(b'~') => Value::String(rest[1..].to_owned()),
                    Some(b't') => {
                        let near: i64 = rest[1..].parse().map_err(|_| Bad)?;
                        self.here.and_then(|here| here.ms.checked_add(near)).ok_or(Bad)?.into()
                    }
                    _ => Value::String(self.read_id(rest)?.to_string()),
                },
            },
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.read_value(item)).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let read = |(name, value)| Ok((name, self.read_value(value)?));
                Value::Object(fields.into_iter().map(read).collect::<Result<Map<_, _>, Bad>>()?)
            }
            plain => plain,
        })
    }
}

/// The places of a list, read from its front.
pub struct Places(std::vec::IntoIter<Value>);

impl Places {
    /// Of a list, and of nothing else.
    pub fn of(value: Value) -> Result<Places, Bad> {
        match value {
            Value::Array(places) => Ok(Places(places.into_iter())),
            _ => Err(Bad),
        }
    }

    /// The next place.
    pub fn next(&mut self) -> Result<Value, Bad> {
        self.0.next().ok_or(Bad)
    }

    /// The next place; `null` behind the last one.
    pub fn later(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<i64, Bad> {
        self.next()?.as_i64().ok_or(Bad)
    }

    /// A whole number that is not negative.
    pub fn count(&mut self) -> Result<usize, Bad> {
        usize::try_from(self.number()?).map_err(|_| Bad)
    }

    /// A text.
    pub fn text(&mut self) -> Result<String, Bad> {
        text(self.next()?)
    }

    /// A list.
    pub fn list(&mut self) -> Result<Places, Bad> {
        Places::of(self.next()?)
    }
}

/// A text, and nothing else.
pub fn text(value: Value) -> Result<String, Bad> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Bad),
    }
}

/// Takes what says nothing off the end of a list.
pub fn trimmed(mut places: Vec<Value>) -> Value {
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    while places.last().is_some_and(nothing) {
        places.pop();
    }
    Value::Array(places)
}
