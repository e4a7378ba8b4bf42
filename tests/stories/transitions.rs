//! Every step a phone offers, from every state (`domain.md` §8): what the design lists is saved, everything else is refused with
//! a code the screen has a sentence for, and nothing of it is saved. A card's table is `card_steps.rs`. Which command is whose stands
//! in `authorisation.rs`.

use domain::RecordId;
use domain::checklist::{Answer, Item};
use domain::codes::{CancelReason, Relation, UnitCloseReason, UnitStatus};
use domain::hazard::{HandedTo, HazardState};
use domain::inspection::{HazardForm, Outcome};
use domain::report::ReportForm;
use domain::residency::{CancelForm, MoveForm};
use sync_server::demo::Pen;
use sync_server::register::Rules;
use ui_protocol::ErrorCode;
use ui_protocol::people::{CancelResidency, ChangeResident, HandOver, MoveResident, Standing};
use ui_protocol::reports::{Report, ReportState, ReturnReport, SaveReport, VerifyReport, WithdrawReport};
use ui_protocol::safety::{CheckForm, HandOverHazard, Hazard, RecheckHazard, SaveCheck};
use ui_protocol::session::Status;
use ui_protocol::units::SetUnitState;
use ui_protocol::withdrawals::TakeBack;
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

const PHONE: &str = "13905700099";

/// A step, and what it is called.
type Named<'s> = (&'s str, &'s dyn Fn(RecordId) -> Result<(), ErrorCode>);

fn code<T>(answer: Result<T, ui_protocol::UiError>) -> Result<(), ErrorCode> {
    answer.map(|_| ()).map_err(|error| error.code)
}

/// A refused step leaves nothing waiting.
fn refused_saves_nothing(actor: &Actor, what: &str, step: impl FnOnce() -> Result<(), ErrorCode>) -> Result<(), ErrorCode> {
    let before = actor.status().waiting;
    let answer = step();
    assert_eq!(answer.is_err(), actor.status().waiting == before, "{what}: a refused step saves nothing");
    answer
}

#[test]
fn a_home_goes_from_state_to_state_as_the_forms_offer() {
    use UnitStatus::{Closed, Paused, Pending, Registered};
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let set = |id, state, reason| code(wang.try_ask(SetUnitState { id, state, reason }));
    let mut plate = 0;
    let mut home = |state: UnitStatus| {
        plate += 1;
        let id = wang.home(DONG, &format!("{plate}号"), PHONE, "");
        let way: &[UnitStatus] = match state {
            Pending => &[],
            Registered => &[Registered],
            Paused => &[Registered, Paused],
            Closed => &[Closed],
        };
        for step in way {
            set(id, *step, Some(UnitCloseReason::Other)).expect("on its way");
        }
        id
    };
    for was in UnitStatus::ALL {
        for to in UnitStatus::ALL {
            let id = home(*was);
            let expected = match (*was, *to) {
                (Pending | Paused, Registered) | (Registered, Paused) | (Pending | Registered | Paused, Closed) => Ok(()),
                _ => Err(ErrorCode::Stale),
            };
            let name = format!("{was:?} to {to:?}");
            let answer = refused_saves_nothing(&wang, &name, || set(id, *to, Some(UnitCloseReason::Sold)));
            assert_eq!(answer, expected, "{name}");
        }
    }
    let id = home(Registered);
    assert_eq!(set(id, Closed, None), Err(ErrorCode::Form), "why is it closed?");
    wang.register(id, "张伟", &world.document());
    assert_eq!(set(id, Closed, Some(UnitCloseReason::Sold)), Err(ErrorCode::InUse), "somebody lives there");
    assert_eq!(set(id, Paused, None), Ok(()));
    assert_eq!(wang.sync().refused_open, 0, "and the server took every one of them");
}

