//! What becomes of files, made here in code: turned ones, huge ones, broken ones.

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ImageEncoder, Rgb};

use super::super::exif::tests::written;
use super::*;

/// Red, green, blue and yellow quarters: whichever way it is turned, the corners tell.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([220, 220, 20]),
    })
}

fn jpeg(picture: &RgbImage, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 92);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).expect("metadata fits");
    }
    encoder.encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8).expect("encodes");
    file
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut file).write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).expect("encodes");
    file
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    WebPEncoder::new_lossless(&mut file)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .expect("encodes");
    file
}

/// Noise: nothing can be left out of it.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Rgb([state as u8, (state >> 8) as u8, (state >> 16) as u8])
    })
}

/// The corners' colours, from the upper left one clockwise.
fn corners(jpeg: &[u8]) -> [char; 4] {
    let picture = image::load_from_memory(jpeg).expect("what was kept can be read").into_rgb8();
    let (right, bottom) = (picture.width() - 5, picture.height() - 5);
    [(4, 4), (right, 4), (right, bottom), (4, bottom)].map(|(x, y)| {
        let Rgb([red, green, blue]) = *picture.get_pixel(x, y);
        match (red > 120, green > 120, blue > 120) {
            (true, false, false) => 'R',
            (false, true, false) => 'G',
            (false, false, true) => 'B',
            (true, true, false) => 'Y',
            _ => '?',
        }
    })
}

#[test]
fn every_orientation_a_camera_writes_ends_upright() {
    // As the standard has it: what the camera stored for a scene that shows red, green, yellow, blue clockwise.
    for (orientation, expected, turned) in [
        (1, ['R', 'G', 'Y', 'B'], false),
        (2, ['G', 'R', 'B', 'Y'], false),
        (3, ['Y', 'B', 'R', 'G'], false),
        (4, ['B', 'Y', 'G', 'R'], false),
        (5, ['R', 'B', 'Y', 'G'], true),
        (6, ['B', 'R', 'G', 'Y'], true),
        (7, ['Y', 'G', 'R', 'B'], true),
        (8, ['G', 'Y', 'B', 'R'], true),
        // Nonsense turns nothing.
        (9, ['R', 'G', 'Y', 'B'], false),
    ] {
        let file = jpeg(&quarters(200, 100), Some(written(orientation, "2026:11:23 09:41:07")));
        let picture = prepare(&file).expect("a photo");
        assert_eq!(corners(&picture.whole), expected, "orientation {orientation}");
        assert_eq!(corners(&picture.small), expected, "orientation {orientation}, small");
        let size = if turned { (100, 200) } else { (200, 100) };
        assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
    }
}

#[test]
fn no_word_of_metadata_survives_and_only_the_day_is_read() {
    let mut exif = written(1, "2026:11:23 09:41:07");
    exif.extend(b"GPSLatitude 28.9009 PhoneOwner");
    let picture = prepare(&jpeg(&quarters(2000, 1500), Some(exif))).expect("a photo");
    assert_eq!(picture.taken_on.as_deref(), Some("2026-11-23"));
    for kept in [&picture.whole, &picture.small] {
        for word in [&b"Exif"[..], b"GPS", b"2026:11:23", b"PhoneOwner", b"ICC_PROFILE", b"http"] {
            assert!(!kept.windows(word.len()).any(|window| window == word), "{}", String::from_utf8_lossy(word));
        }
        // Segments: only what pixels need. APP1 to APP15 and comments carry everything else.
        let mut at = 2;
        while kept[at + 1] != 0xda {
            let marker = kept[at + 1];
            assert!(!(0xe1..=0xef).contains(&marker) && marker != 0xfe, "segment {marker:x}");
            at += 2 + usize::from(u16::from_be_bytes([kept[at + 2], kept[at + 3]]));
        }
    }
    let again = prepare(&picture.whole).expect("a photo of a photo");
    assert_eq!(again.taken_on, None);
}

#[test]
fn whatever_comes_in_what_is_kept_is_small() {
    for (file, expected) in [
        (jpeg(&quarters(4000, 3000), None), (1600, 1200)),
        (jpeg(&quarters(300, 4000), None), (120, 1600)),
        (jpeg(&quarters(40, 30), None), (40, 30)),
        (jpeg(&quarters(4000, 1), None), (1600, 1)),
        (png(&quarters(1700, 900)), (1600, 847)),
        (webp(&quarters(1600, 1600)), (1600, 1600)),
    ] {
        let picture = prepare(&file).expect("a photo");
        assert_eq!((picture.width, picture.height), expected);
        assert!(picture.whole.len() <= BYTES_MAX as usize && picture.small.len() <= THUMB_BYTES_MAX as usize);
        let small = image::load_from_memory(&picture.small).expect("a picture");
        assert!(small.width().max(small.height()) <= THUMB_SIDE_MAX);
    }
    // The worst a sensor can do: quality goes down, then pixels.
    let picture = prepare(&jpeg(&noise(1600, 1200), None)).expect("a photo");
    assert!(picture.whole.len() <= BYTES_MAX as usize, "{}", picture.whole.len());
    assert!(picture.small.len() <= THUMB_BYTES_MAX as usize, "{}", picture.small.len());
    assert!(picture.width >= 640, "{} pixels are enough to read a number", picture.width);
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    let file = jpeg(&quarters(1800, 1200), Some(written(6, "2026:11:23 09:41:07")));
    assert_eq!(prepare(&file), prepare(&file), "so the same photo has the same name");
}

