//! Single words from a stranger: ids, stamps, scopes, document numbers, dates, addresses.

#![no_main]

use domain::id_document::{self, DocType};
use domain::place::Scope;
use domain::{Origin, RecordId, Stamp, day, form};
use libfuzzer_sys::fuzz_target;

macro_rules! said_and_read {
    ($text:ident: $($shape:ty),+) => {$(
        if let Ok(read) = $text.parse::<$shape>() {
            assert_eq!(read.to_string().parse::<$shape>().ok(), Some(read), "what is said is read back");
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    said_and_read!(text: RecordId, Origin, Stamp, Scope);
    let today = day::day_of(1_795_395_600_000);
    for &doc_type in DocType::ALL {
        let _ = id_document::check(doc_type, text, today);
    }
    let masked = id_document::mask(text);
    assert!(masked.chars().count() <= text.chars().count().max(1), "a mask shows no more than there was");
    if let Some(date) = form::parse_date(text) {
        assert_eq!(form::parse_date(&date.to_string()), Some(date));
    }
});
