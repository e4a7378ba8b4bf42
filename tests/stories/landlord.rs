//! A landlord's report becomes a registration from the resident's own declaration.

use domain::codes::ReportKind;
use domain::id_document;
use domain::report::ReportForm;
use domain::residency::CancelForm;
use ui_protocol::people::Standing;
use ui_protocol::reports::{ListReports, Report, ReportState, ReturnReport, SaveReport, VerifyReport, WithdrawReport};
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::units::ListUnits;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, World};

const PHONE: &str = "13905700099";

fn county() -> (World, Actor, Actor, domain::RecordId) {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", PHONE, "101-102");
    wang.home(DONG, "99号", "13905700011", "");
    wang.sync();
    let chen = world.landlord("chen", PHONE);
    (world, wang, chen, home)
}

fn move_in(chen: &Actor, home: domain::RecordId, name: &str, doc_no: &str, event_on: &str) -> domain::RecordId {
    let form = ReportForm {
        unit: Some(home),
        name: name.to_owned(),
        doc_no: doc_no.to_owned(),
        phone: "13905700055".to_owned(),
        event_on: event_on.to_owned(),
        ..ReportForm::default()
    };
    chen.ask(SaveReport { form, draft: None }).id
}

#[test]
fn a_report_offline_gets_its_receipt_and_is_verified_at_the_door() {
    let (world, wang, chen, home) = county();
    assert_eq!(chen.ask(ListUnits::default()).rows.len(), 1, "his own home and no other");
    chen.online(false);
    let doc_no = world.document();
    let report = move_in(&chen, home, "刘洋", &doc_no, "2026-11-20");
    let local = chen.ask(Report { id: report });
    assert_eq!(local.row.state, ReportState::Local, "未送达 until the server has it");
    assert_eq!(local.row.due.expect("the countdown").on, "2026-11-25", "Friday plus three working days");

    world.time.pass_days(1);
    chen.online(true);
    chen.sync();
    let view = chen.ask(Report { id: report });
    assert_eq!(view.row.state, ReportState::Received);
    let receipt = view.receipt.expect("a receipt");
    assert!(receipt.on_time && receipt.received_unix_ms > receipt.submitted_unix_ms && !receipt.no.is_empty());
    assert!(
        view.document.ends_with(&id_document::tail(&doc_no)) && !view.document.contains(&doc_no[..10]),
        "masked for its reporter"
    );

    wang.sync();
    let today = wang.ask(Today::default());
    let item = today.groups.iter().flat_map(|group| &group.items).find(|item| item.kind == TodayKind::VerifyReport);
    assert_eq!(item.expect("to verify").record, Some(report));
    let mut resident = wang.ask(Report { id: report }).resident.expect("a form filled from the report");
    assert_eq!((resident.name.as_str(), resident.doc_no.as_str()), ("刘洋", doc_no.as_str()));
    resident.hukou_region = "360121".to_owned();
    resident.reason = domain::codes::Reason::from_code("204");
    resident.intended = domain::codes::IntendedStay::from_code("4");
    resident.relation = domain::codes::Relation::from_code("LESSEE");
    let verified = wang.ask(VerifyReport {
        id: report,
        resident: Some(resident),
        leaving: None,
        cancel: None,
        although_known: false,
        returning: None,
    });
    let person = verified.resident.and_then(|saved| saved.person).expect("a person");
    let residency = &wang.person(person).residencies[0];
    assert_eq!(residency.registered_on, "2026-11-24", "the day the resident confirmed");
    assert_eq!(residency.reported_on, "2026-11-24", "the day the report was received, kept apart");
    wang.sync();
    chen.sync();
    assert_eq!(chen.ask(Report { id: report }).row.state, ReportState::Accepted);
    let people = chen.try_ask(ui_protocol::people::ListPeople::default()).expect_err("no people for a landlord");
    assert_eq!(people.code, ui_protocol::ErrorCode::NotAllowed, "persons never travel to a landlord");
    assert_eq!(
        chen.try_ask(ui_protocol::people::Person { id: person }).expect_err("nor one").code,
        ui_protocol::ErrorCode::NotAllowed
    );
    chen.expect_same();
    wang.expect_same();
}

#[test]
fn a_returned_report_says_why_and_a_withdrawn_one_is_gone_from_the_list() {
    let (world, wang, chen, home) = county();
    let first = move_in(&chen, home, "刘洋", &world.document(), "2026-11-23");
    let second = move_in(&chen, home, "王芳", &world.document(), "2026-11-23");
    chen.sync();
    wang.sync();
    wang.ask(ReturnReport { id: first, reason: "门上没有这个人，请核对房号".to_owned() });
    chen.ask(WithdrawReport { id: second });
    wang.sync();
    chen.sync();
    wang.sync();
    let view = chen.ask(Report { id: first });
    assert_eq!((view.row.state, view.reason.as_str()), (ReportState::Returned, "门上没有这个人，请核对房号"));
    let open = wang.ask(ListReports { open_only: true, ..ListReports::default() });
    assert!(open.rows.is_empty(), "{open:?}");
}

#[test]
fn verifying_and_withdrawing_without_seeing_each_other_keeps_what_was_registered() {
    let (world, wang, chen, home) = county();
    let doc_no = world.document();
    let report = move_in(&chen, home, "刘洋", &doc_no, "2026-11-23");
    chen.sync();
    wang.sync();
    let mut resident = wang.resident_form(home, "刘洋", &doc_no);
    resident.unit = Some(home);
    wang.ask(VerifyReport {
        id: report,
        resident: Some(resident),
        leaving: None,
        cancel: None,
        although_known: false,
        returning: None,
    });
    chen.ask(WithdrawReport { id: report });
    chen.sync();
    wang.sync();
    chen.sync();
    assert_eq!(chen.ask(Report { id: report }).row.state, ReportState::Accepted, "whoever arrives first");
    assert_eq!(chen.status().conflicts_open, 1, "and both are told");
    assert_eq!(wang.status().conflicts_open, 1);
}

#[test]
fn a_report_out_ends_the_registration_by_a_persons_decision() {
    let (world, wang, chen, home) = county();
    let saved = wang.register(home, "刘洋", &world.document());
    wang.sync();
    let form = ReportForm {
        kind: ReportKind::MoveOut,
        unit: Some(home),
        name: "刘洋".to_owned(),
        doc_no: world.document(),
        event_on: "2026-11-23".to_owned(),
        ..ReportForm::default()
    };
    let report = chen.ask(SaveReport { form, draft: None }).id;
    chen.sync();
    wang.sync();
    let person = saved.person.expect("a person");
    assert_eq!(wang.person(person).residencies[0].standing, Standing::Active, "a report alone cancels nobody");
    let leaving = wang.ask(Report { id: report }).leaving;
    assert_eq!(leaving.len(), 1);
    let cancel = CancelForm {
        reason: domain::codes::CancelReason::from_code("LEFT"),
        left_on: "2026-11-23".to_owned(),
        note: "房东报搬离，房间已空".to_owned(),
    };
    wang.ask(VerifyReport {
        id: report,
        resident: None,
        leaving: Some(leaving[0].residency),
        cancel: Some(cancel),
        although_known: false,
        returning: None,
    });
    wang.sync();
    let residency = &wang.person(person).residencies[0];
    assert_eq!((residency.standing, residency.left_on.as_str()), (Standing::Cancelled, "2026-11-23"));
    wang.expect_same();
}
