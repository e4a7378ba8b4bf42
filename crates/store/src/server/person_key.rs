//! Who has which document number, without the number.

use domain::{Record, RecordId};
use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

impl View<'_> {
    /// The people with a key, dead or alive, the one accepted first before the others.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_with_key(&self, key: &str) -> Result<Vec<RecordId>, StoreError> {
        let mut statement =
            self.beside().prepare_cached("SELECT person FROM person_key WHERE key = ?1 AND key <> '' ORDER BY number")?;
        let found = statement.query_map([key], |row| rows::bytes16(row, "person"))?.collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().map(RecordId::from_bytes).collect())
    }

    /// The people of every key that more than one has, dead or alive, the one accepted first before the others.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_by_shared_key(&self) -> Result<Vec<Vec<RecordId>>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT key, person FROM person_key
             WHERE key IN (SELECT key FROM person_key WHERE key <> '' GROUP BY key HAVING count(*) > 1)
             ORDER BY key, number",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>("key")?, rows::bytes16(row, "person")?));
        let found = statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
        Ok(found
            .chunk_by(|(one, _), (next, _)| one == next)
            .map(|people| people.iter().map(|(_, person)| RecordId::from_bytes(*person)).collect())
            .collect())
    }

    /// Where a person stands in the order in which keys were accepted.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn key_number(&self, person: RecordId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT number FROM person_key WHERE person = ?1")?;
        Ok(statement.query_row([person.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// Records of a kind after an id, dead ones too: for going through all of them, a page at a time.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn records_after(&self, kind: &str, after: RecordId, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.records(
            "SELECT id, kind, groups, dead FROM record WHERE id > ?2 AND kind = ?1 ORDER BY id LIMIT ?3",
            params![kind, after.as_bytes(), limit],
        )
    }
}

impl Write<'_> {
    /// Sets a person's key; none when the number cannot be compared. Who was accepted keeps the place in the order.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_person_key(&self, person: RecordId, key: Option<&str>) -> Result<(), StoreError> {
        let Some(key) = key else {
            let mut statement = self.beside().prepare_cached("UPDATE person_key SET key = '' WHERE person = ?1")?;
            statement.execute([person.as_bytes()])?;
            return Ok(());
        };
        let mut statement = self.beside().prepare_cached(
            "INSERT INTO person_key (person, key) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET key = excluded.key",
        )?;
        statement.execute(params![person.as_bytes(), key])?;
        Ok(())
    }
}
