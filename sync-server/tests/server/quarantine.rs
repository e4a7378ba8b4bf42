//! Late work: held, never refused and never simply believed; so much of it and no more; decided by the station.

use domain::kind;
use domain::merge::Refusal;
use domain::place::Scope;
use store::server::{HeldQuery, HeldSave, HeldWhy};
use sync_protocol::{SyncError, SyncServer, Verdict};
use sync_server::quarantine::{LATE_BYTES_MAX, LATE_CHANGES_MAX, LATE_MS};

use crate::town::{LIS, Town, WANGS, contact, held, ok, once, phone_of};

fn open(town: &Town) -> Vec<HeldSave> {
    town.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks")
}

fn refusal<T>(answer: Result<T, SyncError>) -> Option<SyncError> {
    answer.err()
}

#[test]
fn a_revoked_device_delivers_what_it_had_and_the_register_does_not_move() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let before = town.record(made.person);
    let edit = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000055"))];
    wang.save(edit);
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    town.core.revoke_device(wang.credentials().device).expect("revoked");

    let request = wang.request(500);
    let reply = wang.server.exchange(request.clone()).expect("an answer");
    assert_eq!(reply.verdicts.len(), request.push.len());
    assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Held), "{:?}", reply.verdicts);
    assert!(reply.scopes.is_empty() && reply.grants_added.is_empty(), "it delivers and is told nothing");
    assert!(reply.grants_dropped.contains(&Scope::County) && reply.grants_dropped.contains(&Scope::Area(WANGS.to_owned())));
    assert_eq!(town.record(made.person), before, "the register does not move");
    assert!(!town.knows(new.person));
    let saves = open(&town);
    assert_eq!(saves.iter().map(|save| (save.why, save.area.as_str())).collect::<Vec<_>>(), [(HeldWhy::Revoked, WANGS); 2]);
    assert!(saves[0].save.contains("19900000055"), "with its values");

    // The answer was lost: the same again, the same verdicts, and nothing twice.
    let again = wang.server.exchange(request).expect("an answer");
    assert_eq!(again.verdicts, reply.verdicts);
    assert_eq!(open(&town).len(), 2, "nothing is held twice");
    wang.take(reply);
    assert_eq!(refusal(once(&mut wang)), Some(SyncError::Revoked), "who has nothing to deliver is shut out");
}

#[test]
fn a_shut_out_account_delivers_for_a_month_and_not_a_day_longer() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (mut second, mut third) = (town.pen("wang"), town.pen("wang"));
    for pen in [&mut wang, &mut second, &mut third] {
        pen.save(town.newcomer(pen, unit).0);
    }
    town.core.disable_account("wang", true).expect("shut out");
    town.pass(LATE_MS);
    let reply = once(&mut second).expect("the last moment");
    assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Held));
    town.core.disable_account("wang", true).expect("a second time begins no second month");
    town.pass(1);
    assert_eq!(refusal(once(&mut wang)), Some(SyncError::Revoked));
    assert_eq!(open(&town).iter().map(|save| save.why).collect::<Vec<_>>(), [HeldWhy::Disabled]);
    // Let in again, what it still has is ordinary late work.
    town.core.disable_account("wang", false).expect("let in");
    third.sync().expect("an answer");
    assert!(third.verdicts.values().all(|verdict| *verdict == Verdict::Ok), "{:?}", third.verdicts);
}

#[test]
fn one_bad_change_of_a_revoked_device_blocks_nothing() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let bad = wang.create(kind::PERSON).with("contact", &contact(&"9".repeat(100_000)));
    wang.save(vec![bad]);
    wang.save(town.newcomer(&wang, unit).0);
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let reply = once(&mut wang).expect("an answer");
    assert!(matches!(reply.verdicts[0].1, Verdict::Refused(Refusal::Invalid(_))), "{:?}", reply.verdicts[0]);
    assert!(reply.verdicts[1..].iter().all(|(_, verdict)| *verdict == Verdict::Held));
}

#[test]
fn a_revoked_phone_does_not_fill_the_disk() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let number = wang.credentials().device;
    wang.save(town.newcomer(&wang, unit).0);
    let first = wang.outbox.len();
    town.core.write(move |write| Ok(write.count_late(number, LATE_CHANGES_MAX - first as u64, 0)?)).expect("a full phone");
    wang.save(town.newcomer(&wang, unit).0);
    let reply = once(&mut wang).expect("an answer");
    assert_eq!(reply.verdicts.len(), first, "one save had room, the other stays unanswered on the device");
    wang.take(reply);
    let rows = |town: &Town| town.core.look(|view| Ok(view.late_tally(number)?)).expect("looks").0;
    let before = rows(&town);
    assert_eq!(refusal(once(&mut wang)), Some(SyncError::Revoked), "and is not listened to");
    assert_eq!(rows(&town), before);

    let mut li = town.pen("li");
    let unit = town.home(&mut li, LIS, "");
    li.save(town.newcomer(&li, unit).0);
    town.core.revoke_device(li.credentials().device).expect("revoked");
    let number = li.credentials().device;
    town.core.write(move |write| Ok(write.count_late(number, 0, LATE_BYTES_MAX)?)).expect("a full phone");
    assert_eq!(refusal(once(&mut li)), Some(SyncError::Revoked));
}

