//! The outbox: rows are written once, and answered by number.

use domain::{Change, ChangeId, RecordId, TxnId};
use rusqlite::{OptionalExtension, Row, named_params};

use super::numbers::Bytes;
use super::{View, Writing};
use crate::open::StoreError;
use crate::rows;

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Not answered.
    Waiting,
    /// Answered, its values stand.
    Ok,
    /// Answered, some value is in a conflict.
    Merged,
    /// Refused, in the tray.
    Refused,
    /// Refused, and sent again as other changes.
    Resent,
    /// Refused, and given up by a person.
    Discarded,
    /// Came too late: the station holds it and decides.
    Held,
}

/// The verdict of a held change. In the file it stands as given up, since files of release 0.1 know no other word for what is
/// over; the verdict beside it tells the two apart.
const HELD: &str = r#"{"is":"held"}"#;

impl OutboxState {
    fn as_str(self) -> &'static str {
        match self {
            OutboxState::Waiting => "waiting",
            OutboxState::Ok => "ok",
            OutboxState::Merged => "merged",
            OutboxState::Refused => "refused",
            OutboxState::Resent => "resent",
            OutboxState::Discarded | OutboxState::Held => "discarded",
        }
    }

    fn from_text(text: &str, verdict: &str) -> OutboxState {
        use OutboxState::*;
        if text == Held.as_str() && verdict == HELD {
            return Held;
        }
        [Waiting, Ok, Merged, Refused, Resent, Discarded].into_iter().find(|state| state.as_str() == text).unwrap_or(Waiting)
    }
}

/// A change with its envelope and its fate.
#[derive(Clone, Debug)]
pub struct OutboxChange {
    /// Its number.
    pub seq: u64,
    /// The change.
    pub change: Change,
    /// When it was saved, Unix milliseconds, UTC.
    pub saved_unix_ms: i64,
    /// Where it stands.
    pub state: OutboxState,
    /// The verdict, as JSON; empty while waiting.
    pub verdict: String,
    /// When the server answered, Unix milliseconds, UTC.
    pub answered_unix_ms: Option<i64>,
}

/// Saves (not changes) since a moment, by fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TodayCounts {
    /// All.
    pub saved: u64,
    /// Answered and standing.
    pub ok: u64,
    /// With a value in a conflict.
    pub merged: u64,
    /// Refused.
    pub refused: u64,
}

type Raw = (u64, String, i64, String, String, Option<i64>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        row.get::<_, i64>("seq")?.unsigned_abs(),
        row.get("body")?,
        row.get("saved_unix_ms")?,
        row.get("state")?,
        row.get("verdict")?,
        row.get("answered_unix_ms")?,
    ))
}

fn read((seq, body, saved_unix_ms, state, verdict, answered_unix_ms): Raw) -> Result<OutboxChange, StoreError> {
    let state = OutboxState::from_text(&state, &verdict);
    Ok(OutboxChange { seq, change: rows::json(&body)?, saved_unix_ms, state, verdict, answered_unix_ms })
}

