//! Records as they are kept, behind the message: a first load passes them on from file to file, so they are not taken apart here.
//!
//! ```text
//!   the message, one line ─┐  ["person","stay"]                     the kinds
//!                          └─ [0,"01935a…","AgED",{"contact":{…}}]  kind, id, origins, groups: one row for each
//! ```

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::scan::Scan;
use domain::stored::Stored;

use super::Bad;
use crate::exchange::ExchangeReply;

/// Writes them behind the message, in the order of its scopes; nothing when there are none.
pub fn write(reply: &ExchangeReply, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let all = || reply.scopes.iter().flat_map(|scope| &scope.stored);
    if all().next().is_none() {
        return Ok(());
    }
    let (mut names, mut kinds): (Vec<&str>, HashMap<&str, usize>) = Default::default();
    for stored in all() {
        kinds.entry(&stored.kind).or_insert_with(|| {
            names.push(&stored.kind);
            names.len() - 1
        });
    }
    into.push(b'\n');
    serde_json::to_writer(&mut *into, &names)?;
    for stored in all() {
        into.extend_from_slice(b"\n[");
        serde_json::to_writer(&mut *into, &kinds[stored.kind.as_str()])?;
        into.extend_from_slice(b",\"");
        into.extend_from_slice(stored.id.0.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
        into.extend_from_slice(b"\",\"");
        into.extend_from_slice(BASE64.encode(&stored.origins).as_bytes());
        into.extend_from_slice(b"\",");
        into.extend_from_slice(stored.text.as_bytes());
        into.push(b']');
    }
    Ok(())
}

/// Gives the rows behind a message to its scopes. What they say is looked at by whoever keeps it ([`Stored::look`]).
///
/// # Errors
/// [`Bad`], also when there are fewer or more than the message says.
pub fn read(bytes: &[u8], counts: &[usize], reply: &mut ExchangeReply) -> Result<(), Bad> {
    let mut lines = std::str::from_utf8(bytes).map_err(|_| Bad)?.split('\n').skip(1);
    let kinds: Vec<String> = lines.next().map_or(Ok(Vec::new()), serde_json::from_str).map_err(|_| Bad)?;
    for (scope, count) in reply.scopes.iter_mut().zip(counts) {
        for _ in 0..*count {
            scope.stored.push(read_row(lines.next().ok_or(Bad)?, &kinds).ok_or(Bad)?);
        }
    }
    if lines.next().is_none() { Ok(()) } else { Err(Bad) }
}

/// `[kind, id, origins, groups]`; what a later version adds at the end is passed over.
fn read_row(line: &str, kinds: &[String]) -> Option<Stored> {
    let mut scan = Scan::new(line.strip_prefix('[')?.strip_suffix(']')?);
    let kind = kinds.get(scan.value()?.parse::<usize>().ok()?)?.clone();
    let id = scan.passes(',').then(|| scan.plain_text()).flatten()?.parse().ok()?;
    let origins = BASE64.decode(scan.passes(',').then(|| scan.plain_text()).flatten()?).ok()?;
    let text = scan.passes(',').then(|| scan.value()).flatten()?.to_owned();
    Some(Stored { kind, id, origins, text })
}
