//! The lock: what a wrong PIN costs, what a locked phone still does, and that a forgotten one loses reading and never the hand-in.

use device::Surroundings;
use store::server::{HeldQuery, HeldWhy};
use ui_protocol::lock::{BeginAnew, DropPin, HandInSealed, HandedIn, Lock, SetPin, Unlock};
use ui_protocol::lookups::{Draft, KeepDraft};
use ui_protocol::session::{DeviceStatus, Enrol, SignIn, Stage, Status, SyncNow};
use ui_protocol::units::{SaveUnit, Unit};
use ui_protocol::{DeviceCommand, ErrorCode, Handled, UiError};
use workspace_tests::world::{DONG, Lie, PASSWORD, XI};
use workspace_tests::{Actor, World};

const PIN: &str = "270914";
const HOUR_MS: i64 = 60 * 60 * 1000;

/// A coordinator whose phone has synced and has a PIN.
fn with_a_pin(world: &World) -> Actor {
    let mut wang = world.coordinator("wang", DONG);
    wang.start_behind_a_lock();
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    wang.online(false);
    let early = wang.try_ask(SetPin { old: String::new(), new: PIN.to_owned() });
    assert_eq!(early.expect_err("nothing could be handed in yet").code, ErrorCode::SyncFirst);
    wang.online(true);
    let status = wang.ask(SetPin { old: String::new(), new: PIN.to_owned() });
    assert!(status.lock.pin && status.stage == Stage::Ready);
    wang
}

fn unlock(actor: &Actor, pin: &str) -> Result<DeviceStatus, UiError> {
    actor.try_ask(Unlock { pin: pin.to_owned() })
}

fn locked(actor: &Actor) -> ui_protocol::lock::LockStatus {
    let status = actor.ask(Status {});
    assert_eq!(status.stage, Stage::Locked);
    assert!(status.account.is_none() && status.areas.is_empty(), "nothing is told of whose it is: {status:?}");
    status.lock
}

/// Every wrong try there is, waiting as long as each asks for. Answers what the last one said.
fn guess_until_it_is_over(world: &World, actor: &Actor) -> ErrorCode {
    for _ in 0..40 {
        let error = unlock(actor, "999998").expect_err("not the PIN");
        match error.code {
            ErrorCode::WrongPin | ErrorCode::TooManyTries => {
                world.time.pass_ms(i64::try_from(error.retry_after_s).expect("hours") * 1000 + 1000)
            }
            over => return over,
        }
    }
    ErrorCode::WrongPin
}

fn held(world: &World) -> Vec<(HeldWhy, u64)> {
    let saves = world.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks");
    saves.iter().map(|save| (save.why, save.changes)).collect()
}

