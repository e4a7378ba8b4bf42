//! Permits on the server: what is given a number, in what order things happen, who may do what, and where it all goes.

use domain::county::PolicyChoice;
use domain::merge::Refusal;
use domain::permit::{
    APPROVED, Accepted, ApplicationWho, Asked, Decided, EndReason, Ground, ISSUED, Issued, Material, Materials, PermitEventKind,
    PermitFact, PermitKind, PermitWho, REFUSED, REVIEW, Slip,
};
use domain::permit_standing::Standing;
use domain::{RecordId, kind};
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen, Registered};
use ui_protocol::desk::{DecidePermit, ListRecords, PermitStep, RecordPage, RecordView, ViewRecord};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{LIS, PASSWORD, Town, WANGS, at, cancel, hand_over, held, ok};

const COMPLETE: [Material; 3] = [Material::Identity, Material::Photo, Material::Work];

fn application(pen: &Pen, made: Registered, on: &str, given: &[Material]) -> Draft {
    let asked = Asked {
        kind: PermitKind::Residence,
        ground: Some(Ground::Job),
        on: on.to_owned(),
        months: None,
        pack: "zj-2016".to_owned(),
        counted_from: "2026-03-02".to_owned(),
        eligible_on: "2026-09-02".to_owned(),
    };
    let materials =
        Materials { given: given.iter().map(|material| material.code().to_owned()).collect(), told_on: String::new() };
    pen.create(kind::PERMIT_APPLICATION)
        .with("who", &ApplicationWho { person: made.person, residency: made.residency })
        .with("asked", &asked)
        .with("materials", &materials)
}

fn accepted(pen: &Pen, made: Registered, on: &str) -> Draft {
    application(pen, made, on, &COMPLETE).with("accepted", &Accepted { on: on.to_owned() })
}

fn decide(pen: &Pen, application: RecordId, state: &str) -> Draft {
    let reason = if state == REFUSED { "就业证明与实际不符" } else { "" };
    let decided = Decided { state: state.to_owned(), on: "2026-09-10".to_owned(), reason: reason.to_owned() };
    pen.set(&held(pen, application)).with("decided", &decided)
}

fn card(pen: &Pen, made: Registered, application: Option<RecordId>) -> Draft {
    let issued = Issued {
        kind: PermitKind::Residence,
        on: "2026-09-10".to_owned(),
        valid_until: String::new(),
        continuity_start: "2026-03-02".to_owned(),
        pack: "zj-2016".to_owned(),
        card_no: String::new(),
    };
    pen.create(kind::PERMIT)
        .with("who", &PermitWho { person: made.person, residency: made.residency, application })
        .with("issued", &issued)
}

fn event(pen: &Pen, permit: RecordId, what: PermitEventKind) -> Draft {
    pen.create(kind::PERMIT_EVENT).with("fact", &PermitFact::new(permit, what, "2026-09-10"))
}

/// Why the first change of a save was refused.
fn refused(verdicts: Result<Vec<Verdict>, sync_protocol::SyncError>) -> Refusal {
    let verdicts = verdicts.expect("an answer");
    let why = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(Refusal::WithItsSave) => None,
        Verdict::Refused(why) => Some(why.clone()),
        _ => None,
    });
    why.unwrap_or_else(|| panic!("it was taken: {verdicts:?}"))
}

fn invalid(what: &str) -> Refusal {
    Refusal::Invalid(what.to_owned())
}

fn not_theirs(what: &str) -> Refusal {
    Refusal::Role(what.to_owned())
}

/// Somebody registered on 2 March at a home of 王敏's; it is 10 September now.
fn town() -> (Town, Pen, Pen, RecordId, Registered) {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    town.go_to(at("2026-09-10", 9, 0));
    let zhou = town.pen("zhou");
    (town, wang, zhou, unit, made)
}

