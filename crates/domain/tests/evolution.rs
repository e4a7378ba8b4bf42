//! Changes of every schema are read for ever, and what a version does not know passes through it.

use std::path::Path;

use domain::merge::{Arrival, merge};
use domain::record::SCHEMA;
use domain::upcast::{STEPS, Step, upcast, upcast_by};
use domain::{Change, Fields, GroupChange, Record, Verb, kind};

/// One change of each kind as a schema's devices wrote them: `tests/schema/<number>/changes.json`.
fn changes_of(schema: u32) -> Vec<Change> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/schema/{schema}/changes.json"));
    let text = std::fs::read_to_string(&file).expect("every schema keeps its changes");
    serde_json::from_str(&text).expect("and they are read for ever")
}

fn arrival() -> Arrival {
    Arrival { seq: 1, received_unix_ms: 1_795_395_600_000, sender: domain::DeviceNumber::SERVER }
}

#[test]
fn every_schema_up_to_this_one_is_read_and_applied() {
    for schema in 1..=SCHEMA {
        let changes = changes_of(schema);
        assert!(changes.len() >= 8, "one of each kind");
        for change in changes {
            assert_eq!(change.schema, schema);
            let read = upcast(change.clone());
            assert_eq!((read.id, read.origin, read.schema), (change.id, change.origin, schema), "frozen is frozen");
            for (name, group) in &change.groups {
                for (field, value) in &group.fields {
                    assert_eq!(read.groups[name].fields.get(field), Some(value), "{schema}: {name}.{field} is still there");
                }
            }
            let held = (read.verb != Verb::Create).then(|| Record::empty(&read.kind, read.record));
            let merged = merge(held.as_ref(), &read, arrival()).expect("applies");
            assert_eq!(merged.record.groups.len(), change.groups.len());
        }
    }
}

#[test]
fn there_is_a_step_from_each_schema_to_the_next_and_no_other() {
    let from: Vec<u32> = STEPS.iter().map(|step| step.from).collect();
    let wanted: Vec<u32> = (1..SCHEMA).collect();
    assert_eq!(from, wanted);
}

/// As if there had been a version before the first, which knew one phone number and no kind of it.
const MADE_UP: &[Step] = &[
    Step {
        from: 1,
        up: |change| {
            if let Some(contact) = change.groups.get_mut("contact") {
                contact.fields.entry("phone_is").or_insert("own".into());
            }
        },
    },
    Step {
        from: 0,
        up: |change| {
            if let Some(contact) = change.groups.get_mut("contact")
                && let Some(tel) = contact.fields.get("tel").cloned()
            {
                contact.fields.entry("phone").or_insert(tel);
            }
        },
    },
];

fn contact(schema: u32, fields: serde_json::Value) -> Change {
    let mut change = changes_of(1).into_iter().find(|change| change.kind == kind::PERSON).expect("a person");
    let fields: Fields = fields.as_object().cloned().expect("an object");
    change.schema = schema;
    change.groups = [("contact".to_owned(), GroupChange { fields, base: None })].into();
    change
}

#[test]
fn a_change_of_two_versions_ago_takes_both_steps_in_order_and_loses_nothing() {
    let old = contact(0, serde_json::json!({"tel": "13905700001", "says": "in the evening"}));
    let read = upcast_by(MADE_UP, 2, old);
    let fields = &read.groups["contact"].fields;
    assert_eq!(fields["phone"], "13905700001");
    assert_eq!(fields["phone_is"], "own");
    assert_eq!(fields["tel"], "13905700001", "a step adds and takes nothing away");
    assert_eq!(fields["says"], "in the evening", "nor what it does not know");
    assert_eq!(upcast_by(MADE_UP, 2, read.clone()), read, "read twice is read once");
}

#[test]
fn a_change_of_the_next_version_passes_untouched() {
    let mut new = contact(SCHEMA + 1, serde_json::json!({"phone": "13905700001", "wechat": "w-1", "since": {"year": 2027}}));
    new.groups.insert("languages".to_owned(), GroupChange { fields: Fields::new(), base: None });
    assert_eq!(upcast(new.clone()), new);
    assert_eq!(upcast_by(MADE_UP, 2, contact(3, serde_json::json!({"tel": "1"}))), contact(3, serde_json::json!({"tel": "1"})));
}
