//! Every transition of a written state (`domain.md` §8) as the server answers it: each state, each step, each role, taken or
//! refused with its reason. What is computed (presence, a permit's standing) has its table in `domain`; a hazard's table is
//! `hazard_steps.rs`, a card's `permit_events.rs`.

use domain::access::Role;
use domain::codes::{CancelReason, UnitStatus};
use domain::merge::Refusal;
use domain::permit::{
    APPROVED, Accepted, ApplicationState, ApplicationWho, Asked, Decided, Ground, ISSUED, Issued, Material, Materials,
    PermitKind, PermitWho, REFUSED, REVIEW,
};
use domain::report::Check;
use domain::residency::{ACTIVE, CANCELLED, Status};
use domain::unit::Registration;
use domain::{Record, RecordId, kind};
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen, Registered};
use ui_protocol::desk::{DecidePermit, PermitStep, RestoreResidency};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, PASSWORD, Town, WANGS, at, ok};

/// The five who may try: of the village, of another village, of the station, of the home, of the bureau.
pub const WHO: [&str; 5] = ["wang", "li", "zhou", "chen", "admin"];

/// A town with a device of each.
pub struct Tried {
    pub town: Town,
    pens: Vec<Pen>,
    pub unit: RecordId,
}

impl Tried {
    pub fn new() -> Tried {
        let town = Town::new();
        let mut pens: Vec<Pen> = WHO.iter().map(|login| town.pen(login)).collect();
        let unit = town.home(&mut pens[0], WANGS, CHENS_PHONE);
        town.go_to(at("2026-09-10", 9, 0));
        Tried { town, pens, unit }
    }

    pub fn pen(&mut self, login: &str) -> &mut Pen {
        let index = WHO.iter().position(|who| *who == login).expect("one of the five");
        &mut self.pens[index]
    }

    pub fn wang(&mut self) -> &mut Pen {
        self.pen("wang")
    }

    /// Somebody registered today, on the server.
    pub fn resident(&mut self) -> Registered {
        let (town, unit) = (&self.town, self.unit);
        town.resident(&mut self.pens[0], unit)
    }

    /// The save of this person on top of what stands, as by somebody who had seen it: what is refused is the step alone.
    pub fn attempt(&mut self, login: &str, drafts: Vec<Draft>) -> Option<Refusal> {
        self.town.pass(1000);
        let stands: Vec<Option<Record>> =
            drafts.iter().map(|draft| self.town.knows(draft.record).then(|| self.town.record(draft.record))).collect();
        let pen = self.pen(login);
        pen.sync().expect("pulls");
        pen.save(drafts);
        for (pushed, stands) in pen.outbox.iter_mut().zip(stands) {
            for (group, incoming) in &mut pushed.change.groups {
                incoming.base = stands.as_ref().and_then(|record| record.groups.get(group)).map(|value| value.origin);
            }
        }
        let seqs: Vec<u64> = pen.outbox.iter().map(|pushed| pushed.seq).collect();
        pen.sync().expect("an answer");
        let verdicts: Vec<Verdict> = seqs.iter().map(|seq| pen.verdicts[seq].clone()).collect();
        verdicts.into_iter().find_map(|verdict| match verdict {
            Verdict::Refused(Refusal::WithItsSave) => None,
            Verdict::Refused(why) => Some(why),
            _ => None,
        })
    }

    /// A step that has to be taken.
    pub fn take(&mut self, login: &str, drafts: Vec<Draft>) {
        assert_eq!(self.attempt(login, drafts), None, "{login}");
    }
}

pub fn role(what: &str) -> Option<Refusal> {
    Some(Refusal::Role(what.to_owned()))
}

pub fn invalid(what: &str) -> Option<Refusal> {
    Some(Refusal::Invalid(what.to_owned()))
}

