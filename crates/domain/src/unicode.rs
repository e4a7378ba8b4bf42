//! Unicode's normal forms. The screens in a browser ask the browser (feature `browser`): the tables weigh as much as all their words.
//! What the screens make of a text is only shown; whoever stores it normalises it again.

/// Composed where it can be: equal texts have equal bytes (NFC).
pub fn nfc(text: &str) -> String {
    form(text, "NFC")
}

/// Composed, and what only looks different made one: full width as half width, ① as 1 (NFKC).
pub fn nfkc(text: &str) -> String {
    form(text, "NFKC")
}

#[cfg(all(feature = "browser", target_family = "wasm"))]
fn form(text: &str, form: &str) -> String {
    js_sys::JsString::from(text).normalize(form).into()
}

#[cfg(not(all(feature = "browser", target_family = "wasm")))]
fn form(text: &str, form: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    if form == "NFC" { text.nfc().collect() } else { text.nfkc().collect() }
}
