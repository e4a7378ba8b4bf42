//! Who may ask for a permit, since when, and what is missing: computed from the registration and the pack, never stored.
//!
//! The pack is that of the day somebody asks (`today`): an application is judged by the rules in force when it is made.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::{Channel, Reason};
use crate::form::parse_date;
use crate::permit::{Ground, PermitKind};
use crate::policy::{self, PolicyBook, Unit, key};
use crate::record::Record;
use crate::residency::{Declared, Restored, Why, Work};

/// What a pack says about permits on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRules {
    /// The pack's name.
    pub pack: String,
    /// Months of residence, or of holding a temporary permit where that comes first.
    pub min_months: u32,
    /// The permit comes after years with a temporary one (2009 Art. 17).
    pub after_temporary: bool,
    /// Dwelling *and* work are needed (the county document); otherwise one ground is enough (2016 Art. 16).
    pub all_grounds: bool,
    /// The shortest and the longest temporary permit in months; none where the law knows none any more.
    pub temporary_months: Option<(u32, u32)>,
    /// Months a permit is valid; none where it is endorsed year by year.
    pub validity_months: Option<u32>,
    /// Months between two endorsements, and how many before the day the window opens.
    pub endorsement: Option<(u32, u32)>,
}

impl PermitRules {
    /// The rules of this day; `None` when they know no permit.
    pub fn on(book: &PolicyBook, on: NaiveDate) -> Option<PermitRules> {
        let months = |key: &str| {
            let row = book.row(key, on).filter(|row| row.unit == Unit::Months)?;
            u32::try_from(row.amount).ok()
        };
        let switch = |key: &str| policy::switch(book, key, on).unwrap_or(false);
        Some(PermitRules {
            pack: book.pack_on(on).to_owned(),
            min_months: months(key::PERMIT_MIN_RESIDENCE)?,
            after_temporary: switch(key::PERMIT_AFTER_TEMPORARY),
            all_grounds: switch(key::PERMIT_ALL_GROUNDS),
            temporary_months: months(key::TEMP_PERMIT_MIN).zip(months(key::TEMP_PERMIT_MAX)),
            validity_months: months(key::PERMIT_VALIDITY),
            endorsement: months(key::PERMIT_ENDORSE_CYCLE).zip(months(key::PERMIT_ENDORSE_WINDOW)),
        })
    }

    /// The last day of a permit issued on this day; none where it is endorsed instead.
    pub fn valid_until(&self, kind: PermitKind, issued_on: NaiveDate, months: Option<u32>) -> Option<NaiveDate> {
        let months = match kind {
            PermitKind::Residence => self.validity_months?,
            PermitKind::Temporary => months?,
        };
        issued_on.checked_add_months(Months::new(months))
    }
}

/// What the register knows of somebody who might ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The standing registration; none when there is none.
    pub registration: Option<Registered>,
    /// Since when temporary permits have been held without a gap; none without a valid one today.
    pub temporary_since: Option<NaiveDate>,
    /// The grounds the register shows by itself: an employer, a registered home, a school.
    pub grounds: Vec<Ground>,
}

/// When somebody was registered, and by whom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registered {
    /// The legal start.
    pub on: NaiveDate,
    /// The day of a landlord's or employer's report, kept apart.
    pub reported_on: Option<NaiveDate>,
    /// How it came in.
    pub channel: Channel,
    /// The registration was brought back after an absence: the day, and the day of leaving before it.
    pub restored: Option<(NaiveDate, NaiveDate)>,
}

impl Registered {
    /// As a registration says it; `None` when it says no day.
    pub fn of(residency: &Record) -> Option<Registered> {
        let declared: Declared = residency.typed("declared")?;
        let restored: Option<Restored> = residency.typed("restored");
        Some(Registered {
            on: parse_date(&declared.registered_on)?,
            reported_on: parse_date(&declared.reported_on),
            channel: declared.channel,
            restored: restored.and_then(|restored| parse_date(&restored.on).zip(parse_date(&restored.left_on))),
        })
    }

    /// The day residence counts from (2016 Art. 16), and the other day it would count from were the switch the other way.
    pub fn counted_from(&self, book: &PolicyBook) -> (NaiveDate, Option<NaiveDate>) {
        if let Some((on, left_on)) = self.restored
            && (on - left_on).num_days() > policy::number(book, key::CONTINUITY_GAP, on).unwrap_or(0)
        {
            return (on, None);
        }
        let reported = self.reported_on.filter(|_| !self.channel.is_own_declaration());
        let Some(reported_on) = reported else { return (self.on, None) };
        // Where the switch was on when it was registered, the stored day is the report's already.
        let counts = policy::registered_on(book, self.channel, reported_on.min(self.on), self.on);
        let other = if counts == self.on { reported_on } else { self.on };
        (counts, (other != counts).then_some(other))
    }
}

