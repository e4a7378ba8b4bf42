//! A day without a network, and the evening's exchange.

use ui_protocol::ErrorCode;
use ui_protocol::units::{ListUnits, Unit};
use workspace_tests::World;
use workspace_tests::world::DONG;

#[test]
fn what_was_registered_offline_is_on_the_other_phone_after_the_evening() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let colleague = world.phone_of("wang");
    colleague.sync();

    wang.online(false);
    let home = wang.home(DONG, "12号", "13905700099", "101-103");
    let people = ["李晓梅", "张伟", "欧阳娜娜"];
    for name in people {
        wang.register(home, name, &world.document());
    }
    let status = wang.status();
    assert_eq!((status.saved_today, status.on_server_today), (4, 0), "four saves, none of them on the server");
    assert!(status.waiting > 4, "a save is several changes: {status:?}");
    assert_eq!(wang.sync_fails().code, ErrorCode::Unreachable);
    assert_eq!(wang.status().waiting, status.waiting, "a failed exchange loses nothing");

    wang.online(true);
    let status = wang.sync();
    assert_eq!((status.saved_today, status.on_server_today, status.waiting), (4, 4, 0));
    assert!(status.receipt_unix_ms.is_some());
    wang.expect_same();

    colleague.sync();
    colleague.expect_same();
    for (query, name) in
        [("李晓梅", "李晓梅"), ("晓梅", "李晓梅"), ("zhangw", "张伟"), ("oynn", "欧阳娜娜"), ("文峰路12", "李晓梅")]
    {
        assert!(colleague.find(query).iter().any(|found| found == name), "{query} finds {name}: {:?}", colleague.find(query));
    }
    let view = colleague.ask(Unit { id: home });
    assert_eq!(view.rooms.iter().map(|room| room.label.as_str()).collect::<Vec<_>>(), ["101", "102", "103", ""]);
    assert_eq!(view.rooms[3].people.len(), 3, "nobody was given a room");
    assert!(!view.number.is_empty(), "the server gave the home its number");
    let page = colleague.ask(ListUnits::default());
    assert_eq!((page.rows.len(), page.rows[0].people, page.rows[0].waiting), (1, 3, false));
}

#[test]
fn nothing_new_costs_one_exchange() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    wang.home(DONG, "1号", "13905700099", "1-5");
    wang.sync();
    wang.counted();
    wang.sync();
    let (up, down, exchanges) = wang.counted();
    assert_eq!(exchanges, 1);
    assert!(up + down < 1_000, "an exchange with nothing new is small: {up} up, {down} down");
}

#[test]
fn a_phone_switched_off_in_the_middle_loses_nothing() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "7号", "13905700099", "");
    wang.register(home, "周敏", &world.document());
    let before = wang.status();
    wang.restart();
    assert_eq!(wang.status().waiting, before.waiting);
    assert_eq!(wang.find("周敏").len(), 1);
    wang.sync();
    wang.restart();
    assert_eq!(wang.status().waiting, 0);
    wang.expect_same();
}

#[test]
fn a_clock_wrong_by_ten_years_is_said_and_harms_nothing() {
    const TEN_YEARS_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;
    for wrong in [TEN_YEARS_MS, -TEN_YEARS_MS] {
        let world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "7号", "13905700099", "");
        wang.sync();
        wang.clock_wrong_by_ms(wrong);
        let saved = wang.register(home, "周敏", &world.document());
        wang.sync();
        let ahead = wang.status().clock_ahead_ms.expect("the screen says that the clock is wrong");
        assert!((ahead - wrong).abs() < 60_000, "wrong by {wrong}, said {ahead}");
        wang.clock_wrong_by_ms(0);
        wang.sync();
        assert_eq!(wang.status().clock_ahead_ms, None);
        wang.expect_same();
        assert!(wang.person(saved.person.expect("a person")).residencies.len() == 1);
    }
}
