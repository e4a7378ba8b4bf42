//! Who may see a record: its place from the records it names, the scopes that follow, and which groups travel to each.

use std::collections::BTreeMap;

use domain::ids::{AccountId, DeviceNumber, RecordId, derived_id};
use domain::kind::{self, travels};
use domain::place::{Place, Register, Scope, ScopeError, ScopeKind, dependents, place_of, scopes_of, stored};
use domain::{GroupValue, Origin, Record, Stamp};
use serde_json::{Value, json};

const HERE: &str = "330822100201";
const THERE: &str = "330822100202";
const ELSEWHERE: &str = "330822101203";

fn id(name: &str) -> RecordId {
    derived_id(&[name])
}

fn account(name: &str) -> AccountId {
    AccountId(id(name).0)
}

fn record(kind: &str, name: &str, groups: &[(&str, Value)]) -> Record {
    let origin = Origin { stamp: Stamp::at(1_795_392_000_000), device: DeviceNumber(3) };
    let mut record = Record::empty(kind, id(name));
    for (group, fields) in groups {
        record.groups.insert((*group).to_owned(), GroupValue::new(fields.as_object().cloned().expect("an object"), origin));
    }
    record
}

/// A register in a map.
#[derive(Default)]
struct Held {
    records: BTreeMap<RecordId, Record>,
    landlords: BTreeMap<String, AccountId>,
}

impl Held {
    fn put(&mut self, mut record: Record) -> Place {
        let place = place_of(&record, self).expect("a map does not fail");
        if let Some(place) = &place {
            let origin = Origin { stamp: Stamp::at(1_795_392_000_000), device: DeviceNumber::SERVER };
            record.groups.insert(kind::PLACE.to_owned(), GroupValue::new(place.to_fields(), origin));
        }
        let place = stored(&record);
        self.records.insert(record.id, record);
        place
    }

    /// A home in each of two villages; the first one's landlord has an account.
    fn with_homes() -> Held {
        let mut held = Held::default();
        held.landlords.insert("13800000001".to_owned(), account("landlord"));
        held.put(record(
            "unit",
            "home",
            &[("address", json!({ "area": HERE })), ("landlord", json!({ "phone": "13800000001" }))],
        ));
        held.put(record(
            "unit",
            "far",
            &[("address", json!({ "area": THERE })), ("landlord", json!({ "phone": "13800000009" }))],
        ));
        held
    }

    fn place(&self, name: &str) -> Place {
        stored(&self.records[&id(name)])
    }

    fn replace(&mut self, name: &str) -> Place {
        let record = self.records[&id(name)].clone();
        self.put(record)
    }
}

impl Register for Held {
    type Error = std::convert::Infallible;
    fn record(&self, id: RecordId) -> Result<Option<Record>, Self::Error> {
        Ok(self.records.get(&id).cloned())
    }
    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, Self::Error> {
        let names = |record: &&Record| record.kind == kind && record.dead.is_none() && kind::references(record).contains(&id);
        Ok(self.records.values().filter(names).cloned().collect())
    }
    fn landlord_account(&self, unit: &Record) -> Result<Option<AccountId>, Self::Error> {
        Ok(unit.text("landlord", "phone").and_then(|phone| self.landlords.get(phone)).copied())
    }
}

fn in_village(code: &str) -> Place {
    Place { area: Some(code.to_owned()), ..Place::default() }
}

