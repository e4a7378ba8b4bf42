//! Enrolling, signing in without a network, forgetting a password, being revoked.

use domain::access::Role;
use ui_protocol::ErrorCode;
use ui_protocol::session::{Enrol, ResetPassword, SignIn, SignOut, Stage, Status};
use ui_protocol::units::ListUnits;
use workspace_tests::World;
use workspace_tests::world::{DONG, PASSWORD};

#[test]
fn signing_in_works_offline_and_wrong_tries_make_people_wait() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    wang.online(false);
    wang.ask(SignOut {});
    assert_eq!(wang.try_ask(ListUnits::default()).expect_err("locked").code, ErrorCode::SignedOut);
    for _ in 0..4 {
        assert_eq!(wang.try_ask(SignIn { password: "not it".to_owned() }).expect_err("wrong").code, ErrorCode::WrongPassword);
    }
    let error = wang.try_ask(SignIn { password: PASSWORD.to_owned() }).expect_err("too many tries");
    assert_eq!(error.code, ErrorCode::TooManyTries);
    assert!(error.retry_after_s > 0 && error.retry_after_s <= 60);
    world.time.pass_ms(60_000);
    assert_eq!(wang.ask(SignIn { password: PASSWORD.to_owned() }).stage, Stage::Ready);
    wang.restart();
    assert_eq!(wang.ask(Status {}).stage, Stage::Ready);
}

#[test]
fn a_code_is_good_once_and_for_a_quarter_of_an_hour() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let enrol = |code: &str, password: &str| Enrol {
        server: "http://test".to_owned(),
        code: code.to_owned(),
        password: password.to_owned(),
    };
    let code = world.core.enrol_code("wang").expect("a code");
    assert_eq!(wang.try_ask(enrol(&code, "wrong")).expect_err("wrong").code, ErrorCode::WrongPassword);
    wang.ask(enrol(&code, PASSWORD));
    assert_eq!(wang.try_ask(enrol(&code, PASSWORD)).expect_err("used").code, ErrorCode::WrongCode);
    let code = world.core.enrol_code("wang").expect("a code");
    world.time.pass_ms(16 * 60 * 1000);
    assert_eq!(wang.try_ask(enrol(&code, PASSWORD)).expect_err("old").code, ErrorCode::WrongCode);
    // Enrolling again keeps the file: nothing that waited is lost.
    let home = wang.home(DONG, "1号", "13905700099", "");
    let code = world.core.enrol_code("wang").expect("a code");
    wang.ask(enrol(&code, PASSWORD));
    wang.sync();
    assert!(!wang.ask(ui_protocol::units::Unit { id: home }).waiting);
    wang.expect_same();
}

#[test]
fn another_persons_code_does_not_open_this_file() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    world.account("li", Role::Coordinator, &[DONG], "");
    let code = world.core.enrol_code("li").expect("a code");
    let ask = Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() };
    assert_eq!(wang.try_ask(ask).expect_err("one file, one account").code, ErrorCode::NotAllowed);
    wang.sync();
}

#[test]
fn a_forgotten_password_is_set_anew_with_a_code() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    wang.ask(SignOut {});
    let code = world.core.password_code("wang").expect("a code");
    let reset = |code: &str, password: &str| ResetPassword { code: code.to_owned(), password: password.to_owned() };
    assert_eq!(wang.try_ask(reset(&code, "short")).expect_err("too short").code, ErrorCode::Form);
    assert_eq!(wang.try_ask(reset("AAAA2222", "a-new-password")).expect_err("wrong").code, ErrorCode::WrongCode);
    assert_eq!(wang.ask(reset(&code, "a-new-password")).stage, Stage::Ready);
    wang.ask(SignOut {});
    wang.online(false);
    assert_eq!(wang.ask(SignIn { password: "a-new-password".to_owned() }).stage, Stage::Ready);
}

#[test]
fn a_revoked_phone_keeps_its_unsent_work_and_nothing_else() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    wang.sync();
    wang.register(home, "李晓梅", &world.document());
    let number = wang.ask(Status {}).device.expect("a number");
    let copies = ["doorstep.db.before-1", "doorstep.db.damaged-1795395600000", "doorstep.db.damaged-1795395600000-wal"];
    for copy in copies {
        std::fs::write(wang.dir.join(copy), "older").expect("an older copy");
    }
    wang.ask(ui_protocol::lookups::KeepDraft { key: "resident:new".to_owned(), form: serde_json::json!({ "name": "李" }) });
    world.core.revoke_device(domain::DeviceNumber(number)).expect("revoked");
    world.time.pass_days(31);
    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    assert!(wang.find("张伟").is_empty(), "what the server has goes");
    assert!(wang.status().waiting > 0, "what it has not stays: a month is over, nobody takes it any more");
    assert!(copies.iter().all(|copy| !wang.dir.join(copy).exists()), "older copies of the file go too");
    let draft = wang.ask(ui_protocol::lookups::Draft { key: "resident:new".to_owned() });
    assert_eq!(draft.form, None, "and half-typed forms");
}
