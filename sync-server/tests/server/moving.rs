//! A resident who moves: one registration, two stays, and a first phone that forgets.

use domain::codes::Relation;
use domain::conflict::What;
use domain::merge::Refusal;
use domain::place::Scope;
use domain::residency::{Period, StayRelation, StayWhere};
use domain::{kind, residency};
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen, Registered};

use crate::town::{LIS, Town, WANGS, close, conflicts, contact, hand_over, held, ok, once, phone_of};

fn stay_at(pen: &Pen, made: Registered, unit: domain::RecordId, from: &str) -> Draft {
    pen.create(kind::STAY)
        .with("where", &StayWhere { residency: made.residency, person: made.person, unit, room: None })
        .with("period", &Period { from: from.to_owned(), to: None })
        .with("relation", &StayRelation { relation: Relation::Lessee, lessee: true })
}

#[test]
fn a_move_inside_the_village_is_one_registration_with_two_stays() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (first, second) = (town.home(&mut wang, WANGS, ""), town.home(&mut wang, WANGS, ""));
    let made = town.resident(&mut wang, first);
    let drafts = vec![close(&wang, made, "2026-03-10"), stay_at(&wang, made, second, "2026-03-10")];
    ok(wang.send(drafts));
    assert_eq!(wang.records(kind::RESIDENCY).len(), 1);
    let stays = wang.records(kind::STAY);
    assert_eq!((stays.len(), stays.iter().filter(|stay| residency::is_open(stay)).count()), (2, 1));
    let number = |pen: &Pen| held(pen, made.residency).text("number", "no").map(str::to_owned);
    assert_eq!(number(&wang).as_deref(), Some("CS-R-2026-000001"), "the number of the first day");
    town.check_sums(&[&wang]);
}

#[test]
fn a_resident_handed_over_leaves_the_first_phone_and_is_placed_by_the_second() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, wangs);
    let drafts = hand_over(&wang, made, LIS, "2026-03-10");
    ok(wang.send(drafts));
    assert!(wang.record(made.person).is_none() && wang.record(made.residency).is_none(), "left the phone");
    assert!(wang.record(made.stay).is_some(), "her own home's history stays");

    li.sync().expect("syncs");
    assert_eq!(held(&li, made.person).text("handed", "area"), Some(LIS), "to be placed");
    let drafts = vec![stay_at(&li, made, lis, "2026-03-11")];
    ok(li.send(drafts));
    let residency = held(&li, made.residency);
    assert!(residency::is_active(&residency));
    assert_eq!(residency.text("declared", "registered_on"), Some("2026-03-02"), "continuity of the one registration");
    assert_eq!(town.core.look(|view| Ok(view.referrers(made.residency, kind::STAY)?)).expect("looks").len(), 2);
    town.check_sums(&[&wang, &li]);
}

#[test]
fn only_the_holder_hands_over_and_only_to_a_village_there_is() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let drafts = hand_over(&wang, made, "330822999999", "2026-03-10");
    let verdicts = wang.send(drafts).expect("an answer");
    assert!(verdicts.contains(&Verdict::Refused(Refusal::Invalid("handed.area".to_owned()))), "{verdicts:?}");
    let foreign = town.record(made.person);
    let to = residency::Handed { area: LIS.to_owned(), on: "2026-03-10".to_owned(), note: String::new() };
    let verdicts = li.send(vec![li.set(&foreign).with("handed", &to)]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::Scope)], "nobody takes a person by himself");
    town.check_sums(&[&wang, &li]);
}

#[test]
fn a_change_made_before_the_move_was_heard_of_is_merged_without_telling_more() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, wangs);
    let mut offline = town.pen("wang");
    let drafts = vec![offline.set(&held(&offline, made.person)).with("contact", &contact("19900000033"))];
    offline.save(drafts);

    let drafts = hand_over(&wang, made, LIS, "2026-03-10");
    ok(wang.send(drafts));
    li.sync().expect("syncs");
    let drafts = vec![stay_at(&li, made, lis, "2026-03-11")];
    ok(li.send(drafts));

    town.pass(60_000);
    let reply = once(&mut offline).expect("an answer");
    assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Ok), "{:?}", reply.verdicts);
    let area = reply.scopes.iter().find(|scope| scope.scope == Scope::Area(WANGS.to_owned())).expect("her village");
    assert!(area.exits.contains(&made.person) && area.records.iter().all(|record| record.id != made.person), "written, not read");
    assert_eq!(phone_of(&town.record(made.person)), "19900000033");
    offline.take(reply);
    offline.sync().expect("goes on");
    assert!(offline.record(made.person).is_none());

    // What she writes after she was told is not hers to write.
    let gone = town.record(made.person);
    let mut late = offline
        .set(&gone)
        .with("handed", &residency::Handed { area: WANGS.into(), on: "2026-03-12".into(), note: String::new() });
    late.groups.remove("contact");
    let verdicts = offline.send(vec![late]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::Scope)]);
    li.sync().expect("syncs");
    town.check_sums(&[&wang, &li, &offline]);
}

