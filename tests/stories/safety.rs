//! A safety check at the door: what is found, by when it is mended, and what two people say who had not heard of each other.

use domain::RecordId;
use domain::access::Role;
use domain::checklist::{Answer, Item};
use domain::codes::Relation;
use domain::form::{FieldProblem, Problem};
use domain::grade::{Grade, Override, Reason};
use domain::hazard::{self, HandedTo, HazardState, Responsible};
use domain::inspection::{HazardForm, InspectionForm, Outcome, RoomForm};
use domain::letter_text::{Clause, Wording};

use domain::signature::{self, SignatureProblem};
use domain::{Record, day};
use sync_server::demo::Pen;
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::lookups::{Draft, KeepDraft};
use ui_protocol::people::SaveResident;
use ui_protocol::photos::{AddPhoto, Photos};
use ui_protocol::safety::{
    CheckForm, HandOverHazard, Hazard, LetterStanding, Letters, NoticeSlip, PastCheck, RecheckHazard, Safety, SafetyView,
    SaveCheck, SavedCheck, SignLetter,
};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

fn home(wang: &Actor) -> RecordId {
    let home = wang.home(DONG, "12号", "13905700099", "101,102");
    wang.sync();
    home
}

fn safety(actor: &Actor, unit: RecordId) -> SafetyView {
    actor.ask(Safety { unit })
}

/// A check as the page begins it, everything in order but what is listed.
fn form(actor: &Actor, unit: RecordId, failed: &[(Item, HazardForm)]) -> InspectionForm {
    let mut form = actor.ask(CheckForm { unit }).form;
    form.answers = Item::ALL.iter().filter(|item| !item.is_computed()).map(|item| (item.code().into(), Answer::Pass)).collect();
    for (item, hazard) in failed {
        form.answers.insert(item.code().into(), Answer::Fail);
        form.hazards.insert(item.code().into(), hazard.clone());
    }
    form
}

fn check(actor: &Actor, unit: RecordId, failed: &[(Item, HazardForm)]) -> SavedCheck {
    actor.ask(SaveCheck { unit, form: form(actor, unit, failed), draft: None })
}

fn bottle() -> (Item, HazardForm) {
    (Item::Rq02, HazardForm { description: "居室里用着煤气瓶".into(), ..HazardForm::default() })
}

/// The server took everything this phone sent.
fn nothing_refused(actor: &Actor) {
    assert_eq!(actor.ask(Attention {}).refused, []);
}

fn today(world: &World) -> String {
    day::day_of(world.time.now()).to_string()
}

fn later(world: &World, days: i64) -> String {
    day::day_of(world.time.now() + days * day::DAY_MS).to_string()
}

