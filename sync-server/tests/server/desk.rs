//! The officer's page: lists, one record, what is decided there.

use domain::merge::ClashWhy;
use domain::{kind, residency};
use serde::de::DeserializeOwned;
use sync_server::desk::{DeskCaller, SESSION_IDLE_MS, SESSION_MS_MAX};
use ui_protocol::attention::Choice;
use ui_protocol::desk::{
    Devices, DevicesReply, ListRecords, Overview, OverviewReply, RecordPage, RecordView, RestoreResidency, SettleForStation,
    ViewRecord,
};
use ui_protocol::history::{By, Was};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{LIS, PASSWORD, Town, WANGS, cancel, conflicts, contact, held, ok, phone_of};

fn officer(town: &Town) -> DeskCaller {
    let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    town.core.desk_caller(&token).expect("a session")
}

fn ask<T: DeserializeOwned>(town: &Town, command: DeskCommand) -> Result<T, ErrorCode> {
    let handled = town.core.desk(&officer(town), command).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn list(town: &Town, kind: &str, query: &str) -> RecordPage {
    let ask_for = ListRecords { kind: kind.to_owned(), query: query.to_owned(), ..ListRecords::default() };
    ask(town, DeskCommand::ListRecords(ask_for)).expect("a page")
}

#[test]
fn what_arrived_is_counted_listed_and_found() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, _) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, unit);
    let overview: OverviewReply = ask(&town, DeskCommand::Overview(Overview {})).expect("counts");
    let first: Vec<_> = overview.areas.iter().take(3).map(|area| (area.code.as_str(), area.units, area.residents)).collect();
    assert_eq!(first[..2], [(WANGS, 1, 1), (LIS, 1, 0)], "villages that hold something come first");
    assert_eq!((first[2].1, first[2].2), (0, 0));

    let person = held(&wang, made.person);
    let (name, number) = (person.text("identity", "name").expect("a name"), person.text("identity", "doc_no").expect("a number"));
    for query in ["", name, number, &number[14..]] {
        let page = list(&town, kind::PERSON, query);
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [made.person], "found by {query:?}");
        assert!(!page.rows[0].detail.contains(number), "masked in the list");
    }
    // The mask hides the middle, and so does the search.
    assert!(
        list(&town, kind::PERSON, &number[6..14]).rows.is_empty() && list(&town, kind::RESIDENCY, &number[..14]).rows.is_empty()
    );
    assert_eq!(list(&town, kind::RESIDENCY, number).rows.len(), 1, "a whole number finds the registration too");
    assert!(list(&town, kind::PERSON, "%").rows.is_empty() && list(&town, kind::PERSON, "没有这个人").rows.is_empty());
    assert_eq!(list(&town, kind::RESIDENCY, name).rows.len(), 1, "a registration is found by its person's name");

    let view: RecordView = ask(&town, DeskCommand::ViewRecord(ViewRecord { id: made.person })).expect("a record");
    let text = serde_json::to_string(&view).expect("json");
    assert!(!text.contains(number) && text.contains(&domain::id_document::mask(number)), "{text}");
    assert!(view.linked.iter().any(|linked| linked.id == made.residency));
    // Whose hand, and the server's own numbers; of the person, the registration and the stay.
    let by: std::collections::BTreeSet<_> = view.history.iter().map(|line| format!("{:?}", line.by)).collect();
    assert_eq!(by.into_iter().collect::<Vec<_>>(), [r#"Named("王敏")"#, "Server"]);
    for kind in [kind::PERSON, kind::RESIDENCY, kind::STAY] {
        assert!(view.history.iter().any(|line| line.kind == kind), "{kind}");
    }
    let seen = town.core.look(|view| Ok((view.audit_count("desk.view")?, view.audit_broken_at()?))).expect("looks");
    assert_eq!(seen, (1, None), "that somebody looked is noted down, in a whole chain");
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    for _ in 0..3 {
        let unit = town.home(&mut wang, WANGS, "");
        for _ in 0..20 {
            let drafts = town.newcomer(&wang, unit).0;
            wang.save(drafts);
        }
    }
    wang.sync().expect("syncs");
    let mut seen = std::collections::BTreeSet::new();
    let mut after = None;
    loop {
        let ask_for = ListRecords { kind: kind::PERSON.to_owned(), after: after.clone(), ..ListRecords::default() };
        let page: RecordPage = ask(&town, DeskCommand::ListRecords(ask_for)).expect("a page");
        assert_eq!(page.total, Some(60));
        assert!(page.rows.iter().all(|row| seen.insert(row.id)), "no row twice");
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
    let bad = ListRecords { kind: kind::PERSON.to_owned(), after: Some("x".to_owned()), ..ListRecords::default() };
    assert_eq!(ask::<RecordPage>(&town, DeskCommand::ListRecords(bad)), Err(ErrorCode::Malformed));
}

#[test]
fn a_departure_learnt_late_can_be_undone_for_as_long_as_any_other() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    town.pass(100 * 86_400_000);
    let drafts = cancel(&wang, made, "2026-03-03", town.core.now_unix_ms());
    ok(wang.send(drafts));
    let can_restore = || {
        let view: RecordView = ask(&town, DeskCommand::ViewRecord(ViewRecord { id: made.residency })).expect("a record");
        view.can_restore
    };
    assert!(can_restore(), "left three months ago, and ended this minute");
    town.pass(100 * 86_400_000);
    assert!(!can_restore());
}

#[test]
fn the_station_brings_a_registration_back_with_its_stay() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let number = held(&wang, made.residency).text("number", "no").map(str::to_owned);
    town.pass(86_400_000);
    let drafts = cancel(&wang, made, "2026-03-03", town.core.now_unix_ms());
    ok(wang.send(drafts));
    let restore = |note: &str| DeskCommand::RestoreResidency(RestoreResidency { id: made.residency, note: note.to_owned() });
    let before: RecordView = ask(&town, DeskCommand::ViewRecord(ViewRecord { id: made.residency })).expect("a record");
    assert!(before.can_restore);
    assert_eq!(ask::<RecordView>(&town, restore(" ")), Err(ErrorCode::Form), "a reason is asked for");
    let after: RecordView = ask(&town, restore("核实仍在住")).expect("restored");
    assert!(!after.can_restore);
    let restored = after.history.iter().find(|line| line.record == made.residency).expect("a line");
    assert_eq!(restored.by, By::Named("周建军".to_owned()));
    let groups: Vec<_> = restored.groups.iter().map(|group| group.group.as_str()).collect();
    assert_eq!(groups, ["restored", "status"]);
    let was = match &restored.groups[1].was {
        Was::Value(fields) => fields.get("state").and_then(|state| state.as_str()),
        Was::Nothing | Was::Unknown => None,
    };
    assert_eq!(was, Some("cancelled"), "what it replaced is said");
    let kept = town.record(made.residency);
    assert_eq!((kept.text("restored", "on"), kept.text("restored", "left_on")), (Some("2026-03-03"), Some("2026-03-03")));
    wang.sync().expect("syncs");
    let residency = held(&wang, made.residency);
    assert!(residency::is_active(&residency) && residency::is_open(&held(&wang, made.stay)));
    assert_eq!(residency.text("number", "no").map(str::to_owned), number, "the same registration");
    assert_eq!(residency.text("declared", "registered_on"), Some("2026-03-02"));
    assert_eq!(ask::<RecordView>(&town, restore("again")), Err(ErrorCode::Stale));
    assert!(conflicts(&wang).is_empty());
    town.check_sums(&[&wang]);

    // Ninety days later it is too late.
    let drafts = cancel(&wang, made, "2026-03-03", town.core.now_unix_ms());
    ok(wang.send(drafts));
    town.pass(91 * 86_400_000);
    assert_eq!(ask::<RecordView>(&town, restore("too late")), Err(ErrorCode::Stale));
}