#[test]
fn what_belongs_to_a_home_is_in_its_village_and_only_home_and_room_are_the_landlords() {
    let mut held = Held::with_homes();
    let owned = Place { owner: Some(account("landlord")), ..in_village(HERE) };
    assert_eq!(held.place("home"), owned);
    assert_eq!(held.place("far"), in_village(THERE), "nobody has an account under that phone");
    let home = id("home").to_string();
    let rows = [
        (record("room", "room", &[("where", json!({ "unit": home }))]), owned.clone()),
        (
            record("stay", "stay", &[("where", json!({ "unit": home })), ("period", json!({ "from": "2026-01-01" }))]),
            in_village(HERE),
        ),
        (record("referral", "referral", &[("where", json!({ "unit": home }))]), in_village(HERE)),
        (record("tenancy", "tenancy", &[("where", json!({ "unit": home }))]), in_village(HERE)),
        (record("visit", "visit", &[("fact", json!({ "unit": home }))]), in_village(HERE)),
        (record("visit_person", "seen", &[("fact", json!({ "unit": home }))]), in_village(HERE)),
        (record("photo", "front", &[("fact", json!({ "of": home }))]), in_village(HERE)),
        (record("photo", "inside", &[("fact", json!({ "of": id("room").to_string() }))]), in_village(HERE)),
        (record("photo", "door", &[("fact", json!({ "of": id("visit").to_string() }))]), in_village(HERE)),
        (record("sweep", "before the new year", &[("what", json!({ "area": HERE }))]), in_village(HERE)),
        (record("photo_withdrawal", "no more", &[("fact", json!({ "photo": id("inside").to_string() }))]), in_village(HERE)),
        (record("inspection", "check", &[("fact", json!({ "unit": home }))]), in_village(HERE)),
        (record("withdrawal", "wrong door", &[("fact", json!({ "of": id("check").to_string() }))]), in_village(HERE)),
        (record("letter", "letter", &[("fact", json!({ "unit": home }))]), in_village(HERE)),
        (record("hazard", "hazard", &[("what", json!({ "unit": home }))]), in_village(HERE)),
        (record("recheck", "again", &[("fact", json!({ "hazard": id("hazard").to_string() }))]), in_village(HERE)),
        (record("photo", "bottle", &[("fact", json!({ "of": id("hazard").to_string() }))]), in_village(HERE)),
        (record("photo", "lost", &[("fact", json!({ "of": id("nowhere").to_string() }))]), Place::default()),
        (record("access", "look", &[("fact", json!({ "record": home }))]), in_village(HERE)),
        (record("room", "astray", &[("where", json!({ "unit": id("nowhere").to_string() }))]), Place::default()),
    ];
    for (record, expected) in rows {
        let (kind, name) = (record.kind.clone(), record.id);
        assert_eq!(held.put(record), expected, "{kind} {name}");
    }
}

#[test]
fn a_report_stays_its_reporters_when_the_home_gets_another_landlord() {
    let mut held = Held::with_homes();
    let reporter = Place { owner: Some(account("reporter")), ..Place::default() };
    let report = record(
        "report",
        "report",
        &[("said", json!({ "unit": id("home").to_string() })), ("place", Value::Object(reporter.to_fields()))],
    );
    assert_eq!(held.put(report), Place { owner: Some(account("reporter")), ..in_village(HERE) });
}

fn stay(name: &str, unit: &str, from: &str, to: Option<&str>) -> Record {
    let mut period = json!({ "from": from });
    if let Some(to) = to {
        period["to"] = json!(to);
    }
    record(
        "stay",
        name,
        &[("where", json!({ "unit": id(unit).to_string(), "person": id("person").to_string() })), ("period", period)],
    )
}

#[test]
fn a_person_is_where_the_open_stay_is_else_where_handed_to_else_where_last_seen() {
    let handed = |on: &str| json!({ "area": ELSEWHERE, "on": on });
    let first = || stay("first", "home", "2026-01-01", Some("2026-06-30"));
    let open = || stay("second", "far", "2026-07-01", None);
    let ended = || stay("second", "far", "2026-07-01", Some("2026-09-30"));
    // (the stays, the hand-over, the village)
    type Row = (&'static str, Vec<Record>, Option<Value>, Option<&'static str>);
    let rows: Vec<Row> = vec![
        ("nothing names them yet", vec![], None, None),
        ("lives here", vec![stay("first", "home", "2026-01-01", None)], None, Some(HERE)),
        ("moved on", vec![first(), open()], None, Some(THERE)),
        ("the order of the stays does not matter", vec![open(), first()], None, Some(THERE)),
        ("left: where last seen", vec![first(), ended()], None, Some(THERE)),
        ("handed over after leaving", vec![first(), ended()], Some(handed("2026-10-01")), Some(ELSEWHERE)),
        ("handed over the day they came", vec![first(), ended()], Some(handed("2026-07-01")), Some(ELSEWHERE)),
        ("an older hand-over was answered by a stay", vec![first(), ended()], Some(handed("2026-06-30")), Some(THERE)),
        ("an open stay wins over a hand-over", vec![first(), open()], Some(handed("2026-10-01")), Some(THERE)),
        ("handed over before any stay", vec![], Some(handed("2026-10-01")), Some(ELSEWHERE)),
    ];
    for (why, stays, handed, expected) in rows {
        let mut held = Held::with_homes();
        for stay in stays {
            held.put(stay);
        }
        let groups: Vec<(&str, Value)> = handed.into_iter().map(|handed| ("handed", handed)).collect();
        let place = held.put(record("person", "person", &groups));
        assert_eq!(place.area.as_deref(), expected, "{why}");
        assert_eq!(place.owner, None, "persons never travel to a landlord");
    }
}

