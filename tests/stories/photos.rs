//! Photos: taken without a network, sent in pieces over a line that breaks, seen by the colleague, withdrawn, gone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::RecordId;
use domain::access::Role;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, Rgb, RgbImage};
use sync_protocol::SyncError;
use sync_protocol::blob::PIECE_BYTES_MAX;
use ui_protocol::attention::{Attention, Discard, Resend};
use ui_protocol::photos::{
    AddPhoto, PhotoBytes, PhotoSize, PhotoState, PhotoView, Photos, PutPhotoBack, SendPhotos, TellNetwork, WithdrawPhoto,
};
use ui_protocol::session::{SaveSettings, Settings, Status};
use ui_protocol::{ErrorCode, UiError};
use workspace_tests::world::{DONG, Lie, XI};
use workspace_tests::{Actor, World};

/// What a camera wrote: busy enough that it takes several pieces.
fn camera(seed: u32) -> String {
    let scene = RgbImage::from_fn(900, 700, |x, y| {
        let at = x.wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)).wrapping_add(seed * 7_919);
        Rgb([(at >> 13) as u8 | 0x40, (x / 4) as u8, ((at >> 7) as u8) / 3])
    });
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode(scene.as_raw(), 900, 700, ExtendedColorType::Rgb8).expect("encodes");
    BASE64.encode(file)
}

fn take(actor: &Actor, of: RecordId, seed: u32) -> PhotoView {
    actor.ask(AddPhoto { of, image: camera(seed), note: "配电箱".to_owned() })
}

fn shown(actor: &Actor, of: RecordId) -> Vec<PhotoView> {
    actor.ask(Photos { of, withdrawn: false }).photos
}

fn look(actor: &Actor, photo: RecordId, size: PhotoSize) -> Result<Vec<u8>, UiError> {
    actor.try_ask(PhotoBytes { photo, size }).map(|image| BASE64.decode(image.jpeg).expect("base64"))
}

fn files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .map_or(0, |entries| entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum())
}

#[test]
fn a_photo_taken_offline_is_there_at_once_and_arrives_over_a_line_that_breaks() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "101");
    wang.online(false);
    let photo = take(&wang, home, 1);
    assert_eq!((photo.state, photo.mine, photo.thumb_here, photo.whole_here), (PhotoState::NotSent, true, true, true));
    assert_eq!(shown(&wang, home), std::slice::from_ref(&photo));
    let whole = look(&wang, photo.id, PhotoSize::Whole).expect("it is here");
    assert!(whole.len() > 2 * PIECE_BYTES_MAX && whole.len() <= 300_000, "{} bytes", whole.len());
    assert!(look(&wang, photo.id, PhotoSize::Small).expect("small").len() <= 20_000);
    let status = wang.status().photos;
    assert_eq!((status.waiting, status.bytes > whole.len() as u64), (1, true));
    assert_eq!(wang.carry(), Ok(0), "the record first");
    wang.online(true);
    wang.sync();
    // The line breaks before, in the middle of and after pieces; each time it goes on where it was.
    wang.counted_photos();
    let mut breaks = 0;
    for lie in [Lie::LoseRequest, Lie::LoseReply, Lie::CutRequest, Lie::CutReply, Lie::CutRequest, Lie::LoseReply] {
        wang.lie_about_photos(&[Lie::Double, Lie::Double, lie]);
        breaks += u64::from(wang.carry() == Err(SyncError::Unreachable));
        if breaks == 3 {
            assert_eq!(wang.status().photos.problem, Some(ErrorCode::Unreachable));
            // The phone dies in between.
            wang.restart();
        }
    }
    assert!(breaks >= 4, "{breaks}");
    let percent = match shown(&wang, home)[0].state {
        PhotoState::Sending { percent } => percent,
        state => panic!("a part is there: {state:?}"),
    };
    assert!((1..100).contains(&percent), "{percent}");
    wang.carry().expect("the rest");
    assert_eq!(shown(&wang, home)[0].state, PhotoState::Sent);
    assert_eq!(wang.status().photos, Default::default());
    let (up, _) = wang.counted_photos();
    assert!(up < 3 * whole.len() as u64, "what was there was not sent again and again: {up} of {}", whole.len());
    wang.expect_same();
    // The colleague's phone: the small version comes by itself, the whole one when it is looked at.
    let colleague = world.phone_of("wang");
    colleague.sync();
    assert_eq!(shown(&colleague, home)[0].state, PhotoState::Elsewhere);
    colleague.carry().expect("small versions");
    let theirs = &shown(&colleague, home)[0];
    assert_eq!((theirs.thumb_here, theirs.whole_here, theirs.mine), (true, false, false));
    colleague.online(false);
    assert_eq!(look(&colleague, photo.id, PhotoSize::Whole).expect_err("no network").code, ErrorCode::Unreachable);
    assert!(look(&colleague, photo.id, PhotoSize::Small).is_ok(), "the small one is here");
    colleague.online(true);
    colleague.lie_about_photos(&[Lie::Double, Lie::LoseReply]);
    assert_eq!(look(&colleague, photo.id, PhotoSize::Whole).expect_err("cut").code, ErrorCode::Unreachable);
    assert_eq!(look(&colleague, photo.id, PhotoSize::Whole).expect("the rest"), whole, "byte for byte");
    colleague.expect_same();
}

