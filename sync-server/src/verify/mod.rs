//! The whole file looked through on one snapshot, while the server runs or not: every hash taken again from its stored row,
//! every sum added up again, every chain followed. What can be told from the stored rows is put right when that is asked for.

mod look;
mod mend;

use std::collections::BTreeMap;
use std::time::Duration;

pub use look::{look, look_at_photos};

/// How many of each kind are named.
const NAMED_MAX: usize = 5;

/// What can be wrong with a server's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// SQLite finds the file damaged.
    File,
    /// A record cannot be read.
    Record,
    /// A record is kept under a hash that is not its own.
    Hash,
    /// The kept sum or count of a scope is not that of its records.
    Sum,
    /// A record is not in a scope where it belongs, or is in one where it does not.
    Place,
    /// A scope's versions have a hole, or a record stands at a version that never was.
    Version,
    /// A version has no tag.
    Tag,
    /// A line of the audit does not follow from the one before.
    Audit,
    /// A place in a device's outbox is missing.
    Position,
    /// A change, or its verdict, cannot be read.
    Change,
    /// A save was kept in part, or part of it was refused.
    Save,
    /// What lists show of a record is not what follows from it.
    Listing,
    /// The table of references says something else than the record.
    References,
    /// Something names what is not there.
    Foreign,
    /// The bytes of a photo are gone from the folder beside the file, or are not what their name says.
    Photo,
}

impl Trouble {
    /// What is the matter, for a person at the console.
    pub fn sentence(self) -> &'static str {
        match self {
            Trouble::File => "SQLite finds the file damaged: restore a backup",
            Trouble::Record => "records cannot be read: restore a backup",
            Trouble::Hash => {
                "records are kept under a hash that is not their own: a value was changed past the server, or a mistake of ours"
            }
            Trouble::Sum => "the kept sum or count of a scope is not that of its records",
            Trouble::Place => "records are missing in a scope where they belong, or stand where they do not",
            Trouble::Version => "a scope's versions have holes, or records stand at a version that never was",
            Trouble::Tag => "versions have no tag: devices that stand there read the scope anew",
            Trouble::Audit => "the audit was altered, or a line was taken out",
            Trouble::Position => "places in a device's outbox are missing",
            Trouble::Change => "changes or their verdicts cannot be read: a repeated push could not be answered",
            Trouble::Save => "a save was kept in part",
            Trouble::Listing => "lists show something else than the records say",
            Trouble::References => "the table of references says something else than the records",
            Trouble::Foreign => "something names what is not there",
            Trouble::Photo => {
                "photos are gone from the folder, or are not what their name says: phones that have them are asked again"
            }
        }
    }

    /// Whether the stored rows tell what is right.
    pub fn can_mend(self) -> bool {
        matches!(self, Trouble::Hash | Trouble::Sum | Trouble::Place | Trouble::Listing | Trouble::References | Trouble::Photo)
    }
}

/// One kind of trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// How often.
    pub count: u64,
    /// The first few, by id.
    pub named: Vec<String>,
}

/// What was looked through, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Records.
    pub records: u64,
    /// Scopes.
    pub scopes: u64,
    /// Changes.
    pub changes: u64,
    /// Photos whose bytes are here.
    pub photos: u64,
    /// What is wrong; empty when nothing is.
    pub troubles: BTreeMap<Trouble, Finding>,
    /// The file came back from a backup once: then devices told again what they kept, and their positions may have holes.
    pub was_restored: bool,
}

impl Report {
    fn add(&mut self, trouble: Trouble, subject: impl ToString) {
        self.add_many(trouble, subject, 1);
    }

    fn add_many(&mut self, trouble: Trouble, subject: impl ToString, count: u64) {
        let finding = self.troubles.entry(trouble).or_default();
        finding.count += count;
        if finding.named.len() < NAMED_MAX {
            finding.named.push(subject.to_string());
        }
    }

    /// Nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.troubles.is_empty()
    }

    /// In plain sentences, one a line.
    pub fn sentences(&self, took: Duration) -> Vec<String> {
        let rows = self.records + self.changes;
        #[expect(clippy::cast_precision_loss, reason = "a speed for people")]
        let speed = rows as f64 / took.as_secs_f64().max(0.001);
        let mut lines = vec![format!(
            "looked through {} records, {} scopes, {} changes and {} photos in {:.1} s ({speed:.0} rows a second)",
            self.records,
            self.scopes,
            self.changes,
            self.photos,
            took.as_secs_f64()
        )];
        for (trouble, Finding { count, named }) in &self.troubles {
            let mend = if trouble.can_mend() { "; `verify --repair` puts it right" } else { "" };
            lines.push(format!("{count} × {}{mend}: {}", trouble.sentence(), named.join(", ")));
        }
        if self.is_good() {
            lines
                .push("nothing is wrong: every hash, sum, version, position and link of the audit is as it should be".to_owned());
        }
        if self.was_restored {
            lines.push("this file came back from a backup once; holes in the outboxes of devices are no trouble then".to_owned());
        }
        lines
    }
}
