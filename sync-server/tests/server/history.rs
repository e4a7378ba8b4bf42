//! What was done to a record: told whole to those who may see it, in part to a landlord, and to nobody else at all.

use domain::access::Role;
use domain::{RecordId, kind};
use serde_json::json;
use sync_protocol::history::{AskHistory, ENTRIES_MAX, Entry, HISTORY_RECORDS_MAX, Outcome, Was};
use sync_protocol::{Ask, SyncError, Told};
use sync_server::demo::Pen;

use crate::town::{CHENS_PHONE, LIS, Town, WANGS, contact, hand_over, held, ok};

fn history(town: &Town, pen: &Pen, records: &[RecordId]) -> Result<Vec<Entry>, SyncError> {
    page(town, pen, records, 0).map(|(entries, _)| entries)
}

fn page(town: &Town, pen: &Pen, records: &[RecordId], skip: u32) -> Result<(Vec<Entry>, bool), SyncError> {
    match town.core.ask(pen.credentials(), Ask::History(AskHistory { records: records.to_vec(), skip }))? {
        Told::History { entries, more } => Ok((entries, more)),
        other => panic!("another answer: {other:?}"),
    }
}

fn value<'e>(entry: &'e Entry, group: &str, field: &str) -> (Option<&'e str>, Option<&'e str>) {
    let found = entry.groups.iter().find(|found| found.group == group).expect("the group");
    let was = match &found.was {
        Was::Value(fields) => fields.get(field).and_then(|value| value.as_str()),
        Was::Nothing | Was::Unknown => None,
    };
    (found.fields.get(field).and_then(|value| value.as_str()), was)
}

#[test]
fn it_says_who_set_what_when_from_which_device_and_what_it_replaced() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let first = held(&wang, made.person).text("contact", "phone").expect("a phone").to_owned();
    let mut others = town.pen("wang");
    others.sync().expect("syncs");
    for (pen, phone) in [(&mut wang, "19900000111"), (&mut others, "19900000222")] {
        town.pass(60_000);
        pen.sync().expect("syncs");
        let change = pen.set(&held(pen, made.person)).with("contact", &contact(phone));
        ok(pen.send(vec![change]));
    }
    let entries = history(&town, &wang, &[made.person]).expect("an answer");
    let set: Vec<_> = entries.iter().filter(|entry| entry.groups.iter().any(|group| group.group == "contact")).collect();
    let devices: Vec<_> = set.iter().map(|entry| entry.device).collect();
    let (one, other) = (wang.credentials().device.0, others.credentials().device.0);
    assert_eq!(devices, [Some(other), Some(one), Some(one)], "the newest first");
    assert_eq!(value(set[0], "contact", "phone"), (Some("19900000222"), Some("19900000111")));
    assert_eq!(value(set[1], "contact", "phone"), (Some("19900000111"), Some(first.as_str())));
    assert_eq!(value(set[2], "contact", "phone"), (Some(first.as_str()), None), "the first replaced nothing");
    assert!(set.iter().all(|entry| entry.by == "王敏" && entry.mine && entry.outcome == Outcome::Ok && entry.no.len() == 9));
    assert!(set.windows(2).all(|pair| pair[0].at_unix_ms > pair[1].at_unix_ms));

    // The registration's number is the server's own word.
    let of_residency = history(&town, &wang, &[made.residency]).expect("an answer");
    let numbered = of_residency.iter().find(|entry| entry.groups.iter().any(|group| group.group == "number")).expect("numbered");
    assert_eq!((numbered.device, numbered.by.as_str(), numbered.role), (Some(0), "", None));
}

#[test]
fn a_document_number_is_never_told_whole() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let number = held(&wang, made.person).text("identity", "doc_no").expect("a number").to_owned();
    let mut identity = held(&wang, made.person).fields("identity").expect("an identity").clone();
    identity.insert("name".to_owned(), json!("改过的名"));
    let change = wang.set(&held(&wang, made.person)).with("identity", &identity);
    ok(wang.send(vec![change]));
    let told = serde_json::to_string(&history(&town, &wang, &[made.person]).expect("an answer")).expect("JSON");
    assert!(told.contains("改过的名") && told.contains(&domain::id_document::mask(&number)));
    assert!(!told.contains(&number), "neither the new value nor the one it replaced");
}

