//! Every transition that is a rule of its own, as whole tables (`domain.md` §8): each state with each step, what is listed is
//! taken and everything else is refused. Who may take a step stands in `access_matrix.rs`, what the server answers in its own
//! `transitions.rs`, `hazard_steps.rs` and `permit_events.rs`. A hazard's table stands beside its rule (`hazard.rs`), the station's steps about an application too
//! (`permit.rs`). Samples, exports and requests of §8.3 have no records yet.

use chrono::NaiveDate;
use domain::codes::{UnitStatus, VisitPersonResult, VisitResult};
use domain::ids::derived_id;
use domain::permit::{EndReason, Issued, PermitEventKind, PermitFact, PermitKind};
use domain::permit_standing::{self, Standing};
use domain::policy::PolicyBook;
use domain::presence::{Doubt, Known, presence};
use domain::visit_draft::{Tap, VisitDraft};
use domain::{DeviceNumber, GroupValue, Origin, Record, RecordId, Stamp, day, kind};
use serde_json::json;

fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

/// §8.3: PENDING → REGISTERED → PAUSED → REGISTERED | CLOSED, and a home that was never registered can be closed too.
#[test]
fn a_home_is_registered_paused_registered_again_and_closed_for_good() {
    use UnitStatus::{Closed, Paused, Pending, Registered};
    let taken = [
        (Pending, Registered),
        (Pending, Closed),
        (Registered, Paused),
        (Registered, Closed),
        (Paused, Registered),
        (Paused, Closed),
    ];
    for was in UnitStatus::ALL {
        for to in UnitStatus::ALL {
            assert_eq!(was.may_become(*to), taken.contains(&(*was, *to)), "{was:?} to {to:?}");
        }
    }
}

/// What was said about somebody at the door.
fn fact(name: &str, result: VisitPersonResult, at: i64) -> Record {
    let mut record = Record::empty(kind::VISIT_PERSON, derived_id(&["fact", name]));
    let fields = json!({
        "visit": derived_id(&["visit", name]), "unit": derived_id(&["home"]), "person": derived_id(&["who"]),
        "residency": derived_id(&["registration"]), "result": result.code(), "observed_unix_ms": at,
    });
    let origin = Origin { stamp: Stamp::at(at), device: DeviceNumber(1) };
    record.groups.insert("fact".to_owned(), GroupValue::new(fields.as_object().cloned().expect("an object"), origin));
    record
}

/// What is known about somebody before the next visit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Unseen,
    Seen,
    MissedOnce,
    MissedTwice,
    SaidGone,
    ReportedOut,
    StayOver,
}

/// §8.1: ACTIVE → SUSPECTED_LEFT by two visits not met, by what is said at the door, by the landlord's report, by the end of the
/// intended stay; SUSPECTED_LEFT → ACTIVE when somebody is seen. Computed, so the step is a fact and never a written state.
#[test]
fn somebody_is_suspected_to_have_left_and_seen_again_by_facts_alone() {
    use Before::*;
    use VisitPersonResult as R;
    let today = on("2026-11-23");
    let at = |days: u64| day::start_of_day_unix_ms(today - chrono::Days::new(days)) + 9 * 3_600_000;
    let report = derived_id(&["report"]);
    // What is suspected before, and after each of the eight answers in the order of the roster.
    let here = [R::Here, R::HereChanged, R::MovedInBuilding];
    let gone = [R::MovedInCounty, R::Left, R::NotExist];
    let after = |before: Before, result: R| -> &[&str] {
        match (before, result) {
            // Who is seen is present again, whatever was said before; even a report of the same day waits only for its check.
            (_, seen) if here.contains(&seen) => &[],
            // A report and an intended stay go on being asked about beside what the door says.
            (ReportedOut, said) if gone.contains(&said) => &["said_gone", "reported_out"],
            (StayOver, said) if gone.contains(&said) => &["said_gone", "stay_over"],
            (ReportedOut, R::NotMet | R::Refused) => &["reported_out"],
            (StayOver, R::NotMet | R::Refused) => &["stay_over"],
            (_, said) if gone.contains(&said) => &["said_gone"],
            (MissedOnce | MissedTwice, R::NotMet) => &["not_met"],
            // Nobody met and a refusal take nothing back of what was said at the door before.
            (SaidGone, R::NotMet | R::Refused) => &["said_gone"],
            (Unseen | Seen | MissedOnce | MissedTwice, R::NotMet | R::Refused) => &[],
            _ => unreachable!("every answer is here, gone, not met or refused"),
        }
    };
    for before in [Unseen, Seen, MissedOnce, MissedTwice, SaidGone, ReportedOut, StayOver] {
        let mut facts: Vec<Record> = match before {
            Unseen | ReportedOut | StayOver => vec![],
            Seen => vec![fact("seen", R::Here, at(5))],
            MissedOnce => vec![fact("first", R::NotMet, at(5))],
            MissedTwice => vec![fact("first", R::NotMet, at(5)), fact("second", R::NotMet, at(4))],
            SaidGone => vec![fact("gone", R::Left, at(5))],
        };
        let moved_out = if before == ReportedOut { vec![(report, on("2026-11-20"))] } else { vec![] };
        let until = (before == StayOver).then(|| on("2026-11-01"));
        let names = |facts: &[Record]| -> Vec<&'static str> {
            let known = Known { facts, moved_out: &moved_out, until, ..Known::default() };
            let name = |doubt: &Doubt| match doubt {
                Doubt::SaidGone { .. } => "said_gone",
                Doubt::NotMet { .. } => "not_met",
                Doubt::ReportedOut { .. } => "reported_out",
                Doubt::StayOver { .. } => "stay_over",
            };
            presence(known, &PolicyBook::default(), today).doubts.iter().map(name).collect()
        };
        let suspected: &[&str] = match before {
            Unseen | Seen | MissedOnce => &[],
            MissedTwice => &["not_met"],
            SaidGone => &["said_gone"],
            ReportedOut => &["reported_out"],
            StayOver => &["stay_over"],
        };
        assert_eq!(names(&facts), suspected, "{before:?}");
        for result in VisitPersonResult::ALL {
            facts.push(fact("next", *result, at(0)));
            assert_eq!(names(&facts), after(before, *result), "{before:?}, then {result:?}");
            facts.pop();
        }
    }
}

