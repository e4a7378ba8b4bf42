//! Safety checks, hazards, letters and grades: what the server takes, from whom, and what two people said who had not seen each other.

use domain::access::Role;
use domain::checklist::Item;
use domain::grade::{self, Grade, Override, Wanted};
use domain::hazard::{self, HandedTo, HazardState, State, What, state_of};
use domain::inspection::{HazardForm, Outcome, RoomForm};
use domain::merge::Refusal;
use domain::photo::{BlobHash, PhotoFact};
use domain::place::Scope;
use domain::withdrawal::Withdrawal;
use domain::{Fields, RecordId, kind};
use serde_json::{Value, json};
use sync_protocol::Verdict;
use sync_server::demo::{Check, Draft, Pen, check, recheck, signed_letter};
use ui_protocol::desk::{RecordView, SetGrade, ViewRecord};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, conflicts, held, ok};

fn room(usable_m2: &str, people: &str) -> RoomForm {
    RoomForm { label: "101".into(), usable_m2: usable_m2.into(), people: people.into(), ..RoomForm::default() }
}

fn noticed() -> HazardForm {
    HazardForm { description: "瓶在床边".into(), ..HazardForm::default() }
}

/// A check of a home that finds a gas bottle and an empty extinguisher, and too little room.
fn a_check(town: &Town, pen: &Pen, unit: RecordId) -> Check {
    town.pass(1000);
    let now = town.core.now_unix_ms();
    check(pen, &town.rules(), unit, now, vec![room("7", "2")], &[(Item::Rq02, noticed()), (Item::Xf03, HazardForm::default())])
}

/// A home of Wang's village with one open grave hazard.
fn gas_bottle(town: &Town, wang: &mut Pen) -> (RecordId, RecordId) {
    let unit = town.home(wang, WANGS, CHENS_PHONE);
    let made = check(wang, &town.rules(), unit, town.core.now_unix_ms(), vec![], &[(Item::Rq02, noticed())]);
    let hazard = made.hazards[0];
    ok(wang.send(made.drafts));
    (unit, hazard)
}

fn becomes(pen: &Pen, hazard: RecordId, state: HazardState, to: Option<HandedTo>) -> Vec<Draft> {
    let state = State { state, on: "2026-03-02".into(), to, recheck: None, note: String::new() };
    vec![pen.set(&held(pen, hazard)).with("state", &state)]
}

fn refused(verdicts: &[Verdict]) -> Option<Refusal> {
    verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(Refusal::WithItsSave) => None,
        Verdict::Refused(why) => Some(why.clone()),
        _ => None,
    })
}

#[test]
fn a_check_its_hazards_and_their_photos_stand_in_the_homes_village_and_the_landlord_sees_none() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let made = a_check(&town, &wang, unit);
    assert_eq!(made.hazards.len(), 3, "RS01 was computed: 3.5 m² each");
    let (inspection, hazards) = (made.inspection, made.hazards.clone());
    ok(wang.send(made.drafts));
    let fact = PhotoFact {
        of: hazards[0],
        hash: BlobHash::of(b"bottle"),
        bytes: 6,
        width: 640,
        height: 480,
        thumb: BlobHash::of(b"small"),
        thumb_bytes: 5,
        taken_on: None,
        note: String::new(),
    };
    ok(wang.send(vec![wang.create(kind::PHOTO).with("fact", &fact)]));
    let bottle = town.record(hazards[2]);
    assert_eq!(bottle.text("what", "item"), Some("RQ02"));
    assert_eq!(bottle.text("due", "on"), Some("2026-03-02"), "grave: the same day");
    assert_eq!(town.record(hazards[1]).text("due", "on"), Some("2026-03-17"), "to mend: fifteen days");
    assert_eq!(bottle.text("due", "pack"), Some("zj-2016"), "stored with what it was computed from");
    for id in hazards.iter().chain([&inspection]) {
        assert_eq!(town.record(*id).text("place", "area"), Some(WANGS));
    }
    chen.sync().expect("pulls");
    assert!(chen.record(unit).is_some());
    for kind in [kind::INSPECTION, kind::HAZARD, kind::PHOTO, kind::LETTER, kind::RECHECK] {
        assert_eq!(chen.records(kind), [], "a landlord receives no {kind}");
    }
    town.check_sums(&[&wang, &chen]);

    // The home is another village's now: everything about it goes along.
    let mut zhou = town.pen("zhou");
    let mut address = held(&zhou, unit).fields("address").cloned().expect("an address");
    address.insert("area".into(), LIS.into());
    let mut draft = zhou.set(&held(&zhou, unit));
    draft.groups.insert("address".into(), address);
    ok(zhou.send(vec![draft]));
    wang.sync().expect("pulls");
    let li = town.pen("li");
    assert_eq!((wang.records(kind::HAZARD).len(), li.records(kind::HAZARD).len()), (0, 3));
    assert_eq!((wang.records(kind::PHOTO).len(), li.records(kind::PHOTO).len()), (0, 1));
    assert_eq!((wang.records(kind::INSPECTION).len(), li.records(kind::INSPECTION).len()), (0, 1));
    assert!(li.scopes().contains(&Scope::Area(LIS.into())));
    town.check_sums(&[&wang, &li, &zhou]);
}

