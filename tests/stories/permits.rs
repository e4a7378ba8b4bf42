//! Permits from the first question at the door to the late endorsement, on real phones and a real station.

use domain::access::Role;
use domain::codes::CancelReason;
use domain::county::PolicyChoice;
use domain::permit::{ApplicationState, ApplyForm, EndReason, EventForm, Ground, Material, PermitEventKind, PermitKind};
use domain::permit_rules::Missing;
use domain::permit_standing::{NoEndorsement, Standing};
use domain::residency::CancelForm;
use domain::{RecordId, day};
use ui_protocol::desk::{DecidePermit, PermitStep, RecordView};
use ui_protocol::people::CancelResidency;
use ui_protocol::permits::{
    ApplyPermit, BringMaterials, NotePermit, PermitSlip, PermitView, PermitsOf, PermitsReply, TakeBackNote, WhoMayApply,
};
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::withdrawals::TakeBack;
use ui_protocol::{DeskCommand, ErrorCode};
use workspace_tests::World;
use workspace_tests::world::{Actor, DONG, Lie, PASSWORD, XI};

const COMPLETE: [Material; 3] = [Material::Identity, Material::Photo, Material::Work];

pub(crate) fn permits(actor: &Actor, person: RecordId) -> PermitsReply {
    actor.ask(PermitsOf { person })
}

pub(crate) fn only(actor: &Actor, person: RecordId) -> PermitView {
    let reply = permits(actor, person);
    assert_eq!(reply.permits.len(), 1, "one card");
    reply.permits.into_iter().next().expect("counted above")
}

pub(crate) fn form(ground: Option<Ground>, given: &[Material]) -> ApplyForm {
    ApplyForm { kind: PermitKind::Residence, ground, months: None, given: given.to_vec() }
}

pub(crate) fn note(actor: &Actor, permit: RecordId, what: PermitEventKind) -> Result<RecordId, ErrorCode> {
    let form = EventForm { what, ..EventForm::default() };
    actor.try_ask(NotePermit { permit, form }).map(|saved| saved.id).map_err(|error| error.code)
}

/// A step of 周建军's at the station.
pub(crate) fn station(world: &World, id: RecordId, step: PermitStep) -> RecordView {
    world.time.pass_ms(1000);
    let (token, _) = world.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = world.core.desk_caller(&token).expect("a session");
    let ask = DecidePermit { id, step, note: String::new(), months: None, reason: None, since: String::new() };
    let handled = world.core.desk(&caller, DeskCommand::DecidePermit(ask)).expect("a step");
    serde_json::from_value(handled.reply).expect("a record")
}

fn rows(actor: &Actor, kind: TodayKind) -> Vec<(Option<RecordId>, Option<String>)> {
    let today = actor.ask(Today::default());
    let items = today.groups.iter().flat_map(|group| &group.items).filter(|item| item.kind == kind);
    let found: Vec<_> = items.map(|item| (item.record, item.due.as_ref().map(|due| due.on.clone()))).collect();
    let counted = today.counts.iter().find(|(counted, _)| *counted == kind).map_or(0, |(_, count)| *count);
    assert_eq!(counted, found.len() as u64, "the counter says what the rows say");
    found
}

/// The morning of a day.
pub(crate) fn go_to(world: &World, on: &str) {
    world.time.set(day::start_of_day_unix_ms(on.parse().expect("a date")) + 9 * 3_600_000);
}

/// 张伟, registered on 23 November 2026 by 王敏 of 东村.
pub(crate) fn someone() -> (World, Actor, RecordId) {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    wang.sync();
    (world, wang, person)
}

/// The same, with a card issued on 25 May 2027 and handed out.
pub(crate) fn holder() -> (World, Actor, RecordId, RecordId) {
    let (world, wang, person) = someone();
    go_to(&world, "2027-05-25");
    let asked = wang.ask(ApplyPermit { person, form: form(Some(Ground::Job), &COMPLETE), draft: None });
    wang.sync();
    for step in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
        station(&world, asked.id, step);
    }
    wang.sync();
    let permit = only(&wang, person).id;
    note(&wang, permit, PermitEventKind::HandOut).expect("handed out");
    wang.sync();
    (world, wang, person, permit)
}

