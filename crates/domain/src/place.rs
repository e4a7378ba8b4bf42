//! Who may see a record: its place, and the scopes that follow from it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RecordId};
use crate::kind;
use crate::record::{Fields, Record, to_fields};
use crate::same;

/// The four kinds of scope; which groups each receives is [`kind::travels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// A village: its coordinators and its station.
    Area,
    /// What a landlord owns.
    Owner,
    /// What is addressed to one account: its conflicts.
    Account,
    /// What the server says to everybody: areas, holidays, policy, notices.
    County,
}

/// A set of records a device may be granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// 12-digit code of a village.
    Area(String),
    /// The landlord's account.
    Owner(AccountId),
    /// The account.
    Account(AccountId),
    /// Everybody's.
    County,
}

impl Scope {
    /// Its kind.
    pub fn kind(&self) -> ScopeKind {
        match self {
            Scope::Area(_) => ScopeKind::Area,
            Scope::Owner(_) => ScopeKind::Owner,
            Scope::Account(_) => ScopeKind::Account,
            Scope::County => ScopeKind::County,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Area(code) => write!(f, "a:{code}"),
            Scope::Owner(account) => write!(f, "o:{account}"),
            Scope::Account(account) => write!(f, "u:{account}"),
            Scope::County => f.write_str("c"),
        }
    }
}

