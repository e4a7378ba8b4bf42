//! Quiescence: the network heals, everybody says what there is to say, and then the laws are asked.

use std::rc::Rc;

use sync_protocol::SyncError;

use crate::law::{Law, broken, must};
use crate::laws;
use crate::phone::Phone;
use crate::sim::Sim;
use crate::{tomorrow, trouble};

/// Times around before the run counts as endless.
const ROUNDS_MAX: u32 = 12;
/// Round trips one phone may need to say everything, beside those that carry something.
const TRIPS_MAX: u64 = 24;

/// Heals everything, waits until nobody has anything to say, and checks every law.
pub fn settle(sim: &Sim) {
    sim.quiet.set(true);
    sim.say(|| "quiet".to_owned());
    sim.next_end.set(None);
    sim.server_full.set(false);
    if sim.must_restart.get() {
        sim.crash_server();
    }
    for phone in used(sim) {
        phone.records_max.set(u32::MAX);
        if phone.full.replace(false) {
            phone.restart();
        }
    }
    if sim.rolled_back.get() {
        // First everybody tells what they have; then the administrator says that the grants are right again.
        say_everything(sim);
        let confirmed = sim.core().confirm_restore(None);
        must(Law::Soundness, confirmed.is_ok(), || format!("a restore cannot be confirmed: {confirmed:?}"));
    }
    say_everything(sim);
    laws::convergence::check(sim);
    laws::conservation::check(sim);
    tomorrow::check(sim);
    laws::idempotence::check(sim);
    if sim.steps.get() >= sim.last.get() {
        laws::order::check(sim);
    }
    sim.quiet.set(false);
}

fn used(sim: &Sim) -> Vec<Rc<Phone>> {
    sim.phones().into_iter().filter(|phone| phone.is_used()).collect()
}

/// Everybody exchanges until nobody has anything to say.
pub fn say_everything(sim: &Sim) {
    for round in 0.. {
        must(Law::Bounded, round < ROUNDS_MAX, || format!("after {ROUNDS_MAX} times around there is still something to say"));
        let (_, busy_before) = sim.exchanges.get();
        let mut again = false;
        for phone in used(sim) {
            let (all, busy) = sim.exchanges.get();
            let answer = phone.device().exchange_all();
            let (all_after, busy_after) = sim.exchanges.get();
            let idle = (all_after - all) - (busy_after - busy);
            must(Law::Bounded, idle <= TRIPS_MAX, || format!("phone {} made {idle} round trips for nothing", phone.index));
            again |= cared_for(sim, &phone, answer.err());
        }
        let (_, busy_after) = sim.exchanges.get();
        if !again && busy_after == busy_before {
            return;
        }
    }
}

/// Somebody looks after a phone that cannot go on by itself. Answers whether anything was done.
fn cared_for(sim: &Sim, phone: &Phone, error: Option<SyncError>) -> bool {
    let Some(error) = error else { return false };
    sim.say(|| format!("phone {} cannot: {error:?}", phone.index));
    trouble::judge(sim, &error, false);
    match error {
        SyncError::Unreachable | SyncError::Busy { .. } => {}
        _ => {
            if let Err(code) = trouble::enrol_again(sim, phone) {
                broken(Law::Soundness, format!("phone {} cannot be enrolled again: {code:?}", phone.index));
            }
        }
    }
    true
}
