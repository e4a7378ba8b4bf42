//! Arrows between rooms, as cargo sees them. They go downward only.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::source::root;

/// Which of our packages a package may know, tests and build scripts included. Dependencies it does without are fine.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ui-protocol", &["domain"]),
    ("sync-protocol", &["domain"]),
    ("store", &["domain"]),
    ("device", &["domain", "ui-protocol", "sync-protocol", "store"]),
    ("ui", &["domain", "ui-protocol"]),
    ("sync-server", &["domain", "ui-protocol", "sync-protocol", "store"]),
    ("doorstep", &["ui-protocol", "device"]),
    ("device-http", &["ui-protocol", "device"]),
    (
        "workspace-tests",
        &["domain", "ui-protocol", "sync-protocol", "store", "device", "device-http", "sync-server", "ui", "doorstep"],
    ),
    ("bundle", &[]),
];

#[test]
fn arrows_go_downward_only() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs, it started this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo speaks JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in packages {
        let from = name(package);
        let Some(allowed) = allowed.get(from.as_str()) else {
            wrong.push(format!("{from} is a new room: give it a row here and in ARCHITECTURE.md"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            let to = name(dependency);
            if ours.contains(&to) && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{from} → {to}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "a new arrow deserves a decision page");
}
