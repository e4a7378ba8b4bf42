//! A full disk, a read-only file, a file from a newer version, a damaged file, a copied file.

use device::{Device, FILE, OpenError, Options, Surroundings};
use std::sync::Arc;
use store::device::Tuning;
use store::open::{Migration, open_writer};
use ui_protocol::ErrorCode;
use ui_protocol::people::SaveResident;
use ui_protocol::session::Enrol;
use workspace_tests::World;
use workspace_tests::world::{DONG, PASSWORD};

#[test]
fn a_full_disk_keeps_the_form_open_and_what_was_saved() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    // SQLite itself says that the disk is full: the file may not grow any more.
    wang.restart_with(Tuning { pages_max: Some(220), ..Tuning::default() });
    let mut failed = None;
    for number in 0..200 {
        let form = wang.resident_form(home, "李晓梅", &world.document());
        if let Err(error) = wang.try_ask(SaveResident { form, although_known: false, returning: None, draft: None }) {
            failed = Some((number, error));
            break;
        }
    }
    let (_, error) = failed.expect("the disk is full at last");
    assert_eq!(error.code, ErrorCode::DiskFull);
    assert_eq!(wang.find("张伟").len(), 1, "what was saved is there");
}

#[test]
fn a_file_from_a_newer_version_is_not_opened_and_not_touched() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let (dir, around) = (wang.dir.clone(), Arc::clone(&wang.around));
    drop(wang);
    let step = Migration { name: "later", sql: "CREATE TABLE IF NOT EXISTS later (id TEXT NOT NULL) STRICT" };
    drop(open_writer(&dir.join(FILE), &[step; 99], None).expect("a later version opened it"));
    let before = std::fs::read(dir.join(FILE)).expect("the file");
    let answer = Device::open(Options::new(dir.clone(), around as Arc<dyn Surroundings>));
    assert!(matches!(answer, Err(OpenError::Newer)));
    assert_eq!(std::fs::read(dir.join(FILE)).expect("the file"), before);
}

#[test]
fn a_damaged_file_is_set_aside_and_filled_again_from_the_server() {
    let world = World::new();
    let wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.register(home, "张伟", &world.document());
    wang.sync();
    let (dir, around) = (wang.dir.clone(), Arc::clone(&wang.around));
    wang.device().close();
    drop(wang);
    std::fs::write(dir.join(FILE), b"this is no database, it was eaten by the flash memory of a cheap phone").expect("damage");
    let answer = Device::open(Options::new(dir.clone(), Arc::clone(&around) as Arc<dyn Surroundings>));
    let Err(OpenError::SetAside(aside)) = answer else { panic!("set aside") };
    assert!(aside.exists(), "nothing is deleted");
    let device = Device::open(Options::new(dir, around as Arc<dyn Surroundings>)).expect("a new file");
    let code = world.core.enrol_code("wang").expect("a code");
    let enrol = Enrol { server: "http://test".to_owned(), code, password: PASSWORD.to_owned() };
    device.handle(ui_protocol::Call::command(enrol)).expect("enrolled again");
    device.exchange_all().expect("filled");
    let found =
        device.handle(ui_protocol::Call::command(ui_protocol::people::ListPeople { query: "zw".to_owned(), after: None }));
    assert_eq!(found.expect("an answer").reply["rows"][0]["name"], "张伟");
}

#[test]
fn a_read_only_file_can_be_looked_at_and_says_so_when_saving() {
    let world = World::new();
    let mut wang = world.coordinator("wang", DONG);
    let home = wang.home(DONG, "1号", "13905700099", "");
    wang.restart_with(Tuning { read_only: true, ..Tuning::default() });
    let form = wang.resident_form(home, "张伟", &world.document());
    let error = wang.try_ask(SaveResident { form, although_known: false, returning: None, draft: None }).expect_err("read-only");
    assert_eq!(error.code, ErrorCode::ReadOnly);
    assert_eq!(wang.ask(ui_protocol::units::ListUnits::default()).rows.len(), 1);
}
