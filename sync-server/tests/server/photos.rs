//! Photos' bytes: brought in pieces, verified, given to whoever may read their record and to nobody else, and gone when the
//! last record is.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::codes::VisitProof;
use domain::merge::Refusal;
use domain::photo::{BlobHash, PhotoFact, WithdrawalFact};
use domain::place::Scope;
use domain::visit::VisitFact;
use domain::{RecordId, kind};
use serde_json::Value;
use sync_protocol::blob::{BLOB_PATH, BlobError, BlobServer, BlobState, PIECE_BYTES_MAX, UNFINISHED_MAX};
use sync_protocol::{SyncError, Verdict};
use sync_server::backup;
use sync_server::clock::SeededDice;
use sync_server::demo::{Draft, Pen};
use sync_server::http::{Settings, router};
use sync_server::photos::Folder;
use sync_server::verify::{Report, Trouble, look_at_photos};
use tower::ServiceExt;

use crate::town::{CHENS_PHONE, LIS, Town, WANGS, held, ok};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Some bytes that stand for a photo: the server does not look into them.
fn bytes(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)).collect()
}

fn fact(of: RecordId, whole: &[u8], small: &[u8]) -> PhotoFact {
    PhotoFact {
        of,
        hash: BlobHash::of(whole),
        bytes: whole.len() as u32,
        width: 1600,
        height: 1200,
        thumb: BlobHash::of(small),
        thumb_bytes: small.len() as u32,
        taken_on: None,
        note: "门牌".to_owned(),
    }
}

fn photo(pen: &Pen, of: RecordId, whole: &[u8]) -> Draft {
    pen.create(kind::PHOTO).with("fact", &fact(of, whole, &bytes(0, 900)))
}

fn withdrawal(pen: &Pen, photo: RecordId) -> Draft {
    pen.create(kind::PHOTO_WITHDRAWAL).with("fact", &WithdrawalFact { photo })
}

/// Brings everything, piece by piece.
fn bring(pen: &Pen, whole: &[u8]) -> Result<BlobState, BlobError> {
    let hash = BlobHash::of(whole);
    let mut state = pen.server.blob_state(hash)?;
    while !state.is_complete() {
        let from = state.offset as usize;
        let piece = &whole[from..whole.len().min(from + PIECE_BYTES_MAX)];
        state = pen.server.put_blob(hash, state.offset, piece)?;
    }
    Ok(state)
}

/// A town with a home in Wang's village and a photo of it, its record on the server.
fn town(whole: &[u8]) -> (Town, Pen, RecordId, RecordId) {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let draft = photo(&wang, unit, whole);
    let id = draft.record;
    ok(wang.send(vec![draft]));
    (town, wang, unit, id)
}

#[test]
fn bytes_come_in_pieces_are_verified_and_are_given_in_pieces() {
    let whole = bytes(1, 150_000);
    let (town, wang, _, photo) = town(&whole);
    let hash = BlobHash::of(&whole);
    let length = whole.len() as u64;
    assert_eq!(town.record(photo).text("place", "area"), Some(WANGS), "it stands where the home stands");
    assert_eq!(wang.server.blob_state(hash), Ok(BlobState { offset: 0, length }));
    let first = wang.server.put_blob(hash, 0, &whole[..60_000]).expect("the first piece");
    assert_eq!(first, BlobState { offset: 60_000, length });
    let missing = |town: &Town| town.core.look(|view| Ok(view.photos_missing()?)).expect("looks");
    assert_eq!(missing(&town), [(wang.credentials().device, 1)], "the list of devices says who has it");
    assert_eq!(wang.server.blob(hash, 0, 10), Err(BlobError::NotArrived), "half a photo is none");
    // The answer was lost: the same piece again, and one that overlaps.
    assert_eq!(wang.server.put_blob(hash, 0, &whole[..60_000]), Ok(first));
    assert_eq!(wang.server.put_blob(hash, 50_000, &whole[50_000..100_000]), Ok(BlobState { offset: 100_000, length }));
    // A piece too far, and one too early.
    for offset in [100_001, 0] {
        let piece = &whole[offset as usize..offset as usize + 100];
        assert_eq!(wang.server.put_blob(hash, offset, piece), Err(BlobError::Offset { expected: 100_000 }));
    }
    assert_eq!(bring(&wang, &whole), Ok(BlobState { offset: length, length }));
    assert_eq!(missing(&town), []);
    assert_eq!(wang.server.put_blob(hash, 0, b"anything"), Ok(BlobState { offset: length, length }), "it is there already");
    // Another phone of the village reads it, from the middle too.
    let other = town.pen("wang");
    let mut read = Vec::new();
    while read.len() < whole.len() {
        read.extend(other.server.blob(hash, read.len() as u64, 40_000).expect("a piece"));
    }
    assert_eq!(read, whole);
    assert_eq!(other.server.blob(hash, length, 10), Ok(Vec::new()));
    assert_eq!(other.server.blob(hash, length + 1, 10), Err(BlobError::Offset { expected: length }));
    town.check_sums(&[&wang, &other]);
}

