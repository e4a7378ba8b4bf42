//! What is rare and must be seen all the same: every way a registration ends, comes back or turns out to be another's; homes that
//! are not let; and what was recorded by mistake.

use anyhow::Context;
use domain::checklist::Item;
use domain::codes::{
    CancelReason, Channel, IntendedStay, Reason, Relation, UnitCloseReason, UnitStatus, VisitPersonResult, VisitProof,
    VisitResult,
};
use domain::duplicate::{DIFFERENT, Pair, PairWhy, Settled};
use domain::grade::{Grade, Wanted};
use domain::inspection::{HazardForm, Outcome};
use domain::person::Identity;
use domain::record::to_fields;
use domain::residency::{CANCELLED, Declared, Period, Status};
use domain::tenancy::{Firm, Lease, TenancyEnd, TenancyWhere};
use domain::unit::{Before, Registration};
use domain::visit::{VisitFact, VisitPersonFact};
use domain::withdrawal::Withdrawal;
use domain::{RecordId, kind};
use sync_protocol::SyncServer;
use ui_protocol::DeskCommand;
use ui_protocol::desk::RestoreResidency;
use ui_protocol::held::{HeldPage, ListHeld, RejectHeld};

use super::cast::{ACCOUNTS, Someone, WANG_VILLAGE};
use super::county::Story;
use super::homes::home;
use super::pen::{Draft, Pen};
use super::people::{Registered, Resident, registration};
use super::safety::check;

/// Homes of this chapter.
#[cfg(test)]
pub(super) const HOMES: usize = 4 + 2;
/// People of this chapter, counted by their records: those registered twice are two.
#[cfg(test)]
pub(super) const PEOPLE: usize = 7 + 4 + 4 + 1;

/// Why a registration ended, and what the coordinator heard.
const ENDED: [(CancelReason, &str); 6] = [
    (CancelReason::Hukou, "本人出示本县户口簿"),
    (CancelReason::Death, "家属告知，见医学证明"),
    (CancelReason::Duplicate, "同一人已在别处登记"),
    (CancelReason::Error, "登记时认错了人"),
    (CancelReason::Exempt, "本县户籍，不属登记对象"),
    (CancelReason::Other, "本人要求，已说明情况"),
];

/// A call at a home of which there is no more to say.
fn call(unit: RecordId, observed_unix_ms: i64, result: VisitResult) -> VisitFact {
    VisitFact {
        unit,
        observed_unix_ms,
        result,
        notice: String::new(),
        note: String::new(),
        next: None,
        registering: false,
        clock_suspect: false,
        proof: VisitProof::None,
    }
}

/// The last road of the village's list: nobody tries things out with the first home and finds it closed.
fn at_the_harbour(drafts: &mut [Draft]) {
    if let Some(address) = drafts.first_mut().and_then(|unit| unit.groups.get_mut("address")) {
        address.insert("road".to_owned(), "紫港路".into());
    }
}

impl Story {
    /// The chapter.
    pub(super) fn endings(&mut self) -> anyhow::Result<()> {
        self.homes_not_let()?;
        self.registrations_ended()?;
        self.brought_back()?;
        self.registered_twice()?;
        self.entered_twice()?;
        self.rented_by_a_firm()?;
        self.words_against_words()?;
        self.a_grade_is_proposed()?;
        self.taken_back()
    }

    /// 待登记, 停租, and closed for two reasons.
    fn homes_not_let(&mut self) -> anyhow::Result<()> {
        let rows = [
            (UnitStatus::Pending, None, 5, 51usize),
            (UnitStatus::Paused, Some(UnitCloseReason::Stopped), 25, 53),
            (UnitStatus::Closed, Some(UnitCloseReason::Sold), 18, 55),
            (UnitStatus::Closed, Some(UnitCloseReason::Demolished), 60, 57),
        ];
        for (state, why, days_ago, plate) in rows {
            self.go_to(days_ago, 10);
            let owner = self.next_person(40..70);
            let on = self.ago(days_ago);
            let landlord = (owner.name.as_str(), owner.phone.as_str());
            let (mut drafts, _) = home(&self.wang, WANG_VILLAGE, plate, landlord, "", on, &self.dice);
            at_the_harbour(&mut drafts);
            let reason = why.map(|why| why.code().to_owned()).unwrap_or_default();
            let registration = Registration { reason, ..Registration::since(state, on.to_string()) };
            drafts[0].groups.insert("registration".to_owned(), to_fields(&registration));
            self.wang.save(drafts);
            self.wang.sync()?;
        }
        Ok(())
    }

