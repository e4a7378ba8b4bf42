//! What may happen to a card from each of its states, under both packs, by everybody (`domain.md` §8.2): at the door by a coordinator, at
//! the counter by the station; never by a landlord, the neighbour's coordinator or the bureau. What is refused changes nothing.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::county::PolicyChoice;
use domain::permit::{EndReason, EventForm, Issued, PermitEventKind as E, PermitFact, PermitKind, PermitWho};
use domain::permit_standing::Standing as Card;
use domain::{RecordId, kind};
use sync_server::demo::Pen;
use ui_protocol::desk::{DecidePermit, PermitStep};
use ui_protocol::permits::{NotePermit, PermitView, TakeBackNote};
use ui_protocol::{DeskCommand, ErrorCode};
use workspace_tests::world::{PASSWORD, XI};
use workspace_tests::{Actor, World};

use crate::permits::{go_to, holder, permits, someone};

/// Which card.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Law {
    /// Endorsed year by year, issued on 25 May 2027.
    Yearly2016,
    /// Six months, issued on 23 November 2026.
    Temporary2009,
    /// Nine years, issued on 23 November 2026.
    Nine2009,
}
use Law::{Nine2009, Temporary2009, Yearly2016};

/// A card in one of its states, and what may happen to it then.
struct Row {
    law: Law,
    today: &'static str,
    standing: Card,
    /// Another one was asked for and is not made yet.
    replace: bool,
    /// By a coordinator.
    door: &'static [E],
    /// By the station.
    counter: &'static [E],
}

const fn row(law: Law, today: &'static str, standing: Card, door: &'static [E], counter: &'static [E]) -> Row {
    Row { law, today, standing, replace: false, door, counter }
}

const ROWS: [Row; 14] = [
    row(Yearly2016, "2027-05-25", Card::ToHandOut, &[E::HandOut, E::Cancel], &[E::HandOut, E::Cancel]),
    row(Yearly2016, "2027-06-01", Card::Valid, CHANGES, CHANGES),
    Row {
        replace: true,
        ..row(
            Yearly2016,
            "2027-06-01",
            Card::Valid,
            &[E::AddressChange, E::EmployerChange, E::Cancel],
            &[E::AddressChange, E::EmployerChange, E::Reissue, E::Cancel],
        )
    },
    row(Yearly2016, "2028-05-01", Card::EndorseDue, ENDORSED, ENDORSED),
    row(Yearly2016, "2028-07-04", Card::Suspended, ENDORSED, ENDORSED),
    row(Yearly2016, "2027-06-01", Card::Ended, &[], &[]),
    row(Temporary2009, "2026-11-23", Card::ToHandOut, &[E::HandOut, E::Cancel], &[E::HandOut, E::Renew, E::Cancel]),
    // What stands on a temporary card is not changed; it is short.
    row(Temporary2009, "2026-12-01", Card::Valid, &[E::ReplaceDamaged, E::ReplaceLost, E::Cancel], TEMPORARY),
    row(Temporary2009, "2027-06-01", Card::Expired, &[], &[E::Renew, E::Cancel]),
    row(Temporary2009, "2026-12-01", Card::Ended, &[], &[]),
    row(Nine2009, "2026-11-23", Card::ToHandOut, &[E::HandOut, E::Cancel], &[E::HandOut, E::Cancel]),
    row(Nine2009, "2026-12-01", Card::Valid, CHANGES, CHANGES),
    row(Nine2009, "2035-12-01", Card::Expired, &[], &[E::Cancel]),
    row(Nine2009, "2026-12-01", Card::Ended, &[], &[]),
];
const CHANGES: &[E] = &[E::AddressChange, E::EmployerChange, E::ReplaceDamaged, E::ReplaceLost, E::Cancel];
const ENDORSED: &[E] = &[E::Endorse, E::AddressChange, E::EmployerChange, E::ReplaceDamaged, E::ReplaceLost, E::Cancel];
const TEMPORARY: &[E] = &[E::ReplaceDamaged, E::ReplaceLost, E::Renew, E::Cancel];

/// A county with that card in somebody's hands.
fn handed_out(law: Law) -> (World, Actor, RecordId, RecordId) {
    if law == Yearly2016 {
        return holder();
    }
    let (world, wang, person) = someone();
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    world.core.choose_policy(choice).expect("a choice");
    wang.sync();
    let (kind, valid_until, card_no) = match law {
        Temporary2009 => (PermitKind::Temporary, "2027-05-23", ""),
        // From before this register: nobody waits three years here.
        _ => (PermitKind::Residence, "2035-11-23", "330822000124"),
    };
    let issued = Issued {
        kind,
        on: "2026-11-23".to_owned(),
        valid_until: valid_until.to_owned(),
        continuity_start: "2026-11-23".to_owned(),
        pack: "zj-2009".to_owned(),
        card_no: card_no.to_owned(),
    };
    let who = PermitWho { person, residency: wang.person(person).residencies[0].id, application: None };
    let mut zhou = station(&world);
    let draft = zhou.create(kind::PERMIT).with("who", &who).with("issued", &issued);
    let permit = draft.record;
    zhou.save(vec![draft]);
    zhou.sync().expect("an answer");
    wang.sync();
    note(&wang, permit, E::HandOut, "2026-11-23").expect("handed out");
    wang.sync();
    (world, wang, person, permit)
}

