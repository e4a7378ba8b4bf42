//! Names and their numbers inside the file: records, scopes, and the words for kinds. Nobody outside this crate sees a number.

use domain::RecordId;
use domain::place::Scope;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, ToSql, named_params};
use uuid::Uuid;

use super::{View, Writing};
use crate::open::StoreError;

/// A record's number inside the file.
pub(crate) type No = i64;

/// The kind of a record that is only named by others.
pub(crate) const NOT_HERE: i64 = 0;

/// An id as its 16 bytes.
pub(crate) struct Bytes(pub(crate) RecordId);

impl ToSql for Bytes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.0.as_bytes())))
    }
}

/// A column that holds an id as 16 bytes.
pub(crate) fn id(row: &Row<'_>, column: &str) -> rusqlite::Result<RecordId> {
    Ok(RecordId(Uuid::from_bytes(row.get(column)?)))
}

impl View<'_> {
    /// A record's number, also of one that is only named by others.
    pub(crate) fn no(&self, id: RecordId) -> Result<Option<No>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT no FROM record WHERE id = :id")?
            .query_row(named_params! { ":id": Bytes(id) }, |row| row.get(0))
            .optional()?)
    }

    /// A word's number.
    pub(crate) fn word(&self, text: &str) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT no FROM word WHERE text = :text")?
            .query_row(named_params! { ":text": text }, |row| row.get(0))
            .optional()?)
    }

    /// A scope's number.
    pub(crate) fn scope_no(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT no FROM scope WHERE scope = :scope")?
            .query_row(named_params! { ":scope": scope.to_string() }, |row| row.get(0))
            .optional()?)
    }

    /// The scope with a number.
    pub(crate) fn scope_named(&self, no: i64) -> Result<Option<Scope>, StoreError> {
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT scope FROM scope WHERE no = :no")?
            .query_row(named_params! { ":no": no }, |row| row.get(0))
            .optional()?;
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

impl Writing<'_> {
    /// A record's number; one that is not here gets a row that says no more than its id.
    pub(crate) fn no_or_new(&self, id: RecordId) -> Result<No, StoreError> {
        if let Some(no) = self.no(id)? {
            return Ok(no);
        }
        self.connection
            .prepare_cached("INSERT INTO record (id, kind) VALUES (:id, :kind)")?
            .execute(named_params! { ":id": Bytes(id), ":kind": NOT_HERE })?;
        Ok(self.connection.last_insert_rowid())
    }

    /// A word's number, given to it now if it has none.
    pub(crate) fn word_or_new(&self, text: &str) -> Result<i64, StoreError> {
        if let Some(no) = self.word(text)? {
            return Ok(no);
        }
        self.connection.prepare_cached("INSERT INTO word (text) VALUES (:text)")?.execute(named_params! { ":text": text })?;
        Ok(self.connection.last_insert_rowid())
    }
}
