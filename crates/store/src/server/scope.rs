//! Scopes: which records are in them, since which version, and what they add up to.

use domain::digest::{Digest, hash_from_hex};
use domain::place::{Scope, ScopeKind};
use domain::stored::Stored;
use domain::{Record, RecordId};
use rusqlite::{OptionalExtension, Row, params};

use super::device::{signed, unsigned};
use super::record::{RawRecord, whole};
use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// Where a scope stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeRow {
    /// Its newest version; 0 before the first.
    pub head: u64,
    /// What its living records add up to.
    pub digest: Digest,
}

/// A record's place in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The version it last changed at.
    pub version: u64,
    /// What it adds to the digest; `None` when gone or dead.
    pub hash: Option<u128>,
    /// It left.
    pub gone: bool,
    /// When it left, Unix milliseconds, UTC; 0 when it did not.
    pub left_unix_ms: i64,
}

/// One row of a page: a record that changed, or one that left. Its values are read when they are asked for.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// The record.
    pub id: RecordId,
    /// The version it last changed at.
    pub version: u64,
    raw: Option<RawRecord>,
}

impl PageRow {
    /// It left the scope.
    pub fn is_gone(&self) -> bool {
        self.raw.is_none()
    }

    /// The record as it is now; `None` for an exit.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn record(self) -> Result<Option<Record>, StoreError> {
        self.raw.map(whole).transpose()
    }

    /// What a scope receives of a living record, as it is stored there; `None` for an exit and for the dead.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stored(&self, scope: ScopeKind) -> Result<Option<Stored>, StoreError> {
        let Some(raw) = self.raw.as_ref().filter(|raw| raw.dead.is_none()) else { return Ok(None) };
        Ok(Some(Stored::of_groups(raw.kind.clone(), raw.id, &raw.groups, scope)?))
    }
}

/// A hash from its column, where there is one.
fn hash_of(bytes: &[u8]) -> Option<u128> {
    bytes.try_into().ok().map(u128::from_be_bytes)
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        version: unsigned(row.get("version")?),
        hash: hash_of(row.get_ref("hash")?.as_blob()?),
        gone: row.get("gone")?,
        left_unix_ms: row.get("left_unix_ms")?,
    })
}

