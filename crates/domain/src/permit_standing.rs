//! Where a permit stands on a day, computed from its issue, its events and the pack: never stored, so it cannot go stale.
//!
//! ```text
//!   issued ──── window ──── 1 year ──── window ──── 2 years          endorsed in its window: goes on
//!                 └ endorse ┘             └ missed ─┤ suspended ── endorsed late: restored, continuity restarts that day
//! ```

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codes::CancelReason;
use crate::day;
use crate::form::parse_date;
use crate::ids::RecordId;
use crate::permit::{EndReason, Issued, PermitEventKind, PermitFact, PermitKind};
use crate::permit_rules::PermitRules;
use crate::policy::PolicyBook;
use crate::record::Record;
use crate::residency::{self, Status};

/// Anniversaries looked at; nobody holds one card longer.
const YEARS_MAX: u32 = 100;

/// Where a permit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The card is made and lies here.
    ToHandOut,
    /// In order.
    Valid,
    /// In order, and its endorsement can be done now.
    EndorseDue,
    /// The endorsement was missed: its function rests until it is made up for.
    Suspended,
    /// Its last day is over.
    Expired,
    /// For good.
    Ended,
}

/// A permit on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct PermitNow {
    /// Where it stands.
    pub standing: Standing,
    /// First day of the next endorsement's window, and its last; none where there is no endorsement, or no more.
    pub endorse: Option<(NaiveDate, NaiveDate)>,
    /// The day continuous residence counts from.
    pub continuity_start: Option<NaiveDate>,
    /// The last day, as renewed.
    pub valid_until: Option<NaiveDate>,
    /// The day the present card was handed out.
    pub handed_on: Option<NaiveDate>,
    /// Replacement was asked for and the station has not made it yet.
    pub replace: Option<(PermitEventKind, NaiveDate)>,
    /// Why and when it ended.
    pub ended: Option<(EndReason, NaiveDate)>,
    /// The last endorsement that counts.
    pub endorsed_on: Option<NaiveDate>,
    /// The last endorsement came late and restored the function.
    pub restored_on: Option<NaiveDate>,
}

/// The events that count, with their ids: those taken back and their withdrawals are left out. In the order of their days.
pub fn standing_events(events: &[Record]) -> Vec<(RecordId, PermitFact)> {
    let read: Vec<(RecordId, PermitFact)> =
        events.iter().filter_map(|event| Some((event.id, event.typed::<PermitFact>("fact")?))).collect();
    let withdrawn: Vec<RecordId> = read.iter().filter_map(|(_, fact)| fact.withdraws).collect();
    let mut counting: Vec<(RecordId, PermitFact)> = read
        .into_iter()
        .filter(|(id, fact)| fact.what != PermitEventKind::Withdraw && !withdrawn.contains(id) && parse_date(&fact.on).is_some())
        .collect();
    // Ids of one day are in the order they were made.
    counting.sort_by(|(id, fact), (other, later)| (&fact.on, id).cmp(&(&later.on, other)));
    counting
}