#[test]
fn work_for_a_village_that_was_taken_away_is_held_and_nothing_else_is() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut li = town.pen("li");
    let lis_unit = town.home(&mut li, LIS, "");
    let lis = town.resident(&mut li, lis_unit);
    let other = held(&li, lis.person);

    wang.save(vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000055"))]);
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    // It changes what is only held: it waits with it.
    wang.save(vec![wang.set(&held(&wang, new.person)).with("contact", &contact("19900000056"))]);
    // Li's village was never Wang's: that is no late work.
    wang.save(vec![wang.set(&other).with("contact", &contact("19900000057"))]);
    const THIRD: &str = "330822001003";
    town.core.set_areas("wang", &[THIRD]).expect("another village");
    let reply = once(&mut wang).expect("an answer");
    let verdicts: Vec<_> = reply.verdicts.iter().map(|(_, verdict)| verdict.clone()).collect();
    let mut expected = vec![Verdict::Held; verdicts.len() - 1];
    expected.push(Verdict::Refused(Refusal::Scope));
    assert_eq!(verdicts, expected);
    assert_eq!(reply.grants_dropped, [Scope::Area(WANGS.to_owned())]);
    assert!(open(&town).iter().all(|save| save.area == WANGS && save.why == HeldWhy::Dropped), "{:?}", open(&town));
    assert_ne!(phone_of(&town.record(made.person)), "19900000055");
    wang.take(reply);

    // The village comes back: from then on its work is work like any other.
    town.core.set_areas("wang", &[THIRD, WANGS]).expect("both");
    wang.sync().expect("pulls it again");
    ok(wang.send(vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000058"))]));
    assert_eq!(open(&town).len(), 3, "what is held waits for a person all the same");
    town.check_sums(&[&wang]);
}

#[test]
fn a_month_after_a_village_was_taken_away_its_work_is_refused() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    wang.save(town.newcomer(&wang, unit).0);
    town.core.set_areas("wang", &[LIS]).expect("another village");
    town.pass(LATE_MS + 1);
    let reply = once(&mut wang).expect("an answer");
    assert!(reply.verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Refused(Refusal::Scope)), "{:?}", reply.verdicts);
    assert!(open(&town).is_empty());
}

/// What a phone lifted out of a damaged file: a change of another number of its account, whose beginning could not be read.
fn a_part_of_a_file(town: &Town) -> (sync_server::demo::Pen, sync_server::demo::Pen, sync_server::demo::Registered) {
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    wang.save(vec![wang.set(&held(&wang, new.person)).with("contact", &contact("19900000055"))]);
    let mut fresh = town.pen("wang");
    let last = wang.outbox.pop().expect("the edit");
    fresh.outbox = vec![sync_protocol::PushedChange { seq: 1, ..last }];
    (wang, fresh, new)
}

#[test]
fn what_was_held_for_want_of_a_record_comes_in_by_itself_when_that_arrives() {
    let town = Town::new();
    let (mut wang, mut fresh, new) = a_part_of_a_file(&town);
    let reply = once(&mut fresh).expect("an answer");
    assert_eq!(reply.verdicts, [(1, Verdict::Held)], "the edit of somebody who is not here");
    fresh.take(reply);
    assert_eq!(open(&town).iter().map(|save| save.why).collect::<Vec<_>>(), [HeldWhy::UnknownRecord]);
    wang.sync().expect("the rest of the file is found, on the other phone");
    assert_eq!(open(&town).len(), 0, "nobody has to decide");
    assert_eq!(phone_of(&town.record(new.person)), "19900000055", "the later value stands, as its writer knew what it replaced");
    fresh.sync().expect("hears of it");
    wang.sync().expect("hears of it");
    assert!(crate::town::conflicts(&wang).is_empty(), "and nobody is asked");
    town.check_sums(&[&wang, &fresh]);
    assert_eq!(town.core.look(|view| Ok(view.audit_count("quarantine.release")?)).expect("looks"), 1, "it is written down");
}

#[test]
fn what_was_held_of_somebody_who_is_shut_out_by_now_waits_for_the_station() {
    let town = Town::new();
    let (mut wang, mut fresh, new) = a_part_of_a_file(&town);
    let reply = once(&mut fresh).expect("an answer");
    fresh.take(reply);
    town.core.revoke_device(fresh.credentials().device).expect("revoked");
    wang.sync().expect("an answer");
    assert_eq!(open(&town).len(), 1);
    assert_ne!(phone_of(&town.record(new.person)), "19900000055");
}

#[test]
fn an_edit_of_nothing_by_the_number_that_wrote_it_is_refused_as_ever() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (newcomer, new) = town.newcomer(&wang, unit);
    wang.save(newcomer);
    wang.save(vec![wang.set(&held(&wang, new.person)).with("contact", &contact("19900000055"))]);
    let first = wang.outbox.first().map_or(1, |pushed| pushed.seq);
    wang.outbox = wang.outbox.split_off(wang.outbox.len() - 1);
    wang.outbox[0].seq = first;
    let reply = once(&mut wang).expect("an answer");
    assert_eq!(
        reply.verdicts.iter().map(|(_, verdict)| verdict.clone()).collect::<Vec<_>>(),
        [Verdict::Refused(Refusal::UnknownRecord)]
    );
    assert!(open(&town).is_empty());
}
