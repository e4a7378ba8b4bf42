//! Accounts, their areas, and one-time codes for a forgotten password.

use domain::AccountId;
use domain::access::Role;
use rusqlite::{OptionalExtension, Row, params};

use super::{View, Write};
use crate::StoreError;
use crate::rows;

/// Who may sign in.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// What people say.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Digits only; a landlord's homes are found by it.
    pub phone: String,
    /// As argon2 writes it.
    pub password_hash: String,
    /// Shut out.
    pub disabled: bool,
    /// Unix milliseconds, UTC.
    pub created_unix_ms: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let role: String = row.get("role")?;
    Ok(AccountRow {
        id: rows::id(row, "id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        // The table's CHECK admits only roles this build knows; an unknown one would get the least.
        role: Role::from_text(&role).unwrap_or(Role::Admin),
        phone: row.get("phone")?,
        password_hash: row.get("password_hash")?,
        disabled: row.get("disabled")?,
        created_unix_ms: row.get("created_unix_ms")?,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, login, name, role, phone, password_hash, disabled, created_unix_ms FROM account ", $rest)
    };
}

impl View<'_> {
    /// An account by id.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn account(&self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE id = ?1"))?;
        Ok(statement.query_row([id.to_string()], read).optional()?)
    }

    /// An account by what is typed to sign in.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn account_by_login(&self, login: &str) -> Result<Option<AccountRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("WHERE login = ?1"))?;
        Ok(statement.query_row([login], read).optional()?)
    }

    /// The landlord with this phone; the oldest account when there are two.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn landlord_by_phone(&self, phone: &str) -> Result<Option<AccountRow>, StoreError> {
        if phone.is_empty() {
            return Ok(None);
        }
        let mut statement = self
            .beside()
            .prepare_cached(select!("WHERE phone = ?1 AND role = 'landlord' ORDER BY created_unix_ms, id LIMIT 1"))?;
        Ok(statement.query_row([phone], read).optional()?)
    }

    /// Every account by login.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let mut statement = self.beside().prepare_cached(select!("ORDER BY login"))?;
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// The coordinators of a village.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn coordinators_of(&self, village: &str) -> Result<Vec<AccountId>, StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("coordinators_of.sql"))?;
        Ok(statement.query_map([village], |row| rows::id(row, "id"))?.collect::<Result<_, _>>()?)
    }

    /// The areas an account was given, as they were given.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn account_areas(&self, id: AccountId) -> Result<Vec<String>, StoreError> {
        let mut statement = self.beside().prepare_cached("SELECT area FROM account_area WHERE account = ?1 ORDER BY area")?;
        Ok(statement.query_map([id.to_string()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// A new account.
    ///
    /// # Errors
    /// As SQLite says; a login that is taken too.
    pub fn add_account(&self, account: &AccountRow) -> Result<(), StoreError> {
        let mut statement = self.beside().prepare_cached(include_str!("add_account.sql"))?;
        statement.execute(params![
            account.id.to_string(),
            account.login,
            account.name,
            account.role.as_str(),
            account.phone,
            account.password_hash,
            account.disabled,
            account.created_unix_ms
        ])?;
        Ok(())
    }

    /// What an account is responsible for.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_account_areas(&self, id: AccountId, areas: &[String]) -> Result<(), StoreError> {
        self.beside().execute("DELETE FROM account_area WHERE account = ?1", [id.to_string()])?;
        for area in areas {
            self.beside()
                .execute("INSERT OR IGNORE INTO account_area (account, area) VALUES (?1, ?2)", params![id.to_string(), area])?;
        }
        Ok(())
    }

    /// Sets a password; codes that would set it are used up.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_password(&self, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        self.beside().execute("UPDATE account SET password_hash = ?2 WHERE id = ?1", params![id.to_string(), password_hash])?;
        self.beside().execute("DELETE FROM account_code WHERE account = ?1", [id.to_string()])?;
        Ok(())
    }

    /// Shuts an account out, or lets it in again.
    ///
    /// # Errors
    /// As SQLite says.
    pub fn set_account_disabled(&self, id: AccountId, disabled: bool, at_unix_ms: i64) -> Result<(), StoreError> {
        self.beside().execute(
            "UPDATE account SET disabled = ?2, disabled_unix_ms = ?3 WHERE id = ?1 AND disabled <> ?2",
            params![id.to_string(), disabled, if disabled { at_unix_ms } else { 0 }],
        )?;
        Ok(())
    }
}
