//! What happens after people were registered: they leave, move, are reported, met, and disagreed about.

use domain::codes::{CancelReason, Relation, ReportKind};
use domain::id_document::{self, DocType};
use domain::kind;
use domain::person::Contact;
use domain::referral::{ReferralState, ReferralWhere, ReferralWho};
use domain::report::{Check, ReportDocument, Said};
use domain::residency::{CANCELLED, Handed, Period, Status, StayRelation, StayWhere};

use super::cast::LI_VILLAGE;
use super::county::Story;
use super::pen::Pen;

impl Story {
    /// Some left the county, somebody moved next door, somebody to the other village.
    pub(super) fn leave_and_move(&mut self) -> anyhow::Result<()> {
        for at in [4, 23, 40, 61, 77] {
            let (made, home) = self.people[at];
            let wangs = self.homes[home].wangs;
            let now_unix_ms = self.go_to(9, 15);
            let on = self.ago(10).to_string();
            let (residency, stay) = (self.record(made.residency)?, self.record(made.stay)?);
            let from = stay.text("period", "from").unwrap_or_default().to_owned();
            let status = Status {
                state: CANCELLED.to_owned(),
                on: on.clone(),
                reason: Some(CancelReason::Left),
                note: "房东告知，房间已空".to_owned(),
                observed_unix_ms: now_unix_ms,
                seen_fact: None,
            };
            let pen = self.pen(wangs);
            let drafts =
                vec![pen.set(&residency).with("status", &status), pen.set(&stay).with("period", &Period { from, to: Some(on) })];
            pen.save(drafts);
            pen.sync()?;
        }
        // Inside 王敏's village: one registration, two stays.
        let (made, home) = self.people[50];
        let (wangs, next) = (
            self.homes[home].wangs,
            self.homes.iter().position(|other| other.wangs == self.homes[home].wangs && other.unit != self.homes[home].unit),
        );
        let next = next.ok_or_else(|| anyhow::anyhow!("each village has more than one home"))?;
        let (unit, room) = (self.homes[next].unit, self.homes[next].rooms.first().copied());
        self.go_to(6, 11);
        let stay = self.record(made.stay)?;
        let (from, on) = (stay.text("period", "from").unwrap_or_default().to_owned(), self.ago(6).to_string());
        let pen = self.pen(wangs);
        let moved = pen
            .create(kind::STAY)
            .with("where", &StayWhere { residency: made.residency, person: made.person, unit, room })
            .with("period", &Period { from: on.clone(), to: None })
            .with("relation", &StayRelation { relation: Relation::Friend, lessee: false });
        let drafts = vec![pen.set(&stay).with("period", &Period { from, to: Some(on) }), moved];
        pen.save(drafts);
        pen.sync()?;
        // From 王敏 to 李强, who has not placed them yet.
        let handed = self.people.iter().rev().find(|(_, home)| self.homes[*home].wangs).copied();
        let (made, _) = handed.ok_or_else(|| anyhow::anyhow!("somebody lives in the first village"))?;
        self.go_to(1, 16);
        let (person, residency, stay) = (self.record(made.person)?, self.record(made.residency)?, self.record(made.stay)?);
        let (from, on) = (stay.text("period", "from").unwrap_or_default().to_owned(), self.ago(1).to_string());
        let to = Handed { area: LI_VILLAGE.to_owned(), on: on.clone(), note: "搬到金川社区菜场旁边".to_owned() };
        let drafts = vec![
            self.wang.set(&stay).with("period", &Period { from, to: Some(on) }),
            self.wang.set(&person).with("handed", &to),
            self.wang.set(&residency).with("handed", &to),
        ];
        self.wang.save(drafts);
        self.wang.sync()?;
        self.people.retain(|(other, _)| other.person != made.person);
        Ok(())
    }

    pub(super) fn referrals(&mut self) -> anyhow::Result<()> {
        for (doc_type, doc_no, name, days_ago) in
            [(DocType::Pp, "E98765432".to_owned(), "Anna Novak", 3u64), (DocType::Hmrp, hong_kong_card(), "黄志豪", 0)]
        {
            self.go_to(days_ago, 10);
            let unit = self.homes[2].unit;
            let (arrival_on, phone) = (self.ago(days_ago).to_string(), String::new());
            let state = if days_ago > 0 { "handed" } else { "open" };
            let draft = self
                .wang
                .create(kind::REFERRAL)
                .with("who", &ReferralWho { doc_type, doc_no, name: name.to_owned(), phone })
                .with("where", &ReferralWhere { unit, room: None, arrival_on: arrival_on.clone() })
                .with("state", &ReferralState { state: state.to_owned(), on: arrival_on });
            self.wang.save(vec![draft]);
            self.wang.sync()?;
        }
        Ok(())
    }

    /// One report was sent back, one is open and came late, one is open and in time.
    pub(super) fn landlord_reports(&mut self) -> anyhow::Result<()> {
        let mut chen = Pen::new(&self.core, "chen")?;
        self.go_to(20, 20);
        chen.sync()?;
        for (unit, event_ago, sent_ago, returned) in [(1usize, 21u64, 20u64, true), (10, 12, 4, false), (5, 1, 0, false)] {
            let submitted_unix_ms = self.go_to(sent_ago, if sent_ago == 0 { 7 } else { 20 });
            let who = self.next_person(22..45);
            let home = &self.homes[unit];
            let said = Said {
                kind: ReportKind::MoveIn,
                unit: home.unit,
                room: home.rooms.first().copied(),
                name: who.name.clone(),
                doc_type: Some(DocType::Id),
                doc_tail: id_document::tail(&who.doc_no),
                phone: who.phone.clone(),
                event_on: self.ago(event_ago).to_string(),
                submitted_unix_ms,
                about: None,
            };
            let report =
                chen.create(kind::REPORT).with("said", &said).with("document", &ReportDocument { doc_no: who.doc_no.clone() });
            let id = report.record;
            chen.save(vec![report]);
            chen.sync()?;
            if returned {
                self.go_to(19, 18);
                self.wang.sync()?;
                let report = self.record(id)?;
                let check = Check {
                    state: "returned".to_owned(),
                    on: self.ago(19).to_string(),
                    reason: "上门核实，此人未入住".to_owned(),
                    residency: None,
                };
                let drafts = vec![self.wang.set(&report).with("check", &check)];
                self.wang.save(drafts);
                self.wang.sync()?;
            }
        }
        Ok(())
    }

    /// The officer and the coordinator changed one phone number without having seen each other.
    pub(super) fn conflict(&mut self) -> anyhow::Result<()> {
        let mut zhou = Pen::new(&self.core, "zhou")?;
        self.go_to(2, 14);
        zhou.sync()?;
        let (made, _) = *self.people.iter().find(|(_, home)| self.homes[*home].wangs).ok_or_else(|| anyhow::anyhow!("nobody"))?;
        let person = self.record(made.person)?;
        let phone = |phone: &str| Contact { phone: phone.to_owned(), none_reason: None };
        self.wang.sync()?;
        let drafts = vec![self.wang.set(&person).with("contact", &phone("19900008801"))];
        self.wang.save(drafts);
        let drafts = vec![zhou.set(&person).with("contact", &phone("19900008802"))];
        zhou.save(drafts);
        zhou.sync()?;
        self.wang.sync()?;
        Ok(())
    }
}

/// A residence card of Hong Kong with a valid check digit.
fn hong_kong_card() -> String {
    let first17 = "81000019880214013";
    format!("{first17}{}", id_document::check_digit(first17).expect("seventeen digits"))
}
