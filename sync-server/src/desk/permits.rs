//! Permits at the station: what can be done next about an application or a card, and doing it. Each step is a change like any
//! other, under the officer's name, and judged by the same rules.

use chrono::NaiveDate;
use domain::form::parse_date;
use domain::permit::{
    APPROVED, ApplicationState, ApplicationWho, Asked, Decided, EndReason, ISSUED, Issued, NOTE_MAX, PermitEventKind, PermitFact,
    PermitKind, PermitWho, REFUSED, REVIEW,
};
use domain::permit_rules::PermitRules;
use domain::permit_standing::{self, PermitNow, Standing};
use domain::policy::{self, key};
use domain::record::to_fields;
use domain::{Record, RecordId, kind, residency, same, text, withdrawal};
use store::server::View;
use ui_protocol::ErrorCode;
use ui_protocol::desk::{DecidePermit, PermitDesk, PermitStep};

use super::decide::{Decision, Part};
use super::{DeskCaller, view};
use crate::clock::fresh_uuid;
use crate::core::Core;
use crate::failure::Failure;
use crate::register::Rules;

/// What the station may do about a record; `None` when it is no permit's paper.
pub fn steps(view: &View<'_>, record: &Record, today: NaiveDate, decides: bool) -> Result<Option<PermitDesk>, Failure> {
    let found = match record.kind.as_str() {
        kind::PERMIT_APPLICATION if withdrawal::is_taken_back(record.id, view)? => PermitDesk::default(),
        kind::PERMIT_APPLICATION => PermitDesk { steps: steps_of(ApplicationState::of(record)), ..PermitDesk::default() },
        kind::PERMIT => {
            let Some(card) = Card::read(view, record, today)? else { return Ok(None) };
            let rules = Rules::load(view)?;
            let due = |(what, since)| {
                let due = policy::due(&rules.book, &rules.calendar, key::PERMIT_CHANGE, since);
                (what, due.map(|due| due.on.to_string()).unwrap_or_default())
            };
            PermitDesk {
                steps: steps_about(&card.issued, &card.now, card.registered, today),
                standing: Some(card.now.standing),
                endorse_by: card.now.endorse.map(|(_, by)| by.to_string()).unwrap_or_default(),
                valid_until: card.now.valid_until.map(|until| until.to_string()).unwrap_or_default(),
                continuity_start: card.now.continuity_start.map(|on| on.to_string()).unwrap_or_default(),
                changes_due: card.changed.into_iter().map(due).collect(),
                to_end: card.to_end,
            }
        }
        kind::RESIDENCY if may_issue_temporary(view, record, today)? => {
            PermitDesk { steps: vec![PermitStep::IssueTemporary], ..PermitDesk::default() }
        }
        _ => return Ok(None),
    };
    // Whoever only looks is offered nothing.
    Ok(Some(if decides { found } else { PermitDesk { steps: Vec::new(), ..found } }))
}

/// A card as it stands on a day, with what became of its holder.
pub(super) struct Card {
    issued: Issued,
    /// Where it stands.
    pub(super) now: PermitNow,
    registered: bool,
    /// What changed and was not reported for it, and since when.
    pub(super) changed: Vec<(PermitEventKind, NaiveDate)>,
    /// Why it has to end, where the registration ended for a reason that ends it too.
    pub(super) to_end: Option<EndReason>,
}

