//! The description of the server names every address there is, and no other.

use std::collections::BTreeSet;

use serde_json::Value;
use sync_protocol as protocol;

const DOCUMENT: &str = include_str!("../../data/openapi.json");
const ROUTES: &str = include_str!("../../src/http/mod.rs");

fn described() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("the document is JSON");
    document["paths"].as_object().expect("it has addresses").keys().cloned().collect()
}

#[test]
fn the_description_names_every_address_and_no_other() {
    let constants = [
        ("ASK_PATH", protocol::ASK_PATH),
        ("&format!(\"{BLOB_PATH}{{hash}}\")", "/sync/v1/blob/{hash}"),
        ("ENROL_PATH", protocol::ENROL_PATH),
        ("EXCHANGE_PATH", protocol::EXCHANGE_PATH),
        ("PASSWORD_PATH", protocol::PASSWORD_PATH),
        ("SEALED_PATH", protocol::sealed::SEALED_PATH),
        ("SIGN_IN_PATH", protocol::SIGN_IN_PATH),
    ];
    let served: BTreeSet<String> = ROUTES
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.split(',').next())
        .map(str::trim)
        .map(|path| match path.strip_prefix('"').and_then(|path| path.strip_suffix('"')) {
            Some(path) => path.to_owned(),
            None => constants.iter().find(|(name, _)| *name == path).expect("a known name of an address").1.to_owned(),
        })
        .collect();
    assert_eq!(described(), served);
}

#[test]
fn every_refusal_it_names_has_a_status_and_a_shape() {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    for (path, methods) in document["paths"].as_object().expect("addresses") {
        for (method, operation) in methods.as_object().expect("methods").iter().filter(|(name, _)| *name != "parameters") {
            let responses = operation["responses"].as_object().expect("answers");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} can work");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{method} {path} says what it is");
        }
    }
}
