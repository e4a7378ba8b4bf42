//! From what a camera wrote to what is kept: turned upright, at most 1600 pixels, at most 300 kB, without a word of metadata,
//! and a small version of 20 kB. Pure: bytes in, bytes out.
//!
//! The place where a photo was taken, the phone and the hour stand in its metadata. None of it survives: the pixels are
//! encoded anew. Only the day is read, for the record.

use std::io::Cursor;

use domain::photo::{BYTES_MAX, SIDE_MAX, THUMB_BYTES_MAX, THUMB_SIDE_MAX};
use fast_image_resize as fir;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, Rgba};

use super::exif;

/// Bytes a file may have. Cameras stay below; what is above is no photo of a door.
pub const FILE_BYTES_MAX: usize = 40 * 1024 * 1024;
/// Pixels a file may unfold to: a small file can say it holds a sheet the size of a field.
const PIXELS_MAX: u64 = 64_000_000;
/// Bytes the decoder may take beside the pixels themselves.
const DECODER_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Qualities tried, from good to just readable.
const QUALITIES: [u8; 6] = [85, 75, 65, 55, 45, 35];
/// What the sides are multiplied by when even the last quality is too large, in percent; and how often at most.
const SHRINK_PERCENT: u32 = 80;
const SHRINKS_MAX: u32 = 12;

/// Why a file is no photo for us. Each has a sentence of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureProblem {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// Above [`FILE_BYTES_MAX`].
    #[error("the file is too large")]
    TooLarge,
    /// An iPhone's own format, which cannot be read here.
    #[error("the file is a HEIC")]
    Heic,
    /// Neither JPEG nor PNG nor WebP.
    #[error("the file is no picture that can be read here")]
    Unknown,
    /// It is cut off, or its inside is not what its beginning says.
    #[error("the file is damaged")]
    Damaged,
    /// More pixels than a camera has.
    #[error("the picture has too many pixels")]
    TooManyPixels,
}

/// A photo as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// JPEG, at most 300 kB.
    pub whole: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// JPEG, at most 20 kB.
    pub small: Vec<u8>,
    /// The day the camera wrote, `YYYY-MM-DD`.
    pub taken_on: Option<String>,
}

/// Makes a photo of a file.
///
/// # Errors
/// See [`PictureProblem`].
pub fn prepare(file: &[u8]) -> Result<Picture, PictureProblem> {
    let format = format_of(file)?;
    let (decoded, orientation, taken_on) = decode(file, format)?;
    let pixels = flatten(decoded);
    // Smaller first, upright afterwards: turning twelve million pixels costs as much as all the rest.
    let fitted = upright(resize(&pixels, fit(pixels.dimensions(), SIDE_MAX))?, orientation);
    let (whole, width, height) = encode(fitted.clone(), BYTES_MAX)?;
    let (small, ..) = encode(resize(&fitted, fit(fitted.dimensions(), THUMB_SIDE_MAX))?, THUMB_BYTES_MAX)?;
    Ok(Picture { whole, width, height, small, taken_on })
}

fn format_of(file: &[u8]) -> Result<ImageFormat, PictureProblem> {
    if file.is_empty() {
        return Err(PictureProblem::Empty);
    }
    if file.len() > FILE_BYTES_MAX {
        return Err(PictureProblem::TooLarge);
    }
    // `....ftyp` and a brand: the family HEIC and AVIF belong to.
    if file.get(4..8) == Some(b"ftyp") {
        let heic = matches!(file.get(8..12), Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1"));
        return Err(if heic { PictureProblem::Heic } else { PictureProblem::Unknown });
    }
    match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => Ok(format),
        _ => Err(PictureProblem::Unknown),
    }
}

