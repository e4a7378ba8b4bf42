//! Plates: the server gives them, nobody else does, and a stranger who scans one learns its number and nothing more.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::plate::{PLATE, Plate, WANTED, Wanted};
use domain::{Fields, RecordId, kind};
use serde::de::DeserializeOwned;
use sync_protocol::Verdict;
use sync_server::Core;
use sync_server::backup::{backup, restore};
use sync_server::clock::SeededDice;
use sync_server::core::FILE_NAME;
use sync_server::demo::Pen;
use sync_server::http::{Settings, router};
use tower::ServiceExt;
use ui_protocol::desk::RecordView;
use ui_protocol::plates::{Plates, PlatesReply, ReplacePlate};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, held, ok};

fn plate(pen: &Pen, home: RecordId) -> Plate {
    Plate::of(&held(pen, home)).expect("every home has a plate")
}

fn wanted(of: &Plate) -> Wanted {
    Wanted { replaces: of.token }
}

fn ask<T: DeserializeOwned>(town: &Town, login: &str, command: DeskCommand) -> Result<T, ErrorCode> {
    let (token, _) = town.core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = town.core.desk_caller(&token).expect("a session");
    let handled = town.core.desk(&caller, command).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

#[test]
fn every_home_is_given_its_own_plate_and_no_device_writes_one() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let homes: Vec<RecordId> = (0..5).map(|_| town.home(&mut wang, WANGS, "")).collect();
    let plates: Vec<Plate> = homes.iter().map(|home| plate(&wang, *home)).collect();
    assert_eq!(plates.iter().map(|plate| plate.token).collect::<BTreeSet<_>>().len(), 5);
    assert!(plates.iter().all(|plate| (plate.no, plate.on.as_str()) == (1, "2026-03-02") && plate.replaced.is_empty()));

    let forged = Plate::after(None, plates[1].token, "2026-03-02".to_owned());
    let change = wang.set(&held(&wang, homes[0])).with(PLATE, &forged);
    let verdicts = wang.send(vec![change]).expect("an answer");
    assert!(matches!(verdicts[..], [Verdict::Refused(_)]), "{verdicts:?}");
    let stranger = Plate::after(None, "4F3S2M1K0J9H8G7F6E5D4C3B2A".parse().expect("a token"), String::new());
    let made = wang.create(kind::UNIT).with("address", &held(&wang, homes[0]).fields("address")).with(PLATE, &stranger);
    let verdicts = wang.send(vec![made]).expect("an answer");
    assert!(matches!(verdicts[..], [Verdict::Refused(_)]), "{verdicts:?}");
    assert_eq!(Plate::of(&town.record(homes[0])), Some(plates[0].clone()));
    town.check_sums(&[&wang]);
}

#[test]
fn a_lost_plate_is_replaced_once_however_many_ask() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let home = town.home(&mut wang, WANGS, "");
    let mut other = town.pen("wang");
    let first = plate(&wang, home);
    let (one, two) = (
        wang.set(&held(&wang, home)).with(WANTED, &wanted(&first)),
        other.set(&held(&other, home)).with(WANTED, &wanted(&first)),
    );
    ok(wang.send(vec![one]));
    let second = plate(&wang, home);
    assert_eq!((second.no, second.replaced.as_slice()), (2, [first.token].as_slice()));
    assert_ne!(second.token, first.token);
    ok(other.send(vec![two]));
    assert_eq!(plate(&other, home), second, "two who saw the same lost plate asked for one");

    // Said once more by whoever had not heard: the plate that was just put up stays.
    let late = wang.set(&held(&wang, home)).with(WANTED, &wanted(&first));
    ok(wang.send(vec![late]));
    assert_eq!(Plate::of(&town.record(home)), Some(second.clone()));

    let again = wang.set(&held(&wang, home)).with(WANTED, &wanted(&second));
    ok(wang.send(vec![again]));
    assert_eq!(plate(&wang, home).replaced, [second.token, first.token]);
    for nonsense in [
        serde_json::json!({"replaces": "no token"}),
        serde_json::json!({"replaces": first.token.to_string().to_lowercase()}),
        serde_json::json!({"token": "x"}),
    ] {
        let fields: Fields = serde_json::from_value(nonsense.clone()).expect("fields");
        let change = wang.set(&held(&wang, home)).with(WANTED, &fields);
        let verdicts = wang.send(vec![change]).expect("an answer");
        assert!(matches!(verdicts[..], [Verdict::Refused(_)]), "{nonsense}: {verdicts:?}");
    }
    other.sync().expect("syncs");
    town.check_sums(&[&wang, &other]);
}

