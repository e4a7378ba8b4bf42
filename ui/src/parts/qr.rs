//! A text as a code for a camera.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};
use yew::prelude::*;

/// Light around a code, in modules: the standard asks for four.
const QUIET: usize = 4;

/// Properties of [`QrCode`].
#[derive(Properties, PartialEq)]
pub struct QrCodeProps {
    /// What it says.
    pub text: AttrValue,
    /// What it is, for people who listen.
    pub label: AttrValue,
}

/// A code, dark on light whatever the colours of the page: not every camera reads the reverse. Nothing for a text that is too long.
#[component(QrCode)]
pub fn qr_code(props: &QrCodeProps) -> Html {
    let drawn = use_memo(props.text.clone(), |text| draw(text));
    let Some((size, path)) = drawn.as_ref() else { return Html::default() };
    html! {
        <svg class="qr" viewBox={format!("0 0 {size} {size}")} role="img" aria-label={props.label.clone()} shape-rendering="crispEdges">
            <rect width={size.to_string()} height={size.to_string()} fill="#fff" />
            <path d={path.clone()} fill="#000" />
        </svg>
    }
}

/// How many modules a side has, and the dark ones as one path. A quarter of it may be scratched off.
fn draw(text: &str) -> Option<(usize, String)> {
    let code = QRBuilder::new(text).ecl(ECL::Q).build().ok()?;
    let mut path = String::new();
    for row in 0..code.size {
        let mut from = None;
        for column in 0..=code.size {
            let dark = column < code.size && code[row][column].value();
            match (dark, from) {
                (true, None) => from = Some(column),
                (false, Some(start)) => {
                    // Writing to a text cannot fail.
                    let _written = write!(path, "M{} {}h{}v1h-{}z", start + QUIET, row + QUIET, column - start, column - start);
                    from = None;
                }
                _ => {}
            }
        }
    }
    Some((code.size + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::codes_in;

    /// The path as pixels, a few for each module, as a camera would see them.
    fn seen(size: usize, path: &str, pixels: usize) -> (usize, Vec<u8>) {
        let side = size * pixels;
        let mut rgba = vec![255; side * side * 4];
        for run in path.split('M').filter(|run| !run.is_empty()) {
            let (at, length) = run.trim_end_matches('z').split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("where it begins");
            let length: usize = length.split('v').next().expect("its length").parse().expect("a number");
            let (x, y): (usize, usize) = (x.parse().expect("a number"), y.parse().expect("a number"));
            for row in y * pixels..(y + 1) * pixels {
                for column in x * pixels..(x + length) * pixels {
                    rgba[(row * side + column) * 4..][..3].fill(20);
                }
            }
        }
        (side, rgba)
    }

    #[test]
    fn what_is_drawn_is_read_again() {
        let text = "https://doorstep.changshan.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A";
        let (size, path) = draw(text).expect("it fits");
        assert!(size <= 49, "a plate of five centimetres has a millimetre for each module: {size}");
        for pixels in [3, 5, 8] {
            let (side, rgba) = seen(size, &path, pixels);
            assert_eq!(codes_in(side, side, &rgba), [text], "{pixels} pixels");
        }
        let (side, mut rgba) = seen(size, &path, 6);
        // A scratch across it, and mud in a corner that holds no mark.
        for row in side / 2..side / 2 + 6 {
            rgba[(row * side + side / 3) * 4..(row * side + side * 2 / 3) * 4].fill(200);
        }
        assert_eq!(codes_in(side, side, &rgba), [text], "scratched");
        assert!(draw(&"x".repeat(4_000)).is_none());
    }
}