/// Every state with every step by everybody: a refused one leaves the record where it was, a taken one leads to the step's state.
pub fn whole_table(
    tried: &mut Tried,
    states: &[&str],
    steps: &[&str],
    mut brought_to: impl FnMut(&mut Tried, &str) -> RecordId,
    mut stepping: impl FnMut(&mut Tried, &str, RecordId, &str) -> Vec<Draft>,
    state_of: impl Fn(&Record) -> String,
    expected: impl Fn(&str, &str, &str) -> Option<Refusal>,
) {
    for state in states {
        let mut there: Option<RecordId> = None;
        for step in steps {
            for login in WHO {
                let id = match there {
                    Some(id) => id,
                    None => brought_to(tried, state),
                };
                let before = tried.town.record(id);
                assert_eq!(state_of(&before), *state, "brought to where the row begins");
                let drafts = stepping(tried, login, id, step);
                let new: Vec<RecordId> = drafts.iter().map(|draft| draft.record).filter(|id| !tried.town.knows(*id)).collect();
                let refused = tried.attempt(login, drafts);
                assert_eq!(refused, expected(state, step, login), "{login} steps from {state:?} to {step:?}");
                let after = tried.town.record(id);
                let stands = if refused.is_some() { state } else { step };
                assert_eq!(state_of(&after), **stands, "{login} stepped from {state:?} to {step:?}");
                if refused.is_some() {
                    assert_eq!(after, before, "{login} was refused {step:?} from {state:?}, and left it as it was");
                }
                for id in new {
                    assert_eq!(tried.town.knows(id), refused.is_none(), "a save goes whole or not at all: {login}, {step:?}");
                }
                // The next one tries the same record.
                there = (after == before).then_some(id);
            }
        }
    }
}

pub fn of_record(tried: &mut Tried, login: &str, id: RecordId) -> Draft {
    let record = tried.town.record(id);
    tried.pen(login).set(&record)
}

/// §8.1: ACTIVE → CANCELLED by a coordinator or the station, back by the station alone. SUSPECTED_LEFT is computed and MERGED the
/// server's: neither is ever written.
#[test]
fn a_registration_is_ended_by_two_and_brought_back_by_the_station() {
    let mut tried = Tried::new();
    let status = |state: &str| Status {
        state: state.to_owned(),
        // The day after they were met: who had not seen that meets nothing.
        on: "2026-09-11".to_owned(),
        reason: (state == CANCELLED).then_some(CancelReason::Left),
        note: "房东告知".to_owned(),
        observed_unix_ms: 0,
        seen_fact: None,
    };
    let step = |tried: &mut Tried, login: &str, id: RecordId, to: &str| {
        // Another note each time: the same value again is no step at all.
        let now_unix_ms = tried.town.core.now_unix_ms();
        vec![of_record(tried, login, id).with("status", &Status { note: now_unix_ms.to_string(), ..status(to) })]
    };
    whole_table(
        &mut tried,
        &[ACTIVE, CANCELLED],
        &[ACTIVE, CANCELLED, "suspected_left", "merged", ""],
        |tried, state| {
            let made = tried.resident();
            if state == CANCELLED {
                let drafts = step(tried, "wang", made.residency, CANCELLED);
                tried.take("wang", drafts);
            }
            made.residency
        },
        step,
        |record| record.text("status", "state").unwrap_or_default().to_owned(),
        |was, to, login| match (login, was, to) {
            ("zhou", _, ACTIVE | CANCELLED) => None,
            ("zhou", ..) => invalid("status.state"),
            ("wang", ACTIVE, ACTIVE) | ("wang", _, CANCELLED) => None,
            ("wang", ..) => role("status"),
            // Who does not hold the record is told no more than that.
            _ => Some(Refusal::Scope),
        },
    );
    tried.town.check_sums(&[]);
}