/// An application all the way to the issued card.
fn issued(town: &Town, wang: &mut Pen, zhou: &mut Pen, made: Registered) -> (RecordId, RecordId) {
    let asked = accepted(wang, made, "2026-09-10");
    let application = asked.record;
    ok(wang.send(vec![asked]));
    zhou.sync().expect("syncs");
    for state in [REVIEW, APPROVED] {
        town.pass(1000);
        ok(zhou.send(vec![decide(zhou, application, state)]));
    }
    town.pass(1000);
    let card = card(zhou, made, Some(application));
    let permit = card.record;
    ok(zhou.send(vec![card, decide(zhou, application, ISSUED)]));
    wang.sync().expect("syncs");
    (application, permit)
}

#[test]
fn an_accepted_application_gets_a_number_and_its_due_date_and_keeps_both() {
    let (town, mut wang, mut zhou, _, made) = town();
    let (application, permit) = issued(&town, &mut wang, &mut zhou, made);
    let slip: Slip = held(&wang, application).typed("slip").expect("a slip");
    assert_eq!(slip.no, "CS-S-2026-000001");
    let due = slip.due.expect("the law names fifteen days");
    // The 25th is the Mid-Autumn holiday, which lasts until the 27th: the last day moves on (Civil Code 203).
    assert_eq!((due.on.to_string(), due.pack.as_str(), due.no_holiday_data), ("2026-09-28".to_owned(), "zj-2016", false));
    assert_eq!(held(&wang, permit).text("number", "no"), Some("CS-P-2026-000001"));
    ok(wang.send(vec![event(&wang, permit, PermitEventKind::HandOut)]));

    // Acceptance check 18: another pack chosen later, even for that very day, rewrites no stored due date.
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    let before = town.record(application);
    town.core.choose_policy(choice).expect("a choice");
    assert_eq!(town.record(application), before);
    town.check_sums(&[]);
}

#[test]
fn without_a_holiday_table_the_due_date_is_counted_from_monday_to_friday_and_says_so() {
    let (town, mut wang, _, _, made) = town();
    town.go_to(at("2031-03-03", 9, 0));
    let asked = accepted(&wang, made, "2031-03-03");
    let id = asked.record;
    ok(wang.send(vec![asked]));
    let due = held(&wang, id).typed::<Slip>("slip").and_then(|slip| slip.due).expect("a due date");
    assert_eq!((due.on.to_string(), due.no_holiday_data), ("2031-03-18".to_owned(), true), "acceptance check 16");
}

#[test]
fn what_is_missing_is_brought_later_and_nothing_is_accepted_before() {
    let (town, mut wang, _, _, made) = town();
    let half = &COMPLETE[..2];
    let early = application(&wang, made, "2026-09-10", half).with("accepted", &Accepted { on: "2026-09-10".to_owned() });
    assert_eq!(refused(wang.send(vec![early])), invalid("accepted"));
    let asked = application(&wang, made, "2026-09-10", half);
    let id = asked.record;
    ok(wang.send(vec![asked]));
    assert_eq!(held(&wang, id).fields("slip"), None, "no slip before everything is there");
    town.pass(86_400_000);
    let all = Materials {
        given: COMPLETE.iter().map(|material| material.code().to_owned()).collect(),
        told_on: "2026-09-10".to_owned(),
    };
    let brought = wang.set(&held(&wang, id)).with("materials", &all).with("accepted", &Accepted { on: "2026-09-11".to_owned() });
    ok(wang.send(vec![brought]));
    assert_eq!(held(&wang, id).text("slip", "no"), Some("CS-S-2026-000001"));
}

