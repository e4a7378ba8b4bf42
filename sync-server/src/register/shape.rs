//! Whether a change has the shape its kind asks for. The forms enforce the same; what gets here all the same is refused with
//! the group and field, and kept in the tray of its device.

use chrono::{Days, NaiveDate};
use domain::address::Address;
use domain::checklist::Item;
use domain::codes::UnitStatus;
use domain::conflict::Settled;
use domain::duplicate::{self, DIFFERENT, SAME};
use domain::form::parse_date;
use domain::grade::{self, Override, Wanted};
use domain::hazard::{self, Charge, HazardState, RecheckFact};
use domain::id_document::{self, DocType};
use domain::inspection::{InspectionFact, ROOM_AREA_MAX_M2X100, RoomSize};
use domain::letter::LetterFact;
use domain::merge::Refusal;
use domain::person::{Contact, Guardian, Hukou, Identity};
use domain::photo::{PhotoFact, WithdrawalFact};
use domain::policy::Due;
use domain::record::to_fields;
use domain::referral::{ReferralState, ReferralWhere, ReferralWho};
use domain::region::{self, HukouProblem};
use domain::report::{Check, ReportDocument, Said};
use domain::residency::{
    ACTIVE, CANCELLED, Declared, Handed, Intent, Period, Restored, Status, StayRelation, StayWhere, Weighed, Who, Why as Purpose,
    Work,
};
use domain::same::{self, Apart};
use domain::sweep::{self, SweepClosed, SweepWhat};
use domain::tenancy::{self, Firm, Lease, TenancyWhere};
use domain::unit::{Landlord, Letter, Letting, Registration, RoomLabel, RoomWhere};
use domain::visit::{VisitFact, VisitPersonFact};
use domain::withdrawal::{self, Withdrawal};
use domain::{Change, Fields, Record, Verb, kind, plate, rooms, text};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::StoreError;

use super::permits;
use super::save::Why;

const GROUPS_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 64;
const DEPTH_MAX: usize = 4;
const ITEMS_MAX: usize = 300;
/// Characters of any one text; most fields are stricter.
const TEXT_MAX: usize = 500;
const NOTE_MAX: usize = 200;

/// Groups without which a new record of a kind means nothing.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        kind::UNIT => &["address"],
        kind::ROOM => &["where", "label"],
        kind::PERSON => &["identity"],
        kind::RESIDENCY => &["who", "declared", "status"],
        kind::STAY | kind::TENANCY => &["where", "period"],
        kind::PERMIT_APPLICATION => &["who", "asked", "materials"],
        kind::PERMIT => &["who", "issued"],
        kind::HAZARD => &["what", "charge", "state"],
        kind if kind::is_fact(kind) => &["fact"],
        kind::REPORT => &["said"],
        kind::SWEEP => &["what"],
        kind::REFERRAL => &["who", "where"],
        _ => &[],
    }
}

/// Checks the groups of a change.
///
/// # Errors
/// [`Refusal::Invalid`] naming group and field.
pub fn check(
    change: &Change,
    held: Option<&Record>,
    today: NaiveDate,
    known_village: impl Fn(&str) -> Result<bool, StoreError>,
) -> Result<(), Why> {
    if change.groups.len() > GROUPS_MAX {
        return Err(invalid("groups"));
    }
    // Ids that follow from something are the server's: whoever took one first would stand where it has to write.
    if change.verb == Verb::Create && change.record.0.get_version_num() != 7 {
        return Err(invalid("record"));
    }
    if matches!(change.verb, Verb::Delete | Verb::Restore) {
        // They only name what was seen.
        return if change.groups.values().all(|group| group.fields.is_empty()) { Ok(()) } else { Err(invalid("verb")) };
    }
    for group in required(&change.kind) {
        let given = change.groups.get(*group).map(|group| &group.fields);
        if given.is_some_and(Fields::is_empty) || (held.is_none() && given.is_none()) {
            return Err(invalid(group));
        }
    }
    for (name, group) in &change.groups {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(invalid("groups"));
        }
        check_fields(&group.fields, 0).map_err(|_| invalid(name))?;
        if !group.fields.is_empty() {
            check_group(change, held, name, &group.fields, today, &known_village)?;
        }
    }
    Ok(())
}

fn invalid(what: &str) -> Why {
    Refusal::Invalid(what.to_owned()).into()
}