/// §8.1: ACTIVE ⇄ CHANGE_PENDING. By the two answers that ask for it, and back when what was found is written down or they are said to
/// be gone; computed, so no step writes it.
#[test]
fn a_change_is_pending_by_what_was_found_and_settled_by_what_is_written() {
    use VisitPersonResult as R;
    let at = |hour: i64| day::start_of_day_unix_ms(on("2026-11-20")) + hour * 3_600_000;
    let pending = |facts: &[Record], changed: Option<i64>, placed: Option<i64>| -> Vec<R> {
        let known = Known { facts, changed_unix_ms: changed, placed_unix_ms: placed, ..Known::default() };
        presence(known, &PolicyBook::default(), on("2026-11-23")).pending.iter().map(|open| open.result).collect()
    };
    let registered = Some(at(0));
    let asks = |result: R| if matches!(result, R::HereChanged | R::MovedInBuilding) { vec![result] } else { vec![] };
    for before in [None, Some(R::HereChanged), Some(R::MovedInBuilding)] {
        for result in R::ALL.iter().copied() {
            let mut facts: Vec<Record> = before.map(|before| fact("before", before, at(9))).into_iter().collect();
            facts.push(fact("next", result, at(10)));
            let mut expected: Vec<R> = before.into_iter().chain(asks(result)).collect();
            expected.sort_by_key(|result| result.code());
            expected.dedup();
            if result.is_gone() {
                expected.clear();
            }
            assert_eq!(pending(&facts, registered, registered), expected, "{before:?}, then {result:?}");
            // Written down after it: the form settles what changed, the move settles both.
            expected.retain(|result| *result == R::MovedInBuilding);
            assert_eq!(pending(&facts, Some(at(11)), registered), expected, "{before:?}, then {result:?}, then changed");
            assert_eq!(pending(&facts, registered, Some(at(11))), [], "{before:?}, then {result:?}, then moved");
        }
    }
}

/// A visit is a draft until it is finished: PLANNED is the appointment of the last one, ARRIVED its first tap. Every result
/// with every answer: nobody lives in an empty home.
#[test]
fn a_visit_ends_with_what_its_answers_allow() {
    use VisitPersonResult as P;
    use VisitResult as V;
    for answer in VisitPersonResult::ALL.iter().copied().map(Some).chain([None]) {
        let mut draft = VisitDraft::default();
        draft.touch(answer.map(|result| Tap {
            touch: 0,
            person: derived_id(&["who"]),
            residency: derived_id(&["registration"]),
            result: Some(result),
            at_unix_ms: 1,
            status_seen: None,
        }));
        let met = matches!(answer, Some(P::Here | P::HereChanged | P::MovedInBuilding | P::Refused));
        for result in VisitResult::ALL {
            let allowed = !met || matches!(result, V::Done | V::Refused);
            assert_eq!(draft.fits(*result), allowed, "{result:?} with {answer:?}");
        }
    }
}

