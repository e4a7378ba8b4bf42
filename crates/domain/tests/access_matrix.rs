//! Who may write what, listed row by row: each role, each kind, each group, each verb. What is not listed is refused.

use domain::access::{Role, may_write};
use domain::ids::{ChangeId, DeviceNumber, RecordId, TxnId, derived_id};
use domain::kind;
use domain::merge::Refusal;
use domain::record::SCHEMA;
use domain::{Change, Fields, GroupChange, GroupValue, Origin, Record, Stamp, Verb};
use serde_json::json;

const ROLES: [(char, Role); 4] = [('C', Role::Coordinator), ('O', Role::Officer), ('L', Role::Landlord), ('A', Role::Admin)];

fn id() -> RecordId {
    derived_id(&["a record"])
}

fn origin() -> Origin {
    Origin { stamp: Stamp::at(1_795_392_000_000), device: DeviceNumber(1) }
}

fn object(value: serde_json::Value) -> Fields {
    value.as_object().cloned().expect("an object")
}

fn change(kind: &str, verb: Verb, groups: &[(&str, Fields)]) -> Change {
    Change {
        id: ChangeId(id().0),
        txn: TxnId(id().0),
        record: id(),
        kind: kind.to_owned(),
        verb,
        schema: SCHEMA,
        origin: origin(),
        groups: groups
            .iter()
            .map(|(name, fields)| ((*name).to_owned(), GroupChange { fields: fields.clone(), base: None }))
            .collect(),
    }
}

fn held(kind: &str, group: &str, fields: Fields) -> Record {
    let mut record = Record::empty(kind, id());
    record.groups.insert(group.to_owned(), GroupValue::new(fields, origin()));
    record
}

/// Exactly the roles of `allowed` may make the change; the others are told what is not theirs.
fn check(change: &Change, held: Option<&Record>, allowed: &str, refused_for: &str) {
    for (letter, role) in ROLES {
        let expected = if allowed.contains(letter) {
            Ok(())
        } else {
            // An administrator is refused by the kind: no group of the register is theirs.
            let what = if role == Role::Admin { change.kind.as_str() } else { refused_for };
            Err(Refusal::Role(what.to_owned()))
        };
        assert_eq!(
            may_write(role, change, held),
            expected,
            "{} {:?} of {} {:?}",
            role.as_str(),
            change.verb,
            change.kind,
            change.groups.keys().collect::<Vec<_>>()
        );
    }
}

