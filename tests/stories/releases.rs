//! Versions meet: what kept releases left behind, with today's device and today's server. `tests/releases` says what lies there;
//! each folder is a release, and this version is made and gone through like one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use device::Surroundings;
use domain::report::ReportForm;
use sync_server::Core;
use sync_server::caller::Credentials;
use sync_server::clock::SeededDice;
use ui_protocol::attention::Attention;
use ui_protocol::people::{ChangeResident, UndoMistake};
use ui_protocol::reports::{ListReports, SaveReport};
use ui_protocol::session::Status;
use ui_protocol::units::ListUnits;
use workspace_tests::world::DONG;
use workspace_tests::{Actor, Lie, PhoneCopy, World};

/// Every name under which a device of any version kept something outside its file.
const KEYS: [&str; 3] = ["doorstep-device", "doorstep-device-secret", "doorstep-install"];

fn kept_releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("releases");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the releases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    assert!(found.iter().any(|path| path.ends_with("0.1.0")), "the first release is still about");
    found
}

/// The work nobody has sent: what each release leaves behind, typed on its own screens.
fn leave_behind(to: &Path) {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "12号", "13905700099", "101-102");
    let zhang = wang.register(home, "张伟", &world.document()).person.expect("a person");
    let zhou = wang.register(home, "周敏", &world.document()).person.expect("a person");
    wang.sync();
    let mut chen = world.landlord("chen", "13905700099");
    world.time.pass_ms(60 * 60 * 1000);
    wang.register(home, "李晓梅", &world.document());
    let mut form = wang.person(zhang).form;
    form.phone = "13905700077".to_owned();
    wang.ask(ChangeResident { person: zhang, form, draft: None });
    wang.ask(UndoMistake { record: zhou });
    wang.home(DONG, "34号", "13905700088", "");
    let form = ReportForm {
        unit: Some(home),
        name: "刘洋".to_owned(),
        doc_no: world.document(),
        phone: "13905700055".to_owned(),
        event_on: "2026-11-22".to_owned(),
        ..ReportForm::default()
    };
    chen.ask(SaveReport { form, draft: None });
    for (phone, name) in [(&mut wang, "wang"), (&mut chen, "chen")] {
        phone.lie(&[Lie::LoseRequest]);
        phone.sync_fails();
        std::fs::write(to.join(format!("{name}.request")), phone.last_request()).expect("written");
        let keys = phone.around.keys();
        let kept: serde_json::Map<_, _> =
            KEYS.iter().filter_map(|key| Some(((*key).to_owned(), keys.get(key).expect("the keys answer")?.into()))).collect();
        let kept = serde_json::to_string_pretty(&kept).expect("JSON");
        std::fs::write(to.join(format!("{name}.keys.json")), kept).expect("written");
        phone.device().close();
        phone.switch_off();
        std::fs::copy(phone.dir.join(device::FILE), to.join(format!("{name}.db"))).expect("copied");
    }
    world.core.stop();
    sync_server::backup::backup(world.dir.path(), &to.join("server.db")).expect("a copy");
}

/// A release's county: its server's file opened by today's server, an hour after its phones had no network any more.
struct Left {
    world: World,
    from: PathBuf,
}

impl Left {
    fn new(from: &Path) -> Left {
        let mut world = World::new();
        world.core.stop();
        let file = world.dir.path().join("upgraded").join(sync_server::core::FILE_NAME);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::copy(from.join("server.db"), &file).expect("its server");
        world.time.pass_ms(2 * 60 * 60 * 1000);
        let core = Core::open(&file, world.time.clone(), Arc::new(SeededDice::new(11))).expect("today's server opens it");
        world.replace_server(core, &[]);
        Left { world, from: from.to_owned() }
    }

    /// A phone of the release, with its keys, switched on with today's app.
    fn phone(&self, name: &str) -> Actor {
        let dir = self.world.dir.path().join(format!("{name} as it was"));
        std::fs::create_dir_all(&dir).expect("made");
        std::fs::copy(self.from.join(format!("{name}.db")), dir.join(device::FILE)).expect("its file");
        self.world.phone_from(&PhoneCopy::of(dir, &self.keys(name)))
    }

    fn keys(&self, name: &str) -> BTreeMap<String, String> {
        let keys = std::fs::read_to_string(self.from.join(format!("{name}.keys.json"))).expect("its keys");
        serde_json::from_str(&keys).expect("JSON")
    }

    /// What a phone of the release proves itself with.
    fn credentials(&self, name: &str, device: domain::DeviceNumber) -> Credentials {
        let keys = self.keys(name);
        let secret = keys.get("doorstep-device-secret").cloned().unwrap_or_else(|| {
            let kept: serde_json::Value = serde_json::from_str(&keys["doorstep-device"]).expect("JSON");
            kept["secret"].as_str().expect("a secret").to_owned()
        });
        Credentials { device, secret }
    }