#[test]
fn half_a_year_later_a_permit_is_asked_for_brought_together_issued_and_handed_out() {
    let (world, wang, person) = someone();
    let waiting = permits(&wang, person);
    let next = waiting.eligibility.expect("rules");
    assert_eq!((next.kind, next.on.as_str(), next.may_apply), (PermitKind::Residence, "2027-05-23", false));
    assert_eq!((next.days_left, next.counted_from.as_str()), (181, "2026-11-23"));
    assert_eq!(next.missing, [Missing::Residence, Missing::Ground], "no employer, and the home is not registered yet");
    assert_eq!((waiting.can_apply, waiting.offered.as_slice()), (true, &[Ground::InvestTalent][..]), "who need not wait");
    let early = wang.try_ask(ApplyPermit { person, form: form(Some(Ground::Job), &COMPLETE), draft: None });
    assert_eq!(early.map_err(|error| error.code).err(), Some(ErrorCode::NotAllowed));

    go_to(&world, "2027-05-23");
    wang.online(false);
    let bare = wang.try_ask(ApplyPermit { person, form: form(None, &COMPLETE), draft: None });
    assert_eq!(bare.map_err(|error| error.code).err(), Some(ErrorCode::Form), "on which ground?");
    let asked = wang.ask(ApplyPermit { person, form: form(Some(Ground::Job), &COMPLETE[..1]), draft: None });
    assert_eq!(asked.missing, [Material::Photo, Material::Work], "told once what is missing");
    assert_eq!(rows(&wang, TodayKind::PermitMaterials), [(Some(person), None)]);
    let again = wang.try_ask(ApplyPermit { person, form: form(Some(Ground::Home), &COMPLETE), draft: None });
    assert_eq!(again.map_err(|error| error.code).err(), Some(ErrorCode::InUse), "one application at a time");

    go_to(&world, "2027-05-24");
    let brought = wang.ask(BringMaterials { application: asked.id, given: COMPLETE.to_vec() });
    assert_eq!((brought.missing.as_slice(), rows(&wang, TodayKind::PermitMaterials).as_slice()), (&[][..], &[][..]));
    let slip = wang.ask(PermitSlip { application: asked.id });
    assert!(slip.document.contains("********"), "no whole number on a slip");
    assert_eq!((slip.application.slip_no.as_str(), slip.application.told_on.as_str()), ("", "2027-05-23"));
    let due = slip.application.due.expect("fifteen days");
    assert_eq!((due.on.as_str(), due.no_holiday_data), ("2027-06-08", true), "no table for 2027: said, and counted all the same");

    // The answer is lost; the application arrives once.
    wang.online(true);
    wang.lie(&[Lie::LoseReply]);
    wang.sync_fails();
    wang.sync();
    let view = &permits(&wang, person).applications[..];
    assert_eq!((view.len(), view[0].state, view[0].slip_no.as_str()), (1, ApplicationState::Accepted, "CS-S-2027-000001"));

    for (step, state) in [
        (PermitStep::Review, ApplicationState::Review),
        (PermitStep::Approve, ApplicationState::Approved),
        (PermitStep::Issue, ApplicationState::Issued),
    ] {
        station(&world, asked.id, step);
        wang.sync();
        assert_eq!(permits(&wang, person).applications[0].state, state);
    }
    let card = only(&wang, person);
    assert_eq!((card.standing, card.no.as_str()), (Standing::ToHandOut, "CS-P-2027-000001"));
    assert_eq!(rows(&wang, TodayKind::PermitHandOut), [(Some(person), None)]);
    note(&wang, card.id, PermitEventKind::HandOut).expect("handed out");
    assert_eq!((only(&wang, person).standing, rows(&wang, TodayKind::PermitHandOut).len()), (Standing::Valid, 0));
    assert_eq!(note(&wang, card.id, PermitEventKind::HandOut), Err(ErrorCode::Stale), "not twice");
    assert_eq!(note(&wang, card.id, PermitEventKind::Reissue), Err(ErrorCode::Stale), "the station's");
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0));
}

