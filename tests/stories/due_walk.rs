//! Lists kept up to date change by change say what lists made from nothing say: a walk of everything people do, on any day, in any
//! order, some of it refused. `DOORSTEP_WALKS` sets how many seeds are walked.

use std::collections::BTreeMap;

use domain::RecordId;
use domain::access::Role;
use domain::checklist::Item;
use domain::codes::{CancelReason, IntendedStay, NextSlot, Relation, UnitStatus, VisitPersonResult, VisitResult};
use domain::county::PolicyChoice;
use domain::grade::Grade;
use domain::hazard::HandedTo;
use domain::permit::{ApplyForm, EndReason, EventForm, Ground, Material, PermitEventKind, PermitKind};
use domain::report::ReportForm;
use domain::residency::{CancelForm, MoveForm};
use domain::sweep::{SweepForm, SweepKind};
use domain::tenancy::{FirmForm, TenancyEnd};
use store::drill::{self, DeviceDamage};
use sync_server::clock::SeededDice;
use ui_protocol::attention::{Attention, Choice, SettleConflict, WeighWords};
use ui_protocol::desk::{DecidePermit, PermitStep};
use ui_protocol::people::{
    CancelResidency, ChangeResident, ExtendStay, HandOver, ListPeople, MoveResident, SaveResident, UndoMistake,
};
use ui_protocol::permits::{ApplyPermit, BringMaterials, NotePermit, PermitsOf, PermitsReply, TakeBackNote};
use ui_protocol::photos::{AddPhoto, Photos, PutPhotoBack, WithdrawPhoto};
use ui_protocol::reports::{ListReports, ReturnReport, SaveReport, WithdrawReport};
use ui_protocol::safety::{HandOverHazard, ProposeGrade, RecheckHazard, Safety};
use ui_protocol::session::{Status, SyncNow};
use ui_protocol::station_home::{AnswerGrade, HazardAct, HazardForStation};
use ui_protocol::sweeps::{CloseSweep, SetSweep, Sweeps};
use ui_protocol::tenancies::{AddFirm, EndTenancy};
use ui_protocol::today::Today;
use ui_protocol::units::{ListUnits, MergeHomes, PartHomes, SaveUnit, SetUnitState, Unit, UnitRow};
use ui_protocol::visits::{CorrectAnswer, FinishVisit, NoteVisit, PastVisit, Step, Visit};
use ui_protocol::withdrawals::{LetStand, TakeBack};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

use crate::today::{LANDLORD, check, desk, on};

const WALKS: u64 = 3;
const STEPS: usize = 70;
/// Acts tried in turn until one can be done.
const TRIES: usize = 3;

/// Everything a phone's lists say, without what only says how they were asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Lists {
    today: Vec<String>,
    homes: Vec<UnitRow>,
    rounds: Vec<UnitRow>,
    people: Vec<String>,
    reports: Vec<RecordId>,
}

pub(crate) fn lists(actor: &Actor) -> Lists {
    let today = actor.ask(Today::default());
    assert!(!today.loading, "everything is here");
    let homes = |by_round| {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = actor.ask(ListUnits { after, by_round, ..ListUnits::default() });
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    };
    Lists {
        today: today.groups.iter().map(|group| format!("{group:?}")).chain([format!("{:?}", today.filters)]).collect(),
        homes: homes(false),
        rounds: homes(true),
        people: actor.ask(ListPeople::default()).rows.iter().map(|row| format!("{row:?}")).collect(),
        reports: actor.ask(ListReports::default()).rows.iter().map(|row| row.id).collect(),
    }
}

/// The same after the lists were thrown away and made from the records.
pub(crate) fn made_anew(actor: &mut Actor) -> Lists {
    drill::device(&actor.dir.join(device::FILE), &DeviceDamage::Lists).expect("the lists are gone");
    actor.restart();
    lists(actor)
}

