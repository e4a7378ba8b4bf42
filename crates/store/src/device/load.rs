//! A first load: many records that are new here, and the lists made from all of them at once.
//!
//! Row by row, lists and search terms were four fifths of a first sync's time. So a load writes records only and remembers from
//! which one on lists are behind (`derive_from`); whoever makes them reads every record once, and writes in the order of the
//! tables. A stop at any moment is harmless: what is behind is made again, from the beginning.

use std::collections::HashMap;

use domain::digest::Digest;
use domain::place::Scope;
use domain::stored::Stored;
use domain::{RecordId, kind};
use rusqlite::{OptionalExtension, named_params, params};

use super::lists::{PersonLine, Todo, UnitLine};
use super::numbers::{self, Bytes, No};
use super::rounds::RoundLine;
use super::{View, Writing};
use crate::open::StoreError;

/// The first record of which lists are behind.
const DERIVE_FROM: &str = "derive_from";

/// What became of a page of a first load.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What the new records add to the scope's sum.
    pub digest: Digest,
    /// Places in the page of records that were here already: they take the ordinary way.
    pub known: Vec<usize>,
}

/// A record's row, for one pass over the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowNo(No);

/// A record as lists see it: its text unread.
pub struct Shown<'a> {
    /// Its row.
    pub row: RowNo,
    /// Its id.
    pub id: RecordId,
    /// What a person sees, `{group: fields}` as JSON.
    pub groups: &'a str,
}

/// A home's line with what it is found by.
pub struct UnitRow {
    /// Its row.
    pub row: RowNo,
    /// Its line.
    pub line: UnitLine,
    /// How rounds see it.
    pub round: RoundLine,
    /// What it is found by.
    pub terms: Vec<String>,
    /// What is to do about it.
    pub todos: Vec<Todo>,
}

/// A person's line with what they are found by.
pub struct PersonRow {
    /// Their row.
    pub row: RowNo,
    /// Their line.
    pub line: PersonLine,
    /// What they are found by.
    pub terms: Vec<String>,
    /// Type and number of their document.
    pub document: Option<(String, String)>,
}

/// Search terms in the order of their table.
#[derive(Default)]
pub struct Terms {
    texts: String,
    /// Where a term begins and ends, whether it is a person's, whose.
    places: Vec<(u32, u32, bool, No)>,
}

impl Terms {
    /// The terms of a record, sorted and each once; answers them as one text, a line each.
    fn add(&mut self, row: RowNo, is_person: bool, terms: &[String]) {
        for term in terms {
            let from = self.texts.len() as u32;
            self.texts.push_str(term);
            self.places.push((from, self.texts.len() as u32, is_person, row.0));
        }
    }

    /// Those of homes.
    pub fn add_units(&mut self, units: &[UnitRow]) {
        units.iter().for_each(|unit| self.add(unit.row, false, &unit.terms));
    }

    /// Those of people.
    pub fn add_people(&mut self, people: &[PersonRow]) {
        people.iter().for_each(|person| self.add(person.row, true, &person.terms));
    }

    /// Puts them in order.
    pub fn sort(&mut self) {
        let texts = self.texts.as_str();
        self.places.sort_unstable_by_key(|(from, to, is_person, row)| (*is_person, &texts[*from as usize..*to as usize], *row));
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl View<'_> {
    /// Whether lists wait to be made for records that were loaded.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn lists_are_behind(&self) -> Result<bool, StoreError> {
        Ok(self.meta(DERIVE_FROM)?.is_some())
    }

    /// Looks at every living record of a kind, in the order of the file.
    ///
    /// # Errors
    /// As SQLite says, or as `look` answers.
    pub fn each_shown<E: From<StoreError>>(&self, kind: &str, mut look: impl FnMut(Shown<'_>) -> Result<(), E>) -> Result<(), E> {
        let Some(kind) = self.word(kind)? else { return Ok(()) };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT no, id, coalesce(shown, said) AS groups FROM record
                 WHERE kind = :kind AND CASE WHEN shown IS NULL THEN said_dead ELSE shown_dead END IS NULL ORDER BY no",
            )
            .map_err(StoreError::from)?;
        let mut rows = statement.query(named_params! { ":kind": kind }).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let groups = row.get_ref("groups").map_err(StoreError::from)?;
            let shown = Shown {
                row: RowNo(row.get("no").map_err(StoreError::from)?),
                id: numbers::id(row, "id").map_err(StoreError::from)?,
                groups: groups.as_str().unwrap_or("{}"),
            };
            look(shown)?;
        }
        Ok(())
    }
}

