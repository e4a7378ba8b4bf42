//! Telling people about values that do not stand: one record per addressee, wherever they are.

use std::collections::BTreeSet;

use domain::conflict::{Settled, Side, What, conflict_id};
use domain::ids::derived_id;
use domain::place::{self, Place, Scope, ScopeKind};
use domain::{AccountId, DeviceNumber, Fields, GroupValue, Record, RecordId, access::Role, kind, record};
use store::StoreError;
use sync_protocol::PushedChange;

use super::save::Found;
use super::{Ledger, pairs};
use crate::caller;

/// The addressee of the station's own copy: it travels nowhere and is listed at the desk.
pub const STATION: AccountId = AccountId(uuid::Uuid::nil());

/// Writes a conflict record for everybody concerned: both authors, the station, and who has the record now when neither
/// author may read it any more. `save` is what `sender` pushes.
pub fn tell(ledger: &mut Ledger<'_>, found: &[Found], save: &[PushedChange], sender: DeviceNumber) -> Result<(), StoreError> {
    for found in found {
        let lost = found.clash.lost.origin;
        let pushed_now = save.iter().any(|pushed| pushed.change.origin == lost);
        // Two copies of one file write under one number and do not see each other: by who sent it they are two.
        let sent_before = if pushed_now { Some(sender) } else { ledger.write.value_sender(found.record, lost)? };
        tell_one(ledger, found, sent_before.unwrap_or(lost.device))?;
    }
    Ok(())
}

fn tell_one(ledger: &mut Ledger<'_>, found: &Found, loser: DeviceNumber) -> Result<(), StoreError> {
    let Some(about) = ledger.get(found.record)? else { return Ok(()) };
    let clash = &found.clash;
    let stands_origin = clash.stands.as_ref().map(|stands| stands.origin);
    let lost_by = ledger.author(clash.lost.origin)?.map(|account| account.id);
    let stands_by = match (found.stands_by, stands_origin) {
        (Some(account), _) => Some(account),
        (None, Some(origin)) => ledger.author(origin)?.map(|account| account.id),
        (None, None) => None,
    };
    let what = What {
        record: about.id,
        kind: about.kind.clone(),
        group: clash.group.clone(),
        why: clash.why,
        stands: match &clash.stands {
            Some(stands) => Some(side(ledger, stands, stands_by)?),
            None => None,
        },
        lost: side(ledger, &clash.lost, lost_by)?,
        area: place::stored(&about).area,
    };
    let mut addressees: BTreeSet<AccountId> = [lost_by, stands_by].into_iter().flatten().collect();
    let mut somebody_reads = false;
    for account in &addressees {
        somebody_reads |= may_read(ledger, *account, &about, &clash.group)?;
    }
    if !somebody_reads && let Some(area) = &what.area {
        addressees.extend(ledger.write.coordinators_of(area)?);
    }
    addressees.insert(STATION);
    for addressee in addressees {
        let id = conflict_id(about.id, &clash.group, loser, stands_origin, addressee);
        let mut what = what.clone();
        if addressee != STATION && !may_read(ledger, addressee, &about, &clash.group)? {
            leave_values_out(&mut what);
        }
        let mut conflict = open(ledger, id)?;
        // A later loser of the same device extends the conflict; one that had been settled is open again.
        conflict.groups.remove("settled");
        if addressee != STATION {
            ledger.put_place(&mut conflict, &Place { account: Some(addressee), ..Place::default() })?;
        }
        ledger.put_group(&mut conflict, "what", record::to_fields(&what))?;
    }
    Ok(())
}

/// The conflict of this name, or a new one. Where something else stands under its name, beside it: nothing is written over.
fn open(ledger: &Ledger<'_>, id: RecordId) -> Result<Record, StoreError> {
    let mut id = id;
    loop {
        match ledger.get(id)? {
            None => return Ok(Record::empty(kind::CONFLICT, id)),
            Some(held) if held.kind == kind::CONFLICT => return Ok(held),
            Some(_) => id = derived_id(&["conflict beside", &id.to_string()]),
        }
    }
}

