//! Looking a number up in the whole county: what it tells, whom it tells nothing, and that it is written down.

use domain::id_document::DocType;
use domain::person::Identity;
use sync_protocol::lookup::{Contact, Elsewhere, Lookup};
use sync_protocol::{Ask, SyncError, Told};
use sync_server::lookup::{LOOKUP_AGAIN_MS, LOOKUPS_MAX};

use crate::town::{Town, WANGS, cancel, ok};

fn look_up(town: &Town, login: &str, doc_no: &str) -> Result<Vec<Elsewhere>, SyncError> {
    ask(town, login, DocType::Id, doc_no)
}

fn ask(town: &Town, login: &str, doc_type: DocType, doc_no: &str) -> Result<Vec<Elsewhere>, SyncError> {
    let device = town.core.add_device(login, "phone").expect("a device");
    let ask = Ask::Lookup(Lookup { doc_type, doc_no: doc_no.to_owned() });
    match town.core.ask(&device, ask)? {
        Told::Elsewhere { found } => Ok(found),
        other => panic!("another answer: {other:?}"),
    }
}

#[test]
fn it_tells_the_village_and_its_coordinators_and_nothing_about_the_person() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let identity: Identity = town.record(made.person).typed("identity").expect("somebody");
    let village = town.core.look(|view| Ok(view.area(WANGS)?)).expect("looks").expect("the village");
    let found = look_up(&town, "li", &identity.doc_no.to_lowercase()).expect("an answer");
    let [one] = &found[..] else { panic!("one village: {found:?}") };
    assert_eq!((one.village.as_str(), one.township.is_empty()), (village.name.as_str(), false));
    assert_eq!(one.coordinators, [Contact { name: "王敏".to_owned(), phone: String::new() }]);
    let told = serde_json::to_string(&found).expect("JSON");
    assert!(!told.contains(&identity.name) && !told.contains(&identity.doc_no) && !told.contains(&made.person.to_string()));
    assert_eq!(look_up(&town, "zhou", &identity.doc_no), Ok(found), "an officer may ask too");
    assert_eq!(look_up(&town, "li", "330822199002301234"), Ok(Vec::new()), "a number that cannot be right is nobody's");

    // Who is not registered any more is registered nowhere.
    let on = town.core.today().to_string();
    ok(wang.send(cancel(&wang, made, &on, town.core.now_unix_ms())));
    assert_eq!(look_up(&town, "li", &identity.doc_no), Ok(Vec::new()));
    assert_eq!(town.core.look(|view| Ok(view.audit_count("lookup")?)).expect("looks"), 4, "every question is written down");
}

#[test]
fn a_number_is_found_on_whatever_paper_and_under_whatever_name() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (first, one) = town.newcomer(&wang, unit);
    let (second, other) = town.once_more(&wang, unit, &first);
    ok(wang.send(first));
    wang.send(second).expect("an answer");
    assert!(domain::same::points_to(&town.record(other.person)).is_some(), "one of the two is another name of the other");
    let identity: Identity = town.record(one.person).typed("identity").expect("somebody");
    for doc_type in [DocType::Id, DocType::Tid, DocType::Hkb] {
        let found = ask(&town, "li", doc_type, &identity.doc_no).expect("an answer");
        assert_eq!(found.len(), 1, "{doc_type:?}: once");
    }
    // A paper without a check digit has no key: the lists are searched.
    let mut drafts = town.newcomer(&wang, unit).0;
    let person = drafts.iter_mut().find(|draft| draft.kind == domain::kind::PERSON).expect("a person");
    let paper = serde_json::json!({ "doc_type": "BC", "doc_no": "P330123456" });
    person.groups.get_mut("identity").expect("an identity").extend(paper.as_object().expect("an object").clone());
    ok(wang.send(drafts));
    assert_eq!(ask(&town, "li", DocType::Bc, "p330123456").expect("an answer").len(), 1);
    assert_eq!(ask(&town, "li", DocType::Bc, "P330123457"), Ok(Vec::new()));
}

#[test]
fn it_is_closed_to_landlords_to_the_bureau_and_to_who_was_shut_out() {
    let town = Town::new();
    for login in ["chen", "admin"] {
        assert_eq!(look_up(&town, login, "110105194912310021"), Err(SyncError::Unauthorised), "{login}");
    }
    let wang = town.pen("wang");
    town.core.revoke_device(wang.credentials().device).expect("revoked");
    let ask = Ask::Lookup(Lookup { doc_type: DocType::Id, doc_no: "110105194912310021".to_owned() });
    assert_eq!(town.core.ask(wang.credentials(), ask), Err(SyncError::Revoked));
    assert_eq!(town.core.look(|view| Ok(view.audit_count("lookup")?)).expect("looks"), 0);
}

#[test]
fn nobody_tries_numbers_one_after_the_other() {
    let town = Town::new();
    for _ in 0..LOOKUPS_MAX {
        assert_eq!(look_up(&town, "li", "110105194912310021"), Ok(Vec::new()));
    }
    let waits = look_up(&town, "li", "110105194912310021").expect_err("from whatever device");
    assert!(matches!(waits, SyncError::Busy { .. }), "{waits:?}");
    assert_eq!(look_up(&town, "wang", "110105194912310021"), Ok(Vec::new()), "others are not held up");
    town.pass(LOOKUP_AGAIN_MS);
    assert_eq!(look_up(&town, "li", "110105194912310021"), Ok(Vec::new()));
}
