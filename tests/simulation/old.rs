//! The county as release 0.1.0 left it: the server's file, and phones with saves that were never sent. Made by 0.1.0 itself, from
//! the stories' world, with passwords that cost nothing to check.

use std::collections::BTreeMap;

use tempfile::TempDir;

use crate::county::scratch;
use crate::sim::Secrets;

/// A line of JSON with the names and lengths of the files, then one file after the other, under zstd.
const PACKED: &[u8] = include_bytes!("county-0.1.0.zst");
/// The key stores of the phones, by their place in the list.
const KEYS: &str = "keys.json";
const UNPACKED_BYTES_MAX: usize = 16 << 20;

/// Its files.
pub struct Old {
    /// Where they are.
    pub dir: TempDir,
    /// What each phone keeps beside its file.
    pub keys: Vec<Secrets>,
}

impl Old {
    /// Writes them into a folder.
    pub fn unpack() -> Old {
        let all = zstd::bulk::decompress(PACKED, UNPACKED_BYTES_MAX).expect("the fixture is whole");
        let head = all.iter().position(|byte| *byte == b'\n').expect("the fixture begins with a line");
        let files: Vec<(String, usize)> = serde_json::from_slice(&all[..head]).expect("the fixture begins with a list of files");
        let (dir, mut keys, mut rest) = (scratch(), Vec::new(), &all[head + 1..]);
        for (name, length) in files {
            let (content, after) = rest.split_at(length);
            rest = after;
            if name == KEYS {
                let by_phone: BTreeMap<usize, Secrets> = serde_json::from_slice(content).expect("key stores");
                keys = by_phone.into_values().collect();
                continue;
            }
            let path = dir.path().join(&name);
            std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder of the old county");
            std::fs::write(path, content).expect("a file of the old county");
        }
        Old { dir, keys }
    }
}