/// Bounds that hold for every group, known or not: depth, number, length, no floats, no control characters.
fn check_fields(fields: &Fields, depth: usize) -> Result<(), ()> {
    if depth > DEPTH_MAX || fields.len() > ITEMS_MAX || fields.keys().any(|key| key.len() > NAME_BYTES_MAX) {
        return Err(());
    }
    fields.values().try_for_each(|value| check_value(value, depth))
}

fn check_value(value: &Value, depth: usize) -> Result<(), ()> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) if number.is_i64() => Ok(()),
        Value::String(text) if text.chars().count() <= TEXT_MAX && !text.chars().any(|c| c.is_control() && c != '\n') => Ok(()),
        Value::Array(items) if depth < DEPTH_MAX && items.len() <= ITEMS_MAX => {
            items.iter().try_for_each(|item| check_value(item, depth + 1))
        }
        Value::Object(fields) => check_fields(fields, depth + 1),
        _ => Err(()),
    }
}

fn typed<T: DeserializeOwned>(group: &str, fields: &Fields) -> Result<T, Why> {
    serde_json::from_value(Value::Object(fields.clone())).map_err(|_| invalid(group))
}

/// A group that only has to have its shape.
fn shaped<T: DeserializeOwned>(group: &str, fields: &Fields) -> Result<(), Why> {
    typed::<T>(group, fields).map(|_| ())
}

fn date(text: &str, what: &str) -> Result<NaiveDate, Why> {
    parse_date(text).ok_or_else(|| invalid(what))
}

fn date_or_empty(text: &str, what: &str) -> Result<(), Why> {
    if text.is_empty() { Ok(()) } else { date(text, what).map(|_| ()) }
}

fn line(typed: &str, max: usize, what: &str) -> Result<(), Why> {
    text::check_text(typed, max).map(|_| ()).map_err(|_| invalid(what))
}

fn phone_or_empty(typed: &str, what: &str) -> Result<(), Why> {
    if typed.is_empty() || text::check_phone(typed).is_ok_and(|clean| clean == typed) { Ok(()) } else { Err(invalid(what)) }
}

fn name(typed: &str, what: &str) -> Result<(), Why> {
    text::check_name(typed).map(|_| ()).map_err(|_| invalid(what))
}

fn one_of(state: &str, states: &[&str], what: &str) -> Result<(), Why> {
    if states.contains(&state) { Ok(()) } else { Err(invalid(what)) }
}

