//! Who may ask a device what: every command, for every role, signed in and not.

use domain::RecordId;
use domain::access::Role;
use serde_json::{Value, json};
use ui_protocol::session::SignOut;
use ui_protocol::{DeviceCommand, ErrorCode, Handled, UiError};
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

/// Every command with a body that can be read: `(ask, with, coordinator may, landlord may)`.
pub(crate) fn commands() -> Vec<(&'static str, Value, bool, bool)> {
    let id = RecordId(uuid_of_nobody()).to_string();
    let txn = &id;
    vec![
        ("sync_now", json!({}), true, true),
        // The lock before a device answers these; a device without one does not.
        ("unlock", json!({"pin": "111112"}), false, false),
        ("lock", json!({}), false, false),
        ("set_pin", json!({"old": "", "new": "270914"}), false, false),
        ("drop_pin", json!({"pin": "270914"}), false, false),
        ("hand_in_sealed", json!({}), false, false),
        ("begin_anew", json!({}), false, false),
        ("sync_stop", json!({}), true, true),
        ("today", json!({}), true, true),
        ("list_units", json!({"query": "", "area": null, "after": null}), true, true),
        ("unit", json!({"id": id}), true, true),
        ("save_unit", json!({"id": null, "form": {}, "draft": null}), true, false),
        ("set_unit_state", json!({"id": id, "state": "REGISTERED", "reason": null}), true, false),
        ("same_homes", json!({"unit": id, "query": ""}), true, false),
        ("same_home", json!({"unit": id, "into": id}), true, false),
        ("merge_homes", json!({"unit": id, "into": id}), true, false),
        ("part_homes", json!({"unit": id}), true, false),
        ("add_firm", json!({"unit": id, "form": {}}), true, false),
        ("end_tenancy", json!({"tenancy": id, "to": "2026-11-23", "reason": "LEFT"}), true, false),
        ("open_plate", json!({"text": "CS-H-2026-000001"}), true, false),
        ("scan_picture", json!({"width": 8, "height": 1, "dark": "AA=="}), true, false),
        ("plate_of", json!({"unit": id}), true, false),
        ("want_plate", json!({"unit": id}), true, false),
        ("photos", json!({"of": id}), true, false),
        ("add_photo", json!({"of": id, "image": ""}), true, false),
        ("withdraw_photo", json!({"photo": id}), true, false),
        ("put_photo_back", json!({"photo": id}), true, false),
        ("photo_bytes", json!({"photo": id, "size": "whole"}), true, false),
        ("send_photos", json!({}), true, false),
        ("tell_network", json!({"metered": null}), true, false),
        ("visit", json!({"unit": id}), true, false),
        ("note_visit", json!({"unit": id, "step": {"step": "undo"}}), true, false),
        ("open_forms", json!({}), true, false),
        ("weigh_words", json!({"residency": id, "earlier": id, "later": id}), true, false),
        ("finish_visit", json!({"unit": id, "result": "DONE", "next": "NONE", "note": ""}), true, false),
        ("drop_visit", json!({"unit": id}), true, false),
        ("open_visits", json!({}), true, false),
        ("past_visits", json!({"unit": id}), true, false),
        ("past_visit", json!({"visit": id}), true, false),
        ("correct_answer", json!({"fact": id, "result": "HERE"}), true, false),
        ("take_back", json!({"id": id, "note": ""}), true, false),
        ("let_stand", json!({"id": id, "note": ""}), true, false),
        ("propose_grade", json!({"unit": id, "grade": "green", "reason": "x"}), true, false),
        ("safety", json!({"unit": id}), true, false),
        ("check_form", json!({"unit": id}), true, false),
        ("save_check", json!({"unit": id, "form": {}, "draft": null}), true, false),
        ("past_check", json!({"id": id}), true, false),
        ("hazard", json!({"id": id}), true, false),
        ("recheck_hazard", json!({"id": id, "fixed": true, "note": ""}), true, false),
        ("hand_over_hazard", json!({"id": id, "to": "FIRE", "note": ""}), true, false),
        ("notice_slip", json!({"inspection": id}), true, false),
        ("letters", json!({"unit": id}), true, false),
        ("sign_letter", json!({"unit": id, "form": {}, "draft": null}), true, false),
        ("permits_of", json!({"person": id}), true, false),
        ("who_may_apply", json!({"after": null}), true, false),
        ("apply_permit", json!({"person": id, "form": {}, "draft": null}), true, false),
        ("bring_materials", json!({"application": id, "given": []}), true, false),
        ("permit_slip", json!({"application": id}), true, false),
        ("note_permit", json!({"permit": id, "form": {}}), true, false),
        ("take_back_note", json!({"event": id}), true, false),
        ("list_people", json!({"query": "", "after": null}), true, false),
        ("person", json!({"id": id}), true, false),
        ("check_document", json!({"doc_type": "ID", "doc_no": "1"}), true, false),
        ("look_up_county", json!({"doc_type": "ID", "doc_no": "1"}), true, false),
        ("reveal_document", json!({"person": id}), true, false),
        ("new_resident", json!({"unit": id}), true, false),
        ("save_resident", json!({"form": {}, "although_known": false, "draft": null}), true, false),
        ("change_resident", json!({"person": id, "form": {}, "draft": null}), true, false),
        ("move_resident", json!({"residency": id, "form": {}}), true, false),
        ("hand_over", json!({"residency": id, "area": DONG, "on": "2026-11-23", "note": ""}), true, false),
        ("extend_stay", json!({"residency": id, "intended": "4"}), true, false),
        ("cancel_residency", json!({"residency": id, "form": {}}), true, false),
        ("undo_mistake", json!({"record": id}), true, false),
        ("split_person", json!({"person": id}), true, false),
        ("list_reports", json!({"unit": null, "open_only": false, "after": null}), true, true),
        ("report", json!({"id": id}), true, true),
        ("save_report", json!({"form": {}, "draft": null}), false, true),
        ("withdraw_report", json!({"id": id}), false, true),
        (
            "verify_report",
            json!({"id": id, "resident": null, "leaving": null, "cancel": null, "although_known": false}),
            true,
            false,
        ),
        ("return_report", json!({"id": id, "reason": "x"}), true, false),
        ("due_for", json!({"kind": "MOVE_IN", "event_on": "2026-11-23"}), true, true),
        ("referral", json!({"id": id}), true, false),
        ("referral_handed", json!({"id": id}), true, false),
        ("day_log", json!({"on": null}), true, false),
        ("history", json!({"id": id}), true, true),
        ("whole_history", json!({"id": id}), true, true),
        ("attention", json!({}), true, true),
        ("proof", json!({}), true, true),
        ("deep_check", json!({}), true, true),
        ("why_person", json!({"query": "张"}), true, false),
        ("why_send", json!({}), true, true),
        ("why_edit", json!({"no": ""}), true, true),
        ("settle_conflict", json!({"id": id, "choice": "keep"}), true, true),
        ("settle_duplicate", json!({"id": id, "same": true}), true, false),
        ("resend", json!({"txn": txn}), true, true),
        ("discard", json!({"txn": txn}), true, true),
        ("keep_draft", json!({"key": "k", "form": {}}), true, true),
        ("draft", json!({"key": "k"}), true, true),
        ("drop_draft", json!({"key": "k"}), true, true),
        ("regions", json!({"query": "南昌"}), true, false),
        ("areas", json!({"query": ""}), true, true),
        ("notice_text", json!({}), true, true),
    ]
}