#[test]
fn whoever_may_not_see_the_record_is_told_nothing_of_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let made = town.resident(&mut wang, unit);
    let li = town.pen("li");
    let chen = town.pen("chen");
    for id in [made.person, made.residency, made.stay] {
        assert_eq!(history(&town, &li, &[id]), Err(SyncError::Unauthorised), "another village");
        assert_eq!(history(&town, &chen, &[id]), Err(SyncError::Unauthorised), "the landlord of the home");
    }
    assert_eq!(history(&town, &li, &[unit]), Err(SyncError::Unauthorised));
    let admin = town.pen("admin");
    assert_eq!(history(&town, &admin, &[unit]), Err(SyncError::Unauthorised), "the bureau's administrator reads no register");
    let nobody = RecordId(domain::ids::uuid_v7(1, [9; 10]));
    assert_eq!(history(&town, &wang, &[nobody]), Err(SyncError::Unauthorised), "what is not there is not told apart");
    assert!(!history(&town, &wang, &[unit, made.person, nobody]).expect("what is his").is_empty());

    // One of several that is not his is left out, not told.
    let lis = town.home(&mut town.pen("li"), LIS, "");
    let entries = history(&town, &wang, &[unit, lis]).expect("his own");
    assert!(entries.iter().all(|entry| entry.record == unit));

    // Who was shut out asks for nothing; who got the person is told all of it.
    let today = town.core.today().to_string();
    ok(wang.send(hand_over(&wang, made, LIS, &today)));
    let mut li = town.pen("li");
    li.sync().expect("syncs");
    assert!(history(&town, &li, &[made.person]).expect("hers now").iter().any(|entry| entry.by == "王敏"));
    assert_eq!(history(&town, &wang, &[made.person]), Err(SyncError::Unauthorised), "and his no more");
    town.core.revoke_device(li.credentials().device).expect("revoked");
    assert_eq!(history(&town, &li, &[made.person]), Err(SyncError::Revoked));
}

#[test]
fn a_landlord_hears_of_his_own_and_of_what_travels_to_him_and_no_names() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let mut chen = town.pen("chen");
    let report = town.report(&chen, unit, "2026-02-27");
    let id = report.record;
    ok(chen.send(vec![report]));
    let entries = history(&town, &chen, &[unit, id]).expect("his home and his report");
    let groups: Vec<_> = entries.iter().flat_map(|entry| &entry.groups).map(|group| group.group.as_str()).collect();
    assert!(groups.contains(&"address") && groups.contains(&"said") && groups.contains(&"receipt"));
    assert!(!groups.contains(&"document"), "sent and never received");
    for entry in &entries {
        let of_home = entry.record == unit && entry.device != Some(0);
        if of_home {
            assert_eq!((entry.by.as_str(), entry.device, entry.role, entry.no.as_str()), ("", None, Some(Role::Coordinator), ""));
        }
        assert_eq!(entry.mine, entry.record == id && entry.device != Some(0), "{entry:?}");
    }
    // Grades and charges of the home are the station's and the coordinator's business.
    let seen: Vec<_> = town
        .record(unit)
        .groups
        .keys()
        .filter(|group| !kind::travels(kind::UNIT, group, domain::place::ScopeKind::Owner))
        .cloned()
        .collect();
    assert!(seen.iter().all(|group| !groups.contains(&group.as_str())), "{seen:?}");
}

#[test]
fn a_landlord_does_not_hear_who_had_the_home_before_him() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "13905709999");
    let mut sold = held(&wang, unit).fields("landlord").expect("a landlord").clone();
    sold.insert("phone".to_owned(), json!(CHENS_PHONE));
    let change = wang.set(&held(&wang, unit)).with("landlord", &sold);
    ok(wang.send(vec![change]));
    let told = |pen: &Pen| serde_json::to_string(&history(&town, pen, &[unit]).expect("an answer")).expect("JSON");
    let his = told(&town.pen("chen"));
    assert!(his.contains(CHENS_PHONE) && !his.contains("13905709999"), "neither a value nor what it replaced: {his}");
    assert!(told(&wang).contains("13905709999"), "the coordinator does");
}

#[test]
fn a_record_that_is_named_often_is_told_once() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let once = history(&town, &wang, &[unit]);
    assert_eq!(history(&town, &wang, &[unit; HISTORY_RECORDS_MAX]), once);
}

#[test]
fn what_was_refused_is_told_to_its_writer_and_to_the_station_alone() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut other = town.pen("wang");
    town.account("sun", "孙丽", Role::Coordinator, "", &[WANGS]);
    let sun = town.pen("sun");
    other.sync().expect("syncs");
    // A registration's person is written once.
    let change = other.set(&held(&other, made.residency)).with("who", &json!({ "person": unit }));
    other.send(vec![change]).expect("an answer");
    let refused = |pen: &Pen| {
        let entries = history(&town, pen, &[made.residency]).expect("an answer");
        entries.iter().filter(|entry| entry.outcome == Outcome::Refused).count()
    };
    assert_eq!((refused(&wang), refused(&sun)), (1, 0), "the same account, and another of the same village");
}

#[test]
fn more_than_an_answer_holds_is_told_in_pages_and_too_many_records_are_not_asked_for() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    for number in 0..ENTRIES_MAX {
        town.pass(1_000);
        let change = wang.set(&held(&wang, made.person)).with("contact", &contact(&format!("199{number:08}")));
        ok(wang.send(vec![change]));
    }
    let (newest, more) = page(&town, &wang, &[made.person], 0).expect("a page");
    assert_eq!((newest.len(), more), (ENTRIES_MAX, true));
    let (oldest, more) = page(&town, &wang, &[made.person], ENTRIES_MAX as u32).expect("a page");
    assert_eq!((oldest.is_empty(), more), (false, false));
    assert!(oldest.iter().all(|entry| newest.iter().all(|newer| newer.at_unix_ms >= entry.at_unix_ms)));
    let many = vec![made.person; HISTORY_RECORDS_MAX + 1];
    assert_eq!(history(&town, &wang, &many), Err(SyncError::TooLarge));
}
