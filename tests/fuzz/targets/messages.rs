//! An exchange in form 2 from a stranger: packed or plain, it is read or refused, and what is read is written and read back the same.

#![no_main]

use std::sync::OnceLock;

use domain::place::ScopeKind;
use libfuzzer_sys::fuzz_target;
use sync_protocol::codec::{decode_reply, decode_request, encode_reply, encode_request};
use sync_protocol::form2::Question;
use sync_protocol::{ExchangeRequest, PROTOCOL};

/// What every answer here answers.
fn asked() -> &'static ExchangeRequest {
    static ASKED: OnceLock<ExchangeRequest> = OnceLock::new();
    ASKED.get_or_init(|| {
        let text = include_bytes!("../../../crates/sync-protocol/tests/wire/0.2/request.json");
        // A message is one line; the example is written so that a person can read it.
        let message: serde_json::Value = serde_json::from_slice(text).expect("the example is JSON");
        let plain = [vec![3], serde_json::to_vec(&message).expect("writes")].concat();
        decode_request(&plain).expect("the example of the documentation is read").0
    })
}

fn request(bytes: &[u8]) {
    let Ok((mut read, _)) = decode_request(bytes) else { return };
    // A stranger may say in form 2 that he speaks protocol 1, and more digits of a digest than are said.
    read.protocol = PROTOCOL;
    for state in &mut read.scopes {
        state.digest = state.digest.chars().filter(char::is_ascii).take(16).collect();
    }
    // One that grows beyond the limit while it is written again is refused, as it would be on the wire.
    let Some(packed) = encode_request(&read).expect("what was read can be written") else { return };
    let Ok((again, _)) = decode_request(&packed) else { panic!("{read:?}") };
    assert_eq!(again, read);
}

fn reply(bytes: &[u8]) {
    let question = Question::of(asked());
    let Ok(read) = decode_reply(bytes, &question) else { return };
    let Some(packed) = encode_reply(&read, &question).expect("what was read can be written") else { return };
    let Ok(again) = decode_reply(&packed, &question) else { panic!("{read:?}") };
    assert_eq!(again, read);
    // What a device does with a row before it keeps it.
    for stored in read.scopes.iter().flat_map(|scope| &scope.stored) {
        if let (Ok(seen), Ok(record)) = (stored.look(), stored.read()) {
            assert_eq!(seen.groups, record.groups.len());
            let _ = stored.hash(&seen, ScopeKind::Area);
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    request(bytes);
    reply(bytes);
    // What is under zstd: random bytes seldom get through it.
    let plain = [&[3], bytes].concat();
    request(&plain);
    reply(&plain);
});