/// Acceptance check 4, from the list of the day to the years that begin again.
#[test]
fn a_missed_endorsement_suspends_and_a_late_one_restores_with_the_years_anew() {
    let (world, wang, person, permit) = holder();
    go_to(&world, "2028-04-24");
    let view = only(&wang, person);
    let too_early = view.endorse.expect("a year is coming").not_now;
    assert_eq!(too_early, Some(NoEndorsement::TooEarly("2028-04-25".parse().expect("a date"))));
    assert_eq!(
        (note(&wang, permit, PermitEventKind::Endorse), rows(&wang, TodayKind::PermitEndorse).len()),
        (Err(ErrorCode::Stale), 0)
    );

    go_to(&world, "2028-04-25");
    let due = [(Some(person), Some("2028-05-25".to_owned()))];
    assert_eq!(
        (only(&wang, person).standing, rows(&wang, TodayKind::PermitEndorse).as_slice()),
        (Standing::EndorseDue, &due[..])
    );

    go_to(&world, "2028-07-04");
    assert_eq!((only(&wang, person).standing, rows(&wang, TodayKind::PermitEndorse).as_slice()), (Standing::Suspended, &due[..]));
    note(&wang, permit, PermitEventKind::Endorse).expect("forty days late");
    let restored = only(&wang, person);
    assert_eq!(
        (restored.standing, restored.continuity_start.as_str(), restored.restored_on.as_str()),
        (Standing::Valid, "2028-07-04", "2028-07-04")
    );
    assert_eq!(rows(&wang, TodayKind::PermitEndorse), []);
    // A mistake: it is taken back, and the function rests again.
    let event = restored.events[0].id;
    wang.ask(TakeBackNote { event });
    let back = only(&wang, person);
    assert_eq!((back.standing, back.continuity_start.as_str()), (Standing::Suspended, "2026-11-23"));
    assert_eq!(rows(&wang, TodayKind::PermitEndorse).len(), 1);
    assert_eq!(wang.try_ask(TakeBackNote { event }).map_err(|error| error.code).err(), Some(ErrorCode::Stale));
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0));
    // Another phone of the village, from nothing, has the same list.
    let second = world.phone_of("wang");
    second.sync();
    assert_eq!(rows(&second, TodayKind::PermitEndorse), due);
    assert_eq!(only(&second, person).standing, Standing::Suspended);
}

#[test]
fn who_has_left_is_not_endorsed_and_is_on_no_list() {
    let (world, wang, person, permit) = holder();
    go_to(&world, "2028-05-01");
    assert_eq!(rows(&wang, TodayKind::PermitEndorse).len(), 1);
    let residency = wang.person(person).residencies[0].id;
    let form = CancelForm {
        reason: domain::codes::CancelReason::from_code("LEFT"),
        left_on: "2028-04-30".to_owned(),
        note: "房东告知，房间已空".to_owned(),
    };
    wang.ask(CancelResidency { residency, form });
    assert_eq!(rows(&wang, TodayKind::PermitEndorse), []);
    let view = only(&wang, person);
    assert_eq!(view.endorse.expect("a year").not_now, Some(NoEndorsement::ConditionsNotMet));
    assert_eq!(note(&wang, permit, PermitEventKind::Endorse), Err(ErrorCode::Stale));
    let next = permits(&wang, person);
    assert!(!next.can_apply && next.offered.is_empty());
}

