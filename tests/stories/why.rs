//! Why: somebody is missing, what the next sync sends, what became of an edit. And a deep check of a device.

use domain::place::Scope;
use store::drill::{self, DeviceDamage};
use ui_protocol::people::{ChangeResident, HandOver, UndoMistake};
use ui_protocol::proof::{DeepCheck, Proof, Wrong};
use ui_protocol::why::{Fate, PersonFact, WhyEdit, WhyPerson, WhySend};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

fn why(actor: &Actor, query: &str) -> Vec<PersonFact> {
    actor.ask(WhyPerson { query: query.to_owned() }).facts
}

#[test]
fn why_somebody_is_not_to_be_seen_is_said_from_stored_facts() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let elsewhere = PersonFact::AskCounty { by_this: false };
    assert_eq!(why(&wang, "张伟"), [PersonFact::Never, elsewhere.clone()], "nobody like that was ever here");
    let by_number = why(&wang, &world.document());
    assert_eq!(by_number, [PersonFact::Never, PersonFact::AskCounty { by_this: true }], "the county is asked by this number");
    let home = wang.home(DONG, "1号", "13905700099", "");
    let saved = wang.register(home, "张伟", &world.document());
    let person = saved.person.expect("a person");
    assert!(matches!(&why(&wang, "张伟")[0], PersonFact::Here { waiting: true, .. }), "here, and not sent yet");
    wang.sync();
    assert!(matches!(&why(&wang, &person.to_string())[0], PersonFact::Here { waiting: false, .. }), "by id too");

    let on = wang.ask(ui_protocol::session::Status {}).today;
    let residency = saved.residency.expect("a registration");
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    let by_name = why(&wang, "张伟");
    let left = |fact: &PersonFact| matches!(fact, PersonFact::OthersLeft { count: 1, toward, .. } if toward == &["西村"]);
    assert!(by_name.iter().any(left), "names are not kept, that somebody left is: {by_name:?}");
    let by_id = why(&wang, &person.to_string());
    let left = |fact: &PersonFact| matches!(fact, PersonFact::Left { area, toward, .. } if area == "东村" && toward == "西村");
    assert!(by_id.iter().any(left), "{by_id:?}");
    world.time.pass_days(31);
    wang.sync();
    assert_eq!(why(&wang, &person.to_string()), [PersonFact::Never, elsewhere], "after thirty days nothing is kept of it");

    let mistake = wang.register(home, "李晓梅", &world.document()).person.expect("a person");
    wang.sync();
    wang.ask(UndoMistake { record: mistake });
    wang.sync();
    let facts = why(&wang, "李晓梅");
    assert!(matches!(&facts[0], PersonFact::TakenBack { name, mine: true, .. } if name == "李晓梅"), "{facts:?}");

    world.core.set_areas("wang", &[XI]).expect("another village");
    wang.sync();
    let facts = why(&wang, "周敏");
    assert!(facts.iter().any(|fact| matches!(fact, PersonFact::AreaTakenBack { area, .. } if area == "东村")), "{facts:?}");
}

#[test]
fn what_the_next_sync_sends_and_what_became_of_it_go_by_one_number() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let doc_no = world.document();
    let person = wang.register(home, "张伟", &doc_no).person.expect("a person");
    wang.sync();
    li.sync();
    assert!(wang.ask(WhySend {}).saves.is_empty(), "nothing waits");
    let change = |actor: &Actor, phone: &str| {
        let mut form = actor.person(person).form;
        form.phone = phone.to_owned();
        actor.ask(ChangeResident { person, form, draft: None });
    };
    change(&li, "13905700011");
    li.sync();
    change(&wang, "13905700077");
    let sends = wang.ask(WhySend {});
    assert_eq!((sends.saves.len(), sends.changes), (1, 1));
    assert!(sends.bytes > 100, "with its size");
    let save = &sends.saves[0];
    assert_eq!(save.changes[0].title, "张伟");
    assert!(save.changes[0].groups.iter().any(|(group, fields)| group == "contact" && fields["phone"] == "13905700077"));
    assert_eq!(save.changes[0].fate, Fate::Waiting);

    wang.sync();
    let typed = save.no.to_lowercase().replace('-', " ");
    let fate = wang.ask(WhyEdit { no: typed });
    assert_eq!(fate.saves.len(), 1, "found by its number, however it is typed");
    assert!(fate.saves[0].answered_unix_ms.is_some());
    let Fate::Merged { stands: Some(_), settled: false } = &fate.saves[0].changes[0].fate else {
        panic!("two had changed it: {fate:?}")
    };
    let all = wang.ask(WhyEdit { no: String::new() });
    assert!(all.saves.len() >= 3 && all.saves[0].no == save.no, "the last saves, the newest first");
    let text = serde_json::to_string(&all).expect("as JSON");
    assert!(!text.contains(&doc_no), "document numbers are masked");
    assert_eq!(wang.ask(WhyEdit { no: "0000-0000".to_owned() }).saves.len(), 0);
}

#[test]
fn a_deep_check_finds_each_kind_of_damage_and_puts_it_right() {
    type Damage = fn(domain::RecordId) -> DeviceDamage;
    let rows: [(&str, Damage, Wrong); 6] = [
        ("a value", |person| DeviceDamage::Said(person, "13905700001", "13905799999"), Wrong::Sum),
        ("unreadable", DeviceDamage::Unreadable, Wrong::Record),
        ("a hash", DeviceDamage::Hash, Wrong::Hash),
        ("a sum", |_| DeviceDamage::Sum(Scope::Area(DONG.to_owned())), Wrong::Sum),
        ("lost", DeviceDamage::Lost, Wrong::Sum),
        ("waiting", |_| DeviceDamage::Waiting, Wrong::Outbox),
    ];
    for (what, plant, wrong) in rows {
        let world = World::new();
        let wang = world.coordinator("wang", DONG);
        let home = wang.home(DONG, "1号", "13905700099", "");
        let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
        wang.sync();
        assert!(wang.device().verify().expect("looked through").wrong.is_empty(), "before {what}");
        if what == "waiting" {
            wang.register(home, "李晓梅", &world.document());
            assert!(wang.device().verify().expect("looked through").wrong.is_empty(), "waiting changes are no damage");
        }
        drill::device(&wang.dir.join(device::FILE), &plant(person)).expect("damaged");
        let reply = wang.ask(DeepCheck {});
        let checked = reply.checked.expect("it has ended");
        assert!(checked.wrong.iter().any(|(found, _)| *found == wrong), "{what}: {checked:?}");
        assert_eq!(checked.same, Some(true), "{what}: compared with the server, and the same again");
        assert_eq!(wang.person(person).phone, "13905700001", "{what}");
        let after = wang.device().verify().expect("looked through").wrong;
        assert!(after.is_empty(), "{what}: {after:?}");
        let proof = wang.ask(Proof {});
        assert!(proof.areas.iter().all(|line| line.same == Some(true)) && proof.checking.is_none());
        assert!(proof.areas.iter().any(|line| line.name == "东村" && line.here == line.there && line.here > 4));
    }
}

#[test]
fn a_deep_check_without_a_network_says_that_nothing_was_compared() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    wang.home(DONG, "1号", "13905700099", "");
    wang.online(false);
    let checked = wang.ask(DeepCheck {}).checked.expect("it has ended");
    assert_eq!((checked.wrong.len(), checked.same), (0, None));
}
