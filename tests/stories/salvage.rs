//! A phone's file is damaged while work waits in it: what can still be read is lifted out and sent, and what cannot is counted.

use std::path::Path;
use std::sync::Arc;

use device::{Device, FILE, OpenError, Options, Surroundings};
use domain::RecordId;
use ui_protocol::ErrorCode;
use ui_protocol::people::ChangeResident;
use ui_protocol::session::Enrol;
use workspace_tests::world::{DONG, PASSWORD, XI};
use workspace_tests::{Actor, World};

const PAGE: usize = 4096;

fn holds(page: &[u8], text: &str) -> bool {
    page.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A leaf of the outbox with changes that wait.
fn is_of_the_outbox(page: &[u8]) -> bool {
    page.first() == Some(&0x0d) && holds(page, r#""origin":""#) && holds(page, "waiting")
}

/// What flash memory does to pages.
fn damage(dir: &Path, mut which: impl FnMut(usize, &[u8]) -> bool) -> usize {
    let path = dir.join(FILE);
    let mut bytes = std::fs::read(&path).expect("the file");
    let mut damaged = 0;
    for (number, page) in bytes.chunks_mut(PAGE).enumerate() {
        if which(number + 1, page) {
            page.fill(0xa5);
            damaged += 1;
        }
    }
    std::fs::write(path, bytes).expect("written back");
    damaged
}

/// The phone finds its file damaged, sets it aside, and begins a new one.
fn set_aside(actor: &mut Actor, damage_it: impl FnOnce(&Path) -> usize) -> usize {
    actor.switch_off();
    let damaged = damage_it(&actor.dir);
    let options = || Options::new(actor.dir.clone(), Arc::clone(&actor.around) as Arc<dyn Surroundings>);
    assert!(matches!(Device::open(options()), Err(OpenError::SetAside(_))), "the damage is found");
    actor.switch_on();
    damaged
}

fn enrol(world: &World, actor: &Actor, login: &str) {
    let code = world.core.enrol_code(login).expect("a code");
    actor.ask(Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() });
}

fn phones(actor: &Actor, person: RecordId, phone: &str) {
    let mut form = actor.person(person).form;
    form.phone = phone.to_owned();
    actor.ask(ChangeResident { person, form, draft: None });
}

/// A day at the door without a network: somebody known has another phone, and so many are new.
fn a_day_offline(world: &World, wang: &Actor, newcomers: usize) -> RecordId {
    let home = wang.home(DONG, "1号", "13905700099", "");
    let known = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    phones(wang, known, "13905700077");
    for number in 0..newcomers {
        wang.register(
            home,
            &format!("李{}", char::from_u32(0x4e00 + number as u32 * 7).expect("a character")),
            &world.document(),
        );
    }
    known
}

#[test]
fn what_waited_in_a_damaged_file_is_sent_by_the_fresh_one() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let known = a_day_offline(&world, &wang, 40);
    let waiting = wang.status().waiting;
    let number = wang.ask(ui_protocol::session::Status {}).device;
    // Everything but the outbox, its indexes and what the file says of itself: lists, records, search.
    let damaged = set_aside(&mut wang, |dir| {
        damage(dir, |_, page| {
            page.first() == Some(&0x0d) && (holds(page, r#""person":"#) || holds(page, "lixiaomei")) && !is_of_the_outbox(page)
        })
    });
    assert!(damaged > 3, "{damaged} pages");
    enrol(&world, &wang, "wang");
    assert_ne!(wang.ask(ui_protocol::session::Status {}).device, number, "under a number of its own");
    let lifted = wang.status().lifted.expect("it is said");
    assert_eq!((lifted.changes, lifted.unread), (waiting, Some(0)), "everything");
    assert_eq!(wang.find("李").len(), 40, "shown before anything was sent");
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 0));
    wang.expect_same();
    let fresh = world.phone_of("wang");
    fresh.sync();
    for phone in [&wang, &fresh] {
        assert_eq!(phone.find("李").len(), 40);
        assert_eq!(phone.person(known).phone, "13905700077");
        assert!(phone.ask(ui_protocol::attention::Attention {}).conflicts.is_empty(), "nobody is asked anything");
    }
    wang.restart();
    assert_eq!(wang.status().lifted, Some(lifted), "not twice");
    assert_eq!(wang.sync().waiting, 0);
}

#[test]
fn a_damaged_outbox_gives_what_is_left_of_it_and_the_rest_is_counted() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    a_day_offline(&world, &wang, 60);
    let waiting = wang.status().waiting;
    let mut count = 0;
    let damaged = set_aside(&mut wang, |dir| {
        damage(dir, |_, page| {
            count += usize::from(is_of_the_outbox(page));
            is_of_the_outbox(page) && count % 6 == 3
        })
    });
    assert!(damaged >= 3, "{damaged} pages of the outbox");
    enrol(&world, &wang, "wang");
    let lifted = wang.status().lifted.expect("it is said");
    let unread = lifted.unread.expect("counted");
    assert_eq!(lifted.changes + unread, waiting, "lifted or counted, every change");
    assert!(unread > 0 && lifted.changes > waiting / 2, "{lifted:?}");
    let status = wang.sync();
    assert_eq!(status.waiting, 0, "the queue goes through, whatever is missing of it");
    wang.expect_same();

    // Every save that came whole is on the server; of the others each is held by the station or lies in the tray.
    let fresh = world.phone_of("wang");
    fresh.sync();
    let there = fresh.find("李").len();
    let held = world.core.look(|view| Ok(view.held_counts()?)).expect("looks").iter().map(|count| count.saves).sum::<u64>();
    assert!(there > 20 && there <= 60, "{there} people");
    assert_eq!(status.held, held);
    assert!(held > 0, "a part of a save waits for the station: {status:?}");
    assert!(
        there as u64 + held + status.refused_open + unread >= 60,
        "{there} there, {held} held, {} in the tray",
        status.refused_open
    );
}

#[test]
fn nobody_gets_the_unsent_work_of_another_person() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    a_day_offline(&world, &wang, 5);
    world.account("li", domain::access::Role::Coordinator, &[XI], "");
    set_aside(&mut wang, |dir| damage(dir, |number, _| number == 1));
    enrol(&world, &wang, "li");
    assert!(wang.find("李").is_empty(), "Li sees nothing of it");
    assert_eq!((wang.sync().waiting, wang.status().lifted), (0, None));
    let aside = std::fs::read_dir(&wang.dir).expect("lists").flatten();
    assert!(aside.into_iter().any(|entry| entry.file_name().to_string_lossy().contains("damaged")), "and the file is kept");
}

#[test]
fn without_a_beginning_and_without_an_answer_nothing_is_lost_and_nothing_doubled() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    a_day_offline(&world, &wang, 10);
    // Everything arrived; only the answer did not.
    wang.lie(&[workspace_tests::Lie::LoseReply]);
    assert_eq!(wang.sync_fails().code, ErrorCode::Unreachable);
    set_aside(&mut wang, |dir| damage(dir, |number, _| number == 1));
    enrol(&world, &wang, "wang");
    let lifted = wang.status().lifted.expect("it is said");
    assert_eq!(lifted.unread, None, "how many there were cannot be told any more");
    assert!(lifted.changes >= 40, "{lifted:?}");
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 0), "answered once more, done once");
    assert_eq!(wang.find("李").len(), 10);
    wang.expect_same();
}