/// A text that names no scope.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a scope")]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text == "c" {
            return Ok(Scope::County);
        }
        match text.split_once(':').ok_or(ScopeError)? {
            ("a", code) if is_village_code(code) => Ok(Scope::Area(code.to_owned())),
            ("o", id) => id.parse().map(Scope::Owner).map_err(|_| ScopeError),
            ("u", id) => id.parse().map(Scope::Account).map_err(|_| ScopeError),
            _ => Err(ScopeError),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Twelve digits.
pub fn is_village_code(code: &str) -> bool {
    code.len() == 12 && code.bytes().all(|b| b.is_ascii_digit())
}

/// The group `place`: computed here, stored by the server, and by a device only for what it shows before the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The village, 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Today's landlord, by account: on a unit and its rooms, and for ever on a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// The one account it is addressed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

impl Place {
    /// As stored.
    pub fn to_fields(&self) -> Fields {
        to_fields(self)
    }
}

/// What the rules need to look up. The device's store and the server's both answer it.
pub trait Register {
    /// What can go wrong while looking.
    type Error;
    /// A record by id, dead or alive.
    fn record(&self, id: RecordId) -> Result<Option<Record>, Self::Error>;
    /// The living records of `kind` that name `id`.
    fn referrers(&self, id: RecordId, kind: &str) -> Result<Vec<Record>, Self::Error>;
    /// The landlord's account for a home, by the phone in its `landlord` group. A device does not know accounts: `None`.
    fn landlord_account(&self, unit: &Record) -> Result<Option<AccountId>, Self::Error>;
}

/// The stored place of a record.
pub fn stored(record: &Record) -> Place {
    record.typed(kind::PLACE).unwrap_or_default()
}

/// Where a record belongs, from the records it names. `None` for kinds that place themselves (reports, conflicts, county).
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn place_of<R: Register>(record: &Record, register: &R) -> Result<Option<Place>, R::Error> {
    let by_unit = |group: &str| -> Result<Place, R::Error> {
        let unit = match record.reference(group, "unit") {
            Some(unit) => register.record(unit)?,
            None => None,
        };
        Ok(unit.as_ref().map(stored).unwrap_or_default())
    };
    Ok(match record.kind.as_str() {
        kind::UNIT => Some(Place {
            area: record.text("address", "area").map(str::to_owned),
            owner: register.landlord_account(record)?,
            account: None,
        }),
        kind::ROOM => Some(by_unit("where")?),
        kind::SWEEP => Some(Place { area: record.text("what", "area").map(str::to_owned), ..Place::default() }),
        kind::STAY | kind::TENANCY | kind::REFERRAL => Some(Place { area: by_unit("where")?.area, ..Place::default() }),
        kind::VISIT | kind::VISIT_PERSON => Some(Place { area: by_unit("fact")?.area, ..Place::default() }),
        kind::INSPECTION | kind::LETTER => Some(Place { area: by_unit("fact")?.area, ..Place::default() }),
        kind::HAZARD => Some(Place { area: by_unit("what")?.area, ..Place::default() }),
        kind::RECHECK => Some(where_stands(record, "fact", "hazard", register)?),
        // A report belongs to the home's village; its reporter stays its owner for ever.
        kind::REPORT => Some(Place { area: by_unit("said")?.area, owner: stored(record).owner, account: None }),
        kind::ACCESS => Some(where_stands(record, "fact", "record", register)?),
        kind::PHOTO => Some(where_stands(record, "fact", "of", register)?),
        kind::PHOTO_WITHDRAWAL => Some(where_stands(record, "fact", "photo", register)?),
        kind::WITHDRAWAL => Some(where_stands(record, "fact", "of", register)?),
        // A permit goes where its holder goes, and its history with it.
        kind::PERMIT_APPLICATION | kind::PERMIT => Some(where_stands(record, "who", "person", register)?),
        kind::PERMIT_EVENT => Some(where_stands(record, "fact", "permit", register)?),
        kind::PERSON | kind::RESIDENCY => Some(Place { area: home_village(record, register)?, ..Place::default() }),
        _ => None,
    })
}

/// The village of the record that another one names. Only the village: a landlord's home shows him no photo of it.
fn where_stands<R: Register>(record: &Record, group: &str, field: &str, register: &R) -> Result<Place, R::Error> {
    let named = match record.reference(group, field) {
        Some(named) => register.record(named)?,
        None => None,
    };
    Ok(Place { area: named.and_then(|named| stored(&named).area), ..Place::default() })
}

/// The open stay's village, else where it was handed to since, else the last stay's.
fn home_village<R: Register>(record: &Record, register: &R) -> Result<Option<String>, R::Error> {
    // Under whatever name they were registered: all names of a person belong where the person does.
    let root = same::root_of(record, register)?;
    let survivor = if root == record.id { None } else { register.record(root)? };
    let about = survivor.as_ref().unwrap_or(record);
    let mut stays = same::naming(root, &record.kind, kind::STAY, register)?;
    let from = |stay: &Record| stay.text("period", "from").unwrap_or_default().to_owned();
    stays.sort_by_key(|stay| (stay.text("period", "to").is_none(), from(stay), stay.id));
    let last = stays.last();
    let open = last.filter(|stay| stay.text("period", "to").is_none());
    let handed = about
        .text("handed", "area")
        .map(|area| (area, about.text("handed", "on").unwrap_or_default()))
        .filter(|(_, on)| last.is_none_or(|stay| from(stay).as_str() <= *on));
    let village = |stay: &Record| stored(stay).area;
    Ok(match (open, handed, last) {
        (Some(open), _, _) => village(open),
        (None, Some((area, _)), _) => Some(area.to_owned()),
        (None, None, Some(last)) => village(last),
        // Nothing names it yet: it stays where it was.
        (None, None, None) => stored(about).area,
    })
}

/// The records whose place may follow when the place or the dates of `record` change.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn dependents<R: Register>(record: &Record, register: &R) -> Result<Vec<RecordId>, R::Error> {
    let mut found = Vec::new();
    match record.kind.as_str() {
        kind::UNIT => {
            let kinds = [kind::ROOM, kind::STAY, kind::REFERRAL, kind::VISIT, kind::VISIT_PERSON, kind::PHOTO, kind::REPORT];
            let kinds = kinds.into_iter().chain([kind::INSPECTION, kind::HAZARD, kind::LETTER, kind::TENANCY]);
            for dependent in kinds {
                found.extend(register.referrers(record.id, dependent)?.into_iter().map(|record| record.id));
            }
        }
        kind::STAY => {
            if let Some(person) = record.reference("where", "person") {
                found.extend(same::family(person, kind::PERSON, register)?);
            }
            if let Some(residency) = record.reference("where", "residency") {
                found.extend(same::family(residency, kind::RESIDENCY, register)?);
            }
        }
        // Handed over under the name that is meant: the other names go along.
        kind::PERSON | kind::RESIDENCY => {
            found.extend(same::names_of(record.id, &record.kind, register)?.into_iter().filter(|name| *name != record.id));
            for dependent in [kind::PERMIT_APPLICATION, kind::PERMIT] {
                found.extend(register.referrers(record.id, dependent)?.into_iter().map(|record| record.id));
            }
        }
        kind::PERMIT => {
            found.extend(register.referrers(record.id, kind::PERMIT_EVENT)?.into_iter().map(|event| event.id));
        }
        kind::ROOM => {
            found.extend(register.referrers(record.id, kind::PHOTO)?.into_iter().map(|photo| photo.id));
        }
        kind::VISIT => {
            for dependent in [kind::PHOTO, kind::WITHDRAWAL] {
                found.extend(register.referrers(record.id, dependent)?.into_iter().map(|record| record.id));
            }
        }
        kind::INSPECTION | kind::PERMIT_APPLICATION | kind::WITHDRAWAL => {
            found.extend(register.referrers(record.id, kind::WITHDRAWAL)?.into_iter().map(|withdrawal| withdrawal.id));
        }
        kind::HAZARD => {
            for dependent in [kind::PHOTO, kind::RECHECK] {
                found.extend(register.referrers(record.id, dependent)?.into_iter().map(|record| record.id));
            }
        }
        kind::PHOTO => {
            found.extend(register.referrers(record.id, kind::PHOTO_WITHDRAWAL)?.into_iter().map(|withdrawal| withdrawal.id));
        }
        _ => {}
    }
    Ok(found)
}

/// The scopes a record is in, from its stored place. A dead record is in the same ones: its death has to travel.
pub fn scopes_of(record: &Record) -> Vec<Scope> {
    if kind::is_county(&record.kind) {
        return vec![Scope::County];
    }
    let place = stored(record);
    let mut scopes = Vec::new();
    scopes.extend(place.area.filter(|code| is_village_code(code)).map(Scope::Area));
    if matches!(record.kind.as_str(), kind::UNIT | kind::ROOM | kind::REPORT) {
        scopes.extend(place.owner.map(Scope::Owner));
    }
    scopes.extend(place.account.map(Scope::Account));
    scopes
}
