//! An exchange from a stranger: packed or not, it is read or refused, and what is read is read back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_protocol::{ExchangeReply, ExchangeRequest, codec};

fn round<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(read: &T) {
    let packed = codec::encode(read).expect("what was read can be written");
    // One that grows beyond the limit while it is written again is refused, as it would be on the wire.
    if let Ok(again) = codec::decode::<T>(&packed) {
        assert_eq!(&again, read);
    }
}

fuzz_target!(|bytes: &[u8]| {
    // As on the wire: zstd with the shared dictionary.
    if let Ok(request) = codec::decode::<ExchangeRequest>(bytes) {
        round(&request);
    }
    if let Ok(reply) = codec::decode::<ExchangeReply>(bytes) {
        round(&reply);
    }
    // What is under it: random bytes seldom get through zstd.
    if let Ok(request) = serde_json::from_slice::<ExchangeRequest>(bytes) {
        round(&request);
    }
    if let Ok(reply) = serde_json::from_slice::<ExchangeReply>(bytes) {
        round(&reply);
    }
});