/// The grounds a registration shows by itself: an employer, a home that is registered, a school. Papers prove them; this only
/// says what to ask for.
pub fn grounds_shown(residency: &Record, home_is_registered: bool) -> Vec<Ground> {
    let mut grounds = Vec::new();
    if residency.typed::<Work>("work").is_some_and(|work| !work.employer.trim().is_empty()) {
        grounds.push(Ground::Job);
    }
    if home_is_registered {
        grounds.push(Ground::Home);
    }
    if residency.typed::<Why>("why").is_some_and(|why| matches!(why.reason, Reason::Studying | Reason::Training)) {
        grounds.push(Ground::Study);
    }
    grounds
}

/// What is missing for an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// No registration stands.
    Registration,
    /// Not long enough yet.
    Residence,
    /// Nothing shows work, dwelling or schooling: bring a proof of one.
    Ground,
    /// Nothing shows a fixed dwelling.
    Dwelling,
    /// Nothing shows stable work.
    Work,
}

impl Missing {
    /// What no paper makes good.
    pub fn stops(self) -> bool {
        matches!(self, Missing::Registration | Missing::Residence)
    }
}

/// Whether somebody may ask for a permit, and why or why not.
#[derive(Clone, Debug, PartialEq)]
pub struct Eligibility {
    /// Which permit is the next one.
    pub kind: PermitKind,
    /// The pack it was computed with.
    pub pack: String,
    /// The day counted from.
    pub counted_from: Option<NaiveDate>,
    /// The first day it can be asked for.
    pub on: Option<NaiveDate>,
    /// The day of the report or the declaration that does not count, and the first day it would have given.
    pub other: Option<(NaiveDate, NaiveDate)>,
    /// Days until then; 0 when it is reached or waived.
    pub days_left: i64,
    /// Residence is waived: investment or talent policy.
    pub waived: bool,
    /// What the register shows for it.
    pub grounds: Vec<Ground>,
    /// What is missing.
    pub missing: Vec<Missing>,
}

impl Eligibility {
    /// Whether an application can be taken now; the ground is proved with its materials.
    pub fn may_apply(&self) -> bool {
        !self.missing.iter().any(|missing| missing.stops())
    }
}

