//! A home by the plate at its door. What a camera read is looked up in this device's own file, and goes nowhere.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::plate::{Plate, PlateToken, Scanned, WANTED, Wanted};
use domain::record::to_fields;
use domain::{Record, RecordId, code, kind};
use serde::{Deserialize, Serialize};
use store::device::{Durability, View, Writing};
use ui_protocol::ErrorCode;
use ui_protocol::plates::{OpenPlate, PlateAnswer, PlateOf, PlateView, ScanPicture, WantPlate};

use crate::error::Failure;
use crate::identity::Identity;
use crate::{Device, derive, homes, visits};

/// What the last scanned plate is kept under, until the next one.
const LAST: &str = "plate:last";
/// How long after a scan a visit begins with it: the stairs, a word with the landlord.
const SCAN_MS: i64 = 30 * 60 * 1000;

/// The plate that was scanned last.
#[derive(Debug, Serialize, Deserialize)]
struct LastScan {
    unit: RecordId,
    at_unix_ms: i64,
}

impl Device {
    pub(crate) fn open_plate(&self, ask: &OpenPlate) -> Result<PlateAnswer, Failure> {
        self.home_of(&Scanned::read(&ask.text), false)
    }

    pub(crate) fn scan_picture(&self, ask: &ScanPicture) -> Result<Option<PlateAnswer>, Failure> {
        let dark = BASE64.decode(&ask.dark).map_err(|_| ErrorCode::Malformed)?;
        let mut found: Vec<Scanned> = code::read(ask.width, ask.height, &dark).iter().map(|said| Scanned::read(said)).collect();
        // A plate may hang beside somebody's payment code.
        found.sort_by_key(|scanned| !matches!(scanned, Scanned::Plate(_)));
        match found.first() {
            // A number in a code of somebody else's is no plate.
            Some(Scanned::Number(_) | Scanned::Nothing) => Ok(Some(PlateAnswer::Foreign)),
            Some(scanned) => self.home_of(scanned, ask.live).map(Some),
            None => Ok(None),
        }
    }

    fn home_of(&self, scanned: &Scanned, live: bool) -> Result<PlateAnswer, Failure> {
        let answer = self.store.read(|view| {
            self.require(view)?;
            match scanned {
                Scanned::Plate(token) => by_token(view, *token),
                Scanned::Number(number) => by_number(view, number),
                Scanned::Foreign => Ok(PlateAnswer::Foreign),
                Scanned::Nothing => Ok(PlateAnswer::Nothing),
            }
        })?;
        if let (PlateAnswer::Home { unit, .. }, true) = (&answer, live) {
            let now = self.now();
            self.store.write(Durability::Full, |writing| note_scan(writing, *unit, now))?;
        }
        Ok(answer)
    }

    pub(crate) fn plate_of(&self, ask: &PlateOf) -> Result<PlateView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let home = view.shown(ask.unit)?.filter(|home| home.kind == kind::UNIT).ok_or(ErrorCode::NotFound)?;
            Ok(plate_view(&home, &identity))
        })
    }

    pub(crate) fn want_plate(&self, ask: &WantPlate) -> Result<PlateView, Failure> {
        self.save(|save| {
            let home = save.record_of(ask.unit, kind::UNIT)?;
            // The server gives the first one by itself.
            let replaces = Plate::of(&home).ok_or(ErrorCode::SyncFirst)?.token;
            save.set(ask.unit, BTreeMap::from([(WANTED.to_owned(), to_fields(&Wanted { replaces }))]))?;
            Ok(plate_view(&save.record_of(ask.unit, kind::UNIT)?, &save.identity))
        })
    }
}

fn plate_view(home: &Record, identity: &Identity) -> PlateView {
    let plate = Plate::of(home);
    let text = plate.as_ref().map(|plate| plate.token.address(&identity.server));
    PlateView {
        unit: home.id,
        title: derive::unit_title(home),
        number: home.text("number", "no").unwrap_or_default().to_owned(),
        drawing: text.as_deref().and_then(code::draw),
        text: text.unwrap_or_default(),
        no: plate.as_ref().map_or(0, |plate| plate.no),
        wanted: Plate::due(home).is_some_and(|no| no > 1),
        on: plate.map(|plate| plate.on).unwrap_or_default(),
    }
}

/// A village's homes are looked through for the token: a few milliseconds while a hand still holds the phone before the plate, and
/// no index that every save would keep.
fn by_token(view: &View<'_>, token: PlateToken) -> Result<PlateAnswer, Failure> {
    let mut former = None;
    for home in homes_saying(view, &token.to_string())? {
        let Some(plate) = Plate::of(&home) else { continue };
        let (unit, title) = meant(view, &home)?;
        if plate.token == token {
            return Ok(PlateAnswer::Home { unit, title });
        }
        if plate.replaced.contains(&token) {
            former = Some(PlateAnswer::Replaced { unit, title, on: plate.on });
        }
    }
    Ok(former.unwrap_or(PlateAnswer::NotHere))
}

fn by_number(view: &View<'_>, number: &str) -> Result<PlateAnswer, Failure> {
    let home = homes_saying(view, number)?.into_iter().find(|home| home.text("number", "no") == Some(number));
    Ok(match home {
        Some(home) => {
            let (unit, title) = meant(view, &home)?;
            PlateAnswer::Home { unit, title }
        }
        None => PlateAnswer::NoSuchNumber,
    })
}

/// The home a plate opens: of one that was merged into another, that one.
fn meant(view: &View<'_>, home: &Record) -> Result<(RecordId, String), Failure> {
    let unit = homes::root(view, home.id)?;
    let title = if unit == home.id {
        derive::unit_title(home)
    } else {
        view.shown(unit)?.as_ref().map(derive::unit_title).unwrap_or_default()
    };
    Ok((unit, title))
}

/// The homes in whose values a text stands; few, and each read whole.
fn homes_saying(view: &View<'_>, text: &str) -> Result<Vec<Record>, Failure> {
    let mut found = Vec::new();
    view.each_shown(kind::UNIT, |shown| {
        if shown.groups.contains(text) {
            found.push(shown.id);
        }
        Ok::<_, Failure>(())
    })?;
    let mut homes = Vec::with_capacity(found.len());
    for id in found {
        homes.extend(view.shown(id)?);
    }
    Ok(homes)
}

fn note_scan(writing: &Writing<'_>, unit: RecordId, now: i64) -> Result<(), Failure> {
    visits::note_scan(writing, unit, now)?;
    let last = LastScan { unit, at_unix_ms: now };
    Ok(writing.keep_draft(LAST, &serde_json::to_value(last)?, now)?)
}

/// Whether a home's plate was scanned just now. A clock that was set back since says nothing.
pub(crate) fn was_scanned(view: &View<'_>, unit: RecordId, now: i64) -> Result<bool, Failure> {
    let last = view.draft(LAST)?.and_then(|(last, _)| serde_json::from_value::<LastScan>(last).ok());
    Ok(last.is_some_and(|last| {
        homes::root(view, last.unit).ok() == homes::root(view, unit).ok() && (0..=SCAN_MS).contains(&(now - last.at_unix_ms))
    }))
}
