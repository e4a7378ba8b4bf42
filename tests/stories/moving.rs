//! Moving inside the county: one registration, two stays, and nothing stays behind on the old phone.

use domain::residency::MoveForm;
use ui_protocol::people::{HandOver, MoveResident, Standing};
use ui_protocol::today::{Today, TodayKind};
use workspace_tests::World;
use workspace_tests::world::{DONG, XI};

#[test]
fn a_handed_over_resident_leaves_the_first_phone_and_is_placed_on_the_second() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let old = wang.home(DONG, "12号", "13905700099", "");
    let new = li.home(XI, "3号", "13905700098", "");
    let saved = wang.register(old, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    let registered_on = wang.person(person).residencies[0].registered_on.clone();
    wang.sync();
    li.sync();
    assert!(li.find("张伟").is_empty(), "another village's people are not on this phone");

    world.time.pass_days(3);
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on: on.clone(), note: "搬到西村朋友家".to_owned() });
    assert_eq!(wang.person(person).residencies[0].standing, Standing::ToPlace);
    wang.sync();
    assert!(wang.find("张伟").is_empty(), "what leaves the scope leaves the device");
    wang.expect_same();

    li.sync();
    let today = li.ask(Today {});
    let row = today.groups.iter().flat_map(|group| &group.items).find(|item| item.kind == TodayKind::ToPlace);
    assert_eq!(row.expect("a to-be-placed item").title, "张伟");
    let form = MoveForm { unit: Some(new), on, relation: domain::codes::Relation::from_code("FRIEND"), ..MoveForm::default() };
    li.ask(MoveResident { residency, form });
    li.sync();
    let view = li.person(person);
    assert_eq!(view.residencies.len(), 1, "one registration");
    assert_eq!(view.residencies[0].stays.len(), 1, "the old stay belongs to the old village");
    world.account("station", domain::access::Role::Coordinator, &[DONG, XI], "");
    let station = world.phone_of("station");
    station.sync();
    assert_eq!(station.person(person).residencies[0].stays.len(), 2, "whoever may see both villages sees both stays");
    station.expect_same();
    assert_eq!(view.residencies[0].registered_on, registered_on, "continuity intact (check 7)");
    assert_eq!(view.residencies[0].standing, Standing::Active);
    li.expect_same();
    wang.sync();
    wang.expect_same();
}

#[test]
fn a_move_between_own_homes_keeps_the_registration() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (old, new) = (wang.home(DONG, "12号", "13905700099", ""), wang.home(DONG, "14号", "13905700099", "201"));
    let saved = wang.register(old, "张伟", &world.document());
    let residency = saved.residency.expect("a registration");
    world.time.pass_days(1);
    let on = wang.ask(ui_protocol::session::Status {}).today;
    let form = MoveForm {
        unit: Some(new),
        on,
        relation: domain::codes::Relation::from_code("LESSEE"),
        lessee: true,
        ..MoveForm::default()
    };
    wang.ask(MoveResident { residency, form });
    wang.sync();
    let view = wang.person(saved.person.expect("a person"));
    assert_eq!((view.residencies.len(), view.residencies[0].stays.len()), (1, 2));
    assert!(view.residencies[0].stays[0].home.contains("14"), "the open stay comes first");
    wang.expect_same();
}

#[test]
fn an_edit_made_while_the_person_was_handed_over_still_arrives() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let second = world.phone_of("wang");
    let li = world.coordinator("li", XI);
    let home = wang.home(DONG, "12号", "13905700099", "");
    let saved = wang.register(home, "张伟", &world.document());
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    wang.sync();
    second.sync();

    second.online(false);
    let mut form = second.person(person).form;
    form.phone = "13905700077".to_owned();
    second.ask(ui_protocol::people::ChangeResident { person, form, draft: None });
    let on = wang.ask(ui_protocol::session::Status {}).today;
    wang.ask(HandOver { residency, area: XI.to_owned(), on, note: String::new() });
    wang.sync();
    second.online(true);
    let status = second.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0), "its base was in scope before the exit: merged, write-only");
    assert!(second.find("张伟").is_empty());
    li.sync();
    assert_eq!(li.person(person).phone, "13905700077", "the edit is not lost");
    li.expect_same();
}
