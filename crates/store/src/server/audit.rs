//! Who did what. Each line's hash covers the one before it, so that a line that was altered or taken out shows.

use rusqlite::{OptionalExtension, params};

use super::{View, Write};
use crate::StoreError;

/// One line. It names accounts, devices and records by id and holds no personal values.
#[derive(Clone, Copy, Debug)]
pub struct AuditLine<'t> {
    /// When, Unix milliseconds, UTC.
    pub at_unix_ms: i64,
    /// An account's id, or `console`.
    pub actor: &'t str,
    /// What was done.
    pub action: &'t str,
    /// To what, by id.
    pub subject: &'t str,
    /// Codes and counts.
    pub detail: &'t str,
}

/// The hash of a line that follows another. The separator cannot stand in any part: they are ids and codes.
fn chained(before: &str, line: AuditLine<'_>) -> String {
    let at = line.at_unix_ms.to_string();
    let text = [before, &at, line.actor, line.action, line.subject, line.detail].join("\u{1f}");
    domain::digest::text_hash_hex(&text)
}

impl View<'_> {
    /// The number of the first line that does not follow from the one before it; `None` when the chain is whole.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn audit_broken_at(&self) -> Result<Option<i64>, StoreError> {
        let mut statement = self
            .beside()
            .prepare_cached("SELECT number, at_unix_ms, actor, action, subject, detail, hash FROM audit ORDER BY number")?;
        let mut rows = statement.query([])?;
        let (mut before, mut expected) = (String::new(), 1);
        while let Some(row) = rows.next()? {
            let (actor, action): (String, String) = (row.get("actor")?, row.get("action")?);
            let (subject, detail): (String, String) = (row.get("subject")?, row.get("detail")?);
            let (number, hash): (i64, String) = (row.get("number")?, row.get("hash")?);
            let line = AuditLine {
                at_unix_ms: row.get("at_unix_ms")?,
                actor: &actor,
                action: &action,
                subject: &subject,
                detail: &detail,
            };
            if number != expected || chained(&before, line) != hash {
                return Ok(Some(number));
            }
            (before, expected) = (hash, number + 1);
        }
        Ok(None)
    }

    /// How often something was done, for tests and figures.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn audit_count(&self, action: &str) -> Result<u64, StoreError> {
        let count: i64 = self.beside().query_row("SELECT COUNT(*) FROM audit WHERE action = ?1", [action], |row| row.get(0))?;
        Ok(super::device::unsigned(count))
    }
}

impl Write<'_> {
    /// Adds a line.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn add_audit(&self, line: AuditLine<'_>) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?;
        let last: Option<(i64, String)> = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (number, before) = last.unwrap_or((0, String::new()));
        let mut statement = self.beside().prepare_cached(include_str!("add_audit.sql"))?;
        let hash = chained(&before, line);
        statement.execute(params![number + 1, line.at_unix_ms, line.actor, line.action, line.subject, line.detail, hash])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServerStore;

    fn line(action: &str) -> AuditLine<'_> {
        AuditLine { at_unix_ms: 1, actor: "console", action, subject: "", detail: "" }
    }

    /// What somebody with the file in hand could do to it, and which line gives them away.
    fn check(what: &str, tamper: &str, broken_at: Option<i64>) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = ServerStore::open(&folder.path().join("server.db")).expect("opens");
        store
            .write(|write| -> Result<(), StoreError> {
                for action in ["one", "two", "three", "four"] {
                    write.add_audit(line(action))?;
                }
                Ok(())
            })
            .expect("writes");
        let found = store.write(|write| -> Result<_, StoreError> {
            write.beside().execute_batch(tamper)?;
            write.audit_broken_at()
        });
        assert_eq!(found.expect("looks"), broken_at, "{what}");
    }

    #[test]
    fn an_altered_or_missing_line_shows() {
        check("untouched", "", None);
        check("altered", "UPDATE audit SET detail = 'x' WHERE number = 2", Some(2));
        check("another actor", "UPDATE audit SET actor = 'nobody' WHERE number = 3", Some(3));
        check("taken out of the middle", "DELETE FROM audit WHERE number = 2", Some(3));
        check(
            "taken out, the rest moved up",
            "DELETE FROM audit WHERE number = 1; UPDATE audit SET number = number - 1",
            Some(1),
        );
        check("put in", "INSERT INTO audit VALUES (5, 1, 'console', 'five', '', '', 'made up')", Some(5));
    }
}