    fn expect_arrived(&self, wang: &Actor) {
        let fresh = self.world.phone_of("wang");
        fresh.sync();
        for phone in [wang, &fresh] {
            assert_eq!(phone.find("李晓梅"), ["李晓梅"]);
            let people = phone.ask(ui_protocol::people::ListPeople { query: "张伟".to_owned(), after: None });
            assert_eq!(phone.person(people.rows[0].id).phone, "13905700077");
            assert!(phone.find("周敏").is_empty(), "taken back");
            assert_eq!(phone.ask(ListUnits::default()).rows.len(), 2);
            let attention = phone.ask(Attention {});
            assert!(attention.conflicts.is_empty() && attention.refused.is_empty(), "{attention:?}");
            phone.expect_same();
        }
    }
}

/// What an older device had typed goes through today's app to today's server, and nobody has to enrol, sign in elsewhere or decide.
fn pending_of_the_release_arrives(from: &Path) {
    let left = Left::new(from);
    let (wang, chen) = (left.phone("wang"), left.phone("chen"));
    let number = wang.ask(Status {}).device;
    // As many as the release itself said it would push.
    let (request, _) = request_of(from);
    let unsent = request.push.len() as u64;
    assert!(unsent >= 10, "what the release left behind is worth an upgrade: {unsent}");
    assert_eq!((wang.status().waiting, chen.status().waiting), (unsent, 1), "an upgrade loses no unsent change");
    for phone in [&wang, &chen] {
        let status = phone.sync();
        assert_eq!((status.waiting, status.refused_open, status.held), (0, 0, 0), "{status:?}");
        assert_eq!(status.renewed, None, "under the number it had");
    }
    assert_eq!(wang.ask(Status {}).device, number);
    wang.sync();
    left.expect_arrived(&wang);
    let reports = wang.ask(ListReports::default()).rows;
    assert_eq!(reports.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["刘洋"]);
    chen.expect_same();
}

/// The last request of the release, and how many changes it carries.
fn request_of(from: &Path) -> (sync_protocol::ExchangeRequest, usize) {
    let request = std::fs::read(from.join("wang.request")).expect("its bytes");
    let (request, _) = sync_protocol::codec::decode_request(&request).expect("today's server reads them");
    let carried = request.push.len();
    (request, carried)
}

/// The old app pushed and the answer was lost; then the app was updated, and pushes again.
fn the_release_pushed_before_its_app_was_updated(from: &Path) {
    let left = Left::new(from);
    let wang = left.phone("wang");
    // As the release said it: the device's own copy of that is still in its outbox.
    let (request, unsent) = request_of(from);
    let credentials = left.credentials("wang", request.device);
    let pushed = left.world.core.exchange(&credentials, request).expect("an answer");
    assert_eq!(pushed.verdicts.len(), unsent);
    assert!(pushed.verdicts.iter().all(|(_, verdict)| *verdict == sync_protocol::Verdict::Ok), "{:?}", pushed.verdicts);
    let status = wang.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0), "the same verdicts, nothing twice");
    left.expect_arrived(&wang);
}

/// What is typed today, and was typed before the server's file was upgraded, fits into the file of the release.
fn pending_of_today_arrives_in_the_release_s_file(from: &Path) {
    let left = Left::new(from);
    let world = &left.world;
    let today = world.phone_of("wang");
    today.sync();
    let old = left.phone("wang");
    let home = today.ask(ListUnits::default()).rows[0].id;
    let people = today.ask(ui_protocol::people::ListPeople { query: "张伟".to_owned(), after: None });
    let mut form = today.person(people.rows[0].id).form;
    form.hukou_address = "解放路1号".to_owned();
    today.online(false);
    today.ask(ChangeResident { person: people.rows[0].id, form, draft: None });
    // The first numbers are those of the people of the release.
    let number = (0..20).map(|_| world.document()).last().expect("a number");
    today.register(home, "占小平", &number);
    today.online(true);
    let status = today.sync();
    assert_eq!((status.waiting, status.refused_open), (0, 0));
    old.sync();
    today.sync();
    for phone in [&old, &today] {
        assert_eq!(phone.find("占小平"), ["占小平"]);
        let person = phone.person(people.rows[0].id);
        assert_eq!(
            (person.form.phone.as_str(), person.form.hukou_address.as_str()),
            ("13905700077", "解放路1号"),
            "parallel edits both stand"
        );
        phone.expect_same();
    }
}

fn go_through(from: &Path) {
    pending_of_the_release_arrives(from);
    the_release_pushed_before_its_app_was_updated(from);
    pending_of_today_arrives_in_the_release_s_file(from);
}

#[test]
fn what_kept_releases_left_behind_arrives() {
    for release in kept_releases() {
        go_through(&release);
    }
}

#[test]
fn this_version_leaves_behind_what_the_next_one_goes_through() {
    let temporary = tempfile::tempdir().expect("a folder");
    // Set on the day of a release: then what is made is kept.
    let to = std::env::var("DOORSTEP_RELEASE").map_or(temporary.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&to).expect("made");
    leave_behind(&to);
    go_through(&to);
}