/// Lists kept up to date change by change say what lists made from nothing say, whatever happened, on whatever day.
#[test]
fn a_due_list_kept_up_to_date_equals_one_made_from_nothing() {
    let walks = std::env::var("DOORSTEP_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(WALKS);
    let mut taken = BTreeMap::new();
    for seed in 0..walks {
        walk(seed, &mut taken);
    }
    // An act nobody ever manages would be a walk that only looks long.
    let never: Vec<_> = ACTS.iter().map(|(name, _)| *name).filter(|name| !taken.contains_key(name)).collect();
    assert!(never.is_empty() || walks < WALKS, "in {walks} walks nobody managed to: {never:?}; {taken:?}");
}

fn walk(seed: u64, taken: &mut BTreeMap<&'static str, u64>) {
    let dice = SeededDice::new(seed ^ 0x7061_7472_6f6c);
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let mut phones = [(world.coordinator("wang", DONG), DONG), (world.phone_of("wang"), DONG), (world.coordinator("li", XI), XI)];
    let chen = world.landlord("chen", LANDLORD);
    phones.iter().for_each(|(phone, _)| {
        phone.sync();
    });
    // Homes with people in them, a check, a card asked for and one made.
    for (at, what) in [0, 0, 2, 2, 5, 14, 14, 25].into_iter().enumerate() {
        for (phone, area) in &phones {
            act(&world, &dice, (phone, area), &chen, STEPS + at, what);
        }
    }
    let mut log = Vec::new();
    for step in 0..STEPS {
        let phone = &phones[dice.below(phones.len())];
        world.time.pass_ms(1_000 + dice.below(3_600_000) as i64);
        if dice.below(5) < 2 {
            // What there is nothing for is passed over: the next one, then.
            let first = dice.below(ACTS.len());
            let in_turn = (first..first + TRIES).map(|at| ACTS[at % ACTS.len()]);
            let mut tried = in_turn.map(|(name, act)| (name, act(&world, &dice, &phone.0)));
            let done = tried.find(|(_, done)| *done).map(|(name, _)| name);
            done.into_iter().for_each(|name| *taken.entry(name).or_default() += 1);
            log.push(format!("{step}: {done:?}"));
        } else {
            let what = dice.below(26);
            let done = act(&world, &dice, (&phone.0, phone.1), &chen, step, what);
            log.push(format!("{step}: {what} {done}"));
        }
        if step % 10 == 9 {
            for (phone, _) in &mut phones {
                let kept = lists(phone);
                assert_eq!(kept, made_anew(phone), "seed {seed}\n{}", log.join("\n"));
            }
        }
    }
    // So do the station's lists.
    let report = world.core.look(|view| Ok(sync_server::verify::look(view, |_, _| ())?)).expect("looked through");
    assert!(report.is_good(), "seed {seed}: {report:?}\n{}", log.join("\n"));
}

fn pick<T: Copy>(dice: &SeededDice, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| from[dice.below(from.len())])
}

