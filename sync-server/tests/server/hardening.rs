//! What an enrolled device, or somebody on the line, tries on purpose: nobody else may suffer from it.

use axum::body::Body;
use axum::http::Request;
use domain::merge::Refusal;
use domain::place::Scope;
use domain::residency::Handed;
use domain::{Fields, Record, RecordId, Verb, ids, kind};
use serde_json::{Value, json};
use sync_protocol::ask::Found;
use sync_protocol::{Ask, ExchangeRequest, INFLATED_BYTES_MAX, SyncError, SyncServer, Verdict};
use sync_server::demo::{Draft, Pen};
use sync_server::exchange::PUSH_BYTES_MAX;
use sync_server::http::{Settings, router};
use tower::ServiceExt;

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, conflicts, contact, hand_over, held, ok, once, phone_of};

fn fields(value: Value) -> Fields {
    value.as_object().cloned().expect("an object")
}

/// Fields of a known group with so many bytes of a later version's in them.
fn stuffed(mut own: Fields, bytes: usize) -> Fields {
    let texts: Vec<String> = (0..bytes / 500).map(|_| "x".repeat(497)).collect();
    for (index, texts) in texts.chunks(200).enumerate() {
        own.insert(format!("later{index}"), json!(texts));
    }
    own
}

fn invalid(what: &str) -> Verdict {
    Verdict::Refused(Refusal::Invalid(what.to_owned()))
}

/// A save that holds one group of this record.
fn one(pen: &Pen, record: &Record, group: &str, fields: Fields) -> Vec<Draft> {
    let mut draft = pen.set(record);
    draft.groups.insert(group.to_owned(), fields);
    vec![draft]
}

#[test]
fn a_record_cannot_grow_until_nobody_can_receive_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let own = |pen: &Pen, group: &str| held(pen, made.person).fields(group).cloned().unwrap_or_default();
    for group in ["contact", "hukou"] {
        let drafts = one(&wang, &held(&wang, made.person), group, stuffed(own(&wang, group), 58_000));
        ok(wang.send(drafts));
    }
    let before = town.record(made.person);
    let drafts = one(&wang, &held(&wang, made.person), "identity", stuffed(own(&wang, "identity"), 58_000));
    assert_eq!(wang.send(drafts).expect("an answer"), [invalid("a record of too many bytes")]);
    assert_eq!(town.record(made.person), before, "nothing of it stays");
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000001"))];
    ok(wang.send(drafts));
    town.check_sums(&[&wang]);
}

#[test]
fn an_answer_that_is_too_large_is_cut_smaller_until_it_fits() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    for _ in 0..12 {
        let made = town.resident(&mut wang, unit);
        let own = held(&wang, made.person).fields("contact").cloned().expect("a phone");
        let drafts = one(&wang, &held(&wang, made.person), "contact", stuffed(own, 60_000));
        ok(wang.send(drafts));
    }
    let fresh = Pen::new(&town.core, "wang").expect("a device");
    let mut request = fresh.request(1);
    let state = |scope| sync_protocol::ScopeState { scope, cursor: None, digest: String::new(), count: 0 };
    request.scopes = vec![state(Scope::Area(WANGS.to_owned()))];
    let ask = |request: &ExchangeRequest, room: usize| {
        town.core.exchange_as(fresh.credentials(), request.clone(), |reply| {
            let bytes = serde_json::to_vec(reply).expect("json").len();
            Ok((bytes <= room).then(|| reply.clone()))
        })
    };
    let whole = ask(&request, INFLATED_BYTES_MAX).expect("an answer").scopes.remove(0);
    assert!(!whole.more && whole.records.len() > 12);
    let (mut received, mut rounds) = (0, 0);
    loop {
        let news = ask(&request, 200_000).expect("an answer").scopes.remove(0);
        (received, rounds) = (received + news.records.len(), rounds + 1);
        request.scopes[0].cursor = Some(news.cursor);
        if !news.more {
            break;
        }
    }
    assert!(received == whole.records.len() && rounds > 3, "{received} records in {rounds} rounds");
    // Where nothing fits, what was pushed is answered all the same.
    let mut pushing = wang.request(1);
    let drafts = vec![wang.create(kind::UNIT)];
    wang.save(drafts);
    pushing.push = wang.request(1).push;
    pushing.scopes.iter_mut().for_each(|state| state.cursor = None);
    let reply = town.core.exchange_as(wang.credentials(), pushing, |reply| Ok(reply.scopes.is_empty().then(|| reply.clone())));
    let reply = reply.expect("an answer");
    assert_eq!((reply.verdicts.len(), reply.next_ms > 0), (1, true), "and the device does not ask again at once");
}

