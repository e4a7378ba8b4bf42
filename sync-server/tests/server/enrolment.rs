//! A device becomes somebody's, and stops being it.

use domain::DeviceNumber;
use sync_protocol::{EnrolRequest, PasswordRequest, SignInRequest, SyncError, SyncServer};
use sync_server::caller::Credentials;
use sync_server::demo::Pen;
use sync_server::enrol::ENROL_CODE_MS;
use sync_server::{Failure, InProcess};

use crate::town::{PASSWORD, Town};

fn request(code: &str, password: &str) -> EnrolRequest {
    EnrolRequest {
        code: code.to_owned(),
        password: password.to_owned(),
        install: "i".into(),
        model: "phone".into(),
        version: "0.1.0".into(),
    }
}

fn refusal<T>(answer: Result<T, SyncError>) -> Option<SyncError> {
    answer.err()
}

#[test]
fn a_code_makes_one_device_once() {
    let town = Town::new();
    let code = town.core.enrol_code("wang").expect("a code");
    let typed = format!("{} {}", code[..4].to_lowercase(), &code[4..]);
    let reply = town.core.enrol(request(&typed, PASSWORD)).expect("enrolled");
    assert_eq!((reply.account.login.as_str(), reply.secret.len()), ("wang", 64), "256 bits");
    assert_eq!(
        refusal(town.core.enrol(request(&code, PASSWORD))),
        Some(SyncError::WrongCode),
        "a second phone with the same code"
    );
    let credentials = Credentials { device: reply.device, secret: reply.secret };
    let mut pen = Pen::with(InProcess { core: town.core.clone(), credentials }, 1);
    pen.sync().expect("it is a device now");
    let kept = town.core.look(|view| Ok(view.device(pen.credentials().device)?)).expect("looks").expect("a device");
    assert!(!kept.secret_hash.contains(&pen.credentials().secret), "only the hash is kept");
}

#[test]
fn wrong_old_and_worn_out_codes_are_refused() {
    let town = Town::new();
    assert_eq!(refusal(town.core.enrol(request("AAAAAAAA", PASSWORD))), Some(SyncError::WrongCode));
    assert_eq!(refusal(town.core.enrol(request("", ""))), Some(SyncError::WrongCode));
    let code = town.core.enrol_code("wang").expect("a code");
    town.pass(ENROL_CODE_MS);
    assert_eq!(refusal(town.core.enrol(request(&code, PASSWORD))), Some(SyncError::WrongCode), "after fifteen minutes");
    let code = town.core.enrol_code("wang").expect("a code");
    for _ in 0..5 {
        assert_eq!(refusal(town.core.enrol(request(&code, "guess"))), Some(SyncError::WrongPassword));
    }
    assert_eq!(refusal(town.core.enrol(request(&code, PASSWORD))), Some(SyncError::WrongCode), "spent by guessing");
    town.core.disable_account("wang", true).expect("disabled");
    assert!(town.core.enrol_code("wang").is_err() && town.core.enrol_code("nobody").is_err());
}

#[test]
fn a_secret_is_needed_and_the_right_one() {
    let town = Town::new();
    let pen = town.pen("wang");
    let li = town.pen("li");
    let own = pen.credentials().clone();
    let with = |device: DeviceNumber, secret: &str| {
        let server = InProcess { core: town.core.clone(), credentials: Credentials { device, secret: secret.to_owned() } };
        let mut request = pen.request(1);
        request.device = device;
        refusal(server.exchange(request))
    };
    assert_eq!(with(own.device, &own.secret), None);
    assert_eq!(with(own.device, &li.credentials().secret), Some(SyncError::Unauthorised), "somebody else's secret");
    assert_eq!(with(own.device, ""), Some(SyncError::Unauthorised));
    assert_eq!(with(DeviceNumber(999), &own.secret), Some(SyncError::UnknownDevice), "unknown, never revoked: it keeps its file");
    let mut request = pen.request(1);
    request.device = li.credentials().device;
    assert!(matches!(pen.server.exchange(request), Err(SyncError::Malformed(_))), "speaking for another device");

    town.core.revoke_device(own.device).expect("revoked");
    assert_eq!(with(own.device, &own.secret), Some(SyncError::Revoked));
    assert_eq!(with(own.device, "guess"), Some(SyncError::Unauthorised), "who guesses is not told that it was revoked");
    town.core.disable_account("li", true).expect("disabled");
    assert_eq!(refusal(li.server.exchange(li.request(1))), Some(SyncError::Revoked));
    // A desk is a device nobody can be.
    assert!(matches!(with(DeviceNumber(0), ""), Some(SyncError::UnknownDevice)));
}

