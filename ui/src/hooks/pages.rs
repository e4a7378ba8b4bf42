//! Long lists, a page at a time.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::RecordId;
use ui_protocol::desk::{ListRecords, RecordRow};
use ui_protocol::people::{ListPeople, PersonRow};
use ui_protocol::permits::WhoMayApply;
use ui_protocol::reports::{ListReports, ReportRow};
use ui_protocol::units::{ListUnits, UnitRow};
use ui_protocol::{Call, Topic, UiError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::call::tell_when_signed_out;
use super::use_asker;

/// A question that is answered page by page.
pub trait Paged: Call + Clone + PartialEq + 'static {
    /// What a page holds.
    type Row: Clone + PartialEq + 'static;
    /// What a row is about.
    fn id(row: &Self::Row) -> RecordId;
    /// The question for the page after `after`.
    fn page_after(&self, after: Option<String>) -> Self;
    /// Rows, where to go on, and how many there are in all.
    fn open(reply: Self::Reply) -> (Vec<Self::Row>, Option<String>, Option<u64>);
}

macro_rules! paged {
    ($($call:ty => $row:ty, $total:expr;)+) => {
        $(impl Paged for $call {
            type Row = $row;
            fn id(row: &$row) -> RecordId {
                row.id
            }
            fn page_after(&self, after: Option<String>) -> Self {
                let mut asked = self.clone();
                asked.after = after;
                asked
            }
            fn open(reply: Self::Reply) -> (Vec<$row>, Option<String>, Option<u64>) {
                let total: fn(&Self::Reply) -> Option<u64> = $total;
                let total = total(&reply);
                (reply.rows, reply.next, total)
            }
        })+
    };
}

paged! {
    ListUnits => UnitRow, |page| page.total;
    ListPeople => PersonRow, |page| page.total;
    WhoMayApply => PersonRow, |page| page.total;
    ListReports => ReportRow, |_| None;
    ListRecords => RecordRow, |page| page.total;
}

/// A list as far as it was fetched.
pub enum Listed<R> {
    /// The first page is on its way.
    Waiting,
    /// The rows so far.
    Ready {
        /// The rows so far.
        rows: Rc<Vec<R>>,
        /// Fetches the next page; nothing when this is the end.
        more: Option<Callback<()>>,
        /// How many in all, where it is known.
        total: Option<u64>,
    },
    /// Why there is none.
    Failed(UiError, Callback<()>),
}

struct Held<R> {
    rows: Rc<Vec<R>>,
    next: Option<String>,
    total: Option<u64>,
    answered: bool,
    failed: Option<UiError>,
    fetching: bool,
    turn: u64,
}

/// Asks for the first page now and when the question or one of `topics` changes, and for the next ones on demand. When a
/// topic changes, as many rows as are shown are asked again, so that nobody loses their place.
#[hook]
pub fn use_pages<C: Paged>(call: C, topics: &'static [Topic]) -> Listed<C::Row> {
    let asker = use_asker();
    let held = use_mut_ref(|| Held {
        rows: Rc::new(Vec::<C::Row>::new()),
        next: None,
        total: None,
        answered: false,
        failed: None,
        fetching: false,
        turn: 0,
    });
    let redraw = use_force_update();

    let fetch = {
        let (asker, held) = (asker.clone(), held.clone());
        // Fetches pages until there are `wanted` rows: from the start, or after those that are held.
        move |call: C, wanted: usize, go_on: bool| {
            let mine = {
                let mut held = held.borrow_mut();
                held.turn += 1;
                held.fetching = true;
                held.turn
            };
            let (asker, held, redraw) = (asker.clone(), held.clone(), redraw.clone());
            spawn_local(async move {
                let (mut rows, mut after) = {
                    let held = held.borrow();
                    if go_on { (held.rows.to_vec(), held.next.clone()) } else { (Vec::new(), None) }
                };
                let mut seen: BTreeSet<RecordId> = rows.iter().map(C::id).collect();
                let mut total = None;
                let outcome = loop {
                    match asker.ask(call.page_after(after.clone())).await {
                        Ok(reply) => {
                            let (page, next, in_all) = C::open(reply);
                            let empty = page.is_empty();
                            // A row that moved down between two pages comes twice; a list shows it once.
                            rows.extend(page.into_iter().filter(|row| seen.insert(C::id(row))));
                            total = total.or(in_all);
                            after = next;
                            if after.is_none() || empty || rows.len() >= wanted {
                                break None;
                            }
                        }
                        Err(error) => {
                            tell_when_signed_out(&asker, &error, topics);
                            break Some(error);
                        }
                    }
                };
                {
                    let mut held = held.borrow_mut();
                    if held.turn != mine {
                        return;
                    }
                    held.fetching = false;
                    match outcome {
                        None => {
                            held.rows = Rc::new(rows);
                            held.next = after;
                            held.total = total.or(held.total.filter(|_| go_on));
                            held.answered = true;
                            held.failed = None;
                        }
                        // What is on the screen stays there.
                        Some(_) if held.answered => {}
                        Some(error) => held.failed = Some(error),
                    }
                }
                redraw.force_update();
            });
        }
    };

    use_effect_with((call.clone(), asker), {
        let (fetch, held) = (fetch.clone(), held.clone());
        move |(call, asker)| {
            fetch(call.clone(), 1, false);
            let call = call.clone();
            let listening = asker.listen({
                let held = held.clone();
                move |changed| {
                    if changed.iter().any(|topic| topics.contains(topic)) {
                        let shown = held.borrow().rows.len();
                        fetch(call.clone(), shown, false);
                    }
                }
            });
            move || {
                drop(listening);
                held.borrow_mut().turn += 1;
            }
        }
    });

    let state = held.borrow();
    if let Some(error) = state.failed.clone().filter(|_| !state.answered) {
        let again = Callback::from(move |()| fetch(call.clone(), 1, false));
        return Listed::Failed(error, again);
    }
    if !state.answered {
        return Listed::Waiting;
    }
    let more = state.next.is_some().then(|| {
        let held = held.clone();
        Callback::from(move |()| {
            let (busy, shown) = {
                let held = held.borrow();
                (held.fetching, held.rows.len())
            };
            if !busy {
                fetch(call.clone(), shown + 1, true);
            }
        })
    });
    Listed::Ready { rows: state.rows.clone(), more, total: state.total }
}