#[test]
fn bytes_that_are_not_what_their_name_says_are_thrown_away_and_told() {
    let whole = bytes(2, 1_000);
    let (_town, wang, ..) = town(&whole);
    let hash = BlobHash::of(&whole);
    assert_eq!(wang.server.put_blob(hash, 0, &bytes(3, 1_000)), Err(BlobError::WrongHash));
    assert_eq!(wang.server.blob_state(hash).expect("still expected").offset, 0, "it begins again");
    assert_eq!(wang.server.put_blob(hash, 0, &bytes(2, 1_001)), Err(BlobError::WrongHash), "longer than its record says");
    assert!(bring(&wang, &whole).expect("the right ones").is_complete());
    let large = bytes(4, PIECE_BYTES_MAX + 1);
    let (_town, wang, ..) = self::town(&large);
    assert_eq!(wang.server.put_blob(BlobHash::of(&large), 0, &large), Err(SyncError::TooLarge.into()));
}

#[test]
fn nobody_else_learns_that_bytes_exist() {
    let whole = bytes(5, 5_000);
    let (town, mut wang, unit, photo_id) = town(&whole);
    bring(&wang, &whole).expect("brought");
    let hash = BlobHash::of(&whole);
    let nothing = BlobHash::of(b"nobody names these");
    let refused = |pen: &Pen, hash: BlobHash, why: BlobError| {
        assert_eq!(pen.server.blob_state(hash), Err(why.clone()));
        assert_eq!(pen.server.put_blob(hash, 0, b"x"), Err(why.clone()));
        assert_eq!(pen.server.blob(hash, 0, 10), Err(why));
    };
    refused(&wang, nothing, BlobError::NotThere);
    // The neighbour's coordinator, the home's own landlord, the bureau: the same answer as for what does not exist.
    for login in ["li", "chen", "admin"] {
        refused(&town.pen(login), hash, BlobError::NotThere);
    }
    let chen = town.pen("chen");
    assert!(chen.record(unit).is_some() && chen.record(photo_id).is_none(), "his home, and no photo of it");
    // The station reads and may bring.
    let zhou = town.pen("zhou");
    assert_eq!(zhou.server.blob(hash, 0, 4), Ok(whole[..4].to_vec()));
    // A stranger's secret, a revoked phone.
    let mut stranger = town.pen("wang");
    stranger.server.credentials.secret = "0".repeat(64);
    refused(&stranger, hash, SyncError::Unauthorised.into());
    let lost = town.pen("wang");
    town.core.revoke_device(lost.credentials().device).expect("revoked");
    assert_eq!(lost.server.blob(hash, 0, 10), Err(SyncError::Revoked.into()), "it is given nothing");
    assert!(lost.server.blob_state(hash).expect("what its account brought").is_complete(), "and brings what its account wrote");
    assert_eq!(lost.server.put_blob(nothing, 0, b"x"), Err(BlobError::NotThere));
    town.pass(sync_server::quarantine::LATE_MS + 1);
    refused(&lost, hash, SyncError::Revoked.into());
    // The coordinator whose village it was.
    town.core.set_areas("wang", &[LIS]).expect("another village");
    assert_eq!(wang.server.blob(hash, 0, 10), Err(BlobError::NotThere));
    wang.sync().expect("drops the village");
    assert!(!wang.scopes().contains(&Scope::Area(WANGS.to_owned())));
}

