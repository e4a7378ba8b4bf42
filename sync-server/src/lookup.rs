//! Looking a document number up in the whole county. A number can be guessed, so this tells the village and its coordinators
//! and nothing else, only to those who register people, only now and then, and it is written down who asked.

use domain::access::Role;
use domain::id_document::{self, DocType};
use domain::person::Identity;
use domain::{AccountId, DeviceNumber, RecordId, day, kind, place, residency, same};
use store::server::{AuditLine, ListQuery, View};
use sync_protocol::lookup::{Contact, Elsewhere, Lookup};
use sync_protocol::{SyncError, Told};

use crate::caller::{Credentials, authenticate};
use crate::core::Core;
use crate::failure::Failure;
use crate::register::{document_token, key_of};
use crate::restored::check_confirmed;

/// Look-ups of one account at once: more than a hall full of newcomers.
pub const LOOKUPS_MAX: i64 = 30;
/// One more every so often, milliseconds.
pub const LOOKUP_AGAIN_MS: i64 = 60_000;
/// People with one document that are looked at; two would be a mistake already.
const PEOPLE_MAX: usize = 10;
/// Lines of the list that begin alike and are looked at.
const LISTED_MAX: u32 = 10;
/// Coordinators named of one village.
const COORDINATORS_MAX: usize = 3;

impl Core {
    /// Where in the county a document stands in a registration.
    ///
    /// # Errors
    /// [`SyncError::Unauthorised`] for landlords and administrators; [`SyncError::Busy`] after too many.
    pub(crate) fn look_up(&self, credentials: &Credentials, lookup: &Lookup) -> Result<Told, Failure> {
        let caller = self.look(|view| {
            let caller = authenticate(view, credentials)?;
            match caller.account.role {
                Role::Coordinator | Role::Officer => check_confirmed(view).map(|()| caller),
                Role::Landlord | Role::Admin => Err(SyncError::Unauthorised.into()),
            }
        })?;
        let now_unix_ms = self.now_unix_ms();
        let taken = self.lookups.take(&caller.account.id.to_string(), now_unix_ms);
        taken.map_err(|retry_after_ms| SyncError::Busy { retry_after_ms })?;
        let (people, found) = self.look(|view| {
            let people = people_with(view, lookup, now_unix_ms)?;
            let found = elsewhere(view, &people)?;
            Ok((people, found))
        })?;
        let DeviceNumber(device) = caller.device.number;
        self.note_lookup(caller.account.id, &device.to_string(), &people, now_unix_ms)?;
        Ok(Told::Elsewhere { found })
    }

    /// Who asked, where, and whom it was about where somebody was found. The number itself is nowhere.
    pub(crate) fn note_lookup(&self, by: AccountId, whence: &str, people: &[RecordId], at_unix_ms: i64) -> Result<(), Failure> {
        let actor = by.to_string();
        let subject = people.first().map(ToString::to_string).unwrap_or_default();
        let detail = whence.to_owned();
        self.write(move |write| {
            let line = AuditLine { at_unix_ms, actor: &actor, action: "lookup", subject: &subject, detail: &detail };
            Ok(write.add_audit(line)?)
        })
    }
}

/// The living people with a document, each once whatever other names they have. A number that cannot be right is nobody's.
pub(crate) fn people_with(view: &View<'_>, lookup: &Lookup, now_unix_ms: i64) -> Result<Vec<RecordId>, Failure> {
    let facts = match id_document::check(lookup.doc_type, &lookup.doc_no, day::day_of(now_unix_ms)) {
        Ok(facts) if !facts.doc_no.is_empty() => facts,
        _ => return Ok(Vec::new()),
    };
    let found = match key_of(view, lookup.doc_type, &facts.doc_no, day::day_of(now_unix_ms))? {
        Some(key) => view.people_with_key(&key)?,
        // Passports have no check digit, and no key: the lists know them.
        None => listed_with(view, lookup.doc_type, &facts.doc_no)?,
    };
    let mut people = Vec::new();
    for id in found {
        let Some(person) = view.record(id)?.filter(|person| person.dead.is_none()) else { continue };
        let person = same::root_of(&person, view)?;
        if !people.contains(&person) && people.len() < PEOPLE_MAX {
            people.push(person);
        }
    }
    Ok(people)
}

/// The list finds what begins alike; what stands there decides.
fn listed_with(view: &View<'_>, doc_type: DocType, doc_no: &str) -> Result<Vec<RecordId>, Failure> {
    let villages: Vec<String> = view.areas()?.into_iter().filter(|area| area.level == "village").map(|area| area.code).collect();
    let search = document_token(doc_no);
    let query = ListQuery { kind: kind::PERSON, areas: &villages, states: &[], search: &search, after: None, limit: LISTED_MAX };
    let mut people = Vec::new();
    for row in view.list(query)? {
        let identity = view.record(row.id)?.and_then(|person| person.typed::<Identity>("identity"));
        if identity.is_some_and(|it| it.doc_type == doc_type && id_document::normalise(&it.doc_no) == doc_no) {
            people.push(row.id);
        }
    }
    Ok(people)
}

/// Where these people are registered now.
pub(crate) fn elsewhere(view: &View<'_>, people: &[RecordId]) -> Result<Vec<Elsewhere>, Failure> {
    let mut found: Vec<Elsewhere> = Vec::new();
    for &id in people {
        let Some(person) = view.record(id)? else { continue };
        if !same::registrations(id, view)?.iter().any(residency::is_active) {
            continue;
        }
        let Some(village) = place::stored(&person).area.map_or(Ok(None), |code| view.area(&code))? else { continue };
        let township = view.area(&village.parent)?.map(|township| township.name).unwrap_or_default();
        let mut coordinators = Vec::new();
        for account in view.coordinators_of(&village.code)?.into_iter().take(COORDINATORS_MAX) {
            if let Some(account) = view.account(account)? {
                coordinators.push(Contact { name: account.name, phone: account.phone });
            }
        }
        let one = Elsewhere { village: village.name, township, coordinators };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}