fn stands_in_the_folder(actor: &Actor, text: &str) -> bool {
    let bytes: Vec<u8> = std::fs::read_dir(&actor.dir)
        .expect("the phone's folder")
        .filter_map(|entry| std::fs::read(entry.expect("an entry").path()).ok())
        .flatten()
        .collect();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_locked_phone_answers_nothing_but_how_it_stands() {
    let world = World::new();
    let wang = with_a_pin(&world);
    wang.ask(Lock {});
    locked(&wang);
    let own = ["unlock", "lock", "set_pin", "drop_pin", "hand_in_sealed", "begin_anew"];
    for (name, with, ..) in crate::authorisation::commands().into_iter().filter(|(name, ..)| !own.contains(name)) {
        let command = serde_json::json!({ "ask": name, "with": with });
        let answer = wang.safe().handle_json(&command.to_string()).0;
        let answer: Result<Handled, UiError> = serde_json::from_str(&answer).expect("an answer");
        let code = answer.expect_err("it is locked").code;
        assert_eq!(code, ErrorCode::Locked, "{name}");
    }
    for command in ["enrol", "sign_in", "sign_out", "reset_password", "save_settings"] {
        let with = serde_json::json!({ "server": "", "code": "", "password": PASSWORD, "settings": {} });
        let command = serde_json::json!({ "ask": command, "with": with });
        serde_json::from_value::<DeviceCommand>(command.clone()).expect("a command");
        let answer = wang.safe().handle_json(&command.to_string()).0;
        assert!(answer.contains(r#""code":"locked""#), "{command}: {answer}");
    }
    for own in
        [wang.try_ask(SetPin { old: PIN.to_owned(), new: "804215".to_owned() }), wang.try_ask(DropPin { pin: PIN.to_owned() })]
    {
        assert_eq!(own.expect_err("open it first").code, ErrorCode::Locked);
    }
    assert!(wang.safe().device().is_none(), "and no timer of a shell finds a device to exchange with");
    let kept = wang.around.keys().get("doorstep-device").expect("the key store").expect("kept");
    assert!(kept.starts_with("boxed:"), "the right to ask the server for the village lies behind the PIN too");
    assert_eq!(unlock(&wang, PIN).expect("the PIN").stage, Stage::Ready);
}

#[test]
fn wrong_pins_cost_time_that_no_restart_and_no_clock_gives_back() {
    let world = World::new();
    let mut wang = with_a_pin(&world);
    wang.ask(Lock {});
    for left in [9, 8] {
        assert_eq!(unlock(&wang, "111112").expect_err("wrong").retry_after_s, 0, "a slip of the thumb");
        assert_eq!(locked(&wang).tries_left, Some(left));
    }
    assert_eq!(unlock(&wang, "111112").expect_err("wrong").retry_after_s, 15, "the third");
    let waiting = unlock(&wang, PIN).expect_err("too early");
    assert_eq!(waiting.code, ErrorCode::TooManyTries, "not even the right one is tried before");
    wang.start_behind_a_lock();
    assert!(unlock(&wang, PIN).expect_err("too early").retry_after_s > 10, "a restart gives nothing back");
    wang.clock_wrong_by_ms(-20 * 365 * 24 * HOUR_MS);
    let waiting = unlock(&wang, PIN).expect_err("too early").retry_after_s;
    assert!((10..=15).contains(&waiting), "a clock set back ends no wait and makes none of years: {waiting}");
    world.time.pass_ms(16_000);
    assert_eq!(unlock(&wang, PIN).expect("in time").stage, Stage::Ready);
    wang.ask(Lock {});
    assert_eq!(locked(&wang).tries_left, Some(10), "whoever knows it begins anew");
}

#[test]
fn another_pin_opens_the_same_file_and_the_old_one_does_not() {
    let world = World::new();
    let mut wang = with_a_pin(&world);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    for (new, why) in
        [("123456", "counted up"), ("000000", "all the same"), ("12345", "too short"), ("12a456", "no digits"), ("", "none")]
    {
        let error = wang.try_ask(SetPin { old: PIN.to_owned(), new: new.to_owned() }).expect_err(why);
        assert_eq!(error.code, ErrorCode::Form, "{why}");
    }
    let error = wang.try_ask(SetPin { old: "999998".to_owned(), new: "804215".to_owned() }).expect_err("somebody else's thumb");
    assert_eq!(error.code, ErrorCode::WrongPin);
    wang.ask(SetPin { old: PIN.to_owned(), new: "804215".to_owned() });
    wang.start_behind_a_lock();
    assert_eq!(unlock(&wang, PIN).expect_err("the old one").code, ErrorCode::WrongPin);
    assert_eq!(unlock(&wang, "804215").expect("the new one").stage, Stage::Ready);
    assert_eq!(wang.find("张伟"), ["张伟"]);
    assert_eq!(wang.sync().waiting, 0, "and it still is the same device to the server");
    wang.ask(DropPin { pin: "804215".to_owned() });
    wang.start_behind_a_lock();
    assert_eq!(wang.ask(Status {}).stage, Stage::SignedOut, "without a PIN the password is asked for again");
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    assert_eq!(wang.find("张伟"), ["张伟"]);
    wang.sync();
}

#[test]
fn locking_in_the_middle_of_a_form_keeps_what_was_typed() {
    let world = World::new();
    let wang = with_a_pin(&world);
    let form = serde_json::json!({ "name": "李晓梅", "phone": "1390570" });
    wang.ask(KeepDraft { key: "resident:new".to_owned(), form: form.clone() });
    wang.ask(Lock {});
    if store::cipher::encrypts() {
        assert!(!stands_in_the_folder(&wang, "李晓梅"));
    }
    unlock(&wang, PIN).expect("the PIN");
    assert_eq!(wang.ask(Draft { key: "resident:new".to_owned() }).form, Some(form));
}

#[test]
fn a_phone_left_alone_locks_itself_whatever_its_page_does() {
    let world = World::new();
    let wang = with_a_pin(&world);
    world.time.pass_ms(5 * 60 * 1000);
    assert_eq!(wang.ask(Status {}).stage, Stage::Ready, "the page locks at five minutes; this is for a page that is gone");
    world.time.pass_ms(2 * 60 * 1000);
    assert_eq!(wang.ask(Status {}).stage, Stage::Locked);
    assert_eq!(wang.try_ask(SyncNow {}).expect_err("locked").code, ErrorCode::Locked);
    unlock(&wang, PIN).expect("the PIN");
    assert_eq!(wang.try_ask(DropPin { pin: "999998".to_owned() }).expect_err("not the PIN").code, ErrorCode::WrongPin);
    // However long it lay there: the clock cannot say.
    wang.clock_wrong_by_ms(-3 * HOUR_MS);
    assert_eq!(wang.ask(Status {}).stage, Stage::Locked);
    unlock(&wang, PIN).expect("the PIN");
    assert_eq!(wang.ask(Status {}).stage, Stage::Ready, "and from then on it counts by the clock there is");
    wang.ask(DropPin { pin: PIN.to_owned() });
    assert_eq!(wang.try_ask(DropPin { pin: "999998".to_owned() }).expect_err("there is none").code, ErrorCode::NotAllowed);
}

#[test]
fn a_forgotten_pin_loses_reading_and_never_the_hand_in() {
    let world = World::new();
    let wang = with_a_pin(&world);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.online(false);
    let number = world.document();
    let person = wang.register(home, "李晓梅", &number).person.expect("a person");
    wang.register(home, "张伟", &world.document());
    wang.ask(Lock {});
    assert_eq!(locked(&wang).sealed, 2);
    assert!(!stands_in_the_folder(&wang, &number) || !store::cipher::encrypts());

    assert_eq!(guess_until_it_is_over(&world, &wang), ErrorCode::KeyGone, "the tenth wrong one destroys the key");
    let shown = locked(&wang);
    assert!(shown.key_gone && shown.sealed == 2 && shown.sealed_whole && !shown.handed_in);
    assert_eq!(unlock(&wang, PIN).expect_err("too late").code, ErrorCode::KeyGone, "for everybody");
    assert_eq!(wang.try_ask(BeginAnew {}).expect_err("first").code, ErrorCode::HandInFirst);
    assert_eq!(wang.try_ask(HandInSealed {}).expect_err("no network").code, ErrorCode::Unreachable);

    wang.online(true);
    wang.lie(&[Lie::LoseReply]);
    assert_eq!(wang.try_ask(HandInSealed {}).expect_err("the answer was lost").code, ErrorCode::Unreachable);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 0, known: 2, refused: 0 }, "said again, done once");
    assert_eq!(held(&world).iter().map(|held| held.0).collect::<Vec<_>>(), [HeldWhy::Sealed; 2]);
    wang.ask(BeginAnew {});
    assert_eq!(wang.ask(Status {}).stage, Stage::NotEnrolled, "a phone that belongs to nobody");
    assert!(!stands_in_the_folder(&wang, &number), "nothing of the old file is left");

    let code = world.core.enrol_code("wang").expect("a code");
    wang.ask(Enrol { server: "https://county".to_owned(), code, password: PASSWORD.to_owned() });
    wang.sync();
    assert!(wang.find("李晓梅").is_empty(), "the station decides about what was handed in");
    world.account("zhou", domain::access::Role::Officer, &[DONG], "");
    take_all(&world, "zhou");
    wang.sync();
    assert_eq!(wang.find("李晓梅"), ["李晓梅"]);
    assert_eq!(wang.person(person).phone, "13905700001", "under the same name as before");
    assert_eq!(wang.find("张伟"), ["张伟"], "once");
    assert!(held(&world).is_empty());
    wang.expect_same();
}

#[test]
fn what_was_sent_already_is_handed_in_once_and_a_pin_that_comes_to_mind_does_no_harm() {
    let world = World::new();
    let wang = with_a_pin(&world);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.lie(&[Lie::LoseReply]);
    wang.sync_fails();
    wang.around.truthful();
    wang.online(false);
    wang.register(home, "李晓梅", &world.document());
    wang.ask(Lock {});
    wang.online(true);
    assert_eq!(locked(&wang).sealed, 2, "the answer to the first was lost: nobody knows that it arrived");
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 1, known: 1, refused: 0 });
    assert!(locked(&wang).handed_in);

    unlock(&wang, PIN).expect("it came to mind");
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 1), "its own push is answered as the hand-in was");
    assert_eq!(held(&world).len(), 1, "and is not there twice");
    wang.register(home, "张伟", &world.document());
    assert_eq!(wang.sync().waiting, 0, "work goes on under the same number");
    world.account("zhou", domain::access::Role::Officer, &[DONG], "");
    take_all(&world, "zhou");
    wang.sync();
    assert_eq!((wang.find("李晓梅").len(), wang.find("张伟").len()), (1, 1));
    wang.expect_same();
    wang.ask(Lock {});
    assert_eq!(locked(&wang).sealed, 0, "what was answered is in no box any more");
}

