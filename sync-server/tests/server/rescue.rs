//! What devices tell a restored server, and what some of them would like to: in whose name, about what, and how much of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::id_document::DocType;
use domain::place::Scope;
use domain::record::to_fields;
use domain::{DeviceNumber, Fields, GroupValue, Origin, Record, RecordId, Stamp, kind};
use store::server::HeldQuery;
use sync_protocol::lookup::Lookup;
use sync_protocol::{Ask, OFFERS_MAX, Offer, SyncError, Told};
use sync_server::Core;
use sync_server::backup::{backup, restore};
use sync_server::clock::SeededDice;
use sync_server::demo::{Pen, Registered};
use sync_server::quarantine::LATE_BYTES_MAX;

use crate::town::{CHENS_PHONE, LIS, Town, WANGS, conflicts, contact, held, ok, phone_of};

/// A town whose server came back from a backup of a minute ago, in which Wang and Li each have a resident.
struct Back {
    town: Town,
    wang: Pen,
    li: Pen,
    chen: Pen,
    zhou: Pen,
    unit: RecordId,
    hers: Registered,
    his: Registered,
}

fn back() -> Back {
    let mut town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, lis) = (town.home(&mut wang, WANGS, CHENS_PHONE), town.home(&mut li, LIS, ""));
    let (hers, his) = (town.resident(&mut wang, unit), town.resident(&mut li, lis));
    let (mut chen, mut zhou) = (town.pen("chen"), town.pen("zhou"));
    let copy = town.folder.path().join("copy.db");
    backup(town.folder.path(), &copy).expect("a copy");
    town.pass(60_000);
    town.core.stop();
    let dice = |seed| Arc::new(SeededDice::new(seed));
    restore(town.folder.path(), &copy, true, town.clock.clone(), dice(3)).expect("restored");
    town.core = Core::open(&town.file(), town.clock.clone(), dice(4)).expect("opens");
    for pen in [&mut wang, &mut li, &mut chen, &mut zhou] {
        pen.server.core = town.core.clone();
    }
    town.pass(60_000);
    Back { town, wang, li, chen, zhou, unit, hers, his }
}

impl Back {
    fn confirm(&self) {
        assert!(self.town.core.confirm_restore(None).expect("confirmed"));
    }

    fn rescue(&self, pen: &Pen, offers: Vec<Offer>) -> Result<(u64, u64), SyncError> {
        match self.town.core.ask(pen.credentials(), Ask::Rescue { offers, hold: true })? {
            Told::Rescued { taken, held } => Ok((taken, held)),
            other => panic!("another answer: {other:?}"),
        }
    }

    /// A value named by this device, written so long after now.
    fn origin(&self, device: DeviceNumber, after_ms: i64) -> Origin {
        Origin { stamp: Stamp::next(None, self.town.core.now_unix_ms() + after_ms), device }
    }

    fn quarantined_bytes(&self) -> u64 {
        let held = self.town.core.look(|view| Ok(view.held_saves(HeldQuery::OPEN)?)).expect("looks");
        held.iter().map(|held| held.save.len() as u64).sum()
    }
}

/// A record of which a device offers one group.
fn offer(record: &Record, group: &str, fields: Fields, origin: Origin) -> Offer {
    let mut offered = Record::empty(&record.kind, record.id);
    offered.groups.insert(group.to_owned(), GroupValue::new(fields, origin));
    Offer { record: offered, over: BTreeMap::new() }
}

/// Before the restore, as what is rescued honestly was.
const BEFORE_MS: i64 = -90_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[test]
fn a_rescue_takes_what_others_wrote_before_the_restore_in_their_names() {
    let back = back();
    let person = back.town.record(back.hers.person);
    let zhous = back.origin(back.zhou.credentials().device, BEFORE_MS);
    let offers = vec![offer(&person, "contact", to_fields(&contact("19900000055")), zhous)];
    assert_eq!(back.rescue(&back.wang, offers.clone()), Ok((1, 0)));
    let now = back.town.record(back.hers.person);
    assert_eq!((phone_of(&now), now.groups["contact"].origin), ("19900000055", zhous));
    assert_eq!(back.rescue(&back.wang, offers), Ok((0, 0)), "once");
    assert_eq!(back.town.core.look(|view| Ok(view.audit_count("device.rescue")?)).expect("looks"), 1, "and it is written down");
}