#[test]
fn versions_are_cut_by_bytes_too() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (mut save, mut people) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let (mut drafts, made) = town.newcomer(&wang, unit);
        let person = drafts.iter_mut().find(|draft| draft.kind == kind::PERSON).expect("a person");
        let own = person.groups.remove("contact").expect("a phone");
        person.groups.insert("contact".to_owned(), stuffed(own, 60_000));
        save.extend(drafts);
        people.push(made.person);
    }
    ok(wang.send(save));
    let area = Scope::Area(WANGS.to_owned());
    let version =
        |person: &RecordId| town.core.look(|view| Ok(view.member_of(&area, *person)?)).expect("looks").expect("is there").version;
    let versions: std::collections::BTreeSet<u64> = people.iter().map(version).collect();
    assert!(versions.len() >= 2, "one save of half a megabyte, {} versions", versions.len());
    town.check_sums(&[&wang]);
}

#[test]
fn a_push_that_would_hold_up_everybody_is_not_read() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let own = held(&wang, made.person).fields("contact").cloned().expect("a phone");
    for _ in 0..=(PUSH_BYTES_MAX / 50_000) {
        let drafts = one(&wang, &held(&wang, made.person), "contact", stuffed(own.clone(), 50_000));
        wang.save(drafts);
    }
    assert_eq!(once(&mut wang).map(|_| ()), Err(SyncError::TooLarge));
    assert_eq!(town.core.look(|view| Ok(view.changes_of(made.person)?.len())).expect("looks"), 1, "nothing of it was read");
    // Half as much goes.
    let half = wang.request(wang.outbox.len() / 2);
    wang.server.exchange(half).expect("an answer");
}

#[test]
fn one_device_has_one_push_at_a_time() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let drafts = town.newcomer(&wang, unit).0;
    wang.save(drafts);
    let (core, credentials, request) = (town.core.clone(), wang.credentials().clone(), wang.request(1));
    let (begun, waits) = std::sync::mpsc::channel::<()>();
    let (go, told) = std::sync::mpsc::channel::<()>();
    let holder = {
        let core = town.core.clone();
        std::thread::spawn(move || {
            core.write(move |_| {
                begun.send(()).expect("somebody waits");
                told.recv().expect("is told");
                Ok(())
            })
        })
    };
    waits.recv().expect("the writer is busy");
    let first = {
        let (core, credentials, request) = (core.clone(), credentials.clone(), request.clone());
        std::thread::spawn(move || core.exchange(&credentials, request))
    };
    // Whichever of the two came first waits for the writer; the other one is sent away.
    let mut second = Err(SyncError::Server);
    for _ in 0..200 {
        let (core, credentials, request) = (core.clone(), credentials.clone(), request.clone());
        let (sent, answered) = std::sync::mpsc::channel();
        std::thread::spawn(move || drop(sent.send(core.exchange(&credentials, request))));
        if let Ok(answer) = answered.recv_timeout(std::time::Duration::from_millis(100)) {
            second = answer;
            break;
        }
    }
    assert!(matches!(second, Err(SyncError::Busy { .. })), "{second:?}");
    go.send(()).expect("it waits");
    holder.join().expect("no panic").expect("written");
    let first = first.join().expect("no panic");
    assert!(matches!(first, Ok(_) | Err(SyncError::Busy { .. })), "{first:?}");
    let again = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        core.exchange(&credentials, request.clone()).ok()
    });
    assert!(again.is_some(), "its turn ended");
}

/// Wang's resident, handed over to Li, and a second phone of hers that has not heard of it.
fn handed_over(town: &Town) -> (Pen, Pen, RecordId) {
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let offline = town.pen("wang");
    let drafts = hand_over(&wang, made, LIS, "2026-03-10");
    ok(wang.send(drafts));
    town.pass(60_000);
    (wang, offline, made.person)
}

#[test]
fn leaving_the_cursors_out_is_no_way_in() {
    let town = Town::new();
    let (wang, _, person) = handed_over(&town);
    let before = town.record(person);
    let send = |mut pen: Pen, draft: Draft, cursor: Option<&str>| {
        pen.save(vec![draft]);
        let mut request = pen.request(1);
        // A base nobody gave out: what she writes builds on nothing she has seen.
        request.push[0].change.groups.values_mut().for_each(|group| group.base = None);
        match cursor {
            None => request.scopes.clear(),
            Some(cursor) => request.scopes.iter_mut().for_each(|state| state.cursor = Some(cursor.to_owned())),
        }
        pen.server.exchange(request).expect("an answer").verdicts.remove(0).1
    };
    for cursor in [None, Some("1.forged"), Some("0.forged"), Some("999999."), Some("x")] {
        let pen = town.pen("wang");
        let draft = pen.set(&before).with("contact", &contact("19900000066"));
        assert_eq!(send(pen, draft, cursor), Verdict::Refused(Refusal::Scope), "{cursor:?}");
    }
    assert_eq!(town.record(person), before, "untouched");
    drop(wang);
}

