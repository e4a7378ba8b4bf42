//! Photos of homes, rooms and visits: taken, shown, withdrawn. Their records are saved like every other; their bytes lie in a
//! folder and travel by themselves, see [`queue`].

mod exif;
mod folder;
pub mod picture;
pub mod queue;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::photo::{BlobHash, NOTE_MAX, PhotoFact, WithdrawalFact, may_show};
use domain::record::to_fields;
use domain::{Record, RecordId, kind, text};
use store::StoreError;
use store::device::{Durability, OutboxState, View, Writing};
use ui_protocol::photos::{
    AddPhoto, PhotoBytes, PhotoImage, PhotoSize, PhotoState, PhotoView, Photos, PhotosReply, PhotosStatus, PutPhotoBack,
    SendPhotos, TellNetwork, WithdrawPhoto,
};
use ui_protocol::session::{Settings, SyncStatus};
use ui_protocol::{ErrorCode, UiError};

use crate::error::Failure;
use crate::{Device, homes, lock};

pub(crate) use folder::Folder;
use picture::{FILE_BYTES_MAX, PictureProblem};

/// A withdrawn photo's bytes stay so long on this device: who withdrew the wrong one puts it back.
const WITHDRAWN_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// So long what was told of the network holds; the page tells it again well within.
const NETWORK_KNOWN_MS: i64 = 5 * 60 * 1000;
/// Bytes of a record that left the device wait so long for their way to the server: they are nowhere else.
const LEFT_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A file nobody knows is kept so long: a stop between the file and its record, or a damaged database that was set aside.
const ORPHAN_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl Device {
    pub(crate) fn photos(&self, ask: &Photos) -> Result<PhotosReply, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let mut photos = Vec::new();
            for record in homes::naming(view, ask.of, kind::PHOTO)? {
                let withdrawn = is_withdrawn(view, record.id)?;
                if withdrawn && !ask.withdrawn {
                    continue;
                }
                if let Some(photo) = self.photo_view(view, &record, withdrawn, identity.device)? {
                    photos.push(photo);
                }
            }
            // The newest first: their ids follow time.
            photos.reverse();
            Ok(PhotosReply { photos })
        })
    }

    fn photo_view(
        &self,
        view: &View<'_>,
        record: &Record,
        withdrawn: bool,
        own: domain::DeviceNumber,
    ) -> Result<Option<PhotoView>, Failure> {
        let Some((fact, value)) = record.typed::<PhotoFact>("fact").zip(record.groups.get("fact")) else { return Ok(None) };
        let (whole, small) = (view.blob(fact.hash)?, view.blob(fact.thumb)?);
        let here = |row: Option<store::device::BlobRow>| row.is_some_and(|row| row.here);
        let waiting = view.held(record.id)?.is_some_and(|held| held.waiting > 0);
        let state = match whole {
            Some(row) if row.there => PhotoState::Sent,
            Some(row) if row.here && row.sent > 0 && !waiting => {
                PhotoState::Sending { percent: u8::try_from(row.sent * 100 / row.bytes.max(1)).unwrap_or(99).min(99) }
            }
            Some(row) if row.here => PhotoState::NotSent,
            _ => PhotoState::Elsewhere,
        };
        Ok(Some(PhotoView {
            id: record.id,
            of: fact.of,
            width: fact.width,
            height: fact.height,
            bytes: fact.bytes,
            taken_on: fact.taken_on,
            added_unix_ms: value.origin.stamp.unix_ms(),
            mine: value.origin.device == own,
            note: fact.note,
            withdrawn,
            thumb_here: here(small),
            whole_here: here(whole),
            state,
        }))
    }

    /// A new photo: made small, kept in the folder, then its record in the ordinary way, at once.
    pub(crate) fn add_photo(&self, ask: &AddPhoto) -> Result<PhotoView, Failure> {
        let target = self.store.read(|view| {
            self.require(view)?;
            Ok::<_, Failure>(view.shown(ask.of)?)
        })?;
        if !target.is_some_and(|target| may_show(&target.kind)) {
            return Err(ErrorCode::NotFound.into());
        }
        let note = text::check_note(&ask.note, NOTE_MAX).map_err(|problem| {
            UiError::form(vec![domain::form::FieldProblem::stop("note", domain::form::Problem::Text(problem))])
        })?;
        if ask.image.len() / 4 * 3 > FILE_BYTES_MAX + 3 {
            return Err(said(PictureProblem::TooLarge).into());
        }
        let file = BASE64.decode(ask.image.as_bytes()).map_err(|_| ErrorCode::Malformed)?;
        // No lock is held while millions of pixels are looked at: saving and searching go on.
        let made = picture::prepare(&file).map_err(said)?;
        drop(file);
        let _files = lock(&self.photo_files);
        let now_unix_ms = self.around.unix_ms();
        let kept = |bytes: &[u8]| self.folder.keep(bytes, now_unix_ms).map_err(StoreError::File);
        let (hash, thumb) = (kept(&made.whole)?, kept(&made.small)?);
        let bytes = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let fact = PhotoFact {
            of: ask.of,
            hash,
            bytes: bytes(&made.whole),
            width: made.width,
            height: made.height,
            thumb,
            thumb_bytes: bytes(&made.small),
            taken_on: made.taken_on,
            note,
        };
        self.add_fact(fact)
    }

    fn add_fact(&self, fact: PhotoFact) -> Result<PhotoView, Failure> {
        let id = self.save(|save| {
            let target = save.record(fact.of)?;
            if !may_show(&target.kind) {
                return Err(ErrorCode::NotFound.into());
            }
            // The button was pressed twice, or the same file chosen again: the photo is there.
            for there in save.writing.naming(fact.of, kind::PHOTO)? {
                let same = there.typed::<PhotoFact>("fact").is_some_and(|known| known.hash == fact.hash);
                if same && !is_withdrawn(save.writing, there.id)? {
                    return Ok(there.id);
                }
            }
            let id = save.create(kind::PHOTO, BTreeMap::from([("fact".to_owned(), to_fields(&fact))]))?;
            use_bytes(save.writing, id, &fact, false, true)?;
            for hash in [fact.hash, fact.thumb] {
                save.writing.set_blob_here(hash, true)?;
            }
            Ok(id)
        })?;
        self.one(id)
    }

    fn one(&self, id: RecordId) -> Result<PhotoView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let record = view.shown(id)?.filter(|record| record.kind == kind::PHOTO).ok_or(ErrorCode::NotFound)?;
            let withdrawn = is_withdrawn(view, id)?;
            self.photo_view(view, &record, withdrawn, identity.device)?.ok_or_else(|| ErrorCode::NotFound.into())
        })
    }

    pub(crate) fn withdraw_photo(&self, ask: &WithdrawPhoto) -> Result<PhotoView, Failure> {
        self.save(|save| {
            save.record_of(ask.photo, kind::PHOTO)?;
            if !is_withdrawn(save.writing, ask.photo)? {
                let fact = to_fields(&WithdrawalFact { photo: ask.photo });
                save.create(kind::PHOTO_WITHDRAWAL, BTreeMap::from([("fact".to_owned(), fact)]))?;
            }
            Ok(())
        })?;
        self.one(ask.photo)
    }

    /// A withdrawal is a fact and stays; the photo comes back as a new one with the same bytes.
    pub(crate) fn put_photo_back(&self, ask: &PutPhotoBack) -> Result<PhotoView, Failure> {
        let fact: PhotoFact = self.store.read(|view| {
            self.require(view)?;
            let record = view.shown(ask.photo)?.filter(|record| record.kind == kind::PHOTO).ok_or(ErrorCode::NotFound)?;
            Ok::<_, Failure>(record.typed("fact").ok_or(ErrorCode::NotFound)?)
        })?;
        let _files = lock(&self.photo_files);
        let here = |hash: BlobHash| Ok::<_, StoreError>(self.folder.read(hash)?.is_some());
        if !here(fact.hash)? || !here(fact.thumb)? {
            // Its bytes were cleaned up, or it is somebody else's: the file has to be chosen again.
            return Err(ErrorCode::PhotoGone.into());
        }
        self.add_fact(fact)
    }

    /// A photo's bytes for the screen. What is not here yet is fetched now when there is a network.
    pub(crate) fn photo_bytes(&self, ask: &PhotoBytes) -> Result<PhotoImage, Failure> {
        let hash = self.store.read(|view| {
            self.require(view)?;
            let record = view.shown(ask.photo)?.filter(|record| record.kind == kind::PHOTO).ok_or(ErrorCode::NotFound)?;
            let fact: PhotoFact = record.typed("fact").ok_or(ErrorCode::NotFound)?;
            Ok::<_, Failure>(match ask.size {
                PhotoSize::Small => fact.thumb,
                PhotoSize::Whole => fact.hash,
            })
        })?;
        let read = || self.folder.read(hash).map_err(StoreError::File);
        let mut bytes = read()?;
        if bytes.is_none() {
            self.store.write(Durability::Pulled, |writing| {
                // In the middle of a first load nobody has written down yet which bytes it names.
                refresh(writing, ask.photo)?;
                writing.set_blob_here(hash, false)?;
                Ok::<_, Failure>(writing.want_blob(hash)?)
            })?;
            self.fetch_now(hash)?;
            bytes = read()?;
        }
        let bytes = bytes.ok_or(ErrorCode::PhotoNotHere)?;
        Ok(PhotoImage { jpeg: BASE64.encode(bytes) })
    }

    /// Sends everything now, whatever was put off and whatever the network costs.
    pub(crate) fn send_photos(&self, _: &SendPhotos) -> Result<SyncStatus, Failure> {
        self.store.write(Durability::Pulled, |writing| {
            self.require(writing)?;
            Ok::<_, Failure>(writing.try_blobs_now()?)
        })?;
        self.photos_anyway.store(true, Ordering::Relaxed);
        self.store.read(|view| self.sync_status(view))
    }

    /// What the page or the shell knows of the network: metered, unmetered, or nothing.
    pub(crate) fn tell_network(&self, ask: &TellNetwork) -> Result<SyncStatus, Failure> {
        self.network_is(ask.metered);
        self.store.read(|view| {
            self.require(view)?;
            self.sync_status(view)
        })
    }

    /// What a shell knows of the network.
    pub fn network_is(&self, metered: Option<bool>) {
        *lock(&self.metered) = metered.map(|metered| (metered, self.around.unix_ms()));
    }

    /// Whether whole photos wait for a network that costs nothing.
    pub(crate) fn holds_photos(&self, view: &View<'_>) -> Result<bool, Failure> {
        let settings: Settings = view.meta("settings")?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        // Out of the door the network is another one: what was told a while ago says nothing.
        let fresh = |at: i64| (self.around.unix_ms() - at).abs() < NETWORK_KNOWN_MS;
        let free = matches!(*lock(&self.metered), Some((false, at)) if fresh(at));
        Ok(settings.photos_wifi_only && !free && !self.photos_anyway.load(Ordering::Relaxed))
    }

    pub(crate) fn photos_status(&self, view: &View<'_>) -> Result<PhotosStatus, Failure> {
        let waiting = view.photos_waiting()?;
        Ok(PhotosStatus {
            waiting: waiting.photos,
            bytes: waiting.bytes,
            sending: self.carrying.load(Ordering::Relaxed) && waiting.bytes > 0,
            held_for_wifi: waiting.photos > 0 && self.holds_photos(view)?,
            problem: *lock(&self.photo_problem),
        })
    }

    /// Puts the folder in order: bytes nobody names go, files nobody knows too, known ones are known to be here.
    pub(crate) fn sweep_photos(&self, keep: Keep) -> Result<(), Failure> {
        let _files = lock(&self.photo_files);
        let now_unix_ms = self.around.unix_ms();
        let now = keep != Keep::All;
        let ago = |ms| if now { i64::MAX } else { now_unix_ms - ms };
        let left_before = if keep == Keep::Nothing { i64::MAX } else { now_unix_ms - LEFT_KEPT_MS };
        // While not everything is here, a file whose record is still to come looks like nobody's.
        let arrived = self.store.read(|view| {
            let scopes = view.scopes()?;
            Ok::<_, Failure>(!scopes.is_empty() && scopes.iter().all(|row| row.complete))
        })?;
        let gone = self.store.write(Durability::Pulled, |writing| {
            writing.count_blob_uses(now_unix_ms, left_before)?;
            let gone = writing.blobs_to_remove(ago(WITHDRAWN_KEPT_MS))?;
            for hash in &gone {
                writing.forget_blob(*hash)?;
            }
            Ok::<_, Failure>(gone)
        })?;
        for hash in gone {
            self.folder.remove(hash).map_err(StoreError::File)?;
        }
        for (hash, old) in self.folder.names(ago(ORPHAN_KEPT_MS)).map_err(StoreError::File)? {
            match self.store.read(|view| view.blob(hash))? {
                // A database that was rebuilt from the server finds its own photos again.
                Some(row) if !row.here && self.folder.read(hash).map_err(StoreError::File)?.is_some() => {
                    self.store.write(Durability::Pulled, |writing| writing.set_blob_here(hash, true))?;
                }
                None if (old && arrived) || now => self.folder.remove(hash).map_err(StoreError::File)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// What of the photos' bytes stays on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What somebody here may look at or has to send.
    All,
    /// It was shut out: what has not arrived at the server, as long as that takes it. It is nowhere else.
    Unsent,
    /// The server takes nothing of it any more.
    Nothing,
}

/// Which bytes a photo's record names now; called for every record that was touched.
pub(crate) fn refresh(writing: &Writing<'_>, id: RecordId) -> Result<(), Failure> {
    let held = writing.held(id)?;
    let shown = held.as_ref().and_then(|held| held.shown.typed::<PhotoFact>("fact"));
    let Some(fact) = shown.or_else(|| tray_fact(writing, id)) else {
        return Ok(writing.drop_blob_uses(id)?);
    };
    let answered = held.and_then(|held| held.said).is_some_and(|said| said.fields("fact").is_some());
    use_bytes(writing, id, &fact, answered, !is_withdrawn(writing, id)?)
}

/// The photo a withdrawal names; of a refused one, as its change has it.
pub(crate) fn withdrawn_by(view: &View<'_>, withdrawal: &Record) -> Result<Option<RecordId>, Failure> {
    if let Some(photo) = withdrawal.reference("fact", "photo") {
        return Ok(Some(photo));
    }
    let changes = view.changes_of(withdrawal.id, 1)?;
    let named = changes.first().and_then(|change| change.change.groups.get("fact")?.fields.get("photo")?.as_str()?.parse().ok());
    Ok(named)
}

/// The photo of a refused save: its values are in the tray, and its bytes wait with them.
fn tray_fact(view: &View<'_>, id: RecordId) -> Option<PhotoFact> {
    let refused = view.changes_of(id, 10).ok()?.into_iter().find(|change| change.state == OutboxState::Refused)?;
    let fields = refused.change.groups.get("fact")?.fields.clone();
    serde_json::from_value(serde_json::Value::Object(fields)).ok()
}

/// All photos of the device anew: a file from before photos may hold their records.
pub(crate) fn refresh_all(writing: &Writing<'_>) -> Result<(), Failure> {
    for photo in writing.all(kind::PHOTO)? {
        refresh(writing, photo.id)?;
    }
    Ok(())
}

fn use_bytes(writing: &Writing<'_>, id: RecordId, fact: &PhotoFact, answered: bool, living: bool) -> Result<(), Failure> {
    writing.use_blob(id, fact.hash, fact.bytes, false, answered, living)?;
    writing.use_blob(id, fact.thumb, fact.thumb_bytes, true, answered, living)?;
    Ok(())
}

fn is_withdrawn(view: &View<'_>, photo: RecordId) -> Result<bool, Failure> {
    Ok(!view.naming(photo, kind::PHOTO_WITHDRAWAL)?.is_empty())
}

fn said(problem: PictureProblem) -> UiError {
    UiError::of(match problem {
        PictureProblem::Empty => ErrorCode::PhotoEmpty,
        PictureProblem::TooLarge => ErrorCode::PhotoTooLarge,
        PictureProblem::Heic => ErrorCode::PhotoHeic,
        PictureProblem::Unknown => ErrorCode::PhotoUnknown,
        PictureProblem::Damaged => ErrorCode::PhotoDamaged,
        PictureProblem::TooManyPixels => ErrorCode::PhotoPixels,
    })
}