#[test]
fn the_station_goes_step_by_step_and_makes_one_card() {
    let (town, mut wang, mut zhou, unit, made) = town();
    let (bare, asked) = (application(&wang, made, "2026-09-10", &COMPLETE[..1]), accepted(&wang, made, "2026-09-10"));
    let (bare_id, id) = (bare.record, asked.record);
    ok(wang.send(vec![bare]));
    ok(wang.send(vec![asked]));
    let other = town.resident(&mut wang, unit);
    zhou.sync().expect("syncs");
    let mut say = |drafts: Vec<Draft>| {
        town.pass(1000);
        let said = zhou.send(drafts);
        zhou.sync().expect("syncs");
        said
    };
    let town_zhou = town.pen("zhou");
    let step = |id, state| decide(&town_zhou, id, state);
    assert_eq!(refused(say(vec![step(bare_id, REVIEW)])), invalid("decided"), "nobody accepted it");
    assert_eq!(refused(say(vec![step(id, APPROVED)])), invalid("decided.state"), "nobody looked at it");
    assert_eq!(refused(say(vec![card(&town_zhou, made, Some(id))])), invalid("who.application"));
    ok(say(vec![step(id, REVIEW)]));
    assert_eq!(refused(say(vec![step(id, ISSUED)])), invalid("decided.state"), "there is no card");
    ok(say(vec![step(id, APPROVED)]));
    assert_eq!(refused(say(vec![step(id, REFUSED)])), invalid("decided.state"), "what was approved is not refused");
    assert_eq!(refused(say(vec![card(&town_zhou, other, Some(id))])), invalid("who.application"), "it is somebody else's");
    assert_eq!(refused(say(vec![card(&town_zhou, made, None)])), invalid("who.application"), "nobody asked for it");
    let first = card(&town_zhou, made, Some(id));
    ok(say(vec![first, step(id, ISSUED)]));
    assert_eq!(refused(say(vec![card(&town_zhou, made, Some(id))])), invalid("who.application"), "one card");
    // A card from before this register carries its own number.
    let mut old = card(&town_zhou, other, None);
    old.groups.get_mut("issued").expect("set above").insert("card_no".to_owned(), "330822000123".into());
    ok(say(vec![old]));
}

#[test]
fn a_refusal_says_why() {
    let (town, mut wang, mut zhou, _, made) = town();
    let asked = accepted(&wang, made, "2026-09-10");
    let id = asked.record;
    ok(wang.send(vec![asked]));
    zhou.sync().expect("syncs");
    ok(zhou.send(vec![decide(&zhou, id, REVIEW)]));
    town.pass(1000);
    let bare = Decided { state: REFUSED.to_owned(), on: "2026-09-10".to_owned(), reason: " ".to_owned() };
    let draft = zhou.set(&held(&zhou, id)).with("decided", &bare);
    assert_eq!(refused(zhou.send(vec![draft])), invalid("decided.state"));
    zhou.sync().expect("syncs");
    town.pass(1000);
    ok(zhou.send(vec![decide(&zhou, id, REFUSED)]));
    wang.sync().expect("syncs");
    assert_eq!(held(&wang, id).text("decided", "reason"), Some("就业证明与实际不符"));
}

