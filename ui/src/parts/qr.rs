//! A code for a camera.

use domain::code::Drawing;
use yew::prelude::*;

/// Properties of [`QrCode`].
#[derive(Properties, PartialEq)]
pub struct QrCodeProps {
    /// The code.
    pub drawing: Drawing,
    /// What it is, for people who listen.
    pub label: AttrValue,
}

/// A code, dark on light whatever the colours of the page: not every camera reads the reverse.
#[component(QrCode)]
pub fn qr_code(props: &QrCodeProps) -> Html {
    let side = props.drawing.side.to_string();
    html! {
        <svg class="qr" viewBox={format!("0 0 {side} {side}")} role="img" aria-label={props.label.clone()} shape-rendering="crispEdges">
            <rect width={side.clone()} height={side} fill="#fff" />
            <path d={props.drawing.path.clone()} fill="#000" />
        </svg>
    }
}
