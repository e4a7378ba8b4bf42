//! The authorisation matrix: each role × each kind of change, each role × each question of the desk.

use domain::kind;
use domain::merge::Refusal;
use serde_json::json;
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen};
use ui_protocol::attention::Choice;
use ui_protocol::desk::{
    AnswerForStation, Devices, ListRecords, Me, Overview, RestoreResidency, SettleForStation, SplitForStation, ViewRecord,
};
use ui_protocol::sweeps::{CloseSweep, SetSweep, Sweeps};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::sweeps::sweep_of;
use crate::town::{CHENS_PHONE, PASSWORD, Town, WANGS, contact, hand_over, ok};

const ROLES: [&str; 4] = ["wang", "chen", "zhou", "admin"];

#[test]
fn each_role_may_make_these_changes_and_no_others() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let made = town.resident(&mut wang, unit);
    let second = town.resident(&mut wang, unit);
    let mut chen = town.pen("chen");
    let report = town.report(&chen, unit, "2026-03-02");
    let report_id = report.record;
    ok(chen.send(vec![report]));
    let room = wang.records(kind::ROOM).remove(0).id;
    let mut zhou = town.pen("zhou");
    let drafts = vec![zhou.create(kind::SWEEP).with("what", &sweep_of(WANGS).whats()[0])];
    let sweep = drafts[0].record;
    ok(zhou.send(drafts));
    let record = |id| town.record(id);
    let status = |state: &str| json!({"state": state, "on": "2026-03-03", "reason": "LEFT", "note": "x", "observed_unix_ms": 0});
    let check = |state: &str| json!({"state": state, "on": "2026-03-02"});
    // Everything each of them could try, on records that are there; y is taken, n is refused.
    type Make<'t> = Box<dyn Fn(&Pen) -> Vec<Draft> + 't>;
    let rows: Vec<(&str, &str, Make<'_>)> = vec![
        // wang chen zhou admin
        (
            "a new home",
            "ynyn",
            Box::new(|pen| {
                let mut draft = pen.create(kind::UNIT);
                draft.groups.insert(
                    "address".into(),
                    json!({"area": WANGS, "road": "东明路", "plate_no": "1"}).as_object().cloned().unwrap_or_default(),
                );
                vec![draft]
            }),
        ),
        (
            "a home's letting",
            "ynyn",
            Box::new(|pen| {
                vec![pen.set(&record(unit)).with("letting", &json!({"use": "LIVING", "mode": "ROOM", "tenure": "PRIVATE"}))]
            }),
        ),
        (
            "a home's landlord",
            "ynyn",
            Box::new(|pen| vec![pen.set(&record(unit)).with("landlord", &json!({"name": "陈国平", "phone": CHENS_PHONE}))]),
        ),
        (
            "a new room",
            "ynyn",
            Box::new(|pen| {
                vec![pen.create(kind::ROOM).with("where", &json!({"unit": unit})).with("label", &json!({"label": "9"}))]
            }),
        ),
        ("a room's label", "ynyn", Box::new(|pen| vec![pen.set(&record(room)).with("label", &json!({"label": "103"}))])),
        ("a registration", "ynyn", Box::new(|pen| town.newcomer(pen, unit).0)),
        (
            "a person's phone",
            "ynyn",
            Box::new(|pen| vec![pen.set(&record(made.person)).with("contact", &contact("19900000077"))]),
        ),
        (
            "a registration's status",
            "ynyn",
            Box::new(|pen| vec![pen.set(&record(second.residency)).with("status", &status("cancelled"))]),
        ),
        (
            "a registration brought back",
            "nnyn",
            Box::new(|pen| vec![pen.set(&record(second.residency)).with("status", &status("active"))]),
        ),
        (
            "the legal start",
            "nnyn",
            Box::new(|pen| {
                let mut declared = record(made.residency).fields("declared").cloned().unwrap_or_default();
                declared.insert("registered_on".into(), "2026-02-01".into());
                vec![pen.set(&record(made.residency)).with("declared", &declared)]
            }),
        ),
        (
            "a visit",
            "ynyn",
            Box::new(|pen| {
                vec![pen.create(kind::VISIT).with("fact", &json!({"unit": unit, "observed_unix_ms": 1, "result": "NO_ANSWER"}))]
            }),
        ),
        (
            "a note of having looked",
            "ynyn",
            Box::new(|pen| vec![pen.create(kind::ACCESS).with("fact", &json!({"record": made.person}))]),
        ),
        (
            "a tenancy",
            "ynyn",
            Box::new(|pen| {
                let place = json!({"unit": unit, "person": made.person});
                vec![pen.create(kind::TENANCY).with("where", &place).with("period", &json!({"from": "2026-03-02"}))]
            }),
        ),
        ("a sweep", "nnyn", Box::new(|pen| vec![pen.create(kind::SWEEP).with("what", &sweep_of(WANGS).whats()[0])])),
        (
            "a sweep closed",
            "nnyn",
            Box::new(|pen| vec![pen.set(&record(sweep)).with("closed", &json!({"on": "2026-03-02", "done": 0, "homes": 1}))]),
        ),
        ("a report", "nynn", Box::new(|pen| vec![town.report(pen, unit, "2026-03-02")])),
        ("a report returned", "ynyn", Box::new(|pen| vec![pen.set(&record(report_id)).with("check", &check("returned"))])),
        ("a report withdrawn", "nynn", Box::new(|pen| vec![pen.set(&record(report_id)).with("check", &check("withdrawn"))])),
        ("a receipt", "nnnn", Box::new(|pen| vec![pen.set(&record(report_id)).with("receipt", &json!({"no": "mine"}))])),
        ("a place", "nnnn", Box::new(|pen| vec![pen.set(&record(unit)).with("place", &json!({"area": WANGS}))])),
        ("a number", "nnnn", Box::new(|pen| vec![pen.set(&record(made.residency)).with("number", &json!({"no": "1"}))])),
        (
            "a conflict",
            "nnnn",
            Box::new(|pen| vec![pen.create(kind::CONFLICT).with("settled", &json!({"state": "kept", "at_unix_ms": 1}))]),
        ),
        ("an area", "nnnn", Box::new(|pen| vec![pen.create(kind::AREA).with("area", &json!({"code": WANGS}))])),
        ("holidays", "nnnn", Box::new(|pen| vec![pen.create(kind::HOLIDAYS).with("days", &json!({"year": 2026}))])),
        ("a policy", "nnnn", Box::new(|pen| vec![pen.create(kind::POLICY).with("choice", &json!({"pack": "zj-2009"}))])),
        ("a notice", "nnnn", Box::new(|pen| vec![pen.create(kind::NOTICE).with("text", &json!({"version": "2"}))])),
        ("an unknown kind", "nnnn", Box::new(|pen| vec![pen.create("dragon").with("fire", &json!({"hot": true}))])),
        (
            "a visit deleted",
            "nnnn",
            Box::new(|pen| {
                vec![pen.delete(&record(town.core.look(|view| Ok(view.referrers(unit, kind::VISIT)?)).expect("looks")[0].id))]
            }),
        ),
        ("a report deleted", "nnnn", Box::new(|pen| vec![pen.delete(&record(report_id))])),
        // The stations of the township have no village of their own here: nothing but what lies in theirs.
        (
            "a person handed over",
            "ynnn",
            Box::new(|pen| {
                if pen.record(second.person).is_some() {
                    hand_over(pen, second, crate::town::LIS, "2026-03-02")
                } else {
                    vec![pen.set(&record(second.person)).with("handed", &json!({"area": crate::town::LIS, "on": "2026-03-02"}))]
                }
            }),
        ),
    ];
    for (what, expected, make) in rows {
        for (login, expected) in ROLES.into_iter().zip(expected.chars()) {
            let mut pen = town.pen(login);
            town.pass(60_000);
            let before = town
                .core
                .look(|view| Ok(view.counter("H-2026")? + view.counter("R-2026")? + view.counter("B-2026")?))
                .expect("looks");
            let drafts = make(&pen);
            let verdicts = pen.send(drafts).expect("an answer");
            let taken = verdicts.iter().all(|verdict| *verdict == Verdict::Ok);
            if what == "a person handed over" && login == "zhou" {
                // He held both villages, so nothing left his: judged by the first row's outcome.
                continue;
            }
            assert_eq!(taken, expected == 'y', "{login}: {what}: {verdicts:?}");
            if !taken {
                let reasons = verdicts.iter().filter(|verdict| !matches!(verdict, Verdict::Refused(Refusal::WithItsSave)));
                assert!(
                    reasons.clone().all(|verdict| matches!(
                        verdict,
                        Verdict::Refused(Refusal::Role(_) | Refusal::Scope | Refusal::FactIsFinal)
                    )),
                    "{login}: {what}: {verdicts:?}"
                );
                let after = town
                    .core
                    .look(|view| Ok(view.counter("H-2026")? + view.counter("R-2026")? + view.counter("B-2026")?))
                    .expect("looks");
                assert_eq!(before, after, "{login}: {what}: no number is used up by what is refused");
            }
        }
    }
}