#[test]
fn what_was_refused_and_not_settled_is_handed_in_too() {
    let world = World::new();
    let wang = with_a_pin(&world);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.online(false);
    let mut form = wang.ask(Unit { id: home }).form;
    form.landlord_name = "陈国强".to_owned();
    wang.ask(SaveUnit { id: None, form, draft: None });
    world.core.set_areas("wang", &[XI]).expect("another village");
    world.time.pass_days(31);
    wang.online(true);
    unlock(&wang, PIN).expect("the PIN");
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 1), "the server keeps no value of it, the tray does");
    wang.ask(Lock {});
    assert_eq!(locked(&wang).sealed, 1);
    assert_eq!(guess_until_it_is_over(&world, &wang), ErrorCode::KeyGone);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 1, known: 0, refused: 0 });
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 0, known: 1, refused: 0 }, "said again, held once");
    assert_eq!(held(&world).len(), 1);
}

#[test]
fn a_key_store_that_forgot_everything_loses_no_hand_in_either() {
    let world = World::new();
    let mut wang = with_a_pin(&world);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.online(false);
    wang.register(home, "李晓梅", &world.document());
    for name in ["doorstep-file-secret", "doorstep-device", "doorstep-hand-in"] {
        wang.around.keys().remove(name).expect("forgotten");
    }
    wang.start_behind_a_lock();
    assert!(locked(&wang).key_gone);
    wang.online(true);
    assert_eq!(wang.try_ask(HandInSealed {}).expect_err("no word").code, ErrorCode::KeyGone);
    wang.ask(BeginAnew {});
    let code = world.core.enrol_code("wang").expect("a code");
    wang.ask(Enrol { server: "https://county".to_owned(), code, password: PASSWORD.to_owned() });
    wang.ask(SetPin { old: String::new(), new: PIN.to_owned() });
    assert_eq!(held(&world).len(), 1, "the next device of the same person hands in what the last one left");
}

