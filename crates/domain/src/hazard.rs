//! A hazard (隐患): what a safety check found not to be in order, until somebody has seen that it is mended.
//!
//! ```text
//! OPEN ──► FIXED_ON_SPOT
//!   ├────► NOTICED(due) ──► RECHECK ──► CLOSED
//!   └────► HANDED_OVER ───────────────► CLOSED
//! ```
//! Overdue is computed from the due date and is no state. Who does not see it mended leaves it standing: of two decisions that
//! had not seen each other the graver one stands.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::codes::codes;
use crate::ids::RecordId;
use crate::policy::{self, PolicyBook, key};
use crate::record::{Fields, Record, to_fields};

/// Characters of a description or a note.
pub const TEXT_MAX: usize = 200;

codes! {
    /// Where a hazard stands.
    HazardState {
        Open = "open", "待处理", "Open";
        FixedOnSpot = "fixed_on_spot", "当场改好", "Mended on the spot";
        Noticed = "noticed", "限期整改", "To be mended by a day";
        Recheck = "recheck", "复查未改好", "Checked again, not mended";
        HandedOver = "handed_over", "已移交", "Handed over";
        Closed = "closed", "已销号", "Closed";
    }
}

codes! {
    /// Who has to mend it. A part in the house, not a name.
    Responsible {
        Landlord = "LANDLORD", "房东", "Landlord";
        Manager = "MANAGER", "托管人", "Manager";
        Tenant = "TENANT", "租客", "Tenant";
        Other = "OTHER", "其他", "Other";
    }
}

codes! {
    /// Who takes it over.
    HandedTo {
        Fire = "FIRE", "消防", "Fire service";
        Township = "TOWNSHIP", "乡镇（街道）", "Township";
        Housing = "HOUSING", "住建", "Housing office";
    }
}

impl HazardState {
    /// Whether the home still has it.
    pub fn is_open(self) -> bool {
        !matches!(self, HazardState::FixedOnSpot | HazardState::Closed)
    }

    /// Whether it says that somebody looked again.
    pub fn needs_recheck(self) -> bool {
        matches!(self, HazardState::Recheck | HazardState::Closed)
    }

    /// What stands of two that had not seen each other, the larger: what was found stands until a person decides.
    pub fn weight(self) -> u8 {
        match self {
            HazardState::HandedOver => 6,
            HazardState::Recheck => 5,
            HazardState::Noticed => 4,
            HazardState::Open => 3,
            HazardState::FixedOnSpot => 2,
            HazardState::Closed => 1,
        }
    }

    /// Whether somebody who sees this state may set that one; `None` before there is any.
    pub fn may_become(was: Option<HazardState>, to: HazardState) -> bool {
        use HazardState::*;
        match was {
            None | Some(Open) => matches!(to, Open | FixedOnSpot | Noticed | HandedOver),
            Some(Noticed | Recheck) => matches!(to, Recheck | HandedOver | Closed),
            Some(HandedOver) => matches!(to, HandedOver | Closed),
            // Found again it is another hazard, with its own check and its own day.
            Some(FixedOnSpot) => to == FixedOnSpot,
            Some(Closed) => to == Closed,
        }
    }
}

/// The key of the pack's row that says how long there is to mend it.
pub fn due_key(severity: u8) -> &'static str {
    match severity {
        3.. => key::HAZARD_FIX_SEV3,
        2 => key::HAZARD_FIX_SEV2,
        _ => key::HAZARD_FIX_SEV1,
    }
}

/// The group `what`: written once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct What {
    /// The home.
    pub unit: RecordId,
    /// The check that found it.
    pub inspection: RecordId,
    /// The item of the list.
    pub item: String,
    /// 1 to 3, as the list had it on that day.
    pub severity: u8,
    /// What is the matter with the object, in free words; empty where the item says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When it was seen, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// The record in whose stead it stands: one that was closed by a check that was a mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<RecordId>,
}

/// The group `charge`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// Who has to mend it.
    pub responsible: Responsible,
}

/// The group `state`: a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Where it stands.
    pub state: HazardState,
    /// Since which day, `YYYY-MM-DD`.
    pub on: String,
    /// To whom it was handed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HandedTo>,
    /// The re-check it follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<RecordId>,
    /// In free words about the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The group `fact` of a re-check (复查): somebody looked at the hazard again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecheckFact {
    /// The hazard.
    pub hazard: RecordId,
    /// When, Unix milliseconds, UTC.
    pub observed_unix_ms: i64,
    /// Whether it is mended.
    pub fixed: bool,
    /// The check of the whole home that found it so; none where somebody looked at the hazard alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<RecordId>,
    /// In free words about the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Where a hazard goes when somebody looked at it again; `None` where it stays. With whoever took it over it stays until it is mended.
pub fn after_recheck(was: HazardState, fixed: bool) -> Option<HazardState> {
    use HazardState::*;
    match (was, fixed) {
        // Nobody had said by when: it is said now, or it was found and mended.
        (Open, true) => Some(FixedOnSpot),
        (Open, false) => Some(Noticed),
        (Noticed | Recheck | HandedOver, true) => Some(Closed),
        (Noticed | Recheck, false) => Some(Recheck),
        (HandedOver, false) | (FixedOnSpot | Closed, _) => None,
    }
}

