//! A hazard from every state by every step by everybody (`domain.md` §2.3): as a device could push it, past every form, and as the
//! desk offers it. What a coordinator's phone offers is in the stories (`tests/stories/transitions.rs`).

use domain::checklist::Item;
use domain::hazard::{HandedTo, HazardState, RecheckFact, State};
use domain::inspection::{HazardForm, Outcome};
use domain::merge::Refusal;
use domain::record::to_fields;
use domain::{Record, RecordId, kind};
use sync_server::demo::{Draft, check};
use ui_protocol::station_home::{HazardAct, HazardForStation};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::PASSWORD;
use crate::transitions::{Tried, of_record, role, whole_table};

const STATES: [&str; 6] = ["open", "fixed_on_spot", "noticed", "recheck", "handed_over", "closed"];
/// What no list knows.
const UNKNOWN: &str = "overdue";

/// Where a hazard may go from where its writer saw it: written down once more, not asked of the rule itself. Nothing opens again;
/// found again it is another hazard.
const TAKEN: [(&str, &[&str]); 6] = [
    ("open", &["open", "fixed_on_spot", "noticed", "handed_over"]),
    ("fixed_on_spot", &["fixed_on_spot"]),
    ("noticed", &["recheck", "handed_over", "closed"]),
    ("recheck", &["recheck", "handed_over", "closed"]),
    ("handed_over", &["handed_over", "closed"]),
    ("closed", &["closed"]),
];

/// The save that puts a hazard there, with the re-check it follows from where there has to be one.
fn step(tried: &mut Tried, login: &str, id: RecordId, to: &str) -> Vec<Draft> {
    let now_unix_ms = tried.town.core.now_unix_ms();
    let mut draft = of_record(tried, login, id);
    let Some(state) = HazardState::from_code(to) else {
        let fields = serde_json::json!({ "state": to, "on": "2026-09-10" });
        draft.groups.insert("state".to_owned(), fields.as_object().cloned().expect("an object"));
        return vec![draft];
    };
    let mut value = State {
        state,
        on: "2026-09-10".to_owned(),
        to: (state == HazardState::HandedOver).then_some(HandedTo::Fire),
        recheck: None,
        // Another note each time: the same value again is no step at all.
        note: now_unix_ms.to_string(),
    };
    if !state.needs_recheck() {
        draft.groups.insert("state".to_owned(), to_fields(&value));
        return vec![draft];
    }
    let fixed = state == HazardState::Closed;
    let fact = RecheckFact { hazard: id, observed_unix_ms: now_unix_ms, fixed, inspection: None, note: String::new() };
    let looked = tried.pen(login).create(kind::RECHECK).with("fact", &fact);
    value.recheck = Some(looked.record);
    vec![looked, draft.with("state", &value)]
}

fn brought_to(tried: &mut Tried, state: &str) -> RecordId {
    let (outcome, handed_to) = match state {
        "fixed_on_spot" => (Outcome::FixedOnSpot, None),
        "handed_over" => (Outcome::HandedOver, Some(HandedTo::Fire)),
        _ => (Outcome::Noticed, None),
    };
    let (rules, unit, now_unix_ms) = (tried.town.rules(), tried.unit, tried.town.core.now_unix_ms());
    let form = HazardForm { outcome, handed_to, ..HazardForm::default() };
    let mut made = check(tried.wang(), &rules, unit, now_unix_ms, vec![], &[(Item::Rq02, form)]);
    if state == "open" {
        // No form leaves it so; a phone of another version may.
        let value = State { state: HazardState::Open, on: "2026-09-10".to_owned(), to: None, recheck: None, note: String::new() };
        made.drafts[1].groups.insert("state".to_owned(), to_fields(&value));
    }
    let id = made.hazards[0];
    tried.take("wang", made.drafts);
    if matches!(state, "recheck" | "closed") {
        let drafts = step(tried, "wang", id, state);
        tried.take("wang", drafts);
    }
    id
}

fn state_of(record: &Record) -> String {
    record.text("state", "state").unwrap_or_default().to_owned()
}

fn may(was: &str, to: &str) -> bool {
    TAKEN.iter().any(|(from, leads)| *from == was && leads.contains(&to))
}

#[test]
fn a_hazard_goes_its_way_by_those_who_were_there_and_the_station() {
    let mut tried = Tried::new();
    let steps: Vec<&str> = STATES.into_iter().chain([UNKNOWN]).collect();
    whole_table(&mut tried, &STATES, &steps, brought_to, step, state_of, |was, to, login| {
        let looked_again = matches!(to, "recheck" | "closed");
        match login {
            "wang" | "zhou" if may(was, to) => None,
            "wang" | "zhou" => role("state"),
            // A re-check is a fact of its own, and is asked about first: it is no landlord's, and the bureau writes no register.
            "chen" if looked_again => role("fact"),
            "admin" if looked_again => role(kind::RECHECK),
            _ => Some(Refusal::Scope),
        }
    });
    tried.town.check_sums(&[]);
}

/// What the desk makes of each: looked at and mended, looked at and not, handed over.
#[test]
fn the_station_takes_the_steps_its_desk_offers_and_the_bureau_none() {
    let mut tried = Tried::new();
    let at_desk = |login: &str| {
        let (token, _) = tried.town.core.desk_sign_in(login, PASSWORD).ok()?;
        tried.town.core.desk_caller(&token).ok()
    };
    assert!(["wang", "li", "chen"].into_iter().all(|login| at_desk(login).is_none()), "the desk is not theirs");
    let [bureau, station] = ["admin", "zhou"].map(|login| at_desk(login).expect("a session"));
    for state in STATES {
        for act in [HazardAct::Fixed, HazardAct::NotFixed, HazardAct::HandOver(HandedTo::Township)] {
            let leads = match (state, act) {
                ("open", HazardAct::Fixed) => Ok("fixed_on_spot"),
                ("open", HazardAct::NotFixed) => Ok("noticed"),
                ("noticed" | "recheck", HazardAct::NotFixed) => Ok("recheck"),
                ("noticed" | "recheck" | "handed_over", HazardAct::Fixed) => Ok("closed"),
                // Whoever took it over has it until it is mended; that somebody looked is kept.
                ("handed_over", HazardAct::NotFixed) => Ok("handed_over"),
                ("open" | "noticed" | "recheck" | "handed_over", HazardAct::HandOver(_)) => Ok("handed_over"),
                _ => Err(ErrorCode::Stale),
            };
            let id = brought_to(&mut tried, state);
            for (caller, expected) in [(&bureau, Err(ErrorCode::NotAllowed)), (&station, leads)] {
                tried.town.pass(1000);
                let before = tried.town.record(id);
                let ask = HazardForStation { id, act, note: "派出所复查".to_owned() };
                let answer = tried.town.core.desk(caller, DeskCommand::HazardForStation(ask));
                let after = tried.town.record(id);
                let name = format!("{:?}: {act:?} from {state}", caller.account.role);
                assert_eq!(answer.map(|_| state_of(&after)).map_err(|error| error.code), expected.map(str::to_owned), "{name}");
                assert!(expected.is_ok() || after == before, "{name}: refused, it stays as it was");
            }
        }
    }
    tried.town.check_sums(&[]);
}