#[test]
fn when_the_last_stay_is_taken_back_the_person_stays_where_they_were() {
    let mut held = Held::with_homes();
    held.put(stay("first", "home", "2026-01-01", None));
    held.put(record("person", "person", &[]));
    held.records.get_mut(&id("first")).expect("put above").dead = Some(Origin { stamp: Stamp::at(0), device: DeviceNumber(1) });
    assert_eq!(held.replace("person"), in_village(HERE));
}

#[test]
fn what_places_itself_is_left_alone() {
    let held = Held::with_homes();
    for kind in ["conflict", "area", "holidays", "policy", "notice", "from a newer version"] {
        assert_eq!(place_of(&record(kind, "any", &[]), &held), Ok(None), "{kind}");
    }
}

#[test]
fn a_home_takes_along_what_names_it_and_a_stay_its_person_and_registration() {
    let mut held = Held::with_homes();
    let home = id("home").to_string();
    for (kind, group) in [
        ("room", "where"),
        ("stay", "where"),
        ("referral", "where"),
        ("visit", "fact"),
        ("visit_person", "fact"),
        ("report", "said"),
        ("photo", "fact"),
        ("inspection", "fact"),
        ("hazard", "what"),
        ("letter", "fact"),
    ] {
        let field = if kind == "photo" { "of" } else { "unit" };
        held.put(record(kind, kind, &[(group, json!({ field: home }))]));
    }
    let unit = held.records[&id("home")].clone();
    let mut found = dependents(&unit, &held).expect("a map does not fail");
    found.sort();
    let named = ["room", "stay", "referral", "visit", "visit_person", "report", "photo", "inspection", "hazard", "letter"];
    let mut expected: Vec<RecordId> = named.map(id).to_vec();
    expected.sort();
    assert_eq!(found, expected);

    // What is seen in a room or at a door goes where they go, and a withdrawal with its photo.
    for (of, kind, field, name) in [
        ("room", "photo", "of", "inside"),
        ("visit", "photo", "of", "door"),
        ("photo", "photo_withdrawal", "photo", "no more"),
        ("hazard", "recheck", "hazard", "again"),
        ("inspection", "withdrawal", "of", "wrong home"),
    ] {
        held.put(record(kind, name, &[("fact", json!({ field: id(of).to_string() }))]));
        assert_eq!(dependents(&held.records[&id(of)], &held), Ok(vec![id(name)]), "{of}");
    }

    let both = json!({ "person": id("person").to_string(), "residency": id("residency").to_string() });
    let another = record("stay", "another", &[("where", both)]);
    assert_eq!(dependents(&another, &held), Ok(vec![id("person"), id("residency")]));
    assert_eq!(dependents(&record("person", "person", &[]), &held), Ok(vec![]));

    // A permit goes where its holder goes, and its history with it.
    let (who, permit) = (json!({ "person": id("person").to_string() }), json!({ "permit": id("permit").to_string() }));
    held.put(stay("here", "home", "2026-01-01", None));
    held.put(record("person", "person", &[]));
    for (kind, group, fields) in
        [("permit_application", "who", who.clone()), ("permit", "who", who), ("permit_event", "fact", permit)]
    {
        assert_eq!(held.put(record(kind, kind, &[(group, fields)])), in_village(HERE), "{kind}");
    }
    let wrong = json!({ "of": id("permit_application").to_string() });
    assert_eq!(held.put(record("withdrawal", "wrong ground", &[("fact", wrong)])), in_village(HERE));
    assert_eq!(dependents(&held.records[&id("permit_application")], &held), Ok(vec![id("wrong ground")]));
    let mut found = dependents(&held.records[&id("person")], &held).expect("a map does not fail");
    found.sort();
    let mut expected = vec![id("permit_application"), id("permit")];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(dependents(&held.records[&id("permit")], &held), Ok(vec![id("permit_event")]));
}

