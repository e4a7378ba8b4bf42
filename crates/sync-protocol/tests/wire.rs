//! What was said in release 0.1 is understood for ever. Each file under `tests/wire/0.1` is a whole message as it was sent;
//! today's code writes the same bytes and reads them back. `BLESS=1` writes files that are not there yet, and never changes
//! one that is: a message that has to look different is a new release's, in a new folder.

use std::fmt::Debug;
use std::path::PathBuf;

use domain::access::Role;
use domain::merge::Refusal;
use domain::place::Scope;
use domain::record::{GroupValue, SCHEMA};
use domain::{AccountId, Change, ChangeId, DeviceNumber, Fields, GroupChange, Origin, Record, RecordId, TxnId, Verb};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sync_protocol::{
    AccountInfo, EnrolReply, EnrolRequest, ExchangeReply, ExchangeRequest, PasswordReply, PasswordRequest, PushedChange,
    ScopeReply, ScopeState, SignInRequest, SyncError, Verdict,
};

fn uuid(number: u8) -> uuid::Uuid {
    let mut bytes = *b"\x01\x93\x5a\x00\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x00";
    bytes[15] = number;
    uuid::Uuid::from_bytes(bytes)
}

fn origin(text: &str) -> Origin {
    text.parse().expect("an origin of the test")
}

fn fields(value: Value) -> Fields {
    value.as_object().cloned().expect("an object")
}

/// Compares text for text, and reads it back.
fn check<T: Serialize + DeserializeOwned>(name: &str, message: &T) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire/0.1").join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(message).expect("our own shapes serialise") + "\n";
    if !file.exists() && std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("makes the folder");
        std::fs::write(&file, &text).expect("writes");
    }
    let said = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(text, said, "{name}: devices of release 0.1 speak this, so it never changes");
    let read: T = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name} is not understood any more: {error}"));
    assert_eq!(serde_json::to_string_pretty(&read).expect("serialises") + "\n", said, "{name}: read back whole");
}

fn change(number: u8, verb: Verb, groups: Vec<(&str, Value, Option<&str>)>) -> Change {
    let group = |(name, value, base): (&str, Value, Option<&str>)| {
        (name.to_owned(), GroupChange { fields: fields(value), base: base.map(origin) })
    };
    Change {
        id: ChangeId(uuid(100 + number)),
        txn: TxnId(uuid(200)),
        record: RecordId(uuid(number)),
        kind: "person".to_owned(),
        verb,
        schema: SCHEMA,
        origin: origin("019cac3a8000a001-17"),
        groups: groups.into_iter().map(group).collect(),
    }
}

fn request() -> ExchangeRequest {
    ExchangeRequest {
        protocol: 1,
        schema: SCHEMA,
        device: DeviceNumber(17),
        epoch: "5f0c2a9be1d34786".to_owned(),
        acked: Some((41, ChangeId(uuid(90)))),
        newest: Some((45, ChangeId(uuid(94)))),
        device_unix_ms: 1_772_413_200_123,
        records_max: 250,
        scopes: vec![
            ScopeState { scope: Scope::County, cursor: Some("3.0a1b2c3d".to_owned()), digest: "00".repeat(16), count: 216 },
            ScopeState { scope: Scope::Area("330822001001".to_owned()), cursor: None, digest: "00".repeat(16), count: 0 },
            ScopeState { scope: Scope::Owner(AccountId(uuid(7))), cursor: None, digest: "00".repeat(16), count: 0 },
            ScopeState { scope: Scope::Account(AccountId(uuid(7))), cursor: None, digest: "00".repeat(16), count: 0 },
        ],
        push: vec![
            PushedChange {
                seq: 42,
                change: change(
                    1,
                    Verb::Create,
                    vec![
                        ("contact", json!({"phone": "19900000001"}), None),
                        (
                            "identity",
                            json!({"birth": "1990-01-01", "doc_no": "36112219900101001X", "doc_type": "ID", "name": "张三", "sex": "1"}),
                            None,
                        ),
                    ],
                ),
            },
            PushedChange {
                seq: 43,
                change: change(2, Verb::Set, vec![("contact", json!({"phone": ""}), Some("019cac3a80000000-16"))]),
            },
            PushedChange { seq: 44, change: change(3, Verb::Delete, vec![("contact", json!({}), Some("019cac3a80000000-0"))]) },
            PushedChange { seq: 45, change: change(4, Verb::Restore, vec![]) },
        ],
        install: "pixel-1".to_owned(),
        loading: false,
    }
}