#[test]
fn the_same_photo_is_sent_once_whoever_takes_it() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (first, second) = (wang.home(DONG, "1", "13905700001", ""), wang.home(DONG, "2", "13905700001", ""));
    let photo = take(&wang, first, 2);
    assert_eq!(take(&wang, first, 2).id, photo.id, "the button was pressed twice");
    take(&wang, second, 2);
    wang.sync();
    assert_eq!(wang.carry(), Ok(2), "one photo and its small version");
    let sent = wang.counted_photos().0;
    assert!(sent >= u64::from(photo.bytes) && sent < u64::from(photo.bytes) + 20_001, "{sent}");
    // Another phone with the same file: only a question.
    let other = world.phone_of("wang");
    other.sync();
    take(&other, second, 2);
    let third = other.home(DONG, "3", "13905700001", "");
    take(&other, third, 2);
    other.sync();
    other.carry().expect("carried");
    assert_eq!(other.counted_photos().0, 0, "not a byte");
    assert_eq!(shown(&other, third)[0].state, PhotoState::Sent);
}

#[test]
fn who_is_not_responsible_sees_no_photo() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", XI);
    let chen = world.landlord("chen", "13905700077");
    let home = wang.home(DONG, "1", "13905700077", "");
    let photo = take(&wang, home, 3);
    wang.sync();
    wang.carry().expect("sent");
    chen.sync();
    li.sync();
    assert_eq!(look(&li, photo.id, PhotoSize::Whole).expect_err("another village").code, ErrorCode::NotFound);
    assert_eq!(chen.try_ask(Photos { of: home, withdrawn: true }).expect_err("a landlord").code, ErrorCode::NotAllowed);
    assert_eq!(files(&li.dir.join("photos")) + files(&chen.dir.join("photos")), 0);
    for actor in [&li, &chen] {
        assert_eq!(actor.carry(), Ok(0));
    }
    // A photo hangs on an object; on a person there is none.
    let made = wang.register(home, "张伟", &world.document());
    for of in [made.person.expect("registered"), RecordId(uuid::Uuid::nil())] {
        let refused = wang.try_ask(AddPhoto { of, image: camera(3), note: String::new() }).expect_err("no photo of it");
        assert_eq!(refused.code, ErrorCode::NotFound);
    }
}

#[test]
fn a_withdrawn_photo_can_be_put_back_and_is_gone_everywhere_in_the_end() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let colleague = world.phone_of("wang");
    let home = wang.home(DONG, "1", "13905700001", "");
    let photo = take(&wang, home, 4);
    wang.sync();
    wang.carry().expect("sent");
    for _ in 0..2 {
        colleague.sync();
    }
    colleague.carry().expect("small");
    assert_eq!(files(&colleague.dir.join("photos")), 1);
    assert!(wang.ask(WithdrawPhoto { photo: photo.id }).withdrawn);
    assert_eq!(shown(&wang, home), []);
    assert_eq!(wang.ask(Photos { of: home, withdrawn: true }).photos.len(), 1, "what happened stays to be seen");
    wang.sync();
    colleague.sync();
    assert_eq!(shown(&colleague, home), []);
    let back = wang.ask(PutPhotoBack { photo: photo.id });
    assert_ne!(back.id, photo.id, "a fact is never changed: it is a new one");
    wang.sync();
    wang.counted_photos();
    wang.carry().expect("nothing to carry");
    assert_eq!((shown(&wang, home)[0].state, wang.counted_photos().0), (PhotoState::Sent, 0));
    wang.ask(WithdrawPhoto { photo: back.id });
    wang.sync();
    wang.carry().expect("sweeps");
    assert_eq!(files(&wang.dir.join("photos")), 2, "for a week");
    world.time.pass_days(8);
    wang.sync();
    wang.carry().expect("sweeps");
    assert_eq!(files(&wang.dir.join("photos")), 0, "then it is gone from the phone");
    assert_eq!(wang.try_ask(PutPhotoBack { photo: back.id }).expect_err("too late").code, ErrorCode::PhotoGone);
    world.core.clean_photos(30).expect("cleans");
    world.time.pass_days(31);
    assert_eq!(world.core.clean_photos(30).expect("cleans").removed, 2);
    assert_eq!(files(&world.dir.path().join("photos")), 0, "and from the server");
    wang.expect_same();
}

