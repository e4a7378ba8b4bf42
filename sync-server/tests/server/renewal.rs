//! A device whose file, or whose server, tells of another history goes on under another number.

use sync_protocol::{Ask, Renew, Renewal, SyncError, SyncServer, Told};
use sync_server::caller::Credentials;
use sync_server::quarantine::LATE_MS;

use crate::town::{Town, WANGS};

fn renew(town: &Town, login: &str, why: Option<Renewal>) -> Renew {
    let account = town.core.look(|view| Ok(view.account_by_login(login)?)).expect("looks").expect("an account");
    Renew {
        account: account.id,
        install: "a new installation".to_owned(),
        model: "phone".to_owned(),
        version: "0.2.0".to_owned(),
        why,
        acked: None,
        newest: None,
    }
}

#[test]
fn a_closed_number_only_asks_for_another_one() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    town.home(&mut wang, WANGS, "");
    let own = wang.credentials().clone();
    let ask = |credentials: &Credentials| town.core.ask(credentials, Ask::Renew(renew(&town, "wang", None)));
    let Ok(Told::Renewed(first)) = ask(&own) else { panic!("a number") };
    assert_eq!(first.why, Renewal::Restored, "the server knows more of it than it says of itself");
    assert!(first.device > own.device);
    assert_eq!(wang.server.exchange(wang.request(1)).map(|_| ()), Err(SyncError::Forked), "the old number pushes no more");
    assert!(matches!(town.core.ask(&own, Ask::Buckets { scope: domain::place::Scope::County }), Err(SyncError::Forked)));
    let Ok(Told::Renewed(second)) = ask(&own) else { panic!("the other copy asks too") };
    assert_ne!(first.device, second.device);
    let rows = town.core.list_devices().expect("devices");
    let row = |number| rows.iter().find(|(row, _)| row.number == number).map(|(row, _)| row.clone()).expect("a row");
    assert_eq!((row(second.device).was, row(second.device).renewed_for.as_str()), (Some(own.device), "restored"));
    assert!(row(own.device).closed_unix_ms.is_some());
    assert!(row(first.device).closed_unix_ms.is_some(), "given to the same installation and never used: its answer was lost");
    assert_eq!(town.core.look(|view| Ok(view.audit_broken_at()?)).expect("looks"), None);
}

#[test]
fn a_number_is_given_to_whom_the_old_one_belongs_and_nobody_else() {
    let town = Town::new();
    let wang = town.pen("wang");
    let li = town.pen("li");
    let own = wang.credentials().clone();
    let refused = |credentials: Credentials, of: &str| match town.core.ask(&credentials, Ask::Renew(renew(&town, of, None))) {
        Err(error) => error,
        Ok(_) => panic!("nobody's"),
    };
    assert_eq!(refused(own.clone(), "li"), SyncError::Unauthorised, "a file of somebody else's");
    let wrong = Credentials { secret: li.credentials().secret.clone(), ..own.clone() };
    assert_eq!(refused(wrong, "wang"), SyncError::Unauthorised, "somebody else's secret");
    let nobody = Credentials { device: domain::DeviceNumber(9_999), ..own.clone() };
    assert_eq!(refused(nobody, "wang"), SyncError::UnknownDevice);
}

#[test]
fn a_revoked_device_gets_a_number_that_is_revoked_too_and_no_second_month() {
    let town = Town::new();
    let wang = town.pen("wang");
    let own = wang.credentials().clone();
    let ask = |credentials: &Credentials| town.core.ask(credentials, Ask::Renew(renew(&town, "wang", None)));
    town.core.revoke_device(own.device).expect("revoked");
    let number = own.device;
    town.pass(LATE_MS / 2);
    let Ok(Told::Renewed(renewed)) = ask(&own) else { panic!("a number to deliver under") };
    let new = Credentials { device: renewed.device, secret: renewed.secret.0.clone() };
    assert_eq!(town.core.ask(&new, Ask::Standing), Err(SyncError::Revoked), "it is told nothing");
    let first = town.core.look(|view| Ok(sync_server::renew::first_number(view, new.device)?)).expect("looks");
    assert_eq!(first, number, "and has no second room: both are counted as one");
    town.pass(LATE_MS / 2 + 1);
    for old_and_new in [&own, &new] {
        assert!(matches!(ask(old_and_new), Err(SyncError::Revoked)), "the month began when it was revoked");
    }
}

