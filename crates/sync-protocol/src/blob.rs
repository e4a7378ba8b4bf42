//! Bytes that belong to records: photos and their small versions. They travel by themselves, a piece at a time, named by what
//! they are; the record that names them travels in the exchange.

use domain::photo::BlobHash;
use serde::{Deserialize, Serialize};

use crate::SyncError;

/// Where bytes lie; the name follows.
pub const BLOB_PATH: &str = "/sync/v1/blob/";
/// The header that says where a piece begins, and in an answer how much has arrived (after the draft *Resumable Uploads for
/// HTTP*).
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// The header that says how many bytes there are in all, as the record says.
pub const UPLOAD_LENGTH: &str = "upload-length";
/// Bytes of one piece. A device begins smaller and takes less on a weak line.
pub const PIECE_BYTES_MAX: usize = 64 * 1024;
/// Photos one device may have begun and not finished; with one more, the oldest begins again.
pub const UNFINISHED_MAX: usize = 8;

/// How much of some bytes is on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobState {
    /// So many bytes from this device, in order; all of them once they were verified.
    pub offset: u64,
    /// So many there are.
    pub length: u64,
}

impl BlobState {
    /// They are there, and they are what their name says.
    pub fn is_complete(self) -> bool {
        self.offset == self.length
    }
}

/// Why bytes did not travel. Each variant is something the device does differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "error", content = "of")]
pub enum BlobError {
    /// No record of yours names these bytes. The same answer whether they exist or not.
    #[error("no record of yours names these bytes")]
    NotThere,
    /// A record names them, and they have not come: their writer has not sent them yet.
    #[error("these bytes have not arrived")]
    NotArrived,
    /// The piece does not begin where the last one ended: go on from here.
    #[error("the next piece begins at {expected}")]
    Offset {
        /// Where the next piece begins.
        expected: u64,
    },
    /// All came, and they are not what their name says; they were thrown away. Begin again.
    #[error("the bytes are not what their name says")]
    WrongHash,
    /// As in an exchange: no connection, not proven, busy …
    #[error(transparent)]
    #[serde(untagged)]
    Sync(SyncError),
}

impl From<SyncError> for BlobError {
    fn from(error: SyncError) -> BlobError {
        BlobError::Sync(error)
    }
}

/// Whoever takes and gives bytes: the real server, its HTTP client, the tests' faulty wire. Not async. Every call is safe to
/// repeat.
pub trait BlobServer {
    /// How much is there.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn blob_state(&self, hash: BlobHash) -> Result<BlobState, BlobError>;

    /// Takes a piece, at most [`PIECE_BYTES_MAX`], that begins at `offset`. The last one makes the server verify them all.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn put_blob(&self, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError>;

    /// Gives a piece of at most `length` bytes from `offset` on; less at the end.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn blob(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_its_text_and_those_of_an_exchange_look_as_they_do_there() {
        let rows = [
            (BlobError::NotThere, r#"{"error":"not_there"}"#),
            (BlobError::NotArrived, r#"{"error":"not_arrived"}"#),
            (BlobError::Offset { expected: 65_536 }, r#"{"error":"offset","of":{"expected":65536}}"#),
            (BlobError::WrongHash, r#"{"error":"wrong_hash"}"#),
            (BlobError::Sync(SyncError::Revoked), r#"{"error":"revoked"}"#),
            (BlobError::Sync(SyncError::Busy { retry_after_ms: 9 }), r#"{"error":"busy","of":{"retry_after_ms":9}}"#),
        ];
        for (error, text) in rows {
            assert_eq!(serde_json::to_string(&error).expect("written"), text);
            assert_eq!(serde_json::from_str::<BlobError>(text).expect("read"), error);
        }
    }
}