#[test]
fn a_report_is_decided_once() {
    use ReportState::{Accepted, Local, Received, Returned, Withdrawn};
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", PHONE, "");
    wang.sync();
    let chen = world.landlord("chen", PHONE);
    let verify = |id| {
        let resident = wang.try_ask(Report { id }).ok().and_then(|report| report.resident).map(|mut form| {
            form.hukou_region = "360121".to_owned();
            form.reason = domain::codes::Reason::from_code("204");
            form.intended = domain::codes::IntendedStay::from_code("4");
            form.relation = Some(Relation::Lessee);
            form
        });
        let ask = VerifyReport { id, resident, leaving: None, cancel: None, although_known: false, returning: None };
        code(wang.try_ask(ask))
    };
    let send_back = |id| code(wang.try_ask(ReturnReport { id, reason: "门上没有这个人".to_owned() }));
    let withdraw = |id| code(chen.try_ask(WithdrawReport { id }));
    let brought_to = |state: ReportState| {
        let form = ReportForm {
            unit: Some(home),
            name: "刘洋".to_owned(),
            doc_no: world.document(),
            phone: "13905700055".to_owned(),
            event_on: "2026-11-23".to_owned(),
            ..ReportForm::default()
        };
        let id = chen.ask(SaveReport { form, draft: None }).id;
        if state != Local {
            chen.sync();
            wang.sync();
        }
        match state {
            Accepted => verify(id).expect("on its way"),
            Returned => send_back(id).expect("on its way"),
            Withdrawn => withdraw(id).expect("on its way"),
            _ => {}
        }
        if state != Local {
            for actor in [&wang, &chen, &wang] {
                actor.sync();
            }
        }
        assert_eq!(chen.ask(Report { id }).row.state, state);
        id
    };
    for state in [Local, Received, Accepted, Returned, Withdrawn] {
        let (his, hers) = match state {
            // Nobody but its reporter has it yet.
            Local => (Ok(()), Err(ErrorCode::NotFound)),
            Received => (Ok(()), Ok(())),
            _ => (Err(ErrorCode::Stale), Err(ErrorCode::Stale)),
        };
        let id = brought_to(state);
        assert_eq!(refused_saves_nothing(&wang, "verify", || verify(id)), hers, "verified when {state:?}");
        let id = brought_to(state);
        assert_eq!(refused_saves_nothing(&wang, "return", || send_back(id)), hers, "sent back when {state:?}");
        let id = brought_to(state);
        assert_eq!(refused_saves_nothing(&chen, "withdraw", || withdraw(id)), his, "withdrawn when {state:?}");
    }
    for actor in [&chen, &wang, &chen] {
        assert_eq!(actor.sync().refused_open, 0);
    }
}

#[test]
fn only_a_standing_registration_is_changed_moved_handed_over_and_ended() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (old, new) = (wang.home(DONG, "12号", PHONE, ""), wang.home(DONG, "14号", PHONE, ""));
    let today = wang.ask(Status {}).today;
    let cancel = |residency| {
        let form = CancelForm { reason: Some(CancelReason::Left), left_on: today.clone(), note: "房间已空".to_owned() };
        code(wang.try_ask(CancelResidency { residency, form }))
    };
    // Another note each time: the same words again are nothing to save.
    let hand = |residency| {
        code(wang.try_ask(HandOver { residency, area: XI.to_owned(), on: today.clone(), note: world.time.now().to_string() }))
    };
    let place = |residency| {
        let form = MoveForm { unit: Some(new), on: today.clone(), relation: Some(Relation::Friend), ..MoveForm::default() };
        code(wang.try_ask(MoveResident { residency, form }))
    };
    let change = |person| {
        let mut form = wang.person(person).form;
        form.phone = "13905700077".to_owned();
        code(wang.try_ask(ChangeResident { person, form, draft: None }))
    };
    let brought_to = |standing: Standing| -> (RecordId, RecordId) {
        let saved = wang.register(old, "张伟", &world.document());
        let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
        match standing {
            Standing::ToPlace => hand(residency).expect("on its way"),
            Standing::Cancelled => cancel(residency).expect("on its way"),
            _ => {}
        }
        assert_eq!(wang.person(person).residencies[0].standing, standing);
        (person, residency)
    };
    for standing in [Standing::Active, Standing::ToPlace, Standing::Cancelled] {
        let expected = if standing == Standing::Cancelled { Err(ErrorCode::Stale) } else { Ok(()) };
        let steps: [Named<'_>; 3] = [("moved", &place), ("handed over", &hand), ("ended", &cancel)];
        for (name, step) in steps {
            let (_, residency) = brought_to(standing);
            assert_eq!(refused_saves_nothing(&wang, name, || step(residency)), expected, "{name} when {standing:?}");
        }
        // A wrong phone number of somebody who left is put right all the same.
        let (person, _) = brought_to(standing);
        assert_eq!(change(person), Ok(()), "changed when {standing:?}");
    }
    assert_eq!(wang.sync().refused_open, 0, "and the server took every one of them, the second hand-over too");
}

