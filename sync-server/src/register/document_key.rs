//! Finding who has a document number without keeping the number anywhere but in the person's record.

use chrono::NaiveDate;
use domain::id_document::DocType;
use domain::person::Identity;
use domain::same::Meeting;
use domain::{Record, RecordId, day, kind, same};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use store::StoreError;
use store::server::{View, Write};

use super::same::seen;
use super::{Ledger, pairs};
use crate::clock::{Dice, random_hex};

/// Where the secret stands. In the file itself: whoever reads that reads the numbers too, and a backup without it would find
/// nobody again. It is never sent, shown or logged.
const SECRET: &str = "person_key_secret";
/// Set once every person of an older file has a key.
const MADE: &str = "person_keys_made";
/// Set once people were asked about those an older file holds twice.
const ASKED: &str = "person_pairs_asked";
/// Persons read at a time while the keys are made.
const PAGE: u32 = 500;

/// The key of a document number: `None` where numbers of its kind cannot be compared, this one is no valid one, or the server
/// has no secret yet and so knows nobody.
///
/// # Errors
/// As the store says.
pub fn key_of(view: &View<'_>, doc_type: DocType, doc_no: &str, today: NaiveDate) -> Result<Option<String>, StoreError> {
    let Some(document) = same::comparable_document(doc_type, doc_no, today) else { return Ok(None) };
    Ok(view.meta(SECRET)?.and_then(|secret| hashed(&secret, &document)))
}

/// The key of a person's document.
///
/// # Errors
/// As the store says.
pub fn key_of_person(view: &View<'_>, person: &Record, now_unix_ms: i64) -> Result<Option<String>, StoreError> {
    match person.typed::<Identity>("identity") {
        // A phone's clock may be a day ahead of the server's: whoever was born today there was accepted as born.
        Some(identity) => key_of(view, identity.doc_type, &identity.doc_no, day::day_of(now_unix_ms.saturating_add(DAY_MS))),
        None => Ok(None),
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// HMAC-SHA256, so that without the secret nobody can try the few numbers a person could have.
fn hashed(secret: &str, document: &str) -> Option<String> {
    Some(mac(secret, document)?.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn mac(secret: &str, text: &str) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().into())
}

/// Bytes that follow from the server's secret and a text that is no document (those begin with their type), and that nobody
/// foretells without the secret. `None` while the server has none.
///
/// # Errors
/// As the store says.
pub fn keyed(view: &View<'_>, text: &str) -> Result<Option<[u8; 32]>, StoreError> {
    Ok(view.meta(SECRET)?.and_then(|secret| mac(&secret, text)))
}

/// Makes the secret of a file that has none, and the keys of the people an older version wrote. Safe to repeat.
///
/// # Errors
/// As the store says.
pub fn prepare(write: &Write<'_>, now_unix_ms: i64, dice: &dyn Dice) -> Result<(), StoreError> {
    if write.meta(SECRET)?.is_none() {
        write.set_meta(SECRET, &random_hex(dice, 32))?;
    }
    if write.meta(MADE)?.is_some_and(|made| made == "1") {
        return Ok(());
    }
    let mut after = RecordId(uuid::Uuid::nil());
    loop {
        let page = write.records_after(kind::PERSON, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for person in &page {
            write.put_person_key(person.id, key_of_person(write, person, now_unix_ms)?.as_deref())?;
        }
    }
    write.set_meta(MADE, "1")
}

/// Makes a question of every pair of people an older version let stand under one number: of those who were made before there were
/// keys nobody was asked. Once for a file, and safe to repeat: a pair is asked about once, whoever finds it.
///
/// # Errors
/// As the store says.
pub fn ask_about_pairs(write: &Write<'_>, now_unix_ms: i64, dice: &dyn Dice) -> Result<(), StoreError> {
    if write.meta(ASKED)?.is_some_and(|asked| asked == "1") {
        return Ok(());
    }
    let mut ledger = Ledger::new(write, now_unix_ms, dice);
    for people in write.people_by_shared_key()? {
        let mut living: Vec<Record> = Vec::new();
        for id in people {
            living.extend(write.record(id)?.filter(|person| person.dead.is_none() && same::points_to(person).is_none()));
        }
        for (index, second) in living.iter().enumerate() {
            for first in &living[..index] {
                if let Meeting::Ask(why) = same::meet(false, &seen(second), &seen(first)) {
                    pairs::tell(&mut ledger, why, first.id, second.id, None)?;
                }
            }
        }
    }
    ledger.publish()?;
    write.set_meta(ASKED, "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_known_function_of_secret_and_number_and_holds_neither() {
        // RFC 4231, test case 2.
        let key = hashed("Jefe", "what do ya want for nothing?").expect("a key");
        assert_eq!(key, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let document = "ID|11010519491231002X";
        let (one, other) = (hashed("secret", document), hashed("other secret", document));
        assert!(one.is_some() && one != other, "another server's keys say nothing here");
    }
}
