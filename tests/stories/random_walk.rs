//! Random days: four phones of two villages and a landlord do whatever they can, over a network that lies, with clocks that
//! are wrong. When everything has been said, both sides hold the same everywhere, and nothing waits for ever.
//!
//! A failing seed says itself; `DOORSTEP_WALKS` sets how many seeds are walked.

use domain::residency::{CancelForm, MoveForm};
use domain::{RecordId, codes};
use sync_server::clock::SeededDice;
use ui_protocol::attention::{Attention, Choice, Discard, Resend, SettleConflict, SettleDuplicate};
use ui_protocol::people::{
    CancelResidency, ChangeResident, HandOver, ListPeople, MoveResident, SaveResident, SplitPerson, UndoMistake,
};
use ui_protocol::reports::{ListReports, SaveReport, WithdrawReport};
use ui_protocol::session::Status;
use ui_protocol::units::{ListUnits, SaveUnit, Unit};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, Lie, World};

const WALKS: u64 = 12;
const STEPS: usize = 90;
/// Cards that are shown at many doors.
const SHARED: usize = 3;
const LANDLORD_PHONE: &str = "13905700099";

#[test]
fn after_any_day_both_sides_hold_the_same() {
    let walks = std::env::var("DOORSTEP_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(WALKS);
    for seed in 0..walks {
        walk(seed);
    }
}

fn walk(seed: u64) {
    let dice = SeededDice::new(seed);
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let second = world.phone_of("wang");
    // One phone is told everything whole, as release 0.1 is: it has to end up with the same rows.
    second.speaks(1);
    second.sync();
    let both = {
        world.account("both", domain::access::Role::Coordinator, &[DONG, XI], "");
        let phone = world.phone_of("both");
        phone.sync();
        phone
    };
    let chen = world.landlord("chen", LANDLORD_PHONE);
    let mut phones = vec![(wang, DONG), (li, XI), (second, DONG), (both, DONG)];
    let mut log = Vec::new();
    for step in 0..STEPS {
        let who = dice.below(phones.len());
        world.time.pass_ms(1_000 + dice.below(3_600_000) as i64);
        let what = act(&world, &dice, &mut phones[who], &chen, step);
        log.push(format!("{step}: phone {who} {what}"));
    }
    for (phone, _) in &phones {
        phone.clock_wrong_by_ms(0);
        phone.online(true);
        phone.around.truthful();
    }
    chen.online(true);
    chen.around.truthful();
    // Twice around: what the last phone pushed reaches the first.
    for round in 0..3 {
        for phone in phones.iter().map(|(phone, _)| phone).chain([&chen]) {
            let status = phone
                .try_ask(ui_protocol::session::SyncNow {})
                .unwrap_or_else(|error| panic!("seed {seed}, round {round}: {error:?}\n{}", log.join("\n")));
            assert_eq!(status.waiting, 0, "seed {seed}: everything is answered\n{}", log.join("\n"));
        }
    }
    for (index, phone) in phones.iter().map(|(phone, _)| phone).chain([&chen]).enumerate() {
        for scope in phone.status().scopes {
            assert_eq!(
                scope.same,
                Some(true),
                "seed {seed}: phone {index} and the server agree about {}\n{}",
                scope.name,
                log.join("\n")
            );
        }
    }
    // Two phones of one account, and whoever sees the same village, show the same people.
    let people = |actor: &Actor| {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = actor.ask(ListPeople { query: String::new(), after });
            all.extend(page.rows.into_iter().map(|row| (row.id, row.name, row.document, row.standing as u8)));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    };
    let (first, second) = (people(&phones[0].0), people(&phones[2].0));
    assert_eq!(first, second, "seed {seed}: two phones of one person\n{}", log.join("\n"));
    // A phone that was never there before holds the same after its first sync.
    let fresh = world.phone_of("wang");
    fresh.sync();
    assert_eq!(people(&fresh), first, "seed {seed}: a new phone\n{}", log.join("\n"));
    fresh.expect_same();
}

/// The number of a card that is shown at many doors.
fn shared_document(card: usize) -> String {
    let first17 = format!("36012119700101{:03}", 101 + card);
    format!("{first17}{}", domain::id_document::check_digit(&first17).expect("seventeen digits"))
}

fn pick<T: Copy>(dice: &SeededDice, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| from[dice.below(from.len())])
}

