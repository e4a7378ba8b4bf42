//! How much is in the file: for a person who looks whether a backup is the right one.

use domain::place::Scope;

use super::View;
use super::device::unsigned;
use crate::StoreError;
use crate::rows;

/// Rows of the ground tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records, living and dead.
    pub records: u64,
    /// Changes with their verdicts.
    pub changes: u64,
    /// Accounts.
    pub accounts: u64,
    /// Devices.
    pub devices: u64,
    /// When the newest change reached the server, Unix milliseconds, UTC.
    pub newest_unix_ms: Option<i64>,
}

impl View<'_> {
    /// Counts every row.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self.connection()?.query_row(
            "SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM change) AS changes,
                    (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM device) AS devices,
                    (SELECT max(received_unix_ms) FROM change) AS newest",
            [],
            |row| {
                Ok(Counts {
                    records: unsigned(row.get("records")?),
                    changes: unsigned(row.get("changes")?),
                    accounts: unsigned(row.get("accounts")?),
                    devices: unsigned(row.get("devices")?),
                    newest_unix_ms: row.get("newest")?,
                })
            },
        )?)
    }

    /// Every scope that was ever written to.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT id FROM scope ORDER BY id")?;
        Ok(statement.query_map([], |row| rows::id(row, "id"))?.collect::<Result<_, _>>()?)
    }
}
