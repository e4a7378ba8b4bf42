//! Late work at the desk: an officer looks at it, takes it in or leaves it out. An administrator is told how much there is.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::merge::Refusal;
use domain::place::Scope;
use domain::{AccountId, DeviceNumber, day, form, text};
use store::server::{AccountRow, AuditLine, HeldQuery, HeldSave, HeldState, View, Write};
use sync_protocol::PushedChange;
use ui_protocol::ErrorCode;
use ui_protocol::held::{HeldCount, HeldGroup, HeldPage, HeldPart, HeldRow, HeldView, ListHeld};

use super::{DeskCaller, lists, view};
use crate::caller::{Caller, grants};
use crate::clock::Dice;
use crate::core::Core;
use crate::failure::Failure;
use crate::quarantine;
use crate::register::Work;

/// Rows of one page.
const PAGE: u32 = 50;
/// Characters of a reason.
const NOTE_MAX: usize = 200;

/// Who decides, and who is written down for it.
#[derive(Clone, Debug)]
pub struct Decider {
    /// In whose name and within whose villages it happens.
    pub officer: AccountRow,
    /// Who is named in the audit log: the officer at the desk, or the console.
    pub actor: String,
    /// Whoever holds the server's file looks at everything in it.
    pub at_console: bool,
}

impl Decider {
    fn may_see(&self, caller: &DeskCaller, held: &HeldSave) -> bool {
        self.at_console || (caller.account.role == Role::Officer && caller.sees(&held.area))
    }
}

impl DeskCaller {
    fn decider(&self) -> Decider {
        Decider { officer: self.account.clone(), actor: self.account.id.to_string(), at_console: false }
    }
}

/// Held saves of the caller's villages.
pub fn list(view: &View<'_>, caller: &DeskCaller, ask: &ListHeld) -> Result<HeldPage, Failure> {
    let names = lists::area_names(view)?;
    let sees = |area: &str| caller.sees(area) || (area.is_empty() && caller.account.role == Role::Admin);
    let counts = view.held_counts()?.into_iter().filter(|count| sees(&count.area)).map(|count| HeldCount {
        area_name: names.get(&count.area).cloned().unwrap_or_default(),
        saves: count.saves,
        oldest_unix_ms: count.oldest_unix_ms,
    });
    let counts = counts.collect();
    if caller.account.role != Role::Officer {
        // The register is not the administrator's business, and neither is what may become part of it.
        return Ok(HeldPage { counts, ..HeldPage::default() });
    }
    let mut found = view.held_saves(query(ask, Some(&caller.villages))?)?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| more).map(|last| last.number);
    let rows = found.iter().map(|held| row(view, held, &names)).collect::<Result<_, _>>()?;
    Ok(HeldPage { rows, next, counts })
}

/// What a list asks of the store. A day that cannot be read is a mistake of the page.
pub(crate) fn query<'q>(ask: &ListHeld, areas: Option<&'q [String]>) -> Result<HeldQuery<'q>, Failure> {
    let begins = |text: &str| -> Result<Option<i64>, Failure> {
        if text.is_empty() {
            return Ok(None);
        }
        let day = form::parse_date(text).ok_or(Failure::Desk(ErrorCode::Malformed))?;
        Ok(Some(day::start_of_day_unix_ms(day)))
    };
    let until = match begins(&ask.until)? {
        Some(start) => start + 24 * 60 * 60 * 1000,
        None => i64::MAX,
    };
    Ok(HeldQuery {
        areas,
        device: ask.device.map(DeviceNumber),
        account: ask.account,
        decided: ask.decided,
        from_unix_ms: begins(&ask.from)?.unwrap_or(0),
        until_unix_ms: until,
        after: ask.after.unwrap_or(0),
        limit: PAGE + 1,
    })
}

/// A row as pages and the console show it.
pub(crate) fn row(view: &View<'_>, held: &HeldSave, names: &BTreeMap<String, String>) -> Result<HeldRow, Failure> {
    let called = |account: Option<AccountId>| -> Result<String, Failure> {
        Ok(account.map_or(Ok(None), |id| view.account(id))?.map(|account| account.name).unwrap_or_default())
    };
    Ok(HeldRow {
        number: held.number,
        device: held.device.0,
        account: held.account,
        name: called(Some(held.account))?,
        area_name: names.get(&held.area).cloned().unwrap_or_default(),
        why: held.why.as_str().to_owned(),
        changes: held.changes,
        received_unix_ms: held.received_unix_ms,
        state: held.state.as_str().to_owned(),
        decided_by: called(held.decided_by.parse().ok())?,
        decided_unix_ms: held.decided_unix_ms,
        note: held.note.clone(),
    })
}

fn read(held: &HeldSave) -> Result<Vec<PushedChange>, Failure> {
    Ok(serde_json::from_str(&held.save).map_err(store::StoreError::from)?)
}

/// A held save with its values, beside what the register says.
fn shown(view: &View<'_>, caller: &DeskCaller, held: &HeldSave) -> Result<HeldView, Failure> {
    let mut parts = Vec::new();
    for PushedChange { change, .. } in read(held)? {
        let listed = view.listing(change.record)?.filter(|listed| caller.sees(&listed.area));
        let stands = if listed.is_some() { view.record(change.record)? } else { None };
        let groups = change.groups.iter().map(|(group, value)| HeldGroup {
            group: group.clone(),
            fields: view::masked(&value.fields),
            stands: stands.as_ref().and_then(|record| record.fields(group)).map(view::masked),
        });
        parts.push(HeldPart {
            record: change.record,
            kind: change.kind.clone(),
            verb: change.verb,
            title: listed.map(|listed| listed.title).unwrap_or_default(),
            saved_unix_ms: change.origin.stamp.unix_ms(),
            groups: groups.collect(),
        });
    }
    let can_decide = held.state == HeldState::Open && caller.account.role == Role::Officer;
    Ok(HeldView { row: row(view, held, &lists::area_names(view)?)?, parts, can_decide, refused: None })
}

