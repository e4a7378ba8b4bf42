//! The laws of the merge (docs/sync-protocol.md, "Who wins"): whoever arrives first, whatever the clocks, nobody's value is lost.

use std::collections::BTreeSet;

use domain::ids::{ChangeId, DeviceNumber, RecordId, TxnId, derived_id};
use domain::kind;
use domain::merge::{Arrival, Clash, ClashWhy, Merged, Refusal, lay_over, merge};
use domain::record::SCHEMA;
use domain::{Change, Fields, GroupChange, Origin, Record, Stamp, Verb};
use proptest::prelude::*;
use serde_json::json;

/// 2026-11-23 in the county, morning.
const NOW: i64 = 1_795_392_000_000;
const TEN_YEARS_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

fn id() -> RecordId {
    derived_id(&["one record"])
}

fn origin(device: u32, unix_ms: i64) -> Origin {
    Origin { stamp: Stamp::at(unix_ms), device: DeviceNumber(device) }
}

fn fields(text: &str) -> Fields {
    json!({ "phone": text }).as_object().cloned().expect("an object")
}

fn state(text: &str) -> Fields {
    json!({ "state": text, "on": "2026-11-23" }).as_object().cloned().expect("an object")
}

/// A change as a device writes it.
fn change(kind: &str, verb: Verb, origin: Origin, groups: &[(&str, Fields, Option<Origin>)]) -> Change {
    let name = derived_id(&[&origin.to_string(), &format!("{verb:?} {groups:?}")]).0;
    Change {
        id: ChangeId(name),
        txn: TxnId(name),
        record: id(),
        kind: kind.to_owned(),
        verb,
        schema: SCHEMA,
        origin,
        groups: groups
            .iter()
            .map(|(group, fields, base)| ((*group).to_owned(), GroupChange { fields: fields.clone(), base: *base }))
            .collect(),
    }
}

/// Somebody's phone number: the group of the laws that hold for `latest`.
fn contact(origin: Origin, text: &str, base: Option<Origin>) -> Change {
    change(kind::PERSON, Verb::Set, origin, &[("contact", fields(text), base)])
}

fn at(received_unix_ms: i64) -> Arrival {
    Arrival { seq: 1, received_unix_ms, sender: DeviceNumber::SERVER }
}

fn applied(held: Option<&Record>, change: &Change, arrival: Arrival) -> Merged {
    let arrival = Arrival { sender: change.origin.device, ..arrival };
    merge(held, change, arrival).expect("the rules of this group take it")
}

/// A person the server holds, with one phone number everybody has seen.
fn seen_by_all() -> (Record, Origin) {
    let first = origin(9, NOW - TEN_YEARS_MS * 2);
    let create = change(kind::PERSON, Verb::Create, first, &[("contact", fields("v0"), None)]);
    (applied(None, &create, at(NOW - 1)).record, first)
}

fn texts(values: impl IntoIterator<Item = Fields>) -> BTreeSet<String> {
    values.into_iter().map(|fields| serde_json::Value::Object(fields).to_string()).collect()
}

fn lost(clashes: &[Clash]) -> Vec<Fields> {
    clashes.iter().map(|clash| clash.lost.fields.clone()).collect()
}

/// Every order of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for shorter in orders(count - 1) {
        for place in 0..=shorter.len() {
            let mut order = shorter.clone();
            order.insert(place, count - 1);
            found.push(order);
        }
    }
    found
}

/// What stands, and what stands or is kept in a conflict, when the changes arrive in this order. The server's clock goes on
/// by a second for each.
fn in_order(held: Option<&Record>, changes: &[Change], order: &[usize], group: &str) -> (Fields, BTreeSet<String>) {
    let mut record = held.cloned();
    let mut kept = Vec::new();
    for (step, index) in order.iter().enumerate() {
        let merged = applied(record.as_ref(), &changes[*index], at(NOW + 1000 * step as i64));
        kept.extend(lost(&merged.clashes));
        record = Some(merged.record);
    }
    let current = record.expect("something was applied").groups[group].fields.clone();
    kept.push(current.clone());
    (current, texts(kept))
}

