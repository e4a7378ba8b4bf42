//! Putting right what the stored rows tell: places in scopes, hashes, sums, lists, references. The rows themselves stay.
//!
//! A hash or a sum gets no new version: devices at the head notice that theirs differs and compare (protocol §8). Who is put
//! into a scope, or out of it, gets one, so that every device is told.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::{Digest, record_hash};
use domain::place::{Scope, scopes_of};
use domain::{Record, RecordId};
use store::StoreError;
use store::server::{Member, View, Write};

use super::look::{is_listed_right, refers};
use crate::accounts::audit;
use crate::clock::random_hex;
use crate::core::Core;
use crate::failure::Failure;
use crate::register::{LISTED, listing_of};

/// Records put right in one transaction: whoever pushes meanwhile waits for it.
const PAGE: usize = 200;

impl Core {
    /// Puts right what the stored rows tell; answers how many rows were written anew. Runs beside a server that serves.
    ///
    /// # Errors
    /// As the store says.
    pub fn mend(&self) -> Result<u64, Failure> {
        let wrong: Vec<RecordId> = self.look(|view| Ok(wrong(view)?))?;
        let mut mended = 0;
        for page in wrong.chunks(PAGE) {
            let (page, clock, dice) = (page.to_vec(), self.clock.clone(), self.dice.clone());
            mended += self.write(move |write| {
                let mut mended = 0;
                for id in page {
                    mended += mend_record(write, id, clock.now_unix_ms(), &*dice)?;
                }
                Ok(mended)
            })?;
        }
        mended += self.forget_wrong_photos()?;
        let now_unix_ms = self.now_unix_ms();
        mended += self.write(move |write| {
            let mut mended = 0;
            for line in write.each_scope()? {
                let Ok(scope) = line.id.parse::<Scope>() else { continue };
                let digest: Digest = write.digest_counted(&scope)?;
                if digest != line.kept.digest {
                    write.set_digest(&scope, digest)?;
                    mended += 1;
                }
            }
            audit(write, now_unix_ms, "server.mend", "", &mended.to_string())?;
            Ok(mended)
        })?;
        Ok(mended)
    }
}

/// Records of which something derived is not what follows from them.
fn wrong(view: &View<'_>) -> Result<Vec<RecordId>, StoreError> {
    let references = view.references()?;
    let mut wrong = Vec::new();
    view.each_record(|line| {
        let Some(record) = line.record else { return Ok(()) };
        let listed = is_listed_right(view, &record, &line.listing)?;
        if !listed || !refers(&record, &references) || !stands_right(view, &record)? {
            wrong.push(record.id);
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(wrong)
}

/// What a record adds to each scope it is in.
fn standing(record: &Record) -> BTreeMap<Scope, Option<u128>> {
    let hash = |scope: &Scope| record.dead.is_none().then(|| record_hash(record, scope.kind()));
    scopes_of(record).into_iter().map(|scope| (scope.clone(), hash(&scope))).collect()
}

fn stands_right(view: &View<'_>, record: &Record) -> Result<bool, StoreError> {
    let members = view.memberships(record.id)?.into_iter().filter(|(_, member)| !member.gone);
    Ok(members.map(|(scope, member)| (scope, member.hash)).collect::<BTreeMap<_, _>>() == standing(record))
}

fn mend_record(write: &Write<'_>, id: RecordId, now_unix_ms: i64, dice: &dyn crate::clock::Dice) -> Result<u64, Failure> {
    let Some(record) = write.record(id)? else { return Ok(0) };
    let mut mended = 1;
    let right = standing(&record);
    let are: BTreeMap<Scope, Member> = write.memberships(id)?.into_iter().collect();
    let scopes: BTreeSet<&Scope> = right.keys().chain(are.keys()).collect();
    for scope in scopes {
        let member = match (right.get(scope), are.get(scope)) {
            (Some(hash), Some(member)) if !member.gone && member.hash == *hash => continue,
            (Some(hash), Some(member)) if !member.gone => Member { hash: *hash, ..*member },
            (Some(hash), _) => {
                let version = write.advance(scope, &random_hex(dice, 4))?;
                Member { version, hash: *hash, gone: false, left_unix_ms: 0 }
            }
            (None, Some(member)) if !member.gone => {
                let version = write.advance(scope, &random_hex(dice, 4))?;
                Member { version, hash: None, gone: true, left_unix_ms: now_unix_ms }
            }
            (None, _) => continue,
        };
        write.put_member(scope, id, member)?;
        mended += 1;
    }
    write.refer_again(&record)?;
    if record.dead.is_none() && LISTED.contains(&record.kind.as_str()) {
        match listing_of(&record, write) {
            Err(StoreError::Unreadable(_)) => {}
            listing => write.put_listing(id, &listing?)?,
        }
    }
    Ok(mended)
}