#[test]
fn what_no_form_lets_through_is_refused_by_name_and_nothing_of_it_stays() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    fn set(save: &mut [Draft], at: usize, group: &str, field: &str, value: Value) {
        save[at].groups.get_mut(group).expect("the group of the test").insert(field.into(), value);
    }
    fn room(save: &mut [Draft], field: &str, value: Value) {
        save[0].groups.get_mut("fact").expect("a fact")["rooms"][0][field] = value;
    }
    type Bend = fn(&mut [Draft]);
    // The save: the check, then RS01, XF03, RQ02.
    let rows: Vec<(&str, Bend)> = vec![
        ("fact.usable_m2", |save| room(save, "usable_m2x100", 0.into())),
        ("fact.people", |save| room(save, "people", 9999.into())),
        ("fact", |save| room(save, "people", 2.5.into())),
        ("fact.answers", |save| set(save, 0, "fact", "answers", json!({}))),
        ("fact.answers", |save| set(save, 0, "fact", "answers", json!({ "ZZ99": "pass" }))),
        ("fact", |save| set(save, 0, "fact", "answers", json!({ "XF01": "perfect" }))),
        // The rule says 3.5 < 4; a phone that says otherwise is wrong.
        ("fact.answers", |save| save[0].groups.get_mut("fact").expect("a fact")["answers"]["RS01"] = "pass".into()),
        ("fact.note", |save| set(save, 0, "fact", "note", "字".repeat(201).into())),
        ("what.item", |save| set(save, 3, "what", "item", "ZZ99".into())),
        ("what.severity", |save| set(save, 3, "what", "severity", 1.into())),
        ("what.description", |save| set(save, 3, "what", "description", "字".repeat(201).into())),
        ("charge", |save| set(save, 3, "charge", "responsible", "张三".into())),
        ("state.on", |save| set(save, 3, "state", "on", "today".into())),
        ("state.to", |save| set(save, 3, "state", "to", "FIRE".into())),
        ("state", |save| drop(save[3].groups.remove("state"))),
        ("charge", |save| drop(save[3].groups.insert("charge".into(), Fields::new()))),
    ];
    for (at, (what, bend)) in rows.into_iter().enumerate() {
        let mut made = a_check(&town, &wang, unit);
        bend(&mut made.drafts);
        let verdicts = wang.send(made.drafts).expect("an answer");
        assert_eq!(refused(&verdicts), Some(Refusal::Invalid(what.to_owned())), "row {at}");
        assert!(!town.knows(made.inspection) && made.hazards.iter().all(|id| !town.knows(*id)), "row {at}");
    }
    // A state that is none is nobody's to write.
    let mut made = a_check(&town, &wang, unit);
    set(&mut made.drafts, 3, "state", "state", "overdue".into());
    assert_eq!(refused(&wang.send(made.drafts).expect("an answer")), Some(Refusal::Role("state".into())));
    // Born closed, nobody ever looked again.
    let mut made = a_check(&town, &wang, unit);
    set(&mut made.drafts, 3, "state", "state", "closed".into());
    assert_eq!(refused(&wang.send(made.drafts).expect("an answer")), Some(Refusal::Role("state".into())));
    town.check_sums(&[&wang]);
}

