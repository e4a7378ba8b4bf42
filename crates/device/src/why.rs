//! Why: why somebody is not here, what the next sync sends, what became of an edit. Facts that are stored, and no guesses.

use domain::access::Role;
use domain::conflict::{Side, What};
use domain::id_document::{self, DocType};
use domain::merge::Refusal;
use domain::{Record, RecordId, TxnId, kind, text};
use store::device::{OutboxChange, OutboxState, View};
use sync_protocol::Verdict;
use ui_protocol::ErrorCode;
use ui_protocol::attention::SideView;
use ui_protocol::why::{ChangeView, Fate, PersonFact, SaveView, SavesReply, WhyEdit, WhyPerson, WhyPersonReply, WhySend};

use crate::Device;
use crate::attention::masked;
use crate::error::Failure;
use crate::identity::Identity;
use crate::people::{search, waits};
use crate::repair::is_same;

/// Of each kind of fact, so many are said.
const FACTS_MAX: usize = 5;
/// Refused changes and dead people looked through.
const LOOKED_AT_MAX: u32 = 400;
/// Changes shown of what is to be sent.
const SEND_MAX: u32 = 300;
/// Saves shown without a number.
const SAVES_MAX: u32 = 30;

impl Device {
    pub(crate) fn why_person(&self, ask: &WhyPerson) -> Result<WhyPersonReply, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let query = text::clean(&ask.query).to_lowercase();
            if query.is_empty() {
                return Ok(WhyPersonReply::default());
            }
            let mut facts = self.here(view, &query)?;
            facts.extend(self.in_tray(view, &query)?);
            facts.extend(taken_back(view, &query, &identity)?);
            facts.extend(self.left(view, &query)?);
            let told = facts.len();
            if facts.iter().all(|fact| !matches!(fact, PersonFact::Here { .. })) {
                facts.extend(self.about_areas(view)?);
                facts.extend(self.others_left(view)?);
                if told == 0 {
                    facts.push(PersonFact::Never);
                }
                // Whoever may ask the county is told that they can: a person elsewhere never was on this device.
                if matches!(identity.account.role, Role::Coordinator | Role::Officer) {
                    facts.push(PersonFact::AskCounty { by_this: is_document(&query, self.today(view)?) });
                }
            }
            Ok(WhyPersonReply { facts })
        })
    }

    fn here(&self, view: &View<'_>, query: &str) -> Result<Vec<PersonFact>, Failure> {
        let mut ids: Vec<RecordId> = Vec::new();
        match query.parse::<RecordId>() {
            Ok(id) => {
                let record = view.shown(id)?;
                ids.extend(record.as_ref().filter(|record| record.kind == kind::PERSON).map(|record| record.id));
                ids.extend(record.as_ref().and_then(|record| record.reference("who", "person")));
            }
            Err(_) => ids.extend(search(view, query)?.into_iter().map(|line| line.id)),
        }
        let mut facts = Vec::new();
        for id in ids.into_iter().take(FACTS_MAX) {
            let Some(line) = view.person_line(id)? else { continue };
            facts.push(PersonFact::Here { id, name: line.name, waiting: waits(view, id)? });
        }
        Ok(facts)
    }

    fn in_tray(&self, view: &View<'_>, query: &str) -> Result<Vec<PersonFact>, Failure> {
        let mut facts = Vec::new();
        for change in view.refused_changes(LOOKED_AT_MAX)? {
            let groups = change.change.groups.iter().map(|(name, group)| (name.as_str(), &group.fields));
            let text = |group: &str, field: &str| {
                let fields = groups.clone().find(|(name, _)| *name == group).map(|(_, fields)| fields)?;
                fields.get(field)?.as_str().map(str::to_owned)
            };
            let name = text("identity", "name").unwrap_or_default();
            let is_meant = change.change.record.to_string() == query
                || is_meant(query, &name, text("identity", "doc_no").as_deref(), text("contact", "phone").as_deref());
            if is_meant && facts.len() < FACTS_MAX {
                facts.push(PersonFact::InTray { name, no: change.change.txn.number(), why: refusal(&change) });
            }
        }
        Ok(facts)
    }

    fn left(&self, view: &View<'_>, query: &str) -> Result<Vec<PersonFact>, Failure> {
        let Ok(id) = query.parse::<RecordId>() else { return Ok(Vec::new()) };
        if view.is_in_a_scope(id)? {
            return Ok(Vec::new());
        }
        let mut facts = Vec::new();
        for row in view.departures_of(id)? {
            let toward = if row.toward.is_empty() { String::new() } else { self.area_name(view, &row.toward)?.name };
            facts.push(PersonFact::Left { area: self.scope_name(view, &row.scope)?, toward, at_unix_ms: row.left_unix_ms });
        }
        Ok(facts)
    }

    fn about_areas(&self, view: &View<'_>) -> Result<Vec<PersonFact>, Failure> {
        let mut facts = Vec::new();
        let scopes = view.scopes()?;
        for row in &scopes {
            let area = self.scope_name(view, &row.scope)?;
            if !row.complete {
                facts.push(PersonFact::Loading { area, here: row.digest.count, there: row.server_count.max(row.digest.count) });
            } else if !is_same(row) {
                facts.push(PersonFact::Different { area });
            }
        }
        for row in view.departures("", u32::try_from(FACTS_MAX).unwrap_or(u32::MAX))? {
            if scopes.iter().all(|granted| granted.scope != row.scope) {
                let area = self.scope_name(view, &row.scope)?;
                facts.push(PersonFact::AreaTakenBack { area, at_unix_ms: row.left_unix_ms });
            }
        }
        Ok(facts)
    }

    /// Names are not kept: it can only be said that people left, when, and where to.
    fn others_left(&self, view: &View<'_>) -> Result<Option<PersonFact>, Failure> {
        let (mut count, mut last_unix_ms, mut toward) = (0, 0, Vec::new());
        for row in view.departures(kind::PERSON, LOOKED_AT_MAX)? {
            if row.record.is_none_or(|id| view.is_in_a_scope(id).unwrap_or(false)) {
                continue;
            }
            count += 1;
            last_unix_ms = last_unix_ms.max(row.left_unix_ms);
            if !row.toward.is_empty() {
                let name = self.area_name(view, &row.toward)?.name;
                if !toward.contains(&name) {
                    toward.push(name);
                }
            }
        }
        Ok((count > 0).then_some(PersonFact::OthersLeft { count, last_unix_ms, toward }))
    }

    pub(crate) fn why_send(&self, _: &WhySend) -> Result<SavesReply, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let changes = view.waiting_changes(SEND_MAX)?;
            let mut reply = self.saves(view, changes, &identity)?;
            reply.changes = view.waiting_count()?;
            Ok(reply)
        })
    }

    pub(crate) fn why_edit(&self, ask: &WhyEdit) -> Result<SavesReply, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let txns = if ask.no.trim().is_empty() {
                view.last_saves(SAVES_MAX)?
            } else {
                let tail = TxnId::tail_of_number(&ask.no).ok_or(ErrorCode::NotFound)?;
                view.saves_with_tail(tail)?
            };
            let mut changes = Vec::new();
            for txn in txns {
                changes.extend(view.changes_of_txn(txn)?);
            }
            self.saves(view, changes, &identity)
        })
    }

    fn saves(&self, view: &View<'_>, changes: Vec<OutboxChange>, identity: &Identity) -> Result<SavesReply, Failure> {
        let conflicts: Vec<(What, bool)> = view
            .all(kind::CONFLICT)?
            .iter()
            .filter_map(|conflict| Some((conflict.typed::<What>("what")?, conflict.fields("settled").is_some())))
            .collect();
        let mut reply = SavesReply { changes: changes.len() as u64, ..SavesReply::default() };
        for row in changes {
            let bytes = serde_json::to_vec(&row.change)?.len() as u64;
            let groups = row.change.groups.iter().map(|(name, group)| (name.clone(), masked(&group.fields))).collect();
            let shown = ChangeView {
                record: row.change.record,
                kind: row.change.kind.clone(),
                title: self.title_of(view, row.change.record)?,
                verb: row.change.verb,
                groups,
                fate: fate(&row, &conflicts, identity),
            };
            reply.bytes += bytes;
            match reply.saves.last_mut().filter(|save| save.txn == row.change.txn) {
                Some(save) => {
                    save.bytes += bytes;
                    save.changes.push(shown);
                }
                None => reply.saves.push(SaveView {
                    txn: row.change.txn,
                    no: row.change.txn.number(),
                    at_unix_ms: row.saved_unix_ms,
                    answered_unix_ms: row.answered_unix_ms,
                    bytes,
                    changes: vec![shown],
                }),
            }
        }
        Ok(reply)
    }
}