#[test]
fn wifi_only_holds_whole_photos_back_until_there_is_one_or_somebody_says_now() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    let settings = Settings { photos_wifi_only: true, ..wang.ask(Status {}).settings };
    wang.ask(SaveSettings { settings });
    take(&wang, home, 5);
    wang.sync();
    assert_eq!(wang.carry(), Ok(1), "the small version goes with the record");
    let status = wang.status().photos;
    assert_eq!((status.waiting, status.held_for_wifi), (1, true), "nobody knows what the network costs");
    wang.ask(TellNetwork { metered: Some(true) });
    assert_eq!(wang.carry(), Ok(0));
    wang.ask(TellNetwork { metered: Some(false) });
    assert!(!wang.status().photos.held_for_wifi);
    assert_eq!(wang.carry(), Ok(1));
    wang.ask(TellNetwork { metered: Some(true) });
    take(&wang, home, 6);
    wang.sync();
    assert_eq!(wang.carry(), Ok(1));
    wang.ask(SendPhotos {});
    assert_eq!(wang.carry(), Ok(1), "this time all the same");
    take(&wang, home, 7);
    wang.sync();
    assert_eq!(wang.carry(), Ok(1), "and the next time not");
    wang.ask(TellNetwork { metered: Some(false) });
    world.time.pass_ms(6 * 60_000);
    assert!(wang.status().photos.held_for_wifi, "that was a while ago, and perhaps he is out of the door");
}

#[test]
fn what_is_no_photo_is_said_and_nothing_is_kept() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    let half = BASE64.encode(&BASE64.decode(camera(8)).expect("base64")[..9_000]);
    let heic = BASE64.encode([&[0, 0, 0, 24][..], b"ftypheic", &[0; 64]].concat());
    for (image, code) in [
        (String::new(), ErrorCode::PhotoEmpty),
        ("not base64!".to_owned(), ErrorCode::Malformed),
        (BASE64.encode("a letter"), ErrorCode::PhotoUnknown),
        (half, ErrorCode::PhotoDamaged),
        (heic, ErrorCode::PhotoHeic),
        ("A".repeat(56 * 1024 * 1024), ErrorCode::PhotoTooLarge),
    ] {
        let length = image.len();
        let error = wang.try_ask(AddPhoto { of: home, image, note: String::new() }).expect_err("refused");
        assert_eq!(error.code, code, "{length} characters");
    }
    let note = "字".repeat(201);
    assert_eq!(wang.try_ask(AddPhoto { of: home, image: camera(8), note }).expect_err("too long").code, ErrorCode::Form);
    assert_eq!((files(&wang.dir.join("photos")), wang.status().waiting), (0, 1), "only the home waits");
}

#[test]
fn a_phone_that_loses_the_village_keeps_what_only_it_has_until_it_is_sent() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    let (sent, unsent) = (take(&wang, home, 9), take(&wang, home, 10));
    wang.sync();
    wang.lie_about_photos(&[Lie::Double; 8]);
    wang.ask(SaveSettings { settings: Settings { photos_wifi_only: true, ..Settings::default() } });
    wang.carry().expect("small versions");
    assert_eq!(shown(&wang, home).len(), 2);
    world.core.set_areas("wang", &[XI]).expect("another village");
    wang.sync();
    wang.ask(TellNetwork { metered: Some(false) });
    assert_eq!(wang.carry(), Ok(2), "both photos");
    assert_eq!(files(&wang.dir.join("photos")), 0, "sent, and gone from here");
    world.account("li", Role::Coordinator, &[DONG], "");
    let li = world.phone_of("li");
    li.sync();
    li.sync();
    for photo in [sent, unsent] {
        let whole = look(&li, photo.id, PhotoSize::Whole).expect("the successor sees it");
        assert_eq!(whole.len(), photo.bytes as usize);
    }
    let held = world.core.look(|view| Ok(view.blobs()?)).expect("looks").len();
    assert_eq!(held, 4, "both photos and their small versions");
}