#[test]
fn a_landlord_receives_no_plate_and_asks_for_none() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let home = town.home(&mut wang, WANGS, CHENS_PHONE);
    let first = plate(&wang, home);
    let mut chen = town.pen("chen");
    let seen = held(&chen, home);
    assert!(seen.fields(PLATE).is_none() && seen.fields(WANTED).is_none() && seen.text("number", "no").is_some());
    let change = chen.set(&seen).with(WANTED, &wanted(&first));
    assert!(matches!(chen.send(vec![change]).expect("an answer")[..], [Verdict::Refused(_)]));
    // A plate is none of his news either.
    let change = wang.set(&held(&wang, home)).with(WANTED, &wanted(&first));
    ok(wang.send(vec![change]));
    chen.sync().expect("syncs");
    assert_eq!(held(&chen, home), seen);
    let mut li = town.pen("li");
    let change = li.set(&held(&wang, home)).with(WANTED, &wanted(&plate(&wang, home)));
    assert!(matches!(li.send(vec![change]).expect("an answer")[..], [Verdict::Refused(_)]), "another village's home");
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn the_station_lists_the_plates_of_its_villages_and_replaces_one() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let homes: BTreeSet<RecordId> = (0..3).map(|_| town.home(&mut wang, WANGS, "")).collect();
    let mut li = town.pen("li");
    town.home(&mut li, LIS, "");
    let of = |area: &str| DeskCommand::Plates(Plates { area: area.to_owned() });
    let listed: PlatesReply = ask(&town, "zhou", of(WANGS)).expect("a list");
    assert_eq!(listed.rows.iter().map(|row| row.unit).collect::<BTreeSet<_>>(), homes);
    assert!(!listed.cut && listed.rows.iter().all(|row| row.number.starts_with("CS-H-2026-") && !row.title.is_empty()));
    assert_eq!(ask::<PlatesReply>(&town, "zhou", of("330822999999")), Err(ErrorCode::NotAllowed));

    let before = &listed.rows[0];
    let replace = || DeskCommand::ReplacePlate(ReplacePlate { unit: before.unit });
    assert!(ask::<RecordView>(&town, "admin", replace()).is_err(), "the bureau looks and decides nothing here");
    ask::<RecordView>(&town, "zhou", replace()).expect("another plate");
    wang.sync().expect("syncs");
    let now = plate(&wang, before.unit);
    assert_eq!((now.no, now.replaced.as_slice()), (2, [before.token].as_slice()));
    town.check_sums(&[&wang, &li]);
}

#[test]
fn homes_of_an_older_file_get_their_plates_once() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let homes: Vec<RecordId> = (0..3).map(|_| town.home(&mut wang, WANGS, "")).collect();
    let given: Vec<Plate> = homes.iter().map(|home| plate(&wang, *home)).collect();
    // As an older version left it: no plates, and nobody has noted that there are any.
    let ids = homes.clone();
    let clock = town.clock.clone();
    town.core
        .write(move |write| {
            let dice = SeededDice::new(9);
            let mut ledger = sync_server::register::Ledger::new(write, sync_server::Clock::now_unix_ms(&*clock), &dice);
            for id in ids {
                let mut home = ledger.get(id)?.expect("a home");
                home.groups.remove(PLATE);
                ledger.put(&home)?;
            }
            ledger.publish()?;
            Ok(write.set_meta("plates_given", "")?)
        })
        .expect("an older file");
    wang.sync().expect("syncs");
    assert!(homes.iter().all(|home| Plate::of(&held(&wang, *home)).is_none()));
    town.core.stop();
    let core = Core::open(&town.file(), town.clock.clone(), Arc::new(SeededDice::new(77))).expect("a newer server");
    wang.server.core = Arc::clone(&core);
    wang.sync().expect("syncs");
    let now: Vec<Plate> = homes.iter().map(|home| plate(&wang, *home)).collect();
    assert_eq!(now, given, "and they are the same ones: what was printed stays true");
    assert!(wang.agrees());
}

