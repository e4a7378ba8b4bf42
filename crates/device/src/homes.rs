//! One home entered twice: everything that names the one that was merged is read as if it named the other. Merged and taken apart
//! again by one decision each; nothing that was written about either is rewritten.

use std::collections::{BTreeMap, BTreeSet};

use domain::address::Address;
use domain::codes::UnitStatus;
use domain::form::{FieldProblem, Problem};
use domain::hazard;
use domain::record::to_fields;
use domain::residency;
use domain::unit::{self, Registration, RoomLabel, RoomWhere};
use domain::{Record, RecordId, kind, same, withdrawal};
use store::device::View;
use ui_protocol::units::{
    MergeHomes, MergedHome, MergingHome, PartHomes, SameHome, SameHomeView, SameHomes, SameHomesReply, SavedUnit, UnitRow,
};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::rounds::Rounds;
use crate::same::root_of_person;
use crate::save::Save;
use crate::units::natural;
use crate::{Device, derive};

/// Homes offered as the same.
const OFFERED_MAX: usize = 40;
/// Homes of one street looked through for them.
const STREET_MAX: u32 = 60;

/// Which home is meant by an id. Hardly any home was entered twice, and the others are not read to find that out.
pub(crate) fn root(view: &View<'_>, unit: RecordId) -> Result<RecordId, Failure> {
    Ok(if view.may_hold(unit, "into")? { same::root(unit, view)? } else { unit })
}

/// The living records of a kind that name a home under any of its ids.
pub(crate) fn naming(view: &View<'_>, unit: RecordId, of: &str) -> Result<Vec<Record>, Failure> {
    Ok(same::naming_any(&names(view, unit)?, of, view)?)
}

/// Every id of a home, the one that is meant first.
pub(crate) fn names(view: &View<'_>, unit: RecordId) -> Result<Vec<RecordId>, Failure> {
    Ok(same::names_of(root(view, unit)?, kind::UNIT, view)?)
}

/// A room of a home; two of one label that came from two entries of the home are one room.
pub(crate) struct HomeRoom {
    pub(crate) record: Record,
    /// The same room under its other ids.
    pub(crate) also: Vec<RecordId>,
}

impl HomeRoom {
    pub(crate) fn label(&self) -> &str {
        self.record.text("label", "label").unwrap_or_default()
    }

    pub(crate) fn is(&self, room: Option<RecordId>) -> bool {
        room.is_some_and(|room| room == self.record.id || self.also.contains(&room))
    }
}

/// The rooms of a home in the order people count them.
pub(crate) fn rooms(view: &View<'_>, unit: RecordId) -> Result<Vec<HomeRoom>, Failure> {
    let mut rooms: Vec<HomeRoom> = Vec::new();
    for name in names(view, unit)? {
        let own = rooms.len();
        for record in view.naming(name, kind::ROOM)? {
            let label = record.text("label", "label").unwrap_or_default();
            // Two rooms of one label in one entry are two: somebody wrote them so.
            match rooms[..own].iter_mut().find(|room| room.label() == label) {
                Some(room) => room.also.push(record.id),
                None => rooms.push(HomeRoom { record, also: Vec::new() }),
            }
        }
    }
    rooms.sort_by_key(|room| natural(room.label()));
    Ok(rooms)
}

/// Home and room as a new stay names them: the home that is meant, and a room of its own. A room that only the other entry had is
/// written down here too.
pub(crate) fn placed(
    save: &mut Save<'_, '_>,
    unit: RecordId,
    room: Option<RecordId>,
) -> Result<(RecordId, Option<RecordId>), Failure> {
    let meant = root(save.writing, unit)?;
    let Some(room) = room else { return Ok((meant, None)) };
    let record = save.record_of(room, kind::ROOM)?;
    if record.reference("where", "unit") == Some(meant) {
        return Ok((meant, Some(room)));
    }
    let label = record.text("label", "label").unwrap_or_default().to_owned();
    let own = save.writing.naming(meant, kind::ROOM)?.into_iter().find(|own| own.text("label", "label") == Some(&label));
    if let Some(own) = own {
        return Ok((meant, Some(own.id)));
    }
    let place = to_fields(&RoomWhere { unit: meant });
    let label = to_fields(&RoomLabel { label });
    let room = save.create(kind::ROOM, BTreeMap::from([("where".to_owned(), place), ("label".to_owned(), label)]))?;
    Ok((meant, Some(room)))
}