#[test]
fn a_photo_hangs_on_an_object_of_ones_own_village() {
    let whole = bytes(6, 500);
    let (town, mut wang, unit, photo_id) = town(&whole);
    let mut li = town.pen("li");
    let made = town.resident(&mut wang, unit);
    let visit = wang.create(kind::VISIT).with(
        "fact",
        &VisitFact {
            unit,
            observed_unix_ms: town.core.now_unix_ms(),
            result: domain::codes::VisitResult::Done,
            notice: String::new(),
            note: String::new(),
            next: None,
            registering: false,
            clock_suspect: false,
            proof: VisitProof::None,
        },
    );
    let (visit_id, room) = (visit.record, wang.records(kind::ROOM).remove(0).id);
    ok(wang.send(vec![visit]));
    for of in [unit, room, visit_id] {
        let draft = photo(&wang, of, &whole);
        ok(wang.send(vec![draft]));
    }
    let refused = |verdicts: Result<Vec<Verdict>, SyncError>, why: Refusal| assert_eq!(verdicts, Ok(vec![Verdict::Refused(why)]));
    let invalid = |what: &str| Refusal::Invalid(what.to_owned());
    for of in [made.person, made.residency, made.stay, photo_id] {
        let draft = photo(&wang, of, &whole);
        refused(wang.send(vec![draft]), invalid("fact.of"));
    }
    let bad = wang.create(kind::PHOTO).with("fact", &PhotoFact { width: 9_000, ..fact(unit, &whole, &whole) });
    refused(wang.send(vec![bad]), invalid("fact.width"));
    let bare = wang.create(kind::PHOTO);
    refused(wang.send(vec![bare]), invalid("fact"));
    let wrong = withdrawal(&wang, unit);
    refused(wang.send(vec![wrong]), invalid("fact.photo"));
    // Another village's home, and another village's photo.
    let draft = photo(&li, unit, &whole);
    refused(li.send(vec![draft]), Refusal::Scope);
    let draft = withdrawal(&li, photo_id);
    refused(li.send(vec![draft]), Refusal::Scope);
    let mut chen = town.pen("chen");
    let draft = photo(&chen, unit, &whole);
    refused(chen.send(vec![draft]), Refusal::Role("fact".to_owned()));
    // A fact is final.
    let again = wang.set(&held(&wang, photo_id)).with("fact", &fact(unit, &bytes(7, 10), &whole));
    refused(wang.send(vec![again]), Refusal::SetOnce("fact".to_owned()));
}

#[test]
fn a_photo_moves_with_its_home_and_its_writer_still_brings_the_bytes() {
    let whole = bytes(8, 3_000);
    let (town, mut wang, unit, photo_id) = town(&whole);
    let hash = BlobHash::of(&whole);
    let withdrawn = photo(&wang, unit, &bytes(9, 300));
    let gone = withdrawal(&wang, withdrawn.record);
    let gone_id = gone.record;
    ok(wang.send(vec![withdrawn, gone]));
    let mut zhou = town.pen("zhou");
    let mut address = held(&zhou, unit).fields("address").cloned().expect("an address");
    address.insert("area".to_owned(), Value::String(LIS.to_owned()));
    let moved = zhou.set(&held(&zhou, unit)).with("address", &address);
    ok(zhou.send(vec![moved]));
    for id in [photo_id, gone_id] {
        assert_eq!(town.record(id).text("place", "area"), Some(LIS), "it stands where the home stands");
    }
    wang.sync().expect("the home left");
    assert!(wang.record(photo_id).is_none());
    assert_eq!(wang.server.blob(hash, 0, 10), Err(BlobError::NotThere), "he reads it no more");
    assert!(bring(&wang, &whole).expect("only he has the bytes").is_complete());
    assert_eq!(town.pen("li").server.blob(hash, 0, 10), Ok(whole[..10].to_vec()));
    town.check_sums(&[&wang, &zhou]);
}

