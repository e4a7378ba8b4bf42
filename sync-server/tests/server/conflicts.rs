//! Two people who had not seen each other: what stands, what is kept, who is told.

use std::collections::BTreeSet;

use domain::conflict::{Settled, What};
use domain::merge::ClashWhy;
use domain::residency;
use domain::{Record, kind};
use sync_protocol::Verdict;
use sync_server::demo::Pen;

use crate::town::{Town, WANGS, at, cancel, conflicts, contact, held, met, ok, phone_of};

struct Two {
    town: Town,
    wang: Pen,
    zhou: Pen,
    unit: domain::RecordId,
    made: sync_server::demo::Registered,
}

/// The coordinator and the officer, both holding one resident.
fn two() -> Two {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let zhou = town.pen("zhou");
    Two { town, wang, zhou, unit, made }
}

fn write_phone(pen: &mut Pen, person: domain::RecordId, phone: &str) {
    let drafts = vec![pen.set(&held(pen, person)).with("contact", &contact(phone))];
    pen.save(drafts);
}

#[test]
fn one_group_two_people_both_values_are_kept_and_both_are_told() {
    for zhou_first in [false, true] {
        let Two { town, mut wang, mut zhou, made, .. } = two();
        write_phone(&mut wang, made.person, "19900000011");
        town.pass(5000);
        write_phone(&mut zhou, made.person, "19900000022");
        town.pass(5000);
        if zhou_first {
            zhou.sync().expect("syncs");
            wang.sync().expect("syncs");
        } else {
            wang.sync().expect("syncs");
            zhou.sync().expect("syncs");
        }
        wang.sync().expect("hears of it");
        zhou.sync().expect("hears of it");
        assert_eq!(phone_of(&town.record(made.person)), "19900000022", "the later one, whoever came first");
        assert_eq!((phone_of(&held(&wang, made.person)), phone_of(&held(&zhou, made.person))), ("19900000022", "19900000022"));
        for pen in [&wang, &zhou] {
            let told = conflicts(pen);
            let [what] = &told[..] else { panic!("one conflict each, got {told:?}") };
            assert_eq!((what.record, what.group.as_str(), what.why), (made.person, "contact", ClashWhy::SameGroup));
            assert_eq!((what.lost.by.as_str(), what.lost.fields["phone"].as_str()), ("王敏", Some("19900000011")));
            let stands = what.stands.as_ref().expect("something stands");
            assert_eq!((stands.by.as_str(), stands.fields["phone"].as_str()), ("周建军", Some("19900000022")));
        }
        town.check_sums(&[&wang, &zhou]);

        // One tap puts the losing value back, and nobody else has to be asked.
        let conflict = wang.records(kind::CONFLICT).remove(0);
        let lost = conflict.typed::<What>("what").expect("what").lost.fields;
        let mut back = wang.set(&held(&wang, made.person));
        back.groups.insert("contact".to_owned(), lost);
        let settled = Settled { state: "restored".to_owned(), at_unix_ms: town.core.now_unix_ms() };
        ok(wang.send(vec![back, wang.set(&conflict).with("settled", &settled)]));
        zhou.sync().expect("syncs");
        assert_eq!(phone_of(&held(&zhou, made.person)), "19900000011");
        assert_eq!((conflicts(&wang).len(), conflicts(&zhou).len()), (0, 0));
        town.check_sums(&[&wang, &zhou]);
    }
}

#[test]
fn what_two_copies_of_one_file_lose_is_kept_for_both() {
    let Two { town, mut wang, mut zhou, made, .. } = two();
    let mut copy = town.pen("wang");
    write_phone(&mut wang, made.person, "19900000011");
    write_phone(&mut copy, made.person, "19900000022");
    // The copy's change was saved before it was given a number of its own.
    for pushed in &mut copy.outbox {
        pushed.change.origin.device = wang.credentials().device;
    }
    town.pass(5000);
    write_phone(&mut zhou, made.person, "19900000033");
    for pen in [&mut zhou, &mut wang, &mut copy] {
        pen.sync().expect("syncs");
    }
    zhou.sync().expect("hears of it");
    let lost: BTreeSet<String> =
        conflicts(&zhou).iter().map(|what| what.lost.fields["phone"].as_str().expect("a number").to_owned()).collect();
    assert_eq!(lost, BTreeSet::from(["19900000011".to_owned(), "19900000022".to_owned()]), "neither wrote over the other");
}