/// The home this one was merged into, as its page says it.
pub(crate) fn merged_into(view: &View<'_>, home: &Record) -> Result<Option<MergedHome>, Failure> {
    let meant = root(view, home.id)?;
    if meant == home.id {
        return Ok(None);
    }
    let on = home.text("registration", "on").unwrap_or_default().to_owned();
    let title = view.shown(meant)?.as_ref().map(derive::unit_title).unwrap_or_default();
    Ok(Some(MergedHome { unit: meant, title, on }))
}

/// The homes that were merged into this one.
pub(crate) fn merged_here(view: &View<'_>, home: RecordId) -> Result<Vec<MergedHome>, Failure> {
    let mut merged = Vec::new();
    for name in names(view, home)?.into_iter().filter(|name| *name != home) {
        let Some(record) = view.shown(name)? else { continue };
        let on = record.text("registration", "on").unwrap_or_default().to_owned();
        merged.push(MergedHome { unit: name, title: derive::unit_title(&record), on });
    }
    Ok(merged)
}

impl Device {
    /// Homes that may be this one: at the same door first, then in the building, then in the street; or whatever is searched for.
    pub(crate) fn same_homes(&self, ask: &SameHomes) -> Result<SameHomesReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let home = view.shown(ask.unit)?.filter(|home| home.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?;
            let address: Address = home.typed("address").unwrap_or_default();
            let own = names(view, home.id)?;
            let mut lines = if ask.query.trim().is_empty() {
                view.units_at("\u{1}", &street(&address).norm_key(), STREET_MAX)?
            } else {
                self.search_units(view, &ask.query.trim().to_lowercase(), Some(&address.area))?
            };
            lines.retain(|line| line.area == address.area && !own.contains(&line.id));
            let key = address.norm_key();
            let [road, building, _] = address.steps();
            let mut ranked = Vec::with_capacity(lines.len());
            for line in lines {
                let there: Address = view.shown(line.id)?.and_then(|there| there.typed("address")).unwrap_or_default();
                let [its_road, its_building, _] = there.steps();
                let rank = (line.norm_key != key, its_building != building, its_road != road);
                ranked.push((rank, line));
            }
            ranked.sort_by(|(one, a), (other, b)| (one, &a.sort).cmp(&(other, &b.sort)));
            ranked.truncate(OFFERED_MAX);
            let lines: Vec<_> = ranked.into_iter().map(|(_, line)| line).collect();
            let ids: Vec<RecordId> = lines.iter().map(|line| line.id).collect();
            let (today, law) = (self.today(view)?, self.law(view)?);
            let rows: Vec<UnitRow> = self.unit_rows(view, lines, Rounds::of(view, &ids, &law, today)?)?;
            Ok(SameHomesReply { title: derive::unit_title(&home), rows })
        })
    }

    /// What merging the one into the other would bring together.
    pub(crate) fn same_home(&self, ask: &SameHome) -> Result<SameHomeView, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            Ok(SameHomeView { goes: self.merging(view, ask.unit)?, stays: self.merging(view, ask.into)? })
        })
    }

    fn merging(&self, view: &View<'_>, unit: RecordId) -> Result<MergingHome, Failure> {
        let home = view.shown(unit)?.filter(|home| home.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?;
        let (mut people, mut known) = (Vec::new(), BTreeSet::new());
        for stay in naming(view, unit, kind::STAY)?.into_iter().filter(residency::is_open) {
            let Some(person) = stay.reference("where", "person") else { continue };
            let person = root_of_person(view, person)?;
            if known.insert(person) {
                people.extend(view.person_line(person)?.map(|line| line.name));
            }
        }
        let hazards = withdrawal::standing(naming(view, unit, kind::HAZARD)?, view)?;
        let visits = withdrawal::standing(naming(view, unit, kind::VISIT)?, view)?;
        let landlord: domain::unit::Landlord = home.typed("landlord").unwrap_or_default();
        Ok(MergingHome {
            unit,
            title: derive::unit_title(&home),
            number: home.text("number", "no").unwrap_or_default().to_owned(),
            landlord: landlord.name,
            phone: landlord.phone,
            state: unit::standing(&home, view)?.map_or(UnitStatus::Pending, |registration| registration.state),
            people,
            rooms: rooms(view, unit)?.iter().map(|room| room.label().to_owned()).collect(),
            hazards: hazards.iter().filter(|hazard| hazard::is_open(hazard)).count() as u64,
            visits: visits.iter().filter(|visit| domain::visit::is_whole(visit)).count() as u64,
            photos: naming(view, unit, kind::PHOTO)?.len() as u64,
        })
    }

    /// One home was entered twice: this one is closed as part of the other.
    pub(crate) fn merge_homes(&self, ask: &MergeHomes) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            let home = save.record_of(ask.unit, kind::UNIT)?;
            let into = root(save.writing, ask.into)?;
            let other = save.record_of(into, kind::UNIT)?;
            let area = |home: &Record| home.typed::<Address>("address").unwrap_or_default().area;
            let own = self.own_areas(save.writing)?;
            if area(&home) != area(&other) || own.iter().all(|known| known.code != area(&home)) {
                return Err(UiError::form(vec![FieldProblem::stop("into", Problem::NotYourArea)]).into());
            }
            // Already one home, or closed for another reason: then there is nothing to merge.
            let stands = standing_of(save.writing, &home)?;
            let closed = |registration: &Registration| registration.state == UnitStatus::Closed;
            if into == root(save.writing, home.id)? || closed(&stands) || closed(&standing_of(save.writing, &other)?) {
                return Err(ErrorCode::Stale.into());
            }
            // How it stands counts, not what a circle left in it.
            let merged = stands.merged(into, save.today.to_string());
            save.set(home.id, BTreeMap::from([("registration".to_owned(), to_fields(&merged))]))?;
            Ok(SavedUnit { id: into, warnings: Vec::new(), waiting_to_sync: true })
        })
    }

    /// They are two homes after all: each has its own again.
    pub(crate) fn part_homes(&self, ask: &PartHomes) -> Result<SavedUnit, Failure> {
        self.save(|save| {
            let home = save.record_of(ask.unit, kind::UNIT)?;
            let meant = root(save.writing, home.id)?;
            if meant == home.id {
                return Err(ErrorCode::Stale.into());
            }
            let mut parted = vec![home];
            // In a circle the one that stands points back: left so, the next look would turn the two round.
            parted.extend(save.writing.shown(meant)?.filter(|meant| same::points_to(meant).is_some()));
            for home in parted {
                let Some(registration) = home.typed::<Registration>("registration") else { continue };
                save.set(home.id, BTreeMap::from([("registration".to_owned(), to_fields(&registration.parted()))]))?;
            }
            Ok(SavedUnit { id: ask.unit, warnings: Vec::new(), waiting_to_sync: true })
        })
    }
}

fn standing_of(view: &View<'_>, home: &Record) -> Result<Registration, Failure> {
    let registration = unit::standing(home, view)?;
    let entered = || home.groups.get("address").map(|value| domain::day::day_of(value.origin.stamp.unix_ms()).to_string());
    Ok(registration.unwrap_or_else(|| Registration::since(UnitStatus::Pending, entered().unwrap_or_default())))
}

/// The address up to the street, by which neighbours are found.
pub(crate) fn street(address: &Address) -> Address {
    Address {
        area: address.area.clone(),
        natural_group: address.natural_group.clone(),
        road: address.road.clone(),
        compound: address.compound.clone(),
        ..Address::default()
    }
}
