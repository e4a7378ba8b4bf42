//! Both sides hold the same: what each device last said of each area, beside what the register held then.

use std::collections::BTreeMap;

use domain::place::Scope;
use domain::{AccountId, DeviceNumber};
use store::server::{SaidRow, ScopeRow, View};
use ui_protocol::proof::{StationProof, StationProofReply, StationProofRow};

use super::{DeskCaller, lists};
use crate::caller::grants;
use crate::core::Core;
use crate::failure::Failure;

/// The devices of the caller's villages, area by area: what differs first, then what was never compared.
///
/// # Errors
/// As the store says.
pub fn look(view: &View<'_>, caller: &DeskCaller, ask: &StationProof) -> Result<StationProofReply, Failure> {
    let people = lists::station_accounts(view, caller)?;
    let areas = lists::area_names(view)?;
    let mut rows = compared(view, ask.device.map(DeviceNumber), |account| people.get(&account).cloned())?;
    rows.retain(|(_, scope, _)| match scope {
        Scope::Area(code) => caller.sees(code),
        Scope::Owner(_) | Scope::Account(_) | Scope::County => true,
    });
    let rows = rows.into_iter().map(|(row, scope, _)| StationProofRow { area: area(&scope, &areas), ..row });
    Ok(StationProofReply { rows: rows.collect() })
}

fn area(scope: &Scope, areas: &BTreeMap<String, String>) -> String {
    match scope {
        Scope::Area(code) => areas.get(code).cloned().unwrap_or_else(|| code.clone()),
        Scope::Owner(_) => "owner".to_owned(),
        Scope::Account(_) => "account".to_owned(),
        Scope::County => "county".to_owned(),
    }
}

/// Every working device and every scope it is granted, with what it said of it. `name` says whose device it is; `None` leaves it out.
/// The area of a row is the scope's own name.
///
/// # Errors
/// As the store says.
pub(crate) fn compared(
    view: &View<'_>,
    only: Option<DeviceNumber>,
    name: impl Fn(AccountId) -> Option<String>,
) -> Result<Vec<(StationProofRow, Scope, AccountId)>, Failure> {
    let said = view.said()?;
    let mut rows = Vec::new();
    for device in view.devices()? {
        let works = !device.secret_hash.is_empty() && !device.revoked && device.closed_unix_ms.is_none();
        if !works || only.is_some_and(|only| only != device.number) {
            continue;
        }
        let Some((name, account)) = name(device.account).zip(view.account(device.account)?) else { continue };
        for scope in grants(view, &account)? {
            let stands = view.scope(&scope)?;
            let of_it = said.get(&(device.number, scope.clone()));
            rows.push((row(device.number, &name, &scope, stands, of_it), scope, account.id));
        }
    }
    // Stable: within one answer they stay in the order of devices and areas.
    rows.sort_by_key(|(row, ..)| match row.same {
        Some(false) => 0,
        None => 1,
        Some(true) if row.behind => 2,
        Some(true) => 3,
    });
    Ok(rows)
}

impl Core {
    /// What devices last said of each scope, with logins for names and scopes by their own: for the console and for monitoring.
    ///
    /// # Errors
    /// As the store says.
    pub fn compared(&self, only: Option<DeviceNumber>) -> Result<Vec<StationProofRow>, Failure> {
        self.look(|view| {
            let logins: BTreeMap<AccountId, String> =
                view.accounts()?.into_iter().map(|account| (account.id, account.login)).collect();
            let rows = compared(view, only, |account| logins.get(&account).cloned())?;
            Ok(rows.into_iter().map(|(row, ..)| row).collect())
        })
    }
}

fn row(device: DeviceNumber, name: &str, scope: &Scope, stands: ScopeRow, said: Option<&SaidRow>) -> StationProofRow {
    StationProofRow {
        device: device.0,
        name: name.to_owned(),
        area: scope.to_string(),
        on_device: said.map_or(0, |said| said.count),
        on_server: stands.digest.count,
        digest: said.map(|said| said.digest.clone()).unwrap_or_default(),
        said_unix_ms: said.map(|said| said.said_unix_ms),
        same: said.and_then(|said| said.same),
        compared_unix_ms: said.and_then(|said| said.compared_unix_ms),
        behind: said.is_some_and(|said| said.version != stands.head),
    }
}