/// A grave thing found, a home barred, looked at again, closed: offline, and then seen by the colleague.
#[test]
fn a_gas_bottle_is_found_and_its_home_is_red_until_somebody_has_seen_it_gone() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = home(&wang);
    assert_eq!(safety(&wang, unit).graded.grade, Grade::Green);
    assert_eq!(safety(&wang, unit).next_due, None, "nobody was there yet");
    wang.online(false);
    let saved = check(&wang, unit, &[bottle(), (Item::Xf03, HazardForm::default())]);
    assert_eq!((saved.opened.len(), saved.closed.len(), saved.waiting_to_sync), (2, 0, true));
    let seen = safety(&wang, unit);
    assert_eq!((seen.graded.grade, seen.graded.barred), (Grade::Red, true));
    let reason = |item: &str, severity| Reason::Hazard { item: item.into(), severity, since: today(&world) };
    assert_eq!(seen.graded.reasons, [reason("RQ02", 3), reason("XF03", 2)]);
    assert_eq!(seen.next_due.map(|due| due.on), Some(later(&world, 30)), "red: thirty days after the check");
    let dues: Vec<String> = seen.hazards.iter().map(|row| row.due.clone().expect("a day").on).collect();
    assert_eq!(dues, [today(&world), later(&world, 15)], "grave: the same day; to mend: fifteen days");
    assert_eq!(seen.checks[0].counts, [(Answer::Pass, 26), (Answer::Fail, 2), (Answer::NotApplicable, 2)]);

    // A picture of the bottle, on the hazard.
    let photo = AddPhoto { of: saved.opened[1], image: BOTTLE_PNG.into(), note: "瓶".into() };
    let photo = wang.ask(photo);
    assert_eq!(wang.ask(Photos { of: saved.opened[1], withdrawn: false }).photos.len(), 1);
    // The notice for the landlord: number, home, what by when; no occupant.
    let slip = wang.ask(NoticeSlip { inspection: saved.inspection });
    assert!(slip.number.starts_with(&today(&world).replace('-', "")), "{}", slip.number);
    assert_eq!(slip.items.iter().map(|found| found.row.item).collect::<Vec<_>>(), [Some(Item::Rq02), Some(Item::Xf03)]);
    // Still there the day after: another day is set. Then it is gone.
    world.time.pass_days(1);
    let hazard = saved.opened[1];
    let overdue = wang.ask(Hazard { id: hazard }).row.due.expect("a day");
    assert!(overdue.working_days_left < 0, "overdue is computed, nobody wrote it down");
    let again = wang.ask(RecheckHazard { id: hazard, fixed: false, note: "还在".into() });
    assert_eq!((again.row.state, again.row.due.expect("a day").on), (HazardState::Recheck, today(&world)));
    assert!(again.may.contains(&HazardState::Closed) && !again.may.contains(&HazardState::Noticed));
    assert!(hazard::wants_hand_over(again.row.severity, again.row.state), "grave: its page asks for the hand-over");
    let handed = wang.ask(HandOverHazard { id: hazard, to: HandedTo::Fire, note: String::new() });
    assert_eq!((handed.row.state, handed.row.handed_to), (HazardState::HandedOver, Some(HandedTo::Fire)));
    assert!(!hazard::wants_hand_over(handed.row.severity, handed.row.state));
    let looked = wang.ask(RecheckHazard { id: hazard, fixed: false, note: String::new() });
    assert_eq!(looked.row.state, HazardState::HandedOver, "who took it over has it until it is mended");
    world.time.pass_ms(1000);
    let closed = wang.ask(RecheckHazard { id: hazard, fixed: true, note: String::new() });
    assert_eq!((closed.row.state, closed.row.due, closed.rechecks.len()), (HazardState::Closed, None, 3));
    assert_eq!(closed.may, [], "found again it is another hazard");
    let stale = wang.try_ask(RecheckHazard { id: hazard, fixed: false, note: String::new() }).expect_err("closed");
    assert_eq!(stale.code, ErrorCode::Stale);
    assert_eq!((safety(&wang, unit).graded.grade, safety(&wang, unit).graded.barred), (Grade::Yellow, false));

    wang.online(true);
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    assert_eq!(safety(&li, unit).graded, safety(&wang, unit).graded);
    assert_eq!(li.ask(Hazard { id: hazard }).rechecks.iter().filter(|line| line.mine).count(), 0);
    let theirs = li.ask(Photos { of: hazard, withdrawn: false }).photos;
    assert_eq!(theirs.iter().map(|photo| photo.id).collect::<Vec<_>>(), [photo.id]);
    wang.expect_same();
    li.expect_same();
}

