//! One round trip, whatever happened to the last one.

use domain::place::Scope;
use domain::{ChangeId, TxnId, kind};
use sync_protocol::{CHANGES_MAX, PROTOCOL_PULL_MIN, SyncError, SyncServer, Verdict};

use crate::town::{LIS, Town, WANGS, contact, held, ok, once, phone_of};

#[test]
fn a_lost_answer_is_harmless() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let lost = once(&mut wang).expect("the server did it; the answer got lost");
    let before = town.record(made.person);
    town.pass(60_000);
    let again = once(&mut wang).expect("the same request again");
    assert_eq!(again.verdicts, lost.verdicts, "the same verdicts");
    assert_eq!(town.record(made.person), before, "nothing was written twice");
    wang.sync().expect("goes on");
    town.check_sums(&[&wang]);
}

#[test]
fn a_gap_is_named_and_a_fork_is_noticed() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    wang.save(town.newcomer(&wang, unit).0);
    let mut request = wang.request(CHANGES_MAX);
    let first = request.push.first().expect("something to push").seq;
    let epoch = request.epoch.clone();
    request.push.remove(0);
    assert_eq!(wang.server.exchange(request).map(|_| ()), Err(SyncError::Gap { expected: first, epoch: epoch.clone() }));

    let mut holed = wang.request(CHANGES_MAX);
    holed.push.remove(2);
    assert_eq!(
        wang.server.exchange(holed).map(|_| ()),
        Err(SyncError::Gap { expected: first + 2, epoch }),
        "a hole in the middle"
    );

    let request = wang.request(CHANGES_MAX);
    wang.sync().expect("goes through");
    let mut forked = request.clone();
    forked.push[0].change.id = ChangeId(uuid_of(77));
    assert_eq!(wang.server.exchange(forked).map(|_| ()), Err(SyncError::Forked), "another change stands at that place");
    assert!(wang.server.exchange(request).is_ok(), "the true one is only repeated");
}

#[test]
fn a_clone_that_enrolled_again_repeats_its_changes_under_new_numbers() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let pushed = wang.outbox.clone();
    wang.sync().expect("the original was faster");

    let mut clone = town.pen("wang");
    clone.outbox = pushed.iter().cloned().zip(1..).map(|(pushed, seq)| sync_protocol::PushedChange { seq, ..pushed }).collect();
    clone.sync().expect("answered");
    assert!(clone.verdicts.values().all(|verdict| *verdict == Verdict::Ok), "as the first time: {:?}", clone.verdicts);
    assert!(clone.record(made.person).is_some());
    town.check_sums(&[&wang, &clone]);
}

#[test]
fn a_refused_save_is_whole_and_blocks_nobody() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (mut bad, made) = town.newcomer(&wang, unit);
    bad[0].groups.get_mut("identity").expect("a person").insert("doc_no".into(), "361122199001010001".into());
    wang.save(bad);
    let (good, kept) = town.newcomer(&wang, unit);
    wang.save(good);
    // It builds on the refused one: another save names the person that was never made.
    let on_refused = {
        let person = held(&wang, made.person);
        vec![wang.set(&person).with("contact", &contact("19900000001"))]
    };
    wang.save(on_refused);
    wang.sync().expect("the queue goes on");
    let told: Vec<String> =
        wang.verdicts.values().rev().take(11).map(|verdict| serde_json::to_string(verdict).expect("json")).collect();
    let told: Vec<&str> = told.iter().rev().map(String::as_str).collect();
    let whole = r#"{"is":"refused","of":{"why":"with_its_save"}}"#;
    let reason = r#"{"is":"refused","of":{"why":"invalid","of":"identity.doc_no"}}"#;
    let builds = r#"{"is":"refused","of":{"why":"builds_on_refused"}}"#;
    let fine = r#"{"is":"ok"}"#;
    assert_eq!(told, [reason, whole, whole, whole, whole, fine, fine, fine, fine, fine, builds]);
    assert!(!town.knows(made.residency) && town.knows(kept.residency), "a registration without its person would be half a save");
    town.check_sums(&[&wang]);
}