fn reply() -> ExchangeReply {
    let value = |value: Value, by: &str| GroupValue::new(fields(value), origin(by));
    let record = Record {
        kind: "unit".to_owned(),
        id: RecordId(uuid(1)),
        groups: [
            (
                "address".to_owned(),
                value(json!({"area": "330822001001", "plate_no": "18", "road": "文峰路"}), "019cac3a80000000-17"),
            ),
            ("place".to_owned(), value(json!({"area": "330822001001"}), "019cac3a80000001-0")),
        ]
        .into(),
        dead: None,
    };
    let dead = Record { dead: Some(origin("019cac3a80000002-17")), id: RecordId(uuid(2)), ..record.clone() };
    ExchangeReply {
        server_unix_ms: 1_772_413_200_456,
        epoch: "5f0c2a9be1d34786".to_owned(),
        verdicts: vec![
            (42, Verdict::Ok),
            (43, Verdict::Merged),
            (44, Verdict::Refused(Refusal::Role("place".to_owned()))),
            (45, Verdict::Refused(Refusal::Scope)),
            (46, Verdict::Refused(Refusal::SetOnce("said".to_owned()))),
            (47, Verdict::Refused(Refusal::UnknownRecord)),
            (48, Verdict::Refused(Refusal::BuildsOnRefused)),
            (49, Verdict::Refused(Refusal::WithItsSave)),
            (50, Verdict::Refused(Refusal::OtherKind)),
            (51, Verdict::Refused(Refusal::Invalid("identity.doc_no".to_owned()))),
            (52, Verdict::Refused(Refusal::FactIsFinal)),
        ],
        scopes: vec![ScopeReply {
            scope: Scope::Area("330822001001".to_owned()),
            exits: vec![RecordId(uuid(9))],
            records: vec![record, dead],
            cursor: "12.0a1b2c3d".to_owned(),
            digest: "0123456789abcdef0123456789abcdef".to_owned(),
            count: 1,
            more: true,
            own: Vec::new(),
            stored: Vec::new(),
        }],
        grants_added: vec![Scope::Area("330822001002".to_owned())],
        grants_dropped: vec![Scope::Owner(AccountId(uuid(7)))],
        upload_token: Some("later".to_owned()),
        next_ms: 60_000,
        batch_max: 500,
        partial: false,
    }
}

fn account() -> AccountInfo {
    AccountInfo { id: AccountId(uuid(7)), login: "wang".to_owned(), name: "王敏".to_owned(), role: Role::Coordinator }
}

#[test]
fn an_exchange_of_release_0_1_is_understood() {
    check("exchange-request", &request());
    check("exchange-reply", &reply());
}

#[test]
fn every_refusal_of_release_0_1_is_understood() {
    let errors = [
        ("unreachable", SyncError::Unreachable),
        ("unauthorised", SyncError::Unauthorised),
        ("wrong-password", SyncError::WrongPassword),
        ("wrong-code", SyncError::WrongCode),
        ("revoked", SyncError::Revoked),
        ("unknown-device", SyncError::UnknownDevice),
        ("gap", SyncError::Gap { expected: 42, epoch: "5be1f3c2".to_owned() }),
        ("forked", SyncError::Forked),
        ("too-large", SyncError::TooLarge),
        ("busy", SyncError::Busy { retry_after_ms: 1500 }),
        ("too-old", SyncError::TooOld { verdicts: vec![(42, Verdict::Ok)] }),
        ("malformed", SyncError::Malformed("not an exchange".to_owned())),
        ("server", SyncError::Server),
    ];
    for (name, error) in errors {
        check(&format!("error-{name}"), &error);
    }
}

#[test]
fn enrolling_as_in_release_0_1_is_understood() {
    check(
        "enrol-request",
        &EnrolRequest {
            code: "8QCZMCQB".to_owned(),
            password: "a long password".to_owned(),
            install: "pixel-1".to_owned(),
            model: "Pixel".to_owned(),
            version: "0.1.0".to_owned(),
        },
    );
    check(
        "enrol-reply",
        &EnrolReply {
            device: DeviceNumber(17),
            secret: "ab".repeat(32),
            epoch: "5f0c2a9be1d34786".to_owned(),
            account: account(),
            server_unix_ms: 1_772_413_200_456,
        },
    );
    check("sign-in-request", &SignInRequest { login: "wang".to_owned(), password: "a long password".to_owned() });
    check(
        "password-request",
        &PasswordRequest { login: "wang".to_owned(), code: "8QCZMCQB".to_owned(), password: "another password".to_owned() },
    );
    check("password-reply", &PasswordReply { account: account() });
}

#[test]
fn a_later_release_may_add_at_the_end_and_an_older_one_may_leave_out() {
    fn reads<T: DeserializeOwned + PartialEq + Debug>(edited: Value, whole: &T) {
        assert_eq!(serde_json::from_value::<T>(edited).as_ref().map_err(ToString::to_string), Ok(whole));
    }
    // `install` came last and has a default: a device that does not say it is understood.
    let mut short = serde_json::to_value(request()).expect("serialises");
    short.as_array_mut().expect("positional").pop();
    reads(short, &ExchangeRequest { install: String::new(), ..request() });
    // A living record may leave out that it is not dead.
    let mut living = serde_json::to_value(reply()).expect("serialises");
    let record = living.pointer_mut("/3/0/2/0").and_then(Value::as_array_mut).expect("a record");
    assert_eq!(record.pop(), Some(Value::Null));
    reads(living, &reply());
}

#[test]
fn the_dictionary_of_release_0_1_is_frozen() {
    // Both sides pack and unpack with it: one changed letter and no old device is understood.
    let dictionary = include_str!("../dictionary-1.txt");
    assert_eq!(domain::digest::text_hash_hex(dictionary), DICTIONARY_HASH);
}

const DICTIONARY_HASH: &str = "a672abc47e8b610cbe7d469d7515569f566898e3520404073830960c158e7d25";
