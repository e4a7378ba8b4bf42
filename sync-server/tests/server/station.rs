//! What a station can be sure of: that devices hold what the register holds, where photos are, why somebody is missing, and a
//! restored server that waits for an administrator.

use std::sync::Arc;

use domain::photo::{BlobHash, PhotoFact};
use domain::{RecordId, kind};
use serde::de::DeserializeOwned;
use sync_protocol::blob::BlobServer;
use sync_server::Core;
use sync_server::backup::{backup, restore};
use sync_server::clock::SeededDice;
use sync_server::core::FILE_NAME;
use sync_server::demo::Pen;
use ui_protocol::desk::{Me, MeReply, RecordView, ViewRecord};
use ui_protocol::photos::{PhotoImage, PhotoSize, StationPhoto, StationPhotoBytes};
use ui_protocol::proof::{StationProof, StationProofReply};
use ui_protocol::restored::{ConfirmRestore, Restored, RestoredReply};
use ui_protocol::why::{StationFact, StationFactsReply, StationFate, StationSavesReply, StationWhyPerson, StationWhySave};
use ui_protocol::{DeskCommand, ErrorCode};

use crate::town::{CHENS_PHONE, LIS, PASSWORD, Town, WANGS, contact, hand_over, held, ok, once};

fn ask_of<T: DeserializeOwned>(core: &Core, login: &str, command: DeskCommand) -> Result<T, ErrorCode> {
    let (token, _) = core.desk_sign_in(login, PASSWORD).expect("signs in");
    let caller = core.desk_caller(&token).expect("a session");
    let handled = core.desk(&caller, command).map_err(|error| error.code)?;
    Ok(serde_json::from_value(handled.reply).expect("the reply of this call"))
}

fn ask<T: DeserializeOwned>(town: &Town, command: DeskCommand) -> Result<T, ErrorCode> {
    ask_of(&town.core, "zhou", command)
}

fn proof(town: &Town, device: Option<u32>) -> StationProofReply {
    ask(town, DeskCommand::StationProof(StationProof { device })).expect("rows")
}

/// How one device stands in its village, as the desk shows it.
fn in_the_village(town: &Town, pen: &Pen) -> (Option<bool>, bool, u64, u64) {
    let number = pen.credentials().device.0;
    let row = proof(town, Some(number)).rows.into_iter().find(|row| !["county", "account"].contains(&row.area.as_str()));
    let row = row.expect("its village");
    (row.same, row.behind, row.on_device, row.on_server)
}

#[test]
fn the_desk_sees_what_each_device_said_and_what_came_of_comparing_it() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    town.resident(&mut wang, unit);
    assert!(in_the_village(&town, &wang).1, "when it spoke last its own work had not come back to it");
    once(&mut wang).expect("says what it holds");
    let (same, behind, there, here) = in_the_village(&town, &wang);
    assert_eq!((same, behind), (Some(true), false));
    assert_eq!(there, here);
    assert!(there > 0);

    // Somebody else's work arrives: nothing to compare until it is fetched, and the last comparison stands.
    let mut other = town.pen("wang");
    town.resident(&mut other, unit);
    wang.sync().expect("was behind when it spoke");
    assert_eq!(in_the_village(&town, &wang).0, Some(true), "the last comparison");
    assert!(in_the_village(&town, &wang).1, "and that it is behind");
    once(&mut wang).expect("has fetched it");
    assert_eq!(in_the_village(&town, &wang), (Some(true), false, there + 5, here + 5));

    // The first half of a check sum is enough to say.
    let mut request = wang.request(1);
    request.scopes.iter_mut().for_each(|state| state.digest.truncate(16));
    town.core.exchange(wang.credentials(), request).expect("an answer");
    assert_eq!(in_the_village(&town, &wang).0, Some(true));

    // A device that holds something else says so, stands first, and is not believed to be right.
    let mut request = other.request(1);
    for state in &mut request.scopes {
        state.digest = "ab".repeat(16);
    }
    town.core.exchange(other.credentials(), request).expect("an answer");
    let rows = proof(&town, None).rows;
    assert_eq!(rows[0].same, Some(false), "what differs comes first");
    assert_eq!((rows[0].device, rows[0].digest.as_str()), (other.credentials().device.0, "ab".repeat(16).as_str()));
    assert!(rows.iter().all(|row| row.name == "王敏"), "nobody else has a device");
    // What is no digest is not kept as it is.
    let mut request = other.request(1);
    request.scopes.iter_mut().for_each(|state| state.digest = "<script>".to_owned());
    town.core.exchange(other.credentials(), request).expect("an answer");
    assert!(proof(&town, Some(other.credentials().device.0)).rows.iter().all(|row| row.digest.is_empty()));
    // The console and monitoring are told the same, with logins and without names.
    let told = town.core.compared(Some(wang.credentials().device)).expect("rows");
    assert!(told.iter().all(|row| row.name == "wang" && row.same == Some(true)), "{told:?}");
    let monitored = serde_json::to_string(&town.core.monitored().expect("devices")).expect("json");
    assert!(monitored.contains(&format!("a:{WANGS}")) && !monitored.contains("王敏"), "{monitored}");
}