fn check_group(
    change: &Change,
    held: Option<&Record>,
    group: &str,
    fields: &Fields,
    today: NaiveDate,
    known_village: &impl Fn(&str) -> Result<bool, StoreError>,
) -> Result<(), Why> {
    match (change.kind.as_str(), group) {
        (kind::UNIT, "address") => {
            let address: Address = typed(group, fields)?;
            if let Some((field, _)) = address.check().first() {
                return Err(invalid(&format!("address.{field}")));
            }
            if !known_village(&address.area)? {
                return Err(invalid("address.area"));
            }
        }
        (kind::UNIT, "landlord") => {
            let landlord: Landlord = typed(group, fields)?;
            line(&landlord.name, text::NAME_MAX, "landlord.name")?;
            phone_or_empty(&landlord.phone, "landlord.phone")?;
        }
        (kind::UNIT, "letting") => {
            let letting: Letting = typed(group, fields)?;
            if letting.area_m2x100.is_some_and(|area| area <= 0) || letting.beds.is_some_and(|beds| beds <= 0) {
                return Err(invalid(group));
            }
        }
        (kind::UNIT, "letter") => {
            let letter: Letter = typed(group, fields)?;
            date(&letter.signed_on, "letter.signed_on")?;
            date_or_empty(&letter.valid_to, "letter.valid_to")?;
        }
        (kind::UNIT, "registration") => {
            let registration: Registration = typed(group, fields)?;
            date(&registration.on, "registration.on")?;
            // A home that is part of another is closed, and says how it stood: so it stands again when the two are taken apart.
            if registration.into.is_some() {
                let was = registration.was.filter(|_| registration.state == UnitStatus::Closed);
                date(&was.ok_or_else(|| invalid("registration.into"))?.on, "registration.was")?;
            }
        }
        (kind::UNIT, "grade") => {
            let set: Override = typed(group, fields)?;
            date(&set.on, "grade.on")?;
            text::require_text(&set.reason, NOTE_MAX).map_err(|_| invalid("grade.reason"))?;
            text::require_text(&set.reviewer, text::NAME_MAX).map_err(|_| invalid("grade.reviewer"))?;
        }
        (kind::UNIT, grade::WANTED) => {
            let wanted: Wanted = typed(group, fields)?;
            date(&wanted.on, "grade_wanted.on")?;
            text::require_text(&wanted.reason, NOTE_MAX).map_err(|_| invalid("grade_wanted.reason"))?;
            if let Some(answer) = &wanted.answer {
                date(&answer.on, "grade_wanted.answer")?;
                line(&answer.reason, NOTE_MAX, "grade_wanted.answer")?;
                line(&answer.reviewer, text::NAME_MAX, "grade_wanted.answer")?;
            }
        }
        (kind::SWEEP, "what") => {
            let what: SweepWhat = typed(group, fields)?;
            text::require_text(&what.name, sweep::NAME_MAX).map_err(|_| invalid("what.name"))?;
            sweep::dates(&what.from, &what.until).map_err(|(field, _)| invalid(&format!("what.{field}")))?;
            if !known_village(&what.area)? {
                return Err(invalid("what.area"));
            }
        }
        (kind::SWEEP, "closed") => {
            let closed: SweepClosed = typed(group, fields)?;
            date(&closed.on, "closed.on")?;
            if closed.done > closed.homes {
                return Err(invalid("closed.done"));
            }
        }
        (kind::UNIT, plate::WANTED) => {
            let wanted: plate::Wanted = typed(group, fields)?;
            if to_fields(&wanted) != *fields {
                return Err(invalid("plate_wanted.replaces"));
            }
        }
        (kind::ROOM, "where") => shaped::<RoomWhere>(group, fields)?,
        (kind::ROOM, "size") => {
            let size: RoomSize = typed(group, fields)?;
            if !(1..=ROOM_AREA_MAX_M2X100).contains(&size.usable_m2x100) {
                return Err(invalid("size.usable_m2x100"));
            }
        }
        (kind::ROOM, "label") => {
            let label: RoomLabel = typed(group, fields)?;
            text::require_text(&label.label, rooms::LABEL_MAX).map_err(|_| invalid("label.label"))?;
        }
        (kind::PERSON, "identity") => check_identity(&typed(group, fields)?, today)?,
        (kind::PERSON, "hukou") => {
            let hukou: Hukou = typed(group, fields)?;
            line(&hukou.address, 100, "hukou.address")?;
            // A region that is in no list of this build may be one that was abolished; the form has asked already.
            if let Err(HukouProblem::BadCode | HukouProblem::InsideCounty) = region::check_hukou(&hukou.region) {
                return Err(invalid("hukou.region"));
            }
        }
        (kind::PERSON, "contact") => phone_or_empty(&typed::<Contact>(group, fields)?.phone, "contact.phone")?,
        (kind::PERSON, "guardian") => {
            let guardian: Guardian = typed(group, fields)?;
            name(&guardian.name, "guardian.name")?;
            phone_or_empty(&guardian.phone, "guardian.phone")?;
        }
        (kind::PERSON | kind::RESIDENCY, "handed") => {
            let handed: Handed = typed(group, fields)?;
            date(&handed.on, "handed.on")?;
            line(&handed.note, NOTE_MAX, "handed.note")?;
            if !known_village(&handed.area)? {
                return Err(invalid("handed.area"));
            }
        }
        (kind::RESIDENCY, "who") => shaped::<Who>(group, fields)?,
        (kind::RESIDENCY, "declared") => {
            let declared: Declared = typed(group, fields)?;
            date(&declared.registered_on, "declared.registered_on")?;
            date(&declared.first_arrival_on, "declared.first_arrival_on")?;
            date_or_empty(&declared.reported_on, "declared.reported_on")?;
        }
        (kind::RESIDENCY, "why") => shaped::<Purpose>(group, fields)?,
        (kind::RESIDENCY, "intent") => {
            date(&typed::<Intent>(group, fields)?.until, "intent.until")?;
        }
        (kind::RESIDENCY, "restored") => {
            let restored: Restored = typed(group, fields)?;
            date(&restored.left_on, "restored.left_on")?;
            date(&restored.on, "restored.on")?;
        }
        (kind::RESIDENCY, "weighed") => shaped::<Weighed>(group, fields)?,
        (kind::RESIDENCY, "work") => line(&typed::<Work>(group, fields)?.employer, 60, "work.employer")?,
        (kind::RESIDENCY | kind::REFERRAL, "due") => shaped::<Due>(group, fields)?,
        (kind::RESIDENCY, "status") => {
            let status: Status = typed(group, fields)?;
            one_of(&status.state, &[ACTIVE, CANCELLED], "status.state")?;
            date(&status.on, "status.on")?;
            line(&status.note, NOTE_MAX, "status.note")?;
            if status.state == CANCELLED && status.reason.is_none() {
                return Err(invalid("status.reason"));
            }
        }
        (kind::STAY, "where") => shaped::<StayWhere>(group, fields)?,
        (kind::STAY, "period") => {
            let period: Period = typed(group, fields)?;
            let from = date(&period.from, "period.from")?;
            if let Some(to) = &period.to
                && date(to, "period.to")? < from
            {
                return Err(invalid("period.to"));
            }
        }
        (kind::TENANCY, "where") => {
            // A firm is named, a person is somebody: one of the two rents it.
            let firm = change.groups.contains_key("firm") || held.is_some_and(|held| held.fields("firm").is_some());
            if typed::<TenancyWhere>(group, fields)?.person.is_some() == firm {
                return Err(invalid("where.person"));
            }
        }
        (kind::TENANCY, "firm") => {
            text::require_text(&typed::<Firm>(group, fields)?.name, tenancy::FIRM_MAX).map_err(|_| invalid("firm.name"))?;
        }
        (kind::TENANCY, "period") => {
            if let Some(field) = typed::<Lease>(group, fields)?.problem() {
                return Err(invalid(&format!("period.{field}")));
            }
        }
        (kind::STAY, "relation") => shaped::<StayRelation>(group, fields)?,
        // When it was seen is not bounded: a phone whose clock is wrong by years still was at the door.
        (kind::VISIT, "fact") => {
            let fact: VisitFact = typed(group, fields)?;
            line(&fact.note, NOTE_MAX, "fact.note")?;
            line(&fact.notice, NAME_BYTES_MAX, "fact.notice")?;
            if let Some(next) = &fact.next {
                date(&next.on, "fact.next")?;
            }
        }
        (kind::VISIT_PERSON, "fact") => shaped::<VisitPersonFact>(group, fields)?,
        (kind::PHOTO, "fact") => {
            if let Some(field) = typed::<PhotoFact>(group, fields)?.problem() {
                return Err(invalid(&format!("fact.{field}")));
            }
        }
        (kind::WITHDRAWAL, "fact") => line(&typed::<Withdrawal>(group, fields)?.note, withdrawal::NOTE_MAX, "fact.note")?,
        (kind::PHOTO_WITHDRAWAL, "fact") => shaped::<WithdrawalFact>(group, fields)?,
        (kind::INSPECTION, "fact") => {
            if let Some(field) = typed::<InspectionFact>(group, fields)?.problem() {
                return Err(invalid(&format!("fact.{field}")));
            }
        }
        (kind::LETTER, "fact") => {
            if let Some(field) = typed::<LetterFact>(group, fields)?.problem() {
                return Err(invalid(&format!("fact.{field}")));
            }
        }
        (kind::RECHECK, "fact") => line(&typed::<RecheckFact>(group, fields)?.note, hazard::TEXT_MAX, "fact.note")?,
        (kind::HAZARD, _) => check_hazard(group, fields)?,
        (kind::REPORT, "said") => check_said(&typed(group, fields)?)?,
        (kind::REPORT, "document") => {
            let document: ReportDocument = typed(group, fields)?;
            let said = change.groups.get("said").map(|said| &said.fields).or_else(|| held.and_then(|held| held.fields("said")));
            let said = said.map(|said| typed::<Said>("said", said)).transpose()?;
            if let Some(doc_type) = said.and_then(|said| said.doc_type)
                && !document.doc_no.is_empty()
            {
                id_document::check(doc_type, &document.doc_no, tomorrow(today)).map_err(|_| invalid("document.doc_no"))?;
            }
        }
        (kind::REPORT, "check") => {
            let check: Check = typed(group, fields)?;
            one_of(&check.state, &["accepted", "returned", "withdrawn"], "check.state")?;
            date(&check.on, "check.on")?;
            line(&check.reason, NOTE_MAX, "check.reason")?;
        }
        (kind::REFERRAL, "who") => {
            let who: ReferralWho = typed(group, fields)?;
            name(&who.name, "who.name")?;
            phone_or_empty(&who.phone, "who.phone")?;
            if who.doc_type.referral().is_none() {
                return Err(invalid("who.doc_type"));
            }
            id_document::check(who.doc_type, &who.doc_no, tomorrow(today)).map_err(|_| invalid("who.doc_no"))?;
        }
        (kind::REFERRAL, "where") => {
            date(&typed::<ReferralWhere>(group, fields)?.arrival_on, "where.arrival_on")?;
        }
        (kind::REFERRAL, "state") => {
            date(&typed::<ReferralState>(group, fields)?.on, "state.on")?;
        }
        (kind::PERSON, same::APART) => shaped::<Apart>(group, fields)?,
        (kind::DUPLICATE, "settled") => {
            one_of(&typed::<duplicate::Settled>(group, fields)?.state, &[SAME, DIFFERENT], "settled.state")?;
        }
        (kind::CONFLICT, "settled") => {
            one_of(&typed::<Settled>(group, fields)?.state, &["restored", "kept"], "settled.state")?;
        }
        // Known, and bounded like every group.
        (kind, group) => {
            permits::check_shape(kind, group, fields, today)?;
        }
    }
    Ok(())
}