/// One thing somebody does. Refusals are answers too.
fn act(world: &World, dice: &SeededDice, (actor, area): (&Actor, &str), chen: &Actor, step: usize, what: usize) -> bool {
    let units: Vec<RecordId> = actor.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect();
    let people: Vec<RecordId> = actor.ask(ListPeople::default()).rows.iter().map(|row| row.id).collect();
    let today = actor.ask(Status {}).today;
    let residency = |person: RecordId| actor.person(person).residencies.first().map(|residency| residency.id);
    let (unit, person) = (pick(dice, &units), pick(dice, &people));
    match what {
        0 | 1 => {
            let id = actor.home(area, &format!("{}号", step + 1), LANDLORD, "1-2");
            let state = if dice.below(4) > 0 { UnitStatus::Registered } else { UnitStatus::Pending };
            actor.try_ask(SetUnitState { id, state, reason: None }).is_ok()
        }
        4 => unit.is_some_and(|unit| {
            let result = [VisitResult::NoAnswer, VisitResult::Refused, VisitResult::Vacant][dice.below(3)];
            let next = [NextSlot::None, NextSlot::TomorrowEvening, NextSlot::Weekend][dice.below(3)];
            actor.try_ask(FinishVisit { unit, result, next, note: String::new() }).is_ok()
        }),
        2 | 3 => unit.is_some_and(|unit| {
            let form = actor.resident_form(unit, ["张伟", "李晓梅", "欧阳娜娜"][dice.below(3)], &world.document());
            actor.try_ask(SaveResident { form, although_known: true, returning: None, draft: None }).is_ok()
        }),
        5 | 6 => unit.is_some_and(|unit| {
            check(actor, unit, [Some(Item::Rq02), Some(Item::Xf03), None][dice.below(3)]);
            true
        }),
        7 => unit.is_some_and(|unit| match actor.ask(Safety { unit }).hazards.first() {
            Some(hazard) => {
                actor.try_ask(RecheckHazard { id: hazard.id, fixed: dice.below(2) == 0, note: String::new() }).is_ok()
            }
            None => false,
        }),
        8 => unit.is_some_and(|id| {
            let state = [UnitStatus::Paused, UnitStatus::Registered][dice.below(2)];
            actor.try_ask(SetUnitState { id, state, reason: None }).is_ok()
        }),
        9 => match (person.and_then(residency), unit) {
            (Some(residency), Some(unit)) => {
                let form =
                    MoveForm { unit: Some(unit), on: today, relation: Relation::from_code("FRIEND"), ..MoveForm::default() };
                actor.try_ask(MoveResident { residency, form }).is_ok()
            }
            _ => false,
        },
        10 => person.and_then(residency).is_some_and(|residency| {
            let form = CancelForm { reason: CancelReason::from_code("LEFT"), left_on: today, note: "房间已空".to_owned() };
            actor.try_ask(CancelResidency { residency, form }).is_ok()
        }),
        11 => person.and_then(residency).is_some_and(|residency| {
            let area = if dice.below(2) == 0 { DONG } else { XI }.to_owned();
            actor.try_ask(HandOver { residency, area, on: today, note: String::new() }).is_ok()
        }),
        12 => unit.or(person).is_some_and(|record| dice.below(3) == 0 && actor.try_ask(UndoMistake { record }).is_ok()),
        13 => unit.is_some_and(|id| {
            let mut form = actor.ask(Unit { id }).form;
            form.landlord_on_site = dice.below(2) == 0;
            form.landlord_phone = if dice.below(3) > 0 { LANDLORD } else { "13905700022" }.to_owned();
            form.address.building = ["", "2", "3"][dice.below(3)].to_owned();
            actor.try_ask(SaveUnit { id: Some(id), form, draft: None }).is_ok()
        }),
        14 => person.is_some_and(|person| {
            let form = ApplyForm {
                kind: PermitKind::Residence,
                ground: Some(Ground::InvestTalent),
                months: None,
                given: [Material::Identity, Material::Photo, Material::Policy][..2 + dice.below(2)].to_vec(),
            };
            let asked = actor.try_ask(ApplyPermit { person, form, draft: None });
            let _ = actor.try_ask(SyncNow {});
            if asked.is_ok() {
                for step in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
                    // Whoever was handed over is not here any more.
                    let Ok(permits) = actor.try_ask(PermitsOf { person }) else { break };
                    for application in permits.applications {
                        let _ = station(world, application.id, step);
                    }
                }
            }
            asked.is_ok()
        }),
        15 => {
            let _ = chen.try_ask(SyncNow {});
            let homes: Vec<RecordId> = chen.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect();
            let open = chen.ask(ListReports { open_only: true, ..ListReports::default() }).rows;
            let _ = open.first().filter(|_| dice.below(3) == 0).map(|row| chen.try_ask(WithdrawReport { id: row.id }));
            let said = pick(dice, &homes).is_some_and(|unit| {
                let event_on = on(world, -(dice.below(20) as i64));
                let form = ReportForm {
                    unit: Some(unit),
                    name: "刘洋".to_owned(),
                    doc_no: world.document(),
                    event_on,
                    ..ReportForm::default()
                };
                chen.try_ask(SaveReport { form, draft: None }).is_ok()
            });
            let _ = chen.try_ask(SyncNow {});
            said
        }
        16 => match actor.ask(ListReports { open_only: true, ..ListReports::default() }).rows.first() {
            Some(row) => actor.try_ask(ReturnReport { id: row.id, reason: "房间号不对".to_owned() }).is_ok(),
            None => false,
        },
        17 => {
            let pack = ["zj-2009", "zj-2016"][dice.below(2)].to_owned();
            let from = on(world, dice.below(60) as i64 - 30);
            world.core.choose_policy(PolicyChoice { pack, from }).is_ok()
        }
        18 => {
            world.time.pass_days(1 + dice.below(45) as i64);
            true
        }
        19 => sweep(world, dice),
        20 | 21 => unit.is_some_and(|unit| {
            let roster: Vec<RecordId> = match actor.try_ask(Visit { unit }) {
                Ok(view) => view.rooms.iter().flat_map(|room| &room.people).map(|who| who.person).collect(),
                Err(_) => Vec::new(),
            };
            for person in roster {
                let result = pick(dice, VisitPersonResult::ALL);
                let _ = actor.try_ask(NoteVisit { unit, step: Step::Answer { person, result } });
            }
            let result = [VisitResult::Done, VisitResult::Refused][dice.below(2)];
            let next = pick(dice, NextSlot::ALL).unwrap_or(NextSlot::None);
            let finished = actor.try_ask(FinishVisit { unit, result, next, note: String::new() });
            if let Ok(finished) = &finished
                && let Some(slip) = actor.ask(PastVisit { visit: finished.visit }).people.first().filter(|_| dice.below(4) == 0)
            {
                let result = pick(dice, VisitPersonResult::ALL).expect("eight of them");
                let _ = actor.try_ask(CorrectAnswer { fact: slip.fact, result });
            } else if let Ok(finished) = &finished
                && dice.below(6) == 0
            {
                let _ = actor.try_ask(TakeBack { id: finished.visit, note: String::new() });
            }
            finished.is_ok()
        }),
        22 => person.is_some_and(|person| {
            let mut form = actor.person(person).form;
            form.phone = ["13905700222", "13905700333"][dice.below(2)].to_owned();
            actor.try_ask(ChangeResident { person, form, draft: None }).is_ok()
        }),
        23 => match actor.ask(Attention {}).contradictions.first() {
            Some(asked) => {
                let (earlier, later) = (asked.earlier.fact, asked.later.fact);
                actor.try_ask(WeighWords { residency: asked.residency, earlier, later }).is_ok()
            }
            None => false,
        },
        _ => actor.try_ask(SyncNow {}).is_ok(),
    }
}