#[test]
fn a_device_that_never_spoke_is_not_compared_and_one_that_was_shut_out_is_not_listed() {
    let town = Town::new();
    let credentials = town.core.add_device("li", "a phone in its box").expect("a device");
    let rows = proof(&town, None).rows;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.same.is_none() && row.said_unix_ms.is_none()), "{rows:?}");
    town.core.revoke_device(credentials.device).expect("revoked");
    assert!(proof(&town, None).rows.is_empty());
}

fn add_photo(town: &Town, pen: &mut Pen, of: RecordId, whole: &[u8], small: &[u8]) -> RecordId {
    let fact = PhotoFact {
        of,
        hash: BlobHash::of(whole),
        bytes: whole.len() as u32,
        width: 1600,
        height: 1200,
        thumb: BlobHash::of(small),
        thumb_bytes: small.len() as u32,
        taken_on: None,
        note: "门牌".to_owned(),
    };
    town.pass(1000);
    let draft = pen.create(kind::PHOTO).with("fact", &fact);
    let id = draft.record;
    ok(pen.send(vec![draft]));
    id
}

fn photos(town: &Town, unit: RecordId) -> Vec<StationPhoto> {
    ask::<RecordView>(town, DeskCommand::ViewRecord(ViewRecord { id: unit })).expect("the home").photos
}

fn bytes(town: &Town, login: &str, photo: RecordId, size: PhotoSize) -> Result<PhotoImage, ErrorCode> {
    ask_of(&town.core, login, DeskCommand::StationPhotoBytes(StationPhotoBytes { photo, size }))
}

#[test]
fn the_desk_sees_the_photos_of_a_home_and_which_have_not_arrived() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, CHENS_PHONE);
    let (whole, small) = (vec![7; 20_000], vec![9; 500]);
    let photo = add_photo(&town, &mut wang, unit, &whole, &small);
    let shown = photos(&town, unit);
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].id, shown[0].by.as_str(), shown[0].device), (photo, "王敏", wang.credentials().device.0));
    assert!(!shown[0].whole_here && !shown[0].small_here && shown[0].added_unix_ms > 0, "from whom, and since when");
    assert_eq!(bytes(&town, "zhou", photo, PhotoSize::Whole), Err(ErrorCode::PhotoNotHere));

    wang.server.put_blob(BlobHash::of(&whole), 0, &whole).expect("arrives");
    wang.server.put_blob(BlobHash::of(&small), 0, &small).expect("arrives");
    assert!(photos(&town, unit).iter().all(|photo| photo.whole_here && photo.small_here));
    let image = bytes(&town, "zhou", photo, PhotoSize::Whole).expect("the photo");
    assert_eq!(image.jpeg.len(), whole.len().div_ceil(3) * 4, "all of it");
    let noted = town.core.look(|view| Ok(view.audit_count("desk.photo")?)).expect("looks");
    assert_eq!(noted, 1, "that the whole one was looked at is noted down");

    // What is no photo, and a photo of another station's village.
    assert_eq!(bytes(&town, "zhou", unit, PhotoSize::Small), Err(ErrorCode::NotFound));
    town.account("far", "远处", domain::access::Role::Officer, "", &["330822002000"]);
    assert_eq!(bytes(&town, "far", photo, PhotoSize::Small), Err(ErrorCode::NotFound));
    // Bytes that somebody took away from the folder are missing again.
    let folder = sync_server::photos::Folder::beside(&town.file());
    std::fs::remove_file(folder.path(BlobHash::of(&whole))).expect("gone");
    assert_eq!(bytes(&town, "zhou", photo, PhotoSize::Whole), Err(ErrorCode::PhotoNotHere));
    assert!(!photos(&town, unit)[0].whole_here);
}

