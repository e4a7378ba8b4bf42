//! A deep check: everything on this device looked through on a snapshot, what the stored rows tell put right, and both sides
//! compared. A save and a search go on meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use domain::{Record, RecordId, kind, merge};
use store::device::{Durability, HeldLine, OutboxChange, View};
use ui_protocol::proof::{Checked, Checking, DeepCheck, Proof, ProofLine, ProofReply, RepairLine, Wrong};

use crate::error::Failure;
use crate::repair::{Counted, is_same};
use crate::{Device, lock};

/// Differences one answer shows.
const REPAIRS_SHOWN: u32 = 20;
/// Changes of the outbox looked through: far more than anybody keeps.
const CHANGES_MAX: u32 = 100_000;

/// What a deep check found, before anything was put right.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Records looked through.
    pub records: u64,
    /// What is wrong, how often.
    pub wrong: BTreeMap<Wrong, u64>,
    unreadable: Vec<RecordId>,
    referring: Vec<RecordId>,
}

impl Found {
    fn add(&mut self, wrong: Wrong, count: u64) {
        if count > 0 {
            *self.wrong.entry(wrong).or_default() += count;
        }
    }
}

impl Device {
    pub(crate) fn proof(&self, _: &Proof) -> Result<ProofReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            self.proof_of(view)
        })
    }

    /// The table of both sides, area by area; counts and no values.
    ///
    /// # Errors
    /// As the file says.
    pub fn proof_table(&self) -> Result<ProofReply, ui_protocol::UiError> {
        self.store.read(|view| self.proof_of(view)).map_err(Failure::into_ui)
    }

    fn proof_of(&self, view: &View<'_>) -> Result<ProofReply, Failure> {
        let mut reply = ProofReply {
            compared_unix_ms: view.meta("receipt_unix_ms")?.and_then(|text| text.parse().ok()),
            checking: *lock(&self.checking),
            checked: lock(&self.checked).clone(),
            ..ProofReply::default()
        };
        for row in view.scopes()? {
            reply.areas.push(ProofLine {
                name: self.scope_name(view, &row.scope)?,
                here: row.digest.count,
                there: row.server_count,
                same: row.complete.then(|| is_same(&row)),
            });
        }
        for row in view.repairs(REPAIRS_SHOWN)? {
            reply.repairs.push(RepairLine {
                at_unix_ms: row.at_unix_ms,
                name: self.scope_name(view, &row.scope)?,
                miscounted: row.miscounted,
                records: row.missing + row.different + row.superfluous,
                mended: row.mended,
            });
        }
        Ok(reply)
    }

    pub(crate) fn deep_check(&self, _: &DeepCheck) -> Result<ProofReply, Failure> {
        self.store.read(|view| self.require(view).map(|_| ()))?;
        self.check_and_mend()?;
        self.proof(&Proof {})
    }

    /// Looks through everything, puts right what the stored rows tell, and compares with the server where there is a network.
    ///
    /// # Errors
    /// As the file says; nothing was half done.
    pub fn verify_and_mend(&self) -> Result<Checked, ui_protocol::UiError> {
        self.check_and_mend().map_err(Failure::into_ui)
    }

    fn check_and_mend(&self) -> Result<Checked, Failure> {
        {
            let mut checking = lock(&self.checking);
            if checking.is_some() {
                return Err(ui_protocol::ErrorCode::Busy.into());
            }
            *checking = Some(Checking { done: 0, total: 0 });
        }
        let started = self.around.unix_ms();
        let found = self.look_through();
        *lock(&self.checking) = None;
        let found = found?;
        self.mend(&found)?;
        let same = match self.exchange_all() {
            Ok(_) => Some(self.store.read(|view| Ok::<_, Failure>(view.scopes()?.iter().all(is_same)))?),
            Err(_) => None,
        };
        let took_ms = self.around.unix_ms().abs_diff(started);
        let wrong = found.wrong.into_iter().collect();
        let checked = Checked { at_unix_ms: self.now(), records: found.records, took_ms, wrong, same };
        *lock(&self.checked) = Some(checked.clone());
        Ok(checked)
    }

    /// Looks through everything and changes nothing.
    ///
    /// # Errors
    /// As the file says.
    pub fn verify(&self) -> Result<Found, ui_protocol::UiError> {
        self.look_through().map_err(Failure::into_ui)
    }

    fn look_through(&self) -> Result<Found, Failure> {
        self.store.read(|view| {
            let mut found = Found::default();
            found.add(Wrong::File, view.integrity()?.len() as u64);
            let outbox = view.changes_from(0, CHANGES_MAX)?;
            let mut waiting: BTreeMap<RecordId, Vec<&OutboxChange>> = BTreeMap::new();
            for change in outbox.iter().filter(|change| change.state == store::device::OutboxState::Waiting) {
                waiting.entry(change.change.record).or_default().push(change);
            }
            found.add(Wrong::Outbox, out_of_order(view, &outbox)?);
            let scopes = view.scopes()?;
            let total = view.record_count()? + scopes.iter().map(|row| row.digest.count).sum::<u64>();
            let mut done = 0;
            let mut seen = |step: u64| {
                done += step;
                if let (0, Some(progress)) = (done % 256, lock(&self.checking).as_mut()) {
                    *progress = Checking { done, total: total.max(done) };
                }
            };
            let references = view.references()?;
            view.each_record(|line| {
                seen(1);
                found.records += 1;
                look_at(&mut found, line, &waiting, &references);
                Ok::<_, Failure>(())
            })?;
            for row in scopes {
                let counted = Counted::of(view, &row.scope, || seen(1))?;
                found.add(Wrong::Hash, counted.miscounted.len() as u64);
                found.add(Wrong::Sum, u64::from(counted.digest != row.digest));
            }
            found.add(Wrong::Lists, view.lines_of_nothing()?.iter().map(|(_, count)| count).sum());
            Ok(found)
        })
    }

    /// What the rows tell is written anew: sums and hashes, references, the overlay. What cannot be read is taken out, and the next
    /// comparison fetches it.
    fn mend(&self, found: &Found) -> Result<(), Failure> {
        if found.wrong.is_empty() || self.syncing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let mended = self.mend_alone(found);
        self.syncing.store(false, Ordering::Release);
        mended
    }

    fn mend_alone(&self, found: &Found) -> Result<(), Failure> {
        self.store.write(Durability::Full, |writing| {
            for id in &found.unreadable {
                writing.clear_unreadable(*id)?;
            }
            for id in &found.referring {
                writing.refer_again(*id)?;
            }
            Ok::<_, Failure>(())
        })?;
        for row in self.store.read(|view| view.scopes())? {
            self.count_again(&row)?;
        }
        Ok(())
    }

    /// A scope as people name it, or what it is for.
    pub(crate) fn scope_name(&self, view: &View<'_>, scope: &domain::place::Scope) -> Result<String, Failure> {
        use domain::place::Scope;
        Ok(match scope {
            Scope::Area(code) => self.area_name(view, code)?.name,
            Scope::Owner(_) => "owner".to_owned(),
            Scope::Account(_) => "account".to_owned(),
            Scope::County => "county".to_owned(),
        })
    }
}

