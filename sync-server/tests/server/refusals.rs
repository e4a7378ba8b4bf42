//! What is refused, with its reason; and that nothing of it stays.

use domain::merge::Refusal;
use domain::person::{Hukou, Identity};
use domain::unit::{RoomLabel, RoomWhere};
use domain::{DeviceNumber, Fields, Stamp, kind};
use serde_json::json;
use sync_protocol::Verdict;
use sync_server::demo::Draft;

use crate::town::{LIS, Town, WANGS, contact, held, ok};

fn fields(value: serde_json::Value) -> Fields {
    value.as_object().cloned().expect("an object")
}

fn first_reason(verdicts: &[Verdict]) -> Option<Refusal> {
    verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(Refusal::WithItsSave) => None,
        Verdict::Refused(why) => Some(why.clone()),
        _ => None,
    })
}

#[test]
fn shapes_that_no_form_lets_through_are_refused_by_name() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    type Bend = fn(&mut [Draft]);
    let rows: Vec<(&str, Bend)> = vec![
        ("identity.doc_no", |save| drop(group(save, 0, "identity").insert("doc_no".into(), "361122199002301234".into()))),
        ("identity.doc_no", |save| drop(group(save, 0, "identity").insert("doc_no".into(), " ".into()))),
        ("identity.birth", |save| drop(group(save, 0, "identity").insert("birth".into(), "1990-02-30".into()))),
        ("identity.birth", |save| drop(group(save, 0, "identity").insert("birth".into(), "2036-01-01".into()))),
        ("identity.birth", |save| drop(group(save, 0, "identity").insert("birth".into(), "1971-01-01".into()))),
        ("identity.name", |save| drop(group(save, 0, "identity").insert("name".into(), "张😀".into()))),
        ("identity", |save| drop(group(save, 0, "identity").insert("name".into(), "张\u{7}三".into()))),
        ("identity", |save| drop(group(save, 0, "identity").remove("sex"))),
        ("identity", |save| drop(group(save, 0, "identity").insert("note".into(), "长".repeat(501).into()))),
        ("identity.note", |save| drop(group(save, 0, "identity").insert("note".into(), "长".repeat(300).into()))),
        ("identity.note", |save| {
            let identity = group(save, 0, "identity");
            identity.insert("doc_type".into(), "NONE".into());
            identity.insert("doc_no".into(), "".into());
        }),
        ("identity.doc_type", |save| drop(group(save, 0, "identity").insert("doc_type".into(), "HMRP".into()))),
        ("identity", |save| drop(save[0].groups.remove("identity"))),
        ("identity", |save| drop(save[0].groups.insert("identity".into(), Fields::new()))),
        ("hukou.region", |save| drop(group(save, 0, "hukou").insert("region".into(), "330822".into()))),
        ("hukou.region", |save| drop(group(save, 0, "hukou").insert("region".into(), "99".into()))),
        ("contact.phone", |save| drop(group(save, 0, "contact").insert("phone".into(), "110".into()))),
        ("status.on", |save| drop(group(save, 1, "status").insert("on".into(), "2026-13-01".into()))),
        ("declared.registered_on", |save| drop(group(save, 1, "declared").insert("registered_on".into(), "yesterday".into()))),
        ("period.to", |save| drop(group(save, 2, "period").insert("to".into(), "2020-01-01".into()))),
        ("where", |save| drop(group(save, 2, "where").insert("person".into(), "nobody".into()))),
        ("extra", |save| drop(save[0].groups.insert("extra".into(), fields(json!({"weight": 1.5}))))),
        ("extra", |save| drop(save[0].groups.insert("extra".into(), fields(json!({"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}))))),
        ("groups", |save| drop(save[0].groups.insert("g".repeat(100), fields(json!({"a": 1}))))),
        ("fact", |save| drop(group(save, 4, "fact").insert("result".into(), "DANGEROUS".into()))),
    ];
    for (at, (what, bend)) in rows.into_iter().enumerate() {
        let (mut save, made) = town.newcomer(&wang, unit);
        bend(&mut save);
        let verdicts = wang.send(save).expect("an answer");
        assert_eq!(first_reason(&verdicts), Some(Refusal::Invalid(what.to_owned())), "row {at}: {verdicts:?}");
        assert!(!town.knows(made.person) && !town.knows(made.stay), "row {at}: nothing of it stays");
    }
    town.check_sums(&[&wang]);
}

fn group<'s>(save: &'s mut [Draft], at: usize, group: &str) -> &'s mut Fields {
    save[at].groups.get_mut(group).expect("the group of the test")
}

#[test]
fn what_a_later_version_adds_is_kept_and_passed_on() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let (mut save, made) = town.newcomer(&wang, unit);
    group(&mut save, 0, "contact").insert("wechat".into(), "later".into());
    ok(wang.send(save));
    let mut zhou = town.pen("zhou");
    zhou.sync().expect("pulls");
    let person = held(&zhou, made.person);
    assert_eq!(person.text("contact", "wechat"), Some("later"));
    let mut draft = wang.set(&held(&wang, made.person));
    draft.groups.insert("school".into(), fields(json!({"name": "第一小学"})));
    ok(wang.send(vec![draft]));
    zhou.sync().expect("pulls");
    assert_eq!(held(&zhou, made.person).text("school", "name"), Some("第一小学"), "sync knows maps, not meaning");
}

#[test]
fn an_unknown_kind_and_the_servers_own_groups_are_refused() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let person = held(&wang, made.person);
    let rows = [
        (wang.create("dragon").with("where", &RoomWhere { unit }), "dragon"),
        (wang.create(kind::AREA).with("area", &json!({"code": "330822001001"})), kind::AREA),
        (wang.create(kind::POLICY).with("choice", &json!({"pack": "mine", "from": "2020-01-01"})), kind::POLICY),
        (wang.set(&person).with("place", &json!({"area": LIS})), "place"),
        (wang.set(&held(&wang, unit)).with("number", &json!({"no": "1"})), "number"),
        (wang.create(kind::REPORT).with("said", &json!({})), "said"),
        (wang.create(kind::CONFLICT).with("what", &json!({})), "what"),
    ];
    for (draft, what) in rows {
        let verdicts = wang.send(vec![draft]).expect("an answer");
        assert_eq!(verdicts, [Verdict::Refused(Refusal::Role(what.to_owned()))]);
    }
}

#[test]
fn another_village_can_neither_be_read_nor_written() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let of_wang = town.resident(&mut wang, wangs);
    li.sync().expect("syncs");
    assert!(li.record(of_wang.person).is_none() && li.record(wangs).is_none(), "nothing of hers reaches him");

    // Li learned the ids by some other way. Each try is refused, and none of them moves anybody.
    let scope = Some(Refusal::Scope);
    let foreign = town.record(of_wang.person);
    let rows: Vec<(&str, Vec<Draft>)> = vec![
        ("writes", vec![li.set(&foreign).with("contact", &contact("19900000001"))]),
        ("deletes", vec![li.delete(&foreign)]),
        (
            "adds a room",
            vec![li.create(kind::ROOM).with("where", &RoomWhere { unit: wangs }).with("label", &RoomLabel { label: "9".into() })],
        ),
        ("registers there", town.newcomer(&li, wangs).0),
        ("claims the person", {
            let (mut save, _) = town.newcomer(&li, lis);
            save.remove(0);
            for draft in &mut save {
                for fields in draft.groups.values_mut().filter(|fields| fields.contains_key("person")) {
                    fields.insert("person".into(), of_wang.person.to_string().into());
                }
            }
            save
        }),
        (
            "moves a home over",
            vec![li.set(&held(&li, lis)).with("address", &json!({"area": WANGS, "road": "东明路", "plate_no": "1"}))],
        ),
        ("makes a home there", {
            let mut draft = li.create(kind::UNIT);
            draft.groups.insert("address".into(), fields(json!({"area": WANGS, "road": "东明路", "plate_no": "1"})));
            vec![draft]
        }),
    ];
    for (what, save) in rows {
        let verdicts = li.send(save).expect("an answer");
        assert_eq!(first_reason(&verdicts), scope, "li {what}: {verdicts:?}");
    }
    assert_eq!(town.record(of_wang.person), foreign, "untouched");

    let nowhere = {
        let mut draft = li.create(kind::UNIT);
        draft.groups.insert("address".into(), fields(json!({"area": "330822999999", "road": "东明路", "plate_no": "1"})));
        li.send(vec![draft]).expect("an answer")
    };
    assert_eq!(first_reason(&nowhere), Some(Refusal::Invalid("address.area".to_owned())), "a village nobody knows");
    town.check_sums(&[&wang, &li]);
}

