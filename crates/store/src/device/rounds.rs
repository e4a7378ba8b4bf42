//! What decides when each home is next visited. Derived: it can be dropped and made again from the records.

use domain::RecordId;
use rusqlite::{Row, named_params};

use super::numbers::{self, Bytes, No};
use super::{View, Writing};
use crate::open::StoreError;

/// A home as rounds see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundLine {
    /// The home.
    pub id: RecordId,
    /// The road it stands in.
    pub road: String,
    /// The building.
    pub building: String,
    /// The door in the building; empty where the building has one.
    pub door: String,
    /// Its village.
    pub area: String,
    /// The day of its registration, `YYYY-MM-DD`; empty while it is not to be visited.
    pub since: String,
    /// The last calls at its door.
    pub calls: String,
    /// What its grade follows from; empty when nothing is against it.
    pub grade: String,
    /// The landlord lives in the house.
    pub on_site: bool,
}

fn line(row: &Row<'_>) -> rusqlite::Result<RoundLine> {
    Ok(RoundLine {
        id: numbers::id(row, "id")?,
        road: row.get("road")?,
        building: row.get("building")?,
        door: row.get("door")?,
        area: row.get("area")?,
        since: row.get("since")?,
        calls: row.get("calls")?,
        grade: row.get("grade")?,
        on_site: row.get("on_site")?,
    })
}

impl View<'_> {
    /// Every home of the file.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn rounds(&self) -> Result<Vec<RoundLine>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, road, building, door, area, since, calls, grade, on_site
             FROM round_row JOIN record ON record.no = round_row.record",
        )?;
        let found = statement.query_map([], line)?.collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// These homes.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn rounds_of(&self, ids: &[RecordId]) -> Result<Vec<RoundLine>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, road, building, door, area, since, calls, grade, on_site
             FROM record JOIN round_row ON round_row.record = record.no WHERE record.id = :id",
        )?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(statement.query_map(named_params! { ":id": Bytes(*id) }, line)?.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }
}

impl Writing<'_> {
    /// Stores how rounds see a home.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_round(&self, line: &RoundLine) -> Result<(), StoreError> {
        self.put_round_at(self.no_or_new(line.id)?, line)
    }

    pub(super) fn put_round_at(&self, record: No, line: &RoundLine) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO round_row (record, road, building, door, area, since, calls, grade, on_site)
                 VALUES (:record, :road, :building, :door, :area, :since, :calls, :grade, :on_site)
                 ON CONFLICT (record) DO UPDATE SET road = excluded.road, building = excluded.building, door = excluded.door,
                     area = excluded.area, since = excluded.since, calls = excluded.calls, grade = excluded.grade,
                     on_site = excluded.on_site",
            )?
            .execute(named_params! {
                ":record": record, ":road": line.road, ":building": line.building, ":door": line.door, ":area": line.area,
                ":since": line.since, ":calls": line.calls, ":grade": line.grade, ":on_site": line.on_site,
            })?;
        Ok(())
    }
}
