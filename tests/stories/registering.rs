//! Registering: what the form says, what a document says, referrals, duplicates, due dates that do not move.

use domain::form::Problem;
use domain::id_document::{DocType, DocumentProblem};
use domain::person::ResidentForm;
use domain::residency::CancelForm;
use ui_protocol::ErrorCode;
use ui_protocol::lookups::{Draft, KeepDraft};
use ui_protocol::people::{CancelResidency, CheckDocument, RevealDocument, SaveResident, Standing};
use workspace_tests::World;
use workspace_tests::world::DONG;

#[test]
fn bad_input_gets_a_sentence_beside_its_field_and_nothing_is_saved() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let good = wang.resident_form(home, "张伟", &world.document());
    let waiting = wang.status().waiting;
    type Spoil = Box<dyn Fn(&mut ResidentForm)>;
    let rows: Vec<(&str, Spoil)> = vec![
        ("doc_no", Box::new(|form| form.doc_no = "330822199003070013".to_owned())),
        ("doc_no", Box::new(|form| form.doc_no = "330822199002300015".to_owned())),
        ("doc_no", Box::new(|form| form.doc_no = "33082219900307OO12".to_owned())),
        ("doc_no", Box::new(|form| form.doc_no = "810000199001010019".to_owned())),
        ("hukou_region", Box::new(|form| form.hukou_region = "330822".to_owned())),
        ("hukou_region", Box::new(|form| form.hukou_region = "999999".to_owned())),
        ("birth", Box::new(|form| form.birth = "2990-01-01".to_owned())),
        ("name", Box::new(|form| form.name = "张😀伟".to_owned())),
        ("name", Box::new(|form| form.name = "张\u{7}伟".to_owned())),
        ("name", Box::new(|form| form.name = "张".repeat(60))),
        ("phone", Box::new(|form| form.phone = "12345".to_owned())),
        ("phone", Box::new(|form| form.phone = String::new())),
        ("hukou_address", Box::new(|form| form.hukou_address = "路".repeat(101))),
        ("arrival_on", Box::new(|form| form.arrival_on = "2026-02-30".to_owned())),
        ("reason", Box::new(|form| form.reason = None)),
    ];
    for (field, spoil) in rows {
        let mut form = good.clone();
        spoil(&mut form);
        let error = wang
            .try_ask(SaveResident { form: form.clone(), although_known: false, returning: None, draft: None })
            .expect_err("not saved");
        assert_eq!(error.code, ErrorCode::Form);
        assert!(error.problems.iter().any(|problem| problem.field == field), "{field}: {:?}", error.problems);
    }
    assert_eq!(wang.status().waiting, waiting, "nothing was saved");
    // Without a document, with a note: the law allows it.
    let mut form = good;
    form.doc_type = DocType::None;
    form.doc_no = String::new();
    form.identity_note = "自称身份证遗失，房东证明，待派出所核实".to_owned();
    wang.ask(SaveResident { form, although_known: false, returning: None, draft: None });
}

#[test]
fn a_document_fills_the_form_and_a_known_one_is_said() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let doc_no = world.document();
    let check = wang.ask(CheckDocument { doc_type: DocType::Id, doc_no: doc_no.to_lowercase() });
    assert_eq!(check.problem, None);
    assert_eq!(check.region.as_deref(), Some("360121"));
    assert!(check.birth.is_some() && check.sex.is_some() && check.known.is_empty());
    let saved = wang.register(home, "张伟", &doc_no);
    let check = wang.ask(CheckDocument { doc_type: DocType::Id, doc_no: doc_no.clone() });
    assert_eq!(check.known.len(), 1, "已登记在…,迁入?");
    assert_eq!((check.known[0].residency, check.known[0].standing), (saved.residency, Standing::Active));
    let form = wang.resident_form(home, "张伟", &doc_no);
    let error = wang
        .try_ask(SaveResident { form, although_known: false, returning: None, draft: None })
        .expect_err("not twice by a slip");
    assert_eq!(error.code, ErrorCode::InUse);
    let wrong = wang.ask(CheckDocument { doc_type: DocType::Id, doc_no: "330822199002300015".to_owned() });
    assert_eq!(wrong.problem, Some(Problem::Document(DocumentProblem::Date)), "30 February (check 8)");

    let view = wang.person(saved.person.expect("a person"));
    assert!(view.document.contains("********") && view.form.doc_no == view.document, "masked until a tap");
    let revealed = wang.ask(RevealDocument { person: view.id });
    assert_eq!(revealed.doc_no, doc_no);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0), "the look was noted down on the server");
}

#[test]
fn every_keystroke_survives_a_dead_battery() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let form = serde_json::json!({ "name": "张" });
    wang.ask(KeepDraft { key: "resident:1".to_owned(), form: form.clone() });
    wang.restart();
    let draft = wang.ask(Draft { key: "resident:1".to_owned() });
    assert_eq!(draft.form, Some(form));
    assert!(draft.kept_unix_ms.is_some());
}

#[test]
fn a_cancellation_needs_a_reason_a_day_and_an_observation() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let saved = wang.register(home, "张伟", &world.document());
    let residency = saved.residency.expect("a registration");
    let error = wang.try_ask(CancelResidency { residency, form: CancelForm::default() }).expect_err("refused");
    let fields: Vec<&str> = error.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["reason", "left_on", "note"]);
    let form = CancelForm {
        reason: domain::codes::CancelReason::from_code("LEFT"),
        left_on: "2026-11-23".to_owned(),
        note: "房间已空，房东证实".to_owned(),
    };
    wang.ask(CancelResidency { residency, form: form.clone() });
    wang.sync();
    let view = wang.person(saved.person.expect("a person"));
    assert_eq!(view.residencies[0].standing, Standing::Cancelled);
    assert_eq!(wang.try_ask(CancelResidency { residency, form }).expect_err("once").code, ErrorCode::Stale);
    wang.expect_same();
}

#[test]
fn whoever_comes_back_is_the_same_person_with_a_new_registration() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    let doc_no = world.document();
    let saved = wang.register(home, "张伟", &doc_no);
    let (person, residency) = (saved.person.expect("a person"), saved.residency.expect("a registration"));
    let returning = |form: ResidentForm, returning| SaveResident { form, although_known: false, returning, draft: None };
    let form = wang.resident_form(home, "张伟", &doc_no);
    let error = wang.try_ask(returning(form.clone(), Some(person))).expect_err("still registered: that one is moved");
    assert_eq!(error.code, ErrorCode::Stale);
    let cancel = CancelForm {
        reason: domain::codes::CancelReason::from_code("LEFT"),
        left_on: "2026-11-23".to_owned(),
        note: "房间已空".to_owned(),
    };
    wang.ask(CancelResidency { residency, form: cancel });
    wang.sync();
    let other = wang.resident_form(home, "张伟", &world.document());
    assert_eq!(wang.try_ask(returning(other, Some(person))).expect_err("another document").code, ErrorCode::Stale);
    let again = wang.ask(returning(form, Some(person)));
    assert_eq!(again.person, Some(person), "nobody becomes two people");
    wang.sync();
    let view = wang.person(person);
    assert_eq!(view.residencies.iter().map(|one| one.standing).collect::<Vec<_>>(), [Standing::Active, Standing::Cancelled]);
    assert_eq!(wang.find("张伟").len(), 1);
    wang.expect_same();
}

#[test]
fn a_home_with_as_many_rooms_as_the_form_allows_is_one_save() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    wang.home(DONG, "1号", "13905700099", "1-199");
    assert_eq!(wang.sync().refused_open, 0);
    wang.expect_same();
}