/// Whether this is the number of an identity document as it is printed.
fn is_document(query: &str, today: chrono::NaiveDate) -> bool {
    id_document::check(DocType::Id, query, today).is_ok_and(|facts| !facts.doc_no.is_empty())
}

/// Whether somebody types this and means that person.
fn is_meant(query: &str, name: &str, doc_no: Option<&str>, phone: Option<&str>) -> bool {
    let is = |text: Option<&str>| text.is_some_and(|text| !text.is_empty() && text.to_lowercase() == query);
    (!name.is_empty() && name.to_lowercase().contains(query)) || is(doc_no) || is(phone)
}

fn taken_back(view: &View<'_>, query: &str, identity: &Identity) -> Result<Vec<PersonFact>, Failure> {
    let mut facts = Vec::new();
    for record in view.dead(kind::PERSON, LOOKED_AT_MAX)? {
        let Record { id, dead: Some(dead), .. } = &record else { continue };
        let name = record.text("identity", "name").unwrap_or_default();
        let meant =
            id.to_string() == query || is_meant(query, name, record.text("identity", "doc_no"), record.text("contact", "phone"));
        if meant && facts.len() < FACTS_MAX {
            facts.push(PersonFact::TakenBack {
                name: name.to_owned(),
                at_unix_ms: dead.stamp.unix_ms(),
                device: dead.device.0,
                mine: dead.device == identity.device,
            });
        }
    }
    Ok(facts)
}

fn refusal(change: &OutboxChange) -> Refusal {
    match serde_json::from_str(&change.verdict) {
        Ok(Verdict::Refused(why)) => why,
        _ => Refusal::WithItsSave,
    }
}

fn fate(row: &OutboxChange, conflicts: &[(What, bool)], identity: &Identity) -> Fate {
    match row.state {
        OutboxState::Waiting => Fate::Waiting,
        OutboxState::Ok => Fate::Ok,
        OutboxState::Refused => Fate::Refused { why: refusal(row) },
        OutboxState::Resent => Fate::SentAgain,
        OutboxState::Discarded => Fate::GivenUp,
        OutboxState::Held => Fate::Held,
        OutboxState::Merged => {
            let about = |what: &What| what.record == row.change.record && row.change.groups.contains_key(&what.group);
            let found = conflicts.iter().find(|(what, _)| about(what));
            let side = |side: &Side| SideView {
                fields: masked(&side.fields),
                by: side.by.clone(),
                mine: side.account == Some(identity.account.id),
                at_unix_ms: side.at_unix_ms,
            };
            Fate::Merged {
                stands: found.and_then(|(what, _)| what.stands.as_ref()).map(side),
                settled: found.is_some_and(|(_, settled)| *settled),
            }
        }
    }
}
