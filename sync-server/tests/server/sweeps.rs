//! Sweeps: what the server takes, whom it tells, and how far the desk says one has come.

use domain::codes::VisitResult;
use domain::merge::Refusal;
use domain::sweep::{SweepClosed, SweepForm, SweepKind};
use domain::{RecordId, kind};
use serde_json::{Value, json};
use sync_protocol::Verdict;
use sync_server::demo::Pen;
use ui_protocol::sweeps::{CloseSweep, SetSweep, SweepRow, Sweeps, SweepsReply};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, at, held, ok};

/// A sweep of one village, from today.
pub fn sweep_of(area: &str) -> SweepForm {
    SweepForm {
        name: "年前排查".to_owned(),
        how: Some(SweepKind::Regular),
        areas: vec![area.to_owned()],
        from: "2026-03-02".to_owned(),
        until: "2026-03-20".to_owned(),
    }
}

fn desk(town: &Town, login: &str, command: DeskCommand) -> Result<Vec<SweepRow>, ErrorCode> {
    let (token, _) = town.core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = town.core.desk_caller(&token).expect("a session");
    let handled = town.core.desk(&caller, command).map_err(|error| error.code)?;
    Ok(serde_json::from_value::<SweepsReply>(handled.reply).expect("sweeps").rows)
}

/// How many homes of how many, and those that are left.
fn progress(town: &Town) -> Vec<(u64, u64, Vec<RecordId>)> {
    let rows = desk(town, "zhou", DeskCommand::Sweeps(Sweeps {})).expect("rows");
    rows.into_iter().map(|row| (row.done, row.homes, row.left.into_iter().map(|home| home.id).collect())).collect()
}

fn visit(pen: &mut Pen, unit: RecordId, observed_unix_ms: i64, result: VisitResult) {
    let fact = json!({ "unit": unit, "observed_unix_ms": observed_unix_ms, "result": result.code() });
    ok(pen.send(vec![pen.create(kind::VISIT).with("fact", &fact)]));
}

#[test]
fn a_sweep_travels_to_its_village_and_nowhere_else() {
    let town = Town::new();
    let (mut wang, mut li, mut chen) = (town.pen("wang"), town.pen("li"), town.pen("chen"));
    town.home(&mut wang, WANGS, CHENS_PHONE);
    let both = SweepForm { areas: vec![WANGS.to_owned(), LIS.to_owned()], ..sweep_of(WANGS) };
    let rows = desk(&town, "zhou", DeskCommand::SetSweep(SetSweep { form: both })).expect("set");
    assert_eq!(rows.len(), 2, "one for each village, in one save");
    for pen in [&mut wang, &mut li, &mut chen] {
        pen.sync().expect("pulls");
    }
    let areas = |pen: &Pen| -> Vec<String> {
        pen.records(kind::SWEEP).iter().filter_map(|sweep| Some(sweep.text("what", "area")?.to_owned())).collect()
    };
    assert_eq!((areas(&wang), areas(&li), areas(&chen)), (vec![WANGS.to_owned()], vec![LIS.to_owned()], vec![]));
    town.check_sums(&[&wang, &li, &chen]);
}

