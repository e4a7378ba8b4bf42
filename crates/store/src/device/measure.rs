//! What a file is made of, and the same rows written by SQLite alone: for `scripts/bench`, never for people's work.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::DeviceStore;
use crate::open::StoreError;

/// What a file is made of, in bytes.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// All of it.
    pub file: u64,
    /// What only sync needs: origins, hashes, which scope holds a record, where scopes stand.
    pub sync_own: u64,
    /// By table and index, the largest first.
    pub tables: Vec<(String, u64)>,
}

impl DeviceStore {
    /// What this file is made of.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn parts(&self) -> Result<Parts, StoreError> {
        self.read(|view| {
            let mut statement =
                view.connection.prepare("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC")?;
            let tables = statement
                .query_map([], |row| Ok((row.get::<_, String>("name")?, row.get::<_, i64>("bytes")?.unsigned_abs())))?
                .collect::<Result<Vec<_>, _>>()?;
            // A column costs a byte in the row's head and its value: a small scope's number is one byte more.
            let columns: i64 = view.connection.query_row(
                "SELECT coalesce(sum(length(said_origins) + length(shown_origins) + coalesce(length(hash), 0)
                     + (scope IS NOT NULL) + 4), 0) FROM record",
                [],
                |row| row.get(0),
            )?;
            let whole = ["scope", "sqlite_autoindex_scope_1", "record_also"];
            let of_their_own = tables.iter().filter(|(name, _)| whole.contains(&name.as_str())).map(|(_, bytes)| bytes);
            Ok(Parts {
                file: tables.iter().map(|(_, bytes)| bytes).sum(),
                sync_own: columns.unsigned_abs() + of_their_own.sum::<u64>(),
                tables,
            })
        })
    }
}

/// The rows of one table.
struct Rows {
    create: String,
    insert: String,
    rows: Vec<Vec<Value>>,
}

/// Every row of a device's file, to be written again by SQLite alone: the least a first sync could take.
pub struct Raw {
    tables: Vec<Rows>,
    indexes: Vec<String>,
}

impl Raw {
    /// Reads them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn of(file: &Path) -> Result<Raw, StoreError> {
        let (tables, indexes) = dumped(file)?;
        Ok(Raw { tables, indexes })
    }

    /// Writes them into a new file with the same tables, in one transaction, each table in its own order, and makes the indexes
    /// afterwards.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn write(&self, to: &Path) -> Result<(), StoreError> {
        let mut connection = Connection::open(to)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;")?;
        let transaction = connection.transaction()?;
        for table in &self.tables {
            transaction.execute_batch(&table.create)?;
            let mut insert = transaction.prepare(&table.insert)?;
            for row in &table.rows {
                insert.execute(params_from_iter(row))?;
            }
        }
        for index in &self.indexes {
            transaction.execute_batch(index)?;
        }
        Ok(transaction.commit()?)
    }
}

fn dumped(from: &Path) -> Result<(Vec<Rows>, Vec<String>), StoreError> {
    let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let named = |kind: &str| -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")?;
        Ok(statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    };
    let mut tables = Vec::new();
    for (name, create) in named("table")? {
        // Names come from our own schema, never from a person.
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = statement.column_count();
        let marks = vec!["?"; columns].join(", ");
        let rows = statement
            .query_map([], |row| (0..columns).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>())?
            .collect::<Result<Vec<_>, _>>()?;
        tables.push(Rows { create, insert: format!("INSERT INTO \"{name}\" VALUES ({marks})"), rows });
    }
    Ok((tables, named("index")?.into_iter().map(|(_, sql)| sql).collect()))
}
