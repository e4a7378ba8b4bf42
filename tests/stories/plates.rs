//! A home by the plate at its door: scanned offline, lost and replaced, and somebody else's code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::RecordId;
use domain::codes::{NextSlot, VisitPersonResult, VisitResult};
use ui_protocol::ErrorCode;
use ui_protocol::attention::Attention;
use ui_protocol::plates::{OpenPlate, PlateAnswer, PlateOf, PlateView, ScanPicture, WantPlate};
use ui_protocol::visits::{DropVisit, FinishVisit, NoteVisit, OpenVisits, PastVisits, Step, Visit};
use workspace_tests::world::{DONG, XI};
use workspace_tests::{Actor, World};

const MINUTE_MS: i64 = 60_000;

/// A code that says this, as the camera sees it: a few pixels for each module.
fn picture(text: &str, live: bool) -> ScanPicture {
    const PIXELS: usize = 4;
    let drawing = domain::code::draw(text).expect("a code");
    let side = drawing.side as usize * PIXELS;
    let mut dark = vec![0u8; (side * side).div_ceil(8)];
    for run in drawing.path.split('M').filter(|run| !run.is_empty()) {
        let (at, long) = run.split_once('h').expect("a run");
        let (x, y) = at.split_once(' ').expect("where it begins");
        let number = |text: &str| text.parse::<usize>().expect("a number") * PIXELS;
        let (x, y, long) = (number(x), number(y), number(long.split('v').next().expect("its length")));
        for pixel in (y..y + PIXELS).flat_map(|row| (x..x + long).map(move |column| row * side + column)) {
            dark[pixel / 8] |= 0x80 >> (pixel % 8);
        }
    }
    let (width, height) = (side as u32, side as u32);
    ScanPicture { width, height, dark: BASE64.encode(dark), live }
}

fn scan(actor: &Actor, text: &str) -> PlateAnswer {
    actor.ask(picture(text, true)).expect("a code in the picture")
}

fn typed(actor: &Actor, text: &str) -> PlateAnswer {
    actor.ask(OpenPlate { text: text.to_owned() })
}

fn plate(actor: &Actor, unit: RecordId) -> PlateView {
    actor.ask(PlateOf { unit })
}

fn finish(actor: &Actor, unit: RecordId) -> bool {
    actor.ask(FinishVisit { unit, result: VisitResult::NoAnswer, next: NextSlot::None, note: String::new() });
    actor.ask(PastVisits { unit }).rows[0].scanned
}

/// No network at the door: the phone knows its own village's plates, and nobody else's code.
#[test]
fn a_plate_opens_its_home_without_a_network() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", XI));
    let home = wang.home(DONG, "12号", "13905700099", "101");
    let other = li.home(XI, "7号", "13905700088", "");
    assert_eq!(plate(&wang, home).text, "", "the server gives it");
    assert_eq!(wang.try_ask(WantPlate { unit: home }).expect_err("none to replace").code, ErrorCode::SyncFirst);
    wang.sync();
    li.sync();
    let (own, foreign) = (plate(&wang, home), plate(&li, other));
    assert!(own.text.contains("/p/") && own.number.starts_with("CS-H-") && own.no == 1, "{own:?}");
    for said in ["12号", "13905700099", &home.to_string(), &own.number] {
        assert!(!own.text.contains(said), "the code says nothing of the home: {said}");
    }
    wang.online(false);
    let here = PlateAnswer::Home { unit: home, title: own.title.clone() };
    let token = own.text.rsplit('/').next().expect("a token");
    for text in [own.text.as_str(), token, &token.to_lowercase(), &own.number, &own.number.to_lowercase()] {
        assert_eq!(typed(&wang, text), here, "{text}");
    }
    assert_eq!(scan(&wang, &foreign.text), PlateAnswer::NotHere, "another village's");
    assert_eq!(scan(&wang, "https://doorstep.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A"), PlateAnswer::NotHere);
    assert_eq!(typed(&wang, &foreign.number), PlateAnswer::NoSuchNumber);
    assert_eq!(typed(&wang, "CS-H-2026-999999"), PlateAnswer::NoSuchNumber);
    for code in ["https://u.wechat.example/abc", "6901234567892", "WIFI:S:guest;;", "12号"] {
        assert_eq!(scan(&wang, code), PlateAnswer::Foreign, "{code}");
    }
    assert_eq!(scan(&wang, &own.number), PlateAnswer::Foreign, "a number in somebody's code is no plate");
    assert_eq!(typed(&wang, "  "), PlateAnswer::Nothing);
    let wall = ScanPicture { width: 64, height: 64, dark: BASE64.encode([0; 512]), live: true };
    assert_eq!(wang.ask(wall.clone()), None, "a wall");
    for (width, height) in [(0, 0), (u32::MAX, u32::MAX), (64, 4_000), (64, 65)] {
        assert_eq!(wang.ask(ScanPicture { width, height, ..wall.clone() }), None, "{width} × {height}");
    }
    let broken = wang.try_ask(ScanPicture { dark: "no base64".to_owned(), ..wall }).expect_err("no picture");
    assert_eq!(broken.code, ErrorCode::Malformed);
    assert_eq!(wang.status().waiting, 0, "scanning writes nothing that is sent");
    // Whoever may not see the home opens nothing with its plate.
    let chen = world.landlord("chen", "13905700099");
    chen.sync();
    let refused = chen.try_ask(picture(&own.text, true)).expect_err("a landlord scans nothing");
    assert_eq!(refused.code, ErrorCode::NotAllowed);
}