/// The station sets a sweep, of a time before, around or after today, or closes one.
fn sweep(world: &World, dice: &SeededDice) -> bool {
    let open = desk(world, "zhou", Sweeps {}).expect("looks").rows.into_iter().find(|row| row.closed_on.is_empty());
    if let Some(row) = open.filter(|_| dice.below(3) == 0) {
        return desk(world, "zhou", CloseSweep { id: row.id }).is_ok();
    }
    let areas = [vec![DONG.to_owned()], vec![XI.to_owned()], vec![DONG.to_owned(), XI.to_owned()]];
    let from = dice.below(60) as i64 - 40;
    let form = SweepForm {
        name: "排查".to_owned(),
        how: Some(SweepKind::Irregular),
        areas: areas[dice.below(3)].clone(),
        from: on(world, from),
        until: on(world, from.max(0) + dice.below(20) as i64),
    };
    desk(world, "zhou", SetSweep { form }).is_ok()
}

/// A step of the station's, where it is the next one.
fn station(world: &World, id: RecordId, step: PermitStep) -> bool {
    let ask = DecidePermit { id, step, note: String::new(), months: None, reason: Some(EndReason::Other), since: String::new() };
    desk(world, "zhou", ask).is_ok()
}

/// One of the things done less often, and whether it could be.
type Act = fn(&World, &SeededDice, &Actor) -> bool;