#[test]
fn a_hazard_is_closed_by_a_recheck_of_this_hazard_that_found_it_mended() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (_, hazard) = gas_bottle(&town, &mut wang);
    let (other_unit, other) = gas_bottle(&town, &mut wang);
    let now = town.core.now_unix_ms();
    // Each a save that goes too far.
    let closing = |wang: &Pen, bend: &dyn Fn(&mut Vec<Draft>)| {
        let mut drafts = recheck(wang, &town.rules(), &held(wang, hazard), now, true);
        bend(&mut drafts);
        drafts
    };
    let state = |drafts: &mut Vec<Draft>, field: &str, value: Value| {
        drafts.last_mut().expect("the hazard").groups.get_mut("state").expect("a state").insert(field.into(), value);
    };
    let none = closing(&wang, &|drafts| {
        drafts.remove(0);
        drafts[0].groups.get_mut("state").expect("a state").remove("recheck");
    });
    let not_fixed =
        closing(&wang, &|drafts| drop(drafts[0].groups.get_mut("fact").expect("a fact").insert("fixed".into(), false.into())));
    let fixed_yet_open = closing(&wang, &|drafts| state(drafts, "state", "recheck".into()));
    let of_another = closing(&wang, &|drafts| {
        drafts[0].groups.get_mut("fact").expect("a fact").insert("hazard".into(), other.to_string().into());
    });
    let nobodys = closing(&wang, &|drafts| state(drafts, "recheck", other_unit.to_string().into()));
    for (why, save) in [
        ("no re-check", none),
        ("not mended", not_fixed),
        ("mended", fixed_yet_open),
        ("another's", of_another),
        ("a home", nobodys),
    ] {
        let verdicts = wang.send(save).expect("an answer");
        assert_eq!(refused(&verdicts), Some(Refusal::Invalid("state.recheck".into())), "{why}");
        assert_eq!(state_of(&town.record(hazard)), HazardState::Noticed, "{why}");
    }
    // In the course of a check of another home nobody saw this hazard.
    let during = |wang: &Pen, check: domain::RecordId| {
        let mut drafts = recheck(wang, &town.rules(), &held(wang, hazard), now, false);
        drafts[0].groups.get_mut("fact").expect("a fact").insert("inspection".into(), check.to_string().into());
        drafts
    };
    let check_of = |hazard: domain::RecordId| town.record(hazard).reference("what", "inspection").expect("a check");
    let elsewhere = wang.send(during(&wang, check_of(other))).expect("an answer");
    assert_eq!(refused(&elsewhere), Some(Refusal::Invalid("fact.inspection".into())));
    ok(wang.send(during(&wang, check_of(hazard))));
    assert_eq!(state_of(&town.record(hazard)), HazardState::Recheck);
    ok(wang.send(recheck(&wang, &town.rules(), &held(&wang, hazard), now + 1, true)));
    assert_eq!(state_of(&town.record(hazard)), HazardState::Closed);
    // Found again it is another hazard.
    let again = wang.send(becomes(&wang, hazard, HazardState::Noticed, None)).expect("an answer");
    assert_eq!(refused(&again), Some(Refusal::Role("state".into())));
    let verdicts = wang.send(vec![wang.delete(&held(&wang, hazard))]).expect("an answer");
    assert_eq!(refused(&verdicts), Some(Refusal::Role(kind::HAZARD.into())), "what was found is not taken back");
    town.check_sums(&[&wang]);
}

#[test]
fn two_checks_of_one_home_on_one_afternoon_are_both_kept() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let mut zhou = town.pen("zhou");
    let (first, second) = (a_check(&town, &wang, unit), a_check(&town, &zhou, unit));
    let all: Vec<RecordId> = first.hazards.iter().chain(&second.hazards).copied().collect();
    wang.save(first.drafts);
    ok(zhou.send(second.drafts));
    wang.sync().expect("pushes");
    assert!(all.iter().all(|id| town.knows(*id)));
    assert_eq!(wang.records(kind::INSPECTION).len(), 2);
    assert_eq!(conflicts(&wang), [], "facts do not meet");
    town.check_sums(&[&wang]);
}