impl Card {
    pub(super) fn read(view: &View<'_>, permit: &Record, today: NaiveDate) -> Result<Option<Card>, Failure> {
        let Some(issued) = permit.typed::<Issued>("issued") else { return Ok(None) };
        let events = permit_standing::standing_events(&view.referrers(permit.id, kind::PERMIT_EVENT)?);
        let now = permit_standing::now(&issued, &events, &Rules::load(view)?.book, today);
        let is_over = matches!(now.standing, Standing::Ended | Standing::Expired);
        let Some(person) = permit.reference("who", "person") else { return Ok(None) };
        let registrations = same::registrations(person, view)?;
        let active = registrations.iter().find(|registration| residency::is_active(registration));
        let mut since = Vec::new();
        if let Some(active) = active.filter(|_| !is_over) {
            let stays = same::naming(person, kind::PERSON, kind::STAY, view)?;
            let open = stays.iter().find(|stay| residency::is_open(stay)).and_then(|stay| stay.text("period", "from"));
            since.extend(open.and_then(parse_date).map(|on| (PermitEventKind::AddressChange, on)));
            since.extend(permit_standing::works_there_since(active).map(|on| (PermitEventKind::EmployerChange, on)));
        }
        Ok(Some(Card {
            changed: permit_standing::unreported(&issued, &now, &events, &since),
            to_end: permit_standing::ends_with(&registrations).filter(|_| !is_over),
            registered: active.is_some(),
            issued,
            now,
        }))
    }

    /// As lists say it on this day: what there is to do comes first.
    pub(super) fn state(&self) -> &'static str {
        match self.now.standing {
            Standing::Ended => "ended",
            Standing::Expired => "expired",
            _ if self.to_end.is_some() => "to_end",
            _ if self.now.replace.is_some() => "replace",
            Standing::Suspended => "suspended",
            Standing::ToHandOut => "to_hand_out",
            Standing::EndorseDue => "endorse_due",
            Standing::Valid if !self.changed.is_empty() => "change_due",
            Standing::Valid => "handed_out",
        }
    }
}

