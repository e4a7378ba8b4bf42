//! Whether a change stays inside what its writer was granted. What is not plainly inside is refused.

use domain::access::Role;
use domain::hazard::HazardState;
use domain::merge::Refusal;
use domain::photo;
use domain::place::{self, Scope};
use domain::{Change, DeviceNumber, Record, RecordId, Verb, kind, residency, same, withdrawal};
use store::StoreError;
use sync_protocol::PushedChange;

use super::save::{Save, Why};

/// How long after a record left somebody's scopes changes from before are still taken: as long as devices keep what was
/// answered.
const GRACE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Photos of one home, room or visit.
const PHOTOS_MAX: usize = 300;
/// How often one record may be taken back and let stand again.
const WITHDRAWALS_MAX: usize = 50;

/// The record must be the writer's now, or have been his when he wrote: a change made before the record moved on is merged,
/// write-only.
///
/// # Errors
/// [`Refusal::Scope`].
pub fn check_before(save: &Save<'_>, change: &Change, held: &Record) -> Result<(), Why> {
    // What this very save made is judged when it is complete, by where it belongs then.
    if save.ledger.made(held.id) {
        return Ok(());
    }
    let was = save.ledger.was(held.id)?;
    let before = was.as_deref().unwrap_or(held);
    if save.work.caller.reads(before) || is_stations(save, before) || was_theirs(save, change, before)? {
        return Ok(());
    }
    Err(Refusal::Scope.into())
}

/// Whether it is the station's own copy of a conflict or a question in one of the officer's villages. It is in no scope.
fn is_stations(save: &Save<'_>, record: &Record) -> bool {
    let caller = save.work.caller;
    let in_area = || record.text("what", "area").is_some_and(|area| caller.grants.contains(&Scope::Area(area.to_owned())));
    let of_the_station = matches!(record.kind.as_str(), kind::CONFLICT | kind::DUPLICATE);
    of_the_station && caller.account.role == Role::Officer && place::stored(record).account.is_none() && in_area()
}