#[test]
fn who_has_not_heard_of_a_move_neither_moves_nor_deletes_and_not_for_ever() {
    let town = Town::new();
    let (_, mut offline, person) = handed_over(&town);
    let there = held(&offline, person);
    let back = Handed { area: WANGS.to_owned(), on: "2026-03-11".to_owned(), note: String::new() };
    let drafts = [offline.set(&there).with("handed", &back), offline.delete(&there), offline.restore(&there)];
    for draft in drafts {
        let verb = draft.verb;
        offline.save(vec![draft]);
        let mut request = offline.request(1);
        // As she stood before: she replays what she knew.
        request.scopes.iter_mut().for_each(|state| state.cursor = state.cursor.take());
        let reply = offline.server.exchange(request).expect("an answer");
        assert_eq!(reply.verdicts[0].1, Verdict::Refused(Refusal::Scope), "{verb:?}");
        offline.outbox.clear();
    }
    let mut late = town.pen("wang");
    let (_, mut kept, person) = handed_over(&town);
    let drafts = vec![kept.set(&held(&kept, person)).with("contact", &contact("19900000077"))];
    kept.save(drafts);
    town.pass(31 * 24 * 60 * 60 * 1000);
    let reply = once(&mut kept).expect("an answer");
    assert_eq!(reply.verdicts[0].1, Verdict::Refused(Refusal::Scope), "a month is enough");
    late.sync().expect("syncs");
    assert_ne!(phone_of(&town.record(person)), "19900000077");
}

#[test]
fn ids_that_follow_from_something_are_the_servers() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (mut save, made) = town.newcomer(&wang, unit);
    let taken = ids::derived_id(&["conflict", "guessed"]);
    for draft in save.iter_mut() {
        if draft.record == made.person {
            draft.record = taken;
        }
        for fields in draft.groups.values_mut().filter(|fields| fields.contains_key("person")) {
            fields.insert("person".to_owned(), taken.to_string().into());
        }
    }
    let verdicts = wang.send(save).expect("an answer");
    assert!(verdicts.contains(&invalid("record")), "{verdicts:?}");
    assert!(!town.knows(taken));
}

#[test]
fn a_forged_cursor_has_seen_nothing() {
    let town = Town::new();
    let (mut wang, mut zhou) = (town.pen("wang"), town.pen("zhou"));
    let unit = town.home(&mut wang, WANGS, "");
    zhou.sync().expect("syncs");
    let deleting = wang.delete(&held(&wang, unit));
    // Zhou registers somebody there; Wang has not heard of it, and says she has.
    let drafts = town.newcomer(&zhou, unit).0;
    ok(zhou.send(drafts));
    for cursor in ["999999.00", "5.forged", "7."] {
        wang.save(vec![deleting.clone()]);
        let mut request = wang.request(10);
        request.scopes.iter_mut().for_each(|state| state.cursor = Some(cursor.to_owned()));
        let reply = wang.server.exchange(request).expect("an answer");
        assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Merged), "{cursor}: {:?}", reply.verdicts);
        assert!(town.record(unit).dead.is_none(), "{cursor}: somebody lives there");
        wang.outbox.clear();
    }
}