fn value() -> impl Strategy<Value = String> {
    // Few values, so that people often type the same.
    prop::sample::select(vec!["13800000001", "13800000002", "13800000003"]).prop_map(str::to_owned)
}

/// A clock before the moment of receipt, as an honest one is.
fn honest() -> impl Strategy<Value = i64> {
    (1..100_000_i64).prop_map(|before| NOW - before)
}

fn any_clock() -> impl Strategy<Value = i64> {
    (-TEN_YEARS_MS..TEN_YEARS_MS).prop_map(|off| NOW + off)
}

proptest! {
    #[test]
    fn a_change_that_arrives_twice_changes_nothing_the_second_time(
        first in (any_clock(), value()),
        second in (any_clock(), value()),
        had_seen in any::<bool>(),
        deletes in any::<bool>(),
    ) {
        let (record, v0) = seen_by_all();
        let record = applied(Some(&record), &contact(origin(1, first.0), &first.1, Some(v0)), at(NOW)).record;
        let base = if had_seen { record.groups["contact"].origin } else { v0 };
        let again = if deletes {
            change(kind::PERSON, Verb::Delete, origin(2, second.0), &[("contact", Fields::new(), Some(base))])
        } else {
            contact(origin(2, second.0), &second.1, Some(base))
        };
        let once = applied(Some(&record), &again, at(NOW + 1));
        let twice = applied(Some(&once.record), &again, at(NOW + 1));
        prop_assert_eq!(&twice.record, &once.record);
        prop_assert_eq!(&twice.written, &Vec::<String>::new(), "nothing new travels");
        for clash in &twice.clashes {
            prop_assert!(once.clashes.contains(clash), "a repeated request opens no second conflict: {:?}", clash);
        }
    }

    #[test]
    fn concurrent_values_with_honest_clocks_end_the_same_in_any_order(
        writers in prop::collection::vec((honest(), value()), 2..=3),
    ) {
        let (record, v0) = seen_by_all();
        let changes: Vec<Change> = writers
            .iter()
            .zip(1..)
            .map(|((clock, text), device)| contact(origin(device, *clock), text, Some(v0)))
            .collect();
        let expected = in_order(Some(&record), &changes, &orders(changes.len())[0], "contact");
        for order in orders(changes.len()) {
            prop_assert_eq!(&in_order(Some(&record), &changes, &order, "contact"), &expected, "order {:?}", order);
        }
        let typed: BTreeSet<String> = texts(writers.iter().map(|(_, text)| fields(text)));
        prop_assert_eq!(expected.1, typed, "every value is current or kept");
    }

    #[test]
    fn two_edits_of_one_person_stay_in_their_order_around_another_persons(
        mine in (honest(), value()),
        later in (1..50_000_i64, value()),
        theirs in (honest(), value()),
    ) {
        // a1 → a2 by one device, b by another that saw neither. a2 comes after a1 in every order.
        let (record, v0) = seen_by_all();
        let a1 = contact(origin(1, mine.0 - 100_000), &mine.1, Some(v0));
        let a2 = contact(origin(1, mine.0 - 100_000 + later.0), &later.1, Some(a1.origin));
        let b = contact(origin(2, theirs.0 - 100_000), &theirs.1, Some(v0));
        prop_assume!(b.origin.stamp != a2.origin.stamp && b.origin.stamp != a1.origin.stamp);
        prop_assume!(mine.1 != later.1 && mine.1 != theirs.1 && later.1 != theirs.1);
        let changes = [a1, a2, b];
        let ends: BTreeSet<String> = [[0, 1, 2], [0, 2, 1], [2, 0, 1]]
            .iter()
            .map(|order| serde_json::Value::Object(in_order(Some(&record), &changes, order, "contact").0).to_string())
            .collect();
        prop_assert_eq!(ends.len(), 1, "the order of arrival decided: {:?}", ends);
    }

    #[test]
    fn who_has_seen_the_current_value_always_stands_whatever_the_clocks(
        chain in prop::collection::vec((1..4_u32, any_clock(), any_clock()), 1..8),
    ) {
        let (mut record, mut seen) = seen_by_all();
        for (step, (device, clock, received)) in chain.into_iter().enumerate() {
            let text = format!("step {step}");
            let change = contact(origin(device, clock), &text, Some(seen));
            let merged = applied(Some(&record), &change, at(received));
            prop_assert_eq!(&merged.clashes, &Vec::new(), "nobody is asked about a value its writer had seen");
            prop_assert_eq!(&merged.record.groups["contact"].fields, &fields(&text));
            seen = change.origin;
            record = merged.record;
        }
    }

    #[test]
    fn a_stamp_from_the_future_wins_no_more_than_the_moment_it_arrived(
        ahead in 1..TEN_YEARS_MS,
        theirs in any_clock(),
        arrived_after in 0..100_000_i64,
    ) {
        let (record, v0) = seen_by_all();
        let other = contact(origin(2, theirs), "theirs", Some(v0));
        let held = applied(Some(&record), &other, at(NOW)).record;
        let received = NOW + arrived_after;
        let lying = applied(Some(&held), &contact(origin(1, received + ahead), "mine", Some(v0)), at(received));
        let honest = applied(Some(&held), &contact(origin(1, received), "mine", Some(v0)), at(received));
        prop_assert_eq!(&lying.record.groups["contact"].fields, &honest.record.groups["contact"].fields);
        prop_assert_eq!(&lying.record.groups["contact"].rank, &honest.record.groups["contact"].rank);
        // And whoever wrote after that moment, by an honest clock, wins over it.
        let later = contact(origin(3, received + 1), "later", Some(v0));
        let after = applied(Some(&lying.record), &later, at(received + 2));
        prop_assert_eq!(&after.record.groups["contact"].fields, &fields("later"));
    }

    #[test]
    fn equal_values_write_nothing_and_answer_to_both_names(
        one in any_clock(),
        other in any_clock(),
        third in any_clock(),
    ) {
        let (record, v0) = seen_by_all();
        let first = contact(origin(1, one), "the same", Some(v0));
        let second = contact(origin(2, other), "the same", Some(v0));
        let held = applied(Some(&record), &first, at(NOW)).record;
        let merged = applied(Some(&held), &second, at(NOW + 1));
        prop_assert!(!merged.is_news(), "an echo would travel to everybody");
        prop_assert_eq!(&merged.clashes, &Vec::new());
        for name in [first.origin, second.origin] {
            prop_assert!(merged.record.groups["contact"].is_named(name));
            let next = contact(origin(3, third), "next", Some(name));
            let after = applied(Some(&merged.record), &next, at(NOW + 2));
            prop_assert_eq!(&after.clashes, &Vec::new(), "whoever saw it under {} has seen it", name);
            prop_assert_eq!(&after.record.groups["contact"].fields, &fields("next"));
        }
    }

    #[test]
    fn no_value_is_ever_nowhere(
        steps in prop::collection::vec((1..4_u32, any_clock(), value(), any::<prop::sample::Index>(), any_clock()), 1..12),
    ) {
        let (mut record, v0) = seen_by_all();
        let mut origins = vec![None, Some(v0)];
        for (device, clock, text, base, received) in steps {
            let base = *base.get(&origins);
            let change = contact(origin(device, clock), &text, base);
            origins.push(Some(change.origin));
            let before = record.groups["contact"].clone();
            let merged = applied(Some(&record), &change, at(received));
            let current = &merged.record.groups["contact"];
            let is_kept = |fields: &Fields| merged.clashes.iter().any(|clash| clash.lost.fields == *fields);
            prop_assert!(current.fields == fields(&text) || is_kept(&fields(&text)), "what was just saved is current or kept");
            let was_seen = base.is_some_and(|base| before.is_named(base))
                || (before.origin.device == change.origin.device && before.origin.stamp < change.origin.stamp);
            prop_assert!(
                current.fields == before.fields || was_seen || is_kept(&before.fields),
                "what stood before stands, was seen by its replacer, or is kept"
            );
            for clash in &merged.clashes {
                prop_assert_eq!(clash.stands.as_ref().map(|stands| &stands.fields), Some(&current.fields));
            }
            record = merged.record;
        }
    }

    #[test]
    fn what_the_phone_shows_is_what_the_server_will_say_when_nobody_else_wrote(
        clock in any_clock(),
        text in value(),
        received in any_clock(),
    ) {
        let (record, v0) = seen_by_all();
        for change in [
            contact(origin(1, clock), &text, Some(v0)),
            change(kind::PERSON, Verb::Set, origin(1, clock), &[("origin", fields(&text), None)]),
            change(kind::PERSON, Verb::Delete, origin(1, clock), &[("contact", Fields::new(), Some(v0))]),
        ] {
            let shown = lay_over(Some(record.clone()), &change);
            let said = applied(Some(&record), &change, at(received)).record;
            let visible = |record: &Record| -> Vec<(String, Fields)> {
                record.groups.iter().map(|(name, value)| (name.clone(), value.fields.clone())).collect()
            };
            prop_assert_eq!(visible(&shown), visible(&said));
            prop_assert_eq!(shown.dead, said.dead);
        }
    }
}

