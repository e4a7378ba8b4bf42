//! Permits: who may ask, applications with their materials, and what a coordinator notes down about a card. What is due about them
//! is computed here too; where a permit stands is computed whenever somebody looks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::access::Role;
use domain::codes::UnitStatus;
use domain::form::{may_save, parse_date};
use domain::permit::{
    Accepted, ApplicationState, ApplicationWho, Asked, EndReason, Ground, Issued, Material, Materials, PermitEventKind,
    PermitFact, PermitKind, Slip, materials_for, missing_materials,
};
use domain::permit_rules::{Eligibility, Facts, PermitRules, Registered, eligibility, grounds_shown};
use domain::permit_standing::{self, PermitNow, Standing};
use domain::person::Identity;
use domain::policy::{Due, key};
use domain::record::to_fields;
use domain::{Fields, Record, RecordId, id_document, kind, place, residency, same, text, withdrawal};
use store::device::{Todo, View, Writing};
use ui_protocol::permits::{
    ApplicationView, ApplyPermit, BringMaterials, EligibilityView, EndorseView, NotePermit, PermitEventView, PermitSaved,
    PermitSlip, PermitView, PermitsOf, PermitsReply, SlipView, TakeBackNote,
};
use ui_protocol::{ErrorCode, UiError};

use crate::derive::todo;
use crate::error::Failure;
use crate::law::Law;
use crate::same::root_of_person;
use crate::save::Save;
use crate::{Device, homes};

fn group<T: serde::Serialize>(name: &str, typed: &T) -> (String, Fields) {
    (name.to_owned(), to_fields(typed))
}

fn day(on: Option<NaiveDate>) -> String {
    on.map(|on| on.to_string()).unwrap_or_default()
}

/// Everything about one person that permits are judged by.
struct Holder {
    person: RecordId,
    residency: Option<Record>,
    /// The first day of the open stay, and its home.
    lives_since: Option<(String, Option<RecordId>)>,
    /// The last registration ended for a reason that ends a card too.
    ends_with: Option<EndReason>,
    home_is_registered: bool,
    applications: Vec<Record>,
    /// Those that were a mistake.
    taken_back: Vec<Record>,
    permits: Vec<Card>,
}

/// A permit with its events.
struct Card {
    record: Record,
    issued: Issued,
    events: Vec<(RecordId, PermitFact)>,
}

impl Card {
    fn read(view: &View<'_>, record: Record) -> Result<Option<Card>, Failure> {
        let Some(issued) = record.typed::<Issued>("issued") else { return Ok(None) };
        let events = permit_standing::standing_events(&view.naming(record.id, kind::PERMIT_EVENT)?);
        Ok(Some(Card { record, issued, events }))
    }

    fn now(&self, law: &Law, today: NaiveDate) -> PermitNow {
        permit_standing::now(&self.issued, &self.events, &law.book, today)
    }
}

impl Holder {
    fn of(view: &View<'_>, person: RecordId) -> Result<Holder, Failure> {
        let person = same::root(person, view)?;
        let registrations = same::registrations(person, view)?;
        let ends_with = permit_standing::ends_with(&registrations);
        let residency = registrations.into_iter().find(residency::is_active);
        let stays = same::naming(person, kind::PERSON, kind::STAY, view)?;
        let open = stays.iter().find(|stay| residency::is_open(stay));
        let home = open.and_then(|stay| stay.reference("where", "unit")).map(|unit| homes::root(view, unit)).transpose()?;
        let home_is_registered = match home.map_or(Ok(None), |unit| view.shown(unit))? {
            Some(unit) => domain::unit::standing(&unit, view)?.is_some_and(|stands| stands.state == UnitStatus::Registered),
            None => false,
        };
        let mut permits = Vec::new();
        for record in same::naming(person, kind::PERSON, kind::PERMIT, view)? {
            permits.extend(Card::read(view, record)?);
        }
        permits.sort_by_key(|card| std::cmp::Reverse((card.issued.on.clone(), card.record.id)));
        let (mut applications, mut taken_back) = (Vec::new(), Vec::new());
        for application in same::naming(person, kind::PERSON, kind::PERMIT_APPLICATION, view)? {
            let list = if withdrawal::stands(&application, view)? { &mut applications } else { &mut taken_back };
            list.push(application);
        }
        applications.sort_by_key(|application| std::cmp::Reverse(application.id));
        taken_back.sort_by_key(|application| std::cmp::Reverse(application.id));
        Ok(Holder {
            person,
            lives_since: open.map(|stay| (stay.text("period", "from").unwrap_or_default().to_owned(), home)),
            ends_with,
            home_is_registered,
            residency,
            applications,
            taken_back,
            permits,
        })
    }

