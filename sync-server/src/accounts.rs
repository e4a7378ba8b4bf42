//! Accounts: who may sign in, for what, where. Made at the console.

use domain::access::Role;
use domain::digest::text_hash_hex;
use domain::{AccountId, text};
use store::server::{AccountRow, AuditLine, Write};

use crate::clock::fresh_uuid;
use crate::core::Core;
use crate::failure::{AdminError, Failure};
use crate::passwords;
use crate::register::Ledger;

/// Who does what at the console.
pub const CONSOLE: &str = "console";
/// How long a code that sets a password anew is valid.
const PASSWORD_CODE_MS: i64 = 24 * 60 * 60 * 1000;

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub login: String,
    /// What people say.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// A landlord's, as in the homes' records; may be empty otherwise.
    pub phone: String,
    /// Codes of villages, townships or the county.
    pub areas: Vec<String>,
    /// Its password.
    pub password: String,
}

/// An account as the console lists it.
#[derive(Clone, Debug)]
pub struct ListedAccount {
    /// The account.
    pub account: AccountRow,
    /// Its areas.
    pub areas: Vec<String>,
    /// Its devices that are not revoked.
    pub devices: usize,
}

/// Whether somebody may have this login.
pub(crate) fn is_login(login: &str) -> bool {
    (2..=32).contains(&login.len()) && login.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

impl Core {
    /// Makes an account. A landlord's homes become his at once.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn add_account(&self, new: NewAccount) -> Result<AccountId, Failure> {
        let login = passwords::clean_login(&new.login);
        if !is_login(&login) {
            return Err(AdminError::BadLogin.into());
        }
        let name = text::require_text(&new.name, text::NAME_MAX).map_err(|_| AdminError::BadName)?;
        let phone = match (new.phone.trim(), new.role) {
            ("", Role::Landlord) => return Err(AdminError::BadPhone.into()),
            ("", _) => String::new(),
            (typed, _) => text::check_phone(typed).map_err(|_| AdminError::BadPhone)?,
        };
        if matches!(new.role, Role::Coordinator | Role::Officer) && new.areas.is_empty() {
            return Err(AdminError::AreasNeeded.into());
        }
        let account = AccountRow {
            id: AccountId(fresh_uuid(&*self.clock, &*self.dice)),
            login,
            name,
            role: new.role,
            phone,
            password_hash: self.scales.weigh(|| passwords::hash(&new.password, &*self.dice))?,
            disabled: false,
            created_unix_ms: self.now_unix_ms(),
        };
        let id = account.id;
        let (dice, areas) = (self.dice.clone(), new.areas);
        self.write(move |write| {
            if write.account_by_login(&account.login)?.is_some() {
                return Err(AdminError::LoginTaken.into());
            }
            for area in &areas {
                write.area(area)?.ok_or_else(|| AdminError::NoArea(area.clone()))?;
            }
            write.add_account(&account)?;
            write.set_account_areas(account.id, &areas)?;
            audit(write, account.created_unix_ms, "account.add", &account.id.to_string(), account.role.as_str())?;
            if account.role == Role::Landlord {
                for unit in write.units_of_phone(&account.phone)? {
                    let mut ledger = Ledger::new(write, account.created_unix_ms, &*dice);
                    ledger.put(&unit)?;
                    ledger.replace()?;
                }
            }
            Ok(())
        })?;
        Ok(id)
    }

    /// Every account by login.
    ///
    /// # Errors
    /// As the store says.
    pub fn list_accounts(&self) -> Result<Vec<ListedAccount>, Failure> {
        self.look(|view| {
            let list = |account: AccountRow| {
                let areas = view.account_areas(account.id)?;
                let devices = view.devices_of(account.id)?.iter().filter(|device| !device.revoked).count();
                Ok(ListedAccount { account, areas, devices })
            };
            view.accounts()?.into_iter().map(list).collect()
        })
    }

    /// A one-time code with which the person sets a new password.
    ///
    /// # Errors
    /// [`AdminError::NoAccount`].
    pub fn password_code(&self, login: &str) -> Result<String, Failure> {
        let login = passwords::clean_login(login);
        let code = passwords::fresh_code(&*self.dice);
        let (hash, now_unix_ms) = (text_hash_hex(&code), self.now_unix_ms());
        self.write(move |write| {
            let account = write.account_by_login(&login)?.ok_or(AdminError::NoAccount)?;
            write.put_password_code(account.id, &hash, now_unix_ms + PASSWORD_CODE_MS)?;
            audit(write, now_unix_ms, "account.reset", &account.id.to_string(), "")
        })?;
        Ok(code)
    }

    /// Gives an account other areas. Its devices learn of it with their next exchange: what they lost goes, what they gained comes.
    ///
    /// # Errors
    /// [`AdminError::NoAccount`]; [`AdminError::NoArea`].
    pub fn set_areas(&self, login: &str, areas: &[&str]) -> Result<(), Failure> {
        let login = passwords::clean_login(login);
        let areas: Vec<String> = areas.iter().map(|area| (*area).to_owned()).collect();
        let now_unix_ms = self.now_unix_ms();
        self.write(move |write| {
            let account = write.account_by_login(&login)?.ok_or(AdminError::NoAccount)?;
            for area in &areas {
                write.area(area)?.ok_or_else(|| AdminError::NoArea(area.clone()))?;
            }
            let before = write.villages_of(account.id)?;
            write.set_account_areas(account.id, &areas)?;
            // What a device still has to say about a village that was taken away is late work, for a month.
            write.note_areas_lost(account.id, &before, &write.villages_of(account.id)?, now_unix_ms)?;
            audit(write, now_unix_ms, "account.areas", &account.id.to_string(), &areas.join(" "))
        })
    }

    /// Shuts an account out: its devices, its sign-ins at the desk.
    ///
    /// # Errors
    /// [`AdminError::NoAccount`].
    pub fn disable_account(&self, login: &str, disabled: bool) -> Result<(), Failure> {
        let login = passwords::clean_login(login);
        let now_unix_ms = self.now_unix_ms();
        self.write(move |write| {
            let account = write.account_by_login(&login)?.ok_or(AdminError::NoAccount)?;
            write.set_account_disabled(account.id, disabled, now_unix_ms)?;
            write.drop_sessions_of(account.id)?;
            audit(write, now_unix_ms, if disabled { "account.disable" } else { "account.enable" }, &account.id.to_string(), "")
        })
    }
}

/// A line about something done at the console.
pub(crate) fn audit(write: &Write<'_>, at_unix_ms: i64, action: &str, subject: &str, detail: &str) -> Result<(), Failure> {
    Ok(write.add_audit(AuditLine { at_unix_ms, actor: CONSOLE, action, subject, detail })?)
}
