//! The landlord: reports and receipts, and nothing else.

use domain::access::Role;
use domain::codes::ReportKind;
use domain::county::{HolidayYear, PolicyChoice};
use domain::merge::Refusal;
use domain::report::{Check, Receipt, Said};
use domain::{Record, kind};
use sync_protocol::{SyncServer, Verdict};
use sync_server::demo::Pen;

use crate::town::{CHENS_PHONE, LIS, Town, WANGS, at, conflicts, held, ok, once};

/// A landlord with one home.
fn let_home() -> (Town, Pen, Pen, domain::RecordId) {
    let town = Town::new();
    town.go_to(at("2026-02-02", 9, 0));
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let chen = town.pen("chen");
    (town, wang, chen, unit)
}

fn receipt(record: &Record) -> Receipt {
    record.typed("receipt").expect("a receipt")
}

#[test]
fn on_time_until_midnight_of_the_third_working_day() {
    // The lease starts on 12 February 2026; the Spring Festival lies between. Checks 1 and 2 of domain §11.
    let rows = [
        ("told online in the last minutes", at("2026-02-24", 23, 50), at("2026-02-24", 23, 50), true),
        ("told online after midnight", at("2026-02-25", 0, 10), at("2026-02-25", 0, 10), false),
        ("stored offline in time, delivered two days later", at("2026-02-24", 20, 0), at("2026-02-26", 8, 0), false),
    ];
    for (what, submitted_unix_ms, received_unix_ms, on_time) in rows {
        let (town, _, mut chen, unit) = let_home();
        town.go_to(submitted_unix_ms);
        let report = town.report(&chen, unit, "2026-02-12");
        let id = report.record;
        chen.save(vec![report]);
        town.go_to(received_unix_ms);
        chen.sync().expect("syncs");
        let receipt = receipt(&held(&chen, id));
        assert_eq!(
            (receipt.submitted_unix_ms, receipt.received_unix_ms),
            (submitted_unix_ms, received_unix_ms),
            "{what}: both times"
        );
        assert_eq!(receipt.on_time, on_time, "{what}");
        let due = receipt.due.expect("a due date");
        assert_eq!(
            (due.on.to_string().as_str(), due.pack.as_str(), due.no_holiday_data),
            ("2026-02-24", "zj-2016", false),
            "{what}"
        );
        assert_eq!(receipt.no, "CS-B-2026-000001");
    }
}

#[test]
fn the_countys_own_holidays_and_pack_decide_and_a_year_without_them_says_so() {
    let (town, _, mut chen, unit) = let_home();
    town.core
        .choose_policy(PolicyChoice { pack: "zj-2009".to_owned(), from: "2027-01-01".to_owned() })
        .expect("chosen from next year on");
    town.go_to(at("2027-03-01", 9, 0));
    let report = town.report(&chen, unit, "2027-02-26");
    let id = report.record;
    ok(chen.send(vec![report]));
    let due = receipt(&held(&chen, id)).due.expect("a due date");
    assert_eq!((due.on.to_string().as_str(), due.pack.as_str()), ("2027-03-03", "zj-2009"));
    assert!(due.no_holiday_data, "nobody has imported 2027 yet");
    let years = town.core.look(|view| Ok(view.records_of_kind(kind::HOLIDAYS)?)).expect("looks");
    assert!(years.iter().all(|record| record.typed::<HolidayYear>("days").is_some()));
}