fn decode(file: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation, Option<String>), PictureProblem> {
    if format == ImageFormat::Jpeg && !jpeg_is_whole(file) {
        return Err(PictureProblem::Damaged);
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(problem)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PictureProblem::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(PictureProblem::Damaged);
    }
    // Metadata that cannot be read is no reason to refuse what the camera saw.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let taken_on = decoder.exif_metadata().ok().flatten().and_then(|chunk| exif::taken_on(&chunk));
    let decoded = DynamicImage::from_decoder(decoder).map_err(problem)?;
    Ok((decoded, orientation, taken_on))
}

fn problem(error: ImageError) -> PictureProblem {
    match error {
        ImageError::Limits(_) => PictureProblem::TooManyPixels,
        ImageError::Unsupported(_) => PictureProblem::Unknown,
        _ => PictureProblem::Damaged,
    }
}

/// Whether a JPEG goes on to its end. The decoder fills what is missing with grey, and half a meter's number is none.
fn jpeg_is_whole(file: &[u8]) -> bool {
    let mut at = 2;
    // Over the segments before the pixels: the small picture inside the metadata has an end of its own.
    while let Some(&[0xff, marker, high, low]) = file.get(at..at + 4) {
        if marker == 0xda {
            return file[at..].windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        // A marker may be preceded by any number of fill bytes.
        at += if marker == 0xff { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
    }
    false
}

/// Eight bits of red, green and blue; what could be seen through lies on white paper.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let with_alpha = picture.into_rgba8();
    let mut flat = RgbImage::new(with_alpha.width(), with_alpha.height());
    for (Rgba([red, green, blue, alpha]), pixel) in with_alpha.pixels().zip(flat.pixels_mut()) {
        let alpha = u16::from(*alpha);
        let over_white = |value: u8| u8::try_from((u16::from(value) * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255);
        pixel.0 = [over_white(*red), over_white(*green), over_white(*blue)];
    }
    flat
}

/// The largest size of the same shape whose longer side fits.
fn fit((width, height): (u32, u32), side_max: u32) -> (u32, u32) {
    let longer = u64::from(width.max(height));
    if longer <= u64::from(side_max) {
        return (width, height);
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(side_max) + longer / 2) / longer;
        u32::try_from(rounded).unwrap_or(side_max).max(1)
    };
    (scaled(width), scaled(height))
}

fn resize(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage, PictureProblem> {
    if picture.dimensions() == (width, height) {
        return Ok(picture.clone());
    }
    let from = fir::images::ImageRef::new(picture.width(), picture.height(), picture.as_raw(), fir::PixelType::U8x3)
        .map_err(|_| PictureProblem::Damaged)?;
    let mut to = fir::images::Image::new(width, height, fir::PixelType::U8x3);
    let triangle = fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Bilinear));
    fir::Resizer::new().resize(&from, &mut to, &triangle).map_err(|_| PictureProblem::Damaged)?;
    RgbImage::from_raw(width, height, to.into_vec()).ok_or(PictureProblem::Damaged)
}

fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    let mut picture = DynamicImage::ImageRgb8(picture);
    picture.apply_orientation(orientation);
    picture.into_rgb8()
}

/// As a JPEG of at most so many bytes: with less quality, and when that is not enough with fewer pixels.
fn encode(mut picture: RgbImage, bytes_max: u32) -> Result<(Vec<u8>, u32, u32), PictureProblem> {
    let fits = |jpeg: &Vec<u8>| jpeg.len() <= bytes_max as usize;
    for _ in 0..SHRINKS_MAX {
        for quality in QUALITIES {
            let jpeg = as_jpeg(&picture, quality)?;
            if fits(&jpeg) {
                return Ok((jpeg, picture.width(), picture.height()));
            }
            // Far too large already: the last quality would not save it either.
            if jpeg.len() > 4 * bytes_max as usize {
                break;
            }
        }
        let smaller = |side: u32| (side * SHRINK_PERCENT / 100).max(1);
        picture = resize(&picture, (smaller(picture.width()), smaller(picture.height())))?;
    }
    Err(PictureProblem::TooManyPixels)
}

fn as_jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, PictureProblem> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(|_| PictureProblem::Damaged)?;
    Ok(jpeg)
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
