//! The same person registered on two phones: one person for everybody, whoever synced first, and two again when it was wrong.

use domain::duplicate::{DIFFERENT, Pair, PairWhy, SAME, Settled, pair_id};
use domain::merge::{ClashWhy, Refusal};
use domain::person::Identity;
use domain::place::stored;
use domain::record::to_fields;
use domain::residency::Handed;
use domain::same::{self, Alias, Apart};
use domain::{Record, RecordId, kind, residency};
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen, Registered};
use sync_server::register::STATION;

use crate::town::{LIS, Town, WANGS, cancel, close, conflicts, contact, hand_over, held, met, ok, phone_of};

/// Who somebody is another name of.
fn alias_of(record: &Record) -> Option<RecordId> {
    same::points_to(record)
}

fn set_identity(drafts: &mut [Draft], change: impl Fn(&mut Identity)) {
    let person = drafts.iter_mut().find(|draft| draft.kind == kind::PERSON).expect("a person");
    let mut identity: Identity = serde_json::from_value(person.groups["identity"].clone().into()).expect("an identity");
    change(&mut identity);
    person.groups.insert("identity".to_owned(), to_fields(&identity));
}

fn set_phone(drafts: &mut [Draft], phone: &str) {
    let person = drafts.iter_mut().find(|draft| draft.kind == kind::PERSON).expect("a person");
    person.groups.insert("contact".to_owned(), to_fields(&contact(phone)));
}

/// The open questions about two people a device was told of.
pub fn reviews(pen: &Pen) -> Vec<(RecordId, Pair)> {
    let open = pen.records(kind::DUPLICATE).into_iter().filter(|review| review.fields("settled").is_none());
    open.map(|review| (review.id, review.typed("what").expect("a review says what"))).collect()
}

pub fn settle(pen: &Pen, review: RecordId, state: &str) -> Draft {
    let settled = Settled { state: state.to_owned(), at_unix_ms: 0 };
    pen.set(&held(pen, review)).with("settled", &settled)
}

pub fn open_residencies(town: &Town, person: RecordId) -> Vec<RecordId> {
    let all = town.core.look(|view| Ok(same::registrations(person, view)?)).expect("looks");
    all.into_iter().filter(residency::is_active).map(|residency| residency.id).collect()
}

/// Two phones of one village, each with the same newcomer registered offline at one home.
struct Twice {
    town: Town,
    pens: [Pen; 2],
    drafts: [Vec<Draft>; 2],
    made: [Registered; 2],
}

fn twice() -> Twice {
    let town = Town::new();
    town.account("zhao", "赵芳", domain::access::Role::Coordinator, "", &[WANGS]);
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let zhao = town.pen("zhao");
    let (mut one, first) = town.newcomer(&wang, unit);
    let (mut two, second) = town.once_more(&zhao, unit, &one);
    set_phone(&mut one, "19900000001");
    set_phone(&mut two, "19900000002");
    Twice { town, pens: [wang, zhao], drafts: [one, two], made: [first, second] }
}

impl Twice {
    /// Both save offline, then sync in this order. Answers who was accepted first.
    fn sync_in_order(&mut self, order: [usize; 2]) -> (Registered, Registered) {
        for at in 0..2 {
            self.town.pass(60_000);
            let drafts = std::mem::take(&mut self.drafts[at]);
            self.pens[at].save(drafts);
        }
        for at in order {
            self.town.pass(60_000);
            self.pens[at].sync().expect("syncs");
        }
        self.sync();
        (self.made[order[0]], self.made[order[1]])
    }

    fn sync(&mut self) {
        for pen in &mut self.pens {
            pen.sync().expect("syncs");
        }
        for pen in &mut self.pens {
            pen.sync().expect("syncs");
        }
    }

    fn check(&self) {
        let [one, two] = &self.pens;
        self.town.check_sums(&[one, two]);
    }
}