fn uuid_of_nobody() -> uuid::Uuid {
    domain::ids::uuid_v7(1, [9; 10])
}

fn ask(actor: &Actor, name: &str, with: &Value) -> Result<Handled, UiError> {
    let command = json!({"ask": name, "with": with});
    serde_json::from_value::<DeviceCommand>(command.clone()).unwrap_or_else(|error| panic!("{name} is a command: {error}"));
    serde_json::from_str(&actor.device().handle_json(&command.to_string()).0).expect("an answer")
}

#[test]
fn every_command_answers_its_roles_and_refuses_the_others() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let chen = world.landlord("chen", "13905700099");
    world.account("boss", Role::Admin, &[], "");
    let boss = world.phone_of("boss");
    world.account("zhou", Role::Officer, &[DONG], "");
    let zhou = world.phone_of("zhou");
    for (name, with, coordinator, landlord) in commands() {
        let sync = name.starts_with("sync");
        for (actor, allowed, who) in [(&wang, coordinator, "coordinator"), (&chen, landlord, "landlord"), (&boss, sync, "admin")]
        {
            let refused = ask(actor, name, &with).is_err_and(|error| error.code == ErrorCode::NotAllowed);
            assert_eq!(refused, !allowed, "{who} asks {name}");
        }
    }
    for actor in [&wang, &zhou, &chen, &boss] {
        actor.ask(SignOut {});
        for (name, with, ..) in commands() {
            let error = ask(actor, name, &with).expect_err("nobody is signed in");
            assert_eq!(error.code, ErrorCode::SignedOut, "{name}");
        }
    }
}

#[test]
fn the_list_above_misses_no_command() {
    let open = ["status", "enrol", "sign_in", "sign_out", "reset_password", "save_settings"];
    let source = include_str!("../../crates/device/src/handle.rs");
    let answered = source.matches("=> answer(self.").count();
    // The lock before a device answers these: tests/stories/lock.rs.
    let before = ["unlock", "lock", "set_pin", "drop_pin", "hand_in_sealed", "begin_anew"];
    assert_eq!(answered + before.len(), commands().len() + open.len(), "a new command needs its row");
}

#[test]
fn what_is_no_command_gets_a_typed_answer() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    for text in ["", "{", "null", "[]", r#"{"ask":"nothing"}"#, r#"{"ask":"unit","with":{"id":"x"}}"#, "\u{0}"] {
        let answer: Result<Handled, UiError> = serde_json::from_str(&wang.device().handle_json(text).0).expect("an answer");
        assert_eq!(answer.expect_err("refused").code, ErrorCode::Malformed, "{text:?}");
    }
}
