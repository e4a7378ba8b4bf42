//! Permits of the demo county: somebody in every state a list can show, with dates around today.

use chrono::Months;
use domain::codes::{IntendedStay, Reason, Relation};
use domain::permit::{
    APPROVED, Accepted, ApplicationWho, Asked, Decided, EndReason, Ground, ISSUED, Issued, Material, Materials, PermitEventKind,
    PermitFact, PermitKind, PermitWho, REFUSED, REVIEW,
};
use domain::policy::{ZJ_2009, ZJ_2016};
use domain::{RecordId, day, kind};

use super::county::Story;
use super::pen::Pen;
use super::people::{Registered, Resident, registration};

/// People of this part of the story.
#[cfg(test)]
pub(super) const HOLDERS: usize = 20;
/// When the coordinators entered what had been on paper.
const ENTERED_DAYS_AGO: u64 = 40;

/// Where an application of the story stands.
#[derive(Clone, Copy, PartialEq)]
enum Stands {
    Missing,
    Accepted,
    Review,
    Approved,
    Refused,
    Issued,
}

/// What happened to a card, and how many days ago.
type Events = &'static [(PermitEventKind, u64)];

impl Story {
    /// Who may ask, who has asked, and who holds a card.
    pub(super) fn permits(&mut self) -> anyhow::Result<()> {
        self.go_to(ENTERED_DAYS_AGO, 10);
        let mut zhou = Pen::new(&self.core, "zhou")?.telling();
        zhou.sync()?;
        // Two who could ask, and one who has 23 days to go.
        self.longer_here(0, 260)?;
        self.longer_here(1, 205)?;
        self.registered_for_half_a_year_in(23)?;
        for (number, stands) in
            [Stands::Missing, Stands::Accepted, Stands::Review, Stands::Approved, Stands::Refused, Stands::Issued]
                .into_iter()
                .enumerate()
        {
            let made = self.longer_here(number + 2, 230)?;
            self.application(&mut zhou, made, stands)?;
        }
        // Cards from before this register: days since the issue, and what happened to them.
        use PermitEventKind::{Cancel, Endorse, HandOut, ReplaceLost};
        let rows: [(u64, Events); 5] = [
            // Valid; to be endorsed now; suspended for three weeks; endorsed late; reported lost.
            (120, &[(HandOut, 118)]),
            (350, &[(HandOut, 348)]),
            (386, &[(HandOut, 384)]),
            (410, &[(HandOut, 405), (Endorse, 20)]),
            (90, &[(HandOut, 88), (ReplaceLost, 2)]),
        ];
        for (number, (issued, events)) in rows.into_iter().enumerate() {
            let made = self.longer_here(number + 8, issued + 200)?;
            let permit = self.old_card(&mut zhou, made, PermitKind::Residence, issued)?;
            for (what, days_ago) in events {
                self.note(permit, *what, *days_ago)?;
            }
        }
        let made = self.longer_here(13, 350)?;
        let ended = self.old_card(&mut zhou, made, PermitKind::Residence, 150)?;
        self.note(ended, HandOut, 149)?;
        self.note(ended, Cancel, 12)?;
        // A temporary permit of the older rules that runs out in three weeks.
        let made = self.longer_here(14, 720)?;
        let temporary = self.old_card(&mut zhou, made, PermitKind::Temporary, 710)?;
        self.note(temporary, HandOut, 708)?;
        self.more_permits(&mut zhou)
    }