/// A hazard in a home of its own, in a state; one that no form leaves so comes from a phone of another version.
fn hazard_in(world: &World, wang: &Actor, plate: usize, state: HazardState) -> RecordId {
    let unit = wang.home(DONG, &format!("{plate}号"), PHONE, "");
    if state == HazardState::Open {
        wang.sync();
        let mut pen = Pen::new(&world.core, "wang").expect("a device");
        pen.sync().expect("pulls");
        let rules = world.core.look(|view| Ok(Rules::load(view)?)).expect("rules");
        let found = [(Item::Rq02, HazardForm::default())];
        let mut made = sync_server::demo::check(&pen, &rules, unit, world.core.now_unix_ms(), vec![], &found);
        made.drafts[1].groups.get_mut("state").expect("a state").insert("state".to_owned(), HazardState::Open.code().into());
        pen.save(made.drafts);
        pen.sync().expect("an answer");
        wang.sync();
        return made.hazards[0];
    }
    let (outcome, handed_to) = match state {
        HazardState::FixedOnSpot => (Outcome::FixedOnSpot, None),
        HazardState::HandedOver => (Outcome::HandedOver, Some(HandedTo::Fire)),
        _ => (Outcome::Noticed, None),
    };
    let mut form = wang.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    form.answers.insert(Item::Rq02.code().into(), Answer::Fail);
    form.hazards.insert(Item::Rq02.code().into(), HazardForm { outcome, handed_to, ..HazardForm::default() });
    let id = wang.ask(SaveCheck { unit, form, draft: None }).opened[0];
    if let HazardState::Recheck | HazardState::Closed = state {
        wang.ask(RecheckHazard { id, fixed: state == HazardState::Closed, note: String::new() });
    }
    id
}

/// §2.3 on the phone: what whoever stands before it may do about a hazard, from each of its states. By who found it and by the colleague
/// of the same village; the neighbour's coordinator has never heard of it, and it is no landlord's.
#[test]
fn a_hazard_takes_what_its_state_allows_from_those_who_may_look() {
    use HazardState::{Closed, FixedOnSpot, HandedOver, Noticed, Open, Recheck};
    let world = World::new();
    let (wang, sun, li) = (world.coordinator("wang", DONG), world.coordinator("sun", DONG), world.coordinator("li", XI));
    let chen = world.landlord("chen", PHONE);
    let mended = |actor: &Actor, id| code(actor.try_ask(RecheckHazard { id, fixed: true, note: String::new() }));
    let not_mended = |actor: &Actor, id| code(actor.try_ask(RecheckHazard { id, fixed: false, note: String::new() }));
    // Another note each time: the same words again are nothing to save.
    let handed = |actor: &Actor, id| {
        let note = world.time.now().to_string();
        code(actor.try_ask(HandOverHazard { id, to: HandedTo::Township, note }))
    };
    let taken_back = |actor: &Actor, id| code(actor.try_ask(TakeBack { id, note: String::new() }));
    type Step<'s> = (&'s str, &'s dyn Fn(&Actor, RecordId) -> Result<(), ErrorCode>);
    let steps: [Step<'_>; 4] =
        [("mended", &mended), ("not mended", &not_mended), ("handed over", &handed), ("taken back", &taken_back)];
    let stale = Err(ErrorCode::Stale);
    let rows: [(HazardState, [Result<HazardState, ErrorCode>; 3]); 6] = [
        (Open, [Ok(FixedOnSpot), Ok(Noticed), Ok(HandedOver)]),
        (Noticed, [Ok(Closed), Ok(Recheck), Ok(HandedOver)]),
        (Recheck, [Ok(Closed), Ok(Recheck), Ok(HandedOver)]),
        // Whoever took it over has it until it is mended; that somebody looked is kept.
        (HandedOver, [Ok(Closed), Ok(HandedOver), Ok(HandedOver)]),
        (FixedOnSpot, [stale, stale, stale]),
        (Closed, [stale, stale, stale]),
    ];
    let mut plate = 0;
    for (was, leads) in rows {
        // A hazard is mended, not taken back: it went with its check.
        for ((name, step), expected) in steps.iter().zip(leads.into_iter().chain([Err(ErrorCode::NotFound)])) {
            for actor in [&wang, &sun] {
                plate += 1;
                let id = hazard_in(&world, &wang, plate, was);
                for phone in [&wang, &sun, &li, &chen] {
                    phone.sync();
                }
                assert_eq!(wang.ask(Hazard { id }).row.state, was, "brought to where the row begins");
                for (other, refusal) in [(&li, ErrorCode::NotFound), (&chen, ErrorCode::NotAllowed)] {
                    assert_eq!(refused_saves_nothing(other, name, || step(other, id)), Err(refusal), "{name} from {was:?}");
                }
                let before = actor.ask(Hazard { id });
                let answer = refused_saves_nothing(actor, name, || step(actor, id));
                assert_eq!(answer, expected.map(|_| ()), "{name} from {was:?}");
                let after = actor.ask(Hazard { id });
                assert_eq!(after.row.state, expected.unwrap_or(was), "{name} from {was:?}");
                match expected {
                    Ok(to) => assert!(to == was || before.may.contains(&to), "the page offers it: {name} from {was:?}"),
                    Err(_) => assert_eq!(after, before, "{name} from {was:?}: refused, it stays as it was"),
                }
            }
        }
    }
    for phone in [&wang, &sun, &wang] {
        assert_eq!(phone.sync().refused_open, 0, "the server took every one of them");
        phone.expect_same();
    }
}