/// Where a permit stands on `today`.
pub fn now(issued: &Issued, events: &[(RecordId, PermitFact)], book: &PolicyBook, today: NaiveDate) -> PermitNow {
    let mut found = PermitNow {
        standing: Standing::Valid,
        endorse: None,
        continuity_start: parse_date(&issued.continuity_start),
        valid_until: parse_date(&issued.valid_until),
        handed_on: None,
        replace: None,
        ended: None,
        endorsed_on: None,
        restored_on: None,
    };
    let issued_on = parse_date(&issued.on);
    // The law of the day of issue says whether this card is endorsed: a pack chosen later changes nothing about it.
    let rules = issued_on.and_then(|on| PermitRules::on(book, on));
    let cycle = rules.and_then(|rules| rules.endorsement).filter(|(months, _)| *months > 0 && found.valid_until.is_none());
    let mut next = issued_on.zip(cycle).map(|(on, (months, window))| Anniversary { issued_on: on, months, window, number: 1 });
    for (_, fact) in events {
        let Some(on) = parse_date(&fact.on) else { continue };
        match fact.what {
            PermitEventKind::HandOut => found.handed_on = Some(on),
            PermitEventKind::ReplaceDamaged | PermitEventKind::ReplaceLost => found.replace = Some((fact.what, on)),
            PermitEventKind::Reissue => (found.replace, found.handed_on) = (None, None),
            // A permit of nine years is asked for anew, and one that is endorsed has no last day to move.
            PermitEventKind::Renew if issued.kind == PermitKind::Temporary => {
                found.valid_until = parse_date(&fact.valid_until).or(found.valid_until);
            }
            PermitEventKind::Cancel => {
                let reason = fact.reason.unwrap_or(EndReason::Other);
                found.ended = found.ended.or(Some((reason, on)));
            }
            PermitEventKind::Endorse => {
                let Some(due) = next.as_mut().filter(|due| due.opens().is_some_and(|opens| opens <= on)) else { continue };
                found.endorsed_on = Some(on);
                if due.day().is_some_and(|day| day < on) {
                    // Missed and made up for: the years begin again on this day (2016 Art. 19).
                    (found.continuity_start, found.restored_on) = (Some(on), Some(on));
                }
                due.pass(on);
            }
            PermitEventKind::Renew
            | PermitEventKind::AddressChange
            | PermitEventKind::EmployerChange
            | PermitEventKind::Withdraw => {}
        }
    }
    found.endorse = next.and_then(|due| due.opens().zip(due.day()));
    let is_over = |last: NaiveDate| last < today;
    found.standing = if found.ended.is_some() {
        Standing::Ended
    } else if found.valid_until.is_some_and(is_over) {
        Standing::Expired
    } else if found.endorse.is_some_and(|(_, last)| is_over(last)) {
        Standing::Suspended
    } else if found.handed_on.is_none() {
        Standing::ToHandOut
    } else if found.endorse.is_some_and(|(from, _)| from <= today) {
        Standing::EndorseDue
    } else {
        Standing::Valid
    };
    if found.standing == Standing::Ended {
        (found.endorse, found.replace) = (None, None);
    }
    found
}

/// Why an endorsement cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why", content = "on")]
pub enum NoEndorsement {
    /// Its window opens later.
    TooEarly(NaiveDate),
    /// This permit is not endorsed: it ended, or it has a last day instead.
    NotEndorsed,
    /// The holder is not registered any more: the station decides.
    ConditionsNotMet,
}

impl PermitNow {
    /// Whether the permit can be endorsed on `today`, by somebody whose registration stands or does not.
    ///
    /// # Errors
    /// Why not.
    pub fn may_endorse(&self, registered: bool, today: NaiveDate) -> Result<(), NoEndorsement> {
        match self.endorse {
            None => Err(NoEndorsement::NotEndorsed),
            Some((opens, _)) if today < opens => Err(NoEndorsement::TooEarly(opens)),
            Some(_) if !registered => Err(NoEndorsement::ConditionsNotMet),
            Some(_) => Ok(()),
        }
    }

    /// Whether it works as a permit today.
    pub fn works(&self) -> bool {
        matches!(self.standing, Standing::ToHandOut | Standing::Valid | Standing::EndorseDue)
    }
}

/// Since when somebody works where the registration says: the day it was changed; none where it is as it was registered.
///
/// The register knows no other day: the employer is asked for at the door, and changed when somebody says so.
pub fn works_there_since(residency: &Record) -> Option<NaiveDate> {
    let (work, who) = (residency.groups.get("work")?, residency.groups.get("who")?);
    (work.origin != who.origin).then(|| day::day_of(work.origin.stamp.unix_ms()))
}