/// What a day has beside the doors: homes taken for one, mistakes taken back, cards, leases, the station's word, pictures.
const ACTS: [(&str, Act); 20] = [
    ("merge two homes", |_, dice, actor| {
        let homes = units(actor);
        let Some(into) = pick(dice, &homes) else { return false };
        let others: Vec<RecordId> = homes.into_iter().filter(|id| *id != into).collect();
        pick(dice, &others).is_some_and(|unit| actor.try_ask(MergeHomes { unit, into }).is_ok())
    }),
    ("take a home apart", |_, dice, actor| {
        let homes = units(actor);
        let parts: Vec<RecordId> =
            homes.iter().flat_map(|id| actor.ask(Unit { id: *id }).merged).map(|merged| merged.unit).collect();
        pick(dice, &parts).is_some_and(|unit| actor.try_ask(PartHomes { unit }).is_ok())
    }),
    ("settle a conflict", |_, dice, actor| {
        let _ = actor.try_ask(SyncNow {});
        let open: Vec<RecordId> = actor.ask(Attention {}).conflicts.iter().map(|conflict| conflict.id).collect();
        let choice = [Choice::Keep, Choice::Restore][dice.below(2)];
        pick(dice, &open).is_some_and(|id| actor.try_ask(SettleConflict { id, choice }).is_ok())
    }),
    ("take back a check", |_, dice, actor| {
        let checks = checks(actor, false);
        pick(dice, &checks).is_some_and(|id| actor.try_ask(TakeBack { id, note: String::new() }).is_ok())
    }),
    ("let a check stand", |_, dice, actor| {
        // One of somebody else's may not be let stand: this one's own, then.
        if let Some(own) = pick(dice, &checks(actor, false)) {
            let _ = actor.try_ask(TakeBack { id: own, note: String::new() });
        }
        let checks = checks(actor, true);
        pick(dice, &checks).is_some_and(|id| actor.try_ask(LetStand { id, note: String::new() }).is_ok())
    }),
    ("take back an application", |_, dice, actor| {
        let asked = papers(actor).into_iter().flat_map(|papers| papers.applications).filter(|asked| asked.may_take_back);
        let asked: Vec<RecordId> = asked.map(|asked| asked.id).collect();
        pick(dice, &asked).is_some_and(|id| actor.try_ask(TakeBack { id, note: String::new() }).is_ok())
    }),
    ("let an application stand", |_, dice, actor| {
        let asked = papers(actor).into_iter().flat_map(|papers| papers.applications).filter(|asked| asked.may_let_stand);
        let asked: Vec<RecordId> = asked.map(|asked| asked.id).collect();
        pick(dice, &asked).is_some_and(|id| actor.try_ask(LetStand { id, note: String::new() }).is_ok())
    }),
    ("bring what was missing", |_, dice, actor| {
        let asked = papers(actor).into_iter().flat_map(|papers| papers.applications).filter(|asked| !asked.missing.is_empty());
        let asked: Vec<RecordId> = asked.map(|asked| asked.id).collect();
        let given = Material::ALL.to_vec();
        pick(dice, &asked).is_some_and(|application| actor.try_ask(BringMaterials { application, given }).is_ok())
    }),
    ("note something of a card", |_, dice, actor| {
        let cards: Vec<_> = papers(actor).into_iter().flat_map(|papers| papers.permits).collect();
        let notes: Vec<_> = cards.iter().flat_map(|card| card.may.iter().map(|what| (card.id, *what))).collect();
        pick(dice, &notes).is_some_and(|(permit, what)| note_card(actor, permit, what))
    }),
    ("endorse a card", |world, dice, actor| {
        // Its window opens after eleven months.
        let holders: Vec<_> = papers(actor).into_iter().flat_map(|papers| papers.permits).collect();
        let known: Vec<_> = holders.iter().filter(|card| card.endorse.is_some()).map(|card| card.id).collect();
        let Some(permit) = pick(dice, &known) else { return false };
        world.time.pass_days(340);
        note_card(actor, permit, PermitEventKind::Endorse)
    }),
    ("take back a note of a card", |_, dice, actor| {
        let cards = papers(actor).into_iter().flat_map(|papers| papers.permits);
        let events: Vec<_> =
            cards.flat_map(|card| card.events).filter(|event| event.may_take_back).map(|event| event.id).collect();
        pick(dice, &events).is_some_and(|event| actor.try_ask(TakeBackNote { event }).is_ok())
    }),
    ("end or reissue a card at the counter", |world, dice, actor| {
        let cards: Vec<_> = papers(actor).into_iter().flat_map(|papers| papers.permits).map(|card| card.id).collect();
        let step = [PermitStep::End, PermitStep::Lost, PermitStep::Reissue, PermitStep::HandOut][dice.below(4)];
        pick(dice, &cards).is_some_and(|id| station(world, id, step))
    }),
    ("let a home to a firm", |_, dice, actor| {
        let from = actor.ask(Status {}).today;
        let form = FirmForm { name: "衢州轴承厂".to_owned(), from };
        pick(dice, &units(actor)).is_some_and(|unit| actor.try_ask(AddFirm { unit, form }).is_ok())
    }),
    ("end a lease", |_, dice, actor| {
        let tenants = units(actor).into_iter().flat_map(|id| actor.ask(Unit { id }).tenants.now);
        let leases: Vec<RecordId> = tenants.filter_map(|tenant| tenant.tenancy).collect();
        let to = actor.ask(Status {}).today;
        pick(dice, &leases).is_some_and(|tenancy| actor.try_ask(EndTenancy { tenancy, to, reason: TenancyEnd::Expired }).is_ok())
    }),
    ("stay longer", |_, dice, actor| {
        let people: Vec<RecordId> = actor.ask(ListPeople::default()).rows.iter().map(|row| row.id).collect();
        let residency = pick(dice, &people).and_then(|id| actor.person(id).residencies.first().map(|residency| residency.id));
        let intended = IntendedStay::ALL[dice.below(IntendedStay::ALL.len())];
        residency.is_some_and(|residency| actor.try_ask(ExtendStay { residency, intended }).is_ok())
    }),
    ("hand a hazard over", |_, dice, actor| {
        pick(dice, &hazards(actor))
            .is_some_and(|id| actor.try_ask(HandOverHazard { id, to: HandedTo::Fire, note: String::new() }).is_ok())
    }),
    ("look at a hazard at the station", |world, dice, actor| {
        let act = [HazardAct::Fixed, HazardAct::NotFixed, HazardAct::HandOver(HandedTo::Township)][dice.below(3)];
        let id = pick(dice, &hazards(actor));
        id.is_some_and(|id| desk(world, "zhou", HazardForStation { id, act, note: String::new() }).is_ok())
    }),
    ("propose a grade", |world, dice, actor| {
        let Some(unit) = pick(dice, &units(actor)) else { return false };
        let grade = [Grade::Green, Grade::Yellow, Grade::Red][dice.below(3)];
        let proposed = actor.try_ask(ProposeGrade { unit, grade, reason: "楼道堆物".to_owned() }).is_ok();
        let _ = actor.try_ask(SyncNow {});
        // Now and then the station answers.
        let answer = AnswerGrade { id: unit, take: dice.below(2) == 0, reason: "已看过".to_owned() };
        let _ = (dice.below(2) == 0).then(|| desk(world, "zhou", answer));
        proposed
    }),
    ("take a photo", |_, dice, actor| {
        let add = |of| AddPhoto { of, image: PICTURE.to_owned(), note: String::new() };
        pick(dice, &units(actor)).is_some_and(|of| actor.try_ask(add(of)).is_ok())
    }),
    ("withdraw a photo or put it back", |_, dice, actor| {
        let shown = units(actor).into_iter().flat_map(|of| actor.ask(Photos { of, withdrawn: true }).photos);
        let photos: Vec<(RecordId, bool)> = shown.map(|photo| (photo.id, photo.withdrawn)).collect();
        pick(dice, &photos).is_some_and(|(photo, withdrawn)| {
            if withdrawn { actor.try_ask(PutPhotoBack { photo }).is_ok() } else { actor.try_ask(WithdrawPhoto { photo }).is_ok() }
        })
    }),
];