#[test]
fn a_save_cut_in_two_is_refused_whole_where_it_can_still_be() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    wang.save(town.newcomer(&wang, unit).0);
    let mut first = wang.request(CHANGES_MAX);
    // A person alone is in nobody's village: the first half is refused by itself, and the second for coming in two parts.
    let rest = first.push.split_off(1);
    let reply = wang.server.exchange(first).expect("an answer");
    assert!(matches!(reply.verdicts[..], [(_, Verdict::Refused(_))]), "{:?}", reply.verdicts);
    let mut second = wang.request(CHANGES_MAX);
    second.push = rest;
    let reply = wang.server.exchange(second).expect("an answer");
    assert!(reply.verdicts.iter().all(|(_, verdict)| matches!(verdict, Verdict::Refused(_))), "{:?}", reply.verdicts);
}

#[test]
fn too_much_at_once_is_said_before_anything_is_done() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let room = |_| wang.create(kind::ROOM).with("where", &domain::unit::RoomWhere { unit });
    let drafts: Vec<_> =
        (0..CHANGES_MAX + 1).map(room).map(|draft| draft.with("label", &domain::unit::RoomLabel { label: "1".into() })).collect();
    for draft in drafts {
        wang.save(vec![draft]);
    }
    let mut request = wang.request(usize::MAX);
    assert_eq!(wang.server.exchange(request.clone()).map(|_| ()), Err(SyncError::TooLarge), "501 changes");
    request.push.truncate(CHANGES_MAX);
    assert!(wang.server.exchange(request).is_ok(), "500 changes");

    let mut scopes = wang.request(1);
    scopes.push.clear();
    scopes.scopes = (0..300)
        .map(|village| sync_protocol::ScopeState {
            scope: Scope::Area(format!("330822{village:06}")),
            cursor: None,
            digest: String::new(),
            count: 0,
        })
        .collect();
    assert_eq!(wang.server.exchange(scopes).map(|_| ()), Err(SyncError::TooLarge), "scopes are bounded too");
}

#[test]
fn a_save_of_too_many_changes_or_bytes_is_refused_and_passed() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let many: Vec<_> = (0..201)
        .map(|label: i32| {
            let label = domain::unit::RoomLabel { label: label.to_string() };
            wang.create(kind::ROOM).with("where", &domain::unit::RoomWhere { unit }).with("label", &label)
        })
        .collect();
    wang.save(many);
    let mut huge = wang.create(kind::ROOM).with("where", &domain::unit::RoomWhere { unit });
    huge.groups.insert("label".into(), [("label".to_owned(), "1".repeat(70_000).into())].into_iter().collect());
    wang.save(vec![huge]);
    wang.sync().expect("the queue goes on");
    let (last, others) = wang
        .verdicts
        .values()
        .rev()
        .take(202)
        .cloned()
        .collect::<Vec<_>>()
        .split_first()
        .map(|(l, o)| (l.clone(), o.to_vec()))
        .expect("verdicts");
    assert_eq!(
        serde_json::to_string(&last).expect("json"),
        r#"{"is":"refused","of":{"why":"invalid","of":"a change of too many bytes"}}"#
    );
    assert!(others.iter().all(|verdict| matches!(verdict, Verdict::Refused(_))), "201 changes are no save");
}

#[test]
fn what_an_old_app_did_is_kept_although_it_may_not_pull() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (drafts, made) = town.newcomer(&wang, unit);
    wang.save(drafts);
    let mut request = wang.request(CHANGES_MAX);
    request.protocol = PROTOCOL_PULL_MIN - 1;
    match wang.server.exchange(request) {
        Err(SyncError::TooOld { verdicts }) => assert_eq!(verdicts.len(), 5),
        other => panic!("expected too old, got {other:?}"),
    }
    assert!(town.knows(made.person), "late work is never refused");
}

#[test]
fn pages_are_whole_versions_and_the_way_can_be_cut_anywhere() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    for _ in 0..8 {
        town.resident(&mut wang, unit);
    }
    let mut second = sync_server::demo::Pen::new(&town.core, "wang").expect("a device");
    second.records_max = 3;
    let mut rounds = 0;
    loop {
        let reply = once(&mut second).expect("a page");
        rounds += 1;
        let more = reply.scopes.iter().any(|scope| scope.more) || !reply.grants_added.is_empty();
        // Cut off before it was taken: the same page comes again.
        let again = once(&mut second).expect("the page again");
        assert_eq!(again.scopes, reply.scopes, "an answer that was lost is given again");
        second.take(reply);
        if !more {
            break;
        }
    }
    assert!(rounds > 10, "few records at a time: {rounds} pages");
    assert_eq!(second.records(kind::PERSON).len(), 8);
    town.check_sums(&[&wang, &second]);
}