#[test]
fn a_server_from_a_backup_gives_the_same_plates_again() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let before = town.home(&mut wang, WANGS, "");
    let copy = town.folder.path().join("copy.db");
    backup(town.folder.path(), &copy).expect("a copy");
    let first = plate(&wang, before);
    let change = wang.set(&held(&wang, before)).with(WANTED, &wanted(&first));
    ok(wang.send(vec![change]));
    let printed = plate(&wang, before);

    let folder = tempfile::tempdir().expect("a folder");
    restore(folder.path(), &copy, false, town.clock.clone(), Arc::new(SeededDice::new(3))).expect("restored");
    let core = Core::open(&folder.path().join(FILE_NAME), town.clock.clone(), Arc::new(SeededDice::new(4))).expect("a server");
    core.confirm_restore(None).expect("confirmed");
    let mut after = Pen::new(&core, "wang").expect("a device");
    after.sync().expect("syncs");
    assert_eq!(plate(&after, before), first);
    // The wish is among what devices tell a restored server; said again, it gives what hangs at the door.
    let change = after.set(&held(&after, before)).with(WANTED, &wanted(&first));
    ok(after.send(vec![change]));
    assert_eq!(plate(&after, before).token, printed.token);
}

async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("a router always answers");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).expect("text"))
}

/// Check 13 of the domain: a stranger's phone shows the number and how to report.
#[tokio::test]
async fn a_stranger_who_scans_a_plate_sees_the_number_and_how_to_report() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let home = town.home(&mut wang, WANGS, CHENS_PHONE);
    town.resident(&mut wang, home);
    let first = plate(&wang, home);
    let router = router(town.core.clone(), Settings::default());
    let path = format!("/p/{}", first.token);
    let (status, headers, page) = get(&router, &path).await;
    let number = held(&wang, home).text("number", "no").expect("a number").to_owned();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&number) && page.contains("怎么报送"));
    assert_eq!(
        (headers["cache-control"].to_str().ok(), headers["x-robots-tag"].to_str().ok()),
        (Some("no-store"), Some("noindex"))
    );
    let home_now = town.record(home);
    let person = &wang.records(kind::PERSON)[0];
    for told in [
        home_now.text("address", "plate_no"),
        home_now.text("landlord", "name"),
        home_now.text("landlord", "phone"),
        person.text("identity", "name"),
        person.text("identity", "doc_no"),
        person.text("contact", "phone"),
    ] {
        let told = told.expect("the register knows");
        let beside = page.replace(&number, "").replace("房东：", "").replace("请房东", "");
        assert!(told.is_empty() || !beside.contains(told), "a stranger is told {told}");
    }

    let none = get(&router, "/p/4F3S2M1K0J9H8G7F6E5D4C3B2A").await;
    assert_eq!((none.0, none.1.get("content-type")), (StatusCode::OK, headers.get("content-type")));
    assert!(none.2.contains("没有这块门牌") && !none.2.contains("CS-H"));
    for foreign in ["/p/x", "/p/%00", "/p/%3Cscript%3E", &format!("/p/{}", "0".repeat(500))] {
        assert_eq!(get(&router, foreign).await.2, none.2, "{foreign}");
    }
    let change = wang.set(&held(&wang, home)).with(WANTED, &wanted(&first));
    ok(wang.send(vec![change]));
    let replaced = get(&router, &path).await.2;
    assert!(replaced.contains("已经换过") && !replaced.contains(&number));
    assert!(get(&router, &format!("/p/{}", plate(&wang, home).token)).await.2.contains(&number));
    assert!(get(&router, "/plate.css").await.2.contains("main"));

    let mut statuses = BTreeSet::new();
    for _ in 0..200 {
        statuses.insert(get(&router, &path).await.0);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "who guesses is slowed down");
}