    /// Since when what stands on a card is as it is.
    fn since(&self) -> Vec<(PermitEventKind, NaiveDate)> {
        let address = self.lives_since.as_ref().and_then(|(since, _)| parse_date(since));
        let employer = self.residency.as_ref().and_then(permit_standing::works_there_since);
        let since = [(PermitEventKind::AddressChange, address), (PermitEventKind::EmployerChange, employer)];
        since.into_iter().filter_map(|(what, on)| Some((what, on?))).collect()
    }

    /// As the rules want to know it.
    fn facts(&self, law: &Law, today: NaiveDate) -> Facts {
        let temporary: Vec<(NaiveDate, NaiveDate)> = self
            .permits
            .iter()
            .filter(|card| card.issued.kind == PermitKind::Temporary)
            .map(|card| (parse_date(&card.issued.on), card.now(law, today)))
            .filter(|(_, now)| now.ended.is_none())
            .filter_map(|(on, now)| on.zip(now.valid_until))
            .collect();
        Facts {
            registration: self.residency.as_ref().and_then(Registered::of),
            temporary_since: permit_standing::held_since(&temporary, today),
            grounds: self.residency.as_ref().map(|own| grounds_shown(own, self.home_is_registered)).unwrap_or_default(),
        }
    }

    fn eligibility(&self, law: &Law, today: NaiveDate, ground: Option<Ground>) -> Option<Eligibility> {
        eligibility(&law.book, today, &self.facts(law, today), ground)
    }

    /// Whether a permit of this kind, or an application for one, makes another superfluous.
    fn has(&self, kind: PermitKind, law: &Law, today: NaiveDate) -> bool {
        let asked = self.applications.iter().any(|application| {
            ApplicationState::of(application).is_open()
                && application.typed::<Asked>("asked").is_some_and(|asked| asked.kind == kind)
        });
        let holds = self.permits.iter().any(|card| {
            card.issued.kind == kind && !matches!(card.now(law, today).standing, Standing::Ended | Standing::Expired)
        });
        asked || holds
    }

    /// What can be asked for now: the permit, and on which grounds.
    fn offer(&self, law: &Law, today: NaiveDate) -> Option<(PermitKind, Vec<Ground>)> {
        self.residency.as_ref()?;
        let rules = PermitRules::on(&law.book, today)?;
        let next = self.eligibility(law, today, None)?;
        if self.has(next.kind, law, today) {
            return None;
        }
        let needs_ground = next.kind == PermitKind::Residence && !rules.all_grounds;
        let grounds = if needs_ground { Ground::OFFERED.to_vec() } else { Vec::new() };
        if next.may_apply() {
            return Some((next.kind, grounds));
        }
        // Who need not wait may ask all the same.
        let grounds: Vec<Ground> = grounds
            .into_iter()
            .filter(|ground| self.eligibility(law, today, Some(*ground)).is_some_and(|found| found.may_apply()))
            .collect();
        (!grounds.is_empty()).then_some((next.kind, grounds))
    }
}