#[test]
fn each_role_may_ask_these_questions_at_the_desk() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    for login in ["wang", "chen"] {
        let refused = town.core.desk_sign_in(login, PASSWORD).map(|_| ()).map_err(|error| error.code);
        assert_eq!(refused, Err(ErrorCode::NotAllowed), "{login} has no desk");
    }
    let areas = town.core.look(|view| Ok(view.areas()?)).expect("looks");
    let elsewhere = areas.iter().find(|area| area.parent != "330822001000" && area.level == "village").expect("another township");
    type Row = (DeskCommand, Result<(), ErrorCode>, Result<(), ErrorCode>);
    let list = ListRecords { kind: kind::PERSON.to_owned(), ..ListRecords::default() };
    let rows: Vec<Row> = vec![
        (DeskCommand::Me(Me {}), Ok(()), Ok(())),
        (DeskCommand::Overview(Overview {}), Ok(()), Ok(())),
        (DeskCommand::ListRecords(list.clone()), Ok(()), Ok(())),
        (
            DeskCommand::ListRecords(ListRecords { area: Some(elsewhere.code.clone()), ..list.clone() }),
            Err(ErrorCode::NotAllowed),
            Ok(()),
        ),
        (
            DeskCommand::ListRecords(ListRecords { kind: kind::ACCESS.to_owned(), ..list }),
            Err(ErrorCode::NotFound),
            Err(ErrorCode::NotFound),
        ),
        (DeskCommand::ViewRecord(ViewRecord { id: made.person }), Ok(()), Ok(())),
        (DeskCommand::Devices(Devices {}), Ok(()), Ok(())),
        // Nothing to restore or settle here, which only somebody who may is told.
        (
            DeskCommand::RestoreResidency(RestoreResidency { id: made.residency, note: "x".to_owned() }),
            Err(ErrorCode::Stale),
            Err(ErrorCode::NotAllowed),
        ),
        (
            DeskCommand::SettleForStation(SettleForStation { id: made.residency, choice: Choice::Keep }),
            Err(ErrorCode::NotFound),
            Err(ErrorCode::NotAllowed),
        ),
        (
            DeskCommand::AnswerForStation(AnswerForStation { id: made.residency, same: true }),
            Err(ErrorCode::NotFound),
            Err(ErrorCode::NotAllowed),
        ),
        (
            DeskCommand::SplitForStation(SplitForStation { person: made.person }),
            Err(ErrorCode::Stale),
            Err(ErrorCode::NotAllowed),
        ),
        (DeskCommand::Sweeps(Sweeps {}), Ok(()), Ok(())),
        (DeskCommand::SetSweep(SetSweep { form: sweep_of(WANGS) }), Ok(()), Err(ErrorCode::NotAllowed)),
        (
            DeskCommand::SetSweep(SetSweep { form: sweep_of(&elsewhere.code) }),
            Err(ErrorCode::NotAllowed),
            Err(ErrorCode::NotAllowed),
        ),
        (DeskCommand::CloseSweep(CloseSweep { id: made.person }), Err(ErrorCode::NotFound), Err(ErrorCode::NotAllowed)),
    ];
    for (command, officer, admin) in rows {
        for (login, expected) in [("zhou", officer), ("admin", admin)] {
            let (token, _) = town.core.desk_sign_in(login, PASSWORD).expect("signs in");
            let caller = town.core.desk_caller(&token).expect("a session");
            let answer = town.core.desk(&caller, command.clone()).map(|_| ()).map_err(|error| error.code);
            assert_eq!(answer, expected, "{login} asked {command:?}");
        }
    }
}