const PERMIT_DAY: &str = "2025-01-10";

/// What the row is called, the card, what happened to it, the day, where it stands, and where it goes from there.
type Row<'r> = (&'r str, &'r Issued, Vec<(RecordId, PermitFact)>, &'r str, Standing, &'r [(PermitEventKind, Standing)]);

fn event(what: PermitEventKind, on: &str) -> (RecordId, PermitFact) {
    let mut fact = PermitFact::new(derived_id(&["a permit"]), what, on);
    match what {
        PermitEventKind::Cancel => fact.reason = Some(EndReason::Hukou),
        PermitEventKind::Renew => fact.valid_until = "2027-06-01".to_owned(),
        _ => {}
    }
    (derived_id(&[what.code(), on]), fact)
}

/// §8.2: a card in each of its states, on a day, and where each thing that can happen to it leads on that very day. What is not
/// listed leaves it where it stands.
#[test]
fn a_card_goes_from_state_to_state_by_what_happens_to_it() {
    use PermitEventKind as E;
    use Standing::*;
    let residence = |valid_until: &str, kind| Issued {
        kind,
        on: PERMIT_DAY.to_owned(),
        valid_until: valid_until.to_owned(),
        continuity_start: "2024-06-01".to_owned(),
        pack: "zj-2016".to_owned(),
        card_no: String::new(),
    };
    let yearly = residence("", PermitKind::Residence);
    // ISSUED, HANDED_OUT, ENDORSE_DUE, SUSPENDED, ENDED; and TEMP_ISSUED, TEMP_EXPIRED of 2009.
    let temporary = residence("2026-01-10", PermitKind::Temporary);
    // Nine years, of 2009.
    let nine = residence("2034-01-10", PermitKind::Residence);
    let handed = event(E::HandOut, "2025-01-12");
    let rows: [Row<'_>; 10] = [
        ("issued", &yearly, vec![], "2025-01-11", ToHandOut, &[(E::HandOut, Valid), (E::Cancel, Ended)]),
        ("valid", &yearly, vec![handed.clone()], "2025-06-01", Valid, &[(E::Reissue, ToHandOut), (E::Cancel, Ended)]),
        (
            "endorse due",
            &yearly,
            vec![handed.clone()],
            "2025-12-20",
            EndorseDue,
            &[(E::Endorse, Valid), (E::Reissue, ToHandOut), (E::Cancel, Ended)],
        ),
        (
            "suspended",
            &yearly,
            vec![handed.clone()],
            "2026-03-01",
            Suspended,
            // A new card of a suspended permit is as suspended as the old one.
            &[(E::Endorse, Valid), (E::Cancel, Ended)],
        ),
        (
            "restored",
            &yearly,
            vec![handed.clone(), event(E::Endorse, "2026-02-19")],
            "2026-03-01",
            Valid,
            &[(E::Reissue, ToHandOut), (E::Cancel, Ended)],
        ),
        ("ended", &yearly, vec![handed.clone(), event(E::Cancel, "2025-02-01")], "2025-06-01", Ended, &[]),
        ("temporary", &temporary, vec![handed.clone()], "2025-06-01", Valid, &[(E::Reissue, ToHandOut), (E::Cancel, Ended)]),
        ("temporary, run out", &temporary, vec![handed.clone()], "2026-03-01", Expired, &[(E::Renew, Valid), (E::Cancel, Ended)]),
        ("of nine years", &nine, vec![handed.clone()], "2025-06-01", Valid, &[(E::Reissue, ToHandOut), (E::Cancel, Ended)]),
        // It does not run on: another one is asked for.
        ("of nine years, run out", &nine, vec![handed], "2034-03-01", Expired, &[(E::Cancel, Ended)]),
    ];
    let book = PolicyBook::default();
    for (name, issued, events, today, standing, leads) in rows {
        let stands = |events: &[(RecordId, PermitFact)]| permit_standing::now(issued, events, &book, on(today)).standing;
        assert_eq!(stands(&events), standing, "{name} on {today}");
        for what in PermitEventKind::ALL.iter().copied().filter(|what| *what != E::Withdraw) {
            let mut events = events.clone();
            events.push(event(what, today));
            let expected = leads.iter().find(|(by, _)| *by == what).map_or(standing, |(_, to)| *to);
            assert_eq!(stands(&events), expected, "{name}, then {what:?} on {today}");
        }
    }
}