#[test]
fn two_phones_registered_the_same_person_and_it_is_one_whoever_synced_first() {
    for order in [[0, 1], [1, 0]] {
        let mut twice = twice();
        let (first, second) = twice.sync_in_order(order);
        let town = &twice.town;
        for pen in &twice.pens {
            let (survivor, other) = (held(pen, first.person), held(pen, second.person));
            assert_eq!(alias_of(&survivor), None);
            assert_eq!(alias_of(&other), Some(first.person), "accepted second, another name of the first");
            assert_eq!(phone_of(&survivor), "19900000002", "typed later, whoever synced first");
            assert_eq!(
                phone_of(&other),
                if order == [0, 1] { "19900000002" } else { "19900000001" },
                "its own value stays its own"
            );
            assert_eq!(stored(&survivor), stored(&other), "all names of a person are in one place");
            // The phone that typed the other number is asked.
            let told = conflicts(pen);
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!((told[0].record, told[0].group.as_str()), (first.person, "contact"));
            assert_eq!(told[0].lost.fields["phone"], "19900000001");
            // Both are told that it happened, once.
            let told = reviews(pen);
            assert_eq!(told.len(), 1);
            assert_eq!((told[0].1.why, told[0].1.first, told[0].1.second), (PairWhy::Merged, first.person, second.person));
        }
        let open = open_residencies(town, second.person);
        assert_eq!(open, [twice.made[0].residency], "the same day: the first made, whoever synced first");
        let part = town.record(twice.made[1].residency);
        assert_eq!(same::points_to(&part), Some(twice.made[0].residency));
        let alias: Alias = town.record(second.person).typed("alias").expect("an alias");
        assert_eq!(alias.by, if order == [0, 1] { "赵芳" } else { "王敏" }, "who registered the second time");
        let station = town.record(pair_id(first.person, second.person, STATION));
        assert!(stored(&station).account.is_none() && station.typed::<Pair>("what").is_some(), "the station sees it too");
        assert_eq!(station.typed::<Pair>("what").and_then(|pair| pair.area).as_deref(), Some(WANGS));
        // Stays are not rewritten; both hang on the one person.
        let stays = town.core.look(|view| Ok(same::naming(first.person, kind::PERSON, kind::STAY, view)?)).expect("looks");
        assert_eq!(stays.len(), 2);
        for stay in stays {
            assert!(stay.reference("where", "person").is_some_and(|person| [first.person, second.person].contains(&person)));
        }
        twice.check();
    }
}

#[test]
fn all_names_go_along_when_a_person_without_a_stay_is_handed_over() {
    let mut twice = twice();
    let (first, second) = twice.sync_in_order([0, 1]);
    let today = twice.town.core.today().to_string();
    let closed = [first, second].map(|made| close(&twice.pens[0], made, &today));
    twice.pens[0].save(closed.into());
    twice.sync();
    // Nothing but the hand-over of the one who is meant: no stay is touched that would bring the other names along.
    let to = Handed { area: LIS.to_owned(), on: today, note: String::new() };
    let handed = [first.person, first.residency].map(|id| twice.pens[0].set(&held(&twice.pens[0], id)).with("handed", &to));
    twice.pens[0].save(handed.into());
    twice.sync();
    for id in [first.person, second.person, first.residency, second.residency] {
        assert_eq!(stored(&twice.town.record(id)).area.as_deref(), Some(LIS));
    }
    twice.check();
}

#[test]
fn whoever_has_seen_that_two_were_joined_says_nothing_for_the_other() {
    let mut twice = twice();
    let (first, second) = twice.sync_in_order([0, 1]);
    let review = reviews(&twice.pens[0])[0].0;
    let draft = settle(&twice.pens[0], review, SAME);
    ok(twice.pens[0].send(vec![draft]));
    twice.sync();
    assert!(reviews(&twice.pens[0]).is_empty());
    assert_eq!(reviews(&twice.pens[1]).len(), 1, "the other has still to see it");
    assert_eq!(alias_of(&twice.town.record(second.person)), Some(first.person));
    twice.check();
}

