//! A record as it is kept on a device and sent by the thousand: its groups as one short text, and the origins of its values as a
//! few bytes beside it.
//!
//! ```text
//!   text     {"contact":{"phone":"139…"},"identity":{…},"place":{…}}
//!   origins  the one most groups have, then the exceptions: 02 01 03 │ 02 (the third group) 9a05 00 00
//! ```
//! Most values of a record were written in one save, moments after the record got its id; so an origin is told by its distance:
//! the first from the id's time, the exceptions from the first. A whole origin in each group's JSON took twice the text.
//!
//! The text is what the digest is taken of, so a first sync passes it on from the server's file to the device's without taking
//! it apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::digest::{groups_hash, record_hash};
use crate::place::ScopeKind;
use crate::scan::Scan;
use crate::{DeviceNumber, Fields, GroupValue, Origin, Record, RecordId, Stamp, kind};

/// Bits of a stamp's counter, below its milliseconds.
const COUNTER_BITS: u32 = 16;

/// A living record, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The noun.
    pub kind: String,
    /// Its permanent name.
    pub id: RecordId,
    /// The origins of its groups, in the order of their names.
    pub origins: Vec<u8>,
    /// `{group: fields}` as canonical JSON.
    pub text: String,
}

/// What a look at the text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many groups.
    pub groups: usize,
    /// One of them has no fields: the digest leaves it out.
    pub has_empty: bool,
    /// The records this one names.
    pub references: Vec<RecordId>,
}

impl Stored {
    /// Packs a record. That it is dead is not part of it.
    ///
    /// # Errors
    /// None that can happen: fields are JSON.
    pub fn of(record: &Record) -> serde_json::Result<Stored> {
        let mut text = Vec::with_capacity(512);
        text.push(b'{');
        for (index, (name, value)) in record.groups.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, name)?;
            text.push(b':');
            serde_json::to_writer(&mut text, &value.fields)?;
        }
        text.push(b'}');
        let text = String::from_utf8(text).map_err(serde_json::Error::custom)?;
        let origins: Vec<Origin> = record.groups.values().map(|value| value.origin).collect();
        Ok(Stored { kind: record.kind.clone(), id: record.id, origins: pack_origins(record.id, &origins), text })
    }

    /// From the groups as the server keeps them, `{group: {"f": fields, "o": origin, …}}`: those that travel to a scope. Fields are passed
    /// on as they stand there.
    ///
    /// # Errors
    /// When they are not that.
    pub fn of_groups(kind: String, id: RecordId, groups: &str, scope: ScopeKind) -> serde_json::Result<Stored> {
        match travelling(&kind, groups, scope) {
            Some((text, origins)) => Ok(Stored { origins: pack_origins(id, &origins), kind, id, text }),
            None => Stored::of_groups_the_long_way(kind, id, groups, scope),
        }
    }

    /// Whatever is not as we write it.
    fn of_groups_the_long_way(kind: String, id: RecordId, groups: &str, scope: ScopeKind) -> serde_json::Result<Stored> {
        let mut groups: BTreeMap<String, GroupValue> = serde_json::from_str(groups)?;
        groups.retain(|name, _| kind::travels(&kind, name, scope));
        Stored::of(&Record { kind, id, groups, dead: None })
    }

    /// The record.
    ///
    /// # Errors
    /// When it is not what [`Stored::of`] packs.
    pub fn read(&self) -> serde_json::Result<Record> {
        let groups = unpack(self.id, &self.text, &self.origins)?;
        Ok(Record { kind: self.kind.clone(), id: self.id, groups, dead: None })
    }

    /// Looks at the text without taking it apart.
    ///
    /// # Errors
    /// When the groups are not in the order of their names, each once, or the origins do not fit them.
    pub fn look(&self) -> serde_json::Result<Seen> {
        let mut reader = serde_json::Deserializer::from_str(&self.text);
        let seen = serde::Deserializer::deserialize_map(&mut reader, Looking(&self.kind))?;
        reader.end()?;
        if unpack_origins(self.id, &self.origins, seen.groups).is_none() {
            return Err(serde_json::Error::custom("the origins cannot be read"));
        }
        Ok(seen)
    }

    /// The same as [`record_hash`], over the very text that is stored where that says the same.
    ///
    /// # Errors
    /// When it is not what [`Stored::of`] packs.
    pub fn hash(&self, seen: &Seen, scope: ScopeKind) -> serde_json::Result<u128> {
        if scope != ScopeKind::Owner && !seen.has_empty {
            return Ok(groups_hash(&self.kind, self.id, &self.text));
        }
        Ok(record_hash(&self.read()?, scope))
    }
}