// ---- decisions -------------------------------------------------------------------------------------------------------

/// Decisions that had not seen each other end the same in any order, with whatever clocks: the heaviest stands.
fn check_decisions(kind: &str, group: &str, states: &[&str], stands: &str) {
    for clocks in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let changes: Vec<Change> = states
            .iter()
            .zip(clocks)
            .zip(1..)
            .map(|((text, clock), device)| {
                change(kind, Verb::Create, origin(device, NOW - 1000 * (clock + 1)), &[(group, state(text), None)])
            })
            .collect();
        for order in orders(changes.len()) {
            let (current, kept) = in_order(None, &changes, &order, group);
            assert_eq!(current, state(stands), "{kind} {states:?} in order {order:?}");
            assert_eq!(kept, texts(states.iter().map(|text| state(text))), "{kind}: the others are kept for people to decide");
        }
    }
}

#[test]
fn decisions_do_not_depend_on_who_arrives_first() {
    check_decisions(kind::RESIDENCY, "status", &["active", "cancelled"], "active");
    check_decisions(kind::REPORT, "check", &["accepted", "withdrawn"], "accepted");
    check_decisions(kind::REPORT, "check", &["accepted", "returned"], "accepted");
    check_decisions(kind::REPORT, "check", &["withdrawn", "returned"], "withdrawn");
    check_decisions(kind::REPORT, "check", &["returned", "accepted", "withdrawn"], "accepted");
}

