//! Who rents a home or a room of it (承租人): a person or a firm, since when, until when. No rent, no contract: the register needs to know
//! who is responsible for the room, and nothing of the money.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{FieldProblem, Problem, check_past_date, parse_date};
use crate::ids::RecordId;
use crate::record::Record;
use crate::text;

/// Characters of a firm's name.
pub const FIRM_MAX: usize = 60;

codes! {
    /// Why a tenancy ended. `MOVED`, `CLOSED` and `NOT_LESSEE` are written by what was done, never chosen.
    TenancyEnd {
        Left = "LEFT", "退租离开", "Left";
        Moved = "MOVED", "换了住处", "Moved elsewhere";
        Expired = "EXPIRED", "租期已满", "The lease ran out";
        Closed = "CLOSED", "房屋注销", "The home was closed";
        NotLessee = "NOT_LESSEE", "不是承租人", "Is not the tenant";
        Other = "OTHER", "其他", "Other";
    }
    offered [Left Expired Other]
}

/// The group `where` of a tenancy: written once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TenancyWhere {
    /// The home.
    pub unit: RecordId,
    /// The room, where only one is rented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RecordId>,
    /// The person who rents it; none where a firm does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<RecordId>,
}

/// The group `firm` of a tenancy: an employer that rents for its people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Firm {
    /// As on its licence.
    pub name: String,
}

/// The group `period` of a tenancy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day; absent while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<TenancyEnd>,
}

impl Lease {
    /// One that begins.
    pub fn from(from: String) -> Lease {
        Lease { from, to: None, reason: None }
    }

    /// The same, ended. A last day before the first one is the first one.
    pub fn ended(self, on: &str, reason: TenancyEnd) -> Lease {
        let to = if on < self.from.as_str() { self.from.clone() } else { on.to_owned() };
        Lease { to: Some(to), reason: Some(reason), ..self }
    }

    /// The first field that cannot be so.
    pub fn problem(&self) -> Option<&'static str> {
        let Some(from) = parse_date(&self.from) else { return Some("from") };
        let ended = self.to.is_some();
        if self.to.as_deref().is_some_and(|to| parse_date(to).is_none_or(|to| to < from)) {
            return Some("to");
        }
        (ended != self.reason.is_some()).then_some("reason")
    }
}

/// Whether a tenancy goes on.
pub fn is_open(tenancy: &Record) -> bool {
    tenancy.dead.is_none() && tenancy.text("period", "to").is_none()
}

/// A firm that rents, as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirmForm {
    /// As on its licence.
    pub name: String,
    /// First day.
    pub from: String,
}

impl FirmForm {
    /// What is wrong with it, field by field.
    pub fn check(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if let Err(problem) = text::require_text(&self.name, FIRM_MAX) {
            problems.push(FieldProblem::stop("name", Problem::Text(problem)));
        }
        check_past_date("from", &self.from, today, &mut problems);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenancy_ends_on_a_day_for_a_reason() {
        let lease = Lease::from("2026-03-01".into());
        assert_eq!(lease.problem(), None);
        let ended = lease.clone().ended("2026-11-23", TenancyEnd::Left);
        assert_eq!((ended.to.as_deref(), ended.reason, ended.problem()), (Some("2026-11-23"), Some(TenancyEnd::Left), None));
        assert_eq!(lease.clone().ended("2025-01-01", TenancyEnd::Left).to.as_deref(), Some("2026-03-01"), "not before it began");
        let rows = [
            (Lease { from: "1 March".into(), ..lease.clone() }, "from"),
            (Lease { to: Some("2026-02-01".into()), reason: Some(TenancyEnd::Other), ..lease.clone() }, "to"),
            (Lease { to: Some("2026-12-01".into()), ..lease.clone() }, "reason"),
            (Lease { reason: Some(TenancyEnd::Other), ..lease }, "reason"),
        ];
        for (lease, field) in rows {
            assert_eq!(lease.problem(), Some(field), "{lease:?}");
        }
    }

    #[test]
    fn a_firm_has_a_name_and_a_first_day() {
        let today = "2026-11-23".parse().expect("a date");
        let form = FirmForm { name: "常山胡柚食品厂".into(), from: "2026-11-01".into() };
        assert_eq!(form.check(today), []);
        let fields = |form: FirmForm| form.check(today).into_iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(FirmForm { name: " ".into(), ..form.clone() }), ["name"]);
        assert_eq!(fields(FirmForm { from: "2027-01-01".into(), ..form }), ["from"]);
    }
}
