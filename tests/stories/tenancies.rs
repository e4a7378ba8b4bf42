//! Who rents a home: written with the registration, ended with the departure, the move or the home; firms by hand.

use domain::RecordId;
use domain::codes::{CancelReason, Relation, UnitCloseReason, UnitStatus};
use domain::residency::{CancelForm, MoveForm};
use domain::tenancy::{FirmForm, TenancyEnd};
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::history::History;
use ui_protocol::people::{CancelResidency, ChangeResident, MoveResident, SaveResident, UndoMistake};
use ui_protocol::tenancies::{AddFirm, EndTenancy, Tenant, Tenants};
use ui_protocol::units::{SetUnitState, Unit};
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

fn tenants(actor: &Actor, unit: RecordId) -> Tenants {
    actor.ask(Unit { id: unit }).tenants
}

fn names(tenants: &[Tenant]) -> Vec<&str> {
    tenants.iter().map(|tenant| tenant.name.as_str()).collect()
}

fn nothing_refused(actor: &Actor) {
    assert_eq!(actor.ask(Attention {}).refused, []);
}

#[test]
fn a_tick_writes_the_tenancy_and_a_departure_ends_it() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = wang.home(DONG, "12号", "13905700099", "101");
    let zhang = wang.register(unit, "张伟", &world.document());
    let mut wife = wang.resident_form(unit, "李娜", &world.document());
    (wife.relation, wife.lessee) = (Some(Relation::Family), false);
    wang.ask(SaveResident { form: wife, although_known: false, returning: None, draft: None });
    let now = tenants(&wang, unit).now;
    assert_eq!((names(&now), now[0].from.as_str(), now[0].tenancy.is_some()), (vec!["张伟"], "2026-11-23", true));
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    assert_eq!(names(&tenants(&li, unit).now), ["张伟"], "it travels with the village");
    let told = li.ask(History { id: unit }).lines;
    assert!(told.iter().any(|line| line.kind == "tenancy" && line.about == "张伟"), "{told:?}");

    world.time.pass_days(30);
    let today = li.ask(ui_protocol::session::Status {}).today;
    let form = CancelForm { reason: Some(CancelReason::Left), left_on: today.clone(), note: "本人说回老家".into() };
    li.ask(CancelResidency { residency: zhang.residency.expect("a registration"), form });
    let after = tenants(&li, unit);
    assert_eq!((names(&after.now), names(&after.earlier)), (vec![], vec!["张伟"]));
    assert_eq!((after.earlier[0].to.as_str(), after.earlier[0].reason), (today.as_str(), Some(TenancyEnd::Left)));
    li.sync();
    nothing_refused(&li);
    wang.sync();
    assert_eq!(tenants(&wang, unit).earlier.len(), 1);
    wang.expect_same();
    li.expect_same();
}

#[test]
fn who_moves_rents_elsewhere_and_who_changes_rooms_goes_on_renting() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (first, second) = (wang.home(DONG, "12号", "13905700099", "101,102"), wang.home(DONG, "14号", "13905700098", ""));
    let person = wang.register(first, "张伟", &world.document()).person.expect("a person");
    let residency = wang.person(person).residencies[0].id;
    let room = wang.ask(Unit { id: first }).rooms[1].id;
    let moving = |unit, room, lessee| MoveResident {
        residency,
        form: MoveForm { unit: Some(unit), room, on: "2026-11-23".into(), relation: Some(Relation::Lessee), lessee },
    };
    wang.ask(moving(first, room, true));
    let here = tenants(&wang, first);
    assert_eq!((here.now.len(), here.earlier.len()), (1, 0), "another room, the same home: one tenancy");
    wang.ask(moving(second, None, true));
    let (left, there) = (tenants(&wang, first), tenants(&wang, second));
    assert_eq!((left.now.len(), left.earlier[0].reason), (0, Some(TenancyEnd::Moved)));
    assert_eq!(names(&there.now), ["张伟"]);
    // He was not the tenant after all, and then he was.
    let mut form = wang.person(person).form;
    form.lessee = false;
    wang.ask(ChangeResident { person, form: form.clone(), draft: None });
    let there = tenants(&wang, second);
    assert_eq!((there.now.len(), there.earlier[0].reason), (0, Some(TenancyEnd::NotLessee)));
    form.lessee = true;
    wang.ask(ChangeResident { person, form, draft: None });
    assert_eq!(names(&tenants(&wang, second).now), ["张伟"]);
    // By hand: and the stay does not call him the tenant any more.
    let tenancy = tenants(&wang, second).now[0].tenancy.expect("a tenancy");
    let early =
        wang.try_ask(EndTenancy { tenancy, to: "2026-01-01".into(), reason: TenancyEnd::Expired }).expect_err("before it began");
    assert_eq!(early.code, ErrorCode::Form);
    wang.ask(EndTenancy { tenancy, to: "2026-11-23".into(), reason: TenancyEnd::Expired });
    assert_eq!(tenants(&wang, second).now, []);
    let again =
        wang.try_ask(EndTenancy { tenancy, to: "2026-11-23".into(), reason: TenancyEnd::Expired }).expect_err("it is over");
    assert_eq!(again.code, ErrorCode::Stale);
    wang.sync();
    nothing_refused(&wang);
    wang.expect_same();
}

#[test]
fn a_firm_rents_until_the_home_is_closed_and_a_mistake_goes_with_its_person() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let chen = world.landlord("chen", "13905700099");
    let unit = wang.home(DONG, "12号", "13905700099", "");
    let form = FirmForm { name: " 常山胡柚食品厂 ".into(), from: "2026-11-01".into() };
    wang.ask(AddFirm { unit, form });
    let empty = wang.try_ask(AddFirm { unit, form: FirmForm::default() }).expect_err("nameless");
    assert_eq!(empty.problems.len(), 2);
    let now = tenants(&wang, unit).now;
    assert_eq!((names(&now), now[0].person, now[0].from.as_str()), (vec!["常山胡柚食品厂"], None, "2026-11-01"));
    let mistake = wang.register(unit, "张伟", &world.document()).person.expect("a person");
    assert_eq!(tenants(&wang, unit).now.len(), 2);
    wang.ask(UndoMistake { record: mistake });
    assert_eq!(tenants(&wang, unit).now.len(), 1, "registered by mistake, rented by mistake");
    wang.sync();
    nothing_refused(&wang);
    chen.sync();
    assert_eq!(tenants(&chen, unit), Tenants::default(), "a landlord receives none of it");
    wang.ask(SetUnitState { id: unit, state: UnitStatus::Closed, reason: Some(UnitCloseReason::Sold) });
    let after = tenants(&wang, unit);
    assert_eq!((after.now.len(), after.earlier[0].reason), (0, Some(TenancyEnd::Closed)));
    wang.sync();
    nothing_refused(&wang);
    wang.expect_same();
}