#[test]
fn a_scope_that_was_not_granted_is_not_answered() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let account = town.core.look(|view| Ok(view.account_by_login("wang")?)).expect("looks").expect("wang").id;
    for login in ["li", "chen", "admin"] {
        let pen = town.pen(login);
        let mut request = pen.request(1);
        let state = |scope| sync_protocol::ScopeState { scope, cursor: None, digest: String::new(), count: 0 };
        use domain::place::Scope;
        let foreign = [Scope::Area(WANGS.to_owned()), Scope::Account(account), Scope::Owner(account)];
        request.scopes = foreign.iter().cloned().map(state).collect();
        let reply = sync_protocol::SyncServer::exchange(&pen.server, request).expect("an answer");
        assert!(reply.scopes.is_empty(), "{login} asked for what is not theirs");
        assert_eq!(reply.grants_dropped, foreign, "{login} is told to let go of it");
        assert!(!serde_json::to_string(&reply).expect("json").contains(&unit.to_string()));
    }
}

#[test]
fn nobody_writes_under_another_devices_name() {
    let town = Town::new();
    let (mut wang, li) = (town.pen("wang"), town.pen("li"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    for device in [DeviceNumber::SERVER, li.credentials().device, DeviceNumber(999)] {
        let draft = wang.set(&held(&wang, made.person)).with("contact", &contact("19900000001"));
        wang.save(vec![draft]);
        wang.outbox[0].change.origin.device = device;
        wang.sync().expect("an answer");
        let verdict = wang.verdicts.values().next_back().cloned();
        assert_eq!(verdict, Some(Verdict::Refused(Refusal::Invalid("origin".to_owned()))), "as device {device}");
    }
    // An earlier device of the same person is oneself.
    let mut second = town.pen("wang");
    let draft = second.set(&held(&second, made.person)).with("contact", &contact("19900000002"));
    second.save(vec![draft]);
    second.outbox[0].change.origin.device = wang.credentials().device;
    second.outbox[0].change.origin.stamp = Stamp::at(town.core.now_unix_ms() + 5);
    second.sync().expect("an answer");
    assert_eq!(second.verdicts.values().next_back(), Some(&Verdict::Ok));
}

#[test]
fn another_persons_change_id_is_no_way_to_learn_of_it() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    wang.save(town.newcomer(&wang, wangs).0);
    let known = wang.outbox[0].change.id;
    wang.sync().expect("syncs");
    li.save(town.newcomer(&li, lis).0);
    li.outbox[0].change.id = known;
    li.sync().expect("an answer");
    let verdicts: Vec<_> = li.verdicts.values().rev().take(5).collect();
    assert!(verdicts.iter().any(|verdict| **verdict == Verdict::Refused(Refusal::Invalid("id".to_owned()))), "{verdicts:?}");
    li.sync().expect("goes on");
}

#[test]
fn what_is_written_once_stays_and_facts_are_final() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (unit, other) = (town.home(&mut wang, WANGS, ""), town.home(&mut wang, WANGS, ""));
    let made = town.resident(&mut wang, unit);
    let (stay, visit) = (held(&wang, made.stay), wang.records(kind::VISIT).remove(0));
    let mut moved = stay.typed::<domain::residency::StayWhere>("where").expect("a stay is somewhere");
    moved.unit = other;
    let rows = [
        (wang.set(&stay).with("where", &moved), Refusal::SetOnce("where".to_owned())),
        (wang.delete(&visit), Refusal::FactIsFinal),
        (
            wang.set(&visit).with("fact", &json!({"unit": other, "observed_unix_ms": 1, "result": "VACANT"})),
            Refusal::SetOnce("fact".to_owned()),
        ),
    ];
    for (draft, why) in rows {
        assert_eq!(wang.send(vec![draft]).expect("an answer"), [Verdict::Refused(why)]);
    }
    let mut kinds = wang.set(&stay);
    kinds.kind = kind::ROOM.to_owned();
    let verdicts = wang.send(vec![kinds.with("label", &RoomLabel { label: "1".into() })]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::OtherKind)]);
    let never = wang.create(kind::PERSON);
    let unknown = domain::Record::empty(kind::PERSON, never.record);
    let verdicts = wang.send(vec![wang.set(&unknown).with("contact", &contact("19900000001"))]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::UnknownRecord)]);
}