/// Whether somebody may ask on `today`, on this ground or on any; `None` when the rules of the day know no permit.
pub fn eligibility(book: &PolicyBook, today: NaiveDate, facts: &Facts, ground: Option<Ground>) -> Option<Eligibility> {
    let rules = PermitRules::on(book, today)?;
    let after = |from: NaiveDate| from.checked_add_months(Months::new(rules.min_months));
    let counted = facts.registration.map(|registered| registered.counted_from(book));
    let mut found = Eligibility {
        kind: PermitKind::Residence,
        pack: rules.pack.clone(),
        counted_from: counted.map(|(from, _)| from),
        on: None,
        other: None,
        days_left: 0,
        waived: false,
        grounds: facts.grounds.clone(),
        missing: Vec::new(),
    };
    if facts.registration.is_none() {
        found.missing.push(Missing::Registration);
    }
    if rules.after_temporary {
        let Some(since) = facts.temporary_since else {
            // Given at registration: the first step, and the only thing missing on the way to the permit.
            found.kind = PermitKind::Temporary;
            found.on = found.counted_from;
            return Some(found);
        };
        // A break in the residence starts the years anew, whatever the card says.
        found.counted_from = Some(found.counted_from.map_or(since, |from| from.max(since)));
    } else {
        found.other = counted.and_then(|(_, other)| other).and_then(|other| Some((other, after(other)?)));
    }
    found.waived = ground == Some(Ground::InvestTalent) && !rules.all_grounds;
    found.on = found.counted_from.and_then(after);
    if let Some(on) = found.on.filter(|on| *on > today && !found.waived) {
        found.days_left = (on - today).num_days();
        found.missing.push(Missing::Residence);
    }
    if rules.all_grounds {
        if !facts.grounds.contains(&Ground::Home) {
            found.missing.push(Missing::Dwelling);
        }
        if !facts.grounds.contains(&Ground::Job) {
            found.missing.push(Missing::Work);
        }
    } else if !found.waived && !ground.map_or(!facts.grounds.is_empty(), |ground| facts.grounds.contains(&ground)) {
        found.missing.push(Missing::Ground);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Row, ZJ_2009, ZJ_2016};

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn registered(channel: Channel, on_day: &str, reported: Option<&str>) -> Facts {
        let registration = Registered { on: on(on_day), reported_on: reported.map(on), channel, restored: None };
        Facts { registration: Some(registration), grounds: vec![Ground::Job], ..Facts::default() }
    }

    fn ask(book: &PolicyBook, today: &str, facts: &Facts) -> Eligibility {
        eligibility(book, on(today), facts, None).expect("both packs know permits")
    }

    /// Acceptance check 3.
    #[test]
    fn half_a_year_counts_from_the_residents_own_declaration() {
        let book = PolicyBook::default();
        // Declared by the resident on the 10th; that it was verified on the 14th changes nothing.
        let own = registered(Channel::Own, "2026-01-10", None);
        let early = ask(&book, "2026-07-09", &own);
        assert_eq!((early.on, early.days_left, early.may_apply()), (Some(on("2026-07-10")), 1, false));
        assert_eq!(early.missing, [Missing::Residence]);
        let there = ask(&book, "2026-07-10", &own);
        assert_eq!((there.days_left, there.may_apply(), there.missing.as_slice()), (0, true, &[][..]));

        // Reported by the landlord on the 10th, confirmed at the door on the 14th: both dates are shown.
        let reported = registered(Channel::Landlord, "2026-01-14", Some("2026-01-10"));
        let by_default = ask(&book, "2026-07-10", &reported);
        assert_eq!(by_default.on, Some(on("2026-07-14")));
        assert_eq!(by_default.other, Some((on("2026-01-10"), on("2026-07-10"))));
        assert!(!by_default.may_apply());
        let switched = book.with_row(Row {
            key: key::COUNT_FROM_LANDLORD_REPORT.into(),
            amount: 1,
            unit: Unit::Switch,
            effective_from: on("2026-01-01"),
            effective_to: None,
            moves_on: false,
            source_note: String::new(),
        });
        let counted = ask(&switched, "2026-07-10", &reported);
        assert_eq!(counted.on, Some(on("2026-07-10")));
        assert_eq!(counted.other, Some((on("2026-01-14"), on("2026-07-14"))));
        assert!(counted.may_apply());
    }

    #[test]
    fn an_absence_longer_than_the_gap_starts_the_half_year_anew() {
        let book = PolicyBook::default();
        let mut facts = registered(Channel::FieldApp, "2026-01-10", None);
        let mut back = |left: &str, restored: &str| {
            let registration = facts.registration.as_mut().expect("registered");
            registration.restored = Some((on(restored), on(left)));
            ask(&book, "2026-08-01", &facts).on
        };
        assert_eq!(back("2026-03-01", "2026-03-01"), Some(on("2026-07-10")), "no absence, no gap");
        assert_eq!(back("2026-03-01", "2026-03-02"), Some(on("2026-09-02")), "the pack allows none");
    }

    #[test]
    fn one_ground_is_enough_and_talents_need_not_wait() {
        let book = PolicyBook::default();
        let mut facts = registered(Channel::Counter, "2026-06-01", None);
        facts.grounds.clear();
        let bare = ask(&book, "2026-12-01", &facts);
        assert_eq!((bare.missing.as_slice(), bare.may_apply()), (&[Missing::Ground][..], true), "a paper makes it good");
        let talent = eligibility(&book, on("2026-06-02"), &facts, Some(Ground::InvestTalent)).expect("rules");
        assert!(talent.waived && talent.may_apply() && talent.missing.is_empty());
        let study = eligibility(&book, on("2026-06-02"), &facts, Some(Ground::Study)).expect("rules");
        assert_eq!(study.missing, [Missing::Residence, Missing::Ground]);
        let stranger = ask(&book, "2026-12-01", &Facts::default());
        assert!(stranger.missing.contains(&Missing::Registration) && !stranger.may_apply());
    }

    #[test]
    fn the_county_document_asks_for_three_years_with_the_temporary_permit() {
        let book = PolicyBook::default().with_choice(on("2026-01-01"), ZJ_2009);
        let mut facts = registered(Channel::FieldApp, "2026-02-01", None);
        let first = ask(&book, "2026-02-01", &facts);
        assert_eq!((first.kind, first.on, first.may_apply()), (PermitKind::Temporary, Some(on("2026-02-01")), true));
        facts.temporary_since = Some(on("2026-02-03"));
        let waiting = ask(&book, "2029-02-02", &facts);
        assert_eq!((waiting.kind, waiting.on, waiting.days_left), (PermitKind::Residence, Some(on("2029-02-03")), 1));
        assert_eq!(waiting.missing, [Missing::Residence, Missing::Dwelling], "work is known, a fixed dwelling is not");
        facts.grounds.push(Ground::Home);
        let there = ask(&book, "2029-02-03", &facts);
        assert!(there.may_apply() && there.missing.is_empty());
        let talent = eligibility(&book, on("2027-01-01"), &facts, Some(Ground::InvestTalent)).expect("rules");
        assert!(!talent.waived && !talent.may_apply(), "the county document knows no such waiver");
    }

    #[test]
    fn both_packs_say_what_they_know() {
        let book = PolicyBook::default();
        let rules = PermitRules::on(&book, on("2026-01-01")).expect("rules");
        assert_eq!((rules.pack.as_str(), rules.min_months, rules.endorsement), (ZJ_2016, 6, Some((12, 1))));
        assert_eq!((rules.temporary_months, rules.validity_months), (None, None));
        let rules = PermitRules::on(&book, on("2012-01-01")).expect("rules");
        assert_eq!((rules.pack.as_str(), rules.min_months, rules.endorsement), (ZJ_2009, 36, None));
        assert_eq!((rules.temporary_months, rules.validity_months), (Some((6, 36)), Some(108)));
        assert!(rules.after_temporary && rules.all_grounds);
        assert_eq!(PermitRules::on(&book, on("2005-01-01")), None);
    }
}
