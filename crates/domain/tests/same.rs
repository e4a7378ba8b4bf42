//! The same person registered twice: whom an id means, which values and which registration stand, and what is left of each
//! when they are taken apart.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::duplicate::{PairWhy, pair_id};
use domain::id_document::DocType;
use domain::ids::{AccountId, ChangeId, DeviceNumber, RecordId, TxnId, derived_id};
use domain::merge::{Arrival, ClashWhy};
use domain::place::Register;
use domain::record::{Rank, SCHEMA};
use domain::same::{self, Meeting, Seen, comparable_document, meet, name_key};
use domain::{Change, GroupChange, GroupValue, Origin, Record, Stamp, Verb, kind};
use serde_json::{Value, json};

fn id(name: &str) -> RecordId {
    derived_id(&[name])
}

fn origin(device: u32, at: i64) -> Origin {
    Origin { stamp: Stamp::at(1_795_392_000_000 + at), device: DeviceNumber(device) }
}

fn value(fields: Value, device: u32, at: i64) -> GroupValue {
    let origin = origin(device, at);
    let rank = Rank { time: origin.stamp.as_i64(), device, seq: 1 };
    GroupValue { rank: Some(rank), ..GroupValue::new(fields.as_object().cloned().expect("an object"), origin) }
}

fn record(kind: &str, name: &str, groups: &[(&str, GroupValue)]) -> Record {
    let groups = groups.iter().map(|(group, value)| ((*group).to_owned(), value.clone())).collect();
    Record { kind: kind.to_owned(), id: id(name), groups, dead: None }
}

/// A register in a map.
#[derive(Default)]
struct Held(BTreeMap<RecordId, Record>);

impl Held {
    fn of(records: Vec<Record>) -> Held {
        Held(records.into_iter().map(|record| (record.id, record)).collect())
    }
}

impl Register for Held {
    type Error = std::convert::Infallible;
    fn record(&self, id: RecordId) -> Result<Option<Record>, Self::Error> {
        Ok(self.0.get(&id).cloned())
    }
    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, Self::Error> {
        let names =
            |record: &&Record| record.kind == kind && record.dead.is_none() && domain::kind::references(record).contains(&id);
        Ok(self.0.values().filter(names).cloned().collect())
    }
    fn landlord_account(&self, _: &Record) -> Result<Option<AccountId>, Self::Error> {
        Ok(None)
    }
}

fn person(name: &str) -> Record {
    record(kind::PERSON, name, &[])
}

fn alias(name: &str, of: &str) -> Record {
    record(kind::PERSON, name, &[("alias", value(json!({ "of": id(of), "by": "", "at_unix_ms": 0 }), 0, 0))])
}

#[test]
fn only_a_number_that_cannot_be_mistyped_is_compared() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    let id_card = Some("ID|11010519491231002X".to_owned());
    let rows = [
        (DocType::Id, "11010519491231002X", id_card.clone()),
        (DocType::Id, " 110105 19491231-002x ", id_card.clone()),
        (DocType::Id, "１１０１０５１９４９１２３１００２Ｘ", id_card.clone()),
        // The citizen's one number, whichever paper it stands on.
        (DocType::Tid, "11010519491231002X", id_card.clone()),
        (DocType::Hkb, "11010519491231002X", id_card),
        (DocType::Id, "110105194912310021", None),
        (DocType::Id, "11010519491231002", None),
        (DocType::Id, "", None),
        (DocType::Twrp, "830000199001010019", None),
        (DocType::Twrp, "83000019900101001X", comparable_document(DocType::Twrp, "83000019900101001X", today)),
        (DocType::Pp, "E12345678", None),
        (DocType::Hmtp, "H12345678", None),
        (DocType::Twtp, "12345678", None),
        (DocType::Fpr, "CHN123456789012", None),
        (DocType::Bc, "A123456789", None),
        (DocType::Oth, "1", None),
        (DocType::None, "", None),
    ];
    for (doc_type, number, expected) in rows {
        assert_eq!(comparable_document(doc_type, number, today), expected, "{doc_type:?} {number:?}");
    }
}

#[test]
fn a_name_is_the_same_however_it_was_typed() {
    for (one, other, same) in [
        ("张三", "张 三", true),
        ("张三", "张　三", true),
        ("阿依古丽·买买提", "阿依古丽•买买提", true),
        ("阿依古丽·买买提", "阿依古丽买买提", true),
        ("Anna Li", "anna li", true),
        ("张三", "张山", false),
        ("张三", "", false),
    ] {
        assert_eq!(name_key(one) == name_key(other), same, "{one:?} {other:?}");
    }
}