#[test]
fn the_station_settles_a_conflict_for_everybody() {
    for choice in [Choice::Restore, Choice::Keep] {
        let town = Town::new();
        let mut wang = town.pen("wang");
        let unit = town.home(&mut wang, WANGS, "");
        let made = town.resident(&mut wang, unit);
        let mut second = town.pen("zhou");
        let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000011"))];
        wang.save(drafts);
        town.pass(1000);
        let drafts = vec![second.set(&held(&second, made.person)).with("contact", &contact("19900000022"))];
        ok(second.send(drafts));
        wang.sync().expect("syncs");
        let page = list(&town, kind::CONFLICT, "");
        assert_eq!((page.rows.len(), page.rows[0].state.as_str()), (1, "open"), "one row, not one for each addressee");
        let overview: OverviewReply = ask(&town, DeskCommand::Overview(Overview {})).expect("counts");
        assert_eq!(overview.areas[0].conflicts_open, 1);
        let id = page.rows[0].id;
        let view: RecordView = ask(&town, DeskCommand::ViewRecord(ViewRecord { id })).expect("a record");
        assert!(view.can_settle);
        let settle = DeskCommand::SettleForStation(SettleForStation { id, choice });
        let view: RecordView = ask(&town, settle.clone()).expect("settled");
        assert!(!view.can_settle);
        wang.sync().expect("syncs");
        second.sync().expect("syncs");
        let phone = if choice == Choice::Restore { "19900000011" } else { "19900000022" };
        assert_eq!((phone_of(&held(&wang, made.person)), phone_of(&held(&second, made.person))), (phone, phone));
        assert_eq!((conflicts(&wang).len(), conflicts(&second).len()), (0, 0), "nobody is asked any more");
        assert_eq!(ask::<RecordView>(&town, settle), Err(ErrorCode::Stale));
        town.check_sums(&[&wang, &second]);
    }
}