/// Check 10: 7 m² with two who are not related; and with two parents and a child.
#[test]
fn seven_square_metres_are_measured_once_and_judged_by_who_sleeps_there() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = home(&wang);
    let rooms = wang.ask(ui_protocol::units::Unit { id: unit }).rooms;
    let live = |room: &ui_protocol::units::RoomView, name: &str, relation: Relation| {
        let mut form = wang.resident_form(unit, name, &world.document());
        form.room = room.id;
        form.relation = Some(relation);
        wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
    };
    live(&rooms[0], "张伟", Relation::Lessee);
    live(&rooms[0], "刘洋", Relation::Coworker);
    for (name, relation) in [("王强", Relation::Lessee), ("李娜", Relation::Family), ("王小宝", Relation::Family)] {
        live(&rooms[1], name, relation);
    }
    let fresh = wang.ask(CheckForm { unit });
    let counted: Vec<(&str, &str, bool)> =
        fresh.form.rooms.iter().map(|room| (room.label.as_str(), room.people.as_str(), room.family)).collect();
    assert_eq!(counted, [("101", "2", false), ("102", "3", true)], "who lives there is known");
    let limits = fresh.limits.expect("the pack has numbers");
    let with = |at: usize, usable: &str| {
        let mut form = form(&wang, unit, &[]);
        form.rooms.truncate(2);
        form.rooms = vec![RoomForm { usable_m2: usable.into(), ..form.rooms[at].clone() }];
        form
    };
    let answer = |form: &InspectionForm, item: Item| form.answers(Some(&limits)).get(item.code()).copied();
    let rows = [
        (0, "7", Some(Answer::Fail), Some(Answer::Pass)),
        (0, "8", Some(Answer::Pass), Some(Answer::Pass)),
        (1, "7", Some(Answer::Fail), Some(Answer::NotApplicable)),
        (1, "12", Some(Answer::Pass), Some(Answer::NotApplicable)),
        (1, "", None, Some(Answer::NotApplicable)),
    ];
    for (at, usable, by_area, by_head) in rows {
        let form = with(at, usable);
        assert_eq!((answer(&form, Item::Rs01), answer(&form, Item::Rs02)), (by_area, by_head), "room {at}, {usable} m²");
    }
    let mut small = with(0, "7");
    small.answers.remove(Item::Qt01.code());
    small.note = "朝北".into();
    let saved = wang.ask(SaveCheck { unit, form: small, draft: None });
    assert_eq!(saved.opened.len(), 1);
    // It can be read again as it was made.
    let read = wang.ask(PastCheck { id: saved.inspection });
    let says = |item: Item| read.answers.iter().find(|(asked, _)| *asked == item).map(|(_, answer)| *answer);
    assert_eq!(read.answers.len(), 30);
    assert_eq!((says(Item::Rs01), says(Item::Xf01)), (Some(Answer::Fail), Some(Answer::Pass)));
    assert_eq!(says(Item::Qt01), Some(Answer::NotChecked), "what was not tapped was not checked");
    assert_eq!((read.rooms[0].usable_m2x100, read.rooms[0].people, read.note.as_str()), (Some(700), 2, "朝北"));
    assert_eq!((read.limits.is_some(), read.by.as_str(), read.unit), (true, "", unit));
    assert_eq!((read.found.len(), read.closed.len(), read.found[0].row.item), (1, 0, Some(Item::Rs01)));
    assert_eq!(wang.ask(Hazard { id: saved.opened[0] }).row.item, Some(Item::Rs01));
    assert_eq!(wang.ask(CheckForm { unit }).form.rooms[0].usable_m2, "7", "measured once");
    wang.sync();
    nothing_refused(&wang);
    wang.expect_same();
}

#[test]
fn a_number_that_cannot_be_is_refused_with_its_field_and_the_half_done_check_is_kept() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let unit = home(&wang);
    let mut form = form(&wang, unit, &[bottle()]);
    form.rooms[0].usable_m2 = "0".into();
    form.rooms[1].people = "9999".into();
    let key = format!("check-{unit}");
    wang.ask(KeepDraft { key: key.clone(), form: serde_json::to_value(&form).expect("plain data") });
    let error = wang.try_ask(SaveCheck { unit, form: form.clone(), draft: Some(key.clone()) }).expect_err("impossible");
    let stop = |field: &str| FieldProblem::stop(field, Problem::OutOfRange);
    assert_eq!(error.problems, [stop("rooms.0.usable_m2"), stop("rooms.1.people")]);
    wang.restart();
    let kept: InspectionForm =
        serde_json::from_value(wang.ask(Draft { key: key.clone() }).form.expect("kept")).expect("the form");
    assert_eq!(kept, form, "nothing of it is lost");
    assert_eq!(safety(&wang, unit).checks, []);
    form.rooms[0].usable_m2 = "12".into();
    form.rooms[1].people = "2".into();
    wang.ask(SaveCheck { unit, form, draft: Some(key.clone()) });
    assert_eq!(wang.ask(Draft { key }).form, None, "saved: no draft any more");
    let nothing = wang.try_ask(SaveCheck { unit, form: InspectionForm::default(), draft: None }).expect_err("empty");
    assert_eq!(nothing.problems, [FieldProblem::stop("answers", Problem::Required)]);
}

