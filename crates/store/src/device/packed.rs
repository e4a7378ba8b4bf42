//! A record's groups as one short text, and the origins of its values as a few bytes beside it.
//!
//! ```text
//!   text     {"contact":{"phone":"139…"},"identity":{…},"place":{…}}
//!   origins  the one most groups have, then the exceptions: 02 01 03 │ 02 (the third group) 9a05 00 00
//! ```
//! Most values of a record were written in one save, moments after the record got its id; so an origin is told by its distance:
//! the first from the id's time, the exceptions from the first. A whole origin in each group's JSON took twice the text.

use std::collections::BTreeMap;

use domain::{DeviceNumber, Fields, GroupValue, Origin, RecordId, Stamp};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde::de::Error as _;

use crate::open::StoreError;

/// The groups of a record. A device knows neither ranks nor other names of a value: those are the server's.
pub(crate) type Groups = BTreeMap<String, GroupValue>;

/// Bits of a stamp's counter, below its milliseconds.
const COUNTER_BITS: u32 = 16;

/// A record's values as text and bytes.
#[derive(Debug, PartialEq)]
pub(crate) struct Packed {
    pub(crate) text: String,
    pub(crate) origins: Vec<u8>,
}

/// Packs the groups of a record.
pub(crate) fn pack(id: RecordId, groups: &Groups) -> Result<Packed, StoreError> {
    let mut text = Vec::with_capacity(512);
    text.push(b'{');
    for (index, (name, value)) in groups.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, name)?;
        text.push(b':');
        serde_json::to_writer(&mut text, &value.fields)?;
    }
    text.push(b'}');
    let text = String::from_utf8(text).map_err(serde_json::Error::custom)?;
    let origins: Vec<Origin> = groups.values().map(|value| value.origin).collect();
    Ok(Packed { text, origins: pack_origins(id, &origins) })
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// When it did not.
pub(crate) fn unpack(id: RecordId, text: &str, origins: &[u8]) -> Result<Groups, StoreError> {
    let fields: BTreeMap<String, Fields> = serde_json::from_str(text)?;
    let origins =
        unpack_origins(id, origins, fields.len()).ok_or_else(|| serde_json::Error::custom("the origins cannot be read"))?;
    Ok(fields.into_iter().zip(origins).map(|((name, fields), origin)| (name, GroupValue::new(fields, origin))).collect())
}

/// Milliseconds in an id: a UUIDv7 begins with them. Of another id any number will do, as long as it is the same one again.
fn id_ms(id: RecordId) -> i64 {
    let mut bytes = [0; 8];
    bytes[2..].copy_from_slice(&id.0.as_bytes()[..6]);
    i64::from_be_bytes(bytes)
}

/// Packs origins, in the order of their groups' names.
pub(crate) fn pack_origins(id: RecordId, origins: &[Origin]) -> Vec<u8> {
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
pub(crate) fn unpack_origins(id: RecordId, bytes: &[u8], count: usize) -> Option<Vec<Origin>> {
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

/// What migration 2 calls: the groups of release 0.1, an origin in each, become a text and its origins.
pub(crate) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
        rusqlite::Error::UserFunctionError(Box::new(error))
    }
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("pack_groups", 1, flags, |call| {
        let text: Option<String> = call.get(0)?;
        let Some(text) = text else { return Ok(None) };
        let groups: Groups = serde_json::from_str(&text).map_err(wrong)?;
        let nobody = RecordId(uuid::Uuid::nil());
        Ok(Some(pack(nobody, &groups).map_err(wrong)?.text))
    })?;
    connection.create_scalar_function("pack_origins", 2, flags, |call| {
        let id: String = call.get(0)?;
        let id: RecordId = id.parse().map_err(wrong)?;
        let text: Option<String> = call.get(1)?;
        let Some(text) = text else { return Ok(Vec::new()) };
        let groups: Groups = serde_json::from_str(&text).map_err(wrong)?;
        let origins: Vec<Origin> = groups.values().map(|value| value.origin).collect();
        Ok(pack_origins(id, &origins))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(ms: i64, counter: i64, device: u32) -> Origin {
        Origin { stamp: Stamp::from_i64(ms << COUNTER_BITS | counter), device: DeviceNumber(device) }
    }

    #[test]
    fn origins_come_back_and_take_few_bytes() {
        let made = 1_795_395_600_000;
        let id = RecordId(domain::ids::uuid_v7(made as u64, [7; 10]));
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
            let derived = domain::ids::derived_id(&["an id without a time"]);
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
    fn groups_come_back_with_what_this_version_does_not_know() {
        let id = RecordId(domain::ids::uuid_v7(1_795_395_600_000, [1; 10]));
        let text = r#"{"later \"group\"":{"f":{"a":[1,null,{"x":"甲"}]},"o":"019cac3a8000a001-17"},"z":{"f":{},"o":"019cac3a80000000-0"}}"#;
        let groups: Groups = serde_json::from_str(text).expect("groups of release 0.1");
        let packed = pack(id, &groups).expect("packed");
        assert_eq!(packed.text, r#"{"later \"group\"":{"a":[1,null,{"x":"甲"}]},"z":{}}"#);
        assert_eq!(unpack(id, &packed.text, &packed.origins).expect("read"), groups);
    }
}