#[test]
fn a_decision_by_someone_who_saw_the_other_one_stands() {
    let active = change(kind::RESIDENCY, Verb::Create, origin(1, NOW), &[("status", state("active"), None)]);
    let held = applied(None, &active, at(NOW)).record;
    let cancel =
        change(kind::RESIDENCY, Verb::Set, origin(2, NOW - TEN_YEARS_MS), &[("status", state("cancelled"), Some(active.origin))]);
    let merged = applied(Some(&held), &cancel, at(NOW + 1));
    assert_eq!(merged.record.text("status", "state"), Some("cancelled"), "a person decided, knowing what stood");
    assert_eq!(merged.clashes, Vec::new());
}

#[test]
fn what_is_written_once_takes_the_same_again_and_refuses_anything_else() {
    let said = |device, text| change(kind::REPORT, Verb::Create, origin(device, NOW), &[("said", fields(text), None)]);
    let held = applied(None, &said(1, "in"), at(NOW)).record;
    let again = applied(Some(&held), &said(2, "in"), at(NOW + 1));
    assert!(!again.is_news(), "the same value is no second one");
    assert_eq!(merge(Some(&held), &said(2, "out"), at(NOW + 1)), Err(Refusal::SetOnce("said".to_owned())));
    let knowing = change(kind::REPORT, Verb::Set, origin(1, NOW + 1), &[("said", fields("out"), Some(origin(1, NOW)))]);
    assert_eq!(merge(Some(&held), &knowing, at(NOW + 1)), Err(Refusal::SetOnce("said".to_owned())), "not even knowingly");
}