/// Reads the groups that [`Stored::of`] packed.
///
/// # Errors
/// When it did not.
pub fn unpack(id: RecordId, text: &str, origins: &[u8]) -> serde_json::Result<BTreeMap<String, GroupValue>> {
    let fields: BTreeMap<String, Fields> = serde_json::from_str(text)?;
    let origins =
        unpack_origins(id, origins, fields.len()).ok_or_else(|| serde_json::Error::custom("the origins cannot be read"))?;
    Ok(fields.into_iter().zip(origins).map(|((name, fields), origin)| (name, GroupValue::new(fields, origin))).collect())
}

/// The groups that travel and their origins; `None` when the text is not as the server writes it.
fn travelling(kind: &str, groups: &str, scope: ScopeKind) -> Option<(String, Vec<Origin>)> {
    let (mut text, mut origins) = (String::with_capacity(groups.len()), Vec::with_capacity(8));
    text.push('{');
    let mut scan = Scan::new(groups);
    let mut first = scan.passes('{').then_some(true)?;
    while !scan.passes('}') {
        let between = first || scan.passes(',');
        first = false;
        let name = between.then(|| scan.value()).flatten()?;
        let kept = scan.passes(':').then(|| scan.value()).flatten()?;
        if !kind::travels(kind, name.strip_prefix('"')?.strip_suffix('"').filter(|name| !name.contains('\\'))?, scope) {
            continue;
        }
        let mut kept = Scan::new(kept.strip_prefix("{\"f\":")?);
        let fields = kept.value()?;
        let origin = kept.passes(',').then(|| kept.value()).flatten().filter(|name| *name == "\"o\"");
        origin.filter(|_| kept.passes(':'))?;
        origins.push(kept.plain_text()?.parse().ok()?);
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(name);
        text.push(':');
        text.push_str(fields);
    }
    text.push('}');
    scan.is_at_end().then_some((text, origins))
}

/// Text that is borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Looking<'k>(&'k str);

impl<'de> Visitor<'de> for Looking<'_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("groups by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut groups: A) -> Result<Seen, A::Error> {
        let fields = kind::reference_fields(self.0);
        let (mut seen, mut before) = (Seen::default(), None::<Name<'_>>);
        // By the place in the table: as `kind::references` answers them.
        let mut named = [None; REFERENCES_MAX];
        while let Some(name) = groups.next_key::<Name<'_>>()? {
            if before.is_some_and(|before| before.0 >= name.0) {
                return Err(A::Error::custom("groups out of order"));
            }
            seen.groups += 1;
            let Looked { is_empty, found } = groups.next_value_seed(LookingFields { fields, group: &name.0 })?;
            seen.has_empty |= is_empty;
            for (into, found) in named.iter_mut().zip(found) {
                *into = found.or(*into);
            }
            before = Some(name);
        }
        seen.references = named.into_iter().flatten().collect();
        Ok(seen)
    }
}

/// References a kind has at the most.
const REFERENCES_MAX: usize = 5;

struct Looked {
    is_empty: bool,
    found: [Option<RecordId>; REFERENCES_MAX],
}

struct LookingFields<'g> {
    fields: &'static [(&'static str, &'static str)],
    group: &'g str,
}

