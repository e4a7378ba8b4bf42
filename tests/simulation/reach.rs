//! What the world itself took: saves whose only file is gone, and answered saves that nobody keeps any more. The laws ask for
//! everything else.

use std::collections::BTreeSet;

use domain::ChangeId;

use crate::law::{Law, broken};
use crate::sim::Sim;

/// The saves the server has accepted and still knows.
pub fn accepted(sim: &Sim) -> BTreeSet<ChangeId> {
    let core = sim.core();
    let book = sim.book.borrow();
    core.look(|view| {
        let mut found = BTreeSet::new();
        for saved in &book.saved {
            // A save that is held for the station is known too.
            if view.change(saved.change.id)?.is_some_and(|stored| !stored.refused || stored.verdict.contains("held")) {
                found.insert(saved.change.id);
            }
        }
        Ok(found)
    })
    .unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")))
}

/// What the phones' files keep, in whatever state.
pub fn kept(sim: &Sim) -> BTreeSet<ChangeId> {
    sim.phones().iter().filter(|phone| phone.is_used()).flat_map(|phone| phone.outbox()).map(|row| row.change.id).collect()
}

/// A phone's file was replaced by an older one: what only the newer one held is gone with it.
pub fn phone_put_back(sim: &Sim, phone: usize, why: &'static str) {
    let (accepted, kept) = (accepted(sim), kept(sim));
    for saved in sim.book.borrow_mut().saved.iter_mut().filter(|saved| saved.phone == phone) {
        if !accepted.contains(&saved.change.id) && !kept.contains(&saved.change.id) {
            saved.out_of_reach = saved.out_of_reach.or(Some(why));
        }
    }
}

/// The server was put back: what it forgets and no phone keeps is gone.
pub fn server_put_back(sim: &Sim, before: &BTreeSet<ChangeId>) {
    let (now, kept) = (accepted(sim), kept(sim));
    for saved in &mut sim.book.borrow_mut().saved {
        let id = saved.change.id;
        if before.contains(&id) && !now.contains(&id) && !kept.contains(&id) {
            saved.out_of_reach = saved.out_of_reach.or(Some("the server forgot it, and no phone keeps it"));
        }
    }
}
