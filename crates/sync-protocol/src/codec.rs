//! Bytes on the wire: JSON under zstd with a dictionary both sides were built with.

use std::io::Read;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};

/// Text that typical messages repeat. Never edited after release: a new one gets a new media type.
const DICTIONARY: &[u8] = include_bytes!("../dictionary-1.txt");
/// zstd's fastest ordinary level: 19 was measured at twenty seconds for a first sync and saves a seventh.
const LEVEL: i32 = 3;

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Larger than this side accepts, packed or while unpacking.
    #[error("the message is larger than allowed")]
    TooLarge,
    /// Not zstd, cut off, or not the shape asked for.
    #[error("the message cannot be read")]
    Malformed(#[source] std::io::Error),
}

/// Packs a message.
///
/// # Errors
/// Only when zstd cannot allocate.
pub fn encode<T: Serialize>(message: &T) -> std::io::Result<Vec<u8>> {
    let json = serde_json::to_vec(message)?;
    zstd::bulk::Compressor::with_dictionary(LEVEL, DICTIONARY)?.compress(&json)
}

/// Unpacks a message, never holding more than the limit: a small body that inflates without end is cut off.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    let decoder = zstd::stream::read::Decoder::with_dictionary(bytes, DICTIONARY).map_err(DecodeError::Malformed)?;
    let mut json = Vec::new();
    decoder.take(INFLATED_BYTES_MAX as u64 + 1).read_to_end(&mut json).map_err(DecodeError::Malformed)?;
    if json.len() > INFLATED_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    serde_json::from_slice(&json).map_err(|error| DecodeError::Malformed(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_round_trips_and_a_cut_or_strange_one_is_refused() {
        let message = vec!["登记".to_owned(); 100];
        let bytes = encode(&message).expect("packs");
        assert!(bytes.len() < 100, "repetition packs well, got {}", bytes.len());
        assert_eq!(decode::<Vec<String>>(&bytes).expect("unpacks"), message);
        assert!(matches!(decode::<Vec<String>>(&bytes[..bytes.len() - 3]), Err(DecodeError::Malformed(_))));
        assert!(matches!(decode::<Vec<String>>(b"hello"), Err(DecodeError::Malformed(_))));
        assert!(matches!(decode::<Vec<u8>>(&bytes), Err(DecodeError::Malformed(_))), "another shape");
    }

    #[test]
    fn a_bomb_is_cut_off_while_inflating() {
        let zeros = vec![b' '; INFLATED_BYTES_MAX * 4];
        let bomb = zstd::bulk::compress(&zeros, 3).expect("packs");
        assert!(bomb.len() < BODY_BYTES_MAX, "it would pass the first limit");
        assert!(matches!(decode::<Vec<u8>>(&bomb), Err(DecodeError::TooLarge)));
        assert!(matches!(decode::<Vec<u8>>(&vec![0; BODY_BYTES_MAX + 1]), Err(DecodeError::TooLarge)));
    }
}