#[test]
fn who_is_shut_out_is_shut_out_under_every_number() {
    let scope = || Ask::Buckets { scope: domain::place::Scope::County };
    let renewed = |town: &Town, credentials: &Credentials| match town.core.ask(credentials, Ask::Renew(renew(town, "wang", None)))
    {
        Ok(Told::Renewed(new)) => Credentials { device: new.device, secret: new.secret.0 },
        other => panic!("a number: {other:?}"),
    };
    // Whichever number of the installation is revoked: the first, a live one, a copy's.
    for which in 0..4 {
        let town = Town::new();
        let other = town.pen("wang");
        let first = town.pen("wang").credentials().clone();
        let second = renewed(&town, &first);
        let third = renewed(&town, &second);
        let copys = renewed(&town, &first);
        let all = [first, second, third, copys];
        let family = town.core.revoke_device(all[which].device).expect("revoked");
        assert_eq!(family, all.each_ref().map(|one| one.device), "every number, and no other device of the account");
        for credentials in &all {
            let again = renewed(&town, credentials);
            let answer = town.core.ask(&again, scope()).map(drop);
            assert_eq!(
                answer,
                Err(SyncError::Revoked),
                "{which}: what {} is given delivers and is told nothing",
                credentials.device
            );
            assert_eq!(town.core.ask(credentials, scope()).map(drop), Err(SyncError::Revoked), "{which}: {}", credentials.device);
        }
        assert!(town.core.ask(other.credentials(), scope()).is_ok(), "another phone goes on");
    }
}

#[test]
fn a_number_that_was_revoked_alone_by_an_older_version_gives_nobody_another_one() {
    let town = Town::new();
    let first = town.pen("wang").credentials().clone();
    let Ok(Told::Renewed(second)) = town.core.ask(&first, Ask::Renew(renew(&town, "wang", None))) else { panic!("a number") };
    town.core.write(move |write| Ok(write.revoke_device(second.device, 1)?)).expect("as it was");
    assert_eq!(town.core.ask(&first, Ask::Renew(renew(&town, "wang", None))).map(drop), Err(SyncError::Revoked));
}

#[test]
fn renewals_are_counted_for_the_installation() {
    let town = Town::new();
    let mut last = town.pen("wang").credentials().clone();
    let first = last.clone();
    for _ in 0..sync_server::core::RENEWALS_MAX {
        let Ok(Told::Renewed(new)) = town.core.ask(&last, Ask::Renew(renew(&town, "wang", None))) else { panic!("a number") };
        last = Credentials { device: new.device, secret: new.secret.0 };
    }
    for credentials in [&first, &last] {
        let again = town.core.ask(credentials, Ask::Renew(renew(&town, "wang", None)));
        assert!(matches!(again, Err(SyncError::Busy { .. })), "{again:?}");
    }
    let other = town.pen("wang").credentials().clone();
    assert!(matches!(town.core.ask(&other, Ask::Renew(renew(&town, "wang", None))), Ok(Told::Renewed(_))), "another phone");
}

#[test]
fn positions_tell_a_lost_answer_from_a_restored_and_a_cloned_file() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    town.home(&mut wang, WANGS, "");
    let (unit, today) = (town.home(&mut wang, WANGS, ""), wang.request(1));
    assert!(wang.server.exchange(today.clone()).is_ok(), "nothing new");
    let newest = today.newest.expect("something was said");
    let other = domain::ChangeId(unit.0);
    let told = |acked, newest| {
        let mut request = today.clone();
        (request.acked, request.newest) = (acked, newest);
        wang.server.exchange(request).map(|_| ())
    };
    assert_eq!(told(None, Some(newest)), Ok(()), "every answer was lost");
    assert_eq!(told(None, None), Err(SyncError::Forked), "restored to before its first change");
    assert_eq!(told(Some((newest.0, other)), Some(newest)), Err(SyncError::Forked), "another change stands at the head");
    assert_eq!(told(Some((1, other)), Some(newest)), Err(SyncError::Forked), "and below it");
    assert_eq!(told(Some(newest), Some((newest.0 + 1, other))), Ok(()), "what was not sent yet nobody else knows");
}
