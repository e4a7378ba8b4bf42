//! What a permit's papers may say, from the records they name, and the slip the server gives for an accepted application.
//!
//! Who may write which group is [`domain::access`]'s; here stands the order of things: nothing is decided that was not
//! accepted, no card is made that was not approved, and no card twice.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use domain::access::Role;
use domain::form::parse_date;
use domain::merge::Refusal;
use domain::permit::{
    APPROVED, Accepted, ApplicationWho, Asked, Decided, ISSUED, Issued, Materials, PermitEventKind, PermitFact, PermitKind,
    PermitWho, REFUSED, REVIEW, Slip, materials_for, may_step, missing_materials,
};
use domain::permit_rules::PermitRules;
use domain::permit_standing::{self, Standing};
use domain::policy::{self, key};
use domain::{Change, Record, RecordId, Verb, kind, record, residency, same, withdrawal};
use serde::de::DeserializeOwned;
use sync_protocol::PushedChange;

use super::Stop;
use super::numbers::Rules;
use super::save::{Save, Why};

fn invalid(what: &str) -> Why {
    Refusal::Invalid(what.to_owned()).into()
}

/// A group as the record will say it: what the change brings, else what is held.
fn said<T: DeserializeOwned>(change: &Change, held: Option<&Record>, group: &str) -> Option<T> {
    let fields = change.groups.get(group).map(|group| &group.fields).or_else(|| held.and_then(|held| held.fields(group)))?;
    serde_json::from_value(serde_json::Value::Object(fields.clone())).ok()
}