#[test]
fn a_cursor_of_another_history_begins_anew() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let scope = Scope::Area(WANGS.to_owned());
    for cursor in ["1.ffffffff", "99999.00000000", "nonsense", "-1.0", "0."] {
        let mut request = wang.request(CHANGES_MAX);
        let state = request.scopes.iter_mut().find(|state| state.scope == scope).expect("her village");
        state.cursor = Some(cursor.to_owned());
        let reply = wang.server.exchange(request).expect("an answer");
        let news = reply.scopes.iter().find(|news| news.scope == scope).expect("her village");
        assert!(news.records.iter().any(|record| record.id == unit) && news.exits.is_empty(), "{cursor}: everything again");
    }
    let nothing_new = once(&mut wang).expect("an answer");
    assert!(nothing_new.scopes.iter().all(|news| news.records.is_empty()), "her own cursor holds");
}

#[test]
fn a_clock_that_is_years_off_wins_nothing_and_loses_nothing() {
    const TEN_YEARS_MS: i64 = 10 * 365 * 86_400_000;
    for (wangs_clock, zhous_clock) in [(TEN_YEARS_MS, 0), (-TEN_YEARS_MS, 0), (0, TEN_YEARS_MS), (TEN_YEARS_MS, -TEN_YEARS_MS)] {
        let town = Town::new();
        let mut wang = town.pen("wang");
        let unit = town.home(&mut wang, WANGS, "");
        let made = town.resident(&mut wang, unit);
        let mut zhou = town.pen("zhou");
        (wang.clock_ahead_ms, zhou.clock_ahead_ms) = (wangs_clock, zhous_clock);
        // One after the other, each having seen the other's: causality is not a matter of clocks.
        let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000011"))];
        ok(wang.send(drafts));
        zhou.sync().expect("sees it");
        town.pass(1000);
        let drafts = vec![zhou.set(&held(&zhou, made.person)).with("contact", &contact("19900000022"))];
        ok(zhou.send(drafts));
        assert_eq!(phone_of(&town.record(made.person)), "19900000022", "clocks {wangs_clock} and {zhous_clock}");
    }
}

#[test]
fn a_dropped_village_is_named_and_a_new_one_arrives() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let id = town.core.look(|view| Ok(view.account_by_login("wang")?)).expect("looks").expect("wang").id;
    town.core.write(move |write| Ok(write.set_account_areas(id, &[LIS.to_owned()])?)).expect("moved");
    let reply = once(&mut wang).expect("an answer");
    assert_eq!(reply.grants_dropped, [Scope::Area(WANGS.to_owned())]);
    assert_eq!(reply.grants_added, [Scope::Area(LIS.to_owned())]);
    assert!(reply.scopes.iter().all(|news| news.scope != Scope::Area(WANGS.to_owned())), "nothing of it is told any more");
    wang.take(reply);
    assert!(wang.record(unit).is_none(), "what leaves the grants leaves the device");
}

#[test]
fn many_devices_at_once_end_with_the_same() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let mut pens: Vec<_> = (0..6).map(|_| town.pen("wang")).collect();
    for pen in &mut pens {
        for _ in 0..4 {
            pen.save(town.newcomer(pen, unit).0);
        }
    }
    std::thread::scope(|threads| {
        for pen in &mut pens {
            threads.spawn(|| pen.sync().expect("syncs while others do"));
        }
    });
    for pen in &mut pens {
        pen.sync().expect("fetches the rest");
        assert_eq!(pen.records(kind::PERSON).len(), 24, "no version was skipped");
    }
    town.check_sums(&pens.iter().collect::<Vec<_>>());
}

#[test]
fn a_txn_id_used_twice_is_not_a_second_save() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    wang.save(town.newcomer(&wang, unit).0);
    wang.save(town.newcomer(&wang, unit).0);
    let txn = TxnId(uuid_of(5));
    for (at, pushed) in wang.outbox.iter_mut().enumerate() {
        // a a a a a b a a a a
        pushed.change.txn = if at == 5 { TxnId(uuid_of(6)) } else { txn };
    }
    wang.sync().expect("the queue goes on");
    let refused = wang.verdicts.values().rev().take(4).all(|verdict| matches!(verdict, Verdict::Refused(_)));
    assert!(refused, "the second run under one name is refused: {:?}", wang.verdicts);
}

fn uuid_of(byte: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([byte; 16])
}
