//! Nobody takes a person from another village: not by the number, not by another name, not by saying alone that two are one.

use domain::codes::Relation;
use domain::duplicate::{PairWhy, SAME, Settled};
use domain::merge::Refusal;
use domain::place::stored;
use domain::residency::{Handed, Period, StayRelation, StayWhere};
use domain::{RecordId, kind, same};
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen, Registered};
use sync_server::register::CORRECTED_MAX;

use crate::same::{open_residencies, reviews, settle};
use crate::town::{LIS, Town, WANGS, contact, hand_over, held, ok, once, phone_of};

/// Li's resident, and the same number registered by Wang in her own village, declared earlier.
struct Two {
    town: Town,
    wang: Pen,
    li: Pen,
    unit: RecordId,
    hers: Registered,
    his: Registered,
}

fn two() -> Two {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let (drafts, his) = town.newcomer(&li, lis);
    let (mut copy, hers) = town.once_more(&wang, unit, &drafts);
    let residency = copy.iter_mut().find(|draft| draft.kind == kind::RESIDENCY).expect("a registration");
    residency.groups.get_mut("declared").expect("declared").insert("registered_on".to_owned(), "2026-02-01".into());
    ok(li.send(drafts));
    ok(wang.send(copy));
    li.sync().expect("syncs");
    Two { town, wang, li, unit, hers, his }
}

fn stay_at(pen: &Pen, residency: RecordId, person: RecordId, unit: RecordId) -> Draft {
    pen.create(kind::STAY)
        .with("where", &StayWhere { residency, person, unit, room: None })
        .with("period", &Period { from: "2026-03-03".to_owned(), to: None })
        .with("relation", &StayRelation { relation: Relation::Lessee, lessee: true })
}

impl Two {
    fn wang_says_same(&mut self) {
        let review = reviews(&self.wang)[0].0;
        let draft = settle(&self.wang, review, SAME);
        ok(self.wang.send(vec![draft]));
    }

    fn wang_hands_over(&mut self) {
        self.town.pass(60_000);
        let drafts = hand_over(&self.wang, self.hers, LIS, "2026-03-02");
        self.wang.send(drafts).expect("an answer");
        self.li.sync().expect("syncs");
    }

    fn alias(&self) -> Option<RecordId> {
        [self.hers, self.his].into_iter().find_map(|made| same::points_to(&self.town.record(made.person)))
    }

    fn is_still_lis(&self) {
        for id in [self.his.person, self.his.residency] {
            assert_eq!(stored(&self.town.record(id)).area.as_deref(), Some(LIS));
            assert!(self.li.record(id).is_some(), "li still has both");
            assert!(self.wang.record(id).is_none(), "and nobody else");
        }
        self.town.check_sums(&[&self.wang, &self.li]);
    }
}

#[test]
fn one_village_alone_does_not_join_two() {
    let mut two = two();
    assert_eq!(reviews(&two.wang)[0].1.why, PairWhy::Village);
    two.wang_says_same();
    assert!(reviews(&two.wang).is_empty(), "she has said hers");
    two.li.sync().expect("syncs");
    assert_eq!(reviews(&two.li).len(), 1, "and nobody has answered for him");
    let before = two.town.record(two.his.residency);
    two.wang_hands_over();
    assert_eq!(two.alias(), None, "he was handed somebody, and has not said who it is");
    assert_eq!(two.town.record(two.his.residency), before, "his registration stands as it did");
    assert_eq!(reviews(&two.li).len(), 1, "he is still asked");
    // Now he says so too.
    let review = reviews(&two.li)[0].0;
    let draft = settle(&two.li, review, SAME);
    two.li.send(vec![draft]).expect("an answer");
    assert_eq!(two.alias(), Some(two.his.person), "his was accepted first");
    assert_eq!(open_residencies(&two.town, two.his.person).len(), 1);
    two.wang.sync().expect("syncs");
    two.is_still_lis();
}

#[test]
fn both_villages_said_so_and_the_hand_over_joins_them() {
    let mut two = two();
    two.wang_says_same();
    two.li.sync().expect("syncs");
    let review = reviews(&two.li)[0].0;
    let draft = settle(&two.li, review, SAME);
    ok(two.li.send(vec![draft]));
    assert_eq!(two.alias(), None, "still in two villages");
    two.wang_hands_over();
    assert_eq!(two.alias(), Some(two.his.person));
    assert!(reviews(&two.li).is_empty());
    two.wang.sync().expect("syncs");
    two.is_still_lis();
}

