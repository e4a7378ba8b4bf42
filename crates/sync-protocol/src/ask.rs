//! Small questions beside the exchange: rare, asked only when something is to be found out or put right. What every sync needs
//! is in the exchange itself. Packed like an exchange, or in plain JSON.

use domain::place::Scope;
use domain::{Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::history::{AskHistory, Entry};
use crate::lookup::{Elsewhere, Lookup};
use crate::renew::{Offer, Renew, Renewed};

/// Buckets of a scope: one for each value of the last byte of a record's id.
pub const BUCKETS: usize = domain::digest::BUCKETS;

/// Hashes in one answer; with more, fewer buckets are to be asked for.
pub const HASHES_MAX: usize = 10_000;

/// A question of an enrolled device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask")]
pub enum Ask {
    /// What the records of a scope add up to, bucket by bucket.
    Buckets {
        /// Which scope.
        scope: Scope,
    },
    /// The records of some buckets, with the hash of each.
    Hashes {
        /// Which scope.
        scope: Scope,
        /// Which buckets, 0 to 255.
        buckets: Vec<u8>,
    },
    /// Some records of a scope, whole, as it receives them.
    Records {
        /// Which scope.
        scope: Scope,
        /// Which records, at most [`crate::RECORDS_MAX`].
        ids: Vec<RecordId>,
        /// What the comparison found, once it is known: the server writes it down, since a difference is a mistake of ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<Found>,
    },
    /// A new number and a new secret for this installation, on the strength of the old ones.
    Renew(Renew),
    /// Where in the county somebody with this document is registered. Closed to landlords.
    Lookup(Lookup),
    /// Which history this is, and whether its grants may be believed.
    Standing,
    /// Values a restored server may lack; at most [`crate::OFFERS_MAX`].
    Rescue {
        /// Record by record.
        offers: Vec<Offer>,
        /// What cannot be taken is held for the station; otherwise it is offered again later, when more is there.
        hold: bool,
    },
    /// What was done to some records: by whom, when, from which device, and what it replaced. Only of records the asker may see now.
    History(AskHistory),
    /// The county's key, to which saves are sealed; and the hash of a word of this device's own with which it may hand in what is
    /// sealed, and do nothing else.
    Sealing {
        /// Hash of the word, as hexadecimal.
        hand_in: String,
    },
}

/// What a comparison of a scope's buckets found, in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The server has them, the device had not.
    pub missing: u64,
    /// They said something else.
    pub different: u64,
    /// The device had them, the server has not.
    pub superfluous: u64,
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "told")]
pub enum Told {
    /// The sums as they were at this cursor.
    Buckets {
        /// Where the scope stood: sums are compared at the same place only.
        cursor: String,
        /// [`BUCKETS`] sums of 32 hexadecimal digits.
        sums: Vec<String>,
    },
    /// Living records with their hashes.
    Hashes {
        /// Where the scope stood.
        cursor: String,
        /// Record, and its hash as 32 hexadecimal digits.
        hashes: Vec<(RecordId, String)>,
    },
    /// Those of the asked records that live in the scope.
    Records {
        /// Where the scope stood.
        cursor: String,
        /// Whole records.
        records: Vec<Record>,
        /// Asked for and not looked at, because the answer is long enough: ask again for these.
        rest: Vec<RecordId>,
    },
    /// Who the device is from now on.
    Renewed(Renewed),
    /// The villages where the document stands in a registration.
    Elsewhere {
        /// Nobody is registered with it when this is empty.
        found: Vec<Elsewhere>,
    },
    /// How the server stands.
    Standing {
        /// Which history.
        epoch: String,
        /// An administrator has confirmed the grants since the restore, or there was none.
        confirmed: bool,
    },
    /// What became of the offers.
    Rescued {
        /// Records with values that went into the register.
        taken: u64,
        /// Records with values that wait for the station.
        held: u64,
    },
    /// What was done, the newest first.
    History {
        /// The changes.
        entries: Vec<Entry>,
        /// There are older ones.
        more: bool,
    },
    /// To whom saves are sealed.
    Sealing {
        /// The county's public key, as hexadecimal.
        key: String,
    },
}