#[test]
fn the_earliest_declaration_is_kept_though_it_arrives_last() {
    let mut twice = twice();
    let residency = twice.drafts[1].iter_mut().find(|draft| draft.kind == kind::RESIDENCY).expect("a registration");
    residency.groups.get_mut("declared").expect("declared").insert("registered_on".to_owned(), "2026-02-20".into());
    let (first, second) = twice.sync_in_order([0, 1]);
    assert_eq!(open_residencies(&twice.town, first.person), [second.residency]);
    assert_eq!(same::points_to(&twice.town.record(first.residency)), Some(second.residency), "the younger is part of it");
    twice.check();
}

#[test]
fn repeating_the_requests_makes_no_second_question_and_no_second_alias() {
    let mut twice = twice();
    let (first, second) = twice.sync_in_order([0, 1]);
    let before = twice.town.record(second.person);
    let outbox: Vec<_> = twice.pens[1].outbox.clone();
    let mut request = twice.pens[1].request(sync_protocol::CHANGES_MAX);
    request.push = outbox;
    use sync_protocol::SyncServer;
    for _ in 0..2 {
        let reply = twice.pens[1].server.exchange(request.clone()).expect("the same request again");
        twice.pens[1].take(reply);
    }
    twice.sync();
    assert_eq!(twice.town.record(second.person), before);
    for pen in &twice.pens {
        assert_eq!((reviews(pen).len(), conflicts(pen).len()), (1, 1));
    }
    assert_eq!(open_residencies(&twice.town, first.person).len(), 1);
    twice.check();
}

#[test]
fn three_phones_are_one_person_and_no_chain() {
    let mut twice = twice();
    let copy = twice.drafts[0].clone();
    let (first, second) = twice.sync_in_order([0, 1]);
    let mut third_pen = twice.town.pen("wang");
    let unit = held(&third_pen, first.stay).reference("where", "unit").expect("a home");
    let (drafts, third) = twice.town.once_more(&third_pen, unit, &copy);
    third_pen.send(drafts).expect("an answer");
    for other in [second.person, third.person] {
        assert_eq!(alias_of(&twice.town.record(other)), Some(first.person));
    }
    assert_eq!(open_residencies(&twice.town, third.person).len(), 1);

    // The first is taken back by somebody who knows all of it: the others do not hang on the dead.
    let drafts = [first.stay, first.residency, first.person].map(|id| third_pen.delete(&held(&third_pen, id))).to_vec();
    let verdicts = third_pen.send(drafts).expect("an answer");
    assert!(verdicts.iter().all(|verdict| *verdict != Verdict::Refused(Refusal::Scope)), "{verdicts:?}");
    assert!(twice.town.record(first.person).dead.is_some());
    assert_eq!(alias_of(&twice.town.record(second.person)), None, "the next one accepted stands");
    assert_eq!(alias_of(&twice.town.record(third.person)), Some(second.person));
    let open = open_residencies(&twice.town, third.person);
    assert_eq!(open.len(), 1, "{open:?}");
    twice.sync();
    twice.check();

    // And brought back, the first does not take them by itself.
    let drafts = vec![third_pen.restore(&twice.town.record(first.person))];
    third_pen.send(drafts).expect("an answer");
    assert!(twice.town.record(first.person).dead.is_none());
    assert_eq!(alias_of(&twice.town.record(first.person)), None);
    assert!(reviews(&third_pen).iter().any(|(_, pair)| pair.is_of(first.person, second.person) && pair.why == PairWhy::Number));
}