#[test]
fn a_phone_that_is_given_another_village_gets_its_small_versions() {
    let world = World::new();
    let li = world.coordinator("li", XI);
    let home = li.home(XI, "1", "13905700001", "");
    let photo = take(&li, home, 15);
    li.sync();
    li.carry().expect("sent");
    let wang = world.coordinator("wang", DONG);
    wang.sync();
    assert_eq!((wang.carry(), files(&wang.dir.join("photos"))), (Ok(0), 0), "another village's");
    // As many villages as before, and not the same one.
    world.core.set_areas("wang", &[XI]).expect("another village");
    wang.sync();
    wang.sync();
    wang.carry().expect("small versions");
    assert_eq!(files(&wang.dir.join("photos")), 1);
    assert!(look(&wang, photo.id, PhotoSize::Small).is_ok());
    wang.expect_same();
}

#[test]
fn a_refused_photo_waits_in_the_tray_with_its_bytes() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    wang.sync();
    wang.online(false);
    take(&wang, home, 11);
    // Another phone of the village moves the home away meanwhile.
    world.account("zhou", Role::Officer, &[DONG, XI], "");
    let zhou = world.phone_of("zhou");
    zhou.sync();
    zhou.sync();
    let mut form = zhou.ask(ui_protocol::units::Unit { id: home }).form;
    form.address.area = XI.to_owned();
    zhou.ask(ui_protocol::units::SaveUnit { id: Some(home), form, draft: None });
    zhou.sync();
    wang.online(true);
    wang.sync();
    wang.carry().expect("nothing to carry");
    let refused = || {
        let tray = wang.ask(Attention {}).refused;
        assert_eq!((tray.len(), files(&wang.dir.join("photos"))), (1, 2), "the bytes wait with the values");
        tray[0].txn
    };
    wang.ask(Resend { txn: refused() });
    assert_eq!(files(&wang.dir.join("photos")), 2, "on their way once more");
    wang.sync();
    wang.carry().expect("nothing to carry");
    // Refused again: the home is still away.
    wang.ask(Discard { txn: refused() });
    assert_eq!(files(&wang.dir.join("photos")), 0, "nothing of what was given up is left");
    wang.sync();
    assert_eq!((wang.carry(), wang.status().photos), (Ok(0), Default::default()));
    wang.expect_same();
}

#[test]
fn a_server_that_lost_photos_is_brought_them_again() {
    let mut world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    wang.sync();
    let copy = world.dir.path().join("copy.db");
    let (early, late) = (take(&wang, home, 12), {
        sync_server::backup::backup(world.dir.path(), &copy).expect("a copy");
        take(&wang, home, 13)
    });
    wang.sync();
    wang.carry().expect("sent");
    let restored = tempfile::tempdir().expect("a new disk");
    let dice = || std::sync::Arc::new(sync_server::clock::SeededDice::new(9));
    sync_server::backup::restore(restored.path(), &copy, false, world.time.clone(), dice()).expect("restored");
    let core = sync_server::Core::open(&restored.path().join(sync_server::core::FILE_NAME), world.time.clone(), dice());
    world.replace_server(core.expect("opens"), &[&wang]);
    // Until the administrator has looked, a new history is taken with care; then everything is told again.
    for _ in 0..4 {
        let _ = wang.try_ask(ui_protocol::session::SyncNow {});
    }
    wang.carry().expect("brought again");
    let held = world.core.look(|view| Ok(view.blobs()?)).expect("looks").len();
    assert_eq!(held, 4, "both photos and their small versions");
    for photo in [early, late] {
        assert_eq!(shown(&wang, home).iter().find(|view| view.id == photo.id).map(|view| view.state), Some(PhotoState::Sent));
    }
}

#[test]
fn a_rebuilt_file_finds_its_own_photos_again() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    take(&wang, home, 14);
    wang.sync();
    // Only the small version went; then the file is damaged and filled anew from the server.
    wang.ask(SaveSettings { settings: Settings { photos_wifi_only: true, ..Settings::default() } });
    wang.carry().expect("the small version");
    let again = world.phone_of("wang");
    let (from, to) = (wang.dir.join("photos"), again.dir.join("photos"));
    std::fs::rename(from, to).expect("the folder beside the new file");
    again.sync();
    again.sync();
    again.carry().expect("notices");
    again.ask(ui_protocol::session::SyncNow {});
    again.carry().expect("carries");
    let photo = &shown(&again, home)[0];
    assert_eq!((photo.whole_here, photo.state), (true, PhotoState::Sent));
    wang.restart();
    assert!(look(&wang, photo.id, PhotoSize::Whole).is_ok(), "fetched again where its folder is gone");
}