// ---- life and death --------------------------------------------------------------------------------------------------

fn delete(device: u32, unix_ms: i64, seen: &[(&str, Origin)]) -> Change {
    let groups: Vec<_> = seen.iter().map(|(group, base)| (*group, Fields::new(), Some(*base))).collect();
    change(kind::PERSON, Verb::Delete, origin(device, unix_ms), &groups)
}

#[test]
fn a_deletion_that_has_seen_everything_stands_and_is_taken_back_by_a_restore() {
    let (record, v0) = seen_by_all();
    let dead = applied(Some(&record), &delete(1, NOW, &[("contact", v0)]), at(NOW));
    assert_eq!(dead.record.dead, Some(origin(1, NOW)));
    assert_eq!(dead.written, ["dead"]);
    let restore = change(kind::PERSON, Verb::Restore, origin(2, NOW + 1), &[]);
    let back = applied(Some(&dead.record), &restore, at(NOW + 1));
    assert_eq!((back.record, back.written), (record, vec!["dead".to_owned()]), "every value is still there");
}

#[test]
fn a_deletion_that_meets_an_edit_it_had_not_seen_leaves_the_record_and_opens_a_conflict() {
    let (record, v0) = seen_by_all();
    let edited = applied(Some(&record), &contact(origin(1, NOW), "new", Some(v0)), at(NOW)).record;
    let merged = applied(Some(&edited), &delete(2, NOW + 5, &[("contact", v0)]), at(NOW + 5));
    assert_eq!(merged.record, edited, "somebody's work is not deleted by someone who had not seen it");
    let whys: Vec<ClashWhy> = merged.clashes.iter().map(|clash| clash.why).collect();
    assert_eq!(whys, [ClashWhy::DeleteMetEdit]);
    assert_eq!(merged.clashes[0].lost.origin, origin(2, NOW + 5));
}

#[test]
fn a_deletion_need_not_have_seen_what_the_server_wrote_by_itself() {
    let (mut record, v0) = seen_by_all();
    record.groups.insert(kind::PLACE.to_owned(), domain::GroupValue::new(fields("330822100201"), origin(0, NOW)));
    let merged = applied(Some(&record), &delete(1, NOW, &[("contact", v0)]), at(NOW));
    assert_eq!((merged.record.dead, merged.clashes), (Some(origin(1, NOW)), Vec::new()));
}

#[test]
fn an_edit_of_a_dead_record_is_kept_and_the_record_stays_dead() {
    let (record, v0) = seen_by_all();
    let dead = applied(Some(&record), &delete(1, NOW, &[("contact", v0)]), at(NOW)).record;
    let merged = applied(Some(&dead), &contact(origin(2, NOW - 1), "new", Some(v0)), at(NOW + 1));
    assert_eq!(merged.record, dead);
    assert!(!merged.is_news());
    assert_eq!(merged.clashes.len(), 1);
    assert_eq!((merged.clashes[0].why, &merged.clashes[0].lost.fields), (ClashWhy::EditMetDelete, &fields("new")));
}

