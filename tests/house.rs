//! The house itself: which room knows which, where SQL and transports may stand, what is frozen, what must not be there.
//! ARCHITECTURE.md tells the same in words.

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/core.rs"]
mod core;
#[path = "house/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use source::{Source, files, read, relative, root, rust_files};

// ---- who may say what ------------------------------------------------------------------------------------------------

/// Whether a text is a statement. Keywords are upper case in this house, so that sentences for people do not look like one.
fn is_sql(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let pair = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    (has("SELECT") && has("FROM"))
        || pair("INSERT", "INTO")
        || pair("DELETE", "FROM")
        || pair("CREATE", "TABLE")
        || words.windows(3).any(|three| three[0] == "UPDATE" && three[2] == "SET")
}

#[test]
fn a_statement_is_told_from_a_sentence() {
    let rows = [
        ("SELECT id FROM record WHERE id = ?1", true),
        ("INSERT OR IGNORE\nINTO record", false),
        ("INSERT INTO record (id) VALUES (?1)", true),
        ("UPDATE scope SET head = head + 1", true),
        ("DELETE FROM draft", true),
        ("Select a home from the list", false),
        ("Could not update. Set the clock.", false),
    ];
    for (text, expected) in rows {
        assert_eq!(is_sql(text), expected, "{text}");
    }
}

#[test]
fn only_the_store_contains_sql() {
    let mut found = Vec::new();
    for file in rust_files() {
        let name = relative(&file);
        if name.starts_with("crates/store/") || !name.contains("/src/") {
            continue;
        }
        let source = Source::of(&read(&file));
        found.extend(source.strings.iter().filter(|text| is_sql(text)).map(|text| format!("{name}: {text}")));
    }
    for file in files(&["sql"]) {
        let name = relative(&file);
        if !name.starts_with("crates/store/src/") && !name.starts_with("migrations/") {
            found.push(name);
        }
    }
    assert_eq!(found, Vec::<String>::new(), "statements outside crates/store");
}

#[test]
fn only_the_backend_of_the_screens_names_a_transport() {
    let names =
        ["gloo_net", "web_sys::Request", "XmlHttpRequest", "EventSource", "WebSocket", "fetch_with_", "__TAURI", "invoke("];
    let mut found = Vec::new();
    for file in rust_files() {
        let name = relative(&file);
        if !name.starts_with("ui/src/") || name.starts_with("ui/src/backend/") {
            continue;
        }
        let source = Source::of(&read(&file));
        found.extend(names.iter().filter(|word| source.mentions(word)).map(|word| format!("{name}: {word}")));
    }
    assert_eq!(found, Vec::<String>::new(), "a screen asks; only ui/src/backend knows how it is carried");
}

#[test]
fn the_domain_reads_no_clock_draws_no_number_and_waits_for_nothing() {
    let names = [
        "std::time",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::",
        "Utc::now",
        "Local::now",
        "rand::",
        "getrandom",
        "new_v4",
        "now_v7",
        "async ",
        ".await",
        "println!",
        "eprintln!",
    ];
    let mut found = Vec::new();
    for file in rust_files() {
        let name = relative(&file);
        if name.starts_with("crates/domain/src/") {
            let source = Source::of(&read(&file));
            found.extend(names.iter().filter(|word| source.code.contains(**word)).map(|word| format!("{name}: {word}")));
        }
    }
    assert_eq!(found, Vec::<String>::new(), "time and chance come in as arguments");
}