#[test]
fn nobody_writes_in_anothers_name_by_rescuing() {
    let back = back();
    let person = back.town.record(back.hers.person);
    let zhou = back.zhou.credentials().device;
    let newly = back.town.core.add_device("zhou", "phone").expect("a device").device;
    let fresh = Pen::new(&back.town.core, "wang").expect("a device");
    let rows = [
        ("written after the restore", &back.wang, back.origin(zhou, 2 * DAY_MS)),
        ("the server\'s own", &back.wang, back.origin(DeviceNumber::SERVER, BEFORE_MS)),
        ("of a device enrolled since", &back.wang, back.origin(newly, BEFORE_MS)),
        ("of a number nobody has yet", &back.wang, back.origin(DeviceNumber(newly.0 + 7), BEFORE_MS)),
        ("told by a phone that was enrolled since", &fresh, back.origin(zhou, BEFORE_MS)),
    ];
    for (number, (what, pen, origin)) in rows.into_iter().enumerate() {
        let phone = format!("1990000010{number}");
        let offers = vec![offer(&person, "contact", to_fields(&contact(&phone)), origin)];
        assert_eq!(back.rescue(pen, offers.clone()), Ok((1, 0)), "{what}: it is not lost");
        let value = back.town.record(back.hers.person).groups["contact"].clone();
        let all: Vec<Origin> = back
            .town
            .core
            .look(|view| Ok(view.changes_of(back.hers.person)?))
            .expect("looks")
            .into_iter()
            .filter(|stored| stored.change.groups.get("contact").is_some_and(|group| group.fields["phone"] == phone.as_str()))
            .map(|stored| stored.change.origin)
            .collect();
        assert!(!all.is_empty() && all.iter().all(|written| written.device != origin.device), "{what}: {all:?}");
        for device in all.iter().map(|origin| origin.device).chain([value.origin.device]) {
            let whose = back.town.core.look(|view| Ok(view.device_account(device)?)).expect("looks");
            let wang = back.town.core.look(|view| Ok(view.account_by_login("wang")?)).expect("looks").map(|account| account.id);
            assert_eq!(whose, wang, "{what}: in the name of who told it");
        }
        assert_eq!(back.rescue(pen, offers), Ok((0, 0)), "{what}: once");
    }
}

#[test]
fn a_value_told_over_somebody_elses_has_not_seen_it() {
    let mut back = back();
    back.confirm();
    back.zhou.sync().expect("syncs");
    let draft = back.zhou.set(&held(&back.zhou, back.hers.person)).with("contact", &contact("19900000077"));
    ok(back.zhou.send(vec![draft]));
    let person = back.town.record(back.hers.person);
    let mut old =
        offer(&person, "contact", to_fields(&contact("19900000066")), back.origin(back.wang.credentials().device, BEFORE_MS));
    old.over.insert("contact".to_owned(), person.groups["contact"].origin);
    assert_eq!(back.rescue(&back.wang, vec![old]), Ok((1, 0)));
    assert_eq!(phone_of(&back.town.record(back.hers.person)), "19900000077", "what came later stands");
    back.zhou.sync().expect("syncs");
    assert_eq!(conflicts(&back.zhou).len(), 1, "and people are asked");
}

#[test]
fn a_rescue_tells_nothing_about_records_elsewhere() {
    let back = back();
    let person = back.town.record(back.his.person);
    let right = person.fields("contact").cloned().expect("a phone");
    let wrong = to_fields(&contact("19900000066"));
    let nobody = Record::empty(kind::PERSON, RecordId(domain::ids::uuid_v7(1_772_000_000_000, [9; 10])));
    let unit = back.town.record(person_unit(&back));
    for (pen, told) in [(&back.wang, 1), (&back.chen, 0)] {
        let mut answers = Vec::new();
        for (record, fields) in [(&person, &right), (&person, &wrong), (&nobody, &right), (&person, &wrong), (&nobody, &right)] {
            let origin = back.origin(pen.credentials().device, BEFORE_MS);
            answers.push(back.rescue(pen, vec![offer(record, "contact", fields.clone(), origin)]).expect("an answer"));
        }
        assert!(answers.iter().all(|answer| *answer == (0, told)), "{answers:?}");
    }
    // A landlord and a home of another's.
    let address = unit.fields("address").cloned().expect("an address");
    let other = to_fields(&serde_json::json!({"area": LIS, "road": "x", "plate_no": "1"}));
    let nowhere = Record::empty(kind::UNIT, nobody.id);
    let answers: Vec<_> = [(&unit, &address), (&unit, &other), (&nowhere, &address)]
        .into_iter()
        .map(|(record, fields)| {
            let origin = back.origin(back.chen.credentials().device, BEFORE_MS);
            back.rescue(&back.chen, vec![offer(record, "address", fields.clone(), origin)]).expect("an answer")
        })
        .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(back.town.record(person.id), person, "and nothing happened to it");
}

fn person_unit(back: &Back) -> RecordId {
    back.town.record(back.his.stay).reference("where", "unit").expect("a home")
}