fn check_hazard(group: &str, fields: &Fields) -> Result<(), Why> {
    match group {
        "what" => {
            let what: hazard::What = typed(group, fields)?;
            let item = Item::from_code(&what.item).ok_or_else(|| invalid("what.item"))?;
            // The list says how grave it is: a phone that makes little of it is wrong.
            if what.severity != item.severity() {
                return Err(invalid("what.severity"));
            }
            line(&what.description, hazard::TEXT_MAX, "what.description")?;
        }
        "due" => shaped::<Due>(group, fields)?,
        "charge" => shaped::<Charge>(group, fields)?,
        "state" => {
            let state: hazard::State = typed(group, fields)?;
            date(&state.on, "state.on")?;
            line(&state.note, hazard::TEXT_MAX, "state.note")?;
            if state.to.is_some() != (state.state == HazardState::HandedOver) {
                return Err(invalid("state.to"));
            }
            if state.recheck.is_some() != state.state.needs_recheck() {
                return Err(invalid("state.recheck"));
            }
        }
        _ => {}
    }
    Ok(())
}

/// A phone's clock may be a little ahead: what is born today there may be born tomorrow here.
fn tomorrow(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

fn check_identity(identity: &Identity, today: NaiveDate) -> Result<(), Why> {
    name(&identity.name, "identity.name")?;
    let birth = date(&identity.birth, "identity.birth")?;
    if birth > tomorrow(today) {
        return Err(invalid("identity.birth"));
    }
    if identity.doc_type.referral().is_some() {
        // A foreigner's or a Hong Kong, Macao or Taiwan document is the station's: a referral, no registration.
        return Err(invalid("identity.doc_type"));
    }
    if identity.doc_type == DocType::None && identity.note.trim().is_empty() {
        return Err(invalid("identity.note"));
    }
    line(&identity.note, NOTE_MAX, "identity.note")?;
    let facts =
        id_document::check(identity.doc_type, &identity.doc_no, tomorrow(today)).map_err(|_| invalid("identity.doc_no"))?;
    if facts.doc_no != identity.doc_no {
        return Err(invalid("identity.doc_no"));
    }
    if facts.birth.is_some_and(|said| said != birth) {
        return Err(invalid("identity.birth"));
    }
    Ok(())
}

fn check_said(said: &Said) -> Result<(), Why> {
    date(&said.event_on, "said.event_on")?;
    if !said.name.is_empty() {
        name(&said.name, "said.name")?;
    }
    // Only the tail travels back to the reporter: a whole number in this group would too.
    if said.doc_tail.chars().count() > 4 {
        return Err(invalid("said.doc_tail"));
    }
    phone_or_empty(&said.phone, "said.phone")
}