impl View<'_> {
    /// Where a scope stands; one nobody wrote to stands at 0.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn scope(&self, scope: &Scope) -> Result<ScopeRow, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT head, sum, count FROM scope WHERE id = ?1")?;
        let read = |row: &Row<'_>| {
            let sum: String = row.get("sum")?;
            let digest = Digest { sum: hash_from_hex(&sum).unwrap_or(0), count: unsigned(row.get("count")?) };
            Ok(ScopeRow { head: unsigned(row.get("head")?), digest })
        };
        Ok(statement.query_row([scope.to_string()], read).optional()?.unwrap_or_default())
    }

    /// The tag of a version.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn version_tag(&self, scope: &Scope, version: u64) -> Result<Option<String>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT tag FROM scope_version WHERE scope = ?1 AND version = ?2")?;
        Ok(statement.query_row(params![scope.to_string(), signed(version)], |row| row.get(0)).optional()?)
    }

    /// What changed in a scope after a version, oldest first. `living_only` leaves out exits and the dead: who begins anew
    /// never held them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changed_after(
        &self,
        scope: &Scope,
        version: u64,
        living_only: bool,
        limit: usize,
    ) -> Result<Vec<PageRow>, StoreError> {
        self.page(include_str!("changed_after.sql"), scope, version, living_only, limit)
    }

    /// Everything of the first version after this one that has anything.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn next_version(&self, scope: &Scope, version: u64, living_only: bool) -> Result<Vec<PageRow>, StoreError> {
        self.page(include_str!("next_version.sql"), scope, version, living_only, usize::MAX)
    }

    fn page(&self, sql: &str, scope: &Scope, version: u64, living_only: bool, limit: usize) -> Result<Vec<PageRow>, StoreError> {
        let mut statement = self.connection()?.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![scope.to_string(), signed(version), living_only, limit])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            // By place: a first load reads hundreds of thousands, and a look for each name costs as much as reading it.
            let (id, gone) = (RecordId::from_bytes(row.get(0)?), row.get(2)?);
            let raw = if gone { None } else { Some(RawRecord { id, kind: row.get(3)?, groups: row.get(4)?, dead: row.get(5)? }) };
            page.push(PageRow { id, version: unsigned(row.get(1)?), raw });
        }
        Ok(page)
    }

    /// A record's place in a scope, also one it left.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn member_of(&self, scope: &Scope, record: RecordId) -> Result<Option<Member>, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT version, hash, gone, left_unix_ms FROM record_scope WHERE scope = ?1 AND record = ?2")?;
        Ok(statement.query_row(params![scope.to_string(), record.as_bytes()], member).optional()?)
    }

    /// Every scope a record is in, or was.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn memberships(&self, record: RecordId) -> Result<Vec<(Scope, Member)>, StoreError> {
        let mut statement = self.beside().prepare_cached(
            "SELECT scope, version, hash, gone, left_unix_ms FROM record_scope WHERE record = ?1 ORDER BY scope",
        )?;
        let read = |row: &Row<'_>| Ok((rows::id(row, "scope")?, member(row)?));
        Ok(statement.query_map([record.as_bytes()], read)?.collect::<Result<_, _>>()?)
    }

    /// The living records of a scope with their hashes, by id.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn hashes(&self, scope: &Scope) -> Result<Vec<(RecordId, u128)>, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT record, hash FROM record_scope WHERE scope = ?1 AND hash <> x'' ORDER BY record")?;
        let read = |row: &Row<'_>| {
            let record = RecordId::from_bytes(rows::bytes16(row, "record")?);
            Ok((record, hash_of(row.get_ref("hash")?.as_blob()?).unwrap_or(0)))
        };
        Ok(statement.query_map([scope.to_string()], read)?.collect::<Result<_, _>>()?)
    }

    /// What the stored hashes of a scope add up to: the proof that the kept sum is right.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn digest_counted(&self, scope: &Scope) -> Result<Digest, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT hash FROM record_scope WHERE scope = ?1 AND hash <> x''")?;
        let mut digest = Digest::default();
        for hash in statement.query_map([scope.to_string()], |row| Ok(hash_of(row.get_ref(0)?.as_blob()?)))? {
            digest.add(hash?.unwrap_or(0));
        }
        Ok(digest)
    }
}

impl Write<'_> {
    /// The next version of a scope, under this tag.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn advance(&self, scope: &Scope, tag: &str) -> Result<u64, StoreError> {
        let id = scope.to_string();
        self.beside().prepare_cached("INSERT OR IGNORE INTO scope (id) VALUES (?1)")?.execute([&id])?;
        let mut statement = self.beside().prepare_cached("UPDATE scope SET head = head + 1 WHERE id = ?1 RETURNING head")?;
        let head: i64 = statement.query_row([&id], |row| row.get(0))?;
        let mut statement =
            self.beside().prepare_cached("INSERT INTO scope_version (scope, version, tag) VALUES (?1, ?2, ?3)")?;
        statement.execute(params![id, head, tag])?;
        Ok(unsigned(head))
    }

    /// What the scope adds up to now.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_digest(&self, scope: &Scope, digest: Digest) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached("UPDATE scope SET sum = ?2, count = ?3 WHERE id = ?1")?;
        statement.execute(params![scope.to_string(), digest.hex(), signed(digest.count)])?;
        Ok(())
    }

    /// A record's place in a scope.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn put_member(&self, scope: &Scope, record: RecordId, member: Member) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("put_member.sql"))?;
        statement.execute(params![
            scope.to_string(),
            record.as_bytes(),
            signed(member.version),
            member.hash.map(|hash| hash.to_be_bytes().to_vec()).unwrap_or_default(),
            member.gone,
            member.left_unix_ms
        ])?;
        Ok(())
    }
}
