//! Old requests arrive once more, in any order, and nothing changes, on either side.

use std::collections::BTreeSet;

use store::server::HeldQuery;
use sync_server::Failure;
use ui_protocol::session::Status;

use crate::law::{Law, broken, must};
use crate::phone::Phone;
use crate::sim::Sim;
use crate::wire::{self, Flown};

use super::{all_records, look};

/// Requests that come again at the end of a phase.
const AGAIN: usize = 6;

/// What the server says and remembers, by its parts, each summed up.
#[derive(Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Every record, conflicts among them.
    records: blake3::Hash,
    /// Every scope: where it stands, and each member's version.
    versions: blake3::Hash,
    /// Every change with its verdict.
    verdicts: blake3::Hash,
    /// What is held for the station.
    quarantine: blake3::Hash,
    /// How far each device has come, under the number it has now. Whoever was enrolled again told everything under the new one;
    /// a request of theirs that never arrived may still arrive under the old one, and only moves a position nobody asks for.
    positions: blake3::Hash,
}

fn summed(parts: impl IntoIterator<Item = String>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes()).update(b"\n");
    }
    hasher.finalize()
}

impl Fingerprint {
    fn of(sim: &Sim) -> Fingerprint {
        let core = sim.core();
        let records = all_records(&core);
        let numbers: BTreeSet<u32> = sim.phones().iter().filter_map(|phone| phone.ask(Status {}).ok()?.device).collect();
        look(&core, |view| {
            let (mut versions, mut verdicts) = (Vec::new(), Vec::new());
            for scope in view.scopes()? {
                let row = view.scope(&scope)?;
                versions.push(format!("{scope} {} {}", row.head, row.digest.hex()));
                let members = view.changed_after(&scope, 0, false, usize::MAX >> 1)?;
                versions.extend(members.iter().map(|row| format!("{} {} {}", row.id, row.version, row.is_gone())));
            }
            view.each_change(|line| {
                let stored = line.stored.map(|stored| (stored.change, stored.refused, stored.verdict, stored.received_unix_ms));
                verdicts.push(format!("{} {} {stored:?}", line.device, line.seq));
                Ok::<(), Failure>(())
            })?;
            let held = view.held_saves(HeldQuery { decided: true, ..HeldQuery::OPEN })?;
            let devices = view.devices()?;
            let position = |device: &store::server::DeviceRow| {
                format!(
                    "{} {} {:?} {} {:?}",
                    device.number, device.last_seq, device.last_change, device.revoked, device.closed_unix_ms
                )
            };
            Ok(Fingerprint {
                records: summed(records.iter().map(|record| serde_json::to_string(record).unwrap_or_default())),
                versions: summed(versions),
                verdicts: summed(verdicts),
                quarantine: summed(
                    held.iter().map(|held| format!("{} {} {:?} {}", held.number, held.txn, held.state, held.save)),
                ),
                positions: summed(devices.iter().filter(|device| numbers.contains(&device.number.0)).map(position)),
            })
        })
    }
}

/// What a phone shows, and where each of its changes stands, the tray among them.
fn of_phone(phone: &Phone) -> blake3::Hash {
    let outbox = phone.outbox().into_iter().map(|row| format!("{} {} {:?} {}", row.seq, row.change.id, row.state, row.verdict));
    let shown: Vec<String> = phone.look(|view| {
        let held = view.ids().unwrap_or_default().into_iter().map(|id| format!("{:?}", view.held(id)));
        held.collect()
    });
    summed(outbox.chain(shown))
}

/// Lets old requests arrive again, those that pushed something before the others. What only an older file knew is news, and so
/// is what a backup had not: in such runs only requests come again that were carried out.
pub fn check(sim: &Sim) {
    let all: Vec<Flown> = {
        let all = sim.flown.borrow();
        let strict = sim.copied.get() || sim.rolled_back.get();
        all.iter().filter(|flown| flown.answered.get() || !strict).cloned().collect()
    };
    let pushed: Vec<&Flown> = all.iter().filter(|flown| flown.pushes).collect();
    let before = Fingerprint::of(sim);
    let mut again = Vec::new();
    for at in 0..AGAIN {
        let from_pushed = if at + 2 < AGAIN { sim.chance.one_of(&pushed).copied() } else { None };
        let Some(flown) = from_pushed.or_else(|| sim.chance.one_of(&all)) else { return };
        let _answer = wire::deliver(sim, flown);
        again.push(flown.clone());
    }
    let after = Fingerprint::of(sim);
    must(Law::Idempotence, after == before, || {
        let devices: Vec<_> = again.iter().map(|flown| flown.credentials.device).collect();
        format!("an old request of one of the devices {devices:?} changed something when it came again: {before:?}, {after:?}")
    });
    // Nor do those notice anything whose requests they were.
    for index in again.iter().map(|flown| flown.phone).collect::<BTreeSet<_>>() {
        let phone = sim.phone(index);
        let before = of_phone(&phone);
        if let Err(error) = phone.device().exchange_all() {
            broken(Law::Idempotence, format!("phone {index} ends with {error:?} after old requests of it came again"));
        }
        must(Law::Idempotence, of_phone(&phone) == before, || {
            format!("phone {index} holds something else after old requests of it came again")
        });
    }
}
