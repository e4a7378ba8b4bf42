//! Codes for cameras: a text drawn as one, a camera's picture in black and white, and what the codes in it say.

use serde::{Deserialize, Serialize};

/// Pixels of a side of a picture that is looked through.
pub const SIDE_MAX: u32 = 2_048;

/// A drawn code: square, with the light that belongs around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// Modules of one side.
    pub side: u32,
    /// The dark ones, as the path of an SVG.
    pub path: String,
}

/// A picture in black and white, eight pixels a byte, the first in the highest bit, dark ones set: what a decoder needs of it, in a
/// thirtieth of the bytes. Four bytes for each pixel come in: red, green, blue, and one that is not looked at. A pixel is dark when it is
/// clearly darker than its surroundings, so that a shadow across a plate hides nothing (Bradley and Roth 2007).
/// `None` when there are fewer bytes than pixels, or more pixels than are looked through.
pub fn dark_pixels(width: u32, height: u32, rgba: &[u8]) -> Option<Vec<u8>> {
    let (wide, high) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX || rgba.len() < wide * high * 4 {
        return None;
    }
    // As an eye weighs the colours.
    let grey: Vec<u32> = rgba
        .chunks_exact(4)
        .take(wide * high)
        .map(|pixel| (u32::from(pixel[0]) * 77 + u32::from(pixel[1]) * 150 + u32::from(pixel[2]) * 29) >> 8)
        .collect();
    // The sum of everything above and to the left: at most 2048 × 2048 × 255, which fits.
    let mut sums = vec![0u32; (wide + 1) * (high + 1)];
    for y in 0..high {
        let mut row = 0;
        for x in 0..wide {
            row += grey[y * wide + x];
            sums[(y + 1) * (wide + 1) + x + 1] = sums[y * (wide + 1) + x + 1] + row;
        }
    }
    let around = (wide.max(high) / 16).max(4);
    let mut dark = vec![0u8; (wide * high).div_ceil(8)];
    for y in 0..high {
        let (top, bottom) = (y.saturating_sub(around), (y + around + 1).min(high));
        for x in 0..wide {
            let (left, right) = (x.saturating_sub(around), (x + around + 1).min(wide));
            let at = |x: usize, y: usize| sums[y * (wide + 1) + x];
            let sum = at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top);
            let count = ((right - left) * (bottom - top)) as u64;
            if u64::from(grey[y * wide + x]) * count * 100 < u64::from(sum) * 88 {
                let pixel = y * wide + x;
                dark[pixel / 8] |= 0x80 >> (pixel % 8);
            }
        }
    }
    Some(dark)
}

#[cfg(feature = "codes")]
mod drawn {
    use std::fmt::Write;

    use fast_qr::{ECL, QRBuilder};
    use rqrr::PreparedImage;

    use super::{Drawing, SIDE_MAX};

    /// Light around a code, in modules: the standard asks for four.
    const QUIET: usize = 4;
    /// Codes of one picture that are read.
    const CODES_MAX: usize = 8;

    /// Draws a text as a code of which a quarter may be scratched off; `None` for one that is too long.
    pub fn draw(text: &str) -> Option<Drawing> {
        let code = QRBuilder::new(text).ecl(ECL::Q).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut from = None;
            for column in 0..=code.size {
                let dark = column < code.size && code[row][column].value();
                match (dark, from) {
                    (true, None) => from = Some(column),
                    (false, Some(start)) => {
                        let long = column - start;
                        // Writing to a text cannot fail.
                        let _written = write!(path, "M{} {}h{long}v1h-{long}z", start + QUIET, row + QUIET);
                        from = None;
                    }
                    _ => {}
                }
            }
        }
        Some(Drawing { side: u32::try_from(code.size + 2 * QUIET).ok()?, path })
    }

    /// What the codes in a picture say, those that can be read; the picture as [`super::dark_pixels`] makes it.
    pub fn read(width: u32, height: u32, dark: &[u8]) -> Vec<String> {
        let (Ok(wide), Ok(high)) = (usize::try_from(width), usize::try_from(height)) else { return Vec::new() };
        if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX || dark.len() < (wide * high).div_ceil(8) {
            return Vec::new();
        }
        let is_dark = |x: usize, y: usize| dark[(y * wide + x) / 8] & (0x80 >> ((y * wide + x) % 8)) != 0;
        let mut picture = PreparedImage::prepare_from_bitmap(wide, high, is_dark);
        let grids = picture.detect_grids();
        grids.iter().take(CODES_MAX).filter_map(|grid| grid.decode().ok()).map(|(_, said)| said).collect()
    }
}