#[test]
fn a_mistake_is_taken_back_by_its_author_or_the_station_and_by_nobody_else() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    town.account("sun", "孙丽", Role::Coordinator, "", &[WANGS]);
    let (unit, hazard) = gas_bottle(&town, &mut wang);
    let check = town.record(hazard).reference("what", "inspection").expect("a check");
    let (mut sun, mut li, mut zhou) = (town.pen("sun"), town.pen("li"), town.pen("zhou"));
    let of =
        |pen: &Pen, of: RecordId| vec![pen.create(kind::WITHDRAWAL).with("fact", &Withdrawal { of, note: "登错门了".into() })];
    let rows: [(&mut Pen, RecordId, Refusal); 4] = [
        (&mut sun, check, Refusal::Role("fact".into())),
        (&mut chen, check, Refusal::Role("fact".into())),
        (&mut li, check, Refusal::Role("fact".into())),
        (&mut zhou, hazard, Refusal::Invalid("fact.of".into())),
    ];
    for (at, (pen, target, why)) in rows.into_iter().enumerate() {
        let save = of(pen, target);
        assert_eq!(refused(&pen.send(save).expect("an answer")), Some(why), "{at}");
    }
    let barred = || {
        let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
        let caller = town.core.desk_caller(&token).expect("a session");
        let handled = town.core.desk(&caller, DeskCommand::ViewRecord(ViewRecord { id: unit })).expect("a home");
        let view: RecordView = serde_json::from_value(handled.reply).expect("a record");
        view.graded.map(|graded| (graded.grade, graded.barred))
    };
    assert_eq!(barred(), Some((Grade::Red, true)));
    let save = of(&wang, check);
    ok(wang.send(save));
    let save = of(&zhou, check);
    ok(zhou.send(save));
    assert_eq!(barred(), Some((Grade::Green, false)), "and the desk sees it so");
    wang.sync().expect("pulls");
    assert_eq!(wang.records(kind::WITHDRAWAL).len(), 2, "two that had not seen each other are both there");
    chen.sync().expect("pulls");
    assert_eq!(chen.records(kind::WITHDRAWAL), [], "a landlord receives none");
    assert_eq!(town.record(wang.records(kind::WITHDRAWAL)[0].id).text("place", "area"), Some(WANGS));
    town.check_sums(&[&wang, &chen, &zhou]);
}

#[test]
fn a_withdrawal_is_taken_back_once_and_by_whoever_may() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    town.account("sun", "孙丽", Role::Coordinator, "", &[WANGS]);
    let (_, hazard) = gas_bottle(&town, &mut wang);
    let check = town.record(hazard).reference("what", "inspection").expect("a check");
    let (mut sun, mut zhou) = (town.pen("sun"), town.pen("zhou"));
    let of = |pen: &Pen, of: RecordId| vec![pen.create(kind::WITHDRAWAL).with("fact", &Withdrawal { of, note: String::new() })];
    let save = of(&wang, check);
    let first = save[0].record;
    ok(wang.send(save));
    for pen in [&mut sun, &mut chen] {
        let save = of(pen, first);
        assert_eq!(refused(&pen.send(save).expect("an answer")), Some(Refusal::Role("fact".into())));
    }
    let stands = || {
        let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
        let caller = town.core.desk_caller(&token).expect("a session");
        let handled = town.core.desk(&caller, DeskCommand::ViewRecord(ViewRecord { id: check })).expect("a check");
        let view: RecordView = serde_json::from_value(handled.reply).expect("a record");
        !view.withdrawn
    };
    assert!(!stands());
    let save = of(&zhou, first);
    let second = save[0].record;
    ok(zhou.send(save));
    assert!(stands(), "let stand by the station");
    let save = of(&zhou, second);
    assert_eq!(
        refused(&zhou.send(save).expect("an answer")),
        Some(Refusal::Invalid("fact.of".into())),
        "said by another of the check"
    );
    let save = of(&wang, check);
    ok(wang.send(save));
    assert!(!stands(), "taken back once more");
    wang.sync().expect("pulls");
    assert_eq!(wang.records(kind::WITHDRAWAL).len(), 3);
    chen.sync().expect("pulls");
    assert_eq!(chen.records(kind::WITHDRAWAL), [], "a landlord receives none");
    town.check_sums(&[&wang, &chen, &zhou]);
}