impl Save<'_> {
    /// Whether what a change says of a permit can follow what is there.
    pub(super) fn check_permit(&self, change: &Change, held: Option<&Record>) -> Result<(), Why> {
        if !matches!(change.verb, Verb::Create | Verb::Set) {
            return Ok(());
        }
        match change.kind.as_str() {
            kind::PERMIT_APPLICATION => self.check_application(change, held),
            kind::PERMIT if held.is_none() => self.check_issue(change),
            kind::PERMIT_EVENT if held.is_none() => self.check_event(change),
            _ => Ok(()),
        }
    }

    fn check_application(&self, change: &Change, held: Option<&Record>) -> Result<(), Why> {
        if change.groups.contains_key("who") {
            let who: ApplicationWho = said(change, None, "who").ok_or_else(|| invalid("who"))?;
            self.check_holder(who.person, who.residency)?;
        }
        if change.groups.contains_key("accepted") {
            let asked: Asked = said(change, held, "asked").ok_or_else(|| invalid("asked"))?;
            let materials: Materials = said(change, held, "materials").unwrap_or_default();
            let rules = self.permit_rules(&asked.on)?.ok_or_else(|| invalid("asked.on"))?;
            if !missing_materials(&materials_for(&rules, asked.kind, asked.ground), &materials).is_empty() {
                return Err(invalid("accepted"));
            }
        }
        let Some(incoming) = change.groups.get("decided") else { return Ok(()) };
        let decided: Decided = said(change, None, "decided").ok_or_else(|| invalid("decided"))?;
        // Nothing is decided that was not accepted, or was taken back.
        if said::<Accepted>(change, held, "accepted").is_none() || withdrawal::is_taken_back(change.record, self.work.write)? {
            return Err(invalid("decided"));
        }
        let stands = held.and_then(|held| held.groups.get("decided")).filter(|stands| !stands.fields.is_empty());
        let state = stands.and_then(|stands| stands.fields.get("state")).and_then(|state| state.as_str());
        // Two officers who had not seen each other are shown both decisions; whoever had seen what stands goes on from there.
        let had_seen = stands.is_none_or(|stands| {
            incoming.base.is_some_and(|base| stands.is_named(base)) || stands.origin.device == change.origin.device
        });
        let repeated = state == Some(decided.state.as_str());
        let follows = if had_seen { repeated || may_step(state, &decided.state) } else { decided.state != ISSUED };
        if !follows || (decided.state == REFUSED && decided.reason.trim().is_empty()) {
            return Err(invalid("decided.state"));
        }
        // The card and the word that it is made come in one save.
        if decided.state == ISSUED && !repeated && self.work.write.referrers(change.record, kind::PERMIT)?.is_empty() {
            return Err(invalid("decided.state"));
        }
        Ok(())
    }

    fn check_issue(&self, change: &Change) -> Result<(), Why> {
        let (Some(who), Some(issued)) = (said::<PermitWho>(change, None, "who"), said::<Issued>(change, None, "issued")) else {
            return Err(invalid("issued"));
        };
        self.check_holder(who.person, who.residency)?;
        let on = parse_date(&issued.on).ok_or_else(|| invalid("issued.on"))?;
        let until = parse_date(&issued.valid_until);
        if until.is_some_and(|until| until < on) {
            return Err(invalid("issued.valid_until"));
        }
        let Some(application) = who.application else {
            // A card from before this register carries the number that is printed on it.
            return if issued.card_no.trim().is_empty() { self.check_at_registration(&who, &issued, on) } else { Ok(()) };
        };
        let Some(application) = self.ledger.look_at(application)? else { return Ok(()) };
        let asked: Asked = application.typed("asked").ok_or_else(|| invalid("who.application"))?;
        let of: ApplicationWho = application.typed("who").ok_or_else(|| invalid("who.application"))?;
        let same_person = same::root(of.person, self.work.write)? == same::root(who.person, self.work.write)?;
        if !same_person || asked.kind != issued.kind || application.text("decided", "state") != Some(APPROVED) {
            return Err(invalid("who.application"));
        }
        if !self.work.write.referrers(application.id, kind::PERMIT)?.is_empty() {
            return Err(invalid("who.application"));
        }
        let rules = self.permit_rules(&issued.on)?.ok_or_else(|| invalid("issued.on"))?;
        check_until(&rules, &issued, on)
    }

    /// The station gives a temporary permit at registration, without an application, where the rules of the day know one that
    /// comes then (2009 Art. 15), and to nobody two.
    fn check_at_registration(&self, who: &PermitWho, issued: &Issued, on: NaiveDate) -> Result<(), Why> {
        let rules = self.permit_rules(&issued.on)?.ok_or_else(|| invalid("issued.on"))?;
        let registered = self.ledger.look_at(who.residency)?.is_some_and(|registration| residency::is_active(&registration));
        if issued.kind != PermitKind::Temporary || !rules.after_temporary || !registered {
            return Err(invalid("who.application"));
        }
        for other in same::naming(who.person, kind::PERSON, kind::PERMIT, self.work.write)? {
            let Some(held) = other.typed::<Issued>("issued").filter(|held| held.kind == PermitKind::Temporary) else { continue };
            let events = permit_standing::standing_events(&self.work.write.referrers(other.id, kind::PERMIT_EVENT)?);
            let now = permit_standing::now(&held, &events, &Rules::load(self.work.write)?.book, on);
            if !matches!(now.standing, Standing::Ended | Standing::Expired) {
                return Err(invalid("who.application"));
            }
        }
        check_until(&rules, issued, on)
    }

    fn check_event(&self, change: &Change) -> Result<(), Why> {
        let fact: PermitFact = said(change, None, "fact").ok_or_else(|| invalid("fact"))?;
        if fact.what == PermitEventKind::Renew {
            self.check_renewal(&fact)?;
        }
        let Some(withdraws) = fact.withdraws else { return Ok(()) };
        let Some(event) = self.ledger.look_at(withdraws)? else { return Ok(()) };
        let withdrawn: PermitFact = event.typed("fact").ok_or_else(|| invalid("fact.withdraws"))?;
        if withdrawn.permit != fact.permit || withdrawn.what == PermitEventKind::Withdraw {
            return Err(invalid("fact.withdraws"));
        }
        if withdrawn.is_stations() && self.work.caller.account.role != Role::Officer {
            return Err(Refusal::Role("fact".to_owned()).into());
        }
        Ok(())
    }

    /// Only a temporary permit runs on, from its last day, within the months the rules of the day allow. Where they know no such
    /// permit any more, a renewal from before is taken as it was written.
    fn check_renewal(&self, fact: &PermitFact) -> Result<(), Why> {
        let Some(permit) = self.ledger.look_at(fact.permit)? else { return Ok(()) };
        let issued: Option<Issued> = permit.typed("issued");
        let Some(issued) = issued.filter(|issued| issued.kind == PermitKind::Temporary) else { return Err(invalid("fact.what")) };
        let (Some(on), Some(until)) = (parse_date(&fact.on), parse_date(&fact.valid_until)) else { return Ok(()) };
        let Some((least, most)) = self.permit_rules(&fact.on)?.and_then(|rules| rules.temporary_months) else { return Ok(()) };
        let events = permit_standing::standing_events(&self.work.write.referrers(permit.id, kind::PERMIT_EVENT)?);
        let now = permit_standing::now(&issued, &events, &Rules::load(self.work.write)?.book, on);
        // Two that had not seen each other may both stand: the longest is the later of them.
        let from = now.valid_until.filter(|until| *until >= on).unwrap_or(on);
        let after = |from: NaiveDate, months| from.checked_add_months(chrono::Months::new(months));
        if after(on, least) <= Some(until) && Some(until) <= after(from, most) {
            Ok(())
        } else {
            Err(invalid("fact.valid_until"))
        }
    }

    /// A registration is its person's, under whatever name. What is not there yet is [`super::reach`]'s to refuse.
    fn check_holder(&self, person: RecordId, residency: RecordId) -> Result<(), Why> {
        let Some(residency) = self.ledger.look_at(residency)? else { return Ok(()) };
        let Some(registered) = residency.reference("who", "person") else { return Err(invalid("who.residency")) };
        let (registered, holder) = (same::root(registered, self.work.write)?, same::root(person, self.work.write)?);
        if registered == holder { Ok(()) } else { Err(invalid("who.residency")) }
    }

    fn permit_rules(&self, on: &str) -> Result<Option<PermitRules>, Why> {
        let rules = Rules::load(self.work.write)?;
        Ok(parse_date(on).and_then(|on| PermitRules::on(&rules.book, on)))
    }

    /// A number and a due date for each application that was just accepted, and a number for each new card.
    pub(super) fn give_slips(&mut self, save: &[PushedChange]) -> Result<(), Stop> {
        for pushed in save.iter().filter(|pushed| matches!(pushed.change.kind.as_str(), kind::PERMIT_APPLICATION | kind::PERMIT))
        {
            let Some(found) = self.ledger.look_at(pushed.change.record)? else { continue };
            let mut found = Arc::unwrap_or_clone(found);
            if found.kind == kind::PERMIT {
                if !found.groups.contains_key("number") {
                    self.give_number(&mut found, 'P')?;
                }
                continue;
            }
            let accepted = parse_date(found.text("accepted", "on").unwrap_or_default());
            let (Some(on), false) = (accepted, found.groups.contains_key("slip")) else { continue };
            let rules = Rules::load(self.work.write)?;
            let slip = Slip {
                no: self.next_number('S')?,
                received_unix_ms: self.work.now_unix_ms,
                // Computed once, with the pack of the day of acceptance: another pack chosen later rewrites nothing.
                due: policy::due(&rules.book, &rules.calendar, key::PERMIT_ISSUE, on),
            };
            self.ledger.put_group(&mut found, "slip", record::to_fields(&slip))?;
        }
        Ok(())
    }
}

