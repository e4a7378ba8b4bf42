//! What lies beside a locked phone's file, and what happens when somebody or something spoils it: the file, its lock, the boxes,
//! the sign that says they are whole. A forgotten PIN may cost reading, and never the hand-in.

use device::Surroundings;
use store::server::HeldQuery;
use ui_protocol::lock::{BeginAnew, HandInSealed, HandedIn, Lock, SetPin, Unlock};
use ui_protocol::session::{DeviceStatus, Enrol, SignIn, Stage, Status};
use ui_protocol::{ErrorCode, UiError};
use workspace_tests::world::{DONG, PASSWORD};
use workspace_tests::{Actor, World};

const PIN: &str = "270914";
const BOXES: &str = "doorstep.db.sealed";
const SIGN: &str = "doorstep.db.sealed-whole";
/// What the key store says of the boxes.
const KEPT_SIGN: &str = "doorstep-sealed-whole";

/// A coordinator's locked phone without a network, with so many people registered since the last exchange.
fn locked_with(world: &World, people: usize) -> Actor {
    let mut wang = world.coordinator("wang", DONG);
    wang.start_behind_a_lock();
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    wang.ask(SetPin { old: String::new(), new: PIN.to_owned() });
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.sync();
    wang.online(false);
    for _ in 0..people {
        wang.register(home, "李晓梅", &world.document());
    }
    wang.ask(Lock {});
    assert_eq!(lock_of(&wang).sealed, people as u64);
    wang
}

fn lock_of(actor: &Actor) -> ui_protocol::lock::LockStatus {
    let status = actor.ask(Status {});
    assert_eq!(status.stage, Stage::Locked);
    status.lock
}

fn unlock(actor: &Actor, pin: &str) -> Result<DeviceStatus, UiError> {
    actor.try_ask(Unlock { pin: pin.to_owned() })
}

/// As many wrong PINs as anybody has patience for, each after the time it asks for. Answers what the last one said.
fn guess(world: &World, actor: &Actor) -> ErrorCode {
    for _ in 0..15 {
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

fn held(world: &World) -> usize {
    world.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks").len()
}

fn enrol_again(world: &World, actor: &Actor) {
    let code = world.core.enrol_code("wang").expect("a code");
    actor.ask(Enrol { server: "https://county".to_owned(), code, password: PASSWORD.to_owned() });
    actor.sync();
}

/// The file's first pages are rubbish now.
fn damage(actor: &Actor) {
    use std::io::Write;
    let path = actor.dir.join("doorstep.db");
    let mut file = std::fs::OpenOptions::new().write(true).open(path).expect("the phone's file");
    file.write_all(&[0x5A; 8192]).expect("written over");
}

/// Nothing can be lifted out of cipher text: the boxes are all there is, and the next device of the phone hands them in.
#[test]
fn a_damaged_encrypted_file_leaves_its_boxes_to_whoever_enrols_next() {
    let world = World::new();
    let mut wang = locked_with(&world, 2);
    if !store::cipher::encrypts() {
        // A plain file's own pages are read for what was not sent: tests/stories/salvage.rs.
        return;
    }
    wang.start_behind_a_lock();
    damage(&wang);
    assert_eq!(unlock(&wang, PIN).expect_err("set aside").code, ErrorCode::FileCorrupt);
    assert_eq!(unlock(&wang, PIN).expect("an empty file").stage, Stage::NotEnrolled);
    assert!(!wang.dir.join(SIGN).exists(), "of the new file nothing is sealed yet");
    assert_eq!(wang.around.keys().get(KEPT_SIGN).expect("the key store"), None);
    wang.online(true);
    enrol_again(&world, &wang);
    assert_eq!(held(&world), 2, "both saves are with the station");
}

/// An encrypted file without its lock file is nobody's new phone.
#[test]
fn a_lost_lock_file_keeps_the_phone_shut_and_hands_in() {
    let world = World::new();
    let mut wang = locked_with(&world, 2);
    if !store::cipher::encrypts() {
        return;
    }
    std::fs::remove_file(wang.dir.join("doorstep.lock")).expect("it was there");
    wang.start_behind_a_lock();
    let shown = lock_of(&wang);
    assert!(shown.key_gone && shown.sealed == 2, "{shown:?}");
    assert_eq!(unlock(&wang, PIN).expect_err("there is nothing to open").code, ErrorCode::KeyGone);
    wang.online(true);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 2, known: 0, refused: 0 });
    wang.ask(BeginAnew {});
    enrol_again(&world, &wang);
    assert_eq!(held(&world), 2);
}