impl<'de> serde::de::DeserializeSeed<'de> for LookingFields<'_> {
    type Value = Looked;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Looked, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LookingFields<'_> {
    type Value = Looked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Looked, A::Error> {
        let mut looked = Looked { is_empty: true, found: [None; REFERENCES_MAX] };
        while let Some(Name(name)) = fields.next_key()? {
            looked.is_empty = false;
            match self.fields.iter().position(|(group, field)| *group == self.group && *field == name) {
                Some(at) => looked.found[at] = fields.next_value::<Value>()?.as_str().and_then(|id| id.parse().ok()),
                None => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(looked)
    }
}

/// Milliseconds in an id: a UUIDv7 begins with them. Of another id any number will do, as long as it is the same one again.
fn id_ms(id: RecordId) -> i64 {
    let mut bytes = [0; 8];
    bytes[2..].copy_from_slice(&id.0.as_bytes()[..6]);
    i64::from_be_bytes(bytes)
}

/// Packs origins, in the order of their groups' names.
pub fn pack_origins(id: RecordId, origins: &[Origin]) -> Vec<u8> {
    let count = |origin: &Origin| origins.iter().filter(|other| *other == origin).count();
    let Some(first) = origins.iter().max_by_key(|origin| count(origin)) else { return Vec::new() };
    let mut bytes = Vec::with_capacity(16);
    put(&mut bytes, id_ms(id), *first);
    for (index, origin) in origins.iter().enumerate().filter(|(_, origin)| *origin != first) {
        put_number(&mut bytes, index as u64);
        put(&mut bytes, first.stamp.unix_ms(), *origin);
    }
    bytes
}

/// Reads `count` origins; `None` when the bytes are not what [`pack_origins`] wrote.
pub fn unpack_origins(id: RecordId, bytes: &[u8], count: usize) -> Option<Vec<Origin>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let mut rest = bytes;
    let first = take(&mut rest, id_ms(id))?;
    let mut origins = vec![first; count];
    while !rest.is_empty() {
        let index = usize::try_from(take_number(&mut rest)?).ok()?;
        *origins.get_mut(index)? = take(&mut rest, first.stamp.unix_ms())?;
    }
    Some(origins)
}

fn put(bytes: &mut Vec<u8>, from_ms: i64, origin: Origin) {
    let distance = origin.stamp.unix_ms() - from_ms;
    put_number(bytes, ((distance << 1) ^ (distance >> 63)) as u64);
    put_number(bytes, origin.stamp.as_i64() as u64 & ((1 << COUNTER_BITS) - 1));
    put_number(bytes, u64::from(origin.device.0));
}

fn take(bytes: &mut &[u8], from_ms: i64) -> Option<Origin> {
    let distance = take_number(bytes)?;
    let distance = (distance >> 1) as i64 ^ -((distance & 1) as i64);
    let counter = i64::try_from(take_number(bytes)?).ok()?;
    let device = DeviceNumber(u32::try_from(take_number(bytes)?).ok()?);
    let ms = from_ms.checked_add(distance)?;
    Some(Origin { stamp: Stamp::from_i64((ms.checked_shl(COUNTER_BITS)?) | counter), device })
}

