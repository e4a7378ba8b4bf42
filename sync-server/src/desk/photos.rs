//! Photos at the desk: those of a home, of its rooms and of visits there; what has not arrived, from whom, and since when.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::photo::{BLOB_BYTES_MAX, PhotoFact, may_show};
use domain::{DeviceNumber, Record, RecordId, kind, place};
use store::server::{AuditLine, View};
use sync_protocol::blob::BlobError;
use ui_protocol::ErrorCode;
use ui_protocol::photos::{PhotoImage, PhotoSize, StationPhoto, StationPhotoBytes};

use super::DeskCaller;
use crate::core::Core;
use crate::failure::Failure;

/// Photos shown beside one record.
const PHOTOS_MAX: usize = 60;

/// The photos of a record, the newest first; none for what has none.
///
/// # Errors
/// As the store says.
pub fn of(view: &View<'_>, record: &Record) -> Result<Vec<StationPhoto>, Failure> {
    if !may_show(&record.kind) {
        return Ok(Vec::new());
    }
    let mut shown = vec![record.id];
    if record.kind == kind::UNIT {
        for dependent in [kind::ROOM, kind::VISIT] {
            shown.extend(view.referrers(record.id, dependent)?.into_iter().map(|record| record.id));
        }
    }
    let mut names: BTreeMap<DeviceNumber, String> = BTreeMap::new();
    let mut photos = Vec::new();
    for id in shown {
        for photo in view.referrers(id, kind::PHOTO)? {
            if !view.photo_is_living(photo.id)? {
                continue;
            }
            if let Some(one) = one(view, &photo, &mut names)? {
                photos.push(one);
            }
        }
    }
    photos.sort_by_key(|photo| std::cmp::Reverse(photo.added_unix_ms));
    photos.truncate(PHOTOS_MAX);
    Ok(photos)
}

fn one(view: &View<'_>, photo: &Record, names: &mut BTreeMap<DeviceNumber, String>) -> Result<Option<StationPhoto>, Failure> {
    let Some((fact, value)) = photo.typed::<PhotoFact>("fact").zip(photo.groups.get("fact")) else { return Ok(None) };
    let device = value.origin.device;
    let by = match names.get(&device) {
        Some(by) => by.clone(),
        None => {
            let account = view.device_account(device)?.map_or(Ok(None), |account| view.account(account))?;
            let by = account.map(|account| account.name).unwrap_or_default();
            names.insert(device, by.clone());
            by
        }
    };
    Ok(Some(StationPhoto {
        id: photo.id,
        note: fact.note,
        taken_on: fact.taken_on,
        added_unix_ms: value.origin.stamp.unix_ms(),
        device: device.0,
        by,
        small_here: view.blob(fact.thumb)?.is_some(),
        whole_here: view.blob(fact.hash)?.is_some(),
    }))
}

/// A living photo in the caller's villages. What is elsewhere is not there.
fn seen(view: &View<'_>, caller: &DeskCaller, id: RecordId) -> Result<PhotoFact, Failure> {
    let photo = view.record(id)?.filter(|photo| photo.kind == kind::PHOTO && photo.dead.is_none());
    let photo = photo.filter(|photo| place::stored(photo).area.is_some_and(|area| caller.sees(&area)));
    let living = match &photo {
        Some(photo) => view.photo_is_living(photo.id)?,
        None => false,
    };
    photo.filter(|_| living).and_then(|photo| photo.typed("fact")).ok_or(Failure::Desk(ErrorCode::NotFound))
}

impl Core {
    /// A photo's bytes; that the whole one was looked at is noted down.
    pub(super) fn station_photo(&self, caller: &DeskCaller, ask: &StationPhotoBytes) -> Result<PhotoImage, Failure> {
        let hash = self.look(|view| {
            let fact = seen(view, caller, ask.photo)?;
            let hash = if ask.size == PhotoSize::Small { fact.thumb } else { fact.hash };
            if view.blob(hash)?.is_none() { Err(Failure::Desk(ErrorCode::PhotoNotHere)) } else { Ok(hash) }
        })?;
        let bytes = self.stored(hash, 0, BLOB_BYTES_MAX).map_err(|failure| match failure.into_blob() {
            BlobError::NotArrived | BlobError::NotThere => Failure::Desk(ErrorCode::PhotoNotHere),
            _ => Failure::Desk(ErrorCode::Server),
        })?;
        if ask.size == PhotoSize::Whole {
            let (actor, subject, at_unix_ms) = (caller.account.id.to_string(), ask.photo.to_string(), self.now_unix_ms());
            self.write(move |write| {
                let line = AuditLine { at_unix_ms, actor: &actor, action: "desk.photo", subject: &subject, detail: "" };
                Ok(write.add_audit(line)?)
            })?;
        }
        Ok(PhotoImage { jpeg: BASE64.encode(bytes) })
    }
}