/// The last day of a card is the one the rules of its day give.
fn check_until(rules: &PermitRules, issued: &Issued, on: NaiveDate) -> Result<(), Why> {
    let until = parse_date(&issued.valid_until);
    let right = match issued.kind {
        PermitKind::Residence => until == rules.valid_until(issued.kind, on, None),
        PermitKind::Temporary => rules.temporary_months.is_some_and(|(least, most)| {
            let after = |months| rules.valid_until(issued.kind, on, Some(months));
            until.is_some() && after(least) <= until && until <= after(most)
        }),
    };
    if right { Ok(()) } else { Err(invalid("issued.valid_until")) }
}

/// The shape of a permit group; `Ok(false)` for a group that is none.
pub(super) fn check_shape(kind: &str, group: &str, fields: &domain::Fields, received_on: NaiveDate) -> Result<bool, Refusal> {
    fn typed<T: DeserializeOwned>(group: &str, fields: &domain::Fields) -> Result<T, Refusal> {
        serde_json::from_value(serde_json::Value::Object(fields.clone())).map_err(|_| Refusal::Invalid(group.to_owned()))
    }
    let date = |text: &str, what: &str| parse_date(text).ok_or_else(|| Refusal::Invalid(what.to_owned()));
    let line = |typed: &str, what: &str| {
        domain::text::check_text(typed, domain::permit::NOTE_MAX).map(|_| ()).map_err(|_| Refusal::Invalid(what.to_owned()))
    };
    match (kind, group) {
        (kind::PERMIT_APPLICATION, "who") => {
            typed::<ApplicationWho>(group, fields)?;
        }
        (kind::PERMIT_APPLICATION, "asked") => {
            let asked: Asked = typed(group, fields)?;
            date(&asked.on, "asked.on")?;
            if (asked.kind == PermitKind::Temporary) != asked.months.is_some() {
                return Err(Refusal::Invalid("asked.months".to_owned()));
            }
        }
        (kind::PERMIT_APPLICATION, "materials") => {
            typed::<Materials>(group, fields)?;
        }
        (kind::PERMIT_APPLICATION, "accepted") => {
            date(&typed::<Accepted>(group, fields)?.on, "accepted.on")?;
        }
        (kind::PERMIT_APPLICATION, "decided") => {
            let decided: Decided = typed(group, fields)?;
            date(&decided.on, "decided.on")?;
            line(&decided.reason, "decided.reason")?;
            if ![REVIEW, APPROVED, REFUSED, ISSUED].contains(&decided.state.as_str()) {
                return Err(Refusal::Invalid("decided.state".to_owned()));
            }
        }
        (kind::PERMIT, "who") => {
            typed::<PermitWho>(group, fields)?;
        }
        (kind::PERMIT, "issued") => {
            let issued: Issued = typed(group, fields)?;
            // Issued by the desk, whose clock is the server's.
            if date(&issued.on, "issued.on")? > received_on.checked_add_days(Days::new(1)).unwrap_or(received_on) {
                return Err(Refusal::Invalid("issued.on".to_owned()));
            }
            date(&issued.continuity_start, "issued.continuity_start")?;
            line(&issued.card_no, "issued.card_no")?;
        }
        (kind::PERMIT_EVENT, "fact") => {
            if let Some(field) = typed::<PermitFact>(group, fields)?.problem() {
                return Err(Refusal::Invalid(format!("fact.{field}")));
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The day a slip's due date is shown by; empty without one.
pub(super) fn due_of(application: &Record) -> String {
    application.typed::<Slip>("slip").and_then(|slip| slip.due).map(|due| due.on.to_string()).unwrap_or_default()
}

/// What happened to a permit last, without regard to any day: lists are not made anew at midnight.
pub(super) fn listed_state(events: &[Record]) -> &'static str {
    let mut state = "to_hand_out";
    for (_, fact) in domain::permit_standing::standing_events(events) {
        state = match fact.what {
            PermitEventKind::Cancel => return "ended",
            PermitEventKind::HandOut => "handed_out",
            PermitEventKind::ReplaceDamaged | PermitEventKind::ReplaceLost => "replace",
            PermitEventKind::Reissue => "to_hand_out",
            _ => state,
        };
    }
    state
}