/// What whoever looked at a hazard again says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looked {
    /// It is mended.
    pub fixed: bool,
    /// In free words about the object.
    pub note: String,
    /// The check in the course of which it was looked at.
    pub inspection: Option<RecordId>,
    /// To whom it is handed from here.
    pub to: Option<HandedTo>,
    /// Who mends it from now on.
    pub responsible: Option<Responsible>,
}

impl Looked {
    /// The fact that somebody looked.
    pub fn fact(&self, hazard: RecordId, observed_unix_ms: i64) -> RecheckFact {
        let (fixed, inspection, note) = (self.fixed, self.inspection, self.note.clone());
        RecheckFact { hazard, observed_unix_ms, fixed, inspection, note }
    }

    /// What becomes of the hazard by that fact: its state, another day where it is not mended, who mends it. Nothing where it stays
    /// as it is.
    pub fn groups(
        &self,
        hazard: &Record,
        recheck: RecordId,
        book: &PolicyBook,
        calendar: &Calendar,
        today: NaiveDate,
    ) -> BTreeMap<String, Fields> {
        let next = after_recheck(state_of(hazard), self.fixed);
        let to = self.to.filter(|_| !self.fixed);
        let mut groups = BTreeMap::new();
        if let Some(state) = to.map(|_| HazardState::HandedOver).or(next) {
            let recheck = state.needs_recheck().then_some(recheck);
            let state = State { state, on: today.to_string(), to, recheck, note: String::new() };
            groups.insert("state".to_owned(), to_fields(&state));
        }
        if !self.fixed && next.is_some() {
            // Who finds it not mended sets another day: the clock of its severity runs from then.
            let severity = hazard.typed::<What>("what").map_or(2, |what| what.severity);
            let due = policy::due(book, calendar, due_key(severity), today);
            groups.extend(due.map(|due| ("due".to_owned(), to_fields(&due))));
        }
        if let Some(responsible) = self.responsible.filter(|_| !self.fixed) {
            groups.insert("charge".to_owned(), to_fields(&Charge { responsible }));
        }
        groups
    }
}

/// Whether a hazard should be with whoever may act: what is grave is mended the same day *and* handed over (同日整改并移交).
pub fn wants_hand_over(severity: u8, state: HazardState) -> bool {
    severity >= 3 && state.is_open() && state != HazardState::HandedOver
}

/// A record's state; one that this version cannot read counts as open.
pub fn state_of(hazard: &Record) -> HazardState {
    hazard.text("state", "state").and_then(HazardState::from_code).unwrap_or(HazardState::Open)
}

/// Whether the home still has it.
pub fn is_open(hazard: &Record) -> bool {
    hazard.dead.is_none() && state_of(hazard).is_open()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hazard_goes_its_way_and_no_other() {
        use HazardState::*;
        let allowed: &[(Option<HazardState>, &[HazardState])] = &[
            (None, &[Open, FixedOnSpot, Noticed, HandedOver]),
            (Some(Open), &[Open, FixedOnSpot, Noticed, HandedOver]),
            (Some(Noticed), &[Recheck, HandedOver, Closed]),
            (Some(Recheck), &[Recheck, HandedOver, Closed]),
            (Some(HandedOver), &[HandedOver, Closed]),
            (Some(FixedOnSpot), &[FixedOnSpot]),
            (Some(Closed), &[Closed]),
        ];
        for (was, may) in allowed {
            for to in HazardState::ALL {
                assert_eq!(HazardState::may_become(*was, *to), may.contains(to), "{was:?} to {to:?}");
            }
        }
    }

    #[test]
    fn whoever_looks_again_moves_it_only_where_it_may_go() {
        for was in HazardState::ALL {
            for fixed in [true, false] {
                let to = after_recheck(*was, fixed);
                assert!(to.is_none_or(|to| HazardState::may_become(Some(*was), to)), "{was:?}");
                assert_eq!(to.is_some_and(|to| !to.is_open()), fixed && was.is_open(), "{was:?}, mended: {fixed}");
            }
        }
        assert_eq!(after_recheck(HazardState::Noticed, false), Some(HazardState::Recheck));
        assert_eq!(after_recheck(HazardState::HandedOver, false), None, "who took it over has it");
    }

    #[test]
    fn what_is_grave_is_handed_over_as_well() {
        for state in HazardState::ALL {
            let open_elsewhere = matches!(state, HazardState::Open | HazardState::Noticed | HazardState::Recheck);
            assert_eq!(wants_hand_over(3, *state), open_elsewhere, "{state:?}");
            assert!(!wants_hand_over(2, *state) && !wants_hand_over(1, *state), "{state:?}");
        }
    }

    #[test]
    fn of_two_decisions_the_graver_one_stands() {
        let mut by_weight = HazardState::ALL.to_vec();
        by_weight.sort_by_key(|state| std::cmp::Reverse(state.weight()));
        use HazardState::*;
        assert_eq!(by_weight, [HandedOver, Recheck, Noticed, Open, FixedOnSpot, Closed]);
        let ended: Vec<HazardState> = by_weight.into_iter().filter(|state| !state.is_open()).collect();
        assert_eq!(ended, [FixedOnSpot, Closed], "whatever is open outweighs whatever is not");
    }

    #[test]
    fn each_severity_has_its_own_time() {
        for (severity, key) in
            [(1, key::HAZARD_FIX_SEV1), (2, key::HAZARD_FIX_SEV2), (3, key::HAZARD_FIX_SEV3), (9, key::HAZARD_FIX_SEV3)]
        {
            assert_eq!(due_key(severity), key);
        }
    }
}
