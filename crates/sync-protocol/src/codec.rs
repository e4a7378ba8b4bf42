//! Bytes on the wire: JSON under zstd with a dictionary both sides were built with. The first byte tells the form.

use std::io::Read;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::dict::EncoderDictionary;

use crate::form2::{self, Bad, Question};
use crate::{BODY_BYTES_MAX, ExchangeReply, ExchangeRequest, INFLATED_BYTES_MAX, PROTOCOL_OWN_MIN};

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

/// What typical messages of form 2 repeat, and how often letters come in them: made by `zstd --train` from the messages of the
/// stories, `--maxdict=8192`. Never edited after release.
const DICTIONARY_2: &[u8] = include_bytes!("../dictionary-2.bin");
/// First byte of a body of form 2, then JSON under zstd. A body of form 1 begins as zstd does, with 0x28.
const FORM_2_PACKED: u8 = 2;
/// First byte of a body of form 2, then plain JSON: shorter when there is hardly anything to say.
const FORM_2_PLAIN: u8 = 3;
/// Below this, packing is not tried.
const PLAIN_BYTES_MAX: usize = 40;

/// Packs a message in form 1.
///
/// # Errors
/// Only when zstd cannot allocate.
pub fn encode<T: Serialize>(message: &T) -> std::io::Result<Vec<u8>> {
    let json = serde_json::to_vec(message)?;
    zstd::bulk::Compressor::with_dictionary(LEVEL, DICTIONARY)?.compress(&json)
}

/// Unpacks a message of form 1, never holding more than the limit: a small body that inflates without end is cut off.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(&inflate(bytes, DICTIONARY)?).map_err(|error| DecodeError::Malformed(error.into()))
}

fn inflate(bytes: &[u8], dictionary: &[u8]) -> Result<Vec<u8>, DecodeError> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    let decoder = zstd::stream::read::Decoder::with_dictionary(bytes, dictionary).map_err(DecodeError::Malformed)?;
    let mut json = Vec::new();
    decoder.take(INFLATED_BYTES_MAX as u64 + 1).read_to_end(&mut json).map_err(DecodeError::Malformed)?;
    if json.len() > INFLATED_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    Ok(json)
}

/// `None` when it is larger than the other side unpacks. What is `behind` follows on lines of its own.
fn pack_2(
    message: &serde_json::Value,
    behind: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> std::io::Result<Option<Vec<u8>>> {
    let mut plain = vec![FORM_2_PLAIN];
    serde_json::to_writer(&mut plain, message)?;
    behind(&mut plain)?;
    if plain.len() > INFLATED_BYTES_MAX {
        return Ok(None);
    }
    if plain.len() <= PLAIN_BYTES_MAX {
        return Ok(Some(plain));
    }
    static PREPARED: OnceLock<EncoderDictionary<'static>> = OnceLock::new();
    let dictionary = PREPARED.get_or_init(|| EncoderDictionary::copy(DICTIONARY_2, LEVEL));
    let mut compressor = zstd::bulk::Compressor::with_prepared_dictionary(dictionary)?;
    compressor.include_contentsize(false)?;
    compressor.include_dictid(false)?;
    let packed = compressor.compress(&plain[1..])?;
    if packed.len() >= plain.len() {
        return Ok(Some(plain));
    }
    let mut bytes = Vec::with_capacity(packed.len() + 1);
    bytes.push(FORM_2_PACKED);
    bytes.extend(packed);
    Ok(Some(bytes))
}

/// A message of form 2 and the lines behind it, or `None` for one of form 1.
fn unpack_2(bytes: &[u8]) -> Result<Option<(serde_json::Value, Vec<u8>)>, DecodeError> {
    let mut json = match bytes.split_first() {
        _ if bytes.len() > BODY_BYTES_MAX => return Err(DecodeError::TooLarge),
        Some((&FORM_2_PACKED, packed)) => inflate(packed, DICTIONARY_2)?,
        Some((&FORM_2_PLAIN, plain)) => plain.to_vec(),
        _ => return Ok(None),
    };
    // Within the message a line's end is written otherwise.
    let end = json.iter().position(|byte| *byte == b'\n').unwrap_or(json.len());
    let behind = json.split_off(end);
    let message = serde_json::from_slice(&json).map_err(|error| DecodeError::Malformed(error.into()))?;
    Ok(Some((message, behind)))
}

fn bad(bad: Bad) -> DecodeError {
    DecodeError::Malformed(std::io::Error::new(std::io::ErrorKind::InvalidData, bad))
}

/// Packs a request in the form its protocol speaks. `None` when it is larger than the other side accepts, packed or not.
///
/// # Errors
/// Only when zstd cannot allocate.
pub fn encode_request(request: &ExchangeRequest) -> std::io::Result<Option<Vec<u8>>> {
    let packed = if request.protocol < PROTOCOL_OWN_MIN {
        Some(encode(request)?)
    } else {
        pack_2(&form2::write_request(request), |_| Ok(()))?
    };
    Ok(packed.filter(|packed| packed.len() <= BODY_BYTES_MAX))
}

/// Unpacks a request of either form, and what an answer has to know of it.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_request(bytes: &[u8]) -> Result<(ExchangeRequest, Question), DecodeError> {
    let message = unpack_2(bytes)?;
    let in_form_2 = message.is_some();
    let request = match message {
        Some((message, _)) => form2::read_request(message).map_err(bad)?,
        None => decode(bytes)?,
    };
    let mut question = Question::of(&request);
    question.in_form_2 = in_form_2;
    Ok((request, question))
}

/// Packs an answer in the form of the question. `None` when it is larger than the other side accepts, packed or not.
///
/// # Errors
/// Only when zstd cannot allocate.
pub fn encode_reply(reply: &ExchangeReply, question: &Question) -> std::io::Result<Option<Vec<u8>>> {
    let packed = if !question.in_form_2 {
        let json = serde_json::to_vec(reply)?;
        if json.len() > INFLATED_BYTES_MAX {
            return Ok(None);
        }
        zstd::bulk::Compressor::with_dictionary(LEVEL, DICTIONARY)?.compress(&json)?
    } else {
        match pack_2(&form2::write_reply(reply, question), |into| form2::write_behind(reply, into))? {
            Some(packed) => packed,
            None => return Ok(None),
        }
    };
    Ok((packed.len() <= BODY_BYTES_MAX).then_some(packed))
}

/// Unpacks an answer of either form.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_reply(bytes: &[u8], question: &Question) -> Result<ExchangeReply, DecodeError> {
    match unpack_2(bytes)? {
        Some((message, behind)) => form2::read_reply(message, &behind, question).map_err(bad),
        None => {
            let reply: ExchangeReply = decode(bytes)?;
            Ok(ExchangeReply { partial: reply.scopes.is_empty(), ..reply })
        }
    }
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