#[test]
fn a_card_is_reported_lost_made_again_changed_and_ended() {
    let (world, wang, person, permit) = holder();
    let told = EventForm { what: PermitEventKind::AddressChange, since: "2027-05-26".to_owned(), ..EventForm::default() };
    let undated = EventForm { what: PermitEventKind::AddressChange, ..EventForm::default() };
    go_to(&world, "2027-06-08");
    assert_eq!(wang.try_ask(NotePermit { permit, form: undated }).map_err(|error| error.code).err(), Some(ErrorCode::Form));
    wang.ask(NotePermit { permit, form: told });
    assert!(only(&wang, person).events[0].late, "ten days after the 26th ended on the 7th");
    note(&wang, permit, PermitEventKind::ReplaceLost).expect("lost");
    assert_eq!(note(&wang, permit, PermitEventKind::ReplaceDamaged), Err(ErrorCode::Stale), "asked for already");
    wang.sync();
    station(&world, permit, PermitStep::Reissue);
    wang.sync();
    let made = only(&wang, person);
    assert_eq!((made.standing, made.replace), (Standing::ToHandOut, None));
    assert!(!made.events[0].may_take_back, "the station's word is not a coordinator's to take back");
    note(&wang, permit, PermitEventKind::HandOut).expect("handed out again");
    let end = |reason| {
        let form = EventForm { what: PermitEventKind::Cancel, reason: Some(reason), ..EventForm::default() };
        wang.try_ask(NotePermit { permit, form }).map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(end(EndReason::NotEndorsed), Err(ErrorCode::NotAllowed), "a decision against its holder is the station's");
    assert_eq!(end(EndReason::Surrendered), Ok(()));
    let ended = only(&wang, person);
    assert_eq!((ended.standing, ended.may.as_slice()), (Standing::Ended, &[][..]));
    assert!(permits(&wang, person).can_apply, "another one can be asked for");
    assert_eq!(wang.sync().refused_open, 0);
}

#[test]
fn two_villages_endorse_one_permit_and_both_entries_stand() {
    let (world, wang, person, permit) = holder();
    let li = world.coordinator("li", XI);
    let second = world.phone_of("wang");
    second.sync();
    go_to(&world, "2028-05-01");
    second.online(false);
    note(&second, permit, PermitEventKind::Endorse).expect("endorsed offline");
    let residency = wang.person(person).residencies[0].id;
    wang.ask(ui_protocol::people::HandOver { residency, area: XI.to_owned(), on: "2028-05-01".to_owned(), note: String::new() });
    wang.sync();
    li.sync();
    note(&li, permit, PermitEventKind::Endorse).expect("endorsed by the receiving village");
    li.sync();
    second.online(true);
    assert_eq!(second.sync().refused_open, 0, "late work is never refused");
    li.sync();
    let view = only(&li, person);
    assert_eq!((view.standing, view.events.len()), (Standing::Valid, 3), "handed out, and endorsed twice in one window");
    assert_eq!(view.endorse.expect("the next year").by.on, "2029-05-25");
    assert_eq!(second.try_ask(PermitsOf { person }).map_err(|error| error.code).err(), Some(ErrorCode::NotFound));
}

#[test]
fn under_the_county_document_the_temporary_permit_comes_first() {
    let world = World::new();
    world.account("zhou", Role::Officer, &["330822001000"], "");
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    world.core.choose_policy(choice).expect("a choice");
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let person = wang.register(home, "张伟", &world.document()).person.expect("a person");
    let reply = permits(&wang, person);
    let next = reply.eligibility.expect("rules");
    assert_eq!((next.kind, next.may_apply, reply.can_apply), (PermitKind::Temporary, true, true), "from the day of registration");
    let temporary = |months| ApplyForm {
        kind: PermitKind::Temporary,
        ground: None,
        months,
        given: vec![Material::Identity, Material::Photo],
    };
    for months in [None, Some(5), Some(37)] {
        let wrong = wang.try_ask(ApplyPermit { person, form: temporary(months), draft: None });
        assert_eq!(wrong.map_err(|error| error.code).err(), Some(ErrorCode::Form), "{months:?}");
    }
    let residence = wang.try_ask(ApplyPermit { person, form: form(Some(Ground::Job), &COMPLETE), draft: None });
    assert_eq!(residence.map_err(|error| error.code).err(), Some(ErrorCode::NotAllowed), "not before three years with it");
    let asked = wang.ask(ApplyPermit { person, form: temporary(Some(36)), draft: None });
    wang.sync();
    for step in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
        station(&world, asked.id, step);
    }
    wang.sync();
    let card = only(&wang, person);
    assert_eq!((card.kind, card.valid_until.as_str()), (PermitKind::Temporary, "2029-11-23"));
    note(&wang, card.id, PermitEventKind::HandOut).expect("handed out");
    let next = permits(&wang, person).eligibility.expect("rules");
    assert_eq!((next.kind, next.on.as_str()), (PermitKind::Residence, "2029-11-23"));
    assert_eq!(next.missing, [Missing::Residence, Missing::Dwelling, Missing::Work]);
    go_to(&world, "2029-11-01");
    assert_eq!(rows(&wang, TodayKind::PermitExpires), [(Some(person), Some("2029-11-23".to_owned()))]);
    go_to(&world, "2029-11-23");
    let all = [Material::Identity, Material::Photo, Material::Temporary, Material::Dwelling, Material::Work];
    let asked = wang.ask(ApplyPermit { person, form: form(None, &all), draft: None });
    assert_eq!(asked.missing, []);
    let slip = wang.ask(PermitSlip { application: asked.id });
    assert_eq!(slip.application.due, None, "that law names no time");
    wang.sync();
    for step in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
        station(&world, asked.id, step);
    }
    wang.sync();
    let cards = permits(&wang, person).permits;
    let residence = cards.iter().find(|card| card.kind == PermitKind::Residence).expect("the permit");
    assert_eq!((residence.valid_until.as_str(), residence.endorse.is_none()), ("2038-11-23", true), "nine years, no endorsement");
}

