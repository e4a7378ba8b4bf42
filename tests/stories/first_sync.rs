//! A first sync: it ends with the lists of whoever was there before, whatever cut it, and nobody waits for it with a save.

use domain::day;
use ui_protocol::people::ListPeople;
use ui_protocol::session::SyncStop;
use ui_protocol::today::Today;
use ui_protocol::units::ListUnits;
use workspace_tests::world::{DONG, MORNING_UNIX_MS};
use workspace_tests::{Actor, Lie, World};

/// Enough for several pages of 500 records.
const RESIDENTS: usize = 260;

fn filled() -> (World, Actor) {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    wang.restart_with(store::device::Tuning { without_disk: true, ..Default::default() });
    let names = ["张伟", "李晓梅", "欧阳娜娜", "占小平", "O'Neil Wang"];
    let mut home = wang.home(DONG, "1号", "13905700099", "1-3");
    for number in 0..RESIDENTS {
        if number % 5 == 4 {
            home = wang.home(DONG, &format!("{}号", number + 1), "13905700098", "");
        }
        wang.register(home, names[number % names.len()], &world.document());
    }
    wang.sync();
    (world, wang)
}

/// Everything the lists say, page after page, and what a few searches find.
fn lists(actor: &Actor) -> Vec<String> {
    let mut said = Vec::new();
    let mut after = None;
    loop {
        let page = actor.ask(ListPeople { query: String::new(), after });
        said.extend(page.rows.iter().map(|row| format!("{row:?}")));
        said.push(format!("{:?}", page.total));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let page = actor.ask(ListUnits { after, ..ListUnits::default() });
        said.extend(page.rows.iter().map(|row| format!("{row:?}")));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    // A list that fills its page may be cut elsewhere on another phone: who was registered first is not the same there.
    let mut found = Vec::new();
    let mut whole = |what: &str, mut rows: Vec<String>| {
        if rows.len() < 40 {
            rows.sort();
            found.push(format!("{what}: {rows:?}"));
        }
    };
    for query in ["zhang", "zw", "娜娜", "o'neil", "6号", "360121", "13905700001", "1981", "章"] {
        let people = actor.ask(ListPeople { query: query.to_owned(), after: None }).rows;
        whole(query, people.iter().map(|row| format!("{row:?}")).collect());
        let units = actor.ask(ListUnits { query: query.to_owned(), ..ListUnits::default() }).rows;
        whole(query, units.iter().map(|row| format!("{row:?}")).collect());
    }
    let today = actor.ask(Today::default());
    said.push(format!("{:?} {}", today.counts, today.loading));
    whole("today", today.groups.iter().map(|group| format!("{group:?}")).collect());
    said.extend(found);
    said
}

#[test]
fn a_first_sync_ends_with_the_lists_of_whoever_was_there_before() {
    let (world, wang) = filled();
    let fresh = world.phone_of("wang");
    let before = fresh.status();
    assert!(before.scopes.is_empty() || before.progress.is_some(), "nothing is claimed yet: {before:?}");
    fresh.sync();
    fresh.expect_same();
    assert_eq!(fresh.status().progress, None, "everything is here");
    assert_eq!(lists(&fresh), lists(&wang), "lists made at once say what lists made one by one say");
}

#[test]
fn a_first_sync_goes_on_where_it_was_cut() {
    let (world, wang) = filled();
    let expected = lists(&wang);
    for (cut, lie) in [Lie::LoseRequest, Lie::LoseReply, Lie::CutReply, Lie::LoseReply].into_iter().enumerate() {
        let mut fresh = world.phone_of("wang");
        let mut lies = vec![Lie::Truth; cut];
        lies.push(lie);
        fresh.lie(&lies);
        fresh.sync_fails();
        let had: u64 = fresh.status().scopes.iter().map(|scope| scope.count).sum();
        // The phone dies, too.
        fresh.restart();
        let has: u64 = fresh.status().scopes.iter().map(|scope| scope.count).sum();
        assert_eq!(has, had, "what had arrived is there");
        fresh.counted();
        fresh.sync();
        let (_, _, exchanges) = fresh.counted();
        assert!(exchanges as usize <= 6 - cut.min(3), "cut {cut}: it begins where it was cut: {exchanges} exchanges");
        fresh.expect_same();
        assert_eq!(lists(&fresh), expected, "cut {cut} by {lie:?}");
    }
}

#[test]
fn what_has_arrived_is_shown_after_a_stop_and_a_save_in_between_is_not_lost() {
    let (world, _wang) = filled();
    let fresh = world.phone_of("wang");
    fresh.lie(&[Lie::Truth, Lie::Truth, Lie::LoseReply]);
    fresh.sync_fails();
    let progress = fresh.status().progress.expect("the first sync is not over");
    assert!(0 < progress.done && progress.done < progress.total, "it says how far it is: {progress:?}");
    let shown = fresh.ask(ListPeople::default()).total.unwrap_or_default();
    assert!(shown > 0, "what has arrived is shown");
    fresh.ask(SyncStop {});

    let home = fresh.home(DONG, "9001号", "13905700097", "");
    let born = day::day_of(MORNING_UNIX_MS);
    fresh.register(home, "章节", &world.document());
    assert_eq!(fresh.find("zj"), ["章节"], "a save is shown at once, on {born}");
    fresh.sync();
    fresh.expect_same();
    assert_eq!(fresh.status().waiting, 0);
    assert_eq!(fresh.ask(ListPeople::default()).total, Some(RESIDENTS as u64 + 1));
    assert_eq!(fresh.find("zj"), ["章节"]);
}

#[test]
fn a_save_while_everything_arrives_is_kept_and_found() {
    let (world, _wang) = filled();
    world.account("second", domain::access::Role::Coordinator, &[DONG], "");
    let fresh = world.phone_of("second");
    let saved = std::thread::scope(|scope| {
        let syncing = scope.spawn(|| fresh.sync());
        while fresh.ask(ui_protocol::session::Status {}).areas.is_empty() {
            std::thread::yield_now();
        }
        let home = fresh.home(DONG, "9001号", "13905700097", "");
        // Not for ever: a run ends when nothing waits any more.
        let mut saved = 0;
        while saved == 0 || (!syncing.is_finished() && saved < 30) {
            fresh.register(home, "章节", &world.document());
            saved += 1;
        }
        syncing.join().expect("synced");
        saved
    });
    fresh.sync();
    fresh.expect_same();
    let all = fresh.ask(ListPeople::default()).total;
    assert_eq!(all, Some((RESIDENTS + saved) as u64));
    assert_eq!(fresh.find("zj").len(), saved.min(40), "everybody who was saved is found");
    let other = world.phone_of("wang");
    other.sync();
    assert_eq!(lists(&other), lists(&fresh), "and another phone shows the same");
}
