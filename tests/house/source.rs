//! The project's files, and a look at Rust that tells code, texts and comments apart.

use std::path::{Path, PathBuf};

/// What is made, not written: by cargo, npm, git, Tauri and `scripts/demo`.
const MADE: &[&str] = &["target", "node_modules", ".git", "dist", "gen", "demo-data"];

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the project").to_owned()
}

/// A file's text.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Its name inside the project, with slashes.
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Every written file with one of these endings; `""` stands for none.
pub fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let entry = entry.expect("a folder can be read to its end");
            let (path, kind) = (entry.path(), entry.file_type().expect("a file has a type"));
            let name = entry.file_name().to_string_lossy().into_owned();
            // `.git` is a file in a second work tree.
            if MADE.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && endings.contains(&path.extension().and_then(|ending| ending.to_str()).unwrap_or_default())
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every Rust file.
pub fn rust_files() -> Vec<PathBuf> {
    files(&["rs"])
}

/// A Rust file taken apart.
#[derive(Debug, Default)]
pub struct Source {
    /// The code; texts are empty quotes, comments are gone.
    pub code: String,
    /// The texts, as written between their quotes.
    pub strings: Vec<String>,
}

impl Source {
    /// Takes a file apart. Enough Rust for this house: nested comments, raw texts, characters and lifetimes.
    pub fn of(text: &str) -> Source {
        let chars: Vec<char> = text.chars().collect();
        let mut source = Source::default();
        let mut at = 0;
        while at < chars.len() {
            let rest = &chars[at..];
            at += match rest {
                ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
                ['/', '*', ..] => block_comment(rest),
                ['r', '"' | '#', ..] if !continues_a_word(&chars, at) && raw_hashes(&rest[1..]).is_some() => {
                    source.raw(rest, raw_hashes(&rest[1..]).unwrap_or(0))
                }
                ['"', ..] => source.quoted(rest),
                ['\'', '\\', _, ..] => 3 + rest[3..].iter().position(|c| *c == '\'').map_or(0, |end| end + 1),
                ['\'', _, '\'', ..] => 3,
                [c, ..] => {
                    source.code.push(*c);
                    1
                }
                [] => 1,
            };
        }
        source
    }

    /// Whether code or a text has these letters.
    pub fn mentions(&self, word: &str) -> bool {
        self.code.contains(word) || self.strings.iter().any(|text| text.contains(word))
    }

    fn quoted(&mut self, rest: &[char]) -> usize {
        let mut end = 1;
        while end < rest.len() && rest[end] != '"' {
            end += if rest[end] == '\\' { 2 } else { 1 };
        }
        self.keep(&rest[1..end.min(rest.len())]);
        end + 1
    }

    fn raw(&mut self, rest: &[char], hashes: usize) -> usize {
        let start = 1 + hashes + 1;
        let closes = |at: usize| rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        let end = (start..rest.len()).find(|at| closes(*at)).unwrap_or(rest.len());
        self.keep(&rest[start..end]);
        end + 1 + hashes
    }

    fn keep(&mut self, text: &[char]) {
        self.strings.push(text.iter().collect());
        self.code.push_str("\"\"");
    }
}

/// How many `#` stand before the quote of a raw text; none when it is not one (`r#type` is a name).
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    (rest.get(hashes) == Some(&'"')).then_some(hashes)
}

fn continues_a_word(chars: &[char], at: usize) -> bool {
    // `br"…"` is a text too.
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') && chars[at - 1] != 'b'
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

#[test]
fn code_texts_and_comments_are_told_apart() {
    let text = r###"
        // todo!("not code")
        /* a /* nested */ "comment" */
        fn f<'a>(x: &'a str) -> char { let _ = "a \" quote"; let _ = r#"raw "text""#; let r#type = '"'; '\'' }
        const B: &[u8] = b"bytes";
    "###;
    let source = Source::of(text);
    assert_eq!(source.strings, ["a \\\" quote", "raw \"text\"", "bytes"]);
    assert!(!source.code.contains("todo!") && !source.code.contains("nested"), "{}", source.code);
    assert!(source.code.contains("fn f<'a>(x: &'a str)") && source.code.contains("let r#type = "), "{}", source.code);
}