#[test]
fn a_change_made_before_the_phone_knew_reaches_the_one_who_is_meant() {
    let mut twice = twice();
    for at in 0..2 {
        let drafts = std::mem::take(&mut twice.drafts[at]);
        twice.pens[at].save(drafts);
    }
    let [first, second] = twice.made;
    twice.pens[1].sync().expect("syncs");
    twice.pens[0].sync().expect("syncs");
    // Zhao accepted first, so Wang's is the other name; Wang's phone knows. Zhao's second phone is still offline since before.
    let (survivor, other) = (second, first);
    assert_eq!(alias_of(&twice.town.record(other.person)), Some(survivor.person));

    // An edit to the other name by somebody who had seen its value.
    twice.town.pass(60_000);
    let old = twice.town.record(other.person);
    let mut draft = twice.pens[0].set(&old).with("contact", &contact("19900000077"));
    draft.groups.retain(|group, _| group == "contact");
    let verdicts = twice.pens[0].send(vec![draft]).expect("an answer");
    assert_eq!(verdicts.len(), 1);
    let changes = |id| twice.town.core.look(move |view| Ok(view.changes_of(id)?)).expect("looks");
    let pushed = changes(other.person).pop().expect("stored under the id it was pushed with");
    assert_eq!(pushed.change.groups["contact"].fields["phone"], "19900000077");
    assert!(changes(survivor.person).iter().all(|stored| stored.change.id != pushed.change.id));
    assert_eq!(phone_of(&twice.town.record(survivor.person)), "19900000077", "and read under the one that is meant");

    // The same with a registration that ends: the person left, under whichever number.
    twice.town.pass(2 * 86_400_000);
    let at = twice.town.core.now_unix_ms();
    let drafts = cancel(&twice.pens[0], other, "2026-03-04", at);
    twice.pens[0].send(drafts).expect("an answer");
    assert_eq!(open_residencies(&twice.town, survivor.person), Vec::<RecordId>::new());
    twice.sync();
    twice.check();
}

#[test]
fn somebody_seen_under_one_name_and_cancelled_under_the_other_is_still_registered() {
    let mut twice = twice();
    let (first, second) = twice.sync_in_order([0, 1]);
    let unit = held(&twice.pens[0], first.stay).reference("where", "unit").expect("a home");
    let at = twice.town.core.now_unix_ms();
    let drafts = met(&twice.pens[1], second, unit, at);
    twice.pens[1].save(drafts);
    let drafts = cancel(&twice.pens[0], first, "2026-03-02", at);
    twice.pens[0].sync().expect("syncs");
    twice.pens[0].send(drafts).expect("an answer");
    twice.pens[1].sync().expect("syncs");
    assert_eq!(open_residencies(&twice.town, first.person).len(), 1, "whoever was there is not gone");
    twice.sync();
    assert!(twice.pens.iter().any(|pen| conflicts(pen).iter().any(|what| what.why == ClashWhy::CancelMetPresence)));
    twice.check();
}

#[test]
fn after_a_cancelled_registration_the_new_one_stands() {
    let mut twice = twice();
    let drafts = std::mem::take(&mut twice.drafts[0]);
    ok(twice.pens[0].send(drafts));
    let at = twice.town.core.now_unix_ms();
    let drafts = cancel(&twice.pens[0], twice.made[0], "2026-03-02", at);
    ok(twice.pens[0].send(drafts));
    let drafts = std::mem::take(&mut twice.drafts[1]);
    twice.pens[1].send(drafts).expect("an answer");
    assert_eq!(open_residencies(&twice.town, twice.made[0].person), [twice.made[1].residency]);
    let all = twice.town.core.look(|view| Ok(same::registrations(twice.made[0].person, view)?)).expect("looks");
    assert_eq!(all.len(), 2, "the old one is history, not part of the new one");
    twice.sync();
    twice.check();
}