#[test]
fn who_says_a_value_was_put_back_has_to_have_put_it_back() {
    let town = Town::new();
    let (mut wang, mut zhou) = (town.pen("wang"), town.pen("zhou"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    zhou.sync().expect("syncs");
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000011"))];
    wang.save(drafts);
    town.pass(1000);
    let drafts = vec![zhou.set(&held(&zhou, made.person)).with("contact", &contact("19900000022"))];
    ok(zhou.send(drafts));
    wang.sync().expect("syncs");
    zhou.sync().expect("syncs");
    assert_eq!((conflicts(&wang).len(), conflicts(&zhou).len()), (1, 1));
    let settle = |pen: &Pen| {
        let conflict = pen.records(kind::CONFLICT).remove(0);
        pen.set(&conflict).with("settled", &json!({"state": "restored", "at_unix_ms": town.core.now_unix_ms()}))
    };
    // Zhou's value stands; it is Wang's to say that hers may go.
    let drafts = vec![settle(&zhou)];
    ok(zhou.send(drafts));
    wang.sync().expect("syncs");
    assert_eq!(conflicts(&wang).len(), 1, "she is still asked");
    assert_eq!(phone_of(&town.record(made.person)), "19900000022");
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000011")), settle(&wang)];
    ok(wang.send(drafts));
    assert!(conflicts(&wang).is_empty());
}

#[test]
fn what_was_refused_does_not_fill_the_disk() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut own = held(&wang, made.person).fields("contact").cloned().expect("a phone");
    own.insert("phone".to_owned(), "110".into());
    let drafts = one(&wang, &held(&wang, made.person), "contact", stuffed(own, 50_000));
    assert_eq!(wang.send(drafts).expect("an answer"), [invalid("contact.phone")]);
    let stored = town.core.look(|view| Ok(view.changes_of(made.person)?)).expect("looks").pop().expect("it is in the book");
    assert!(stored.refused && stored.change.groups.contains_key("contact"), "who, when, which group");
    assert!(serde_json::to_vec(&stored.change).expect("json").len() < 1000, "and not what");
}

#[test]
fn a_refusal_tells_nothing_of_what_is_elsewhere() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let (person, residency) = (town.record(made.person), town.record(made.residency));
    let mut bad = li.set(&person);
    bad.groups.insert("contact".to_owned(), fields(json!({"phone": "110"})));
    let drafts = [
        bad,
        li.set(&residency).with("declared", &json!({"registered_on": "2020-01-01"})),
        li.set(&residency).with("status", &json!({"state": "nothing"})),
        Draft { verb: Verb::Create, ..li.set(&person).with("place", &json!({})) },
    ];
    for draft in drafts {
        assert_eq!(li.send(vec![draft]).expect("an answer"), [Verdict::Refused(Refusal::Scope)]);
    }
}

#[test]
fn a_landlord_who_saw_it_accepted_takes_nothing_back() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    chen.sync().expect("syncs");
    let draft = town.report(&chen, unit, "2026-03-02");
    let report = draft.record;
    ok(chen.send(vec![draft]));
    wang.sync().expect("syncs");
    let check = |state: &str| json!({"state": state, "on": "2026-03-02", "reason": ""});
    let drafts = vec![wang.set(&held(&wang, report)).with("check", &check("accepted"))];
    ok(wang.send(drafts));
    chen.sync().expect("syncs");
    let drafts = vec![chen.set(&held(&chen, report)).with("check", &check("withdrawn"))];
    assert_eq!(chen.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::Role("check".to_owned()))]);
    assert_eq!(town.record(report).text("check", "state"), Some("accepted"));
    // A number that comes after the report is weighed against what the report said.
    let other = chen.create(kind::REPORT);
    let whole = town.report(&chen, unit, "2026-03-02");
    let mut said = other.clone();
    said.groups.insert("said".to_owned(), whole.groups["said"].clone());
    ok(chen.send(vec![said.clone()]));
    let late = chen.set(&held(&chen, other.record)).with("document", &json!({"doc_no": "361122199002301234"}));
    assert_eq!(chen.send(vec![late]).expect("an answer"), [invalid("document.doc_no")]);
}

#[test]
fn a_referral_is_not_moved_into_another_village() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let first17 = "81000019880214013";
    let card = format!("{first17}{}", domain::id_document::check_digit(first17).expect("17 digits"));
    let draft = wang
        .create(kind::REFERRAL)
        .with("who", &json!({"doc_type": "HMRP", "doc_no": card, "name": "黄志豪", "phone": ""}))
        .with("where", &json!({"unit": wangs, "arrival_on": "2026-03-02"}))
        .with("state", &json!({"state": "open", "on": "2026-03-02"}));
    let referral = draft.record;
    ok(wang.send(vec![draft]));
    let drafts = vec![wang.set(&held(&wang, referral)).with("where", &json!({"unit": lis, "arrival_on": "2026-03-02"}))];
    assert_eq!(wang.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::Scope)]);
}

#[test]
fn a_code_is_tried_five_times_however_many_try_at_once() {
    let town = Town::new();
    let code = town.core.enrol_code("wang").expect("a code");
    let ask = |password: &str| sync_protocol::EnrolRequest {
        code: code.clone(),
        password: password.to_owned(),
        install: "i".to_owned(),
        model: "m".to_owned(),
        version: "0.1.0".to_owned(),
    };
    let answers: Vec<SyncError> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|_| {
                let (core, ask) = (&town.core, ask("a wrong password"));
                scope.spawn(move || core.enrol(ask).map(|_| ()).expect_err("it is wrong"))
            })
            .collect();
        tries.into_iter().map(|tried| tried.join().expect("no panic")).collect()
    });
    let weighed = answers.iter().filter(|error| **error == SyncError::WrongPassword).count();
    assert_eq!(weighed, 5, "{answers:?}");
    assert_eq!(town.core.enrol(ask(PASSWORD)).map(|_| ()), Err(SyncError::WrongCode), "the code is spent");
}

