//! The laws, checked: some at every answer, the rest when everybody has said everything.

pub mod answers;
pub mod conservation;
pub mod convergence;
mod deletions;
pub mod families;
pub mod idempotence;
pub mod order;

use std::collections::BTreeSet;

use domain::access::Role;
use domain::place::Scope;
use domain::{DeviceNumber, Record};
use store::server::View;
use sync_server::{Core, Failure};

use crate::law::{Law, broken};
use crate::sim::Sim;

/// What a device was granted, as the administrators remember it: from the list they keep, not from the server's.
pub fn granted(sim: &Sim, device: DeviceNumber) -> BTreeSet<Scope> {
    let account = look(&sim.core(), |view| {
        let Some(device) = view.device(device)? else { return Ok(None) };
        Ok(view.account(device.account)?)
    });
    let Some(account) = account else { return BTreeSet::new() };
    let mut scopes = BTreeSet::from([Scope::County, Scope::Account(account.id)]);
    if account.role == Role::Landlord {
        scopes.insert(Scope::Owner(account.id));
    }
    if let Some(areas) = sim.granted.borrow().get(account.login.as_str()) {
        scopes.extend(areas.iter().map(|area| Scope::Area((*area).to_owned())));
    }
    scopes
}

/// Looks at the server.
pub fn look<T>(core: &Core, look: impl FnOnce(&View<'_>) -> Result<T, Failure>) -> T {
    core.look(look).unwrap_or_else(|error| broken(Law::Soundness, format!("the server's file: {error:?}")))
}

/// Every record the server holds, dead or alive, by id.
pub fn all_records(core: &Core) -> Vec<Record> {
    let mut all = look(core, |view| {
        let mut all = Vec::new();
        view.each_record(|line| {
            all.push(line.record.ok_or(line.id));
            Ok::<(), Failure>(())
        })?;
        Ok(all)
    });
    let unread = |id| broken(Law::Soundness, format!("the server cannot read {id}"));
    let mut all: Vec<Record> = all.drain(..).map(|record| record.unwrap_or_else(unread)).collect();
    all.sort_unstable_by_key(|record| record.id);
    all
}