/// Two people, one home, one afternoon, no network: both checks stand, and the next one closes what it finds mended.
#[test]
fn two_checks_of_one_afternoon_are_both_there_and_the_next_one_clears_up() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = home(&wang);
    li.sync();
    for actor in [&wang, &li] {
        actor.online(false);
    }
    check(&wang, unit, &[bottle()]);
    world.time.pass_ms(60_000);
    check(&li, unit, &[bottle(), (Item::Dc01, HazardForm { outcome: Outcome::FixedOnSpot, ..HazardForm::default() })]);
    for actor in [&wang, &li] {
        actor.online(true);
    }
    for actor in [&wang, &li, &wang] {
        actor.sync();
    }
    for actor in [&wang, &li] {
        let seen = safety(actor, unit);
        assert_eq!((seen.checks.len(), seen.checks.iter().filter(|check| check.mine).count()), (2, 1));
        let open = seen.hazards.iter().filter(|row| row.state.is_open()).count();
        assert_eq!((open, seen.hazards.len(), seen.graded.grade), (2, 3, Grade::Red));
    }
    world.time.pass_days(1);
    let known: Vec<Option<Item>> = wang.ask(CheckForm { unit }).open.iter().map(|row| row.item).collect();
    assert_eq!(known, [Some(Item::Rq02), Some(Item::Rq02)]);
    // Found again: no third hazard. Gone: both are closed by a re-check each.
    let again = check(&wang, unit, &[bottle()]);
    assert_eq!((again.opened.len(), again.still_open.len(), again.closed.len()), (0, 2, 0));
    let gone = check(&wang, unit, &[]);
    assert_eq!((gone.opened.len(), gone.still_open.len(), gone.closed.len()), (0, 0, 2));
    wang.sync();
    li.sync();
    nothing_refused(&wang);
    let seen = safety(&li, unit);
    assert_eq!((seen.graded.grade, seen.checks.len()), (Grade::Green, 4));
    assert!(seen.hazards.iter().all(|row| !row.state.is_open()));
    li.expect_same();
}

/// What is typed about a hazard that an earlier check had found is kept: where it goes, to whom, by when, what was seen.
#[test]
fn a_check_that_finds_a_hazard_again_is_a_recheck_of_it() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let unit = home(&wang);
    let first = check(&wang, unit, &[bottle(), (Item::Xf03, HazardForm::default())]);
    let (extinguisher, gas) = (first.opened[0], first.opened[1]);
    world.time.pass_days(20);
    assert!(wang.ask(Hazard { id: extinguisher }).row.due.expect("a day").working_days_left < 0, "overdue");
    let handed = HazardForm {
        description: "还有两瓶".into(),
        responsible: Responsible::Tenant,
        outcome: Outcome::HandedOver,
        handed_to: Some(HandedTo::Fire),
    };
    let still = HazardForm { description: "还是没有".into(), ..HazardForm::default() };
    let again = check(&wang, unit, &[(Item::Rq02, handed), (Item::Xf03, still)]);
    assert_eq!((again.opened.len(), again.still_open.len(), again.closed.len()), (0, 2, 0));
    let seen = wang.ask(Hazard { id: gas });
    assert_eq!((seen.row.state, seen.row.handed_to), (HazardState::HandedOver, Some(HandedTo::Fire)));
    assert_eq!((seen.row.responsible, seen.row.due.expect("a day").on), (Some(Responsible::Tenant), today(&world)));
    let looked: Vec<(bool, &str)> = seen.rechecks.iter().map(|line| (line.fixed, line.note.as_str())).collect();
    assert_eq!(looked, [(false, "还有两瓶")]);
    let seen = wang.ask(Hazard { id: extinguisher });
    assert_eq!((seen.row.state, seen.row.due.expect("a day").on), (HazardState::Recheck, later(&world, 15)));
    // The landlord is handed a second notice, with what was seen now.
    let slip = |saved: &SavedCheck| {
        let items = wang.ask(NoticeSlip { inspection: saved.inspection }).items;
        items.into_iter().map(|found| (found.row.item, found.row.description, found.again)).collect::<Vec<_>>()
    };
    let (rq02, xf03) = (Some(Item::Rq02), Some(Item::Xf03));
    assert_eq!(slip(&again), [(rq02, "还有两瓶".into(), true), (xf03, "还是没有".into(), true)]);
    assert_eq!(slip(&first), [(rq02, "居室里用着煤气瓶".into(), false), (xf03, String::new(), false)]);
    // Who mends it is begun with what is known; with whoever took it over it stays, and its day with it.
    world.time.pass_days(1);
    let begun = wang.ask(CheckForm { unit });
    assert_eq!(begun.form.hazard(Item::Rq02).responsible, Responsible::Tenant);
    assert_eq!(begun.known(Item::Rq02).map(|row| row.state), Some(HazardState::HandedOver));
    let mended = HazardForm { outcome: Outcome::FixedOnSpot, ..HazardForm::default() };
    let third = check(&wang, unit, &[(Item::Rq02, begun.form.hazard(Item::Rq02)), (Item::Xf03, mended)]);
    assert_eq!((third.still_open.clone(), third.closed.clone()), (vec![gas], vec![extinguisher]));
    let seen = wang.ask(Hazard { id: gas });
    assert_eq!((seen.row.state, seen.rechecks.len()), (HazardState::HandedOver, 2));
    assert!(seen.row.due.expect("a day").on < today(&world), "no new day");
    assert_eq!(wang.ask(Hazard { id: extinguisher }).row.state, HazardState::Closed);
    let read = wang.ask(PastCheck { id: third.inspection });
    assert_eq!((read.found.len(), read.closed.iter().map(|row| row.id).collect::<Vec<_>>()), (1, vec![extinguisher]));
    assert_eq!(slip(&third), [(rq02, "居室里用着煤气瓶".into(), true)], "what was mended is on no notice");
    wang.sync();
    nothing_refused(&wang);
    li.sync();
    assert_eq!(safety(&li, unit).graded, safety(&wang, unit).graded);
    assert_eq!(li.ask(NoticeSlip { inspection: again.inspection }).items.len(), 2);
    wang.expect_same();
    li.expect_same();
}

