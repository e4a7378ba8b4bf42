//! Homes nobody was in for long: what a coordinator's rounds begin with.

use domain::address::Address;
use domain::codes::{LettingMode, UnitStatus, VisitResult};
use domain::kind;
use domain::unit::{Registration, UnitForm};
use serde_json::json;

use super::cast::WANG_VILLAGE;
use super::county::Story;
use crate::county::NOTICE_VERSION;

/// Homes of this chapter.
pub(super) const HOMES: usize = 6;

/// Registered so many days ago; calls since: days ago, how they ended, whether they are to be repeated in the evening; whether the
/// landlord lives there; the last parts of the address.
type Row = (u64, &'static [(u64, VisitResult, Option<bool>)], bool, [&'static str; 4]);

const ROWS: [Row; HOMES] = [
    (178, &[], false, ["18", "3", "1", "2"]),
    (176, &[(150, VisitResult::Done, None), (3, VisitResult::NoAnswer, Some(true))], false, ["18", "3", "1", "5"]),
    (175, &[(125, VisitResult::Done, None)], true, ["18", "5", "2", "1"]),
    (174, &[(2, VisitResult::NoAnswer, None)], true, ["26", "", "", ""]),
    (172, &[(128, VisitResult::Vacant, None), (8, VisitResult::Refused, None)], false, ["30", "", "", ""]),
    (90, &[(60, VisitResult::Done, None)], true, ["32", "", "", ""]),
];

impl Story {
    pub(super) fn rounds(&mut self) -> anyhow::Result<()> {
        for (days_ago, calls, on_site, [plate_no, building, unit_no, floor]) in ROWS {
            self.go_to(days_ago, 10);
            let on = self.ago(days_ago).to_string();
            let owner = self.next_person(40..70);
            let form = UnitForm {
                address: Address {
                    area: WANG_VILLAGE.to_owned(),
                    road: "白马路".to_owned(),
                    plate_no: plate_no.to_owned(),
                    building: building.to_owned(),
                    unit_no: unit_no.to_owned(),
                    floor: floor.to_owned(),
                    ..Address::default()
                },
                landlord_name: owner.name,
                landlord_phone: owner.phone,
                landlord_on_site: on_site,
                mode: LettingMode::Whole,
                ..UnitForm::default()
            };
            let mut unit = self.wang.create(kind::UNIT);
            unit.groups = form.groups();
            let registration = Registration::since(UnitStatus::Registered, on);
            let unit = unit.with("registration", &registration);
            let id = unit.record;
            self.wang.save(vec![unit]);
            self.wang.sync()?;
            for (days_ago, result, next_in_evening) in calls {
                let observed_unix_ms = self.go_to(*days_ago, 15);
                let mut fact = json!({
                    "unit": id, "observed_unix_ms": observed_unix_ms, "result": result.code(), "notice": NOTICE_VERSION,
                });
                if let Some(evening) = next_in_evening {
                    fact["next"] = json!({ "on": self.ago(0).to_string(), "evening": evening });
                }
                let visit = self.wang.create(kind::VISIT).with("fact", &fact);
                self.wang.save(vec![visit]);
                self.wang.sync()?;
            }
        }
        Ok(())
    }
}
