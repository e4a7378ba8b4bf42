//! Proof that both sides hold the same: a hash for each record in a scope, added up.

use crate::ids::RecordId;
use crate::kind;
use crate::place::ScopeKind;
use crate::record::Record;

/// First 16 bytes of BLAKE3 over kind, id and the non-empty groups that travel to the scope, as canonical JSON.
///
/// serde_json's map is sorted by key and our numbers are integers, which is what RFC 8785 asks of such values.
pub fn record_hash(record: &Record, scope: ScopeKind) -> u128 {
    let mut groups = Vec::with_capacity(512);
    groups.push(b'{');
    let travelling =
        record.groups.iter().filter(|(name, value)| !value.fields.is_empty() && kind::travels(&record.kind, name, scope));
    for (name, value) in travelling {
        if groups.len() > 1 {
            groups.push(b',');
        }
        write_json(&mut groups, name);
        groups.push(b':');
        write_json(&mut groups, &value.fields);
    }
    groups.push(b'}');
    hash(&record.kind, record.id, &groups)
}

/// The same, where the groups that travel are at hand as canonical JSON: none of them empty, sorted by name.
pub fn groups_hash(kind: &str, id: RecordId, groups: &str) -> u128 {
    hash(kind, id, groups.as_bytes())
}

/// Over `[kind, id, groups]`.
fn hash(kind: &str, id: RecordId, groups: &[u8]) -> u128 {
    let mut head = Vec::with_capacity(64);
    head.push(b'[');
    write_json(&mut head, kind);
    head.extend_from_slice(b",\"");
    head.extend_from_slice(id.0.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
    head.extend_from_slice(b"\",");
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    hasher.update(groups);
    hasher.update(b"]");
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}

fn write_json<T: serde::Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // A string or a JSON value, into memory: neither can fail.
    serde_json::to_writer(text, value).expect("JSON of JSON is written");
}

/// The sum of the record hashes of a scope modulo 2^128, and how many there are. Order does not matter; adding and
/// taking away are one operation each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// The sum modulo 2^128.
    pub sum: u128,
    /// How many living records.
    pub count: u64,
}

impl Digest {
    /// One more record.
    pub fn add(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_add(hash);
        self.count += 1;
    }

    /// All of another sum's records.
    pub fn add_all(&mut self, other: Digest) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
    }

    /// One record less.
    pub fn remove(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_sub(hash);
        self.count = self.count.saturating_sub(1);
    }

    /// 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

/// A hash as 32 hexadecimal digits, as stored and sent.
pub fn hash_hex(hash: u128) -> String {
    format!("{hash:032x}")
}

/// BLAKE3 of a text as 64 hexadecimal digits: the links of a chain, the stored form of a secret or a one-time code.
pub fn text_hash_hex(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Reads 32 hexadecimal digits.
pub fn hash_from_hex(text: &str) -> Option<u128> {
    (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Parts a scope is divided into, when both sides look for where they differ: one for each value of an id's last byte, which
/// is random in every id.
pub const BUCKETS: usize = 256;

/// The part a record is in.
pub fn bucket(record: RecordId) -> u8 {
    record.0.as_bytes()[15]
}

/// The sum of each part of a scope. Where two sums differ, the records of that part are compared one by one.
pub fn bucket_sums(hashes: impl IntoIterator<Item = (RecordId, u128)>) -> Vec<u128> {
    let mut sums = vec![0u128; BUCKETS];
    for (record, hash) in hashes {
        let sum = &mut sums[usize::from(bucket(record))];
        *sum = sum.wrapping_add(hash);
    }
    sums
}