impl Device {
    pub(crate) fn permits_of(&self, ask: &PermitsOf) -> Result<PermitsReply, Failure> {
        self.store.read(|view| {
            let role = self.require(view)?.account.role;
            view.shown(ask.person)?.filter(|person| person.kind == kind::PERSON).ok_or(ErrorCode::NotFound)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let holder = Holder::of(view, ask.person)?;
            let offer = holder.offer(&law, today);
            let next = holder.eligibility(&law, today, None).filter(|next| !holder.has(next.kind, &law, today));
            let mut reply = PermitsReply {
                person: holder.person,
                name: self.title_of(view, holder.person)?,
                rules: PermitRules::on(&law.book, today),
                eligibility: next.map(eligibility_view),
                can_apply: offer.is_some(),
                offered: offer.map(|(_, grounds)| grounds).unwrap_or_default(),
                applications: Vec::new(),
                permits: Vec::new(),
            };
            for application in holder.applications.iter().chain(&holder.taken_back) {
                let may_take_back = self.may_take_back(view, application)?;
                let may_let_stand = self.may_let_stand(view, application)?;
                let row = application_view(view, application, &law, today)?;
                reply.applications.extend(row.map(|row| ApplicationView { may_take_back, may_let_stand, ..row }));
            }
            for card in &holder.permits {
                reply.permits.push(permit_view(view, card, &holder, &law, today, role)?);
            }
            Ok(reply)
        })
    }

    pub(crate) fn apply_permit(&self, ask: &ApplyPermit) -> Result<PermitSaved, Failure> {
        self.save(|save| {
            let law = self.law(save.writing)?;
            let holder = Holder::of(save.writing, ask.person)?;
            let residency = holder.residency.as_ref().ok_or(ErrorCode::Stale)?.id;
            let rules = PermitRules::on(&law.book, save.today).ok_or(ErrorCode::NotAllowed)?;
            let problems = ask.form.check(&rules);
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            if holder.has(ask.form.kind, &law, save.today) {
                return Err(ErrorCode::InUse.into());
            }
            let found = holder.eligibility(&law, save.today, ask.form.ground).ok_or(ErrorCode::NotAllowed)?;
            if found.kind != ask.form.kind || !found.may_apply() {
                return Err(ErrorCode::NotAllowed.into());
            }
            let asked = Asked {
                kind: ask.form.kind,
                ground: ask.form.ground.filter(|_| ask.form.kind == PermitKind::Residence && !rules.all_grounds),
                on: save.today.to_string(),
                months: ask.form.months.filter(|_| ask.form.kind == PermitKind::Temporary),
                pack: found.pack.clone(),
                counted_from: day(found.counted_from),
                eligible_on: if found.waived { String::new() } else { day(found.on) },
            };
            let needed = materials_for(&rules, asked.kind, asked.ground);
            let (materials, missing) = given(&needed, &ask.form.given, None, save.today);
            let mut groups = BTreeMap::from([
                group("who", &ApplicationWho { person: holder.person, residency }),
                group("asked", &asked),
                group("materials", &materials),
            ]);
            if missing.is_empty() {
                groups.extend([group("accepted", &Accepted { on: save.today.to_string() })]);
            }
            let id = save.create(kind::PERMIT_APPLICATION, groups)?;
            if let Some(draft) = &ask.draft {
                save.writing.drop_draft(draft)?;
            }
            Ok(PermitSaved { id, missing })
        })
    }

    pub(crate) fn bring_materials(&self, ask: &BringMaterials) -> Result<PermitSaved, Failure> {
        self.save(|save| {
            let application = save.record_of(ask.application, kind::PERMIT_APPLICATION)?;
            let missing = ApplicationState::of(&application) == ApplicationState::MaterialMissing;
            if !missing || withdrawal::is_taken_back(application.id, &**save.writing)? {
                return Err(ErrorCode::Stale.into());
            }
            let asked: Asked = application.typed("asked").ok_or(ErrorCode::NotFound)?;
            let law = self.law(save.writing)?;
            let rules = rules_of(&law, &asked).ok_or(ErrorCode::NotAllowed)?;
            let was: Materials = application.typed("materials").unwrap_or_default();
            let (materials, missing) = given(&materials_for(&rules, asked.kind, asked.ground), &ask.given, Some(was), save.today);
            let mut groups = BTreeMap::from([group("materials", &materials)]);
            if missing.is_empty() {
                groups.extend([group("accepted", &Accepted { on: save.today.to_string() })]);
            }
            save.set(application.id, groups)?;
            Ok(PermitSaved { id: application.id, missing })
        })
    }