#[test]
fn a_fact_is_final() {
    let facts: Vec<&str> = kind::ALL.iter().copied().filter(|kind| kind::is_fact(kind)).collect();
    assert_eq!(facts.len(), 10);
    for kind in facts {
        let fact = |device, text| change(kind, Verb::Create, origin(device, NOW), &[("fact", fields(text), None)]);
        let held = applied(None, &fact(1, "here"), at(NOW)).record;
        let seen = [("fact", Fields::new(), Some(origin(1, NOW)))];
        let deletion = change(kind, Verb::Delete, origin(1, NOW + 1), &seen);
        assert_eq!(merge(Some(&held), &deletion, at(NOW + 1)), Err(Refusal::FactIsFinal), "{kind}");
        assert_eq!(merge(Some(&held), &fact(1, "left"), at(NOW + 1)), Err(Refusal::SetOnce("fact".to_owned())), "{kind}");
    }
}

#[test]
fn only_a_creation_makes_a_record_and_an_id_keeps_its_kind() {
    let (record, v0) = seen_by_all();
    for verb in [Verb::Set, Verb::Delete, Verb::Restore] {
        let stray = change(kind::PERSON, verb, origin(1, NOW), &[("contact", fields("x"), Some(v0))]);
        assert_eq!(merge(None, &stray, at(NOW)), Err(Refusal::UnknownRecord), "{verb:?}");
    }
    for verb in [Verb::Create, Verb::Set, Verb::Delete, Verb::Restore] {
        let other = change(kind::UNIT, verb, origin(1, NOW), &[("contact", fields("x"), Some(v0))]);
        assert_eq!(merge(Some(&record), &other, at(NOW)), Err(Refusal::OtherKind), "{verb:?}");
    }
    let known = change(kind::PERSON, Verb::Create, origin(1, NOW), &[("contact", fields("x"), Some(v0))]);
    assert_eq!(applied(Some(&record), &known, at(NOW)).record.groups["contact"].fields, fields("x"), "of a known id it is a set");
    let nothing = change(kind::PERSON, Verb::Create, origin(1, NOW), &[]);
    assert!(matches!(merge(None, &nothing, at(NOW)), Err(Refusal::Invalid(_))), "a record without groups is none");
}

#[test]
fn different_groups_do_not_meet() {
    let (record, v0) = seen_by_all();
    let theirs = change(kind::PERSON, Verb::Set, origin(2, NOW), &[("origin", fields("home"), None)]);
    let held = applied(Some(&record), &theirs, at(NOW)).record;
    let merged = applied(Some(&held), &contact(origin(1, NOW - TEN_YEARS_MS), "new", Some(v0)), at(NOW + 1));
    assert_eq!(merged.clashes, Vec::new(), "two people who change different things do not disturb each other");
    assert_eq!(merged.record.groups["origin"].fields, fields("home"));
    assert_eq!(merged.record.groups["contact"].fields, fields("new"));
}

#[test]
fn two_copies_of_one_file_have_not_seen_each_other() {
    let (record, v0) = seen_by_all();
    let original = contact(origin(1, NOW), "typed on the phone", Some(v0));
    let held = applied(Some(&record), &original, at(NOW)).record;
    // The copy wrote under the number both had, and sends it under the new number it was given.
    let copied = contact(origin(1, NOW + 5), "typed on its copy", Some(v0));
    let arrival = Arrival { seq: 1, received_unix_ms: NOW + 10, sender: DeviceNumber(2) };
    let merged = merge(Some(&held), &copied, arrival).expect("taken");
    assert_eq!(merged.clashes.len(), 1, "one number, two people's hands: the other value is kept and shown");
    let own = merge(Some(&held), &copied, Arrival { sender: DeviceNumber(1), ..arrival }).expect("taken");
    assert!(own.clashes.is_empty(), "under its own number it is the writer's earlier word");
}