#[test]
fn what_is_the_stations_is_refused_to_everybody_else() {
    let (town, mut wang, mut zhou, _, made) = town();
    let (application, permit) = issued(&town, &mut wang, &mut zhou, made);
    let mut say = |draft: Draft| {
        town.pass(1000);
        let said = wang.send(vec![draft]);
        wang.sync().expect("syncs");
        said
    };
    let pen = town.pen("wang");
    for state in [REVIEW, APPROVED, REFUSED, ISSUED] {
        assert_eq!(refused(say(decide(&pen, application, state))), not_theirs("decided"), "{state}");
    }
    assert_eq!(refused(say(card(&pen, made, Some(application)))), not_theirs("issued"));
    assert_eq!(refused(say(event(&pen, permit, PermitEventKind::Reissue))), not_theirs("fact"));
    let end = |reason| {
        let fact = PermitFact { reason: Some(reason), ..PermitFact::new(permit, PermitEventKind::Cancel, "2026-09-10") };
        pen.create(kind::PERMIT_EVENT).with("fact", &fact)
    };
    assert_eq!(refused(say(end(EndReason::NotEndorsed))), not_theirs("fact"));
    // What is entrusted to a coordinator is taken.
    for what in [PermitEventKind::HandOut, PermitEventKind::Endorse, PermitEventKind::ReplaceLost] {
        ok(say(event(&pen, permit, what)));
    }
    ok(say(end(EndReason::Surrendered)));

    // A coordinator takes back what a coordinator noted down, and not the station's word.
    let reissue = event(&zhou, permit, PermitEventKind::Reissue);
    let made_card = reissue.record;
    zhou.sync().expect("syncs");
    ok(zhou.send(vec![reissue]));
    let back = |withdraws| {
        let fact = PermitFact { withdraws: Some(withdraws), ..PermitFact::new(permit, PermitEventKind::Withdraw, "2026-09-10") };
        pen.create(kind::PERMIT_EVENT).with("fact", &fact)
    };
    say(event(&pen, permit, PermitEventKind::HandOut)).expect("an answer");
    assert_eq!(refused(say(back(made_card))), not_theirs("fact"));
    let slip = event(&pen, permit, PermitEventKind::HandOut);
    let mistaken = slip.record;
    ok(say(slip));
    ok(say(back(mistaken)));

    // A landlord has no part in it, and neither has the bureau's administrator.
    for login in ["chen", "admin"] {
        if let Ok(mut pen) = Pen::new(&town.core, login) {
            let draft = event(&pen, permit, PermitEventKind::HandOut);
            let said = pen.send(vec![draft]);
            assert!(
                said.is_err() || said.is_ok_and(|verdicts| verdicts.iter().all(|v| matches!(v, Verdict::Refused(_)))),
                "{login}"
            );
        }
    }
}

#[test]
fn a_permit_goes_where_its_holder_goes_and_late_work_goes_after_it() {
    let (town, mut wang, mut zhou, _, made) = town();
    let (application, permit) = issued(&town, &mut wang, &mut zhou, made);
    let mut li = town.pen("li");
    let mut second = town.pen("wang");
    ok(wang.send(vec![event(&wang, permit, PermitEventKind::HandOut)]));
    second.sync().expect("syncs");
    // On her other phone 王敏 endorses it, offline; meanwhile the holder moves to 李强's village.
    town.pass(1000);
    second.save(vec![event(&second, permit, PermitEventKind::Endorse)]);
    let drafts = hand_over(&wang, made, LIS, "2026-09-10");
    ok(wang.send(drafts));
    li.sync().expect("syncs");
    assert!(wang.record(permit).is_none() && wang.record(application).is_none(), "it has left her village");
    assert_eq!(li.records(kind::PERMIT_EVENT).len(), 1);
    second.sync().expect("syncs");
    assert!(second.verdicts.values().all(|verdict| matches!(verdict, Verdict::Ok)), "late work is taken");
    li.sync().expect("syncs");
    assert_eq!(li.records(kind::PERMIT_EVENT).len(), 2, "and goes where the holder went");
    town.check_sums(&[&wang, &second, &li]);
    // A month later it is not hers any more, whatever an old file of hers still knows.
    town.pass(31 * 24 * 60 * 60 * 1000);
    let late = vec![event(&wang, permit, PermitEventKind::ReplaceLost)];
    assert_eq!(refused(wang.send(late)), Refusal::Scope);
    let late = vec![accepted(&wang, made, "2026-10-11")];
    assert_eq!(refused(wang.send(late)), Refusal::Scope);
    // Who never knew the holder has nothing to say about the permit.
    let mut stranger = Pen::new(&town.core, "chen").expect("a device");
    stranger.sync().expect("syncs");
    assert_eq!(stranger.records(kind::PERMIT).len() + stranger.records(kind::PERMIT_APPLICATION).len(), 0);
}