/// The list of those who may ask says what each of their pages says, day by day, and its number is the number of its rows.
#[test]
fn who_may_ask_for_a_permit_is_on_a_list_that_agrees_with_every_page() {
    let (world, wang, first) = someone();
    let home = wang.home(DONG, "2号", "13905700098", "");
    let people: Vec<RecordId> = ["李", "王", "赵", "钱", "孙"]
        .iter()
        .flat_map(|family| "一二三四五六七八九".chars().map(move |name| format!("{family}{name}")))
        .map(|name| wang.register(home, &name, &world.document()).person.expect("a person"))
        .collect();
    wang.sync();
    let listed = |actor: &Actor| {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = actor.ask(WhoMayApply { after });
            rows.extend(page.rows.iter().map(|row| row.id));
            assert!(page.total >= Some(rows.len() as u64));
            after = page.next;
            if after.is_none() {
                assert_eq!(page.total, Some(rows.len() as u64), "the number is that of the rows");
                rows.sort();
                return rows;
            }
        }
    };
    let by_page = |actor: &Actor| {
        let may = |person: &RecordId| {
            let reply = permits(actor, *person);
            reply.can_apply && reply.eligibility.is_some_and(|next| next.may_apply)
        };
        let mut may: Vec<RecordId> = people.iter().copied().chain([first]).filter(may).collect();
        may.sort();
        may
    };
    assert_eq!(listed(&wang), [], "nobody on the day of registration");
    go_to(&world, "2027-05-23");
    assert_eq!((listed(&wang).len(), listed(&wang)), (46, by_page(&wang)));
    // Who asks, who left and who moved to another village is not on it any more.
    let asked = wang.ask(ApplyPermit { person: first, form: form(Some(Ground::Job), &COMPLETE), draft: None }).id;
    let residency = wang.person(people[0]).residencies[0].id;
    let leaving =
        CancelForm { reason: Some(CancelReason::Left), left_on: "2027-05-20".into(), note: "房东说搬走了".into() };
    wang.ask(CancelResidency { residency, form: leaving });
    assert_eq!((listed(&wang).len(), listed(&wang)), (44, by_page(&wang)));
    wang.ask(TakeBack { id: asked, note: String::new() });
    assert_eq!((listed(&wang).len(), listed(&wang)), (45, by_page(&wang)));
    wang.sync();
    wang.expect_same();
}