#[test]
fn a_hong_kong_card_is_a_referral_and_no_registration() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let first17 = "81000019880214013";
    let card = format!("{first17}{}", domain::id_document::check_digit(first17).expect("17 digits"));
    let referral = |doc_type: &str| {
        wang.create(kind::REFERRAL)
            .with("who", &json!({"doc_type": doc_type, "doc_no": card, "name": "黄志豪", "phone": ""}))
            .with("where", &json!({"unit": unit, "arrival_on": "2026-03-02"}))
            .with("state", &json!({"state": "open", "on": "2026-03-02"}))
    };
    let (as_card, as_id) = (referral("HMRP"), referral("ID"));
    ok(wang.send(vec![as_card]));
    let verdicts = wang.send(vec![as_id]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::Invalid("who.doc_type".to_owned()))]);
    let (mut save, _) = town.newcomer(&wang, unit);
    let identity: Identity = serde_json::from_value(json!({
        "doc_type": "ID", "doc_no": card, "name": "黄志豪", "birth": "1988-02-14", "sex": "1"
    }))
    .expect("an identity");
    save[0] =
        save[0].clone().with("identity", &identity).with("hukou", &Hukou { region: "361122".into(), address: String::new() });
    let verdicts = wang.send(save).expect("an answer");
    assert_eq!(first_reason(&verdicts), Some(Refusal::Invalid("identity.doc_no".to_owned())), "an 81… number is not a citizen's");
}