/// The tenth wrong PIN destroys the key by the key store's word: who can only write the folder gets no tries for it.
#[test]
fn a_sign_taken_out_of_the_folder_gives_no_tries_back() {
    for (sign, expected) in [(true, ErrorCode::KeyGone), (false, ErrorCode::WrongPin)] {
        let world = World::new();
        let wang = locked_with(&world, 1);
        if sign {
            std::fs::remove_file(wang.dir.join(SIGN)).expect("it was there");
        } else {
            // Where the key store itself says that something is in no box, the waits alone have to do.
            wang.around.keys().remove(KEPT_SIGN).expect("forgotten");
        }
        assert_eq!(guess(&world, &wang), expected);
        let read = unlock(&wang, PIN).map(|status| status.stage).map_err(|error| error.code);
        let told = if sign { Err(ErrorCode::KeyGone) } else { Ok(Stage::Ready) };
        assert_eq!(read, told);
    }
}

/// Handed in is what was handed in: a save made after it is not.
#[test]
fn what_was_saved_after_a_hand_in_is_handed_in_before_anything_is_given_up() {
    let world = World::new();
    let wang = locked_with(&world, 1);
    wang.online(true);
    assert_eq!(wang.ask(HandInSealed {}).held, 1);
    assert!(lock_of(&wang).handed_in);
    unlock(&wang, PIN).expect("it came to mind");
    wang.online(false);
    let home = wang.ask(ui_protocol::units::ListUnits::default()).rows[0].id;
    wang.register(home, "张伟", &world.document());
    wang.ask(Lock {});
    let shown = lock_of(&wang);
    assert!(!shown.handed_in && shown.sealed == 2, "{shown:?}");
    assert_eq!(wang.try_ask(BeginAnew {}).expect_err("first").code, ErrorCode::HandInFirst);
    wang.online(true);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 1, known: 1, refused: 0 });
    wang.ask(BeginAnew {});
    assert_eq!(held(&world), 2);
}

/// A crash while a box was written: it is sealed again at the next opening, and the whole one is the one that is handed in.
#[test]
fn half_a_box_is_sealed_again() {
    let world = World::new();
    let wang = locked_with(&world, 2);
    let boxes = std::fs::read(wang.dir.join(BOXES)).expect("the boxes");
    std::fs::write(wang.dir.join(BOXES), &boxes[..boxes.len() - 300]).expect("cut");
    assert_eq!(lock_of(&wang).sealed, 1, "half a line is none");
    let mut wang = wang;
    wang.start_behind_a_lock();
    unlock(&wang, PIN).expect("the PIN");
    wang.ask(Lock {});
    assert_eq!(lock_of(&wang).sealed, 2);
    wang.online(true);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 2, known: 0, refused: 0 });
    assert_eq!(held(&world), 2);
}