#[test]
fn different_groups_and_equal_values_are_no_conflict() {
    let Two { town, mut wang, mut zhou, made, .. } = two();
    write_phone(&mut wang, made.person, "19900000011");
    let hukou = domain::person::Hukou { region: "361128".to_owned(), address: "古县渡镇".to_owned() };
    zhou.save(vec![zhou.set(&held(&zhou, made.person)).with("hukou", &hukou)]);
    write_phone(&mut zhou, made.person, "19900000011");
    wang.sync().expect("syncs");
    zhou.sync().expect("syncs");
    wang.sync().expect("syncs");
    let person = held(&wang, made.person);
    assert_eq!((phone_of(&person), person.text("hukou", "region")), ("19900000011", Some("361128")));
    assert!(conflicts(&wang).is_empty() && conflicts(&zhou).is_empty());
    assert!(zhou.verdicts.values().all(|verdict| *verdict == Verdict::Ok));
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn the_loser_sees_what_stands_even_when_his_cursor_has_passed_it() {
    let Two { town, mut wang, mut zhou, made, .. } = two();
    write_phone(&mut wang, made.person, "19900000011");
    let kept = std::mem::take(&mut wang.outbox);
    town.pass(5000);
    write_phone(&mut zhou, made.person, "19900000022");
    zhou.sync().expect("syncs");
    // Her change was not in this exchange, but his value came with it.
    wang.sync().expect("pulls");
    wang.outbox = kept;
    let cursors: Vec<_> = wang.request(0).scopes;
    let reply = crate::town::once(&mut wang).expect("pushes");
    assert!(cursors.iter().all(|state| state.cursor.is_some()));
    let again = reply.scopes.iter().flat_map(|scope| &scope.records).any(|record| record.id == made.person);
    assert!(again, "the record comes again, or the phone would go on showing the value that lost");
}

#[test]
fn an_edit_and_a_delete_that_did_not_see_each_other() {
    // The edit first: the record stays, and both are asked.
    let Two { town, mut wang, mut zhou, made, .. } = two();
    wang.save(mistake(&wang, made));
    write_phone(&mut zhou, made.person, "19900000022");
    zhou.sync().expect("syncs");
    wang.sync().expect("syncs");
    zhou.sync().expect("syncs");
    for id in [made.person, made.residency, made.stay] {
        assert_eq!(town.record(id).dead, None, "no part of the mistake goes without the others");
    }
    assert_eq!(conflicts(&wang).iter().map(|what| what.why).collect::<Vec<_>>(), [ClashWhy::DeleteMetEdit]);
    assert_eq!(conflicts(&zhou).len(), 1);
    assert_eq!(phone_of(&held(&wang, made.person)), "19900000022");
    town.check_sums(&[&wang, &zhou]);

    // The delete first: it stays deleted, and the edit is kept beside it.
    let Two { town, mut wang, mut zhou, made, .. } = two();
    wang.save(mistake(&wang, made));
    write_phone(&mut zhou, made.person, "19900000022");
    wang.sync().expect("syncs");
    zhou.sync().expect("syncs");
    wang.sync().expect("syncs");
    assert!(town.record(made.person).dead.is_some());
    assert!(wang.record(made.person).is_none() && zhou.record(made.person).is_none(), "gone from both phones");
    let told = conflicts(&zhou);
    assert_eq!(
        told.iter().map(|what| (what.why, what.lost.fields["phone"].as_str())).collect::<Vec<_>>(),
        [(ClashWhy::EditMetDelete, Some("19900000022"))]
    );
    assert_eq!(conflicts(&wang).len(), 1);
    town.check_sums(&[&wang, &zhou]);

    // It can be brought back with the value that was kept.
    let dead = town.record(made.person);
    let mut back = zhou.set(&dead);
    back.groups.insert("contact".to_owned(), told[0].lost.fields.clone());
    let verdicts = zhou.send(vec![zhou.restore(&dead), back]).expect("an answer");
    assert_eq!(verdicts.len(), 2);
    assert_eq!((town.record(made.person).dead, phone_of(&town.record(made.person)).to_owned()), (None, "19900000022".to_owned()));
    wang.sync().expect("syncs");
    assert!(wang.record(made.person).is_some(), "back on the other phone");
    town.check_sums(&[&wang, &zhou]);
}

fn mistake(pen: &Pen, made: sync_server::demo::Registered) -> Vec<sync_server::demo::Draft> {
    [made.person, made.residency, made.stay].into_iter().map(|id| pen.delete(&held(pen, id))).collect()
}

#[test]
fn what_a_stranger_hung_on_it_keeps_a_record_alive() {
    let Two { town, mut wang, mut zhou, unit, made } = two();
    // The officer registers somebody in the home that the coordinator takes back as a mistake.
    let rooms: Vec<Record> = wang.records(kind::ROOM);
    ok(wang.send(mistake(&wang, made)));
    let mut deletes: Vec<_> = rooms.iter().map(|room| wang.delete(room)).collect();
    deletes.push(wang.delete(&held(&wang, unit)));
    wang.save(deletes);
    zhou.sync().expect("syncs");
    let (drafts, other) = town.newcomer(&zhou, unit);
    ok(zhou.send(drafts));
    wang.sync().expect("syncs");
    assert_eq!(town.record(unit).dead, None, "somebody lives there");
    assert!(rooms.iter().all(|room| town.record(room.id).dead.is_none()));
    assert_eq!(conflicts(&wang).iter().map(|what| what.why).collect::<Vec<_>>(), [ClashWhy::DeleteMetEdit]);
    assert!(wang.record(other.person).is_some());
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn a_newcomer_brings_a_deleted_home_back() {
    let Two { town, mut wang, mut zhou, unit, made } = two();
    let rooms: Vec<Record> = wang.records(kind::ROOM);
    ok(wang.send(mistake(&wang, made)));
    zhou.sync().expect("syncs");
    let (drafts, other) = town.newcomer(&zhou, unit);
    zhou.save(drafts);
    let mut deletes: Vec<_> = rooms.iter().map(|room| wang.delete(room)).collect();
    deletes.push(wang.delete(&held(&wang, unit)));
    ok(wang.send(deletes));
    assert!(town.record(unit).dead.is_some());
    zhou.sync().expect("syncs");
    wang.sync().expect("syncs");
    assert_eq!(town.record(unit).dead, None, "somebody lives there");
    let told = conflicts(&wang);
    assert!(told.iter().any(|what| what.why == ClashWhy::NamedWhileDead && what.record == unit), "{told:?}");
    assert!(wang.record(other.person).is_some() && wang.record(unit).is_some());
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn a_mistake_taken_back_by_its_author_is_no_conflict() {
    let Two { town, mut wang, mut zhou, made, .. } = two();
    ok(wang.send(mistake(&wang, made)));
    zhou.sync().expect("syncs");
    assert!(zhou.record(made.person).is_none());
    assert!(conflicts(&wang).is_empty() && conflicts(&zhou).is_empty());
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn cancelled_at_nine_and_seen_at_eighteen_is_not_cancelled() {
    for cancel_arrives_last in [true, false] {
        let Two { town, mut wang, mut zhou, unit, made } = two();
        let (nine, eighteen) = (at("2026-03-05", 9, 0), at("2026-03-05", 18, 0));
        town.go_to(nine);
        let drafts = cancel(&wang, made, "2026-03-05", nine);
        wang.save(drafts);
        town.go_to(eighteen);
        let drafts = met(&zhou, made, unit, eighteen);
        zhou.save(drafts);
        town.pass(3_600_000);
        if cancel_arrives_last {
            zhou.sync().expect("syncs");
            wang.sync().expect("syncs");
        } else {
            wang.sync().expect("syncs");
            assert!(!residency::is_active(&town.record(made.residency)));
            zhou.sync().expect("syncs");
        }
        wang.sync().expect("hears of it");
        zhou.sync().expect("hears of it");
        for pen in [&wang, &zhou] {
            assert!(
                residency::is_active(&held(pen, made.residency)),
                "seen the same day, later (arrives last: {cancel_arrives_last})"
            );
            assert!(residency::is_open(&held(pen, made.stay)), "and the stay goes on with it");
            let told = conflicts(pen);
            let [what] = &told[..] else { panic!("one conflict each, got {told:?}") };
            assert_eq!((what.why, what.lost.by.as_str()), (ClashWhy::CancelMetPresence, "王敏"));
            assert_eq!(what.stands.as_ref().map(|stands| stands.by.as_str()), Some("周建军"), "who saw the person");
        }
        assert!(wang.verdicts.values().chain(zhou.verdicts.values()).any(|verdict| *verdict == Verdict::Merged));
        town.check_sums(&[&wang, &zhou]);

        // A person decides: cancelled after all, having seen why it was not. It is not undone a second time.
        let drafts = cancel(&wang, made, "2026-03-05", nine);
        ok(wang.send(drafts));
        assert!(!residency::is_active(&town.record(made.residency)));
        town.check_sums(&[&wang]);
    }
}

#[test]
fn seen_before_leaving_or_by_the_same_hand_contradicts_nothing() {
    // Seen on the fourth, left on the fifth.
    let Two { town, mut wang, mut zhou, unit, made } = two();
    town.go_to(at("2026-03-04", 18, 0));
    let drafts = met(&zhou, made, unit, at("2026-03-04", 18, 0));
    zhou.save(drafts);
    town.go_to(at("2026-03-05", 9, 0));
    let drafts = cancel(&wang, made, "2026-03-05", at("2026-03-05", 9, 0));
    ok(wang.send(drafts));
    zhou.sync().expect("syncs");
    assert!(!residency::is_active(&town.record(made.residency)));

    // The same coordinator saw the person in the morning and saw the van in the evening.
    let Two { town, mut wang, unit, made, .. } = two();
    town.go_to(at("2026-03-05", 9, 0));
    let drafts = met(&wang, made, unit, at("2026-03-05", 9, 0));
    wang.save(drafts);
    town.go_to(at("2026-03-05", 18, 0));
    let drafts = cancel(&wang, made, "2026-03-05", at("2026-03-05", 18, 0));
    ok(wang.send(drafts));
    assert!(!residency::is_active(&town.record(made.residency)));
    assert!(conflicts(&wang).is_empty());
}

#[test]
fn several_losers_of_one_device_extend_one_conflict() {
    let Two { town, mut wang, mut zhou, made, .. } = two();
    let person = held(&wang, made.person);
    for phone in ["19900000011", "19900000012"] {
        // Both saves built on what she saw at first: the second does not know that the first will lose.
        wang.save(vec![wang.set(&person).with("contact", &contact(phone))]);
        town.pass(10);
    }
    town.pass(5000);
    write_phone(&mut zhou, made.person, "19900000022");
    zhou.sync().expect("syncs");
    wang.sync().expect("syncs");
    zhou.sync().expect("syncs");
    let told = conflicts(&zhou);
    assert_eq!(told.iter().map(|what| what.lost.fields["phone"].as_str()).collect::<Vec<_>>(), [Some("19900000012")]);
    town.check_sums(&[&wang, &zhou]);
}