#[test]
fn nothing_is_left_undone() {
    let names = [concat!("#[", "ignore"), "todo!", "unimplemented!"];
    let mut found = Vec::new();
    for file in rust_files() {
        let source = Source::of(&read(&file));
        found.extend(names.iter().filter(|word| source.code.contains(**word)).map(|word| format!("{}: {word}", relative(&file))));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let kinds = ["rs", "toml", "md", "sh", "json", "js", "mjs", "ts", "css", "html", "sql", "yml", "txt", "csv", "conf", ""];
    // Written in two pieces, so that this file does not name one itself.
    let places = [["/ho", "me/"], ["/Us", "ers/"], ["/ro", "ot/"], ["/wo", "rk/"], ["C:\\", "Users"]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for file in files(&kinds) {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for (index, line) in text.lines().enumerate() {
            if places.iter().any(|place| line.contains(place.as_str())) {
                found.push(format!("{}:{}", relative(&file), index + 1));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "absolute paths of somebody's machine");
}

// ---- migrations ------------------------------------------------------------------------------------------------------

/// The migration files the store embeds, in the order in which it names them.
fn embedded() -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_files().into_iter().filter(|file| relative(file).starts_with("crates/store/src/")) {
        for text in Source::of(&read(&file)).strings {
            if let Some((_, name)) = text.split_once("../migrations/") {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_migration_is_embedded_once_and_in_order() {
    let embedded = embedded();
    let lying: BTreeSet<String> = files(&["sql"])
        .iter()
        .map(|file| relative(file))
        .filter_map(|name| name.strip_prefix("migrations/").map(str::to_owned))
        .collect();
    assert_eq!(embedded.iter().cloned().collect::<BTreeSet<_>>(), lying, "the lists of the store and the files of migrations/");
    for side in ["device/", "server/"] {
        let listed: Vec<&String> = embedded.iter().filter(|name| name.starts_with(side)).collect();
        assert!(!listed.is_empty(), "{side} has migrations");
        assert!(listed.windows(2).all(|pair| pair[0] < pair[1]), "{side}: numbers go up, each file once: {listed:?}");
    }
}

#[test]
fn a_released_migration_is_never_edited() {
    let frozen = read(&root().join("migrations/FROZEN"));
    for line in frozen.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (hash, name) = line.split_once("  ").expect("a line of FROZEN is: hash, two blanks, name");
        let bytes = std::fs::read(root().join("migrations").join(name)).expect("a released migration stays");
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), hash, "{name} was released: write a new migration instead");
    }
}

// ---- papers ----------------------------------------------------------------------------------------------------------

#[test]
fn the_list_of_decisions_is_whole() {
    let folder = root().join("docs/decisions");
    let list = read(&folder.join("README.md"));
    let mut pages: Vec<String> = std::fs::read_dir(&folder)
        .expect("docs/decisions is there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "README.md")
        .collect();
    pages.sort();
    assert!(!pages.is_empty());
    for page in &pages {
        assert!(list.contains(&format!("({page})")), "docs/decisions/README.md does not name {page}");
    }
    let mut numbers: Vec<&str> = pages.iter().filter_map(|page| page.split_once('-')).map(|(number, _)| number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), pages.len(), "one number, one decision");
}

#[test]
fn every_dependency_has_its_line() {
    let page = read(&root().join("docs/decisions/0012-dependencies.md"));
    let manifest = read(&root().join("Cargo.toml"));
    let table =
        manifest.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("the table is there");
    let names = table.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.trim(), value));
    let missing: Vec<&str> = names
        .filter(|(_, value)| !value.contains("path ="))
        .map(|(name, _)| name)
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "a new dependency deserves a line in docs/decisions/0012-dependencies.md");
}

#[test]
fn the_papers_are_there_and_say_how_to_begin() {
    let readme = read(&root().join("README.md"));
    for script in ["scripts/demo", "scripts/test"] {
        assert!(readme.contains(script), "README names {script}");
        assert!(root().join(script).exists(), "{script} is there");
    }
    assert!(read(&root().join("CHANGELOG.md")).lines().count() > 3, "the changelog says something");
    let map = read(&root().join("ARCHITECTURE.md"));
    assert!(map.lines().count() <= 250, "a map is read in one sitting");
    for licence in ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(root().join(licence).exists(), "{licence}");
    }
}

/// Links of our own pages to our own files lead somewhere. Pictures are made by the browser tests and may be older or newer.
#[test]
fn links_between_papers_lead_somewhere() {
    let mut astray = Vec::new();
    for file in files(&["md"]) {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        for piece in read(&file).split("](").skip(1) {
            let target = piece.split([')', '#', ' ']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !target.ends_with(".png") && !folder.join(target).exists() {
                astray.push(format!("{} → {target}", relative(&file)));
            }
        }
    }
    assert_eq!(astray, Vec::<String>::new());
}