#[test]
fn a_rescue_is_no_longer_than_a_push() {
    let back = back();
    let unit = back.town.record(back.unit);
    let many = |count: usize| {
        let mut offered = Record::empty(kind::UNIT, unit.id);
        for at in 0..count {
            let origin = back.origin(back.chen.credentials().device, BEFORE_MS - at as i64);
            offered.groups.insert(format!("later{at}"), GroupValue::new(to_fields(&serde_json::json!({"at": at})), origin));
        }
        Offer { record: offered, over: BTreeMap::new() }
    };
    assert_eq!(back.rescue(&back.chen, vec![many(65)]), Err(SyncError::TooLarge));
    assert_eq!(back.rescue(&back.chen, vec![many(64); 40]), Err(SyncError::TooLarge), "many records of many groups");
    assert_eq!(back.rescue(&back.chen, vec![many(1); OFFERS_MAX + 1]), Err(SyncError::TooLarge));
    // All of it refused: each is found once, and not after everything before it was applied again.
    let began = Instant::now();
    let offers: Vec<Offer> = (0..100)
        .map(|at| {
            let mut offer = many(15);
            offer.record.id = RecordId(domain::ids::uuid_v7(1_772_000_000_000 + at, [at as u8; 10]));
            offer.record.groups.insert("address".to_owned(), unit.groups["address"].clone());
            offer
        })
        .chain([many(60)])
        .collect();
    let good = back.town.record(back.hers.person);
    let mut wangs = offers.clone();
    let origin = back.origin(back.wang.credentials().device, BEFORE_MS);
    wangs.push(offer(&good, "contact", to_fields(&contact("19900000055")), origin));
    back.rescue(&back.chen, offers).expect("an answer");
    let (taken, _) = back.rescue(&back.wang, wangs).expect("an answer");
    assert!(taken >= 1, "what is right goes on without what is not");
    assert_eq!(phone_of(&back.town.record(back.hers.person)), "19900000055");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_rescue_fills_no_more_than_late_work_may() {
    let back = back();
    let text = "x".repeat(497);
    for round in 0..14 {
        let offers = (0..18u8).map(|at| {
            let id = RecordId(domain::ids::uuid_v7(1_772_000_000_000 + round, [at; 10]));
            let fields = to_fields(&serde_json::json!({"area": LIS, "texts": vec![&text; 200]}));
            let origin = back.origin(back.chen.credentials().device, BEFORE_MS);
            offer(&Record::empty(kind::UNIT, id), "address", fields, origin)
        });
        let answer = back.rescue(&back.chen, offers.collect()).expect("an answer");
        assert_eq!(answer, (0, 18), "the answer does not tell how much room there is");
    }
    let bytes = back.quarantined_bytes();
    assert!(bytes > LATE_BYTES_MAX / 2 && bytes <= LATE_BYTES_MAX, "{bytes}");
    let areas = back.town.core.look(|view| Ok(view.held_counts()?)).expect("looks");
    assert!(areas.iter().all(|count| count.area.is_empty()), "nobody chooses whose station is asked: {areas:?}");
}

#[test]
fn an_unconfirmed_server_reads_nothing_out() {
    let back = back();
    let scope = Scope::Area(WANGS.to_owned());
    let doc_no = back.town.record(back.his.person).text("identity", "doc_no").unwrap_or_default().to_owned();
    let questions = [
        Ask::Records { scope: scope.clone(), ids: vec![back.hers.person], found: None },
        Ask::Lookup(Lookup { doc_type: DocType::Id, doc_no }),
    ];
    for question in &questions {
        let answer = back.town.core.ask(back.wang.credentials(), question.clone());
        assert!(matches!(answer, Err(SyncError::Busy { .. })), "{answer:?}");
    }
    // What a rescue needs is answered: sums and hashes.
    for question in [Ask::Buckets { scope: scope.clone() }, Ask::Hashes { scope, buckets: vec![0] }, Ask::Standing] {
        assert!(back.town.core.ask(back.wang.credentials(), question).is_ok());
    }
    back.confirm();
    for question in questions {
        let answer = back.town.core.ask(back.wang.credentials(), question);
        assert!(
            matches!(&answer, Ok(Told::Records { records, .. }) if records.len() == 1)
                || matches!(&answer, Ok(Told::Elsewhere { found }) if found.len() == 1),
            "{answer:?}"
        );
    }
    let _ = &back.li;
}

#[test]
fn who_came_since_the_restore_is_said_before_it_is_confirmed() {
    let mut back = back();
    assert!(back.town.core.came_since_restore().expect("looks").is_empty());
    let fresh = Pen::new(&back.town.core, "li").expect("a device").credentials().device;
    let draft = back.wang.set(&held(&back.wang, back.hers.person)).with("contact", &contact("19900000077"));
    back.wang.save(vec![draft]);
    let request = back.wang.request(1);
    assert_eq!(sync_protocol::SyncServer::exchange(&back.wang.server, request).expect("taken").verdicts.len(), 1);
    let came = back.town.core.came_since_restore().expect("looks");
    let came: Vec<_> = came.iter().map(|came| (came.device.number, came.login.as_str(), came.is_new, came.changes)).collect();
    assert_eq!(came, [(back.wang.credentials().device, "wang", false, 1), (fresh, "li", true, 0)]);
}
