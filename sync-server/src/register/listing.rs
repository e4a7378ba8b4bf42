//! What the desk's lists show of a record, derived from its groups.

use std::sync::Arc;

use domain::address::Address;
use domain::checklist::Item;
use domain::conflict::What;
use domain::digest::text_hash_hex;
use domain::duplicate::{Pair, PairWhy};
use domain::grade::Wanted;
use domain::permit::{ApplicationState, Asked, Issued};
use domain::place::{Register, stored};
use domain::report::{Check, Said};
use domain::unit::Landlord;
use domain::{Record, RecordId, id_document, kind, same, withdrawal};
use store::StoreError;
use store::server::{Listing, View};

use super::{contradiction, permits};

/// What a home is found by for which somebody proposes another grade.
pub(crate) const GRADE_WANTED: &str = "#grade_wanted";

/// Kinds the desk lists.
pub(crate) const LISTED: &[&str] = &[
    kind::UNIT,
    kind::PERSON,
    kind::RESIDENCY,
    kind::REPORT,
    kind::REFERRAL,
    kind::CONFLICT,
    kind::DUPLICATE,
    kind::PERMIT_APPLICATION,
    kind::PERMIT,
];

/// What lists show of this record.
pub fn of(record: &Record, view: &View<'_>) -> Result<Listing, StoreError> {
    let area = stored(record).area.unwrap_or_default();
    let (title, detail, state, words) = match record.kind.as_str() {
        kind::UNIT => unit(record, view)?,
        kind::PERSON => {
            let no = record.text("identity", "doc_no").unwrap_or_default();
            (
                name(record),
                id_document::mask(no),
                if same::points_to(record).is_some() { "merged".to_owned() } else { String::new() },
                format!("{} {}", document_token(no), record.text("contact", "phone").unwrap_or_default()),
            )
        }
        kind::RESIDENCY => {
            let mut person = reference(view, record, "who", "person")?;
            if let Some(named) = person.as_deref().filter(|person| same::points_to(person).is_some()) {
                person = view.look_at(same::root_of(named, view)?)?;
            }
            // What became part of another registration is not counted beside it.
            let merged = same::points_to(record).is_some();
            let title = person.as_deref().map(name).unwrap_or_default();
            let no = record.text("number", "no").unwrap_or_default().to_owned();
            let doc = person.as_ref().and_then(|person| person.text("identity", "doc_no")).unwrap_or_default();
            let state = match record.text("status", "state").unwrap_or_default() {
                _ if merged => "merged",
                _ if contradiction::of(record, view)?.is_some() => contradiction::CONTRADICTED,
                state => state,
            };
            (title, no.clone(), state.to_owned(), format!("{no} {} {}", id_document::mask(doc), document_token(doc)))
        }
        kind::REPORT => report(record, view)?,
        kind::REFERRAL => {
            let who = record.text("who", "name").unwrap_or_default().to_owned();
            let no = record.text("who", "doc_no").unwrap_or_default();
            (who, id_document::mask(no), record.text("state", "state").unwrap_or_default().to_owned(), document_token(no))
        }
        kind::PERMIT_APPLICATION => application(record, view)?,
        kind::PERMIT => permit(record, view)?,
        // In no list, and the station reads of it in a conflict.
        kind::HAZARD => {
            let item = record.text("what", "item").and_then(Item::from_code).map_or("", |item| item.zh());
            let description = record.text("what", "description").unwrap_or_default().to_owned();
            (item.to_owned(), description, record.text("state", "state").unwrap_or_default().to_owned(), String::new())
        }
        kind::CONFLICT => return conflict(record, view),
        kind::DUPLICATE => return Ok(duplicate(record)),
        kind::ROOM => (record.text("label", "label").unwrap_or_default().to_owned(), String::new(), String::new(), String::new()),
        _ => return Ok(Listing { area, ..Listing::default() }),
    };
    let search = format!("{title} {detail} {words}").to_lowercase();
    Ok(Listing { area, title, detail, state, search })
}

/// A document number as lists are searched by it: whole, or by the ends its mask shows. Digit by digit from the middle, a list
/// would tell what the mask hides without anybody's having looked.
pub(crate) fn document_token(no: &str) -> String {
    let no = no.trim().to_uppercase();
    if no.is_empty() { no } else { format!("#{}", text_hash_hex(&no)) }
}

type Parts = (String, String, String, String);

fn unit(record: &Record, view: &View<'_>) -> Result<Parts, StoreError> {
    let address: Address = record.typed("address").unwrap_or_default();
    let landlord: Landlord = record.typed("landlord").unwrap_or_default();
    let no = record.text("number", "no").unwrap_or_default();
    // Entered twice, it is counted where it was merged into.
    let state = match domain::unit::standing(record, view)? {
        Some(stands) if stands.into.is_some() => "merged".to_owned(),
        Some(stands) => stands.state.code().to_owned(),
        None => record.text("registration", "state").unwrap_or_default().to_owned(),
    };
    // The station looks for what waits for it; nobody types this.
    let waits = if Wanted::open(record).is_some() { GRADE_WANTED } else { "" };
    Ok((address.display(), format!("{} {no}", landlord.name), state, format!("{} {waits}", landlord.phone)))
}

