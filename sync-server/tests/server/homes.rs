//! Homes entered twice, and who rents a home: what the server takes, from whom, and what it refuses.

use domain::codes::UnitStatus;
use domain::merge::Refusal;
use domain::tenancy::{Firm, Lease, TenancyEnd, TenancyWhere};
use domain::unit::Registration;
use domain::{RecordId, kind};
use serde_json::json;
use sync_protocol::Verdict;
use sync_server::demo::{Draft, Pen};
use ui_protocol::DeskCommand;
use ui_protocol::desk::{ListRecords, RecordPage};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, ok};

fn refused(verdicts: &[Verdict]) -> Option<Refusal> {
    verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(Refusal::WithItsSave) => None,
        Verdict::Refused(why) => Some(why.clone()),
        _ => None,
    })
}

fn invalid(what: &str) -> Option<Refusal> {
    Some(Refusal::Invalid(what.to_owned()))
}

fn merging(town: &Town, pen: &Pen, unit: RecordId, into: RecordId) -> Draft {
    let stands: Registration = town.record(unit).typed("registration").expect("a registration");
    pen.set(&town.record(unit)).with("registration", &stands.merged(into, "2026-03-02".to_owned()))
}

fn states(town: &Town) -> Vec<String> {
    let (token, _) = town.core.desk_sign_in("zhou", PASSWORD).expect("signs in");
    let caller = town.core.desk_caller(&token).expect("a session");
    let ask = ListRecords { kind: kind::UNIT.to_owned(), ..ListRecords::default() };
    let handled = town.core.desk(&caller, DeskCommand::ListRecords(ask)).expect("a list");
    let page: RecordPage = serde_json::from_value(handled.reply).expect("a page");
    let mut states: Vec<String> = page.rows.into_iter().map(|row| row.state).collect();
    states.sort();
    states
}

#[test]
fn a_home_is_merged_into_a_home_its_writer_knows_and_says_how_it_stood() {
    let town = Town::new();
    let (mut wang, mut li, mut chen) = (town.pen("wang"), town.pen("li"), town.pen("chen"));
    let (one, other) = (town.home(&mut wang, WANGS, CHENS_PHONE), town.home(&mut wang, WANGS, ""));
    let far = town.home(&mut li, LIS, "");
    let made = town.resident(&mut wang, other);
    let closed = json!({"state": "CLOSED", "on": "2026-03-02", "reason": "5", "into": one});
    let still_open =
        Registration { state: UnitStatus::Paused, ..Registration::since(UnitStatus::Registered, "2026-03-01".into()) };
    let still_open = Registration { into: Some(one), was: None, ..still_open };
    let rows: Vec<(&str, Vec<Draft>, Option<Refusal>)> = vec![
        (
            "how it stood is missing",
            vec![wang.set(&town.record(other)).with("registration", &closed)],
            invalid("registration.into"),
        ),
        ("it is not closed", vec![wang.set(&town.record(other)).with("registration", &still_open)], invalid("registration.into")),
        ("into a person", vec![merging(&town, &wang, other, made.person)], invalid("registration.into")),
        ("into itself", vec![merging(&town, &wang, other, other)], invalid("registration.into")),
        ("into a home of another village", vec![merging(&town, &wang, other, far)], Some(Refusal::Scope)),
    ];
    for (why, drafts, expected) in rows {
        assert_eq!(refused(&wang.send(drafts).expect("an answer")), expected, "{why}");
    }
    chen.sync().expect("pulls");
    let drafts = vec![merging(&town, &chen, one, other)];
    assert_eq!(refused(&chen.send(drafts).expect("an answer")), Some(Refusal::Role("registration".into())));
    let drafts = vec![merging(&town, &wang, other, one)];
    ok(wang.send(drafts));
    assert!(states(&town).contains(&"merged".to_owned()), "the desk counts it once: {:?}", states(&town));
    town.check_sums(&[&wang, &li, &chen]);
}

#[test]
fn a_tenancy_has_one_tenant_and_an_end_has_a_day_and_a_reason() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let made = town.resident(&mut wang, unit);
    let room = wang.records(kind::ROOM)[0].id;
    let from = Lease::from("2026-03-01".into());
    let place = |person| TenancyWhere { unit, room: None, person };
    let firm = Firm { name: "常山胡柚食品厂".into() };
    let create =
        |pen: &Pen, place: &TenancyWhere, lease: &Lease| pen.create(kind::TENANCY).with("where", place).with("period", lease);
    let ended = Lease { to: Some("2026-03-02".into()), ..from.clone() };
    let rows: Vec<(&str, Draft, Option<Refusal>)> = vec![
        ("a person", create(&wang, &TenancyWhere { room: Some(room), ..place(Some(made.person)) }, &from), None),
        ("a firm", create(&wang, &place(None), &from).with("firm", &firm), None),
        ("nobody", create(&wang, &place(None), &from), invalid("where.person")),
        ("both", create(&wang, &place(Some(made.person)), &from).with("firm", &firm), invalid("where.person")),
        ("a firm without a name", create(&wang, &place(None), &from).with("firm", &Firm::default()), invalid("firm.name")),
        ("ended for no reason", create(&wang, &place(Some(made.person)), &ended), invalid("period.reason")),
        (
            "a home that is a person",
            create(&wang, &TenancyWhere { unit: made.person, ..place(Some(made.person)) }, &from),
            invalid("where.unit"),
        ),
        ("a stranger", create(&wang, &place(Some(RecordId(uuid::Uuid::nil()))), &from), Some(Refusal::UnknownRecord)),
    ];
    for (why, draft, expected) in rows {
        assert_eq!(refused(&wang.send(vec![draft]).expect("an answer")), expected, "{why}");
    }
    wang.sync().expect("pulls");
    let tenancies = wang.records(kind::TENANCY);
    assert_eq!(tenancies.len(), 2);
    assert!(tenancies.iter().all(|tenancy| tenancy.text("place", "area") == Some(WANGS)), "they stand in the home's village");
    let over = from.ended("2026-03-02", TenancyEnd::Left);
    let drafts = vec![wang.set(&tenancies[0]).with("period", &over)];
    ok(wang.send(drafts));
    let mut chen = town.pen("chen");
    chen.sync().expect("pulls");
    assert_eq!(chen.records(kind::TENANCY), [], "a landlord receives none");
    town.check_sums(&[&wang, &chen]);
}
