//! What a coordinator waits for on a day of visits: the list of the morning, a home opened, a tap on its roster, the lock, a photo.
//! Built once plainly and once with `--features encrypted`, it shows what encryption costs.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::codes::UnitStatus;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};
use ui_protocol::lock::{Lock, SetPin, Unlock};
use ui_protocol::photos::{AddPhoto, PhotoBytes, PhotoSize};
use ui_protocol::session::SignIn;
use ui_protocol::today::{Today, TodayKind};
use ui_protocol::units::{ListUnits, SetUnitState};
use workspace_tests::world::{DONG, PASSWORD};
use workspace_tests::{Actor, World};

use crate::{Line, doors, full_saves, line, register, search, times, write_table};

/// People of a home.
const A_HOME: usize = 3;
const PIN: &str = "270914";
/// Longer than the longest cycle of a grade, so that every home is due.
const LONG_DAYS: i64 = 130;

/// Homes with three people each.
pub(crate) fn run(homes: usize) -> Result<()> {
    let mut lines = Vec::new();
    let world = World::new();
    let mut writer = world.coordinator("wang", DONG);
    println!("registering {} residents of {homes} homes", homes * A_HOME);
    register(&world, &writer, homes * A_HOME, A_HOME);
    let mut page = ListUnits::default();
    loop {
        let homes = writer.ask(page.clone());
        for home in &homes.rows {
            writer.ask(SetUnitState { id: home.id, state: UnitStatus::Registered, reason: None });
        }
        page.after = homes.next;
        if page.after.is_none() {
            break;
        }
    }
    writer.sync();
    world.time.pass_days(LONG_DAYS);
    writer.sync();
    writer.start_behind_a_lock();
    writer.ask(SignIn { password: PASSWORD.to_owned() });
    writer.sync();
    let status = writer.ask(SetPin { old: String::new(), new: PIN.to_owned() });
    println!("encrypted: {}", status.lock.encrypted);

    let mut asked = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let list = writer.ask(Today::default());
        asked.push(began.elapsed());
        let due = list.counts.iter().find(|(kind, _)| *kind == TodayKind::HomeDue).map_or(0, |(_, count)| *count);
        anyhow::ensure!(due as usize >= homes, "{due} of {homes} homes are due");
    }
    let what = format!("Today's list, {homes} homes due, {} people", homes * A_HOME);
    lines.push(line(&what, &times(&asked), "≤ 50 ms"));
    doors(&writer, &mut lines);
    lines.push(line("a keystroke's search", &times(&search(&writer, 40)), "p99 ≤ 20 ms"));
    full_saves(&world, &writer, &mut lines);
    photo(&writer, &mut lines)?;
    let opened: Vec<Duration> = (0..9)
        .map(|_| {
            writer.ask(Lock {});
            let began = Instant::now();
            writer.ask(Unlock { pin: PIN.to_owned() });
            began.elapsed()
        })
        .collect();
    lines.push(line("unlocking with the PIN", &times(&opened), "≤ 1 s"));
    let path = if status.lock.encrypted { "target/bench-day-encrypted.md" } else { "target/bench-day-plain.md" };
    write_table(&lines, path)
}

/// Twelve million pixels from a camera held upright, as the page hands them over.
fn photo(writer: &Actor, lines: &mut Vec<Line>) -> Result<()> {
    let home = writer.ask(ListUnits::default()).rows[0].id;
    let (mut kept, mut largest) = (Vec::new(), 0);
    for round in 0..5_u32 {
        let image = BASE64.encode(camera(round)?);
        let began = Instant::now();
        let photo = writer.ask(AddPhoto { of: home, image, note: String::new() });
        kept.push(began.elapsed());
        let whole = BASE64.decode(writer.ask(PhotoBytes { photo: photo.id, size: PhotoSize::Whole }).jpeg)?;
        let shown = image::load_from_memory(&whole).context("the photo that was kept")?;
        anyhow::ensure!(shown.height() > shown.width(), "it stands upright");
        largest = largest.max(whole.len());
    }
    let figure = format!("{}, at most {} kB", times(&kept), largest / 1_000);
    lines.push(line("a photo of 12 megapixels, kept", &figure, "≤ 1 s, ≤ 300 kB"));
    Ok(())
}

/// A room's walls, a window and the noise of a small lens; the camera lay on its side and says so.
fn camera(round: u32) -> Result<Vec<u8>> {
    const WIDTH: u32 = 4_000;
    const HEIGHT: u32 = 3_000;
    let mut noise = 0x9e37_79b9_u32 ^ round;
    let scene = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let grain = (noise & 15) as u8;
        let brick = if (x / 160 + y / 90) % 2 == 0 { 40 } else { 0 };
        let light = (x * 100 / WIDTH + y * 60 / HEIGHT) as u8;
        Rgb([60 + light + grain, 50 + light / 2 + brick + grain, 40 + brick + grain])
    });
    // "Exif", then a table of one entry: the orientation is 6, a quarter turn to the right.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 92);
    encoder.set_exif_metadata(exif)?;
    encoder.write_image(scene.as_raw(), WIDTH, HEIGHT, ExtendedColorType::Rgb8)?;
    Ok(file)
}