    pub(crate) fn permit_slip(&self, ask: &PermitSlip) -> Result<SlipView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let application = view.shown(ask.application)?.filter(|record| record.kind == kind::PERMIT_APPLICATION);
            let application = application.filter(|record| record.fields("accepted").is_some()).ok_or(ErrorCode::NotFound)?;
            if withdrawal::is_taken_back(application.id, view)? {
                return Err(ErrorCode::NotFound.into());
            }
            let (today, law) = (self.today(view)?, self.law(view)?);
            let person = application.reference("who", "person").ok_or(ErrorCode::NotFound)?;
            let person = crate::same::meant(view, person)?.ok_or(ErrorCode::NotFound)?;
            let identity: Identity = person.typed("identity").ok_or(ErrorCode::NotFound)?;
            let village = match place::stored(&person).area {
                Some(code) => self.area_name(view, &code)?.name,
                None => String::new(),
            };
            Ok(SlipView {
                person: person.id,
                document: id_document::mask(&identity.doc_no),
                doc_type: identity.doc_type,
                name: identity.name,
                village,
                application: application_view(view, &application, &law, today)?.ok_or(ErrorCode::NotFound)?,
            })
        })
    }

    pub(crate) fn note_permit(&self, ask: &NotePermit) -> Result<PermitSaved, Failure> {
        self.save(|save| {
            let problems = ask.form.check(save.today);
            if !may_save(&problems) {
                return Err(UiError::form(problems).into());
            }
            let card = Card::read(save.writing, save.record_of(ask.permit, kind::PERMIT)?)?.ok_or(ErrorCode::NotFound)?;
            let person = card.record.reference("who", "person").ok_or(ErrorCode::NotFound)?;
            let law = self.law(save.writing)?;
            let holder = Holder::of(save.writing, person)?;
            let now = card.now(&law, save.today);
            if !possible(&card, &now, holder.residency.is_some(), save.today, save.identity.account.role).contains(&ask.form.what)
            {
                return Err(ErrorCode::Stale.into());
            }
            let mut fact = PermitFact {
                note: text::clean(&ask.form.note),
                reason: ask.form.reason.filter(|_| ask.form.what == PermitEventKind::Cancel),
                ..PermitFact::new(card.record.id, ask.form.what, &save.today.to_string())
            };
            if ask.form.what.is_change() {
                fact.due = law.due(key::PERMIT_CHANGE, &ask.form.since);
                fact.since = ask.form.since.clone();
            }
            let id = note(save, &fact)?;
            Ok(PermitSaved { id, missing: Vec::new() })
        })
    }

    pub(crate) fn take_back_note(&self, ask: &TakeBackNote) -> Result<PermitSaved, Failure> {
        self.save(|save| {
            let event: PermitFact = save.record_of(ask.event, kind::PERMIT_EVENT)?.typed("fact").ok_or(ErrorCode::NotFound)?;
            if event.what == PermitEventKind::Withdraw || (event.is_stations() && save.identity.account.role != Role::Officer) {
                return Err(ErrorCode::NotAllowed.into());
            }
            let card = Card::read(save.writing, save.record_of(event.permit, kind::PERMIT)?)?.ok_or(ErrorCode::NotFound)?;
            if card.events.iter().all(|(id, _)| *id != ask.event) {
                // Somebody has taken it back already.
                return Err(ErrorCode::Stale.into());
            }
            let fact = PermitFact {
                withdraws: Some(ask.event),
                ..PermitFact::new(event.permit, PermitEventKind::Withdraw, &save.today.to_string())
            };
            let id = note(save, &fact)?;
            Ok(PermitSaved { id, missing: Vec::new() })
        })
    }
}

fn note(save: &mut Save<'_, '_>, fact: &PermitFact) -> Result<RecordId, Failure> {
    save.create(kind::PERMIT_EVENT, BTreeMap::from([group("fact", fact)]))
}

/// Whether somebody holds a permit of this kind, or asks for one.
pub(crate) fn has_another(device: &Device, view: &View<'_>, person: RecordId, kind: PermitKind) -> Result<bool, Failure> {
    let (law, today) = (device.law(view)?, device.today(view)?);
    Ok(Holder::of(view, person)?.has(kind, &law, today))
}

