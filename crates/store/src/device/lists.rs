//! Derived rows: lists, search, what is due. They can be dropped and rebuilt from the records.

use domain::RecordId;
use rusqlite::{OptionalExtension, Row, named_params};

use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// A home in a list.
#[derive(Clone, Debug)]
pub struct UnitLine {
    /// The home.
    pub id: RecordId,
    /// Its village.
    pub area: String,
    /// Lists are in this order.
    pub sort: String,
    /// Its address as people say it.
    pub title: String,
    /// Its address as machines compare it.
    pub norm_key: String,
    /// Landlord's name.
    pub landlord: String,
    /// Code of its state.
    pub state: String,
    /// Registered people living there.
    pub people: u64,
    /// Not answered yet.
    pub waiting: bool,
}

/// A person in a list.
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// The person.
    pub id: RecordId,
    /// Lists are in this order.
    pub sort: String,
    /// Name.
    pub name: String,
    /// Masked document number.
    pub document: String,
    /// Where, as people say it.
    pub home: String,
    /// Code of the standing.
    pub standing: String,
    /// Not answered yet.
    pub waiting: bool,
}

/// A report in a list.
#[derive(Clone, Debug)]
pub struct ReportLine {
    /// The report.
    pub id: RecordId,
    /// Its place in the list.
    pub sort: String,
}

/// Something to do about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// The record.
    pub record: RecordId,
    /// What.
    pub kind: String,
    /// At which door.
    pub unit: Option<RecordId>,
    /// By when, `YYYY-MM-DD`; empty when no clock runs.
    pub due_on: String,
}

fn unit(row: &Row<'_>) -> rusqlite::Result<UnitLine> {
    Ok(UnitLine {
        id: rows::id(row, "id")?,
        area: row.get("area")?,
        sort: row.get("sort")?,
        title: row.get("title")?,
        norm_key: row.get("norm_key")?,
        landlord: row.get("landlord")?,
        state: row.get("state")?,
        people: row.get::<_, i64>("people")?.unsigned_abs(),
        waiting: row.get("waiting")?,
    })
}

fn person(row: &Row<'_>) -> rusqlite::Result<PersonLine> {
    Ok(PersonLine {
        id: rows::id(row, "id")?,
        sort: row.get("sort")?,
        name: row.get("name")?,
        document: row.get("document")?,
        home: row.get("home")?,
        standing: row.get("standing")?,
        waiting: row.get("waiting")?,
    })
}

/// The end of the range of texts that begin with `prefix`.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// `%` and `_` in what a person typed are ordinary characters.
fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