#[test]
fn what_no_form_lets_through_is_refused_by_name() {
    let town = Town::new();
    let mut zhou = town.pen("zhou");
    let rows: [(&str, Value, &str); 9] = [
        ("name", json!(""), "what.name"),
        ("name", json!("查".repeat(31)), "what.name"),
        ("how", json!("DAILY"), "what"),
        ("area", json!("330822001999"), "what.area"),
        ("area", json!("不在这里"), "what.area"),
        ("from", json!("昨天"), "what.from"),
        ("until", json!(""), "what.until"),
        ("until", json!("2026-03-01"), "what.until"),
        ("until", json!("2036-03-20"), "what.until"),
    ];
    for (field, value, named) in rows {
        let mut draft = zhou.create(kind::SWEEP).with("what", &sweep_of(WANGS).whats()[0]);
        draft.groups.get_mut("what").expect("the group").insert(field.to_owned(), value.clone());
        let verdicts = zhou.send(vec![draft]).expect("an answer");
        assert_eq!(verdicts, [Verdict::Refused(Refusal::Invalid(named.to_owned()))], "{field} {value}");
    }
    let closed = SweepClosed { on: "2026-03-02".to_owned(), done: 0, homes: 1 };
    let empty = zhou.create(kind::SWEEP).with("closed", &closed);
    assert_eq!(zhou.send(vec![empty]).expect("an answer"), [Verdict::Refused(Refusal::Invalid("what".to_owned()))]);

    let sweep = zhou.create(kind::SWEEP).with("what", &sweep_of(WANGS).whats()[0]);
    let id = sweep.record;
    ok(zhou.send(vec![sweep]));
    let more = SweepClosed { done: 2, ..closed.clone() };
    let drafts = vec![zhou.set(&held(&zhou, id)).with("closed", &more)];
    assert_eq!(zhou.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::Invalid("closed.done".to_owned()))]);
    // It is written once: what was asked for stays, and so does that it was closed.
    let longer = SweepForm { until: "2026-04-20".to_owned(), ..sweep_of(WANGS) };
    let drafts = vec![zhou.set(&held(&zhou, id)).with("what", &longer.whats()[0])];
    assert_eq!(zhou.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::SetOnce("what".to_owned()))]);
    ok(zhou.send(vec![zhou.set(&held(&zhou, id)).with("closed", &closed)]));
    let again = SweepClosed { on: "2026-03-05".to_owned(), ..closed };
    let drafts = vec![zhou.set(&held(&zhou, id)).with("closed", &again)];
    assert_eq!(zhou.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::SetOnce("closed".to_owned()))]);
    let drafts = vec![zhou.delete(&held(&zhou, id))];
    assert_eq!(zhou.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::Role(kind::SWEEP.to_owned()))]);
}

#[test]
fn the_desk_counts_homes_somebody_looked_at_since_the_first_day_until_it_is_closed() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let homes: Vec<RecordId> = (0..3).map(|_| town.home(&mut wang, WANGS, CHENS_PHONE)).collect();
    // One is not let at present, and one lies next door.
    let paused = town.home(&mut wang, WANGS, "");
    let state = json!({ "state": "PAUSED", "on": "2026-03-01" });
    ok(wang.send(vec![wang.set(&held(&wang, paused)).with("registration", &state)]));
    town.home(&mut town.pen("li"), LIS, "");
    visit(&mut wang, homes[0], at("2026-03-01", 18, 0), VisitResult::Done);
    let set = SweepForm { from: "2026-03-03".to_owned(), ..sweep_of(WANGS) };
    desk(&town, "zhou", DeskCommand::SetSweep(SetSweep { form: set })).expect("set");
    assert_eq!(progress(&town), [(0, 3, vec![])], "its first day has not come");
    town.go_to(at("2026-03-04", 9, 0));
    let left = |ids: &[usize]| {
        let mut ids: Vec<RecordId> = ids.iter().map(|at| homes[*at]).collect();
        ids.sort();
        ids
    };
    let sorted = |rows: Vec<(u64, u64, Vec<RecordId>)>| -> Vec<(u64, u64, Vec<RecordId>)> {
        rows.into_iter()
            .map(|(done, homes, mut ids)| {
                ids.sort();
                (done, homes, ids)
            })
            .collect()
    };
    assert_eq!(sorted(progress(&town)), [(0, 3, left(&[0, 1, 2]))], "a visit before it does not count");
    visit(&mut wang, homes[1], at("2026-03-03", 8, 0), VisitResult::Vacant);
    visit(&mut wang, homes[2], at("2026-03-04", 8, 0), VisitResult::NoAnswer);
    visit(&mut wang, homes[2], at("2026-04-04", 8, 0), VisitResult::Done);
    assert_eq!(sorted(progress(&town)), [(1, 3, left(&[0, 2]))], "nobody met is not looked at, and April has not come");

    let id = desk(&town, "admin", DeskCommand::Sweeps(Sweeps {})).expect("the bureau looks on")[0].id;
    desk(&town, "zhou", DeskCommand::CloseSweep(CloseSweep { id })).expect("closed");
    visit(&mut wang, homes[0], at("2026-03-04", 10, 0), VisitResult::Done);
    let rows = desk(&town, "zhou", DeskCommand::Sweeps(Sweeps {})).expect("rows");
    let row = &rows[0];
    assert_eq!((row.closed_on.as_str(), row.done, row.homes, row.left.len()), ("2026-03-04", 1, 3, 0), "as it was when it ended");
    assert_eq!(desk(&town, "zhou", DeskCommand::CloseSweep(CloseSweep { id })).err(), Some(ErrorCode::Stale));
    wang.sync().expect("pulls");
    assert_eq!(held(&wang, id).text("closed", "on"), Some("2026-03-04"), "its coordinators hear of it");
}