#[test]
fn one_device_does_not_fill_the_disk_with_what_it_never_finishes() {
    let (town, mut wang, unit, _) = town(&bytes(10, 100));
    let pieces: Vec<Vec<u8>> = (0..40).map(|seed| bytes(seed, PIECE_BYTES_MAX + 1)).collect();
    let drafts = pieces.iter().map(|whole| photo(&wang, unit, whole)).collect();
    ok(wang.send(drafts));
    let offset = |whole: &[u8]| wang.server.blob_state(BlobHash::of(whole)).expect("expected").offset;
    for whole in &pieces {
        wang.server.put_blob(BlobHash::of(whole), 0, &whole[..PIECE_BYTES_MAX]).expect("the beginning");
        // A file's time may be as coarse as a few milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let begun: Vec<bool> = pieces.iter().map(|whole| offset(whole) > 0).collect();
    assert_eq!(begun, [vec![false; 40 - UNFINISHED_MAX], vec![true; UNFINISHED_MAX]].concat(), "the last ones are kept");
    assert_eq!(walk(&town.folder.path().join("photos")).len(), UNFINISHED_MAX);
    // Whatever was begun and given up, each can still be brought; and another phone has its own room.
    assert!(bring(&wang, &pieces[0]).expect("once more").is_complete());
    assert!(bring(&town.pen("wang"), &pieces[1]).expect("its own room").is_complete());
}

#[test]
fn what_is_withdrawn_is_given_to_nobody_and_goes_after_the_grace() {
    let whole = bytes(11, 2_000);
    let (town, mut wang, unit, photo_id) = town(&whole);
    let hash = BlobHash::of(&whole);
    bring(&wang, &whole).expect("brought");
    bring(&wang, &bytes(0, 900)).expect("its small version");
    town.core.clean_photos(30).expect("cleans");
    assert_eq!(wang.server.blob(hash, 0, 1), Ok(whole[..1].to_vec()), "a living photo stays");
    let draft = withdrawal(&wang, photo_id);
    ok(wang.send(vec![draft]));
    assert_eq!(wang.server.blob(hash, 0, 1), Err(BlobError::NotThere), "at once");
    assert_eq!(town.core.clean_photos(30).expect("cleans").removed, 0, "the grace begins");
    town.pass(29 * DAY_MS);
    // Whoever withdrew the wrong one adds it again: nothing is sent twice.
    let again = photo(&wang, unit, &whole);
    let again_id = again.record;
    ok(wang.send(vec![again]));
    assert!(wang.server.blob_state(hash).expect("expected").is_complete());
    town.pass(5 * DAY_MS);
    assert_eq!(town.core.clean_photos(30).expect("cleans").removed, 0, "it is named again");
    let draft = withdrawal(&wang, again_id);
    ok(wang.send(vec![draft]));
    town.core.clean_photos(30).expect("cleans");
    town.pass(30 * DAY_MS);
    assert_eq!(town.core.clean_photos(30).expect("cleans").removed, 2, "the photo and its small version");
    assert_eq!(town.core.clean_photos(0).expect("again").removed, 0);
    let files = walk(&town.folder.path().join("photos"));
    assert_eq!(files, Vec::<String>::new(), "no byte of it is left");
}

#[test]
fn a_photo_of_the_station_is_taken_down_by_the_station() {
    let whole = bytes(12, 2_000);
    let (town, mut wang, unit, hers) = town(&whole);
    let mut zhou = town.pen("zhou");
    let other = bytes(13, 2_000);
    let draft = photo(&zhou, unit, &other);
    let stations = draft.record;
    ok(zhou.send(vec![draft]));
    wang.sync().expect("pulls");
    let draft = withdrawal(&wang, stations);
    assert_eq!(wang.send(vec![draft]), Ok(vec![Verdict::Refused(Refusal::Role("fact".to_owned()))]));
    for id in [stations, hers] {
        let draft = withdrawal(&zhou, id);
        ok(zhou.send(vec![draft]));
    }
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn a_file_that_is_gone_counts_as_missing_again_and_is_taken_once_more() {
    let whole = bytes(12, 700);
    let (town, wang, ..) = town(&whole);
    let hash = BlobHash::of(&whole);
    bring(&wang, &whole).expect("brought");
    let name = hash.to_string();
    std::fs::remove_file(town.folder.path().join("photos").join(&name[..2]).join(&name)).expect("somebody tidied up");
    assert_eq!(wang.server.blob(hash, 0, 1), Err(BlobError::NotArrived));
    assert_eq!(wang.server.blob_state(hash).expect("expected").offset, 0);
    assert!(bring(&wang, &whole).expect("brought again").is_complete());
    assert_eq!(wang.server.blob(hash, 0, 1), Ok(whole[..1].to_vec()));
}

#[test]
fn one_home_has_so_many_photos_and_no_more() {
    let whole = bytes(17, 400);
    let (town, mut wang, unit, _) = town(&whole);
    let many = |pen: &Pen, count: usize| (0..count).map(|_| photo(pen, unit, &whole)).collect::<Vec<_>>();
    for count in [150, 149] {
        let drafts = many(&wang, count);
        ok(wang.send(drafts));
    }
    let one = many(&wang, 1);
    assert_eq!(wang.send(one).expect("an answer"), [Verdict::Refused(Refusal::Invalid("fact.of".to_owned()))]);
    town.check_sums(&[&wang]);
}

#[test]
fn a_photo_that_rots_is_found_and_asked_for_again() {
    let whole = bytes(15, 900);
    let (town, wang, ..) = town(&whole);
    let hash = BlobHash::of(&whole);
    bring(&wang, &whole).expect("brought");
    let folder = Folder::beside(&town.file());
    let look = || {
        let looked = town.core.look(|view| {
            let mut report = Report::default();
            look_at_photos(view, &folder, &mut report)?;
            Ok(report)
        });
        looked.expect("looked through")
    };
    assert!(look().is_good() && look().photos == 1);
    std::fs::write(folder.path(hash), bytes(16, 900)).expect("a bad disk");
    assert_eq!(look().troubles[&Trouble::Photo].named, [hash.to_string()]);
    // A backup of it says so too.
    let (copies, room) = (tempfile::tempdir().expect("another disk"), tempfile::tempdir().expect("a room"));
    let to = copies.path().join("copy.db");
    backup::backup(town.folder.path(), &to).expect("a copy");
    let dice = std::sync::Arc::new(SeededDice::new(1));
    let held = sync_server::rehearsal::rehearse(&to, room.path(), town.clock.clone(), dice).expect("can be restored");
    assert_eq!((held.photos, held.photos_lacking), (0, 1));
    assert!(town.core.mend().expect("mended") >= 1);
    assert!(look().is_good() && look().photos == 0);
    assert_eq!(wang.server.blob(hash, 0, 1), Err(BlobError::NotArrived));
    assert!(bring(&wang, &whole).expect("brought again").is_complete());
    assert!(look().photos == 1);
}

#[test]
fn a_backup_has_the_photos_beside_it_and_a_restore_brings_them_back() {
    let (kept, later) = (bytes(13, 700), bytes(14, 800));
    let (town, mut wang, unit, _) = town(&kept);
    bring(&wang, &kept).expect("brought");
    let copies = tempfile::tempdir().expect("another disk");
    let to = copies.path().join("copy.db");
    backup::backup(town.folder.path(), &to).expect("a copy");
    let draft = photo(&wang, unit, &later);
    ok(wang.send(vec![draft]));
    bring(&wang, &later).expect("after the copy");
    town.core.stop();
    let data = tempfile::tempdir().expect("a new machine");
    backup::restore(data.path(), &to, false, town.clock.clone(), std::sync::Arc::new(SeededDice::new(1))).expect("restored");
    assert_eq!(walk(&data.path().join("photos")), [BlobHash::of(&kept).to_string()]);
    // A second copy takes no second space, and what no copy knows goes after a day.
    let known = BlobHash::of(&kept);
    let stray = backup::photos_of(&to).path(BlobHash::of(b"of a copy that was thinned out"));
    std::fs::create_dir_all(stray.parent().expect("a folder")).expect("made");
    for file in [&stray, &backup::photos_of(&to).path(known)] {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file).expect("opens");
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60)).expect("older");
    }
    assert_eq!(backup::thin_photos(copies.path(), town.folder.path()).expect("thinned"), 1);
    assert!(backup::photos_of(&to).has(known) && !stray.exists());
    // Without the folder beside it the copy is still a server, and knows what it lacks.
    std::fs::remove_dir_all(backup::photos_of(&to).path(BlobHash::of(&kept)).parent().expect("a folder")).expect("lost");
    let poor = tempfile::tempdir().expect("a third disk");
    backup::restore(poor.path(), &to, false, town.clock.clone(), std::sync::Arc::new(SeededDice::new(2))).expect("restored");
    let core = sync_server::Core::open(
        &poor.path().join(sync_server::core::FILE_NAME),
        town.clock.clone(),
        std::sync::Arc::new(SeededDice::new(3)),
    )
    .expect("opens");
    assert_eq!(core.look(|view| Ok(view.photos_missing()?)).expect("looks"), [(wang.credentials().device, 1)]);
}