fn save(town: &Town, login: &str, no: &str) -> Result<StationSavesReply, ErrorCode> {
    ask_of(&town.core, login, DeskCommand::StationWhySave(StationWhySave { no: no.to_owned() }))
}

#[test]
fn a_save_is_found_by_the_number_somebody_reads_out() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("13800000001"))];
    let txn = wang.save(drafts);
    let before = save(&town, "zhou", &txn.number()).expect("an answer");
    assert!(before.saves.is_empty(), "it did not arrive");
    wang.sync().expect("syncs");
    let found = save(&town, "zhou", &txn.number().to_lowercase().replace('-', " ")).expect("an answer").saves;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].no.as_str(), found[0].by.as_str()), (txn.number().as_str(), "王敏"));
    let [change] = &found[0].changes[..] else { panic!("one change: {found:?}") };
    assert_eq!((change.record, &change.fate), (Some(made.person), &StationFate::Ok));
    assert_eq!(change.groups, ["contact"]);
    // A refused one says why; a number that is none is a mistake of who typed; another station hears nothing.
    let drafts = vec![wang.set(&held(&wang, made.person)).with("contact", &contact("no phone"))];
    let refused = wang.save(drafts);
    wang.sync().expect("syncs");
    let found = save(&town, "zhou", &refused.number()).expect("an answer").saves;
    assert!(matches!(found[0].changes[0].fate, StationFate::Refused { .. }), "{found:?}");
    for no in ["", "K7Q2", "K7Q2-M9X!", "张三"] {
        assert_eq!(save(&town, "zhou", no).map(|reply| reply.saves.len()), Err(ErrorCode::Form), "{no}");
    }
    town.account("far", "远处", domain::access::Role::Officer, "", &["330822002000"]);
    assert_eq!(save(&town, "far", &txn.number()).expect("an answer"), StationSavesReply::default());
    let text = serde_json::to_string(&found).expect("json");
    assert!(!text.contains("13800000001"), "values are looked at in the record: {text}");
}

#[test]
fn a_save_that_ends_like_another_opens_no_other() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let made = town.resident(&mut wang, unit);
    let txn = wang.save(vec![wang.set(&held(&wang, made.person)).with("contact", &contact("13800000001"))]);
    wang.sync().expect("syncs");
    town.account("far", "远处", domain::access::Role::Officer, "", &["330822002000"]);
    let mut far = town.pen("far");
    let mut planted = far.save(vec![far.create(kind::PERSON)]);
    let (mut bytes, ends) = (planted.0.into_bytes(), txn.0.into_bytes());
    bytes[11..].copy_from_slice(&ends[11..]);
    planted.0 = uuid::Uuid::from_bytes(bytes);
    far.outbox[0].change.txn = planted;
    far.sync().expect("syncs");
    assert_eq!(planted.number(), txn.number(), "they read the same");
    let found = save(&town, "far", &txn.number()).expect("an answer").saves;
    assert_eq!(found.iter().map(|save| save.by.as_str()).collect::<Vec<_>>(), ["远处"], "its own, and no other");
    assert_eq!(save(&town, "zhou", &txn.number()).expect("an answer").saves.len(), 1);
}

fn person(town: &Town, login: &str, query: &str) -> StationFactsReply {
    let command = DeskCommand::StationWhyPerson(StationWhyPerson { query: query.to_owned() });
    ask_of(&town.core, login, command).expect("an answer")
}