#[test]
fn the_document_number_is_sent_and_never_received() {
    let (town, mut wang, mut chen, unit) = let_home();
    let report = town.report(&chen, unit, "2026-02-02");
    let id = report.record;
    let number = report.groups["document"]["doc_no"].as_str().expect("a number").to_owned();
    chen.save(vec![report]);
    let answer = once(&mut chen).expect("an answer");
    assert!(!serde_json::to_string(&answer).expect("json").contains(&number));
    chen.take(answer);
    chen.sync().expect("syncs");
    assert!(held(&chen, id).fields("document").is_none(), "not on his phone");
    wang.sync().expect("syncs");
    assert_eq!(held(&wang, id).text("document", "doc_no"), Some(number.as_str()), "the coordinator needs it at the door");
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn he_sees_his_homes_and_his_reports_and_no_person() {
    let (town, mut wang, mut chen, unit) = let_home();
    let made = town.resident(&mut wang, unit);
    town.account("sun", "孙某", Role::Landlord, "19900009002", &[]);
    let suns_home = town.home(&mut wang, WANGS, "19900009002");
    let mut sun = town.pen("sun");
    let report = town.report(&sun, suns_home, "2026-02-02");
    let suns = report.record;
    ok(sun.send(vec![report]));
    chen.sync().expect("syncs");
    let scopes: Vec<String> = chen.scopes().iter().map(ToString::to_string).collect();
    assert_eq!(scopes.len(), 3, "county, his homes, what is addressed to him: {scopes:?}");
    for kind in [kind::PERSON, kind::RESIDENCY, kind::STAY, kind::VISIT, kind::VISIT_PERSON, kind::ACCESS, kind::REFERRAL] {
        assert!(chen.records(kind).is_empty(), "{kind} never travels to a landlord");
    }
    assert!(chen.record(suns).is_none() && chen.record(suns_home).is_none() && chen.record(made.person).is_none());
    town.check_sums(&[&wang, &chen, &sun]);

    // What is not his he cannot report on, nor answer.
    let foreign = town.record(suns);
    let refused = |verdicts: Vec<Verdict>| verdicts.into_iter().find(|verdict| matches!(verdict, Verdict::Refused(_)));
    let report = town.report(&chen, suns_home, "2026-02-02");
    assert_eq!(refused(chen.send(vec![report]).expect("an answer")), Some(Verdict::Refused(Refusal::Scope)));
    let withdrawn = Check { state: "withdrawn".to_owned(), on: "2026-02-03".to_owned(), reason: String::new(), residency: None };
    let drafts = vec![chen.set(&foreign).with("check", &withdrawn)];
    assert_eq!(refused(chen.send(drafts).expect("an answer")), Some(Verdict::Refused(Refusal::Scope)));
}

#[test]
fn a_report_is_said_once_and_answered_by_the_coordinator() {
    let (town, mut wang, mut chen, unit) = let_home();
    let report = town.report(&chen, unit, "2026-02-02");
    let id = report.record;
    ok(chen.send(vec![report]));
    let mut said: Said = held(&chen, id).typed("said").expect("said");
    said.kind = ReportKind::MoveOut;
    let drafts = vec![chen.set(&held(&chen, id)).with("said", &said)];
    assert_eq!(chen.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::SetOnce("said".to_owned()))]);
    let accepted = Check { state: "accepted".to_owned(), on: "2026-02-03".to_owned(), reason: String::new(), residency: None };
    let drafts = vec![chen.set(&held(&chen, id)).with("check", &accepted)];
    assert_eq!(chen.send(drafts).expect("an answer"), [Verdict::Refused(Refusal::Role("check".to_owned()))], "not his to accept");

    wang.sync().expect("syncs");
    let returned = Check { state: "returned".to_owned(), reason: "此人未入住".to_owned(), ..accepted };
    let drafts = vec![wang.set(&held(&wang, id)).with("check", &returned)];
    ok(wang.send(drafts));
    chen.sync().expect("syncs");
    assert_eq!(held(&chen, id).text("check", "reason"), Some("此人未入住"));
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn withdrawn_and_accepted_without_having_seen_each_other_stays_accepted_and_is_shown() {
    for landlord_first in [true, false] {
        let (town, mut wang, mut chen, unit) = let_home();
        let report = town.report(&chen, unit, "2026-02-02");
        let id = report.record;
        ok(chen.send(vec![report]));
        wang.sync().expect("syncs");
        let check =
            |state: &str| Check { state: state.to_owned(), on: "2026-02-03".to_owned(), reason: String::new(), residency: None };
        let drafts = vec![wang.set(&held(&wang, id)).with("check", &check("accepted"))];
        wang.save(drafts);
        town.pass(60_000);
        let drafts = vec![chen.set(&held(&chen, id)).with("check", &check("withdrawn"))];
        chen.save(drafts);
        let pair: [&mut Pen; 2] = if landlord_first { [&mut chen, &mut wang] } else { [&mut wang, &mut chen] };
        for pen in pair {
            pen.sync().expect("syncs");
        }
        wang.sync().expect("syncs");
        chen.sync().expect("syncs");
        assert_eq!(
            town.record(id).text("check", "state"),
            Some("accepted"),
            "what was registered stands (landlord first: {landlord_first})"
        );
        assert_eq!((conflicts(&wang).len(), conflicts(&chen).len()), (1, 1));
        town.check_sums(&[&wang, &chen]);
    }
}

#[test]
fn a_report_stays_its_reporters_when_the_home_is_sold() {
    let (town, mut wang, mut chen, unit) = let_home();
    let report = town.report(&chen, unit, "2026-02-02");
    let id = report.record;
    ok(chen.send(vec![report]));
    let sold = domain::unit::Landlord { name: "新房东".to_owned(), phone: "19900009999".to_owned(), on_site: false };
    let drafts = vec![wang.set(&held(&wang, unit)).with("landlord", &sold)];
    ok(wang.send(drafts));
    chen.sync().expect("syncs");
    assert!(chen.record(unit).is_none());
    assert_eq!(receipt(&held(&chen, id)).no, "CS-B-2026-000001", "his proof stays with him");
    town.check_sums(&[&wang, &chen]);
}

#[test]
fn another_village_never_hears_of_it() {
    let (town, _, mut chen, unit) = let_home();
    let report = town.report(&chen, unit, "2026-02-02");
    let id = report.record;
    ok(chen.send(vec![report]));
    let li = town.pen("li");
    assert!(li.record(id).is_none());
    let reply = li.server.exchange(li.request(1)).expect("an answer");
    assert!(reply.scopes.iter().all(|scope| scope.scope.to_string() != format!("a:{WANGS}")));
    assert!(li.scopes().iter().any(|scope| scope.to_string() == format!("a:{LIS}")));
}