#[test]
fn the_scopes_of_a_record_follow_from_its_place() {
    let (owner, addressee) = (account("landlord"), account("addressee"));
    let place = |place: Place| Value::Object(place.to_fields());
    let full = || place(Place { area: Some(HERE.to_owned()), owner: Some(owner), account: None });
    let area = || Scope::Area(HERE.to_owned());
    let rows = [
        ("unit", full(), vec![area(), Scope::Owner(owner)]),
        ("room", full(), vec![area(), Scope::Owner(owner)]),
        ("report", full(), vec![area(), Scope::Owner(owner)]),
        // An owner on anything else is a mistake of ours and opens nothing.
        ("person", full(), vec![area()]),
        ("residency", full(), vec![area()]),
        ("stay", full(), vec![area()]),
        ("conflict", place(Place { account: Some(addressee), ..Place::default() }), vec![Scope::Account(addressee)]),
        ("person", place(Place::default()), vec![]),
        ("person", place(in_village("330822")), vec![]),
        ("person", json!({ "area": 7 }), vec![]),
        ("area", place(in_village(HERE)), vec![Scope::County]),
        ("holidays", place(Place::default()), vec![Scope::County]),
        ("policy", place(Place::default()), vec![Scope::County]),
        ("notice", place(Place::default()), vec![Scope::County]),
    ];
    for (kind, place, expected) in rows {
        let mut record = record(kind, "any", &[("place", place)]);
        assert_eq!(scopes_of(&record), expected, "{kind}");
        record.dead = Some(Origin { stamp: Stamp::at(0), device: DeviceNumber(1) });
        assert_eq!(scopes_of(&record), expected, "{kind}: its death has to travel");
    }
    assert_eq!(scopes_of(&record("person", "any", &[])), vec![], "what has no place yet is nobody's");
}

/// Every group a landlord's device receives. Whatever is not here stays away from it, unknown groups of known kinds too.
const TRAVELS_TO_OWNER: &[(&str, &[&str])] = &[
    ("unit", &["place", "address", "landlord", "letting", "letter", "registration", "number"]),
    ("room", &["place", "label", "where"]),
    ("report", &["place", "said", "receipt", "check"]),
];

#[test]
fn a_landlord_receives_homes_and_reports_and_nobody_s_person() {
    let groups = [
        "place",
        "address",
        "landlord",
        "letting",
        "letter",
        "registration",
        "number",
        "plate",
        "plate_wanted",
        "label",
        "where",
        "identity",
        "hukou",
        "contact",
        "guardian",
        "handed",
        "who",
        "declared",
        "why",
        "intent",
        "work",
        "status",
        "period",
        "relation",
        "fact",
        "said",
        "document",
        "receipt",
        "check",
        "state",
        "what",
        "settled",
        "area",
        "days",
        "choice",
        "text",
    ];
    for kind in kind::ALL {
        let allowed = TRAVELS_TO_OWNER.iter().find(|(listed, _)| listed == kind).map_or(&[][..], |(_, allowed)| allowed);
        for group in groups {
            // A room has no group that is not about the room itself: it travels whole.
            let expected = allowed.contains(&group) || *kind == "room";
            assert_eq!(travels(kind, group, ScopeKind::Owner), expected, "{kind} {group}");
            for scope in [ScopeKind::Area, ScopeKind::Account, ScopeKind::County] {
                assert!(travels(kind, group, scope), "{kind} {group}: whole records");
            }
        }
    }
    assert!(!travels("unit", "from a newer version", ScopeKind::Owner));
    assert!(!travels("from a newer version", "any", ScopeKind::Owner));
}

#[test]
fn a_scope_survives_its_text_form() {
    let scopes =
        [Scope::Area(HERE.to_owned()), Scope::Owner(account("landlord")), Scope::Account(account("addressee")), Scope::County];
    let kinds = [ScopeKind::Area, ScopeKind::Owner, ScopeKind::Account, ScopeKind::County];
    for (scope, kind) in scopes.into_iter().zip(kinds) {
        assert_eq!(scope.to_string().parse(), Ok(scope.clone()));
        assert_eq!(scope.kind(), kind);
        let json = serde_json::to_string(&scope).expect("a text");
        assert_eq!(serde_json::from_str::<Scope>(&json).expect("the same text"), scope);
    }
    for text in ["", "a", "a:", "a:3308221002", "a:33082210020x", "a:3308221002011", "o:1", "u:", "x:330822100201", "C", "c:"] {
        assert_eq!(text.parse::<Scope>(), Err(ScopeError), "{text:?}");
    }
}