    /// A card that fell to pieces, one that was made anew, a temporary permit that ran out and one that was let run on.
    fn more_permits(&mut self, zhou: &mut Pen) -> anyhow::Result<()> {
        use PermitEventKind::{HandOut, Reissue, Renew, ReplaceDamaged, ReplaceLost};
        let rows: [(PermitKind, u64, Events); 4] = [
            (PermitKind::Residence, 100, &[(HandOut, 98), (ReplaceDamaged, 3)]),
            (PermitKind::Residence, 110, &[(HandOut, 108), (ReplaceLost, 20), (Reissue, 9)]),
            (PermitKind::Temporary, 760, &[(HandOut, 758)]),
            (PermitKind::Temporary, 740, &[(HandOut, 738), (Renew, 30)]),
        ];
        for (number, (which, issued, events)) in rows.into_iter().enumerate() {
            let made = self.longer_here(number + 15, issued + 10)?;
            let permit = self.old_card(zhou, made, which, issued)?;
            for (what, days_ago) in events {
                if !what.is_stations() {
                    self.note(permit, *what, *days_ago)?;
                    continue;
                }
                self.go_to(*days_ago, 16);
                zhou.sync()?;
                let until = if *what == Renew { (self.ago(0) + Months::new(10)).to_string() } else { String::new() };
                let fact = PermitFact { valid_until: until, ..PermitFact::new(permit, *what, &self.ago(*days_ago).to_string()) };
                zhou.save(vec![zhou.create(kind::PERMIT_EVENT).with("fact", &fact)]);
                zhou.sync()?;
                self.wang.sync()?;
            }
        }
        Ok(())
    }

    /// Somebody of 王敏's village who was registered that many days ago, on paper then.
    fn longer_here(&mut self, number: usize, days_ago: u64) -> anyhow::Result<Registered> {
        self.go_to(ENTERED_DAYS_AGO, 10);
        let wangs: Vec<usize> = (0..self.homes.len()).filter(|at| self.homes[*at].wangs).collect();
        let at = wangs[(number * 3 + 1) % wangs.len()];
        let (unit, rooms) = (self.homes[at].unit, self.homes[at].rooms.clone());
        let who = self.next_person(20..55);
        let registered_on = self.ago(days_ago);
        let resident = Resident {
            who,
            unit,
            room: rooms.first().copied(),
            arrival_on: registered_on,
            visited_unix_ms: day::start_of_day_unix_ms(registered_on) + 18 * 3_600_000,
            reason: Reason::Working,
            relation: Relation::Lessee,
            intended: IntendedStay::ThreeYears,
            employer: if number % 3 == 2 { String::new() } else { "常山轴承厂".to_owned() },
            guardian: None,
        };
        let (drafts, made) = registration(&self.wang, self.rules(), &resident);
        self.wang.save(drafts);
        self.wang.sync()?;
        Ok(made)
    }

    /// Half a year is full in so many days.
    fn registered_for_half_a_year_in(&mut self, days: u64) -> anyhow::Result<Registered> {
        let full_on = self.ago(0) + chrono::Days::new(days);
        let since = full_on.checked_sub_months(Months::new(6)).unwrap_or(full_on);
        let days_ago = (self.ago(0) - since).num_days();
        self.longer_here(3, u64::try_from(days_ago).unwrap_or(0))
    }