fn application(record: &Record, view: &View<'_>) -> Result<Parts, StoreError> {
    let no = record.text("slip", "no").unwrap_or_default();
    let what = record.typed::<Asked>("asked").map_or("", |asked| asked.kind.zh());
    let detail = format!("{no} {what} {}", permits::due_of(record));
    let taken_back = withdrawal::is_taken_back(record.id, view)?;
    let state = if taken_back { "withdrawn" } else { ApplicationState::of(record).as_str() };
    Ok((holder(record, view)?, detail.trim().to_owned(), state.to_owned(), no.to_owned()))
}

fn permit(record: &Record, view: &View<'_>) -> Result<Parts, StoreError> {
    let issued: Option<Issued> = record.typed("issued");
    let given = record.text("number", "no").unwrap_or_default();
    // The number on an old card is the one people know it by.
    let no = issued.as_ref().map(|issued| issued.card_no.as_str()).filter(|no| !no.is_empty()).unwrap_or(given);
    let detail = issued.as_ref().map(|issued| format!("{no} {} {}", issued.kind.zh(), issued.on)).unwrap_or_default();
    let state = permits::listed_state(&view.referrers(record.id, kind::PERMIT_EVENT)?);
    Ok((holder(record, view)?, detail, state.to_owned(), format!("{no} {given}")))
}

/// The name of whoever a permit's papers are about.
fn holder(record: &Record, view: &View<'_>) -> Result<String, StoreError> {
    let Some(person) = reference(view, record, "who", "person")? else { return Ok(String::new()) };
    let meant = view.look_at(same::root_of(&person, view)?)?;
    Ok(meant.as_deref().map(name).unwrap_or_default())
}

fn name(person: &Record) -> String {
    person.text("identity", "name").unwrap_or_default().to_owned()
}

fn report(record: &Record, view: &View<'_>) -> Result<Parts, StoreError> {
    let Some(said) = record.typed::<Said>("said") else { return Ok(Default::default()) };
    let unit = view.look_at(said.unit)?.map(|unit| unit.typed::<Address>("address").unwrap_or_default().display());
    let state = record.typed::<Check>("check").map_or_else(|| "open".to_owned(), |check| check.state);
    let no = record.text("receipt", "no").unwrap_or_default();
    let detail = format!("{} {} {}", said.kind.zh(), said.event_on, unit.clone().unwrap_or_default());
    Ok((said.name, detail, state, format!("{no} {}", said.doc_tail)))
}

/// Only the station's own copy is listed: the others are addressed to somebody.
fn conflict(record: &Record, view: &View<'_>) -> Result<Listing, StoreError> {
    let Some(what) = record.typed::<What>("what") else { return Ok(Listing::default()) };
    if stored(record).account.is_some() {
        return Ok(Listing::default());
    }
    let about = match Register::record(view, what.record)? {
        Some(about) => of(&about, view)?,
        None => Listing::default(),
    };
    let by = |side: Option<&domain::conflict::Side>| side.map(|side| side.by.clone()).unwrap_or_default();
    let detail = format!("{} {} / {}", what.group, by(what.stands.as_ref()), by(Some(&what.lost)));
    let state = if record.fields("settled").is_some() { "settled" } else { "open" };
    let search = format!("{} {detail}", about.search).to_lowercase();
    Ok(Listing { area: what.area.unwrap_or_default(), title: about.title, detail, state: state.to_owned(), search })
}

fn reference(view: &View<'_>, record: &Record, group: &str, field: &str) -> Result<Option<Arc<Record>>, StoreError> {
    let id: Option<RecordId> = record.reference(group, field);
    id.map_or(Ok(None), |id| view.look_at(id))
}

/// A question about two people, in the village its copy is listed under.
fn duplicate(record: &Record) -> Listing {
    let Some(pair) = record.typed::<Pair>("what").filter(|_| stored(record).account.is_none()) else { return Listing::default() };
    let names = [pair.first_is.name.as_str(), pair.second_is.name.as_str()];
    let (first, second) = (names[0], names[1]);
    let title = if first.is_empty() || first == second { second } else { first }.to_owned();
    let detail = format!("{} / {}", pair.first_is.by, pair.second_is.by);
    let state = match record.text("settled", "state") {
        None if pair.why == PairWhy::Merged => "merged",
        None => "open",
        Some(_) => "settled",
    };
    let search = format!("{first} {second} {detail}").to_lowercase();
    Listing { area: pair.area.unwrap_or_default(), title, detail, state: state.to_owned(), search }
}