impl Core {
    /// One held save, as the desk's own caller sees it.
    pub(super) fn view_held(&self, caller: &DeskCaller, number: i64) -> Result<HeldView, Failure> {
        self.look_at_held(&caller.decider(), number)
    }

    pub(super) fn take_held_at_desk(&self, caller: &DeskCaller, number: i64) -> Result<HeldView, Failure> {
        caller.may_decide()?;
        self.take_held(&caller.decider(), number)
    }

    pub(super) fn reject_held_at_desk(&self, caller: &DeskCaller, number: i64, note: &str) -> Result<HeldView, Failure> {
        caller.may_decide()?;
        self.reject_held(&caller.decider(), number, note)
    }

    /// One held save with its values; that it was looked at is noted down.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for one that is not the caller's to see.
    pub fn look_at_held(&self, by: &Decider, number: i64) -> Result<HeldView, Failure> {
        let by = by.clone();
        let now_unix_ms = self.now_unix_ms();
        self.write(move |write| {
            let (caller, held) = seen(write, &by, number)?;
            note(write, &by, now_unix_ms, "quarantine.view", &held, "")?;
            shown(write, &caller, &held)
        })
    }

    /// Sends a held save through the merge: with the role and in the name of its author, within the villages of the officer who
    /// decides. What the register does not take stays open, with the reason.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]; [`ErrorCode::Stale`] when it was decided meanwhile.
    pub fn take_held(&self, by: &Decider, number: i64) -> Result<HeldView, Failure> {
        let (by, clock, dice) = (by.clone(), self.clock.clone(), self.dice.clone());
        self.write(move |write| {
            let (caller, held) = open(write, &by, number)?;
            let now_unix_ms = clock.now_unix_ms();
            let refused = replay(write, &by.officer, &held, now_unix_ms, &*dice)?;
            let detail = if refused.is_some() { "refused" } else { "" };
            note(write, &by, now_unix_ms, "quarantine.take", &held, detail)?;
            if refused.is_none() {
                write.decide_held(number, HeldState::Taken, &by.officer.id.to_string(), now_unix_ms, "")?;
            }
            let (_, held) = seen(write, &by, number)?;
            Ok(HeldView { refused, ..shown(write, &caller, &held)? })
        })
    }

    /// Leaves a held save out of the register, with a reason. Its values stay on the list.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]; [`ErrorCode::Stale`] when it was decided meanwhile; [`ErrorCode::Form`] without a reason.
    pub fn reject_held(&self, by: &Decider, number: i64, why: &str) -> Result<HeldView, Failure> {
        let why = text::require_text(why, NOTE_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        let (by, now_unix_ms) = (by.clone(), self.now_unix_ms());
        self.write(move |write| {
            let (caller, held) = open(write, &by, number)?;
            note(write, &by, now_unix_ms, "quarantine.reject", &held, "")?;
            write.decide_held(number, HeldState::Rejected, &by.officer.id.to_string(), now_unix_ms, &why)?;
            let (_, held) = seen(write, &by, number)?;
            shown(write, &caller, &held)
        })
    }
}

/// A held save the decider may see. What is elsewhere is not there.
fn seen(write: &Write<'_>, by: &Decider, number: i64) -> Result<(DeskCaller, HeldSave), Failure> {
    let caller = DeskCaller::of(write, by.officer.clone())?;
    let held = write.held_save(number)?.filter(|held| by.may_see(&caller, held));
    Ok((caller, held.ok_or(Failure::Desk(ErrorCode::NotFound))?))
}

fn open(write: &Write<'_>, by: &Decider, number: i64) -> Result<(DeskCaller, HeldSave), Failure> {
    let (caller, held) = seen(write, by, number)?;
    caller.may_decide()?;
    if held.state == HeldState::Open { Ok((caller, held)) } else { Err(Failure::Desk(ErrorCode::Stale)) }
}

fn note(write: &Write<'_>, by: &Decider, at_unix_ms: i64, action: &str, held: &HeldSave, detail: &str) -> Result<(), Failure> {
    let subject = format!("{} of device {}", held.number, held.device);
    Ok(write.add_audit(AuditLine { at_unix_ms, actor: &by.actor, action, subject: &subject, detail })?)
}

/// The author's role, the officer's villages, and what is the author's own wherever it is.
fn replay(
    write: &Write<'_>,
    officer: &AccountRow,
    held: &HeldSave,
    now_unix_ms: i64,
    dice: &dyn Dice,
) -> Result<Option<Refusal>, Failure> {
    let gone = || Failure::Desk(ErrorCode::NotFound);
    let account = write.account(held.account)?.ok_or_else(gone)?;
    let device = write.device(held.device)?.ok_or_else(gone)?;
    let mut scopes = grants(write, officer)?;
    scopes.retain(|scope| matches!(scope, Scope::Area(_) | Scope::County));
    scopes.insert(Scope::Account(account.id));
    if account.role == Role::Landlord {
        scopes.insert(Scope::Owner(account.id));
    }
    let author = Caller { device, account, grants: scopes, late: None };
    let save = read(held)?;
    let refused = quarantine::apply(write, &author, &save, now_unix_ms, dice)?;
    if refused.is_none() {
        let cursors = BTreeMap::new();
        let work = Work { write, caller: &author, cursors: &cursors, now_unix_ms, dice, restored_unix_ms: None };
        quarantine::release(&work, quarantine::created(&save))?;
    }
    Ok(refused)
}