/// Takes what waits for the station of a village in, as its officer.
fn take_in(world: &World) -> usize {
    world.account("zhou", Role::Officer, &[DONG], "");
    let officer = world.core.look(|view| Ok(view.account_by_login("zhou")?)).expect("looks").expect("an account");
    let by = sync_server::desk::Decider { actor: officer.id.to_string(), officer, at_console: false };
    let saves = world.core.look(|view| Ok(view.held_saves(store::server::HeldQuery::OPEN)?)).expect("looks");
    for held in &saves {
        assert_eq!(world.core.take_held(&by, held.number).expect("taken").refused, None);
    }
    saves.len()
}

#[test]
fn a_phone_that_is_shut_out_delivers_the_bytes_of_what_it_delivers_and_keeps_none() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    let arrived = take(&wang, home, 20);
    wang.sync();
    wang.carry().expect("both of the first");
    // The record is on the server, its bytes are not; of the other not even that.
    let accepted = take(&wang, home, 21);
    wang.sync();
    let unsent = take(&wang, home, 22);
    let device = wang.ask(Status {}).device.expect("a number");
    world.core.revoke_device(domain::DeviceNumber(device)).expect("revoked");
    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    assert_eq!(files(&wang.dir.join("photos")), 4, "what the server has is gone, what is nowhere else is here");
    wang.lie_about_photos(&[Lie::CutRequest]);
    assert_eq!(wang.carry(), Err(SyncError::Unreachable));
    assert_eq!(wang.carry(), Ok(4), "two photos and their small versions");
    assert_eq!(files(&wang.dir.join("photos")), 0, "delivered, and gone from here");

    let held = world.core.look(|view| Ok(view.blobs()?)).expect("looks").len();
    assert_eq!(held, 6);
    // A month later nobody has decided: what waits keeps its bytes.
    world.time.pass_days(40);
    world.core.clean_photos(sync_server::photos::GRACE_DAYS).expect("cleaned");
    world.time.pass_days(40);
    assert_eq!(world.core.clean_photos(sync_server::photos::GRACE_DAYS).expect("cleaned").removed, 0);
    world.account("li", Role::Coordinator, &[DONG], "");
    let li = world.phone_of("li");
    li.sync();
    assert_eq!(shown(&li, home).len(), 2, "what is held is nobody's yet");
    assert_eq!(take_in(&world), 1);
    li.sync();
    li.sync();
    for photo in [arrived, accepted, unsent] {
        let whole = look(&li, photo.id, PhotoSize::Whole).expect("the successor sees it");
        assert_eq!(whole.len(), photo.bytes as usize);
    }
}

#[test]
fn a_month_after_a_phone_was_shut_out_its_photos_are_gone_from_it() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    take(&wang, home, 23);
    let device = wang.ask(Status {}).device.expect("a number");
    world.core.revoke_device(domain::DeviceNumber(device)).expect("revoked");
    assert_eq!(wang.sync_fails().code, ErrorCode::Revoked);
    assert_eq!(files(&wang.dir.join("photos")), 2);
    world.time.pass_days(31);
    assert_eq!(wang.carry(), Err(SyncError::Revoked), "too late");
    assert_eq!(files(&wang.dir.join("photos")), 0);
}

#[test]
fn a_phone_that_is_shut_out_brings_nothing_that_nobody_waits_for() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let li = world.coordinator("li", DONG);
    let home = wang.home(DONG, "1", "13905700001", "");
    wang.sync();
    li.sync();
    let theirs = take(&li, home, 24);
    li.sync();
    let device = wang.ask(Status {}).device.expect("a number");
    let stranger = world.core.add_device("wang", "found in a bus").expect("a device");
    for number in [domain::DeviceNumber(device), stranger.device] {
        world.core.revoke_device(number).expect("revoked");
    }
    let named = world.core.look(|view| Ok(view.record(theirs.id)?)).expect("looks").expect("the photo");
    let hash = named.text("fact", "hash").expect("a name").parse().expect("a hash");
    let answer = world.core.put_blob(&stranger, hash, 0, b"something else");
    assert_eq!(answer, Err(sync_protocol::blob::BlobError::NotThere), "another person's photo is not theirs to bring");
    assert!(world.core.blob(&stranger, hash, 0, 10).is_err(), "nor to have");
}
