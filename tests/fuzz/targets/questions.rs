//! The small questions and every refusal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_protocol::{Ask, EnrolReply, EnrolRequest, PasswordReply, PasswordRequest, SignInRequest, SyncError, Told, Verdict};

macro_rules! read_and_written {
    ($bytes:ident: $($shape:ty),+) => {$(
        if let Ok(read) = serde_json::from_slice::<$shape>($bytes) {
            let text = serde_json::to_string(&read).expect("what was read can be written");
            let again: $shape = serde_json::from_str(&text).expect("and read again");
            assert_eq!(serde_json::to_string(&again).expect("and written again"), text);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    read_and_written!(bytes: Ask, Told, SyncError, Verdict, EnrolRequest, EnrolReply, SignInRequest, PasswordRequest, PasswordReply);
});
