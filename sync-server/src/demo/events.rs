//! What happens after people were registered: they leave, move, are reported, met, and disagreed about.

use anyhow::Context;
use domain::codes::{CancelReason, Relation, ReportKind};
use domain::conflict::Settled;
use domain::id_document::{self, DocType};
use domain::kind;
use domain::person::Contact;
use domain::policy::{self, key};
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
            [(DocType::Pp, "E98765432".to_owned(), "Anna Novak", 3u64), (DocType::Hmrp, hong_kong_card(), "黄志豪", 1)]
        {
            // The one of last night is open: its clock runs today, whatever the hour.
            let open = days_ago == 1;
            let started_unix_ms = self.go_to(days_ago, if open { 22 } else { 10 });
            let unit = self.homes[2].unit;
            let rule = if doc_type == DocType::Hmrp { key::HMT_REFERRAL } else { key::FOREIGNER_REFERRAL };
            let due = policy::due_hours(&self.rules.book, rule, started_unix_ms).context("the pack says by when")?;
            let (arrival_on, phone) = (self.ago(days_ago).to_string(), String::new());
            let state = if open { "open" } else { "handed" };
            let draft = self
                .wang
                .create(kind::REFERRAL)
                .with("who", &ReferralWho { doc_type, doc_no, name: name.to_owned(), phone })
                .with("where", &ReferralWhere { unit, room: None, arrival_on: arrival_on.clone() })
                .with("state", &ReferralState { state: state.to_owned(), on: arrival_on })
                .with("due", &due);
            self.wang.save(vec![draft]);
            self.wang.sync()?;
        }
        Ok(())
    }

    /// One report was sent back, one is open and came late, one is open and in time.
    pub(super) fn landlord_reports(&mut self) -> anyhow::Result<()> {
        let mut chen = Pen::new(&self.core, "chen")?.telling();
        self.go_to(20, 20);
        chen.sync()?;
        for (unit, event_ago, sent_ago, returned) in [(1usize, 21u64, 20u64, true), (10, 12, 4, false), (5, 2, 1, false)] {
            let submitted_unix_ms = self.go_to(sent_ago, 20);
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
        self.more_reports(&mut chen)
    }

    /// Registered from; taken back by himself; a changed phone number nobody has looked at; and "no change", taken note of.
    fn more_reports(&mut self, chen: &mut Pen) -> anyhow::Result<()> {
        let rows = [
            (ReportKind::MoveIn, 18, Some("accepted")),
            (ReportKind::MoveIn, 9, Some("withdrawn")),
            (ReportKind::Change, 2, None),
            (ReportKind::NoChange, 14, Some("accepted")),
        ];
        for (what, days_ago, state) in rows {
            let submitted_unix_ms = self.go_to(days_ago, 20);
            let who = self.next_person(24..50);
            let of_nobody = what == ReportKind::NoChange;
            let said = Said {
                kind: what,
                unit: self.homes[1].unit,
                room: None,
                name: if of_nobody { String::new() } else { who.name.clone() },
                doc_type: (!of_nobody).then_some(DocType::Id),
                doc_tail: if of_nobody { String::new() } else { id_document::tail(&who.doc_no) },
                phone: if of_nobody { String::new() } else { who.phone.clone() },
                event_on: self.ago(days_ago).to_string(),
                submitted_unix_ms,
                about: None,
            };
            let mut report = chen.create(kind::REPORT).with("said", &said);
            if !of_nobody {
                report = report.with("document", &ReportDocument { doc_no: who.doc_no.clone() });
            }
            let id = report.record;
            chen.save(vec![report]);
            chen.sync()?;
            let Some(state) = state else { continue };
            self.go_to(days_ago - 1, 18);
            self.wang.sync()?;
            let mut check =
                Check { state: state.to_owned(), on: self.ago(days_ago - 1).to_string(), reason: String::new(), residency: None };
            if state == "withdrawn" {
                let report = chen.record(id).context("he has what he sent")?;
                chen.save(vec![chen.set(&report).with("check", &check)]);
                chen.sync()?;
                continue;
            }
            let mut drafts = Vec::new();
            if what == ReportKind::MoveIn {
                let reported_on = self.ago(days_ago).to_string();
                let (made, registered) = self.registered_from_report(1, days_ago - 1, who, reported_on)?;
                drafts = made;
                check.residency = Some(registered.residency);
            }
            let report = self.record(id)?;
            drafts.push(self.wang.set(&report).with("check", &check));
            self.wang.save(drafts);
            self.wang.sync()?;
        }
        Ok(())
    }

    /// The officer and the coordinator changed two phone numbers without having seen each other; one is settled.
    pub(super) fn conflict(&mut self) -> anyhow::Result<()> {
        let mut zhou = Pen::new(&self.core, "zhou")?.telling();
        let homes: Vec<bool> = self.homes.iter().map(|home| home.wangs).collect();
        let hers: Vec<_> = self.people.iter().filter(|(_, home)| homes[*home]).map(|(made, _)| made.person).take(2).collect();
        for (number, id) in hers.into_iter().enumerate() {
            self.go_to(2 + number as u64, 14);
            zhou.sync()?;
            let person = self.record(id)?;
            let phone = |whose: usize| Contact { phone: format!("1990000880{}", 1 + 2 * number + whose), none_reason: None };
            self.wang.sync()?;
            self.wang.save(vec![self.wang.set(&person).with("contact", &phone(0))]);
            zhou.save(vec![zhou.set(&person).with("contact", &phone(1))]);
            zhou.sync()?;
            self.wang.sync()?;
            if number == 1 {
                let at_unix_ms = self.go_to(3, 17);
                let conflicts = self.wang.records(kind::CONFLICT);
                let told = conflicts.iter().find(|told| told.reference("what", "record") == Some(id));
                let told = told.context("she is told")?;
                let settled = Settled { state: "kept".to_owned(), at_unix_ms };
                self.wang.save(vec![self.wang.set(told).with("settled", &settled)]);
                self.wang.sync()?;
            }
        }
        Ok(())
    }
}

/// A residence card of Hong Kong with a valid check digit.
fn hong_kong_card() -> String {
    let first17 = "81000019880214013";
    format!("{first17}{}", id_document::check_digit(first17).expect("seventeen digits"))
}