#[test]
fn taken_apart_each_has_its_own_and_what_was_filled_in_is_shown() {
    for by_the_survivor in [false, true] {
        let mut twice = twice();
        let guardian = domain::person::Guardian { name: "李四".to_owned(), phone: String::new() };
        let person = twice.drafts[1].iter_mut().find(|draft| draft.kind == kind::PERSON).expect("a person");
        person.groups.insert("guardian".to_owned(), to_fields(&guardian));
        let own: Vec<Draft> = twice.drafts.iter().map(|drafts| drafts[person_at(drafts)].clone()).collect();
        let (first, second) = twice.sync_in_order([0, 1]);
        assert_eq!(held(&twice.pens[0], first.person).text("guardian", "name"), Some("李四"), "filled in");
        let (of, than) = if by_the_survivor { (first, second) } else { (second, first) };
        let draft = twice.pens[0].set(&held(&twice.pens[0], of.person)).with("apart", &Apart { than: than.person });
        twice.pens[0].send(vec![draft]).expect("an answer");
        twice.sync();
        for pen in &twice.pens {
            for (made, own) in [(first, &own[0]), (second, &own[1])] {
                let record = held(pen, made.person);
                assert_eq!(alias_of(&record), None);
                for (group, fields) in &own.groups {
                    assert_eq!(record.fields(group), Some(fields), "{group} is its own again");
                }
            }
            assert_eq!(held(pen, first.person).fields("guardian"), None);
            assert!(reviews(pen).is_empty(), "nobody is asked about it any more");
        }
        for made in [first, second] {
            assert_eq!(open_residencies(&twice.town, made.person), [made.residency], "each registration stands");
        }
        let told = conflicts(&twice.pens[1]);
        let apart: Vec<&str> =
            told.iter().filter(|what| what.why == ClashWhy::TakenApart).map(|what| what.group.as_str()).collect();
        assert!(apart.contains(&"guardian") && apart.contains(&"contact"), "{apart:?}");

        // Never asked again for the pair, whatever is corrected later.
        let mut identity: Identity = held(&twice.pens[0], second.person).typed("identity").expect("an identity");
        identity.name = "王五".to_owned();
        let draft = twice.pens[0].set(&held(&twice.pens[0], second.person)).with("identity", &identity);
        twice.pens[0].send(vec![draft]).expect("an answer");
        twice.sync();
        assert!(twice.pens.iter().all(|pen| reviews(pen).is_empty()));
        assert_eq!(alias_of(&twice.town.record(second.person)), None);
        twice.check();
    }
}

fn person_at(drafts: &[Draft]) -> usize {
    drafts.iter().position(|draft| draft.kind == kind::PERSON).expect("a person")
}

#[test]
fn another_name_is_asked_and_joined_only_when_somebody_says_so() {
    for (state, joined) in [(SAME, true), (DIFFERENT, false)] {
        let mut twice = twice();
        set_identity(&mut twice.drafts[1], |identity| identity.name = "王小明".to_owned());
        let (first, second) = twice.sync_in_order([0, 1]);
        assert_eq!(alias_of(&twice.town.record(second.person)), None, "never by itself");
        for pen in &twice.pens {
            let asked = reviews(pen);
            assert_eq!(asked.len(), 1);
            assert_eq!(asked[0].1.why, PairWhy::Name);
            assert_eq!(asked[0].1.second_is.name, "王小明");
        }
        let review = reviews(&twice.pens[1])[0].0;
        let draft = settle(&twice.pens[1], review, state);
        twice.pens[1].send(vec![draft]).expect("an answer");
        twice.sync();
        assert_eq!(alias_of(&twice.town.record(second.person)), joined.then_some(first.person));
        assert!(twice.pens.iter().all(|pen| reviews(pen).is_empty()), "the other is not asked what is answered");
        assert_eq!(open_residencies(&twice.town, second.person).len(), 1);
        twice.check();
    }
}

#[test]
fn as_long_as_one_says_they_are_two_people_they_are_two() {
    for order in [[0, 1], [1, 0]] {
        let mut twice = twice();
        set_identity(&mut twice.drafts[1], |identity| identity.name = "王小明".to_owned());
        let (_, second) = twice.sync_in_order([0, 1]);
        for (at, state) in [(0, SAME), (1, DIFFERENT)] {
            let review = reviews(&twice.pens[at])[0].0;
            let draft = settle(&twice.pens[at], review, state);
            twice.pens[at].save(vec![draft]);
        }
        for at in order {
            twice.pens[at].sync().expect("syncs");
        }
        twice.sync();
        assert_eq!(alias_of(&twice.town.record(second.person)), None, "{order:?}");
        assert!(twice.pens.iter().all(|pen| reviews(pen).is_empty()));
        twice.check();
    }
}