#[test]
fn without_the_server_for_a_week_nothing_is_shown_and_nothing_is_lost() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.start_behind_a_lock();
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    wang.online(false);
    world.time.pass_days(6);
    wang.register(home, "张伟", &world.document());
    world.time.pass_days(2);
    let status = wang.ask(Status {});
    assert_eq!(status.stage, Stage::LeaseOver);
    assert!(status.sync.waiting > 0, "what waits is said");
    assert!(status.areas.is_empty());
    let looks = |wang: &Actor| wang.try_ask(ui_protocol::units::ListUnits::default()).map(|_| ()).map_err(|error| error.code);
    assert_eq!(looks(&wang), Err(ErrorCode::LeaseOver));
    wang.register(home, "李晓梅", &world.document());
    for why in ["a clock set back", "and a restart"] {
        wang.clock_wrong_by_ms(-5 * 24 * HOUR_MS);
        assert_eq!(looks(&wang), Err(ErrorCode::LeaseOver), "{why}");
        wang.start_behind_a_lock();
        wang.ask(SignIn { password: PASSWORD.to_owned() });
    }
    assert_eq!(wang.try_ask(SyncNow {}).expect_err("no network").code, ErrorCode::Unreachable);
    wang.online(true);
    assert_eq!(wang.sync().waiting, 0, "the sync that is asked for sends what waits");
    assert_eq!(wang.ask(Status {}).stage, Stage::Ready);
    assert_eq!((wang.find("张伟").len(), wang.find("李晓梅").len()), (1, 1), "a form that was open was saved all the same");
}

#[test]
fn a_clock_that_was_too_far_ahead_is_forgiven_by_the_next_sync() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    wang.start_behind_a_lock();
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    wang.sync();
    wang.clock_wrong_by_ms(900 * 24 * HOUR_MS);
    assert_eq!(wang.ask(Status {}).stage, Stage::LeaseOver);
    wang.clock_wrong_by_ms(0);
    assert_eq!(wang.ask(Status {}).stage, Stage::LeaseOver, "the latest time it has seen counts");
    wang.sync();
    assert_eq!(wang.ask(Status {}).stage, Stage::Ready);
}

/// The officer takes in everything that waits, as at the desk.
fn take_all(world: &World, officer: &str) {
    let officer = world.core.look(|view| Ok(view.account_by_login(officer)?)).expect("looks").expect("an officer");
    let by = sync_server::desk::Decider { actor: officer.id.to_string(), officer, at_console: false };
    for held in world.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks") {
        assert_eq!(world.core.take_held(&by, held.number).expect("taken").refused, None);
    }
}
