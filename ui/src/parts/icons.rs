//! Line drawings of our own, in the colour of the text beside them. They never stand alone for a meaning.

use yew::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A calendar leaf with a tick.
    Today,
    /// A house.
    Home,
    /// Two people.
    People,
    /// One person.
    Me,
    /// A sheet going up.
    Report,
    /// A sheet with lines.
    Receipt,
    /// To the left.
    Back,
    /// A telephone.
    Phone,
    /// A lens.
    Search,
    /// A plus.
    Add,
    /// A tick in a circle.
    Good,
    /// A clock.
    Wait,
    /// An exclamation mark in a triangle.
    Warn,
    /// Two arrows in a circle.
    Sync,
    /// An open eye.
    Eye,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Shape::Today => "M5 6h14v13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6zM5 10h14M8.5 3.5v4M15.5 3.5v4M9 15l2.2 2.2L15.4 13",
            Shape::Home => "M4 11.5 12 4.5l8 7M6 10v9.5h12V10M10 19.5v-5.5h4v5.5",
            Shape::People => {
                "M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11zM3 19.5c.4-3.4 2.8-5.5 6-5.5s5.600 2.100 6 5.500M15.500 11a3 3 0 0 0 .5-5.900M17 14.200c2.200.6 3.700 2.500 4 5.300"
            }
            Shape::Me => {
                "M12 11.500a3.600 3.600 0 1 0 0-7.200 3.600 3.600 0 0 0 0 7.200zM5 20c.5-3.800 3.200-6 7-6s6.500 2.200 7 6"
            }
            Shape::Report => "M6 20.500h12V8.500l-5-5H6v17zM12 17.500v-7M9 13.300l3-3 3 3",
            Shape::Receipt => "M6 3.500h12v17l-2-1.500-2 1.500-2-1.500-2 1.500-2-1.500-2 1.500v-17zM9 8.500h6M9 12h6",
            Shape::Back => "M14.500 5 7.500 12l7 7",
            Shape::Phone => {
                "M7.200 4 9.700 8.200 8 10.300c1.200 2.500 3.200 4.500 5.700 5.700l2.100-1.700L20 16.800V19c0 .7-.5 1.200-1.200 1.200C11 20 4 13 3.800 5.200 3.800 4.500 4.300 4 5 4h2.200z"
            }
            Shape::Search => "M11 17.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.800 15.800 20.500 20.500",
            Shape::Add => "M12 5v14M5 12h14",
            Shape::Good => "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM8 12.300l2.700 2.700L16 9.500",
            Shape::Wait => "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V12l3 2",
            Shape::Warn => "M12 4 21 19.500H3L12 4zM12 10v4.500M12 16.800v.4",
            Shape::Sync => {
                "M19.500 12a7.500 7.500 0 0 1-13.300 4.700M4.500 12a7.500 7.500 0 0 1 13.300-4.700M18 3.500v4h-4M6 20.500v-4h4"
            }
            Shape::Eye => {
                "M2.500 12C4.500 8 8 5.500 12 5.500s7.500 2.500 9.500 6.500c-2 4-5.500 6.500-9.500 6.500S4.500 16 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"
            }
        }
    }
}

/// Properties of [`Icon`].
#[derive(Properties, PartialEq)]
pub struct IconProps {
    /// What is drawn.
    pub shape: Shape,
}

/// A drawing beside words; people who listen do not hear it.
#[component(Icon)]
pub fn icon(props: &IconProps) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
            stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d={props.shape.path()} />
        </svg>
    }
}