#[test]
fn another_village_is_asked_without_the_name_and_joined_after_the_hand_over() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (wangs, lis) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let (one, first) = town.newcomer(&wang, wangs);
    let (two, second) = town.once_more(&li, lis, &one);
    ok(wang.send(one));
    ok(li.send(two));
    wang.sync().expect("syncs");
    assert_eq!(alias_of(&town.record(second.person)), None, "nobody takes a person from another village");
    for (pen, own_is_first) in [(&wang, true), (&li, false)] {
        let asked = reviews(pen);
        assert_eq!(asked.len(), 1);
        let pair = &asked[0].1;
        assert_eq!((pair.why, pair.first, pair.second), (PairWhy::Village, first.person, second.person));
        let (own, other) = if own_is_first { (&pair.first_is, &pair.second_is) } else { (&pair.second_is, &pair.first_is) };
        assert!(!own.name.is_empty() && other.name.is_empty(), "village and coordinator, and no more: {pair:?}");
        assert_eq!((other.area.as_str(), other.by.as_str()), if own_is_first { (LIS, "李强") } else { (WANGS, "王敏") });
    }
    // Both stations have a copy for their village, each with its own name only.
    let areas: std::collections::BTreeSet<String> = town
        .core
        .look(|view| Ok(view.records_of_kind(kind::DUPLICATE)?))
        .expect("looks")
        .into_iter()
        .filter(|review| stored(review).account.is_none())
        .filter_map(|review| review.typed::<Pair>("what")?.area)
        .collect();
    assert_eq!(areas.into_iter().collect::<Vec<_>>(), [WANGS, LIS]);

    let review = reviews(&li)[0].0;
    let draft = settle(&li, review, SAME);
    li.send(vec![draft]).expect("an answer");
    assert_eq!(alias_of(&town.record(second.person)), None, "still in two villages");
    wang.sync().expect("syncs");
    town.pass(60_000);
    let drafts = hand_over(&wang, first, LIS, "2026-03-02");
    wang.send(drafts).expect("an answer");
    assert_eq!(alias_of(&town.record(second.person)), Some(first.person), "handed over, and one person as was said");
    li.sync().expect("syncs");
    wang.sync().expect("syncs");
    assert_eq!(open_residencies(&town, first.person).len(), 1);
    assert!(wang.record(first.person).is_none() && wang.record(second.person).is_none(), "left the first village");
    assert!(li.record(first.person).is_some() && li.record(second.person).is_some());
    town.check_sums(&[&wang, &li]);
}

#[test]
fn numbers_that_cannot_be_compared_are_never_matched() {
    use domain::id_document::DocType;
    for (doc_type, number, birth) in [(DocType::Oth, "甲123", "1990-01-01"), (DocType::Bc, "A123456789", "2020-01-01")] {
        let mut twice = twice();
        for drafts in &mut twice.drafts {
            set_identity(drafts, |identity| {
                identity.doc_type = doc_type;
                identity.doc_no = number.to_owned();
                identity.birth = birth.to_owned();
            });
        }
        let (first, second) = twice.sync_in_order([0, 1]);
        assert!(alias_of(&twice.town.record(second.person)).is_none() && alias_of(&twice.town.record(first.person)).is_none());
        assert!(twice.pens.iter().all(|pen| reviews(pen).is_empty()), "{doc_type:?}: not even asked");
        twice.check();
    }
}