#[test]
fn a_conflict_about_a_resident_who_left_names_the_other_and_keeps_the_values_out() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, wangs);
    let mut offline = town.pen("wang");
    let drafts = vec![offline.set(&held(&offline, made.person)).with("contact", &contact("19900000033"))];
    offline.save(drafts);
    let drafts = hand_over(&wang, made, LIS, "2026-03-10");
    ok(wang.send(drafts));
    li.sync().expect("syncs");
    let drafts = vec![stay_at(&li, made, lis, "2026-03-11")];
    ok(li.send(drafts));
    town.pass(60_000);
    let drafts = vec![li.set(&held(&li, made.person)).with("contact", &contact("19900000044"))];
    ok(li.send(drafts));

    offline.sync().expect("syncs");
    li.sync().expect("syncs");
    let told = conflicts(&offline);
    let [what] = &told[..] else { panic!("the loser is told wherever she is: {told:?}") };
    let stands = what.stands.as_ref().expect("something stands");
    assert_eq!((stands.by.as_str(), stands.fields.is_empty()), ("李强", true), "whose, and not what");
    assert!(what.lost.fields.is_empty());
    let his: Vec<What> = conflicts(&li);
    assert_eq!(his.len(), 1, "who has the record now can put it right");
    assert_eq!(his[0].lost.fields["phone"], "19900000033", "nothing is lost");
    town.check_sums(&[&wang, &li, &offline]);
}

#[test]
fn the_values_of_a_conflict_leave_with_the_record() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut zhou = town.pen("zhou");
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("19900000011"))];
    wang.save(drafts);
    town.pass(1000);
    let drafts = vec![zhou.set(&held(&zhou, made.person)).with("contact", &contact("19900000022"))];
    ok(zhou.send(drafts));
    wang.sync().expect("syncs");
    assert_eq!(conflicts(&wang)[0].lost.fields["phone"], "19900000011");
    // To a village of another township: neither coordinator nor station sees the person any more.
    let drafts = hand_over(&wang, made, "330822104200", "2026-03-10");
    let elsewhere = town.core.look(|view| Ok(view.areas()?)).expect("looks");
    let elsewhere =
        elsewhere.iter().find(|area| area.level == "village" && area.parent != "330822001000").expect("another township");
    let drafts = drafts.into_iter().map(|mut draft| {
        if let Some(handed) = draft.groups.get_mut("handed") {
            handed.insert("area".to_owned(), elsewhere.code.clone().into());
        }
        draft
    });
    let drafts = drafts.collect();
    ok(wang.send(drafts));
    zhou.sync().expect("syncs");
    for pen in [&wang, &zhou] {
        let told = conflicts(pen);
        assert!(
            told[0].lost.fields.is_empty() && told[0].stands.as_ref().is_some_and(|stands| stands.fields.is_empty()),
            "{told:?}"
        );
        assert_eq!(told[0].lost.by, "王敏", "that there is one, and between whom, stays");
    }
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn a_home_that_changes_its_landlord_changes_who_sees_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let mut chen = town.pen("chen");
    let unit = town.home(&mut wang, WANGS, crate::town::CHENS_PHONE);
    chen.sync().expect("syncs");
    assert_eq!((chen.records(kind::UNIT).len(), chen.records(kind::ROOM).len()), (1, 2));
    let sold = domain::unit::Landlord { name: "新房东".to_owned(), phone: "19900009999".to_owned(), on_site: false };
    let drafts = vec![wang.set(&held(&wang, unit)).with("landlord", &sold)];
    ok(wang.send(drafts));
    chen.sync().expect("syncs");
    assert_eq!((chen.records(kind::UNIT).len(), chen.records(kind::ROOM).len()), (0, 0), "home and rooms leave together");
    // The new owner gets an account later: the home is his at once.
    town.account("sun", "孙某", domain::access::Role::Landlord, "19900009999", &[]);
    let sun = town.pen("sun");
    assert_eq!((sun.records(kind::UNIT).len(), sun.records(kind::ROOM).len()), (1, 2));
    wang.sync().expect("syncs");
    town.check_sums(&[&wang, &chen, &sun]);
}
