//! Old requests arrive once more, in any order, and nothing changes.

use crate::law::{Law, must};
use crate::sim::Sim;
use crate::wire;

use super::{all_records, look};

/// Requests that come again at the end of a phase.
const AGAIN: usize = 6;

/// What the server says, summed up.
pub fn fingerprint(sim: &Sim) -> String {
    let core = sim.core();
    let mut hasher = blake3::Hasher::new();
    for record in all_records(&core) {
        hasher.update(serde_json::to_string(&record).unwrap_or_default().as_bytes());
    }
    let heads: Vec<(String, u64)> = look(&core, |view| {
        let mut heads = Vec::new();
        for area in [crate::county::DONG, crate::county::XI] {
            let scope = domain::place::Scope::Area(area.to_owned());
            heads.push((area.to_owned(), view.scope(&scope)?.head));
        }
        Ok(heads)
    });
    format!("{} {heads:?}", hasher.finalize().to_hex())
}

/// Lets old requests arrive again. What only an older file knew is news, so runs with copies are left out.
pub fn check(sim: &Sim) {
    if sim.copied.get() || sim.rolled_back.get() {
        return;
    }
    let before = fingerprint(sim);
    let mut devices = Vec::new();
    for _ in 0..AGAIN {
        let flown = {
            let all = sim.flown.borrow();
            all.get(sim.chance.below(all.len())).cloned()
        };
        let Some(flown) = flown else { return };
        let _answer = wire::deliver(sim, &flown);
        devices.push(flown.credentials.device);
    }
    must(Law::Idempotence, fingerprint(sim) == before, || {
        format!("an old request of one of the devices {devices:?} changed something when it came again")
    });
}
