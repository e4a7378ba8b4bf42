//! The independent book: every save ever made, as it was in the outbox the moment after it was saved, with what its writer had
//! seen. Nothing in it comes from the server, and nothing is taken out of it.

use std::collections::BTreeMap;

use domain::merge::lay_over;
use domain::{Change, Origin, Record, RecordId, TxnId, Verb};
use store::device::{OutboxChange, OutboxState, View};

use crate::law::{Law, broken, must};

/// One change somebody saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// As it was frozen.
    pub change: Change,
    /// On which phone.
    pub phone: usize,
    /// On which of its files: one that was put back has not seen what was written on the other.
    pub life: u32,
    /// In which step.
    pub step: u64,
    /// Its writer sent it again under another name, or gave it up.
    pub given_up: bool,
    /// The only file that held it is gone, or nobody keeps it any more: the world took it, not the code.
    pub out_of_reach: Option<&'static str>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Book {
    /// In the order they were saved.
    pub saved: Vec<Saved>,
}

impl Book {
    /// Writes down what a save left in an outbox. `before` is the phone's file as it was when the person pressed the button.
    pub fn note(&mut self, (phone, life): (usize, u32), step: u64, before: &View<'_>, after: Vec<OutboxChange>) {
        let mut seen: BTreeMap<RecordId, Option<Record>> = BTreeMap::new();
        let last = before.meta("stamp_last").ok().flatten().and_then(|text| text.parse::<domain::Stamp>().ok());
        let mut last = last;
        for row in after {
            let change = row.change;
            must(Law::Conservation, row.state == OutboxState::Waiting, || {
                format!("a new change is {:?}: phone {phone}, {}", row.state, told(&change))
            });
            must(Law::Causality, last.is_none_or(|last| last < change.origin.stamp), || {
                format!("a stamp went back from {last:?}: phone {phone}, {}", told(&change))
            });
            last = Some(change.origin.stamp);
            let shown = seen.entry(change.record).or_insert_with(|| {
                let held = before.held(change.record).unwrap_or_else(|error| broken(Law::Soundness, format!("{error:?}")));
                held.map(|held| held.shown)
            });
            check_bases(phone, &change, shown.as_ref());
            *shown = Some(lay_over(shown.take(), &change));
            self.saved.push(Saved { change, phone, life, step, given_up: false, out_of_reach: None });
        }
    }

    /// Writes down a save that no command made.
    pub fn note_one(&mut self, (phone, life): (usize, u32), step: u64, change: Change) {
        self.saved.push(Saved { change, phone, life, step, given_up: false, out_of_reach: None });
    }

    /// Somebody decided about a refused save: it is no more looked for under this name.
    pub fn give_up(&mut self, txn: TxnId) {
        self.saved.iter_mut().filter(|saved| saved.change.txn == txn).for_each(|saved| saved.given_up = true);
    }
}

/// Every value that is replaced has to be named, and it is the one that was on the screen.
fn check_bases(phone: usize, change: &Change, shown: Option<&Record>) {
    if change.verb == Verb::Create {
        return;
    }
    for (name, group) in &change.groups {
        let on_screen: Option<Origin> = shown.and_then(|record| record.groups.get(name)).map(|value| value.origin);
        must(Law::Causality, group.base == on_screen, || {
            format!(
                "a save names {:?} where {on_screen:?} was on the screen: phone {phone}, {name} of {}",
                group.base,
                told(change)
            )
        });
    }
}

/// A change for a person who looks for a mistake.
pub fn told(change: &Change) -> String {
    let groups: Vec<String> = change
        .groups
        .iter()
        .map(|(name, group)| format!("{name}{} on {:?}", serde_json::Value::Object(group.fields.clone()), group.base))
        .collect();
    format!("{:?} {} {} by {:?} as {}: {}", change.verb, change.kind, change.record, change.origin, change.id, groups.join("; "))
}
