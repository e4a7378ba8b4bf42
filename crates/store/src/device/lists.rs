//! Derived rows: lists, search, what is due. They can be dropped and rebuilt from the records.

use domain::RecordId;
use rusqlite::{OptionalExtension, Row, named_params};

use super::numbers::{self, Bytes, No};
use super::{View, Writing};
use crate::open::StoreError;

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
        id: numbers::id(row, "id")?,
        area: row.get("area")?,
        sort: row.get("sort")?,
        title: row.get("title")?,
        norm_key: row.get("norm_key")?,
        landlord: row.get("landlord")?,
        state: row.get("state")?,
        people: row.get::<_, i64>("people")?.unsigned_abs(),
    })
}

fn person(row: &Row<'_>) -> rusqlite::Result<PersonLine> {
    Ok(PersonLine {
        id: numbers::id(row, "id")?,
        sort: row.get("sort")?,
        name: row.get("name")?,
        document: row.get("document")?,
        home: row.get("home")?,
        standing: row.get("standing")?,
    })
}

/// The end of the range of texts that begin with `prefix`.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// The id in a list's bookmark. Lists of equal rows are in the order of ids, so that every phone shows the same.
fn bookmark(id: &str) -> Bytes {
    Bytes(id.parse().unwrap_or(RecordId(uuid::Uuid::nil())))
}

/// `%` and `_` in what a person typed are ordinary characters.
fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// `SELECT ` + a home's columns + the rest, at compile time.
macro_rules! select_unit {
    ($after:literal) => {
        concat!(
            "SELECT id, area, sort, title, norm_key, landlord, state, people
             FROM unit_row JOIN record ON record.no = unit_row.record ",
            $after
        )
    };
}

/// `SELECT ` + a person's columns + the rest, at compile time.
macro_rules! select_person {
    ($after:literal) => {
        concat!(
            "SELECT id, sort, name, document, home, standing
             FROM person_row JOIN record ON record.no = person_row.record ",
            $after
        )
    };
}

fn todo(row: &Row<'_>) -> rusqlite::Result<Todo> {
    let unit: Option<[u8; 16]> = row.get("unit")?;
    Ok(Todo {
        record: numbers::id(row, "id")?,
        kind: row.get("kind")?,
        unit: unit.map(|unit| RecordId(uuid::Uuid::from_bytes(unit))),
        due_on: row.get("due_on")?,
    })
}

