//! What one exchange takes of the memory, on either side: it follows from what is said in it, never from what there is.

use peak_alloc::PeakAlloc;

use crate::law::{Law, must};
use crate::sim::Sim;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What the server may take for an exchange in which nothing is said.
const IDLE: usize = 128 << 10;
/// What it may take where something is said: a save may meet many records.
const BASE: usize = 1 << 20;
/// What a phone may take beside what is said: now and then its lists are made anew.
const PHONE: usize = 4 << 20;
/// And for each record or change that is said in it.
const EACH: usize = 12 << 10;

/// Whose memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The server's, while it answers.
    Server,
    /// A phone's, while it takes an answer.
    Phone,
}

/// The highest since it began, as long as nobody else's work lay between.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    before: usize,
    step: u64,
}

impl Watch {
    /// Begins now.
    pub fn begin(sim: &Sim) -> Watch {
        HEAP.reset_peak_usage();
        Watch { before: HEAP.current_usage(), step: sim.steps.get() }
    }

    /// Ends: not more than an exchange of so many records and changes may take.
    pub fn end(self, sim: &Sim, whose: Whose, said: usize) {
        if sim.steps.get() != self.step {
            return;
        }
        let taken = HEAP.peak_usage().saturating_sub(self.before);
        let may_take = match whose {
            Whose::Server if said == 0 => IDLE,
            Whose::Server => BASE + EACH * said,
            Whose::Phone => PHONE + EACH * said,
        };
        must(Law::Bounded, taken <= may_take, || {
            format!("{whose:?} takes {taken} bytes for an exchange in which {said} records and changes are said")
        });
    }
}