#[test]
fn saying_it_and_handing_over_in_one_save_joins_nobody() {
    let mut two = two();
    let review = reviews(&two.wang)[0].0;
    let mut drafts = hand_over(&two.wang, two.hers, LIS, "2026-03-02");
    drafts.push(settle(&two.wang, review, SAME));
    two.wang.send(drafts).expect("an answer");
    two.li.sync().expect("syncs");
    assert_eq!(two.alias(), None);
    assert_eq!(reviews(&two.li).len(), 1, "he is asked");
    two.is_still_lis();
}

#[test]
fn whom_two_other_villages_said_to_be_one_the_third_is_asked_about() {
    let mut two = two();
    let elsewhere = two.town.core.look(|view| Ok(view.areas()?)).expect("looks");
    let third = elsewhere.iter().find(|area| area.level == "village" && ![WANGS, LIS].contains(&area.code.as_str()));
    let third = third.expect("a third village").code.clone();
    two.town.account("sun", "孙丽", domain::access::Role::Coordinator, "", &[&third]);
    let mut sun = two.town.pen("sun");
    for pen in [&mut two.wang, &mut two.li] {
        pen.sync().expect("syncs");
        let review = reviews(pen)[0].0;
        let draft = settle(pen, review, SAME);
        ok(pen.send(vec![draft]));
    }
    for (pen, made) in [(&mut two.wang, two.hers), (&mut two.li, two.his)] {
        let drafts = hand_over(pen, made, &third, "2026-03-02");
        pen.send(drafts).expect("an answer");
    }
    sun.sync().expect("syncs");
    assert_eq!(two.alias(), None, "she has said nothing");
    let asked = reviews(&sun);
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].1.first_is.name.is_empty() && !asked[0].1.second_is.name.is_empty(), "both are hers to read now");
    let draft = settle(&sun, asked[0].0, SAME);
    sun.send(vec![draft]).expect("an answer");
    assert_eq!(two.alias(), Some(two.his.person));
    two.town.check_sums(&[&two.wang, &two.li, &sun]);
}

#[test]
fn nobody_draws_a_person_over_by_another_name() {
    let mut two = two();
    two.wang_says_same();
    two.li.sync().expect("syncs");
    let review = reviews(&two.li)[0].0;
    let draft = settle(&two.li, review, SAME);
    ok(two.li.send(vec![draft]));
    let mut offline = two.town.pen("wang");
    let stay = two.town.record(two.hers.stay);
    two.wang_hands_over();
    assert_eq!(two.alias(), Some(two.his.person));

    // A new stay, a new registration and the old stay opened again, in her own home, by the name that was hers.
    let hers = two.hers;
    let period = |from: &str| Period { from: from.to_owned(), to: None };
    let registered = offline.create(kind::RESIDENCY);
    let declared = held(&offline, hers.residency).fields("declared").cloned().expect("declared");
    let mut registered = registered.with("who", &serde_json::json!({"person": hers.person}));
    registered.groups.insert("declared".to_owned(), declared);
    let registered =
        registered.with("status", &serde_json::json!({"state": "active", "on": "2026-03-02", "observed_unix_ms": 0}));
    for drafts in [
        vec![stay_at(&offline, hers.residency, hers.person, two.unit)],
        vec![registered],
        vec![two.wang.set(&stay).with("period", &period("2026-03-04"))],
    ] {
        let what = drafts[0].kind.clone();
        two.town.pass(60_000);
        let verdicts = two.wang.send(drafts).expect("an answer");
        assert_eq!(verdicts, [Verdict::Refused(Refusal::Scope)], "{what}");
    }
    two.is_still_lis();

    // What her other phone wrote under that name before it heard of anything reaches nobody who was never hers.
    let draft = offline.set(&held(&offline, hers.person)).with("contact", &contact("19900000066"));
    offline.save(vec![draft]);
    let reply = once(&mut offline).expect("an answer");
    assert_eq!(reply.verdicts[0].1, Verdict::Refused(Refusal::Scope));
    assert_ne!(phone_of(&two.town.record(two.his.person)), "19900000066");
}