/// Everybody who has waited long enough and neither holds what comes next nor asks for it. Most people have no papers: of them the
/// registration alone decides, and the rest of what is known of them is not read.
pub(crate) fn who_may_apply(device: &Device, view: &View<'_>) -> Result<BTreeSet<RecordId>, Failure> {
    let (law, today) = (device.law(view)?, device.today(view)?);
    let mut with_papers = BTreeSet::new();
    for paper in [kind::PERMIT, kind::PERMIT_APPLICATION] {
        for paper in view.all(paper)? {
            let person = paper.reference("who", "person");
            with_papers.extend(person.map(|person| root_of_person(view, person)).transpose()?);
        }
    }
    let (mut may, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
    for residency in view.all(kind::RESIDENCY)?.into_iter().filter(residency::is_active) {
        let Some(named) = residency.reference("who", "person") else { continue };
        let facts = Facts { registration: Registered::of(&residency), ..Facts::default() };
        // What a person has under another name, and what became part of another registration, is looked at as a whole.
        let person = root_of_person(view, named)?;
        let joined = person != named || residency.fields(same::MERGED).is_some() || !looked_at.insert(person);
        let may_apply = if joined || with_papers.contains(&person) {
            let holder = Holder::of(view, person)?;
            let next = holder.eligibility(&law, today, None).filter(|next| !holder.has(next.kind, &law, today));
            holder.residency.is_some() && next.is_some_and(|next| next.may_apply())
        } else {
            eligibility(&law.book, today, &facts, None).is_some_and(|next| next.may_apply())
        };
        if may_apply {
            may.insert(person);
        } else {
            may.remove(&person);
        }
    }
    Ok(may)
}

/// The rules an application is judged by: those of the day it was made.
fn rules_of(law: &Law, asked: &Asked) -> Option<PermitRules> {
    PermitRules::on(&law.book, parse_date(&asked.on)?)
}

/// What was given as it is stored, and what is missing. The resident is told once: a later day does not replace the first.
fn given(needed: &[Material], now: &[Material], was: Option<Materials>, today: NaiveDate) -> (Materials, Vec<Material>) {
    let was = was.unwrap_or_default();
    let known = |code: &String| Material::from_code(code).is_some();
    // What a newer version wrote stays.
    let mut codes: Vec<String> = was.given.iter().filter(|code| !known(code)).cloned().collect();
    codes.extend(Material::ALL.iter().filter(|material| now.contains(material)).map(|material| material.code().to_owned()));
    let mut materials = Materials { given: codes, told_on: was.told_on };
    let missing = missing_materials(needed, &materials);
    if !missing.is_empty() && materials.told_on.is_empty() {
        materials.told_on = today.to_string();
    }
    (materials, missing)
}

fn eligibility_view(found: Eligibility) -> EligibilityView {
    EligibilityView {
        kind: found.kind,
        may_apply: found.may_apply(),
        counted_from: day(found.counted_from),
        on: day(found.on),
        other: found.other.map(|(from, on)| (from.to_string(), on.to_string())),
        days_left: found.days_left,
        grounds: found.grounds,
        missing: found.missing,
    }
}

fn application_view(
    view: &View<'_>,
    application: &Record,
    law: &Law,
    today: NaiveDate,
) -> Result<Option<ApplicationView>, Failure> {
    let Some(asked) = application.typed::<Asked>("asked") else { return Ok(None) };
    let materials: Materials = application.typed("materials").unwrap_or_default();
    let needed = rules_of(law, &asked).map(|rules| materials_for(&rules, asked.kind, asked.ground)).unwrap_or_default();
    let slip: Option<Slip> = application.typed("slip");
    let accepted_on = application.text("accepted", "on").unwrap_or_default().to_owned();
    // Until the server has answered, what it will say.
    let due = match &slip {
        Some(slip) => slip.due.clone(),
        None => law.due(key::PERMIT_ISSUE, &accepted_on),
    };
    let state = ApplicationState::of(application);
    Ok(Some(ApplicationView {
        id: application.id,
        kind: asked.kind,
        ground: asked.ground,
        months: asked.months,
        on: asked.on,
        state,
        given: Material::ALL.iter().copied().filter(|material| materials.has(*material)).collect(),
        missing: missing_materials(&needed, &materials),
        told_on: materials.told_on,
        accepted_on,
        slip_no: slip.map(|slip| slip.no).unwrap_or_default(),
        due_rule: due.as_ref().map(|due| format!("{} {}", due.pack, due.rule)).unwrap_or_default(),
        due: due.as_ref().map(|due| law.left(due, today)),
        reason: application.text("decided", "reason").unwrap_or_default().to_owned(),
        withdrawn: withdrawal::is_taken_back(application.id, view)?,
        may_take_back: false,
        may_let_stand: false,
        waiting: view.is_waiting(application.id)?,
    }))
}

/// What can be noted down about a card now.
fn possible(card: &Card, now: &PermitNow, registered: bool, today: NaiveDate, role: Role) -> Vec<PermitEventKind> {
    use PermitEventKind::{AddressChange, Cancel, EmployerChange, Endorse, HandOut, ReplaceDamaged, ReplaceLost};
    if matches!(now.standing, Standing::Ended | Standing::Expired) || !matches!(role, Role::Coordinator | Role::Officer) {
        return Vec::new();
    }
    let mut may = Vec::new();
    if now.handed_on.is_none() {
        may.push(HandOut);
    }
    if now.may_endorse(registered, today).is_ok() {
        may.push(Endorse);
    }
    if now.handed_on.is_some() {
        if card.issued.kind == PermitKind::Residence {
            may.extend([AddressChange, EmployerChange]);
        }
        if now.replace.is_none() {
            may.extend([ReplaceDamaged, ReplaceLost]);
        }
    }
    may.push(Cancel);
    may
}

fn permit_view(
    view: &View<'_>,
    card: &Card,
    holder: &Holder,
    law: &Law,
    today: NaiveDate,
    role: Role,
) -> Result<PermitView, Failure> {
    let now = card.now(law, today);
    let registered = holder.residency.is_some();
    let mut events = Vec::new();
    let mut waiting = view.is_waiting(card.record.id)?;
    for (id, fact) in card.events.iter().rev() {
        let unsent = view.is_waiting(*id)?;
        waiting |= unsent;
        events.push(PermitEventView {
            id: *id,
            what: fact.what,
            on: fact.on.clone(),
            since: fact.since.clone(),
            late: fact.due.as_ref().is_some_and(|due| parse_date(&fact.on).is_some_and(|on| on > due.on)),
            reason: fact.reason,
            valid_until: fact.valid_until.clone(),
            note: fact.note.clone(),
            may_take_back: role == Role::Officer || (role == Role::Coordinator && !fact.is_stations()),
            waiting: unsent,
        });
    }
    let no = [card.issued.card_no.as_str(), card.record.text("number", "no").unwrap_or_default()];
    let endorse = now.endorse.and_then(|(from, by)| {
        let by = law.left_until(&by.to_string(), today)?;
        Some(EndorseView { from: from.to_string(), by, not_now: now.may_endorse(registered, today).err() })
    });
    Ok(PermitView {
        id: card.record.id,
        kind: card.issued.kind,
        no: no.into_iter().find(|no| !no.is_empty()).unwrap_or_default().to_owned(),
        standing: now.standing,
        issued_on: card.issued.on.clone(),
        valid_until: day(now.valid_until),
        continuity_start: day(now.continuity_start),
        restored_on: day(now.restored_on),
        handed_on: day(now.handed_on),
        endorse,
        replace: now.replace.map(|(what, on)| (what, on.to_string())),
        ended: now.ended.map(|(reason, on)| (reason, on.to_string())),
        changes_due: changes_due(card, &now, holder, law).map(|(what, due)| (what, law.left(&due, today))).collect(),
        to_end: holder.ends_with.filter(|_| !is_over(&now)),
        may: possible(card, &now, registered, today, role),
        events,
        waiting,
    })
}

fn is_over(now: &PermitNow) -> bool {
    matches!(now.standing, Standing::Ended | Standing::Expired)
}

/// By when a holder who moved or works elsewhere has to say so for the card.
fn changes_due<'a>(
    card: &Card,
    now: &PermitNow,
    holder: &Holder,
    law: &'a Law,
) -> impl Iterator<Item = (PermitEventKind, Due)> + use<'a> {
    let unreported = permit_standing::unreported(&card.issued, now, &card.events, &holder.since());
    unreported.into_iter().filter_map(|(what, since)| Some((what, law.due(key::PERMIT_CHANGE, &since.to_string())?)))
}