fn side(ledger: &Ledger<'_>, value: &GroupValue, by: Option<AccountId>) -> Result<Side, StoreError> {
    let account = by.map_or(Ok(None), |by| ledger.write.account(by))?;
    Ok(Side {
        fields: value.fields.clone(),
        origin: value.origin,
        account: by,
        by: account.map(|account| account.name).unwrap_or_default(),
        at_unix_ms: value.origin.stamp.unix_ms(),
    })
}

/// Whether an account may read a group of a record now.
pub(super) fn may_read(ledger: &Ledger<'_>, account: AccountId, about: &Record, group: &str) -> Result<bool, StoreError> {
    let Some(account) = ledger.write.account(account)? else { return Ok(false) };
    let travels = account.role != Role::Landlord || kind::travels(&about.kind, group, ScopeKind::Owner);
    Ok(travels && caller::reads(&caller::grants(ledger.write, &account)?, about))
}

/// Names and times stay: who is told must know that, and of whom.
fn leave_values_out(what: &mut What) -> bool {
    let sides = [what.stands.as_mut(), Some(&mut what.lost)].into_iter().flatten();
    let mut left_out = false;
    for side in sides {
        left_out |= !side.fields.is_empty();
        side.fields = Fields::new();
    }
    left_out
}

/// A record that left a scope takes its values out of the conflicts of those who may not read it any more.
pub fn hide_what_left(ledger: &mut Ledger<'_>) -> Result<(), StoreError> {
    for id in ledger.touched() {
        let (Some(was), Some(about)) = (ledger.was(id)?, ledger.look_at(id)?) else { continue };
        if was.groups.get(kind::PLACE) == about.groups.get(kind::PLACE) {
            continue;
        }
        let before: BTreeSet<Scope> = place::scopes_of(&was).into_iter().collect();
        let after: BTreeSet<Scope> = place::scopes_of(&about).into_iter().collect();
        if before.is_subset(&after) {
            continue;
        }
        if about.kind == kind::PERSON {
            pairs::hide_what_left(ledger, id)?;
        }
        for mut conflict in ledger.write.referrers(id, kind::CONFLICT)? {
            let (Some(mut what), Some(addressee)) = (conflict.typed::<What>("what"), place::stored(&conflict).account) else {
                continue;
            };
            if !may_read(ledger, addressee, &about, &what.group)? && leave_values_out(&mut what) {
                ledger.put_group(&mut conflict, "what", record::to_fields(&what))?;
            }
        }
    }
    Ok(())
}

/// When the lost value was put back, or its author gave it up, nobody else needs to be asked.
pub fn settle_copies(ledger: &mut Ledger<'_>, save: &[PushedChange]) -> Result<(), StoreError> {
    for pushed in save.iter().filter(|pushed| pushed.change.kind == kind::CONFLICT) {
        let Some(conflict) = ledger.get(pushed.change.record)? else { continue };
        let (Some(what), Some(settled)) = (conflict.typed::<What>("what"), conflict.typed::<Settled>("settled")) else {
            continue;
        };
        let addressee = place::stored(&conflict).account.unwrap_or(STATION);
        // Whoever says that a value was put back has to have put it back.
        let restored = settled.state == "restored" && holds_again(ledger, &what)?;
        if !restored && addressee != STATION && Some(addressee) != what.lost.account {
            continue;
        }
        for mut copy in ledger.write.referrers(what.record, kind::CONFLICT)? {
            let same = copy
                .typed::<What>("what")
                .is_some_and(|other| other.group == what.group && other.lost.origin == what.lost.origin);
            if same && copy.id != conflict.id && copy.fields("settled").is_none() {
                ledger.put_group(&mut copy, "settled", record::to_fields(&settled))?;
            }
        }
    }
    Ok(())
}

/// Whether what lost stands in the record now.
fn holds_again(ledger: &Ledger<'_>, what: &What) -> Result<bool, StoreError> {
    let Some(about) = ledger.get(what.record)? else { return Ok(false) };
    if what.group.is_empty() {
        // What lost was a deletion.
        return Ok(about.dead.is_some());
    }
    Ok(!what.lost.fields.is_empty() && about.dead.is_none() && about.fields(&what.group) == Some(&what.lost.fields))
}
