//! Why, at the desk: what became of a save by the number somebody reads out, and why somebody is not to be seen. Stored facts, of
//! the caller's villages, and no guesses.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;
use domain::id_document::{self, DocType};
use domain::place::Scope;
use domain::{Record, RecordId, TxnId, kind, text};
use store::server::{AuditLine, HeldQuery, ListQuery, StoredChange, View};
use sync_protocol::lookup::Lookup;
use sync_protocol::{PushedChange, Verdict};
use ui_protocol::ErrorCode;
use ui_protocol::why::{
    StationChange, StationFact, StationFactsReply, StationFate, StationSave, StationSavesReply, StationWhyPerson, StationWhySave,
    Unsent,
};

use super::{DeskCaller, lists};
use crate::core::Core;
use crate::failure::Failure;
use crate::health;
use crate::lookup::{elsewhere, people_with};
use crate::register::document_token;

/// Of each kind of fact, so many are said.
const FACTS_MAX: usize = 5;
/// Characters of what is looked for.
const QUERY_CHARS_MAX: usize = 60;
/// Fewer say nothing about anybody.
const QUERY_CHARS_MIN: usize = 2;
/// Documents whose numbers can be told from anything else.
const DOCUMENTS: [DocType; 4] = [DocType::Id, DocType::Hmrp, DocType::Twrp, DocType::Fpr];
/// Held saves looked through.
const HELD_MAX: u32 = 500;

impl Core {
    /// What became of a save. That it was asked is noted down.
    pub(super) fn why_save(&self, caller: &DeskCaller, ask: &StationWhySave) -> Result<StationSavesReply, Failure> {
        let tail = TxnId::tail_of_number(&ask.no).ok_or(Failure::Desk(ErrorCode::Form))?;
        let now_unix_ms = self.now_unix_ms();
        let reply = self.look(|view| {
            let found = saves(view, caller, view.changes_with_tail(tail)?)?;
            let unsent = if found.is_empty() { unsent(view, caller, now_unix_ms)? } else { Vec::new() };
            Ok(StationSavesReply { saves: found, unsent })
        })?;
        self.note_why(caller, reply.saves.first().map(|save| save.no.clone()).unwrap_or_default(), "save")?;
        Ok(reply)
    }

    /// Why somebody is not to be seen. Who is nowhere here is looked up in the county by a whole document number, as often as a
    /// coordinator may.
    pub(super) fn why_person(&self, caller: &DeskCaller, ask: &StationWhyPerson) -> Result<StationFactsReply, Failure> {
        let query: String = text::clean(&ask.query).chars().take(QUERY_CHARS_MAX).collect();
        if query.chars().count() < QUERY_CHARS_MIN {
            return Ok(StationFactsReply::default());
        }
        let now_unix_ms = self.now_unix_ms();
        let id = query.parse::<RecordId>().ok();
        let mut facts = self.look(|view| match id {
            Some(id) => of_id(view, caller, id),
            None => of_words(view, caller, &query),
        })?;
        let is_here = facts.iter().any(|fact| matches!(fact, StationFact::Here { .. }));
        let is_whole = |doc_type: &DocType| id.is_none() && id_document::check(*doc_type, &query, self.today()).is_ok();
        let document = DOCUMENTS.into_iter().find(is_whole).filter(|_| !is_here && caller.account.role == Role::Officer);
        if let Some(doc_type) = document {
            facts.extend(self.in_county(caller, &Lookup { doc_type, doc_no: query.clone() }, now_unix_ms)?);
        }
        let unsent = if is_here { Vec::new() } else { self.look(|view| unsent(view, caller, now_unix_ms))? };
        if facts.is_empty() {
            facts.push(StationFact::Never);
        }
        self.note_why(caller, id.map(|id| id.to_string()).unwrap_or_default(), "person")?;
        Ok(StationFactsReply { facts, county: document.is_some(), unsent })
    }

    fn in_county(&self, caller: &DeskCaller, lookup: &Lookup, now_unix_ms: i64) -> Result<Vec<StationFact>, Failure> {
        let taken = self.lookups.take(&caller.account.id.to_string(), now_unix_ms);
        taken.map_err(|_| Failure::Desk(ErrorCode::TooManyTries))?;
        let (people, found) = self.look(|view| {
            let people = people_with(view, lookup, now_unix_ms)?;
            let found = elsewhere(view, &people)?;
            Ok((people, found))
        })?;
        self.note_lookup(caller.account.id, "desk", &people, now_unix_ms)?;
        let said = found.into_iter().map(|found| StationFact::Elsewhere {
            village: found.village,
            township: found.township,
            coordinators: found.coordinators.into_iter().map(|contact| (contact.name, contact.phone)).collect(),
        });
        Ok(said.collect())
    }

