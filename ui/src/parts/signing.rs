//! A box to sign in, and a signature shown again. Strokes, not a picture.

use domain::signature::{self, GRID, Point};
use web_sys::Element;
use yew::prelude::*;

use super::{Button, Look, Said};
use crate::words::use_words;

/// Properties of [`Signature`].
#[derive(Properties, PartialEq)]
pub struct SignatureProps {
    /// As stored.
    pub strokes: Vec<String>,
    /// For people who listen.
    pub said: AttrValue,
}

/// A signature as it was drawn.
#[component(Signature)]
pub fn signature(props: &SignatureProps) -> Html {
    html! {
        <svg class="signature" viewBox="0 0 1000 700" role="img" aria-label={props.said.clone()} preserveAspectRatio="xMidYMid meet">
            { lines(&props.strokes) }
        </svg>
    }
}

fn lines(strokes: &[String]) -> Html {
    strokes.iter().filter_map(|stroke| signature::read_stroke(stroke)).map(|points| line(&points)).collect()
}

fn line(points: &[Point]) -> Html {
    let points: String = points.iter().map(|(x, y)| format!("{x},{y} ")).collect();
    html! { <polyline points={points} fill="none" stroke="currentColor" stroke-width="14" stroke-linecap="round" stroke-linejoin="round" /> }
}

/// Properties of [`SignPad`].
#[derive(Properties, PartialEq)]
pub struct SignPadProps {
    /// The field's name in the form.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What was drawn before.
    pub strokes: Vec<String>,
    /// A stroke was finished, or all were wiped.
    pub on_change: Callback<Vec<String>>,
    /// What is said beside it.
    #[prop_or_default]
    pub said: Option<Said>,
}

/// Draws what a finger writes. A stroke is kept when the finger is lifted.
#[component(SignPad)]
pub fn sign_pad(props: &SignPadProps) -> Html {
    let words = use_words();
    let drawing = use_mut_ref(Vec::<Point>::new);
    let redraw = use_force_update();
    let onpointerdown = {
        let (drawing, redraw) = (drawing.clone(), redraw.clone());
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            let pad: Element = event.target_unchecked_into();
            // A pen that leaves the box goes on drawing at its edge; without it only what is inside is drawn.
            let _captured = pad.set_pointer_capture(event.pointer_id());
            *drawing.borrow_mut() = vec![point(&pad, &event)];
            redraw.force_update();
        })
    };
    let onpointermove = {
        let (drawing, redraw) = (drawing.clone(), redraw.clone());
        Callback::from(move |event: PointerEvent| {
            let mut line = drawing.borrow_mut();
            if !line.is_empty() {
                line.push(point(&event.target_unchecked_into(), &event));
                drop(line);
                redraw.force_update();
            }
        })
    };
    let finish = {
        let (drawing, on_change, strokes) = (drawing.clone(), props.on_change.clone(), props.strokes.clone());
        Callback::from(move |_: PointerEvent| {
            let line = std::mem::take(&mut *drawing.borrow_mut());
            if !line.is_empty() {
                let mut strokes = strokes.clone();
                strokes.extend(signature::simplify(&line));
                on_change.emit(strokes);
            }
        })
    };
    let on_wipe = {
        let on_change = props.on_change.clone();
        Callback::from(move |()| on_change.emit(Vec::new()))
    };
    let said_id = format!("{}-said", props.id);
    let state = if props.strokes.is_empty() { words.letter_pad_empty() } else { words.letter_pad_drawn() };
    html! {
        <div class="weui-cell field field-wide">
            <p class="field-label" id={format!("{}-label", props.id)}>{ &props.label }</p>
            <div id={props.id.clone()} class="sign-pad" role="img" aria-label={format!("{} {state}", words.letter_pad())}
                aria-describedby={props.said.is_some().then(|| said_id.clone())}
                {onpointerdown} {onpointermove} onpointerup={finish.clone()} onpointercancel={finish}>
                <svg viewBox="0 0 1000 700" preserveAspectRatio="none" aria-hidden="true">
                    { lines(&props.strokes) }
                    { line(&drawing.borrow()) }
                </svg>
            </div>
            <div class="sign-foot">
                <Button look={Look::Small} label={words.letter_wipe()} on_click={on_wipe} />
            </div>
            <div class="field-said" aria-live="polite" id={said_id}>
                if let Some(said) = &props.said {
                    { &said.text }
                }
            </div>
        </div>
    }
}

/// Where on the grid: both ways by the box's width, so that a signature keeps its shape.
fn point(pad: &Element, event: &PointerEvent) -> Point {
    let along = |offset: i32, length: i32| -> u16 {
        let at = i64::from(offset.max(0)) * i64::from(GRID) / i64::from(length.max(1));
        u16::try_from(at).unwrap_or(GRID).min(GRID - 1)
    };
    (along(event.offset_x(), pad.client_width()), along(event.offset_y(), pad.client_width()))
}
