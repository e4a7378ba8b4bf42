//! What belongs to the history of a thing: the records that people mean when they open it.

use crate::ids::RecordId;
use crate::kind;
use crate::place::Register;
use crate::record::Record;
use crate::same;
use crate::withdrawal;

/// A record with everything whose history is its own: a person's registrations and stays, a home's rooms, a hazard's re-checks.
/// The record comes first, and nothing twice.
///
/// # Errors
/// Whatever the register's look-ups answer.
pub fn of<R: Register>(record: &Record, register: &R) -> Result<Vec<RecordId>, R::Error> {
    let mut all = vec![record.id];
    match record.kind.as_str() {
        kind::PERSON => {
            all.extend(same::family(record.id, kind::PERSON, register)?);
            for hanging in [kind::RESIDENCY, kind::STAY] {
                all.extend(same::naming(record.id, kind::PERSON, hanging, register)?.into_iter().map(|found| found.id));
            }
        }
        kind::RESIDENCY => {
            let stays = same::naming(record.id, kind::RESIDENCY, kind::STAY, register)?;
            all.extend(stays.into_iter().map(|found| found.id));
        }
        kind::PERMIT => {
            all.extend(record.reference("who", "application"));
            all.extend(register.referrers(record.id, kind::PERMIT_EVENT)?.into_iter().map(|found| found.id));
        }
        kind::PERMIT_APPLICATION => {
            all.extend(withdrawals(record.id, register)?);
            for permit in register.referrers(record.id, kind::PERMIT)? {
                all.push(permit.id);
                all.extend(register.referrers(permit.id, kind::PERMIT_EVENT)?.into_iter().map(|found| found.id));
            }
        }
        // What hangs on a home that was merged into this one is its own history too.
        kind::UNIT => {
            for name in same::names_of(record.id, kind::UNIT, register)? {
                all.push(name);
                for hanging in [kind::ROOM, kind::TENANCY] {
                    all.extend(register.referrers(name, hanging)?.into_iter().map(|found| found.id));
                }
            }
        }
        kind => {
            for hanging in hanging_on(kind) {
                all.extend(register.referrers(record.id, hanging)?.into_iter().map(|found| found.id));
            }
            if withdrawal::may_be_taken_back(kind) {
                all.extend(withdrawals(record.id, register)?);
            }
        }
    }
    let mut once = Vec::new();
    for id in all {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    Ok(once)
}

/// Who took a record back, and who let it stand again.
fn withdrawals<R: Register>(id: RecordId, register: &R) -> Result<Vec<RecordId>, R::Error> {
    let mut all = Vec::new();
    for withdrawal in register.referrers(id, kind::WITHDRAWAL)? {
        all.push(withdrawal.id);
        all.extend(register.referrers(withdrawal.id, kind::WITHDRAWAL)?.into_iter().map(|found| found.id));
    }
    Ok(all)
}

fn hanging_on(kind: &str) -> &'static [&'static str] {
    match kind {
        kind::VISIT => &[kind::VISIT_PERSON],
        kind::HAZARD => &[kind::RECHECK],
        kind::PHOTO => &[kind::PHOTO_WITHDRAWAL],
        _ => &[],
    }
}
