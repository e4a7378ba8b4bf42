//! Boxes from a stranger: as they come, and with one's own bytes inside a box that opens.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_protocol::sealed::{HandIn, HandInReply, SEAL_RANDOM_BYTES, SealedSave, open, public_key, seal};

const SECRET: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(open(SECRET, text).is_err(), "nobody guesses a box");
        let _ = public_key(text);
    }
    if let Ok(asked) = serde_json::from_slice::<HandIn>(bytes) {
        for boxed in &asked.saves {
            let _ = open(SECRET, boxed);
        }
    }
    let _ = serde_json::from_slice::<HandInReply>(bytes);
    if let Ok(save) = serde_json::from_slice::<SealedSave>(bytes) {
        let county = public_key(SECRET).expect("a key");
        let boxed = seal(&county, [7; SEAL_RANDOM_BYTES], &save).expect("what was read can be sealed");
        let opened = open(SECRET, &boxed).expect("and opened");
        assert_eq!(serde_json::to_string(&opened).ok(), serde_json::to_string(&save).ok());
    }
});
