//! What happens to a card's holder and has to follow on the card: another home, another employer, a local household, a death. And
//! what is done about it at the counter.

use domain::access::Role;
use domain::codes::{CancelReason, Relation};
use domain::county::PolicyChoice;
use domain::permit::{EndReason, EventForm, PermitEventKind, PermitKind};
use domain::permit_standing::Standing;
use domain::residency::{CancelForm, MoveForm};
use domain::{RecordId, kind};
use ui_protocol::desk::{DecidePermit, ListRecords, PermitStep, RecordPage, RecordView, ViewRecord};
use ui_protocol::people::{CancelResidency, ChangeResident, MoveResident};
use ui_protocol::permits::NotePermit;
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::{Call, DeskCommand, ErrorCode};
use workspace_tests::world::{DONG, PASSWORD};
use workspace_tests::{Actor, World};

use crate::permits::{go_to, holder, note, only, permits};

fn rows(actor: &Actor, kind: TodayKind) -> Vec<(Option<RecordId>, Option<String>)> {
    let groups = actor.ask(Today { kind: Some(kind), ..Today::default() }).groups;
    groups.into_iter().flat_map(|group| group.items).map(|item| (item.record, item.due.map(|due| due.on))).collect()
}

fn at_desk<C: Call<Command = DeskCommand>>(world: &World, call: C) -> Result<C::Reply, ErrorCode> {
    world.time.pass_ms(1000);
    let (token, _) = world.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let handled = world.core.desk(&caller, call.command()).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn step(world: &World, id: RecordId, step: PermitStep, since: &str) -> Result<RecordView, ErrorCode> {
    let ask = DecidePermit { id, step, note: String::new(), months: None, reason: None, since: since.to_owned() };
    at_desk(world, ask)
}

/// The cards the station has something to do about today, with where each stands.
fn cards(world: &World) -> Vec<(RecordId, String)> {
    let states = ["replace", "to_end", "change_due", "suspended", "endorse_due", "to_hand_out"];
    let states = states.map(str::to_owned).to_vec();
    let page: RecordPage =
        at_desk(world, ListRecords { kind: kind::PERMIT.to_owned(), states, ..ListRecords::default() }).expect("a page");
    page.rows.into_iter().map(|row| (row.id, row.state)).collect()
}

fn changed(actor: &Actor, person: RecordId) -> Vec<(PermitEventKind, String)> {
    only(actor, person).changes_due.into_iter().map(|(what, due)| (what, due.on)).collect()
}

#[test]
fn another_home_and_another_employer_are_due_until_they_are_reported_for_the_card() {
    use PermitEventKind::{AddressChange, EmployerChange};
    let (world, wang, person, permit) = holder();
    assert_eq!((changed(&wang, person), cards(&world)), (vec![], vec![]), "as it was when the card was made");

    go_to(&world, "2027-06-08");
    let mut form = wang.person(person).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ChangeResident { person, form: form.clone(), draft: None });
    assert_eq!(changed(&wang, person), [], "another phone is nothing on a card");
    form.employer = "衢州轴承厂".to_owned();
    wang.ask(ChangeResident { person, form: form.clone(), draft: None });
    assert_eq!(changed(&wang, person), [(EmployerChange, "2027-06-18".to_owned())]);
    assert_eq!(rows(&wang, TodayKind::PermitChange), [(Some(person), Some("2027-06-18".to_owned()))]);

    let second_home = wang.home(DONG, "9号", "13905700099", "");
    let residency = wang.person(person).residencies[0].id;
    let moved = MoveForm {
        unit: Some(second_home),
        room: None,
        on: "2027-06-05".to_owned(),
        relation: Some(Relation::Lessee),
        lessee: false,
    };
    wang.ask(MoveResident { residency, form: moved });
    let both = [(AddressChange, "2027-06-15".to_owned()), (EmployerChange, "2027-06-18".to_owned())];
    assert_eq!(changed(&wang, person), both);
    assert_eq!(rows(&wang, TodayKind::PermitChange), [(Some(person), Some("2027-06-15".to_owned()))], "one row, the first day");
    wang.sync();
    assert_eq!(cards(&world), [(permit, "change_due".to_owned())]);
    let desk: RecordView = at_desk(&world, ViewRecord { id: permit }).expect("a card");
    assert_eq!(desk.permit.expect("a card").changes_due, both);

    // One is noted at the door, the other at the counter.
    let told = EventForm { what: EmployerChange, since: "2027-06-01".to_owned(), ..EventForm::default() };
    wang.ask(NotePermit { permit, form: told });
    assert_eq!(changed(&wang, person), both[..1]);
    for wrong in ["", "soon", "2027-06-09"] {
        assert_eq!(step(&world, permit, PermitStep::ChangeAddress, wrong).map(|_| ()), Err(ErrorCode::Form), "{wrong}");
    }
    wang.sync();
    let view = step(&world, permit, PermitStep::ChangeAddress, "2027-06-05").expect("noted");
    assert_eq!((view.row.state.as_str(), view.permit.expect("a card").changes_due), ("handed_out", vec![]));
    wang.sync();
    assert_eq!((changed(&wang, person), rows(&wang, TodayKind::PermitChange)), (vec![], vec![]));
    assert!(only(&wang, person).events.iter().any(|event| event.what == AddressChange && !event.late));
    // A phone that loads everything afresh says the same.
    let second = world.phone_of("wang");
    second.sync();
    assert_eq!((changed(&second, person), rows(&second, TodayKind::PermitChange)), (vec![], vec![]));
    second.expect_same();
}