/// §8.3: whose it is to say how a home stands. The order of its states is the forms' (`domain/tests/transitions.rs`): a settled
/// conflict may put any of two states back.
#[test]
fn a_homes_state_is_said_by_those_who_register_it() {
    let mut tried = Tried::new();
    let registration = |state: UnitStatus| Registration::since(state, "2026-09-10".to_owned());
    let step = |tried: &mut Tried, login: &str, id: RecordId, to: &str| {
        let mut draft = of_record(tried, login, id);
        match UnitStatus::from_code(to) {
            Some(state) => draft = draft.with("registration", &registration(state)),
            None => {
                let fields = serde_json::json!({ "state": to, "on": "2026-09-10" });
                draft.groups.insert("registration".to_owned(), fields.as_object().cloned().expect("an object"));
            }
        }
        vec![draft]
    };
    whole_table(
        &mut tried,
        &["PENDING", "REGISTERED", "PAUSED", "CLOSED"],
        &["PENDING", "REGISTERED", "PAUSED", "CLOSED", "BARRED"],
        |tried, state| {
            let (town, pen) = (&tried.town, &mut tried.pens[0]);
            let unit = town.home(pen, WANGS, CHENS_PHONE);
            let drafts = step(tried, "wang", unit, state);
            tried.take("wang", drafts);
            unit
        },
        step,
        |record| record.text("registration", "state").unwrap_or_default().to_owned(),
        |_, to, login| match (login, to) {
            ("wang" | "zhou", "BARRED") => invalid("registration"),
            ("wang" | "zhou", _) => None,
            // He holds his home, and says nothing of it.
            ("chen", _) => role("registration"),
            _ => Some(Refusal::Scope),
        },
    );
    tried.town.check_sums(&[]);
}

/// §8.3: RECEIVED → ACCEPTED | RETURNED by who verifies, | WITHDRAWN by who reported. Nobody else, nothing else.
#[test]
fn a_report_is_decided_by_who_verifies_and_withdrawn_by_who_reported() {
    let mut tried = Tried::new();
    let step = |tried: &mut Tried, login: &str, id: RecordId, to: &str| {
        let reason = tried.town.core.now_unix_ms().to_string();
        let check = Check { state: to.to_owned(), on: "2026-09-10".to_owned(), reason, residency: None };
        vec![of_record(tried, login, id).with("check", &check)]
    };
    whole_table(
        &mut tried,
        &["", "accepted", "returned", "withdrawn"],
        &["accepted", "returned", "withdrawn", "in_check", ""],
        |tried, state| {
            let unit = tried.unit;
            tried.pen("chen").sync().expect("pulls");
            let report = tried.town.report(&tried.pens[3], unit, "2026-09-09");
            let id = report.record;
            tried.take("chen", vec![report]);
            if !state.is_empty() {
                let by = if state == "withdrawn" { "chen" } else { "wang" };
                let drafts = step(tried, by, id, state);
                tried.take(by, drafts);
            }
            id
        },
        step,
        |record| record.text("check", "state").unwrap_or_default().to_owned(),
        |was, to, login| match (login, was, to) {
            // Who has seen that somebody was registered from it takes it back no more.
            ("chen", "accepted", "withdrawn") => role("check"),
            ("wang" | "zhou", _, "accepted" | "returned") | ("chen", _, "withdrawn") => None,
            ("wang" | "zhou" | "chen", ..) => role("check"),
            _ => Some(Refusal::Scope),
        },
    );
    tried.town.check_sums(&[]);
}

const COMPLETE: [Material; 3] = [Material::Identity, Material::Photo, Material::Work];