/// A box that opens with no key stays on the phone, and keeps nobody from using it.
#[test]
fn a_box_nobody_can_open_is_left_behind_and_the_phone_goes_on() {
    let world = World::new();
    let wang = locked_with(&world, 1);
    let mut boxes = std::fs::read_to_string(wang.dir.join(BOXES)).expect("the boxes");
    boxes.push_str(&format!("{} {}\n", "0".repeat(64), "ab".repeat(200)));
    std::fs::write(wang.dir.join(BOXES), boxes).expect("one more");
    wang.online(true);
    assert_eq!(wang.ask(HandInSealed {}), HandedIn { held: 1, known: 0, refused: 1 });
    assert!(lock_of(&wang).handed_in);
    let left = || {
        let names = std::fs::read_dir(&wang.dir).expect("the folder").flatten().map(|entry| entry.file_name());
        names.filter(|name| name.to_string_lossy().contains("sealed-left-")).count()
    };
    assert_eq!(left(), 1, "nothing is thrown away that nobody has read");
    wang.ask(BeginAnew {});
    enrol_again(&world, &wang);
    assert_eq!((held(&world), left()), (1, 1));
}

/// The names beside the boxes tell nobody which save to hand in something else for.
#[test]
fn the_boxes_do_not_tell_what_their_saves_are_called() {
    let world = World::new();
    let wang = locked_with(&world, 2);
    let boxes = std::fs::read_to_string(wang.dir.join(BOXES)).expect("the boxes");
    for line in boxes.lines() {
        let (name, _) = line.split_once(' ').expect("a name and a box");
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "a hash: {name}");
    }
}

/// Encrypting may be stopped between the file and the copies of earlier upgrades: they go at the next opening.
#[test]
fn plain_copies_of_upgrades_go_with_the_next_opening() {
    let world = World::new();
    let mut wang = locked_with(&world, 0);
    if !store::cipher::encrypts() {
        return;
    }
    let copy = |number: u32| wang.dir.join(format!("doorstep.db.before-{number}"));
    let (plain, encrypted) = (copy(1), copy(2));
    std::fs::write(&plain, b"SQLite format 3\0 and the whole register").expect("a plain copy");
    std::fs::write(&encrypted, [0x5A; 64]).expect("what a later upgrade left");
    wang.start_behind_a_lock();
    unlock(&wang, PIN).expect("the PIN");
    assert!(!plain.exists(), "the register does not lie beside its encrypted file");
    assert!(encrypted.exists(), "what can be read with the key only may stay");
}

/// After a week without the server a phone shows nothing, and takes in whatever was being typed or tapped: every command there is.
#[test]
fn every_command_is_on_one_side_of_the_lease() {
    const TAKEN_IN: [&str; 24] = [
        "sync_now",
        "sync_stop",
        "tell_network",
        "keep_draft",
        "save_unit",
        "add_firm",
        "end_tenancy",
        "note_visit",
        "finish_visit",
        "save_check",
        "sign_letter",
        "add_photo",
        "save_resident",
        "change_resident",
        "move_resident",
        "hand_over",
        "extend_stay",
        "cancel_residency",
        "apply_permit",
        "bring_materials",
        "note_permit",
        "verify_report",
        "return_report",
        // A landlord's, refused to a coordinator for another reason.
        "save_report",
    ];
    // The lock's own stand before any lease (tests/stories/lock.rs).
    const LOCKS: [&str; 6] = ["unlock", "lock", "set_pin", "drop_pin", "hand_in_sealed", "begin_anew"];
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    wang.start_behind_a_lock();
    wang.ask(SignIn { password: PASSWORD.to_owned() });
    wang.online(false);
    world.time.pass_days(8);
    assert_eq!(wang.ask(Status {}).stage, Stage::LeaseOver);
    let mut taken_in = Vec::new();
    for (name, with, ..) in crate::authorisation::commands() {
        if LOCKS.contains(&name) {
            continue;
        }
        let command = serde_json::json!({ "ask": name, "with": with });
        let answer: Result<ui_protocol::Handled, UiError> =
            serde_json::from_str(&wang.safe().handle_json(&command.to_string()).0).expect("an answer");
        if !answer.is_err_and(|error| error.code == ErrorCode::LeaseOver) {
            taken_in.push(name);
        }
    }
    let sorted = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(&taken_in), sorted(&TAKEN_IN), "a new command that keeps what somebody typed is listed in lease::passes");
}