#[test]
fn a_registration_that_ended_for_good_asks_to_end_the_card() {
    let rows_of = |reason: CancelReason, ends: Option<EndReason>| {
        let (world, wang, person, permit) = holder();
        let residency = wang.person(person).residencies[0].id;
        let form =
            CancelForm { reason: Some(reason), left_on: "2027-05-25".to_owned(), note: "家属告知并出示证明".to_owned() };
        wang.ask(CancelResidency { residency, form });
        assert_eq!(only(&wang, person).to_end, ends, "{reason:?}");
        assert_eq!(rows(&wang, TodayKind::PermitEnd).len(), usize::from(ends.is_some()), "{reason:?}");
        wang.sync();
        let on_desk: Vec<(RecordId, String)> = ends.iter().map(|_| (permit, "to_end".to_owned())).collect();
        assert_eq!(cards(&world), on_desk, "{reason:?}");
        let Some(reason) = ends else { return };
        let form = EventForm { what: PermitEventKind::Cancel, reason: Some(reason), ..EventForm::default() };
        wang.ask(NotePermit { permit, form });
        let card = only(&wang, person);
        assert_eq!((card.standing, card.to_end, rows(&wang, TodayKind::PermitEnd)), (Standing::Ended, None, vec![]));
        wang.sync();
        assert_eq!(cards(&world), []);
    };
    rows_of(CancelReason::Hukou, Some(EndReason::Hukou));
    rows_of(CancelReason::Death, Some(EndReason::Death));
    rows_of(CancelReason::Left, None);
}

#[test]
fn at_the_counter_a_damaged_or_lost_card_is_replaced_in_one_visit() {
    let (world, wang, person, permit) = holder();
    for (taken, state) in [(PermitStep::Damaged, "replace"), (PermitStep::Lost, "replace")] {
        let view = step(&world, permit, taken, "").expect("noted");
        assert_eq!(view.row.state, state, "{taken:?}");
        assert_eq!(step(&world, permit, PermitStep::Lost, "").map(|_| ()), Err(ErrorCode::Stale), "asked for already");
        step(&world, permit, PermitStep::Reissue, "").expect("made anew");
        assert_eq!(cards(&world), [(permit, "to_hand_out".to_owned())]);
        step(&world, permit, PermitStep::HandOut, "").expect("handed out");
        assert_eq!(cards(&world), []);
    }
    wang.sync();
    let events: Vec<PermitEventKind> = only(&wang, person).events.into_iter().map(|event| event.what).collect();
    use PermitEventKind::{HandOut, Reissue, ReplaceDamaged, ReplaceLost};
    assert_eq!(events, [HandOut, Reissue, ReplaceLost, HandOut, Reissue, ReplaceDamaged, HandOut]);

    // The lists of the station say on each day how the card stands on it.
    for (on, state) in [("2028-04-24", None), ("2028-04-25", Some("endorse_due")), ("2028-05-26", Some("suspended"))] {
        go_to(&world, on);
        let expected: Vec<(RecordId, String)> = state.iter().map(|state| (permit, (*state).to_owned())).collect();
        assert_eq!(cards(&world), expected, "{on}");
        let all: RecordPage =
            at_desk(&world, ListRecords { kind: kind::PERMIT.to_owned(), ..ListRecords::default() }).expect("a page");
        assert_eq!(all.rows[0].state, state.unwrap_or("handed_out"), "{on}");
    }
}

/// 2009 Art. 15: the police give the temporary permit at registration, without being asked.
#[test]
fn under_the_county_document_the_station_gives_the_temporary_permit_at_registration() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    let residency = wang.person(person).residencies[0].id;
    let give = |months| {
        let step = PermitStep::IssueTemporary;
        at_desk(&world, DecidePermit { id: residency, step, note: String::new(), months, reason: None, since: String::new() })
    };
    let today = at_desk::<ViewRecord>(&world, ViewRecord { id: residency }).expect("a registration");
    assert_eq!((today.permit, give(Some(12)).map(|_| ())), (None, Err(ErrorCode::NotFound)), "today's law knows no such permit");

    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    world.core.choose_policy(choice).expect("a choice");
    wang.sync();
    let view: RecordView = at_desk(&world, ViewRecord { id: residency }).expect("a registration");
    assert_eq!(view.permit.expect("a step").steps, [PermitStep::IssueTemporary]);
    for wrong in [None, Some(5), Some(37)] {
        assert_eq!(give(wrong).map(|_| ()), Err(ErrorCode::Form), "six months to three years: {wrong:?}");
    }
    let view = give(Some(12)).expect("issued");
    assert_eq!(view.permit, None, "and nobody is given two");
    assert_eq!(give(Some(12)).map(|_| ()), Err(ErrorCode::NotFound));
    wang.sync();
    let card = only(&wang, person);
    assert_eq!((card.kind, card.valid_until.as_str()), (PermitKind::Temporary, "2027-11-23"));
    assert_eq!((card.continuity_start.as_str(), card.no.is_empty()), ("2026-11-23", false));
    assert!(!permits(&wang, person).can_apply, "nothing to ask for");
    note(&wang, card.id, PermitEventKind::HandOut).expect("handed out at the door");
    assert_eq!(wang.sync().refused_open, 0);
}