    /// The save of somebody who comes to live in one of 王敏's homes.
    pub(super) fn newcomer(&mut self, at: usize, days_ago: u64, who: Someone) -> (Vec<Draft>, Registered) {
        let visited_unix_ms = self.go_to(days_ago, 18);
        let resident = Resident {
            who,
            unit: self.homes[at].unit,
            room: self.homes[at].rooms.first().copied(),
            arrival_on: self.ago(days_ago),
            visited_unix_ms,
            reason: Reason::Working,
            relation: Relation::Coworker,
            intended: IntendedStay::OneYear,
            employer: "天马纺织".to_owned(),
            guardian: None,
        };
        registration(&self.wang, &self.rules, &resident)
    }

    fn lives_at(&mut self, at: usize, days_ago: u64) -> anyhow::Result<Registered> {
        let who = self.next_person(22..55);
        let (drafts, made) = self.newcomer(at, days_ago, who);
        self.wang.save(drafts);
        self.wang.sync()?;
        Ok(made)
    }

    fn cancel(&mut self, made: Registered, reason: CancelReason, note: &str, days_ago: u64) -> anyhow::Result<()> {
        let observed_unix_ms = self.go_to(days_ago, 16);
        let on = self.ago(days_ago).to_string();
        let status = Status {
            state: CANCELLED.to_owned(),
            on: on.clone(),
            reason: Some(reason),
            note: note.to_owned(),
            observed_unix_ms,
            seen_fact: None,
        };
        let (residency, stay) = (self.record(made.residency)?, self.record(made.stay)?);
        let from = stay.text("period", "from").unwrap_or_default().to_owned();
        let period = Period { from, to: Some(on) };
        let drafts = vec![self.wang.set(&residency).with("status", &status), self.wang.set(&stay).with("period", &period)];
        self.wang.save(drafts);
        self.wang.sync()?;
        Ok(())
    }

    fn registrations_ended(&mut self) -> anyhow::Result<()> {
        for (number, (reason, note)) in ENDED.into_iter().enumerate() {
            let made = self.lives_at(18 + number % 4, 70)?;
            self.cancel(made, reason, note, 15 - number as u64)?;
        }
        Ok(())
    }

    /// Said to be gone, seen in the market the week after: the station brought the registration back.
    fn brought_back(&mut self) -> anyhow::Result<()> {
        let made = self.lives_at(19, 75)?;
        self.cancel(made, CancelReason::Left, "房东说已回老家", 8)?;
        self.go_to(4, 10);
        let note = "本人到所说明仍在住，系误注销".to_owned();
        let ask = RestoreResidency { id: made.residency, note };
        self.at_the_desk(DeskCommand::RestoreResidency(ask))?;
        self.wang.sync()?;
        Ok(())
    }

    /// 周建军 at the station's page.
    fn at_the_desk(&self, command: DeskCommand) -> anyhow::Result<serde_json::Value> {
        let zhou = ACCOUNTS.iter().find(|account| account.login == "zhou").context("the cast has an officer")?;
        let told = |error: ui_protocol::UiError| anyhow::anyhow!("the desk says {:?}", error.code);
        let (token, _) = self.core.desk_sign_in(zhou.login, zhou.password).map_err(told)?;
        let caller = self.core.desk_caller(&token).map_err(told)?;
        Ok(self.core.desk(&caller, command).map_err(told)?.reply)
    }

    /// One document number twice: joined by itself, in two villages, and twice under another name, of which one is settled.
    fn registered_twice(&mut self) -> anyhow::Result<()> {
        for (number, why) in [PairWhy::Merged, PairWhy::Village, PairWhy::Name, PairWhy::Name].into_iter().enumerate() {
            let who = self.next_person(25..50);
            let (first, one) = self.newcomer(27 + number % 2, 13, who.clone());
            self.wang.save(first);
            self.wang.sync()?;
            // On another phone of hers that had not heard of it; or by her colleague.
            let mut second = Pen::new(&self.core, if why == PairWhy::Village { "li" } else { "wang" })?.telling();
            second.sync()?;
            let at = if why == PairWhy::Village { 32 } else { 29 };
            let (mut drafts, two) = self.newcomer(at, if why == PairWhy::Merged { 13 } else { 12 - number as u64 }, who);
            if why == PairWhy::Name {
                let person = drafts.iter_mut().find(|draft| draft.kind == kind::PERSON).context("somebody is registered")?;
                let fields = person.groups.get("identity").cloned().unwrap_or_default();
                let mut identity: Identity = serde_json::from_value(fields.into())?;
                identity.name.push('儿');
                person.groups.insert("identity".to_owned(), to_fields(&identity));
            }
            second.save(drafts);
            second.sync()?;
            self.wang.sync()?;
            self.li.sync()?;
            if number == 3 {
                self.settle_pair(one.person, two.person)?;
            }
        }
        Ok(())
    }