/// One saw it gone, the other saw it there, and neither had heard: it stands, both facts stay, and both are told.
#[test]
fn of_two_rechecks_what_was_found_stands_until_somebody_decides() {
    for gone_first in [true, false] {
        let world = World::new();
        let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
        let unit = home(&wang);
        let hazard = check(&wang, unit, &[bottle()]).opened[0];
        wang.sync();
        li.sync();
        for actor in [&wang, &li] {
            actor.online(false);
        }
        wang.ask(RecheckHazard { id: hazard, fixed: true, note: String::new() });
        world.time.pass_ms(60_000);
        li.ask(RecheckHazard { id: hazard, fixed: false, note: String::new() });
        for actor in [&wang, &li] {
            actor.online(true);
        }
        let order = if gone_first { [&wang, &li, &wang, &li] } else { [&li, &wang, &li, &wang] };
        for actor in order {
            actor.sync();
        }
        for actor in [&wang, &li] {
            let seen = actor.ask(Hazard { id: hazard });
            assert_eq!((seen.row.state, seen.rechecks.len()), (HazardState::Recheck, 2), "gone first: {gone_first}");
            let conflicts = actor.ask(Attention {}).conflicts;
            assert_eq!(conflicts.len(), 1, "gone first: {gone_first}");
        }
        // Wang, who sees both, looks once more.
        wang.ask(RecheckHazard { id: hazard, fixed: true, note: "瓶已搬走".into() });
        wang.sync();
        li.sync();
        assert_eq!(li.ask(Hazard { id: hazard }).row.state, HazardState::Closed);
        wang.expect_same();
        li.expect_same();
    }
}

#[test]
fn a_landlord_signs_on_the_screen_and_a_dot_is_no_signature() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = home(&wang);
    let fresh = wang.ask(Letters { unit });
    assert_eq!(fresh.standing, LetterStanding::Missing);
    assert_eq!((fresh.form.signed_on.clone(), fresh.form.signer.is_empty()), (today(&world), false));
    let mut form = fresh.form;
    form.strokes = vec!["500500".into()];
    let error = wang.try_ask(SignLetter { unit, form: form.clone(), template: String::new(), draft: None }).expect_err("a dot");
    assert_eq!(error.problems, [FieldProblem::stop("strokes", Problem::Signature(SignatureProblem::TooLittle))]);
    form.strokes = signature::simplify(&[(100, 300), (700, 250), (400, 700), (150, 500)]);
    let signed = wang.ask(SignLetter { unit, form: form.clone(), template: String::new(), draft: None });
    let seen = wang.ask(Letters { unit });
    assert_eq!(seen.standing, LetterStanding::Drawn);
    assert_eq!((seen.letters[0].id, &seen.letters[0].strokes), (signed.id, &form.strokes), "shown again as it was drawn");
    assert_eq!(safety(&wang, unit).letter, LetterStanding::Drawn);
    wang.sync();
    nothing_refused(&wang);
    world.time.pass_days(366);
    assert_eq!(safety(&wang, unit).letter, LetterStanding::Expired, "a year later it is over");
    // The landlord has his home, that he signed, and nothing of the check.
    let landlord = world.landlord("fang", "13905700099");
    landlord.sync();
    let own = landlord.ask(ui_protocol::units::Unit { id: unit });
    assert_eq!(own.letter.expect("his letter").valid_to, form.valid_to);
    for refused in [
        landlord.try_ask(Safety { unit }).map(|_| ()),
        landlord.try_ask(CheckForm { unit }).map(|_| ()),
        landlord.try_ask(Letters { unit }).map(|_| ()),
        landlord.try_ask(SaveCheck { unit, form: InspectionForm::default(), draft: None }).map(|_| ()),
        landlord.try_ask(SignLetter { unit, form, template: String::new(), draft: None }).map(|_| ()),
    ] {
        assert_eq!(refused.expect_err("not his").code, ErrorCode::NotAllowed);
    }
}