    fn application(&mut self, zhou: &mut Pen, made: Registered, stands: Stands) -> anyhow::Result<()> {
        self.go_to(6, 15);
        let on = self.ago(6).to_string();
        let residency = self.record(made.residency)?;
        let counted_from = residency.text("declared", "registered_on").unwrap_or_default().to_owned();
        let asked = Asked {
            kind: PermitKind::Residence,
            ground: Some(Ground::Job),
            on: on.clone(),
            months: None,
            pack: ZJ_2016.to_owned(),
            eligible_on: counted_from
                .parse::<chrono::NaiveDate>()
                .ok()
                .and_then(|from| from.checked_add_months(Months::new(6)))
                .map(|on| on.to_string())
                .unwrap_or_default(),
            counted_from: counted_from.clone(),
        };
        let mut given = vec![Material::Identity, Material::Photo];
        if stands != Stands::Missing {
            given.push(Material::Work);
        }
        let materials = Materials {
            given: given.iter().map(|material| material.code().to_owned()).collect(),
            told_on: if stands == Stands::Missing { on.clone() } else { String::new() },
        };
        let mut draft = self
            .wang
            .create(kind::PERMIT_APPLICATION)
            .with("who", &ApplicationWho { person: made.person, residency: made.residency })
            .with("asked", &asked)
            .with("materials", &materials);
        if stands != Stands::Missing {
            draft = draft.with("accepted", &Accepted { on });
        }
        let application = draft.record;
        self.wang.save(vec![draft]);
        self.wang.sync()?;
        let steps: &[&str] = match stands {
            Stands::Missing | Stands::Accepted => &[],
            Stands::Review => &[REVIEW],
            Stands::Approved => &[REVIEW, APPROVED],
            Stands::Refused => &[REVIEW, REFUSED],
            Stands::Issued => &[REVIEW, APPROVED, ISSUED],
        };
        for state in steps {
            self.go_to(3, 9);
            zhou.sync()?;
            let reason = if *state == REFUSED { "劳动合同已到期，请补交新的就业证明后再申请" } else { "" };
            let decided = Decided { state: (*state).to_owned(), on: self.ago(3).to_string(), reason: reason.to_owned() };
            let held = zhou.record(application).ok_or_else(|| anyhow::anyhow!("the station sees the application"))?;
            let mut drafts = Vec::new();
            if *state == ISSUED {
                let issued = Issued {
                    kind: PermitKind::Residence,
                    on: self.ago(3).to_string(),
                    valid_until: String::new(),
                    continuity_start: counted_from.clone(),
                    pack: ZJ_2016.to_owned(),
                    card_no: String::new(),
                };
                let who = PermitWho { person: made.person, residency: made.residency, application: Some(application) };
                drafts.push(zhou.create(kind::PERMIT).with("who", &who).with("issued", &issued));
            }
            drafts.push(zhou.set(&held).with("decided", &decided));
            zhou.save(drafts);
            zhou.sync()?;
        }
        self.wang.sync()?;
        Ok(())
    }

    /// A card that was made before this register, entered by the station with the number printed on it.
    fn old_card(&mut self, zhou: &mut Pen, made: Registered, kind: PermitKind, days_ago: u64) -> anyhow::Result<RecordId> {
        self.go_to(ENTERED_DAYS_AGO - 1, 11);
        zhou.sync()?;
        let residency = self.record(made.residency)?;
        let on = self.ago(days_ago);
        let temporary = kind == PermitKind::Temporary;
        let until = on.checked_add_months(Months::new(24)).filter(|_| temporary).unwrap_or(on);
        let issued = Issued {
            kind,
            on: on.to_string(),
            valid_until: if temporary { until.to_string() } else { String::new() },
            continuity_start: residency.text("declared", "registered_on").unwrap_or_default().to_owned(),
            pack: if temporary { ZJ_2009 } else { ZJ_2016 }.to_owned(),
            card_no: format!("330822{:09}", 200_000 + days_ago),
        };
        let who = PermitWho { person: made.person, residency: made.residency, application: None };
        let draft = zhou.create(domain::kind::PERMIT).with("who", &who).with("issued", &issued);
        let permit = draft.record;
        zhou.save(vec![draft]);
        zhou.sync()?;
        self.wang.sync()?;
        Ok(permit)
    }

    /// 王敏 notes down what happened to a card.
    fn note(&mut self, permit: RecordId, what: PermitEventKind, days_ago: u64) -> anyhow::Result<()> {
        self.go_to(days_ago.min(ENTERED_DAYS_AGO - 1), 16);
        let fact = PermitFact {
            reason: (what == PermitEventKind::Cancel).then_some(EndReason::Surrendered),
            ..PermitFact::new(permit, what, &self.ago(days_ago).to_string())
        };
        let draft = self.wang.create(kind::PERMIT_EVENT).with("fact", &fact);
        self.wang.save(vec![draft]);
        self.wang.sync()?;
        Ok(())
    }
}
