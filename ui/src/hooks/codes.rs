//! Codes in a picture, read on this device: a picture from the camera leaves the page at no time.

use rqrr::PreparedImage;

/// Codes of one picture that are looked at.
const CODES_MAX: usize = 8;

/// What the codes in a picture say, those that can be read. Four bytes for each pixel: red, green, blue, and one that is not looked at.
pub fn codes_in(width: usize, height: usize, rgba: &[u8]) -> Vec<String> {
    if width == 0 || height == 0 || rgba.len() < width.saturating_mul(height).saturating_mul(4) {
        return Vec::new();
    }
    let grey = |x: usize, y: usize| {
        let pixel = &rgba[(y * width + x) * 4..];
        // As an eye weighs them.
        ((u32::from(pixel[0]) * 77 + u32::from(pixel[1]) * 150 + u32::from(pixel[2]) * 29) >> 8) as u8
    };
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = picture.detect_grids();
    grids.iter().take(CODES_MAX).filter_map(|grid| grid.decode().ok()).map(|(_, said)| said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_without_a_code_says_nothing() {
        assert!(codes_in(0, 0, &[]).is_empty());
        assert!(codes_in(64, 64, &[0; 16]).is_empty(), "fewer pixels than it says");
        assert!(codes_in(64, 64, &[255; 64 * 64 * 4]).is_empty());
        let noise: Vec<u8> = (0..64u32 * 64 * 4).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(codes_in(64, 64, &noise).is_empty());
    }
}