/// What is to do about the permits of a person, made anew. No day goes in but those on the papers, so nothing here goes stale:
/// whether a window is open is asked when the list is read.
pub(crate) fn refresh(writing: &Writing<'_>, person: RecordId, law: &Law) -> Result<(), Failure> {
    // Most people have none, and theirs is most of the work of a page.
    let names = same::family(person, kind::PERSON, &**writing)?;
    let mut has_any = false;
    for name in names {
        has_any |= !writing.naming(name, kind::PERMIT_APPLICATION)?.is_empty() || !writing.naming(name, kind::PERMIT)?.is_empty();
    }
    if !has_any {
        return Ok(());
    }
    let holder = Holder::of(writing, person)?;
    let registered = holder.residency.is_some();
    let unit = holder.lives_since.as_ref().and_then(|(_, unit)| *unit);
    for application in &holder.applications {
        let todo = Todo { record: application.id, kind: todo::PERMIT_MATERIALS.to_owned(), unit, due_on: String::new() };
        let open = registered && ApplicationState::of(application) == ApplicationState::MaterialMissing;
        writing.put_todos(application.id, if open { std::slice::from_ref(&todo) } else { &[] })?;
    }
    for application in &holder.taken_back {
        writing.put_todos(application.id, &[])?;
    }
    for card in &holder.permits {
        // On the day of issue nothing has run out: what the papers say, without regard to today.
        let issued_on = parse_date(&card.issued.on).unwrap_or_default();
        let now = card.now(law, issued_on);
        let todo = |kind: &str, due_on: Option<NaiveDate>| Todo {
            record: card.record.id,
            kind: kind.to_owned(),
            unit,
            due_on: due_on.map(|on| on.to_string()).unwrap_or_default(),
        };
        let mut todos = Vec::new();
        if now.ended.is_none() && registered {
            if now.handed_on.is_none() {
                todos.push(todo(todo::PERMIT_HAND_OUT, None));
            }
            if let Some((_, by)) = now.endorse {
                todos.push(todo(todo::PERMIT_ENDORSE, Some(by)));
            }
            if let Some(until) = now.valid_until {
                todos.push(todo(todo::PERMIT_EXPIRES, Some(until)));
            }
            // The first of them says that there is something to do.
            if let Some(by) = changes_due(card, &now, &holder, law).map(|(_, due)| due.on).min() {
                todos.push(todo(todo::PERMIT_CHANGE, Some(by)));
            }
        }
        if now.ended.is_none() && holder.ends_with.is_some() {
            todos.push(todo(todo::PERMIT_END, None));
        }
        writing.put_todos(card.record.id, &todos)?;
    }
    Ok(())
}