#[cfg(feature = "codes")]
pub use drawn::{draw, read};

#[cfg(all(test, feature = "codes"))]
mod tests {
    use super::*;

    /// A drawing as a camera sees it: a few pixels for each module, grey on lighter grey, with a shadow over its lower half.
    fn seen(drawing: &Drawing, pixels: u32) -> (u32, Vec<u8>) {
        let side = drawing.side * pixels;
        let wide = side as usize;
        let light = |y: usize| if y * 2 > wide { 110 } else { 220 };
        let mut rgba: Vec<u8> = (0..wide * wide).flat_map(|at| [light(at / wide); 4]).collect();
        for run in drawing.path.split('M').filter(|run| !run.is_empty()) {
            let (at, long) = run.trim_end_matches('z').split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("where it begins");
            let number = |text: &str| text.parse::<u32>().expect("a number") * pixels;
            let (x, y, long) = (number(x), number(y), number(long.split('v').next().expect("its length")));
            for row in y..y + pixels {
                for column in x..x + long {
                    let at = (row * side + column) as usize * 4;
                    rgba[at..at + 3].fill(if row * 2 > side { 40 } else { 70 });
                }
            }
        }
        (side, rgba)
    }

    fn codes_in(side: u32, rgba: &[u8]) -> Vec<String> {
        read(side, side, &dark_pixels(side, side, rgba).expect("a picture"))
    }

    #[test]
    fn what_is_drawn_is_read_again_in_a_shadow_and_scratched() {
        let text = "https://doorstep.changshan.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A";
        let drawing = draw(text).expect("it fits");
        assert!(drawing.side <= 49, "a plate of five centimetres has a millimetre for each module: {}", drawing.side);
        for pixels in [3, 5, 8] {
            let (side, rgba) = seen(&drawing, pixels);
            assert_eq!(codes_in(side, &rgba), [text], "{pixels} pixels");
        }
        let (side, mut rgba) = seen(&drawing, 6);
        let wide = side as usize;
        for row in wide / 2..wide / 2 + 6 {
            rgba[(row * wide + wide / 3) * 4..(row * wide + wide * 2 / 3) * 4].fill(150);
        }
        assert_eq!(codes_in(side, &rgba), [text], "scratched");
        assert!(draw(&"x".repeat(4_000)).is_none());
    }

    #[test]
    fn a_picture_without_a_code_or_with_too_few_bytes_says_nothing() {
        assert_eq!(dark_pixels(0, 0, &[]), None);
        assert_eq!(dark_pixels(64, 64, &[0; 16]), None, "fewer pixels than it says");
        assert_eq!(dark_pixels(SIDE_MAX + 1, 1, &vec![0; 9_000]), None);
        assert!(codes_in(64, &[255; 64 * 64 * 4]).is_empty());
        let noise: Vec<u8> = (0..64u32 * 64 * 4).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(codes_in(64, &noise).is_empty());
        assert!(read(0, 0, &[]).is_empty() && read(64, 64, &[0; 3]).is_empty() && read(u32::MAX, u32::MAX, &[0; 3]).is_empty());
        let chaos: Vec<u8> = (0..64u32 * 64 / 8).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(read(64, 64, &chaos).is_empty());
    }
}