/// What is not as it was when the card was made or when it was last reported for it, with the day since when it is so: the clock
/// of 2016 Art. 19 runs from there. `since` is what the register knows of the holder.
pub fn unreported(
    issued: &Issued,
    now: &PermitNow,
    events: &[(RecordId, PermitFact)],
    since: &[(PermitEventKind, NaiveDate)],
) -> Vec<(PermitEventKind, NaiveDate)> {
    if issued.kind != PermitKind::Residence || matches!(now.standing, Standing::Ended | Standing::Expired) {
        return Vec::new();
    }
    let issued_on = parse_date(&issued.on);
    let is_news = |(what, since): &&(PermitEventKind, NaiveDate)| {
        let told = events.iter().filter(|(_, fact)| fact.what == *what).filter_map(|(_, fact)| match what {
            // The register learns of another employer when somebody says so, and that is the day it knows.
            PermitEventKind::EmployerChange => parse_date(&fact.on),
            _ => parse_date(&fact.since),
        });
        told.max().max(issued_on).is_none_or(|known| *since > known)
    };
    since.iter().filter(is_news).copied().collect()
}

/// Why a card has to end with these registrations of its holder: the last of them ended, because its holder became a local
/// household member or died. Whether it ends is a person's to say.
pub fn ends_with(registrations: &[Record]) -> Option<EndReason> {
    if registrations.iter().any(residency::is_active) {
        return None;
    }
    let ended = registrations.iter().filter_map(|registration| registration.typed::<Status>("status"));
    match ended.max_by(|one, other| one.on.cmp(&other.on))?.reason? {
        CancelReason::Hukou => Some(EndReason::Hukou),
        CancelReason::Death => Some(EndReason::Death),
        _ => None,
    }
}

/// The next full year after the issue that has to be endorsed.
struct Anniversary {
    issued_on: NaiveDate,
    months: u32,
    window: u32,
    number: u32,
}

impl Anniversary {
    fn day(&self) -> Option<NaiveDate> {
        // From the issue, not from the year before: a card of 29 February comes back to it.
        self.issued_on.checked_add_months(Months::new(self.months.checked_mul(self.number)?))
    }

    fn opens(&self) -> Option<NaiveDate> {
        self.day()?.checked_sub_months(Months::new(self.window))
    }

    /// Endorsed on this day: every year whose window had opened is done.
    fn pass(&mut self, on: NaiveDate) {
        while self.number < YEARS_MAX && self.opens().is_some_and(|opens| opens <= on) {
            self.number += 1;
        }
    }
}

