//! Versions meet: what a newer app wrote is kept by an older one, field by field, and shown nowhere.

use serde_json::json;
use sync_server::demo::Pen;
use ui_protocol::people::{ChangeResident, Person};
use workspace_tests::World;
use workspace_tests::world::DONG;

#[test]
fn what_a_newer_version_wrote_survives_an_edit_of_the_same_group_by_this_one() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let id = wang.register(home, "李晓梅", &world.document()).person.expect("a person");
    wang.sync();

    // Next year's app asks for a field more in a group of today, and has a group of its own.
    let mut newer = Pen::new(&world.core, "wang").expect("a newer phone");
    newer.sync().expect("it has everything");
    let person = newer.record(id).expect("the person");
    let mut contact = person.fields("contact").expect("a phone number").clone();
    contact.insert("wechat".to_owned(), json!("lxm-1990"));
    let verdicts = newer
        .send(vec![newer.set(&person).with("contact", &contact).with("languages", &json!({"speaks": ["贵州话", "手语"]}))])
        .expect("taken");
    assert!(verdicts.iter().all(|verdict| *verdict == sync_protocol::Verdict::Ok), "{verdicts:?}");

    wang.sync();
    let mut form = wang.ask(Person { id }).form;
    form.phone = "13905700055".to_owned();
    wang.ask(ChangeResident { person: id, form, draft: None });
    wang.sync();
    wang.expect_same();

    let held = world.core.look(|view| Ok(view.record(id)?)).expect("looks").expect("the person");
    assert_eq!(held.text("contact", "phone"), Some("13905700055"), "this version's edit stands");
    assert_eq!(held.text("contact", "wechat"), Some("lxm-1990"), "and what it does not know is still there");
    assert_eq!(held.field("languages", "speaks"), Some(&json!(["贵州话", "手语"])));
    newer.sync().expect("comes back");
    assert_eq!(newer.record(id).expect("the person").text("contact", "wechat"), Some("lxm-1990"));
}