/// One thing somebody does. Refusals are answers too: the walk only cares that nothing breaks.
fn act(world: &World, dice: &SeededDice, phone: &mut (Actor, &'static str), chen: &Actor, step: usize) -> String {
    let (actor, area) = (&mut phone.0, phone.1);
    let units: Vec<RecordId> = actor.ask(ListUnits::default()).rows.iter().map(|row| row.id).collect();
    let people: Vec<RecordId> = actor.ask(ListPeople::default()).rows.iter().map(|row| row.id).collect();
    let today = actor.ask(Status {}).today;
    let residency = |actor: &Actor, person: RecordId| actor.person(person).residencies.first().map(|residency| residency.id);
    match dice.below(20) {
        0 => {
            let phone = if dice.below(2) == 0 { LANDLORD_PHONE } else { "13905700011" };
            actor.home(area, &format!("{}号", step + 1), phone, "1-2");
            "registers a home".to_owned()
        }
        1..=4 => match pick(dice, &units) {
            Some(unit) => {
                // Some cards are shown at many doors, now and then under another name.
                let card = dice.below(6);
                let number = if card < SHARED { shared_document(card) } else { world.document() };
                let name = if card < SHARED && dice.below(4) > 0 { 0 } else { dice.below(4) };
                let form = actor.resident_form(unit, ["张伟", "李晓梅", "欧阳娜娜", "占小平"][name], &number);
                let although_known = dice.below(2) == 0;
                let answer = actor.try_ask(SaveResident { form, although_known, returning: None, draft: None });
                format!("registers somebody: {}", answer.is_ok())
            }
            None => "looks for a home".to_owned(),
        },
        5..=7 => match pick(dice, &people) {
            Some(person) => {
                let mut form = actor.person(person).form;
                form.phone = format!("139{:08}", dice.below(10_000_000));
                if dice.below(2) == 0 {
                    form.hukou_address = format!("新建路 {} 号", dice.below(100));
                }
                format!("changes somebody: {}", actor.try_ask(ChangeResident { person, form, draft: None }).is_ok())
            }
            None => "knows nobody".to_owned(),
        },
        8 => match (pick(dice, &people).and_then(|person| residency(actor, person)), pick(dice, &units)) {
            (Some(residency), Some(unit)) => {
                let relation = codes::Relation::from_code("FRIEND");
                let form = MoveForm { unit: Some(unit), on: today, relation, ..MoveForm::default() };
                format!("moves somebody: {}", actor.try_ask(MoveResident { residency, form }).is_ok())
            }
            _ => "moves nobody".to_owned(),
        },
        9 => match pick(dice, &people).and_then(|person| residency(actor, person)) {
            Some(residency) => {
                let area = if area == DONG { XI } else { DONG }.to_owned();
                format!(
                    "hands somebody over: {}",
                    actor.try_ask(HandOver { residency, area, on: today, note: String::new() }).is_ok()
                )
            }
            None => "hands nobody over".to_owned(),
        },
        10 => match pick(dice, &people).and_then(|person| residency(actor, person)) {
            Some(residency) => {
                let reason = codes::CancelReason::from_code("LEFT");
                let form = CancelForm { reason, left_on: today, note: "房间已空".to_owned() };
                format!("cancels somebody: {}", actor.try_ask(CancelResidency { residency, form }).is_ok())
            }
            None => "cancels nobody".to_owned(),
        },
        11 => {
            let record = if dice.below(3) == 0 { pick(dice, &units) } else { pick(dice, &people) };
            match record {
                Some(record) => format!("takes something back: {}", actor.try_ask(UndoMistake { record }).is_ok()),
                None => "takes nothing back".to_owned(),
            }
        }
        12 => match pick(dice, &units) {
            Some(id) => {
                let mut form = actor.ask(Unit { id }).form;
                form.landlord_phone = if dice.below(2) == 0 { LANDLORD_PHONE } else { "13905700022" }.to_owned();
                format!("changes a home: {}", actor.try_ask(SaveUnit { id: Some(id), form, draft: None }).is_ok())
            }
            None => "knows no home".to_owned(),
        },
        13 => {
            let attention = actor.ask(Attention {});
            for conflict in attention.conflicts.iter().take(2) {
                let choice = if conflict.can_restore && dice.below(2) == 0 { Choice::Restore } else { Choice::Keep };
                let _ = actor.try_ask(SettleConflict { id: conflict.id, choice });
            }
            for refused in attention.refused.iter().take(2) {
                let txn = refused.txn;
                let _ = if dice.below(2) == 0 { actor.try_ask(Resend { txn }) } else { actor.try_ask(Discard { txn }) };
            }
            for duplicate in attention.duplicates.iter().take(2) {
                let _ = actor.try_ask(SettleDuplicate { id: duplicate.id, same: dice.below(2) == 0 });
            }
            if let Some(other) = pick(dice, &people).and_then(|person| actor.person(person).other_names.pop())
                && dice.below(2) == 0
            {
                let _ = actor.try_ask(SplitPerson { person: other.person });
            }
            format!("settles {} and {}", attention.conflicts.len(), attention.refused.len())
        }
        14 => {
            actor.restart();
            "is switched off and on".to_owned()
        }
        15 => {
            const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;
            let wrong = [0, 10 * YEAR_MS, -10 * YEAR_MS, 600_000][dice.below(4)];
            actor.clock_wrong_by_ms(wrong);
            format!("has a clock wrong by {wrong} ms")
        }
        16 => {
            let homes = chen.ask(ListUnits::default()).rows;
            let report = match pick(dice, &homes.iter().map(|row| row.id).collect::<Vec<_>>()) {
                Some(unit) => {
                    let form = domain::report::ReportForm {
                        unit: Some(unit),
                        name: "刘洋".to_owned(),
                        doc_no: world.document(),
                        event_on: today,
                        ..Default::default()
                    };
                    chen.try_ask(SaveReport { form, draft: None }).is_ok()
                }
                None => false,
            };
            if let Some(row) = chen.ask(ListReports { open_only: true, ..Default::default() }).rows.first()
                && dice.below(4) == 0
            {
                let _ = chen.try_ask(WithdrawReport { id: row.id });
            }
            let _ = chen.try_ask(ui_protocol::session::SyncNow {});
            format!("waits while the landlord reports: {report}")
        }
        _ => {
            let lies = [Lie::LoseRequest, Lie::LoseReply, Lie::Double, Lie::CutRequest, Lie::CutReply];
            if dice.below(3) == 0 {
                actor.lie(&[lies[dice.below(lies.len())]]);
            }
            let answer = actor.try_ask(ui_protocol::session::SyncNow {});
            format!("syncs: {:?}", answer.map(|status| status.waiting).map_err(|error| error.code))
        }
    }
}