#[test]
fn an_application_names_a_registration_of_its_own_person() {
    let (town, mut wang, _, unit, made) = town();
    let other = town.resident(&mut wang, unit);
    let mixed = accepted(&wang, Registered { residency: other.residency, ..made }, "2026-09-10");
    assert_eq!(refused(wang.send(vec![mixed])), invalid("who.residency"));
    // Somebody who has left may still have an application open: it is refused by people, not by the order of arrival.
    let drafts = cancel(&wang, made, "2026-09-10", town.core.now_unix_ms());
    ok(wang.send(drafts));
    ok(wang.send(vec![accepted(&wang, made, "2026-09-10")]));
}

/// What somebody at the desk is answered.
fn at_desk<T: serde::de::DeserializeOwned>(town: &Town, login: &str, command: DeskCommand) -> Result<T, ErrorCode> {
    let (token, _) = town.core.desk_sign_in(login, PASSWORD).map_err(|error| error.code)?;
    let caller = town.core.desk_caller(&token).map_err(|error| error.code)?;
    let handled = town.core.desk(&caller, command).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn step(town: &Town, login: &str, id: RecordId, step: PermitStep, note: &str) -> Result<RecordView, ErrorCode> {
    town.pass(1000);
    let ask = DecidePermit { id, step, note: note.to_owned(), months: None, reason: None, since: String::new() };
    at_desk(town, login, DeskCommand::DecidePermit(ask))
}

fn queue(town: &Town, states: &[&str]) -> Vec<RecordId> {
    let ask = ListRecords {
        kind: kind::PERMIT_APPLICATION.to_owned(),
        states: states.iter().map(|&state| state.to_owned()).collect(),
        ..ListRecords::default()
    };
    let page: RecordPage = at_desk(town, "zhou", DeskCommand::ListRecords(ask)).expect("a page");
    page.rows.into_iter().map(|row| row.id).collect()
}

#[test]
fn the_station_works_through_its_queue_at_the_desk() {
    let (town, mut wang, _, _, made) = town();
    let asked = accepted(&wang, made, "2026-09-10");
    let id = asked.record;
    ok(wang.send(vec![asked]));
    assert_eq!((queue(&town, &["taken"]), queue(&town, &["review", "approved"])), (vec![id], vec![]));
    assert_eq!(step(&town, "zhou", id, PermitStep::Issue, ""), Err(ErrorCode::Stale), "one step after the other");
    assert_eq!(step(&town, "admin", id, PermitStep::Review, ""), Err(ErrorCode::NotAllowed), "the bureau only looks");
    let steps = |view: RecordView| view.permit.expect("a permit's paper").steps;
    assert_eq!(
        steps(step(&town, "zhou", id, PermitStep::Review, "").expect("reviewed")),
        [PermitStep::Approve, PermitStep::Refuse]
    );
    assert_eq!(step(&town, "zhou", id, PermitStep::Refuse, " "), Err(ErrorCode::Form), "a refusal says why");
    assert_eq!(steps(step(&town, "zhou", id, PermitStep::Approve, "").expect("approved")), [PermitStep::Issue]);
    assert_eq!(queue(&town, &["approved"]), [id]);
    assert_eq!(steps(step(&town, "zhou", id, PermitStep::Issue, "").expect("issued")), []);
    assert_eq!((queue(&town, &["taken", "review", "approved"]), queue(&town, &["issued"])), (vec![], vec![id]));

    wang.sync().expect("syncs");
    let [permit] = &wang.records(kind::PERMIT)[..] else { panic!("one card") };
    let issued: Issued = permit.typed("issued").expect("issued");
    assert_eq!((issued.on.as_str(), issued.continuity_start.as_str()), ("2026-09-10", "2026-03-02"));
    let permit = permit.id;
    let handed = step(&town, "zhou", permit, PermitStep::HandOut, "").expect("handed out");
    assert_eq!((handed.row.state.as_str(), handed.permit.expect("a card").standing), ("handed_out", Some(Standing::Valid)));

    // A year later nobody endorsed it; late, at the counter, it is made up for.
    town.go_to(at("2027-10-01", 9, 0));
    let view: RecordView = at_desk(&town, "zhou", DeskCommand::ViewRecord(ViewRecord { id: permit })).expect("a record");
    let card = view.permit.expect("a card");
    assert_eq!((card.standing, card.steps.contains(&PermitStep::Endorse)), (Some(Standing::Suspended), true));
    let view = step(&town, "zhou", permit, PermitStep::Endorse, "").expect("endorsed");
    let card = view.permit.expect("a card");
    assert_eq!((card.standing, card.continuity_start.as_str()), (Some(Standing::Valid), "2027-10-01"));
    let lost = PermitFact::new(permit, PermitEventKind::ReplaceLost, "2027-10-01");
    wang.sync().expect("syncs");
    let draft = wang.create(kind::PERMIT_EVENT).with("fact", &lost);
    ok(wang.send(vec![draft]));
    let view = step(&town, "zhou", permit, PermitStep::Reissue, "").expect("made anew");
    assert_eq!(view.row.state, "to_hand_out");
    let end = |reason| {
        town.pass(1000);
        let ask =
            DecidePermit { id: permit, step: PermitStep::End, note: String::new(), months: None, reason, since: String::new() };
        at_desk::<RecordView>(&town, "zhou", DeskCommand::DecidePermit(ask))
    };
    assert_eq!(end(None), Err(ErrorCode::Form));
    let view = end(Some(EndReason::NotEndorsed)).expect("ended");
    assert_eq!((view.row.state.as_str(), view.permit.expect("a card").steps), ("ended", vec![]));
    assert_eq!(step(&town, "zhou", permit, PermitStep::Renew, ""), Err(ErrorCode::Stale));
    wang.sync().expect("syncs");
    town.check_sums(&[&wang]);
}

#[test]
fn a_temporary_permit_of_2009_runs_its_months_and_is_renewed_by_the_station() {
    let town = Town::new();
    let choice = PolicyChoice { pack: "zj-2009".to_owned(), from: "2026-01-01".to_owned() };
    town.core.choose_policy(choice).expect("a choice");
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let asked = Asked {
        kind: PermitKind::Temporary,
        ground: None,
        on: "2026-03-02".to_owned(),
        months: Some(12),
        pack: "zj-2009".to_owned(),
        counted_from: "2026-03-02".to_owned(),
        eligible_on: "2026-03-02".to_owned(),
    };
    let materials = Materials { given: vec!["ID".to_owned(), "PHOTO".to_owned()], told_on: String::new() };
    let draft = wang
        .create(kind::PERMIT_APPLICATION)
        .with("who", &ApplicationWho { person: made.person, residency: made.residency })
        .with("asked", &asked)
        .with("materials", &materials)
        .with("accepted", &Accepted { on: "2026-03-02".to_owned() });
    let id = draft.record;
    ok(wang.send(vec![draft]));
    assert_eq!(held(&wang, id).typed::<Slip>("slip").expect("a slip").due, None, "that law names no time");
    for each in [PermitStep::Review, PermitStep::Approve, PermitStep::Issue] {
        step(&town, "zhou", id, each, "").expect("a step");
    }
    wang.sync().expect("syncs");
    let permit = wang.records(kind::PERMIT)[0].clone();
    assert_eq!(permit.text("issued", "valid_until"), Some("2027-03-02"));
    let renew = |months| {
        town.pass(1000);
        let ask = DecidePermit {
            id: permit.id,
            step: PermitStep::Renew,
            note: String::new(),
            months,
            reason: None,
            since: String::new(),
        };
        at_desk::<RecordView>(&town, "zhou", DeskCommand::DecidePermit(ask)).map(|view| view.permit.expect("a card").valid_until)
    };
    for wrong in [None, Some(5), Some(37)] {
        assert_eq!(renew(wrong), Err(ErrorCode::Form), "six months to three years: {wrong:?}");
    }
    assert_eq!(renew(Some(36)), Ok("2030-03-02".to_owned()));
}