/// `C` coordinator, `O` officer, `L` landlord, `A` administrator; creation and change alike.
const MATRIX: &[(&str, &str, &str)] = &[
    ("unit", "address", "CO"),
    ("unit", "landlord", "CO"),
    ("unit", "letting", "CO"),
    ("unit", "letter", "CO"),
    ("unit", "registration", "CO"),
    ("unit", "grade", "O"),
    ("unit", "grade_wanted", "CO"),
    ("unit", "number", ""),
    ("unit", "plate", ""),
    ("unit", "plate_wanted", "CO"),
    ("unit", "place", ""),
    ("room", "label", "CO"),
    ("room", "where", "CO"),
    ("room", "place", ""),
    ("person", "identity", "CO"),
    ("person", "hukou", "CO"),
    ("person", "contact", "CO"),
    ("person", "guardian", "CO"),
    ("person", "handed", "CO"),
    ("person", "apart", "CO"),
    ("person", "alias", ""),
    ("person", "place", ""),
    ("residency", "who", "CO"),
    ("residency", "declared", "CO"),
    ("residency", "why", "CO"),
    ("residency", "intent", "CO"),
    ("residency", "work", "CO"),
    ("residency", "status", "CO"),
    ("residency", "handed", "CO"),
    ("residency", "restored", "O"),
    ("residency", "weighed", "CO"),
    ("residency", "merged", ""),
    ("residency", "number", ""),
    ("residency", "place", ""),
    ("stay", "where", "CO"),
    ("stay", "period", "CO"),
    ("stay", "relation", "CO"),
    ("stay", "place", ""),
    ("visit", "fact", "CO"),
    ("visit", "place", ""),
    ("visit_person", "fact", "CO"),
    ("visit_person", "place", ""),
    ("photo", "fact", "CO"),
    ("photo", "place", ""),
    ("photo_withdrawal", "fact", "CO"),
    ("photo_withdrawal", "place", ""),
    ("withdrawal", "fact", "CO"),
    ("withdrawal", "place", ""),
    ("inspection", "fact", "CO"),
    ("inspection", "place", ""),
    ("hazard", "what", "CO"),
    ("hazard", "due", "CO"),
    ("hazard", "charge", "CO"),
    ("hazard", "place", ""),
    ("recheck", "fact", "CO"),
    ("recheck", "place", ""),
    ("letter", "fact", "CO"),
    ("letter", "place", ""),
    ("tenancy", "where", "CO"),
    ("tenancy", "firm", "CO"),
    ("tenancy", "period", "CO"),
    ("tenancy", "place", ""),
    ("sweep", "what", "O"),
    ("sweep", "closed", "O"),
    ("sweep", "place", ""),
    ("report", "said", "L"),
    ("report", "document", "L"),
    ("report", "receipt", ""),
    ("report", "match", ""),
    ("report", "place", ""),
    ("referral", "who", "CO"),
    ("referral", "where", "CO"),
    ("referral", "state", "CO"),
    ("referral", "place", ""),
    ("permit_application", "who", "CO"),
    ("permit_application", "asked", "CO"),
    ("permit_application", "materials", "CO"),
    ("permit_application", "accepted", "CO"),
    ("permit_application", "decided", "O"),
    ("permit_application", "slip", ""),
    ("permit_application", "place", ""),
    ("permit", "who", "O"),
    ("permit", "issued", "O"),
    ("permit", "number", ""),
    ("permit", "place", ""),
    // What a coordinator may note down of a permit stands below; what says nothing is not theirs.
    ("permit_event", "fact", "O"),
    ("permit_event", "place", ""),
    ("access", "fact", "CO"),
    ("access", "place", ""),
    ("conflict", "settled", "COL"),
    ("conflict", "what", ""),
    ("conflict", "place", ""),
    ("duplicate", "settled", "CO"),
    ("duplicate", "what", ""),
    ("duplicate", "place", ""),
    // County records are the server's own.
    ("area", "area", ""),
    ("holidays", "days", ""),
    ("policy", "choice", ""),
    ("notice", "text", ""),
];

#[test]
fn each_role_writes_its_own_groups_and_no_other() {
    // A state that every rule about states lets pass: those have their own rows below.
    let fields = object(json!({ "state": "cancelled" }));
    for (kind, group, allowed) in MATRIX {
        let refused_for = if kind::is_county(kind) { kind } else { group };
        let there = Record::empty(kind, id());
        for verb in [Verb::Create, Verb::Set] {
            check(&change(kind, verb, &[(group, fields.clone())]), Some(&there), allowed, refused_for);
        }
    }
    let listed: std::collections::BTreeSet<&str> = MATRIX.iter().map(|(kind, _, _)| *kind).collect();
    let known: std::collections::BTreeSet<&str> = kind::ALL.iter().copied().collect();
    assert_eq!(listed, known, "a new kind gets its rows here");
}

#[test]
fn one_foreign_group_refuses_the_whole_change() {
    let both =
        change("report", Verb::Create, &[("receipt", object(json!({ "no": "1" }))), ("said", object(json!({ "kind": "in" })))]);
    check(&both, None, "", "receipt");
    let place = change("unit", Verb::Set, &[("address", Fields::new()), ("place", Fields::new())]);
    assert_eq!(may_write(Role::Coordinator, &place, None), Err(Refusal::Role("place".to_owned())));
}