impl Writing<'_> {
    /// Stores records of a scope that are new here, as the server said them, without their lists. Those that were here are left
    /// to the caller.
    ///
    /// # Errors
    /// As SQLite says; [`StoreError::Unreadable`] for what is no record.
    pub fn load(&self, scope: &Scope, records: &[Stored]) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        let Some(scope_no) = self.scope_no(scope)? else { return Ok(loaded) };
        let mut words: HashMap<&str, i64> = HashMap::new();
        let mut numbers: HashMap<RecordId, No> = HashMap::with_capacity(records.len());
        let mut naming: Vec<(RecordId, i64, No)> = Vec::new();
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO record (id, kind, scope, said_origins, said) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, scope = excluded.scope, said_origins = excluded.said_origins,
                 said = excluded.said WHERE kind = 0
             RETURNING no",
        )?;
        for (at, record) in records.iter().enumerate() {
            let word = match words.get(record.kind.as_str()) {
                Some(word) => *word,
                None => *words.entry(record.kind.as_str()).or_insert(self.word_or_new(&record.kind)?),
            };
            let seen = record.look()?;
            let row = params![Bytes(record.id), word, scope_no, record.origins, record.text];
            let Some(no) = insert.query_row(row, |row| row.get(0)).optional()? else {
                loaded.known.push(at);
                continue;
            };
            loaded.digest.add(record.hash(&seen, scope.kind())?);
            numbers.insert(record.id, no);
            naming.extend(seen.references.into_iter().map(|target| (target, word, no)));
        }
        if let Some(first) = numbers.values().min() {
            self.lists_behind_from(*first)?;
        }
        self.name_all(&numbers, naming)?;
        Ok(loaded)
    }

    fn name_all(&self, numbers: &HashMap<RecordId, No>, naming: Vec<(RecordId, i64, No)>) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(naming.len());
        for (target, kind, record) in naming {
            let target = match numbers.get(&target) {
                Some(no) => *no,
                None => self.no_or_new(target)?,
            };
            rows.push((target, kind, record));
        }
        rows.sort_unstable();
        let mut insert =
            self.connection.prepare_cached("INSERT OR IGNORE INTO record_ref (target, kind, record) VALUES (?1, ?2, ?3)")?;
        for (target, kind, record) in rows {
            insert.execute(params![target, kind, record])?;
        }
        Ok(())
    }

    fn lists_behind_from(&self, no: No) -> Result<(), StoreError> {
        let before = self.meta(DERIVE_FROM)?.and_then(|text| text.parse::<No>().ok());
        if before.is_none_or(|before| before > no) {
            self.set_meta(DERIVE_FROM, &no.to_string())?;
        }
        Ok(())
    }

    /// The lists are made.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn lists_are_made(&self) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([DERIVE_FROM])?;
        Ok(())
    }

    /// Stores lines of homes; their terms follow in order ([`Writing::put_sorted_terms`]).
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_unit_rows(&self, units: &[UnitRow]) -> Result<(), StoreError> {
        let word = self.word_or_new(kind::UNIT)?;
        for unit in units {
            self.put_unit_at(unit.row.0, &unit.line)?;
            self.put_round_at(unit.row.0, &unit.round)?;
            self.remember_terms(unit.row.0, word, &unit.terms.join("\n"))?;
            self.put_todos_at(unit.row.0, &unit.todos)?;
        }
        Ok(())
    }

    /// Stores lines of people; their terms follow in order ([`Writing::put_sorted_terms`]).
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_person_rows(&self, people: &[PersonRow]) -> Result<(), StoreError> {
        let word = self.word_or_new(kind::PERSON)?;
        for person in people {
            self.put_person_at(person.row.0, &person.line)?;
            self.remember_terms(person.row.0, word, &person.terms.join("\n"))?;
            let document = person.document.as_ref().map(|(doc_type, doc_no)| (doc_type.as_str(), doc_no.as_str()));
            self.put_document_at(person.row.0, document)?;
        }
        Ok(())
    }

    /// Stores what is to do about records.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_todo_rows(&self, todos: &[(RowNo, Vec<Todo>)]) -> Result<(), StoreError> {
        todos.iter().try_for_each(|(row, todos)| self.put_todos_at(row.0, todos))
    }

    /// Stores some of the terms, `from` on; those of records that were refreshed meanwhile are left out.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_sorted_terms(&self, terms: &Terms, from: usize, to: usize, refreshed: &[RecordId]) -> Result<(), StoreError> {
        let (unit, person) = (self.word_or_new(kind::UNIT)?, self.word_or_new(kind::PERSON)?);
        let refreshed: Vec<No> =
            refreshed.iter().map(|id| self.no(*id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let mut insert = self.connection.prepare_cached("INSERT OR IGNORE INTO term (kind, term, record) VALUES (?1, ?2, ?3)")?;
        for (from, to, is_person, record) in &terms.places[from.min(terms.len())..to.min(terms.len())] {
            if !refreshed.contains(record) {
                let kind = if *is_person { person } else { unit };
                insert.execute(params![kind, &terms.texts[*from as usize..*to as usize], record])?;
            }
        }
        Ok(())
    }
}
