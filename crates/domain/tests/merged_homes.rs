//! One home entered twice: whom an id means, chains, circles, homes that are not there, and what is left when they are taken apart.

use std::collections::BTreeMap;

use domain::codes::UnitStatus;
use domain::ids::{AccountId, DeviceNumber, RecordId, derived_id};
use domain::place::Register;
use domain::unit::{Registration, standing};
use domain::{Fields, GroupValue, Origin, Record, Stamp, kind, record, same};
use serde_json::json;

fn id(name: &str) -> RecordId {
    derived_id(&[name])
}

#[derive(Default)]
struct Held(BTreeMap<RecordId, Record>);

impl Held {
    fn put(&mut self, kind: &str, name: &str, group: &str, fields: Fields) {
        let origin = Origin { stamp: Stamp::at(1_795_392_000_000), device: DeviceNumber(1) };
        let mut record = Record::empty(kind, id(name));
        record.groups.insert(group.to_owned(), GroupValue::new(fields, origin));
        self.0.insert(record.id, record);
    }

    fn home(&mut self, name: &str, into: Option<&str>) {
        let stands = Registration::since(UnitStatus::Registered, "2026-01-05".to_owned());
        let registration = match into {
            Some(into) => stands.merged(id(into), "2026-11-23".to_owned()),
            None => stands,
        };
        self.put(kind::UNIT, name, "registration", record::to_fields(&registration));
    }

    fn root(&self, name: &str) -> RecordId {
        same::root(id(name), self).expect("a map does not fail")
    }

    fn state(&self, name: &str) -> (UnitStatus, String) {
        let stands = standing(&self.0[&id(name)], self).expect("a map does not fail").expect("a registration");
        (stands.state, stands.on)
    }
}

impl Register for Held {
    type Error = std::convert::Infallible;
    fn record(&self, id: RecordId) -> Result<Option<Record>, Self::Error> {
        Ok(self.0.get(&id).cloned())
    }
    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, Self::Error> {
        let names = |record: &&Record| record.kind == kind && record.dead.is_none() && kind::references(record).contains(&id);
        Ok(self.0.values().filter(names).cloned().collect())
    }
    fn landlord_account(&self, _: &Record) -> Result<Option<AccountId>, Self::Error> {
        Ok(None)
    }
}

#[test]
fn what_names_a_merged_home_is_read_as_if_it_named_the_other() {
    let mut held = Held::default();
    held.home("a", None);
    held.home("b", Some("a"));
    held.home("c", Some("b"));
    held.put(kind::STAY, "stay of a", "where", json!({"unit": id("a")}).as_object().cloned().expect("an object"));
    held.put(kind::STAY, "stay of c", "where", json!({"unit": id("c")}).as_object().cloned().expect("an object"));
    assert_eq!([held.root("a"), held.root("b"), held.root("c")], [id("a"); 3], "a chain is followed to its end");
    let mut stays: Vec<RecordId> =
        same::naming(id("b"), kind::UNIT, kind::STAY, &held).expect("a map does not fail").iter().map(|stay| stay.id).collect();
    stays.sort();
    let mut expected = [id("stay of a"), id("stay of c")];
    expected.sort();
    assert_eq!(stays, expected, "asked for under any of its names");
    assert_eq!(held.state("b"), (UnitStatus::Closed, "2026-11-23".to_owned()));
    // Taken apart, each has its own again, as it stood before.
    let parted = held.0[&id("b")].typed::<Registration>("registration").expect("a registration").parted();
    assert_eq!(parted, Registration::since(UnitStatus::Registered, "2026-01-05".to_owned()));
    held.put(kind::UNIT, "b", "registration", record::to_fields(&parted));
    assert_eq!([held.root("a"), held.root("b"), held.root("c")], [id("a"), id("b"), id("b")]);
}

#[test]
fn merged_each_into_the_other_the_older_stands_on_every_phone() {
    let mut held = Held::default();
    held.home("a", Some("b"));
    held.home("b", Some("a"));
    held.home("c", Some("b"));
    let winner = id("a").min(id("b"));
    assert_eq!([held.root("a"), held.root("b"), held.root("c")], [winner; 3]);
    let (wins, other) = if winner == id("a") { ("a", "b") } else { ("b", "a") };
    assert_eq!(held.state(wins), (UnitStatus::Registered, "2026-01-05".to_owned()), "merged into nothing, it stands");
    assert_eq!(held.state(other).0, UnitStatus::Closed);
    let mut names = same::names_of(winner, kind::UNIT, &held).expect("a map does not fail");
    names.sort();
    let mut all = [id("a"), id("b"), id("c")];
    all.sort();
    assert_eq!(names, all);
}

#[test]
fn merged_into_a_home_that_is_not_there_it_stands() {
    let mut held = Held::default();
    held.home("a", None);
    held.home("b", Some("a"));
    held.home("lost", Some("nowhere"));
    held.0.get_mut(&id("a")).expect("a home").dead =
        Some(Origin { stamp: Stamp::at(1_795_392_100_000), device: DeviceNumber(1) });
    for name in ["b", "lost"] {
        assert_eq!((held.root(name), held.state(name).0), (id(name), UnitStatus::Registered), "{name}");
    }
    // Only a closed home is part of another: whoever registers it again says so.
    let mut again = Registration::since(UnitStatus::Registered, "2026-11-23".to_owned());
    again.into = Some(id("c"));
    held.home("c", None);
    held.put(kind::UNIT, "b", "registration", record::to_fields(&again));
    assert_eq!(held.root("b"), id("b"));
}