/// Whether a row about a permit is shown today: an endorsement from the day its window opens, an end a month before; who has a
/// newer permit of the kind need not hear of the old one's end.
pub(crate) fn is_shown(view: &View<'_>, todo: &Todo, law: &Law, today: NaiveDate) -> Result<bool, Failure> {
    let shown = match todo.kind.as_str() {
        todo::PERMIT_ENDORSE => {
            let Some(card) = view.shown(todo.record)?.map(|record| Card::read(view, record)).transpose()?.flatten() else {
                return Ok(false);
            };
            card.now(law, today).endorse.is_some_and(|(from, _)| from <= today)
        }
        todo::PERMIT_CHANGE | todo::PERMIT_END => {
            let Some(card) = view.shown(todo.record)?.map(|record| Card::read(view, record)).transpose()?.flatten() else {
                return Ok(false);
            };
            !is_over(&card.now(law, today))
        }
        todo::PERMIT_EXPIRES => {
            // Over for good is no work for today.
            parse_date(&todo.due_on).is_some_and(|until| today <= until && until <= month_from(today))
        }
        _ => true,
    };
    Ok(shown)
}

fn month_from(today: NaiveDate) -> NaiveDate {
    today.checked_add_months(chrono::Months::new(1)).unwrap_or(today)
}