impl View<'_> {
    fn changes(&self, sql: &str, parameters: &[(&str, &dyn rusqlite::ToSql)]) -> Result<Vec<OutboxChange>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map(parameters, raw)?.collect::<Result<Vec<_>, _>>()?;
        found.into_iter().map(read).collect()
    }

    /// The next changes to push, in order, from `from` on.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn waiting_changes(&self, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change WHERE state = 'waiting' ORDER BY seq LIMIT :limit",
            named_params! { ":limit": limit },
        )
    }

    /// The next changes to push behind one of which the answer is on its way into the file.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn waiting_changes_after(&self, seq: u64, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change
             WHERE state = 'waiting' AND seq > :seq ORDER BY seq LIMIT :limit",
            named_params! { ":seq": i64::try_from(seq).unwrap_or(i64::MAX), ":limit": limit },
        )
    }

    /// Changes by number, answered or not: a restored server asks for old ones again.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_from(&self, seq: u64, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change WHERE seq >= :seq ORDER BY seq LIMIT :limit",
            named_params! { ":seq": i64::try_from(seq).unwrap_or(i64::MAX), ":limit": limit },
        )
    }

    /// The unanswered changes of one record, in order.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn waiting_of(&self, record: RecordId) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change
             WHERE record = :record AND state = 'waiting' ORDER BY seq",
            named_params! { ":record": record.to_string() },
        )
    }

    /// Every kept change of one record, the newest first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_of(&self, record: RecordId, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change
             WHERE record = :record ORDER BY seq DESC LIMIT :limit",
            named_params! { ":record": record.to_string(), ":limit": limit },
        )
    }

    /// The refused changes, the newest save first.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn refused_changes(&self, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change
             WHERE state = 'refused' ORDER BY seq DESC LIMIT :limit",
            named_params! { ":limit": limit },
        )
    }

    /// The changes saved between two moments, in order.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_between(&self, from_unix_ms: i64, to_unix_ms: i64, limit: u32) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change
             WHERE saved_unix_ms >= :from AND saved_unix_ms < :to ORDER BY seq LIMIT :limit",
            named_params! { ":from": from_unix_ms, ":to": to_unix_ms, ":limit": limit },
        )
    }

    /// Days of which something is kept, the newest first, with the number of saves. A day is `day_ms` long and counted from the
    /// epoch in a zone that is `zone_ms` ahead.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn days_with_saves(&self, zone_ms: i64, day_ms: i64, limit: u32) -> Result<Vec<(i64, u64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (saved_unix_ms + :zone) / :length AS day, count(DISTINCT txn) AS saves FROM change
             GROUP BY day ORDER BY day DESC LIMIT :limit",
        )?;
        let rows = statement.query_map(named_params! { ":zone": zone_ms, ":length": day_ms, ":limit": limit }, |row| {
            Ok((row.get("day")?, row.get::<_, i64>("saves")?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The changes of one save, in order.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn changes_of_txn(&self, txn: TxnId) -> Result<Vec<OutboxChange>, StoreError> {
        self.changes(
            "SELECT seq, body, saved_unix_ms, state, verdict, answered_unix_ms FROM change WHERE txn = :txn ORDER BY seq",
            named_params! { ":txn": txn.to_string() },
        )
    }

    /// A change by number.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn change_at(&self, seq: u64) -> Result<Option<OutboxChange>, StoreError> {
        Ok(self.changes_from(seq, 1)?.into_iter().find(|change| change.seq == seq))
    }

    /// Whether a change is in the outbox, answered or not.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn knows_change(&self, id: ChangeId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM change WHERE id = :id")?;
        Ok(statement.exists(named_params! { ":id": id.to_string() })?)
    }

    /// The last change ever numbered, also when its row is long forgotten.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn newest(&self) -> Result<Option<(u64, ChangeId)>, StoreError> {
        self.position("newest")
    }

    /// The last change whose verdict is held, also when its row is long forgotten.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn acked(&self) -> Result<Option<(u64, ChangeId)>, StoreError> {
        self.position("acked")
    }

    fn position(&self, key: &str) -> Result<Option<(u64, ChangeId)>, StoreError> {
        let text = self.meta(key)?;
        Ok(text
            .as_deref()
            .and_then(|text| text.split_once(':'))
            .and_then(|(seq, id)| Some((seq.parse().ok()?, id.parse().ok()?))))
    }

    /// How many changes wait.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn waiting_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM change WHERE state = 'waiting'")?
            .query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Whether anything of a record waits to be answered.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn is_waiting(&self, record: RecordId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT waiting > 0 FROM record WHERE id = :id")?;
        Ok(statement.query_row(named_params! { ":id": Bytes(record) }, |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// How many refused saves wait for a person.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn refused_count(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(DISTINCT txn) FROM change WHERE state = 'refused'")?
            .query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Saves since a moment, by fate. A save counts as refused or merged when any change of it is.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn counts_since(&self, unix_ms: i64) -> Result<TodayCounts, StoreError> {
        Ok(self.connection.prepare_cached(include_str!("counts_since.sql"))?.query_row(
            named_params! { ":since": unix_ms },
            |row| {
                let at = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
                Ok(TodayCounts { saved: at("saved")?, ok: at("ok")?, merged: at("merged")?, refused: at("refused")? })
            },
        )?)
    }
}

impl Writing<'_> {
    /// Adds a change under the next number and answers it.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn push_change(&self, change: &Change, saved_unix_ms: i64) -> Result<u64, StoreError> {
        // Remembered apart from the rows: a purged row must not free its number.
        let last = self.newest()?.map_or(0, |(seq, _)| seq);
        let seq = i64::try_from(last + 1).unwrap_or(i64::MAX);
        self.set_meta("newest", &format!("{seq}:{}", change.id))?;
        self.connection
            .prepare_cached(
                "INSERT INTO change (seq, id, txn, record, kind, body, saved_unix_ms)
                 VALUES (:seq, :id, :txn, :record, :kind, :body, :saved_unix_ms)",
            )?
            .execute(named_params! {
                ":seq": seq, ":id": change.id.to_string(), ":txn": change.txn.to_string(),
                ":record": change.record.to_string(), ":kind": change.kind,
                ":body": serde_json::to_string(change)?, ":saved_unix_ms": saved_unix_ms,
            })?;
        Ok(seq.unsigned_abs())
    }

    /// Numbers what is kept and what waits anew, in its order and without holes, above every number there was. Answers the last
    /// number before them.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn number_kept_anew(&self) -> Result<u64, StoreError> {
        let base = self.newest()?.map_or(0, |(seq, _)| seq);
        let kept: Vec<(i64, String)> = self
            .connection
            .prepare_cached("SELECT seq, id FROM change WHERE state IN ('waiting', 'ok', 'merged') ORDER BY seq")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut renumber = self.connection.prepare_cached("UPDATE change SET seq = :new WHERE seq = :old")?;
        let mut last = i64::try_from(base).unwrap_or(i64::MAX);
        for (old, _) in &kept {
            last += 1;
            renumber.execute(named_params! { ":new": last, ":old": old })?;
        }
        if let Some((_, id)) = kept.last() {
            self.set_meta("newest", &format!("{last}:{id}"))?;
        }
        Ok(base)
    }

    /// Writes down what became of a change.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn answer_change(&self, seq: u64, state: OutboxState, verdict: &str, answered_unix_ms: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE change SET state = :state, verdict = :verdict, answered_unix_ms = :answered WHERE seq = :seq",
            )?
            .execute(named_params! {
                ":seq": i64::try_from(seq).unwrap_or(i64::MAX), ":state": state.as_str(), ":verdict": verdict,
                ":answered": answered_unix_ms,
            })?;
        Ok(())
    }

    /// Forgets every change that was answered, save those in the tray: there is no other place where their values stand.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_all_answered(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM change WHERE state NOT IN ('waiting', 'refused')", [])?;
        Ok(())
    }

    /// Remembers the last change whose verdict is held.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_acked(&self, seq: u64, id: ChangeId) -> Result<(), StoreError> {
        self.set_meta("acked", &format!("{seq}:{id}"))
    }

    /// Moves the refused changes of a save to another state.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn settle_refused(&self, txn: TxnId, state: OutboxState) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE change SET state = :state WHERE txn = :txn AND state = 'refused'")?
            .execute(named_params! { ":txn": txn.to_string(), ":state": state.as_str() })?;
        Ok(())
    }

    /// Replaces the body of an answered change, to mask what its writer may no longer read.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn rewrite_change(&self, seq: u64, change: &Change) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE change SET body = :body WHERE seq = :seq AND state <> 'waiting'")?.execute(
            named_params! {
                ":seq": i64::try_from(seq).unwrap_or(i64::MAX), ":body": serde_json::to_string(change)?,
            },
        )?;
        Ok(())
    }

    /// Forgets answered changes saved before a moment, and the oldest above a number of rows.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn forget_answered(&self, before_unix_ms: i64, keep_max: u32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM change WHERE state IN ('ok', 'merged', 'resent', 'discarded') AND saved_unix_ms < :before",
            )?
            .execute(named_params! { ":before": before_unix_ms })?;
        self.connection
            .prepare_cached(
                "DELETE FROM change WHERE state IN ('ok', 'merged', 'resent', 'discarded')
                 AND seq <= (SELECT max(seq) FROM change) - :keep",
            )?
            .execute(named_params! { ":keep": keep_max })?;
        Ok(())
    }
}