#[test]
fn a_visit_that_began_at_the_plate_says_so() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (home, next) = (wang.home(DONG, "12号", "13905700099", "101"), wang.home(DONG, "14号", "13905700099", "101"));
    wang.register(home, "张伟", &world.document());
    wang.sync();
    let (own, beside) = (plate(&wang, home), plate(&wang, next));
    world.time.pass_days(1);
    wang.online(false);

    assert!(!finish(&wang, home), "nobody scanned anything");
    scan(&wang, &own.text);
    assert_eq!(wang.ask(OpenVisits {}).rows, [], "scanning begins no visit");
    world.time.pass_ms(5 * MINUTE_MS);
    let person = wang.ask(Visit { unit: home }).rooms.iter().flat_map(|room| &room.people).next().expect("somebody").person;
    wang.ask(NoteVisit { unit: home, step: Step::Answer { person, result: Some(VisitPersonResult::NotMet) } });
    // Somebody from next door is scanned in between, and the afternoon passes: the visit goes on where it began.
    scan(&wang, &beside.text);
    world.time.pass_ms(3 * 60 * MINUTE_MS);
    assert!(finish(&wang, home));
    assert!(!finish(&wang, next), "its scan was hours ago");
    world.time.pass_ms(MINUTE_MS);
    scan(&wang, &beside.text);
    assert!(finish(&wang, next), "nobody opened, and somebody stood there");
    world.time.pass_ms(MINUTE_MS);
    typed(&wang, &own.text);
    wang.ask(picture(&own.text, false)).expect("a photo of the plate opens the home");
    assert!(!finish(&wang, home), "a number typed at home, or a photo taken earlier, is no proof");
    // In the middle of a visit counts too; given up, it leaves nothing.
    wang.ask(NoteVisit { unit: home, step: Step::Adding });
    scan(&wang, &own.text);
    world.time.pass_ms(2 * 60 * MINUTE_MS);
    assert!(finish(&wang, home));
    wang.ask(NoteVisit { unit: home, step: Step::Adding });
    wang.ask(DropVisit { unit: home });
    assert_eq!(wang.ask(OpenVisits {}).rows, []);

    wang.online(true);
    wang.sync();
    assert_eq!(wang.ask(Attention {}).refused, []);
    let zhou = world.coordinator("zhou", DONG);
    zhou.sync();
    let proofs: Vec<bool> = zhou.ask(PastVisits { unit: home }).rows.iter().map(|row| row.scanned).collect();
    assert_eq!(proofs.iter().filter(|scanned| **scanned).count(), 2, "{proofs:?}");
    wang.sync();
    wang.expect_same();
    zhou.expect_same();
}

#[test]
fn a_lost_plate_is_replaced_and_the_old_one_says_so() {
    let world = World::new();
    let (wang, li) = (world.coordinator("wang", DONG), world.coordinator("li", DONG));
    let home = wang.home(DONG, "12号", "13905700099", "101");
    wang.sync();
    li.sync();
    let first = plate(&wang, home);
    wang.online(false);
    assert!(wang.ask(WantPlate { unit: home }).wanted);
    assert_eq!(plate(&wang, home).text, first.text, "until the server has answered the old one opens the home");
    assert!(matches!(scan(&wang, &first.text), PlateAnswer::Home { .. }));
    // A colleague sees the same empty nail.
    assert!(li.ask(WantPlate { unit: home }).wanted);
    li.sync();
    wang.online(true);
    wang.sync();
    li.sync();
    wang.sync();
    let second = plate(&wang, home);
    assert_eq!((second.no, second.wanted), (2, false), "one plate for one that was lost");
    assert_eq!(plate(&li, home), second);
    assert_ne!(second.text, first.text);
    assert_eq!(wang.ask(Attention {}).conflicts.len(), 0, "who asks for the same has no conflict");
    world.time.pass_ms(60 * MINUTE_MS);
    let title = first.title.clone();
    assert!(matches!(scan(&wang, &first.text), PlateAnswer::Replaced { unit, title: said, .. } if unit == home && said == title));
    assert!(!finish(&wang, home), "an old plate can be anywhere");
    assert_eq!(scan(&wang, &second.text), PlateAnswer::Home { unit: home, title });
    wang.sync();
    wang.expect_same();
    li.expect_same();
}
