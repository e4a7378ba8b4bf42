//! Looking: nothing here writes.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::{Digest, record_hash};
use domain::place::{Scope, scopes_of};
use domain::{Record, RecordId, TxnId, kind};
use store::StoreError;
use store::server::{ChangeLine, Listing, RecordLine, ScopeLine, View};
use sync_protocol::Verdict;

use super::{Report, Trouble};
use crate::photos::Folder;
use crate::register::{LISTED, listing_of};

/// Looks through everything a snapshot holds. `seen` is told how many rows were looked at and how many there are.
///
/// # Errors
/// As SQLite says, where it cannot go on reading.
pub fn look(view: &View<'_>, mut seen: impl FnMut(u64, u64)) -> Result<Report, StoreError> {
    let mut report = Report { was_restored: view.audit_count("server.restore")? > 0, ..Report::default() };
    for line in view.integrity()? {
        report.add(Trouble::File, line);
    }
    let (records, changes) = view.to_look_through()?;
    let (mut at, all) = (0, records + changes);
    let references = view.references()?;
    let mut counted: BTreeMap<Scope, Digest> = BTreeMap::new();
    view.each_record(|line| {
        at += 1;
        seen(at, all);
        record(view, line, &references, &mut counted, &mut report)
    })?;
    scopes(view, &counted, &mut report)?;
    let mut saves = Saves::default();
    view.each_change(|line| {
        at += 1;
        seen(at, all);
        saves.look(&line, &mut report);
        Ok::<_, StoreError>(())
    })?;
    if let Some(number) = view.audit_broken_at()? {
        report.add(Trouble::Audit, format!("line {number}"));
    }
    for (column, count) in view.foreign_ids()? {
        report.add_many(Trouble::Foreign, column, count);
    }
    Ok(report)
}

/// Takes the hash of every photo that should be in the folder again.
///
/// # Errors
/// As SQLite says; a file that cannot be read is a finding.
pub fn look_at_photos(view: &View<'_>, folder: &Folder, report: &mut Report) -> Result<(), StoreError> {
    for row in view.blobs()? {
        if folder.holds(row.hash).unwrap_or(false) {
            report.photos += 1;
        } else {
            report.add(Trouble::Photo, row.hash);
        }
    }
    Ok(())
}

fn record(
    view: &View<'_>,
    line: RecordLine,
    references: &BTreeSet<(RecordId, RecordId)>,
    counted: &mut BTreeMap<Scope, Digest>,
    report: &mut Report,
) -> Result<(), StoreError> {
    report.records += 1;
    let Some(record) = line.record else {
        report.add(Trouble::Record, line.id);
        return Ok(());
    };
    places(view, &record, counted, report)?;
    if !is_listed_right(view, &record, &line.listing)? {
        report.add(Trouble::Listing, record.id);
    }
    if !refers(&record, references) {
        report.add(Trouble::References, record.id);
    }
    Ok(())
}

/// Whether lists show what follows from the record. Where that lies in a record that cannot be read, nothing can be said.
pub(super) fn is_listed_right(view: &View<'_>, record: &Record, listing: &Listing) -> Result<bool, StoreError> {
    if record.dead.is_some() || !LISTED.contains(&record.kind.as_str()) {
        return Ok(true);
    }
    match listing_of(record, view) {
        Err(StoreError::Unreadable(_)) => Ok(true),
        right => Ok(right? == *listing),
    }
}

/// Whether the table says what the record says.
pub(super) fn refers(record: &Record, references: &BTreeSet<(RecordId, RecordId)>) -> bool {
    let from = (record.id, RecordId::from_bytes([0; 16]));
    let to = (record.id, RecordId::from_bytes([0xff; 16]));
    let stored: BTreeSet<RecordId> = references.range(from..=to).map(|(_, whom)| *whom).collect();
    stored == kind::references(record).into_iter().collect()
}

/// The scopes a record is in: those that follow from its place, each under the hash of what that scope receives.
fn places(
    view: &View<'_>,
    record: &Record,
    counted: &mut BTreeMap<Scope, Digest>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let belongs: BTreeSet<Scope> = scopes_of(record).into_iter().collect();
    let mut is_in = BTreeSet::new();
    for (scope, member) in view.memberships(record.id)? {
        if let Some(hash) = member.hash {
            counted.entry(scope.clone()).or_default().add(hash);
        }
        if member.gone {
            continue;
        }
        let hash = record.dead.is_none().then(|| record_hash(record, scope.kind()));
        if belongs.contains(&scope) && hash != member.hash {
            report.add(Trouble::Hash, format!("{} in {scope}", record.id));
        }
        is_in.insert(scope);
    }
    for scope in belongs.symmetric_difference(&is_in) {
        report.add(Trouble::Place, format!("{} in {scope}", record.id));
    }
    Ok(())
}

fn scopes(view: &View<'_>, counted: &BTreeMap<Scope, Digest>, report: &mut Report) -> Result<(), StoreError> {
    for line in view.each_scope()? {
        report.scopes += 1;
        let ScopeLine { id, kept, tags, tags_from_to: (first, last), tags_empty, beyond } = line;
        let digest = id.parse::<Scope>().ok().and_then(|scope| counted.get(&scope).copied()).unwrap_or_default();
        if digest != kept.digest {
            report.add(Trouble::Sum, &id);
        }
        let whole = if kept.head == 0 { tags == 0 } else { first == 1 && last == kept.head && tags == kept.head };
        if !whole || beyond > 0 {
            report.add(Trouble::Version, &id);
        }
        if tags_empty > 0 {
            report.add_many(Trouble::Tag, &id, tags_empty);
        }
    }
    Ok(())
}

/// The outboxes, as they arrived.
#[derive(Default)]
struct Saves {
    device: Option<u32>,
    expected: u64,
    save: Option<(TxnId, bool)>,
}

impl Saves {
    fn look(&mut self, line: &ChangeLine, report: &mut Report) {
        report.changes += 1;
        if self.device != Some(line.device) {
            (self.device, self.expected, self.save) = (Some(line.device), 1, None);
        }
        // A restored server was told again what a device still kept: then there are holes, and each is known to it.
        if line.seq != self.expected && !report.was_restored {
            report.add(Trouble::Position, format!("device {} before {}", line.device, line.seq));
        }
        self.expected = line.seq + 1;
        let Some(stored) = &line.stored else {
            report.add(Trouble::Change, format!("device {} at {}", line.device, line.seq));
            self.save = None;
            return;
        };
        if serde_json::from_str::<Verdict>(&stored.verdict).is_err() {
            report.add(Trouble::Change, format!("device {} at {}", line.device, line.seq));
        }
        // Whole or not at all: neighbours of one save have one fate.
        if let Some((txn, refused)) = self.save
            && txn == stored.change.txn
            && refused != stored.refused
        {
            report.add(Trouble::Save, txn);
        }
        self.save = Some((stored.change.txn, stored.refused));
    }
}