/// Changes that do not stand where they should: numbers rise, what waits comes after what was answered last, and the last number
/// was given out. Saves of records that left are forgotten, so that holes are no trouble.
fn out_of_order(view: &View<'_>, outbox: &[OutboxChange]) -> Result<u64, Failure> {
    let newest = view.newest()?.map_or(0, |(seq, _)| seq);
    let mut wrong = u64::from(outbox.last().is_some_and(|last| last.seq > newest));
    for pair in outbox.windows(2) {
        wrong += u64::from(pair[0].seq >= pair[1].seq);
    }
    Ok(wrong + view.envelopes_wrong()?)
}

fn look_at(
    found: &mut Found,
    line: HeldLine,
    waiting: &BTreeMap<RecordId, Vec<&OutboxChange>>,
    references: &std::collections::BTreeSet<(RecordId, RecordId)>,
) {
    let Some(held) = line.held else {
        found.add(Wrong::Record, 1);
        found.unreadable.push(line.id);
        return;
    };
    let own = waiting.get(&line.id).map(Vec::as_slice).unwrap_or_default();
    found.add(Wrong::Outbox, u64::from(held.waiting != own.len() as u64));
    if !own.is_empty() {
        let mut shown = held.said.clone();
        for change in own {
            shown = Some(merge::lay_over(shown, &change.change));
        }
        found.add(Wrong::Overlay, u64::from(shown.is_none_or(|shown| !reads_the_same(&shown, &held.shown))));
    }
    let from = (line.id, RecordId::from_bytes([0; 16]));
    let to = (line.id, RecordId::from_bytes([0xff; 16]));
    let stored: Vec<RecordId> = references.range(from..=to).map(|(_, whom)| *whom).collect();
    let mut named = if held.shown.dead.is_none() { kind::references(&held.shown) } else { Vec::new() };
    named.sort_unstable();
    named.dedup();
    if stored != named {
        found.add(Wrong::References, 1);
        found.referring.push(line.id);
    }
}

/// The place is this device's guess until the server has spoken.
fn reads_the_same(one: &Record, other: &Record) -> bool {
    let fields = |record: &Record| -> BTreeMap<String, domain::Fields> {
        let groups = record.groups.iter().filter(|(name, value)| *name != kind::PLACE && !value.fields.is_empty());
        groups.map(|(name, value)| (name.clone(), value.fields.clone())).collect()
    };
    one.dead.is_some() == other.dead.is_some() && fields(one) == fields(other)
}
