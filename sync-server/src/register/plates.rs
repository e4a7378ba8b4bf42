//! Plates: the server gives every home one, and another for one that is lost.

use std::sync::Arc;

use domain::plate::{PLATE, Plate, PlateToken};
use domain::{Record, RecordId, day, kind, record};
use store::StoreError;
use store::server::{View, Write};
use sync_protocol::PushedChange;

use super::save::Save;
use super::{Ledger, Stop, document_key};
use crate::clock::Dice;

/// Set once every home of an older file has a plate.
const GIVEN: &str = "plates_given";
/// Homes read at a time while plates are given.
const PAGE: u32 = 500;

impl Save<'_> {
    /// A plate for each new home, and the next one for each whose plate somebody wants replaced.
    pub(super) fn give_plates(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        for pushed in save.iter().filter(|pushed| pushed.change.kind == kind::UNIT) {
            if let Some(home) = self.ledger.look_at(pushed.change.record)? {
                give(&mut self.ledger, home)?;
            }
        }
        Ok(())
    }
}

/// Gives a home the plate it is to have now, if it is to have another.
fn give(ledger: &mut Ledger<'_>, home: Arc<Record>) -> Result<(), StoreError> {
    let Some(no) = Plate::due(&home).filter(|_| home.kind == kind::UNIT) else { return Ok(()) };
    let Some(token) = token(ledger.write, home.id, no)? else { return Ok(()) };
    let on = day::day_of(ledger.now_unix_ms).to_string();
    let plate = Plate::after(Plate::of(&home), token, on);
    ledger.write.put_plate(&token.to_string(), home.id, no)?;
    ledger.put_group(&mut Arc::unwrap_or_clone(home), PLATE, record::to_fields(&plate))?;
    Ok(())
}

/// What stands on a home's plate: nobody can guess it, or tell from it which home it is. A server that came back from a backup
/// gives the same one again, so that nobody has to change what is screwed to a door.
fn token(view: &View<'_>, home: RecordId, no: i64) -> Result<Option<PlateToken>, StoreError> {
    let bytes = document_key::keyed(view, &format!("plate|{home}|{no}"))?;
    Ok(bytes.map(|bytes| {
        let mut token = [0; 16];
        token.copy_from_slice(&bytes[..16]);
        PlateToken::from_bytes(token)
    }))
}

/// Gives a plate to every home an older version wrote. Once for a file, and safe to repeat.
///
/// # Errors
/// As the store says.
pub fn give_all(write: &Write<'_>, now_unix_ms: i64, dice: &dyn Dice) -> Result<(), StoreError> {
    if write.meta(GIVEN)?.is_some_and(|given| given == "1") {
        return Ok(());
    }
    let mut after = RecordId(uuid::Uuid::nil());
    loop {
        let page = write.records_after(kind::UNIT, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let mut ledger = Ledger::new(write, now_unix_ms, dice);
        for home in page {
            give(&mut ledger, Arc::new(home))?;
        }
        ledger.publish()?;
    }
    write.set_meta(GIVEN, "1")
}
