//! A signature drawn on the screen: strokes as points on a grid, a few kilobytes. Not a picture of anybody.
//!
//! A stroke is one text, six digits a point (`xxxyyy`, 0 to 999, `y` downward): short on the wire and in the file.

use serde::{Deserialize, Serialize};

/// Points along a side of the grid.
pub const GRID: u16 = 1000;
/// Strokes of one signature; a name of four characters has about forty.
pub const STROKES_MAX: usize = 80;
/// Points of one stored stroke; a longer line goes on in the next one.
pub const POINTS_MAX: usize = 80;
/// Points of a whole signature.
pub const TOTAL_POINTS_MAX: usize = 2_000;
/// The least length of everything drawn, in grid points: two short strokes.
const INK_MIN: f64 = 300.0;
/// The least width or height.
const SPAN_MIN: u16 = 120;

/// A point of the grid.
pub type Point = (u16, u16);

/// Why a drawing is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SignatureProblem {
    /// Nothing was drawn.
    #[error("nothing was drawn")]
    Empty,
    /// A dot or a dash: nobody's name.
    #[error("too little was drawn")]
    TooLittle,
    /// More than a signature needs.
    #[error("too much was drawn")]
    TooMuch,
    /// Not points of the grid.
    #[error("not a drawing")]
    Unreadable,
}

/// One stroke as it is stored.
pub fn write_stroke(points: &[Point]) -> String {
    points.iter().take(POINTS_MAX).map(|(x, y)| format!("{:03}{:03}", x.min(&(GRID - 1)), y.min(&(GRID - 1)))).collect()
}

/// A stored stroke as points.
pub fn read_stroke(stroke: &str) -> Option<Vec<Point>> {
    let whole = !stroke.is_empty() && stroke.len().is_multiple_of(6) && stroke.len() <= POINTS_MAX * 6;
    if !whole || !stroke.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = |at: usize| Some((stroke.get(at..at + 3)?.parse().ok()?, stroke.get(at + 3..at + 6)?.parse().ok()?));
    (0..stroke.len()).step_by(6).map(point).collect()
}

/// A drawn line as stored strokes: points that hardly move are left out, and a long line goes on where it was cut.
pub fn simplify(line: &[Point]) -> Vec<String> {
    const STEP_MIN: f64 = 6.0;
    let mut kept: Vec<Point> = Vec::new();
    for (at, &point) in line.iter().enumerate() {
        let moved = kept.last().is_none_or(|&last| distance(last, point) >= STEP_MIN);
        if moved || (at + 1 == line.len() && kept.last() != Some(&point)) {
            kept.push(point);
        }
    }
    let mut strokes = Vec::new();
    let mut from = 0;
    while from < kept.len() {
        let to = kept.len().min(from + POINTS_MAX);
        strokes.push(write_stroke(&kept[from..to]));
        if to == kept.len() {
            break;
        }
        from = to - 1;
    }
    strokes
}

/// Whether this may stand for a name. Nobody reads it: only a dot, a dash and an accident are refused.
///
/// # Errors
/// The first thing wrong.
pub fn check(strokes: &[String]) -> Result<(), SignatureProblem> {
    if strokes.is_empty() {
        return Err(SignatureProblem::Empty);
    }
    if strokes.len() > STROKES_MAX {
        return Err(SignatureProblem::TooMuch);
    }
    let lines: Option<Vec<Vec<Point>>> = strokes.iter().map(|stroke| read_stroke(stroke)).collect();
    let lines = lines.ok_or(SignatureProblem::Unreadable)?;
    if lines.iter().map(Vec::len).sum::<usize>() > TOTAL_POINTS_MAX {
        return Err(SignatureProblem::TooMuch);
    }
    let ink: f64 = lines.iter().flat_map(|line| line.windows(2)).map(|pair| distance(pair[0], pair[1])).sum();
    let span = |of: fn(&Point) -> u16| {
        let points = || lines.iter().flatten().map(of);
        points().max().unwrap_or(0) - points().min().unwrap_or(0)
    };
    let wide = span(|point| point.0).max(span(|point| point.1)) >= SPAN_MIN;
    if ink < INK_MIN || !wide { Err(SignatureProblem::TooLittle) } else { Ok(()) }
}

fn distance(from: Point, to: Point) -> f64 {
    (f64::from(from.0) - f64::from(to.0)).hypot(f64::from(from.1) - f64::from(to.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[&[Point]]) -> Vec<String> {
        lines.iter().flat_map(|line| simplify(line)).collect()
    }

    #[test]
    fn a_dot_is_no_signature() {
        let scribble: Vec<Point> = (0..40).map(|at| (100 + at * 15, 400 + (at % 5) * 40)).collect();
        let rows: [(Vec<String>, Result<(), SignatureProblem>); 8] = [
            (vec![], Err(SignatureProblem::Empty)),
            (drawn(&[&[(500, 500)]]), Err(SignatureProblem::TooLittle)),
            (drawn(&[&[(500, 500), (501, 500), (500, 501)]]), Err(SignatureProblem::TooLittle)),
            (drawn(&[&[(400, 500), (520, 500)]]), Err(SignatureProblem::TooLittle)),
            (drawn(&[&scribble]), Ok(())),
            (drawn(&[&[(200, 300), (500, 300)], &[(350, 200), (350, 600)]]), Ok(())),
            (vec!["500500".to_owned(); STROKES_MAX + 1], Err(SignatureProblem::TooMuch)),
            (vec!["50050".to_owned()], Err(SignatureProblem::Unreadable)),
        ];
        for (strokes, expected) in rows {
            assert_eq!(check(&strokes), expected, "{strokes:?}");
        }
        let scratched: Vec<String> = (0..30).map(|_| write_stroke(&[(0, 0); POINTS_MAX])).collect();
        assert_eq!(check(&scratched), Err(SignatureProblem::TooMuch), "2,400 points");
    }

    #[test]
    fn a_stroke_is_read_back_and_a_long_line_goes_on() {
        let line: Vec<Point> = (0..200).map(|at| (at * 5, (at * 37) % 900)).collect();
        let strokes = simplify(&line);
        assert!(strokes.len() >= 3 && strokes.iter().all(|stroke| stroke.len() <= 6 * POINTS_MAX));
        let read: Vec<Vec<Point>> = strokes.iter().map(|stroke| read_stroke(stroke).expect("ours")).collect();
        for pair in read.windows(2) {
            assert_eq!(pair[0].last(), pair[1].first(), "it goes on where it was cut");
        }
        assert_eq!(read.last().and_then(|line| line.last()), line.last());
        for text in ["", "12", "abcdef", "1234567", "１23456"] {
            assert_eq!(read_stroke(text), None, "{text}");
        }
    }
}