    fn settle_pair(&mut self, one: RecordId, two: RecordId) -> anyhow::Result<()> {
        let at_unix_ms = self.go_to(7, 17);
        let reviews = self.wang.records(kind::DUPLICATE);
        let review = reviews.iter().find(|review| review.typed::<Pair>("what").is_some_and(|pair| pair.is_of(one, two)));
        let review = review.context("she is asked about the two")?;
        let settled = Settled { state: DIFFERENT.to_owned(), at_unix_ms };
        self.wang.save(vec![self.wang.set(review).with("settled", &settled)]);
        self.wang.sync()?;
        Ok(())
    }

    /// One home, entered by two people in the same week, and read as one since.
    fn entered_twice(&mut self) -> anyhow::Result<()> {
        let mut both = Vec::new();
        let owner = self.next_person(40..70);
        for days_ago in [33, 30] {
            self.go_to(days_ago, 10);
            let on = self.ago(days_ago);
            let landlord = (owner.name.as_str(), owner.phone.as_str());
            let (mut drafts, unit) = home(&self.wang, WANG_VILLAGE, 59, landlord, "", on, &self.dice);
            at_the_harbour(&mut drafts);
            self.wang.save(drafts);
            self.wang.sync()?;
            both.push(unit);
        }
        self.go_to(21, 17);
        let second = self.record(both[1])?;
        let stood: Registration = second.typed("registration").context("it was registered")?;
        let merged = Registration {
            state: UnitStatus::Closed,
            on: self.ago(21).to_string(),
            reason: String::new(),
            into: Some(both[0]),
            was: Some(Before { state: stood.state, on: stood.on }),
        };
        self.wang.save(vec![self.wang.set(&second).with("registration", &merged)]);
        self.wang.sync()?;
        Ok(())
    }

    /// A works that rents rooms for its people: one lease goes on, an earlier one ran out.
    fn rented_by_a_firm(&mut self) -> anyhow::Result<()> {
        self.go_to(50, 11);
        let place = TenancyWhere { unit: self.homes[27].unit, room: self.homes[27].rooms.first().copied(), person: None };
        let firm = Firm { name: "常山轴承厂".to_owned() };
        let runs = Lease::from(self.ago(100).to_string());
        let ran_out = Lease::from(self.ago(170).to_string()).ended(&self.ago(101).to_string(), TenancyEnd::Expired);
        for period in [runs, ran_out] {
            let draft = self.wang.create(kind::TENANCY).with("where", &place).with("firm", &firm).with("period", &period);
            self.wang.save(vec![draft]);
        }
        self.wang.sync()?;
        Ok(())
    }

    /// In the morning a neighbour said they had left, in the evening a colleague met them at home.
    fn words_against_words(&mut self) -> anyhow::Result<()> {
        let made = self.lives_at(19, 40)?;
        let unit = self.homes[19].unit;
        let mut colleague = Pen::new(&self.core, "wang")?.telling();
        for (hour, result) in [(9, VisitPersonResult::Left), (19, VisitPersonResult::Here)] {
            let observed_unix_ms = self.go_to(1, hour);
            colleague.sync()?;
            let pen = if result == VisitPersonResult::Here { &mut colleague } else { &mut self.wang };
            let visit = pen.create(kind::VISIT).with("fact", &call(unit, observed_unix_ms, VisitResult::Done));
            let seen = VisitPersonFact {
                visit: visit.record,
                unit,
                person: made.person,
                residency: made.residency,
                result,
                observed_unix_ms,
                status_seen: None,
                corrects: None,
                clock_suspect: false,
            };
            let drafts = vec![visit, pen.create(kind::VISIT_PERSON).with("fact", &seen)];
            pen.save(drafts);
            pen.sync()?;
        }
        self.wang.sync()?;
        Ok(())
    }

