//! Visitors who contradict each other on one day: both words side by side, and somebody who lets the later one count. The other ways to
//! decide have pages of their own: an answer that was a slip is corrected, a registration is ended, or somebody looks again.

use std::collections::BTreeMap;

use domain::presence::Word;
use domain::record::to_fields;
use domain::residency::Weighed;
use domain::{RecordId, kind, same};
use store::device::View;
use ui_protocol::ErrorCode;
use ui_protocol::attention::{Attention, AttentionReply, ContradictionView, VisitorWord, WeighWords};

use crate::derive::todo;
use crate::error::Failure;
use crate::hands::Hands;
use crate::{Device, presence};

/// The group of a registration that says which two words somebody has looked at.
const WEIGHED: &str = "weighed";

impl Device {
    /// Nobody has looked at these; the last one first.
    pub(crate) fn contradictions(&self, view: &View<'_>) -> Result<Vec<ContradictionView>, Failure> {
        let (law, today) = (self.law(view)?, self.today(view)?);
        let hands = Hands::known(view, &self.require(view)?)?;
        let mut found = Vec::new();
        for todo in view.todos_of(todo::CONTRADICTED)? {
            let Some(between) = presence::of(view, todo.record, &law, today)?.contradiction else { continue };
            let residency = view.shown(todo.record)?;
            let Some(person) = residency.and_then(|residency| residency.reference("who", "person")) else { continue };
            let person = same::root(person, view)?;
            let line = view.person_line(person)?;
            let (name, home) = line.map(|line| (line.name, line.home)).unwrap_or_default();
            let said = |word: Word| visitor_word(view, word, &hands);
            let (earlier, later) = (said(between.earlier)?, said(between.later)?);
            found.push(ContradictionView { residency: todo.record, person, name, unit: todo.unit, home, earlier, later });
        }
        found.sort_by_key(|one| std::cmp::Reverse((one.later.observed_unix_ms, one.residency)));
        Ok(found)
    }

    pub(crate) fn weigh_words(&self, ask: &WeighWords) -> Result<AttentionReply, Failure> {
        let (law, today) = self.store.read(|view| Ok::<_, Failure>((self.law(view)?, self.today(view)?)))?;
        self.save(|save| {
            let residency = save.record_of(same::root(ask.residency, &**save.writing)?, kind::RESIDENCY)?;
            let between = presence::of(save.writing, residency.id, &law, today)?.contradiction;
            let weighed = Weighed { earlier: ask.earlier, later: ask.later };
            // Decided meanwhile, or another word has come: that is to be looked at anew.
            if between.is_none_or(|between| between.weighed() != weighed) {
                return Err(ErrorCode::Stale.into());
            }
            save.set(residency.id, BTreeMap::from([(WEIGHED.to_owned(), to_fields(&weighed))]))?;
            Ok(())
        })?;
        self.attention(&Attention {})
    }
}

fn visitor_word(view: &View<'_>, word: Word, hands: &Hands) -> Result<VisitorWord, Failure> {
    let by = view.shown(word.fact)?.map(|fact| hands.of(&fact, "fact")).unwrap_or_default();
    let Word { fact, visit, result, observed_unix_ms } = word;
    Ok(VisitorWord { fact, visit, result, observed_unix_ms, by })
}

/// How many of them there are.
pub(crate) fn count(view: &View<'_>) -> Result<usize, Failure> {
    let of: Vec<RecordId> = view.todos_of(todo::CONTRADICTED)?.into_iter().map(|todo| todo.record).collect();
    Ok(of.len())
}