impl View<'_> {
    /// Homes in order, after a place in the list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units(&self, area: Option<&str>, after: Option<(&str, &str)>, limit: u32) -> Result<Vec<UnitLine>, StoreError> {
        let (sort, id) = after.unwrap_or_default();
        let sql = if area.is_some() {
            "SELECT id, area, sort, title, norm_key, landlord, state, people, waiting FROM unit_row
             WHERE area = :area AND (sort, id) > (:sort, :id) ORDER BY sort, id LIMIT :limit"
        } else {
            "SELECT id, area, sort, title, norm_key, landlord, state, people, waiting FROM unit_row
             WHERE (sort, id) > (:sort, :id) AND :area IS NULL ORDER BY sort, id LIMIT :limit"
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_map(named_params! { ":area": area, ":sort": sort, ":id": id, ":limit": limit }, unit)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// A home's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn unit_line(&self, id: RecordId) -> Result<Option<UnitLine>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT id, area, sort, title, norm_key, landlord, state, people, waiting FROM unit_row WHERE id = :id",
            )?
            .query_row(named_params! { ":id": id.to_string() }, unit)
            .optional()?)
    }

    /// Homes whose address, as typed or as machines compare it, contains a text.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units_at(&self, typed: &str, norm_key: &str, limit: u32) -> Result<Vec<UnitLine>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, area, sort, title, norm_key, landlord, state, people, waiting FROM unit_row
             WHERE title LIKE :typed ESCAPE '\\' OR (:key <> '%%' AND norm_key LIKE :key ESCAPE '\\')
             ORDER BY sort, id LIMIT :limit",
        )?;
        let found = statement
            .query_map(named_params! { ":typed": like(typed), ":key": like(norm_key), ":limit": limit }, unit)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// People in order, after a place in the list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people(&self, after: Option<(&str, &str)>, limit: u32) -> Result<Vec<PersonLine>, StoreError> {
        let (sort, id) = after.unwrap_or_default();
        let mut statement = self.connection.prepare_cached(
            "SELECT id, sort, name, document, home, standing, waiting FROM person_row
             WHERE (sort, id) > (:sort, :id) ORDER BY sort, id LIMIT :limit",
        )?;
        let found = statement
            .query_map(named_params! { ":sort": sort, ":id": id, ":limit": limit }, person)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// A person's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn person_line(&self, id: RecordId) -> Result<Option<PersonLine>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT id, sort, name, document, home, standing, waiting FROM person_row WHERE id = :id")?
            .query_row(named_params! { ":id": id.to_string() }, person)
            .optional()?)
    }

    /// People whose home's address contains a text.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_at(&self, typed: &str, limit: u32) -> Result<Vec<PersonLine>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, sort, name, document, home, standing, waiting FROM person_row
             WHERE home LIKE :typed ESCAPE '\\' ORDER BY sort, id LIMIT :limit",
        )?;
        let found = statement
            .query_map(named_params! { ":typed": like(typed), ":limit": limit }, person)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// Records with a search term that begins with a text, in order of the terms, each once.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn by_term(&self, kind: &str, prefix: &str, limit: u32) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM term WHERE kind = :kind AND term >= :from AND term < :to ORDER BY term LIMIT :limit",
        )?;
        let found = statement
            .query_map(named_params! { ":kind": kind, ":from": prefix, ":to": after_prefix(prefix), ":limit": limit }, |row| {
                rows::id::<RecordId>(row, "id")
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = std::collections::HashSet::new();
        Ok(found.into_iter().filter(|id| seen.insert(*id)).collect())
    }

    /// People on this device with a document.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_with_document(&self, doc_type: &str, doc_no: &str) -> Result<Vec<RecordId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT person FROM document_row WHERE doc_type = :doc_type AND doc_no = :doc_no")?;
        let found = statement
            .query_map(named_params! { ":doc_type": doc_type, ":doc_no": doc_no }, |row| rows::id(row, "person"))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// How many homes, and how many people.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn list_totals(&self) -> Result<(u64, u64), StoreError> {
        Ok(self.connection.query_row(
            "SELECT (SELECT count(*) FROM unit_row) AS units, (SELECT count(*) FROM person_row) AS people",
            [],
            |row| Ok((row.get::<_, i64>("units")?.unsigned_abs(), row.get::<_, i64>("people")?.unsigned_abs())),
        )?)
    }

    /// What is to do up to a day, and what has no day, the most urgent first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn todos(&self, until: &str, limit: u32) -> Result<Vec<Todo>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record, kind, unit, due_on FROM todo WHERE due_on <= :until ORDER BY due_on, record LIMIT :limit",
        )?;
        let found = statement
            .query_map(named_params! { ":until": until, ":limit": limit }, |row| {
                let unit: Option<String> = row.get("unit")?;
                Ok(Todo {
                    record: rows::id(row, "record")?,
                    kind: row.get("kind")?,
                    unit: unit.and_then(|unit| unit.parse().ok()),
                    due_on: row.get("due_on")?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }

    /// Reports, the newest first, after a place in the list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn reports(
        &self,
        unit: Option<RecordId>,
        open_only: bool,
        after: Option<(&str, &str)>,
        limit: u32,
    ) -> Result<Vec<ReportLine>, StoreError> {
        let (sort, id) = after.unwrap_or(("\u{10ffff}", ""));
        let mut statement = self.connection.prepare_cached(
            "SELECT id, sort FROM report_row
             WHERE (sort, id) < (:sort, :id) AND (:unit IS NULL OR unit = :unit) AND (:open_only = 0 OR open = 1)
             ORDER BY sort DESC, id DESC LIMIT :limit",
        )?;
        let found = statement
            .query_map(
                named_params! {
                    ":unit": unit.map(|unit| unit.to_string()), ":open_only": open_only, ":sort": sort, ":id": id,
                    ":limit": limit,
                },
                |row| Ok(ReportLine { id: rows::id(row, "id")?, sort: row.get("sort")? }),
            )?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }
}

impl Writing<'_> {
    /// Stores a home's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_unit_line(&self, line: &UnitLine) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO unit_row (id, area, sort, title, norm_key, landlord, state, people, waiting)
                 VALUES (:id, :area, :sort, :title, :norm_key, :landlord, :state, :people, :waiting)
                 ON CONFLICT (id) DO UPDATE SET area = excluded.area, sort = excluded.sort, title = excluded.title,
                     norm_key = excluded.norm_key, landlord = excluded.landlord, state = excluded.state,
                     people = excluded.people, waiting = excluded.waiting",
            )?
            .execute(named_params! {
                ":id": line.id.to_string(), ":area": line.area, ":sort": line.sort, ":title": line.title,
                ":norm_key": line.norm_key, ":landlord": line.landlord, ":state": line.state,
                ":people": i64::try_from(line.people).unwrap_or(i64::MAX), ":waiting": line.waiting,
            })?;
        Ok(())
    }

    /// Stores a person's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_person_line(&self, line: &PersonLine) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO person_row (id, sort, name, document, home, standing, waiting)
                 VALUES (:id, :sort, :name, :document, :home, :standing, :waiting)
                 ON CONFLICT (id) DO UPDATE SET sort = excluded.sort, name = excluded.name,
                     document = excluded.document, home = excluded.home, standing = excluded.standing,
                     waiting = excluded.waiting",
            )?
            .execute(named_params! {
                ":id": line.id.to_string(), ":sort": line.sort, ":name": line.name, ":document": line.document,
                ":home": line.home, ":standing": line.standing, ":waiting": line.waiting,
            })?;
        Ok(())
    }

    /// Stores a report's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_report_line(&self, line: &ReportLine, unit: Option<RecordId>, open: bool) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO report_row (id, unit, sort, open) VALUES (:id, :unit, :sort, :open)
                 ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, sort = excluded.sort, open = excluded.open",
            )?
            .execute(named_params! {
                ":id": line.id.to_string(), ":unit": unit.map(|unit| unit.to_string()).unwrap_or_default(),
                ":sort": line.sort, ":open": open,
            })?;
        Ok(())
    }

    /// Replaces the search terms of a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_terms(&self, id: RecordId, kind: &str, terms: &[String]) -> Result<(), StoreError> {
        let id = id.to_string();
        self.connection.prepare_cached("DELETE FROM term WHERE id = :id")?.execute(named_params! { ":id": id })?;
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO term (kind, term, id) VALUES (:kind, :term, :id) ON CONFLICT DO NOTHING")?;
        for term in terms {
            insert.execute(named_params! { ":kind": kind, ":term": term, ":id": id })?;
        }
        Ok(())
    }

    /// Replaces the document under which a person is found.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_document(&self, person: RecordId, document: Option<(&str, &str)>) -> Result<(), StoreError> {
        let person = person.to_string();
        self.connection
            .prepare_cached("DELETE FROM document_row WHERE person = :person")?
            .execute(named_params! { ":person": person })?;
        if let Some((doc_type, doc_no)) = document {
            self.connection
                .prepare_cached(
                    "INSERT INTO document_row (doc_type, doc_no, person) VALUES (:doc_type, :doc_no, :person)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(named_params! { ":doc_type": doc_type, ":doc_no": doc_no, ":person": person })?;
        }
        Ok(())
    }

    /// Replaces what is to do about a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_todos(&self, record: RecordId, todos: &[Todo]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM todo WHERE record = :record")?
            .execute(named_params! { ":record": record.to_string() })?;
        for todo in todos {
            self.connection
                .prepare_cached(
                    "INSERT INTO todo (record, kind, unit, due_on) VALUES (:record, :kind, :unit, :due_on)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(named_params! {
                    ":record": record.to_string(), ":kind": todo.kind, ":unit": todo.unit.map(|unit| unit.to_string()),
                    ":due_on": todo.due_on,
                })?;
        }
        Ok(())
    }

    /// Takes a record out of every list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_rows(&self, id: RecordId) -> Result<(), StoreError> {
        let id = id.to_string();
        for statement in [
            "DELETE FROM unit_row WHERE id = :id",
            "DELETE FROM person_row WHERE id = :id",
            "DELETE FROM report_row WHERE id = :id",
            "DELETE FROM term WHERE id = :id",
            "DELETE FROM document_row WHERE person = :id",
            "DELETE FROM todo WHERE record = :id",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":id": id })?;
        }
        Ok(())
    }
}