#[test]
fn a_letter_is_read_in_the_wording_it_was_signed_in() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = home(&wang);
    let fresh = wang.ask(Letters { unit });
    let mut form = fresh.form;
    form.strokes = signature::simplify(&[(100, 300), (700, 250), (400, 700), (150, 500)]);
    wang.ask(SignLetter { unit, form: form.clone(), template: fresh.template.clone(), draft: None });
    let county = Wording {
        version: "changshan-2026-2".into(),
        from: today(&world),
        source_note: "县公安局 2026 年文本".into(),
        clauses: vec![Clause { zh: "电动车不进楼。".into(), en: String::new() }],
    };
    assert_eq!(world.core.add_letter_wording(county.clone()).ok(), Some(true));
    assert_eq!(world.core.add_letter_wording(county.clone()).ok(), Some(false), "safe to repeat");
    let other = Wording { clauses: vec![Clause { zh: "别的话。".into(), en: String::new() }], ..county.clone() };
    assert!(world.core.add_letter_wording(other.clone()).is_err(), "letters may have been signed in it");
    assert!(world.core.add_letter_wording(Wording { version: fresh.template.clone(), ..other }).is_err(), "nor the shipped one");
    let before = wang.ask(Letters { unit });
    assert_eq!(before.template, fresh.template, "it has not arrived yet");
    wang.sync();
    let after = wang.ask(Letters { unit });
    assert_eq!(after.template, county.version);
    let said = |version: &str| after.wordings.iter().find(|known| known.version == version).map(|known| known.clauses.len());
    assert_eq!((said(&fresh.template), said(&county.version)), (Some(8), Some(1)), "the one that was signed, and the next");
    assert_eq!(after.letters[0].template, fresh.template);
    world.time.pass_ms(60_000);
    // The page was open while the wording changed: what was read out is what is signed.
    wang.ask(SignLetter { unit, form: form.clone(), template: fresh.template.clone(), draft: None });
    world.time.pass_ms(60_000);
    let last = wang.ask(SignLetter { unit, form, template: after.template.clone(), draft: None });
    let letters = wang.ask(Letters { unit }).letters;
    let templates: Vec<&str> = letters.iter().map(|letter| letter.template.as_str()).collect();
    assert_eq!((letters[0].id, templates), (last.id, vec![county.version.as_str(), &fresh.template, &fresh.template]));
    wang.sync();
    nothing_refused(&wang);
}

#[test]
fn the_station_sets_a_grade_and_the_coordinator_sees_who_and_why() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let unit = home(&wang);
    world.account("zhou", Role::Officer, &[DONG, XI], "");
    let mut zhou = Pen::new(&world.core, "zhou").expect("a device");
    zhou.sync().expect("pulls");
    let held: Record = zhou.record(unit).expect("the home");
    let set = Override { grade: Grade::Red, reason: "抽查".into(), reviewer: "周建军".into(), on: today(&world) };
    let drafts = vec![zhou.set(&held).with("grade", &set)];
    zhou.send(drafts).expect("sends");
    wang.sync();
    let graded = safety(&wang, unit).graded;
    assert_eq!((graded.grade, graded.computed, graded.barred), (Grade::Red, Grade::Green, false));
    assert_eq!(graded.set, Some(set));
}

/// A picture of one pixel.
const BOTTLE_PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