#[test]
fn a_hazard_stands_in_the_stead_of_an_older_one_of_the_same_thing_only() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (_, hazard) = gas_bottle(&town, &mut wang);
    let (_, elsewhere) = gas_bottle(&town, &mut wang);
    let known: What = town.record(hazard).typed("what").expect("what");
    let mut put = |what: What| {
        let state = hazard::State {
            state: HazardState::Noticed,
            on: "2026-03-02".to_owned(),
            to: None,
            recheck: None,
            note: String::new(),
        };
        let charge = hazard::Charge { responsible: hazard::Responsible::Landlord };
        let draft = wang.create(kind::HAZARD).with("what", &what).with("state", &state).with("charge", &charge);
        refused(&wang.send(vec![draft]).expect("an answer"))
    };
    let invalid = Some(Refusal::Invalid("what.instead".into()));
    assert_eq!(put(What { instead: Some(elsewhere), ..known.clone() }), invalid, "another home's");
    assert_eq!(put(What { instead: Some(known.inspection), ..known.clone() }), invalid, "no hazard");
    assert_eq!(put(What { instead: Some(hazard), ..known }), None);
}

#[test]
fn a_grade_is_proposed_by_a_coordinator_and_answered_by_the_station_alone() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    let unit = town.home(&mut wang, WANGS, "");
    let wanted = |answer: Option<grade::Answer>, reason: &str| Wanted {
        grade: Grade::Yellow,
        reason: reason.to_owned(),
        on: "2026-03-02".to_owned(),
        answer,
    };
    let said = || grade::Answer {
        taken: false,
        reason: "已清理".to_owned(),
        reviewer: "周建军".to_owned(),
        on: "2026-03-02".to_owned(),
    };
    let send = |pen: &mut Pen, value: &Wanted| {
        town.pass(1000);
        let draft = pen.set(&town.record(unit)).with(grade::WANTED, value);
        let verdicts = pen.send(vec![draft]).expect("an answer");
        pen.sync().expect("syncs");
        refused(&verdicts)
    };
    assert_eq!(send(&mut wang, &wanted(None, " ")), Some(Refusal::Invalid("grade_wanted.reason".into())));
    assert_eq!(
        send(&mut wang, &wanted(Some(said()), "堆物")),
        Some(Refusal::Role("grade_wanted".into())),
        "nobody answers himself"
    );
    assert!(send(&mut chen, &wanted(None, "堆物")).is_some(), "no landlord's business");
    assert_eq!(send(&mut wang, &wanted(None, "堆物")), None);
    let mut zhou = town.pen("zhou");
    assert_eq!(send(&mut zhou, &wanted(Some(said()), "堆物")), None);
    chen.sync().expect("pulls");
    assert!(chen.records(kind::UNIT).iter().all(|unit| unit.fields(grade::WANTED).is_none()), "nor does it travel there");
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn of_two_rechecks_that_had_not_seen_each_other_what_was_found_stands() {
    // Whoever arrives second: still there outweighs mended, and both facts are kept.
    for mended_first in [true, false] {
        let town = Town::new();
        let mut wang = town.pen("wang");
        let (_, hazard) = gas_bottle(&town, &mut wang);
        let mut zhou = town.pen("zhou");
        let now = town.core.now_unix_ms();
        wang.save(recheck(&wang, &town.rules(), &held(&wang, hazard), now, mended_first));
        zhou.save(recheck(&zhou, &town.rules(), &held(&zhou, hazard), now + 60_000, !mended_first));
        wang.sync().expect("pushes");
        zhou.sync().expect("pushes");
        wang.sync().expect("pulls");
        let stands = town.record(hazard);
        assert_eq!(state_of(&stands), HazardState::Recheck, "mended first: {mended_first}");
        assert_eq!(wang.records(kind::RECHECK).len(), 2);
        assert_eq!(conflicts(&wang).len(), 1, "both authors are told");
        assert_eq!(conflicts(&wang)[0].group, "state");
        // The one who is right says so again, having seen the other.
        ok(wang.send(recheck(&wang, &town.rules(), &held(&wang, hazard), now + 120_000, true)));
        assert_eq!(state_of(&town.record(hazard)), HazardState::Closed);
        town.check_sums(&[&wang, &zhou]);
    }
}

