//! Records in the file: as `domain::stored` packs them, and how the file of release 0.1 becomes that.

use std::collections::BTreeMap;

use domain::stored::{Stored, pack_origins};
use domain::{GroupValue, Origin, Record, RecordId};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::open::StoreError;

/// The groups of a record. A device knows neither ranks nor other names of a value: those are the server's.
pub(crate) type Groups = BTreeMap<String, GroupValue>;

/// Packs the groups of a record.
pub(crate) fn pack(record: &Record) -> Result<Stored, StoreError> {
    Ok(Stored::of(record)?)
}

/// What migration 2 calls: the groups of release 0.1, an origin in each, become a text and its origins.
pub(crate) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
        rusqlite::Error::UserFunctionError(Box::new(error))
    }
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("pack_groups", 1, flags, |call| {
        let text: Option<String> = call.get(0)?;
        let Some(text) = text else { return Ok(None) };
        let groups: Groups = serde_json::from_str(&text).map_err(wrong)?;
        let record = Record { groups, ..Record::empty("", RecordId(uuid::Uuid::nil())) };
        Ok(Some(pack(&record).map_err(wrong)?.text))
    })?;
    connection.create_scalar_function("pack_origins", 2, flags, |call| {
        let id: String = call.get(0)?;
        let id: RecordId = id.parse().map_err(wrong)?;
        let text: Option<String> = call.get(1)?;
        let Some(text) = text else { return Ok(Vec::new()) };
        let groups: Groups = serde_json::from_str(&text).map_err(wrong)?;
        let origins: Vec<Origin> = groups.values().map(|value| value.origin).collect();
        Ok(pack_origins(id, &origins))
    })
}