    /// 王敏 sees a home otherwise than it is computed; the station has not answered yet.
    fn a_grade_is_proposed(&mut self) -> anyhow::Result<()> {
        self.go_to(2, 16);
        let unit = self.record(self.homes[20].unit)?;
        let wanted = Wanted {
            grade: Grade::Yellow,
            reason: "房客换得勤，建议一个月看两次".to_owned(),
            on: self.ago(2).to_string(),
            answer: None,
        };
        self.wang.save(vec![self.wang.set(&unit).with("grade_wanted", &wanted)]);
        self.wang.sync()?;
        Ok(())
    }

    /// A visit and a check entered for the wrong door; and one visit that was no mistake after all.
    fn taken_back(&mut self) -> anyhow::Result<()> {
        let observed_unix_ms = self.go_to(3, 15);
        let fact = call(self.homes[18].unit, observed_unix_ms, VisitResult::Vacant);
        let visit = self.wang.create(kind::VISIT).with("fact", &fact);
        let right =
            self.wang.create(kind::VISIT).with("fact", &call(self.homes[29].unit, observed_unix_ms, VisitResult::NoAnswer));
        let hazard = HazardForm { outcome: Outcome::Noticed, ..HazardForm::default() };
        let looked = check(&self.wang, &self.rules, self.homes[19].unit, observed_unix_ms, Vec::new(), &[(Item::Dq01, hazard)]);
        let mistakes = [visit.record, looked.inspection, right.record];
        self.wang.save(vec![visit]);
        self.wang.save(vec![right]);
        self.wang.save(looked.drafts);
        self.wang.sync()?;
        self.go_to(3, 16);
        let mut last = None;
        for of in mistakes {
            let fact = Withdrawal { of, note: "走错门，记到了这一户".to_owned() };
            last = Some(self.wang.create(kind::WITHDRAWAL).with("fact", &fact));
            self.wang.save(last.iter().cloned().collect());
        }
        self.wang.sync()?;
        self.go_to(3, 17);
        let of = last.context("three were taken back")?.record;
        let fact = Withdrawal { of, note: String::new() };
        self.wang.save(vec![self.wang.create(kind::WITHDRAWAL).with("fact", &fact)]);
        self.wang.sync()?;
        Ok(())
    }

    /// Registered from a landlord's report: the day he reported is kept apart.
    pub(super) fn registered_from_report(
        &mut self,
        at: usize,
        days_ago: u64,
        who: Someone,
        reported_on: String,
    ) -> anyhow::Result<(Vec<Draft>, Registered)> {
        let (mut drafts, made) = self.newcomer(at, days_ago, who);
        let residency = drafts.iter_mut().find(|draft| draft.record == made.residency).context("a registration is made")?;
        let fields = residency.groups.get("declared").cloned().unwrap_or_default();
        let declared: Declared = serde_json::from_value(fields.into())?;
        let declared = Declared { reported_on, channel: Channel::Landlord, ..declared };
        residency.groups.insert("declared".to_owned(), to_fields(&declared));
        Ok((drafts, made))
    }

    /// What was saved on phones that were taken away before they could say it: the station has one to decide, and left one out.
    pub(super) fn late_work(&mut self) -> anyhow::Result<()> {
        self.go_to(1, 20);
        let phone = |number: &str| domain::person::Contact { phone: number.to_owned(), none_reason: None };
        let homes: Vec<bool> = self.homes.iter().map(|home| home.wangs).collect();
        for (wangs, number) in [(true, "19900008811"), (false, "19900008812")] {
            let living = self.people.iter().filter(|(_, home)| homes[*home] == wangs).map(|(made, _)| made.person).nth(20);
            let person = self.record(living.context("twenty live in each village")?)?;
            let mut pen = Pen::new(&self.core, if wangs { "wang" } else { "li" })?;
            pen.sync()?;
            pen.save(vec![pen.set(&person).with("contact", &phone(number))]);
            self.core.revoke_device(pen.credentials().device)?;
            pen.server.exchange(pen.request(sync_protocol::CHANGES_MAX))?;
        }
        self.go_to(1, 21);
        let rows: HeldPage = serde_json::from_value(self.at_the_desk(DeskCommand::ListHeld(ListHeld::default()))?)?;
        let last = rows.rows.last().context("late work waits")?;
        let note = "与本人核对，号码不对".to_owned();
        self.at_the_desk(DeskCommand::RejectHeld(RejectHeld { number: last.number, note }))?;
        Ok(())
    }
}