/// Whether the station gives this registration its temporary permit: the rules know one that comes at registration (2009 Art. 15),
/// and its holder has none, and asks for none.
fn may_issue_temporary(view: &View<'_>, registration: &Record, today: NaiveDate) -> Result<bool, Failure> {
    let rules = PermitRules::on(&Rules::load(view)?.book, today);
    let known = rules.is_some_and(|rules| rules.after_temporary && rules.temporary_months.is_some());
    if !known || !residency::is_active(registration) || same::points_to(registration).is_some() {
        return Ok(false);
    }
    let Some(person) = registration.reference("who", "person") else { return Ok(false) };
    for application in same::naming(person, kind::PERSON, kind::PERMIT_APPLICATION, view)? {
        if ApplicationState::of(&application).is_open() && withdrawal::stands(&application, view)? {
            return Ok(false);
        }
    }
    for permit in same::naming(person, kind::PERSON, kind::PERMIT, view)? {
        let card = Card::read(view, &permit, today)?;
        if card.is_some_and(|card| !matches!(card.now.standing, Standing::Ended | Standing::Expired)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn steps_of(state: ApplicationState) -> Vec<PermitStep> {
    match state {
        ApplicationState::Accepted => vec![PermitStep::Review],
        ApplicationState::Review => vec![PermitStep::Approve, PermitStep::Refuse],
        ApplicationState::Approved => vec![PermitStep::Issue],
        ApplicationState::MaterialMissing | ApplicationState::Refused | ApplicationState::Issued => Vec::new(),
    }
}

fn steps_about(issued: &Issued, now: &PermitNow, registered: bool, today: NaiveDate) -> Vec<PermitStep> {
    if now.standing == Standing::Ended {
        return Vec::new();
    }
    let mut steps = Vec::new();
    if now.replace.is_some() {
        steps.push(PermitStep::Reissue);
    } else if now.handed_on.is_none() {
        steps.push(PermitStep::HandOut);
    }
    if now.may_endorse(registered, today).is_ok() {
        steps.push(PermitStep::Endorse);
    }
    // Whoever has the card comes to the counter with it, or without.
    if now.handed_on.is_some() && now.standing != Standing::Expired {
        if now.replace.is_none() {
            steps.extend([PermitStep::Damaged, PermitStep::Lost]);
        }
        if issued.kind == PermitKind::Residence {
            steps.extend([PermitStep::ChangeAddress, PermitStep::ChangeEmployer]);
        }
    }
    if issued.kind == PermitKind::Temporary && registered {
        steps.push(PermitStep::Renew);
    }
    steps.push(PermitStep::End);
    steps
}

impl Core {
    pub(super) fn decide_permit(&self, caller: &DeskCaller, ask: &DecidePermit) -> Result<RecordId, Failure> {
        let note = text::check_text(&ask.note, NOTE_MAX).map_err(|_| Failure::Desk(ErrorCode::Form))?;
        if ask.step == PermitStep::Refuse && note.is_empty() || (ask.step == PermitStep::End && ask.reason.is_none()) {
            return Err(Failure::Desk(ErrorCode::Form));
        }
        let (ask, today) = (ask.clone(), self.today());
        let is_change = matches!(ask.step, PermitStep::ChangeAddress | PermitStep::ChangeEmployer);
        if is_change && parse_date(&ask.since).is_none_or(|since| since > today) {
            return Err(Failure::Desk(ErrorCode::Form));
        }
        let new = RecordId(fresh_uuid(&*self.clock, &*self.dice));
        let id = ask.id;
        let decision: Decision = Box::new(move |write, caller| {
            let (record, _) = view::seen(write, caller, ask.id)?;
            let offered = steps(write, &record, today, true)?.ok_or(Failure::Desk(ErrorCode::NotFound))?;
            if !offered.steps.contains(&ask.step) {
                return Err(Failure::Desk(ErrorCode::Stale));
            }
            match ask.step {
                PermitStep::Review => Ok(vec![decided(&record, REVIEW, today, "")]),
                PermitStep::Approve => Ok(vec![decided(&record, APPROVED, today, "")]),
                PermitStep::Refuse => Ok(vec![decided(&record, REFUSED, today, &note)]),
                PermitStep::Issue => Ok(vec![card(write, &record, new, today)?, decided(&record, ISSUED, today, "")]),
                PermitStep::IssueTemporary => Ok(vec![temporary(write, &record, new, ask.months, today)?]),
                _ => Ok(vec![event(write, &record, new, &DecidePermit { note, ..ask }, today)?]),
            }
        });
        self.decide(caller, "desk.permit", id, decision)
    }
}

fn decided(application: &Record, state: &str, today: NaiveDate, reason: &str) -> Part {
    let decided = Decided { state: state.to_owned(), on: today.to_string(), reason: reason.to_owned() };
    Part::set(application, "decided", to_fields(&decided))
}

/// The card that answers an application, with what the rules of today say about its last day.
fn card(view: &View<'_>, application: &Record, new: RecordId, today: NaiveDate) -> Result<Part, Failure> {
    let unreadable = || Failure::Desk(ErrorCode::NotFound);
    let who: ApplicationWho = application.typed("who").ok_or_else(unreadable)?;
    let asked: Asked = application.typed("asked").ok_or_else(unreadable)?;
    let rules = PermitRules::on(&Rules::load(view)?.book, today).ok_or(Failure::Desk(ErrorCode::NotAllowed))?;
    let until = rules.valid_until(asked.kind, today, asked.months);
    let issued = Issued {
        kind: asked.kind,
        on: today.to_string(),
        valid_until: until.map(|until| until.to_string()).unwrap_or_default(),
        // Whoever did not have to wait begins to count with the card.
        continuity_start: parse_date(&asked.counted_from).unwrap_or(today).to_string(),
        pack: rules.pack,
        card_no: String::new(),
    };
    let who = PermitWho { person: who.person, residency: who.residency, application: Some(application.id) };
    Ok(Part::new_record(kind::PERMIT, new, vec![("who", to_fields(&who)), ("issued", to_fields(&issued))]))
}

/// A temporary permit for a registration, without an application: for as many months as the rules allow.
fn temporary(
    view: &View<'_>,
    registration: &Record,
    new: RecordId,
    months: Option<u32>,
    today: NaiveDate,
) -> Result<Part, Failure> {
    let form = || Failure::Desk(ErrorCode::Form);
    let rules = PermitRules::on(&Rules::load(view)?.book, today).ok_or(Failure::Desk(ErrorCode::NotAllowed))?;
    let (least, most) = rules.temporary_months.ok_or(Failure::Desk(ErrorCode::NotAllowed))?;
    let months = months.filter(|months| (least..=most).contains(months)).ok_or_else(form)?;
    let until = rules.valid_until(PermitKind::Temporary, today, Some(months)).ok_or_else(form)?;
    let person = registration.reference("who", "person").ok_or(Failure::Desk(ErrorCode::NotFound))?;
    let registered_on = registration.text("declared", "registered_on").and_then(parse_date).unwrap_or(today);
    let issued = Issued {
        kind: PermitKind::Temporary,
        on: today.to_string(),
        valid_until: until.to_string(),
        continuity_start: registered_on.to_string(),
        pack: rules.pack,
        card_no: String::new(),
    };
    let who = PermitWho { person: same::root(person, view)?, residency: registration.id, application: None };
    Ok(Part::new_record(kind::PERMIT, new, vec![("who", to_fields(&who)), ("issued", to_fields(&issued))]))
}

fn event(view: &View<'_>, permit: &Record, new: RecordId, ask: &DecidePermit, today: NaiveDate) -> Result<Part, Failure> {
    let what = match ask.step {
        PermitStep::HandOut => PermitEventKind::HandOut,
        PermitStep::Endorse => PermitEventKind::Endorse,
        PermitStep::Reissue => PermitEventKind::Reissue,
        PermitStep::Renew => PermitEventKind::Renew,
        PermitStep::Damaged => PermitEventKind::ReplaceDamaged,
        PermitStep::Lost => PermitEventKind::ReplaceLost,
        PermitStep::ChangeAddress => PermitEventKind::AddressChange,
        PermitStep::ChangeEmployer => PermitEventKind::EmployerChange,
        _ => PermitEventKind::Cancel,
    };
    let mut fact = PermitFact { note: ask.note.clone(), ..PermitFact::new(permit.id, what, &today.to_string()) };
    if what == PermitEventKind::Cancel {
        fact.reason = ask.reason;
    }
    if let Some(since) = parse_date(&ask.since).filter(|_| what.is_change()) {
        let rules = Rules::load(view)?;
        fact.since = since.to_string();
        fact.due = policy::due(&rules.book, &rules.calendar, key::PERMIT_CHANGE, since);
    }
    if what == PermitEventKind::Renew {
        fact.valid_until = renewed_until(view, permit, ask.months, today)?;
    }
    Ok(Part::new_record(kind::PERMIT_EVENT, new, vec![("fact", to_fields(&fact))]))
}

/// A temporary permit runs on from its last day, or from today where that is over, within what the rules allow.
fn renewed_until(view: &View<'_>, permit: &Record, months: Option<u32>, today: NaiveDate) -> Result<String, Failure> {
    let form = || Failure::Desk(ErrorCode::Form);
    let now = Card::read(view, permit, today)?.ok_or(Failure::Desk(ErrorCode::NotFound))?.now;
    let rules = PermitRules::on(&Rules::load(view)?.book, today).ok_or(Failure::Desk(ErrorCode::NotAllowed))?;
    let (least, most) = rules.temporary_months.ok_or(Failure::Desk(ErrorCode::NotAllowed))?;
    let months = months.filter(|months| (least..=most).contains(months)).ok_or_else(form)?;
    let from = now.valid_until.filter(|until| *until >= today).unwrap_or(today);
    Ok(rules.valid_until(PermitKind::Temporary, from, Some(months)).ok_or_else(form)?.to_string())
}