#[test]
fn who_is_taken_for_the_same_person() {
    let seen = |name: &str, area: &str| Seen { name: name.to_owned(), area: (!area.is_empty()).then(|| area.to_owned()) };
    let (east, west) = ("330822001201", "330822001202");
    let rows = [
        (true, seen("张三", east), seen("张 三", east), Meeting::Alias),
        (true, seen("张三", east), seen("张三", west), Meeting::Ask(PairWhy::Village)),
        (true, seen("张三", east), seen("李四", east), Meeting::Ask(PairWhy::Name)),
        (true, seen("张三", east), seen("李四", west), Meeting::Ask(PairWhy::Village)),
        (true, seen("张三", ""), seen("张三", ""), Meeting::Ask(PairWhy::Village)),
        (false, seen("张三", east), seen("张三", east), Meeting::Ask(PairWhy::Number)),
        (false, seen("张三", east), seen("李四", east), Meeting::Ask(PairWhy::Name)),
    ];
    for (created, newcomer, other, expected) in rows {
        assert_eq!(meet(created, &newcomer, &other), expected, "{created} {newcomer:?} {other:?}");
    }
}

#[test]
fn an_id_means_the_survivor_and_never_the_dead_or_a_circle() {
    let mut gone = person("gone");
    gone.dead = Some(origin(1, 0));
    let held = Held::of(vec![
        person("P1"),
        alias("P2", "P1"),
        alias("P3", "P2"),
        gone,
        alias("of the gone", "gone"),
        alias("of nobody", "nobody"),
        alias("A", "B"),
        alias("B", "A"),
        alias("self", "self"),
        record(kind::RESIDENCY, "R", &[]),
        alias("of a registration", "R"),
    ]);
    for (asked, meant) in [
        ("P1", "P1"),
        ("P2", "P1"),
        ("P3", "P1"),
        ("of the gone", "of the gone"),
        ("of nobody", "of nobody"),
        ("A", "A"),
        ("B", "B"),
        ("self", "self"),
        ("of a registration", "of a registration"),
        ("unknown", "unknown"),
    ] {
        assert_eq!(same::root(id(asked), &held), Ok(id(meant)), "{asked}");
        let family = same::family(id(asked), kind::PERSON, &held).expect("a map does not fail");
        assert!(family.first() == Some(&id(meant)) && family.contains(&id(asked)), "{asked}: {family:?}");
    }
    let Ok(family) = same::family(id("P2"), kind::PERSON, &held);
    assert_eq!(family, vec![id("P1"), id("P2"), id("P3")]);
}

#[test]
fn the_registration_declared_first_stands() {
    let open = |name: &str, on: &str| record(kind::RESIDENCY, name, &[("declared", value(json!({ "registered_on": on }), 1, 0))]);
    let (early, late, same_day) = (open("a", "2026-11-01"), open("b", "2026-11-20"), open("c", "2026-11-01"));
    let first = early.id.min(same_day.id);
    assert_eq!(same::standing([&late, &early, &same_day]), Some(first));
    assert_eq!(same::standing([&same_day, &early, &late]), Some(first), "whoever synced first");
    assert_eq!(same::standing([]), None);
    assert_eq!(same::standing([&late, &record(kind::RESIDENCY, "none", &[])]), Some(late.id), "no day is no early day");
}

#[test]
fn the_same_values_stand_whoever_was_first() {
    let one = record(
        kind::PERSON,
        "one",
        &[
            ("identity", value(json!({ "name": "张三" }), 1, 10)),
            ("contact", value(json!({ "phone": "1" }), 1, 10)),
            ("hukou", value(json!({ "region": "360121" }), 1, 10)),
        ],
    );
    let two = record(
        kind::PERSON,
        "two",
        &[
            ("identity", value(json!({ "name": "张三" }), 2, 20)),
            ("contact", value(json!({ "phone": "2" }), 2, 20)),
            ("guardian", value(json!({ "name": "李四" }), 2, 20)),
            ("place", value(json!({ "area": "330822001201" }), 0, 20)),
            ("apart", value(json!({ "than": id("one") }), 2, 20)),
            ("of tomorrow", value(json!({ "x": 1 }), 2, 20)),
        ],
    );
    for (mut into, from) in [(one.clone(), two.clone()), (two, one)] {
        let clashes = same::absorb(&mut into, &from);
        assert_eq!(into.field("contact", "phone"), Some(&json!("2")), "the later one, whoever came first");
        assert_eq!(into.field("hukou", "region"), Some(&json!("360121")), "what is missing is filled");
        assert_eq!(into.field("guardian", "name"), Some(&json!("李四")));
        let identity = &into.groups["identity"];
        assert!(identity.is_named(origin(1, 10)) && identity.is_named(origin(2, 20)), "one value, two names");
        assert_eq!(clashes.len(), 1);
        assert_eq!((clashes[0].group.as_str(), &clashes[0].lost.fields["phone"]), ("contact", &json!("1")));
        assert!(same::absorb(&mut into, &from).iter().all(|clash| clash.group == "contact"), "again changes nothing");
    }
    let mut first = record(kind::PERSON, "first", &[]);
    let second =
        record(kind::PERSON, "second", &[("place", value(json!({}), 0, 1)), ("apart", value(json!({ "than": "x" }), 1, 1))]);
    assert!(same::absorb(&mut first, &second).is_empty() && first.groups.is_empty(), "each has its own place");
}