#[test]
fn each_role_writes_what_is_its_own() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (unit, hazard) = gas_bottle(&town, &mut wang);
    let (mut li, mut chen, mut admin, mut zhou) = (town.pen("li"), town.pen("chen"), town.pen("admin"), town.pen("zhou"));
    let set = Override { grade: Grade::Yellow, reason: "抽查".into(), reviewer: "周建军".into(), on: "2026-03-02".into() };
    let known = held(&wang, unit);
    let fresh =
        |pen: &Pen| check(pen, &town.rules(), unit, town.core.now_unix_ms(), vec![], &[(Item::Xf03, HazardForm::default())]);

    // The landlord's own home: he writes none of it.
    let refusal = |verdicts: Vec<Verdict>| refused(&verdicts).expect("refused");
    let drafts = fresh(&chen).drafts;
    assert_eq!(refusal(chen.send(drafts).expect("an answer")), Refusal::Role("fact".into()));
    let drafts = signed_letter(&chen, &known, "陈国平", town.core.today());
    assert_eq!(refusal(chen.send(drafts).expect("an answer")), Refusal::Role("fact".into()));
    let drafts = vec![chen.set(&known).with("grade", &set)];
    assert_eq!(refusal(chen.send(drafts).expect("an answer")), Refusal::Role("grade".into()));
    // The neighbour's coordinator has never seen it; the bureau writes no register.
    let drafts = fresh(&li).drafts;
    assert_eq!(refusal(li.send(drafts).expect("an answer")), Refusal::Scope);
    let drafts = fresh(&admin).drafts;
    assert_eq!(refusal(admin.send(drafts).expect("an answer")), Refusal::Role(kind::INSPECTION.into()));
    // The coordinator checks, signs and closes; another grade is the station's.
    let drafts = vec![wang.set(&known).with("grade", &set)];
    assert_eq!(refusal(wang.send(drafts).expect("an answer")), Refusal::Role("grade".into()));
    for bad in ["reason", "reviewer"] {
        let mut draft = zhou.set(&known).with("grade", &set);
        draft.groups.get_mut("grade").expect("a grade").insert(bad.into(), "".into());
        let verdicts = zhou.send(vec![draft]).expect("an answer");
        assert_eq!(refusal(verdicts), Refusal::Invalid(format!("grade.{bad}")));
    }
    ok(zhou.send(vec![zhou.set(&known).with("grade", &set)]));
    assert_eq!(town.record(unit).text("grade", "grade"), Some("yellow"));
    chen.sync().expect("pulls");
    assert_eq!(held(&chen, unit).fields("grade"), None, "how often a home is looked at is not the landlord's to know");
    ok(zhou.send(becomes(&zhou, hazard, HazardState::HandedOver, Some(HandedTo::Fire))));
    wang.sync().expect("pulls");
    ok(wang.send(recheck(&wang, &town.rules(), &held(&wang, hazard), town.core.now_unix_ms(), true)));
    town.check_sums(&[&wang, &zhou, &chen]);
}

#[test]
fn the_station_sets_a_grade_at_its_desk_and_takes_it_back() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (unit, hazard) = gas_bottle(&town, &mut wang);
    let officer = || {
        let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
        town.core.desk_caller(&token).expect("a session")
    };
    let ask = |command: DeskCommand| -> Result<RecordView, ErrorCode> {
        let handled = town.core.desk(&officer(), command).map_err(|error| error.code)?;
        Ok(serde_json::from_value(handled.reply).expect("a record"))
    };
    let set = |grade: Option<Grade>, reason: &str| DeskCommand::SetGrade(SetGrade { id: unit, grade, reason: reason.into() });
    let seen = ask(DeskCommand::ViewRecord(ViewRecord { id: unit })).expect("a home");
    assert_eq!(seen.graded.map(|graded| (graded.grade, graded.barred)), Some((Grade::Red, true)));
    assert!(seen.can_grade);
    assert_eq!(ask(set(Some(Grade::Yellow), " ")), Err(ErrorCode::Form), "a reason is asked for");
    let elsewhere = SetGrade { id: hazard, grade: Some(Grade::Green), reason: "不是房屋".into() };
    assert_eq!(ask(DeskCommand::SetGrade(elsewhere)), Err(ErrorCode::NotFound), "a hazard has no grade");
    let graded = ask(set(Some(Grade::Yellow), "瓶已移到院子")).expect("set").graded.expect("a home");
    assert_eq!((graded.grade, graded.computed, graded.barred), (Grade::Yellow, Grade::Red, true));
    assert_eq!(graded.set.map(|set| (set.reviewer, set.reason)), Some(("周建军".into(), "瓶已移到院子".into())));
    wang.sync().expect("pulls");
    assert_eq!(held(&wang, unit).text("grade", "grade"), Some("yellow"), "the coordinator's phone has it");
    let graded = ask(set(None, "")).expect("taken back").graded.expect("a home");
    assert_eq!((graded.grade, graded.set), (Grade::Red, None));
    town.check_sums(&[&wang]);
}

