//! A chosen file, read as text that any transport carries.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{File, FileReader};

/// Bytes a photo's file may have; the device refuses more, and here nobody waits for it.
const FILE_BYTES_MAX: f64 = 40.0 * 1024.0 * 1024.0;

/// What became of a chosen file.
pub enum ReadFile {
    /// Its bytes in base64.
    Base64(String),
    /// More than a photo has.
    TooLarge,
    /// The browser could not read it.
    Unreadable,
}

/// Reads a file and calls `done` once.
pub fn read_file(file: &File, done: impl FnOnce(ReadFile) + 'static) {
    if file.size() > FILE_BYTES_MAX {
        return done(ReadFile::TooLarge);
    }
    let Ok(reader) = FileReader::new() else { return done(ReadFile::Unreadable) };
    let read = reader.clone();
    let on_end = Closure::once_into_js(move || {
        // `data:image/jpeg;base64,…`; an empty file has nothing after the comma, or no comma.
        let text = read.result().ok().and_then(|result| result.as_string());
        done(match text {
            Some(text) => ReadFile::Base64(text.split_once(',').map(|(_, bytes)| bytes.to_owned()).unwrap_or_default()),
            None => ReadFile::Unreadable,
        });
    });
    reader.set_onloadend(Some(on_end.unchecked_ref()));
    // A reader that was just made reads; should it not, its end is called with nothing.
    let _begun = reader.read_as_data_url(file);
}