impl View<'_> {
    /// Homes in order, after a place in the list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units(&self, area: Option<&str>, after: Option<(&str, &str)>, limit: u32) -> Result<Vec<UnitLine>, StoreError> {
        let (sort, id) = after.unwrap_or_default();
        // A home's place in the order begins with its village.
        let (from, to) = area.map_or_else(|| (String::new(), after_prefix("")), |area| (area.to_owned(), after_prefix(area)));
        let mut statement = self.connection.prepare_cached(select_unit!(
            "WHERE sort >= max(:from, :sort) AND sort < :to AND (sort > :sort OR id > :id) ORDER BY sort, id LIMIT :limit"
        ))?;
        let found = statement
            .query_map(named_params! { ":from": from, ":to": to, ":sort": sort, ":id": bookmark(id), ":limit": limit }, unit)?
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
            .prepare_cached(select_unit!("WHERE record.id = :id"))?
            .query_row(named_params! { ":id": Bytes(id) }, unit)
            .optional()?)
    }

    /// Homes whose address, as typed or as machines compare it, contains a text.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn units_at(&self, typed: &str, norm_key: &str, limit: u32) -> Result<Vec<UnitLine>, StoreError> {
        let mut statement = self.connection.prepare_cached(select_unit!(
            "WHERE title LIKE :typed ESCAPE '\\' OR (:key <> '%%' AND norm_key LIKE :key ESCAPE '\\')
             ORDER BY sort, id LIMIT :limit"
        ))?;
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
        let mut statement = self.connection.prepare_cached(select_person!(
            "WHERE sort >= :sort AND (sort > :sort OR id > :id) ORDER BY sort, id LIMIT :limit"
        ))?;
        let found = statement
            .query_map(named_params! { ":sort": sort, ":id": bookmark(id), ":limit": limit }, person)?
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
            .prepare_cached(select_person!("WHERE record.id = :id"))?
            .query_row(named_params! { ":id": Bytes(id) }, person)
            .optional()?)
    }

    /// People whose home's address contains a text.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn people_at(&self, typed: &str, limit: u32) -> Result<Vec<PersonLine>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(select_person!("WHERE home LIKE :typed ESCAPE '\\' ORDER BY sort, id LIMIT :limit"))?;
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
            "SELECT id FROM (
                 SELECT term, record FROM term
                 WHERE kind = (SELECT no FROM word WHERE text = :kind) AND term >= :from AND term < :to
                 ORDER BY term LIMIT :limit
             ) AS found JOIN record ON record.no = found.record ORDER BY term, id",
        )?;
        let found = statement
            .query_map(named_params! { ":kind": kind, ":from": prefix, ":to": after_prefix(prefix), ":limit": limit }, |row| {
                numbers::id(row, "id")
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
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM document_row JOIN record ON record.no = document_row.person
             WHERE doc_no = :doc_no AND doc_type = :doc_type ORDER BY id",
        )?;
        let found = statement
            .query_map(named_params! { ":doc_type": doc_type, ":doc_no": doc_no }, |row| numbers::id(row, "id"))?
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
            "SELECT record.id AS id, word.text AS kind, home.id AS unit, due_on
             FROM todo JOIN record ON record.no = todo.record JOIN word ON word.no = todo.kind
             LEFT JOIN record AS home ON home.no = todo.unit
             WHERE due_on <= :until ORDER BY due_on, todo.record LIMIT :limit",
        )?;
        let found = statement.query_map(named_params! { ":until": until, ":limit": limit }, todo)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// What is to do of one kind, whatever its day.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn todos_of(&self, kind: &str) -> Result<Vec<Todo>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record.id AS id, word.text AS kind, home.id AS unit, due_on
             FROM word JOIN todo ON todo.kind = word.no JOIN record ON record.no = todo.record
             LEFT JOIN record AS home ON home.no = todo.unit
             WHERE word.text = :kind ORDER BY todo.record",
        )?;
        let found = statement.query_map(named_params! { ":kind": kind }, todo)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The home of what is to do about a record, of one kind.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn todo_unit(&self, record: RecordId, kind: &str) -> Result<Option<RecordId>, StoreError> {
        let (Some(record), Some(kind)) = (self.no(record)?, self.word(kind)?) else { return Ok(None) };
        let mut statement = self.connection.prepare_cached(
            "SELECT home.id AS unit FROM todo JOIN record AS home ON home.no = todo.unit
             WHERE todo.record = :record AND todo.kind = :kind",
        )?;
        let found = statement.query_row(named_params! { ":record": record, ":kind": kind }, |row| row.get::<_, [u8; 16]>("unit"));
        Ok(found.optional()?.map(|unit| RecordId(uuid::Uuid::from_bytes(unit))))
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
        // A home that is not here has no reports.
        let unit = unit.map(|unit| self.no(unit)).transpose()?.map(|no| no.unwrap_or(0));
        let mut statement = self.connection.prepare_cached(
            "SELECT id, sort FROM report_row JOIN record ON record.no = report_row.record
             WHERE sort <= :sort AND (sort < :sort OR id < :id) AND (:unit IS NULL OR unit = :unit)
               AND (:open_only = 0 OR open = 1)
             ORDER BY sort DESC, id DESC LIMIT :limit",
        )?;
        let found = statement
            .query_map(
                named_params! { ":unit": unit, ":open_only": open_only, ":sort": sort, ":id": bookmark(id), ":limit": limit },
                |row| Ok(ReportLine { id: numbers::id(row, "id")?, sort: row.get("sort")? }),
            )?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(found)
    }
}

/// Terms of one record stand in one text, a line each.
const LINE: char = '\n';

/// Terms as they are stored: sorted, each once. One with a line break in it could not be taken out again.
pub fn in_order(mut terms: Vec<String>) -> Vec<String> {
    terms.retain(|term| !term.is_empty() && !term.contains(LINE));
    terms.sort_unstable();
    terms.dedup();
    terms
}