/// A picture of one pixel.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

fn units(actor: &Actor) -> Vec<RecordId> {
    actor.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect()
}

fn checks(actor: &Actor, withdrawn: bool) -> Vec<RecordId> {
    let checks = units(actor).into_iter().flat_map(|unit| actor.ask(Safety { unit }).checks);
    checks.filter(|check| check.withdrawn == withdrawn).map(|check| check.id).collect()
}

fn hazards(actor: &Actor) -> Vec<RecordId> {
    let found = units(actor).into_iter().flat_map(|unit| actor.ask(Safety { unit }).hazards);
    found.filter(|row| row.state.is_open()).map(|row| row.id).collect()
}

fn papers(actor: &Actor) -> Vec<PermitsReply> {
    let people = actor.ask(ListPeople::default()).rows;
    people.iter().filter_map(|row| actor.try_ask(PermitsOf { person: row.id }).ok()).collect()
}

fn note_card(actor: &Actor, permit: RecordId, what: PermitEventKind) -> bool {
    let since = if what.is_change() { actor.ask(Status {}).today } else { String::new() };
    let reason = (what == PermitEventKind::Cancel).then_some(EndReason::Surrendered);
    let form = EventForm { what, since, reason, ..EventForm::default() };
    actor.try_ask(NotePermit { permit, form }).is_ok()
}