#[test]
fn a_mistake_is_taken_back_by_those_who_register_and_a_fact_by_nobody() {
    let rows = [
        ("unit", "CO"),
        ("room", "CO"),
        ("person", "CO"),
        ("residency", "CO"),
        ("stay", "CO"),
        ("tenancy", "CO"),
        ("referral", "CO"),
        ("permit_application", ""),
        ("permit", ""),
        ("hazard", ""),
        ("report", ""),
        ("sweep", ""),
        ("conflict", ""),
        ("duplicate", ""),
        ("area", ""),
        ("holidays", ""),
        ("policy", ""),
        ("notice", ""),
    ];
    for (kind, allowed) in rows {
        for verb in [Verb::Delete, Verb::Restore] {
            check(&change(kind, verb, &[]), None, allowed, kind);
        }
    }
    const FACTS: [&str; 10] = [
        "visit",
        "visit_person",
        "photo",
        "photo_withdrawal",
        "inspection",
        "recheck",
        "letter",
        "withdrawal",
        "permit_event",
        "access",
    ];
    for kind in FACTS {
        for verb in [Verb::Delete, Verb::Restore] {
            for role in [Role::Coordinator, Role::Officer, Role::Landlord] {
                assert_eq!(may_write(role, &change(kind, verb, &[]), None), Err(Refusal::FactIsFinal), "{kind}");
            }
            assert_eq!(may_write(Role::Admin, &change(kind, verb, &[]), None), Err(Refusal::Role(kind.to_owned())));
        }
    }
    let all: Vec<&str> = rows.iter().map(|(kind, _)| *kind).chain(FACTS).collect();
    assert!(kind::ALL.iter().all(|kind| all.contains(kind)), "a new kind gets its row here");
}

#[test]
fn an_unknown_kind_is_refused_to_everybody() {
    for kind in ["", "permits", "Unit", "account", "unit "] {
        for verb in [Verb::Create, Verb::Set, Verb::Delete, Verb::Restore] {
            check(&change(kind, verb, &[("anything", Fields::new())]), None, "", kind);
        }
    }
}

#[test]
fn who_may_decide_about_a_report() {
    let rows = [("accepted", "CO"), ("returned", "CO"), ("withdrawn", "L"), ("", ""), ("paid", "")];
    let report = Record::empty("report", id());
    for (state, allowed) in rows {
        let decision = change("report", Verb::Set, &[("check", object(json!({ "state": state })))]);
        check(&decision, Some(&report), allowed, "check");
        check(&decision, None, "", "check");
    }
    check(&change("report", Verb::Set, &[("check", Fields::new())]), Some(&report), "", "check");
}

#[test]
fn what_happens_to_a_permit_is_noted_by_those_it_is_entrusted_to() {
    let fact = |more: serde_json::Value| {
        let mut fact = object(json!({ "permit": id(), "on": "2026-11-23" }));
        fact.extend(object(more));
        change("permit_event", Verb::Create, &[("fact", fact)])
    };
    let rows = [
        (json!({ "what": "HANDOUT" }), "CO"),
        (json!({ "what": "ENDORSE" }), "CO"),
        (json!({ "what": "ADDRESS_CHANGE", "since": "2026-11-20" }), "CO"),
        (json!({ "what": "EMPLOYER_CHANGE", "since": "2026-11-20" }), "CO"),
        (json!({ "what": "REPLACE_DAMAGED" }), "CO"),
        (json!({ "what": "REPLACE_LOST" }), "CO"),
        (json!({ "what": "CANCEL", "reason": "HUKOU" }), "CO"),
        (json!({ "what": "CANCEL", "reason": "DEATH" }), "CO"),
        (json!({ "what": "CANCEL", "reason": "SURRENDERED" }), "CO"),
        // Entrusted to nobody: making a card, letting one run on, and deciding against its holder.
        (json!({ "what": "CANCEL", "reason": "NOT_ENDORSED" }), "O"),
        (json!({ "what": "CANCEL", "reason": "OTHER" }), "O"),
        (json!({ "what": "REISSUE" }), "O"),
        (json!({ "what": "RENEW", "valid_until": "2027-11-23" }), "O"),
        (json!({ "what": "WITHDRAW", "withdraws": id() }), "CO"),
        (json!({ "what": "SUSPEND" }), "O"),
    ];
    for (more, allowed) in rows {
        check(&fact(more), None, allowed, "fact");
    }
}