#[test]
fn an_edit_that_makes_two_numbers_equal_is_asked() {
    let mut twice = twice();
    let right: Identity = serde_json::from_value(twice.drafts[0][person_at(&twice.drafts[0])].groups["identity"].clone().into())
        .expect("an identity");
    set_identity(&mut twice.drafts[1], |identity| {
        // The digit before the check digit was misread, and the check digit with it.
        let first17 = format!("{}{}", &identity.doc_no[..16], if &identity.doc_no[16..17] == "3" { '5' } else { '3' });
        identity.doc_no = format!("{first17}{}", domain::id_document::check_digit(&first17).expect("seventeen digits"));
    });
    let (first, second) = twice.sync_in_order([0, 1]);
    assert!(twice.pens.iter().all(|pen| reviews(pen).is_empty()));
    let draft = twice.pens[1].set(&held(&twice.pens[1], second.person)).with("identity", &right);
    ok(twice.pens[1].send(vec![draft]));
    twice.sync();
    assert_eq!(alias_of(&twice.town.record(second.person)), None);
    let asked = reviews(&twice.pens[0]);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1.why, PairWhy::Number);
    assert!(asked[0].1.is_of(first.person, second.person));
    twice.check();
}

#[test]
fn nobody_writes_who_is_who_and_nobody_answers_for_others() {
    let mut twice = twice();
    set_identity(&mut twice.drafts[1], |identity| identity.name = "王小明".to_owned());
    let (first, second) = twice.sync_in_order([0, 1]);
    let town = &twice.town;
    let wang = &mut twice.pens[0];
    let own = held(wang, first.person);
    for (draft, refused) in [
        (wang.set(&own).with("alias", &Alias { of: second.person, by: String::new(), at_unix_ms: 0 }), "alias"),
        (wang.set(&held(wang, first.residency)).with("merged", &same::MergedInto { into: second.residency }), "merged"),
    ] {
        let verdicts = wang.send(vec![draft]).expect("an answer");
        assert_eq!(verdicts, [Verdict::Refused(Refusal::Role(refused.to_owned()))]);
    }
    let nobody = RecordId(town.record(first.stay).id.0);
    let draft = wang.set(&own).with("apart", &Apart { than: nobody });
    let verdicts = wang.send(vec![draft]).expect("an answer");
    assert_eq!(verdicts, [Verdict::Refused(Refusal::Invalid("apart.than".to_owned()))]);

    // Somebody of another village, the landlord and the bureau, with every id known to them.
    let review = reviews(wang)[0].0;
    let (stranger, asked) = (town.record(second.person), town.record(review));
    for login in ["li", "chen"] {
        let mut pen = town.pen(login);
        assert!(
            pen.record(first.person).is_none() && pen.records(kind::DUPLICATE).is_empty() && pen.records(kind::PERSON).is_empty()
        );
        let mut apart = pen.set(&stranger).with("apart", &Apart { than: first.person });
        apart.groups.retain(|group, _| group == "apart");
        let settled = Settled { state: SAME.to_owned(), at_unix_ms: 0 };
        let mut answer = pen.set(&asked).with("settled", &settled);
        answer.groups.retain(|group, _| group == "settled");
        for draft in [apart, answer] {
            let verdicts = pen.send(vec![draft]).expect("an answer");
            assert!(matches!(verdicts[..], [Verdict::Refused(Refusal::Scope)]), "{login}: {verdicts:?}");
        }
    }
    assert_eq!(alias_of(&town.record(second.person)), None);
}