#[test]
fn passwords_are_tried_a_few_times_and_reset_with_a_code() {
    let town = Town::new();
    let sign_in = |login: &str, password: &str| {
        refusal(town.core.sign_in(&SignInRequest { login: login.to_owned(), password: password.to_owned() }))
    };
    assert_eq!(sign_in(" WANG ", PASSWORD), None, "as people type");
    assert_eq!(sign_in("nobody", PASSWORD), Some(SyncError::WrongPassword));
    for _ in 0..5 {
        assert_eq!(sign_in("wang", "guess"), Some(SyncError::WrongPassword));
    }
    assert!(matches!(sign_in("wang", PASSWORD), Some(SyncError::Busy { .. })), "also the right one: or guessing would go on");
    assert_eq!(sign_in("li", PASSWORD), None, "others are not kept out");
    town.pass(15 * 60_000);
    assert_eq!(sign_in("wang", PASSWORD), None);

    let set = |code: &str, password: &str| {
        let request = PasswordRequest { login: "wang".to_owned(), code: code.to_owned(), password: password.to_owned() };
        refusal(town.core.set_password(&request))
    };
    let code = town.core.password_code("wang").expect("a code");
    assert_eq!(set("AAAAAAAA", "another password"), Some(SyncError::WrongCode));
    assert!(matches!(set(&code, "short"), Some(SyncError::Malformed(_))));
    assert_eq!(set(&code, "another password"), None);
    assert_eq!(set(&code, "a third password"), Some(SyncError::WrongCode), "once");
    assert_eq!((sign_in("wang", "another password"), sign_in("wang", PASSWORD)), (None, Some(SyncError::WrongPassword)));
    let code = town.core.password_code("wang").expect("a code");
    town.pass(25 * 3_600_000);
    assert_eq!(set(&code, "a fourth password"), Some(SyncError::WrongCode), "a day later");
}

#[test]
fn an_account_is_made_only_as_it_should_be() {
    use domain::access::Role;
    use sync_server::accounts::NewAccount;
    use sync_server::failure::AdminError;
    let town = Town::new();
    let good = NewAccount {
        login: "zhang".into(),
        name: "张三".into(),
        role: Role::Coordinator,
        phone: String::new(),
        areas: vec![crate::town::WANGS.into()],
        password: PASSWORD.into(),
    };
    let rows: Vec<(NewAccount, AdminError)> = vec![
        (NewAccount { login: "Wang".into(), ..good.clone() }, AdminError::LoginTaken),
        (NewAccount { login: "a b".into(), ..good.clone() }, AdminError::BadLogin),
        (NewAccount { name: " ".into(), ..good.clone() }, AdminError::BadName),
        (NewAccount { password: "1234567".into(), ..good.clone() }, AdminError::WeakPassword(8)),
        (NewAccount { areas: vec![], ..good.clone() }, AdminError::AreasNeeded),
        (NewAccount { areas: vec!["330822999999".into()], ..good.clone() }, AdminError::NoArea("330822999999".into())),
        (NewAccount { role: Role::Landlord, ..good.clone() }, AdminError::BadPhone),
        (NewAccount { role: Role::Landlord, phone: "110".into(), ..good.clone() }, AdminError::BadPhone),
    ];
    for (account, expected) in rows {
        match town.core.add_account(account) {
            Err(Failure::Admin(error)) => assert_eq!(error, expected),
            other => panic!("expected {expected:?}, got {other:?}"),
        }
    }
    assert!(town.core.add_account(good).is_ok());
}
