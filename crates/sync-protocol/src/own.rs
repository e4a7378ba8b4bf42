//! A device's own accepted changes: what it holds of a record after its push, by one rule on both sides.
//!
//! ```text
//!   said before ──► accepted changes on top ──► what the server's record has beside that ──► said now
//!        device and server, each for itself            the only part that travels
//! ```
//! The server answers like this only where the device had the record as it was before the push, and where nobody else's change
//! lies between. The device adds its digest up from what it has made of it, so a mistake in here shows at the next exchange.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::place::ScopeKind;
use domain::{Change, GroupValue, Record, Verb, kind};

use crate::exchange::OwnRecord;

/// An accepted change on top of what the server said of its record. A landlord does not keep what he may not read.
pub fn lay(said: Option<Record>, change: &Change, role: Role) -> Record {
    let mut said = said.unwrap_or_else(|| Record::empty(&change.kind, change.record));
    match change.verb {
        Verb::Create | Verb::Set => {
            for (name, group) in &change.groups {
                if travels_home(&change.kind, name, role) {
                    said.groups.insert(name.clone(), GroupValue::new(group.fields.clone(), change.origin));
                }
            }
        }
        Verb::Delete => said.dead = Some(change.origin),
        Verb::Restore => said.dead = None,
    }
    said
}

/// Whether a pushed group comes back to the device that pushed it.
pub fn travels_home(record_kind: &str, group: &str, role: Role) -> bool {
    let scope = if role == Role::Landlord { ScopeKind::Owner } else { ScopeKind::Area };
    kind::travels(record_kind, group, scope)
}

/// What has to be said to somebody who expects one record and is to hold another; `None` when only the whole record says it.
pub fn difference(seq: u64, expected: &Record, actual: &Record) -> Option<OwnRecord> {
    if expected.kind != actual.kind || expected.dead != actual.dead {
        return None;
    }
    let differs = |(name, value): &(&String, &GroupValue)| {
        expected.groups.get(*name).is_none_or(|held| held.fields != value.fields || held.origin != value.origin)
    };
    let groups: BTreeMap<String, GroupValue> = actual
        .groups
        .iter()
        .filter(differs)
        .map(|(name, value)| (name.clone(), GroupValue::new(value.fields.clone(), value.origin)))
        .collect();
    let gone = expected.groups.keys().filter(|name| !actual.groups.contains_key(*name)).cloned().collect();
    Some(OwnRecord { seq, record: actual.id, groups, gone })
}

/// The record somebody holds who is told the difference.
pub fn with_difference(mut said: Record, own: &OwnRecord) -> Record {
    for name in &own.gone {
        said.groups.remove(name);
    }
    said.groups.extend(own.groups.iter().map(|(name, value)| (name.clone(), value.clone())));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DeviceNumber, Fields, Origin, RecordId, Stamp};

    fn value(text: &str, stamp: i64) -> GroupValue {
        let origin = Origin { stamp: Stamp::at(1_800_000_000_000 + stamp), device: DeviceNumber(3) };
        GroupValue::new(Fields::from_iter([("v".to_owned(), text.into())]), origin)
    }

    fn record(groups: &[(&str, GroupValue)]) -> Record {
        let groups = groups.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Record { groups, ..Record::empty("person", RecordId::from_bytes([7; 16])) }
    }

    #[test]
    fn the_difference_makes_the_one_from_the_other() {
        let values = [value("a", 0), value("b", 0), value("a", 1)];
        let mut records = Vec::new();
        // Every record of two groups, each absent or with one of three values.
        for one in 0..=3 {
            for other in 0..=3 {
                let groups: Vec<_> = [("one", one), ("other", other)]
                    .into_iter()
                    .filter_map(|(name, index): (_, usize)| Some((name, values.get(index)?.clone())))
                    .collect();
                records.push(record(&groups));
            }
        }
        for expected in &records {
            for actual in &records {
                let own = difference(1, expected, actual).expect("both live");
                assert_eq!(&with_difference(expected.clone(), &own), actual, "{own:?}");
                assert_eq!(expected == actual, own.groups.is_empty() && own.gone.is_empty(), "nothing else travels");
            }
        }
        let dead = Record { dead: Some(value("", 2).origin), ..records[0].clone() };
        assert_eq!(difference(1, &records[0], &dead), None, "life and death are told whole");
    }
}