#[test]
fn a_create_that_is_handed_over_at_once_joins_nobody() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let (drafts, his) = town.newcomer(&li, lis);
    let (copy, hers) = town.once_more(&wang, unit, &drafts);
    ok(li.send(drafts));
    let before = town.record(his.residency);
    let to = Handed { area: LIS.to_owned(), on: "2026-03-02".to_owned(), note: String::new() };
    let mut sent = Vec::new();
    for mut draft in copy.into_iter().filter(|draft| draft.kind != kind::STAY) {
        if draft.kind == kind::RESIDENCY {
            draft.groups.get_mut("declared").expect("declared").insert("registered_on".to_owned(), "2026-02-01".into());
        }
        if [kind::PERSON, kind::RESIDENCY].contains(&draft.kind.as_str()) {
            sent.push(draft.with("handed", &to));
        }
    }
    wang.send(sent).expect("an answer");
    assert_eq!(same::points_to(&town.record(hers.person)), None, "nobody of his village said anything");
    assert_eq!(town.record(his.residency), before);
    li.sync().expect("syncs");
    let asked = reviews(&li);
    assert_eq!(asked.len(), 1, "he is asked");
    assert!(wang.record(his.person).is_none());
    // What he says of two that are both in his village is done.
    let settled = Settled { state: SAME.to_owned(), at_unix_ms: 0 };
    let draft = li.set(&held(&li, asked[0].0)).with("settled", &settled);
    li.send(vec![draft]).expect("an answer");
    assert_eq!(same::points_to(&town.record(hers.person)), Some(his.person));
    town.check_sums(&[&wang, &li]);
}

#[test]
fn numbers_are_not_tried_out_by_editing() {
    const TRIES: usize = CORRECTED_MAX as usize + 10;
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let mut numbers = Vec::new();
    for _ in 0..TRIES {
        let (drafts, made) = town.newcomer(&li, lis);
        let person = drafts.iter().find(|draft| draft.kind == kind::PERSON).expect("a person");
        numbers.push((made, person.groups["identity"].clone()));
        ok(li.send(drafts));
    }
    let own = town.resident(&mut wang, unit);
    let mut told = Vec::new();
    for (_, identity) in &numbers {
        town.pass(1000);
        let mut draft = wang.set(&held(&wang, own.person));
        draft.groups.insert("identity".to_owned(), identity.clone());
        ok(wang.send(vec![draft]));
        told.push(reviews(&wang).len());
    }
    assert_eq!(told[..3], [1, 2, 3], "a correction that meets somebody is asked about");
    assert_eq!(told.last(), Some(&(CORRECTED_MAX as usize)), "and then only the others are");
    li.sync().expect("syncs");
    assert_eq!(reviews(&li).len(), TRIES, "who is met is asked each time");
    let stations = town.core.look(|view| Ok(view.records_of_kind(kind::DUPLICATE)?)).expect("looks");
    let stations = stations.iter().filter(|review| stored(review).account.is_none()).count();
    assert_eq!(stations, 2 * TRIES, "and so are both stations");
    let lines = town.core.look(|view| Ok(view.audit_count("duplicate.found")?)).expect("looks");
    assert_eq!(lines, TRIES as u64, "each is written down");
    // The next day, a name that is corrected is no number tried.
    town.pass(86_400_000);
    let (made, identity) = &numbers[0];
    let mut draft = wang.set(&held(&wang, own.person));
    draft.groups.insert("identity".to_owned(), identity.clone());
    ok(wang.send(vec![draft]));
    assert!(reviews(&wang).iter().any(|(_, pair)| pair.is_of(made.person, own.person)));
    town.check_sums(&[&wang, &li]);
}

#[test]
fn a_newcomer_with_a_number_from_elsewhere_is_still_asked_about_on_both_sides() {
    let two = two();
    assert_eq!((reviews(&two.wang).len(), reviews(&two.li).len()), (1, 1));
    let lines = two.town.core.look(|view| Ok(view.audit_count("duplicate.found")?)).expect("looks");
    assert_eq!(lines, 1);
}
