//! Damage on purpose: what a bug, a bad disk or somebody with the file in hand leaves behind, so that tests and drills can see
//! that it is found. Behind the feature `drill`, which no program has.

use std::path::Path;

use domain::RecordId;
use domain::place::Scope;
use rusqlite::{Connection, named_params, params};

use crate::StoreError;

/// What is done to a device's file.
#[derive(Clone, Debug)]
pub enum DeviceDamage {
    /// In what the server said of a record, one text becomes another.
    Said(RecordId, &'static str, &'static str),
    /// What the server said of a record cannot be read.
    Unreadable(RecordId),
    /// A record is gone, with its place in every scope.
    Lost(RecordId),
    /// A record stands in a scope that does not have it.
    Extra(Scope, RecordId),
    /// The kept hash of a record is another one's.
    Hash(RecordId),
    /// The kept sum of a scope is wrong: without this, an exchange notices nothing.
    Sum(Scope),
    /// The table of references forgot what a record names.
    References(RecordId),
    /// A change of the outbox is another one than its envelope says.
    Outbox,
    /// A record forgot that its changes wait.
    Waiting,
    /// Every list is gone, as an older version leaves it: they are made again when the file is opened.
    Lists,
}

/// What is done to a server's file.
#[derive(Clone, Debug)]
pub enum ServerDamage {
    /// In a record, one text becomes another.
    Value(RecordId, &'static str, &'static str),
    /// A record cannot be read.
    Unreadable(RecordId),
    /// The kept sum of a scope is wrong.
    Sum(Scope),
    /// The kept count of a scope is wrong.
    Count(Scope),
    /// A record is in its scope no more.
    MemberLost(Scope, RecordId),
    /// A record is in a scope where it does not belong.
    MemberExtra(Scope, RecordId),
    /// A version was taken out.
    Version(Scope, u64),
    /// A version has no tag.
    Tag(Scope, u64),
    /// A line of the audit says something else.
    Audit(i64),
    /// A change was taken out of a device's outbox.
    Position(u32, u64),
    /// A change cannot be read.
    Change(u32, u64),
    /// What lists show of a record is another one's.
    Listing(RecordId),
    /// The table of references forgot what a record names.
    References(RecordId),
    /// A record that others name is gone.
    Lost(RecordId),
    /// A device belongs to nobody.
    Account(u32),
}

/// Damages a device's file, in use or not.
///
/// # Errors
/// As SQLite says.
pub fn device(path: &Path, damage: &DeviceDamage) -> Result<(), StoreError> {
    let connection = open(path)?;
    let id = |id: &RecordId| id.0.as_bytes().to_vec();
    match damage {
        DeviceDamage::Said(record, from, to) => connection.execute(
            "UPDATE record SET said = replace(said, :from, :to) WHERE id = :id",
            named_params! { ":id": id(record), ":from": from, ":to": to },
        )?,
        DeviceDamage::Unreadable(record) => connection.execute("UPDATE record SET said = '{half' WHERE id = ?1", [id(record)])?,
        DeviceDamage::Lost(record) => {
            connection.execute("DELETE FROM record_also WHERE record = (SELECT no FROM record WHERE id = ?1)", [id(record)])?;
            connection.execute("DELETE FROM record_ref WHERE record = (SELECT no FROM record WHERE id = ?1)", [id(record)])?;
            connection.execute(
                "UPDATE record SET kind = 0, scope = NULL, hash = NULL, said_origins = x'', said = NULL WHERE id = ?1",
                [id(record)],
            )?
        }
        DeviceDamage::Extra(scope, record) => connection.execute(
            "INSERT INTO record_also (record, scope, hash)
             SELECT record.no, scope.no, zeroblob(16) FROM record, scope WHERE record.id = ?2 AND scope.scope = ?1",
            params![scope.to_string(), id(record)],
        )?,
        DeviceDamage::Hash(record) => connection.execute("UPDATE record SET hash = zeroblob(16) WHERE id = ?1", [id(record)])?,
        DeviceDamage::Sum(scope) => connection
            .execute("UPDATE scope SET sum = '00000000000000000000000000000001' WHERE scope = ?1", [scope.to_string()])?,
        DeviceDamage::References(record) => {
            connection.execute("DELETE FROM record_ref WHERE record = (SELECT no FROM record WHERE id = ?1)", [id(record)])?
        }
        DeviceDamage::Outbox => connection.execute("UPDATE change SET record = 'x' || record WHERE state = 'waiting'", [])?,
        DeviceDamage::Lists => {
            connection.execute_batch(
                "DELETE FROM unit_row; DELETE FROM round_row; DELETE FROM person_row; DELETE FROM report_row;
                 DELETE FROM document_row; DELETE FROM todo; DELETE FROM term; DELETE FROM term_of;",
            )?;
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('derive_from', '0')", [])?
        }
        DeviceDamage::Waiting => connection.execute("UPDATE record SET waiting = 0 WHERE waiting > 0", [])?,
    };
    Ok(())
}

