//! Visits as devices push them: what a correction may name, and what shape a visit has.

use domain::codes::VisitPersonResult;
use domain::merge::Refusal;
use domain::visit::VisitPersonFact;
use domain::{Record, RecordId, day, kind};
use serde_json::json;
use sync_protocol::{SyncServer, Verdict};
use sync_server::demo::{Draft, Pen};

use crate::town::{LIS, Town, WANGS, cancel, held, met, ok};

fn answers_of(pen: &Pen, person: RecordId) -> Vec<Record> {
    let mut answers: Vec<Record> = pen.records(kind::VISIT_PERSON);
    answers.retain(|answer| answer.reference("fact", "person") == Some(person));
    answers
}

fn corrected(pen: &Pen, wrong: &Record, bend: impl FnOnce(&mut VisitPersonFact)) -> Draft {
    let mut fact: VisitPersonFact = wrong.typed("fact").expect("an answer");
    fact.result = VisitPersonResult::Left;
    fact.corrects = Some(wrong.id);
    bend(&mut fact);
    pen.create(kind::VISIT_PERSON).with("fact", &fact)
}

#[test]
fn a_correction_names_an_answer_about_the_same_person_at_the_same_visit() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let (unit, other) = (town.home(&mut wang, WANGS, ""), town.home(&mut wang, WANGS, ""));
    let (made, second) = (town.resident(&mut wang, unit), town.resident(&mut wang, unit));
    ok(wang.send(met(&wang, made, unit, 1)));
    let wrong = answers_of(&wang, made.person).pop().expect("an answer");
    let elsewhere = answers_of(&wang, second.person).pop().expect("an answer");
    let visit = wrong.reference("fact", "visit").expect("a visit");
    let invalid = || Some(Refusal::Invalid("fact.corrects".to_owned()));
    type Bend<'a> = Box<dyn FnOnce(&mut VisitPersonFact) + 'a>;
    let rows: Vec<(&str, Bend<'_>, Option<Refusal>)> = vec![
        ("the same answer", Box::new(|_| {}), None),
        ("somebody else", Box::new(|fact| fact.person = second.person), invalid()),
        ("another registration", Box::new(|fact| fact.residency = second.residency), invalid()),
        ("another home", Box::new(|fact| fact.unit = other), invalid()),
        ("an answer about somebody else", Box::new(|fact| fact.corrects = Some(elsewhere.id)), invalid()),
        ("what is no answer", Box::new(move |fact| fact.corrects = Some(visit)), invalid()),
        ("an answer nobody gave", Box::new(|fact| fact.corrects = Some(RecordId(domain::ids::uuid_v7(1, [3; 10])))), {
            Some(Refusal::UnknownRecord)
        }),
    ];
    for (why, bend, refusal) in rows {
        let draft = corrected(&wang, &wrong, bend);
        let expected = refusal.map_or(Verdict::Ok, Verdict::Refused);
        assert_eq!(wang.send(vec![draft]).expect("an answer"), [expected], "{why}");
    }
}

#[test]
fn whoever_does_not_see_an_answer_corrects_none() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, theirs) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, unit);
    ok(wang.send(met(&wang, made, unit, 1)));
    let wrong = answers_of(&wang, made.person).pop().expect("an answer");
    let from_there = corrected(&li, &wrong, |_| {});
    let moved_there = corrected(&li, &wrong, |fact| fact.unit = theirs);
    for draft in [from_there, moved_there] {
        let verdicts = li.send(vec![draft]).expect("an answer");
        assert!(matches!(verdicts[..], [Verdict::Refused(Refusal::Scope | Refusal::Invalid(_))]), "{verdicts:?}");
    }
}

#[test]
fn a_visit_has_the_shape_the_door_gives_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let rows = [
        (
            json!({"unit": unit, "observed_unix_ms": 1, "result": "NO_ANSWER", "next": {"on": "2026-03-03", "evening": true}}),
            None,
        ),
        // A clock set back is no reason to refuse what was seen.
        (json!({"unit": unit, "observed_unix_ms": -5, "result": "DONE", "clock_suspect": true}), None),
        (json!({"unit": unit, "observed_unix_ms": 1, "result": "NO_ANSWER", "next": {"on": "tomorrow"}}), Some("fact.next")),
        (json!({"unit": unit, "observed_unix_ms": 1, "result": "PARTY"}), Some("fact")),
        (json!({"unit": unit, "observed_unix_ms": 1, "result": "DONE", "notice": "长".repeat(65)}), Some("fact.notice")),
        (json!({"unit": unit, "observed_unix_ms": 1, "result": "DONE", "note": "长".repeat(201)}), Some("fact.note")),
    ];
    for (fact, wrong) in rows {
        let draft = wang.create(kind::VISIT).with("fact", &fact);
        let id = draft.record;
        let verdicts = wang.send(vec![draft]).expect("an answer");
        let expected = wrong.map_or(Verdict::Ok, |what| Verdict::Refused(Refusal::Invalid(what.to_owned())));
        assert_eq!(verdicts, [expected], "{fact}");
        if wrong.is_none() {
            assert_eq!(held(&wang, id).kind, kind::VISIT);
        }
    }
}