/// Whatever people add, withdraw, bring and clean: bytes are there if and only if they were brought and somebody names them, or
/// named them less than the grace ago.
#[test]
fn bytes_live_exactly_as_long_as_somebody_names_them() {
    const GRACE: i64 = 3;
    for seed in 0..6 {
        let dice = SeededDice::new(seed);
        let (town, mut wang, unit, first) = town(&bytes(200, 50));
        let first_out = withdrawal(&wang, first);
        ok(wang.send(vec![first_out]));
        let wholes: Vec<Vec<u8>> = (0..3).map(|at| bytes(100 + at, 60)).collect();
        let mut living: BTreeMap<usize, BTreeSet<RecordId>> = BTreeMap::new();
        // Brought, and since which day unused as far as a clean-up has seen.
        let mut brought: BTreeMap<usize, Option<i64>> = BTreeMap::new();
        let mut day = 0;
        for step in 0..60 {
            let at = dice.below(3);
            match dice.below(5) {
                0 => {
                    let draft = photo(&wang, unit, &wholes[at]);
                    living.entry(at).or_default().insert(draft.record);
                    ok(wang.send(vec![draft]));
                }
                1 => {
                    if let Some(id) = living.get_mut(&at).and_then(BTreeSet::pop_first) {
                        let draft = withdrawal(&wang, id);
                        ok(wang.send(vec![draft]));
                    }
                }
                2 => {
                    let named = living.get(&at).is_some_and(|ids| !ids.is_empty());
                    let put = bring(&wang, &wholes[at]);
                    assert_eq!(put.is_ok(), named, "seed {seed} step {step}: only what is named is taken");
                    if named {
                        brought.entry(at).or_insert(None);
                    }
                }
                3 => {
                    day += 1;
                    town.pass(DAY_MS);
                }
                _ => {
                    town.core.clean_photos(GRACE as u32).expect("cleans");
                    brought.retain(|at, unused| {
                        let named = living.get(at).is_some_and(|ids| !ids.is_empty());
                        *unused = if named { None } else { Some(unused.unwrap_or(day)) };
                        unused.is_none_or(|since| day - since < GRACE)
                    });
                }
            }
            let mut expected: Vec<String> = brought.keys().map(|at| BlobHash::of(&wholes[*at]).to_string()).collect();
            expected.sort();
            assert_eq!(walk(&town.folder.path().join("photos")), expected, "seed {seed} step {step}");
            let rows = town.core.look(|view| Ok(view.blobs()?)).expect("looks");
            assert_eq!(rows.iter().map(|row| row.hash.to_string()).collect::<Vec<_>>(), expected, "seed {seed} step {step}");
        }
    }
}