#[test]
fn a_letter_is_signed_once_and_a_dot_is_no_signature() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let today = town.core.today();
    let sign = |wang: &Pen| signed_letter(wang, &held(wang, unit), "陈国平", today);
    let rows: [(&str, Value); 7] = [
        ("strokes", json!(["500500"])),
        ("strokes", json!([])),
        ("strokes", json!(["not points"])),
        ("signer", json!("")),
        ("template", json!("")),
        ("signed_on", json!("2026-02-30")),
        ("valid_to", json!("2026-01-01")),
    ];
    for (field, value) in rows {
        let mut drafts = sign(&wang);
        drafts[0].groups.get_mut("fact").expect("a fact").insert(field.into(), value);
        let letter = drafts[0].record;
        let verdicts = wang.send(drafts).expect("an answer");
        assert_eq!(refused(&verdicts), Some(Refusal::Invalid(format!("fact.{field}"))));
        assert!(!town.knows(letter));
    }
    let drafts = sign(&wang);
    let letter = drafts[0].record;
    ok(wang.send(drafts));
    assert_eq!(town.record(unit).text("letter", "valid_to"), Some("2027-03-01"));
    let known = held(&wang, letter);
    let mut changed = wang.set(&known);
    let mut fact = known.fields("fact").cloned().expect("a fact");
    fact.insert("signer".into(), "别人".into());
    changed.groups.insert("fact".into(), fact);
    assert_eq!(refused(&wang.send(vec![changed]).expect("an answer")), Some(Refusal::SetOnce("fact".into())));
    let verdicts = wang.send(vec![wang.delete(&known)]).expect("an answer");
    assert_eq!(refused(&verdicts), Some(Refusal::FactIsFinal));
    let chen = town.pen("chen");
    assert!(chen.record(letter).is_none(), "the drawn signature stays with the station");
    assert_eq!(held(&chen, unit).text("letter", "signer"), Some("陈国平"), "that he signed he sees on his home");
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn the_three_outcomes_of_a_failure_are_three_states() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let rows = [
        (Outcome::Noticed, None, HazardState::Noticed),
        (Outcome::FixedOnSpot, None, HazardState::FixedOnSpot),
        (Outcome::HandedOver, Some(HandedTo::Township), HazardState::HandedOver),
    ];
    for (outcome, handed_to, state) in rows {
        let form = HazardForm { outcome, handed_to, ..HazardForm::default() };
        let made = check(&wang, &town.rules(), unit, town.core.now_unix_ms(), vec![], &[(Item::Dq02, form)]);
        let hazard = made.hazards[0];
        ok(wang.send(made.drafts));
        assert_eq!(state_of(&town.record(hazard)), state);
        assert_eq!(town.record(hazard).text("state", "to"), handed_to.map(|to| to.code()));
    }
}

#[test]
fn a_check_goes_back_with_its_hazards_only_until_the_station_has_done_something_about_one() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (_, hazard) = gas_bottle(&town, &mut wang);
    let check = town.record(hazard).reference("what", "inspection").expect("a check");
    let mut zhou = town.pen("zhou");
    let save = becomes(&zhou, hazard, HazardState::HandedOver, Some(HandedTo::Fire));
    ok(zhou.send(save));
    wang.sync().expect("pulls");
    let of = |pen: &Pen| vec![pen.create(kind::WITHDRAWAL).with("fact", &Withdrawal { of: check, note: String::new() })];
    let save = of(&wang);
    assert_eq!(refused(&wang.send(save).expect("an answer")), Some(Refusal::Role("fact".into())));
    let save = of(&zhou);
    ok(zhou.send(save));
}

#[test]
fn one_record_is_taken_back_so_often_and_no_more() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (_, hazard) = gas_bottle(&town, &mut wang);
    let check = town.record(hazard).reference("what", "inspection").expect("a check");
    let mut last = None;
    for _ in 0..60 {
        let save = vec![wang.create(kind::WITHDRAWAL).with("fact", &Withdrawal { of: check, note: String::new() })];
        last = refused(&wang.send(save).expect("an answer"));
        if last.is_some() {
            break;
        }
    }
    assert_eq!(last, Some(Refusal::Invalid("fact.of".into())));
    assert_eq!(wang.records(kind::WITHDRAWAL).len(), 50);
}