/// A device of the station's.
fn station(world: &World) -> Pen {
    let mut zhou = Pen::new(&world.core, "zhou").expect("a device");
    zhou.sync().expect("pulls");
    zhou
}

fn note(actor: &Actor, permit: RecordId, what: E, today: &str) -> Result<RecordId, ErrorCode> {
    let reason = (what == E::Cancel).then_some(EndReason::Surrendered);
    let since = if what.is_change() { today.to_owned() } else { String::new() };
    let form = EventForm { what, since, reason, ..EventForm::default() };
    actor.try_ask(NotePermit { permit, form }).map(|saved| saved.id).map_err(|error| error.code)
}

/// The same at the counter; none where the counter knows no such step.
fn decide(world: &World, login: &str, permit: RecordId, what: E, today: &str) -> Option<Result<(), ErrorCode>> {
    let step = match what {
        E::HandOut => PermitStep::HandOut,
        E::Endorse => PermitStep::Endorse,
        E::AddressChange => PermitStep::ChangeAddress,
        E::EmployerChange => PermitStep::ChangeEmployer,
        E::ReplaceDamaged => PermitStep::Damaged,
        E::ReplaceLost => PermitStep::Lost,
        E::Reissue => PermitStep::Reissue,
        E::Renew => PermitStep::Renew,
        E::Cancel => PermitStep::End,
        E::Withdraw => return None,
    };
    world.time.pass_ms(1000);
    let (token, _) = world.core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let (reason, since) = ((step == PermitStep::End).then_some(EndReason::Surrendered), today.to_owned());
    let ask = DecidePermit { id: permit, step, note: String::new(), months: Some(12), reason, since };
    Some(world.core.desk(&caller, DeskCommand::DecidePermit(ask)).map(|_| ()).map_err(|error| error.code))
}

fn card(actor: &Actor, person: RecordId, permit: RecordId) -> PermitView {
    permits(actor, person).permits.into_iter().find(|card| card.id == permit).expect("the card")
}

fn events(world: &World, permit: RecordId) -> BTreeSet<RecordId> {
    let found = world.core.look(|view| Ok(view.referrers(permit, kind::PERMIT_EVENT)?)).expect("looks");
    found.into_iter().map(|event| event.id).collect()
}

#[test]
fn a_card_takes_what_its_state_allows_at_the_door_and_at_the_counter() {
    for Row { law, today, standing, replace, door, counter } in ROWS {
        let (world, wang, person, permit) = handed_out(law);
        world.account("bureau", Role::Admin, &[], "");
        let (li, chen) = (world.coordinator("li", XI), world.landlord("chen", "13905700099"));
        if standing == Card::ToHandOut {
            let event = card(&wang, person, permit).events[0].id;
            wang.ask(TakeBackNote { event });
        }
        go_to(&world, today);
        if standing == Card::Ended {
            note(&wang, permit, E::Cancel, today).expect("on its way");
        }
        if replace {
            note(&wang, permit, E::ReplaceLost, today).expect("on its way");
        }
        wang.sync();
        let begins = card(&wang, person, permit);
        let name = format!("{law:?}, {standing:?}");
        assert_eq!((begins.standing, begins.replace.is_some()), (standing, replace), "{name}");
        for what in E::ALL.iter().copied() {
            let name = format!("{what:?} when {name}");
            let known = events(&world, permit);
            for (phone, refusal) in [(&li, ErrorCode::NotFound), (&chen, ErrorCode::NotAllowed)] {
                assert_eq!(note(phone, permit, what, today), Err(refusal), "{name}");
                assert_eq!(phone.status().waiting, 0, "{name}: a refused step saves nothing");
            }
            let bureau = decide(&world, "bureau", permit, what, today);
            assert!(bureau.is_none_or(|answer| answer == Err(ErrorCode::NotAllowed)), "{name}: the bureau makes no cards");
            assert_eq!(events(&world, permit), known, "{name}");

            let at_the_door = note(&wang, permit, what, today);
            let expected = if door.contains(&what) { Ok(()) } else { Err(ErrorCode::Stale) };
            assert_eq!(at_the_door.map(|_| ()), expected, "{name}, at the door");
            if let Ok(event) = at_the_door {
                wang.sync();
                wang.ask(TakeBackNote { event });
            }
            assert_eq!(wang.sync().refused_open, 0, "{name}, at the door");
            assert_eq!(card(&wang, person, permit), begins, "{name}, at the door and taken back");

            let known = events(&world, permit);
            let Some(at_the_counter) = decide(&world, "zhou", permit, what, today) else { continue };
            let expected = if counter.contains(&what) { Ok(()) } else { Err(ErrorCode::Stale) };
            assert_eq!(at_the_counter, expected, "{name}, at the counter");
            let made: Vec<RecordId> = events(&world, permit).difference(&known).copied().collect();
            assert_eq!(made.len(), usize::from(expected.is_ok()), "{name}, at the counter");
            for event in made {
                let mut zhou = station(&world);
                let back = PermitFact { withdraws: Some(event), ..PermitFact::new(permit, E::Withdraw, today) };
                zhou.save(vec![zhou.create(kind::PERMIT_EVENT).with("fact", &back)]);
                zhou.sync().expect("an answer");
            }
            wang.sync();
            assert_eq!(card(&wang, person, permit), begins, "{name}, at the counter and taken back");
        }
        wang.expect_same();
    }
}