    /// Who asked, and about what where that names nobody.
    fn note_why(&self, caller: &DeskCaller, subject: String, detail: &'static str) -> Result<(), Failure> {
        let (actor, at_unix_ms) = (caller.account.id.to_string(), self.now_unix_ms());
        self.write(move |write| {
            Ok(write.add_audit(AuditLine { at_unix_ms, actor: &actor, action: "desk.why", subject: &subject, detail })?)
        })
    }
}

/// The saves the caller may hear of: about a record of these villages, or made by somebody who works in one of them.
fn saves(view: &View<'_>, caller: &DeskCaller, changes: Vec<StoredChange>) -> Result<Vec<StationSave>, Failure> {
    let mut saves: BTreeMap<TxnId, StationSave> = BTreeMap::new();
    // Numbers of saves are chosen by devices: hearing of one is not hearing of another that ends alike.
    let mut may_hear = BTreeSet::new();
    for stored in changes {
        let change = &stored.change;
        let listed = view.listing(change.record)?.filter(|listed| caller.sees(&listed.area));
        let is_ours = view.villages_of(stored.author)?.iter().any(|village| caller.sees(village));
        if listed.is_some() || is_ours {
            may_hear.insert(change.txn);
        }
        let by = view.account(stored.author)?.map(|account| account.name).unwrap_or_default();
        let save = saves.entry(change.txn).or_insert_with(|| StationSave {
            no: change.txn.number(),
            by,
            device: stored.device.0,
            at_unix_ms: change.origin.stamp.unix_ms(),
            received_unix_ms: stored.received_unix_ms,
            changes: Vec::new(),
        });
        save.changes.push(StationChange {
            record: listed.as_ref().map(|listed| listed.id),
            kind: change.kind.clone(),
            title: listed.map(|listed| listed.title).unwrap_or_default(),
            verb: change.verb,
            groups: change.groups.keys().cloned().collect(),
            fate: fate(view, caller, &stored)?,
        });
    }
    Ok(saves.into_iter().filter(|(txn, _)| may_hear.contains(txn)).map(|(_, save)| save).collect())
}

fn fate(view: &View<'_>, caller: &DeskCaller, stored: &StoredChange) -> Result<StationFate, Failure> {
    let verdict = serde_json::from_str(&stored.verdict).map_err(store::StoreError::from)?;
    Ok(match verdict {
        Verdict::Ok => StationFate::Ok,
        Verdict::Merged => StationFate::Merged,
        Verdict::Refused(why) => StationFate::Refused { why },
        Verdict::Held => {
            let held = view.held_of_save(stored.change.txn)?.filter(|(_, area, _)| caller.sees(area));
            let (number, state) = held.map_or((0, "open"), |(number, _, state)| (number, state.as_str()));
            StationFate::Held { number, state: state.to_owned() }
        }
    })
}

/// Devices of the caller's villages with work that did not arrive.
fn unsent(view: &View<'_>, caller: &DeskCaller, now_unix_ms: i64) -> Result<Vec<Unsent>, Failure> {
    let names = lists::station_accounts(view, caller)?;
    let devices = health::devices(view, now_unix_ms)?.into_iter().filter(|health| health.waiting > 0 && !health.device.revoked);
    let unsent = devices.filter_map(|health| {
        let name = names.get(&health.device.account)?.clone();
        let (device, waiting) = (health.device.number.0, health.waiting);
        Some(Unsent { device, name, waiting, seen_unix_ms: health.device.seen_unix_ms })
    });
    Ok(unsent.collect())
}

fn here(view: &View<'_>, caller: &DeskCaller, id: RecordId) -> Result<Option<StationFact>, Failure> {
    let Some(listed) = view.listing(id)?.filter(|listed| caller.sees(&listed.area)) else { return Ok(None) };
    let area_name = view.area(&listed.area)?.map(|area| area.name).unwrap_or_default();
    let title = [listed.title, listed.detail].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(Some(StationFact::Here { id, title, area_name }))
}