#[tokio::test]
async fn over_http_every_answer_has_its_status_and_says_where_to_go_on() {
    let whole = bytes(15, 1_000);
    let (town, wang, ..) = town(&whole);
    let router = router(town.core.clone(), Settings::default());
    let as_wang = format!("Device {}.{}", wang.credentials().device, wang.credentials().secret);
    let li = town.pen("li");
    let as_li = format!("Device {}.{}", li.credentials().device, li.credentials().secret);
    let path = format!("{BLOB_PATH}{}", BlobHash::of(&whole));
    let ask = |method: Method, who: &str, headers: Vec<(&'static str, String)>, body: Vec<u8>, path: &str| {
        let mut request = Request::builder().method(method).uri(path);
        if !who.is_empty() {
            request = request.header("authorization", who);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.expect("a router always answers");
            let (parts, body) = response.into_parts();
            let offset = parts.headers.get("upload-offset").map(|offset| offset.to_str().expect("a number").to_owned());
            (parts.status, offset, axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec())
        }
    };
    let at = |offset: usize| vec![("upload-offset", offset.to_string())];
    let head = |who: &str| ask(Method::HEAD, who, vec![], vec![], &path);
    assert_eq!(head("").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(head(&as_li).await.0, StatusCode::NOT_FOUND);
    assert_eq!(head(&as_wang).await, (StatusCode::OK, Some("0".to_owned()), vec![]));
    let put = |who: &str, offset: usize, piece: &[u8]| ask(Method::PUT, who, at(offset), piece.to_vec(), &path);
    assert_eq!(put(&as_li, 0, &whole).await.0, StatusCode::NOT_FOUND);
    assert_eq!(put(&as_wang, 0, &whole[..400]).await, (StatusCode::NO_CONTENT, Some("400".to_owned()), vec![]));
    let (status, offset, body) = put(&as_wang, 500, &whole[500..]).await;
    assert_eq!((status, offset), (StatusCode::CONFLICT, Some("400".to_owned())));
    assert_eq!(serde_json::from_slice::<BlobError>(&body).expect("its reason"), BlobError::Offset { expected: 400 });
    assert_eq!(ask(Method::PUT, &as_wang, vec![], vec![1], &path).await.0, StatusCode::BAD_REQUEST, "no offset");
    assert_eq!(put(&as_wang, 400, &bytes(1, PIECE_BYTES_MAX + 1)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let get = |who: &str, range: Option<&str>| {
        let headers = range.map(|range| ("range", range.to_owned())).into_iter().collect();
        ask(Method::GET, who, headers, vec![], &path)
    };
    let (status, _, body) = get(&as_wang, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(serde_json::from_slice::<BlobError>(&body).expect("its reason"), BlobError::NotArrived);
    assert_eq!(put(&as_wang, 400, &bytes(1, 600)).await.0, StatusCode::UNPROCESSABLE_ENTITY, "not what its name says");
    assert_eq!(put(&as_wang, 0, &whole).await, (StatusCode::NO_CONTENT, Some("1000".to_owned()), vec![]));
    assert_eq!(get(&as_wang, None).await, (StatusCode::OK, None, whole.clone()));
    assert_eq!(get(&as_wang, Some("bytes=900-")).await, (StatusCode::PARTIAL_CONTENT, None, whole[900..].to_vec()));
    assert_eq!(get(&as_wang, Some("bytes=0-1,4-5")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get(&as_li, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::HEAD, &as_wang, vec![], vec![], &format!("{BLOB_PATH}..%2F..%2Fetc")).await.0, StatusCode::NOT_FOUND);
}
