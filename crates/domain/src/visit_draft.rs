//! A visit while it goes on: a draft on one phone, tap by tap, so that the last taps can be taken back. It becomes facts when it is
//! finished, and not before (protocol §1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::{VisitPersonResult, VisitResult};
use crate::ids::RecordId;
use crate::stamp::Origin;

/// Taps one visit keeps to be taken back; the answers themselves are never dropped.
const TAPS_MAX: usize = 1_000;

/// One answer about one person, as tapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tap {
    /// Taps of one touch are taken back together.
    pub touch: u64,
    /// About whom.
    pub person: RecordId,
    /// Their registration.
    pub residency: RecordId,
    /// What was found; `None` takes an answer away.
    pub result: Option<VisitPersonResult>,
    /// When, Unix milliseconds, UTC, as the phone read it.
    pub at_unix_ms: i64,
    /// The value of the registration's `status` that was on the screen then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_seen: Option<Origin>,
}

/// A visit that goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitDraft {
    /// When it began, Unix milliseconds, UTC.
    pub begun_unix_ms: i64,
    /// Somebody is being registered in the middle of it: it goes on even before anybody was asked about.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
    /// In the order they were made.
    pub taps: Vec<Tap>,
    /// The version of the notice that was shown; empty while none was.
    pub notice: String,
    /// The visit it became, when it is so large that it takes more than one save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<RecordId>,
    /// The plate at the door was scanned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub scanned: bool,
}

impl VisitDraft {
    /// One touch: the same result for some people.
    pub fn touch(&mut self, taps: impl IntoIterator<Item = Tap>) {
        let touch = self.taps.last().map_or(1, |last| last.touch + 1);
        self.taps.extend(taps.into_iter().map(|tap| Tap { touch, ..tap }));
        if self.taps.len() > TAPS_MAX {
            // What stands stays; what was tapped over long ago can no longer be taken back.
            let standing: Vec<Tap> = self.answers().into_values().cloned().collect();
            let mut kept = standing;
            kept.sort_by_key(|tap| tap.touch);
            self.taps = kept;
        }
    }

    /// Takes the last touch back; answers whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(touch) = self.taps.last().map(|last| last.touch) else { return false };
        self.taps.retain(|tap| tap.touch != touch);
        true
    }

    /// What stands about each person: the last tap.
    pub fn answers(&self) -> BTreeMap<RecordId, &Tap> {
        let mut answers = BTreeMap::new();
        for tap in &self.taps {
            match tap.result {
                Some(_) => answers.insert(tap.person, tap),
                None => answers.remove(&tap.person),
            };
        }
        answers
    }

    /// Nothing was done yet.
    pub fn is_empty(&self) -> bool {
        self.taps.is_empty() && self.notice.is_empty() && !self.under_way
    }

    /// Whether the phone's clock went back since it began. Times are kept as they were read.
    pub fn clock_went_back(&self, now_unix_ms: i64) -> bool {
        let mut last = self.begun_unix_ms;
        let read = self.taps.iter().map(|tap| tap.at_unix_ms).chain(std::iter::once(now_unix_ms));
        for at in read {
            if at < last {
                return true;
            }
            last = at;
        }
        false
    }

    /// Whether a result can be true beside the answers: who was seen is there, and who is there opened or refused.
    pub fn fits(&self, result: VisitResult) -> bool {
        result.met_somebody() || self.answers().values().all(|tap| tap.result.is_none_or(|result| !result.was_met()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;

    fn tap(person: &str, result: Option<VisitPersonResult>, at_unix_ms: i64) -> Tap {
        let (person, residency) = (derived_id(&[person]), derived_id(&["registration", person]));
        Tap { touch: 0, person, residency, result, at_unix_ms, status_seen: None }
    }

    fn said(draft: &VisitDraft) -> Vec<VisitPersonResult> {
        draft.answers().values().filter_map(|tap| tap.result).collect()
    }

    #[test]
    fn taps_are_taken_back_touch_by_touch() {
        use VisitPersonResult::*;
        let mut draft = VisitDraft::default();
        draft.touch([tap("a", Some(Here), 1), tap("b", Some(Here), 1)]);
        draft.touch([tap("a", Some(Left), 2)]);
        assert_eq!(draft.answers()[&derived_id(&["a"])].result, Some(Left));
        draft.touch([tap("a", None, 3)]);
        assert_eq!(said(&draft), [Here]);
        assert!(draft.undo());
        assert_eq!(draft.answers()[&derived_id(&["a"])].result, Some(Left));
        assert!(draft.undo() && draft.undo());
        assert!(draft.is_empty() && !draft.undo());
    }

    #[test]
    fn a_thousand_taps_later_every_answer_still_stands() {
        let mut draft = VisitDraft::default();
        draft.touch([tap("first", Some(VisitPersonResult::Left), 0)]);
        for at in 0..2_500 {
            draft.touch([tap(&format!("{}", at % 7), Some(VisitPersonResult::Here), at)]);
        }
        assert!(draft.taps.len() <= TAPS_MAX);
        assert_eq!(draft.answers().len(), 8);
        assert!(draft.undo());
    }

    #[test]
    fn a_clock_set_back_is_noticed_and_changes_no_time() {
        let mut draft = VisitDraft { begun_unix_ms: 100, ..VisitDraft::default() };
        draft.touch([tap("a", Some(VisitPersonResult::Here), 110)]);
        assert!(!draft.clock_went_back(120));
        assert!(draft.clock_went_back(50));
        draft.touch([tap("b", Some(VisitPersonResult::Here), 60)]);
        assert!(draft.clock_went_back(120));
        assert_eq!(draft.answers()[&derived_id(&["b"])].at_unix_ms, 60);
    }

    #[test]
    fn nobody_lives_in_an_empty_home() {
        let with = |result| {
            let mut draft = VisitDraft::default();
            draft.touch([tap("a", Some(result), 1)]);
            draft
        };
        let seen = with(VisitPersonResult::Here);
        let left = with(VisitPersonResult::Left);
        for result in VisitResult::ALL.iter().copied() {
            assert_eq!(seen.fits(result), result.met_somebody(), "{result:?}");
            // A neighbour may say that somebody left, and the door stay shut.
            assert!(left.fits(result), "{result:?}");
        }
    }
}
