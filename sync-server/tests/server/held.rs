//! What the station decides about late work, and who may decide it.

use domain::access::Role;
use serde::de::DeserializeOwned;
use sync_server::desk::{Decider, DeskCaller};
use ui_protocol::held::{HeldPage, HeldView, ListHeld, RejectHeld, TakeHeld, ViewHeld};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, conflicts, contact, held, ok, once, phone_of};

fn desk(town: &Town, login: &str) -> DeskCaller {
    let (token, _) = town.core.desk_sign_in(login, PASSWORD).expect("signs in");
    town.core.desk_caller(&token).expect("a session")
}

fn ask<T: DeserializeOwned>(town: &Town, caller: &DeskCaller, command: DeskCommand) -> Result<T, ErrorCode> {
    let handled = town.core.desk(caller, command).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn list(town: &Town, caller: &DeskCaller, ask_for: ListHeld) -> HeldPage {
    ask(town, caller, DeskCommand::ListHeld(ask_for)).expect("a page")
}

fn take(town: &Town, caller: &DeskCaller, number: i64) -> Result<HeldView, ErrorCode> {
    ask(town, caller, DeskCommand::TakeHeld(TakeHeld { number }))
}

fn audits(town: &Town, action: &str) -> u64 {
    town.core.look(|view| Ok(view.audit_count(action)?)).expect("looks")
}

#[test]
fn what_is_taken_stands_in_its_authors_name_by_the_officers_decision() {
    let town = Town::new();
    let (mut wang, mut second) = (town.pen("wang"), town.pen("wang"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    wang.save(vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000055"))]);
    let (newcomer, new) = town.newcomer(&wang, unit);
    let origin = wang.next_origin();
    wang.save(newcomer);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let reply = once(&mut wang).expect("held");
    wang.take(reply);

    let zhou = desk(&town, "zhou");
    let page = list(&town, &zhou, ListHeld::default());
    let rows: Vec<_> = page.rows.iter().map(|row| (row.name.as_str(), row.why.as_str(), row.state.as_str())).collect();
    assert_eq!(rows, [("王敏", "revoked", "open"); 2]);
    assert_eq!(page.counts.iter().map(|count| count.saves).sum::<u64>(), 2);
    let (edit, newcomer) = (page.rows[0].number, page.rows[1].number);
    let view: HeldView = ask(&town, &zhou, DeskCommand::ViewHeld(ViewHeld { number: edit })).expect("its values");
    let group = &view.parts[0].groups[0];
    assert_eq!(group.fields["phone"], "19900000055");
    assert!(group.stands.as_ref().is_some_and(|stands| stands["phone"] != "19900000055"), "beside what the register says");
    assert!(view.can_decide);
    let view: HeldView = ask(&town, &zhou, DeskCommand::ViewHeld(ViewHeld { number: newcomer })).expect("its values");
    let identity = view.parts[0].groups.iter().find(|group| group.group == "identity").expect("who it is");
    assert!(identity.fields["doc_no"].as_str().is_some_and(|number| number.contains('*')), "numbers are masked: {identity:?}");
    assert_eq!(audits(&town, "quarantine.view"), 2, "who looked is noted down");

    assert_eq!(take(&town, &zhou, edit).expect("taken").refused, None);
    assert_eq!(phone_of(&town.record(made.person)), "19900000055");
    let view = take(&town, &zhou, newcomer).expect("taken");
    assert_eq!((view.row.state.as_str(), view.row.decided_by.as_str(), view.parts.len()), ("taken", "周建军", 0));
    let person = town.record(new.person);
    assert_eq!(person.groups["identity"].origin, origin, "the value keeps its author's name");
    assert_eq!(take(&town, &zhou, newcomer).expect_err("only once"), ErrorCode::Stale);
    assert_eq!(audits(&town, "quarantine.take"), 2);
    second.sync().expect("pulls");
    assert!(second.record(new.person).is_some(), "everybody who holds the village is told");
    assert!(list(&town, &zhou, ListHeld::default()).rows.is_empty());
    assert_eq!(list(&town, &zhou, ListHeld { decided: true, ..ListHeld::default() }).rows.len(), 2, "the list forgets nothing");
    town.check_sums(&[&second]);
}

#[test]
fn what_is_taken_can_still_lose_and_then_both_values_are_kept() {
    let town = Town::new();
    let (mut wang, mut second) = (town.pen("wang"), town.pen("wang"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    second.sync().expect("pulls");
    town.account("liu", "刘洋", Role::Coordinator, "", &[WANGS]);
    let mut liu = town.pen("liu");
    wang.save(vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000055"))]);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    once(&mut wang).expect("held");
    town.pass(60_000);
    ok(liu.send(vec![liu.set(&held(&liu, made.person)).with("contact", &contact("19900000066"))]));

    let zhou = desk(&town, "zhou");
    let number = list(&town, &zhou, ListHeld::default()).rows[0].number;
    assert_eq!(take(&town, &zhou, number).expect("taken").refused, None);
    assert_eq!(phone_of(&town.record(made.person)), "19900000066", "the newer value stands");
    liu.sync().expect("pulls");
    let told = conflicts(&liu);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].lost.fields["phone"], "19900000055", "and the late one is kept where people see it");
    assert_eq!(told[0].lost.by, "王敏");
    town.check_sums(&[&liu]);
}

#[test]
fn what_builds_on_something_open_waits_for_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    wang.save(vec![wang.set(&held(&wang, new.person)).with("contact", &contact("19900000056"))]);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    once(&mut wang).expect("held");
    let zhou = desk(&town, "zhou");
    let page = list(&town, &zhou, ListHeld::default());
    let (first, second) = (page.rows[0].number, page.rows[1].number);
    let view = take(&town, &zhou, second).expect("an answer");
    assert_eq!((view.refused, view.row.state.as_str()), (Some(domain::merge::Refusal::BuildsOnRefused), "open"));
    for number in [first, second] {
        assert_eq!(take(&town, &zhou, number).expect("taken").refused, None);
    }
    assert_eq!(phone_of(&town.record(new.person)), "19900000056");
}

#[test]
fn a_landlords_late_report_stays_a_report_of_his() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let mut chen = town.pen("chen");
    let report = town.report(&chen, unit, "2026-03-01");
    let id = report.record;
    chen.save(vec![report]);
    town.core.revoke_device(chen.credentials().device).expect("revoked");
    once(&mut chen).expect("held");
    let zhou = desk(&town, "zhou");
    let rows = list(&town, &zhou, ListHeld::default()).rows;
    assert_eq!(rows.len(), 1, "the home's station is asked");
    assert_eq!(take(&town, &zhou, rows[0].number).expect("taken").refused, None);
    let record = town.record(id);
    assert!(record.fields("receipt").is_some(), "with its receipt");
    let owner = domain::place::stored(&record).owner.expect("an owner");
    assert_eq!(town.core.look(|view| Ok(view.account(owner)?)).expect("looks").expect("an account").login, "chen");
}

#[test]
fn nobody_else_looks_or_decides() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    wang.save(town.newcomer(&wang, unit).0);
    wang.save(town.newcomer(&wang, unit).0);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    once(&mut wang).expect("held");
    town.account("qian", "钱进", Role::Officer, "", &[LIS]);
    let number = list(&town, &desk(&town, "zhou"), ListHeld::default()).rows[0].number;

    let commands = || {
        [
            DeskCommand::ViewHeld(ViewHeld { number }),
            DeskCommand::TakeHeld(TakeHeld { number }),
            DeskCommand::RejectHeld(RejectHeld { number, note: "不是本村的".to_owned() }),
        ]
    };
    for (login, code) in
        [("qian", [ErrorCode::NotFound; 3]), ("admin", [ErrorCode::NotFound, ErrorCode::NotAllowed, ErrorCode::NotAllowed])]
    {
        let caller = desk(&town, login);
        for (command, code) in commands().into_iter().zip(code) {
            let refused = ask::<HeldView>(&town, &caller, command.clone()).expect_err("refused");
            assert_eq!(refused, code, "{login} {command:?}");
        }
        assert!(list(&town, &caller, ListHeld { decided: true, ..ListHeld::default() }).rows.is_empty(), "{login} sees no save");
    }
    let counts = list(&town, &desk(&town, "admin"), ListHeld::default()).counts;
    assert_eq!(counts.iter().map(|count| count.saves).collect::<Vec<_>>(), [2], "the administrator is told how much there is");
    assert!(list(&town, &desk(&town, "qian"), ListHeld::default()).counts.is_empty());
    assert_eq!(audits(&town, "quarantine.view"), 0, "nobody saw a value");
    // Coordinators and landlords have no desk at all.
    for login in ["wang", "chen"] {
        assert!(town.core.desk_sign_in(login, PASSWORD).is_err());
    }
}

#[test]
fn a_save_that_stays_out_stays_on_the_list_with_its_values_and_the_reason() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let request = wang.request(500);
    once(&mut wang).expect("held");
    let zhou = desk(&town, "zhou");
    let number = list(&town, &zhou, ListHeld::default()).rows[0].number;
    let reject =
        |note: &str| ask::<HeldView>(&town, &zhou, DeskCommand::RejectHeld(RejectHeld { number, note: note.to_owned() }));
    assert_eq!(reject("  ").expect_err("a reason, please"), ErrorCode::Form);
    let view = reject("手机丢失后的内容，无法核实").expect("rejected");
    assert_eq!(
        (view.row.state.as_str(), view.row.note.as_str(), view.can_decide),
        ("rejected", "手机丢失后的内容，无法核实", false)
    );
    assert_eq!(view.parts.len(), request.push.len(), "its values are kept");
    assert!(!town.knows(new.person));
    assert_eq!(take(&town, &zhou, number).expect_err("decided"), ErrorCode::Stale);
    // The device asks again: the same word, whatever was decided.
    use sync_protocol::SyncServer;
    let again = wang.server.exchange(request).expect("an answer");
    assert!(again.verdicts.iter().all(|(_, verdict)| *verdict == sync_protocol::Verdict::Held));
    town.pass(400 * 24 * 60 * 60 * 1000);
    let zhou = desk(&town, "zhou");
    assert_eq!(list(&town, &zhou, ListHeld { decided: true, ..ListHeld::default() }).rows.len(), 1, "no timer deletes it");
}

#[test]
fn lists_are_narrowed_by_device_account_and_day() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let mut second = town.pen("wang");
    wang.save(town.newcomer(&wang, unit).0);
    second.save(town.newcomer(&second, unit).0);
    let account = town.core.look(|view| Ok(view.account_by_login("wang")?)).expect("looks").expect("wang").id;
    town.core.disable_account("wang", true).expect("shut out");
    once(&mut wang).expect("held");
    town.pass(24 * 60 * 60 * 1000);
    once(&mut second).expect("held");
    let zhou = desk(&town, "zhou");
    let count = |ask_for: ListHeld| list(&town, &zhou, ask_for).rows.len();
    let device = Some(second.credentials().device.0);
    assert_eq!(count(ListHeld::default()), 2);
    assert_eq!(count(ListHeld { device, ..ListHeld::default() }), 1);
    assert_eq!(count(ListHeld { account: Some(account), ..ListHeld::default() }), 2);
    assert_eq!(count(ListHeld { until: "2026-03-02".to_owned(), ..ListHeld::default() }), 1);
    assert_eq!(count(ListHeld { from: "2026-03-03".to_owned(), ..ListHeld::default() }), 1);
    assert_eq!(count(ListHeld { from: "2026-03-04".to_owned(), ..ListHeld::default() }), 0);
    let bad =
        ask::<HeldPage>(&town, &zhou, DeskCommand::ListHeld(ListHeld { from: "yesterday".to_owned(), ..ListHeld::default() }));
    assert_eq!(bad.expect_err("no day"), ErrorCode::Malformed);
}

#[test]
fn the_console_decides_in_an_officers_name() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    once(&mut wang).expect("held");
    let account = |login: &str| town.core.look(|view| Ok(view.account_by_login(login)?)).expect("looks").expect("an account");
    let by = |login: &str| Decider { officer: account(login), actor: "console".to_owned(), at_console: true };
    let number = 1;
    assert!(town.core.take_held(&by("admin"), number).is_err(), "an administrator decides nothing about people");
    assert!(town.core.take_held(&by("wang"), number).is_err(), "nor does a coordinator");
    town.account("qian", "钱进", Role::Officer, "", &[LIS]);
    let view = town.core.take_held(&by("qian"), number).expect("an answer");
    assert_eq!(view.refused, Some(domain::merge::Refusal::Scope), "within the villages of the officer who is named");
    assert_eq!(town.core.take_held(&by("zhou"), number).expect("taken").refused, None);
    assert!(town.knows(new.person));
}