#[test]
fn the_station_lets_a_deletion_happen_after_all() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut second = town.pen("zhou");
    let drafts = [made.stay, made.residency, made.person].map(|id| wang.delete(&held(&wang, id)));
    wang.save(drafts.to_vec());
    let drafts = vec![second.set(&held(&second, made.person)).with("contact", &contact("19900000022"))];
    ok(second.send(drafts));
    wang.sync().expect("syncs");
    assert_eq!(conflicts(&wang)[0].why, ClashWhy::DeleteMetEdit);
    let id = list(&town, kind::CONFLICT, "").rows[0].id;
    let settle = DeskCommand::SettleForStation(SettleForStation { id, choice: Choice::Restore });
    ask::<RecordView>(&town, settle).expect("settled");
    assert!(town.record(made.person).dead.is_some());
    wang.sync().expect("syncs");
    assert!(wang.record(made.person).is_none());
    town.check_sums(&[&wang]);
}

#[test]
fn another_stations_officer_sees_and_decides_nothing() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    town.account("qian", "钱所长", domain::access::Role::Officer, "", &["330822104000"]);
    let (token, me) = town.core.desk_sign_in("qian", PASSWORD).expect("signs in");
    assert_eq!(me.areas, ["330822104000"]);
    let qian = town.core.desk_caller(&token).expect("a session");
    for id in [unit, made.person, made.residency] {
        let answer = town.core.desk(&qian, DeskCommand::ViewRecord(ViewRecord { id })).map_err(|error| error.code).map(|_| ());
        assert_eq!(answer, Err(ErrorCode::NotFound), "as if it were not there");
    }
    let page = town
        .core
        .desk(&qian, DeskCommand::ListRecords(ListRecords { kind: kind::PERSON.to_owned(), ..ListRecords::default() }))
        .expect("a page");
    assert_eq!(page.reply["rows"], serde_json::json!([]));
}

#[test]
fn devices_are_listed_with_their_state() {
    let town = Town::new();
    let wang = town.pen("wang");
    let _chen = town.pen("chen");
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let reply: DevicesReply = ask(&town, DeskCommand::Devices(Devices {})).expect("devices");
    let rows: Vec<_> = reply.rows.iter().map(|row| (row.name.as_str(), row.revoked, row.seen_unix_ms.is_some())).collect();
    assert_eq!(rows, [("王敏", true, true)], "a landlord's phone is not the station's");
}

#[test]
fn a_desk_left_alone_is_signed_out() {
    let town = Town::new();
    let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = |token: &str| town.core.desk_caller(token).map(|_| ()).map_err(|error| error.code);
    town.pass(SESSION_IDLE_MS - 1);
    assert_eq!(caller(&token), Ok(()));
    town.pass(SESSION_IDLE_MS - 1);
    assert_eq!(caller(&token), Ok(()), "used in between");
    town.pass(SESSION_IDLE_MS);
    assert_eq!(caller(&token), Err(ErrorCode::SignedOut));
    let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    for _ in 0..(SESSION_MS_MAX / (SESSION_IDLE_MS / 2)) {
        town.pass(SESSION_IDLE_MS / 2);
        let _ = caller(&token);
    }
    assert_eq!(caller(&token), Err(ErrorCode::SignedOut), "nobody stays longer than a shift");
    let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    town.core.desk_sign_out(&token).expect("signs out");
    assert_eq!(caller(&token), Err(ErrorCode::SignedOut));
    assert_eq!(caller("made up"), Err(ErrorCode::SignedOut));
    town.core.disable_account("zhou", true).expect("disabled");
    let refused = town.core.desk_sign_in("zhou", PASSWORD).map(|_| ()).map_err(|error| error.code);
    assert_eq!(refused, Err(ErrorCode::WrongPassword));
}