/// The application's step, with the card in the same save where one is made.
fn permit_step(tried: &mut Tried, login: &str, id: RecordId, to: &str) -> Vec<Draft> {
    let record = tried.town.record(id);
    let who: ApplicationWho = record.typed("who").expect("an application is somebody's");
    let today = tried.town.core.today().to_string();
    let decided = |reason: &str| Decided { state: to.to_owned(), on: today.clone(), reason: reason.to_owned() };
    let draft = of_record(tried, login, id);
    match to {
        "taken" => vec![draft.with("materials", &given(&COMPLETE)).with("accepted", &Accepted { on: today })],
        ISSUED => {
            let issued = Issued {
                kind: PermitKind::Residence,
                on: today.clone(),
                valid_until: String::new(),
                continuity_start: "2026-03-02".to_owned(),
                pack: "zj-2016".to_owned(),
                card_no: String::new(),
            };
            let card = tried.pen(login).create(kind::PERMIT);
            let who = PermitWho { person: who.person, residency: who.residency, application: Some(id) };
            vec![card.with("who", &who).with("issued", &issued), draft.with("decided", &decided(""))]
        }
        REFUSED => vec![draft.with("decided", &decided("就业证明与实际不符"))],
        _ => vec![draft.with("decided", &decided(""))],
    }
}

fn given(materials: &[Material]) -> Materials {
    Materials { given: materials.iter().map(|material| material.code().to_owned()).collect(), told_on: String::new() }
}

fn permit_brought_to(tried: &mut Tried, state: &str) -> RecordId {
    let made = tried.resident();
    let asked = Asked {
        kind: PermitKind::Residence,
        ground: Some(Ground::Job),
        on: "2026-09-10".to_owned(),
        months: None,
        pack: "zj-2016".to_owned(),
        counted_from: "2026-03-02".to_owned(),
        eligible_on: "2026-09-02".to_owned(),
    };
    let who = ApplicationWho { person: made.person, residency: made.residency };
    let draft = tried.wang().create(kind::PERMIT_APPLICATION).with("who", &who).with("asked", &asked);
    let draft = draft.with("materials", &given(&COMPLETE[..1]));
    let id = draft.record;
    tried.take("wang", vec![draft]);
    let way: &[&str] = match state {
        "missing" => &[],
        "taken" => &["taken"],
        REVIEW => &["taken", REVIEW],
        APPROVED => &["taken", REVIEW, APPROVED],
        REFUSED => &["taken", REVIEW, REFUSED],
        _ => &["taken", REVIEW, APPROVED, ISSUED],
    };
    for step in way {
        let by = if *step == "taken" { "wang" } else { "zhou" };
        let drafts = permit_step(tried, by, id, step);
        tried.take(by, drafts);
    }
    id
}

fn permit_state(record: &Record) -> String {
    ApplicationState::of(record).as_str().to_owned()
}

/// §8.2: APPLIED → ACCEPTED by a coordinator or the station, → REVIEW → APPROVED | REFUSED → ISSUED by the station alone, one step
/// at a time; refused and issued are for good.
#[test]
fn an_application_goes_one_step_at_a_time_and_only_the_station_decides() {
    let mut tried = Tried::new();
    whole_table(
        &mut tried,
        &["missing", "taken", REVIEW, APPROVED, REFUSED, ISSUED],
        &[REVIEW, APPROVED, REFUSED, ISSUED],
        permit_brought_to,
        permit_step,
        permit_state,
        |was, to, login| match (login, was, to) {
            ("zhou", "taken", REVIEW) | ("zhou", REVIEW, APPROVED | REFUSED) | ("zhou", APPROVED, ISSUED) => None,
            // Said once more, nothing changes.
            ("zhou", REVIEW, REVIEW) | ("zhou", APPROVED, APPROVED) | ("zhou", REFUSED, REFUSED) => None,
            // One application makes one card, and none before it was approved.
            ("zhou", _, ISSUED) => invalid("who.application"),
            ("zhou", "missing", _) => invalid("decided"),
            ("zhou", ..) => invalid("decided.state"),
            // A card is a record of its own, and its kind is asked about first.
            ("wang" | "li" | "chen", _, ISSUED) => role("issued"),
            ("admin", _, ISSUED) => role(kind::PERMIT),
            ("wang", ..) => role("decided"),
            _ => Some(Refusal::Scope),
        },
    );
    tried.town.check_sums(&[]);
}