/// Whether the record left a scope of the writer's after the writer had seen what this change replaces. A scope the device
/// says nothing about counts as heard of: silence is no way in. Who no longer has a record neither moves nor deletes it, but whoever
/// handed it over may mean another village while it still lies there.
fn was_theirs(save: &Save<'_>, change: &Change, before: &Record) -> Result<bool, StoreError> {
    let work = save.work;
    if !matches!(change.verb, Verb::Create | Verb::Set) {
        return Ok(false);
    }
    let hands_over = change.groups.contains_key("handed");
    if hands_over && !means_another_village(save, change, before)? {
        return Ok(false);
    }
    for (scope, member) in work.write.memberships(change.record)? {
        if !member.gone || !work.caller.grants.contains(&scope) {
            continue;
        }
        if work.now_unix_ms > member.left_unix_ms.saturating_add(GRACE_MS) {
            continue;
        }
        // The exit has not reached this device yet: it cannot have known.
        if work.cursors.get(&scope).is_some_and(|version| *version < member.version) {
            return Ok(true);
        }
        if hands_over {
            continue;
        }
        let mut bases = change.groups.values().filter_map(|group| group.base).peekable();
        if bases.peek().is_none() {
            continue;
        }
        let mut seen = true;
        for base in bases {
            let received = work.write.value_received(change.record, base)?;
            seen &= base.device == DeviceNumber::SERVER || received.is_some_and(|at| at <= member.left_unix_ms);
        }
        if seen {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Handed over twice before the phone heard that the first one went through: the second village is meant, as long as nobody has taken
/// the record in there and nobody else has handed it on. The value that stands is this device's own, and the one it replaces.
fn means_another_village(save: &Save<'_>, change: &Change, before: &Record) -> Result<bool, StoreError> {
    let (Some(stands), Some(incoming)) = (before.groups.get("handed"), change.groups.get("handed")) else { return Ok(false) };
    let own = stands.origin.device == change.origin.device && incoming.base.is_some_and(|base| stands.is_named(base));
    if !own || place::stored(before).area.as_deref() != before.text("handed", "area") {
        return Ok(false);
    }
    for name in same::family(before.id, &before.kind, save.work.write)? {
        if save.work.write.referrers(name, kind::STAY)?.iter().any(residency::is_open) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a record is, or was, in a scope of the writer's.
fn knows(save: &Save<'_>, record: &Record) -> Result<bool, StoreError> {
    if save.work.caller.reads(record) {
        return Ok(true);
    }
    let memberships = save.work.write.memberships(record.id)?;
    Ok(memberships.iter().any(|(scope, _)| save.work.caller.grants.contains(scope)))
}

/// A stay takes the person and the registration along, and a registration the person, under all their names: each of them is
/// the writer's, or was until a month ago. Whoever was let in by one name is not given the others.
///
/// # Errors
/// [`Refusal::Scope`].
pub fn check_takes_along(save: &Save<'_>, change: &Change) -> Result<(), Why> {
    if !matches!(change.kind.as_str(), kind::STAY | kind::RESIDENCY) || !save.ledger.made(change.record) {
        return Ok(());
    }
    let Some(record) = save.ledger.look_at(change.record)? else { return Ok(()) };
    for (group, field) in kind::reference_fields(&record.kind) {
        let kind = expected_kind(field).filter(|kind| matches!(*kind, kind::PERSON | kind::RESIDENCY));
        let (Some(kind), Some(named)) = (kind, record.reference(group, field)) else { continue };
        for name in same::family(named, kind, save.work.write)? {
            let before = save.ledger.was(name)?;
            if let Some(before) = before
                && !knew_of_late(save, &before)?
            {
                return Err(Refusal::Scope.into());
            }
        }
    }
    Ok(())
}

/// Whoever was moved to another village was the writer's, or was until a month ago, by whatever road the save moved them. Answers
/// who was not.
///
/// # Errors
/// As the store says.
pub fn moved_wrongly(save: &Save<'_>) -> Result<Option<RecordId>, StoreError> {
    for id in save.ledger.touched() {
        let (Some(before), Some(now)) = (save.ledger.was(id)?, save.ledger.look_at(id)?) else { continue };
        let (from, to) = (place::stored(&before).area, place::stored(&now).area);
        let moves = matches!(now.kind.as_str(), kind::PERSON | kind::RESIDENCY) && from.is_some() && from != to;
        if moves && !knew_of_late(save, &before)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Which change of a save moved somebody: a stay under one of their names, or the first.
///
/// # Errors
/// As the store says.
pub fn mover(save: &Save<'_>, whole: &[PushedChange], moved: RecordId) -> Result<usize, StoreError> {
    let who = same::root(moved, save.work.write)?;
    for (index, pushed) in whole.iter().enumerate().filter(|(_, pushed)| pushed.change.kind == kind::STAY) {
        let Some(stay) = save.ledger.look_at(pushed.change.record)? else { continue };
        for named in ["person", "residency"].into_iter().filter_map(|field| stay.reference("where", field)) {
            if same::root(named, save.work.write)? == who {
                return Ok(index);
            }
        }
    }
    Ok(0)
}

/// Whether a record is in a scope of the writer's, or left it less than a month ago.
fn knew_of_late(save: &Save<'_>, record: &Record) -> Result<bool, StoreError> {
    if save.work.caller.reads(record) {
        return Ok(true);
    }
    let late = |left_unix_ms: i64| save.work.now_unix_ms <= left_unix_ms.saturating_add(GRACE_MS);
    let memberships = save.work.write.memberships(record.id)?;
    Ok(memberships
        .iter()
        .any(|(scope, member)| member.gone && late(member.left_unix_ms) && save.work.caller.grants.contains(scope)))
}

/// Whether what a fact is about is the writer's, or was until a month ago.
fn was_of_theirs(save: &Save<'_>, about: Option<RecordId>) -> Result<bool, StoreError> {
    let Some(about) = about else { return Ok(false) };
    save.ledger.look_at(about)?.map_or(Ok(false), |record| knew_of_late(save, &record))
}

/// The records a change names must exist, be of the kind the field asks for, and be known to the writer: naming a person
/// brings the person to the writer's village, so nobody names whom he never saw.
///
/// # Errors
/// [`Refusal::UnknownRecord`], [`Refusal::BuildsOnRefused`], [`Refusal::Scope`], [`Refusal::Invalid`].
pub fn check_names(save: &Save<'_>, whole: &[PushedChange], change: &Change) -> Result<(), Why> {
    if !matches!(change.verb, Verb::Create | Verb::Set) {
        return Ok(());
    }
    for (group, field) in kind::reference_fields(&change.kind) {
        let Some(value) = change.groups.get(*group).and_then(|group| group.fields.get(*field)) else { continue };
        let invalid = || Refusal::Invalid(format!("{group}.{field}"));
        let target: RecordId = value.as_str().and_then(|text| text.parse().ok()).ok_or_else(invalid)?;
        let Some(named) = save.ledger.look_at(target)? else {
            let refused = save.work.write.create_was_refused(target)?;
            return Err(if refused { Refusal::BuildsOnRefused } else { Refusal::UnknownRecord }.into());
        };
        if expected_kind(field).is_some_and(|kind| kind != named.kind) || target == change.record {
            return Err(invalid().into());
        }
        // A home is merged into a home.
        if change.kind == kind::UNIT && named.kind != kind::UNIT {
            return Err(invalid().into());
        }
        // Default deny: no photo hangs on a person, whatever a device says.
        if change.kind == kind::PHOTO && !photo::may_show(&named.kind) {
            return Err(invalid().into());
        }
        if change.kind == kind::WITHDRAWAL {
            check_taking_back(save, &named)?;
        }
        if change.kind == kind::PHOTO_WITHDRAWAL && is_stations_alone(save, &named, "fact")? {
            return Err(Refusal::Role("fact".to_owned()).into());
        }
        // Disks are finite, and nobody looks through more.
        if change.kind == kind::PHOTO && save.work.write.referrers(target, kind::PHOTO)?.len() > PHOTOS_MAX {
            return Err(invalid().into());
        }
        if *field == "room" && !is_room_of(&named, change, group) {
            return Err(invalid().into());
        }
        // Another answer is about the same person at the same visit.
        if *field == "corrects" && !is_same_answer(&named, change) {
            return Err(invalid().into());
        }
        if change.kind == kind::HAZARD && !belongs_to_hazard(&named, change) {
            return Err(invalid().into());
        }
        if change.kind == kind::RECHECK && named.kind == kind::INSPECTION && !is_check_of_its_home(save, &named, change)? {
            return Err(invalid().into());
        }
        let made_here = save.ledger.made(target) && whole.iter().any(|pushed| pushed.change.record == target);
        let before = save.ledger.was(target)?.unwrap_or(named);
        if !made_here && !knows(save, &before)? {
            return Err(Refusal::Scope.into());
        }
    }
    Ok(())
}

fn expected_kind(field: &str) -> Option<&'static str> {
    match field {
        "unit" => Some(kind::UNIT),
        "room" => Some(kind::ROOM),
        "person" => Some(kind::PERSON),
        "residency" => Some(kind::RESIDENCY),
        "visit" => Some(kind::VISIT),
        "about" => Some(kind::REPORT),
        "photo" => Some(kind::PHOTO),
        "application" => Some(kind::PERMIT_APPLICATION),
        "permit" => Some(kind::PERMIT),
        "withdraws" => Some(kind::PERMIT_EVENT),
        "corrects" => Some(kind::VISIT_PERSON),
        "inspection" => Some(kind::INSPECTION),
        "hazard" | "instead" => Some(kind::HAZARD),
        "recheck" => Some(kind::RECHECK),
        _ => None,
    }
}

/// The check that found a hazard was one of the same home; the re-check a state follows from was one of this hazard and found
/// what the state says.
fn belongs_to_hazard(named: &Record, change: &Change) -> bool {
    let said = |group: &str, field: &str| change.groups.get(group).and_then(|group| group.fields.get(field)?.as_str());
    match named.kind.as_str() {
        kind::INSPECTION => named.text("fact", "unit") == said("what", "unit"),
        // In whose stead it stands: the same thing at the same home, known before.
        kind::HAZARD => {
            let same = |field: &str| named.text("what", field) == said("what", field);
            named.id < change.record && same("unit") && same("item") && same("inspection")
        }
        kind::RECHECK => {
            let fixed = named.field("fact", "fixed").and_then(|fixed| fixed.as_bool());
            let closed = said("state", "state") == Some(HazardState::Closed.code());
            named.reference("fact", "hazard") == Some(change.record) && fixed == Some(closed)
        }
        _ => true,
    }
}

/// Whoever recorded something by mistake takes it back, and the station may. What the station has answered goes its own way.
fn check_taking_back(save: &Save<'_>, named: &Record) -> Result<(), Why> {
    if !withdrawal::may_name(named, save.work.write)? || withdrawal::is_decided(named) {
        return Err(Refusal::Invalid("fact.of".to_owned()).into());
    }
    let origin = named.groups.get(withdrawal::authors_group(&named.kind)).map(|value| value.origin);
    let author = origin.map_or(Ok(None), |origin| save.ledger.author(origin))?;
    let caller = &save.work.caller.account;
    let theirs = author.is_some_and(|author| author.id == caller.id);
    if !theirs && caller.role != Role::Officer {
        return Err(Refusal::Role("fact".to_owned()).into());
    }
    // Every reader asks each of them whether it stands itself.
    if save.work.write.referrers(named.id, kind::WITHDRAWAL)?.len() > WITHDRAWALS_MAX {
        return Err(Refusal::Invalid("fact.of".to_owned()).into());
    }
    let by_station = |hazard: &Record| match save.ledger.look_at(hazard.id)? {
        Some(hazard) => is_stations_alone(save, &hazard, "state"),
        None => Ok(false),
    };
    if withdrawal::is_stations_now(named, save.work.write, by_station)? {
        return Err(Refusal::Role("fact".to_owned()).into());
    }
    Ok(())
}

/// Whether a group was written by the station, and the writer is somebody else.
fn is_stations_alone(save: &Save<'_>, record: &Record, group: &str) -> Result<bool, StoreError> {
    if save.work.caller.account.role == Role::Officer {
        return Ok(false);
    }
    let origin = record.groups.get(group).map(|value| value.origin);
    let author = origin.map_or(Ok(None), |origin| save.ledger.author(origin))?;
    Ok(author.is_some_and(|author| author.role == Role::Officer))
}

/// The check that looked at a hazard again was one of the hazard's home.
fn is_check_of_its_home(save: &Save<'_>, check: &Record, change: &Change) -> Result<bool, StoreError> {
    let hazard = change.groups.get("fact").and_then(|group| group.fields.get("hazard")?.as_str()?.parse().ok());
    let hazard = hazard.map_or(Ok(None), |hazard| save.ledger.look_at(hazard))?;
    let homes = (hazard.and_then(|hazard| hazard.reference("what", "unit")), check.reference("fact", "unit"));
    let (Some(of_hazard), Some(of_check)) = homes else { return Ok(false) };
    // Entered twice, it is one home: a check of the one looks at what was found in the other.
    Ok(same::root(of_hazard, save.work.write)? == same::root(of_check, save.work.write)?)
}

fn is_same_answer(named: &Record, change: &Change) -> bool {
    let said = |field: &str| change.groups.get("fact").and_then(|group| group.fields.get(field)?.as_str());
    ["visit", "unit", "person", "residency"].into_iter().all(|field| named.text("fact", field) == said(field))
}

fn is_room_of(room: &Record, change: &Change, group: &str) -> bool {
    let unit = change.groups.get(group).and_then(|group| group.fields.get("unit")).and_then(|unit| unit.as_str());
    room.text("where", "unit") == unit
}

/// Where a record ends up must be the writer's too, save what he hands over: a new record, and a home that moves.
/// A person and a registration follow their stays, which are judged themselves.
///
/// # Errors
/// [`Refusal::Scope`].
pub fn check_after(save: &Save<'_>, change: &Change) -> Result<(), Why> {
    let moves_itself = match change.kind.as_str() {
        kind::UNIT => true,
        kind::REFERRAL => change.groups.contains_key("where"),
        _ => false,
    };
    if !save.ledger.made(change.record) && !moves_itself {
        return Ok(());
    }
    let Some(now) = save.ledger.look_at(change.record)? else { return Ok(()) };
    if save.work.caller.reads(&now) {
        return Ok(());
    }
    let allowed = match now.kind.as_str() {
        kind::PERSON | kind::RESIDENCY => now.fields("handed").is_some(),
        // Somebody looked at a number while the record was still his; the note goes where the record went.
        kind::ACCESS => now.reference("fact", "record").is_some(),
        // Asked for, handed out or endorsed while the holder was still his: it goes where the holder went.
        kind::PERMIT_APPLICATION => was_of_theirs(save, now.reference("who", "person"))?,
        kind::PERMIT_EVENT => was_of_theirs(save, now.reference("fact", "permit"))?,
        // A visit that was begun while the home was his: what was seen goes where the home went.
        kind::VISIT | kind::VISIT_PERSON => was_of_theirs(save, now.reference("fact", "unit"))?,
        kind::WITHDRAWAL => was_of_theirs(save, now.reference("fact", "of"))?,
        // A home that left with a change made before: it was not moved by this one.
        kind::UNIT => !save.ledger.made(now.id) && !change.groups.contains_key("address"),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::Scope.into()) }
}
