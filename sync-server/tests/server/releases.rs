//! Requests as kept releases sent them, byte for byte, and those of a made-up version before and after: what they push is taken.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use sync_protocol::codec::{decode, encode};
use sync_protocol::{EXCHANGE_PATH, MEDIA_TYPE, PROTOCOL};
use sync_server::http::{Settings, router};
use sync_server::{Core, SystemDice};
use tower::ServiceExt;

use crate::town::{StillClock, at};

/// Positions in a request of the first form, and in a pushed change.
const PROTOCOL_AT: usize = 0;
const SCHEMA_AT: usize = 1;
const DEVICE_AT: usize = 2;
const PUSH_AT: usize = 9;
const CHANGE_SCHEMA_AT: usize = 6;
const CHANGE_GROUPS_AT: usize = 8;
/// Position of the verdicts in an answer.
const VERDICTS_AT: usize = 2;

fn kept_releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/releases");
    let entries = std::fs::read_dir(folder).expect("the releases").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// What a phone of a release proves itself with, and what it says.
struct Said {
    authorisation: String,
    bytes: Vec<u8>,
}

fn said(release: &Path, name: &str) -> Said {
    let bytes = std::fs::read(release.join(format!("{name}.request"))).expect("its bytes");
    let keys = std::fs::read_to_string(release.join(format!("{name}.keys.json"))).expect("its keys");
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    let secret = match keys["doorstep-device-secret"].as_str() {
        Some(secret) => secret.to_owned(),
        None => {
            let kept: Value = serde_json::from_str(keys["doorstep-device"].as_str().expect("a secret")).expect("JSON");
            kept["secret"].as_str().expect("a secret").to_owned()
        }
    };
    let request: Value = decode(&bytes).expect("the first form");
    Said { authorisation: format!("Device {}.{secret}", request[DEVICE_AT]), bytes }
}

/// Today's server on the file of a release.
fn server(release: &Path, folder: &Path) -> Arc<Core> {
    let file = folder.join(sync_server::core::FILE_NAME);
    std::fs::copy(release.join("server.db"), &file).expect("its file");
    let clock = Arc::new(StillClock::at(at("2026-11-23", 15, 0)));
    Core::open(&file, clock, Arc::new(SystemDice)).expect("opened")
}

async fn exchange(core: &Arc<Core>, authorisation: &str, bytes: Vec<u8>) -> (u16, Vec<u8>) {
    let request = Request::post(EXCHANGE_PATH)
        .header("authorization", authorisation)
        .header("content-type", MEDIA_TYPE)
        .body(Body::from(bytes))
        .expect("a request");
    let answer = router(Arc::clone(core), Settings::default()).oneshot(request).await.expect("a router always answers");
    let status = answer.status().as_u16();
    (status, axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body").to_vec())
}

fn all_taken(verdicts: &Value, count: usize) {
    let verdicts = verdicts.as_array().expect("verdicts");
    assert_eq!(verdicts.len(), count, "one for each change");
    assert!(verdicts.iter().all(|verdict| verdict[1] == json!({ "is": "ok" })), "{verdicts:?}");
}

#[tokio::test]
async fn a_kept_release_is_answered_as_it_always_was() {
    for release in kept_releases() {
        let folder = tempfile::tempdir().expect("a folder");
        let core = server(&release, folder.path());
        for (name, count) in [("wang", 10), ("chen", 1)] {
            let Said { authorisation, bytes } = said(&release, name);
            for _ in 0..2 {
                let (status, body) = exchange(&core, &authorisation, bytes.clone()).await;
                assert_eq!(status, 200, "{}: {name}", release.display());
                let reply: Value = decode(&body).expect("the first form");
                let places = reply.as_array().expect("positions").len();
                assert!(places >= 9, "every place it knows is there: {places}");
                all_taken(&reply[VERDICTS_AT], count);
            }
        }
    }
}

#[tokio::test]
async fn a_version_to_come_is_taken_with_what_nobody_knows_yet() {
    for release in kept_releases() {
        let folder = tempfile::tempdir().expect("a folder");
        let core = server(&release, folder.path());
        let Said { authorisation, bytes } = said(&release, "wang");
        let mut request: Value = decode(&bytes).expect("the first form");
        request[PROTOCOL_AT] = (PROTOCOL + 1).into();
        request[SCHEMA_AT] = (domain::record::SCHEMA + 1).into();
        let mut person = None;
        for change in request[PUSH_AT].as_array_mut().expect("a push") {
            change[CHANGE_SCHEMA_AT] = (domain::record::SCHEMA + 1).into();
            if change[4] == "person" && change[5] == "create" {
                person = change[3].as_str().map(str::to_owned);
                let groups = change[CHANGE_GROUPS_AT].as_array_mut().expect("groups");
                groups[0][2]["a field of tomorrow"] = json!(["x", 7]);
                groups.push(json!(["tomorrow", null, { "is": "a group" }]));
            }
            change.as_array_mut().expect("a change").push(json!("a place of tomorrow"));
        }
        request.as_array_mut().expect("a request").push(json!({ "a place": "of tomorrow" }));
        let (status, body) = exchange(&core, &authorisation, encode(&request).expect("packs")).await;
        assert_eq!(status, 200);
        all_taken(&decode::<Value>(&body).expect("the first form")[VERDICTS_AT], 10);
        let person = person.expect("somebody new").parse().expect("an id");
        let held = core.look(|view| Ok(view.record(person)?)).expect("looks").expect("kept");
        assert_eq!(held.text("tomorrow", "is"), Some("a group"), "kept as it came");
        assert!(held.groups.values().any(|value| value.fields.get("a field of tomorrow") == Some(&json!(["x", 7]))));
    }
}

#[tokio::test]
async fn a_version_too_old_to_be_told_anything_still_delivers() {
    for release in kept_releases() {
        let folder = tempfile::tempdir().expect("a folder");
        let core = server(&release, folder.path());
        let Said { authorisation, bytes } = said(&release, "wang");
        let mut request: Value = decode(&bytes).expect("the first form");
        request[PROTOCOL_AT] = 0.into();
        let (status, body) = exchange(&core, &authorisation, encode(&request).expect("packs")).await;
        let refusal: Value = serde_json::from_slice(&body).expect("plain JSON");
        assert_eq!((status, &refusal["error"]), (426, &json!("too_old")));
        all_taken(&refusal["of"]["verdicts"], 10);
    }
}