#[test]
fn an_application_is_accepted_at_the_door_or_at_the_station() {
    let mut tried = Tried::new();
    whole_table(&mut tried, &["missing"], &["taken"], permit_brought_to, permit_step, permit_state, |_, _, login| match login {
        "wang" | "zhou" => None,
        _ => Some(Refusal::Scope),
    });
}

/// What the desk offers: each step about an application from each of its states, by the station and by the bureau.
#[test]
fn the_desk_takes_the_stations_steps_from_the_right_states_only() {
    let mut tried = Tried::new();
    let steps = [
        (PermitStep::Review, "taken", REVIEW),
        (PermitStep::Approve, REVIEW, APPROVED),
        (PermitStep::Refuse, REVIEW, REFUSED),
        (PermitStep::Issue, APPROVED, ISSUED),
    ];
    for state in ["missing", "taken", REVIEW, APPROVED, REFUSED, ISSUED] {
        for (step, from, to) in steps {
            let id = permit_brought_to(&mut tried, state);
            tried.town.pass(1000);
            let by = |login: &str| {
                let (token, _) = tried.town.core.desk_sign_in(login, PASSWORD).expect("signs in");
                let caller = tried.town.core.desk_caller(&token).expect("a session");
                let ask = DecidePermit {
                    id,
                    step,
                    note: "就业证明与实际不符".to_owned(),
                    months: None,
                    reason: None,
                    since: String::new(),
                };
                tried.town.core.desk(&caller, DeskCommand::DecidePermit(ask)).map(|_| ()).map_err(|error| error.code)
            };
            let refused = if from == state { ErrorCode::NotAllowed } else { by("admin").expect_err("never the bureau's") };
            assert_eq!(by("admin"), Err(refused), "the bureau takes {step:?} from {state}");
            let expected = if from == state { Ok(()) } else { Err(ErrorCode::Stale) };
            assert_eq!(by("zhou"), expected, "the station takes {step:?} from {state}");
            let stands = if from == state { to } else { state };
            assert_eq!(permit_state(&tried.town.record(id)), stands, "{step:?} from {state}");
        }
    }
}

/// §8.1: CANCELLED → ACTIVE within the window of the pack, at the desk, by the station alone.
#[test]
fn a_registration_is_brought_back_while_the_window_is_open() {
    // Cancelled on 10 September; the window is 90 days.
    let rows = [
        (ACTIVE, "2026-09-10", Err(ErrorCode::Stale)),
        (CANCELLED, "2026-09-10", Ok(())),
        (CANCELLED, "2026-12-09", Ok(())),
        (CANCELLED, "2026-12-10", Err(ErrorCode::Stale)),
    ];
    for (state, on, expected) in rows {
        let mut tried = Tried::new();
        let made = tried.resident();
        if state == CANCELLED {
            let status = Status {
                state: CANCELLED.to_owned(),
                on: "2026-09-10".to_owned(),
                reason: Some(CancelReason::Left),
                note: String::new(),
                observed_unix_ms: 0,
                seen_fact: None,
            };
            let draft = of_record(&mut tried, "wang", made.residency).with("status", &status);
            ok(tried.wang().send(vec![draft]));
        }
        tried.town.go_to(at(on, 12, 0));
        let by = |login: &str| {
            let (token, _) = tried.town.core.desk_sign_in(login, PASSWORD).map_err(|error| error.code)?;
            let caller = tried.town.core.desk_caller(&token).map_err(|error| error.code)?;
            let ask = RestoreResidency { id: made.residency, note: "核实仍在住".to_owned() };
            tried.town.core.desk(&caller, DeskCommand::RestoreResidency(ask)).map(|_| ()).map_err(|error| error.code)
        };
        assert!(by("wang").is_err() && by("chen").is_err(), "the desk is not theirs");
        assert!(by("admin").is_err(), "the bureau writes no register records ({})", Role::Admin.as_str());
        assert_eq!(by("zhou"), expected, "{state} on {on}");
    }
}