/// Since when temporary permits have been held without a gap up to `today`; none without a valid one. Each as its issue and its
/// last day, as renewed.
pub fn held_since(permits: &[(NaiveDate, NaiveDate)], today: NaiveDate) -> Option<NaiveDate> {
    let mut periods = permits.to_vec();
    periods.sort_unstable();
    let mut run: Option<(NaiveDate, NaiveDate)> = None;
    for (from, until) in periods {
        run = Some(match run {
            // The next day is no gap.
            Some((since, last)) if last.succ_opt().is_none_or(|next| from <= next) => (since, last.max(until)),
            _ => (from, until),
        });
    }
    run.filter(|(since, last)| *since <= today && today <= *last).map(|(since, _)| since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived_id;
    use crate::permit::PermitKind;
    use crate::policy::{ZJ_2009, ZJ_2016};

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date of the test")
    }

    fn permit(issued: &str) -> Issued {
        Issued {
            kind: PermitKind::Residence,
            on: issued.to_owned(),
            valid_until: String::new(),
            continuity_start: "2024-06-01".to_owned(),
            pack: ZJ_2016.to_owned(),
            card_no: String::new(),
        }
    }

    fn event(what: PermitEventKind, day: &str) -> (RecordId, PermitFact) {
        (derived_id(&[what.code(), day]), PermitFact::new(derived_id(&["a permit"]), what, day))
    }

    fn stands(events: &[(RecordId, PermitFact)], today: &str) -> PermitNow {
        now(&permit("2025-01-10"), events, &PolicyBook::default(), on(today))
    }

    #[test]
    fn a_permit_is_endorsed_in_the_month_before_each_full_year() {
        let handed = event(PermitEventKind::HandOut, "2025-01-12");
        let rows = [
            ("2025-01-11", Standing::Valid),
            ("2025-12-09", Standing::Valid),
            ("2025-12-10", Standing::EndorseDue),
            ("2026-01-10", Standing::EndorseDue),
            ("2026-01-11", Standing::Suspended),
            ("2030-01-01", Standing::Suspended),
        ];
        for (today, expected) in rows {
            assert_eq!(stands(std::slice::from_ref(&handed), today).standing, expected, "{today}");
        }
        assert_eq!(stands(&[], "2025-01-11").standing, Standing::ToHandOut);
        let endorsed = [handed.clone(), event(PermitEventKind::Endorse, "2025-12-20")];
        let now = stands(&endorsed, "2026-03-01");
        assert_eq!((now.standing, now.endorse), (Standing::Valid, Some((on("2026-12-10"), on("2027-01-10")))));
        assert_eq!(now.continuity_start, Some(on("2024-06-01")), "in its window nothing restarts");
        let early = [handed, event(PermitEventKind::Endorse, "2025-11-01")];
        assert_eq!(stands(&early, "2026-02-01").standing, Standing::Suspended, "before its window it counts for nothing");
    }

    /// Acceptance check 4.
    #[test]
    fn a_late_endorsement_restores_the_function_and_starts_the_years_anew() {
        let handed = event(PermitEventKind::HandOut, "2025-01-12");
        let late = on("2026-01-10") + chrono::Days::new(40);
        assert_eq!(stands(std::slice::from_ref(&handed), &late.to_string()).standing, Standing::Suspended);
        let endorsed = [handed, event(PermitEventKind::Endorse, &late.to_string())];
        let now = stands(&endorsed, &late.to_string());
        assert_eq!(
            (now.standing, now.continuity_start, now.restored_on),
            (Standing::Valid, Some(late), Some(late)),
            "restored, and continuity_start is that day"
        );
        assert_eq!(now.endorse, Some((on("2026-12-10"), on("2027-01-10"))), "the years still count from the issue");
    }

    #[test]
    fn years_that_were_all_missed_are_made_up_for_at_once() {
        let events = [event(PermitEventKind::HandOut, "2025-01-12"), event(PermitEventKind::Endorse, "2028-12-20")];
        let now = stands(&events, "2028-12-20");
        assert_eq!((now.standing, now.continuity_start), (Standing::Valid, Some(on("2028-12-20"))));
        assert_eq!(now.endorse, Some((on("2029-12-10"), on("2030-01-10"))), "the window of 2029 was open already");
    }

    #[test]
    fn a_card_is_replaced_handed_out_again_and_ended_for_good() {
        let mut events = vec![event(PermitEventKind::HandOut, "2025-01-12"), event(PermitEventKind::ReplaceLost, "2025-03-01")];
        let asked = stands(&events, "2025-03-02");
        assert_eq!((asked.standing, asked.replace), (Standing::Valid, Some((PermitEventKind::ReplaceLost, on("2025-03-01")))));
        events.push(event(PermitEventKind::Reissue, "2025-03-05"));
        let made = stands(&events, "2025-03-06");
        assert_eq!((made.standing, made.replace), (Standing::ToHandOut, None));
        events.push(event(PermitEventKind::HandOut, "2025-03-07"));
        assert_eq!(stands(&events, "2025-03-08").standing, Standing::Valid);
        let (id, fact) = event(PermitEventKind::Cancel, "2025-04-01");
        events.push((id, PermitFact { reason: Some(EndReason::Hukou), ..fact }));
        events.push(event(PermitEventKind::Endorse, "2026-01-01"));
        let ended = stands(&events, "2026-01-02");
        assert_eq!((ended.standing, ended.ended), (Standing::Ended, Some((EndReason::Hukou, on("2025-04-01")))));
        assert_eq!(ended.may_endorse(true, on("2026-01-02")), Err(NoEndorsement::NotEndorsed));
    }

    #[test]
    fn who_is_not_registered_any_more_is_not_endorsed() {
        let handed = [event(PermitEventKind::HandOut, "2025-01-12")];
        let rows = [
            ("2025-12-09", true, Err(NoEndorsement::TooEarly(on("2025-12-10")))),
            ("2025-12-10", true, Ok(())),
            ("2025-12-10", false, Err(NoEndorsement::ConditionsNotMet)),
            ("2026-05-01", true, Ok(())),
        ];
        for (today, registered, expected) in rows {
            assert_eq!(stands(&handed, today).may_endorse(registered, on(today)), expected, "{today}");
        }
    }

    #[test]
    fn a_permit_of_2009_runs_nine_years_whatever_pack_holds_now() {
        let book = PolicyBook::default();
        let rules = PermitRules::on(&book, on("2014-05-05")).expect("rules");
        let until = rules.valid_until(PermitKind::Residence, on("2014-05-05"), None).expect("nine years");
        assert_eq!(until, on("2023-05-05"));
        let issued = Issued { valid_until: until.to_string(), pack: ZJ_2009.to_owned(), ..permit("2014-05-05") };
        let handed = [event(PermitEventKind::HandOut, "2014-05-06")];
        for (today, expected) in
            [("2022-01-01", Standing::Valid), ("2023-05-05", Standing::Valid), ("2023-05-06", Standing::Expired)]
        {
            assert_eq!(now(&issued, &handed, &book, on(today)).standing, expected, "{today}");
        }
    }

    #[test]
    fn a_renewed_temporary_permit_is_held_without_a_gap() {
        let rows = [
            (vec![("2024-01-01", "2025-01-01"), ("2025-01-02", "2026-01-02")], "2025-06-01", Some("2024-01-01")),
            (vec![("2024-01-01", "2025-01-01"), ("2025-01-03", "2026-01-02")], "2025-06-01", Some("2025-01-03")),
            (vec![("2024-01-01", "2025-01-01")], "2025-06-01", None),
            (vec![], "2025-06-01", None),
        ];
        for (periods, today, expected) in rows {
            let periods: Vec<_> = periods.into_iter().map(|(from, until)| (on(from), on(until))).collect();
            assert_eq!(held_since(&periods, on(today)), expected.map(on), "{periods:?}");
        }
        let (id, renewal) = event(PermitEventKind::Renew, "2012-06-01");
        let issued = Issued { kind: PermitKind::Temporary, valid_until: "2012-07-01".to_owned(), ..permit("2012-01-01") };
        let renewed = [(id, PermitFact { valid_until: "2013-07-01".to_owned(), ..renewal })];
        assert_eq!(now(&issued, &renewed, &PolicyBook::default(), on("2013-01-01")).valid_until, Some(on("2013-07-01")));
    }

    #[test]
    fn a_change_is_due_until_it_was_reported_for_the_card() {
        use PermitEventKind::{AddressChange, EmployerChange};
        let told = |what, noted: &str, since: &str| {
            let (id, fact) = event(what, noted);
            (id, PermitFact { since: since.to_owned(), ..fact })
        };
        let moved = (AddressChange, on("2025-06-01"));
        let works = (EmployerChange, on("2025-07-01"));
        type Row<'a> = (&'a str, Vec<(RecordId, PermitFact)>, &'a [(PermitEventKind, NaiveDate)], Vec<PermitEventKind>);
        let rows: [Row<'_>; 6] = [
            ("as it was", vec![], &[(AddressChange, on("2024-06-01"))], vec![]),
            ("the card is from that day", vec![], &[(EmployerChange, on("2025-01-10"))], vec![]),
            ("both", vec![], &[moved, works], vec![AddressChange, EmployerChange]),
            ("one told", vec![told(AddressChange, "2025-06-05", "2025-06-01")], &[moved, works], vec![EmployerChange]),
            ("the other told", vec![told(EmployerChange, "2025-07-01", "2025-06-20")], &[moved, works], vec![AddressChange]),
            ("moved again", vec![told(AddressChange, "2025-05-05", "2025-05-01")], &[moved], vec![AddressChange]),
        ];
        for (why, events, since, expected) in rows {
            let now = stands(&events, "2025-08-01");
            let found = unreported(&permit("2025-01-10"), &now, &events, since);
            assert_eq!(found.into_iter().map(|(what, _)| what).collect::<Vec<_>>(), expected, "{why}");
        }
        let (id, fact) = event(PermitEventKind::Cancel, "2025-07-02");
        let ended = [(id, PermitFact { reason: Some(EndReason::Surrendered), ..fact })];
        assert_eq!(unreported(&permit("2025-01-10"), &stands(&ended, "2025-08-01"), &ended, &[works]), []);
    }

    #[test]
    fn who_became_a_local_or_died_needs_no_card() {
        let registration = |name: &str, state: &str, day: &str, reason: Option<CancelReason>| {
            let mut record = Record::empty(crate::kind::RESIDENCY, derived_id(&[name]));
            let origin = crate::Origin { stamp: crate::Stamp::at(0), device: crate::DeviceNumber(1) };
            let status = Status {
                state: state.to_owned(),
                on: day.to_owned(),
                reason,
                note: String::new(),
                observed_unix_ms: 0,
                seen_fact: None,
            };
            record.groups.insert("status".to_owned(), crate::GroupValue::new(crate::record::to_fields(&status), origin));
            record
        };
        let ended = |day: &str, reason| registration(day, residency::CANCELLED, day, Some(reason));
        let rows = [
            (vec![], None),
            (vec![ended("2026-01-01", CancelReason::Left)], None),
            (vec![ended("2026-01-01", CancelReason::Hukou)], Some(EndReason::Hukou)),
            (vec![ended("2026-01-01", CancelReason::Death)], Some(EndReason::Death)),
            (vec![ended("2026-01-01", CancelReason::Hukou), ended("2026-03-01", CancelReason::Left)], None),
            (vec![ended("2026-01-01", CancelReason::Hukou), registration("now", residency::ACTIVE, "2026-03-01", None)], None),
        ];
        for (registrations, expected) in rows {
            assert_eq!(ends_with(&registrations), expected, "{registrations:?}");
        }
    }

    #[test]
    fn another_employer_is_known_from_the_day_it_was_said() {
        let at = |ms: i64| crate::Origin { stamp: crate::Stamp::at(ms), device: crate::DeviceNumber(1) };
        let born = day::start_of_day_unix_ms(on("2026-03-02")) + 1;
        let mut residency = Record::empty(crate::kind::RESIDENCY, derived_id(&["registered"]));
        for group in ["who", "work"] {
            residency.groups.insert(group.to_owned(), crate::GroupValue::new(crate::Fields::new(), at(born)));
        }
        assert_eq!(works_there_since(&residency), None, "as it was registered");
        let said = day::start_of_day_unix_ms(on("2026-09-10")) + 1;
        residency.groups.insert("work".to_owned(), crate::GroupValue::new(crate::Fields::new(), at(said)));
        assert_eq!(works_there_since(&residency), Some(on("2026-09-10")));
    }

    #[test]
    fn what_was_taken_back_does_not_count() {
        let record = |name: &str, fact: &PermitFact| {
            let mut record = Record::empty(crate::kind::PERMIT_EVENT, derived_id(&[name]));
            let origin = crate::Origin { stamp: crate::Stamp::at(0), device: crate::DeviceNumber(1) };
            record.groups.insert("fact".to_owned(), crate::GroupValue::new(crate::record::to_fields(fact), origin));
            record
        };
        let permit = derived_id(&["a permit"]);
        let endorsed = record("endorsed", &PermitFact::new(permit, PermitEventKind::Endorse, "2026-01-05"));
        let back =
            PermitFact { withdraws: Some(endorsed.id), ..PermitFact::new(permit, PermitEventKind::Withdraw, "2026-01-06") };
        let handed = record("handed", &PermitFact::new(permit, PermitEventKind::HandOut, "2025-01-12"));
        let all = [endorsed, record("back", &back), handed];
        let counting: Vec<PermitEventKind> = standing_events(&all).into_iter().map(|(_, fact)| fact.what).collect();
        assert_eq!(counting, [PermitEventKind::HandOut]);
    }
}
