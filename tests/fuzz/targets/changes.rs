//! Changes and records as they lie in files for years: read, brought up to today, merged twice.

#![no_main]

use domain::digest::record_hash;
use domain::merge::{Arrival, lay_over, merge};
use domain::place::ScopeKind;
use domain::upcast::upcast;
use domain::{Change, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // One text after the other, a record first perhaps.
    let mut held: Option<Record> = None;
    for (line, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if let Ok(record) = serde_json::from_slice::<Record>(text) {
            record_hash(&record, ScopeKind::Area);
            held = Some(record);
        } else if let Ok(change) = serde_json::from_slice::<Change>(text) {
            let change = upcast(change);
            lay_over(held.clone(), &change);
            let arrival = Arrival { seq: line as u64, received_unix_ms: 1_795_395_600_000, sender: change.origin.device };
            if let Ok(merged) = merge(held.as_ref(), &change, arrival) {
                let again = merge(Some(&merged.record), &change, arrival);
                let again = again.expect("what was taken once is taken twice").record;
                let fields = |record: &Record| {
                    record.groups.iter().map(|(name, value)| (name.clone(), value.fields.clone())).collect::<Vec<_>>()
                };
                assert_eq!(fields(&again), fields(&merged.record), "a repeated change changes nothing");
                held = Some(merged.record);
            }
        }
    }
});