impl Writing<'_> {
    /// Stores a home's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_unit_line(&self, line: &UnitLine) -> Result<(), StoreError> {
        self.put_unit_at(self.no_or_new(line.id)?, line)
    }

    pub(super) fn put_unit_at(&self, record: No, line: &UnitLine) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO unit_row (record, area, sort, title, norm_key, landlord, state, people)
                 VALUES (:record, :area, :sort, :title, :norm_key, :landlord, :state, :people)
                 ON CONFLICT (record) DO UPDATE SET area = excluded.area, sort = excluded.sort, title = excluded.title,
                     norm_key = excluded.norm_key, landlord = excluded.landlord, state = excluded.state,
                     people = excluded.people",
            )?
            .execute(named_params! {
                ":record": record, ":area": line.area, ":sort": line.sort, ":title": line.title,
                ":norm_key": line.norm_key, ":landlord": line.landlord, ":state": line.state,
                ":people": i64::try_from(line.people).unwrap_or(i64::MAX),
            })?;
        Ok(())
    }

    /// Stores a person's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_person_line(&self, line: &PersonLine) -> Result<(), StoreError> {
        self.put_person_at(self.no_or_new(line.id)?, line)
    }

    pub(super) fn put_person_at(&self, record: No, line: &PersonLine) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO person_row (record, sort, name, document, home, standing)
                 VALUES (:record, :sort, :name, :document, :home, :standing)
                 ON CONFLICT (record) DO UPDATE SET sort = excluded.sort, name = excluded.name,
                     document = excluded.document, home = excluded.home, standing = excluded.standing",
            )?
            .execute(named_params! {
                ":record": record, ":sort": line.sort, ":name": line.name, ":document": line.document,
                ":home": line.home, ":standing": line.standing,
            })?;
        Ok(())
    }

    /// Stores a report's line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_report_line(&self, line: &ReportLine, unit: Option<RecordId>, open: bool) -> Result<(), StoreError> {
        let unit = unit.map(|unit| self.no_or_new(unit)).transpose()?;
        self.connection
            .prepare_cached(
                "INSERT INTO report_row (record, unit, sort, open) VALUES (:record, :unit, :sort, :open)
                 ON CONFLICT (record) DO UPDATE SET unit = excluded.unit, sort = excluded.sort, open = excluded.open",
            )?
            .execute(named_params! {
                ":record": self.no_or_new(line.id)?, ":unit": unit, ":sort": line.sort, ":open": open,
            })?;
        Ok(())
    }

    /// Replaces the search terms of a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_terms(&self, id: RecordId, kind: &str, terms: &[String]) -> Result<(), StoreError> {
        let record = self.no_or_new(id)?;
        let kind = self.word_or_new(kind)?;
        let terms = in_order(terms.to_vec());
        let text = terms.join("\n");
        let before: Option<(i64, String)> = self
            .connection
            .prepare_cached("SELECT kind, terms FROM term_of WHERE record = :record")?
            .query_row(named_params! { ":record": record }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((was_kind, was)) = before {
            // Most refreshed lines are found by what they were found by before. While lists are behind, nothing tells whether
            // what is remembered has been written.
            if was_kind == kind && was == text && !self.lists_are_behind()? {
                return Ok(());
            }
            self.forget_terms(record)?;
        }
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO term (kind, term, record) VALUES (:kind, :term, :record) ON CONFLICT DO NOTHING")?;
        for term in terms {
            insert.execute(named_params! { ":kind": kind, ":term": term, ":record": record })?;
        }
        self.remember_terms(record, kind, &text)
    }

    /// Remembers what a record is found by, so that it can be taken out again.
    pub(super) fn remember_terms(&self, record: No, kind: i64, terms: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO term_of (record, kind, terms) VALUES (:record, :kind, :terms)")?
            .execute(named_params! { ":record": record, ":kind": kind, ":terms": terms })?;
        Ok(())
    }

    fn forget_terms(&self, record: No) -> Result<(), StoreError> {
        let before: Option<(i64, String)> = self
            .connection
            .prepare_cached("DELETE FROM term_of WHERE record = :record RETURNING kind, terms")?
            .query_row(named_params! { ":record": record }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((kind, terms)) = before else { return Ok(()) };
        let mut delete =
            self.connection.prepare_cached("DELETE FROM term WHERE kind = :kind AND term = :term AND record = :record")?;
        for term in terms.split(LINE) {
            delete.execute(named_params! { ":kind": kind, ":term": term, ":record": record })?;
        }
        Ok(())
    }

    /// Replaces the document under which a person is found.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_document(&self, person: RecordId, document: Option<(&str, &str)>) -> Result<(), StoreError> {
        self.put_document_at(self.no_or_new(person)?, document)
    }

    pub(super) fn put_document_at(&self, person: No, document: Option<(&str, &str)>) -> Result<(), StoreError> {
        match document {
            Some((doc_type, doc_no)) => self
                .connection
                .prepare_cached(
                    "INSERT INTO document_row (person, doc_type, doc_no) VALUES (:person, :doc_type, :doc_no)
                     ON CONFLICT (person) DO UPDATE SET doc_type = excluded.doc_type, doc_no = excluded.doc_no",
                )?
                .execute(named_params! { ":person": person, ":doc_type": doc_type, ":doc_no": doc_no })?,
            None => self
                .connection
                .prepare_cached("DELETE FROM document_row WHERE person = :person")?
                .execute(named_params! { ":person": person })?,
        };
        Ok(())
    }

    /// Replaces what is to do about a record.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_todos(&self, record: RecordId, todos: &[Todo]) -> Result<(), StoreError> {
        self.put_todos_at(self.no_or_new(record)?, todos)
    }

    pub(super) fn put_todos_at(&self, no: No, todos: &[Todo]) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM todo WHERE record = :record")?.execute(named_params! { ":record": no })?;
        for todo in todos {
            let unit = todo.unit.map(|unit| self.no_or_new(unit)).transpose()?;
            self.connection
                .prepare_cached(
                    "INSERT INTO todo (record, kind, unit, due_on) VALUES (:record, :kind, :unit, :due_on)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(named_params! {
                    ":record": no, ":kind": self.word_or_new(&todo.kind)?, ":unit": unit, ":due_on": todo.due_on,
                })?;
        }
        Ok(())
    }

    /// Takes a record out of every list.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_rows(&self, id: RecordId) -> Result<(), StoreError> {
        let Some(no) = self.no(id)? else { return Ok(()) };
        self.forget_terms(no)?;
        for statement in [
            "DELETE FROM unit_row WHERE record = :no",
            "DELETE FROM round_row WHERE record = :no",
            "DELETE FROM person_row WHERE record = :no",
            "DELETE FROM report_row WHERE record = :no",
            "DELETE FROM document_row WHERE person = :no",
            "DELETE FROM todo WHERE record = :no",
        ] {
            self.connection.prepare_cached(statement)?.execute(named_params! { ":no": no })?;
        }
        Ok(())
    }
}
