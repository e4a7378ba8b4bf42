//! What one exchange takes of the memory, on either side: it follows from what is said in it, never from what there is.

use peak_alloc::PeakAlloc;

use crate::law::{Law, must};
use crate::sim::Sim;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What an exchange may take in which nothing is said.
const IDLE: usize = 128 << 10;
/// What one may take in which something is said.
const BASE: usize = 512 << 10;
/// And for each record or change that is said in it.
const EACH: usize = 12 << 10;

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
    pub fn end(self, sim: &Sim, whose: &str, said: usize) {
        if sim.steps.get() != self.step {
            return;
        }
        let taken = HEAP.peak_usage().saturating_sub(self.before);
        let may_take = if said == 0 { IDLE } else { BASE + EACH * said };
        must(Law::Bounded, taken <= may_take, || {
            format!("{whose} takes {taken} bytes for an exchange in which {said} records and changes are said")
        });
    }
}
