//! Group commit: several pieces of work, each in its own savepoint, made durable by one COMMIT.
//!
//! ```text
//!   BEGIN IMMEDIATE ─ SAVEPOINT a ─ RELEASE ─ SAVEPOINT b ─ ROLLBACK TO ─ SAVEPOINT c ─ RELEASE ─ COMMIT ─► answers
//! ```

use super::{ServerStore, Write};
use crate::{StoreError, ending, points};

/// Why one member of a group did nothing.
#[derive(Debug)]
pub enum MemberError<E> {
    /// Its own work failed and was taken back; the group goes on.
    Work(E),
    /// SQLite gave the whole transaction up, or the member could not be taken back: no member of this group happened.
    GroupLost(StoreError),
}

impl ServerStore {
    /// Begins a group.
    ///
    /// # Errors
    /// As SQLite says; then there is no group.
    pub fn begin_group(&mut self) -> Result<(), StoreError> {
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            // The transaction may be open all the same: left so, every later BEGIN would be refused until a restart.
            self.give_group_up();
            return Err(error.into());
        }
        points::reach("server.group.begun");
        Ok(())
    }

    /// Does one piece of work in its own savepoint. Needs a group.
    ///
    /// # Errors
    /// See [`MemberError`]. After `GroupLost` nothing may be added; [`ServerStore::give_group_up`] ends it.
    pub fn member<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&Write<'_>) -> Result<T, E>) -> Result<T, MemberError<E>> {
        let connection = &self.connection;
        let lost = |error: rusqlite::Error| MemberError::GroupLost(error.into());
        connection.execute_batch("SAVEPOINT member").map_err(lost)?;
        let write = Write::new(connection);
        let done = work(&write).and_then(|value| {
            write.tell_file()?;
            Ok(value)
        });
        // A full disk or a failed write can end the outer transaction behind our back: then earlier members are gone too,
        // although each of them was told that it worked.
        if connection.is_autocommit() {
            return Err(MemberError::GroupLost(StoreError::Sqlite(rusqlite::Error::InvalidQuery)));
        }
        match done {
            Ok(value) => {
                connection.execute_batch("RELEASE member").map_err(lost)?;
                points::reach("server.member.done");
                Ok(value)
            }
            Err(error) => {
                connection.execute_batch("ROLLBACK TO member; RELEASE member").map_err(lost)?;
                Err(MemberError::Work(error))
            }
        }
    }

    /// Makes the group durable. Only after this may anybody be answered.
    ///
    /// # Errors
    /// As SQLite says; then no member of the group happened.
    pub fn commit_group(&mut self) -> Result<(), StoreError> {
        ending::disarm(&mut self.connection);
        points::reach("server.group.before_commit");
        let committed = self.connection.execute_batch("COMMIT");
        points::reach("server.group.committed");
        if committed.is_err() {
            self.give_group_up();
        }
        Ok(committed?)
    }

    /// Ends a group of which nothing may stay.
    pub fn give_group_up(&mut self) {
        ending::disarm(&mut self.connection);
        if !self.connection.is_autocommit() {
            // When even this fails the connection is broken, and the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// One piece of work as a group of its own.
    ///
    /// # Errors
    /// Whatever `work` answers, and SQLite.
    pub fn write<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&Write<'_>) -> Result<T, E>) -> Result<T, E> {
        self.begin_group()?;
        match self.member(work) {
            Ok(value) => {
                self.commit_group()?;
                Ok(value)
            }
            Err(MemberError::Work(error)) => {
                self.give_group_up();
                Err(error)
            }
            Err(MemberError::GroupLost(error)) => {
                self.give_group_up();
                Err(error.into())
            }
        }
    }
}

impl Write<'_> {
    /// Does something that may be taken back without taking back what came before it: one save of a push.
    /// `work` answers whether it stays. Attempts do not stand inside each other.
    ///
    /// # Errors
    /// Whatever `work` answers; then too it is taken back.
    pub fn attempt<T, E: From<StoreError>>(&self, work: impl FnOnce() -> Result<(T, bool), E>) -> Result<T, E> {
        self.savepoint("SAVEPOINT attempt")?;
        self.begin_attempt();
        let done = work();
        let stays = matches!(done, Ok((_, true)));
        self.end_attempt(stays);
        let ended = if stays { Ok(()) } else { self.savepoint("ROLLBACK TO attempt") };
        let ended = ended.and_then(|()| self.savepoint("RELEASE attempt"));
        let (value, _) = done?;
        ended?;
        Ok(value)
    }

    fn savepoint(&self, sql: &str) -> Result<(), StoreError> {
        self.beside().prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
