//! A family registered in a row: what the home offers, what goes along to the next member, and what never does.

use domain::codes::{IntendedStay, Reason, Relation};
use domain::form::parse_date;
use ui_protocol::ErrorCode;
use ui_protocol::people::{Adult, NewResident, SaveResident};
use ui_protocol::units::Unit;
use workspace_tests::World;
use workspace_tests::world::{DONG, XI};

#[test]
fn a_home_offers_what_it_knows_and_a_family_shares_its_door_and_its_days() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "318号", "13905700099", "101");
    let offers = wang.ask(NewResident { unit: home });
    let today = wang.ask(ui_protocol::session::Status {}).today;
    assert!(offers.form.room.is_some(), "a home with one room has no other");
    assert_eq!((offers.form.arrival_on.as_str(), offers.form.declared_on.as_str()), (today.as_str(), today.as_str()));
    assert_eq!((offers.form.reason, offers.form.relation, offers.has_lessee), (None, None, false), "nothing is said for anybody");
    assert_eq!(offers.reasons.first(), Some(&Reason::Working));
    assert!(offers.adults.is_empty());

    let mut mother = wang.resident_form(home, "饶小燕", &world.document());
    mother.room = offers.form.room;
    mother.reason = Some(Reason::Trading);
    mother.intended = Some(IntendedStay::TwoYears);
    let save = |form| wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
    save(mother.clone());
    let offers = wang.ask(NewResident { unit: home });
    assert_eq!((offers.reasons[0], offers.stays[0], offers.has_lessee), (Reason::Trading, IntendedStay::TwoYears, true));
    assert_eq!(
        offers.adults,
        [Adult { name: "饶小燕".to_owned(), phone: mother.phone.clone(), room: mother.room }],
        "the adult just registered"
    );

    let mut child = mother.next_of_family(parse_date(&today).expect("today"));
    assert!(child.doc_no.is_empty() && child.phone.is_empty() && child.name.is_empty() && child.hukou_region.is_empty());
    assert_eq!((child.relation, child.lessee, child.room), (Some(Relation::Family), false, mother.room));
    let first17 = "36012120180501402";
    child.doc_no = format!("{first17}{}", domain::id_document::check_digit(first17).expect("seventeen digits"));
    child.name = "饶小宝".to_owned();
    child.birth = "2018-05-01".to_owned();
    child.sex = domain::codes::Sex::from_code("2");
    child.hukou_region = "360121".to_owned();
    child.phone_none = Some(domain::codes::PhoneNoneReason::Child);
    let error = wang
        .try_ask(SaveResident { form: child.clone(), although_known: false, returning: None, draft: None })
        .expect_err("a child under sixteen is registered by somebody");
    assert_eq!(error.code, ErrorCode::Form);
    assert!(error.problems.iter().any(|problem| problem.field == "guardian_name"), "{:?}", error.problems);
    child.guardian_name = offers.adults[0].name.clone();
    child.guardian_phone = offers.adults[0].phone.clone();
    let saved = save(child);

    let view = wang.person(saved.person.expect("a person"));
    assert_eq!(view.guardian, format!("饶小燕 {}", mother.phone));
    assert_eq!(view.form.reason, Some(Reason::Trading), "shared with the mother");
    let offers = wang.ask(NewResident { unit: home });
    assert_eq!(offers.adults.len(), 1, "a child is nobody's guardian");
    let room = wang.ask(Unit { id: home }).rooms.into_iter().find(|room| room.id == mother.room).expect("the room");
    let lessees: Vec<_> = room.people.iter().filter(|who| who.lessee).map(|who| who.name.as_str()).collect();
    assert_eq!((room.people.len(), lessees), (2, vec!["饶小燕"]), "one tenancy, written by 是承租人");
    assert_eq!(wang.sync().refused_open, 0);
}

#[test]
fn a_home_of_another_village_offers_nothing() {
    let world = World::new();
    let li = world.coordinator("li", XI);
    let home = li.home(XI, "1号", "13905700098", "");
    li.sync();
    let wang = world.coordinator("wang", DONG);
    wang.sync();
    let error = wang.try_ask(NewResident { unit: home }).expect_err("not on this device");
    assert_eq!(error.code, ErrorCode::NotFound);
}