/// What was seen of somebody is read for what brings a cancellation into doubt, and for nothing else: however much there is of it,
/// the next answer costs the same.
#[test]
fn a_thousand_answers_do_not_hold_the_writer() {
    const MANY: usize = 2_000;
    const NEXT: usize = 40;
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let took = |wang: &mut Pen, before: usize| {
        let made = town.resident(wang, unit);
        let answer = |pen: &Pen, result| {
            let mut drafts = met(pen, made, unit, town.core.now_unix_ms());
            let mut fact: VisitPersonFact =
                serde_json::from_value(serde_json::Value::Object(drafts[1].groups["fact"].clone())).expect("an answer");
            fact.result = result;
            drafts[1] = drafts[1].clone().with("fact", &fact);
            drafts
        };
        for _ in 0..before {
            let drafts = answer(wang, VisitPersonResult::NotMet);
            wang.save(drafts);
            if wang.outbox.len() > 200 {
                wang.sync().expect("an answer");
            }
        }
        wang.sync().expect("an answer");
        let drafts = cancel(wang, made, "2026-03-02", town.core.now_unix_ms());
        ok(wang.send(drafts));
        // The server's part alone, for the device sums up all it holds before it speaks; and the middle one of them, for a machine
        // that is busy with something else makes some of them slow.
        let mut each: Vec<std::time::Duration> = Vec::new();
        for _ in 0..NEXT {
            let drafts = answer(wang, VisitPersonResult::Left);
            wang.save(drafts);
            let request = wang.request(sync_protocol::CHANGES_MAX);
            let began = std::time::Instant::now();
            let reply = wang.server.exchange(request).expect("an answer");
            each.push(began.elapsed());
            assert!(reply.verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Ok), "{:?}", reply.verdicts);
            wang.take(reply);
        }
        each.sort();
        let took = each[NEXT / 2];
        assert_eq!(held(wang, made.residency).text("status", "state"), Some("cancelled"), "nobody was seen");
        took
    };
    let (few, many) = (took(&mut wang, 1), took(&mut wang, MANY));
    assert!(many < few * 6, "an answer after one took {few:?}, after {MANY} {many:?}");
}

#[test]
fn a_visit_goes_where_the_home_went_that_was_the_visitors_a_month_ago() {
    let town = Town::new();
    let (mut wang, mut li, mut zhou) = (town.pen("wang"), town.pen("li"), town.pen("zhou"));
    let (unit, never_hers) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let made = town.resident(&mut wang, unit);
    zhou.sync().expect("pulls");
    let mut address = held(&zhou, unit).fields("address").cloned().expect("an address");
    address.insert("area".into(), LIS.into());
    let mut draft = zhou.set(&held(&zhou, unit));
    draft.groups.insert("address".into(), address);
    ok(zhou.send(vec![draft]));

    let at_the_door = |pen: &Pen, unit: RecordId| {
        let visit = pen.create(kind::VISIT).with("fact", &json!({ "unit": unit, "observed_unix_ms": 1, "result": "DONE" }));
        let answer = json!({
            "visit": visit.record, "unit": unit, "person": made.person, "residency": made.residency, "result": "HERE",
            "observed_unix_ms": 1,
        });
        let answer = pen.create(kind::VISIT_PERSON).with("fact", &answer);
        vec![visit, answer]
    };
    town.pass(1000);
    // She has not heard of it, and the day after she has.
    for _ in 0..2 {
        let drafts = at_the_door(&wang, unit);
        let visit = drafts[0].record;
        ok(wang.send(drafts));
        assert_eq!(town.record(visit).text("place", "area"), Some(LIS));
        assert!(wang.record(visit).is_none(), "she reads no more of it");
        li.sync().expect("pulls");
        assert!(li.record(visit).is_some());
        town.pass(day::DAY_MS);
    }
    town.check_sums(&[&wang, &li, &zhou]);
    let why = |verdicts: Vec<Verdict>| verdicts[0].clone();
    let drafts = at_the_door(&wang, never_hers);
    assert_eq!(why(wang.send(drafts).expect("an answer")), Verdict::Refused(Refusal::Scope));
    town.pass(30 * day::DAY_MS);
    let drafts = at_the_door(&wang, unit);
    assert_eq!(
        why(wang.send(drafts).expect("an answer")),
        Verdict::Refused(Refusal::Scope),
        "a month later it is somebody else's"
    );
}