#[test]
fn a_reported_tenant_is_matched_and_the_landlord_learns_nothing() {
    let town = Town::new();
    let (mut wang, mut chen) = (town.pen("wang"), town.pen("chen"));
    let unit = town.home(&mut wang, WANGS, crate::town::CHENS_PHONE);
    let (drafts, made) = town.newcomer(&wang, unit);
    let number = drafts[person_at(&drafts)].groups["identity"]["doc_no"].as_str().expect("a number").to_owned();
    ok(wang.send(drafts));
    chen.sync().expect("syncs");
    let mut report = town.report(&chen, unit, "2026-03-02");
    report.groups.insert("document".to_owned(), to_fields(&domain::report::ReportDocument { doc_no: number.clone() }));
    report.groups.get_mut("said").expect("said").insert("doc_tail".to_owned(), domain::id_document::tail(&number).into());
    let id = report.record;
    ok(chen.send(vec![report]));
    wang.sync().expect("syncs");
    let matched: domain::report::Matched = held(&wang, id).typed("match").expect("a match");
    assert_eq!((matched.person, matched.area.as_str()), (Some(made.person), WANGS));
    assert_eq!(held(&chen, id).fields("match"), None, "nor does he learn whom the number belongs to");
    assert!(chen.records(kind::PERSON).is_empty());

    let other = town.report(&chen, unit, "2026-03-02");
    let id = other.record;
    ok(chen.send(vec![other]));
    assert_eq!(town.record(id).fields("match"), None);
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn a_file_of_an_older_version_finds_its_people_again() {
    let mut twice = twice();
    let drafts = std::mem::take(&mut twice.drafts[0]);
    ok(twice.pens[0].send(drafts));
    let [first, second] = twice.made;
    // As an older version left it: nobody has a key and the server no secret.
    let forget = |town: &Town| {
        town.core
            .write(move |write| {
                write.put_person_key(first.person, None)?;
                write.set_meta("person_keys_made", "")?;
                Ok(())
            })
            .expect("writes");
    };
    forget(&twice.town);
    let now = twice.town.core.now_unix_ms();
    twice
        .town
        .core
        .write(move |write| Ok(sync_server::register::prepare_keys(write, now, &sync_server::SystemDice)?))
        .expect("again");
    let drafts = std::mem::take(&mut twice.drafts[1]);
    twice.pens[1].send(drafts).expect("an answer");
    let told = alias_of(&twice.town.record(second.person));
    assert_eq!(told, Some(first.person), "found by a key that was made afterwards");
}

#[test]
fn two_whom_an_older_file_holds_twice_are_asked_about_once_when_it_is_opened() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let mut li = town.pen("li");
    let lis_unit = town.home(&mut li, LIS, "");
    let theirs = town.resident(&mut li, lis_unit);
    // As a version without keys left it: the same number stands in two villages, and nobody noticed.
    let (one, mut other) = (town.record(made.person), town.record(theirs.person));
    let number = one.groups["identity"].fields["doc_no"].clone();
    other.groups.get_mut("identity").expect("an identity").fields.insert("doc_no".to_owned(), number);
    let now = town.core.now_unix_ms();
    town.core
        .write(move |write| {
            let dice = sync_server::clock::SeededDice::new(3);
            let mut ledger = sync_server::register::Ledger::new(write, now, &dice);
            ledger.put(&other)?;
            ledger.publish()?;
            write.set_meta("person_keys_made", "")?;
            write.set_meta("person_pairs_asked", "")?;
            Ok(())
        })
        .expect("an older file");
    town.core.stop();
    let mut versions = None;
    for _ in 0..2 {
        let core = sync_server::Core::open(&town.file(), town.clock.clone(), std::sync::Arc::new(sync_server::SystemDice))
            .expect("opened");
        let station =
            core.look(|view| Ok(view.record(pair_id(made.person, theirs.person, STATION))?)).expect("looks").expect("asked");
        let pair: Pair = station.typed("what").expect("a review says what");
        assert_eq!(pair.why, PairWhy::Village);
        for (pen, login) in [(&mut wang, "wang"), (&mut li, "li")] {
            pen.server.core = std::sync::Arc::clone(&core);
            pen.sync().expect("syncs");
            assert_eq!(reviews(pen).len(), 1, "{login} is asked");
            assert!(pen.agrees());
        }
        let now = core.look(|view| Ok(view.scope(&domain::place::Scope::Area(WANGS.to_owned()))?.head)).expect("looks");
        assert_eq!(*versions.get_or_insert(now), now, "the second time nothing is written");
        core.stop();
    }
}