/// Damages a server's file, in use or not.
///
/// # Errors
/// As SQLite says.
pub fn server(path: &Path, damage: &ServerDamage) -> Result<(), StoreError> {
    let connection = open(path)?;
    let id = |id: &RecordId| id.as_bytes().to_vec();
    match damage {
        ServerDamage::Value(record, from, to) => connection.execute(
            "UPDATE record SET groups = replace(groups, :from, :to) WHERE id = :id",
            named_params! { ":id": id(record), ":from": from, ":to": to },
        )?,
        ServerDamage::Unreadable(record) => {
            connection.execute("UPDATE record SET groups = '{half' WHERE id = ?1", [id(record)])?
        }
        ServerDamage::Sum(scope) => {
            connection.execute("UPDATE scope SET sum = '00000000000000000000000000000001' WHERE id = ?1", [scope.to_string()])?
        }
        ServerDamage::Count(scope) => {
            connection.execute("UPDATE scope SET count = count + 1 WHERE id = ?1", [scope.to_string()])?
        }
        ServerDamage::MemberLost(scope, record) => connection
            .execute("DELETE FROM record_scope WHERE scope = ?1 AND record = ?2", params![scope.to_string(), id(record)])?,
        ServerDamage::MemberExtra(scope, record) => connection.execute(
            "INSERT INTO record_scope (scope, record, version, hash, gone, left_unix_ms) VALUES (?1, ?2, 1, zeroblob(16), 0, 0)",
            params![scope.to_string(), id(record)],
        )?,
        ServerDamage::Version(scope, version) => connection.execute(
            "DELETE FROM scope_version WHERE scope = ?1 AND version = ?2",
            params![scope.to_string(), i64::try_from(*version).unwrap_or(i64::MAX)],
        )?,
        ServerDamage::Tag(scope, version) => connection.execute(
            "UPDATE scope_version SET tag = '' WHERE scope = ?1 AND version = ?2",
            params![scope.to_string(), i64::try_from(*version).unwrap_or(i64::MAX)],
        )?,
        ServerDamage::Audit(number) => {
            connection.execute("UPDATE audit SET detail = detail || 'x' WHERE number = ?1", [number])?
        }
        ServerDamage::Position(device, seq) => connection.execute(
            "DELETE FROM change WHERE device = ?1 AND seq = ?2",
            params![device, i64::try_from(*seq).unwrap_or(i64::MAX)],
        )?,
        ServerDamage::Change(device, seq) => connection.execute(
            "UPDATE change SET groups = '{half' WHERE device = ?1 AND seq = ?2",
            params![device, i64::try_from(*seq).unwrap_or(i64::MAX)],
        )?,
        ServerDamage::Listing(record) => {
            connection.execute("UPDATE record SET title = title || 'x' WHERE id = ?1", [id(record)])?
        }
        ServerDamage::References(record) => connection.execute("DELETE FROM record_ref WHERE record = ?1", [id(record)])?,
        ServerDamage::Lost(record) => {
            connection.execute("DELETE FROM record_scope WHERE record = ?1", [id(record)])?;
            connection.execute("DELETE FROM record_ref WHERE record = ?1", [id(record)])?;
            connection.execute("DELETE FROM record WHERE id = ?1", [id(record)])?
        }
        ServerDamage::Account(device) => {
            connection.execute("UPDATE device SET account = 'x' || account WHERE number = ?1", [device])?
        }
    };
    Ok(())
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(connection)
}
