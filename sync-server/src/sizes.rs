//! How long something is as JSON, without writing it.

use serde::Serialize;

/// Bytes of a value as JSON.
///
/// # Errors
/// When it has no JSON form.
pub fn json_bytes<T: Serialize + ?Sized>(value: &T) -> Result<usize, serde_json::Error> {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value)?;
    Ok(counted.0)
}

/// Counts what is written and keeps nothing.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
