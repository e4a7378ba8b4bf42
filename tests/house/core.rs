//! What the core does without: other people's packages that belong into shells, and a clock of its own.

use std::process::Command;

use super::source::{Source, read, relative, root, rust_files};

/// Packages of others, and the only rooms that may name them.
const SHELLS_ONLY: &[(&str, &[&str])] = &[
    // SQL lives in one room.
    ("rusqlite", &["store"]),
    // Nothing below the shells is async.
    ("tokio", &["sync-server", "device-http", "doorstep", "workspace-tests"]),
    ("axum", &["sync-server", "device-http", "workspace-tests"]),
    ("tauri", &["doorstep"]),
    ("yew", &["ui"]),
    ("gloo-net", &["ui"]),
    // Behind the feature `http` of the device: a browser worker has neither.
    ("reqwest", &["device"]),
    ("getrandom", &["sync-server", "device-http", "doorstep", "device"]),
];

#[test]
fn packages_of_a_shell_stay_in_the_shells() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs, it started this test");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo speaks JSON");
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        let room = package["name"].as_str().expect("a name");
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            let name = dependency["name"].as_str().expect("a name");
            if SHELLS_ONLY.iter().any(|(shells, rooms)| *shells == name && !rooms.contains(&room)) {
                wrong.push(format!("{room} → {name}"));
            }
            if room == "device" && matches!(name, "reqwest" | "getrandom" | "rustls") && dependency["optional"] != true {
                wrong.push(format!("{name} must stay optional in device"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What only a shell brings in. `native.rs` and `http.rs` are the shells' common part, behind a feature.
#[test]
fn below_the_shells_nobody_waits_reads_a_clock_or_draws_a_number() {
    let below = ["crates/sync-protocol/src/", "crates/ui-protocol/src/", "crates/store/src/", "crates/device/src/"];
    let shells = ["crates/device/src/native.rs", "crates/device/src/http.rs"];
    let names = [
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "Local::now",
        "now_v7",
        "new_v4",
        "getrandom",
        "async fn",
        ".await",
        "thread::spawn",
    ];
    let mut found = Vec::new();
    for file in rust_files() {
        let name = relative(&file);
        if !below.iter().any(|room| name.starts_with(room)) || shells.contains(&name.as_str()) {
            continue;
        }
        // What a file's own tests do at its foot is theirs.
        let source = Source::of(&read(&file));
        let code = source.code.split("#[cfg(test)]").next().unwrap_or_default();
        found.extend(names.iter().filter(|word| code.contains(**word)).map(|word| format!("{name}: {word}")));
    }
    assert_eq!(found, Vec::<String>::new(), "time and chance come in through Surroundings, Clock and Dice");
}