#[test]
fn what_can_be_no_login_takes_no_place() {
    let town = Town::new();
    let long = "x".repeat(10_000);
    for login in ["", "x", "王敏", "a b", &long] {
        for _ in 0..10 {
            let ask = sync_protocol::SignInRequest { login: login.to_owned(), password: PASSWORD.to_owned() };
            assert_eq!(town.core.sign_in(&ask).map(|_| ()), Err(SyncError::WrongPassword), "never busy: nothing is remembered");
        }
    }
}

#[tokio::test]
async fn the_desk_takes_nothing_from_its_own_name_without_tls() {
    let town = Town::new();
    for (https, origin, status) in [
        (true, "https://desk.example", 200),
        (true, "http://desk.example", 403),
        (false, "http://desk.example", 200),
        (false, "https://desk.example", 403),
        (true, "ftp://desk.example", 403),
        (true, "desk.example", 403),
    ] {
        let router = router(town.core.clone(), Settings { https, ..Settings::default() });
        let request = Request::post("/desk/v1/sign-in")
            .header("host", "desk.example")
            .header("origin", origin)
            .header("content-type", "application/json")
            .body(Body::from(json!({"login": "zhou", "password": PASSWORD}).to_string()))
            .expect("a request");
        let answer = router.oneshot(request).await.expect("a router always answers");
        assert_eq!(answer.status().as_u16(), status, "{origin}, https: {https}");
    }
}

#[tokio::test]
async fn who_wears_out_enrolment_does_not_shut_the_desk() {
    let town = Town::new();
    let router = router(town.core.clone(), Settings::default());
    let ask = |path: &str, body: Value| {
        let request = Request::post(path).header("host", "desk.example").header("origin", "http://desk.example");
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).expect("a request");
        let router = router.clone();
        async move { router.oneshot(request).await.expect("a router always answers").status().as_u16() }
    };
    let guess = json!({"code": "AAAAAAAA", "password": "x", "install": "i", "model": "m", "version": "0"});
    let mut tries = 0;
    while ask("/sync/v1/enrol", guess.clone()).await != 429 {
        tries += 1;
        assert!(tries < 100, "guessing is slow");
    }
    assert_eq!(ask("/desk/v1/sign-in", json!({"login": "zhou", "password": PASSWORD})).await, 200);
}

#[test]
fn what_stands_on_a_console_moves_no_cursor() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    for group in ["g\u{1b}[31m", "", "Contact", &"g".repeat(33)] {
        let drafts = one(&wang, &held(&wang, made.person), group, fields(json!({"phone": "1"})));
        assert_eq!(wang.send(drafts).expect("an answer"), [invalid("groups")], "{group:?}");
    }
    let mut draft = wang.create(kind::UNIT);
    draft.kind = "unit\u{1b}]0;x\u{7}".to_owned();
    assert_eq!(wang.send(vec![draft]).expect("an answer"), [invalid("kind")]);
    town.check_sums(&[&wang]);
}

#[test]
fn numbers_beyond_all_are_malformed_and_nothing_more() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let draft = wang.set(&held(&wang, made.person)).with("contact", &contact("19900000001"));
    wang.save(vec![draft]);
    let mut request = wang.request(10);
    request.push[0].seq = u64::MAX;
    request.epoch = "another".to_owned();
    assert!(matches!(wang.server.exchange(request), Err(SyncError::Malformed(_))));
    let scope = Scope::Area(WANGS.to_owned());
    let hashes = |buckets| town.core.ask(wang.credentials(), Ask::Hashes { scope: scope.clone(), buckets });
    assert_eq!(hashes(vec![0; 257]), Err(SyncError::TooLarge));
    assert!(hashes((0..=255).collect()).is_ok());
    let found = Found { missing: u64::MAX, different: u64::MAX, superfluous: 1 };
    let records = Ask::Records { scope: scope.clone(), ids: Vec::new(), found: Some(found) };
    town.core.ask(wang.credentials(), records).expect("answered");
    let told = town.core.metrics.text();
    let counted = told.lines().find_map(|line| line.strip_prefix("doorstep_records_repaired_total ")).expect("a counter");
    assert!(counted.parse::<u64>().expect("a number") <= 30_000, "{counted}");
    wang.sync().expect("nobody was hurt");
}
