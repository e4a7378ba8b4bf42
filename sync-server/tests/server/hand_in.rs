//! Boxes of locked phones as they are handed in: how much at once, how often, and what is no save of ours.

use axum::body::Body;
use axum::http::Request;
use domain::digest::text_hash_hex;
use domain::{AccountId, Change, Fields, kind};
use serde_json::json;
use store::server::HeldQuery;
use sync_protocol::sealed::{self, HandIn, HandInReply, SEALED_PATH, SealedSave};
use sync_protocol::{Ask, SyncError, TXN_CHANGES_MAX, Told, Verdict};
use sync_server::caller::Credentials;
use sync_server::demo::Pen;
use sync_server::exchange::PUSH_BYTES_MAX;
use sync_server::http::{Settings, router};
use tower::ServiceExt;

use crate::town::{Town, WANGS, contact, held as held_record};

/// A device's right to hand in, and the county's key.
fn sealing(town: &Town, pen: &Pen) -> (Credentials, String) {
    let word = format!("{:064x}", pen.credentials().device.0);
    let told = town.core.ask(pen.credentials(), Ask::Sealing { hand_in: text_hash_hex(&word) }).expect("told");
    let Told::Sealing { key } = told else { panic!("not a key: {told:?}") };
    (Credentials { device: pen.credentials().device, secret: word }, key)
}

fn account(town: &Town) -> AccountId {
    town.core.look(|view| Ok(view.account_by_login("wang")?)).expect("looks").expect("wang").id
}

/// A save of so many changes with so many bytes each, in a box.
fn boxed(town: &Town, pen: &mut Pen, key: &str, changes: usize, bytes: usize) -> String {
    let text = "x".repeat(500);
    let later: Fields = json!({ "texts": vec![text; bytes / 500] }).as_object().cloned().expect("an object");
    let drafts = (0..changes).map(|_| {
        let mut draft = pen.create(kind::PERSON);
        draft.groups.insert("later".to_owned(), later.clone());
        draft
    });
    let drafts = drafts.collect();
    pen.save(drafts);
    let changes: Vec<Change> = pen.outbox.drain(..).map(|pushed| pushed.change).collect();
    town.pass(1000);
    let random = [u8::try_from(changes.len() % 251).expect("a byte"); 32];
    sealed::seal(key, random, &SealedSave { account: account(town), changes }).expect("sealed")
}

fn held(town: &Town) -> usize {
    town.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks").len()
}

#[test]
fn a_request_larger_than_a_push_is_taken_whole_and_once() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    town.home(&mut wang, WANGS, "");
    let (word, key) = sealing(&town, &wang);
    let saves: Vec<String> = (0..3).map(|_| boxed(&town, &mut wang, &key, 30, 40_000)).collect();
    assert!(saves.iter().map(|boxed| boxed.len() / 2).sum::<usize>() > PUSH_BYTES_MAX, "three runs at the writer");
    let all = HandIn { saves };
    assert_eq!(town.core.hand_in(&word, &all), Ok(HandInReply { held: 3, ..HandInReply::default() }));
    assert_eq!(town.core.hand_in(&word, &all), Ok(HandInReply { known: 3, ..HandInReply::default() }));
    assert_eq!(held(&town), 3);
}

#[test]
fn a_save_longer_than_any_of_ours_is_refused_and_the_others_are_taken() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    town.home(&mut wang, WANGS, "");
    let (word, key) = sealing(&town, &wang);
    let rows = [TXN_CHANGES_MAX + 1, 1, TXN_CHANGES_MAX];
    let mut saves: Vec<String> = rows.iter().map(|changes| boxed(&town, &mut wang, &key, *changes, 500)).collect();
    saves.push("ab".repeat(300));
    let told = town.core.hand_in(&word, &HandIn { saves });
    assert_eq!(told, Ok(HandInReply { held: 2, refused: 2, ..HandInReply::default() }));
    let as_device = town.core.hand_in(wang.credentials(), &HandIn::default());
    assert_eq!(as_device, Err(SyncError::Unauthorised), "the device's own secret is another word");
}

/// Whoever holds one locked phone keeps no other of its owner's from handing in.
#[tokio::test]
async fn how_often_is_counted_by_device() {
    let town = Town::new();
    let (mine, other) = (town.pen("wang"), town.pen("wang"));
    let (worn, fresh) = (sealing(&town, &mine).0, sealing(&town, &other).0);
    let router = router(town.core.clone(), Settings::default());
    let ask = |word: &Credentials| {
        let request = Request::post(SEALED_PATH)
            .header("authorization", format!("Device {}.{}", word.device, word.secret))
            .header("content-type", "application/json")
            .body(Body::from(json!({ "saves": [] }).to_string()))
            .expect("a request");
        let router = router.clone();
        async move { router.oneshot(request).await.expect("a router always answers").status().as_u16() }
    };
    let mut asked = 0;
    while ask(&worn).await == 200 {
        asked += 1;
        assert!(asked < 100, "now and then is enough for a backlog");
    }
    assert_eq!((ask(&worn).await, ask(&fresh).await), (429, 200));
}

/// What the book refused is held when it is handed in, once; a box that only borrows its names is not.
#[test]
fn a_box_with_the_names_of_a_refused_change_is_held_only_when_it_is_that_change() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let mut li = town.pen("li");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let (word, key) = sealing(&town, &wang);
    let draft = wang.set(&held_record(&wang, made.person)).with("contact", &contact("no phone"));
    wang.save(vec![draft]);
    let told = wang.outbox[0].change.clone();
    wang.sync().expect("syncs");
    assert!(wang.verdicts.values().any(|verdict| matches!(verdict, Verdict::Refused(_))), "{:?}", wang.verdicts);
    let hand_in = |changes: Vec<Change>| {
        let random = [7; 32];
        let boxed = sealed::seal(&key, random, &SealedSave { account: account(&town), changes }).expect("sealed");
        town.core.hand_in(&word, &HandIn { saves: vec![boxed] }).expect("an answer")
    };
    let refused = HandInReply { refused: 1, ..HandInReply::default() };
    // Another save of that name; another hand; somebody else's record; more than any change may hold.
    let other = li.save(vec![li.create(kind::PERSON)]);
    assert_eq!(hand_in(vec![Change { txn: other, ..told.clone() }]), refused);
    let mut by_the_server = told.clone();
    by_the_server.origin.device = domain::DeviceNumber::SERVER;
    assert_eq!(hand_in(vec![by_the_server]), refused);
    assert_eq!(hand_in(vec![Change { record: unit, ..told.clone() }]), refused);
    let mut large = told.clone();
    let text = json!({ "phone": "9".repeat(300_000) }).as_object().cloned().expect("an object");
    large.groups.get_mut("contact").expect("a contact").fields = text;
    assert_eq!(hand_in(vec![large]), refused);
    assert_eq!(held(&town), 0);
    assert_eq!(hand_in(vec![told.clone()]), HandInReply { held: 1, ..HandInReply::default() });
    assert_eq!(hand_in(vec![told]), HandInReply { known: 1, ..HandInReply::default() });
    assert_eq!(held(&town), 1);
    let tally = town.core.look(|view| Ok(view.late_tally(wang.credentials().device)?)).expect("looks");
    assert_eq!(tally.0, 1, "and it counts towards what one device may have held");
}