fn taken_back(view: &View<'_>, person: &Record) -> Result<Option<StationFact>, Failure> {
    let Some(dead) = person.dead else { return Ok(None) };
    let account = view.device_account(dead.device)?.map_or(Ok(None), |account| view.account(account))?;
    Ok(Some(StationFact::TakenBack {
        title: person.text("identity", "name").unwrap_or_default().to_owned(),
        at_unix_ms: dead.stamp.unix_ms(),
        by: account.map(|account| account.name).unwrap_or_else(|| dead.device.to_string()),
    }))
}

fn left(view: &View<'_>, area: &str, at_unix_ms: i64) -> Result<StationFact, Failure> {
    Ok(StationFact::Left { area_name: view.area(area)?.map(|area| area.name).unwrap_or_default(), at_unix_ms })
}

/// A record by its id; of a registration, its person.
fn of_id(view: &View<'_>, caller: &DeskCaller, id: RecordId) -> Result<Vec<StationFact>, Failure> {
    let named = view.record(id)?;
    let person = named.as_ref().and_then(|record| record.reference("who", "person")).unwrap_or(id);
    let mut facts = Vec::new();
    let record = view.record(person)?;
    // Where it stands, or stood when it was taken back, decides who may hear of it.
    match record.as_ref().filter(|record| record.dead.is_some()) {
        Some(dead) if view.listing(person)?.is_some_and(|listed| caller.sees(&listed.area)) => {
            facts.extend(taken_back(view, dead)?);
        }
        Some(_) => {}
        None => facts.extend(here(view, caller, person)?),
    }
    if facts.is_empty() {
        for (scope, member) in view.memberships(person)? {
            if let Scope::Area(code) = scope
                && member.gone
                && caller.sees(&code)
            {
                facts.push(left(view, &code, member.left_unix_ms)?);
            }
        }
    }
    if record.is_none() {
        for save in saves(view, caller, view.changes_of(person)?)? {
            for change in save.changes {
                match change.fate {
                    StationFate::Refused { why } => facts.push(StationFact::Refused { no: save.no.clone(), why }),
                    StationFate::Held { number, .. } if number > 0 => {
                        facts.push(StationFact::Held { number, area_name: String::new() });
                    }
                    _ => {}
                }
            }
        }
    }
    facts.truncate(FACTS_MAX);
    Ok(facts)
}

/// Somebody by name or number, as lists find them.
fn of_words(view: &View<'_>, caller: &DeskCaller, query: &str) -> Result<Vec<StationFact>, Failure> {
    let limit = u32::try_from(FACTS_MAX).unwrap_or(u32::MAX);
    let token = document_token(query);
    let mut facts = Vec::new();
    for search in [query, &token] {
        let by = ListQuery { kind: kind::PERSON, areas: &caller.villages, search, states: &[], after: None, limit };
        for row in view.list(by)? {
            facts.extend(here(view, caller, row.id)?);
        }
        for id in view.dead_people(&caller.villages, search, limit)? {
            if let Some(person) = view.record(id)? {
                facts.extend(taken_back(view, &person)?);
            }
        }
        for row in view.people_who_left(&caller.villages, search, limit)? {
            // Somebody who moved between two villages of this desk is here.
            if here(view, caller, row.id)?.is_none() {
                facts.push(left(view, &row.area, row.left_unix_ms)?);
            }
        }
        if !facts.is_empty() {
            break;
        }
    }
    facts.extend(held(view, caller, query)?);
    Ok(facts)
}

/// Late saves that name somebody so.
fn held(view: &View<'_>, caller: &DeskCaller, query: &str) -> Result<Vec<StationFact>, Failure> {
    if caller.account.role != Role::Officer {
        return Ok(Vec::new());
    }
    let mut facts = Vec::new();
    for held in view.held_saves(HeldQuery { areas: Some(&caller.villages), limit: HELD_MAX, ..HeldQuery::OPEN })? {
        let save: Vec<PushedChange> = serde_json::from_str(&held.save).map_err(store::StoreError::from)?;
        let is_meant = save.iter().filter_map(|pushed| pushed.change.groups.get("identity")).any(|identity| {
            let text = |field: &str| identity.fields.get(field).and_then(|value| value.as_str()).unwrap_or_default();
            text("name").contains(query) || id_document::normalise(text("doc_no")) == id_document::normalise(query)
        });
        if is_meant && facts.len() < FACTS_MAX {
            let area_name = view.area(&held.area)?.map(|area| area.name).unwrap_or_default();
            facts.push(StationFact::Held { number: held.number, area_name });
        }
    }
    Ok(facts)
}