#[test]
fn nobody_decides_about_a_permit_that_was_never_asked_for() {
    let decided = change("permit_application", Verb::Create, &[("decided", object(json!({ "state": "approved" })))]);
    check(&decided, None, "", "decided");
}

#[test]
fn nobody_settles_a_conflict_the_server_never_stated() {
    let settled = change("conflict", Verb::Create, &[("settled", object(json!({ "state": "kept" })))]);
    check(&settled, None, "", "settled");
}

#[test]
fn nobody_answers_a_question_about_two_people_that_was_never_asked() {
    let settled = change("duplicate", Verb::Create, &[("settled", object(json!({ "state": "same" })))]);
    check(&settled, None, "", "settled");
    check(&change("person", Verb::Create, &[("apart", object(json!({ "than": id() })))]), None, "", "apart");
}

#[test]
fn a_cancelled_registration_is_brought_back_by_the_station_only() {
    let to = |state: &str| change("residency", Verb::Set, &[("status", object(json!({ "state": state })))]);
    let was = |state: &str| held("residency", "status", object(json!({ "state": state })));
    let rows = [
        (Some("cancelled"), "active", "O"),
        (Some("cancelled"), "cancelled", "CO"),
        (Some("active"), "cancelled", "CO"),
        (Some("active"), "active", "CO"),
        (None, "active", "CO"),
        // Anything else in between would be a way around the station. (That it is no state at all, the shapes say.)
        (Some("cancelled"), "", "O"),
        (Some("active"), "ended", "O"),
    ];
    for (before, after, allowed) in rows {
        check(&to(after), before.map(was).as_ref(), allowed, "status");
    }
}

#[test]
fn the_legal_start_of_a_registration_is_altered_by_the_station_only() {
    let declared = |on: &str| object(json!({ "registered_on": on, "channel": "visit" }));
    let to = |on: &str| change("residency", Verb::Set, &[("declared", declared(on))]);
    let was = held("residency", "declared", declared("2026-11-20"));
    check(&to("2026-11-20"), Some(&was), "CO", "declared");
    check(&to("2026-11-01"), Some(&was), "O", "declared");
    check(&to("2026-11-01"), None, "CO", "declared");
    // A registration that says nothing yet can be told.
    check(&to("2026-11-01"), Some(&held("residency", "declared", Fields::new())), "CO", "declared");
}

/// Each transition of a hazard, by each role: allowed or refused when its writer had seen where it stood.
#[test]
fn a_hazard_goes_on_from_where_it_was_seen() {
    use domain::hazard::HazardState;
    let there = |state: HazardState| held("hazard", "state", object(json!({ "state": state.code() })));
    let mut states: Vec<Option<HazardState>> = HazardState::ALL.iter().copied().map(Some).collect();
    states.push(None);
    for was in states {
        let record = was.map(there);
        for to in HazardState::ALL {
            let mut to_it = change("hazard", Verb::Set, &[("state", object(json!({ "state": to.code() })))]);
            to_it.groups.get_mut("state").expect("put above").base = was.map(|_| origin());
            let allowed = if HazardState::may_become(was, *to) { "CO" } else { "" };
            check(&to_it, record.as_ref(), allowed, "state");
        }
    }
    // Who had not seen where it stands meets it by weight; what is no state is nobody's.
    let unseen = |state: &str| change("hazard", Verb::Set, &[("state", object(json!({ "state": state })))]);
    check(&unseen("noticed"), Some(&there(HazardState::Closed)), "CO", "state");
    for state in ["", "overdue", "CLOSED"] {
        check(&unseen(state), Some(&there(HazardState::Open)), "", "state");
    }
}

#[test]
fn a_role_survives_its_text_form() {
    for (_, role) in ROLES {
        assert_eq!(Role::from_text(role.as_str()), Some(role));
        assert_eq!(serde_json::to_value(role).expect("a text"), json!(role.as_str()), "stored and sent the same");
    }
    for text in ["", "root", "Coordinator"] {
        assert_eq!(Role::from_text(text), None, "{text:?}");
    }
}