#[test]
fn what_can_be_seen_through_lies_on_white() {
    let mut file = Vec::new();
    let clear = image::RgbaImage::from_pixel(60, 60, Rgba([0, 0, 0, 0]));
    PngEncoder::new(&mut file).write_image(clear.as_raw(), 60, 60, ExtendedColorType::Rgba8).expect("encodes");
    let picture = prepare(&file).expect("a photo");
    let seen = image::load_from_memory(&picture.whole).expect("a picture").into_rgb8();
    assert!(seen.pixels().all(|Rgb(values)| values.iter().all(|value| *value > 250)));
}

#[test]
fn what_is_no_photo_gets_its_own_answer() {
    let whole = jpeg(&noise(400, 300), Some(written(1, "2026:11:23 09:41:07")));
    let heic = [&[0, 0, 0, 24][..], b"ftypheic", &[0; 40]].concat();
    let avif = [&[0, 0, 0, 24][..], b"ftypavif", &[0; 40]].concat();
    let rows: Vec<(&str, Vec<u8>, PictureProblem)> = vec![
        ("nothing", vec![], PictureProblem::Empty),
        ("forty megabytes and one", vec![0xff; FILE_BYTES_MAX + 1], PictureProblem::TooLarge),
        ("an iPhone's own format", heic, PictureProblem::Heic),
        ("its cousin", avif, PictureProblem::Unknown),
        ("a moving picture", b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), PictureProblem::Unknown),
        ("a letter", b"%PDF-1.7 and so on".to_vec(), PictureProblem::Unknown),
        ("a page", b"<svg onload='alert(1)'/>".to_vec(), PictureProblem::Unknown),
        ("the beginning of a beginning", vec![0xff, 0xd8, 0xff], PictureProblem::Damaged),
        ("half of it", whole[..whole.len() / 2].to_vec(), PictureProblem::Damaged),
        ("without its last byte", whole[..whole.len() - 1].to_vec(), PictureProblem::Damaged),
        ("half a PNG", png(&noise(200, 200))[..5_000].to_vec(), PictureProblem::Damaged),
        ("half a WebP", webp(&noise(200, 200))[..5_000].to_vec(), PictureProblem::Damaged),
    ];
    for (what, file, expected) in rows {
        assert_eq!(prepare(&file), Err(expected), "{what}");
    }
    assert!(prepare(&[&whole[..], b"a motion photo's film"].concat()).is_ok(), "what follows the end does not matter");
}

/// A small file that says it is a sheet the size of a field.
#[test]
fn a_small_file_does_not_unfold_to_a_field() {
    let mut bomb = png(&RgbImage::new(1, 1));
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let sum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(prepare(&bomb), Err(PictureProblem::TooManyPixels));
    let mut wide = jpeg(&quarters(64, 64), None);
    let sof = wide.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    wide[sof + 5..sof + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(prepare(&wide), Err(PictureProblem::TooManyPixels));
}

/// As PNG sums up its chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Whatever bytes come, there is an answer and no panic.
#[test]
fn a_file_broken_anywhere_is_answered() {
    for whole in
        [jpeg(&quarters(40, 24), Some(written(6, "2026:11:23 09:41:07"))), png(&quarters(24, 16)), webp(&quarters(24, 16))]
    {
        let step = (whole.len() / 60).max(1);
        for at in (0..whole.len()).step_by(step) {
            let _ = prepare(&whole[..at]);
            for value in [0, 0x7f, 0xff] {
                let mut broken = whole.clone();
                broken[at] = value;
                let _ = prepare(&broken);
            }
        }
    }
}

/// As large as a phone's camera writes it.
#[test]
fn twelve_million_pixels_are_a_photo_like_any_other() {
    let scene = RgbImage::from_fn(4032, 3024, |x, y| {
        let wave = (f64::from(x) / 37.0).sin() + (f64::from(y) / 53.0).cos() + (f64::from(x * y % 7919) / 7919.0);
        Rgb([(wave * 60.0 + 120.0) as u8, (x / 16) as u8, (y / 12) as u8])
    });
    let file = jpeg(&scene, Some(written(6, "2026:11:23 09:41:07")));
    let picture = prepare(&file).expect("a photo");
    assert_eq!((picture.width, picture.height), (1200, 1600));
    assert!(picture.whole.len() <= BYTES_MAX as usize && picture.small.len() <= THUMB_BYTES_MAX as usize);
}