#[test]
fn the_desk_is_told_where_somebody_is_or_went() {
    let town = Town::new();
    let (mut wang, mut li) = (town.pen("wang"), town.pen("li"));
    let (unit, lis_unit) = (town.home(&mut wang, WANGS, ""), town.home(&mut li, LIS, ""));
    let (made, gone) = (town.resident(&mut wang, unit), town.resident(&mut wang, unit));
    let of = |pen: &Pen, id: RecordId, field: &str| held(pen, id).text("identity", field).unwrap_or_default().to_owned();
    let (name, number) = (of(&wang, made.person, "name"), of(&wang, made.person, "doc_no"));
    for query in [name.clone(), number.clone(), made.person.to_string(), made.residency.to_string()] {
        let reply = person(&town, "zhou", &query);
        let [StationFact::Here { id, title, .. }] = &reply.facts[..] else { panic!("{query}: {reply:?}") };
        assert!(*id == made.person && title.contains(&name) && !title.contains(&number), "{title}");
        assert!(!reply.county, "who is here is not looked up in the county");
    }
    // Taken back as a mistake.
    let lost = of(&wang, gone.person, "name");
    let drafts = [gone.person, gone.residency, gone.stay].map(|id| wang.delete(&held(&wang, id))).to_vec();
    ok(wang.send(drafts));
    let reply = person(&town, "zhou", &lost);
    assert!(reply.facts.iter().any(|fact| matches!(fact, StationFact::TakenBack { by, .. } if by == "王敏")), "{reply:?}");

    // Handed over to a village of another station: the desk that had them is told that they left, and by the document where they are.
    town.account("near", "近处", domain::access::Role::Officer, "", &[WANGS]);
    let moves = hand_over(&wang, made, LIS, "2026-03-02");
    ok(wang.send(moves));
    li.sync().expect("syncs");
    let reply = person(&town, "near", &name);
    assert!(matches!(&reply.facts[..], [StationFact::Left { .. }]), "{reply:?}");
    let reply = person(&town, "near", &made.person.to_string());
    assert!(matches!(&reply.facts[..], [StationFact::Left { .. }]), "{reply:?}");
    let reply = person(&town, "near", &number);
    assert!(reply.county && reply.facts.iter().any(|fact| matches!(fact, StationFact::Elsewhere { .. })), "{reply:?}");
    assert!(!serde_json::to_string(&reply).expect("json").contains(&name), "no name of somebody elsewhere");
    let _ = lis_unit;

    // Nobody at all; too little to mean anybody; work on a phone that may have them.
    assert_eq!(person(&town, "near", "没有这个人").facts, [StationFact::Never]);
    assert!(person(&town, "near", "张").facts.is_empty());
    wang.save(town.newcomer(&wang, unit).0);
    once(&mut wang).expect("says what waits, and sends it");
    assert_eq!(person(&town, "admin", "没有这个人").facts, [StationFact::Never], "the bureau is not told more");
}

#[test]
fn a_restored_server_waits_for_an_administrator_and_says_what_came_back() {
    let town = Town::new();
    let mut wang = town.pen("wang");
    let unit = town.home(&mut wang, WANGS, "");
    let copy = town.folder.path().join("copy.db");
    backup(town.folder.path(), &copy).expect("a copy");
    town.pass(60_000);
    // It was answered, and the answer was lost: the phone still has it when the server comes back without it.
    let newcomer = town.newcomer(&wang, unit).0;
    wang.save(newcomer);
    town.core.exchange(wang.credentials(), wang.request(100)).expect("an answer nobody reads");
    town.pass(60_000);
    town.core.stop();
    let folder = town.folder.path();
    restore(folder, &copy, true, town.clock.clone(), Arc::new(SeededDice::new(3))).expect("restored");
    let core = Core::open(&folder.join(FILE_NAME), town.clock.clone(), Arc::new(SeededDice::new(4))).expect("opens");
    let look = |login: &str| ask_of::<RestoredReply>(&core, login, DeskCommand::Restored(Restored {})).expect("an answer");

    let waits = look("admin");
    assert!(waits.waits && waits.may_confirm && waits.at_unix_ms.is_some(), "{waits:?}");
    assert_eq!((waits.came_back, waits.silent.len(), waits.devices), (0, 1, 1), "nothing came yet, and one phone is silent");
    assert_eq!(waits.silent[0].name, "王敏");
    let me: MeReply = ask_of(&core, "zhou", DeskCommand::Me(Me {})).expect("who");
    assert_eq!(me.restored_unix_ms, waits.at_unix_ms, "everybody at the desk is told");
    assert!(!look("zhou").may_confirm);

    // The phone tells again what was lost.
    town.pass(60_000);
    wang.server.core = core.clone();
    wang.sync().expect("is on the new history");
    let after = look("admin");
    assert!(after.came_back > 0 && after.silent.is_empty(), "{after:?}");

    // Only an administrator says that it is right.
    let confirm = |login: &str| ask_of::<RestoredReply>(&core, login, DeskCommand::ConfirmRestore(ConfirmRestore {}));
    assert_eq!(confirm("zhou"), Err(ErrorCode::NotAllowed));
    assert!(look("admin").waits);
    let confirmed = confirm("admin").expect("confirmed");
    assert!(!confirmed.waits && !confirmed.may_confirm);
    assert!(!confirm("admin").expect("twice is once").waits);
    let noted = core.look(|view| Ok(view.audit_count("server.confirm_restore")?)).expect("looks");
    assert_eq!(noted, 1);
    let me: MeReply = ask_of(&core, "zhou", DeskCommand::Me(Me {})).expect("who");
    assert_eq!(me.restored_unix_ms, None);
}
