//! Lists of the desk: pages of records, and counts by village.

use domain::RecordId;
use rusqlite::{Row, params};

use super::View;
use super::device::unsigned;
use crate::StoreError;
use crate::rows;

/// What lists show of a record, and where they look for it. Derived from its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The village, or empty.
    pub area: String,
    /// A name or an address.
    pub title: String,
    /// What else tells it apart; document numbers are masked.
    pub detail: String,
    /// Where it stands, as a code of its kind.
    pub state: String,
    /// Lower-case words it is found by.
    pub search: String,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct ListingRow {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// The village.
    pub area: String,
    /// A name or an address.
    pub title: String,
    /// What else tells it apart.
    pub detail: String,
    /// Where it stands.
    pub state: String,
    /// When the server last had news of it, Unix milliseconds, UTC.
    pub received_unix_ms: i64,
}

/// Which rows, and from where on.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery<'q> {
    /// The kind.
    pub kind: &'q str,
    /// The villages.
    pub areas: &'q [String],
    /// The states; empty for all.
    pub states: &'q [&'q str],
    /// Words to find; empty for all.
    pub search: &'q str,
    /// The last row of the page before: its time and id.
    pub after: Option<(i64, RecordId)>,
    /// How many.
    pub limit: u32,
}

/// Counts of one village.
#[derive(Clone, Debug)]
pub struct AreaCountRow {
    /// The village.
    pub area: String,
    /// Of what.
    pub kind: String,
    /// In which state.
    pub state: String,
    /// How many.
    pub count: u64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<ListingRow> {
    Ok(ListingRow {
        id: RecordId::from_bytes(rows::bytes16(row, "id")?),
        kind: row.get("kind")?,
        area: row.get("area")?,
        title: row.get("title")?,
        detail: row.get("detail")?,
        state: row.get("state")?,
        received_unix_ms: row.get("received_unix_ms")?,
    })
}

/// `%` and `_` typed by a person are letters.
pub(super) fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search.trim().to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

impl View<'_> {
    /// A page of living records, newest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn list(&self, query: ListQuery<'_>) -> Result<Vec<ListingRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("list.sql"))?;
        let (at, id) = query.after.map_or((i64::MAX, Vec::new()), |(at, id)| (at, id.as_bytes().to_vec()));
        let (areas, states) = (serde_json::to_string(query.areas)?, serde_json::to_string(query.states)?);
        let found = statement.query_map(params![query.kind, areas, pattern(query.search), at, id, query.limit, states], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// How many living records of a kind these villages have.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn list_total(&self, kind: &str, areas: &[String]) -> Result<u64, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("list_total.sql"))?;
        let count: i64 = statement.query_row(params![kind, serde_json::to_string(areas)?], |row| row.get(0))?;
        Ok(unsigned(count))
    }

    /// How many registrations of these villages began from the first of these days, `YYYY-MM-DD`, to the last.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn registered_between(&self, areas: &[String], first: &str, last: &str) -> Result<u64, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("registered_between.sql"))?;
        let count: i64 = statement.query_row(params![serde_json::to_string(areas)?, first, last], |row| row.get(0))?;
        Ok(unsigned(count))
    }

    /// One row, dead or alive.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn listing(&self, id: RecordId) -> Result<Option<ListingRow>, StoreError> {
        let mut statement = self
            .connection()?
            .prepare_cached("SELECT id, kind, area, title, detail, state, received_unix_ms FROM record WHERE id = ?1")?;
        let mut found = statement.query_map([id.as_bytes()], read)?;
        Ok(found.next().transpose()?)
    }

    /// How many living records of each kind and state every village has.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn area_counts(&self) -> Result<Vec<AreaCountRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(include_str!("area_counts.sql"))?;
        let read = |row: &Row<'_>| {
            Ok(AreaCountRow {
                area: row.get("area")?,
                kind: row.get("kind")?,
                state: row.get("state")?,
                count: unsigned(row.get("count")?),
            })
        };
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }
}