/// Seven bits a byte, the lowest first.
fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for at in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << (7 * at).min(63);
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn origin(ms: i64, counter: i64, device: u32) -> Origin {
        Origin { stamp: Stamp::from_i64(ms << COUNTER_BITS | counter), device: DeviceNumber(device) }
    }

    #[test]
    fn origins_come_back_and_take_few_bytes() {
        let made = 1_795_395_600_000;
        let id = RecordId(crate::ids::uuid_v7(made as u64, [7; 10]));
        let save = origin(made + 40, 3, 17);
        let place = origin(made + 3_600_000, 0, 0);
        let far = origin(4_102_444_800_000, 0xffff, u32::MAX);
        let early = origin(946_684_800_000, 0, 1);
        let cases: [(&[Origin], usize); 6] = [
            (&[], 0),
            (&[save], 3),
            (&[save; 8], 3),
            (&[save, save, place], 10),
            (&[place, save, save, save], 10),
            (&[far, early, save, place], 40),
        ];
        for (origins, bytes_max) in cases {
            let packed = pack_origins(id, origins);
            assert!(packed.len() <= bytes_max, "{origins:?} took {} bytes", packed.len());
            assert_eq!(unpack_origins(id, &packed, origins.len()).as_deref(), Some(origins));
            let derived = crate::ids::derived_id(&["an id without a time"]);
            let packed = pack_origins(derived, origins);
            assert_eq!(unpack_origins(derived, &packed, origins.len()).as_deref(), Some(origins), "an id that tells no time");
        }
    }

    #[test]
    fn strange_bytes_are_refused_and_never_a_panic() {
        let id = RecordId(uuid::Uuid::from_u128(1));
        for bytes in [&[][..], &[0x80], &[0, 0], &[0, 0, 0, 9, 0, 0, 0], &[0xff; 40]] {
            assert_eq!(unpack_origins(id, bytes, 2), None, "{bytes:?}");
        }
    }

    #[test]
    fn what_the_server_keeps_becomes_the_same_as_the_record_itself() {
        let id = RecordId(crate::ids::uuid_v7(1_795_395_600_000, [7; 10]));
        let other = "01935a00-0000-7000-8000-000000000066";
        let value = |fields: Value, counter| {
            let Value::Object(fields) = fields else { panic!("an object") };
            let names = vec![origin(1_795_395_600_000, 9, 4)];
            GroupValue { names, ..GroupValue::new(fields, origin(1_795_395_600_040, counter, 3)) }
        };
        let where_ =
            value(json!({"unit": other, "room": other, "person": 7, "note": "\"{}\\ 甲", "later": {"a": [1.5, null, "}"]}}), 0);
        for (kind, groups) in [
            (
                "stay",
                vec![
                    ("where", where_.clone()),
                    ("period", value(json!({"from": "2026-11-01"}), 1)),
                    ("z \"later", value(json!({}), 2)),
                ],
            ),
            ("unit", vec![("where", where_), ("place", value(json!({"area": "1"}), 0)), ("secret", value(json!({"a": 1}), 1))]),
            ("strange", vec![]),
        ] {
            let groups: BTreeMap<String, GroupValue> = groups.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let kept = serde_json::to_string(&groups).expect("kept");
            for scope in [ScopeKind::Area, ScopeKind::Owner] {
                let received = groups.iter().filter(|(name, _)| kind::travels(kind, name, scope));
                let received = received.map(|(name, value)| (name.clone(), GroupValue::new(value.fields.clone(), value.origin)));
                let record = Record { groups: received.collect(), ..Record::empty(kind, id) };
                let stored = Stored::of_groups(kind.to_owned(), id, &kept, scope).expect("packed");
                assert_eq!(stored, Stored::of(&record).expect("packed"));
                assert_eq!(stored, Stored::of_groups_the_long_way(kind.to_owned(), id, &kept, scope).expect("packed"));
                let spaced = kept.replace(":{", ": {");
                assert_eq!(
                    stored,
                    Stored::of_groups(kind.to_owned(), id, &spaced, scope).expect("packed"),
                    "however it was written"
                );
                assert_eq!(stored.read().expect("read"), record);
                let seen = stored.look().expect("looked at");
                assert_eq!((seen.groups, &seen.references), (record.groups.len(), &kind::references(&record)));
                assert_eq!(stored.hash(&seen, scope).expect("hashed"), record_hash(&record, scope));
            }
        }
    }

    #[test]
    fn what_no_record_packs_to_is_refused() {
        let id = RecordId::from_bytes([7; 16]);
        let origins = pack_origins(id, &[origin(1_795_395_600_000, 0, 1); 2]);
        for text in [r#"{"b":{},"a":{}}"#, r#"{"a":{},"a":{}}"#, r#"{"a":{},"b":1}"#, r#"{"a":{},"b":{}"#, "[]", "{} x"] {
            let stored = Stored { kind: "unit".to_owned(), id, origins: origins.clone(), text: text.to_owned() };
            assert!(stored.look().is_err(), "{text}");
        }
        let short = Stored { kind: "unit".to_owned(), id, origins: Vec::new(), text: r#"{"a":{}}"#.to_owned() };
        assert!(short.look().is_err(), "a group without an origin");
    }

    #[test]
    fn no_kind_names_more_than_is_looked_for() {
        for kind in kind::ALL {
            assert!(kind::reference_fields(kind).len() <= REFERENCES_MAX, "{kind}");
        }
    }
}