#[test]
fn two_registrations_that_both_stand_are_no_conflict() {
    let status = |device: u32, at: i64, on: &str, state: &str| value(json!({ "state": state, "on": on }), device, at);
    let mut into = record(kind::RESIDENCY, "R1", &[("status", status(1, 1, "2026-11-01", "active"))]);
    let from = record(
        kind::RESIDENCY,
        "R2",
        &[
            ("status", status(2, 9, "2026-11-09", "active")),
            ("who", value(json!({ "person": id("P2") }), 2, 9)),
            ("declared", value(json!({ "registered_on": "2026-11-09" }), 2, 9)),
            ("due", value(json!({ "on": "2026-11-12" }), 2, 9)),
            ("work", value(json!({ "employer": "厂" }), 2, 9)),
        ],
    );
    assert!(same::absorb(&mut into, &from).is_empty());
    assert_eq!(into.text("status", "on"), Some("2026-11-01"), "the earliest declaration is kept");
    assert!(into.groups["status"].is_named(origin(2, 9)), "who cancels the other had seen that this one stands");
    assert_eq!(into.groups.keys().collect::<Vec<_>>(), ["status", "work"]);
}

fn told(name: &str, at: i64, device: u32, groups: &[(&str, Value, Option<Origin>)]) -> same::Told {
    let change = Change {
        id: ChangeId(id(&format!("{name} {at} {device}")).0),
        txn: TxnId(id("txn").0),
        record: id(name),
        kind: kind::PERSON.to_owned(),
        verb: Verb::Set,
        schema: SCHEMA,
        origin: origin(device, at),
        groups: groups
            .iter()
            .map(|(group, fields, base)| {
                let fields = fields.as_object().cloned().expect("an object");
                ((*group).to_owned(), GroupChange { fields, base: *base })
            })
            .collect(),
    };
    (change, Arrival { seq: 1, received_unix_ms: 1_795_392_000_000 + at, sender: DeviceNumber(device) })
}

#[test]
fn taken_apart_each_has_its_own_again_and_what_was_filled_in_is_shown() {
    let own = [
        told("P1", 1, 1, &[("identity", json!({ "name": "张三" }), None), ("contact", json!({ "phone": "1" }), None)]),
        told("P1", 30, 3, &[("hukou", json!({ "region": "360121" }), None)]),
    ];
    let other = same::replay(
        id("P2"),
        kind::PERSON,
        &[told("P2", 20, 2, &[("contact", json!({ "phone": "2" }), None), ("guardian", json!({ "name": "李四" }), None)])],
    );
    let alone = same::replay(id("P1"), kind::PERSON, &own);
    let mut survivor = alone.clone();
    survivor.groups.insert("place".to_owned(), value(json!({ "area": "330822001201" }), 0, 5));
    same::absorb(&mut survivor, &other);
    assert_eq!(survivor.field("contact", "phone"), Some(&json!("2")));

    let (apart, clashes) = same::take_apart(&survivor, &own);
    for group in ["identity", "contact", "hukou"] {
        assert_eq!(apart.fields(group), alone.fields(group), "{group}");
    }
    assert_eq!(apart.fields("guardian"), None);
    assert_eq!(apart.fields("place"), survivor.fields("place"), "the server's own stays");
    let told: Vec<(&str, ClashWhy, bool)> =
        clashes.iter().map(|clash| (clash.group.as_str(), clash.why, clash.stands.is_some())).collect();
    assert_eq!(told, [("contact", ClashWhy::TakenApart, true), ("guardian", ClashWhy::TakenApart, false)]);
    assert!(same::take_apart(&apart, &own).1.is_empty(), "twice changes nothing");
}

#[test]
fn a_change_to_one_name_is_passed_on_without_what_is_its_own() {
    let (mut change, _) =
        told("P2", 1, 1, &[("contact", json!({}), None), ("apart", json!({}), None), ("place", json!({}), None)]);
    change.verb = Verb::Create;
    let passed = same::redirected(&change, id("P1")).expect("a contact");
    assert_eq!((passed.record, passed.verb), (id("P1"), Verb::Set));
    assert_eq!(passed.groups.keys().collect::<Vec<_>>(), ["contact"]);
    change.verb = Verb::Delete;
    assert_eq!(same::redirected(&change, id("P1")), None, "one mistake does not take the other registration back");
}

#[test]
fn a_pair_has_one_review_whoever_came_first() {
    let account = AccountId(id("account").0);
    assert_eq!(pair_id(id("a"), id("b"), account), pair_id(id("b"), id("a"), account));
    assert_ne!(pair_id(id("a"), id("b"), account), pair_id(id("a"), id("c"), account));
    assert_ne!(pair_id(id("a"), id("b"), account), pair_id(id("a"), id("b"), AccountId(id("other").0)));
}
