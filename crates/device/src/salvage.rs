//! The file was damaged and set aside: what nobody had answered is lifted out of it and sent by this device under its own number.
//!
//! The changes stay what they are, with their ids and origins, so that whatever was answered after all is answered once more and
//! done once. Only the envelope is new.

use std::collections::BTreeSet;

use domain::{AccountId, RecordId};
use serde::{Deserialize, Serialize};
use store::device::{Durability, Salvaged, View, Writing};
use ui_protocol::session::Lifted as Shown;

use crate::error::Failure;
use crate::identity::Identity;
use crate::{Device, derive, lock, save};

/// What is remembered of files that were set aside.
const LIFTED: &str = "lifted";
/// How long it is said on the screen.
const SAID_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Which files were looked at, and what was in them.
#[derive(Default, Serialize, Deserialize)]
struct Lifted {
    files: Vec<String>,
    changes: u64,
    /// `None`: it could not be told.
    unread: Option<u64>,
    at_unix_ms: i64,
}

impl Device {
    /// Lifts what was not answered out of files that were set aside, once for each. `owner` is whose they are where the files
    /// themselves cannot say it. What does not work is tried again at the next start: the files stay.
    pub(crate) fn lift(&self, owner: Option<AccountId>) {
        let Ok(Some(identity)) = self.store.read(|view| self.identity(view)) else { return };
        for file in self.store.set_aside().unwrap_or_default() {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let known = self.store.read(|view| Ok::<_, Failure>(remembered(view)?.files.contains(&name)));
            if known.unwrap_or(true) {
                continue;
            }
            // Read before the transaction: a large file takes seconds, and a save does not wait for it.
            let Ok(found) = self.store.salvage(&file) else { continue };
            let _ = self.take_lifted(&identity, name, found, owner);
        }
    }

    fn take_lifted(&self, identity: &Identity, file: String, found: Salvaged, owner: Option<AccountId>) -> Result<(), Failure> {
        let named = found.identity.as_deref().and_then(|text| serde_json::from_str::<Identity>(text).ok());
        let whose = named.map(|named| named.account.id).or(owner);
        // One file belongs to one account: nobody sends, or sees, what another person typed.
        let ours = whose == Some(identity.account.id);
        let stamp = found.changes.iter().map(|change| change.origin.stamp).max().filter(|_| ours);
        let law = self.store.read(|view| self.law(view))?;
        let now = self.now();
        self.store.write(Durability::Full, |writing| {
            let mut lifted = remembered(writing)?;
            let first = lifted.files.is_empty();
            lifted.files.push(file);
            if ours {
                let taken = put_back(writing, &found)?;
                lifted.changes += taken.len() as u64;
                lifted.unread = if first { found.unread } else { lifted.unread.zip(found.unread).map(|(one, two)| one + two) };
                lifted.at_unix_ms = now;
                let touched: BTreeSet<RecordId> = taken.into_iter().collect();
                let touched: Vec<RecordId> = touched.into_iter().collect();
                derive::places(writing, &touched)?;
                let mut refreshed = derive::refresh(writing, &touched, &law, identity.account.role)?;
                refreshed.extend(touched);
                self.remember_refreshed(refreshed);
            }
            if let Some(stamp) = stamp.filter(|stamp| Some(*stamp) > *lock(&self.stamp_last)) {
                writing.set_meta("stamp_last", &stamp.to_string())?;
            }
            Ok::<_, Failure>(writing.set_meta(LIFTED, &serde_json::to_string(&lifted)?)?)
        })?;
        let mut last = lock(&self.stamp_last);
        *last = (*last).max(stamp);
        Ok(())
    }

    /// What was lifted, while it is worth a sentence.
    pub(crate) fn lifted_shown(&self, view: &View<'_>) -> Result<Option<Shown>, Failure> {
        let Lifted { changes, unread, at_unix_ms, .. } = remembered(view)?;
        let said = (self.now() - at_unix_ms).abs() <= SAID_MS && (changes > 0 || unread != Some(0));
        Ok(said.then_some(Shown { changes, unread, at_unix_ms }))
    }
}

fn remembered(view: &View<'_>) -> Result<Lifted, Failure> {
    Ok(view.meta(LIFTED)?.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
}

/// Into the outbox, in the order they were made, and over what is shown. Answers the record of each.
fn put_back(writing: &Writing<'_>, found: &Salvaged) -> Result<Vec<RecordId>, Failure> {
    let mut records = Vec::with_capacity(found.changes.len());
    for change in &found.changes {
        // A second damaged file may hold what was lifted out of the first.
        if writing.knows_change(change.id)? {
            continue;
        }
        writing.push_change(change, change.origin.stamp.unix_ms())?;
        let said = writing.held(change.record)?.and_then(|held| held.said);
        let overlay = save::lay_waiting_over(writing, change.record, &change.kind, said)?;
        writing.put(&overlay)?;
        records.push(change.record);
    }
    Ok(records)
}
